"""The numeric derivative along a line, with its error; and the verdict on a gradient that it is compared with.

Differences are taken of the residual: what the function rises by, less what the gradient says it rises by over the
displacement really made. Two stages: one stencil, which can only accept; then a ladder of steps from small to large,
whose neighbours' agreement is the error. No tolerance but ``rtol`` is chosen by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_nn.engine.node import Array

__all__ = ["JITTERS", "STEP", "Comparison", "Line", "at_a_kink", "compare", "is_member", "jumps", "unit_roundoff"]

Outcome = Literal["right", "wrong", "unresolved", "kink"]

STEP = 2.0**-9
"""Of the stencil, relative to the direction."""

LADDER = [2.0 ** (3 * k - 44) for k in range(30)]
LONGEST = 0.25
"""Steps go on to this, and in small numbers to a displacement of 1."""

SMALL = 2.0**-30
"""Displacements up to this may be on one step of a staircase of rounding."""

JITTERS = (1.31, 1.73, 2.29, 3.37, 5.03)
"""A rejection must repeat at the ladder's steps times each of these."""

TINY = 2.0**-40
"""Displacements of the stencil that are smaller may all lie on one step of a staircase: 1 + x has such steps."""

ALONE = 64
"""So many elements are looked at one by one."""

ROUNDOFFS = {
    np.dtype(t): float(np.finfo(t).eps) / 2
    for t in (np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128, np.clongdouble)
}


def unit_roundoff(dtype: np.dtype[Any]) -> float:
    """Half the distance from 1 to the next number."""
    return ROUNDOFFS[dtype]


class Comparison(NamedTuple):
    """A derivative along one direction, by autograd and by differences."""

    outcome: Outcome
    autograd: float
    """<g, v>."""
    numeric: float
    """<w, J v>."""
    error: float
    """The estimated error of ``numeric``."""
    tolerance: float
    scale: float
    """S, the sum of abs(g * v): what relative errors are relative to."""
    step: float
    scales: int
    """How many step sizes agree."""

    @property
    def detectable(self) -> float:
        """The smallest relative error of the gradient that would have been seen."""
        return self.tolerance / self.scale if self.scale else 0.0 if not self.tolerance else np.inf


class Estimate(NamedTuple):
    """The residual slope that the ladder has come to."""

    residual: float
    error: float
    step: float
    scales: int
    sudden: bool = False
    """Whether the next larger step does not agree at all."""


