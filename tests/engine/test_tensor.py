"""What a Tensor is: construction, attributes, leaving the graph, and what it refuses."""

import copy
import gc
import pickle
import warnings
import weakref

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, no_grad
from autograd_nn.functional import layer_norm


@pytest.fixture
def x():
    return Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")


def test_leaf_and_constant_own_their_values():
    values = np.array([1.0, 2.0])
    leaf, constant = Tensor(values, requires_grad=True), Tensor(values)
    values[0] = 5.0
    assert leaf.data[0] == constant.data[0] == 1.0


def test_literals_are_float64_and_arrays_keep_their_dtype():
    assert Tensor(1.0).dtype == Tensor([1.0]).dtype == np.float64
    assert Tensor(np.zeros(2, np.float32)).dtype == np.float32
    assert Tensor([1, 2]).dtype.kind == "i"


def test_python_scalars_are_weak():
    t = Tensor(np.ones(3, np.float32), requires_grad=True)
    for y in (
        t * 2.0,
        2.0 * t,
        t + 1,
        t**2,
        t**0.5,
        1 / t,
        t - 1.5,
        np.maximum(t, 0.0),
        np.where([True, False, True], t, 0.0),
    ):
        assert y.dtype == np.float32
        (y.sum() * 3.0).backward()
        assert t.grad.dtype == np.float32


@pytest.mark.parametrize("data", [3, [1, 2], np.array([True]), np.arange(3)])
def test_integers_and_booleans_cannot_require_a_gradient(data):
    with pytest.raises(TypeError, match=r"needs floats, got .*write"):
        Tensor(data, requires_grad=True)


@pytest.mark.parametrize("data", ["text", None, [object()], {}])
def test_what_is_not_a_number_is_refused(data):
    with pytest.raises(TypeError, match="holds numbers"):
        Tensor(data)


def test_tensor_of_a_tensor_says_what_to_write(x):
    with pytest.raises(TypeError, match=r"t\.copy\(\).*t\.detach\(\)"):
        Tensor(x)


def test_attributes_are_those_of_the_array(x):
    t = x.reshape(3, 1)
    assert (t.shape, t.ndim, t.size, t.dtype, len(t), t.T.shape) == ((3, 1), 2, 3, np.float64, 3, (1, 3))
    assert [row.item() for row in t] == [1.0, 2.0, 3.0]
    assert t.tolist() == [[1.0], [2.0], [3.0]]
    with pytest.raises(TypeError, match="0-d"):
        iter(Tensor(1.0))


def test_repr_shows_values_and_where_they_come_from(x):
    assert repr(x) == "Tensor([1., 2., 3.], requires_grad=True, name='x')"
    assert repr(np.tanh(Tensor(0.0, requires_grad=True))) == "Tensor(0.0, made by tanh)"
    assert repr(Tensor(np.float32(1))) == "Tensor(1.0, dtype=float32)"
    assert f"{Tensor(0.123456):.2f}" == "0.12"


def test_gradients_accumulate_until_cleared(x):
    (x * x).sum().backward()
    (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [4.0, 8.0, 12.0])
    x.grad = None
    assert x.grad is None
    with pytest.raises(TypeError, match="only a leaf"):
        Tensor(1.0).grad = None


def test_copy_and_astype_stay_connected_while_detach_and_no_grad_cut(x):
    for y in (x.copy(), x.astype(np.float32), x.reshape(3, 1), x.ravel(), x.flatten(), x.squeeze(), x.T):
        x.grad = None
        y.sum().backward()
        np.testing.assert_array_equal(x.grad.data, np.ones(3))
        assert x.grad.dtype == np.float64
    assert not x.detach().requires_grad
    assert np.shares_memory(x.detach().data, x.data)
    with no_grad():
        assert not (x * 2).requires_grad


def test_integer_values_of_a_tensor_are_constant(x):
    assert not x.astype(int).requires_grad
    assert x.astype(int).dtype == int


