"""Complex numbers. One convention, also JAX's: a cotangent g of a complex z stands for the real number Re(sum(g * dz)).

So a holomorphic rule is g times the derivative as for real numbers, without conjugates, and the gradient of a real L is
dL/dx - i dL/dy. The functions here are those that are not holomorphic.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.questions import question
from autograd_nn.engine.tensor import as_constant, raw
from autograd_nn.ops.declare import composed, constant, rule
from autograd_nn.ops.domain import REAL

conjugate = rule(np.conjugate, REAL, x=lambda g: np.conjugate(g))
real_part = rule(lambda z: np.real(z), REAL, name="real", elementwise=True, view=True, z=lambda g: g)
imaginary_part = rule(lambda z: np.imag(z), REAL, name="imag", elementwise=True, view=True, z=lambda g: g * -1j)

constant(np.iscomplex, np.isreal)


@composed(np.real)
def real(val: Any) -> Any:
    return real_part(val) if val.dtype.kind == "c" else val


@composed(np.imag)
def imag(val: Any) -> Any:
    return imaginary_part(val) if val.dtype.kind == "c" else np.zeros_like(val)


@question
def close_to_real(a: Any, tol: Any) -> bool:
    return np.isrealobj(np.real_if_close(a, tol))


@composed(np.real_if_close)
def real_if_close(a: Any, tol: float = 100) -> Any:
    return np.real(a) if close_to_real(a, tol) else a


@composed(np.angle)
def angle(z: Any, deg: bool = False) -> Any:
    radians = np.arctan2(np.imag(z), np.real(z))
    return np.degrees(radians) if deg else radians


@composed(np.sign)
def sign(x: Any) -> Any:
    """Constant for real numbers; z/|z| for complex ones, and 0 at 0, where it is taken to be flat."""
    if x.dtype.kind != "c":
        return as_constant(np.sign(raw(x)))
    size = np.abs(x)
    zero = raw(size) == 0
    return np.where(zero, 0, x / np.where(zero, 1, size))
