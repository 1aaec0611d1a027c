"""The invariants of the engine over the whole registry. The rules are proved in ``tests/testing/test_rule_book.py``."""

import numpy as np
import pytest
from differences import leaves, pulled
from hypothesis import given, settings
from hypothesis import strategies as st
from operands import NAMES

from autograd_nn import Tensor, grad, gradients, jacobian, no_grad
from autograd_nn.engine.primitive import Variadic
from autograd_nn.ops.declare import PRIMITIVES, rule
from autograd_nn.ops.domain import Domain
from autograd_nn.testing.strategies import applications, cotangents

every_primitive = pytest.mark.parametrize("name", NAMES)
few = settings(max_examples=12)


@every_primitive
@given(data=st.data())
@few
def test_all_rows_of_the_jacobian_at_once_are_its_rows_one_by_one(name, data):
    complex_f, arrays = data.draw(applications(PRIMITIVES[name]))
    f = lambda *x: np.real(complex_f(*x))
    shape = np.shape(f(*arrays))
    places = tuple(range(len(arrays)))
    rows = [pulled(f, arrays, e.reshape(shape)) for e in np.eye(int(np.prod(shape)))]
    for k, whole in enumerate(jacobian(f, places)(*arrays)):
        assert whole.shape == (*shape, *arrays[k].shape)
        expected = np.array([row[k] for row in rows]).reshape(whole.shape)
        size = np.max(np.abs(expected), initial=1)
        np.testing.assert_allclose(whole, expected, rtol=1e-12, atol=1e-12 * size)
    outside = leaves(arrays)  # recorded: batches of Tensors
    for again, whole in zip(
        jacobian(lambda *x: f(*x) + 0 * sum(map(np.sum, outside)), places)(*arrays),
        jacobian(f, places)(*arrays),
        strict=True,
    ):
        size = np.max(np.abs(whole), initial=1)
        np.testing.assert_allclose(again.data, whole, rtol=1e-12, atol=1e-12 * size)


@every_primitive
@given(data=st.data())
@few
def test_arrays_in_arrays_out_with_the_same_values(name, data):
    f, arrays = data.draw(applications(PRIMITIVES[name]))
    plain, recorded = f(*arrays), f(*leaves(arrays))
    assert not isinstance(plain, Tensor)
    np.testing.assert_array_equal(plain, recorded.data)
    assert recorded.requires_grad
    assert not f(*map(Tensor, arrays)).requires_grad
    with no_grad():
        assert not f(*leaves(arrays)).requires_grad


@every_primitive
@given(data=st.data())
@few
def test_float32_stays_float32(name, data):
    f, arrays = data.draw(applications(PRIMITIVES[name], dtype=np.float32))
    tensors = leaves(arrays)
    y = f(*tensors)
    assert y.data.real.dtype == (float if name == "astype" else np.float32)
    for g, t in zip(gradients(y, tensors, np.ones(y.shape)), tensors, strict=True):
        assert (g.dtype, g.shape) == (np.float32, t.shape)


@every_primitive
@given(data=st.data())
@few
def test_nothing_is_mutated_and_no_memory_shared(name, data):
    f, arrays = data.draw(applications(PRIMITIVES[name]))
    w = data.draw(cotangents(np.shape(f(*arrays))))
    before = [a.copy() for a in [*arrays, w]]
    tensors = leaves(arrays)
    y = f(*tensors)
    y.backward(w)
    grads = [t.grad.data for t in tensors]
    for a, b in zip([*(t.data for t in tensors), w], before, strict=True):
        np.testing.assert_array_equal(a, b)
    for k, g in enumerate(grads):
        assert g.flags.owndata or g.base is None
        assert g.flags.writeable
        for other in [*grads[:k], *(t.data for t in tensors), y.data, w]:
            assert not np.shares_memory(g, other)


@every_primitive
@given(data=st.data())
@few
def test_zero_cotangent_gives_exact_zero_whatever_the_operands(name, data):
    f, arrays = data.draw(applications(PRIMITIVES[name]))
    special = st.sampled_from([np.inf, -np.inf, np.nan, 0.0, 1.0])
    arrays = [np.array([data.draw(special) for _ in range(a.size)]).reshape(a.shape) for a in arrays]
    with np.errstate(all="ignore"):
        tensors = leaves(arrays)
        try:
            y = f(*tensors)
        except np.linalg.LinAlgError:  # there is no value, so there is nothing to pull back
            return
    for g in gradients(y, tensors, np.zeros(y.shape)):
        np.testing.assert_array_equal(g.data, np.zeros(g.shape))


UNARY = [name for name in NAMES if PRIMITIVES[name].elementwise and len(PRIMITIVES[name].names) == 1]
CURVED = [name for name in UNARY if any(pullback.wants for pullback in PRIMITIVES[name].pullbacks.values())]


@pytest.mark.parametrize("name", CURVED)
def test_nan_goes_in_and_comes_out_of_slopes_that_depend_on_the_value(name):
    primitive = PRIMITIVES[name]
    low, high = np.clip(primitive.domain.interval(0), -1, 3)
    x = Tensor([np.nan, (low + high) / 2 + 0.1], requires_grad=True)
    y = primitive.apply(x)
    y.backward(np.ones(2))
    assert np.isnan(y.data[0])
    assert np.isnan(x.grad.data[0])
    assert np.isfinite(x.grad.data[1])


@pytest.mark.parametrize("name", CURVED)
def test_zero_cotangent_of_nan_wins_beside_one_that_is_not_zero(name):
    primitive = PRIMITIVES[name]
    low, high = np.clip(primitive.domain.interval(0), -1, 3)
    x = Tensor([np.nan, (low + high) / 2 + 0.1], requires_grad=True)
    slope = gradients(primitive.apply(x), x, [0.0, 1.0]).data
    assert slope[0] == 0
    assert np.isfinite(slope[1])


@every_primitive
@given(data=st.data())
@few
def test_what_no_pullback_asks_for_is_not_kept(name, data):
    primitive = PRIMITIVES[name]
    f, arrays = data.draw(applications(primitive))
    tensors = leaves(arrays)
    node = f(*tensors).node
    assert len(node.edges) == len(tensors)
    for _, pullback, kept in node.edges:
        assert len(kept) == len(pullback.wants)
    if not isinstance(primitive, Variadic):
        only = f(tensors[0], *arrays[1:]).node
        assert len(only.edges) == 1


def test_package_refuses_a_primitive_without_a_domain():
    with pytest.raises(TypeError, match="need a Domain"):
        rule(lambda x: x, None, name="untested", x=lambda g: g)
    with pytest.raises(ValueError, match="named tanh already"):
        rule(np.tanh, Domain(), x=lambda g: g)
    assert grad(np.tanh)(0.0) == 1.0
    assert grad(np.tanh)(1.0) < 0.5
