"""Embedding: a table from numbers to vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.questions import as_operand
from autograd_nn.engine.tensor import raw

__all__ = ["embedding"]


def embedding(indices: Any, table: Any) -> Any:
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
    indices = np.asarray(raw(indices))
    if indices.dtype.kind not in "iu":
        raise TypeError(f"embedding: indices must be integers, got {indices.dtype}: write indices.astype(int)")
    table = as_operand(table)
    if indices.size and not 0 <= indices.min() <= indices.max() < len(table):
        raise IndexError(
            f"embedding: indices must be from 0 to {len(table) - 1}, got {indices.min()} to {indices.max()}"
        )
    return table[indices]
