"""Nested tuples, lists and dicts: what arguments and results may be made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["leaves", "leaves_like", "tree_map"]


def tree_map(f: Callable[[Any], Any], tree: Any) -> Any:
    """The same nested tuples, lists and dicts with f of each leaf."""
    if isinstance(tree, dict):
        return {key: tree_map(f, value) for key, value in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(tree_map(f, item) for item in tree))
    if isinstance(tree, (tuple, list)):
        return type(tree)(tree_map(f, item) for item in tree)
    return f(tree)


def leaves(tree: Any) -> list[Any]:
    """The leaves of nested tuples, lists and dicts, in order."""
    found: list[Any] = []
    tree_map(found.append, tree)
    return found


def leaves_like(like: Any, tree: Any, what: str) -> list[Any]:
    """The leaves of a tree in the order of one that it has the structure of; None may stand for a whole branch."""
    if tree is None:
        return [None] * len(leaves(like))
    if isinstance(like, dict) and isinstance(tree, dict) and like.keys() == tree.keys():
        return [leaf for key in like for leaf in leaves_like(like[key], tree[key], what)]
    if isinstance(like, (tuple, list)) and isinstance(tree, (tuple, list)) and len(like) == len(tree):
        return [leaf for pair in zip(like, tree, strict=True) for leaf in leaves_like(*pair, what)]
    if isinstance(like, (dict, tuple, list)):
        raise ValueError(f"{what}: expected the structure of {tree_map(lambda _: '*', like)}, got {tree!r}")
    return [tree]
