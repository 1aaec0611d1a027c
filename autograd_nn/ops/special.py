"""Special functions of `scipy.special`, and `scipy.linalg.solve_triangular`, with exact gradients of every order.

Importing this module needs SciPy. The functions take arrays and Tensors of any shape; SciPy's own ufuncs called on
Tensors reach them too: ``scipy.special.erf(t)`` is ``special.erf(t)``. Equation numbers are those of the Digital
Library of Mathematical Functions, https://dlmf.nist.gov.
"""

from __future__ import annotations

from math import log, pi, sqrt
from typing import Any

import numpy as np

from autograd_nn.engine.registry import REGISTRY
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.analytic import sigmoid
from autograd_nn.ops.complexes import real_numbers
from autograd_nn.ops.declare import composed, rule, times
from autograd_nn.ops.domain import BINARY, INFINITE, POSITIVE, REAL, SHAPES, Domain, call
from autograd_nn.ops.neural import softmax as family
from autograd_nn.ops.products import product
from autograd_nn.ops.reductions import Axis, widened

try:
    import scipy.linalg
    import scipy.special as sc
except ImportError as error:
    raise ImportError("autograd_nn.special needs SciPy: pip install scipy") from error

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

UNIT = Domain(((0, 1),))
AWAY = Domain(((0.5, np.inf),))
PAIR = Domain(((0.5, np.inf),), BINARY)

for scipys, numpys in [(sc.expm1, np.expm1), (sc.log1p, np.log1p), (sc.exp2, np.exp2), (sc.cbrt, np.cbrt)]:
    composed(scipys)(REGISTRY[numpys])

# Logistic ---------------------------------------------------------------------------------------------

expit = composed(sc.expit)(sigmoid)

log_expit = rule(sc.log_expit, REAL, x=lambda g, x: g * sigmoid(-x))
log_expit.__doc__ = """The logarithm of the logistic function, -log(1 + exp(-x)), without overflow.

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.log_expit`; the slope is expit(-x), right at any distance from 0.

>>> from autograd_nn import special
>>> special.log_expit(-1000.0)
np.float64(-1000.0)
"""

logit = rule(sc.logit, UNIT, x=lambda g, x: g / (x * (1 - x)))
logit.__doc__ = """The logarithm of the odds, log(x / (1 - x)): the inverse of `expit`.

Parameters
----------
x : array or Tensor of any shape
    Probabilities; the result is infinite at 0 and 1, and so is the slope.

Notes
-----
As `scipy.special.logit`.

>>> from autograd_nn import grad, special
>>> grad(special.logit)(0.5)
np.float64(4.0)
"""

exp10 = rule(sc.exp10, REAL, x=lambda g, y: g * (y * log(10)))
exp10.__doc__ = """10 to the power of x.

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.exp10`.

>>> from autograd_nn import special
>>> special.exp10(3.0)
np.float64(1000.0)
"""

# The error function and the normal distribution -------------------------------------------------------

erf = rule(sc.erf, REAL, x=lambda g, x: g * (2 / sqrt(pi) * np.exp(-x * x)))
erf.__doc__ = """The error function, 2/sqrt(pi) times the integral of exp(-t**2) from 0 to x (7.2.1).

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.erf`.

>>> from autograd_nn import grad, special
>>> grad(special.erf)(0.0)
np.float64(1.1283791670955126)
"""

erfc = rule(sc.erfc, REAL, x=lambda g, x: g * (-2 / sqrt(pi) * np.exp(-x * x)))
erfc.__doc__ = """The complementary error function, 1 - erf(x), with all its digits where erf(x) is 1 (7.2.2).

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.erfc`.

>>> from autograd_nn import special
>>> special.erfc(10.0) > 0
np.True_
"""

erfinv = rule(sc.erfinv, Domain(((-1, 1),)), x=lambda g, y: g * (sqrt(pi) / 2 * np.exp(y * y)))
erfinv.__doc__ = """The inverse of `erf`.

Parameters
----------
x : array or Tensor of any shape
    Between -1 and 1, where the result and the slope are infinite.

Notes
-----
As `scipy.special.erfinv`.

>>> from autograd_nn import special
>>> special.erfinv(0.0)
np.float64(0.0)
"""

