"""A graph made smaller to look at: equal scopes in a row drawn once, scopes folded to a node, the middle left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import reduce
from itertools import groupby
from operator import and_
from typing import Any, NamedTuple

from autograd_nn.graph.program import ends
from autograd_nn.graph.value import ELIDED, Graph, GraphEdge, GraphNode, Kept, elided, incoming

__all__ = ["View", "closed", "copied", "folded", "grouped", "shortened"]

Path = tuple[str, ...]

FEW = 3
"""With more uses than this, a leaf is drawn once more, small, beside each of them: as TensorBoard does."""

MANY = 25
"""With more uses than this, so is the result of an operation: nobody's eye follows so many lines."""


class View(NamedTuple):
    """What is drawn of a graph."""

    nodes: tuple[GraphNode, ...]
    """In order of creation. Their scopes are those they are drawn in, which may be a group 'block x 12'."""
    edges: tuple[GraphEdge, ...]
    members: dict[str, tuple[str, ...]]
    """The nodes of the graph that a folded scope stands for."""
    parts: Mapping[Path, str] = {}
    """The class of the object that a scope is a part of."""

    def scopes(self) -> dict[Path, str]:
        """An id for each scope that something is drawn in, the outer ones first."""
        paths = (node.scope[:depth] for node in self.nodes for depth in range(1, len(node.scope) + 1))
        return {path: f"s{number}" for number, path in enumerate(dict.fromkeys(paths))}


class Place(NamedTuple):
    """Where a node of the graph is drawn."""

    scope: Path
    node: GraphNode | None
    """Itself, or its counterpart in the first of equal scopes; None if the last of its scopes is folded."""
    copies: dict[Path, Path]
    """For each run it is drawn in, by its place: the scope that it is from."""


def unnumbered(scope: Path) -> str:
    """The name without its number: 'block' of 'block[3]'; the parts of a list that is the model have but a number."""
    return re.sub(r"\[?\d+\]?$", "", scope[-1]) or "part"


def picked(row: list[GraphNode], alike: Counter[Any], look: Callable[[GraphNode], Any]) -> list[GraphNode]:
    """Of the nodes those that are in all rows alike, in an order that is the same for all."""
    groups = {each: [node for node in row if look(node) == each][:count] for each, count in alike.items()}
    return [node for group in groups.values() for node in group]


def row_title(run: list[Path], siblings: Counter[Path]) -> str:
    """The name of scopes in a row: that of their list, 'block x 12'; or the first and the last, 'fc1 .. fc3 x 3'."""
    alone = sum(unnumbered(scope) == unnumbered(run[0]) for scope in siblings) == len(run)
    counted = all(re.fullmatch(r".*\[\d+\]|\d+", scope[-1], re.DOTALL) for scope in run)
    return f"{unnumbered(run[0]) if alone and counted else f'{run[0][-1]} .. {run[-1][-1]}'} x {len(run)}"


