"""The softmax family. Its values and slopes keep their digits at any margin between the logits."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograd_nn.engine.fast import sum_of_columns
from autograd_nn.engine.questions import as_operand, is_plain, question
from autograd_nn.engine.strong import reached
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import real_numbers, rule, ruled, times
from autograd_nn.ops.domain import INFINITE, REDUCTION, Domain, call
from autograd_nn.ops.reductions import Axis, reduced, reduced_axes, summed, widened


def by_rows(function: str, x: Any, axis: Axis) -> tuple[Any, Callable[[Any], Any]]:
    """X as a matrix whose rows are what ``axis`` runs over, and the way back to x's shape."""
    x = real_numbers(function, x)
    if x.ndim == 2 and axis in (-1, 1):
        return x, lambda rows: rows
    if not x.ndim and axis in (0, -1):  # as for NumPy's sums
        axis = None
    over = list(reduced_axes(x.ndim, axis))
    order = [k for k in range(x.ndim) if k not in over] + over
    moved = x.transpose(order)
    width = prod(x.shape[k] for k in over)
    rows = moved.reshape(prod(moved.shape[: -len(over) or None]), width)
    return rows, lambda rows: rows.reshape(moved.shape).transpose(np.argsort(order))


@question
def all_finite(m: Any) -> bool:
    """Whether none is infinite or nan, nor so large that its square is."""
    return isfinite(np.vdot(m, m))


def measured(x: Any) -> tuple[Any, Any, Any]:
    """The place in the flattened x of each row's top, its largest element m; m; and x - m.

    An infinite maximum counts alone: +inf is shared among its equals, and a row of -inf has no weight at all.
    """
    top = x.argmax(axis=1)
    top += np.arange(0, x.size, x.shape[1])
    m = x.take(top)[:, None]
    if all_finite(m):
        return top, m, x - m
    with np.errstate(invalid="ignore"):
        alone = np.where((x == m) & (m > 0), 0, np.array(-np.inf, x.dtype))
        return top, m, np.where(np.isinf(m), alone, x - m)


def split(x: Any) -> tuple[Any, Any, Any]:
    """Each row's maximum m, x - m, and the sum of exp(x - m) over all but the top.

    The sum over all is 1 + rest. Adding a small rest to 1 would lose it, so the top's own term is left out, and log1p
    puts it back where it does no harm.
    """
    top, m, d = measured(x)
    e = np.exp(d)
    e.put(top, 0)
    return m, d, sum_of_columns(e)[:, None]


AXES = ((2, 3), -1), ((2, 3), 0), ((2, 3), (0, 1)), ((2, 3), None), ((3,), 0), ((0, 3), 1), ((), -1)
ROWS = Domain(calls=tuple(call(shape, axis=axis) for shape, axis in AXES))


def at_heaviest(v: Any, p: Any, axis: Axis) -> Any:
    """V at the place with the largest weight p along an axis, with keepdims."""
    if is_plain(v) and is_plain(p) and p.ndim and axis in (-1, p.ndim - 1):
        top = p.reshape(-1, p.shape[-1]).argmax(axis=1)
        top += np.arange(0, p.size, p.shape[-1])
        return v.take(top).reshape(*p.shape[:-1], 1)
    heaviest = p == np.max(p, axis=axis, keepdims=True)
    return np.max(np.where(heaviest, v, -np.inf), axis=axis, keepdims=True)


def centred(v: Any, p: Any, axis: Axis) -> Any:
    """V less its mean by the weights p along an axis. It is counted from the place with the largest weight.

    There the mean is nearly v itself, and the difference is what the others contribute, with all its digits.
    """
    d = v - at_heaviest(raw(v), raw(p), axis)
    # at least a tiny weight: where all are 0, so is what they multiply
    total = np.maximum(summed(p, axis), np.finfo(p.dtype).tiny)
    return d - summed(d * p, axis) / total


