"""The options of draw: what each adds to the picture, and what the picture says about itself."""

import re
from contextlib import ExitStack
from itertools import combinations, pairwise

import numpy as np
import pytest
from models import Heads, Moons, Transformer, chain, moons_data, sentence
from reading import labels, parsed

from autograd_nn import Tensor, grad, gradients, scope
from autograd_nn.draw import draw
from autograd_nn.draw.dot import BACKWARD, EDGES, HEAT, LOOK, NODES, SCOPE, Shown, digraph, heat
from autograd_nn.draw.drawing import total
from autograd_nn.draw.folding import View
from autograd_nn.graph import graph
from autograd_nn.graph.array_summary import scaled, statistics
from autograd_nn.graph.facts import Facts


def label(drawing, title):
    """The lines of the node with this title, without it."""
    (found,) = [rest for first, *rest in labels(drawing) if first == title]
    return found


def fills(drawing):
    return [look.get("fillcolor") for look in parsed(drawing).nodes.values()]


# values and gradients ------------------------------------------------------------------------------


def test_small_values_are_printed():
    x = Tensor([1.0, -0.5], requires_grad=True, name="x")
    assert label(draw(x * x, values=True), "multiply") == ["(2,)", "value [1, 0.25]"]


def test_large_values_are_their_least_mean_and_greatest_with_a_histogram():
    drawing = draw(lambda x: np.sum(x), np.arange(100.0).reshape(10, 10), values=True)
    assert label(drawing, "x") == ["(10, 10) float64", "value 0 .. 49.5 .. 99", "██████████"]


def test_elements_that_are_all_the_same_need_no_histogram():
    assert label(draw(lambda x: np.sum(x), np.ones((10, 10)), values=True), "x")[1:] == ["value all 1"]


def test_nan_and_inf_are_counted():
    drawing = draw(lambda x: np.negative(x), np.r_[np.arange(8.0), np.nan, np.inf], values=True)
    assert label(drawing, "x")[1] == "value 0 .. 3.5 .. 7, 1 nan, 1 inf"


def test_a_value_that_the_tape_does_not_hold_is_said_to_be_unknown():
    x = Tensor([1.0], requires_grad=True)
    assert label(draw(np.exp(x) + 1.0 - 1.0, values=True), "add") == ["(1,)", "no value known"]


def test_gradients_are_those_that_gradients_gives():
    model, (X, y) = Moons(), moons_data()
    drawing = draw(model.loss, X, y, gradients=True)
    slope = gradients(model.loss(X, y), model.hidden.W)
    node = next(node for node in drawing.graph.nodes if node.name == "hidden.W")
    lines = parsed(drawing).labels()[int(node.id[1:])]
    assert lines[2] == f"gradient {statistics(slope.data)}"


def test_values_come_before_gradients():
    drawing = draw(lambda x: x * x, np.array([1.0, 2.0]), values=True, gradients=True)
    assert label(drawing, "x") == ["(2,) float64", "value [1, 2]", "gradient [2, 4]"]


def test_without_options_there_are_no_numbers():
    assert all(len(lines) == 2 for lines in labels(draw(Moons().loss, *moons_data())))


# backward ------------------------------------------------------------------------------------------


def test_the_backward_pass_is_in_a_box_of_its_own():
    drawing = draw(Moons().loss, *moons_data(), backward=True)
    assert "backward" in parsed(drawing).titles()
    forward = len(draw(Moons().loss, *moons_data()).graph.nodes)
    cotangent, *backward = drawing.graph.nodes[forward:]
    assert not any(node.backward for node in drawing.graph.nodes[:forward])
    assert (cotangent.label, {node.backward for node in backward}) == ("cotangent", {True})


def test_its_results_are_the_gradients_in_numbers():
    model, (X, y) = Moons(), moons_data()
    drawing = draw(model.loss, X, y, backward=True, values=True)
    slope = gradients(model.loss(X, y), model.output.b)
    titles = {lines[0]: lines for lines in labels(drawing)}
    found = next(lines for title, lines in titles.items() if title.startswith("gradient of output.b = "))
    assert found[2] == f"value {statistics(slope.data)}"


