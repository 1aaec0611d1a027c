"""What flows along each edge in the backward pass: contributions that add up to the gradients, step by step."""

import numpy as np
import pytest
from random_graphs import grown

from autograd_nn import Tensor, gradients, primitive, sigmoid
from autograd_nn.engine.backward import pull
from autograd_nn.engine.gradients import seeds_of
from autograd_nn.engine.tensor import tensor
from autograd_nn.graph.array_summary import statistics
from autograd_nn.graph.facts import observe
from autograd_nn.graph.flows import arrivals
from autograd_nn.graph.program import tape_of


def walked(output):
    """The tape of an output, and each contribution of its backward pass."""
    tape, seeds = tape_of([output]), seeds_of([(output, np.ones(output.shape))], False)
    return tape, seeds, [*arrivals(tape, seeds, pull(tape[::-1], seeds, wanted=set(tape)))]


def grown_output(seed):
    """What a random graph computes from leaves that require a gradient; None if that is a constant."""
    with np.errstate(all="ignore"):
        graph, arrays = grown(seed)
        y = graph(*(Tensor(a, requires_grad=True) for a in arrays))
    return y if type(y) is Tensor and y.node is not None else None


def difference(output):
    """How far, at any step of the walk, what has come to a node is from its gradient when it is its turn."""
    tape, seeds, walk = walked(output)
    with np.errstate(all="ignore"):
        found = gradients(output, [tensor(np.zeros(n.shape, n.dtype), n) for n in tape], np.ones(output.shape))
    holds, worst = dict(seeds), 0.0
    for node, gradient in zip(tape[::-1], found[::-1], strict=True):
        scale = np.max(np.abs(gradient.data), initial=1.0)
        gap = np.abs(holds.get(node, 0) - gradient.data) / scale
        worst = max(worst, np.max(gap, initial=0.0)) if np.isfinite(gradient.data).all() else worst
        for arrival in walk:
            if arrival.child is node:
                earlier = holds.get(arrival.parent)
                holds[arrival.parent] = arrival.contribution if earlier is None else earlier + arrival.contribution
                np.testing.assert_array_equal(holds[arrival.parent], arrival.total)
    return worst


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_at_every_step_of_random_graphs_the_contributions_add_up_to_the_gradients(first):
    outputs = [y for seed in range(first, first + 50) if (y := grown_output(seed)) is not None]
    assert len(outputs) > 40
    assert max(map(difference, outputs)) < 1e-12


def handed(f, *inputs):
    """What each operation hands to each argument: {(label, argument): flow}."""
    seen = observe(f, *inputs)
    return {(node.label, flow.argument): flow for node in seen.graph.nodes for flow in seen.facts[node.id].handed or ()}


def test_what_sin_hands_on_is_multiplied_by_the_cosine():
    flow = handed(lambda a: a * 3.0 + np.sin(a) * 10, 2.0)["sin", "a"]
    assert flow.total.text == f"{10 * np.cos(2.0):.4g}"  # the first to arrive: the gradient is not there yet
    assert (flow.slope, flow.factor) == ("cos(2)", f"{np.cos(2.0):.4g}")


def test_the_last_contribution_completes_the_gradient():
    found = handed(lambda a: a * 3.0 + np.sin(a), 2.0)
    assert found["sin", "a"].number == 1
    last = found["multiply", "a"]
    assert (last.contribution.text, last.total, last.number) == ("3", None, 2)


def test_a_result_that_others_use_starts_from_its_own_seed():
    a = Tensor(2.0, requires_grad=True, name="a")
    b = a * 3.0
    _, _, walk = walked(b)
    assert [arrival.total.item() for arrival in walk] == [3.0]
    seen = observe([b, b * 5.0])
    (flow,) = seen.facts["n2"].handed
    assert (flow.contribution.text, flow.total, seen.facts["n1"].gradient.text) == ("5", None, "6")


def test_where_nothing_flows_nothing_is_handed_on():
    a, c = Tensor(2.0, requires_grad=True), Tensor(3.0)
    seen = observe(a * c)
    assert [flow.argument for flow in seen.facts["n2"].handed] == ["a"]
    assert seen.facts["n0"].handed is None


def test_a_selection_hands_on_a_whole_array():
    a = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    flow, *_ = observe(np.sum(a[:2]) + np.sum(a[1:])).facts["n3"].handed
    assert flow.total.text == "[0, 1, 1]"


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (np.cos, "-sin(0.5)"),
        (np.exp, "1.649"),
        (np.log, "1 / 0.5"),
        (np.negative, "-1"),
        (np.positive, "1"),
        (np.tanh, "1 / cosh(0.5) / cosh(0.5)"),
        (sigmoid, None),  # written with a function of the package's own, which a reader does not know
        (lambda a: np.sqrt(a) * -1.0, "-1"),
    ],
)
def test_what_a_rule_multiplies_by_is_read_from_the_rule(f, slope):
    assert [*handed(f, 0.5).values()][-1].slope == slope


def test_of_an_array_the_slope_has_the_names_of_the_arguments():
    flow = handed(np.sin, np.ones(20))["sin", "a"]
    assert (flow.slope, flow.factor) == ("cos(a)", None)


def test_of_an_operand_that_was_broadcast_no_factor_is_said():
    found = handed(lambda a, b: a * b, np.ones(3), 2.0)
    assert found["multiply", "a"].factor == "[2, 2, 2]"
    assert found["multiply", "b"].factor is found["multiply", "b"].slope is None


def test_a_cotangent_of_0_tells_no_factor():
    assert handed(lambda a: np.sin(a) * 0.0, 2.0)["sin", "a"].factor is None


def test_of_a_rule_of_the_users_own_only_the_factor_is_known():
    double = primitive(lambda x: 2 * x, x=lambda g: 2 * g, name="sin", elementwise=True)
    flow = handed(double, 1.5)["sin", "x"]
    assert (flow.slope, flow.factor) == (None, "2")


def test_numbers_that_overflow_are_counted_as_in_any_array():
    with np.errstate(over="ignore"):
        flow = handed(lambda a: a + np.exp(a), 1000.0)["exp", "a"]
    assert flow.factor is None
    assert flow.contribution == statistics(np.array(np.inf))
