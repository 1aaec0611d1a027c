"""What a ufunc of two operands does over and over: ``outer``, ``reduce``, ``accumulate`` and ``reduceat``."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from math import log
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.registry import REDUCTIONS, REGISTRY, function_name, refuse_keyword
from autograd_nn.engine.tensor import raw
from autograd_nn.ops.declare import anywhere, as_array, composed, constant, flat, rule, times, to_dtype
from autograd_nn.ops.domain import REDUCTION, Domain, call, ties
from autograd_nn.ops.indexing import index_add
from autograd_nn.ops.neural.softmax import softmax
from autograd_nn.ops.reductions import Axis, reduced_axes, widened
from autograd_nn.ops.scans import SCAN

FOLDS: tuple[np.ufunc, ...] = (
    *(np.add, np.subtract, np.multiply, np.divide, np.hypot, np.logaddexp, np.logaddexp2),
    *(np.maximum, np.minimum, np.fmax, np.fmin),
)
"""Those that one reduces and accumulates with; of the others only ``outer`` is of use."""

CONSTANT: tuple[np.ufunc, ...] = (
    *(np.logical_and, np.logical_or, np.logical_xor, np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.gcd, np.lcm),
)


def binary_ufuncs() -> list[np.ufunc]:
    """The ufuncs of two operands in the registry that have a gradient."""
    return [
        f
        for f in REGISTRY
        if isinstance(f, np.ufunc) and (f.nin, f.nout) == (2, 1) and not f.signature
        if getattr(np, f.__name__, None) is f and not hasattr(REGISTRY[f], "constant")
    ]


def in_dtype(ufunc_method: Any, array: Any, dtype: Any, out: Any) -> Any:
    refuse_keyword(function_name(ufunc_method), "out", out)
    array = as_array(array)
    return array if dtype is None else array.astype(dtype)


# outer ------------------------------------------------------------------------------------------------


def outer_of(ufunc: np.ufunc) -> None:
    def of(A: Any, B: Any, /, **kwargs: Any) -> Any:
        a, b = as_array(A), as_array(B)
        return ufunc(np.reshape(a, a.shape + (1,) * b.ndim), b, **kwargs)

    composed(ufunc.outer)(of)


# reduce -----------------------------------------------------------------------------------------------


def folded(ufunc: np.ufunc, a: Any, axis: Axis, keepdims: bool, initial: Any, where: Any) -> Any:
    """The reduction one slice after the other."""
    over = reduced_axes(a.ndim, axis)
    if len(over) > 1 and not ufunc.identity == 0:
        raise ValueError(f"numpy.{ufunc.__name__}.reduce depends on the order, and takes one axis at a time")
    if initial is None:
        initial = ufunc.identity
    if initial is None and (where is not True or not all(a.shape[k] for k in over)):
        raise ValueError(f"numpy.{ufunc.__name__}.reduce needs initial=, its value where there is nothing")
    rows = np.moveaxis(a, over, range(len(over)))
    steps = [rows[place] for place in np.ndindex(rows.shape[: len(over)])]
    masks = np.moveaxis(np.broadcast_to(where, a.shape), over, range(len(over)))
    chosen = [masks[place] for place in np.ndindex(rows.shape[: len(over)])]
    if initial is None:
        y, *steps = steps
    else:
        y = np.broadcast_to(to_dtype(initial, ufunc(a[:0], a[:0]).dtype), rows.shape[len(over) :])
    for step, there in zip(steps, chosen, strict=False):
        y = ufunc(y, step) if where is True else np.where(there, ufunc(y, step), y)
    return np.expand_dims(y, over) if keepdims else y


def numbers_only(ufunc: np.ufunc) -> Any:
    """The largest or smallest of those that are not nan."""
    function, neutral = (np.max, -np.inf) if ufunc is np.fmax else (np.min, np.inf)

    def of(a: Any, axis: Axis, keepdims: bool) -> Any:
        missing = np.isnan(raw(a))
        left_out = missing & ~np.all(missing, axis=axis, keepdims=True)
        return function(np.where(left_out, neutral, a) if anywhere(left_out) else a, axis=axis, keepdims=keepdims)

    return of


def logarithm_of_sum(ufunc: np.ufunc, base: float) -> Any:
    return rule(
        lambda a, axis, keepdims: ufunc.reduce(a, axis=axis, keepdims=keepdims),
        Domain(calls=REDUCTION),
        name=f"{ufunc.__name__}_reduce",
        a=lambda g, a, axis, keepdims: times(widened(g, a.shape, axis, keepdims), softmax(a * log(base), axis)),
    )


REDUCED: dict[np.ufunc, tuple[Callable[..., Any], float]] = {
    np.logaddexp: (logarithm_of_sum(np.logaddexp, np.e), -np.inf),
    np.logaddexp2: (logarithm_of_sum(np.logaddexp2, 2), -np.inf),
    np.fmax: (numbers_only(np.fmax), np.nan),
    np.fmin: (numbers_only(np.fmin), np.nan),
}
"""Reductions that need not go one by one, and the number that changes nothing."""


def reduce_of(ufunc: np.ufunc) -> None:
    def of(
        array: Any,
        /,
        axis: Axis = 0,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
    ) -> Any:
        array, initial = in_dtype(ufunc.reduce, array, dtype, out), None if initial is np._NoValue else initial
        if ufunc not in REDUCED:
            return folded(ufunc, array, axis, keepdims, initial, raw(where))
        reduction, neutral = REDUCED[ufunc]
        y = reduction(array if where is True else np.where(where, array, neutral), axis, keepdims)
        return y if initial is None else ufunc(initial, y)

    composed(ufunc.reduce)(of)


# accumulate -------------------------------------------------------------------------------------------


def to_records(g: Any, a: Any, y: Any, axis: int) -> Any:
    """The cotangent of a running extremum: to the elements that attain it so far, in even shares; nan if it is nan."""
    g, a, y = (np.moveaxis(x, axis, -1) for x in (g, raw(a), raw(y)))
    attained = a == y
    count = np.cumsum(attained, axis=-1)
    old = np.concatenate([np.zeros((*y.shape[:-1], 1), bool), y[..., 1:] == y[..., :-1]], axis=-1)[..., : y.shape[-1]]
    earlier = np.maximum.accumulate(np.where(old, 0, count - attained), axis=-1)
    lost = y != y
    shares = np.where(lost, 0, g / np.maximum(count - earlier, 1))
    step = 1
    while step < y.shape[-1]:  # each is summed with what follows in its run, twice as far each time
        ahead = np.where(y[..., step:] == y[..., :-step], shares[..., step:], 0)
        shares = np.concatenate([shares[..., :-step] + ahead, shares[..., -step:]], axis=-1)
        step *= 2
    slopes = np.where(attained, shares, 0)
    if anywhere(lost):
        slopes = slopes + np.cumsum(np.where(lost, times(g, np.nan), 0)[..., ::-1], axis=-1)[..., ::-1]
    return np.moveaxis(slopes, -1, axis)


def accumulate_of(ufunc: np.ufunc, primitive: Any = None) -> None:
    def one_by_one(a: Any, axis: int) -> Any:
        steps = np.moveaxis(a, axis, 0)
        return np.stack([*accumulate(steps, ufunc)], axis) if len(steps) else a

    def of(array: Any, /, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        array = in_dtype(ufunc.accumulate, array, dtype, out)
        if not array.ndim:
            raise TypeError(f"numpy.{ufunc.__name__}.accumulate takes at least one dimension")
        return (primitive or one_by_one)(array, axis)

    composed(ufunc.accumulate)(of)


def running(ufunc: np.ufunc) -> Any:
    return rule(
        lambda a, axis: ufunc.accumulate(a, axis),
        Domain(calls=SCAN.calls, kink=ties),
        name=f"{ufunc.__name__}_accumulate",
        a=to_records,
    )


# reduceat ---------------------------------------------------------------------------------------------


def bounds(indices: Any, size: int) -> list[tuple[int, int]]:
    """Where the slices of a reduceat start and stop: at the next start; one element where that is not behind it."""
    starts = np.asarray(indices).tolist()
    return [(i, max(j, i + 1)) for i, j in zip(starts, [*starts[1:], size], strict=True)]


def to_slices(g: Any, a_shape: tuple[int, ...], indices: Any, axis: int) -> Any:
    """The cotangent of sums of slices: to each element those of the slices that it is in."""
    slices = bounds(indices, a_shape[axis])
    which = np.repeat(np.arange(len(slices)), [stop - start for start, stop in slices])
    places = np.concatenate([np.arange(0), *(np.arange(start, stop) for start, stop in slices)])
    before = (slice(None),) * axis
    return index_add([g[(*before, which)]], [(*before, places)], a_shape)


sums_of_slices = rule(
    lambda a, indices, axis: np.add.reduceat(a, indices, axis),
    Domain(
        calls=(
            call((6,), indices=[0, 3, 1, 5], axis=0),
            call((3, 4), indices=[2, 0, 2], axis=1),
            call((4, 2), indices=[1], axis=0),
        )
    ),
    name="add_reduceat",
    a=to_slices,
)


def reduceat_of(ufunc: np.ufunc) -> None:
    def of(array: Any, /, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        array, indices = in_dtype(ufunc.reduceat, array, dtype, out), raw(indices)
        axis = normalize_axis_index(axis, array.ndim)
        if ufunc is np.add:
            return sums_of_slices(array, indices, axis)
        ufunc.reduceat(np.empty(array.shape), indices, axis)  # they must be in the array
        before = (slice(None),) * axis
        slices = [array[(*before, slice(*each))] for each in bounds(indices, array.shape[axis])]
        return np.stack([REGISTRY[REDUCTIONS.get(ufunc, ufunc.reduce)](each, axis=axis) for each in slices], axis)

    composed(ufunc.reduceat)(of)


for ufunc in binary_ufuncs():
    outer_of(ufunc)
for ufunc in FOLDS:
    reduceat_of(ufunc)
    if ufunc not in REDUCTIONS:
        reduce_of(ufunc)
for ufunc in (np.maximum, np.minimum, np.fmax, np.fmin):
    accumulate_of(ufunc, running(ufunc))
for ufunc in (np.subtract, np.divide, np.hypot, np.logaddexp, np.logaddexp2):
    accumulate_of(ufunc)
for ufunc in CONSTANT:
    constant(ufunc.reduce, ufunc.accumulate, ufunc.reduceat, ufunc.outer)
for ufunc in (np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal):
    constant(ufunc.outer)
flat(np.floor_divide.outer)
