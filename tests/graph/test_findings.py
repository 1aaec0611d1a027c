"""What is pointed at in one pass: each sign on both sides of its baseline, and what is no sign."""

import numpy as np
import pytest

from autograd_nn import Tensor, relu, sigmoid
from autograd_nn.graph.facts import observe
from autograd_nn.graph.findings import CAUSES, Finding, first_causes, rise


def parameter(*numbers, name=None):
    return Tensor(np.array(numbers, float), requires_grad=True, name=name)


def found(f, *inputs):
    with np.errstate(all="ignore"):
        return observe(f, *inputs).findings


def troubles(f, *inputs):
    return [finding.trouble for finding in found(f, *inputs)]


def alternating(rows, *sizes):
    """Columns that go to and fro between plus and minus their size, each in a rhythm of its own."""
    columns = [size * np.where(np.arange(rows) // (1 + i) % 2, -1.0, 1.0) for i, size in enumerate(sizes)]
    return np.stack(columns, axis=1)


# Units and outputs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("samples", "told"), [(15, []), (16, ["dead units"])])
def test_of_few_samples_no_unit_is_called_dead(samples, told):
    b = parameter(*[-5.0] * 8)
    assert troubles(lambda x: relu(x + b), alternating(samples, *[1.0] * 8)) == told


@pytest.mark.parametrize(("dead", "told"), [(6, []), (7, ["dead units"])])
def test_more_than_three_quarters_of_the_units_are_dead_before_it_is_told(dead, told):
    b = parameter(*[-5.0] * dead, *[0.0] * (8 - dead))
    assert troubles(lambda x: relu(x + b), alternating(16, *[1.0] * 8)) == told


@pytest.mark.parametrize(("flat", "told"), [(12, []), (13, ["saturation"])])
def test_more_than_three_quarters_of_the_outputs_are_flat_before_it_is_told(flat, told):
    w, v = parameter(1.0), parameter(1.0)
    x = np.r_[np.full(flat, 9.0), np.zeros(16 - flat)]
    assert troubles(lambda x: np.mean(np.tanh(x * w) * v), x) == told


def test_outputs_of_the_last_layer_may_be_flat():
    w = parameter(1.0)
    assert troubles(lambda x: np.mean(sigmoid(x * w)), np.full(20, 9.0)) == []


def test_a_gate_may_be_wide_open():
    w, v, u = parameter(1.0), parameter(1.0), parameter(1.0)
    assert troubles(lambda x: np.mean(sigmoid(x * w) * (x * v) * u), np.full(20, 9.0)) == []


def test_a_branch_with_a_way_around_it_may_be_flat():
    w, v, u = parameter(1.0), parameter(1.0), parameter(1.0)

    def loss(x, around):
        h = x * u
        return np.mean((around * h + np.tanh(h * w)) * v)

    x = np.full(20, 3.5)
    assert troubles(lambda x: loss(x, 1.0), x) == []
    assert troubles(lambda x: np.mean(np.tanh(x * u * w) * v), x) == ["saturation"]


# Along depth -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "told"), [(1.1e-4, []), (0.9e-4, ["vanishing gradient"])])
def test_a_gradient_has_vanished_when_a_ten_thousandth_is_left_at_earlier_parameters(left, told):
    a, b = parameter(1.0, name="a"), parameter(1.0, name="b")
    assert troubles(lambda x: np.mean(x * a * left * b), np.ones(4)) == told


def test_a_gradient_that_is_small_for_all_parameters_has_not_vanished():
    a, b = parameter(1.0), parameter(1.0)
    assert troubles(lambda x: 1e-12 * np.mean(x * a * b), np.ones(4)) == []


def test_a_parameter_that_is_used_again_later_gets_its_gradient_there():
    a, b = parameter(1.0), parameter(1.0)
    assert troubles(lambda x: np.mean(x * a * 1e-6 * b + x * a), np.ones(4)) == []


def test_a_gradient_that_gets_around_a_weak_branch_has_not_vanished():
    a, b, c = parameter(1.0), parameter(1.0), parameter(1.0)

    def loss(x, around):
        h = x * a
        return np.mean((around * h + h * b * 1e-6) * c)

    assert troubles(lambda x: loss(x, 1.0), np.ones(4)) == []
    assert troubles(lambda x: loss(x, 0.0), np.ones(4)) == ["vanishing gradient"]


def test_a_penalty_on_the_weights_is_no_layer():
    a, b = parameter(1.0), parameter(1.0)
    assert troubles(lambda x: 1e-6 * np.mean(x * a * b) + np.sum(a**2), np.ones(4)) == []


@pytest.mark.parametrize(("growth", "told"), [(0.9e3, []), (1.1e3, ["exploding gradient"])])
def test_a_gradient_has_exploded_when_it_grows_a_thousand_times_on_its_way_back(growth, told):
    ws = [parameter(1.0) for _ in range(8)]

    def loss(x):
        for i, w in enumerate(ws):
            x = x * w * (growth if i == 3 else 1.0)
        return np.mean(x)

    assert troubles(loss, np.ones(4)) == told


def test_what_is_multiplied_with_zeros_to_begin_with_is_not_frozen_and_with_a_constant_zero_it_is():
    a, zero = parameter(1.0, name="a"), parameter(0.0)
    assert troubles(lambda x: np.mean((x + x * a * zero) ** 2), np.ones(4)) == []
    b = parameter(1.0)
    (frozen,) = found(lambda x: np.mean((x * b + x * a * 0.0) ** 2), np.ones(4))
    assert frozen.words == "the gradient of a is exactly 0, while that of other parameters is not"


def test_of_several_results_none_is_taken_for_the_loss():
    a, b = parameter(1.0), parameter(1.0)

    def losses(x, both=True):
        return (np.mean(x * a), np.mean(x)) if both else np.mean(x * b)

    assert troubles(losses, np.ones(4)) == []
    assert troubles(lambda x: losses(x)[0], np.ones(4)) == ["frozen parameter"]


# Data ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ((1.0, 99.0), ["unscaled input"]),  # together they are large
        ((0.2, 19.0), []),
        ((0.2, 21.0), ["unscaled input"]),
        ((29.0, 29.0), []),
        ((31.0, 31.0), ["unscaled input"]),
        ((1.1e-3, 1.1e-3), []),
        ((0.9e-3, 0.9e-3), ["unscaled input"]),
    ],
)
def test_input_is_unscaled_if_features_are_a_hundred_times_apart_or_of_sizes_that_weights_do_not_fit(sizes, told):
    w = parameter(0.01, 0.01)
    assert troubles(lambda X: np.mean(X @ w), alternating(20, *sizes)) == told


