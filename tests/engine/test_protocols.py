"""NumPy's protocols, operators and methods: handled, or refused by name; constants come out as plain arrays."""

import operator
from datetime import timedelta
from fractions import Fraction

import numpy as np
import pytest

from autograd_nn import Tensor, gradients, log_softmax, logsumexp, relu, sigmoid, softmax
from autograd_nn.engine.registry import REGISTRY


@pytest.fixture
def t():
    return Tensor([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]], requires_grad=True)


BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, np.maximum, np.minimum, np.add, np.divide]


@pytest.mark.parametrize("f", BINARY)
@pytest.mark.parametrize("other", [2, 2.0, np.float64(2), np.float32(2), np.ones(3), np.ones((2, 1)), [1.0, 2.0, 3.0]])
def test_binary_operators_take_arrays_scalars_and_lists_on_either_side(t, f, other):
    for y, expected in ((f(t, other), f(t.data, np.asarray(other))), (f(other, t), f(np.asarray(other), t.data))):
        assert isinstance(y, Tensor)
        np.testing.assert_allclose(y.data, expected)
        y.sum().backward()
        assert t.grad.shape == (2, 3)


def test_matmul_and_power_on_either_side(t):
    np.testing.assert_array_equal((np.ones((4, 2)) @ t).data, np.ones((4, 2)) @ t.data)
    np.testing.assert_array_equal((t @ [1.0, 1.0, 1.0]).data, t.data @ np.ones(3))
    np.testing.assert_array_equal((2.0**t).data, 2.0**t.data)
    np.testing.assert_array_equal((-t).data, -t.data)
    np.testing.assert_array_equal(abs(t).data, abs(t.data))
    assert +t is not t
    np.testing.assert_array_equal((+t).data, t.data)


@pytest.mark.parametrize(
    "f",
    [
        np.isnan,
        np.argmax,
        np.argsort,
        np.shape,
        np.ndim,
        np.size,
        np.nonzero,
        np.count_nonzero,
        np.any,
        lambda x: np.where(x > 0),
        lambda x: np.isclose(x, x),
        lambda x: np.logical_and(x > 0, x),
        lambda x: x.argmax(axis=0),
        lambda x: x.argmin(),
        lambda x: x.any(),
        lambda x: (x > 0).all(),
        lambda x: np.searchsorted([0.0, 1.0], x[0]),
        lambda x: np.result_type(x, np.float32),
    ],
)
def test_masks_places_and_answers_are_plain(t, f):
    assert repr(f(t)) == repr(f(t.data))


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne])
def test_comparisons_are_constant_tensors_of_truth_values(compare):
    t, other = Tensor([1.0, 2.0, 3.0], requires_grad=True), np.array([2.0, 2.0, 2.0])
    for found, expected in ((compare(t, other), compare(t.data, other)), (compare(2.0, t), compare(2.0, t.data))):
        assert type(found) is Tensor
        assert not found.requires_grad
        assert repr(found.data) == repr(expected)


@pytest.mark.parametrize("operate", [operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift])
def test_operators_of_bits_are_numpys(operate):
    a, b = np.array([6, 5]), np.array([3, 1])
    for found in (operate(Tensor(a), Tensor(b)), operate(Tensor(a), b), operate(a, Tensor(b))):
        np.testing.assert_array_equal(found, operate(a, b))
    changed = Tensor(a.copy())
    again = getattr(operator, "i" + operate.__name__.strip("_"))(changed, Tensor(b))
    assert again is changed
    np.testing.assert_array_equal(changed, operate(a, b))
    np.testing.assert_array_equal(~Tensor(a), ~a)


def test_a_tensor_tells_where_it_is():
    t = Tensor([1.0], requires_grad=True)
    assert t.device == "cpu"
    assert t.to_device("cpu") is t
    with pytest.raises(ValueError, match=r"gpu|cpu"):
        t.to_device("gpu")


