"""Strategies for hypothesis: arrays and shapes, indices and axes, einsum specs, expressions, models.

Numbers are drawn as bytes, two for each, and looked up in a table of 65,536: 0, 1, -1, small integers and halves come
first, then numbers with all their digits, evenly spread over the magnitudes. That is two to three times as fast as
drawing each number by itself, and it shrinks element by element to 0, 1 or -1. Nothing is filtered element by element.

>>> from hypothesis import find
>>> find(arrays((2, 2)), lambda a: a[1, 1] > 1)
array([[0., 0.],
       [0., 2.]])
"""

from autograd_nn.testing.layouts import LAYOUTS
from autograd_nn.testing.strategies.array_shapes import broadcastable_shapes, shapes
from autograd_nn.testing.strategies.array_values import arrays, cotangents, layouts, scales, tensors
from autograd_nn.testing.strategies.calls import applications, einsums, matmuls, operands
from autograd_nn.testing.strategies.indexing import indices, reductions
from autograd_nn.testing.strategies.random_expressions import Expression, expressions
from autograd_nn.testing.strategies.small_models import MLP, models

__all__ = [
    "LAYOUTS",
    "MLP",
    "Expression",
    "applications",
    "arrays",
    "broadcastable_shapes",
    "cotangents",
    "einsums",
    "expressions",
    "indices",
    "layouts",
    "matmuls",
    "models",
    "operands",
    "reductions",
    "scales",
    "shapes",
    "tensors",
]
