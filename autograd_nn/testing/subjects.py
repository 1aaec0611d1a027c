"""What a gradient is checked of: functions of Tensors, their derivatives, and NumPy functions with a vjp by hand.

All look alike to the prover: see `Subject`.
"""

from __future__ import annotations

import gc
import inspect
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy, deepcopy
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from autograd_nn.engine.backward import pull, toposort
from autograd_nn.engine.gradients import gradients
from autograd_nn.engine.modes import switched
from autograd_nn.engine.node import Node, tick
from autograd_nn.engine.recorded import is_float
from autograd_nn.engine.tensor import Tensor, leaf, raw
from autograd_nn.engine.trees import leaves, tree_map

__all__ = ["Derivative", "Expression", "Handwritten", "Recording", "Subject", "Wrt", "flat"]

Array = NDArray[Any]
Wrt = int | str | Sequence[int | str] | None


class Place:
    """Stands in the arguments for the k-th array to differentiate by."""

    def __init__(self, k: int) -> None:
        self.k = k


class Recording(Protocol):
    """One call of a subject."""

    outputs: list[Array]

    def pull(self, ws: list[Array]) -> list[Any]:
        """The gradients with respect to the arrays, from cotangents of the outputs."""

    def push(self, ws: list[Array], vs: list[Array]) -> list[Array] | None:
        """The tangents of the outputs along vs; None where pullbacks cannot be pulled back."""


class Subject(Protocol):
    """A function to be differentiated by arrays; `Derivative`, `Expression` and `Handwritten` are three."""

    name: str
    names: list[str]
    """Of the arrays, as messages call them."""
    arrays: list[Array]

    def value(self, arrays: Sequence[Array]) -> Array:
        """All outputs, flat."""

    def record(self, arrays: Sequence[Array]) -> Recording:
        """The outputs, and what is needed to pull their cotangents back."""


# Arguments --------------------------------------------------------------------------------------------


def function_label(f: Callable[..., Any]) -> str:
    """What messages call the function."""
    while hasattr(f, "func"):  # functools.partial
        f = f.func
    return getattr(f, "__name__", None) or type(f).__name__


