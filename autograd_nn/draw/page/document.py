"""The interactive page: where things are, what is known of them, and the script that draws and plays with both."""

from __future__ import annotations

import json
import re
from html import escape
from importlib.resources import files
from typing import Any

__all__ = ["page"]

SCRIPTS = (
    "basics",
    "things",
    "layers",
    "layered",
    "layout",
    "looking",
    "state",
    "histograms",
    "panels",
    "search",
    "walk",
    "colours",
    "controls",
)
"""The files of the script, one after the other: a file may use at once what those before it define, and the functions
of all others when something happens."""


def page(layouts: list[dict[str, Any]], data: dict[str, Any]) -> str:
    r"""One HTML file that needs nothing else: no network, no server, no framework.

    Parameters
    ----------
    layouts : list of dicts
        For states of folding that are likely: the scopes that are ``folded``; the ``places`` of nodes, folded scopes
        and copies, each a middle and two sizes; the ``boxes`` of open scopes, each left, top, right and bottom; the
        ``lines`` of edges, the control points of cubic curves one after the other. The page lays out all others.
    data : dict
        What the page knows: ``title``, ``nodes``, ``edges``, ``scopes``, the ``totals`` of the whole graph, the orders
        ``forward`` and ``backward`` of the two passes, and ``frames``, the statistics of values and gradients at one
        or more moments.

    Returns
    -------
    str
        The text of the page. Names in ``data`` may hold anything: they are shown, and never run.

    Raises
    ------
    ValueError
        If ``data`` holds a nan or an infinity, which JSON does not know.

    Examples
    --------
    >>> from autograd_nn.draw.page import page
    >>> keys = ("nodes", "edges", "scopes", "forward", "backward", "frames")
    >>> text = page([], {"title": "a < b", **{key: [] for key in keys}})
    >>> "<title>a &lt; b</title>" in text, r'"title":"a \u003c b"' in text
    (True, True)
    """
    try:
        facts = json.dumps({**packed(data), "layouts": layouts}, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise ValueError(
            f"data must be finite numbers, texts, lists and dicts, with None for nan and inf: {error}"
        ) from None
    fillings = {
        "title": escape(data["title"]),
        "style": text("page.css"),
        "script": "\n".join(text(f"{name}.js") for name in SCRIPTS),
        "facts": re.sub("[<>&]", lambda sign: f"\\u{ord(sign[0]):04x}", facts),  # so that no tag ends the script
    }
    return re.sub(r"<!-- (\w+) -->", lambda hole: fillings[hole[1]], text("page.html"))


def packed(data: dict[str, Any]) -> dict[str, Any]:
    """The data without what is None, False or empty, and with each line of the user's program written once."""
    lines = {node["line"]: None for node in data["nodes"] if node["line"]}
    places = {line: place for place, line in enumerate(lines)}
    nodes = [filled({**node, "line": places.get(node["line"])}) for node in data["nodes"]]
    frames = [
        frame | {what: {id: filled(stat) for id, stat in frame[what].items()} for what in ("values", "gradients")}
        for frame in data["frames"]
    ]
    return {**data, "nodes": nodes, "edges": [*map(filled, data["edges"])], "frames": frames, "lines": [*lines]}


def filled(facts: dict[str, Any]) -> dict[str, Any]:
    """Without what the script takes for granted: see basics.js."""
    return {name: fact for name, fact in facts.items() if fact is not None and fact is not False and fact != []}


def text(name: str) -> str:
    """What is in a file beside this one."""
    return files("autograd_nn.draw.page").joinpath(name).read_text(encoding="utf-8")
