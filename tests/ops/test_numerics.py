"""Conventions at kinks and poles, stable forms, extreme scales: what the numbers must be where others fail."""

import math
from fractions import Fraction
from inspect import signature

import numpy as np
import pytest
from slopes import slope

from autograd_nn import (
    Tensor,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    log_softmax,
    logsumexp,
    relu,
    sigmoid,
    softmax,
)
from autograd_nn import functional as F  # noqa: N812
from autograd_nn.ops.indexing import selects_once

inf, nan = np.inf, np.nan


# Kinks and poles --------------------------------------------------------------------------------------


def test_relu_and_abs_are_flat_at_their_kink():
    np.testing.assert_array_equal(slope(relu, [-1.0, 0.0, 2.0]), [0.0, 0.0, 1.0])
    np.testing.assert_array_equal(slope(np.abs, [-1.0, 0.0, 2.0]), [-1.0, 0.0, 1.0])


@pytest.mark.parametrize(("f", "tied"), [(np.max, 3.0), (np.amax, 3.0), (np.min, 1.0), (np.amin, 1.0)])
def test_tied_extrema_share_the_cotangent_evenly(f, tied):
    x = np.array([1.0, 3.0, 1.0, 3.0, 3.0])
    np.testing.assert_allclose(slope(f, x), (x == tied) / np.sum(x == tied))
    both = np.array([[1.0, 1.0], [2.0, 1.0]])
    share = slope(lambda t: f(t, axis=1), both, w=[6.0, 8.0])
    assert share[0].tolist() == [3.0, 3.0]
    assert sorted(share[1]) == [0.0, 8.0]


def test_tied_maximum_and_minimum_share_evenly():
    for f in (np.maximum, np.minimum):
        a, b = slope(f, [1.0, 2.0], [1.0, 5.0])
        assert (a[0], b[0]) == (0.5, 0.5)
        assert a[1] + b[1] == 1.0


def test_tie_counts_in_float16_do_not_overflow():
    x = Tensor(np.zeros(70000, np.float16), requires_grad=True)
    x.max().backward()
    assert x.grad.dtype == np.float16
    np.testing.assert_allclose(x.grad.data[:5], 1 / 70000, atol=1e-7)


def test_mean_of_many_in_float16_has_a_gradient():
    x = Tensor(np.zeros(100_000, np.float16), requires_grad=True)
    x.mean().backward()
    np.testing.assert_allclose(x.grad.data[:3].astype(float), 1e-5, rtol=0.01)


def test_poles_have_infinite_slopes():
    for f in (np.sqrt, np.log):
        assert slope(f, [0.0]) == [inf]


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.where(x > 0, np.log(x), 0.0),
        lambda x: np.where(x > 0, np.sqrt(x), 0.0),
        lambda x: np.where(x > 0, 1 / x, 0.0),
        lambda x: np.where(x > 0, x**-0.5, 0.0),
        lambda x: np.sqrt(x) * 0.0,
        lambda x: np.where(x > 0, np.log(x) @ np.eye(2), 0.0),
        lambda x: np.where([False, True], log_softmax(np.log(x)), 0.0) * [0.0, 0.0],
    ],
)
def test_zero_cotangent_wins_over_an_infinite_slope(f):
    with np.errstate(all="ignore"):
        found = grad(lambda x: np.sum(f(x)))(np.array([0.0, 4.0]))
    assert found[0] == 0.0
    assert np.isfinite(found).all()


def test_zero_cotangent_wins_at_second_order():
    with np.errstate(all="ignore"):
        curvature = grad(lambda x: np.sum(grad(lambda x: np.sum(np.where(x > 0, x * np.log(x), 0.0)))(x)))
        np.testing.assert_array_equal(curvature(np.array([0.0, 4.0])), [0.0, 0.25])


def test_masked_rows_of_nan_and_inf_leave_the_weights_alone():
    X = np.array([[1.0, 2.0], [nan, inf], [3.0, 4.0]])
    W = Tensor([[1.0], [1.0]], requires_grad=True)
    with np.errstate(all="ignore"):
        np.where([[True], [False], [True]], X @ W, 0.0).sum().backward()
    np.testing.assert_array_equal(W.grad.data, [[4.0], [6.0]])


