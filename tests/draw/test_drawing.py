"""Drawing: the DOT text says what the graph is, whatever the names hold, and becomes a picture on any machine."""

import os
import re
import runpy
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import graphviz
import numpy as np
import pytest
from eight import EIGHT
from hypothesis import example, given, settings
from hypothesis import strategies as st
from models import Moons, chain, moons_data
from reading import any_text, facts, graphs, groups, labels, lines, parsed, programs, results, svg, texts

from autograd_nn import Tensor, primitive, scope
from autograd_nn.draw import RendererMissing, draw
from autograd_nn.draw.dot import digraph
from autograd_nn.draw.folding import grouped, shortened
from autograd_nn.draw.page import page_data
from autograd_nn.draw.placing import crosses, laid_out, numbers_of, pieces_of, placed, points_of, sides
from autograd_nn.draw.render import without_warnings
from autograd_nn.graph import graph
from autograd_nn.graph.facts import observe

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "draw_a_graph.py"

HOSTILE = [
    '"] n9 [label="injected',
    "<b>bold</b>",
    "</script><script>alert(1)</script>",
    "</svg><img src=x onerror=alert(1)>",
    "ends in \\",
    "\x00\ud800\r\n",
    "]]>",
    "<!-- picture -->",
]


def network(name="W"):
    X, W = Tensor(np.ones((5, 2)), name="X"), Tensor(np.ones((2, 3)), requires_grad=True, name=name)
    return np.sum(np.tanh(X @ W))


def hostile(name):
    """A network with the name on a parameter, an input, two scopes and the result."""
    w = Tensor([1.0, 2.0], requires_grad=True, name=name)

    def f(batch):
        with scope(name or "empty"), scope(name or "empty"):
            loss = np.sum(batch[name] * w)
        loss.name = name
        return loss

    f.__name__ = name
    return f, {name: np.ones(2)}


# What the text says --------------------------------------------------------------------------------


def test_operations_show_primitive_and_shape_and_leaves_name_shape_and_dtype():
    assert labels(draw(network())) == [
        ["X", "(5, 2) float64"],
        ["W", "(2, 3) float64"],
        ["matmul", "(5, 3)"],
        ["tanh", "(5, 3)"],
        ["sum", "()"],
    ]


def test_a_named_result_shows_its_name():
    loss = network()
    loss.name = "loss"
    assert labels(draw(loss))[-1] == ["loss = sum", "()"]


def test_edges_name_the_argument_where_it_matters_which_is_which():
    assert [look.get("headlabel") for _, _, look in parsed(draw(network())).edges] == ["a", "b", None, None]


@pytest.mark.parametrize("name", ["add", "multiply", "maximum", "minimum", "logaddexp"])
def test_edges_name_no_argument_of_what_commutes(name):
    x, y = Tensor([1.0], requires_grad=True), Tensor([2.0], requires_grad=True)
    assert [look.get("headlabel") for _, _, look in parsed(draw(getattr(np, name)(x, y))).edges] == [None, None]
    assert np.array_equal(getattr(np, name)(1.0, 2.0), getattr(np, name)(2.0, 1.0))


def test_joined_operands_are_numbered():
    x = Tensor([1.0], requires_grad=True)
    picture = parsed(draw(np.concatenate([x, x * x])))
    assert {look["headlabel"] for _, child, look in picture.edges if child == "n2"} == {"arrays[0]", "arrays[1]"}


def test_many_joined_operands_are_named_where_they_come_from():
    x = Tensor([1.0], requires_grad=True)
    edges = parsed(draw(np.concatenate([np.sin(x * k) for k in range(5)]))).edges
    assert [look["taillabel"] for _, child, look in edges if child == "n11"] == [f"arrays[{k}]" for k in range(5)]


def test_x_times_x_is_drawn_with_two_edges():
    x = Tensor([1.0], requires_grad=True)
    assert parsed(draw(x * x)).ends() == [("n0", "n1"), ("n0", "n1")]


def test_a_broadcast_edge_is_dashed():
    x, row = Tensor(np.ones((2, 3)), requires_grad=True), Tensor(np.ones(3), requires_grad=True)
    assert [look.get("style") for _, _, look in parsed(draw(x + row)).edges] == [None, "dashed"]


