"""Convolution of images.

A convolution is linear in the image and in the kernel, so its three rules are each other's: the cotangent of
the image is the transposed convolution, that of the kernel correlates image and output, and their cotangents are the
convolution again. One dimension is an image of height 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import ArrayLike

from autograd_nn.engine.strong import bilinear
from autograd_nn.engine.tensor import Tensor
from autograd_nn.ops.declare import rule
from autograd_nn.ops.domain import Domain, call
from autograd_nn.ops.neural.arguments import floats

__all__ = [
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
]

Pair = tuple[int, int]


class Geometry(NamedTuple):
    """How a kernel goes over an image. Pairs are (down, across); padding is (before, after) for each of the two."""

    stride: Pair = (1, 1)
    padding: tuple[Pair, Pair] = ((0, 0), (0, 0))
    dilation: Pair = (1, 1)
    groups: int = 1

    def size(self, image: Any, kernel: Any) -> Pair:
        """Rows and columns of the output."""
        rows, columns = (
            (length + sum(padding) - dilation * (taps - 1) - 1) // stride + 1
            for length, taps, stride, padding, dilation in zip(image, kernel, *self[:3], strict=True)
        )
        return rows, columns

    def image(self, size: Any, kernel: Any, extra: Any) -> Pair:
        """Rows and columns of an image that gives an output of this size; strides leave room for extra ones."""
        rows, columns = (
            (length - 1) * stride - sum(padding) + dilation * (taps - 1) + more + 1
            for length, taps, more, stride, padding, dilation in zip(size, kernel, extra, *self[:3], strict=True)
        )
        return rows, columns


CACHE = 2**20
"""Bytes that fit into a processor's own cache: how much of a batch is worked on at a time."""