def test_power_at_zero():
    for exponent, expected in [(0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (3.0, 0.0), (0.5, inf), (-1.0, -inf)]:
        assert slope(lambda x, e=exponent: np.power(x, e), [0.0]) == [expected]
    for exponent, expected in [(0, 0.0), (1, 1.0), (2, 0.0), (3, 0.0)]:
        assert slope(lambda x, e=exponent: x**e, [0.0]) == [expected]
    assert slope(lambda b: 0.0**b, [0.5, 2.0]).tolist() == [0.0, 0.0]
    assert slope(lambda x: x**0, [nan]) == [0.0]


def test_power_of_a_negative_base_has_no_real_slope_in_its_exponent():
    assert slope(lambda a: np.power(a, 3.0), [-2.0]) == [12.0]
    assert np.isnan(slope(lambda b: np.power(-2.0, b), [3.0]))
    assert slope(lambda b: np.power(-2.0, b), [3.0], w=[0.0]) == [0.0]


def test_power_has_its_limits_at_infinity():
    for base, exponent in [(inf, -1.0), (0.5, inf), (2.0, -inf), (0.0, inf)]:
        assert slope(np.power, base, exponent) == [0.0, 0.0]
    assert slope(np.power, 1.0, inf) == [inf, 0.0]
    assert np.isnan(slope(np.power, nan, inf)).all()


def test_power_has_its_second_slopes_at_exponents_that_are_flat():
    curvature = hessian(lambda v: np.power(v[0], v[1]))(np.array([2.0, 0.0]))
    np.testing.assert_allclose(curvature, [[0, 0.5], [0.5, math.log(2) ** 2]], rtol=1e-15)
    assert grad(grad(lambda x: np.power(x, 2.0)))(0.0) == 2.0


def test_unsigned_exponents_do_not_wrap_around():
    exponents = np.array([0, 1, 2], np.uint8)
    assert slope(lambda a: np.power(a, exponents), np.full(3, 1e10)).tolist() == [0.0, 1.0, 2e10]


@pytest.mark.parametrize("f", [np.remainder, np.fmod])
@pytest.mark.parametrize("a", [1.0, -1.0, 0.3, -7.25, 1e17, -1e17])
@pytest.mark.parametrize("b", [0.1, -0.1, 0.3, 1e-200])
def test_slope_of_a_remainder_is_minus_how_often_its_divisor_was_taken_away(f, a, b):
    times = (Fraction(a) - Fraction(float(f(a, b)))) / Fraction(b)
    np.testing.assert_allclose(slope(f, a, b)[1], float(-round(times)), rtol=1e-15)


def test_one_is_nine_tenths_and_a_remainder():
    assert [slope(f, 1.0, 0.1)[1] for f in (np.fmod, np.remainder)] == [-9.0, -9.0]


def test_clip_lets_the_cotangent_through_at_its_bounds():
    x = [-1.0, 0.0, 0.5, 1.0, 2.0]
    np.testing.assert_array_equal(slope(lambda t: np.clip(t, 0.0, 1.0), x), [0.0, 1.0, 1.0, 1.0, 0.0])
    a, low, high = slope(np.clip, x, np.zeros(5), np.ones(5))
    np.testing.assert_array_equal(a + low + high, np.ones(5))
    np.testing.assert_array_equal(low, [1.0, 0.0, 0.0, 0.0, 0.0])
    a, low, high = slope(np.clip, [0.5], [2.0], [1.0])  # crossed bounds: NumPy takes the upper one
    assert (a, low, high) == ([0.0], [0.0], [1.0])
    for f in (
        lambda t: np.clip(t, 0.0, None),
        lambda t: t.clip(0.0),
        lambda t: t.clip(min=0.0),
    ):
        np.testing.assert_array_equal(slope(f, x), [0.0, 1.0, 1.0, 1.0, 1.0])


@pytest.mark.skipif("min" not in signature(np.clip).parameters, reason="np.clip has min= and max= from NumPy 2.1 on")
def test_clip_takes_its_bounds_by_their_names():
    assert slope(lambda t: np.clip(t, min=0.0), [-1.0, 2.0]).tolist() == [0.0, 1.0]
    assert slope(lambda t: np.clip(t, max=0.0), [-1.0, 2.0]).tolist() == [1.0, 0.0]


def test_copysign_has_the_slope_of_an_absolute_value_whose_sign_is_that_of_zero_too():
    magnitude, sign = slope(np.copysign, [3.0, -3.0, 3.0, -3.0], [0.0, 0.0, -0.0, -0.0])
    np.testing.assert_array_equal(magnitude, [1.0, -1.0, -1.0, 1.0])
    np.testing.assert_array_equal(sign, np.zeros(4))
    magnitude, _ = slope(np.copysign, [0.0, -0.0, 0.0, -0.0], [2.0, 2.0, -0.0, -0.0])
    np.testing.assert_array_equal(magnitude, np.zeros(4))  # flat at its kink, as abs is


@pytest.mark.parametrize(("at", "expected"), [(0.0, [1.0, 0.0]), (3.0, [0.0, 1.0]), (-0.1, None), (3.1, None)])
def test_interpolation_at_its_first_and_last_point_is_of_the_points_and_not_of_left_and_right(at, expected):
    xp, fp = np.array([0.0, 1.0, 3.0]), np.array([2.0, -1.0, 5.0])
    of_points, left, right = slope(lambda fp, left, right: np.interp(at, xp, fp, left, right), fp, -7.0, 7.0)
    np.testing.assert_array_equal(of_points[[0, -1]], [0.0, 0.0] if expected is None else expected)
    assert (left, right) == (float(at < 0), float(at > 3))


@pytest.mark.parametrize(("low", "high"), [(-15, 15), (-15, 0), (0, 15), (-6.5, 0), (0, 6.5), (-5.9, 5.9), (-1, 1)])
def test_tanh_keeps_the_digits_of_its_slope_in_large_arrays(low, high):
    x = np.linspace(low, high, 20_000)
    moderate = max(-low, high) < 6
    np.testing.assert_allclose(slope(np.tanh, x), 1 / np.cosh(x) ** 2, rtol=1e-11 if moderate else 1e-14)


@pytest.mark.parametrize("size", [10_001, 20_000])
def test_tanh_of_moderate_numbers_keeps_its_value_alone(size):
    x = Tensor(np.linspace(-1, 1, size), requires_grad=True)
    y = np.tanh(x)
    ((_, _, kept),) = y.node.edges
    assert [k is y._array for k in kept] == [True]


def test_softmax_family_with_infinite_logits():
    none, one, two = [-inf, -inf], [inf, 1.0], [inf, inf]
    np.testing.assert_array_equal(softmax(np.array(none)), [0.0, 0.0])
    np.testing.assert_array_equal(softmax(np.array(one)), [1.0, 0.0])
    np.testing.assert_array_equal(softmax(np.array(two)), [0.5, 0.5])
    assert [float(logsumexp(np.array(x))) for x in (none, one, two)] == [-inf, inf, inf]
    np.testing.assert_array_equal(slope(logsumexp, none), [0.0, 0.0])
    np.testing.assert_array_equal(slope(logsumexp, one), [1.0, 0.0])
    np.testing.assert_array_equal(slope(logsumexp, two), [0.5, 0.5])
    np.testing.assert_array_equal(log_softmax(np.array(one)), [0.0, -inf])


@pytest.mark.parametrize("f", [logsumexp, softmax, log_softmax, np.max, np.min, np.sum, np.mean])
def test_nan_in_a_reduction_makes_value_and_gradient_nan(f):
    x = Tensor([nan, 1.0], requires_grad=True)
    y = f(x)
    assert np.isnan(y.data).all()
    if f not in (np.sum, np.mean):
        y.backward(np.full(y.shape, 0.5))
        assert np.isnan(x.grad.data).all()


@pytest.mark.parametrize("f", [np.maximum, np.minimum])
def test_nan_operand_makes_value_and_gradients_nan(f):
    a, b = slope(f, [nan, 1.0, nan], [1.0, nan, nan])
    assert np.isnan(a + b).all()


def test_reductions_without_identity_raise_numpys_error():
    empty = Tensor(np.zeros((0, 3)), requires_grad=True)
    for f in (np.max, np.min):
        with pytest.raises(ValueError, match="zero-size array"):
            f(empty, axis=0)
    with pytest.raises(ValueError, match="empty"):
        logsumexp(empty, axis=0)
    assert np.sum(empty).item() == 0.0
    assert np.max(empty, axis=0, initial=2.0).tolist() == [2.0] * 3


def test_hypot_and_arctan2_are_flat_at_the_origin():
    for f in (np.hypot, np.arctan2):
        assert [g.item() for g in slope(f, [0.0], [0.0])] == [0.0, 0.0]


def test_fmax_and_fmin_give_the_cotangent_to_the_number_beside_nan():
    for f in (np.fmax, np.fmin):
        a, b = slope(f, [nan, 1.0, nan], [1.0, nan, nan])
        np.testing.assert_array_equal(a, [0.0, 1.0, nan])
        np.testing.assert_array_equal(b, [1.0, 0.0, nan])


def test_nan_to_num_is_flat_where_it_replaces():
    np.testing.assert_array_equal(slope(np.nan_to_num, [nan, inf, -inf, 2.0]), [0.0, 0.0, 0.0, 1.0])
    assert np.nan_to_num(Tensor([nan, inf]), nan=7.0, posinf=8.0).tolist() == [7.0, 8.0]
    with pytest.raises(TypeError, match=r"posinf must be a number: for a Tensor t write np\.where"):
        np.nan_to_num(Tensor([inf]), posinf=Tensor(1.0))


# Stable forms -----------------------------------------------------------------------------------------


def sech2(x):
    q = math.exp(-2 * abs(x))
    return 4 * q / (1 + q) ** 2


@pytest.mark.parametrize("x", [1e-8, 0.5, 3.0, 10.0, 19.0, 25.0, 100.0, 300.0, -40.0, 800.0])
def test_tanh_keeps_its_slope_where_its_value_is_one(x):
    np.testing.assert_allclose(slope(np.tanh, [x]), [sech2(x)], rtol=1e-13)


@pytest.mark.parametrize("x", [0.0, 1.0, 36.0, 37.43, 100.0, 700.0, -30.0, -700.0, 800.0, -800.0])
def test_sigmoid_keeps_its_slope_and_its_small_values(x):
    e = math.exp(-abs(x))
    np.testing.assert_allclose(slope(sigmoid, [x]), [e / (1 + e) ** 2], rtol=1e-13)
    np.testing.assert_allclose(sigmoid(np.array([x])), [1 / (1 + e) if x >= 0 else e / (1 + e)], rtol=1e-15)
    assert sigmoid(np.float64(-5.0)) == sigmoid(np.array([-5.0]))[0]


@pytest.mark.parametrize("x", [0.0, 1.0, 37.43, 100.0, -700.0])
def test_sigmoid_keeps_its_curvature(x):
    e = math.exp(-abs(x))
    exact = -np.sign(x) * e * -math.expm1(-abs(x)) / (1 + e) ** 3
    np.testing.assert_allclose(grad(grad(sigmoid))(x), exact, rtol=1e-13)


def test_logsumexp_keeps_the_tail():
    assert float(logsumexp(np.array([0.0, -40.0]))) == pytest.approx(math.exp(-40), rel=1e-15)
    np.testing.assert_allclose(slope(logsumexp, [0.0, -40.0])[1], math.exp(-40), rtol=1e-13)
    assert float(logsumexp(np.array([1000.0, 1000.0]))) == pytest.approx(1000 + math.log(2), rel=1e-15)
    assert float(logsumexp(np.full(3, -1e300))) == -1e300


@pytest.mark.parametrize("margin", [0.0, 1.0, 20.0, 37.4, 100.0, 700.0])
def test_cross_entropy_slope_of_the_target_is_minus_the_other_probabilities(margin):
    others = 2 * math.exp(-margin) / (1 + 2 * math.exp(-margin))
    found = slope(lambda z: -log_softmax(z)[0], [margin, 0.0, 0.0])
    np.testing.assert_allclose(found, [-others, others / 2, others / 2], rtol=1e-12)
    value = -log_softmax(np.array([margin, 0.0, 0.0]))[0]
    np.testing.assert_allclose(value, math.log1p(2 * math.exp(-margin)), rtol=1e-14)


@pytest.mark.parametrize(
    ("dtype", "huge"), [(np.float16, 6e4), (np.float32, 1e38), (np.float64, 1e300), (np.longdouble, 1e300)]
)
def test_softmax_family_is_silent_and_right_for_huge_logits(dtype, huge):
    logits = np.array([[huge, 1.0], [-huge, 0.0]], dtype)
    np.testing.assert_array_equal(softmax(logits), [[1.0, 0.0], [0.0, 1.0]])
    assert log_softmax(logits).dtype == logsumexp(logits, 1).dtype == dtype
    np.testing.assert_array_equal(logsumexp(logits, 1), [dtype(huge), 0.0])


def test_cross_entropy_has_a_hessian():
    def curvature(z):
        return grad(lambda z: np.sum(grad(lambda z: -log_softmax(z)[0])(z) * [1.0, 0.0]))(z)

    p = softmax(np.array([0.3, -0.2]))
    np.testing.assert_allclose(curvature(np.array([0.3, -0.2])), [p[0] * (1 - p[0]), -p[0] * p[1]], rtol=1e-13)


@pytest.mark.parametrize("x", [0.0, 1e-300, 1e-8, 1e-3, 0.2, 0.318, 0.319, 0.5, 2.3])
def test_sinc_keeps_its_slope_near_zero(x):
    t = np.longdouble(np.pi) * x
    exact = sum((-1) ** k * 2 * k * t ** (2 * k - 1) / math.factorial(2 * k + 1) for k in range(1, 25)) * np.longdouble(
        np.pi
    )
    np.testing.assert_allclose(slope(np.sinc, [x]), [float(exact)], rtol=1e-13)


def test_logaddexp_of_the_same_infinities_shares_evenly():
    for both in (-inf, inf):
        a, b = slope(np.logaddexp, [both], [both])
        assert (a[0], b[0]) == (0.5, 0.5)
    curvature = grad(lambda a: grad(lambda a: np.logaddexp(a, 1.0))(a))(1.0)
    np.testing.assert_allclose(curvature, 0.25, rtol=1e-14)


@pytest.mark.parametrize("f", [np.hypot, np.arctan2, np.arcsinh, np.log1p, np.logaddexp])
def test_slopes_at_1e200_are_finite(f):
    huge = [1e200] * f.nin
    found = slope(f, *huge)
    assert np.isfinite(found).all()
    assert np.all(np.asarray(found) != 0)


@pytest.mark.parametrize(("dtype", "scale"), [(np.float64, 1e150), (np.float32, 1e18)])
@pytest.mark.parametrize(
    ("f", "slope_at"),
    [
        (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
        (np.log, lambda x: 1 / x),
        (lambda x: 1 / x, lambda x: -1 / x / x),
        (lambda x: x / (x + 0), lambda x: 0 * x),
        (np.abs, np.sign),
        (lambda x: np.maximum(x, 1.0), lambda x: x > 1),
        (np.tanh, lambda x: np.where(x > 1, 0.0, 1.0)),
        (sigmoid, lambda x: np.where(x > 1, 0.0, 0.25)),
        (lambda x: x**2 / x, lambda x: np.ones_like(x)),
        (lambda x: logsumexp(x, axis=()), lambda x: np.ones_like(x)),
    ],
)
def test_extreme_scales_have_finite_right_slopes(f, slope_at, dtype, scale):
    values = np.array([scale, 1 / scale], dtype)
    x = Tensor(values, requires_grad=True)
    y = f(x)
    y.backward(np.ones(2))
    expected = np.asarray(slope_at(values.astype(np.longdouble)), dtype)
    np.testing.assert_allclose(x.grad.data, expected, rtol=20 * np.finfo(dtype).eps, atol=np.finfo(dtype).tiny)


@pytest.mark.parametrize("f", [np.median, lambda x: np.sort(x)[1], lambda x: np.partition(x, 1)[1]])
def test_tied_order_statistics_share_the_cotangent_evenly(f):
    np.testing.assert_allclose(slope(f, [2.0, 1.0, 2.0]), [0.5, 0.0, 0.5])
    np.testing.assert_allclose(slope(f, [1.0, 1.0, 1.0]), np.full(3, 1 / 3))
    np.testing.assert_allclose(slope(np.sort, [2.0, 1.0, 2.0], w=[3.0, 5.0, 7.0]), [6.0, 3.0, 6.0])


def test_maximum_of_a_number_with_itself_has_slope_one():
    for f in (np.maximum, np.minimum, np.fmax, np.fmin):
        assert slope(lambda x, f=f: f(x, x), [2.0]) == [1.0]


def test_norms_and_standard_deviations_are_flat_where_they_are_zero():
    for order in (None, 1, 2, 3, np.inf, -np.inf):
        np.testing.assert_array_equal(slope(lambda x, p=order: np.linalg.norm(x, p), [0.0, 0.0]), [0.0, 0.0])
    for order in (None, "fro", "nuc", 2, np.inf):
        found = slope(lambda x, p=order: np.linalg.norm(x, p), np.zeros((2, 2)))
        np.testing.assert_array_equal(found, np.zeros((2, 2)))
    np.testing.assert_array_equal(slope(np.std, [3.0, 3.0, 3.0]), [0.0, 0.0, 0.0])
    np.testing.assert_array_equal(slope(np.var, [3.0, 3.0, 3.0]), [0.0, 0.0, 0.0])
    np.testing.assert_array_equal(slope(lambda x: np.linalg.norm(x, axis=1), [[0.0, 0.0], [3.0, 4.0]])[1], [0.6, 0.8])


@pytest.mark.parametrize(("dtype", "scale"), [(np.float64, 1e160), (np.float64, 1e-170), (np.float32, 1e30)])
@pytest.mark.parametrize("order", [None, 2, 3])
def test_norm_keeps_its_digits_at_extreme_scales(order, dtype, scale):
    x = Tensor(np.array([3.0, 4.0]) * dtype(scale), requires_grad=True)
    y = np.linalg.norm(x.astype(dtype), order)
    y.backward()
    p = order or 2
    n = (3.0**p + 4.0**p) ** (1 / p)
    np.testing.assert_allclose(y.data, n * scale, rtol=1e-6 if dtype is np.float32 else 1e-14)
    np.testing.assert_allclose(x.grad.data, [(3 / n) ** (p - 1), (4 / n) ** (p - 1)], rtol=1e-6)


def test_product_with_zeros_is_exact():
    np.testing.assert_array_equal(slope(np.prod, [2.0, 0.0, 3.0, 4.0]), [0.0, 24.0, 0.0, 0.0])
    np.testing.assert_array_equal(slope(np.prod, [2.0, 0.0, 3.0, 0.0]), [0.0, 0.0, 0.0, 0.0])
    np.testing.assert_array_equal(slope(np.cumprod, [2.0, 0.0, 3.0, 4.0]), [1.0, 2.0 + 6.0 + 24.0, 0.0, 0.0])
    np.testing.assert_array_equal(hessian(np.prod)(np.array([2.0, 0.0, 3.0]))[0], [0.0, 3.0, 0.0])
    two = hessian(np.prod)(np.array([2.0, 0.0, 3.0, 0.0]))
    expected = np.zeros((4, 4))
    expected[1, 3] = expected[3, 1] = 6.0
    np.testing.assert_array_equal(two, expected)
    np.testing.assert_array_equal(hessian(lambda x: np.cumprod(x)[-1])(np.array([2.0, 0.0, 3.0, 0.0])), expected)


def test_zero_cotangents_of_a_cumulative_product_win_over_infinite_factors():
    np.testing.assert_array_equal(slope(np.cumprod, [2.0, inf, 3.0, inf], w=[1.0, 0.0, 0.0, 0.0]), [1.0, 0.0, 0.0, 0.0])
    assert np.isnan(slope(np.cumprod, [2.0, 0.0, inf], w=[1.0, 1.0, 1.0])[0])
    assert np.isnan(slope(np.cumprod, [2.0, inf, 0.0], w=[0.0, 0.0, 1.0])[0])  # 0, but not because of a cotangent


def test_zero_cotangents_of_a_convolution_win_over_infinite_operands():
    a, v = slope(np.convolve, [1.0, 2.0], [inf, 3.0, 4.0], w=[0.0, 0.0, 0.0, 1.0])
    np.testing.assert_array_equal(a, [0.0, 4.0])
    np.testing.assert_array_equal(v, [0.0, 0.0, 2.0])
    valid = lambda a, v: np.convolve(a, v, "valid")
    a, v = slope(valid, [1.0, 2.0, 3.0, inf], [1.0, inf], w=[1.0, 0.0, 0.0])
    np.testing.assert_array_equal(a, [inf, 1.0, 0.0, 0.0])
    np.testing.assert_array_equal(v, [2.0, 1.0])


@pytest.mark.parametrize("x", [[2.0, 0.0, 3.0, 4.0], [0.0, 2.0, 0.0, 4.0], [1.0, 2.0, 3.0, 4.0]])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.prod(x) ** 2,
        lambda x: np.sum(np.cumprod(x) ** 2),
        lambda x: np.sum(np.cumprod(x) ** 2 * x[::-1]),
    ],
)
def test_second_order_is_the_same_where_a_nan_elsewhere_asks_for_strong_zeros(f, x):
    both = lambda x, z: f(x) + np.sum(np.where(z > 0, np.log(z), 0))
    x, v, z = np.array(x), np.array([0.5, -1.0, 2.0, 1.0]), np.array([0.0, 1.0])
    with np.errstate(divide="ignore"):
        beside, _ = hvp(both, (x, z), (v, np.zeros(2)))
    np.testing.assert_array_equal(beside, hvp(f, (x,), (v,))[0])


