"""Every function x axis x shape x keyword of the sweep; `python -m sweep`, from here, runs it in all layouts."""

import zlib

import numpy as np
import pytest
from sweep import chapters
from sweep.case import LAYOUTS, SCOPE, UnresolvedError, WrongError, cases, check

from autograd_nn import primitive

CASES = {f"{name}: {case}": case for name, table in chapters().items() for case in table}


@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated")  # from NumPy 2.5 on
@pytest.mark.parametrize("name", CASES)
def test_value_and_every_derivative_are_right(name):
    case, number = CASES[name], zlib.crc32(name.encode())
    layout = [*LAYOUTS][number % len(LAYOUTS)]
    done = check(case, np.float64, layout, seed=number) | check(case, np.float32, layout, seed=number)
    assert case.promises <= done, "there is nothing to differentiate: order=0 is for constants"


def test_no_case_is_there_twice():
    names = [f"{name}: {case}" for name, table in chapters().items() for case in table]
    assert sorted(set(names), key=names.index) == names


BUGS = {
    "doubled": primitive(np.sin, name="doubled", x=lambda g, x: 2 * g * np.cos(x)),
    "a millionth off": primitive(np.sin, name="off", x=lambda g, x: g * np.cos(x) * (1 + 1e-6)),
    "lost": primitive(np.sin, name="lost", x=lambda g: 0 * g),
    "nan": primitive(np.sin, name="nan", x=lambda g: np.nan * g),
    "not linear": primitive(np.sin, name="squared", x=lambda g, x: g * g * np.cos(x)),
    "the sign of the cotangent": primitive(np.sin, name="abs", x=lambda g, x: np.abs(g) * np.cos(x)),
    "another element's": primitive(np.sin, name="flipped", x=lambda g, x: g * np.cos(x[..., ::-1])),
    "one branch": primitive(np.sin, name="branch", x=lambda g, x: np.where(x > 0, 1, -1) * g * np.cos(x)),
    "constant slope": primitive(np.sin, name="constant", x=lambda g, x: g * np.cos(getattr(x, "data", x))),
}


@pytest.mark.parametrize("bug", BUGS)
def test_the_check_finds_a_wrong_rule(bug, monkeypatch):
    monkeypatch.setitem(SCOPE, "bug", BUGS[bug])
    (case,) = cases("bug(x)", [((2, 3),)])
    with pytest.raises(WrongError, match=r"(gradient|second order) is"):
        check(case)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x if type(x) is np.ndarray else x + 1e-9", "value is"),
        ("x if type(x) is np.ndarray else x[None]", "shape is"),
        ("np.sin(x) if type(x) is np.ndarray else np.sin(x.numpy())", "gradient is 0"),
        ("x if type(x) is np.ndarray else x.astype(np.float32)", "dtype is float32"),
        ("(x, x) if type(x) is np.ndarray else (x,)", "1 results, not 2"),
    ],
)
def test_the_check_finds_a_wrong_value(text, message):
    (case,) = cases(text, [((2, 3),)])
    with pytest.raises(WrongError, match=message):
        check(case)


def test_the_check_does_not_judge_what_differences_cannot_resolve():
    (case,) = cases("np.sin(1e9 * x)", [((2, 3),)])
    with pytest.raises(UnresolvedError):
        check(case)
