"""Prove gradients: compare derivatives with differences that know their error, and say what is wrong with a wrong one.

>>> import numpy as np
>>> from autograd_nn.testing import check_gradients
>>> check_gradients(np.tanh, np.array([0.5, -1.0])).verdict
'right'
"""

from autograd_nn.testing.checks import check_gradients, check_vjp
from autograd_nn.testing.reports import GradientError, Report

__all__ = ["GradientError", "Report", "check_gradients", "check_vjp"]
