"""`gradients`: the gradients of Tensors already made, with respect to Tensors already made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_nn.engine.backward import owned, pull, seed, toposort
from autograd_nn.engine.modes import switched
from autograd_nn.engine.node import Node
from autograd_nn.engine.tensor import Tensor, raw, tensor
from autograd_nn.engine.trees import leaves, leaves_like, tree_map

__all__ = ["gradient_of", "gradients", "leaf_nodes", "seeds_of", "slopes"]


def seeds_of(pairs: Iterable[tuple[Tensor, Any]], create_graph: bool) -> dict[Node, Any]:
    """What a backward pass starts from, for outputs with their cotangents; those of the same node add up."""
    seeds: dict[Node, Any] = {}
    for output, g in pairs:
        if output.node is not None:
            g = seed(output, g)
            g = (g if type(g) is Tensor else tensor(g)) if create_graph else raw(g)
            seeds[output.node] = g if output.node not in seeds else seeds[output.node] + g
    return seeds


def gradients(outputs: Any, inputs: Any, cotangents: Any = None, create_graph: bool = False) -> Any:
    """The gradients of outputs with respect to inputs, all of them Tensors already made.

    Parameters
    ----------
    outputs : Tensor, or nested tuples, lists and dicts of them
        What is differentiated; the gradients of several outputs are added up.
    inputs : Tensor, or nested tuples, lists and dicts of them
        With respect to these: leaves or intermediate results.
    cotangents : arrays or Tensors in the structure of ``outputs``, optional
        1 for a scalar output.
    create_graph : bool
        Record the backward pass, so that the gradients can be differentiated in turn.

    Returns
    -------
    Tensors in the structure of ``inputs``
        Each of its input's shape and dtype; zeros where no path leads to it. The tape is kept.

    Raises
    ------
    TypeError, ValueError
        If outputs or inputs are no Tensors, an input requires no gradient, or a cotangent is missing or of another
        shape.
    RuntimeError
        If a value that a pullback kept, or an input itself, was changed in place since.
    AnomalyError
        In anomaly mode, at the first nan or inf.

    Examples
    --------
    >>> from autograd_nn import Tensor, gradients
    >>> x = Tensor(3.0, requires_grad=True)
    >>> dy = gradients(x**3, x, create_graph=True)
    >>> dy, gradients(dy, x)
    (Tensor(27.0, made by multiply), Tensor(18.0))
    """
    targets, sources = leaves(outputs), leaves(inputs)
    for kind, given_tensors in (("outputs", targets), ("inputs", sources)):
        for t in given_tensors:
            if type(t) is not Tensor:
                raise TypeError(f"{kind} must be Tensors: got {type(t).__name__}")
    for t in sources:
        if t.node is None:
            raise TypeError(f"inputs must require a gradient: got the constant {t!r}")
    given = leaves_like(outputs, cotangents, "cotangents of the outputs")
    seeds = seeds_of(zip(targets, given, strict=True), create_graph)
    order = toposort(seeds, oldest=min((t.node.stamp for t in sources), default=0))
    for t in sources:
        is_changed = t.node.notes.in_place or (t.share is not None and t.share.memory.changed)
        if is_changed and t.node not in order:
            raise RuntimeError(
                f"inputs: {t!r} was changed in place, and the outputs do not depend on what it is now: ask before the "
                f"change, or for the gradient of a copy that was made before it"
            )
    found = map(gradient_of, sources, slopes(order, seeds, sources, create_graph))
    return tree_map(lambda _: next(found), inputs)


def slopes(order: list[Node], seeds: dict[Node, Any], sources: list[Tensor], create_graph: bool) -> list[Any]:
    """The cotangents of the sources, None where no path leads there: one backward pass from the seeds."""
    wanted = {t.node for t in sources if t.node is not None}
    needed = set(wanted)
    for node in reversed(order):
        if any(parent in needed and kept is not None for parent, _, kept in node.edges):
            needed.add(node)
    with switched(recording=create_graph):
        cotangents = pull(order, seeds, needed=needed, wanted=wanted, create_graph=create_graph)
    return [cotangents.get(t.node) for t in sources]


def gradient_of(t: Tensor, g: Any) -> Tensor:
    """The cotangent that arrived at t as a Tensor of its own."""
    if g is None:
        return tensor(np.zeros(t.shape, t.dtype))
    return tensor(owned(raw(g)), getattr(g, "node", None))


def leaf_nodes(outputs: list[Node], since: int) -> list[Node]:
    """The leaves that the outputs were computed from, by what was recorded since then."""
    order = toposort(outputs, since)
    parents = (parent for node in order for parent, _, kept in node.edges if kept is not None)
    return [node for node in dict.fromkeys([*outputs, *parents]) if node.primitive is None][::-1]
