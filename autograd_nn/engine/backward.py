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

from autograd_nn.engine import anomalies
from autograd_nn.engine.batch import Batch, pulled
from autograd_nn.engine.errors import AnomalyError
from autograd_nn.engine.fast import ones, sum_of_rows, sum_of_squares
from autograd_nn.engine.modes import MODE, switched
from autograd_nn.engine.node import Array, Node, Part
from autograd_nn.engine.primitive import Pullback
from autograd_nn.engine.registry import REGISTRY
from autograd_nn.engine.tensor import Tensor, raw, tensor
from autograd_nn.engine.trees import leaves, leaves_like, tree_map

__all__ = ["backward", "gradients", "seed", "seeds_of", "slopes", "toposort"]


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
    changed: dict[Node, int] = {}
    for node in reversed(order):
        changed[node] = node.changed
        if node.notes.view:  # a view changes with what it views
            viewed = node.edges[0][0]
            changed[node] = max(node.changed, changed.get(viewed, viewed.changed))
    for node in order:
        sources = {pullback.argument: parent for parent, pullback, _ in node.edges} | {"y": node}
        for _, pullback, kept in node.edges:
            for want in pullback.wants if kept else ():
                source = sources.get(want)
                if source is not None and changed.get(source, source.changed) > node.stamp:
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

    ``needed`` limits it to nodes on a path to the wanted ones. The engine's invariants are kept here and
    nowhere else: a cotangent has its node's shape and dtype, contributions are added up without
    touching any of them, and a contribution that is nan only because 0 met inf or nan is 0.
    """
    cotangents = dict(seeds)
    plain = not (create_graph or MODE.get().strong or Batch in map(type, seeds.values()))
    parts: dict[Node, list[Part]] = {}
    checked = False
    for node in order:
        if parts and node in parts:
            gather(cotangents, node, parts.pop(node))
        if node.parent is None:
            continue
        g = cotangents.get(node) if node in wanted else cotangents.pop(node, None)
        if g is None:
            continue
        stamp = node.stamp if node.changed <= node.stamp else -1
        for parent, pullback, kept in ((node.parent, node.pullback, node.kept), *node.more):
            if parent.changed > stamp and not checked:
                refuse_changed(order)
                checked = True
            if kept is None or (needed is not None and parent not in needed):
                continue
            try:
                r = pullback.rule(g, *kept) if plain else cared_for(g, node, parent, pullback, kept, create_graph)
            except Exception as error:
                error.add_note(f"in the pullback of {node.primitive} for argument {pullback.argument!r}")
                raise
            try:
                conforms = r.shape == parent.shape and r.dtype is parent.dtype
            except AttributeError:
                raise TypeError(
                    f"the pullback of {node.primitive} for argument {pullback.argument!r} returned "
                    f"{type(r).__name__}, not an array"
                ) from None
            if not conforms:
                if type(r) is Part:
                    parts.setdefault(parent, []).append(r)
                    continue
                r = conformed(r, node, pullback, parent)
            earlier = cotangents.get(parent)
            cotangents[parent] = r if earlier is None else earlier + r
    return cotangents


def gather(cotangents: dict[Node, Any], node: Node, parts: list[Part]) -> None:
    """Add to the node's cotangent what its selections have left to be added up together."""
    r = parts[0].join([part.values for part in parts], [part.index for part in parts], node.shape)
    earlier = cotangents.get(node)
    cotangents[node] = r if earlier is None else earlier + r


@np.errstate(all="ignore")
def pull(order: list[Node], seeds: dict[Node, Any], **options: Any) -> dict[Node, Any]:
    """`propagate`, once more with strong zeros if a nan came out: only nan pays for the second look."""
    if not MODE.get().anomaly:
        cotangents = propagate(order, seeds, **options)
        squares = sum([sum_of_squares(raw(g.rows if type(g) is Batch else g)) for g in cotangents.values()])
        if squares == squares:  # it is nan only if something is
            return cotangents
    with switched(strong=True):
        return propagate(order, seeds, **options)


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


