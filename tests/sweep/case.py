"""A case of the sweep, and the check of all that is claimed about it."""

import re
import warnings
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import scipy.linalg
import scipy.signal
import scipy.special
from differences import Verdict, dyadic, verdict

from autograd_nn import Tensor, gradients, jvp, ops, special
from autograd_nn import functional as F  # noqa: N812
from autograd_nn.engine.tensor import leaf, raw

FOLDS = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "hypot",
    "logaddexp",
    "logaddexp2",
    "maximum",
    "minimum",
    "fmax",
    "fmin",
]
"""The ufuncs of two operands that can be applied over and over."""

SCOPE = {"np": np, "F": F, "special": special, "ops": ops, "scipy": scipy}
OPERANDS = "xyz"
GRID = 2.0**-16
"""Operands are multiples of it: exact in float32, and so are steps from them in float64."""


class WrongError(AssertionError):
    """What was computed is not what it should be."""


class UnresolvedError(AssertionError):
    """The numeric derivative is not good enough to tell."""


@dataclass(frozen=True)
class Case:
    """An expression in the operands x, y, z, with shapes to call it on; see `cases`."""

    text: str
    shapes: tuple[tuple[int, ...], ...]
    interval: tuple = (-2, 2)
    distinct: bool = False
    complex: bool = False
    reference: str | None = None
    order: int = 2

    def __str__(self):
        where = "" if self.interval == (-2, 2) else f" in {self.interval}"
        return f"{self.text} at {', '.join(map(str, self.shapes))}{where}{' complex' * self.complex}"

    def function(self):
        """The expression as a function of its operands."""
        return self.compiled(self.text)

    def compiled(self, text):
        return eval(f"lambda {', '.join(OPERANDS[: len(self.shapes)])}: ({text})", SCOPE)

    def called(self):
        """The names of the functions in the expression."""
        names = re.findall(r"\b(?:np|F|special|ops)(?:\.[a-zA-Z]\w*)+", self.text)
        return {name for name in names if callable(eval(name, SCOPE)) and not isinstance(eval(name, SCOPE), type)}

    @cached_property
    def intervals(self):
        return self.interval if np.ndim(self.interval) == 2 else (self.interval,) * len(self.shapes)

    @property
    def promises(self):
        """The checks that there must be in float64 and float32, unless all that can be looked at is the value."""
        if not self.order or not all(all(shape) for shape in self.shapes):
            return {"value"}
        return {"value", "gradient", "jvp", "float32", *["second"] * (self.order > 1)}

    def operands(self, rng):
        """Arrays in the inner nine tenths of their intervals."""
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        arrays = []
        places = self.unit(rng, sum(sizes))
        for shape, size, (low, high) in zip(self.shapes, sizes, self.intervals, strict=True):
            own, places = places[:size].reshape(shape), places[size:]
            arrays.append(rounded(low + (0.05 + 0.9 * own) * (high - low)))
            if self.complex:
                arrays[-1] = arrays[-1] + 1j * rounded(rng.uniform(low, high, shape))
        return arrays

    def unit(self, rng, size):
        """Numbers in [0, 1); if distinct, one in each of ``size`` cells, well apart and away from the middle."""
        if not self.distinct:
            return rng.random(size)
        cells = size + size % 2  # an even number of them, so that the middle is a border
        return (rng.permutation(cells)[:size] + rng.uniform(0.3, 0.7, size)) / max(cells, 1)

    def directions(self, rng):
        """One for each operand, no longer than its interval allows."""
        scales = [2.0 ** min(0, np.floor(np.log2((high - low) / 4))) for low, high in self.intervals]
        return [s * numbers(rng, shape, self.complex) for s, shape in zip(scales, self.shapes, strict=True)]


def cases(text, shapes, interval=(-2, 2), distinct=False, complex=False, reference=None, order=2, **choices):
    """The cases of an expression: every tuple of shapes with every choice for the ``{names}`` in it.

    ``interval`` is where operands are drawn from, one for all or one for each; ``distinct`` keeps elements apart from
    each other and from the interval's middle; ``complex`` draws real and imaginary parts. ``reference`` is
    another expression for the value. ``order`` 1 leaves out second derivatives; 0 is for constants.
    """
    for values in product(*choices.values()):
        filled = {name: repr(value) for name, value in zip(choices, values, strict=True)}
        for each in shapes:
            yield Case(
                text.format(**filled),
                tuple(each),
                interval,
                distinct,
                complex,
                reference and reference.format(**filled),
                order,
            )


def rounded(a):
    return np.asarray(np.round(a / GRID) * GRID)


def narrowed(a):
    """In single precision."""
    return a.astype(np.complex64 if np.iscomplexobj(a) else np.float32)


