"""draw: a computation graph as a picture, a page, or text, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from numbers import Integral
from os import PathLike
from pathlib import Path
from typing import Any

import graphviz

from autograd_nn.draw.dot import Shown, digraph, numbers, sideways
from autograd_nn.draw.folding import View, closed, folded, grouped, shortened
from autograd_nn.draw.page import Frame, Page, page, page_data
from autograd_nn.draw.placing import placed, sides
from autograd_nn.draw.render import RendererMissing, rendered
from autograd_nn.graph.calls import as_called
from autograd_nn.graph.facts import Facts, Observation, observe
from autograd_nn.graph.findings import Finding
from autograd_nn.graph.value import Graph

__all__ = ["Drawing", "draw"]

SUFFIXES = (".svg", ".png", ".pdf", ".dot", ".html", ".txt")
DIRECTIONS = ("down", "right")


class Drawing:
    """A graph as it is to be drawn: see `draw`. Notebooks show it; `save` writes it, ``source`` is its DOT text.

    It holds what it shows, and nothing of the tape.
    """

    def __init__(
        self,
        seen: Observation,
        view: View,
        shown: Shown,
        direction: str | None,
        collapse: int | None,
        most: int | None,
    ) -> None:
        self.seen = seen
        self.view = view
        self.shown = shown
        self.direction = direction
        self.collapse = collapse
        self.most = most

    @property
    def graph(self) -> Graph:
        """The whole graph, with nothing left out; as text, a line a node."""
        return self.seen.graph

    @cached_property
    def facts(self) -> dict[str, Facts]:
        """Those of the nodes that are drawn, folded scopes among them."""
        return self.seen.facts | {id: total(self.seen.facts, members) for id, members in self.view.members.items()}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What to look at: at most a handful of troubles with values and gradients, the first cause first."""
        return self.seen.findings

    @cached_property
    def picture(self) -> graphviz.Digraph:
        return digraph(self.view, self.facts, self.shown)

    @property
    def source(self) -> str:
        """The DOT text: the same each time the same code runs."""
        return self.picture.source

    def rendered(self, format: str) -> bytes:
        """The picture as svg, png or pdf, with the titles of scopes where no line strikes them out."""
        others = sides(self.picture) if self.view.scopes() else {}
        return rendered(digraph(self.view, self.facts, self.shown, others) if others else self.picture, format)

    def __repr__(self) -> str:
        return f"<Drawing of {len(self.view.nodes)} nodes>"

    def __str__(self) -> str:
        """A line for each node that is drawn, and below it what else is shown of it."""
        lines: list[str] = []
        for node, line in zip(self.view.nodes, Graph(self.view.nodes, self.view.edges).lines(), strict=True):
            more = numbers(node, self.facts.get(node.id, Facts()), self.shown)
            lines += [line, *(f"    {text}" for text in more)]
        return "\n".join([*lines, self.shown.trouble] if self.shown.trouble else lines)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        bundle = {"text/plain": str(self)}
        with suppress(RendererMissing):
            picture = self.rendered("svg").decode()
            bundle |= {"image/svg+xml": picture, "text/html": scrolled(picture)}
        return bundle

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the drawing; the suffix says how.

        Parameters
        ----------
        path : path
            ``.svg``, ``.png``, ``.pdf``: a picture. ``.html``: the interactive page, one file that needs nothing else.
            ``.dot``: the text for Graphviz. ``.txt``: as ``str()``.

        Returns
        -------
        Path
            The file that was written.

        Raises
        ------
        RendererMissing
            If a picture is asked for, and there is neither the ``dot`` program nor the pygraphviz package.
        ValueError
            If the suffix is another.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            raise ValueError(f"path must end in one of {', '.join(SUFFIXES)}: got {str(path)!r}")
        if suffix == ".txt":
            content = f"{self}\n".encode()
        elif suffix == ".dot":
            content = self.source.encode()
        elif suffix == ".html":
            content = self.html().encode()
        else:
            content = self.rendered(suffix[1:])
        path.write_bytes(content)
        return path

    def html(self) -> Page:
        """The interactive page, as text that a notebook shows as the page itself."""
        return page_of(self.seen, self.direction, self.collapse, self.most)


def scrolled(picture: str) -> str:
    """For a cell of a notebook: of a readable size, with bars to scroll where the cell is too small for it."""
    svg = picture[picture.index("<svg") :].replace("<svg", '<svg style="max-width: none; height: auto"', 1)
    return f'<div style="overflow: auto; max-height: 80vh; background: white">{svg}</div>'


def page_of(
    seen: Observation,
    direction: str | None = None,
    collapse: int | None = None,
    most: int | None = None,
    frames: Sequence[Frame] | None = None,
    findings: Sequence[Finding] | None = None,
) -> Page:
    """The interactive page of a graph: all of it, because there scopes fold and unfold."""
    view = shortened(grouped(seen.graph), 1000 if most is None else most)
    shown = Shown(direction=direction or ("right" if sideways(view) else "down"), page=True)
    data = page_data(seen, view, collapse, frames, findings)
    return page(layouts(view, shown), data | {"direction": shown.direction})


LEVELS = 4
"""So many levels of folding are laid out by Graphviz when a page is saved, and the whole; the page does the others."""

