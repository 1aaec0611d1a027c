"""What a check hands back: a Report, or a GradientError that says what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["GradientError", "Report"]

LITERAL = 100
"""Arrays of up to so many elements are written out as code."""


@dataclass(frozen=True)
class Report:
    """What `check_gradients` and `check_vjp` found, where nothing is wrong.

    Attributes
    ----------
    function : str
        What was checked.
    verdict : {"right", "unresolved", "kink"}
        "unresolved" where some elements of a gradient cannot be seen in differences, because these do not converge or
        drown in rounding; "kink" where the arguments are at one, and the example was discarded.
    evaluations : int
        How often the function was evaluated.
    comparisons : int
        How many directions were compared, for all arrays and orders together.
    detectable : float
        The smallest relative error that would have been found in every element of what is proved.
    worst : str
        The direction that came nearest to its tolerance.
    unresolved : int
        How many arguments have elements of which nothing is known.
    kinks : int
        How many directions were not judged because one-sided slopes differ.
    skipped : tuple of str
        Checks that could not be made, with the reason.
    proved : tuple of str
        The arguments and parameters whose derivatives are right in every direction.
    unreached : tuple of str
        Parameters that the function refers to, by its closure, its globals or its object, but that its result does not
        depend on: cut off by `detach`, or not used. They may well have to be.
    detectables : dict of float
        For each argument and parameter that is proved, its own smallest detectable error.
    """

    function: str
    verdict: Literal["right", "unresolved", "kink"]
    evaluations: int
    comparisons: int
    detectable: float
    worst: str
    unresolved: int = 0
    kinks: int = 0
    skipped: tuple[str, ...] = ()
    proved: tuple[str, ...] = ()
    unreached: tuple[str, ...] = ()
    detectables: Mapping[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.verdict == "right"

    def __str__(self) -> str:
        more = "".join(
            f", {count} {what}"
            for count, what in ((self.kinks, "rejected at kinks"), (self.unresolved, "unresolved"))
            if count
        )
        return (
            f"{self.function}: {self.verdict}, {self.comparisons} directions, {self.evaluations} evaluations{more}"
            + (f", smallest detectable error {self.detectable:.0e}" if self.proved else "")
            + (f"\n  not reached: {', '.join(self.unreached)}" if self.unreached else "")
        )

    def _repr_html_(self) -> str:
        rows = {
            "verdict": self.verdict,
            "directions": f"{self.comparisons:,}",
            "evaluations": f"{self.evaluations:,}",
            "smallest detectable error": f"{self.detectable:.0e}",
            "nearest to its tolerance": self.worst,
            "rejected at kinks": f"{self.kinks:,}" if self.kinks else "",
            "unresolved": f"{self.unresolved:,}" if self.unresolved else "",
            "skipped": "; ".join(self.skipped),
            "proved in every direction": ", ".join(self.proved),
            "not reached": ", ".join(self.unreached),
        }
        left = ' style="text-align: left"'
        told = (f"<tr><th{left}>{name}</th><td{left}>{escape(text)}</td></tr>" for name, text in rows.items() if text)
        return f"<table>\n<caption>{escape(self.function)}</caption>\n" + "\n".join(told) + "\n</table>"


class GradientError(AssertionError):
    """A derivative is wrong.

    Attributes
    ----------
    kind : str
        Which check failed: "derivative", or "linear", "dtype", "alias", ...
    argument : str
        With respect to which argument, as the message names it.
    diagnosis : str
        What the mistake looks like.
    example : tuple of arrays
        The arguments, shrunk.
    """

    def __init__(self, message: str, kind: str, argument: str, diagnosis: str, example: tuple[Any, ...]) -> None:
        super().__init__(message)
        self.kind = kind
        self.argument = argument
        self.diagnosis = diagnosis
        self.example = example


# How values are written -------------------------------------------------------------------------------


def format_number(x: Any) -> str:
    """In as few digits as say it, at most six."""
    x = x.item() if isinstance(x, np.generic) else x
    if isinstance(x, complex):
        return f"{format_number(x.real)}{'+' if x.imag >= 0 else '-'}{format_number(abs(x.imag))}j"
    return f"{x:.6g}"


def format_array(array: NDArray[Any], limit: int = 12) -> str:
    """Nested in brackets, as NumPy writes them; the first ones of many."""
    if array.ndim == 0:
        return format_number(array[()])
    if array.size > limit:
        return f"[{', '.join(map(format_number, array.ravel()[:limit]))}, ...]"
    return "[" + ", ".join(format_array(item, limit) for item in array) + "]"


def format_vector(array: NDArray[Any], limit: int = 12) -> str:
    """With signs: ``[+0.81 -1.22]``."""
    shown = [f"{x:+.3g}" if not isinstance(x, complex) else format_number(x) for x in array.ravel()[:limit].tolist()]
    return f"[{' '.join(shown)}{' ...' if array.size > limit else ''}]"


def format_type(array: NDArray[Any]) -> str:
    return f"{array.dtype}[{', '.join(map(str, array.shape))}]"


def literal(value: Any) -> str:
    """Code that makes the value, for the line that reproduces."""
    if isinstance(value, np.ndarray):
        if value.size > LITERAL:
            return f"<{format_type(value)}>"
        if not value.size:
            return f"np.zeros({value.shape}, np.{value.dtype})"
        if value.dtype == float and np.isfinite(value).all():
            return repr(value.tolist())
        text = np.array2string(value, separator=", ", floatmode="unique").replace("\n", "")
        return f"np.array({text.replace('nan', 'np.nan').replace('inf', 'np.inf')}, np.{value.dtype})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        inside = ", ".join(map(literal, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside},)" if len(value) == 1 else f"({inside})"
    return repr(value)
