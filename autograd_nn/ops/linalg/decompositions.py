"""Decompositions: one primitive each, whose factors are the rows of one array.

Vectors of eigenvalues or singular values that are equal up to rounding do not turn into each other: what depends on the
space they span, and on the sum of these values, has its right gradient; a function of the matrix written as v f(w) v.T
has not, unless f is flat there.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograd_nn.engine.node import Array
from autograd_nn.engine.tensor import raw
from autograd_nn.ops.declare import composed, rule, times
from autograd_nn.ops.declare import conjugated as star
from autograd_nn.ops.domain import Domain, call
from autograd_nn.ops.linalg.inverses import inverse_or_inf
from autograd_nn.ops.linalg.matrices import adjoint, apart, by_matrix, diagonal, on_triangle, steady, triangle

EigResult: Any = type(np.linalg.eig(np.eye(1)))
EighResult: Any = type(np.linalg.eigh(np.eye(1)))
QRResult: Any = type(np.linalg.qr(np.eye(1)))
SVDResult: Any = type(np.linalg.svd(np.eye(1)))


def gaps(w: Any) -> Any:
    """1 / (w[j] - w[i]); 0 where they are equal up to rounding."""
    difference = w[..., None, :] - w[..., :, None]
    rounding = w.shape[-1] * np.finfo(w.dtype).eps * np.max(np.abs(raw(w)), axis=-1, initial=0)
    different = np.abs(raw(difference)) > rounding[..., None, None]
    return np.where(different, 1 / np.where(different, difference, 1), 0)


def packed(*factors: Any) -> Array:
    """Matrices, and the rows between them, in one array."""
    return np.concatenate(factors, axis=-2)


def cholesky_pullback(g: Any, y: Any) -> Any:
    w, inverse = y.mT @ g, np.linalg.inv(y)
    half = np.where(diagonal(w), w / 2, triangle(w, "L"))
    return on_triangle(inverse.mT @ half @ star(inverse))


lower_cholesky = rule(
    lambda a: np.linalg.cholesky(a),
    Domain(
        ((0, np.inf),),
        tuple(call(shape) for shape in [(1, 1), (2, 2), (2, 1, 1), (0, 0)]),
        kink=lambda a: apart(np.linalg.eigvalsh(a)),
    ),
    name="cholesky",
    a=cholesky_pullback,
)


@composed(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    return adjoint(lower_cholesky(adjoint(a))) if upper else lower_cholesky(a)


def eigh_pullback(g: Any, y: Any, UPLO: str) -> Any:
    w, v = np.real(y[..., 0, :]), y[..., 1:, :]
    gw, gv = np.real(g[..., None, 0, :]), g[..., 1:, :]
    inner = np.where(diagonal(v), gw, gaps(w) * (v.mT @ gv))
    return on_triangle(star(v) @ inner @ v.mT, UPLO)


def eigvalsh_pullback(g: Any, a: Any, UPLO: Any) -> Any:
    _, v = np.linalg.eigh(a, UPLO)
    return on_triangle((star(v) * g[..., None, :]) @ v.mT, UPLO)


def eigh_value(a: Any, UPLO: Any) -> Array:
    w, v = np.linalg.eigh(a, UPLO)
    return packed(w[..., None, :], v)


SYMMETRIC = Domain(
    calls=tuple(
        call(shape, UPLO=UPLO)
        for shape, UPLO in [((1, 1), "L"), ((2, 2), "L"), ((2, 2), "U"), ((3, 3), "U"), ((0, 0), "L")]
    ),
    kink=lambda a: apart(
        *(np.diff(np.linalg.eigvalsh(a, UPLO)) for UPLO in ("L", "U")),
        *(steady(partial(eigh_value, UPLO=UPLO), a) for UPLO in ("L", "U")),
    ),
)
eigh_factors = rule(eigh_value, SYMMETRIC, name="eigh", a=eigh_pullback)
eigvalsh = rule(np.linalg.eigvalsh, SYMMETRIC, np.linalg.eigvalsh, a=eigvalsh_pullback)


@composed(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    y = eigh_factors(a, UPLO)
    return EighResult(np.real(y[..., 0, :]), y[..., 1:, :])


def eig_pullback(g: Any, y: Any) -> Any:
    """The cotangent of a: eigenvectors have length 1 and, if they are complex, a real largest element."""
    w, v = y[..., 0, :], y[..., 1:, :]
    gw, inner = g[..., None, 0, :], v.mT @ g[..., 1:, :]
    own = np.sum(np.where(diagonal(v), inner, 0), axis=-2, keepdims=True)
    inner = inner - (v.mT @ star(v)) * np.real(own)
    if v.dtype.kind == "c" and v.size:
        largest = np.argmax(np.abs(raw(v)), axis=-2)[..., None, :]
        inner = inner - 1j * np.imag(own) * np.take_along_axis(v.mT, largest, -1) / np.take_along_axis(v, largest, -2)
    return np.linalg.inv(v).mT @ np.where(diagonal(v), gw, gaps(w) * inner) @ v.mT


def eigvals_pullback(g: Any, a: Any) -> Any:
    _, v = np.linalg.eig(a)
    return (np.linalg.inv(v).mT * g[..., None, :]) @ v.mT


def eig_value(a: Any) -> Array:
    w, v = np.linalg.eig(a)
    return packed(w[..., None, :], v)


# a positive matrix of two rows has two real eigenvalues
POSITIVE_PAIR = Domain(
    ((0, np.inf),),
    tuple(call(shape) for shape in [(1, 1), (2, 2), (2, 2, 2), (0, 0)]),
    kink=lambda a: apart(np.diff(np.sort(np.linalg.eigvals(a).real)), steady(eig_value, a)),
)
eig_factors = rule(eig_value, POSITIVE_PAIR, name="eig", a=eig_pullback)
eigvals = rule(np.linalg.eigvals, POSITIVE_PAIR, np.linalg.eigvals, a=eigvals_pullback)


@composed(np.linalg.eig)
def eig(a: Any) -> Any:
    y = eig_factors(a)
    return EigResult(y[..., 0, :], y[..., 1:, :])


def svd_value(a: Any) -> Array:
    """The rows of u, of s, and of the transpose of vh."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return packed(u, s[..., None, :], vh.mT)


