"""Where Graphviz puts things: for the likely states of the page, and to find room for titles that no line crosses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import graphviz

from autograd_nn.draw.render import rendered

__all__ = ["placed", "sides"]

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; in points, and downwards."""


def numbers_of(text: str) -> list[float]:
    return [float(number) for number in text.replace(",", " ").split()]


def laid_out(picture: graphviz.Digraph) -> dict[str, Any]:
    return json.loads(rendered(picture, "json0"), strict=False)


def points_of(edge: Mapping[str, Any]) -> list[float]:
    """The control points of a line, from its tail to where its head begins."""
    return [number for place in edge["pos"].split() if place[0] not in "es" for number in numbers_of(place)]


def placed(picture: graphviz.Digraph) -> dict[str, Any]:
    """The middle and the sizes of each node, the corners of each scope, and the lines, in whole points."""
    drawn = laid_out(picture)
    nodes, boxes = {}, {}
    for thing in drawn.get("objects", ()):
        if "bb" in thing:
            left, bottom, right, top = numbers_of(thing["bb"])
            boxes[thing["name"].removeprefix("cluster_")] = [round(left), round(-top), round(right), round(-bottom)]
        elif "pos" in thing:
            x, y = numbers_of(thing["pos"])
            sizes = (72 * float(thing["width"]), 72 * float(thing["height"]))
            nodes[thing["name"]] = [round(x), round(-y), *map(round, sizes)]
    lines = {
        edge["id"]: [round(-number if i % 2 else number) for i, number in enumerate(points_of(edge))]
        for edge in drawn.get("edges", ())
    }
    return {"places": nodes, "boxes": boxes, "lines": lines}


def sides(picture: graphviz.Digraph) -> dict[str, str]:
    """For each scope whose title a line would strike out at the left: where none does, or the fewest."""
    drawn = laid_out(picture)
    names = [thing for thing in drawn.get("objects", ()) if "lp" in thing]
    pieces = [piece for edge in drawn.get("edges", ()) for piece in pieces_of(points_of(edge))]
    found = {}
    for scope in names:
        struck = {side: sum(crosses(box, piece) for piece in pieces) for side, box in titles(scope)}
        best = min(struck, key=lambda side: struck[side])
        if best != "l":
            found[scope["name"].removeprefix("cluster_")] = best
    return found


def titles(scope: Mapping[str, Any]) -> Iterator[tuple[str, Box]]:
    """The box that the title would fill at the left, at the right, and in the middle."""
    left, _, right, _ = numbers_of(scope["bb"])
    _, y = numbers_of(scope["lp"])
    width, height = 72 * float(scope["lwidth"]) + 8, 72 * float(scope["lheight"])
    for side, x in (("l", left), ("r", right - width), ("c", (left + right - width) / 2)):
        yield side, (x, y - height / 2, x + width, y + height / 2)


def pieces_of(line: list[float]) -> Iterator[Box]:
    """Short straight pieces of the curves that a line is made of."""
    points = [*zip(line[::2], line[1::2], strict=True)]
    at = [t / 8 for t in range(9)]
    for i in range(0, len(points) - 3, 3):
        curve = [
            tuple(
                (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t * t * (1 - t) * c + t**3 * d
                for a, b, c, d in zip(*points[i : i + 4], strict=True)
            )
            for t in at
        ]
        for (x0, y0), (x1, y1) in pairwise(curve):
            yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def crosses(box: Box, piece: Box) -> bool:
    return box[0] < piece[2] and piece[0] < box[2] and box[1] < piece[3] and piece[1] < box[3]
