"""Primitive: a NumPy function declared once with its pullbacks, and applied to Tensors.

What an application does is written out for each primitive by `Primitive.source`.
"""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable
from copy import copy
from functools import cache, partial
from types import CodeType
from typing import Any, NoReturn, TypeVar, overload

import numpy as np

from autograd_nn.engine import anomalies
from autograd_nn.engine.keeping import HELD, PLAIN, SMALL, as_numbers, guard, kept, kept_plain
from autograd_nn.engine.memory import share_view, standing
from autograd_nn.engine.modes import MODE, Mode
from autograd_nn.engine.node import NOTHING, Array, Edge, Node, tick
from autograd_nn.engine.registry import REGISTRY, refuse_keyword
from autograd_nn.engine.tensor import Tensor, new, raw, tensor

__all__ = ["Primitive", "Pullback", "primitive"]

F = TypeVar("F", bound=Callable[..., Any])


class Pullback:
    """The rule for one argument, and what it asks for by name."""

    __slots__ = ("argument", "rule", "wants")

    def __init__(self, rule: Callable[..., Any], argument: str, known: list[str], primitive: str) -> None:
        parameters = inspect.signature(rule).parameters
        unknown = [name for name, p in parameters.items() if name not in ["g", *known] and p.default is p.empty]
        if unknown or "g" not in parameters:
            raise TypeError(
                f"pullback of {primitive} for argument {argument!r} asks for {', '.join(unknown) or 'no cotangent'}: "
                f"its parameters must be g (the cotangent) and any of {', '.join(known)}"
            )
        self.argument = argument
        self.wants = wants = tuple(name for name in parameters if name in known)
        plain = [*parameters][: len(wants) + 1] == ["g", *wants]
        self.rule: Callable[..., Any] = (
            rule if plain else lambda g, *kept: rule(g=g, **dict(zip(wants, kept, strict=True)))
        )


def reading(rule: Callable[..., Any], argument: str, primitive: str) -> Callable[..., Any]:
    """The rule, which must not write to its cotangent nor to what it kept: others hold these arrays, too."""

    def read(g: Any, *kept: Any) -> Any:
        try:
            return rule(*map(locked, (g, *kept)))
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            raise ValueError(
                f"the pullback of {primitive} for argument {argument!r} writes to g or to what it kept, and others "
                f"hold these arrays, too: write g = g * 2 for g *= 2, or g = g.copy() first"
            ) from error

    return read