erfcinv = rule(sc.erfcinv, Domain(((0, 2),)), x=lambda g, y: g * (-sqrt(pi) / 2 * np.exp(y * y)))
erfcinv.__doc__ = """The inverse of `erfc`.

Parameters
----------
x : array or Tensor of any shape
    Between 0 and 2, where the result and the slope are infinite.

Notes
-----
As `scipy.special.erfcinv`.

>>> from autograd_nn import special
>>> special.erfcinv(0.0)
np.float64(inf)
"""

ndtr = rule(sc.ndtr, REAL, x=lambda g, x: g * (np.exp(-x * x / 2) / sqrt(2 * pi)))
ndtr.__doc__ = """The probability that a standard normal variable is at most x.

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.ndtr`; the slope is the normal density.

>>> from autograd_nn import special
>>> special.ndtr(0.0)
np.float64(0.5)
"""

ndtri = rule(sc.ndtri, UNIT, x=lambda g, y: g * (sqrt(2 * pi) * np.exp(y * y / 2)))
ndtri.__doc__ = """The inverse of `ndtr`: the quantiles of the standard normal distribution.

Parameters
----------
x : array or Tensor of any shape
    Probabilities; the result and the slope are infinite at 0 and 1.

Notes
-----
As `scipy.special.ndtri`.

>>> from autograd_nn import special
>>> special.ndtri(0.5)
np.float64(0.0)
"""


def excess(x: Any) -> Any:
    """``x + hazard(x)``. Far below 0 the two cancel, and Laplace's continued fraction (7.9.1) is at its limit soon."""
    far = raw(x) < -6
    t = fraction = np.where(far, -x, 6)
    for k in range(12, 1, -1):
        fraction = t + k / fraction
    return np.where(far, 1 / fraction, x + hazard(x))


hazard: Any = rule(
    lambda x: sqrt(2 / pi) / sc.erfcx(-np.asarray(x) / sqrt(2)),
    REAL,
    name="hazard",
    elementwise=True,
    # at -inf it is 1 by its limit; beyond 100 the other factor is 0, also at inf
    x=lambda g, x, y: -g * np.where(raw(x) == -np.inf, 1, y * excess(np.minimum(x, 100))),
)
"""The normal density divided by the probability that it is below x, where both may be too small to be a number."""

log_ndtr = rule(sc.log_ndtr, REAL, x=lambda g, x: g * hazard(x))
log_ndtr.__doc__ = """The logarithm of `ndtr`, also where that is too small to be a number.

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.log_ndtr`; the slope is the density divided by the probability, computed as one.

>>> from autograd_nn import grad, special
>>> grad(special.log_ndtr)(-1e10)
np.float64(10000000000.0)
"""

# Gamma ------------------------------------------------------------------------------------------------


def polygamma_value(n: Any, x: Any) -> Any:
    if np.any((np.asarray(n) < 0) | (np.asarray(n) % 1 != 0)):
        raise ValueError(f"polygamma: n must be 0, 1, 2, ..., how often to differentiate digamma: got {n!r}")
    return np.asarray(sc.polygamma(n, x), np.result_type(np.asarray(x), np.float16))


polygamma: Any = rule(
    polygamma_value,
    Domain(AWAY.intervals, tuple(call(shape, n=n) for shape in SHAPES for n in (0, 1, 3))),
    name="polygamma",
    elementwise=True,
    x=lambda g, n, x: g * polygamma(n + 1, x),
)
polygamma.__doc__ = """The n-th derivative of `digamma` (5.15).

Parameters
----------
n : int, or array of them
    0, 1, 2, ...; a constant.
x : array or Tensor of any shape

Raises
------
ValueError
    If n is negative or no whole number.

Notes
-----
As `scipy.special.polygamma`.

>>> from autograd_nn import special
>>> special.polygamma(1, 1.0)  # pi**2 / 6
array(1.64493407)
"""

