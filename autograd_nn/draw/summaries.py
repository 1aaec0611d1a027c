"""A model as a table: a row for each of its parts, with what it has, costs and keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from html import escape
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd_nn.draw.folding import Scopes
from autograd_nn.graph.array_summary import scaled
from autograd_nn.graph.cost import work
from autograd_nn.graph.program import ends, read, tape_of
from autograd_nn.graph.trace import trace
from autograd_nn.graph.value import graph_of, printable

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Summary", "SummaryRow", "summary"]

LONGEST = 60
"""Of more operations than this, so many have a row, and all others one."""

WIDTH = 100
"""Characters in a line of the printed table."""


class SummaryRow(NamedTuple):
    """A part of the model with all that is inside it; or equal parts in a row, all together."""

    depth: int
    """How many parts it is inside of."""
    name: str
    """The last name of its scope, or 'block x 12'; in a model without scopes an operation."""
    shape: tuple[int, ...] | None
    """Of the last result in it."""
    parameters: int
    """Their elements."""
    flops: int
    kept: int
    """Bytes that pullbacks keep."""


@dataclass(frozen=True, repr=False)
class Summary:
    """The rows of the table and their totals: see `summary`. It prints as text and shows itself in notebooks."""

    rows: tuple[SummaryRow, ...]
    parameters: int
    flops: int
    kept: int

    def __repr__(self) -> str:
        """The table as text without colours, in lines of at most 100 characters."""
        from io import StringIO

        from rich.console import Console

        file = StringIO()
        Console(file=file, width=WIDTH, color_system=None, force_jupyter=False).print(self)
        return "\n".join(line.rstrip() for line in file.getvalue().splitlines())

    def __rich__(self) -> Table:
        """The table as rich draws it."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, show_footer=True)
        for heading, total in zip(HEADINGS, self.totals(), strict=True):
            left = heading in HEADINGS[:2]
            table.add_column(heading, total, justify="left" if left else "right", no_wrap=not left, overflow="fold")
        for row in self.rows:
            name, *others = cells(row)
            table.add_row(*map(Text, ("  " * row.depth + name, *others)))  # Text: nothing in it is markup
        return table

    def _repr_html_(self) -> str:
        lines = [tags("th", HEADINGS)]
        lines += [tags("td", cells(row), row.depth) for row in self.rows]
        lines += [tags("th", self.totals())]
        return "<table>\n" + "\n".join(lines) + "\n</table>"

    def totals(self) -> tuple[str, ...]:
        return "total", "", f"{self.parameters:,}", scaled(self.flops), scaled(self.kept, "B")


HEADINGS = ("part", "output", "parameters", "FLOPs", "kept")


def cells(row: SummaryRow) -> tuple[str, ...]:
    shape = "" if row.shape is None else str(row.shape)
    return printable(row.name), shape, f"{row.parameters:,}", scaled(row.flops), scaled(row.kept, "B")


def tags(kind: str, texts: tuple[str, ...], depth: int = 0) -> str:
    """A row of an HTML table."""
    looks = [f"text-align: left; padding-left: {0.5 + 1.5 * depth}em", "text-align: left", *["text-align: right"] * 3]
    cells = (f'<{kind} style="{look}">{escape(text)}</{kind}>' for look, text in zip(looks, texts, strict=True))
    return f"<tr>{''.join(cells)}</tr>"


@dataclass(slots=True)
class Tally:
    """What has been counted in a scope and all that is inside it."""

    name: str
    shape: tuple[int, ...] | None = None
    parameters: int = 0
    flops: int = 0
    kept: int = 0
    inner: dict[str, Tally] = field(default_factory=dict)

    def along(self, place: Iterable[str]) -> Iterator[Tally]:
        """That of the whole, and those on the way to the place inside it."""
        tally = self
        yield tally
        for name in place:
            tally = tally.inner.setdefault(name, Tally(name))
            yield tally