weigh: Any = rule(
    lambda v, p, axis: reached(p * centred(v, p, axis), by=lambda: np.any(raw(v) != 0, axis=axis, keepdims=True)),
    Domain((INFINITE, (0, np.inf)), tuple(call(shape, shape, axis=axis) for shape, axis in AXES)),
    name="softmax_slope",
    v=lambda g, p, axis: weigh(g, p, axis),
    p=lambda g, v, p, axis: centred(v, p, axis) * centred(g, p, axis),
)
"""The derivative of softmax along v, where p is its value. As a matrix it is symmetric, so it is its own pullback."""


@ruled(ROWS, x=lambda g, y, axis: weigh(g, y, axis))
def softmax(x: ArrayLike | Tensor, axis: Axis = -1) -> Tensor:
    """exp(x) / sum(exp(x)) along an axis, or several.

    Parameters
    ----------
    x : array or Tensor, any shape
    axis : int, tuple of ints or None
        What sums to 1; None means all of x.

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError
        If x is complex.
    numpy.exceptions.AxisError
        If x has no such axis.

    Notes
    -----
    Infinite logits: +inf is shared among its equals; where all are -inf the result is 0.

    Examples
    --------
    >>> from autograd_nn import Tensor, softmax
    >>> softmax(Tensor([[0.0, 0.0], [1000.0, 0.0]]))
    Tensor([[0.5, 0.5],
            [1. , 0. ]])
    """
    rows, back = by_rows("softmax", x, axis)
    _, _, d = measured(rows)
    e = np.exp(d)
    return back(e / np.maximum(sum_of_columns(e), 1)[:, None])  # it is less than 1 where all are -inf


@ruled(
    Domain(calls=REDUCTION),
    x=lambda g, x, axis, keepdims: times(widened(g, x.shape, axis, keepdims), softmax(x, axis)),
)
def logsumexp(x: ArrayLike | Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """log(sum(exp(x))) along an axis, or several; of all of x by default.

    Exact to the last digits at any scale: a term that is e^-40 of the largest is not lost.

    Parameters
    ----------
    x : array or Tensor, any shape
    axis : int, tuple of ints or None
        What is summed over; None means all of x.
    keepdims : bool
        Keep the axes summed over, with size 1.

    Returns
    -------
    array or Tensor of x's shape without ``axis``

    Raises
    ------
    TypeError
        If x is complex.
    numpy.exceptions.AxisError
        If x has no such axis.

    Examples
    --------
    >>> from autograd_nn import Tensor, logsumexp
    >>> logsumexp(Tensor([0.0, -40.0]))
    Tensor(4.248354255291589e-18)
    """
    values = as_operand(x)
    m, _, rest = split(by_rows("logsumexp", values, axis)[0])
    y = (m + np.log1p(rest)).reshape(reduced(values.shape, axis))
    return y if keepdims else np.squeeze(y, tuple(range(values.ndim)) if axis is None else axis)


# Written with the sum over the *other* classes: the slope of the target's own logit is minus the sum of the other
# probabilities, where p - 1 would have lost its digits.
@ruled(ROWS, x=lambda g, y, axis: times(g - summed(g, axis), np.exp(y)) - times(g, np.expm1(y)))
def log_softmax(x: ArrayLike | Tensor, axis: Axis = -1) -> Tensor:
    """The logarithm of `softmax`, without its overflow and loss of digits.

    Parameters
    ----------
    x : array or Tensor, any shape
    axis : int, tuple of ints or None
        What sums to 1 in `softmax`; None means all of x.

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError
        If x is complex.
    numpy.exceptions.AxisError
        If x has no such axis.

    Examples
    --------
    >>> from autograd_nn import Tensor, log_softmax
    >>> log_softmax(Tensor([0.0, -40.0]))
    Tensor([-4.24835426e-18, -4.00000000e+01])
    """
    rows, back = by_rows("log_softmax", x, axis)
    _, d, rest = split(rows)
    return back(d - np.log1p(rest))
