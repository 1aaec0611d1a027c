"""One style for every picture: light, legible, and readable without telling colours apart.

matplotlib is imported when something is drawn, so that a network can be trained without it. No picture
touches its global state: figures are made as objects, without pyplot.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["COLOURS", "MARKERS", "TINTS", "curve", "panels", "save", "scatter"]

# The palette of Okabe and Ito, and a marker for each colour
COLOURS = ["#0072B2", "#D55E00", "#009E73"]
TINTS = ["#CFE3F1", "#F8DECB", "#CBEBE1"]
MARKERS = ["o", "s", "^"]


def panels(rows: int = 1, columns: int = 1, size: tuple[float, float] = (6.0, 4.2)) -> tuple[Any, list[Any]]:
    """A figure and its axes, row by row; ``size`` is that of one of them, in inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] * columns, size[1] * rows), layout="constrained", facecolor="white")
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
        ax.set_axisbelow(True)
        ax.grid(color="#E6E6E6", linewidth=0.8)
    return figure, axes


def scatter(ax: Any, X: Any, y: Any) -> None:
    """The points of every class in its colour and with its marker."""
    for k in range(y.max() + 1):
        style = {"color": COLOURS[k], "marker": MARKERS[k], "s": 26, "edgecolor": "white", "linewidth": 0.6}
        ax.scatter(*X[y == k].T, label=f"class {k}", **style)


def curve(ax: Any, x: Any, y: Any, label: str, k: int = 0) -> None:
    """A line in the k-th colour and dash, with its label at its end instead of in a legend."""
    ax.plot(x, y, color=COLOURS[k], linestyle=["-", "--", ":"][k], linewidth=1.8)
    ax.annotate(label, (x[-1], y[-1]), (5, 0), textcoords="offset points", color=COLOURS[k], va="bottom")


def save(figure: Any, path: Path) -> Path:
    """The figure as a PNG at this path, which is returned."""
    figure.savefig(path, dpi=150)
    return path
