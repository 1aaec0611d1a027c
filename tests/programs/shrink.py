"""Makes a failing program as short as it can be while it fails in the same way."""

import ast
from copy import deepcopy
from dataclasses import replace
from itertools import count


def blocks(tree):
    """The lists of statements in it."""
    for node in ast.walk(tree):
        for field in ("body", "orelse"):
            statements = getattr(node, field, None)
            if isinstance(statements, list):
                yield statements


def simpler(node):
    """Parts of an expression that may stand in its place."""
    match node:
        case ast.Call(func=ast.Name(id="total")):
            return []
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.Call(args=args, func=function):
            whole = (
                [function.value] if isinstance(function, ast.Attribute) and not is_name(function.value, "np") else []
            )
            return [*whole, *(arg for arg in args if isinstance(arg, ast.expr))]
        case ast.Subscript(value=value) | ast.Attribute(value=value) if not is_name(value, "np"):
            return [value]
        case ast.List(elts=elements) | ast.Tuple(elts=elements) if len(elements) > 1:
            return [type(node)(elements[:k] + elements[k + 1 :], node.ctx) for k in range(len(elements))]
    return []


def is_name(node, name):
    return isinstance(node, ast.Name) and node.id == name


def rename(tree, name, other):
    for node in ast.walk(tree):
        if is_name(node, name):
            node.id = other


def cut(tree, number):
    """Take the number-th step on the tree; whether there is one."""
    steps = count()
    for statements in blocks(tree):
        for k in range(len(statements) - 1, -1, -1):
            if next(steps) == number:
                del statements[k]
                return True
            match statements[k]:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=other)) if next(steps) == number:
                    del statements[k]
                    rename(tree, name, other)
                    return True
            if len(statements) == 1 and not isinstance(statements[k], ast.Pass) and next(steps) == number:
                statements[k] = ast.Pass()
                return True
            inside = getattr(statements[k], "body", None)
            if inside and next(steps) == number:
                statements[k : k + 1] = inside
                return True
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and is_name(node.func, "total"):
            for k in range(len(node.args)):
                if next(steps) == number:
                    del node.args[k]
                    return True
        for field, value in ast.iter_fields(node):
            values = value if isinstance(value, list) else [value]
            for k, part in enumerate(values):
                for instead in simpler(part) if isinstance(part, ast.expr) else ():
                    if next(steps) == number:
                        if isinstance(value, list):
                            value[k] = instead
                        else:
                            setattr(node, field, instead)
                        return True
    return False


def shrunk(program, fails):
    """The shortest program that was found of which ``fails(program)`` holds, as it does of this one."""
    filled = replace(program, text=program.text.replace("empty_like", "zeros_like"))  # lest what fills it is taken away
    tree, number, shorter_since = ast.parse((filled if fails(filled) else program).text), 0, False
    while True:
        other = deepcopy(tree)
        if not cut(other, number):
            if not shorter_since:
                return replace(program, text=ast.unparse(tree) + "\n")
            number, shorter_since = 0, False
            continue
        try:
            text = ast.unparse(ast.fix_missing_locations(other))
        except Exception:  # a list of statements that became empty
            text = ""
        if text and fails(replace(program, text=text)):
            tree, shorter_since = other, True
        else:
            number += 1
