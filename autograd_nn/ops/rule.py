"""How the rule book declares: `rule` for a primitive, `composed` for a function made of primitives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.core import REGISTRY, raw
from autograd_nn.domains import Domain
from autograd_nn.modes import MODE
from autograd_nn.primitives import PRIMITIVES, primitive

__all__ = ["composed", "rule", "times"]


def rule(
    forward: Callable[..., Any], domain: Domain, *stands_for: Callable[..., Any], key: str = "", **declaration: Any
) -> Any:
    """A primitive of the package. It has a domain to be tested on, or it cannot be declared.

    ``key`` is its name in `PRIMITIVES`, where another primitive has the same name in messages and graphs.
    """
    if not isinstance(domain, Domain):
        raise TypeError(f"the package's primitives need a Domain to be tested on: {forward} has {domain!r}")
    key = key or declaration.get("name") or forward.__name__
    if key in PRIMITIVES:
        raise ValueError(f"there is a primitive named {key} already")
    if isinstance(forward, np.ufunc):
        stands_for = (forward, *stands_for)
    function = primitive(forward, stands_for=stands_for, domain=domain, **declaration)
    PRIMITIVES[key] = function.primitive
    return function


def composed(*stands_for: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The decorated function of Tensors, made of primitives, answers for these NumPy functions."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        for each in stands_for:
            REGISTRY[each] = function
        return function

    return register


def times(g: Any, slope: Any) -> Any:
    """``g * slope`` for rules that are not elementwise: a zero cotangent wins where the engine asks for it."""
    product = g * slope
    if MODE.get().strong:
        product = np.where((raw(g) == 0) & np.isnan(raw(product)), 0, product)
    return product
