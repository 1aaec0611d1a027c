"""Operands that are no Tensors: made into numbers at the door, and kept as they are at the time of the operation.

A plain array may be changed by whoever made it while a pullback still needs it. So a small one is copied. A large one
is kept as it is with a fingerprint, which a backward pass compares before it uses the array: the sums of the rows and
of the columns of its bits in a table, so that neither the change of a number goes unseen nor two that change places.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.node import LATEST, Array, Node
from autograd_nn.engine.registry import REGISTRY
from autograd_nn.engine.tensor import Tensor, raw, tensor

__all__ = ["HELD", "PLAIN", "SMALL", "as_numbers", "guard", "kept", "kept_plain", "refuse_altered"]

PLAIN = frozenset(
    [np.ndarray, float, int, complex, bool, type(None), *(np.dtype(code).type for code in np.typecodes["AllInteger"])]
)
PLAIN |= {np.dtype(code).type for code in "?" + np.typecodes["AllFloat"]}
"""Types of operands that are numbers, or none at all."""

HELD = frozenset([np.ndarray, list, tuple, dict, slice, Tensor])
"""Types whose values may change, or hold such that may."""

SMALL = 1 << 16
"""Bytes up to which an array is copied: the copy takes less time than the operation."""

Guard = tuple[str, Array, int]
"""The name of the argument, the array, and its fingerprint."""


def as_numbers(function: str, name: str, value: Any) -> Any:
    """An operand that is no number, no array and no Tensor: lists as arrays, or as Tensors if there are some in them.

    What answers NumPy's protocols itself (a cotangent of many rows, a stand-in) is left as it is.
    """
    if type(value) is Tensor or (hasattr(value, "__array_function__") and not isinstance(value, np.ndarray)):
        return value
    if isinstance(value, (np.matrix, np.ma.MaskedArray)):
        instead = "np.asarray(m)" if isinstance(value, np.matrix) else "m.filled(value), or np.where(mask, ...)"
        raise TypeError(f"{function} of a Tensor: {name} must be an array: got {type(value).__name__}; write {instead}")
    if isinstance(value, (list, tuple)) and holds_tensor(value):
        return REGISTRY[np.stack]([as_numbers(function, name, item) for item in value])
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{function} of a Tensor: {name} must be numbers: got {value!r:.60}")
    return array


def holds_tensor(value: Any) -> bool:
    return type(value) is Tensor or (isinstance(value, (list, tuple)) and any(map(holds_tensor, value)))


def kept(value: Any) -> Any:
    """The same value, with copies of all arrays, Tensors and lists in it."""
    if type(value) is np.ndarray:
        if value.base is not None and 0 in value.strides and value.size:  # broadcast: as little memory as before
            return np.broadcast_to(
                value[tuple(slice(None if step else 1) for step in value.strides)].copy(), value.shape
            )
        return value.copy()
    if type(value) is Tensor:
        return kept(value._array) if value.node is None else tensor(kept(value._array), value.node)
    if type(value) is slice:
        return raw(value) if Tensor in map(type, (value.start, value.stop, value.step)) else value
    if type(value) is list:
        return [*map(kept, value)]
    if type(value) is tuple:
        return tuple(map(kept, value))
    if type(value) is dict:
        return {key: kept(item) for key, item in value.items()}
    return value


def kept_plain(name: str, value: Any, guards: tuple[Guard, ...]) -> tuple[Any, tuple[Guard, ...]]:
    """The argument as a pullback is to keep it, and the guards with that of a large array."""
    if type(value) is tuple:  # an index, as a rule: copies without a call for each part
        return tuple([v.copy() if type(v) is np.ndarray and v.base is None else kept(v) for v in value]), guards
    if type(value) is not np.ndarray or value.nbytes <= SMALL:
        return kept(value), guards
    if not value.flags.writeable and value.base is None:
        return value, guards
    return value, (*guards, (name, value, fingerprint(value)))


def fingerprint(array: Array) -> int:
    """A number that tells whether any number in the array, or the order of them, has changed."""
    bits = np.ascontiguousarray(array).reshape(-1).view(f"u{min(array.itemsize, 8)}")
    if array.itemsize > 8:
        bits = bits.view(np.uint64)
    table, rest = bits[: bits.size // 256 * 256].reshape(-1, 256), bits[bits.size // 256 * 256 :]
    return hash((table.sum(axis=0).tobytes(), table.sum(axis=1).tobytes(), rest.tobytes()))


def guard(node: Node, guards: tuple[Guard, ...]) -> None:
    """Have a backward pass look whether these arrays are as they were."""
    if guards:
        node.own_notes().guards = guards
        LATEST.guard = node.stamp


def refuse_altered(node: Node) -> None:
    """Raise if a large array that the node's pullbacks kept is no longer what it was."""
    for name, array, then in node.notes.guards:
        if fingerprint(array) != then:
            raise RuntimeError(
                f"{node.primitive} kept its argument {name!r}, an array of shape {array.shape}, for the backward pass, "
                f"and that was changed in place since: call backward before the change, or give a copy"
            )
