"""Random NumPy programs; `python tests/programs/run.py --number 100000` runs as many."""

from collections import Counter
from random import Random

import pytest
from grammar import Program, write
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from judge import WRONG, judge
from shrink import shrunk

NUMBER = 250


@pytest.fixture(scope="module")
def judgements():
    return [(program, judge(program)) for program in (write(Random(seed)) for seed in range(NUMBER))]


def program(*lines, shapes=((3,), (3,), (3,)), **how):
    return Program("\n    ".join(["def program(np, x, y, c):", *lines]) + "\n", shapes, **how)


def test_random_programs_are_right_or_refused_by_name(judgements):
    assert [f"{found.kind}: {found.reason}\n{p.text}" for p, found in judgements if found.kind in WRONG] == []


def test_few_random_programs_are_refused(judgements):
    counts = Counter(found.kind for _, found in judgements)
    assert counts["refused"] <= 0.02 * NUMBER, counts


# `run.py` makes failures shorter than hypothesis does, and sooner.
@settings(max_examples=60, phases=[Phase.generate])
@given(st.randoms(use_true_random=False))
def test_hypothesis_finds_no_program_that_is_wrong(rng):
    written = write(rng)
    assert judge(written).kind not in WRONG, written.text


def test_nearly_all_programs_run_in_numpy_and_are_judged_by_differences(judgements):
    aside = ("no differences", "no finite values", "no program", "refused by both")
    assert [p.text for p, found in judgements if found.kind in aside][NUMBER // 50 :] == []


@pytest.mark.parametrize(
    "construct",
    ["for ", "if ", "def ", "out=", ".at(", ".flat", ".T", "zeros_like", "State(", ".real", "mask", "where="],
)
def test_what_programs_do_in_place_appears_in_them(construct):
    assert any(construct in write(Random(seed)).text for seed in range(NUMBER))


@pytest.mark.parametrize("transform", [False, True])
def test_a_right_program_is_right(transform):
    assert judge(program("look(x)", "return total(np.sin(x) * y)", transform=transform)).kind == "right"


def test_a_missing_gradient_is_found():
    lost = program("if type(x) is np.ndarray: return total(x)", "return total(x.detach())")
    assert judge(lost).kind == "missing gradient"


def test_a_wrong_rule_is_found():
    other = program("if type(x) is np.ndarray: return total(x * x)", "return total(x * x.detach())")
    assert judge(other).kind == "wrong gradient"


def test_a_value_that_differs_in_its_last_digit_is_found():
    other = program("if type(x) is np.ndarray: return total(x)", "return total(x * (1 + 2**-52))")
    assert judge(other).kind == "wrong value"


def test_a_value_that_was_another_on_the_way_is_found():
    other = program("look(x if type(x) is np.ndarray else x * 2)", "return total(x)")
    assert judge(other).kind == "wrong value"


def test_an_error_that_is_no_refusal_by_name_is_found():
    assert judge(program("if type(x) is not np.ndarray: x.nothing_of_the_kind", "return total(x)")).kind == "crash"
    assert judge(program("if type(x) is not np.ndarray: [][0]", "return total(x)")).kind == "crash"


def test_what_numpy_refuses_must_be_refused():
    assert judge(program("if type(x) is np.ndarray: [][0]", "return total(x)")).kind == "not refused"
    assert judge(program("x[7]", "return total(x)")).kind == "refused by both"


def test_a_failing_program_is_made_short():
    lines = [
        "a = np.sin(x) + 0.5 * y",
        "for i in range(2):",
        "    a = a + x * (1.5 if type(x) is np.ndarray else 2.5)",
        "v = a[1:]",
        "return total(x, y, a, v)",
    ]
    long = program(*lines)
    assert judge(long).kind == "wrong value"
    short = shrunk(long, lambda p: judge(p).kind == "wrong value")
    assert judge(short).kind == "wrong value"
    assert len(short.text.split("\n")) <= 4  # and the end of the last line


def test_differences_that_lose_what_stands_beside_large_numbers_judge_nobody():
    absorbed = program(
        "a = x ** 2",
        "o = np.multiply(a, np.sum(a) ** 2, out=(a,))",
        "for i in range(3):",
        "    np.multiply(o, a * a, out=a)",
        "a += y - o",
        "return total(o)",
        shapes=((2, 2, 3), (2, 2, 3), (3,)),
    )
    assert judge(absorbed).kind == "no differences"
