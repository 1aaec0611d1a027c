"""Primitives that move values without changing them. Most pullbacks are a reshape back."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.core import refuse_keyword
from autograd_nn.domains import Domain, call
from autograd_nn.ops.rule import composed, rule


def reshape_value(a: Any, shape: Any) -> Any:
    return np.asarray(a).reshape(shape)


def transpose_value(a: Any, axes: Any = None) -> Any:
    return np.transpose(a, axes)


def inverse(axes: Any) -> Any:
    return None if axes is None else np.argsort(np.asarray(axes) % len(axes))


reshape = rule(
    reshape_value,
    Domain(
        calls=(call((2, 3), shape=(3, 2)), call((2, 3), shape=-1), call((), shape=(1, 1)), call((0, 3), shape=(3, 0)))
    ),
    np.reshape,
    name="reshape",
    view=True,
    a=lambda g, a_shape: np.reshape(g, a_shape),
)
transpose = rule(
    transpose_value,
    Domain(
        calls=(
            call((2, 3), axes=None),
            call((2, 3, 1), axes=(1, -1, 0)),
            call((), axes=None),
            call((0, 3), axes=(1, 0)),
        )
    ),
    np.transpose,
    np.permute_dims,
    name="transpose",
    view=True,
    a=lambda g, axes: np.transpose(g, inverse(axes)),
)
expand_dims = rule(
    lambda a, axis: np.expand_dims(a, axis),
    Domain(calls=(call((2, 3), axis=1), call((3,), axis=(0, -1)), call((), axis=0), call((0,), axis=0))),
    np.expand_dims,
    name="expand_dims",
    view=True,
    a=lambda g, a_shape: np.reshape(g, a_shape),
)
squeeze = rule(
    lambda a, axis=None: np.squeeze(a, axis),
    Domain(calls=(call((1, 3, 1), axis=None), call((1, 3, 1), axis=-1), call((1, 0), axis=0), call((), axis=None))),
    np.squeeze,
    name="squeeze",
    view=True,
    a=lambda g, a_shape: np.reshape(g, a_shape),
)
# the engine sums over the axes that were broadcast
broadcast_to = rule(
    lambda array, shape: np.broadcast_to(array, shape),
    Domain(
        calls=(
            call((3,), shape=(2, 3)),
            call((2, 1), shape=(4, 2, 3)),
            call((), shape=(2, 2)),
            call((1, 3), shape=(0, 3)),
        )
    ),
    np.broadcast_to,
    name="broadcast_to",
    view=True,
    array=lambda g: g,
)


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


@composed(np.concatenate)
def concatenate(arrays: Any, axis: int | None = 0, **keywords: Any) -> Any:
    for keyword, value in keywords.items():
        refuse_keyword("numpy.concatenate", keyword, value)
    if axis is None:
        return concatenate([np.reshape(a, -1) for a in arrays])
    shapes = [np.shape(a) for a in arrays]
    axis = normalize_axis_index(axis, len(shapes[0]))
    return joined(arrays, axis, [*accumulate(shape[axis] for shape in shapes)])


stack = rule(
    lambda arrays, axis=0: np.stack(arrays, axis),
    Domain(
        calls=(
            call((2,), (2,), axis=0),
            call((2, 3), (2, 3), (2, 3), axis=-1),
            call((), (), axis=0),
            call((0, 2), (0, 2), axis=1),
        )
    ),
    np.stack,
    name="stack",
    variadic=True,
    arrays=lambda g, i, axis: g[(slice(None),) * (axis % g.ndim) + (i,)],
)


@composed(np.ravel)
def ravel(a: Any) -> Any:
    return np.reshape(a, -1)


@composed(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    axes = list(range(np.ndim(a)))
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return np.transpose(a, tuple(axes))


@composed(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    marked = np.moveaxis(np.empty(range(1, np.ndim(a) + 1)), source, destination)  # sides 1, 2, ... tell the axes
    return np.transpose(a, tuple(side - 1 for side in marked.shape))
