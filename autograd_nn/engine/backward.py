"""The backward pass.

Every node is younger than its parents, so the nodes sorted by age are in topological order: the pass
goes from the youngest to the oldest, and when it comes to a node all cotangents have arrived there.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from threading import Lock
from typing import Any

import numpy as np

from autograd_nn.engine.batch import Batch
from autograd_nn.engine.contributions import cared_for, conformed, gather
from autograd_nn.engine.fast import ones, sum_of_squares
from autograd_nn.engine.keeping import refuse_altered
from autograd_nn.engine.modes import MODE, switched
from autograd_nn.engine.node import LATEST, Array, Contribution, Erased, Node
from autograd_nn.engine.registry import REGISTRY
from autograd_nn.engine.tensor import Tensor, raw, tensor

__all__ = ["backward", "owned", "pull", "seed", "toposort"]


def toposort(roots: Iterable[Node], oldest: int = 0) -> list[Node]:
    """The nodes that the roots were computed from, children before parents.

    Nodes older than ``oldest`` are left out. Iterative; it visits each node and edge once. Raises RuntimeError if the
    tape was freed.
    """
    seen = set(roots)
    stack = list(seen)
    while stack:
        node = stack.pop()
        parent = node.parent
        if parent is None:
            if node.primitive is not None:
                node.refuse_freed()
            continue
        if parent not in seen and parent.stamp >= oldest:
            seen.add(parent)
            stack.append(parent)
        for parent, _, _ in node.more:
            if parent not in seen and parent.stamp >= oldest:
                seen.add(parent)
                stack.append(parent)
    return sorted(seen, key=attrgetter("stamp"), reverse=True)


def refuse_changed(order: list[Node]) -> None:
    """Raise if a value that some pullback kept was changed after it was kept."""
    for node in order:
        if node.parent is None:
            continue
        refuse_altered(node)
        sources = {pullback.argument: parent for parent, pullback, _ in node.edges} | {"y": node}
        for _, pullback, kept in node.edges:
            for want in pullback.wants if kept else ():
                source = sources.get(want)
                if source is None:
                    continue
                viewed = source.notes.viewed or source  # a view changes with what it views
                if max(source.changed, viewed.changed) > node.stamp:
                    kind = "output" if want == "y" else f"argument {want!r}"
                    name = f" ({source.notes.name})" if source.notes.name else ""
                    raise RuntimeError(
                        f"{node.primitive} kept its {kind}{name} for the backward pass, and that value was changed in "
                        f"place since: call backward before the change, or compute a new Tensor instead"
                    )


def propagate(
    order: list[Node],
    seeds: dict[Node, Any],
    needed: set[Node] | None = None,
    wanted: Iterable[Node] = (),
    create_graph: bool = False,
) -> dict[Node, Any]:
    """The backward pass: the cotangents of the leaves and of the wanted nodes in topological ``order``.

    ``needed`` limits it to nodes on a path to the wanted ones. The engine's invariants are kept here and nowhere else:
    a cotangent has its node's shape and dtype, contributions are added up without touching any of them, and one that
    is nan only because 0 met inf or nan is 0.
    """
    cotangents = dict(seeds)
    scattered: dict[Node, list[Contribution]] = {}
    own: set[Node] = set()  # whose cotangents nobody else holds
    plain = not (create_graph or MODE.get().strong or Batch in map(type, seeds.values()))
    for node in order:  # all contributions to its cotangent have arrived
        if scattered and node in scattered:
            gather(cotangents, node, scattered.pop(node), node in own)
        if node.parent is None:  # a leaf: its cotangent is a result
            if node.primitive is not None:
                node.refuse_freed()
            continue
        g = cotangents.get(node) if node in wanted else cotangents.pop(node, None)
        if g is None:  # no path leads here
            continue
        erased = None
        for parent, pullback, kept in ((node.parent, node.pullback, node.kept), *node.more):
            if kept is None or (needed is not None and parent not in needed):
                continue
            try:
                r = pullback.rule(g, *kept) if plain else cared_for(g, node, parent, pullback, kept, create_graph)
            except Exception as error:
                error.add_note(f"in the pullback of {node.primitive} for argument {pullback.argument!r}")
                raise
            try:
                conforms = r.shape == parent.shape and r.dtype is parent.dtype
            except AttributeError:  # it is no array
                conforms = False
            if not conforms:
                if type(r) is Erased:
                    erased = parent, r
                    continue
                r = conformed(r, node, pullback, parent)
                if type(r) is Contribution:
                    scattered.setdefault(parent, []).append(r)
                    continue
            earlier = cotangents.get(parent)
            cotangents[parent] = r if earlier is None else earlier + r
        if node.parent is None:  # another thread has freed it in the meantime
            node.refuse_freed()
        if erased is not None:  # last, because the others look at what is erased
            parent, r = erased
            r = r.made(own=node in own and node not in wanted)
            own.add(parent)
            if parent in cotangents:
                r += cotangents[parent]
            cotangents[parent] = r
    return cotangents


@np.errstate(all="ignore")
def pull(order: list[Node], seeds: dict[Node, Any], **options: Any) -> dict[Node, Any]:
    """`propagate`, once more with strong zeros if a nan came out: only nan pays for the second look."""
    for node in reversed(order):
        if node.primitive is not None:  # the oldest operation: is it older than some change?
            if node.stamp <= LATEST.change or node.stamp <= LATEST.guard:
                refuse_changed(order)
            break
    if not MODE.get().anomaly:
        cotangents = propagate(order, seeds, **options)
        squares = sum([sum_of_squares(raw(g.rows if type(g) is Batch else g)) for g in cotangents.values()])
        if squares == squares:  # it is nan only if something is
            return cotangents
    with switched(strong=True):
        return propagate(order, seeds, **options)


def seed(output: Tensor, cotangent: Any) -> Any:
    """The cotangent that a backward pass starts from."""
    if cotangent is None:
        if output.size != 1:
            raise ValueError(
                f"a Tensor of shape {output.shape} has no single gradient: reduce it to a scalar, "
                f"or give the cotangent, an array of that shape"
            )
        return ones(output.shape, output.dtype)
    if np.iscomplexobj(raw(cotangent)) and output.dtype.kind != "c":
        raise TypeError(f"the cotangent of a {output.dtype} Tensor must be real: got {raw(cotangent)!r}")
    if type(cotangent) is not Tensor:
        cotangent = np.asarray(cotangent, output.dtype)
    if cotangent.shape != output.shape:
        raise ValueError(f"the cotangent has shape {cotangent.shape}: it must have the output's, {output.shape}")
    return cotangent if cotangent.dtype == output.dtype else cotangent.astype(output.dtype)


def owned(g: Any) -> Array:
    """A copy, because a pullback may pass on its cotangent, the seed, or something it kept."""
    return g.copy() if type(g) is np.ndarray else np.array(g)


ACCUMULATING = Lock()
"""Threads may share parameters."""


def backward(output: Tensor, gradient: Any, retain_graph: bool) -> None:
    """`Tensor.backward`."""
    if output.node is None:
        raise RuntimeError(
            "backward() of a constant: no Tensor with requires_grad=True went into it, or it was computed in no_grad"
        )
    order = toposort([output.node])
    cotangents = pull(order, {output.node: raw(seed(output, gradient))})
    with ACCUMULATING:
        for node, g in cotangents.items():
            earlier = node.notes.grad  # a leaf has notes of its own
            node.notes.grad = tensor(owned(g) if earlier is None else np.asarray(earlier._array + g))
    if not retain_graph:
        for node in order:  # the parent last: by it another thread sees that nothing was freed
            node.kept = node.pullback = node.parent = None
            node.more = ()


REGISTRY[Tensor.backward] = backward
