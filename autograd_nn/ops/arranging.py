"""Functions that only move elements: each output element is one of the inputs', or a constant.

What such a function does to the numbers 1, 2, 3, ... says which element goes where, for all of its keywords. So
one gather stands for all of them, and its pullback adds up where an element went to several places.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.registry import refuse_keyword
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import as_array, composed, inexact, rule, to_dtype, tracked
from autograd_nn.ops.domain import Domain, call
from autograd_nn.ops.indexing import index_add
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
    place = function(np.arange(1, np.size(a) + 1).reshape(np.shape(a)), *args, **kwargs)
    if (place == 0).any():
        return filled(a, place, function(raw(a), *args, **kwargs))
    return Tensor(function(a, *args, **kwargs)) if type(a) is not Tensor else np.reshape(a, -1)[place - 1]


def filled(a: Any, place: Any, constants: Any) -> Any:
    """A's elements where ``place`` says which of them, counting from 1, and the constants where it is 0."""
    if not a.size:
        return Tensor(constants)
    return np.where(place == 0, constants, np.reshape(a, -1)[np.maximum(place - 1, 0)])


def gather(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, *args, **kwargs: gathered(function, a, *args, **kwargs)


MOVES: list[Callable[..., Any]] = [
    *(np.tile, np.repeat, np.roll, np.rot90, np.delete, np.resize, np.diagonal, np.diag, np.diagflat),
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
        return np.arange(count - np.size(tree), count).reshape(np.shape(tree))

    place = function(places(arrays))
    dtype = np.result_type(*map(raw, found)) if dtype is None else dtype
    return np.concatenate([np.reshape(to_dtype(leaf, dtype), -1) for leaf in found])[place]


@composed(np.take)
def take(a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: Any = "raise") -> Any:
    refuse_keyword("numpy.take", "out", out)
    a = as_array(a)
    if axis is None or (a.ndim == 0 and axis in (0, -1)):
        a, axis = np.reshape(a, -1), 0
    before = (slice(None),) * normalize_axis_index(axis, a.ndim)
    return a[(*before, np.take(np.arange(a.shape[axis]), raw(indices), mode=mode))]


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
        arr, axis = np.reshape(arr, -1), 0
    return arranged(lambda places: np.insert(places[0], raw(obj), places[1], axis), [arr, as_array(values)], arr.dtype)


@composed(np.block)
def block(arrays: Any) -> Any:
    return arranged(np.block, arrays)


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


@composed(np.trim_zeros)
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    if trim.lower() not in ("fb", "bf", "f", "b"):
        raise ValueError(f"numpy.trim_zeros: trim must be 'f', 'b' or 'fb': got {trim!r}")
    index, found = [slice(None)] * filt.ndim, np.nonzero(raw(filt))
    for k in reduced_axes(filt.ndim, axis):
        first, last = (found[k].min(), found[k].max()) if found[k].size else (filt.shape[k], -1)
        start = int(first) if "f" in trim.lower() else 0
        index[k] = slice(start, int(last) + 1 if "b" in trim.lower() else None)
    return filt[tuple(index)]


@composed(np.bincount)
def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    counts = np.bincount(raw(x), minlength=raw(minlength))
    if not tracked(weights):
        return counts if weights is None else np.bincount(raw(x), raw(weights), raw(minlength))
    weights = as_array(weights)
    if weights.shape != np.shape(x):
        raise ValueError(f"numpy.bincount: weights of shape {weights.shape} for {np.shape(x)} numbers")
    return index_add([weights], [np.asarray(raw(x)).astype(int)], counts.shape)


@composed(np.full_like)
def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: Any = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Any:
    like = np.empty_like(raw(a), dtype, order, subok, shape, device=device)
    if not tracked(fill_value):
        return np.full_like(like, raw(fill_value))
    return np.copy(np.broadcast_to(to_dtype(fill_value, like.dtype), like.shape))


# Padding ----------------------------------------------------------------------------------------------


def inside(shape: tuple[int, ...], pad_width: Any) -> tuple[slice, ...]:
    """Where the array is in the padded one."""
    return tuple(slice(before, before + size) for size, (before, _) in zip(shape, pad_width, strict=True))


padded = rule(
    lambda array, pad_width, values: np.pad(array, pad_width, constant_values=values),
    Domain(
        calls=(
            call((2, 3), pad_width=((1, 0), (0, 2)), values=0),
            call((3,), pad_width=((2, 2),), values=1.5),
            call((0, 2), pad_width=((1, 1), (0, 0)), values=0),
        )
    ),
    name="pad",
    array=lambda g, array_shape, pad_width: g[inside(array_shape, pad_width)],
)


def pairs(value: Any, ndim: int) -> Any:
    """What numpy.pad takes for each side of each axis, from any of the forms it may have."""
    return np.broadcast_to(value, (ndim, 2)).tolist()


def widths_of(pad_width: Any, ndim: int) -> tuple[tuple[int, int], ...]:
    if isinstance(pad_width, dict):
        widths: Any = [(0, 0)] * ndim
        for axis, width in pad_width.items():
            widths[normalize_axis_index(axis, ndim)] = width if isinstance(width, tuple) else (width, width)
    else:
        widths = pairs(pad_width, ndim)
    if np.asarray(widths).dtype.kind not in "iu":
        raise TypeError(f"numpy.pad: pad_width must be of integers: got {pad_width!r}")
    return tuple((int(before), int(after)) for before, after in widths)


STATISTICS: dict[str, Callable[..., Any]] = {"maximum": np.max, "minimum": np.min, "mean": np.mean, "median": np.median}
KEYWORDS = dict.fromkeys(STATISTICS, "stat_length") | {
    **{"constant": "constant_values", "linear_ramp": "end_values", "edge": "", "wrap": ""},
    **{"reflect": "reflect_type", "symmetric": "reflect_type"},
}


@inexact(np.pad)
def pad(array: Any, pad_width: Any, mode: str = "constant", **kwargs: Any) -> Any:
    if mode not in KEYWORDS:
        raise ValueError(f"numpy.pad of a Tensor does not take mode={mode!r}: the modes are {', '.join(KEYWORDS)}")
    keyword = KEYWORDS[mode]
    if not {*kwargs} <= {keyword}:
        raise ValueError(f"numpy.pad: mode {mode!r} does not take {', '.join({*kwargs} - {keyword})}")
    if not array.ndim:
        return np.copy(array)
    value, widths = kwargs.get(keyword), widths_of(pad_width, array.ndim)
    if mode == "constant" and not tracked(value):
        return padded(array, widths, 0 if value is None else raw(value))
    if mode in ("edge", "wrap") or (keyword == "reflect_type" and value in (None, "even")):
        return gathered(np.pad, array, widths, mode)
    if keyword == "reflect_type":
        for axis, width in enumerate(widths):
            array = oddly_reflected(array, axis, width, mode == "symmetric")
        return array
    sides = of_each_side(value, array.ndim)
    for axis, (width, given) in enumerate(zip(widths, sides, strict=True)):
        if array.shape[axis] == 0 and any(width) and mode != "constant":
            raise ValueError(f"numpy.pad: can't extend the empty axis {axis} with mode {mode!r}")
        lanes = np.moveaxis(array, axis, -1)
        before = beyond(lanes, width[0], mode, given[0])
        after = beyond(lanes[..., ::-1], width[1], mode, given[1])
        array = np.moveaxis(np.concatenate([before, lanes, after[..., ::-1]], axis=-1), -1, axis)
    return array


def of_each_side(value: Any, ndim: int) -> list[list[Any]]:
    """The values for both sides of each axis, which may be Tensors; None stands for NumPy's default."""
    if value is None:
        return [[None, None]] * ndim
    if not tracked(value):
        return pairs(raw(value), ndim)
    table = np.broadcast_to(as_array(value), (ndim, 2))
    return [[table[k, 0], table[k, 1]] for k in range(ndim)]


def beyond(lanes: Any, width: int, mode: str, value: Any) -> Any:
    """What is put before the first element of each lane."""
    shape = (*lanes.shape[:-1], width)
    if mode in STATISTICS:
        part = lanes if value is None else lanes[..., :value]
        if value == 0 and mode in ("maximum", "minimum"):
            raise ValueError("numpy.pad: stat_length of 0 yields no value for padding")
        return np.broadcast_to(STATISTICS[mode](part, axis=-1, keepdims=True), shape)
    end = to_dtype(0 if value is None else value, lanes.dtype)
    if mode == "constant":
        return np.broadcast_to(end, shape)
    t = (np.arange(width) / max(width, 1)).astype(lanes.dtype)
    return end * (1 - t) + lanes[..., :1] * t


def oddly_reflected(a: Any, axis: int, width: tuple[int, int], with_edge: bool) -> Any:
    """Reflected through the point at its edge: twice the edge minus the mirror image, until the width is reached."""
    a = np.moveaxis(a, axis, -1)
    size, off = a.shape[-1], 0 if with_edge else 1
    if any(width) and size == 0:
        raise ValueError(f"numpy.pad: can't extend the empty axis {axis} by reflection")
    if size == 1:
        edge = np.moveaxis(a, -1, axis)
        return gathered(np.pad, edge, [width if k == axis else (0, 0) for k in range(a.ndim)], "edge")
    before, after = width
    while before or after:
        n = a.shape[-1]
        period = (n - off) // (size - off) * (size - off)  # whole copies of the original
        left, right = min(before, period), min(after, period)
        first, last = a[..., :1], a[..., -1:]
        head, tail = a[..., off : off + left], a[..., n - off - right : n - off]
        a = np.concatenate([2 * first - head[..., ::-1], a, 2 * last - tail[..., ::-1]], axis=-1)
        before, after = before - left, after - right
    return np.moveaxis(a, -1, axis)


@composed(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype, out=out)


# Joining and splitting --------------------------------------------------------------------------------


@composed(np.atleast_1d)
def atleast_1d(*arys: Any) -> Any:
    return each(arys, lambda a: a if a.ndim else np.reshape(a, (1,)))


@composed(np.atleast_2d)
def atleast_2d(*arys: Any) -> Any:
    return each(arys, lambda a: a if a.ndim >= 2 else np.reshape(a, (1, a.size)))


@composed(np.atleast_3d)
def atleast_3d(*arys: Any) -> Any:
    return each(arys, lambda a: np.reshape(a, np.atleast_3d(np.empty(a.shape)).shape))


def each(arys: tuple[Any, ...], f: Callable[[Any], Any]) -> Any:
    arrays = tuple(f(as_array(a)) for a in arys)
    return arrays[0] if len(arrays) == 1 else arrays


@composed(np.vstack)
def vstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    return np.concatenate([np.atleast_2d(a) for a in tup], dtype=dtype, casting=casting)


@composed(np.hstack)
def hstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    arrays = [np.atleast_1d(a) for a in tup]
    return np.concatenate(arrays, axis=0 if arrays[0].ndim == 1 else 1, dtype=dtype, casting=casting)


@composed(np.dstack)
def dstack(tup: Any) -> Any:
    return np.concatenate([np.atleast_3d(a) for a in tup], axis=2)


@composed(np.column_stack)
def column_stack(tup: Any) -> Any:
    return np.concatenate([a if np.ndim(a) > 1 else np.reshape(a, (-1, 1)) for a in tup], axis=1)


@composed(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    return np.concatenate([arr, values], axis=axis)


@composed(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(np.broadcast_to(a, shape) for a in args)


@composed(np.meshgrid)
def meshgrid(*xi: Any, indexing: Any = "xy", sparse: bool = False, copy: bool = True) -> Any:
    shapes = [grid.shape for grid in np.meshgrid(*[np.asarray(raw(x)) for x in xi], indexing=indexing, sparse=True)]
    grids = [np.reshape(x, shape) for x, shape in zip(xi, shapes, strict=True)]
    return tuple(grids) if sparse else np.broadcast_arrays(*grids)


def split_as(function: Callable[..., Any], ary: Any, sections: Any, axis: int) -> list[Any]:
    """The slices of ``ary`` along the axis that the function makes of its places."""
    axis = normalize_axis_index(axis, ary.ndim)
    parts = function(np.arange(ary.shape[axis]), sections)
    bounds = [(part[0], part[0] + len(part)) if len(part) else (0, 0) for part in parts]
    return [ary[(slice(None),) * axis + (slice(int(start), int(stop)),)] for start, stop in bounds]


@composed(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    return split_as(np.split, ary, indices_or_sections, axis)


@composed(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    return split_as(np.array_split, ary, indices_or_sections, axis)


@composed(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    return split(ary, indices_or_sections, axis=min(1, ary.ndim - 1))


@composed(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    return split(ary, indices_or_sections)


@composed(np.dsplit)
def dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    return split(ary, indices_or_sections, axis=2)
