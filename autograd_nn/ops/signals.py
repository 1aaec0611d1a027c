"""Convolution, interpolation, polynomials, and samples of functions."""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np

from autograd_nn.engine.modes import MODE
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import as_array, composed, inexact, rule, tracked
from autograd_nn.ops.domain import Domain, call
from autograd_nn.ops.products import conjugated, product

PAIRS = (((4,), (3,)), ((3,), (3,)), ((2,), (1,)), ((1,), (1,)))


def slid(g: Any, v: Any, mode: str) -> Any:
    """The convolution of a cotangent; its zeros win over inf and nan where the engine asks for it."""
    if not MODE.get().strong:
        return full(g, v) if mode == "full" else valid(g, v) if g.shape[0] >= v.shape[0] else valid(v, g)
    if mode == "full":
        edge = np.zeros(v.shape[0] - 1, g.dtype)
        g = np.concatenate([edge, g, edge])
    if g.shape[0] >= v.shape[0]:
        windows = g[window_places(g.shape[0], v.shape[0])]
        return product(windows, v[::-1, None], windows)[:, 0]
    column = g[::-1, None]
    return product(v[window_places(v.shape[0], g.shape[0])], column, column)[:, 0]


def window_places(n: int, width: int) -> Any:
    """The places of all windows of this width in a vector of n elements, a window in each row."""
    return np.arange(n - width + 1)[:, None] + np.arange(width)


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


@composed(np.convolve)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    return convolved("numpy.convolve", a, v, mode)


@composed(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    v = np.reshape(v, -1)[::-1]
    return convolved("numpy.correlate", a, conjugated(v), mode)


def convolved(name: str, a: Any, v: Any, mode: str) -> Any:
    if np.ndim(a) > 1 or np.ndim(v) > 1 or not np.size(a) * np.size(v):
        raise ValueError(f"{name} is of two vectors, not empty ones: got shapes {np.shape(a)} and {np.shape(v)}")
    longer, shorter = (np.reshape(x, -1) for x in sorted((a, v), key=np.size, reverse=True))
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


@inexact(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """`numpy.interp`, in the dtype of its operands. Where x meets a point, the slope is that to its right."""
    x, xp, fp = (t if t.dtype.kind in "fc" else t.astype(float) for t in map(as_array, (x, xp, fp)))
    if xp.ndim != 1 or xp.shape != fp.shape or not xp.size:
        raise ValueError(f"numpy.interp: xp and fp must be vectors of the same length: got {xp.shape} and {fp.shape}")
    if period is not None:
        if not np.all(raw(period)):
            raise ValueError("numpy.interp: period must not be zero")
        period, left, right = np.abs(period), None, None
        x, xp = np.remainder(x, period), np.remainder(xp, period)
        order = np.argsort(xp)
        xp, fp = xp[order], fp[order]
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
    places, knots = raw(x), raw(xp)
    if len(knots) == 1:
        y = fp[np.zeros(places.shape, int)]
    else:
        k = np.clip(np.searchsorted(knots, places, side="right") - 1, 0, len(knots) - 2)
        y = fp[k] + (fp[k + 1] - fp[k]) / (xp[k + 1] - xp[k]) * (x - xp[k])
    y = np.where(places < knots[0], fp[0] if left is None else left, y)
    return np.where(places > knots[-1], fp[-1] if right is None else right, y)


@inexact(np.unwrap)
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * pi) -> Any:
    """`numpy.unwrap`: whole periods are added, so the slope is 1."""
    if tracked(period):
        raise TypeError("numpy.unwrap has no gradient for period: write period.detach() if it is meant as a constant")
    values = raw(p)
    return p + (np.unwrap(values, raw(discont), axis, period=raw(period)) - values).astype(values.dtype)


# Polynomials: coefficients from the highest power down ------------------------------------------------


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
    p, q = (np.trim_zeros(c, "f") if np.any(c) else np.zeros(1, c.dtype) for c in map(as_array, (a1, a2)))
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
    places = np.nonzero(raw(p))[0]
    if not len(places):
        return Tensor(np.roots(raw(p)))
    zeros = len(p) - 1 - places[-1]
    p = p[places[0] : places[-1] + 1]
    n = len(p) - 1
    first = np.reshape(-p[1:] / p[0], (1, n))
    found = np.linalg.eigvals(np.concatenate([first, np.eye(n - 1, n, dtype=p.dtype)])) if n else p[:0]
    return np.concatenate([found, np.zeros(zeros, found.dtype)])


@inexact(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    if seq_of_zeros.ndim != 1:
        raise TypeError("numpy.poly of a Tensor takes a vector of zeros: give np.linalg.eigvalsh(t) of a matrix t")
    p = np.ones(1, seq_of_zeros.dtype)
    for zero in seq_of_zeros:
        p = np.convolve(p, np.stack([np.ones((), p.dtype), -zero]))
    return p


# Samples ----------------------------------------------------------------------------------------------


@inexact(np.linspace)
def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    start, stop = (as_array(end) if isinstance(end, (list, tuple)) else end for end in (start, stop))
    steps = num - 1 if endpoint else num
    t = np.linspace(0, 1, num, endpoint, dtype=np.result_type(raw(start), raw(stop), float(num)), device=device)
    t = np.reshape(t, (num,) + (1,) * max(np.ndim(start), np.ndim(stop)))
    y = np.moveaxis(start * (1 - t) + stop * t, 0, axis)
    if dtype is not None:
        y = (np.floor(y) if np.dtype(dtype).kind in "iu" else y).astype(dtype)
    return (y, (stop - start) / steps if steps else np.nan) if retstep else y


@inexact(np.logspace)
def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    if np.ndim(base):
        start, stop, base = np.broadcast_arrays(start, stop, base)
        base = np.expand_dims(base, axis)
    y = np.power(base, linspace(start, stop, num, endpoint, axis=axis))
    return y if dtype is None else y.astype(dtype)


@inexact(np.geomspace)
def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    if np.any(np.equal(start, 0)) or np.any(np.equal(stop, 0)):
        raise ValueError("numpy.geomspace: a geometric sequence cannot include zero")
    sign = np.sign(start)
    y = np.exp(linspace(np.log(start * sign), np.log(stop * sign), num, endpoint, axis=axis))
    y = y * (np.expand_dims(sign, axis) if np.ndim(sign) else sign)
    return y if dtype is None else y.astype(dtype)