@lru_cache(1000)
def parameter_names(f: Callable[..., Any]) -> list[str]:
    """The names of the positional parameters, as far as they have any."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def as_argument(value: Any) -> Any:
    """Lists of numbers are arrays; any other list is a container."""
    numbers = isinstance(value, list) and value and all(isinstance(x, (int, float, complex)) for x in leaves(value))
    return np.asarray(value) if numbers else value


def paths(tree: Any, path: str = "") -> Iterator[str]:
    """How a user writes each leaf of the tree: ``['w'][0]``."""
    if isinstance(tree, dict):
        for key, item in tree.items():
            yield from paths(item, f"{path}[{key!r}]")
    elif isinstance(tree, (tuple, list)):
        fields = getattr(tree, "_fields", None)
        for k, item in enumerate(tree):
            yield from paths(item, f"{path}.{fields[k]}" if fields else f"{path}[{k}]")
    else:
        yield path


class Arguments:
    """The positional arguments of a function, some of whose arrays are differentiated by."""

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], wrt: Wrt) -> None:
        self.args = [as_argument(arg) for arg in args]
        named = parameter_names(f) if isinstance(f, Hashable) else []
        self.parameters = [*named, *[""] * len(args)][: len(args)]
        self.chosen = self.numbers(wrt)
        self.arrays: list[Array] = []
        self.names: list[str] = []
        self.numbers_of: list[int] = []
        """Which argument each array is of."""
        self.plan: list[tuple[int, Any]] = []
        for number in self.chosen:
            self.enter(number)

    def numbers(self, wrt: Wrt) -> list[int]:
        """The places of the arguments that are meant."""
        if wrt is None:
            return [k for k, arg in enumerate(self.args) if any(map(is_float, leaves(arg)))]
        wanted = [wrt] if isinstance(wrt, (int, str)) else list(wrt)
        numbers = []
        for which in wanted:
            number = self.parameters.index(which) if which in self.parameters else which
            if isinstance(number, str):
                continue  # a parameter that the function refers to, or an error
            number += len(self.args) if number < 0 else 0
            if not 0 <= number < len(self.args) or not any(map(is_float, leaves(self.args[number]))):
                raise ValueError(f"wrt={wrt!r}: argument {which!r} is not one with floats to differentiate by")
            numbers.append(number)
        return numbers

    def enter(self, number: int) -> None:
        arg = self.args[number]
        label = f"argument {number}"
        written = self.parameters[number]
        before = len(self.arrays)

        def place(value: Any) -> Any:
            if not is_float(value):
                return value
            self.arrays.append(np.asarray(raw(value)))
            self.numbers_of.append(number)
            return Place(len(self.arrays) - 1)

        if type(arg) in (np.ndarray, Tensor, float):
            tree: Any = place(arg).k
            found = [""]
        else:
            tree = tree_map(place, arg)
            found = [p for p, value in zip(paths(arg), leaves(arg), strict=True) if is_float(value)]
        self.plan.append((number, tree))
        for path in found[: len(self.arrays) - before]:
            self.names.append(f"{label} `{written}{path}`" if written or path else label)

    def filled(self, values: Sequence[Any]) -> list[Any]:
        """The arguments with these values at the places."""
        inner = list(self.args)
        for number, tree in self.plan:
            inner[number] = values[tree] if type(tree) is int else filled(tree, values)
        return [
            deepcopy(arg) if isinstance(arg, (np.random.Generator, np.random.RandomState)) else arg for arg in inner
        ]


def filled(tree: Any, values: Sequence[Any]) -> Any:
    return tree_map(lambda item: values[item.k] if type(item) is Place else item, tree)


# Functions of Tensors ---------------------------------------------------------------------------------


def float_outputs(value: Any) -> list[Any]:
    found = [value] if type(value) is Tensor else leaves(value)
    return [y for y in found if is_float(y)]


def flat(arrays: Sequence[Any]) -> Array:
    if len(arrays) == 1:
        return np.asarray(raw(arrays[0])).ravel()
    return np.concatenate([np.ravel(raw(a)) for a in arrays]) if arrays else np.zeros(0)


class Tape:
    """The recording of a function of Tensors: its outputs, and the nodes of what it is differentiated by."""

    def __init__(self, outputs: list[Any], sources: list[Tensor]) -> None:
        self.outputs = [np.asarray(raw(y)) for y in outputs]
        self.tensors = outputs
        self.sources = sources
        nodes = [y.node for y in outputs if type(y) is Tensor and y.node is not None]
        self.order = toposort(nodes, min((t.node.stamp for t in sources if t.node), default=0))

    def seeds(self, ws: Sequence[Any]) -> dict[Node, Any]:
        seeds: dict[Node, Any] = {}
        for y, w in zip(self.tensors, ws, strict=True):
            if type(y) is Tensor and y.node is not None:
                seeds[y.node] = seeds[y.node] + w if y.node in seeds else w
        return seeds

    def pull(self, ws: list[Array]) -> list[Array]:
        found = pull(self.order, self.seeds(ws))
        return [np.array(found[t.node]) if t.node in found else np.zeros(t.shape, t.dtype) for t in self.sources]

    def connected(self, cotangents: list[Tensor]) -> list[Any]:
        """The gradients as Tensors that depend on the cotangents; None where no path leads."""
        with switched(recording=True):
            found = pull(self.order, self.seeds(cotangents), create_graph=True)
        return [found.get(t.node) for t in self.sources]  # type: ignore[arg-type]

    def push(self, ws: list[Array], vs: list[Array]) -> list[Array] | None:
        cotangents = [leaf(w) for w in ws]
        try:
            gs = self.connected(cotangents)
            pairs = [(g, v) for g, v in zip(gs, vs, strict=True) if g is not None and g.node is not None]
            pushed = gradients([g for g, _ in pairs], cotangents, [v for _, v in pairs]) if pairs else None
        except (TypeError, AttributeError, ValueError):  # pullbacks written for arrays only
            return None
        return [np.zeros(w.shape, w.dtype) for w in ws] if pushed is None else [raw(t) for t in pushed]


class Expression:
    """A callable on Tensors, with the parameters that it refers to."""

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], wrt: Wrt = None) -> None:
        self.f, self.wrt = f, wrt
        self.name = function_label(f)
        self.arguments = Arguments(f, args, wrt)
        self.arrays = list(self.arguments.arrays)
        self.names = list(self.arguments.names)
        self.groups: list[list[Tensor]] = []
        """For each parameter all Tensors that share its node."""
        self.own = len(self.arrays)
        self.find_parameters(wrt)
        if not self.arrays:
            raise TypeError(f"{self.name} has no float to differentiate by: no argument, and no Tensor it refers to")

    def with_args(self, args: Sequence[Any]) -> Expression:
        """The same function at other arguments."""
        other = copy(self)
        other.arguments = Arguments(self.f, args, self.wrt)
        other.arrays = [*other.arguments.arrays, *self.arrays[self.own :]]
        return other

    def with_array(self, k: int, array: Array) -> Expression:
        """The same with another k-th array."""
        other = copy(self)
        other.arrays = [*self.arrays[:k], array, *self.arrays[k + 1 :]]
        return other

    def entered(self, arrays: Sequence[Array]) -> tuple[Any, list[Tensor]]:
        """The value with fresh leaves for the arguments, and these leaves."""
        fresh = [leaf(a) for a in arrays[: self.own]]
        for group, a in zip(self.groups, arrays[self.own :], strict=True):
            for t in group:
                t._data = a
                t.node.dtype = a.dtype  # type: ignore[union-attr]
        return self.f(*self.arguments.filled(fresh)), fresh

    def value(self, arrays: Sequence[Array]) -> Array:
        return flat(float_outputs(self.entered(arrays)[0]))

    def record(self, arrays: Sequence[Array]) -> Tape:
        with switched(recording=True):
            value, fresh = self.entered(arrays)
        outputs = float_outputs(value)
        if not outputs:
            raise TypeError(f"{self.name} must return Tensors of floats: got {value!r}")
        return Tape(outputs, [*fresh, *(group[0] for group in self.groups)])

    @np.errstate(all="ignore")
    def find_parameters(self, wrt: Wrt) -> None:
        """The leaves that the result depends on besides the arguments: what models are trained by."""
        start = tick()
        with switched(recording=True):
            value, fresh = self.entered(self.arrays)
        outputs = [y.node for y in float_outputs(value) if type(y) is Tensor and y.node is not None]
        parents = [parent for node in toposort(outputs, start) for parent, _, kept in node.edges if kept is not None]
        own = {t.node for t in fresh}
        nodes = [
            node
            for node in dict.fromkeys([*outputs, *parents][::-1])
            if node.primitive is None and node not in own and node.stamp < start
        ]
        found = {node: [t for t in gc.get_referrers(node) if type(t) is Tensor] for node in nodes}
        wanted = wrt if wrt is None or not isinstance(wrt, (int, str)) else [wrt]
        for k, (node, group) in enumerate(found.items()):
            name = node.notes.name
            if group and (wanted is None or name in wanted):
                self.groups.append(group)
                self.arrays.append(group[0]._data)
                self.names.append(f"parameter `{name}`" if name else f"parameter {k} of shape {node.shape}")
        strange = [which for which in wanted or () if isinstance(which, str) and not self.knows(which)]
        if strange:
            raise ValueError(f"wrt={wrt!r}: {self.name} has no argument and refers to no Tensor named {strange[0]!r}")

    def knows(self, name: str) -> bool:
        return name in self.arguments.parameters or any(group[0].name == name for group in self.groups)

    @contextmanager
    def borrowed(self) -> Iterator[None]:
        """The parameters have their own values again after it, whatever happens."""
        before = [group[0]._data for group in self.groups]
        try:
            yield
        finally:
            for group, data in zip(self.groups, before, strict=True):
                for t in group:
                    t._data = data
                    t.node.dtype = data.dtype  # type: ignore[union-attr]


class Derivative:
    """The map (x, w) -> VJP(x; w) of an expression: its second derivatives, with respect to both."""

    def __init__(self, of: Expression, ws: list[Array]) -> None:
        self.of = of
        self.name = f"the gradient of {of.name}"
        self.count = len(of.arrays)
        self.arrays = [*of.arrays, *ws]
        self.names = [*of.names, *(f"cotangent {k}" if len(ws) > 1 else "the cotangent" for k in range(len(ws)))]

    def value(self, arrays: Sequence[Array]) -> Array:
        return flat(self.of.record(arrays[: self.count]).pull(list(arrays[self.count :])))

    def record(self, arrays: Sequence[Array]) -> Tape:
        tape = self.of.record(arrays[: self.count])
        cotangents = [leaf(w) for w in arrays[self.count :]]
        slopes = tape.connected(cotangents)
        outputs = [np.zeros(t.shape, t.dtype) if g is None else g for g, t in zip(slopes, tape.sources, strict=True)]
        return Tape(outputs, [*tape.sources, *cotangents])


# Derivatives by hand ----------------------------------------------------------------------------------


class Called:
    """A value, and the vjp at its arrays."""

    def __init__(self, subject: Handwritten, arrays: Sequence[Array]) -> None:
        self.subject = subject
        self.args = subject.arguments.filled(arrays)
        y = np.asarray(subject.f(*self.args))
        if y.dtype.kind not in "fc":
            raise TypeError(f"{subject.name} must return an array of floats: got {y.dtype}")
        self.outputs = [y]

    def pull(self, ws: list[Array]) -> list[Any]:
        found = self.subject.vjp(ws[0], *self.args)
        args = self.args
        if not isinstance(found, (tuple, list)) or len(found) != len(args):
            got = f"{len(found)}" if isinstance(found, (tuple, list)) else type(found).__name__
            raise TypeError(f"vjp must return a tuple of {len(args)} arrays, one for each argument: got {got}")
        return [np.asarray(found[number]) for number in self.subject.arguments.numbers_of]

    def push(self, ws: list[Array], vs: list[Array]) -> None:
        return None


class Handwritten:
    """A function of arrays with its vjp."""

    def __init__(self, f: Callable[..., Any], vjp: Callable[..., Any], args: Sequence[Any]) -> None:
        self.f, self.vjp = f, vjp
        self.name = function_label(f)
        self.arguments = Arguments(f, args, None)
        self.arrays, self.names = list(self.arguments.arrays), self.arguments.names
        self.own = len(self.arrays)
        if len(set(self.arguments.numbers_of)) < len(self.arrays):
            raise TypeError("check_vjp takes arrays as arguments: nested containers are for check_gradients")
        if not self.arrays:
            raise TypeError(f"{self.name} has no argument with floats to differentiate by")

    def with_args(self, args: Sequence[Any]) -> Handwritten:
        """The same function at other arguments."""
        return Handwritten(self.f, self.vjp, args)

    def with_array(self, k: int, array: Array) -> Handwritten:
        """The same with another k-th array."""
        other = copy(self)
        other.arrays = [*self.arrays[:k], array, *self.arrays[k + 1 :]]
        return other

    def value(self, arrays: Sequence[Array]) -> Array:
        return np.asarray(self.f(*self.arguments.filled(arrays))).ravel()

    def record(self, arrays: Sequence[Array]) -> Called:
        return Called(self, arrays)

    @contextmanager
    def borrowed(self) -> Iterator[None]:
        yield
