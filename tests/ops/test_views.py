"""What is a view in NumPy is one here, in the same layouts; what is a copy there is a copy here."""

from inspect import signature

import numpy as np
import pytest

from autograd_nn import Tensor, gradients

LAYOUTS = {
    "rows": lambda a: a,
    "columns": lambda a: a.T,
    "steps": lambda a: a[::2, ::-1],
    "part of a row": lambda a: a[:1, 1:],
    "nothing": lambda a: a[:, :0],
}
CALLS = [
    *("np.diagonal(a)", "np.diagonal(a, 1)", "a.diagonal()", "np.linalg.diagonal(a)", "np.diag(a)", "np.diag(a[0])"),
    *("np.einsum('ii->i', a[:3, :3])", "np.einsum('ij->ji', a)", "np.einsum('ij->ij', a)", "np.einsum('ij->i', a)"),
    *(f"np.{f}(a)" for f in ("flip", "fliplr", "flipud", "transpose", "matrix_transpose", "squeeze", "ravel", "copy")),
    *(f"np.rot90(a, {k})" for k in range(-2, 5)),
    *("np.rot90(a[None], 1, (2, 1))", "np.flip(a, 0)", "np.squeeze(a[None])", "np.squeeze(a[:1], 0)"),
    *("np.split(a, [1])[1]", "np.array_split(a, 2)[0]", "np.hsplit(a, [1])[0]", "np.vsplit(a, [1])[0]"),
    *(f"np.atleast_{n}d(a{part})" for n in (1, 2, 3) for part in ("", "[0]", "[0, 0, ...]")),
    *(
        "np.swapaxes(a, 0, 1)",
        "np.swapaxes(a, 0, 0)",
        "np.moveaxis(a, 0, 1)",
        "np.rollaxis(a, 1)",
        "np.expand_dims(a, 0)",
    ),
    *("a.T", "a.mT", "a.real", "np.real(a)", "np.imag(a)", "np.real_if_close(a)", "np.real(a * 1j)", "a.ravel()"),
    *("np.ravel(a, 'F')", "a.flatten()", "np.reshape(a, -1)", "a.reshape(a.shape)", "np.reshape(a, -1, order='F')"),
    *("np.broadcast_to(a, (2, *a.shape))", "np.broadcast_arrays(a, 1.0)[0]", "np.transpose(a[0], 0)"),
    *("np.meshgrid(a[0], a[0])[0]", "np.meshgrid(a[0], a[0], copy=False)[0]"),
    *("a[1:]", "a[0]", "a[None]", "a[...]", "a[()]", "a[[0, 1]]", "a[a < 100]"),
    *("np.repeat(a, 1)", "np.repeat(a, 1, axis=0)", "np.roll(a, 0)", "np.tile(a, 1)", "np.resize(a, a.shape)"),
    *(
        "np.delete(a, [], axis=0)",
        "np.insert(a, [], 1.0, axis=0)",
        "np.append(a, [])",
        "np.pad(a, 0)",
        "np.take(a, 0, 0)",
    ),
    *("a.copy()", "a.astype(float)", "a.astype(float, copy=False)", "np.nan_to_num(a)", "np.positive(a)", "np.conj(a)"),
    *("np.concatenate([a])", "np.stack([a])", "np.vstack([a])", "np.hstack([a])", "np.block([a])", "np.sort(a)"),
    *("np.compress([True], a, axis=0)", "np.extract(a < 100, a)", "np.choose(0, [a])", "np.select([a < 100], [a])"),
    *(
        "np.trim_zeros(a[0])",
        "np.tril(a)",
        "np.diff(a, 0)",
        "np.sum(a, axis=())",
        "np.max(a, axis=())",
        "np.where(True, a, 0)",
    ),
    *("np.clip(a, 0, 100)", "np.round(a)", "np.linalg.matrix_power(a[:3, :3], 1)", "np.apply_over_axes(np.sum, a, [])"),
    *(
        "np.unwrap(a)",
        "np.partition(a, 0)",
        "np.kron(1, a)",
        "np.dot(1, a)",
        "np.polyder(a[0], 0)",
        "np.polyadd(a[0], 0)",
    ),
    *("np.unstack(a)[0]", "np.unstack(a, axis=1)[0]", "np.reshape(a, -1, copy=True)"),
]


@pytest.mark.skipif("copy" not in signature(np.reshape).parameters, reason="from NumPy 2.1 on")
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("text", CALLS)
def test_a_tensor_is_viewed_where_an_array_is(text, layout):
    f = eval(f"lambda a: {text}", {"np": np})
    a = LAYOUTS[layout](np.arange(1.0, 17).reshape(4, 4))
    tensors = [LAYOUTS[layout](Tensor(np.arange(1.0, 17).reshape(4, 4), grad)) for grad in (True, False)]
    try:
        expected = f(a)
    except (ValueError, IndexError) as error:
        for t in tensors:
            with pytest.raises(type(error)):
                f(t)
        return
    for t in tensors:
        y = f(t)
        np.testing.assert_array_equal(y.numpy(), expected)
        assert np.shares_memory(y.numpy(), t.numpy()) == np.shares_memory(expected, a)


def test_a_diagonal_is_read_only_and_that_of_einsum_is_not():
    t = Tensor(np.ones((2, 3)))
    assert not np.diagonal(t).numpy().flags.writeable
    assert np.einsum("ii->i", t[:, :2]).numpy().flags.writeable


@pytest.mark.parametrize("k", range(-2, 5))
def test_a_turn_has_numpys_values_for_all_axes(k):
    a = np.arange(24.0).reshape(2, 3, 4)
    for axes in ((0, 1), (1, 0), (2, 0), (-1, 1)):
        np.testing.assert_array_equal(np.rot90(Tensor(a), k, axes).data, np.rot90(a, k, axes))
    with pytest.raises(ValueError, match="Axes"):
        np.rot90(Tensor(a), k, (1, 1))


def test_the_cotangent_of_a_diagonal_goes_onto_it():
    t = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    np.testing.assert_array_equal(gradients(np.diagonal(t, 1), t, [5.0, 7.0]).data, [[0.0, 5.0, 0.0], [0.0, 0.0, 7.0]])
