"""Drawing: a computation graph as a picture, an interactive page, a film of its training, or a table."""

from autograd_nn.draw.drawing import Drawing, draw
from autograd_nn.draw.films import Film, film
from autograd_nn.draw.render import RendererMissing
from autograd_nn.draw.summaries import Summary, summary

__all__ = ["Drawing", "Film", "RendererMissing", "Summary", "draw", "film", "summary"]
