"""The rule book: every primitive, a file per kind. Importing it fills the registry."""

from autograd_nn.ops import constants, elementwise, indexing, neural, products, reductions, shapes

__all__ = ["constants", "elementwise", "indexing", "neural", "products", "reductions", "shapes"]
