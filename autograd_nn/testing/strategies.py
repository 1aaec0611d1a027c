"""Strategies for hypothesis: arrays and shapes, indices and axes, einsum specs, expressions, models.

Numbers are drawn as bytes, two for each, and looked up in a table of 65,536: 0, 1, -1, small integers and halves come
first, then numbers with all their digits, evenly spread over the magnitudes. That is two to three times as fast as
drawing each number by itself, and it shrinks element by element to 0, 1 or -1. Nothing is filtered element by element.

>>> from hypothesis import find
>>> find(arrays((2, 2)), lambda a: np.sum(a) > 1)
array([[0., 0.],
       [0., 2.]])
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import pairwise
from math import floor, log2, prod
from types import EllipsisType
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from numpy.typing import DTypeLike

from autograd_nn import functional
from autograd_nn.engine.node import Array
from autograd_nn.engine.primitive import Primitive, Variadic
from autograd_nn.engine.registry import REGISTRY
from autograd_nn.engine.tensor import Tensor, leaf
from autograd_nn.ops.chapters import open_all
from autograd_nn.ops.declare import PRIMITIVES
from autograd_nn.ops.domain import REAL, Call, Domain, Shape

__all__ = [
    "LAYOUTS",
    "MLP",
    "Expression",
    "applications",
    "arrays",
    "broadcastable_shapes",
    "cotangents",
    "einsums",
    "expressions",
    "indices",
    "layouts",
    "matmuls",
    "models",
    "operands",
    "reductions",
    "scales",
    "shapes",
    "tensors",
]

Interval = tuple[float, float]
CODES = 2**16

# Shapes ------------------------------------------------------------------------------------------------


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


# Numbers -----------------------------------------------------------------------------------------------

SIMPLE = [0, *(sign * size for size in (1, 2, 3, 4, 5, 6, 7, 8, 0.5, 1.5, 2.5) for sign in (1, -1))]
"""The first codes: what numbers shrink to. An odd code is a positive number, because codes shrink in steps of 2."""

LARGEST = 16.0
"""The largest magnitude of the others, and one over the smallest; `scales` are for more."""

EXTREME = {"e": 2, "f": 18, "d": 150, "F": 18, "D": 150}
"""The exponents of 10 up to which products of two numbers neither overflow nor vanish, by dtype."""


def interval_of(domain: Domain | Interval) -> Interval:
    """The open interval that a strategy was asked for."""
    low, high = domain.interval(0) if isinstance(domain, Domain) else domain
    if not low < high:
        raise ValueError(f"the domain must be an open interval (low, high) with low < high: got ({low}, {high})")
    return low, high


@cache
def palette(interval: Interval, dtype: np.dtype[Any], special: bool = False) -> Array:
    """The numbers that the 65,536 codes stand for, all within the open interval, the simplest first.

    >>> palette((-np.inf, np.inf), np.dtype(float))[:9]
    array([ 0.,  1., -1.,  2., -2.,  3., -3.,  4., -4.])
    >>> palette((0.8, np.inf), np.dtype(float))[:5]
    array([1., 2., 3., 4., 5.])
    """
    low, high = interval
    simple = [v for v in SIMPLE if low < v < high] or [window(interval)[0]]
    code = np.arange(len(simple), CODES)
    page, offset = divmod(code, 256)  # the two bytes; each shrinks by itself, so each page begins with whole numbers
    magnitude = np.where(offset < 4, np.ceil(LARGEST ** ((page + 1) / 256)), LARGEST ** (code / CODES))
    magnitude[(page > 0) & (code & 2 > 0)] **= -1
    if np.isfinite(low) and np.isfinite(high):
        generic = (low + high) / 2 + 0.45 * (high - low) * code / CODES * np.where(code & 1, 1, -1)
    elif np.isfinite(low):
        generic = low + magnitude
    elif np.isfinite(high):
        generic = high - magnitude
    else:
        generic = np.where(code & 1, magnitude, -magnitude)
    if special:
        exponent, tiny = EXTREME[dtype.char], np.finfo(dtype).smallest_subnormal
        peculiar = [np.inf, -np.inf, np.nan, tiny, -tiny, -0.0]
        peculiar += [sign * 10.0**power for power in (exponent, -exponent) for sign in (1, -1)]
        generic[::2] = np.resize(peculiar, len(generic[::2]))
    table = np.concatenate([simple, generic]).astype(np.finfo(dtype).dtype)
    table.setflags(write=False)
    return table


def window(interval: Interval) -> Interval:
    """The middle of the interval and how far to go from there: not to its ends, and not to infinity."""
    low, high = interval
    low, high = max(low, min(high, 3.0) - 6), min(high, max(low, -3.0) + 6)
    return (low + high) / 2, 0.45 * (high - low)


@cache
def lattice(interval: Interval, count: int) -> tuple[float, ...]:
    """More points than this, evenly spaced within the interval and none of them 0: the simplest first."""
    center, half = window(interval)
    step = 2.0 ** floor(log2(2 * half / (32 + 4 * count)))
    points = (step * np.arange(floor((center - half) / step) + 1, (center + half) / step)).tolist()
    return tuple(sorted(filter(None, points), key=lambda x: (x.as_integer_ratio()[1], abs(x), x < 0)))


def codes_of(drawn: bytes) -> Array:
    return np.frombuffer(drawn, ">u2")


def apart(codes: Array, interval: Interval) -> Array:
    """Numbers no two of which are equal, and none 0: each code picks one of those that are left."""
    points = list(lattice(interval, 2 ** len(codes).bit_length()))
    return np.array([points.pop(code % len(points)) for code in codes.tolist()])


@lru_cache(4096)
def bytes_for(count: int) -> st.SearchStrategy[bytes]:
    """Two bytes for each of so many numbers."""
    return st.binary(min_size=2 * count, max_size=2 * count)


# Layouts in memory -------------------------------------------------------------------------------------


def backwards(a: Array) -> Array:
    return np.asarray(np.flip(a))


def with_gaps(a: Array) -> Array:
    if a.ndim == 0:
        return a
    wide = np.full((*a.shape[:-1], 2 * a.shape[-1]), np.nan, a.dtype)
    wide[..., ::2] = a
    return wide[..., ::2]


def repeated(a: Array) -> Array:
    return np.broadcast_to(a[..., :1], a.shape) if a.ndim else a


def read_only(a: Array) -> Array:
    a = a.copy()
    a.setflags(write=False)
    return a


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "C": lambda a: np.array(a, order="C"),
    "F": lambda a: np.array(a, order="F"),
    "reversed": lambda a: backwards(np.array(backwards(a), order="C")),
    "strided": with_gaps,
    "transposed": lambda a: np.moveaxis(np.array(np.moveaxis(a, 0, -1), order="C"), -1, 0) if a.ndim else a,
    "stride-0": repeated,
    "read-only": read_only,
}
"""Layouts by name, as functions that lay out an array: every value stays, except that "stride-0" repeats the first
element of the last axis. What lies between the elements of "strided" is nan, so that nobody reads it unseen."""


def layouts() -> st.SearchStrategy[str]:
    """The names in `LAYOUTS`."""
    return st.sampled_from([*LAYOUTS])


def scales(dtype: DTypeLike = np.float64) -> st.SearchStrategy[float]:
    """Powers of ten from 1e-150 to 1e150; from 1e-18 to 1e18 for float32, from 0.01 to 100 for float16.

    >>> from hypothesis import find
    >>> find(scales(), lambda scale: scale != 1)
    10.0
    """
    limit = EXTREME[np.dtype(dtype).char]
    return st.integers(-limit, limit).map(lambda exponent: 10.0**exponent)


# Arrays ------------------------------------------------------------------------------------------------


def arrays(
    shape: Shape | st.SearchStrategy[Shape] | None = None,
    *,
    domain: Domain | Interval = REAL,
    dtype: DTypeLike | st.SearchStrategy[Any] = np.float64,
    layout: str | st.SearchStrategy[str] = "C",
    scale: float | st.SearchStrategy[float] = 1.0,
    ties: bool = False,
    special: bool = False,
    distinct: bool = False,
) -> st.SearchStrategy[Array]:
    """Arrays of floats or complex numbers.

    Parameters
    ----------
    shape : tuple of ints or strategy, optional
        By default any of `shapes`.
    domain : Domain or (low, high)
        An open interval for the elements; the first one of a Domain. Of complex numbers for the real parts.
    dtype : float64, float32, float16, complex128, complex64, or strategy
    layout : str or strategy
        A name in `LAYOUTS`.
    scale : float or strategy
        What the elements are multiplied by; `scales` draws one.
    ties : bool
        Draw from 8 values only, so that many are equal.
    special : bool
        Every other element is inf, -inf, nan, subnormal, -0.0, or extremely large or small, whatever the domain.
    distinct : bool
        No two elements are equal, and none is 0.

    Raises
    ------
    ValueError
        If ``scale`` would leave the domain, ``ties`` and ``distinct`` are both asked for, or a name is unknown.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(arrays((3,), domain=(0, np.inf), dtype=np.float32), lambda a: bool(a[1] > 2))
    array([1., 3., 1.], dtype=float32)
    >>> find(arrays((3,), distinct=True), lambda a: True)
    array([ 1., -1.,  2.])
    """
    given: dict[str, Any] = {
        "shape": shapes() if shape is None else shape,
        "domain": domain,
        "dtype": dtype,
        "layout": layout,
        "scale": scale,
        "ties": ties,
        "special": special,
        "distinct": distinct,
    }
    varying = {name: each for name, each in given.items() if isinstance(each, st.SearchStrategy)}
    if varying:
        return st.fixed_dictionaries(varying).flatmap(lambda drawn: arrays(**given | drawn))
    fixed: np.dtype[Any] = np.dtype(given["dtype"])
    interval = interval_of(domain)
    if fixed.char not in EXTREME:
        raise ValueError(f"dtype must be float64, float32, float16, complex128 or complex64: got {fixed}")
    if layout not in LAYOUTS:
        raise ValueError(f"layout must be one of {', '.join(LAYOUTS)}: got {layout!r}")
    if ties and distinct:
        raise ValueError("ties=True asks for equal elements, distinct=True for none: choose one")
    if scale != 1 and not all(end == 0 or np.isinf(end) for end in interval):
        raise ValueError(f"scale={scale:g} would leave the domain {interval}: scale an interval that ends at 0 or inf")
    return coded(tuple(given["shape"]), interval, fixed, layout, scale, ties, special, distinct)


@lru_cache(4096)  # what hypothesis checks of a new strategy takes longer than to draw from it
def coded(shape: Shape, interval: Interval, dtype: np.dtype[Any], *options: Any) -> st.SearchStrategy[Array]:
    """`arrays` of which all but the elements is known."""
    count = prod(shape) * (2 if dtype.kind == "c" else 1)
    return bytes_for(count).map(lambda drawn: decoded(codes_of(drawn), shape, interval, dtype, *options))


def decoded(
    codes: Array,
    shape: Shape,
    interval: Interval,
    dtype: np.dtype[Any],
    layout: str,
    scale: float,
    ties: bool,
    special: bool,
    distinct: bool,
) -> Array:
    """The array that the codes stand for."""
    size = prod(shape)
    if ties:
        codes = codes % 8
    table = palette(interval, dtype, special)
    result = apart(codes[:size], interval).astype(table.dtype) if distinct else table[codes[:size]]
    if dtype.kind == "c":
        imaginary = palette(REAL.interval(0), dtype, special)[codes[size:]]
        result = np.stack([result, imaginary], axis=-1).reshape(-1).view(dtype)
    if scale != 1:
        result = result * result.dtype.type(scale)
    result = result.reshape(shape)
    return result if layout == "C" else LAYOUTS[layout](result)


def tensors(shape: Shape | st.SearchStrategy[Shape] | None = None, **options: Any) -> st.SearchStrategy[Tensor]:
    """Tensors that require a gradient, as `arrays`; a layout stays what it is.

    >>> from hypothesis import find
    >>> find(tensors((2,)), lambda t: bool(t.data[1] < 0))
    Tensor([ 0., -1.], requires_grad=True)
    """
    return arrays(shape, **options).map(leaf)


@cache
def swings(dtype: np.dtype[Any]) -> Array:
    """The table of cotangents: like `palette`, of magnitudes in [0.5, 1.5] but not within 0.01 of 1."""
    simple = np.array([0.5, -0.5, 1.5, -1.5, 0.75, -0.75, 1.25, -1.25])
    code = np.arange(CODES - len(simple))
    distance = 0.01 + 0.49 * code / CODES
    generic = (1 + np.where(code & 1, -distance, distance)) * np.where(code & 2, -1, 1)
    return np.concatenate([simple, generic]).astype(np.finfo(dtype).dtype)


def cotangents(shape: Shape, dtype: DTypeLike = np.float64) -> st.SearchStrategy[Array]:
    """Cotangents: magnitudes in [0.5, 1.5] with random signs, and never 1, which would hide what is wrong.

    Parameters
    ----------
    shape : tuple of ints
    dtype : float or complex dtype
        Of a complex one this holds for the real and the imaginary parts.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(cotangents((3,)), lambda w: w[1] < 0)
    array([ 0.5, -0.5,  0.5])
    """
    dtype = np.dtype(dtype)
    table = swings(dtype)
    parts = 2 if dtype.kind == "c" else 1
    return bytes_for(parts * prod(shape)).map(
        lambda drawn: table[codes_of(drawn)].view(dtype).reshape(shape)  # real and imaginary parts in turn
    )


# Operands ----------------------------------------------------------------------------------------------

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
    >>> find(operands(np.power, min_side=1), lambda pair: [len(a) for a in pair if a.ndim == 1] == [2, 1])
    [array([1., 1.]), array([0.])]
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
    >>> find(matmuls(), lambda pair: np.sum(np.matmul(*pair)) > 1)
    [array([[1.]]), array([[2.]])]
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
    >>> find(einsums(), lambda spec: "ii" in spec[0])
    ('ii', [array([[0.]])])
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


# Arguments ---------------------------------------------------------------------------------------------


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


Part = int | slice | list[int] | list[bool] | Array | EllipsisType | None


@st.composite
def indices(draw: st.DrawFn, /, shape: Shape) -> Part | tuple[Part, ...]:
    """Indices of every kind into an array of this shape.

    Integers, slices with steps of both signs, Ellipsis, None, arrays and lists of integers (with repeats, negative
    ones, and none at all), boolean masks of one axis or of two, and tuples of all these.

    >>> from hypothesis import find
    >>> find(indices((2, 3)), lambda index: type(index) is list)
    [0]
    """
    ndim = len(shape)
    front = draw(st.integers(0, ndim))
    back = draw(st.integers(0, ndim - front))
    picked = draw(st.sampled_from([1, 2, 3, 0]))  # arrays and masks must pick equally many
    parts: list[Part] = [*draw(along(shape[:front], picked))]
    if back or draw(st.booleans()):
        parts += [..., *draw(along(shape[ndim - back :], picked))]
    for _ in range(draw(st.integers(0, 2))):
        parts.insert(draw(st.integers(0, len(parts))), None)
    return tuple(parts) if len(parts) != 1 or draw(st.booleans()) else parts[0]


@st.composite
def along(draw: st.DrawFn, /, shape: Shape, picked: int) -> list[Part]:
    """Parts of an index for all of these axes."""
    parts: list[Part] = []
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


# Expressions -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A function applied to earlier values, which are told by their places."""

    name: str
    function: Callable[..., Any]
    operands: tuple[int, ...]


