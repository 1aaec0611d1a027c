"""A graph with what flowed through it: values, cotangents, time and memory, for all that draw and count."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import signature
from math import prod
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.backward import pull
from autograd_nn.engine.gradients import gradients, seeds_of
from autograd_nn.engine.modes import Entry, switched
from autograd_nn.engine.node import Node
from autograd_nn.engine.tensor import Tensor, leaf, tensor
from autograd_nn.graph.array_summary import Statistics, dead, saturated, statistics
from autograd_nn.graph.cost import work
from autograd_nn.graph.findings import Finding, activation, findings
from autograd_nn.graph.flows import Flow, Flows, call_of, flows
from autograd_nn.graph.program import Known, Program, Step, read, tape_of
from autograd_nn.graph.trace import Trace, Witness, called, trace, typical_time
from autograd_nn.graph.value import Graph, graph_of

__all__ = ["Facts", "Observation", "Totals", "observe"]

LONG = 20_000
"""Of a longer tape only so many nodes are looked at, the oldest and the youngest."""


class Facts(NamedTuple):
    """What is known of a node besides its place in the graph; None is unknown."""

    value: Statistics | None = None
    gradient: Statistics | None = None
    seconds: float | None = None
    """The time that it takes to compute: the median of five, after one to warm up."""
    pull_seconds: float | None = None
    """The same of its pullbacks."""
    flops: int | None = None
    """Floating-point operations of computing it."""
    saturated: float | None = None
    """The fraction of a bounded activation's elements that are at its flat ends."""
    dead: float | None = None
    """The fraction of a rectifier's units that are 0 for every sample."""
    handed: tuple[Flow, ...] | None = None
    """What it hands to its arguments in the backward pass."""
    call: tuple[Flow, ...] | None = None
    """What the call of a function in which it was made hands to the nodes outside of that."""


class Totals(NamedTuple):
    """What there is in the whole of a graph, however little of it is shown; None is unknown."""

    nodes: int
    operations: int
    parameters: int
    """Their elements."""
    kept: int | None = None
    """Bytes that are in memory for the backward pass alone."""
    flops: int | None = None
    """Floating-point operations of the forward pass, and of a backward pass that is part of the graph."""
    seconds: float | None = None
    """What all operations took, and their pullbacks."""


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
    totals: Totals
    findings: tuple[Finding, ...] = ()
    """What to look at, the first cause first."""


