"""Pooling: the maximum or the mean of windows over images. One dimension is an image of height 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograd_nn.engine.tensor import Tensor
from autograd_nn.ops.declare import in_shape, named
from autograd_nn.ops.neural.arguments import floats
from autograd_nn.ops.neural.convolution import batch, check_layout, integers, restored
from autograd_nn.ops.neural.strips import Geometry, pair
from autograd_nn.ops.neural.windows import max_in_windows, mean_in_windows

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "avg_pool1d",
    "avg_pool2d",
    "max_pool1d",
    "max_pool2d",
]


def pooling(
    function: str, n: int, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> tuple[Any, Any, Geometry]:
    """The argument as an array, the window's size, and how it goes over it."""
    if ceil_mode:
        raise ValueError(f"{function} does not take ceil_mode=True: pad x at its end with np.pad instead")
    (x,) = floats(function, kinds="fc", x=x)
    check_layout(function, n, x)
    kernel = integers(function, n, "kernel_size", kernel_size)
    stride = kernel if stride is None else integers(function, n, "stride", stride)
    padding = integers(function, n, "padding", padding, 0)
    if any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        raise ValueError(f"{function}: padding must be at most half of kernel_size, {kernel}: got {padding}")
    dilation = integers(function, n, "dilation", dilation)
    geometry = Geometry(pair(stride, 1), pair([(p, p) for p in padding], (0, 0)), pair(dilation, 1))
    if min(geometry.size(pair(x.shape[-n:], 1), pair(kernel, 1))) < 1:
        raise ValueError(f"{function}: kernel_size {kernel_size} is larger than the padded x, of shape {x.shape}")
    return x, kernel, geometry


def max_pool(function: str, n: int, x: Any, *arguments: Any) -> Any:
    (x,) = floats(function, x=x)
    return max_in_windows(*pooling(function, n, x, *arguments))


def avg_pool(
    function: str, n: int, x: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool, count_include_pad: bool
) -> Any:
    x, kernel, geometry = pooling(function, n, x, kernel_size, stride, padding, 1, ceil_mode)
    return mean_in_windows(x, kernel, geometry, count_include_pad)


