"""Linear algebra: `numpy.linalg`. A cotangent g pairs with a change d as Re(sum(g * d)), so rules transpose.

Where a matrix is Hermitian NumPy reads one triangle of it, and the gradient is on that triangle. A decomposition is one
primitive, whose factors are the rows of one array. Vectors of eigenvalues or singular values that are equal up to
rounding do not turn into each other: what depends on the space they span, and on the sum of these values, has its right
gradient; a function of the matrix written as v f(w) v.T has not, unless f is flat there.

The chapter is opened when a function of `numpy.linalg` is first called on a Tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial, wraps
from math import prod
from operator import index
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.modes import MODE
from autograd_nn.engine.node import Array
from autograd_nn.engine.registry import refuse_keyword
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import as_inexact, composed, constant, rule, times
from autograd_nn.ops.domain import REDUCTION, Domain, call
from autograd_nn.ops.products import conjugated as star
from autograd_nn.ops.reductions import Axis, reduced_axes, widened

EigResult: Any = type(np.linalg.eig(np.eye(1)))
EighResult: Any = type(np.linalg.eigh(np.eye(1)))
QRResult: Any = type(np.linalg.qr(np.eye(1)))
SlogdetResult: Any = type(np.linalg.slogdet(np.eye(1)))
SVDResult: Any = type(np.linalg.svd(np.eye(1)))


def arrays(*operands: Any) -> list[Any]:
    """Lists and numbers as arrays, Tensors as they are."""
    return [t if type(t) is Tensor else np.asarray(t) for t in operands]


def adjoint(x: Any) -> Any:
    return star(x).mT


def triangle(x: Any, UPLO: str) -> Any:
    """One triangle of each matrix without its diagonal; 0 elsewhere."""
    below = np.tri(x.shape[-1], k=-1, dtype=bool)
    return np.where(below if UPLO.upper() == "L" else below.T, x, 0)


def mirrored(x: Any) -> Any:
    """The Hermitian matrix whose lower triangle this is."""
    below = triangle(x, "L")
    return np.where(diagonal(x), np.real(x), below + adjoint(below))


def folded(g: Any, UPLO: str = "L") -> Any:
    """The cotangent of the triangle that was read, from that of the Hermitian matrix."""
    return np.where(diagonal(g), np.real(g), triangle(g + adjoint(g), UPLO))


def diagonal(x: Any) -> Array:
    """Where the diagonal of the matrices is."""
    return np.eye(*x.shape[-2:], dtype=bool)


def gaps(w: Any) -> Any:
    """1 / (w[j] - w[i]); 0 where they are equal up to rounding."""
    difference = w[..., None, :] - w[..., :, None]
    rounding = w.shape[-1] * np.finfo(w.dtype).eps * np.max(np.abs(raw(w)), axis=-1, initial=0)
    different = np.abs(raw(difference)) > rounding[..., None, None]
    return np.where(different, 1 / np.where(different, difference, 1), 0)


def by_matrix(pullback: Callable[..., Any]) -> Callable[..., Any]:
    """In a stack of matrices, where the cotangent of one is 0 its contribution is, even if it has inf or nan."""

    @wraps(pullback)
    def strong(g: Any, *kept: Any) -> Any:
        r = pullback(g, *kept)
        if MODE.get().strong and r.ndim > 2:
            r = np.where((raw(g) == 0).all(axis=(-2, -1), keepdims=True) & np.isnan(raw(r)), 0, r)
        return r

    return strong


# Inverses and determinants ----------------------------------------------------------------------------

FAR = 0.3
"""In the domains, how far singular values stay away from 0, and eigenvalues from each other."""


def apart(*distances: Any) -> Any:
    """A kink distance that is 0 where one of these is less than `FAR`."""
    return np.concatenate([np.maximum(np.ravel(d) - FAR, 0) for d in distances])


def steady(factors: Callable[[Any], Any], a: Array) -> Any:
    """0 where LAPACK is about to choose other signs for the vectors: another distance for `apart`."""
    one = np.eye(a.size).reshape(a.size, *a.shape)
    nearby = a + 0.01 * np.concatenate([one, -one])
    return np.max(np.abs(factors(nearby) - factors(a)), initial=0) < FAR


def regular(a: Any, b: Any = None) -> Any:
    return apart(np.linalg.svdvals(a))


SQUARES = tuple(call(shape) for shape in [(1, 1), (2, 2), (3, 3), (2, 2, 2), (0, 0), (0, 2, 2)])
REGULAR = Domain(calls=SQUARES, kink=regular)

inverse = rule(np.linalg.inv, REGULAR, np.linalg.inv, a=by_matrix(lambda g, y: -(y.mT @ g @ y.mT)))


def inverse_or_inf(a: Any) -> Any:
    """The inverse; inf where a is singular, as for numbers."""
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        singular = (np.linalg.slogdet(raw(a)).sign == 0)[..., None, None]
        return np.where(singular, np.inf, np.linalg.inv(np.where(singular, diagonal(a), a)))


def solve_or_inf(a: Any, b: Any) -> Any:
    """The solution; of nan LAPACK may say that a is singular where it did not of its transpose."""
    try:
        return np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        return inverse_or_inf(a) @ b


def column(b: Any, b_shape: tuple[int, ...]) -> Any:
    """A right-hand side, or what has its shape, as a matrix."""
    return b[..., None] if len(b_shape) == 1 else b


@by_matrix
def solved_for(g: Any, a: Any) -> Any:
    """The cotangent of b in the solution of a x = b."""
    return solve_or_inf(a.mT, g)


@by_matrix
def solved_with(g: Any, a: Any, y: Any) -> Any:
    """The cotangent of a."""
    return -(solve_or_inf(a.mT, g) @ y.mT)


solve = rule(
    np.linalg.solve,
    Domain(
        calls=tuple(
            call(a, b)
            for a, b in [
                ((2, 2), (2,)),
                ((3, 3), (3, 2)),
                ((2, 2, 2), (2,)),
                ((2, 2), (3, 2, 1)),
                ((2, 1, 2, 2), (3, 2, 2)),
                ((0, 0), (0,)),
            ]
        ),
        kink=regular,
    ),
    np.linalg.solve,
    a=lambda g, a, b_shape, y: solved_with(column(g, b_shape), a, column(y, b_shape)),
    b=lambda g, a, b_shape: solved_for(column(g, b_shape), a)[(..., 0) if len(b_shape) == 1 else ...],
)


def cofactors(a: Any) -> Any:
    """The slope of det(a): ``det(a) * inv(a).T``, exact to any order also where a is singular or nearly so.

    The matrices are scaled to entries around 1, by powers of two, so that only what is too small or too large itself
    gets lost.
    """
    largest = np.max(np.abs(raw(a)), axis=(-2, -1), keepdims=True, initial=0)
    scale = np.ldexp(np.ones_like(largest), np.frexp(largest)[1] - 1)
    scale = np.where((scale > 0) & np.isfinite(largest), scale, 1).astype(largest.dtype)
    return scale ** max(a.shape[-1] - 1, 0) * cofactors_around_one(a / scale)


def cofactors_around_one(a: Any) -> Any:
    values = raw(a)
    singular = np.linalg.cond(values, 1) > np.finfo(a.dtype).eps ** (-2 / 3) if a.size else np.False_
    if not np.any(singular & np.isfinite(values).all(axis=(-2, -1))):
        return np.linalg.det(a)[..., None, None] * inverse_or_inf(a).mT
    if a.ndim == 2:
        return adjugate(a).mT
    return np.stack([cofactors_around_one(matrix) for matrix in a])


SMALL = 8
"""The size up to which `adjugate_by_traces` is stable."""


def adjugate(a: Any) -> Any:
    """What is det(a) inv(a) where a can be inverted, of one matrix, as the polynomial that it is.

    In the bases of the singular vectors, which are constants here, the matrix is [[p, q], [r, s]] with all that is
    large in p. Then det is det(p) det(t) with t = s - r inv(p) q, and the adjugate of the smaller t is left to find.
    """
    values = raw(a)
    size = len(values)
    u, s, vh = np.linalg.svd(values)
    large = int(np.sum(s > np.finfo(a.dtype).eps ** (2 / 3) * s[0]))
    if large == size:
        return np.linalg.det(a) * np.linalg.inv(a)
    if large == 0:
        return adjugate_by_traces(a)
    m = adjoint(u) @ a @ adjoint(vh)
    p, q, r = m[:large, :large], m[:large, large:], m[large:, :large]
    right, left = np.linalg.solve(p, q), np.linalg.solve(p.mT, r.mT).mT
    t = m[large:, large:] - r @ right
    rest = adjugate_by_traces(t) if len(t) <= SMALL else adjugate(t)
    det_t = np.sum(t * rest.mT) / len(rest)
    upper = np.concatenate([det_t * np.linalg.inv(p) + right @ rest @ left, -(right @ rest)], axis=1)
    lower = np.concatenate([-(rest @ left), rest], axis=1)
    scale = np.linalg.det(p) * (np.linalg.det(u) * np.linalg.det(vh))
    return scale * (adjoint(vh) @ np.concatenate([upper, lower]) @ adjoint(u))


def adjugate_by_traces(a: Any) -> Any:
    """The adjugate after Faddeev and LeVerrier: no division by what may be 0, but unstable for large matrices."""
    one = np.eye(a.shape[0], dtype=a.dtype)
    m = one
    for k in range(1, len(one)):
        product = a @ m
        m = product - np.sum(np.where(one == 1, product, 0)) / k * one
    return m * (-1) ** (len(one) - 1)


det = rule(
    np.linalg.det,
    Domain(calls=SQUARES),
    np.linalg.det,
    a=lambda g, a: times(g[..., None, None], cofactors(a)),
)


def logdet_value(a: Any) -> Any:
    """Log |det(a)|, and for complex matrices the angle of det(a) as its imaginary part."""
    sign, size = np.linalg.slogdet(a)
    return size + 1j * np.angle(sign) if np.iscomplexobj(a) else size


logdet = rule(logdet_value, REGULAR, name="logdet", a=lambda g, a: times(g[..., None, None], inverse_or_inf(a).mT))


@composed(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    y = logdet(a)
    sign, _ = np.linalg.slogdet(raw(a))
    if a.dtype.kind == "c":
        sign = np.where(sign == 0, 0, np.exp(1j * np.imag(y)))
    return SlogdetResult(sign, np.real(y))


def pseudo_inverting(g: Any, a: Any, y: Any) -> Any:
    """Golub and Pereyra's derivative, for changes that keep the rank."""
    p, h = star(y), adjoint(g)
    left, right = h @ p @ y.mT, y.mT @ p @ h
    return -(y.mT @ g @ y.mT) + left - star(a) @ (p @ left) + right - (right @ p) @ star(a)


