"""Matrix products of every rank. The engine sums over broadcast batch axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn import kernels
from autograd_nn.core import raw, refuse_keyword
from autograd_nn.domains import Domain, call
from autograd_nn.modes import MODE
from autograd_nn.ops.rule import composed, rule, times


def product(p: Any, q: Any, cotangent: Any) -> Any:
    """``p @ q``, one of them the cotangent: its zeros win over inf and nan where the engine asks for it."""
    if MODE.get().strong:
        other, axis = (q, -2) if cotangent is p else (p, -1)
        odd = ~np.isfinite(np.moveaxis(raw(other), axis, 0)).reshape(raw(other).shape[axis], -1).all(axis=1)
        if odd.any():
            terms = p[..., :, odd, None] * q[..., None, odd, :]
            zero = raw(p)[..., :, odd, None] == 0 if cotangent is p else raw(q)[..., None, odd, :] == 0
            terms = np.where(zero & np.isnan(raw(terms)), 0, terms)
            return np.matmul(p[..., ~odd], q[..., ~odd, :]) + np.sum(terms, axis=-2)
    return kernels.matmul(p, q)


def transposed(a: Any) -> Any:
    return a.T if a.ndim == 2 else np.swapaxes(a, -1, -2)


def left(g: Any, b: Any, a_shape: tuple[int, ...]) -> Any:
    """The cotangent of a in ``a @ b``."""
    if b.ndim == 1:
        return times(g[..., None], b)
    if len(a_shape) == 1:
        row = g[..., None, :]
        return product(row, transposed(b), row)[..., 0, :]
    return product(g, transposed(b), g)


def right(g: Any, a: Any, b_shape: tuple[int, ...]) -> Any:
    """The cotangent of b in ``a @ b``."""
    if a.ndim == 1:
        return times(g[..., None, :], a[:, None]) if len(b_shape) > 1 else times(g, a)
    if len(b_shape) == 1:
        column = g[..., None]
        return product(transposed(a), column, column)[..., 0]
    return product(transposed(a), g, g)


matmul = rule(
    kernels.matmul,
    Domain(
        calls=tuple(
            call(a, b)
            for a, b in [
                ((3,), (3,)),
                ((2, 3), (3,)),
                ((3,), (3, 2)),
                ((2, 3), (3, 2)),
                ((2, 2, 3), (3, 2)),
                ((3,), (2, 3, 2)),
                ((2, 2, 3), (3,)),
                ((2, 1, 2, 3), (3, 3, 2)),
                ((0, 3), (3, 2)),
                ((2, 0), (0, 2)),
                ((1, 1), (1, 1)),
            ]
        )
    ),
    np.matmul,
    name="matmul",
    a=left,
    b=right,
)


@composed(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """`numpy.dot`: a product of scalars, of vectors and matrices, or over a's last and b's last but one axis."""
    refuse_keyword("numpy.dot", "out", out)
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    if np.ndim(b) <= 2:
        return matmul(a, b)
    matrix = np.moveaxis(b, -2, 0)
    flat = matmul(a, np.reshape(matrix, (np.shape(matrix)[0], -1)))
    return np.reshape(flat, np.shape(flat)[:-1] + np.shape(matrix)[1:])
