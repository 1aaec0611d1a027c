"""gradients, grad and value_and_grad: containers, nesting, connection to what is outside."""

import tracemalloc
from typing import NamedTuple

import numpy as np
import pytest

from autograd_nn import (
    Tensor,
    checkpoint,
    elementwise_grad,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    logsumexp,
    no_grad,
    primitive,
    value_and_grad,
    vjp,
)
from autograd_nn.engine.trees import leaves


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
        (lambda x: None, np.ones(2), "got NoneType"),
        (lambda x: np.ones(2), 1.0, r"got one of shape \(2,\)"),
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
    with pytest.raises(ValueError, match=r"shape \(2,\): it must have the output's, \(\)"):
        gradients(x * 2, x, [1.0, 2.0])
    with pytest.raises(ValueError, match=r"structure of \['\*', '\*'\], got \[1.0\]"):
        gradients([x * 2, x], x, [1.0])


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


# Products with the Jacobian, and whole Jacobians -------------------------------------------------------


def test_vjp_takes_containers_and_pulls_back_many_times():
    value, pullback = vjp(
        lambda p, n: {"y": p["w"] * p["x"] ** n, "z": [np.sum(p["w"])]}, {"w": 2.0, "x": np.ones(2)}, 3
    )
    np.testing.assert_array_equal(value["y"], [2.0, 2.0])
    for scale in (1.0, 5.0):
        slopes, nothing = pullback({"y": np.array([scale, 0.0]), "z": [10.0]})
        assert slopes["w"] == scale + 10.0
        np.testing.assert_array_equal(slopes["x"], [6.0 * scale, 0.0])
        assert nothing is None
    with pytest.raises(ValueError, match=r"structure of \{'y': '\*', 'z': \['\*'\]\}, got 1.0"):
        pullback(1.0)
    with pytest.raises(ValueError, match="must have the output's"):
        pullback({"y": np.ones(3), "z": [0.0]})


def test_vjp_takes_none_as_no_cotangent_and_needs_none_of_what_is_no_tensor():
    _, pullback = vjp(lambda x: (x * x, 3 * x, 7.0), 2.0)
    assert pullback((1.0, None, None)) == (4.0,)
    assert pullback((None, 1.0, 5.0)) == (3.0,)


def test_jvp_takes_containers_and_none_for_what_stands_still():
    (y, z), (dy, dz) = jvp(
        lambda p, x: (p["a"] * x, np.sum(x)), ({"a": 3.0, "n": 2}, np.ones(2)), ({"a": 1.0, "n": None}, None)
    )
    np.testing.assert_array_equal(dy, [1.0, 1.0])
    assert (z, dz) == (2.0, 0.0)
    np.testing.assert_array_equal(y, [3.0, 3.0])
    assert jvp(lambda x, y: x * y, (2.0, 3.0), (None, 1.0))[1] == 2.0


@pytest.mark.parametrize(
    ("tangents", "message"),
    [
        ((np.ones(3),), r"shape \(2,\) must have that shape: got \(3,\)"),
        ((np.ones(2), 1.0), "a tangent for each primal: got 2 for 1"),
        ((None,), "at least one"),
        (([1.0, 1.0, 1.0],), r"got \(3,\)"),
    ],
)
def test_tangents_that_do_not_fit_are_refused(tangents, message):
    with pytest.raises((TypeError, ValueError), match=message):
        jvp(np.sum, (np.ones(2),), tangents)


def test_jvp_along_a_zero_direction_is_zero_also_at_a_pole():
    with np.errstate(all="ignore"):
        tangent = jvp(lambda x: np.where(x > 0, np.log(x), 0.0), (np.array([0.0, 4.0]),), (np.array([1.0, 1.0]),))[1]
        np.testing.assert_array_equal(tangent, [0.0, 0.25])
        np.testing.assert_array_equal(jvp(np.log, (np.array([0.0, 4.0]),), (np.array([0.0, 1.0]),))[1], [0.0, 0.25])


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_hessian_of_rosenbrock_is_the_one_in_the_books():
    x = np.array([-1.0, 0.5, 2.0])
    diagonal = [1200 * x[0] ** 2 - 400 * x[1] + 2, 202 + 1200 * x[1] ** 2 - 400 * x[2], 200]
    expected = np.diag(diagonal) + np.diag(-400 * x[:2], 1) + np.diag(-400 * x[:2], -1)
    found = hessian(rosenbrock)(x)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    for e in np.eye(3):
        np.testing.assert_allclose(hvp(rosenbrock, (x,), (e,))[0], expected @ e, rtol=1e-14)


