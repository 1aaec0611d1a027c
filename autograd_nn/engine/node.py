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

__all__ = [
    "IN_PLACE",
    "LATEST",
    "NOTHING",
    "Array",
    "Contribution",
    "Edge",
    "Erased",
    "Node",
    "Notes",
    "leaf_of",
    "tick",
]

Array = NDArray[Any]
Edge = tuple["Node", "Pullback", tuple[Any, ...] | None]

tick = count(1).__next__
"""Orders nodes and changes of values in time. Creation order is a topological order."""


class Latest:
    """When something last happened that a backward pass over older nodes must look for."""

    __slots__ = ("change", "guard")

    def __init__(self) -> None:
        self.change = 0
        """A value was changed behind the back of those who kept it."""
        self.guard = 0
        """A pullback kept a large plain array, which only its fingerprint can tell to be as it was."""


LATEST = Latest()


class Notes:
    """What is known of few nodes."""

    __slots__ = (
        *("digests", "grad", "guards", "in_place", "line", "name", "owner", "parameter", "scopes", "shared"),
        *("function", "viewed"),
    )

    def __init__(self, viewed: Node | None = None, shared: bool = False) -> None:
        self.grad: Tensor | None = None
        """Of a leaf: what backward passes have accumulated."""
        self.owner: Callable[[], Tensor | None] = no_owner
        """Of a leaf: a weak reference to its Tensor."""
        self.parameter = False
        """Whether it is a leaf of the user's own, which no program changes while it is recorded."""
        self.name: str | None = None
        self.function = ""  # which the user called, if it is made of several operations and this is the last
        self.line: Line | None = None
        """The line of the user's program that made it."""
        self.scopes: tuple[Entry, ...] = ()
        self.digests: dict[tuple[Node, Pullback], tuple[int, ...]] = {}
        """In anomaly mode: checksums of what the edges keep."""
        self.viewed = viewed
        """The node of the array whose memory its value shares."""
        self.shared = shared
        """Whether they are the notes of many nodes, of which this is all that is known."""
        self.guards: tuple[tuple[str, Array, int], ...] = ()
        """The large plain arrays that its pullbacks keep: the argument, the array, and its fingerprint."""
        self.in_place = False
        """Whether the operation stands for a change in place."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        """The shared ones stay the shared ones."""
        return "NOTHING" if self is NOTHING else "IN_PLACE" if self is IN_PLACE else super().__reduce_ex__(protocol)

    def __getstate__(self) -> object:
        """All but the weak reference, so that a node can be copied."""
        return None, {name: getattr(self, name) for name in self.__slots__} | {"owner": no_owner}


def no_owner() -> None:
    """Nobody holds the value of this node for it."""


NOTHING = Notes(shared=True)
"""The notes of most nodes. The views of an array share theirs, too: write to `Node.own_notes` instead."""

IN_PLACE = Notes(shared=True)
"""The notes of most operations that stand for a change in place."""
IN_PLACE.in_place = True


class Node:
    """One entry of the tape: the primitive that was applied, and an edge to each parent.

    An edge is (parent, pullback, kept): ``pullback.rule(g, *kept)`` is the cotangent for that parent.
    The edge to a constant keeps None. A leaf has no primitive and no edges. The node does not hold the value:
    that dies with the user's last reference unless a pullback kept it.
    """

    # The first edge is in the node itself, for the sake of long tapes: one object less for the garbage collector
    __slots__ = ("changed", "dtype", "kept", "more", "notes", "parent", "primitive", "pullback", "shape", "stamp")

    parent: Any
    pullback: Any

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
        self.notes = NOTHING

    @property
    def edges(self) -> tuple[Edge, ...]:
        """An edge to each parent; refused where the tape was freed."""
        if self.parent is not None:
            return ((self.parent, self.pullback, self.kept), *self.more)
        if self.primitive is not None:
            self.refuse_freed()
        return ()

    def own_notes(self) -> Notes:
        """The notes of this node alone, to be written to."""
        if self.notes.shared:
            shared, self.notes = self.notes, Notes(self.notes.viewed)
            self.notes.in_place, self.notes.function = shared.in_place, shared.function
        return self.notes

    def refuse_freed(self) -> NoReturn:
        raise RuntimeError(
            "the tape was freed by an earlier backward pass: compute the expression again, "
            "or write backward(retain_graph=True) the first time"
        )

    def __repr__(self) -> str:
        label = self.primitive.name if self.primitive else self.notes.name or "leaf"
        return f"<Node {label} {self.dtype}{list(self.shape)}>"


class Erased:
    """What a pullback may return: the cotangent itself, but 0 at an index, where the value was overwritten.

    The engine erases in place where nobody else holds the cotangent, so that many small changes of one array take time
    linear in what they change.
    """

    __slots__ = ("g", "index")
    shape = dtype = None

    def __init__(self, g: Any, index: Any) -> None:
        self.g = g
        self.index = index

    def made(self, own: bool = False) -> Any:
        """The cotangent, erased: in place if it is the engine's own."""
        g = self.g if own else self.g.copy()
        g[self.index] = 0
        return g


class Contribution:
    """What a pullback may return: a contribution to some elements of a cotangent, values to be added at an index.

    A rule returns it instead of mostly zeros. The engine adds up all that have come to a node at once, with
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
    node.notes = Notes()
    node.notes.owner = ref(t)
    return node
