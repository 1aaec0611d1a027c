"""What the users of other tools ask for, and the rules learned from those tools' bugs: a test for each."""

import gc
import subprocess
import sys
from weakref import ref
from xml.etree import ElementTree

import numpy as np
import pytest
from models import Moons, Transformer, moons_data, sentence
from reading import facts, groups, labels, parsed, svg, texts

from autograd_nn import Tensor, grad, scope
from autograd_nn.draw import draw
from autograd_nn.graph import graph

X, Y = moons_data()


def network():
    """A graph with a name on every leaf and on the result."""
    W = Tensor(np.full((2, 3), 0.5), requires_grad=True, name="W")
    loss = np.sum(np.tanh(Tensor(np.ones((5, 2)), name="X") @ W))
    loss.name = "loss"
    return loss


def quartic(x):
    return x * x * x * x


# What users ask for --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF-"), ("html", b"<!DOCTYPE html>")]
)
def test_drawing_works_without_the_dot_program(suffix, start, monkeypatch, tmp_path):
    """Asked for in pytorchviz PR 89, graphviz 197 and 246, keras 5313 and 9458."""
    monkeypatch.setenv("PATH", "")
    content = draw(network()).save(tmp_path / f"graph.{suffix}").read_bytes()
    assert content.lower().startswith(start.lower())


def test_without_any_renderer_the_error_has_the_line_that_installs_one(monkeypatch, tmp_path):
    """In keras 5313 and 9458 'pydot failed to call GraphViz' said neither what was missing nor how to get it."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(RuntimeError, match=r'run `pip install "autograd_nn\[draw\]"`'):
        draw(network()).save(tmp_path / "graph.png")


def test_parameters_and_inputs_have_the_names_of_the_model_and_its_call():
    """Asked for in torchview 19, 97 and 103."""
    drawing = draw(Moons().loss, X, Y)
    assert {node.name for node in drawing.graph.nodes if node.kind == "parameter"} == {
        *("hidden.W", "hidden.b", "output.W", "output.b")
    }
    assert {node.name for node in drawing.graph.nodes if node.kind == "input"} == {"X", "y"}


def test_modules_are_boxes_that_nest():
    """Asked for in torchview 19, 97 and 103."""
    picture = parsed(draw(Transformer(blocks=2).loss, sentence()))
    boxes = {box.title: set(box.nodes) for box in picture.boxes}
    assert boxes["up: Linear"] < boxes["mlp: MLP"] < boxes["blocks[1]: Block"]


def test_repeated_blocks_are_drawn_once_with_their_number():
    """Asked for in torchview 118, netron 592 and 824."""
    picture = parsed(draw(Transformer(blocks=12).loss, sentence(), collapse=1))
    assert [title for title in picture.titles() if title.startswith("blocks")] == ["blocks x 12: Block"]
    assert [lines[0] for lines in picture.labels()].count("attention: Attention") == 1


def test_blocks_fold_and_unfold():
    """Asked for in torchview 118, netron 592, 824, 1237 and 1370.

    In a picture they do so by the number of levels, on the page by a click.
    """
    f, tokens = Transformer(blocks=12).loss, sentence()
    folded, half, whole = (len(labels(draw(f, tokens, collapse=levels, max_nodes=1000))) for levels in (0, 1, False))
    assert folded < half < whole
    page = facts(draw(f, tokens, collapse=1).html())
    assert {box["name"]: box["folded"] for box in page["scopes"] if box["name"] in ("blocks x 12", "mlp")} == {
        "blocks x 12": False,
        "mlp": True,
    }
    assert len(page["nodes"]) == whole


def test_every_node_shows_its_shape():
    """Asked for in pytorchviz PR 33."""
    drawing = draw(Moons().loss, X, Y)
    shown = [lines[1].split(" float")[0] for lines in labels(drawing)]
    assert shown == [str(node.shape) for node in drawing.graph.nodes]


def test_what_is_saved_for_the_backward_pass_is_shown():
    """Asked for in pytorchviz PR 49."""
    shown = {lines[0]: lines[-1] for lines in labels(draw(Moons().loss, X, Y, kept=True))}
    assert shown["tanh"].startswith("keeps ")
    assert shown["tanh"].endswith(" B")


def test_the_backward_graph_is_drawn_beside_the_forward_graph():
    """Asked for in jax 12462."""
    picture = parsed(draw(Moons().loss, X, Y, backward=True))
    assert "backward" in picture.titles()
    assert any(lines[0].startswith("gradient of hidden.W = ") for lines in picture.labels())


def test_gradients_of_gradients_are_drawn():
    """Asked for in jax 12462."""
    assert labels(draw(grad(grad(quartic)), 1.5, values=True))[-1][-1] == "value 27"


def test_a_third_derivative_is_drawn():
    """Asked for in jax 12462."""
    assert labels(draw(grad(grad(grad(quartic))), 1.5, values=True))[-1][-1] == "value 36"


def test_arrays_and_results_have_labels():
    """Asked for in jax 5159."""
    titles = [lines[0] for lines in labels(draw(network()))]
    assert {"W", "X", "loss = sum"} <= set(titles)


def test_arrays_in_dicts_are_labelled_by_their_keys():
    """Asked for in jax 5159."""

    def f(parameters, x):
        return np.tanh(x @ parameters["layer 1"]["W"])

    names = {node.name for node in draw(f, {"layer 1": {"W": np.ones((2, 3))}}, X).graph.nodes}
    assert {"parameters['layer 1'].W", "x"} <= names


def test_a_redraw_during_training_has_new_values_in_the_same_layout():
    """Asked for in micrograd PR 16."""
    model = Moons()

    def places(picture):
        return [(g.find("{*}title").text, g.find(".//{*}text").get("y")) for g in groups(picture, "node")]

    before = draw(model.loss, X, Y)
    for t in (model.hidden.W, model.output.W):
        t.data -= 0.1
    after = draw(model.loss, X, Y)
    assert before.graph == after.graph
    assert before.source == after.source
    assert places(svg(before)) == places(svg(after))
    assert draw(model.loss, X, Y, values=True).source != draw(Moons().loss, X, Y, values=True).source


def test_a_node_that_is_used_twice_is_visited_once():
    """MyGrad's build_graph: 14 additions x + x made 98,299 lines."""
    y = Tensor(1.0, requires_grad=True)
    for _ in range(14):
        y = y + y
    picture = parsed(draw(y))
    assert len(picture.nodes) == 15
    assert len(picture.edges) == 28


