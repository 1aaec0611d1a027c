"""Products with zeros, scans, and rows without numbers."""

import warnings

import numpy as np
import pytest

from autograd_nn import Tensor, grad, gradients


def curvature(f, x):
    """The matrix of second derivatives."""
    x = Tensor(x, requires_grad=True)
    (slope,) = gradients([f(x)], [x], create_graph=True)
    return np.stack([gradients(slope[k], x).data for k in range(x.size)])


ZEROS = [[2.0, 0, 3, 4], [2.0, 0, 0, 4], [0.0, 0, 0, 4], [0.0], [1e-300, 1e-300, 2.0], [1e200, 1e-200, 1e-200]]


def others(x, *left_out):
    return np.prod([v for k, v in enumerate(x) if k not in left_out])


@pytest.mark.parametrize("x", ZEROS)
def test_product_has_exact_first_and_second_derivatives_with_zeros(x):
    np.testing.assert_allclose(grad(np.prod)(np.array(x)), [others(x, k) for k in range(len(x))], rtol=1e-14)
    expected = [[others(x, i, k) if i != k else 0.0 for i in range(len(x))] for k in range(len(x))]
    np.testing.assert_allclose(curvature(np.prod, x), expected, rtol=1e-14)


@pytest.mark.parametrize("x", ZEROS)
def test_cumulative_product_has_exact_first_and_second_derivatives_with_zeros(x):
    n, f = len(x), lambda x: np.sum(np.cumprod(x))
    expected = [sum(others(x[: j + 1], k) for j in range(k, n)) for k in range(n)]
    np.testing.assert_allclose(grad(f)(np.array(x)), expected, rtol=1e-14)
    twice = [
        [sum(others(x[: j + 1], i, k) for j in range(max(i, k), n)) if i != k else 0.0 for i in range(n)]
        for k in range(n)
    ]
    np.testing.assert_allclose(curvature(f, x), twice, rtol=1e-14)


def test_product_of_an_infinite_factor_keeps_the_cotangent_of_the_others():
    np.testing.assert_array_equal(grad(np.prod)(np.array([np.inf, 2.0, 3.0])), [6, np.inf, np.inf])


def test_rows_without_numbers_are_nan_with_nan_slopes_as_numpy_warns():
    x = Tensor([[np.nan, np.nan], [1.0, np.nan]], requires_grad=True)
    for f in (np.nanmax, np.nanmin, np.nanmedian):
        with pytest.warns(RuntimeWarning, match="All-NaN"):
            y = f(x, axis=1)
        np.testing.assert_array_equal(y.data, [np.nan, 1])
        slope = gradients(y, x, np.ones(2)).data
        assert np.isnan(slope[0]).all()
        np.testing.assert_array_equal(slope[1], [1, 0])


@pytest.mark.parametrize("f", [np.nanmax, np.nanmedian, np.nanquantile, np.nanvar, np.nanstd, np.cov, np.corrcoef])
@pytest.mark.filterwarnings("default")
def test_a_warning_is_of_the_users_line_and_is_given_once_for_it(f):
    more = {"q": 0.5} if f is np.nanquantile else {}
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        for _ in range(2):
            f(Tensor([np.nan], requires_grad=True), **more)
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("f", [np.max, np.min, np.median, lambda x, axis: np.quantile(x, [0.5], axis=axis)[0]])
def test_nan_in_a_row_makes_its_value_and_all_its_slopes_nan(f):
    x = Tensor([[1.0, np.nan, 3.0], [2.0, 2.0, 2.0]], requires_grad=True)
    y = f(x, axis=1)
    np.testing.assert_array_equal(y.data, [np.nan, 2])
    slope = gradients(y, x, np.ones(2)).data
    np.testing.assert_allclose(slope, [[np.nan] * 3, [1 / 3] * 3])
    np.testing.assert_allclose(gradients(y, x, np.array([0.0, 1.0])).data, [[0] * 3, [1 / 3] * 3])


INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (np.nanmax, [NAN, -INF], [0, 1]),
        (np.nanmin, [NAN, INF], [0, 1]),
        (np.nanmax, [NAN, INF, INF], [0, 0.5, 0.5]),
        (np.nanmax, [NAN, 1.0, 1.0], [0, 0.5, 0.5]),
        (lambda x: np.max(x, where=[False, True], initial=-INF), [5.0, -INF], [0, 1]),
        (lambda x: np.min(x, where=[False, True], initial=INF), [5.0, INF], [0, 1]),
        (lambda x: np.max(x, where=[False, True], initial=-INF), [NAN, 1.0], [0, 1]),
        (lambda x: np.max(x, where=[False, False], initial=-INF), [NAN, 1.0], [0, 0]),
        (lambda x: np.max(x, where=[False, True], initial=0.0), [5.0, NAN], [0, NAN]),
        (lambda x: np.max(x, initial=2.0), [2.0, 2.0], [1 / 3, 1 / 3]),
        (lambda x: np.max(x, initial=INF), [INF, 2.0], [0.5, 0]),
        (lambda x: np.min(x, initial=2.0), [2.0, 3.0], [0.5, 0]),
        (lambda x: np.nanmax(x, initial=2.0), [2.0, NAN], [0.5, 0]),
        (lambda x: np.nanmax(x, initial=2.0), [NAN, NAN], [0, 0]),
    ],
)
def test_extrema_share_among_what_was_looked_at(f, x, expected):
    np.testing.assert_allclose(grad(f)(np.array(x)), expected)


@pytest.mark.parametrize(
    ("x", "initial", "expected"),
    [([2.0, 2.0], 2.0, 1 / 3), ([1.0], 2.0, 1), ([-INF], -INF, 0), ([], -INF, 1), ([1.0], NAN, NAN), ([NAN], 1.0, NAN)],
)
def test_the_initial_value_of_an_extremum_takes_its_share(x, initial, expected):
    np.testing.assert_allclose(grad(lambda i: np.max(Tensor(x), initial=i))(initial), expected)


def test_masked_extrema_need_an_initial_value_as_numpys_do():
    for f in (np.max, np.nanmin):
        with pytest.raises(ValueError, match="needs initial="):
            f(Tensor([1.0, np.nan]), where=[True, False])


@np.errstate(invalid="ignore")
@pytest.mark.parametrize("last", [INF, NAN])
def test_a_zero_cotangent_wins_over_what_follows_in_a_cumulative_product(last):
    x = np.array([1.0, 2.0, last])
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.cumprod(x)[:2]))(x), [3, 1, 0])
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.cumprod(x[:, None], axis=0)[:2]))(x), [3, 1, 0])
    np.testing.assert_array_equal(grad(lambda x: np.cumprod(x)[0])(np.array([0.0, last, last])), [1, 0, 0])
    np.testing.assert_array_equal(grad(lambda x: np.cumprod(x)[-1])(np.array([INF, 2.0, 3.0])), [6, INF, INF])


@pytest.mark.parametrize("f", [np.std, np.nanstd])
def test_spread_of_a_constant_has_slope_zero(f):
    np.testing.assert_array_equal(grad(f)(np.full(3, 2.0)), [0, 0, 0])


def test_average_refuses_weights_that_do_not_fit_or_sum_to_zero():
    x = Tensor(np.ones((2, 3)), requires_grad=True)
    with pytest.raises(TypeError, match="need axis="):
        np.average(x, weights=np.ones(3))
    with pytest.raises(ValueError, match="do not fit"):
        np.average(x, axis=0, weights=np.ones(3))
    with pytest.raises(ZeroDivisionError):
        np.average(x, axis=1, weights=[1.0, -1.0, 0.0])


def test_long_scans_take_no_quadratic_time_or_memory():
    x = np.linspace(0.9999, 1.0001, 200_001)
    x[[3, 1000]] = 0.0
    np.testing.assert_allclose(grad(lambda x: np.sum(np.cumprod(x)))(x)[1001:], 0)
    assert np.count_nonzero(grad(np.prod)(np.where(x == 0, 0.0, 1.0))) == 0


@pytest.mark.parametrize("function", [np.sum, np.prod])
def test_small_integers_are_added_up_in_the_dtype_that_is_asked_for(function):
    a = np.array([200, 100], np.uint8)
    found, expected = function(Tensor(a), dtype=np.uint8), function(a, dtype=np.uint8)
    assert found.dtype == expected.dtype == np.uint8
    assert found.item() == expected
