"""Every function of NumPy's main namespace has an answer for Tensors, or a reason why not."""

import numpy as np
import pytest

from autograd_nn import Tensor, special
from autograd_nn import functional as F  # noqa: N812
from autograd_nn.engine.registry import REGISTRY
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


def test_an_array_filled_with_a_recorded_number_is_refused():
    with pytest.raises(TypeError, match="would lose it"):
        np.full((2, 3), Tensor(1.0, requires_grad=True))


T = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
CALLS = [
    lambda: np.tanh(T, out=np.empty((2, 3))),
    lambda: np.tanh(T, where=T > 2),
    lambda: np.max(T, where=T > 2),
    lambda: np.median(T, overwrite_input=True),
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
