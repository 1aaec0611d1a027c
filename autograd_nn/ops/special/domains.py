"""Where several of the special functions are smooth."""

import numpy as np

from autograd_nn.ops.domain import BINARY, Domain

__all__ = ["AWAY", "PAIR", "UNIT"]

UNIT = Domain(((0, 1),))
AWAY = Domain(((0.5, np.inf),))
PAIR = Domain(((0.5, np.inf),), BINARY)
