"""The names of all primitives of the registry, its last chapters opened; and operands for them without Hypothesis."""

import numpy as np

from autograd_nn.ops.chapters import open_all
from autograd_nn.ops.declare import PRIMITIVES

open_all()
NAMES = sorted(PRIMITIVES)


def drawn(primitive, call, rng):
    """Arrays in the primitive's domain, away from its kinks."""
    for _ in range(500):
        arrays = []
        for place, shape in enumerate(call.shapes):
            low, high = np.clip(primitive.domain.interval(place), -3, 3)
            arrays.append(np.asarray(low + (0.07 + 0.86 * rng.random(shape)) * (high - low)))
        kink = primitive.domain.kink
        if kink is None or all(np.all(np.abs(d) > 0.01) for d in np.atleast_1d(kink(*arrays))):
            return arrays
    raise AssertionError("no operands away from kinks")
