"""DOT as a picture: by the `dot` program if it is there, else by the Graphviz inside the pygraphviz package."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from tempfile import TemporaryFile

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
        return picture.pipe(format=format, quiet=True)
    except graphviz.ExecutableNotFound:
        pass
    try:
        import pygraphviz
    except ImportError:
        raise RendererMissing(
            f'no renderer for .{format} here: run `pip install "autograd_nn[draw]"`, or install Graphviz from '
            f"graphviz.org; what works without: draw(...).save with .html, .dot or .txt, and draw(...).source"
        ) from None
    with without_warnings():
        return pygraphviz.AGraph(string=picture.source).draw(format=format, prog="dot")


@contextmanager
def without_warnings() -> Iterator[None]:
    """Pass on the errors that are said on stderr, but no warnings: of fonts, or that a layout may take long."""
    with TemporaryFile() as said, redirect_stderr(StringIO()):  # the package's own words are warnings, too
        stderr = os.dup(2)
        os.dup2(said.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            said.seek(0)
            os.write(2, b"".join(line for line in said if b"warning" not in line.lower()))
