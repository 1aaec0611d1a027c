"""Einstein summation: any expression is a few contractions of two operands, each of them one product of matrices.

Before them the diagonals of repeated labels are taken, and labels that occur once and are not asked for are summed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import prod
from string import ascii_letters, ascii_lowercase, ascii_uppercase
from typing import Any

import numpy as np

from autograd_nn.engine.registry import refuse_keyword
from autograd_nn.engine.strong import bilinear
from autograd_nn.engine.tensor import as_constant, raw
from autograd_nn.ops.declare import as_array, composed, constant, in_shape, rule
from autograd_nn.ops.domain import Domain, call
from autograd_nn.ops.shapes import diagonal_view

Shape = tuple[int, ...]


# Two operands -----------------------------------------------------------------------------------------


@lru_cache(4096)
def roles(labels: str) -> tuple[str, str, str, str, str, str, str]:
    """The labels "a,b->y" and what they are for: those of a, b and y, of the batch, the rows, the sum, the columns."""
    (a, b), y = labels[: labels.index("-")].split(","), labels[labels.index(">") + 1 :]
    batch = "".join(k for k in a if k in b and k in y)
    summed = "".join(k for k in a if k in b and k not in y)
    rows = "".join(k for k in a if k not in b)
    columns = "".join(k for k in b if k not in a)
    return a, b, y, batch, rows, summed, columns


def ordered(a: Any, labels: str, order: str) -> Any:
    """A with its axes in another order."""
    return a if labels == order else np.transpose(a, [labels.index(k) for k in order])


def as_matrices(a: Any, b: Any, labels: str) -> Any:
    """The contraction as one product of matrices, for each element of the batch."""
    a_labels, b_labels, y_labels, batch, rows, summed, columns = roles(labels)
    size = dict(zip(a_labels + b_labels, np.shape(a) + np.shape(b), strict=True))
    sizes: Callable[[str], tuple[int, ...]] = lambda group: tuple(size[k] for k in group)
    left = in_shape(
        ordered(a, a_labels, batch + rows + summed), (*sizes(batch), prod(sizes(rows)), prod(sizes(summed)))
    )
    right = in_shape(
        ordered(b, b_labels, batch + summed + columns), (*sizes(batch), prod(sizes(summed)), prod(sizes(columns)))
    )
    y = in_shape(np.matmul(left, right), sizes(batch + rows + columns))
    return ordered(y, batch + rows + columns, y_labels)


def contraction_value(a: Any, b: Any, labels: str) -> Any:
    *_, rows, summed, columns = roles(labels)
    if summed and (rows or columns):
        return as_matrices(a, b, labels)
    return np.einsum(labels, a, b)


def contracted(g: Any, other: Any, labels: str) -> Any:
    """The contraction of a cotangent."""
    return bilinear(lambda g, other: contraction(g, other, labels), g, other)


def left(g: Any, b: Any, labels: str) -> Any:
    a_labels, b_labels, y_labels, *_ = roles(labels)
    return contracted(g, b, f"{y_labels},{b_labels}->{a_labels}")


def right(g: Any, a: Any, labels: str) -> Any:
    a_labels, b_labels, y_labels, *_ = roles(labels)
    return contracted(g, a, f"{y_labels},{a_labels}->{b_labels}")


# each operand has its labels once, and each label is in at least two of a, b and the result
contraction: Any = rule(
    contraction_value,
    Domain(
        calls=(
            call((2, 3), (3, 2), labels="ij,jk->ik"),
            call((2, 3), (2, 3, 2), labels="bj,bjk->kb"),
            call((2, 3), (3,), labels="ij,j->i"),
            call((3,), (3,), labels="i,i->"),
            call((2, 3), (3, 2), labels="ij,ji->j"),
            call((2,), (3,), labels="i,j->ji"),
            call((2, 2, 3), (3, 2, 2), labels="abc,cbd->ad"),
            call((), (3,), labels=",i->i"),
            call((0, 3), (3, 2), labels="ij,jk->ik"),
            call((2, 0), (0, 2), labels="ij,jk->ik"),
        )
    ),
    name="einsum",
    a=left,
    b=right,
)


# Any expression ---------------------------------------------------------------------------------------

INTEGERS = ascii_uppercase + ascii_lowercase
"""The letters that stand for 0, 1, 2, ... in the sublist form, in the order of the alphabet of labels."""


def from_sublists(operands: tuple[Any, ...]) -> tuple[str, list[Any]]:
    """The sublist form ``a, [0, 1], b, [1, 2], [0, 2]`` as subscripts and operands."""
    letters: Callable[[Any], str] = lambda sublist: "".join("..." if k is Ellipsis else INTEGERS[k] for k in sublist)
    pairs = len(operands) // 2
    subscripts = ",".join(letters(operands[2 * k + 1]) for k in range(pairs))
    if len(operands) % 2:
        subscripts += "->" + letters(operands[-1])
    return subscripts, list(operands[: 2 * pairs : 2])


@lru_cache(4096)
def read(subscripts: str, shapes: tuple[Shape, ...]) -> tuple[list[str], str]:
    """The labels of each operand and of the result, all written out; ValueError where they do not fit the shapes."""

    def wrong(reason: str) -> ValueError:
        return ValueError(f"numpy.einsum({subscripts!r}) of shapes {', '.join(map(str, shapes))}: {reason}")

    text = subscripts.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    terms = inputs.split(",")
    if len(terms) != len(shapes):
        raise wrong(f"there are {len(terms)} terms for {len(shapes)} operands")
    used = set(text) - set(",.->")
    if not used <= set(ascii_letters):
        raise wrong("labels are letters")
    spare = [k for k in ascii_letters if k not in used]
    labels, dots = [], ""
    for term, shape in zip(terms, shapes, strict=True):
        extra = len(shape) - len(term.replace("...", ""))
        if extra < 0 or (extra and "..." not in term) or term.count("...") > 1:
            raise wrong(f"{term!r} does not label {len(shape)} dimensions")
        own = "".join(spare[:extra][::-1])  # the last dimension has the same label for all
        dots = max(dots, own, key=len)
        labels.append(term.replace("...", own))
    if not arrow:
        output = ("..." if dots else "") + "".join(sorted(k for k in used if inputs.count(k) == 1))
    if dots and "..." not in output:
        raise wrong("the result needs '...' too")
    output = output.replace("...", dots)
    if len(set(output)) < len(output) or not set(output) <= set("".join(labels)):
        raise wrong(f"the result's labels {output!r} must be different, and each in an operand")
    if any("." in term for term in labels):
        raise wrong("'.' is for '...'")
    for k in set("".join(labels)):
        sizes = {
            n for term, shape in zip(labels, shapes, strict=True) for m, n in zip(term, shape, strict=True) if m == k
        }
        if len(sizes - {1}) > 1:
            raise wrong(f"label {k!r} has sizes {sorted(sizes)}")
    return labels, output


def diagonals(a: Any, labels: str) -> tuple[Any, str]:
    """A along the diagonals of its repeated labels: as all that is no sum, a view that can be written into."""
    for k in labels:
        while labels.count(k) > 1:
            first = labels.index(k)
            second = labels.index(k, first + 1)
            if a.shape[first] != a.shape[second]:
                raise ValueError(f"numpy.einsum: a repeated label has sizes {a.shape[first]} and {a.shape[second]}")
            a = diagonal_view(a, 0, first, second, True)
            labels = labels[:first] + labels[first + 1 : second] + labels[second + 1 :] + k
    return a, labels


def without(a: Any, labels: str, dropped: str, axes: Callable[..., Any]) -> tuple[Any, str]:
    """A without the dropped labels: summed or, of size 1, squeezed."""
    if not dropped:
        return a, labels
    places = tuple(labels.index(k) for k in dropped)
    return axes(a, axis=places), "".join(k for k in labels if k not in dropped)


@composed(np.einsum)
def einsum(*operands: Any, out: Any = None, optimize: Any = False, dtype: Any = None, **keywords: Any) -> Any:
    for keyword, value in {"out": out, **keywords}.items():
        if (keyword, value) not in (("order", "K"), ("casting", "safe")):
            refuse_keyword("numpy.einsum", keyword, value)
    subscripts, arrays = (operands[0], list(operands[1:])) if isinstance(operands[0], str) else from_sublists(operands)
    arrays = [as_array(a) for a in arrays]
    if dtype is not None:
        arrays = [a.astype(dtype) for a in arrays]
    terms, output = read(subscripts, tuple(a.shape for a in arrays))
    path = [tuple(range(len(arrays)))]
    if optimize is not False and len(arrays) > 2:
        path = np.einsum_path(",".join(terms) + "->" + output, *raw(arrays), optimize=optimize)[0][1:]
    wide = {k for a, term in zip(arrays, terms, strict=True) for k, n in zip(term, a.shape, strict=True) if n != 1}
    work = [diagonals(a, term) for a, term in zip(arrays, terms, strict=True)]
    # a label of size 1 where others have more of it broadcasts: the operand need not have it
    work = [
        without(a, term, "".join(k for k, n in zip(term, a.shape, strict=True) if n == 1 and k in wide), np.squeeze)
        for a, term in work
    ]
    for places in path:
        chosen = [work[k] for k in places]
        work = [each for k, each in enumerate(work) if k not in places]
        while len(chosen) > 1:
            first, second, *chosen = chosen
            needed = output + "".join(term for _, term in (*work, *chosen))
            chosen.insert(0, multiplied(*first, *second, needed))
        work += chosen
    ((y, labels),) = work
    summed = "".join(k for k in labels if k not in output)
    if len(arrays) == 1 and not summed:
        return ordered(y[...], labels, output)
    y, labels = without(y, labels, summed, np.sum)
    if y.dtype.kind not in "fc":  # of booleans NumPy's sums are not counts
        return as_constant(np.einsum(subscripts, *raw(arrays)))
    return ordered(y, labels, output)


def multiplied(a: Any, a_labels: str, b: Any, b_labels: str, needed: str) -> tuple[Any, str]:
    """The product of two operands, summed over the labels that nothing else needs."""
    a, a_labels = without(a, a_labels, "".join(k for k in a_labels if k not in b_labels + needed), np.sum)
    b, b_labels = without(b, b_labels, "".join(k for k in b_labels if k not in a_labels + needed), np.sum)
    kept = "".join(k for k in dict.fromkeys(a_labels + b_labels) if k in needed)
    return contraction(a, b, f"{a_labels},{b_labels}->{kept}"), kept


constant(np.einsum_path)
