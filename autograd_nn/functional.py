"""The functions of neural networks, stateless: activations, losses, convolution, pooling, normalisation, attention.

Names and parameters are those of PyTorch's functional interface where it has them, with NumPy's ``axis``. All
of them take arrays or Tensors; of arrays they return arrays, though the annotations speak of Tensors.

>>> from autograd_nn import Tensor
>>> import autograd_nn.functional as F
>>> F.softplus(Tensor([0.0, 100.0]))
Tensor([  0.69314718, 100.        ])
"""

from autograd_nn.ops.neural.activations import (
    elu,
    gelu,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    mish,
    relu,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
)
from autograd_nn.ops.neural.attention import scaled_dot_product_attention
from autograd_nn.ops.neural.convolution import conv1d, conv2d, conv_transpose1d, conv_transpose2d
from autograd_nn.ops.neural.dropout import dropout
from autograd_nn.ops.neural.embedding import embedding
from autograd_nn.ops.neural.losses import binary_cross_entropy, cross_entropy
from autograd_nn.ops.neural.normalisation import batch_norm, group_norm, instance_norm, layer_norm, rms_norm
from autograd_nn.ops.neural.pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
)
from autograd_nn.ops.neural.softmax import log_softmax, logsumexp, softmax

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "cross_entropy",
    "dropout",
    "elu",
    "embedding",
    "gelu",
    "group_norm",
    "hard_tanh",
    "instance_norm",
    "layer_norm",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "logsumexp",
    "max_pool1d",
    "max_pool2d",
    "mish",
    "relu",
    "rms_norm",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
]
