"""The Graph: what the tape recorded, as plain values that anyone may look at.

Drawing, summaries and export read a `Graph` and never walk the tape themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_nn.engine.anomalies import Line
from autograd_nn.engine.backward import toposort
from autograd_nn.engine.modes import Entry
from autograd_nn.engine.node import Array, Edge, Node
from autograd_nn.engine.tensor import Tensor
from autograd_nn.graph.trace import Trace, trace, within

__all__ = ["Graph", "GraphEdge", "GraphNode", "Kept", "graph"]

Kind = Literal["parameter", "input", "constant", "operation", "folded", "elided"]


class Kept(NamedTuple):
    """Something that a node keeps for its pullbacks."""

    what: str
    """By name: y is the output, a the argument a, a_shape its shape."""
    nbytes: int
    """Memory that is there for the backward pass alone: 0 for what a leaf holds, or an older node keeps already."""


class GraphNode(NamedTuple):
    """A parameter, an input, a constant, or the result of an operation."""

    id: str
    """n0, n1, ... in order of creation: the same code gives the same ids."""
    kind: Kind
    """A parameter is a leaf that requires a gradient; an input an argument of the function that was called."""
    label: str
    """The primitive of an operation; of a leaf its name in its scope, or its kind if it has none."""
    name: str | None
    """What the user called it, or the path to it in the model: 'blocks[3].attention.W'."""
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    scope: tuple[str, ...]
    """The part of the model it was made in, from the outermost. Of a leaf the part that all that use it are in, but
    inputs and constants with a name, which are data, are in none."""
    arguments: tuple[str, ...] = ()
    """The primitive's differentiable arguments; an edge comes in for each that was a Tensor."""
    given: tuple[tuple[str, str], ...] = ()
    """Arguments that were no Tensors, as far as they are known, and not the default: (('b', '3'),)."""
    keeps: tuple[Kept, ...] = ()
    """What the pullbacks keep of it until the backward pass."""
    line: Line | None = None
    """The line that made it: known if a function was called for the graph, in a scope, and in anomaly mode."""
    in_place: bool = False
    """Whether the operation stands for a change in place, as ``t += 1`` or ``t[0] = 1``, of its first argument."""
    changed: bool = False
    """Whether its values were changed in place after something was computed from them."""
    backward: bool = False
    """Whether a backward pass recorded it."""
    stands_for: int = 1
    """How many nodes it stands for, where a drawing leaves some out."""

    @property
    def title(self) -> str:
        """The label, and the name of an operation that has one: 'hidden = tanh'."""
        return f"{self.name} = {self.label}" if self.kind == "operation" and self.name else self.label

    @property
    def values(self) -> tuple[Kept, ...]:
        """Of what it keeps, the arrays: not shapes, axes and the like."""
        return tuple(kept for kept in self.keeps if kept.nbytes or kept.what in (*self.arguments, "y"))

    @property
    def nbytes(self) -> int:
        """The memory of all that it keeps."""
        return sum(kept.nbytes for kept in self.keeps)


class GraphEdge(NamedTuple):
    """The node ``parent`` is an argument of the node ``child``."""

    parent: str
    child: str
    argument: str
    broadcast: bool
    """Whether an elementwise operation repeats the parent to the child's shape."""


