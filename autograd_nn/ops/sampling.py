"""Interpolation, and samples of functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.tensor import raw
from autograd_nn.ops.declare import anywhere, as_array, inexact, numeric


@inexact(np.interp)
@numeric
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """`numpy.interp`, in the dtype of its operands. Where x meets a point, the slope is that to its right."""
    x, xp, fp = (t if t.dtype.kind in "fc" else t.astype(float) for t in map(as_array, (x, xp, fp)))
    if xp.ndim != 1 or xp.shape != fp.shape or not xp.size:
        raise ValueError(f"numpy.interp: xp and fp must be vectors of the same length: got {xp.shape} and {fp.shape}")
    if period is not None:
        if anywhere(np.equal(period, 0)):
            raise ValueError("numpy.interp: period must not be zero")
        period, left, right = np.abs(period), None, None
        x, xp = np.remainder(x, period), np.remainder(xp, period)
        order = np.argsort(xp)
        xp, fp = xp[order], fp[order]
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
    places, knots = raw(x), raw(xp)
    if len(knots) == 1:
        y = fp[np.zeros(places.shape, int)]
    else:
        k = np.clip(np.searchsorted(knots, places, side="right") - 1, 0, len(knots) - 2)
        y = fp[k] + (fp[k + 1] - fp[k]) / (xp[k + 1] - xp[k]) * (x - xp[k])
    y = np.where(places < knots[0], fp[0] if left is None else left, y)
    return np.where(places > knots[-1], fp[-1] if right is None else right, y)


@inexact(np.linspace)
def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    start, stop = (as_array(end) if isinstance(end, (list, tuple)) else end for end in (start, stop))
    steps = num - 1 if endpoint else num
    k = np.linspace(0, steps, num, endpoint, dtype=np.result_type(raw(start), raw(stop), float(num)), device=device)
    k = np.reshape(k, (num,) + (1,) * max(np.ndim(start), np.ndim(stop)))
    y = k * ((stop - start) / max(steps, 1)) + start
    if steps:
        y = np.where(k == steps, stop, y)
    y = np.moveaxis(y, 0, axis)
    if dtype is not None and np.dtype(dtype).kind in "iu":  # to the last bit, for it is rounded down
        y = np.linspace(raw(start), raw(stop), num, endpoint, dtype=dtype, axis=axis, device=device)
    elif dtype is not None:
        y = y.astype(dtype)
    return (y, (stop - start) / steps if steps else np.nan) if retstep else y


@inexact(np.logspace)
def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    if np.ndim(base):
        start, stop, base = np.broadcast_arrays(start, stop, base)
        base = np.expand_dims(base, axis)
    y = np.power(base, linspace(start, stop, num, endpoint, axis=axis))
    return y if dtype is None else y.astype(dtype)


@inexact(np.geomspace)
def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    if anywhere(np.equal(start, 0)) or anywhere(np.equal(stop, 0)):
        raise ValueError("numpy.geomspace: a geometric sequence cannot include zero")
    sign = np.sign(raw(start))
    y = np.exp(linspace(np.log(start / sign), np.log(stop / sign), num, endpoint, axis=axis))
    y = y * (np.expand_dims(sign, axis) if np.ndim(sign) else sign)
    return y if dtype is None else y.astype(dtype)
