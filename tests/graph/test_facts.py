"""What flowed through a graph: values, cotangents, time and memory, found without changing anything."""

import gc
import json
from weakref import ref

import numpy as np
import pytest

from autograd_nn import Tensor, grad, gradients, primitive, relu, scope, sigmoid
from autograd_nn.graph import graph
from autograd_nn.graph.array_summary import statistics
from autograd_nn.graph.facts import LONG, Facts, observe
from autograd_nn.graph.trace import typical_time

X = np.linspace(-1, 2, 10).reshape(5, 2)


def weights(name="W", shape=(2, 3)):
    return Tensor(np.linspace(-1, 1, np.prod(shape)).reshape(shape), requires_grad=True, name=name)


def by_label(seen):
    return {node.name or node.label: seen.facts[node.id] for node in seen.graph.nodes}


def chain(length):
    y = Tensor(1.0, requires_grad=True)
    for _ in range(length):
        y = np.negative(y)
    return y


# Values and gradients ------------------------------------------------------------------------------


def test_every_node_of_a_function_has_its_value():
    W = weights()
    facts = by_label(observe(lambda x: np.sum(np.tanh(x @ W)), X))
    hidden = np.tanh(X @ W.data)
    assert facts["x"].value == statistics(X)
    assert facts["matmul"].value == statistics(X @ W.data)
    assert facts["tanh"].value == statistics(hidden)
    assert facts["sum"].value == statistics(np.sum(hidden))


def test_gradients_are_those_that_gradients_gives():
    W, x = weights(), Tensor(X, requires_grad=True, name="x")
    product = x @ W
    loss = np.sum(np.tanh(product))
    facts = by_label(observe(loss))
    for name, t in {"x": x, "W": W, "matmul": product, "sum": loss}.items():
        assert facts[name].gradient == statistics(gradients(loss, t, create_graph=True).data)


def test_the_gradient_of_an_array_is_that_of_its_sum():
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    assert str(by_label(observe(x * x))["x"].gradient) == "[2, 4]"


def test_of_a_tensor_the_values_that_the_tape_holds_are_known_and_the_others_not():
    W = weights()
    loss = np.sum(np.exp(W) + 1.0)
    facts = by_label(observe(loss))
    assert facts["exp"].value == statistics(np.exp(W.data))
    assert facts["add"].value is None
    assert facts["sum"].value == statistics(loss.data)


def test_a_bounded_activation_tells_how_much_of_it_is_saturated():
    facts = by_label(observe(lambda x: np.sum(np.tanh(x)) + np.sum(sigmoid(x)), np.array([0.0, 20.0])))
    assert (facts["tanh"].saturated, facts["sigmoid"].saturated, facts["sum"].saturated) == (0.5, 0.5, None)


def test_a_rectifier_tells_how_many_of_its_units_are_dead():
    facts = by_label(observe(lambda x: relu(x), np.array([[1.0, -1.0], [-1.0, -2.0]])))
    assert facts["relu"].dead == 0.5


def test_where_a_rule_refuses_the_graph_and_its_values_are_there_all_the_same():
    x = Tensor(np.ones(3), requires_grad=True)
    loss = np.sum(x * x)
    x.data -= 1.0
    seen = observe(loss)
    assert seen.trouble.startswith("no backward pass: ")
    assert len(seen.graph.nodes) == 3
    assert seen.backward == ()


def test_the_order_of_the_backward_pass_has_every_node_after_its_children():
    W = weights()
    seen = observe(lambda x: np.sum(np.tanh(x @ W) * np.exp(x @ W)), X)
    place = {id: number for number, id in enumerate(seen.backward)}
    assert all(place[edge.child] < place[edge.parent] for edge in seen.graph.edges)


# Time ----------------------------------------------------------------------------------------------


def test_nothing_is_timed_unless_it_is_asked_for():
    facts = by_label(observe(np.exp, X))["exp"]
    assert (facts.seconds, facts.pull_seconds) == (None, None)


def test_a_profile_times_operations_and_their_pullbacks_and_no_leaves():
    facts = by_label(observe(np.exp, X, profile=True))
    assert facts["exp"].seconds > 0
    assert facts["exp"].pull_seconds > 0
    assert (facts["x" if "x" in facts else "input[0]"].seconds) is None


def test_a_time_is_the_median_of_five_calls_after_one_that_warms_up(monkeypatch):
    now = iter(np.cumsum([0, 100, 0, 5, 0, 1, 0, 90, 0, 2, 0, 3]).tolist())  # before and after each of six calls
    calls = []
    monkeypatch.setattr("autograd_nn.graph.trace.perf_counter", lambda: next(now))
    assert typical_time(calls.append, (1,)) == 3
    assert len(calls) == 6


def test_an_operation_counts_its_floating_point_operations():
    W = weights()
    assert by_label(observe(lambda x: x @ W, X))["matmul"].flops == 2 * 5 * 2 * 3


