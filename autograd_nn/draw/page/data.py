"""What the interactive page knows of a graph, as plain values for JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

from autograd_nn.draw.dot import Shown, lines, named
from autograd_nn.draw.folding import View
from autograd_nn.graph.array_summary import Statistics
from autograd_nn.graph.facts import Facts, Observation
from autograd_nn.graph.findings import Finding
from autograd_nn.graph.flows import Flow
from autograd_nn.graph.value import ELIDED, GraphEdge, GraphNode, expression, incoming, line_of, printable

__all__ = ["Frame", "page_data"]

CROWDED = 60
"""With more nodes than this, the scopes of a page are folded at first."""


class Frame(NamedTuple):
    """What flowed through a graph at one time."""

    time: int
    """The step of the training."""
    facts: Mapping[str, Facts]
    findings: tuple[Finding, ...] = ()
    loss: float | None = None
    """None if it is not finite, or no single number."""


def page_data(
    seen: Observation,
    view: View,
    collapse: int | None = None,
    frames: Iterable[Frame] | None = None,
    findings: Iterable[Finding] | None = None,
) -> dict[str, Any]:
    """What `page` takes: the view, what is known of its nodes, and the frames of a film with what was found in it."""
    open_levels = collapse if collapse is not None else 0 if len(view.nodes) > CROWDED else len(view.nodes)
    ids = view.scopes()
    into = incoming(view.edges)
    shown = {node.id for node in view.nodes}
    names = {node.id: printable(node.name) for node in view.nodes if node.name}
    edges = {(edge.child, edge.argument or edge.parent): f"e{number}" for number, edge in enumerate(view.edges)}
    nodes = {node.id: node for node in view.nodes}
    return {
        "title": printable(seen.title),
        "note": seen.trouble,
        "nodes": [
            node_data(node, into.get(node.id, []), names, ids, seen.facts.get(node.id, Facts()))
            | {"lines": [*lines(node, view, Facts(), Shown(page=True))]}
            for node in view.nodes
        ],
        "edges": [
            {"id": f"e{number}", **edge._asdict(), "named": named(edge, nodes[edge.child])}
            for number, edge in enumerate(view.edges)
        ],
        "scopes": [
            {"id": id, "name": scope[-1], "parent": ids.get(scope[:-1]), "folded": len(scope) > open_levels}
            | ({"part": view.parts[scope]} if scope in view.parts else {})
            for scope, id in ids.items()
        ],
        "totals": totals(seen, view),
        "forward": [id for id in seen.forward if id in shown and id != ELIDED],
        "backward": [id for id in seen.backward if id in shown],
        "findings": [finding_data(finding, shown) for finding in (seen.findings if findings is None else findings)],
        "frames": [frame_data(frame, shown, edges) for frame in frames or [Frame(0, seen.facts)]],
    }


def totals(seen: Observation, view: View) -> dict[str, int | float]:
    """Of the whole graph, whether it is drawn or not."""
    whole, facts = seen.totals, seen.facts.values()
    return {
        **Counter(node.kind for node in seen.graph.nodes if node.kind != "elided"),
        "operation": whole.operations,
        "nodes": whole.nodes,
        "hidden": sum(node.stands_for for node in view.nodes if node.kind == "elided"),
        "trainable": whole.parameters,
        "bytes": whole.kept or 0,
        "seconds": sum(fact.seconds or 0 for fact in facts),
        "pull_seconds": sum(fact.pull_seconds or 0 for fact in facts),
        "flops": whole.flops or 0,
    }


def node_data(
    node: GraphNode,
    into: Sequence[GraphEdge],
    names: Mapping[str, str],
    ids: Mapping[tuple[str, ...], str],
    facts: Facts,
) -> dict[str, Any]:
    return {
        "id": node.id,
        "kind": node.kind,
        "label": node.label,
        "name": node.name,
        "shape": node.shape,
        "dtype": str(node.dtype),
        "scope": ids.get(node.scope),
        "line": f"{node.line.place}: {node.line.text}" if node.line else None,
        "text": line_of(node._replace(scope=(), line=None), into),  # those stand beside it
        "made": expression(node, into, names) if node.kind == "operation" else None,
        "keeps": [{"what": kept.what, "bytes": kept.nbytes} for kept in node.values],
        "in_place": node.in_place,
        "seconds": facts.seconds,
        "pull_seconds": facts.pull_seconds,
        "flops": facts.flops,
    }


def finding_data(finding: Finding, shown: set[str]) -> dict[str, Any]:
    return finding._asdict() | {"node": finding.node if finding.node in shown else None}


def frame_data(frame: Frame, shown: set[str], edges: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    known = {id: facts for id, facts in frame.facts.items() if id in shown}
    return {
        "time": frame.time,
        "loss": None if frame.loss is None else rounded(frame.loss),
        "values": {
            id: {**statistics_data(facts.value), "saturated": facts.saturated, "dead": facts.dead}
            for id, facts in known.items()
            if facts.value is not None
        },
        "gradients": {id: statistics_data(facts.gradient) for id, facts in known.items() if facts.gradient is not None},
        "flows": {
            edges[id, flow.argument]: flow_data(flow)
            for id, facts in known.items()
            for flow in facts.handed or ()
            if (id, flow.argument) in edges
        },
    }


def flow_data(flow: Flow) -> dict[str, Any]:
    """What is not said is as the total of a contribution, as the gradient of a total, and 1 of a number."""
    known = {
        "number": None if flow.number == 1 else flow.number,
        "contribution": flow.contribution and contribution_data(flow.contribution),
        "total": flow.total and statistics_data(flow.total),
        "slope": flow.slope,
        "factor": flow.factor,
    }
    return {name: value for name, value in known.items() if value is not None}


def contribution_data(statistics: Statistics) -> dict[str, Any]:
    """Statistics without the histogram, and of few elements these and their size."""
    data = statistics_data(statistics)
    few = statistics.text is not None
    return {name: data[name] for name in (("text", "rms") if few else ("min", "mean", "max", "rms", "nan", "inf"))}


def statistics_data(statistics: Statistics) -> dict[str, Any]:
    sizes = {
        "min": statistics.least,
        "mean": statistics.mean,
        "max": statistics.greatest,
        "rms": statistics.rms,
        "zeros": statistics.zeros,
    }
    return {
        "text": statistics.text,
        **{name: None if size is None else rounded(size) for name, size in sizes.items()},
        "nan": statistics.nan,
        "inf": statistics.inf,
        "counts": [] if statistics.least == statistics.greatest else statistics.counts,
    }


def rounded(number: float) -> float:
    """In four digits, where that is not beyond the largest float."""
    short = float(f"{number:.4g}")
    return short if isfinite(short) else number
