"""Operands of functions: of any, of the primitives of the registry, of matrix products and einsum."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from autograd_nn.engine.node import Array
from autograd_nn.engine.primitive import Primitive, Variadic
from autograd_nn.engine.registry import REGISTRY
from autograd_nn.ops.domain import REAL, Call, Domain, Shape
from autograd_nn.testing.layouts import LAYOUTS
from autograd_nn.testing.strategies.array_shapes import broadcastable_shapes, sides
from autograd_nn.testing.strategies.array_values import Interval, arrays

__all__ = [
    "KINK",
    "Application",
    "applications",
    "applied",
    "arguments",
    "einsums",
    "matmuls",
    "operands",
    "primitive_of",
]

Application = tuple[Callable[..., Any], list[Array]]


@st.composite
def operands(
    draw: st.DrawFn,
    /,
    function: Callable[..., Any] | int,
    *,
    domain: Domain | Interval | Sequence[Interval] | None = None,
    max_dims: int = 3,
    max_side: int = 3,
    min_side: int = 0,
    **options: Any,
) -> list[Array]:
    """Operands for a function of n arrays: their shapes broadcast, and the elements are in its domain.

    Parameters
    ----------
    function : callable or int
        A function of arrays, a ufunc or a primitive; or how many operands there are.
    domain : Domain, (low, high) or a list of such intervals, optional
        One for each operand, or the last one for the rest. By default the Domain of a primitive, or everything.
    max_dims, max_side, min_side : int
        Of the `broadcastable_shapes`.
    **options
        Of `arrays`, for each operand.

    Raises
    ------
    TypeError
        If the number of operands cannot be told from the function.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(operands(np.power), lambda pair: [a.ndim for a in pair] == [1, 0])
    [array([1.]), array(0.)]
    """
    count = function if isinstance(function, int) else arity(function)
    if domain is None:
        domain = getattr(primitive_of(function), "domain", None) or REAL
    if not isinstance(domain, Domain):
        intervals = (domain,) if isinstance(domain[0], (int, float)) else domain
        domain = Domain(tuple(intervals))  # type: ignore[arg-type]
    fitting = draw(broadcastable_shapes(count, max_dims, max_side, min_side=min_side))
    return [draw(arrays(shape, domain=domain.interval(place), **options)) for place, shape in enumerate(fitting)]


def arity(function: Callable[..., Any]) -> int:
    """How many operands the function takes."""
    if isinstance(function, np.ufunc):
        return function.nin
    primitive = primitive_of(function)
    if primitive is not None:
        return len(primitive.pullbacks)
    kinds = [p.kind for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    if not kinds or not {*kinds} <= {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}:
        raise TypeError(f"operands({function}): it does not say how many it takes: write that number instead")
    return len(kinds)


def primitive_of(function: Any) -> Primitive | None:
    """The primitive behind a function of the registry or of the user; None if it is something else."""
    if isinstance(function, Primitive):
        return function
    try:
        return getattr(function, "primitive", None) or getattr(REGISTRY[function], "primitive", None)
    except (TypeError, AttributeError):  # it is not in the registry, or not even a function with a name
        return None


@st.composite
def applications(draw: st.DrawFn, /, function: Any, **options: Any) -> Application:
    """A way to apply a primitive of the registry where it is smooth, as its Domain tells: (f, arrays).

    Parameters
    ----------
    function : callable or Primitive
        A primitive, or a NumPy function whose rule it is.
    **options
        Of `arrays`, for each operand: dtype, layout, ties, special.

    Returns
    -------
    f : callable
        The primitive with one of its Domain's parameters, a function of ``len(arrays)`` arrays or Tensors.
    arrays : list of arrays
        Away from kinks, unless ``ties``, ``special`` or ``layout="stride-0"`` leads there.

    Raises
    ------
    TypeError
        If it is not a primitive with a Domain.

    Examples
    --------
    >>> from hypothesis import find
    >>> f, (x, y) = find(applications(np.power), lambda found: np.shape(found[1][0]) == (3,))
    >>> x, f(x, y)
    (array([1., 1., 1.]), array([1., 1., 1.]))
    """
    primitive = primitive_of(function)
    if primitive is None or primitive.domain is None:
        raise TypeError(f"applications({function}): it is not a primitive with a Domain: write operands({function})")
    call = draw(st.sampled_from(primitive.domain.calls))
    return applied(primitive, call), draw(arguments(primitive.domain, call.shapes, **options))


def applied(primitive: Primitive, call: Call) -> Callable[..., Any]:
    """The primitive as a function of its differentiable arguments alone."""
    if isinstance(primitive, Variadic):
        return lambda *arrays: primitive.apply(arrays, **call.parameters)
    names = [name for name in primitive.names if name not in call.parameters]
    return lambda *arrays: primitive.apply(**dict(zip(names, arrays, strict=True)), **call.parameters)


KINK = 0.01
"""How far `applications` stay away from a kink."""


@st.composite
def arguments(draw: st.DrawFn, /, domain: Domain, fitting: tuple[Shape, ...], **options: Any) -> list[Array]:
    """Arrays of these shapes in the domain's intervals, away from its kinks."""
    layout = options.pop("layout", "C")
    options["layout"] = layout = draw(layout) if isinstance(layout, st.SearchStrategy) else layout
    leads_there = options.get("ties") or options.get("special") or layout == "stride-0"
    if domain.kink is None or leads_there:
        return [draw(arrays(shape, domain=domain.interval(k), **options)) for k, shape in enumerate(fitting)]
    if len(domain.intervals) > 1:
        result = [
            draw(arrays(shape, domain=domain.interval(k), distinct=True, **options)) for k, shape in enumerate(fitting)
        ]
    else:  # no element of one operand is equal to one of another either
        *ends, total = np.cumsum([prod(shape) for shape in fitting]).tolist()
        whole = draw(arrays((total,), domain=domain, distinct=True, **options | {"layout": "C"}))
        parts = zip(np.split(whole, ends), fitting, strict=True)
        result = [LAYOUTS[layout](part.reshape(shape)) for part, shape in parts]
    assume(all(np.all(np.abs(distance) > KINK) for distance in np.atleast_1d(domain.kink(*result))))
    return result


