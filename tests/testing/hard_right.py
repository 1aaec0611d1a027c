"""Right gradients of hard functions: none of them may be called wrong, few may be left without a verdict.

Each is within a millionth of the true one (float32 and float16: within some units of their rounding), which
``python tests/testing/hard.py exact`` computes with 80 digits or by a formula.
"""

import math

import numpy as np
import scipy.integrate
import scipy.linalg
import scipy.optimize
from hard_case import Case, array_of, draws, elementwise, exact, matrix_of

from autograd_nn import functional as F  # noqa: N812
from autograd_nn import special

RIGHT: list[Case] = []
A = np.array


def right(kind, name, f, *args, **more):
    RIGHT.append(Case(name, kind, f, args, **more))


def normal(name, *shape, scale=1.0, dtype=float):
    return np.asarray(scale * draws(name).normal(size=shape), dtype)


def positive(name, *shape, low=0.1, width=1.0, dtype=float):
    return np.asarray(low + width * draws(name).random(shape), dtype)


def norm(x):
    return np.sqrt(np.sum(x * x))


def relu_exactly(x):
    return np.maximum(x, 0)


# Kinks nearby -----------------------------------------------------------------------------------------

OFFSETS = [1e-3, 1e-5, 1e-7, 1e-9]

for off in OFFSETS:
    kind = "kink nearby"
    right(kind, f"abs of x - 1, {off:g} above", lambda x: np.abs(x - 1), 1 + off)
    right(kind, f"abs of x - 1, {off:g} below", lambda x: np.abs(x - 1) * x, A([1 - off, 0.3]))
    right(
        kind,
        f"relu of x - 3, {off:g}",
        lambda x: F.relu(x - 3),
        A([3 + 3 * off, 3 - 3 * off, 5]),
        exact=lambda x: np.maximum(x - 3, 0),
    )
    right(kind, f"maximum of two, {off:g}", np.maximum, A([2.0, -1.0]), A([2.0 * (1 + off), -1.0 - off]))
    right(
        kind,
        f"minimum of two, {off:g}",
        lambda x, y: np.minimum(x, y) * y,
        A([2.0, -1.0]),
        A([2.0 * (1 + off), -1.0 - off]),
    )
    right(kind, f"clip, {off:g} inside", lambda x: np.clip(x, -1, 1), A([1 - off, -1 + off, 0.2]))
    right(kind, f"clip, {off:g} outside", lambda x: np.clip(x, -1, 1), A([1 + off, -1 - off, 0.2]))
    right(
        kind,
        f"hinge, {off:g} from the margin",
        lambda w, x: np.sum(np.maximum(0, 1 - x @ w)),
        A([0.5, 0.25]),
        A([[1.0, 2 - 4 * off], [0.3, 0.7], [1.0, 2 + 4 * off]]),
    )
    right(kind, f"max of near ties, {off:g}", lambda x: np.max(x, axis=0), A([[1.0, 2.0], [1 + off, 2 - 2 * off]]))
    right(kind, f"sort of near ties, {off:g}", lambda x: np.sort(x) * A([1.0, 2.0, 3.0]), A([1.0, 1 + off, 1 - off]))

right(
    "kink nearby",
    "leaky relu of a tiny number",
    F.leaky_relu,
    A([1e-9, -1e-9, 1.0]),
    exact=lambda x: np.where(x > 0, x, exact.mpf(0.01) * x),
)
right(
    "kink nearby",
    "median of near ties",
    lambda x: np.median(x),
    A([1.0, 1 + 1e-7, 1 - 1e-7, 5, -5]),
    exact=lambda x: np.sort(x)[2],
)
right(
    "kink nearby",
    "norm of x - a",
    lambda x: np.linalg.norm(x - A([1.0, 2.0])),
    A([1 + 1e-6, 2 - 1e-6]),
    exact=lambda x: norm(x - A([1.0, 2.0])),
)
right("kink nearby", "root of x - 1", lambda x: np.sqrt(x - 1), A([1 + 1e-8, 1 + 1e-4]))
right("kink nearby", "cube root of abs", lambda x: np.abs(x - 1) ** 0.5, A([1 + 1e-6, 1 - 1e-5]))
right(
    "kink nearby",
    "layers of relu",
    lambda x, w: F.relu(F.relu(x @ w) @ w),
    A([[1.0, -1 + 1e-7]]),
    A([[1.0, 0.5], [1.0, -0.5]]),
    exact=lambda x, w: relu_exactly(relu_exactly(x @ w) @ w),
)


# Plateaus ---------------------------------------------------------------------------------------------


def sigmoid_exactly(x):
    return 1 / (1 + np.exp(-x))


def softplus_exactly(x):
    return np.log(1 + np.exp(x))


def softmax_exactly(x):
    e = np.exp(x)
    return e / np.sum(e, axis=-1, keepdims=True)


def log_softmax_exactly(x):
    return x - np.log(np.sum(np.exp(x), axis=-1, keepdims=True))


erf_exactly, erfc_exactly = elementwise(exact.erf), elementwise(exact.erfc)
root_half = exact.sqrt(exact.mpf(1) / 2)

for at in (-700.0, -40.0, -10.0, 10.0, 16.0):
    right("plateau", f"sigmoid at {at:g}", F.sigmoid, at, exact=sigmoid_exactly)
    right("plateau", f"softplus at {at:g}", F.softplus, at, exact=softplus_exactly)
for at in (3.0, -7.0, 9.0):
    right("plateau", f"tanh at {at:g}", np.tanh, A([at, at + 0.1]))
for at in (2.0, 4.0, 6.0, -5.0):
    right("plateau", f"erf at {at:g}", special.erf, at, exact=erf_exactly)
for at in (1.0, 5.0, 10.0, 25.0):
    right("plateau", f"erfc at {at:g}", special.erfc, at, exact=erfc_exactly)
