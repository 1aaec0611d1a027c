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


def test_a_pullback_keeps_the_value_of_the_time_of_the_operation():
    # y is changed afterwards, and exp goes on knowing what it made.
    x = Tensor(1.0, requires_grad=True)
    y = np.exp(x)
    z = y * 1.0
    y += 100.0
    z.backward()
    assert x.grad.item() == np.exp(1.0)


def test_the_array_of_a_tensor_that_was_changed_in_part_cannot_be_written_to():
    # It is a copy: what is written there would not be seen by the Tensor.
    t = Tensor([1.0, 2.0])
    t[0] = 3.0
    with pytest.raises(ValueError, match="read-only"):
        t.numpy()[0] = 4.0


def test_the_square_of_relu_at_zero_is_smooth_but_its_slope_is_not():
    # Each primitive's convention at its kink holds by itself: d relu = 0 there, so products with it are 0 too.
    assert grad(lambda x: relu(x) ** 2)(0.0) == 0.0
    assert grad(grad(lambda x: relu(x) ** 2))(0.0) == 0.0


def test_equal_tensors_are_equal_elementwise_but_hash_by_identity():
    # As for arrays, == compares elements. Unlike arrays, Tensors can be keys, so an optimiser may keep a state each.
    a, b = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])
    assert (a == b).all()
    assert len({a, b}) == 2


def test_whole_numbers_of_a_loop_are_keys_as_numbers_are():
    counts = {}
    for k in Tensor([1, 2, 1]):
        counts[k] = counts.get(k, 0) + 1
    assert counts == {1: 2, 2: 1}


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