# The backward pass ---------------------------------------------------------------------------------


def test_the_backward_pass_is_recorded_on_request():
    W = weights()
    seen = observe(lambda x: np.sum(np.tanh(x @ W)), X, backward=True)
    assert {node.scope[:1] for node in seen.graph.nodes} == {(), ("backward",)}


def test_its_results_are_the_gradients_of_the_parameters():
    W, b = weights(), weights("b", (3,))
    seen = observe(lambda x: np.sum(np.tanh(x @ W + b)), X, backward=True)
    dW, db = gradients(np.sum(np.tanh(X @ W + b)), [W, b])
    facts = by_label(seen)
    assert facts["gradient of W"].value == statistics(dW.data)
    assert facts["gradient of b"].value == statistics(db.data)
    assert not any(node.name == "gradient of x" for node in seen.graph.nodes)


def test_or_of_the_inputs_where_there_are_no_parameters():
    seen = observe(lambda x: np.sum(np.exp(x)), X, backward=True)
    assert by_label(seen)["gradient of x"].value == statistics(np.exp(X))


def test_the_forward_pass_comes_first_and_is_the_same():
    def f(x):
        return np.sum(np.exp(x))

    forward, both = observe(f, X).graph, observe(f, X, backward=True).graph
    assert [node.label for node in both.nodes[: len(forward.nodes)]] == [node.label for node in forward.nodes]


def test_a_parameter_stays_in_the_scope_where_the_forward_pass_uses_it():
    W, V = weights(), weights("V", (3,))

    def f(x):
        hidden = np.tanh(x @ W)
        with scope("output"):
            return np.sum(hidden @ V)

    for backward in (False, True):
        placed = {node.name: node.scope for node in observe(f, X, backward=backward).graph.nodes}
        assert (placed["W"], placed["V"]) == ((), ("output",))


def test_a_gradient_that_is_the_cotangent_itself_stays_the_cotangent():
    seen = observe(lambda x: x + 1.0, np.ones(3), backward=True)
    assert [node.name or node.label for node in seen.graph.nodes] == ["x", "add"]


def test_a_gradient_that_depends_on_nothing_is_no_trouble():
    flat = primitive(np.sign, name="flat", x=lambda g, x_shape: np.zeros(x_shape))
    assert observe(flat, np.ones(3), backward=True).trouble is None


def test_a_pullback_may_use_a_parameter():
    W = weights(shape=(3,))
    twice = primitive(lambda x: x * W.data, name="twice", x=lambda g: g * W)
    assert by_label(observe(twice, np.ones(3)))["x"].gradient == statistics(W.data)


def test_without_profile_nothing_is_timed():
    seen = observe(np.sum(np.tanh(weights())), backward=True)
    assert all(about.seconds is None and about.pull_seconds is None for about in seen.facts.values())


# Nothing is changed --------------------------------------------------------------------------------


def test_no_gradient_is_accumulated_and_no_tape_freed():
    W = weights()
    loss = np.sum(np.tanh(X @ W))
    observe(loss, profile=True, backward=True)
    assert W.grad is None
    loss.backward()
    np.testing.assert_allclose(W.grad.data, gradients(np.sum(np.tanh(X @ W)), W).data)


def test_no_value_of_the_user_is_changed():
    W, x = weights(), X.copy()
    before = W.data.copy()
    observe(lambda x: np.sum(np.tanh(x @ W)), x, profile=True, backward=True)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(W.data, before)


@pytest.mark.parametrize(
    "look", [lambda f: observe(f, X), lambda f: observe(f(Tensor(X, requires_grad=True)), backward=True)]
)
def test_an_observation_keeps_no_tape(look):
    tape = []

    def f(x):
        y = np.tanh(x)
        tape.append(ref(y.data))  # the node of tanh keeps it
        return np.sum(y)

    gc.disable()
    try:
        seen = look(f)
        assert tape[0]() is None
        assert len(seen.graph.nodes) >= 3
    finally:
        gc.enable()


def test_the_facts_are_plain_numbers():
    W = weights()
    seen = observe(lambda x: np.sum(np.tanh(x @ W)), X, profile=True)
    json.dumps([list(facts) for facts in seen.facts.values()], allow_nan=False)


def test_the_same_call_gives_an_equal_observation():
    W = weights()
    f = lambda x: np.sum(np.tanh(x @ W))
    assert observe(f, X) == observe(f, X)


# What can be looked at -----------------------------------------------------------------------------


def test_several_tensors_are_one_graph():
    x = Tensor([1.0], requires_grad=True)
    y, z = np.exp(x), np.sin(x)
    assert observe(y, z).graph == observe([y, z]).graph == graph(y, z)


def test_a_graph_is_itself_with_no_facts():
    g = graph(np.exp, X)
    seen = observe(g)
    assert (seen.graph, seen.facts) == (g, {})
    assert "draw the Tensor or the function" in seen.trouble