def test_jacobian_has_the_structure_of_the_value_and_of_the_arguments():
    f = lambda p, x: {"sum": p["a"] + x, "square": x * x}
    whole = jacobian(f, (0, 1))({"a": 1.0, "n": 2}, np.ones(2))
    by_p, by_x = whole["sum"]
    assert by_p["n"] is None
    np.testing.assert_array_equal(by_p["a"], [1.0, 1.0])
    np.testing.assert_array_equal(by_x, np.eye(2))
    np.testing.assert_array_equal(whole["square"][0]["a"], [0.0, 0.0])
    np.testing.assert_array_equal(whole["square"][1], 2 * np.eye(2))


def test_hessian_by_several_arguments_is_nested_twice():
    (aa, ab), (ba, bb) = hessian(lambda a, b: np.sum(a**2) * b, (0, 1))(np.array([1.0, 2.0]), 3.0)
    np.testing.assert_array_equal(aa, 6 * np.eye(2))
    np.testing.assert_array_equal(ab, [2.0, 4.0])
    np.testing.assert_array_equal(ba, [2.0, 4.0])
    assert bb == 0.0


def test_transforms_compose_to_the_fourth_order():
    x = np.array([0.3, -0.7])
    f = lambda x: np.sum(np.sin(x) * x[::-1] ** 2)
    hessians = hessian(lambda x: np.sum(hessian(f)(x) ** 2))(x)
    h = 1e-4

    def g(x):
        return grad(lambda x: np.sum(hessian(f)(x) ** 2))(x)

    np.testing.assert_allclose(hessians, [(g(x + h * e) - g(x - h * e)) / (2 * h) for e in np.eye(2)], rtol=1e-6)
    forward = jvp(lambda x: jvp(f, (x,), (np.ones(2),))[1], (x,), (np.ones(2),))[1]
    np.testing.assert_allclose(forward, hessian(f)(x).sum(), rtol=1e-13)
    np.testing.assert_allclose(jacobian(jacobian(jacobian(f)))(x), jacobian(hessian(f))(x), rtol=1e-13)


def test_a_jacobian_inside_a_loss_has_a_gradient():
    w = Tensor([[0.5, -1.0], [2.0, 0.3]], requires_grad=True)
    x = np.array([0.2, 0.4])
    penalty = np.sum(jacobian(lambda x: np.tanh(w @ x))(x) ** 2)
    penalty.backward()
    slope = grad(lambda w: np.sum(((1 - np.tanh(w @ x) ** 2)[:, None] * w) ** 2))(w.data)
    np.testing.assert_allclose(w.grad.data, slope, rtol=1e-13)
    tangent = Tensor([1.0, -1.0], requires_grad=True)
    jvp(lambda x: np.sum(x**3), (x,), (tangent,))[1].backward()
    np.testing.assert_allclose(tangent.grad.data, 3 * x**2)


def test_elementwise_grad_is_the_derivative_of_each_element():
    x = np.linspace(-2, 2, 5)
    np.testing.assert_allclose(
        elementwise_grad(elementwise_grad(np.tanh))(x), -2 * np.tanh(x) / np.cosh(x) ** 2, rtol=1e-13
    )
    np.testing.assert_array_equal(elementwise_grad(lambda x, y: x * y, 1)(x, 3.0), x.sum())


def test_jacobian_of_nothing_and_of_a_constant():
    assert jacobian(lambda x: x[:0])(np.ones(3)).shape == (0, 3)
    np.testing.assert_array_equal(jacobian(lambda x: Tensor([1.0, 2.0]))(np.ones(3)), np.zeros((2, 3)))
    with pytest.raises(TypeError, match="must return Tensors: got str"):
        jacobian(lambda x: "1")(np.ones(3))


@pytest.mark.parametrize("number", [3, 3.0, np.float32(3), np.array(3.0), np.array([3.0]), True])
def test_a_plain_number_that_a_function_returns_has_the_derivatives_0(number):
    f = lambda x: number
    x, tree = np.ones(2), {"a": np.ones((2, 3), np.float32), "n": 1}
    value, slope = value_and_grad(f)(x)
    assert value == 3 or value is np.True_
    np.testing.assert_array_equal(slope, [0.0, 0.0], strict=True)
    for derive in (grad, elementwise_grad):
        found = derive(f)(tree)
        np.testing.assert_array_equal(found["a"], np.zeros((2, 3), np.float32), strict=True)
        assert found["n"] is None
    first = np.shape(number)
    np.testing.assert_array_equal(jacobian(f)(x), np.zeros((*first, 2)), strict=True)
    np.testing.assert_array_equal(hessian(f)(x), np.zeros((2, 2)), strict=True)
    np.testing.assert_array_equal(hvp(f, (x,), (x,))[0], np.zeros(2), strict=True)
    np.testing.assert_array_equal(jvp(f, (x,), (x,))[1], np.zeros(first))
    np.testing.assert_array_equal(vjp(f, x)[1](np.ones(first))[0], np.zeros(2), strict=True)
    found = grad(f)(Tensor(x))
    assert type(found) is Tensor
    assert not found.data.any()


