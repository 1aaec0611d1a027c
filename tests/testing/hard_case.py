"""A gradient to be proved, right or wrong, and what it truly is: by differences at 80 digits, or by a formula."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from zlib import crc32

import numpy as np
from mpmath.ctx_mp import MPContext

from autograd_nn.testing import GradientError, check_gradients, check_vjp
from autograd_nn.testing.functions import ArrayFunction, GradientFunction, TensorFunction

exact = MPContext()
"""Arithmetic of 80 digits. NumPy's functions of arrays of its numbers call the methods of the numbers."""
exact.dps = 80
STEP = exact.mpf(10) ** -20


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
    "log10": "log10",
}
"""NumPy's names and mpmath's."""

for name, its_name in METHODS.items():
    setattr(exact.mpf, name, method(getattr(exact, its_name)))
    setattr(exact.mpc, name, method(getattr(exact, its_name)))
exact.mpf.log2 = method(lambda x: exact.log(x, 2))


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

    @property
    def allowed(self):
        """The relative error with which a gradient still counts as right."""
        return {np.dtype(np.float32): 3e-7, np.dtype(np.float16): 3e-3}.get(np.asarray(self.arguments()[0]).dtype, 1e-6)

    # What is true -------------------------------------------------------------------------------------

    def error(self, sign=1):
        """How far the gradients are from the true ones: relative to each element, beyond the floor.

        ``sign`` is that of the cotangent.
        """
        args = self.arguments()
        of = TensorFunction(self.f, args) if self.rule is None else ArrayFunction(self.f, self.rule, args)
        with np.errstate(all="ignore"), of.borrowed():
            recording = of.record(of.arrays)
            ws = [sign * drawn_like(y, self.name) for y in recording.outputs]
            slopes = [np.array(g) for g in recording.pull([w.copy() for w in ws])]
            if self.slopes is not None:
                true = self.slopes(ws[0], *of.arrays)
            else:
                true = [self.differences(of, ws, k) for k in range(len(of.arrays))]
            if self.options.get("order") == 2:
                gradient = GradientFunction(of, ws)
                us = [drawn_like(x, self.name + " second") for x in of.arrays]
                slopes += gradient.record(gradient.arrays).pull(us)
                true += [self.differences(of, ws, k, us) for k in range(len(us))]
                true += [self.along(of, [digits(a) for a in of.arrays], us).reshape(w.shape) for w in ws]  # one output
        return max(map(self.off, slopes, true))

    def off(self, found, true):
        assert found.shape == np.shape(true)
        worst = 0.0
        for g, t in zip(found.ravel().tolist(), np.ravel(true), strict=True):
            difference = abs(t - g)
            if not difference <= max(self.floor, 1e-300):
                worst = max(worst, float(difference / (abs(t) or abs(g)))) if difference == difference else np.inf
        return worst

    def differences(self, of, ws, k, us=None):
        """The true gradient with respect to the k-th array, by a small move of each element.

        With ``us``, of the slope along these.
        """
        arrays = [digits(a) for a in of.arrays]
        weights = np.concatenate([digits(w).ravel() for w in ws])
        size = np.abs(of.arrays[k])
        found = np.empty(arrays[k].shape, object)
        for place in np.ndindex(found.shape):
            h = STEP * (float(size[place]) or float(np.mean(size)) or 1.0)
            slopes = []
            for way in (1, 1j) if of.arrays[k].dtype.kind == "c" else (1,):
                sides = []
                for step in (h * way, -h * way):
                    moved = list(arrays)
                    moved[k] = arrays[k].copy()
                    moved[k][place] = arrays[k][place] + step
                    sides.append(self.exactly(of, moved) if us is None else self.along(of, moved, us))
                slopes.append(np.sum(weights * (sides[0] - sides[1])) / (2 * h))
            found[place] = slopes[0].real if len(slopes) == 1 else exact.mpc(slopes[0].real, -slopes[1].real)
        return found

    def along(self, of, arrays, us):
        """The slopes of the outputs along us."""
        above, below = ([a + h * digits(u) for a, u in zip(arrays, us, strict=True)] for h in (STEP, -STEP))
        return (self.exactly(of, above) - self.exactly(of, below)) / (2 * STEP)

    def exactly(self, of, arrays):
        """The outputs, flat."""
        y = (self.exact or self.f)(*of.arguments.filled([a if a.ndim else a[()] for a in arrays]))
        return np.ravel(np.asarray(y, object))


def drawn_like(array, name):
    """Numbers between a half and one and a half, of both signs; complex ones where the array is."""
    rng = draws(f"cotangent of {name}")
    size, angle = 0.5 + rng.random(array.shape), 2 * np.pi * rng.random(array.shape)
    return np.asarray(size * (np.exp(1j * angle) if array.dtype.kind == "c" else np.sign(np.pi - angle)), array.dtype)


def digits(array):
    """The same numbers with 80 digits."""
    make = exact.mpc if array.dtype.kind == "c" else exact.mpf
    return np.asarray(np.frompyfunc(lambda x: make(complex(x) if make is exact.mpc else float(x)), 1, 1)(array), object)


def matrix_of(array):
    return exact.matrix(array.tolist())


def array_of(matrix):
    return np.array(matrix.tolist(), object).reshape(matrix.rows, matrix.cols)
