"""What `check_gradients` and `check_vjp` accept, refuse, count and say."""

import re
import subprocess
import sys
from collections import namedtuple
from copy import copy, deepcopy
from functools import partial
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd_nn.functional as F  # noqa: N812
from autograd_nn import Tensor, gradients, primitive
from autograd_nn.engine.tensor import raw, tensor
from autograd_nn.testing import GradientError, Report, check_gradients, check_vjp
from autograd_nn.testing.counterexample import table
from autograd_nn.testing.diagnosis import Evidence
from autograd_nn.testing.reports import format_array, literal

X = np.array([[0.3, -1.2, 0.7], [2.1, -0.4, 1.6]])
B = np.array([0.5, -0.8, 1.1])

bmul = primitive(
    np.multiply, name="bmul", a=lambda g, b: g * b, b=lambda g, a: np.mean(g * a, axis=0) if np.ndim(g) > 1 else g * a
)
doubled = primitive(np.tanh, name="doubled", x=lambda g, y: 2 * g * (1 - y * y))


def failure(check, *args, **keywords):
    with pytest.raises(GradientError) as caught:
        check(*args, **keywords)
    return caught.value


# What is checked --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (np.tanh, (X,)),
        (np.multiply, (X, B)),
        (lambda x: np.sum(np.exp(x) * x), (X,)),
        (F.cross_entropy, (X, np.array([2, 0]))),
        (lambda x, axis: x.mean(axis), (X, 0)),
        (lambda x: x @ x.T, (X,)),
        (lambda x: x, (X,)),
        (lambda x: (np.sin(x), {"sum": x.sum(), "constant": 3}), (X,)),
        (lambda x: [np.sin(x)] * 2, (X,)),
        (lambda x: x + 1.0, (np.zeros((0, 3)),)),
        (np.sin, (2.0,)),
        (np.sin, (np.array(2.0),)),
        (np.sum, ([0.5, 1.5],)),
        (lambda z: z * np.conj(z), (X + 1j * X[::-1],)),
        (lambda z: np.abs(z), (X + 1j * X[::-1],)),
    ],
)
def test_right_gradients_are_right(f, args):
    report = check_gradients(f, *args)
    assert report.verdict == "right"
    assert report
    assert report.detectable <= 1e-6


def test_arguments_may_be_nested():
    Layer = namedtuple("Layer", "w b")
    params = {"first": Layer(X, B), "scales": [2.0, np.array(3.0)], "name": "net", "flags": (True, 3)}

    def f(params, x):
        y = np.tanh(params["first"].w @ (x + params["first"].b))
        return y * params["scales"][0] + params["scales"][1]

    assert check_gradients(f, params, B[::-1]).comparisons == 2 * 3 + 2


def test_lists_of_numbers_are_arrays_and_all_other_containers_stay_what_they_are():
    given = []

    def f(numbers, ragged, pair, none):
        given.append([type(numbers), type(ragged), type(pair), type(none)])
        return numbers.sum() * ragged[0] * ragged[1].sum() * pair[0] * pair[1]

    assert check_gradients(f, [0.5, 1.5], [2.0, B], (3.0, 4.0), [])
    assert given[0] == [Tensor, list, tuple, list]


def test_parameters_that_a_model_refers_to_are_checked_too():
    w = Tensor(X.T.copy(), requires_grad=True, name="w")
    right, wrong = lambda x: np.tanh(x @ w), lambda x: doubled(x @ w)
    assert check_gradients(right, X).comparisons == 4
    error = failure(check_gradients, wrong, X)
    assert error.diagnosis == "ratio 2: counted twice"
    assert failure(check_gradients, wrong, X, wrt="w").argument == "parameter `w`"
    assert check_gradients(right, X, wrt=0).comparisons == 2
    np.testing.assert_array_equal(w.data, X.T)
    assert w.grad is None


def test_parameters_have_their_values_again_when_the_function_raises():
    w = Tensor([1.0, 2.0], requires_grad=True)
    calls = []

    def f(x):
        calls.append(x)
        if len(calls) > 3:  # at the arguments still
            raise RuntimeError("no more")
        return x * w

    with pytest.raises(RuntimeError, match="no more"):
        check_gradients(f, np.array([3.0, 4.0]))
    np.testing.assert_array_equal(w.data, [1.0, 2.0])


class Layer:
    def __init__(self, W, b):
        self.W, self.b = (Tensor(a, requires_grad=True) for a in (W, b))

    def cut(self, x):
        return x @ self.W + self.b.detach()


W = Tensor(B, requires_grad=True)


def test_a_report_lists_what_was_proved():
    w = Tensor(B, requires_grad=True, name="w")
    report = check_gradients(lambda x, scale: x * w * scale, X, 2.0)
    assert report.proved == ("argument 0 `x`", "argument 1 `scale`", "parameter `w`")
    assert check_gradients(lambda x, scale: x * w * scale, X, 2.0, wrt="w").proved == ("parameter `w`",)
    report = check_vjp(lambda a, b: a * b, lambda g, a, b: (g * b, g * a), B, B + 1)
    assert report.proved == ("argument 0 `a`", "argument 1 `b`")
    assert check_gradients(lambda x, y: F.relu(x) * y, np.array([0.0, 1.0]), B[:2]).proved == ("argument 1 `y`",)


