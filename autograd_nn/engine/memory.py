"""Memory: what Tensors over the same memory share, so that a change through one of them is seen by all.

As in NumPy, a view and what it views share their fate. But a change is recorded here, and what pullbacks keep must not
change. So the first change of an array goes into a copy, which only its `Memory` holds, and later changes go there in
place. With each change the Tensors over the memory forget their values and nodes, and get them anew when they are next
asked for: a copy of what stands there, and nodes that take the same views of the changed array.
"""

from __future__ import annotations

import operator
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType, ref

import numpy as np
from numpy.lib.array_utils import byte_bounds

from autograd_nn.engine.fast import numbered
from autograd_nn.engine.node import NOTHING, Array, Node, Notes, leaf_of
from autograd_nn.engine.registry import REGISTRY

if TYPE_CHECKING:
    from autograd_nn.engine.primitive import Primitive
    from autograd_nn.engine.tensor import Tensor

__all__ = ["Memory", "Share", "forget", "remembered", "share_view", "standing"]

FEW = 32
"""Tensors over one memory, of which it does not matter how many are no longer there."""


class Memory:
    """One array, and the Tensors over it."""

    __slots__ = ("array", "changed", "fresh", "leaf", "node", "notes", "places", "room")

    def __init__(self, owner: Tensor) -> None:
        self.array: Array = owner._array
        """What stands there: nobody else's from the first change on."""
        self.node: Node | None = owner.node
        """What made the array as it stands there; None if nothing recorded has gone into it."""
        self.leaf = known_leaf(owner)
        """Stands for the array in graphs, where it is a constant."""
        self.changed = False
        self.notes = NOTHING
        self.places: Array | None = None
        self.fresh: list[ReferenceType[Tensor]] = []
        """The Tensors that know their values or nodes."""
        self.room = FEW

    def watch(self, t: Tensor) -> None:
        """From the next change on, what this Tensor knows will be out of date."""
        if len(self.fresh) >= self.room:
            self.fresh = [each for each in self.fresh if each() is not None]
            self.room = 2 * len(self.fresh) + FEW
        self.fresh.append(ref(t))

    def origin(self) -> Node:
        """The node that stands for the whole array."""
        if self.node is not None:
            return self.node
        if self.leaf is None:
            self.leaf = Node(None, None, None, None, (), self.array.shape, self.array.dtype)
            self.leaf.notes = Notes()
        return self.leaf

    def view_notes(self) -> Notes:
        """The notes of the nodes that view the array as it stands there."""
        if self.notes is NOTHING:
            self.notes = Notes(self.origin(), shared=True)
        return self.notes

    def turn(self, node: Node | None) -> None:
        """The array has been changed, and this node made it what it is now."""
        self.node, self.leaf, self.notes = node, None, NOTHING
        fresh, self.fresh = self.fresh, []
        for each in fresh:
            t = each()
            if t is not None and t.share is not None and t.share.memory is self:
                forget(t)

    def numbered(self) -> Array:
        """The numbers of the elements, laid out as they are."""
        if self.places is None:
            self.places = numbered(self.array)
        return self.places


class Share:
    """What part of a memory a Tensor has: all of it, or the view that a primitive takes of another's part."""

    __slots__ = ("apart", "memory", "parameters", "parent", "primitive", "seen")

    def __init__(
        self, t: Tensor, parent: Share | None = None, primitive: Primitive | None = None, parameters: Any = ()
    ) -> None:
        self.parent = parent
        self.primitive = primitive
        self.parameters = parameters
        self.apart = False
        """Whether it is a constant, whatever becomes of the array: made in `no_grad`, or detached."""
        self.seen: Array | None = None
        """The part of the private array itself, once it was asked for."""
        self.memory: Memory = Memory(t) if parent is None else parent.memory
        self.memory.watch(t)

    def lineage(self) -> list[Share]:
        """What it is a view of, from the whole array down to itself."""
        found = [self]
        while found[-1].parent is not None:
            found.append(found[-1].parent)
        return found[::-1]

    def half(self) -> str | None:
        """Whether it is the 'real' or the 'imag' part of complex numbers, all of which are its places."""
        name = None if self.primitive is None else self.primitive.name
        return name if name in ("real", "imag") else None

    def view(self, array: Array) -> Array:
        """The view of what is viewed."""
        return array if self.primitive is None else np.asarray(self.primitive.forward(array, *self.parameters))

    def private(self) -> Array:
        """The part that changes may go to."""
        if not self.memory.changed:
            self.memory.array = self.memory.array.copy(order="K")  # in the same layout, so that it has the same views
            self.memory.changed = True
        return self.part()

    def part(self) -> Array:
        """The part of the private array, which changes with it."""
        if self.seen is None:
            array = self.memory.array
            for share in self.lineage():
                if share.seen is None:
                    share.seen = share.view(array)
                array = share.seen
        return self.seen  # type: ignore[return-value]

    def node(self) -> Node | None:
        """A node for what stands there now."""
        node = None if self.apart else self.memory.node
        if node is not None:
            for share in self.lineage()[1:]:
                node = share.node_of_view(node)
        return node

    def node_of_view(self, node: Node) -> Node:
        """The view of what this node made."""
        primitive, parent = self.primitive, self.parent
        assert primitive is not None
        assert parent is not None
        first, *others = primitive.names
        array, y = parent.part(), self.part()
        if primitive.keeps(first, "y"):
            array, y = array.copy(), y.copy()
        known = {first: array, "y": y, f"{first}_shape": array.shape} | dict(zip(others, self.parameters, strict=True))
        edge = primitive.edge(first, node, known)
        view = Node(primitive, *edge, (), y.shape, y.dtype)
        view.notes = self.memory.view_notes()
        return view

    def place(self, index: Any) -> Any:
        """The index in the whole array of what has this index in the part."""
        if self.parent is None:
            return index
        if (
            index is ...
            and self.parent.parent is None
            and self.primitive is getattr(REGISTRY[operator.getitem], "primitive", None)
        ):
            return self.parameters[0]
        places = self.memory.numbered()
        for share in self.lineage()[1:]:
            if share.half() is None:
                places = share.view(places)
        shape = self.memory.array.shape
        return np.unravel_index(places[index], shape) if shape else ()


