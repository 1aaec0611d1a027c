"""Functions that only move elements: each output element is one of the inputs', or a constant.

What such a function does to the numbers 1, 2, 3, ... says which element goes where, for all of its keywords. So
one gather stands for all of them, and its pullback adds up where an element went to several places.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine import fast
from autograd_nn.engine.registry import refuse_keyword
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import anywhere, as_array, composed, in_a_row, inexact, to_dtype, tracked
from autograd_nn.ops.reductions import reduced_axes


def gathered(function: Callable[..., Any], a: Any, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """``function(a, ...)``: a gather of a's elements, and constants where there is none of them."""
    refuse_keyword(f"numpy.{function.__name__}", "out", out)
    if tracked(args, kwargs):
        raise TypeError(
            f"numpy.{function.__name__} has no gradient for its parameters, only for the array: write t.detach(), "
            f"or build the result with np.concatenate or np.where"
        )
    args, kwargs = raw(args), raw(kwargs)
    place = function(numbered(a, 1), *args, **kwargs)
    if (place == 0).any():
        return filled(a, place, function(raw(a), *args, **kwargs))
    return Tensor(function(a, *args, **kwargs)) if type(a) is not Tensor else in_a_row(a)[place - 1]


def numbered(a: Any, first: int) -> Any:
    """The numbers of the elements, in the layout of the array, which what is made of it may have as well."""
    places = fast.numbered(np.asarray(raw(a)), first)
    return places if type(a) is not Tensor or not a.number else places[()]


def filled(a: Any, place: Any, constants: Any) -> Any:
    """A's elements where ``place`` says which of them, counting from 1, and the constants where it is 0."""
    if not a.size:
        return Tensor(constants)
    return np.where(place == 0, constants, in_a_row(a)[np.maximum(place - 1, 0)])


def gather(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, *args, **kwargs: gathered(function, a, *args, **kwargs)


MOVES: list[Callable[..., Any]] = [
    *(np.tile, np.repeat, np.roll, np.delete, np.resize, np.diagflat),
]


for function in MOVES:
    composed(function)(gather(function))


def arranged(function: Callable[..., Any], arrays: Any, dtype: Any = None) -> Any:
    """``function(arrays)``, which only moves elements of nested lists of arrays: a gather from all of them."""
    found: list[Any] = []
    count = 0

    def places(tree: Any) -> Any:
        nonlocal count
        if isinstance(tree, list):
            return [places(branch) for branch in tree]
        found.append(tree)
        count += np.size(tree)
        return numbered(tree, count - np.size(tree))

    place = function(places(arrays))
    dtype = np.result_type(*map(raw, found)) if dtype is None else dtype
    return np.concatenate([in_a_row(to_dtype(leaf, dtype)) for leaf in found])[place]


@composed(np.take)
def take(a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: Any = "raise") -> Any:
    refuse_keyword("numpy.take", "out", out)
    a = as_array(a)
    if axis is None or (a.ndim == 0 and axis in (0, -1)):
        a, axis = in_a_row(a), 0
    before = (slice(None),) * normalize_axis_index(axis, a.ndim)
    places = np.take(np.arange(a.shape[axis]), raw(indices), mode=mode)
    taken = a[(*before, np.asarray(places))]  # of a number too, for then it is a copy
    return np.copy(taken, "C") if before and not raw(taken).flags.c_contiguous else taken


@composed(np.compress)
def compress(condition: Any, a: Any, axis: int | None = None, out: Any = None) -> Any:
    return take(a, np.nonzero(np.asarray(raw(condition)))[0], axis, out)


@composed(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    return np.reshape(arr, -1)[np.nonzero(np.ravel(raw(condition)))[0]]


@composed(np.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: Any = "raise") -> Any:
    refuse_keyword("numpy.choose", "out", out)
    return arranged(lambda places: np.choose(raw(a), places, mode=mode), list(choices))


@composed(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    def chosen(places: Any) -> Any:
        return np.select(raw(condlist), places[:-1], places[-1])

    return arranged(chosen, [*choicelist, default])


@composed(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    arr = as_array(arr)
    if axis is None:
        arr, axis = in_a_row(arr), 0
    return arranged(lambda places: np.insert(places[0], raw(obj), places[1], axis), [arr, as_array(values)], arr.dtype)


@composed(np.block)
def block(arrays: Any) -> Any:
    return arranged(np.block, arrays)


@composed(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    return gathered(np.diag, v, k) if v.ndim == 1 else np.diagonal(v, k)


@composed(np.rot90)
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    np.rot90(np.empty(m.shape), k, axes)  # the axes must be right
    first, second = axes
    turned = np.swapaxes(m, first, second) if k % 2 else m[...]
    return flip(turned, {0: (), 1: first, 2: (first, second), 3: second}[k % 4])


@composed(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    over = reduced_axes(m.ndim, axis)
    return m[tuple(slice(None, None, -1) if k in over else slice(None) for k in range(m.ndim))]


@composed(np.fliplr)
def fliplr(m: Any) -> Any:
    return flip(m, 1)


@composed(np.flipud)
def flipud(m: Any) -> Any:
    return flip(m, 0)


def lower(m: Any, k: int) -> Any:
    """Where the lower triangle is; a vector stands for as many rows as it has elements."""
    rows, columns = (*m.shape, *m.shape)[-2:]
    return np.tri(rows, columns, k, dtype=bool)


@inexact(np.tril)
def tril(m: Any, k: int = 0) -> Any:
    return np.where(lower(m, k), m, 0)


@inexact(np.triu)
def triu(m: Any, k: int = 0) -> Any:
    return np.where(lower(m, k - 1), 0, m)


def leading_zeros(a: Any) -> int:
    """How many of its first elements, or slices, are 0; found by halving, so that few questions are asked."""
    return bisect_left(range(1, a.shape[0] + 1), True, key=lambda n: anywhere(a[:n] != 0))


@composed(np.trim_zeros)
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    if trim.lower() not in ("fb", "bf", "f", "b"):
        raise ValueError(f"numpy.trim_zeros: trim must be 'f', 'b' or 'fb': got {trim!r}")
    index = [slice(None)] * filt.ndim
    for k in reduced_axes(filt.ndim, axis):
        slices = np.moveaxis(raw(filt), k, 0)
        start = leading_zeros(slices) if "f" in trim.lower() else 0
        stop = filt.shape[k] - (leading_zeros(slices[::-1]) if "b" in trim.lower() else 0)
        index[k] = slice(start, stop)
    return filt[tuple(index)]


@composed(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype, out=out)
