"""The graph of a computation as plain values: what was computed, from what, where, and at what cost."""

from autograd_nn.graph.value import Graph, GraphEdge, GraphNode, GraphScope, Kept, graph

__all__ = ["Graph", "GraphEdge", "GraphNode", "GraphScope", "Kept", "graph"]