right("plateau", "sigmoid at 16 and 0", F.sigmoid, A([16.0, 0.1]), exact=sigmoid_exactly)
right("plateau", "log sigmoid far out", F.log_sigmoid, A([-50.0, 20.0, 30.0]), exact=lambda x: -softplus_exactly(-x))
right("plateau", "gelu far out", F.gelu, A([-8.0, 8.0, -5.0]), exact=lambda x: x / 2 * erfc_exactly(-x * root_half))
right("plateau", "silu far out", F.silu, A([-40.0, 40.0]), exact=lambda x: x * sigmoid_exactly(x))
right("plateau", "softmax with one winner", F.softmax, A([0.0, 20.0, -5.0]), exact=softmax_exactly)
right(
    "plateau",
    "log of the normal tail",
    special.log_ndtr,
    A([-30.0, -5.0, 3.0]),
    exact=lambda x: np.log(erfc_exactly(-x * root_half) / 2),
)
right("plateau", "arctan far out", np.arctan, A([1e8, -1e5]))
right("plateau", "softsign far out", F.softsign, A([1e7, -1e4]), exact=lambda x: x / (1 + np.abs(x)))
right("plateau", "Gaussian tail", lambda x: np.exp(-x * x), A([6.0, -10.0, 20.0]))
right(
    "plateau",
    "logsumexp of far apart",
    lambda x: F.logsumexp(x),
    A([0.0, 30.0, -30.0]),
    exact=lambda x: np.log(np.sum(np.exp(x))),
)
right(
    "plateau",
    "cross entropy of a sure answer",
    lambda x: F.cross_entropy(x, A([1])),
    A([[0.0, 20.0, -3.0]]),
    exact=lambda x: -log_softmax_exactly(x)[0, 1],
)
right("plateau", "eighth power below one", lambda x: 1 / (1 + x**8), A([100.0, 0.01, 1.1]))
right("plateau", "exp of -1/x", lambda x: np.exp(-1 / x), A([0.01, 0.002]))
right("plateau", "mish far out", F.mish, A([-30.0, 25.0]), exact=lambda x: x * np.tanh(softplus_exactly(x)))
right("plateau", "elu far out", F.elu, A([-30.0, -5.0]), exact=lambda x: np.exp(x) - 1)
right("plateau", "saturated network", lambda x, w: np.tanh(x @ w), A([[5.0, -4.0]]), A([[1.0, 0.5], [-1.0, 0.1]]))


# Oscillation ------------------------------------------------------------------------------------------

K = np.arange(1.0, 101.0)

for frequency in (1e3, 1e5, 1e8):
    right("oscillation", f"sine of {frequency:g} x", lambda x, k=frequency: np.sin(k * x), A([0.7, 1.3]))
    right("oscillation", f"chirp of {frequency:g} x^2", lambda x, k=frequency: np.cos(k * x * x), A([0.7, 0.01]))
    right("oscillation", f"sine of 1/x at {1 / frequency:g}", lambda x: np.sin(1 / x), 1 / frequency)
    right("oscillation", f"x with a ripple of {frequency:g}", lambda x, k=frequency: x + 1e-3 * np.sin(k * x), 0.4)
    right(
        "oscillation",
        f"square with a small ripple of {frequency:g}",
        lambda x, k=frequency: x * x + np.sin(k * x) / k,
        A([0.4, 2.0]),
    )
right("oscillation", "Fourier series of 100 terms", lambda x: np.sum(np.sin(K * x) / K), 0.3)
right("oscillation", "Weierstrass, 8 terms", lambda x: sum(0.5**k * np.cos(7.0**k * x) for k in range(8)), 0.3)
right("oscillation", "j0 at 100", special.j0, A([100.0, 3.0]), exact=elementwise(lambda x: exact.besselj(0, x)))
right("oscillation", "j1 at 1e3", special.j1, 1000.0, exact=elementwise(lambda x: exact.besselj(1, x)))
right(
    "oscillation",
    "jv of order 3",
    lambda x: special.jv(3, x),
    A([50.0, 0.5]),
    exact=elementwise(lambda x: exact.besselj(3, x)),
)
right("oscillation", "y0 at 30", special.y0, A([30.0, 0.1]), exact=elementwise(lambda x: exact.bessely(0, x)))
right("oscillation", "sinc far out", lambda x: np.sin(x) / x, A([1e4, 12.0]))
right("oscillation", "damped", lambda x: np.exp(-x) * np.cos(50 * x), A([0.1, 3.0, 20.0]))
right("oscillation", "Chebyshev of degree 50", lambda x: np.cos(50 * np.arccos(x)), A([0.3, -0.9]))
right("oscillation", "beat", lambda x: np.cos(x) * np.cos(1.01 * x), A([1e3, 2.0]))
right("oscillation", "random features", lambda x, w: np.cos(x @ w), A([0.5, -0.3]), normal("features", 2, 4, scale=1e3))
right("oscillation", "sine of exp at 8", lambda x: np.sin(np.exp(x)), A([8.0, 1.0]))


def logistic_map(x):
    for _ in range(15):
        x = 3.9 * x * (1 - x)
    return x


def legendre(x):
    before, p = 1.0, x
    for n in range(1, 30):
        before, p = p, ((2 * n + 1) * x * p - n * before) / (n + 1)
    return p


right("oscillation", "logistic map, 15 times", logistic_map, A([0.3, 0.71]))
right("oscillation", "Legendre of degree 30", legendre, A([0.3, -0.95]))
right("oscillation", "sin of 1e3 x in a mean", lambda x: np.mean(np.sin(1e3 * x)), normal("many sines", 30))


# Scales -----------------------------------------------------------------------------------------------

for s in (1e-12, 1e-6, 1e6, 1e12):
    right("scale", f"square at {s:g}", lambda x: x * x, s * A([1.0, -0.3]))
    right("scale", f"sine times {s:g}", lambda x, s=s: s * np.sin(x), A([0.4, 2.0]))
    right("scale", f"sine of x / {s:g}", lambda x, s=s: np.sin(x / s), s * A([0.4, 2.0]))
    right("scale", f"x * {s:g} + 1", lambda x, s=s: np.exp(x) * s + s, A([1.0, -2.0]))
    right("scale", f"product with {s:g}", lambda x, y: x * y, s * A([1.0, 2.0]), A([3.0, -4.0]) / s)
for s in (1e-12, 1e-6, 1e-3):
    right("scale", f"softmax at {s:g}", F.softmax, s * A([1.0, 2.0, -1.0]), exact=softmax_exactly)
right("scale", "sum of squares of millions and millionths", lambda x: np.sum(x * x), A([1e6, 1e-6]))
right("scale", "beside 1e17", lambda x: np.hstack([1e17 * np.ones(1), x]), A([0.5, 2.0]))
right("scale", "over 1e17", lambda x: 1e17 + x, A([0.5, 2.0]))
right("scale", "square of mixed", lambda x: x**2, A([1e-12, 1.0, 1e12]))
right("scale", "square of millions and millionths", lambda x: x**2, A([1e6, 1e-6]))
right("scale", "sum of squares of mixed", lambda x: np.sum(x**2), A([1e-3, 1.0, 1e3]))
right("scale", "product of mixed", np.prod, A([1e-12, 1e12, 3.0, 1e6]))
right("scale", "log of mixed", np.log, A([1e-12, 1.0, 1e12]))
right("scale", "root of mixed", np.sqrt, A([1e-12, 1.0, 1e12]))
right("scale", "reciprocal of mixed", lambda x: 1 / x, A([1e-12, 1.0, 1e12]))
right("scale", "matmul of mixed rows", np.matmul, A([[1e-9, 1e9], [1.0, 1e-3]]), A([[1e3, 2.0], [1e-6, 1e-12]]))
right("scale", "hypot of mixed", np.hypot, 1e-3, 1e3)
right("scale", "quotient of extremes", lambda x, y: x / y, A([1e-12, 1e12]), A([1e12, 1e-12]))
right("scale", "cube of 1e100", lambda x: x**3, A([1e100, 1e-100]))
right("scale", "exp of x of large offset", lambda x: np.exp(x - 1e6), A([1e6 + 1.0, 1e6 - 2.0]))
right("scale", "value over a large constant", lambda x: np.sin(x) + 1e6, A([0.4, 2.0]))
right("scale", "slopes of mixed scales", lambda x: np.sin(x) * A([1e-12, 1.0, 1e12]), A([0.4, 2.0, 3.0]))
right("scale", "outputs of mixed scales", lambda x: x * A([1e-6, 1e6]), 0.7)
right("scale", "kinetic energy", lambda m, v: np.sum(m * v * v) / 2, A([9.1e-31, 1.7e-27]), A([2e6, 3e3]))
right("scale", "Planck", lambda t: 1 / np.expm1(6.6e-34 * 5e14 / (1.4e-23 * t)), A([300.0, 6000.0]))