class Line:
    """A function of one array along the direction v from x, all of them flat; weighted with w.

    ``value(x)`` is the flat output at a flat x; g is the gradient to be judged.
    """

    __slots__ = ("central", "g", "noise", "passing", "reach", "scale", "sizes", "slope", "v", "value", "w", "x", "y")

    def __init__(self, value: Callable[[Array], Array], x: Array, v: Array, g: Array, w: Array, y: Array) -> None:
        self.value, self.x, self.v, self.g, self.w, self.y = value, x, v, g, w, y
        terms = g * v
        self.sizes = np.abs(terms)
        self.scale = float(self.sizes.sum())
        self.passing = min(self.scale, 6 * float(self.sizes.dot(self.sizes)) ** 0.5)
        """What relative errors add up to, at most: each may have either sign, as the directions have."""
        self.slope = float(terms.sum().real)
        self.reach = float(np.abs(v).max(initial=0))
        self.noise = 8 * unit_roundoff(y.dtype) * float(np.abs(w * y).sum())
        self.central: list[tuple[float, Array, Array]] = []
        """The last two central steps, with the outputs above and below."""

    def along(self, v: Array) -> Line:
        """The same in another direction."""
        return Line(self.value, self.x, v, self.g, self.w, self.y)

    def visible(self, tolerance: float) -> Array:
        """The smallest relative error of each element of the gradient that would be seen."""
        if self.sizes.all():
            return tolerance / self.sizes
        size = np.abs(self.g)
        typical = size[size > 0].mean() if size.any() else 1.0
        with np.errstate(all="ignore"):
            least = tolerance / (np.where(size > 0, size, typical) * np.abs(self.v))
        if not size.any():  # relative to the output, as there is nothing else
            least = least * np.abs(self.v) / (np.abs(self.w * self.y).sum() or 1.0)
        return np.where(self.v == 0, np.inf, np.nan_to_num(least, nan=0.0, posinf=np.inf))

    def against_zero(self) -> Line:
        """The same with a gradient of 0 to be judged."""
        return Line(self.value, self.x, self.v, np.zeros_like(self.g), self.w, self.y)

    def pair(self, rise: Array, displacement: Array) -> float:
        """What the output rises by, less what the gradient says."""
        return float((self.w.dot(rise) - self.g.dot(displacement)).real)

    def elements(self) -> Iterator[Line]:
        """The line, and those along its direction in one element alone."""
        yield self
        for j in np.flatnonzero(self.v)[:ALONE]:
            v = np.zeros_like(self.v)
            v[j] = self.v[j]
            yield Line(self.value, self.x, v, self.g, self.w, self.y)

    def rise(self, h: float, side: int) -> tuple[Array, Array]:
        """The change of the output and of the input over the step: central for side 0, else to one side."""
        step = h * self.v
        above = self.x + step if side >= 0 else self.x
        below = self.x - step if side <= 0 else self.x
        top = self.value(above) if side >= 0 else self.y
        bottom = self.value(below) if side <= 0 else self.y
        if side == 0:
            self.central = [*self.central[-1:], (h, top, bottom)]
        return top - bottom, above - below

    def bends(self) -> bool:
        """Whether some output bends as at a kink: by the step, where it is by its square in smooth functions.

        That is free, and true of all kinks; a central difference does not see those whose slopes have the gradient for
        their mean.
        """
        if len(self.central) < 2:
            return False
        (near, top, bottom), (far, higher, lower) = self.central
        level = self.y + self.y
        little, much = np.abs(top + bottom - level), np.abs(higher + lower - level)
        bent = much < (far / near) ** 1.5 * little
        if not bent.any():
            return False
        rise = float(np.abs(self.w * (top - self.y)).sum() + np.abs(self.w * (bottom - self.y)).sum())
        bend, size = np.abs(self.w) * little, np.abs(self.w * self.y)
        return bool(np.any(bent & (bend > 1e-7 * rise + 8 * unit_roundoff(self.y.dtype) * size)))


def compare(line: Line, rtol: float, jitters: tuple[float, ...] = JITTERS) -> Comparison:
    """Judge the gradient along the line."""
    return stencil(line, rtol) or laddered(line, rtol, jitters)


def stencil(line: Line, rtol: float) -> Comparison | None:
    """Stage 0: a difference of fourth order. It accepts or has nothing to say."""
    scale, noise = line.scale, line.noise / STEP
    flat = scale == 0
    if not (flat or noise <= 1e-5 * scale < np.inf):  # also where the scale is nan
        return None
    if STEP * line.reach < TINY:
        return None
    rise, displacement = line.rise(STEP, 0)
    rise2, displacement2 = line.rise(2 * STEP, 0)
    residual = line.pair(8 * rise - rise2, 8 * displacement - displacement2) / (12 * STEP)
    tolerance = rtol * line.passing + noise
    if flat:
        if rise.any() or rise2.any():
            return None
        tolerance = 0.0
    if not abs(residual) <= tolerance:
        return None
    return Comparison("right", line.slope, line.slope + residual, noise, tolerance, scale, STEP, 1)


