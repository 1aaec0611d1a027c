"""What an array holds in a few numbers: for drawings, tables and films."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.node import Array

__all__ = ["Statistics", "dead", "saturated", "scaled", "statistics"]

SMALL = 6
"""An array of so few elements is shown as it is."""

BINS = 20


class Statistics(NamedTuple):
    """Of the finite elements of an array, by their absolute value if they are complex."""

    text: str | None
    """The elements themselves, if they are few."""
    least: float | None
    """None if there is no finite element; so are the following."""
    mean: float | None
    greatest: float | None
    rms: float | None
    """The root of the mean square."""
    zeros: float
    """The fraction of elements that are 0."""
    nan: int
    inf: int
    counts: tuple[int, ...]
    """How many lie in each of 20 bins of equal width from the least to the greatest."""

    def __str__(self) -> str:
        if self.text is not None:
            return self.text
        odd = [f"{count:,} {kind}" for count, kind in ((self.nan, "nan"), (self.inf, "inf")) if count]
        if self.least is None:
            return ", ".join(odd) or "no elements"
        if self.least == self.greatest:
            return ", ".join([f"all {self.least:.3g}", *odd])
        spread = f"{self.least:.3g} .. {self.mean:.3g} .. {self.greatest:.3g}"
        return ", ".join([spread, *odd])

    def bars(self) -> str:
        """A tiny histogram in ten characters, two bins in each; '' if there are no bins.

        >>> import numpy as np
        >>> statistics(np.repeat(np.arange(10.0), [1, 2, 4, 7, 9, 9, 7, 4, 2, 1])).bars()
        '▁▂▄▇██▇▄▂▁'
        """
        counts = [sum(self.counts[i : i + 2]) for i in range(0, len(self.counts), 2)]
        top = max(counts, default=0) or 1
        return "".join(" ▁▂▃▄▅▆▇█"[-(-8 * count // top)] for count in counts)


def statistics(array: Array) -> Statistics:
    """The statistics of an array of any shape and dtype.

    Examples
    --------
    >>> import numpy as np
    >>> print(statistics(np.array([[0.5, -1.25]])))
    [[0.5, -1.25]]
    >>> print(statistics(np.arange(100.0)))
    0 .. 49.5 .. 99
    """
    array = np.asarray(array)
    text = None
    if 0 < array.size <= SMALL:
        text = in_digits(array.tolist())
    zeros = float(1 - np.count_nonzero(array) / array.size) if array.size else 0.0
    exact = np.abs(array) if array.dtype.kind == "c" else array
    nan, inf = int(np.isnan(exact).sum()), int(np.isinf(exact).sum())
    finite = exact[np.isfinite(exact)].astype(float) if nan or inf else exact.ravel().astype(float, copy=False)
    if not finite.size:
        return Statistics(text, None, None, None, None, zeros, nan, inf, ())
    least, greatest = float(finite.min()) + 0.0, float(finite.max()) + 0.0  # which makes 0 of -0
    scale = max(-least, greatest, 0.0)
    rms = scale * float(np.sqrt(np.mean(np.square(finite / scale)))) if scale else 0.0  # squares may overflow
    mean = float(np.mean(finite / scale)) * scale if scale else 0.0
    if least == greatest:
        bins = np.zeros(finite.size, int)
    else:
        share = (finite / scale - least / scale) / (greatest / scale - least / scale)
        bins = np.minimum((share * BINS).astype(int), BINS - 1)
    counts = tuple(map(int, np.bincount(bins, minlength=BINS)))
    return Statistics(text, least, mean, greatest, rms, zeros, nan, inf, counts)


def in_digits(value: Any) -> str:
    """Nested lists of numbers in four digits."""
    if isinstance(value, list):
        return f"[{', '.join(map(in_digits, value))}]"
    return f"{value + 0:.4g}" if isinstance(value, (float, complex)) else str(value)  # -0.0 + 0 is 0


SLOPES: dict[str, Callable[[Array], Any]] = {
    "tanh": lambda y: 1 - y * y,
    "sigmoid": lambda y: 4 * y * (1 - y),
}
"""The slope of a bounded activation from its output, as a share of the steepest."""


def saturated(primitive: str, y: Array) -> float | None:
    """The fraction of elements where the activation has less than a hundredth of its steepest slope.

    None for primitives that are not bounded activations.

    >>> import numpy as np
    >>> saturated("tanh", np.array([0.0, 0.5, 0.999, -1.0]))
    0.5
    """
    slope = SLOPES.get(primitive)
    return float(np.mean(slope(y) < 0.01)) if slope is not None and y.size else None


def dead(primitive: str, y: Array) -> float | None:
    """The fraction of units that a rectifier leaves at 0 for every sample.

    Units are along the last axis, in images along that of the channels, the second. None for primitives that are not
    rectifiers.

    >>> import numpy as np
    >>> dead("relu", np.array([[0.0, 2.0], [0.0, 0.0]]))
    0.5
    """
    if primitive != "relu" or y.ndim < 2 or not y.size:
        return None
    units = 1 if y.ndim > 3 else y.ndim - 1
    return float(np.mean(np.all(y == 0, axis=tuple(axis for axis in range(y.ndim) if axis != units))))


def scaled(number: float, unit: str = "") -> str:
    """Three digits and a prefix.

    >>> scaled(12_345_678), scaled(4800, "B"), scaled(0.0000123, "s"), scaled(0)
    ('12.3 M', '4.8 kB', '12.3 µs', '0')
    """
    powers = {"P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "": 0, "m": -3, "µ": -6, "n": -9}
    prefix = next((p for p, power in powers.items() if abs(number) >= 0.9995 * 10**power), "")
    return f"{number / 10 ** powers[prefix]:.3g} {prefix}{unit}".rstrip()