def test_an_update_in_place_has_a_double_outline_and_says_so():
    x = Tensor([1.0], requires_grad=True)
    y = np.exp(x)
    y *= 2.0
    drawing = draw(y)
    assert labels(drawing)[-1][0] == "multiply (in place)"
    assert [look.get("peripheries") for look in parsed(drawing).nodes.values()] == [None, None, "2"]


def test_a_value_changed_after_its_use_says_so():
    x = Tensor([1.0], requires_grad=True, name="x")
    y = x * x
    x.data -= 1.0
    assert labels(draw(y))[0][0] == "x (changed since)"


def test_each_scope_is_a_box_around_its_nodes():
    with scope("outer"):
        y = np.exp(Tensor([1.0], requires_grad=True))
        with scope("inner"):
            y = np.tanh(y)
    assert [(box.title, box.nodes) for box in parsed(draw(np.sum(y))).boxes] == [
        ("outer", ["n0", "n1", "n2"]),
        ("inner", ["n2"]),
    ]


GOLDEN = r"""digraph {
	graph [fontcolor="#595959" fontname=Helvetica fontsize=9 label="filled box: parameter  ·  octagon: input  ·  rounded: operation\ndashed: broadcast" labelloc=b nodesep=0.3 ranksep=0.38]
	node [color="#333333" fillcolor=white fontname=Helvetica fontsize=11 margin="0.14,0.07" shape=box style="filled,rounded"]
	edge [arrowsize=0.6 color="#555555" fontcolor="#595959" fontname=Helvetica fontsize=9 labelangle=-40 labeldistance=1.3 weight=8]
	n0 [label="W\n(2, 3) float64" color="#0072B2" fillcolor="#0072B2" fontcolor=white style=filled]
	n1 [label="b\n(3,) float64" color="#0072B2" fillcolor="#0072B2" fontcolor=white style=filled]
	n2 [label="X\n(5, 2) float64" color="#8A5A00" fillcolor="#F5C869" margin="0.02,0" shape=octagon style=filled]
	n3 [label="matmul\n(5, 3)"]
	n4 [label="add\n(5, 3)"]
	n5 [label="tanh\n(5, 3)"]
	n6 [label="loss = sum\n()"]
	subgraph cluster_s0 {
		color="#999999" fillcolor="#0000000A" fontcolor="#555555" label=hidden labeljust=l labelloc=t style="rounded,filled"
		n0
		n1
		n3
		n4
		n5
	}
	n2 -> n3 [headlabel=a minlen=2 weight=1]
	n0 -> n3 [headlabel=b weight=1]
	n3 -> n4
	n1 -> n4 [style=dashed weight=1]
	n4 -> n5
	n5 -> n6
}
"""  # noqa: E501


def golden():
    W, b = Tensor(np.ones((2, 3)), requires_grad=True), Tensor(np.ones(3), requires_grad=True)

    def loss(X):
        with scope("hidden"):
            hidden = np.tanh(X @ W + b)
        total = np.sum(hidden)
        total.name = "loss"
        return total

    return draw(loss, np.ones((5, 2)))


def test_the_text_of_a_small_network_word_by_word():
    assert golden().source == GOLDEN


SCRIPT = """
import sys
import numpy as np
from autograd_nn import Tensor, scope
from autograd_nn.draw import draw
y = x = Tensor(1.0, requires_grad=True, name="x")
for _ in range(10):
    with scope("step"):
        y = y * x + x
drawing = draw(y, max_nodes=20, kept=True, collapse=1)
sys.stdout.write(drawing.source + str(drawing) + drawing._repr_mimebundle_()["image/svg+xml"] + drawing.html())
"""


