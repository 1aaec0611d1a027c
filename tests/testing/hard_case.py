"""A gradient to be proved, right or wrong, and what it truly is: by differences at 80 digits, or by a formula."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from zlib import crc32

import numpy as np
from mpmath.ctx_mp import MPContext

from autograd_nn.testing import GradientError, check_gradients, check_vjp
from autograd_nn.testing.functions import ArrayFunction, TensorFunction

exact = MPContext()
"""Arithmetic of 80 digits. NumPy's functions of arrays of its numbers call the methods of the numbers."""
exact.dps = 80
STEP = exact.mpf(10) ** -28


def method(f):
    return lambda *numbers: f(*numbers)


METHODS = {
    name: name
    for name in [
        "exp",
        "expm1",
        "log",
        "log1p",
        "sin",
        "cos",
        "tan",
        "sinh",
        "cosh",
        "tanh",
        "sqrt",
        "floor",
        "ceil",
        "hypot",
    ]
} | {
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "arctan2": "atan2",
    "rint": "nint",
}
"""NumPy's names and mpmath's."""

for name, its_name in METHODS.items():
    setattr(exact.mpf, name, method(getattr(exact, its_name)))
    setattr(exact.mpc, name, method(getattr(exact, its_name)))


def elementwise(f):
    """A function of numbers of 80 digits, for arrays of them."""
    return lambda *arrays: np.asarray(np.frompyfunc(f, len(arrays), 1)(*arrays), object)


def seed_of(name):
    return crc32(name.encode())


def draws(name):
    """What the arguments of a case are drawn from."""
    return np.random.default_rng(seed_of(name))


@dataclass(frozen=True)
class Case:
    """A check of a gradient.

    ``f`` and its arguments, of which functions are called for the array, since large ones are not kept. Its own
    gradient is checked, or that of a ``rule`` as `check_vjp` takes it. What it truly is follows from ``exact``, the
    same function on arrays of numbers of 80 digits (``f`` itself, unless given), or ``slopes(w, *args)``, a formula.
    """

    name: str
    kind: str
    f: Callable[..., Any]
    args: tuple[Any, ...]
    rule: Callable[..., Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    exact: Callable[..., Any] | None = None
    slopes: Callable[..., Any] | None = None
    floor: float = 0.0
    """The absolute error that rounding explains where the true gradient is 0."""

    def arguments(self):
        return [arg() if callable(arg) else arg for arg in self.args]

    def verdict(self, more=0):
        """What the prover says, with what message, in what time; another seed for each ``more``."""
        options = {"seed": seed_of(self.name) % 10_000 + more, **self.options}
        started = perf_counter()
        try:
            if self.rule is None:
                report = check_gradients(self.f, *self.arguments(), **options)
            else:
                report = check_vjp(self.f, self.rule, *self.arguments(), **options)
            verdict, message = report.verdict, str(report)
        except GradientError as error:
            verdict, message = "wrong", str(error)
        except Exception as error:
            verdict, message = "raised", f"{type(error).__name__}: {error}"
        return verdict, message, perf_counter() - started

    # What is true -------------------------------------------------------------------------------------

    def recorded(self):
        """The arrays, cotangents, and the gradients as the prover sees them."""
        args = self.arguments()
        of = TensorFunction(self.f, args) if self.rule is None else ArrayFunction(self.f, self.rule, args)
        with np.errstate(all="ignore"), of.borrowed():
            recording = of.record(of.arrays)
            rng = draws(self.name + " cotangent")
            ws = [np.copysign(0.5 + rng.random(y.shape), rng.random(y.shape) - 0.5) for y in recording.outputs]
            ws = [np.asarray(w, y.dtype) for w, y in zip(ws, recording.outputs, strict=True)]
            return of, ws, [np.array(g) for g in recording.pull([w.copy() for w in ws])]

    def error(self):
        """How far the gradients are from the true ones, relative to each element, or to the floor."""
        of, ws, slopes = self.recorded()
        if self.slopes is not None:
            true = [np.asarray(t, np.result_type(t, np.longdouble)) for t in self.slopes(ws[0], *of.arrays)]
        else:
            true = [self.differences(of, ws, k) for k in range(len(of.arrays))]
        return max(self.off(g, t) for g, t in zip(slopes, true, strict=True))

    def off(self, found, true):
        worst = 0.0
        assert found.shape == true.shape, (found.shape, true.shape)
        for g, t in zip(found.ravel().tolist(), true.ravel(), strict=True):
            difference = abs(t - g)
            if not difference <= max(self.floor, 1e-300):
                worst = max(worst, float(difference / (abs(t) or abs(g))))
        return worst

    def differences(self, of, ws, k):
        """The true gradient with respect to the k-th array: each element moves by a 1e-28th."""
        arrays = [digits(a) for a in of.arrays]
        weights = np.concatenate([digits(w).ravel() for w in ws])
        size = np.abs(of.arrays[k])
        typical = float(np.mean(size)) or 1.0
        found = np.empty(arrays[k].shape, object)
        for place in np.ndindex(found.shape):
            h = STEP * (float(size[place]) or typical)
            ways = (1, 1j) if of.arrays[k].dtype.kind == "c" else (1,)
            along = [self.along(of, arrays, weights, k, place, h * way) / (2 * h) for way in ways]
            found[place] = along[0] if len(along) == 1 else exact.mpc(along[0], -along[1])
        return found

    def along(self, of, arrays, weights, k, place, step):
        sides = []
        for sign in (1, -1):
            moved = [a.copy() for a in arrays]
            moved[k][place] = moved[k][place] + sign * step
            y = (self.exact or self.f)(*of.arguments.filled([a if a.ndim else a[()] for a in moved]))
            y = np.concatenate([np.ravel(np.asarray(part, object)) for part in (y if isinstance(y, tuple) else (y,))])
            sides.append(y)
        rise = np.sum(weights * (sides[0] - sides[1]))
        return rise.real if hasattr(rise, "real") else rise


def digits(array):
    """The same numbers with 80 digits."""
    make = exact.mpc if array.dtype.kind == "c" else exact.mpf
    return np.asarray(np.frompyfunc(lambda x: make(complex(x) if make is exact.mpc else float(x)), 1, 1)(array), object)


def matrix_of(array):
    return exact.matrix(array.tolist())


def array_of(matrix):
    return np.array(matrix.tolist(), object).reshape(matrix.rows, matrix.cols)
