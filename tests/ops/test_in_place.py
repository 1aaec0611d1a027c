"""NumPy's functions that change an array, on Tensors: the values are NumPy's, gradients those of differences."""

import numpy as np
import pytest

from autograd_nn import Tensor, gradients, no_grad

AT = {
    f"{f}.at": (lambda a, v, f=f: getattr(np, f).at(a, [0, 2, 0, 0], v), (4, 1))
    for f in ("add", "subtract", "multiply", "divide", "maximum", "minimum", "hypot", "logaddexp", "power", "fmax")
}
WRITES = {
    "put": (lambda a, v: np.put(a, [0, 5, -1], v), (3,)),
    "put of repeated places": (lambda a, v: np.put(a, [0, 5, 5, -1, 0], v), (5,)),
    "put of too few values": (lambda a, v: np.put(a, [0, 5, 6, -1], v), (2,)),
    "put at the end": (lambda a, v: np.put(a, [0, 50], v, mode="clip"), (2,)),
    "put with wrap": (lambda a, v: np.put(a, [13, -30], v, "wrap"), (2,)),
    "putmask": (lambda a, v: np.putmask(a, a > 1, v), (12,)),
    "putmask of too few values": (lambda a, v: np.putmask(a, a > 1, v), (5,)),
    "place": (lambda a, v: np.place(a, a > 1, v), (2,)),
    "copyto": (lambda a, v: np.copyto(a, v), (4,)),
    "copyto where": (lambda a, v: np.copyto(a, v, where=a > 1), (3, 1)),
    "fill_diagonal": (lambda a, v: np.fill_diagonal(a, v), ()),
    "fill_diagonal of several values": (lambda a, v: np.fill_diagonal(a, v), (2,)),
    "put_along_axis": (lambda a, v: np.put_along_axis(a, np.array([[0, 0], [1, 2], [3, 1]]), v, 1), (3, 1)),
    "put_along_axis of all": (lambda a, v: np.put_along_axis(a, np.array([0, 5]), v, axis=None), (2,)),
    "add.at of pairs": (lambda a, v: np.add.at(a, ([0, 2, 0], [1, 1, 1]), v), (3,)),
    "add.at of a slice": (lambda a, v: np.add.at(a, np.s_[1:], v), (4,)),
    "multiply.at of a place": (lambda a, v: np.multiply.at(a, (0, 1), v), ()),
    "negative.at": (lambda a, v: (np.negative.at(a, [0, 2, 0]), np.add.at(a, [1], v)), ()),
    **AT,
}
rng = np.random.default_rng(0)


def changed(write, a, v):
    b = a.copy()
    write(b, v)
    return b


@pytest.mark.parametrize("name", WRITES)
def test_values_are_numpys_and_gradients_those_of_differences(name):
    write, shape = WRITES[name]
    arrays = rng.uniform(0.5, 2, (3, 4)), rng.uniform(0.5, 2, shape)
    tensors = [Tensor(x, requires_grad=True) for x in arrays]
    y, expected = changed(write, *tensors), changed(write, *arrays)
    np.testing.assert_array_equal(y.data, expected)
    w, h, directions = rng.normal(size=(3, 4)), 1e-6, [rng.normal(size=x.shape) for x in arrays]
    above, below = (
        changed(write, *(x + side * v for x, v in zip(arrays, directions, strict=True))) for side in (h, -h)
    )
    slopes = gradients(y, tensors, w)
    along = sum(np.sum(g.data * v) for g, v in zip(slopes, directions, strict=True))
    assert along == pytest.approx(np.sum(w * (above - below)) / (2 * h), abs=1e-7)


@pytest.mark.parametrize("name", WRITES)
def test_a_constant_buffer_takes_recorded_values_and_a_plain_array_refuses_them(name):
    write, shape = WRITES[name]
    a, v = rng.uniform(0.5, 2, (3, 4)), Tensor(rng.uniform(0.5, 2, shape), requires_grad=True)
    assert changed(write, Tensor(a), v).requires_grad
    assert not changed(write, Tensor(a), v.detach()).requires_grad
    with pytest.raises(TypeError, match="would lose"):  # fill_diagonal asks v for its array
        write(a.copy(), v)
    b = a.copy()
    write(b, v.detach())
    np.testing.assert_array_equal(b, changed(write, a, v.data))
    with no_grad():
        assert not changed(write, Tensor(a), v).requires_grad


