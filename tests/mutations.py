"""The small changes of a source that tests should notice; see `mutants`."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
Result = dict[str, Any]
SWAPS: dict[type[ast.AST], tuple[str, str]] = {
    **{ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">")},
    **{ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is")},
    **{ast.In: ("in", "not in"), ast.NotIn: ("not in", "in"), ast.And: ("and", "or"), ast.Or: ("or", "and")},
    **{ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.FloorDiv: ("//", "/")},
    **{ast.Mod: ("%", "*"), ast.Pow: ("**", "*"), ast.MatMult: ("@", "*"), ast.BitAnd: ("&", "|")},
    **{ast.BitOr: ("|", "&"), ast.BitXor: ("^", "&"), ast.LShift: ("<<", ">>"), ast.RShift: (">>", "<<")},
}
SELDOM = re.compile("TYPE_CHECKING|__repr__|__all__|overload|cast|TypeVar")
"""Whose code is nothing that a test should notice."""


@dataclass(frozen=True)
class Mutant:
    """A file with another text at one place; ``wider`` are ever more lines around it, whose tests may notice."""

    path: str
    start: int
    end: int
    text: str
    wider: tuple[tuple[int, int], ...]
    name: str
    at_import: bool

    def applied(self, source: bytes) -> bytes:
        return source[: self.start] + self.text.encode() + source[self.end :]

    def is_valid(self) -> bool:
        """Whether Python takes the new source without a warning, and as another program."""
        source = read(self.path)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                compile(self.applied(source), self.path, "exec")
            except (SyntaxError, SyntaxWarning):
                return False
        return ast.dump(ast.parse(source)) != ast.dump(ast.parse(self.applied(source)))

    def described(self) -> Result:
        source, line = read(self.path), self.wider[0][0]
        before, after = (text.decode().splitlines()[line - 1].strip() for text in (source, self.applied(source)))
        column = self.start - source.rfind(b"\n", 0, self.start)
        return {"path": self.path, "line": line, "column": column, "before": before, "after": after}


class Mutator:
    """Collects the mutants of a file."""

    def __init__(self, path: str) -> None:
        self.path, source = path, read(path)
        self.bare = re.sub(rb"#.*", lambda comment: b" " * len(comment[0]), source)
        self.starts = [0, *accumulate(map(len, source.splitlines(keepends=True)))]
        self.found: list[Mutant] = []
        for statement in ast.parse(source).body:
            self.walk(statement, statement, statement, True)

    def span(self, node: Any) -> tuple[int, int]:
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset

    def walk(self, node: ast.AST, top: ast.stmt, statement: ast.stmt, at_import: bool) -> None:
        """The mutants of a node and of all in it."""
        statement = node if isinstance(node, ast.stmt) else statement
        shown = getattr(node, "name", None) or next(map(ast.unparse, ast.iter_child_nodes(node)), "")
        if isinstance(node, (ast.Raise, ast.JoinedStr)) or (
            isinstance(node, (ast.FunctionDef, ast.If, ast.Assign, ast.Call)) and SELDOM.fullmatch(shown.split(".")[-1])
        ):
            return
        name = getattr(top, "name", "") or ast.unparse(getattr(top, "targets", [ast.Name("")])[0])
        for start, end, text in self.changes(node):
            first, last = (bisect_right(self.starts, place) for place in (start, max(start, end - 1)))
            wider = ((first, last), lines_of(statement), (top.lineno, top.end_lineno or top.lineno))
            self.found.append(Mutant(self.path, start, end, text, wider, name, at_import))
        for field, value in ast.iter_fields(node):
            later = field == "body" and isinstance(node, (ast.FunctionDef, ast.Lambda))
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and field not in ("annotation", "returns"):
                    self.walk(child, top, statement, at_import and not later)

    def changes(self, node: ast.AST) -> Iterator[tuple[int, int, str]]:
        """Where to write what instead."""
        match node:
            case ast.Compare(left, operators, others):
                for operator, (a, b) in zip(operators, pairwise([left, *others]), strict=True):
                    yield from self.swapped(a, operator, b)
            case ast.BoolOp(operator, values):
                for a, b in pairwise(values):
                    yield from self.swapped(a, operator, b)
            case ast.BinOp(a, operator, b) if not any(is_text(side) for side in (a, b)):
                yield from self.swapped(a, operator, b)
            case ast.UnaryOp(operator):
                start, _ = self.span(node)
                yield start, start + (3 if isinstance(operator, ast.Not) else 1), ""
            case ast.Constant(bool(value)):
                yield *self.span(node), str(not value)
            case ast.Constant(int(value) | float(value)):
                yield *self.span(node), repr(value + 1)
            case ast.keyword(str(name)) if name != "strict":  # that of zip is an assertion
                start, end = self.span(node)
                comma = re.compile(rb"\s*,\s*").match(self.bare, end)
                yield (start, comma.end(), "") if comma else (len(re.sub(rb",\s*\Z", b"", self.bare[:start])), end, "")
            case ast.Return(ast.AST() as value):
                yield *self.span(value), "None"
            case ast.Slice(lower, upper):
                yield from ((*self.span(bound), "") for bound in (lower, upper) if bound)
            case ast.If(condition) | ast.IfExp(condition) | ast.While(condition) | ast.comprehension(ifs=[condition]):
                yield from self.negated(condition)
            case ast.Expr() | ast.AugAssign() | ast.Assign([ast.Attribute() | ast.Subscript()]):
                if not is_text(getattr(node, "value", node)):
                    yield *self.span(node), "pass"

    def swapped(self, left: ast.expr, operator: ast.AST, right: ast.expr) -> Iterator[tuple[int, int, str]]:
        old, new = SWAPS[type(operator)]
        pattern = rf"\b{old}\b".replace(" ", r"\s+") if old.isascii() and old[0].isalpha() else re.escape(old)
        found = re.compile(pattern.encode()).search(self.bare, self.span(left)[1], self.span(right)[0])
        if found:
            yield *found.span(), new

    def negated(self, condition: ast.expr) -> Iterator[tuple[int, int, str]]:
        """Not where another change does the same."""
        match condition:
            case ast.Compare(ops=[ast.Eq() | ast.NotEq() | ast.Is() | ast.IsNot() | ast.In() | ast.NotIn()]):
                return
            case ast.UnaryOp(ast.Not()):
                return
        start, end = self.span(condition)
        yield start, end, f"(not ({self.bare[start:end].decode()}))"


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def lines_of(statement: ast.stmt) -> tuple[int, int]:
    """The first and last line of a statement, without those of the statements in it."""
    body = getattr(statement, "body", None)
    first = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", []))])
    return first, max(first, body[0].lineno - 1) if body else statement.end_lineno or first


@cache
def read(path: str) -> bytes:
    return (ROOT / path).read_bytes()


def mutants_of(paths: Iterable[str]) -> list[Mutant]:
    files = {
        file for path in paths for file in ([ROOT / path] if path.endswith(".py") else (ROOT / path).rglob("*.py"))
    }
    found = [each for file in files for each in Mutator(str(file.relative_to(ROOT))).found]
    return sorted(found, key=lambda each: (each.path, each.start, each.end, each.text))
