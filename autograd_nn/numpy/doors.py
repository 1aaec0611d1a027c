"""Doors: NumPy's functions as they are in `autograd_nn.numpy`.

NumPy asks Tensors themselves what a function is on them, but does not look for them in lists, and what it makes are
arrays, which cannot hold values that are recorded later. A door mends both: lists that hold Tensors are one Tensor, and
what comes out is a Tensor where Tensors went in, or where it was made of no array at all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

import numpy as np

from autograd_nn.engine.registry import home
from autograd_nn.engine.tensor import Tensor, as_constant, raw
from autograd_nn.ops.declare import as_array, tracked

__all__ = ["as_tensors", "door", "holds", "names_of"]

TAKE_SEQUENCES = {
    *("choose", "column_stack", "concat", "concatenate", "dstack", "histogramdd", "hstack", "lexsort"),
    *("multi_dot", "piecewise", "ravel_multi_index", "row_stack", "select", "stack", "vstack"),
}
"""Functions of a sequence of arrays: it is not one Tensor, but each of its items may be."""

MAKE_ARRAYS = {
    *("copy", "diag", "diagflat", "empty_like", "full_like", "meshgrid", "ones_like", "vander", "zeros_like"),
}
"""Functions that make an array of their own, whatever goes in."""

ABOUT_ITSELF = ("__all__", "__array_api_version__", "__array_namespace_info__", "__version__")

SEQUENCES = (list, tuple)
TENSORS = (Tensor,)
ARRAYS = (np.ndarray, np.generic)


def holds(values: Any, kinds: tuple[type, ...]) -> bool:
    """Whether there is one of these kinds in the list or tuple, or in those that it holds."""
    for value in values:
        if type(value) in SEQUENCES:
            if holds(value, kinds):
                return True
        elif isinstance(value, kinds):
            return True
    return False


def stacked(value: Any) -> Any:
    """A list that holds Tensors as one Tensor; of constants alone, as arrays."""
    if type(value) not in SEQUENCES or not holds(value, TENSORS):
        return value
    return as_array(value) if tracked(value) else raw(value)


def each_stacked(value: Any) -> Any:
    return type(value)(map(stacked, value)) if type(value) in SEQUENCES else value


def as_it_is(value: Any) -> Any:
    """Lists in lists, which np.block takes apart by itself."""
    return value


def as_tensors(value: Any, scalars: bool = False) -> Any:
    """Arrays of numbers as constant Tensors, in tuples and lists too."""
    if type(value) is np.ndarray or (scalars and isinstance(value, np.generic)):
        return as_constant(value) if value.dtype.kind in "biufc" else value
    if type(value) in SEQUENCES:
        return type(value)(as_tensors(item, scalars) for item in value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(as_tensors(item, scalars) for item in value))
    return value


def door(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's function for arguments that are Tensors, or lists that hold them."""
    name = function.__name__
    seen = as_it_is if name == "block" else each_stacked if name in TAKE_SEQUENCES else stacked
    makes = name in MAKE_ARRAYS

    def call(*args: Any, **kwargs: Any) -> Any:
        given, keywords = args, kwargs
        for value in args:
            if type(value) in SEQUENCES:
                given = tuple(map(seen, args))
                break
        if kwargs:
            keywords = {key: value if key == "out" else seen(value) for key, value in kwargs.items()}
        y = function(*given, **keywords)
        if type(y) is Tensor:
            return y
        everything = (*args, *kwargs.values())
        if holds(everything, TENSORS):
            return as_tensors(y, scalars=True)
        return as_tensors(y) if makes or not holds(everything, ARRAYS) else y

    answer = wraps(function, assigned=("__name__", "__doc__"), updated=())(call)
    answer.__qualname__, answer.__module__ = name, home(function)
    answer.numpys = function  # type: ignore[attr-defined]
    if isinstance(function, np.ufunc):
        for attribute in dir(function):
            if not attribute.startswith("_"):
                value = getattr(function, attribute)
                setattr(answer, attribute, door(value) if callable(value) else value)
    return answer


def names_of(module: Callable[[], ModuleType], namespace: dict[str, Any]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a module that stands for one of NumPy's: a door is made when it is first asked for."""

    def look_up(name: str) -> Any:
        if name.startswith("__") and name not in ABOUT_ITSELF:
            raise AttributeError(f"module {namespace['__name__']!r} has no attribute {name!r}")
        value = getattr(module(), name)
        if callable(value) and not isinstance(value, type) and hasattr(value, "__name__"):
            value = door(value)
        namespace[name] = value
        return value

    return look_up
