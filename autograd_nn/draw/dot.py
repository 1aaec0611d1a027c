"""A `Graph` as DOT, the language of Graphviz."""

from __future__ import annotations

import graphviz

from autograd_nn.core import Tensor
from autograd_nn.graph import Graph, GraphNode, graph

__all__ = ["digraph", "to_dot"]

WHOLE = {"ranksep": "0.38", "nodesep": "0.3"}
NODES = {"fontname": "Helvetica", "fontsize": "11", "style": "filled", "color": "#333333", "margin": "0.14,0.07"}
EDGES = {"fontname": "Helvetica", "fontsize": "9", "fontcolor": "#777777", "color": "#555555", "arrowsize": "0.6"}

LARGE = 50
"""With more nodes than this, Graphviz looks less long for the best places, and makes no room for edge labels."""

# One blue among greys, which every eye can tell apart, and an outline for each kind, for print in black and white.
LOOK = {
    "parameter": {"shape": "box", "fillcolor": "#0072B2", "color": "#0072B2", "fontcolor": "white"},
    "constant": {"shape": "note", "fillcolor": "#EEEEEE", "color": "#777777"},
    "operation": {"shape": "box", "fillcolor": "white", "style": "filled,rounded"},
    "elided": {"shape": "box", "color": "#777777", "fontcolor": "#777777", "style": "dashed"},
}


def to_dot(source: Graph | Tensor, limit: int = 200) -> str:
    r"""The graph in the DOT language, for Graphviz and all else that reads it.

    Parameters
    ----------
    source : Graph or Tensor
        A graph, or a result whose graph is meant.
    limit : int
        Of a larger graph, this many nodes are shown, the oldest and the youngest; one node stands for the rest.

    Returns
    -------
    str
        The same each time the same code runs. An operation shows its primitive and its shape, a parameter or
        constant its name, shape and dtype; an edge names the argument, where the primitive has several.
        Names may hold anything: what cannot be printed is shown as Python's escape for it.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        If ``limit`` is negative, or as `autograd_nn.graph.graph` for a Tensor without a graph.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.draw import to_dot
    >>> x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> print(to_dot(x * x))  # doctest: +NORMALIZE_WHITESPACE
    digraph {
        ...
        n0 [label="x\n(2,) float64" ...]
        n1 [label="multiply\n(2,)" ...]
        n0 -> n1 [label="  a" weight=1]
        n0 -> n1 [label="  b" weight=1]
    }
    <BLANKLINE>
    """
    return digraph(source, limit).source


def digraph(source: Graph | Tensor, limit: int) -> graphviz.Digraph:
    """The picture that `to_dot` writes as text."""
    if limit < 0:
        raise ValueError(f"limit is the number of nodes to show, 0 or more: got {limit}")
    whole = source if isinstance(source, Graph) else graph(source)
    picture = graphviz.Digraph(graph_attr=WHOLE, node_attr=NODES, edge_attr=EDGES)
    first, last = limit // 2, len(whole.nodes) - (limit - limit // 2)
    if last - first < 2:  # a node that stands for one other saves nothing
        first = last
    shown = {node.id: node for node in whole.nodes[:first] + whole.nodes[last:]}
    for node in shown.values():
        picture.node(node.id, description(node), **LOOK[node.kind])
    if len(shown) < len(whole.nodes):
        picture.node("elided", f"... {len(whole.nodes) - len(shown):,} nodes", **LOOK["elided"])

    place = "label"
    if len(shown) > LARGE:  # otherwise a parameter that 150 operations share takes many minutes
        picture.graph_attr["nslimit"] = "1"
        picture.edge_attr |= {"labeldistance": "1.6", "labelangle": "-30"}
        place = "headlabel"
    elided: dict[tuple[str, str], None] = {}
    for parent, child, argument in whole.edges:
        if parent in shown and child in shown:
            # the spaces keep it off the line
            label = {place: f"  {argument}"} if len(shown[child].arguments) > 1 else {}
            weight = "8" if shown[parent].kind == "operation" else "1"  # the heavier an edge, the straighter it is
            picture.edge(parent, child, weight=weight, **label)
        elif parent in shown or child in shown:
            elided[(parent, "elided") if parent in shown else ("elided", child)] = None
    picture.edges(elided)
    return picture


def description(node: GraphNode) -> str:
    """The label of a node: two lines of text."""
    if node.kind == "operation":
        title, detail = f"{node.name} = {node.label}" if node.name else node.label, str(node.shape)
    else:
        title, detail = node.label, f"{node.shape} {node.dtype}"
    return graphviz.nohtml(plain(title) + r"\n" + plain(detail))


def plain(text: str) -> str:
    """A label that shows the text as it is: nothing in it is markup, an escape or a control character."""
    printable = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return graphviz.escape(printable.replace("&", "&amp;"))