@pytest.mark.parametrize("order", [1, 2])
def test_what_was_not_resolved_in_each_order_and_direction_was_not_proved(order):
    halfway = lambda x: np.abs(x) ** 1.5
    assert check_gradients(halfway, np.array([0.0, 1.0]), order=order).proved == ("argument 0 `x`",) * (order == 1)


@pytest.mark.parametrize("f", [lambda x: ((x + 1e8) - 1e8) ** 2, lambda x: 1e30 * x])
def test_what_cannot_be_judged_in_low_precision_was_not_proved(f):
    assert check_gradients(f, X).proved == ("argument 0 `x`",)
    assert check_gradients(f, X.astype(np.float32)).proved == ()


def test_parameters_that_a_function_refers_to_and_does_not_depend_on_are_listed():
    w, b = (Tensor(B, requires_grad=True) for _ in "wb")
    layer, params = Layer(X.T, B[:2]), {"w": [w], "b": Tensor(B)}
    assert check_gradients(lambda x: x * w.detach() + b, X).unreached == ("w",)
    assert check_gradients(lambda x: x * raw(W), X).unreached == ("W",)
    assert check_gradients(layer.cut, X).unreached == ("b",)
    assert check_gradients(partial(np.matmul, B.reshape(1, 3) * w.data), X.T).unreached == ()
    assert check_gradients(lambda x: layer.cut(x) * 2, X).unreached == ("layer.b",)
    assert check_gradients(lambda x: x + params["b"], X).unreached == ("params.w[0]",)
    assert check_gradients(partial(lambda w, x: x * w.numpy(), w), X).unreached == ("[0]",)
    outside = w * 2
    assert check_gradients(lambda x: x * raw(outside), X).unreached == ()


def test_a_parameter_that_is_not_reached_is_called_by_its_name_and_is_no_failure():
    w = Tensor(B, requires_grad=True, name="weights")
    report = check_gradients(lambda x: x * w.detach(), X)
    assert report
    assert str(report).endswith("smallest detectable error 6e-09\n  not reached: weights")
    assert check_gradients(lambda x: x * w.detach(), X, wrt="x").unreached == ()


def test_what_a_function_refers_to_is_looked_for_among_the_nearest_objects():
    w = Tensor(B, requires_grad=True)
    many = [[object()] for _ in range(2000)]
    assert check_gradients(lambda x: x * len(many) + len([w]), X).unreached == ("w",)
    many.append([w])
    assert check_gradients(lambda x: x * len(many), X).unreached == ()


def test_constants_and_tensors_computed_outside_are_not_parameters():
    w = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    outside, constant = w * 2, Tensor(B)
    assert check_gradients(lambda x: x * outside + constant, X).comparisons == 2


def test_what_was_computed_outside_is_not_pulled_back():
    def rule(g):
        raise RuntimeError("not to be called")

    outside = primitive(np.tanh, name="outside", x=rule)(Tensor(B, requires_grad=True))
    assert check_gradients(lambda x: x * outside, X)


def test_a_copy_of_a_parameter_is_another_parameter():
    w = Tensor(B, requires_grad=True)
    copied = copy(w)
    assert check_gradients(lambda x: x * w * copied, X).comparisons == 6


def test_a_parameter_that_is_reached_by_two_tensors_is_refused():
    w = Tensor(B, requires_grad=True, name="w")
    copied = tensor(w.data, w.node)
    assert check_gradients(lambda x: x * w, X)
    with pytest.raises(TypeError, match="refers to parameter `w` by a shallow copy of its Tensor"):
        check_gradients(lambda x: x * w * copied, X)
    assert w.node is copied.node


def test_a_parameter_whose_tensor_is_not_known_is_named_among_what_was_skipped():
    w = tensor(B, deepcopy(Tensor(B, requires_grad=True, name="w").node))  # as in another process
    assert check_gradients(lambda x: x * w, X).skipped == (
        "parameter `w`: it was sent here by another process, and its Tensor is not known",
    )


def test_a_parameter_made_inside_the_function_is_a_constant():
    assert check_gradients(lambda x: x * Tensor(B, requires_grad=True), X).comparisons == 2


def test_wrt_picks_arguments_by_place_and_name():
    f = lambda a, b: bmul(a, b)
    assert check_gradients(f, X, B, wrt=0)
    assert check_gradients(f, X, B, wrt="a").comparisons == 2
    assert failure(check_gradients, f, X, B, wrt=["b"]).argument == "argument 1 `b`"


