"""SciPy's special functions with gradients, where SciPy looks for those of a namespace, by the names it knows."""

from autograd_nn import special
from autograd_nn.special import *  # noqa: F403

__all__ = [*special.__all__, "psi"]

psi = special.digamma
