"""Embedding: a table from numbers to vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from autograd_nn.engine.questions import as_operand
from autograd_nn.engine.tensor import Tensor, raw

__all__ = ["embedding"]


def embedding(indices: ArrayLike, table: ArrayLike | Tensor) -> Tensor:
    """The rows of the table with these numbers.

    Parameters
    ----------
    indices : array of integers, any shape
    table : array or Tensor (rows, ...)

    Returns
    -------
    array or Tensor (*indices.shape, ...)

    Raises
    ------
    TypeError, IndexError
        If indices are not integers, or there is no such row.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.functional import embedding
    >>> embedding([2, 0], Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    Tensor([[5., 6.],
            [1., 2.]])
    """
    places = np.asarray(raw(indices))
    if places.dtype.kind not in "iu":
        raise TypeError(f"embedding: indices must be integers, got {places.dtype}: write indices.astype(int)")
    rows = as_operand(table)
    if places.size and not 0 <= places.min() <= places.max() < len(rows):
        raise IndexError(f"embedding: indices must be from 0 to {len(rows) - 1}, got {places.min()} to {places.max()}")
    return rows[places]
