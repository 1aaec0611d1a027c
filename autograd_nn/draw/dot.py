"""A view of a graph as DOT, the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any, NamedTuple

import graphviz

from autograd_nn.draw.folding import View
from autograd_nn.graph import GraphNode, printable
from autograd_nn.observing import Facts
from autograd_nn.statistics import Statistics, scaled

__all__ = ["Shown", "digraph"]

WHOLE = {"ranksep": "0.38", "nodesep": "0.3", "fontname": "Helvetica"}
NODES = {"fontname": "Helvetica", "fontsize": "11", "style": "filled", "color": "#333333", "margin": "0.14,0.07"}
EDGES = {"fontname": "Helvetica", "fontsize": "9", "fontcolor": "#595959", "color": "#555555", "arrowsize": "0.6"}
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
"""With more nodes than this, Graphviz looks less long for the best places, and makes no room for edge labels."""

# Blue and orange, which every eye can tell apart, and an outline for each kind, for print in black and white.
LOOK = {
    "parameter": {"shape": "box", "fillcolor": "#0072B2", "color": "#0072B2", "fontcolor": "white"},
    "input": {"shape": "octagon", "margin": "0.02,0", "fillcolor": "#F5C869", "color": "#8A5A00"},
    "constant": {"shape": "note", "fillcolor": "#EEEEEE", "color": "#777777"},
    "operation": {"shape": "box", "fillcolor": "white", "style": "filled,rounded"},
    "folded": {"shape": "box3d", "fillcolor": "#DCE9F2"},
    "elided": {"shape": "box", "color": "#777777", "fontcolor": "#595959", "style": "dashed"},
}

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
    page: bool = False
    """For the interactive page: with room for histograms, and with ids by which the page finds things."""


def digraph(view: View, facts: Mapping[str, Facts], shown: Shown) -> graphviz.Digraph:
    """The picture, whose ``source`` is the text."""
    whole = WHOLE | ({"rankdir": "LR"} if shown.direction == "right" else {})
    picture = graphviz.Digraph(graph_attr=whole, node_attr=NODES, edge_attr=EDGES)
    seconds = {node.id: duration(facts.get(node.id)) for node in view.nodes} if shown.profile else {}
    hottest = max(seconds.values(), default=0)
    for node in view.nodes:
        look = LOOK[node.kind] | ({"peripheries": "2"} if node.in_place else {})
        look |= heat(seconds[node.id] / hottest) if seconds.get(node.id) else {}
        look |= {"id": node.id, "class": node.kind} if shown.page else {}
        picture.node(node.id, label(describe(node, facts.get(node.id, Facts()), shown)), **look)
    add_scopes(picture, view, shown.page)
    add_edges(picture, view, shown.page)
    if not shown.page:
        entries = [*legend(view, shown, hottest)]
        lines = ["  ·  ".join(entries[i : i + 4]) for i in range(0, len(entries), 4)]
        picture.graph_attr |= {"label": label(lines), "labelloc": "b", "fontcolor": "#595959", "fontsize": "9"}
    return picture


def describe(node: GraphNode, facts: Facts, shown: Shown) -> Iterator[str]:
    """The lines of a node's label."""
    title = node.label
    if node.kind == "operation" and node.name:
        title = f"{node.name} = {node.label}"
    yield shortened(title) + (" (in place)" if node.in_place else "") + (" (changed since)" if node.changed else "")
    if node.kind == "elided":
        return
    yield f"{node.shape}" if node.kind in ("operation", "folded") else f"{node.shape} {node.dtype}"
    if node.kind == "folded":
        yield f"{node.stands_for:,} nodes"
    else:
        if shown.values:
            yield from numbers("value", facts.value)
        if shown.gradients:
            yield from numbers("gradient", facts.gradient)
    if shown.kept and node.kind == "operation":
        values = [kept for kept in node.keeps if kept.nbytes or kept.what in (*node.arguments, "y")]
        parts = [f"{kept.what} {scaled(kept.nbytes, 'B')}" if kept.nbytes else kept.what for kept in values]
        yield f"keeps {', '.join(parts) or 'nothing'}"
    if shown.profile and facts.seconds is not None:
        back = f", back {scaled(facts.pull_seconds, 's')}" if facts.pull_seconds is not None else ""
        yield f"{scaled(facts.seconds, 's')}{back}, {scaled(prod(node.shape) * node.dtype.itemsize, 'B')}"
    if shown.page:
        yield "\N{NO-BREAK SPACE}"


def numbers(what: str, statistics: Statistics | None) -> Iterator[str]:
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


def add_scopes(picture: graphviz.Digraph, view: View, page: bool) -> None:
    """A box around the nodes of each scope, with its name."""
    ids = view.scopes()
    inside: dict[tuple[str, ...], list[Any]] = {scope: [] for scope in ((), *ids)}
    for scope in ids:
        inside[scope[:-1]].append(scope)
    for node in view.nodes:
        if node.scope:
            inside[node.scope].append(node.id)

    def add(outer: graphviz.Digraph, scope: tuple[str, ...]) -> None:
        look = BACKWARD if scope == ("backward",) else SCOPE
        tags = {"id": ids[scope]} if page else {}
        with outer.subgraph(name=f"cluster_{ids[scope]}") as box:
            box.attr(label=label([shortened(scope[-1])]), **look, **tags)
            for item in inside[scope]:
                if isinstance(item, str):
                    box.node(item)
                else:
                    add(box, item)

    for scope in inside[()]:
        add(picture, scope)


def add_edges(picture: graphviz.Digraph, view: View, page: bool) -> None:
    nodes = {node.id: node for node in view.nodes}
    place = "label"
    if len(nodes) > LARGE:  # otherwise a parameter that 150 operations share takes many minutes
        picture.graph_attr["nslimit"] = "1"
        picture.edge_attr |= {"labeldistance": "1.6", "labelangle": "-30"}
        place = "headlabel"
    for number, edge in enumerate(view.edges):
        parent, child = nodes[edge.parent], nodes[edge.child]
        # the heavier an edge, the straighter it is
        look = {"weight": "8" if parent.kind in ("operation", "folded") else "1"}
        if parent.kind not in ("parameter", "constant") and parent.scope[: len(child.scope)] != child.scope:
            look["minlen"] = "2"  # room for the child's own leaves beside it: so scopes stand one below the other
        if (edge.argument and len(child.arguments) > 1) or edge.argument.endswith("]"):
            look[place] = label([f"  {edge.argument}"])  # the spaces keep it off the line
        if edge.broadcast:
            look["style"] = "dashed"
        if child.in_place and edge.argument == child.arguments[0]:
            look["penwidth"] = "2.5"
        if page:
            look["id"] = f"e{number}"
        picture.edge(edge.parent, edge.child, **look)


def legend(view: View, shown: Shown, hottest: float) -> Iterator[str]:
    """What the shapes, lines and numbers mean, of those that occur."""
    kinds = {node.kind for node in view.nodes}
    yield from (meaning for kind, meaning in MEANINGS.items() if kind in kinds)
    if any(node.in_place for node in view.nodes):
        yield "double outline: in place"
    if any(edge.broadcast for edge in view.edges):
        yield "dashed: broadcast"
    if shown.values or shown.gradients:
        yield "numbers: least .. mean .. greatest"
    if hottest:
        yield f"darkest: {scaled(hottest, 's')}"


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def label(lines: Any) -> str:
    """Lines of text as they are: nothing in them is markup, an escape or a control character."""
    return graphviz.nohtml(r"\n".join(graphviz.escape(printable(line).replace("&", "&amp;")) for line in lines))
