"""Drawing: the DOT text says what the graph is, whatever the names hold, and becomes a picture on any machine."""

import html
import re
import runpy
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import graphviz
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd_nn import Tensor, primitive
from autograd_nn.draw import RendererMissing, draw, to_dot
from autograd_nn.graph import graph

pygraphviz = pytest.importorskip("pygraphviz", reason='needs pip install "autograd_nn[draw]"')

EXAMPLE = Path(__file__).parent.parent / "examples" / "draw_a_graph.py"

any_text = st.text(st.characters()) | st.text(st.sampled_from('<>"\\[]{}|&;#\nnlrNGE '))


def network(name="W"):
    X, W = Tensor(np.ones((5, 2)), name="X"), Tensor(np.ones((2, 3)), requires_grad=True, name=name)
    return np.sum(np.tanh(X @ W))


def chain(length):
    y = Tensor(1.0, requires_grad=True, name="start")
    for _ in range(length):
        y = np.negative(y)
    return y


RECURRENCE = """
from autograd_nn import Tensor
from autograd_nn.draw import to_dot
y = x = Tensor(1.0, requires_grad=True)
for _ in range(50):
    y = y * x + x
print(to_dot(y, limit=20))
"""


def parsed(text):
    return pygraphviz.AGraph(string=text)


def lines(label):
    """The lines of text that Graphviz makes of a plain label."""
    text = re.sub(r"\\(.)", lambda escape: "\n" if escape[1] == "n" else escape[1], label, flags=re.DOTALL)
    return html.unescape(text).split("\n")


def labels(text):
    picture = parsed(text)  # its nodes live no longer than it does
    return [lines(node.attr["label"]) for node in picture.nodes()]


# What the text says --------------------------------------------------------------------------------


def test_operations_show_primitive_and_shape_and_leaves_name_shape_and_dtype():
    assert labels(to_dot(network())) == [
        ["X", "(5, 2) float64"],
        ["W", "(2, 3) float64"],
        ["matmul", "(5, 3)"],
        ["tanh", "(5, 3)"],
        ["sum", "()"],
    ]


def test_a_named_result_shows_its_name():
    loss = network()
    loss.name = "loss"
    assert labels(to_dot(loss))[-1] == ["loss = sum", "()"]


def test_parameters_constants_and_operations_differ_in_outline_and_colour():
    picture = parsed(to_dot(network()))
    X, W, matmul, *_ = picture.nodes()
    looks = {(node.attr["shape"], node.attr["style"]) for node in (X, W, matmul)}
    colours = {node.attr["fillcolor"] for node in (X, W, matmul)}
    assert len(looks) == len(colours) == 3


def test_edges_name_the_argument_where_the_primitive_has_several():
    picture = parsed(to_dot(network()))
    assert [(edge.attr["label"] or "").strip() for edge in picture.edges()] == ["a", "b", "", ""]


def test_x_times_x_is_drawn_with_two_edges():
    x = Tensor([1.0], requires_grad=True)
    assert parsed(to_dot(x * x)).edges() == [("n0", "n1"), ("n0", "n1")]


def test_the_same_code_gives_the_same_text():
    # in two processes, because each hashes strings in its own way
    first, second = (subprocess.check_output([sys.executable, "-c", RECURRENCE]) for _ in range(2))
    assert first == second


def test_a_tensor_and_its_graph_give_the_same_text():
    loss = network()
    assert to_dot(loss) == to_dot(graph(loss))


def test_drawing_changes_nothing():
    loss = network()
    assert to_dot(loss) == to_dot(loss)
    loss.backward()


# Names may hold anything ---------------------------------------------------------------------------


@given(any_text)
@example('"] n9 [label="injected')
@example("<b>bold</b>")
@example("ends in \\")
@example("\x00\ud800\r\n")
def test_no_name_changes_the_number_of_nodes_and_lines(name):
    loss = network(name)
    assert [len(label) for label in labels(to_dot(loss))] == [2] * 5
    assert len(parsed(to_dot(loss)).edges()) == 4


@given(any_text.filter(lambda name: name and name.isprintable()))
def test_a_printable_name_is_in_the_label_as_it_is(name):
    assert labels(to_dot(network(name)))[1][0] == name


@pytest.mark.parametrize("name", ["<b>bold</b>", "a\\nb \\G \\\\", '"quoted"', "&lt;&amp;", "{a|b}", "größe 重み"])
def test_a_name_is_in_the_picture_as_it_is(name, tmp_path):
    picture = ElementTree.parse(draw(network(name), tmp_path / "graph.svg"))
    assert name in {"".join(text.itertext()).replace("\xa0", " ") for text in picture.iter() if "text" in text.tag}


