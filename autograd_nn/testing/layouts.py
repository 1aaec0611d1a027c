"""Layouts in memory: the same array with other strides, which must be of no consequence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograd_nn.engine.node import Array

__all__ = ["LAYOUTS"]


def backwards(a: Array) -> Array:
    return np.asarray(np.flip(a))


def with_gaps(a: Array) -> Array:
    if a.ndim == 0:
        return a
    wide = np.full((*a.shape[:-1], 2 * a.shape[-1]), np.nan, a.dtype)
    wide[..., ::2] = a
    return wide[..., ::2]


def repeated(a: Array) -> Array:
    return np.broadcast_to(a[..., :1], a.shape) if a.ndim else a


def read_only(a: Array) -> Array:
    a = a.copy()
    a.setflags(write=False)
    return a


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "C": lambda a: np.array(a, order="C"),
    "F": lambda a: np.array(a, order="F"),
    "reversed": lambda a: backwards(np.array(backwards(a), order="C")),
    "strided": with_gaps,
    "transposed": lambda a: np.moveaxis(np.array(np.moveaxis(a, 0, -1), order="C"), -1, 0) if a.ndim else a,
    "stride-0": repeated,
    "read-only": read_only,
}
"""Layouts by name, as functions that lay out an array: every value stays, except that "stride-0" repeats the first
element of the last axis. What lies between the elements of "strided" is nan, so that nobody reads it unseen."""
