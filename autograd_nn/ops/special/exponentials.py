"""Exponentials and logarithms of them: the logistic function, and sums over an axis."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
import scipy.special as sc
from numpy.typing import ArrayLike

from autograd_nn.engine.registry import REGISTRY
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import composed, real_numbers, rule, ruled, times
from autograd_nn.ops.domain import INFINITE, REAL, Domain, call
from autograd_nn.ops.neural import softmax as family
from autograd_nn.ops.neural.activations import sigmoid
from autograd_nn.ops.reductions import Axis, widened
from autograd_nn.ops.special.domains import UNIT

__all__ = ["exp10", "expit", "log_expit", "log_softmax", "logit", "logsumexp", "softmax"]


for scipys, numpys in [(sc.expm1, np.expm1), (sc.log1p, np.log1p), (sc.exp2, np.exp2), (sc.cbrt, np.cbrt)]:
    composed(scipys)(REGISTRY[numpys])

expit = composed(sc.expit)(sigmoid)


@ruled(REAL, sc.log_expit, elementwise=True, x=lambda g, x: g * sigmoid(-x))
def log_expit(x: ArrayLike | Tensor) -> Tensor:
    """The logarithm of the logistic function, -log(1 + exp(-x)), without overflow.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.log_expit`; the slope is expit(-x), right at any distance from 0.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.log_expit(-1000.0)
    np.float64(-1000.0)
    """
    return sc.log_expit(x)


@ruled(UNIT, sc.logit, elementwise=True, x=lambda g, x: g / (x * (1 - x)))
def logit(x: ArrayLike | Tensor) -> Tensor:
    """The logarithm of the odds, log(x / (1 - x)): the inverse of `expit`.

    Parameters
    ----------
    x : array or Tensor, any shape
        Probabilities; the result is infinite at 0 and 1, and so is the slope.

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.logit`.

    Examples
    --------
    >>> from autograd_nn import grad, special
    >>> grad(special.logit)(0.5)
    np.float64(4.0)
    """
    return sc.logit(x)


@ruled(REAL, sc.exp10, elementwise=True, x=lambda g, y: g * (y * log(10)))
def exp10(x: ArrayLike | Tensor) -> Tensor:
    """10 to the power of x.

    Parameters
    ----------
    x : array or Tensor, any shape

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.exp10`.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.exp10(3.0)
    np.float64(1000.0)
    """
    return sc.exp10(x)


def exponentials(a: Any, b: Any, y: Any, axis: Axis, keepdims: bool) -> Any:
    """``exp(a - y)``, the slope of logsumexp in a weight: 0 where a is -inf, and if it is inf, as if it were finite."""
    y = widened(y, a.shape, axis, keepdims)
    first = (raw(a) == np.inf) & (raw(y) == np.inf)
    total = np.sum(np.where(first, b, 0), axis, keepdims=True)
    total = np.where(raw(total) == 0, 1, total)
    return np.where(first, 1 / total, np.exp(np.where((raw(a) == -np.inf) | first, -np.inf, a - y)))


def shares(a: Any, b: Any, y: Any, axis: Axis, keepdims: bool) -> Any:
    """``b * exp(a - y)``, the slope of logsumexp in a term: 0 where its weight is, however large the term."""
    share = b * exponentials(a, b, y, axis, keepdims)
    return np.where((raw(b) == 0) & np.isnan(raw(share)), 0, share)


weighted = rule(
    lambda a, b, axis, keepdims: sc.logsumexp(a, axis, b, keepdims),
    Domain(
        (INFINITE, (0, np.inf)),
        tuple(
            call(shape, shape, axis=axis, keepdims=keepdims)
            for shape, axis in [((3,), None), ((2, 3), -1), ((2, 3), 0), ((2, 3, 2), (0, -1)), ((0, 2), 1)]
            for keepdims in (False, True)
        ),
    ),
    name="logsumexp",
    key="weighted_logsumexp",
    a=lambda g, a, b, y, axis, keepdims: times(widened(g, a.shape, axis, keepdims), shares(a, b, y, axis, keepdims)),
    b=lambda g, a, b, y, axis, keepdims: times(
        widened(g, a.shape, axis, keepdims), exponentials(a, b, y, axis, keepdims)
    ),
)


def logsumexp(
    a: ArrayLike | Tensor,
    axis: Axis = None,
    b: ArrayLike | Tensor | None = None,
    keepdims: bool = False,
    return_sign: bool = False,
) -> Tensor:
    """log(sum(b * exp(a))) along an axis, or several; of all of a by default.

    Parameters
    ----------
    a : array or Tensor, any shape
    axis : int, tuple of ints or None
        What is summed over.
    b : array or Tensor, optional
        Weights, of a shape that broadcasts with a's; 1 by default. The sum must not be negative.
    keepdims : bool
        Keep the axes summed over, with size 1.
    return_sign : bool
        Only False.

    Returns
    -------
    array or Tensor of a's shape without ``axis``

    Raises
    ------
    TypeError
        If ``return_sign`` is asked for, or a or b is complex.

    Notes
    -----
    As `scipy.special.logsumexp`. Terms that are e^-40 of the largest are not lost.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.logsumexp([1000.0, 1000.0], b=[0.25, 0.75])
    np.float64(1000.0)
    """
    if return_sign:
        raise TypeError("special.logsumexp does not take return_sign: the sum of b * exp(a) must not be negative")
    if b is None:
        return family.logsumexp(a, axis, keepdims)
    for name, value in (("a", a), ("b", b)):
        real_numbers("logsumexp", value, name)
    terms, weights = np.broadcast_arrays(a, b)
    with np.errstate(invalid="ignore"):
        top: Any = np.max(np.where(raw(weights) == 0, -np.inf, raw(terms)), axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0).astype(terms.dtype)
    y = weighted(terms - top, weights, axis, keepdims)
    return y + np.reshape(top, np.shape(y))


def softmax(x: ArrayLike | Tensor, axis: Axis = None) -> Tensor:
    """exp(x) / sum(exp(x)) along an axis, or several; of all of x by default.

    Parameters
    ----------
    x : array or Tensor, any shape
    axis : int, tuple of ints or None
        What sums to 1.

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.softmax`. `autograd_nn.softmax` is the same along the last axis by default.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.softmax([1000.0, 1000.0])
    array([0.5, 0.5])
    """
    return family.softmax(x, axis)


def log_softmax(x: ArrayLike | Tensor, axis: Axis = None) -> Tensor:
    """The logarithm of `softmax`, without its overflow and loss of digits.

    Parameters
    ----------
    x : array or Tensor, any shape
    axis : int, tuple of ints or None
        What sums to 1 in `softmax`.

    Returns
    -------
    array or Tensor of x's shape

    Notes
    -----
    As `scipy.special.log_softmax`. `autograd_nn.log_softmax` is the same along the last axis by default.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.log_softmax([1000.0, 0.0])
    array([    0., -1000.])
    """
    return family.log_softmax(x, axis)
