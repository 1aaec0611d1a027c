"""Triangular systems."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike

from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import as_array, rule
from autograd_nn.ops.domain import INFINITE, Domain, call
from autograd_nn.ops.products import product

__all__ = ["solve_triangular"]


def triangle(a: Any, lower: bool, unit: bool) -> Any:
    """What a triangular solve looks at, and 0 elsewhere."""
    inside = np.tri(a.shape[-1], k=-int(unit), dtype=bool)
    return np.where(inside if lower else inside.T, a, 0)


triangular: Any = rule(
    lambda a, b, lower, unit: scipy.linalg.solve_triangular(a, b, lower=lower, unit_diagonal=unit, check_finite=False),
    Domain(
        ((0.8, np.inf), INFINITE),
        tuple(
            call(a, b, lower=lower, unit=unit)
            for a, b in [((3, 3), (3, 2)), ((2, 2, 2), (2, 1)), ((2, 2), (3, 2, 1)), ((2, 1, 1, 1), (3, 1, 2))]
            for lower in (False, True)
            for unit in (False, True)
        ),
    ),
    name="solve_triangular",
    a=lambda g, a, y, lower, unit: -triangle(product(s := triangular(a.mT, g, not lower, unit), y.mT, s), lower, unit),
    b=lambda g, a, lower, unit: triangular(a.mT, g, not lower, unit),
)


def solve_triangular(
    a: ArrayLike | Tensor,
    b: ArrayLike | Tensor,
    trans: int | str = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Tensor:
    """The solution x of ``a @ x = b`` for a triangular matrix a.

    Parameters
    ----------
    a : array or Tensor of shape (..., M, M)
        Only its upper triangle matters, or with ``lower`` its lower one.
    b : array or Tensor of shape (M,) or (..., M, K)
    trans : {0, 1, 2, "N", "T", "C"}
        0 or "N" for a itself, 1 or "T" for its transpose, 2 or "C" for its conjugate transpose.
    lower : bool
        Whether a is a lower triangular matrix.
    unit_diagonal : bool
        Take the diagonal of a to be 1, whatever is there.
    overwrite_b : bool
        Only False.
    check_finite : bool
        Raise ValueError if there is an inf or nan.

    Returns
    -------
    array or Tensor of shape (..., M) or (..., M, K)

    Raises
    ------
    numpy.linalg.LinAlgError
        If a diagonal element is 0.
    ValueError
        If a is not square, shapes do not match, or ``trans`` is none of those.
    TypeError
        If ``overwrite_b`` is asked for.

    Notes
    -----
    As `scipy.linalg.solve_triangular`. The slopes are zero outside of the triangle.

    Examples
    --------
    >>> from autograd_nn import special
    >>> special.solve_triangular([[2.0, 1.0], [0.0, 1.0]], [3.0, 1.0])
    array([1., 1.])
    """
    if overwrite_b:
        raise TypeError("special.solve_triangular does not take overwrite_b: Tensors are not overwritten")
    if trans not in (0, 1, 2, "N", "T", "C"):
        raise ValueError(f"special.solve_triangular: trans must be 0, 1, 2, 'N', 'T' or 'C': got {trans!r}")
    matrix, right = map(as_array, (a, b))
    if check_finite:
        np.asarray_chkfinite(raw(matrix)), np.asarray_chkfinite(raw(right))
    if trans not in (0, "N"):
        matrix, lower = matrix.mT, not lower
    if trans in (2, "C"):
        matrix = np.conjugate(matrix)
    if right.ndim == 1:
        return triangular(matrix, right[:, None], lower, unit_diagonal)[..., 0]
    return triangular(matrix, right, lower, unit_diagonal)
