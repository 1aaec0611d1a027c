"""What is said where a Tensor cannot do what is asked of it: who asked, and what to write instead."""

import math
import statistics

import matplotlib.pyplot as plt
import numpy as np
import pytest

import autograd_nn.numpy as anp
from autograd_nn import Tensor, grad, jvp, vjp

T = Tensor([1.0, 2.0], requires_grad=True)


def in_module(name):
    """A function in a module of this name, which asks for an array."""
    scope = {"__name__": name, "np": np}
    exec("def ask(t): return np.asarray(t)", scope)
    return scope["ask"]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: np.array([T[0], T[1]]),
            r"NumPy wants an array .*np\.stack\(\[\.\.\.\]\) .*array\(\) of autograd_nn\.numpy",
        ),
        (
            lambda: np.asarray(T, float),
            r"NumPy wants .*write t itself, .*or asarray\(\) of autograd_nn\.numpy; t\.numpy",
        ),
        (lambda: np.array(T), r"NumPy wants .*t\.copy\(\) for a copy"),
        (lambda: np.max([T[0], 1.0]), r"NumPy's max wants .*for a list of Tensors, or give it to autograd_nn\.numpy"),
        (lambda: np.ones((2, 2)).dot(T), r"for X\.dot\(t\) of an array X, X @ t"),
        (lambda: np.vectorize(math.sin)(T), r"NumPy's vectorize wants an array .*for whole Tensors"),
        (
            lambda: np.full(3, T[0]),
            r"NumPy's full wants .*write t \* np\.ones\(shape\), or full\(\) of autograd_nn\.numpy",
        ),
        (lambda: np.c_[T, T], r"write np\.concatenate or np\.column_stack, or r_ and c_ of autograd_nn\.numpy"),
        (lambda: np.arange(0, T[0], 0.3), r"write np\.arange\(n\) \* step"),
        (lambda: list(np.ndenumerate(T)), r"NumPy's ndenumerate wants .*np\.ndindex\(t\.shape\)"),
        (lambda: np.polynomial.legendre.legval(0.5, T), r"NumPy's legval wants .*chebvander\(x, n\) @ c"),
        (lambda: np.ma.masked_less(T, 1), r"NumPy's masked_less wants .*np\.where\(mask, value, t\)"),
        (lambda: np.broadcast(T, T), r"write np\.broadcast_shapes\(t\.shape, \.\.\.\)"),
        (lambda: np.random.default_rng(0).permutation(T), r"write t\[rng\.permutation\(len\(t\)\)\]"),
        (lambda: np.random.default_rng(0).normal(T), r"write the draws of constants, moved and scaled"),
        (lambda: np.array([T[0]], dtype=object), r"write a list of Tensors"),
        (lambda: anp.array([T[0]], dtype=object), r"cannot go into object: write a list"),
        (lambda: plt.figure().gca().plot(T), r"matplotlib wants an array .*t\.numpy\(\)"),
        (
            lambda: in_module("pandas.core")(T),
            r"pandas wants .*df\.to_numpy\(\) @ t",
        ),
        (
            lambda: in_module("scipy.x")(T),
            r"scipy wants .*autograd_nn\.primitive",
        ),
        (
            lambda: math.sin(T[0]),
            r"float\(\) of a Tensor .*t\.item\(\).*functions of NumPy or of autograd_nn.special instead of math's",
        ),
        (lambda: statistics.fmean(T), r"float\(\) of a Tensor"),
        (lambda: complex(T[0]), r"complex\(\) of a Tensor"),
        (lambda: np.zeros(2).fill(T[0]), r"float|sequence"),
        (lambda: np.fromiter(iter(T), float), r"float|sequence"),
    ],
)
def test_who_asked_for_an_array_or_a_number_is_named_and_what_to_write_there(ask, message):
    with pytest.raises((TypeError, ValueError), match=message) as caught:
        ask()
    assert "lose" in str(caught.value) or "cannot go into" in str(caught.value) or "lose" in str(caught.value.__cause__)
    plt.close("all")


def test_an_array_that_is_assigned_to_says_what_to_write_as_the_cause():
    o = np.zeros(2)
    with pytest.raises(ValueError, match="sequence") as caught:
        o[0] = T[0] ** 2
    assert "np.zeros_like(t)" in str(caught.value.__cause__)


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("exp", r"np\.exp\(t\)"),
        ("view", r"t\.reshape\(shape\)"),
        ("clone", r"t\.copy\(\)"),
        ("zero_grad", r"t\.grad = None"),
        ("cuda", "in this machine's memory"),
        ("relu", r"autograd_nn\.relu\(t\)"),
        ("at", r"t\[index\] = values"),
    ],
)
def test_names_of_other_libraries_are_answered_with_ours(name, instead):
    with pytest.raises(AttributeError, match=rf"no attribute '{name}': write .*{instead}"):
        getattr(T, name)


def test_what_is_elsewhere_is_no_attribute():
    assert not hasattr(T, "exp")
    assert not hasattr(T, "clone")
    assert not {"exp", "clone"} & set(dir(T))
    assert {"sum", "copy", "reshape", "grad"} <= set(dir(T))


def test_attributes_are_looked_up_as_of_any_class():
    assert not hasattr(type(T), "__getattr__")  # Python would remember no place of any attribute


def test_a_name_that_nobody_has_is_just_missing():
    with pytest.raises(AttributeError, match=r"no attribute 'banana'$"):
        getattr(T, "banana")  # noqa: B009
    assert not hasattr(T, "__array_interface__")


class Series:
    """What a pandas Series is to us: not an array, but with one in it, and it leaves operators to whom has priority."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def to_numpy(self):
        return self.values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype, copy=copy)

    def __sub__(self, other):
        return NotImplemented if getattr(other, "__pandas_priority__", 0) > 3000 else Series(self.values - other)


def test_a_series_counts_as_its_array():
    s = Series([3.0, 4.0])
    assert (s - T).tolist() == [2.0, 2.0]
    assert (T * s).tolist() == [3.0, 8.0]
    np.testing.assert_array_equal(grad(lambda x: np.sum(x**2))(s), [6.0, 8.0])
    np.testing.assert_array_equal(vjp(lambda x: x**2, s)[1](np.ones(2))[0], [6.0, 8.0])
    np.testing.assert_array_equal(jvp(lambda x: x**2, (s,), (np.ones(2),))[1], [6.0, 8.0])
