"""One style for every picture, on light paper or on dark, that is legible without telling colours apart.

matplotlib is imported when something is drawn, so that a network can be trained without it. No picture
touches its global state: figures are made as objects, without pyplot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import grad

__all__ = ["DARK", "LIGHT", "STYLES", "Style"]

MARKERS = ["o", "s", "^"]
"""One for each colour."""


@dataclass(frozen=True)
class Style:
    """What a picture is drawn in; colours come in threes, one for each class or curve."""

    paper: str
    ink: str
    grid: str
    colours: tuple[str, str, str]
    tints: tuple[str, str, str]
    """For areas: the colours, nearer to the paper."""

    def panels(self, columns: int = 1, rows: int = 1, size: tuple[float, float] = (6.0, 4.2)) -> tuple[Any, list[Any]]:
        """A figure and its axes, row by row; ``size`` is that of one of them, in inches."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(size[0] * columns, size[1] * rows), layout="constrained", facecolor=self.paper)
        axes = list(figure.subplots(rows, columns, squeeze=False).flat)
        for ax in axes:
            ax.set_facecolor(self.paper)
            ax.spines[["top", "right"]].set_visible(False)
            ax.spines[["left", "bottom"]].set_color(self.ink)
            ax.tick_params(which="both", colors=self.ink)
            for text in (ax.title, ax.xaxis.label, ax.yaxis.label):
                text.set_color(self.ink)
            ax.set_axisbelow(True)
            ax.grid(color=self.grid, linewidth=0.8)
        return figure, axes

    def legend(self, figure: Any, ax: Any) -> None:
        """What is to be seen in the axes, below all of the figure."""
        handles, _ = ax.get_legend_handles_labels()
        figure.legend(
            handles=handles, loc="outside lower center", ncols=len(handles), frameon=False, labelcolor=self.ink
        )

    def scatter(self, ax: Any, X: Any, y: Any, what: str = "class") -> None:
        """The points of every class in its colour and with its marker."""
        for k in range(y.max() + 1):
            style = {"color": self.colours[k], "marker": MARKERS[k], "s": 26, "edgecolor": self.paper, "linewidth": 0.6}
            ax.scatter(*X[y == k].T, label=f"{what} {k}", **style)
        ax.set(xlabel="first coordinate", ylabel="second coordinate")

    def boundary(self, ax: Any, probabilities: Callable[[Any], Any], X: Any, y: Any, what: str = "class") -> None:
        """The points over the probability of each class; a line where the most probable one changes, rings for errors.

        ``probabilities`` gives an array of shape (n, classes) for one of shape (n, 2).
        """
        from matplotlib.colors import to_rgb

        (left, bottom), (right, top) = X.min(axis=0) - 0.5, X.max(axis=0) + 0.5
        grid = np.meshgrid(np.linspace(left, right, 300), np.linspace(bottom, top, 300))
        p = probabilities(np.stack(grid, axis=-1).reshape(-1, 2)).reshape(300, 300, -1)
        classes = p.shape[-1]
        sure = np.maximum(p * classes - 1, 0) / (classes - 1)  # 0 where the class is no likelier than by chance
        paper, tints = np.array(to_rgb(self.paper)), np.array([to_rgb(tint) for tint in self.tints[:classes]])
        shades = np.clip(paper + sure @ (tints - paper), 0, 1)
        ax.imshow(shades, origin="lower", extent=(left, right, bottom, top), aspect="auto", interpolation="bilinear")
        for k in range(classes):
            ahead = p[..., k] - np.delete(p, k, axis=-1).max(axis=-1)
            if ahead.min() < 0 < ahead.max():
                ax.contour(*grid, ahead, levels=[0], colors=self.ink, linewidths=1.2)
        self.scatter(ax, X, y, what)
        wrong = X[probabilities(X).argmax(axis=1) != y]
        if len(wrong):
            ring = {"s": 80, "facecolor": "none", "edgecolor": self.ink, "linewidth": 1.1}
            ax.scatter(*wrong.T, label="on the wrong side", **ring)
        ax.grid(visible=False)

    def scale(self, figure: Any, axes: list[Any], label: str) -> None:
        """What the shades of a boundary between two classes mean."""
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import LinearSegmentedColormap

        colours = LinearSegmentedColormap.from_list("", [self.tints[0], self.paper, self.tints[1]])
        bar = figure.colorbar(ScalarMappable(cmap=colours), ax=axes, label=label, aspect=30)
        bar.ax.tick_params(colors=self.ink)
        bar.ax.yaxis.label.set_color(self.ink)
        bar.outline.set_visible(False)

    def curve(self, ax: Any, x: Any, y: Any, label: str, k: int = 0) -> None:
        """A line in the k-th colour and dash, with its label at its end instead of in a legend."""
        ax.plot(x, y, color=self.colours[k], linestyle=["-", "--", ":"][k], linewidth=1.8)
        ax.annotate(label, (x[-1], y[-1]), (5, 0), textcoords="offset points", color=self.colours[k], va="center")

    def logarithmic(self, ax: Any, steps: str, loss: str) -> None:
        """Both axes logarithmic, as most is learned early, with plain numbers on them."""
        from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

        ax.set(xscale="log", yscale="log", xlabel=steps, ylabel=loss)
        for axis, form in ((ax.xaxis, "{:,.0f}"), (ax.yaxis, "{:g}")):
            axis.set_major_locator(LogLocator(subs=(1.0,) if axis is ax.xaxis else (1.0, 2.0, 3.0, 5.0)))
            axis.set_major_formatter(FuncFormatter(lambda value, _, form=form: form.format(value)))
            axis.set_minor_formatter(NullFormatter())

    def activation(self, f: Callable[[Any], Any], name: str, path: Path) -> Path:
        """The curve of an activation, and its slope by autograd, as a PNG at this path."""
        figure, (ax,) = self.panels()
        z = np.linspace(-6, 6, 241)
        self.curve(ax, z, f(z), name)
        self.curve(ax, z, grad(lambda z: f(z).sum())(z), "slope", 1)
        ax.set(title=f"The {name} curve, and its slope by autograd", xlabel="z", ylabel=f"{name}(z)")
        return self.save(figure, path)

    def save(self, figure: Any, path: Path) -> Path:
        """The figure as a PNG at this path, which is returned."""
        figure.savefig(path, dpi=150)
        return path


# The palette of Okabe and Ito; on dark paper its lighter half
LIGHT = Style(
    paper="white",
    ink="#222222",
    grid="#E6E6E6",
    colours=("#0072B2", "#D55E00", "#009E73"),
    tints=("#A9D0EA", "#F5BE9B", "#A0DCC6"),
)
DARK = Style(
    paper="#0D1117",
    ink="#E6EDF3",
    grid="#2B323B",
    colours=("#56B4E9", "#E69F00", "#2BC79A"),
    tints=("#123F5F", "#5C3A05", "#0B4A3A"),
)
STYLES = {"light": LIGHT, "dark": DARK}
