"""The pytest plugin, in sessions of its own: what it counts, what it fails, what it leaves alone."""

import subprocess
import sys
from xml.etree import ElementTree

import pytest

HEAD = """
import numpy as np
import pytest
from autograd_nn import primitive, relu
"""


MIXED = """
from autograd_nn.testing.contracts import contract

def test_plain(): pass

def test_tanh(gradcheck):
    gradcheck(np.tanh, np.array([0.5, -1.0]))

def test_wrong(gradcheck):
    gradcheck(primitive(lambda x: x * x, name="double", x=lambda g, x: g * x), 3.0)

@contract(args=[np.array([0.3])], order=1)
def sine(x):
    return np.sin(x)
"""


@pytest.fixture
def session(pytester):
    """Runs one test file with these tests."""

    def run(tests, *flags):
        pytester.makepyfile(HEAD + tests)
        return pytester.runpytest("--strict-markers", "-p", "no:cacheprovider", *flags)

    return run


def test_checks_are_counted_and_summed_up_in_one_line(session):
    result = session("""
def test_tanh(gradcheck):
    assert gradcheck(np.tanh, np.array([0.5, -1.0]))
    gradcheck(np.arctan2, 1.0, 2.0)
""")
    result.assert_outcomes(passed=1)
    result.stdout.re_match_lines(
        [
            r"gradients: 4 checks, 0 failed, 0 rejected at kinks, 0 unresolved, smallest$",
            r" {11}detectable error \de-\d+$",
        ]
    )


def test_nothing_is_said_where_no_gradients_are_checked(session):
    result = session("def test_one(): pass")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("gradients: *")


def test_a_wrong_gradient_fails_with_the_diagnosis_and_without_our_own_lines(session):
    result = session("""
double = primitive(lambda x: x * x, name="double", x=lambda g, x: g * x)

def test_double(gradcheck):
    gradcheck(double, 3.0)
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*wrong derivative of `double`*", "*diagnosis*ratio 1/2*", "gradients: 1 checks, 1 failed*"]
    )
    for ours in ("ledger", "checks", "plugin"):
        result.stdout.no_fnmatch_line(f"*{ours}.py*")


def test_the_marker_gives_options_the_nearest_wins_and_those_of_the_call_win_over_it(session):
    result = session("""
pytestmark = pytest.mark.gradients(kinks="error", order=2)

@pytest.mark.gradients(kinks="member")
def test_nearest(gradcheck):
    assert gradcheck.options == {"kinks": "member", "order": 2}
    assert gradcheck(relu, 0.0)

def test_of_the_module(gradcheck):
    with pytest.raises(AssertionError, match="kink"):
        gradcheck(relu, 0.0)

def test_of_the_call(gradcheck):
    assert gradcheck(relu, 0.0, kinks="member", order=1)
""")
    result.assert_outcomes(passed=3)


def test_an_option_that_the_marker_does_not_have_is_refused_by_name(session):
    result = session("""
@pytest.mark.gradients(tolerance=1)
def test_sin(gradcheck):
    gradcheck(np.sin, 1.0)
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*takes order, rtol, kinks, seed, by keyword: got tolerance"])


def test_more_than_a_twentieth_unresolved_fails_the_test(session):
    result = session("""
def test_log_of_negative_numbers(gradcheck):
    with np.errstate(all="ignore"):
        gradcheck(np.log, -1.0)

def test_one_of_forty(gradcheck):
    with np.errstate(all="ignore"):
        gradcheck(np.log, -1.0)
    for k in range(40):
        gradcheck(np.sin, float(k))
""")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["1 of 1 checks of gradients are unresolved, and no more than 5 % may be*"])


