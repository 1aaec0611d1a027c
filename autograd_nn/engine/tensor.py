"""Tensor: an expression on Tensors records the graph of its computation.

A Tensor holds an array and, where a gradient may be asked for, the `Node` of the tape that made it. Operators, methods
and NumPy's two protocols all go through one table, `REGISTRY`. What is in the table is declared in `autograd_nn.ops`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, final

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from autograd_nn.engine.modes import MODE
from autograd_nn.engine.node import Array, Node, leaf_of, tick
from autograd_nn.engine.operators import binary, compared, handed_over, in_place, marked_in_place, method, reflected
from autograd_nn.engine.registry import REDUCTIONS, REGISTRY, function_name, refuse_keyword

__all__ = ["Tensor", "leaf", "raw", "tensor"]


def raw(value: Any) -> Any:
    """The array inside a Tensor; anything else as it is. Tuples, lists, dicts and slices are searched."""
    if type(value) is Tensor:
        return value._data
    if type(value) in (tuple, list):
        return type(value)(raw(item) for item in value)
    if type(value) is dict:
        return {key: raw(item) for key, item in value.items()}
    if type(value) is slice:
        return slice(raw(value.start), raw(value.stop), raw(value.step))
    return value


@final
class Tensor:
    """An array that records what is computed from it.

    Parameters
    ----------
    data : array_like
        Values. A constant shares the memory of the array given; a leaf with ``requires_grad`` owns a copy.
    requires_grad : bool
        Make it a leaf whose gradient a backward pass accumulates into ``.grad``.
    name : str, optional
        What messages and graphs call it.

    Raises
    ------
    TypeError
        If ``requires_grad`` is asked of integers or booleans, or ``data`` is not numeric.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import Tensor
    >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = np.sum(np.tanh(x) * x)
    >>> y.backward()
    >>> x.grad
    Tensor([1.1815685 , 1.10532923, 1.02465287])
    """

    __slots__ = ("__weakref__", "_data", "leaf", "node")

    _data: Array
    node: Node | None
    """The node that made it, or its leaf node; None for a constant."""
    leaf: Node
    """For constants, made when needed: stands for them in the graph and dates their changes."""

    def __init__(self, data: ArrayLike | Tensor, requires_grad: bool = False, name: str | None = None) -> None:
        if type(data) is Tensor:
            raise TypeError("Tensor(t) of a Tensor t: write t.copy() to stay connected, t.detach() to cut the graph")
        if not isinstance(requires_grad, (bool, np.bool_)):
            raise TypeError(f"requires_grad must be True or False: got {requires_grad!r}")
        array = np.array(data) if requires_grad else np.asarray(data)
        if array.dtype.kind not in "biufc":
            raise TypeError(f"a Tensor holds numbers: got data of dtype {array.dtype}; convert it to float first")
        self._data = array
        self.node = None
        if requires_grad:
            if array.dtype.kind not in "fc":
                raise TypeError(
                    f"requires_grad=True needs floats, got {array.dtype}: write np.asarray(data, float), or 3.0 for 3"
                )
            self.node = leaf_of(self)
            self.node.notes.parameter = True
        if name is not None:
            self.name = name

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("Tensor cannot be subclassed: hold a Tensor in an attribute of your class instead")

    # What it is ------------------------------------------------------------------------------------

    @property
    def data(self) -> Array:
        """The values. A leaf's may be changed between steps: ``t.data -= rate * t.grad.data``."""
        return self._data

    @data.setter
    def data(self, value: ArrayLike) -> None:
        if value is self._data:  # the end of t.data -= ..., which has changed it in place
            self.date_change()
            return
        array = np.asarray(value)
        if array.shape != self.shape or array.dtype != self.dtype:
            raise ValueError(
                f"t.data = value must keep {self.dtype}{list(self.shape)}: got {array.dtype}{list(array.shape)}; "
                f"make a new Tensor instead"
            )
        self._data = array

    @property
    def requires_grad(self) -> bool:
        """Whether results computed from it are recorded."""
        return self.node is not None

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward passes have accumulated in this leaf; None before the first."""
        return None if self.node is None else self.node.notes.grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if self.node is None or self.node.primitive is not None:
            raise TypeError("only a leaf made with requires_grad=True has a gradient")
        if value is not None and (type(value) is not Tensor or value.shape != self.shape):
            raise TypeError(f"t.grad must be None or a Tensor of shape {self.shape}: got {value!r}")
        self.node.notes.grad = value

    @property
    def name(self) -> str | None:
        """What messages and graphs call it."""
        node = self.node or getattr(self, "leaf", None)
        return None if node is None else node.notes.name

    @name.setter
    def name(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"name must be a string: got {value!r}")
        (self.node or self.leaf_node()).own_notes().name = value

    def leaf_node(self) -> Node:
        """The node that stands for a constant in graphs."""
        try:
            return self.leaf
        except AttributeError:
            self.leaf = leaf_of(self)
            return self.leaf

    def date_change(self) -> None:
        """Remember when the values were last changed: a pullback that kept older ones will refuse."""
        node, now = self.node or self.leaf_node(), tick()
        node.changed = now
        while node.parent is not None and node.notes.view:  # what it views has changed with it
            node = node.parent
            node.changed = now

    @property
    def shape(self) -> tuple[int, ...]:
        return self._data.shape

    @property
    def ndim(self) -> int:
        return self._data.ndim

    @property
    def size(self) -> int:
        return self._data.size

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._data.dtype

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

    @property
    def imag(self) -> Tensor:
        """The imaginary part."""
        return method(np.imag)(self)

    def __repr__(self) -> str:
        text = np.array2string(self._data, prefix="Tensor(", separator=", ", threshold=100)
        parts = [text if self.ndim else repr(self._data.item())]
        if self.dtype not in (np.dtype(float), np.dtype(int), np.dtype(bool)):
            parts.append(f"dtype={self.dtype}")
        if self.node is not None:
            parts.append(f"made by {self.node.primitive.name}" if self.node.primitive else "requires_grad=True")
        if self.name:
            parts.append(f"name={self.name!r}")
        return f"Tensor({', '.join(parts)})"

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        if not self.ndim:
            raise TypeError("iteration over a 0-d Tensor")
        return (self[i] for i in range(len(self)))

    __hash__ = object.__hash__

    # Leaving the graph -----------------------------------------------------------------------------

    def backward(self, gradient: ArrayLike | Tensor | None = None, retain_graph: bool = False) -> None:
        """Accumulate the gradient of this Tensor into ``.grad`` of every leaf it was computed from.

        Parameters
        ----------
        gradient : array_like, optional
            The cotangent of this Tensor, of its shape; 1 for a scalar.
        retain_graph : bool
            Keep the tape for another backward pass; otherwise it is freed.

        Raises
        ------
        RuntimeError
            If nothing was recorded, the tape was freed, or a value that a pullback kept was changed.
        ValueError
            If the Tensor is not a scalar and no ``gradient`` is given, or its shape is another.
        """
        REGISTRY[Tensor.backward](self, gradient, retain_graph)

    def detach(self) -> Tensor:
        """The same values (and memory) as a constant."""
        return Tensor(self._data)

    def numpy(self) -> Array:
        """The values as an array that shares this Tensor's memory and no longer records."""
        return self._data

    def item(self) -> Any:
        """The value of a Tensor of one element as a Python number."""
        return self._data.item()

    def tolist(self) -> Any:
        """The values as nested lists of Python numbers."""
        return self._data.tolist()

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if self.node is not None and self.node.primitive is not None:
            raise TypeError(
                "a recorded Tensor cannot be deep-copied apart from its graph: write t.copy() or t.detach().copy()"
            )
        return Tensor(self._data.copy(), self.requires_grad, self.name)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        if self.node is not None:
            raise TypeError(
                "a Tensor t that requires a gradient would lose it as a NumPy array: write t.numpy() to mean that, "
                "np.stack([...]) or np.concatenate([...]) to join Tensors, and for X.dot(t) of an array X, X @ t"
            )
        return np.array(self._data, dtype=dtype, copy=copy)

    def __float__(self) -> float:
        return float(self.scalar("float"))

    def __int__(self) -> int:
        return int(self.scalar("int"))

    def __complex__(self) -> complex:
        return complex(self.scalar("complex"))

    def __index__(self) -> int:
        return self._data.__index__()

    def __bool__(self) -> bool:
        return bool(self._data)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def scalar(self, wanted: str) -> Any:
        if self.size != 1:
            raise TypeError(f"{wanted}() needs a Tensor of one element, got shape {self.shape}: write t.numpy()")
        return self._data.item()

    device = "cpu"  # this and the next four are of the array API standard

    def to_device(self, device: Any, /, *, stream: Any = None) -> Tensor:
        """The Tensor itself, where it is."""
        self._data.to_device(device, stream=stream)
        return self

    def __array_namespace__(self, /, *, api_version: str | None = None) -> Any:
        return REGISTRY[Tensor.__array_namespace__](api_version)

    __dlpack__ = handed_over
    __dlpack_device__ = lambda self: (1, 0)  # the processor

    # NumPy's protocols -----------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs:
            return REGISTRY[ufunc](*inputs)
        if method == "reduce" and ufunc in REDUCTIONS:
            return REGISTRY[REDUCTIONS[ufunc]](*inputs, **{"axis": 0, **kwargs})
        function = REGISTRY[ufunc if method == "__call__" else getattr(ufunc, method)]
        if method == "accumulate" or ufunc is np.vecdot:
            return function(*inputs, **kwargs)
        if "out" in kwargs and all(type(t) is not Tensor or t.node is None for t in (*inputs, *kwargs["out"])):
            return ufunc(*map(raw, inputs), **raw(kwargs))  # array -= constant
        dtype = kwargs.pop("dtype", None)
        for keyword, value in kwargs.items():
            refuse_keyword(function_name(ufunc), keyword, value)
        if dtype is not None:
            inputs = tuple(a.astype(dtype) if type(a) is Tensor else np.asarray(a, dtype) for a in inputs)
        return function(*inputs)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        return REGISTRY[function](*args, **kwargs)

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
    __rpow__ = reflected(np.power)

    def __pow__(self, other: Any) -> Tensor:
        return REGISTRY[np.square](self) if type(other) is int and other == 2 else REGISTRY[np.power](self, other)

    def __pos__(self) -> Tensor:
        return self

    def __divmod__(self, other: Any) -> Any:
        return REGISTRY[np.divmod](self, other)

    def __rdivmod__(self, other: Any) -> Any:
        return REGISTRY[np.divmod](other, self)

    def __round__(self, ndigits: int = 0) -> Any:
        return REGISTRY[np.round](self, ndigits)

    # In-place operators and assignment -------------------------------------------------------------

    __iadd__, __isub__ = in_place(np.add), in_place(np.subtract)
    __imul__, __itruediv__ = in_place(np.multiply), in_place(np.divide)
    __ipow__, __imod__ = in_place(np.power), in_place(np.remainder)
    __imatmul__ = in_place(np.matmul)
    __iand__, __ior__, __ixor__ = in_place(np.bitwise_and), in_place(np.bitwise_or), in_place(np.bitwise_xor)
    __ilshift__, __irshift__ = in_place(np.left_shift), in_place(np.right_shift)

    def __ifloordiv__(self, other: Any) -> Any:
        if not self.records_change(other):
            return in_place(np.floor_divide)(self, other)
        raise TypeError("t //= other is constant almost everywhere: write t = t // other for the plain array")

    def __getitem__(self, index: Any) -> Tensor:
        return REGISTRY[operator.getitem](self, (index,) if type(index) is list else index)

    def __setitem__(self, index: Any, value: Any) -> None:
        if self.records_change(value):
            self.become(REGISTRY[operator.setitem](self, (index,) if type(index) is list else index, value))
        else:
            self._data[raw(index)] = value._data if type(value) is Tensor else value
            self.date_change()

    def sort(self, axis: int = -1, **keywords: Any) -> None:
        """Sort in place, as `numpy.ndarray.sort`; a recorded Tensor becomes the result of `numpy.sort`."""
        if self.records_change(None):
            self.become(REGISTRY[np.sort](self, axis, **keywords))
        else:
            self._data.sort(axis, **keywords)
            self.date_change()

    def become(self, result: Tensor) -> None:
        """Stand for another value from now on; the graph keeps the old one."""
        self._data, self.node = result._data, marked_in_place(result).node

    def records_change(self, value: Any) -> bool:
        """Whether a change by this value is part of the graph. Refused for the user's own leaves."""
        if not MODE.get().recording:
            return False
        if self.node is not None and self.node.notes.parameter:
            raise RuntimeError(
                f"in-place change of the leaf {self.name or 'Tensor'} while recording: write `with no_grad():` "
                f"before it (or t.data op= value) to update a parameter, t = t + ... to compute with it"
            )
        return self.node is not None or (type(value) is Tensor and value.node is not None)

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
    conj = conjugate = method(np.conjugate)
    copy = method(np.copy)
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


OPERATORS: dict[Callable[..., Any], str] = {
    np.add: "__add__",
    np.subtract: "__sub__",
    np.multiply: "__mul__",
    np.divide: "__truediv__",
    np.matmul: "__matmul__",
    np.negative: "__neg__",
    np.sum: "sum",
    np.mean: "mean",
}
"""The operators and methods that are the function itself, ``a + b`` for ``np.add(a, b)``, and matter for speed."""

REGISTRY.methods = {function: (Tensor, name) for function, name in OPERATORS.items()}

new = Tensor.__new__


def tensor(data: Array, node: Node | None = None) -> Tensor:
    """The array as it is, as the result of this node: `Tensor` without its checks and copies."""
    result = new(Tensor)
    result._data = data
    result.node = node
    return result


def leaf(data: Array) -> Tensor:
    """The array as it is, as a leaf."""
    result = tensor(data)
    result.node = leaf_of(result)
    return result