def share_view(view: Tensor, base: Tensor, primitive: Primitive | None, parameters: tuple[Any, ...]) -> Tensor:
    """A Tensor that has memory in common with what it was made from, which is noted."""
    name = None if primitive is None else primitive.name
    if base.number and name != "broadcast_to":  # as with NumPy's numbers: what is made of them has memory of its own
        view.number = not view.ndim and name in (None, "reshape", "squeeze", "transpose")
        view._array = view._array.copy()
        return view
    if base.share is None:
        base.share = Share(base)
    share = view.share = Share(view, base.share, primitive, parameters)
    memory = share.memory
    if view.node is None:
        share.apart = base.share.apart or memory.node is not None
    elif view.node.notes is NOTHING:
        view.node.notes = memory.view_notes()
    else:
        view.node.notes.viewed = memory.origin()
    if memory.changed:
        share.seen = view._array if primitive is not None else None
        del view._known_array
    return view


def forget(t: Tensor) -> None:
    """The memory of this Tensor has been changed: it no longer knows its values nor its node."""
    for slot in ("_known_array", "_known_node"):
        with suppress(AttributeError):
            delattr(t, slot)
    old = known_leaf(t)  # what stood for the constant that it was; the name stays
    if old is not None:
        del t._known_leaf
        if old.notes.name is not None:
            t.leaf.notes.name = old.notes.name


def known_leaf(t: Tensor) -> Node | None:
    """The node that stands for a Tensor as a constant, if somebody has asked for it."""
    return getattr(t, "_known_leaf", None)


def remembered(slot: str) -> Any:
    """An attribute that is kept in this slot; where nothing is there it is found out.

    The slots are no attributes with a ``__getattr__`` behind them, because Python then looks up every attribute of the
    class anew, each time.
    """

    def get(t: Tensor) -> Any:
        try:
            return getattr(t, slot)
        except AttributeError:
            recall(t, slot)
        return getattr(t, slot)

    def put(t: Tensor, value: Any) -> None:
        setattr(t, slot, value)

    return property(get, put)


def recall(t: Tensor, slot: str) -> None:
    """Find out what belongs into this slot of a Tensor that has nothing there."""
    if slot == "_known_leaf":
        share = t.share
        t.leaf = leaf_of(t)
        if share is not None and share.parent is None:
            t.leaf = share.memory.leaf = share.memory.leaf or t.leaf
        elif share is not None:
            t.leaf.notes.viewed = share.memory.origin()
    elif slot == "_known_node" and t.share is not None:
        t.node = t.share.node()
        t.share.memory.watch(t)
    elif slot == "_known_array" and t.share is not None:
        t._array = snapshot(t.share.part())
        t.share.memory.watch(t)


def snapshot(array: Array) -> Array:
    """A copy that cannot be written to, with the same steps in memory: so that sums of it have the same last digit."""
    if array.flags.forc:
        copy = array.copy(order="K")
    else:
        low, high = byte_bounds(array)
        start = array.__array_interface__["data"][0] - low
        copy = np.ndarray(array.shape, array.dtype, np.empty(high - low, np.uint8), start, array.strides)
        copy.flags.writeable = True
        copy[...] = array
    copy.flags.writeable = False
    return copy


def standing(t: Tensor) -> Array:
    """What stands in the memory of a Tensor, to take a view of."""
    share = t.share
    return share.part() if share is not None and share.memory.changed else t._array
