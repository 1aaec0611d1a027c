"""The names of all primitives of the registry, its last chapters opened."""

from autograd_nn.ops.chapters import open_all
from autograd_nn.ops.declare import PRIMITIVES

open_all()
NAMES = sorted(PRIMITIVES)
