"""Tensor: an expression on Tensors records the graph of its computation.

A Tensor holds an array and, where a gradient may be asked for, the `Node` of the tape that made it. Operators, methods
and NumPy's two protocols all go through one table, `REGISTRY`. What is in the table is declared in `autograd_nn.ops`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, final

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from autograd_nn.engine.advice import Elsewhere, for_array, for_number
from autograd_nn.engine.memory import Share, forget, remembered, share_view, standing
from autograd_nn.engine.methods import ArrayMethods
from autograd_nn.engine.modes import MODE
from autograd_nn.engine.node import LATEST, Array, Node, leaf_of, tick
from autograd_nn.engine.registry import REGISTRY

__all__ = ["Tensor", "as_constant", "leaf", "raw", "tensor"]


def raw(value: Any) -> Any:
    """The array inside a Tensor; anything else as it is. Tuples, lists, dicts and slices are searched."""
    if type(value) is Tensor:
        return value._array
    if type(value) in (tuple, list):
        return type(value)(raw(item) for item in value)
    if type(value) is dict:
        return {key: raw(item) for key, item in value.items()}
    if type(value) is slice:
        return slice(raw(value.start), raw(value.stop), raw(value.step))
    return value


@final
class Tensor(ArrayMethods, Elsewhere):
    """An array that records what is computed from it.

    Parameters
    ----------
    data : array_like
        Values, which are copied. A list may hold Tensors: it becomes one stack of them.
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

    __slots__ = ("__weakref__", "_known_array", "_known_leaf", "_known_node", "number", "share")

    _known_array: Array
    _known_node: Node | None
    _known_leaf: Node
    _array = remembered("_known_array")
    node = remembered("_known_node")
    """The node that made it, or its leaf node; None for a constant."""
    leaf = remembered("_known_leaf")
    """For constants, made when needed: stands for them in the graph and dates their changes."""
    share: Share | None
    """What memory it shares with others; None as long as it is alone and was not changed in part."""
    number: bool
    """Whether it is what NumPy has as a number instead of an array of no dimensions: nothing can go into it."""

    def __init__(self, data: ArrayLike | Tensor, requires_grad: bool = False, name: str | None = None) -> None:
        if type(data) is Tensor:
            raise TypeError("Tensor(t) of a Tensor t: write t.copy() to stay connected, t.detach() to cut the graph")
        if not isinstance(requires_grad, (bool, np.bool_)):
            raise TypeError(f"requires_grad must be True or False: got {requires_grad!r}")
        self.share, self.number = None, False
        if isinstance(data, (list, tuple)):
            data = REGISTRY[Tensor](data)
            if type(data) is Tensor:
                if requires_grad:
                    raise TypeError("requires_grad=True is for new values: a stack of Tensors is computed from them")
                self._array, self.node = data._array, data.node
                return
        array = np.array(data)
        if array.dtype.kind not in "biufc":
            raise TypeError(f"a Tensor holds numbers: got data of dtype {array.dtype}; convert it to float first")
        self._array = array
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
        return self._known_array if self.share is None else self._array

    @data.setter
    def data(self, value: ArrayLike) -> None:
        if value is self.data:  # the end of t.data -= ..., which has changed it in place
            self.date_change()
            return
        array = np.array(value)
        if array.shape != self.shape or array.dtype != self.dtype:
            raise ValueError(
                f"t.data = value must keep {self.dtype}{list(self.shape)}: got {array.dtype}{list(array.shape)}; "
                f"make a new Tensor instead"
            )
        node = self.node
        self.share, self.node, self._array = None, node, array  # views go on showing what was there

    @property
    def requires_grad(self) -> bool:
        """Whether results computed from it are recorded."""
        return self.node is not None

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward passes have accumulated in this leaf; None before the first."""
        node = self._known_node if self.share is None else self.node
        return None if node is None else node.notes.grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        node = self._known_node if self.share is None else self.node
        if node is None or node.primitive is not None:
            raise TypeError("only a leaf made with requires_grad=True has a gradient")
        if value is not None and (type(value) is not Tensor or value.shape != self.shape):
            raise TypeError(f"t.grad must be None or a Tensor of shape {self.shape}: got {value!r}")
        node.notes.grad = value

    @property
    def name(self) -> str | None:
        """What messages and graphs call it."""
        return (self.node or self.leaf).notes.name

    @name.setter
    def name(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"name must be a string: got {value!r}")
        (self.node or self.leaf).own_notes().name = value

    def date_change(self) -> None:
        """Remember when the values were last changed: a pullback that kept older ones will refuse."""
        now = LATEST.change = tick()
        share = self.share
        node = self._known_node if share is None else self.node
        (self.leaf if node is None else node).changed = now
        if share is not None:
            share.memory.origin().changed = now

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of its axes. It can be set to another of as many elements."""
        return (self._known_array if self.share is None else standing(self)).shape

    @shape.setter
    def shape(self, shape: Any) -> None:
        view = self.reshape(shape)
        if view.share is None or (self.node is not None and self.node.primitive is None):
            raise AttributeError("t.shape = ... would need a copy, or change a leaf: write t = t.reshape(...)")
        forget(self)
        self.share = view.share
        if not self.share.memory.changed:
            self._array, self.node = view._array, view.node
            self.share.memory.watch(self)

    @property
    def ndim(self) -> int:
        return (self._known_array if self.share is None else standing(self)).ndim

    @property
    def size(self) -> int:
        return (self._known_array if self.share is None else standing(self)).size

    @property
    def dtype(self) -> np.dtype[Any]:
        return (self._known_array if self.share is None else standing(self)).dtype

    def __repr__(self) -> str:
        text = np.array2string(self._array, prefix="Tensor(", separator=", ", threshold=100)
        parts = [text if self.ndim else repr(self._array.item())]
        if self.dtype not in (np.dtype(float), np.dtype(int), np.dtype(bool)):
            parts.append(f"dtype={self.dtype}")
        if self.node is not None:
            made_by = self.node.primitive and (self.node.notes.function or self.node.primitive.name)
            parts.append(f"made by {made_by}" if made_by else "requires_grad=True")
        if self.name:
            parts.append(f"name={self.name!r}")
        return f"Tensor({', '.join(parts)})"

    def __hash__(self) -> int:
        """By identity; but what NumPy has as a number is a key by its value, as NumPy's are."""
        if self.number and (value := self._array.item()) == value:  # a nan is no other's key
            return hash(value)
        return object.__hash__(self)

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
        return share_view(tensor(self._array), self, None, ())

    def numpy(self) -> Array:
        """The values as an array that no longer records; later changes of the Tensor need not be seen in it."""
        return self._array

    def item(self) -> Any:
        """The value of a Tensor of one element as a Python number."""
        return self._array.item()

    def tolist(self) -> Any:
        """The values as nested lists of Python numbers."""
        return self._array.tolist()

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if self.node is not None and self.node.primitive is not None:
            raise TypeError(
                "a recorded Tensor cannot be deep-copied apart from its graph: write t.copy() or t.detach().copy()"
            )
        return restored(self._array, self.requires_grad, self.name, None, self.number)

    def __copy__(self) -> Tensor:
        """As of an array, a copy of the values: a recorded Tensor's is connected, a leaf's is a leaf of its own."""
        return self.copy() if self.node is not None and self.node.primitive is not None else self.__deepcopy__({})

    def __reduce__(self) -> Any:
        """What is sent to other processes: the values, not the node, whose stamp says nothing there."""
        if self.node is not None and self.node.primitive is not None:
            raise TypeError("a recorded Tensor cannot be pickled apart from its graph: write t.detach()")
        return restored, (self._array, self.requires_grad, self.name, self.grad, self.number)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        if self.node is not None:
            raise TypeError(for_array())
        return np.array(self._array, dtype=dtype, copy=copy)

    def __float__(self) -> float:
        return float(self.scalar("float"))

    def __int__(self) -> int:
        return int(self.scalar("int"))

    def __complex__(self) -> complex:
        return complex(self.scalar("complex"))

    def __index__(self) -> int:
        return self._array.__index__()

    def __bool__(self) -> bool:
        return bool(self._array)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def scalar(self, wanted: str) -> Any:
        if self.size != 1:
            raise TypeError(f"{wanted}() needs a Tensor of one element, got shape {self.shape}: write t.numpy()")
        if self.node is not None:
            raise TypeError(for_number(wanted))
        return self._array.item()

    # NumPy's protocols -----------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs:
            return REGISTRY[ufunc](*inputs)
        return REGISTRY[Tensor.__array_ufunc__](ufunc, method, inputs, kwargs)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if kwargs.get("out") is not None:
            return REGISTRY[Tensor.__array_function__](function, args, kwargs)
        return REGISTRY[function](*args, **kwargs)

    # Changes in place -------------------------------------------------------------

    def __setitem__(self, index: Any, value: Any) -> None:
        if self.records_change(value):
            REGISTRY[Tensor.__setitem__](self, (index,) if type(index) is list else index, value)
        elif self.share is not None and self.share.memory.changed:
            self.share.part()[raw(index)] = raw(value)
            self.share.memory.turn(self.share.memory.node)
        else:
            self._array[raw(index)] = raw(value)
            self.date_change()

    def become(self, result: Any) -> None:
        """Take over the values, and the graph, of what an operation has made of this Tensor."""
        if self.records_change(result):
            REGISTRY[Tensor.become](self, result)
        else:
            self[...] = raw(result)

    def records_change(self, value: Any) -> bool:
        """Whether a change by this value is part of the graph. Refused for the user's own leaves."""
        if not MODE.get().recording:
            return False
        share = self.share
        node = self.node if share is None else share.memory.node
        if share is not None and share.apart:
            if type(value) is Tensor and value.node is not None:
                raise TypeError(
                    "a detached Tensor cannot take values that require a gradient: write t = t.copy() first"
                )
            return False
        if node is not None and node.notes.parameter:
            raise RuntimeError(
                f"in-place change of the leaf {node.notes.name or 'Tensor'} while recording: write `with no_grad():` "
                f"before it (or t.data op= value) to update a parameter, t = t + ... to compute with it"
            )
        return True


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
    result._known_array = data
    result._known_node = node
    result.share = None
    result.number = False
    return result


def as_constant(y: Any) -> Tensor:
    """What NumPy made, an array or a number, as a constant Tensor over the same memory."""
    result = tensor(np.asarray(y))
    result.number = not isinstance(y, np.ndarray)
    return result


REGISTRY[ArrayMethods] = as_constant


def restored(data: Array, requires_grad: bool, name: str | None, grad: Tensor | None, number: bool = False) -> Tensor:
    """A leaf or constant that was copied or pickled."""
    result = Tensor(data, requires_grad, name)
    result.number = number
    if grad is not None:
        result.grad = grad
    return result


def leaf(data: Array) -> Tensor:
    """The array as it is, as a leaf."""
    result = tensor(data)
    result.node = leaf_of(result)
    return result