@dataclass(frozen=True, repr=False)
class Expression:
    """A function made of primitives: call it with as many arrays or Tensors as it has leaves.

    The value at a place is that of a leaf, or of a step. The result holds the elements of all values that
    no step uses, in one dimension. Printed, it reads as a program.
    """

    leaves: int
    steps: tuple[Step, ...]

    def __call__(self, *leaves: Any) -> Any:
        values = [*leaves]
        for step in self.steps:
            values.append(step.function(*(values[place] for place in step.operands)))
        return np.concatenate([np.reshape(values[place], -1) for place in self.outputs])

    @property
    def outputs(self) -> list[int]:
        """The places of the values that no step uses."""
        used = {place for step in self.steps for place in step.operands}
        return [place for place in range(self.leaves + len(self.steps)) if place not in used]

    def __repr__(self) -> str:
        named: Callable[[Iterable[int]], str] = lambda places: ", ".join(f"n{place}" for place in places)
        lines = [f"n{k} = {step.name}({named(step.operands)})" for k, step in enumerate(self.steps, self.leaves)]
        return f"lambda {named(range(self.leaves))}: {'; '.join([*lines, f'return {named(self.outputs)}'])}"


def ratio(u: Any) -> Any:
    return u / (1.5 + u * u)


def inside(squash: Callable[[Any], Any], interval: Interval, u: Any) -> Any:
    center, half = window(interval)
    return center + half * squash(u)