def test_containers_of_plain_numbers_have_the_derivatives_0():
    f = lambda x: {"a": 1.0, "b": np.ones(2), "c": x}
    found = jacobian(f)(np.ones(3))
    np.testing.assert_array_equal(found["a"], np.zeros(3))
    np.testing.assert_array_equal(found["b"], np.zeros((2, 3)))
    np.testing.assert_array_equal(found["c"], np.eye(3))


@pytest.mark.parametrize("shape", [(2, 4, 3), (2, 4, 30)])  # of the large one the selection is small
def test_jacobian_of_selections_whose_advanced_indices_are_apart(shape):
    apart = lambda x: x[[0, 1, 0], :, [0, 2, 0]] - x[[1, 1, 0], :, [0, 0, 1]]
    v = np.arange(float(np.prod(shape))).reshape(shape)
    np.testing.assert_array_equal(np.tensordot(jacobian(apart)(np.zeros(shape)), v, 3), apart(v))


def test_holomorphic_jacobian_is_the_complex_derivative():
    z = np.array([1 + 1j, 2 - 1j])
    np.testing.assert_allclose(jacobian(np.exp)(z), np.diag(np.exp(z)), rtol=1e-14)
    with pytest.raises(TypeError, match="not a holomorphic function of complex arguments"):
        jacobian(lambda x: x * 1j)(np.ones(2))


def test_pass_with_strong_zeros_does_all_rows():
    with np.errstate(all="ignore"):
        rows = jacobian(lambda x: np.where(x > 0, np.log(x), 0.0))(np.array([0.0, 4.0]))
    np.testing.assert_array_equal(rows, [[0.0, 0.0], [0.0, 0.25]])


def network(theta, X, sizes=((6, 10), (10, 8), (8, 5))):
    h, start = X, 0
    for n, m in sizes:
        W, b = theta[start : start + n * m].reshape(n, m), theta[start + n * m : start + n * m + m]
        h, start = np.tanh(h @ W + b), start + n * m + m
    return np.mean(logsumexp(h, axis=1) - h[:, 0])


def test_hessian_of_a_network_is_symmetric_and_agrees_with_differences_of_gradients():
    rng = np.random.default_rng(0)
    theta, X = rng.normal(size=203) / 3, rng.normal(size=(20, 6))
    f = lambda theta: network(theta, X)
    H = hessian(f)(theta)
    np.testing.assert_allclose(H, H.T, rtol=0, atol=1e-12)
    for k, e in enumerate(np.eye(203)):
        at = [grad(f)(theta + step * e * 1e-3) for step in (-2, -1, 1, 2)]
        np.testing.assert_allclose(H[k], (8 * (at[2] - at[1]) - (at[3] - at[0])) / 12e-3, rtol=1e-7, atol=1e-10)


def test_dicts_are_paired_by_their_keys():
    f = lambda d: 10 * d["p"] + d["q"]
    assert jvp(f, ({"p": 1.0, "q": 1.0},), ({"q": 0.0, "p": 1.0},))[1] == 10.0
    _, pullback = vjp(lambda x: {"a": x, "b": 2 * x}, 1.0)
    assert pullback({"b": 1.0, "a": 0.0}) == (2.0,)
    x = Tensor(1.0, requires_grad=True)
    assert gradients({"a": x * 1, "b": x * 2}, x, {"b": 1.0, "a": 0.0}).item() == 2.0


