"""What gradient checkers say of the same right and wrong derivatives: ``python benchmarks/provers.py``.

Every derivative is a rule written in NumPy, planted in each library as its own kind of custom gradient and given to its
own checker with default tolerances. Prints the tables of docs/provers.md.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np
from harness import PACKAGES, table
from scipy import special

from autograd_nn import primitive
from autograd_nn.testing import check_gradients, check_vjp
from autograd_nn.testing.mistakes import MISTAKES, differs

SEEDS = 5
SCALES = (1e-8, 1.0, 1e8)

Check = Callable[["Function", Callable, Sequence[np.ndarray], int], Any]
"""``check(function, rule, args, seed)``: raises if it finds the rule wrong, returns whether it finds it right."""


class Function(NamedTuple):
    """A function of arrays of these shapes, its right gradients, and the scales at which it is finite."""

    f: Callable
    rule: Callable
    shapes: tuple
    scales: tuple = SCALES
    signs: tuple = (-1.0, 1.0)


def summed(g, y):
    """Over the leading axes that y was broadcast along."""
    return g.sum(axis=tuple(range(g.ndim - y.ndim)))


def softmax_rule(g, x):
    y = special.softmax(x)
    return (y * (g - np.sum(g * y)),)


VECTOR, BROADCAST, SQUARE = ((4,),), ((2, 3), (3,)), ((3, 3), (3, 3))
SINE = Function(np.sin, lambda g, x: (g * np.cos(x),), VECTOR)
FUNCTIONS = {
    "exp(x)": Function(np.exp, lambda g, x: (g * np.exp(x),), VECTOR, (1e-8, 1.0)),
    "tanh(x)": Function(np.tanh, lambda g, x: (g / np.cosh(np.clip(x, -350, 350)) ** 2,), VECTOR),
    "x**3": Function(lambda x: x**3, lambda g, x: (g * 3 * x**2,), VECTOR),
    "log(x)": Function(np.log, lambda g, x: (g / x,), VECTOR, signs=(1.0,)),
    "sin(x)": SINE._replace(scales=(1e-8, 1.0)),
    "sin(x) at 1e6": SINE._replace(scales=(1e6,)),
    "sum(x**2)": Function(lambda x: np.sum(x**2), lambda g, x: (g * 2 * x,), VECTOR),
    "softmax(x)": Function(special.softmax, softmax_rule, VECTOR),
    "logsumexp(x)": Function(special.logsumexp, lambda g, x: (g * special.softmax(x),), VECTOR),
    "x + y, broadcast": Function(np.add, lambda g, x, y: (g.copy(), summed(g, y)), BROADCAST),
    "x * y, broadcast": Function(np.multiply, lambda g, x, y: (g * y, summed(g * x, y)), BROADCAST),
    "x / y": Function(np.divide, lambda g, x, y: (g / y, -g * x / y**2), ((4,), (4,))),
    "x @ y": Function(np.matmul, lambda g, x, y: (g @ y.T, x.T @ g), SQUARE),
}


def first_off(pull, args, g):
    """The first element that is not 0 is 1 % too large."""
    slopes = pull(args, g)
    for slope in slopes:
        slope.flat[np.flatnonzero(slope)[:1]] *= 1.01
    return slopes


PLANTED = {**MISTAKES, "one element 1 % off": first_off}

SUMS = "the engine sums a gradient to its argument's shape, or refuses it: a right one arrives"
CASTS = "the engine casts a gradient to its argument's dtype: what is left of the mistake is the float32 cast"
SHARES = "the engine never writes to a gradient that is shared, so returning the cotangent is right"
IMMUTABLE = "arrays are immutable"
PREVENTED = {
    ("PyTorch", "wrong shape"): SUMS,
    ("PyTorch", "wrong dtype"): CASTS,
    ("PyTorch", "returned alias"): SHARES,
    ("JAX", "returned alias"): IMMUTABLE,
    ("JAX", "mutated cotangent"): IMMUTABLE,
    ("JAX", "mutated input"): IMMUTABLE,
    ("HIPS autograd", "returned alias"): SHARES,
    ("autograd_nn", "wrong shape"): SUMS,
    ("autograd_nn", "wrong dtype"): CASTS,
    ("autograd_nn", "returned alias"): SHARES,
}
"""Mistakes that a library's engine makes impossible, and how."""


