"""Activation functions. A rule is the textbook derivative times g, in a form that is right everywhere."""

from __future__ import annotations

import math
from math import pi, sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from autograd_nn.engine.questions import is_plain
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import real_numbers, rule, ruled
from autograd_nn.ops.domain import REAL, UNARY, Domain, call

__all__ = [
    "elu",
    "gelu",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "mish",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
    "softsign",
]

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


# the sign of the output is the slope: 1 above 0, 0 at and below it, nan for nan
@ruled(Domain(kink=lambda x: x), elementwise=True, x=lambda g, y: g * np.sign(y))
def relu(x: ArrayLike | Tensor) -> Tensor:
    """The rectified linear unit max(x, 0); its slope at 0 is 0.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError
        If x is complex.

    Examples
    --------
    >>> from autograd_nn import Tensor, relu
    >>> relu(Tensor([-1.0, 0.0, 2.0]))
    Tensor([0., 0., 2.])
    """
    return np.maximum(real_numbers("relu", x), 0)


def bell_value(x: Any) -> Any:
    e = np.exp(-np.abs(x))
    return e / (d := 1 + e) / d


bell: Any = rule(bell_value, REAL, name="bell", elementwise=True, x=lambda g, x: -g * bell(x) * np.tanh(x / 2))
"""The slope of the sigmoid, s*(1-s), which is 0 from x = 37 on if it is written like that."""


@ruled(REAL, elementwise=True, x=lambda g, x: g * bell(x))
def sigmoid(x: ArrayLike | Tensor) -> Tensor:
    """The logistic function 1 / (1 + exp(-x)), without overflow.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError
        If x is complex.

    Examples
    --------
    >>> from autograd_nn import Tensor, sigmoid
    >>> sigmoid(Tensor([-1000.0, 0.0, 2.0]))
    Tensor([0.        , 0.5       , 0.88079708])
    """
    value = real_numbers("sigmoid", x)
    return np.exp(np.minimum(value, 0)) / (1 + np.exp(-np.abs(value)))


