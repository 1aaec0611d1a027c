"""Losses from logits, so that no digit is lost at any margin, and infinite logits are right."""

from __future__ import annotations

from math import prod
from typing import Any, Literal

import numpy as np
from numpy.lib.array_utils import normalize_axis_index
from numpy.typing import ArrayLike

from autograd_nn.engine.fast import sum_of_columns
from autograd_nn.engine.questions import is_plain
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import in_shape, rule, times, with_last
from autograd_nn.ops.domain import INFINITE, Domain, call
from autograd_nn.ops.neural.activations import sigmoid, softplus
from autograd_nn.ops.neural.arguments import constant_or_tensor, floats
from autograd_nn.ops.neural.softmax import all_finite, log_softmax, softmax, split

__all__ = ["binary_cross_entropy", "cross_entropy"]


def without_infinite(weight: Any, value: Any) -> Any:
    """The value to be multiplied by the weight: 0 instead of an infinite one that the weight 0 leaves out."""
    return np.where((raw(weight) == 0) & np.isinf(raw(value)), 0, value)


def reduced(function: str, losses: Any, reduction: str, total: Any = None) -> Any:
    """The losses, their sum, or that divided by the sum of their weights."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{function}: reduction must be 'mean', 'sum' or 'none', got {reduction!r}")
    if reduction == "none":
        return losses
    if reduction == "sum":
        return np.sum(losses)
    return np.mean(losses) if total is None else np.sum(losses) / total


def against(x: Any, own: Any) -> tuple[Any, Any]:
    """How likely the other classes are, relative to the target: exp(x - x[target]), but 0 at the target itself.

    ``own`` are the places of the targets in the flattened x. Returns these odds, and their sum for each row.
    """
    odds = x - x.take(own)[:, None]
    np.exp(odds, odds)
    odds.put(own, 0)
    return odds, sum_of_columns(odds)


def surprisal_value(x: Any, own: Any, reduction: str) -> Any:
    with np.errstate(over="ignore", invalid="ignore"):
        _, total = against(x, own)
    if all_finite(total):
        y = np.log1p(total)
    else:  # a target so unlikely, or impossible, is no measure for the others
        _, d, rest = split(x)
        y = np.log1p(rest[:, 0]) - d.take(own)
    return y if reduction == "none" else np.add.reduce(y) if reduction == "sum" else y.mean()


def excess(x: Any, own: Any) -> Any:
    """The probabilities, less 1 for the target: minus the sum of the others, where p - 1 has lost its digits."""
    if is_plain(x):
        odds, total = against(x, own)
        if all_finite(total):
            whole = 1 + total
            odds /= whole[:, None]
            total /= whole
            odds.put(own, np.negative(total, total))
            return odds
    here = own[:, None] == np.arange(x.size).reshape(x.shape)
    others = np.where(here, 0, softmax(x))
    return np.where(here, -np.sum(others, axis=1, keepdims=True), others)


def share(g: Any, count: int, reduction: str) -> Any:
    """The cotangent of each row's loss."""
    return g[:, None] if reduction == "none" else g if reduction == "sum" else g / max(count, 1)


surprisal = rule(
    surprisal_value,
    Domain(
        calls=tuple(
            call(shape, own=np.array(own), reduction=reduction)
            for shape, own in [((3, 4), [0, 7, 8]), ((1, 1), [0])]
            for reduction in ("none", "sum", "mean")
        )
    ),
    name="cross_entropy",
    x=lambda g, x, own, reduction: times(share(g, len(own), reduction), excess(x, own)),
)


