"""Functions that only move elements: each output element is one of the input's, or a constant.

What such a function does to the numbers 1, 2, 3, ... says which element goes where, for all of its keywords. So
one gather stands for all of them, and its pullback adds up where an element went to several places.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.core import Tensor, raw
from autograd_nn.ops.rule import composed


def gathered(function: Callable[..., Any], a: Any, *args: Any, **kwargs: Any) -> Any:
    """``function(a, ...)``: a gather of a's elements, and constants where there is none of them."""
    for given in (*args, *kwargs.values()):
        if type(given) is Tensor and given.node is not None:
            raise TypeError(
                f"numpy.{function.__name__} has no gradient for its parameters, only for the array: write t.detach(), "
                f"or build the result with np.concatenate or np.where"
            )
    args, kwargs = raw(args), raw(kwargs)
    place = function(np.arange(1, a.size + 1).reshape(a.shape), *args, **kwargs)
    return filled(a, place, function(raw(a), *args, **kwargs)) if (place == 0).any() else np.ravel(a)[place - 1]


def filled(a: Any, place: Any, constants: Any) -> Any:
    """A's elements where ``place`` says which of them, counting from 1, and the constants where it is 0."""
    if not a.size:
        return Tensor(constants)
    return np.where(place == 0, constants, np.ravel(a)[np.maximum(place - 1, 0)])


def gather(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, *args, **kwargs: gathered(function, a, *args, **kwargs)


MOVES: list[Callable[..., Any]] = [
    *(np.tile, np.repeat, np.roll, np.rot90, np.flip, np.fliplr, np.flipud, np.take, np.delete, np.resize),
    *(np.diagonal, np.diag, np.diagflat, np.tril, np.triu),
]
for function in MOVES:
    composed(function)(gather(function))


@composed(np.compress)
def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    return gathered(lambda a, axis: np.compress(condition, a, axis), a, axis)


@composed(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    return np.ravel(arr)[np.ravel(condition).astype(bool)]


@composed(np.pad)
def pad(array: Any, pad_width: Any, mode: str = "constant", **kwargs: Any) -> Any:
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap") or kwargs.get("reflect_type") == "odd":
        raise TypeError(
            f"numpy.pad of a Tensor does not take mode={mode!r}{' with reflect_type' * ('reflect_type' in kwargs)}: "
            f"constant, edge, reflect, symmetric and wrap move elements; write another with np.concatenate"
        )
    if mode == "constant":  # the places of constants are 0, whatever they are
        widths = np.pad(np.ones(array.shape, bool), pad_width)
        place = np.cumsum(widths).reshape(widths.shape) * widths
        return filled(array, place, np.pad(raw(array), pad_width, **raw(kwargs)))
    return gathered(np.pad, array, pad_width, mode, **kwargs)


@composed(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


# Joining and splitting --------------------------------------------------------------------------------


@composed(np.atleast_1d)
def atleast_1d(*arys: Any) -> Any:
    return each(arys, lambda a: a if np.ndim(a) else np.reshape(a, (1,)))


@composed(np.atleast_2d)
def atleast_2d(*arys: Any) -> Any:
    return each(arys, lambda a: a if np.ndim(a) >= 2 else np.reshape(a, (1, np.size(a))))


@composed(np.atleast_3d)
def atleast_3d(*arys: Any) -> Any:
    return each(arys, lambda a: np.reshape(a, np.atleast_3d(np.empty(np.shape(a))).shape))


def each(arys: tuple[Any, ...], f: Callable[[Any], Any]) -> Any:
    return f(arys[0]) if len(arys) == 1 else tuple(map(f, arys))


@composed(np.vstack)
def vstack(tup: Any) -> Any:
    return np.concatenate([np.atleast_2d(a) for a in tup])


@composed(np.hstack)
def hstack(tup: Any) -> Any:
    arrays = [np.atleast_1d(a) for a in tup]
    return np.concatenate(arrays, axis=0 if arrays[0].ndim == 1 else 1)


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
def broadcast_arrays(*args: Any) -> Any:
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