def test_every_gradient_is_named_after_its_parameter():
    drawing = draw(Moons().loss, *moons_data(), backward=True)
    assert {node.name for node in drawing.graph.nodes if (node.name or "").startswith("gradient of ")} == {
        f"gradient of {name}" for name in ("hidden.W", "hidden.b", "output.W", "output.b")
    }


def timed(**facts):
    """The colours of operations that took so long."""
    g = graph(lambda x: np.cos(np.sin(np.exp(x))), np.ones(3))
    ids = {node.label: node.id for node in g.nodes}
    picture = digraph(View(g.nodes, g.edges, {}), {ids[name]: f for name, f in facts.items()}, Shown(profile=True))
    looks = parsed(picture).nodes
    return [looks[ids[name]].get("fillcolor") for name in facts]


def test_as_text_a_drawing_has_what_the_options_show_below_each_line():
    x, w = Tensor(2.0, name="x"), Tensor(3.0, requires_grad=True, name="w")
    text = str(draw(lambda x: x * w, x, values=True, gradients=True, kept=True)).splitlines()
    assert [line.partition("  #")[0] for line in text] == [
        "n0: float64[] = parameter w",
        "    value 3",
        "    gradient 2",
        "n1: float64[] = input x",
        "    value 2",
        "    gradient 3",
        "n2: float64[] = multiply(n1, n0)",
        "    value 6",
        "    gradient 1",
        "    keeps a",
    ]
    assert str(draw(graph(w * 2.0), values=True)).endswith("draw the Tensor or the function")


# profile and kept ----------------------------------------------------------------------------------


def test_a_profile_shows_time_and_bytes_of_each_operation():
    drawing = draw(lambda x: np.exp(x), np.ones((10, 10)), profile=True)
    (timed,) = label(drawing, "exp")[1:]
    assert timed.endswith("s, value 800 B")
    assert ", back " in timed
    assert len(label(drawing, "x")) == 1


def test_a_profile_colours_the_slowest_most():
    assert timed(exp=Facts(seconds=1.0), sin=Facts(seconds=10.0), cos=Facts(seconds=5.0)) == [
        HEAT[0],
        HEAT[-1],
        HEAT[2],
    ]


def test_the_time_of_the_pullbacks_counts():
    forward_is_slower, backward_is_slower = Facts(seconds=5.0, pull_seconds=0.0), Facts(seconds=1.0, pull_seconds=9.0)
    assert timed(exp=forward_is_slower, sin=backward_is_slower, cos=Facts()) == [HEAT[2], HEAT[-1], None]


def test_the_heat_grows_with_the_share_of_the_time():
    assert [heat(share)["fillcolor"] for share in (0.0, 0.2, 0.5, 0.99, 1.0)] == [HEAT[i] for i in (0, 1, 2, 4, 4)]


def test_kept_shows_what_pullbacks_keep_in_bytes():
    W = Tensor(np.ones((2, 3)), requires_grad=True, name="W")
    drawing = draw(lambda x: np.sum(np.tanh(np.exp(x) @ W)), np.ones((5, 2)), kept=True)
    assert label(drawing, "matmul") == ["(5, 3)", "keeps a 80 B"]
    assert label(drawing, "tanh") == ["(5, 3)", "keeps a 120 B"]
    assert label(drawing, "sum")[1:] == ["keeps nothing"]
    assert label(drawing, "W")[1:] == []


# collapse ------------------------------------------------------------------------------------------


def test_collapsed_the_blocks_of_a_transformer_are_one_node():
    titles = {lines[0]: lines for lines in labels(draw(Transformer().loss, sentence(), collapse=True))}
    assert titles["blocks x 12: Block"][1:] == ["(2, 5, 8)", "516 nodes"]


def test_zero_levels_open_is_the_same_as_collapsed():
    f, tokens = Transformer(blocks=2).loss, sentence()
    assert draw(f, tokens, collapse=0).source == draw(f, tokens, collapse=True).source


