"""Measure the figures named, or all of them, and print their tables: ``python benchmarks/run.py moons --rounds 5``."""

from __future__ import annotations

import argparse
import importlib
import platform
from importlib.metadata import PackageNotFoundError, version

from harness import PACKAGES

FIGURES = {
    "moons": "moons",
    "chain": "chain",
    "memory": "memory",
    "depth": "depth",
    "import": "imports",
    "convolution": "convolution",
    "hessian": "second",
    "drawing": "drawing",
}


def version_or_missing(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("figures", nargs="*", metavar="figure", help=f"any of {', '.join(FIGURES)}")
parser.add_argument("--rounds", type=int, default=15, help="how often each contestant is asked (15)")
asked = parser.parse_args()
if unknown := set(asked.figures) - FIGURES.keys():
    parser.error(f"no figure {', '.join(unknown)}: choose from {', '.join(FIGURES)}")
versions = [f"{name} {version_or_missing(package)}" for name, package in PACKAGES.items()]
print(", ".join([f"Python {platform.python_version()}", *versions]), end="\n\n")
for figure in asked.figures or FIGURES:
    importlib.import_module(FIGURES[figure]).report(asked.rounds)
