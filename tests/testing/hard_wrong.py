"""Subtly wrong gradients: none of them may be called right.

Most are those of autograd_nn with one mistake planted; ``python tests/testing/hard.py exact`` says how far they
are from the true ones.
"""

from itertools import count

import numpy as np
import scipy.special
from hard_case import Case, elementwise, exact
from hard_right import (
    DOMINANT,
    B,
    conditioned,
    det_exactly,
    erf_exactly,
    fixed_point,
    inv_exactly,
    log_softmax_exactly,
    normal,
    pinv_exactly,
    positive,
    relu_exactly,
    sigmoid_exactly,
    softmax_exactly,
    softplus_exactly,
    solve_exactly,
    standardised,
    wide,
)

from autograd_nn import Tensor, primitive, special, vjp
from autograd_nn import functional as F  # noqa: N812

WRONG: list[Case] = []
A = np.array


def wrong(kind, name, f, rule, *args, **more):
    WRONG.append(Case(name, kind, f, args, rule=rule, **more))


def spoiled(f, mistake):
    """The rule of autograd_nn with a mistake: it is given the gradients, the cotangent and the arguments."""

    def rule(g, *args):
        slopes = [np.array(slope) for slope in vjp(f, *args)[1](g)]
        found = mistake(*slopes, g, *args)
        return tuple(found) if isinstance(found, (tuple, list)) else (found,)

    return rule


def planted(kind, name, f, mistake, *args, **more):
    """One function whose gradients are changed."""
    wrong(kind, name, f, spoiled(f, mistake), *args, **more)


def of_cotangent(name, f, change, *args, **more):
    """The right pullback of another cotangent."""
    wrong("cotangent", name, f, lambda g, *args: tuple(np.array(s) for s in vjp(f, *args)[1](change(g))), *args, **more)


def detached(name, f, *args, exactly, **more):
    """A path that `detach` cuts; ``exactly`` is the same function uncut."""
    WRONG.append(Case(name, "dropped path", f, args, exact=exactly, **more))