def test_astype_takes_the_keywords_of_numpys(x):
    assert x.astype(float, copy=False) is x
    assert x.astype(float) is not x
    assert x.astype(float, "F", copy=False) is x
    assert x.reshape(3, 1)[:, ::-1].astype(float, subok=False, casting="no").shape == (3, 1)
    matrix = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert matrix.astype(np.float32, order="F").data.flags.f_contiguous
    assert matrix.astype(float, order="F", copy=False).data.flags.f_contiguous
    with pytest.raises(TypeError, match="casting='safe'"):
        x.astype(np.float32, casting="safe")
    with pytest.raises(TypeError, match="banana"):
        x.astype(float, banana=True)


def test_gradient_is_never_lost_silently(x):
    for lose in (np.asarray, lambda t: np.array([t, t]), lambda t: np.array(t, dtype=float)):
        with pytest.raises(TypeError, match=r"np\.stack.*t\.numpy\(\)"):
            lose(x)
    for number in (float, int, complex):
        with pytest.raises(TypeError, match="one element"):
            number(x)
        with pytest.raises(TypeError, match=rf"{number.__name__}\(\).*t\.item\(\)"):
            number(x[1])
        assert number(x[1].detach()) == number(2.0)
    assert x[1].item() == 2.0
    assert [10, 20, 30][Tensor(2)] == 30
    np.testing.assert_array_equal(np.asarray(Tensor([1.0, 2.0])), [1.0, 2.0])


def test_a_constant_as_an_array_is_a_copy_where_numpys_would_be():
    t = Tensor([1.0, 2.0])
    assert np.shares_memory(np.asarray(t), t.data)
    assert np.shares_memory(np.array(t, copy=False), t.data)
    assert not np.shares_memory(np.array(t), t.data)
    with pytest.raises(ValueError, match="copy"):
        np.array(t, dtype=np.float32, copy=False)


def test_truth_follows_numpy(x):
    assert bool(x[0])
    assert not bool(Tensor(0.0))
    with pytest.raises(ValueError, match="ambiguous"):
        bool(x)


def test_data_may_be_replaced_but_not_by_another_shape_or_dtype(x):
    x.data = np.array([4.0, 5.0, 6.0])
    np.testing.assert_array_equal((x * 1).data, [4.0, 5.0, 6.0])
    for value in (np.zeros(2), np.zeros(3, np.float32), 1.0):
        with pytest.raises(ValueError, match=r"must keep float64\[3\]"):
            x.data = value


def test_tensor_is_final_hashable_and_weakly_referable(x):
    with pytest.raises(TypeError, match="hold a Tensor"):

        class Parameter(Tensor):
            pass

    assert {x: 1}[x] == 1
    assert weakref.ref(x)() is x


def test_name_is_a_string(x):
    (x * 2).name = "double"
    constant = Tensor(1.0)
    constant.name = "c"
    assert constant.name == "c"
    with pytest.raises(TypeError, match="string"):
        x.name = 3


def test_tapes_are_freed_by_reference_counting_alone(x):
    gc.collect()
    gc.disable()
    try:
        for use in (
            lambda y: y.backward(np.ones(3)),
            lambda y: ag.gradients(y, x, np.ones(3), create_graph=True),
            lambda y: None,
        ):
            y = np.exp(x) * x + x
            value = weakref.ref(y)
            use(y)
            del y
            assert value() is None
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_intermediate_value_dies_unless_a_pullback_kept_it(x):
    h = x + 1.0
    values = weakref.ref(h.data)
    y = h + 2.0
    del h
    assert values() is None
    h = x + 1.0
    values = weakref.ref(h.data)
    y = np.square(h)
    del h
    assert values() is not None
    del y
    assert values() is None


