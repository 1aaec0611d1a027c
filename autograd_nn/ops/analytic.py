"""Smooth functions of a number or two. A rule is the textbook derivative times g, in a form that is right everywhere.

What has a kink, chooses between its operands, or is arithmetic is in `elementwise`.
"""

from __future__ import annotations

from math import factorial, log, pi
from typing import Any

import numpy as np

from autograd_nn.engine.questions import question
from autograd_nn.engine.tensor import raw
from autograd_nn.ops.declare import composed, rule
from autograd_nn.ops.domain import BINARY, POSITIVE, REAL, TWO, UNARY, Domain
from autograd_nn.ops.neural.activations import sigmoid

LOG2, LOG10 = log(2), log(10)

UNIT = Domain(((-1, 1),))

square = rule(np.square, REAL, a=lambda g, a: g * (a + a))
reciprocal = rule(np.reciprocal, Domain(((0.1, np.inf),)), a=lambda g, y: -g * y * y)
sqrt = rule(np.sqrt, POSITIVE, a=lambda g, y: g / (y + y))
cbrt = rule(np.cbrt, POSITIVE, a=lambda g, y: g / (3 * y * y))
exp = rule(np.exp, REAL, a=lambda g, y: g * y)
expm1 = rule(np.expm1, REAL, a=lambda g, a: g * np.exp(a))
exp2 = rule(np.exp2, REAL, a=lambda g, y: g * (y * LOG2))
natural_log = rule(np.log, POSITIVE, a=lambda g, a: g / a)
log2 = rule(np.log2, POSITIVE, a=lambda g, a: g / a / LOG2)
log10 = rule(np.log10, POSITIVE, a=lambda g, a: g / a / LOG10)
log1p = rule(np.log1p, POSITIVE, a=lambda g, a: g / (1 + a))
sinh = rule(np.sinh, REAL, a=lambda g, a: g * np.cosh(a))
cosh = rule(np.cosh, REAL, a=lambda g, a: g * np.sinh(a))
# 1 - y*y has lost its digits from |a| = 10 on and is 0 beyond 19; 1/cosh(a)^2 is right everywhere
tanh_anywhere = rule(np.tanh, REAL, name="tanh", a=lambda g, a: g / (c := np.cosh(a)) / c)
# it needs y alone, and is written so that NumPy computes in one temporary array
tanh_nearby = rule(
    lambda a: np.tanh(a),
    Domain(((-6, 6),)),
    name="tanh",
    key="tanh_nearby",
    elementwise=True,
    a=lambda g, y: -((y * y - 1) * g),
)


@question
def moderate(a: Any) -> bool:
    """Whether 1 - tanh(a)^2 has its digits."""
    return a.max() < 6 and a.min() > -6


@composed(np.tanh)
def tanh(a: Any) -> Any:
    """Where all of a large array is moderate, 1 - y*y has its digits, and the memory of the array is not kept."""
    if a.size > 10_000 and a.dtype == np.float64 and moderate(a):
        return tanh_nearby(a)
    return tanh_anywhere(a)


sin = rule(np.sin, REAL, a=lambda g, a: g * np.cos(a))
cos = rule(np.cos, REAL, a=lambda g, a: -g * np.sin(a))
tan = rule(np.tan, UNIT, a=lambda g, y: g * (1 + y * y))
arcsin = rule(np.arcsin, UNIT, a=lambda g, a: g / np.sqrt((1 - a) * (1 + a)))
arccos = rule(np.arccos, UNIT, a=lambda g, a: -g / np.sqrt((1 - a) * (1 + a)))
arctan = rule(np.arctan, REAL, a=lambda g, a: g / (1 + a * a))
arcsinh = rule(
    np.arcsinh,
    REAL,
    a=lambda g, a: g / (np.hypot(a, 1.0) if a.dtype.kind != "c" else np.sqrt(1 + 1j * a) * np.sqrt(1 - 1j * a)),
)
arccosh = rule(np.arccosh, Domain(((1, np.inf),)), a=lambda g, a: g / (np.sqrt(a - 1) * np.sqrt(a + 1)))
arctanh = rule(np.arctanh, UNIT, a=lambda g, a: g / ((1 - a) * (1 + a)))
radians = rule(np.radians, REAL, np.deg2rad, a=lambda g: g * (pi / 180))
degrees = rule(np.degrees, REAL, np.rad2deg, a=lambda g: g * (180 / pi))


def ratio(a: Any, h: Any) -> Any:
    """``a / h``, and 0 where h is: hypot and arctan2 are flat at the origin."""
    return np.where(raw(h) == 0, 0, a / h)


AWAY = Domain(((0.2, np.inf),), BINARY)
hypot = rule(np.hypot, AWAY, a=lambda g, a, y: g * ratio(a, y), b=lambda g, b, y: g * ratio(b, y))
arctan2 = rule(
    np.arctan2,
    AWAY,
    a=lambda g, a, b: g * ratio(ratio(b, h := np.hypot(a, b)), h),
    b=lambda g, a, b: -g * ratio(ratio(a, h := np.hypot(a, b)), h),
)


def logistic_of_difference(a: Any, b: Any, scale: float = 1.0) -> Any:
    """The share of a in logaddexp(a, b): a half where both are the same infinity."""
    return np.where((raw(a) == raw(b)) & np.isinf(raw(a)), 0.5, sigmoid((a - b) * scale))


logaddexp = rule(
    np.logaddexp,
    TWO,
    a=lambda g, a, b: g * logistic_of_difference(a, b),
    b=lambda g, a, b: g * logistic_of_difference(b, a),
)
logaddexp2 = rule(
    np.logaddexp2,
    TWO,
    a=lambda g, a, b: g * logistic_of_difference(a, b, LOG2),
    b=lambda g, a, b: g * logistic_of_difference(b, a, LOG2),
)


SINC_SLOPE = [(-1) ** k * 2 * k / factorial(2 * k + 1) for k in range(1, 9)]
"""The series of d/dt sin(t)/t, in odd powers of t."""


def sinc_slope(x: Any) -> Any:
    """The derivative of sin(pi x) / (pi x): by its series where the closed form has lost its digits."""
    t = pi * x
    near = np.abs(raw(t)) < 1
    square, series = np.where(near, t, 0) ** 2, 0.0
    for coefficient in reversed(SINC_SLOPE):
        series = series * square + coefficient
    return pi * np.where(near, t * series, (np.cos(t) - np.sinc(x)) / np.where(near, 1, t))


sinc: Any = rule(lambda x: np.sinc(x), REAL, np.sinc, name="sinc", elementwise=True, x=lambda g, x: g * sinc_slope(x))


QUARTER = np.cos((np.arange(64) + 0.5) * (pi / 128))
"""Cosines around a quarter of the circle: the others are these with another sign."""


def i0_slope(x: Any) -> Any:
    """I1(x), the mean of sinh(x cos t) cos t around the circle: all terms have one sign, none cancel."""
    cosine = QUARTER.astype(x.dtype)
    return np.mean(np.sinh(x[..., None] * cosine) * cosine, axis=-1)


i0 = rule(
    lambda x: np.i0(x), Domain(((-30, 30),), UNARY), np.i0, name="i0", elementwise=True, x=lambda g, x: g * i0_slope(x)
)