def element(k, factor):
    """One element of the first gradient is multiplied."""

    def mistake(slope, *rest):
        slope = slope.copy()
        slope.flat[k] *= factor
        return (slope, *rest[: (len(rest) - 1) // 2])

    return mistake


# Factors ----------------------------------------------------------------------------------------------

for off in (1e-3, 1e-4, 1e-5, 1e-6):
    planted(
        "factor",
        f"layer off by {off:g}",
        lambda x, w: np.tanh(x @ w),
        lambda dx, dw, g, x, w, k=1 + off: (dx, dw * k),
        normal("f", 2, 3),
        normal("g", 3, 2),
    )
    planted(
        "factor",
        f"softmax off by {off:g}",
        F.softmax,
        lambda dx, g, x, k=1 - off: dx * k,
        normal("f2", 4),
        exact=softmax_exactly,
    )
    planted(
        "factor",
        f"sum of squares off by {off:g}",
        lambda x: np.sum(x * x),
        lambda dx, g, x, k=1 + off: dx * k,
        normal("f3", 50),
    )
    planted("factor", f"log of tiny off by {off:g}", np.log, lambda dx, g, x, k=1 + off: dx * k, A([1e-12, 3e-12]))

# One element ------------------------------------------------------------------------------------------

for n in (10, 1000, 100_000):
    for off in (1e-2, 1e-4, 1e-5):
        cos = {"slopes": lambda w, x: (w * np.cos(wide(x)),)}
        x = normal("one of many", n)
        wrong(
            "one element",
            f"sine, one of {n:,} off by {off:g}",
            np.sin,
            lambda g, x, k=1 + off: (g * np.cos(x) * np.where(np.arange(x.size) == 7, k, 1),),
            x,
            **cos,
        )
        wrong(
            "one element",
            f"sum of sines, one of {n:,} off by {off:g}",
            lambda x: np.sum(np.sin(x)),
            lambda g, x, k=1 + off: (g * np.cos(x) * np.where(np.arange(x.size) == 7, k, 1),),
            x,
            **cos,
        )
wrong(
    "one element",
    "sine, one of 100,000 missing",
    np.sin,
    lambda g, x: (g * np.cos(x) * (np.arange(x.size) != 500),),
    normal("missing", 100_000),
    slopes=lambda w, x: (w * np.cos(wide(x)),),
)
wrong(
    "one element",
    "row of a matrix product off by 1e-4",
    lambda x, w: x @ w,
    lambda g, x, w: (g @ w.T * np.where(np.arange(20) == 19, 1 + 1e-4, 1)[:, None], x.T @ g),
    normal("rows", 20, 5),
    normal("columns", 5, 4),
)

# Small beside large -----------------------------------------------------------------------------------

LARGE_AND_SMALL = A([1e6, 1e-6])
planted(
    "small beside large",
    "square of millions and millionths, the small one doubled",
    lambda x: x**2,
    element(1, 2.0),
    LARGE_AND_SMALL,
)
planted(
    "small beside large",
    "sum of squares of millions and millionths, the small one doubled",
    lambda x: np.sum(x**2),
    element(1, 2.0),
    LARGE_AND_SMALL,
)
planted(
    "small beside large",
    "cube of mixed, the smallest of three doubled",
    lambda x: x**3,
    element(0, 2.0),
    A([1e-4, 1.0, 1e4]),
)
planted(
    "small beside large",
    "slopes of mixed scales, the smallest of the wrong sign",
    lambda x: np.sin(x) * A([1e-12, 1.0, 1e12]),
    element(0, -1.0),
    A([0.4, 2.0, 3.0]),
)
planted(
    "small beside large",
    "slopes of mixed scales, the middle one off by 1 %",
    lambda x: np.sin(x) * A([1e-12, 1.0, 1e12]),
    element(1, 1.01),
    A([0.4, 2.0, 3.0]),
)
planted(
    "small beside large",
    "sum of terms of mixed scales, the smallest off by 1 %",
    lambda x: np.sum(np.sin(x) * A([1e-4, 1.0, 1e4])),
    element(0, 1.01),
    A([0.4, 2.0, 3.0]),
)
planted(
    "small beside large",
    "hypot, the small leg of the wrong sign",
    np.hypot,
    lambda dx, dy, g, x, y: (-dx, dy),
    1e-3,
    1e3,
)
planted(
    "small beside large",
    "weight decay of 1e-8 forgotten",
    lambda x: np.sum(np.cos(x)) + 1e-8 * np.sum(x * x),
    lambda dx, g, x: dx - 2e-8 * g * x,
    A([0.5, 2.0, -1.0]),
)
planted(
    "small beside large",
    "ripple of 1e-6 forgotten",
    lambda x: x * x + 1e-6 * np.cos(x),
    lambda dx, g, x: 2 * g * x,
    A([0.5, 2.0]),
)
planted(
    "small beside large",
    "two arguments, the small one doubled",
    lambda x, y: x + 1e-9 * y,
    lambda dx, dy, g, x, y: (dx, 2 * dy),
    A([1.0, -3.0]),
    A([2.0, 5.0]),
)
planted(
    "small beside large",
    "matmul, the small row doubled",
    np.matmul,
    lambda dx, dw, g, x, w: (dx * A([[1.0], [2.0]]), dw),
    A([[1e6, 2e6], [1e-6, 3e-6]]),
    A([[1.0, 2.0], [-0.5, 1.0]]),
)
planted(
    "small beside large",
    "norm, the small one doubled",
    np.linalg.norm,
    element(1, 2.0),
    A([1e3, 1e-3]),
    exact=lambda x: np.sqrt(np.sum(x * x)),
)
planted(
    "small beside large",
    "softmax, the unlikely one doubled",
    F.softmax,
    element(2, 2.0),
    A([0.0, 1.0, -25.0]),
    exact=softmax_exactly,
)
planted(
    "small beside large",
    "logsumexp, the unlikely one doubled",
    F.logsumexp,
    element(2, 2.0),
    A([0.0, 1.0, -30.0]),
    exact=lambda x: np.log(np.sum(np.exp(x))),
)
wrong(
    "small beside large",
    "beside 1e17, doubled",
    lambda x: np.hstack([1e17 * np.ones(1), x]),
    lambda g, x: (2 * g[1:],),
    A([0.5, 2.0]),
)
wrong("small beside large", "sum over 1e17, doubled", lambda x: 1e17 + x, lambda g, x: (2 * g,), A([0.5, 2.0]))
wrong(
    "small beside large",
    "identity at 1e17 and 1, the 1 doubled",
    lambda x: x + 0,
    lambda g, x: (g * A([1.0, 2.0]),),
    A([1e17, 1.0]),
)
wrong(
    "small beside large",
    "outputs of mixed scales, the small one dropped",
    lambda x: np.hstack([1e3 * np.sin(x), 1e-3 * np.cos(x)]),
    lambda g, x: (g[:1] * 1e3 * np.cos(x),),
    A([0.7]),
)
wrong(
    "small beside large",
    "flat output of 1e9 beside a slope of 1, off by 1 %",
    lambda x: np.hstack([1e9 + 0 * x, x]),
    lambda g, x: (1.01 * g[1:],),
    A([0.7]),
)

# What depends on the cotangent ------------------------------------------------------------------------

X = A([0.4, -1.3, 2.2, 0.9])

of_cotangent("g * g", np.sin, lambda g: g * g, X)
of_cotangent("|g|", np.sin, np.abs, X)
of_cotangent("relu of g", np.exp, lambda g: np.maximum(g, 0), X)
of_cotangent("sign of g", np.exp, np.sign, X)
of_cotangent("nan for g < 0", np.sin, lambda g: np.where(g < 0, np.nan, g), X)
of_cotangent("nan for g > 0", np.sin, lambda g: np.where(g > 0, np.nan, g), X)
of_cotangent("inf for g < 0", np.sin, lambda g: np.where(g < 0, np.inf, g), X)
of_cotangent("nan for g < 0, of one number", np.sin, lambda g: np.where(g < 0, np.nan, g), 0.4)
of_cotangent("nan for g > 0, of one number", np.sin, lambda g: np.where(g > 0, np.nan, g), 0.4)
of_cotangent("1 % off for g < 0", np.tanh, lambda g: np.where(g < 0, 1.01 * g, g), X)
of_cotangent("1e-6 off for g > 0", np.tanh, lambda g: np.where(g > 0, (1 + 1e-6) * g, g), X)
of_cotangent("g clipped to 1", np.tanh, lambda g: np.clip(g, -1, 1), X)
of_cotangent("g plus 1e-6", np.tanh, lambda g: g + 1e-6, X)
of_cotangent("ones for g", np.tanh, np.ones_like, X)
of_cotangent("g of norm 1", np.tanh, lambda g: g / np.sqrt(np.sum(g * g)), X)
of_cotangent("g ** 3 in a small part", np.tanh, lambda g: g + 1e-4 * g**3, X)
of_cotangent("g of one sign in the whole array", np.sin, lambda g: g * np.sign(g.flat[0]), X)
of_cotangent("g cast to float16 and back", np.sin, lambda g: g.astype(np.float16).astype(float), X)

# One branch -------------------------------------------------------------------------------------------


def branch(name, f, rule, *args, **more):
    wrong("branch", name, f, rule, *args, **more)


Y = A([-2.0, -0.3, 0.4, 1.7])
branch("relu that passes negatives", relu_exactly, lambda g, x: (g * (x > -1),), Y)
branch(
    "leaky slope of 0.02 for 0.01",
    lambda x: np.where(x > 0, x, 0.01 * x),
    lambda g, x: (g * np.where(x > 0, 1, 0.02),),
    Y,
)
branch("elu without exp", lambda x: np.where(x > 0, x, np.exp(x) - 1), lambda g, x: (g * np.where(x > 0, 1, 1 + x),), Y)
branch(
    "elu of the value off by 1",
    lambda x: np.where(x > 0, x, np.exp(x) - 1),
    lambda g, x: (g * np.where(x > 0, 1, np.exp(x) - 1),),
    Y,
)
branch("abs without sign", np.abs, lambda g, x: (g * 1.0,), Y)
branch(
    "Huber, quadratic everywhere",
    lambda x: np.where(np.abs(x) < 1, x * x / 2, np.abs(x) - 0.5),
    lambda g, x: (g * x,),
    Y,
)
branch(
    "Huber, sign lost outside",
    lambda x: np.where(np.abs(x) < 1, x * x / 2, np.abs(x) - 0.5),
    lambda g, x: (g * np.where(np.abs(x) < 1, x, 1),),
    Y,
)
branch("clip that passes outside", lambda x: np.clip(x, -1, 1), lambda g, x: (g * 1.0,), Y)
branch("clip that stops at one end only", lambda x: np.clip(x, -1, 1), lambda g, x: (g * (x < 1),), Y)
branch("maximum, operands swapped", np.maximum, lambda g, x, y: (g * (x < y), g * (x > y)), Y, A([0.0, -1.0, 2.0, 1.0]))
branch("where, both sides", lambda x: np.where(x > 0, x * x, 3 * x), lambda g, x: (g * (2 * x * (x > 0) + 3),), Y)
branch("where, wrong beyond 1.5", np.sin, lambda g, x: (g * np.where(x > 1.5, -np.cos(x), np.cos(x)),), Y)
branch("where, 1e-5 off beyond 1.5", np.sin, lambda g, x: (g * np.where(x > 1.5, 1 + 1e-5, 1) * np.cos(x),), Y)
branch("dropout mask inverted", lambda x: x * A([0.0, 2.0, 2.0, 0.0]), lambda g, x: (g * A([2.0, 0.0, 0.0, 2.0]),), Y)
branch(
    "remainder of a negative number",
    lambda x: (x - np.floor(x)) ** 2,
    lambda g, x: (g * 2 * np.abs(x - np.trunc(x)),),
    Y,
)

# Reductions and broadcasting --------------------------------------------------------------------------

M, V, S = normal("M", 4, 3), normal("V", 3), normal("S", 3, 3)


def reduction(name, f, rule, *args, **more):
    wrong("reduction", name, f, rule, *args, **more)


reduction("bias, mean for sum", np.add, lambda g, x, b: (g * 1, g.mean(axis=0)), M, V)
reduction("bias, sum over the wrong axis", np.add, lambda g, x, b: (g * 1, g.sum(axis=1)), S, V)
reduction("bias, last row only", np.add, lambda g, x, b: (g * 1, g[-1] * 1), M, V)
reduction("bias, last row missing", np.add, lambda g, x, b: (g * 1, g[:-1].sum(axis=0)), M, V)
reduction("mean without 1/n", lambda x: np.mean(x * x), lambda g, x: (g * 2 * x,), M)
reduction(
    "mean over an axis, n of the other",
    lambda x: np.mean(x, axis=0),
    lambda g, x: (np.broadcast_to(g / x.shape[1], x.shape).copy(),),
    M,
)
reduction(
    "mean of 100, divided by 99", np.mean, lambda g, x: (np.full(x.shape, g / (x.size - 1)),), normal("mean", 100)
)
reduction("sum over rows for columns", lambda x: np.sum(x * x, axis=0), lambda g, x: (2 * x * g[:, None],), S)
reduction(
    "variance with n - 1",
    np.var,
    lambda g, x: (g * 2 * (x - x.mean()) / (x.size - 1),),
    normal("variance", 30),
    exact=lambda x: np.mean((x - np.mean(x)) ** 2),
)
reduction(
    "standard deviation, 2 for 1",
    np.std,
    lambda g, x: (g * 2 * (x - x.mean()) / (x.size * x.std()),),
    V,
    exact=lambda x: np.sqrt(np.mean((x - np.mean(x)) ** 2)),
)
reduction("norm squared's", lambda x: np.sqrt(np.sum(x * x)), lambda g, x: (g * 2 * x,), V)
reduction("product by division with a sum", np.prod, lambda g, x: (g * np.prod(x) / x * np.where(x < 0, -1, 1),), V)
reduction(
    "squared error per row, not per element",
    lambda x: np.mean((x - 1) ** 2),
    lambda g, x: (g * 2 * (x - 1) / len(x),),
    M,
)
reduction(
    "weighted mean, weights not normalised",
    lambda x, w: np.sum(w * x) / np.sum(w),
    lambda g, x, w: (g * w / np.sum(w), g * x / np.sum(w)),
    V,
    positive("weights", 3),
)

# Order ------------------------------------------------------------------------------------------------


def order(name, f, rule, *args, **more):
    wrong("order", name, f, rule, *args, **more)


C, D = normal("C", 6), A([0.5, -1.0, 2.0])
TAKEN = A([0, 2, 2, 5])
SHUFFLED = A([2, 0, 3, 5, 1, 4])


def put(g, places, n):
    slope = np.zeros(n)
    slope[places] = g
    return slope


order("cumulative sum, forwards", np.cumsum, lambda g, x: (np.cumsum(g),), C)
order("cumulative sum, exclusive", np.cumsum, lambda g, x: (np.cumsum(g[::-1])[::-1] - g,), C)
order("cumulative sum, shifted", np.cumsum, lambda g, x: (np.roll(np.cumsum(g[::-1])[::-1], 1),), C)
order(
    "convolution, kernel not turned",
    lambda x, k: np.convolve(x, k, "valid"),
    lambda g, x, k: (np.convolve(g, k), np.convolve(x[::-1], g, "valid")),
    C,
    D,
    exact=lambda x, k: x[2:] * k[0] + x[1:-1] * k[1] + x[:-2] * k[2],
)
order(
    "convolution, off by one",
    lambda x, k: np.convolve(x, k, "valid"),
    lambda g, x, k: (np.roll(np.convolve(g, k[::-1]), 1), np.correlate(x, g, "valid")[::-1].copy()),
    C,
    D,
    exact=lambda x, k: x[2:] * k[0] + x[1:-1] * k[1] + x[:-2] * k[2],
)
order("roll, the same way", lambda x: np.roll(x, 2) ** 2, lambda g, x: (np.roll(g * 2 * np.roll(x, 2), 2),), C)
order("permutation for its inverse", lambda x: x[SHUFFLED], lambda g, x: (g[SHUFFLED],), C)
order("turned, not turned back", lambda x: x[::-1] ** 2, lambda g, x: (g * 2 * x[::-1],), C)
order(
    "transposed square not transposed back",
    lambda x: x.T * A([1.0, 2.0, 3.0]),
    lambda g, x: (g * A([1.0, 2.0, 3.0]),),
    S,
)
order("reshaped in the other order", lambda x: np.ravel(x), lambda g, x: (g.reshape(x.shape, order="F").copy(),), M)
order("repeat for tile", lambda x: np.hstack([x, x]), lambda g, x: (g.reshape(-1, 2).sum(axis=1),), C)
order("taken twice, written once", lambda x: x[TAKEN] ** 2, lambda g, x: (put(g * 2 * x[TAKEN], TAKEN, 6),), C)
order(
    "difference, ends swapped",
    lambda x: x[1:] - x[:-1],
    lambda g, x: (np.hstack([g[:1], -g[1:] + g[:-1], -g[-1:]]),),
    C,
)
order(
    "difference, an end missing",
    lambda x: x[1:] - x[:-1],
    lambda g, x: (np.hstack([-g[:1], g[:-1] - g[1:], 0 * g[-1:]]),),
    C,
)
order("sorted, not put back", np.sort, lambda g, x: (g * 1,), C)
order("outer product, factors swapped", lambda x, y: x[:, None] * y[None, :], lambda g, x, y: (g.T @ y, g @ x), V, D)
order("matmul, transposed", np.matmul, lambda g, x, y: (g @ y, x @ g), S, S.T + 1)
order(
    "one pair of 1,000 swapped",
    lambda x: np.sin(x),
    lambda g, x: ((g * np.cos(x))[np.r_[1, 0, 2:1000]],),
    normal("swapped", 1000),
    slopes=lambda w, x: (w * np.cos(wide(x)),),
)

# Complex ----------------------------------------------------------------------------------------------

Z, Y2 = A([1 + 2j, -0.5 + 0.1j, 3 - 1j]), A([0.5 - 1j, 2j, 1 + 1j])


def complexes(name, f, rule, *args, **more):
    wrong("complex", name, f, rule, *args, **more)


complexes("square of z, conjugate", lambda z: z * z, lambda g, z: (g * 2 * np.conj(z),), Z)
complexes("exp of z, conjugate", np.exp, lambda g, z: (g * np.conj(np.exp(z)),), Z)
complexes("product, one conjugate", lambda z, w: z * w, lambda g, z, w: (g * w, g * np.conj(z)), Z, Y2)
complexes("conjugate, cotangent not conjugated", np.conj, lambda g, z: (g * 1,), Z)
complexes(
    "abs of z, conjugate missing",
    lambda z: np.sqrt(np.real(z * np.conj(z))),
    lambda g, z: (g * z / np.abs(z),),
    Z,
    exact=lambda z: np.sqrt(z * np.conj(z)),
)
complexes("imaginary part, sign", np.imag, lambda g, z: (1j * g,), Z, exact=lambda z: (z - np.conj(z)) / 2j)
complexes(
    "real part, all of it",
    lambda z: np.real(z * z),
    lambda g, z: (g * 2 * np.real(z) + 0j,),
    Z,
    exact=lambda z: (z * z + np.conj(z * z)) / 2,
)
complexes("reciprocal, real parts right", lambda z: 1 / z, lambda g, z: (np.conj(-g / z**2),), Z)

# Dropped paths ----------------------------------------------------------------------------------------


def cut(x):
    return x.detach() if isinstance(x, Tensor) else x


def softmax_uncoupled(x):
    e = np.exp(x)
    return e / cut(np.sum(e, axis=-1, keepdims=True))


def standardised_without(mean=False, deviation=False):
    def f(x):
        average = np.mean(x, axis=-1, keepdims=True)
        centred = x - (cut(average) if mean else average)
        variance = np.mean(centred**2, axis=-1, keepdims=True)
        return centred / np.sqrt((cut(variance) if deviation else variance) + 1e-5)

    return f


def attention(cutting):
    def f(q, k, v):
        return softmax_exactly(q @ cutting(k).T) @ v

    return f


detached("softmax without coupling", softmax_uncoupled, normal("p1", 4), exactly=softmax_exactly)
detached(
    "layer norm without the mean's path", standardised_without(mean=True), normal("p2", 2, 4), exactly=standardised
)
detached(
    "layer norm without the deviation's path",
    standardised_without(deviation=True),
    normal("p3", 2, 4),
    exactly=standardised,
)
detached(
    "batch norm without both",
    lambda x: standardised_without(True, True)(x.T).T,
    normal("p4", 4, 2),
    exactly=lambda x: standardised(x.T).T,
)
detached(
    "log softmax without coupling",
    lambda x: x - cut(np.log(np.sum(np.exp(x)))),
    normal("p5", 3),
    exactly=log_softmax_exactly,
)
detached(
    "direction without its norm",
    lambda x: x / cut(np.linalg.norm(x)),
    normal("p6", 3),
    exactly=lambda x: x / np.sqrt(np.sum(x * x)),
)
detached(
    "keys of attention cut",
    attention(cut),
    normal("p7", 2, 3),
    normal("p8", 4, 3),
    normal("p9", 4, 2),
    exactly=attention(lambda k: k),
)
detached("one factor of a square cut", lambda x: x * cut(x), normal("p10", 3), exactly=lambda x: x * x)
detached("residual path cut", lambda x: cut(x) + np.tanh(x), normal("p11", 3), exactly=lambda x: x + np.tanh(x))
detached(
    "small path cut",
    lambda x: np.tanh(x) + 1e-5 * cut(x) ** 2,
    normal("p12", 3),
    exactly=lambda x: np.tanh(x) + 1e-5 * x**2,
)
detached("gate cut", lambda x: cut(np.tanh(x)) * np.sin(x), normal("p13", 3), exactly=lambda x: np.tanh(x) * np.sin(x))
detached(
    "second layer's weight cut",
    lambda x, w: np.tanh(x @ w) @ cut(w),
    normal("p14", 2),
    normal("p15", 2, 2),
    exactly=lambda x, w: np.tanh(x @ w) @ w,
)
detached(
    "one of ten elements cut",
    lambda x: np.hstack([np.sin(x[:9]), cut(np.sin(x[9:]))]),
    normal("p16", 10),
    exactly=np.sin,
)
detached(
    "cosine similarity, one norm cut",
    lambda x, y: x @ y / (np.linalg.norm(x) * cut(np.linalg.norm(y))),
    normal("p17", 3),
    normal("p18", 3),
    exactly=lambda x, y: x @ y / np.sqrt((x @ x) * (y @ y)),
)

# Digits -----------------------------------------------------------------------------------------------


def digits(name, f, rule, *args, **more):
    wrong("digits", name, f, rule, *args, **more)


digits("gradient cast to float32", np.exp, lambda g, x: ((g * np.exp(x)).astype(np.float32).astype(float),), X)
digits("argument cast to float32", np.sin, lambda g, x: (g * np.cos(x.astype(np.float32).astype(float)),), X)
digits("gradient cast to float16", np.exp, lambda g, x: ((g * np.exp(x)).astype(np.float16).astype(float),), X)
digits("pi of six digits", lambda x: np.sin(np.pi * x), lambda g, x: (g * 3.14159 * np.cos(np.pi * x),), X)
digits("log 10 of seven digits", np.log10, lambda g, x: (g / (2.302585 * x),), np.abs(X), exact=np.log10)
digits("log 2 of four digits", np.log2, lambda g, x: (g / (0.6931 * x),), np.abs(X))
digits("erf's constant of six digits", special.erf, lambda g, x: (g * 1.12838 * np.exp(-x * x),), X, exact=erf_exactly)
digits(
    "gelu by the approximation with tanh",
    F.gelu,
    lambda g, x: (
        np.array(vjp(lambda x: x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))), x)[1](g)[0]),
    ),
    X,
    exact=lambda x: x / 2 * (1 + erf_exactly(x / exact.sqrt(2))),
)
digits(
    "normal density without its last digits",
    special.ndtr,
    lambda g, x: (g * 0.39894 * np.exp(-x * x / 2),),
    X,
    exact=lambda x: (1 + erf_exactly(x / exact.sqrt(2))) / 2,
)
digits("reciprocal with an epsilon of 1e-8", lambda x: 1 / x, lambda g, x: (-g / (x * x + 1e-8),), A([0.01, 1.0]))
digits("root with an epsilon of 1e-7", np.sqrt, lambda g, x: (g / (2 * np.sqrt(x + 1e-7)),), A([0.01, 1.0]))
digits("log with an epsilon of 1e-6", np.log, lambda g, x: (g / (x + 1e-6),), A([0.01, 1.0]))
digits("gradient rounded to six decimals", np.sin, lambda g, x: (np.round(g * np.cos(x), 6),), X)

