"""NumPy's aliasing: who sees a change in place, what it does to gradients, and what pullbacks have kept of before."""

import copy
import threading

import numpy as np
import pytest

import autograd_nn.numpy as anp
from autograd_nn import Tensor, checkpoint, enable_grad, gradients, no_grad, primitive, value_and_grad, vjp

# Each program changes an array in place and returns all that is to be seen of it. It is run on arrays and on Tensors.


def rows_of_a_matrix(x):
    A = np.stack([x, x * x])
    for row in A:
        row /= np.sum(row)
    return [A]


def a_transposed_row(x):
    B = np.stack([x, 2 * x])
    B.T[0] = np.sum(x)
    return [B]


def every_third_element(x):
    B = np.stack([x, 2 * x, x * x])
    B.reshape(-1)[::4] = x[1] * x[:3]
    return [B]


def one_element_of_the_raveled(x):
    B = np.stack([x, 2 * x])
    B.ravel()[0] = x[3] ** 2
    return [B]


def a_row_read_before(x):
    B = np.stack([x, 2 * x])
    row, corner = B[0], B[:1, :1]
    B[0] = x * x
    return [row * x, corner, B]


def views_of_views(x):
    B = np.reshape(x * x, (2, 2))
    flipped = B[::-1].T[1:, None]
    flipped[..., 0] *= x[0]
    B[1] += flipped[0, 0, 1]
    return [B, flipped]


def overlapping_views(x):
    y = x * 1.0
    low, high = y[:3], y[1:]
    low += high
    high *= 2.0
    return [y, low, high]


def onto_itself(x):
    y = x * 1.0
    y[1:] = y[:-1]
    y[...] = y[::-1]
    return [y]


def a_broadcast_view(x):
    y = x * 1.0
    wide = np.broadcast_to(y, (2, 4))
    y[1] = x[2] ** 2
    return [wide]


def a_diagonal_and_what_it_is_of(x):
    B = np.outer(x, x)
    B[np.diag_indices_from(B)] = x
    B.reshape(-1)[:: len(x) + 1] += 1.0
    return [B]


def a_second_name(x):
    y = z = x * 1.0
    y += x
    y[0] = 3.0 * x[1]
    return [z]


def a_list_of_buffers(x):
    buffers = [x * k for k in range(1, 4)]
    for buffer in buffers:
        buffer *= 2.0
        buffer[1] -= x[0]
    return buffers


def an_argument_of_a_function(x):
    def fill(buffer, value):
        buffer[...] = value
        buffer -= 1.0

    y = x * 1.0
    fill(y[:2], x[2:] ** 2)
    return [y]


def a_recurrence(x):
    o = np.zeros_like(x)
    o[0] = x[0]
    for i in range(1, 4):
        o[i] = o[i - 1] * x[i] + o[0]
        o[0] = o[i] * 0.5
    return [o]


def real_and_imaginary_parts(x):
    z = x + 1j * x[::-1]
    z.real[1:] = x[:3] ** 2
    z.imag *= x
    part = z.imag
    z += 1j
    return [np.real(z), part]


def the_whole_of_a_view(x):
    B = np.stack([x, x])
    B[1] = 2.0 * x
    B[0][:] = B[1]
    B[0][...] += 1.0
    return [B]


def a_new_axis_and_back(x):
    y = x * 1.0
    y[None, :, None][0, 1:, 0] = x[:3] * x[1:]
    np.squeeze(y[None])[0] = x[1]
    np.expand_dims(y, 0)[0, 3] += 1.0
    return [y]


def fancy_and_masked_places(x):
    y = x * 1.0
    y[[2, 0, 2]] = x[:3]
    y[np.array([True, False, False, True])] *= 3.0
    taken = y[[0, 1]]
    taken += 100.0
    return [y, taken]


def in_another_layout(x):
    B = np.reshape(x * x, (2, 2)).T + np.zeros((2, 2))
    B.T[0, 1] = x[0]
    B.ravel(order="F")[0] = x[1]
    return [B]


def sorted_in_place(x):
    y = -x * x
    tail = y[1:]
    y.sort()
    return [y, tail]


