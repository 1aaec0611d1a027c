"""What surprises, and why it is so."""

import numpy as np
import pytest

from autograd_nn import Tensor, grad, relu


def test_dot_of_an_array_with_a_tensor_must_be_written_as_a_function():
    # ndarray.dot is a method of the array alone: NumPy asks no other operand, and converts it. np.dot and @ do ask.
    X, W = np.ones((2, 3)), Tensor(np.ones((3, 1)), requires_grad=True)
    with pytest.raises(TypeError, match=r"X\.dot\(t\).*X @ t"):
        X.dot(W)
    assert np.dot(X, W).requires_grad
    assert (X @ W).requires_grad
    assert Tensor(X).dot(W).requires_grad


def test_a_recorded_assignment_does_not_reach_views_made_before():
    # Assignment while recording is functional: the graph keeps the value from before. In NumPy row is t's memory.
    t = Tensor(np.zeros((2, 2)), requires_grad=True) * 1.0
    row = t[0]
    row[1] = 5.0
    assert t.tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_an_in_place_operator_on_a_recorded_tensor_makes_a_new_one():
    # y += 1 rebinds y; another name for the old Tensor goes on meaning the old value.
    y = z = Tensor(1.0, requires_grad=True) * 1.0
    y += 1.0
    assert (y.item(), z.item()) == (2.0, 1.0)


def test_a_leaf_copies_its_values_but_a_constant_does_not():
    # Training changes a leaf in place, and must not change the array it was made from. A constant is only read.
    values = np.zeros(2)
    leaf = Tensor(values, requires_grad=True)
    leaf.data += 1.0
    assert values.tolist() == [0.0, 0.0]


def test_the_square_of_relu_at_zero_is_smooth_but_its_slope_is_not():
    # Each primitive's convention at its kink holds by itself: d relu = 0 there, so products with it are 0 too.
    assert grad(lambda x: relu(x) ** 2)(0.0) == 0.0
    assert grad(grad(lambda x: relu(x) ** 2))(0.0) == 0.0


def test_equal_tensors_are_equal_elementwise_but_hash_by_identity():
    # As for arrays, == compares elements. Unlike arrays, Tensors can be keys, so an optimiser may keep a state each.
    a, b = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])
    assert (a == b).all()
    assert len({a, b}) == 2


def test_truth_of_a_float_tensor_does_not_depend_on_its_graph():
    # `if loss > 0.1` and `while x` follow NumPy: the value takes a branch, and the graph records that one.
    def f(x):
        return x * 2.0 if x > 1.0 else x * 3.0

    assert (grad(f)(2.0), grad(f)(0.5)) == (2.0, 3.0)


def test_integers_assigned_floats_that_require_a_gradient_are_refused():
    # NumPy would cut the fraction off, and with it the gradient.
    counts = Tensor(np.zeros(2, int))
    with pytest.raises(TypeError, match="astype"):
        counts[0] = Tensor(1.5, requires_grad=True)