def test_constants_are_handed_over_by_dlpack_and_recorded_tensors_are_not():
    np.testing.assert_array_equal(np.from_dlpack(Tensor([1.0, 2.0])), [1.0, 2.0])
    with pytest.raises(TypeError, match="would lose it"):
        np.from_dlpack(Tensor([1.0], requires_grad=True))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x // 2,
        np.sign,
        np.floor,
        np.round,
        lambda x: x.round(1),
        np.zeros_like,
        lambda x: np.full_like(x, 2.0),
        lambda x: np.divmod(x, 2)[0],
        lambda x: np.modf(x)[1],
        lambda x: np.frexp(x)[1],
        lambda x: x.astype(int),
    ],
)
def test_numbers_that_do_not_vary_are_constant_tensors(t, f):
    assert type(f(t)) is Tensor
    assert not f(t).requires_grad
    np.testing.assert_array_equal(f(t).data, f(t.data))


def test_what_is_written_into_a_buffer_like_a_tensor_is_recorded(t):
    for buffer in (np.zeros_like(t), np.empty_like(t), np.full_like(t, 1.0), np.floor(t)):
        buffer[...] = t * t
        np.testing.assert_array_equal(gradients(np.sum(buffer), t).data, 2 * t.data)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda t: np.histogram_bin_edges(t), "numpy.histogram_bin_edges"),
        (lambda t: np.polyfit(t[0], t[1], 1), "numpy.polyfit"),
        (lambda t: np.arctan2.reduceat(t, [0]), "numpy.arctan2.reduceat"),
        (lambda t: np.histogramdd(Tensor([1.0])), "numpy.histogramdd"),
    ],
)
def test_uncovered_functions_say_so_by_name(t, call, name):
    with pytest.raises(TypeError, match=rf"no gradient for {name}: .*autograd_nn\.primitive.*t\.numpy\(\)"):
        call(t)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: np.tanh(t, out=np.empty((2, 3))), r"numpy\.tanh.*out=.*np\.zeros_like"),
        (lambda t: np.add(np.ones(3), t, where=t > 0), r"numpy\.add.*where=.*np\.where\(mask"),
        (lambda t: np.add(t, t, order="F"), "order="),
        (lambda t: np.sum(t, out=np.empty(())), "out="),
        (lambda t: np.mean(t, out=np.empty(())), "out="),
        (lambda t: np.max(t, out=np.empty(())), "out="),
        (lambda t: np.dot(t, t.T, out=np.empty((2, 2))), "out="),
        (lambda t: np.concatenate([t, t], out=np.empty((4, 3))), r"concatenate.*out="),
        (lambda t: np.stack([t, t], out=np.empty((2, 2, 3))), "stack.*out="),
        (lambda t: np.broadcast_to(t, (2, 2, 3), subok="yes"), "subok="),
        (lambda t: t.astype(np.float32, casting="safe"), "casting='safe'"),
        (lambda t: np.max(t, where=t > 0), "needs initial="),
        (lambda t: softmax(t, keepdims=True), "softmax.*keepdims="),
        (lambda t: sigmoid(t, banana=None), "sigmoid.*banana="),
        (lambda t: np.where(t > 0, t), "both x and y"),
        (lambda t: np.pad(t, 1, mode="empty"), "mode='empty'"),
        (lambda t: np.roll(t, t[0, 0]), "only for the array"),
        (lambda t: np.cumsum(t, out=np.empty(6)), "out="),
    ],
)
def test_keywords_are_refused_by_name(t, call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call(t)


CALLS = [
    lambda x: np.add.reduce(x),
    lambda x: np.add.reduce(x, axis=1, keepdims=True),
    lambda x: np.add.reduce(x, axis=None),
    lambda x: np.maximum.reduce(x, axis=0),
    lambda x: np.minimum.reduce(x, axis=(0, 1)),
    lambda x: np.sum(x, axis=-1, where=x > 0),
    lambda x: np.sum(x, initial=3.0),
    lambda x: np.sum(x, dtype=np.float32),
    lambda x: np.mean(x, axis=0, where=[[True, False, True], [True, True, True]]),
    lambda x: np.mean(x, dtype=np.float32),
    lambda x: np.max(x, axis=1, initial=0.0, where=x > 0),
    lambda x: np.min(x, initial=-9.0),
    lambda x: np.add(x, x, dtype=np.float32),
    lambda x: x.sum(0),
    lambda x: x.sum(axis=1, keepdims=True),
    lambda x: x.mean(axis=-1),
    lambda x: x.max(),
    lambda x: x.min(1),
    lambda x: x.dot(x.T),
    lambda x: np.dot(x, np.float32(2.0)),
    lambda x: np.dot(np.ones((2, 3, 2)), x),
    lambda x: np.dot(x, np.ones((2, 3, 4))),
    lambda x: x.transpose(1, 0),
    lambda x: x.transpose((-1, 0)),
    lambda x: np.swapaxes(x, 0, -1),
    lambda x: np.moveaxis(x[None], 0, -1),
    lambda x: np.moveaxis(x[None], [0, 1], [-1, 0]),
    lambda x: np.ravel(x),
    lambda x: x.reshape(3, -1),
    lambda x: x.reshape((6,)),
    lambda x: x.reshape([2, 3]),
    lambda x: np.squeeze(x[None]),
    lambda x: np.expand_dims(x, (0, -1)),
    lambda x: np.concatenate((x, x * 2), axis=1),
    lambda x: np.concatenate([x, np.ones((1, 3))]),
    lambda x: np.concatenate(x),
    lambda x: np.stack((x[0], x[1], x[0]), axis=-1),
    lambda x: np.take_along_axis(x, np.array([[0], [2]]), axis=1),
    lambda x: np.take_along_axis(x, np.array([[0, 1, 1]]), axis=0),
    lambda x: np.take_along_axis(x, np.array([0, 0, 5]), axis=None),
    lambda x: np.copy(x),
    lambda x: x.copy(),
    lambda x: x.clip(-1.0, 2.0),
    lambda x: np.permute_dims(x, (1, 0)),
    lambda x: x.T[::2, ::-1],
    lambda x: x % 2.7,
    lambda x: np.fmod(x, 2.7),
    lambda x: np.fabs(x),
    lambda x: np.float_power(abs(x), 1.5),
    lambda x: np.tile(x, (2, 1, 2)),
    lambda x: np.repeat(x, [2, 0, 3], axis=-1),
    lambda x: np.repeat(x, 2),
    lambda x: np.roll(x, (1, -2), axis=(0, 1)),
    lambda x: np.rot90(x, 3),
    lambda x: np.flip(x, axis=1),
    lambda x: np.fliplr(np.flipud(x)),
    lambda x: np.take(x, [[0, -1], [0, 0]], axis=1),
    lambda x: np.take(x, [7, -9], mode="wrap"),
    lambda x: np.delete(x, 1, axis=1),
    lambda x: np.resize(x, (3, 3)),
    lambda x: np.diagonal(x, 1),
    lambda x: np.diag(x),
    lambda x: np.diag(x[0], -1),
    lambda x: np.diagflat(x),
    lambda x: np.tril(x, -1),
    lambda x: np.triu(x),
    lambda x: np.trace(x, offset=1),
    lambda x: np.compress([False, True, True], x, axis=1),
    lambda x: np.extract([[True, False, True], [False, True, False]], x),
    lambda x: np.pad(x, ((1, 0), (2, 1))),
    lambda x: np.pad(x, 1, constant_values=7.0),
    lambda x: np.pad(x, 2, mode="edge"),
    lambda x: np.pad(x, ((1, 1), (2, 2)), mode="reflect"),
    lambda x: np.pad(x, ((1, 1), (2, 2)), "symmetric"),
    lambda x: np.pad(x, ((1, 1), (2, 2)), mode="wrap"),
    lambda x: np.atleast_3d(x),
    lambda x: np.atleast_2d(x[0]),
    lambda x: np.atleast_1d(x[0, 0]),
    lambda x: np.vstack([x, x[0]]),
    lambda x: np.hstack((x, x)),
    lambda x: np.hstack([x[0], x[1]]),
    lambda x: np.dstack([x, x]),
    lambda x: np.column_stack([x[:, 0], x]),
    lambda x: np.append(x, x[0]),
    lambda x: np.append(x, x, axis=0),
    lambda x: np.broadcast_arrays(x, np.ones((2, 1, 1)))[0],
    lambda x: np.meshgrid(x[0], x[1])[1],
    lambda x: np.meshgrid(x[0], x[1], indexing="ij", sparse=True)[0],
    lambda x: np.split(x, 3, axis=1)[1],
    lambda x: np.split(x, [1, 2], axis=-1)[2],
    lambda x: np.array_split(x, 2, axis=1)[0],
    lambda x: np.hsplit(x, 3)[2],
    lambda x: np.vsplit(x, 2)[1],
    lambda x: np.cumsum(x),
    lambda x: np.cumsum(x, axis=-1, dtype=np.float32),
    lambda x: np.diff(x),
    lambda x: np.diff(x, n=2),
    lambda x: np.diff(x, axis=0, prepend=0.0, append=x),
    lambda x: np.trapezoid(x),
    lambda x: np.trapezoid(x, dx=0.5, axis=0),
    lambda x: np.trapezoid(x, x=[0.0, 1.0, 3.0]),
    lambda x: np.ptp(x, axis=1),
    lambda x: np.var(x),
    lambda x: np.var(x, axis=0, ddof=1, keepdims=True),
    lambda x: np.var(x, axis=1, where=[[True, False, True]]),
    lambda x: np.std(x, axis=(0, 1)),
    lambda x: x.std(axis=1, ddof=1),
    lambda x: x.var(),
    lambda x: np.average(x, axis=1, weights=[1.0, 2.0, 3.0]),
    lambda x: np.average(x, weights=x.T.T * 0.0 + 1.0, returned=True)[0],
    lambda x: np.nansum(np.where([[True, False, True]], x, np.nan), axis=0),
    lambda x: np.nanmean(np.where([[True, False, True]], x, np.nan), axis=1),
    lambda x: np.nanstd(np.where([[True, False, True]], x, np.nan), axis=1),
    lambda x: np.outer(x, [1.0, 2.0]),
    lambda x: np.vdot(x, x),
    lambda x: np.inner(x, np.ones((4, 3))),
    lambda x: np.tensordot(x, np.ones((3, 2, 2)), axes=([1, 0], [0, 2])),
    lambda x: np.tensordot(x, x, axes=2),
    lambda x: np.tensordot(x, x, axes=0),
    lambda x: np.kron(x, [[1.0, 2.0]]),
    lambda x: np.kron([1.0, 2.0], x),
    lambda x: x.cumsum(axis=0),
    lambda x: x.ptp() if hasattr(x, "ptp") else np.ptp(x),
    lambda x: x.repeat(2, axis=0),
    lambda x: x.take([0, 2], axis=1),
    lambda x: x.trace(),
    lambda x: x.diagonal(),
    lambda x: x.swapaxes(0, 1),
    lambda x: x.mT,
]


@pytest.mark.parametrize("f", CALLS)
def test_call_gives_numpys_values_and_a_gradient(t, f):
    y = f(t)
    expected = f(t.data)
    assert y.shape == expected.shape
    assert y.dtype == expected.dtype
    np.testing.assert_allclose(y.data, expected)
    w = np.arange(1.0, y.size + 1).reshape(y.shape)
    y.backward(w)
    v, h = np.linspace(-1, 1, 6).reshape(2, 3), 1e-3 if y.dtype == np.float64 else 0.25
    at = [f(t.data + k * h * v) for k in (-2, -1, 1, 2)]
    difference = (8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * h)
    tolerance = 1e-9 if y.dtype == np.float64 else 1e-4
    assert np.sum(w * difference) == pytest.approx(np.sum(t.grad.data * v), rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("f", CALLS)
def test_call_keeps_float32_as_numpy_does(f):
    values = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]], np.float32)
    t = Tensor(values, requires_grad=True)
    y = f(t)
    assert y.dtype == f(values).dtype
    y.sum().backward()
    assert t.grad.dtype == np.float32