# Rules learned from the others' bugs ---------------------------------------------------------------


def test_ids_are_numbers_in_order_of_creation_and_no_addresses():
    """The same code gives the same text, so that golden files work."""
    assert [*parsed(draw(network())).nodes] == ["n0", "n1", "n2", "n3", "n4"]
    assert draw(network()).source == draw(network()).source


def test_two_processes_give_the_same_text():
    script = (
        "import numpy as np; from autograd_nn.draw import draw; "
        "print(draw(lambda a, b: np.sum(a @ b), np.ones((2, 2)), np.ones((2, 2)), kept=True).source)"
    )
    first, second = (subprocess.check_output([sys.executable, "-c", script]) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", ['"', "\\", "<", ">", "\n", "]", "{", "|", "&", "\\N", "\\G", "a:b", "", "node"])
def test_a_name_may_hold_anything(name):
    """It is shown as it is, or as its escape, and the graph stays the graph."""
    x = Tensor([1.0], requires_grad=True, name=name)
    with scope(f"s{name}"):
        y = np.exp(x)
    y.name = name
    picture = parsed(draw(y))
    assert (len(picture.nodes), len(picture.edges), len(picture.boxes)) == (2, 1, 1)
    assert picture.labels()[0][0] == (name.replace("\n", "\\n") or "parameter")


def test_every_node_has_an_explicit_label():
    """The Graphviz in the pygraphviz wheel blanks nodes without one in its first draw."""
    assert all(look["label"] for look in parsed(draw(Moons().loss, X, Y)).nodes.values())


def test_no_label_is_html():
    """Renderers do not agree on HTML labels, and they let names inject markup."""
    x = Tensor([1.0], requires_grad=True, name="<b>bold</b>")
    assert "label=<" not in draw(np.exp(x)).source
    assert "<b>bold</b>" in texts(svg(draw(np.exp(x))))


def test_a_deep_graph_is_walked_without_recursion():
    y = Tensor(1.0, requires_grad=True)
    for _ in range(50_000):
        y = np.negative(y)
    assert len(labels(draw(y, max_nodes=10))) == 11


def test_importing_does_no_rendering_work():
    script = "import sys, autograd_nn, autograd_nn.draw; assert not {'pygraphviz', 'IPython'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_drawing_never_changes_the_graph():
    loss = network()
    before = graph(loss)
    draw(loss, values=True, gradients=True, backward=True, profile=True, kept=True, collapse=True).html()
    assert graph(loss) == before
    loss.backward()


def test_drawing_does_not_accumulate_gradients():
    model = Moons()
    draw(model.loss, X, Y, gradients=True, backward=True)
    assert model.hidden.W.grad is None


def test_a_drawing_does_not_keep_the_tape():
    y = np.exp(Tensor(np.ones(3), requires_grad=True))
    kept_by_its_node = ref(y.data)
    drawing = draw(np.sum(y), values=True)
    del y
    gc.collect()
    assert kept_by_its_node() is None
    assert len(labels(drawing)) == 3


def test_the_picture_is_well_formed_and_has_all_nodes_and_edges(tmp_path):
    picture = ElementTree.parse(draw(Moons().loss, X, Y).save(tmp_path / "graph.svg"))
    g = graph(Moons().loss, X, Y)
    assert (len(groups(picture, "node")), len(groups(picture, "edge"))) == (len(g.nodes), len(g.edges))
