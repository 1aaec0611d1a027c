"""Shapes of arrays, drawn as integers: any shape, and shapes that broadcast with each other."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from autograd_nn.ops.domain import Shape

__all__ = ["broadcastable_shapes", "shapes", "sides"]


def digits(code: int, count: int, max_side: int, min_side: int) -> Shape:
    """The digits of a number as sides: 1 comes first, 0 last."""
    choices = [*range(max(min_side, 1), max_side + 1), *range(min_side, 1)]
    return tuple(choices[code // len(choices) ** k % len(choices)] for k in range(count))


@cache
def sides(count: int, max_side: int, min_side: int) -> st.SearchStrategy[Shape]:
    """Sides, drawn as one integer."""
    return st.integers(0, (max_side - min_side + 1) ** count - 1).map(
        lambda code: digits(code, count, max_side, min_side)
    )


def shapes(
    max_dims: int = 3, max_side: int = 3, *, min_dims: int = 0, min_side: int = 0
) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes, drawn as one integer; 0-d and of size 0 too, unless ``min_dims`` or ``min_side`` says otherwise.

    >>> from hypothesis import find
    >>> find(shapes(), lambda shape: len(shape) == 2)
    (1, 1)
    """
    each = (max_side - min_side + 1) ** max_dims
    return st.integers(0, (max_dims - min_dims + 1) * each - 1).map(
        lambda code: digits(code % each, min_dims + code // each, max_side, min_side)
    )


@st.composite
def broadcastable_shapes(
    draw: st.DrawFn, /, count: int = 2, max_dims: int = 3, max_side: int = 3, *, min_side: int = 0
) -> tuple[Shape, ...]:
    """Shapes that broadcast with each other: one shape, of which each drops leading dimensions and replaces sides by 1.

    One integer is drawn for the sides, and one for each shape. They shrink to shapes that are equal.

    >>> from hypothesis import find
    >>> find(broadcastable_shapes(2), lambda pair: pair[0] != pair[1])
    ((1,), ())
    """
    whole = draw(shapes(max_dims, max_side, min_side=min_side))
    result = []
    for _ in range(count):
        dropped, ones = divmod(draw(st.integers(0, (len(whole) + 1) * 2 ** len(whole) - 1)), 2 ** len(whole))
        result.append(tuple(1 if ones >> k & 1 else side for k, side in enumerate(whole))[dropped:])
    return tuple(result)
