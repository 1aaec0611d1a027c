"""The program of a computation: what the tape recorded, read once and as plain data.

Whatever draws, counts, exports or compiles goes on from here. To compute the same again, call the primitives of the
operations in their order, each with what its arguments stand for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import takewhile
from math import prod
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_nn.engine.anomalies import Line
from autograd_nn.engine.backward import toposort
from autograd_nn.engine.modes import Entry
from autograd_nn.engine.node import Array, Edge, Node
from autograd_nn.engine.primitive import Primitive, Pullback
from autograd_nn.engine.tensor import Tensor
from autograd_nn.graph.places import telling

__all__ = [
    "UNKNOWN",
    "Call",
    "Counts",
    "Known",
    "Operands",
    "Program",
    "Result",
    "Saved",
    "Step",
    "ends",
    "pulled_edges",
    "read",
    "tape_of",
    "tensors_among",
]


class Result(NamedTuple):
    """As an argument: the value of the step with this number."""

    step: int


class Unknown(Enum):
    """As an argument: something that nobody kept."""

    UNKNOWN = "?"


UNKNOWN = Unknown.UNKNOWN


class Operands(tuple[Any, ...]):
    """As an argument: several operands, each a `Result`, a value, or `UNKNOWN`."""

    __slots__ = ()


class Saved(NamedTuple):
    """What the tape keeps for the cotangent of one argument, which is ``rule(g, *kept.values())``."""

    step: int
    """Whose value the argument was."""
    rule: Callable[..., Any]
    kept: dict[str, Any]
    """By what the rule asks for: an argument, its shape as 'a_shape', or the output 'y'."""


Kind = Literal["parameter", "input", "constant", "operation"]


class Step(NamedTuple):
    """An operation, or a leaf, and all that is known of it."""

    number: int
    """In order of creation: a step comes after those whose values it uses."""
    kind: Kind
    """A parameter is a leaf that requires a gradient; an input an argument of the function that was called."""
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    name: str | None
    """What the user called it."""
    scopes: tuple[Entry, ...]
    """Where an operation was recorded. A leaf may have been made anywhere: it is where all are that use it, but inputs
    and constants with a name, which are data, are nowhere."""
    value: Array | None
    """What came out, or what a leaf holds: not a copy. None if nobody kept it."""
    changed: bool
    """Whether the value was changed in place after something was computed from it."""
    primitive: Primitive | None = None
    """What an operation applied. A leaf has none, nor what follows down to ``witnessed``."""
    arguments: dict[str, Any] = {}  # noqa: RUF012 (nobody writes to it)
    """By the names of the primitive, and in their order: a `Result`, the very value that was given, `UNKNOWN`, or
    `Operands`, which without a witness end with the last that was a Tensor."""
    saved: tuple[Saved, ...] = ()
    """For the backward pass, in the order of the arguments."""
    line: Line | None = None
    """The line of the user's program."""
    in_place: bool = False
    """Whether it stands for a change in place, as ``t += 1``, of its first argument."""
    view: bool = False
    """Whether its value shares the memory of its first argument's."""
    witnessed: bool = False
    """Whether a witness looked on when it was computed: then all its arguments and its value are known."""
    held: bool = False
    """Whether somebody besides the tape holds the leaf."""
    path: str | None = None
    """Where the model or the arguments hold the leaf: 'blocks[3].attention.W'."""
    owner: str = ""
    """The part of the model that holds it: 'blocks[3].attention'."""


class Counts(NamedTuple):
    """How much there is in a whole tape, also in what was not read of it."""

    nodes: int
    operations: int
    parameters: int
    """Their elements."""


class Program(NamedTuple):
    """A recorded computation."""

    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    """The numbers of the steps whose values are the results."""
    left_out: range = range(0)
    """Of a long tape, the numbers of the steps in the middle that were not read."""
    into_left_out: tuple[int, ...] = ()
    """The steps that were read and whose values those use."""
    counts: Counts = Counts(0, 0, 0)

    def given(self) -> list[list[Any]]:
        """What each step's primitive was applied to, with values in the place of what stands for them."""
        values = {Result(step.number): step.value for step in self.steps}

        def value(argument: Any) -> Any:
            return values[argument] if type(argument) is Result else argument

        return [
            [[*map(value, given)] if type(given) is Operands else value(given) for given in step.arguments.values()]
            for step in self.steps
        ]


class Call(NamedTuple):
    """The application of a primitive, as a witness saw it."""

    arguments: dict[str, Any]
    """Tensors are arrays in it."""
    seconds: float | None
    """The median of five repetitions; None if nobody asked."""