digamma = rule(sc.digamma, AWAY, name="digamma", x=lambda g, x: g * polygamma(1, x))
digamma.__doc__ = """The derivative of log(gamma(x)) (5.2.2).

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.digamma`, also named `psi`.

>>> from autograd_nn import special
>>> special.digamma(1.0)
np.float64(-0.5772156649015329)
"""

gammaln = rule(sc.gammaln, AWAY, x=lambda g, x: g * digamma(x))
gammaln.__doc__ = """The logarithm of the absolute value of `gamma`, without its overflow.

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.gammaln`.

>>> from autograd_nn import special
>>> special.gammaln(2.0)
np.float64(0.0)
"""

gamma = rule(sc.gamma, AWAY, x=lambda g, x, y: g * (y * digamma(x)))
gamma.__doc__ = """The factorial of x - 1, also between the integers (5.2.1).

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.gamma`.

>>> from autograd_nn import special
>>> special.gamma(5.0)
np.float64(24.0)
"""

NODES, WEIGHTS = (half / 2 for half in np.polynomial.legendre.leggauss(8))


def rise(x: Any, h: Any) -> Any:
    """``digamma(x + h) - digamma(x)``: where the two are nearly the same, the integral of the slope in between."""
    near = (raw(h) > 0) & (raw(h) < raw(x) / 4)
    start, step = np.where(near, x, 1)[..., None], np.where(near, h, 0)[..., None]
    slopes = polygamma(1, start + step * (0.5 + NODES).astype(start.dtype))
    return np.where(near, h * (slopes @ WEIGHTS.astype(start.dtype)), digamma(x + h) - digamma(x))


betaln = rule(sc.betaln, PAIR, a=lambda g, a, b: -g * rise(a, b), b=lambda g, a, b: -g * rise(b, a))
betaln.__doc__ = """The logarithm of the absolute value of `beta`, without its overflow.

Parameters
----------
a, b : arrays or Tensors of any shapes that broadcast

Notes
-----
As `scipy.special.betaln`.

>>> from autograd_nn import special
>>> special.betaln(1.0, 1.0)
np.float64(0.0)
"""

beta = rule(sc.beta, PAIR, a=lambda g, a, b, y: -g * (y * rise(a, b)), b=lambda g, a, b, y: -g * (y * rise(b, a)))
beta.__doc__ = """gamma(a) * gamma(b) / gamma(a + b) (5.12.1).

Parameters
----------
a, b : arrays or Tensors of any shapes that broadcast

Notes
-----
As `scipy.special.beta`.

>>> from autograd_nn import special
>>> special.beta(2.0, 1.0)
np.float64(0.5)
"""

# Information ------------------------------------------------------------------------------------------


def quotient(a: Any, b: Any) -> Any:
    """``a / b``, and 0 / 0 = 0."""
    return np.where((raw(a) == 0) & (raw(b) == 0), 0, a / b)


def log_quotient(a: Any, b: Any) -> Any:
    """``log(a / b)``, with its digits also where it is nearly 0."""
    near = np.abs(raw(a) - raw(b)) < raw(b) / 2
    return np.where(near, np.log1p(np.where(near, (a - b) / b, 0)), np.log(np.where(near, 1, a / b)))


xlogy = rule(sc.xlogy, PAIR, a=lambda g, b: g * np.log(b), b=lambda g, a, b: g * quotient(a, b))
xlogy.__doc__ = """A * log(b), and 0 where a is 0, whatever b.

Parameters
----------
a, b : arrays or Tensors of any shapes that broadcast

Notes
-----
As `scipy.special.xlogy`. The slope in b is a / b, and 0 where a is 0; the slope in a is -inf where b is 0.

>>> from autograd_nn import grad, special
>>> special.xlogy(0.0, 0.0), grad(special.xlogy, 1)(0.0, 0.0)
(np.float64(0.0), np.float64(0.0))
"""

