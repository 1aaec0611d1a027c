"""NumPy's functions that have no gradient here though one may look for it, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["REFUSED"]

REFUSED: dict[Callable[..., Any], str] = {
    np.copyto: "changes an array in place: write t[...] = values, np.broadcast_to(t, shape).copy() for np.full, and "
    "np.where(np.isnan(x), t, x) for np.nan_to_num",
    np.put: "changes an array in place: write t.reshape(-1)[places] = values, or np.where",
    np.putmask: "changes an array in place: write t[mask] = values[mask], or np.where(mask, values, t)",
    np.place: "changes an array in place: write t[mask] = values",
    np.put_along_axis: "changes an array in place: write t[rows, columns] = values",
    np.fill_diagonal: "changes an array in place: write t[np.diag_indices_from(t)] = value",
    np.piecewise: "fills an array in place: write np.select or np.where",
    np.polyfit: "is a least squares solution: write np.linalg.lstsq(np.vander(x, deg + 1), y)[0]",
    np.polydiv: "divides step by step in place: write the quotient's values with np.polyval(u, x) / np.polyval(v, x)",
    np.roots: "needs the eigenvalues of a matrix that is not symmetric",
    np.histogram2d: "has edges that move with the data: give counts by np.bincount(..., weights=t)",
    np.histogramdd: "has edges that move with the data: give counts by np.bincount(..., weights=t)",
    np.histogram_bin_edges: "write np.linspace(np.min(t), np.max(t), bins + 1)",
    np.add.at: "changes an array in place: write t[places] += values, or np.bincount(places, weights=values)",
    np.add.reduceat: "write np.sum of slices",
}
"""Function -> reason. The registry has none of them: called on Tensors they raise "no gradient for numpy.X"."""
