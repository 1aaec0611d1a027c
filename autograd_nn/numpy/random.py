"""`numpy.random` as it is: what is drawn are arrays. But it shuffles Tensors as well, which NumPy's own would spoil."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from autograd_nn.engine.tensor import Tensor

if TYPE_CHECKING:
    from numpy.random import *  # noqa: F403
else:
    __getattr__ = lambda name: getattr(numpy.random, name)
    __dir__ = lambda: dir(numpy.random)

    def shuffle(x: Any) -> None:
        """As `numpy.random.shuffle`; a Tensor gets the order that an array would get."""
        order = numpy.arange(len(x)) if type(x) is Tensor else x
        numpy.random.shuffle(order)  # noqa: NPY002
        if order is not x:
            x[...] = x[order]