xlog1py = rule(sc.xlog1py, PAIR, a=lambda g, b: g * np.log1p(b), b=lambda g, a, b: g * quotient(a, 1 + b))
xlog1py.__doc__ = """A * log(1 + b), and 0 where a is 0, whatever b.

Parameters
----------
a, b : arrays or Tensors of any shapes that broadcast

Notes
-----
As `scipy.special.xlog1py`.

>>> from autograd_nn import special
>>> special.xlog1py(0.0, -1.0)
np.float64(0.0)
"""

entr = rule(sc.entr, POSITIVE, x=lambda g, x: -g * (np.log(x) + 1))
entr.__doc__ = """-x * log(x): what a probability x contributes to an entropy. 0 at 0, -inf below.

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.entr`; the slope at 0 is inf.

>>> from autograd_nn import special
>>> special.entr([0.0, 1.0])
array([ 0., -0.])
"""

rel_entr = rule(
    sc.rel_entr, PAIR, a=lambda g, a, b: g * (log_quotient(a, b) + 1), b=lambda g, a, b: -g * quotient(a, b)
)
rel_entr.__doc__ = """A * log(a / b): what probabilities a and b contribute to a relative entropy.

Parameters
----------
a, b : arrays or Tensors of any shapes that broadcast
    Where a is 0 the result is 0; where one of them is negative, or b alone is 0, inf.

Notes
-----
As `scipy.special.rel_entr`.

>>> from autograd_nn import special
>>> special.rel_entr(1.0, 1.0)
np.float64(0.0)
"""

kl_div = rule(sc.kl_div, PAIR, a=lambda g, a, b: g * log_quotient(a, b), b=lambda g, a, b: g * (quotient(b - a, b)))
kl_div.__doc__ = """A * log(a / b) - a + b: as `rel_entr`, but convex and at least 0 for a and b that do not sum to 1.

Parameters
----------
a, b : arrays or Tensors of any shapes that broadcast

Notes
-----
As `scipy.special.kl_div`. The slopes keep their digits where a and b are nearly the same.

>>> from autograd_nn import special
>>> special.kl_div(0.0, 3.0)
np.float64(3.0)
"""


def exponentials(a: Any, b: Any, y: Any, axis: Axis, keepdims: bool) -> Any:
    """``exp(a - y)``, the slope of logsumexp in a weight: 0 where a is -inf, and if it is inf, as if it were finite."""
    y = widened(y, a.shape, axis, keepdims)
    first = (raw(a) == np.inf) & (raw(y) == np.inf)
    total = np.sum(np.where(first, b, 0), axis, keepdims=True)
    total = np.where(raw(total) == 0, 1, total)
    return np.where(first, 1 / total, np.exp(np.where((raw(a) == -np.inf) | first, -np.inf, a - y)))


def shares(a: Any, b: Any, y: Any, axis: Axis, keepdims: bool) -> Any:
    """``b * exp(a - y)``, the slope of logsumexp in a term: 0 where its weight is, however large the term."""
    share = b * exponentials(a, b, y, axis, keepdims)
    return np.where((raw(b) == 0) & np.isnan(raw(share)), 0, share)


weighted = rule(
    lambda a, b, axis, keepdims: sc.logsumexp(a, axis, b, keepdims),
    Domain(
        (INFINITE, (0, np.inf)),
        tuple(
            call(shape, shape, axis=axis, keepdims=keepdims)
            for shape, axis in [((3,), None), ((2, 3), -1), ((2, 3), 0), ((2, 3, 2), (0, -1)), ((0, 2), 1)]
            for keepdims in (False, True)
        ),
    ),
    name="logsumexp",
    key="weighted_logsumexp",
    a=lambda g, a, b, y, axis, keepdims: times(widened(g, a.shape, axis, keepdims), shares(a, b, y, axis, keepdims)),
    b=lambda g, a, b, y, axis, keepdims: times(
        widened(g, a.shape, axis, keepdims), exponentials(a, b, y, axis, keepdims)
    ),
)


