"""What a gradient is checked of: functions of Tensors, their gradients, and functions of arrays with a vjp by hand.

All look alike to the prover: see `Function`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy, deepcopy
from functools import lru_cache
from typing import Any, Protocol, Self

import numpy as np

from autograd_nn.engine.backward import pull, toposort
from autograd_nn.engine.gradients import gradients, leaf_nodes
from autograd_nn.engine.modes import switched
from autograd_nn.engine.node import Array, Node, leaf_of, no_owner, tick
from autograd_nn.engine.recorded import is_float
from autograd_nn.engine.tensor import Tensor, leaf, raw
from autograd_nn.engine.trees import leaves, tree_map
from autograd_nn.testing.references import referred_to

__all__ = ["ArrayFunction", "AtArguments", "Function", "GradientFunction", "Recording", "TensorFunction", "Wrt", "flat"]

Wrt = int | str | Sequence[int | str] | None


class Slot:
    """Stands in the arguments for the k-th array to differentiate by."""

    def __init__(self, k: int) -> None:
        self.k = k


class Recording(Protocol):
    """One call of a function."""

    outputs: list[Array]
    written: list[int]
    """The arrays, by place, that the function has changed; or none, where that shows in their numbers."""

    def pull(self, ws: list[Array]) -> list[Any]:
        """The gradients with respect to the arrays, from cotangents of the outputs."""

    def push(self, ws: list[Array], vs: list[Array]) -> list[Array] | None:
        """The tangents of the outputs along vs; None where pullbacks cannot be pulled back."""


class Function(Protocol):
    """A function to be differentiated by arrays; `GradientFunction`, `TensorFunction` and `ArrayFunction` are three."""

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
    if isinstance(value, list) and value and all(isinstance(x, (int, float, complex)) for x in leaves(value)):
        return np.asarray(value)
    return value


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
        try:
            named = parameter_names(f)
        except TypeError:  # it cannot be hashed
            named = parameter_names.__wrapped__(f)
        self.parameters = [*named, *[""] * len(args)][: len(args)]
        self.arrays: list[Array] = []
        self.names: list[str] = []
        self.positions: list[int] = []
        """Which argument each array is of."""
        self.plan: list[tuple[int, Any]] = []
        for position in self.chosen(wrt):
            self.enter(position)

    def chosen(self, wrt: Wrt) -> list[int]:
        """The positions of the arguments that are meant."""
        if wrt is None:
            return [k for k, arg in enumerate(self.args) if any(map(is_float, leaves(arg)))]
        wanted = [wrt] if isinstance(wrt, (int, str)) else list(wrt)
        positions = []
        for which in wanted:
            position = self.parameters.index(which) if which in self.parameters else which
            if isinstance(position, str):
                continue  # a parameter that the function refers to, or an error
            position += len(self.args) if position < 0 else 0
            if not 0 <= position < len(self.args) or not any(map(is_float, leaves(self.args[position]))):
                raise ValueError(f"wrt={wrt!r}: argument {which!r} is not one with floats to differentiate by")
            positions.append(position)
        return positions

    def enter(self, position: int) -> None:
        arg = self.args[position]
        label = f"argument {position}"
        parameter = self.parameters[position]

        def slot(value: Any) -> Any:
            if not is_float(value):
                return value
            self.arrays.append(np.asarray(raw(value)))
            self.positions.append(position)
            return Slot(len(self.arrays) - 1)

        if type(arg) in (np.ndarray, Tensor, float):
            tree: Any = slot(arg).k
            found = [""]
        else:
            tree = tree_map(slot, arg)
            found = [p for p, value in zip(paths(arg), leaves(arg), strict=True) if is_float(value)]
        self.plan.append((position, tree))
        for path in found:
            self.names.append(f"{label} `{parameter}{path}`" if parameter or path else label)

    def filled(self, values: Sequence[Any]) -> list[Any]:
        """The arguments with these values in the slots."""
        inner = list(self.args)
        for position, tree in self.plan:
            inner[position] = values[tree] if type(tree) is int else filled(tree, values)
        return [
            deepcopy(arg) if isinstance(arg, (np.random.Generator, np.random.RandomState)) else arg for arg in inner
        ]


def filled(tree: Any, values: Sequence[Any]) -> Any:
    return tree_map(lambda item: values[item.k] if type(item) is Slot else item, tree)


class AtArguments:
    """A function at its arguments, which can be moved to others. The arrays beyond its own are those of parameters."""

    f: Callable[..., Any]
    wrt: Wrt
    arguments: Arguments
    arrays: list[Array]
    own: int

    def placed(self, args: Sequence[Any]) -> Arguments:
        return Arguments(self.f, args, self.wrt)

    def with_args(self, args: Sequence[Any]) -> Self:
        """The same function at other arguments."""
        other = copy(self)
        other.arguments = self.placed(args)
        other.arrays = [*other.arguments.arrays, *self.arrays[self.own :]]
        return other

    def with_array(self, k: int, array: Array) -> Self:
        """The same with another k-th array."""
        other = copy(self)
        other.arrays = [*self.arrays[:k], array, *self.arrays[k + 1 :]]
        return other


# Functions of Tensors ---------------------------------------------------------------------------------


def float_outputs(value: Any) -> list[Any]:
    found = [value] if type(value) is Tensor else leaves(value)
    return [y for y in found if is_float(y)]


def flat(arrays: Sequence[Any]) -> Array:
    if len(arrays) == 1:
        return np.asarray(raw(arrays[0])).ravel()
    return np.concatenate([np.ravel(raw(a)) for a in arrays]) if arrays else np.zeros(0)


class TensorRecording:
    """The recording of a function of Tensors: its outputs, and the nodes of what it is differentiated by."""

    def __init__(self, outputs: list[Any], sources: list[Tensor]) -> None:
        self.outputs = [np.asarray(raw(y)) for y in outputs]
        self.tensors = outputs
        self.sources = sources
        self.written: list[int] = []
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
        return [found.get(t.node) for t in self.sources]

    def push(self, ws: list[Array], vs: list[Array]) -> list[Array] | None:
        cotangents = [leaf(w) for w in ws]
        try:
            gs = self.connected(cotangents)
            pairs = [(g, v) for g, v in zip(gs, vs, strict=True) if g is not None and g.node is not None]
            pushed = gradients([g for g, _ in pairs], cotangents, [v for _, v in pairs]) if pairs else None
        except (TypeError, AttributeError, ValueError):  # pullbacks written for arrays only
            return None
        return [np.zeros(w.shape, w.dtype) for w in ws] if pushed is None else [raw(t) for t in pushed]


class TensorFunction(AtArguments):
    """A callable on Tensors, with the parameters that it refers to."""

    framework = ""

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], wrt: Wrt = None) -> None:
        self.f, self.wrt = f, wrt
        self.name = function_label(f)
        self.arguments = self.placed(args)
        self.arrays = list(self.arguments.arrays)
        self.names = list(self.arguments.names)
        self.parameters: list[Tensor] = []
        """What it refers to besides its arguments, and is differentiated by as well."""
        self.skipped: list[str] = []
        """Checks that cannot be made, with the reason."""
        self.unreached: list[str] = []
        """Parameters that it refers to, but does not compute its result from."""
        self.own = len(self.arrays)
        self.find_parameters(wrt)
        if not self.arrays:
            raise TypeError(f"{self.name} has no float to differentiate by: no argument, and no Tensor it refers to")

    def entered(self, arrays: Sequence[Array]) -> tuple[Any, list[Tensor]]:
        """The value with fresh leaves for the arguments, and these leaves."""
        fresh = [leaf(a) for a in arrays[: self.own]]
        for t, a in zip(self.parameters, arrays[self.own :], strict=True):
            give(t, a)
        return self.f(*self.arguments.filled(fresh)), fresh

    def value(self, arrays: Sequence[Array]) -> Array:
        return flat(float_outputs(self.entered(arrays)[0]))

    def record(self, arrays: Sequence[Array]) -> TensorRecording:
        with switched(recording=True):
            value, fresh = self.entered(arrays)
        outputs = float_outputs(value)
        if not outputs:
            raise TypeError(f"{self.name} must return Tensors of floats: got {value!r}")
        recording = TensorRecording(outputs, [*fresh, *self.parameters])
        pairs = enumerate(zip(recording.sources, arrays, strict=True))
        recording.written = [k for k, (t, a) in pairs if t._array is not a]
        return recording

    @np.errstate(all="ignore")
    def find_parameters(self, wrt: Wrt) -> None:
        """The leaves that the result depends on besides the arguments: what models are trained by."""
        own, found = self.leaves_behind()
        if wrt is None:
            reached = set(found)
            self.unreached = [t.name or path for path, t in referred_to(self.f) if t.node not in reached]
        wanted = wrt if wrt is None or not isinstance(wrt, (int, str)) else [wrt]
        for k, node in enumerate(node for node in found if node not in own and node.notes.parameter):
            name = node.notes.name
            if wanted is not None and name not in wanted:
                continue
            label = f"parameter `{name}`" if name else f"parameter {k} of shape {node.shape}"
            if node.notes.owner is no_owner:
                self.skipped.append(f"{label}: it was sent here by another process, and its Tensor is not known")
            t = node.notes.owner()
            if t is not None and t.node is node:
                self.parameters.append(t)
                self.arrays.append(t._array)
                self.names.append(label)
        self.refuse_shared()
        strange = [which for which in wanted or () if isinstance(which, str) and not self.knows(which)]
        if strange:
            raise ValueError(f"wrt={wrt!r}: {self.name} has no argument and refers to no Tensor named {strange[0]!r}")

    def leaves_behind(self) -> tuple[set[Node | None], list[Node]]:
        """The fresh leaves of the arguments, and all leaves that the result was computed from."""
        start = tick()
        with switched(recording=True):
            value, fresh = self.entered([*(a.copy() for a in self.arrays[: self.own]), *self.arrays[self.own :]])
        outputs = [y.node for y in float_outputs(value) if type(y) is Tensor and y.node is not None]
        return {t.node for t in fresh}, leaf_nodes(outputs, start)

    def refuse_shared(self) -> None:
        """A parameter is one Tensor; a copy that has its node too would not have the values that we give it."""
        nodes = [t.node for t in self.parameters]
        try:
            for t in self.parameters:
                t.node = leaf_of(t)
            shared = set(nodes) & set(self.leaves_behind()[1]) if nodes else set()
        finally:
            for t, node in zip(self.parameters, nodes, strict=True):
                t.node = node
        for name, node in zip(self.names[self.own :], nodes, strict=True):
            if node in shared:
                raise TypeError(
                    f"{self.name} refers to {name} by a shallow copy of its Tensor: write copy.deepcopy(t), or t itself"
                )

    def knows(self, name: str) -> bool:
        return name in self.arguments.parameters or any(t.name == name for t in self.parameters)

    @contextmanager
    def borrowed(self) -> Iterator[None]:
        """The parameters have their own values again after it, whatever happens."""
        before = [t._array for t in self.parameters]
        try:
            yield
        finally:
            for t, data in zip(self.parameters, before, strict=True):
                give(t, data)


def give(t: Tensor, data: Array) -> None:
    """Let the parameter hold this array, which may have another dtype."""
    t._array = data
    t.node.dtype = data.dtype


class GradientFunction:
    """The map (x, w) -> VJP(x; w) of an expression: its second derivatives, with respect to both."""

    def __init__(self, of: TensorFunction, ws: list[Array]) -> None:
        self.of = of
        self.name = f"the gradient of {of.name}"
        self.count = len(of.arrays)
        self.arrays = [*of.arrays, *ws]
        self.names = [*of.names, *(f"cotangent {k}" if len(ws) > 1 else "the cotangent" for k in range(len(ws)))]

    def value(self, arrays: Sequence[Array]) -> Array:
        return flat(self.of.record(arrays[: self.count]).pull(list(arrays[self.count :])))

    def record(self, arrays: Sequence[Array]) -> TensorRecording:
        tape = self.of.record(arrays[: self.count])
        cotangents = [leaf(w) for w in arrays[self.count :]]
        slopes = tape.connected(cotangents)
        outputs = [np.zeros(t.shape, t.dtype) if g is None else g for g, t in zip(slopes, tape.sources, strict=True)]
        return TensorRecording(outputs, [*tape.sources, *cotangents])


# Derivatives by hand ----------------------------------------------------------------------------------


class ArrayRecording:
    """A value, and the vjp at its arrays."""

    def __init__(self, function: ArrayFunction, arrays: Sequence[Array]) -> None:
        self.function = function
        self.written: list[int] = []
        self.args = function.arguments.filled(arrays)
        y = np.asarray(function.f(*self.args))
        if y.dtype.kind not in "fc":
            raise TypeError(f"{function.name} must return an array of floats: got {y.dtype}")
        self.outputs = [y]

    def pull(self, ws: list[Array]) -> list[Any]:
        found = self.function.vjp(ws[0], *self.args)
        args = self.args
        if not isinstance(found, (tuple, list)) or len(found) != len(args):
            got = f"{len(found)}" if isinstance(found, (tuple, list)) else type(found).__name__
            raise TypeError(f"vjp must return a tuple of {len(args)} arrays, one for each argument: got {got}")
        return [np.asarray(found[position]) for position in self.function.arguments.positions]

    def push(self, ws: list[Array], vs: list[Array]) -> None:
        return None


class ArrayFunction(AtArguments):
    """A function of arrays with its vjp; both may be of another framework's arrays."""

    def __init__(
        self, f: Callable[..., Any], vjp: Callable[..., Any], args: Sequence[Any], framework: str = ""
    ) -> None:
        self.f, self.wrt, self.vjp, self.framework = f, None, vjp, framework
        self.name = function_label(f)
        self.arguments = self.placed(args)
        self.arrays, self.names = list(self.arguments.arrays), self.arguments.names
        self.own = len(self.arrays)
        self.skipped: list[str] = []
        self.unreached: list[str] = []
        if len(set(self.arguments.positions)) < len(self.arrays):
            raise TypeError("check_vjp takes arrays as arguments: nested containers are for check_gradients")
        if not self.arrays:
            raise TypeError(f"{self.name} has no argument with floats to differentiate by")

    def value(self, arrays: Sequence[Array]) -> Array:
        return np.asarray(self.f(*self.arguments.filled(arrays))).ravel()

    def record(self, arrays: Sequence[Array]) -> ArrayRecording:
        return ArrayRecording(self, arrays)

    @contextmanager
    def borrowed(self) -> Iterator[None]:
        yield
