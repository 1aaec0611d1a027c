"""What the engine does besides computing: record, note where, look for anomalies, honour strong zeros.

The mode lives in one context variable, so that threads and tasks never see each other's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Literal, NamedTuple

__all__ = ["MODE", "Entry", "Mode", "anomaly", "enable_grad", "no_grad", "scope", "switched"]

entries = count().__next__


class Entry(NamedTuple):
    """One entry of a scope. A loop that enters a scope of the same name twice makes two."""

    name: str
    number: int
    """Tells entries apart."""
    kind: Literal["hand", "part", "backward"] = "hand"
    """Whether it was named in a with statement, is a part of a model, or a backward pass."""
    frame: int = 0
    """The id of the frame with that statement, which lives as long as the block."""


@dataclass(frozen=True, slots=True)
class Mode:
    """The state of the engine in this thread or task."""

    recording: bool = True
    anomaly: bool = False
    strong: bool = False
    """Products let a zero cotangent win over inf and nan: a second backward pass asks for it."""
    scopes: tuple[Entry, ...] = ()
    """From the outermost to the innermost."""
    witness: Any = None
    """Is told of every value that is computed and recorded: see `autograd_nn.graph.trace`."""
    noting: bool = field(init=False, default=False)
    """Whether an operation has more to do than to compute and record: the one thing it asks each time."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "noting", self.anomaly or bool(self.scopes) or self.witness is not None)


MODE: ContextVar[Mode] = ContextVar("autograd_nn.mode", default=Mode())  # noqa: B039 (frozen)


@contextmanager
def switched(**changes: Any) -> Iterator[None]:
    """The mode with ``changes`` inside the block; exactly the mode of before after it."""
    token = MODE.set(replace(MODE.get(), **changes))
    try:
        yield
    finally:
        MODE.reset(token)


@contextmanager
def no_grad() -> Iterator[None]:
    """Record nothing inside the block: results are constants, and leaves may be changed in place.

    Returns
    -------
    context manager
        Also a decorator: ``@no_grad()``.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import Tensor, no_grad
    >>> w = Tensor([1.0, 2.0], requires_grad=True)
    >>> with no_grad():
    ...     (w * w).requires_grad
    False
    """
    with switched(recording=False):
        yield


@contextmanager
def enable_grad() -> Iterator[None]:
    """Record inside the block, even within `no_grad`.

    Returns
    -------
    context manager
        Also a decorator: ``@enable_grad()``.

    Examples
    --------
    >>> from autograd_nn import Tensor, enable_grad, no_grad
    >>> w = Tensor(2.0, requires_grad=True)
    >>> with no_grad(), enable_grad():
    ...     (w * w).requires_grad
    True
    """
    with switched(recording=True):
        yield


@contextmanager
def scope(name: str) -> Iterator[None]:
    """Give what is recorded inside the block a place in drawings and tables: the part of the model it belongs to.

    Scopes nest, and each entry is a part of its own, so that a loop makes ``block[0]``, ``block[1]``, ... Nodes also
    remember the line that made them. Costs about two microseconds an operation.

    Parameters
    ----------
    name : str
        How it is called, the same in each entry.

    Returns
    -------
    context manager
        Also a decorator: ``@scope("block")``.

    Raises
    ------
    TypeError
        If the name is no string, or empty.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import Tensor, scope
    >>> from autograd_nn.graph.value import graph
    >>> y = Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> for _ in range(2):
    ...     with scope("block"):
    ...         y = np.tanh(y)
    >>> [node.scope for node in graph(y).nodes]
    [('block[0]',), ('block[0]',), ('block[1]',)]
    """
    if not isinstance(name, str) or not name:
        raise TypeError(f"scope() takes a name, as in scope('encoder'): got {name!r}")
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename == contextmanager.__code__.co_filename:
        frame = frame.f_back
    entry = Entry(name, entries(), frame=id(frame))
    with switched(scopes=(*MODE.get().scopes, entry)):
        yield


@contextmanager
def anomaly() -> Iterator[None]:
    """Raise `AnomalyError` at the first nan or inf, forward or backward, and say where it came from.

    The error names the primitive, the statistics of its operands and the line that called it. Values
    that pullbacks kept are checked too, so a change made behind the engine's back
    (``t.data[0] = 5``) is found at backward. Slow: for looking, not for training.

    Returns
    -------
    context manager
        Also a decorator: ``@anomaly()``.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import Tensor, anomaly
    >>> x = Tensor([1.0, 0.0], requires_grad=True)
    >>> with anomaly(), np.errstate(all="ignore"):
    ...     np.log(x)
    Traceback (most recent call last):
        ...
    autograd_nn.engine.errors.AnomalyError: log made 1 inf ...
    """
    with switched(anomaly=True):
        yield
