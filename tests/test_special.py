"""What the special functions promise beyond the sweep: poles, digits where they are easily lost, and their door."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.special

from autograd_nn import Tensor, grad, special
from autograd_nn.engine.registry import REGISTRY

SLOPES = [
    # function, argument, slope; the numbers were computed with 50 digits
    (special.logit, 0.0, np.inf),
    (special.entr, 0.0, np.inf),
    (special.erfinv, 1.0, np.inf),
    (special.erfinv, -1.0, np.inf),
    (special.ndtri, 0.0, np.inf),
    (special.expit, 800.0, 0.0),
    (special.log_expit, -800.0, 1.0),
    (special.log_expit, 40.0, np.exp(-40)),
    (special.log_ndtr, -1e8, 1e8),
    (special.log_ndtr, 10.0, np.exp(-50) / np.sqrt(2 * np.pi)),
    (special.i0e, 1e10, -0.5 * (2 * np.pi) ** -0.5 * 1e-15),
    (special.i1e, 1e10, -0.5 * (2 * np.pi) ** -0.5 * 1e-15),
    (special.i0e, 0.0, 0.0),
    (special.i0e, np.inf, 0.0),
]


@pytest.mark.parametrize(("function", "x", "slope"), SLOPES)
def test_slope_at_poles_and_far_out(function, x, slope):
    with np.errstate(all="ignore"):
        assert grad(function)(x) == pytest.approx(slope, rel=1e-9)


def test_the_curvature_of_log_ndtr_keeps_its_digits_far_below_zero():
    for x in (-6.5, -40.0, -1e3, -1e6):
        # hazard(x) * (x + hazard(x)), in powers of 1/x^2
        u = x**-2
        series = -1 + u - 6 * u**2 + 50 * u**3 - 518 * u**4
        assert grad(grad(special.log_ndtr))(x) == pytest.approx(series, rel=1e4 * abs(x) ** -10 + 1e-14)


@pytest.mark.parametrize(
    ("function", "values", "slopes"),
    [
        (special.xlogy, (0.0, 0.0), (-np.inf, 0.0)),
        (special.xlogy, (0.0, 2.0), (np.log(2), 0.0)),
        (special.xlog1py, (0.0, -1.0), (-np.inf, 0.0)),
        (special.rel_entr, (0.0, 2.0), (-np.inf, 0.0)),
        (special.kl_div, (0.0, 2.0), (-np.inf, 1.0)),
    ],
)
def test_nothing_times_a_logarithm(function, values, slopes):
    with np.errstate(all="ignore"):
        assert grad(function, (0, 1))(*values) == pytest.approx(slopes)


def test_a_zero_cotangent_wins_over_the_pole():
    with np.errstate(all="ignore"):
        slope = grad(lambda x: np.sum(np.where(x > 0, special.entr(x) + special.logit(x), 0)))(np.array([0.0, 0.5]))
    assert slope[0] == 0


def test_the_mixed_derivative_of_xlogy_is_there_where_its_factor_is_zero():
    assert grad(lambda b: grad(special.xlogy)(0.0, b))(2.0) == 0.5
    assert grad(lambda a: grad(special.xlogy, 1)(a, 2.0))(0.0) == 0.5


def test_the_slope_of_kl_div_keeps_its_digits_where_both_are_nearly_the_same():
    assert grad(special.kl_div, (0, 1))(1 + 2**-40, 1.0) == pytest.approx((2**-40, -(2**-40)), rel=1e-12)


@pytest.mark.parametrize("a", [1.0, 30.0, 1e6, 1e12])
def test_the_slopes_of_beta_keep_their_digits_where_one_argument_is_much_larger(a):
    assert grad(special.betaln)(4 + a, 1.0) == pytest.approx(-1 / (4 + a), rel=1e-14)
    assert grad(grad(special.betaln))(4 + a, 1.0) == pytest.approx((4 + a) ** -2, rel=1e-13)


def test_a_weight_of_zero_leaves_a_term_out_of_logsumexp():
    slope = grad(lambda a: special.logsumexp(a, b=[0.0, 1.0]))(np.array([800.0, 0.0]))
    np.testing.assert_array_equal(slope, [0, 1])
    for other in (1000.5, 1e300):
        value = special.logsumexp(Tensor([1000.0, other]), b=[2.0, 0.0])
        assert value.item() == 1000 + np.log(2)


def test_the_slopes_of_logsumexp_with_weights_keep_their_digits_where_its_terms_are_large():
    slope = grad(lambda a: special.logsumexp(a, b=[1.0, 3.0]))(np.array([1e10, 1e10 + 1]))
    np.testing.assert_allclose(slope, [1 / (1 + 3 * np.e), 3 * np.e / (1 + 3 * np.e)], rtol=1e-15)
    slope = grad(lambda a: special.logsumexp(a, b=[1.0, 3.0, 0.0]))(np.array([1e10, 1e10 + 1, 5.0]))
    np.testing.assert_allclose(slope, [1 / (1 + 3 * np.e), 3 * np.e / (1 + 3 * np.e), 0], rtol=1e-15)


def test_the_slopes_of_logsumexp_with_weights_are_nan_where_a_term_of_any_weight_is():
    for weight, slopes in ((2.0, [np.nan, np.nan]), (0.0, [0.0, 1.0])):
        found = grad(lambda a, b=weight: special.logsumexp(a, b=[b, 1.0]))(np.array([np.nan, 3.0]))
        np.testing.assert_array_equal(found, slopes)


def test_logsumexp_with_weights_where_all_are_minus_infinite_is_flat():
    with np.errstate(all="ignore"):
        slope = grad(lambda a: special.logsumexp(a, b=[1.0, 2.0]))(np.full(2, -np.inf))
    np.testing.assert_array_equal(slope, [0, 0])


@pytest.mark.parametrize(
    ("terms", "shares", "by_weight"),
    [
        ([np.inf, 0, 0], [1, 0, 0], [1, 0, 0]),
        ([np.inf, np.inf, 0], [1 / 3, 2 / 3, 0], [1 / 3, 1 / 3, 0]),
    ],
)
def test_infinite_terms_of_logsumexp_share_by_their_weights(terms, shares, by_weight):
    found = grad(lambda a, b: special.logsumexp(a, b=b), (0, 1))(np.array(terms, float), np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(found, (shares, by_weight), rtol=1e-15)


def test_infinite_terms_of_logsumexp_have_their_shares_in_each_row():
    terms, weights = np.array([[np.inf, 0.0], [np.inf, np.inf]]), np.array([[2.0, 1.0], [1.0, 3.0]])
    found = grad(lambda a, b: np.sum(special.logsumexp(a, axis=1, b=b)), (0, 1))(terms, weights)
    np.testing.assert_allclose(found, ([[1, 0], [0.25, 0.75]], [[0.5, 0], [0.25, 0.25]]), rtol=1e-15)


def test_log_ndtr_is_a_parabola_far_below_zero_and_flat_far_above():
    third = grad(grad(grad(special.log_ndtr)))
    for x, expected in [(-np.inf, -1), (-1e200, -1), (1e200, 0), (np.inf, 0)]:
        assert grad(grad(special.log_ndtr))(x) == expected
        assert third(x) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: special.logsumexp([1.0], return_sign=True), "return_sign"),
        (lambda: special.solve_triangular(np.eye(2), np.ones(2), overwrite_b=True), "overwrite_b"),
        (lambda: special.solve_triangular(np.eye(2), np.ones(2), trans="H"), "trans must be"),
        (lambda: special.expit(1j), "sigmoid: x must be real"),
        (lambda: special.logsumexp([1j], b=[1.0]), "logsumexp: a must be real"),
        (lambda: special.logsumexp([1.0], b=Tensor([1j])), "logsumexp: b must be real"),
        (lambda: special.polygamma(-1, 1.0), "n must be 0, 1, 2"),
        (lambda: special.polygamma(0.5, 1.0), "n must be 0, 1, 2"),
        (lambda: special.jv(Tensor(1.0, requires_grad=True), 1.0), "no gradient for its argument 'v'"),
        (lambda: special.solve_triangular([[np.inf]], [1.0]), "infs or NaNs"),
        (lambda: special.solve_triangular(Tensor([[0.0]]), [1.0]), "singular"),
        (lambda: scipy.special.struve(1, Tensor(1.0)), "no gradient for"),
    ],
)
def test_what_is_refused_is_refused_by_name(call, message):
    with pytest.raises((TypeError, ValueError, np.linalg.LinAlgError), match=message):
        call()


def test_a_triangular_solve_neither_looks_at_the_other_triangle_nor_has_a_slope_there():
    a = Tensor([[2.0, 5.0], [np.nan, 4.0]], requires_grad=True)
    special.solve_triangular(a, [1.0, 1.0], check_finite=False).backward(np.ones(2))
    assert a.grad.data[1, 0] == 0
    assert np.all(np.isfinite(a.grad.data))


def test_a_batch_of_triangular_solves_has_the_slopes_of_its_systems_one_by_one():
    a, b = np.arange(1.0, 13.0).reshape(3, 1, 2, 2), np.ones((2, 1))
    slope = grad(lambda a: np.sum(special.solve_triangular(a, b)))
    np.testing.assert_array_equal(slope(a)[:, 0], [slope(matrix) for matrix in a[:, 0]])


@pytest.mark.parametrize("name", ["erf", "psi", "jv", "xlogy", "expm1", "log1p", "exp2", "cbrt", "expit"])
def test_scipys_own_ufuncs_take_tensors(name):
    ufunc = getattr(scipy.special, name)
    x = [0.5, 1.5][: ufunc.nin - 1]
    assert ufunc(*x, Tensor(1.5, requires_grad=True)).requires_grad
    assert ufunc in REGISTRY


def test_the_module_is_imported_only_when_it_is_needed():
    program = (
        "import sys, numpy as np, scipy.special, autograd_nn as ag; "
        "assert 'autograd_nn.special' not in sys.modules; "
        "assert scipy.special.erf(ag.Tensor(1.0, requires_grad=True)).requires_grad"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_without_scipy_the_error_says_what_to_install():
    program = "import sys; sys.modules['scipy'] = None; import autograd_nn; import autograd_nn.special"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "ImportError: autograd_nn.special needs SciPy: pip install scipy" in result.stderr