def test_one_level_open_shows_the_parts_of_a_block_once():
    picture = parsed(draw(Transformer().loss, sentence(), collapse=1))
    assert "blocks x 12: Block" in picture.titles()
    titles = [lines[0] for lines in picture.labels()]
    assert [
        titles.count(part) for part in ("norms[0]: Norm", "attention: Attention", "norms[1]: Norm", "mlp: MLP")
    ] == [1, 1, 1, 1]


def test_two_levels_open_show_the_operations_in_them():
    picture = parsed(draw(Transformer().loss, sentence(), collapse=2))
    titles = [lines[0] for lines in picture.labels()]
    assert {"blocks x 12: Block", "attention: Attention", "mlp: MLP"} <= set(picture.titles())
    assert titles.count("scaled_dot_product_attention") == 1
    assert {"up: Linear", "down: Linear"} <= set(titles)


def test_not_collapsed_every_block_is_there():
    picture = parsed(draw(Transformer(blocks=3).loss, sentence(), max_nodes=1000))
    assert {f"blocks[{k}]: Block" for k in range(3)} <= set(picture.titles())


def test_parallel_heads_are_drawn_once():
    assert [lines[0] for lines in labels(draw(Heads(), np.ones((2, 3)), collapse=True))] == [
        "x",
        "heads x 4: Head",
        "concatenate",
    ]


def test_blocks_that_differ_are_not_drawn_as_one():
    def f(x):
        for k in range(3):
            with scope("block"):
                x = np.tanh(x) if k == 1 else np.exp(x)
        return x

    assert [lines[0] for lines in labels(draw(f, 1.0, collapse=True))] == ["x", "block[0]", "block[1]", "block[2]"]


def test_a_collapsed_scope_shows_its_time_and_memory():
    _, nodes, kept, time = label(
        draw(Heads(), np.ones((2, 3)), collapse=True, profile=True, kept=True), "heads x 4: Head"
    )
    assert (nodes, kept) == ("24 nodes", "keeps 576 B")  # in each of four heads three arrays of 2 x 3
    assert re.fullmatch(r"[\d.]+ [µm]?s, back [\d.]+ [µm]?s", time)


def test_a_collapsed_scope_took_what_its_nodes_took_together():
    facts = {
        "n0": Facts(seconds=1.0, pull_seconds=0.5),
        "n1": Facts(seconds=2.0),
        "n2": Facts(),
        "n3": Facts(seconds=9.0),
    }
    assert total(facts, ("n0", "n1", "n2")) == Facts(seconds=3.0, pull_seconds=0.5)
    assert total(facts, ("n2",)) == Facts()


# max_nodes and direction ---------------------------------------------------------------------------


@pytest.mark.parametrize(("most", "drawn"), [(None, 201), (10, 11), (0, 1), (1000, 1000)])
def test_so_many_nodes_are_drawn_and_one_for_the_others(most, drawn):
    assert len(labels(draw(chain(999), max_nodes=most))) == drawn


def test_the_node_for_the_others_says_how_many_they_are():
    assert parsed(draw(chain(99_999))).nodes["elided"]["label"] == "... 99,800 nodes"


def test_arrows_go_down_or_to_the_right():
    assert parsed(draw(chain(1))).look.get("rankdir") is None
    assert parsed(draw(chain(1), direction="right")).look["rankdir"] == "LR"


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"direction": "left"}, "direction must be one of down, right: got 'left'"),
        ({"max_nodes": -1}, "max_nodes is the number of nodes to show, 0 or more: got -1"),
        ({"max_nodes": 1.5}, "max_nodes is the number of nodes to show, 0 or more: got 1.5"),
        ({"collapse": "all"}, "collapse is the number of levels to open, or True or False: got 'all'"),
        ({"collapse": -2}, "collapse is the number of levels to open, or True or False: got -2"),
    ],
)
def test_what_an_option_does_not_take_is_refused_by_its_name(option, message):
    with pytest.raises(ValueError, match=message):
        draw(chain(1), **option)


def test_all_options_go_together():
    drawing = draw(
        Transformer(blocks=2).loss,
        sentence(),
        **dict.fromkeys(("values", "gradients", "backward", "profile", "kept"), True),
        collapse=1,
        max_nodes=20,
        direction="right",
    )
    assert len(labels(drawing)) == 21
    assert "<svg" in drawing.html()


