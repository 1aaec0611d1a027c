"""SciPy's special functions with gradients, where SciPy looks for those of a namespace."""

from autograd_nn.special import *  # noqa: F403
from autograd_nn.special import __all__ as __all__
