"""The rules of neural networks' functions. `autograd_nn.functional` is the door to them."""

from autograd_nn.ops.neural import softmax

__all__ = ["softmax"]