SEEN = 300
"""A level with more nodes than this is none that anybody looks at for long: it is left to the page."""


def layouts(view: View, shown: Shown) -> list[dict[str, Any]]:
    """For each level of folding what is folded, and where everything is; nothing if there is no Graphviz."""
    ids = view.scopes()
    depth = max(map(len, ids), default=0)
    found = []
    with suppress(RendererMissing):
        for levels in sorted({*range(min(depth, LEVELS)), depth}):
            level, edges = closed(view, levels)
            if levels < depth and len(level.nodes) > SEEN:
                continue
            where = placed(digraph(level, {}, shown))
            where["lines"] = {f"e{edges[int(id[1:])]}": line for id, line in where["lines"].items()}
            found.append({"folded": [*level.members], **where})
    return found


def draw(
    what: Any,
    *inputs: Any,
    values: bool = False,
    gradients: bool = False,
    backward: bool = False,
    profile: bool = False,
    kept: bool = False,
    collapse: bool | int = False,
    max_nodes: int | None = None,
    direction: str | None = None,
) -> Drawing:
    r"""Draw a computation graph.

    Parameters
    ----------
    what : Tensor, sequence of Tensors, callable or Graph
        A result; or a function or model, which is called with the inputs. A function's graph has the values, lines
        and parts of the model of every node, a Tensor's those that the tape holds.
    *inputs : arrays, numbers, Tensors, nested tuples, lists and dicts
        Example inputs for the function. Or further Tensors.
    values, gradients : bool
        Show each node's value, and the gradient of the result by it: the elements if they are few, else the least, the
        mean, the greatest, and a histogram. If the result is no scalar, the gradient is that of its sum.
    backward : bool
        Draw the backward pass as well, as a graph of its own operations.
    profile : bool
        Show the time that each node and its pullbacks take and the bytes of its value, and colour nodes by time.
    kept : bool
        Show what pullbacks keep until the backward pass, with its bytes if it is in memory for that alone.
    collapse : bool or int
        Draw scopes as single nodes, and equal ones in a row as 'block x 12'. An integer opens so many levels
        first; equal scopes are then drawn once.
    max_nodes : int, optional
        Of more nodes than this, the oldest and the youngest are drawn and one stands for the others: 200 by
        default, on the interactive page 1,000.
    direction : {'down', 'right'}, optional
        Where the arrows go: down by default, but to the right where that fits better, as it does for many parallel
        operations.

    Returns
    -------
    Drawing
        A notebook shows it; ``.save("graph.svg")`` or ``.html``, ``.png``, ``.pdf``, ``.dot``, ``.txt`` writes it.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        If an option is out of range, or as `autograd_nn.graph.graph`.

    Notes
    -----
    An operation shows its primitive and its shape, a parameter, input or constant its name, shape and dtype; an
    edge names the argument, where it matters which is which, and is dashed where an elementwise operation
    broadcasts. A parameter or input with many uses is drawn once more, small, beside each of them. A double outline is
    an update in place. Names may hold anything: what cannot be printed is shown as Python's escape for it. Nothing is
    changed by drawing, and no part of the tape is kept.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.draw import draw
    >>> drawing = draw(lambda x, w: np.tanh(x @ w), np.ones((5, 2)), np.ones((2, 3)))
    >>> print(drawing.source)  # doctest: +NORMALIZE_WHITESPACE
    digraph {
        ...
        n2 [label="matmul\n(5, 3)"]
        ...
        n2 -> n3
    }
    <BLANKLINE>
    """
    if direction not in (None, *DIRECTIONS):
        raise ValueError(f"direction must be one of {', '.join(DIRECTIONS)}: got {direction!r}")
    if max_nodes is not None and (not isinstance(max_nodes, Integral) or max_nodes < 0):
        raise ValueError(f"max_nodes is the number of nodes to show, 0 or more: got {max_nodes!r}")
    if not isinstance(collapse, Integral) or collapse < 0:
        raise ValueError(f"collapse is the number of levels to open, or True or False: got {collapse!r}")
    seen = as_called(observe(what, *inputs, profile=profile, backward=backward))
    levels = None if collapse is False else 0 if collapse is True else collapse
    plain = View(seen.graph.nodes, seen.graph.edges, {}, seen.graph.parts)
    whole = plain if levels is None else folded(seen.graph, levels)
    view = shortened(whole, 200 if max_nodes is None else max_nodes)
    trouble = seen.trouble if values or gradients or backward or profile else None
    nodes = sum(node.stands_for for node in seen.graph.nodes)
    way = direction or ("right" if sideways(view) else "down")
    shown = Shown(values, gradients, profile, kept, way, trouble, total=nodes)
    return Drawing(seen, view, shown, direction, levels, max_nodes)


def total(facts: dict[str, Facts], members: tuple[str, ...]) -> Facts:
    """What a folded scope took altogether."""
    known = [facts[id] for id in members if id in facts]

    def summed(amounts: list[float | None]) -> float | None:
        there = [amount for amount in amounts if amount is not None]
        return sum(there) if there else None

    return Facts(seconds=summed([f.seconds for f in known]), pull_seconds=summed([f.pull_seconds for f in known]))