def test_the_same_code_gives_the_same_text_picture_and_page_in_another_process():
    outputs = [
        subprocess.check_output([sys.executable, "-c", SCRIPT], env=os.environ | {"PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize("suffix", ["dot", "svg", "html", "txt"])
def test_a_model_drawn_twice_is_the_same_bytes(suffix, tmp_path):
    first, second = (draw(Moons().loss, *moons_data()).save(tmp_path / f"{n}.{suffix}").read_bytes() for n in range(2))
    assert first == second


def test_a_tensor_and_its_graph_give_the_same_text():
    loss = network()
    assert draw(loss).source == draw(graph(loss)).source


def test_drawing_changes_nothing():
    loss = network()
    before = draw(loss).source
    draw(loss, values=True, gradients=True, backward=True, profile=True, kept=True).html()
    assert draw(loss).source == before
    loss.backward()


def test_a_drawing_as_text_is_its_graph_as_text():
    loss = network()
    assert str(draw(loss)) == str(graph(loss))


def test_a_parameter_with_many_uses_is_drawn_once_more_beside_each():
    w = y = Tensor([1.0], requires_grad=True, name="w")
    for _ in range(10):
        with scope("step"):
            y = np.tanh(y * w)
    picture = parsed(draw(y))
    assert len(picture.nodes) == 21
    assert {lines(look["label"])[0] for look in picture.copies.values()} == {"w"}
    assert {look["fontsize"] for look in picture.copies.values()} == {"9"}
    assert len(picture.copies) == 9
    assert "small: the same once more, where it is used" in picture.legend()


def test_no_line_of_a_recurrent_network_is_longer_than_a_step():
    """In points of the picture: what crosses all of it cannot be followed by the eye."""
    drawing = draw(*EIGHT["lstm"])
    drawn = placed(digraph(drawing.view, {}, drawing.shown._replace(page=True)))
    heights = [max(line[1::2]) - min(line[1::2]) for line in drawn["lines"].values()]
    assert (
        max(heights)
        < 1000
        < max(y for _, y, *_ in drawn["places"].values()) - min(y for _, y, *_ in drawn["places"].values())
    )


def test_a_part_says_of_which_class_it_is():
    assert parsed(draw(Moons().loss, *moons_data())).titles() == ["hidden: Linear", "output: Linear"]
    with scope("by hand"):
        y = network()
    assert parsed(draw(y)).titles() == ["by hand"]


@pytest.mark.parametrize("name", ["xor", "mlp", "vae", "convolution"])
def test_no_line_strikes_out_the_title_of_a_part(name):
    drawing = draw(*EIGHT[name])
    picture = digraph(drawing.view, {}, drawing.shown, sides(drawing.picture))
    drawn = laid_out(picture)
    pieces = [piece for edge in drawn["edges"] for piece in pieces_of(points_of(edge))]
    for part in (thing for thing in drawn["objects"] if "lp" in thing):
        (x, y), wide, high = numbers_of(part["lp"]), 36 * float(part["lwidth"]), 36 * float(part["lheight"])
        assert not [piece for piece in pieces if crosses((x - wide, y - high, x + wide, y + high), piece)]


def test_what_is_broad_goes_to_the_right_unless_one_says_down():
    def f(x):
        return np.sum(np.stack([np.tanh(x * k) for k in range(20)]))

    assert "rankdir=LR" in draw(f, np.ones(3)).source
    assert "rankdir=LR" not in draw(f, np.ones(3), direction="down").source
    assert "rankdir=LR" not in draw(Moons().loss, *moons_data()).source


def test_the_picture_says_how_many_nodes_are_not_shown():
    assert "not shown: 9,990 of 10,000 nodes" in parsed(draw(chain(9_999), max_nodes=10)).legend()


def test_graphviz_says_nothing_of_a_page_with_many_nodes(capfd):
    draw(chain(1_100)).html()
    assert capfd.readouterr().err == ""


# Names may hold anything ---------------------------------------------------------------------------


def with_examples(test):
    for name in HOSTILE:
        test = example(name)(test)
    return test


@given(any_text)
@with_examples
def test_no_name_changes_the_number_of_nodes_and_lines(name):
    drawing = draw(network(name))
    assert [len(label) for label in labels(drawing)] == [2] * 5
    assert len(parsed(drawing).edges) == 4


@given(any_text)
@with_examples
def test_no_name_of_an_input_a_scope_or_a_result_changes_the_graph(name):
    f, batch = hostile(name)
    picture = parsed(draw(f, batch))
    assert (len(picture.nodes), len(picture.edges), len(picture.boxes)) == (4, 3, 2)


@given(any_text.filter(lambda name: 0 < len(name) <= 80 and name.isprintable()))
def test_a_printable_name_is_in_the_label_as_it_is(name):
    assert labels(draw(network(name)))[1][0] == name


@given(any_text.filter(lambda name: 0 < len(name) <= 80 and name.isprintable()))
def test_a_printable_name_of_a_scope_is_the_title_of_its_box(name):
    with scope(name):
        y = network()
    assert parsed(draw(y)).titles() == [name]


@pytest.mark.parametrize("name", ["<b>bold</b>", "a\\nb \\G \\\\", '"quoted"', "&lt;&amp;", "{a|b}", "größe 重み"])
def test_a_name_is_in_the_picture_as_it_is(name, tmp_path):
    picture = ElementTree.parse(draw(network(name)).save(tmp_path / "graph.svg"))
    assert name in texts(picture)


@pytest.mark.parametrize(("name", "shown"), [("a\nb", r"a\nb"), ("\x00", r"\x00"), ("\u202e", r"\u202e")])
def test_what_cannot_be_printed_is_shown_as_its_escape(name, shown):
    assert labels(draw(network(name)))[1][0] == shown


def test_a_long_name_is_cut():
    title = labels(draw(network("W" * 1000)))[1][0]
    assert title == "W" * 79 + "…"


def test_a_primitive_without_a_name_of_its_own_is_no_markup():
    double = primitive(lambda x: 2 * x, x=lambda g: 2 * g)
    assert labels(draw(double(Tensor([1.0], requires_grad=True))))[1] == ["<lambda>", "(1,)"]


@settings(max_examples=25)
@given(any_text)
@with_examples
def test_nothing_is_injected_into_the_picture(name):
    f, batch = hostile(name)
    picture = svg(draw(f, batch))
    assert [len(groups(picture, kind)) for kind in ("node", "edge", "cluster")] == [4, 3, 2]
    tags = {element.tag.rpartition("}")[2] for element in picture.iter()}
    assert tags <= {"svg", "g", "title", "text", "polygon", "path", "polyline", "ellipse"}


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, [name for name, _ in attrs]))


@settings(max_examples=25)
@given(any_text)
@with_examples
def test_nothing_is_injected_into_the_page(name):
    f, batch = hostile(name)
    harmless, same = hostile("harmless")
    page, other = draw(f, batch).html(), draw(harmless, same).html()
    assert sorted(Tags(page).found) == sorted(Tags(other).found)
    assert page.encode()
    known = facts(page)
    assert {node["name"] for node in known["nodes"]} >= {name or None}
    assert [box["name"] for box in known["scopes"]] == [name or "empty"] * 2


# Random graphs -------------------------------------------------------------------------------------


@given(graphs(scopes=any_text))
def test_the_parsed_text_has_the_nodes_and_edges_of_the_graph(g):
    picture = parsed(draw(g, max_nodes=10_000))
    assert [*picture.nodes] == [node.id for node in g.nodes]
    assert sorted(picture.ends()) == sorted(edge[:2] for edge in g.edges)


@settings(max_examples=25)
@given(graphs(scopes=any_text))
def test_the_picture_has_the_nodes_edges_and_scopes_of_the_graph(g):
    picture = svg(draw(g, max_nodes=10_000))
    scopes = {node.scope[:depth] for node in g.nodes for depth in range(1, len(node.scope) + 1)}
    assert len(groups(picture, "node")) == len(g.nodes)
    assert len(groups(picture, "edge")) == len(g.edges)
    assert len(groups(picture, "cluster")) == len(scopes)


@settings(max_examples=25)
@given(programs(scopes=any_text), st.lists(any_text, min_size=1, max_size=3))
def test_the_page_has_each_node_of_the_graph_with_its_name_and_parents(program, names):
    tensors = results(program, names)
    g, known = graph(*tensors), facts(draw(*tensors).html())
    assert [(node["id"], node["name"]) for node in known["nodes"]] == [(node.id, node.name) for node in g.nodes]
    assert [(edge["parent"], edge["child"]) for edge in known["edges"]] == [edge[:2] for edge in g.edges]
    (unfolded,) = [layout for layout in known["layouts"] if not layout["folded"]]
    assert {id for id in unfolded["places"] if "-" not in id} == {node.id for node in g.nodes}
    assert set(unfolded["lines"]) == {edge["id"] for edge in known["edges"]}


# Large graphs --------------------------------------------------------------------------------------


def test_the_elided_nodes_stay_connected_to_the_others():
    picture = parsed(draw(chain(9), max_nodes=4))
    assert set(picture.ends()) == {("n0", "n1"), ("n1", "elided"), ("elided", "n8"), ("n8", "n9")}


@pytest.mark.parametrize(("length", "left_out"), [(3, 0), (4, 0), (5, 0), (6, 2), (100, 96)])
def test_one_node_is_never_elided_alone(length, left_out):
    nodes = parsed(draw(chain(length - 1), max_nodes=4)).nodes
    assert len(nodes) == length - left_out + (left_out > 0)
    assert ("elided" in nodes) == (left_out > 0)


def test_a_parameter_that_many_operations_share_is_drawn_within_seconds(tmp_path):
    w = y = Tensor(1.0, requires_grad=True, name="w")
    for _ in range(80):  # if Graphviz searched without a limit and made room for labels, this would take it ten seconds
        y = y * w
    assert draw(y).save(tmp_path / "graph.svg").exists()


# Pictures ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        ("png", b"\x89PNG\r\n\x1a\n"),
        ("pdf", b"%PDF-"),
        ("dot", b"digraph {"),
        ("html", b"<!doctype html>"),
        ("txt", b"n0: float64[5, 2] = constant X\n"),
    ],
)
def test_the_suffix_says_what_is_written(suffix, start, tmp_path):
    path = draw(network()).save(tmp_path / f"graph.{suffix}")
    assert path.read_bytes()[: len(start)].lower() == start.lower()


