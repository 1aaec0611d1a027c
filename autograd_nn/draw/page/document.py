"""The interactive page: where things are, what is known of them, and the script that draws and plays with both."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64encode
from html import escape
from importlib.resources import files
from typing import Any

__all__ = ["Page", "page"]

SCRIPTS = (
    "basics",
    "things",
    "layers",
    "layered",
    "layout",
    "looking",
    "gestures",
    "state",
    "flows",
    "histograms",
    "panels",
    "search",
    "walk",
    "film",
    "colours",
    "share",
    "controls",
)
"""The files of the script, one after the other: a file may use at once what those before it define, and the functions
of all others when something happens."""


class Page(str):
    """The text of a page, which a notebook shows as the page itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<Page of {len(self):,} characters>"

    def _repr_html_(self) -> str:
        """The page inside the notebook's, with a style and a script of its own."""
        look = "width: 100%; height: 640px; border: 1px solid #8888; border-radius: 6px"
        return f'<iframe srcdoc="{escape(self)}" style="{look}" title="Interactive computation graph"></iframe>'


def page(layouts: list[dict[str, Any]], data: dict[str, Any]) -> Page:
    r"""One HTML file that needs nothing else: no network, no server, no framework.

    Parameters
    ----------
    layouts : list of dicts
        For states of folding that are likely: the scopes that are ``folded``; the ``places`` of nodes, folded scopes
        and copies, each a middle and two sizes; the ``boxes`` of open scopes, each left, top, right and bottom; the
        ``lines`` of edges, the control points of cubic curves one after the other. The page lays out all others.
    data : dict
        What the page knows: ``title``, ``nodes``, ``edges``, ``scopes``, the ``totals`` of the whole graph, the orders
        ``forward`` and ``backward`` of the two passes, ``findings``, which are to be looked at, and ``frames``: the
        statistics of values and gradients, and what flows along the edges in the backward pass, at one or more moments.

    Returns
    -------
    Page
        Its text. Names in ``data`` may hold anything: they are shown, and never run. The layouts and the data are
        compressed in it, to less than a tenth.

    Raises
    ------
    ValueError
        If ``data`` holds a nan or an infinity, which JSON does not know.

    Examples
    --------
    >>> from autograd_nn.draw.page import page
    >>> keys = ("nodes", "edges", "scopes", "forward", "backward", "findings", "frames")
    >>> text = page([], {"title": "a < b", **{key: [] for key in keys}})
    >>> "<title>a &lt; b: computation graph</title>" in text
    True
    """
    try:
        facts = json.dumps(data | {"layouts": layouts}, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise ValueError(
            f"data must be finite numbers, texts, lists and dicts, with None for nan and inf: {error}"
        ) from None
    fillings = {
        "title": escape(data["title"]),
        "style": text("page.css") + text("picture.css") + text("film.css"),
        "script": "\n".join(text(f"{name}.js") for name in SCRIPTS),
        "facts": b64encode(zlib.compress(facts.encode(), 9)).decode(),
    }
    return Page(re.sub(r"<!-- (\w+) -->", lambda hole: fillings[hole[1]], text("page.html")))


def text(name: str) -> str:
    """What is in a file beside this one."""
    return files("autograd_nn.draw.page").joinpath(name).read_text(encoding="utf-8")