def test_a_leaf_of_which_an_assignment_leaves_nothing_keeps_no_gradient():
    x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)
    o = x * 1
    o[:] = y
    np.sum(2 * o).backward()
    assert x.grad is None
    assert y.grad.tolist() == [2.0, 2.0]


def test_a_refusal_says_what_to_write():
    with pytest.raises(
        TypeError, match=r"numpy\.put into a plain array .* Tensor\(a\), or make it with autograd_nn\.numpy"
    ):
        np.put(np.ones(3), [0], Tensor(1.0, requires_grad=True))


def test_of_repeated_places_the_last_value_put_wins():
    t, v = Tensor(np.zeros(3), requires_grad=True), Tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = t.copy()
    np.put(y, [1, 1, 0], v)
    np.testing.assert_array_equal(y.data, [3.0, 2.0, 0.0])
    np.testing.assert_array_equal(gradients(np.sum(y), v).data, [0.0, 1.0, 1.0])
    np.testing.assert_array_equal(gradients(np.sum(y), t).data, [0.0, 0.0, 1.0])


def test_of_repeated_places_all_values_are_added():
    t, v = Tensor(np.zeros(3), requires_grad=True), Tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = t.copy()
    np.add.at(y, [1, 1, 0], v)
    np.testing.assert_array_equal(y.data, [3.0, 3.0, 0.0])
    np.testing.assert_array_equal(gradients(np.sum(y), v).data, [1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("x", "conditions", "functions"),
    [
        ([-2.0, 0.5, 3.0], lambda x: [x < 0, x >= 0], [np.square, lambda x: 3 * x]),
        ([-2.0, 0.5, 3.0], lambda x: [x < 0, x > 1], [np.square, 7.0, lambda x: 3 * x]),
        ([-2.0, 0.5, 3.0], lambda x: [x < 5, x > 1], [np.square, np.negative]),
        ([-2.0, 0.5, 3.0], lambda x: x > 1, [np.square]),
        ([[-2.0, 0.5], [3.0, 1.0]], lambda x: [x < 0], [lambda x: x * x, lambda x: -x]),
        (3.0, lambda x: [x < 0, x >= 0], [np.negative, np.square]),
    ],
)
def test_piecewise_calls_its_functions_with_tensors(x, conditions, functions):
    array = np.array(x)
    t = Tensor(array, requires_grad=True)
    y, expected = np.piecewise(t, conditions(t), functions), np.piecewise(array, conditions(array), functions)
    np.testing.assert_array_equal(y.data, expected)
    h = 1e-6
    ahead, behind = (np.piecewise(array + side, conditions(array), functions) for side in (h, -h))
    np.testing.assert_allclose(gradients(np.sum(y), t).data, (ahead - behind) / (2 * h), atol=1e-7)


def test_piecewise_hands_on_arguments_and_refuses_too_few_functions():
    t = Tensor([1.0, -2.0], requires_grad=True)
    y = np.piecewise(t, [t > 0, t < 0], [lambda x, k: k * x, lambda x, k: x / k], k=4.0)
    assert y.tolist() == [4.0, -0.5]
    with pytest.raises(ValueError, match="1 functions for 3 conditions"):
        np.piecewise(t, [t > 0, t < 0, t == 0], [np.square])


def test_nan_to_num_without_a_copy_changes_its_argument():
    t = Tensor([1.0, np.nan], requires_grad=True) * 2
    assert np.nan_to_num(t, copy=False, nan=7.0) is t
    assert t.tolist() == [2.0, 7.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda a: np.put(a, [9], 1.0), IndexError, "out of bounds"),
        (lambda a: np.place(a, a > 0, []), ValueError, "empty"),
        (lambda a: np.copyto(a, 1j), TypeError, "same_kind"),
        (lambda a: np.copyto(a, np.ones(5)), ValueError, "broadcast"),
        (lambda a: np.fill_diagonal(a, 1.0), ValueError, "at least 2-d"),
        (lambda a: np.multiply.at(a, [7], 1.0), IndexError, "out of bounds"),
    ],
)
def test_what_numpy_refuses_is_refused_in_its_words(call, error, message):
    for a in (np.ones(3), Tensor(np.ones(3)), Tensor(np.ones(3), requires_grad=True) * 2):
        with pytest.raises(error, match=message):
            call(a)
