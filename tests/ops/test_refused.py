"""Every function of NumPy's main namespace has an answer for Tensors, or a reason why not."""

import numpy as np
import pytest

from autograd_nn import Tensor
from autograd_nn.core import REGISTRY
from autograd_nn.ops.refused import REFUSED

DATES = ["busday_count", "busday_offset", "datetime_as_string", "is_busday", "isnat"]
PUBLIC = [getattr(np, name) for name in dir(np) if not name.startswith("_") and name not in DATES]
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
