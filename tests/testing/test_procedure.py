"""What the procedure draws, cotangents and directions, and what it takes for the same; and how examples shrink."""

from types import SimpleNamespace

import numpy as np
import pytest

from autograd_nn.testing.counterexample import ATTEMPTS, EVALUATIONS, Budget, candidates, complexity, looked_at
from autograd_nn.testing.diagnosis import misshapen
from autograd_nn.testing.numeric import Comparison, Line
from autograd_nn.testing.points import apart, equalised, magnitude, same_value
from autograd_nn.testing.procedure import Procedure


@pytest.fixture
def procedure():
    return Procedure(order=1, rtol=1e-9, kinks="reject", seed=0)


@pytest.mark.parametrize("dtype", [float, np.float32, complex])
def test_cotangents_have_magnitudes_from_a_half_to_one_and_a_half(procedure, dtype):
    w = procedure.cotangent(np.zeros(2000, dtype))
    assert w.dtype == dtype
    assert 0.5 <= np.abs(w).min() < 0.51
    assert 1.49 < np.abs(w).max() <= 1.5
    assert abs(np.mean(w.real > 0) - 0.5) < 0.05


@pytest.mark.parametrize("scale", [1e-150, 1e-3, 1.0, 1e150])
def test_directions_are_as_large_as_the_array_and_zeros_move_by_a_hundredth_of_the_others(procedure, scale):
    x = scale * np.repeat([1.0, -2.0, 0.0], 1000)
    size = np.abs(x) + 0.01 * scale * np.sqrt(5 / 3)  # the root of the mean square
    v = procedure.direction(x) / size
    assert 0.3 <= np.abs(v).min() < 0.31
    assert 1.69 < np.abs(v).max() <= 1.7
    assert abs(np.mean(v > 0) - 0.5) < 0.05


def test_where_all_is_zero_directions_are_about_1(procedure):
    v = np.abs(procedure.direction(np.zeros(1000)))
    assert 0.3 <= v.min() < 0.31
    assert 1.69 < v.max() <= 1.7


def test_the_equalised_direction_brings_terms_down_to_the_lowest_tenth_but_not_below_the_least():
    v, g = np.ones(20), np.array([0.0, *range(1, 20)])
    np.testing.assert_allclose((equalised(v, g, 0.0) * g)[2:], 2.0)  # of 19 that move, the second
    np.testing.assert_array_equal(equalised(v, g, 0.0)[:2], 1.0)
    np.testing.assert_allclose((equalised(v, -g, 7.0) * g)[7:], 7.0)
    np.testing.assert_array_equal(equalised(v, 0 * g, 7.0), v)


def test_a_value_is_the_same_bit_by_bit_or_to_half_its_digits_where_strides_differ():
    y = np.array([1.0, -2.0, np.nan])
    assert same_value(y.copy(), y, exactly=True)
    assert not same_value(np.nextafter(y, 9), y, exactly=True)
    assert same_value(y * (1 + 1e-8), y, exactly=False)
    assert not same_value(y * (1 + 2e-8), y, exactly=False)
    assert not same_value(np.array([1.0, -2.0, 0.0]), y, exactly=False)


def test_the_same_inf_or_nan_is_no_distance_and_any_other_an_infinite_one():
    found, right = (
        np.array([1.0, np.inf, np.nan, -np.inf, 1.0, np.inf]),
        np.array([1.5, np.inf, np.nan, np.inf, np.nan, 0]),
    )
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(apart(found, right), [0.5, 0, 0, np.inf, np.inf, np.inf])
    assert magnitude(found, np.ones(6)) == 2


@pytest.mark.parametrize(
    ("got", "hint"),
    [
        ((4, 2, 3), "wrong shape, the output's: the cotangent is to be summed over the axes that were broadcast"),
        ((3, 2), "wrong shape: the gradient is transposed"),
        ((1, 2, 3), "wrong shape: the gradient has the shape of its argument"),
    ],
)
def test_what_a_wrong_shape_looks_like(got, hint):
    assert misshapen(got, (2, 3), [(4, 2, 3)]) == (f"the gradient has shape {got}, the argument (2, 3)", hint)


def test_simpler_numbers_are_0_1_minus_1_integers_and_halves():
    simple = [0.0, 1.0, -1.0, -7.0, 2.5, 2.3]
    np.testing.assert_array_equal(complexity(simple), [0, 1, 2, 3, 4, 5])
    assert [*candidates(2.3)] == [0.0, 1.0, -1.0, 2.0, 2.5]
    assert [*candidates(2.5)] == [0.0, 1.0, -1.0, 2.0]
    assert [*candidates(-1.0)] == [0.0, 1.0]
    assert [*candidates(0.0)] == []


def test_shrinking_ends_after_so_many_attempts_or_evaluations():
    cheap, dear = Budget(lambda candidate: 1), Budget(lambda candidate: EVALUATIONS // 2)
    assert sum(cheap.accepts(None) for _ in range(2 * ATTEMPTS)) == ATTEMPTS
    assert [dear.accepts(None) for _ in range(3)] == [True, True, False]


def test_fewer_elements_of_large_arrays_are_looked_at_but_as_many_as_are_listed():
    assert [looked_at([np.zeros(size)]) for size in (3, 5_000, 100_000, 2_000_000)] == [256, 256, 19, 6]


def along(*v, g=(1.0, 1.0)):
    """A line with these terms, on which nothing bends."""
    return Line(np.sin, np.zeros(2), np.array(v), np.array(g), np.ones(2), np.zeros(2))


def test_the_worst_direction_is_the_one_nearest_to_its_tolerance(procedure):
    function = SimpleNamespace(name="f", names=["argument 0", "argument 1"], unreached=[])
    point = SimpleNamespace(function=function)
    for place, off in ((0, 1.0), (1, 3.0), (0, 2.0)):
        found = Comparison("right", 7.0, 7.0 + off, 0.1, 10.0, 100.0, 0.1, 4)
        procedure.weigh(found, along(1.0, 1.0), point, place, "plain")
    assert procedure.report(function).worst == "argument 1, plain direction: 0.3 of the tolerance"


def test_what_is_proved_has_no_element_that_cannot_be_seen(procedure):
    function = SimpleNamespace(name="f", names=["x", "y", "z"], unreached=[])
    x = np.zeros(2)
    for place, seen in ((0, [1e-9, 1e-3]), (1, [1e-9, 0.5]), (2, [np.inf, 1e-9])):
        procedure.judged[place] = True
        procedure.settle(function.names[place], place, x, np.array(seen), [])
    report = procedure.report(function)
    assert (report.proved, report.verdict, report.unresolved) == (("x",), "unresolved", 2)
    assert (report.detectable, report.detectables) == (1e-3, {"x": 1e-3})
    assert report.skipped == (
        "y: 1 of 2 elements, [1] first, cannot be seen to change the result",
        "z: 1 of 2 elements, [0] first, cannot be seen to change the result",
    )


def test_the_smallest_visible_error_of_an_element_is_the_tolerance_relative_to_its_term():
    assert along(1.0, 0.5).visible(1e-6).tolist() == [1e-6, 2e-6]
    assert along(1.0, 0.0).visible(1e-6).tolist() == [1e-6, np.inf]
    assert along(1.0, 1.0, g=(2.0, 0.0)).visible(1e-6).tolist() == [5e-7, 5e-7]
    assert not along(1.0, 1.0, g=(0.0, 0.0)).visible(0.0).any()