# Rounding inside --------------------------------------------------------------------------------------

for at in (1e-6, 1e-8, 1e-10, 1e-13, 1e-16):
    planted(
        "rounding inside",
        f"x + log(1 + x) at {at:g}, off by 1 %",
        lambda x: x + np.log(1 + x),
        lambda dx, g, x: 1.01 * dx,
        at,
    )
    planted(
        "rounding inside",
        f"x + log(1 + x) at {at:g}, log dropped",
        lambda x: x + np.log(1 + x),
        lambda dx, g, x: dx / 2,
        at,
    )
    planted("rounding inside", f"(1 + x) - 1 at {at:g}, doubled", lambda x: (1 + x) - 1, lambda dx, g, x: 2 * dx, at)
    planted(
        "rounding inside",
        f"exp(x) - 1 at {at:g}, off by 10 %",
        lambda x: np.exp(x) - 1,
        lambda dx, g, x: 1.1 * dx,
        A([at, -2 * at]),
    )
for at in (1e-3, 1e-6):
    planted("rounding inside", f"1 - cos(x) at {at:g}, doubled", lambda x: 1 - np.cos(x), lambda dx, g, x: 2 * dx, at)
for mean in (1e4, 1e7):
    planted(
        "rounding inside",
        f"E[x^2] - E[x]^2 around {mean:g}, off by 1 %",
        lambda x: np.mean(x * x) - np.mean(x) ** 2,
        lambda dx, g, x: 1.01 * dx,
        mean + A([1.0, -2.0, 0.5, 3.0]),
    )
    planted(
        "rounding inside",
        f"roots' difference at {mean:g}, of the wrong sign",
        lambda x: np.sqrt(x + 1) - np.sqrt(x),
        lambda dx, g, x: -dx,
        mean,
    )
    planted(
        "rounding inside",
        f"(sin(x) + {mean:g}) - {mean:g}, off by 1 %",
        lambda x, m=mean: (np.sin(x) + m) - m,
        lambda dx, g, x: 1.01 * dx,
        0.3,
    )
