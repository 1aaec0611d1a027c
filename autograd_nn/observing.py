"""A graph with what flowed through it: values, cotangents, time and memory, for all that draw and count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.autodiff import gradients, pull, seeds_of
from autograd_nn.core import Array, Node, Tensor
from autograd_nn.graph import Graph, described, held, tape_of
from autograd_nn.modes import switched
from autograd_nn.statistics import Statistics, dead, saturated, statistics
from autograd_nn.tracing import Trace, called, durations, trace

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
    backward: tuple[str, ...]
    """The nodes in the order of the backward pass; empty where it is not possible."""
    trouble: str | None
    """Why it is not."""


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
        Record the backward pass as well, in a scope of this name.

    Returns
    -------
    Observation
        A Tensor's graph holds only the values that leaves, pullbacks and results keep; a function's holds all.
        Nothing is changed: no gradient is accumulated, no tape freed.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.observing import observe
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
        return Observation("graph", what, {}, (), "a Graph holds no values: draw the Tensor or the function")
    if type(what) is Tensor or isinstance(what, (tuple, list)):
        outputs = [what, *more] if type(what) is Tensor else [*what, *more]
        tape = tape_of(outputs)
        traced = Trace(outputs)
        title = outputs[0].name or "graph"
    elif callable(what):
        traced = trace(what, more, timed=profile)
        outputs, title = traced.outputs, called(what)
        tape = tape_of(outputs)
    else:
        raise TypeError(f"what to draw must be a Tensor, a function or a Graph: got {type(what).__name__}")
    if len(tape) > LONG:
        graph = described(tape, traced.inputs, traced.names, LONG)
        return Observation(title, graph, {}, (), f"of {len(tape):,} nodes only {LONG:,} were looked at")
    cotangents: dict[Node, Any] = {}
    trouble = None
    try:
        seeds = seeds_of([(t, np.ones(t.shape)) for t in outputs], False)
        with switched(recording=False), np.errstate(all="ignore"):
            cotangents = pull(tape[::-1], seeds, wanted=set(tape))
    except Exception as error:  # whatever a rule raises: the graph is worth seeing all the same
        trouble = f"there are no gradients: {error}"
    order = [node for node in reversed(tape) if node in cotangents]
    if backward:
        outputs = [*outputs, *recorded_backward(tape, traced)]
        tape = tape_of(outputs)
    graph = described(tape, traced.inputs, traced.names)
    calls = traced.witness.calls
    values = known_values(tape, outputs) | {node: call.value for node, call in calls.items()}
    facts = {}
    for described_node, node in zip(graph.nodes, tape, strict=True):
        call, value, g = calls.get(node), values.get(node), cotangents.get(node)
        facts[described_node.id] = Facts(
            None if value is None else statistics(value),
            None if g is None else statistics(g),
            call.seconds if call else None,
            sum(pull_durations(node, g)) if profile and g is not None and node.primitive else None,
            call.flops if call else None,
            None if value is None else saturated(described_node.label, value),
            None if value is None else dead(described_node.label, value),
        )
    ids = dict(zip(tape, (node.id for node in graph.nodes), strict=True))
    return Observation(title, graph, facts, tuple(ids[node] for node in order), trouble)


def recorded_backward(tape: list[Node], traced: Trace) -> list[Tensor]:
    """The gradients of the parameters, or else of the inputs, with their graph."""
    found = [leaf for node in tape if (leaf := held(node)) is not None and leaf.node is node]
    leaves = [leaf for leaf in found if leaf.node not in traced.inputs] or found
    with traced.witness.watching():
        slopes: list[Tensor] = gradients(
            traced.outputs, leaves, [Tensor(np.ones(t.shape, t.dtype), name="1") for t in traced.outputs], True
        )
    recorded = []
    for leaf, slope in zip(leaves, slopes, strict=True):
        if slope.node is not None and slope.node.primitive is not None:
            name = leaf.name or (traced.inputs | traced.names).get(leaf.node)  # type: ignore[arg-type]
            slope.name = f"gradient of {name or 'a leaf'}"
            recorded.append(slope)
    return recorded


def known_values(tape: Sequence[Node], outputs: Sequence[Tensor]) -> dict[Node, Array]:
    """The values that leaves, pullbacks and results still hold."""
    found: dict[Node, Array] = {}
    for node in tape:
        leaf = held(node)
        if leaf is not None:
            found[node] = leaf._data
        sources = {pullback.argument: parent for parent, pullback, _ in node.edges} | {"y": node}
        for _, pullback, kept in node.edges:
            for want, value in zip(pullback.wants, kept or (), strict=False):
                source = sources.get(want)
                if source is not None and isinstance(value, np.ndarray) and value.shape == source.shape:
                    found[source] = value
    return found | {t.node: t._data for t in outputs if t.node is not None}


def pull_durations(node: Node, g: Array) -> list[float]:
    """The shortest of three times of each pullback."""
    return [min(durations(pullback.rule, (g, *kept))) for _, pullback, kept in node.edges if kept is not None]
