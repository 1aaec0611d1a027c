"""Values have references from outside: a gradient is proved against the function itself, so a wrong value would pass.

Most functions are compared with NumPy's own in the sweep, which evaluates each expression on Tensors and on arrays.
"""

import inspect
import io
import math

import numpy as np
import pytest
import scipy.linalg
import scipy.signal
import scipy.special
from operands import NAMES, drawn
from sweep import chapters
from sweep.case import SCOPE

from autograd_nn import Tensor, sigmoid
from autograd_nn.engine.primitive import Variadic
from autograd_nn.engine.registry import REGISTRY, function_name, home
from autograd_nn.ops.declare import PRIMITIVES
from autograd_nn.ops.neural.activations import bell

FUNCTIONS = {function_name(f): f for f in REGISTRY if home(f).startswith("numpy") and f is not np.ndarray.astype}
CONSTANT = {name: f for name, f in FUNCTIONS.items() if hasattr(REGISTRY[f], "constant")}
SWEPT = {eval(name, SCOPE) for table in chapters().values() for case in table for name in case.called()}

# Functions of NumPy -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in CONSTANT])
def test_every_function_with_a_gradient_is_compared_with_numpys_in_the_sweep(name):
    assert FUNCTIONS[name] in SWEPT


def default(parameter):
    """What is used where an argument is left out; NumPy's mark for that means these."""
    if parameter.default in (np._NoValue, inspect.Parameter.empty):
        return {"keepdims": False, "where": True}.get(parameter.name)
    return parameter.default


def parameters(function):
    try:
        return list(inspect.signature(function).parameters.values())
    except ValueError:  # some are written in C
        return []


@pytest.mark.parametrize("name", [name for name, f in FUNCTIONS.items() if type(f) is not np.ufunc and parameters(f)])
def test_parameters_have_numpys_defaults_and_places(name):
    theirs = {p.name: (k, p) for k, p in enumerate(parameters(FUNCTIONS[name]))}
    for k, p in enumerate(parameters(REGISTRY[FUNCTIONS[name]])):
        if p.name in theirs and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            place, numpys = theirs[p.name]
            if name == "numpy.take_along_axis" and numpys.default is p.empty:  # before NumPy 2.3
                continue
            assert str(default(p)) == str(default(numpys)), p.name
            assert p.kind is p.KEYWORD_ONLY or k == place, p.name


# Constants --------------------------------------------------------------------------------------------