def max_pool1d(
    x: ArrayLike | Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """The maximum in each window of sequences ([samples,] channels, length); as `max_pool2d` in one dimension.

    Parameters
    ----------
    x : array or Tensor of floats (samples, channels, length) or (channels, length)
    kernel_size, stride, padding, dilation, ceil_mode
        As for `max_pool2d`; integers, or tuples of one.

    Returns
    -------
    array or Tensor (samples, channels, length), without samples if x is

    Raises
    ------
    TypeError, ValueError
        As for `max_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import max_pool1d
    >>> max_pool1d(np.array([[1.0, 3.0, 2.0, 0.0]]), 2)
    array([[3., 2.]])
    """
    return max_pool("max_pool1d", 1, x, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool2d(
    x: ArrayLike | Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """The maximum in each window of images. Elements that tie share the cotangent evenly.

    Parameters
    ----------
    x : array or Tensor of floats (samples, channels, height, width) or (channels, height, width)
    kernel_size : int or tuple
        Rows and columns of a window.
    stride : int or tuple, optional
        How far it moves; kernel_size by default, so that windows do not overlap.
    padding : int or tuple
        Rows and columns on each side that count for nothing; at most half of kernel_size.
    dilation : int or tuple
        How far apart the elements of a window are.
    ceil_mode : bool
        Only False: windows that do not fit are left out.

    Returns
    -------
    array or Tensor (samples, channels, rows, columns), without samples if x is
        The size along an axis is (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1.

    Raises
    ------
    TypeError, ValueError
        If x is not of floats or has another number of axes, or a window is larger than it.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import max_pool2d
    >>> max_pool2d(np.arange(16.0).reshape(1, 4, 4), 2)
    array([[[ 5.,  7.],
            [13., 15.]]])
    """
    return max_pool("max_pool2d", 2, x, kernel_size, stride, padding, dilation, ceil_mode)


def avg_pool1d(
    x: ArrayLike | Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window of sequences ([samples,] channels, length); as `avg_pool2d` in one dimension.

    Parameters
    ----------
    x : array or Tensor of floats (samples, channels, length) or (channels, length)
    kernel_size, stride, padding, ceil_mode, count_include_pad
        As for `avg_pool2d`; integers, or tuples of one.

    Returns
    -------
    array or Tensor (samples, channels, length), without samples if x is

    Raises
    ------
    TypeError, ValueError
        As for `avg_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import avg_pool1d
    >>> avg_pool1d(np.array([[1.0, 3.0, 2.0, 0.0]]), 2)
    array([[2., 1.]])
    """
    return avg_pool("avg_pool1d", 1, x, kernel_size, stride, padding, ceil_mode, count_include_pad)


def avg_pool2d(
    x: ArrayLike | Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window of images.

    Parameters
    ----------
    x : array or Tensor of floats (samples, channels, height, width) or (channels, height, width)
    kernel_size, stride, padding, ceil_mode
        As for `max_pool2d`.
    count_include_pad : bool
        Whether the zeros of the padding count as elements.

    Returns
    -------
    array or Tensor (samples, channels, rows, columns), without samples if x is

    Raises
    ------
    TypeError, ValueError
        As for `max_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import avg_pool2d
    >>> avg_pool2d(np.arange(16.0).reshape(1, 4, 4), 2)
    array([[[ 2.5,  4.5],
            [10.5, 12.5]]])
    """
    return avg_pool("avg_pool2d", 2, x, kernel_size, stride, padding, ceil_mode, count_include_pad)


def tiled(function: str, n: int, x: Any, output_size: Any, filler: float) -> tuple[Any, Any, Any]:
    """The argument as an array; its bins (images, channels, bins, height, bins, width); which elements are their own.

    Bin i of m reaches from floor(i * size / m) to ceil((i + 1) * size / m). Those shorter than the longest are filled.
    """
    (x,) = floats(function, kinds="fc", x=x)
    images = batch(function, n, x)
    bins = pair(integers(function, n, "output_size", output_size), 1)
    inside, shape = [], []
    for axis, (size, count) in enumerate(zip(images.shape[2:], bins, strict=True), 2):
        start, stop = np.arange(count) * size // count, -(-np.arange(1, count + 1) * size // count)
        place = start[:, None] + np.arange(max(stop - start))
        shape += place.shape
        inside.append(place < stop[:, None])
        if place.size != size:
            images = images[(slice(None),) * axis + (np.minimum(place, size - 1).ravel(),)]
    own = np.logical_and.outer(*inside)
    images = in_shape(images, (*images.shape[:2], *shape))
    return x, images if own.all() else np.where(own, images, filler), own


def adaptive_max_pool(function: str, n: int, x: Any, output_size: Any) -> Any:
    (x,) = floats(function, x=x)
    x, bins, _ = tiled(function, n, x, output_size, -np.inf)
    return named(function, restored(np.max(bins, axis=(3, 5)), n, x.ndim))


def adaptive_avg_pool(function: str, n: int, x: Any, output_size: Any) -> Any:
    x, bins, own = tiled(function, n, x, output_size, 0.0)
    means = np.sum(bins, axis=(3, 5)) / own.sum(axis=(1, 3)).astype(x.dtype)
    return named(function, restored(means, n, x.ndim))


def adaptive_max_pool1d(x: ArrayLike | Tensor, output_size: int | Sequence[int]) -> Tensor:
    """The maximum in each of ``output_size`` bins of sequences; bins as in `adaptive_avg_pool2d`.

    Parameters
    ----------
    x : array or Tensor of floats (samples, channels, length) or (channels, length)
    output_size : int or tuple
        How many bins.

    Returns
    -------
    array or Tensor (samples, channels, length), without samples if x is

    Raises
    ------
    TypeError, ValueError
        As for `adaptive_avg_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import adaptive_max_pool1d
    >>> adaptive_max_pool1d(np.array([[1.0, 3.0, 2.0, 0.0]]), 2)
    array([[3., 2.]])
    """
    return adaptive_max_pool("adaptive_max_pool1d", 1, x, output_size)


def adaptive_max_pool2d(x: ArrayLike | Tensor, output_size: int | Sequence[int]) -> Tensor:
    """The maximum in each of ``output_size`` bins of images; bins as in `adaptive_avg_pool2d`.

    Parameters
    ----------
    x : array or Tensor of floats (samples, channels, height, width) or (channels, height, width)
    output_size : int or tuple
        How many bins down and across.

    Returns
    -------
    array or Tensor (samples, channels, rows, columns), without samples if x is

    Raises
    ------
    TypeError, ValueError
        As for `adaptive_avg_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import adaptive_max_pool2d
    >>> adaptive_max_pool2d(np.arange(9.0).reshape(1, 3, 3), 2)
    array([[[4., 5.],
            [7., 8.]]])
    """
    return adaptive_max_pool("adaptive_max_pool2d", 2, x, output_size)


def adaptive_avg_pool1d(x: ArrayLike | Tensor, output_size: int | Sequence[int]) -> Tensor:
    """The mean of each of ``output_size`` bins of sequences; bins as in `adaptive_avg_pool2d`.

    Parameters
    ----------
    x : array or Tensor of floats (samples, channels, length) or (channels, length)
    output_size : int or tuple
        How many bins.

    Returns
    -------
    array or Tensor (samples, channels, length), without samples if x is

    Raises
    ------
    TypeError, ValueError
        As for `adaptive_avg_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import adaptive_avg_pool1d
    >>> adaptive_avg_pool1d(np.array([[1.0, 3.0, 2.0]]), 2)
    array([[2. , 2.5]])
    """
    return adaptive_avg_pool("adaptive_avg_pool1d", 1, x, output_size)


def adaptive_avg_pool2d(x: ArrayLike | Tensor, output_size: int | Sequence[int]) -> Tensor:
    """The mean of each bin of images, whatever their size.

    Parameters
    ----------
    x : array or Tensor of floats (samples, channels, height, width) or (channels, height, width)
    output_size : int or tuple
        How many bins down and across. Of m bins over an axis, the one numbered i reaches from i * size / m, rounded
        down, to (i + 1) * size / m, rounded up.

    Returns
    -------
    array or Tensor (samples, channels, rows, columns), without samples if x is

    Raises
    ------
    TypeError, ValueError
        If x is not of floats or has another number of axes, or output_size is not a positive integer.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import adaptive_avg_pool2d
    >>> adaptive_avg_pool2d(np.arange(9.0).reshape(1, 3, 3), 1)
    array([[[4.]]])
    """
    return adaptive_avg_pool("adaptive_avg_pool2d", 2, x, output_size)
