"""Random NumPy programs on arrays and on Tensors: ``python tests/programs/run.py --number 100000 --seed 0``.

Prints how many came out how, refusals by reason, and the first failures of each kind as short as they can be made. The
exit status is 1 if anything is wrong, or more than 2 % were refused that need not be. ``--minutes 60`` has hypothesis
look for a program that is wrong instead, for that long.
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

import hypothesis
from grammar import write
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from judge import WRONG, judge, short
from shrink import shrunk

CHUNK = 200
"""How many programs a process is given at a time."""


def judged(seeds, namespace):
    """How the programs of these seeds come out: how many of each kind and reason, and the seeds of failures."""
    np, counts, failures = import_module(namespace), Counter(), []
    for seed in seeds:
        judgement = judge(write(Random(seed)), np)
        differ = judgement.kind in ("right", "no differences", "wrong value", "wrong gradient", "missing gradient")
        reason = "" if differ else short(judgement.reason)  # the numbers of each
        counts[judgement.kind, reason] += 1
        if judgement.kind in WRONG:
            failures.append((judgement.kind, reason, seed))
    return counts, failures


def shortest(program, np):
    """The program made short while its judgement stays of its kind, with the reason if that is an error."""

    def like(judgement):
        return judgement.kind, short(judgement.reason) if judgement.kind in ("crash", "not refused") else ""

    kind = like(judge(program, np))
    return shrunk(program, lambda other: like(judge(other, np)) == kind)


def show(program, np, title):
    warnings.simplefilter("ignore", SyntaxWarning)  # of programs on their way to be shorter
    program = shortest(program, np)
    how = "value_and_grad" if program.transform else "leaves and gradients"
    print(f"\n{title} ({how}, shapes {program.shapes}, values {program.values})")
    print(program.text + f"# {judge(program, np).reason}")


def count(options, pool):
    """Judge as many programs as asked for; whether all is well."""
    started, counts, failures = perf_counter(), Counter(), {}
    end = options.seed + options.number
    chunks = [range(k, min(k + CHUNK, end)) for k in range(options.seed, end, CHUNK)]
    for found, failed in pool.imap(partial(judged, namespace=options.numpy), chunks):
        counts += found
        for kind, reason, seed in failed:
            failures.setdefault((kind, reason), []).append(seed)
    rate = options.number / (perf_counter() - started)
    print(f"{options.number} programs from seed {options.seed}, {rate:.0f} a second")
    kinds = Counter()
    for (kind, _), n in counts.items():
        kinds[kind] += n
    for kind, n in kinds.most_common():
        print(f"{n:8} {100 * n / options.number:6.2f} %  {kind}")
        for (of, reason), m in counts.most_common():
            if of == kind and reason:
                print(f"{m:16}  {reason}")
    np = import_module(options.numpy)
    for (kind, reason), seeds in failures.items():
        for seed in seeds[: options.show]:
            show(write(Random(seed)), np, f"seed {seed}: {kind} {reason}")
    return not failures and kinds["refused"] <= 0.02 * options.number


def searched(seed, minutes, namespace):
    """How many programs hypothesis has tried in these minutes, and one that it found to be wrong."""
    np, tried, end = import_module(namespace), 0, perf_counter() + 60 * minutes
    wrong = None

    # What it finds is shown by `shortest`, which needs seconds where its own shrinking needs minutes.
    @settings(
        max_examples=1_000,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(st.randoms(use_true_random=False))
    def is_right(rng):
        nonlocal tried, wrong
        tried += 1
        program = write(rng)
        if judge(program, np).kind in WRONG:
            wrong = program
            raise AssertionError

    while wrong is None and perf_counter() < end:
        try:
            hypothesis.seed(seed)(is_right)()
        except AssertionError:
            break
        seed += 1
    return tried, wrong


def search(options, pool):
    """Have hypothesis look in each process; whether all is well."""
    np = import_module(options.numpy)
    starts = [(options.seed + 10**6 * k, options.minutes, options.numpy) for k in range(options.workers)]
    found = pool.starmap(searched, starts)
    print(f"hypothesis tried {sum(tried for tried, _ in found)} programs")
    for _, wrong in found:
        if wrong:
            show(wrong, np, judge(wrong, np).kind)
    return not any(wrong for _, wrong in found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--number", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="how long hypothesis is to look")
    parser.add_argument("--numpy", default="numpy", help="the module that programs on Tensors have as np")
    parser.add_argument("--show", type=int, default=3, help="how many failures of each kind to show")
    options = parser.parse_args()
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with get_context("spawn").Pool(options.workers) as pool:
        well = search(options, pool) if options.minutes else count(options, pool)
    return not well


if __name__ == "__main__":
    sys.exit(main())
