"""What an array holds in a few numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_nn.graph.array_summary import BINS, SMALL, dead, saturated, scaled, statistics

any_array = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.complex128, np.int64, np.bool_]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
)


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.array(0.5), "0.5"),
        (np.array([[0.5, -1.25]]), "[[0.5, -1.25]]"),
        (np.array([1, 2]), "[1, 2]"),
        (np.array([True, False]), "[True, False]"),
        (np.array([1 + 2j]), "[1+2j]"),
        (np.array([np.nan, np.inf]), "[nan, inf]"),
        (np.zeros((2, 0)), "no elements"),
        (np.arange(100.0), "0 .. 49.5 .. 99"),
        (np.full(10, 3.0), "all 3"),
        (np.r_[-np.ones(5), -0.0, -0.0], "-1 .. -0.714 .. 0"),
        (np.r_[np.arange(9.0), np.nan, np.inf, np.inf], "0 .. 4 .. 8, 1 nan, 2 inf"),
        (np.full(10, np.nan), "10 nan"),
    ],
)
def test_an_array_reads_in_one_line(array, text):
    assert str(statistics(array)) == text


def test_the_numbers_are_those_of_numpy():
    array = np.random.default_rng(0).normal(size=(7, 5))
    found = statistics(array)
    assert (found.least, found.greatest) == (array.min(), array.max())
    assert found.mean == pytest.approx(array.mean())
    assert found.rms == pytest.approx(np.sqrt(np.mean(array**2)))
    assert found.counts == tuple(np.histogram(array, BINS)[0])


def test_zeros_are_a_fraction():
    assert statistics(np.array([0.0, 0.0, 1.0, -2.0])).zeros == 0.5
    assert statistics(np.empty(0)).zeros == 0


def test_zeros_have_the_mean_and_the_root_mean_square_zero():
    assert (statistics(np.zeros(10)).mean, statistics(np.zeros(10)).rms) == (0, 0)


def test_squares_that_overflow_and_vanish_have_a_root_mean_square():
    assert statistics(np.array([3e200, -4e200] * 5)).rms == pytest.approx(math.sqrt(12.5) * 1e200)
    assert statistics(np.array([3e-200, -4e-200] * 5)).rms == pytest.approx(math.sqrt(12.5) * 1e-200)


def test_complex_numbers_count_by_their_absolute_value():
    found = statistics(np.array([3 + 4j, 1j] * 5))
    assert (found.least, found.mean, found.greatest) == (1, 3, 5)


@given(any_array)
def test_the_statistics_of_any_array_are_finite_and_count_each_element(array):
    found = statistics(array)
    numbers = [number for number in (found.least, found.mean, found.greatest, found.rms) if number is not None]
    assert all(map(math.isfinite, numbers))
    assert sum(found.counts) + found.nan + found.inf == array.size
    assert len(found.counts) in (0, BINS)
    assert (found.text is None) == (not 0 < array.size <= SMALL)
    assert "\n" not in str(found)


@given(any_array)
def test_the_histogram_in_one_line_has_ten_characters(array):
    assert len(statistics(array).bars()) == (10 if statistics(array).counts else 0)


def test_the_highest_bar_is_full_and_an_empty_one_blank():
    assert statistics(np.array([0.0] * 5 + [1.0] * 10)).bars() == "▄        █"


def test_an_activation_at_its_flat_ends_is_saturated():
    assert saturated("tanh", np.array([-1.0, 0.0, 0.5, 0.9999])) == 0.5
    assert saturated("sigmoid", np.array([0.0, 0.5, 0.999, 0.9])) == 0.5


@pytest.mark.parametrize(
    ("name", "value_at"),
    [("tanh", lambda slope: np.sqrt(1 - slope)), ("sigmoid", lambda slope: (1 + np.sqrt(1 - slope)) / 2)],
)
def test_saturated_is_where_the_slope_is_less_than_a_hundredth_of_the_steepest(name, value_at):
    assert saturated(name, value_at(np.array([0.0099, 0.0101]))) == 0.5
    assert saturated(name, value_at(np.array([0.009, 0.0099]))) == 1.0
    assert saturated(name, value_at(np.array([0.0101, 0.011]))) == 0.0


@pytest.mark.parametrize("name", ["relu", "matmul", "exp"])
def test_what_is_no_bounded_activation_does_not_saturate(name):
    assert saturated(name, np.ones(3)) is None


def test_the_units_of_images_are_their_channels():
    images = np.zeros((2, 3, 4, 5))
    images[1, 2, 0, 0] = 1.0
    assert dead("relu", images) == pytest.approx(2 / 3)


def test_a_unit_that_is_zero_for_every_sample_is_dead():
    assert dead("relu", np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 1.0]])) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("name", "shape"), [("tanh", (3, 2)), ("relu", (3,)), ("relu", ()), ("relu", (0, 3))])
def test_where_there_are_no_samples_of_a_rectifier_nothing_is_dead(name, shape):
    assert dead(name, np.zeros(shape)) is None


@pytest.mark.parametrize(
    ("number", "text"), [(999, "999"), (999.6, "1 k"), (-4800, "-4.8 k"), (1e18, "1e+03 P"), (1e-12, "1e-12")]
)
def test_a_number_has_three_digits_and_a_prefix(number, text):
    assert scaled(number) == text


@pytest.mark.parametrize(("prefix", "power"), [*zip("PTGMkmµn", (15, 12, 9, 6, 3, -3, -6, -9), strict=True)])
def test_the_prefixes_are_those_of_the_si(prefix, power):
    assert scaled(float(f"2.5e{power}"), "s") == f"2.5 {prefix}s"
