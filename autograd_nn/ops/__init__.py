"""The rule book: every primitive, a file per kind. Importing it fills the registry."""

from autograd_nn.ops import (
    analytic,
    arranging,
    chapters,
    complexes,
    constants,
    einsum,
    elementwise,
    indexing,
    neural,
    products,
    reductions,
    scans,
    shapes,
    signals,
    sorting,
    statistics,
)

__all__ = [
    "analytic",
    "arranging",
    "chapters",
    "complexes",
    "constants",
    "einsum",
    "elementwise",
    "indexing",
    "neural",
    "products",
    "reductions",
    "scans",
    "shapes",
    "signals",
    "sorting",
    "statistics",
]
