"""Matrix products of every rank, over whose broadcast batch axes the engine sums; and the convolution of vectors."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from autograd_nn.engine import fast
from autograd_nn.engine.questions import is_plain
from autograd_nn.engine.registry import refuse_keyword
from autograd_nn.engine.strong import bilinear
from autograd_nn.ops.declare import (
    as_array,
    composed,
    conjugated,
    in_a_row,
    in_shape,
    numeric,
    rule,
    times,
    transposed,
    with_last,
    with_last_at,
)
from autograd_nn.ops.domain import Domain, call


def product(p: Any, q: Any, cotangent: Any) -> Any:
    """``p @ q``, one of them the cotangent."""
    matmul = fast.product if is_plain(cotangent) else np.matmul
    if cotangent is p:
        return bilinear(matmul, p, q)
    return bilinear(lambda g, other: matmul(other, g), q, p)


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
    fast.matmul,
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


# the last digit of numpy.dot may be another than that of numpy.matmul
dotted = rule(
    lambda a, b: np.dot(a, b),
    Domain(
        calls=tuple(
            call(a, b)
            for a, b in [
                *(((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 2)), ((2, 2, 3), (3, 2))),
                *(((2, 2, 3), (3,)), ((0,), (0,)), ((2, 0), (0, 2)), ((1,), (1,))),
            ]
        )
    ),
    name="dot",
    a=left,
    b=right,
)


@composed(np.dot, arrays=2)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """`numpy.dot`: a product of scalars, of vectors and matrices, or over a's last and b's last but one axis."""
    refuse_keyword("numpy.dot", "out", out)
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    if np.ndim(b) <= 2:
        return dotted(a, b)
    matrix = np.moveaxis(b, -2, 0)
    flat = dotted(a, np.reshape(matrix, (np.shape(matrix)[0], -1)))
    return np.reshape(flat, np.shape(flat)[:-1] + np.shape(matrix)[1:])


@composed(np.outer, arrays=2)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    refuse_keyword("numpy.outer", "out", out)
    return np.multiply(np.reshape(a, (-1, 1)), np.reshape(b, (1, -1)))


@composed(np.vdot, arrays=2)
def vdot(a: Any, b: Any) -> Any:
    return matmul(conjugated(in_a_row(a)), in_a_row(b))


@composed(np.vecdot, arrays=2)
def vecdot(a: Any, b: Any, *, axis: int = -1, keepdims: bool = False, **keywords: Any) -> Any:
    for keyword, value in keywords.items():
        refuse_keyword("numpy.vecdot", keyword, value)
    if np.shape(a)[axis] != np.shape(b)[axis]:
        raise ValueError(f"numpy.vecdot needs vectors of one length: got {np.shape(a)[axis]} and {np.shape(b)[axis]}")
    y = np.einsum("...i,...i->...", conjugated(with_last(as_array(a), axis)), with_last(as_array(b), axis))
    return np.expand_dims(y, axis) if keepdims else y


if hasattr(np, "matvec"):  # from NumPy 2.2 on

    @composed(np.matvec, arrays=2)
    def matvec(a: Any, b: Any) -> Any:
        return matmul(a, np.expand_dims(b, -1))[..., 0]

    @composed(np.vecmat, arrays=2)
    def vecmat(a: Any, b: Any) -> Any:
        return matmul(conjugated(np.expand_dims(a, -2)), b)[..., 0, :]


@composed(np.cross, arrays=2)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = with_last(as_array(a), axisa), with_last(as_array(b), axisb)
    sizes = a.shape[-1], b.shape[-1]
    if not {*sizes} <= {2, 3}:
        raise ValueError(f"numpy.cross is of vectors of 2 or 3 elements: got {sizes[0]} and {sizes[1]}")
    a, b = (x if x.shape[-1] == 3 else np.concatenate([x, np.zeros_like(x[..., :1])], axis=-1) for x in (a, b))
    following, after_that = [1, 2, 0], [2, 0, 1]
    c = a[..., following] * b[..., after_that] - a[..., after_that] * b[..., following]
    return c[..., 2] if sizes == (2, 2) else with_last_at(c, axisc)


@composed(np.inner, arrays=2)
@numeric
def inner(a: Any, b: Any) -> Any:
    return np.multiply(a, b) if np.ndim(a) == 0 or np.ndim(b) == 0 else np.tensordot(a, b, axes=(-1, -1))


@composed(np.tensordot, arrays=2)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """`numpy.tensordot` as one product of matrices."""
    if np.ndim(axes) == 0:
        axes = (range(np.ndim(a) - int(axes), np.ndim(a)), range(int(axes)))
    a_axes = [k % np.ndim(a) for k in np.atleast_1d(np.asarray(axes[0], int))]
    b_axes = [k % np.ndim(b) for k in np.atleast_1d(np.asarray(axes[1], int))]
    if [np.shape(a)[k] for k in a_axes] != [np.shape(b)[k] for k in b_axes]:
        raise ValueError(f"tensordot: shapes {np.shape(a)} and {np.shape(b)} do not match along axes {axes}")
    a_rest = [k for k in range(np.ndim(a)) if k not in a_axes]
    b_rest = [k for k in range(np.ndim(b)) if k not in b_axes]
    size = prod(np.shape(a)[k] for k in a_axes)
    rows, columns = [np.shape(a)[k] for k in a_rest], [np.shape(b)[k] for k in b_rest]
    left = in_shape(transposed(as_array(a), (*a_rest, *a_axes)), (prod(rows), size))
    right = in_shape(transposed(as_array(b), (*b_axes, *b_rest)), (size, prod(columns)))
    return in_shape(matmul(left, right), (*rows, *columns))


@composed(np.kron, arrays=2)
def kron(a: Any, b: Any) -> Any:
    ndim = max(np.ndim(a), np.ndim(b))
    a_shape, b_shape = ((1,) * (ndim - np.ndim(x)) + np.shape(x) for x in (a, b))
    pairs = np.multiply(
        np.reshape(a, [side for size in a_shape for side in (size, 1)]),
        np.reshape(b, [side for size in b_shape for side in (1, size)]),
    )
    return np.reshape(pairs, [m * n for m, n in zip(a_shape, b_shape, strict=True)])


# Convolution of vectors ---------------------------------------------------------------------------------

PAIRS = (((4,), (3,)), ((3,), (3,)), ((2,), (1,)), ((1,), (1,)))


def slid(g: Any, v: Any, mode: str) -> Any:
    """The convolution of a cotangent."""
    if mode == "full":
        return bilinear(full, g, v)
    return bilinear(lambda g, v: valid(g, v) if g.shape[0] >= v.shape[0] else valid(v, g), g, v)


# every sum of products a[i] v[k - i]; and only those in which all of the shorter one takes part
full: Any = rule(
    lambda a, v: np.convolve(a, v, "full"),
    Domain(calls=tuple(call(*pair) for pair in (*PAIRS, ((2,), (4,))))),
    name="convolve",
    a=lambda g, v: slid(g, v[::-1], "valid"),
    v=lambda g, a: slid(g, a[::-1], "valid"),
)


valid: Any = rule(
    lambda a, v: np.convolve(a, v, "valid"),
    Domain(calls=tuple(call(*pair) for pair in PAIRS)),
    name="convolve",
    key="convolve_valid",
    a=lambda g, v: slid(g, v[::-1], "full"),
    v=lambda g, a: slid(g, a[::-1], "valid"),
)


@composed(np.convolve, arrays=2)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    return convolved("numpy.convolve", a, v, mode)


@composed(np.correlate, arrays=2)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    v = in_a_row(v)[::-1]
    return convolved("numpy.correlate", a, conjugated(v), mode)


def convolved(name: str, a: Any, v: Any, mode: str) -> Any:
    if np.ndim(a) > 1 or np.ndim(v) > 1 or not np.size(a) * np.size(v):
        raise ValueError(f"{name} is of two vectors, not empty ones: got shapes {np.shape(a)} and {np.shape(v)}")
    longer, shorter = (in_a_row(x) for x in sorted((a, v), key=np.size, reverse=True))
    if mode == "valid":
        return valid(longer, shorter)
    if mode not in ("full", "same"):
        raise ValueError(f"{name}: mode must be 'full', 'same' or 'valid': got {mode!r}")
    y = full(longer, shorter)
    if mode == "full":
        return y
    swapped = name == "numpy.correlate" and np.size(a) < np.size(v)  # counted from the other end
    start = (shorter.shape[0] - (not swapped)) // 2
    return y[start : start + longer.shape[0]]