def test_the_title_is_the_name_of_the_function_or_the_class_of_the_model_or_the_result():
    class Model:
        def __call__(self, x):
            return np.exp(x)

    def loss(x):
        return np.sum(x)

    total = np.sum(Tensor([1.0], requires_grad=True))
    total.name = "total"
    assert [observe(loss, X).title, observe(Model(), X).title, observe(total).title] == ["loss", "Model", "total"]


def test_of_a_long_tape_the_ends_are_looked_at_and_no_facts_gathered():
    seen = observe(chain(LONG + 10))
    assert len(seen.graph.nodes) == LONG + 1
    assert seen.facts == {}
    assert seen.trouble == "of 20,011 nodes only 20,000 were looked at"


def test_of_what_a_long_tape_shares_there_is_one_edge_to_all_that_is_left_out():
    w = y = weights()
    for _ in range(LONG + 10):
        y = y + w
    edges = observe(y).graph.edges
    assert [edge.child for edge in edges if edge.parent == "n0"].count("elided") == 1


def test_and_one_from_it_to_a_node_that_two_of_them_went_into():
    before, y = weights(), weights()
    for _ in range(LONG + 10):
        before, y = y, 0.5 * (before + y)
    edges = observe(y).graph.edges
    assert len(set(edges)) == len(edges)


def test_a_tape_of_the_limit_is_looked_at_as_a_whole():
    seen = observe(chain(LONG - 1))
    assert len(seen.facts) == len(seen.backward) == LONG


def test_what_cannot_be_looked_at_is_refused():
    with pytest.raises(TypeError, match="what to draw must be a Tensor, a Graph, a function or model: got ndarray"):
        observe(X)


def test_a_fact_that_nobody_knows_is_none():
    assert set(Facts()) == {None}


def test_scopes_reach_the_graph():
    def f(x):
        with scope("inner"):
            return np.exp(x)

    assert observe(f, X).graph.nodes[-1].scope == ("inner",)


@pytest.mark.parametrize("more", [((np.ones(3),), {}), ((), {"backward": True}), ((), {"profile": True})])
def test_a_graph_holds_no_values_so_what_needs_them_is_refused(more):
    structure = graph(np.tanh(Tensor([1.0], requires_grad=True)))
    with pytest.raises(TypeError, match="give the Tensor or the function"):
        observe(structure, *more[0], **more[1])


def test_the_backward_pass_of_a_linear_function_is_recorded():
    seen = observe(lambda x: np.sum(2.0 * x), np.ones(3), backward=True)
    assert [node.label for node in seen.graph.nodes if node.backward] == ["broadcast_to", "multiply"]
    assert seen.facts[seen.graph.nodes[-1].id].value.text == "[2, 2, 2]"


def test_the_backward_pass_of_leaves_that_nobody_holds_is_recorded():
    loss = np.sum(np.tanh(Tensor([0.5], requires_grad=True)))
    assert observe(loss, backward=True).graph.nodes[-1].name == "gradient of a leaf"


def test_what_the_recorded_backward_pass_would_keep_is_not_kept():
    seen = observe(lambda x: np.sum(np.tanh(x)), np.ones(3), backward=True)
    assert not any(node.keeps for node in seen.graph.nodes if node.backward)


def test_a_part_of_the_name_backward_is_part_of_the_forward_pass():
    class Model:
        def __init__(self):
            self.backward = lambda x: np.tanh(x)

        def __call__(self, x):
            with scope("backward"):
                return self.backward(x)

    seen = observe(Model(), np.ones(3))
    assert seen.forward == ("n0", "n1")
    assert not seen.graph.nodes[1].backward


def test_the_function_that_a_transform_returns_is_walked_forward_in_all_its_nodes():
    seen = observe(grad(lambda x: np.sum(np.tanh(x) ** 2)), np.ones(3))
    assert seen.forward == tuple(node.id for node in seen.graph.nodes)


def test_a_view_is_kept_with_its_own_bytes():
    data = np.ones((1000, 2))
    W = Tensor(np.ones((2, 2)), requires_grad=True)
    assert graph(data[:10] @ W).nodes[-1].nbytes == 160


def test_a_users_primitive_is_not_judged_by_its_name():
    tanh = primitive(np.square, name="tanh", x=lambda g, x: 2 * g * x)
    seen = observe(lambda x: tanh(x), np.full(100, 5.0))
    assert seen.facts["n1"].saturated is None


def test_the_values_that_a_tape_has_not_kept_are_missed_with_a_way_to_see_them():
    x = Tensor(np.ones(3), requires_grad=True)
    assert observe(np.sum(np.tanh(x) + 1.0)).trouble == "the tape keeps few values: draw a function to see all"
    assert observe(lambda x: np.sum(np.tanh(x) + 1.0), np.ones(3)).trouble is None