@pytest.mark.parametrize(
    "call",
    [
        lambda t: softmax(t, 2),
        lambda t: log_softmax(t, -3),
        lambda t: logsumexp(t, 5, True),
        lambda t: np.sum(t, axis=2),
        lambda t: np.take_along_axis(t, np.zeros((2, 1), int), 5),
        lambda t: np.diff(t, axis=2),
        lambda t: np.split(t, 1, axis=2),
        lambda t: softmax(t[0, 0], 1),
    ],
)
def test_an_axis_that_is_not_there_is_refused_as_numpy_refuses_it(t, call):
    with pytest.raises(np.exceptions.AxisError, match="out of bounds"):
        call(t)


def test_functions_of_the_package_take_arrays_and_lists():
    assert softmax([0.0, 0.0]).tolist() == [0.5, 0.5]
    assert logsumexp([0.0]) == log_softmax([[0.0]]) == 0.0
    assert relu([-1.0, 2.0]).tolist() == [0.0, 2.0]
    assert sigmoid([0.0]).tolist() == [0.5]


def test_integer_constants_stay_integers():
    assert np.clip(Tensor([1, 2, 3]), 0, None).dtype == np.clip(np.array([1, 2, 3]), 0, None).dtype


def test_everything_in_the_registry_can_be_called():
    assert all(callable(function) for function in REGISTRY.values())
    assert REGISTRY[np.amax] is REGISTRY[np.max]
    assert Tensor.__add__ is REGISTRY[np.add]


