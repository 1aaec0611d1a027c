"""Sorting, and what is read off a sorted row: medians and quantiles.

Equal elements are interchangeable, so they share evenly the cotangents of the places that they take.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.registry import refuse_keyword
from autograd_nn.engine.tensor import raw
from autograd_nn.ops.declare import (
    anywhere,
    as_array,
    as_inexact,
    composed,
    in_a_row,
    in_shape,
    inexact,
    numeric,
    rule,
    tracked,
    warn,
    with_last,
    with_last_at,
)
from autograd_nn.ops.domain import Domain, call, ties
from autograd_nn.ops.indexing import index_add
from autograd_nn.ops.reductions import Axis, reduced, rows_of


def unsorted(g: Any, a: Any, axis: int) -> Any:
    """The cotangent of a sort: each element gets that of the place it went to."""
    order = np.argsort(raw(a), axis=axis, kind="stable")
    ranked = np.take_along_axis(raw(a), order, axis)
    g, order, ranked = (with_last(x, axis) for x in (g, order, ranked))
    tied = ranked[..., 1:] == ranked[..., :-1]
    if anywhere(tied):
        g = shared(g, tied)
    return with_last_at(np.take_along_axis(g, np.argsort(order, axis=-1), -1), axis)


def shared(g: Any, tied: Any) -> Any:
    """The mean of g over each run of equal elements; ``tied`` says which of them equal the one before."""
    starts = np.concatenate([np.ones((*tied.shape[:-1], 1), bool), ~tied], axis=-1)
    run = np.cumsum(starts) - 1
    if g.dtype == np.float16:  # it cannot count beyond 2048
        g = g.astype(np.float32)
    sums = index_add([in_a_row(g)], [run], (int(run[-1]) + 1,))
    return in_shape((sums / np.bincount(run).astype(g.dtype))[run], g.shape)


in_order = rule(
    lambda a, axis: np.sort(a, axis, kind="stable"),
    Domain(
        calls=(
            *(call((2, 3), axis=axis) for axis in (0, 1, -1)),
            call((3, 2, 2), axis=1),
            call((3,), axis=0),
            call((1,), axis=0),
            call((0, 2), axis=1),
            call((2, 0), axis=1),
        ),
        kink=ties,
    ),
    name="sort",
    a=unsorted,
)


@composed(np.sort)
def sort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    np.sort(np.empty(0, a.dtype), kind=kind, order=order, stable=stable)  # they must be right, and change nothing
    return in_order(in_a_row(a), 0) if axis is None else in_order(a, axis)


@composed(np.partition)
def partition(a: Any, kth: Any, axis: int | None = -1, kind: Any = "introselect", order: Any = None) -> Any:
    if axis is None:
        a, axis = in_a_row(a), 0
    split = np.partition(raw(a), raw(kth), axis, kind, order)
    ranks = np.argsort(np.argsort(split, axis=axis, kind="stable"), axis=axis)
    return np.take_along_axis(in_order(a, axis), ranks, axis)


@composed(np.sort_complex)
def sort_complex(a: Any) -> Any:
    return np.sort(a if a.dtype.kind == "c" else a.astype(np.result_type(a.dtype, np.complex64)))


# Medians and quantiles --------------------------------------------------------------------------------


def read_off(a: Any, axis: Axis, keepdims: bool, place: Callable[[int], Any], skip_nan: bool) -> Any:
    """What stands in each sorted row at ``place(n)``, a position among n elements, in general between two of them.

    The axes of the places come first, as for quantiles. A row with nan is nan; or, with ``skip_nan``, ends before it.
    """
    rows = np.sort(rows_of(a, axis))
    n = rows.shape[-1]
    missing = np.isnan(rows)
    if skip_nan and anywhere(missing):
        counts = np.sum(~missing, axis=-1)
        lost = counts == 0
        if anywhere(lost):
            warn("All-NaN slice encountered")
        sizes, which = np.unique(np.maximum(counts, 1), return_inverse=True)
        places = np.stack([np.asarray(place(int(size)), float) for size in sizes], axis=-1)[
            ..., which.reshape(counts.shape)
        ]
    else:
        lost = missing[..., -1]
        spot = np.asarray(place(n), float)
        places = np.broadcast_to(spot.reshape(spot.shape + (1,) * lost.ndim), spot.shape + lost.shape)
    low = np.floor(places).astype(int)
    ahead = (places - low).astype(a.dtype)
    lanes = np.indices(lost.shape, sparse=True)
    y = rows[(*lanes, low)]
    if anywhere(ahead):
        between = y * (1 - ahead) + rows[(*lanes, np.minimum(low + 1, n - 1))] * ahead
        y = np.where(ahead == 0, y, between)
    if anywhere(lost):  # with nan for a slope of all that is in the row
        y = np.where(lost, np.nan * np.sum(rows, axis=-1), y)
    return np.reshape(y, places.shape[: places.ndim - lost.ndim] + reduced(a.shape, axis)) if keepdims else y


def median_of(function: Callable[..., Any], skip_nan: bool) -> None:
    def of(a: Any, axis: Axis = None, out: Any = None, overwrite_input: bool = False, keepdims: bool = False) -> Any:
        name = f"numpy.{function.__name__}"
        refuse_keyword(name, "out", out)
        if overwrite_input:
            refuse_keyword(name, "overwrite_input", overwrite_input)
        a = as_inexact(a)
        if not a.size:
            return np.mean(a, axis=axis, keepdims=keepdims)
        return read_off(a, axis, keepdims, lambda n: (n - 1) / 2, skip_nan)

    inexact(function)(numeric(of))


def quantile_of(function: Callable[..., Any], of_numbers: Callable[..., Any], skip_nan: bool) -> None:
    """What the function makes of 0, 1, 2, ... are the places that it reads off, for all its methods."""

    def of(
        a: Any,
        q: Any,
        axis: Axis = None,
        out: Any = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: bool = False,
        *,
        weights: Any = None,
    ) -> Any:
        name = f"numpy.{function.__name__}"
        refuse_keyword(name, "out", out)
        if overwrite_input:
            refuse_keyword(name, "overwrite_input", overwrite_input)
        if weights is not None:
            refuse_keyword(name, "weights", weights)
        if tracked(q):
            raise TypeError(f"{name} has no gradient for q: write q.detach() if it is meant as a constant")
        a = as_inexact(as_array(a))
        if skip_nan and not a.size:
            return np.nanmean(a, axis=axis, keepdims=keepdims)
        place = lambda n: of_numbers(np.arange(n), raw(q), method=method)
        return read_off(a, axis, keepdims, place, skip_nan)

    inexact(function)(numeric(of))


median_of(np.median, skip_nan=False)
median_of(np.nanmedian, skip_nan=True)
quantile_of(np.quantile, np.quantile, skip_nan=False)
quantile_of(np.nanquantile, np.quantile, skip_nan=True)
quantile_of(np.percentile, np.percentile, skip_nan=False)
quantile_of(np.nanpercentile, np.percentile, skip_nan=True)
