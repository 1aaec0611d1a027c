"""Wrong pullbacks to plant: what contracts must catch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograd_nn.engine.node import Array

__all__ = ["MISTAKES", "differs", "of_gradients"]

Pull = Callable[[Sequence[Array], Array], list[Array]]
"""The right gradients at these arguments for this cotangent: arrays of their own."""

Mistake = Callable[[Pull, Sequence[Array], Array], list[Array]]
"""The wrong ones."""


def of_gradients(change: Callable[[Array, Array], Array]) -> Mistake:
    """Changes every gradient: ``change(gradient, argument)``."""
    return lambda pull, args, g: [change(slope, x) for slope, x in zip(pull(args, g), args, strict=True)]


def of_cotangent(change: Callable[[Array], Array]) -> Mistake:
    return lambda pull, args, g: pull(args, change(g))


def first_turned(slope: Array, x: Array) -> Array:
    """The first element that is not 0 with the other sign."""
    moving = np.flatnonzero(slope)[:1]
    slope.flat[moving] *= -1
    return slope


def not_summed(pull: Pull, args: Sequence[Array], g: Array) -> list[Array]:
    """Of a broadcast argument the first slice, where all of them should be added up."""
    slopes = pull(args, g)
    for k, x in enumerate(args):
        try:
            full = np.broadcast_to(x, g.shape).copy()
            slope = pull([*args[:k], full, *args[k + 1 :]], g)[k]
        except ValueError:  # the function does not broadcast this argument
            continue
        if slope.size:
            slope = slope[(0,) * (slope.ndim - x.ndim)]
            slopes[k] = slope[tuple(slice(size) for size in x.shape)]
    return slopes


def after(change: Callable[[Sequence[Array], Array], None]) -> Mistake:
    """The right gradients, but it writes to what is not its own."""

    def mistake(pull: Pull, args: Sequence[Array], g: Array) -> list[Array]:
        slopes = pull(args, g)
        change(args, g)
        return slopes

    return mistake


def scale_cotangent(args: Sequence[Array], g: Array) -> None:
    g *= 1.5


def scale_input(args: Sequence[Array], g: Array) -> None:
    args[-1][...] *= 1.5


def returned(pull: Pull, args: Sequence[Array], g: Array) -> list[Array]:
    """The cotangent itself, where the gradient is equal to it."""
    slopes = pull(args, g)
    return [g if np.array_equal(slope, g) else slope for slope in slopes]


MISTAKES: dict[str, Mistake] = {
    "missing broadcast sum": not_summed,
    "swapped operands": lambda pull, args, g: pull(args, g)[::-1],
    "sign": of_gradients(lambda slope, x: -slope),
    "branch sign": of_gradients(lambda slope, x: np.where(x < 0, -slope, slope)),
    "one element's sign": of_gradients(first_turned),
    "zero": of_gradients(lambda slope, x: 0 * slope),
    "doubled": of_gradients(lambda slope, x: 2 * slope),
    "1 + 1e-4": of_gradients(lambda slope, x: slope * (1 + 1e-4)),
    "1 + 1e-6": of_gradients(lambda slope, x: slope * (1 + 1e-6)),
    "w * w": of_cotangent(lambda w: w * w),
    "abs(w)": of_cotangent(np.abs),
    "relu(w)": of_cotangent(lambda w: np.maximum(w, 0)),
    "float32 cast": of_gradients(lambda slope, x: slope.astype(np.float32).astype(slope.dtype)),
    "wrong dtype": of_gradients(lambda slope, x: slope.astype(np.float32)),
    "wrong shape": of_gradients(lambda slope, x: slope[None]),
    "mutated cotangent": after(scale_cotangent),
    "mutated input": after(scale_input),
    "returned alias": returned,
}


def differs(mistake: Mistake, pull: Pull, args: Sequence[Array], g: Array) -> bool:
    """Whether the mistake makes any difference here, be it that it writes to its arguments or returns one."""
    copies, cotangent = [arg.copy() for arg in args], g.copy()
    wrong = mistake(pull, copies, cotangent)
    untouched = all(map(np.array_equal, [*copies, cotangent], [*args, g]))
    return bool(g.size) and (
        not untouched
        or any(
            slope is cotangent
            or (slope.shape, slope.dtype) != (right.shape, right.dtype)
            or not np.allclose(slope, right, 1e-9, 0, equal_nan=True)
            for slope, right in zip(wrong, pull(args, g), strict=True)
        )
    )
