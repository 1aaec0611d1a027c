"""Mutation testing: changes of the package, planted one at a time, and which of them no test notices.

``python tests/mutants.py`` draws 1,000 places with a seed and changes each: an operator, a constant, a condition, a
keyword, a bound, a statement. For each it runs the tests that run the changed line, the cheapest first, until one
fails. The first run records which test runs which line, and takes twice as long as the suite. The record, the results
and the list of survivors are in .mutants/; a run that was interrupted goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage, CoverageData
from mutations import ROOT, Mutant, Result, mutants_of, read

KEPT = ROOT / ".mutants"
RECORD, COVERAGE, RESULTS, SURVIVORS = (KEPT / name for name in ("record", "coverage", "results", "survivors"))
PATHS = [f"autograd_nn/{name}" for name in ("engine", "ops", "transforms.py", "graph", "testing")]
OUTCOMES = ("killed", "timeout", "survived")
BUDGETS, THOROUGH = [2, 20], 300
"""Seconds of tests: most mutants die in the first, and need not wait until the tests of the second are collected."""
IMPORT = ""  # the context of lines that run when the package is imported
FORK = multiprocessing.get_context("fork")  # what is imported once is there in every process

# Which test runs which line ---------------------------------------------------------------------------


class Record:
    """The seconds of every test that passes, not of one that is skipped; and the tests of every line."""

    def __init__(self, trees: list[Path]) -> None:
        kept = json.loads(RECORD.read_text()) if RECORD.exists() else {}
        tests, ours = {*ROOT.glob("tests/**/test_*.py")}, {*ROOT.glob("tests/muta*.py")}
        others = {*ROOT.glob("autograd_nn/**/*.py"), *ROOT.glob("tests/**/*.py")} - tests - ours
        shared, files = digest(*others), {str(file.relative_to(ROOT)): digest(file) for file in tests}
        if kept.get("shared") != shared:
            kept = {"files": {}, "seconds": {}}
            COVERAGE.unlink(missing_ok=True)
        changed = sorted(file for file in files if files[file] != kept["files"].get(file))
        self.seconds: dict[str, float] = {t: s for t, s in kept["seconds"].items() if file_of(t) not in changed}
        if changed:
            self.extend(trees, changed if kept["files"] else ["autograd_nn", "tests"])
            RECORD.write_text(json.dumps({"shared": shared, "files": files, "seconds": self.seconds}))

    def extend(self, trees: list[Path], arguments: list[str]) -> None:
        print("recording which lines every test runs, in", *arguments, flush=True)
        (data := CoverageData(str(COVERAGE))).read()
        parallel([(recorded, tree, k, len(trees), arguments) for k, tree in enumerate(trees)])
        for tree in trees:
            self.seconds |= json.loads(Path(f"{tree}.seconds").read_text())
            (part := CoverageData(f"{tree}.coverage")).read()
            data.update(part)
            print(*re.findall("^FAILED.*", Path(f"{tree}.log").read_text(), re.MULTILINE), sep="\n")

    def tests(self, mutant: Mutant) -> tuple[list[str], bool]:
        """All that may notice, those first that run the place or else its statement; and whether this is run at all.

        What runs at import may be noticed by every test; what no test runs, by one that starts another process.
        """
        lines = tests_of_lines(mutant.path)
        own, around, top = (set().union(*(lines.get(n, []) for n in range(a, b + 1))) for a, b in mutant.wider)
        own = own or around
        everywhere = mutant.at_import or IMPORT in own or not own & self.seconds.keys()
        found: dict[str, None] = {}
        for kind in (own, top, set().union(*lines.values()), {*self.seconds}) if everywhere else (own,):
            found |= dict.fromkeys(self.spread(kind & self.seconds.keys() - found.keys(), mutant.name))
        return [*found], bool(own)

    def spread(self, tests: set[str], name: str) -> list[str]:
        """First those that bear the name of what is declared; of every file as many seconds, the cheapest first."""
        spent, places = Counter[tuple[str, bool]](), {}
        for test in sorted(tests, key=lambda test: (self.seconds[test], test)):
            other = not name or re.search(rf"\b{re.escape(name)}\b", test) is None
            spent[file_of(test), other] += self.seconds[test]  # type: ignore[assignment]
            places[test] = (other, spent[file_of(test), other])
        return sorted(places, key=lambda test: (places[test], test))


@cache
def tests_of_lines(path: str) -> dict[int, list[str]]:
    (data := CoverageData(str(COVERAGE))).read()
    return data.contexts_by_lineno(path)


def digest(*files: Path) -> str:
    return hashlib.sha1(b"".join(str(file).encode() + file.read_bytes() for file in sorted(files))).hexdigest()


def file_of(test: str) -> str:
    return test.split("::")[0]


# Runs of tests, each in a process of its own ----------------------------------------------------------


class Selection:
    """A plugin of pytest: runs the chosen tests in their order; what failed or was skipped, and their seconds."""

    def __init__(self, chosen: Callable[[list[str]], list[str]], begin: Callable[[str], object]) -> None:
        self.chosen, self.begin = chosen, begin
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []
        self.skipped: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self) -> None:
        from hypothesis import Phase, settings

        phases = (Phase.explicit, Phase.generate, Phase.shrink)  # without explain, which takes long
        settings.register_profile("mutants", settings.get_profile("ci"), phases=phases)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        named = {item.nodeid: item for item in items}
        items[:] = [named[test] for test in self.chosen([*named]) if test in named]

    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        self.begin(collector.nodeid)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.begin(nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.failed += [report.nodeid] if report.failed else []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration
        self.failed += [report.nodeid] if report.failed else []
        self.skipped += [report.nodeid] if report.skipped else []


def run(tree: Path, files: Iterable[str], selection: Selection, *options: str) -> int:
    """Run tests with the package of the tree; what they print goes to a file beside it."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_DATA, (2**33, 2**33))
    os.chdir(tree)
    os.environ.pop("HYPOTHESIS_NO_PLUGINS", None)
    os.environ |= {"PYTHONPATH": str(tree), "CI": "1"}
    sys.path[:] = [str(tree), *(path for path in sys.path if path not in (str(ROOT), str(ROOT / "tests")))]
    with open(f"{tree}.log", "w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    importlib.import_module("hypothesis.entry_points").run()  # as when it is imported
    selection.begin(IMPORT)
    for file in sorted(tree.glob("autograd_nn/**/[!_]*.py")):  # none by the test that happens to need it first
        importlib.import_module(".".join(file.relative_to(tree).with_suffix("").parts))
    options = (*options, f"--basetemp={tree}.temporary", "--hypothesis-profile=mutants", "-pno:cacheprovider")
    return int(pytest.main([*options, "-Wignore::pytest.PytestAssertRewriteWarning", *files], [selection]))


def recorded(tree: Path, part: int, parts: int, arguments: list[str]) -> None:
    """Record a part of the tests."""
    os.chdir(tree)
    coverage = Coverage(f"{tree}.coverage", source=["autograd_nn"], config_file=False)
    coverage.set_option("run:relative_files", True)
    coverage.start()
    selection = Selection(lambda tests: tests[part::parts], coverage.switch_context)
    code = run(tree, arguments, selection)
    coverage.stop()
    coverage.save()
    others = {*selection.failed, *selection.skipped}
    passed = {test: seconds for test, seconds in selection.seconds.items() if test not in others}
    Path(f"{tree}.seconds").write_text(json.dumps(passed))
    sys.exit(code > 1)  # that some fail without a mutant is no harm: they are not in the record


def tried(tree: Path, tests: list[str]) -> None:
    """Without a mutant: compile the tests, and tell which modules of others to import once for all."""
    sys.dont_write_bytecode = False
    code = run(tree, ["autograd_nn", "tests"], Selection(lambda _: tests, lambda _: None), "-x")
    ours = {file.stem for file in tree.glob("tests/**/*.py")} | {"autograd_nn", "tests", "sweep"}
    files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.copy().items()}
    others = [name for name, file in files.items() if "/python3" in file and name.split(".")[0] not in ours]
    Path(f"{tree}.modules").write_text("\n".join(others))
    sys.exit(code)


