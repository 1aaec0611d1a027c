"""Spread, averages and correlation: compositions of sums. The nan-functions are the others with a mask."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from autograd_nn.engine.registry import REGISTRY, refuse_keyword
from autograd_nn.engine.tensor import raw
from autograd_nn.ops.declare import (
    anywhere,
    as_array,
    composed,
    conjugated,
    in_shape,
    inexact,
    rule,
    times,
    to_dtype,
    transposed,
    warn,
)
from autograd_nn.ops.domain import POSITIVE, REDUCTION, Domain, call, ties
from autograd_nn.ops.reductions import Axis, per, reduced_axes, widened


@composed(np.ptp)
def ptp(a: Any, axis: Axis = None, out: Any = None, keepdims: bool = False) -> Any:
    refuse_keyword("numpy.ptp", "out", out)
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


def slope_of_variance(g: Any, a: Any, axis: Axis, ddof: float, keepdims: bool) -> Any:
    """The cotangent of a variance: twice the distance from the mean for each element, divided as the sum of squares."""
    over = reduced_axes(a.ndim, axis)
    free = prod(a.shape[k] for k in over) - ddof
    distance = conjugated(a - np.mean(a, axis=over, keepdims=True))
    return times(widened(g, a.shape, axis, keepdims) * (2 / free if free > 0 else np.inf), distance)


SEVERAL = tuple(
    call(*each.shapes, ddof=k % 2, **each.parameters)
    for k, each in enumerate(REDUCTION)
    if prod(each.shapes[0]) > 3 and each.parameters["axis"] not in (0, ())  # which leaves two at most
)

variance = rule(
    lambda a, axis, ddof, keepdims: np.var(a, axis=axis, ddof=ddof, keepdims=keepdims),
    Domain(calls=SEVERAL),
    name="var",
    a=slope_of_variance,
)
deviation = rule(
    lambda a, axis, ddof, keepdims: np.std(a, axis=axis, ddof=ddof, keepdims=keepdims),
    Domain(calls=SEVERAL, kink=ties),
    name="std",
    a=lambda g, a, y, axis, ddof, keepdims: slope_of_variance(
        np.where(raw(y) == 0, 0, g / (y + y)), a, axis, ddof, keepdims
    ),  # flat where all are the same
)


@inexact(np.var)
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
    a = as_array(a)
    if where is True and dtype is mean is None:
        return variance(a, axis, ddof if correction is None else correction, keepdims)
    if dtype is not None:
        a = a.astype(dtype)
    center = np.mean(a, axis=axis, keepdims=True, where=where) if mean is None else mean
    count = np.sum(np.broadcast_to(where, a.shape), axis=axis, keepdims=keepdims)
    squares = np.sum(squared_size(a - center), axis=axis, keepdims=keepdims, where=where)
    return per(squares, np.maximum(count - (ddof if correction is None else correction), 0))


def squared_size(z: Any) -> Any:
    return np.real(z * np.conj(z)) if z.dtype.kind == "c" else np.square(z)


root = rule(
    lambda v: np.sqrt(v),
    POSITIVE,
    name="standard_deviation",
    elementwise=True,
    v=lambda g, y: np.where(raw(y) == 0, 0, g / (y + y)),  # flat where all are the same
)


@inexact(np.std)
def std(
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
    refuse_keyword("numpy.std", "out", out)
    if where is True and dtype is mean is None:
        return deviation(as_array(a), axis, ddof if correction is None else correction, keepdims)
    return root(var(a, axis, dtype, None, ddof, keepdims, where=where, mean=mean, correction=correction))


@inexact(np.average)
def average(a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    a = as_array(a)
    if weights is None:
        mean = np.mean(a, axis=axis, keepdims=keepdims)
        total = np.asarray(a.size / max(mean.size, 1), mean.dtype)
    else:
        weights = as_array(weights)
        if weights.shape != a.shape:
            weights = np.broadcast_to(along_axes(weights, a.shape, axis), a.shape)
        total = np.sum(weights, axis=axis, keepdims=keepdims)
        if anywhere(total == 0):
            raise ZeroDivisionError("numpy.average: the weights sum to zero")
        mean = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (mean, np.broadcast_to(to_dtype(total, mean.dtype), mean.shape).copy()) if returned else mean


def along_axes(weights: Any, shape: tuple[int, ...], axis: Axis) -> Any:
    """Weights with one dimension for each axis that is averaged over, ready to broadcast."""
    if axis is None:
        raise TypeError(f"numpy.average: weights of shape {np.shape(weights)} for {shape} need axis=")
    over = reduced_axes(len(shape), axis)
    if np.shape(weights) != tuple(shape[k] for k in over):
        raise ValueError(f"numpy.average: weights of shape {np.shape(weights)} do not fit {shape} along axis {axis}")
    ordered = transposed(weights, tuple(np.argsort(over).tolist()))
    return in_shape(ordered, tuple(size if k in over else 1 for k, size in enumerate(shape)))


@inexact(np.cov)
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """`numpy.cov`, though in the dtype of the variables, where NumPy computes at least in float64."""
    rows = [variables(v, rowvar) for v in (m, y) if v is not None]
    x = np.concatenate(rows) if len(rows) > 1 else rows[0]
    if dtype is not None or x.dtype.kind not in "fc":
        x = x.astype(float if dtype is None else dtype)
    weights = [to_dtype(w, x.dtype) for w in (fweights, aweights) if w is not None]
    for w in weights:
        if w.shape != x.shape[1:]:
            raise ValueError(f"numpy.cov: weights of shape {w.shape} for {x.shape[1]} observations")
    if ddof is None:
        ddof = 0 if bias else 1
    w = np.ones(x.shape[1], x.dtype)
    for each in weights:
        w = w * each
    count = np.sum(w)
    lost = ddof if aweights is None else ddof * np.sum(w * weights[-1]) / count
    centred = x - np.sum(x * w, axis=1, keepdims=True) / count
    free = count - lost
    if anywhere(free <= 0):
        warn("Degrees of freedom <= 0 for slice")
        free = np.zeros((), x.dtype)
    return np.squeeze(centred @ conjugated(centred * w).T / free)


def variables(v: Any, rowvar: bool) -> Any:
    """A variable in each row, with its observations."""
    v = as_array(v)
    if v.ndim > 2:
        raise ValueError(f"numpy.cov takes at most two dimensions: got the shape {v.shape}")
    return np.reshape(v, (1, -1)) if v.ndim < 2 else v if rowvar else v.T


@inexact(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    c = np.cov(x, y, rowvar, dtype=dtype)
    if not c.ndim:
        return c / c
    deviation = np.sqrt(np.real(np.diagonal(c)))
    return c / deviation[:, None] / deviation


# Without nan ------------------------------------------------------------------------------------------


def masked(where: Any) -> bool:
    return where is not True and where is not np._NoValue


def not_nan(a: Any, where: Any = True) -> Any:
    """Where a is chosen and not nan."""
    there = ~np.isnan(a)
    return there & raw(where) if masked(where) else there


def with_neutral(function: Callable[..., Any], neutral: float) -> None:
    """A nan-function for which nan is what changes nothing."""
    ordinary = REGISTRY[function]

    def of(a: Any, *args: Any, **kwargs: Any) -> Any:
        return ordinary(np.where(np.isnan(a), neutral, a), *args, **kwargs)

    composed(getattr(np, f"nan{function.__name__}"))(of)


with_neutral(np.sum, 0)
with_neutral(np.prod, 1)
with_neutral(np.cumsum, 0)
with_neutral(np.cumprod, 1)


@inexact(np.nanmean)
def nanmean(
    a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True
) -> Any:
    return np.mean(np.where(np.isnan(a), 0, a), axis, dtype, out, keepdims, where=not_nan(a, where))


@inexact(np.nanvar)
def nanvar(
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
    there = not_nan(a, where)
    free = np.sum(there, axis=axis, keepdims=keepdims) - (ddof if correction is None else correction)
    y = var(
        np.where(np.isnan(a), 0, a), axis, dtype, out, ddof, keepdims, where=there, mean=mean, correction=correction
    )
    few = free <= 0
    if anywhere(few):
        warn("Degrees of freedom <= 0 for slice.")
        y = y * np.where(few, np.nan, 1).astype(y.dtype)
    return y


@inexact(np.nanstd)
def nanstd(a: Any, *args: Any, **kwargs: Any) -> Any:
    return root(nanvar(a, *args, **kwargs))


def nan_extremum(function: Callable[..., Any], neutral: float) -> None:
    ordinary = REGISTRY[function]

    def of(
        a: Any, axis: Axis = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
    ) -> Any:
        there = ~np.isnan(a)
        if initial is None:
            lost = ~np.any(there, axis=axis, keepdims=True)
            if anywhere(lost):
                warn("All-NaN slice encountered")
            there |= lost  # a row of nothing else keeps its nan, for value and slope
        if not anywhere(~there):
            return ordinary(a, axis, out, keepdims, initial, where)
        if masked(where):  # which needs initial=
            return ordinary(a, axis, out, keepdims, initial, there & raw(where))
        return ordinary(a, axis, out, keepdims, neutral if initial is None else initial, there)

    composed(getattr(np, f"nan{function.__name__}"))(of)


nan_extremum(np.max, -np.inf)
nan_extremum(np.min, np.inf)
