"""Functions of other frameworks, as the prover takes them: arrays in, arrays out, and gradients of arrays."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

import numpy as np

from autograd_nn.engine.node import Array
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.trees import leaves, tree_map
from autograd_nn.testing.frameworks import Framework, Hips, Jax, MyGrad, Namespace, Pairs
from autograd_nn.testing.functions import (
    Arguments,
    ArrayFunction,
    AtArguments,
    TensorFunction,
    Wrt,
    flat,
    function_label,
)
from autograd_nn.testing.pytorch import Torch

__all__ = ["ForeignFunction", "UserFunction", "framework_of", "on_arrays"]


NAMED: dict[str, Callable[[], Framework]] = {
    "torch": Torch,
    "jax": Jax,
    "autograd": Hips,
    "mygrad": MyGrad,
    "scipy": Pairs,
}
PACKAGES = {"torch": "torch", "jax": "jax", "jaxlib": "jax", "autograd": "autograd", "mygrad": "mygrad"}
"""Whose types and functions are recognised, and as which of those that can be named."""


def framework_of(f: Any, args: Sequence[Any], name: str | None) -> Framework | None:
    """The one that is named, else that the function or an argument comes from; None for NumPy and autograd_nn."""
    if isinstance(f, (tuple, list)):
        name = "scipy"
    strange = [x for x in leaves(list(args)) if type(x) not in (np.ndarray, float)]
    if name is None:
        f = getattr(f, "func", f)  # functools.partial
        kinds = [type(f), f if isinstance(f, type) else type(getattr(f, "__self__", None)), *map(type, strange)]
        name = next(filter(None, map(home, kinds)), PACKAGES.get(root(f)))
    if name is None:
        spaces = [x.__array_namespace__() for x in strange if is_alien(x)]
        return Namespace(spaces[0]) if spaces else None
    if name not in NAMED:
        raise ValueError(f"framework must be one of {', '.join(map(repr, NAMED))}: got {name!r}")
    return NAMED[name]()


@lru_cache(1000)
def home(kind: Any) -> str | None:
    """The framework that a type, or one that it inherits from, comes from."""
    return next((PACKAGES[root(base)] for base in kind.__mro__ if root(base) in PACKAGES), None)


def root(value: Any) -> str:
    """The package it comes from; a single file, such as a lesson's autograd.py, is none."""
    name = (getattr(value, "__module__", None) or "").partition(".")[0]
    return name if hasattr(sys.modules.get(name), "__path__") else ""


def is_alien(value: Any) -> bool:
    """Whether it is an array of the array API standard, and neither NumPy's nor ours."""
    return hasattr(value, "__array_namespace__") and not isinstance(value, (np.generic, np.ndarray, Tensor))


class ForeignRecording:
    """The value of a function at its arrays, which it is computed of again to be differentiated."""

    def __init__(self, function: ForeignFunction, arrays: Sequence[Array]) -> None:
        self.function, self.arrays = function, list(arrays)
        self.written: list[int] = []
        self.outputs = function.computed(arrays)
        if not self.outputs:
            raise TypeError(f"{function.name} must return floats of {function.framework}")

    def pull(self, ws: list[Array]) -> list[Any]:
        of = self.function
        with of.bridge.precision(self.arrays):
            found = of.bridge.pull(of.call, self.arrays, ws)
        return [np.zeros_like(a) if g is None else g for g, a in zip(found, self.arrays, strict=True)]

    def push(self, ws: list[Array], vs: list[Array]) -> None:
        return None


class ForeignFunction(AtArguments):
    """A function of another framework, with the parameters that it refers to."""

    def __init__(self, bridge: Framework, f: Any, args: Sequence[Any], wrt: Wrt = None) -> None:
        self.bridge, self.framework = bridge, bridge.name
        self.f, self.wrt = bridge.function(f), wrt
        self.name = label(f)
        self.arguments = self.placed(bridge.alike([tree_map(bridge.array, arg) for arg in args]))
        self.arrays, self.names = list(self.arguments.arrays), list(self.arguments.names)
        self.own = len(self.arrays)
        self.skipped: list[str] = []
        self.unreached: list[str] = []
        with bridge.borrowed():
            self.find_parameters(bridge.parameters(self.f))
        if not self.arrays:
            raise TypeError(f"{self.name} has no float to differentiate by: no argument, and nothing it refers to")

    def placed(self, args: Sequence[Any]) -> Arguments:
        signed = getattr(self.f, "forward", self.f)  # of a torch.nn.Module
        return Arguments(signed, args, self.bridge.default(args) if self.wrt is None else self.wrt)

    def find_parameters(self, named: dict[str, Any]) -> None:
        """Those that the result depends on are differentiated by as well, in the precision of the arguments."""
        wanted = [self.wrt] if isinstance(self.wrt, (int, str)) else self.wrt
        strange = [which for which in wanted or () if which not in named and self.is_strange(which)]
        if strange:
            raise ValueError(f"wrt={self.wrt!r}: {self.name} has no argument and no parameter named {strange[0]!r}")
        named = {name: t for name, t in named.items() if wanted is None or name in wanted}
        if not named:
            return
        args = self.arguments.args
        values = self.bridge.alike([*args, *(self.bridge.array(t).copy() for t in named.values())])[len(args) :]
        self.bridge.choose(list(named.values()))
        ws = [np.ones_like(y) for y in self.computed([*self.arrays, *values])]
        found = self.bridge.pull(self.call, [*self.arrays, *values], ws)[self.own :]
        self.unreached = [name for name, g in zip(named, found, strict=True) if g is None and wanted is None]
        reached = [(name, a) for name, a, g in zip(named, values, found, strict=True) if g is not None]
        self.bridge.choose([named[name] for name, _ in reached])
        self.arrays += [a for _, a in reached]
        self.names += [f"parameter `{name}`" for name, _ in reached]

    def is_strange(self, which: int | str) -> bool:
        return isinstance(which, str) and which not in self.arguments.parameters

    def call(self, inputs: list[Any]) -> Any:
        return self.f(*self.bridge.entered(self.arguments.filled(inputs)))

    def computed(self, arrays: Sequence[Array]) -> list[Array]:
        with self.bridge.precision(arrays):
            return self.bridge.value(self.call, arrays)

    def value(self, arrays: Sequence[Array]) -> Array:
        return flat(self.computed(arrays))

    def record(self, arrays: Sequence[Array]) -> ForeignRecording:
        return ForeignRecording(self, arrays)

    def borrowed(self) -> AbstractContextManager[None]:
        return self.bridge.borrowed()


UserFunction = TensorFunction | ArrayFunction | ForeignFunction
"""What a user hands over to be checked."""


def label(f: Any) -> str:
    """What messages call it: a torch.autograd.Function by its class, a pair by both names."""
    if isinstance(f, (tuple, list)):
        return f"({', '.join(map(function_label, f))})"
    return function_label(f.__self__ if isinstance(getattr(f, "__self__", None), type) else f)


def on_arrays(bridge: Framework, f: Any) -> Callable[..., Any]:
    """A function of arrays of the framework as one of arrays of NumPy's."""
    inner = bridge.function(f)

    def outer(*args: Any, **keywords: Any) -> Any:
        with bridge.precision(args):
            return tree_map(bridge.array, inner(*bridge.entered(args), **keywords))

    outer.__name__ = label(f)
    return outer
