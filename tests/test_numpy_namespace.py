"""autograd_nn.numpy: NumPy's namespace, in which programs that fill arrays keep their gradients."""

import subprocess
import sys

import numpy
import pytest

import autograd_nn.numpy as np
import autograd_nn.numpy.fft as fft
import autograd_nn.numpy.linalg as linalg
import autograd_nn.numpy.random as random
from autograd_nn import Tensor, coverage, grad, jacobian, primitive, special

X = numpy.array([1.0, 2.0, 3.0])


def slopes(f, x=X):
    return numpy.asarray(grad(f)(x))


# What is NumPy's ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "numpys"), [(np, numpy), (linalg, numpy.linalg), (fft, numpy.fft), (random, numpy.random)]
)
def test_every_public_name_of_numpy_is_there(ours, numpys):
    assert set(numpys.__all__) <= set(ours.__all__)
    assert [name for name in numpys.__all__ if not hasattr(ours, name)] == []
    assert set(dir(numpys)) <= set(dir(ours))


def test_a_name_that_numpy_does_not_have_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'zeroes'"):
        np.zeroes  # noqa: B018


def test_constants_types_and_errors_are_numpys_own():
    for name in ("pi", "inf", "newaxis", "float32", "int64", "bool", "dtype", "errstate", "iinfo", "ufunc"):
        assert getattr(np, name) is getattr(numpy, name)
    assert linalg.LinAlgError is numpy.linalg.LinAlgError
    assert np.linalg is linalg


def test_all_names_can_be_imported_at_once():
    names = {}
    exec("from autograd_nn.numpy import *; from autograd_nn.numpy.linalg import *", names)
    assert type(names["zeros"](2)) is Tensor
    assert names["norm"]([3.0, 4.0]) == 5.0


def test_importing_it_loads_neither_scipy_nor_what_numpy_loads_late():
    late = "[name for name in ('scipy', 'numpy.random', 'numpy.fft') if name in sys.modules]"
    code = f"import sys, numpy; before = {late}; import autograd_nn.numpy; assert {late} == before"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_functions_of_plain_arrays_return_plain_arrays():
    for y in (np.exp(X), np.sum(X, keepdims=True), np.concatenate([X, X]), linalg.inv(numpy.eye(2)), fft.fft(X)):
        assert type(y) is numpy.ndarray
    assert type(np.sum(X)) is numpy.float64
    assert np.asarray(X) is X


def test_random_numbers_are_numpys_arrays():
    for drawn in (np.random.default_rng(3).random(2), random.default_rng(3).random(2)):
        assert type(drawn) is numpy.ndarray
        numpy.testing.assert_array_equal(drawn, numpy.random.default_rng(3).random(2))
    assert random.Generator is numpy.random.Generator


@pytest.mark.parametrize("shape", [(6,), (4, 2)])
def test_shuffle_gives_a_tensor_the_order_that_an_array_gets(shape, monkeypatch):
    monkeypatch.setattr(numpy.random, "shuffle", lambda x: numpy.random.default_rng(5).shuffle(x))
    plain = numpy.arange(float(numpy.prod(shape))).reshape(shape)
    made = np.array(plain)
    np.random.shuffle(made)
    np.random.shuffle(plain)
    numpy.testing.assert_array_equal(made, plain)


def test_ufuncs_keep_their_methods_and_attributes():
    assert np.add.identity == 0
    assert np.multiply.nin == 2
    assert np.add.reduce([1, 2, 3]) == 6
    numpy.testing.assert_array_equal(np.add.outer([1, 2], [10, 20]), [[11, 21], [12, 22]])
    total = np.zeros(3)
    assert np.add.reduce(total).item() == 0


def test_its_functions_can_be_declared_and_looked_up_as_numpys():
    assert coverage(np.sin) == coverage(numpy.sin)
    assert coverage(linalg.svd) == coverage(numpy.linalg.svd)
    arctan = primitive(np.arctan, x=lambda g, x: g / (1 + x * x))
    assert grad(arctan)(1.0) == 0.5
    assert arctan.primitive.elementwise