pseudo_inverse = rule(
    lambda a, rcond: np.linalg.pinv(a, rcond),
    Domain(
        calls=tuple(call(shape, rcond=1e-15) for shape in [(1, 1), (2, 2), (3, 2), (2, 3), (2, 2, 3), (0, 2)]),
        kink=regular,
    ),
    name="pinv",
    a=pseudo_inverting,
)


@composed(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    if rcond is not None and rtol is not np._NoValue:
        raise ValueError("numpy.linalg.pinv: rtol and rcond mean the same: give one of them")
    if rcond is None:
        rcond = 1e-15 if rtol is np._NoValue else rtol
    if rcond is None:
        rcond = max(a.shape[-2:]) * np.finfo(a.dtype).eps
    return pseudo_inverse(mirrored(a) if hermitian else a, rcond)


@composed(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: float | None = None) -> Any:
    """The solution, the residuals and the singular values have gradients; the rank is a number."""
    a, b = arrays(a, b)
    _, residuals, rank, _ = np.linalg.lstsq(raw(a), raw(b), rcond)
    eps = np.finfo(np.result_type(a.dtype, b.dtype, np.float32)).eps
    x = np.linalg.pinv(a, max(a.shape) * eps if rcond is None else eps if rcond == -1 else rcond) @ b
    if residuals.size:
        left = a @ x - b
        residuals = np.sum(np.real(left * star(left)), axis=0, keepdims=b.ndim == 1)
    return x, residuals, rank, np.linalg.svdvals(a)


# Decompositions ---------------------------------------------------------------------------------------


def packed(*factors: Any) -> Array:
    """Matrices, and the rows between them, in one array."""
    return np.concatenate(factors, axis=-2)


def choleskying(g: Any, y: Any) -> Any:
    w, inverse = y.mT @ g, np.linalg.inv(y)
    half = np.where(diagonal(w), w / 2, triangle(w, "L"))
    return folded(inverse.mT @ half @ star(inverse))


lower_cholesky = rule(
    lambda a: np.linalg.cholesky(a),
    Domain(
        ((0, np.inf),),
        tuple(call(shape) for shape in [(1, 1), (2, 2), (2, 1, 1), (0, 0)]),
        kink=lambda a: apart(np.linalg.eigvalsh(a)),
    ),
    name="cholesky",
    a=choleskying,
)


@composed(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    return adjoint(lower_cholesky(adjoint(a))) if upper else lower_cholesky(a)


def eighing(g: Any, y: Any, UPLO: str) -> Any:
    w, v = np.real(y[..., 0, :]), y[..., 1:, :]
    gw, gv = np.real(g[..., None, 0, :]), g[..., 1:, :]
    inner = np.where(diagonal(v), gw, gaps(w) * (v.mT @ gv))
    return folded(star(v) @ inner @ v.mT, UPLO)


def eigvalshing(g: Any, a: Any, UPLO: Any) -> Any:
    _, v = np.linalg.eigh(a, UPLO)
    return folded((star(v) * g[..., None, :]) @ v.mT, UPLO)


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
eigh_factors = rule(eigh_value, SYMMETRIC, name="eigh", a=eighing)
eigvalsh = rule(np.linalg.eigvalsh, SYMMETRIC, np.linalg.eigvalsh, a=eigvalshing)


@composed(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    y = eigh_factors(a, UPLO)
    return EighResult(np.real(y[..., 0, :]), y[..., 1:, :])


def eiging(g: Any, y: Any) -> Any:
    """The cotangent of a: eigenvectors have length 1 and, if they are complex, a real largest element."""
    w, v = y[..., 0, :], y[..., 1:, :]
    gw, inner = g[..., None, 0, :], v.mT @ g[..., 1:, :]
    own = np.sum(np.where(diagonal(v), inner, 0), axis=-2, keepdims=True)
    inner = inner - (v.mT @ star(v)) * np.real(own)
    if v.dtype.kind == "c":
        largest = np.argmax(np.abs(raw(v)), axis=-2)[..., None, :]
        inner = inner - 1j * np.imag(own) * np.take_along_axis(v.mT, largest, -1) / np.take_along_axis(v, largest, -2)
    return np.linalg.inv(v).mT @ np.where(diagonal(v), gw, gaps(w) * inner) @ v.mT


def eigvalsing(g: Any, a: Any) -> Any:
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
eig_factors = rule(eig_value, POSITIVE_PAIR, name="eig", a=eiging)
eigvals = rule(np.linalg.eigvals, POSITIVE_PAIR, np.linalg.eigvals, a=eigvalsing)


@composed(np.linalg.eig)
def eig(a: Any) -> Any:
    y = eig_factors(a)
    return EigResult(y[..., 0, :], y[..., 1:, :])


def svd_value(a: Any) -> Array:
    """The rows of u, of s, and of the transpose of vh."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return packed(u, s[..., None, :], vh.mT)


def svding(g: Any, y: Any, a_shape: tuple[int, ...]) -> Any:
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


def svdvalsing(g: Any, x: Any) -> Any:
    """A singular value is |.| of something: flat at 0."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    rounding = max(x.shape[-2:]) * np.finfo(x.dtype).eps * np.max(raw(s), axis=-1, keepdims=True, initial=0)
    return (star(u) * np.where(raw(s) > rounding, g, 0)[..., None, :]) @ star(vh)


TALL_AND_WIDE = Domain(
    calls=tuple(call(shape) for shape in [(1, 1), (2, 2), (3, 2), (2, 3), (2, 3, 1), (0, 2)]),
    kink=lambda a: apart(s := np.linalg.svdvals(a), np.diff(s), steady(svd_value, a)),
)
svd_factors = rule(svd_value, TALL_AND_WIDE, name="svd", a=svding)
svdvals = rule(lambda x: np.linalg.svdvals(x), TALL_AND_WIDE, np.linalg.svdvals, name="svdvals", x=svdvalsing)


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


def qring(g: Any, y: Any, a_shape: tuple[int, ...]) -> Any:
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
    a=by_matrix(qring),
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


# Norms ------------------------------------------------------------------------------------------------


def length_value(x: Any, ord: float, axis: Axis, keepdims: bool) -> Any:
    """(sum of |x|^ord)^(1/ord). Where powers are too large or too small, the largest element is taken out first."""
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        if ord == 2 and axis is None:
            total = np.vdot(x, x).real.reshape((1,) * np.ndim(x))
        else:
            total = np.sum(np.abs(x) ** ord, axis=axis, keepdims=True)
        limits = np.finfo(total.dtype)
        y = np.sqrt(total) if ord == 2 else total ** (1 / ord)
        if not np.all((total > limits.tiny / limits.eps) & (total <= limits.max)):
            size = np.abs(x)
            first, none = (np.max, 0) if ord > 0 else (np.min, np.inf)
            scale = first(size, axis=axis, keepdims=True, initial=none)
            scale = np.where((scale > 0) & np.isfinite(scale), scale, np.ones_like(scale))
            y = scale * np.sum((size / scale) ** ord, axis=axis, keepdims=True) ** (1 / ord)
    return y if keepdims else np.squeeze(y, axis)


def length_slope(x: Any, y: Any, ord: float) -> Any:
    """The unit vector, in the sense of this norm; flat at the origin."""
    origin = raw(y) == 0
    length = np.where(origin, 1, y)
    slope = np.where(origin, 0, star(x) / length)
    if ord == 2:
        return slope
    size = np.abs(x if ord > 2 else np.where(raw(x) == 0, 1, x))
    return slope * (size / length) ** (ord - 2)


def lengthening(g: Any, x: Any, y: Any, ord: float, axis: Axis, keepdims: bool) -> Any:
    g, y = (widened(v, x.shape, axis, keepdims) for v in (g, y))
    return times(g, length_slope(x, y, ord))


length = rule(
    length_value,
    Domain(
        calls=tuple(
            call(c.shapes[0], ord=ord, **c.parameters)
            for ord in (2.0, 3.0, 0.5, -1.0)
            for c in REDUCTION
            if c.parameters["axis"] != ()
        ),
        intervals=((0.1, np.inf),),
    ),
    name="norm",
    x=lengthening,
)


def norm_of_vectors(x: Any, ord: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    if isinstance(ord, str):
        raise ValueError(f"numpy.linalg.norm: ord must be a number for vectors: got {ord!r}")
    if ord == np.inf:
        return np.max(np.abs(x), axis, keepdims=keepdims, initial=0)
    if ord == -np.inf:
        return np.min(np.abs(x), axis, keepdims=keepdims)
    if ord == 0:
        return np.linalg.vector_norm(raw(x), axis=axis, keepdims=keepdims, ord=0)
    if ord == 1:
        return np.sum(np.abs(x), axis, keepdims=keepdims)
    return length(x, 2.0 if ord is None else float(ord), axis, keepdims)


def norm_of_matrices(x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if ord in (None, "fro", "f"):
        return length(x, 2.0, axes, keepdims)
    if ord in (2, -2, "nuc"):
        s = np.linalg.svdvals(np.moveaxis(x, axes, (-2, -1)))
        y = np.sum(s, -1) if ord == "nuc" else np.max(s, -1, initial=0) if ord == 2 else np.min(s, -1)
        return np.expand_dims(y, axes) if keepdims else y
    if ord not in (1, -1, np.inf, -np.inf):
        raise ValueError(
            f"numpy.linalg.norm: ord of matrices must be 'fro', 'nuc', 1, 2, inf, -1, -2 or -inf: got {ord!r}"
        )
    within, across = axes if abs(ord) == 1 else axes[::-1]
    y = norm_of_vectors(np.sum(np.abs(x), within, keepdims=True), ord * np.inf, (across,), True)
    return y if keepdims else np.squeeze(y, axes)


@composed(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Any:
    x = as_inexact(x)
    if axis is None and (ord is None or (x.ndim == 2 and ord in ("f", "fro")) or (x.ndim == 1 and ord == 2)):
        return length(x, 2.0, None, keepdims)
    axes = reduced_axes(x.ndim, axis)
    if len(axes) not in (1, 2):
        raise ValueError(f"numpy.linalg.norm is over one axis or two: got axis={axis} for {x.ndim} dimensions")
    return norm_of_vectors(x, ord, axes, keepdims) if len(axes) == 1 else norm_of_matrices(x, ord, axes, keepdims)


@composed(np.linalg.vector_norm)
def vector_norm(x: Any, /, *, axis: Axis = None, keepdims: bool = False, ord: Any = 2) -> Any:
    return norm_of_vectors(as_inexact(x), ord, reduced_axes(x.ndim, axis), keepdims)


@composed(np.linalg.matrix_norm)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    return np.linalg.norm(x, ord, (-2, -1), keepdims)


@composed(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    value: Any = np.linalg.cond(raw(x), p)
    singular = np.isinf(value)
    if singular.any():
        x = np.where(singular[..., None, None], diagonal(x), x)
    if p is None or p in (2, -2):
        s = np.linalg.svdvals(x)
        y: Any = s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    else:
        y = np.linalg.matrix_norm(x, ord=p) * np.linalg.matrix_norm(np.linalg.inv(x), ord=p)
    return np.where(singular, value, y) if singular.any() else y


constant(np.linalg.matrix_rank)

# Products, and names of the array API -----------------------------------------------------------------


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
    sides = [np.shape(a)[0] if np.ndim(a) == 2 else 1 for a in arrays[:1]] + [np.shape(a)[0] for a in arrays[1:]]
    sides.append(np.shape(arrays[-1])[1] if np.ndim(arrays[-1]) == 2 else 1)

    @cache
    def cheapest(start: int, stop: int) -> tuple[int, int]:
        """The number of multiplications in the product of these, and where to split it first."""
        return min(
            (
                (
                    cheapest(start, k)[0] + cheapest(k, stop)[0] + sides[start] * sides[k] * sides[stop],
                    k,
                )
                for k in range(start + 1, stop)
            ),
            default=(0, start),
        )

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
    return np.reshape(np.linalg.solve(np.reshape(a, (-1, prod(shape))), np.reshape(b, -1)), shape)


@composed(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    if ind <= 0:
        raise ValueError(f"numpy.linalg.tensorinv: ind must be positive: got {ind}")
    shape = a.shape[ind:] + a.shape[:ind]
    return np.reshape(np.linalg.inv(np.reshape(a, (prod(a.shape[:ind]), -1))), shape)


composed(np.linalg.matmul)(np.matmul)
composed(np.linalg.tensordot)(np.tensordot)


@composed(np.linalg.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    return np.swapaxes(x, -1, -2)


@composed(np.linalg.outer)
def outer(x1: Any, x2: Any, /) -> Any:
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ValueError(f"numpy.linalg.outer is of two vectors: got shapes {np.shape(x1)} and {np.shape(x2)}")
    return np.outer(x1, x2)


@composed(np.linalg.cross)
def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    sizes = [np.shape(x)[axis] for x in (x1, x2)]
    if sizes != [3, 3]:
        raise ValueError(
            f"numpy.linalg.cross is of vectors of 3 elements: got {sizes[0]} and {sizes[1]} along axis {axis}"
        )
    return np.cross(x1, x2, axis=axis)


@composed(np.linalg.vecdot)
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return np.vecdot(np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1))


@composed(np.linalg.diagonal)
def diagonals(x: Any, /, *, offset: int = 0) -> Any:
    return np.diagonal(x, offset, -2, -1)


@composed(np.linalg.trace)
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    return np.trace(x if dtype is None else x.astype(dtype), offset, -2, -1)