class Scopes:
    """The scopes of a graph, and which of them are equal and in a row."""

    def __init__(self, graph: Graph) -> None:
        self.members: dict[Path, dict[str, GraphNode]] = {}
        rows: dict[Path, list[GraphNode]] = {}
        for node in graph.nodes:
            for depth in range(len(node.scope) + 1):
                self.members.setdefault(node.scope[:depth], {})[node.id] = node
                if node.kind == "operation":  # when a leaf was made says nothing
                    rows.setdefault(node.scope[:depth], []).append(node)
        self.incoming = incoming(graph.edges)
        self.users: dict[str, set[str]] = {}
        for edge in graph.edges:
            self.users.setdefault(edge.parent, set()).add(edge.child)
        self.runs: dict[Path, str] = {}
        """The title of the run that a scope is in: 'block x 12'."""
        self.counterparts: dict[Path, dict[str, GraphNode]] = {}
        """For a scope in a run: which nodes of the run's first scope do the same as its own."""
        self.fed: dict[str, tuple[Path, GraphNode]] = {}
        """What is computed for one scope of a run alone, as the input of a step: that scope, and what does the same for
        the first."""
        for parent, row in rows.items():
            self.find_runs(parent, row)

    def find_runs(self, parent: Path, row: list[GraphNode]) -> None:
        """Find those among the scopes of the parent, whose operations are given in the order they were computed in.

        What was computed between two scopes of a run may come from the first, or go into the second, but not both.
        """
        steps = [(scope, [*nodes]) for scope, nodes in groupby(row, lambda node: node.scope[: len(parent) + 1])]
        entered = Counter(scope for scope, _ in steps if scope != parent)
        run: list[Path] = []
        form: Any = None
        inside: set[str] = set()
        outside: set[str] = set()
        """What was computed from the run, but is not in it."""
        for scope, nodes in steps:
            if scope == parent:
                for node in nodes:
                    if any(id in inside or id in outside for id in self.parents(node.id)):
                        outside.add(node.id)
                continue
            members, own = self.members[scope], self.form(scope)
            if entered[scope] > 1 or own != form or any(id in outside for m in members for id in self.parents(m)):
                self.add_run(run, entered)
                run, form, inside, outside = [], None if entered[scope] > 1 else own, set(), set()
            run.append(scope)
            inside.update(members)
        self.add_run(run, entered)

    def add_run(self, run: list[Path], siblings: Counter[Path]) -> None:
        """Give a name to the run, and to each node in it a counterpart."""
        if len(run) < 2:
            return
        title = row_title(run, siblings)
        while any(scope[-1] == title for scope in siblings):  # somebody has called a scope so
            title += "'"
        self.runs |= dict.fromkeys(run, title)
        first = self.members[run[0]].values()
        for scope in run:
            self.counterparts[scope] = dict(zip(self.members[scope], first, strict=True))
        rows = [self.feeders(scope) for scope in run]
        alike = reduce(and_, (Counter(self.look(node) for node in row) for row in rows))
        for scope, row in zip(run, (picked(row, alike, self.look) for row in rows), strict=True):
            same = picked(rows[0], alike, self.look)
            self.fed |= {node.id: (scope, first) for node, first in zip(row, same, strict=True)}

    def feeders(self, scope: Path) -> list[GraphNode]:
        """The operations beside the scope whose results it alone uses."""
        inside, around = self.members[scope], self.members[scope[:-1]]
        ids = dict.fromkeys(id for member in inside for id in self.parents(member) if id in around)
        found = [around[id] for id in ids if self.users[id] <= inside.keys()]
        return [node for node in found if node.kind == "operation" and node.scope == scope[:-1]]

    def look(self, node: GraphNode) -> tuple[Any, ...]:
        return node.label, node.shape, node.dtype, len(self.parents(node.id))

    def parents(self, id: str) -> list[str]:
        return [edge.parent for edge in self.incoming.get(id, ())]

    def form(self, scope: Path) -> tuple[Any, ...]:
        """Equal for scopes that compute the same: all but numbers in names, and what comes in from outside."""
        members, depth = self.members[scope], len(scope)
        number = {id: number for number, id in enumerate(members)}
        return unnumbered(scope), *(
            (
                node.kind == "operation" and node.label,
                *(node.kind, node.shape, node.dtype, node.scope[depth:]),
                tuple((number.get(edge.parent), edge.argument) for edge in self.incoming.get(node.id, ())),
            )
            for node in members.values()
        )

    def drawn(self, scope: Path) -> Path:
        """The scope that is drawn for it: of those in a row, one."""
        return tuple(self.runs.get(scope[:depth], scope[depth - 1]) for depth in range(1, len(scope) + 1))

    def place(self, node: GraphNode, levels: int | None = None) -> Place:
        """Where the node is drawn if so many levels of scopes are open; all by default."""
        place: Path = ()
        copies: dict[Path, Path] = {}
        depth = 0
        while depth < len(node.scope):
            scope = node.scope[: depth + 1]
            place = (*place, self.runs.get(scope, scope[-1]))
            if depth == levels:
                return Place(place, None, copies)
            if scope in self.runs:
                copies[place] = scope
                node = self.counterparts[scope][node.id]
            depth += 1
        if node.id in self.fed:
            scope, node = self.fed[node.id]
            place = (*place, self.runs[scope])
            if depth == levels:
                return Place(place, None, copies)
            copies[place] = scope
        return Place(place, node, copies)


