"""Spread, scans and differences: compositions of sums, and the two rules that need their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.core import raw, refuse_keyword
from autograd_nn.domains import POSITIVE, Domain, call
from autograd_nn.ops.reductions import Axis, per, reduced_axes
from autograd_nn.ops.rule import composed, rule


def reversed_cumsum(g: Any, a_shape: tuple[int, ...], axis: int | None) -> Any:
    """The cotangent of a cumulative sum: an element is in all sums from its own on."""
    backwards = (slice(None),) * ((axis or 0) % g.ndim) + (slice(None, None, -1),)
    return np.reshape(np.cumsum(g[backwards], axis=axis or 0)[backwards], a_shape)


running = rule(
    lambda a, axis: np.cumsum(a, axis),
    Domain(
        calls=(
            *(call((2, 3), axis=axis) for axis in (0, 1, -1, None)),
            call((3,), axis=0),
            call((), axis=None),
            call((0, 2), axis=0),
        )
    ),
    name="cumsum",
    a=reversed_cumsum,
)


@composed(np.cumsum)
def cumsum(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    refuse_keyword("numpy.cumsum", "out", out)
    return running(a if dtype is None else a.astype(dtype), axis)


@composed(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    if n < 0:
        raise ValueError(f"numpy.diff: n must not be negative: got {n}")
    ends = [end if end is None or np.ndim(end) else np.broadcast_to(end, one_of(a, axis)) for end in (prepend, append)]
    if any(end is not None for end in ends):
        a = np.concatenate([part for part in (ends[0], a, ends[1]) if part is not None], axis=axis)
    along = (slice(None),) * normalize_axis_index(axis, a.ndim)
    for _ in range(n):
        a = a[(*along, slice(1, None))] - a[(*along, slice(None, -1))]
    return a


def one_of(a: Any, axis: int) -> tuple[int, ...]:
    """The shape of a with one element along the axis."""
    return tuple(1 if k == axis % a.ndim else size for k, size in enumerate(a.shape))


@composed(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    along = (slice(None),) * normalize_axis_index(axis, y.ndim)
    steps = dx if x is None else np.diff(x, axis=axis if np.ndim(x) > 1 else -1)
    if np.ndim(steps) == 1:
        steps = np.reshape(steps, (-1,) + (1,) * (y.ndim - 1 - axis % y.ndim))
    return np.sum(steps * (y[(*along, slice(1, None))] + y[(*along, slice(None, -1))]) / 2, axis=axis)


@composed(np.ptp)
def ptp(a: Any, axis: Axis = None, out: Any = None, keepdims: bool = False) -> Any:
    refuse_keyword("numpy.ptp", "out", out)
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


@composed(np.var)
def var(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    refuse_keyword("numpy.var", "out", out)
    if dtype is not None:
        a = a.astype(dtype)
    center = np.mean(a, axis=axis, keepdims=True, where=where) if mean is None else mean
    count = np.sum(np.broadcast_to(where, a.shape), axis=axis, keepdims=keepdims)
    squares = np.sum(np.square(a - center), axis=axis, keepdims=keepdims, where=where)
    return per(squares, np.maximum(count - (ddof if correction is None else correction), 0))


root = rule(
    lambda v: np.sqrt(v),
    POSITIVE,
    name="standard_deviation",
    elementwise=True,
    v=lambda g, y: np.where(raw(y) == 0, 0, g / (y + y)),  # flat where all are the same
)


@composed(np.std)
def std(a: Any, *args: Any, **kwargs: Any) -> Any:
    return root(np.var(a, *args, **kwargs))


@composed(np.average)
def average(a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    if weights is None:
        mean, total = np.mean(a, axis=axis, keepdims=keepdims), None
    else:
        if np.shape(weights) != np.shape(a):
            over = reduced_axes(np.ndim(a), axis)
            weights = np.reshape(weights, [np.shape(a)[k] if k in over else 1 for k in range(np.ndim(a))])
            weights = np.broadcast_to(weights, np.shape(a))
        total = np.sum(weights, axis=axis, keepdims=keepdims)
        mean = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    if not returned:
        return mean
    return mean, total if total is not None else np.full(mean.shape, np.size(a) / max(mean.size, 1))


@composed(np.nansum)
def nansum(a: Any, axis: Axis = None, **kwargs: Any) -> Any:
    return np.sum(np.where(np.isnan(a), 0, a), axis=axis, **kwargs)


def ignoring_nan(function: Callable[..., Any]) -> Callable[..., Any]:
    def over_numbers(a: Any, axis: Axis = None, **kwargs: Any) -> Any:
        return function(np.where(np.isnan(a), 0, a), axis=axis, where=~np.isnan(a), **kwargs)

    return over_numbers


composed(np.nanmean)(ignoring_nan(np.mean))
composed(np.nanvar)(ignoring_nan(np.var))
composed(np.nanstd)(ignoring_nan(np.std))
