"""The Graph value: what the tape recorded, and nothing else."""

import re
from threading import Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_nn import Tensor, anomaly, gradients, no_grad, scope
from autograd_nn.functional import gelu, softmax
from autograd_nn.graph import GraphEdge, graph


def leaf(name=None, shape=(3,)):
    return Tensor(np.full(shape, 0.5), requires_grad=True, name=name)


def kept(g):
    """What nodes keep, with its bytes, by their labels."""
    return {node.label: dict(node.keeps) for node in g.nodes if node.kind == "operation"}


# Nodes and edges -----------------------------------------------------------------------------------


def test_an_operation_tells_its_primitive_shape_and_dtype():
    x = leaf(shape=(2, 3))
    node = graph(np.tanh(x)).nodes[-1]
    assert (node.kind, node.label, node.shape, node.dtype) == ("operation", "tanh", (2, 3), np.dtype(float))


def test_x_times_x_has_two_edges_from_one_node():
    x = leaf()
    assert graph(x * x).edges == (GraphEdge("n0", "n1", "a", False), GraphEdge("n0", "n1", "b", False))


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
    assert graph(2.0 * x).edges == (GraphEdge("n0", "n1", "b", False),)


def test_the_label_of_a_leaf_is_its_name_or_its_kind():
    w, v, c, d = leaf("w"), leaf(), Tensor([1.0], name="c"), Tensor([1.0])
    assert {node.label for node in graph(w * c + v * d).nodes} == {"w", "parameter", "c", "constant", "multiply", "add"}


def test_a_named_result_has_its_name_beside_the_primitive():
    loss = np.sum(leaf())
    loss.name = "loss"
    node = graph(loss).nodes[-1]
    assert (node.label, node.name) == ("sum", "loss")


def test_several_outputs_share_their_nodes():
    x = leaf()
    y = np.exp(x)
    g = graph(np.sum(y), np.mean(y), y)
    assert [node.label for node in g.nodes] == ["parameter", "exp", "sum", "mean"]


@pytest.mark.parametrize("join", [np.concatenate, np.stack])
def test_each_joined_operand_has_its_edge_in_order_and_with_its_number(join):
    a, b = leaf("a"), leaf("b")
    assert [edge[:3] for edge in graph(join([b, a, b])).edges] == [
        ("n1", "n2", "arrays[0]"),
        ("n0", "n2", "arrays[1]"),
        ("n1", "n2", "arrays[2]"),
    ]


def test_the_number_of_a_joined_operand_counts_arrays_too():
    (edge,) = graph(np.concatenate([np.ones(3), leaf()])).edges
    assert edge.argument == "arrays[1]"


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


# Broadcasting and changes in place -----------------------------------------------------------------


def test_an_edge_says_whether_an_elementwise_operation_broadcasts():
    assert [edge.broadcast for edge in graph(leaf(shape=(2, 3)) + leaf()).edges] == [False, True]


def test_other_operations_do_not_broadcast_though_shapes_differ():
    assert not any(edge.broadcast for edge in graph(np.sum(leaf(shape=(2, 3)) @ leaf())).edges)


def test_a_column_that_is_repeated_along_the_rows_of_a_matrix_is_broadcast():
    assert [edge.broadcast for edge in graph(leaf(shape=(2, 1)) + leaf(shape=(2, 3))).edges] == [True, False]


def test_an_update_in_place_is_marked():
    x = leaf()
    y = np.exp(x)
    y *= 2.0
    y[0] = 0.0
    assert [(node.label, node.in_place) for node in graph(y).nodes[1:]] == [
        ("exp", False),
        ("multiply", True),
        ("setitem", True),
    ]


def test_an_operation_is_not_in_place_by_itself():
    assert not any(node.in_place for node in graph(leaf() * 2.0).nodes)


def test_a_leaf_that_was_changed_after_its_use_says_so():
    x = leaf()
    y = np.sum(x * x)
    x.data -= 1.0
    assert [node.changed for node in graph(y).nodes] == [True, False, False]


def test_a_leaf_that_was_changed_before_its_use_does_not_say_so():
    x = leaf()
    x.data -= 1.0
    assert not graph(x * x).nodes[0].changed


def test_a_graph_is_there_also_after_an_update_that_backward_would_refuse():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()
    x.data -= 1.0
    assert len(graph(y).nodes) == 3


# What is kept --------------------------------------------------------------------------------------


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
    assert {name for name in dict(graph(expression(leaf())).nodes[-1].keeps) if not name.endswith("_shape")} == keeps


def test_a_value_that_is_kept_counts_its_bytes():
    assert kept(graph(np.exp(leaf(shape=(5, 2))))) == {"exp": {"y": 80}}