# Near-singular algebra --------------------------------------------------------------------------------


def conditioned(n, condition, symmetric=False):
    """A matrix with singular values from 1 down to 1 / condition."""
    rng = draws(f"matrix {n} {condition}")
    q, r = (np.linalg.qr(rng.normal(size=(n, n)))[0] for _ in range(2))
    d = np.logspace(0, -np.log10(condition), n)
    a = (q * d) @ (q if symmetric else r).T
    return (a + a.T) / 2 if symmetric else a


def inv_exactly(a):
    return array_of(matrix_of(a) ** -1)


def solve_exactly(a, b):
    return np.ravel(array_of(exact.lu_solve(matrix_of(a), matrix_of(b))))


def det_exactly(a):
    return exact.det(matrix_of(a))


def cholesky_exactly(a):
    return array_of(exact.cholesky((matrix_of(a) + matrix_of(a).T) / 2))


def lower_half(f):
    """Of a symmetric matrix, as LAPACK does: what is read is the lower half."""
    return lambda a: f(np.tril(a) + np.tril(a, -1).T)


def symmetric(f):
    """A function of a symmetric matrix, of any matrix: its symmetric part."""
    return lambda a: f((a + a.T) / 2)


def eigenvalues_exactly(a):
    return np.sort(np.ravel(array_of(exact.eigsy(matrix_of(a), eigvals_only=True))))


def projector(a):
    v = np.linalg.eigh(a)[1][:, 0]
    return v[:, None] * v[None, :]


def projector_exactly(a):
    values, vectors = exact.eigsy(matrix_of(a))
    order = np.argsort(np.ravel(array_of(values)))
    v = array_of(vectors)[:, order[0]]
    return v[:, None] * v[None, :]


def singular_values_exactly(a):
    return np.sort(np.ravel(array_of(exact.svd_r(matrix_of(a), compute_uv=False))))[::-1]


def pinv_exactly(a):
    return inv_exactly(a.T @ a) @ a.T


B = A([0.3, -1.2, 0.8])

for condition in (1e2, 1e4, 1e6, 1e8, 1e10):
    a, s = conditioned(3, condition), conditioned(3, condition, symmetric=True)
    tall = np.vstack([a, a[:1] - a[1:2]])
    c = f"condition {condition:g}"
    if condition < 1e10:
        right("near singular", f"inv, {c}", np.linalg.inv, a, exact=inv_exactly)
        right("near singular", f"solve, {c}", np.linalg.solve, a, B, exact=solve_exactly)
        right(
            "near singular",
            f"quadratic form of inv, {c}",
            lambda a, b: b @ np.linalg.solve(a, b),
            s,
            B,
            exact=lambda a, b: b @ solve_exactly(a, b),
        )
    right("near singular", f"det, {c}", np.linalg.det, a, exact=det_exactly)
    right(
        "near singular",
        f"slogdet, {c}",
        lambda a: np.linalg.slogdet(a)[1],
        a,
        exact=lambda a: exact.log(abs(det_exactly(a))),
    )
    right("near singular", f"eigenvalues, {c}", symmetric(np.linalg.eigvalsh), s, exact=symmetric(eigenvalues_exactly))
    if condition < 1e8:
        right("near singular", f"cholesky, {c}", symmetric(np.linalg.cholesky), s, exact=cholesky_exactly)
        right("near singular", f"pinv, {c}", np.linalg.pinv, tall, exact=pinv_exactly)
        right(
            "near singular",
            f"singular values, {c}",
            lambda a: np.linalg.svd(a, compute_uv=False),
            a,
            exact=singular_values_exactly,
        )
        right(
            "near singular",
            f"least squares, {c}",
            lambda a, b: np.linalg.lstsq(a, b)[0],
            tall,
            A([*B, 0.1]),
            exact=lambda a, b: pinv_exactly(a) @ b,
        )

Q = np.linalg.qr(draws("orthogonal").normal(size=(3, 3)))[0]
for gap in (1e-2, 1e-4, 1e-6):
    close = (Q * A([1.0, 1 + gap, 2.0])) @ Q.T
    close = (close + close.T) / 2
    right(
        "near singular",
        f"close eigenvalues, {gap:g} apart",
        symmetric(np.linalg.eigvalsh),
        close,
        exact=symmetric(eigenvalues_exactly),
    )
    right(
        "near singular",
        f"projector on one of {gap:g} apart",
        symmetric(projector),
        close,
        exact=symmetric(projector_exactly),
    )
for n in (3, 4, 5):
    hilbert = scipy.linalg.hilbert(n)
    right("near singular", f"Hilbert of {n}", np.linalg.solve, hilbert, np.ones(n), exact=solve_exactly)


# Noise of iterative solvers ---------------------------------------------------------------------------
# The gradients are those of the implicit function theorem. Where a solver's tolerance makes them inexact by more than
# 1e-9 of themselves, the check is told so by rtol.

TINY = exact.mpf(10) ** -75


def fixed_point(a, tolerance):
    x = a * 0 + 0.5
    for _ in range(10_000):
        x, before = np.cos(a * x), x
        if np.max(np.abs(x - before)) <= tolerance:
            break
    return x


def fixed_point_rule(tolerance):
    def rule(g, a):
        x = fixed_point(a, tolerance)
        s = np.sin(a * x)
        return (-g * s * x / (1 + a * s),)

    return rule


def kepler(m, e, tolerance):
    x = m
    for _ in range(100):
        step = (x - e * np.sin(x) - m) / (1 - e * np.cos(x))
        x = x - step
        if np.max(np.abs(step)) <= tolerance:
            break
    return x


def kepler_rule(tolerance):
    def rule(g, m, e):
        x = kepler(m, e, tolerance)
        slope = g / (1 - e * np.cos(x))
        return slope, np.sum(slope * np.sin(x))

    return rule


