"""The table of rules and functions in the documentation: ``python -m autograd_nn.ops.op_table > docs/op-table.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_nn.engine.primitive import Primitive
from autograd_nn.engine.registry import REGISTRY, function_name
from autograd_nn.ops.chapters import open_all
from autograd_nn.ops.coverage import coverage
from autograd_nn.ops.declare import PRIMITIVES
from autograd_nn.ops.refused import REFUSED, REFUSED_CALLS
from autograd_nn.ops.rule_text import rule_text

__all__ = ["op_table"]


def op_table() -> str:
    """All primitives with their rules, and all functions they stand for, in Markdown."""
    open_all()
    parts = [
        "# The op table",
        "What the registry holds, printed by `python -m autograd_nn.ops.op_table`; `autograd_nn.coverage(np.sin)` "
        "answers for one function. Signatures and keywords are NumPy's. Keywords that are not handled are refused by "
        "name.",
        "## Primitives",
        "A rule is what the cotangent g of the output y becomes for an argument. The engine sums it over broadcast "
        "axes and casts it. Each primitive is tested on its domain: first and second order and forward mode against "
        "finite differences, in float32 and float64, in every memory layout.",
        table(
            ("primitive", "rule", "smooth where", "orders tested", "calls tested"),
            map(primitive_row, sorted(PRIMITIVES)),
        ),
        "## Functions of NumPy and SciPy",
        table(("function", "how"), ((f"`{name}`", how) for name, how in sorted({*function_rows()}))),
        "The methods `outer`, `reduce`, `accumulate`, `reduceat` and `at` of ufuncs of two operands are covered where "
        "they are of use: `autograd_nn.coverage(np.maximum.accumulate)` answers for one.",
        "## Refused",
        "These raise `no gradient for numpy.X`.",
        table(("function", "reason"), sorted((f"`{function_name(f)}`", reason) for f, reason in REFUSED.items())),
        "And these calls of functions that are covered:",
        table(("call", "reason"), REFUSED_CALLS.items()),
    ]
    return "\n\n".join(parts) + "\n"


def table(head: tuple[str, ...], rows: Any) -> str:
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in (head, ("---",) * len(head), *rows)]
    return "\n".join(f"| {line} |" for line in lines)


def primitive_row(key: str) -> tuple[str, ...]:
    primitive = PRIMITIVES[key]
    rules = "<br>".join(f"{name}: `{rule_text(pullback.rule)}`" for name, pullback in primitive.pullbacks.items())
    return f"`{key}`", rules, smooth_where(primitive), "1, 2, forward", str(len(primitive.domain.calls))


def smooth_where(primitive: Primitive) -> str:
    """The intervals of a primitive's domain in words."""
    domain = primitive.domain
    names = list(primitive.pullbacks)
    bounded = [
        f"{low:g} < {name} < {high:g}".removeprefix("-inf < ").removesuffix(" < inf")
        for place, name in enumerate(names)
        for low, high in [domain.interval(place)]
        if (low, high) != (-np.inf, np.inf)
    ]
    return ", ".join([*bounded, *["away from kinks and ties"] * (domain.kink is not None)]) or "everywhere"


def function_rows() -> Iterator[tuple[str, str]]:
    """Each function in the registry with what it is made of."""
    for function in REGISTRY:
        found = coverage(function)
        if found.function.startswith(("numpy.", "scipy.")) and not hasattr(function, "__self__"):
            answer: Any = REGISTRY[function]
            how = f"rule of `{answer.primitive.name}`" if found.how == "rule" else found.how
            yield found.function, how


if __name__ == "__main__":
    sys.stdout.write(op_table())