@pytest.mark.parametrize("wrt", [2, "c", "axis"])
def test_wrt_that_is_no_argument_with_floats_is_refused(wrt):
    with pytest.raises(ValueError, match="wrt="):
        check_gradients(lambda a, b, axis: a * b, X, B, 1, wrt=wrt)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"order": 3}, "order must be 1 or 2: got 3"),
        ({"kinks": "pass"}, 'kinks must be "reject", "member", "ignore" or "error": got \'pass\''),
    ],
)
def test_unknown_options_are_refused(keywords, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        check_gradients(np.tanh, X, **keywords)
    assert str(caught.value) == message


def test_functions_without_floats_are_refused():
    with pytest.raises(TypeError, match="no float to differentiate by"):
        check_gradients(np.sum, np.arange(3))
    with pytest.raises(TypeError, match="must return Tensors of floats"):
        check_gradients(lambda x: np.argmax(x), X)
    with pytest.raises(TypeError, match="no argument with floats"):
        check_vjp(np.sum, lambda g, x: (None,), np.arange(3))


def test_a_generator_among_the_arguments_is_set_back_and_other_randomness_is_an_error():
    rng = np.random.default_rng(3)
    assert check_gradients(lambda x, rng: F.dropout(x, 0.5, rng=rng), X, rng)
    assert failure(check_gradients, lambda x: x * rng.random(), X).kind == "value"


def test_a_gradient_lost_on_the_way_is_found():
    for lost in (lambda x: x.numpy() * 2 + 0 * x, lambda x: x.numpy() * 2):
        diagnosis = failure(check_gradients, lost, X).diagnosis
        assert diagnosis == "ratio 0: a path from this argument to the output is cut or has no gradient"


def test_derivatives_inside_the_function_are_recorded():
    def penalty(x):
        y = np.sum(np.tanh(x) * x)
        return np.sum(gradients(y, x, create_graph=True) ** 2)

    assert check_gradients(penalty, X, order=2)


# Second order -----------------------------------------------------------------------------------------


def test_second_order_finds_what_the_first_does_not():
    halfway = primitive(np.tanh, name="halfway", x=lambda g, y: g * (1 - raw(y) ** 2))
    assert check_gradients(halfway, X)
    error = failure(check_gradients, halfway, X, order=2)
    assert "wrong second derivative of `halfway`" in str(error)
    made = "cotangent shape dtype alias repeatable zero value inputs linear forward layouts symmetric"
    assert " ".join(re.findall(r"(\w+) (?:ok|FAILED)", str(error))) == made
    assert check_gradients(np.tanh, X, order=2).comparisons == 2 + 4


def test_a_gradient_that_is_right_here_but_not_that_of_a_function_has_no_symmetric_hessian():
    around = np.array([[0.0, 1.0, -2.0], [-1.0, 0.0, 3.0], [2.0, -3.0, 0.0]])
    f = primitive(lambda x: np.sum(x**2), name="f", x=lambda g, x: g * (2 * x + np.matmul(around, x - B)))
    assert check_gradients(f, B)
    assert failure(check_gradients, f, B, order=2).kind == "symmetric"


@pytest.mark.parametrize("seed", range(20))
def test_a_sign_of_the_cotangent_that_is_lost_is_found_with_every_seed(seed):
    assert failure(check_vjp, np.sin, lambda g, x: (np.abs(g) * np.cos(x),), 0.5, seed=seed)


@pytest.mark.parametrize("seed", range(20))
def test_a_gradient_that_is_nan_for_cotangents_of_one_sign_is_found_with_every_seed(seed):
    error = failure(check_vjp, np.sin, lambda g, x: (np.where(g < 0, np.nan, g) * np.cos(x),), 0.4, seed=seed)
    assert error.diagnosis.startswith("nan or inf ")


def test_a_lost_sign_is_found_beside_an_infinite_slope_and_where_the_value_is_not_finite():
    root = failure(check_vjp, np.sqrt, lambda g, x: (np.abs(g) * 0.5 / np.sqrt(x),), np.array([0.0, 2.0]))
    assert root.kind == "derivative"
    assert failure(check_vjp, np.log, lambda g, x: (np.abs(g) / x,), np.array([-1.0, 2.0])).kind == "linear"


def test_a_pullback_that_is_nan_on_tensors_only_is_found():
    times = primitive(np.tanh, name="times", x=lambda g, y: g * (1 - y * y) * (np.nan if type(g) is Tensor else 1.0))
    plus = primitive(np.tanh, name="plus", x=lambda g, y: g * (1 - y * y) + (np.nan if type(g) is Tensor else 0.0))
    assert failure(check_gradients, times, B).kind == "forward"
    assert failure(check_gradients, plus, B, order=2).kind == "recorded"


def test_a_cotangent_of_0_may_give_nan_where_the_slope_is_infinite():
    vjp = lambda g, x: (g * 0.5 / np.sqrt(x),)
    assert check_vjp(np.sqrt, vjp, np.array([0.0, 2.0])).verdict == "unresolved"


def test_second_order_with_respect_to_two_arguments():
    assert check_gradients(np.arctan2, X, B, order=2)
    assert check_gradients(lambda z: np.real(np.sum(z**3)), X + 1j, order=2)


def test_a_term_that_only_the_recorded_pullback_has_is_found_at_second_order():
    more = primitive(np.tanh, name="more", x=lambda g, y: g * (1 - y * y) + (0.1 if type(g) is Tensor else 0.0))
    assert check_gradients(more, X)
    assert failure(check_gradients, more, X, order=2).kind == "recorded"


# Low precision ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.complex64])
def test_low_precision_agrees_with_float64(dtype):
    assert check_gradients(lambda x, b: np.sum(np.tanh(x) * b, axis=0), X.astype(dtype), B.astype(dtype))


def test_the_lowest_precision_among_the_arguments_is_what_is_asked_for():
    assert check_gradients(lambda x, b: np.sum(np.tanh(x) * b), X.astype(np.float16), X.astype(np.float32))


def test_a_rule_that_loses_digits_in_float32_is_found():
    naive = primitive(np.expm1, name="naive", x=lambda g, x: g * ((1 + (np.exp(x) - 1) * 1e-6 - 1) * 1e6 + 1))
    assert check_gradients(naive, X)
    assert failure(check_gradients, naive, X.astype(np.float32)).kind == "low precision"


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_low_precision_lets_pass_about_600_roundings_of_one_term(dtype):
    unit = np.finfo(dtype).eps / 2

    def off(roundings):
        factor = lambda g: 1 + roundings * unit if g.dtype == dtype else 1
        return lambda g, x: ((g.astype(float) * factor(g)).astype(g.dtype),)

    identity = lambda x: x * x.dtype.type(1)
    assert check_vjp(identity, off(560), dtype(0.75))
    assert failure(check_vjp, identity, off(650), dtype(0.75)).kind == "low precision"


@pytest.mark.parametrize("f", [lambda x: np.sin(1e3 * x), lambda x: x + 1e4 / 3])
def test_low_precision_is_what_rounding_of_arguments_and_value_amounts_to(f):
    assert check_gradients(f, X.astype(np.float32))


def test_low_precision_takes_the_infinite_slope_of_float64_for_the_same():
    assert check_gradients(np.sqrt, np.array([0.0, 2.0], np.float32)).verdict == "unresolved"


@pytest.mark.parametrize("scale", [1e-25, 1e25])
def test_low_precision_is_not_judged_where_squares_leave_its_range(scale):
    assert check_gradients(lambda x: 2 * x, scale * X.astype(np.float32)).unresolved == 1


def test_low_precision_is_not_judged_where_the_value_itself_has_no_digits_in_it():
    cancels = lambda x: ((x + 1e8) - 1e8) ** 2
    assert check_gradients(cancels, X)
    assert check_gradients(cancels, X.astype(np.float32)).unresolved == 1


def test_parameters_in_float32_have_it_again_afterwards():
    w = Tensor(B.astype(np.float32), requires_grad=True)
    assert check_gradients(lambda x: np.tanh(x * w), X.astype(np.float32))
    assert (w.dtype, w.node.dtype) == (np.float32, np.float32)


# Kinks ------------------------------------------------------------------------------------------------


def test_examples_at_kinks_are_rejected_and_counted():
    report = check_gradients(F.relu, np.array([0.0, 1.0]))
    assert (report.verdict, report.kinks) == ("kink", 2)
    assert not report
    assert check_gradients(F.relu, np.array([0.1, 1.0])).kinks == 0
    assert check_gradients(F.relu, np.array([1e-9, 1.0])).verdict == "right"


def test_jumps_are_rejected_too():
    step = primitive(np.floor, name="step", x=lambda g: 0 * g)
    assert check_gradients(step, np.array([1.0, 2.5])).verdict == "kink"
    assert check_gradients(step, np.array([1.5, 2.5])).verdict == "right"
    nowhere = primitive(np.floor, name="nowhere", x=lambda g: np.where(g == 0, 0.0, np.nan))
    assert check_gradients(nowhere, np.array([1.0, 2.5])).verdict == "kink"


def test_the_derivative_at_a_kink_may_be_any_between_those_to_both_sides():
    leaky = lambda slope: primitive(
        lambda x: np.maximum(x, 0), name="leaky", x=lambda g, x: g * np.where(x == 0, slope, x > 0)
    )
    x = np.array([0.0, 1.0, 0.0, -2.0])
    for inside in (0.0, 0.3, 1.0):
        assert check_gradients(leaky(inside), x, kinks="member")
        assert check_gradients(leaky(inside), np.array([0.0, -2.0]), kinks="member")  # whose value is 0 everywhere
    for outside in (-0.5, 1.5):
        assert failure(check_gradients, leaky(outside), x, kinks="member").kind == "derivative"


def test_kinks_can_be_errors_or_not_looked_for():
    assert failure(check_gradients, F.relu, np.array([0.0, 1.0]), kinks="error").kind == "kink"
    assert failure(check_gradients, F.relu, np.array([0.0, 1.0]), kinks="ignore").kind == "derivative"
    assert check_gradients(np.abs, np.array([0.0, 1.0]), kinks="ignore")  # 0 is the mean of -1 and 1


ZERO, ZEROS = np.array(0.0), np.zeros((2, 3))


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (np.abs, [ZERO]),
        (np.abs, [np.array([0.0, 1.0], np.float32)]),
        (lambda x: np.abs(x) + x, [ZERO]),
        (lambda x: np.sum(np.abs(x)) + 1e3 * np.sum(np.sin(x)), [ZEROS]),
        (np.linalg.norm, [ZEROS]),
        (np.hypot, [ZERO, ZERO]),
        (lambda x: np.sqrt(x * x), [ZERO]),
        (lambda x: np.sqrt(x * x), [np.array([0.0, 1.0])]),
        (lambda x, a, b: np.clip(x, a, b), [np.array([1.5, 2.0, 0.0]), 1.0, 1.0]),
        (np.max, [ZEROS]),
        (lambda x: np.max(x, axis=0), [ZEROS]),
        (np.maximum, [ZEROS, ZEROS]),
    ],
)
@pytest.mark.parametrize("order", [1, 2])
def test_a_gradient_that_is_the_mean_of_the_slopes_to_both_sides_is_at_a_kink_all_the_same(f, args, order):
    report = check_gradients(f, *args, order=order)
    assert report.verdict == "kink"
    assert not report.proved or len(args) == 3