@ruled(REAL, elementwise=True, x=lambda g, x: g * sigmoid(x))
def softplus(x: ArrayLike | Tensor) -> Tensor:
    """log(1 + exp(x)) as max(x, 0) + log1p(exp(-abs(x))); its slope is the sigmoid.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError
        If x is complex.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import softplus
    >>> softplus(Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    value = real_numbers("softplus", x)
    return np.maximum(value, 0) + np.log1p(np.exp(-np.abs(value)))


@ruled(REAL, elementwise=True, x=lambda g, x: g * sigmoid(-x))
def log_sigmoid(x: ArrayLike | Tensor) -> Tensor:
    """The logarithm of `sigmoid` as min(x, 0) - log1p(exp(-abs(x))).

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError
        If x is complex.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import log_sigmoid
    >>> log_sigmoid(Tensor([-1000.0, 0.0, 40.0]))
    Tensor([-1.00000000e+03, -6.93147181e-01, -4.24835426e-18])
    """
    return -softplus(np.negative(real_numbers("log_sigmoid", x)))


@ruled(
    Domain(calls=calls(negative_slope=0.01), kink=lambda x: x),
    elementwise=True,
    x=lambda g, x, negative_slope: g * (negative_slope + (1 - negative_slope) * np.heaviside(raw(x), 0)),
)
def leaky_relu(x: ArrayLike | Tensor, negative_slope: float = 0.01) -> Tensor:
    """``x`` above 0, ``negative_slope * x`` below (and the slope at 0); Maas, Hannun & Ng 2013.

    Parameters
    ----------
    x : array or Tensor, any shape
    negative_slope : float
        The slope below 0.

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError
        If x is complex.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import leaky_relu
    >>> leaky_relu(Tensor([-1.0, 2.0]), negative_slope=0.1)
    Tensor([-0.1,  2. ])
    """
    value = real_numbers("leaky_relu", x)
    return np.where(value > 0, value, value * negative_slope if negative_slope else np.maximum(value, 0))


@ruled(
    Domain(calls=calls(alpha=1.5), kink=lambda x: x),
    elementwise=True,
    x=lambda g, x, alpha: g * np.where(raw(x) > 0, 1, alpha * np.exp(np.minimum(x, 0))),
)
def elu(x: ArrayLike | Tensor, alpha: float = 1.0) -> Tensor:
    """``x`` above 0, ``alpha * (exp(x) - 1)`` below; Clevert, Unterthiner & Hochreiter 2015. Its slope at 0 is alpha.

    Parameters
    ----------
    x : array or Tensor, any shape
    alpha : float
        Minus the limit at -inf.

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError
        If x is complex.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import elu
    >>> elu(Tensor([-1.0, 2.0]), alpha=2.0)
    Tensor([-1.26424112,  2.        ])
    """
    value = real_numbers("elu", x)
    return np.maximum(value, 0) + alpha * np.expm1(np.minimum(value, 0))


def selu(x: ArrayLike | Tensor) -> Tensor:
    """The scaled `elu` that keeps mean 0 and variance 1; Klambauer et al. 2017.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError
        If x is complex.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import selu
    >>> selu(Tensor([-1.0, 1.0]))
    Tensor([-1.11133074,  1.05070099])
    """
    return 1.0507009873554805 * elu(real_numbers("selu", x), 1.6732632423543772)


def silu_slope(x: Any) -> Any:
    return sigmoid(x) + finite(x) * bell(x)


@ruled(REAL, elementwise=True, x=lambda g, x: g * silu_slope(x))
def silu(x: ArrayLike | Tensor) -> Tensor:
    """``x * sigmoid(x)``, also known as swish; Elfwing, Uchibe & Doya 2017.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError
        If x is complex.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import silu
    >>> silu(Tensor([-1.0, 0.0, 1000.0]))
    Tensor([-2.68941421e-01,  0.00000000e+00,  1.00000000e+03])
    """
    value = real_numbers("silu", x)
    return above(value) * sigmoid(value)


def mish_slope(x: Any) -> Any:
    s = softplus(x)
    return np.tanh(s) + finite(x) * (sigmoid(x) / (c := np.cosh(s)) / c)


@ruled(REAL, elementwise=True, x=lambda g, x: g * mish_slope(x))
def mish(x: ArrayLike | Tensor) -> Tensor:
    """``x * tanh(softplus(x))``; Misra 2019.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError
        If x is complex.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import mish
    >>> mish(Tensor([-1.0, 0.0, 1.0]))
    Tensor([-0.30340146,  0.        ,  0.86509839])
    """
    value = real_numbers("mish", x)
    return above(value) * np.tanh(softplus(value))


@ruled(Domain(kink=lambda x: x), elementwise=True, x=lambda g, x: g / (d := 1 + np.abs(x)) / d)
def softsign(x: ArrayLike | Tensor) -> Tensor:
    """``x / (1 + abs(x))``.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError
        If x is complex.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import softsign
    >>> softsign(Tensor([-1.0, 0.0, 3.0]))
    Tensor([-0.5 ,  0.  ,  0.75])
    """
    value = real_numbers("softsign", x)
    q = 1 / (1 + np.abs(value))
    return np.copysign(np.where(q > 0.5, np.clip(value, -1, 1) * q, 1 - q), value)


def hard_tanh(x: ArrayLike | Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """Clip x between min_val and max_val, where its slope is 1 (also at these two).

    Parameters
    ----------
    x : array or Tensor, any shape
    min_val, max_val : float
        The least and the largest value.

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError
        If x is complex.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import hard_tanh
    >>> hard_tanh(Tensor([-2.0, 0.5, 2.0]))
    Tensor([-1. ,  0.5,  1. ])
    """
    return np.clip(real_numbers("hard_tanh", x), min_val, max_val)


def normal_cdf_value(x: Any) -> Any:
    try:
        from scipy.special import erfc
    except ImportError:
        erfc = np.vectorize(math.erfc, otypes=[float])
    z = np.multiply(x, -sqrt(1 / 2))
    return (erfc(z) / 2).astype(z.dtype)


def normal_density(x: Any) -> Any:
    return np.exp(x * x / -2) * (1 / sqrt(2 * pi))


normal_cdf = rule(normal_cdf_value, REAL, name="normal_cdf", elementwise=True, x=lambda g, x: g * normal_density(x))


def known_cdf(x: Any, y: Any) -> Any:
    """The distribution function from y, which is x times it: a division costs less than erfc."""
    if not is_plain(x):  # the derivatives of a quotient would cancel
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
    lambda x: above(real_numbers("gelu", x)) * sigmoid(curve(x)[0]),
    REAL,
    name="gelu_tanh",
    elementwise=True,
    x=lambda g, x: g * gelu_tanh_slope(x),
)


def gelu(x: ArrayLike | Tensor, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """``x`` times the normal distribution function; Hendrycks & Gimpel 2016.

    Parameters
    ----------
    x : array or Tensor, any shape
    approximate : {"none", "tanh"}
        x * erfc(-x / sqrt(2)) / 2, or x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2. Where scipy is not
        installed the first goes element by element, and the second is faster.

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError
        If x is complex.
    ValueError
        If approximate is none of the two.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import gelu
    >>> gelu(Tensor([-10.0, 0.0, 1.0]))
    Tensor([-7.61985302e-23,  0.00000000e+00,  8.41344746e-01])
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return gelu_exact(x) if approximate == "none" else gelu_tanh(x)
