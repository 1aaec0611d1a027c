"""A graph with what flowed through it: values, cotangents, time and memory, for all that draw and count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.backward import pull
from autograd_nn.engine.gradients import gradients, seeds_of
from autograd_nn.engine.modes import switched
from autograd_nn.engine.node import Array, Node
from autograd_nn.engine.tensor import Tensor, leaf, tensor
from autograd_nn.graph.array_summary import Statistics, dead, saturated, statistics
from autograd_nn.graph.trace import Call, Trace, called, durations, trace
from autograd_nn.graph.value import Graph, described, held, tape_of
from autograd_nn.ops.declare import PRIMITIVES

__all__ = ["Facts", "Observation", "observe"]

LONG = 20_000
"""Of a longer tape only so many nodes are looked at, the oldest and the youngest."""


class Facts(NamedTuple):
    """What is known of a node besides its place in the graph; None is unknown."""

    value: Statistics | None = None
    gradient: Statistics | None = None
    seconds: float | None = None
    """The shortest of three times that it took to compute."""
    pull_seconds: float | None = None
    """The same of its pullbacks."""
    flops: int | None = None
    """Floating-point operations of computing it."""
    saturated: float | None = None
    """The fraction of a bounded activation's elements that are at its flat ends."""
    dead: float | None = None
    """The fraction of a rectifier's units that are 0 for every sample."""


class Observation(NamedTuple):
    """A graph and the facts about its nodes, by their ids. It holds no part of the tape."""

    title: str
    graph: Graph
    facts: dict[str, Facts]
    forward: tuple[str, ...]
    """The nodes of the forward pass, in its order."""
    backward: tuple[str, ...]
    """Those that a cotangent reaches, in the order of the backward pass; empty where it is not possible."""
    trouble: str | None
    """Why it is not, or what else is missing."""


def observe(what: Any, *more: Any, profile: bool = False, backward: bool = False) -> Observation:
    """Look at the graph of Tensors, or of a function or model that is called with example inputs.

    Parameters
    ----------
    what : Tensor, callable, Graph, or sequence of Tensors
    *more
        Example inputs for a function, or further Tensors.
    profile : bool
        Time each primitive by calling it again, three times.
    backward : bool
        Record the backward pass as well, from a cotangent of ones to the gradients of the parameters, or else inputs.

    Returns
    -------
    Observation
        A Tensor's graph holds only the values that leaves, pullbacks and results keep; a function's holds all.
        Nothing is changed: no gradient is accumulated, no tape freed.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.graph.facts import observe
    >>> seen = observe(lambda x: np.sum(x * x), np.array([1.0, 2.0]))
    >>> for node in seen.graph.nodes:
    ...     print(node.label, seen.facts[node.id].value, seen.facts[node.id].gradient)
    x [1, 2] [2, 4]
    multiply [1, 4] [1, 1]
    sum 5 1
    """
    if isinstance(what, Graph):
        if more or profile or backward:
            raise TypeError(
                "a Graph is drawn as it is: for inputs, backward= or profile= give the Tensor or the function"
            )
        forward = tuple(node.id for node in what.nodes)
        return Observation("graph", what, {}, forward, (), "a Graph holds no values: draw the Tensor or the function")
    traced = recorded(what, more, profile)
    tape = shown = tape_of(traced.outputs)
    title = called(what) if callable(what) else traced.outputs[0].name or "graph"
    if len(tape) > LONG:
        graph = described(tape, traced, LONG)
        forward = tuple(node.id for node in graph.nodes)
        return Observation(title, graph, {}, forward, (), f"of {len(tape):,} nodes only {LONG:,} were looked at")
    cotangents: dict[Node, Any] = {}
    trouble = None
    try:
        with np.errstate(all="ignore"):
            seeds = seeds_of([(t, np.ones(t.shape)) for t in traced.outputs], False)
            with switched(recording=False):
                cotangents = pull(tape[::-1], seeds, wanted=set(tape))
            if backward:
                shown = tape_of([*traced.outputs, *recorded_backward(tape, traced)])
    except Exception as error:  # whatever a rule raises: the graph is worth seeing all the same
        trouble = f"no backward pass: {error}"
    graph = described(shown, traced)
    if len(shown) > len(tape):  # what the backward pass would keep for another one, nobody asked for
        own = set(tape)
        nodes = (n if made in own else n._replace(keeps=()) for n, made in zip(graph.nodes, shown, strict=True))
        graph = Graph(tuple(nodes), graph.edges)
    calls = traced.witness.calls
    values = known_values(shown, traced.outputs) | {node: call.value for node, call in calls.items()}
    facts = {
        described_node.id: facts_of(node, calls.get(node), values.get(node), cotangents.get(node), profile)
        for described_node, node in zip(graph.nodes, shown, strict=True)
    }
    if trouble is None and any(node not in values for node in shown if node.primitive is not None):
        trouble = "the tape keeps few values: draw a function to see all"
    ids = dict(zip(shown, facts, strict=True))
    forward = tuple(ids[node] for node in tape)
    reached = tuple(id for id in reversed(forward) if facts[id].gradient is not None)
    return Observation(title, graph, facts, forward, reached, trouble)


