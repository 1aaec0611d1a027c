"""The rules of SciPy's special functions. `autograd_nn.special` is the door.

Equation numbers are those of the Digital Library of Mathematical Functions, https://dlmf.nist.gov.
"""

try:
    import scipy.special  # noqa: F401
except ImportError as error:
    raise ImportError("autograd_nn.special needs SciPy: pip install scipy") from error

from autograd_nn.ops.special import bessel, error_functions, exponentials, gamma, information, triangular

__all__ = ["bessel", "error_functions", "exponentials", "gamma", "information", "triangular"]