def test_what_no_weight_is_multiplied_with_may_be_of_any_size():
    m = parameter(160.0)
    assert troubles(lambda x: np.mean((x - m) ** 2), alternating(20, 170.0)[:, 0]) == []


def with_constant(value, rows=20):
    return np.column_stack([alternating(rows, 1.0, 1.0), np.full(rows, value)])


@pytest.mark.parametrize(
    ("value", "bias", "told"),
    [
        (3.0, False, ["constant feature"]),
        (0.0, False, ["constant feature"]),
        (1.0, False, []),  # the intercept
        (1.0, True, ["constant feature"]),  # the intercept is there already
    ],
)
def test_a_constant_feature_is_told_unless_it_is_the_intercept(value, bias, told):
    w, b = parameter(1.0, 1.0, 1.0), parameter(0.5) if bias else 0.5
    assert troubles(lambda X: np.mean((X @ w + b) ** 2), with_constant(value)) == told


def test_of_few_samples_no_feature_is_called_constant():
    w = parameter(1.0, 1.0, 1.0)
    assert troubles(lambda X: np.mean(X @ w), with_constant(3.0, rows=15)) == []


def test_zeros_among_sparse_features_and_a_state_to_begin_with_are_no_constant_features():
    w = parameter(1.0, 1.0, 1.0)
    X = with_constant(0.0)
    X[::3] = 0.0
    assert troubles(lambda X: np.mean(X @ w), X) == []
    assert troubles(lambda X, h: np.mean(X @ w[:2] + h @ w), X[:, :2], np.zeros((20, 3))) == []


def test_a_column_that_was_joined_to_the_data_is_not_taken_for_a_feature():
    w = parameter(1.0, 1.0, 1.0)
    h = np.zeros((20, 1))
    X = alternating(20, 1.0, 1.0)
    assert troubles(lambda X: np.mean(np.concatenate([X, h], axis=1) @ w), X) == []


def test_a_column_that_is_the_label_is_told_by_its_number():
    w = parameter(1.0, 1.0, 1.0)
    X, y = alternating(20, 1.0, 1.0, 1.0), alternating(20, 1.0, 1.0, 1.0)[:, 2]
    (leak,) = found(lambda X, y: np.mean((X @ w - y / 2 + 1) ** 2), X, y)
    assert leak.words == "feature 2 of X is the label itself, up to scale: there is nothing to learn"


def test_a_feature_that_is_added_again_before_the_last_layer_is_no_label():
    A, b = Tensor(np.ones((3, 1)), requires_grad=True), parameter(1.0)
    X = alternating(20, 1.0, 1.0, 1.0)
    assert troubles(lambda X: np.mean(((np.tanh(X @ A) + X[:, :1]) * b) ** 2), X) == []


def test_an_index_is_no_label():
    w = Tensor(np.ones((2, 3)), requires_grad=True)
    X = np.column_stack([np.arange(20) / 20, alternating(20, 1.0)])
    assert troubles(lambda X: np.mean((X @ w)[np.arange(20), np.zeros(20, int)]), X) == []


# In the course of a training -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("losses", "between"),
    [
        ([], None),
        ([1.0], None),
        ([1.0, 0.5, 0.6, 0.3], None),
        ([1.0, 1.4, 0.5], None),
        ([1.0, 1.6], (0, 1)),
        ([1.0, 0.1, 0.9], None),
        ([1.0, 0.1, 1.1], (1, 2)),
        ([1.0, 0.4, 0.9, 0.4, 0.9, 0.4], None),
        ([1.0, 0.4, 0.9, 0.4, 0.9, 0.4, 0.9], (1, 2)),
        ([0.01, 0.5, -3.0], None),
        ([1.0, float("inf")], (0, 1)),
        ([1.0, None, 9.0], None),
        ([None, 9.0], None),
    ],
)
def test_a_loss_rises_as_too_large_steps_make_it(losses, between):
    assert rise(losses) == between


def test_the_earliest_comes_first_then_causes_before_effects_each_once():
    late, effect, cause = (Finding(CAUSES[i], None, "", step) for i, step in ((0, 9), (5, 2), (4, 2)))
    again = Finding(CAUSES[5], "n1", "", 7)
    assert first_causes([late, effect, again, cause]) == (cause, effect, late)


def test_more_than_a_handful_is_not_told():
    assert len(first_causes(Finding(trouble, None, "") for trouble in CAUSES)) == 5
