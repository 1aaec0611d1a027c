"""Norms and condition numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.questions import question
from autograd_nn.engine.tensor import raw
from autograd_nn.ops.declare import as_inexact, composed, numeric, rule, times
from autograd_nn.ops.declare import conjugated as star
from autograd_nn.ops.domain import REDUCTION, Domain, call
from autograd_nn.ops.linalg.matrices import diagonal
from autograd_nn.ops.reductions import Axis, reduced_axes, widened


@question
def within_limits(total: Any) -> bool:
    """Whether no sum of powers has overflowed, or lost its digits in an underflow."""
    limits = np.finfo(total.dtype)
    return ((total > limits.tiny / limits.eps) & (total <= limits.max)).all()


def length_value(x: Any, ord: float, axis: Axis, keepdims: bool) -> Any:
    """(sum of |x|^ord)^(1/ord). Where powers are too large or too small, the largest element is taken out first."""
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        if ord == 2 and axis is None:
            row = np.ravel(x, order="K")  # in the order of memory, as NumPy adds up
            total = np.reshape(np.real(np.vdot(row, row)), (1,) * np.ndim(x))
        else:
            total = np.sum(np.abs(x) ** ord, axis=axis, keepdims=True)
        y = np.sqrt(total) if ord == 2 else total ** (1 / ord)
        if not within_limits(total):
            size = np.abs(x)
            first, none = (np.max, 0) if ord > 0 else (np.min, np.inf)
            scale = first(size, axis=axis, keepdims=True, initial=none)
            scale = np.where((scale > 0) & np.isfinite(scale), scale, np.ones_like(scale))
            y = scale * np.sum((size / scale) ** ord, axis=axis, keepdims=True) ** (1 / ord)
    return y if keepdims else np.squeeze(y, axis)[()]


def length_slope(x: Any, y: Any, ord: float) -> Any:
    """The unit vector, in the sense of this norm; flat at the origin."""
    origin = raw(y) == 0
    length = np.where(origin, 1, y)
    slope = np.where(origin, 0, star(x) / length)
    if ord == 2:
        return slope
    size = np.abs(x if ord > 2 else np.where(raw(x) == 0, 1, x))
    return slope * (size / length) ** (ord - 2)


def length_pullback(g: Any, x: Any, y: Any, ord: float, axis: Axis, keepdims: bool) -> Any:
    g, y = (widened(v, x.shape, axis, keepdims) for v in (g, y))
    return times(g, length_slope(x, y, ord))


length = rule(
    length_value,
    Domain(
        calls=tuple(
            call(c.shapes[0], ord=ord, **c.parameters)
            for ord in (2.0, 3.0, 0.5, -1.0)
            for c in REDUCTION
            if c.parameters["axis"] != ()
        ),
        intervals=((0.1, np.inf),),
    ),
    name="norm",
    x=length_pullback,
)


def norm_of_vectors(x: Any, ord: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    if isinstance(ord, str):
        raise ValueError(f"numpy.linalg.norm: ord must be a number for vectors: got {ord!r}")
    if ord == np.inf:
        return np.max(np.abs(x), axis, keepdims=keepdims, initial=0)
    if ord == -np.inf:
        return np.min(np.abs(x), axis, keepdims=keepdims)
    if ord == 0:
        return np.linalg.vector_norm(raw(x), axis=axis, keepdims=keepdims, ord=0)
    if ord == 1:
        return np.sum(np.abs(x), axis, keepdims=keepdims)
    return length(x, 2.0 if ord is None else float(ord), axis, keepdims)


def norm_of_matrices(x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if ord in (None, "fro", "f"):
        return length(x, 2.0, axes, keepdims)
    if ord in (2, -2, "nuc"):
        s = np.linalg.svdvals(np.moveaxis(x, axes, (-2, -1)))
        y = np.sum(s, -1) if ord == "nuc" else np.max(s, -1, initial=0) if ord == 2 else np.min(s, -1)
        return np.expand_dims(y, axes) if keepdims else y
    if ord not in (1, -1, np.inf, -np.inf):
        raise ValueError(
            f"numpy.linalg.norm: ord of matrices must be 'fro', 'nuc', 1, 2, inf, -1, -2 or -inf: got {ord!r}"
        )
    within, across = axes if abs(ord) == 1 else axes[::-1]
    y = norm_of_vectors(np.sum(np.abs(x), within, keepdims=True), ord * np.inf, (across,), True)
    return y if keepdims else np.squeeze(y, axes)


@composed(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Any:
    x = as_inexact(x)
    if axis is None and (ord is None or (x.ndim == 2 and ord in ("f", "fro")) or (x.ndim == 1 and ord == 2)):
        return length(x, 2.0, None, keepdims)
    axes = reduced_axes(x.ndim, axis)
    if len(axes) not in (1, 2):
        raise ValueError(f"numpy.linalg.norm is over one axis or two: got axis={axis} for {x.ndim} dimensions")
    return norm_of_vectors(x, ord, axes, keepdims) if len(axes) == 1 else norm_of_matrices(x, ord, axes, keepdims)


@composed(np.linalg.vector_norm)
def vector_norm(x: Any, /, *, axis: Axis = None, keepdims: bool = False, ord: Any = 2) -> Any:
    return norm_of_vectors(as_inexact(x), ord, reduced_axes(x.ndim, axis), keepdims)


@composed(np.linalg.matrix_norm)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    return np.linalg.norm(x, ord, (-2, -1), keepdims)


@composed(np.linalg.cond)
@numeric
def cond(x: Any, p: Any = None) -> Any:
    value: Any = np.linalg.cond(raw(x), p)
    singular = np.isinf(value)
    x = np.where(singular[..., None, None], diagonal(x), x)
    if p is None or p in (2, -2):
        s = np.linalg.svdvals(x)
        y: Any = s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    else:
        y = np.linalg.matrix_norm(x, ord=p) * np.linalg.matrix_norm(np.linalg.inv(x), ord=p)
    return np.where(singular, value, y)
