"""Strong zeros: what a cotangent of 0 is multiplied with does not matter, and all else is arithmetic as ever."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_nn import hvp
from autograd_nn.engine.modes import switched
from autograd_nn.engine.strong import bilinear

inf, nan = np.inf, np.nan


def strong_product(g, other):
    with switched(strong=True), np.errstate(invalid="ignore"):
        return bilinear(np.matmul, np.array(g), np.array(other))


@given(
    hnp.arrays(float, (2, 3), elements=st.sampled_from([0.0, 1.0, -2.0])),
    hnp.arrays(float, (3, 2), elements=st.sampled_from([inf, -inf, nan, 0.0, 3.0])),
)
def test_a_product_of_matrices_is_the_sum_of_the_terms_that_a_cotangent_reaches(g, other):
    expected = np.zeros((2, 2))
    with np.errstate(invalid="ignore"):
        for i, k, j in np.ndindex(2, 3, 2):
            expected[i, j] += g[i, k] * other[k, j] if g[i, k] else 0.0
    np.testing.assert_array_equal(strong_product(g, other), expected)


@pytest.mark.parametrize(("g", "other"), [([[0j, 1j]], [[inf], [2.0]]), ([[0.0, 1.0]], [[complex(0, inf)], [2j]])])
def test_zeros_win_in_complex_products_too(g, other):
    assert strong_product(g, other) == 2j


@pytest.mark.parametrize(("g", "other"), [([[1j]], [[inf]]), ([[1.0]], [[complex(0, inf)]]), ([[inf]], [[inf]])])
def test_the_infinity_of_a_complex_product_and_of_an_infinite_cotangent_is_numpys(g, other):
    with np.errstate(invalid="ignore"):
        expected = np.array(g) @ np.array(other)
    np.testing.assert_array_equal(strong_product(g, other), expected)


def products_of_others(x):
    """The Hessian of a product: of each two factors, the product of the others."""
    n = len(x)
    others = lambda i, j: math.prod(x[k] for k in range(n) if k not in (i, j))
    return np.array([[others(i, j) if i != j else 0.0 for j in range(n)] for i in range(n)])


FACTORS = hnp.arrays(float, 4, elements=st.sampled_from([0.0, 0.0, 1.0, -2.0, 0.5, 3.0]))


@pytest.mark.parametrize("strong", [False, True])
@given(x=FACTORS, v=FACTORS)
def test_second_derivatives_of_products_are_right_where_a_factor_is_0_but_its_tangent_is_not(strong, x, v):
    ends = [products_of_others(x[: n + 1]) for n in range(4)]
    weights = np.array([1.0, 0.0, -2.0, 3.0])
    cumulative = np.zeros((4, 4))
    for n, weight in enumerate(weights):
        cumulative[: n + 1, : n + 1] += weight * ends[n]
    with switched(strong=strong):
        np.testing.assert_allclose(hvp(np.prod, (x,), (v,))[0], ends[-1] @ v)
        np.testing.assert_allclose(hvp(lambda x: np.cumprod(x) @ weights, (x,), (v,))[0], cumulative @ v)


@given(x=FACTORS, v=FACTORS, bad=st.sampled_from([inf, -inf, nan]), cut=st.integers(1, 3))
@np.errstate(invalid="ignore")
def test_what_follows_in_a_cumulative_product_and_is_not_used_does_not_matter_to_second_order(x, v, bad, cut):
    spoiled = np.where(np.arange(4) < cut, x, bad)
    by_weight = lambda x: np.cumprod(x)[:cut] @ (x[:cut] - start[:cut])  # weights of 0 that have a slope
    start = x
    expected = hvp(by_weight, (x[:cut],), (v[:cut],))[0]
    found = hvp(by_weight, (spoiled,), (v,))[0]
    np.testing.assert_allclose(found, [*expected, *[0.0] * (4 - cut)])
    first = products_of_others(x[:cut]) @ v[:cut]
    np.testing.assert_allclose(hvp(lambda x: np.cumprod(x)[cut - 1], (spoiled,), (v,))[0][:cut], first)
    masked = lambda x: np.prod(np.where(np.arange(4) < cut, x, 1.0))
    np.testing.assert_allclose(hvp(masked, (spoiled,), (v,))[0][:cut], first)
