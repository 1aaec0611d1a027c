"""The Graph: what the tape recorded, as plain values that anyone may look at.

Drawing, summaries and export read a `Graph` and never walk the tape themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_nn.autodiff import toposort
from autograd_nn.core import Edge, Node, Tensor

__all__ = ["Graph", "GraphEdge", "GraphNode", "graph"]


class GraphNode(NamedTuple):
    """A parameter, a constant, or the result of an operation."""

    id: str
    """n0, n1, ... in order of creation: the same code gives the same ids."""
    kind: Literal["parameter", "constant", "operation"]
    """A parameter is a leaf that requires a gradient."""
    label: str
    """The primitive of an operation; of a leaf its name, or its kind if it has none."""
    name: str | None
    """What the user called it."""
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    arguments: tuple[str, ...]
    """The primitive's differentiable arguments; an edge comes in for each that was a Tensor."""
    keeps: tuple[str, ...]
    """What the pullbacks keep, by name: y is the output, a the argument a, a_shape its shape."""


class GraphEdge(NamedTuple):
    """The node ``parent`` is an argument of the node ``child``."""

    parent: str
    child: str
    argument: str


@dataclass(frozen=True, repr=False)
class Graph:
    """The nodes in order of creation, and the edges in the order of their children's arguments.

    Every node comes after its parents. Graphs are equal if the same code recorded them.
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]

    def __repr__(self) -> str:
        return f"<Graph of {len(self.nodes)} nodes and {len(self.edges)} edges>"


def graph(*outputs: Tensor) -> Graph:
    """The graph of everything that the outputs were computed from.

    Parameters
    ----------
    *outputs : Tensor
        Results of recorded operations, or leaves, of any shape and dtype.

    Returns
    -------
    Graph
        Constants appear in it if they are Tensors; plain arrays and numbers do not.

    Raises
    ------
    TypeError
        If an output is not a Tensor, or there is none.
    ValueError
        If an output is a constant: nothing was recorded for it.
    RuntimeError
        If the tape was freed by a backward pass: take the graph before it.

    Examples
    --------
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.graph import graph
    >>> x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> g = graph((x * x).sum())
    >>> g
    <Graph of 3 nodes and 3 edges>
    >>> [(node.id, node.label, node.shape) for node in g.nodes]
    [('n0', 'x', (2,)), ('n1', 'multiply', (2,)), ('n2', 'sum', ())]
    >>> [tuple(edge) for edge in g.edges]
    [('n0', 'n1', 'a'), ('n0', 'n1', 'b'), ('n1', 'n2', 'a')]
    """
    order = toposort(map(recorded_node, outputs))
    if not order:
        raise TypeError("graph() needs at least one Tensor: write graph(loss)")
    ids = {node: f"n{i}" for i, node in enumerate(reversed(order))}
    nodes: list[GraphNode] = []
    edges: list[GraphEdge] = []
    constants: set[Node] = set()
    for node in order:  # children first: a leaf does not know that it is a constant, the edges to it do
        incoming = node.edges
        nodes.append(described(node, ids[node], incoming, node in constants))
        for parent, pullback, kept in reversed(incoming):
            edges.append(GraphEdge(ids[parent], ids[node], pullback.argument))
            if kept is None:
                constants.add(parent)
    return Graph(tuple(reversed(nodes)), tuple(reversed(edges)))


def recorded_node(output: Tensor) -> Node:
    if type(output) is not Tensor:
        raise TypeError(f"graph() takes Tensors: got {type(output).__name__}")
    if output.node is None:
        raise ValueError(
            f"graph() of {output.name or 'a constant'}: nothing was recorded, as no Tensor with requires_grad=True "
            f"went into it, or it was computed in no_grad"
        )
    return output.node


def described(node: Node, id: str, edges: tuple[Edge, ...], constant: bool) -> GraphNode:
    name = getattr(node, "name", None)
    primitive = node.primitive
    if primitive is None:
        kind: Literal["constant", "parameter"] = "constant" if constant else "parameter"
        return GraphNode(id, kind, name or kind, name, node.shape, node.dtype, (), ())
    keeps = dict.fromkeys([want for _, pullback, kept in edges if kept for want in pullback.wants])
    arguments = tuple(primitive.pullbacks)
    return GraphNode(id, "operation", primitive.name, name, node.shape, node.dtype, arguments, tuple(keeps))