def test_expm1_and_elu_keep_their_slope_far_below_zero():
    for f in (np.expm1, F.elu):
        np.testing.assert_allclose(slope(f, [-40.0]), [math.exp(-40)], rtol=1e-14)


def test_log_sigmoid_and_softplus_are_right_on_both_sides():
    x = np.array([-800.0, -40.0, 0.0, 40.0, 800.0])
    np.testing.assert_allclose(F.softplus(x), [0.0, math.exp(-40), math.log(2), 40.0, 800.0], rtol=1e-15)
    np.testing.assert_allclose(F.log_sigmoid(x), -F.softplus(-x), rtol=1e-15)
    np.testing.assert_allclose(slope(F.softplus, x), sigmoid(x), rtol=1e-14)
    np.testing.assert_allclose(slope(F.log_sigmoid, x), sigmoid(-x), rtol=1e-14)


def test_binary_cross_entropy_keeps_its_slope_at_any_logit():
    x, y = [40.0, -40.0, inf, -inf, 700.0], [1.0, 0.0, 1.0, 0.0, 1.0]
    loss = lambda x: F.binary_cross_entropy(x, np.array(y), reduction="none")
    e = math.exp(-40)
    np.testing.assert_allclose(slope(loss, x), [-e, e, 0.0, 0.0, -math.exp(-700)], rtol=1e-13)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(loss(np.array(x)), [e, e, 0.0, 0.0, math.exp(-700)], rtol=1e-13)
    np.testing.assert_array_equal(slope(loss, [inf, inf, -inf, inf, 0.0])[1], 1.0)


