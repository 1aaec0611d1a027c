"""What probabilities contribute to entropies."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc
from numpy.typing import ArrayLike

from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import ruled
from autograd_nn.ops.domain import POSITIVE
from autograd_nn.ops.special.domains import PAIR

__all__ = ["entr", "kl_div", "rel_entr", "xlog1py", "xlogy"]


def quotient(a: Any, b: Any) -> Any:
    """``a / b``, and 0 / 0 = 0."""
    return np.where((raw(a) == 0) & (raw(b) == 0), 0, a / b)


def log_quotient(a: Any, b: Any) -> Any:
    """``log(a / b)``, with its digits also where it is nearly 0."""
    near = np.abs(raw(a) - raw(b)) < raw(b) / 2
    return np.where(near, np.log1p(np.where(near, (a - b) / b, 0)), np.log(np.where(near, 1, a / b)))


@ruled(PAIR, sc.xlogy, elementwise=True, a=lambda g, b: g * np.log(b), b=lambda g, a, b: g * quotient(a, b))
def xlogy(a: ArrayLike | Tensor, b: ArrayLike | Tensor) -> Tensor:
    """``a * log(b)``, and 0 where a is 0, whatever b.

    Parameters
    ----------
    a, b : arrays or Tensors that broadcast

    Returns
    -------
    array or Tensor of the broadcast shape

    Notes
    -----
    As `scipy.special.xlogy`. The slope in b is a / b, and 0 where a is 0; the slope in a is -inf where b is 0.

    Examples
    --------
    >>> from autograd_nn import grad, special
    >>> special.xlogy(0.0, 0.0), grad(special.xlogy, 1)(0.0, 0.0)
    (np.float64(0.0), np.float64(0.0))
    """
    return sc.xlogy(a, b)


@ruled(PAIR, sc.xlog1py, elementwise=True, a=lambda g, b: g * np.log1p(b), b=lambda g, a, b: g * quotient(a, 1 + b))
def xlog1py(a: ArrayLike | Tensor, b: ArrayLike | Tensor) -> Tensor:
    """``a * log(1 + b)``, and 0 where a is 0, whatever b.

    Parameters
    ----------
    a, b : arrays or Tensors that broadcast

    Returns
    -------
    array or Tensor of the broadcast shape

    Notes
    -----
    As `scipy.special.xlog1py`.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.xlog1py(0.0, -1.0)
    np.float64(0.0)
    """
    return sc.xlog1py(a, b)


@ruled(POSITIVE, sc.entr, elementwise=True, x=lambda g, x: -g * (np.log(x) + 1))
def entr(x: ArrayLike | Tensor) -> Tensor:
    """-x * log(x): what a probability x contributes to an entropy. 0 at 0, -inf below.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.entr`; the slope at 0 is inf.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.entr([0.0, 1.0])
    array([ 0., -0.])
    """
    return sc.entr(x)


@ruled(
    PAIR,
    sc.rel_entr,
    elementwise=True,
    a=lambda g, a, b: g * (log_quotient(a, b) + 1),
    b=lambda g, a, b: -g * quotient(a, b),
)
def rel_entr(a: ArrayLike | Tensor, b: ArrayLike | Tensor) -> Tensor:
    """``a * log(a / b)``: what probabilities a and b contribute to a relative entropy.

    Parameters
    ----------
    a, b : arrays or Tensors that broadcast
        Where a is 0 the result is 0; where one of them is negative, or b alone is 0, inf.

    Returns
    -------
    array or Tensor of the broadcast shape

    Notes
    -----
    As `scipy.special.rel_entr`.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.rel_entr(1.0, 1.0)
    np.float64(0.0)
    """
    return sc.rel_entr(a, b)


@ruled(
    PAIR,
    sc.kl_div,
    elementwise=True,
    a=lambda g, a, b: g * log_quotient(a, b),
    b=lambda g, a, b: g * quotient(b - a, b),
)
def kl_div(a: ArrayLike | Tensor, b: ArrayLike | Tensor) -> Tensor:
    """``a * log(a / b) - a + b``: as `rel_entr`, but convex and at least 0 for a and b that do not sum to 1.

    Parameters
    ----------
    a, b : arrays or Tensors that broadcast

    Returns
    -------
    array or Tensor of the broadcast shape

    Notes
    -----
    As `scipy.special.kl_div`. The slopes keep their digits where a and b are nearly the same.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.kl_div(0.0, 3.0)
    np.float64(3.0)
    """
    return sc.kl_div(a, b)
