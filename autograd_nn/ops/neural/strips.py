"""How a kernel goes over images, and what it meets there: copies of a few of them that make its rows matrices."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

__all__ = ["Geometry", "Pair", "Strips", "by_row", "pair"]

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


def pair(values: Any, other: Any) -> Any:
    """What holds down and across the image: a single number goes across."""
    return (other, *values)[-2:]


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
