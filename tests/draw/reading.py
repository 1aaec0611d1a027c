"""Drawings read back, and random graphs to draw."""

import html
import json
import re
import zlib
from base64 import b64decode
from contextlib import ExitStack
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import strategies as st

from autograd_nn import Tensor, scope
from autograd_nn.graph import graph

pygraphviz = pytest.importorskip("pygraphviz", reason='needs pip install "autograd_nn[draw]"')

any_text = st.text(st.characters()) | st.text(st.sampled_from('<>"\\[]{}|&;#\nnlrNGE '))

OPERATIONS = {
    "add": lambda a, b: a + b,
    "multiply": lambda a, b: a * b,
    "tanh": lambda a, b: np.tanh(a),
    "weigh": lambda a, b: a * Tensor(0.5, requires_grad=True),
    "shift": lambda a, b: a + Tensor([1.0, 2.0]),
    "join": lambda a, b: np.sum(np.stack([a, b]), axis=0),
}


NAMES = st.sampled_from(["block", "layer[1]", "x 2"])


def programs(scopes=NAMES, depth=2):
    """Lists of operations on earlier results, counted from the latest; and of scopes that repeat such a list."""
    operations = st.tuples(st.sampled_from([*OPERATIONS]), st.integers(0, 4), st.integers(0, 4))
    bodies = st.lists(operations, min_size=1, max_size=3)
    for _ in range(depth):
        bodies = st.lists(operations | st.tuples(scopes, st.integers(1, 3), bodies), min_size=1, max_size=3)
    return bodies


def results(program, names=("x",)):
    """All that the program computes, from leaves of these names on."""
    tensors = [Tensor([0.5, 0.25], requires_grad=True, name=name) for name in names]

    def run(body):
        for what, first, second in body:
            if isinstance(second, list):
                for _ in range(first):
                    with ExitStack() as stack:
                        if what:
                            stack.enter_context(scope(what))
                        run(second)
            else:
                a, b = (tensors[-1 - k % len(tensors)] for k in (first, second))
                tensors.append(OPERATIONS[what](a, b))

    with np.errstate(all="ignore"):
        run(program)
    return tensors


def graphs(**how):
    return programs(**how).map(lambda program: graph(*results(program)))


class Box(NamedTuple):
    title: str
    look: dict
    nodes: list


class Picture(NamedTuple):
    """What Graphviz reads in DOT text, as plain values: its own live no longer than the graph they are of."""

    look: dict
    nodes: dict
    edges: list
    boxes: list
    copies: dict
    """What is drawn once more: it is no node of its own, and its edges are those of the node."""

    def ends(self):
        return [edge[:2] for edge in self.edges]

    def labels(self):
        """The lines in each node, in order."""
        return [lines(look["label"]) for look in self.nodes.values()]

    def titles(self):
        """Of the boxes around scopes, the outer ones first."""
        return [box.title for box in self.boxes]

    def legend(self):
        return [entry for line in lines(self.look["label"]) for entry in line.split("  ·  ")]


def parsed(drawing):
    """The drawing, or DOT text, as Graphviz reads it."""
    whole = pygraphviz.AGraph(string=getattr(drawing, "source", drawing))
    boxes, outer = [], [whole]
    for picture in outer:
        outer += picture.subgraphs()
    for box in outer[1:]:
        look = dict(box.graph_attr)
        inside = [str(node) for node in box.nodes() if "-" not in node]
        boxes.append(Box(lines(look["label"])[0], look, inside))
    drawn = {str(node): dict(node.attr) for node in whole.nodes()}
    nodes, copies = ({id: look for id, look in drawn.items() if ("-" in id) == copy} for copy in (False, True))
    edges = [(str(edge[0]).partition("-")[0], str(edge[1]), dict(edge.attr)) for edge in whole.edges()]
    return Picture(dict(whole.graph_attr), nodes, edges, boxes, copies)


def lines(label):
    """The lines of text that Graphviz makes of a plain label."""
    text = re.sub(r"\\(.)", lambda escape: "\n" if escape[1] == "n" else escape[1], label, flags=re.DOTALL)
    return html.unescape(text).split("\n")


def labels(drawing):
    return parsed(drawing).labels()


def svg(drawing):
    return ElementTree.fromstring(drawing._repr_mimebundle_()["image/svg+xml"])


def groups(picture, kind):
    """The groups of an SVG that are nodes, edges or clusters; what is drawn once more is no node."""
    found = [element for element in picture.iter() if kind in element.get("class", "").split()]
    return [element for element in found if kind != "node" or "-" not in element.find("{*}title").text]


def texts(picture):
    """The lines of text in an SVG."""
    found = picture.iter("{http://www.w3.org/2000/svg}text")
    return ["".join(text.itertext()).replace("\xa0", " ").strip() for text in found]


def facts(page):
    """What an interactive page knows."""
    return json.loads(
        zlib.decompress(b64decode(re.search(r'<script id="data" type="text/plain">(.*?)</script>', page)[1]))
    )
