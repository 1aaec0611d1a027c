"""Smaller examples with the same failure: fewer elements, and numbers nearer to 0, 1 and -1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.engine.tensor import raw
from autograd_nn.engine.trees import leaves, tree_map
from autograd_nn.testing.subjects import Expression, Handwritten

__all__ = ["shrunk"]

Array = NDArray[Any]
Subject = Expression | Handwritten
ATTEMPTS = 120
EVALUATIONS = 4000
SINGLE = 12
"""Arrays of up to so many elements are simplified element by element."""


class Budget:
    """How many more candidates may be tried."""

    def __init__(self, fails: Callable[[Subject], int]) -> None:
        self.fails = fails
        self.attempts, self.evaluations = ATTEMPTS, EVALUATIONS

    def accepts(self, candidate: Subject) -> bool:
        """Whether the candidate fails too; ``fails`` returns the evaluations it took, negative if it does not."""
        if self.attempts <= 0 or self.evaluations <= 0:
            return False
        self.attempts -= 1
        try:
            spent = self.fails(candidate)
        except Exception:  # it is no valid example
            return False
        self.evaluations -= abs(spent)
        return spent > 0


def shrunk(subject: Subject, fails: Callable[[Subject], int]) -> Subject:
    """The smallest subject found that fails in the same way."""
    budget = Budget(fails)
    subject = shorter(subject, budget)
    for k in range(subject.own):
        subject = simpler(subject, k, budget)
    return subject


def shorter(subject: Subject, budget: Budget) -> Subject:
    """Axes of the same size are cut together, so that shapes go on fitting."""
    args = subject.arguments.filled(subject.arrays)
    sizes = {n for x in leaves(args) for n in np.shape(raw(x)) if n > 1}
    for n in sorted(sizes, reverse=True):
        for m in dict.fromkeys((1, 2, 3, n // 2)):
            if m >= n:
                continue
            candidate = subject.with_args([cut(arg, n, m) for arg in subject.arguments.filled(subject.arrays)])
            if budget.accepts(candidate):
                subject = candidate
                break
    return subject


def cut(tree: Any, n: int, m: int) -> Any:
    def shortened(x: Any) -> Any:
        array = raw(x)
        if type(array) is not np.ndarray or n not in array.shape:
            return x
        return array[tuple(slice(m) if size == n else slice(None) for size in array.shape)].copy()

    return tree_map(shortened, tree)


def simpler(subject: Subject, k: int, budget: Budget) -> Subject:
    """Simpler numbers in the k-th array: in all places at once, then one by one."""
    for candidate in (np.zeros_like, np.ones_like, np.rint, halves):
        array = subject.arrays[k]
        simple = np.asarray(candidate(array))
        if np.all(complexity(array) <= complexity(simple)):
            continue
        attempt = subject.with_array(k, simple)
        if budget.accepts(attempt):
            subject = attempt
            break
    if subject.arrays[k].size <= SINGLE:
        for index in np.ndindex(subject.arrays[k].shape):
            for value in candidates(subject.arrays[k][index]):
                array = subject.arrays[k].copy()
                array[index] = value
                attempt = subject.with_array(k, array)
                if budget.accepts(attempt):
                    subject = attempt
                    break
    return subject


def candidates(x: Any) -> Iterator[Any]:
    """Simpler numbers, the simplest first."""
    for value in dict.fromkeys((0.0, 1.0, -1.0, *np.unique(np.rint(x)).tolist(), *np.unique(halves(x)).tolist())):
        if complexity(value) < complexity(x):
            yield value


def halves(x: Any) -> Any:
    return np.rint(2 * x) / 2


def complexity(x: Any) -> Any:
    """0 for 0, then 1, -1, other integers, halves, and the rest."""
    x = np.asarray(x)
    return np.select([x == 0, x == 1, x == -1, x == np.rint(x), x == halves(x)], [0, 1, 2, 3, 4], 5)
