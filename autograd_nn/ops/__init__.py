"""The rule book: every primitive, a file per kind. Importing it fills the registry."""

from autograd_nn.ops import (
    analytic,
    arranging,
    constants,
    elementwise,
    indexing,
    neural,
    products,
    reductions,
    shapes,
    statistics,
)

__all__ = [
    "analytic",
    "arranging",
    "constants",
    "elementwise",
    "indexing",
    "neural",
    "products",
    "reductions",
    "shapes",
    "statistics",
]