def tested(tree: Path, tests: list[str], limit: int) -> None:
    """Run tests until one fails, and leave its name beside the tree."""
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
    sys.dont_write_bytecode = True
    selection = Selection(lambda _: tests, lambda _: None)
    code = run(tree, sorted({file_of(test) for test in tests}), selection, "-x", "--tb=no")
    Path(f"{tree}.failed").write_text("".join(selection.failed[:1]))
    sys.exit(code)


def outcome(tree: Path, tests: list[str], seconds: float) -> tuple[str, str]:
    """Whether the tests notice, and the one that does."""
    limit, failed = int(10 + 3 * seconds), Path(f"{tree}.failed")
    failed.write_text("")
    process = FORK.Process(target=tested, args=(tree, tests, limit))
    process.start()
    process.join(5 * limit)
    if process.is_alive():
        os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()
    if process.exitcode in (-signal.SIGXCPU, -signal.SIGKILL):
        return "timeout", ""
    return ("survived" if process.exitcode in (0, 5) else "killed"), failed.read_text()  # 5: no test is left


def judged(mutant: Mutant, tree: Path, record: Record, budgets: list[int]) -> Result:
    """Run the tests in stages, each with more seconds than the last, until one fails."""
    (tests, is_run), started, file, verdict, by = record.tests(mutant), time.time(), tree / mutant.path, "survived", ""
    times = file.stat().st_atime, file.stat().st_mtime
    file.write_bytes(mutant.applied(read(mutant.path)))
    os.utime(file, (times[0], times[1] + 3600))  # or it might be taken for the compiled original
    for budget in budgets:
        spent = [*accumulate(record.seconds[test] for test in tests)]
        count = max(1, bisect_right(spent, budget))
        if verdict == "survived" and tests:
            verdict, by = outcome(tree, tests[:count], spent[:count][-1])
            tests = tests[count:]
    file.write_bytes(read(mutant.path))
    os.utime(file, times)
    by = f"{len(tests)} tests left{'' if is_run else ', none runs this line'}" if verdict == "survived" else by
    return mutant.described() | {"outcome": verdict, "by": by, "seconds": round(time.time() - started, 1)}


