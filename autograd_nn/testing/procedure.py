"""All checks of one function at its arguments, in order: the exact ones, then the comparison with differences."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_nn.engine.node import Array
from autograd_nn.testing.diagnosis import misshapen
from autograd_nn.testing.foreign import UserFunction
from autograd_nn.testing.functions import Function, GradientFunction, Recording, TensorFunction, flat
from autograd_nn.testing.layouts import LAYOUTS
from autograd_nn.testing.numeric import (
    JITTERS,
    STEP,
    Comparison,
    Line,
    at_a_kink,
    compare,
    is_member,
    jumps,
)
from autograd_nn.testing.points import (
    LOW,
    SEEN,
    SHAKES,
    Point,
    apart,
    cast_away,
    equalised,
    laid_in,
    magnitude,
    rounded_to,
    roundoff,
    same_value,
    shaken,
    value_roundoff,
    valued,
    widened,
)
from autograd_nn.testing.reports import Report

__all__ = ["RTOL", "Failure", "Kinks", "Procedure"]

Kinks = Literal["reject", "member", "ignore", "error"]

RTOL = 1e-9
"""The relative error of a gradient that is let pass, unless another is asked for."""

EXACT = 1e-9
"""How exactly linearity, transposition and symmetry hold, relative to the terms that are added up."""

WRITES = (
    "mutated cotangent, or what the rule kept: write g * 2 for g *= 2, or g = g.copy() first; others hold these arrays"
)

POOR = 1e-2
"""An element whose gradient may be off by more than this of its size, and nobody would see it, is not proved."""

ROUNDS = 6
"""So many times the elements that have not shown are looked at alone."""


class Failure(NamedTuple):
    """One thing that is wrong."""

    kind: str
    """"derivative", or the name of an exact check."""
    order: int
    place: int
    """Which of the function's arrays it is about."""
    text: str
    hint: str = ""
    """What it looks like, where that is seen at once."""
    comparison: Comparison | None = None
    direction: Array | None = None
    gradient: Array | None = None


