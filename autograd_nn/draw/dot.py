"""A view of a graph as DOT, the language of Graphviz."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import prod
from typing import Any, NamedTuple

import graphviz

from autograd_nn.draw.folding import View, copied
from autograd_nn.graph.array_summary import Statistics, scaled
from autograd_nn.graph.facts import Facts
from autograd_nn.graph.value import GraphEdge, GraphNode, printable, stem

__all__ = ["Shown", "digraph", "lines", "numbers", "sideways"]

WHOLE = {"ranksep": "0.38", "nodesep": "0.3", "fontname": "Helvetica"}
NODES = {
    "fontname": "Helvetica",
    "fontsize": "11",
    "shape": "box",
    "style": "filled,rounded",
    "color": "#333333",
    "fillcolor": "white",
    "margin": "0.14,0.07",
}
EDGES = {
    "fontname": "Helvetica",
    "fontsize": "9",
    "fontcolor": "#595959",
    "color": "#555555",
    "arrowsize": "0.6",
    "weight": "8",
    "labeldistance": "1.3",
    "labelangle": "-40",
}
SCOPE = {
    "labelloc": "t",
    "style": "rounded,filled",
    "color": "#999999",
    "fillcolor": "#0000000A",
    "fontcolor": "#555555",
    "labeljust": "l",
}
BACKWARD = {**SCOPE, "color": "#D55E00", "fillcolor": "#D55E0014", "fontcolor": "#A63603"}

LARGE = 50
"""With more nodes than this, Graphviz looks less long for the best places."""

DENSE = 3
"""With so many edges for each node, it looks still less long, and draws them straight: curves would take minutes."""

BROAD = 10
"""With more operations side by side than this, a picture is wider than most screens."""

CROWD = 4
"""So many arguments can have their names side by side."""

COMMUTATIVE = {"add", "fmax", "fmin", "hypot", "logaddexp", "logaddexp2", "maximum", "minimum", "multiply"}
"""Primitives whose operands need no names: they may change places."""

# Blue and orange, which every eye can tell apart, and an outline for each kind, for print in black and white.
LOOK = {
    "parameter": {"style": "filled", "fillcolor": "#0072B2", "color": "#0072B2", "fontcolor": "white"},
    "input": {"shape": "octagon", "style": "filled", "margin": "0.02,0", "fillcolor": "#F5C869", "color": "#8A5A00"},
    "constant": {"shape": "note", "style": "filled", "fillcolor": "#EEEEEE", "color": "#777777"},
    "operation": {},
    "folded": {"shape": "box3d", "style": "filled", "fillcolor": "#DCE9F2"},
    "elided": {"color": "#777777", "fontcolor": "#595959", "style": "dashed"},
}

COPY = {"fontsize": "9", "margin": "0.06,0.02", "height": "0.2", "width": "0.2"}
"""Of a node drawn once more beside one of its uses."""

MEANINGS = {
    "parameter": "filled box: parameter",
    "input": "octagon: input",
    "constant": "folded corner: constant",
    "operation": "rounded: operation",
    "folded": "box in depth: folded scope",
}

HEAT = ("#FFF5EB", "#FDD0A2", "#FDAE6B", "#F16913", "#A63603")
"""From cool to hot: ColorBrewer's Oranges, which stay in order for every eye and in print."""

LONGEST = 80
"""Characters of a name that are shown."""


class Shown(NamedTuple):
    """What is to be seen of each node besides its name and shape, and how."""

    values: bool = False
    gradients: bool = False
    profile: bool = False
    kept: bool = False
    direction: str = "down"
    trouble: str | None = None
    """What could not be shown, and why."""
    page: bool = False
    """For the interactive page: with room for histograms, and with ids by which the page finds things."""
    total: int = 0
    """How many nodes there are, whether drawn or not."""