@pytest.mark.parametrize("margin", [0.0, 37.4, 700.0])
def test_cross_entropy_from_logits_keeps_the_slope_of_the_target(margin):
    others = 2 * math.exp(-margin) / (1 + 2 * math.exp(-margin))
    found = slope(lambda z: F.cross_entropy(z, 0), [margin, 0.0, 0.0])
    np.testing.assert_allclose(found, [-others, others / 2, others / 2], rtol=1e-12)


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_is_finite_at_infinity(approximate):
    f = lambda x: F.gelu(x, approximate)
    np.testing.assert_array_equal(slope(f, [-inf, inf]), [0.0, 1.0])
    np.testing.assert_array_equal(f(np.array([-inf, inf])), [0.0, inf])
    assert f(np.array(-30.0)) <= 0.0


def test_gelu_keeps_its_small_values():
    x = -30.0
    np.testing.assert_allclose(F.gelu(np.array(x)), x * math.erfc(-x / math.sqrt(2)) / 2, rtol=1e-12)


def test_sinc_has_its_second_derivative_at_zero():
    np.testing.assert_allclose(elementwise_grad(elementwise_grad(np.sinc))(np.array([0.0, 1e-9])), -(np.pi**2) / 3)


def test_hypot_has_its_slope_at_1e200():
    np.testing.assert_allclose(slope(np.hypot, [3e200], [4e200]), [[0.6], [0.8]], rtol=1e-15)


