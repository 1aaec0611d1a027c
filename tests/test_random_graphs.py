"""Random expression graphs; `python tests/random_graphs.py 100000` runs as many."""

from collections import Counter

import pytest
from random_graphs import SMOOTH, examine

from autograd_nn.ops.declare import PRIMITIVES


@pytest.fixture(scope="module")
def examined():
    """(verdict, details, primitives) of each graph."""
    return [examine(seed) for seed in range(300)]


def test_gradients_of_random_graphs_are_right(examined):
    assert [details for judgement, details, _ in examined if judgement == "wrong"] == []
    assert [judgement for judgement, _, _ in examined].count("right") >= 240  # deep ones have elements that hide


def test_every_smooth_primitive_appears_in_them(examined):
    assert set(SMOOTH) <= set(sum((names for _, _, names in examined), Counter()))


@pytest.mark.parametrize(("name", "argument"), [("multiply", "b"), ("exp", "a"), ("matmul", "a"), ("sum", "a")])
def test_a_wrong_rule_is_found(name, argument, monkeypatch):
    pullback = PRIMITIVES[name].pullbacks[argument]
    right = pullback.rule
    monkeypatch.setattr(pullback, "rule", lambda *given: right(*given) * (1 + 1e-5))
    assert any(examine(seed)[0] == "wrong" for seed in range(300))