def test_a_value_that_two_nodes_keep_counts_once():
    y = np.exp(leaf())
    assert kept(graph(np.sin(y), np.cos(y))) == {"exp": {"y": 24}, "sin": {"a": 0}, "cos": {"a": 0}}


def test_a_broadcast_array_counts_the_bytes_that_it_has_and_not_those_that_it_seems_to_have():
    y = leaf(shape=(1000, 3)) * np.broadcast_to(np.ones(3), (1000, 3))
    assert kept(graph(y)) == {"multiply": {"b": 24}}


def test_what_a_leaf_holds_is_no_memory_of_the_tape():
    x, c = leaf(), Tensor(np.ones(3))
    assert sum(node.nbytes for node in graph(x * c, x.reshape(3, 1) * 2.0).nodes) == 0


def test_what_only_the_gradient_of_an_input_would_need_is_not_kept_in_training():
    w = leaf()
    g = graph(lambda x: np.sum(np.exp(x) * w), np.ones(3))
    assert kept(g)["exp"] == {}
    assert sum(kept(g)["multiply"].values()) == 24


def test_a_function_without_parameters_keeps_what_the_gradient_of_its_inputs_needs():
    assert kept(graph(np.exp, np.ones(3))) == {"exp": {"y": 24}}


# Scopes by hand ------------------------------------------------------------------------------------


def scopes(*outputs):
    return [".".join(node.scope) for node in graph(*outputs).nodes if node.kind == "operation"]


def test_operations_in_a_scope_are_in_it_and_others_are_not():
    y = np.exp(leaf())
    with scope("hidden"):
        y = np.tanh(y)
    assert scopes(np.sum(y)) == ["", "hidden", ""]


def test_scopes_nest():
    with scope("outer"):
        y = np.exp(leaf())
        with scope("inner"):
            y = np.tanh(y)
    assert scopes(y) == ["outer", "outer.inner"]


def test_a_scope_that_is_entered_several_times_is_numbered():
    y = leaf()
    for _ in range(3):
        with scope("cell"):
            y = np.tanh(y)
    assert scopes(y) == ["cell[0]", "cell[1]", "cell[2]"]


def test_a_scope_decorates_a_function():
    @scope("activation")
    def f(x):
        return np.tanh(x)

    assert scopes(f(leaf()) + f(leaf())) == ["activation[0]", "activation[1]", ""]


def test_an_exception_leaves_the_scope():
    with pytest.raises(ZeroDivisionError), scope("hidden"):
        raise ZeroDivisionError
    assert scopes(np.exp(leaf())) == [""]


def test_a_thread_does_not_see_the_scopes_of_another():
    found = []
    with scope("mine"):
        thread = Thread(target=lambda: found.extend(scopes(np.exp(leaf()))))
        thread.start()
        thread.join()
    assert found == [""]


def test_a_parameter_is_in_the_scope_that_all_its_uses_are_in():
    w, v = leaf("w"), leaf("v")
    with scope("outer"):
        with scope("a"):
            y = np.exp(v) * w
        with scope("b"):
            y = y * w
    assert [node.scope for node in graph(y).nodes[:2]] == [("outer",), ("outer", "a")]


def test_data_with_a_name_are_in_no_scope():
    with scope("hidden"):
        y = leaf("w") * Tensor(np.ones(3), name="X")
    assert {node.label: node.scope for node in graph(y).nodes} == {"w": ("hidden",), "X": (), "multiply": ("hidden",)}


def test_a_constant_without_a_name_is_in_the_scope_of_its_use():
    with scope("hidden"):
        y = leaf() * Tensor(np.ones(3))
    assert {node.scope for node in graph(y).nodes} == {("hidden",)}


@pytest.mark.parametrize("name", ["", None, 3])
def test_a_scope_without_a_name_is_refused(name):
    with pytest.raises(TypeError, match=re.escape(f"as in scope('encoder'): got {name!r}")), scope(name):
        pass


# Lines ---------------------------------------------------------------------------------------------


def text_of(node):
    """The text of the line in this file that made the node."""
    assert node.line.place == f"test_value.py:{node.line.number}"
    return node.line.text


def test_in_a_scope_nodes_know_the_line_that_made_them():
    with scope("here"):
        y = np.exp(leaf())
    assert text_of(graph(y).nodes[-1]) == "y = np.exp(leaf())"


def test_in_anomaly_mode_nodes_know_the_line_that_made_them():
    with anomaly():
        y = np.exp(leaf())
    assert text_of(graph(y).nodes[-1]) == "y = np.exp(leaf())"


def test_without_either_they_do_not():
    assert graph(np.exp(leaf())).nodes[-1].line is None


