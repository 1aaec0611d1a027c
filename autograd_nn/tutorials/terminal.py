"""The page on which a tutorial is told: paragraphs, formulas, tables, progress on the terminal, at any width.

Where it is narrow, words give way: no number is cut, and none is left out but how fast it goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, wrap
from time import perf_counter
from typing import TYPE_CHECKING, Any

from autograd_nn.tutorials.network import Interrupted

if TYPE_CHECKING:
    from autograd_nn.draw import Film

__all__ = ["Page"]

NARROW = 20
"""Columns that the labels of a table have at least, and a bar of progress needs."""
WIDE = 76
"""Columns that are enough for a bar of progress with all that can stand beside it."""


@dataclass
class Page:
    """What is printed: paragraphs, formulas, tables, progress."""

    console: Any
    interrupted: bool = False
    """Whether a training was stopped by Ctrl-C."""

    def heading(self, text: str) -> None:
        self.paragraph(text, style="bold")

    def say(self, text: str) -> None:
        self.paragraph(text)

    def formulas(self, text: str) -> None:
        lines = dedent(text).strip().splitlines()
        margin = "    " if self.console.width > 40 else "  "
        self.console.print()
        for line in lines:
            self.lines(line, margin, style="cyan")

    def paragraph(self, text: str, **look: Any) -> None:
        self.console.print()
        self.lines(text, **look)

    def lines(self, text: str, margin: str = "", **look: Any) -> None:
        """Text broken at spaces; what is longer than a line is left to the terminal, which cuts nothing off."""
        for line in self.broken(text, min(self.console.width, 80), margin):
            self.console.print(line, **look)

    def broken(self, text: str, width: int, margin: str = "") -> list[str]:
        """The lines of at most so many columns, where words are no longer; further ones are set in."""
        hang = margin and margin + " " * (len(text) - len(text.lstrip()) + 4)
        return wrap(
            text,
            max(width, 1),
            initial_indent=margin,
            subsequent_indent=hang,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Columns of text, all but the first flush right; one below the other where they do not fit."""
        rows = list(rows)
        label, *widths = (max(map(len, column)) for column in zip(heads, *rows, strict=True))
        room = min(label, self.console.width - 2 - sum(3 + width for width in widths))
        self.console.print()
        if room < min(label, NARROW):
            for name, *cells in rows:
                self.lines(name, "  ")
                for head, cell in zip(heads[1:], cells, strict=True):
                    self.console.print(f"    {head}  {cell}")
            return

        def line(name: str, cells: Sequence[str]) -> str:
            return f"  {name:<{room}}" + "".join(f"   {c:>{w}}" for c, w in zip(cells, widths, strict=True))

        self.console.print(line(heads[0], heads[1:]), style="bold")
        self.console.print("  " + "-" * (room + sum(3 + width for width in widths)))
        for name, *cells in rows:
            indent = " " * (len(name) - len(name.lstrip()))
            first, *others = wrap(name, room, subsequent_indent=f"{indent}  ")
            self.console.print(line(first, cells))
            for other in others:
                self.console.print(f"  {other}")

    def compare(self, rows: list[tuple[str, str, str]], as_published: bool) -> None:
        """What was measured, beside what was published if that was with the same settings."""
        if as_published and not self.interrupted:
            self.table(("", "published", "here"), rows)
        else:
            self.table(("", "here"), [(what, here) for what, _, here in rows])

    def trained(self, unit: str, total: int, train: Callable[..., Any], quantity: str = "loss") -> Any:
        """What ``train(on_record=...)`` returns, its progress shown; what it has learned so far where it is stopped."""
        try:
            with self.progress(unit, total, quantity) as on_record:
                return train(on_record=on_record)
        except Interrupted as early:
            self.interrupted = True
            self.say(f"Interrupted after {unit} {early.steps:,}: this is what it has learned.")
            return early.trained

    @contextmanager
    def progress(self, unit: str, total: int, quantity: str) -> Iterator[Callable[[int, float], None]]:
        """A callback for losses as they are recorded: a bar on a terminal, some ten lines anywhere else."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        start = perf_counter()

        def reading(k: int, loss: float) -> str:
            """As much as there is room for."""
            rate = f"{k / (perf_counter() - start):,.0f}/s"
            ways = (f"{unit} {k:,}  {quantity} {number(loss)}  {rate}", f"{unit} {k:,}  {quantity} {number(loss)}")
            return next((way for way in ways if len(way) < self.console.width), f"{k:,}  {number(loss)}")

        self.console.print()
        if self.console.is_terminal and self.console.width > NARROW:
            columns = (BarColumn(20), TextColumn("{task.description}"), TimeRemainingColumn())
            with Progress(*(columns if self.console.width > WIDE else columns[1:2]), console=self.console) as bar:
                task = bar.add_task("", total=total)
                yield lambda k, loss: bar.update(task, completed=k, description=reading(k, loss))
                bar.update(task, completed=total)
        else:
            tenths = set()

            def line(k: int, loss: float) -> None:
                if 10 * k // total not in tenths:
                    tenths.add(10 * k // total)
                    self.lines(f"{unit} {k:>6,}    {quantity} {number(loss)}", "    ")

            yield line
        seconds = perf_counter() - start
        took = f"{seconds:,.0f}" if seconds > 10 else f"{seconds:.2g}"
        self.lines(f"{took} s, {total / seconds:,.0f} a second", "    ")

    def written(
        self,
        out: Path,
        name: str,
        pictures: list[Path],
        loss: Callable[..., Any],
        *inputs: Any,
        film: Film | None = None,
    ) -> None:
        """Draw the graph of the loss, as a picture and as a page, and list it and the film with the other pictures."""
        from autograd_nn.draw import RendererMissing, draw

        drawing = draw(loss, *inputs)
        try:
            drawn = [drawing.save(out / f"{name}-graph{suffix}") for suffix in (".svg", ".png", ".html")]
            if film is not None:
                drawn.append(film.save(out / f"{name}-film.html"))
        except RendererMissing as missing:
            self.console.print(f"\n{missing}")
            drawn = [drawing.save(out / f"{name}-graph.dot")]
        self.console.print(f"\nWritten to {out}:")
        for path in (*pictures, *drawn):
            self.console.print(f"    {path.name}")


def number(loss: float) -> str:
    """With six decimals, as the losses were published; in powers of ten where that would be long."""
    return f"{loss:.6f}" if abs(loss) < 1e6 else f"{loss:.6e}"
