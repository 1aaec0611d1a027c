"""What the operators and methods of Tensor do: they reach what the registry has for the NumPy function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.engine.registry import REGISTRY

if TYPE_CHECKING:
    from autograd_nn.engine.tensor import Tensor

__all__ = ["binary", "compared", "handed_over", "in_place", "marked_in_place", "method", "reflected"]


def method(function: Callable[..., Any]) -> Callable[..., Any]:
    """A method that reaches what the registry has for the NumPy function."""

    def call(self: Tensor, *args: Any, **kwargs: Any) -> Any:
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


def compared(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """The operator ``t < other``: a constant Tensor of truth values."""
    return lambda self, other: type(self)(REGISTRY[function](self, other))


def marked_in_place(result: Tensor) -> Tensor:
    """The result of an operation that stands for a change in place, so that drawings can say so."""
    if result.node is not None:
        result.node.own_notes().in_place = True
    return result


def in_place(function: np.ufunc) -> Callable[[Any, Any], Any]:
    """``t op= other``: a recorded Tensor becomes the result; a constant or, in no_grad, a leaf is changed."""

    def change(self: Tensor, other: Any) -> Tensor:
        if self.records_change(other):
            if self.dtype.kind not in "fc":
                raise TypeError(
                    f"values that require a gradient cannot go into {self.dtype}: write t.astype(float) first"
                )
            result = REGISTRY[function](self, other)
            if result.shape != self.shape or (result.dtype.kind == "c" and self.dtype.kind != "c"):
                raise ValueError(
                    f"in place, a Tensor of {self.dtype}{list(self.shape)} cannot become {result.dtype}"
                    f"{list(result.shape)}: write t = numpy.{function.__name__}(t, ...)"
                )
            result = result if result.dtype == self.dtype else result.astype(self.dtype)
            return marked_in_place(result)
        function(self._data, other._data if type(other) is type(self) else other, out=self._data)
        self.date_change()
        return self

    return change


def handed_over(
    self: Tensor, /, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: bool | None = None
) -> Any:
    """A capsule with the values of a constant, for another library."""
    asked = {"stream": stream, "max_version": max_version, "dl_device": dl_device, "copy": copy}
    return self.__array__().__dlpack__(**{name: value for name, value in asked.items() if value is not None})
