"""What the functions of the sweep make of whole numbers, lists, numbers without an axis, and of Tensors in lists."""

import numpy as np
import pytest
from sweep import chapters
from sweep.case import flat

from autograd_nn import Tensor, gradients
from autograd_nn.engine.tensor import raw

TABLES = chapters()
CASES = {
    f"{name}: {case}": case
    for name in ("reductions", "shapes", "products", "selection")
    for case in TABLES[name]
    if not case.complex
}
UNASKED = ("np.full_like", "np.select", "np.pad", "initial=y")
"""NumPy looks for Tensors in the array alone, and then refuses to lose them."""
BESIDE = {
    name: case
    for name, case in CASES.items()
    if len(case.shapes) == 2 and not any(text in name for text in ("x.dot", "np.block", *UNASKED))
}


def leaf(values):
    return Tensor(np.asarray(values, float), requires_grad=True)


def slope(f, *values, w=None):
    operands = [leaf(v) for v in values]
    y = f(*operands)
    found = [g.tolist() for g in gradients(y, operands, np.ones(y.shape) if w is None else w)]
    return found if len(found) > 1 else found[0]


silent = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def assert_numpys(case, operands, arrays):
    f = case.compiled(case.text.replace(".astype(x.dtype)", ""))
    try:
        expected = flat(f(*arrays))
    except (AttributeError, TypeError, ValueError, ZeroDivisionError):  # NumPy does not take them
        return
    found = flat(f(*operands))
    assert len(found) == len(expected)
    for y, e in zip(found, expected, strict=True):
        y, e = np.asarray(raw(y)), np.asarray(e)
        assert (y.dtype, y.shape) == (e.dtype, e.shape)
        np.testing.assert_allclose(y, e, rtol=1e-10, atol=1e-13)


@silent
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", [int, bool])
def test_whole_numbers_have_numpys_values_and_dtypes(name, dtype):
    rng = np.random.default_rng(0)
    arrays = [rng.integers(1, 6, shape) for shape in CASES[name].shapes]
    arrays = [a > 2 if dtype is bool else a for a in arrays]
    assert_numpys(CASES[name], [Tensor(a) for a in arrays], arrays)


@silent
@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("place", [0, 1])
def test_a_list_stands_beside_a_tensor_as_beside_an_array(name, place):
    arrays = BESIDE[name].operands(np.random.default_rng(0))
    listed = [a.tolist() if k == place else a for k, a in enumerate(arrays)]
    operands = [a if k == place else leaf(a) for k, a in enumerate(listed)]
    assert_numpys(BESIDE[name], operands, listed)


@pytest.mark.parametrize("f", [np.quantile, np.take, lambda a, k: np.compress(k, a, axis=0)])
def test_a_list_may_be_what_a_constant_tensor_picks_from(f):
    for values in ([1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]]):
        np.testing.assert_array_equal(raw(f(values, Tensor([0, 1]))), f(values, [0, 1]))


REDUCTIONS = [
    *(np.sum, np.prod, np.max, np.min, np.ptp, np.nansum, np.nanprod, np.nanmax, np.nanmin, np.nanmean, np.nanvar),
    *(np.cumsum, np.cumprod, np.take, np.compress),
]


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("f", REDUCTIONS, ids=lambda f: f.__name__)
def test_a_number_has_an_axis_where_numpy_gives_it_one(f, axis):
    first = {np.take: [0], np.compress: [True]}.get(f)
    call = (lambda x: f(first, x, axis=axis)) if f is np.compress else lambda x: f(x, *(first or ()), axis=axis)
    for value in (2.0, 0.0):
        y = call(np.array(value))
        assert call(leaf(value)).shape == y.shape
        assert slope(call, value) == (0.0 if f in (np.ptp, np.nanvar) else 1.0)


@pytest.mark.parametrize("f", [np.mean, np.var, np.median, np.sort, np.sum])
def test_an_axis_that_numpy_does_not_have_is_no_axis_here(f):
    for axis in (0, 1) if f is not np.sum else (1,):
        with pytest.raises(np.exceptions.AxisError):
            f(np.array(2.0), axis=axis)
        with pytest.raises(np.exceptions.AxisError):
            f(leaf(2.0), axis=axis)


@pytest.mark.parametrize("f", [lambda t: t.mT, lambda t: np.swapaxes(t, 0, 1), lambda t: np.swapaxes(t, -2, 0)])
def test_a_vector_has_no_second_axis_to_swap(f):
    with pytest.raises(np.exceptions.AxisError):
        f(leaf([1.0, 2.0]))


# Tensors in lists -------------------------------------------------------------------------------------


def test_tensors_in_lists_keep_their_gradient():
    like = Tensor(np.zeros((2, 2)))
    assert slope(lambda t: np.full_like(like, [t, 1.0]), 3.0) == 2
    assert slope(lambda t: np.full_like(like, [[t], [1.0]]), 3.0) == 2
    assert slope(lambda t: np.pad(like, 1, constant_values=[[t, 1.0]]), 3.0) == 6
    assert slope(lambda t: np.insert(like, 0, [t, 1.0], axis=0), 3.0) == 1
    assert slope(lambda t: np.bincount(Tensor([0, 0]), [t, 1.0]), 3.0) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: np.histogram(Tensor([1.0, 2.0]), [0, 2, 4], weights=[t, t]), "no gradient for weights"),
        (lambda t: np.histogram(Tensor([1.0, 2.0]), [0, t]), "no gradient for bins"),
        (lambda t: np.histogram(Tensor([1.0, 2.0]), range=(0, t)), "no gradient for range"),
        (lambda t: np.quantile(Tensor([1.0, 2.0]), [t, 0.5]), "no gradient for q"),
        (lambda t: np.tile(Tensor([1.0, 2.0]), [t, 2]), "no gradient for its parameters"),
        (lambda t: np.unwrap(Tensor([1.0, 2.0]), period=t), "no gradient for period"),
        (lambda t: np.insert(np.arange(3), 1, t), "cannot go into int64"),
        (lambda t: np.insert(Tensor(np.arange(3)), 1, [t, t]), "cannot go into int64"),
        (lambda t: np.full_like(Tensor(np.arange(3)), t), "cannot go into int64"),
        (lambda t: np.pad(Tensor(np.arange(3)), 1, constant_values=t), "cannot go into int64"),
        (lambda t: np.ediff1d(Tensor(np.arange(3)), to_end=t), "cannot go into int64"),
        (lambda t: np.sum(Tensor(np.arange(3)), initial=t), "cannot go into int64"),
    ],
)
def test_what_would_lose_a_gradient_is_refused_by_name(call, message):
    with pytest.raises(TypeError, match=message):
        call(leaf(0.5))


