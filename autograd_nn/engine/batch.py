"""Many backward passes as one: `Batch`, a cotangent with a leading axis that acts as if it had none.

A pullback is linear in its cotangent and written in NumPy functions, so where those functions can be told to leave
the leading axis alone, one call pulls back all rows. Where one cannot, `pulled` takes the rows one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from autograd_nn.engine.node import Contribution
from autograd_nn.engine.tensor import Tensor

__all__ = ["Batch", "pulled", "scattered"]


class Unbatchable(TypeError):  # noqa: N818 (it never leaves this module)
    """A function does not know the leading axis."""


class Batch(NDArrayOperatorsMixin):
    r"""Arrays of one shape, stacked along a first axis that only this class knows of.

    ``rows`` is an array or, where the graph goes on, a Tensor, of shape (n, \*shape); n is 1 for what is the same in
    every row.
    """

    __slots__ = ("rows",)

    def __init__(self, rows: Any) -> None:
        self.rows = rows

    shape = property(lambda self: self.rows.shape[1:])
    ndim = property(lambda self: self.rows.ndim - 1)
    size = property(lambda self: prod(self.shape))
    dtype = property(lambda self: self.rows.dtype)
    mT = property(lambda self: np.swapaxes(self, -1, -2))  # noqa: N815

    def unknown(self, *_: Any, **__: Any) -> NoReturn:
        """One answer for all rows, as `if g > 0` wants it, would be wrong for some of them."""
        raise Unbatchable

    __getattr__ = __array__ = __bool__ = __len__ = __iter__ = __contains__ = __setitem__ = unknown
    __question__ = __float__ = __int__ = __complex__ = __index__ = __round__ = __format__ = unknown

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Batch:
        if ufunc is np.matmul:
            return product(*inputs)
        if method != "__call__" or kwargs.keys() - {"dtype"} or ufunc.signature:
            raise Unbatchable
        return Batch(ufunc(*aligned(*inputs), **kwargs))

    def __array_function__(self, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if function not in BATCHED:
            raise Unbatchable
        return BATCHED[function](*args, **kwargs)

    def __getitem__(self, index: Any) -> Batch:
        return Batch(self.rows[beside(index)])

    def astype(self, dtype: Any) -> Batch:
        return Batch(self.rows.astype(dtype))

    def reshape(self, *shape: Any) -> Any:
        return np.reshape(self, shape[0] if len(shape) == 1 else shape)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Batch:
        return np.sum(self, axis=axis, keepdims=keepdims)

    def dot(self, other: Any) -> Batch:
        if np.ndim(other) > 2:  # all pairs of matrices, not matrix by matrix
            raise Unbatchable
        return product(self, other)


def beside(index: Any) -> tuple[Any, ...]:
    """The index with all rows before it; where NumPy would move the axis of the rows, Unbatchable."""
    parts = index if type(index) is tuple else (index,)
    advanced = [k for k, part in enumerate(parts) if not (part is None or part is ... or type(part) is slice)]
    arrays = any(type(parts[k]) is not int for k in advanced)
    if arrays and advanced != list(range(advanced[0], advanced[-1] + 1)):
        raise Unbatchable
    return (slice(None), *parts)


def aligned(*operands: Any) -> list[Any]:
    """The operands with ones after the rows, so that they broadcast from the right as without rows."""
    ndim = max(np.ndim(x) for x in operands)
    return [
        x
        if type(x) is not Batch
        else x.rows
        if x.ndim == ndim
        else np.reshape(x.rows, (len(x.rows), *(1,) * (ndim - x.ndim), *x.shape))
        for x in operands
    ]


def product(a: Any, b: Any) -> Batch:
    """``a @ b``. Where b is the same for all rows it is one product of matrices."""
    if np.ndim(b) == 1:
        return product(a, np.reshape(b, (-1, 1)))[..., 0]
    if np.ndim(a) == 1:
        return product(np.reshape(a, (1, -1)), b)[..., 0, :]
    left, right = aligned(a, b)
    if type(a) is Batch and np.ndim(b) == 2 and len(right) == 1 and right.ndim == 3:
        flat = np.matmul(np.reshape(left, (-1, left.shape[-1])), right[0])
        return Batch(np.reshape(flat, (*left.shape[:-1], flat.shape[-1])))
    return Batch(np.matmul(left, right))


def behind(axis: Any, ndim: int) -> Any:
    """The axis or axes as they are called behind the axis of the rows."""
    if axis is None:
        return tuple(range(1, ndim + 1))
    if isinstance(axis, (tuple, list)):
        return tuple(behind(k, ndim) for k in axis)
    return axis if axis < 0 else axis + 1


def along(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose second argument is an axis, or several."""

    def of(a: Any, axis: Any = None, **kwargs: Any) -> Batch:
        return Batch(function(a.rows, behind(axis, a.ndim), **kwargs))

    return of


def reshape(a: Any, shape: Any) -> Batch:
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    return a if a.shape == shape else Batch(np.reshape(a.rows, (len(a.rows), *shape)))


def transpose(a: Any, axes: Any = None) -> Batch:
    axes = range(a.ndim)[::-1] if axes is None else axes
    return Batch(np.transpose(a.rows, (0, *behind(tuple(int(k) for k in axes), a.ndim))))


def broadcast_to(array: Any, shape: tuple[int, ...]) -> Batch:
    rows, _ = aligned(array, np.empty((0,) * len(shape)))
    return Batch(np.broadcast_to(rows, (len(rows), *shape)))


def swapped(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose second and third argument are axes."""
    return lambda a, p, q: Batch(function(a.rows, behind(p, a.ndim), behind(q, a.ndim)))


def elementwise(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *operands: Batch(function(*aligned(*operands)))


BATCHED: dict[Any, Callable[..., Any]] = {
    np.reshape: reshape,
    np.transpose: transpose,
    np.broadcast_to: broadcast_to,
    **{f: along(f) for f in (np.sum, np.max, np.mean, np.flip)},
    **{f: swapped(f) for f in (np.swapaxes, np.moveaxis)},
    **{f: elementwise(f) for f in (np.where, np.real, np.imag, np.sinc)},
    np.ndim: lambda a: a.ndim,
    np.shape: lambda a: a.shape,
    np.size: lambda a: a.size,
}
"""The functions that know the leading axis, besides ufuncs and indexing."""


def pulled(rule: Callable[..., Any], g: Batch, kept: tuple[Any, ...]) -> Any:
    """``rule(g, *kept)`` of every row: at once where the functions in the rule allow it.

    Whatever goes wrong at once, it is a single row that tells whether the rule is wrong.
    """
    try:
        found = rule(g, *[Batch(v[None]) if is_inexact(v) else v for v in kept])
        if type(found) is Contribution or (type(found) is Batch and len(found.rows) == len(g.rows)):
            return found
    except Exception:
        pass
    return Batch(np.stack([rule(row, *kept) for row in g.rows]))


def is_inexact(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.generic, Tensor)) and value.dtype.kind in "fc"


def scattered(add: Callable[..., Any], values: list[Any], indices: list[Any], shape: tuple[int, ...]) -> Any:
    """``add(values, indices, shape)``, where the values may have rows."""
    if type(values[0]) is not Batch:
        return add(values, indices, shape)
    rows = [g.rows for g in values]
    try:
        return Batch(add(rows, [beside(index) for index in indices], (len(rows[0]), *shape)))
    except Unbatchable:
        return Batch(np.stack([add(row, indices, shape) for row in zip(*rows, strict=True)]))
