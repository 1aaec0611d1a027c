"""What ``import autograd_nn`` costs beyond ``import numpy``, and what it must not import."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median

from harness import ENVIRONMENT, number, table

HEAVY = ("matplotlib", "sklearn", "rich", "hypothesis")

CODE = f"""
import sys, time
start = time.perf_counter()
import {{module}}
print(time.perf_counter() - start, *(name for name in {HEAVY} if name in sys.modules))
"""


def report(rounds: int) -> None:
    seconds: dict[str, list[float]] = {"numpy": [], "autograd_nn": []}
    heavy: set[str] = set()
    environment = os.environ | ENVIRONMENT
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # modules are compiled once, as by an installation
    for _ in range(rounds + 1):
        for module, samples in seconds.items():
            command = [sys.executable, "-c", CODE.format(module=module)]
            elapsed, *found = subprocess.check_output(command, text=True, env=environment).split()
            samples.append(float(elapsed))
            heavy.update(found)
    numpy, ours = (median(samples[1:]) * 1e3 for samples in seconds.values())
    print(f"## Import\n\nMedian of {rounds} fresh processes each, in turn.\n")
    table(
        ["", "ms"],
        [
            ["import numpy", number(numpy)],
            ["import autograd_nn", number(ours)],
            ["difference", number(ours - numpy)],
            [f"imports of {', '.join(HEAVY)}", ", ".join(sorted(heavy)) or "none"],
        ],
    )
