"""Reductions: sum, mean, prod, max, min. ``where``, ``initial`` and ``dtype`` are compositions around them."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_nn.engine.changes import into
from autograd_nn.engine.fast import repeated, sum_of_columns
from autograd_nn.engine.questions import is_plain, question
from autograd_nn.engine.registry import refuse_keyword
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import composed, in_shape, rule, times, to_dtype, transposed
from autograd_nn.ops.domain import REDUCTION, Domain, call, ties

Axis = int | tuple[int, ...] | None


def reduced(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """The shape after a reduction with keepdims. For some of NumPy's, a number has an axis 0 too."""
    if not shape:
        return ()
    over = reduced_axes(len(shape), axis)
    return tuple(1 if k in over else size for k, size in enumerate(shape))


def reduced_axes(ndim: int, axis: Axis) -> tuple[int, ...]:
    """The axes that a reduction runs over, none of them negative; AxisError if there is no such axis."""
    return tuple(range(ndim)) if axis is None else normalize_axis_tuple(axis, ndim)


def rows_of(a: Any, axis: Axis) -> Any:
    """A with the axes that ``axis`` names as one, the last."""
    over = reduced_axes(a.ndim, axis)
    moved = transposed(a, (*(k for k in range(a.ndim) if k not in over), *over))
    kept = moved.shape[: a.ndim - len(over)]
    return in_shape(moved, (*kept, prod(moved.shape[len(kept) :])))


def from_rows(rows: Any, shape: tuple[int, ...], axis: Axis) -> Any:
    """The way back from `rows_of`."""
    over = reduced_axes(len(shape), axis)
    order = (*(k for k in range(len(shape)) if k not in over), *over)
    return transposed(in_shape(rows, tuple(shape[k] for k in order)), tuple(map(order.index, range(len(order)))))


def summed(g: Any, axis: Axis) -> Any:
    """A sum with keepdims, fast for the rows of a matrix."""
    if is_plain(g) and g.ndim == 2 and axis in (-1, 1):
        return sum_of_columns(g)[:, None]
    return np.sum(g, axis=axis, keepdims=True)