@pytest.mark.parametrize("f", [np.abs, lambda x: np.max(x, axis=0), np.linalg.norm])
def test_such_a_gradient_is_between_the_slopes_and_the_mean_of_them(f):
    assert check_gradients(f, ZEROS, kinks="member")
    assert check_gradients(f, ZEROS, kinks="ignore")


def test_the_jump_of_a_gradient_at_a_kink_is_no_mistake_at_second_order():
    assert check_gradients(np.abs, np.array([0.0, 1.0]), order=2, kinks="member").verdict == "kink"


@pytest.mark.parametrize("x", [0.0, 1e-12, np.pi, 1e8])
def test_smooth_functions_have_no_kinks(x):
    for f in (np.sin, lambda x: 1e8 + np.cos(x), lambda x: x * x, lambda x: 3 * x, lambda x: x * np.abs(x) ** 2):
        assert check_gradients(f, np.array([x, 1.0]), order=2).kinks == 0


def test_a_doubled_gradient_is_found_beside_a_kink_of_another_argument():
    rule = lambda g, x, y: (g * np.sign(x), 2 * g * np.cos(y))
    error = failure(check_vjp, lambda x, y: np.abs(x) + np.sin(y), rule, ZEROS, X)
    assert (error.argument, error.diagnosis) == ("argument 1 `y`", "ratio 2: counted twice")