def babylonian(x, tolerance):
    y = (1 + x) / 2
    while np.max(np.abs(y * y - x) / x) > tolerance:
        y = (y + x / y) / 2
    return y


def bisection(a, tolerance):
    """The x with x + x^3 = a between 0 and 2."""
    low, high = a * 0, a * 0 + 2
    while np.max(high - low) > tolerance:
        x = (low + high) / 2
        above = x + x**3 > a
        low, high = np.where(above, low, x), np.where(above, x, high)
    return (low + high) / 2


def bisection_rule(tolerance):
    return lambda g, a: (g / (1 + 3 * bisection(a, tolerance) ** 2),)


def cubic_root(a, tolerance=TINY):
    x = a / 2
    for _ in range(200):
        step = (x + x**3 - a) / (1 + 3 * x * x)
        x = x - step
        if np.max(np.abs(step)) <= tolerance:
            break
    return x


def equilibrium(w, x, tolerance):
    z = np.tanh(x)
    for _ in range(10_000):
        z, before = np.tanh(w @ z + x), z
        if np.max(np.abs(z - before)) <= tolerance:
            break
    return z


def equilibrium_rule(tolerance):
    def rule(g, w, x):
        z = equilibrium(w, x, tolerance)
        d = 1 - z * z
        u = np.linalg.solve((np.eye(len(z)) - d[:, None] * w).T, g) * d
        return np.outer(u, z), u

    return rule


def conjugate_gradients(a, b, tolerance):
    a, x, r = (a + a.T) / 2, b * 0, b
    p = r
    for _ in range(100):
        ap = a @ p
        alpha = (r @ r) / (p @ ap)
        x, r, before = x + alpha * p, r - alpha * ap, r
        if norm(r) <= tolerance:
            break
        p = r + (r @ r) / (before @ before) * p
    return x


def conjugate_gradients_rule(tolerance):
    def rule(g, a, b):
        u = np.linalg.solve(a, g)
        slope = -np.outer(u, conjugate_gradients(a, b, tolerance))
        return (slope + slope.T) / 2, u

    return rule


def gauss_seidel(a, b, tolerance):
    x = b * 0
    for _ in range(1000):
        before = x
        for k in range(len(b)):
            x = np.where(np.arange(len(b)) == k, (b[k] - a[k] @ x + a[k, k] * x[k]) / a[k, k], x)
        if np.max(np.abs(x - before)) <= tolerance:
            break
    return x


def gauss_seidel_rule(tolerance):
    def rule(g, a, b):
        u = np.linalg.solve(a.T, g)
        return -np.outer(u, gauss_seidel(a, b, tolerance)), u

    return rule


def power_iteration(a, tolerance):
    """The largest eigenvalue of the symmetric part."""
    a, v, value = (a + a.T) / 2, np.ones(len(a)), 0.0
    for _ in range(10_000):
        u = a @ v
        value, before = (v @ u) / (v @ v), value
        v = u / norm(u)
        if abs(value - before) <= tolerance:
            break
    return value


def power_iteration_rule(tolerance):
    def rule(g, a):
        v = np.linalg.eigh(a)[1][:, -1]
        return (g * np.outer(v, v),)

    return rule


def lambert(x, tolerance):
    w = np.log(1 + x)
    for _ in range(100):
        step = (w * np.exp(w) - x) / (np.exp(w) * (w + 1))
        w = w - step
        if np.max(np.abs(step)) <= tolerance:
            break
    return w


def lambert_rule(tolerance):
    def rule(g, x):
        w = lambert(x, tolerance)
        return (g / (np.exp(w) * (1 + w)),)

    return rule


def exp_series(x, tolerance):
    total = term = x * 0 + 1
    for k in range(1, 1000):
        term = term * x / k
        total = total + term
        if np.max(np.abs(term)) <= tolerance:
            break
    return total


def adaptive_decay(a, tolerance):
    """y(1) of y' = -a y + sin(3 t), y(0) = 1, by Bogacki's and Shampine's method with steps as large as allowed."""
    t, y, h = 0.0, 1.0, 0.1

    def slope(t, y):
        return -a * y + math.sin(3 * t)

    while t < 1:
        h = min(h, 1 - t)
        k1 = slope(t, y)
        k2 = slope(t + h / 2, y + h / 2 * k1)
        k3 = slope(t + 3 * h / 4, y + 3 * h / 4 * k2)
        third = y + h * (2 * k1 + 3 * k2 + 4 * k3) / 9
        k4 = slope(t + h, third)
        second = y + h * (7 * k1 + 6 * k2 + 8 * k3 + 3 * k4) / 24
        error = abs(third - second)
        if error <= tolerance:
            t, y = t + h, third
        h *= min(4.0, max(0.2, 0.9 * float(tolerance / max(error, 1e-300)) ** (1 / 3)))
    return y


def decay_exactly(a):
    def y(a):
        return exact.exp(-a) * (1 + 3 / (a * a + 9)) + (a * exact.sin(3) - 3 * exact.cos(3)) / (a * a + 9)

    return elementwise(y)(a)


def decay_rule(g, a):
    d = a * a + 9
    e, s, c = math.exp(-a), math.sin(3), math.cos(3)
    return (g * (-e * (1 + 3 / d) - e * 6 * a / d**2 + s / d - 2 * a * (a * s - 3 * c) / d**2),)


def quadrature(a, tolerance):
    return scipy.integrate.quad(lambda t: math.exp(-a * t) * math.cos(5 * t), 0, 1, epsabs=tolerance, epsrel=0)[0]


def quadrature_exactly(a):
    def area(a):
        z = exact.mpc(-a, 5)
        return ((exact.exp(z) - 1) / z).real

    return elementwise(area)(a)


def quadrature_rule(tolerance):
    def rule(g, a):
        slope = scipy.integrate.quad(lambda t: -t * math.exp(-a * t) * math.cos(5 * t), 0, 1, epsabs=1e-13, epsrel=0)
        return (g * slope[0],)

    return rule


def simulated(x, n):
    """A mean over random numbers, which are the same in every call."""
    z = np.random.default_rng(7).normal(size=n)
    return np.mean(np.exp(x[0] * z) * np.cos(x[1] + z))


def simulated_slopes(n):
    def slopes(w, x):
        z = np.random.default_rng(7).normal(size=n).astype(np.longdouble)
        e, c, s = np.exp(x[0] * z), np.cos(x[1] + z), np.sin(x[1] + z)
        return (w * A([np.mean(z * e * c), -np.mean(e * s)]),)

    return slopes


DOMINANT = A([[4.0, 1.0, 0.5], [1.0, 5.0, -1.0], [0.5, -1.0, 6.0]])
MIXING = A([[0.3, -0.2], [0.1, 0.4]])


