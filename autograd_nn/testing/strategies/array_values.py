"""Arrays, Tensors and cotangents, with all their numbers looked up in a table of 65,536.

Two bytes are drawn for each number. The first entries of the table are 0, 1, -1, small integers and halves, which is
what numbers shrink to.
"""

from __future__ import annotations

from functools import cache, lru_cache
from math import floor, log2, prod
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import DTypeLike

from autograd_nn.engine.node import Array
from autograd_nn.engine.tensor import Tensor, leaf
from autograd_nn.ops.domain import REAL, Domain, Shape
from autograd_nn.testing.layouts import LAYOUTS
from autograd_nn.testing.strategies.array_shapes import shapes

__all__ = ["Interval", "arrays", "cotangents", "layouts", "palette", "scales", "tensors", "window"]

Interval = tuple[float, float]
CODES = 2**16

# Numbers ---------------------------------------------------------------------------------------------

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
    centre, half = window(interval)
    step = 2.0 ** floor(log2(2 * half / (32 + 4 * count)))
    points = (step * np.arange(floor((centre - half) / step) + 1, (centre + half) / step)).tolist()
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


# Arrays ----------------------------------------------------------------------------------------------


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
    options: dict[str, Any] = {
        "shape": shapes() if shape is None else shape,
        "domain": domain,
        "dtype": dtype,
        "layout": layout,
        "scale": scale,
        "ties": ties,
        "special": special,
        "distinct": distinct,
    }
    varying = {name: each for name, each in options.items() if isinstance(each, st.SearchStrategy)}
    if varying:
        return st.fixed_dictionaries(varying).flatmap(lambda drawn: arrays(**options | drawn))
    fixed: np.dtype[Any] = np.dtype(options["dtype"])
    interval = interval_of(domain)
    if fixed.char not in EXTREME:
        raise ValueError(f"dtype must be float64, float32, float16, complex128 or complex64: got {fixed}")
    if layout not in LAYOUTS:
        raise ValueError(f"layout must be one of {', '.join(LAYOUTS)}: got {layout!r}")
    if ties and distinct:
        raise ValueError("ties=True asks for equal elements, distinct=True for none: choose one")
    if scale != 1 and not all(end == 0 or np.isinf(end) for end in interval):
        raise ValueError(f"scale={scale:g} would leave the domain {interval}: scale an interval that ends at 0 or inf")
    return coded(tuple(options["shape"]), interval, fixed, layout, scale, ties, special, distinct)


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