@dataclass(frozen=True, repr=False)
class Graph:
    """The nodes in order of creation, and the edges in the order of their children's arguments.

    Every node comes after its parents. Graphs are equal if the same code recorded them. As text, one line a node.
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]

    def __repr__(self) -> str:
        return f"<Graph of {len(self.nodes)} nodes and {len(self.edges)} edges>"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """What each node is, as a program: 'n3: float64[200, 3] = tanh(n2)  # hidden, moons.py:41'."""
        into = incoming(self.edges)
        for node in self.nodes:
            yield line_of(node, into.get(node.id, []))


def incoming(edges: Iterable[GraphEdge]) -> dict[str, list[GraphEdge]]:
    """The edges to each node that has any."""
    found: dict[str, list[GraphEdge]] = {}
    for edge in edges:
        found.setdefault(edge.child, []).append(edge)
    return found


def line_of(node: GraphNode, incoming: Sequence[GraphEdge]) -> str:
    if node.kind == "elided":
        return node.label
    if node.kind in ("operation", "folded"):
        known = dict([*((edge.argument, edge.parent) for edge in incoming if edge.argument), *node.given])
        unnamed = [edge.parent for edge in incoming if not edge.argument]  # from what stands for several nodes
        operands: list[str] = []
        for argument in node.arguments:
            names = [name for name in sorted(known, key=place) if stem(name) == argument]
            operands += [known.pop(name) for name in names] or unnamed[:1]
            unnamed = unnamed if names else unnamed[1:]
        arguments = [*operands, *unnamed, *(f"{name}={value}" for name, value in known.items())]
        made = f"{node.label}({', '.join(arguments)})"
        title = f"{node.id} {printable(node.name)}" if node.name else node.id
    else:
        made, title = f"{node.kind} {printable(node.name)}" if node.name else node.kind, node.id
    notes = [".".join(map(printable, node.scope)), node.line.place if node.line else ""]
    notes += [f"{node.stands_for} nodes"] if node.kind == "folded" else []
    notes += [note for note, holds in (("in place", node.in_place), ("changed since", node.changed)) if holds]
    comment = ", ".join(filter(None, notes))
    return f"{title}: {node.dtype}{list(node.shape)} = {made}" + (f"  # {comment}" if comment else "")


def stem(argument: str) -> str:
    """The argument itself; that of arrays[2] is arrays."""
    return argument.partition("[")[0]


def place(argument: str) -> int:
    """2 for arrays[2]."""
    return int(argument.partition("[")[2].rstrip("]") or 0)


def printable(text: str) -> str:
    """The text with Python's escapes for what cannot be printed, so that it stays on its line."""
    return "".join(
        c if c.isprintable() or c == "\N{NO-BREAK SPACE}" else c.encode("unicode_escape").decode() for c in text
    )


def graph(what: Tensor | Callable[..., Any], *more: Any) -> Graph:
    """The graph of everything that Tensors were computed from, or of what a function computes.

    Parameters
    ----------
    what : Tensor or callable
        The result of a recorded operation, of any shape and dtype; or a function, or a model that can be called.
    *more
        Further results; or example inputs for the function, which is called with them. Its arguments may be
        arrays and numbers, nested in tuples, lists and dicts.

    Returns
    -------
    Graph
        Constants appear in it if they are Tensors; plain arrays and numbers do not.

    Raises
    ------
    TypeError
        If an output is not a Tensor.
    ValueError
        If an output is a constant: nothing was recorded for it.
    RuntimeError
        If the tape was freed by a backward pass: take the graph before it.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.graph.value import graph
    >>> x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> g = graph((x * x).sum())
    >>> g
    <Graph of 3 nodes and 3 edges>
    >>> print(g)
    n0: float64[2] = parameter x
    n1: float64[2] = multiply(n0, n0)
    n2: float64[] = sum(n1)
    >>> print(graph(lambda a, b: np.tanh(a @ b), np.ones((2, 3)), np.ones(3)))  # doctest: +ELLIPSIS
    n0: float64[2, 3] = input a
    n1: float64[3] = input b
    n2: float64[2] = matmul(n0, n1)  # ...
    n3: float64[2] = tanh(n2)  # ...
    """
    if type(what) is not Tensor and callable(what):
        traced = trace(what, more)
        return described(tape_of(traced.outputs), traced)
    return described(tape_of([what, *more]))


def tape_of(outputs: Sequence[Tensor]) -> list[Node]:
    """The nodes that the outputs were computed from, in order of creation."""
    if not outputs:
        raise TypeError("a graph is that of at least one Tensor: got none")
    return toposort(map(recorded_node, outputs))[::-1]


def recorded_node(output: Tensor) -> Node:
    if type(output) is not Tensor:
        raise TypeError(f"a graph is that of Tensors, or of a function with its inputs: got {type(output).__name__}")
    if output.node is None:
        raise ValueError(
            f"the graph of {output.name or 'a constant'}: nothing was recorded, as no Tensor with requires_grad=True "
            f"went into it, or it was computed in no_grad"
        )
    return output.node


def described(tape: list[Node], traced: Trace | None = None, most: int | None = None) -> Graph:
    """The Graph of the nodes, which are in order of creation. What a trace knows of them goes into it.

    Of a longer tape, ``most`` nodes are described, and one more stands for those in the middle.
    """
    return Description(tape, traced or Trace(), len(tape) if most is None else most).graph()