def laddered(line: Line, rtol: float, jitters: tuple[float, ...]) -> Comparison:
    """Stage 1: the estimate of the ladder; a rejection must repeat on every jittered ladder."""
    if not np.isfinite(line.scale):  # judged as if the gradient were 0, which differs from any estimate
        found = climb(line.against_zero())
        outcome: Outcome = "unresolved" if found is None else "wrong"
        estimate = found or Estimate(np.nan, np.inf, np.nan, 0)
        return Comparison(outcome, np.nan, estimate.residual, estimate.error, 0.0, 0.0, estimate.step, estimate.scales)
    first = climb(line)
    wrong = first is not None and verdict(first, line, rtol) == "wrong"
    if first is not None and (first.sudden or (wrong and jitters)):
        near = first.sudden or abs(first.residual) > 1e-2 * line.scale
        heights = [stairs(line, first, side, near) for side in (1, -1)]
        height = max(heights) if wrong else min(heights)
        if height:
            line.noise += 4 * height
            fine, first = first, climb(line)
            own = not wrong and fine.step * line.reach > TINY  # they may be the function's own teeth
            if first is not None and own and verdict(first, line, rtol) == "wrong":
                first = None
    if first is None:
        return Comparison("unresolved", line.slope, np.nan, np.inf, np.inf, line.scale, np.nan, 0)
    outcome = verdict(first, line, rtol)
    if outcome == "wrong":
        for jitter in jitters:
            again = climb(line, jitter)
            if again is None or verdict(again, line, rtol) == "right":
                outcome = "unresolved"
                break
    numeric = line.slope + first.residual
    if abs(numeric) <= 16 * unit_roundoff(line.x.dtype) * line.scale:
        numeric = 0.0  # what is left are the last digits of the displacements
    return Comparison(
        outcome,
        line.slope,
        numeric,
        first.error,
        10 * first.error + rtol * line.passing,
        line.scale,
        first.step,
        first.scales,
    )


def verdict(estimate: Estimate, line: Line, rtol: float) -> Outcome:
    return "right" if abs(estimate.residual) <= 10 * estimate.error + rtol * line.passing else "wrong"


def stairs(line: Line, estimate: Estimate, side: int, near: bool) -> float:
    """How high the steps are to this side, if the output is a staircase there; else 0.

    It is one where rounding inside is coarser than that of the value, and where an iteration ends earlier or later: the
    slope on a step is off, and the jumps make up for that. A jump shows in eighth differences, which stay as large when
    one looks 4 times closer, where those of a kink become 4 times smaller and those of a smooth function 65,536 times.
    It must not be larger than what the slope is off over the distance: such are the function's own. ``near`` is within
    some thousand steps of the estimate, where the whole slope may be off; else within a quarter of the direction.
    """
    if near:
        high, off = min(5395 * estimate.step, max(LONGEST, SMALL / line.reach)), 300 * line.scale
    else:
        high, off = LONGEST, 30 * abs(estimate.residual)
    low = -high / 2  # what lies next to an end would not show
    u, size = unit_roundoff(line.y.dtype), float(np.abs(line.x).max())
    floor = (
        line.noise + 16 * u * line.scale + 16 * np.finfo(line.y.dtype).smallest_subnormal * float(np.abs(line.w).sum())
    )
    sizes: list[float] = []
    quiet = False
    for _ in range(16):
        span = (high - low) * line.reach
        if span < 2.0**-40 * size:
            break
        steps = np.linspace(low, high, 33)
        residuals = np.array([line.pair(*line.rise(h, side)) for h in steps])
        eighth = np.abs(np.diff(residuals, 8))
        if not np.isfinite(eighth).all():
            low, high = low / 2, high / 2
            continue
        k = int(eighth.argmax())
        sizes.append(float(eighth[k]) / 35)  # the largest of such a difference of a jump of 1
        steep = float(np.abs(np.diff(residuals)).max()) * size / span  # what rounding of the argument makes of it
        if sizes[-1] <= floor + 16 * u * (float(np.abs(residuals).max()) + 32 * steep):
            if quiet:
                return 0.0
            quiet = True  # equal stairs, as many for each step, do not show: with other steps they do
            sizes.clear()
            low, high = 0.618 * low, 0.618 * high
            continue
        low, high = steps[k], steps[k + 8]
        if len(sizes) > 4 and all(0.1 < fine / coarse < 0.5 for coarse, fine in pairwise(sizes[-5:])):
            return 0.0  # a kink
    is_jump = len(sizes) > 3 and 2 * sizes[-1] > sizes[-4] and sizes[-1] < off * max(abs(low), abs(high))
    return sizes[-1] if is_jump else 0.0