OPERANDS = {
    "x": np.array([[0.5, -1.0, np.inf], [2.0, np.nan, -np.inf]]),
    "y": np.array([[0.5, 1.0, 3.0], [-2.0, 4.0, 0.0]]),
    "v": np.array([3.0, 1.0, 2.0, 1.0]),
    "w": np.array([1.0, 2.0, 5.0]),
    "s": np.array([[1.0, 2.0], [3.0, 4.0]]),
    "i": np.array([6, 3, 12]),
    "j": np.array([4, 3, 1]),
    "b": np.array([1, 0, 1], np.uint8),
}
FILES = ("save", "savez", "savez_compressed", "savetxt")
CALLS = [
    *(f"np.{f}(x, y)" for f in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")),
    *(f"np.logical_{f}(v, w[0])" for f in ("and", "or", "xor")),
    *(f"np.{f}(x)" for f in ("logical_not", "isnan", "isinf", "isfinite", "signbit", "isposinf", "isneginf")),
    *(f"np.{f}(x, x)" for f in ("isclose", "allclose", "array_equal", "array_equiv")),
    *("np.allclose(y, y + 1e-9)", "np.isclose(y, y + [0, 1, 0], equal_nan=True)", "np.array_equal(x, x, True)"),
    *(f"np.{f}(y, 1)" for f in ("all", "any", "count_nonzero", "argmax", "argmin", "argsort", "round", "around")),
    *("np.array_equiv(w, [w, w])", "np.argpartition(v, 1)", "np.lexsort((v, v))"),
    *(f"np.{f}(x[:, :2], 1)" for f in ("nanargmax", "nanargmin")),
    *(f"np.{f}(y / 3)" for f in ("floor", "ceil", "trunc", "rint", "fix", "spacing")),
    *("np.floor_divide(y, 0.3)", "np.floor_divide.outer(v, w)"),
    *(
        f"np.{f}.{method}"
        for f, x in [
            *((f"logical_{g}", "v") for g in ("and", "or", "xor")),
            *((f, "i") for f in ("bitwise_and", "bitwise_or", "bitwise_xor", "gcd", "lcm")),
        ]
        for method in (f"reduce({x})", f"accumulate({x})", f"outer({x}, {x})", f"reduceat({x}, [0, 2])")
    ),
    *(f"np.{f}.outer(v, w)" for f in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")),
    *(f"np.{f}(y)" for f in ("argwhere", "nonzero", "flatnonzero", "shape", "ndim", "size", "zeros_like", "ones_like")),
    *(f"np.{f}(y)" for f in ("iscomplex", "iscomplexobj", "isreal", "isrealobj", "array2string", "array_repr")),
    *("np.array_str(y)", "np.searchsorted(w, v, 'right')", "np.digitize(v, w)", "np.isin(v, w)"),
    "np.empty_like(y).shape",
    *(f"np.{f}(v)" for f in ("unique", "unique_all", "unique_counts", "unique_inverse", "unique_values")),
    *(f"np.{f}(v, w)" for f in ("intersect1d", "setdiff1d", "setxor1d", "union1d")),
    *("np.shares_memory(v, v)", "np.shares_memory(v, w)", "np.may_share_memory(v, v)"),
    *(f"np.{f}(i, j)" for f in ("bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift", "gcd", "lcm")),
    *(f"np.{f}(i)" for f in ("bitwise_count", "invert", "min_scalar_type")),
    *(
        "np.packbits(b)",
        "np.unpackbits(b)",
        "np.result_type(i, w)",
        "np.common_type(w, v)",
        "np.can_cast(w.dtype, 'f4')",
    ),
    *("np.diag_indices_from(s)", "np.tril_indices_from(s, -1)", "np.triu_indices_from(s, 1)", "np.ix_(i, j)"),
    *("np.ravel_multi_index((j, j), (5, 5))", "np.unravel_index(j, (2, 3))"),
    *("np.einsum_path('ij,jk->ik', s, s)[1]", "np.linalg.matrix_rank(s)", "np.linalg.matrix_rank([[1.0, 2.0]] * s)"),
]


def evaluated(text, convert):
    return eval(text, {"np": np, **{name: convert(value) for name, value in OPERANDS.items()}})


def named(text):
    return eval(text[: text.index("(")], {"np": np})


@pytest.mark.parametrize("text", CALLS)
def test_constants_are_what_numpy_makes_of_the_arrays(text):
    mine, numpys = evaluated(text, Tensor), evaluated(text, np.array)
    for one, other in zip(leaves_of(mine), leaves_of(numpys), strict=True):
        if type(one) is Tensor:  # numbers to compute with
            assert not one.requires_grad
            one = one.data[()]
        assert type(one) is type(other)
        np.testing.assert_array_equal(one, other)


def leaves_of(value):
    return [leaf for item in value for leaf in leaves_of(item)] if isinstance(value, (tuple, list)) else [value]


@pytest.mark.parametrize("name", FILES)
def test_files_of_tensors_are_files_of_their_arrays(name):
    def written(values):
        file = io.BytesIO()
        getattr(np, name)(file, values)
        return file.getvalue()

    assert written(Tensor(OPERANDS["y"])) == written(OPERANDS["y"])


def test_every_constant_function_has_a_call():
    called = {named(text) for text in CALLS} | {getattr(np, name) for name in FILES}
    assert {name for name, f in CONSTANT.items() if f not in called} == set()


# Primitives whose forward is not a function of NumPy ---------------------------------------------------


def rows(*factors):
    """The factors of a decomposition as they are packed."""
    return np.concatenate([f[..., None, :] if f.ndim < max(x.ndim for x in factors) else f for f in factors], axis=-2)


def assigned(a, index, value):
    result = a.copy()
    result[index] = value
    return result


def added(values, indices, shape):
    result = np.zeros(shape)
    for value, index in zip(values, indices, strict=True):
        np.add.at(result, index, value)
    return result


def norm(x, ord, axis, keepdims):
    return (np.abs(x) ** ord).sum(axis, keepdims=keepdims) ** (1 / ord)


def transposed_vh(a):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return rows(u, s, np.swapaxes(vh, -1, -2))


def places_in_order(shape, order):
    """The places of the elements, with the last index running fastest, or the first."""
    places = list(np.ndindex(shape))
    return places if order == "C" else sorted(places, key=lambda place: place[::-1])


def variance(a, axis, ddof, keepdims):
    """The mean square less the square of the mean."""
    count = a.size / max(1, np.sum(a, axis).size)
    spread = np.mean(a * a, axis, keepdims=keepdims) - np.mean(a, axis, keepdims=keepdims) ** 2
    return spread * count / (count - ddof)


REFERENCES = {
    "add_at": lambda a, index, values: a + one_hot(index, a.shape, values),
    "add_reduceat": lambda a, indices, axis: np.add.reduceat(a, indices, axis),
    "astype": lambda a, dtype, order: a.astype(dtype),
    "bell": lambda x: scipy.special.expit(x) * scipy.special.expit(-x),
    "broadcast_to": lambda array, shape: np.broadcast_to(array, shape),
    "matmul": lambda a, b: np.matmul(a, b),
    "power_of_numbers": lambda a, b: np.exp(b * np.log(a)),
    "dot": lambda a, b: np.tensordot(a, b, (-1, max(b.ndim - 2, 0))),
    "ravel": lambda a, order: np.array([a[place] for place in places_in_order(a.shape, order)]),
    "sliding_window_view": lambda x, window_shape, axis: np.lib.stride_tricks.sliding_window_view(
        x, window_shape, axis
    ),
    "diagonal": lambda a, offset, axis1, axis2, writeable: np.diagonal(a, offset, axis1, axis2),
    "on_diagonal": lambda v, shape, offset, axis1, axis2: one_hot(
        np.unravel_index(np.diagonal(np.arange(math.prod(shape)).reshape(shape), offset, axis1, axis2), shape), shape, v
    ),
    "cholesky": lambda a: np.linalg.cholesky(np.tril(a) + np.swapaxes(np.tril(a, -1), -1, -2)),
    "clip": np.clip,
    "concatenate": lambda arrays, axis, ends: np.concatenate(arrays, axis),
    "convolve": lambda a, v: scipy.signal.convolve(a, v),
    "convolve_valid": lambda a, v: scipy.signal.convolve(a, v, "valid"),
    "copy": np.copy,
    "cumprod": np.multiply.accumulate,
    "cumsum": np.add.accumulate,
    "eig": lambda a: rows(*np.linalg.eig(a)),
    "eigh": lambda a, UPLO: rows(*np.linalg.eigh(a, UPLO)),
    "einsum": lambda a, b, labels: np.einsum(labels, a, b),
    "expand_dims": lambda a, axis: np.expand_dims(a, axis),
    "fft": lambda a, axis, norm: np.fft.fft(a, axis=axis, norm=norm),
    "fraction": lambda x: np.modf(x)[0],
    "getitem": lambda a, index: a[index],
    "i0": scipy.special.i0,
    "ifft": lambda a, axis, norm: np.fft.ifft(a, axis=axis, norm=norm),
    "imag": np.imag,
    "index_add": added,
    "irfft": lambda a, n, axis, norm: np.fft.irfft(a, n, axis, norm),
    "ldexp": lambda x1, x2: x1 * 2.0**x2,
    "logdet": lambda a: np.log(np.abs(np.linalg.det(a))),
    "max": lambda a, initial, where, axis, keepdims: np.max(a, axis, None, keepdims, **extremum(initial, where)),
    "mean": lambda a, axis, keepdims: np.sum(a, axis, keepdims=keepdims) / (a.size / max(1, np.sum(a, axis).size)),
    "min": lambda a, initial, where, axis, keepdims: np.min(a, axis, None, keepdims, **extremum(initial, where)),
    "norm": norm,
    "pad": lambda array, pad_width, values: np.pad(array, pad_width, constant_values=values),
    "pinv": lambda a, rcond: full_rank_pinv(a),
    "prod": lambda a, axis, keepdims: np.prod(a, axis, keepdims=keepdims),
    "qr": lambda a: rows(*np.linalg.qr(a)),
    "real": np.real,
    "relu": lambda x: np.where(x > 0, x, 0),
    "reshape": np.reshape,
    "rfft": lambda a, axis, norm: np.fft.rfft(a, axis=axis, norm=norm),
    "setitem": assigned,
    "sigmoid": scipy.special.expit,
    "sinc": lambda x: np.where(x == 0, 1, np.sin(math.pi * x) / np.where(x == 0, 1, math.pi * x)),
    "sort": np.sort,
    "squeeze": lambda a, axis: np.squeeze(a, axis),
    "stack": lambda arrays, axis: np.stack(arrays, axis),
    "standard_deviation": np.sqrt,
    "std": lambda a, axis, ddof, keepdims: np.sqrt(variance(a, axis, ddof, keepdims)),
    "sum": lambda a, axis, keepdims: np.sum(a, axis, keepdims=keepdims),
    "svd": transposed_vh,
    "svdvals": np.linalg.svdvals,
    "tanh_nearby": np.tanh,
    "transpose": np.transpose,
    "unique": lambda a, first, which, counts, axis: np.take(a, first, axis),
    "var": lambda a, axis, ddof, keepdims: variance(a, axis, ddof, keepdims),
    "where": np.where,
    **{f"{f}_accumulate": getattr(np, f).accumulate for f in ("maximum", "minimum", "fmax", "fmin")},
    "logaddexp_reduce": lambda a, axis, keepdims: scipy.special.logsumexp(a, axis, keepdims=keepdims),
    "logaddexp2_reduce": lambda a, axis, keepdims: np.log2(np.sum(2**a, axis, keepdims=keepdims)),
}
"""Primitive -> its value by other means."""


def one_hot(index, shape, values):
    """The sums of the values at each place, by a product with a matrix of zeros and ones."""
    place = np.arange(math.prod(shape)).reshape(shape)[index]
    hits = place.reshape(-1) == np.arange(math.prod(shape))[:, None]
    return (hits @ np.broadcast_to(values, place.shape).reshape(-1)).reshape(shape)


def full_rank_pinv(a):
    adjoint = np.swapaxes(a, -1, -2)
    wide = a.shape[-2] <= a.shape[-1]
    return adjoint @ np.linalg.inv(a @ adjoint) if wide else np.linalg.inv(adjoint @ a) @ adjoint


def extremum(initial, where):
    return {} if initial is None else {"initial": initial, "where": where}


OWN = [
    name
    for name in NAMES
    if not isinstance(PRIMITIVES[name].forward, np.ufunc)
    and home(PRIMITIVES[name].forward).startswith("autograd_nn.ops")
    and not home(PRIMITIVES[name].forward).startswith(("autograd_nn.ops.neural", "autograd_nn.ops.special"))
]


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_the_value_of_a_primitive_agrees_with_its_reference(name):
    primitive, rng = PRIMITIVES[name], np.random.default_rng(NAMES.index(name))
    for call in primitive.domain.calls:
        arrays = drawn(primitive, call, rng)
        operands = iter([arrays] if isinstance(primitive, Variadic) else arrays)
        values = [call.parameters[name] if name in call.parameters else next(operands) for name in primitive.names]
        y, expected = primitive.forward(*values), REFERENCES[name](*values)
        assert np.shape(y) == np.shape(expected)
        np.testing.assert_allclose(y, expected, rtol=1e-11, atol=1e-13)


def test_every_primitive_with_a_forward_of_its_own_has_a_reference():
    assert set(OWN) <= set(REFERENCES)


def test_sigmoid_and_its_slope_are_scipys_at_any_argument():
    x = np.concatenate([-np.logspace(3, -3, 50), [0.0], np.logspace(-3, 3, 50)])
    np.testing.assert_allclose(sigmoid(x), scipy.special.expit(x), rtol=1e-15)
    np.testing.assert_allclose(bell(x), scipy.special.expit(x) * scipy.special.expit(-x), rtol=1e-14)


# Where the sweep's numbers do not go: bounds, ties, zeros of both signs, nan and inf, few elements --------

PLACES = {
    "e": np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 2.5]),
    "f": np.array([-0.0, 0.0, -0.0, 2.0, 3.0, np.nan, 1.0, 2.5]),
    "k": np.array([-1.0, 0.0, 0.5, 1.0, 3.0, 3.5]),
    "p": np.array([0.0, 1.0, 3.0]),
    "q": np.array([2.0, -1.0, 5.0]),
    "r": np.array([[3.0, 1.0, 2.0, 1.0], [np.nan, 1.0, 5.0, 2.0], [np.nan] * 4]),
    "a": np.array([[1.0, 2.0, 0.5], [-3.0, 4.0, 2.0], [0.25, -1.0, 3.0]]),
    "s": np.array([[1.0, 2.0], [2.0, 4.0]]),
    "z": np.array([0.0, 0.0, 2.0, 0.0, 1.0, 0.0]),
    "n": np.zeros(3),
    "c": np.array([0j, 3 - 4j, -2j, 1e-30 + 0j]),
    "t": np.diag([1.0] * 9 + [1.5e-15, 1e-17]),
    "h": np.array([0.5, 3.0, -3.0, 6.5, 7.0, 0.0]),
}
AT = [
    *(f"np.{f}(e, f)" for f in ("copysign", "heaviside", "maximum", "minimum", "fmax", "fmin", "hypot", "arctan2")),
    *(f"np.{f}(e, f)" for f in ("power", "float_power", "remainder", "fmod", "logaddexp", "logaddexp2", "nextafter")),
    *(f"np.{f}(e)" for f in ("absolute", "sign", "sinc", "tanh", "nan_to_num", "arcsinh", "modf", "frexp", "expm1")),
    *("np.divmod(e, f)", "np.nan_to_num(e, nan=1.0, posinf=2.0, neginf=-2.0)", "np.nan_to_num(c * np.inf)"),
    *("np.clip(e, -1, 1)", "np.clip(e, 1, -1)", "np.clip(e, f, 1)", "np.clip(f, None, e)", "np.where(e > 0, e, f)"),
    *(f"np.interp(k, p, q{more})" for more in ("", ", left=7", ", right=7", ", -7, 7", ", period=2", ", 1, 2, -1.5")),
    *(f"np.interp({x}, p, q, -7, 7)" for x in ("0.0", "3.0", "-0.1", "3.1", "1.0")),
    *("np.interp(k, p[:1], q[:1])", "np.interp(k, p[:1], q[:1], -7, 7)", "np.interp(k, p[:2], q[:2], right=7)"),
    *(f"np.{f}(q, ddof={d})" for f in ("var", "std", "nanvar", "nanstd") for d in (0, 1, 2, 3, 4, 2.5)),
    *(f"np.{f}(r, axis=1, ddof={d})" for f in ("nanvar", "nanstd") for d in (0, 1, 3, 5)),
    *("np.var(q, mean=1.0)", "np.var(q, correction=1)", "np.std(n)", "np.var(a, where=a > 0, axis=1, ddof=2)"),
    *(f"np.cov(a[:2], {more})" for more in ("ddof=0", "ddof=2", "ddof=3", "ddof=4", "bias=True", "fweights=[1, 0, 2]")),
    *(
        "np.cov(a, aweights=[1.0, 0.5, 2.0])",
        "np.cov(a, rowvar=False)",
        "np.cov(q)",
        "np.cov(a, q)",
        "np.corrcoef(a, q)",
    ),
    *(
        f"np.{f}(r, axis={axis})"
        for f in ("median", "nanmedian", "nanmax", "nanmin", "nanmean")
        for axis in (0, 1, None)
    ),
    *(f"np.{f}(r, axis=0)" for f in ("nansum", "nanprod", "nancumsum", "nancumprod", "sort", "max", "min", "ptp")),
    *(
        f"np.{f}quantile(r, [0, 0.3, 0.5, 1], axis=1, method='{m}')"
        for f in ("", "nan")
        for m in (
            "linear",
            "lower",
            "higher",
            "midpoint",
            "nearest",
            "hazen",
            "weibull",
            "inverted_cdf",
            "median_unbiased",
        )
    ),
    *("np.percentile(q, [0, 50, 100])", "np.nanpercentile(r[1], 25)", "np.quantile(q[:1], 0.4)", "np.partition(z, 3)"),
    *(f"np.trim_zeros(z, {trim!r})" for trim in ("f", "b", "fb", "FB")),
    *("np.trim_zeros(n)", "np.trim_zeros(n, 'b')", "np.trim_zeros(n, 'f')", "np.trim_zeros(p[:0])"),
    *("np.polymul(z, q)", "np.polymul(n, q)", "np.polymul(q, n)", "np.polyadd(q, z)", "np.polysub(z, q)"),
    *("np.polyder(q, 0)", "np.polyder(q, 2)", "np.polyder(q, 3)", "np.polyint(q, 2, 3.0)", "np.polyint(q, 0)"),
    *(
        "np.roots(z)",
        "np.roots(n)",
        "np.roots(p)",
        "np.roots(q[:1])",
        "np.roots(q)",
        "np.poly(q)",
        "np.polyval(q, 1.5)",
    ),
    *(f"np.unwrap(h{more})" for more in ("", ", 4.0", ", period=3.0", ", discont=7, period=6")),
    *("np.diff(h, 2)", "np.diff(h, prepend=1.0)", "np.diff(h, append=[1.0, 2.0])", "np.diff(a, axis=0)"),
    *("np.ediff1d(h, 1.0, [2.0, 3.0])", "np.trapezoid(h)", "np.trapezoid(h, dx=0.5)", "np.trapezoid(h, k)"),
    *("np.gradient(h)", "np.gradient(h, 2.0, edge_order=2)", "np.gradient(h, k)", "np.gradient(h, k, edge_order=2)"),
    "np.gradient(np.append(h, [np.inf, 1.0, 2.0]), 0.5)",
    *(f"np.linspace(0.5, q, {n}, endpoint={end})" for n in (0, 1, 2, 3) for end in (True, False)),
    *(
        "np.linspace(q, 7, 4, retstep=True)",
        "np.linspace(-2.5, q, 4, dtype=int)",
        "np.linspace(0, q[0], 1, retstep=True)",
    ),
    *("np.geomspace(1j * q, 8j, 4)", "np.geomspace(q[0] + 1j, -3 + 2j, 4)"),
    *("np.geomspace(q[0], 32, 5)", "np.geomspace(-1, q[1] * 8, 4)", "np.geomspace(1, 1000, 4) * q[0]"),
    *("np.logspace(q, 2)", "np.logspace(p, 2, 3, base=q[0])", "np.logspace(p, 2, 3, False, dtype=np.float32)"),
    *(f"np.convolve({a}, {v}, {m!r})" for a, v in ("pz", "zp", "qp") for m in ("full", "same", "valid")),
    *(f"np.correlate({a}, {v}, {m!r})" for a, v in ("pz", "zp", "qp", "cq") for m in ("full", "same", "valid")),
    *("np.correlate(p, h[:4], 'same')", "np.correlate(h[:4], p, 'same')", "np.convolve(h[:4], p[:2], 'same')"),
    *(f"np.linalg.norm(e[{places}], {ord})" for places in (":4", "4:6", "6:", ":0") for ord in (None, 1, 2, 3, 0, 0.5)),
    *(f"np.linalg.norm(a, {ord!r})" for ord in (None, "fro", "nuc", 1, -1, 2, -2)),
    *("np.linalg.norm(a, np.inf)", "np.linalg.norm(a, -np.inf)", "np.linalg.cond(a, 'nuc')"),
    *(f"np.linalg.norm(q, {ord})" for ord in ("np.inf", "-np.inf", -1, -2, 0)),
    *(f"np.linalg.cond({m}, {p!r})" for m in ("a", "s") for p in (None, 2, -2, 1, -1, "fro")),
    *(f"np.linalg.matrix_power(a, {n})" for n in (0, 1, 2, 5, -1, -3)),
    *(
        "np.linalg.slogdet(s)",
        "np.linalg.slogdet(s + 0j)",
        "np.linalg.slogdet(-a)",
        "np.linalg.det(s)",
        "np.linalg.pinv(s)",
        "np.linalg.pinv(a, 0.4)",
    ),
    *("np.linalg.pinv(a, hermitian=True)", "np.linalg.pinv(a, rtol=0.4)", "np.linalg.lstsq(a[:, :2], q)[1:]"),
    *("np.linalg.lstsq(s, q[:2], rcond=-1)[2]", "np.linalg.eigvalsh(a)", "np.linalg.eigvalsh(a, 'U')"),
    *("np.linalg.cholesky(s + 3 * np.eye(2))", "np.linalg.svd(a @ a.T, hermitian=True)[1]", "np.linalg.qr(a, 'r')"),
    *(f"np.take(q, [0, -1, 4], mode={m!r})" for m in ("wrap", "clip")),
    *("np.bincount([0, 2, 2], q)", "np.bincount([0, 2, 2], q, 5)", "np.average(a, 1, q, returned=True)"),
    *("np.compress([True, False, True], a, 1)", "np.extract(a > 1, a)", "np.choose([0, 1, 0], [p, q])"),
    *(
        "np.select([p > 2, q > 1], [p, q], -1)",
        "np.select([p > 9], [p])",
        "np.real_if_close(c)",
        "np.real_if_close(c.real + 0j)",
    ),
    *(
        "np.angle(c)",
        "np.angle(c, deg=True)",
        "np.angle(e)",
        "np.sign(c)",
        "np.abs(c)",
        "np.sort_complex(q)",
        "np.cross(p, q)",
    ),
    *(
        "np.nanprod(r[2])",
        "np.prod(p[:0])",
        "np.cumprod(a)",
        "np.max(p, initial=7.0)",
        "np.min(p, initial=-1, where=p > 0)",
    ),
    *(
        "np.sum(a, where=a > 0, initial=2)",
        "np.prod(a, 1, where=a > 0)",
        "np.mean(a, 0, where=a > 0)",
        "np.sum(q, dtype='f4')",
    ),
    *(
        "np.flip(a, (0, -1))",
        "np.trace(a, 1)",
        "np.trace(a, -1)",
        "np.tril(a, -1)",
        "np.triu(a, 1)",
        "np.tril(q)",
        "np.insert(q, -1, 7)",
    ),
    *(
        "np.kron(s, q)",
        "np.vdot(c, c)",
        "np.vecdot(c, c)",
        "np.inner(a, q)",
        "np.tensordot(a, a, 1)",
        "np.einsum('ij,ji', a, a)",
    ),
    *(f"np.fft.{f}(h, {n})" for f in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft") for n in (None, 1, 5, 8)),
    *(
        "np.fft.fftshift(h[:5])",
        "np.fft.ifftshift(h[:5])",
        "np.fft.irfft2(a)",
        "np.fft.fftn(a, (2, 4), (0, 1), 'ortho')",
    ),
    *(f"np.pad(q, (4, 1), {mode!r}, reflect_type='odd')" for mode in ("reflect", "symmetric")),
    *(f"np.pad(a[None], ((2, 1), (4, 0), (1, 5)), {mode!r}, reflect_type='odd')" for mode in ("reflect", "symmetric")),
    *("np.where(z)", "np.diag(p[:0], 1)", "np.pad(p[1], 2)", "np.linspace(q, 7, 4, dtype='f4')"),
    *("np.gradient([1, 2, 4], p)", "np.cov([1, 2, 4], q)", "np.cov(a, dtype='f4')"),
    *(
        f"np.{f}({more})"
        for f in ("median", "nanmedian")
        for more in ("p[:0]", "p[:0], keepdims=True", "a[:0], axis=0")
    ),
    *("np.nanquantile(p[:0], 0.5)", "np.nanpercentile(a[:0], 50, axis=0)", "np.nanquantile(p[:0], 0.5, keepdims=True)"),
    *("np.cov(a, fweights=[1, 2, 1], aweights=[1.0, 0.5, 2.0], ddof=2)", "np.cov(a, bias=True, aweights=[1, 2, 3])"),
    *(f"np.linalg.pinv(t{more}) * 1e-15" for more in ("", ", rtol=None")),
    "np.linalg.pinv(np.stack([t[8:10, 8:10]] * 10), rtol=None) * 1e-15",
    *(f"np.linalg.lstsq(t, t{rcond})[0]" for rcond in ("", ", -1", ", 1e-10")),
    "np.average(a, returned=True)",
    *(f"np.trim_zeros(np.pad(a, 1), axis={axis})" for axis in (0, -1, None) if hasattr(np, "matvec")),
    *("np.cumulative_sum(q)", "np.cumulative_prod(q, include_initial=True)") * hasattr(np, "cumulative_sum"),
]


@pytest.mark.parametrize("text", AT)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_values_at_the_edges_are_numpys(text):
    values = [eval(text, {"np": np, **{k: convert(v) for k, v in PLACES.items()}}) for convert in (Tensor, np.array)]
    for mine, numpys in zip(*map(leaves_of, values), strict=True):
        mine, numpys = (np.asarray(getattr(v, "data", v)) for v in (mine, numpys))
        assert (mine.dtype, mine.shape) == (numpys.dtype, numpys.shape)
        np.testing.assert_allclose(mine, numpys, rtol=1e-12, atol=1e-14)
        if numpys.dtype.kind == "f":
            zero = numpys == 0
            assert np.all(np.signbit(mine[zero]) == np.signbit(numpys[zero])) or "linalg" in text