def the_flat_one(x):
    B = np.reshape(x * x, (2, 2))
    view = B.T
    B.flat[1:3] = x[0]
    B.flat[-1] = x[1]
    return [view, B.flat[2]]


def another_shape_of_the_same(x):
    y = x * 2.0
    z = y
    y.shape = (2, 2)
    y[1] = x[0]
    return [z]


def into_out(x):
    y = x * 1.0
    view = y[::2]
    np.multiply(x, x, out=y)
    np.add(view, 1.0, out=view)
    np.log(x, out=y, where=np.array([False, True, False, True]))
    np.cumsum(y, out=y)
    return [y, view]


PROGRAMS = [
    rows_of_a_matrix,
    a_transposed_row,
    every_third_element,
    one_element_of_the_raveled,
    a_row_read_before,
    views_of_views,
    overlapping_views,
    onto_itself,
    a_broadcast_view,
    a_diagonal_and_what_it_is_of,
    a_second_name,
    a_list_of_buffers,
    an_argument_of_a_function,
    a_recurrence,
    real_and_imaginary_parts,
    the_whole_of_a_view,
    a_new_axis_and_back,
    fancy_and_masked_places,
    in_another_layout,
    sorted_in_place,
    the_flat_one,
    another_shape_of_the_same,
    into_out,
]
X = np.array([0.7, 1.9, 1.3, 2.6])


def weighted(parts):
    """A number with another weight for each element."""
    total, count = 0.0, 1
    for part in parts:
        weights = np.cos(np.arange(count, count + np.size(part)).reshape(np.shape(part)))
        total = total + np.sum(weights * part * part)
        count += np.size(part)
    return total


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_program_has_the_values_and_the_gradient_that_it_has_in_numpy(program):
    expected = program(X.copy())
    found = program(Tensor(X, requires_grad=True))
    for theirs, ours in zip(expected, found, strict=True):
        np.testing.assert_array_equal(ours.data, theirs)
    slope = value_and_grad(lambda x: weighted(program(x)))(X)[1]
    step = 1e-4
    for k, direction in enumerate(np.eye(4)):
        ends = [weighted(program(X + way * step * direction)) for way in (-2, -1, 1, 2)]
        difference = (8 * (ends[2] - ends[1]) - (ends[3] - ends[0])) / (12 * step)
        assert abs(slope[k] - difference) < 1e-7 * max(1.0, abs(difference)), (k, slope[k], difference)


@pytest.mark.parametrize("size", [4, 20_000])
def test_a_plain_array_that_is_changed_later_was_kept_as_it_was_or_is_refused(size):
    x, w = Tensor(np.ones(size), requires_grad=True), np.ones(size)
    total = 0.0
    for _ in range(3):
        total = total + np.sum(w * x**2)
        w *= 0.5
    if size == 4:
        total.backward()
        np.testing.assert_array_equal(x.grad.data, np.full(size, 2 * 1.75))
    else:
        with pytest.raises(RuntimeError, match=r"multiply.* kept its argument 'a', an array of shape \(20000,\)"):
            total.backward()


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w.__setitem__(17, 5.0),
        lambda w: w.__setitem__(slice(None), w[::-1].copy()),
        lambda w: np.negative(w, out=w),
        lambda w: w.__setitem__(slice(3, 5), w[[4, 3]]),
        lambda w: w.sort(),
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.complex128, np.int64])
def test_a_large_plain_array_is_guarded_against_any_change(change, dtype):
    x, w = Tensor(1.0, requires_grad=True), (np.random.default_rng(0).normal(size=60_000) * 100).astype(dtype)
    y, z = np.sum(np.real(x * w[:50_000])), np.sum(np.real(x * w[::-1]))
    y.backward()  # unchanged, it is no hindrance
    change(w)
    with pytest.raises(RuntimeError, match="changed in place since"):
        z.backward()