# What is made ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("zeros", (3,)),
        ("ones", ((2, 3),)),
        ("full", ((2,), 3.0)),
        ("eye", (3,)),
        ("identity", (2,)),
        ("tri", (3,)),
        ("arange", (5,)),
        ("linspace", (0, 1, 5)),
        ("logspace", (0, 1, 5)),
        ("geomspace", (1, 8, 4)),
        ("array", ([1.0, 2.0],)),
        ("array", (X,)),
        ("asarray", ([[1, 2], [3, 4]],)),
        ("asarray", (2.0,)),
        ("ascontiguousarray", ([1.0],)),
        ("copy", (X,)),
        ("zeros_like", (X,)),
        ("ones_like", (X, int)),
        ("full_like", (X, 2)),
        ("diag", (X,)),
        ("vander", (X,)),
        ("indices", ((2, 2),)),
        ("hanning", (4,)),
        ("fromiter", ((k for k in ()), float)),
        ("fromfunction", (lambda i, j: i + j, (2, 2))),
        ("cumsum", ([1, 2],)),
    ],
)
def test_an_array_that_is_made_is_a_constant_tensor_with_numpys_values(name, arguments):
    made, expected = getattr(np, name)(*arguments), getattr(numpy, name)(*arguments)
    assert type(made) is Tensor
    assert not made.requires_grad
    assert repr(made.data) == repr(expected)


def test_what_comes_in_several_arrays_is_made_in_each():
    for made in (*np.meshgrid(X, [1.0, 2.0]), *np.linspace(0, 1, 3, retstep=True)[:1], np.mgrid[:2, :3], np.r_[1:4, 0]):
        assert type(made) is Tensor


def test_arrays_of_other_things_than_numbers_stay_numpys():
    for made in (np.array(["a", "b"]), np.array([None]), np.zeros(2, "datetime64[s]"), np.zeros(2, [("a", float)])):
        assert type(made) is numpy.ndarray


def test_a_made_array_owns_its_numbers():
    x = X.copy()
    for made in (np.array(x), np.copy(x)):
        made[0] = 7.0
    assert x[0] == 1.0


def test_a_tensor_counts_as_an_array():
    assert isinstance(np.zeros(2), np.ndarray)
    assert isinstance(X, np.ndarray)
    assert not isinstance([1.0], np.ndarray)
    assert type(np.ndarray((2, 3))) is Tensor


def test_what_numpy_has_as_a_number_counts_as_one():
    x = np.array(X)
    for number in (x[0], np.sum(x), np.argmax(x)):
        assert np.isscalar(number)
        assert not isinstance(number, np.ndarray)
    for array in (x, np.array(1.0), x[:1].reshape(())):
        assert not np.isscalar(array)
        assert isinstance(array, np.ndarray)
    assert np.isscalar(1.0)
    assert {np.argmax(x): "last"}[2] == "last"


def test_ndenumerate_goes_through_a_tensor():
    def f(x):
        return sum((i + 2 * j) * v**2 for (i, j), v in np.ndenumerate(np.stack([x, x])))

    assert slopes(f).tolist() == [2.0, 20.0, 54.0]
    assert list(np.ndenumerate(X)) == list(numpy.ndenumerate(X))


def test_nditer_reads_constants_and_refuses_what_it_would_write_to_or_lose():
    assert [v.item() for v in np.nditer(np.arange(3))] == [0, 1, 2]
    with pytest.raises(TypeError, match=r"numpy\.nditer .*t\.flat.*np\.ndindex"):
        np.nditer(np.zeros(3), op_flags=["readwrite"])
    with pytest.raises(TypeError, match=r"numpy\.nditer .*t\.flat.*np\.ndindex"):
        grad(lambda x: sum(v for v in np.nditer(x)))(X)


# Buffers -----------------------------------------------------------------------------------------------


def filled(x, o):
    for i in range(3):
        o[i] = x[i] ** 2
    return np.sum(o * o)


@pytest.mark.parametrize(
    "buffer",
    [
        lambda x: np.zeros(3),
        lambda x: np.empty(3),
        lambda x: np.full(3, 5.0),
        lambda x: np.zeros_like(x),
        lambda x: np.empty_like(X),
        lambda x: np.array([0.0, 0.0, 0.0]),
        lambda x: np.array(X),
        lambda x: np.linspace(0, 1, 3),
        lambda x: np.copy(x),
        lambda x: np.array(x),
    ],
)
def test_a_filled_buffer_keeps_the_gradient(buffer):
    numpy.testing.assert_allclose(slopes(lambda x: filled(x, buffer(x))), 4 * X**3)


