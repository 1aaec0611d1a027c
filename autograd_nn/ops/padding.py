"""`numpy.pad` in all of its modes but those that need memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.tensor import raw
from autograd_nn.ops.declare import as_array, inexact, rule, to_dtype, tracked
from autograd_nn.ops.domain import Domain, call
from autograd_nn.ops.gathering import gathered


def inside(shape: tuple[int, ...], pad_width: Any) -> tuple[slice, ...]:
    """Where the array is in the padded one."""
    return tuple(slice(before, before + size) for size, (before, _) in zip(shape, pad_width, strict=True))


padded = rule(
    lambda array, pad_width, values: np.pad(array, pad_width, constant_values=values),
    Domain(
        calls=(
            call((2, 3), pad_width=((1, 0), (0, 2)), values=0),
            call((3,), pad_width=((2, 2),), values=1.5),
            call((0, 2), pad_width=((1, 1), (0, 0)), values=0),
        )
    ),
    name="pad",
    array=lambda g, array_shape, pad_width: g[inside(array_shape, pad_width)],
)


def pairs(value: Any, ndim: int) -> Any:
    """What numpy.pad takes for each side of each axis, from any of the forms it may have."""
    return np.broadcast_to(value, (ndim, 2)).tolist()


def widths_of(pad_width: Any, ndim: int) -> tuple[tuple[int, int], ...]:
    if isinstance(pad_width, dict):
        widths: Any = [(0, 0)] * ndim
        for axis, width in pad_width.items():
            widths[normalize_axis_index(axis, ndim)] = width if isinstance(width, tuple) else (width, width)
    else:
        widths = pairs(pad_width, ndim)
    if np.asarray(widths).dtype.kind not in "iu":
        raise TypeError(f"numpy.pad: pad_width must be of integers: got {pad_width!r}")
    return tuple((int(before), int(after)) for before, after in widths)


STATISTICS: dict[str, Callable[..., Any]] = {"maximum": np.max, "minimum": np.min, "mean": np.mean, "median": np.median}


KEYWORDS = dict.fromkeys(STATISTICS, "stat_length") | {
    **{"constant": "constant_values", "linear_ramp": "end_values", "edge": "", "wrap": ""},
    **{"reflect": "reflect_type", "symmetric": "reflect_type"},
}


@inexact(np.pad)
def pad(array: Any, pad_width: Any, mode: str = "constant", **kwargs: Any) -> Any:
    if mode not in KEYWORDS:
        raise ValueError(f"numpy.pad of a Tensor does not take mode={mode!r}: the modes are {', '.join(KEYWORDS)}")
    keyword = KEYWORDS[mode]
    if not {*kwargs} <= {keyword}:
        raise ValueError(f"numpy.pad: mode {mode!r} does not take {', '.join({*kwargs} - {keyword})}")
    if not array.ndim:
        return np.copy(array)
    value, widths = kwargs.get(keyword), widths_of(pad_width, array.ndim)
    if mode == "constant" and not tracked(value):
        return padded(array, widths, 0 if value is None else raw(value))
    if mode in ("edge", "wrap") or (keyword == "reflect_type" and value in (None, "even")):
        return gathered(np.pad, array, widths, mode)
    if keyword == "reflect_type":
        for axis, width in enumerate(widths):
            array = oddly_reflected(array, axis, width, mode == "symmetric")
        return array
    sides = of_each_side(value, array.ndim)
    for axis, (width, given) in enumerate(zip(widths, sides, strict=True)):
        if array.shape[axis] == 0 and any(width) and mode != "constant":
            raise ValueError(f"numpy.pad: can't extend the empty axis {axis} with mode {mode!r}")
        lanes = np.moveaxis(array, axis, -1)
        before = beyond(lanes, width[0], mode, given[0])
        after = beyond(lanes[..., ::-1], width[1], mode, given[1])
        array = np.moveaxis(np.concatenate([before, lanes, after[..., ::-1]], axis=-1), -1, axis)
    return array


def of_each_side(value: Any, ndim: int) -> list[list[Any]]:
    """The values for both sides of each axis, which may be Tensors; None stands for NumPy's default."""
    if value is None:
        return [[None, None]] * ndim
    if not tracked(value):
        return pairs(raw(value), ndim)
    table = np.broadcast_to(as_array(value), (ndim, 2))
    return [[table[k, 0], table[k, 1]] for k in range(ndim)]


def beyond(lanes: Any, width: int, mode: str, value: Any) -> Any:
    """What is put before the first element of each lane."""
    shape = (*lanes.shape[:-1], width)
    if mode in STATISTICS:
        part = lanes if value is None else lanes[..., :value]
        if value == 0 and mode in ("maximum", "minimum"):
            raise ValueError("numpy.pad: stat_length of 0 yields no value for padding")
        return np.broadcast_to(STATISTICS[mode](part, axis=-1, keepdims=True), shape)
    end = to_dtype(0 if value is None else value, lanes.dtype)
    if mode == "constant":
        return np.broadcast_to(end, shape)
    t = (np.arange(width) / max(width, 1)).astype(lanes.dtype)
    return end * (1 - t) + lanes[..., :1] * t


def oddly_reflected(a: Any, axis: int, width: tuple[int, int], with_edge: bool) -> Any:
    """Reflected through the point at its edge: twice the edge minus the mirror image, until the width is reached."""
    a = np.moveaxis(a, axis, -1)
    size, off = a.shape[-1], 0 if with_edge else 1
    if any(width) and size == 0:
        raise ValueError(f"numpy.pad: can't extend the empty axis {axis} by reflection")
    if size == 1:
        edge = np.moveaxis(a, -1, axis)
        return gathered(np.pad, edge, [width if k == axis else (0, 0) for k in range(a.ndim)], "edge")
    before, after = width
    while before or after:
        n = a.shape[-1]
        period = (n - off) // (size - off) * (size - off)  # whole copies of the original
        left, right = min(before, period), min(after, period)
        first, last = a[..., :1], a[..., -1:]
        head, tail = a[..., off : off + left], a[..., n - off - right : n - off]
        a = np.concatenate([2 * first - head[..., ::-1], a, 2 * last - tail[..., ::-1]], axis=-1)
        before, after = before - left, after - right
    return np.moveaxis(a, -1, axis)
