"""Discrete Fourier transforms. Their matrix is symmetric, so that the pullback of a transform is the same transform.

The chapter is opened when a function of `numpy.fft` is first called on a Tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.registry import refuse_keyword
from autograd_nn.ops.declare import composed, rule
from autograd_nn.ops.domain import Domain, call

NORMS = (None, "backward", "ortho", "forward")
OPPOSITE = {None: "forward", "backward": "forward", "forward": "backward"}
"""The norm with which the other direction has the same factor."""

LINES = Domain(
    calls=(
        *(call((5,), axis=0, norm=norm) for norm in NORMS),
        *(call((2, 3, 4), axis=axis, norm=None) for axis in (0, 1, -1)),
        *(call(shape, axis=-1, norm="ortho") for shape in ((1,), (2,), (0, 3))),
    )
)


def resized(a: Any, n: int | None, axis: int) -> Any:
    """The first ``n`` elements along the axis, zeros where there are no more."""
    axis = normalize_axis_index(axis, a.ndim)
    if n is None or n == a.shape[axis]:
        return a
    if n < a.shape[axis]:
        return a[(slice(None),) * axis + (slice(max(n, 0)),)]
    missing = [n - size if k == axis else size for k, size in enumerate(a.shape)]
    return np.concatenate([a, np.zeros(missing, a.dtype)], axis)


def counts(ndim: int, n: int, axis: int) -> Any:
    """How often each of the first n//2 + 1 frequencies is among all n: the rest are their mirror images."""
    often = np.full(n // 2 + 1, 2, np.int8)
    often[:: n - n // 2] = 1  # the frequency 0, and n/2 where there is one
    return often.reshape((-1,) + (1,) * (ndim - 1 - axis % ndim))


def of_a_line(function: Callable[..., Any]) -> Any:
    """`numpy.fft.fft` or `numpy.fft.ifft`."""
    line = rule(
        lambda a, axis, norm: function(a, axis=axis, norm=norm),
        LINES,
        name=function.__name__,
        a=lambda g, axis, norm: function(g, axis=axis, norm=norm),
    )

    def transform(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
        refuse_keyword(f"numpy.fft.{function.__name__}", "out", out)
        return line(resized(a, n, axis), axis, norm)

    return composed(function)(transform)


fft = of_a_line(np.fft.fft)
ifft = of_a_line(np.fft.ifft)

real_line = rule(
    lambda a, axis, norm: np.fft.rfft(a, axis=axis, norm=norm),
    LINES,
    name="rfft",
    a=lambda g, a_shape, axis, norm: np.fft.hfft(g / counts(g.ndim, a_shape[axis], axis), a_shape[axis], axis, norm),
)
half_line = rule(
    lambda a, n, axis, norm: np.fft.irfft(a, n, axis, norm),
    Domain(
        calls=(
            *(call((3,), n=n, axis=0, norm=norm) for n in (4, 5) for norm in NORMS),
            *(call((2, 3, 2), n=3, axis=axis, norm=None) for axis in (0, 2, -1)),
            *(call(shape, n=1, axis=-1, norm="ortho") for shape in ((1,), (0, 1))),
        )
    ),
    name="irfft",
    a=lambda g, n, axis, norm: np.fft.ihfft(g, axis=axis, norm=norm) * counts(g.ndim, n, axis),
)


@composed(np.fft.rfft)
def rfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    refuse_keyword("numpy.fft.rfft", "out", out)
    return real_line(resized(a, n, axis), axis, norm)


@composed(np.fft.irfft)
def irfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    refuse_keyword("numpy.fft.irfft", "out", out)
    if n is None:
        n = 2 * (a.shape[normalize_axis_index(axis, a.ndim)] - 1)
    return half_line(resized(a, n // 2 + 1, axis), n, axis, norm)


@composed(np.fft.hfft)
def hfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    refuse_keyword("numpy.fft.hfft", "out", out)
    return irfft(np.conjugate(a), n, axis, OPPOSITE.get(norm, norm))


@composed(np.fft.ihfft)
def ihfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    refuse_keyword("numpy.fft.ihfft", "out", out)
    return np.conjugate(rfft(a, n, axis, OPPOSITE.get(norm, norm)))


def of_axes(function: Callable[..., Any], default: tuple[int, ...] | None, other: Any, last: Any) -> None:
    """A transform of several axes: ``last`` of the last one, and ``other`` of the others."""

    def transform(
        a: Any,
        s: Sequence[int] | None = None,
        axes: Sequence[int] | None = default,
        norm: str | None = None,
        out: Any = None,
    ) -> Any:
        refuse_keyword(f"numpy.fft.{function.__name__}", "out", out)
        if axes is None and s is not None:
            raise TypeError(f"numpy.fft.{function.__name__}: say which axes have the sizes s={s}, write axes=...")
        axes = range(a.ndim) if axes is None else axes
        sizes = [-1] * len(axes) if s is None else s
        if len(sizes) != len(axes):
            raise ValueError(f"numpy.fft.{function.__name__}: s={s} and axes={axes} have different lengths")
        ns: list[int | None] = [a.shape[axis] if n == -1 else n for n, axis in zip(sizes, axes, strict=True)]
        if last is irfft and s is None:
            ns[-1] = None
        steps = list(zip([other] * (len(axes) - 1) + [last], ns, axes, strict=False))  # of no axes there is no last
        for step, n, axis in steps if last is irfft else reversed(steps):
            a = step(a, n, axis, norm)
        return a

    composed(function)(transform)


for suffix, default in (("n", None), ("2", (-2, -1))):
    of_axes(getattr(np.fft, f"fft{suffix}"), default, fft, fft)
    of_axes(getattr(np.fft, f"ifft{suffix}"), default, ifft, ifft)
    of_axes(getattr(np.fft, f"rfft{suffix}"), default, fft, rfft)
    of_axes(getattr(np.fft, f"irfft{suffix}"), default, ifft, irfft)


def rolled(x: Any, axes: int | Sequence[int] | None, by: Callable[[int], int]) -> Any:
    axes = tuple(range(x.ndim)) if axes is None else tuple(np.atleast_1d(axes).tolist())
    return np.roll(x, tuple(by(x.shape[axis]) for axis in axes), axes)


@composed(np.fft.fftshift)
def fftshift(x: Any, axes: int | Sequence[int] | None = None) -> Any:
    return rolled(x, axes, lambda size: size // 2)


@composed(np.fft.ifftshift)
def ifftshift(x: Any, axes: int | Sequence[int] | None = None) -> Any:
    return rolled(x, axes, lambda size: -(size // 2))