class Strips:
    """A few padded images, and copies of them shifted by each column of the kernel (im2col copies each row as well).

    What a row of the kernel meets is then one stretch of each copy: a matrix, without copying more. Rows are
    kept apart by their phase, the remainder by the stride, so that the stretch has no gaps.
    """

    def __init__(self, images: tuple[int, ...], kernel: Pair, size: Pair, geometry: Geometry, dtype: Any) -> None:
        (count, channels, *_), (height, width), (rows, columns) = images, kernel, size
        (stride, across), padding, (down, right), groups = geometry
        shape = (channels, width, stride, (height - 1) * down // stride + rows, columns)
        batch = max(1, min(count, CACHE // (prod(shape) * np.dtype(dtype).itemsize or 1)))
        wide = (width - 1) * right + (columns - 1) * across + 1
        self.padded = np.zeros((batch, channels, stride * shape[3], wide), dtype)
        image, channel, row, column = self.padded.strides
        steps = (image, channel, right * column, row, stride * row, across * column)
        self.shifted = as_strided(self.padded, (batch, *shape), steps)
        self.copies = np.empty((batch, *shape), dtype)
        self.grouped = self.copies.reshape(batch, groups, channels // groups * width, *shape[2:])
        self.parts = [slice(start, min(start + batch, count)) for start in range(0, count, batch)]
        self.starts = [divmod(i * down, stride) for i in range(height)]
        self.rows, self.corner = rows, [before for before, _ in padding]

    def inside(self, images: Any) -> tuple[Any, Any]:
        """The part of the images that a kernel reaches, and its place in the padded ones."""
        top, left = self.corner
        place = self.padded[:, :, top:, left:][:, :, : images.shape[2], : images.shape[3]]
        return images[:, :, : place.shape[2], : place.shape[3]], place

    def met(self, images: Any) -> Iterator[tuple[slice, list[Any]]]:
        """For each part of the batch what the rows of the kernel meet: a matrix (taps, places) for each group."""
        reached, place = self.inside(images)
        stretches = [self.grouped[:, :, :, phase, start : start + self.rows] for start, phase in self.starts]
        matrices = [stretch.reshape(*stretch.shape[:3], -1) for stretch in stretches]
        for part in self.parts:
            count = part.stop - part.start
            place[:count] = reached[part]
            self.copies[:count] = self.shifted[:count]
            yield part, [matrix[:count] for matrix in matrices]

    def lifted(self, taps: Any, rows: int, phase: int) -> Any:
        """For the transpose, one product for all rows of the kernel that meet this phase of the image.

        Returns the places in the right factor to which the output's rows go, the left factor, the right one, and where
        the product belongs. ``taps`` is the kernel (rows, groups, channels, columns, outputs).
        """
        own = [i for i, (_, met) in enumerate(self.starts) if met == phase]
        batch, groups, width, _, tall, columns = self.grouped.shape
        right = np.zeros((batch, groups, len(own), taps.shape[-1], tall, columns), self.copies.dtype)
        places = [right[:, :, k, :, self.starts[i][0] :][:, :, :, :rows] for k, i in enumerate(own)]
        left = np.moveaxis(taps[own], 0, 3).reshape(groups, width, -1)
        return places, left, right.reshape(batch, groups, -1, tall * columns), self.grouped[:, :, :, phase]

    def add_rows(self, taps: Any, v: Any) -> None:
        """For the transpose, a product for each row of the kernel: slow, but what is not finite stays in its place."""
        self.copies.fill(0)
        values = v.reshape(*v.shape[:3], -1)
        for (start, phase), row in zip(self.starts, taps, strict=True):
            product = np.matmul(row.reshape(len(row), -1, row.shape[-1]), values)
            stretch = self.grouped[: len(v), :, :, phase, start : start + v.shape[3]]
            stretch += product.reshape(stretch.shape)


def by_row(w: Any, groups: int) -> list[Any]:
    """The rows of the kernel as matrices (outputs, taps) for each group, a tap being a channel and a column."""
    return [np.ascontiguousarray(w[:, :, i]).reshape(groups, len(w) // groups, -1) for i in range(w.shape[2])]


def conv_value(x: Any, w: Any, geometry: Geometry) -> Any:
    rows, columns = size = geometry.size(x.shape[2:], w.shape[2:])
    strips = Strips(x.shape, w.shape[2:], size, geometry, np.result_type(x, w))
    y = np.empty((x.shape[0], geometry.groups, w.shape[0] // geometry.groups, rows * columns), strips.copies.dtype)
    first, *others = by_row(w, geometry.groups)
    for part, (matrix, *matrices) in strips.met(x):
        sums = y[part]
        np.matmul(first, matrix, out=sums)
        for row, matrix in zip(others, matrices, strict=True):
            sums += np.matmul(row, matrix)
    return y.reshape(len(x), len(w), *size)


def conv_kernel_value(x: Any, v: Any, kernel: Pair, geometry: Geometry) -> Any:
    strips = Strips(x.shape, kernel, v.shape[2:], geometry, np.result_type(x, v))
    v = v.reshape(len(v), geometry.groups, v.shape[1] // geometry.groups, prod(v.shape[2:]))
    w = np.zeros((kernel[0], *v.shape[1:3], strips.grouped.shape[2]), strips.copies.dtype)
    for part, matrices in strips.met(x):
        for row, matrix in zip(w, matrices, strict=True):
            row += np.matmul(v[part], matrix.mT).sum(axis=0)
    return np.moveaxis(w.reshape(kernel[0], -1, x.shape[1] // geometry.groups, kernel[1]), 0, 2)


def conv_transpose_value(v: Any, w: Any, size: Pair, geometry: Geometry) -> Any:
    x = np.zeros((v.shape[0], w.shape[1] * geometry.groups, *size), np.result_type(v, w))
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
    return x


GEOMETRIES = (
    ((1, 2, 3, 3), (2, 2, 2, 2), Geometry()),
    ((2, 1, 3, 4), (1, 1, 3, 2), Geometry((2, 1), ((1, 1), (0, 2)))),
    ((1, 2, 1, 4), (2, 1, 1, 2), Geometry((1, 2), ((0, 0), (1, 0)), (1, 2), 2)),
    ((1, 1, 4, 3), (1, 1, 2, 1), Geometry((3, 2), ((2, 1), (1, 1)), (2, 1))),
    ((0, 1, 2, 2), (1, 1, 2, 2), Geometry()),
)
OUTPUTS = [(x[0], w[0], *geometry.size(x[2:], w[2:])) for x, w, geometry in GEOMETRIES]

conv: Any = rule(
    conv_value,
    Domain(calls=tuple(call(x, w, geometry=geometry) for x, w, geometry in GEOMETRIES)),
    name="conv",
    x=lambda g, w, x_shape, geometry: bilinear(lambda g, w: conv_transpose(g, w, x_shape[2:], geometry), g, w),
    w=lambda g, x, w_shape, geometry: bilinear(lambda g, x: conv_kernel(x, g, w_shape[2:], geometry), g, x),
)
conv_transpose: Any = rule(
    conv_transpose_value,
    Domain(
        calls=tuple(
            call(v, w, size=x[2:], geometry=geometry) for v, (x, w, geometry) in zip(OUTPUTS, GEOMETRIES, strict=True)
        )
    ),
    name="conv_transpose",
    v=lambda g, w, geometry: bilinear(lambda g, w: conv(g, w, geometry), g, w),
    w=lambda g, v, w_shape, geometry: bilinear(lambda g, v: conv_kernel(g, v, w_shape[2:], geometry), g, v),
)
conv_kernel: Any = rule(
    conv_kernel_value,
    Domain(
        calls=tuple(
            call(x, v, kernel=w[2:], geometry=geometry) for v, (x, w, geometry) in zip(OUTPUTS, GEOMETRIES, strict=True)
        )
    ),
    name="conv_kernel",
    x=lambda g, v, x_shape, geometry: bilinear(lambda g, v: conv_transpose(v, g, x_shape[2:], geometry), g, v),
    v=lambda g, x, geometry: bilinear(lambda g, x: conv(x, g, geometry), g, x),
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


def pair(values: Any, other: Any) -> Any:
    """What holds down and across the image: a single number goes across."""
    return (other, *values)[-2:]


def batch(function: str, n: int, x: Any) -> Any:
    """A batch of images (images, channels, height, width)."""
    if x.ndim not in (n + 1, n + 2):
        raise ValueError(f"{function}: x must be of shape ([samples,] channels, {SIDES[n - 1]}), got {x.shape}")
    return np.reshape(x, (*[1] * (n + 2 - x.ndim), *x.shape[:-n], *[1] * (2 - n), *x.shape[-n:]))


def restored(y: Any, n: int, x: Any) -> Any:
    """A batch of images in the layout that the argument x has."""
    return np.reshape(y, y.shape[n + 2 - x.ndim : 2] + y.shape[-n:])


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
    images = batch(function, n, x)
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
    if images.shape[1] != wanted or wanted % groups or outputs % groups:
        raise ValueError(
            f"{function}: x of shape {x.shape} has {images.shape[1]} channels; weight of shape {weight.shape} with "
            f"groups={groups} takes {wanted} and makes {outputs}, and groups must divide both"
        )
    if bias is not None and np.shape(bias) != (outputs,):
        raise ValueError(f"{function}: bias must have shape ({outputs},), got {np.shape(bias)}")
    geometry = Geometry(pair(stride, 1), pair(padding, (0, 0)), pair(dilation, 1), groups)
    kernel = np.reshape(weight, (*weight.shape[:2], *pair(taps, 1)))
    if transposed:
        extra = integers(function, n, "output_padding", output_padding, 0)
        if any(k >= s for k, s in zip(extra, stride, strict=True)):
            raise ValueError(f"{function}: output_padding must be smaller than stride, {stride}: got {extra}")
        size = geometry.image(images.shape[2:], kernel.shape[2:], pair(extra, 0))
        if min(size) < 1:
            raise ValueError(f"{function}: padding={padding} leaves nothing of the output of x, {x.shape}")
        y = conv_transpose(images, kernel, size, geometry)
    else:
        if min(geometry.size(images.shape[2:], kernel.shape[2:])) < 1:
            raise ValueError(f"{function}: weight of shape {weight.shape} is larger than the padded x, {x.shape}")
        y = conv(images, kernel, geometry)
    return restored(y if bias is None else y + np.reshape(bias, (-1, 1, 1)), n, x)


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
