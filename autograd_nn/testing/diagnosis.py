"""What a wrong gradient looks like: mistakes read from the ratios of its elements to the numeric ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from autograd_nn.engine.node import Array

__all__ = ["Evidence", "Reading", "chosen", "diagnose", "misshapen"]

SIMILAR = 1e-6
"""Ratios this near to each other are the same, unless all are near 1."""


class Reading(NamedTuple):
    """A mistake that the evidence fits, and what to say about it."""

    kind: str
    text: str


@dataclass(frozen=True)
class Evidence:
    """A wrong gradient, element by element; arrays are flat."""

    autograd: Array
    numeric: Array
    error: Array
    """Of ``numeric``, estimated."""
    shape: tuple[int, ...]
    x: Array
    ws: list[Array]
    """The cotangents, in the outputs' shapes."""
    pull: Callable[[list[Array]], Array]
    """The gradient for other cotangents."""
    rounding: Array
    """By how much the gradient jumps between arguments next to these."""
    linear: bool = True
    shrinkable: bool = True
    """Whether an axis that plays no part would have been shrunk to one element."""
    others: dict[str, Array] = field(default_factory=dict)
    """The numeric gradients of the other arguments, by name, in their shapes."""

    @property
    def whole(self) -> bool:
        """Whether these are all elements of the gradient."""
        return self.autograd.size == int(np.prod(self.shape))

    def near(self, a: Array, b: Array) -> bool:
        return bool(np.all(self.nearby(a, b)))

    def nearby(self, a: Array, b: Array) -> Array:
        """Where a and b are the same up to what the numeric gradient is known to."""
        # rounding in sums leaves up to this of the largest
        floor = 1e-12 * np.abs(b).max(initial=0) + 20 * self.error.max(initial=0)
        return np.abs(a - b) <= SIMILAR * np.abs(b) + floor

    @property
    def ratios(self) -> Array:
        """The quotients autograd / numeric, where they say something; nan where both are 0."""
        blank = self.nearby(self.numeric, np.zeros_like(self.numeric)) & (np.abs(self.autograd) <= np.abs(self.numeric))
        return np.where(blank, np.nan, self.autograd / self.numeric)

    def same(self, c: float) -> bool:
        """Whether the gradient is c times the right one."""
        return self.near(self.autograd, c * self.numeric)


def diagnose(evidence: Evidence) -> list[Reading]:
    """All mistakes that the evidence fits, the likeliest first."""
    with np.errstate(all="ignore"):
        for mistakes in (nonfinite, cancelled, slightly_off, nonlinear, dropped):
            found = list(mistakes(evidence))
            if found:  # these explain everything
                return found
        found = [
            reading
            for mistakes in (constant_factor, conjugate, swapped, permuted, on_a_branch, few_elements)
            for reading in mistakes(evidence)
        ]
    ratios = evidence.ratios
    ratios = ratios[np.isfinite(ratios)]
    spread = f": ratios between {ratios.real.min():.4g} and {ratios.real.max():.4g}" if ratios.size else ""
    return [*found, Reading("unknown", f"no known pattern{spread}")]


def chosen(original: list[Reading], shrunk: list[Reading]) -> Reading:
    """Of the readings of an example and of the one it was shrunk to, the likeliest that fits both."""
    kinds = [reading.kind for reading in original]
    both = [reading for reading in shrunk if reading.kind in kinds and reading.kind != "unknown"]
    return min(both, key=lambda reading: kinds.index(reading.kind)) if both else [*original, *shrunk][0]


def nonfinite(e: Evidence) -> Iterator[Reading]:
    bad = ~np.isfinite(e.autograd) & np.isfinite(e.numeric)
    if bad.any():
        for kind, where in places(e, bad):
            yield Reading(f"not finite{kind}", f"nan or inf at {where}, where the function is smooth")
    elif not e.linear and not np.isfinite(e.pull([np.asarray(-w) for w in e.ws])).all():
        yield Reading("not finite for a sign", "nan or inf for cotangents of the other sign")


def nonlinear(e: Evidence) -> Iterator[Reading]:
    """The pullback as a function of its cotangent."""
    if e.linear:
        return
    g = e.pull([w.copy() for w in e.ws])
    twice = e.pull([np.asarray(2 * w) for w in e.ws])
    negative = e.pull([np.asarray(-w) for w in e.ws])
    if e.near(twice, 4 * g) and not e.near(twice, 2 * g):
        yield Reading("cotangent squared", "ratios equal to w: the cotangent comes in squared, w * w for w")
    elif e.near(twice, 2 * g) and e.near(negative, g):
        yield Reading("cotangent's sign lost", "w and -w give the same: the cotangent comes in as abs(w)")
    elif e.near(twice, 2 * g) and e.near(g - negative, e.numeric):
        yield Reading("cotangent clipped", "cotangents of one sign are lost: it comes in as max(w, 0) or min(w, 0)")
    yield Reading("not linear", "the pullback is not linear in its cotangent")


