"""Right gradients of hard functions are not called wrong, and wrong ones not right: the quick part of ``hard.py``."""

import hard
import pytest
from hard_right import RIGHT
from hard_wrong import WRONG

NOT_YET = {
    # right, and called wrong
    "reciprocal of mixed",
    "quotient of extremes",
    "solve, condition 1e+08",
    "fixed point, tolerance 1e-06",
    "fixed point, tolerance 1e-08",
    "fixed point, tolerance 1e-10",
    "equilibrium, tolerance 1e-10",
    "power iteration, tolerance 1e-06",
    "power iteration, tolerance 1e-08",
    "power iteration, tolerance 1e-10",
    "x + log(1 + x) at 1e-08",
    "x + log(1 + x) at 1e-10",
    "x + log(1 + x) at 1e-12",
    "x + log(1 + x) at 1e-14",
    "x + log(1 + x) at 1e-16",
    "roots' difference at 1e+07",
    # right, and without a verdict
    "hinge, 0.001 from the margin",
    "hinge, 1e-05 from the margin",
    "log of mixed",
    "root of mixed",
    "log of small in float16",
    "product in float16",
    # wrong, and called right
    "square of millions and millionths, the small one doubled",
    "sum of squares of millions and millionths, the small one doubled",
    "cube of mixed, the smallest of three doubled",
    "slopes of mixed scales, the smallest of the wrong sign",
    "slopes of mixed scales, the middle one off by 1 %",
    "logsumexp, the unlikely one doubled",
    "beside 1e17, doubled",
    "sum over 1e17, doubled",
    "x + log(1 + x) at 1e-08, log dropped",
    "x + log(1 + x) at 1e-10, log dropped",
    "x + log(1 + x) at 1e-13, log dropped",
    "x + log(1 + x) at 1e-16, log dropped",
    "Gaussian at 6 beside 0.5, sign",
    "sine, one of 100,000 off by 1e-05",
    "sum of sines, one of 100,000 off by 1e-05",
}
"""What today's prover does not do as it should."""

QUICK_RIGHT = [case for case in RIGHT if "1,000,000" not in case.name]
QUICK_WRONG = [case for case in WRONG if "100,000" not in case.name]


def held(cases):
    return [case for case in cases if case.name not in NOT_YET]


def test_right_gradients_of_hard_functions_are_called_right():
    found = [(case.name, hard.RIGHT_COLUMNS[verdict]) for case, verdict, *_ in hard.judged(held(QUICK_RIGHT))]
    assert [(name, said) for name, said in found if said in ("wrong", "raised")] == []
    unknown = [name for name, said in found if said == "no verdict"]
    assert len(unknown) <= 0.05 * len(found), unknown


@pytest.mark.parametrize("kind", dict.fromkeys(case.kind for case in WRONG))
def test_wrong_gradients_are_not_called_right(kind):
    cases = [case for case in held(QUICK_WRONG) if case.kind == kind]
    found = [(case.name, hard.WRONG_COLUMNS[verdict]) for case, verdict, *_ in hard.judged(cases)]
    assert [(name, said) for name, said in found if said in ("missed", "raised")] == []


def test_right_ones_are_right():
    errors = [(case.name, case.error(), case.allowed) for case in QUICK_RIGHT[::2]]
    assert [(name, error) for name, error, allowed in errors if error > allowed] == []


def test_wrong_ones_are_wrong():
    cases = [case for case in QUICK_WRONG[::2] if case.kind != "manners"]
    assert [case.name for case in cases if max(case.error(), case.error(-1)) < 2e-8] == []


def test_there_are_as_many_as_a_claim_takes():
    assert len(RIGHT) >= 300
    assert len(WRONG) >= 100
    names = [case.name for case in RIGHT + WRONG]
    assert len(set(names)) == len(names)
    assert set(names) >= NOT_YET


def test_the_table_is_printed(capsys):
    hard.main("complex")
    printed = capsys.readouterr().out
    assert "right no verdict      wrong     raised    seconds" in printed
    assert "caught no verdict     missed     raised    seconds" in printed
