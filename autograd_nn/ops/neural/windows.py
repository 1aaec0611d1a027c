"""Windows over images: their maxima and their means, and the windows themselves. What users call is in `pooling`."""

from __future__ import annotations

from functools import reduce
from math import prod
from typing import Any

import numpy as np

from autograd_nn.engine.tensor import raw
from autograd_nn.ops.declare import in_shape, rule, times
from autograd_nn.ops.domain import Domain, call, ties
from autograd_nn.ops.neural.convolution import as_images, conv, conv_transpose, restored
from autograd_nn.ops.neural.strips import Geometry, Pair, pair

__all__ = ["max_in_windows", "mean_in_windows"]


def taps(image: Any, kernel: Pair, geometry: Geometry) -> list[Any]:
    """For each place in the kernel what it meets in the image: (..., rows, columns)."""
    (stride, across), _, (down, right), _ = geometry
    rows, columns = geometry.size(image.shape[-2:], kernel)
    return [
        image[..., i * down :, j * right :][
            ..., : (rows - 1) * stride + 1 : stride, : (columns - 1) * across + 1 : across
        ]
        for i, j in np.ndindex(*kernel)
    ]


def overlap_value(parts: Any, size: Pair, kernel: Pair, geometry: Geometry) -> Any:
    image = np.zeros((*parts.shape[1:-2], *size), parts.dtype)
    for tap, part in zip(taps(image, kernel, geometry), parts, strict=True):
        tap += part
    return image


POOLINGS: tuple[tuple[tuple[int, ...], dict[str, Any]], ...] = (
    ((1, 2, 4, 4), {"kernel": (2, 2), "geometry": Geometry((2, 2))}),
    ((2, 1, 3, 4), {"kernel": (2, 3), "geometry": Geometry()}),
    ((1, 1, 1, 5), {"kernel": (1, 2), "geometry": Geometry((1, 2), dilation=(1, 2))}),
    ((0, 1, 2, 2), {"kernel": (2, 2), "geometry": Geometry()}),
)

windows: Any = rule(
    lambda image, kernel, geometry: np.stack(taps(image, kernel, geometry)),
    Domain(calls=tuple(call(shape, **parameters) for shape, parameters in POOLINGS)),
    name="windows",
    image=lambda g, image_shape, kernel, geometry: overlap(g, image_shape[-2:], kernel, geometry),
)
overlap: Any = rule(
    overlap_value,
    Domain(
        calls=tuple(
            call(windows(np.empty(shape), **parameters).shape, size=shape[-2:], **parameters)
            for shape, parameters in POOLINGS
        )
    ),
    name="overlap",
    parts=lambda g, kernel, geometry: windows(g, kernel, geometry),
)


BARE = ((0, 0), (0, 0))
"""The padding of what has none, or has it already."""


def padded(image: Any, geometry: Geometry, filler: Any) -> Any:
    widths = ((0, 0),) * (image.ndim - 2) + geometry.padding
    return np.pad(image, widths, constant_values=filler) if geometry.padding != BARE else image


def rows_and_columns(x: Any, kernel: Any) -> Any:
    """Sequences as images of height 1, images as they are."""
    return x if len(kernel) == 2 else np.expand_dims(x, -2)


def largest(image: Any, kernel: Any, geometry: Geometry) -> Any:
    image = padded(rows_and_columns(image, kernel), geometry, -np.inf)
    y = reduce(np.maximum, taps(image, pair(kernel, 1), geometry._replace(padding=BARE)))
    return y if len(kernel) == 2 else y[..., 0, :]


def slope_of_largest(g: Any, image: Any, y: Any, kernel: Any, geometry: Geometry) -> Any:
    """The cotangent of the maxima: shared evenly among those in a window that attain it."""
    values, y, g = (rows_and_columns(x, kernel) for x in (raw(image), raw(y), g))
    (top, _), (left, _) = geometry.padding
    (rows, columns), sides, bare = values.shape[-2:], pair(kernel, 1), geometry._replace(padding=BARE)
    whole = padded(values, geometry, -np.inf)
    attained = windows(whole, sides, bare) == y
    if geometry.padding != BARE:  # which may be attained by nothing else
        attained &= windows(padded(np.ones((rows, columns), bool), geometry, False), sides, bare).reshape(
            len(attained), *(1,) * (values.ndim - 2), *y.shape[-2:]
        )
    shares = np.divide(attained, attained.sum(axis=0), dtype=y.dtype)
    slopes = overlap(times(g, shares), whole.shape[-2:], sides, bare)
    if geometry.padding != BARE:
        slopes = slopes[..., top : top + rows, left : left + columns]
    return in_shape(slopes, image.shape)


LAYOUTS: tuple[tuple[tuple[int, ...], dict[str, Any]], ...] = (
    *POOLINGS,
    ((2, 4, 3), {"kernel": (2, 2), "geometry": Geometry((2, 1), ((1, 1), (0, 0)))}),
    ((2, 2, 5), {"kernel": (3,), "geometry": Geometry((1, 2), ((0, 0), (1, 1)))}),
    ((1, 4), {"kernel": (2,), "geometry": Geometry((1, 2))}),
)
"""As `POOLINGS`, and a single image, sequences, and a single one."""

max_in_windows = rule(
    largest,
    Domain(calls=tuple(call(shape, **parameters) for shape, parameters in LAYOUTS), kink=ties),
    name="max_pool",
    image=slope_of_largest,
)


def sums(images: Any, kernel: Pair, geometry: Geometry) -> Any:
    """The sums of the windows: a convolution of each channel with ones."""
    alone = images.reshape(-1, 1, *images.shape[2:])
    y = conv(alone, np.ones((1, 1, *kernel), images.dtype), None, geometry)
    return y.reshape(*images.shape[:2], *y.shape[2:])


def count(size: Pair, kernel: Pair, geometry: Geometry, padding: bool, dtype: Any) -> Any:
    """How many elements the windows have: of the padding, too, if it counts."""
    return prod(kernel) if padding else sums(np.ones((1, 1, *size), dtype), kernel, geometry)


def means(x: Any, kernel: Any, geometry: Geometry, padding: bool) -> Any:
    images, sides = as_images(x, len(kernel)), pair(kernel, 1)
    number = count(images.shape[2:], sides, geometry, padding, x.dtype)
    return restored(sums(images, sides, geometry) / number, len(kernel), x.ndim)


def slope_of_means(g: Any, x_shape: Any, kernel: Any, geometry: Geometry, padding: bool) -> Any:
    """The cotangent of the means: to every element that of the windows it is in, divided as they are."""
    n, sides, size = len(kernel), pair(kernel, 1), pair(x_shape[-len(kernel) :], 1)
    images = as_images(g, n) / count(size, sides, geometry, padding, g.dtype)
    alone = in_shape(images, (prod(images.shape[:2]), 1, *images.shape[2:]))
    return in_shape(conv_transpose(alone, np.ones((1, 1, *sides), g.dtype), None, size, geometry), x_shape)


mean_in_windows = rule(
    means,
    Domain(
        calls=tuple(call(shape, padding=k in (0, 4), **parameters) for k, (shape, parameters) in enumerate(LAYOUTS))
    ),
    name="avg_pool",
    x=slope_of_means,
)
