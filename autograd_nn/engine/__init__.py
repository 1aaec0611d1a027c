"""What makes Tensors record and differentiate."""

from autograd_nn.engine import backward, changes

__all__ = ["backward", "changes"]
