"""Random NumPy programs on arrays and on Tensors: ``python tests/programs/run.py --number 100000 --seed 0``.

Prints how many came out how, refusals by reason, and the first failures of each kind as short as they can be made. The
exit status is 1 if anything is wrong, or more than 2 % were refused that need not be.
"""

import argparse
import os
import sys
import warnings
from collections import Counter
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from random import Random
from time import perf_counter

sys.path.append(str(Path(__file__).parents[1]))  # for `differences`

from grammar import write
from judge import WRONG, judge, short
from shrink import shrunk

SHOWN = 3
"""How many failures of a kind are shown."""


def judged(seeds, namespace):
    """How the programs of these seeds come out: how many of each kind and reason, and the seeds of failures."""
    np, counts, failures = import_module(namespace), Counter(), []
    for seed in seeds:
        program = write(Random(seed))
        judgement = judge(program, np)
        reason = (
            ""
            if judgement.kind in ("right", "no differences", "wrong value", "wrong gradient")
            else short(judgement.reason)
        )
        counts[judgement.kind, reason] += 1
        if judgement.kind in WRONG:
            failures.append((judgement.kind, reason, seed))
    return counts, failures


def shortest(program, np):
    """The program made short while its judgement stays of its kind, with the reason if that is a crash."""
    like = lambda judgement: (
        judgement.kind,
        short(judgement.reason) if judgement.kind in ("crash", "not refused") else "",
    )
    kind = like(judge(program, np))
    return shrunk(program, lambda other: like(judge(other, np)) == kind)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--number", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--numpy", default="numpy", help="the module that programs on Tensors have as np")
    parser.add_argument("--show", type=int, default=SHOWN, help="how many failures of each kind to show")
    given = parser.parse_args()
    started, counts, failures = perf_counter(), Counter(), {}
    size = 200
    chunks = [
        range(k, min(k + size, given.seed + given.number)) for k in range(given.seed, given.seed + given.number, size)
    ]
    work = partial(judged, namespace=given.numpy)
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with get_context("spawn").Pool(given.workers) as pool:
        for found, failed in pool.imap(work, chunks) if given.workers > 1 else map(work, chunks):
            counts += found
            for kind, reason, seed in failed:
                failures.setdefault((kind, reason), []).append(seed)
    wall = perf_counter() - started
    report(counts, failures, given, wall)
    kinds = Counter()
    for (kind, _), n in counts.items():
        kinds[kind] += n
    return bool(failures) or kinds["refused"] > 0.02 * given.number


def report(counts, failures, given, wall):
    kinds = Counter()
    for (kind, _), n in counts.items():
        kinds[kind] += n
    print(f"{given.number} programs from seed {given.seed}, {given.number / wall:.0f} a second")
    for kind, n in kinds.most_common():
        print(f"{n:8} {100 * n / given.number:6.2f} %  {kind}")
        for (of, reason), m in counts.most_common():
            if of == kind and reason:
                print(f"{m:16}  {reason}")
    warnings.simplefilter("ignore", SyntaxWarning)  # of programs on their way to be shorter
    np = import_module(given.numpy)
    for (kind, reason), seeds in failures.items():
        for seed in seeds[: given.show]:
            program = shortest(write(Random(seed)), np)
            how = "value_and_grad" if program.transform else "leaves and gradients"
            print(f"\nseed {seed}: {kind} {reason} ({how}, shapes {program.shapes}, values {program.values})")
            print(program.text + f"# {judge(program, np).reason}")


if __name__ == "__main__":
    sys.exit(main())
