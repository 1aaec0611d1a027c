"""Normalisation as an expression: none of these functions has a state."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograd_nn.engine.fast import sum_of_rows
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import as_array, in_shape, named, rule, times
from autograd_nn.ops.domain import Domain, call
from autograd_nn.ops.neural.arguments import floats

__all__ = [
    "batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "rms_norm",
]

Axes = tuple[int, ...]


def over_samples(x: Any, axis: Axes) -> bool:
    """Whether the first axis of an array is summed over, which may be long; NumPy adds float16 up in float32 itself."""
    return type(x) is np.ndarray and axis[0] == 0 and x.dtype != np.float16


def total(x: Any, axis: Axes) -> Any:
    """The sum with keepdims; over samples in blocks, because a running sum of many loses digits."""
    if not over_samples(x, axis):
        return np.sum(x, axis=axis, keepdims=True)
    samples = np.sum(x, axis=axis[1:], keepdims=True)
    return sum_of_rows(samples.reshape(len(x), -1)).reshape(1, *samples.shape[1:])


def mean(x: Any, axis: Axes) -> Any:
    if not over_samples(x, axis):
        return np.mean(x, axis=axis, keepdims=True)
    return total(x, axis) / prod(x.shape[k] for k in axis)


def mean_square(x: Any, axis: Axes) -> Any:
    """The mean of the squares, with keepdims; divided before they are added, so that it is as large as x allows."""
    part = x * (1 / max(1, prod(x.shape[k] for k in axis)) ** 0.5)
    return total(part * part, axis)


def deviation(x: Any, axis: Axes, eps: float) -> Any:
    return np.sqrt(mean_square(x - mean(x, axis), axis) + eps)


def standardise_value(x: Any, axis: Axes, eps: float) -> Any:
    centred = x - mean(x, axis)
    return centred / np.sqrt(mean_square(centred, axis) + eps)


standardise = rule(
    standardise_value,
    Domain(
        calls=(
            *(call((2, 3), axis=axis, eps=0.1) for axis in ((0,), (-1,), (0, 1))),
            call((2, 3, 2), axis=(0, 2), eps=0.1),
            call((0, 3), axis=(1,), eps=0.1),
        )
    ),
    name="standardise",
    x=lambda g, x, y, axis, eps: times(
        g - mean(g, axis) - times(mean(times(g, y), axis), y), 1 / deviation(x, axis, eps)
    ),
)


def rooted(x: Any, axis: Axes, eps: float) -> Any:
    return np.sqrt(mean_square(x, axis) + eps)


to_unit = rule(
    lambda x, axis, eps: x / rooted(x, axis, eps),
    Domain(
        calls=(
            *(call((2, 3), axis=axis, eps=0.1) for axis in ((0,), (-1,), (0, 1))),
            call((2, 3, 2), axis=(-2, -1), eps=0.1),
            call((0, 3), axis=(1,), eps=0.1),
        )
    ),
    name="rms_norm",
    x=lambda g, x, y, axis, eps: times(g - times(mean(times(g, y), axis), y), 1 / rooted(x, axis, eps)),
)


def scaled(y: Any, weight: Any, bias: Any) -> Any:
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def by_channel(function: str, x: Any, **parameters: Any) -> list[Any]:
    """A vector for the channels, axis 1 of x, ready to broadcast against it."""
    for name, p in parameters.items():
        if p is not None and np.shape(p) != x.shape[1:2]:
            raise ValueError(
                f"{function}: {name} must have an element for each of {x.shape[1]} channels, got shape {np.shape(p)}"
            )
    shape = (*x.shape[1:2], *[1] * (x.ndim - 2))
    return [p if p is None else in_shape(as_array(p), shape) for p in parameters.values()]


def with_channels(function: str, x: Any) -> Any:
    (x,) = floats(function, x=x)
    if x.ndim < 2:
        raise ValueError(f"{function}: x must be of shape (samples, channels, ...), got {x.shape}")
    return x


def batch_norm(
    x: ArrayLike | Tensor,
    running_mean: ArrayLike | None = None,
    running_var: ArrayLike | None = None,
    weight: ArrayLike | Tensor | None = None,
    bias: ArrayLike | Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Tensor, NDArray[Any], NDArray[Any]]:
    """Each channel with mean 0 and variance 1, over the samples and positions of a batch; Ioffe & Szegedy 2015.

    Parameters
    ----------
    x : array or Tensor of floats (samples, channels, ...)
    running_mean, running_var : arrays (channels,), optional in training
        What is known of the statistics so far. They are not changed: new ones are returned.
    weight, bias : arrays or Tensors (channels,), optional
        Scale and shift of the result.
    training : bool
        Normalise by the statistics of this batch, instead of the running ones.
    momentum : float
        The share of this batch in the new running statistics.
    eps : float
        Is added to the variance.

    Returns
    -------
    y, running_mean, running_var : array or Tensor, array, array
        The result, of x's shape; and the running statistics, which are constants: in training momentum times the
        batch's mean and (unbiased) variance, plus 1 - momentum times the given ones (0 and 1 if none are);
        otherwise those that were given.

    Raises
    ------
    TypeError, ValueError
        If x is not of floats, there is no batch to take statistics of, or not an element for each channel.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import batch_norm
    >>> y, mean, var = batch_norm(np.array([[1.0], [3.0]]), training=True, eps=0.0)
    >>> y.round(3).tolist(), mean.tolist(), var.tolist()
    ([[-1.0], [1.0]], [0.2], [1.1])
    """
    images = with_channels("batch_norm", x)
    old: list[Any] = [running_mean, running_var]
    scale, shift, centre, variance = by_channel(
        "batch_norm", images, weight=weight, bias=bias, running_mean=old[0], running_var=old[1]
    )
    if not training:
        if running_mean is None or running_var is None:
            raise ValueError(
                "batch_norm: give running_mean and running_var, or write training=True for those of the batch"
            )
        y = scaled((images - centre) / np.sqrt(variance + eps), scale, shift)
        return named("batch_norm", y), old[0], old[1]
    axis = (0, *range(2, images.ndim))
    count = prod(images.shape[k] for k in axis)
    if count < 2:
        raise ValueError(f"batch_norm: training needs more than one value for each channel, got shape {images.shape}")
    y = scaled(standardise(images, axis, eps), scale, shift)
    values = raw(images)
    average = mean(values, axis)
    found = average.ravel(), mean_square(values - average, axis).ravel() * (count / (count - 1))
    known = [neutral if k is None else np.asarray(raw(k)) for k, neutral in zip(old, (0.0, 1.0), strict=True)]
    means, variances = ((1 - momentum) * k + momentum * new for k, new in zip(known, found, strict=True))
    return named("batch_norm", y), means, variances


def trailing(function: str, x: Any, normalized_shape: Any, **parameters: Any) -> Axes:
    """The last axes of x, which must have this shape, as must the parameters."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not shape or x.shape[-len(shape) :] != shape:
        raise ValueError(f"{function}: normalized_shape {shape} must be the end of x's shape {x.shape}")
    for name, p in parameters.items():
        if p is not None and np.shape(p) != shape:
            raise ValueError(f"{function}: {name} must have normalized_shape {shape}, got {np.shape(p)}")
    return tuple(range(-len(shape), 0))


