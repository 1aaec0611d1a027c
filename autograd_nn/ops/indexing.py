"""Indexing of every kind: picking elements and adding into them are each other's transpose."""

from __future__ import annotations

import operator
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.batch import scattered
from autograd_nn.engine.node import Contribution, Erased
from autograd_nn.engine.questions import is_plain
from autograd_nn.engine.tensor import raw
from autograd_nn.ops.declare import as_array, composed, in_a_row, in_shape, rule, tracked
from autograd_nn.ops.domain import Domain, call


def selects_once(index: Any) -> bool:
    """Whether no element can be selected twice: slices and integers, and one mask at most."""
    masks = 0
    for part in index if type(index) is tuple else (index,):
        if is_plain(part) and part.dtype.kind == "b":
            masks += 1
        elif not (part is None or part is ... or type(part) is slice or type(part) is int):
            return False
    return masks < 2


def add_into_zeros(values: list[Any], indices: list[Any], shape: tuple[int, ...]) -> Any:
    return add_into(np.zeros(shape, values[0].dtype), values, indices)


def add_into(sums: Any, values: list[Any], indices: list[Any]) -> Any:
    for k, index in enumerate(indices):
        g = values[k]
        if selects_once(index):
            sums[index] += g
        elif sums.ndim > 1 and g.size > 1000 and sums.size < 4 * g.size:
            place = np.arange(sums.size).reshape(sums.shape)[index]
            np.add.at(sums.reshape(-1), place.reshape(-1), g.reshape(-1))  # five times as fast in one dimension
        else:
            np.add.at(sums, index, g)
    return sums


def added_up(values: list[Any], indices: list[Any], shape: tuple[int, ...], sums: Any = None) -> Any:
    """`index_add` of arrays, Tensors and batches; into sums that are there already, if they are arrays."""
    if sums is not None:
        return add_into(sums, values, indices)
    add = add_into_zeros if is_plain(values[0]) else index_add
    return scattered(add, values, indices, shape)


def picked(g: Any, index: Any, a_shape: tuple[int, ...]) -> Any:
    """The cotangent of a in ``a[index]``; of a small selection a `Contribution`, so that many are added up at once."""
    if 8 * g.size < prod(a_shape):
        return Contribution(g, index, added_up)
    return (add_into_zeros if is_plain(g) else added_up)([g], [index], a_shape)


def survives(index: Any, shape: tuple[int, ...]) -> Any:
    """Whether the value assigned at each selected place is still there: of duplicates, the last one wins."""
    place = np.empty(shape, int)
    order = np.arange(place[index].size).reshape(place[index].shape)
    place[index] = order
    return place[index] == order


def assign(a: Any, index: Any, value: Any) -> Any:
    if a.dtype.kind not in "fc":
        raise TypeError(
            f"values that require a gradient cannot be assigned into {a.dtype}: write t = t.astype(float) first"
        )
    result = a.copy()
    result[index] = value
    return result


def erased(g: Any, index: Any) -> Any:
    """The cotangent of a in ``a[index] = value``."""
    if is_plain(g):
        return Erased(g, index)
    lost = np.zeros(g.shape, bool)
    lost[index] = True
    return np.where(lost, 0, g)


def assigned(g: Any, index: Any, a_shape: tuple[int, ...], value_shape: tuple[int, ...]) -> Any:
    """The cotangent of the values in ``a[index] = value``."""
    part = g[index].copy() if is_plain(g) else g[index]
    if not selects_once(index):
        part = np.where(survives(index, a_shape), part, 0)
    return np.reshape(part, (1,) * (len(value_shape) - part.ndim) + part.shape)


ROWS, COLUMNS = np.array([0, 0, 1]), np.array([2, 2, -1])
INDICES = (
    (slice(None, None, -1), 1),
    (..., None, slice(1, 3)),
    0,
    ROWS,
    (ROWS, COLUMNS),
    (slice(None), [0, 0, 1]),
    (ROWS[:, None], COLUMNS),
    np.array([[True, False, True], [False, True, True]]),
    (np.array([True, False]), slice(0, 2)),
    np.array([], int),
)

pick = rule(
    lambda a, index: a[index],
    Domain(calls=tuple(call((2, 3), index=index) for index in INDICES)),
    operator.getitem,
    name="getitem",
    view=True,
    a=picked,
)
index_add: Any = rule(
    add_into_zeros,
    Domain(
        calls=(
            *(call(np.empty((2, 3))[index].shape, indices=[index], shape=(2, 3)) for index in INDICES),
            call((3,), (3, 1), (), indices=[0, (slice(None), [1, 1, 2], None), (1, 2)], shape=(2, 3)),
        )
    ),
    name="index_add",
    variadic=True,
    values=lambda g, i, indices: g[indices[i]],
)
setitem: Any = rule(
    assign,
    Domain(calls=tuple(call((2, 3), np.empty((2, 3))[index].shape, index=index) for index in INDICES)),
    operator.setitem,
    name="setitem",
    a=erased,
    value=assigned,
)


def windows_of(x: Any, window_shape: Any, axis: Any) -> Any:
    return np.lib.stride_tricks.sliding_window_view(x, window_shape, axis)


def of_windows(g: Any, x_shape: tuple[int, ...], window_shape: Any, axis: Any) -> Any:
    """The cotangent of an array of which there are windows: the sum over all windows that an element is in."""
    place = windows_of(np.arange(prod(x_shape)).reshape(x_shape), window_shape, axis)
    return in_shape(index_add([in_a_row(g)], [place.reshape(-1)], (prod(x_shape),)), x_shape)


window = rule(
    windows_of,
    Domain(
        calls=(
            call((5,), window_shape=3, axis=None),
            call((3, 4), window_shape=(2, 2), axis=None),
            call((2, 4), window_shape=2, axis=1),
        )
    ),
    name="sliding_window_view",
    view=True,
    x=of_windows,
)


@composed(np.lib.stride_tricks.sliding_window_view)
def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    if writeable:
        raise TypeError("numpy.lib.stride_tricks.sliding_window_view of a Tensor is read-only: leave writeable= out")
    return window(x, window_shape, axis)


@composed(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    if axis is None:
        return np.reshape(arr, -1)[raw(indices)]
    indices = raw(indices)
    axis = normalize_axis_index(axis, np.ndim(arr))
    shape = [indices.shape[k] if k == axis else size for k, size in enumerate(np.shape(arr))]
    grid = list(np.ogrid[tuple(slice(size) for size in shape)])
    grid[axis] = indices
    return arr[tuple(grid)]


@composed(np.bincount)
def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    counts = np.bincount(raw(x), minlength=raw(minlength))
    if not tracked(weights):
        return counts if weights is None else np.bincount(raw(x), raw(weights), raw(minlength))
    weights = as_array(weights)
    if weights.shape != np.shape(x):
        raise ValueError(f"numpy.bincount: weights of shape {weights.shape} for {np.shape(x)} numbers")
    return index_add([weights], [np.asarray(raw(x)).astype(int)], counts.shape)