def resized(shape: Shape, u: Any) -> Any:
    """The elements in another shape: cut off, or from the start again."""
    return np.reshape(u, -1)[np.arange(prod(shape)).reshape(shape) % np.size(u)]


def parts(z: Any) -> Any:
    return np.real(z) - 0.7 * np.imag(z)


def tamed(u: Any) -> Any:
    return TAME * np.tanh(u / TAME)


SQUASHES: dict[str, Callable[[Any], Any]] = {"tanh": np.tanh, "sin": np.sin, "ratio": ratio}
"""Into [-1, 1]: what brings any value into an interval."""

TAME = 3.0
"""Values beyond are squashed before another step uses them."""


@cache
def vocabulary() -> list[tuple[str, Primitive, Call]]:
    """The calls of all primitives that are smooth throughout their intervals, the simplest first."""
    with suppress(ImportError):  # the last chapter, special functions, needs SciPy
        open_all()
    calls = [
        (name, primitive, call)
        for name, primitive in PRIMITIVES.items()
        if primitive.domain.kink is None
        for call in primitive.domain.calls
        if all(all(shape) for shape in call.shapes)
    ]
    return sorted(calls, key=lambda found: (len(found[2].parameters), sum(map(len, found[2].shapes)), found[0]))


class Growth:
    """An expression while it grows, with its values at the leaves."""

    def __init__(self, leaves: list[Array], max_depth: int) -> None:
        self.max_depth = max_depth
        self.values = [*leaves]
        self.steps: list[Step] = []
        self.depths = [0] * len(leaves)
        self.ready = [*range(len(leaves))]

    def add(self, name: str, function: Callable[..., Any], *operands: int) -> int:
        """The place of a new value."""
        self.values.append(np.asarray(function(*(self.values[place] for place in operands))))
        self.depths.append(max(self.depths[place] for place in operands))
        self.steps.append(Step(name, function, operands))
        return len(self.values) - 1

    def operand(self, code: int, shape: Shape, interval: Interval) -> int:
        """An earlier value, in this shape and within the interval."""
        usable = [place for place in self.ready if self.depths[place] < self.max_depth]
        code, back = divmod(code, len(usable))
        place = usable[-1 - back]
        if self.values[place].shape != shape:
            place = self.add(f"resized[{shape}]", partial(resized, shape), place)
        if interval != REAL.interval(0):
            name = [*SQUASHES][code % len(SQUASHES)]
            place = self.add(f"inside[{name}, {interval}]", partial(inside, SQUASHES[name], interval), place)
        return place

    def grow(self, code: bytes) -> None:
        """Apply one more primitive, unless what comes out is not finite."""
        before = len(self.values), len(self.steps)
        name, primitive, call = vocabulary()[int.from_bytes(code[:2]) % len(vocabulary())]
        places = [self.operand(code[2 + k], shape, primitive.domain.interval(k)) for k, shape in enumerate(call.shapes)]
        place = self.add(name, applied(primitive, call), *places)
        self.depths[place] += 1
        if not np.all(np.isfinite(self.values[place])):
            del self.values[before[0] :], self.depths[before[0] :], self.steps[before[1] :]
            return
        if self.values[place].dtype.kind == "c":
            place = self.add("parts", parts, place)
        if np.max(np.abs(self.values[place]), initial=0) > TAME:
            place = self.add("tamed", tamed, place)
        if self.values[place].size:
            self.ready.append(place)