def cancelled(e: Evidence) -> Iterator[Reading]:
    off = np.abs(e.autograd - e.numeric)
    if e.rounding.any() and np.all(off <= 100 * e.rounding + 1e-9 * np.abs(e.numeric) + 20 * e.error):
        size = np.max(off / np.abs(e.numeric))
        yield Reading("cancellation", f"off by {size:.1g} of its size, and otherwise next to here: digits that cancel")


def slightly_off(e: Evidence) -> Iterator[Reading]:
    if not np.all(np.abs(e.autograd - e.numeric) <= 1e-5 * np.abs(e.numeric) + 20 * e.error):
        return
    off = e.ratios - 1
    off = off[np.isfinite(off)]
    size = np.abs(off).max(initial=0)
    rounded = bool(np.all(e.autograd.astype(np.complex64) == e.autograd))
    if rounded or 1e-9 < size < 3e-7:
        digits = "it has the digits of float32 only" if rounded else "that is the roundoff of float32"
        yield Reading("float32 cast", f"off by {size:.1g} of its size: {digits}, a cast on the way")
    elif size:
        even = np.ptp(off.real) < 0.01 * size
        kind = "the same factor everywhere, so a constant with too few digits" if even else "not the same everywhere"
        yield Reading("slightly off", f"off by {size:.1g} of its size, {kind}")


def dropped(e: Evidence) -> Iterator[Reading]:
    if not e.autograd.any():
        yield Reading("dropped", "ratio 0: a path from this argument to the output is cut or has no gradient")


def constant_factor(e: Evidence) -> Iterator[Reading]:
    ratios = e.ratios
    ratios = ratios[np.isfinite(ratios)]
    if not ratios.size:
        return
    c = ratios[np.argmin(np.abs(ratios - np.median(ratios.real)))]
    if abs(c.imag) > SIMILAR or not e.same(c):
        return
    c = c.real
    if abs(c + 1) < 1e-5:
        yield Reading("sign", "ratio -1: the sign is wrong")
    counted = [Reading("twice", "ratio 2: counted twice")] if abs(c - 2) < 1e-5 else []
    counted += [Reading("half", "ratio 1/2: counted half")] if abs(c - 0.5) < 1e-5 else []
    sizes = []
    for n, size, where in axes(e):
        if abs(c * n - 1) < 1e-5:
            sizes.append(Reading("mean for sum", f"ratio 1/{n} = 1/({size}): looks like mean, not sum, over {where}"))
        if abs(c / n - 1) < 1e-5:
            sizes.append(Reading("sum for mean", f"ratio {n} = {size}: looks like sum, not mean, over {where}"))
    yield from [*sizes, *counted] if e.shrinkable else [*counted, *sizes]
    yield Reading("factor", f"the same factor {c:.6g} everywhere")


def axes(e: Evidence) -> Iterator[tuple[int, str, str]]:
    """The numbers that sums and means may confuse, each with what it is and of what: broadcast axes first."""
    seen = {1}
    for w in e.ws:
        lead = w.ndim - len(e.shape)
        broadcast = [k for k in range(w.ndim) if w.shape[k] > 1 and (k < lead or e.shape[k - lead] == 1)]
        total = int(np.prod([w.shape[k] for k in broadcast]))
        if len(broadcast) > 1 and total not in seen:
            seen.add(total)
            yield total, "broadcast size", f"broadcast axes {', '.join(map(str, broadcast))}"
        for k in broadcast:
            if w.shape[k] not in seen:
                seen.add(w.shape[k])
                yield w.shape[k], "broadcast size", f"broadcast axis {k}"
    for owner, shape in (("the argument", e.shape), *(("the output", w.shape) for w in e.ws)):
        for k, n in enumerate(shape):
            if n not in seen:
                seen.add(n)
                yield n, "size of an axis", f"axis {k} of {owner}"
        n = int(np.prod(shape))
        if n not in seen and n:
            seen.add(n)
            yield n, "number of elements", f"all elements of {owner}"


def conjugate(e: Evidence) -> Iterator[Reading]:
    """Of the whole gradient, or of an elementwise slope."""
    if e.autograd.dtype.kind != "c" or e.near(e.autograd, e.numeric):
        return
    w = e.ws[0].ravel()
    slope = (e.numeric / w).conj() * w if w.size == e.numeric.size else e.numeric
    if e.near(e.autograd, e.numeric.conj()) or e.near(e.autograd, slope):
        yield Reading("conjugate", "the complex conjugate: a cotangent g of z stands for Re(sum(g * dz))")


