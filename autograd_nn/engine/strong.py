"""Strong zeros: a cotangent that is exactly 0 gives exactly 0, whatever it is multiplied with.

Multiplying 0 by inf or nan gives nan. A backward pass whose gradients came out nan is run once more with strong zeros,
and only then does anything here differ from plain arithmetic. A rule says what is linear in what; what that means where
the other factor is not finite is said here, once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.modes import MODE
from autograd_nn.engine.tensor import raw

__all__ = ["bilinear", "reached"]


def reached(r: Any, by: Callable[[], Any]) -> Any:
    """The result of a rule, but 0 where it is nan though no cotangent other than 0 has reached it.

    ``by()`` tells where one has: for an elementwise rule ``lambda: g != 0``. It must broadcast against r.
    """
    if not MODE.get().strong:
        return r
    bad = np.isnan(raw(r))
    return np.where(bad & ~np.asarray(raw(by())), 0, r) if bad.any() else r


def bilinear(f: Callable[[Any, Any], Any], g: Any, other: Any) -> Any:
    """``f(g, other)``, where zeros of the cotangent g win over inf and nan in the other factor.

    f is linear in g and in other, a sum of products of their elements without further coefficients: a product of
    matrices, a contraction, a convolution.
    """
    if not MODE.get().strong or np.isfinite(raw(other)).all():
        return f(g, other)
    values, factors = raw(g), raw(other)
    count: Callable[[Any, Any], Any] = lambda of_g, of_other: f(of_g.astype(float), of_other.astype(float)) > 0.5
    y = f(g, np.where(np.isfinite(factors), other, 0))
    if factors.dtype.kind == "c" or values.dtype.kind == "c" or not np.isfinite(values).all():
        return np.where(count(values != 0, ~np.isfinite(factors)), f(g, other), y)  # which infinity it is, NumPy says
    up, down = factors == np.inf, factors == -np.inf
    plus = count(values > 0, up) | count(values < 0, down)
    minus = count(values > 0, down) | count(values < 0, up)
    lost = count(values != 0, np.isnan(factors)) | (plus & minus)
    infinite = np.where(plus, np.inf, np.where(minus, -np.inf, 0))
    return y + np.where(lost, np.nan, infinite).astype(raw(y).dtype)
