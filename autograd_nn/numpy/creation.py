"""The functions that make arrays of what they are given, and the names that are not functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from itertools import islice
from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.numpy.doors import as_tensors, holds
from autograd_nn.ops.declare import as_array, to_dtype, tracked

__all__ = [
    "array",
    "asanyarray",
    "asarray",
    "ascontiguousarray",
    "asfortranarray",
    "c_",
    "fromiter",
    "full",
    "full_like",
    "isscalar",
    "mgrid",
    "ndarray",
    "ndenumerate",
    "nditer",
    "ogrid",
    "r_",
]


def converted(value: Any, dtype: Any, copy: bool | None, order: Any = None) -> Any:
    """A Tensor, or a list that holds recorded ones, in a dtype and layout; the Tensor itself if it may be."""
    t = as_array(value)
    if t is not value:  # a stack, which is new
        copy, order = None, "F" if order == "F" else "C"
    same = dtype is None or t.dtype == dtype
    laid_out = np.asarray(raw(t), order=order) is raw(t) and not t.number  # of a number NumPy makes an array
    if copy is False and not (same and laid_out):
        raise ValueError(f"copy=False: {t.dtype} as {np.dtype(dtype or t.dtype)}, order {order or 'K'}, needs a copy")
    if not same:
        t = to_dtype(t, dtype)
    return t if laid_out and not (copy and same) else np.copy(t, order or "K")


def recorded(value: Any) -> bool:
    return type(value) is Tensor or tracked(value)


@wraps(np.array)
def array(
    object: Any, dtype: Any = None, *, copy: bool | None = True, order: Any = "K", ndmin: int = 0, **keywords: Any
) -> Any:
    if not recorded(object):
        return as_tensors(np.array(raw(object), dtype, copy=copy, order=order, ndmin=ndmin, **keywords))
    t = converted(object, dtype, copy, order)
    return t if t.ndim >= ndmin else t.reshape((1,) * (ndmin - t.ndim) + t.shape)


def door_of(function: Callable[..., Any], layout: Any = None) -> Callable[..., Any]:
    """For asarray and its kin: what is an array already, a Tensor or a plain one, is not made anew."""

    @wraps(function)
    def call(a: Any, dtype: Any = None, order: Any = None, *, copy: bool | None = None, **keywords: Any) -> Any:
        if recorded(a):
            made = converted(a, dtype, copy, layout or order)
            return made if made.ndim or layout is None else made.reshape(1)
        if order is not None:
            keywords["order"] = order
        if copy is not None:
            keywords["copy"] = copy
        made = function(raw(a), dtype, **keywords)
        return made if made is a else as_tensors(made)

    return call


asarray, asanyarray = door_of(np.asarray), door_of(np.asanyarray)
ascontiguousarray, asfortranarray = door_of(np.ascontiguousarray, "C"), door_of(np.asfortranarray, "F")


@wraps(np.full)
def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", **keywords: Any) -> Any:
    shape, fill_value = raw(shape), asarray(fill_value) if recorded(fill_value) else fill_value
    if not tracked(fill_value):
        return as_tensors(np.full(shape, raw(fill_value), dtype, order, **keywords))
    return np.broadcast_to(array(fill_value, dtype), shape).copy(order)


@wraps(np.full_like)
def full_like(a: Any, fill_value: Any, *args: Any, **keywords: Any) -> Any:
    like = as_tensors(np.empty_like(raw(a), *raw(args), **raw(keywords)))
    like[...] = asarray(fill_value, like.dtype) if recorded(fill_value) else fill_value
    return like


@wraps(np.fromiter)
def fromiter(iter: Iterable[Any], dtype: Any, count: int = -1, **keywords: Any) -> Any:
    items = list(iter if count < 0 else islice(iter, count))
    return array(items, dtype) if tracked(items) else as_tensors(np.fromiter(raw(items), dtype, count, **keywords))


@wraps(np.isscalar)
def isscalar(element: Any) -> bool:
    return element.number if type(element) is Tensor else np.isscalar(element)


class Arrays(type):
    """The type of `ndarray`, for which Tensors count as arrays, but for those that NumPy has as numbers."""

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, np.ndarray) or (type(value) is Tensor and not value.number)


class ndarray(np.ndarray, metaclass=Arrays):  # noqa: N801
    """For ``isinstance(x, np.ndarray)``, which holds of Tensors too."""

    def __new__(cls, *args: Any, **keywords: Any) -> Any:
        return as_tensors(np.ndarray(*args, **keywords))


@wraps(np.ndenumerate, updated=())
def ndenumerate(arr: Any) -> Any:
    if not recorded(arr):
        return np.ndenumerate(arr)
    t = as_array(arr)
    return ((index, t[index]) for index in np.ndindex(t.shape))


@wraps(np.nditer, updated=())
def nditer(op: Any, flags: Any = None, op_flags: Any = None, *args: Any, **keywords: Any) -> Any:
    operands = op if isinstance(op, (list, tuple)) else (op,)
    if tracked(operands) or (op_flags is not None and holds(operands, (Tensor,))):
        raise TypeError(
            "numpy.nditer reads and writes memory, past what a Tensor t records: write `for v in t.flat`, "
            "or t[i] and t[i] = v for i in np.ndindex(t.shape)"
        )
    return np.nditer(raw(op), flags, op_flags, *args, **keywords)


class Indexed:
    """An object of NumPy's that makes arrays when it is indexed."""

    def __init__(self, numpys: Any, axis: int = 0, upright: bool = False) -> None:
        self.numpys = numpys
        self.axis = axis
        self.upright = upright

    def __getitem__(self, key: Any) -> Any:
        if not tracked(key):
            made = self.numpys[raw(key)]
            return (
                made
                if holds(as_tuple(key), (np.ndarray,)) and not holds(as_tuple(key), (Tensor,))
                else as_tensors(made)
            )
        if str in map(type, as_tuple(key)):
            raise TypeError(f"a string in the brackets of r_ or c_, with Tensors: got {key[0]!r}; write np.concatenate")
        parts = [as_array(self.numpys[item] if type(item) is slice else item) for item in as_tuple(key)]
        if self.upright:
            parts = [part if part.ndim > 1 else part.reshape(-1, 1) for part in parts]
        return np.concatenate([np.atleast_1d(part) for part in parts], self.axis)


def as_tuple(key: Any) -> tuple[Any, ...]:
    return key if type(key) is tuple else (key,)


r_, c_ = Indexed(np.r_), Indexed(np.c_, axis=-1, upright=True)
mgrid, ogrid = Indexed(np.mgrid), Indexed(np.ogrid)