def swapped(e: Evidence) -> Iterator[Reading]:
    """It is the gradient of another argument."""
    for name, other in e.others.items():
        try:
            theirs = np.broadcast_to(other, e.shape).ravel()
        except ValueError:
            if other.size != e.autograd.size:
                continue
            theirs = other.ravel()
        for sign, word in ((1, ""), (-1, "minus ")):
            if e.whole and e.near(e.autograd, sign * theirs) and theirs.any() and not e.near(theirs, e.numeric):
                yield Reading("swapped", f"it is {word}the gradient of {name}: swapped operands")


def permuted(e: Evidence) -> Iterator[Reading]:
    """The right numbers at the wrong places."""
    if not e.whole or e.autograd.size < 2 or e.autograd.dtype.kind == "c" or e.near(e.autograd, e.numeric):
        return
    if not e.near(np.sort(e.autograd), np.sort(e.numeric)):
        return
    mine, right = e.autograd.reshape(e.shape), e.numeric.reshape(e.shape)
    for w in e.ws:
        order = matching(w.ravel(), e.numeric)
        if order is not None and e.near(e.autograd, w.ravel()[np.argsort(order)]):
            yield Reading(
                "inverse permutation",
                "the right numbers moved the wrong way: apply the inverse permutation",
            )
            break
    if mine.ndim > 1 and e.near(mine.T.ravel(), right.ravel()):
        yield Reading("transposed", "the right numbers transposed")
    if mine.ndim > 1 and e.near(mine.ravel(), right.T.ravel()):
        yield Reading("reshaped", "the right numbers in transposed order, reshaped without transposing")
    for axis in range(mine.ndim):
        if mine.shape[axis] > 1 and e.near(np.flip(mine, axis).ravel(), right.ravel()):
            yield Reading("reversed", f"the right numbers in reverse along axis {axis}")
    yield Reading("permuted", "the right numbers at other places: a permutation or a missing inverse of one")


def matching(w: Array, target: Array) -> Array | None:
    """The order in which elements of w make the target; None if there is none, or several."""
    if w.size != target.size or np.unique(w).size < w.size or w.dtype.kind == "c":
        return None
    mine, theirs = np.argsort(w), np.argsort(target)
    if not np.allclose(w[mine], target[theirs], rtol=1e-6):
        return None
    order = np.empty(w.size, int)
    order[theirs] = mine
    return order


def on_a_branch(e: Evidence) -> Iterator[Reading]:
    """Some elements are right, the others have one and the same factor."""
    right = e.nearby(e.autograd, e.numeric)
    if right.all() or not right.any():
        return
    for c, kind, word in ((-1, "branch sign", "sign on a branch"), (0, "branch dropped", "a branch without gradient")):
        if np.all(right | e.nearby(e.autograd, c * e.numeric)):
            for suffix, where in places(e, ~right):
                yield Reading(kind + suffix, f"ratio {c} at {where}: {word}")


def few_elements(e: Evidence) -> Iterator[Reading]:
    wrong = ~e.nearby(e.autograd, e.numeric)
    if 0 < 2 * wrong.sum() <= wrong.size:
        ratios = ", ".join(f"{r:.6g}" for r in (e.autograd / e.numeric)[wrong][:3])
        for kind, where in places(e, wrong):
            yield Reading(f"some elements{kind}", f"wrong only at {where}: ratio {ratios}")


def places(e: Evidence, mask: Array) -> Iterator[tuple[str, str]]:
    """Which elements these are: by conditions that tell them from the others, then one by one.

    With a suffix for the kind of mistake, so that a condition must hold in two examples to be believed.
    """
    x, w = e.x[: mask.size].real, e.ws[0].ravel().real
    conditions = {"x < 0": x < 0, "x > 0": x > 0, "abs(x) > 1": np.abs(x) > 1, "abs(x) < 1": np.abs(x) < 1}
    if w.size == mask.size:
        conditions |= {"w < 0": w < 0, "w > 0": w > 0}
    for words, condition in conditions.items():
        if not mask.all() and np.array_equal(condition, mask):
            yield f" where {words}", f"the elements with {words}"
    if mask.size == 1:
        yield "", "the only element"
    else:
        found = [list(map(int, np.unravel_index(k, e.shape))) for k in np.flatnonzero(mask)[:4]]
        more = ", ..." if mask.sum() > 4 else ""
        yield "", f"{', '.join(map(str, found))}{more} ({mask.sum()} of {mask.size} elements)"


def misshapen(got: tuple[int, ...], due: tuple[int, ...], outputs: list[tuple[int, ...]]) -> tuple[str, str]:
    """What is wrong with the shape, and what it looks like."""
    hint = "wrong shape: the gradient has the shape of its argument"
    if got in outputs:
        hint = "wrong shape, the output's: the cotangent is to be summed over the axes that were broadcast"
    elif sorted(got) == sorted(due):
        hint = "wrong shape: the gradient is transposed"
    return f"the gradient has shape {got}, the argument {due}", hint
