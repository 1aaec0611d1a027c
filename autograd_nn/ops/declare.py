"""How the rule book declares: `rule` for a primitive, `composed` and `inexact` for a function made of primitives."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import cache, wraps
from typing import Any, TypeVar

import numpy as np

from autograd_nn.engine.anomalies import origin
from autograd_nn.engine.node import NOTHING, Notes
from autograd_nn.engine.primitive import Primitive, primitive
from autograd_nn.engine.questions import as_operand, question
from autograd_nn.engine.registry import REGISTRY
from autograd_nn.engine.strong import reached
from autograd_nn.engine.tensor import Tensor, as_constant, raw
from autograd_nn.ops.domain import Domain

__all__ = [
    "PRIMITIVES",
    "anywhere",
    "as_array",
    "as_inexact",
    "composed",
    "conjugated",
    "constant",
    "flat",
    "in_a_row",
    "in_shape",
    "inexact",
    "named",
    "numeric",
    "real_numbers",
    "rule",
    "ruled",
    "times",
    "to_dtype",
    "tracked",
    "transposed",
    "warn",
    "with_last",
    "with_last_at",
]


F = TypeVar("F", bound=Callable[..., Any])

PRIMITIVES: dict[str, Primitive] = {}
"""The package's own primitives by name; each has a domain to be tested on."""


def rule(
    forward: Callable[..., Any], domain: Domain, *stands_for: Callable[..., Any], key: str = "", **declaration: Any
) -> Any:
    """A primitive of the package. It has a domain to be tested on, or it cannot be declared.

    ``key`` is its name in `PRIMITIVES`, where another primitive has the same name in messages and graphs.
    """
    if not isinstance(domain, Domain):
        raise TypeError(f"the package's primitives need a Domain to be tested on: {forward} has {domain!r}")
    key = key or declaration.get("name") or forward.__name__
    if key in PRIMITIVES:
        raise ValueError(f"there is a primitive named {key} already")
    if isinstance(forward, np.ufunc):
        stands_for = (forward, *stands_for)
    function: Any = primitive(forward, stands_for=stands_for, domain=domain, **declaration)
    PRIMITIVES[key] = function.primitive
    return function


def ruled(domain: Domain, *stands_for: Callable[..., Any], **declaration: Any) -> Callable[[F], F]:
    """`rule` as a decorator: the primitive has the name, signature and docstring of the function below it."""
    return lambda forward: rule(forward, domain, *stands_for, **declaration)


def constant(*functions: Callable[..., Any]) -> None:
    """Register NumPy functions whose result says where, which, whether or how many: plain arrays come out."""
    flat(*functions, made=lambda y: y)


def flat(*functions: Callable[..., Any], made: Callable[[Any], Any] = as_constant) -> None:
    """Register NumPy functions that are constant almost everywhere, whose results are numbers to compute with.

    Constant Tensors come out, so that what is written into them later is recorded; or what is ``made`` of the result.
    """

    def of(function: Callable[..., Any]) -> Callable[..., Any]:
        answer: Any = lambda *args, **kwargs: made(function(*raw(args), **raw(kwargs)))
        answer.constant = True
        return answer

    for function in functions:
        REGISTRY[function] = of(function)