def test_a_million_operations_record_run_backward_and_are_freed():
    x = Tensor(1.0, requires_grad=True)
    gc.collect()
    gc.disable()
    try:
        y = x
        for _ in range(500_000):
            y = y * 1.0 + 0.0
        y.backward()
        assert x.grad.item() == 1.0
        y = x
        for _ in range(500_000):
            y = y * 1.0 + 0.0
        del y
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_long_chain_of_views_shares_one_base_and_its_changes():
    x = Tensor(np.ones((2, 3)), requires_grad=True)
    y = x
    for _ in range(5000):
        y = y.T
    z = np.square(y).sum()
    with no_grad():
        x += 1.0
    with pytest.raises(RuntimeError, match="square"):
        z.backward()
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, np.ones((2, 3)))


def test_numpy_warnings_of_the_forward_pass_are_numpys_own_and_backward_is_quiet():
    x = Tensor([0.0], requires_grad=True)
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        y = np.log(x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y.backward(np.ones(1))
    assert np.isposinf(x.grad.data[0])


def test_deep_copies_are_made_of_leaves_and_constants_only(x):
    again = copy.deepcopy({"w": x, "c": Tensor([1.0])})
    assert again["w"].requires_grad
    assert again["w"].name == "x"
    again["w"].data[0] = 9.0
    assert x.data[0] == 1.0
    with pytest.raises(TypeError, match=r"t\.copy\(\)"):
        copy.deepcopy(x * 2.0)


def test_requires_grad_is_true_or_false():
    with pytest.raises(TypeError, match="requires_grad must be True or False: got 'w'"):
        Tensor([1.0], "w")


def test_an_in_place_operator_keeps_shape_and_kind():
    t = Tensor(np.ones(3), requires_grad=True) * 1.0
    with pytest.raises(ValueError, match=r"in place, .*shape \(3,\) cannot take .*\(2, 3\).*write t = "):
        t += np.ones((2, 3))
    with pytest.raises(TypeError, match="in place, complex128 cannot go into float64: write t = "):
        t += 1j
    t %= 0.75
    t @= np.eye(3)
    np.testing.assert_allclose(t.data, [0.25] * 3)
    t //= 0.1
    np.testing.assert_array_equal(t.data, [2.0] * 3)
    assert not t.requires_grad


def test_divmod_round_and_orders_are_numpys():
    t = Tensor([[5.5, -2.25], [1.0, 3.0]], requires_grad=True)
    for found, expected in zip(divmod(t, 2.0), divmod(t.data, 2.0), strict=True):
        np.testing.assert_array_equal(getattr(found, "data", found), expected)
    assert divmod(7.0, Tensor(2.0, requires_grad=True))[1].item() == 1.0
    assert round(Tensor(2.567), 2) == 2.57
    np.testing.assert_array_equal(t.ravel("F").data, t.data.ravel("F"))
    np.testing.assert_array_equal(t.flatten("F").data, t.data.flatten("F"))
    np.testing.assert_array_equal(t.reshape(4, order="F").data, t.data.reshape(4, order="F"))


def test_parameters_go_to_other_processes():
    t = Tensor([1.0, 2.0], requires_grad=True, name="w")
    np.sum(t * t).backward()
    again = pickle.loads(pickle.dumps(t))
    assert (again.name, again.requires_grad, again.tolist(), again.grad.tolist()) == ("w", True, [1.0, 2.0], [2.0, 4.0])


def test_a_constant_beside_a_parameter_goes_to_other_processes():
    c = Tensor([1.0, 2.0], name="c")
    _ = c * Tensor([1.0, 2.0], requires_grad=True)
    assert pickle.loads(pickle.dumps(c)).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (np.var, "var"),
        (np.std, "std"),
        (np.median, "median"),
        (np.average, "average"),
        (lambda x: np.var(x, where=[True, True, False]), "var"),
        (lambda x: np.quantile(x, 0.3), "quantile"),
        (lambda x: layer_norm(x, 3, np.ones(3), np.ones(3)), "layer_norm"),
        (lambda x: np.median(x) * 2.0, "multiply"),
        (lambda x: np.cov(x, x)[0, 1], "getitem"),
    ],
)
def test_what_was_made_by_several_operations_says_which_function_was_called(function, name):
    y = function(Tensor([1.0, 2.0, 4.0], requires_grad=True))
    assert f"made by {name})" in repr(y)
