"""Reductions: sum, mean, prod, max, min. ``where``, ``initial`` and ``dtype`` are compositions around them."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_nn.core import Tensor, refuse_keyword
from autograd_nn.domains import REDUCTION, Domain, call, ties
from autograd_nn.kernels import repeated, sum_of_columns
from autograd_nn.ops.rule import composed, rule, times

Axis = int | tuple[int, ...] | None


def reduced(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """The shape after a reduction with keepdims."""
    over = reduced_axes(len(shape), axis)
    return tuple(1 if k in over else size for k, size in enumerate(shape))


def reduced_axes(ndim: int, axis: Axis) -> tuple[int, ...]:
    """The axes that a reduction runs over, none of them negative; AxisError if there is no such axis."""
    return tuple(range(ndim)) if axis is None else normalize_axis_tuple(axis, ndim)


def rows_of(a: Any, axis: Axis) -> Any:
    """A with the axes that ``axis`` names as one, the last."""
    over = reduced_axes(a.ndim, axis)
    moved = np.transpose(a, (*(k for k in range(a.ndim) if k not in over), *over))
    kept = moved.shape[: a.ndim - len(over)]
    return np.reshape(moved, (*kept, prod(moved.shape[len(kept) :])))


def from_rows(rows: Any, shape: tuple[int, ...], axis: Axis) -> Any:
    """The way back from `rows_of`."""
    over = reduced_axes(len(shape), axis)
    order = (*(k for k in range(len(shape)) if k not in over), *over)
    return np.transpose(np.reshape(rows, [shape[k] for k in order]), np.argsort(order))


def summed(g: Any, axis: Axis) -> Any:
    """A sum with keepdims, fast for the rows of a matrix."""
    if type(g) is np.ndarray and g.ndim == 2 and axis in (-1, 1):
        return sum_of_columns(g)[:, None]
    return np.sum(g, axis=axis, keepdims=True)


def widened(v: Any, shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Any:
    """What was reduced from ``shape``, ready to broadcast against it."""
    return v if keepdims or (axis is None and not v.ndim) else np.reshape(v, reduced(shape, axis))


def spread(g: Any, a_shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Any:
    """The cotangent of a sum: to every element the cotangent of the sum it is in."""
    if axis is None and not keepdims and (type(g) is np.ndarray or isinstance(g, np.generic)):
        return repeated(g, a_shape)
    return np.broadcast_to(widened(g, a_shape, axis, keepdims), a_shape)


def share(g: Any, a: Any, y: Any, axis: Axis, keepdims: bool) -> Any:
    """The cotangent of an extremum, shared evenly among the elements that attain it; nan if it is nan."""
    attained = a == widened(y, a.shape, axis, keepdims)
    return times(widened(g, a.shape, axis, keepdims), attained / attained.sum(axis=axis, keepdims=True))


total = rule(
    lambda a, axis, keepdims: np.add.reduce(a, axis=axis, keepdims=keepdims),
    Domain(calls=(*REDUCTION, call((0,), axis=None, keepdims=False))),
    name="sum",
    a=spread,
)
average = rule(
    lambda a, axis, keepdims: np.mean(a, axis=axis, keepdims=keepdims),
    Domain(calls=REDUCTION),
    name="mean",
    a=lambda g, a_shape, axis, keepdims: spread(
        g * (prod(reduced(a_shape, axis)) / max(prod(a_shape), 1)), a_shape, axis, keepdims
    ),
)
largest = rule(
    lambda a, axis, keepdims: np.maximum.reduce(a, axis=axis, keepdims=keepdims),
    Domain(calls=REDUCTION, kink=ties),
    name="max",
    a=share,
)
smallest = rule(
    lambda a, axis, keepdims: np.minimum.reduce(a, axis=axis, keepdims=keepdims),
    Domain(calls=REDUCTION, kink=ties),
    name="min",
    a=share,
)


def product_of_others(a: Any, y: Any, axis: Axis, keepdims: bool) -> Any:
    """For each element the product of all others; where it is safe, by division."""
    if divisible(a, y):
        return widened(y, a.shape, axis, keepdims) / a
    rows = rows_of(a, axis)
    return from_rows(product_before(rows) * product_before(rows[..., ::-1])[..., ::-1], a.shape, axis)


def divisible(a: Any, y: Any) -> Any:
    """Whether products can be divided by their factors, none of them 0, too small or too large.

    Quotients are right to first order: where the graph goes on, their derivatives may overflow though these do not.
    """
    if type(a) is Tensor:
        return False
    size = np.abs(y)
    return np.all(a != 0) and np.all((size > np.finfo(a.dtype).tiny) & (size < np.inf))


def product_before(rows: Any) -> Any:
    """For each element the product of those before it in its row."""
    return np.concatenate([np.ones((*rows.shape[:-1], 1), rows.dtype), np.cumprod(rows[..., :-1], axis=-1)], axis=-1)[
        ..., : rows.shape[-1]
    ]


whole_product = rule(
    lambda a, axis, keepdims: np.multiply.reduce(a, axis=axis, keepdims=keepdims),
    Domain(calls=REDUCTION),
    name="prod",
    a=lambda g, a, y, axis, keepdims: times(
        widened(g, a.shape, axis, keepdims), product_of_others(a, y, axis, keepdims)
    ),
)


@composed(np.sum)
def sum(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    if dtype is out is initial is None and where is True:
        return total(a, axis, keepdims)
    refuse_keyword("numpy.sum", "out", out)
    if dtype is not None:
        a = a.astype(dtype)
    if where is not True:
        a = np.where(where, a, 0)
    y = total(a, axis, keepdims)
    return y if initial is None else y + initial


@composed(np.mean)
def mean(
    a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True
) -> Any:
    refuse_keyword("numpy.mean", "out", out)
    if dtype is not None:
        a = a.astype(dtype)
    if where is not True:
        chosen = np.broadcast_to(where, a.shape).sum(axis=axis, keepdims=keepdims)
        return per(sum(a, axis, keepdims=keepdims, where=where), chosen)
    return average(a, axis, keepdims)


def per(total: Any, count: Any) -> Any:
    """``total / count`` in the dtype of the total, though counts are integers."""
    return (total / count).astype(total.dtype)


@composed(np.prod)
def prod_(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    refuse_keyword("numpy.prod", "out", out)
    if dtype is not None:
        a = a.astype(dtype)
    if where is not True:
        a = np.where(where, a, 1)
    y = whole_product(a, axis, keepdims)
    return y if initial is None else y * initial


def nan_where(mask: Any, y: Any) -> Any:
    """Y, and nan with nan for a slope where there was no number to take."""
    return y * np.where(mask, np.nan, 1).astype(y.dtype) if np.any(mask) else y


@composed(np.max, np.amax)
def max_(
    a: Any, axis: Axis = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    return extremum(largest, np.maximum, -np.inf, a, axis, out, keepdims, initial, where)


@composed(np.min, np.amin)
def min_(
    a: Any, axis: Axis = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    return extremum(smallest, np.minimum, np.inf, a, axis, out, keepdims, initial, where)


def extremum(
    reduction: Any, join: Any, worst: float, a: Any, axis: Axis, out: Any, keepdims: bool, initial: Any, where: Any
) -> Any:
    refuse_keyword(f"numpy.{reduction.__name__}", "out", out)
    if where is not True:
        if initial is None:
            raise ValueError(
                f"numpy.{reduction.__name__} with where= needs initial=, its value where nothing is chosen"
            )
        a = np.where(where, a, worst)
    if initial is not None and not a.size:
        return np.broadcast_to(
            np.asarray(initial, a.dtype), np.max(np.empty(a.shape), axis, keepdims=keepdims, initial=0).shape
        )
    y = reduction(a, axis, keepdims)
    return y if initial is None else join(y, initial)