def test_a_png_has_two_pixels_for_a_point_of_the_svg(tmp_path):
    drawing = draw(network())
    points = ElementTree.parse(drawing.save(tmp_path / "graph.svg")).getroot().get("width")
    pixels = int.from_bytes(drawing.save(tmp_path / "graph.png").read_bytes()[16:20])  # the width in its header
    assert pixels == pytest.approx(2 * float(points.removesuffix("pt")), abs=2)


def test_every_label_is_in_the_svg(tmp_path):
    drawing = draw(network())
    shown = texts(ElementTree.parse(drawing.save(str(tmp_path / "graph.svg"))))
    legend = "filled box: parameter  ·  folded corner: constant  ·  rounded: operation"
    assert sorted(shown) == sorted([*(line for label in labels(drawing) for line in label), "a", "b", legend])


def test_the_dot_file_holds_the_text(tmp_path):
    drawing = draw(network("größe"))
    assert drawing.save(tmp_path / "graph.dot").read_text(encoding="utf-8") == drawing.source


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"path must end in .*\.svg, .*\.dot, .*: got .*graph\.bmp"):
        draw(chain(1)).save(tmp_path / "graph.bmp")


def test_a_notebook_shows_the_picture_with_the_text_to_fall_back_on():
    drawing = draw(network())
    bundle = drawing._repr_mimebundle_()
    assert bundle["text/plain"] == str(drawing)
    assert "<svg" in bundle["image/svg+xml"]


