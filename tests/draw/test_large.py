"""Large graphs: their text, their picture and their page hold what can be looked at, and no tape stays alive."""

import gc
from weakref import ref

import numpy as np
import pytest
from models import Transformer, chain, sentence
from reading import facts, labels, parsed

from autograd_nn import Tensor, scope
from autograd_nn.draw import draw, film
from autograd_nn.engine.node import Node
from autograd_nn.graph.facts import observe


def test_ten_thousand_nodes_are_ten_thousand_nodes_in_the_text():
    picture = parsed(draw(chain(9_999), max_nodes=10_000))
    assert len(picture.nodes) == 10_000
    assert len(picture.edges) == 9_999


def test_ten_thousand_operations_in_scopes_fold_to_one_node():
    y = np.negative(Tensor(1.0, requires_grad=True))
    for _ in range(2_500):
        with scope("step"):
            y = np.tanh(np.sin(np.cos(np.exp(y))))
    assert [lines[0] for lines in labels(draw(y, collapse=True))] == ["parameter", "negative", "step x 2500"]


def test_of_a_tape_of_a_million_nodes_the_ends_are_drawn():
    picture = parsed(draw(chain(999_999)))
    assert len(picture.nodes) == 201
    assert picture.nodes["elided"]["label"] == "... 999,800 nodes"
    assert {"n0", "n999999"} < set(picture.nodes)
    assert set(picture.ends()) > {("n0", "n1"), ("n99", "elided"), ("elided", "n999900"), ("n999998", "n999999")}


def test_the_nodes_that_are_left_out_keep_their_edges_to_those_that_are_not():
    w = y = Tensor(1.0, requires_grad=True, name="w")
    for _ in range(30_000):
        y = y * w
    ends = parsed(draw(y, max_nodes=10)).ends()
    assert ("n0", "elided") in ends
    assert ends.count(("n0", "elided")) == 1
    assert ("n0", "n30000") in ends


def test_the_text_of_a_long_tape_says_how_many_nodes_are_left_out():
    assert "... 24,800 nodes" in str(draw(chain(24_999))).splitlines()


def test_results_that_all_later_ones_use_are_drawn_within_seconds(tmp_path):
    results = [Tensor([1.0, 2.0], requires_grad=True)]
    for _ in range(24):  # if Graphviz led curves around everything, this would take it more than ten
        results.append(np.tanh(np.concatenate(results)[:2]))
    assert draw(results[-1]).save(tmp_path / "graph.svg").exists()


def test_the_page_of_a_long_tape_has_a_thousand_nodes():
    page = facts(draw(chain(2_000)).html())
    assert len(page["nodes"]) == 1_001
    assert [node["label"] for node in page["nodes"] if node["kind"] == "elided"] == ["... 1,001 nodes"]


def test_the_page_of_a_transformer_has_all_of_it_with_the_blocks_folded():
    page = facts(draw(Transformer().loss, sentence()).html())
    assert not [node for node in page["nodes"] if node["kind"] == "elided"]
    (blocks,) = [box for box in page["scopes"] if box["name"] == "blocks x 12"]
    assert blocks["folded"]


@pytest.fixture
def no_collector():
    """Only what nothing refers to is freed: what a drawing kept would stay."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def living():
    return sum(type(thing) is Node for thing in gc.get_objects())


@pytest.mark.parametrize(
    "look",
    [
        lambda loss: draw(loss, values=True, gradients=True, profile=True, kept=True),
        lambda loss: draw(loss, backward=True, collapse=1),
        lambda loss: draw(loss).html(),
        lambda loss: draw(loss).source,
        lambda loss: observe(loss, backward=True),
    ],
    ids=["numbers", "backward", "page", "source", "observation"],
)
def test_what_is_drawn_keeps_no_tape(look, no_collector):
    before = living()
    loss = np.sum(np.tanh(Tensor(np.ones((5, 2)), requires_grad=True) @ Tensor(np.ones((2, 3)), requires_grad=True)))
    held = look(loss)
    del loss
    assert living() == before
    assert held


@pytest.mark.parametrize(
    "look",
    [
        lambda f, x: draw(f, x, values=True, backward=True, profile=True),
        lambda f, x: draw(f, x).html(),
        lambda f, x: film(f, x),
        lambda f, x: observe(f, x, profile=True),
    ],
    ids=["drawing", "page", "film", "observation"],
)
def test_what_a_drawn_function_computed_is_freed(look, no_collector):
    def f(x):
        with scope("hidden"):
            y = np.tanh(x)
        arrays.append(ref(y.data))
        return np.sum(y)

    arrays = []
    before = living()
    held = look(f, np.ones((5, 2)))
    assert living() == before
    assert [array() is None for array in arrays] == [True]
    assert held


def test_a_function_that_raises_keeps_nothing_once_its_error_is_gone(no_collector):
    def f(x):
        np.tanh(x)
        raise ZeroDivisionError

    before = living()
    with pytest.raises(ZeroDivisionError) as caught:
        draw(f, np.ones(3))
    del caught
    gc.collect()
    assert living() == before