def test_index_arrays_masks_and_conditions_are_kept_as_they_were():
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    index, mask, condition, places = np.array([0, 1]), np.array([True, False, True]), np.array([True, False, True]), [2]
    y = np.sum(x[index] + x[mask]) + np.sum(np.where(condition, 10.0 * x, 0.0)) + np.sum(100.0 * x[places])
    index[:], mask[:], condition[:] = 2, False, False
    places[0] = 0
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [12.0, 1.0, 111.0])


def test_what_pullbacks_kept_of_an_array_does_not_change_with_it():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = np.exp(x)
    z = np.sum(y * y)
    y[0] = 100.0
    y *= 100.0
    z.backward()
    np.testing.assert_allclose(x.grad.data, 2 * np.exp([2.0, 4.0]))


def test_a_leaf_of_the_users_own_and_its_views_refuse_changes_while_recording():
    w = Tensor([[1.0, 2.0]], requires_grad=True, name="w")
    for change in (lambda: w.__setitem__(0, 1.0), lambda: w.T.__setitem__(0, 1.0), lambda: w[0].__iadd__(1.0)):
        with pytest.raises(RuntimeError, match=r"in-place change of the leaf w .*no_grad"):
            change()
    with no_grad():
        w.T[0] -= 1.0
    np.testing.assert_array_equal(w.data, [[0.0, 2.0]])


def test_a_change_of_a_leaf_is_seen_by_what_kept_a_view_of_it():
    x, w = Tensor([1.0, 2.0], requires_grad=True), Tensor([1.0, 2.0, 3.0], requires_grad=True)
    z = np.sum(x * w[1:])
    w.data -= 10.0
    with pytest.raises(RuntimeError, match="changed in place since"):
        gradients(z, x)


@pytest.mark.parametrize(
    "view", [np.squeeze, lambda w: w.T, lambda w: w[...], lambda w: w.detach(), lambda w: w.reshape(2, 1)]
)
def test_a_change_through_a_view_in_no_grad_is_seen_by_what_kept_the_leaf(view):
    w = Tensor([1.0, 2.0], requires_grad=True)
    y = np.sum(w * w)
    with no_grad():
        view(w)[0] = 5.0
    with pytest.raises(RuntimeError, match="multiply"):
        y.backward()


@pytest.mark.parametrize("f", [np.outer, np.inner, np.kron, np.tensordot, np.vdot, np.convolve])
def test_a_change_of_a_constant_in_no_grad_is_seen_where_a_view_of_it_was_kept(f):
    x, c = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0])
    y = np.sum(f(c, x, 1) if f is np.tensordot else f(c, x))
    with no_grad():
        np.add(c, 100.0, out=c)
    with pytest.raises(RuntimeError, match="changed in place since"):
        y.backward()


def test_a_users_primitive_that_returns_its_argument_or_a_view_of_it_makes_a_copy():
    same, last = (
        primitive(lambda a: a, a=lambda g: g),
        primitive(lambda a: a[1:], a=lambda g: np.concatenate([[0.0], g])),
    )
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x * 1.0
    a, b = same(y), last(y)
    y += 10.0
    np.testing.assert_array_equal(a.data, [1.0, 2.0])
    np.testing.assert_array_equal(b.data, [2.0])
    with no_grad():
        a[0] = 7.0
    assert y.data[0] == 11.0


def test_broadcast_views_are_read_only_as_in_numpy():
    y = Tensor([1.0, 2.0], requires_grad=True) * 1.0
    with pytest.raises(ValueError, match="read-only"):
        np.broadcast_to(y, (2, 2))[0] = 1.0


def test_plus_is_a_new_tensor():
    y = Tensor([1.0, 2.0], requires_grad=True) * 1.0
    z = +y
    z += 1.0
    np.testing.assert_array_equal(y.data, [1.0, 2.0])


def test_a_changed_view_has_the_tape_of_the_change_and_not_of_another_time():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x * 1.0
    view = y[:1]
    before = view * 10.0
    y[0] = x[1] ** 2
    np.testing.assert_array_equal(gradients(np.sum(before), x).data, [10.0, 0.0])
    np.testing.assert_array_equal(gradients(np.sum(view), x).data, [0.0, 4.0])


