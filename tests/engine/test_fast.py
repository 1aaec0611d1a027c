"""Sums as products: as exact as NumPy's own along an axis whose elements lie side by side."""

import numpy as np
import pytest

from autograd_nn import Tensor
from autograd_nn.engine.fast import sum_of_columns, sum_of_rows


@pytest.mark.parametrize("shape", [(1_000_000, 2), (1000, 1000, 2)])
def test_the_gradient_of_a_float32_bias_over_a_million_rows_is_exact_to_float32(shape):
    b = Tensor(np.zeros(2, np.float32), requires_grad=True)
    (b + np.zeros(shape, np.float32)).backward(np.full(shape, 0.1, np.float32))
    np.testing.assert_allclose(b.grad.data, 1e6 * float(np.float32(0.1)), rtol=1e-6)


@pytest.mark.parametrize("n", [0, 1, 128, 256, 257, 384, 3000])
def test_sums_of_rows_and_of_columns_are_numpys(n):
    matrix = np.random.default_rng(0).integers(-9, 9, (n, 3)).astype(float)  # whose sums are exact
    np.testing.assert_array_equal(sum_of_rows(matrix), matrix.sum(axis=0))
    np.testing.assert_array_equal(sum_of_columns(matrix.T), matrix.sum(axis=0))
    np.testing.assert_array_equal(sum_of_rows(matrix[::-2]), matrix[::-2].sum(axis=0))


@pytest.mark.parametrize(
    ("bias", "whole"), [((0,), (2, 0)), ((1,), (4, 1)), ((1, 3), (2, 1, 3)), ((1, 1, 3), (2, 5, 3))]
)
def test_a_bias_of_any_shape_has_its_own(bias, whole):
    b = Tensor(np.zeros(bias), requires_grad=True)
    g = np.arange(float(np.prod(whole))).reshape(whole)
    (b + np.zeros(whole)).backward(g)
    expected = g.sum(axis=tuple(range(len(whole) - 1))).reshape(bias)
    np.testing.assert_array_equal(b.grad.data, expected)