# What is not known ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (np.sqrt, np.array([0.0])),
        (np.log, np.array([-1.0])),
        (lambda x: np.round(np.sin(x) * 1e12) / 1e12 + 1e8 * np.sin(1e22 * x), np.array([1.0])),
    ],
)
def test_where_differences_do_not_converge_nothing_is_claimed(f, x):
    smooth = primitive(lambda x: f(np.asarray(x)), name="f", x=lambda g, x: g * np.cos(x))
    assert check_gradients(smooth, x).verdict in ("unresolved", "kink")


def choosy(f, holds):
    """The function, which raises ValueError where that does not hold."""

    def checked(x):
        if not np.all(holds(raw(x))):
            raise ValueError("outside")
        return f(x)

    return checked


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (np.linalg.cholesky, np.array([[1.0, 1.0 - 1e-4], [1.0 - 1e-4, 1.0]])),
        (choosy(np.log, lambda x: x > 0), np.array([1e-9, 3.0])),
        (choosy(np.sin, lambda x: np.abs(x - 1) < 1e-6), np.array([1.0, 1.0])),
        (choosy(np.sin, lambda x: x < 1 + 1e-8), np.array([1.0])),
    ],
)
@pytest.mark.parametrize("order", [1, 2])
def test_an_exception_outside_the_domain_ends_the_ladder_and_not_the_check(f, x, order):
    report = check_gradients(f, x, order=order)
    assert report
    assert report.skipped == ()


def test_mistakes_are_found_next_to_where_the_function_raises():
    near = lambda x: np.abs(x - 1) < 5e-9
    error = failure(check_gradients, choosy(doubled, near), np.array([1.0, 1.0]))
    assert error.diagnosis == "ratio 2: counted twice"
    error = failure(check_vjp, choosy(np.sin, near), lambda g, x: (2 * g * np.cos(x),), np.array([1.0]))
    assert error.diagnosis == "ratio 2: counted twice"


@pytest.mark.parametrize("dtype", [float, np.float32])
def test_where_the_function_raises_next_to_its_arguments_that_is_said(dtype):
    report = check_gradients(choosy(np.sqrt, lambda x: (x == 1) | (x == 0.5)), np.array([1.0, 0.5], dtype))
    assert report.verdict == "unresolved"
    assert report.skipped == ("argument 0 `x`: next to here the function raises ValueError: outside",)