def grouped(graph: Graph) -> View:
    """The whole graph, with a scope 'block x 12' around equal scopes in a row."""
    scopes = Scopes(graph)
    runs = scopes.runs

    def place(scope: Path) -> Path:
        names: list[str] = []
        for depth, name in enumerate(scope, 1):
            names += [runs[scope[:depth]], name] if scope[:depth] in runs else [name]
        return tuple(names)

    parts = {place(scope): part for scope, part in graph.parts.items()}
    parts |= {place(scope)[:-1]: part for scope, part in graph.parts.items() if scope in runs}
    rows = {id: place(scope)[:-1] for id, (scope, _) in scopes.fed.items()}
    nodes = tuple(node._replace(scope=rows.get(node.id) or place(node.scope)) for node in graph.nodes)
    return View(nodes, graph.edges, {}, parts)


def closed(view: View, levels: int) -> tuple[View, dict[int, int]]:
    """The view with so many levels of its scopes open, each below them as one node, and nothing left out.

    And for each edge that is drawn the first of those that it stands for, both by their places in their views.
    """
    ids = view.scopes()
    shut = {node.id: ids[node.scope[: levels + 1]] for node in view.nodes if len(node.scope) > levels}
    inside: dict[str, list[GraphNode]] = {}
    nodes: list[GraphNode] = []
    for node in view.nodes:
        if node.id in shut:
            inside.setdefault(shut[node.id], []).append(node)
        else:
            nodes.append(node)
    nodes += [folded_node(id, members[0].scope[: levels + 1], members) for id, members in inside.items()]
    places: dict[GraphEdge | int, int] = {}
    edges: list[GraphEdge] = []
    for place, edge in enumerate(view.edges):
        parent, child = shut.get(edge.parent, edge.parent), shut.get(edge.child, edge.child)
        shown = drawn_edge(edge, parent, child)
        whole = (parent, child) == (edge.parent, edge.child)
        if parent != child and (whole or shown not in places):
            places[place if whole else shown] = place
            edges.append(shown)
    members = {id: tuple(node.id for node in nodes) for id, nodes in inside.items()}
    return View(tuple(nodes), tuple(edges), members, view.parts), dict(enumerate(places.values()))


def copied(view: View) -> dict[tuple[str, str], str]:
    """Where a node with many uses is drawn once more, small: by the node and the child beside it, the copy's id."""
    nodes = {node.id: node for node in view.nodes}
    uses = dict.fromkeys((edge.parent, edge.child) for edge in view.edges)
    count = Counter(parent for parent, _ in uses)
    most = {id: MANY if nodes[id].kind in ("operation", "folded", "elided") else FEW for id in count}
    firsts: dict[str, str] = {}
    for parent, child in uses:
        firsts.setdefault(parent, child)
    return {use: "-".join(use) for use in uses if count[use[0]] > most[use[0]] and firsts[use[0]] != use[1]}