def test_a_function_may_assign_into_a_recorded_argument():
    def f(a):
        a[0] = 3 * a[1]
        return np.sum(a**2)

    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    np.testing.assert_array_equal(grad(f)(x * 1.0).data, [0.0, 40.0, 6.0])
    np.testing.assert_array_equal(hessian(f)(x.data), np.diag([0.0, 20.0, 2.0]))
    np.testing.assert_array_equal(x.data, [1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    "rule",
    [
        lambda g, a: g if a > 0 else 0 * g,
        lambda g, a: 0 * a if g == 0 else g * float(a > 0),
        lambda g, a: g * max(np.sign(a), 0.0),
        lambda g, a: np.array(0.0) if a < 0 else g,
        lambda g, a: np.heaviside(a, 0.0) * np.modf(g)[1] + np.modf(g)[0] * (1.0 if a > 0 else 0.0),
        lambda g, a: np.einsum(",->", g, np.heaviside(a, 0.0)),
    ],
)
def test_a_rule_that_decides_by_a_value_gets_the_rows_one_by_one(rule):
    relu = primitive(lambda a: np.maximum(a, 0), a=rule)
    for x, slope in ((-1.0, 0.0), (2.0, 1.0)):
        assert jacobian(relu)(x) == grad(relu)(x) == slope
        # a Jacobian of several rows, most of whose cotangents are 0
        rows = jacobian(lambda x: np.stack([x[1] * 5, relu(x[0]), x[1]]))(np.array([x, 1.0]))
        np.testing.assert_array_equal(rows, [[0.0, 5.0], [slope, 0.0], [0.0, 1.0]])


def test_the_error_of_a_wrong_rule_is_that_of_a_single_row():
    wrong = primitive(lambda a: a * 1.0, name="wrong", a=lambda g: g[:, :])
    with pytest.raises(IndexError, match="too many indices"):
        jacobian(wrong)(np.ones(2))


def test_complex_results_have_one_slope_only_if_they_are_holomorphic():
    z = np.array([1 + 1j, 2 - 1j])
    np.testing.assert_allclose(grad(lambda z: np.sum(z**2))(z), 2 * z)
    for derive in (grad(lambda t: np.exp(1j * t)), jacobian(lambda t: np.exp(1j * t))):
        with pytest.raises(TypeError, match=r"not a holomorphic function.*np\.real"):
            derive(0.5)
    with pytest.raises(TypeError, match="not a holomorphic"):
        jacobian(np.conj)(z)
    with pytest.raises(TypeError, match="real and imaginary parts"):
        hessian(lambda z: np.sum(np.abs(z) ** 2))(z)
    tangent = jvp(grad(lambda z: np.sum(np.abs(z) ** 2)), (z,), (1j * np.ones(2),))[1]
    np.testing.assert_allclose(tangent, [-2j, -2j])


def test_hessian_of_a_container_leaves_out_what_is_not_a_float():
    found = hessian(lambda p: np.sum(p["w"] ** 2))({"w": np.ones(2), "name": "a"})
    np.testing.assert_array_equal(found["w"]["w"], 2 * np.eye(2))
    assert found["name"] is None
    assert found["w"]["name"] is None


def test_arguments_without_a_float_are_refused_in_words():
    with pytest.raises(TypeError, match="no primal has a float"):
        vjp(lambda n: n, 3)
    with pytest.raises(TypeError, match="no positional arguments"):
        grad(lambda a: a * a)(a=1.0)


# checkpoint -------------------------------------------------------------------------------------------


def test_checkpoint_changes_neither_value_nor_derivatives_of_any_order():
    f = lambda x, w: np.sum(np.tanh(x * w["a"]) ** 2, axis=0) + w["n"]
    x, w = np.array([[0.3, -0.5], [1.0, 2.0]]), {"a": np.array([1.5, -0.5]), "n": 2}
    loss = lambda f: lambda x, a: np.sum(f(x, {**w, "a": a}) ** 3)
    for derive in (grad, hessian):
        plain, again = (derive(loss(g), (0, 1))(x, w["a"]) for g in (f, checkpoint(f)))
        for p, q in zip(leaves(plain), leaves(again), strict=True):
            np.testing.assert_allclose(p, q, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(jacobian(checkpoint(f))(x, w), jacobian(f)(x, w), rtol=1e-13)
    np.testing.assert_allclose(checkpoint(f)(x, w), f(x, w))


def test_checkpoint_keeps_its_arguments_only():
    x = Tensor(np.ones(100_000), requires_grad=True)

    def many(x):
        for _ in range(20):
            x = np.sin(x)
        return x

    def kept(f):
        tracemalloc.start()
        y = f(f(x))
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        y.sum().backward()
        return held

    assert kept(checkpoint(many)) < 0.1 * kept(many)


def test_checkpoint_sets_a_generator_back_for_the_second_time():
    x = Tensor(np.ones(50), requires_grad=True)
    drop = checkpoint(lambda x, rng: x * (rng.random(50) < 0.5))
    rng = np.random.default_rng(0)
    y = drop(x, rng)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, y.data)
    assert (drop(x, rng).data != y.data).any()


def test_checkpoint_takes_one_generator_twice_and_old_ones():
    x = Tensor(np.ones(50), requires_grad=True)
    drop = lambda x, a, b: x * (a.random(50) < 0.5) * (b.random(50) < 0.9)
    rng, old = np.random.default_rng(0), np.random.RandomState(0)
    for pair in ((rng, rng), (old, rng)):
        x.grad = None
        y = checkpoint(drop)(x, *pair)
        y.sum().backward()
        np.testing.assert_array_equal(x.grad.data, y.data)


def test_checkpoint_notices_a_constant_that_was_changed():
    c = Tensor(2.0)
    y = checkpoint(lambda x, c: x * c)(Tensor(3.0, requires_grad=True), c)
    c.data *= 5.0
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward()


def test_checkpoint_refuses_what_it_cannot_keep_right():
    w = Tensor(2.0, requires_grad=True)
    with pytest.raises(TypeError, match="among its positional arguments: give it as one"):
        checkpoint(lambda x: x * w)(Tensor(1.0, requires_grad=True))
    with pytest.raises(TypeError, match="one Tensor: got tuple"):
        checkpoint(lambda x: (x, x))(w)
    y = checkpoint(lambda w: w * w)(w)
    w.data -= 1.0
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward()
    with no_grad():
        assert not checkpoint(np.sin)(w).requires_grad


# What a mistake in a transform would change -------------------------------------------------------------


def assigning(x):
    x[0] = x[1] ** 2
    x *= 3.0
    return np.sum(x)


def test_a_function_under_grad_may_assign_into_its_argument():
    a = np.array([1.0, 2.0, 3.0])
    assert grad(assigning)(a).tolist() == [0, 15, 3]
    assert a.tolist() == [1, 2, 3]
    assert grad(assigning)(Tensor(a)).tolist() == [0, 15, 3]
    assert hessian(assigning)(a)[1].tolist() == [0, 6, 0]


def test_a_leaf_of_ones_own_is_not_changed_while_recording_also_within_a_transform():
    w = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="in-place change of the leaf"):
        grad(lambda x: assigning(w) + x)(1.0)


