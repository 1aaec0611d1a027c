"""Random expression graphs over all primitives of the registry: ``python tests/random_graphs.py 100000 [seed]``.

A graph grows by applying a primitive to earlier results, brought into its domain, so that subexpressions are shared
and depths add up to 12. Its gradient, and for one in four its second derivatives, must agree with differences.
"""

import sys
from collections import Counter
from dataclasses import dataclass
from functools import partial
from random import Random
from time import perf_counter

import numpy as np
from differences import Verdict, dyadic, verdict
from operands import application
from parallel import pool

from autograd_nn import Tensor, gradients
from autograd_nn.ops.declare import PRIMITIVES

DEPTH = 12
LARGE = 3.0
KINK = 0.05
"""The least distance to a kink at which a primitive that has one is used."""

SQUASHES = {
    "tanh": np.tanh,
    "sin": np.sin,
    "arctan": lambda u: np.arctan(u) / 1.6,
    "ratio": lambda u: u / (1.5 + u * u),
    "sigmoid": lambda u: 2 / (1 + np.exp(-u)) - 1,
}
"""Onto (-1, 1)."""

SHAPES = [(), (1,), (3,), (2, 3), (2, 1, 3), (2, 2), (1, 3), (3, 3)]
SMOOTH = sorted(name for name, primitive in PRIMITIVES.items() if primitive.domain.kink is None)
CALLS = {
    name: [call for call in primitive.domain.calls if all(all(shape) for shape in call.shapes)]
    for name, primitive in PRIMITIVES.items()
}


@dataclass
class Graph:
    """Steps (name, function, operands): an operand is the place of an earlier value, or a constant array."""

    arrays: list
    steps: list
    outputs: list

    def __call__(self, *leaves):
        values = list(leaves)
        for _, function, operands in self.steps:
            values.append(function(*(values[k] if type(k) is int else k for k in operands)))
        return [values[k] for k in self.outputs]

    def __str__(self):
        lines = [f"n{k} = {a!r}" for k, a in enumerate(self.arrays)]
        for k, (name, _, operands) in enumerate(self.steps, len(lines)):
            lines.append(f"n{k} = {name}({', '.join(f'n{r}' if type(r) is int else repr(r) for r in operands)})")
        return "\n".join([*lines, "return " + ", ".join(f"n{k}" for k in self.outputs)])


class Growth:
    """A graph while it grows, with the values at its leaves."""

    def __init__(self, seed):
        self.random, self.numbers = Random(seed), np.random.default_rng(seed)
        self.steps, self.used, self.ends, self.names = [], set(), set(), Counter()
        self.values = [2 * dyadic(self.numbers, self.random.choice(SHAPES)) for _ in range(self.random.randint(1, 4))]
        self.values[0] = 2 * dyadic(self.numbers, (2, 3))
        self.arrays = list(self.values)
        self.depths = [0] * len(self.values)

    def add(self, name, function, *operands, deeper=0):
        """The place of a new value."""
        places = [k for k in operands if type(k) is int]
        value = np.asarray(function(*(self.values[k] if type(k) is int else k for k in operands)))
        self.values.append(value)
        self.steps.append((name, function, operands))
        self.depths.append(deeper + max(self.depths[k] for k in places))
        self.used.update(places)
        return len(self.values) - 1

    def operand(self, shape, low, high):
        """An earlier value in this shape and within the interval; or a constant."""
        if self.random.random() < 0.1:
            return inside(self.numbers.uniform(-1, 1, shape), low, high)
        places = [k for k, depth in enumerate(self.depths) if depth < DEPTH and k not in self.ends]
        fitting = [k for k in places if self.values[k].shape == shape]
        k = self.random.choice(fitting if fitting and self.random.random() < 0.5 else places[-4:])
        if self.values[k].shape != shape:
            k = self.fitted(k, shape)
        if not (np.isinf(low) and np.isinf(high)):
            name = self.random.choice([*SQUASHES])
            k = self.add(f"inside[{name}, {low}, {high}]", partial(squashed, SQUASHES[name], low, high), k)
        return k

    def fitted(self, k, shape):
        """The value at k in another shape: broadcast if it can be, or its elements in some order."""
        given = self.values[k].shape
        try:
            fits = np.broadcast_shapes(given, shape) == shape
        except ValueError:
            fits = False
        if fits:
            return self.add(f"broadcast_to[{shape}]", partial(broadcast, shape), k)
        index = self.numbers.integers(self.values[k].size, size=shape)
        return self.add(f"elements[{index.tolist()}]", partial(elements, index), k)

    def grow(self):
        """Apply one more primitive, unless what came out is not finite, or too near to a kink."""
        before = len(self.steps), set(self.used)
        name = self.random.choice(NAMES)
        primitive, call = PRIMITIVES[name], self.random.choice(CALLS[name])
        operands = [self.operand(shape, *primitive.domain.interval(place)) for place, shape in enumerate(call.shapes)]
        values = [self.values[k] if type(k) is int else k for k in operands]
        smooth = primitive.domain.kink is None or np.all(np.abs(primitive.domain.kink(*values)) > KINK)
        if smooth and any(type(k) is int for k in operands):
            k = self.add(name, application(primitive, call.parameters), *operands, deeper=1)
            size = np.max(np.abs(self.values[k]), initial=0)
            if np.isfinite(size):
                self.names[name] += 1
                if self.values[k].dtype == complex:
                    self.ends.add(k)
                    k = self.add("parts", parts, k)
                if size > LARGE or not self.values[k].size:
                    self.ends.add(k)
                if size > LARGE:
                    self.add("tamed", tamed, k)
                return
        self.steps, self.used = self.steps[: before[0]], before[1]
        del self.values[len(self.arrays) + len(self.steps) :], self.depths[len(self.values) :]

    def graph(self):
        """The whole graph: its outputs are the values that nothing was made of."""
        for _ in range(self.random.randint(4, 32)):
            self.grow()
        outputs = [k for k in range(len(self.values)) if k not in self.used]
        return Graph(self.arrays, self.steps, outputs)


