"""The names of all primitives of the registry, its last chapters opened."""

from autograd_nn.ops.declare import PRIMITIVES
from autograd_nn.ops.op_table import open_all

open_all()
NAMES = sorted(PRIMITIVES)