def test_a_test_whose_checks_are_all_at_kinks_fails(session):
    result = session("""
def test_corner(gradcheck):
    gradcheck(relu, 0.0)
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["all * checks of gradients were rejected at kinks*"])


def test_each_test_that_checks_gradients_is_reported_on_a_line_of_80_columns_when_asked_for(session):
    result = session(MIXED, "--gradients")
    lines = result.outlines[result.outlines.index("checks failed kinks unresolved  error  test") + 1 :][:8]
    rows = [line.split() for line in lines[:6]]
    clauses = ("sine::dtypes", "sine::gradient", "sine::layouts", "sine::linearity")
    assert [row[-1].rpartition("py::")[2] for row in rows] == [*clauses, "test_tanh", "test_wrong"]
    assert [row[:2] for row in rows[4:]] == [["2", "0"], ["1", "1"]]
    assert lines[6].startswith("gradients: 8 checks, 1 failed")
    assert all(len(line) <= 80 for line in lines)


def test_long_names_of_tests_are_cut_where_they_begin(session):
    result = session(f"def test_{'very_' * 12}long(gradcheck): gradcheck(np.tanh, 1.0)", "--gradients")
    (row,) = (line for line in result.outlines if line.endswith("very_long") and "..." in line)
    assert len(row) == 80


def test_nothing_is_reported_test_by_test_unless_asked_for(session):
    session(MIXED).stdout.no_fnmatch_line("checks failed*")


def test_counts_are_properties_of_the_test_in_the_xml_report(session, pytester):
    session(MIXED, "--junit-xml=report.xml")
    cases = ElementTree.parse(pytester.path / "report.xml").iter("testcase")
    found = {case.get("name"): {p.get("name"): p.get("value") for p in case.iter("property")} for case in cases}
    assert found["test_plain"] == {}
    assert found["test_wrong"]["gradients_failed"] == "1"
    assert found["test_tanh"]["gradients_checks"] == "2"
    assert float(found["test_tanh"]["gradients_detectable"]) < 1e-6
    assert int(found["gradient"]["gradients_checks"]) > 0


def test_tests_that_check_gradients_are_chosen_by_the_marker(session):
    result = session(MIXED, "-m", "gradients")
    result.assert_outcomes(passed=5, failed=1, deselected=1)


def test_it_can_be_used_with_given(session):
    result = session("""
from hypothesis import given, strategies as st

@given(st.floats(0.5, 2))
def test_sin(gradcheck, x):
    gradcheck(np.sin, x)
""")
    result.assert_outcomes(passed=1)


def test_workers_send_their_counts(pytester):
    pytest.importorskip("xdist")
    pytester.makepyfile("""
import numpy as np
import pytest

@pytest.mark.parametrize("x", [0.1, 0.2, 0.3, 0.4])
def test_sin(gradcheck, x):
    gradcheck(np.sin, x)
""")
    result = pytester.runpytest_subprocess("-n", "2", "--gradients")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*1      0     0          0*test_sin[[]0.4[]]", "gradients: 4 checks, 0 failed*"])


def test_profiles_are_known_and_none_is_chosen():
    code = """
from hypothesis import settings
assert settings().max_examples == 100 and not settings().derandomize
print(settings.get_profile("nightly").max_examples, settings.get_profile("ci").derandomize)
assert all(settings.get_profile(name).deadline is None for name in ("dev", "ci", "nightly"))
settings.register_profile("dev", max_examples=7)
assert settings.get_profile("dev").max_examples == 7
"""
    outside = {"PATH": ""}  # hypothesis looks for CI in the environment
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=outside)
    assert run.stdout == "2000 True\n"


def test_loading_it_imports_nothing_heavy():
    code = "import sys, autograd_nn.testing.plugin; print([m for m in ('hypothesis', 'scipy') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


WRONG = """
import numpy as np
from autograd_nn import primitive

scaled = primitive(lambda x, s: x * s, name="scaled",
                   x=lambda g, s: g * s,
                   s=lambda g, x: np.mean(g * x, axis=0))

def test_scaled(gradcheck):
    gradcheck(scaled, np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, 2.0]))
"""


def test_a_message_is_folded_to_80_columns_but_for_the_line_that_reproduces(session):
    message = [line for line in session(WRONG).outlines if line.startswith("E ")]
    assert [line for line in message if len(line) > 80] == [message[-1]]
    assert message[-1].startswith("E         reproduce           check_gradients(scaled, [[0.0, 0.0], ")
    assert message[:2] == [
        "E       autograd_nn.testing.reports.GradientError: wrong derivative of `scaled`",
        "E         with respect to argument 1 `s`",
    ]
    assert f"E{' ' * 29}not sum, over broadcast axis 0" in message


def test_a_session_a_wrong_primitive_fails_with_a_message_that_leads_to_the_bug_and_corrected_it_passes(pytester):
    pytester.makepyfile(WRONG)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*wrong derivative of `scaled`", "*with respect to argument 1 `s`", "*diagnosis*looks like mean,", "*not sum*"]
    )
    pytester.makepyfile(WRONG.replace("np.mean", "np.sum"))
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["gradients: 4 checks, 0 failed*"])
