"""Activation functions. A rule is the textbook derivative times g, in a form that is right everywhere."""

from __future__ import annotations

import math
from importlib import import_module
from math import pi, sqrt
from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.analytic import bell, sigmoid, sigmoid_value
from autograd_nn.ops.complexes import real_numbers
from autograd_nn.ops.declare import rule
from autograd_nn.ops.domain import REAL, UNARY, Domain, call

__all__ = [
    "elu",
    "gelu",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "mish",
    "selu",
    "silu",
    "softplus",
    "softsign",
]


def floats(function: str, /, *, kinds: str = "f", **given: Any) -> list[Any]:
    """The arguments as arrays or Tensors of floats; with kinds="fc" they may be complex. Refused by name if not."""
    found = [value if type(value) is Tensor else np.asarray(value) for value in given.values()]
    for name, value in zip(given, found, strict=True):
        if value.dtype.kind not in kinds:
            instead = "take np.real or np.abs of it" if value.dtype.kind == "c" else f"write {name}.astype(float)"
            raise TypeError(f"{function}: {name} must be floats, got {value.dtype}: {instead}")
    return found


FAR = 6e4
"""So far from 0 exponentials are 0 in any precision, and even float16 can say it."""


def finite(x: Any) -> Any:
    """A factor of something that is 0 at both infinities: their product is 0 too."""
    return np.clip(x, -FAR, FAR)


def above(x: Any) -> Any:
    """A factor of something that is 0 at -inf and 1 at inf."""
    return np.maximum(x, -FAR)


def calls(**parameters: Any) -> tuple[Any, ...]:
    return tuple(call(*each.shapes, **parameters) for each in UNARY)