def recorded(what: Any, more: tuple[Any, ...], timed: bool) -> Trace:
    """What a function records when it is called, or what Tensors have recorded."""
    if type(what) is Tensor:
        return Trace([what, *more])
    if callable(what):
        return trace(what, more, timed)
    if isinstance(what, (tuple, list)):
        return Trace([*what, *more])
    raise TypeError(f"what to draw must be a Tensor, a Graph, a function or model: got {type(what).__name__}")


def facts_of(node: Node, call: Call | None, value: Array | None, g: Array | None, profile: bool) -> Facts:
    name = node.primitive.name if node.primitive is not None else ""
    judged = value if PRIMITIVES.get(name) is node.primitive else None  # a user may give any name
    pulls = [(pullback.rule, (g, *kept)) for _, pullback, kept in node.edges if kept is not None]
    return Facts(
        None if value is None else statistics(value),
        None if g is None else statistics(g),
        call.seconds if call else None,
        sum(min(durations(*pull)) for pull in pulls) if profile and pulls and g is not None else None,
        call.flops if call else None,
        None if judged is None else saturated(name, judged),
        None if judged is None else dead(name, judged),
    )


def recorded_backward(tape: list[Node], traced: Trace) -> list[Tensor]:
    """The gradients of the parameters, or else of the inputs, with their graph: it starts at the cotangent."""
    found = [parent for node in tape for parent, _, kept in node.edges if kept is not None and parent.primitive is None]
    leaves = [node for node in dict.fromkeys(found) if node not in traced.inputs] or [*dict.fromkeys(found)]
    names = traced.names | traced.inputs
    sources = [tensor(np.broadcast_to(np.zeros((), node.dtype), node.shape), node) for node in leaves]
    cotangents = [leaf(np.ones(t.shape, t.dtype)) for t in traced.outputs]
    traced.inputs |= {t.node: "cotangent" for t in cotangents if t.node is not None}
    traced.arguments += cotangents
    with traced.witness.watching():
        slopes = gradients(traced.outputs, sources, cotangents, create_graph=True)
    made = []
    for node, slope in zip(leaves, slopes, strict=True):
        if slope.node is not None and slope.node.primitive is not None:
            slope.name = f"gradient of {node.notes.name or names.get(node, 'a leaf')}"
            made.append(slope)
    return made


def known_values(tape: Sequence[Node], outputs: Sequence[Tensor]) -> dict[Node, Array]:
    """The values that leaves, pullbacks and results still hold."""
    found: dict[Node, Array] = {}
    for node in tape:
        holder = held(node)
        if holder is not None:
            found[node] = holder._data
        sources = {pullback.argument: parent for parent, pullback, _ in node.edges} | {"y": node}
        for _, pullback, kept in node.edges:
            for want, value in zip(pullback.wants, kept or (), strict=False):
                source = sources.get(want)
                if source is not None and isinstance(value, np.ndarray) and value.shape == source.shape:
                    found[source] = value
    return found | {t.node: t._data for t in outputs if t.node is not None}