@pytest.mark.parametrize("compound", [lambda x: np.linalg.norm(x), lambda x: gelu(x) + softmax(x), lambda x: x.std()])
def test_the_line_is_the_users_also_where_functions_are_composed_of_others(compound):
    for node in graph(compound, np.ones(3)).nodes[1:]:
        assert "compound" in text_of(node)


def test_a_node_of_the_backward_pass_has_the_line_that_it_is_the_pullback_of():
    x = leaf()
    with scope("here"):
        y = np.sum(np.sinh(x))
    g = graph(lambda: gradients(y, x, create_graph=True))
    cosh = next(node for node in g.nodes if node.label == "cosh")
    assert text_of(cosh) == "y = np.sum(np.sinh(x))"


# As text -------------------------------------------------------------------------------------------


def test_a_small_network_reads_as_a_program():
    X, W, b = Tensor(np.ones((5, 2)), name="X"), leaf("W", (2, 3)), leaf("b")
    hidden = np.tanh(X @ W + b)
    hidden.name = "hidden"
    total = np.concatenate([2.0 * hidden, hidden])
    total /= 2.0
    assert str(graph(np.sum(total))) == "\n".join(
        [
            "n0: float64[5, 2] = constant X",
            "n1: float64[2, 3] = parameter W",
            "n2: float64[3] = parameter b",
            "n3: float64[5, 3] = matmul(n0, n1)",
            "n4: float64[5, 3] = add(n3, n2)",
            "n5 hidden: float64[5, 3] = tanh(n4)",
            "n6: float64[5, 3] = multiply(2, n5)",
            "n7: float64[10, 3] = concatenate(n6, n5, axis=0)",
            "n8: float64[10, 3] = divide(n7, 2)  # in place",
            "n9: float64[] = sum(n8)",
        ]
    )


def test_a_node_tells_its_scope_and_line_in_a_comment():
    with scope("layer"), scope("activation"):
        y = np.exp(leaf())
    node = graph(y).nodes[-1]
    assert str(graph(y)).splitlines()[-1] == f"n1: float64[3] = exp(n0)  # layer.activation, {node.line.place}"


def test_a_changed_value_says_so_in_a_comment():
    x = leaf("x")
    y = x * x
    x.data -= 1.0
    assert str(graph(y)).splitlines()[0] == "n0: float64[3] = parameter x  # changed since"


def test_twelve_operands_are_written_in_their_order_whether_they_are_tensors_or_not():
    def f(x):
        return np.concatenate([x * 2.0 if k in (2, 10) else np.ones(k) for k in range(12)])

    names = ["n1" if k == 2 else "n2" if k == 10 else f"float64[{k}]" for k in range(12)]
    (made,) = [line.partition("  #")[0] for line in str(graph(f, np.ones(1))).splitlines() if "concatenate" in line]
    assert made == f"n3: float64[56] = concatenate({', '.join(names)}, axis=0)"


@given(st.text(min_size=1), st.text(min_size=1))
def test_whatever_the_names_each_node_is_one_line(name, part):
    with scope(part):
        y = np.exp(leaf(name))
    assert len(str(graph(y)).splitlines()) == 2


# What is refused -----------------------------------------------------------------------------------


def test_a_graph_of_nothing_is_refused():
    with pytest.raises(TypeError):
        graph()


def test_a_graph_of_an_array_is_refused():
    with pytest.raises(TypeError, match="a graph is that of Tensors, or of a function with its inputs: got ndarray"):
        graph(np.ones(3))


def test_a_graph_of_a_constant_is_refused_by_name():
    with pytest.raises(ValueError, match=r"the graph of target: nothing was recorded"):
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


def test_what_was_given_besides_tensors_is_in_the_text_and_on_the_node():
    def f(x):
        return np.sum(np.concatenate([3 * x + np.ones(2), np.zeros(1), x]), axis=0)[()] ** 2.5

    assert [line.partition("  #")[0] for line in str(graph(f, np.ones(2))).splitlines()] == [
        "n0: float64[2] = input x",
        "n1: float64[2] = multiply(3, n0)",
        "n2: float64[2] = add(n1, float64[2])",
        "n3: float64[5] = concatenate(n2, float64[1], n0, axis=0)",
        "n4: float64[] = sum(n3, axis=0)",
        "n5: float64[] = getitem(n4, index=())",
        "n6: float64[] = power(n5, 2.5)",
    ]
    assert graph(f, np.ones(2)).nodes[1].given == (("a", "3"),)


def test_of_a_tape_only_what_a_pullback_kept_is_known_of_what_was_given():
    x = leaf("x")
    assert [line.partition(" = ")[2] for line in str(graph(3.0 * x + 1.0)).splitlines()] == [
        "parameter x",
        "multiply(3, n0)",
        "add(n1, ?)",
    ]