def composed(
    *stands_for: Callable[..., Any], arrays: int | None = 0
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The decorated function of Tensors, made of primitives, answers for these NumPy functions.

    Of its first arguments, ``arrays`` may be lists with Tensors in them; all, if it is None.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        for each in stands_for:
            REGISTRY[each] = function if arrays == 0 else looked_into(function, arrays)
        return function

    return register


def numeric(function: F) -> F:
    """The function, whose results of no dimensions are numbers, as NumPy's are."""

    @wraps(function)
    def answer(*args: Any, **kwargs: Any) -> Any:
        y = function(*args, **kwargs)
        if type(y) is Tensor and not y.ndim:
            y.number = True
        return y

    return answer  # type: ignore[return-value]


def looked_into(function: Callable[..., Any], arrays: int | None) -> Callable[..., Any]:
    @wraps(function)
    def answer(*args: Any, **kwargs: Any) -> Any:
        if list in map(type, args):
            args = tuple(as_array(a) if type(a) is list and tracked(a) else a for a in args[:arrays]) + (
                () if arrays is None else args[arrays:]
            )
        return function(*args, **kwargs)

    return answer


def inexact(*stands_for: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """As `composed`; but where all Tensors are of integers or booleans, and so constant, NumPy itself answers."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        for each in stands_for:
            composed(each)(of_floats(function, each))
        return function

    return register


def of_floats(function: Callable[..., Any], numpys: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def answer(*args: Any, **kwargs: Any) -> Any:
        if any(t.dtype.kind in "fc" for t in tensors((args, kwargs))):
            return named(numpys.__name__, function(*args, **kwargs))
        y = numpys(*raw(args), **raw(kwargs))
        return tuple(map(as_constant, y)) if isinstance(y, tuple) else as_constant(y)

    return answer


def named(function: str, y: Any) -> Any:
    """The result of a function that may be made of several operations: messages call the last of them by its name."""
    if type(y) is Tensor and y.node is not None and y.node.primitive is not None:
        if y.node.notes is NOTHING:
            y.node.notes = called(function)
        else:
            y.node.own_notes().function = function
    return y


@cache
def called(function: str) -> Notes:
    """The notes of all nodes of which no more is known than that this function made them."""
    notes = Notes(shared=True)
    notes.function = function
    return notes


def tensors(value: Any) -> Iterator[Tensor]:
    """The Tensors in nested tuples, lists and dicts."""
    if type(value) is Tensor:
        yield value
    elif isinstance(value, (tuple, list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from tensors(item)


@question
def anywhere(mask: Any) -> bool:
    """Whether it is true of any element."""
    return mask.any()


def tracked(*values: Any) -> bool:
    """Whether a gradient is asked for something in there."""
    return any(t.node is not None for t in tensors(values))


def as_array(value: Any) -> Any:
    """The value with a shape and a dtype: a Tensor as it is, lists with Tensors in them as one Tensor."""
    if type(value) is Tensor or type(value) is np.ndarray:
        return value
    return np.stack([as_array(item) for item in value]) if tracked(value) else as_operand(raw(value))


def as_inexact(a: Any) -> Any:
    """Integers and booleans as floats."""
    return a if a.dtype.kind in "fc" else a.astype(float)


def real_numbers(function: str, x: Any, name: str = "x") -> Any:
    """The argument as an array, for a function of real numbers only; refused by name if it is complex."""
    x = as_array(x)
    if x.dtype.kind == "c":
        raise TypeError(f"{function}: {name} must be real, got {x.dtype}: take np.real or np.abs of it first")
    return x


def in_shape(a: Any, shape: tuple[int, ...]) -> Any:
    """The same elements in this shape: what has it already as it is, so that nothing is recorded."""
    return a if a.shape == shape else np.reshape(a, shape)


def transposed(a: Any, axes: tuple[int, ...]) -> Any:
    """The axes in this order, likewise."""
    return a if axes == tuple(range(a.ndim)) else np.transpose(a, axes)


def in_a_row(a: Any) -> Any:
    """The elements as a vector, likewise."""
    return a if getattr(a, "ndim", 0) == 1 else np.reshape(a, -1)


def with_last(a: Any, axis: int) -> Any:
    """The axis moved to the end, likewise."""
    return a if axis in (-1, a.ndim - 1) else np.moveaxis(a, axis, -1)


def with_last_at(a: Any, axis: int) -> Any:
    """The way back from `with_last`."""
    return a if axis in (-1, a.ndim - 1) else np.moveaxis(a, -1, axis)


def conjugated(a: Any) -> Any:
    """The complex conjugate; a real array as it is."""
    return np.conjugate(a) if a.dtype.kind == "c" else a


def to_dtype(value: Any, dtype: Any) -> Any:
    """The value in this dtype. Integers have no place for values that require a gradient."""
    value = as_array(value)
    if value.dtype == dtype:
        return value
    kind = np.dtype(dtype).kind
    if tracked(value) and kind not in "fc":
        instead = "a.astype(float) of the array first" if kind in "biu" else "a list of Tensors, or one for each field"
        raise TypeError(f"values that require a gradient cannot go into {np.dtype(dtype)}: write {instead}")
    return value.astype(dtype)


WARNED: dict[str, dict[Any, Any]] = {}
"""Of each file, the warnings that were given for its lines: Python shows each of them once."""


def warn(message: str) -> None:
    """Warn as NumPy does, of the user's line."""
    path, number = origin()
    warnings.warn_explicit(message, RuntimeWarning, path, number, registry=WARNED.setdefault(path, {}))


def times(g: Any, slope: Any) -> Any:
    """``g * slope`` for rules that are not elementwise: a zero cotangent wins, where the engine asks for it."""
    return reached(g * slope, lambda: g != 0)