def digraph(
    view: View, facts: Mapping[str, Facts], shown: Shown, sides: Mapping[str, str] | None = None
) -> graphviz.Digraph:
    """The picture, whose ``source`` is the text. The titles of scopes are at the left, but for those in ``sides``."""
    whole = (
        WHOLE | ({"rankdir": "LR"} if shown.direction == "right" else {}) | ({"ranksep": "0.3"} if shown.page else {})
    )
    picture = graphviz.Digraph(graph_attr=whole, node_attr=NODES, edge_attr=EDGES)
    if len(view.nodes) > LARGE:
        picture.graph_attr["nslimit"] = "1"
    if len(view.edges) > DENSE * len(view.nodes):
        picture.graph_attr |= {"nslimit": "0.1", "mclimit": "0.1", "splines": "line"}
    seconds = {node.id: duration(facts.get(node.id)) for node in view.nodes} if shown.profile else {}
    hottest = max(seconds.values(), default=0)
    for node in view.nodes:
        look = LOOK[node.kind] | ({"peripheries": "2"} if node.in_place else {})
        look |= heat(seconds[node.id] / hottest) if seconds.get(node.id) else {}
        picture.node(node.id, label(lines(node, view, facts.get(node.id, Facts()), shown)), **look)
    copies = copied(view)
    nodes = {node.id: node for node in view.nodes}
    for (parent, _), id in copies.items():
        picture.node(id, label([clipped(nodes[parent].title)]), **LOOK[nodes[parent].kind] | COPY)
    add_scopes(picture, view, {id: nodes[child].scope for (_, child), id in copies.items()}, sides or {})
    add_edges(picture, view, copies, shown.page)
    if not shown.page:
        entries = [*legend(view, facts, shown, hottest, bool(copies))]
        texts = ["  ·  ".join(entries[i : i + 3]) for i in range(0, len(entries), 3)]
        picture.graph_attr |= {"label": label(texts), "labelloc": "b", "fontcolor": "#595959", "fontsize": "9"}
    return picture


def sideways(view: View) -> bool:
    """Whether it fits better if the arrows go to the right: with more side by side than one after the other."""
    ranks = {node.id: 0 for node in view.nodes if node.kind not in ("parameter", "input", "constant")}
    for edge in view.edges:
        if edge.parent in ranks and edge.child in ranks:
            ranks[edge.child] = max(ranks[edge.child], ranks[edge.parent] + 1)
    sizes = Counter(ranks.values())
    return max(sizes.values(), default=0) > max(BROAD, len(sizes))


def lines(node: GraphNode, view: View, facts: Facts, shown: Shown) -> Iterator[str]:
    """The lines of a node's label."""
    part = view.parts.get((*node.scope, node.label)) if node.kind == "folded" else None
    yield from describe(node, part)
    yield from numbers(node, facts, shown)
    if shown.page and node.kind not in ("folded", "elided"):
        yield "\N{NO-BREAK SPACE}"


def describe(node: GraphNode, part: str | None) -> Iterator[str]:
    """What it is."""
    title = f"{node.title}: {part}" if part else node.title
    yield clipped(title) + (" (in place)" if node.in_place else "") + (" (changed since)" if node.changed else "")
    if node.kind == "elided":
        return
    yield f"{node.shape}" if node.kind in ("operation", "folded") else f"{node.shape} {node.dtype}"
    yield from (f"{name} = {text}" for name, text in node.given if stem(name) in node.arguments and text != "?")
    if node.kind == "folded":
        yield f"{node.stands_for:,} nodes"


def numbers(node: GraphNode, facts: Facts, shown: Shown) -> Iterator[str]:
    """What was asked for besides."""
    if node.kind not in ("folded", "elided"):
        if shown.values:
            yield from in_lines("value", facts.value)
        if shown.gradients:
            yield from in_lines("gradient", facts.gradient)
    if shown.kept and node.kind == "folded":
        yield f"keeps {scaled(node.nbytes, 'B')}"
    elif shown.kept and node.kind == "operation" and (node.keeps or not node.backward):
        parts = [f"{kept.what} {scaled(kept.nbytes, 'B')}" if kept.nbytes else kept.what for kept in node.values]
        yield f"keeps {', '.join(parts) or 'nothing'}"
    if shown.profile and facts.seconds is not None:
        back = f", back {scaled(facts.pull_seconds, 's')}" if facts.pull_seconds is not None else ""
        size = "" if node.kind == "folded" else f", value {scaled(prod(node.shape) * node.dtype.itemsize, 'B')}"
        yield f"{scaled(facts.seconds, 's')}{back}{size}"


def in_lines(what: str, statistics: Statistics | None) -> Iterator[str]:
    """An array in a line or two."""
    if statistics is None:
        yield f"no {what} known"
    else:
        yield f"{what} {statistics}"
        if statistics.text is None and statistics.least != statistics.greatest:
            yield statistics.bars()


def duration(facts: Facts | None) -> float:
    return (facts.seconds or 0) + (facts.pull_seconds or 0) if facts else 0


def heat(share: float) -> dict[str, str]:
    """The colour for a share of the slowest node's time."""
    step = min(int(share * len(HEAT)), len(HEAT) - 1)
    return {"fillcolor": HEAT[step], "fontcolor": "white" if step == len(HEAT) - 1 else "black"}


