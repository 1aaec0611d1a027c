"""NumPy spelled so that small arrays take a fraction of the time. Same values, up to rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["matmul", "numbered", "ones", "product", "repeated", "sum_of_columns", "sum_of_rows", "sum_of_squares"]

Array = NDArray[Any]


def numbered(array: Array, first: int = 0) -> Array:
    """The numbers of the elements, from the first one on, in the layout of the array."""
    places = np.empty_like(array, int)
    places[...] = np.arange(first, first + places.size).reshape(places.shape)
    return places


def ones(shape: int | tuple[int, ...], dtype: Any) -> Array:
    """``np.ones``."""
    result = np.empty(shape, dtype)
    result.fill(1)
    return result


BLOCK = 128
"""A running sum of more numbers than this loses digits: they are added up in blocks of so many, and these in turn."""


def sum_of_rows(matrix: Array) -> Array:
    """``matrix.sum(axis=0)`` as a product with ones: a reduction over the first axis goes element by element."""
    n, m = matrix.shape
    if n <= 2 * BLOCK:
        return ones(n, matrix.dtype).dot(matrix)
    whole = n // BLOCK * BLOCK
    blocks = np.matmul(ones(BLOCK, matrix.dtype), matrix[:whole].reshape(-1, BLOCK, m))
    return sum_of_rows(blocks) + sum_of_rows(matrix[whole:])


def sum_of_columns(matrix: Array) -> Array:
    """``matrix.sum(axis=1)``, likewise."""
    m, n = matrix.shape
    if n <= 2 * BLOCK:
        return matrix.dot(ones(n, matrix.dtype))
    whole = n // BLOCK * BLOCK
    blocks = np.matmul(matrix[:, :whole].reshape(m, -1, BLOCK), ones(BLOCK, matrix.dtype))
    return sum_of_columns(blocks) + sum_of_columns(matrix[:, whole:])


def sum_of_squares(array: Any) -> Any:
    """A fast look for nan and inf; it may overflow, with NumPy's warning."""
    flat = array.ravel()
    return flat.dot(flat)


def repeated(scalar: Any, shape: tuple[int, ...]) -> Array:
    """``np.broadcast_to`` of a 0-d array: a view without strides, which cannot be written to."""
    return np.ndarray(shape, scalar.dtype, scalar[()], 0, (0,) * len(shape))


def matmul(a: Any, b: Any) -> Any:
    """``np.matmul``; where ``dot`` gives the same digits, by that, which has half the overhead."""
    matrices = type(a) is np.ndarray is type(b) and a.ndim == 2 == b.ndim and a.dtype is b.dtype
    same = matrices and a.dtype.char in "dfDF" and a.flags.forc and b.flags.forc
    return a.dot(b) if same else np.matmul(a, b)


def product(a: Any, b: Any) -> Any:
    """As `matmul`, where the last digit does not matter."""
    try:
        matrices = a.ndim == 2 == b.ndim
    except AttributeError:  # a number or a list
        matrices = False
    return a.dot(b) if matrices else np.matmul(a, b)