def solver(name, at, rules, args, tolerance, loose=1e-9, exactly=None):
    right(
        "solver",
        f"{name}, tolerance {tolerance:g}",
        lambda *args: at(*args, tolerance),
        *args,
        rule=rules(tolerance),
        exact=exactly or (lambda *args: at(*args, TINY)),
        options={"rtol": loose} if loose != 1e-9 else {},
    )


for tolerance in (1e-6, 1e-8, 1e-10):
    loose = max(10 * tolerance, 1e-9)
    solver("fixed point", fixed_point, fixed_point_rule, (A([0.5, 0.9]),), tolerance, loose)
    solver("Kepler", kepler, kepler_rule, (A([0.7, 2.0]), 0.3), tolerance)
    solver(
        "root by Newton",
        babylonian,
        lambda t: lambda g, x: (g / (2 * babylonian(x, t)),),
        (A([2.0, 0.3]),),
        tolerance,
        loose,
    )
    solver("bisection", bisection, bisection_rule, (A([1.3, 0.7]),), tolerance, loose, cubic_root)
    solver("equilibrium", equilibrium, equilibrium_rule, (MIXING, A([0.5, -0.3])), tolerance, loose)
    solver("conjugate gradients", conjugate_gradients, conjugate_gradients_rule, (DOMINANT, B), tolerance)
    solver("Gauss-Seidel", gauss_seidel, gauss_seidel_rule, (DOMINANT, B), tolerance, loose, solve_exactly)
    solver(
        "power iteration",
        power_iteration,
        power_iteration_rule,
        (DOMINANT,),
        tolerance,
        loose,
        lambda a: eigenvalue_by_newton(a),
    )
    solver("Lambert's W", lambert, lambert_rule, (A([0.5, 20.0]),), tolerance)
    solver(
        "series of exp", exp_series, lambda t: lambda g, x: (g * exp_series(x, t),), (A([0.5, -1.5]),), tolerance, loose
    )
    solver("adaptive steps", adaptive_decay, lambda t: decay_rule, (0.8,), tolerance, 10 * loose, decay_exactly)
    solver("quadrature", quadrature, quadrature_rule, (1.3,), tolerance, loose, quadrature_exactly)


def eigenvalue_by_newton(a):
    """The largest root of the characteristic polynomial of the symmetric part, 3 by 3, from above."""
    a = (a + a.T) / 2
    trace = a[0, 0] + a[1, 1] + a[2, 2]
    minors = (trace * trace - np.sum(a * a.T)) / 2
    d = det_exactly(a)
    x = exact.mpf(20)
    for _ in range(60):
        x = x - (((x - trace) * x + minors) * x - d) / ((3 * x - 2 * trace) * x + minors)
    return x


right(
    "solver",
    "brentq",
    lambda a: scipy.optimize.brentq(lambda x: x + x**3 - float(a), 0, 2, xtol=1e-10),
    1.3,
    rule=lambda g, a: (g / (1 + 3 * scipy.optimize.brentq(lambda x: x + x**3 - float(a), 0, 2, xtol=1e-13) ** 2),),
    exact=cubic_root,
)
for n in (100, 10_000):
    right(
        "solver", f"Monte Carlo, {n} draws", lambda x, n=n: simulated(x, n), A([0.5, 0.3]), slopes=simulated_slopes(n)
    )


# Long sums --------------------------------------------------------------------------------------------
# Large arrays are made when they are asked for. Formulas in longdouble say what is true.


def long_sum(name, f, slopes, *args):
    right("long sum", name, f, *args, slopes=slopes)


def wide(x):
    return np.asarray(x, np.longdouble)


def many(name, n, scale=1.0, shift=0.0):
    return lambda: shift + scale * draws(name).normal(size=n)


def logsumexp_slopes(w, x):
    e = np.exp(wide(x) - x.max())
    return (w * e / e.sum(),)


def variance_slopes(w, x):
    x = wide(x)
    return (w * 2 * (x - x.mean()) / x.size,)


def softmax_rows(x):
    e = np.exp(wide(x) - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


for n in (100_000, 1_000_000):
    T = np.linspace(0, 1, n)
    SIGNS = np.where(np.arange(n) % 2, -1.0, 1.0)
    long_sum(f"sum of {n:,} sines", lambda x: np.sum(np.sin(x)), lambda w, x: (w * np.cos(wide(x)),), many("sines", n))
    long_sum(
        f"mean of {n:,} squares", lambda x: np.mean(x * x), lambda w, x: (w * 2 * wide(x) / x.size,), many("squares", n)
    )
    long_sum(f"logsumexp of {n:,}", F.logsumexp, logsumexp_slopes, many("logsumexp", n))
    long_sum(
        f"norm of {n:,}", np.linalg.norm, lambda w, x: (w * wide(x) / np.sqrt((wide(x) ** 2).sum()),), many("norm", n)
    )
    long_sum(
        f"alternating sum of {n:,}",
        lambda x, s=SIGNS: np.sum(s * np.exp(x)),
        lambda w, x, s=SIGNS: (w * s * np.exp(wide(x)),),
        many("alternating", n, 1e-3),
    )
    long_sum(
        f"decay at {n:,} times",
        lambda a, t=T: np.sum(np.exp(-a * t)),
        lambda w, a, t=T: (w * np.sum(-t * np.exp(-a * wide(t))),),
        0.7,
    )
    long_sum(f"variance of {n:,}", np.var, variance_slopes, many("variance", n, 1.0, 3.0))
    long_sum(f"dot of {n:,}", lambda x, t=T: x @ t, lambda w, x, t=T: (w * t,), many("dot", n))
long_sum(
    "cumulative sum of 100,000",
    lambda x: np.cumsum(x)[-1],
    lambda w, x: (np.full(x.shape, w),),
    many("cumsum", 100_000),
)
long_sum(
    "regression of 100,000 rows",
    lambda b: np.mean((REGRESSORS @ b - 1) ** 2),
    lambda w, b: (w * 2 * wide(REGRESSORS).T @ (wide(REGRESSORS) @ b - 1) / len(REGRESSORS),),
    A([0.3, -0.2, 1.0]),
)
long_sum(
    "cross entropy of 10,000 rows",
    lambda x: F.cross_entropy(x, LABELS),
    lambda w, x: (w * (softmax_rows(x) - np.eye(10)[LABELS]) / len(x),),
    lambda: draws("logits").normal(size=(10_000, 10)),
)
long_sum(
    "matrix of 300 x 300 squared",
    lambda x: np.sum(x @ x),
    lambda w, x: (w * (wide(x).sum(axis=1)[None, :] + wide(x).sum(axis=0)[:, None]),),
    lambda: draws("square").normal(size=(300, 300)),
)
long_sum(
    "zeta of 100,000 terms",
    lambda s: np.sum(NUMBERS**-s),
    lambda w, s: (w * np.sum(-np.log(wide(NUMBERS)) * wide(NUMBERS) ** -s),),
    1.5,
)
long_sum(
    "mean far from 0",
    lambda x: np.mean(x) * 2,
    lambda w, x: (np.full(x.shape, 2 * w / x.size),),
    many("far", 100_000, 1.0, 1e6),
)

REGRESSORS = draws("regression").normal(size=(100_000, 3))
LABELS = draws("labels").integers(10, size=10_000)
NUMBERS = np.arange(1.0, 100_001.0)


# Low precision ----------------------------------------------------------------------------------------


def standardised(x):
    x = x - np.mean(x, axis=-1, keepdims=True)
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + 1e-5)


