"""What picks elements and axes: indices into an array, and the keywords of a reduction."""

from __future__ import annotations

from functools import lru_cache, partial
from math import prod
from types import EllipsisType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_nn.engine.node import Array
from autograd_nn.ops.domain import Shape

__all__ = ["indices", "reductions"]


@st.composite
def reductions(draw: st.DrawFn, /, shape: Shape, *, where: bool = False) -> dict[str, Any]:
    """Keywords of a reduction such as `numpy.sum` of an array of this shape: axis, keepdims, and where if asked for.

    The axis is None, an integer from either end, or a tuple of them in any order, which may be empty.

    >>> from hypothesis import find
    >>> find(reductions((2, 3)), lambda keywords: keywords["axis"] not in (None, 0))
    {'axis': 1, 'keepdims': False}
    """
    ndim = len(shape)
    several = st.permutations(range(ndim)).flatmap(
        lambda order: st.tuples(*(st.sampled_from([None, axis, axis - ndim]) for axis in order))
    )
    tuples = several.map(lambda axes: tuple(axis for axis in axes if axis is not None))
    single = [st.sampled_from([*range(ndim), *range(-1, -ndim - 1, -1)])] if ndim else []
    keywords = {"axis": draw(st.one_of(st.none(), *single, tuples)), "keepdims": draw(st.booleans())}
    if where:
        trailing = shape[draw(st.integers(0, ndim)) :]
        kept = draw(st.binary(min_size=prod(trailing), max_size=prod(trailing)))
        keywords["where"] = np.array([byte % 2 == 0 for byte in kept], bool).reshape(trailing)
    return keywords


IndexPart = int | slice | list[int] | list[bool] | Array | EllipsisType | None


@st.composite
def indices(draw: st.DrawFn, /, shape: Shape) -> IndexPart | tuple[IndexPart, ...]:
    """Indices of every kind into an array of this shape.

    Integers, slices with steps of both signs, Ellipsis, None, arrays and lists of integers (with repeats, negative
    ones, and none at all), boolean masks of one axis or of two, and tuples of all these.

    >>> from hypothesis import find
    >>> find(indices((2, 3)), lambda index: type(index) is int and index < 0)
    -1
    """
    ndim = len(shape)
    front = draw(st.integers(0, ndim))
    back = draw(st.integers(0, ndim - front))
    picked = draw(st.sampled_from([1, 2, 3, 0]))  # arrays and masks must pick equally many
    parts: list[IndexPart] = [*draw(along(shape[:front], picked))]
    if back or draw(st.booleans()):
        parts += [..., *draw(along(shape[ndim - back :], picked))]
    for _ in range(draw(st.integers(0, 2))):
        parts.insert(draw(st.integers(0, len(parts))), None)
    return tuple(parts) if len(parts) != 1 or draw(st.booleans()) else parts[0]


@st.composite
def along(draw: st.DrawFn, /, shape: Shape, picked: int) -> list[IndexPart]:
    """The parts of an index for all of these axes."""
    parts: list[IndexPart] = []
    while shape:
        axes = 2 if picked <= prod(shape[:2]) and len(shape) > 1 and draw(st.integers(0, 7)) == 7 else 1
        parts.append(draw(masks(shape[:2], picked) if axes == 2 else st.one_of(*ways(shape[0], picked))))
        shape = shape[axes:]
    return parts


@lru_cache(4096)
def ways(side: int, picked: int) -> list[st.SearchStrategy[Any]]:
    """What can be picked from one axis."""
    place = st.sampled_from([*range(side), *range(-1, -side - 1, -1)]) if side else st.nothing()
    result: list[st.SearchStrategy[Any]] = [place, st.slices(side)]
    if side or not picked:
        places = st.lists(place, min_size=picked, max_size=picked)
        result += [places.map(partial(np.array, dtype=int)), places]
    if side:
        result.append(st.tuples(place, place).map(lambda pair: np.array(pair).reshape(2, 1)))
    if picked <= side:
        mask = masks((side,), picked)
        result += [mask, mask.map(np.ndarray.tolist)]
    return result


@lru_cache(4096)
def masks(shape: Shape, picked: int) -> st.SearchStrategy[Array]:
    """Boolean arrays with so many that are true."""
    return st.permutations(range(prod(shape))).map(
        lambda order: np.isin(np.arange(len(order)), order[:picked]).reshape(shape)
    )
