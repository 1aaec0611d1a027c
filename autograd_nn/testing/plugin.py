"""The pytest plugin: counts what is proved, fails what proves nothing, collects contracts, and reports test by test.

It is loaded by its entry point wherever autograd_nn is installed, and says nothing where no gradients are checked.
Tests use the fixture `gradcheck` in place of `check_gradients`; ``@pytest.mark.gradients(order=2, seed=1)`` sets
options of `check_gradients` (order, rtol, kinks, seed) for all calls of the fixture and all contracts that it marks.
All of these tests have that marker, so that ``-m gradients`` chooses them. What each of them counts is among its
properties in the report of ``--junit-xml``, and printed by ``--gradients``.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Generator, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from autograd_nn.testing.ledger import Ledger, Tally

if TYPE_CHECKING:
    from autograd_nn.testing.contracts import Clause, Contract

__all__ = ["gradcheck"]

OPTIONS = ("order", "rtol", "kinks", "seed")
COLUMNS = 80
"""As wide as logs of CI are."""


LEDGER = pytest.StashKey[Ledger]()


@pytest.fixture(scope="session")  # @given refuses those of a function
def gradcheck(request: pytest.FixtureRequest) -> Ledger:
    """`autograd_nn.testing.check_gradients`, counted for the summary and with the options of the test's marker.

    A test fails if more than 5 % of its checks are unresolved, or if all were rejected at kinks.
    """
    return request.config.stash[LEDGER]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gradients")
    group.addoption(
        "--gradients",
        action="store_true",
        help="print for each test how many checks of gradients it made, and the smallest error they would have found",
    )
    group.addoption(
        "--gradients-mutate",
        action="store_true",
        help="run contracts against planted wrong pullbacks, and print how many of each kind are caught",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"gradients({', '.join(OPTIONS)}): options of check_gradients for all calls of gradcheck and all contracts.",
    )
    config.stash[LEDGER] = Ledger()


# Each test --------------------------------------------------------------------------------------------


def options_of(item: pytest.Item) -> dict[str, Any]:
    """What the markers say, the nearest last."""
    options: dict[str, Any] = {}
    for mark in reversed([*item.iter_markers("gradients")]):
        strange = [*map(repr, mark.args), *(mark.kwargs.keys() - set(OPTIONS))]
        if strange:
            takes = f"@pytest.mark.gradients takes {', '.join(OPTIONS)}, by keyword"
            pytest.fail(f"{takes}: got {', '.join(strange)}", pytrace=False)
        options |= mark.kwargs
    return options


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.config.stash[LEDGER].open(options_of(item))


def pytest_itemcollected(item: pytest.Item) -> None:
    if isinstance(item, ContractItem) or "gradcheck" in getattr(item, "fixturenames", ()):
        item.add_marker("gradients")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    test = item.config.stash[LEDGER].test
    try:
        result = yield
    finally:
        item.user_properties.extend((f"gradients_{name}", count) for name, count in test.counts().items())
    reason = test.proves_nothing()
    if reason:
        pytest.fail(reason, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, pytest.TestReport]:
    report: pytest.TestReport = yield
    if call.excinfo is not None and type(call.excinfo.value).__name__ == "GradientError":
        if isinstance(report.longrepr, str):
            report.longrepr = "\n".join(folded(report.longrepr.splitlines()))
        for entry in getattr(getattr(report.longrepr, "reprtraceback", None), "reprentries", ()):
            entry.lines = folded(entry.lines)
    return report


def folded(lines: list[str]) -> list[str]:
    """An error's message in 80 columns, but for the line that reproduces, which is to be copied."""
    short = []
    for line in lines:
        margin = "E" if line.startswith("E ") else ""
        inside = line[8:] if margin else line
        indent = margin.ljust(len(line) - len(inside) + (22 if inside.startswith("  ") else 2))
        own = line.startswith((">", "    ")) or inside.startswith("  reproduce")  # the test's code
        short += [line] if own else textwrap.wrap(line, COLUMNS, subsequent_indent=indent, break_on_hyphens=False)
    return short


# Contracts --------------------------------------------------------------------------------------------


class ContractItem(pytest.Item):
    """One clause of a contract."""

    def __init__(self, *, contract: Contract, clause: Clause, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.contract, self.clause = contract, clause

    def runtest(self) -> None:
        ledger = self.config.stash[LEDGER]
        self.clause.run(ledger)
        if not ledger.test and not ledger.test.power:
            pytest.fail(f"the contract of {self.contract.__name__} ran 0 checks of its {self.name}", pytrace=False)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        return self.path, self.contract.line, f"{self.contract.__name__}: {self.name}"

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """What is wrong and with which arguments; where our own code found it is of no interest."""
        if isinstance(excinfo.value, AssertionError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class ContractCollector(pytest.Collector):
    """The clauses of a contract."""

    def __init__(self, *, contract: Contract, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.contract = contract

    def collect(self) -> Iterator[ContractItem]:
        for clause in self.contract.clauses(self.config.getoption("gradients_mutate")):
            yield ContractItem.from_parent(self, name=clause.name, contract=self.contract, clause=clause)


def pytest_pycollect_makeitem(collector: Any, name: str, obj: object) -> ContractCollector | None:
    contracts = sys.modules.get("autograd_nn.testing.contracts")  # not imported: no contract either
    if contracts is None or type(obj) is not contracts.Contract:
        return None
    return ContractCollector.from_parent(collector, name=name, contract=obj)


# The summary ------------------------------------------------------------------------------------------


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:  # a worker of pytest-xdist
        output["gradients"] = asdict(session.config.stash[LEDGER].session)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    sent = getattr(node, "workeroutput", {}).get("gradients")
    if sent:
        node.config.stash[LEDGER].session.add(Tally(**sent))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    tally = config.stash[LEDGER].session
    if tally.power:
        from autograd_nn.testing.mistakes import MISTAKES

        terminalreporter.section("planted mistakes")
        for kind in filter(tally.power.__contains__, MISTAKES):
            caught, planted = tally.power[kind]
            terminalreporter.write_line(f"{kind:24} {caught:4} of {planted} caught")
    if config.getoption("gradients"):
        report_tests(terminalreporter)
    if tally:
        for line in textwrap.wrap(str(tally), COLUMNS, subsequent_indent=" " * 11):
            terminalreporter.write_line(line)


def report_tests(terminalreporter: pytest.TerminalReporter) -> None:
    """A line for each test that checked gradients."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    calls = {report.nodeid: dict(report.user_properties) for report in reports if getattr(report, "when", "") == "call"}
    terminalreporter.section("gradients")
    terminalreporter.write_line("checks failed kinks unresolved  error  test")
    for name, found in sorted(calls.items()):
        if "gradients_checks" in found:
            checks, failed, kinks, unresolved, least = (found[f"gradients_{key}"] for key in Tally.COUNTS)
            row = f"{checks:6} {failed:6} {kinks:5} {unresolved:10}  {f'{least:.0e}' if least else '':5}  "
            room = COLUMNS - len(row)
            terminalreporter.write_line(row + (name if len(name) <= room else f"...{name[3 - room :]}"))