def test_numpy_scalars_do_not_swallow_tensors(t):
    y = np.float64(2.0) * t
    assert isinstance(y, Tensor)
    assert isinstance(np.ones((2, 3)) - t, Tensor)
    assert isinstance(np.array(3.0) / t, Tensor)


def test_an_index_of_one_element_picks_a_row_as_in_numpy():
    a = np.arange(6.0).reshape(3, 2)
    for index in (Tensor([1]), (Tensor([1]),), (Tensor([1]), slice(None))):
        np.testing.assert_array_equal(Tensor(a)[index], a[1:2])
    assert [10, 20, 30][Tensor(1)] == 20
    with pytest.raises(TypeError, match="only integer scalar arrays"):
        [10, 20, 30][Tensor([1])]


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize(
    "call",
    [
        lambda t: np.ma.masked_array([1.0, 2.0]) * t,
        lambda t: t * np.ma.masked_array([1.0, 2.0]),
        lambda t: np.ma.add(t, np.ma.masked_array([1.0, 2.0])),
        lambda t: np.ma.sum(t),
        lambda t: t * np.matrix([[1.0], [2.0]]),
        lambda t: np.matrix([[1.0, 2.0]]) * t,
        lambda t: t + Fraction(1, 2),
        lambda t: t * np.timedelta64(1, "s"),
        lambda t: t * timedelta(1),
        lambda t: t + "a",
    ],
)
def test_what_is_no_array_of_numbers_is_refused_by_name(call):
    t = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(TypeError, match=r"must be numbers|must be an array|which would lose it"):
        call(t)


@pytest.mark.parametrize("other", [(1.0, 2.0), range(1, 3), [1, 2], np.array([1.0, 2.0], np.float16)])
def test_what_stands_for_an_array_of_numbers_is_taken_for_it(other):
    t = Tensor([3.0, 5.0], requires_grad=True)
    for product in (t * other, np.multiply(other, t)):
        product.sum().backward()
    np.testing.assert_array_equal(t.grad.data, [2.0, 4.0])
