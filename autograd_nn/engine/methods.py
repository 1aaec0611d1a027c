"""The operators and methods that a Tensor has as an array: they reach what the registry has for the NumPy function."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.engine.flat import Flat
from autograd_nn.engine.registry import REGISTRY

if TYPE_CHECKING:
    from autograd_nn.engine.tensor import Tensor

__all__ = ["ArrayMethods"]


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
        if self.number:  # as with NumPy's numbers, others go on holding the old one
            return self**other if function is np.power else REGISTRY[function](self, other)
        if self.records_change(other):
            self.become(self**other if function is np.power else REGISTRY[function](self, other))
        elif self.share is not None and self.share.memory.changed:
            self.become(function(self._array, other._array if type(other) is type(self) else other))
        else:
            function(self._array, other._array if type(other) is type(self) else other, out=self._array)
            self.date_change()
        return self

    return change


def compared(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """The operator ``t < other``: a constant Tensor of truth values. A string equals no number."""
    equality = function in (np.equal, np.not_equal)

    def compare(self: Any, other: Any) -> Any:
        found = REGISTRY[function](self, np.nan if equality and type(other) is str else other)
        return REGISTRY[ArrayMethods](found)

    return compare


def handed_over(
    self: Tensor, /, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: bool | None = None
) -> Any:
    """A capsule with the values of a constant, for another library."""
    asked = {"stream": stream, "max_version": max_version, "dl_device": dl_device, "copy": copy}
    return self.__array__().__dlpack__(**{name: value for name, value in asked.items() if value is not None})


class ArrayMethods:
    """What a Tensor has in common with an array."""

    __slots__ = ()

    # Parts ---------------------------------------------------------------------------------------------

    @property
    def T(self) -> Tensor:  # noqa: N802
        """The transposed Tensor, as a view."""
        return self.transpose()

    @property
    def mT(self) -> Tensor:  # noqa: N802
        """The matrices in the last two axes transposed, as a view."""
        return method(np.swapaxes)(self, -1, -2)

    @property
    def real(self) -> Tensor:
        """The real part; of real numbers the Tensor itself."""
        return method(np.real)(self)

    @real.setter
    def real(self, value: Any) -> None:
        self.real[...] = value

    @property
    def imag(self) -> Tensor:
        """The imaginary part."""
        return method(np.imag)(self)

    @imag.setter
    def imag(self: Any, value: Any) -> None:
        if self.dtype.kind != "c":
            raise TypeError(f"a Tensor of {self.dtype} has no imaginary part that could be set")
        self.imag[...] = value

    @property
    def flat(self: Any) -> Flat:
        """The elements in one row, to loop over, read and assign to."""
        return Flat(self)

    @flat.setter
    def flat(self: Any, value: Any) -> None:
        Flat(self)[...] = value

    # The array API standard -------------------------------------------------------------------------

    __pandas_priority__ = 5000
    """Above that of a DataFrame: ``series * t`` is for the Tensor to answer."""

    device = "cpu"  # this and what follows are of the array API standard

    def to_device(self: Any, device: Any, /, *, stream: Any = None) -> Any:
        """The Tensor itself, where it is."""
        self._array.to_device(device, stream=stream)
        return self

    def __array_namespace__(self, /, *, api_version: str | None = None) -> Any:
        return REGISTRY[ArrayMethods.__array_namespace__](api_version)

    __dlpack__ = handed_over
    __dlpack_device__ = lambda self: (1, 0)  # the processor

    def __getitem__(self, index: Any) -> Tensor:
        return REGISTRY[operator.getitem](self, (index,) if type(index) is list else index)

    def __len__(self: Any) -> int:
        if not self.ndim:
            raise TypeError("len() of a 0-d Tensor")
        return self.shape[0]

    def __iter__(self: Any) -> Iterator[Tensor]:
        if not self.ndim:
            raise TypeError("iteration over a 0-d Tensor")
        return (self[i] for i in range(len(self)))

    # Operators -------------------------------------------------------------------------------------

    __add__, __radd__ = binary(np.add), reflected(np.add)
    __sub__, __rsub__ = binary(np.subtract), reflected(np.subtract)
    __mul__, __rmul__ = binary(np.multiply), reflected(np.multiply)
    __truediv__, __rtruediv__ = binary(np.divide), reflected(np.divide)
    __matmul__, __rmatmul__ = binary(np.matmul), reflected(np.matmul)
    __mod__, __rmod__ = binary(np.remainder), reflected(np.remainder)
    __floordiv__, __rfloordiv__ = binary(np.floor_divide), reflected(np.floor_divide)
    __and__, __rand__ = binary(np.bitwise_and), reflected(np.bitwise_and)
    __or__, __ror__ = binary(np.bitwise_or), reflected(np.bitwise_or)
    __xor__, __rxor__ = binary(np.bitwise_xor), reflected(np.bitwise_xor)
    __lshift__, __rlshift__ = binary(np.left_shift), reflected(np.left_shift)
    __rshift__, __rrshift__ = binary(np.right_shift), reflected(np.right_shift)
    __lt__, __le__ = compared(np.less), compared(np.less_equal)
    __gt__, __ge__ = compared(np.greater), compared(np.greater_equal)
    __eq__, __ne__ = compared(np.equal), compared(np.not_equal)
    __neg__, __invert__ = method(np.negative), method(np.invert)
    __abs__ = method(np.absolute)

    def __pow__(self: Any, other: Any) -> Tensor:
        if not self.ndim and self.number:
            return REGISTRY[operator.pow](self, other)
        return REGISTRY[np.square](self) if type(other) is int and other == 2 else REGISTRY[np.power](self, other)

    def __rpow__(self: Any, other: Any) -> Tensor:
        is_number = not self.ndim and self.number and type(other) is not np.ndarray
        return REGISTRY[operator.pow if is_number else np.power](other, self)

    __pos__ = method(np.positive)

    def __divmod__(self, other: Any) -> Any:
        return REGISTRY[np.divmod](self, other)

    def __rdivmod__(self, other: Any) -> Any:
        return REGISTRY[np.divmod](other, self)

    def __round__(self: Any, ndigits: int | None = None) -> Any:
        if ndigits is None and self.number:
            return round(self.item())
        return REGISTRY[np.round](self, ndigits or 0)

    __iadd__, __isub__ = in_place(np.add), in_place(np.subtract)
    __imul__, __itruediv__ = in_place(np.multiply), in_place(np.divide)
    __ipow__, __imod__ = in_place(np.power), in_place(np.remainder)
    __iand__, __ior__, __ixor__ = in_place(np.bitwise_and), in_place(np.bitwise_or), in_place(np.bitwise_xor)
    __ilshift__, __irshift__ = in_place(np.left_shift), in_place(np.right_shift)
    __imatmul__, __ifloordiv__ = in_place(np.matmul), in_place(np.floor_divide)

    # Methods that models use -----------------------------------------------------------------------

    sum = method(np.sum)
    mean = method(np.mean)
    max = method(np.max)
    min = method(np.min)
    prod = method(np.prod)
    dot = method(np.dot)
    clip = method(np.clip)
    std = method(np.std)
    var = method(np.var)
    cumsum = method(np.cumsum)
    cumprod = method(np.cumprod)
    squeeze = method(np.squeeze)
    swapaxes = method(np.swapaxes)
    take = method(np.take)
    repeat = method(np.repeat)
    trace = method(np.trace)
    diagonal = method(np.diagonal)
    choose = method(np.choose)
    put = method(np.put)
    astype = method(np.ndarray.astype)
    argmax = method(np.argmax)
    argmin = method(np.argmin)
    argsort = method(np.argsort)
    argpartition = method(np.argpartition)
    nonzero = method(np.nonzero)
    searchsorted = method(np.searchsorted)
    round = method(np.round)
    all = method(np.all)
    any = method(np.any)

    def compress(self, condition: Any, axis: int | None = None) -> Tensor:
        """As `numpy.compress`, whose first argument is the condition."""
        return REGISTRY[np.compress](condition, self, axis)

    def reshape(self, *shape: Any, order: Any = "C", copy: bool | None = None) -> Tensor:
        """The same values in another shape: ``t.reshape(2, 3)``, ``t.reshape((2, -1))``."""
        return REGISTRY[np.reshape](self, shape[0] if len(shape) == 1 else shape, order, copy=copy)

    def ravel(self, order: Any = "C") -> Tensor:
        """The same values in one dimension."""
        return REGISTRY[np.ravel](self, order)

    def flatten(self, order: Any = "C") -> Tensor:
        """A copy in one dimension."""
        return self.ravel(order).copy()

    def transpose(self, *axes: Any) -> Tensor:
        """The axes in another order: reversed by default."""
        return method(np.transpose)(self, (axes[0] if len(axes) == 1 else axes) or None)

    def conj(self: Any) -> Tensor:
        """The complex conjugate; of real numbers the Tensor itself."""
        return REGISTRY[np.conjugate](self) if self.dtype.kind == "c" else self

    conjugate = conj

    def copy(self: Any, order: str = "C") -> Tensor:
        """As `numpy.ndarray.copy`, in C order unless asked otherwise."""
        made = REGISTRY[np.copy](self, order)
        made.number = self.number
        return made

    def fill(self: Any, value: Any) -> None:
        """Put this value in the place of every element."""
        if np.ndim(value):
            raise ValueError(f"t.fill(value) takes a number: got shape {np.shape(value)}; write t[...] = values")
        self[...] = value

    def partition(self: Any, kth: Any, axis: int = -1, **keywords: Any) -> None:
        """Partition in place, as `numpy.ndarray.partition`."""
        self.become(REGISTRY[np.partition](self, kth, axis, **keywords))

    def sort(self: Any, axis: int = -1, **keywords: Any) -> None:
        """Sort in place, as `numpy.ndarray.sort`."""
        self.become(REGISTRY[np.sort](self, axis, **keywords))