# dtypes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "f",
    [
        *(lambda x, f=f: f(x, initial=np.float64(2)) for f in (np.sum, np.prod, np.max, np.min, np.nanmax)),
        lambda x: np.gradient(x, [0.0, 1.0, 3.0]),
        lambda x: np.gradient(x, np.float64(2)),
        lambda x: np.gradient(x, 2, edge_order=2),
        lambda x: np.ediff1d(x, to_end=2.0),
    ],
)
def test_single_precision_stays_where_numpy_lets_it_stay(f):
    values = np.array([1.0, 2.0, 4.0], np.float32)
    x = Tensor(values, requires_grad=True)
    y = f(x)
    assert y.dtype == f(values).dtype == np.float32
    np.testing.assert_allclose(y.data, f(values), rtol=1e-6)
    assert gradients(y, x, np.ones(y.shape)).dtype == np.float32


def test_nothing_to_count_and_nothing_to_correlate():
    assert np.bincount([], weights=leaf([]), minlength=2).tolist() == [0, 0]
    for x in (np.ones((2, 0)), np.ones((2, 1))):
        with pytest.warns(RuntimeWarning, match="Degrees of freedom"), np.errstate(all="ignore"):
            assert np.isnan(np.cov(leaf(x)).data).all()


def test_a_product_of_polynomials_has_no_leading_zeros_as_numpys_has_none():
    for p in ([0.0, 2.0, 1.0], [0.0, 0.0]):
        np.testing.assert_array_equal(np.polymul(leaf(p), [3.0, 4.0]).data, np.polymul(p, [3.0, 4.0]))


def test_the_clip_of_an_array_takes_tensors_for_bounds():
    low, high = leaf(0.0), leaf([1.0, 2.0, 3.0])
    y = np.array([-1.0, 5.0, 2.0]).clip(low, high)
    assert y.tolist() == [0.0, 2.0, 2.0]
    assert [g.tolist() for g in gradients(np.sum(y), [low, high])] == [1.0, [0.0, 1.0, 0.0]]


BOTH = [
    (lambda a, x: np.concatenate([a, x]), [1.0, 2.0], [3.0]),
    (lambda a, x: np.concatenate([a, x], axis=None), [[1.0], [2.0]], [3.0]),
    (lambda a, x: np.concatenate([x, a], axis=1), [[1.0, 2.0]], [[3.0]]),
    (lambda a, x: np.stack([a, x]), [1.0, 2.0], [3.0, 4.0]),
    (lambda a, x: np.vstack([a, x]), [1.0, 2.0], [3.0, 4.0]),
    (lambda a, x: np.hstack([x, a]), [1.0, 2.0], [3.0, 4.0]),
    (lambda a, x: np.dstack([x, a]), [1.0, 2.0], [3.0, 4.0]),
    (lambda a, x: np.column_stack([x, a]), [1.0, 2.0], [3.0, 4.0]),
    (lambda a, x: np.append(x, a), [1.0, 2.0], [3.0]),
    (lambda a, x: np.broadcast_arrays(x, a)[1], [1.0, 2.0], [3.0]),
    (lambda a, x: np.append(x, a, axis=0), [[1.0], [2.0]], [[3.0]]),
    *(
        (lambda a, x, f=f: f(a, x), [1.0, 2.0, 4.0], [3.0, 4.0, 7.0])
        for f in (np.dot, np.inner, np.outer, np.vdot, np.kron, np.cross, np.convolve, np.correlate, np.float_power)
    ),
    *(
        (lambda a, x, f=f: f(x, a), [1.0, 2.0, 4.0], [3.0, 4.0, 7.0])
        for f in (np.linalg.outer, np.linalg.cross, np.linalg.vecdot, np.vecdot, np.cov)
    ),
    (lambda a, x: np.tensordot(x, a, axes=1), [1.0, 2.0], [[3.0, 4.0], [7.0, 1.0]]),
]


def of_tensors(values):
    return list(map(of_tensors, values)) if isinstance(values, list) else Tensor(values, requires_grad=True)


@pytest.mark.parametrize(("f", "a", "x"), BOTH)
def test_a_list_of_tensors_beside_a_tensor_is_their_stack(f, a, x):
    listed, beside, whole = of_tensors(a), leaf(x), leaf(a)
    y, expected = f(listed, beside), f(whole, beside)
    np.testing.assert_array_equal(y.data, f(np.array(a), np.array(x)))
    found = [g.item() for g in gradients(np.sum(y * y), leaves_of(listed))]
    assert found == pytest.approx(gradients(np.sum(expected * expected), whole).data.ravel())


def leaves_of(tree):
    return [t for item in tree for t in leaves_of(item)] if isinstance(tree, list) else [tree]
