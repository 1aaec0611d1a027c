"""The whole sweep, every case in every layout and dtype with several seeds: ``python -m sweep [chapter ...]``."""

import sys
from collections import Counter
from itertools import product
from time import perf_counter

import numpy as np
from parallel import pool

from sweep import chapters
from sweep.case import LAYOUTS, UnresolvedError, WrongError, check

SEEDS = range(3)
KINDS = {WrongError: "wrong", UnresolvedError: "unresolved"}
COLUMNS = ("functions", "calls", "checks", "value", "gradient", "second", "jvp", "float32", "only value")
FAILURES = ("wrong", "unresolved", "refused", "vacuous")


def outcome(case):
    """How often each kind of check was made, and the ways in which the case failed."""
    checks, failures = Counter(), {}
    for dtype, layout, seed in product((np.float64, np.float32), LAYOUTS, SEEDS):
        try:
            checks.update(check(case, dtype, layout, seed))
        except Exception as error:
            kind = KINDS.get(type(error), "refused")
            failures.setdefault(kind, f"{error} ({np.dtype(dtype)}, {layout}, seed {seed})")
    if not failures and case.promises - set(checks):
        failures["vacuous"] = "there is nothing to differentiate: order=0 is for constants"
    return checks, failures


def main(names):
    table = chapters()
    started, sums, details = perf_counter(), Counter(), []
    print_row = lambda name, row: print(f"{name:16}" + "".join(f"{row[c]:>11}" for c in (*COLUMNS, *FAILURES)))
    print_row("chapter", {column: column for column in (*COLUMNS, *FAILURES)})
    with pool() as processes:
        for name in names or table:
            row, chapter = Counter(), table[name]
            for case, (checks, failures) in zip(chapter, processes.imap(outcome, chapter, chunksize=4), strict=True):
                row += checks
                row["checks"] += checks.total()
                row["only value"] += "gradient" not in checks
                row.update(failures.keys())
                details += [f"{name}: {case}: {kind}: {text[:240]}" for kind, text in failures.items()]
            row |= Counter(functions=len(set().union(*(case.called() for case in chapter))), calls=len(chapter))
            sums += row
            print_row(name, row)
    print_row("together", sums)
    print(*details, f"{perf_counter() - started:.0f} s", sep="\n")
    return bool(details)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
