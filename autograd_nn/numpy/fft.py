"""`numpy.fft` for Tensors and for lists that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from autograd_nn.numpy.doors import as_tensors, names_of

if TYPE_CHECKING:
    from numpy.fft import *  # noqa: F403
else:
    __getattr__ = names_of(lambda: numpy.fft, globals())
    __dir__ = lambda: dir(numpy.fft)

    def fftfreq(n: Any, d: Any = 1.0, *, dtype: Any = None, device: Any = None) -> Any:
        """As `numpy.fft.fftfreq`, in the dtype that the array API standard lets one ask for."""
        return as_tensors(numpy.fft.fftfreq(n, d, device=device).astype(dtype))

    def rfftfreq(n: Any, d: Any = 1.0, *, dtype: Any = None, device: Any = None) -> Any:
        """As `numpy.fft.rfftfreq`, in the dtype that the array API standard lets one ask for."""
        return as_tensors(numpy.fft.rfftfreq(n, d, device=device).astype(dtype))
