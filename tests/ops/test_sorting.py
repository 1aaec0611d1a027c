"""Elements that are equal share the cotangents of the places that they take."""

import numpy as np
import pytest

from autograd_nn import Tensor, gradients

TIED = [2.0, 1.0, 2.0, 0.0, 1.0, 2.0]
COTANGENT = np.array([1.0, 2, 3, 4, 5, 6])  # of the places of 0, 1, 1, 2, 2, 2


def pulled(f, x, w):
    x = Tensor(x, requires_grad=True)
    return gradients(f(x), x, np.asarray(w)).data


def test_equal_elements_share_what_comes_to_their_places():
    np.testing.assert_array_equal(pulled(np.sort, TIED, COTANGENT), [5, 2.5, 5, 1, 2.5, 5])


def test_ties_are_shared_within_a_row_and_not_across_rows():
    rows = [[1.0, 1.0], [1.0, 0.0]]
    np.testing.assert_array_equal(pulled(np.sort, rows, [[1, 3], [5, 7]]), [[2, 2], [7, 5]])
    np.testing.assert_array_equal(pulled(lambda x: np.sort(x, axis=0), rows, [[1, 3], [5, 7]]), [[3, 7], [3, 3]])


def test_partition_shares_as_sort_does():
    slopes = pulled(lambda x: np.partition(x, 2), TIED, np.ones(6))
    np.testing.assert_array_equal(slopes, np.ones(6))
    first = pulled(lambda x: np.partition(x, 0)[0], [1.0, 0.0, 0.0], 1.0)
    np.testing.assert_array_equal(first, [0, 0.5, 0.5])


@pytest.mark.parametrize("f", [np.median, np.nanmedian, lambda x: np.quantile(x, 0.5), lambda x: np.percentile(x, 50)])
def test_median_shares_among_all_that_equal_it(f):
    np.testing.assert_allclose(pulled(f, [2.0, 2.0, 3.0, 1.0, 2.0], 1.0), [1 / 3, 1 / 3, 0, 0, 1 / 3])
    np.testing.assert_allclose(
        pulled(f, [1.0, 2.0, 2.0, 5.0, 3.0, 2.0], 1.0), [0, 1 / 3, 1 / 3, 0, 0, 1 / 3], atol=1e-16
    )


def test_medians_of_infinities_are_numbers_as_numpys_are():
    for x in ([np.inf, np.inf], [-np.inf, 1.0], [1.0, 2.0, np.inf]):
        assert np.median(Tensor(x)).item() == np.median(x)


def test_sharing_is_exact_in_float16():
    x = np.zeros(3000, np.float16)
    y = pulled(np.sort, x, np.ones(3000, np.float16))
    assert y.dtype == np.float16
    np.testing.assert_array_equal(y, 1)


def test_second_order_passes_through_ties():
    x = Tensor(TIED, requires_grad=True)
    w = Tensor(COTANGENT, requires_grad=True)
    slope = gradients(np.sort(x), x, w, create_graph=True)
    np.testing.assert_allclose(gradients(slope, w, np.eye(6)[0]).data, [0, 0, 0, 1 / 3, 1 / 3, 1 / 3])


def test_wrong_parameters_are_refused():
    x = Tensor(TIED, requires_grad=True)
    with pytest.raises(ValueError, match="fields"):
        np.sort(x, order="name")
    with pytest.raises(TypeError, match="no gradient for q"):
        np.quantile(x, Tensor(0.5, requires_grad=True))
    with pytest.raises(TypeError, match="weights"):
        np.quantile(x, 0.5, method="inverted_cdf", weights=np.ones(6))
    with pytest.raises(TypeError, match="overwrite_input"):
        np.median(x, overwrite_input=True)
    with pytest.raises(IndexError):
        np.quantile(Tensor(np.empty((0, 2)), requires_grad=True), 0.5, axis=0)
