"""Arrays as sets: which values there are. Equal elements are interchangeable, so they share a cotangent evenly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.tensor import raw
from autograd_nn.ops.declare import as_array, composed, in_a_row, rule
from autograd_nn.ops.domain import Domain, call


def chosen(a: Any, first: Any, which: Any, counts: Any, axis: int) -> Any:
    return a[(slice(None),) * axis + (first,)]


def shared(g: Any, which: Any, counts: Any, axis: int) -> Any:
    """The cotangent: of each of the equal elements, or slices, the same part."""
    part = g / np.reshape(counts, (-1,) + (1,) * (g.ndim - axis - 1)).astype(g.dtype)
    return part[(slice(None),) * axis + (which,)]


different = rule(
    chosen,
    Domain(
        calls=(
            call((3,), first=np.array([2, 0, 1]), which=np.array([1, 2, 0]), counts=np.array([1, 1, 1]), axis=0),
            call((2, 3), first=np.array([2, 0, 1]), which=np.array([1, 2, 0]), counts=np.array([1, 1, 1]), axis=1),
        )
    ),
    name="unique",
    a=shared,
)


@composed(np.unique)
def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    a = as_array(ar)
    _, *found = np.unique(raw(a), True, True, True, axis, equal_nan=equal_nan)
    first, which, counts = found
    a, along = (in_a_row(a), 0) if axis is None else (a, normalize_axis_index(axis, a.ndim))
    values = different(a, first, in_a_row(which), counts, along)
    asked = zip((return_index, return_inverse, return_counts), found, strict=True)
    others = [each for wanted, each in asked if wanted]
    if not sorted and axis is None and not others:
        return ordered_as(values, np.unique(raw(a), equal_nan=equal_nan, sorted=False))
    return (values, *others) if others else values


def ordered_as(values: Any, numpys: Any) -> Any:
    """Values that are sorted in the order that NumPy has found them in."""
    return values[np.argsort(np.argsort(numpys, kind="stable"))]


def with_names(function: Callable[..., Any]) -> None:
    """A function of the array API, which returns the values first."""

    def of(x: Any, /) -> Any:
        found: Any = function(raw(x))
        values = unique(x, equal_nan=False)
        return found._replace(values=values) if hasattr(found, "values") else ordered_as(values, found)

    composed(function)(of)


for function in (np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values):
    with_names(function)


def in_both(ar1: Any, ar2: Any, assume_unique: bool) -> Any:
    """The elements of both in order, each at most twice."""
    return np.sort(np.concatenate([in_a_row(a) if assume_unique else unique(a) for a in (ar1, ar2)]))


@composed(np.intersect1d, arrays=2)
def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    aux = in_both(ar1, ar2, assume_unique)
    values = aux[:-1][raw(aux[1:]) == raw(aux[:-1])]
    return (values, *np.intersect1d(raw(ar1), raw(ar2), assume_unique, True)[1:]) if return_indices else values


@composed(np.setxor1d, arrays=2)
def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    aux = in_both(ar1, ar2, assume_unique)
    new = np.concatenate([[True], raw(aux[1:]) != raw(aux[:-1]), [True]])
    return aux[new[1:] & new[:-1]] if aux.size else aux


@composed(np.setdiff1d, arrays=2)
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    a = in_a_row(ar1) if assume_unique else unique(ar1)
    return a[np.isin(raw(a), raw(ar2), assume_unique=assume_unique, invert=True)]


@composed(np.union1d, arrays=2)
def union1d(ar1: Any, ar2: Any) -> Any:
    return unique(np.concatenate([ar1, ar2], axis=None))
