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
    if not MODE.get().strong:
        return kernels.matmul(p, q)
    other, axis = (q, -2) if cotangent is p else (p, -1)
    finite = np.isfinite(np.moveaxis(raw(other), axis, 0)).reshape(raw(other).shape[axis], -1).all(axis=1)
    column, row = p[..., :, ~finite, None], q[..., None, ~finite, :]
    terms = column * row
    zero = raw(column if cotangent is p else row) == 0
    terms = np.where(zero & np.isnan(raw(terms)), 0, terms)
    return np.matmul(p[..., finite], q[..., finite, :]) + np.sum(terms, axis=-2)


def left(g: Any, b: Any, a_shape: tuple[int, ...]) -> Any:
    """The cotangent of a in ``a @ b``."""
    if b.ndim == 1:
        return times(g[..., None], b)
    if len(a_shape) == 1:
        row = g[..., None, :]
        return product(row, b.mT, row)[..., 0, :]
    return product(g, b.mT, g)


def right(g: Any, a: Any, b_shape: tuple[int, ...]) -> Any:
    """The cotangent of b in ``a @ b``."""
    if a.ndim == 1:
        return times(g[..., None, :], a[:, None]) if len(b_shape) > 1 else times(g, a)
    if len(b_shape) == 1:
        column = g[..., None]
        return product(a.mT, column, column)[..., 0]
    return product(a.mT, g, g)


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
