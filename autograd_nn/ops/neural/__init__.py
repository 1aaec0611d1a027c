"""The rules of neural networks' functions. `autograd_nn.functional` is the door to them, and imports the rest.

What the package itself shows, `relu` and `softmax` among them, is imported here.
"""

from autograd_nn.ops.neural import activations, softmax

__all__ = ["activations", "softmax"]