def svd_pullback(g: Any, y: Any, a_shape: tuple[int, ...]) -> Any:
    rows, columns = a_shape[-2:]
    u, s, v = y[..., :rows, :], np.real(y[..., None, rows, :]), star(y[..., rows + 1 :, :])
    gu, gs, gv = g[..., :rows, :], np.real(g[..., None, rows, :]), star(g[..., rows + 1 :, :])
    wu, wv = u.mT @ gu, v.mT @ gv
    slope = gaps(s[..., 0, :])
    both = s + s.mT
    both = np.where(raw(both) == 0, 1, both)
    inner = slope * (wu - adjoint(wu)) * (s / both) + slope * (wv - adjoint(wv)) * (s.mT / both)
    turned = times(1j * np.imag(wu), 1 / s) if u.dtype.kind == "c" else 0
    inner = np.where(diagonal(inner), gs + turned, inner)
    result = star(u) @ inner @ v.mT
    if rows > columns:
        result = result + times(gu - star(u) @ wu, 1 / s) @ v.mT
    if columns > rows:
        result = result + star(u) @ times(star(gv) - v @ adjoint(wv).mT, 1 / s).mT
    return result


def svdvals_pullback(g: Any, x: Any) -> Any:
    """A singular value is |.| of something: flat at 0."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    rounding = max(x.shape[-2:]) * np.finfo(x.dtype).eps * np.max(raw(s), axis=-1, keepdims=True, initial=0)
    return (star(u) * np.where(raw(s) > rounding, g, 0)[..., None, :]) @ star(vh)


TALL_AND_WIDE = Domain(
    calls=tuple(call(shape) for shape in [(1, 1), (2, 2), (3, 2), (2, 3), (2, 3, 1), (0, 2)]),
    kink=lambda a: apart(s := np.linalg.svdvals(a), -np.diff(s), steady(svd_value, a)),
)
svd_factors = rule(svd_value, TALL_AND_WIDE, name="svd", a=svd_pullback)
svdvals = rule(lambda x: np.linalg.svdvals(x), TALL_AND_WIDE, np.linalg.svdvals, name="svdvals", x=svdvals_pullback)


@composed(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    if hermitian:
        return svd_of_hermitian(a, compute_uv)
    if not compute_uv:
        return svdvals(a)
    rows, columns = a.shape[-2:]
    if full_matrices and rows != columns:
        raise TypeError(
            f"numpy.linalg.svd of a Tensor of shape {a.shape} does not take full_matrices=True: the vectors beyond the "
            f"{min(rows, columns)} singular values are arbitrary; write full_matrices=False"
        )
    y = svd_factors(a)
    return SVDResult(y[..., :rows, :], np.real(y[..., rows, :]), y[..., rows + 1 :, :].mT)


def svd_of_hermitian(a: Any, compute_uv: bool) -> Any:
    """By way of the eigenvalues: their absolute values, largest first."""
    w, v = np.linalg.eigh(a)
    order = np.argsort(np.abs(raw(w)), axis=-1)[..., ::-1]
    s = np.take_along_axis(np.abs(w), order, -1)
    if not compute_uv:
        return s
    u = np.take_along_axis(v, order[..., None, :], -1)
    sign = np.take_along_axis(np.sign(raw(w)), order, -1)
    return SVDResult(u, s, adjoint(u * sign[..., None, :]))


def qr_pullback(g: Any, y: Any, a_shape: tuple[int, ...]) -> Any:
    rows = a_shape[-2]
    q, r, gq, gr = y[..., :rows, :], y[..., rows:, :], g[..., :rows, :], g[..., rows:, :]
    k = gr @ r.mT - q.mT @ gq
    above = triangle(k, "U")
    both = np.where(diagonal(k), np.real(k), above + adjoint(above))
    return (gq + star(q) @ both) @ inverse_or_inf(r).mT


def qr_value(a: Any) -> Array:
    return packed(*np.linalg.qr(a))


qr_factors = rule(
    qr_value,
    Domain(
        calls=tuple(call(shape) for shape in [(1, 1), (2, 2), (3, 2), (2, 3, 1), (2, 0)]),
        kink=lambda a: apart(np.linalg.svdvals(a), steady(qr_value, a)),
    ),
    name="qr",
    a=by_matrix(qr_pullback),
)


@composed(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    rows, columns = a.shape[-2:]
    if mode not in ("reduced", "complete", "r") or (mode == "complete" and rows > columns):
        raise TypeError(
            f"numpy.linalg.qr of a Tensor of shape {a.shape} does not take mode={mode!r}: write 'reduced' or 'r'; "
            f"columns beyond those of a are arbitrary, and reflectors have no gradient"
        )
    square = min(rows, columns)
    y = qr_factors(a[..., :square])
    q, r = y[..., :rows, :], y[..., rows:, :]
    if columns > rows:
        r = np.concatenate([r, adjoint(q) @ a[..., square:]], axis=-1)
    return r if mode == "r" else QRResult(q, r)