planted(
    "rounding inside",
    "Heron's needle, the needle's side doubled",
    lambda a, b, c: (a + b + c) * (a + b - c) * (a - b + c) * (-a + b + c),
    lambda da, db, dc, g, a, b, c: (da, db, 2 * dc),
    1.0,
    1.0,
    1e-5,
)
planted("rounding inside", "x - sin(x) at 1e-3, tripled", lambda x: x - np.sin(x), lambda dx, g, x: 3 * dx, 1e-3)

# Saturated parts --------------------------------------------------------------------------------------


def saturated(name, f, mistake, *args, **more):
    planted("saturated", name, f, mistake, *args, **more)


saturated("sigmoid at -40, sign", F.sigmoid, lambda dx, g, x: -dx, A([-40.0]), exact=sigmoid_exactly)
saturated("sigmoid at 16 beside 0.1, sign", F.sigmoid, element(0, -1.0), A([16.0, 0.1]), exact=sigmoid_exactly)
saturated("tanh at 6 flushed to 0", np.tanh, element(0, 0.0), A([6.0, 0.1]))
saturated("tanh at 3, off by 1 %", np.tanh, element(0, 1.01), A([3.0, 0.1]))
saturated("softplus at -30, doubled", F.softplus, lambda dx, g, x: 2 * dx, A([-30.0]), exact=softplus_exactly)
saturated(
    "softplus at -15 beside 1, flushed to 0", F.softplus, element(0, 0.0), A([-15.0, 1.0]), exact=softplus_exactly
)
saturated(
    "erf at 3, without the square",
    special.erf,
    lambda dx, g, x: dx * np.exp(x * x - np.abs(x)),
    A([3.0, 0.5]),
    exact=erf_exactly,
)
saturated("Gaussian at 6, sign", lambda x: np.exp(-x * x), lambda dx, g, x: -dx, A([6.0]))
saturated("Gaussian at 6 beside 0.5, sign", lambda x: np.exp(-x * x), element(0, -1.0), A([6.0, 0.5]))
saturated("arctan far out, off by 1 %", np.arctan, element(0, 1.01), A([1e5, 0.5]))
saturated(
    "cross entropy of a sure answer, flushed to 0",
    lambda x: F.cross_entropy(x, A([1])),
    lambda dx, g, x: 0 * dx,
    A([[0.0, 20.0, -3.0]]),
    exact=lambda x: -log_softmax_exactly(x)[0, 1],
)

