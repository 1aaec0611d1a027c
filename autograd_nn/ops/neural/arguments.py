"""What is asked of an argument before anything is computed: that it is of floats, that it is real."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.questions import is_plain
from autograd_nn.ops.declare import as_array, real_numbers

__all__ = ["constant_or_tensor", "floats"]


def floats(function: str, /, *, kinds: str = "f", **given: Any) -> list[Any]:
    """The arguments as arrays or Tensors of floats; with kinds="fc" they may be complex. Refused by name if not."""
    found = []
    for name, argument in given.items():
        value = as_array(argument)
        if value.dtype.kind not in kinds:
            instead = "take np.real or np.abs of it" if value.dtype.kind == "c" else f"write {name}.astype(float)"
            raise TypeError(f"{function}: {name} must be floats, got {value.dtype}: {instead}")
        found.append(value)
    return found


def constant_or_tensor(function: str, name: str, value: Any, dtype: Any = None) -> Any:
    """A real argument; numbers in this dtype."""
    value = real_numbers(function, value, name)
    return np.asarray(value, dtype) if is_plain(value) else value
