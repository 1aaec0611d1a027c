"""The numeric derivative along a line: what it is extrapolated from, and that its error says how far off it is."""

import numpy as np
import pytest

from autograd_nn.testing.numeric import (
    LADDER,
    STEP,
    Comparison,
    Line,
    at_a_kink,
    climb,
    compare,
    is_member,
    jumps,
    stencil,
)

SMOOTH = [
    (np.exp, np.exp),
    (np.sin, np.cos),
    (np.arctan, lambda x: 1 / (1 + x**2)),
    (lambda x: x**3, lambda x: 3 * x**2),
    (lambda x: 1 / x, lambda x: -1 / x**2),
]


def line(f, x, g=0.0, v=1.0):
    """Of a function of one number, along it."""
    x = np.array([x])
    return Line(f, x, np.array([v]), np.array([g]), np.array([1.0]), f(x))


@pytest.mark.parametrize(("side", "order"), [(0, 2), (1, 1), (-1, 1)])
def test_the_estimate_is_extrapolated_from_its_own_step_and_the_next(side, order):
    def slope(f, h):
        above, below = 0.7 + h * (side >= 0), 0.7 - h * (side <= 0)
        return (f(above) - f(below)) / (above - below)

    for f, _ in SMOOTH:
        found = climb(line(f, 0.7), side=side)
        expected = (8**order * slope(f, found.step) - slope(f, 8 * found.step)) / (8**order - 1)
        np.testing.assert_allclose(found.residual, expected, rtol=1e-14)


@pytest.mark.parametrize(("offset", "least"), [(0, 3), (1e4, 7)])
def test_a_consensus_is_of_three_extrapolations_from_steps_that_show_more_than_rounding(offset, least):
    def within(k):  # steps up to the k-th
        return climb(line(lambda x: np.where(np.abs(x - 0.7) < 1.5 * LADDER[k], np.exp(x) + offset, np.nan), 0.7))

    assert within(least - 1) is None
    assert within(least).step == LADDER[least - 1]


@pytest.mark.parametrize("side", [0, 1, -1])
def test_the_true_slope_is_within_ten_errors_of_the_estimate_and_the_error_is_small(side):
    for f, slope in SMOOTH:
        for x in (0.3, -1.7, 2.9):
            found = climb(line(f, x), side=side)
            assert abs(found.residual - slope(x)) <= 10 * found.error
            assert found.error <= (1e-10 if side == 0 else 1e-6) * max(1, abs(slope(x)))


def test_the_estimate_is_of_what_the_gradient_leaves_over():
    whole, rest = climb(line(np.exp, 0.7)), climb(line(np.exp, 0.7, g=1.5))
    assert abs(whole.residual - 1.5 - rest.residual) <= 10 * (whole.error + rest.error)


def test_where_the_value_stays_the_same_a_slope_is_known_up_to_its_rounding_over_the_largest_step():
    still = lambda g: compare(line(lambda x: 0 * x + 3.0, 0.3, g), 1e-9)
    rounding = 3.0 * 2.0**-53 / 0.25
    assert still(80 * rounding).outcome == "right"  # ten errors, each of eight roundings
    assert still(81 * rounding).outcome != "right"


def test_a_mistake_below_the_rounding_at_a_small_step_is_left_to_the_ladder_which_finds_it():
    offset = line(lambda x: x + 1e8, 0.7, g=1 + 3e-5)
    assert offset.noise / STEP > 3e-5
    assert compare(offset, 1e-9).outcome == "wrong"


def test_the_first_difference_lets_pass_what_rounding_over_its_step_amounts_to_and_no_more():
    limit = line(lambda x: x + 1e5, 0.7).noise / STEP
    by = lambda off: stencil(line(lambda x: x + 1e5, 0.7, g=1 + off), 0.0)
    assert by(0.8 * limit).outcome == by(-0.8 * limit).outcome == "right"
    assert by(1.2 * limit) is by(-1.2 * limit) is None


def test_that_nothing_moves_is_believed_after_more_than_ten_steps():
    still = lambda k: climb(line(lambda x: np.where(np.abs(x - 0.7) < 1.5 * LADDER[k], 3.0, np.nan), 0.7))
    assert still(9) is None
    assert still(10).residual == 0


