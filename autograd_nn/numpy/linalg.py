"""`numpy.linalg` for Tensors and for lists that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from autograd_nn.numpy.doors import names_of

if TYPE_CHECKING:
    from numpy.linalg import *  # noqa: F403
else:
    __getattr__ = names_of(lambda: numpy.linalg, globals())
    __dir__ = lambda: dir(numpy.linalg)