def test_an_output_of_another_size_nearby_ends_the_ladder():
    positive = lambda x: x[raw(x) > 0]
    assert check_gradients(positive, np.array([1e-9, 2.0]))
    report = check_gradients(positive, np.array([0.0, 2.0]))
    assert report.skipped == ("argument 0 `x`: next to here the function returns 2 numbers, not 1",)


def test_an_exception_at_the_arguments_is_raised():
    with pytest.raises(ValueError, match="outside"):
        check_gradients(choosy(np.log, lambda x: x > 0), np.array([-1.0, 3.0]))


def test_a_gradient_that_is_rightly_infinite_is_not_wrong():
    assert check_gradients(np.sqrt, np.array([0.0, 2.0])).verdict in ("unresolved", "kink")


def test_a_second_derivative_that_is_rightly_infinite_is_not_wrong():
    assert check_gradients(lambda x: x**1.5, np.array([0.0, 2.0]), order=2).verdict == "unresolved"


def test_oscillations_and_extreme_scales_are_resolved():
    for scale in 10.0 ** np.arange(-8, 9):
        for f in (np.sin, np.square, np.arctan, lambda x: 1 / x):
            assert check_gradients(f, scale * B)


@pytest.mark.parametrize("seed", range(20))
def test_gradients_below_the_smallest_normal_number_are_not_wrong_for_want_of_digits(seed):
    x = np.random.default_rng(seed).uniform(-740, -725, 2)
    check_gradients(lambda x: np.logaddexp(0, x), x, order=2, seed=seed)
    check_gradients(lambda x: np.exp(x / 3) * np.exp(x / 3) * np.exp(x / 3), x, order=2, seed=seed)


def test_mistakes_just_below_the_smallest_normal_number_are_found():
    x = np.array([-712.0])  # exp is 6e-310
    assert failure(check_vjp, np.exp, lambda g, x: (2 * g * np.exp(x),), x).kind == "derivative"
    assert failure(check_vjp, np.exp, lambda g, x: (np.abs(g) * np.exp(x),), x).kind == "linear"


@pytest.mark.parametrize("zeros", [0, 16])
def test_rounding_in_the_gradient_is_let_pass_and_what_it_hides_is_not_called_detectable(zeros):
    def vjp(g, x):
        large = np.sqrt(2) * g
        rounding = (large + 1e9 * g) - 1e9 * g - large  # up to 6e-8
        return (np.where(x > 0, g * np.cos(x) + rounding, 0.0),)

    x = np.append(np.linspace(0.3, 1.2, 8), np.full(zeros, -1.0))
    report = check_vjp(lambda x: np.where(x > 0, np.sin(x), 0.0), vjp, x)
    assert report
    assert report.detectable > 1e-7
    assert float(report.worst.split(": ")[1].split()[0]) <= 1


def test_zero_gradients_are_right_if_nothing_moves():
    assert check_gradients(lambda x: np.sum(F.softmax(x)), X)
    assert check_gradients(lambda x: 0 * x, X)
    assert failure(check_gradients, primitive(lambda x: 0 * x + 3, name="three", x=lambda g: g), X)


# By hand ----------------------------------------------------------------------------------------------


def test_vjp_by_hand():
    relu_layer = lambda x, w: np.maximum(x @ w, 0)

    def vjp(g, x, w):
        g = g * (x @ w > 0)
        return g @ w.T, x.T @ g

    assert check_vjp(relu_layer, vjp, X, np.outer(B, B))
    error = failure(check_vjp, relu_layer, lambda g, x, w: (g @ w.T, x.T @ g), X, np.outer(B, B))
    assert error.kind == "derivative"


def test_vjp_may_return_none_for_what_is_not_a_float():
    pick = lambda x, k: x[k]

    def vjp(g, x, k):
        slope = np.zeros_like(x)
        slope[k] = g
        return slope, None

    assert check_vjp(pick, vjp, B, 1)
    assert check_vjp(pick, vjp, B, np.array([2, 0]))


@pytest.mark.parametrize("found", [np.ones(3), (np.ones(3),) * 2])
def test_vjp_must_return_a_gradient_for_each_argument(found):
    assert "vjp must return a tuple of 1" in str(failure(check_vjp, np.sin, lambda g, x: found, B))


def test_vjp_may_return_its_cotangent_if_that_is_asked_for():
    shares = lambda g, x, b: (g, g.sum(0))
    assert failure(check_vjp, np.add, shares, X, B).kind == "alias"
    assert check_vjp(np.add, shares, X, B, aliases=True)
    error = failure(check_vjp, np.add, lambda g, x, b: (g, g.mean(0)), X, B, aliases=True)
    assert error.diagnosis.startswith("ratio 1/2 = 1/(broadcast size)")
    assert str(error).endswith(", aliases=True, seed=0)")
    assert "alias ok" not in str(error)


