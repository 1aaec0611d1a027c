"""Tensors that are copied or sent to other processes: leaves and constants of their own."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

from autograd_nn import Tensor, gradients, no_grad

FRESH = """
import pickle, sys
import numpy as np
from autograd_nn import Tensor, checkpoint, grad, gradients
w, c = pickle.loads(bytes.fromhex(sys.argv[1]))
assert gradients(np.sum(w * w), w).tolist() == [2, 4]
assert checkpoint(lambda w, x: np.sum(w * x))(w, Tensor(3.0)).requires_grad
slope = grad(lambda x: np.sum(x * w * c))(3.0)
assert gradients(slope, w).tolist() == [5, 6]
np.sum(w * w).backward()
assert w.grad.tolist() == [12, 14], w.grad
print(w)
"""


def test_a_trained_leaf_is_a_leaf_in_a_fresh_process():
    w, c = Tensor([1.0, 2.0], requires_grad=True, name="w"), Tensor([5.0, 6.0])
    w.grad = Tensor([10.0, 10.0])
    for _ in range(1000):  # so that stamps are far ahead of those of a fresh process
        w.data -= np.zeros(2)
    text = pickle.dumps((w, c)).hex()
    done = subprocess.run([sys.executable, "-c", FRESH, text], capture_output=True, text=True, check=False)
    assert (done.stderr, done.stdout) == ("", "Tensor([1., 2.], requires_grad=True, name='w')\n")


def test_a_tensor_that_was_pickled_has_its_own_values_name_and_gradient():
    w = Tensor(np.array([1, 2], np.float32), requires_grad=True, name="w")
    w.grad = Tensor(np.array([3, 4], np.float32))
    again = pickle.loads(pickle.dumps(w))
    again.data += 1
    assert (again.tolist(), again.dtype, again.name, again.grad.tolist()) == ([2, 3], np.float32, "w", [3, 4])
    assert w.tolist() == [1, 2]
    with pytest.raises(RuntimeError, match="in-place change of the leaf w"):
        again += 1
    constant = pickle.loads(pickle.dumps(Tensor([1, 2], name="c")))
    assert (constant.name, constant.dtype, constant.requires_grad) == ("c", np.dtype(int), False)


def test_a_recorded_tensor_is_not_pickled_apart_from_its_graph():
    with pytest.raises(TypeError, match=r"cannot be pickled apart from its graph: write t\.detach"):
        pickle.dumps(Tensor(1.0, requires_grad=True) * 2)


def test_a_copy_of_a_leaf_is_a_leaf_of_its_own():
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    other = copy.copy(w)
    np.sum(other * other).backward()
    assert (w.grad, other.grad.tolist(), other.name) == (None, [2, 4], "w")
    with no_grad():
        other += 1
    assert (w.tolist(), other.tolist()) == ([1, 2], [2, 3])


def test_a_copy_of_a_constant_has_its_own_values():
    c = Tensor([1.0, 2.0], name="c")
    other = copy.copy(c)
    other[0] = 5
    assert (c.tolist(), other.tolist(), other.name) == ([1, 2], [5, 2], "c")


def test_a_copy_of_a_recorded_tensor_is_connected_to_it():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    other = copy.copy(y)
    other[0] = 0.0
    assert (y.tolist(), other.tolist()) == ([3, 6], [0, 6])
    assert gradients(other, x, np.ones(2)).tolist() == [0, 3]