@st.composite
def matmuls(draw: st.DrawFn, /, max_side: int = 3, *, min_side: int = 0, **options: Any) -> list[Array]:
    """Two operands for a matrix product: vectors, matrices, and stacks of them whose shapes broadcast.

    Parameters
    ----------
    max_side, min_side : int
        Of every dimension.
    **options
        Of `arrays`.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(matmuls(), lambda pair: [a.ndim for a in pair] == [1, 2])
    [array([0.]), array([[0.]])]
    """
    vectors = draw(st.integers(0, 3))
    n, m, k = draw(sides(3, max_side, min_side))
    left, right = draw(broadcastable_shapes(2, 2, max_side, min_side=min_side))
    fitting = ((k,) if vectors & 1 else (*left, n, k), (k,) if vectors & 2 else (*right, k, m))
    return [draw(arrays(shape, **options)) for shape in fitting]


@st.composite
def einsums(
    draw: st.DrawFn, /, max_operands: int = 3, max_side: int = 3, *, min_side: int = 0, **options: Any
) -> tuple[str, list[Array]]:
    """Subscripts for `numpy.einsum` with operands that fit.

    They have repeated labels, an ellipsis that stands for dimensions that broadcast, labels whose side is 1 in one
    operand and more in another, and a result that is implicit or explicit.

    Parameters
    ----------
    max_operands : int
        At least 1.
    max_side, min_side : int
        Of every dimension.
    **options
        Of `arrays`, for each operand.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(einsums(), lambda spec: spec[0].startswith("i,i"))
    ('i,i', [array([0.]), array([0.])])
    """
    count = draw(st.integers(1, max_operands))
    side = dict(zip("ijkl", draw(sides(4, max_side, min_side)), strict=True))
    dots = draw(st.booleans())
    batches = draw(broadcastable_shapes(count, 2, max_side, min_side=min_side)) if dots else [()] * count
    terms, fitting = [], []
    for batch in batches:
        labels = draw(st.text("ijkl", max_size=3))
        ones = draw(st.sets(st.sampled_from(labels))) if labels else set()
        before = draw(st.integers(0, len(labels))) if dots else 0
        shape = [1 if label in ones else side[label] for label in labels]
        terms.append(f"{labels[:before]}{'...' * dots}{labels[before:]}")
        fitting.append((*shape[:before], *batch, *shape[before:]))
    subscripts = ",".join(terms)
    if draw(st.booleans()):
        used = sorted({*subscripts} - {*",."})
        kept = draw(st.lists(st.sampled_from(used), unique=True)) if used else []
        if dots:
            kept.insert(draw(st.integers(0, len(kept))), "...")
        subscripts += "->" + "".join(kept)
    return subscripts, [draw(arrays(shape, **options)) for shape in fitting]
