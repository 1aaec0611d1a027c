"""Scans along an axis: cumulative sums and products, differences, and what is integrated from them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import pi
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.registry import refuse_keyword
from autograd_nn.engine.strong import reached
from autograd_nn.engine.tensor import raw
from autograd_nn.ops.declare import (
    anywhere,
    as_array,
    composed,
    in_a_row,
    inexact,
    rule,
    times,
    to_dtype,
    tracked,
    with_last,
    with_last_at,
)
from autograd_nn.ops.domain import Domain, call
from autograd_nn.ops.reductions import by_division, product_before, reduced_axes

SCAN = Domain(
    calls=(
        *(call((2, 3), axis=axis) for axis in (0, 1, -1)),
        call((3, 2, 2), axis=1),
        call((3,), axis=0),
        call((1,), axis=0),
        call((0, 2), axis=0),
        call((2, 0), axis=0),
    )
)


def along(axis: int, ndim: int) -> Callable[..., tuple[slice, ...]]:
    """A slice of this axis alone: ``a[at(start, stop, step)]``."""
    before = (slice(None),) * normalize_axis_index(axis, ndim)
    return lambda *bounds: (*before, slice(*bounds))


def backwards(a: Any, axis: int) -> Any:
    return a[along(axis, a.ndim)(None, None, -1)]


running_sum = rule(
    lambda a, axis: np.cumsum(a, axis),
    SCAN,
    name="cumsum",
    a=lambda g, axis: backwards(
        np.cumsum(backwards(g, axis), axis=axis), axis
    ),  # an element is in all sums from its own
)


def recurrence(a: Any, b: Any) -> Any:
    """h[k] = a[k] h[k-1] + b[k] along the last axis, from h[-1] = 0.

    Two steps are one step of the same kind, so half as many of them give every second h: log2(n) rounds over whole
    arrays, of n + n/2 + n/4 + ... elements.
    """
    n = b.shape[-1]
    if n < 2:
        return b
    earlier, later = slice(0, n - 1, 2), slice(1, None, 2)
    odd = recurrence(a[..., later] * a[..., earlier], a[..., later] * b[..., earlier] + b[..., later])
    even = a[..., 2::2] * odd[..., : (n - 1) // 2] + b[..., 2::2]
    even = np.concatenate([b[..., :1], even], axis=-1)
    pairs = np.stack([even[..., : n // 2], odd], axis=-1)
    pairs = np.reshape(pairs, (*b.shape[:-1], n // 2 * 2))
    return np.concatenate([pairs, even[..., n // 2 :]], axis=-1)


def step_by_step(a: Any, b: Any) -> Any:
    """`recurrence` one by one, so that no inf or nan meets an h that is 0 because every b before it was."""
    h, by = [b[..., 0]], np.logical_or.accumulate(b != 0, axis=-1)
    for k in range(1, b.shape[-1]):
        h.append(reached(a[..., k] * h[-1], partial(by.__getitem__, (..., k - 1))) + b[..., k])
    return np.stack(h, axis=-1)


def spread_over_products(g: Any, a: Any, y: Any, axis: int) -> Any:
    """The cotangent of a cumulative product: an element is a factor of all products from its own on."""
    if by_division(a, y):
        return backwards(np.cumsum(backwards(times(g, y), axis), axis=axis), axis) / a
    a, g = with_last(a, axis), with_last(g, axis)
    # what follows an element, as a polynomial in Horner's form: g[k] + a[k+1] (g[k+1] + a[k+2] (g[k+2] + ...))
    following = np.concatenate([a[..., 1:], np.ones((*a.shape[:-1], 1), a.dtype)], axis=-1)
    polynomial = recurrence(following[..., ::-1], g[..., ::-1])[..., ::-1]
    if anywhere(np.isnan(polynomial)):
        polynomial = step_by_step(following[..., ::-1], g[..., ::-1])[..., ::-1]
    return with_last_at(times(polynomial, product_before(a)), axis)


running_product = rule(
    lambda a, axis: np.cumprod(a, axis),
    SCAN,
    name="cumprod",
    a=spread_over_products,
)


def scan(function: Callable[..., Any], primitive: Any) -> Callable[..., Any]:
    """The function with all its keywords; over all elements in one row by default."""

    def of(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
        refuse_keyword(f"numpy.{function.__name__}", "out", out)
        if dtype is not None:
            a = a.astype(dtype)
        if axis is None or (a.ndim == 0 and axis in (0, -1)):
            return primitive(in_a_row(a), 0)
        return primitive(a, axis)

    return composed(function)(of)


cumsum = scan(np.cumsum, running_sum)
cumprod = scan(np.cumprod, running_product)


@composed(np.add.accumulate)
def add_accumulate(array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    return cumsum(array, axis, dtype, out)


@composed(np.multiply.accumulate)
def multiply_accumulate(array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    return cumprod(array, axis, dtype, out)


def cumulative(function: Callable[..., Any], primitive: Callable[..., Any], start: int) -> None:
    """The function of the array API, whose axis may be left out for vectors alone."""

    def of(
        x: Any, /, *, axis: int | None = None, dtype: Any = None, out: Any = None, include_initial: bool = False
    ) -> Any:
        if axis is None:
            if x.ndim != 1:
                raise ValueError(f"numpy.{function.__name__} needs axis= for an array of {x.ndim} dimensions")
            axis = 0
        y = primitive(x, axis, dtype, out)
        if not include_initial:
            return y
        first = [1 if k == axis % y.ndim else size for k, size in enumerate(y.shape)]
        return np.concatenate([np.full(first, start, y.dtype), y], axis=axis)

    composed(function)(of)


if hasattr(np, "cumulative_sum"):  # from NumPy 2.1 on
    cumulative(np.cumulative_sum, cumsum, 0)
    cumulative(np.cumulative_prod, cumprod, 1)


# Differences and integrals ----------------------------------------------------------------------------


@inexact(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    if n < 0:
        raise ValueError(f"numpy.diff: n must not be negative: got {n}")
    if n == 0:
        return a
    a = as_array(a)
    at = along(axis, a.ndim)
    ends = [None if end is None or end is np._NoValue else as_array(end) for end in (prepend, append)]
    if any(end is not None for end in ends):
        one = tuple(1 if k == axis % a.ndim else size for k, size in enumerate(a.shape))
        ends = [end if end is None or end.ndim else np.broadcast_to(end, one) for end in ends]
        a = np.concatenate([part for part in (ends[0], a, ends[1]) if part is not None], axis=axis)
    for _ in range(n):
        a = a[at(1, None)] - a[at(None, -1)]
    return a


@inexact(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    ary = as_array(ary)
    ends = [() if end is None else (np.ravel(to_dtype(end, ary.dtype)),) for end in (to_begin, to_end)]
    return np.concatenate([*ends[0], np.diff(in_a_row(ary)), *ends[1]])


@inexact(np.unwrap)
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * pi) -> Any:
    """`numpy.unwrap`: whole periods are added, so the slope is 1."""
    if tracked(period):
        raise TypeError("numpy.unwrap has no gradient for period: write period.detach() if it is meant as a constant")
    values = raw(p)
    return p + (np.unwrap(values, raw(discont), axis, period=raw(period)) - values).astype(values.dtype)


@inexact(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    y = as_array(y)
    at = along(axis, y.ndim)
    steps = dx if x is None else np.diff(x, axis=axis if np.ndim(x) > 1 else -1)
    if np.ndim(steps) == 1:
        steps = np.reshape(steps, (-1,) + (1,) * (y.ndim - 1 - axis % y.ndim))
    return np.sum(steps * (y[at(1, None)] + y[at(None, -1)]) / 2, axis=axis)


@inexact(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """`numpy.gradient`: central differences inside, one-sided ones at the ends."""
    f = as_array(f)
    if f.dtype.kind not in "fc":
        f = f.astype(float)
    axes = reduced_axes(f.ndim, axis)
    spacings = tuple(v if type(v) in (int, float) else as_array(v) for v in varargs) or (1.0,)
    if len(spacings) == 1 and not np.ndim(spacings[0]):
        spacings *= len(axes)
    if len(spacings) != len(axes):
        raise TypeError(f"numpy.gradient takes no spacing, one number, or one for each of {len(axes)} axes")
    if edge_order not in (1, 2):
        raise ValueError(f"numpy.gradient: edge_order must be 1 or 2: got {edge_order}")
    slopes = tuple(slope_along(f, k, spacing, edge_order) for k, spacing in zip(axes, spacings, strict=True))
    return slopes[0] if len(slopes) == 1 else slopes


def slope_along(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    f = with_last(f, axis)
    n = f.shape[-1]
    if n < edge_order + 1:
        raise ValueError(f"numpy.gradient needs {edge_order + 1} elements along axis {axis}: there are {n}")
    if np.shape(spacing) not in ((), (n,)):
        raise ValueError(f"numpy.gradient: coordinates of shape {spacing.shape} for {n} elements along axis {axis}")
    steps = np.diff(spacing) if np.ndim(spacing) else spacing * np.ones(n - 1, f.dtype)
    secants = (f[..., 1:] - f[..., :-1]) / steps
    before, after = steps[:-1], steps[1:]
    if np.ndim(spacing):
        inside = (secants[..., :-1] * after + secants[..., 1:] * before) / (before + after)
    else:  # the element in the middle has no part in it: it may be inf
        inside = (f[..., 2:] - f[..., :-2]) / (2 * spacing)
    first, last = secants[..., :1], secants[..., -1:]
    if edge_order == 2:
        first = first + (first - secants[..., 1:2]) * steps[0] / (steps[0] + steps[1])
        last = last + (last - secants[..., -2:-1]) * steps[-1] / (steps[-1] + steps[-2])
    slopes = np.concatenate([first, inside, last], axis=-1)
    return with_last_at(to_dtype(slopes, f.dtype), axis)