def guarded(g: Any, node: Node, parent: Node, pullback: Pullback, kept: tuple[Any, ...]) -> Any:
    """Strong zeros; and in anomaly mode, the checks."""
    r = pullback.rule(g, *kept)
    if type(r) is Part:
        r = r.join([r.values], [r.index], parent.shape)
    bad, zero = np.isnan(raw(r)), raw(g) == 0
    elementwise = node.primitive is not None and node.primitive.elementwise
    if bad.any() and (elementwise or zero.all()):
        r = np.where(bad & zero if elementwise else bad, 0, r)
    if MODE.get().anomaly:
        look(r, g, node, parent, pullback, kept)
    return r


def look(r: Any, g: Any, node: Node, parent: Node, pullback: Pullback, kept: tuple[Any, ...]) -> None:
    """Raise AnomalyError if what the pullback kept was changed behind the engine's back, or r is nan or inf."""
    where = f"the pullback of {node.primitive} for argument {pullback.argument!r}"
    made = f"made at {node.notes.line or 'a line outside anomaly mode'}"
    now = anomalies.digest(map(raw, kept))
    then = node.notes.digests.get((parent, pullback), now)
    for want, before, after in zip(pullback.wants, then, now, strict=True):
        if before != after:
            raise AnomalyError(f"{where} kept {want!r}, and it was changed in place since\n  {made}")
    trouble = anomalies.nonfinite(raw(r))
    if trouble:
        operands = {"g": raw(g), **dict(zip(pullback.wants, kept, strict=True))}
        lines = "".join(f"\n  {name}: {anomalies.describe(value)}" for name, value in operands.items())
        raise AnomalyError(f"{where} made {trouble}{lines}\n  {made}")


def conformed(r: Any, node: Node, pullback: Pullback, parent: Node) -> Any:
    """The cotangent summed over broadcast axes and cast, so that it has its argument's shape and dtype.

    A cotangent g of a complex z stands for the real number Re(sum(g * dz)), so a real argument takes the real part.
    """
    if type(r) is np.ndarray and r.ndim == 2 and (r.shape[1:] == parent.shape or (1, *r.shape[1:]) == parent.shape):
        r = sum_of_rows(r).reshape(parent.shape)  # the gradient of a bias
    elif r.shape != parent.shape:
        lead = r.ndim - len(parent.shape)
        axes = [*range(lead), *[k for k, size in enumerate(parent.shape, lead) if size == 1]]
        rest = [size for k, size in enumerate(r.shape) if k not in axes]
        if lead < 0 or rest != [size for size in parent.shape if size != 1]:
            raise ValueError(
                f"the pullback of {node.primitive} for argument {pullback.argument!r} returned shape {r.shape}: it "
                f"must have the argument's shape {parent.shape}, or be broadcast from it"
            )
        r = np.sum(r, axis=tuple(axes)).reshape(parent.shape)
    if r.dtype.kind == "c" and parent.dtype.kind != "c":
        r = np.real(r)
    return r if r.dtype == parent.dtype else r.astype(parent.dtype)


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


def seeds_of(pairs: Iterable[tuple[Tensor, Any]], create_graph: bool) -> dict[Node, Any]:
    """What a backward pass starts from, for outputs with their cotangents; those of the same node add up."""
    seeds: dict[Node, Any] = {}
    for output, g in pairs:
        if output.node is not None:
            g = seed(output, g)
            g = (g if type(g) is Tensor else tensor(g)) if create_graph else raw(g)
            seeds[output.node] = g if output.node not in seeds else seeds[output.node] + g
    return seeds


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
            earlier = node.notes.grad
            node.own_notes().grad = tensor(owned(g) if earlier is None else np.asarray(earlier._data + g))
    if not retain_graph:
        for node in order:
            node.free()


REGISTRY[Tensor.backward] = backward


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
        If a value that a pullback kept was changed in place since.
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
    return [cotangents.get(t.node) for t in sources]  # type: ignore[arg-type]


def gradient_of(t: Tensor, g: Any) -> Tensor:
    """The cotangent that arrived at t as a Tensor of its own."""
    if g is None:
        return tensor(np.zeros(t.shape, t.dtype))
    return tensor(owned(raw(g)), getattr(g, "node", None))
