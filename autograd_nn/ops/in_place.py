"""NumPy's functions that change an array: on Tensors each of them is an assignment ``t[places] = values``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.registry import function_name
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import as_array, composed, rule, tracked
from autograd_nn.ops.domain import Domain, call
from autograd_nn.ops.indexing import COLUMNS, ROWS, selects_once
from autograd_nn.ops.ufunc_methods import FOLDS


def tried(function: Callable[..., Any], a: Any, values: Any, write: Callable[[Any, Any], Any]) -> bool:
    """Whether there is a Tensor to be written into. An array has been; a copy of the Tensor too, for NumPy's errors."""
    if type(a) is not Tensor and tracked(values):
        raise TypeError(
            f"{function_name(function)} into a plain array would lose the gradient of what is written: make the buffer "
            f"a Tensor, as in Tensor(a), or make it with autograd_nn.numpy"
        )
    write(np.array(raw(a)) if type(a) is Tensor else a, raw(values))
    return type(a) is Tensor


def assign(function: Callable[..., Any], a: Any, values: Any, write: Callable[[Any, Any], Any]) -> None:
    """What ``write`` makes of numbers in the place of values says where each of them goes."""
    if not tried(function, a, values, write):
        return
    v, place = as_array(values), np.full(a.shape, -1)
    write(place, np.arange(v.size).reshape(v.shape))
    written = place >= 0
    a[written] = np.reshape(v, -1)[place[written]]


@composed(np.put)
def put(a: Any, ind: Any, v: Any, mode: Any = "raise") -> None:
    assign(np.put, a, v, lambda array, v: np.put(array, raw(ind), v, mode))


@composed(np.putmask)
def putmask(a: Any, /, mask: Any, values: Any) -> None:
    assign(np.putmask, a, values, lambda array, values: np.putmask(array, raw(mask), values))


@composed(np.place)
def place(arr: Any, mask: Any, vals: Any) -> None:
    assign(np.place, arr, vals, lambda array, values: np.place(array, raw(mask), values))


@composed(np.copyto)
def copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    assign(np.copyto, dst, src, lambda array, values: np.copyto(array, values, casting, raw(where)))


@composed(np.fill_diagonal)
def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    assign(np.fill_diagonal, a, val, lambda array, values: np.fill_diagonal(array, values, wrap))


@composed(np.put_along_axis)
def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    assign(np.put_along_axis, arr, values, lambda array, values: np.put_along_axis(array, raw(indices), values, axis))


@composed(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    x, conditions, n = as_array(x), raw(condlist), len(funclist)
    if np.isscalar(conditions) or (not isinstance(conditions[0], (list, np.ndarray)) and x.ndim):
        conditions = [conditions]
    conditions = np.asarray(conditions, bool)
    if n == len(conditions) + 1:
        conditions = np.concatenate([conditions, ~np.any(conditions, axis=0, keepdims=True)])
    if n != len(conditions):
        raise ValueError(f"numpy.piecewise: {n} functions for {len(conditions)} conditions, or one more, for the rest")
    y = np.zeros_like(x)
    for condition, f in zip(conditions, funclist, strict=True):
        values = f(x[condition], *args, **kw) if callable(f) and condition.any() else f
        if not callable(values):
            y[condition] = values
    return y


# ufunc.at ---------------------------------------------------------------------------------------------


def added_value(a: Any, index: Any, values: Any) -> Any:
    result = a.copy()
    np.add.at(result, index, values)
    return result


added = rule(
    added_value,
    Domain(
        calls=(
            call((3,), (4,), index=np.array([0, 2, 0, 0])),
            call((2, 3), (3,), index=(ROWS, COLUMNS)),
            call((2, 3), (), index=ROWS),
            call((2, 3), (3, 1), index=ROWS),
        )
    ),
    name="add_at",
    a=lambda g: g,
    values=lambda g, index: g[index],
)


def one_by_one(ufunc: np.ufunc, a: Any, index: Any, values: tuple[Any, ...]) -> None:
    """As many rounds as a place is selected, so that none is selected twice in one of them."""
    place = np.arange(a.size).reshape(a.shape)[index]
    values = tuple(np.reshape(np.broadcast_to(v, place.shape), -1) for v in values)
    place = np.reshape(place, -1)
    order = np.argsort(place, kind="stable")
    ranked = place[order]
    turn = np.empty(place.size, int)
    turn[order] = np.arange(place.size) - np.searchsorted(ranked, ranked)
    for k in range(np.max(turn, initial=-1) + 1):
        spot = np.unravel_index(place[turn == k], a.shape)
        a[spot] = ufunc(a[spot], *(v[turn == k] for v in values))


def at_of(ufunc: np.ufunc) -> None:
    def of(a: Any, indices: Any, b: Any = None, /) -> None:
        index, given = raw(indices), b if ufunc.nin == 2 else ()
        operands: Callable[[Any], tuple[Any, ...]] = lambda values: (values,) if ufunc.nin == 2 else ()
        if not tried(ufunc.at, a, given, lambda array, values: ufunc.at(array, index, *operands(values))):
            return
        values = tuple(map(as_array, operands(b)))
        if not a.ndim or selects_once(index):
            a[index] = ufunc(a[index], *values)
        elif ufunc in (np.add, np.subtract):
            a[...] = added(a, index, *values if ufunc is np.add else (-values[0],))
        else:
            one_by_one(ufunc, a, index, values)

    composed(ufunc.at)(of)


for ufunc in (*FOLDS, np.power, np.negative):
    at_of(ufunc)
