"""What a pullback returns on its way into a cotangent: cared for, and made to conform to the argument it is for."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from autograd_nn.engine import anomalies
from autograd_nn.engine.batch import Batch, pulled
from autograd_nn.engine.errors import AnomalyError
from autograd_nn.engine.fast import sum_of_rows
from autograd_nn.engine.modes import MODE
from autograd_nn.engine.node import Contribution, Erased, Node
from autograd_nn.engine.primitive import Pullback
from autograd_nn.engine.strong import reached
from autograd_nn.engine.tensor import raw, tensor

__all__ = ["cared_for", "conformed", "contribution", "gather"]


def connected(node: Node, pullback: Pullback, kept: tuple[Any, ...]) -> tuple[Any, ...]:
    """What the pullback kept, as Tensors where the graph goes on: the same rule then records itself."""
    sources = {p.argument: parent for parent, p, k in node.edges if k is not None} | {"y": node}
    return tuple(
        tensor(np.asarray(value), sources[want]) if want in sources else value
        for want, value in zip(pullback.wants, kept, strict=True)
    )


def cared_for(g: Any, node: Node, parent: Node, pullback: Pullback, kept: tuple[Any, ...], create_graph: bool) -> Any:
    """What the rule returns where more is asked for: a graph, many rows, strong zeros, a look for anomalies."""
    if create_graph:
        kept = connected(node, pullback, kept)
    if not MODE.get().strong:
        return pulled(pullback.rule, g, kept) if type(g) is Batch else pullback.rule(g, *kept)
    if type(g) is Batch:
        return Batch(np.stack([guarded(row, node, parent, pullback, kept) for row in g.rows]))
    return guarded(g, node, parent, pullback, kept)


def contribution(g: Any, node: Node, parent: Node, pullback: Pullback, kept: tuple[Any, ...]) -> Any:
    """What the edge to the parent adds to its cotangent, as a whole array: for those who want to see each."""
    return conformed(guarded(g, node, parent, pullback, kept), node, pullback, parent)


def guarded(g: Any, node: Node, parent: Node, pullback: Pullback, kept: tuple[Any, ...]) -> Any:
    """Strong zeros; and in anomaly mode, the checks."""
    r = pullback.rule(g, *kept)
    if type(r) is Contribution:
        r = r.join([r.values], [r.index], parent.shape)
    elif type(r) is Erased:
        r = r.made()
    elementwise = node.primitive is not None and node.primitive.elementwise
    r = reached(r, lambda: raw(g) != 0 if elementwise else np.any(raw(g)))
    if MODE.get().anomaly:
        look(r, g, node, parent, pullback, kept)
    return r


def look(r: Any, g: Any, node: Node, parent: Node, pullback: Pullback, kept: tuple[Any, ...]) -> None:
    """Raise AnomalyError if what the pullback kept was changed behind the engine's back, or r is nan or inf."""
    where = f"the pullback of {node.primitive} for argument {pullback.argument!r}"
    made_at = node.notes.line or "a line outside anomaly mode"
    now = anomalies.digest(map(raw, kept))
    then = node.notes.digests.get((parent, pullback), now)
    for want, before, after in zip(pullback.wants, then, now, strict=True):
        if before != after:
            raise AnomalyError(f"{where} kept {want!r}, and it was changed in place since\n  made at {made_at}")
    operands = {"g": raw(g), **dict(zip(pullback.wants, kept, strict=True))}
    anomalies.refuse_nonfinite(where, raw(r), operands.items(), made_at)


def conformed(r: Any, node: Node, pullback: Pullback, parent: Node) -> Any:
    """The cotangent summed over broadcast axes and cast, so that it has its argument's shape and dtype.

    A cotangent g of a complex z stands for the real number Re(sum(g * dz)), so a real argument takes the real part.
    """
    if type(r) is Contribution:
        return r
    if not hasattr(r, "shape"):
        raise TypeError(
            f"the pullback of {node.primitive} for argument {pullback.argument!r} returned {type(r).__name__}, "
            f"not an array"
        )
    if type(r) is np.ndarray and r.ndim == 2 and (r.shape[1:] == parent.shape or (1, *r.shape[1:]) == parent.shape):
        r = sum_of_rows(r).reshape(parent.shape)  # the gradient of a bias
    elif type(r) is np.ndarray and r.ndim > 2 and is_bias(parent.shape, r.shape):
        r = sum_of_rows(r.reshape(prod(r.shape[:-1]), r.shape[-1])).reshape(parent.shape)
    elif r.shape != parent.shape:
        lead = r.ndim - len(parent.shape)
        axes = [*range(lead), *[k for k, size in enumerate(parent.shape, lead) if size == 1]]
        rest = [size for k, size in enumerate(r.shape) if k not in axes]
        if lead < 0 or rest != [size for size in parent.shape if size != 1]:
            raise ValueError(
                f"the pullback of {node.primitive} for argument {pullback.argument!r} returned shape {r.shape}: it "
                f"must have the argument's shape {parent.shape}, or be broadcast from it"
            )
        r = np.sum(r, axis=tuple(axes))
        r = r if r.shape == parent.shape else r.reshape(parent.shape)
    if r.dtype.kind == "c" and parent.dtype.kind != "c":
        r = np.real(r)
    return r if r.dtype == parent.dtype else r.astype(parent.dtype)


def is_bias(shape: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    """Whether what has this shape is added to each row of the whole."""
    return len(shape) <= len(whole) and shape[-1:] == whole[-1:] and prod(shape) == whole[-1]


def gather(cotangents: dict[Node, Any], node: Node, contributions: list[Contribution], own: bool) -> None:
    """Add to the node's cotangent what its selections have left to be added up together: in place if it is our own."""
    values, indices = [c.values for c in contributions], [c.index for c in contributions]
    earlier = cotangents.get(node)
    if own:
        contributions[0].join(values, indices, node.shape, earlier)
        return
    r = contributions[0].join(values, indices, node.shape)
    cotangents[node] = r if earlier is None else earlier + r
