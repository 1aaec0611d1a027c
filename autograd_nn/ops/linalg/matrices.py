"""What the rules of linear algebra are written in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autograd_nn.engine.node import Array
from autograd_nn.engine.strong import reached
from autograd_nn.ops.declare import as_array
from autograd_nn.ops.declare import conjugated as star


def arrays(*operands: Any) -> list[Any]:
    """Lists and numbers as arrays, Tensors as they are."""
    return [as_array(t) for t in operands]


def adjoint(x: Any) -> Any:
    return star(x).mT


def triangle(x: Any, UPLO: str) -> Any:
    """One triangle of each matrix without its diagonal; 0 elsewhere."""
    below = np.tri(x.shape[-1], k=-1, dtype=bool)
    return np.where(below if UPLO.upper() == "L" else below.T, x, 0)


def from_lower(x: Any) -> Any:
    """The Hermitian matrix whose lower triangle this is."""
    below = triangle(x, "L")
    return np.where(diagonal(x), np.real(x), below + adjoint(below))


def on_triangle(g: Any, UPLO: str = "L") -> Any:
    """The cotangent of the triangle that was read, from that of the Hermitian matrix."""
    return np.where(diagonal(g), np.real(g), triangle(g + adjoint(g), UPLO))


def diagonal(x: Any) -> Array:
    """Where the diagonal of the matrices is."""
    return np.eye(*x.shape[-2:], dtype=bool)


def by_matrix(pullback: Callable[..., Any]) -> Callable[..., Any]:
    """In a stack of matrices, where the cotangent of one is 0 its contribution is, even if it has inf or nan."""

    @wraps(pullback)
    def strong(g: Any, *kept: Any) -> Any:
        return reached(pullback(g, *kept), lambda: (g != 0).any(axis=(-2, -1), keepdims=True))

    return strong


# The domains ------------------------------------------------------------------------------------------

FAR = 0.3
"""In the domains, how far singular values stay away from 0, and eigenvalues from each other."""


def apart(*distances: Any) -> Any:
    """A kink distance that is 0 where one of these is less than `FAR`."""
    return np.concatenate([np.maximum(np.ravel(d) - FAR, 0) for d in distances])


def steady(factors: Callable[[Any], Any], a: Array) -> Any:
    """0 where LAPACK is about to choose other signs for the vectors: another distance for `apart`."""
    one = np.eye(a.size).reshape(a.size, *a.shape)
    nearby = a + 0.01 * np.concatenate([one, -one])
    return np.max(np.abs(factors(nearby) - factors(a)), initial=0) < FAR
