"""NumPy's functions that have no gradient here though one may look for it, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["REFUSED", "REFUSED_CALLS"]

REFUSED: dict[Callable[..., Any], str] = {
    np.polyfit: "is a least squares solution: write np.linalg.lstsq(np.vander(x, deg + 1), y)[0]",
    np.polydiv: "divides step by step in place: write the quotient's values with np.polyval(u, x) / np.polyval(v, x)",
    np.histogram2d: "has edges that move with the data: give counts by np.bincount(..., weights=t)",
    np.histogramdd: "has edges that move with the data: give counts by np.bincount(..., weights=t)",
    np.histogram_bin_edges: "write np.linspace(np.min(t), np.max(t), bins + 1)",
}
"""Function -> reason. The registry has none of them: called on Tensors they raise "no gradient for numpy.X"."""

REFUSED_CALLS: dict[str, str] = {
    "`out=` of a plain array": "it cannot take values that require a gradient: give a Tensor",
    "`where=` of a ufunc": "what stands elsewhere is undefined: write np.where(mask, f(t), other)",
    "`max`, `min` with `where=` but no `initial=`": "there is no value where nothing is chosen",
    "`median`, `quantile`, `percentile` with `overwrite_input=True`": "a Tensor is not overwritten",
    "`quantile`, `percentile` with `weights=`, or a Tensor for `q`": "no gradient is declared for these",
    "`histogram` whose edges move with the data": "give range=, or edges as bins=",
    '`reshape`, `ravel` with `order="A"` or `"K"`': "the result would depend on the layout in memory",
    "`einsum` with `order=` or `casting=`": "a result has one layout, and dtype= says what is computed in",
    '`pad` with `mode="empty"` or a function': "undefined values; functions change arrays in place",
    "`take_along_axis`, `roll`, `repeat`, ... with Tensors that require a gradient as places": "places are integers",
    "`linalg.svd` with `full_matrices=True` of a matrix that is not square": "the extra vectors are arbitrary",
    '`linalg.qr` with `mode="raw"`, or `"complete"` of a tall matrix': "reflectors; arbitrary extra columns",
    "`fft.fftn(a, s)` without `axes`": "say which axes have these sizes",
    "`special.logsumexp` with `return_sign=True`": "the sum must not be negative",
    "`functional` pooling with `ceil_mode=True`": "pad the input at its end instead",
    "`functional.dropout` without a generator or seed": "there is no global random state",
    "complex arguments of functions of real numbers": "take np.real, np.imag or np.abs first",
}
"""Calls of covered functions that are refused by name -> reason."""
