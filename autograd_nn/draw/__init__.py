"""Drawing: a `Graph` as DOT text, and as a picture."""

from autograd_nn.draw.dot import to_dot
from autograd_nn.draw.render import RendererMissing, draw

__all__ = ["RendererMissing", "draw", "to_dot"]