def widened(v: Any, shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Any:
    """What was reduced from ``shape``, ready to broadcast against it."""
    return v if keepdims or (axis is None and not v.ndim) else in_shape(v, reduced(shape, axis))


def spread(g: Any, a_shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Any:
    """The cotangent of a sum: to every element the cotangent of the sum it is in."""
    if axis is None and not keepdims and (is_plain(g) or isinstance(g, np.generic)):
        return repeated(g, a_shape)
    g = widened(g, a_shape, axis, keepdims)
    return g if g.shape == a_shape else np.broadcast_to(g, a_shape)


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


def share(g: Any, part: Any, count: Any, where: Any = True) -> Any:
    """The cotangent of an extremum, shared evenly among those that attain it; nan if it is nan."""
    slopes = times(g, part / count)
    return slopes if where is True else np.where(where, slopes, 0)


def tied(neutral: float, a: Any, y: Any, initial: Any, where: Any, axis: Axis, keepdims: bool) -> tuple[Any, Any, Any]:
    """Which elements attain the extremum, whether ``initial`` does, and how many they are, as with keepdims."""
    y = widened(y, a.shape, axis, keepdims)
    attained = a == y
    if where is not True:
        attained = attained & where
    count = attained.sum(axis=axis, keepdims=True)
    if initial is None:
        return attained, False, count
    own = (y == initial) & ((count == 0) | (y != neutral))  # the neutral number only stands for no element
    return attained, own, count + own


MASK = np.array([[True, False, True], [False, False, False]])
EXTREMUM = Domain(
    calls=(
        *(call(*each.shapes, initial=None, where=True, **each.parameters) for each in REDUCTION),
        *(call((2, 3), (), where=mask, axis=1, keepdims=keep) for mask in (True, MASK) for keep in (False, True)),
        call((0, 3), (), where=True, axis=0, keepdims=False),
    ),
    kink=lambda *operands: ties(np.concatenate([np.ravel(a) for a in operands])),
)


def extremum(name: str, ufunc: np.ufunc, neutral: float) -> Any:
    def of_elements(g: Any, a: Any, y: Any, initial: Any, where: Any, axis: Axis, keepdims: bool) -> Any:
        attained, _, count = tied(neutral, a, y, initial, where, axis, keepdims)
        return share(widened(g, a.shape, axis, keepdims), attained, count, where)

    def of_initial(g: Any, a: Any, y: Any, initial: Any, where: Any, axis: Axis, keepdims: bool) -> Any:
        _, own, count = tied(neutral, a, y, initial, where, axis, keepdims)
        return share(widened(g, a.shape, axis, keepdims), own, count)

    return rule(
        lambda a, initial, where, axis, keepdims: ufunc.reduce(
            a, axis=axis, keepdims=keepdims, initial=initial, where=where
        ),
        EXTREMUM,
        name=name,
        a=of_elements,
        initial=of_initial,
    )


largest = extremum("max", np.maximum, -np.inf)
smallest = extremum("min", np.minimum, np.inf)


def product_of_others(a: Any, y: Any, axis: Axis, keepdims: bool) -> Any:
    """For each element the product of all others; where it is safe, by division."""
    if by_division(a, y):
        return widened(y, a.shape, axis, keepdims) / a
    if not a.ndim:
        axis = None
    rows = rows_of(a, axis)
    return from_rows(product_before(rows) * product_before(rows[..., ::-1])[..., ::-1], a.shape, axis)


def by_division(a: Any, y: Any) -> bool:
    """Whether the products of others may be products divided by a factor.

    Quotients are right to first order: where the graph goes on, their derivatives may overflow though these do not.
    """
    return type(a) is not Tensor and divisible(a, y)


@question
def divisible(a: Any, y: Any) -> bool:
    """Whether no factor is 0 and no product too small or too large."""
    size = np.abs(y)
    return (a != 0).all() and ((size > np.finfo(a.dtype).tiny) & (size < np.inf)).all()


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


def with_keywords(
    reduction: Any, ufunc: np.ufunc, a: Any, axis: Axis, dtype: Any, out: Any, keepdims: bool, initial: Any, where: Any
) -> Any:
    """The reduction by a ufunc with all its keywords: what is not chosen counts as the ufunc's identity."""
    refuse_keyword(f"numpy.{reduction.__name__}", "out", out)
    if dtype is not None:
        a = a.astype(dtype)
    if where is not True:
        a = np.where(where, a, ufunc.identity)
    y = reduction(a, axis, keepdims)
    if dtype is not None:
        y = to_dtype(y, dtype)  # NumPy adds up small integers in large ones
    return y if initial is None else ufunc(y, to_dtype(initial, y.dtype))


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
    if out is not None:
        return into("numpy.sum", out, lambda: sum(a, axis, dtype, None, keepdims, initial, where))
    return with_keywords(total, np.add, a, axis, dtype, out, keepdims, initial, where)


@composed(np.mean)
def mean(
    a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True
) -> Any:
    if out is not None:
        return into("numpy.mean", out, lambda: mean(a, axis, dtype, None, keepdims, where=where))
    if dtype is not None:
        a = a.astype(dtype)
    if where is not True:
        chosen = np.broadcast_to(where, a.shape).sum(axis=axis, keepdims=keepdims)
        return per(sum(a, axis, keepdims=keepdims, where=where), chosen)
    return average(a, axis, keepdims)


def per(total: Any, count: Any) -> Any:
    """``total / count`` in the dtype of the total, though counts are integers; of integers, in float64."""
    y = total / count
    return y.astype(total.dtype) if total.dtype.kind in "fc" and y.dtype != total.dtype else y


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
    return with_keywords(whole_product, np.multiply, a, axis, dtype, out, keepdims, initial, where)


@composed(np.max, np.amax)
def max_(
    a: Any, axis: Axis = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    refuse_keyword("numpy.max", "out", out)
    return largest(a, initial, mask_of("numpy.max", initial, where), axis, keepdims)


@composed(np.min, np.amin)
def min_(
    a: Any, axis: Axis = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    refuse_keyword("numpy.min", "out", out)
    return smallest(a, initial, mask_of("numpy.min", initial, where), axis, keepdims)


def mask_of(function: str, initial: Any, where: Any) -> Any:
    if where is not True and initial is None:
        raise ValueError(f"{function} with where= needs initial=, its value where nothing is chosen")
    return raw(where)