def folded(graph: Graph, levels: int) -> View:
    """The graph with so many levels of scopes open, and each scope below them as one node.

    Equal scopes in a row are drawn once, as the first of them.
    """
    scopes = Scopes(graph)
    places = {node.id: scopes.place(node, levels) for node in graph.nodes}
    shut: dict[Path, list[GraphNode]] = {}
    for node in graph.nodes:
        place = places[node.id]
        if place.node is None and all(scopes.counterparts[copy][node.id] is node for copy in place.copies.values()):
            shut.setdefault(place.scope, []).append(node)
    ids = {scope: f"s{number}" for number, scope in enumerate(shut)}
    drawn = {id: place.node.id if place.node else ids[place.scope] for id, place in places.items()}
    nodes: list[GraphNode] = []
    for node in graph.nodes:
        place = places[node.id]
        if place.node is node:
            nodes.append(node._replace(scope=place.scope))
        elif place.node is None and first_result(shut[place.scope]) is node:
            nodes.append(folded_node(ids[place.scope], place.scope, shut[place.scope]))
    edges = []
    for edge in graph.edges:
        parent, child = drawn[edge.parent], drawn[edge.child]
        copies = places[edge.parent].copies
        apart = any(copies.get(run, scope) != scope for run, scope in places[edge.child].copies.items())
        if parent != child and not apart:  # from one copy to the next is not drawn: there is one
            edges.append(drawn_edge(edge, parent, child))
    members = {ids[scope]: tuple(node.id for node in inside) for scope, inside in shut.items()}
    parts: dict[Path, str] = {}
    for scope, part in graph.parts.items():
        parts.setdefault(scopes.drawn(scope), part)
    return View(tuple(nodes), tuple(dict.fromkeys(edges)), members, parts)


def first_result(inside: list[GraphNode]) -> GraphNode:
    """The first operation; a leaf was made anytime."""
    return next((node for node in inside if node.kind == "operation"), inside[0])


def folded_node(id: str, scope: Path, inside: list[GraphNode]) -> GraphNode:
    """What stands for a scope: it has the shape of the last result in it."""
    last = next((node for node in reversed(inside) if node.kind == "operation"), inside[-1])
    keeps = (Kept("all", sum(node.nbytes for node in inside)),)
    backward = all(node.backward for node in inside)
    drawn = last._replace(id=id, kind="folded", label=scope[-1], name=None, scope=scope[:-1], arguments=(), line=None)
    return drawn._replace(
        keeps=keeps, in_place=False, changed=False, backward=backward, stands_for=sum(n.stands_for for n in inside)
    )


def drawn_edge(edge: GraphEdge, parent: str, child: str) -> GraphEdge:
    """The edge between what is drawn; into and out of what stands for several nodes, no more than an arrow."""
    if all(id.startswith("n") for id in (edge.parent, edge.child, parent, child)):
        return edge._replace(parent=parent, child=child)
    return GraphEdge(parent, child, "", False)


def shortened(view: View, most: int) -> View:
    """The oldest and the youngest nodes, so many, and one node that stands for those between."""
    by_use = used(view)
    first, last = ends(len(by_use), most)
    middle = {node.id: node for node in by_use[first:last]}
    if not middle:
        return view
    drawn = {node.id: ELIDED if node.id in middle else node.id for node in view.nodes}
    nodes = [node for node in view.nodes if node.id not in middle]
    youngest = {node.id for node in by_use[last:]}
    place = next((i for i, node in enumerate(nodes) if node.id in youngest), len(nodes))
    nodes.insert(place, elided(sum(node.stands_for for node in middle.values())))
    edges = [
        drawn_edge(edge, drawn[edge.parent], drawn[edge.child])
        for edge in view.edges
        if not drawn[edge.parent] == drawn[edge.child] == ELIDED
    ]
    return view._replace(nodes=tuple(nodes), edges=tuple(dict.fromkeys(edges)))


def used(view: View) -> list[GraphNode]:
    """The nodes in order of creation, but a leaf where it is first used: models make their parameters all at once."""
    into = incoming(view.edges)
    nodes = {node.id: node for node in view.nodes}
    order: dict[str, GraphNode] = {}
    for node in view.nodes:
        if node.id in into:
            parents = [edge.parent for edge in into[node.id]]
            order |= {id: nodes[id] for id in (*parents, node.id) if id not in order}
    return [*order.values(), *(node for node in view.nodes if node.id not in order)]
