"""What flows along the edges of a graph in the backward pass, and how it adds up in the nodes."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.contributions import contribution
from autograd_nn.engine.modes import Entry, switched
from autograd_nn.engine.node import Array, Node
from autograd_nn.engine.primitive import Primitive, Pullback
from autograd_nn.engine.tensor import raw
from autograd_nn.graph.array_summary import SMALL, Statistics, in_digits, statistics
from autograd_nn.graph.program import pulled_edges
from autograd_nn.ops.declare import PRIMITIVES
from autograd_nn.ops.rule_text import rule_body

__all__ = ["Arrival", "Flow", "Flows", "arrivals", "call_of", "flows", "slope"]


NUMBERS = (int, float, complex, np.generic, np.ndarray)


class Arrival(NamedTuple):
    """A contribution to a node's cotangent, as it comes along one edge."""

    child: Node
    parent: Node
    pullback: Pullback
    kept: tuple[Any, ...]
    contribution: Array
    total: Array
    """What the parent holds now: its own seed, and all contributions so far."""
    number: int
    """The first to arrive at the parent is 1."""
    last: bool
    """Whether the total is the parent's cotangent."""


def arrivals(tape: list[Node], seeds: Mapping[Node, Any], cotangents: Mapping[Node, Any]) -> Iterator[Arrival]:
    """Each contribution of a backward pass, in the order in which they arrive.

    The pullbacks are called once more with the ``cotangents`` that the pass has found, those of every node.
    """
    edges = [edge for edge in pulled_edges(tape) if edge[0] in cotangents]
    awaited = Counter(parent for _, parent, _, _ in edges)
    arrived: Counter[Node] = Counter()
    totals = dict(seeds)
    with np.errstate(all="ignore"), switched(recording=False, strong=True):
        for child, parent, pullback, kept in edges:
            arrived[parent] += 1
            if awaited[parent] == 1 and parent not in seeds:  # it is the whole cotangent
                r = total = cotangents[parent]
            else:
                r = contribution(cotangents[child], child, parent, pullback, kept)
                total = totals[parent] = totals[parent] + r if parent in totals else r
            yield Arrival(child, parent, pullback, kept, r, total, arrived[parent], arrived[parent] == awaited[parent])


class Flow(NamedTuple):
    """What a node hands to one of its arguments, in numbers and words."""

    argument: str
    """Of what a call of a function hands on the id of the node that gets it."""
    contribution: Statistics | None
    """None if it is the total."""
    total: Statistics | None
    """What the argument's node holds as soon as it has arrived; None if that is its gradient."""
    number: int
    """Of the contributions to that node, the first is 1."""
    slope: str | None
    """What an elementwise rule multiplies by, 'cos(2)' or, of an array, 'cos(a)'; None where it is no such product.

    '1' where the cotangent is passed on as it is.
    """
    factor: str | None
    """The contribution by the cotangent, of few elements."""


class Flows(NamedTuple):
    """What is handed on in a backward pass."""

    nodes: dict[Node, list[Flow]]
    """By each node, in the order of its arguments."""
    calls: dict[Entry, dict[Node, Flow]]
    """By each call of a function to each node outside of it, all contributions together."""


def flows(tape: list[Node], seeds: Mapping[Node, Any], cotangents: Mapping[Node, Any]) -> Flows:
    found = Flows({}, {})
    together: dict[tuple[Entry, Node], Array] = {}
    for child, parent, pullback, kept, r, total, number, last in arrivals(tape, seeds, cotangents):
        own, whole = None if r is total else statistics(r), None if last else statistics(total)
        factor = multiplied(child, pullback, kept, cotangents[child], r)
        found.nodes.setdefault(child, []).append(Flow(pullback.argument, own, whole, number, *factor))
        call = call_of(child)
        if call is not None and call != call_of(parent):
            handed = found.calls.setdefault(call, {})
            alone = own is None if parent not in handed else handed[parent].contribution is None
            with np.errstate(all="ignore"):
                r = together[call, parent] = together[call, parent] + r if parent in handed else r
            handed[parent] = Flow("", None if alone else statistics(r), whole, number, None, None)
    return found


