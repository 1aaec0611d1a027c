"""The Graph: what a `Program` is to those who look at it, as plain values and texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_nn.engine.anomalies import Line
from autograd_nn.engine.modes import Entry
from autograd_nn.engine.node import Array
from autograd_nn.engine.tensor import Tensor
from autograd_nn.graph.places import within
from autograd_nn.graph.program import UNKNOWN, Known, Operands, Program, Result, Step, read, tape_of
from autograd_nn.graph.trace import trace

__all__ = ["Graph", "GraphEdge", "GraphNode", "GraphScope", "Kept", "graph"]

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


class GraphScope(NamedTuple):
    """Something that operations are inside of."""

    kind: Literal["hand", "part", "method", "loop", "function", "backward"]
    """Named with `autograd_nn.scope`, a part of the model, a method that a part calls of its own, a turn of a loop, a
    function that is made of several operations, or a backward pass."""
    name: str
    """Without the number that tells it apart: 'block' for 'block[3]'."""
    type: str = ""
    """The name of a part's class: 'Linear'."""


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
    scopes: Mapping[tuple[str, ...], GraphScope] = field(default_factory=dict, hash=False)
    """What the scopes of nodes are, and those around them."""

    @property
    def parts(self) -> dict[tuple[str, ...], str]:
        """The class of the object that a scope is a part of: 'Linear' of ('fc1',)."""
        return {scope: about.type for scope, about in self.scopes.items() if about.type}

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
    title = node.id
    if node.kind in ("operation", "folded"):
        made = expression(node, incoming)
        title += f" {printable(node.name)}" if node.name else ""
    else:
        made = f"{node.kind} {printable(node.name)}" if node.name else node.kind
    notes = [".".join(map(printable, node.scope)), node.line.place if node.line else ""]
    notes += [f"{node.stands_for} nodes"] if node.kind == "folded" else []
    notes += [note for note, holds in (("in place", node.in_place), ("changed since", node.changed)) if holds]
    comment = ", ".join(filter(None, notes))
    return f"{title}: {node.dtype}{list(node.shape)} = {made}" + (f"  # {comment}" if comment else "")


def expression(node: GraphNode, incoming: Sequence[GraphEdge], names: Mapping[str, str] | None = None) -> str:
    """How an operation is called, with all that was given to it: 'multiply(n0, 3)', or with names for ids."""
    called = names or {}
    operand = {edge.argument: called.get(edge.parent, edge.parent) for edge in incoming if edge.argument}
    known = operand | dict(node.given)
    # from what stands for several nodes
    unnamed = [called.get(edge.parent, edge.parent) for edge in incoming if not edge.argument]
    operands: list[str] = []
    for argument in node.arguments:
        found = [name for name in sorted(known, key=place) if stem(name) == argument]
        operands += [known.pop(name) for name in found] or unnamed[:1]
        unnamed = unnamed if found else unnamed[1:]
    arguments = [*operands, *unnamed, *(f"{name}={value}" for name, value in known.items())]
    return f"{node.label}({', '.join(arguments)})"


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
    if callable(what):
        known: Known = trace(what, more)
    else:
        known = Known([what, *more])
    return graph_of(read(tape_of(known.outputs), known))


def graph_of(program: Program) -> Graph:
    """The graph of a program; of a long tape, one node stands for the steps in the middle that were not read."""
    names = scope_names(step.scopes for step in program.steps)
    keeps = Memory(program)
    nodes = [node_of(step, names[step.scopes], keeps.of(step)) for step in program.steps]
    edges = edges_of(program)
    scopes = {
        name[:depth]: GraphScope(entry.kind, entry.name, entry.type)
        for entries, name in names.items()
        for depth, entry in enumerate(entries, 1)
    }
    if not program.left_out:
        return Graph(tuple(nodes), tuple(edges), scopes)
    nodes.insert(program.left_out.start, elided(len(program.left_out)))
    return Graph(tuple(nodes), tuple(dict.fromkeys(edges)), scopes)


def node_of(step: Step, scope: tuple[str, ...], keeps: tuple[Kept, ...]) -> GraphNode:
    about = step.name or step.path, step.shape, step.dtype, scope
    if step.primitive is None:
        label = label_of(step, scope)
        return GraphNode(f"n{step.number}", step.kind, label, *about, changed=step.changed)
    return GraphNode(
        f"n{step.number}",
        step.kind,
        step.primitive.name,
        *about,
        arguments=tuple(step.primitive.pullbacks),
        given=tuple(given_to(step)),
        keeps=keeps,
        line=step.line,
        in_place=step.in_place,
        changed=step.changed,
        backward=any(entry.kind == "backward" for entry in step.scopes),
    )


def label_of(leaf: Step, scope: tuple[str, ...]) -> str:
    """The name of a leaf; its path in the model as the scope it is drawn in knows it; or else its kind."""
    if leaf.name or not leaf.path:
        return leaf.name or leaf.kind
    if leaf.kind == "input" or not scope:
        return leaf.path
    shorter = within(leaf.path, ".".join(scope))
    return shorter if shorter != leaf.path else within(leaf.path, leaf.owner)