# The legend ----------------------------------------------------------------------------------------


def test_the_legend_names_what_occurs():
    x, row = Tensor(np.ones((2, 3)), requires_grad=True), Tensor(np.ones(3))
    y = x * row
    y += 1.0
    assert parsed(draw(y)).legend() == [
        "filled box: parameter",
        "folded corner: constant",
        "rounded: operation",
        "double outline: in place",
        "dashed: broadcast",
    ]


def test_the_legend_leaves_out_what_does_not_occur():
    assert parsed(draw(np.exp, 1.0)).legend() == ["octagon: input", "rounded: operation"]


def test_the_legend_explains_the_numbers():
    spread, few = np.arange(10.0), 1.0
    assert "numbers: least .. mean .. greatest" in parsed(draw(np.exp, spread, values=True)).legend()
    assert "numbers: least .. mean .. greatest" not in parsed(draw(np.exp, few, values=True)).legend()
    keeps = "keeps: arguments, or y, the result; bytes if for the backward pass alone"
    assert keeps in parsed(draw(np.exp, spread, kept=True)).legend()
    assert keeps not in parsed(draw(np.exp, spread)).legend()


def test_numbers_and_arrays_that_are_no_tensors_are_on_the_node_that_they_were_given_to():
    drawing = draw(lambda x: 3 * x + np.ones(4), np.ones(4))
    assert label(drawing, "multiply") == ["(4,)", "a = 3"]
    assert label(drawing, "add") == ["(4,)", "b = float64[4]"]


def test_the_legend_tells_the_time_of_the_darkest():
    g = graph(np.exp, 1.0)
    picture = digraph(View(g.nodes, g.edges, {}), {"n1": Facts(seconds=3e-6, pull_seconds=1e-6)}, Shown(profile=True))
    assert parsed(picture).legend() == ["octagon: input", "rounded: operation", "darkest: 4 µs"]


def test_the_legend_names_folded_scopes():
    assert "box in depth: folded scope" in parsed(draw(Heads(), np.ones((2, 3)), collapse=True)).legend()


# For every eye, and in print -----------------------------------------------------------------------

KINDS = ("parameter", "input", "constant", "operation", "folded")

EYES = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "achromatopsia": [[0.2126, 0.7152, 0.0722]] * 3,
}
"""What each sees of linear RGB: Machado, Oliveira & Fernandes 2009, severity 1; at last the luminance alone."""

NOTICED = 2.3
"""The least distance in CIELAB that is just noticed: Mahy, Van Eycken & Oosterlinck 1994."""


