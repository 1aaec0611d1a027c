"""Operands for any primitive of the registry, drawn from its domain; and a numeric derivative."""

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from autograd_nn import Tensor
from autograd_nn.engine.primitive import Variadic
from autograd_nn.ops.chapters import open_all
from autograd_nn.ops.declare import PRIMITIVES

GRID = 1000
STEP = 2.0**-11
MARGIN = 0.2

open_all()
NAMES = sorted(PRIMITIVES)


@st.composite
def applications(draw, primitive):
    """A way to apply the primitive: (arrays, f) with f a function of those arrays or of Tensors."""
    call = draw(st.sampled_from(primitive.domain.calls))
    arrays = draw(operands(primitive, call.shapes))
    return arrays, application(primitive, call.parameters)


def application(primitive, parameters):
    if isinstance(primitive, Variadic):
        return lambda *operands: primitive.apply(operands, **parameters)
    names = [name for name in primitive.names if name not in parameters]
    return lambda *operands: primitive.apply(**dict(zip(names, operands, strict=True)), **parameters)


@st.composite
def operands(draw, primitive, shapes):
    """Arrays of these shapes in the primitive's intervals; where it has kinks, no two elements are the same."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    kinked = primitive.domain.kink is not None
    grid = draw(st.lists(st.integers(-GRID, GRID), min_size=sum(sizes), max_size=sum(sizes), unique=kinked))
    arrays = []
    for place, (shape, size) in enumerate(zip(shapes, sizes, strict=True)):
        low, high = primitive.domain.interval(place)
        low, high = max(low + MARGIN, -3.0), min(high - MARGIN, 3.0)
        own, grid = grid[:size], grid[size:]
        arrays.append((low + (np.array(own, float) + GRID) / (2 * GRID) * (high - low)).reshape(shape))
    if kinked:
        assume(all(np.all(np.abs(d) > 4 * STEP / 2) for d in np.atleast_1d(primitive.domain.kink(*arrays))))
    return arrays


def drawn(primitive, call, rng):
    """Arrays in the primitive's domain, away from its kinks, without Hypothesis."""
    for _ in range(500):
        arrays = []
        for place, shape in enumerate(call.shapes):
            low, high = np.clip(primitive.domain.interval(place), -3, 3)
            arrays.append(np.asarray(low + (0.07 + 0.86 * rng.random(shape)) * (high - low)))
        kink = primitive.domain.kink
        if kink is None or all(np.all(np.abs(d) > 0.01) for d in np.atleast_1d(kink(*arrays))):
            return arrays
    raise AssertionError("no operands away from kinks")


@st.composite
def cotangents(draw, shape):
    """Never ones: magnitudes in [0.5, 1.5], random signs."""
    size = int(np.prod(shape))
    whole = draw(st.lists(st.integers(-GRID, GRID), min_size=size, max_size=size))
    w = np.array(whole, float).reshape(shape) / GRID
    return np.where(w >= 0, w + 0.5, w - 0.5)


def leaves(arrays):
    return [Tensor(array, requires_grad=True) for array in arrays]


def directional(f, arrays, directions):
    """The derivative of f at the arrays along the directions: central differences of fourth order."""

    def at(k):
        return np.asarray(f(*(a + k * STEP * v for a, v in zip(arrays, directions, strict=True))))

    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP)


def assert_slopes(f, vjp, arrays, w, directions, tolerance=1e-8):
    """<w, J v> by differences agrees with <J' w, v>."""
    with np.errstate(all="ignore"):
        numeric = float(np.real(np.sum(w * directional(f, arrays, directions))))
    terms = [np.sum(g * v) for g, v in zip(vjp, directions, strict=True)]
    scale = sum(float(np.sum(np.abs(g * v))) for g, v in zip(vjp, directions, strict=True)) + 1e-3
    assert abs(numeric - sum(terms)) <= tolerance * scale, f"numeric {numeric}, by the pullbacks {sum(terms)}"