def observe(what: Any, *more: Any, profile: bool = False, backward: bool = False) -> Observation:
    """Look at the graph of Tensors, or of a function or model that is called with example inputs.

    Parameters
    ----------
    what : Tensor, callable, Graph, or sequence of Tensors
    *more
        Example inputs for a function, or further Tensors.
    profile : bool
        Time each primitive by calling it again: the median of five calls, after one to warm up.
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
        missing = "a Graph holds no values: draw the Tensor or the function"
        return Observation("graph", what, {}, forward, (), missing, totals_of(what, {}))
    known = recorded(what, more, profile)
    tape = shown = tape_of(known.outputs)
    title = title_of(what) if callable(what) else known.outputs[0].name or "graph"
    if len(tape) > LONG:
        program = read(tape, known, LONG)
        graph = graph_of(program)
        forward = tuple(node.id for node in graph.nodes)
        missing = f"of {len(tape):,} nodes only {LONG:,} were looked at"
        return Observation(title, graph, {}, forward, (), missing, Totals(*program.counts))
    program = forward_pass = read(tape, known)
    cotangents: dict[Node, Any] = {}
    handed = Flows({}, {})
    trouble = None
    try:
        with np.errstate(all="ignore"):
            seeds = seeds_of([(t, np.ones(t.shape)) for t in known.outputs], False)
            with switched(recording=False):
                cotangents = pull(tape[::-1], seeds, wanted=set(tape))
            handed = flows(tape, seeds, cotangents)
            if backward:
                shown = tape_of([*known.outputs, *recorded_backward(program, tape, known)])
                program = read(shown, known)
    except Exception as error:  # whatever a rule raises: the graph is worth seeing all the same
        trouble = f"no backward pass: {error}"
    graph = graph_of(program)
    if len(shown) > len(tape):  # what the backward pass would keep for another one, nobody asked for
        own = set(tape)
        nodes = (n if made in own else n._replace(keeps=()) for n, made in zip(graph.nodes, shown, strict=True))
        graph = Graph(tuple(nodes), graph.edges, graph.scopes)
    calls = [known.calls.get(node) for node in shown]
    seconds = [call.seconds if call else None for call in calls]
    gathered = facts_of(program, [cotangents.get(node) for node in shown], seconds, profile)
    ids = {made: node.id for node, made in zip(graph.nodes, shown, strict=True)}
    calls_hand: dict[Entry | None, tuple[Flow, ...]] = {
        call: tuple(flow._replace(argument=ids[parent]) for parent, flow in to.items())
        for call, to in handed.calls.items()
    }
    facts = {
        ids[made]: about._replace(
            handed=tuple(handed.nodes[made]) if made in handed.nodes else None, call=calls_hand.get(call_of(made))
        )
        for made, about in zip(shown, gathered, strict=True)
    }
    if trouble is None and any(step.value is None for step in program.steps if step.primitive is not None):
        trouble = "the tape keeps few values: draw a function to see all"
    forward = tuple(ids[node] for node in tape)
    reached = tuple(id for id in reversed(forward) if facts[id].gradient is not None)
    signs = findings(forward_pass, [cotangents.get(node) for node in tape], unreached(tape, known))
    return Observation(title, graph, facts, forward, reached, trouble, totals_of(graph, facts), signs)


def unreached(tape: list[Node], known: Known) -> Iterator[str]:
    """The parameters that the model holds and the tape does not."""
    there = set(tape)
    return (name for node, name in known.names.items() if node.primitive is None and node not in there)


def totals_of(graph: Graph, facts: dict[str, Facts]) -> Totals:
    """The sums over all nodes; a node may stand for several that are not there."""
    operations = [node for node in graph.nodes if node.kind in ("operation", "folded", "elided")]
    parameters = [node for node in graph.nodes if node.kind == "parameter"]
    flops = [about.flops for about in facts.values() if about.flops is not None]
    seconds = [s for about in facts.values() for s in (about.seconds, about.pull_seconds) if s is not None]
    return Totals(
        sum(node.stands_for for node in graph.nodes),
        sum(node.stands_for for node in operations),
        sum(prod(node.shape) for node in parameters),
        sum(node.nbytes for node in graph.nodes),
        sum(flops) if flops else None,
        sum(seconds) if seconds else None,
    )


def recorded(what: Any, more: tuple[Any, ...], timed: bool) -> Known:
    """What a function records when it is called, or what Tensors have recorded."""
    if type(what) is Tensor:
        return Known([what, *more])
    if callable(what):
        return trace(what, more, timed)
    if isinstance(what, (tuple, list)):
        return Known([*what, *more])
    raise TypeError(f"what to draw must be a Tensor, a Graph, a function or model: got {type(what).__name__}")


def title_of(f: Any) -> str:
    """The name of a function or model; of a lambda, which has none, what it is a function of."""
    name = called(f)
    return f"function of {' and '.join(signature(f).parameters)}" if name == "<lambda>" else name


def facts_of(program: Program, cotangents: list[Any], seconds: list[float | None], profile: bool) -> list[Facts]:
    """The facts of each step, from its cotangent and the time it took."""
    steps = program.steps
    activations = [activation(step) for step in steps]
    columns = (
        [None if step.value is None else statistics(step.value) for step in steps],
        [None if g is None else statistics(g) for g in cotangents],
        seconds,
        [pulling(step, g) if profile else None for step, g in zip(steps, cotangents, strict=True)],
        work(program),
        [saturated(*activation) if activation else None for activation in activations],
        [dead(*activation) if activation else None for activation in activations],
    )
    return [Facts(*about) for about in zip(*columns, strict=True)]


def pulling(step: Step, g: Any) -> float | None:
    """The seconds that the pullbacks of a step take for its cotangent."""
    if g is None or not step.saved:
        return None
    return sum(typical_time(saved.rule, (g, *saved.kept.values())) for saved in step.saved)


def recorded_backward(program: Program, tape: list[Node], known: Known) -> list[Tensor]:
    """The gradients of the parameters, or else of the inputs, with their graph: it starts at the cotangent."""
    used = dict.fromkeys(saved.step for step in program.steps for saved in step.saved)
    leaves = [step for step in map(program.steps.__getitem__, used) if step.primitive is None]
    leaves = [step for step in leaves if step.kind == "parameter"] or leaves
    sources = [tensor(np.broadcast_to(np.zeros((), step.dtype), step.shape), tape[step.number]) for step in leaves]
    cotangents = [leaf(np.ones(t.shape, t.dtype)) for t in known.outputs]
    known.inputs |= {t.node: "cotangent" for t in cotangents if t.node is not None}
    witness = known.witness if isinstance(known, Trace) else Witness(known.values, known.calls)
    with witness.watching():
        slopes = gradients(known.outputs, sources, cotangents, create_graph=True)
    made = []
    for step, slope in zip(leaves, slopes, strict=True):
        if slope.node is not None and slope.node.primitive is not None:
            slope.name = f"gradient of {step.name or step.path or 'a leaf'}"
            made.append(slope)
    return made
