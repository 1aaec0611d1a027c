"""NumPy's whole namespace, for programs that fill arrays: ``import autograd_nn.numpy as np``.

Everything is NumPy's own, but arrays that are made here are constant Tensors, so that what a program assigns to
their elements keeps its gradient, and lists that hold Tensors are arrays. Of arrays functions return arrays, as ever.
It is also the namespace of Tensors in the sense of the Python array API standard.

>>> import autograd_nn.numpy as np
>>> from autograd_nn import grad
>>> def squares(x):
...     o = np.zeros(3)
...     for i in range(3):
...         o[i] = x[i] ** 2
...     return np.sum(o)
>>> grad(squares)(np.array([1.0, 2.0, 3.0]))
Tensor([2., 4., 6.])
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy

from autograd_nn.engine.registry import REGISTRY
from autograd_nn.engine.tensor import Tensor
from autograd_nn.numpy import creation, standard
from autograd_nn.numpy.doors import names_of

if TYPE_CHECKING:
    from numpy import *  # noqa: F403
else:
    from autograd_nn.numpy import fft, linalg, random  # noqa: F401

    for module in (creation, standard):
        globals().update({name: vars(module)[name] for name in module.__all__})
    numpys = names_of(lambda: numpy, globals())

    def __getattr__(name: str) -> Any:
        """NumPy's; and ``special``, where SciPy looks for the functions that a namespace has of its own."""
        if name != "special":
            return numpys(name)
        try:
            import autograd_nn.numpy.special as functions
        except ImportError as error:  # so that hasattr is False without SciPy
            raise AttributeError(str(error)) from error
        return functions

    __dir__ = lambda: dir(numpy)


def namespace_of_tensors(api_version: str | None = None) -> ModuleType:
    """What ``t.__array_namespace__()`` is."""
    if api_version not in (None, *VERSIONS):
        raise ValueError(f"api_version must be one of {', '.join(VERSIONS)}: got {api_version!r}")
    return sys.modules[__name__]


VERSIONS = ("2021.12", "2022.12", "2023.12", "2024.12")
"""Of the array API standard."""

REGISTRY[Tensor.__array_namespace__] = namespace_of_tensors
