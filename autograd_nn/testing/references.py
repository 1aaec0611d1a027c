"""The parameters that a function refers to, by its closure, its globals and its object, whether it uses them or not."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from autograd_nn.engine.tensor import Tensor
from autograd_nn.graph.trace import ENDS, belongings

__all__ = ["objects", "referred_to"]

FURTHEST = 1000
"""So many objects are looked into, the nearest first."""


def referred_to(f: Callable[..., Any]) -> Iterator[tuple[str, Tensor]]:
    """The leaves that require a gradient, each once and with its path: ``model.layers[0].W``."""
    for path, t in objects(f, lambda value: type(value) is Tensor):
        if t.node is not None and t.node.notes.parameter:
            yield path, t


def objects(f: Callable[..., Any], is_end: Callable[[Any], bool]) -> Iterator[tuple[str, Any]]:
    """The objects that a function refers to, up to the ends that are looked for, and those with their paths."""
    queue: deque[tuple[str, Any]] = deque([("", f)])
    seen: set[int] = set()
    while queue and len(seen) < FURTHEST:
        path, value = queue.popleft()
        if value is None or isinstance(value, ENDS) or id(value) in seen:
            continue
        seen.add(id(value))
        if is_end(value):
            yield path, value
        else:
            queue += [(f"{path}{step}".removeprefix("."), item) for step, item in belongings(value)]
