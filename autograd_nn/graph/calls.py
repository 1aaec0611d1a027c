"""A graph as the user wrote it: a function of this package that is made of several operations is one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd_nn.graph.facts import Facts, Observation
from autograd_nn.graph.value import Graph, GraphEdge, GraphNode, Kept

__all__ = ["as_called"]


def as_called(seen: Observation) -> Observation:
    """The same with one node for each call of a function, under the id of its result.

    A function of several results stays a scope, because each of them is a node.
    """
    members = calls(seen.graph)
    results = {node.id: id for id, call in members.items() for node in call}
    nodes = []
    for node in seen.graph.nodes:
        if node.id in members:
            nodes.append(drawn(node, members[node.id], seen.graph))
        elif node.id not in results:
            nodes.append(node)
    edges: dict[GraphEdge, None] = {}
    for edge in seen.graph.edges:
        parent, child = results.get(edge.parent, edge.parent), results.get(edge.child, edge.child)
        if edge.child not in results:
            edges[edge._replace(parent=parent)] = None
        elif parent != child:
            edges[GraphEdge(parent, child, "", False)] = None
    facts = {id: about for id, about in seen.facts.items() if results.get(id, id) == id}
    for id in members.keys() & facts.keys():
        known = [seen.facts[node.id] for node in members[id]]
        added = {what: added_up(what, known) for what in ADDED}
        facts[id] = facts[id]._replace(**added, handed=facts[id].call)
    facts = numbered(facts, edges)
    forward, backward = (tuple(id for id in way if results.get(id, id) == id) for way in (seen.forward, seen.backward))
    graph = Graph(tuple(nodes), tuple(edges), seen.graph.scopes)
    return seen._replace(graph=graph, facts=facts, forward=forward, backward=backward)


def calls(graph: Graph) -> dict[str, list[GraphNode]]:
    """The operations of each call of a function, in order, by the one whose value others use, or nobody."""
    around = {node.id: function_around(node, graph) for node in graph.nodes if node.kind == "operation"}
    inner: set[str] = set()
    leaving: set[str] = set()
    for edge in graph.edges:
        (inner if around.get(edge.parent) == around.get(edge.child) else leaving).add(edge.parent)
    found: dict[tuple[str, ...], list[GraphNode]] = {}
    for node in graph.nodes:
        if around.get(node.id):
            found.setdefault(around[node.id], []).append(node)
    results = [[node.id for node in call if node.id in leaving or node.id not in inner] for call in found.values()]
    return {made[0]: call for made, call in zip(results, found.values(), strict=True) if len(made) == 1}


def function_around(node: GraphNode, graph: Graph) -> tuple[str, ...]:
    """The scope of the function that a node was made in; the outermost, if one has called another.

    What a backward pass goes through is no call.
    """
    if node.backward:
        return ()
    around = (node.scope[:depth] for depth in range(1, len(node.scope) + 1))
    return next((s for s in around if s in graph.scopes and graph.scopes[s].kind == "function"), ())


def drawn(result: GraphNode, call: list[GraphNode], graph: Graph) -> GraphNode:
    """What stands for the operations of a call: its result, called as the function."""
    scope = function_around(result, graph)
    return result._replace(
        label=graph.scopes[scope].name,
        scope=scope[:-1],
        arguments=(),
        given=(),
        keeps=(Kept("all", sum(node.nbytes for node in call)),),
        stands_for=len(call),
    )


def numbered(facts: dict[str, Facts], edges: Iterable[GraphEdge]) -> dict[str, Facts]:
    """With the contributions to each node counted as they come, those of a call as one."""
    parents = {(edge.child, edge.argument or edge.parent): edge.parent for edge in edges}
    come: dict[str, list[int]] = {}
    for id, about in facts.items():
        for flow in about.handed or ():
            come.setdefault(parents[id, flow.argument], []).append(flow.number)
    order = {parent: sorted(numbers) for parent, numbers in come.items()}
    return {
        id: about._replace(
            handed=about.handed
            and tuple(
                flow._replace(number=order[parents[id, flow.argument]].index(flow.number) + 1) for flow in about.handed
            )
        )
        for id, about in facts.items()
    }


ADDED = ("seconds", "pull_seconds", "flops")
"""The facts of which a call has the sum."""


def added_up(what: str, known: list[Facts]) -> Any:
    there = [amount for about in known if (amount := getattr(about, what)) is not None]
    return sum(there) if there else None