@dataclass
class Known:
    """What is known of recorded Tensors besides what their tape holds."""

    outputs: list[Tensor] = field(default_factory=list)
    inputs: dict[Node, str] = field(default_factory=dict)
    """The leaves that stand for a function's arguments, and their names."""
    names: dict[Node, str] = field(default_factory=dict)
    """Of leaves that a model holds: 'blocks[3].attention.W'."""
    owners: dict[Node, str] = field(default_factory=dict)
    """The parts that hold them: 'blocks[3].attention'."""
    values: dict[Node, Array] = field(default_factory=dict)
    calls: dict[Node, Call] = field(default_factory=dict)
    results: dict[Entry, Node] = field(default_factory=dict)
    """Of each function that was called, what was recorded last."""


def tape_of(outputs: Sequence[Tensor]) -> list[Node]:
    """The nodes that the outputs were computed from, in order of creation."""
    if not outputs:
        raise TypeError("a graph is that of at least one Tensor: got none")
    return toposort(map(recorded_node, outputs))[::-1]


def pulled_edges(tape: list[Node]) -> Iterator[tuple[Node, Node, Pullback, tuple[Any, ...]]]:
    """Along which a backward pass goes, in its order: the child, the parent, the pullback and what it keeps."""
    for child in reversed(tape):
        for parent, pullback, kept in child.edges:
            if kept is not None:
                yield child, parent, pullback, kept


def recorded_node(output: Tensor) -> Node:
    if type(output) is not Tensor:
        raise TypeError(f"a graph is that of Tensors, or of a function with its inputs: got {type(output).__name__}")
    if output.node is None:
        raise ValueError(
            f"the graph of {output.name or 'a constant'}: nothing was recorded, as no Tensor with requires_grad=True "
            f"went into it, or it was computed in no_grad"
        )
    return output.node


def tensors_among(node: Node) -> list[tuple[str, int | None, Node]]:
    """The arguments that were Tensors: each with its name, its place if it is one of several operands, and its node."""
    return placed(node.edges)


def placed(edges: tuple[Edge, ...]) -> list[tuple[str, int | None, Node]]:
    found = []
    for parent, pullback, _ in edges:
        name, _, place = pullback.argument.partition("[")
        found.append((name, int(place[:-1]) if place else None, parent))
    return found


def read(tape: list[Node], known: Known, most: int | None = None) -> Program:
    """The program of the nodes, which are in order of creation.

    Of a longer tape only ``most`` steps are read, the oldest and the youngest.
    """
    return Reading(tape, known, len(tape) if most is None else most).program()


def ends(count: int, most: int) -> tuple[int, int]:
    """Where the middle of so many things begins and ends, if at most so many are to be shown."""
    first, last = most // 2, count - (most - most // 2)
    return (first, last) if last - first > 1 else (count, count)  # what stands for one other saves nothing