def test_a_view_made_in_no_grad_stays_a_constant_and_sees_the_values():
    y = Tensor([1.0, 2.0], requires_grad=True) * 1.0
    with no_grad():
        view = y[:1]
    y[0] = 3.0 * y[1]
    assert not view.requires_grad
    assert not view[:1].requires_grad
    np.testing.assert_array_equal(view.data, [6.0])
    with pytest.raises(TypeError, match=r"t\.copy\(\)"):
        view[0] = y[1]


def test_a_freed_trunk_is_refused_also_in_the_middle_of_a_pass():
    x = Tensor(2.0, requires_grad=True)
    trunk = x * x

    def rule(g):
        trunk.backward()
        return g

    meddling = primitive(lambda a: a + 1.0, a=rule)
    with pytest.raises(RuntimeError, match="freed"):
        meddling(trunk * 3.0).backward()


def test_two_threads_with_losses_on_a_shared_trunk_are_right_or_refused():
    for _ in range(20):
        x = Tensor(np.ones(50), requires_grad=True)
        trunk = x
        for _ in range(30):
            trunk = trunk * 1.0
        losses, outcomes = [np.sum(trunk * 2.0), np.sum(trunk * 3.0)], []

        def run(loss, outcomes=outcomes):
            try:
                loss.backward()
                outcomes.append("right")
            except RuntimeError as error:
                outcomes.append(str(error))

        threads = [threading.Thread(target=run, args=(loss,)) for loss in losses]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        total = 0.0 if x.grad is None else x.grad.data[0]
        assert total in {0: [0.0], 1: [2.0, 3.0], 2: [5.0]}[outcomes.count("right")]
        assert all(outcome == "right" or "freed" in outcome for outcome in outcomes)


def test_a_long_loop_of_assignments_is_linear_forward_and_backward():
    # Counted in elements that are copied: a quadratic loop would copy 2,000 for each of 2,000 assignments.
    n = 2000
    x = Tensor(np.ones(n), requires_grad=True)
    o = Tensor(np.zeros(n))
    o[0] = x[0]
    memory = o.share.memory
    for i in range(1, n):
        o[i] = 0.5 * o[i - 1] + x[i]
    assert o.share.memory is memory
    private = memory.array
    np.sum(o).backward()
    assert memory.array is private
    np.testing.assert_allclose(x.grad.data, 2 - 0.5 ** np.arange(n)[::-1])


def test_views_of_views_without_end():
    y = Tensor(np.arange(3000.0), requires_grad=True) * 1.0
    view = y
    for _ in range(2500):
        view = view[1:]
    y[-1] = y[0] + 5.0
    assert view[-1].item() == 5.0
    view[0] = 7.0
    assert y[2500].item() == 7.0
    np.sum(view).backward()


@pytest.mark.parametrize("index", [..., slice(None), (slice(None), ...), ()])
def test_a_constant_in_the_place_of_the_whole_ends_the_graph(index):
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x * 1.0
    view = y[:1]
    y.backward([1.0, 1.0])
    y[index] = 3.0  # in the next step, when the tape of the last one is freed
    assert not y.requires_grad
    assert not view.requires_grad
    y[0] = x[1] * 5.0
    np.testing.assert_array_equal(gradients(np.sum(view * y), x).data, [0.0, 5.0 * (10.0 + 13.0)])  # v (v + 3)


def test_a_number_may_take_the_place_of_a_0d_tensor():
    x = Tensor(2.0, requires_grad=True)
    y = np.copy(x)
    y[...] = 5.0
    (y * x).backward()
    assert x.grad.item() == 5.0


def test_a_number_is_not_an_array():
    x = Tensor([1.0, 2.0], requires_grad=True)
    for make in (np.sum, lambda x: x[1], lambda x: x.flat[1], lambda x: np.sqrt(np.where(True, x[0], 0.0)), sum):
        other = number = make(x)
        number *= 3.0
        assert number.item() == 3 * other.item()
        with pytest.raises(TypeError, match="number cannot be changed"):
            number[...] = 1.0
        with pytest.raises(TypeError, match="number cannot be changed"):
            np.add(x[0], x[1], out=number)
    other = array = np.where(True, x[0], 0.0)
    array *= 3.0
    assert other is array