def test_in_a_notebook_what_is_too_wide_for_the_cell_is_scrolled_and_neither_cut_nor_made_smaller():
    cell = draw(network(), values=True)._repr_mimebundle_()["text/html"]
    assert re.match(r'<div style="overflow: auto;[^"]*"><svg style="max-width: none; height: auto" width="\d+pt"', cell)
    assert cell.endswith("</svg>\n</div>")


def test_the_dot_program_is_the_first_choice(monkeypatch, tmp_path):
    monkeypatch.setattr(graphviz.Digraph, "pipe", lambda picture, **how: f"{how['format']} by dot".encode())
    assert draw(network()).save(tmp_path / "graph.svg").read_text() == "svg by dot"


@pytest.fixture
def bare(monkeypatch):
    """A machine on which nothing draws."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_without_a_renderer_the_error_says_what_to_install_and_what_works(bare, suffix, tmp_path):
    with pytest.raises(RendererMissing, match=r'pip install "autograd_nn\[draw\]".*\.html, \.dot or \.txt, .*source'):
        draw(network()).save(tmp_path / f"graph.{suffix}")


def test_without_a_renderer_text_is_written(bare, tmp_path):
    drawing = draw(network())
    assert drawing.save(tmp_path / "graph.dot").read_text() == drawing.source
    assert drawing.save(tmp_path / "graph.txt").read_text() == f"{drawing}\n"


def test_without_a_renderer_the_page_makes_its_own_layouts(bare):
    assert facts(draw(network()).html())["layouts"] == []


def test_without_a_renderer_a_notebook_shows_the_text(bare):
    assert list(draw(network())._repr_mimebundle_()) == ["text/plain"]


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


# What is refused -----------------------------------------------------------------------------------


def test_what_the_drawn_function_raises_is_what_the_user_sees():
    def broken(x):
        raise ZeroDivisionError("of the user")

    with pytest.raises(ZeroDivisionError, match="of the user"):
        draw(broken, 1.0)


def test_an_array_is_refused():
    with pytest.raises(TypeError, match="what to draw must be a Tensor, a Graph, a function or model: got ndarray"):
        draw(np.ones(3))


def test_no_tensors_are_refused():
    with pytest.raises(TypeError, match="a graph is that of at least one Tensor: got none"):
        draw([])


def test_a_path_where_an_input_belongs_is_refused():
    with pytest.raises(TypeError, match="a graph is that of Tensors, or of a function with its inputs: got str"):
        draw(network(), "graph.svg")


def test_a_function_that_records_nothing_is_refused():
    with pytest.raises(ValueError, match="nothing was recorded: <lambda> returned int"):
        draw(lambda x: 3, 1.0)


def test_a_freed_tape_is_refused_with_what_to_write():
    loss = network()
    loss.backward()
    with pytest.raises(RuntimeError, match=r"retain_graph=True"):
        draw(loss)


def test_the_largest_floats_are_on_the_page():
    for extreme in (np.finfo(float).max, np.finfo(float).min):
        assert "<svg" in draw(lambda x: x * 1.0, np.full(10, extreme)).html()


def test_the_page_has_the_numbers_of_the_array_each_under_its_name():
    x = np.array([-3.0, 0.0, 0.0, 4.0, 5.0, 6.0, 7.0, 8.0, np.nan, np.inf])
    stat = facts(draw(lambda x: np.negative(x), x).html())["frames"][0]["values"]["n0"]
    assert (stat["min"], stat["mean"], stat["max"], stat["zeros"], stat["nan"], stat["inf"]) == (
        -3,
        3.375,
        8,
        0.2,
        1,
        1,
    )
    assert stat["rms"] == 4.987  # sqrt(199 / 8)
    assert (stat["counts"][0], sum(stat["counts"]), stat["text"]) == (1, 8, None)


@pytest.mark.parametrize(("nodes", "folded"), [(60, False), (61, True)])
def test_the_scopes_of_a_page_of_more_than_60_nodes_are_folded_at_first(nodes, folded):
    with scope("long"):
        y = chain(nodes - 1)
    assert [box["folded"] for box in facts(draw(y).html())["scopes"]] == [folded]


def test_the_totals_of_a_page_are_those_of_the_whole_graph_and_it_says_how_much_is_hidden():
    totals = facts(draw(chain(2_000)).html())["totals"]
    assert (totals["operation"], totals["parameter"]) == (2_000, 1)
    assert (totals["nodes"], totals["hidden"]) == (2_001, 1_001)


def test_the_page_comes_with_a_layout_for_each_level_of_folding():
    layouts = facts(draw(Moons().loss, *moons_data()).html())["layouts"]
    assert [layout["folded"] for layout in layouts] == [["s0", "s1"], []]
    assert "s0" in layouts[0]["places"]
    assert set(layouts[1]["boxes"]) == {"s0", "s1"}


def test_a_page_does_not_walk_to_what_is_left_out():
    data = page_data(seen := observe(chain(50)), shortened(grouped(seen.graph), 4))
    assert "elided" not in data["forward"]


def test_of_what_the_renderer_says_only_the_errors_are_passed_on(capfd):
    with without_warnings():
        os.write(2, b"Fontconfig warning: unknown element\nWarning: graph has 1001 nodes\nError: no such shape\n")
    assert capfd.readouterr().err == "Error: no such shape\n"
