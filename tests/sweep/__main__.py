"""The whole sweep, every case in every layout and dtype with several seeds: ``python -m sweep [chapter ...]``."""

import sys
from collections import Counter
from time import perf_counter

from parallel import pool

from sweep import chapters
from sweep.case import outcome

COLUMNS = ("functions", "calls", "checks", "value", "gradient", "second", "jvp", "float32", "only value")
FAILURES = ("wrong", "unresolved", "refused", "vacuous")


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