# One checker for each library -------------------------------------------------------------------------


def of_pytorch() -> Check:
    import torch

    torch.set_num_threads(1)

    def check(function: Function, rule: Callable, args: Sequence[np.ndarray], seed: int) -> bool:
        class Planted(torch.autograd.Function):
            @staticmethod
            def forward(ctx, *tensors):
                ctx.save_for_backward(*tensors)
                return torch.from_numpy(np.asarray(function.f(*(t.detach().numpy() for t in tensors))))

            @staticmethod
            def backward(ctx, g):
                # The rule gets copies. What it has changed is written back by PyTorch, which counts such writes.
                given = [g, *ctx.saved_tensors]
                arrays = [t.detach().numpy().copy() for t in given]
                slopes = rule(*arrays)
                for t, array in zip(given, arrays, strict=True):
                    if not np.array_equal(t.detach().numpy(), array):
                        t.copy_(torch.from_numpy(array))
                return tuple(map(torch.from_numpy, slopes))

        return torch.autograd.gradcheck(Planted.apply, [torch.tensor(x, requires_grad=True) for x in args])

    return check


def of_jax() -> Check:
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)

    def check(function: Function, rule: Callable, args: Sequence[np.ndarray], seed: int) -> bool:
        def f(*args):
            return jax.numpy.asarray(function.f(*map(np.asarray, args)))

        def pullback(args, g):
            return tuple(map(jax.numpy.asarray, rule(np.array(g), *map(np.array, args))))

        planted = jax.custom_vjp(f)
        planted.defvjp(lambda *args: (f(*args), args), pullback)
        check_grads(planted, args, order=1, modes=["rev"])
        return True

    return check


def of_hips() -> Check:
    from autograd.extend import defvjp
    from autograd.extend import primitive as declared
    from autograd.test_util import check_grads

    def check(function: Function, rule: Callable, args: Sequence[np.ndarray], seed: int) -> bool:
        planted = declared(lambda *args: function.f(*args))
        planted.__name__ = "planted"
        defvjp(planted, *(lambda y, *args, k=k: lambda g: rule(np.asarray(g), *args)[k] for k in range(len(args))))
        # The checker draws from NumPy's global generator.
        np.random.seed(seed)  # noqa: NPY002
        for k in range(len(args)):
            check_grads(planted, k, modes=["rev"], order=1)(*args)
        return True

    return check


def of_autograd_nn() -> Check:
    forwards = {1: lambda f: lambda a: f(a), 2: lambda f: lambda a, b: f(a, b)}
    pullbacks = {
        1: lambda rule: {"a": lambda g, a: rule(g, a)[0]},
        2: lambda rule: {"a": lambda g, a, b: rule(g, a, b)[0], "b": lambda g, a, b: rule(g, a, b)[1]},
    }

    def check(function: Function, rule: Callable, args: Sequence[np.ndarray], seed: int) -> bool:
        n = len(args)
        return bool(check_gradients(primitive(forwards[n](function.f), **pullbacks[n](rule)), *args, seed=seed))

    return check


def of_numpy() -> Check:
    return lambda function, rule, args, seed: bool(check_vjp(function.f, rule, *args, seed=seed))


CHECKERS: dict[str, tuple[str, Callable[[], Check]]] = {
    "PyTorch": ("`torch.autograd.gradcheck`", of_pytorch),
    "JAX": ("`jax.test_util.check_grads`", of_jax),
    "HIPS autograd": ("`autograd.test_util.check_grads`", of_hips),
    "autograd_nn": ("`check_gradients`", of_autograd_nn),
    "NumPy": ("`check_vjp`", of_numpy),
}
"""For each library the name of its checker. NumPy has no custom gradients: `check_vjp` takes the rule as it is."""

# What they say ----------------------------------------------------------------------------------------


