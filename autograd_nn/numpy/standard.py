"""NumPy's functions as the array API standard wants them, where that is a parameter more or another container."""

from __future__ import annotations

from functools import wraps
from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.numpy.doors import door

__all__ = ["argsort", "broadcast_arrays", "clip", "finfo", "meshgrid", "sort"]

numpys_sort, numpys_argsort, numpys_clip = door(np.sort), door(np.argsort), door(np.clip)
numpys_meshgrid, numpys_broadcast_arrays = door(np.meshgrid), door(np.broadcast_arrays)


def sort(
    a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None, descending: bool = False
) -> Any:
    """As `numpy.sort`; ``descending`` as in the standard."""
    y = numpys_sort(a, axis, kind, order, stable=stable)
    return np.flip(y, -1 if axis is None else axis) if descending else y


def argsort(
    a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None, descending: bool = False
) -> Any:
    """As `numpy.argsort`; ``descending`` as in the standard, which leaves equal elements in their order."""
    if not descending:
        return numpys_argsort(a, axis, kind, order, stable=stable)
    a, axis = (np.ravel(a), -1) if axis is None else (a, axis)
    y = np.flip(numpys_argsort(np.flip(a, axis), axis, kind, order, stable=stable), axis)
    return np.shape(a)[axis] - 1 - y


def clip(a: Any, min: Any = None, max: Any = None, out: Any = None, **keywords: Any) -> Any:
    """As `numpy.clip`, whose bounds have two names each."""
    bounds = {"a_min": min, "a_max": max} | keywords
    bounds |= {} if out is None else {"out": out}
    return numpys_clip(a, bounds.pop("a_min"), bounds.pop("a_max"), **bounds)


@wraps(np.meshgrid)
def meshgrid(*xi: Any, **keywords: Any) -> list[Any]:
    return list(numpys_meshgrid(*xi, **keywords))


@wraps(np.broadcast_arrays)
def broadcast_arrays(*args: Any, **keywords: Any) -> list[Any]:
    return list(numpys_broadcast_arrays(*args, **keywords))


class finfo:  # noqa: N801
    """As `numpy.finfo`; its numbers are Python's, of a dtype or of an array."""

    def __init__(self, type: Any) -> None:
        self.numpys = np.finfo(type.dtype if isinstance(type, (Tensor, np.ndarray)) else type)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.numpys, name)
        return value.item() if isinstance(value, np.floating) else value

    def __repr__(self) -> str:
        return repr(self.numpys)
