"""The prover on every primitive of the registry: first and second order, in every layout and dtype."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from operands import NAMES

from autograd_nn.ops.declare import PRIMITIVES
from autograd_nn.testing import check_gradients
from autograd_nn.testing.strategies import applications, layouts


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_rule_is_right_to_second_order_in_every_layout_and_dtype(name, data):
    dtype = data.draw(st.sampled_from([np.float64, np.float64, np.float32]))
    ways = (
        layouts() if PRIMITIVES[name].domain.kink is None else layouts().filter(lambda way: way != "stride-0")
    )  # ties
    f, arrays = data.draw(applications(PRIMITIVES[name], layout=ways, dtype=dtype))
    try:
        value = f(*arrays)
    except np.linalg.LinAlgError:
        assume(False)
    assume(np.isfinite(value).all())
    assume(check_gradients(f, *arrays, order=2))  # an example that proves nothing is discarded; only so many may be
