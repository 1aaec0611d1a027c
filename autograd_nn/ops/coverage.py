"""What the rule book covers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from autograd_nn.engine.registry import REDUCTIONS, REGISTRY, function_name
from autograd_nn.ops.refused import REFUSED

__all__ = ["Coverage", "coverage"]


class Coverage(NamedTuple):
    """The answer of `coverage`."""

    function: str
    covered: bool
    how: str


def coverage(function: Callable[..., Any]) -> Coverage:
    """Whether a NumPy function can be called on Tensors, and how.

    Parameters
    ----------
    function : callable
        A function of ``numpy``, ``numpy.linalg``, ``numpy.fft`` or ``scipy.special``.

    Returns
    -------
    Coverage
        ``function``, its name; ``covered``, whether a Tensor may be given to it; and ``how``: by a "rule" of its own,
        as a "composition" of functions that have one, as a "constant" whose gradient is zero almost everywhere, or if
        not covered the reason.

    Raises
    ------
    TypeError
        If it is given something else than a function.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import coverage
    >>> coverage(np.sin)
    Coverage(function='numpy.sin', covered=True, how='rule')
    >>> coverage(np.linalg.norm).how
    'composition'
    >>> coverage(np.argmax).how
    'constant'
    >>> coverage(np.polyfit).covered
    False
    """
    if not callable(function):
        raise TypeError(f"coverage takes a function, such as np.sin: got {function!r}")
    function = getattr(function, "numpys", function)  # those of autograd_nn.numpy
    reduction = getattr(function, "__self__", None)
    if reduction in REDUCTIONS and function == reduction.reduce:
        return coverage(REDUCTIONS[reduction])._replace(function=function_name(function))
    name = function_name(function)
    try:
        answer = REGISTRY[function]
    except TypeError:
        return Coverage(name, False, REFUSED.get(function, "no gradient is declared for it"))
    how = "rule" if hasattr(answer, "primitive") else "constant" if hasattr(answer, "constant") else "composition"
    return Coverage(name, True, how)