def layer_norm(
    x: ArrayLike | Tensor,
    normalized_shape: int | Sequence[int],
    weight: ArrayLike | Tensor | None = None,
    bias: ArrayLike | Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Each sample with mean 0 and variance 1, over its last axes; Ba, Kiros & Hinton 2016.

    Parameters
    ----------
    x : array or Tensor of floats (..., *normalized_shape)
    normalized_shape : int or tuple of ints
        The sizes of the axes that mean and variance are taken over: ``x.shape[-1]`` for the last one.
    weight, bias : arrays or Tensors of shape normalized_shape, optional
        Scale and shift of the result.
    eps : float
        Is added to the variance.

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError, ValueError
        If x is not of floats, or shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import layer_norm
    >>> layer_norm(np.array([[1.0, 3.0], [10.0, 30.0]]), 2, eps=0.0)
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    (samples,) = floats("layer_norm", x=x)
    axis = trailing("layer_norm", samples, normalized_shape, weight=weight, bias=bias)
    return named("layer_norm", scaled(standardise(samples, axis, eps), weight, bias))


def rms_norm(
    x: ArrayLike | Tensor,
    normalized_shape: int | Sequence[int],
    weight: ArrayLike | Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """Each sample divided by its root mean square over its last axes; Zhang & Sennrich 2019.

    Parameters
    ----------
    x, normalized_shape, weight
        As for `layer_norm`.
    eps : float, optional
        Is added to the mean square; the machine epsilon of x's dtype by default.

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError, ValueError
        If x is not of floats, or shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import rms_norm
    >>> rms_norm(np.array([3.0, 4.0]), 2).round(4).tolist()
    [0.8485, 1.1314]
    """
    (samples,) = floats("rms_norm", x=x)
    axis = trailing("rms_norm", samples, normalized_shape, weight=weight)
    eps = float(np.finfo(samples.dtype).eps) if eps is None else eps
    return named("rms_norm", scaled(to_unit(samples, axis, eps), weight, None))


def group_norm(
    x: ArrayLike | Tensor,
    num_groups: int,
    weight: ArrayLike | Tensor | None = None,
    bias: ArrayLike | Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Each group of channels of a sample with mean 0 and variance 1, over its positions; Wu & He 2018.

    Parameters
    ----------
    x : array or Tensor of floats (samples, channels, ...)
    num_groups : int
        Divides the number of channels.
    weight, bias : arrays or Tensors (channels,), optional
        Scale and shift of the result.
    eps : float
        Is added to the variance.

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError, ValueError
        If x is not of floats, the groups do not divide the channels, or shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import group_norm
    >>> group_norm(np.array([[1.0, 3.0, 10.0, 30.0]]), num_groups=2, eps=0.0)
    array([[-1.,  1., -1.,  1.]])
    """
    return grouped_norm("group_norm", x, num_groups, weight, bias, eps)


def instance_norm(
    x: ArrayLike | Tensor,
    weight: ArrayLike | Tensor | None = None,
    bias: ArrayLike | Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Each channel of a sample with mean 0 and variance 1, over its positions: a group for each channel.

    Ulyanov, Vedaldi & Lempitsky 2016.

    Parameters
    ----------
    x, weight, bias, eps
        As for `group_norm`.

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError, ValueError
        If x is not of floats, or shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import instance_norm
    >>> instance_norm(np.array([[[1.0, 3.0], [10.0, 30.0]]]), eps=0.0).round(3).tolist()
    [[[-1.0, 1.0], [-1.0, 1.0]]]
    """
    return grouped_norm("instance_norm", x, np.shape(x)[1:2], weight, bias, eps)


def grouped_norm(function: str, x: Any, groups: Any, weight: Any, bias: Any, eps: float) -> Any:
    x = with_channels(function, x)
    (groups,) = np.atleast_1d(groups)
    if groups < 1 or x.shape[1] % groups:
        raise ValueError(f"{function}: num_groups must divide the {x.shape[1]} channels of x, got {groups}")
    scale, shift = by_channel(function, x, weight=weight, bias=bias)
    rows = in_shape(x, (x.shape[0], int(groups), prod(x.shape[1:]) // int(groups)))
    return named(function, scaled(in_shape(standardise(rows, (-1,), eps), x.shape), scale, shift))