def add_scopes(
    picture: graphviz.Digraph, view: View, copies: Mapping[str, tuple[str, ...]], sides: Mapping[str, str]
) -> None:
    """A box around the nodes of each scope, with its name, and the class of a part."""
    ids = view.scopes()
    inside: dict[tuple[str, ...], list[Any]] = {scope: [] for scope in ((), *ids)}
    for scope in ids:
        inside[scope[:-1]].append(scope)
    for id, scope in ({node.id: node.scope for node in view.nodes} | dict(copies)).items():
        if scope:
            inside[scope].append(id)
    forward = {node.scope[:depth] for node in view.nodes if not node.backward for depth in range(len(node.scope) + 1)}
    boxes: dict[tuple[str, ...], graphviz.Digraph] = {}
    for scope in reversed(ids):  # the inner ones first
        look = BACKWARD if scope not in forward and scope[:-1] in forward else SCOPE
        part = view.parts.get(scope)
        side = {"labeljust": sides[ids[scope]]} if ids[scope] in sides else {}
        boxes[scope] = box = graphviz.Digraph(f"cluster_{ids[scope]}")
        box.attr(label=label([clipped(f"{scope[-1]}: {part}" if part else scope[-1])]), **look | side)
        fill(box, inside[scope], boxes)
    fill(picture, inside[()], boxes)


def fill(box: graphviz.Digraph, items: list[Any], boxes: Mapping[tuple[str, ...], graphviz.Digraph]) -> None:
    for item in items:
        if isinstance(item, str):
            box.node(item)
        else:
            box.subgraph(boxes[item])


def add_edges(picture: graphviz.Digraph, view: View, copies: Mapping[tuple[str, str], str], page: bool) -> None:
    nodes = {node.id: node for node in view.nodes}
    into = Counter(edge.child for edge in view.edges)
    for number, edge in enumerate(view.edges):
        parent, child = nodes[edge.parent], nodes[edge.child]
        copy = copies.get((edge.parent, edge.child))
        # the heavier an edge, the straighter it is: those of the leaves give way
        look = {} if parent.kind in ("operation", "folded") and not copy else {"weight": "1"}
        if (
            not copy
            and parent.kind not in ("parameter", "constant")
            and parent.scope[: len(child.scope)] != child.scope
        ):
            look["minlen"] = "2"  # room for the child's own leaves beside it: so scopes stand one below the other
        if named(edge, child):
            # beside the line, and at its tail if at its head there are so many that none can be read
            look["taillabel" if into[child.id] > CROWD else "headlabel"] = label([edge.argument])
        if edge.broadcast:
            look["style"] = "dashed"
        if child.in_place and edge.argument == child.arguments[0]:
            look["penwidth"] = "2.5"
        if page:
            look["id"] = f"e{number}"
        picture.edge(copy or edge.parent, edge.child, **look)


def named(edge: GraphEdge, child: GraphNode) -> bool:
    """Whether one has to know which argument it is."""
    several = len(child.arguments) > 1 and child.label not in COMMUTATIVE
    return bool(edge.argument) and (several or edge.argument.endswith("]"))


def legend(view: View, facts: Mapping[str, Facts], shown: Shown, hottest: float, copies: bool) -> Iterator[str]:
    """What the shapes, lines and numbers mean, of those that occur."""
    kinds = {node.kind for node in view.nodes}
    yield from (meaning for kind, meaning in MEANINGS.items() if kind in kinds)
    if copies:
        yield "small: the same once more, where it is used"
    if any(node.in_place for node in view.nodes):
        yield "double outline: in place"
    if any(edge.broadcast for edge in view.edges):
        yield "dashed: broadcast"
    spread = [known.value for known in facts.values() if shown.values]
    spread += [known.gradient for known in facts.values() if shown.gradients]
    if any(statistics is not None and statistics.text is None for statistics in spread):
        yield "numbers: least .. mean .. greatest"
    if shown.kept:
        yield "keeps: arguments, or y, the result; bytes if for the backward pass alone"
    if hottest:
        yield f"darkest: {scaled(hottest, 's')}"
    missing = sum(node.stands_for for node in view.nodes if node.kind == "elided")
    if missing:
        yield f"not shown: {missing:,} of {shown.total:,} nodes"
    if shown.trouble:
        yield shown.trouble


def clipped(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def label(texts: Iterable[str]) -> str:
    """Lines of text as they are: nothing in them is markup, an escape or a control character."""
    return graphviz.nohtml(r"\n".join(graphviz.escape(printable(line).replace("&", "&amp;")) for line in texts))