def numbers(rng, shape, complex=False):
    return dyadic(rng, shape) + 1j * dyadic(rng, shape) if complex else dyadic(rng, shape)


LAYOUTS = {
    "C": np.array,
    "Fortran": lambda a: np.array(a, order="F"),
    "reversed": lambda a: np.asarray(np.flip(np.flip(a).copy())),
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a,
    "transposed": lambda a: np.array(a.T, order="C").T,
    "read-only": lambda a: np.broadcast_to(a.copy(), a.shape),
}


def flat(result):
    """The arrays and Tensors in nested tuples and lists."""
    return [leaf for item in result for leaf in flat(item)] if isinstance(result, (tuple, list)) else [result]


def inexact(result):
    """The floats and complex numbers among the results."""
    return [y for y in flat(result) if np.asarray(raw(y)).dtype.kind in "fc"]


def leaves(arrays):
    """Leaves that do not copy, so that the layout stays."""
    return [leaf(np.asarray(array)) for array in arrays]


def pulled(f, tensors, ws, create_graph=False):
    """The gradients along the cotangents; an output that is no Tensor is constant."""
    outputs = inexact(f(*tensors))
    pairs = [(y, w) for y, w in zip(outputs, ws, strict=True) if type(y) is Tensor]
    return gradients([y for y, _ in pairs], tensors, [w for _, w in pairs], create_graph)


def agree(mine, numpys, what, tolerance):
    """The same numbers, relative to the largest."""
    size = np.max(np.abs(numpys[np.isfinite(numpys)]), initial=0.01)
    if not np.allclose(mine, numpys, rtol=tolerance, atol=tolerance * size, equal_nan=True):
        raise WrongError(f"{what} is {mine}, not {numpys}")


def demand(truth, message):
    if not truth:
        raise WrongError(message)


def check(case, dtype=np.float64, layout="C", seed=0):
    """Check all that is claimed about the case, and return what could be checked: a set of words.

    The value against NumPy's or the reference; in float64 the gradient, the second derivatives and the jvp against
    differences; in float32 the gradient against that of float64. Raises `WrongError` or `UnresolvedError`.
    """
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return Check(case, np.dtype(dtype), LAYOUTS[layout], np.random.default_rng(seed)).run()


