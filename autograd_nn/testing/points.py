"""Where a function is examined: one recording of it with what was drawn for it, and what is rounding there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.node import Array
from autograd_nn.testing.functions import Function, Recording, flat
from autograd_nn.testing.numeric import unit_roundoff

__all__ = [
    "LOW",
    "SEEN",
    "SHAKES",
    "Point",
    "apart",
    "cast_away",
    "equalised",
    "laid_in",
    "magnitude",
    "rounded_to",
    "roundoff",
    "same_value",
    "shaken",
    "value_roundoff",
    "valued",
    "widened",
]

SEEN = 5e-8
"""The smallest change of the output, relative to it, that the numeric derivative's stencil sees well."""

SHAKES = 3
"""So many points nearby tell what rounding of the arguments amounts to."""

LOW = {np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.complex64)}


class Point(NamedTuple):
    """Where a function is examined: one recording of it, with what is drawn for it."""

    function: Function
    order: int
    arrays: list[Array]
    """Copies, which nobody changes."""
    recording: Recording
    ws: list[Array]
    """Cotangents of the outputs."""
    directions: list[Array]
    """A flat one for each array."""
    y: Array
    """All outputs, flat."""
    w: Array

    @property
    def size(self) -> float:
        """The sum of absolute terms in <w, y>: rounding is relative to it."""
        return magnitude(self.w, self.y)


def valued(function: Function, arrays: Sequence[Array], y: Array, raised: list[str]) -> Array:
    """The flat output, or nan where the function has none like y: it raises outside its domain."""
    try:
        found = function.value(arrays)
    except Exception as error:
        raised.append(f"raises {type(error).__name__}: {error}")
    else:
        if found.shape == y.shape:
            return found
        raised.append(f"returns {found.size} numbers, not {y.size}")
    return np.full(y.shape, np.nan, y.dtype)


def magnitude(a: Array, b: Array) -> float:
    """The sum of the finite absolute terms in <a, b>.

    With the smallest normal number for b at least: those below lack digits.
    """
    terms = np.abs(a) * np.maximum(np.abs(b), np.finfo(b.dtype).smallest_normal)
    return float(terms[np.isfinite(terms)].sum())


def apart(found: Array, right: Array) -> Array:
    """How far each number is from the right one: 0 where both are the same inf or nan, inf where only one is."""
    same = (found == right) | (np.isnan(found) & np.isnan(right))
    return np.where(same, 0.0, np.nan_to_num(np.abs(found - right), nan=np.inf, posinf=np.inf))


def value_roundoff(point: Point) -> float:
    """What the rounding of the value amounts to in <w, J v>."""
    return 1e3 * unit_roundoff(point.y.dtype) * point.size


def laid_in(ws: list[Array]) -> tuple[Any, ...]:
    """Where the elements lie in memory, and whether they may be written to."""
    return tuple((w.strides, w.flags.writeable) for w in ws)


def cast_away(point: Point, place: int) -> bool:
    """Whether digits of the gradient are cast away: it does not feel a tiny change of its cotangent.

    Not where the value has the digits of float32 only, because the function itself is in that precision.
    """
    nearby = [np.asarray(w * (1 + 1e-12)) for w in point.ws]
    here, there = (point.recording.pull(ws)[place] for ws in ([w.copy() for w in point.ws], nearby))
    alive = here != 0
    numb = 2 * np.sum(here[alive] == there[alive]) > alive.sum()
    return bool(numb and np.any(point.y.astype(np.complex64) != point.y))


def widened(arrays: Sequence[Array]) -> list[Array]:
    """In float64 or complex128 at least."""
    return [a.astype(np.result_type(a.dtype, np.float64)) if a.dtype in LOW else a for a in arrays]


def same_value(again: Array, y: Array, exactly: bool) -> bool:
    """Whether both are the value at the same arguments; up to its last digits, which in NumPy depend on strides."""
    if exactly:
        return again.tobytes() == y.tobytes()
    size = np.max(np.abs(y), initial=0, where=np.isfinite(y))
    return np.allclose(again, y, rtol=0, atol=np.sqrt(np.finfo(y.dtype).eps) * size, equal_nan=True)