for dtype in (np.float32, np.float16):
    n = np.dtype(dtype).name
    x, m = normal("low", 5, dtype=dtype), normal("low matrix", 3, 3, dtype=dtype)
    p = positive("low positive", 4, dtype=dtype)
    for label, f, args, exactly in [
        ("exp", np.exp, (x,), None),
        ("sine", np.sin, (3 * x,), None),
        ("tanh", np.tanh, (x,), None),
        ("softmax", F.softmax, (m,), softmax_exactly),
        ("log softmax", F.log_softmax, (m,), log_softmax_exactly),
        ("matmul", np.matmul, (m, m + dtype(0.5)), None),
        ("norm", np.linalg.norm, (x,), norm),
        ("logsumexp", F.logsumexp, (x,), lambda x: np.log(np.sum(np.exp(x)))),
        ("standard deviation", np.std, (x,), lambda x: np.sqrt(np.mean((x - np.mean(x)) ** 2))),
        ("log of small", np.log, (p / dtype(100),), None),
        ("root", np.sqrt, (p,), None),
        ("layer norm", lambda x: F.layer_norm(x, 3), (m,), standardised),
        ("cumulative sum", np.cumsum, (x,), None),
        ("sigmoid", F.sigmoid, (3 * x,), sigmoid_exactly),
        ("relu", F.relu, (x,), relu_exactly),
        ("product", np.prod, (p,), None),
    ]:
        right("low precision", f"{label} in {n}", f, *args, exact=exactly, floor=20 * float(np.finfo(dtype).eps))
right(
    "low precision",
    "inv in float32",
    np.linalg.inv,
    (np.eye(3) + 0.1 * normal("inv32", 3, 3)).astype(np.float32),
    exact=inv_exactly,
)
right(
    "low precision",
    "sum of 10,000 in float32",
    lambda x: np.sum(np.sin(x)),
    normal("sum32", 10_000, dtype=np.float32),
    slopes=lambda w, x: (w * np.cos(wide(x)),),
)


# Rounding inside --------------------------------------------------------------------------------------

for at in (1e-6, 1e-8, 1e-10, 1e-12, 1e-14, 1e-16):
    right("rounding inside", f"x + log(1 + x) at {at:g}", lambda x: x + np.log(1 + x), at)
    right("rounding inside", f"(1 + x) - 1 at {at:g}", lambda x: (1 + x) - 1, at)
    right("rounding inside", f"exp(x) - 1 at {at:g}", lambda x: np.exp(x) - 1, A([at, -2 * at]))
for at in (1e-2, 1e-4, 1e-5, 1e-6, 1e-8):
    right("rounding inside", f"1 - cos(x) at {at:g}", lambda x: 1 - np.cos(x), at)
for mean in (1e3, 1e5, 1e7):
    right(
        "rounding inside",
        f"E[x^2] - E[x]^2 around {mean:g}",
        lambda x: np.mean(x * x) - np.mean(x) ** 2,
        mean + A([1.0, -2.0, 0.5, 3.0]),
    )
    right(
        "rounding inside",
        f"logsumexp shifted by {mean:g}",
        lambda x: np.log(np.sum(np.exp(x - np.max(x)))) + np.max(x),
        mean + A([1.0, -2.0, 0.5]),
    )
    right("rounding inside", f"(x + {mean:g}) - {mean:g}", lambda x, mean=mean: (np.sin(x) + mean) - mean, 0.3)
    right("rounding inside", f"roots' difference at {mean:g}", lambda x: np.sqrt(x + 1) - np.sqrt(x), mean)
for b in (1e2, 1e4, 1e6):
    right(
        "rounding inside",
        f"quadratic formula with b = {b:g}",
        lambda b, c: (-b + np.sqrt(b * b - 4 * c)) / 2,
        b,
        1.3,
        rule=lambda g, b, c: (
            (g * 2 * c / (np.sqrt(b * b - 4 * c) * (b + np.sqrt(b * b - 4 * c)))),
            -g / np.sqrt(b * b - 4 * c),
        ),
    )
right(
    "rounding inside",
    "(1 - cos x) / x^2 at 1e-3",
    lambda x: (1 - np.cos(x)) / x**2,
    1e-3,
    rule=lambda g, x: (g * (-x / 12 + x**3 / 180 - x**5 / 6720),),
)
right("rounding inside", "tan(x) - sin(x) at 1e-3", lambda x: np.tan(x) - np.sin(x), 1e-3)
right(
    "rounding inside",
    "(exp(x) - 1) / x at 1e-5",
    lambda x: (np.exp(x) - 1) / x,
    1e-5,
    rule=lambda g, x: (g * (1 / 2 + x / 3 + x * x / 8),),
)
right("rounding inside", "x - sin(x) at 1e-3", lambda x: x - np.sin(x), 1e-3)
right("rounding inside", "log(1 + exp(-x)) at 20", lambda x: np.log(1 + np.exp(-x)), 20.0)
right(
    "rounding inside",
    "Heron's needle",
    lambda a, b, c: (a + b + c) * (a + b - c) * (a - b + c) * (-a + b + c),
    1.0,
    1.0,
    1e-5,
)
right(
    "rounding inside",
    "log(x) / (x - 1) near 1",
    lambda x: np.log(x) / (x - 1),
    1 + 1e-4,
    rule=lambda g, x: (g * (-1 / 2 + 2 * (x - 1) / 3 - 3 * (x - 1) ** 2 / 4 + 4 * (x - 1) ** 3 / 5),),
)
right("rounding inside", "1/x - 1/(x + 1) at 1e6", lambda x: 1 / x - 1 / (x + 1), 1e6)
right("rounding inside", "mean removed twice", lambda x: (x - np.mean(x)) ** 3, 1e6 + A([1.0, 2.0, 5.0]))
right("rounding inside", "sin(x)^2 + cos(x)^2 + x/1e6", lambda x: np.sin(x) ** 2 + np.cos(x) ** 2 + x * 1e-6, 0.7)


# Domains ----------------------------------------------------------------------------------------------


def within(low, high, f, error=ValueError):
    """The function, which refuses what is not between these."""

    def guarded(x):
        if not np.all((low < x) & (x < high)):
            raise error(f"between {low} and {high} only")
        return f(x)

    return guarded


def by_math(f, slope, exactly=None):
    """A function of one number of the module math, and its rule by hand."""
    return {
        "f": lambda x: np.asarray(f(x)),
        "rule": lambda g, x: (g * slope(float(x)),),
        "exact": elementwise(exactly or getattr(exact, f.__name__)),
    }


