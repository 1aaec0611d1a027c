"""The values of a set are those of its elements, and so are their gradients."""

from inspect import signature

import numpy as np
import pytest

from autograd_nn import Tensor, gradients


def test_equal_elements_share_the_cotangent_of_their_value():
    t = Tensor([3.0, 1.0, 3.0, 2.0], requires_grad=True)
    y = np.unique(t)
    assert y.tolist() == [1.0, 2.0, 3.0]
    np.testing.assert_array_equal(gradients(y, t, [5.0, 7.0, 8.0]).data, [4.0, 5.0, 4.0, 7.0])


def test_equal_rows_share_too():
    t = Tensor([[1.0, 2.0], [0.0, 5.0], [1.0, 2.0]], requires_grad=True)
    y = np.unique(t, axis=0)
    assert y.tolist() == [[0.0, 5.0], [1.0, 2.0]]
    np.testing.assert_array_equal(gradients(y, t, [[1.0, 2.0], [4.0, 6.0]]).data, [[2.0, 3.0], [1.0, 2.0], [2.0, 3.0]])


def test_places_and_counts_are_plain():
    a = np.array([[3.0, 1.0], [3.0, np.nan], [np.nan, 2.0]])
    for equal_nan in (True, False):
        mine = np.unique(Tensor(a, requires_grad=True), True, True, True, equal_nan=equal_nan)
        numpys = np.unique(a, True, True, True, equal_nan=equal_nan)
        np.testing.assert_array_equal(mine[0].data, numpys[0])
        for one, other in zip(mine[1:], numpys[1:], strict=True):
            assert repr(one) == repr(other)


@pytest.mark.skipif("sorted" not in signature(np.unique).parameters, reason="from NumPy 2.3 on")
def test_values_that_need_not_be_sorted_are_in_numpys_order():
    a = np.random.default_rng(0).integers(0, 50, 40)
    np.testing.assert_array_equal(np.unique(Tensor(a), sorted=False).data, np.unique(a, sorted=False))
    np.testing.assert_array_equal(np.unique_values(Tensor(a)).data, np.unique_values(a))


def test_results_with_names_keep_them():
    found = np.unique_counts(Tensor([3.0, 1.0, 3.0], requires_grad=True))
    assert found.values.requires_grad
    assert found.counts.tolist() == [1, 2]


@pytest.mark.parametrize("function", [np.intersect1d, np.setxor1d, np.setdiff1d, np.union1d])
@pytest.mark.parametrize("second", [[2.0, 5.0, 2.0, 3.0], [], [7.0]])
@pytest.mark.parametrize("first", [[3.0, 2.0, 3.0, 9.0], []])
def test_operations_on_sets_have_numpys_values(function, first, second):
    y = function(Tensor(first, requires_grad=True), second)
    np.testing.assert_array_equal(y.data, function(np.array(first), np.array(second)))


def test_an_element_of_both_shares_the_cotangent_between_them():
    a, b = Tensor([3.0, 2.0], requires_grad=True), Tensor([2.0, 5.0], requires_grad=True)
    for f, slopes in [
        (np.intersect1d, ([0.0, 0.5], [0.5, 0.0])),
        (np.union1d, ([1.0, 0.5], [0.5, 1.0])),
        (np.setxor1d, ([1.0, 0.0], [0.0, 1.0])),
        (np.setdiff1d, ([1.0, 0.0], [0.0, 0.0])),
    ]:
        found = gradients(np.sum(f(a, b)), [a, b])
        np.testing.assert_array_equal([g.data for g in found], slopes)
    _, places, others = np.intersect1d(a, b, return_indices=True)
    assert (places.tolist(), others.tolist()) == ([1], [0])