def equalised(v: Array, g: Array, least: float) -> Array:
    """The direction with large terms scaled down, so that entries with tiny gradients are seen.

    They come down to the 10 % quantile, but not below ``least``, which differences could not see. Where the gradient is
    not finite the direction stays: an infinite slope must not be compared along a direction that stands still there.
    """
    terms = np.nan_to_num(np.abs(g * v), nan=0, posinf=0)
    moving = np.sort(terms[terms > 0])
    if not moving.size:
        return v
    target = max(least, moving[moving.size // 10])
    return v * (target / np.maximum(terms, target))


def roundoff(
    rng: np.random.Generator, linear: Callable[[list[Array]], Any], at: list[Array], directions: list[Array]
) -> list[float]:
    """What rounding is let pass in a linear function: its second differences are nothing else.

    One for each result, along its direction.
    """
    worst = [0.0] * len(directions)
    middle = linear([a.copy() for a in at])
    for _ in range(2):
        shifts = [1e-5 * a * rng.random(a.shape) for a in at]
        above = linear([np.asarray(a + s) for a, s in zip(at, shifts, strict=True)])
        below = linear([np.asarray(a - s) for a, s in zip(at, shifts, strict=True)])
        for k, (m, a, b, v) in enumerate(zip(middle, above, below, directions, strict=True)):
            terms = np.abs((a - 2 * m + b).ravel() * v.ravel())
            size = float(terms[np.isfinite(terms)].sum())
            worst[k] = max(worst[k], 100 * size)
    return worst


def shaken(rng: np.random.Generator, point: Point) -> list[Array]:
    """How much each gradient changes with the last digits of the arguments: no more of it can be known."""
    here = point.recording.pull([w.copy() for w in point.ws])
    found = [np.zeros(x.size) for x in point.arrays]
    for _ in range(SHAKES):
        nearby = [np.asarray(x * (1 + rng.integers(-4, 5, x.shape) * np.finfo(x.dtype).eps)) for x in point.arrays]
        try:
            there = point.function.record(nearby).pull([w.copy() for w in point.ws])
        except Exception:  # outside its domain
            continue
        for k, (g, other) in enumerate(zip(here, there, strict=True)):
            found[k] = np.maximum(found[k], 4 * np.nan_to_num(np.abs(g - other).ravel(), nan=0.0, posinf=0.0))
    return found


def rounded_to(rng: np.random.Generator, narrow: Point, wide: Point, exact: list[Array]) -> list[Array] | None:
    """What rounding in low precision is let pass in each gradient; None where the value has no digits in it.

    Rounding is that of the terms that are added up, whose sizes show with other signs of the cotangent; of the value;
    and what rounding the arguments amounts to, which shows at arguments nearby.
    """
    dtype = max((a.dtype for a in narrow.function.arrays if a.dtype in LOW), key=unit_roundoff)
    unit, extreme = unit_roundoff(dtype), float(np.sqrt(np.finfo(dtype).max))
    sizes = np.abs(np.concatenate([a.ravel() for a in (*wide.arrays, wide.y)]))
    if sizes.max(initial=0) > extreme or sizes[sizes > 0].min(initial=1) < 1 / extreme:
        return None  # squares of these are out of range

    def nearby(a: Array) -> Array:
        return np.asarray(a * (1 + unit * (2 * rng.random(a.shape) - 1)))

    def flipped(w: Array) -> Array:
        return np.asarray(w * rng.choice([-1.0, 1.0], w.shape))

    flips = [wide.recording.pull([flipped(w) for w in wide.ws]) for _ in range(3)]
    try:
        others = [wide.function.record([nearby(a) for a in wide.arrays]) for _ in range(SHAKES)]
    except Exception:  # outside its domain
        return None
    pulls = [other.pull([nearby(w) for w in wide.ws]) for other in others]
    spread = sum(np.abs(flat(other.outputs) - wide.y) for other in others)
    if not np.all(np.abs(narrow.y - wide.y) <= 64 * unit * np.abs(wide.y) + 16 * spread):
        return None
    floor = 64 * unit * float(np.abs(wide.w * wide.y).max(initial=0))
    limits = []
    for k, (right, x) in enumerate(zip(exact, wide.arrays, strict=True)):
        terms = np.abs(right) + sum(np.abs(flip[k]) for flip in flips)
        terms = np.where(np.isfinite(terms), terms, 0.0)
        spread = sum(np.abs(gs[k] - right) for gs in pulls)
        size = np.abs(x)
        mean = terms.mean() if terms.size else 0.0
        least = floor / (size + 0.01 * size.max(initial=0) + 1 / extreme)
        limits.append(64 * unit * (terms + mean) + 16 * spread + least)
    return limits
