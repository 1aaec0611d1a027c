"""NumPy functions that are constant almost everywhere, or ask about shape and kind.

Numbers to compute with come out as constant Tensors, into which one can write what is recorded; places, masks and
answers as plain arrays.

And those of which a part is constant: the whole numbers that a division, or the splitting of a number, brings out.
"""

from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import composed, constant, flat, rule, tracked
from autograd_nn.ops.domain import BINARY, Domain, call

constant(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
constant(np.logical_and, np.logical_or, np.logical_not, np.logical_xor, np.isclose, np.allclose)
constant(np.array_equal, np.array_equiv, np.all, np.any, np.count_nonzero)
constant(np.isnan, np.isinf, np.isfinite, np.signbit, np.isposinf, np.isneginf)
flat(np.floor, np.ceil, np.trunc, np.rint, np.round, np.around, np.fix, np.floor_divide, np.spacing)
flat(np.zeros_like, np.ones_like, np.empty_like)
constant(np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.lexsort)
constant(np.argwhere, np.nonzero, np.flatnonzero, np.searchsorted, np.digitize, np.isin)
constant(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.bitwise_count, np.invert, np.left_shift, np.right_shift)
constant(np.gcd, np.lcm, np.packbits, np.unpackbits)
constant(np.shape, np.ndim, np.size, np.iscomplexobj, np.isrealobj)
constant(np.result_type, np.can_cast, np.common_type, np.min_scalar_type)
constant(np.shares_memory, np.may_share_memory)
constant(np.diag_indices_from, np.tril_indices_from, np.triu_indices_from)
constant(np.ix_, np.ravel_multi_index, np.unravel_index)
constant(np.array2string, np.array_repr, np.array_str, np.save, np.savez, np.savez_compressed, np.savetxt)


@composed(np.histogram)
def histogram(a: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None) -> Any:
    for name, value in (("bins", bins), ("range", range), ("weights", weights)):
        if tracked(value):
            raise TypeError(
                f"numpy.histogram has no gradient for {name}: write np.bincount(np.digitize(...), weights=t)"
            )
    if np.ndim(bins) == 0 and range is None and tracked(a):
        raise TypeError(
            "numpy.histogram of a Tensor needs edges that do not move with it: give range=, or edges as bins="
        )
    return np.histogram(raw(a), raw(bins), raw(range), density, raw(weights))


# Partly constant --------------------------------------------------------------------------------------

ldexp = rule(
    lambda x1, x2: np.ldexp(x1, x2),
    Domain(calls=(call((3,), x2=2), call((2, 1), x2=np.array([-1, 0, 3])), call((), x2=1), call((0, 3), x2=1))),
    np.ldexp,
    name="ldexp",
    elementwise=True,
    x1=lambda g, x2: np.ldexp(g, x2),
)
fraction = rule(
    lambda x: np.modf(x)[0],
    Domain(kink=lambda x: x - np.round(x)),
    name="fraction",
    elementwise=True,
    x=lambda g: g,
)
nextafter = rule(
    np.nextafter,
    Domain(calls=BINARY, kink=lambda a, b: np.subtract(a, b)),
    a=lambda g: g,
    b=lambda g: 0 * g,
)


@composed(np.modf)
def modf(x: Any) -> Any:
    return fraction(x), np.trunc(x)


@composed(np.frexp)
def frexp(x: Any) -> Any:
    exponent = np.frexp(raw(x))[1]
    return ldexp(x, -exponent), Tensor(exponent)


@composed(np.divmod)
def divmod(x1: Any, x2: Any) -> Any:
    return np.floor_divide(x1, x2), np.remainder(x1, x2)
