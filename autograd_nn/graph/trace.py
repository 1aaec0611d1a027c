"""A function called once with example inputs while a witness looks on: what it computed, where, and from what.

The parts of a model need no base class. An object is a part if the model holds it, and what is recorded while one of
its methods runs is in its scope.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from time import perf_counter
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd_nn.engine.modes import switched
from autograd_nn.engine.node import Array, Node
from autograd_nn.engine.recorded import is_float
from autograd_nn.engine.tensor import Tensor, leaf, raw
from autograd_nn.engine.trees import leaves, tree_map
from autograd_nn.graph.places import Places, attributes
from autograd_nn.graph.program import Call, Known, tensors_among

__all__ = ["Trace", "Witness", "trace"]


@dataclass
class Witness:
    """Remembers every value that is recorded, what it was computed from, and in which part of the model."""

    values: dict[Node, Array]
    calls: dict[Node, Call]
    """Both are to be filled."""
    timed: bool = False
    places: Places = field(default_factory=Places)
    latest: Call = field(init=False)
    """What was computed last."""
    copies: dict[int, tuple[Array, Array]] = field(default_factory=dict)
    """Plain arrays that were given, by their ids, and what was in them."""

    @contextmanager
    def watching(self, **mode: Any) -> Iterator[None]:
        """See what is recorded inside the block, in this mode besides."""
        self.places.base = sys._getframe(2)
        try:
            with switched(witness=self, **mode):
                yield
        finally:
            self.places.forget()

    def computed(self, primitive: Any, values: list[Any], y: Any) -> None:
        """A primitive was applied; it may be recorded next."""
        seconds = typical_time(primitive.forward, values) if self.timed else None
        self.latest = Call(dict(zip(primitive.names, values, strict=True)), seconds)

    def recorded(self, node: Node, y: Array) -> None:
        """The node was made for what was computed last."""
        arguments, seconds = self.latest
        tensors = {}
        for name, place, parent in tensors_among(node):
            value = arguments[name] if place is None else arguments[name][place]
            self.values.setdefault(parent, value)
            tensors[id(value)] = value
        given = {name: self.copied(value, tensors) for name, value in arguments.items()}
        self.calls[node] = Call(given, seconds)
        self.values[node] = y
        node.notes.scopes = self.places.of(node, sys._getframe(1))

    def copied(self, value: Any, tensors: dict[int, Any]) -> Any:
        """The argument as it is now: anybody may write to a list or an array later, but for those of Tensors."""
        if isinstance(value, list) or (type(value) is tuple and any(isinstance(v, (list, np.ndarray)) for v in value)):
            return tree_map(lambda item: self.copied(item, tensors), value)
        if not isinstance(value, np.ndarray) or id(value) in tensors:
            return value
        array, copy = self.copies.get(id(value), (value, None))
        if copy is None or copy.tobytes() != array.tobytes():
            copy = value.copy(order="K")
            self.copies[id(value)] = value, copy  # the array itself, so that no other gets its id
        return copy


def typical_time(f: Callable[..., Any], arguments: Any) -> float:
    """The seconds that a call takes: the median of five, after one to warm up."""
    seconds = []
    for _ in range(6):
        start = perf_counter()
        f(*arguments)
        seconds.append(perf_counter() - start)
    return median(seconds[1:])


@dataclass
class Trace(Known):
    """One call of a function."""

    arguments: list[Any] = field(default_factory=list)
    """What it was called with. A leaf knows its value as long as its Tensor is there."""
    witness: Witness = field(init=False)

    def __post_init__(self) -> None:
        self.witness = Witness(self.values, self.calls)
        self.witness.places.results = self.results

    def enter(self, path: str, value: Any) -> Any:
        """The value with fresh leaves in the place of its numbers; what it holds besides is found as in a model."""
        if callable(value):
            self.explore(path, value)
            return value
        if isinstance(value, dict):
            return {key: self.enter(path + step(key), item) for key, item in value.items()}
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*map(self.enter, [f"{path}.{key}" for key in value._fields], value))
        if isinstance(value, (tuple, list)):
            return type(value)(self.enter(f"{path}[{i}]", item) for i, item in enumerate(value))
        if type(value) is Tensor and value.node is not None:
            self.names.setdefault(value.node, path)
        elif is_float(value):
            fresh = leaf(np.asarray(raw(value)))
            self.inputs[fresh.node] = getattr(value, "name", None) or path
            return fresh
        else:
            self.explore(path, value)
        return value

    def explore(self, path: str, value: Any) -> None:
        """Find the Tensors and objects that a model, or a function by its closure and globals, is made of."""
        root = value.__self__ if isinstance(value, MethodType) else value
        stack = [(path, value, "")]
        seen = set()
        while stack:
            path, value, owner = stack.pop()
            if id(value) in seen or isinstance(value, ENDS) or value is None:
                continue
            seen.add(id(value))
            if type(value) is Tensor:
                if value.node is not None and value.node.primitive is None:
                    self.names.setdefault(value.node, path)
                    self.owners.setdefault(value.node, owner)
                continue
            if is_part(value) and (path or value is root):
                self.witness.places.paths.setdefault(id(value), path)
                owner = path
            stack += [(f"{path}{name}".removeprefix("."), item, owner) for name, item in reversed(belongings(value))]


def trace(f: Callable[..., Any], inputs: tuple[Any, ...], timed: bool = False) -> Trace:
    """Call the function on fresh leaves in the place of the numbers among its inputs.

    Tensors that require a gradient, integers, and objects that are no numbers go in as they are.
    """
    if isinstance(f, type):
        raise TypeError(f"{f.__name__} is a class: make an object of it, {f.__name__}(...), which can be called")
    traced = Trace()
    traced.witness.timed = timed
    traced.explore("", f)
    traced.arguments = [*map(traced.enter, argument_names(f, inputs), inputs)]
    with traced.witness.watching(recording=True, scopes=()):
        try:
            result = f(*traced.arguments)
        except TypeError as error:
            if any(isinstance(value, list) for value in inputs):
                error.add_note("a list of numbers goes in as a list of Tensors: for an array write np.array([...])")
            raise
    traced.outputs = [t for t in leaves(result) if type(t) is Tensor and t.node is not None]
    if not traced.outputs:
        raise ValueError(
            f"nothing was recorded: {called(f)} returned {type(result).__name__} that depends on no float input (3 is "
            f"an integer, 3.0 a float) and on no Tensor with requires_grad=True, or it was computed in no_grad"
        )
    return traced


def called(f: Any) -> str:
    """What messages and titles call a function or model."""
    return getattr(f, "__name__", None) or type(f).__name__


def argument_names(f: Callable[..., Any], inputs: tuple[Any, ...]) -> list[str]:
    """The names of the parameters that the inputs are for; those of ``*rows`` are rows[0], rows[1], ..."""
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):  # some builtins have none
        return [f"input[{i}]" for i in range(len(inputs))]
    try:
        bound = signature.bind(*inputs).arguments
    except TypeError as error:
        raise TypeError(f"{called(f)}{signature} cannot be called with {len(inputs)} inputs: {error}") from None
    names: list[str] = []
    for name, value in bound.items():
        several = signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
        names += [f"{name}[{i}]" for i in range(len(value))] if several else [name]
    return names


def step(key: Any) -> str:
    """How a path goes on to an item: '.W' or '[3]'."""
    return f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]"


ENDS = (ModuleType, type, BuiltinFunctionType, np.ndarray, np.generic, np.ufunc, str, bytes, int, float, complex)
"""What holds no part of a model."""


def is_part(value: Any) -> bool:
    """Whether it is an object with methods, not a function or a plain container."""
    return not isinstance(value, (FunctionType, MethodType, partial)) and (
        callable(value) or not isinstance(value, (dict, list, tuple))
    )


def belongings(value: Any) -> list[tuple[str, Any]]:
    """What a value holds, with the step from its path to each."""
    if isinstance(value, MethodType):
        return [("", value.__self__)]
    if isinstance(value, partial):
        return [("", value.func), ("", value.args), ("", value.keywords)]
    if isinstance(value, FunctionType):
        try:
            outside = inspect.getclosurevars(value)
        except ValueError:  # it refers to something that is not defined yet
            return []
        if (value.__module__ or "").partition(".")[0] in ("autograd_nn", "numpy"):
            return [("", item) for item in outside.nonlocals.values()]  # the f of grad(f)
        decorated = [("", value.__wrapped__)] if hasattr(value, "__wrapped__") else []
        outer = [(f".{name}", item) for name, item in (*outside.globals.items(), *outside.nonlocals.items())]
        return decorated + outer
    if isinstance(value, dict):
        items = [(step(key), item) for key, item in value.items()]
    elif isinstance(value, (list, tuple)):
        names = getattr(value, "_fields", None)
        items = [(f".{names[i]}" if names else f"[{i}]", item) for i, item in enumerate(value)]
    else:
        items = []
    return items + [(f".{name}", item) for name, item in attributes(value).items()]
