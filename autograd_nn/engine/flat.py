"""`Tensor.flat`: the elements in one row, whatever the shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from autograd_nn.engine.tensor import Tensor

__all__ = ["Flat"]


class Flat:
    """As `numpy.flatiter`: reading copies, and assignment goes into the Tensor.

    >>> from autograd_nn import Tensor
    >>> t = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> t.flat[1:3] = 0.0
    >>> t
    Tensor([[1., 0.],
            [0., 4.]])
    """

    def __init__(self, base: Tensor) -> None:
        self.base = base

    def __len__(self) -> int:
        return self.base.size

    def __iter__(self) -> Iterator[Tensor]:
        return (self.base[place] for place in np.ndindex(self.base.shape))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(self.base, dtype).reshape(-1)

    def __getitem__(self, index: Any) -> Tensor:
        found = self.base.reshape(-1)[index]
        return found if found.number else found.copy()

    def __setitem__(self, index: Any, value: Any) -> None:
        t = self.base
        if isinstance(index, (int, np.integer)):
            if not -t.size <= index < t.size:
                raise IndexError(f"index {index} is out of bounds for a Tensor of {t.size} elements")
            places: Any = index % t.size
        else:
            places = np.arange(t.size)[index if isinstance(index, slice) or index is ... else np.asarray(index)]
        if np.ndim(value) and np.size(places):
            row = np.reshape(value, -1)
            value = row[np.arange(np.size(places)) % len(row)]  # from the start again, as NumPy does
            value = value if np.ndim(places) else value[0]
        t[np.unravel_index(places, t.shape) if t.ndim else ()] = value