# What bit others --------------------------------------------------------------------------------------


def test_one_scalar_branch_of_where_gets_the_full_sum():
    assert slope(lambda b: np.where([True, False, False], 1.0, b), 5.0) == 2.0
    assert slope(lambda x: x * np.ones((0, 3)), np.ones((1, 3))).tolist() == [[0.0, 0.0, 0.0]]


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: x * x, 4.0),
        (lambda x: x - x, 0.0),
        (lambda x: x**x, 4 * (1 + math.log(2))),
        (lambda x: np.sum(np.concatenate([x[None], x[None]])), 2.0),
        (lambda x: np.einsum("i,i", x[None], x[None]), 4.0),
        (lambda x: x[None] @ x[None], 4.0),
    ],
)
def test_the_same_tensor_twice_has_both_gradients(f, expected):
    np.testing.assert_allclose(grad(f)(2.0), expected, rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.uint8, np.int64, np.uint64])
def test_repeated_indices_of_any_integer_dtype_add_up(dtype):
    index = np.array([0, 0, 1], dtype)
    assert slope(lambda x: x[index], [1.0, 2.0, 3.0], w=[1.0, 10.0, 100.0]).tolist() == [11.0, 100.0, 0.0]

    def assigned(x, v):
        y = x * 1.0
        y[index] = v
        return y

    x, v = slope(assigned, [1.0, 2.0, 3.0], [7.0, 8.0, 9.0], w=[1.0, 10.0, 100.0])
    assert (x.tolist(), v.tolist()) == ([0.0, 0.0, 100.0], [0.0, 1.0, 10.0])


