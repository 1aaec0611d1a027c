"""The softmax family. Its values and slopes keep their digits at any margin between the logits."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, prod
from typing import Any

import numpy as np

from autograd_nn.engine.fast import sum_of_columns
from autograd_nn.ops.declare import real_numbers, rule, times
from autograd_nn.ops.domain import REDUCTION, Domain, call
from autograd_nn.ops.reductions import Axis, reduced, reduced_axes, summed, widened


def by_rows(function: str, x: Any, axis: Axis) -> tuple[Any, Callable[[Any], Any]]:
    """X as a matrix whose rows are what ``axis`` runs over, and the way back to x's shape."""
    x = real_numbers(function, x)
    if x.ndim == 2 and axis in (-1, 1):
        return x, lambda rows: rows
    over = list(reduced_axes(x.ndim, axis))
    order = [k for k in range(x.ndim) if k not in over] + over
    moved = x.transpose(order)
    width = prod(x.shape[k] for k in over)
    rows = moved.reshape(prod(moved.shape[: -len(over) or None]), width)
    return rows, lambda rows: rows.reshape(moved.shape).transpose(np.argsort(order))


def split(x: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Each row's exponentials relative to its largest one: the top, and the rest.

    The sum of exp(x - max) is 1 + rest. Adding a small rest to 1 would lose it, so the top's own term is left out
    of the sum, and log1p puts it back where it does no harm.

    Returns (m, d, e, rest, top): the maximum, x - m, exp(d) with 0 at the top, the row sums of e, and the place of
    the top in the flattened x. An infinite maximum counts alone: +inf is shared among its equals, and a row of
    -inf has no weight at all.
    """
    top = x.argmax(axis=1)
    top += np.arange(0, x.size, x.shape[1])
    m = x.take(top)[:, None]
    if isfinite(np.vdot(m, m)):
        d = x - m
    else:  # an infinite maximum, or one so large that its square is
        with np.errstate(invalid="ignore"):
            d = np.where(np.isinf(m), np.where((x == m) & (m > 0), 0, np.array(-np.inf, x.dtype)), x - m)
    e = np.exp(d)
    e.put(top, 0)
    return m, d, e, sum_of_columns(e)[:, None], top


def logsumexp_value(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    x = np.asarray(x)
    m, _, _, rest, _ = split(by_rows("logsumexp", x, axis)[0])
    y = (m + np.log1p(rest)).reshape(reduced(x.shape, axis))
    return y if keepdims else np.squeeze(y, tuple(range(x.ndim)) if axis is None else axis)


def softmax_value(x: Any, axis: Axis = -1) -> Any:
    rows, back = by_rows("softmax", x, axis)
    _, d, e, rest, top = split(rows)
    e.put(top, np.exp(d.take(top)))
    return back(e / (1 + rest))


def log_softmax_value(x: Any, axis: Axis = -1) -> Any:
    rows, back = by_rows("log_softmax", x, axis)
    _, d, _, rest, _ = split(rows)
    return back(d - np.log1p(rest))


ROWS = Domain(
    calls=(*(call((2, 3), axis=axis) for axis in (-1, 0, (0, 1), None)), call((3,), axis=0), call((0, 3), axis=1))
)

softmax = rule(
    softmax_value,
    ROWS,
    name="softmax",
    x=lambda g, y, axis: (t := times(g, y)) - times(summed(t, axis), y),
)
softmax.__doc__ = """exp(x) / sum(exp(x)) along an axis, or several.

Parameters
----------
x : array or Tensor of any shape
axis : int, tuple of ints or None
    What sums to 1; None means all of x.

Infinite logits: +inf is shared among its equals; where all are -inf the result is 0.

>>> from autograd_nn import Tensor, softmax
>>> softmax(Tensor([[0.0, 0.0], [1000.0, 0.0]]))
Tensor([[0.5, 0.5],
        [1. , 0. ]])
"""

logsumexp = rule(
    logsumexp_value,
    Domain(calls=REDUCTION),
    name="logsumexp",
    x=lambda g, x, axis, keepdims: times(widened(g, x.shape, axis, keepdims), softmax(x, axis)),
)
logsumexp.__doc__ = """log(sum(exp(x))) along an axis, or several; of all of x by default.

Exact to the last digits at any scale: a term that is e^-40 of the largest is not lost.

>>> from autograd_nn import Tensor, logsumexp
>>> logsumexp(Tensor([0.0, -40.0]))
Tensor(4.248354255291589e-18)
"""

# Written with the sum over the *other* classes: the slope of the target's own logit is minus the sum of the other
# probabilities, where p - 1 would have lost its digits.
log_softmax = rule(
    log_softmax_value,
    ROWS,
    name="log_softmax",
    x=lambda g, y, axis: times(g - summed(g, axis), np.exp(y)) - times(g, np.expm1(y)),
)
log_softmax.__doc__ = """The logarithm of `softmax`, without its overflow and loss of digits.

>>> from autograd_nn import Tensor, log_softmax
>>> log_softmax(Tensor([0.0, -40.0]))
Tensor([-4.24835426e-18, -4.00000000e+01])
"""
