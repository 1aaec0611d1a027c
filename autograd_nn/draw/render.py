"""DOT as a picture: by the `dot` program if it is there, else by the Graphviz inside the pygraphviz package."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import graphviz

from autograd_nn.core import Tensor
from autograd_nn.draw.dot import digraph
from autograd_nn.graph import Graph

__all__ = ["RendererMissing", "draw"]

SUFFIXES = (".dot", ".svg", ".png", ".pdf")


class RendererMissing(RuntimeError):  # noqa: N818 (it says what is wrong)
    """Nothing on this machine turns DOT into a picture."""


def draw(source: Graph | Tensor, path: str | PathLike[str], limit: int = 200) -> Path:
    """Draw the graph of a computation to a file.

    Parameters
    ----------
    source : Graph or Tensor
        A graph, or a result whose graph is drawn.
    path : path
        Where to; the suffix says how: ``.svg``, ``.png``, ``.pdf``, or ``.dot`` for the text of `to_dot`.
    limit : int
        Of a larger graph, this many nodes are shown, the oldest and the youngest.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    RendererMissing
        If there is neither the ``dot`` program nor the pygraphviz package.
    ValueError
        If the suffix is another; and the errors of `to_dot`.

    Examples
    --------
    >>> import tempfile
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.draw import draw
    >>> x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     draw(x * x, f"{folder}/square.dot").name
    'square.dot'
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise ValueError(f"path must end in one of {', '.join(SUFFIXES)}: got {str(path)!r}")
    picture = digraph(source, limit)
    if path.suffix == ".png":
        picture.graph_attr["dpi"] = "144"  # 72 is blurred on the screens of today
    path.write_bytes(picture.source.encode() if path.suffix == ".dot" else rendered(picture, path.suffix[1:]))
    return path


def rendered(picture: graphviz.Digraph, format: str) -> bytes:
    try:
        return picture.pipe(format=format)
    except graphviz.ExecutableNotFound:
        pass
    try:
        import pygraphviz
    except ImportError:
        raise RendererMissing(
            f'no renderer for .{format} here: run `pip install "autograd_nn[draw]"`, or install Graphviz from '
            f'graphviz.org; the text is there without either: draw(..., "graph.dot") or to_dot(...)'
        ) from None
    return pygraphviz.AGraph(string=picture.source).draw(format=format, prog="dot")
