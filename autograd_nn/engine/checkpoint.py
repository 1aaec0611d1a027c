"""`checkpoint`: a function that keeps only its arguments, and is computed once more in the backward pass."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from typing import Any

import numpy as np

from autograd_nn.engine.batch import Batch
from autograd_nn.engine.modes import MODE, switched
from autograd_nn.engine.node import tick
from autograd_nn.engine.primitive import primitive
from autograd_nn.engine.recorded import Recorded, everywhere, is_float
from autograd_nn.engine.tensor import Tensor, tensor
from autograd_nn.engine.trees import leaves, tree_map

__all__ = ["checkpoint"]


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, which keeps only its arguments for the backward pass and computes the rest once more then.

    Parameters
    ----------
    f : callable
        A function of Tensors, or of nested containers of them, that returns one Tensor. All Tensors that it uses are
        among its arguments. It must compute the same both times: a numpy Generator among its arguments is set back for
        the second time.

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
        self.given = [t for t in leaves((args, kwargs)) if type(t) is Tensor]
        self.args, self.kwargs = unchanging(args, kwargs)
        self.operands = [x for x in leaves(self.args) if is_float(x)]
        self.stamp = tick()
        self.g: Any = None
        self.found: dict[int, Any] = {}
        with switched(recording=False):
            recorded = Recorded(f, args, kwargs, everywhere(args))
        if type(recorded.value) is not Tensor:
            raise TypeError(f"checkpoint(f): f must return one Tensor: got {type(recorded.value).__name__}")
        if recorded.foreign:
            raise TypeError(
                "checkpoint(f): f uses a Tensor that requires a gradient and is not among its positional arguments: "
                "give it as one"
            )
        self.value = recorded.value._data

    def slope(self, g: Any, i: int) -> Any:
        """The cotangent of the i-th operand; the first one asked for computes all."""
        if self.g is not g or i not in self.found:
            self.g, self.found = g, dict(enumerate(self.slopes(g)))
        return self.found.pop(i)

    def slopes(self, g: Any) -> list[Any]:
        for x in self.given:
            if (x.node or x.leaf).changed > self.stamp:
                raise RuntimeError(
                    f"checkpoint kept its argument {x.name or 'Tensor'} for the backward pass, and that value was "
                    f"changed in place since: call backward before the change"
                )
        connected = type(g.rows if type(g) is Batch else g) is Tensor
        args, kwargs = unchanging(self.args, self.kwargs)
        with switched(recording=connected):
            recorded = Recorded(self.f, args, kwargs, everywhere(args))
        found = recorded.pull({recorded.value.node: g} if recorded.value.node else {}, connected)
        return [np.zeros(x.shape, x.dtype) if g is None else g for x, g in zip(recorded.fresh, found, strict=True)]


def unchanging(*trees: Any) -> Any:
    """The same trees with Tensors of their own for the same values, and generators of their own in the same state."""
    copies: dict[int, Any] = {}  # of generators, so that one that is there twice stays one

    def own(value: Any) -> Any:
        if type(value) is Tensor:
            return tensor(value._data, value.node)
        generator = isinstance(value, (np.random.Generator, np.random.RandomState))
        return deepcopy(value, copies) if generator else value

    return tree_map(own, trees)


rerun = primitive(
    lambda operands, segment: segment.value,
    name="checkpoint",
    variadic=True,
    operands=lambda g, i, segment: segment.slope(g, i),
)