def climb(line: Line, jitter: float = 1.0, side: int = 0) -> Estimate | None:
    """The residual slope by differences at steps from small to large, so that oscillations do not alias.

    Neighbouring steps are extrapolated to step 0. The first three extrapolations that agree to 1e-3 are a consensus,
    and larger steps are taken as long as they agree better. None if there is no consensus.
    """
    ratio = 64 if side == 0 else 8
    width = 2 if side == 0 else 1
    smallest = observed = 0.0
    moved = False
    slopes: list[float] = []
    steps: list[float] = []
    limits: list[float] = []
    best: Estimate | None = None
    quiet: Estimate | None = None
    flattest: Estimate | None = None
    steepest, where = 0.0, 0.0
    for k, base in enumerate(LADDER):
        h = jitter * base
        if h > LONGEST and h * line.reach > 1:
            break
        rise, displacement = line.rise(h, side)
        size = float(np.abs(line.w * rise).sum())
        if not np.isfinite(size):
            break
        residual = line.pair(rise, displacement)
        # a smooth residual is 8 times as large at the second step; the rest is rounding inside the function
        if k == 0:
            smallest = residual
        elif k == 1:
            observed = abs(residual - 8 * smallest) / 4
        noise = max(line.noise / 2, observed)
        moved = moved or size > line.noise / 2
        if size <= noise and noise > 1e-3 * line.scale * h:
            quiet = Estimate(residual / (width * h), line.noise / h, h, k + 1)
            slopes.clear()
            steps.clear()
            limits.clear()
            continue
        slopes.append(residual / (width * h))
        steps.append(h)
        rises = abs(slopes[-1] + line.slope)
        steepest, where = max((steepest, where), (rises, h))
        if flattest is None or rises + noise / h < flattest.error:
            flattest = Estimate(slopes[-1], rises + noise / h, h, 1)
        if len(slopes) < 2:
            continue
        limits.append((ratio * slopes[-2] - slopes[-1]) / (ratio - 1))
        if len(limits) < 3:
            continue
        limit = limits[-1]
        error = max(abs(limit - limits[-2]), abs(limits[-2] - limits[-3]) / 16) + noise / steps[-2]
        if best is None:
            if error <= 1e-3 * max(line.scale, abs(limit + line.slope)):
                best = Estimate(limit, error, steps[-2], len(slopes))
        elif error <= best.error:
            best = Estimate(limit, error, steps[-2], len(slopes))
        else:
            best = best._replace(sudden=error > 1e-3 * max(line.scale, abs(limit + line.slope)))
            break
    if best is None and not moved and quiet is not None and quiet.scales > 10:
        return quiet  # the output does not move at all, or by less than its rounding
    if best is None and flattest is not None and flattest.error <= 1e-9 * steepest < np.inf and flattest.step < where:
        return flattest  # the slope is 0, and no relative error says how well steps agree
    return best


def at_a_kink(line: Line) -> tuple[Estimate, Estimate] | None:
    """The residual slopes to both sides, where they are stable and not the same; or where the function jumps."""
    if not np.isfinite(line.scale):
        line = line.against_zero()
    for _ in range(2):
        above, below = climb(line, side=1), climb(line, side=-1)
        if above is None or below is None:
            return None
        gap = abs(above.residual - below.residual)
        scale = max(line.scale, abs(above.residual + line.slope), abs(below.residual + line.slope))
        if not gap > 10 * (above.error + below.error) + 1e-6 * scale:
            return None
        height = max(
            stairs(line, found, side, True) if found.sudden else 0.0 for found, side in ((above, 1), (below, -1))
        )
        if not height:
            return above, below
        line.noise += 4 * height
    return None


def jumps(line: Line) -> bool:
    """Whether the output changes by as much over a small step as over a large one."""
    sizes = [float(np.abs(line.w * line.rise(h, 0)[0]).sum()) for h in LADDER[2:6]]
    return all(np.isfinite(sizes)) and sizes[0] > 1e3 * line.noise and sizes[0] > 0.5 * sizes[-1]


def is_member(line: Line) -> bool:
    """Whether the derivative lies between the one-sided ones, output by output: exact for primitives."""
    h = LADDER[7]
    sides = []
    for side in (1, -1):
        near, far = line.rise(h, side)[0] / h, line.rise(8 * h, side)[0] / (8 * h)
        sides.append((line.w * (8 * near - far) / 7).real)
    lower, upper = np.minimum(*sides).sum(), np.maximum(*sides).sum()
    margin = 1e-6 * max(line.scale, float(np.abs(sides).sum())) + line.noise / h
    return bool(np.isfinite(line.scale) and lower - margin <= line.slope <= upper + margin)