class Description:
    """A tape on the way to its Graph: who is shown, who uses whom, and what is trained."""

    def __init__(self, tape: list[Node], traced: Trace, most: int) -> None:
        self.inputs, self.owners = traced.inputs, traced.owners
        self.names = traced.names | traced.inputs
        self.calls = traced.witness.calls
        self.first, last = ends(len(tape), most)
        self.shown, self.middle = tape[: self.first] + tape[last:], tape[self.first : last]
        self.ids = {node: f"n{i}" for i, node in enumerate(tape) if not self.first <= i < last}
        self.incoming = {node: node.edges for node in self.shown}
        self.uses: dict[Node, list[Node]] = {node: [] for node in self.shown}
        self.trained: set[Node] = set()
        """The parameters."""
        self.through: dict[Node, None] = {}
        """What the middle uses."""
        for child in tape:
            for parent, _, kept in child.edges:
                if parent in self.ids:
                    self.uses[parent].append(child)
                    if kept is not None and parent.primitive is None and parent not in self.inputs:
                        self.trained.add(parent)
                    if child not in self.ids:
                        self.through[parent] = None
        self.trained.update(node for node in self.shown if node.primitive is None and not self.uses[node])  # alone

    def graph(self) -> Graph:
        scopes = {node: self.scope(node) for node in self.shown}
        titles = scope_names(scopes.values())
        memory = Memory(self.incoming, {*(self.trained or self.inputs), *self.middle})
        nodes = [self.described(node, titles[scope], memory) for node, scope in scopes.items()]
        if self.middle:
            nodes.insert(self.first, elided(len(self.middle)))
        return Graph(tuple(nodes), tuple(dict.fromkeys(self.edges()) if self.middle else self.edges()))

    def scope(self, node: Node) -> tuple[Entry, ...]:
        """Where it was made; a leaf, which may have been made anywhere, is where all are that use it."""
        if node.primitive is not None:
            return node.notes.scopes
        if node in self.inputs or (node not in self.trained and node.notes.name):  # data
            return ()
        places = [child.notes.scopes for child in self.uses[node]]
        forward = [place for place in places if not is_backward(place)]
        levels = zip(*(forward or places), strict=False)
        return tuple(level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels))

    def described(self, node: Node, scope: tuple[str, ...], memory: Memory) -> GraphNode:
        name = node.notes.name or self.names.get(node)
        changed = node.changed > 0 and any(node.changed > child.stamp for child in self.uses[node])
        about = name, node.shape, node.dtype, scope
        if node.primitive is None:
            kind: Kind = "input" if node in self.inputs else "parameter" if node in self.trained else "constant"
            label = self.label(node, name, scope) if name else kind
            return GraphNode(self.ids[node], kind, label, *about, changed=changed)
        return GraphNode(self.ids[node], "operation", node.primitive.name, *about, changed=changed)._replace(
            arguments=tuple(node.primitive.pullbacks),
            given=tuple(self.given(node)),
            keeps=memory.kept(node),
            line=node.notes.line,
            in_place=node.notes.in_place,
            backward=is_backward(node.notes.scopes),
        )

    def label(self, node: Node, name: str, scope: tuple[str, ...]) -> str:
        """The name of a leaf as the scope it is drawn in knows it; the whole name where it is drawn in none."""
        if node.notes.name or node in self.inputs or not scope:
            return name
        shorter = within(name, ".".join(scope))
        return shorter if shorter != name else within(name, self.owners.get(node, ""))

    def given(self, node: Node) -> Iterator[tuple[str, str]]:
        """What was given besides Tensors: a function's calls are known, of a tape what its pullbacks keep."""
        primitive, edges = node.primitive, self.incoming[node]
        assert primitive is not None
        recorded = {pullback.argument for _, pullback, _ in edges}
        call = self.calls.get(node)
        if call is not None:
            known = call.given
        else:
            stems = {*primitive.defaults, *map(stem, recorded)}
            known = dict.fromkeys((name for name in primitive.pullbacks if name not in stems), UNKNOWN)
            for _, pullback, kept in edges:
                known |= dict(zip(pullback.wants, kept or (), strict=False))
        for name, value in known.items():
            usual = value is None or value is False or primitive.defaults.get(name, known) is value
            text = "" if usual or name in recorded or stem(name) not in primitive.names else written(value)
            if text:
                yield name, text

    def edges(self) -> Iterator[GraphEdge]:
        for parent in self.through:
            yield GraphEdge(self.ids[parent], ELIDED, "", False)
        for child, incoming in self.incoming.items():
            for parent, pullback, _ in incoming:
                if parent in self.ids:
                    broadcast = repeats(child, parent)
                    yield GraphEdge(self.ids[parent], self.ids[child], pullback.argument, broadcast)
                else:
                    yield GraphEdge(ELIDED, self.ids[child], "", False)