def test_hvp_of_fewer_tangents_is_of_these_arguments_alone():
    x, y, v = np.array([1.0, 2.0]), np.array([3.0, 5.0]), np.array([1.0, 10.0])
    by_x, by_y = hvp(lambda x, y: np.sum(x**3 * y), (x, y), (v, None))
    np.testing.assert_allclose(by_x, 6 * x * y * v)
    assert by_y is None
    none, by_y = hvp(lambda x, y: np.sum(x * y**3), (x, y), (None, v))
    np.testing.assert_allclose(by_y, 6 * x * y * v)
    assert none is None


def test_where_a_float32_argument_does_not_matter_its_jacobian_is_zeros_of_float32():
    x, y = np.ones(2, np.float32), np.ones(3, np.float32)
    by_x, by_y = jacobian(lambda x, y: x * 2, argnums=(0, 1))(x, y)
    assert (by_x.dtype, by_y.dtype, by_y.shape) == (np.float32, np.float32, (2, 3))
    assert not by_y.any()


def test_a_checkpoint_asked_for_one_operand_at_a_time_uses_the_cotangent_of_the_day():
    a, b = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    y = checkpoint(lambda a, b: a * b)(a, b)
    assert gradients(y, a, 1.0).item() == 3
    assert gradients(y, b, 10.0).item() == 20
    assert gradients(y, (a, b), 100.0)[1].item() == 200


@np.errstate(all="ignore")
def test_cotangents_that_would_cancel_do_not_hide_a_tangent_that_is_not_finite():
    both = lambda f: lambda x: (lambda y: (y, -y, 2 * y))(f(x))
    tangent = jvp(both(np.sqrt), (0.0,), (1.0,))[1]
    assert tangent == (np.inf, -np.inf, np.inf)
    x = np.array([2.0, np.inf, 1.0])
    second = lambda a: np.diff(np.concatenate([np.zeros(2), a, np.zeros(2)]), 2)  # whose columns sum to 0
    once = jvp(np.cumprod, (x,), (np.array([1.0, 0.0, 0.0]),))[1]
    np.testing.assert_array_equal(once, [1, np.inf, np.inf])
    tangents = jvp(both(np.cumprod), (x,), (np.array([1.0, 0.0, 0.0]),))[1]
    np.testing.assert_array_equal(tangents[1], -once)
    assert jvp(lambda x: second(np.sqrt(x)), (np.zeros(1),), (np.ones(1),))[1].tolist() == [np.inf, -np.inf, np.inf]
