"""Functions of `numpy.linalg` that are products, or names of the array API."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import prod
from operator import index
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.registry import refuse_keyword
from autograd_nn.engine.tensor import raw
from autograd_nn.ops.declare import as_array, composed, constant, in_a_row, in_shape, with_last
from autograd_nn.ops.linalg.matrices import arrays


@composed(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    """The powers that have a bit in n, multiplied."""
    n, one = index(n), np.linalg.matrix_power(raw(a), 0)
    if n == 0:
        return one
    power, n = (np.linalg.inv(a), -n) if n < 0 else (a, n)
    result: Any = None
    while n:
        if n % 2:
            result = power if result is None else result @ power
        n //= 2
        if n:
            power = power @ power
    return result


@composed(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[Any], *, out: Any = None) -> Any:
    refuse_keyword("numpy.linalg.multi_dot", "out", out)
    if len(arrays) < 2:
        raise ValueError(f"numpy.linalg.multi_dot takes two arrays or more: got {len(arrays)}")
    first, *others = map(np.shape, arrays)  # the first and the last may be vectors
    sides = [first[0] if len(first) == 2 else 1, *(shape[0] for shape in others)]
    sides.append(others[-1][1] if len(others[-1]) == 2 else 1)

    @cache
    def cheapest(start: int, stop: int) -> tuple[int, int]:
        """The number of multiplications in the product of these, and where to split it first."""
        splits = range(start + 1, stop)
        costs = [cheapest(start, k)[0] + cheapest(k, stop)[0] + sides[start] * sides[k] * sides[stop] for k in splits]
        return min(zip(costs, splits, strict=True), default=(0, start))

    def product(start: int, stop: int) -> Any:
        if stop - start == 1:
            return arrays[start]
        k = cheapest(start, stop)[1]
        return np.matmul(product(start, k), product(k, stop))

    return product(0, len(arrays))


@composed(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Sequence[int] | None = None) -> Any:
    a, b = arrays(a, b)
    if axes is not None:
        last = [normalize_axis_index(k, a.ndim) for k in axes]
        a = np.transpose(a, [k for k in range(a.ndim) if k not in last] + last)
    shape = a.shape[b.ndim :]
    if prod(shape) ** 2 != a.size:
        raise np.linalg.LinAlgError(
            f"numpy.linalg.tensorsolve: a of shape {a.shape} is not square for b of shape {b.shape}"
        )
    return in_shape(np.linalg.solve(in_shape(a, (prod(shape), prod(shape))), in_a_row(b)), shape)


@composed(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    if ind <= 0:
        raise ValueError(f"numpy.linalg.tensorinv: ind must be positive: got {ind}")
    shape = a.shape[ind:] + a.shape[:ind]
    return np.reshape(np.linalg.inv(np.reshape(a, (prod(a.shape[:ind]), -1))), shape)


composed(np.linalg.matmul)(np.matmul)
composed(np.linalg.tensordot, arrays=2)(np.tensordot)
constant(np.linalg.matrix_rank)


@composed(np.linalg.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    return np.swapaxes(x, -1, -2)


@composed(np.linalg.outer, arrays=2)
def outer(x1: Any, x2: Any, /) -> Any:
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ValueError(f"numpy.linalg.outer is of two vectors: got shapes {np.shape(x1)} and {np.shape(x2)}")
    return np.outer(x1, x2)


@composed(np.linalg.cross, arrays=2)
def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    sizes = [np.shape(x)[axis] for x in (x1, x2)]
    if sizes != [3, 3]:
        raise ValueError(
            f"numpy.linalg.cross is of vectors of 3 elements: got {sizes[0]} and {sizes[1]} along axis {axis}"
        )
    return np.cross(x1, x2, axis=axis)


@composed(np.linalg.vecdot, arrays=2)
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return np.vecdot(with_last(as_array(x1), axis), with_last(as_array(x2), axis))


@composed(np.linalg.diagonal)
def diagonals(x: Any, /, *, offset: int = 0) -> Any:
    return np.diagonal(x, offset, -2, -1)


@composed(np.linalg.trace)
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    return np.trace(x if dtype is None else x.astype(dtype), offset, -2, -1)
