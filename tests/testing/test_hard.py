"""Right gradients of hard functions are not called wrong, and wrong ones not right: the quick part of ``hard.py``."""

import hard
import pytest
from hard_right import RIGHT
from hard_wrong import WRONG

HIDDEN = {
    "erf at 6",
    "erf at -5",
    "elu far out",
    "logsumexp of far apart",
    "eighth power below one",
    "sum of squares of millions and millionths",
    "over 1e17",
}
"""Right, but some element changes the value by less than its rounding: the wrong gradient would look the same."""

QUICK_RIGHT = [case for case in RIGHT if "1,000,000" not in case.name]
QUICK_WRONG = [case for case in WRONG if "100,000" not in case.name]


def test_right_gradients_of_hard_functions_are_called_right():
    found = [
        (case.name, hard.RIGHT_COLUMNS[verdict])
        for case, verdict, *_ in hard.judged([case for case in QUICK_RIGHT if case.name not in HIDDEN])
    ]
    assert [(name, said) for name, said in found if said in ("wrong", "raised")] == []
    unknown = [name for name, said in found if said == "no verdict"]
    assert len(unknown) <= 0.05 * len(found), unknown


def test_gradients_that_nobody_can_see_are_not_called_right():
    found = {case.name: verdict for case, verdict, *_ in hard.judged([c for c in RIGHT if c.name in HIDDEN])}
    assert found == dict.fromkeys(HIDDEN, "unresolved")


@pytest.mark.parametrize("kind", dict.fromkeys(case.kind for case in WRONG))
def test_wrong_gradients_are_not_called_right(kind):
    cases = [case for case in QUICK_WRONG if case.kind == kind]
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
    assert set(names) >= HIDDEN


def test_the_table_is_printed(capsys):
    hard.main("complex")
    printed = capsys.readouterr().out
    assert "right no verdict      wrong     raised    seconds" in printed
    assert "caught no verdict     missed     raised    seconds" in printed
