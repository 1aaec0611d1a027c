"""What anomaly mode looks at and what it says: statistics, origins, digests."""

from __future__ import annotations

import linecache
import os
import sys
import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.errors import AnomalyError

__all__ = ["Line", "describe", "digest", "nonfinite", "origin", "refuse_nonfinite"]

# not pathlib, which takes a tenth of the time to import NumPy
PACKAGE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")
NUMPY = os.path.join(os.path.dirname(np.__file__), "")
TUTORIALS = os.path.join(PACKAGE, "tutorials", "")
"""The networks in it use the package as anyone does."""


def nonfinite(value: Any) -> str:
    """What is wrong with the value: '2 nan', '1 inf', '1 nan and 3 inf'; '' if nothing is.

    >>> import numpy as np
    >>> nonfinite(np.array([1.0, np.nan, np.inf]))
    '1 nan and 1 inf'
    """
    array = np.asarray(value)
    if not np.issubdtype(array.dtype, np.inexact):
        return ""
    counts = ((int(np.isnan(array).sum()), "nan"), (int(np.isinf(array).sum()), "inf"))
    return " and ".join(f"{count} {kind}" for count, kind in counts if count)


def refuse_nonfinite(who: str, value: Any, operands: Iterable[tuple[str, Any]], where: Any) -> None:
    """Raise AnomalyError if there is a nan or inf in what somebody made of these operands."""
    trouble = nonfinite(value)
    if trouble:
        lines = "".join(f"\n  {name}: {describe(operand)}" for name, operand in operands)
        raise AnomalyError(f"{who} made {trouble} in its output{lines}\n  made at {where}")


def describe(value: Any) -> str:
    """One line of statistics: dtype, shape, range of the finite values, and what is not finite.

    >>> import numpy as np
    >>> describe(np.array([1.0, 2.0, np.inf]))
    'float64[3], finite values 1 to 2, 1 inf'
    """
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        return repr(value)
    text = f"{array.dtype}[{', '.join(map(str, array.shape))}]"
    if array.dtype.kind == "c":
        array = np.abs(array)
    finite = array[np.isfinite(array)]
    if finite.size:
        text += f", finite values {finite.min():.6g} to {finite.max():.6g}"
    return ", ".join(filter(None, (text, nonfinite(array))))


class Line(NamedTuple):
    """A line of a program; as text 'folder/file.py:12: y = np.log(x)'."""

    path: str
    number: int

    def __str__(self) -> str:
        return f"{self.path}:{self.number}: {self.text}"

    @property
    def place(self) -> str:
        """'file.py:12'."""
        return f"{os.path.basename(self.path)}:{self.number}"

    @property
    def text(self) -> str:
        """'y = np.log(x)'; '' where the file is not to be had."""
        return linecache.getline(self.path, self.number).strip()


def origin() -> Line:
    """The innermost line that is being run outside this package and NumPy, or in one of the tutorials."""
    frame = sys._getframe(1)
    while frame.f_back is not None and internal(frame.f_code.co_filename):
        frame = frame.f_back
    return Line(frame.f_code.co_filename, frame.f_lineno)


def internal(path: str) -> bool:
    return path.startswith((PACKAGE, NUMPY, "<autograd_nn ")) and not path.startswith(TUTORIALS)


def digest(values: Iterable[Any]) -> tuple[int, ...]:
    """A checksum of each value, so that a change behind the engine's back shows."""
    return tuple(map(checksum, values))


def checksum(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return zlib.crc32(value.tobytes() if value.dtype.kind in "OmM" else np.ascontiguousarray(value).data)
    return hash(digest(value)) if isinstance(value, tuple) else 0
