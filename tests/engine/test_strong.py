"""Strong zeros: what a cotangent of 0 is multiplied with does not matter, and all else is arithmetic as ever."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

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