def test_rounding_inside_the_function_makes_no_right_gradient_wrong():
    for offset in 10.0 ** np.arange(3, 12):
        inside = lambda x, offset=offset: (np.exp(x) + offset) - offset
        assert all(compare(line(inside, x, g=np.exp(x)), 1e-9).outcome != "wrong" for x in np.linspace(-2, 2, 21))


def test_the_smallest_detectable_error_is_the_tolerance_relative_to_the_terms():
    detectable = lambda tolerance, scale: Comparison("right", 0.0, 0.0, 0.0, tolerance, scale, 0.0, 0).detectable
    assert detectable(1e-6, 0.5) == 2e-6
    assert detectable(0.0, 0.0) == 0
    assert detectable(1e-6, 0.0) == np.inf


@pytest.mark.parametrize("size", [1e-3, 1e3])
def test_steps_go_on_to_a_quarter_of_the_direction_and_in_small_numbers_to_1(size):
    seen = []
    still = Line(lambda x: seen.append(abs(x[0])) or 0 * x, *np.array([[0.0], [size], [0.0], [1.0], [0.0]]))
    climb(still)
    furthest = max(1.0, size / 4)
    assert furthest / 8 < max(seen) <= furthest


# Kinks ------------------------------------------------------------------------------------------------


def test_a_jump_is_of_the_same_size_at_every_step_and_larger_than_rounding():
    step = lambda size: line(lambda x: 1 + size * np.sign(x - 0.7), 0.7)
    assert jumps(step(1e-6))
    assert not jumps(step(2.0**-52))
    assert not jumps(line(np.exp, 0.7))
    assert not jumps(line(lambda x: np.sign(x) * np.abs(x) ** 0.25, 0.0))  # however steep


@pytest.mark.parametrize("g", [0.0, 1.0, np.nan, np.inf])
def test_a_kink_is_seen_whatever_the_gradient(g):
    assert at_a_kink(line(np.abs, 0.0, g=g))


def test_a_kink_bends_by_the_step_and_what_is_smooth_by_its_square():
    def bends(f, x, steps=(0.5, 1.0)):
        looked_at = line(f, x)
        for step in steps:
            looked_at.rise(STEP * step, 0)
        return looked_at.bends()

    assert bends(np.abs, 0.0)
    assert bends(lambda x: np.append(1e3 * np.cos(x), np.abs(x)), 0.0)
    assert bends(np.abs, 0.0, steps=(1.0, 8.0))
    assert not any(bends(f, x) or bends(f, x, (1.0, 8.0)) for f, _ in SMOOTH for x in (0.3, -1.7, 2.9))
    assert not any(bends(lambda x: x / 3 + 1e8, x) for x in np.linspace(-2, 2, 21))  # but for rounding
    assert not bends(np.abs, 0.0, steps=(1.0,))


def test_slopes_to_both_sides_that_differ_by_rounding_inside_the_function_are_no_kink():
    for offset in 10.0 ** np.arange(3, 7):
        inside = lambda x, offset=offset: (np.exp(x) + offset) - offset
        assert not any(at_a_kink(line(inside, x)) for x in np.linspace(-2, 2, 21))


def test_every_element_by_itself_has_to_be_between_the_slopes_to_both_sides():
    two = np.zeros(2)
    relu = lambda x: np.maximum(x, 0)
    both = Line(relu, two, np.ones(2), np.array([0.2, 1.5]), np.ones(2), two)
    assert [is_member(each) for each in both.elements()] == [True, True, False]


def test_what_is_not_finite_is_between_no_slopes():
    assert not any(is_member(line(np.abs, 0.0, g=g)) for g in (np.inf, -np.inf, np.nan))


def test_slopes_at_the_very_bounds_are_between_them_where_the_sides_are_curved_or_rounded():
    curved = lambda x: np.where(x > 0, x - 1e3 * x**2, 0)
    rounded = lambda x: np.where(x > 0, x, 0) + 1e6 / 3
    for f in (curved, rounded):
        for v in np.linspace(0.3, 1.7, 15):
            assert is_member(line(f, 0.0, g=1.0, v=v))
            assert is_member(line(f, 0.0, g=0.0, v=v))
    assert not is_member(line(curved, 0.0, g=1.001))
