"""The three tutorial networks: each its data, its network as a tensor expression, its training, its pictures.

No derivative is written anywhere in here: every gradient comes from `Tensor.backward`.
"""

from importlib import import_module
from typing import Any

__all__ = ["heart", "moons", "neuron"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
