"""Random expression graphs of the primitives in the registry, away from their kinks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_nn.engine.node import Array
from autograd_nn.engine.primitive import Primitive
from autograd_nn.ops.chapters import open_all
from autograd_nn.ops.declare import PRIMITIVES
from autograd_nn.ops.domain import REAL, Call, Shape
from autograd_nn.testing.strategies.array_shapes import shapes
from autograd_nn.testing.strategies.array_values import Interval, arrays, window
from autograd_nn.testing.strategies.calls import applied

__all__ = ["Expression", "Growth", "Step", "code_length", "expressions", "vocabulary"]


@dataclass(frozen=True)
class Step:
    """A function applied to earlier values, which are told by their places."""

    name: str
    function: Callable[..., Any]
    operands: tuple[int, ...]


@dataclass(frozen=True)
class Expression:
    """A function made of primitives: call it with as many arrays or Tensors as it has leaves.

    The value at a place is that of a leaf, or of a step. The result holds the elements of all values that
    no step uses, in one dimension. Printed, it reads as a program.
    """

    leaves: int
    steps: tuple[Step, ...]

    def __call__(self, *leaves: Any) -> Any:
        values = [*leaves]
        for step in self.steps:
            values.append(step.function(*(values[place] for place in step.operands)))
        return np.concatenate([np.reshape(values[place], -1) for place in self.outputs])

    @property
    def outputs(self) -> list[int]:
        """The places of the values that no step uses."""
        used = {place for step in self.steps for place in step.operands}
        return [place for place in range(self.leaves + len(self.steps)) if place not in used]

    def __repr__(self) -> str:
        named: Callable[[Iterable[int]], str] = lambda places: ", ".join(f"n{place}" for place in places)
        lines = [f"n{k} = {step.name}({named(step.operands)})" for k, step in enumerate(self.steps, self.leaves)]
        return f"lambda {named(range(self.leaves))}: {'; '.join([*lines, f'return {named(self.outputs)}'])}"


def ratio(u: Any) -> Any:
    return u / (1.5 + u * u)


def inside(squash: Callable[[Any], Any], interval: Interval, u: Any) -> Any:
    centre, half = window(interval)
    return centre + half * squash(u)


def resized(shape: Shape, u: Any) -> Any:
    """The elements in another shape: cut off, or from the start again."""
    return np.reshape(u, -1)[np.arange(prod(shape)).reshape(shape) % np.size(u)]


def parts(z: Any) -> Any:
    return np.real(z) - 0.7 * np.imag(z)


def tamed(u: Any) -> Any:
    return TAME * np.tanh(u / TAME)


SQUASHES: dict[str, Callable[[Any], Any]] = {"tanh": np.tanh, "sin": np.sin, "ratio": ratio}
"""Into [-1, 1]: what brings any value into an interval."""

TAME = 3.0
"""Values beyond are squashed before another step uses them."""


KINK = 0.05
"""How near to one of its kinks a primitive is not applied."""


@cache
def vocabulary() -> list[tuple[str, Primitive, list[Call]]]:
    """All primitives with their calls of arrays that have elements, the simplest first."""
    with suppress(ImportError):  # the last chapter, special functions, needs SciPy
        open_all()
    found = []
    for name, primitive in PRIMITIVES.items():
        calls = [call for call in primitive.domain.calls if all(map(all, call.shapes))]
        if calls:
            found.append((name, primitive, sorted(calls, key=simplicity)))
    return sorted(found, key=lambda each: (simplicity(each[2][0]), each[0]))


def simplicity(call: Call) -> tuple[int, int]:
    """Fewer parameters, then fewer axes."""
    return len(call.parameters), sum(map(len, call.shapes))


def code_length() -> int:
    """How many bytes `Growth.grow` takes: two for the primitive, one for the call, one for each operand."""
    return 3 + max(len(call.shapes) for *_, calls in vocabulary() for call in calls)


class Growth:
    """An expression while it grows, with its values at the leaves."""

    def __init__(self, leaves: list[Array], max_depth: int) -> None:
        self.max_depth = max_depth
        self.values = [*leaves]
        self.steps: list[Step] = []
        self.depths = [0] * len(leaves)
        self.ready = [*range(len(leaves))]

    def add(self, name: str, function: Callable[..., Any], *operands: int) -> int:
        """The place of a new value."""
        self.values.append(np.asarray(function(*(self.values[place] for place in operands))))
        self.depths.append(max(self.depths[place] for place in operands))
        self.steps.append(Step(name, function, operands))
        return len(self.values) - 1

    def operand(self, code: int, shape: Shape, interval: Interval) -> int:
        """An earlier value, in this shape and within the interval."""
        usable = [place for place in self.ready if self.depths[place] < self.max_depth]
        code, back = divmod(code, len(usable))
        place = usable[-1 - back]
        if self.values[place].shape != shape:
            place = self.add(f"resized[{shape}]", partial(resized, shape), place)
        if interval != REAL.interval(0):
            name = [*SQUASHES][code % len(SQUASHES)]
            place = self.add(f"inside[{name}, {interval}]", partial(inside, SQUASHES[name], interval), place)
        return place

    def grow(self, code: bytes) -> None:
        """Apply one more primitive, unless it is near to a kink or what comes out is not finite."""
        before = len(self.values), len(self.steps)
        name, primitive, calls = vocabulary()[int.from_bytes(code[:2]) % len(vocabulary())]
        call = calls[code[2] % len(calls)]
        places = [self.operand(code[3 + k], shape, primitive.domain.interval(k)) for k, shape in enumerate(call.shapes)]
        kink, operands = primitive.domain.kink, [self.values[place] for place in places]
        smooth = kink is None or all(np.all(np.abs(distance) > KINK) for distance in np.atleast_1d(kink(*operands)))
        if smooth:
            place = self.add(name, applied(primitive, call), *places)
            self.depths[place] += 1
        if not (smooth and np.all(np.isfinite(self.values[place]))):
            del self.values[before[0] :], self.depths[before[0] :], self.steps[before[1] :]
            return
        if self.values[place].dtype.kind == "c":
            place = self.add("parts", parts, place)
        if np.max(np.abs(self.values[place]), initial=0) > TAME:
            place = self.add("tamed", tamed, place)
        if self.values[place].size:
            self.ready.append(place)


@st.composite
def expressions(
    draw: st.DrawFn, /, max_steps: int = 10, max_depth: int = 6, max_leaves: int = 3
) -> tuple[Expression, list[Array]]:
    """Random expression graphs of the primitives in the registry, away from their kinks: (f, leaves).

    A step applies a primitive to earlier values, brought into its shapes and its domain, so that subexpressions are
    shared. What is not finite is left out.

    Parameters
    ----------
    max_steps : int
        Primitives to apply.
    max_depth : int
        How many of them may follow on each other.
    max_leaves : int

    Returns
    -------
    f : Expression
        A function of ``len(leaves)`` arrays or Tensors with a result in one dimension; printed, it reads as a program.
    leaves : list of float64 arrays

    Examples
    --------
    >>> from hypothesis import find
    >>> f, leaves = find(expressions(), lambda found: len(found[0].steps) > 1)
    >>> f(*leaves).ndim
    1
    """
    count = draw(st.integers(1, max_leaves))
    fitting = [draw(shapes(2, min_side=1)) for _ in range(count)]
    leaves = [draw(arrays(shape, domain=(-2, 2))) for shape in fitting]
    growth = Growth(leaves, max_depth)
    with np.errstate(all="ignore"):
        for code in draw(st.lists(st.binary(min_size=code_length(), max_size=code_length()), max_size=max_steps)):
            growth.grow(code)
    return Expression(count, tuple(growth.steps)), leaves
