"""The Graph value: what the tape recorded, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_nn import Tensor, gradients, no_grad
from autograd_nn.graph import GraphEdge, graph


def leaf(name=None, shape=(3,)):
    return Tensor(np.full(shape, 0.5), requires_grad=True, name=name)


def test_an_operation_tells_its_primitive_shape_and_dtype():
    x = leaf(shape=(2, 3))
    node = graph(np.tanh(x)).nodes[-1]
    assert (node.kind, node.label, node.shape, node.dtype) == ("operation", "tanh", (2, 3), np.dtype(float))


def test_x_times_x_has_two_edges_from_one_node():
    x = leaf()
    assert graph(x * x).edges == (GraphEdge("n0", "n1", "a"), GraphEdge("n0", "n1", "b"))


def test_both_sides_of_a_diamond_start_at_one_node():
    x = leaf("x")
    g = graph(np.exp(x) + np.tanh(x))
    assert [node.label for node in g.nodes] == ["x", "exp", "tanh", "add"]
    assert [edge[:2] for edge in g.edges] == [("n0", "n1"), ("n0", "n2"), ("n1", "n3"), ("n2", "n3")]


def test_leaves_that_require_a_gradient_are_parameters_and_the_others_constants():
    x, c = leaf(), Tensor([1.0, 2.0, 3.0])
    assert [node.kind for node in graph(x * c).nodes] == ["parameter", "constant", "operation"]


def test_a_parameter_alone_is_a_graph_of_one_parameter():
    (node,) = graph(leaf("w")).nodes
    assert (node.id, node.kind, node.label, node.arguments, node.keeps) == ("n0", "parameter", "w", (), ())


def test_a_constant_that_is_used_twice_is_one_node():
    x, c = leaf(), Tensor([1.0, 2.0, 3.0])
    assert [node.kind for node in graph((x * c) * c).nodes].count("constant") == 1


def test_plain_arrays_and_numbers_are_not_in_the_graph():
    x = leaf()
    assert graph(2.0 * x).edges == (GraphEdge("n0", "n1", "b"),)


def test_the_label_of_a_leaf_is_its_name_or_its_kind():
    w, v, c, d = leaf("w"), leaf(), Tensor([1.0], name="c"), Tensor([1.0])
    assert {node.label for node in graph(w * c + v * d).nodes} == {"w", "parameter", "c", "constant", "multiply", "add"}


def test_a_named_result_has_its_name_beside_the_primitive():
    loss = np.sum(leaf())
    loss.name = "loss"
    node = graph(loss).nodes[-1]
    assert (node.label, node.name) == ("sum", "loss")


@pytest.mark.parametrize(
    ("expression", "keeps"),
    [
        (lambda x: x + x, set()),
        (lambda x: np.exp(x), {"y"}),
        (lambda x: x * np.ones(3), {"b"}),
        (lambda x: x * Tensor(np.ones(3)), {"b"}),
        (lambda x: x * x, {"a", "b"}),
    ],
)
def test_a_node_tells_what_its_pullbacks_keep(expression, keeps):
    assert set(graph(expression(leaf())).nodes[-1].keeps) == keeps


def test_several_outputs_share_their_nodes():
    x = leaf()
    y = np.exp(x)
    g = graph(np.sum(y), np.mean(y), y)
    assert [node.label for node in g.nodes] == ["parameter", "exp", "sum", "mean"]


def test_each_joined_operand_has_its_edge_in_order():
    a, b = leaf("a"), leaf("b")
    assert [edge[:2] for edge in graph(np.concatenate([b, a, b])).edges] == [("n1", "n2"), ("n0", "n2"), ("n1", "n2")]


def test_a_recorded_backward_pass_has_a_graph():
    x = leaf("x")
    g = graph(gradients(np.sum(np.tanh(x)), x, create_graph=True))
    assert "cosh" in {node.label for node in g.nodes}
    assert g.nodes[0].label == "x"


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=30))
def test_the_graph_is_what_was_computed_and_every_node_comes_after_its_parents(program):
    tensors, parents = [leaf("t0", ())], [()]
    for i, j in program:
        pair = (i % len(tensors), j % len(tensors))
        tensors.append(tensors[pair[0]] + tensors[pair[1]])
        tensors[-1].name = f"t{len(parents)}"
        parents.append(pair)
    g = graph(*tensors)
    assert [(node.id, node.name) for node in g.nodes] == [(f"n{k}", f"t{k}") for k in range(len(tensors))]
    assert [edge[:2] for edge in g.edges] == [(f"n{p}", f"n{k}") for k, pair in enumerate(parents) for p in pair]


def test_the_same_code_gives_an_equal_graph():
    def run():
        x = leaf("x")
        return graph(np.sum(np.tanh(x) * Tensor(np.ones(3))))

    assert run() == run()
    assert hash(run()) == hash(run())


def test_taking_the_graph_changes_nothing():
    x = leaf()
    loss = np.sum(x * x)
    assert graph(loss) == graph(loss)
    loss.backward()
    np.testing.assert_array_equal(x.grad.data, 2 * x.data)


def test_a_chain_of_100_000_operations_has_a_graph():
    x = y = leaf(shape=())
    for _ in range(100_000):
        y = y + x
    assert repr(graph(y)) == "<Graph of 100001 nodes and 200000 edges>"


def test_a_graph_of_nothing_is_refused():
    with pytest.raises(TypeError, match="at least one Tensor"):
        graph()


def test_a_graph_of_an_array_is_refused():
    with pytest.raises(TypeError, match="takes Tensors: got ndarray"):
        graph(np.ones(3))


def test_a_graph_of_a_constant_is_refused_by_name():
    with pytest.raises(ValueError, match=r"graph\(\) of target: nothing was recorded"):
        graph(Tensor([1.0], name="target"))


def test_a_graph_of_what_no_grad_computed_is_refused():
    x = leaf()
    with no_grad():
        y = x * x
    with pytest.raises(ValueError, match="no_grad"):
        graph(y)


@pytest.mark.parametrize("later", [lambda y, loss: loss, lambda y, loss: np.sum(y)])
def test_the_graph_of_a_freed_tape_is_refused(later):
    y = np.tanh(leaf())
    loss = np.sum(y)
    loss.backward()
    with pytest.raises(RuntimeError, match="the tape was freed"):
        graph(later(y, loss))


def test_a_graph_is_there_also_after_an_update_that_backward_would_refuse():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()
    x.data -= 1.0
    assert len(graph(y).nodes) == 3
