"""What code that computes may ask of its operands besides NumPy's functions: what they are, whether something holds.

Rules and forwards run on whatever answers NumPy's protocols: arrays, Tensors, batches of cotangents, the stand-ins of a
recorder. So they do not look at the type of an operand nor choose their way by its values, but ask here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autograd_nn.engine.tensor import raw

__all__ = ["as_operand", "is_plain", "question"]


def is_plain(value: Any) -> bool:
    """Whether it is an array of NumPy's own, for which there may be a faster way to the same result."""
    return type(value) is np.ndarray


def as_operand(value: Any) -> Any:
    """Numbers and lists as arrays; what answers NumPy's protocols as it is."""
    return value if hasattr(value, "__array_function__") else np.asarray(value)


def question(ask: Callable[..., Any]) -> Callable[..., bool]:
    """Declare a question about values whose answer decides which way a rule or a forward goes.

    ``ask`` takes arrays and returns a truth value. Of Tensors it is asked about their arrays. An operand whose type has
    a method ``__question__(question, operands)`` answers for itself: a batch, whose rows may differ, refuses, and a
    recorder can make a guard of the answer.

    >>> @question
    ... def positive(x):
    ...     return (x > 0).all()
    >>> positive(np.array([1.0, 2.0]))
    True
    """

    @wraps(ask)
    def asked(*operands: Any) -> bool:
        for operand in operands:
            if type(operand) is not np.ndarray and hasattr(operand, "__question__"):
                return bool(type(operand).__question__(operand, asked, operands))
        return bool(ask(*map(raw, operands)))

    return asked