def locked(value: Any) -> Any:
    """The value in an array, or a Tensor, that cannot be written to."""
    if type(value) is Tensor:
        return tensor(locked(value._array), value.node)
    if type(value) is not np.ndarray:
        return value
    value = value.view()
    value.flags.writeable = False
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
        self.name = name or forward.__name__
        self.domain = domain
        self.view = view
        self.elementwise = (
            isinstance(forward, np.ufunc) and not forward.signature if elementwise is None else elementwise
        )
        self.defaults: dict[str, Any] = {}
        if isinstance(forward, np.ufunc):
            names = list(pullbacks)
            if len(names) != forward.nin:
                raise TypeError(
                    f"primitive({self.name}): NumPy's {self.name} has {forward.nin} arguments, pullbacks are given "
                    f"for {len(names)} ({', '.join(names) or 'none'}): wrap it in a function to name the others"
                )
            signature = inspect.Signature(
                [inspect.Parameter(k, inspect.Parameter.POSITIONAL_OR_KEYWORD) for k in names]
            )
        else:
            signature = inspect.signature(forward)
            parameters = signature.parameters
            names = list(parameters)
            odd = [str(p) for p in parameters.values() if p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
            if odd:
                raise TypeError(f"primitive({self.name}): make {odd[0]} a plain parameter, with a default if need be")
            self.defaults = {k: p.default for k, p in parameters.items() if p.default is not p.empty}
        unknown = [name for name in pullbacks if name not in names]
        if unknown or not pullbacks:
            raise TypeError(
                f"primitive({self.name}): give a pullback for at least one of the arguments {', '.join(names)}"
                + (f"; there is no {', '.join(unknown)}" if unknown else "")
            )
        clash = [name for name in names if name in ("g", "y") or name.startswith("_")]
        if clash:
            raise TypeError(
                f"primitive({self.name}): rename the argument {clash[0]!r}: g is the cotangent, y the output"
            )
        self.names = names
        self.pullbacks = {
            name: Pullback(pullbacks[name], name, self.known(), self.name) for name in names if name in pullbacks
        }
        if domain is None:  # its rules are the user's own
            for pullback in self.pullbacks.values():
                pullback.rule = reading(pullback.rule, pullback.argument, self.name)
        self.apply = self.compiled()
        self.apply.__name__ = self.apply.__qualname__ = self.name
        self.apply.__doc__ = forward.__doc__
        self.apply.__signature__ = signature
        self.apply.__wrapped__ = forward
        self.apply.__module__ = getattr(forward, "__module__", None) or "numpy"  # ufuncs do not say
        self.apply.primitive = self

    def __repr__(self) -> str:
        return f"<Primitive {self.name}({', '.join(self.names)})>"

    def known(self) -> list[str]:
        """What a pullback may ask for, besides the cotangent g."""
        return ["y", *self.names, *(f"{name}_shape" for name in self.names)]

    def source(self) -> str:
        """The text of `apply`: compute, and record with what the pullbacks ask for.

        It is written out for each primitive, as dataclasses write out ``__init__``, because it runs for every
        operation and a loop over the arguments takes twice as long. For an argument a, ``_a`` is its
        array and ``_a_node`` its node. To read one: ``print(sigmoid.primitive.source())``.
        """
        signature = [name + (f"=__default_{name}" if name in self.defaults else "") for name in self.names]
        plain = " and ".join(f"__type({name}) is not __Tensor" for name in self.names)
        of_numpy = isinstance(self.forward, np.ufunc)
        may_share = self.domain is None and not self.view and not of_numpy  # a user's, who said nothing of it
        if of_numpy:  # its keywords have been seen to by Tensor.__array_ufunc__
            text = [f"def apply({', '.join(signature)}):"]
        else:
            text = [f"def apply({', '.join([*signature, '**__keywords'])}):"]
            text.append("    if __keywords: __refuse(__primitive, __keywords)")
        text.append(f"    if {plain}: return __forward({', '.join(self.names)})")
        first, values = self.names[0], ", ".join(f"_{name}" for name in self.names)
        for name in self.names:
            stands = name == first and self.view and not self.keeps(first, "y")
            array = f"__standing({name})" if stands else f"{name}._array"
            text += [
                f"    if __type({name}) is __Tensor:",
                f"        if {name}.share is None: _{name}, _{name}_node = {name}._known_array, {name}._known_node",
                f"        else: _{name}, _{name}_node = {array}, {name}.node",
            ]
            if len(self.names) > 1 and name not in self.pullbacks:
                text += [
                    f"    elif __type({name}) is __list: _{name}, _{name}_node = __asarray({name}), None",
                    f"    else: _{name}, _{name}_node = {name}, None",
                ]
                text.append(f"    if _{name}_node is not None: __primitive.refuse_tracked({name!r})")
            elif len(self.names) > 1:
                text += [
                    f"    elif __type({name}) in __PLAIN: _{name}, _{name}_node = {name}, None",
                    "    else:",
                    f"        {name} = __as_numbers(__primitive.name, {name!r}, {name})",
                    f"        if __type({name}) is __Tensor: _{name}, _{name}_node = {name}._array, {name}.node",
                    f"        else: _{name}, _{name}_node = {name}, None",
                ]
        text += [
            f"    _y = __forward({values})",
            *[f"    _y = __primitive.its_own(_y, ({values},))"] * may_share,
            "    __mode = __MODE.get()",
            f"    if __mode.noting: __primitive.note_value(__mode, _y, [{values}])",
            f"    if {' is '.join(f'_{name}_node' for name in self.pullbacks)} is None or not __mode.recording:",
            f"        return {self.viewing('__primitive.constant(_y)')}",
            "    __number = __type(_y) is not __ndarray",
            f"    if __number: _y = __{'primitive.array' if self.domain is None else 'asarray'}(_y)",
        ]
        keeping = [name for name in self.names if self.keeps(name)] if len(self.names) > 1 else []
        text += ["    __guards = ()"] * bool(keeping)
        for name in keeping:
            is_held = f"__type({name}) is __ndarray" if name in self.pullbacks else f"__type({name}) in __HELD"
            is_small = f"__type({name}) is __ndarray and _{name}.base is None and _{name}.nbytes <= {SMALL}"
            text += [
                f"    if {is_small}: _{name} = _{name}.copy()",
                f"    elif {is_held}: _{name}, __guards = __kept_plain({name!r}, _{name}, __guards)",
            ]
        for place, (name, pullback) in enumerate(self.pullbacks.items()):
            kept = "".join(self.wanted(want, name) + ", " for want in pullback.wants)
            edge, constant = (
                f"_{name}_node, __pullback_{name}, ({kept})",
                f"{name}.leaf, __pullback_{name}, None",
            )
            if len(self.pullbacks) == 1:
                text.append(f"    __parent, __pullback, __kept, __more = {edge}, ()")
            elif place == 0:
                text += [
                    f"    if _{name}_node is not None: __parent, __pullback, __kept, __more = {edge}, ()",
                    f"    elif __type({name}) is __Tensor: __parent, __pullback, __kept, __more = {constant}, ()",
                    "    else: __parent, __more = None, ()",
                ]
            else:
                text += [
                    f"    if __type({name}) is __Tensor:",
                    f"        __edge = ({edge}) if _{name}_node is not None else ({constant})",
                    "        if __parent is None: __parent, __pullback, __kept = __edge",
                    "        else: __more += (__edge,)",
                ]
        # as Node(...) does, whose call would take as long as most operations on numbers
        text.append("    __node = __new(__Node)")
        fields = {"primitive": "__primitive", "shape": "_y.shape", "dtype": "_y.dtype", "stamp": "__tick()"}
        fields |= {field: f"__{field}" for field in ("parent", "pullback", "kept", "more")}
        fields |= {"changed": "0", "notes": "__NOTHING"}
        text += [f"    __node.{field} = {value}" for field, value in fields.items()]
        text += ["    if __guards: __guard(__node, __guards)"] * bool(keeping)
        text += [
            "    if __mode.noting: __note(__mode, __node, _y)",
            "    __result = __new(__Tensor)",
            "    __result._known_array = _y",
            "    __result._known_node = __node",
            "    __result.share = None",
            "    __result.number = __number",
            f"    return {self.viewing('__result')}",
        ]
        return "\n".join(text)

    def viewing(self, result: str) -> str:
        """The expression in `source` for the result, which may be a view of the first argument's memory."""
        if not self.view:
            return result
        first, *others = self.names
        a = f"_{first}"
        owned_by = f"(_y.base is {a} or _y.base is {a}.base or __may_share_memory(_y, {a}))"
        shares = f"_y is {a} or (_y.base is not None and {owned_by})"
        parameters = "".join(f"_{name}, " for name in others)
        return f"__share_view({result}, {first}, __primitive, __copies(({parameters}))) if {shares} else {result}"

    def keeps(self, *names: str) -> bool:
        """Whether a pullback asks for the value of one of these."""
        return any(name in pullback.wants for pullback in self.pullbacks.values() for name in names)

    def edge(self, argument: str, parent: Node, known: dict[str, Any]) -> Edge:
        """The edge to the parent that was this argument, with what its pullback asks for of what is known."""
        pullback = self.pullbacks[argument]
        return parent, pullback, tuple(known[want] for want in pullback.wants)

    def wanted(self, want: str, argument: str) -> str:
        """The expression in `source` for something that the pullback of ``argument`` asks for."""
        if want == "y" or want in self.names:
            return f"_{want}"
        shaped = want.removesuffix("_shape")
        return f"_{shaped}.shape" if shaped == argument else f"__shape(_{shaped})"

    def compiled(self) -> Any:
        scope: dict[str, Any] = {
            "__primitive": self,
            "__forward": self.forward,
            "__type": type,
            "__list": list,
            "__Tensor": Tensor,
            "__MODE": MODE,
            "__asarray": np.asarray,
            "__as_numbers": as_numbers,
            "__PLAIN": PLAIN,
            "__HELD": HELD,
            "__kept_plain": kept_plain,
            "__guard": guard,
            "__may_share_memory": np.may_share_memory,
            "__copies": kept,
            "__standing": standing,
            "__share_view": share_view,
            "__shape": np.shape,
            "__refuse": refuse_keywords,
            "__tensor": tensor,
            "__ndarray": np.ndarray,
            "__Node": Node,
            "__tick": tick,
            "__NOTHING": NOTHING,
            "__new": new,
            "__note": note,
            **{f"__default_{name}": value for name, value in self.defaults.items()},
            **{f"__pullback_{name}": pullback for name, pullback in self.pullbacks.items()},
        }
        exec(code(self.source()), scope)
        return scope["apply"]

    def constant(self, y: Any) -> Tensor:
        """What forward returned, where nothing is recorded."""
        result = tensor(self.array(y))
        result.number = type(y) is not np.ndarray
        return result

    def array(self, y: Any) -> Array:
        """What forward returned as an array."""
        y = np.asarray(y)
        if y.dtype.kind == "O":
            raise TypeError(f"the function of the primitive {self.name} must return an array of numbers: got {y!r}")
        return y

    def its_own(self, y: Any, operands: tuple[Any, ...]) -> Any:
        """What a forward returned, not in the memory of its operands: that is for those that are declared as views."""
        shares = type(y) is np.ndarray and any(type(x) is np.ndarray and np.may_share_memory(x, y) for x in operands)
        return y.copy() if shares else y

    def note_value(self, mode: Mode, y: Any, values: list[Any]) -> None:
        """Tell the witness what was computed; in anomaly mode, raise at the first nan or inf."""
        if mode.witness is not None:
            mode.witness.computed(self, values, y)
        if mode.anomaly:
            operands = zip(self.names, values, strict=False)
            anomalies.refuse_nonfinite(self.name, y, operands, anomalies.origin())

    def refuse_tracked(self, argument: str) -> NoReturn:
        raise TypeError(
            f"{self.name} has no gradient for its argument {argument!r}, and the Tensor given there requires one: "
            f"write t.detach() if it is meant as a constant"
        )


@cache
def code(source: str) -> CodeType:
    """The compiled text, once for all primitives that have the same; tracebacks show its lines."""
    file = f"<autograd_nn application {len(linecache.cache)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    return compile(source, file, "exec")


class Variadic(Primitive):
    """A primitive whose first argument is a sequence of operands, all with the same pullback."""

    def known(self) -> list[str]:
        return ["y", *self.names[1:], f"{self.names[0]}_shape", "i"]

    @cache  # noqa: B019 (primitives live as long as the program)
    def numbered(self, i: int) -> Pullback:
        """The pullback under the name of the operand at this place: arrays[2]."""
        ((argument, pullback),) = self.pullbacks.items()
        own = copy(pullback)
        own.argument = f"{argument}[{i}]"
        return own

    def compiled(self) -> Any:
        def join(*args: Any, **keywords: Any) -> Any:
            operands, *parameters = args or (keywords.pop(self.names[0]),)
            return self.join(list(operands), *parameters, **keywords)

        return join

    def join(self, operands: list[Any], *parameters: Any, **keywords: Any) -> Any:
        refuse_keywords(self, {k: v for k, v in keywords.items() if k not in self.names})
        operands = [t if type(t) in PLAIN else as_numbers(self.name, self.names[0], t) for t in operands]
        values = [*map(raw, operands)]
        given = {**self.defaults, **dict(zip(self.names[1:], parameters, strict=False)), **keywords}
        y = self.forward(values, **given)
        if not any(type(t) is Tensor for t in operands):
            return y
        mode = MODE.get()
        if mode.noting:
            self.note_value(mode, y, [values, *(given[name] for name in self.names[1:])])
        if not mode.recording or all(type(t) is not Tensor or t.node is None for t in operands):
            return tensor(self.array(y))
        ((argument, pullback),) = self.pullbacks.items()
        pool = {**given, "y": y, f"{argument}_shape": [np.shape(v) for v in values]}
        edges: list[Any] = []
        for i, t in enumerate(operands):
            if type(t) is Tensor and t.node is not None:
                kept = tuple(i if want == "i" else pool[want] for want in pullback.wants)
                edges.append((t.node, self.numbered(i), kept))
            elif type(t) is Tensor:
                edges.append((t.leaf, self.numbered(i), None))
        (parent, pullback, kept), *more = edges
        y = self.array(y)
        node = Node(self, parent, pullback, kept, tuple(more), y.shape, y.dtype)
        if mode.noting:
            note(mode, node, y)
        return tensor(y, node)


def note(mode: Mode, node: Node, y: Array) -> None:
    """Which line made the node, and in which scopes; in anomaly mode, checksums of what it keeps."""
    notes = node.own_notes()
    notes.line = anomalies.origin()
    if mode.scopes:
        notes.scopes = mode.scopes
    if mode.anomaly:
        notes.digests = {(parent, pullback): anomalies.digest(kept or ()) for parent, pullback, kept in node.edges}
    if mode.witness is not None:
        mode.witness.recorded(node, y)


def refuse_keywords(primitive: Primitive, keywords: dict[str, Any]) -> None:
    for keyword, value in keywords.items():
        refuse_keyword(primitive.name, keyword, value, f"it takes {', '.join(primitive.names)}")


@overload
def primitive(forward: Callable[..., Any], **declaration: Any) -> Callable[..., Any]: ...
@overload
def primitive(**declaration: Any) -> Callable[[F], F]: ...
def primitive(
    forward: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    stands_for: tuple[Callable[..., Any], ...] = (),
    domain: object = None,
    elementwise: bool | None = None,
    variadic: bool = False,
    view: bool = False,
    **pullbacks: Callable[..., Any],
) -> Callable[..., Any]:
    """Declare a primitive: a function on arrays, and one pullback for each differentiable argument.

    Parameters
    ----------
    forward : callable, optional
        A function of arrays that returns an array, or a NumPy ufunc. Without it this is a decorator.
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
        Called on arrays it returns arrays, called on Tensors a Tensor. It has the name, signature and docstring of
        ``forward``, which is its ``__wrapped__``; its `Primitive` is ``function.primitive``.

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

    As a decorator, the name of the function is that of the primitive:

    >>> @primitive(x=lambda g, x: 3 * g * x**2)
    ... def cubed(x):
    ...     return x**3
    >>> cubed(t)
    Tensor([1., 8.], made by cubed)
    """
    if forward is None:
        declaration = {"name": name, "stands_for": stands_for, "domain": domain, "elementwise": elementwise}
        return partial(primitive, **declaration, variadic=variadic, view=view, **pullbacks)
    forward, *stood_for = (getattr(f, "numpys", f) for f in (forward, *stands_for))  # those of autograd_nn.numpy
    kind = Variadic if variadic else Primitive
    result = kind(forward, pullbacks, name, domain, elementwise, view)
    for function in stood_for:
        REGISTRY[function] = result.apply
    return result.apply
