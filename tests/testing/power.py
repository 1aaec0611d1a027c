"""How often planted mistakes are found, and right gradients taken for wrong: ``python tests/testing/power.py 500``.

Prints the table of detection power (so many trials a kind of mistake), false alarms and unresolved ones among 200 times
as many checks of right gradients, and checks a minute.
"""

import sys
from dataclasses import dataclass
from time import process_time

import numpy as np

from autograd_nn import functional as F  # noqa: N812
from autograd_nn import vjp
from autograd_nn.testing import GradientError, check_gradients, check_vjp, mistakes
from autograd_nn.testing.mistakes import of_gradients

EVERY = (-8, 8)
PERMUTATION = np.array([2, 0, 3, 4, 1])
LABELS = np.array([2, 0, 1])


@dataclass(frozen=True)
class Function:
    """A function, the shapes it is called with, and the scales (powers of ten) where its values are finite."""

    name: str
    f: object
    shapes: tuple
    scales: tuple = EVERY
    positive: bool = False


SHAPES = [((),), ((3,),), ((2, 3),), ((7,),)]
PAIRS = [((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((4, 3), ())]
MATRICES = [((3, 3),), ((2, 3),), ((4, 2),)]

FUNCTIONS = [
    Function("exp", np.exp, SHAPES, (-8, 1)),
    Function("expm1", np.expm1, SHAPES, (-8, 1)),
    Function("log", np.log, SHAPES, positive=True),
    Function("log1p", np.log1p, SHAPES, positive=True),
    Function("sqrt", np.sqrt, SHAPES, positive=True),
    Function("tanh", np.tanh, SHAPES),
    Function("sin", np.sin, SHAPES),
    Function("cos", np.cos, SHAPES),
    Function("arctan", np.arctan, SHAPES),
    Function("arcsinh", np.arcsinh, SHAPES),
    Function("square", np.square, SHAPES),
    Function("cube", lambda x: x**3, SHAPES),
    Function("reciprocal", lambda x: 1 / x, SHAPES),
    Function("abs", np.abs, SHAPES),
    Function("relu", F.relu, SHAPES),
    Function("sigmoid", F.sigmoid, SHAPES),
    Function("softplus", F.softplus, SHAPES),
    Function("silu", F.silu, SHAPES),
    Function("softmax", F.softmax, MATRICES, (-8, 2)),
    Function("log_softmax", F.log_softmax, MATRICES),
    Function("logsumexp", lambda x: F.logsumexp(x, axis=0), MATRICES),
    Function("sum", lambda x: np.sum(x, axis=0), MATRICES),
    Function("mean", lambda x: np.mean(x, axis=-1), MATRICES),
    Function("max", lambda x: np.max(x, axis=0), MATRICES),
    Function("prod", lambda x: np.prod(x, axis=0), MATRICES),
    Function("std", lambda x: np.std(x, axis=0), MATRICES),
    Function("norm", np.linalg.norm, MATRICES),
    Function("cumsum", lambda x: np.cumsum(x, axis=0), MATRICES),
    Function("transpose", np.transpose, MATRICES),
    Function("permuted", lambda x: np.take(x, PERMUTATION), [((5,),)]),
    Function("rows permuted", lambda x: np.take(x, PERMUTATION, axis=0), [((5,),), ((5, 2),)]),
    Function("add", np.add, PAIRS),
    Function("subtract", np.subtract, PAIRS),
    Function("multiply", np.multiply, PAIRS),
    Function("divide", np.divide, PAIRS),
    Function("maximum", np.maximum, PAIRS),
    Function("hypot", np.hypot, PAIRS),
    Function("arctan2", np.arctan2, PAIRS),
    Function("logaddexp", np.logaddexp, PAIRS),
    Function("power", np.power, PAIRS, (-2, 0), positive=True),
    Function("matmul", np.matmul, [((2, 3), (3, 2)), ((3, 3), (3, 3)), ((3,), (3, 2))]),
    Function("squared error", lambda x, y: np.mean((x - y) ** 2), [((3,), (3,)), ((2, 3), (2, 3))]),
    Function("cross entropy", lambda x: F.cross_entropy(x, LABELS), [((3, 4),)], (-8, 2)),
    Function("layer", lambda x, w, b: np.tanh(x @ w + b), [((2, 3), (3, 2), (2,))], (-8, 1)),
]
BY_NAME = {function.name: function for function in FUNCTIONS}


def drawn(rng, function):
    """Arguments of the function at a random scale."""
    shapes = function.shapes[rng.integers(len(function.shapes))]
    scale = 10.0 ** rng.uniform(*function.scales)
    sign = [1.0] if function.positive else [-1.0, 1.0]
    return [
        np.asarray(scale * (0.1 + np.abs(rng.normal(size=shape))) * rng.choice(sign, size=shape)) for shape in shapes
    ]


# Planted mistakes -------------------------------------------------------------------------------------


def one_percent_off(slope, x):
    """One element that is not 0."""
    slope.flat[np.flatnonzero(slope)[-1:]] *= 1.01
    return slope


OWN = {
    "1 + 1e-8": of_gradients(lambda slope, x: slope * (1 + 1e-8)),
    "one element 1 % off": of_gradients(one_percent_off),
    "inverse permutation": lambda pull, args, g: [g[PERMUTATION]],
}
"""What contracts, with their few examples, are not asked to find."""

BROADCAST = [BY_NAME[name] for name in ("add", "subtract", "multiply", "divide", "hypot", "arctan2", "logaddexp")]
WHERE = {
    "missing broadcast sum": BROADCAST,
    "swapped operands": [
        BY_NAME[name] for name in ("subtract", "multiply", "divide", "power", "hypot", "arctan2", "squared error")
    ],
    "float32 cast": [f for f in FUNCTIONS if f.name not in ("sum", "max", "relu", "abs")],
    "returned alias": [Function("shift", np.add, [((3,), (3,)), ((2, 3), (3,))])],
    "inverse permutation": [BY_NAME["permuted"], BY_NAME["rows permuted"]],
}
"""The functions in which a mistake is planted, where it is not all of them."""

MISTAKES = {kind: (mistake, WHERE.get(kind, FUNCTIONS)) for kind, mistake in (mistakes.MISTAKES | OWN).items()}
EXACT = ("wrong dtype", "wrong shape", "mutated cotangent", "returned alias", "mutated input")
IN_ALL = ("missing broadcast sum", "swapped operands", "inverse permutation", *EXACT)
"""Mistakes that are made in all gradients at once; the others in one of them."""


def pull_of(f):
    """The right gradients, as arrays of their own."""
    return lambda args, g: [np.array(slope) for slope in vjp(f, *args)[1](g)]


def matters(function, rule, args, w, kind):
    """Whether the mistake changes what the pullback says by more than 1e-11 of the value that differences see."""
    pull, y = pull_of(function.f), np.asarray(function.f(*args))
    exact = pull(args, w)
    if not all(np.isfinite(slope).all() for slope in (y, *exact)):
        return False
    if kind in EXACT:
        return mistakes.differs(lambda pull, args, g: rule(g, *args), pull, args, w)
    wrong = rule(w.copy(), *(a.copy() for a in args))
    change = sum(float(np.abs((a - b) * x).sum()) for a, b, x in zip(exact, wrong, args, strict=True))
    return change > 1e-11 * float(np.abs(w * y).sum())


def found(kind, seed):
    """Plant the mistake in one function and check it; None where it makes no difference."""
    mistake, functions = MISTAKES[kind]
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        function = functions[rng.integers(len(functions))]
        args, place = drawn(rng, function), rng.random()
        pull = pull_of(function.f)

        def rule(g, *args):
            wrong = mistake(pull, args, g)
            if kind in IN_ALL:
                return wrong
            slopes, k = pull(args, g), int(place * len(args))
            return [*slopes[:k], wrong[k], *slopes[k + 1 :]]

        y = np.asarray(function.f(*args))
        w = np.copysign(0.5 + rng.random(y.shape), rng.random(y.shape) - 0.5)
        if not matters(function, rule, args, w, kind):
            return None
        try:
            check_vjp(function.f, rule, *args, seed=seed)
        except GradientError:
            return True
    return False


def power(kind, trials, start=0):
    """How many of so many planted mistakes are found."""
    hits, seed = [], start
    while len(hits) < trials:
        hit = found(kind, seed)
        seed += 1
        if hit is not None:
            hits.append(hit)
    return sum(hits)


def alarms(checks, start=0):
    """Among so many right gradients: wrong and unresolved ones, by function, and the seconds that the checks took."""
    wrong, unresolved, spent = [], [], 0.0
    rng = np.random.default_rng(start)
    for k in range(checks):
        function = FUNCTIONS[k % len(FUNCTIONS)]
        args = drawn(rng, function)
        started = process_time()
        try:
            report = check_gradients(function.f, *args, seed=start + k)
        except GradientError as error:
            wrong.append((function.name, str(error)))
        else:
            if report.verdict != "right":
                unresolved.append(function.name)
        spent += process_time() - started
    return wrong, unresolved, spent


def main(trials):
    print(f"{'planted mistake':24} found of {trials}")
    for kind in MISTAKES:
        hits = power(kind, trials)
        print(f"{kind:24} {hits:5}  {100 * hits / trials:6.1f} %", flush=True)
    checks = 200 * trials
    wrong, unresolved, spent = alarms(checks)
    print(f"{checks} checks of right gradients of {len(FUNCTIONS)} functions: {len(wrong)} false alarms, ", end="")
    print(f"{len(unresolved)} unresolved ({100 * len(unresolved) / checks:.2f} %), {60 * checks / spent:.0f} a minute")
    for name, message in wrong[:5]:
        print(name, message, sep="\n")
    if unresolved:
        print({name: unresolved.count(name) for name in unresolved})


if __name__ == "__main__":
    main(int(sys.argv[1]))
