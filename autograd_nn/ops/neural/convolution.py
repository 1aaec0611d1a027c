"""Convolution of images.

A convolution is linear in the image and in the kernel, so its three rules are each other's: the cotangent of
the image is the transposed convolution, that of the kernel correlates image and output, and their cotangents are the
convolution again. One dimension is an image of height 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from autograd_nn.engine.strong import bilinear
from autograd_nn.engine.tensor import Tensor
from autograd_nn.ops.declare import in_shape, rule
from autograd_nn.ops.domain import Call, Domain, call
from autograd_nn.ops.neural.arguments import floats
from autograd_nn.ops.neural.strips import Geometry, Pair, Strips, by_row, pair

__all__ = [
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
]


def as_images(x: Any, n: int) -> Any:
    """A batch of images (images, channels, height, width) of sequences (n = 1) or images, or of a single one."""
    return in_shape(x, (*[1] * (n + 2 - x.ndim), *x.shape[:-n], *[1] * (2 - n), *x.shape[-n:]))


def restored(y: Any, n: int, ndim: int) -> Any:
    """A batch of images in the layout of what had so many dimensions."""
    return in_shape(y, y.shape[n + 2 - ndim : 2] + y.shape[-n:])


def as_kernel(w: Any) -> Any:
    """A kernel (channels, channels, rows, columns)."""
    return w if w.ndim == 4 else w[:, :, None]


def with_bias(y: Any, bias: Any) -> Any:
    """A batch of images, which is changed where it can hold the sums, and a number more for each channel."""
    if bias is None:
        return y
    column = np.asarray(bias)[:, None, None]
    return np.add(y, column, out=y) if np.result_type(y, column) == y.dtype else y + column


def of_channels(g: Any, n: int) -> Any:
    """The cotangent of a bias."""
    return np.sum(g, axis=tuple(k for k in range(g.ndim) if k != g.ndim - n - 1))


def conv_value(x: Any, w: Any, bias: Any, geometry: Geometry) -> Any:
    n, ndim = w.ndim - 2, x.ndim
    x, w = as_images(x, n), as_kernel(w)
    rows, columns = size = geometry.size(x.shape[2:], w.shape[2:])
    strips = Strips(x.shape, w.shape[2:], size, geometry, np.result_type(x, w))
    y = np.empty((x.shape[0], geometry.groups, w.shape[0] // geometry.groups, rows * columns), strips.copies.dtype)
    first, *others = by_row(w, geometry.groups)
    for part, (matrix, *matrices) in strips.met(x):
        sums = y[part]
        np.matmul(first, matrix, out=sums)
        for row, matrix in zip(others, matrices, strict=True):
            sums += np.matmul(row, matrix)
    return restored(with_bias(y.reshape(len(x), len(w), *size), bias), n, ndim)


def conv_kernel_value(x: Any, v: Any, taps: Any, geometry: Geometry) -> Any:
    n, kernel = len(taps), pair(taps, 1)
    x, v = as_images(x, n), as_images(v, n)
    strips = Strips(x.shape, kernel, v.shape[2:], geometry, np.result_type(x, v))
    v = v.reshape(len(v), geometry.groups, v.shape[1] // geometry.groups, prod(v.shape[2:]))
    w = np.zeros((kernel[0], *v.shape[1:3], strips.grouped.shape[2]), strips.copies.dtype)
    for part, matrices in strips.met(x):
        for row, matrix in zip(w, matrices, strict=True):
            row += np.matmul(v[part], matrix.mT).sum(axis=0)
    w = np.moveaxis(w.reshape(kernel[0], -1, x.shape[1] // geometry.groups, kernel[1]), 0, 2)
    return w if n == 2 else w[:, :, 0]


def conv_transpose_value(v: Any, w: Any, bias: Any, size: Any, geometry: Geometry) -> Any:
    n, ndim = w.ndim - 2, v.ndim
    v, w = as_images(v, n), as_kernel(w)
    x = np.zeros((v.shape[0], w.shape[1] * geometry.groups, *pair(size, 1)), np.result_type(v, w))
    strips = Strips(x.shape, w.shape[2:], v.shape[2:], geometry, x.dtype)
    v = v.reshape(len(v), geometry.groups, v.shape[1] // geometry.groups, *v.shape[2:])
    taps = w.reshape(geometry.groups, -1, *w.shape[1:]).transpose(3, 0, 2, 4, 1)
    reached, place = strips.inside(x)
    apart = not np.isfinite(taps).all()  # the zeros of a lifted row would make nan of them
    phases = [strips.lifted(taps, v.shape[3], phase) for phase in range(0 if apart else geometry.stride[0])]
    for part in strips.parts:
        count = part.stop - part.start
        if apart:
            strips.add_rows(taps, v[part])
        for places, matrix, lifted, copies in phases:
            for lift in places:
                lift[:count] = v[part]
            copies[:count] = np.matmul(matrix, lifted[:count]).reshape(copies[:count].shape)
        strips.padded.fill(0)
        strips.shifted[:count, :, 0] = strips.copies[:count, :, 0]
        for j in range(1, w.shape[3]):
            strips.shifted[:count, :, j] += strips.copies[:count, :, j]
        reached[part] = place[:count]
    return restored(with_bias(x, bias), n, ndim)


GEOMETRIES = (
    ((1, 2, 3, 3), (2, 2, 2, 2), Geometry()),
    ((2, 1, 3, 4), (1, 1, 3, 2), Geometry((2, 1), ((1, 1), (0, 2)))),
    ((1, 2, 1, 4), (2, 1, 1, 2), Geometry((1, 2), ((0, 0), (1, 0)), (1, 2), 2)),
    ((1, 1, 4, 3), (1, 1, 2, 1), Geometry((3, 2), ((2, 1), (1, 1)), (2, 1))),
    ((0, 1, 2, 2), (1, 1, 2, 2), Geometry()),
    ((2, 3, 3), (2, 2, 2, 2), Geometry()),
    ((2, 1, 4), (2, 1, 3), Geometry(padding=((0, 0), (1, 0)))),
    ((1, 4), (1, 1, 2), Geometry((1, 2))),
)
"""Of the last three, one is a single image, the others are sequences: a batch, and a single one."""
OUTPUTS = [
    (*x[: 1 - len(w)], w[0], *geometry.size(pair(x[2 - len(w) :], 1), pair(w[2:], 1))[4 - len(w) :])
    for x, w, geometry in GEOMETRIES
]


def with_and_without_bias(k: int, x: Any, w: Any, channels: int, **parameters: Any) -> Call:
    return call(x, w, (channels,), **parameters) if k % 2 else call(x, w, bias=None, **parameters)


conv: Any = rule(
    conv_value,
    Domain(
        calls=tuple(
            with_and_without_bias(k, x, w, w[0], geometry=geometry) for k, (x, w, geometry) in enumerate(GEOMETRIES)
        )
    ),
    name="conv",
    x=lambda g, w, x_shape, geometry: bilinear(
        lambda g, w: conv_transpose(g, w, None, x_shape[2 - w.ndim :], geometry), g, w
    ),
    w=lambda g, x, w_shape, geometry: bilinear(lambda g, x: conv_kernel(x, g, w_shape[2:], geometry), g, x),
    bias=lambda g, w_shape: of_channels(g, len(w_shape) - 2),
)
conv_transpose: Any = rule(
    conv_transpose_value,
    Domain(
        calls=tuple(
            with_and_without_bias(k, v, w, w[1] * geometry.groups, size=x[2 - len(w) :], geometry=geometry)
            for k, (v, (x, w, geometry)) in enumerate(zip(OUTPUTS, GEOMETRIES, strict=True))
        )
    ),
    name="conv_transpose",
    v=lambda g, w, geometry: bilinear(lambda g, w: conv(g, w, None, geometry), g, w),
    w=lambda g, v, w_shape, geometry: bilinear(lambda g, v: conv_kernel(g, v, w_shape[2:], geometry), g, v),
    bias=lambda g, w_shape: of_channels(g, len(w_shape) - 2),
)
conv_kernel: Any = rule(
    conv_kernel_value,
    Domain(
        calls=tuple(
            call(x, v, taps=w[2:], geometry=geometry) for v, (x, w, geometry) in zip(OUTPUTS, GEOMETRIES, strict=True)
        )
    ),
    name="conv_kernel",
    x=lambda g, v, x_shape, taps, geometry: bilinear(
        lambda g, v: conv_transpose(v, g, None, x_shape[-len(taps) :], geometry), g, v
    ),
    v=lambda g, x, geometry: bilinear(lambda g, x: conv(x, g, None, geometry), g, x),
)


# What users call: the arguments are looked at, one dimension becomes two, a single image a batch of one

SIDES = ("length", "height, width")


def integers(function: str, n: int, name: str, value: Any, least: int = 1) -> tuple[int, ...]:
    """An integer for each of the n dimensions."""
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * n
    if len(values) != n or not all(isinstance(k, (int, np.integer)) and k >= least for k in values):
        also = f" or a tuple of {n}" if n > 1 else ""
        raise ValueError(f"{function}: {name} must be an integer of at least {least}{also}, got {value!r}")
    return tuple(map(int, values))


def batch(function: str, n: int, x: Any) -> Any:
    """A batch of images (images, channels, height, width)."""
    check_layout(function, n, x)
    return as_images(x, n)


def check_layout(function: str, n: int, x: Any) -> None:
    if x.ndim not in (n + 1, n + 2):
        raise ValueError(f"{function}: x must be of shape ([samples,] channels, {SIDES[n - 1]}), got {x.shape}")


def padded_by(function: str, padding: Any, taps: Any, stride: Any, dilation: Any) -> list[Pair]:
    """How many zeros before and after, for each dimension."""
    if not isinstance(padding, str):
        return [(k, k) for k in integers(function, len(taps), "padding", padding, 0)]
    if padding not in ("same", "valid"):
        raise ValueError(f"{function}: padding must be integers, 'same' or 'valid', got {padding!r}")
    if padding == "same" and set(stride) != {1}:
        raise ValueError(f"{function}: padding='same' needs stride=1, got {stride}: write the padding as numbers")
    both = [d * (k - 1) * (padding == "same") for k, d in zip(taps, dilation, strict=True)]
    return [(k // 2, k - k // 2) for k in both]


def convolution(
    function: str,
    n: int,
    x: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
    output_padding: Any = None,
) -> Any:
    """All four of them; the transposed ones have an output padding."""
    x, weight = floats(function, kinds="fc", x=x, weight=weight)
    check_layout(function, n, x)
    channels, sides = x.shape[-n - 1], pair(x.shape[-n:], 1)
    if weight.ndim != n + 2 or 0 in weight.shape:
        raise ValueError(
            f"{function}: weight must be of shape (channels, channels, {SIDES[n - 1]}), got {weight.shape}"
        )
    taps = weight.shape[2:]
    stride, dilation = integers(function, n, "stride", stride), integers(function, n, "dilation", dilation)
    (groups,) = integers(function, 1, "groups", groups)
    padding = padded_by(function, padding, taps, stride, dilation)
    transposed = output_padding is not None
    wanted, outputs = weight.shape[1] * groups, weight.shape[0]
    if transposed:
        wanted, outputs = outputs, wanted
    if channels != wanted or wanted % groups or outputs % groups:
        raise ValueError(
            f"{function}: x of shape {x.shape} has {channels} channels; weight of shape {weight.shape} with "
            f"groups={groups} takes {wanted} and makes {outputs}, and groups must divide both"
        )
    if bias is not None and np.shape(bias) != (outputs,):
        raise ValueError(f"{function}: bias must have shape ({outputs},), got {np.shape(bias)}")
    geometry = Geometry(pair(stride, 1), pair(padding, (0, 0)), pair(dilation, 1), groups)
    if transposed:
        extra = integers(function, n, "output_padding", output_padding, 0)
        if any(k >= s for k, s in zip(extra, stride, strict=True)):
            raise ValueError(f"{function}: output_padding must be smaller than stride, {stride}: got {extra}")
        size = geometry.image(sides, pair(taps, 1), pair(extra, 0))
        if min(size) < 1:
            raise ValueError(f"{function}: padding={padding} leaves nothing of the output of x, {x.shape}")
        return conv_transpose(x, weight, bias, size[-n:], geometry)
    if min(geometry.size(sides, pair(taps, 1))) < 1:
        raise ValueError(f"{function}: weight of shape {weight.shape} is larger than the padded x, {x.shape}")
    return conv(x, weight, bias, geometry)


def conv1d(
    x: ArrayLike | Tensor,
    weight: ArrayLike | Tensor,
    bias: ArrayLike | Tensor | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Literal["same", "valid"] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """Correlate sequences with kernels; as `conv2d` in one dimension.

    Parameters
    ----------
    x : array or Tensor of floats (samples, channels, length) or (channels, length)
    weight : array or Tensor of floats (outputs, channels / groups, taps)
    bias : array or Tensor (outputs,), optional
    stride, padding, dilation, groups
        As for `conv2d`; integers, or tuples of one.

    Returns
    -------
    array or Tensor (samples, outputs, length), without samples if x is

    Raises
    ------
    TypeError, ValueError
        As for `conv2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import conv1d
    >>> conv1d(np.array([[1.0, 2.0, 4.0]]), np.array([[[-1.0, 1.0]]]))
    array([[1., 2.]])
    """
    return convolution("conv1d", 1, x, weight, bias, stride, padding, dilation, groups)


def conv2d(
    x: ArrayLike | Tensor,
    weight: ArrayLike | Tensor,
    bias: ArrayLike | Tensor | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Literal["same", "valid"] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """Correlate images with kernels: what machine learning calls a convolution.

    Parameters
    ----------
    x : array or Tensor of floats (samples, channels, height, width) or (channels, height, width)
    weight : array or Tensor of floats (outputs, channels / groups, rows, columns)
    bias : array or Tensor (outputs,), optional
    stride, dilation : int or tuple
        How far the kernel moves, and how far apart its taps are.
    padding : int, tuple, "same" or "valid"
        Zeros on each side; "same" gives the output the size of the input (the odd zero goes behind), for stride 1.
    groups : int
        Channels and outputs are divided into so many groups, which do not see each other.

    Returns
    -------
    array or Tensor (samples, outputs, rows, columns), without samples if x is
        The size along an axis is (size + padding - dilation * (taps - 1) - 1) // stride + 1.

    Raises
    ------
    TypeError, ValueError
        If arguments are not floats, shapes do not go together, or the kernel is larger than the padded image.

    Notes
    -----
    y[n, o, i, j] is the sum over c, k, l of weight[o, c, k, l] * x[n, c, i * stride + k * dilation, j * stride + l *
    dilation]; Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning".

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import conv2d
    >>> image = Tensor(np.arange(9.0).reshape(1, 1, 3, 3))
    >>> conv2d(image, np.ones((1, 1, 2, 2)))
    Tensor([[[[ 8., 12.],
              [20., 24.]]]])
    """
    return convolution("conv2d", 2, x, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    x: ArrayLike | Tensor,
    weight: ArrayLike | Tensor,
    bias: ArrayLike | Tensor | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
) -> Tensor:
    """The transpose of `conv1d`; as `conv_transpose2d` in one dimension.

    Parameters
    ----------
    x : array or Tensor of floats (samples, channels, length) or (channels, length)
    weight : array or Tensor of floats (channels, outputs / groups, taps)
    bias : array or Tensor (outputs,), optional
    stride, padding, output_padding, groups, dilation
        As for `conv_transpose2d`; integers, or tuples of one.

    Returns
    -------
    array or Tensor (samples, outputs, length), without samples if x is

    Raises
    ------
    TypeError, ValueError
        As for `conv_transpose2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import conv_transpose1d
    >>> conv_transpose1d(np.array([[1.0, 2.0]]), np.array([[[1.0, 10.0]]]), stride=2)
    array([[ 1., 10.,  2., 20.]])
    """
    return convolution("conv_transpose1d", 1, x, weight, bias, stride, padding, dilation, groups, output_padding)


def conv_transpose2d(
    x: ArrayLike | Tensor,
    weight: ArrayLike | Tensor,
    bias: ArrayLike | Tensor | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
) -> Tensor:
    """The transpose of `conv2d` as a linear map of its image: each element adds a multiple of the kernel to the output.

    Parameters
    ----------
    x : array or Tensor of floats (samples, channels, height, width) or (channels, height, width)
    weight : array or Tensor of floats (channels, outputs / groups, rows, columns)
    bias : array or Tensor (outputs,), optional
    stride, padding, groups, dilation
        Those of the convolution that it transposes: padding takes away from the output.
    output_padding : int or tuple
        Rows and columns more at the end; less than the stride.

    Returns
    -------
    array or Tensor (samples, outputs, rows, columns), without samples if x is
        The size along an axis is (size - 1) * stride - 2 * padding + dilation * (taps - 1) + output_padding + 1.

    Raises
    ------
    TypeError, ValueError
        If arguments are not floats, or shapes do not go together.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import conv_transpose2d
    >>> conv_transpose2d(np.array([[[1.0, 2.0]]]), np.ones((1, 1, 2, 2)))
    array([[[1., 3., 2.],
            [1., 3., 2.]]])
    """
    return convolution("conv_transpose2d", 2, x, weight, bias, stride, padding, dilation, groups, output_padding)
