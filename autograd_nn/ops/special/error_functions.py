"""The error function and the normal distribution."""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

import numpy as np
import scipy.special as sc
from numpy.typing import ArrayLike

from autograd_nn.engine.questions import as_operand
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import rule, ruled
from autograd_nn.ops.domain import REAL, Domain
from autograd_nn.ops.special.domains import UNIT

__all__ = ["erf", "erfc", "erfcinv", "erfinv", "log_ndtr", "ndtr", "ndtri"]


@ruled(REAL, sc.erf, elementwise=True, x=lambda g, x: g * (2 / sqrt(pi) * np.exp(-x * x)))
def erf(x: ArrayLike | Tensor) -> Tensor:
    """The error function, 2/sqrt(pi) times the integral of exp(-t**2) from 0 to x (7.2.1).

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.erf`.

    Examples
    --------
    >>> from autograd_nn import grad, special
    >>> grad(special.erf)(0.0)
    np.float64(1.1283791670955126)
    """
    return sc.erf(x)


@ruled(REAL, sc.erfc, elementwise=True, x=lambda g, x: g * (-2 / sqrt(pi) * np.exp(-x * x)))
def erfc(x: ArrayLike | Tensor) -> Tensor:
    """The complementary error function, 1 - erf(x), with all its digits where erf(x) is 1 (7.2.2).

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.erfc`.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.erfc(10.0) > 0
    np.True_
    """
    return sc.erfc(x)


@ruled(Domain(((-1, 1),)), sc.erfinv, elementwise=True, x=lambda g, y: g * (sqrt(pi) / 2 * np.exp(y * y)))
def erfinv(x: ArrayLike | Tensor) -> Tensor:
    """The inverse of `erf`.

    Parameters
    ----------
    x : array or Tensor, any shape
        Between -1 and 1, where the result and the slope are infinite.

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.erfinv`.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.erfinv(0.0)
    np.float64(0.0)
    """
    return sc.erfinv(x)


@ruled(Domain(((0, 2),)), sc.erfcinv, elementwise=True, x=lambda g, y: g * (-sqrt(pi) / 2 * np.exp(y * y)))
def erfcinv(x: ArrayLike | Tensor) -> Tensor:
    """The inverse of `erfc`.

    Parameters
    ----------
    x : array or Tensor, any shape
        Between 0 and 2, where the result and the slope are infinite.

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.erfcinv`.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.erfcinv(0.0)
    np.float64(inf)
    """
    return sc.erfcinv(x)


@ruled(REAL, sc.ndtr, elementwise=True, x=lambda g, x: g * (np.exp(-x * x / 2) / sqrt(2 * pi)))
def ndtr(x: ArrayLike | Tensor) -> Tensor:
    """The probability that a standard normal variable is at most x.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.ndtr`; the slope is the normal density.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.ndtr(0.0)
    np.float64(0.5)
    """
    return sc.ndtr(x)


@ruled(UNIT, sc.ndtri, elementwise=True, x=lambda g, y: g * (sqrt(2 * pi) * np.exp(y * y / 2)))
def ndtri(x: ArrayLike | Tensor) -> Tensor:
    """The inverse of `ndtr`: the quantiles of the standard normal distribution.

    Parameters
    ----------
    x : array or Tensor, any shape
        Probabilities; the result and the slope are infinite at 0 and 1.

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.ndtri`.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.ndtri(0.5)
    np.float64(0.0)
    """
    return sc.ndtri(x)


def excess(x: Any) -> Any:
    """``x + hazard(x)``. Far below 0 the two cancel, and Laplace's continued fraction (7.9.1) is at its limit soon."""
    far = raw(x) < -6
    t = fraction = np.where(far, -x, 6)
    for k in range(12, 1, -1):
        fraction = t + k / fraction
    return np.where(far, 1 / fraction, x + hazard(x))


hazard: Any = rule(
    lambda x: sqrt(2 / pi) / sc.erfcx(-as_operand(x) / sqrt(2)),
    REAL,
    name="hazard",
    elementwise=True,
    # at -inf it is 1 by its limit; beyond 100 the other factor is 0, also at inf
    x=lambda g, x, y: -g * np.where(raw(x) == -np.inf, 1, y * excess(np.minimum(x, 100))),
)
"""The normal density at x divided by the probability of less than x, where both may be too small to be a number."""


@ruled(REAL, sc.log_ndtr, elementwise=True, x=lambda g, x: g * hazard(x))
def log_ndtr(x: ArrayLike | Tensor) -> Tensor:
    """The logarithm of `ndtr`, also where that is too small to be a number.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.log_ndtr`; the slope is the density divided by the probability, computed as one.

    Examples
    --------
    >>> from autograd_nn import grad, special
    >>> grad(special.log_ndtr)(-1e10)
    np.float64(10000000000.0)
    """
    return sc.log_ndtr(x)
