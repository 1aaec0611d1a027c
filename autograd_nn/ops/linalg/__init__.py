"""Linear algebra: `numpy.linalg`. A cotangent g pairs with a change d as Re(sum(g * d)), so rules transpose.

Where a matrix is Hermitian NumPy reads one triangle of it, and the gradient is on that triangle. The chapter is opened
when a function of `numpy.linalg` is first called on a Tensor.
"""

from autograd_nn.ops.linalg import decompositions, functions, inverses, matrices, norms

__all__ = ["decompositions", "functions", "inverses", "matrices", "norms"]