@st.composite
def expressions(
    draw: st.DrawFn, /, max_steps: int = 10, max_depth: int = 6, max_leaves: int = 3
) -> tuple[Expression, list[Array]]:
    """Random expression graphs of the smooth primitives in the registry: (f, leaves).

    A step applies a primitive to earlier values, brought into its shapes and its domain, so that subexpressions are
    shared. What is not finite is left out.

    Parameters
    ----------
    max_steps : int
        Primitives to apply.
    max_depth : int
        How many of them may follow on each other.
    max_leaves : int

    Returns
    -------
    f : Expression
        A function of ``len(leaves)`` arrays or Tensors with a result in one dimension; printed, it reads as a program.
    leaves : list of float64 arrays

    Examples
    --------
    >>> from hypothesis import find
    >>> f, leaves = find(expressions(), lambda found: len(found[0].steps) > 1)
    >>> f(*leaves).ndim
    1
    """
    count = draw(st.integers(1, max_leaves))
    fitting = [draw(shapes(2, min_side=1)) for _ in range(count)]
    leaves = [draw(arrays(shape, domain=(-2, 2))) for shape in fitting]
    growth = Growth(leaves, max_depth)
    arity = max(len(call.shapes) for *_, call in vocabulary())
    with np.errstate(all="ignore"):
        for code in draw(st.lists(st.binary(min_size=2 + arity, max_size=2 + arity), max_size=max_steps)):
            growth.grow(code)
    return Expression(count, tuple(growth.steps)), leaves


