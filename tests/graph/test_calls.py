"""A function that is made of several operations is drawn as what the user wrote; totals are those of the whole."""

import numpy as np
import pytest

from autograd_nn import Tensor, grad
from autograd_nn.draw import draw
from autograd_nn.graph import graph
from autograd_nn.graph.array_summary import statistics
from autograd_nn.graph.calls import as_called
from autograd_nn.graph.facts import LONG, observe

X = np.random.default_rng(0).normal(size=(3, 8))


def labels(seen):
    return [node.label for node in seen.graph.nodes]


def test_a_call_is_one_node_with_the_id_and_the_facts_of_its_result():
    seen = observe(lambda x: np.exp(np.cov(x)), X, profile=True)
    called = as_called(seen)
    assert labels(called) == ["x", "cov", "exp"]
    result = seen.graph.nodes[-2]
    assert called.graph.nodes[1].id == result.id
    assert called.facts[result.id].value == seen.facts[result.id].value
    assert called.facts[result.id].gradient == seen.facts[result.id].gradient
    inside = [node for node in seen.graph.nodes if node.scope == ("cov",)]
    assert called.graph.nodes[1].stands_for == len(inside) > 5
    assert called.facts[result.id].flops == sum(seen.facts[node.id].flops for node in inside)
    assert called.graph.nodes[1].nbytes == sum(node.nbytes for node in inside)
    assert called.totals == seen.totals


def test_its_edges_come_from_what_went_in_and_go_to_what_used_its_result():
    called = as_called(observe(lambda x, w: np.average(x, axis=1, weights=w) * 2.0, X, np.ones(8)))
    call, product = [node.id for node in called.graph.nodes[2:]]
    assert {(edge.parent, edge.child) for edge in called.graph.edges} == {("n0", call), ("n1", call), (call, product)}


def test_both_ways_go_only_through_what_is_there():
    called = as_called(observe(lambda x: np.exp(np.cov(x)), X))
    ids = [node.id for node in called.graph.nodes]
    assert list(called.forward) == ids
    assert list(called.backward) == ids[::-1]


def test_a_function_of_several_results_stays_a_scope():
    f = lambda x: np.add(*np.gradient(x))
    assert labels(as_called(observe(f, X))) == labels(observe(f, X))


def test_what_a_backward_pass_records_stays_as_it_is():
    f = grad(lambda x: np.sum(np.cov(x)))
    assert labels(as_called(observe(f, X))) == labels(observe(f, X))


def test_drawings_show_calls():
    lines = str(draw(lambda x: np.cov(x), X)).splitlines()
    assert len(lines) == 2
    assert " = cov(n0)  # test_calls.py:" in lines[1]


def test_a_graph_has_all_operations():
    assert len(graph(lambda x: np.cov(x), X).nodes) > 5


# Totals --------------------------------------------------------------------------------------------


def test_totals_are_those_of_all_nodes():
    w = Tensor(np.ones((8, 2)), requires_grad=True)
    seen = observe(lambda x: np.tanh(x @ w), X, profile=True)
    assert seen.totals[:5] == (4, 2, 16, 3 * 2 * 8, 2 * 3 * 8 * 2 + 6)
    assert seen.totals.seconds > 0


@pytest.mark.parametrize("more", [10, 1000])
def test_of_a_tape_that_was_not_read_whole_all_are_counted(more):
    w = y = Tensor(np.ones(2), requires_grad=True)
    for _ in range(LONG + more):
        y = -y
    v = Tensor(np.ones(3), requires_grad=True)
    seen = observe(np.sum(y) + np.sum(v))
    assert seen.totals[:3] == (LONG + more + 5, LONG + more + 3, w.size + v.size)


def test_a_given_graph_has_totals_as_far_as_it_knows():
    w = Tensor(np.ones(2), requires_grad=True)
    assert observe(graph(np.exp(w))).totals == (2, 1, 2, 16, None, None)


def test_a_call_hands_on_the_sum_of_what_its_operations_hand_to_nodes_outside():
    a, b = np.random.default_rng(1).normal(size=(2, 4))
    called = as_called(observe(lambda a, b: np.sum(np.average(a, weights=b)) + np.sum(a * 3.0), a, b))
    label = {node.id: node.label for node in called.graph.nodes}
    flows = {(label[id], flow.argument): flow for id, about in called.facts.items() for flow in about.handed or ()}
    product, call = flows["multiply", "a"], flows["average", "n0"]
    assert (product.number, product.contribution, str(product.total)) == (1, None, "[3, 3, 3, 3]")
    assert (call.number, call.total) == (2, None)
    assert call.contribution == statistics(b / b.sum())
    whole = flows["average", "n1"]
    assert (whole.number, whole.contribution, whole.total) == (1, None, None)  # two of its operations use the weights
