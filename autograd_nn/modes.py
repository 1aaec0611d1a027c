"""What the engine does besides computing: record, look for anomalies, honour strong zeros.

The mode lives in one context variable, so that threads and tasks never see each other's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

__all__ = ["MODE", "Mode", "anomaly", "enable_grad", "no_grad", "switched"]


@dataclass(frozen=True, slots=True)
class Mode:
    """The state of the engine in this thread or task."""

    recording: bool = True
    anomaly: bool = False
    strong: bool = False
    """Products let a zero cotangent win over inf and nan: a second backward pass asks for it."""


MODE: ContextVar[Mode] = ContextVar("autograd_nn.mode", default=Mode())  # noqa: B039 (frozen)


@contextmanager
def switched(**changes: bool) -> Iterator[None]:
    """The mode with ``changes`` inside the block; exactly the mode of before after it."""
    token = MODE.set(replace(MODE.get(), **changes))
    try:
        yield
    finally:
        MODE.reset(token)


@contextmanager
def no_grad() -> Iterator[None]:
    """Record nothing inside the block: results are constants, and leaves may be changed in place.

    Also a decorator: ``@no_grad()``.

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

    >>> from autograd_nn import Tensor, enable_grad, no_grad
    >>> w = Tensor(2.0, requires_grad=True)
    >>> with no_grad(), enable_grad():
    ...     (w * w).requires_grad
    True
    """
    with switched(recording=True):
        yield


@contextmanager
def anomaly() -> Iterator[None]:
    """Raise `AnomalyError` at the first nan or inf, forward or backward, and say where it came from.

    The error names the primitive, the statistics of its operands and the line that called it. Values
    that pullbacks kept are checked too, so a change made behind the engine's back
    (``t.data[0] = 5``) is found at backward. Slow: for looking, not for training.

    >>> import numpy as np
    >>> from autograd_nn import Tensor, anomaly
    >>> x = Tensor([1.0, 0.0], requires_grad=True)
    >>> with anomaly(), np.errstate(all="ignore"):
    ...     np.log(x)
    Traceback (most recent call last):
        ...
    autograd_nn.anomalies.AnomalyError: log made 1 inf ...
    """
    with switched(anomaly=True):
        yield