# Derivatives of a neighbour ---------------------------------------------------------------------------


def neighbour(name, f, rule, *args, **more):
    wrong("neighbour", name, f, rule, *args, **more)


neighbour("at x + 1e-3", np.sin, lambda g, x: (g * np.cos(x + 1e-3),), X)
neighbour("at x (1 + 1e-6)", np.sin, lambda g, x: (g * np.cos(x * (1 + 1e-6)),), X)
neighbour("by a forward difference", np.exp, lambda g, x: (g * (np.exp(x + 1e-6) - np.exp(x)) / 1e-6,), X)
neighbour("by a central difference", np.sin, lambda g, x: (g * (np.sin(x + 1e-3) - np.sin(x - 1e-3)) / 2e-3,), X)
neighbour("of the input for that of the output", np.tanh, lambda g, x: (g * (1 - x * x),), X)
neighbour("cosh for cos", np.sin, lambda g, x: (g * np.cosh(x),), A([0.01, 0.02]))
neighbour("1 - x^2/2 for cos", np.sin, lambda g, x: (g * (1 - x * x / 2),), A([0.03, 0.05]))
neighbour("of the element before", np.sin, lambda g, x: (g * np.cos(np.roll(x, 1)),), 0.5 + 1e-4 * X)
neighbour("of the exponent before", lambda x: x**7, lambda g, x: (g * 6 * x**6,), X)

