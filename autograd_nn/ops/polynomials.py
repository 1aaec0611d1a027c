"""Polynomials: coefficients from the highest power down."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import as_array, inexact
from autograd_nn.ops.gathering import leading_zeros


@inexact(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    x = as_array(x)
    y = x * 0
    for coefficient in p:
        y = y * x + coefficient
    return y


@inexact(np.vander)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    if x.ndim != 1:
        raise ValueError(f"numpy.vander takes a vector: got the shape {x.shape}")
    powers = np.arange(len(x) if N is None else N).astype(x.dtype)
    return x[:, None] ** (powers if increasing else powers[::-1])


def aligned(p: Any, q: Any) -> Any:
    """Both with as many coefficients."""
    p, q = np.atleast_1d(p), np.atleast_1d(q)
    n = max(len(p), len(q))
    return (np.concatenate([np.zeros(n - len(c), c.dtype), c]) for c in (p, q))


@inexact(np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    return np.add(*aligned(a1, a2))


@inexact(np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    return np.subtract(*aligned(a1, a2))


@inexact(np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    p, q = (c[min(leading_zeros(raw(c)), c.shape[0] - 1) :] for c in map(as_array, (a1, a2)))
    return np.convolve(p, q)


@inexact(np.polyder)
def polyder(p: Any, m: int = 1) -> Any:
    if m < 0:
        raise ValueError(f"numpy.polyder: m must not be negative: got {m}")
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1).astype(p.dtype)
    return p


@inexact(np.polyint)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    if m < 0:
        raise ValueError(f"numpy.polyint: m must not be negative: got {m}")
    constants = np.zeros(m, p.dtype) if k is None else np.broadcast_to(k, (m,))
    for constant in constants:
        p = np.concatenate([p / np.arange(len(p), 0, -1).astype(p.dtype), np.reshape(constant, (1,))])
    return p


@inexact(np.roots)
def roots(p: Any) -> Any:
    """The eigenvalues of the companion matrix; a zero for each last coefficient that is 0."""
    if p.ndim != 1:
        raise ValueError(f"numpy.roots takes a vector of coefficients: got the shape {p.shape}")
    start, zeros = leading_zeros(raw(p)), leading_zeros(raw(p)[::-1])
    if start == p.shape[0]:
        return Tensor(np.roots(raw(p)))
    p = p[start : p.shape[0] - zeros]
    n = p.shape[0] - 1
    first = np.reshape(-p[1:] / p[0], (1, n))
    found = np.linalg.eigvals(np.concatenate([first, np.eye(n - 1, n, dtype=p.dtype)])) if n else p[:0]
    if p.dtype.kind == "f" and not np.any(np.imag(raw(found))):  # from NumPy 2.5 on eigvals are complex even then
        found = np.real(found)
    return np.concatenate([found, np.zeros(zeros, found.dtype)])


@inexact(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    if seq_of_zeros.ndim != 1:
        raise TypeError("numpy.poly of a Tensor takes a vector of zeros: give np.linalg.eigvalsh(t) of a matrix t")
    p = np.ones(1, seq_of_zeros.dtype)
    for zero in seq_of_zeros:
        p = np.convolve(p, np.stack([np.ones((), p.dtype), -zero]))
    return p
