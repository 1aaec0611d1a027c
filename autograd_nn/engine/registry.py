"""The registry: one table from NumPy's functions to what they are on Tensors."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["REDUCTIONS", "REGISTRY", "function_name", "home", "refuse_keyword"]


class Registry(dict[Callable[..., Any], Callable[..., Any]]):
    """NumPy function -> what it is on Tensors; a function that is missing is refused by name."""

    def __init__(self) -> None:
        self.methods: dict[Callable[..., Any], tuple[type, str]] = {}
        """The class and the name of the method that is the answer for a function itself."""
        self.open_chapter: Callable[[str], bool] = lambda module: False
        """Brings the rules for the functions of a module, if there are such and they are not there yet."""
        self.reasons: dict[Callable[..., Any], str] = {}
        """Why a function is refused, and what to write instead."""

    def __setitem__(self, function: Callable[..., Any], answer: Callable[..., Any]) -> None:
        super().__setitem__(function, answer)
        if function in self.methods:  # so that an operator need not ask each time
            setattr(*self.methods[function], answer)

    def __missing__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if self.open_chapter(home(function)):
            return self[function]
        reason = self.reasons.get(function, "write it with functions that have one")
        raise TypeError(
            f"no gradient for {function_name(function)}: {reason}; or declare it with autograd_nn.primitive, "
            f"or call it on t.numpy() if its result is meant as a constant"
        )


REGISTRY = Registry()
"""What answers for a NumPy function on Tensors: a primitive, a composition of them, or a constant."""


def home(function: Any) -> str:
    """The module a function is from; SciPy's ufuncs do not say so."""
    if isinstance(function, np.ufunc):
        special = sys.modules.get("scipy.special")
        return "scipy.special" if getattr(special, function.__name__, None) is function else "numpy"
    return getattr(function, "__module__", None) or "numpy"


def function_name(function: Any) -> str:
    """'numpy.fft.rfft', as a user writes it."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"{home(owner)}.{owner.__name__}.{function.__name__}"
    return f"{home(function)}.{getattr(function, '__name__', function)}"


DEFAULTS = {"out": None, "dtype": None, "where": True, "subok": True}
"""NumPy's keywords whose default asks for nothing."""


def refuse_keyword(function: str, keyword: str, value: Any, advice: str = "leave it out") -> None:
    """Refuse a keyword by name, with what to write instead; one of NumPy's at its default is no wish."""
    if value is np._NoValue or value is DEFAULTS.get(keyword, NotImplemented):
        return
    instead = {
        "out": f"give it by its name, out=, of numpy.{function.rpartition('.')[2]}, or write t = {function}(...)",
        "where": f"write np.where(mask, {function}(...), other)",
        "dtype": "write t.astype(dtype)",
    }.get(keyword, advice)
    raise TypeError(f"{function} of a Tensor does not take {keyword}=: {instead}")


REDUCTIONS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
}
"""The function that ``ufunc.reduce`` means."""