# The session ------------------------------------------------------------------------------------------


def parallel(calls: list[tuple[Any, ...]]) -> None:
    """Call each function with its arguments in a process of its own, the first of them a tree."""
    processes = [FORK.Process(target=function, args=arguments) for function, *arguments in calls]
    for process in processes:
        process.start()
    for process, (_, tree, *_) in zip(processes, calls, strict=True):
        process.join()
        if process.exitcode:
            sys.exit(f"{Path(f'{tree}.log').read_text()}\nThis went wrong without a mutant.")


def planted(tree: Path) -> Path:
    """A copy of the project."""
    names = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, text=True)
    for name in filter(lambda name: (ROOT / name).is_file(), names.split("\0")):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tree / name)
    return tree


def prepare(trees: list[Path], record: Record) -> None:
    """See that all is well without a mutant, and import what is not ours once for all processes."""
    cheapest = {file_of(test): test for test in sorted(record.seconds, key=record.seconds.__getitem__, reverse=True)}
    parallel([(tried, tree, [*cheapest.values()]) for tree in trees])
    os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"  # the package is not imported before it is changed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in Path(f"{trees[0]}.modules").read_text().split():
            with suppress(Exception):
                importlib.import_module(name)
    assert "autograd_nn" not in sys.modules


def work(tree: Path, mutants: list[Mutant], record: Record, budgets: list[int]) -> None:
    for mutant in mutants:
        result = judged(mutant, tree, record, budgets)
        with RESULTS.open("a") as file:
            file.write(json.dumps(result) + "\n")
        if result["outcome"] != "killed":
            print(shown(result), flush=True)


def key(result: Result) -> tuple[Any, ...]:
    return tuple(result[name] for name in ("path", "line", "column", "before", "after"))


def shown(result: Result) -> str:
    return "{path}:{line}: {outcome} in {seconds} s {by}\n- {before}\n+ {after}\n".format(**result)


def results() -> dict[tuple[Any, ...], Result]:
    """The last result of every mutant."""
    return {key(each): each for each in map(json.loads, RESULTS.read_text().splitlines() if RESULTS.exists() else [])}


def drawn(options: argparse.Namespace) -> list[Mutant]:
    if options.only:
        found = mutants_of({place.split(":")[0] for place in options.only})
        return [m for m in found if f"{m.path}:{m.wider[0][0]}" in options.only and m.is_valid()]
    found = mutants_of(options.paths)
    random.Random(options.seed).shuffle(found)
    return [*islice(filter(Mutant.is_valid, found), options.number)]


def report(found: list[Result]) -> None:
    """The counts of every file, and the list of survivors."""
    print(f"{'':40}", *(f"{each:>10}" for each in OUTCOMES))
    for name in [*sorted({each["path"] for each in found}), "together"]:
        counts = Counter(each["outcome"] for each in found if name in (each["path"], "together"))
        print(f"{name:40}", *(f"{counts[each]:10}" for each in OUTCOMES))
    SURVIVORS.write_text("\n".join(map(shown, sorted((r for r in found if r["outcome"] == "survived"), key=key))))
    print(f"the survivors are in {SURVIVORS.relative_to(ROOT)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paths", nargs="+", default=PATHS, help="files and folders to mutate")
    parser.add_argument("--number", type=int, default=1000, help="how many mutants to draw")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", metavar="FILE:LINE", help="instead, all mutants of these lines")
    parser.add_argument("--again", action="store_true", help="run the survivors again, after tests were added")
    parser.add_argument("--thorough", action="store_true", help=f"{THOROUGH} s of tests before a mutant survives")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    KEPT.mkdir(exist_ok=True)
    mutants = {key(each.described()): each for each in drawn(options)}
    anew = ("survived",) if options.again else OUTCOMES if options.only else ()
    known = {name for name, result in results().items() if result["outcome"] not in anew}
    todo = [mutant for name, mutant in mutants.items() if name not in known]
    if todo:
        with tempfile.TemporaryDirectory(prefix="mutants-") as base:
            trees = [planted(Path(base) / f"tree{k}") for k in range(options.workers)]
            record = Record(trees)
            prepare(trees, record)
            budgets = [*BUDGETS, *[THOROUGH] * options.thorough]
            parallel([(work, tree, todo[k :: len(trees)], record, budgets) for k, tree in enumerate(trees)])
            killers = sorted({each["by"] for name, each in results().items() if name in mutants} & {*record.seconds})
            parallel([(tried, tree, killers[k :: len(trees)]) for k, tree in enumerate(trees)])  # without one they pass
    report([result for name, result in results().items() if name in mutants])


if __name__ == "__main__":
    main()