class Procedure:
    """What the checks found, and what they draw from."""

    def __init__(
        self,
        order: int,
        rtol: float,
        kinks: Kinks,
        seed: int,
        aliases: bool = False,
        only: int | None = None,
        jitters: tuple[float, ...] = JITTERS,
    ) -> None:
        self.order, self.rtol, self.kinks, self.seed = order, rtol, kinks, seed
        self.aliases, self.only, self.jitters = aliases, only, jitters
        self.poor = max(POOR, 100 * rtol)
        self.rng = np.random.default_rng(seed)
        self.evaluations = self.comparisons = self.unresolved = self.rejected = 0
        self.detectable: dict[str, float] = {}
        self.nearest, self.worst = -1.0, ""
        self.failures: list[Failure] = []
        self.skipped: list[str] = []
        self.passed: dict[str, bool] = {}
        """The exact checks that were made: whether each is ok."""
        self.judged: dict[int, bool] = {}
        """For each array, by place: whether the derivative was right in all directions."""
        self.drawn: dict[int, list[Array]] = {}
        """The cotangents of each order."""

    def again(self, only: int | None, jitters: tuple[float, ...]) -> Procedure:
        """One with the same draws, that compares only one array with differences."""
        return Procedure(self.order, self.rtol, self.kinks, self.seed, self.aliases, only, jitters)

    def fail(self, kind: str, order: int, place: int, text: str, hint: str = "", **found: Any) -> None:
        self.passed[kind] = False
        self.failures.append(Failure(kind, order, place, text, hint, **found))

    def done(self, *kinds: str) -> None:
        """These were checked; ok unless they have failed."""
        for kind in kinds:
            self.passed.setdefault(kind, True)

    def give_up(self) -> None:
        """Nothing is known of any array."""
        self.unresolved += 1
        self.judged = dict.fromkeys(self.judged, False)

    def report(self, function: UserFunction) -> Report:
        verdict: Any = "kink" if self.rejected else "unresolved" if self.unresolved else "right"
        return Report(
            function.name,
            verdict,
            self.evaluations,
            self.comparisons,
            max(self.detectable.values(), default=0.0),
            self.worst,
            self.unresolved,
            self.rejected,
            tuple(self.skipped),
            tuple(name for k, name in enumerate(function.names) if self.judged.get(k)),
            tuple(function.unreached),
            self.detectable,
        )

    # Draws ---------------------------------------------------------------------------------------------

    def signed(self, like: Array, low: float, width: float) -> Array:
        """Magnitudes from low on, random signs; random phases for complex numbers."""
        z = 2 * self.rng.random(like.shape) - 1
        magnitudes = low + width * np.abs(z)
        if like.dtype.kind == "c":
            return magnitudes * np.exp(2j * np.pi * self.rng.random(like.shape))
        return np.copysign(magnitudes, z)

    def cotangent(self, like: Array) -> Array:
        """Never ones."""
        return np.asarray(self.signed(like, 0.5, 1.0), like.dtype)

    def direction(self, array: Array) -> Array:
        """About as large as the array, flat; zeros move by a hundredth of the others."""
        size = np.abs(array.ravel())
        if not size.size:
            return array.ravel()
        largest = size.max()
        typical = largest * np.sqrt(np.square(size / largest).mean()) if largest > 0 else 100.0
        least = np.where(size > 0, np.minimum(0.01 * typical, 1e4 * size), 0.01 * typical)
        return self.signed(array.ravel(), 0.3, 1.4) * (size + least)

    # The run -------------------------------------------------------------------------------------------

    def run(self, function: UserFunction) -> None:
        """All checks. Low precision is too coarse for differences: it must agree with float64, and that with them."""
        self.skipped += function.skipped
        low = any(a.dtype in LOW for a in function.arrays)
        point, slopes = self.entered(function, function.arrays, 1)
        if low and slopes is not None:
            narrow = point
            point, exact = self.entered(function, widened(function.arrays), 1, narrow.ws)
            if exact is not None:
                self.compared(point, exact)
                self.agree(narrow, slopes, point, exact)
        elif slopes is not None:
            self.compared(point, slopes)
        if self.order == 2 and isinstance(function, TensorFunction) and not (self.failures or self.rejected):
            self.second(function, point)

    def entered(
        self, function: Function, arrays: Sequence[Array], order: int, drawn: list[Array] | None = None
    ) -> tuple[Point, list[Array] | None]:
        """Record the function and make the checks that need no arithmetic. Also the gradients, unless they are useless.

        ``drawn`` are cotangents that were drawn before.
        """
        pristine = [a.copy() for a in arrays]
        recording: Recording = function.record(arrays)
        outputs = recording.outputs
        pairs = enumerate(zip(arrays, pristine, strict=True))
        written = [k for k, (a, before) in pairs if k in recording.written or a.tobytes() != before.tobytes()]
        y = flat(outputs)
        again = y if written else function.value(pristine)
        self.evaluations += 2
        ws = [
            self.cotangent(y) if drawn is None else drawn[k].astype(y.dtype, copy=False) for k, y in enumerate(outputs)
        ]
        self.drawn[order] = ws
        directions = [self.direction(x) for x in pristine]
        point = Point(function, order, pristine, recording, ws, directions, again, flat(ws))
        for k in written:
            hint = "the function writes to its argument: write x = x * 2 for x *= 2, or x = x.copy() first"
            self.fail("inputs", order, k, "the function changes its argument in place", hint)
            np.copyto(arrays[k], pristine[k])
        if written:
            return point, None
        if order == 1 and not same_value(
            again, y, all(a.strides == b.strides for a, b in zip(arrays, pristine, strict=True))
        ):
            self.fail("value", order, 0, "the same arguments give another value the second time")
            return point, None
        if order == 2 and (np.abs(point.w) * apart(again, y)).sum() > EXACT * point.size:
            self.fail("recorded", order, 0, "the pullback gives other gradients on Tensors than on arrays")
        slopes = self.pulled(point, arrays)
        for k, (a, before) in enumerate(zip(arrays, pristine, strict=True)):
            if a.tobytes() != before.tobytes():
                self.fail("inputs", order, k, "the argument is changed in place")
                np.copyto(a, before)
                slopes = None
        self.done("value", "inputs")
        return point, slopes

    def pulled(self, point: Point, arrays: Sequence[Array]) -> list[Array] | None:
        """The gradients, after a look at what the pullback does to others and returns; None where they are useless."""
        order, pull = point.order, point.recording.pull
        cotangents = [w.copy() for w in point.ws]
        try:
            slopes = pull(cotangents)
        except Exception as error:
            writes = "writes to g or to what it kept" in str(error)
            kind, hint = ("cotangent", WRITES) if writes else ("pullback", "")
            self.fail(kind, order, 0, f"the pullback raises {type(error).__name__}: {error}", hint)
            return None
        if any(g.tobytes() != w.tobytes() for g, w in zip(cotangents, point.ws, strict=True)):
            self.fail("cotangent", order, 0, "the pullback changes its cotangent in place")
        self.done("cotangent", "shape", "dtype", *["alias"] * (not self.aliases))
        useful = True
        for k, (g, x) in enumerate(zip(slopes, point.arrays, strict=True)):
            if g.shape != x.shape:
                self.fail("shape", order, k, *misshapen(g.shape, x.shape, [w.shape for w in point.ws]))
                useful = False
            elif g.dtype != x.dtype:
                self.fail("dtype", order, k, f"the gradient has dtype {g.dtype}, the argument {x.dtype}")
                useful &= g.dtype.kind in "fc"
            for others, what in (
                (arrays, "an argument"),
                (cotangents, "the cotangent"),
                (slopes[:k], "another gradient"),
            ):
                shared = any(np.may_share_memory(g, other) and np.shares_memory(g, other) for other in others)
                if shared and not self.aliases:
                    self.fail("alias", order, k, f"the gradient shares memory with {what}")
        if not useful:
            return None
        slopes = [np.array(g) for g in slopes]
        again, nothing = pull([w.copy() for w in point.ws]), pull([np.zeros_like(w) for w in point.ws])
        for k, (g, second, zero) in enumerate(zip(slopes, again, nothing, strict=True)):
            if g.tobytes() != second.tobytes():
                self.fail("repeatable", order, k, "the same cotangent gives another gradient the second time")
            if zero[np.isfinite(g)].any():
                self.fail("zero", order, k, "a cotangent of zeros gives a gradient that is not 0")
        self.done("repeatable", "zero")
        return slopes

    def compared(self, point: Point, slopes: list[Array]) -> None:
        self.transposed(point, slopes)
        if all(np.isfinite(a).all() for a in (point.y, *point.arrays)):
            if point.order == 1:
                self.laid_out(point, slopes)
            self.differences(point, slopes)
        else:
            self.give_up()

    def transposed(self, point: Point, slopes: list[Array]) -> None:
        """The pullback is linear, and the transpose of forward mode."""
        order, ws, directions = point.order, point.ws, point.directions
        # of the other sign everywhere, so that a sign that is lost shows
        us = [np.asarray(-w * (0.3 + 1.4 * self.rng.random(w.shape)), w.dtype) for w in ws]
        along_u = point.recording.pull([u.copy() for u in us])
        mixed = point.recording.pull([np.asarray(2 * w - 3 * u) for w, u in zip(ws, us, strict=True)])
        total = terms = 0.0
        for k, (g, gu, both, v) in enumerate(zip(slopes, along_u, mixed, directions, strict=True)):
            size, along = magnitude(v, g.ravel()), magnitude(v, gu.ravel())
            g, gu, both = g.ravel() * v, gu.ravel() * v, both.ravel() * v
            known = np.isfinite(g) & np.isfinite(gu)
            offs = np.where(known, apart(both, 2 * g - 3 * gu), np.where(np.isfinite(both), np.inf, 0.0))
            off = float(offs.max(initial=0))
            if off > 0 and not self.rounded(point, k, off, size + along):
                self.fail("linear", order, k, "the pullback is not linear in its cotangent")
            total += float(g.sum().real)
            terms += size
        self.done("linear")
        tangents = [v.reshape(x.shape) for v, x in zip(directions, point.arrays, strict=True)]
        pushed = point.recording.push(ws, tangents)
        if pushed is not None:
            forward = sum(float((w * t).sum().real) for w, t in zip(ws, pushed, strict=True))
            off, allowed = abs(forward - total), EXACT * terms + value_roundoff(point)
            if not off <= allowed:
                allowed += sum(roundoff(self.rng, point.recording.pull, ws, directions))
                allowed += sum(roundoff(self.rng, partial(point.recording.push, ws), tangents, ws))
                allowed += sum(self.last_digits(point, k, v) for k, v in enumerate(directions))
            if np.isfinite(total) and not off <= allowed:
                self.fail("forward", order, 0, f"<w, Jv> = {forward:.12g} in forward mode, <v, J'w> = {total:.12g}")
            self.done("forward")
        elif isinstance(point.function, TensorFunction):
            self.skipped.append("forward mode: a pullback is written for arrays only")

    def laid_out(self, point: Point, slopes: list[Array]) -> None:
        """The memory of the cotangent is of no consequence: its strides, and whether it may be written to."""
        pull = point.recording.pull
        tried = {laid_in(point.ws)}
        for name, lay_out in LAYOUTS.items():
            ws = [lay_out(w) for w in point.ws]
            if laid_in(ws) in tried:
                continue
            tried.add(laid_in(ws))
            expected = slopes
            if not all(map(np.array_equal, ws, point.ws)):  # "stride-0" repeats
                expected = pull([np.array(w, order="C") for w in ws])
            try:
                found = pull(ws)
            except Exception as error:
                self.fail(
                    "layouts", 1, 0, f"with a {name} cotangent the pullback raises {type(error).__name__}: {error}"
                )
                continue
            for k, (g, right, v) in enumerate(zip(found, expected, point.directions, strict=True)):
                off = float((apart(g, right) * np.abs(v).reshape(right.shape)).max(initial=0))
                if not self.rounded(point, k, off, magnitude(v, right.ravel())):
                    self.fail("layouts", 1, k, f"with a {name} cotangent of the same numbers the gradient is another")
        self.done("layouts")

    def rounded(self, point: Point, place: int, off: float, size: float) -> bool:
        """Whether a gradient, along its direction, is off by no more than rounding; ``size`` is that of its terms."""
        allowed = EXACT * size + value_roundoff(point)
        if off > allowed:
            allowed += self.last_digits(point, place, point.directions[place])
        if off > allowed and not cast_away(point, place):
            allowed += roundoff(self.rng, point.recording.pull, point.ws, point.directions)[place]
        return off <= allowed

    def last_digits(self, point: Point, place: int, v: Array) -> float:
        """What the last digits of the arguments amount to in a gradient along v."""
        self.evaluations += SHAKES
        return float((shaken(self.rng, point)[place] * np.abs(v)).sum())

    def differences(self, point: Point, slopes: list[Array]) -> None:
        """Compare with the numeric derivative, array by array.

        In one plain direction, in one equalised, and in others of the elements that did not show in these.
        """
        at = list(point.arrays)
        raised: list[str]

        def value(flat: Array) -> Array:
            at[k] = flat.reshape(x.shape)
            self.evaluations += 1
            return valued(point.function, at, point.y, raised)

        for k, (x, g, v) in enumerate(zip(point.arrays, slopes, point.directions, strict=True)):
            if not x.size or self.only not in (None, k):
                continue
            raised = []
            line = Line(value, x.ravel(), v, g.ravel(), point.w, point.y)
            seen = self.judge(line, point, k, "plain")
            if x.size > 1:
                line = line.along(equalised(self.direction(x), line.g, SEEN * point.size))
                seen = np.minimum(seen, self.judge(line, point, k, "equalised"))
                for _ in range(ROUNDS):
                    if not (np.any(seen > self.poor) and self.judged[k]):
                        break
                    seen = np.minimum(seen, self.judge_alone(line, point, k, seen))
            at[k] = x
            if self.judged[k]:
                self.settle(point.function.names[k], k, x, seen, raised)

    def settle(self, name: str, place: int, x: Array, seen: Array, raised: list[str]) -> None:
        """What is known of an array of which nothing is wrong, from what would have been seen of each element."""
        hidden = np.flatnonzero(seen > self.poor)
        if not hidden.size:
            self.detectable[name] = max(self.detectable.get(name, 0.0), float(seen.max()))
            return
        self.judged[place] = False
        self.unresolved += 1
        if raised:
            self.skipped.append(f"{name}: next to here the function {raised[-1]}")
            return
        first = ", ".join(str(int(i)) for i in np.unravel_index(hidden[0], x.shape))
        which = f"{hidden.size} of {x.size} elements, [{first}] first," if x.shape else "it"
        self.skipped.append(f"{name}: {which} cannot be seen to change the result")

    def judge_alone(self, line: Line, point: Point, place: int, seen: Array) -> Array:
        """Compare along hidden elements alone, with the cotangents of those outputs alone that they move.

        Where none of them has shown at all, along the larger half of them.
        """
        hidden = seen > self.poor
        if np.all(seen[hidden] == np.inf):
            size = np.abs(line.x)
            hidden &= size >= np.median(size[hidden])
        v = np.where(hidden, self.direction(line.x), 0)
        moved = line.along(v).rise(STEP, 0)[0] != 0
        w = np.where(moved, point.w, 0)
        ends = np.cumsum([a.size for a in point.ws])[:-1]
        ws = [part.reshape(a.shape) for part, a in zip(np.split(w, ends), point.ws, strict=True)]
        g = np.where(v != 0, point.recording.pull(ws)[place].ravel(), 0)
        if not np.isfinite(g).all():  # it may be 0 times an infinite slope
            return np.full(line.x.size, np.inf)
        found = self.judge(Line(line.value, line.x, v, g, w, line.y), point, place, "partial")
        with np.errstate(all="ignore"):
            return found + np.nan_to_num(np.abs(line.g - g) / np.abs(line.g), nan=0.0)

    def forgiven(self, found: Comparison, line: Line, point: Point, place: int) -> Comparison:
        """The comparison again, where the gradient is off by no more than what its terms are rounded to."""
        tolerance = found.tolerance + self.last_digits(point, place, line.v)
        gap = abs(found.numeric - found.autograd)
        if not gap <= tolerance and not cast_away(point, place):
            directions = [line.v if k == place else np.zeros(x.size) for k, x in enumerate(point.arrays)]
            tolerance += roundoff(self.rng, point.recording.pull, point.ws, directions)[place]
        if not gap <= tolerance:
            return found
        return found._replace(outcome="right" if tolerance <= 1e-2 * found.scale else "unresolved", tolerance=tolerance)

    def judge(self, line: Line, point: Point, place: int, kind: str) -> Array:
        """Compare along the line. For each element, the smallest relative error that would have been seen."""
        found = compare(line, self.rtol, self.jitters)
        if found.outcome == "wrong" and np.isfinite(found.scale):
            found = self.forgiven(found, line, point, place)
        return self.weigh(found, line, point, place, kind)

    def weigh(self, found: Comparison, line: Line, point: Point, place: int, kind: str) -> Array:
        """What the comparison says of the array, after a look for kinks."""
        self.comparisons += 1
        outcome = found.outcome
        suspected = self.kinks != "ignore" and (outcome != "right" or line.bends())
        if suspected and (at_a_kink(line) or (not found.scales and jumps(line))):
            outcome = "kink"
            if self.kinks == "member":
                within = all(map(is_member, line.elements()))
                outcome = "right" if within else "kink" if jumps(line) else "wrong"
                found = found._replace(tolerance=0.0)
            elif self.kinks == "error":
                self.fail("kink", point.order, place, "the slopes to both sides differ: the function has a kink here")
        self.judged[place] = outcome in ("right", "unresolved") and self.judged.get(place, True)
        if outcome == "right":
            near = abs(found.numeric - found.autograd) / (found.tolerance or 1)
            if near > self.nearest:
                self.nearest = near
                self.worst = f"{point.function.names[place]}, {kind} direction: {near:.1g} of the tolerance"
            return line.visible(found.tolerance)
        if outcome == "kink":
            self.rejected += 1
        elif outcome == "wrong":
            text = f"numeric {found.numeric:.12g} +- {found.error:.0e}, autograd {found.autograd:.12g}"
            self.failures.append(Failure("derivative", point.order, place, text, "", found, line.v, line.g))
        return np.full(line.x.size, np.inf)

    def agree(self, narrow: Point, slopes: list[Array], wide: Point, exact: list[Array]) -> None:
        """The gradient in low precision is that of the same numbers in float64, up to rounding."""
        limits = rounded_to(self.rng, narrow, wide, exact)
        self.evaluations += SHAKES
        if limits is None:
            self.give_up()
            return
        for k, (g, right, limit) in enumerate(zip(slopes, exact, limits, strict=True)):
            if g.size:
                self.comparisons += 1
                if not np.all(apart(g, right) <= np.nan_to_num(limit, nan=0.0, posinf=0.0)):
                    text = f"in {g.dtype} it differs from that of the same numbers in float64"
                    self.fail("low precision", 1, k, text, gradient=g)
        self.done("low precision")

    def second(self, function: TensorFunction, first: Point) -> None:
        """The same checks of the gradient, as a function of arguments and cotangents; and symmetry."""
        point, slopes = self.entered(GradientFunction(function, first.ws), [*first.arrays, *first.ws], 2)
        if slopes is None:
            return
        self.compared(point, slopes)
        us, vs = ([self.direction(x).reshape(x.shape) for x in first.arrays] for _ in range(2))
        along_u, along_v = point.recording.pull(us), point.recording.pull(vs)
        one = sum(float((h * v).sum().real) for h, v in zip(along_u, vs, strict=False))
        other = sum(float((h * u).sum().real) for h, u in zip(along_v, us, strict=False))
        terms = sum(magnitude(v, h) for h, v in zip(along_u, vs, strict=False))
        off = abs(one - other) if np.isfinite(one) or np.isfinite(other) else 0.0  # both inf, or nan of such
        allowed = EXACT * terms
        allowed += 1e-13 * sum(float(np.abs(g * u).sum()) for g, u in zip(point.recording.outputs, us, strict=True))
        if not off <= allowed:
            allowed += sum(roundoff(self.rng, point.recording.pull, us, [*vs, *first.ws]))
        if not off <= allowed:
            self.fail("symmetric", 2, 0, f"the Hessian is not symmetric: <Hu, v> = {one:.12g}, <u, Hv> = {other:.12g}")
        self.done("symmetric")
