"""Planted mistakes are found, right gradients are not taken for wrong: a few of what ``power.py`` counts in full."""

import numpy as np
import power
import pytest

from autograd_nn.testing import check_gradients, mistakes

LEAST = {"1 + 1e-8": 0.6}


@pytest.mark.parametrize("kind", power.MISTAKES)
def test_planted_mistakes_are_found(kind):
    trials = 20
    assert power.power(kind, trials, start=1000) >= LEAST.get(kind, 1.0) * trials


@pytest.mark.parametrize("factor", ["1 + 1e-4", "1 + 1e-6"])
def test_mistakes_that_are_named_by_a_factor_multiply_by_it(factor):
    (wrong,) = mistakes.MISTAKES[factor](lambda args, g: [g * args[0]], [np.array([3.0])], np.array([0.7]))
    np.testing.assert_allclose(wrong, 0.7 * 3.0 * eval(factor), rtol=1e-15)


def test_right_gradients_are_not_taken_for_wrong():
    checks = 20 * len(power.FUNCTIONS)
    wrong, unresolved, _ = power.alarms(checks, start=1000)
    assert wrong == []
    assert len(unresolved) <= checks / 50  # far out, where a slope of 1e-20 changes nothing in a value of 1


def test_a_check_takes_few_evaluations():
    function = power.BY_NAME["multiply"]
    assert check_gradients(function.f, [1.0, 2.0], [3.0, 4.0]).evaluations <= 18


def test_the_table_is_printed(capsys, monkeypatch):
    monkeypatch.setattr(power, "MISTAKES", {"zero": power.MISTAKES["zero"]})
    power.main(2)
    assert "zero                         2   100.0 %" in capsys.readouterr().out
