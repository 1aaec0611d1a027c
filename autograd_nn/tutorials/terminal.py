"""The page on which a tutorial is told: paragraphs, formulas, tables, progress on the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from autograd_nn.draw import Film

__all__ = ["Page"]


@dataclass
class Page:
    """What is printed: paragraphs, formulas, tables, progress."""

    console: Any

    def heading(self, text: str) -> None:
        self.console.print(f"\n{text}", style="bold")

    def say(self, text: str) -> None:
        self.console.print(f"\n{textwrap.fill(text, 80, break_long_words=False, break_on_hyphens=False)}")

    def formulas(self, text: str) -> None:
        self.console.print(f"\n{textwrap.indent(textwrap.dedent(text).strip(), '    ')}", style="cyan")

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Columns of text, all but the first flush right."""
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        table = Table(box=SIMPLE_HEAD)
        for k, head in enumerate(heads):
            table.add_column(head, justify="right" if k else "left", no_wrap=True)
        for row in rows:
            table.add_row(*row)
        self.console.print(table)

    def compare(self, rows: list[tuple[str, str, str]], as_published: bool) -> None:
        """What was measured, beside what was published if that was with the same settings."""
        if as_published:
            self.table(("", "published", "here"), rows)
        else:
            self.table(("", "here"), [(what, here) for what, _, here in rows])

    @contextmanager
    def progress(self, unit: str, total: int, quantity: str = "loss") -> Iterator[Callable[[int, float], None]]:
        """A callback for losses as they are recorded: a bar on a terminal, some ten lines anywhere else."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        start = perf_counter()
        if self.console.is_terminal:
            columns = (unit, "{task.completed:,}", quantity, "{task.fields[loss]:.6f}", "{task.fields[rate]:,.0f}/s")
            bar = Progress(BarColumn(), *map(TextColumn, columns), TimeRemainingColumn(), console=self.console)
            with bar:
                task = bar.add_task(unit, total=total, loss=np.nan, rate=0)
                yield lambda k, loss: bar.update(task, completed=k, loss=loss, rate=k / (perf_counter() - start))
                bar.update(task, completed=total)
        else:
            tenths = set()

            def line(k: int, loss: float) -> None:
                if 10 * k // total not in tenths:
                    tenths.add(10 * k // total)
                    self.console.print(f"    {unit} {k:>6,}    {quantity} {loss:.6f}")

            self.console.print()
            yield line
        seconds = perf_counter() - start
        self.console.print(f"    {seconds:.2g} s, {total / seconds:,.0f} a second")

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