def summary(model: Any, *inputs: Any) -> Summary:
    """What the parts of a model are: their output, parameters, floating-point operations, and kept bytes.

    Parameters
    ----------
    model : callable
        A function, or an object that is called, whose attributes hold its parameters.
    *inputs : arrays or Tensors
        What to call it with, once.

    Returns
    -------
    Summary
        A row for each scope, which counts all that is inside it, too; equal ones in a row, such as blocks[0],
        blocks[1], ..., have one together. What is in no scope comes last. A model without
        scopes has a row for each operation, the middle left out if there are many. Totals are in
        ``.parameters``, ``.flops`` and ``.kept``.

    Raises
    ------
    ImportError
        If rich is not installed, which draws the table.
    TypeError
        If the model cannot be called with these inputs.
    ValueError
        If it computes nothing that depends on a parameter or an input of floats.

    Notes
    -----
    A parameter counts for each scope that uses it, and in the total once. Floating-point operations are counted by
    the conventions of `autograd_nn.graph.cost.flops`; what was recorded before the call has none. Kept bytes are memory
    that is there for the backward pass alone: not what parameters and inputs hold, and nothing twice.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import Tensor, scope
    >>> from autograd_nn.draw import summary
    >>> W = Tensor(np.ones((2, 3)), requires_grad=True)
    >>> V = Tensor(np.ones((3, 1)), requires_grad=True)
    >>> def model(X):
    ...     with scope("hidden"):
    ...         h = np.tanh(X @ W)
    ...     with scope("out"):
    ...         return h @ V
    >>> print(summary(model, np.ones((100, 2))))
    part     output     parameters   FLOPs     kept
    ───────────────────────────────────────────────
    hidden   (100, 3)            6   1.5 k   2.4 kB
    out      (100, 1)            3     600   2.4 kB
    ───────────────────────────────────────────────
    total                        9   2.1 k   4.8 kB
    """
    try:
        import rich  # noqa: F401 (needed at the end, missed at once)
    except ImportError:
        raise ImportError('summary() needs rich to draw its table: run `pip install "autograd_nn[learn]"`') from None
    if not callable(model):
        raise TypeError(f"summary() calls the model: got {type(model).__name__}, write summary(model, X)")
    whole = counted(model, inputs)
    return Summary(tuple(rows(whole.inner.values())), whole.parameters, whole.flops, whole.kept)


OUTSIDE = "(outside)"


def counted(model: Any, inputs: tuple[Any, ...]) -> Tally:
    """The whole model; inside it are the outermost scopes, or else its operations."""
    traced = trace(model, inputs)
    program = read(tape_of(traced.outputs), traced)
    graph = graph_of(program)
    scopes = Scopes(graph)
    scoped = any(node.scope for node in graph.nodes if node.kind == "operation")
    places: dict[str, tuple[str, ...]] = {}
    whole = Tally("")
    for flops, node in zip(work(program), graph.nodes, strict=True):
        if node.kind == "operation":
            places[node.id] = scopes.place(node).scope or ((OUTSIDE,) if scoped else (f"{node.id}: {node.title}",))
            for tally in whole.along(places[node.id]):
                tally.shape = node.shape
                tally.flops += flops or 0
                tally.kept += node.nbytes
    sizes = {node.id: prod(node.shape) for node in graph.nodes if node.kind == "parameter"}
    uses: dict[str, list[Tally]] = {id: [whole] for id in sizes}
    for edge in graph.edges:
        if edge.parent in sizes:
            uses[edge.parent] += whole.along(places[edge.child])
    for parameter, tallies in uses.items():
        for tally in {id(tally): tally for tally in tallies}.values():
            tally.parameters += sizes[parameter]
    if OUTSIDE in whole.inner:  # to the end
        whole.inner[OUTSIDE] = replace(whole.inner.pop(OUTSIDE), shape=None)
    if not scoped:
        whole.inner = without_middle(whole.inner)
    return whole


def without_middle(tallies: dict[str, Tally]) -> dict[str, Tally]:
    """The first and the last; the others as one if they are many."""
    listed = list(tallies.values())
    first, last = ends(len(listed), LONGEST)
    middle = listed[first:last]
    if not middle:
        return tallies
    rest = Tally(f"... {len(middle):,} more", parameters=sum(tally.parameters for tally in middle))
    rest.flops, rest.kept = sum(tally.flops for tally in middle), sum(tally.kept for tally in middle)
    return {tally.name: tally for tally in (*listed[:first], rest, *listed[last:])}


def rows(tallies: Iterable[Tally]) -> Iterator[SummaryRow]:
    """A row for each, and after it for those inside it."""
    stack = [(tally, 0) for tally in reversed([*tallies])]
    while stack:
        tally, depth = stack.pop()
        yield SummaryRow(depth, tally.name, tally.shape, tally.parameters, tally.flops, tally.kept)
        stack += [(inner, depth + 1) for inner in reversed(tally.inner.values())]