class Check:
    """One check: the operands, cotangents and directions that were drawn, and what is done with them."""

    def __init__(self, case, dtype, layout, rng):
        self.case, self.layout, self.rng = case, layout, rng
        self.narrow = dtype == np.float32
        self.f = case.function()
        self.arrays, self.directions = case.operands(rng), case.directions(rng)
        self.given = [layout(narrowed(a) if self.narrow else a) for a in self.arrays]
        outputs = inexact(self.f(*self.arrays))
        self.ws = [numbers(rng, np.shape(y), np.iscomplexobj(y)) for y in outputs]
        self.single = any(np.dtype(y.dtype).char in "fF" for y in outputs)  # of double operands, by dtype=

    def run(self):
        before = [a.copy() for a in self.given]
        checks = {"value": self.value}
        if self.ws and self.case.order and any(a.size for a in self.arrays):
            if self.narrow:
                checks |= {"float32": self.narrow_gradient}
            else:
                checks |= {"gradient": self.gradient, "jvp": self.forward}
                checks |= {"second": self.second} if self.case.order > 1 else {}
        for each in checks.values():
            each()
        for a, b in zip(self.given, before, strict=True):
            demand(np.array_equal(a, b, equal_nan=True), "an operand was changed")
        return set(checks)

    def value(self):
        """On Tensors as on arrays; and as the reference has it."""
        mine, plain = self.f(*leaves(self.given)), self.f(*self.given)
        demand(not any(type(y) is Tensor for y in flat(plain)), "arrays became Tensors")
        demand(
            getattr(mine, "_fields", None) == getattr(plain, "_fields", None),
            f"result is a {type(mine).__name__}, not a {type(plain).__name__}",
        )
        tolerance = 1e-4 if self.narrow else 1e-11
        demand(len(flat(mine)) == len(flat(plain)), f"{len(flat(mine))} results, not {len(flat(plain))}")
        for y, expected in zip(flat(mine), flat(plain), strict=True):
            y, expected = np.asarray(raw(y)), np.asarray(raw(expected))
            demand(y.dtype == expected.dtype, f"dtype is {y.dtype}, not {expected.dtype}")
            demand(y.shape == expected.shape, f"shape is {y.shape}, not {expected.shape}")
            agree(y, expected, "value", tolerance)
        if self.case.reference:
            expected = flat(self.case.compiled(self.case.reference)(*self.given))
            demand(len(flat(mine)) == len(expected), f"{len(flat(mine))} results, not {len(expected)}")
            for y, e in zip(flat(mine), expected, strict=True):
                y, e = np.asarray(raw(y)), np.asarray(e)
                demand(y.shape == e.shape, f"shape is {y.shape}, not {e.shape}")
                agree(y, e, "value", tolerance)
                if y.dtype.kind in "fc":
                    demand(y.real.dtype == self.given[0].real.dtype, f"dtype is {y.dtype} of {self.given[0].dtype}")
        if not self.case.order:
            demand(not any(type(y) is Tensor and y.requires_grad for y in flat(mine)), "a constant is recorded")

    def terms(self, *arrays):
        """What the gradient is the derivative of, as terms to be summed."""
        outputs = inexact(self.f(*arrays))
        return np.concatenate([np.ravel(w * y) for w, y in zip(self.ws, outputs, strict=True)])

    def judge(self, what, derivative, terms, arrays, directions):
        """Raise unless the derivative, given as terms to be summed, is right."""
        if self.single:
            terms = lambda *arrays, double=terms: narrowed(double(*arrays))
        judgement, details = verdict(derivative, terms, arrays, directions)
        if judgement is not Verdict.RIGHT:
            raise {Verdict.WRONG: WrongError, Verdict.UNRESOLVED: UnresolvedError}[judgement](f"{what} is {details}")

    def along(self, slopes, directions):
        return np.concatenate([np.ravel(raw(g) * v) for g, v in zip(slopes, directions, strict=True)])

    def gradient(self):
        laid_out = [self.layout(w) for w in self.ws]
        tensors = leaves(self.given)
        slopes = pulled(self.f, tensors, laid_out)
        for g, t in zip(slopes, tensors, strict=True):
            demand((g.shape, g.dtype) == (t.shape, t.dtype), f"gradient is {g.dtype}{g.shape} for {t.dtype}{t.shape}")
        for w, b in zip(laid_out, self.ws, strict=True):
            demand(np.array_equal(w, b), "a cotangent was changed")
        self.judge("gradient", self.along(slopes, self.directions), self.terms, self.arrays, self.directions)

    def forward(self):
        recorded = [type(y) is Tensor for y in inexact(self.f(*leaves(self.given)))]
        f = lambda *tensors: [y for y, moves in zip(inexact(self.f(*tensors)), recorded, strict=True) if moves]
        values, tangents = jvp(f, tuple(self.given), tuple(self.directions))
        for v, t in zip(values, tangents, strict=True):
            demand((v.shape, v.dtype) == (t.shape, t.dtype), f"tangent is {t.dtype}{t.shape} for {v.dtype}{v.shape}")
        derivative = self.along(tangents, [w for w, moves in zip(self.ws, recorded, strict=True) if moves])
        self.judge("jvp", derivative, self.terms, self.arrays, self.directions)

    def second(self):
        """The derivative of the gradient, which is a function of operands and cotangents alike."""
        count = len(self.arrays)
        weights = [numbers(self.rng, a.shape, self.case.complex) for a in self.arrays]
        directions = self.directions + [numbers(self.rng, w.shape, np.iscomplexobj(w)) for w in self.ws]

        def first(*both):
            return self.along(pulled(self.f, leaves(both[:count]), both[count:]), weights)

        tensors = leaves([*self.given, *map(self.layout, self.ws)])
        slopes = pulled(self.f, tensors[:count], tensors[count:], create_graph=True)
        again = gradients(slopes, tensors, weights)
        self.judge("second order", self.along(again, directions), first, [*self.arrays, *self.ws], directions)

    def narrow_gradient(self):
        exact = pulled(self.f, leaves(self.arrays), self.ws)
        mine = pulled(self.f, leaves(self.given), [self.layout(narrowed(w)) for w in self.ws])
        for g, e, a in zip(mine, exact, self.given, strict=True):
            demand((g.shape, g.dtype) == (a.shape, a.dtype), f"gradient is {g.dtype}{g.shape} for {a.dtype}{a.shape}")
            agree(raw(g), raw(e), "gradient in float32", 1e-3)


SEEDS = range(3)
KINDS = {WrongError: "wrong", UnresolvedError: "unresolved"}


def outcome(case):
    """In every layout and dtype: how often each kind of check was made, and the ways in which the case failed."""
    checks, failures = Counter(), {}
    for dtype, layout, seed in product((np.float64, np.float32), LAYOUTS, SEEDS):
        try:
            checks.update(check(case, dtype, layout, seed))
        except Exception as error:
            kind = KINDS.get(type(error), "refused")
            failures.setdefault(kind, f"{error} ({np.dtype(dtype)}, {layout}, seed {seed})")
    if not failures and case.promises - set(checks):
        failures["vacuous"] = "there is nothing to differentiate: order=0 is for constants"
    return checks, failures
