"""DOT as a picture: by the `dot` program if it is there, else by the Graphviz inside the pygraphviz package."""

from __future__ import annotations

import graphviz

__all__ = ["RendererMissing", "rendered"]


class RendererMissing(RuntimeError):  # noqa: N818 (it says what is wrong)
    """Nothing on this machine turns DOT into a picture."""


def rendered(picture: graphviz.Digraph, format: str) -> bytes:
    """The picture as svg, png or pdf."""
    if format == "png":
        picture = picture.copy()
        picture.graph_attr["dpi"] = "144"  # 72 is blurred on the screens of today
    try:
        return picture.pipe(format=format)
    except graphviz.ExecutableNotFound:
        pass
    try:
        import pygraphviz
    except ImportError:
        raise RendererMissing(
            f'no renderer for .{format} here: run `pip install "autograd_nn[draw]"`, or install Graphviz from '
            f"graphviz.org; what works without: draw(...).save with .dot or .txt, and draw(...).source"
        ) from None
    return pygraphviz.AGraph(string=picture.source).draw(format=format, prog="dot")
