"""Primitives that move values without changing them. Most pullbacks are a reshape back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.questions import as_operand
from autograd_nn.engine.tensor import raw, tensor
from autograd_nn.ops.declare import as_array, composed, rule, to_dtype, tracked
from autograd_nn.ops.domain import Domain, call


def reshape_value(a: Any, shape: Any) -> Any:
    return as_operand(a).reshape(shape)


def transpose_value(a: Any, axes: Any = None) -> Any:
    return np.transpose(a, axes)


def inverse(axes: Any) -> Any:
    return None if axes is None else np.argsort(np.asarray(axes).reshape(-1) % np.size(axes))


reshaped = rule(
    reshape_value,
    Domain(
        calls=(call((2, 3), shape=(3, 2)), call((2, 3), shape=-1), call((), shape=(1, 1)), call((0, 3), shape=(3, 0)))
    ),
    name="reshape",
    view=True,
    a=lambda g, a_shape: np.reshape(g, a_shape),
)


@composed(np.reshape)
def reshape(a: Any, shape: Any, order: Any = "C", *, copy: bool | None = None) -> Any:
    if copy is False:
        np.reshape(raw(a), shape, order=order, copy=False)  # raises where it must copy
    if order == "C":
        y = reshaped(a, shape)
    elif order == "F":
        y = np.transpose(reshaped(np.transpose(a), shape if np.ndim(shape) == 0 else shape[::-1]))
    else:
        raise ValueError(
            f"numpy.reshape of a Tensor takes order 'C' or 'F', whatever its layout in memory: got {order!r}"
        )
    return np.copy(y) if copy else y


transpose = rule(
    transpose_value,
    Domain(
        calls=(
            call((2, 3), axes=None),
            call((2, 3, 1), axes=(1, -1, 0)),
            call((3,), axes=0),
            call((), axes=None),
            call((0, 3), axes=(1, 0)),
        )
    ),
    np.transpose,
    np.permute_dims,
    name="transpose",
    view=True,
    a=lambda g, axes: np.transpose(g, inverse(axes)),
)
expand_dims = rule(
    lambda a, axis: np.expand_dims(a, axis),
    Domain(calls=(call((2, 3), axis=1), call((3,), axis=(0, -1)), call((), axis=0), call((0,), axis=0))),
    np.expand_dims,
    name="expand_dims",
    view=True,
    a=lambda g, a_shape: np.reshape(g, a_shape),
)
squeeze = rule(
    lambda a, axis=None: np.squeeze(a, axis),
    Domain(calls=(call((1, 3, 1), axis=None), call((1, 3, 1), axis=-1), call((1, 0), axis=0), call((), axis=None))),
    np.squeeze,
    name="squeeze",
    view=True,
    a=lambda g, a_shape: np.reshape(g, a_shape),
)
# the engine sums over the axes that were broadcast
broadcast_to = rule(
    lambda array, shape: np.broadcast_to(array, shape),
    Domain(
        calls=(
            call((3,), shape=(2, 3)),
            call((2, 1), shape=(4, 2, 3)),
            call((), shape=(2, 2)),
            call((1, 3), shape=(0, 3)),
        )
    ),
    np.broadcast_to,
    name="broadcast_to",
    view=True,
    array=lambda g: g,
)


# Diagonals --------------------------------------------------------------------------------------------


def diagonal_value(a: Any, offset: int, axis1: int, axis2: int, writeable: bool) -> Any:
    y = np.diagonal(a, offset, axis1, axis2)
    if writeable and a.flags.writeable:
        y.flags.writeable = True
    return y


def on_diagonal_value(v: Any, shape: tuple[int, ...], offset: int, axis1: int, axis2: int) -> Any:
    result = np.zeros(shape, v.dtype)
    diagonal_value(result, offset, axis1, axis2, True)[...] = v
    return result


DIAGONALS = ((2, 3), 0, 0, 1), ((3, 3), -1, 0, 1), ((3, 2, 3), 1, 2, 0), ((2, 3), 5, 0, 1), ((0, 3), 0, 0, 1)

on_diagonal = rule(
    on_diagonal_value,
    Domain(
        calls=tuple(
            call(np.diagonal(np.empty(shape), k, p, q).shape, shape=shape, offset=k, axis1=p, axis2=q)
            for shape, k, p, q in DIAGONALS
        )
    ),
    name="on_diagonal",
    v=lambda g, offset, axis1, axis2: np.diagonal(g, offset, axis1, axis2),
)
diagonal_view = rule(
    diagonal_value,
    Domain(calls=tuple(call(shape, offset=k, axis1=p, axis2=q, writeable=k > 0) for shape, k, p, q in DIAGONALS)),
    name="diagonal",
    view=True,
    a=lambda g, a_shape, offset, axis1, axis2: on_diagonal(g, a_shape, offset, axis1, axis2),
)


@composed(np.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """`numpy.diagonal`, which cannot be written into."""
    return diagonal_view(a, offset, axis1, axis2, False)


in_one_row = rule(
    lambda a, order: np.ravel(a, order),
    Domain(calls=(call((2, 3), order="C"), call((2, 3), order="F"), call((), order="C"), call((0, 3), order="F"))),
    name="ravel",
    view=True,
    a=lambda g, a_shape, order: np.reshape(g, a_shape, order=order),
)


@composed(np.ravel)
def ravel(a: Any, order: Any = "C") -> Any:
    """`numpy.ravel`: a view where the elements stand in this order, as with NumPy; `reshape` finds more views."""
    return in_one_row(a, order) if order in ("C", "F") else np.reshape(a, -1, order=order)


@composed(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    axes = list(range(np.ndim(a)))
    first, second = normalize_axis_index(axis1, len(axes), "axis1"), normalize_axis_index(axis2, len(axes), "axis2")
    axes[first], axes[second] = second, first
    return np.transpose(a, tuple(axes))


@composed(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    marked = np.moveaxis(np.empty(range(1, np.ndim(a) + 1)), source, destination)  # sides 1, 2, ... tell the axes
    return np.transpose(a, tuple(side - 1 for side in marked.shape))


@composed(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    marked = np.rollaxis(np.empty(range(1, np.ndim(a) + 1)), axis, start)
    return np.transpose(a, tuple(side - 1 for side in marked.shape))


@composed(np.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    return np.swapaxes(x, -1, -2)


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


@composed(np.broadcast_arrays, arrays=None)
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    shape = np.broadcast_shapes(*map(np.shape, args))
    if all(np.shape(a) == shape for a in args):  # as they are, which can be changed
        return tuple(map(as_array, args))
    return tuple(np.broadcast_to(a, shape) for a in args)


@composed(np.meshgrid, arrays=None)
def meshgrid(*xi: Any, indexing: Any = "xy", sparse: bool = False, copy: bool = True) -> Any:
    shapes = [grid.shape for grid in np.meshgrid(*[np.asarray(raw(x)) for x in xi], indexing=indexing, sparse=True)]
    grids = tuple(np.reshape(x, shape) for x, shape in zip(xi, shapes, strict=True))
    grids = grids if sparse else np.broadcast_arrays(*grids)
    return tuple(np.copy(grid, "C") for grid in grids) if copy else grids


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
        return tensor(np.full_like(like, raw(fill_value)))
    filled = tensor(like)
    filled[...] = to_dtype(fill_value, like.dtype)
    return filled


# Functions of the user's, slice by slice --------------------------------------------------------------


@composed(np.apply_along_axis)
def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    rows = np.moveaxis(arr, axis, -1)
    kept = rows.shape[:-1]
    if 0 in kept:
        raise ValueError("numpy.apply_along_axis cannot be applied when any of the other axes has size 0")
    results = np.stack([func1d(rows[place], *args, **kwargs) for place in np.ndindex(kept)])
    made = results.ndim - 1
    results = np.reshape(results, kept + results.shape[1:])
    start = axis % arr.ndim
    return np.moveaxis(results, range(results.ndim - made, results.ndim), range(start, start + made))


@composed(np.apply_over_axes)
def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    for axis in np.atleast_1d(axes).tolist():
        y = func(a, axis)
        a = y if np.ndim(y) == np.ndim(a) else np.expand_dims(y, axis)
    return a
