"""Tensor, Node, Primitive: an expression on Tensors records the graph of its computation.

A `Primitive` is declared once: a NumPy function and one pullback for each differentiable argument.
Calling it on Tensors computes the value and, where a gradient may be asked for, leaves a `Node` that
keeps exactly what the pullbacks ask for by name. `REGISTRY` maps NumPy's functions to what stands for
them on Tensors; operators, methods and NumPy's two protocols all go through that one table.

The backward pass over the nodes is in `autograd_nn.autodiff`.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any, NoReturn, final

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from autograd_nn import anomalies
from autograd_nn.modes import MODE, Mode

__all__ = ["PRIMITIVES", "REGISTRY", "Node", "Primitive", "Pullback", "Tensor", "constant", "primitive", "raw"]

Array = NDArray[Any]



class Registry(dict[Callable[..., Any], Callable[..., Any]]):
    """NumPy function -> what it is on Tensors; a function that is missing is refused by name."""

    def __missing__(self, function: Callable[..., Any]) -> NoReturn:
        raise TypeError(
            f"no gradient for {function_name(function)}: write it with functions that have one, declare it with "
            f"autograd_nn.primitive, or call it on t.numpy() if its result is meant as a constant"
        )


REGISTRY = Registry()
"""What answers for a NumPy function on Tensors: a primitive, a composition of them, or a constant."""

Edge = tuple["Node", "Pullback", tuple[Any, ...] | None]

PRIMITIVES: dict[str, Primitive] = {}
"""The package's own primitives by name; each has a domain to be tested on."""

tick = count(1).__next__
"""Orders nodes and changes of values in time. Creation order is a topological order."""


class Freed:
    """Stands in for the links of a node whose tape was freed."""

    def __getitem__(self, index: Any) -> NoReturn:
        raise RuntimeError(
            "the tape was freed by an earlier backward pass: compute the expression again, "
            "or write backward(retain_graph=True) the first time"
        )


FREED: Any = Freed()


