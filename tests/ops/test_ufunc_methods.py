"""The methods of ufuncs on Tensors, where the sweep does not go: keywords, ties, nan, places that overlap."""

import numpy as np
import pytest

from autograd_nn import Tensor, gradients
from autograd_nn.engine.registry import REGISTRY

rng = np.random.default_rng(0)
FOLDS = (np.subtract, np.divide, np.hypot, np.logaddexp, np.logaddexp2, np.fmax, np.fmin)


def judge(function, a, *args, **kwargs):
    """The value is NumPy's, and the gradient that of central differences."""
    t = Tensor(a, requires_grad=True)
    y, expected = REGISTRY[function](t, *args, **kwargs), function(a, *args, **kwargs)
    np.testing.assert_allclose(y.data, expected, rtol=4e-16)
    w, v, h = rng.normal(size=expected.shape), rng.normal(size=a.shape), 1e-5
    difference = np.sum(w * (function(a + h * v, *args, **kwargs) - function(a - h * v, *args, **kwargs))) / (2 * h)
    assert np.sum(gradients(y, t, w).data * v) == pytest.approx(difference, abs=1e-7)


@pytest.mark.parametrize("ufunc", FOLDS, ids=lambda f: f.__name__)
def test_reduce_has_all_its_keywords(ufunc):
    a, mask = rng.uniform(0.5, 2, (3, 5)), np.array([True, False, True, True, True])
    for keywords in ({"axis": 1}, {"axis": -1, "keepdims": True}, {"initial": 2.0}, {"dtype": float}):
        judge(ufunc.reduce, a, **keywords)
    judge(ufunc.reduce, a, axis=1, initial=0.7, where=mask)


@pytest.mark.parametrize("ufunc", FOLDS[2:], ids=lambda f: f.__name__)
def test_reduce_of_what_has_no_order_takes_several_axes(ufunc):
    judge(ufunc.reduce, rng.uniform(0.5, 2, (2, 3, 2)), axis=(0, 2))
    judge(ufunc.reduce, rng.uniform(0.5, 2, (2, 3)), axis=None)


@pytest.mark.parametrize("ufunc", [*FOLDS, np.maximum, np.minimum], ids=lambda f: f.__name__)
def test_accumulate_and_reduceat_run_along_any_axis(ufunc):
    a = rng.uniform(0.5, 2, (3, 5))
    judge(ufunc.accumulate, a, axis=1)
    judge(ufunc.reduceat, a, [0, 3, 1, 1, 4], axis=1)


def test_sums_of_slices_that_overlap_add_up_in_the_gradient():
    judge(np.add.reduceat, rng.normal(size=(3, 6)), [0, 4, 1, 5, 2], axis=1)
    judge(np.multiply.reduceat, rng.normal(size=(6, 2)), [0, 4, 1, 5, 2])


def test_outer_takes_the_keywords_of_the_ufunc():
    t = Tensor([1.0, 2.0], requires_grad=True)
    assert REGISTRY[np.multiply.outer](t, np.ones(3), dtype=np.float32).dtype == np.float32
    assert np.multiply.outer(np.arange(3.0), t).tolist() == [[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]]


def test_ties_of_a_running_extremum_share_the_cotangent_evenly():
    t = Tensor([1.0, 3.0, 2.0, 3.0, 3.0, 4.0], requires_grad=True)
    slopes = gradients(np.maximum.accumulate(t), t, [1.0, 2.0, 3.0, 4.0, 6.0, 5.0])
    np.testing.assert_array_equal(slopes.data, [1.0, 2 + 3 + 2 + 2, 0.0, 2 + 2, 2.0, 5.0])


def test_a_running_maximum_is_nan_from_the_first_nan_on_and_fmax_passes_it_over():
    t = Tensor([1.0, np.nan, 2.0, 0.0], requires_grad=True)
    assert np.isnan(gradients(np.maximum.accumulate(t)[2], t).data[:3]).all()
    np.testing.assert_array_equal(gradients(np.maximum.accumulate(t)[0], t).data, [1.0, 0.0, 0.0, 0.0])
    np.testing.assert_array_equal(gradients(np.sum(np.fmax.accumulate(t)), t).data, [2.0, 0.0, 2.0, 0.0])
    np.testing.assert_array_equal(gradients(np.fmax.reduce(t), t).data, [0.0, 0.0, 1.0, 0.0])


def test_a_running_extremum_can_be_differentiated_twice():
    t = Tensor([1.0, 3.0, 2.0, 4.0], requires_grad=True)
    first = gradients(np.sum(np.maximum.accumulate(t) ** 2), t, create_graph=True)
    np.testing.assert_array_equal(gradients(first, t, np.ones(4)).data, [2.0, 4.0, 0.0, 2.0])


@pytest.mark.parametrize("ufunc", [np.logical_or, np.logical_and])
def test_reductions_of_answers_are_plain(ufunc):
    t = Tensor([[1.0, 0.0], [2.0, 3.0]], requires_grad=True)
    assert repr(ufunc.reduce(t)) == repr(ufunc.reduce(t.data))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: REGISTRY[np.subtract.reduce](t, axis=(0, 1)), "depends on the order"),
        (lambda t: REGISTRY[np.subtract.reduce](t, where=t.data > 1), "needs initial="),
        (lambda t: np.subtract.reduce(t[:0]), "needs initial="),
        (lambda t: np.hypot.accumulate(t[0, 0]), "at least one dimension"),
        (lambda t: np.add.reduceat(t, [5]), "out-of-bounds|out of bounds"),
        (lambda t: np.multiply.reduceat(t, [5]), "out-of-bounds|out of bounds"),
        (lambda t: REGISTRY[np.maximum.accumulate](t, out=np.empty((2, 2))), "does not take out="),
    ],
)
def test_what_has_no_meaning_is_refused(call, message):
    with pytest.raises((TypeError, ValueError, IndexError), match=message):
        call(Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True))
