"""Inverses, determinants and solutions of linear equations."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.questions import question
from autograd_nn.engine.tensor import raw
from autograd_nn.ops.declare import anywhere, composed, rule, times
from autograd_nn.ops.declare import conjugated as star
from autograd_nn.ops.domain import Domain, call
from autograd_nn.ops.linalg.matrices import adjoint, apart, arrays, by_matrix, diagonal, from_lower

SlogdetResult: Any = type(np.linalg.slogdet(np.eye(1)))


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


@question
def nearly_singular(a: Any) -> bool:
    """Whether one of the matrices is, and all of it is finite."""
    if not a.size:
        return False
    singular = np.linalg.cond(a, 1) > np.finfo(a.dtype).eps ** (-2 / 3)
    return (singular & np.isfinite(a).all(axis=(-2, -1))).any()


def cofactors_around_one(a: Any) -> Any:
    if not nearly_singular(a):
        return np.linalg.det(a)[..., None, None] * inverse_or_inf(a).mT
    if a.ndim == 2:
        return adjugate(a).mT
    return np.stack([cofactors_around_one(a[k]) for k in range(a.shape[0])])


SMALL = 8
"""The size up to which `adjugate_by_traces` is stable."""


def adjugate(a: Any) -> Any:
    """What is det(a) inv(a) where a can be inverted, of one matrix, as the polynomial that it is.

    In the bases of the singular vectors, which are constants here, the matrix is [[p, q], [r, s]] with all that is
    large in p. Then det is det(p) det(t) with t = s - r inv(p) q, and the adjugate of the smaller t is left to find.
    """
    size = a.shape[-1]
    u, s, vh = np.linalg.svd(raw(a))
    large = 0
    while large < size and anywhere(s[large] > np.finfo(a.dtype).eps ** (2 / 3) * s[0]):
        large += 1
    if large == size:
        return np.linalg.det(a) * np.linalg.inv(a)
    if large == 0:
        return adjugate_by_traces(a)
    m = adjoint(u) @ a @ adjoint(vh)
    p, q, r = m[:large, :large], m[:large, large:], m[large:, :large]
    right, left = np.linalg.solve(p, q), np.linalg.solve(p.mT, r.mT).mT
    t = m[large:, large:] - r @ right
    rest = adjugate_by_traces(t) if size - large <= SMALL else adjugate(t)
    det_t = np.sum(t * rest.mT) / (size - large)
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


def pinv_pullback(g: Any, a: Any, y: Any) -> Any:
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
    a=pinv_pullback,
)


@composed(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    if rcond is not None and rtol is not np._NoValue:
        raise ValueError("numpy.linalg.pinv: rtol and rcond mean the same: give one of them")
    if rcond is None:
        rcond = 1e-15 if rtol is np._NoValue else rtol
    if rcond is None:
        rcond = max(a.shape[-2:]) * np.finfo(a.dtype).eps
    return pseudo_inverse(from_lower(a) if hermitian else a, rcond)


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
