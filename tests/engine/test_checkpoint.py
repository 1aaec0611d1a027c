"""checkpoint: computed twice, it is the same function both times, or it is refused."""

import numpy as np
import pytest

from autograd_nn import Tensor, checkpoint, grad, gradients, jacobian

product = checkpoint(lambda a, b: a * b)


@pytest.fixture
def pair():
    return Tensor([2.0, 0.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)


def test_a_cotangent_that_was_changed_in_between_is_another_one(pair):
    a, b = pair
    y, v = product(a, b), np.ones(2)
    assert gradients(y, a, v).tolist() == [3, 4]
    v *= 10
    assert gradients(y, b, v).tolist() == [20, 0]


def test_a_tensor_as_cotangent_that_was_changed_in_between_is_another_one(pair):
    a, b = pair
    y, v = product(a, b), Tensor(np.ones(2))
    assert gradients(y, a, v, create_graph=True).tolist() == [3, 4]
    v.data *= 10
    assert gradients(y, b, v, create_graph=True).tolist() == [20, 0]


def test_what_was_computed_of_one_cotangent_is_not_connected_to_another_of_the_same_values(pair):
    a, b = pair
    y = product(a, b)
    u, v = Tensor(np.ones(2), requires_grad=True), Tensor(np.ones(2), requires_grad=True)
    gradients(y, a, u, create_graph=True)
    by_b = gradients(y, b, v, create_graph=True)
    assert gradients(np.sum(by_b), v).tolist() == [2, 0]


@pytest.mark.parametrize("value", [Tensor(np.arange(3.0)), np.arange(3.0)])
def test_views_of_what_was_kept_are_followed(value):
    x = Tensor(np.zeros(2), requires_grad=True)  # so that the value is the same
    y = product(x, value[1:])
    array = value.data if type(value) is Tensor else value
    array *= 3
    with pytest.raises(RuntimeError, match=r"its argument of shape \(2,\).*changed in place"):
        y.sum().backward()


def test_a_leaf_that_was_changed_is_seen_through_its_view_by_name():
    w = Tensor(np.arange(3.0), requires_grad=True)
    y = product(Tensor(np.zeros(2), requires_grad=True), w[1:])
    w.data -= 1
    with pytest.raises(RuntimeError, match="changed in place"):
        y.sum().backward()


def test_a_function_that_draws_anew_is_refused_and_told_what_to_do():
    rng = np.random.default_rng(0)
    drop = checkpoint(lambda x: x * (rng.random(50) < 0.5))
    for derive in (grad(lambda x: np.sum(drop(x))), jacobian(drop), grad(lambda x: np.sum(drop(x) ** 2))):
        with pytest.raises(RuntimeError, match=r"another value .* Generator among its arguments"):
            derive(np.ones(50))


def test_an_array_that_the_function_uses_and_that_was_changed_is_refused():
    c = np.ones(2)
    x = Tensor(np.ones(2), requires_grad=True)
    y = checkpoint(lambda x: x * c)(x)
    c *= 2
    with pytest.raises(RuntimeError, match="another value in the backward pass"):
        y.sum().backward()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, float, np.longdouble, complex, np.clongdouble])
def test_nan_and_every_dtype_are_the_same_the_second_time(dtype):
    x = Tensor(np.array([np.nan, 2.0, 0.1, -0.0], dtype), requires_grad=True)
    y = checkpoint(lambda x: np.exp(x) * x / 3)(x)
    g = np.array([0, 0, 1, 1], dtype)
    y.backward(g)
    expected = gradients(np.exp(x) * x / 3, x, g)
    np.testing.assert_array_equal(x.grad.data, expected.data)


def test_a_leaf_may_be_changed_between_two_calls_of_the_same_function(pair):
    a, b = pair
    product(a, b).sum().backward()
    a.data += 1
    product(a, b).sum().backward()
    assert b.grad.tolist() == [5, 1]
