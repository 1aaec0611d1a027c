"""The invariants of the engine and the gradients of the rule book: one test a rule, over the whole registry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from operands import NAMES, applications, assert_slopes, cotangents, leaves

from autograd_nn import Tensor, grad, gradients, jacobian, jvp, no_grad
from autograd_nn.engine.primitive import Variadic
from autograd_nn.engine.tensor import leaf
from autograd_nn.ops.declare import PRIMITIVES, rule
from autograd_nn.ops.domain import Domain

every_primitive = pytest.mark.parametrize("name", NAMES)
few = settings(max_examples=25)


def pulled(f, arrays, w, **keywords):
    tensors = leaves(arrays)
    return [g.data for g in gradients(f(*tensors), tensors, w, **keywords)]


@every_primitive
@given(data=st.data())
@settings(max_examples=60)
def test_gradient_agrees_with_finite_differences(name, data):
    arrays, f = data.draw(applications(PRIMITIVES[name]))
    w = data.draw(cotangents(np.shape(f(*arrays))))
    directions = [data.draw(cotangents(a.shape)) / 2 for a in arrays]
    assert_slopes(f, pulled(f, arrays, w), arrays, w, directions)


@every_primitive
@given(data=st.data())
@settings(max_examples=40)
def test_second_order_agrees_with_finite_differences_of_the_first(name, data):
    arrays, f = data.draw(applications(PRIMITIVES[name]))
    w = data.draw(cotangents(np.shape(f(*arrays))))
    directions = [data.draw(cotangents(a.shape)) / 2 for a in [*arrays, w]]
    weights = [data.draw(cotangents(a.shape)) for a in arrays]

    def first(*operands):  # the gradients along the weights, of the operands and of the cotangent
        *operands, w = operands
        return sum(np.sum(g * u) for g, u in zip(pulled(f, operands, w), weights, strict=True))

    tensors = leaves(arrays)
    cotangent = Tensor(w, requires_grad=True)
    slopes = gradients(f(*tensors), tensors, cotangent, create_graph=True)
    again = gradients(slopes, [*tensors, cotangent], weights)
    assert_slopes(first, [g.data for g in again], [*arrays, w], np.array(1.0), directions)


@every_primitive
@given(data=st.data())
@few
def test_forward_mode_agrees_with_finite_differences(name, data):
    arrays, f = data.draw(applications(PRIMITIVES[name]))
    w = data.draw(cotangents(np.shape(f(*arrays))))
    directions = [data.draw(cotangents(a.shape)) / 2 for a in arrays]
    value, tangent = jvp(f, arrays, directions)
    np.testing.assert_array_equal(value, f(*arrays))
    slopes = [g * v for g, v in zip(pulled(f, arrays, w), directions, strict=True)]
    scale = 1e-3 + sum(np.sum(np.abs(s)) for s in slopes)
    assert abs(np.real(np.sum(w * tangent)) - sum(np.sum(s) for s in slopes)) <= 1e-12 * scale  # <w, J v> is <J' w, v>


@every_primitive
@given(data=st.data())
@few
def test_all_rows_of_the_jacobian_at_once_are_its_rows_one_by_one(name, data):
    arrays, complex_f = data.draw(applications(PRIMITIVES[name]))
    f = lambda *x: np.real(complex_f(*x))
    shape = np.shape(f(*arrays))
    places = tuple(range(len(arrays)))
    rows = [pulled(f, arrays, e.reshape(shape)) for e in np.eye(int(np.prod(shape)))]
    for k, whole in enumerate(jacobian(f, places)(*arrays)):
        assert whole.shape == (*shape, *arrays[k].shape)
        expected = np.array([row[k] for row in rows]).reshape(whole.shape)
        np.testing.assert_allclose(whole, expected, rtol=1e-12, atol=1e-12)
    outside = [Tensor(a, requires_grad=True) for a in arrays]  # recorded: batches of Tensors
    for again, whole in zip(
        jacobian(lambda *x: f(*x) + 0 * sum(map(np.sum, outside)), places)(*arrays),
        jacobian(f, places)(*arrays),
        strict=True,
    ):
        np.testing.assert_allclose(again.data, whole, rtol=1e-12, atol=1e-12)


@every_primitive
@given(data=st.data())
@few
def test_arrays_in_arrays_out_with_the_same_values(name, data):
    arrays, f = data.draw(applications(PRIMITIVES[name]))
    plain, recorded = f(*arrays), f(*leaves(arrays))
    assert not isinstance(plain, Tensor)
    np.testing.assert_array_equal(plain, recorded.data)
    assert recorded.requires_grad
    assert not f(*map(Tensor, arrays)).requires_grad
    with no_grad():
        assert not f(*leaves(arrays)).requires_grad


@every_primitive
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(data=st.data())
@few
def test_output_and_gradients_have_the_dtype_and_shape_of_their_operands(name, dtype, data):
    arrays, f = data.draw(applications(PRIMITIVES[name]))
    w = data.draw(cotangents(np.shape(f(*arrays))))
    exact = pulled(f, arrays, w)
    tensors = leaves([a.astype(dtype) for a in arrays])
    y = f(*tensors)
    if name != "astype":
        assert y.data.real.dtype == dtype
    for g, t, e in zip(gradients(y, tensors, w), tensors, exact, strict=True):
        assert (g.dtype, g.shape) == (dtype, t.shape)
        np.testing.assert_allclose(g.data, e, rtol=2e-3, atol=2e-3 * (1 + np.max(np.abs(e), initial=0)))


LAYOUTS = {
    "Fortran": lambda a: np.array(a, order="F"),
    "reversed": lambda a: np.flip(np.flip(a).copy()),
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a,
    "transposed": lambda a: np.array(a.T, order="C").T,
    "read-only": lambda a: np.broadcast_to(a.copy(), a.shape),
}


@every_primitive
@pytest.mark.parametrize("layout", LAYOUTS)
@given(data=st.data())
@settings(max_examples=15)
def test_layout_in_memory_does_not_matter(name, layout, data):
    arrays, f = data.draw(applications(PRIMITIVES[name]))
    y = np.asarray(f(*arrays))
    w = data.draw(cotangents(y.shape))
    expected = pulled(f, arrays, w)
    laid_out = [LAYOUTS[layout](a) for a in arrays]
    tensors = [leaf(a) for a in laid_out]  # they do not copy, so that the layout stays
    again = f(*tensors)
    np.testing.assert_allclose(again.data, y, rtol=1e-14, atol=1e-14)
    for g, e in zip(gradients(again, tensors, LAYOUTS[layout](w)), expected, strict=True):
        np.testing.assert_allclose(g.data, e, rtol=1e-12, atol=1e-12)


@every_primitive
@given(data=st.data())
@few
def test_nothing_is_mutated_and_no_memory_shared(name, data):
    arrays, f = data.draw(applications(PRIMITIVES[name]))
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
def test_pullback_is_linear_in_its_cotangent_and_repeatable(name, data):
    arrays, f = data.draw(applications(PRIMITIVES[name]))
    shape = np.shape(f(*arrays))
    u, v = data.draw(cotangents(shape)), data.draw(cotangents(shape))
    for a, b, c in zip(pulled(f, arrays, u), pulled(f, arrays, v), pulled(f, arrays, 2 * u - 3 * v), strict=True):
        np.testing.assert_allclose(2 * a - 3 * b, c, rtol=1e-9, atol=1e-9)
    for a, b in zip(pulled(f, arrays, u), pulled(f, arrays, u), strict=True):
        np.testing.assert_array_equal(a, b)


@every_primitive
@given(data=st.data())
@few
def test_zero_cotangent_gives_exact_zero_whatever_the_operands(name, data):
    arrays, f = data.draw(applications(PRIMITIVES[name]))
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


@every_primitive
@given(data=st.data())
@few
def test_what_no_pullback_asks_for_is_not_kept(name, data):
    primitive = PRIMITIVES[name]
    arrays, f = data.draw(applications(primitive))
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