def test_vjp_has_a_relative_error_that_is_let_pass():
    rough = lambda g, x: (1.001 * g * np.cos(x),)
    assert check_vjp(np.sin, rough, B, rtol=0.01)
    assert str(failure(check_vjp, np.sin, rough, B, rtol=1e-4)).endswith(", rtol=0.0001, seed=0)")


# What is written to -----------------------------------------------------------------------------------


def in_place(x):
    x *= 2
    return np.sin(x)


def through_data(x):
    data = x.data
    data *= 2
    return np.sin(x)


@pytest.mark.parametrize(
    ("check", "f"),
    [
        ((check_vjp, lambda g, x: (2 * g * np.cos(2 * x),)), in_place),
        ((check_gradients,), in_place),
        ((check_gradients,), through_data),
        ((check_gradients,), primitive(in_place, name="doubling", x=lambda g, x: g * np.cos(x))),
    ],
)
@pytest.mark.parametrize("dtype", [float, np.float32])
def test_a_function_that_writes_to_its_argument_is_reported_as_that(check, f, dtype):
    x = X.astype(dtype)
    check, *vjp = check
    error = failure(check, f, *vjp, x)
    assert (error.kind, error.argument) == ("inputs", "argument 0 `x`")
    assert error.diagnosis.startswith("the function writes to its argument: write x = x * 2 for x *= 2")
    np.testing.assert_array_equal(x, X.astype(dtype))


def test_a_function_that_writes_to_a_parameter_is_reported_as_that():
    w = Tensor(B, requires_grad=True, name="w")

    def f(x):
        w.data[...] *= 2
        return x * w

    assert failure(check_gradients, f, X, wrt="w").argument == "parameter `w`"


def test_a_rule_that_writes_to_its_cotangent_or_to_what_it_kept_is_reported_as_that():
    def cotangent(g, x):
        g *= 2
        return g * np.cos(x)

    def kept(g, x):
        x *= 2
        return g * np.cos(x)

    for rule in (cotangent, kept):
        error = failure(check_gradients, primitive(np.sin, name="sine", x=rule), X)
        assert error.kind == "cotangent"
        assert error.diagnosis.startswith("mutated cotangent, or what the rule kept: write g * 2 for g *= 2")


# What is said -----------------------------------------------------------------------------------------


def test_a_notebook_shows_a_report_as_a_table_in_which_no_name_is_markup():
    report = Report("<lambda>", "right", 1200, 2, 1e-9, "x", skipped=("a", "b"), unreached=("<W>",))
    made = ElementTree.fromstring(report._repr_html_())
    assert made.findtext("caption") == "<lambda>"
    assert {row.findtext("th"): row.findtext("td") for row in made.iter("tr")} == {
        "verdict": "right",
        "directions": "2",
        "evaluations": "1,200",
        "smallest detectable error": "1e-09",
        "nearest to its tolerance": "x",
        "skipped": "a; b",
        "not reached": "<W>",
    }


def test_report_counts_and_says_what_it_found():
    report = check_gradients(bmul, X, B, wrt=0)
    assert isinstance(report, Report)
    assert (report.verdict, report.comparisons, report.unresolved, report.kinks) == ("right", 2, 0, 0)
    assert report.evaluations == 2 + 2 * 4
    assert re.fullmatch(r"argument 0 `a`, (plain|equalised) direction: \S+ of the tolerance", report.worst)
    assert str(report) == "bmul: right, 2 directions, 10 evaluations, smallest detectable error 6e-09"
    with pytest.raises(AttributeError):
        report.verdict = "wrong"


def test_checks_that_cannot_be_made_are_named():
    arrays_only = primitive(np.tanh, name="arrays_only", x=lambda g, y: np.multiply(g, 1 - y * y, out=None, order="C"))
    assert check_gradients(np.tanh, X).skipped == ()
    assert check_gradients(arrays_only, X).skipped == ("forward mode: a pullback is written for arrays only",)


def test_message_shows_the_shrunk_example_and_what_is_wrong_with_it():
    error = failure(check_gradients, bmul, X, B, seed=3)
    lines = str(error).splitlines()
    assert lines[0] == "wrong derivative of `bmul` with respect to argument 1 `b`"
    labels = [
        "shrunk example",
        "cotangent w",
        "<w, J v>  numeric",
        "autograd",
        "disagreement",
        "per element",
        "diagnosis",
    ]
    for label, line in zip([*labels, "other checks", "reproduce"], lines[1:], strict=True):
        assert line.strip().startswith(label)
    assert error.diagnosis == "ratio 1/2 = 1/(broadcast size): looks like mean, not sum, over broadcast axis 0"
    assert all(np.all(np.isin(a, [-1, 0, 1])) for a in error.example)
    assert "linear ok" in str(error)