def domain(name, f, *args, rule=None, exact=None, **more):
    right("domain", name, f, *args, rule=rule, exact=exact, **more)


for at in (1e-6, 1e-12, 3.0):
    RIGHT.append(Case(f"math.log at {at:g}", "domain", args=(at,), **by_math(math.log, lambda x: 1 / x)))
    RIGHT.append(Case(f"math.sqrt at {at:g}", "domain", args=(at,), **by_math(math.sqrt, lambda x: 0.5 / math.sqrt(x))))
    domain(f"positive only at {at:g}", within(0, np.inf, np.log), A([at, 2.0]))
for off in (1e-3, 1e-6, 1e-9):
    RIGHT.append(
        Case(
            f"math.acos {off:g} from 1",
            "domain",
            args=(1 - off,),
            **by_math(math.acos, lambda x: -1 / math.sqrt((1 - x) * (1 + x))),
        )
    )
    RIGHT.append(
        Case(
            f"math.acosh {off:g} from 1",
            "domain",
            args=(1 + off,),
            **by_math(math.acosh, lambda x: 1 / math.sqrt((x - 1) * (x + 1))),
        )
    )
    RIGHT.append(
        Case(
            f"math.atanh {off:g} from 1",
            "domain",
            args=(1 - off,),
            **by_math(math.atanh, lambda x: 1 / ((1 - x) * (1 + x))),
        )
    )
    domain(f"between 0 and 1, {off:g} from the end", within(0, 1, lambda x: x * np.log(x)), A([1 - off, 0.5]))
    domain(f"a band {off:g} wide", within(1, 1 + off, np.exp), 1 + off / 3)
    domain(
        f"smallest eigenvalue above 0, {off:g} from it",
        symmetric(lambda a: np.linalg.cholesky(a)),
        conditioned(3, 1 / off, True),
        exact=cholesky_exactly,
    )
RIGHT.append(Case("math.exp before it overflows", "domain", args=(708.5,), **by_math(math.exp, math.exp)))
RIGHT.append(Case("math.cosh before it overflows", "domain", args=(709.2,), **by_math(math.cosh, math.sinh)))
domain("its own exception", within(0, np.inf, np.sqrt, type("OutOfRange", (Exception,), {})), A([1e-9, 4.0]))
domain("an IndexError of a table", within(0, 3, lambda x: x**2, IndexError), A([3 - 1e-7, 1e-9]))
domain("an assertion", within(-1, 1, np.arctanh, AssertionError), A([1 - 1e-8, 0.0]), floor=1e-15)
domain(
    "log of det of a positive definite matrix",
    lambda a: 2 * np.sum(np.log(np.diagonal(np.linalg.cholesky((a + a.T) / 2)))),
    conditioned(3, 1e5, True),
    exact=lambda a: exact.log(det_exactly((a + a.T) / 2)),
)


# Second order -----------------------------------------------------------------------------------------


def second(name, f, *args, exact=None, **options):
    right("second order", f"{name}, second order", f, *args, exact=exact, options={"order": 2, **options})


second("softmax", F.softmax, normal("s1", 3), exact=softmax_exactly)
second("softmax of a matrix", F.softmax, normal("s2", 2, 3), exact=softmax_exactly)
second("softmax of hundredths", F.softmax, normal("s3", 3, scale=1e-2), exact=softmax_exactly)
second("softmax of millionths", F.softmax, normal("s4", 3, scale=1e-6), exact=softmax_exactly)
second("softmax of tens", F.softmax, normal("s5", 3, scale=5.0), exact=softmax_exactly)
second("log softmax", F.log_softmax, normal("s6", 3), exact=log_softmax_exactly)
second("log softmax of a matrix", F.log_softmax, normal("s7", 2, 3), exact=log_softmax_exactly)
second("log softmax of tens", F.log_softmax, normal("s8", 3, scale=10.0), exact=log_softmax_exactly)
second("norm", np.linalg.norm, normal("s9", 3), exact=norm)
second("norm of millionths", np.linalg.norm, normal("s10", 3, scale=1e-6), exact=norm)
second("norm of millions", np.linalg.norm, normal("s11", 3, scale=1e6), exact=norm)
second("logsumexp", F.logsumexp, normal("s12", 4), exact=lambda x: np.log(np.sum(np.exp(x))))
second("tanh", np.tanh, normal("s13", 3))
second("sigmoid", F.sigmoid, normal("s14", 3), exact=sigmoid_exactly)
second("softplus", F.softplus, normal("s15", 3), exact=softplus_exactly)
second("silu", F.silu, normal("s16", 3), exact=lambda x: x * sigmoid_exactly(x))
second("gelu", F.gelu, normal("s17", 3), exact=lambda x: x / 2 * erfc_exactly(-x * root_half))
second("layer norm", lambda x: F.layer_norm(x, 3), normal("s18", 2, 3), exact=standardised)
second(
    "cross entropy",
    lambda x: F.cross_entropy(x, A([0, 2])),
    normal("s19", 2, 3),
    exact=lambda x: -(log_softmax_exactly(x)[0, 0] + log_softmax_exactly(x)[1, 2]) / 2,
)
second("quotient", lambda x, y: x / y, normal("s20", 2), positive("s20", 2))
second("product", np.prod, normal("s21", 4))
second("inverse", np.linalg.inv, np.eye(2) + 0.2 * normal("s22", 2, 2), exact=inv_exactly)
second("standard deviation", np.std, normal("s23", 4), exact=lambda x: np.sqrt(np.mean((x - np.mean(x)) ** 2)))
second("hypot", np.hypot, normal("s24", 2), normal("s24b", 2))
second("x log x", lambda x: np.sum(x * np.log(x)), positive("s25", 3))
second(
    "two layers", lambda x, w, v: np.tanh(np.tanh(x @ w) @ v), normal("s26", 2), normal("s26w", 2, 2), normal("s26v", 2)
)


# True zeros -------------------------------------------------------------------------------------------


def zeros(name, f, *args, exact=None, floor=1e-14, **more):
    right("zeros", name, f, *args, exact=exact, floor=floor, **more)


