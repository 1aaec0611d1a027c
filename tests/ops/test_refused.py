"""Every function of NumPy's main namespace has an answer for Tensors, or a reason why not; so has every wrong call."""

import inspect
import re
from functools import partial

import numpy as np
import pytest
from sweep import chapters
from sweep.case import SCOPE

from autograd_nn import Tensor, coverage, special
from autograd_nn import functional as F  # noqa: N812
from autograd_nn.engine.registry import REGISTRY, function_name
from autograd_nn.ops.refused import REFUSED

DATES = ["busday_count", "busday_offset", "datetime_as_string", "is_busday", "isnat"]
OLD = ["in1d"]  # deprecated, and gone from NumPy 2.4; np.isin is covered
PUBLIC = [getattr(np, name) for name in dir(np) if not name.startswith("_") and name not in DATES + OLD]
ASKING = [f for f in PUBLIC if isinstance(f, np.ufunc) or hasattr(f, "_implementation")]


def test_functions_that_ask_a_tensor_are_found():
    assert len(ASKING) > 300


@pytest.mark.parametrize("function", ASKING, ids=lambda f: f.__name__)
def test_function_is_in_the_registry_or_refused_with_a_reason(function):
    assert (function in REGISTRY) != (function in REFUSED)


@pytest.mark.parametrize("function", REFUSED, ids=lambda f: f.__name__)
def test_refused_function_raises_by_name(function):
    with pytest.raises(TypeError, match="no gradient for numpy"):
        REGISTRY[function]


def test_coverage_says_how_or_why_not():
    assert coverage(np.add.reduce) == ("numpy.add.reduce", True, "composition")
    assert coverage(np.polyfit) == ("numpy.polyfit", False, REFUSED[np.polyfit])
    assert coverage(len) == ("builtins.len", False, "no gradient is declared for it")
    with pytest.raises(TypeError, match=r"takes a function, such as np\.sin: got 'sin'"):
        coverage("sin")


def test_an_array_filled_with_a_recorded_number_is_refused():
    with pytest.raises(TypeError, match="would lose it"):
        np.full((2, 3), Tensor(1.0, requires_grad=True))


T = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
CALLS = [
    lambda: np.tanh(T, out=np.empty((2, 3))),
    lambda: np.tanh(T, where=T > 2),
    lambda: np.max(T, where=T > 2),
    lambda: np.median(T, overwrite_input=True),
    lambda: np.percentile(T, 50, overwrite_input=True),
    lambda: np.quantile(T, 0.5, method="inverted_cdf", weights=np.ones((2, 3))),
    lambda: np.quantile(T, Tensor(0.5, requires_grad=True)),
    lambda: np.histogram(T),
    lambda: np.reshape(T, 6, order="A"),
    lambda: np.ravel(T, "K"),
    lambda: np.einsum("ij->ji", T, order="F"),
    lambda: np.einsum("ij,ij", T, T, casting="no"),
    lambda: np.pad(T, 1, mode="empty"),
    lambda: np.repeat(T, T[0, 0]),
    lambda: np.linalg.svd(T),
    lambda: np.linalg.qr(T, "raw"),
    lambda: np.linalg.qr(T.T, "complete"),
    lambda: np.fft.fftn(T, (2, 2)),
    lambda: special.logsumexp(T, return_sign=True),
    lambda: F.max_pool1d(T, 2, ceil_mode=True),
    lambda: F.dropout(T, 0.5),
    lambda: F.softplus(np.array([1j])),
]


@pytest.mark.parametrize("call", CALLS)
def test_call_that_the_op_table_lists_as_refused_is_refused(call):
    with pytest.raises((TypeError, ValueError)):
        call()


# Wrong calls ------------------------------------------------------------------------------------------