def test_the_disagreement_is_between_the_two_numbers_above_it():
    lines = str(failure(check_vjp, np.sin, lambda g, x: (1.5 * g * np.cos(x),), 0.5)).splitlines()
    numeric, own, gap = (float(line[22:].split()[0].rstrip(";")) for line in lines[3:6])
    assert gap == pytest.approx(abs(own - numeric), 1e-3)


def test_arrays_too_long_to_be_simplified_number_by_number_are_simplified_at_once():
    error = failure(check_vjp, lambda x: x.reshape(4, 5) ** 2, lambda g, x: (g.ravel() * x,), np.linspace(0.3, 2.7, 20))
    np.testing.assert_array_equal(error.example[0], np.ones(20))


def test_of_many_arguments_each_is_simplified_as_only_the_wrong_one_is_compared_again():
    def vjp(g, *args):
        return tuple((1 + (k == 0)) * g * np.cos(x) for k, x in enumerate(args))

    error = failure(check_vjp, lambda *args: sum(map(np.sin, args)), vjp, *np.full((40, 3), 0.3))
    np.testing.assert_array_equal(np.ravel(error.example), np.zeros(40))


def test_the_most_wrong_elements_are_shown():
    numeric = np.arange(1.0, 11.0)
    autograd = numeric * (1 + np.array([1, 90, 2, 80, 3, 70, 60, 50, 40, 4]) / 1000)
    evidence = Evidence(autograd, numeric, np.zeros(10), (2, 5), numeric, [numeric], np.copy, np.zeros(10))
    *rows, rest = table(evidence, "b", "vjp")
    assert [row.partition(":")[0] for row in rows] == [
        *("b.grad[0, 1]", "b.grad[0, 3]", "b.grad[1, 0]", "b.grad[1, 1]", "b.grad[1, 2]", "b.grad[1, 3]")
    ]
    assert rows[0] == "b.grad[0, 1]: vjp 2.18, numeric 2, ratio 1.09"
    assert rest == "and 4 more"


def test_elements_that_are_hardly_known_are_not_the_most_wrong():
    numeric, error = np.arange(1.0, 11.0), np.zeros(10)
    error[2:6] = numeric[2:6] / 2
    evidence = Evidence(1.1 * numeric, numeric, error, (10,), numeric, [numeric], np.copy, np.zeros(10))
    rows = table(evidence, "b", "vjp")
    assert [row.partition(":")[0] for row in rows[:-1]] == [f"b.grad[{k}]" for k in (0, 1, 6, 7, 8, 9)]


def test_of_elements_that_are_equally_wrong_the_first_are_shown():
    numeric = np.ones(40)
    autograd = np.where(np.arange(40) < 20, 1.0, 2.0)
    evidence = Evidence(autograd, numeric, np.zeros(40), (40,), numeric, [numeric], np.copy, np.zeros(40))
    rows = table(evidence, "b", "vjp")
    assert [row.partition(":")[0] for row in rows[:-1]] == [f"b.grad[{k}]" for k in range(20, 26)]


def test_long_arrays_are_written_up_to_their_twelfth_number():
    assert format_array(np.arange(12.0)) == "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]"
    assert format_array(np.arange(14.0).reshape(2, 7)) == "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...]"


def test_the_line_that_reproduces_does():
    error = failure(check_gradients, bmul, X, B, seed=3)
    call = str(error).splitlines()[-1].split(maxsplit=1)[1]
    again = failure(lambda: eval(call, {"check_gradients": check_gradients, "bmul": bmul, "np": np}))
    assert str(again).splitlines()[2:7] == str(error).splitlines()[2:7]


@pytest.mark.parametrize(
    "value",
    [
        (1.5,),
        (1.5, 2),
        {"a": [np.array([1.0, 2.0]), "word"], "b": ()},
        np.array([1.0, np.nan, -np.inf]),
        np.array([[1 / 3, 2e-300]], np.float32) + 1j,
        np.arange(3),
        np.zeros((0, 2)),
    ],
)
def test_literals_are_code_that_makes_the_value_again(value):
    np.testing.assert_equal(eval(literal(value), {"np": np}), value)


def test_the_same_seed_gives_the_same_message():
    assert str(failure(check_gradients, doubled, X)) == str(failure(check_gradients, doubled, X))
    assert str(failure(check_gradients, doubled, X)) != str(failure(check_gradients, doubled, X, seed=1))


def test_arguments_are_as_they_were_after_a_failure():
    x, b = X.copy(), B.copy()

    def vjp(g, x, b):
        x *= 2
        return g * b, np.sum(g * x, axis=0)

    failure(check_vjp, np.multiply, vjp, x, b)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(b, B)


def test_importing_the_tester_imports_neither_hypothesis_nor_pytest():
    code = "import sys, autograd_nn.testing; print([m for m in ('hypothesis', 'pytest') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_an_infinite_gradient_that_is_0_for_a_cotangent_of_0_is_wrong():
    with pytest.raises(GradientError, match="nan or inf"):
        check_vjp(np.sin, lambda g, x: (np.where(g == 0, 0.0, np.inf),), np.array(0.5))
