"""Bessel functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc
from numpy.typing import ArrayLike

from autograd_nn.engine.questions import as_operand
from autograd_nn.engine.tensor import Tensor
from autograd_nn.ops.declare import rule, ruled
from autograd_nn.ops.domain import REAL, SHAPES, Domain, call
from autograd_nn.ops.special.domains import AWAY

__all__ = ["i0", "i0e", "i1", "i1e", "iv", "j0", "j1", "jv", "y0", "y1"]

ORDERS = tuple(call(shape, v=v) for shape in SHAPES for v in (0, 1, 2.5))


# A slope that calls its own function, or one further down, is a function too: a type checker knows no type of what is
# being decorated, and so none of a lambda that calls it.
def jv_slope(v: Any, x: Any) -> Any:
    return (jv(v - 1, x) - jv(v + 1, x)) / 2


@ruled(Domain(AWAY.intervals, ORDERS), sc.jv, elementwise=True, x=lambda g, v, x: g * jv_slope(v, x))
def jv(v: ArrayLike, x: ArrayLike | Tensor) -> Tensor:
    """The Bessel function of the first kind and of order v (10.2.2).

    Parameters
    ----------
    v : float, or array of them
        A constant.
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of the broadcast shape

    Notes
    -----
    As `scipy.special.jv`; the slope is (jv(v - 1, x) - jv(v + 1, x)) / 2 (10.6.1).

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.jv(0, 0.0)
    np.float64(1.0)
    """
    return sc.jv(v, x)


def iv_slope(v: Any, x: Any) -> Any:
    return (iv(v - 1, x) + iv(v + 1, x)) / 2


@ruled(Domain(AWAY.intervals, ORDERS), sc.iv, elementwise=True, x=lambda g, v, x: g * iv_slope(v, x))
def iv(v: ArrayLike, x: ArrayLike | Tensor) -> Tensor:
    """The modified Bessel function of the first kind and of order v (10.25.2).

    Parameters
    ----------
    v : float, or array of them
        A constant.
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of the broadcast shape

    Notes
    -----
    As `scipy.special.iv`; the slope is (iv(v - 1, x) + iv(v + 1, x)) / 2 (10.29.1).

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.iv(0, 0.0)
    np.float64(1.0)
    """
    return sc.iv(v, x)


def i1_slope(x: Any) -> Any:
    return (i0(x) + iv(2, x)) / 2


@ruled(REAL, sc.i1, elementwise=True, x=lambda g, x: g * i1_slope(x))
def i1(x: ArrayLike | Tensor) -> Tensor:
    """The modified Bessel function of the first kind and of order 1.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.i1`; the slope is (i0(x) + iv(2, x)) / 2 (10.29.1).

    Examples
    --------
    >>> from autograd_nn import grad, special
    >>> grad(special.i1)(0.0)
    np.float64(0.5)
    """
    return sc.i1(x)


@ruled(REAL, sc.i0, key="special.i0", elementwise=True, x=lambda g, x: g * i1(x))
def i0(x: ArrayLike | Tensor) -> Tensor:
    """The modified Bessel function of the first kind and of order 0.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.i0`; the slope is i1(x) (10.29.3).

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.i0(0.0)
    np.float64(1.0)
    """
    return sc.i0(x)


def kummer_value(a: float, b: float, x: Any) -> Any:
    x = as_operand(x)
    return np.where(np.isinf(x), 0, sc.hyp1f1(a, b, -2 * np.abs(x))).astype(x.dtype)


kummer: Any = rule(
    kummer_value,
    Domain(calls=tuple(call(shape, a=1.5, b=2.0) for shape in SHAPES), kink=lambda x: x),
    name="kummer",
    elementwise=True,
    x=lambda g, a, b, x: g * (np.sign(x) * (-2 * a / b) * kummer(a + 1, b + 1, x)),
)
"""Kummer's function M(a, b, -2 abs(x)) (13.2.2, 13.3.15). For a = 1.5 and b = 2 it is exp(-abs(x)) (I0 - I1) at abs(x):
it has its digits where the two Bessel functions (13.6.9) are nearly the same."""


@ruled(Domain(kink=lambda x: x), sc.i0e, elementwise=True, x=lambda g, x: -g * (np.sign(x) * kummer(1.5, 2.0, x)))
def i0e(x: ArrayLike | Tensor) -> Tensor:
    """exp(-abs(x)) * i0(x), without its overflow.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.i0e`; the slope, 0 at 0, is written with Kummer's function (13.6.9), because i0e and i1e cancel.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.i0e(0.0)
    np.float64(1.0)
    """
    return sc.i0e(x)


@ruled(
    Domain(kink=lambda x: x),
    sc.i1e,
    elementwise=True,
    x=lambda g, x: g * (1.5 * kummer(2.5, 3.0, x) - kummer(1.5, 2.0, x)),
)
def i1e(x: ArrayLike | Tensor) -> Tensor:
    """exp(-abs(x)) * i1(x), without its overflow.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.i1e`; the slope is written with Kummer's function (13.6.9), because Bessel functions would cancel.

    Examples
    --------
    >>> from autograd_nn import grad, special
    >>> grad(special.i1e)(0.0)
    np.float64(0.5)
    """
    return sc.i1e(x)


def j1_slope(x: Any) -> Any:
    return (j0(x) - jv(2, x)) / 2


@ruled(REAL, sc.j1, elementwise=True, x=lambda g, x: g * j1_slope(x))
def j1(x: ArrayLike | Tensor) -> Tensor:
    """The Bessel function of the first kind and of order 1.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.j1`; the slope is (j0(x) - jv(2, x)) / 2 (10.6.1).

    Examples
    --------
    >>> from autograd_nn import grad, special
    >>> grad(special.j1)(0.0)
    np.float64(0.5)
    """
    return sc.j1(x)


@ruled(REAL, sc.j0, elementwise=True, x=lambda g, x: -g * j1(x))
def j0(x: ArrayLike | Tensor) -> Tensor:
    """The Bessel function of the first kind and of order 0.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.j0`; the slope is -j1(x) (10.6.3).

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.j0(0.0)
    np.float64(1.0)
    """
    return sc.j0(x)


def y1_slope(x: Any, y: Any) -> Any:
    return y0(x) - y / x


@ruled(AWAY, sc.y1, elementwise=True, x=lambda g, x, y: g * y1_slope(x, y))
def y1(x: ArrayLike | Tensor) -> Tensor:
    """The Bessel function of the second kind and of order 1.

    Parameters
    ----------
    x : array or Tensor, any shape
        Positive.

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.y1`; the slope is y0(x) - y1(x) / x (10.6.2).

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.y1(1.0)
    np.float64(-0.7812128213002888)
    """
    return sc.y1(x)


@ruled(AWAY, sc.y0, elementwise=True, x=lambda g, x: -g * y1(x))
def y0(x: ArrayLike | Tensor) -> Tensor:
    """The Bessel function of the second kind and of order 0.

    Parameters
    ----------
    x : array or Tensor, any shape
        Positive.

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.y0`; the slope is -y1(x) (10.6.3).

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.y0(1.0)
    np.float64(0.08825696421567697)
    """
    return sc.y0(x)