# Kinks and ties ---------------------------------------------------------------------------------------

RELU = [
    primitive(relu_exactly, name=f"relu_{k}", x=lambda g, x, s=s: g * np.where(x > 0, 1, np.where(x < 0, 0, s)))
    for k, s in enumerate((2.0, -1.0, 1.01))
]
ABS = primitive(np.abs, name="abs_2", x=lambda g, x: g * np.where(x < 0, -1, np.where(x > 0, 1, 2)))


def kink(name, f, rule, *args, **more):
    wrong("kink", name, f, rule, *args, **more)


for f, s in zip(RELU, ("2", "-1", "1.01"), strict=True):
    kink(f"relu at 0 with a slope of {s}", f, None, 0.0, options={"kinks": "member"})
kink("abs at 0 with a slope of 2", ABS, None, A([0.0, 1.0]), options={"kinks": "member"})
kink("max, all of the ties in full", lambda x: np.max(x), lambda g, x: (g * (x == x.max()),), A([2.0, 2.0, 1.0]))
kink(
    "max of zeros, all in full",
    lambda x: np.max(x, axis=1),
    lambda g, x: (g[:, None] * np.ones(x.shape),),
    np.zeros((2, 3)),
)
kink("maximum of equals, both in full", np.maximum, lambda g, x, y: (g * 1, g * 1.0), A([1.0, 2.0]), A([1.0, 3.0]))
kink("clip with equal bounds", lambda x: np.clip(x, 1, 1), lambda g, x: (g * 1,), A([1.0, 0.5]))
kink("relu 1e-7 below the kink", lambda x: np.maximum(x - 1, 0), lambda g, x: (g * 1.0,), A([1 - 1e-7]))
kink("abs 1e-9 beyond the kink, sign", lambda x: np.abs(x - 1), lambda g, x: (-g,), A([1 + 1e-9]))
kink(
    "norm at 0 with a slope of 1",
    lambda x: np.sqrt(np.sum(x * x)),
    lambda g, x: (np.full(x.shape, g * 1.0),),
    np.zeros(3),
)
kink("root's slope at a square's zero", lambda x: np.sqrt(x * x), lambda g, x: (g * 3,), A([0.0]))

# Second derivatives -----------------------------------------------------------------------------------


def second(name, f, *args):
    WRONG.append(Case(name, "second order", f, args, options={"order": 2}))


second("cube, x cut in its rule", primitive(lambda x: x**3, name="cube_cut", x=lambda g, x: g * 3 * cut(x) ** 2), X)
second(
    "cube, one x of two cut in its rule",
    primitive(lambda x: x**3, name="cube_half", x=lambda g, x: g * 3 * x * cut(x)),
    X,
)
second(
    "cube, a 1e-4th cut in its rule",
    primitive(lambda x: x**3, name="cube_part", x=lambda g, x: g * 3 * (x * (1 - 1e-4) + 1e-4 * cut(x)) ** 2),
    X,
)
second("exp, y cut in its rule", primitive(np.exp, name="exp_cut", x=lambda g, x: g * cut(np.exp(x))), X)
second(
    "product, other cut in its rule",
    primitive(lambda x, w: x * w, name="product_cut", x=lambda g, w: g * cut(w), w=lambda g, x: g * x),
    X,
    X + 1,
)
second("tanh, cotangent cut", primitive(np.tanh, name="tanh_cut", x=lambda g, x: cut(g) * (1 - np.tanh(x) ** 2)), X)

