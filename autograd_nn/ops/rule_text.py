"""The rules of the rule book as text, read from the files they are written in."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

__all__ = ["rule_body", "rule_text"]


def rule_text(rule: Callable[..., Any]) -> str:
    """The right-hand side of a rule written as a lambda; the call of one written as a function.

    >>> from autograd_nn.ops.declare import PRIMITIVES
    >>> rule_text(PRIMITIVES["sin"].pullbacks["a"].rule)
    'g * np.cos(a)'
    """
    rule = inspect.unwrap(rule)
    if rule.__name__ != "<lambda>":
        return f"{rule.__name__}({', '.join(inspect.signature(rule).parameters)})"
    return ast.unparse(rule_body(rule))


def rule_body(rule: Callable[..., Any]) -> ast.expr:
    """The right-hand side of a lambda as a tree, which is the reader's own."""
    code = inspect.unwrap(rule).__code__
    start = min((line, column) for line, _, column, end in code.co_positions() if line is not None and end)
    try:
        return ast.parse(lambdas(code.co_filename)[start], mode="eval").body
    except KeyError:
        raise LookupError(f"no lambda at {code.co_filename}:{start} is this rule") from None


@cache
def lambdas(path: str) -> dict[tuple[int | None, int | None], str]:
    """The right-hand sides of the lambdas in a file, by where they begin."""
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    bodies = (node.body for node in ast.walk(tree) if isinstance(node, ast.Lambda))
    return {(body.lineno, body.col_offset): ast.unparse(body) for body in bodies}