def test_slices_integers_and_one_mask_select_nothing_twice_and_so_are_added_at_once():
    mask = np.array([True, False])
    for index in (0, slice(1, 3), ..., None, mask, (slice(None, None, -1), 1), (..., None, 2), (mask, slice(0, 2))):
        assert selects_once(index)
    for index in ([0, 0], np.array([0, 1]), (slice(None), [1, 1]), (mask, np.array([0]))):
        assert not selects_once(index)


@pytest.mark.parametrize(
    "spec", ["ii->", "ii->i", "...j,jk->...k", "ij,ij->i", "i,i", "iij,j->i", "ij,kj", "i,j,k->", "ij,jk,kl->il"]
)
def test_einsum_agrees_with_differences(spec):
    sizes = dict(zip("ijkl", (3, 2, 4, 2), strict=True))
    rng = np.random.default_rng(0)
    terms = spec.split("->")[0].split(",")
    operands = [rng.normal(size=[sizes[label] for label in term.replace("...", "ki")]) for term in terms]
    f = lambda *x: np.sum(np.einsum(spec, *x) ** 2)
    for k, slope_k in enumerate(grad(f, tuple(range(len(operands))))(*operands)):
        v = rng.normal(size=operands[k].shape)
        at = [f(*operands[:k], operands[k] + s * 1e-4 * v, *operands[k + 1 :]) for s in (-2, -1, 1, 2)]
        np.testing.assert_allclose(np.sum(slope_k * v), (8 * (at[2] - at[1]) - (at[3] - at[0])) / 12e-4, rtol=1e-8)


@pytest.mark.parametrize("scale", [1e-200, 1e-150, 1.0, 1e150])
def test_determinant_has_its_slope_at_extreme_scales(scale):
    np.testing.assert_allclose(slope(np.linalg.det, np.eye(2) * scale), np.eye(2) * scale, rtol=1e-15)
    assert slope(np.linalg.det, [[5e-324]]) == [[1.0]]