class Reading:
    """A tape on the way to its program: who uses whom, what are parameters, and which values are there."""

    def __init__(self, tape: list[Node], known: Known, most: int) -> None:
        self.known = known
        self.paths = known.names | known.inputs
        self.numbers = {node: number for number, node in enumerate(tape)}
        first, last = ends(len(tape), most)
        self.left_out = range(first, last)
        self.nodes = tape[:first] + tape[last:]
        self.users: dict[Node, list[Node]] = {node: [] for node in self.nodes}
        self.edges: dict[Node, tuple[Edge, ...]] = {}
        self.parameters: set[Node] = set()
        self.into_left_out: dict[Node, None] = {}
        for child in tape:
            edges = child.edges
            if child in self.users:
                self.edges[child] = edges
            for parent, _, kept in edges:
                if kept is not None and parent.primitive is None and parent not in known.inputs:
                    self.parameters.add(parent)
                if parent in self.users:
                    self.users[parent].append(child)
                    if child not in self.users:
                        self.into_left_out[parent] = None
        leaves = [node for node in self.nodes if node.primitive is None]
        self.parameters.update(node for node in leaves if not self.users[node])  # one that is the whole graph
        self.held = {node: t for node in leaves if (t := holder(node)) is not None}
        held = self.held_values()
        # the witness saw what was computed, but what a leaf holds may have changed since
        scopes = [node.notes.scopes for node in self.nodes if node.primitive is not None]
        self.telling = telling(scopes, {entry for entry, node in known.results.items() if node in self.numbers})
        self.places = self.places_of_leaves()
        self.values = held | {n: value for n, value in known.values.items() if n.primitive is not None or n not in held}

    def held_values(self) -> dict[Node, Array]:
        """The values that leaves, pullbacks and results still hold."""
        found = {node: t._array for node, t in self.held.items()}
        for node, edges in self.edges.items():
            sources = {pullback.argument: parent for parent, pullback, _ in edges} | {"y": node}
            for _, pullback, kept in edges:
                for want, value in zip(pullback.wants, kept or (), strict=False):
                    source = sources.get(want)
                    if source is not None and isinstance(value, np.ndarray) and value.shape == source.shape:
                        found[source] = value
        return found | {t.node: t._array for t in self.known.outputs if t.node is not None}

    def program(self) -> Program:
        outputs = tuple(self.numbers[t.node] for t in self.known.outputs if t.node is not None)
        into_left_out = tuple(self.numbers[node] for node in self.into_left_out)
        operations = sum(node.primitive is not None for node in self.numbers)
        counts = Counts(len(self.numbers), operations, sum(prod(node.shape) for node in self.parameters))
        return Program(tuple(map(self.step, self.nodes)), outputs, self.left_out, into_left_out, counts)

    def step(self, node: Node) -> Step:
        kind: Kind = "input" if node in self.known.inputs else "parameter" if node in self.parameters else "constant"
        changed = node.changed > 0 and any(node.changed > user.stamp for user in self.users[node])
        about = node.shape, node.dtype, node.notes.name, self.scopes(node), self.values.get(node), changed
        if node.primitive is None:
            return Step(self.numbers[node], kind, *about)._replace(
                held=node in self.held, path=self.paths.get(node), owner=self.known.owners.get(node, "")
            )
        return Step(self.numbers[node], "operation", *about, node.primitive, self.arguments(node))._replace(
            saved=tuple(
                Saved(self.numbers[parent], pullback.rule, dict(zip(pullback.wants, kept, strict=True)))
                for parent, pullback, kept in self.edges[node]
                if kept is not None
            ),
            line=node.notes.line,
            in_place=node.notes.in_place,
            view=node.notes.viewed is not None,
            witnessed=node in self.known.calls,
        )

    def scopes(self, node: Node) -> tuple[Entry, ...]:
        return self.telling[node.notes.scopes] if node.primitive is not None else self.places[node]

    def places_of_leaves(self) -> dict[Node, tuple[Entry, ...]]:
        """Where all are that use a leaf; in a turn of a loop only if each turn has leaves of its own."""
        places = {node: self.place(node) for node in self.nodes if node.primitive is None}
        owning = {place[:depth] for place in places.values() for depth in range(1, len(place) + 1)}
        turns = {scope[:depth] for scope in self.telling.values() for depth in range(1, len(scope) + 1)}
        shared = {(turn[:-1], turn[-1].frame) for turn in turns - owning if turn[-1].kind == "loop"}

        def outside(place: tuple[Entry, ...]) -> tuple[Entry, ...]:
            ends = (d for d, entry in enumerate(place) if entry.kind == "loop" and (place[:d], entry.frame) in shared)
            return place[: next(ends, len(place))]

        return {node: outside(place) for node, place in places.items()}

    def place(self, node: Node) -> tuple[Entry, ...]:
        if node in self.known.inputs or (node not in self.parameters and node.notes.name):
            return ()
        places = [self.around_functions(user) for user in self.users[node]]
        forward = [place for place in places if not any(entry.kind == "backward" for entry in place)]
        levels = zip(*(forward or places), strict=False)
        return tuple(level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels))

    def around_functions(self, node: Node) -> tuple[Entry, ...]:
        """The scopes of an operation; of what a function is made of, those in which it was called."""
        return tuple(takewhile(lambda entry: entry.kind != "function", self.telling[node.notes.scopes]))

    def arguments(self, node: Node) -> dict[str, Any]:
        """A witness knows all that was given; of a tape alone, what its pullbacks keep is known."""
        primitive = node.primitive
        assert primitive is not None
        found: dict[str, Any] = dict.fromkeys(primitive.names, UNKNOWN)
        if node in self.known.calls:
            found |= self.known.calls[node].arguments
        else:
            for _, pullback, kept in self.edges[node]:
                wanted = zip(pullback.wants, kept or (), strict=False)
                found |= {name: value for name, value in wanted if name in found}
        operands: dict[int, Any] = {}
        for name, place, parent in placed(self.edges[node]):
            if place is None:
                found[name] = Result(self.numbers[parent])
            else:
                operands[place] = Result(self.numbers[parent])
        if operands:
            name = primitive.names[0]
            given = [UNKNOWN] * (max(operands) + 1) if found[name] is UNKNOWN else found[name]
            found[name] = Operands(operands.get(place, value) for place, value in enumerate(given))
        return found


def holder(node: Node) -> Tensor | None:
    """The Tensor of a leaf, if it is still there, and has not become something else by a change in place."""
    t = node.notes.owner()
    return t if t is not None and node in (t.node, getattr(t, "leaf", None) if t.node is None else None) else None
