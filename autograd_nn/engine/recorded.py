"""Recorded: one call of a function with fresh leaves in the place of its arguments; transforms start from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.backward import toposort
from autograd_nn.engine.gradients import slopes
from autograd_nn.engine.modes import MODE, switched
from autograd_nn.engine.node import Node
from autograd_nn.engine.primitive import primitive
from autograd_nn.engine.tensor import Tensor, leaf, raw, tensor
from autograd_nn.engine.trees import leaves, tree_map

__all__ = ["Recorded", "everywhere", "is_float"]


def is_float(value: Any) -> bool:
    """Whether a leaf of an argument has a gradient: a float or complex number, or an array or Tensor of them.

    A pandas Series or DataFrame counts as its array.
    """
    if isinstance(value, (Tensor, np.ndarray)):
        return value.dtype.kind in "fc"
    if hasattr(value, "to_numpy"):
        return is_float(value.to_numpy())
    return isinstance(value, (float, complex, np.inexact))


def everywhere(trees: Sequence[Any]) -> list[int]:
    """The places of the primals that have a float in them."""
    return [k for k, tree in enumerate(trees) if any(map(is_float, leaves(tree)))]


own = primitive(lambda x: x.copy(), name="argument", x=lambda g: g)
"""A transform's argument that is computed from Tensors outside: a fresh node above theirs.

A copy, because whoever called may change what he gave before the pullback is called, and the function what it got."""


class Recorded:
    """One call of a function, with fresh leaves in the place of what it is differentiated by."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], places: list[int]) -> None:
        self.given = [args[place] for place in places]
        self.fresh: list[Tensor] = []
        self.entered: list[Tensor] = []
        """What the function gets for them, and may change."""
        self.recording = MODE.get().recording
        inner = list(args)
        for place in places:
            before = len(self.fresh)
            inner[place] = tree_map(self.enter, args[place])
            if len(self.fresh) == before:
                raise TypeError(
                    f"argument {place} has no float to differentiate by (3 is an integer, 3.0 a float): "
                    f"got {args[place]!r}"
                )
        with switched(recording=True):
            self.value = f(*inner, **kwargs)
        nodes = [t.node for t in leaves(self.value) if type(t) is Tensor and t.node is not None]
        oldest = min(t.node.stamp for t in self.fresh)
        self.order = toposort(nodes, oldest)
        known = set(self.order)
        self.foreign = any(node.stamp < oldest for node in nodes) or any(
            kept is not None and parent not in known for node in self.order for parent, _, kept in node.edges
        )
        """Whether results depend on recorded Tensors that are neither arguments nor computed from them."""
        self.outside = self.recording and (self.foreign or any(t.node.primitive for t in self.fresh))
        """Whether results are to be connected to what is recorded already."""

    def enter(self, value: Any) -> Any:
        """A fresh leaf, or a copy above what is recorded already."""
        if not is_float(value):
            return value
        if self.recording and type(value) is Tensor and value.node is not None:
            entered = own(value)
        else:
            entered = leaf(np.array(raw(value)))
        entered.number = isinstance(raw(value), (float, complex, np.generic))
        self.fresh.append(tensor(entered._array, entered.node))
        self.entered.append(entered)
        return entered

    def pull(self, seeds: dict[Node, Any], connected: bool) -> list[Any]:
        """The cotangents of the fresh leaves, from those of outputs."""
        return slopes(self.order, seeds, self.fresh, connected) if seeds else [None] * len(self.fresh)

    def refuse_half_complex(self, y: Tensor) -> None:
        """Raise if y is complex and not a holomorphic function of complex arguments: its slope is no single number."""
        if y.dtype.kind != "c" or y.node is None:
            return
        w = np.linspace(1, 2, y.size).astype(y.dtype).reshape(y.shape)
        twice = [self.pull({y.node: tensor(g) if self.outside else g}, self.outside) for g in (w, 1j * w)]
        for t, along, across in zip(self.fresh, *twice, strict=True):
            if along is None:
                continue
            if t.dtype.kind != "c" or not np.allclose(raw(across), 1j * raw(along), equal_nan=True):
                raise TypeError(
                    "the result is complex, and not a holomorphic function of complex arguments: differentiate "
                    "np.real(...) and np.imag(...) of it, or use vjp or jvp"
                )

    def leave(self, slopes: list[Any], connected: bool) -> list[Any]:
        """Slopes, one for each fresh leaf, in the structure of the arguments: arrays where those were."""
        found = iter(slopes)

        def result(given: Any) -> Any:
            if not is_float(given):
                return None
            slope = next(found)
            return slope if connected or type(given) is Tensor else slope._array[()]

        return [tree_map(result, tree) for tree in self.given]

    def outcome(self, value: Any, connected: bool) -> Any:
        """The value, or a tree like it: without its graph unless connected, as arrays if no argument was a Tensor."""
        as_tensors = any(type(given) is Tensor for given in leaves(self.given))

        def result(t: Any) -> Any:
            if type(t) is not Tensor or connected:
                return t
            return t.detach() if as_tensors else t._array[()]

        return tree_map(result, value)
