"""`checkpoint`: a function that keeps only its arguments, and is computed once more in the backward pass."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from typing import Any

import numpy as np

from autograd_nn.engine.anomalies import checksum
from autograd_nn.engine.batch import Batch
from autograd_nn.engine.modes import MODE, switched
from autograd_nn.engine.primitive import primitive
from autograd_nn.engine.recorded import Recorded, everywhere, is_float
from autograd_nn.engine.tensor import Tensor, raw, tensor
from autograd_nn.engine.trees import leaves, tree_map

__all__ = ["checkpoint"]


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, which keeps only its arguments for the backward pass and computes the rest once more then.

    Parameters
    ----------
    f : callable
        A function of Tensors, or of nested containers of them, that returns one Tensor. All Tensors that it uses are
        among its arguments. It must compute the same both times: a numpy Generator among its arguments is set back for
        the second time. In the backward pass RuntimeError is raised if it did not.

    Returns
    -------
    callable
        Takes and returns what ``f`` does.

    Raises
    ------
    TypeError
        If ``f`` uses a Tensor that requires a gradient and is not among its arguments.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import Tensor, checkpoint
    >>> x = Tensor([0.5, 1.0], requires_grad=True)
    >>> block = checkpoint(lambda x: np.exp(np.sin(x) * x))
    >>> block(block(x)).sum().backward()
    """

    @wraps(f, updated=())
    def transformed(*args: Any, **kwargs: Any) -> Any:
        if not MODE.get().recording or not everywhere(args):
            return f(*args, **kwargs)
        segment = Segment(f, args, kwargs)
        return rerun(segment.operands, segment)

    return transformed


class Segment:
    """What `checkpoint` keeps of a call: its arguments; in a backward pass their cotangents, until all are fetched."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.f = f
        self.args, self.kwargs = unchanging(args, kwargs)
        self.kept = [(x, digest_of(x)) for x in leaves((self.args, self.kwargs)) if type(x) in (Tensor, np.ndarray)]
        self.operands = [x for x in leaves(self.args) if is_float(x)]
        self.found: tuple[Cotangent | None, dict[int, Any]] = None, {}
        with switched(recording=False):
            recorded = Recorded(f, args, kwargs, everywhere(args))
        if type(recorded.value) is not Tensor:
            raise TypeError(f"checkpoint(f): f must return one Tensor: got {type(recorded.value).__name__}")
        if recorded.foreign:
            raise TypeError(
                "checkpoint(f): f uses a Tensor that requires a gradient and is not among its positional arguments: "
                "give it as one"
            )
        if any(inner.node is not t.node for inner, t in zip(recorded.entered, recorded.fresh, strict=True)):
            raise TypeError(
                "checkpoint(f): f changes an argument in place, and its caller would not see that: write a = a.copy() "
                "in f first, or return what is new"
            )
        close(recorded)
        self.value = recorded.value._array
        self.digest = digest_of(recorded.value)

    def slope(self, g: Any, i: int) -> Any:
        """The cotangent of the i-th operand; the first one asked for computes all."""
        of, found = self.found
        if of is None or not of.is_of(g) or i not in found:
            found = dict(enumerate(self.slopes(g)))
            self.found = Cotangent(g), found
        slope = found.pop(i)
        if not found:
            self.found = None, {}
        return slope

    def slopes(self, g: Any) -> list[Any]:
        for x, then in self.kept:
            if digest_of(x) != then:
                which = getattr(x, "name", None) or f"of shape {x.shape}"
                raise RuntimeError(
                    f"checkpoint kept its argument {which} for the backward pass, and that value was changed in place "
                    f"since: call backward before the change"
                )
        connected = type(g.rows if type(g) is Batch else g) is Tensor
        args, kwargs = unchanging(self.args, self.kwargs)
        with switched(recording=connected):
            recorded = Recorded(self.f, args, kwargs, everywhere(args))
        if type(recorded.value) is not Tensor or digest_of(recorded.value) != self.digest:
            raise RuntimeError(
                f"checkpoint({getattr(self.f, '__name__', 'f')}) computed another value in the backward pass than the "
                f"first time: what it draws from random numbers must be drawn from a numpy Generator among its "
                f"arguments, and arrays that it uses must not be changed before the backward pass"
            )
        found = recorded.pull({recorded.value.node: g} if recorded.value.node else {}, connected)
        if not connected:
            close(recorded)
        return [np.zeros(x.shape, x.dtype) if g is None else g for x, g in zip(recorded.fresh, found, strict=True)]


def close(recorded: Recorded) -> None:
    """What f has left elsewhere, in a buffer of another's, is not connected to what went in: a pass there refuses."""
    for t in recorded.fresh:
        t.node.primitive = t.node.primitive or rerun.primitive


class Cotangent:
    """Tells whether a cotangent is the one of before, though its values may have been changed in between."""

    def __init__(self, g: Any) -> None:
        rows = g.rows if type(g) is Batch else g
        self.kind = type(g), getattr(rows, "node", None), MODE.get().strong
        self.values = np.array(raw(rows))

    def is_of(self, g: Any) -> bool:
        other = Cotangent(g)
        return self.kind == other.kind and np.array_equal(self.values, other.values, equal_nan=True)


def digest_of(value: Any) -> Any:
    """What tells whether an array, or that of a Tensor, has changed: views of it, and what it views, included."""
    values = raw(value)
    if values.dtype.char in "gG":  # the bytes between long doubles are anything
        values = values.astype(values.dtype.char.replace("g", "d").replace("G", "D"))
    return value.shape, value.dtype, checksum(values)


def unchanging(*trees: Any) -> Any:
    """The same trees with Tensors of their own for the same values, and generators of their own in the same state."""
    copies: dict[int, Any] = {}  # of generators, so that one that is there twice stays one

    def own(value: Any) -> Any:
        if type(value) is Tensor:
            return tensor(value._array, value.node)
        generator = isinstance(value, (np.random.Generator, np.random.RandomState))
        return deepcopy(value, copies) if generator else value

    return tree_map(own, trees)


rerun: Any = primitive(
    lambda operands, segment: segment.value,
    name="checkpoint",
    variadic=True,
    operands=lambda g, i, segment: segment.slope(g, i),
)
