"""Elementwise arithmetic, choices between numbers, and functions with kinks; smooth functions are in `analytic`.

Conventions at kinks: abs has slope 0 at 0; tied maximum and minimum share the cotangent evenly; clip lets it
through at its bounds; nan in, nan out.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy._core import umath

from autograd_nn.engine.fast import sum_of_squares
from autograd_nn.engine.questions import as_operand, is_plain, question
from autograd_nn.engine.registry import refuse_keyword
from autograd_nn.engine.tensor import Tensor, as_constant, raw, tensor
from autograd_nn.ops.declare import composed, rule, tracked
from autograd_nn.ops.domain import BINARY, INFINITE, REAL, TWO, UNARY, Domain, call

MODULUS = Domain((INFINITE, (0.5, np.inf)), BINARY, kink=lambda a, b: np.abs(a / b - np.round(a / b)) * b)
SIGNED = Domain(calls=BINARY, kink=lambda a, b: np.stack(np.broadcast_arrays(a, b)))

add = rule(np.add, TWO, a=lambda g: g, b=lambda g: g)
subtract = rule(np.subtract, TWO, a=lambda g: g, b=lambda g: -g)
multiply = rule(np.multiply, TWO, a=lambda g, b: g * b, b=lambda g, a: g * a)
divide = rule(
    np.divide,
    Domain((INFINITE, (0.1, np.inf)), BINARY),
    a=lambda g, b: g / b,
    b=lambda g, b, y: -(g / b) * y,
)
negative = rule(np.negative, REAL, a=lambda g: -g)


@question
def has_nan(a: Any) -> bool:
    """Whether there is a nan; asked of most powers, so it is fast, and an overflow may answer for one."""
    total = sum_of_squares(a)
    return total != total


def power_slope(a: Any, b: Any) -> Any:
    """``b * a**(b-1)``. Where that is 0 times infinity, x**0 and the powers that have come to 0 are flat."""
    slope = b * a ** (b - 1.0)  # 1.0, because unsigned integers have no -1
    if not has_nan(slope):
        return slope
    flat = (raw(b) == 0) | (np.isinf(raw(b)) & (raw(a) == raw(a)))
    return np.where(flat & np.isnan(raw(slope)), 0, slope)


power = rule(
    np.power,
    Domain(((0, np.inf), INFINITE), BINARY),
    a=lambda g, a, b: g * power_slope(a, b),
    b=lambda g, a, y: g * np.where(raw(y) == 0, 0, y * np.log(a)),
)


def number_of(value: Any) -> Any:
    """NumPy's number instead of an array of no dimensions."""
    return value[()] if is_plain(value) else value


# NumPy's numbers have a power of their own, whose last digit may be another than that of arrays
power_of_numbers = rule(
    lambda a, b: number_of(a) ** number_of(b),
    Domain(((0, np.inf), INFINITE), (call((), ()),)),
    operator.pow,
    name="power",
    key="power_of_numbers",
    elementwise=True,
    a=lambda g, a, b: g * power_slope(a, b),
    b=lambda g, a, y: g * np.where(raw(y) == 0, 0, y * np.log(a)),
)
positive = rule(np.positive, REAL, a=lambda g: g)
remainder = rule(
    np.remainder,
    MODULUS,
    np.mod,
    a=lambda g: g,
    b=lambda g, a, b: -g * np.floor_divide(a, b),
)
fmod = rule(
    np.fmod,
    MODULUS,
    a=lambda g: g,
    # 1.0 / 0.1 is 10.0, but 0.1 is in 1.0 nine times and leaves y
    b=lambda g, a, b, y: -g * np.rint((raw(a) - raw(y)) / raw(b)),
)
copysign = rule(
    np.copysign,
    SIGNED,
    a=lambda g, a, b: g * np.sign(a) * np.copysign(1.0, raw(b)),
    b=lambda g: 0 * g,
)
heaviside = rule(
    np.heaviside,
    SIGNED,
    a=lambda g: 0 * g,
    b=lambda g, a: np.where(raw(a) == 0, g, 0),
)
absolute = rule(np.absolute, Domain(kink=lambda a: a), np.fabs, name="abs", a=lambda g, a: g * np.conjugate(np.sign(a)))


def chosen(y: Any, mine: Any, other: Any) -> Any:
    """The share of the cotangent that an operand gets: 1 where it is the chosen one, 1/2 in a tie, nan for nan."""
    return (mine == y) / np.add(mine == y, other == y, dtype=float)


for ufunc in (np.maximum, np.minimum, np.fmax, np.fmin):
    rule(
        ufunc,
        Domain(calls=BINARY, kink=lambda a, b: np.subtract(a, b)),
        a=lambda g, a, b, y: g * chosen(y, a, b),
        b=lambda g, a, b, y: g * chosen(y, b, a),
    )