def test_what_stands_in_a_strided_view_sums_up_as_in_numpy():
    B = np.random.default_rng(0).normal(size=(40, 40))
    t = Tensor(B)
    column, row = t[:, 3], t[::-2, 5]
    t[0, 3], B[0, 3] = 2.0, 2.0
    assert np.dot(column, column).item() == np.dot(B[:, 3], B[:, 3])
    assert np.dot(row, row).item() == np.dot(B[::-2, 5], B[::-2, 5])


def test_what_is_given_to_vjp_may_be_changed_before_the_pullback_is_called():
    for x in (np.array([1.0, 2.0]), Tensor([1.0, 2.0])):
        _, pullback = vjp(lambda x: x**3, x)
        x[...] = 100.0
        np.testing.assert_array_equal(pullback(np.ones(2))[0], [3.0, 12.0])


def test_a_detached_tensor_sees_changes_and_takes_them_on_behind_the_tape():
    y = Tensor([1.0, 2.0], requires_grad=True) * 1.0
    y[0] = y[1] * 5.0
    apart = y.detach()
    y[1] = y[0] + 1.0
    np.testing.assert_array_equal(apart.data, [10.0, 11.0])
    apart[0] = 7.0
    np.testing.assert_array_equal(y.data, [7.0, 11.0])
    assert not apart.requires_grad


def test_data_that_is_replaced_is_what_a_later_change_changes():
    c = Tensor([1.0, 2.0, 3.0])
    view = c[1:]
    c.data = np.array([4.0, 5.0, 6.0])
    c[0] = 0.0
    np.testing.assert_array_equal(c.data, [0.0, 5.0, 6.0])
    np.testing.assert_array_equal(view.data, [2.0, 3.0])


def test_a_step_that_changes_a_buffer_in_no_grad_is_seen_and_not_recorded():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x * 1.0
    y[0] = x[1] * 3.0
    row = y[:1]
    with no_grad():
        y[0] = 50.0
        y *= 2.0
    np.testing.assert_array_equal(row.data, [100.0])
    np.testing.assert_array_equal(gradients(np.sum(row), x).data, [0.0, 3.0])


def test_data_that_is_given_is_copied():
    start = np.array([4.0, 5.0])
    w = Tensor([1.0, 2.0], requires_grad=True)
    w.data = start
    w.data -= 1.0
    np.testing.assert_array_equal(start, [4.0, 5.0])


@pytest.mark.parametrize("change", [lambda c: c[1:], lambda c: c.detach(), lambda c: c.T])
def test_a_change_through_a_view_in_no_grad_is_seen_by_what_kept_a_constant(change):
    x, c = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0])
    early, view = np.sum(x * c), change(c)
    late, of_view = np.sum(x * c), np.sum(x[:1] * view[:1])
    with no_grad():
        change(c)[0] = 9.0
    for y in (early, late, of_view):
        with pytest.raises(RuntimeError, match="changed in place since"):
            y.backward(retain_graph=True)


@pytest.mark.parametrize(
    "index",
    [lambda i: i, lambda i: (i, i), lambda i: (slice(None), i), lambda i: slice(i[1], None), lambda i: (0, [i[1], 0])],
)
@pytest.mark.parametrize("recording", [True, False])
def test_an_index_of_tensors_is_kept_as_it_was(index, recording):
    x, i = Tensor(np.arange(1.0, 10.0).reshape(3, 3), requires_grad=True), Tensor([0, 1])
    y = np.sum(x[index(i)] ** 2)
    with enable_grad() if recording else no_grad():
        i[0] = 2
        i *= 1
    y.backward()
    expected = np.zeros((3, 3))
    places = np.arange(9).reshape(3, 3)[index(np.array([0, 1]))]
    np.add.at(expected.reshape(-1), places, 2.0 * (places + 1))
    np.testing.assert_array_equal(x.grad.data, expected)