def written(value: Any) -> str:
    """An argument in a few characters: 3, (0, 1), 'ij', float64[200, 2]; '' if it takes more."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"{value.dtype}{list(value.shape)}"
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.item()
    text = UNKNOWN if value is UNKNOWN else f"{value:.6g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= BRIEF and isinstance(value, (bool, int, float, complex, str, tuple, slice)) else ""


UNKNOWN = "?"
"""An argument that nobody kept."""

BRIEF = 24
"""Characters of an argument that are shown."""


def is_backward(scopes: tuple[Entry, ...]) -> bool:
    return any(entry.kind == "backward" for entry in scopes)


ELIDED = "elided"


def elided(count: int) -> GraphNode:
    """What stands for so many nodes that are not shown."""
    return GraphNode(ELIDED, "elided", f"... {count:,} nodes", None, (), np.dtype(float), (), stands_for=count)


def ends(count: int, most: int) -> tuple[int, int]:
    """Where the middle of so many nodes begins and ends, if at most so many are to be shown."""
    first, last = most // 2, count - (most - most // 2)
    return (first, last) if last - first > 1 else (count, count)  # a node that stands for one other saves nothing


def repeats(child: Node, parent: Node) -> bool:
    """Whether an elementwise operation broadcasts the parent."""
    return child.primitive is not None and child.primitive.elementwise and parent.shape != child.shape


def scope_names(scopes: Any) -> dict[tuple[Entry, ...], tuple[str, ...]]:
    """Names for scopes; where a part was entered several times under one name, block[0], block[1], ..."""
    distinct = dict.fromkeys(scopes)
    siblings: dict[tuple[tuple[Entry, ...], str], dict[Entry, int]] = {}
    for scope in distinct:
        for depth, entry in enumerate(scope):
            alike = siblings.setdefault((scope[:depth], entry.name), {})
            alike.setdefault(entry, len(alike))

    def title(scope: tuple[Entry, ...], depth: int) -> str:
        alike = siblings[scope[:depth], scope[depth].name]
        return scope[depth].name + (f"[{alike[scope[depth]]}]" if len(alike) > 1 else "")

    return {scope: tuple(title(scope, depth) for depth in range(len(scope))) for scope in distinct}


class Memory:
    """What nodes keep, and which of it is memory that nothing else holds."""

    def __init__(self, edges: dict[Node, tuple[Edge, ...]], trained: set[Node]) -> None:
        self.edges = edges
        self.trained = set(trained)
        """The nodes that a gradient is computed for, in training."""
        for node, incoming in edges.items():
            if any(parent in self.trained for parent, _, kept in incoming if kept is not None):
                self.trained.add(node)
        self.leaves = {id(owner(leaf._data)) for node in edges for leaf in (held(node),) if leaf is not None}
        self.counted: set[tuple[int, int]] = set()

    def kept(self, node: Node) -> tuple[Kept, ...]:
        """What the pullbacks that training calls keep."""
        found: dict[str, int] = {}
        for parent, pullback, kept in self.edges[node]:
            if kept and parent in self.trained:
                for want, value in zip(pullback.wants, kept, strict=True):
                    found[want] = found.get(want, 0) + self.counted_once(value)
        return tuple(Kept(*item) for item in found.items())

    def counted_once(self, value: Any) -> int:
        if isinstance(value, (tuple, list)):
            return sum(map(self.counted_once, value))
        if not isinstance(value, np.ndarray):
            return 0
        whole = owner(value)
        memory = (value.__array_interface__["data"][0], value.nbytes)
        if id(whole) in self.leaves or memory in self.counted:
            return 0
        self.counted.add(memory)
        return min(value.nbytes, whole.nbytes)  # a broadcast array has less than it seems to


def held(node: Node) -> Tensor | None:
    """The Tensor of a leaf, if it is still there, and has not become something else by a change in place."""
    t = node.notes.owner()
    return t if t is not None and node in (t.node, getattr(t, "leaf", None) if t.node is None else None) else None


def owner(array: Array) -> Array:
    """The array whose memory it is."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