def call_of(node: Node) -> Entry | None:
    """The call of a function in which it was made, the outermost."""
    scopes = node.notes.scopes if node.primitive else ()
    return next((entry for entry in scopes if entry.kind == "function"), None)


def multiplied(
    child: Node, pullback: Pullback, kept: tuple[Any, ...], g: Array, r: Array
) -> tuple[str | None, str | None]:
    """The slope and the factor of an elementwise operation; nothing where its cotangent was summed or cast besides."""
    primitive = child.primitive
    if primitive is None or not primitive.elementwise or r.shape != g.shape or r.dtype != g.dtype:
        return None, None
    few = 0 < r.size <= SMALL and np.isfinite(r).all() and np.isfinite(g).all() and np.all(g != 0)
    factor = in_digits((r / g).tolist()) if few else None
    given = zip(pullback.wants, map(raw, kept), strict=True)
    numbers = {want: value for want, value in given if isinstance(value, NUMBERS) and np.size(value) == 1}
    return slope(primitive, pullback, numbers), factor


def slope(primitive: Primitive, pullback: Pullback, numbers: Mapping[str, Any]) -> str | None:
    """What a rule of the package multiplies the cotangent by, with numbers in the place of what it kept.

    None if it is not written as such a product of NumPy's functions.

    >>> from autograd_nn.ops.declare import PRIMITIVES
    >>> sin = PRIMITIVES["sin"]
    >>> slope(sin, sin.pullbacks["a"], {}), slope(sin, sin.pullbacks["a"], {"a": -2.0})
    ('cos(a)', 'cos(-2)')
    """
    if primitive not in PRIMITIVES.values() or pullback.rule.__name__ != "<lambda>":
        return None
    tree = quotient(Inlined().visit(rule_body(pullback.rule)))
    known = {*pullback.wants, "np", "pi"}
    if tree is None or any(isinstance(node, ast.Name) and node.id not in known for node in ast.walk(tree)):
        return None
    text = ast.unparse(Spelling(numbers).visit(tree))
    return re.sub(r"\((\(-[\d.e+-]+\))\)|^\((-[\d.e+-]+)\)$", r"\1\2", text)  # a sign needs no brackets of its own


def quotient(tree: ast.expr) -> ast.expr | None:
    """The rule by the cotangent g, where that is seen at a glance: cos(a) of g * cos(a)."""
    match tree:
        case ast.Name("g"):
            return ast.Constant(1)
        case ast.UnaryOp(ast.USub(), operand):
            rest = quotient(operand)
            return rest and ast.UnaryOp(ast.USub(), rest)
        case ast.BinOp(left, ast.Mult(), right) if mentions(left) != mentions(right):
            rest, factor = (quotient(left), right) if mentions(left) else (quotient(right), left)
            match rest:
                case ast.Constant(1):
                    return factor
                case ast.UnaryOp(ast.USub(), ast.Constant(1)):
                    return ast.UnaryOp(ast.USub(), factor)
            return rest and ast.BinOp(rest, ast.Mult(), factor)
        case ast.BinOp(left, ast.Div(), right) if mentions(left) and not mentions(right):
            rest = quotient(left)
            return rest and ast.BinOp(rest, ast.Div(), right)
    return None


def mentions(tree: ast.expr) -> bool:
    """Whether the cotangent is in it."""
    return any(isinstance(node, ast.Name) and node.id == "g" for node in ast.walk(tree))


class Inlined(ast.NodeTransformer):
    """What a name was given to within the rule, in the place of the name."""

    def __init__(self) -> None:
        self.meanings: dict[str, ast.expr] = {}

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        self.meanings[node.target.id] = node.value
        return node.value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.meanings.get(node.id, node)


class Spelling(ast.NodeTransformer):
    """Numbers in the place of names, and NumPy's functions without their np."""

    def __init__(self, numbers: Mapping[str, Any]) -> None:
        self.numbers = {name: in_digits(np.ravel(value).tolist()[0]) for name, value in numbers.items()}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        text = self.numbers.get(node.id, node.id)
        return ast.Name(f"({text})" if text.startswith("-") else text)

    def visit_Attribute(self, node: ast.Attribute) -> ast.Name:
        return ast.Name(node.attr)
