"""gradients, grad and value_and_grad: containers, nesting, connection to what is outside."""

from typing import NamedTuple

import numpy as np
import pytest

from autograd_nn import Tensor, grad, gradients, no_grad, value_and_grad


class Layer(NamedTuple):
    W: object
    b: object


def test_arrays_in_arrays_out():
    value, slope = value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    assert type(value) is np.float64
    assert type(slope) is np.ndarray
    assert type(grad(lambda x: x * x)(3.0)) is np.float64


def test_tensors_in_tensors_out():
    value, slope = value_and_grad(lambda x: np.sum(x**2))(Tensor([1.0, 2.0]))
    assert type(value) is type(slope) is Tensor
    assert not value.requires_grad
    assert not slope.requires_grad


def test_arguments_may_be_nested_containers_and_other_leaves_pass_through():
    parameters = {"layers": [Layer(np.ones((2, 2)), np.zeros(2)), (3.0, "tanh")], "n": 3, "idx": np.array([0, 1])}

    def loss(p, x):
        first, (scale, kind) = p["layers"]
        assert kind == "tanh"
        assert p["n"] == 3
        return np.sum(np.tanh(x @ first.W + first.b)[p["idx"]] * scale)

    slopes = grad(loss)(parameters, np.ones(2))
    assert isinstance(slopes["layers"][0], Layer)
    assert slopes["layers"][0].W.shape == (2, 2)
    assert slopes["layers"][1][1] is slopes["n"] is slopes["idx"] is None
    np.testing.assert_allclose(slopes["layers"][1][0], 2 * np.tanh(2.0))


def test_argnums_and_keywords():
    f = lambda x, y, power=2: x * y**power
    assert grad(f, argnums=1)(3.0, 2.0) == 12.0
    assert grad(f, argnums=(0, 1))(3.0, 2.0) == (4.0, 12.0)
    assert grad(f, argnums=-1)(3.0, 2.0) == 12.0
    assert grad(f)(3.0, 2.0, power=3) == 8.0
    assert grad(f, argnums=np.int64(1))(3.0, 2.0) == 12.0
    with pytest.raises(TypeError, match="argnums=2: there are 2"):
        grad(f, argnums=2)(3.0, 2.0)
    for twice in ((0, 0), (1, -1)):
        with pytest.raises(TypeError, match="must name different arguments"):
            grad(f, argnums=twice)(3.0, 2.0)


def test_derivatives_nest_to_any_order():
    f, x = np.exp, 0.7
    for _ in range(5):
        f = grad(f)
        np.testing.assert_allclose(f(x), np.exp(x), rtol=1e-14)
    g = lambda x: x**5
    for expected in (5 * x**4, 20 * x**3, 60 * x**2, 120 * x, 120.0, 0.0):
        g = grad(g)
        np.testing.assert_allclose(g(x), expected, rtol=1e-13)


def test_inner_gradient_sees_the_outer_variable():
    # d/dx [ x * d/dy (x * y^2) at y = 3 ] = d/dx [6 x^2]
    assert grad(lambda x: x * grad(lambda y: x * y * y)(3.0))(2.0) == 24.0
    # perturbations are not confused: d/dx [ x * d/dy (x + y) ] = 1
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: grad(lambda y: y * y * x)(x))(3.0) == 12.0


def test_result_is_connected_to_tensors_that_the_function_refers_to():
    w = Tensor(3.0, requires_grad=True)
    slope = grad(lambda x: w * x * x)(2.0)
    assert isinstance(slope, Tensor)
    slope.backward()
    assert w.grad.item() == 4.0
    with no_grad():
        assert not isinstance(grad(lambda x: w * x * x)(2.0), Tensor)


def test_result_is_connected_to_recorded_arguments():
    w = Tensor(3.0, requires_grad=True)
    value, slope = value_and_grad(lambda x: x**3)(w * 2)
    (value + slope).backward()
    assert w.grad.item() == 3 * 6.0**2 * 2 + 6 * 6.0 * 2


def test_argument_that_does_not_matter_has_the_gradient_zero():
    np.testing.assert_array_equal(grad(lambda x, y: Tensor(np.sum(x)), argnums=1)(np.ones(2), np.ones(3)), np.zeros(3))
    assert grad(lambda x: Tensor(1.0))(2.0) == 0.0


@pytest.mark.parametrize(
    ("f", "argument", "message"),
    [
        (lambda x: x * 2, np.ones(2), r"must return a Tensor of one element: got one of shape \(2,\)"),
        (lambda x: float(x[0]), np.ones(2), "got float, which cannot depend on the arguments"),
        (lambda x: x, 3, r"argument 0 has no float .*3\.0 a float.*got 3"),
        (lambda x: (x, x), 3.0, "got tuple$"),
        (lambda x: x, {"a": np.arange(3)}, "no float"),
    ],
)
def test_what_cannot_be_differentiated_says_why(f, argument, message):
    with pytest.raises(TypeError, match=message):
        grad(f)(argument)


def test_float32_stays_float32():
    value, slope = value_and_grad(lambda x: np.sum(np.tanh(x) * 2.0))(np.ones(2, np.float32))
    assert value.dtype == slope.dtype == np.float32


def test_gradients_of_tensors_already_made():
    x, w = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    h = x * w
    y = h * h
    found = gradients(y, {"h": h, "both": [x, w]})
    assert found["h"].item() == 12.0
    assert [g.item() for g in found["both"]] == [36.0, 24.0]
    assert gradients(y, y).item() == 1.0
    assert gradients([y, h], x).item() == 36.0 + 3.0
    assert gradients([y, y], x, [Tensor(1.0), 2.0]).item() == 108.0
    assert gradients(x, w).item() == 0.0
    assert x.grad is None


def test_gradients_refuse_what_has_none():
    x = Tensor(2.0, requires_grad=True)
    for inputs, message in ((Tensor(1.0), "the constant"), (1.0, "inputs must be Tensors: got float")):
        with pytest.raises(TypeError, match=message):
            gradients(x * 2, inputs)
    with pytest.raises(TypeError, match="outputs must be Tensors"):
        gradients(1.0, x)
    with pytest.raises(ValueError, match="structure of outputs: got 2 for 1"):
        gradients(x * 2, x, [1.0, 2.0])


def test_only_what_leads_to_the_inputs_is_computed():
    from autograd_nn import primitive

    calls = []
    watched = primitive(lambda a: a * 1.0, a=lambda g: calls.append(1) or g)
    x, w = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    y = watched(w) * x
    gradients(y, x)
    assert calls == []
    gradients(y, w)
    assert calls == [1]


def test_gradients_of_gradients_with_respect_to_the_cotangent():
    x = Tensor([1.0, 2.0], requires_grad=True)
    u = Tensor([0.0, 0.0], requires_grad=True)
    slope = gradients(np.exp(x), x, u, create_graph=True)
    np.testing.assert_allclose(gradients(slope, u, np.array([3.0, 4.0])).data, np.exp([1.0, 2.0]) * [3.0, 4.0])
