"""Special functions of `scipy.special`, and `scipy.linalg.solve_triangular`, with exact gradients of every order.

Importing this module needs SciPy. The functions take arrays and Tensors of any shape; SciPy's own ufuncs called on
Tensors reach them too: ``scipy.special.erf(t)`` is ``special.erf(t)``.
"""

from autograd_nn.ops.special.bessel import i0, i0e, i1, i1e, iv, j0, j1, jv, y0, y1
from autograd_nn.ops.special.error_functions import erf, erfc, erfcinv, erfinv, log_ndtr, ndtr, ndtri
from autograd_nn.ops.special.exponentials import exp10, expit, log_expit, log_softmax, logit, logsumexp, softmax
from autograd_nn.ops.special.gamma import beta, betaln, digamma, gamma, gammaln, polygamma
from autograd_nn.ops.special.information import entr, kl_div, rel_entr, xlog1py, xlogy
from autograd_nn.ops.special.triangular import solve_triangular

__all__ = [
    "beta",
    "betaln",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcinv",
    "erfinv",
    "exp10",
    "expit",
    "gamma",
    "gammaln",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "iv",
    "j0",
    "j1",
    "jv",
    "kl_div",
    "log_expit",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "ndtr",
    "ndtri",
    "polygamma",
    "rel_entr",
    "softmax",
    "solve_triangular",
    "xlog1py",
    "xlogy",
    "y0",
    "y1",
]
