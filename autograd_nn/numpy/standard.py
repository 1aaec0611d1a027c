"""NumPy's functions with what the array API standard adds to their parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.numpy.doors import door

__all__ = ["argsort", "clip", "sort"]

numpys_sort, numpys_argsort, numpys_clip = door(np.sort), door(np.argsort), door(np.clip)


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
    return numpys_clip(a, bounds.pop("a_min"), bounds.pop("a_max"), out, **bounds)