def logsumexp(a: Any, axis: Axis = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """log(sum(b * exp(a))) along an axis, or several; of all of a by default.

    Parameters
    ----------
    a : array or Tensor of any shape
    axis : int, tuple of ints or None
    b : array or Tensor, optional
        Weights, of a shape that broadcasts with a's; 1 by default. The sum must not be negative.
    keepdims : bool
        Keep the axes summed over, with size 1.

    Raises
    ------
    TypeError
        If ``return_sign`` is asked for.

    Notes
    -----
    As `scipy.special.logsumexp`. Terms that are e^-40 of the largest are not lost.

    >>> from autograd_nn import special
    >>> special.logsumexp([1000.0, 1000.0], b=[0.25, 0.75])
    np.float64(1000.0)
    """
    if return_sign:
        raise TypeError("special.logsumexp does not take return_sign: the sum of b * exp(a) must not be negative")
    if b is None:
        return family.logsumexp(a, axis, keepdims)
    for name, value in (("a", a), ("b", b)):
        real_numbers("logsumexp", raw(value), name)
    a, b = np.broadcast_arrays(a, b)
    with np.errstate(invalid="ignore"):
        top = np.max(np.where(raw(b) == 0, -np.inf, raw(a)), axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0).astype(a.dtype)
    y = weighted(a - top, b, axis, keepdims)
    return y + np.reshape(top, np.shape(y))


def softmax(x: Any, axis: Axis = None) -> Any:
    """exp(x) / sum(exp(x)) along an axis, or several; of all of x by default.

    Parameters
    ----------
    x : array or Tensor of any shape
    axis : int, tuple of ints or None
        What sums to 1.

    Notes
    -----
    As `scipy.special.softmax`. `autograd_nn.softmax` is the same along the last axis by default.

    >>> from autograd_nn import special
    >>> special.softmax([1000.0, 1000.0])
    array([0.5, 0.5])
    """
    return family.softmax(x, axis)


def log_softmax(x: Any, axis: Axis = None) -> Any:
    """The logarithm of `softmax`, without its overflow and loss of digits.

    Parameters
    ----------
    x : array or Tensor of any shape
    axis : int, tuple of ints or None
        What sums to 1 in `softmax`.

    Notes
    -----
    As `scipy.special.log_softmax`. `autograd_nn.log_softmax` is the same along the last axis by default.

    >>> from autograd_nn import special
    >>> special.log_softmax([1000.0, 0.0])
    array([    0., -1000.])
    """
    return family.log_softmax(x, axis)


# Bessel functions -------------------------------------------------------------------------------------

ORDERS = tuple(call(shape, v=v) for shape in SHAPES for v in (0, 1, 2.5))

jv: Any = rule(
    lambda v, x: sc.jv(v, x),
    Domain(AWAY.intervals, ORDERS),
    sc.jv,
    name="jv",
    elementwise=True,
    x=lambda g, v, x: g * ((jv(v - 1, x) - jv(v + 1, x)) / 2),
)
jv.__doc__ = """The Bessel function of the first kind and of order v (10.2.2).

Parameters
----------
v : float, or array of them
    A constant.
x : array or Tensor of any shape

Notes
-----
As `scipy.special.jv`; the slope is (jv(v - 1, x) - jv(v + 1, x)) / 2 (10.6.1).

>>> from autograd_nn import special
>>> special.jv(0, 0.0)
np.float64(1.0)
"""

iv: Any = rule(
    lambda v, x: sc.iv(v, x),
    Domain(AWAY.intervals, ORDERS),
    sc.iv,
    name="iv",
    elementwise=True,
    x=lambda g, v, x: g * ((iv(v - 1, x) + iv(v + 1, x)) / 2),
)
iv.__doc__ = """The modified Bessel function of the first kind and of order v (10.25.2).

Parameters
----------
v : float, or array of them
    A constant.
x : array or Tensor of any shape

Notes
-----
As `scipy.special.iv`; the slope is (iv(v - 1, x) + iv(v + 1, x)) / 2 (10.29.1).

>>> from autograd_nn import special
>>> special.iv(0, 0.0)
np.float64(1.0)
"""

i1: Any = rule(sc.i1, REAL, x=lambda g, x: g * ((i0(x) + iv(2, x)) / 2))
i1.__doc__ = """The modified Bessel function of the first kind and of order 1.

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.i1`; the slope is (i0(x) + iv(2, x)) / 2 (10.29.1).

>>> from autograd_nn import grad, special
>>> grad(special.i1)(0.0)
np.float64(0.5)
"""

i0: Any = rule(sc.i0, REAL, key="special.i0", x=lambda g, x: g * i1(x))
i0.__doc__ = """The modified Bessel function of the first kind and of order 0.

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.i0`; the slope is i1(x) (10.29.3).

>>> from autograd_nn import special
>>> special.i0(0.0)
np.float64(1.0)
"""


def kummer_value(a: float, b: float, x: Any) -> Any:
    x = np.asarray(x)
    return np.where(np.isinf(x), 0, sc.hyp1f1(a, b, -2 * np.abs(x))).astype(x.dtype)


kummer: Any = rule(
    kummer_value,
    Domain(calls=tuple(call(shape, a=1.5, b=2.0) for shape in SHAPES), kink=lambda x: x),
    name="kummer",
    elementwise=True,
    x=lambda g, a, b, x: g * (np.sign(x) * (-2 * a / b) * kummer(a + 1, b + 1, x)),
)
"""Kummer's function M(a, b, -2 abs(x)) (13.2.2, 13.3.15). For a = 1.5 and b = 2 it is exp(-abs(x)) (I0 - I1) at abs(x):
it has its digits where the two Bessel functions (13.6.9) are nearly the same."""

i0e = rule(sc.i0e, Domain(kink=lambda x: x), x=lambda g, x: -g * (np.sign(x) * kummer(1.5, 2.0, x)))
i0e.__doc__ = """exp(-abs(x)) * i0(x), without its overflow.

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.i0e`; the slope, 0 at 0, is written with Kummer's function (13.6.9), because i0e and i1e cancel.

>>> from autograd_nn import special
>>> special.i0e(0.0)
np.float64(1.0)
"""

i1e = rule(
    sc.i1e,
    Domain(kink=lambda x: x),
    x=lambda g, x: g * (1.5 * kummer(2.5, 3.0, x) - kummer(1.5, 2.0, x)),
)
i1e.__doc__ = """exp(-abs(x)) * i1(x), without its overflow.

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.i1e`; the slope is written with Kummer's function (13.6.9), because Bessel functions would cancel.

>>> from autograd_nn import grad, special
>>> grad(special.i1e)(0.0)
np.float64(0.5)
"""

j1: Any = rule(sc.j1, REAL, x=lambda g, x: g * ((j0(x) - jv(2, x)) / 2))
j1.__doc__ = """The Bessel function of the first kind and of order 1.

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.j1`; the slope is (j0(x) - jv(2, x)) / 2 (10.6.1).

>>> from autograd_nn import grad, special
>>> grad(special.j1)(0.0)
np.float64(0.5)
"""

j0: Any = rule(sc.j0, REAL, x=lambda g, x: -g * j1(x))
j0.__doc__ = """The Bessel function of the first kind and of order 0.

Parameters
----------
x : array or Tensor of any shape

Notes
-----
As `scipy.special.j0`; the slope is -j1(x) (10.6.3).

>>> from autograd_nn import special
>>> special.j0(0.0)
np.float64(1.0)
"""

y1: Any = rule(sc.y1, AWAY, x=lambda g, x, y: g * (y0(x) - y / x))
y1.__doc__ = """The Bessel function of the second kind and of order 1.

Parameters
----------
x : array or Tensor of any shape
    Positive.

Notes
-----
As `scipy.special.y1`; the slope is y0(x) - y1(x) / x (10.6.2).

>>> from autograd_nn import special
>>> special.y1(1.0)
np.float64(-0.7812128213002888)
"""

y0: Any = rule(sc.y0, AWAY, x=lambda g, x: -g * y1(x))
y0.__doc__ = """The Bessel function of the second kind and of order 0.

Parameters
----------
x : array or Tensor of any shape
    Positive.

Notes
-----
As `scipy.special.y0`; the slope is -y1(x) (10.6.3).

>>> from autograd_nn import special
>>> special.y0(1.0)
np.float64(0.08825696421567697)
"""

# Triangular systems -----------------------------------------------------------------------------------


def triangle(a: Any, lower: bool, unit: bool) -> Any:
    """What a triangular solve looks at, and 0 elsewhere."""
    inside = np.tri(a.shape[-1], k=-int(unit), dtype=bool)
    return np.where(inside if lower else inside.T, a, 0)


triangular: Any = rule(
    lambda a, b, lower, unit: scipy.linalg.solve_triangular(a, b, lower=lower, unit_diagonal=unit, check_finite=False),
    Domain(
        ((0.8, np.inf), INFINITE),
        tuple(
            call(a, b, lower=lower, unit=unit)
            for a, b in [((3, 3), (3, 2)), ((2, 2, 2), (2, 1)), ((2, 2), (3, 2, 1)), ((2, 1, 1, 1), (3, 1, 2))]
            for lower in (False, True)
            for unit in (False, True)
        ),
    ),
    name="solve_triangular",
    a=lambda g, a, y, lower, unit: -triangle(product(s := triangular(a.mT, g, not lower, unit), y.mT, s), lower, unit),
    b=lambda g, a, lower, unit: triangular(a.mT, g, not lower, unit),
)


def solve_triangular(
    a: Any,
    b: Any,
    trans: int | str = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """The solution x of ``a @ x = b`` for a triangular matrix a.

    Parameters
    ----------
    a : array or Tensor of shape (..., M, M)
        Only its upper triangle matters, or with ``lower`` its lower one.
    b : array or Tensor of shape (M,) or (..., M, K)
    trans : {0, 1, 2, "N", "T", "C"}
        0 or "N" for a itself, 1 or "T" for its transpose, 2 or "C" for its conjugate transpose.
    lower : bool
        Whether a is a lower triangular matrix.
    unit_diagonal : bool
        Take the diagonal of a to be 1, whatever is there.
    check_finite : bool
        Raise ValueError if there is an inf or nan.

    Returns
    -------
    array or Tensor of shape (..., M) or (..., M, K)

    Raises
    ------
    numpy.linalg.LinAlgError
        If a diagonal element is 0.
    ValueError
        If a is not square, shapes do not match, or ``trans`` is none of those.
    TypeError
        If ``overwrite_b`` is asked for.

    Notes
    -----
    As `scipy.linalg.solve_triangular`. The slopes are zero outside of the triangle.

    >>> from autograd_nn import special
    >>> special.solve_triangular([[2.0, 1.0], [0.0, 1.0]], [3.0, 1.0])
    array([1., 1.])
    """
    if overwrite_b:
        raise TypeError("special.solve_triangular does not take overwrite_b: Tensors are not overwritten")
    if trans not in (0, 1, 2, "N", "T", "C"):
        raise ValueError(f"special.solve_triangular: trans must be 0, 1, 2, 'N', 'T' or 'C': got {trans!r}")
    a, b = (t if type(t) is Tensor else np.asarray(t) for t in (a, b))
    if check_finite:
        np.asarray_chkfinite(raw(a)), np.asarray_chkfinite(raw(b))
    if trans not in (0, "N"):
        a, lower = a.mT, not lower
    if trans in (2, "C"):
        a = np.conjugate(a)
    if b.ndim == 1:
        return triangular(a, b[:, None], lower, unit_diagonal)[..., 0]
    return triangular(a, b, lower, unit_diagonal)