def linear(colour):
    """Linear RGB of sRGB: IEC 61966-2-1."""
    colour = {"white": "#FFFFFF", "black": "#000000"}.get(colour, colour)
    rgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return linear(colour) @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    """WCAG 2.2, 1.4.3."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(colour, eye):
    """CIELAB under D65 of what the eye sees."""
    xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    seen = np.clip(EYES[eye] @ linear(colour), 0, 1)
    t = xyz @ seen / [0.95047, 1.0, 1.08883]
    x, y, z = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def outline(kind):
    look = NODES | LOOK[kind]
    return look["shape"], look["style"]


@pytest.mark.parametrize(("one", "other"), [*combinations((*KINDS, "elided"), 2)])
def test_kinds_differ_in_outline_and_not_only_in_colour(one, other):
    assert outline(one) != outline(other)


@pytest.mark.parametrize("kind", LOOK)
def test_text_can_be_read_on_its_node(kind):
    look = {"fillcolor": "white", "fontcolor": "black"} | LOOK[kind]
    assert contrast(look["fontcolor"], look["fillcolor"]) >= 4.5


def behind(layers):
    """The colour of boxes inside each other on white paper."""
    seen = np.ones(3)
    for look in layers:
        *rgb, alpha = (int(look["fillcolor"][k : k + 2], 16) / 255 for k in (1, 3, 5, 7))
        seen = (1 - alpha) * seen + alpha * np.array(rgb)
    return "#" + "".join(f"{round(255 * part):02X}" for part in seen)


@pytest.mark.parametrize("layers", [[], [SCOPE], [SCOPE] * 4, [BACKWARD], [BACKWARD] + [SCOPE] * 3])
def test_titles_of_boxes_and_names_of_arguments_can_be_read_in_them(layers):
    inks = [EDGES["fontcolor"], *(look["fontcolor"] for look in layers)]
    assert min(contrast(ink, behind(layers)) for ink in inks) >= 4.5


@pytest.mark.parametrize("share", np.linspace(0, 1, 11))
def test_text_can_be_read_on_a_hot_node(share):
    look = heat(share)
    assert contrast(look["fontcolor"], look["fillcolor"]) >= 4.5


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize(("one", "other"), [*combinations(KINDS, 2)])
def test_the_colours_of_kinds_stay_apart(one, other, eye):
    distance = np.linalg.norm(lab((NODES | LOOK[one])["fillcolor"], eye) - lab((NODES | LOOK[other])["fillcolor"], eye))
    assert distance > NOTICED


@pytest.mark.parametrize("eye", EYES)
def test_parameters_and_inputs_stand_out(eye):
    colours = {kind: lab((NODES | LOOK[kind])["fillcolor"], eye) for kind in KINDS}
    for kind in ("parameter", "input"):
        assert min(np.linalg.norm(colours[kind] - colours[other]) for other in KINDS if other != kind) > 3 * NOTICED


@pytest.mark.parametrize("eye", EYES)
def test_heat_gets_darker_step_by_step(eye):
    lightness = [lab(colour, eye)[0] for colour in HEAT]
    assert all(before - after > NOTICED for before, after in pairwise(lightness))


def test_gradients_of_gradients_are_drawn():
    drawing = draw(grad(grad(np.tanh)), 0.5, values=True)
    t = np.tanh(0.5)
    assert f"value {-2 * t * (1 - t * t):.4g}" in labels(drawing)[-1]


def test_beside_the_backward_pass_parameters_stay_in_their_blocks():
    drawing = draw(Transformer().loss, sentence(), backward=True, collapse=True)
    assert [node.kind for node in drawing.view.nodes].count("parameter") == 2  # of tokens and positions
    assert "blocks x 12" in {node.label for node in drawing.view.nodes}


def test_only_the_backward_pass_has_its_colour_whatever_a_part_is_called():
    def loss(x):
        with scope("backward"):
            return np.sum(np.tanh(x))

    drawing = draw(loss, np.ones(3), backward=True)
    assert drawing.source.count(f'color="{BACKWARD["color"]}"') == 1
    assert drawing.source.count(f'fillcolor="{SCOPE["fillcolor"]}"') == 2  # forward, and its mirror in the other


def test_a_folded_scope_shows_what_is_kept_in_it():
    drawing = draw(Transformer(), sentence(), kept=True, collapse=True)
    nbytes = sum(node.nbytes for node in drawing.graph.nodes if node.scope[:1] == ("blocks[0]",))
    assert nbytes > 0
    assert label(drawing, "blocks x 12: Block")[-1] == f"keeps {scaled(12 * nbytes, 'B')}"


def test_the_legend_says_why_something_is_missing():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = np.sum(x * x)
    x.data -= 1.0
    for options in ({"gradients": True}, {"backward": True}):
        assert "no backward pass: " in draw(y, **options).source
    assert "no backward pass" not in draw(y).source


def test_the_leaves_of_what_is_left_out_are_left_out():
    drawing = draw(Transformer(), sentence(), max_nodes=20)
    shown = {node.id for node in drawing.view.nodes}
    used = {edge.parent for edge in drawing.view.edges if edge.child != "elided"}
    leaves = {node.id for node in drawing.view.nodes if node.kind == "parameter"}
    assert len(shown) == 21
    assert leaves <= used


def test_a_thousand_scopes_in_each_other_are_drawn():
    y = Tensor([0.5], requires_grad=True)
    with ExitStack() as stack:
        for depth in range(1000):
            stack.enter_context(scope(f"s{depth}"))
        y = np.tanh(y)
    assert draw(y).source.count("subgraph") == 1000
