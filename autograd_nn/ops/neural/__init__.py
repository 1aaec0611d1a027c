"""The rules of neural networks' functions. `autograd_nn.functional` is the door to them."""

from autograd_nn.ops.neural import activations, softmax

__all__ = ["activations", "softmax"]
