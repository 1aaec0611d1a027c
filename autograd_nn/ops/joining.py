"""Joining arrays, and splitting them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.registry import refuse_keyword
from autograd_nn.ops.declare import as_array, composed, in_a_row, rule
from autograd_nn.ops.domain import Domain, call

# the places where operands end are known once for all of them: adding up sizes for each would be quadratic
joined = rule(
    lambda arrays, axis, ends: np.concatenate(arrays, axis),
    Domain(
        calls=(
            call((2,), (3,), axis=0, ends=(2, 5)),
            call((2, 3), (2, 1), (2, 0), axis=1, ends=(3, 4, 4)),
            call((2, 2), (1, 2), axis=0, ends=(2, 3)),
        )
    ),
    name="concatenate",
    variadic=True,
    arrays=lambda g, i, axis, ends: g[(slice(None),) * axis + (slice(ends[i - 1] if i else 0, ends[i]),)],
)


def in_dtype(function: str, arrays: Any, dtype: Any, casting: Any) -> list[Any]:
    """The operands in the dtype that is asked for, lists with Tensors in them as stacks."""
    arrays = [as_array(a) if type(a) is list else a for a in arrays]
    if dtype is None:
        return arrays
    arrays = [as_array(a) for a in arrays]
    for a in arrays:
        if not np.can_cast(a.dtype, dtype, casting):
            raise TypeError(f"{function} cannot cast from {a.dtype} to {np.dtype(dtype)} with casting={casting!r}")
    return [a.astype(dtype) for a in arrays]


@composed(np.concatenate)
def concatenate(
    arrays: Any, axis: int | None = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    refuse_keyword("numpy.concatenate", "out", out)
    arrays = in_dtype("numpy.concatenate", arrays, dtype, casting)
    if axis is None:
        return concatenate([in_a_row(a) for a in arrays])
    shapes = [np.shape(a) for a in arrays]
    axis = normalize_axis_index(axis, len(shapes[0]))
    return joined(arrays, axis, [*accumulate(shape[axis] for shape in shapes)])


stacked = rule(
    lambda arrays, axis=0: np.stack(arrays, axis),
    Domain(
        calls=(
            call((2,), (2,), axis=0),
            call((2, 3), (2, 3), (2, 3), axis=-1),
            call((), (), axis=0),
            call((0, 2), (0, 2), axis=1),
        )
    ),
    name="stack",
    variadic=True,
    arrays=lambda g, i, axis: g[(slice(None),) * (axis % g.ndim) + (i,)],
)


@composed(np.stack)
def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    refuse_keyword("numpy.stack", "out", out)
    return stacked(in_dtype("numpy.stack", arrays, dtype, casting), axis)


@composed(np.vstack)
def vstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    return np.concatenate([np.atleast_2d(as_array(a)) for a in tup], dtype=dtype, casting=casting)


@composed(np.hstack)
def hstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    arrays = [np.atleast_1d(as_array(a)) for a in tup]
    return np.concatenate(arrays, axis=0 if arrays[0].ndim == 1 else 1, dtype=dtype, casting=casting)


@composed(np.dstack)
def dstack(tup: Any) -> Any:
    return np.concatenate([np.atleast_3d(as_array(a)) for a in tup], axis=2)


@composed(np.column_stack)
def column_stack(tup: Any) -> Any:
    return np.concatenate([a if a.ndim > 1 else np.reshape(a, (-1, 1)) for a in map(as_array, tup)], axis=1)


@composed(np.append, arrays=2)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    return np.concatenate([arr, values], axis=axis)


def split_as(function: Callable[..., Any], ary: Any, sections: Any, axis: int) -> list[Any]:
    """The slices of ``ary`` along the axis that the function makes of its places."""
    axis = normalize_axis_index(axis, ary.ndim)
    parts = function(np.arange(ary.shape[axis]), sections)
    bounds = [(part[0], part[0] + len(part)) if len(part) else (0, 0) for part in parts]
    return [ary[(slice(None),) * axis + (slice(int(start), int(stop)),)] for start, stop in bounds]


@composed(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    return split_as(np.split, ary, indices_or_sections, axis)


@composed(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    return split_as(np.array_split, ary, indices_or_sections, axis)


@composed(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    return split(ary, indices_or_sections, axis=min(1, ary.ndim - 1))


@composed(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    return split(ary, indices_or_sections)


@composed(np.dsplit)
def dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    return split(ary, indices_or_sections, axis=2)


if hasattr(np, "unstack"):  # from NumPy 2.1 on

    @composed(np.unstack)
    def unstack(x: Any, /, *, axis: int = 0) -> Any:
        if not x.ndim:
            raise ValueError("numpy.unstack needs at least one dimension")
        return tuple(np.moveaxis(x, axis, 0))
