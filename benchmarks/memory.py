"""The memory that 1,000 operations y = y * c + b on 100,000 float64 take above the start, forward and backward."""

from __future__ import annotations

from statistics import median

from chain import CONTESTANTS, TINY
from harness import number, peaks, table

LENGTH, SIZE = 1_000, 100_000


def report(rounds: int) -> None:
    turns = max(1, rounds // 3)
    print(f"## Peak memory of {LENGTH:,} operations on {SIZE:,} elements\n\nMedian of {turns} fresh processes each.\n")
    rows = []
    for name in CONTESTANTS:
        answers = [peaks("chain", name, TINY, length=LENGTH, size=SIZE) for _ in range(turns)]
        if failure := answers[0][1]:
            rows.append([name, failure])
            continue
        peak = {phase: [found[phase] for found, _ in answers] for phase in answers[0][0] if phase != "left"}
        medians = [number(median(samples)) for samples in peak.values()]
        *_, whole = peak.values()
        rows.append([name, f"{number(min(whole))} to {number(max(whole))}", *medians])
    table(["MB above the start", "least to most", "forward", "and backward"], rows)