def test_the_same_program_runs_on_plain_arrays():
    assert filled(X, np.zeros(3)) == numpy.sum(X**4)


# Tensors in lists --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: np.sum(np.array([x[0], x[1]]) ** 2), [2, 4, 0]),
        (lambda x: np.sum(np.array([[x[0], 1.0], [2.0, x[1]]]) ** 2), [2, 4, 0]),
        (lambda x: np.array([[x[0], 1.0], [2.0, x[1]]])[1, 1], [0, 1, 0]),
        (lambda x: np.sum(np.asarray((x, [1.0, 2.0, 3.0]))), [1, 1, 1]),
        (lambda x: np.sum(np.array([x, 2 * x], dtype=float)), [3, 3, 3]),
        (lambda x: np.mean([x[0], x[1]]), [0.5, 0.5, 0]),
        (lambda x: np.sum((x[0], 2 * x[2])), [1, 0, 2]),
        (lambda x: np.max([x[0], x[2], x[1]]), [0, 0, 1]),
        (lambda x: np.dot([x[0], x[1]], [3.0, 4.0]), [3, 4, 0]),
        (lambda x: np.sum(np.exp([x[0], 0.0])), [numpy.e, 0, 0]),
        (lambda x: np.sum(np.add([x[0], 0.0], 1)), [1, 0, 0]),
        (lambda x: np.add.reduce([x[0], x[1]]), [1, 1, 0]),
        (lambda x: np.sum(np.where([True, False], [x[0], 0.0], 1.0)), [1, 0, 0]),
        (lambda x: np.sum(np.concatenate([[x[0]], x])), [2, 1, 1]),
        (lambda x: np.sum(np.vstack([[x[0], 1.0], [x[1], x[1]]])), [1, 2, 0]),
        (lambda x: np.stack([x[0], x[1]])[1], [0, 1, 0]),
        (lambda x: linalg.norm([x[0], 0.0]), [1, 0, 0]),
        (lambda x: np.sum(np.full(2, x[1])), [0, 2, 0]),
        (lambda x: np.sum(np.full_like(x, x[1])), [0, 3, 0]),
        (lambda x: np.sum(np.fromiter((t * t for t in x), float)), [2, 4, 6]),
        (lambda x: np.sum(np.fromiter((t * t for t in x), float, 2)), [2, 4, 0]),
        (lambda x: np.sum(np.r_[x[0], 2 * x, 0:3]), [3, 2, 2]),
        (lambda x: np.sum(np.c_[x, [1.0, 2.0, 3.0]][:, 0]), [1, 1, 1]),
        (lambda x: np.array(x, ndmin=2)[0, 1], [0, 1, 0]),
    ],
)
def test_a_list_that_holds_tensors_is_an_array(f, expected):
    numpy.testing.assert_allclose(slopes(f), expected, rtol=1e-15)


def test_constants_in_lists_and_shapes_are_numbers():
    n = np.max(np.array([2, 3]))
    assert np.zeros((n, n)).shape == (3, 3)
    assert np.reshape(np.arange(6), (-1, n)).shape == (2, 3)
    assert np.sum([n, 1]).item() == 4
    assert [*range(n)] == [0, 1, 2]


def test_asarray_of_a_tensor_is_the_tensor_and_array_is_a_copy_that_keeps_the_graph():
    t = Tensor(X, requires_grad=True)
    assert np.asarray(t) is t
    assert np.asarray(t, float) is t
    assert np.asarray(t, copy=True) is not t
    copied = np.array(t)
    assert copied is not t
    assert copied.requires_grad
    assert np.array(t, copy=False) is t
    assert np.asarray(t, numpy.float32).dtype == numpy.float32
    with pytest.raises(ValueError, match="copy=False"):
        np.asarray(t, numpy.float32, copy=False)
    with pytest.raises(TypeError, match="cannot go into int64"):
        np.array(t, int)


def test_results_of_functions_without_a_gradient_are_constant_tensors():
    t = Tensor(X, requires_grad=True)
    for y in (np.argmax(t), np.floor(t), np.isnan(t), t > 1, np.greater(t, 1), np.argsort(t), *np.nonzero(t)):
        assert type(y) is Tensor
        assert not y.requires_grad
    for result in (np.unique_counts(t), linalg.eigh(np.eye(2)), linalg.slogdet(np.eye(2))):
        assert type(result).__module__.startswith("numpy")
        assert all(type(part) is Tensor for part in result)


