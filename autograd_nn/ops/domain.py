"""Where a primitive is smooth, and at which shapes and parameters to test it: data, not code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["BINARY", "POSITIVE", "REAL", "REDUCTION", "TWO", "UNARY", "Call", "Domain", "call", "ties"]

Shape = tuple[int, ...]
INFINITE = (-np.inf, np.inf)


@dataclass(frozen=True)
class Call:
    """One way to call a primitive: the shapes of its differentiable arguments and the other arguments."""

    shapes: tuple[Shape, ...]
    parameters: dict[str, Any]


def call(*shapes: Shape, **parameters: Any) -> Call:
    """As it reads: ``call((2, 3), axis=0)``."""
    return Call(shapes, parameters)


SHAPES: tuple[Shape, ...] = ((), (1,), (3,), (2, 3), (2, 1, 3), (0,), (2, 0))
UNARY = tuple(call(shape) for shape in SHAPES)
BINARY = tuple(
    call(a, b)
    for a, b in [
        *zip(SHAPES, SHAPES, strict=True),
        ((3,), ()),
        ((), (3,)),
        ((2, 1), (1, 3)),
        ((3,), (2, 3)),
        ((1, 3), (0, 3)),
    ]
)
REDUCTION = (
    *(call(shape, axis=None, keepdims=False) for shape in ((), (1,), (3,), (2, 3))),
    *(call((2, 3), axis=axis, keepdims=keepdims) for axis in (0, 1, -1, (0, 1)) for keepdims in (False, True)),
    call((2, 3, 2), axis=(0, -1), keepdims=False),
    call((2, 3, 2), axis=1, keepdims=True),
    call((2, 3), axis=(), keepdims=False),
    call((0, 3), axis=1, keepdims=False),
    call((1, 3), axis=0, keepdims=False),
)


@dataclass(frozen=True)
class Domain:
    """Where a primitive is smooth.

    Parameters
    ----------
    intervals : tuple of (low, high)
        The open interval of each differentiable argument's elements; the last one holds for the rest.
    calls : tuple of Call
        Shapes and parameters to test.
    kink : callable, optional
        Of the primitive's arguments: distances to the nearest kink or tie, any shape; smooth where none is 0.
    """

    intervals: tuple[tuple[float, float], ...] = (INFINITE,)
    calls: tuple[Call, ...] = UNARY
    kink: Callable[..., Any] | None = None

    def interval(self, place: int) -> tuple[float, float]:
        """The interval of the differentiable argument at this place."""
        return self.intervals[min(place, len(self.intervals) - 1)]


REAL = Domain()
POSITIVE = Domain(((0, np.inf),))
TWO = Domain(calls=BINARY)


def ties(a: Any) -> Any:
    """The smallest distance between two elements: a kink distance for functions that compare them."""
    return np.diff(np.sort(np.ravel(a)))