def test_a_bound_of_a_slice_is_kept_as_it_was():
    x, start = Tensor([1.0, 2.0, 3.0], requires_grad=True), Tensor(np.array(1))
    y = np.sum(x[start:])
    start += 1
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [0.0, 1.0, 1.0])


def test_an_array_of_no_dimensions_among_others_in_an_index_selects_a_copy():
    B = np.zeros((2, 3))
    t = Tensor(B)
    for array, one in ((B, np.array(1)), (t, Tensor(np.array(1)))):
        part = array[0:2, one]
        part += 1.0
    np.testing.assert_array_equal(t.data, B)


PARTS = {
    "C": lambda a: a[:2],
    "F": lambda a: a[:2].T,
    "strided": lambda a: a[::2, ::2],
    "number": lambda a: a[0, 0],
}
MADE = {
    "array": lambda xp, a: xp.array(a),
    "array in Fortran order": lambda xp, a: xp.array(a, order="F"),
    "array if need be": lambda xp, a: xp.array(a, copy=None, order="C"),
    "array of three axes": lambda xp, a: xp.array(a, ndmin=3),
    "asarray": lambda xp, a: xp.asarray(a),
    "asarray in C order": lambda xp, a: xp.asarray(a, order="C"),
    "asarray in Fortran order": lambda xp, a: xp.asarray(a, None, "F"),
    "asarray in single precision": lambda xp, a: xp.asarray(a, np.float32, order="F"),
    "asanyarray": lambda xp, a: xp.asanyarray(a, order="F"),
    "ascontiguousarray": lambda xp, a: xp.ascontiguousarray(a),
    "asfortranarray": lambda xp, a: xp.asfortranarray(a),
    "full_like": lambda xp, a: xp.full_like(a, 2.0),
    "full": lambda xp, a: xp.full((2, 3), a.max(), order="F"),
    "a list": lambda xp, a: xp.array([a, a]),
    "a list in Fortran order": lambda xp, a: xp.array([a, a], order="F"),
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("recorded", [True, False])
def test_what_is_made_of_an_array_has_numpys_layout_and_shares_what_it_shares_there(make, part, recorded):
    array = np.arange(24.0).reshape(4, 6)
    t = Tensor(array, requires_grad=True) * 1.0 if recorded else Tensor(array)
    theirs, ours = make(np, part(array)), make(anp, part(t))
    assert (ours.shape, ours.dtype, ours.number) == (theirs.shape, theirs.dtype, False)
    assert [step for step, size in zip(ours.data.strides, ours.shape, strict=True) if size > 1] == [
        step for step, size in zip(theirs.strides, theirs.shape, strict=True) if size > 1
    ]
    theirs[...], ours[...] = 7.0, 7.0
    np.testing.assert_array_equal(t.data, array)


@pytest.mark.parametrize(
    "make",
    [
        lambda s: s.reshape(1),
        lambda s: s.reshape((1, 1))[0],
        lambda s: np.atleast_1d(s),
        lambda s: np.ravel(s),
        lambda s: s[None],
        lambda s: s[...],
        lambda s: s.T[None],
    ],
)
@pytest.mark.parametrize("recording", [True, False])
def test_what_is_made_of_a_number_has_memory_of_its_own(make, recording):
    x = Tensor([1.0, 2.0], requires_grad=True)
    number = np.sum(x)
    made = make(number)
    with enable_grad() if recording else no_grad():
        made[...] = 50.0
        made += 1.0
    assert (number.item(), made.item(), made.number) == (3.0, 51.0, False)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.median(x),
        lambda x: np.quantile(x, 0.3),
        lambda x: np.nanpercentile(x, 30),
        lambda x: np.inner(x, x),
        lambda x: np.interp(x[0], [0.0, 2.0], [3.0, 4.0]),
        lambda x: np.sign(x[0]),
        lambda x: x[0] > 1,
        lambda x: x[0].copy(),
        lambda x: copy.copy(x[0]),
        lambda x: x[0].T,
        lambda x: x[0].squeeze(),
        lambda x: x[0].reshape(()),
        lambda x: np.linalg.cond(np.outer(x, x) + np.eye(4)),
        lambda x: anp.any(x > 1),
    ],
)
def test_what_is_a_number_in_numpy_cannot_be_changed_by_another_name(function):
    assert not isinstance(function(X), np.ndarray)
    for x in (Tensor(X), Tensor(X, requires_grad=True) * 1.0):
        number = other = function(x)
        other += 1
        assert number.item() == function(X)