def cross_entropy(
    logits: ArrayLike | Tensor,
    target: ArrayLike | Tensor,
    axis: int = -1,
    weight: ArrayLike | Tensor | None = None,
    label_smoothing: float = 0.0,
    ignore_index: int | None = None,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Tensor:
    """Minus the log-probability that the softmax of the logits gives to the target.

    Parameters
    ----------
    logits : array or Tensor of floats, any shape
    target : integers, or floats of the shape of the logits
        The class of each row of logits, in their shape without ``axis``; or the probabilities of all classes.
    axis : int
        Where the classes are; the last axis by default.
    weight : array of shape (classes,), optional
        A factor for each class.
    label_smoothing : float in [0, 1]
        The share of the target's probability that is spread evenly over all classes; Szegedy et al. 2016.
    ignore_index : int, optional
        Rows with this class count for nothing.
    reduction : {"mean", "sum", "none"}
        The mean for classes is weighted by the targets' weights, and over what is not ignored.

    Returns
    -------
    array or Tensor
        A scalar, or for "none" of the shape of the logits without ``axis``.

    Raises
    ------
    TypeError, ValueError
        For logits that are not floats, targets of another shape, or classes that do not exist.

    Notes
    -----
    The slope of the target's own logit is minus the sum of the other probabilities; p - 1, which is
    the same number, has lost its digits at a margin of 37 and more.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import cross_entropy
    >>> logits = Tensor([[2.0, 0.0, 0.0], [0.0, 40.0, 0.0]], requires_grad=True)
    >>> cross_entropy(logits, [0, 1], reduction="none")
    Tensor([2.39544766e-01, 8.49670851e-18], made by cross_entropy)
    """
    (scores,) = floats("cross_entropy", logits=logits)
    axis = normalize_axis_index(axis, scores.ndim)
    classes, shape = scores.shape[axis], scores.shape[:axis] + scores.shape[axis + 1 :]
    wanted: Any = constant_or_tensor("cross_entropy", "target", target)
    factor: Any = None if weight is None else constant_or_tensor("cross_entropy", "weight", weight, scores.dtype)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing must be between 0 and 1, got {label_smoothing}")
    if factor is not None and factor.shape != (classes,):
        raise ValueError(f"cross_entropy: weight must have shape ({classes},), got {factor.shape}")
    integers = wanted.dtype.kind in "iu"
    if wanted.shape != (shape if integers else scores.shape) or wanted.dtype.kind not in "iuf":
        raise ValueError(
            f"cross_entropy: target must be integers of shape {shape}, or floats of the logits' shape {scores.shape}: "
            f"got {wanted.dtype} of shape {wanted.shape}"
        )
    if not integers:
        if ignore_index is not None:
            raise ValueError("cross_entropy: ignore_index is for a target of classes: leave it out with probabilities")
        return reduced("cross_entropy", crossed(scores, wanted, axis, factor, label_smoothing), reduction)
    wanted = raw(wanted)
    kept: Any = True if ignore_index is None else wanted != ignore_index
    if kept is not True:
        wanted = np.where(kept, wanted, 0)
    if wanted.size and not wanted.view(f"u{wanted.itemsize}").max() < classes:  # as unsigned, -1 is the largest
        raise ValueError(
            f"cross_entropy: target must be classes from 0 to {classes - 1}, got {wanted.min()} to {wanted.max()}"
        )
    if label_smoothing:
        certain = np.moveaxis(np.eye(classes, dtype=scores.dtype)[wanted], -1, axis)
        losses = crossed(scores, certain, axis, factor, label_smoothing)
    else:
        if axis != 1 or scores.ndim != 2:
            scores = in_shape(with_last(scores, axis), (prod(shape), classes))
        own = np.add(wanted.ravel(), np.arange(0, wanted.size * classes, classes or 1), dtype=np.intp)
        if factor is None and kept is True and reduction in ("sum", "mean"):
            return surprisal(scores, own, reduction)
        losses = in_shape(surprisal(scores, own, "none"), shape)
    if factor is not None and not label_smoothing:
        losses = factor[wanted] * without_infinite(factor[wanted], losses)
    if kept is not True:
        losses = np.where(kept, losses, 0)
    if factor is None:
        return reduced("cross_entropy", losses, reduction, None if kept is True else int(kept.sum()))
    return reduced("cross_entropy", losses, reduction, np.sum(np.where(kept, factor[wanted], 0)))


def crossed(logits: Any, target: Any, axis: int, weight: Any, label_smoothing: float) -> Any:
    """Minus the sum of the probabilities of the target times the log-probabilities of the logits."""
    classes = logits.shape[axis]
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / classes
    if weight is not None:
        target = target * np.reshape(weight, (-1, *[1] * (logits.ndim - 1 - axis)))
    return -np.sum(target * without_infinite(target, log_softmax(logits, axis)), axis=axis)


def bce_value(x: Any, target: Any, pos_weight: Any) -> Any:
    tail = np.log1p(np.exp(-np.abs(x)))
    yes, no = pos_weight * target, 1 - target
    return yes * without_infinite(yes, tail + np.maximum(-x, 0)) + no * without_infinite(no, tail + np.maximum(x, 0))


bce = rule(
    bce_value,
    Domain(
        (INFINITE, (-0.2, 1.2), (0, np.inf)),
        (call((), (), ()), call((3,), (3,), ()), call((2, 3), (3,), (2, 1)), call((0, 3), (1, 3), (3,))),
    ),
    name="binary_cross_entropy",
    elementwise=True,
    x=lambda g, x, target, pos_weight: g * ((1 - target) * sigmoid(x) - pos_weight * target * sigmoid(-x)),
    # softplus(-x) - softplus(x) is -x
    target=lambda g, x, pos_weight: g * ((p := pos_weight - 1) * without_infinite(p, softplus(-x)) - x),
    pos_weight=lambda g, x, target: g * (target * without_infinite(target, softplus(-x))),
)


def binary_cross_entropy(
    logits: ArrayLike | Tensor,
    target: ArrayLike | Tensor,
    weight: ArrayLike | Tensor | None = None,
    pos_weight: ArrayLike | Tensor | None = None,
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Tensor:
    """Minus the log-likelihood of the target under the probability sigmoid(logits).

    Parameters
    ----------
    logits : array or Tensor of floats, any shape
    target : array or Tensor
        Probabilities, 0 or 1 for certain ones, that broadcast against the logits; it has a gradient too.
    weight : array or Tensor, optional
        A factor for each loss.
    pos_weight : array or Tensor, optional
        A factor for the part of the loss that the target contributes, not for that of 1 - target.
    reduction : {"mean", "sum", "none"}

    Returns
    -------
    array or Tensor
        A scalar, or for "none" of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        For logits that are not floats, complex numbers, or another reduction.

    Notes
    -----
    max(x, 0) - x * y + log1p(exp(-abs(x))), with the slope (1 - y) * sigmoid(x) - y * sigmoid(-x): finite and
    right at any x, also an infinite one.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import binary_cross_entropy
    >>> logits = Tensor([40.0, 0.0], requires_grad=True)
    >>> binary_cross_entropy(logits, [1.0, 0.0], reduction="sum").backward()
    >>> logits.grad
    Tensor([-4.24835426e-18,  5.00000000e-01])
    """
    (scores,) = floats("binary_cross_entropy", logits=logits)
    wanted, positive, factor = (
        constant_or_tensor("binary_cross_entropy", name, 1 if value is None else value, scores.dtype)
        for name, value in [("target", target), ("pos_weight", pos_weight), ("weight", weight)]
    )
    losses = bce(scores, wanted, positive)
    if weight is not None:
        losses = factor * without_infinite(factor, losses)
    return reduced("binary_cross_entropy", losses, reduction)
