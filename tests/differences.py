"""A numeric derivative that knows its error, and the verdict on a derivative that it is compared with.

It shares no line with the prover, `autograd_nn.testing`, and judges what that cannot be asked: whole programs that
change arrays, and functions of one direction.
"""

from enum import Enum

import numpy as np

from autograd_nn import Tensor, gradients

STEPS = 2.0 ** np.array([-9, -12, -15, -18, -6, -4])


ROUNDING = 1e-14
"""What is left where terms of order 1 cancel: its derivative is that of rounding errors."""


class Verdict(Enum):
    RIGHT = "right"
    WRONG = "wrong"
    UNRESOLVED = "unresolved"


def dyadic(rng, shape, bits=8):
    """Never ones: magnitudes in [0.5, 1.5] with random signs, and few bits, so that steps along them are exact."""
    return (0.5 + rng.integers(2**bits + 1, size=shape) / 2.0**bits) * rng.choice([-1.0, 1.0], size=shape)


def estimates(terms, arrays, directions):
    """Yields the derivative of the sum of ``terms(*arrays)`` along the directions, its error, the size of the terms
    and how small an error relative to that is good in their dtype.

    Differences of fourth order at two step sizes that share their evaluations. Extrapolation gives the sixth order,
    and what it changed is the error; the rounding of the terms, in their dtype, comes on top.
    """

    def at(k):
        return terms(*(np.asarray(a + k * v) for a, v in zip(arrays, directions, strict=True)))

    for h in STEPS:
        above, below = ({k: at(side * k * h) for k in (1, 2, 4)} for side in (1, -1))
        d1, d2, d4 = (np.sum(above[k] - below[k], dtype=complex).real / (2 * k * h) for k in (1, 2, 4))
        fine, coarse = (4 * d1 - d2) / 3, (4 * d2 - d4) / 3
        value = (16 * fine - coarse) / 15
        size, epsilon = np.sum(np.abs(above[1])), np.finfo(above[1].dtype).eps
        yield value, abs(value - fine) + 16 * epsilon * size / h, size, max(1e-6, 2e4 * epsilon)


def verdict(derivative, terms, arrays, directions):
    """Judge the derivative of the sum of ``terms(*arrays)`` along the directions, given as terms to be summed.

    Right if it agrees with an estimate that is good to 1e-6 of the terms; wrong if two estimates say so that agree
    with each other. In float32 good is 2e-3. Returns the verdict and what led to it.
    """
    derivative = np.asarray(derivative).real
    exact, trusted, seen = np.sum(derivative), [], []
    for value, error, size, good in estimates(terms, arrays, directions):
        scale = np.sum(np.abs(derivative)) + 1e-3 * size
        seen.append(f"{value:.12g} +- {error:.1g}")
        agrees = abs(exact - value) <= 10 * error + 1e-9 * scale + ROUNDING
        if agrees and error <= good * scale:
            return Verdict.RIGHT, ""
        if not agrees and error <= 100 * good * max(abs(value), 1e-3 * size):
            if any(abs(value - other) <= 3 * (error + margin) for other, margin in trusted):
                return Verdict.WRONG, f"{exact:.12g}, numerically {', '.join(seen)}"
            trusted.append((value, error))
    return Verdict.UNRESOLVED, f"{exact:.12g}, numerically {', '.join(seen)}"


def leaves(arrays):
    return [Tensor(array, requires_grad=True) for array in arrays]


def pulled(f, arrays, w):
    tensors = leaves(arrays)
    return [g.data for g in gradients(f(*tensors), tensors, w)]


def along(slopes, directions):
    """The derivative along the directions, as terms to be summed."""
    return np.concatenate([np.ravel(g * v) for g, v in zip(slopes, directions, strict=True)])