# Mistakes that cancel ---------------------------------------------------------------------------------


def cancelling(name, f, mistake, *args, **more):
    planted("cancelling", name, f, mistake, *args, **more)


cancelling(
    "mean of the gradient everywhere", lambda x: np.sum(np.sin(x)), lambda dx, g, x: np.full(dx.shape, dx.mean()), X
)
cancelling("two elements swapped", lambda x: np.sum(x**2), lambda dx, g, x: dx[A([1, 0, 2, 3])], X)
cancelling(
    "1e-4 from one to another",
    lambda x: np.sum(np.sin(x)),
    lambda dx, g, x: dx + 1e-4 * g * A([1.0, -1.0, 0.0, 0.0]),
    X,
)
cancelling("right along x only", lambda x: np.sum(x**2), lambda dx, g, x: dx + g * A([x[1], -x[0], 0, 0]), X)
cancelling(
    "right along x only, a little", lambda x: np.sum(x**4), lambda dx, g, x: dx + 1e-5 * g * A([x[1], -x[0], 0, 0]), X
)
cancelling(
    "softmax, rows mixed",
    F.softmax,
    lambda dx, g, x: dx[::-1].copy(),
    normal("rows mixed", 2, 3),
    exact=softmax_exactly,
)
cancelling(
    "between two arguments",
    lambda x, y: np.sum(np.sin(x) * y),
    lambda dx, dy, g, x, y: (dx + 1e-3 * g * y, dy - 1e-3 * g * x),
    X,
    X**2,
)

# Right for symmetric matrices -------------------------------------------------------------------------

N = np.eye(3) + 0.3 * normal("N", 3, 3)


def symmetric_only(name, f, rule, *args, **more):
    wrong("symmetric only", name, f, rule, *args, **more)


def inv_rule(g, a):
    i = np.linalg.inv(a)
    return (-i @ g @ i,)


symmetric_only("inv, nothing transposed", np.linalg.inv, inv_rule, N, exact=inv_exactly)
symmetric_only(
    "det, not transposed", np.linalg.det, lambda g, a: (g * np.linalg.det(a) * np.linalg.inv(a),), N, exact=det_exactly
)
symmetric_only(
    "log of det, not transposed",
    lambda a: np.linalg.slogdet(a)[1],
    lambda g, a: (g * np.linalg.inv(a),),
    N,
    exact=lambda a: exact.log(det_exactly(a)),
)
symmetric_only(
    "quadratic form, 2 A x", lambda a, x: x @ a @ x, lambda g, a, x: (g * np.outer(x, x), g * 2 * a @ x), N, B
)
symmetric_only("square", lambda a: a @ a, lambda g, a: (g @ a + a @ g,), N)
symmetric_only(
    "solve, not transposed",
    np.linalg.solve,
    lambda g, a, b: (-np.outer(np.linalg.solve(a, g), np.linalg.solve(a, b)), np.linalg.solve(a, g)),
    N,
    B,
    exact=solve_exactly,
)
symmetric_only(
    "trace of a square", lambda a: np.trace(a @ a), lambda g, a: (g * 2 * a,), N, exact=lambda a: np.sum(a * a.T)
)
symmetric_only(
    "nearly symmetric, log of det",
    lambda a: np.linalg.slogdet(a)[1],
    lambda g, a: (g * np.linalg.inv(a),),
    (DOMINANT + 1e-4 * N) / 5,
    exact=lambda a: exact.log(det_exactly(a)),
)

# Near-singular algebra --------------------------------------------------------------------------------

for condition in (1e4, 1e6, 1e8):
    a = conditioned(3, condition)
    planted(
        "near singular",
        f"solve, condition {condition:g}, off by 1 %",
        np.linalg.solve,
        lambda da, db, g, a, b: (1.01 * da, db),
        a,
        B,
        exact=solve_exactly,
    )
    planted(
        "near singular",
        f"log of det, condition {condition:g}, off by 1 %",
        lambda a: np.linalg.slogdet(a)[1],
        lambda da, g, a: 1.01 * da,
        a,
        exact=lambda a: exact.log(abs(det_exactly(a))),
    )
    planted(
        "near singular",
        f"inv, condition {condition:g}, an element off by 1 %",
        np.linalg.inv,
        element(4, 1.01),
        a,
        exact=inv_exactly,
    )
TALL = normal("tall", 4, 2)
wrong(
    "near singular",
    "pinv without its residuals",
    np.linalg.pinv,
    lambda g, a: ((-np.linalg.pinv(a) @ g.T @ np.linalg.pinv(a)).T.copy(),),
    TALL,
    exact=pinv_exactly,
)
wrong(
    "near singular",
    "least squares without its residuals",
    lambda a, b: np.linalg.lstsq(a, b)[0],
    lambda g, a, b: (-np.outer(np.linalg.pinv(a).T @ g, np.linalg.pinv(a) @ b), np.linalg.pinv(a).T @ g),
    TALL,
    A([1.0, 2.0, 0.5, -1.0]),
    exact=lambda a, b: pinv_exactly(a) @ b,
)

# Oscillation ------------------------------------------------------------------------------------------


def oscillation(name, f, rule, *args, **more):
    wrong("oscillation", name, f, rule, *args, **more)


oscillation(
    "sine of 1e3 x, off by 1e-4", lambda x: np.sin(1e3 * x), lambda g, x: (g * 1e3 * (1 + 1e-4) * np.cos(1e3 * x),), X
)
oscillation(
    "sine of 1e6 x, phase off by 1e-3", lambda x: np.sin(1e6 * x), lambda g, x: (g * 1e6 * np.cos(1e6 * x + 1e-3),), X
)
oscillation("ripple dropped", lambda x: x * x + 1e-5 * np.sin(1e5 * x), lambda g, x: (g * 2 * x,), X)
oscillation("faint ripple dropped", lambda x: x * x + 1e-9 * np.sin(1e5 * x), lambda g, x: (g * 2 * x,), X)
oscillation(
    "last term of Weierstrass dropped",
    lambda x: sum(0.5**k * np.cos(7.0**k * x) for k in range(6)),
    lambda g, x: (-g * sum(3.5**k * np.sin(7.0**k * x) for k in range(5)),),
    X,
)
oscillation(
    "j0 with the sign of j1 lost",
    special.j0,
    lambda g, x: (g * scipy.special.j1(x),),
    A([100.0, 3.0]),
    exact=elementwise(lambda x: exact.besselj(0, x)),
)

