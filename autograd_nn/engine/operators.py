"""What the operators and methods of Tensor do: they reach what the registry has for the NumPy function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.engine.registry import REGISTRY

if TYPE_CHECKING:
    from autograd_nn.engine.tensor import Tensor

__all__ = ["binary", "in_place", "method", "reflected"]


def method(function: Callable[..., Any]) -> Callable[..., Any]:
    """A method that reaches what the registry has for the NumPy function."""

    def call(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("out") is not None:
            return function(self, *args, **kwargs)
        return REGISTRY[function](self, *args, **kwargs)

    call.__name__ = call.__qualname__ = function.__name__
    call.__doc__ = f"As `numpy.{function.__name__}`."
    return call


def binary(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """The operator ``t op other``."""
    return lambda self, other: REGISTRY[function](self, other)


def reflected(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """The operator ``other op t``."""
    return lambda self, other: REGISTRY[function](other, self)


def in_place(function: np.ufunc) -> Callable[[Any, Any], Any]:
    """``t op= other``: what the operation makes goes into t, and is seen by all who hold it or a view of it."""

    def change(self: Tensor, other: Any) -> Tensor:
        if self.records_change(other):
            square = function is np.power and type(other) is int and other == 2
            self.become(REGISTRY[np.square](self) if square else REGISTRY[function](self, other))
        elif self.share is not None and self.share.memory.changed:
            self.become(function(self._data, other._data if type(other) is type(self) else other))
        else:
            function(self._data, other._data if type(other) is type(self) else other, out=self._data)
            self.date_change()
        return self

    return change