def test_results_that_are_no_arrays_stay_as_they_are():
    t = Tensor(X, requires_grad=True)
    assert np.shape(t) == (3,)
    assert np.ndim(t) == 1
    assert np.allclose(t, t) is True
    assert np.result_type(t, numpy.float32) == numpy.dtype(float)


def test_out_is_not_taken_for_an_argument():
    o = np.zeros(2)
    np.exp(np.zeros(2), out=o)
    numpy.testing.assert_array_equal(o, [1.0, 1.0])


# Whole programs ----------------------------------------------------------------------------------------


def cholesky(A):
    L = np.zeros((3, 3))
    for i in range(3):
        for j in range(i + 1):
            rest = A[i, j] - np.dot(L[i, :j], L[j, :j])
            L[i, j] = np.sqrt(rest) if i == j else rest / L[j, j]
    return L


def test_a_cholesky_factor_by_hand_has_the_jacobian_of_numpys():
    A = numpy.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
    numpy.testing.assert_array_equal(numpy.asarray(cholesky(A)), numpy.linalg.cholesky(A))
    symmetric = lambda f: lambda A: f((A + np.swapaxes(A, 0, 1)) / 2)
    found, expected = jacobian(symmetric(cholesky))(A), jacobian(symmetric(linalg.cholesky))(A)
    numpy.testing.assert_allclose(found, expected, atol=1e-14)


# The array API standard --------------------------------------------------------------------------------


def test_it_has_scipys_special_functions_where_scipy_looks_for_them():
    assert np.special.erf is special.erf
    assert np.special.psi is special.digamma
    without = (
        "import sys; sys.modules['scipy'] = None; import autograd_nn.numpy as np; assert not hasattr(np, 'special')"
    )
    subprocess.run([sys.executable, "-c", without], check=True)


def test_it_is_the_namespace_of_tensors():
    t = Tensor(1.0)
    assert t.__array_namespace__() is np
    assert t.__array_namespace__(api_version="2024.12") is np
    with pytest.raises(ValueError, match=r"api_version must be one of .*2024\.12: got '1999'"):
        t.__array_namespace__(api_version="1999")


@pytest.mark.skipif(not hasattr(numpy, "__array_namespace_info__"), reason="NumPy has it from 2.1 on")
def test_it_tells_about_devices_and_dtypes():
    assert np.__array_namespace_info__().default_device() == Tensor(1.0).device
    assert np.__array_namespace_info__().default_dtypes()["real floating"] == np.zeros(1).dtype


def test_sorting_downwards_keeps_equal_elements_in_their_order():
    a = np.array([1, 3, 1, 2])
    numpy.testing.assert_array_equal(np.sort(a, descending=True), [3, 2, 1, 1])
    numpy.testing.assert_array_equal(np.argsort(a, descending=True, stable=True), [1, 3, 0, 2])
    numpy.testing.assert_array_equal(np.argsort([[1, 2], [1, 0]], None, descending=True, stable=True), [1, 0, 2, 3])
    numpy.testing.assert_array_equal(slopes(lambda x: np.sort(x, descending=True)[0]), [0, 0, 1])


def test_the_bounds_of_clip_have_both_names():
    for y in (np.clip(X, 0, 2), np.clip(X, min=0, max=2), np.clip(X, a_min=0, a_max=2), np.clip(Tensor(X), max=2)):
        numpy.testing.assert_array_equal(y, [1, 2, 2])


def test_the_numbers_of_finfo_are_pythons():
    for of in (numpy.float32, Tensor(numpy.float32(1))):
        assert type(np.finfo(of).eps) is float
        assert np.finfo(of).eps == numpy.finfo(numpy.float32).eps
        assert np.finfo(of).dtype == numpy.float32


def test_frequencies_come_in_the_dtype_that_is_asked_for():
    for name in ("fftfreq", "rfftfreq"):
        found = getattr(fft, name)(5, 0.5, dtype=numpy.float32)
        assert found.dtype == numpy.float32
        numpy.testing.assert_allclose(found, getattr(numpy.fft, name)(5, 0.5), rtol=1e-7)
        assert getattr(fft, name)(5).dtype == float