def verdict(check: Check, *trial: Any) -> str:
    """Whatever is raised, by the checker or by the engine below it, shows the mistake."""
    try:
        return "right" if check(*trial) else "undecided"
    except (AssertionError, RuntimeError, TypeError, ValueError):
        return "wrong"


def drawn(function: Function, scale: float, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [
        scale * (0.1 + np.abs(rng.normal(size=shape))) * rng.choice(function.signs, size=shape)
        for shape in function.shapes
    ]


def share(verdicts: Sequence[str], which: str) -> str:
    return f"{100 * verdicts.count(which) / len(verdicts):.0f} %"


def right_ones(checks: dict[str, Check]) -> None:
    """Two tables of the same verdicts: by scale, and by function."""
    trials = [
        (name, scale, seed)
        for name, function in FUNCTIONS.items()
        for scale in function.scales
        for seed in range(SEEDS)
    ]
    said = {
        library: [
            verdict(check, FUNCTIONS[name], FUNCTIONS[name].rule, drawn(FUNCTIONS[name], scale, seed), seed)
            for name, scale, seed in trials
        ]
        for library, check in checks.items()
    }
    scales = sorted({scale for _, scale, _ in trials})
    for column, values, title in ((1, scales, "size of arguments"), (0, FUNCTIONS, "function, at all sizes")):
        rows = []
        for value in values:
            of = [k for k, trial in enumerate(trials) if trial[column] == value]
            label = f"{value:g}".replace("+0", "").replace("-0", "-") if column else value
            rows.append([label, str(len(of)), *(share([said[library][k] for k in of], "wrong") for library in checks)])
        table([title, "checks", *(CHECKERS[library][0] for library in checks)], rows)
    for library in checks:
        if undecided := said[library].count("undecided"):
            print(f"{CHECKERS[library][0]}: {undecided} of {len(trials)} were reported as undecided.\n")


def planted(kind: str, scale: float) -> Iterator[tuple[Function, Callable, list[np.ndarray], int]]:
    """The functions and arguments of this size for which the mistake makes a difference."""
    mistake = PLANTED[kind]
    for function in (function for function in FUNCTIONS.values() if scale in function.scales):
        swapped_shapes = kind == "swapped operands" and len(set(function.shapes)) > 1
        pull = lambda args, g, function=function: list(function.rule(g, *args))
        rule = lambda g, *args, pull=pull: tuple(mistake(pull, args, g))
        for seed in range(SEEDS):
            args = drawn(function, scale, seed)
            y = np.asarray(function.f(*args))
            scalar = kind == "mutated cotangent" and not y.ndim
            g = -np.random.default_rng(seed).uniform(0.5, 1.5, size=y.shape)
            if not swapped_shapes and not scalar and differs(mistake, pull, args, g):
                yield function, rule, args, seed


def wrong_ones(checks: dict[str, Check], kinds: Sequence[str], scale: float) -> None:
    notes: list[str] = []
    rows = []
    for kind in kinds:
        trials = list(planted(kind, scale))
        row = [kind, str(len(trials))]
        for library, check in checks.items():
            if note := PREVENTED.get((library, kind)):
                if note not in notes:
                    notes.append(note)
                row.append(f"n/a [{notes.index(note) + 1}]")
            else:
                row.append(share([verdict(check, *trial) for trial in trials], "wrong"))
        rows.append(row)
    table(["planted mistake", "checks", *(CHECKERS[library][0] for library in checks)], rows)
    for k, note in enumerate(notes, 1):
        print(f"{k}. {note[0].upper()}{note[1:]}.")


def main() -> None:
    print(
        ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(PACKAGES[name])}" for name in CHECKERS)])
    )
    checks = {library: make() for library, (_, make) in CHECKERS.items()}
    with np.errstate(all="ignore"):
        print("\n## Right derivatives: false alarms\n")
        right_ones(checks)
        print("## Wrong derivatives: caught\n")
        wrong_ones(checks, list(PLANTED), 1.0)
        print("\n## Wrong derivatives: caught at arguments of 1e-8\n")
        wrong_ones(checks, ("sign", "zero", "doubled", "one element 1 % off"), 1e-8)


if __name__ == "__main__":
    main()
