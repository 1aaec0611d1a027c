"""Random expression graphs of many primitives, deep and shared: ``python tests/random_graphs.py 100000 [seed]``.

They grow as those of `autograd_nn.testing.strategies.expressions`, of random bytes. The gradient of each, and for half
of them the second derivatives, are proved. In every other graph the last leaf is a constant.
"""

import sys
from collections import Counter
from time import perf_counter

import numpy as np
from differences import dyadic, leaves
from operands import NAMES
from parallel import pool

from autograd_nn.ops.declare import PRIMITIVES
from autograd_nn.testing import GradientError, check_gradients
from autograd_nn.testing.strategies import Expression
from autograd_nn.testing.strategies.random_expressions import Growth, code_length, vocabulary

DEPTH = 12
SHAPES = [(), (1,), (3,), (2, 3), (2, 1, 3), (2, 2), (1, 3), (3, 3)]
SMOOTH = [name for name, primitive, _ in vocabulary() if primitive.domain.kink is None]


def grown(seed):
    """A graph with values at its leaves."""
    rng = np.random.default_rng(seed)
    shapes = [(2, 3), *(SHAPES[k] for k in rng.integers(len(SHAPES), size=rng.integers(4)))]
    arrays = [2 * dyadic(rng, shape) for shape in shapes]
    growth = Growth(arrays, DEPTH)
    for _ in range(rng.integers(4, 33)):
        growth.grow(rng.bytes(code_length()))
    return Expression(len(arrays), tuple(growth.steps)), arrays


def examine(seed):
    """The verdict on one graph, with what led to it, and the primitives in it."""
    with np.errstate(all="ignore"):
        graph, arrays = grown(seed)
        names = Counter(step.name for step in graph.steps if step.name in PRIMITIVES)
        free = len(arrays) - 1 if seed % 2 and len(arrays) > 1 else len(arrays)
        f = lambda *operands: graph(*operands, *arrays[free:])
        if not np.array_equal(f(*leaves(arrays[:free])).data, f(*arrays[:free])):
            return "wrong", f"other values of Tensors than of arrays\n{graph}", names
        try:
            report = check_gradients(f, *arrays[:free], order=2 if seed % 4 < 2 else 1)
        except GradientError as error:
            return "wrong", f"{error}\n{graph}\n{arrays}", names
        return report.verdict, "", names


def examined(seed):
    """`examine`, for a pool."""
    try:
        judgement, details, names = examine(seed)
        return seed, judgement, details, names
    except Exception as error:
        return seed, "error", f"{type(error).__name__}: {error}", Counter()


def main(count, seed=0):
    started, verdicts, names = perf_counter(), Counter(), Counter()
    with pool() as processes:
        for number, judgement, details, used in processes.imap_unordered(
            examined, range(seed, seed + count), chunksize=100
        ):
            verdicts[judgement] += 1
            names += used
            if judgement in ("wrong", "error") and verdicts[judgement] <= 10:
                print(f"seed {number}: {judgement}: {details}\n")
    print(f"{count} graphs, {names.total()} primitives: {dict(verdicts)}, {perf_counter() - started:.0f} s")
    print("rarest:", ", ".join(f"{name} {names[name]}" for name in sorted(NAMES, key=names.__getitem__)[:8]))
    missing = [name for name in SMOOTH if not names[name]]
    if missing:
        print(f"{len(missing)} smooth primitives have not appeared: {', '.join(missing)}")
    return bool(missing) or verdicts["wrong"] + verdicts["error"] > 0 or verdicts["right"] < 0.8 * count


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