# Solvers ----------------------------------------------------------------------------------------------


def solver(name, rule, tolerance):
    wrong(
        "solver",
        f"{name}, tolerance {tolerance:g}",
        lambda a: fixed_point(a, tolerance),
        lambda g, a: rule(g, a, fixed_point(a, tolerance)),
        A([0.5, 0.9]),
        exact=lambda a: fixed_point(a, exact.mpf(10) ** -75),
    )


for tolerance in (1e-6, 1e-12):
    solver("fixed point, last step alone", lambda g, a, x: (-g * np.sin(a * x) * x,), tolerance)
    solver(
        "fixed point, sign of the denominator",
        lambda g, a, x: (-g * np.sin(a * x) * x / (1 - a * np.sin(a * x)),),
        tolerance,
    )
    solver(
        "fixed point, off by 1 %", lambda g, a, x: (-1.01 * g * np.sin(a * x) * x / (1 + a * np.sin(a * x)),), tolerance
    )

# Long sums --------------------------------------------------------------------------------------------


def regression(rows, dropped):
    x = np.linspace(-1, 1, 3 * rows).reshape(rows, 3) ** 2
    return (
        lambda b: np.sum((x @ b - 1) ** 2),
        lambda g, b: (g * 2 * x[dropped:].T @ (x[dropped:] @ b - 1),),
        lambda w, b: (w * 2 * wide(x).T @ (wide(x) @ b - 1),),
    )


for rows in (1_000, 100_000):
    f, rule, slopes = regression(rows, 1)
    wrong("long sum", f"regression, one of {rows:,} rows dropped", f, rule, A([0.3, -0.2, 1.0]), slopes=slopes)
wrong(
    "long sum",
    "mean of 100,000, divided by one less",
    lambda x: np.mean(x * x),
    lambda g, x: (g * 2 * x / (x.size - 1),),
    lambda: normal("many", 100_000),
    slopes=lambda w, x: (w * 2 * wide(x) / x.size,),
)
wrong(
    "long sum",
    "sum of 100,000 in chunks, one of 100 forgotten",
    lambda x: np.sum(np.sin(x)),
    lambda g, x: (g * np.cos(x) * (np.arange(x.size) >= 1000),),
    lambda: normal("chunks", 100_000),
    slopes=lambda w, x: (w * np.cos(wide(x)),),
)

# Low precision ----------------------------------------------------------------------------------------

X32 = X.astype(np.float32)
for off in (1e-2, 1e-3, 1e-4):
    wrong(
        "low precision",
        f"exp in float32, off by {off:g}",
        np.exp,
        lambda g, x, k=1 + off: ((g * np.exp(x) * k).astype(np.float32),),
        X32,
    )
wrong(
    "low precision",
    "sum of squares in float32, by float16",
    lambda x: np.sum(x * x),
    lambda g, x: ((2 * g * x).astype(np.float16).astype(np.float32),),
    X32,
)
wrong(
    "low precision",
    "one of 100 in float32, off by 1 %",
    np.sin,
    lambda g, x: (g * np.cos(x) * np.where(np.arange(100) == 50, 1.01, 1).astype(np.float32),),
    normal("32", 100, dtype=np.float32),
)
wrong(
    "low precision",
    "exp in float16, off by 5 %",
    np.exp,
    lambda g, x: (g * np.exp(x) * np.float16(1.05),),
    X.astype(np.float16),
)

# Manners ----------------------------------------------------------------------------------------------


def manners(name, f, rule, *args, **more):
    wrong("manners", name, f, rule, *args, **more)


def with_state():
    """The second call differs."""
    calls = count()
    return lambda g, x: (g * np.cos(x) * (1 + 1e-3 * (next(calls) % 2)),)


def accumulating():
    total = np.zeros(4)

    def rule(g, x):
        total[:] += g * np.cos(x)
        return (total.copy(),)

    return rule


def writes_to_cotangent(g, x):
    g *= np.cos(x)
    return (g.copy(),)


def writes_to_argument(g, x):
    slope = g * np.cos(x)
    x += 1
    return (slope,)


SCRATCH, NOISE = np.zeros(4), np.random.default_rng(3)

manners("the second call differs", np.sin, with_state(), X)
manners("gradients pile up", np.sin, accumulating(), X)
manners("cotangent changed", np.sin, writes_to_cotangent, X)
manners("argument changed", np.sin, writes_to_argument, X)
manners("gradient in float32", np.sin, lambda g, x: ((g * np.cos(x)).astype(np.float32),), X)
manners("gradient with an axis of 1", np.sin, lambda g, x: ((g * np.cos(x))[:, None],), X)
manners("gradient summed", np.sin, lambda g, x: (np.sum(g * np.cos(x)),), X)
manners("bias' gradient not summed", np.add, lambda g, x, b: (g * 1, g * 1), M, V)
manners("cotangent handed on", lambda x: x + 1, lambda g, x: (g,), X)
manners("one array for two gradients", np.add, lambda g, x, y: (h := g * 1, h), X, X + 1)
manners("argument handed on", lambda x: np.sum(x * x) / 2, lambda g, x: (np.multiply(x, g, out=x) if g == 1 else x,), X)
manners("scratch array handed out", np.sin, lambda g, x: (np.multiply(g, np.cos(x), out=SCRATCH),), X)
manners(
    "random noise of 1e-6",
    np.sin,
    lambda g, x: (g * np.cos(x) * (1 + 1e-6 * NOISE.normal(size=4)),),
    X,
)