# Models ------------------------------------------------------------------------------------------------


def mean_squared_error(y: Any, target: Any) -> Any:
    return np.mean((y - target) ** 2)


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "tanh": np.tanh,
    "sigmoid": functional.sigmoid,
    "softplus": functional.softplus,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "sin": np.sin,
}
LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "mean_squared_error": mean_squared_error,
    "cross_entropy": functional.cross_entropy,
    "binary_cross_entropy": functional.binary_cross_entropy,
}


@dataclass(frozen=True)
class MLP:
    """The loss of a multilayer perceptron on some data, as a function of its parameters: W1, b1, W2, b2, ..."""

    activation: str
    loss: str
    x: Array
    target: Array

    def __call__(self, *parameters: Any) -> Any:
        h = self.x
        for k in range(0, len(parameters), 2):
            h = h if k == 0 else ACTIVATIONS[self.activation](h)
            h = h @ parameters[k] + parameters[k + 1]
        return LOSSES[self.loss](h, self.target)


@st.composite
def models(
    draw: st.DrawFn, /, max_layers: int = 3, max_width: int = 4, max_batch: int = 4, **options: Any
) -> tuple[MLP, list[Array]]:
    """Small models with their data: (loss, parameters).

    Parameters
    ----------
    max_layers, max_width, max_batch : int
        At least 1 each.
    **options
        Of `arrays`, for the data and the parameters, which are in (-2, 2) by default.

    Returns
    -------
    loss : MLP
        A function of ``len(parameters)`` arrays or Tensors whose result is 0-d: a smooth activation and
        the mean squared error, or the cross entropy with classes or with probabilities.
    parameters : list of arrays
        The weights (inputs, outputs) and biases (outputs,) of each layer.

    Examples
    --------
    >>> from hypothesis import find
    >>> loss, parameters = find(models(), lambda found: len(found[1]) == 4)
    >>> loss
    MLP(activation='tanh', loss='mean_squared_error', x=array([[0.]]), target=array([[0.]]))
    >>> parameters
    [array([[0.]]), array([0.]), array([[0.]]), array([0.])]
    """
    options = {"domain": (-2, 2)} | options
    layers = draw(st.integers(1, max_layers))
    batch = draw(st.integers(1, max_batch))
    widths = draw(sides(layers + 1, max_width, 1))
    fitting = [shape for pair in pairwise(widths) for shape in (pair, pair[1:])]
    parameters = [draw(arrays(shape, **options)) for shape in fitting]
    x = draw(arrays((batch, widths[0]), **options))
    loss = draw(st.sampled_from([*LOSSES]))
    if loss == "cross_entropy":
        target = np.array(draw(st.lists(st.integers(0, widths[-1] - 1), min_size=batch, max_size=batch)))
    elif loss == "binary_cross_entropy":
        target = draw(arrays((batch, widths[-1]), **options | {"domain": (0, 1)}))
    else:
        target = draw(arrays((batch, widths[-1]), **options))
    return MLP(draw(st.sampled_from([*ACTIVATIONS])), loss, x, target), parameters