def test_the_copies_of_a_number_are_numbers():
    number = Tensor(X)[0]
    assert copy.copy(number).number
    assert copy.deepcopy(number).number


@pytest.mark.parametrize(
    "move",
    [
        lambda xp, a: xp.block([[a, a]]),
        lambda xp, a: xp.block([[a], [a]]),
        lambda xp, a: xp.tile(a, (1, 1)),
        lambda xp, a: xp.insert(a, 0, 1.0, axis=0),
        lambda xp, a: xp.fft.fftshift(a),
        lambda xp, a: xp.meshgrid(a[0], a[1])[0],
        lambda xp, a: xp.take(a, [0, 1], axis=1),
        lambda xp, a: xp.broadcast_arrays(a, a)[0],
    ],
)
@pytest.mark.parametrize("part", [PARTS["C"], PARTS["F"]], ids=["C", "F"])
def test_a_row_of_what_moves_elements_is_a_view_where_it_is_one_in_numpy(move, part):
    array = np.arange(24.0).reshape(4, 6)
    t = Tensor(array, requires_grad=True) * 1.0
    theirs, ours = move(np, part(array)), move(anp, part(t))
    theirs.ravel()[0], ours.ravel()[0] = 7.0, 7.0
    np.testing.assert_array_equal(ours.data, theirs)
    np.testing.assert_array_equal(t.data, array)


def changes_its_argument(a):
    a[0] *= a[1]
    a *= a
    return np.sum(a)


def test_a_checkpoint_refuses_a_function_that_changes_its_argument():
    y = Tensor(X, requires_grad=True) * 1.0
    with pytest.raises(TypeError, match=r"checkpoint\(f\): f changes an argument in place"):
        checkpoint(changes_its_argument)(y)
    with pytest.raises(TypeError, match=r"checkpoint\(f\): f changes an argument in place"):
        checkpoint(lambda a, row: np.sum(a * row.__imul__(2.0)))(y, y[:])


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_a_checkpointed_function_leaves_in_a_buffer_refuses_a_backward_pass(when):
    buffer = Tensor(np.zeros(4))

    def f(a):
        buffer[...] = a * a
        return np.sum(buffer * a)

    x = Tensor(X, requires_grad=True)
    y = checkpoint(f)(x)
    if when == "after":
        y.backward()
        np.testing.assert_allclose(x.grad.data, 3 * X**2)
    with pytest.raises(RuntimeError, match="the tape was freed"):
        np.sum(buffer).backward()


def test_a_tensor_in_a_parameter_is_kept_as_it_was():
    scale = primitive(lambda a, by: a * by["factors"][0], name="scale", a=lambda g, by: g * by["factors"][0])
    x, factors = Tensor(X, requires_grad=True), Tensor([2.0])
    y = scale(x, {"factors": factors})
    with no_grad():
        factors[0] = 7.0
    np.sum(y).backward()
    np.testing.assert_array_equal(x.grad.data, np.full(4, 2.0))


def test_a_string_in_the_brackets_of_r_is_refused_beside_tensors():
    with pytest.raises(TypeError, match=r"a string in the brackets of r_ .*'0,2'"):
        anp.r_["0,2", Tensor(X, requires_grad=True) * 1.0]


def test_the_gradient_of_what_a_tensor_was_before_a_change_is_refused():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y, b = x * 1.0, x * 1.0
    view = b[1:]
    loss = np.sum(y**2) + np.sum(view**2)
    y += 1.0
    b[0] = 5.0
    for source in (y, view, b):
        with pytest.raises(RuntimeError, match="was changed in place, and the outputs do not depend"):
            gradients(loss, source)
    np.testing.assert_array_equal(gradients(np.sum(y), y).data, [1.0, 1.0])