zeros("x * 0", lambda x: x * 0, A([1.0, 2.0]))
zeros("x - x", lambda x: x - x, A([1.0, 2.0]))
zeros("a constant", lambda x: np.sum(0 * x) + 3, A([1.0, 2.0]))
zeros("sum of softmax", lambda x: np.sum(F.softmax(x)), A([1.0, 2.0, -0.5]), exact=lambda x: np.sum(softmax_exactly(x)))
zeros("sin^2 + cos^2", lambda x: np.sin(x) ** 2 + np.cos(x) ** 2, A([0.3, 2.0]))
zeros("cos at 0", np.cos, A([0.0, 1.0]))
zeros("square at 0", lambda x: x**2, A([0.0, 0.0]))
zeros("cube at 0", lambda x: x**3, A([0.0, 1.0]))
zeros("relu of all negative", F.relu, A([-1.0, -2.0]), exact=relu_exactly)
zeros("sum of what has no mean", lambda x: np.sum(x - np.mean(x)), A([1.0, 2.0, 4.0]))
zeros(
    "sum of layer norm",
    lambda x: np.sum(F.layer_norm(x, 3)),
    A([1.0, 2.0, 4.0]),
    exact=lambda x: np.sum(standardised(x)),
)
zeros("max of 100", np.max, normal("max", 100))
zeros("3 of 100", lambda x: x[A([3, 50, 99])] ** 2, normal("few", 100))
zeros("mask", lambda x: np.where(A([True, False, False, True]), x * x, 1.0), normal("mask", 4))
zeros("upper triangle", lambda x: np.triu(np.sin(x)), normal("triu", 4, 4))
zeros("trace", lambda x: np.trace(x @ x), np.diag([1.0, 2.0, 3.0]), exact=lambda x: np.sum(np.diagonal(x @ x)))
zeros("product with two zeros", np.prod, A([0.0, 0.0, 3.0]))
zeros("product with one zero", np.prod, A([0.0, 2.0, 3.0]))
zeros("clip far outside", lambda x: np.clip(x, -1, 1), A([5.0, -7.0, 0.5]))
zeros("scale does not matter", lambda x: x / np.sqrt(np.sum(x * x)), A([3.0, 0.0]))
zeros("multiplied by a zero array", lambda x, y: x * y, A([1.0, 2.0]), A([0.0, 0.0]))
zeros("exp of -1000", np.exp, A([-1000.0, 1.0]))
zeros("a stationary point", lambda x: (x - 1) ** 2 * (x + 2), A([1.0, 0.5]))
zeros(
    "det of rank 1",
    np.linalg.det,
    A([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 6.0, 9.0]]),
    exact=det_exactly,
    floor=1e-12,
)


# Steps elsewhere --------------------------------------------------------------------------------------


def steps(name, f, *args, **more):
    right("steps", name, f, *args, **more)


steps("x + floor(x)", lambda x: x + np.floor(x), A([0.5, 2.3, -1.7]))
steps("x * floor(x)", lambda x: x * np.floor(x), A([1.5, 2.3, -1.7]))
steps("x * floor(x) near a step", lambda x: x * np.floor(x), A([2 + 1e-6, 3 - 1e-6]))
steps("floor alone", np.floor, A([0.5, 2.3]))
steps("remainder", lambda x: x % 1.0, A([0.5, 2.3, 7.9]), exact=lambda x: x - np.floor(x))
steps(
    "remainder near a step", lambda x: (x % 1.0) ** 2, A([2 + 1e-5, 3 - 1e-5]), exact=lambda x: (x - np.floor(x)) ** 2
)
steps("sign times square", lambda x: np.sign(x) * x**2, A([0.5, -2.3]), exact=lambda x: np.where(x > 0, x**2, -(x**2)))
steps(
    "sign near 0",
    lambda x: np.sign(x) * np.cos(x),
    A([1e-6, -1e-6]),
    exact=lambda x: np.where(x > 0, 1, -1) * np.cos(x),
)
steps("rounded plus itself", lambda x: np.round(x) + np.sin(x), A([0.7, 2.2]), exact=lambda x: np.rint(x) + np.sin(x))
steps("a jump 1e-4 away", lambda x: np.where(x > 1, x * x + 5, x), A([1 + 1e-4, 1 - 1e-4]))
steps("a jump 1e-8 away", lambda x: np.where(x > 1, x * x + 5, x), A([1 + 1e-8, 1 - 1e-8]))
steps("ceil in an exponent", lambda x: x ** np.ceil(x), A([1.5, 2.3]), exact=lambda x: np.where(x > 2, x**3, x**2))
steps("picked by argmax", lambda x: x[np.argmax(x)] ** 2, A([0.3, 2.0, 1.0]), exact=lambda x: x[1] ** 2)
steps("stairs with slopes", lambda x: np.floor(10 * x) / 10 + x**2, A([0.55, 0.123]))
steps(
    "sawtooth of many teeth",
    lambda x: (1e3 * x) % 1.0,
    A([0.12345, 0.7771]),
    exact=lambda x: 1000 * x - np.floor(1000 * x),
)


# Complex ----------------------------------------------------------------------------------------------

Z = A([1 + 2j, -0.5 + 0.1j, 3 - 1j])


def complexes(name, f, *args, **more):
    right("complex", name, f, *args, **more)


complexes("square of z", lambda z: z * z, Z)
complexes("exp of z", np.exp, Z)
complexes("sine of z", np.sin, Z)
complexes("log of z", np.log, Z)
complexes("root of z near the cut", np.sqrt, A([-1 + 1e-5j, 2j]))
complexes("reciprocal of z", lambda z: 1 / z, Z)
complexes("z times its conjugate", lambda z: z * np.conj(z), Z)
complexes("abs of z", lambda z: np.abs(z), Z, exact=lambda z: np.sqrt(z * np.conj(z)))
complexes("real part of a cube", lambda z: np.real(z**3), Z, exact=lambda z: (z**3 + np.conj(z**3)) / 2)
complexes(
    "imaginary part of exp", lambda z: np.imag(np.exp(z)), Z, exact=lambda z: (np.exp(z) - np.conj(np.exp(z))) / 2j
)
complexes("matmul of complex", np.matmul, A([[1 + 1j, 2j], [0.5, -1j]]), A([1j, 2 - 1j]))
complexes("z of mixed scales", lambda z: z**2, A([1e-6 + 1e-6j, 1e6 - 1e5j]))
complexes("hyperbolic tangent of z", np.tanh, Z)
complexes("quotient of z", lambda z, w: z / w, Z, A([2j, 1 - 1j, 0.5]))
complexes(
    "sum of squares of abs",
    lambda z: np.sum(np.real(z) ** 2 + np.imag(z) ** 2),
    Z,
    exact=lambda z: np.sum(z * np.conj(z)),
)
complexes("cumulative product of z", np.cumprod, Z)
complexes("z of real and complex", lambda x, z: x * np.exp(z), A([1.0, 2.0, 3.0]), Z)
complexes(
    "power of a spectrum", lambda x: np.abs(np.fft.fft(x)) ** 2, A([1.0, 2.0, -1.0, 0.5]), exact=lambda x: spectrum(x)
)


def spectrum(x):
    angles = [[exact.mpf(2) * exact.pi * j * k / len(x) for k in range(len(x))] for j in range(len(x))]
    cos, sin = (np.array([[f(t) for t in row] for row in angles], object) for f in (exact.cos, exact.sin))
    return (cos @ x) ** 2 + (sin @ x) ** 2
