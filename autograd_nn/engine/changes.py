"""Changes in place, as part of the graph: assignment, in-place operators, and ``out=``."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.keeping import as_numbers, holds_tensor, kept
from autograd_nn.engine.memory import Share, forget
from autograd_nn.engine.modes import MODE
from autograd_nn.engine.node import IN_PLACE, Node
from autograd_nn.engine.primitive import Pullback, note
from autograd_nn.engine.registry import REDUCTIONS, REGISTRY, function_name, refuse_keyword
from autograd_nn.engine.tensor import Tensor, raw, tensor

__all__ = ["into", "overwrite", "replace"]


def overwrite(t: Tensor, index: Any, value: Any) -> None:
    """``t[index] = value``: recorded where something recorded is in it."""
    value = listed(value)
    given, index = raw(value), kept(raw(index))
    is_recorded = type(value) is Tensor and value.node is not None
    refuse(t, is_recorded)
    if t.share is None:
        t.share = Share(t)
    share, memory = t.share, t.share.memory
    part = share.private()
    if memory.node is None and not is_recorded:
        part[index] = given
        memory.turn(None)
        return
    mode = MODE.get()
    setitem = REGISTRY[operator.setitem].primitive  # type: ignore[attr-defined]
    place = share.place(index)
    if memory.array.dtype.kind == "c" and t.dtype.kind != "c":
        value = beside_the_other_part(share, place, value)
        is_recorded = type(value) is Tensor and value.node is not None
    before = memory.array.copy() if mode.noting else memory.array
    part[index] = given
    if share.parent is None and is_all(index):
        memory.node = None  # nothing of it is left
        if not is_recorded:
            memory.turn(None)
            return
    known = {"index": place, "a_shape": memory.array.shape, "value_shape": np.shape(raw(value))}
    edges: list[tuple[Node, Pullback, Any]] = [(memory.origin(), setitem.pullbacks["a"], None)]
    if memory.node is not None:
        edges[0] = setitem.edge("a", memory.node, known)
    if is_recorded:
        edges.append(setitem.edge("value", value.node, known))
    elif type(value) is Tensor:
        edges.append((value.leaf, setitem.pullbacks["value"], None))
    (parent, pullback, keeps), *more = edges
    node = Node(setitem, parent, pullback, keeps, tuple(more), memory.array.shape, memory.array.dtype)
    node.notes = IN_PLACE
    if mode.noting:
        after = memory.array.copy()
        setitem.note_value(mode, after, [before, place, raw(value)])
        note(mode, node, after)
    memory.turn(node)


def is_all(index: Any) -> bool:
    """Whether the index means the whole array."""
    parts = index if type(index) is tuple else (index,)
    return all(part is ... or (type(part) is slice and part == slice(None)) for part in parts)


def beside_the_other_part(share: Share, place: Any, value: Any) -> Any:
    """The complex numbers whose real, or imaginary, part is to be overwritten by the value."""
    value = value if type(value) is Tensor else np.asarray(value)
    old = REGISTRY[operator.getitem](tensor(share.memory.array.copy(), share.memory.node), place)
    if any(each.half() == "imag" for each in share.lineage()):
        return np.real(old) + 1j * value
    return value + 1j * np.imag(old)


def replace(t: Tensor, result: Any) -> None:
    """``t[...] = result`` of what an operation on t has made."""
    if type(result) is not Tensor:
        result = tensor(np.asarray(result))
    refuse(t, result.node is not None)
    if not np.can_cast(result.dtype, t.dtype, "same_kind"):
        raise TypeError(f"in place, {result.dtype} cannot go into {t.dtype}: write t = ... for a new Tensor")
    alone = t.share is None and result.share is None and result.shape == t.shape
    if alone and result._array.strides == t._array.strides:  # in another layout it would have other views
        result = result if result.dtype == t.dtype else result.astype(t.dtype)
        forget(t)
        t._array, t.node = result._array, marked_in_place(result).node
    elif not fits(result.shape, t.shape):
        raise ValueError(
            f"in place, a Tensor of shape {t.shape} cannot take one of shape {result.shape}: write t = ..."
        )
    else:
        overwrite(t, ..., result)


def refuse(t: Tensor, is_recorded: bool) -> None:
    """Raise if t cannot take the values: it has no place for a gradient, or is what NumPy has as a number."""
    if is_recorded and t.dtype.kind not in "fc":
        raise TypeError(f"values that require a gradient cannot go into {t.dtype}: write t = t.astype(float) first")
    if t.number:
        raise TypeError("a number cannot be changed in place, as in NumPy: write t = ..., or make an array of it first")


def fits(shape: tuple[int, ...], into: tuple[int, ...]) -> bool:
    """Whether an array of this shape can be broadcast into one that is there."""
    sizes = zip(shape[::-1], into[::-1], strict=False)
    return len(shape) <= len(into) and all(size in (1, there) for size, there in sizes)


def marked_in_place(result: Tensor) -> Tensor:
    """The result of an operation that stands for a change in place, so that drawings can say so."""
    if result.node is not None:
        result.node.own_notes().in_place = True
    return result


def into(function: str, out: Any, compute: Callable[[], Any]) -> Any:
    """What ``out=`` means: the results go into Tensors that are there, or arrays if they are constants."""
    targets = out if type(out) is tuple else (out,)
    found = compute()
    results = found if type(found) is tuple else (found,)
    for target, result in zip(targets, results, strict=True):
        if target is None:
            continue
        if type(target) is Tensor:
            target.become(result)
            continue
        if type(result) is Tensor and result.node is not None:
            raise TypeError(
                f"{function} with out=: a plain array cannot take values that require a gradient: give a Tensor, such "
                f"as np.zeros_like(t); write a = a + t for a += t"
            )
        np.copyto(target, raw(result), casting="same_kind")
    chosen = tuple(result if target is None else target for target, result in zip(targets, results, strict=True))
    return chosen if type(found) is tuple else chosen[0]


def call_ufunc(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """A ufunc with keywords, or one of its methods."""
    out = keywords.pop("out", None)
    if (
        out is not None
        and not any(type(t) is Tensor and t.node is not None for t in inputs)
        and Tensor not in map(type, out)
    ):
        return getattr(ufunc, method)(*map(raw, inputs), out=out, **raw(keywords))  # array -= constant
    if out is not None and keywords.get("where", True) is not True and method == "__call__":
        mask = np.broadcast_to(raw(keywords.pop("where")), out[0].shape)
        chosen = [np.broadcast_to(x, mask.shape)[mask] for x in inputs]
        out[0][mask] = call_ufunc(ufunc, method, tuple(chosen), keywords)
        return out[0]
    if out is not None:
        return into(function_name(ufunc), out, lambda: call_ufunc(ufunc, method, inputs, keywords))
    if method == "reduce" and ufunc in REDUCTIONS:
        return REGISTRY[REDUCTIONS[ufunc]](*inputs, **{"axis": 0, **keywords})
    if method != "__call__" or ufunc is np.vecdot:
        return REGISTRY[ufunc if method == "__call__" else getattr(ufunc, method)](*inputs, **keywords)
    dtype = keywords.pop("dtype", None)
    for keyword, value in keywords.items():
        refuse_keyword(function_name(ufunc), keyword, value)
    if dtype is not None:
        name = function_name(ufunc)
        inputs = tuple((a if type(a) is Tensor else as_numbers(name, "operand", a)).astype(dtype) for a in inputs)
    return REGISTRY[ufunc](*inputs)


def call_function(function: Callable[..., Any], args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """One of NumPy's functions with ``out=``."""
    out = keywords.pop("out")
    return into(function_name(function), out, lambda: REGISTRY[function](*args, **keywords))


def listed(data: Any) -> Any:
    """The data of a new Tensor: of a list with Tensors in it their stack, anything else as it is."""
    return as_numbers("Tensor(data)", "data", data) if holds_tensor(data) else data


REGISTRY[Tensor.__setitem__] = overwrite
REGISTRY[Tensor.become] = replace
REGISTRY[Tensor.__array_ufunc__] = call_ufunc
REGISTRY[Tensor.__array_function__] = call_function
REGISTRY[Tensor] = listed
