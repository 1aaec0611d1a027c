"""autograd_nn: reverse-mode automatic differentiation of NumPy expressions, small enough to read."""

from autograd_nn import numpy, ops
from autograd_nn.engine.errors import AnomalyError
from autograd_nn.engine.gradients import gradients
from autograd_nn.engine.modes import anomaly, enable_grad, no_grad, scope
from autograd_nn.engine.primitive import primitive
from autograd_nn.engine.tensor import Tensor
from autograd_nn.ops.coverage import Coverage, coverage
from autograd_nn.ops.neural.activations import relu, sigmoid
from autograd_nn.ops.neural.softmax import log_softmax, logsumexp, softmax
from autograd_nn.transforms import checkpoint, elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

__all__ = [
    "AnomalyError",
    "Coverage",
    "Tensor",
    "anomaly",
    "checkpoint",
    "coverage",
    "elementwise_grad",
    "enable_grad",
    "grad",
    "gradients",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "log_softmax",
    "logsumexp",
    "no_grad",
    "numpy",
    "ops",
    "primitive",
    "relu",
    "scope",
    "sigmoid",
    "softmax",
    "value_and_grad",
    "vjp",
]

__version__ = "0.1.0"