def softplus_value(x: Any) -> Any:
    x = real_numbers("softplus", x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


softplus = rule(softplus_value, REAL, name="softplus", elementwise=True, x=lambda g, x: g * sigmoid(x))
softplus.__doc__ = """log(1 + exp(x)) as max(x, 0) + log1p(exp(-abs(x))), of any shape; its slope is the sigmoid.

>>> from autograd_nn import Tensor
>>> from autograd_nn.functional import softplus
>>> softplus(Tensor([-1000.0, 0.0, 1000.0]))
Tensor([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
"""

log_sigmoid = rule(
    lambda x: -softplus_value(np.negative(real_numbers("log_sigmoid", x))),
    REAL,
    name="log_sigmoid",
    elementwise=True,
    x=lambda g, x: g * sigmoid(-x),
)
log_sigmoid.__doc__ = """The logarithm of `sigmoid` as min(x, 0) - log1p(exp(-abs(x))), of any shape.

>>> from autograd_nn import Tensor
>>> from autograd_nn.functional import log_sigmoid
>>> log_sigmoid(Tensor([-1000.0, 0.0, 40.0]))
Tensor([-1.00000000e+03, -6.93147181e-01, -4.24835426e-18])
"""


def leaky_relu_value(x: Any, negative_slope: float = 0.01) -> Any:
    x = real_numbers("leaky_relu", x)
    return np.where(x > 0, x, x * negative_slope if negative_slope else np.maximum(x, 0))


leaky_relu = rule(
    leaky_relu_value,
    Domain(calls=calls(negative_slope=0.01), kink=lambda x: x),
    name="leaky_relu",
    elementwise=True,
    x=lambda g, x, negative_slope: g * (negative_slope + (1 - negative_slope) * np.heaviside(raw(x), 0)),
)
leaky_relu.__doc__ = """x above 0, negative_slope * x below (and the slope at 0); Maas, Hannun & Ng 2013.

>>> from autograd_nn import Tensor
>>> from autograd_nn.functional import leaky_relu
>>> leaky_relu(Tensor([-1.0, 2.0]), negative_slope=0.1)
Tensor([-0.1,  2. ])
"""

elu = rule(
    lambda x, alpha=1.0: np.maximum(real_numbers("elu", x), 0) + alpha * np.expm1(np.minimum(x, 0)),
    Domain(calls=calls(alpha=1.5), kink=lambda x: x),
    name="elu",
    elementwise=True,
    x=lambda g, x, alpha: g * np.where(raw(x) > 0, 1, alpha * np.exp(np.minimum(x, 0))),
)
elu.__doc__ = """x above 0, alpha * (exp(x) - 1) below; Clevert, Unterthiner & Hochreiter 2015. Its slope at 0 is alpha.

>>> from autograd_nn import Tensor
>>> from autograd_nn.functional import elu
>>> elu(Tensor([-1.0, 2.0]), alpha=2.0)
Tensor([-1.26424112,  2.        ])
"""


def selu(x: Any) -> Any:
    """The scaled `elu` that keeps mean 0 and variance 1; Klambauer et al. 2017.

    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import selu
    >>> selu(Tensor([-1.0, 1.0]))
    Tensor([-1.11133074,  1.05070099])
    """
    real_numbers("selu", raw(x))
    return 1.0507009873554805 * elu(x, 1.6732632423543772)


def silu_slope(x: Any) -> Any:
    return sigmoid(x) + finite(x) * bell(x)


silu = rule(
    lambda x: above(real_numbers("silu", x)) * sigmoid_value(x),
    REAL,
    name="silu",
    elementwise=True,
    x=lambda g, x: g * silu_slope(x),
)
silu.__doc__ = """x * sigmoid(x), also known as swish, of any shape; Elfwing, Uchibe & Doya 2017.

>>> from autograd_nn import Tensor
>>> from autograd_nn.functional import silu
>>> silu(Tensor([-1.0, 0.0, 1000.0]))
Tensor([-2.68941421e-01,  0.00000000e+00,  1.00000000e+03])
"""


def mish_slope(x: Any) -> Any:
    s = softplus(x)
    return np.tanh(s) + finite(x) * (sigmoid(x) / (c := np.cosh(s)) / c)


mish = rule(
    lambda x: above(real_numbers("mish", x)) * np.tanh(softplus_value(x)),
    REAL,
    name="mish",
    elementwise=True,
    x=lambda g, x: g * mish_slope(x),
)
mish.__doc__ = """x * tanh(softplus(x)), of any shape; Misra 2019.

>>> from autograd_nn import Tensor
>>> from autograd_nn.functional import mish
>>> mish(Tensor([-1.0, 0.0, 1.0]))
Tensor([-0.30340146,  0.        ,  0.86509839])
"""


def softsign_value(x: Any) -> Any:
    q = 1 / (1 + np.abs(real_numbers("softsign", x)))
    return np.copysign(np.where(q > 0.5, np.clip(x, -1, 1) * q, 1 - q), x)


softsign = rule(
    softsign_value,
    Domain(kink=lambda x: x),
    name="softsign",
    elementwise=True,
    x=lambda g, x: g / (d := 1 + np.abs(x)) / d,
)
softsign.__doc__ = """x / (1 + abs(x)), of any shape.

>>> from autograd_nn import Tensor
>>> from autograd_nn.functional import softsign
>>> softsign(Tensor([-1.0, 0.0, 3.0]))
Tensor([-0.5 ,  0.  ,  0.75])
"""


def hard_tanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """Clip x between min_val and max_val, where its slope is 1 (also at these two).

    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import hard_tanh
    >>> hard_tanh(Tensor([-2.0, 0.5, 2.0]))
    Tensor([-1. ,  0.5,  1. ])
    """
    real_numbers("hard_tanh", raw(x))
    return np.clip(x, min_val, max_val)


def normal_cdf_value(x: Any) -> Any:
    try:
        erfc = import_module("scipy.special").erfc
    except ImportError:
        erfc = np.vectorize(math.erfc, otypes=[float])
    z = np.multiply(x, -sqrt(1 / 2))
    return (erfc(z) / 2).astype(z.dtype)


def normal_density(x: Any) -> Any:
    return np.exp(x * x / -2) * (1 / sqrt(2 * pi))


normal_cdf = rule(normal_cdf_value, REAL, name="normal_cdf", elementwise=True, x=lambda g, x: g * normal_density(x))


def known_cdf(x: Any, y: Any) -> Any:
    """The distribution function from y, which is x times it: a division costs less than erfc."""
    if type(x) is Tensor:  # the derivatives of a quotient would cancel
        return normal_cdf(x)
    usual = np.isfinite(x) & (np.abs(x) > 4 * np.finfo(x.dtype).tiny)
    return np.where(usual, y / x, np.clip(x, -0.5, 0.5) + 0.5)


gelu_exact = rule(
    lambda x: above(real_numbers("gelu", x)) * normal_cdf_value(x),
    REAL,
    name="gelu",
    elementwise=True,
    x=lambda g, x, y: g * (known_cdf(x, y) + finite(x) * normal_density(x)),
)


def curve(x: Any) -> tuple[Any, Any]:
    """Twice the cubic in the tanh approximation, and its derivative; beyond 50 the tanh is 1."""
    x = np.clip(x, -50, 50)
    return sqrt(8 / pi) * (x + 0.044715 * x * x * x), sqrt(8 / pi) * (1 + 0.134145 * x * x)


def gelu_tanh_slope(x: Any) -> Any:
    u, slope = curve(x)
    return sigmoid(u) + finite(x) * (bell(u) * slope)


gelu_tanh = rule(  # (1 + tanh(u)) / 2 is sigmoid(2u), which keeps its digits where tanh is -1
    lambda x: above(real_numbers("gelu", x)) * sigmoid_value(curve(x)[0]),
    REAL,
    name="gelu_tanh",
    elementwise=True,
    x=lambda g, x: g * gelu_tanh_slope(x),
)


def gelu(x: Any, approximate: str = "none") -> Any:
    """X times the normal distribution function; Hendrycks & Gimpel 2016.

    Parameters
    ----------
    x : array or Tensor of any shape
    approximate : "none" or "tanh"
        x * erfc(-x / sqrt(2)) / 2, or x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2. Where scipy is not
        installed the first goes element by element, and the second is faster.

    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import gelu
    >>> gelu(Tensor([-10.0, 0.0, 1.0]))
    Tensor([-7.61985302e-23,  0.00000000e+00,  8.41344746e-01])
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return gelu_exact(x) if approximate == "none" else gelu_tanh(x)
