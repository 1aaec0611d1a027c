"""Graphs made smaller to look at: whatever is folded or left out, every node is accounted for once."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import Heads, Transformer, sentence
from reading import any_text, graphs

from autograd_nn import Tensor, scope
from autograd_nn.draw.folding import View, closed, copied, folded, grouped, shortened
from autograd_nn.graph import Graph, graph

levels = st.integers(0, 3)


def parameter():
    return Tensor([0.5, 0.25], requires_grad=True)


def start():
    """What the first block works on: a parameter itself would belong to the block, as nothing else uses it."""
    return np.exp(parameter())


def blocks(*bodies, name="block"):
    """The graph of blocks in a row, each a function of the one before."""
    y = start()
    for body in bodies:
        with scope(name):
            y = body(y)
    return graph(y)


def blocks_of(y, *bodies):
    """What each block makes of the result of the one before."""
    for body in bodies:
        with scope("block"):
            y = body(y)
        yield y


def weigh(y):
    return np.tanh(y * parameter())


def folded_titles(view):
    return [node.label for node in view.nodes if node.kind == "folded"]


def titles(view):
    return {".".join(scope) for scope in view.scopes()}


def check(view):
    """Each node is there once, and edges are between two that are there."""
    ids = [node.id for node in view.nodes]
    assert len(set(ids)) == len(ids)
    assert all(edge.parent != edge.child for edge in view.edges)
    assert {end for edge in view.edges for end in edge[:2]} <= set(ids)


# Any graph -----------------------------------------------------------------------------------------


@given(graphs(scopes=any_text) | graphs(), levels)
def test_folding_gives_a_graph(g, levels):
    check(folded(g, levels))


@given(graphs(), levels)
def test_no_node_is_drawn_twice(g, levels):
    view = folded(g, levels)
    alone = [node.id for node in view.nodes if node.kind != "folded"]
    counted = Counter([*alone, *(id for members in view.members.values() for id in members)])
    assert set(counted.values()) == {1}
    assert set(counted) <= {node.id for node in g.nodes}


@given(graphs(scopes=any_text) | graphs())
def test_with_all_scopes_folded_every_node_is_drawn_in_exactly_one(g):
    view = folded(g, 0)
    drawn = [node.id for node in view.nodes if node.kind != "folded"]
    drawn += [id for members in view.members.values() for id in members]
    assert sorted(drawn) == sorted(node.id for node in g.nodes)
    assert sum(node.stands_for for node in view.nodes) == len(g.nodes)


@given(graphs(), levels)
def test_a_node_that_is_not_drawn_has_a_counterpart_in_an_equal_scope_that_is(g, levels):
    view = folded(g, levels)
    drawn = {node.id for node in view.nodes} | {id for members in view.members.values() for id in members}
    looks = {(node.label, node.shape) for node in g.nodes if node.id in drawn}
    assert all((node.label, node.shape) in looks for node in g.nodes)
    left_out = len(g.nodes) - len(drawn & {node.id for node in g.nodes})
    assert left_out == 0 or any(" x " in title for title in titles(view))


@given(graphs(), levels)
def test_a_folded_scope_stands_for_its_members_and_keeps_what_they_keep(g, levels):
    view = folded(g, levels)
    nodes = {node.id: node for node in g.nodes}
    for node in view.nodes:
        if node.kind == "folded":
            inside = [nodes[id] for id in view.members[node.id]]
            assert (node.stands_for, node.nbytes) == (len(inside), sum(member.nbytes for member in inside))


@given(graphs(scopes=any_text) | graphs())
def test_grouping_loses_nothing(g):
    view = grouped(g)
    assert [node.id for node in view.nodes] == [node.id for node in g.nodes]
    assert view.edges == g.edges


@given(graphs(), levels)
def test_two_nodes_are_connected_after_folding_only_if_they_were_before(g, levels):
    view = folded(g, levels)
    nodes = {node.id: node for node in g.nodes}
    pairs = {(nodes[a].label, nodes[b].label) for a, b, *_ in g.edges}
    alone = {node.id for node in view.nodes if node.kind != "folded"}
    drawn = [(nodes[a].label, nodes[b].label) for a, b, *_ in view.edges if {a, b} <= alone]
    assert set(drawn) <= pairs


@given(graphs(), levels, st.integers(0, 20))
def test_a_shortened_view_is_a_graph_of_so_many_nodes_that_accounts_for_all(g, levels, most):
    whole = folded(g, levels)
    view = shortened(whole, most)
    check(view)
    assert len(view.nodes) <= max(most + 1, 1)
    assert sum(node.stands_for for node in view.nodes) == sum(node.stands_for for node in whole.nodes)


@given(graphs())
def test_a_view_within_the_limit_is_not_shortened(g):
    view = View(g.nodes, g.edges, {})
    assert shortened(view, len(g.nodes)) == view


# Runs of equal scopes ------------------------------------------------------------------------------


def test_a_scope_folds_to_one_node_with_the_shape_of_its_result():
    with scope("layer"):
        y = np.stack([weigh(parameter())] * 3)
    (node,) = folded(graph(np.sum(y)), 0).nodes[:1]
    assert (node.kind, node.label, node.shape, node.stands_for) == ("folded", "layer", (3, 2), 5)


def test_equal_scopes_in_a_row_fold_to_one_with_their_number():
    view = folded(blocks(*[weigh] * 12), 0)
    assert folded_titles(view) == ["block x 12"]
    assert [edge[:2] for edge in view.edges] == [("n0", "n1"), ("n1", "s0")]


def test_one_level_open_shows_the_first_of_them():
    view = folded(blocks(*[weigh] * 12), 1)
    assert titles(view) == {"block x 12"}
    assert [node.label for node in view.nodes] == ["parameter", "exp", "parameter", "multiply", "tanh"]
    assert [edge[:3] for edge in view.edges] == [
        ("n0", "n1", "a"),
        ("n1", "n3", "a"),
        ("n2", "n3", "b"),
        ("n3", "n4", "a"),
    ]


def test_grouped_equal_scopes_are_all_there_in_a_scope_around_them():
    assert titles(grouped(blocks(weigh, weigh))) == {"block x 2", "block x 2.block[0]", "block x 2.block[1]"}


@pytest.mark.parametrize(
    "other",
    [
        lambda y: np.sin(y * parameter()),
        lambda y: np.tanh(y + parameter()),
        lambda y: np.tanh(parameter() * y),
        lambda y: np.tanh(np.tanh(y * parameter())),
        lambda y: np.tanh(y * Tensor([0.5], requires_grad=True)),
        lambda y: np.tanh(y * Tensor([0.5, 0.25])),
    ],
    ids=["primitive", "operation", "order", "length", "shape", "kind"],
)
def test_nothing_folds_together_where_scopes_differ(other):
    assert folded_titles(folded(blocks(weigh, other), 0)) == ["block[0]", "block[1]"]


def test_in_text_a_folded_scope_says_how_many_nodes_it_stands_for():
    view = folded(blocks(weigh, weigh), 0)
    assert str(Graph(view.nodes, view.edges)).splitlines()[-1] == "s0: float64[2] = block x 2(n1)  # 6 nodes"


def test_blocks_of_another_dtype_do_not_fold_together():
    def double(y):
        return y.astype(np.float64) * 2.0

    def single(y):
        return y.astype(np.float32) * 2.0

    assert folded_titles(folded(blocks(double, double), 0)) == ["block x 2"]
    assert folded_titles(folded(blocks(double, single), 0)) == ["block[0]", "block[1]"]


def test_blocks_whose_operations_are_in_other_scopes_inside_them_do_not_fold_together():
    def plain(y):
        return np.tanh(np.exp(y))

    def inner(y):
        with scope("inner"):
            y = np.exp(y)
        return np.tanh(y)

    assert folded_titles(folded(blocks(plain, inner), 0)) == ["block[0]", "block[1]"]


def test_blocks_that_go_on_from_themselves_or_from_outside_do_not_fold_together():
    outside = start()

    def chained(y):
        z = np.exp(y)
        return z * z + y

    def fed(y):
        z = np.exp(y)
        return z * outside + y

    g = graph(sum(blocks_of(start(), chained, fed)))
    assert folded_titles(folded(g, 0)) == ["block[0]", "block[1]"]


def test_a_different_one_divides_the_row():
    view = folded(blocks(weigh, weigh, np.sin, weigh, weigh, weigh), 0)
    assert folded_titles(view) == ["block[0] .. block[1] x 2", "block[2]", "block[3] .. block[5] x 3"]


def test_two_rows_of_the_same_length_have_titles_of_their_own():
    view = folded(blocks(weigh, weigh, np.sin, weigh, weigh), 0)
    assert folded_titles(view) == ["block[0] .. block[1] x 2", "block[2]", "block[3] .. block[4] x 2"]


def test_an_operation_between_them_divides_the_row():
    y = start()
    for number in range(4):
        with scope("block"):
            y = weigh(y)
        if number == 1:
            y = np.exp(y)
    assert folded_titles(folded(graph(y), 0)) == ["block[0] .. block[1] x 2", "block[2] .. block[3] x 2"]


def test_scopes_of_other_names_do_not_fold_together():
    y = start()
    for name in ("left", "right"):
        with scope(name):
            y = weigh(y)
    assert folded_titles(folded(graph(y), 0)) == ["left", "right"]


def test_scopes_that_take_turns_do_not_fold_together():
    class Part:
        def steps(self, x):
            y = np.sin(x)
            yield
            yield np.exp(y)

    class Model:
        def __init__(self):
            self.parts = [Part(), Part()]

        def __call__(self, x):
            left, right = (part.steps(x) for part in self.parts)
            next(left), next(right)
            return next(left) + next(right)

    assert folded_titles(folded(graph(Model(), np.ones(2)), 0)) == ["parts[0]", "parts[1]"]


def test_a_row_inside_a_row_folds_too():
    def inner(y):
        for _ in range(3):
            with scope("cell"):
                y = weigh(y)
        return y

    g = blocks(inner, inner)
    assert folded_titles(folded(g, 0)) == ["block x 2"]
    assert folded_titles(folded(g, 1)) == ["cell x 3"]
    assert titles(folded(g, 2)) == {"block x 2", "block x 2.cell x 3"}


def test_parallel_heads_are_drawn_once_with_an_edge_for_each_to_what_joins_them():
    g = graph(Heads(4), np.ones((2, 3)))
    assert folded_titles(folded(g, 0)) == ["heads x 4"]
    view = folded(g, 1)
    assert [node.label for node in view.nodes].count("tanh") == 1
    assert [edge.argument for edge in view.edges if edge.child == view.nodes[-1].id] == [
        f"arrays[{k}]" for k in range(4)
    ]


def test_the_text_of_what_joins_folded_scopes_names_each_of_them_once():
    x = start()
    with scope("left"):
        left = np.tanh(x)
    with scope("right"):
        right = np.sin(x)
    view = folded(graph(np.stack([left * right, right - left])), 0)
    texts = [line.partition(" = ")[2] for line in Graph(view.nodes, view.edges).lines()]
    assert texts[-3:-1] == ["multiply(s0, s1)", "subtract(s1, s0)"]


def test_the_blocks_of_a_transformer_fold():
    g = graph(Transformer(blocks=12).loss, sentence())
    assert folded_titles(folded(g, 0)) == ["blocks x 12", "norm", "scores"]
    view = folded(g, 1)
    assert "blocks x 12" in titles(view)
    parts = {node.label: node.stands_for for node in view.nodes if node.kind == "folded"}
    assert parts == {"norms[0]": 5, "attention": 22, "norms[1]": 5, "mlp": 9, "layer_norm": 3}  # of the first block


def test_a_scope_that_has_the_name_of_a_row_stays_apart_from_it():
    y = start()
    for name in ("block", "block", "block x 2"):
        with scope(name):
            y = weigh(y)
    assert folded_titles(folded(graph(y), 0)) == ["block x 2'", "block x 2"]


def cells(steps, between):
    """A cell applied again and again, and what is computed between its calls from its state and the next input."""
    xs = np.exp(Tensor(np.ones((steps, 2)), requires_grad=True))
    state, heard = np.exp(parameter()), []
    for t in range(steps):
        x, state = between(xs, t, state, heard)
        with scope("cell"):
            state = np.tanh(state * x)
    return graph(sum(heard, start=state))


def test_what_goes_into_a_row_or_comes_out_of_it_does_not_interrupt_it():
    def between(xs, t, state, heard):
        heard.append(state * 2.0)
        return xs[t], state

    assert [node.label for node in folded(cells(8, between), 0).nodes if node.kind == "folded"] == ["cell x 8"]


def test_what_is_computed_from_one_scope_for_the_next_interrupts_their_row():
    view = folded(cells(3, lambda xs, t, state, heard: (xs[t], state + 1.0)), 0)
    assert [node.label for node in view.nodes if node.kind == "folded"] == ["cell[0]", "cell[1]", "cell[2]"]


def test_the_inputs_of_the_steps_of_a_row_belong_to_it():
    view = folded(cells(8, lambda xs, t, state, heard: (xs[t], state)), 0)
    assert [node.stands_for for node in view.nodes if node.kind == "folded"] == [8 * 3]
    view = folded(cells(8, lambda xs, t, state, heard: (xs[t], state)), 1)
    assert [node.label for node in view.nodes].count("getitem") == 1


def test_inputs_of_which_one_is_made_otherwise_stay_outside_of_the_row():
    view = folded(cells(8, lambda xs, t, state, heard: (xs[t] if t else xs[t] * 2.0, state)), 0)
    assert [node.label for node in view.nodes].count("getitem") == 8


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (["layer 1", "layer 2", "layer 3"], "layer 1 .. layer 3 x 3"),
        (["l1", "l2"], "l1 .. l2 x 2"),
        (["0", "1"], "part x 2"),
        (["block", "block"], "block x 2"),
    ],
)
def test_names_keep_their_digits_when_they_fold_to_a_row(names, title):
    y = start()
    for name in names:
        with scope(name):
            y = weigh(y)
    assert folded_titles(folded(graph(y), 0)) == [title]


# The states of the page ----------------------------------------------------------------------------


@given(graphs(scopes=any_text) | graphs(), levels)
def test_a_closed_view_has_every_node_once_and_every_edge_that_leaves_its_scope(g, levels):
    whole = grouped(g)
    view, edges = closed(whole, levels)
    check(view)
    alone = [node.id for node in view.nodes if node.kind != "folded"]
    inside = {id: scope for scope, members in view.members.items() for id in members}
    assert sorted([*alone, *inside]) == sorted(node.id for node in g.nodes)
    for number, (parent, child, *_) in enumerate(view.edges):
        before = whole.edges[edges[number]]
        assert [inside.get(id, id) for id in before[:2]] == [parent, child]
    ends = {tuple(inside.get(id, id) for id in edge[:2]) for edge in whole.edges}
    assert {(a, b) for a, b in ends if a != b} == {edge[:2] for edge in view.edges}


def shared(uses, *, made):
    """What so many operations use: a leaf, or what was computed from it."""
    x = Tensor([1.0], requires_grad=True, name="x")
    y = np.exp(x) if made else x
    g = graph(*[np.sin(y) for _ in range(uses)])
    return View(g.nodes, g.edges, {})


@pytest.mark.parametrize(("uses", "made", "copies"), [(3, False, 0), (4, False, 3), (25, True, 0), (26, True, 25)])
def test_what_has_many_uses_is_copied_beside_all_but_the_first(uses, made, copies):
    found = copied(shared(uses, made=made))
    assert len(found) == copies
    assert all(id == f"{parent}-{child}" for (parent, child), id in found.items())


def test_what_one_operation_uses_many_times_is_not_copied():
    x = Tensor([1.0], requires_grad=True)
    g = graph(np.concatenate([x] * 30))
    assert copied(View(g.nodes, g.edges, {})) == {}