ARRAYS = {"v": np.array([1.0, 2.0, 4.0]), "m": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])}
WRONG = {
    "np.interp(0.5, v, v[:2])": "vectors of the same length: got (3,) and (2,)",
    "np.interp(0.5, m, m)": "vectors of the same length: got (2, 3) and (2, 3)",
    "np.interp(0.5, v[:0], v[:0])": "vectors of the same length: got (0,) and (0,)",
    "np.interp(0.5, v, v, period=0)": "period must not be zero",
    "np.geomspace(0, v[1], 3)": "cannot include zero",
    "np.geomspace(v[1], 0, 3)": "cannot include zero",
    "np.diff(v, -1)": "n must not be negative: got -1",
    "np.gradient(m, 1.0, 2.0, 3.0)": "one for each of 2 axes",
    "np.gradient(v, edge_order=3)": "edge_order must be 1 or 2: got 3",
    "np.gradient(v[:1])": "needs 2 elements along axis 0: there are 1",
    "np.gradient(v[:2], edge_order=2)": "needs 3 elements along axis 0: there are 2",
    "np.gradient(v, v[:2])": "coordinates of shape (2,) for 3 elements",
    "np.apply_along_axis(np.sum, 0, m[:, :0])": "other axes has size 0",
    "np.cov(m[None])": "at most two dimensions: got the shape (1, 2, 3)",
    "np.cov(m, fweights=[1, 2])": "weights of shape (2,) for 3 observations",
    "np.vander(m)": "takes a vector: got the shape (2, 3)",
    "np.roots(m)": "takes a vector of coefficients: got the shape (2, 3)",
    "np.poly(m)": "takes a vector of zeros",
    "np.polyder(v, -1)": "m must not be negative: got -1",
    "np.polyint(v, -1)": "m must not be negative: got -1",
    "np.tensordot(m, m, 1)": "shapes (2, 3) and (2, 3) do not match",
    "np.convolve(m, v)": "two vectors, not empty ones: got shapes (2, 3) and (3,)",
    "np.convolve(v, m)": "two vectors, not empty ones: got shapes (3,) and (2, 3)",
    "np.convolve(v[:0], v)": "two vectors, not empty ones: got shapes (0,) and (3,)",
    "np.convolve(v, v, 'none')": "mode must be 'full', 'same' or 'valid': got 'none'",
    "np.linspace(0, v, 3, device='gpu')": "Device not understood",
    "np.full_like(v, 1, device='gpu')": "Device not understood",
    "np.bincount([0, 1], weights=v)": "weights of shape (3,) for (2,) numbers",
    "np.pad(v, 1, 'maximum', stat_length=0)": "stat_length of 0",
    "np.pad(v, 1, 'minimum', stat_length=0)": "stat_length of 0",
    "np.pad(v[:0], 1, 'reflect', reflect_type='odd')": "empty axis 0",
} | (
    {
        "np.cumulative_sum(m)": "needs axis= for an array of 2 dimensions",
        "np.unstack(v[0])": "needs at least one dimension",
        "np.trim_zeros(v, 'x')": "trim must be 'f', 'b' or 'fb': got 'x'",
    }
    if hasattr(np, "matvec")  # from NumPy 2.2 on
    else {}
)


@pytest.mark.parametrize("text", WRONG)
def test_what_numpy_refuses_is_refused_by_its_reason(text):
    with pytest.raises((TypeError, ValueError, RuntimeError)):
        eval(text, {"np": np, **ARRAYS})
    with pytest.raises((TypeError, ValueError), match=re.escape(WRONG[text])):
        eval(text, {"np": np, **{name: Tensor(a, requires_grad=True) for name, a in ARRAYS.items()}})


# out= -------------------------------------------------------------------------------------------------

SWEPT = {
    eval(name, SCOPE): (name, case)
    for table in chapters().values()
    for case in table
    for name in case.called()
    if f"{name}(" in case.text
}


def takes_out(function):
    try:
        return "out" in inspect.signature(function).parameters
    except ValueError:  # some are written in C
        return "out" in inspect.signature(REGISTRY[function]).parameters


OVERWRITING = [
    f
    for f in SWEPT
    if f in REGISTRY and not hasattr(REGISTRY[f], "constant") and takes_out(f) and getattr(f, "nout", 1) == 1
]


@pytest.mark.parametrize("function", OVERWRITING, ids=function_name)
def test_out_is_refused_by_name(function, monkeypatch):
    name, case = SWEPT[function]
    monkeypatch.setitem(SCOPE, "overwriting", partial(function, out=np.empty(())))
    f = case.compiled(case.text.replace(f"{name}(", "overwriting("))
    with pytest.raises((TypeError, ValueError), match=r"(does not take|with) out=|could not broadcast"):
        f(*(Tensor(a, requires_grad=True) for a in case.operands(np.random.default_rng(0))))
