"""Keywords and operands of the functions that move elements: taken, or refused by name."""

from inspect import signature

import numpy as np
import pytest

from autograd_nn import Tensor, gradients


@pytest.fixture
def t():
    return Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)


@pytest.mark.parametrize("mode", ["empty", "nonsense", lambda *_: None])
def test_pad_refuses_modes_that_move_no_elements(t, mode):
    with pytest.raises(ValueError, match="the modes are"):
        np.pad(t, 1, mode)


def test_pad_refuses_keywords_of_other_modes(t):
    with pytest.raises(ValueError, match="does not take stat_length"):
        np.pad(t, 1, "edge", stat_length=2)
    with pytest.raises(TypeError, match="integers"):
        np.pad(t, 1.5)
    with pytest.raises(ValueError, match="empty axis"):
        np.pad(Tensor(np.empty((0, 2)), requires_grad=True), 1, "mean")


def test_order_in_memory_is_refused_where_it_would_decide_the_values(t):
    with pytest.raises(ValueError, match="order 'C' or 'F'"):
        np.reshape(t, (3, 2), order="A")


@pytest.mark.skipif("copy" not in signature(np.reshape).parameters, reason="np.reshape has copy= from NumPy 2.1 on")
def test_a_reshape_that_may_not_copy_raises_where_it_must(t):
    assert np.shares_memory(np.reshape(t, (3, 2), copy=False).data, t.data)
    with pytest.raises(ValueError, match="copy"):
        np.reshape(t.T, (6,), copy=False)


def test_joining_refuses_a_cast_that_casting_forbids(t):
    with pytest.raises(TypeError, match="casting='safe'"):
        np.concatenate([t, t], dtype=np.float32, casting="safe")


def test_parameters_that_require_a_gradient_are_refused(t):
    with pytest.raises(TypeError, match=r"numpy\.tile has no gradient for its parameters"):
        np.tile(t, Tensor(2.0, requires_grad=True))


def test_constants_stay_constant_and_integers_keep_their_kind():
    whole = Tensor(np.arange(6).reshape(2, 3))
    for y in (np.tril(whole), np.flip(whole), np.pad(whole, 1), np.insert(whole, 1, 7), np.sort(whole), np.prod(whole)):
        assert y.dtype == int
        assert not y.requires_grad


def test_elements_of_several_arrays_keep_single_precision_beside_python_numbers():
    t = Tensor(np.ones(3, np.float32), requires_grad=True)
    for y in (np.select([[True, False, True]], [t]), np.insert(t, 1, 2.0), np.block([t, 2.0]), np.full_like(t, 2.0)):
        assert y.dtype == np.float32


def test_values_in_a_full_array_add_up_their_cotangents(t):
    x = Tensor(2.0, requires_grad=True)
    assert gradients(np.full_like(t, x), x, np.ones((2, 3))).item() == 6


def test_histogram_is_constant_only_where_its_edges_are(t):
    counts, edges = np.histogram(t, bins=2, range=(0, 6))
    np.testing.assert_array_equal(counts, [2, 4])
    np.testing.assert_array_equal(edges, [0, 3, 6])
    with pytest.raises(TypeError, match="edges that do not move"):
        np.histogram(t)
    with pytest.raises(TypeError, match="no gradient for weights"):
        np.histogram(np.ones((2, 3)), bins=[0, 1], weights=t)


def test_cross_products_in_the_plane(t):
    a, b = Tensor([1.0, 2.0], requires_grad=True), np.array([3.0, 5.0])
    assert np.cross(a, b).item() == -1
    np.testing.assert_array_equal(np.cross(a, np.array([3.0, 5.0, 7.0])).data, [14, -7, -1])
    rows = np.cross(Tensor([[1.0, 2.0], [3.0, 4.0]]), np.array([[3.0, 5.0, 7.0], [1.0, 0.0, 2.0]]))
    np.testing.assert_array_equal(rows.data, [[14, -7, -1], [8, -6, -4]])
    with pytest.raises(ValueError, match="2 or 3 elements"):
        np.cross(np.ones(4), Tensor(np.ones(4)))


@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize("sparse", [False, True])
def test_a_write_to_a_grid_changes_neither_its_other_rows_nor_what_it_was_made_of(sparse, requires_grad):
    v = Tensor([1.0, 2.0, 3.0], requires_grad=requires_grad)
    grid, _ = np.meshgrid(v, [4.0, 5.0], sparse=sparse)
    grid[0, 0] = 9.0
    assert grid.tolist() == [[9.0, 2.0, 3.0], [1.0, 2.0, 3.0]][: 1 if sparse else 2]
    assert v.tolist() == [1.0, 2.0, 3.0]


def test_grids_are_views_where_no_copy_is_asked_for():
    v = Tensor([1.0, 2.0, 3.0])
    assert np.shares_memory(np.meshgrid(v, v, copy=False)[0].data, v.data)


def test_a_write_to_what_was_taken_does_not_change_what_it_was_taken_from(t):
    constant = t.detach().copy()
    for places in (1, [1]):
        y = np.take(constant, places, axis=0)
        y[...] = 9.0
    np.testing.assert_array_equal(constant.data, t.data)