@pytest.mark.parametrize(("name", "shown"), [("a\nb", r"a\nb"), ("\x00", r"\x00"), ("\u202e", r"\u202e")])
def test_what_cannot_be_printed_is_shown_as_its_escape(name, shown):
    assert labels(to_dot(network(name)))[1][0] == shown


def test_a_primitive_without_a_name_of_its_own_is_no_markup():
    double = primitive(lambda x: 2 * x, x=lambda g: 2 * g)
    assert labels(to_dot(double(Tensor([1.0], requires_grad=True))))[1] == ["<lambda>", "(1,)"]


# Large graphs --------------------------------------------------------------------------------------


def test_of_a_large_graph_the_oldest_and_the_youngest_nodes_are_drawn():
    picture = parsed(to_dot(chain(99_999)))
    assert len(picture.nodes()) == 201
    assert lines(picture.get_node("elided").attr["label"]) == ["... 99,800 nodes"]
    assert picture.has_node("n0")
    assert picture.has_node("n99999")


def test_the_elided_nodes_stay_connected_to_the_others():
    picture = parsed(to_dot(chain(9), limit=4))
    assert set(picture.edges()) == {("n0", "n1"), ("n1", "elided"), ("elided", "n8"), ("n8", "n9")}


@pytest.mark.parametrize(("length", "drawn"), [(3, 3), (4, 4), (5, 5), (6, 5), (100, 5)])
def test_one_node_is_never_elided_alone(length, drawn):
    assert len(parsed(to_dot(chain(length - 1), limit=4)).nodes()) == drawn


def test_a_negative_limit_is_refused():
    with pytest.raises(ValueError, match="0 or more: got -1"):
        to_dot(network(), limit=-1)


def test_a_parameter_that_many_operations_share_is_drawn_within_seconds(tmp_path):
    w = y = Tensor(1.0, requires_grad=True, name="w")
    for _ in range(80):  # if Graphviz searched without a limit and made room for labels, this would take it ten seconds
        y = y * w
    assert draw(y, tmp_path / "graph.svg").exists()


# Pictures ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG\r\n\x1a\n"), ("pdf", b"%PDF-"), ("dot", b"digraph {")])
def test_the_suffix_says_what_is_written(suffix, start, tmp_path):
    path = draw(network(), tmp_path / f"graph.{suffix}")
    assert path.read_bytes().startswith(start)


def test_every_label_is_in_the_svg(tmp_path):
    loss = network()
    picture = ElementTree.parse(draw(graph(loss), str(tmp_path / "graph.svg")))
    shown = ["".join(text.itertext()).strip() for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert sorted(shown) == sorted([*(line for label in labels(to_dot(loss)) for line in label), "a", "b"])


def test_the_dot_file_holds_the_text(tmp_path):
    loss = network("größe")
    assert draw(loss, tmp_path / "graph.dot").read_text(encoding="utf-8") == to_dot(loss)


def test_another_suffix_is_refused_before_anything_is_drawn(tmp_path):
    with pytest.raises(ValueError, match=r"\.dot, \.svg, \.png, \.pdf: got .*graph\.bmp"):
        draw(chain(1), tmp_path / "graph.bmp")


def test_the_dot_program_is_the_first_choice(monkeypatch, tmp_path):
    monkeypatch.setattr(graphviz.Digraph, "pipe", lambda picture, **how: f"{how['format']} by dot".encode())
    assert draw(network(), tmp_path / "graph.svg").read_text() == "svg by dot"


def test_without_a_renderer_the_error_says_what_to_install_and_what_works(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(RendererMissing, match=r'pip install "autograd_nn\[draw\]".*to_dot'):
        draw(network(), tmp_path / "graph.svg")
    assert draw(network(), tmp_path / "graph.dot").exists()


def test_importing_the_package_imports_no_drawing():
    script = "import sys, autograd_nn; assert 'graphviz' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_importing_drawing_imports_no_renderer():
    script = "import sys, autograd_nn.draw; assert 'pygraphviz' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_example_draws_its_network(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), str(tmp_path / "graph.svg")])
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    assert "loss = negative" in (tmp_path / "graph.svg").read_text()
    assert str(tmp_path / "graph.svg") in capsys.readouterr().out