def where(condition: Any, a: Any, b: Any) -> Any:
    return np.where(condition, a, b)


MASK = np.array([True, False, True])
select = rule(
    where,
    Domain(
        calls=tuple(
            call(x, y, condition=MASK) for x, y in [((3,), (3,)), ((), (3,)), ((2, 3), ()), ((0, 3), (1, 3)), ((), ())]
        )
    ),
    elementwise=True,
    a=lambda g, condition: np.where(condition, g, 0),
    b=lambda g, condition: np.where(condition, 0, g),
)


@composed(np.where)
def where_or_nonzero(condition: Any, x: Any = None, y: Any = None, /) -> Any:
    if x is None and y is None:
        return np.nonzero(raw(condition))
    if x is None or y is None:
        raise TypeError("numpy.where takes a condition alone, or both x and y")
    chosen = select(raw(condition), x, y)
    return chosen if type(chosen) is Tensor else as_constant(chosen)


def clip(a: Any, low: Any, high: Any) -> Any:
    return np.clip(a, low, high)


bounded = rule(
    clip,
    Domain(
        calls=(call((), (), ()), call((3,), (), ()), call((2, 3), (3,), (2, 1)), call((0, 3), (), (3,))),
        kink=lambda a, low, high: np.stack(
            [*np.broadcast_arrays(np.subtract(a, low), np.subtract(a, high), np.subtract(low, high))]
        ),
    ),
    elementwise=True,
    a=lambda g, a, low, high, y: np.where(y == y, np.where((a >= low) & (a <= high), g, 0), y),
    low=lambda g, a, low, high, y: np.where(y == y, np.where((a < low) & (low <= high), g, 0), y),
    high=lambda g, a, low, high, y: np.where(y == y, np.where((a > high) & (low <= high) | (low > high), g, 0), y),
)


@composed(np.nan_to_num)
def nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    for name, number in [("nan", nan), ("posinf", posinf), ("neginf", neginf)]:
        if type(number) is Tensor:
            raise TypeError(f"numpy.nan_to_num: {name} must be a number: for a Tensor t write np.where(mask, t, x)")
    if not copy:
        x[...] = nan_to_num(x, True, nan, posinf, neginf)
        return x
    if x.dtype.kind == "c":
        return np.nan_to_num(np.real(x), True, nan, posinf, neginf) + 1j * np.nan_to_num(
            np.imag(x), True, nan, posinf, neginf
        )
    return select(np.isfinite(x), x, np.nan_to_num(raw(x), nan=nan, posinf=posinf, neginf=neginf))


@composed(np.float_power, arrays=2)
def float_power(a: Any, b: Any) -> Any:
    return np.power(np.multiply(a, np.float64(1)), b)


@composed(umath.clip, np.clip)  # type: ignore[attr-defined] # the first is what the method of an array calls
def clip_between(
    a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None, **keywords: Any
) -> Any:
    for keyword, value in {"out": out, **keywords}.items():
        refuse_keyword("numpy.clip", keyword, value)
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    if not tracked(a, low, high):
        return as_constant(np.clip(*raw((a, low, high))))
    return bounded(a, -np.inf if low is None else low, np.inf if high is None else high)


def astype_of(a: Any, dtype: Any, order: Any = "K") -> Any:
    return as_operand(a).astype(dtype, order)


# the engine casts the cotangent back
cast = rule(
    astype_of,
    Domain(calls=(call((3,), dtype=np.float64, order="K"), call((), dtype=np.float64, order="F"))),
    name="astype",
    elementwise=True,
    a=lambda g: g,
)
copy = rule(
    lambda a, order="K": np.copy(a, order),
    Domain(calls=tuple(call(*each.shapes, order="K") for each in UNARY)),
    np.copy,
    name="copy",
    elementwise=True,
    a=lambda g: g,
)


@composed(np.ndarray.astype)
def astype(a: Any, dtype: Any, order: Any = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True) -> Any:
    if not np.can_cast(a.dtype, dtype, casting):
        raise TypeError(f"astype cannot cast from {a.dtype} to {np.dtype(dtype)} with casting={casting!r}")
    if not copy and raw(a).astype(dtype, order, copy=False) is raw(a):
        return a
    result = cast(a, dtype, order) if np.dtype(dtype).kind in "fc" else tensor(raw(a).astype(dtype, order))
    if type(a) is type(result) is Tensor:
        result.number = a.number
    return result


if hasattr(np, "astype"):  # from NumPy 2.1 on

    @composed(np.astype)
    def astype_function(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
        np.empty(0, device=device)
        return astype(x, dtype, copy=copy)