NAMES = sorted(name for name, calls in CALLS.items() if calls)


def inside(unit, low, high):
    """From (-1, 1) into the interval, away from its ends and from infinity."""
    low, high = max(low, min(high, 3.0) - 6), min(high, max(low, -3.0) + 6)
    return (low + high) / 2 + 0.4 * (high - low) * unit


def squashed(squash, low, high, u):
    return inside(squash(u), low, high)


def parts(z):
    return np.real(z) - 0.7 * np.imag(z)


def tamed(u):
    return LARGE * np.tanh(u / LARGE)


def broadcast(shape, u):
    return np.broadcast_to(u, shape)


def elements(index, u):
    return np.ravel(u)[index]


def leaves(arrays):
    return [Tensor(a, requires_grad=True) for a in arrays]


def along(slopes, directions):
    """The directional derivative, as terms to be summed."""
    return np.concatenate([np.ravel(g.data * v) for g, v in zip(slopes, directions, strict=True)])


def examine(seed):
    """The verdict on one graph, with what led to it, and the primitives in it."""
    with np.errstate(all="ignore"):
        growth = Growth(seed)
        graph, rng = growth.graph(), growth.numbers
        arrays, count = graph.arrays, len(graph.arrays)
        plain = graph(*arrays)
        ws = [dyadic(rng, np.shape(y)) for y in plain]
        directions, weights, swings = ([dyadic(rng, np.shape(a)) for a in each] for each in (arrays, arrays, ws))

        def terms(*arrays):
            return np.concatenate([np.ravel(w * y) for w, y in zip(ws, graph(*arrays), strict=True)])

        def first(*both):
            tensors = leaves(both[:count])
            return along(gradients(graph(*tensors), tensors, list(both[count:])), weights)

        tensors, cotangents = leaves(arrays), leaves(ws)
        outputs = graph(*tensors)
        if not all(np.array_equal(y.data, p) for y, p in zip(outputs, plain, strict=True)):
            return Verdict.WRONG, f"other values of Tensors than of arrays\n{graph}", growth.names
        slopes = gradients(outputs, tensors, ws)
        judgement, details = verdict(along(slopes, directions), terms, arrays, directions)
        if judgement is Verdict.RIGHT and seed % 4 == 0:
            slopes = gradients(outputs, tensors, cotangents, create_graph=True)
            again = gradients(slopes, [*tensors, *cotangents], weights)
            both = [*directions, *swings]
            judgement, details = verdict(along(again, both), first, [*arrays, *ws], both)
            details = details and f"second order: {details}"
        return judgement, details and f"{details}\n{graph}", growth.names


def examined(seed):
    """`examine`, for a pool."""
    try:
        judgement, details, names = examine(seed)
        return seed, judgement.value, details, names
    except Exception as error:
        return seed, "error", f"{type(error).__name__}: {error}", Counter()


def main(count, seed=0):
    started, verdicts, names = perf_counter(), Counter(), Counter()
    with pool() as processes:
        for number, judgement, details, used in processes.imap_unordered(
            examined, range(seed, seed + count), chunksize=100
        ):
            verdicts[judgement] += 1
            names += used
            if judgement in ("wrong", "error") and verdicts[judgement] <= 10:
                print(f"seed {number}: {judgement}: {details}\n")
    print(f"{count} graphs, {names.total()} primitives: {dict(verdicts)}, {perf_counter() - started:.0f} s")
    print("rarest:", ", ".join(f"{name} {names[name]}" for name in sorted(NAMES, key=names.__getitem__)[:8]))
    missing = [name for name in SMOOTH if not names[name]]
    if missing:
        print(f"{len(missing)} smooth primitives have not appeared: {', '.join(missing)}")
    return bool(missing) or verdicts["right"] + verdicts["unresolved"] < count or verdicts["unresolved"] > count / 100


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