def given_to(step: Step) -> Iterator[tuple[str, str]]:
    """What was given besides Tensors and is worth a word."""
    primitive = step.primitive
    assert primitive is not None
    for name, value in operands(step):
        default = primitive.defaults.get(name, step)
        usual = value is None or value is False or value is default
        usual = usual or (value is UNKNOWN and (default is not step or stem(name) not in primitive.pullbacks))
        text = "" if usual or isinstance(value, Result) else brief(value)
        if text:
            yield name, text


def operands(step: Step) -> Iterator[tuple[str, Any]]:
    """The arguments by name, and several operands by name and place: 'arrays[2]'."""
    for name, value in step.arguments.items():
        if isinstance(value, Operands):
            yield from ((f"{name}[{place}]", operand) for place, operand in enumerate(value))
        else:
            yield name, value


def edges_of(program: Program) -> Iterator[GraphEdge]:
    """From each value to the step that used it; what stands for the middle has the edges of all its steps."""
    for number in program.into_left_out:
        yield GraphEdge(f"n{number}", ELIDED, "", False)
    shapes = {step.number: step.shape for step in program.steps}
    for step in program.steps:
        elementwise = step.primitive is not None and step.primitive.elementwise
        for name, value in operands(step):
            if not isinstance(value, Result):
                continue
            if value.step in program.left_out:
                yield GraphEdge(ELIDED, f"n{step.number}", "", False)
            else:
                broadcast = elementwise and shapes[value.step] != step.shape
                yield GraphEdge(f"n{value.step}", f"n{step.number}", name, broadcast)


def brief(value: Any) -> str:
    """An argument in a few characters: 3, (0, 1), 'ij', float64[200, 2], ? if it is unknown; '' if it takes more."""
    if value is UNKNOWN:
        return "?"
    if isinstance(value, np.ndarray) and value.ndim:
        return f"{value.dtype}{list(value.shape)}"
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.item()
    text = f"{value:.6g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= BRIEF and isinstance(value, (bool, int, float, complex, str, tuple, slice)) else ""


BRIEF = 24
"""Characters of an argument that are shown."""


ELIDED = "elided"


def elided(count: int) -> GraphNode:
    """What stands for so many nodes that are not shown."""
    return GraphNode(ELIDED, "elided", f"... {count:,} nodes", None, (), np.dtype(float), (), stands_for=count)


def scope_names(scopes: Iterable[tuple[Entry, ...]]) -> dict[tuple[Entry, ...], tuple[str, ...]]:
    """Names for scopes; where a part was entered several times under one name, block[0], block[1], ..."""
    siblings: dict[tuple[Entry, ...], dict[Entry, None]] = {}
    distinct = dict.fromkeys(scopes)
    for scope in distinct:
        for depth, entry in enumerate(scope):
            siblings.setdefault(scope[:depth], {})[entry] = None
    titles: dict[tuple[Entry, ...], str] = {}
    for around, entries in siblings.items():
        alike = Counter(entry.name for entry in entries)
        place: Counter[str] = Counter()
        taken: set[str] = set()
        for entry in entries:
            title = f"{entry.name}[{place[entry.name]}]" if alike[entry.name] > 1 else entry.name
            place[entry.name] += 1
            while title in taken:  # a loop and a list may have the same name
                title += "'"
            taken.add(title)
            titles[*around, entry] = title
    return {scope: tuple(titles[scope[: depth + 1]] for depth in range(len(scope))) for scope in distinct}


class Memory:
    """What steps keep, and which of it is memory that nothing else holds."""

    def __init__(self, program: Program) -> None:
        leaves = "parameter" if any(step.kind == "parameter" for step in program.steps) else "input"
        self.trained = {*program.left_out, *(step.number for step in program.steps if step.kind == leaves)}
        """The steps that a gradient is computed for, in training."""
        for step in program.steps:
            if any(saved.step in self.trained for saved in step.saved):
                self.trained.add(step.number)
        self.held = {id(owner(step.value)) for step in program.steps if step.held and step.value is not None}
        """The arrays of leaves that somebody holds."""
        self.counted: set[tuple[int, int]] = set()

    def of(self, step: Step) -> tuple[Kept, ...]:
        """What the pullbacks that training calls keep of the step; to be asked in the order of the steps."""
        found: dict[str, int] = {}
        for saved in step.saved:
            if saved.step in self.trained:
                for what, value in saved.kept.items():
                    found[what] = found.get(what, 0) + self.counted_once(value)
        return tuple(Kept(*item) for item in found.items())

    def counted_once(self, value: Any) -> int:
        if isinstance(value, (tuple, list)):
            return sum(map(self.counted_once, value))
        if not isinstance(value, np.ndarray):
            return 0
        whole = owner(value)
        memory = (value.__array_interface__["data"][0], value.nbytes)
        if id(whole) in self.held or memory in self.counted:
            return 0
        self.counted.add(memory)
        return min(value.nbytes, whole.nbytes)  # a broadcast array has less than it seems to


def owner(array: Array) -> Array:
    """The array whose memory it is."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