class Node:
    """One entry of the tape: the primitive that was applied, and an edge to each parent.

    An edge is (parent, pullback, kept): ``pullback.rule(g, *kept)`` is the cotangent for that parent.
    The edge to a constant keeps None. A leaf has no primitive and no edges. The node does not hold the value:
    that dies with the user's last reference unless a pullback kept it.
    """

    __slots__ = ("primitive", "links", "shape", "dtype", "stamp", "changed", *("grad", "name", "line", "digests", "view"))

    # The slots of the second group are rare: they stay unset until needed and are read with getattr.
    grad: Tensor | None
    name: str
    line: str
    digests: tuple[tuple[int, ...], ...]
    view: bool

    def __init__(
        self, primitive: Primitive | None, links: tuple[Any, ...], shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> None:
        self.primitive = primitive
        self.links = links  # the edges end to end, because a tuple fewer a node is a tuple fewer to collect
        self.shape = shape
        self.dtype = dtype
        self.stamp = tick()
        self.changed = 0

    @property
    def edges(self) -> list[Edge]:
        links = self.links
        return list(zip(links[::3], links[1::3], links[2::3], strict=True))

    def __repr__(self) -> str:
        label = self.primitive.name if self.primitive else getattr(self, "name", "leaf")
        return f"<Node {label} {self.dtype}{list(self.shape)}>"


class Pullback:
    """The rule for one argument, and what it asks for by name."""

    __slots__ = ("rule", "argument", "wants")

    def __init__(self, rule: Callable[..., Any], argument: str, names: list[str], primitive: str) -> None:
        asked = list(inspect.signature(rule).parameters)
        known = ["y", *names, *(f"{name}_shape" for name in names), "i"]
        self.argument = argument
        self.wants = tuple(name for name in asked if name != "g")
        unknown = [want for want in self.wants if want not in known]
        if unknown or "g" not in asked:
            raise TypeError(
                f"pullback of {primitive} for argument {argument!r} asks for {', '.join(unknown) or 'no cotangent'}: "
                f"its parameters must be g (the cotangent) and any of {', '.join(known)}"
            )
        place = asked.index("g")
        self.rule = rule if place == 0 else lambda g, *kept: rule(*kept[:place], g, *kept[place:])


def raw(value: Any) -> Any:
    """The array inside a Tensor; anything else as it is. Tuples, lists and slices are searched."""
    if type(value) is Tensor:
        return value._data
    if type(value) in (tuple, list):
        return type(value)(raw(item) for item in value)
    if type(value) is slice:
        return slice(raw(value.start), raw(value.stop), raw(value.step))
    return value


class Primitive:
    """A function with pullbacks: see `primitive`, which makes one."""

    def __init__(
        self,
        forward: Callable[..., Any],
        pullbacks: dict[str, Callable[..., Any]],
        name: str | None,
        domain: Any,
        elementwise: bool | None,
        view: bool,
    ) -> None:
        self.forward = forward
        self.name = (name or getattr(forward, "__name__", "primitive")).strip("_")
        self.domain = domain
        self.view = view
        ufunc = isinstance(forward, np.ufunc)
        self.elementwise = (ufunc and forward.signature is None) if elementwise is None else elementwise  # type: ignore[attr-defined]
        self.defaults: dict[str, Any] = {}
        if ufunc:
            names = list(pullbacks)
            if len(names) != forward.nin:
                raise TypeError(
                    f"primitive({self.name}): NumPy's {self.name} has {forward.nin} arguments, pullbacks are given "
                    f"for {len(names)} ({', '.join(names) or 'none'}): wrap it in a function to name the others"
                )
        else:
            parameters = inspect.signature(forward).parameters
            names = list(parameters)
            self.defaults = {k: p.default for k, p in parameters.items() if p.default is not p.empty}
        unknown = [name for name in pullbacks if name not in names]
        if unknown or not pullbacks:
            raise TypeError(
                f"primitive({self.name}): give a pullback for at least one of the arguments {', '.join(names)}"
                + (f"; there is no {', '.join(unknown)}" if unknown else "")
            )
        clash = [name for name in names if name in ("g", "y") or name.startswith("_")]
        if clash:
            raise TypeError(f"primitive({self.name}): rename the argument {clash[0]!r}: g is the cotangent, y the output")
        self.names = names
        self.pullbacks = {name: Pullback(pullbacks[name], name, names, self.name) for name in names if name in pullbacks}
        self.apply = self.compiled()
        self.apply.__name__ = self.apply.__qualname__ = self.name
        self.apply.__doc__ = forward.__doc__
        self.apply.__module__ = forward.__module__ or __name__
        self.apply.primitive = self

    def __repr__(self) -> str:
        return f"<Primitive {self.name}({', '.join(self.names)})>"

    def source(self) -> str:
        """The text of `apply`: compute, and record with what the pullbacks ask for.

        It is written out for each primitive, as dataclasses write out ``__init__``, because it runs for every
        operation and a loop over the arguments takes twice as long. For an argument a, ``_a`` is its
        array and ``_a_node`` its node. To read one: ``print(sigmoid.primitive.source())``.
        """
        signature = [name + (f"=_default_{name}" if name in self.defaults else "") for name in self.names]
        text = [f"def apply({', '.join([*signature, '**_keywords'])}):", "    if _keywords: _refuse(_primitive, _keywords)"]
        plain = " and ".join(f"type({name}) is not _Tensor" for name in self.names)
        text.append(f"    if {plain}: return _forward({', '.join(self.names)})")
        for name in self.names:
            text += [
                f"    if type({name}) is _Tensor: _{name}, _{name}_node = {name}._data, {name}.node",
                f"    elif type({name}) is list: _{name}, _{name}_node = _asarray({name}), None",
                f"    else: _{name}, _{name}_node = {name}, None",
            ]
            if name not in self.pullbacks:
                text.append(f"    if _{name}_node is not None: _primitive.refuse_tracked({name!r})")
        values = ", ".join(f"_{name}" for name in self.names)
        text += [
            f"    _y = _forward({values})",
            "    _mode = _MODE.get()",
            f"    if _mode.anomaly: _primitive.inspect_value(_y, [{values}])",
            f"    if {' is '.join(f'_{name}_node' for name in self.pullbacks)} is None or not _mode.recording:",
            "        return _unrecorded(_y)",
            "    _links = ()",
        ]
        for name, pullback in self.pullbacks.items():
            kept = "".join(self.wanted(want, name) + ", " for want in pullback.wants)
            text.append(f"    if _{name}_node is not None: _links += (_{name}_node, _pullback_{name}, ({kept}))")
            if len(self.pullbacks) > 1:
                text.append(f"    elif type({name}) is _Tensor: _links += ({name}.leaf_node(), _pullback_{name}, None)")
        viewed = f"_{self.names[0]}" if self.view else "None"
        text.append(f"    return _recorded(_primitive, _y, _links, _mode, {viewed})")
        return "\n".join(text)

    def wanted(self, want: str, argument: str) -> str:
        """The expression in `source` for something that the pullback of ``argument`` asks for."""
        if want == "y" or want in self.names:
            return f"_{want}"
        shaped = want.removesuffix("_shape")
        return f"_{shaped}.shape" if shaped == argument else f"_shape(_{shaped})"

    def compiled(self) -> Any:
        scope: dict[str, Any] = {
            "_primitive": self,
            "_forward": self.forward,
            "_Tensor": Tensor,
            "_MODE": MODE,
            "_asarray": np.asarray,
            "_shape": np.shape,
            "_refuse": refuse_keywords,
            "_unrecorded": unrecorded,
            "_recorded": recorded,
            **{f"_default_{name}": value for name, value in self.defaults.items()},
            **{f"_pullback_{name}": pullback for name, pullback in self.pullbacks.items()},
        }
        exec(self.source(), scope)
        return scope["apply"]

    def inspect_value(self, y: Any, values: list[Any]) -> None:
        """In anomaly mode: raise at the first nan or inf."""
        trouble = anomalies.nonfinite(y)
        if trouble:
            operands = "".join(f"\n  {name}: {anomalies.describe(v)}" for name, v in zip(self.names, values, strict=False))
            raise anomalies.AnomalyError(f"{self.name} made {trouble} in its output{operands}\n  at {anomalies.origin()}")

    def refuse_tracked(self, argument: str) -> NoReturn:
        raise TypeError(
            f"{self.name} has no gradient for its argument {argument!r}, and the Tensor given there requires one: "
            f"write t.detach() if it is meant as a constant"
        )


class Variadic(Primitive):
    """A primitive whose first argument is a sequence of operands, all with the same pullback."""

    def compiled(self) -> Any:
        def join(operands: Any, *parameters: Any, **keywords: Any) -> Any:
            return self.join(list(operands), *parameters, **keywords)

        return join

    def join(self, operands: list[Any], *parameters: Any, **keywords: Any) -> Any:
        refuse_keywords(self, {k: v for k, v in keywords.items() if k not in self.names})
        values = [raw(operand) for operand in operands]
        given = {**self.defaults, **dict(zip(self.names[1:], parameters)), **keywords}
        y = self.forward(values, **given)
        if not any(type(t) is Tensor for t in operands):
            return y
        mode = MODE.get()
        if mode.anomaly:
            self.inspect_value(y, values)
        if not mode.recording or all(type(t) is not Tensor or t.node is None for t in operands):
            return unrecorded(y)
        ((argument, pullback),) = self.pullbacks.items()
        pool = {**given, "y": y, f"{argument}_shape": [np.shape(v) for v in values]}
        links: tuple[Any, ...] = ()
        for i, t in enumerate(operands):
            if type(t) is Tensor and t.node is not None:
                links += (t.node, pullback, tuple(i if want == "i" else pool[want] for want in pullback.wants))
            elif type(t) is Tensor:
                links += (t.leaf_node(), pullback, None)
        return recorded(self, y, links, mode)


def unrecorded(y: Any) -> Tensor:
    """The result as a constant."""
    result = new(Tensor)
    result._data = np.asarray(y)
    result.node = None
    return result


def recorded(primitive: Primitive, y: Any, links: tuple[Any, ...], mode: Mode, viewed: Any = None) -> Tensor:
    """The result with its node."""
    if type(y) is not np.ndarray:
        y = np.asarray(y)
    node = Node(primitive, links, y.shape, y.dtype)
    if viewed is not None and y.base is not None and (y.base is viewed or y.base is viewed.base):
        node.view = True
    if mode.anomaly:
        node.line = anomalies.origin()
        node.digests = tuple(anomalies.digest(kept or ()) for _, _, kept in node.edges)
    result = new(Tensor)
    result._data = y
    result.node = node
    return result


def refuse_keywords(primitive: Primitive, keywords: dict[str, Any]) -> None:
    for keyword, value in keywords.items():
        refuse_keyword(primitive.name, keyword, value)


def refuse_keyword(function: str, keyword: str, value: Any) -> None:
    """Refuse a keyword by name, with what to write instead; a keyword at NumPy's own default is no wish."""
    if value is np._NoValue or (keyword, value) in (("out", None), ("dtype", None), ("where", True)):  # type: ignore[attr-defined]
        return
    instead = {
        "out": f"Tensors are not overwritten; write t = {function}(...), and a = a + t for a += t",
        "where": f"write np.where(mask, {function}(...), other)",
        "dtype": "write t.astype(dtype)",
    }.get(keyword, "leave it out")
    raise TypeError(f"{function} of a Tensor does not take {keyword}=: {instead}")


def primitive(
    forward: Callable[..., Any],
    *,
    name: str | None = None,
    stands_for: tuple[Callable[..., Any], ...] = (),
    domain: Any = None,
    elementwise: bool | None = None,
    variadic: bool = False,
    view: bool = False,
    **pullbacks: Callable[..., Any],
) -> Any:
    """Declare a primitive: a function on arrays, and one pullback for each differentiable argument.

    Parameters
    ----------
    forward : callable
        A function of arrays that returns an array, or a NumPy ufunc.
    name : str, optional
        How messages and graphs call it; the name of ``forward`` by default.
    stands_for : tuple of callables
        NumPy functions that reach this primitive when they are called on Tensors.
    domain : Domain, optional
        Where it is smooth, and at which shapes and parameters to test it.
    elementwise : bool, optional
        Every output element depends only on its own input elements (after broadcasting). Gives exact
        zeros where the cotangent is zero, whatever the local derivative. True for ufuncs.
    variadic : bool
        The first parameter is a sequence of operands; its pullback may ask for ``i``, the operand's place.
    view : bool
        The output may share the memory of the first argument.
    **pullbacks : callable
        ``argument=rule``. A rule's parameters say what it needs: ``g``, the cotangent of the output (first);
        ``y``, the output; any argument of ``forward`` by name; or only its shape, as ``name_shape``.
        Nothing else is kept. A rule returns the cotangent of its argument; the engine then sums
        over broadcast axes, casts to the argument's dtype, and checks the shape. Written in NumPy
        functions it can itself be differentiated.

    Returns
    -------
    function
        Called on arrays it returns arrays, called on Tensors a Tensor. Its `Primitive` is ``function.primitive``.

    Raises
    ------
    TypeError
        If a pullback is for, or asks for, something that ``forward`` does not have.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import Tensor, primitive
    >>> cube = primitive(lambda x: x**3, name="cube", x=lambda g, x: 3 * g * x**2)
    >>> t = Tensor([1.0, 2.0], requires_grad=True)
    >>> cube(t).sum().backward()
    >>> t.grad
    Tensor([ 3., 12.])
    """
    kind = Variadic if variadic else Primitive
    result = kind(forward, pullbacks, name, domain, elementwise, view)
    for function in stands_for:
        REGISTRY[function] = result.apply
    return result.apply


def constant(*functions: Callable[..., Any]) -> None:
    """Register NumPy functions whose result does not vary with their argument: plain arrays come out."""

    def of(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **kwargs: function(*raw(args), **{k: raw(v) for k, v in kwargs.items()})

    for function in functions:
        REGISTRY[function] = of(function)


def function_name(function: Any) -> str:
    """'numpy.fft.rfft', as a user writes it."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"numpy.{owner.__name__}.{function.__name__}"
    return f"{getattr(function, '__module__', None) or 'numpy'}.{function.__name__}"


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


def in_place(function: np.ufunc) -> Callable[[Any, Any], Any]:
    """``t op= other``: a recorded Tensor becomes the result; a constant or, in no_grad, a leaf is changed."""

    def change(self: Tensor, other: Any) -> Tensor:
        if self.records_change(other):
            result = REGISTRY[function](self, other)
            return result if result.dtype == self.dtype else result.astype(self.dtype)
        function(self._data, raw(other), out=self._data)
        self.date_change()
        return self

    return change


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
    Tensor([1.18156869, 1.10532897, 1.02465368])
    """

    __slots__ = ("_data", "node", "leaf", "__weakref__")

    _data: Array
    node: Node | None
    """The node that made it, or its leaf node; None for a constant."""
    leaf: Node
    """For constants, made when needed: stands for them in the graph and dates their changes."""

    def __init__(self, data: ArrayLike | Tensor, requires_grad: bool = False, name: str | None = None) -> None:
        if type(data) is Tensor:
            raise TypeError("Tensor(t) of a Tensor t: write t.copy() to stay connected, t.detach() to cut the graph")
        array = np.array(data) if requires_grad else np.asarray(data)
        if array.dtype.kind not in "biufc":
            raise TypeError(f"a Tensor holds numbers: got data of dtype {array.dtype}; convert it to float first")
        self._data = array
        self.node = None
        if requires_grad:
            if array.dtype.kind not in "fc":
                raise TypeError(
                    f"requires_grad=True needs floats, got {array.dtype}: write Tensor(np.asarray(data, float), requires_grad=True)"
                )
            self.node = Node(None, (), array.shape, array.dtype)
        if name is not None:
            self.name = name

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
        return getattr(self.node, "grad", None)

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if self.node is None or self.node.primitive is not None:
            raise TypeError("only a leaf made with requires_grad=True has a gradient")
        self.node.grad = value

    @property
    def name(self) -> str | None:
        """What messages and graphs call it."""
        return getattr(self.node or getattr(self, "leaf", None), "name", None)

    @name.setter
    def name(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"name must be a string: got {value!r}")
        (self.node or self.leaf_node()).name = value

    def leaf_node(self) -> Node:
        """The node that stands for a constant in graphs."""
        try:
            return self.leaf
        except AttributeError:
            self.leaf = Node(None, (), self.shape, self.dtype)
            return self.leaf

    def date_change(self) -> None:
        """Remember when the values were last changed: a pullback that kept older ones will refuse."""
        (self.node or self.leaf_node()).changed = tick()

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
    def T(self) -> Tensor:
        """The transposed Tensor, as a view."""
        return self.transpose()

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
        from autograd_nn.autodiff import backward

        backward(self, gradient, retain_graph)

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

    def __array__(self, dtype: DTypeLike = None, copy: bool | None = None) -> Array:
        if self.node is not None:
            raise TypeError(
                "a Tensor that requires a gradient would lose it as a NumPy array: write t.numpy() to mean that, "
                "np.stack([...]) or np.concatenate([...]) to join Tensors into one"
            )
        return np.array(self._data, dtype=dtype, copy=copy)

    def __float__(self) -> float:
        return float(self.scalar("float"))

    def __int__(self) -> int:
        return int(self.scalar("int"))

    def __complex__(self) -> complex:
        return complex(self.scalar("complex"))

    def __index__(self) -> int:
        return self.scalar("index").__index__()  # type: ignore[no-any-return]

    def __bool__(self) -> bool:
        return bool(self._data)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def scalar(self, wanted: str) -> Any:
        if self.size != 1:
            raise TypeError(f"{wanted}() needs a Tensor of one element, got shape {self.shape}: write t.numpy()")
        return self._data.item()

    # NumPy's protocols -----------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "reduce" and ufunc in REDUCTIONS:
            return REGISTRY[REDUCTIONS[ufunc]](*inputs, **{"axis": 0, **kwargs})
        function = REGISTRY[ufunc if method == "__call__" else getattr(ufunc, method)]
        if kwargs:
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
    __lt__, __le__ = binary(np.less), binary(np.less_equal)
    __gt__, __ge__ = binary(np.greater), binary(np.greater_equal)
    __eq__, __ne__ = binary(np.equal), binary(np.not_equal)  # type: ignore[assignment]
    __neg__ = method(np.negative)
    __abs__ = method(np.absolute)
    __getitem__ = method(operator.getitem)
    __rpow__ = reflected(np.power)

    def __pow__(self, other: Any) -> Tensor:
        return REGISTRY[np.square](self) if type(other) is int and other == 2 else REGISTRY[np.power](self, other)

    def __pos__(self) -> Tensor:
        return self

    # In-place operators and assignment -------------------------------------------------------------

    __iadd__, __isub__ = in_place(np.add), in_place(np.subtract)
    __imul__, __itruediv__ = in_place(np.multiply), in_place(np.divide)
    __ipow__ = in_place(np.power)

    def __setitem__(self, index: Any, value: Any) -> None:
        if self.records_change(value):
            result = REGISTRY[operator.setitem](self, index, value)
            self._data, self.node = result._data, result.node
        else:
            self._data[raw(index)] = raw(value)
            self.date_change()

    def records_change(self, value: Any) -> bool:
        """Whether a change by this value is part of the graph. Refused for leaves."""
        if not MODE.get().recording:
            return False
        if self.node is not None and self.node.primitive is None:
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
    dot = method(np.dot)
    clip = method(np.clip)
    squeeze = method(np.squeeze)
    copy = method(np.copy)
    astype = method(np.ndarray.astype)
    argmax = method(np.argmax)
    argmin = method(np.argmin)
    round = method(np.round)
    all = method(np.all)
    any = method(np.any)

    def reshape(self, *shape: Any) -> Tensor:
        """The same values in another shape: ``t.reshape(2, 3)``, ``t.reshape((2, -1))``."""
        return method(np.reshape)(self, shape[0] if len(shape) == 1 else shape)

    def ravel(self) -> Tensor:
        """The same values in one dimension."""
        return self.reshape(-1)

    def flatten(self) -> Tensor:
        """A copy in one dimension."""
        return self.reshape(-1).copy()

    def transpose(self, *axes: Any) -> Tensor:
        """The axes in another order: reversed by default."""
        return method(np.transpose)(self, (axes[0] if len(axes) == 1 else axes) or None)


new = Tensor.__new__

REDUCTIONS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
}
"""The function that ``ufunc.reduce`` means."""
