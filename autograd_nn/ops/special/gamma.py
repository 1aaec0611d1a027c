"""The gamma function, its logarithm's derivatives, and beta."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc
from numpy.typing import ArrayLike

from autograd_nn.engine.questions import as_operand
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import ruled
from autograd_nn.ops.domain import SHAPES, Domain, call
from autograd_nn.ops.special.domains import AWAY, PAIR

__all__ = ["beta", "betaln", "digamma", "gamma", "gammaln", "polygamma"]


def polygamma_slope(n: Any, x: Any) -> Any:  # for the type checker: a lambda cannot call what it decorates
    return polygamma(n + 1, x)


@ruled(
    Domain(AWAY.intervals, tuple(call(shape, n=n) for shape in SHAPES for n in (0, 1, 3))),
    elementwise=True,
    x=lambda g, n, x: g * polygamma_slope(n, x),
)
def polygamma(n: ArrayLike, x: ArrayLike | Tensor) -> Tensor:
    """The n-th derivative of `digamma` (5.15).

    Parameters
    ----------
    n : int, or array of them
        0, 1, 2, ...; a constant.
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of the broadcast shape

    Raises
    ------
    ValueError
        If n is negative or no whole number.

    Notes
    -----
    As `scipy.special.polygamma`.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.polygamma(1, 1.0)  # pi**2 / 6
    array(1.64493407)
    """
    if np.any((np.asarray(n) < 0) | (np.asarray(n) % 1 != 0)):
        raise ValueError(f"polygamma: n must be 0, 1, 2, ..., how often to differentiate digamma: got {n!r}")
    value = as_operand(x)
    return sc.polygamma(n, value).astype(np.result_type(value, np.float16))


@ruled(AWAY, sc.digamma, elementwise=True, x=lambda g, x: g * polygamma(1, x))
def digamma(x: ArrayLike | Tensor) -> Tensor:
    """The derivative of log(gamma(x)) (5.2.2).

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.digamma`, also named `psi`.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.digamma(1.0)
    np.float64(-0.5772156649015329)
    """
    return sc.digamma(x)


@ruled(AWAY, sc.gammaln, elementwise=True, x=lambda g, x: g * digamma(x))
def gammaln(x: ArrayLike | Tensor) -> Tensor:
    """The logarithm of the absolute value of `gamma`, without its overflow.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.gammaln`.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.gammaln(2.0)
    np.float64(0.0)
    """
    return sc.gammaln(x)


@ruled(AWAY, sc.gamma, elementwise=True, x=lambda g, x, y: g * (y * digamma(x)))
def gamma(x: ArrayLike | Tensor) -> Tensor:
    """The factorial of x - 1, also between the integers (5.2.1).

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.gamma`.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.gamma(5.0)
    np.float64(24.0)
    """
    return sc.gamma(x)


NODES, WEIGHTS = (half / 2 for half in np.polynomial.legendre.leggauss(8))


def rise(x: Any, h: Any) -> Any:
    """``digamma(x + h) - digamma(x)``: where the two are nearly the same, the integral of the slope in between."""
    near = (raw(h) > 0) & (raw(h) < raw(x) / 4)
    start, step = np.where(near, x, 1)[..., None], np.where(near, h, 0)[..., None]
    slopes = polygamma(1, start + step * (0.5 + NODES).astype(start.dtype))
    return np.where(near, h * (slopes @ WEIGHTS.astype(start.dtype)), digamma(x + h) - digamma(x))


@ruled(PAIR, sc.betaln, elementwise=True, a=lambda g, a, b: -g * rise(a, b), b=lambda g, a, b: -g * rise(b, a))
def betaln(a: ArrayLike | Tensor, b: ArrayLike | Tensor) -> Tensor:
    """The logarithm of the absolute value of `beta`, without its overflow.

    Parameters
    ----------
    a, b : arrays or Tensors that broadcast

    Returns
    -------
    array or Tensor of the broadcast shape

    Notes
    -----
    As `scipy.special.betaln`.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.betaln(1.0, 1.0)
    np.float64(0.0)
    """
    return sc.betaln(a, b)


@ruled(
    PAIR,
    sc.beta,
    elementwise=True,
    a=lambda g, a, b, y: -g * (y * rise(a, b)),
    b=lambda g, a, b, y: -g * (y * rise(b, a)),
)
def beta(a: ArrayLike | Tensor, b: ArrayLike | Tensor) -> Tensor:
    """gamma(a) * gamma(b) / gamma(a + b) (5.12.1).

    Parameters
    ----------
    a, b : arrays or Tensors that broadcast

    Returns
    -------
    array or Tensor of the broadcast shape

    Notes
    -----
    As `scipy.special.beta`.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.beta(2.0, 1.0)
    np.float64(0.5)
    """
    return sc.beta(a, b)
