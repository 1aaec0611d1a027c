"""Node: an entry of the tape, apart from the Tensor that it made."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any, NoReturn
from weakref import ref

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from autograd_nn.engine.anomalies import Line
    from autograd_nn.engine.modes import Entry
    from autograd_nn.engine.primitive import Primitive, Pullback
    from autograd_nn.engine.tensor import Tensor

__all__ = ["Array", "Edge", "Node", "Part", "leaf_of", "tick"]

Array = NDArray[Any]
Edge = tuple["Node", "Pullback", tuple[Any, ...] | None]


RARE = ("grad", "name", "owner", "line", "scopes", "digests", "view", "in_place")
"""Slots of a `Node` that stay unset until they are needed, and are read with getattr."""

tick = count(1).__next__
"""Orders nodes and changes of values in time. Creation order is a topological order."""


class Node:
    """One entry of the tape: the primitive that was applied, and an edge to each parent.

    An edge is (parent, pullback, kept): ``pullback.rule(g, *kept)`` is the cotangent for that parent.
    The edge to a constant keeps None. A leaf has no primitive and no edges. The node does not hold the value:
    that dies with the user's last reference unless a pullback kept it.
    """

    # The first edge is in the node itself, for the sake of long tapes: one object less for the garbage collector
    __slots__ = ("primitive", "parent", "pullback", "kept", "more", "shape", "dtype", "stamp", "changed", *RARE)

    parent: Any
    pullback: Any
    grad: Tensor | None
    name: str
    owner: ref[Tensor]
    line: Line | None
    scopes: tuple[Entry, ...]
    digests: dict[tuple[Node, Pullback], tuple[int, ...]]
    view: bool
    in_place: bool

    def __init__(
        self,
        primitive: Primitive | None,
        parent: Node | None,
        pullback: Pullback | None,
        kept: tuple[Any, ...] | None,
        more: tuple[Edge, ...],
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
    ) -> None:
        self.primitive = primitive
        self.parent = parent
        self.pullback = pullback
        self.kept = kept
        self.more = more
        self.shape = shape
        self.dtype = dtype
        self.stamp = tick()
        self.changed = 0

    @property
    def edges(self) -> tuple[Edge, ...]:
        """An edge to each parent; refused where the tape was freed."""
        if self.parent is not None:
            return ((self.parent, self.pullback, self.kept), *self.more)
        if self.primitive is not None:
            self.refuse_freed()
        return ()

    def refuse_freed(self) -> NoReturn:
        raise RuntimeError(
            "the tape was freed by an earlier backward pass: compute the expression again, "
            "or write backward(retain_graph=True) the first time"
        )

    def free(self) -> None:
        """Let go of the parents and of what the pullbacks kept."""
        self.parent = self.pullback = self.kept = None
        self.more = ()

    def __getstate__(self) -> object:
        """All but the weak reference, so that Tensors can be sent to other processes."""
        slots = {name: getattr(self, name) for name in self.__slots__ if hasattr(self, name) and name != "owner"}
        return None, slots

    def __repr__(self) -> str:
        label = self.primitive.name if self.primitive else getattr(self, "name", "leaf")
        return f"<Node {label} {self.dtype}{list(self.shape)}>"


class Part:
    """A contribution to some elements of a cotangent: the values to be added at an index.

    A rule may return it instead of mostly zeros. The engine adds up all parts of a cotangent at once, with
    ``join([values, ...], [index, ...], shape)``, so that many small selections take time linear in their number.
    """

    __slots__ = ("index", "join", "values")
    shape = dtype = None  # it does not have the shape of its argument

    def __init__(self, values: Any, index: Any, join: Callable[..., Any]) -> None:
        self.values = values
        self.index = index
        self.join = join


def leaf_of(t: Tensor) -> Node:
    """The node of a Tensor that was not computed. It does not keep the Tensor, but knows it as long as it lives."""
    node = Node(None, None, None, None, (), t.shape, t.dtype)
    node.owner = ref(t)
    return node
