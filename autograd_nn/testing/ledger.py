"""The ledger: counts the reports of checks, for the test that is running and for the whole session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from autograd_nn.testing.reports import Report

__all__ = ["Ledger", "Tally"]

UNRESOLVED = 0.05
"""The largest part of a test's checks that may stay unresolved."""


@dataclass
class Tally:
    """How many checks were made, and with what result."""

    COUNTS: ClassVar = ("checks", "failed", "kinks", "unresolved", "detectable")

    checks: int = 0
    failed: int = 0
    kinks: int = 0
    unresolved: int = 0
    detectable: float = 0.0
    power: dict[str, list[int]] = field(default_factory=dict)
    """For each kind of planted mistake: how many were caught, of how many."""

    def add(self, other: Tally) -> None:
        self.checks += other.checks
        self.failed += other.failed
        self.kinks += other.kinks
        self.unresolved += other.unresolved
        self.detectable = max(self.detectable, other.detectable)
        for kind, counts in other.power.items():
            before = self.power.get(kind, [0, 0])
            self.power[kind] = [before[0] + counts[0], before[1] + counts[1]]

    def counts(self) -> dict[str, float]:
        """All but the planted mistakes; nothing where nothing was checked."""
        return {name: getattr(self, name) for name in self.COUNTS} if self else {}

    def __bool__(self) -> bool:
        return any((self.checks, self.failed, self.kinks, self.unresolved))

    def __str__(self) -> str:
        counts = f"{self.checks} checks, {self.failed} failed, {self.kinks} rejected at kinks"
        least = f"{self.detectable:.0e}".replace("e-0", "e-")
        detectable = f", smallest detectable error {least}" if self.detectable else ""  # 0 where none was resolved
        return f"gradients: {counts}, {self.unresolved} unresolved{detectable}"

    def proves_nothing(self) -> str:
        """Why a test with these counts must not pass; "" where it may."""
        judged = max(self.checks, self.unresolved)
        if self.unresolved > UNRESOLVED * judged:
            return (
                f"{self.unresolved} of {judged} checks of gradients are unresolved, and no more than 5 % may be: "
                f"differences do not converge at these arguments"
            )
        if self.kinks and not judged:
            return (
                f"all {self.kinks} checks of gradients were rejected at kinks, so nothing is proved: choose other "
                f'arguments, or kinks="member" to check that the derivative lies between the slopes'
            )
        return ""


class Ledger:
    """The counts of the session and of the test that is running, with the options of its marker."""

    def __init__(self) -> None:
        self.session, self.test = Tally(), Tally()
        self.options: dict[str, Any] = {}

    def open(self, options: dict[str, Any]) -> None:
        """Begin with another test."""
        self.test, self.options = Tally(), options

    def count(self, tally: Tally) -> None:
        self.test.add(tally)
        self.session.add(tally)

    def __call__(self, f: Callable[..., Any], *args: Any, **options: Any) -> Report:
        """`check_gradients`, counted."""
        __tracebackhide__ = True
        from autograd_nn.testing import GradientError, check_gradients

        try:
            report = check_gradients(f, *args, **self.options | options)
        except GradientError as error:
            if not self.test.failed:  # once a test, however often hypothesis repeats it
                self.count(Tally(checks=1, failed=1))
            raise error.with_traceback(None) from None
        self.count(Tally(report.comparisons - report.kinks, 0, report.kinks, report.unresolved, report.detectable))
        return report
