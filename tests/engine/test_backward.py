"""The backward pass: accumulation, aliasing, freed tapes, changed values, and what a broken rule is told."""

import numpy as np
import pytest

from autograd_nn import Tensor, anomaly, gradients, no_grad, primitive
from autograd_nn.engine.backward import toposort
from autograd_nn.graph import graph
from autograd_nn.ops import indexing
from autograd_nn.ops.indexing import add_into_zeros


@pytest.fixture
def x():
    return Tensor([2.0, 3.0], requires_grad=True, name="x")


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: x * x, [4.0, 6.0]),
        (lambda x: x - x, [0.0, 0.0]),
        (lambda x: x / x, [0.0, 0.0]),
        (lambda x: np.maximum(x, x), [1.0, 1.0]),
        (lambda x: np.minimum(x, x), [1.0, 1.0]),
        (lambda x: np.concatenate([x, x]), [2.0, 2.0]),
        (lambda x: np.stack([x, x, x]), [3.0, 3.0]),
        (lambda x: np.clip(x, x, x), [1.0, 1.0]),
        (lambda x: np.clip(x, x, 9.0), [1.0, 1.0]),
        (lambda x: x @ x, [4.0, 6.0]),
        (lambda x: np.where([True, False], x, x), [1.0, 1.0]),
        (lambda x: (x + x) * (x + x), [16.0, 24.0]),
    ],
)
def test_an_operand_used_twice_gets_both_contributions(x, f, slope):
    y = f(x)
    y.backward(np.ones(y.shape))
    np.testing.assert_array_equal(x.grad.data, slope)


def test_x_to_the_x(x):
    (x**x).backward(np.ones(2))
    np.testing.assert_allclose(x.grad.data, x.data**x.data * (np.log(x.data) + 1), rtol=1e-15)


def test_diamonds_are_summed_once_per_path(x):
    y = x
    for _ in range(60):  # 2**60 paths
        y = y + y
    y.backward(np.ones(2))
    np.testing.assert_array_equal(x.grad.data, [2.0**60] * 2)


def test_topological_order_has_every_node_after_all_that_use_it(x):
    h = np.tanh(x)
    y = (h * x + h).sum()
    order = toposort([y.node])
    place = {node: k for k, node in enumerate(order)}
    assert len(place) == len(order) == 5
    assert all(place[node] < place[parent] for node in order for parent, _, _ in node.edges)


def test_gradients_share_no_memory_with_each_other_or_the_seed():
    a, b = Tensor(np.ones(3), requires_grad=True), Tensor(np.ones(3), requires_grad=True)
    seed = np.array([1.0, 2.0, 3.0])
    (a + b).backward(seed)
    a.grad.data[0] = 9.0
    np.testing.assert_array_equal(b.grad.data, [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(seed, [1.0, 2.0, 3.0])
    a.backward(seed)
    a.grad.data[1] = 9.0
    np.testing.assert_array_equal(seed, [1.0, 2.0, 3.0])


def test_backward_twice_says_that_the_tape_is_freed_or_accumulates(x):
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [8.0, 12.0])
    with pytest.raises(RuntimeError, match=r"tape was freed.*retain_graph=True"):
        y.backward()


def test_backward_of_a_constant_or_a_non_scalar_says_what_to_do(x):
    with pytest.raises(RuntimeError, match="backward\\(\\) of a constant"):
        Tensor(1.0).backward()
    with pytest.raises(ValueError, match=r"shape \(2,\) has no single gradient.*give the cotangent"):
        (x * 2).backward()
    with pytest.raises(ValueError, match=r"cotangent has shape \(3,\).*\(2,\)"):
        (x * 2).backward(np.ones(3))


@pytest.mark.parametrize(
    ("shape", "other"),
    [((1, 3), (0, 3)), ((), (2, 3)), ((1,), (5,)), ((3, 1), (1, 4)), ((2, 1, 3), (4, 1)), ((0,), (1,))],
)
def test_broadcast_operands_get_the_sum(shape, other):
    a = Tensor(np.ones(shape), requires_grad=True)
    w = np.arange(np.prod(np.broadcast_shapes(shape, other)), dtype=float).reshape(np.broadcast_shapes(shape, other))
    (a + np.zeros(other)).backward(w)
    assert a.grad.shape == shape
    assert a.grad.data.sum() == w.sum()


def test_scalar_branch_of_where_gets_the_full_sum():
    c, s = np.array([True, False, True]), Tensor(2.0, requires_grad=True)
    np.where(c, s, 0.0).sum().backward()
    assert s.grad.item() == 2.0


# Changed values ---------------------------------------------------------------------------------------


def test_changing_what_a_pullback_kept_is_refused_by_name(x):
    w = Tensor([1.0, 1.0], requires_grad=True, name="w")
    for change in ("data", "no_grad", "item"):
        y = (x * w).sum()
        if change == "data":
            w.data -= 0.5
        else:
            with no_grad():
                if change == "item":
                    w[0] = 3.0
                else:
                    w += 1.0
        with pytest.raises(RuntimeError, match=r"multiply\(a, b\).*argument 'b' \(w\).*changed in place"):
            y.backward()


def test_changing_an_output_that_its_own_pullback_kept_is_refused(x):
    y = np.exp(x)
    z = y.sum()
    y.data *= 2.0
    with pytest.raises(RuntimeError, match=r"exp\(a\).*its output"):
        z.backward()


def test_changing_a_view_s_base_is_noticed(x):
    y = np.square(x.reshape(2, 1)).sum()
    x.data += 1.0
    with pytest.raises(RuntimeError, match="square"):
        y.backward()


def test_changing_a_view_is_noticed_by_what_kept_its_base(x):
    v = x[:1]
    y = (x * x).sum()
    with no_grad():
        v[0] = 9.0
    with pytest.raises(RuntimeError, match="multiply"):
        y.backward()


def test_a_constant_that_is_changed_later_was_kept_as_it_was(x):
    c = Tensor([1.0, 2.0], name="c")
    y = (x * c).sum()
    c[0] = 7.0
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [1.0, 2.0])


def test_changing_a_constant_in_no_grad_is_noticed(x):
    c = Tensor([1.0, 2.0], name="c")
    y = (x * c).sum()
    with no_grad():
        c[0] = 7.0
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward()


def test_changing_what_no_pullback_kept_is_fine(x):
    w = Tensor([1.0, 1.0], requires_grad=True)
    y = (x + w).sum()
    w.data += 1.0
    y.backward()
    np.testing.assert_array_equal(w.grad.data, [1.0, 1.0])
    z = np.exp(x)
    y = (z + 1.0).sum()
    x.data += 1.0  # exp kept its output, not x
    y.backward()
    x.data += 1.0  # a change between steps, before the next expression
    (x * x).sum().backward()


def test_replacing_data_leaves_the_recorded_values_right(x):
    y = (x * x).sum()
    x.data = np.zeros(2)
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [4.0, 6.0])


def test_changes_behind_the_engines_back_are_found_in_anomaly_mode(x):
    from autograd_nn import AnomalyError

    with anomaly():
        h = np.square(x)
        y = h.sum()
        x.data[0] = 7.0
        with pytest.raises(AnomalyError, match=r"square.*kept 'a'.*changed in place[\s\S]*test_backward\.py"):
            y.backward()


# Assignment and in-place operators --------------------------------------------------------------------


def test_assignment_into_a_recorded_tensor_is_functional(x):
    y = x * 2.0
    kept = np.square(y)
    y[0] = 10.0
    y[1] = x[0]
    (y.sum() + kept.sum()).backward()
    np.testing.assert_array_equal(y.data, [10.0, 2.0])
    np.testing.assert_array_equal(x.grad.data, [8.0 * 2.0 + 1.0, 8.0 * 3.0])


def test_assignment_of_a_recorded_value_makes_a_constant_recorded(x):
    z = Tensor(np.zeros(3))
    z[1:] = x
    assert z.requires_grad
    (z * [1.0, 2.0, 3.0]).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [2.0, 3.0])
    with pytest.raises(TypeError, match="cannot go into int64"):
        Tensor(np.zeros(2, np.int64))[0] = x[0]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_assignment_with_repeated_indices_gives_the_gradient_to_the_last_one(dtype):
    v = Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    t = Tensor([0.0, 0.0, 0.0], requires_grad=True) * 1.0
    t[np.array([0, 2, 0, 2], dtype)] = v
    np.testing.assert_array_equal(t.data, [3.0, 0.0, 4.0])
    t.sum().backward()
    np.testing.assert_array_equal(v.grad.data, [0.0, 0.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("index", "slope"),
    [
        ([0, 0, 1], [2.0, 1.0, 0.0]),
        (np.array([0, -1, 2], np.int32), [1.0, 0.0, 2.0]),
        (np.array([2, 2, 2], np.uint8), [0.0, 0.0, 3.0]),
        ([True, False, True], [1.0, 0.0, 1.0]),
        (np.array([True, True, False]), [1.0, 1.0, 0.0]),
        ([], [0.0, 0.0, 0.0]),
        (slice(None, None, -1), [1.0, 1.0, 1.0]),
        (-1, [0.0, 0.0, 1.0]),
        ((None, ..., slice(1, None)), [0.0, 1.0, 1.0]),
        (Tensor([1, 1]), [0.0, 2.0, 0.0]),
        (np.zeros((2, 2), int), [4.0, 0.0, 0.0]),
    ],
)
def test_gradient_of_an_index_counts_every_selection(index, slope):
    t = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    t[index].sum().backward()
    np.testing.assert_array_equal(t.grad.data, slope)


def test_in_place_operators_record_and_keep_the_dtype():
    t = Tensor(np.ones(2, np.float32), requires_grad=True)
    y = t * 1
    y += np.ones(2)
    y *= t
    y -= 1.0
    y /= 2.0
    y **= 2
    assert y.dtype == np.float32
    y.sum().backward()
    np.testing.assert_allclose(t.grad.data, [1.5, 1.5])


def test_in_place_change_of_a_leaf_needs_no_grad(x):
    def add():
        nonlocal x
        x += 1.0

    def assign():
        x[0] = 1.0

    for change in (add, assign):
        with pytest.raises(RuntimeError, match=r"leaf x while recording.*no_grad"):
            change()
    with no_grad():
        before = x
        x -= 1.0
        x[0] = 5.0
    assert x is before
    np.testing.assert_array_equal(x.data, [5.0, 2.0])
    assert x.requires_grad


def test_an_array_may_be_updated_in_place_by_a_constant_tensor(x):
    (x * x).sum().backward()
    x.data -= 0.5 * x.grad
    np.testing.assert_array_equal(x.data, [0.0, 0.0])
    total = np.zeros(2)
    np.add(total, Tensor([1.0, 2.0]), out=total)
    np.testing.assert_array_equal(total, [1.0, 2.0])


def test_adding_a_tensor_into_an_array_in_place_says_what_to_write(x):
    a = np.zeros(2)
    with pytest.raises(TypeError, match=r"numpy\.add.*out=.*a = a \+ t"):
        a += x


# Rules that break their contract ----------------------------------------------------------------------


def broken(rule):
    x = Tensor([1.0, 2.0], requires_grad=True)
    primitive(lambda x: x * 3, name="triple", x=rule)(x).backward(np.ones(2))


def test_broken_pullback_is_named():
    with pytest.raises(ValueError, match=r"triple\(x\).*argument 'x'.*shape \(3,\).*\(2,\)"):
        broken(lambda g: np.ones(3))
    with pytest.raises(ValueError, match="shape"):
        broken(lambda g: np.float64(3.0))
    for wrong in (None, 3.0, [1.0, 2.0]):
        with pytest.raises(
            TypeError, match=rf"triple\(x\).*argument 'x' returned {type(wrong).__name__}, not an array"
        ):
            broken(lambda g, wrong=wrong: wrong)
    with pytest.raises(ZeroDivisionError) as caught:
        broken(lambda g: 1 // 0)
    assert "in the pullback of <Primitive triple(x)> for argument 'x'" in caught.value.__notes__


def test_result_in_another_dtype_is_cast():
    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    primitive(lambda x: x * 3, x=lambda g: g.astype(np.float64))(x).backward(np.ones(2))
    assert x.grad.dtype == np.float32


def test_a_real_argument_of_a_complex_function_has_a_real_gradient(x):
    # the cotangent g of a complex z stands for Re(sum(g * dz))
    y = x * (1 + 2j)
    y.backward(np.array([1.0, 1j]))
    assert x.grad.dtype == np.float64
    np.testing.assert_array_equal(x.grad.data, [1.0, -2.0])
    with pytest.raises(TypeError, match="must be real"):
        (x * 1.0).backward(np.array([1j, 1.0]))


def test_tensors_inside_lists_are_one_stack(x):
    s = Tensor(1.0, requires_grad=True)
    b, c = Tensor(np.zeros(2)), Tensor(np.zeros(2))
    b[:] = [s * 2, s * 3]
    c += [s * 2, s * 3]
    for y in (
        np.concatenate([x, [s, s]])[2:],
        np.stack([x, [s, s]])[1],
        x / x * [s, s],
        Tensor([s, s]),
        b / 2.5,
        c / 2.5,
    ):
        s.grad = None
        y.sum().backward()
        assert s.grad.item() == 2.0


def test_values_that_require_a_gradient_do_not_go_into_integers(x):
    counts = Tensor(np.zeros(2, int))
    with pytest.raises(TypeError, match="cannot go into int64"):
        counts += x


def test_the_gradient_of_a_leaf_may_be_set_to_a_tensor_of_its_shape_only(x):
    for wrong in (0, np.zeros(2), Tensor(np.zeros(3))):
        with pytest.raises(TypeError, match=r"must be None or a Tensor of shape \(2,\)"):
            x.grad = wrong
    x.grad = Tensor(np.ones(2))
    (x * 1.0).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [2.0, 2.0])


def test_threads_may_share_parameters():
    import sys
    import threading

    w = Tensor(0.0, requires_grad=True)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        work = lambda: [(w * 1.0).backward() for _ in range(1000)]
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert w.grad.item() == 4000.0


def test_a_change_that_nothing_minds_is_looked_at_once():
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y + x
    x.data += 1.0
    y.backward()
    assert x.grad.item() == 20_001.0


def test_a_view_whose_tape_was_freed_may_be_changed():
    v = (Tensor(np.ones((2, 2)), requires_grad=True) * 1.0)[0]
    (v * v).sum().backward()
    v.data += 1.0
    assert v.tolist() == [2.0, 2.0]


def test_declaration_is_checked():
    for wrong, message in [
        ({"z": lambda g: g}, "there is no z"),
        ({}, "at least one of the arguments x"),
        ({"x": lambda g, q: g}, "asks for q.*y, x, x_shape"),
        ({"x": lambda x: x}, "no cotangent"),
    ]:
        with pytest.raises(TypeError, match=message):
            primitive(lambda x: x, name="f", **wrong)
    with pytest.raises(TypeError, match="hypot has 2 arguments, pullbacks are given for 1"):
        primitive(np.hypot, x=lambda g: g)
    with pytest.raises(TypeError, match="rename the argument 'y'"):
        primitive(lambda y: y, y=lambda g: g)
    for odd in (lambda x, *, p=2: x, lambda x, **k: x, lambda *x: x):
        with pytest.raises(TypeError, match="a plain parameter"):
            primitive(odd, x=lambda g: g)
    with pytest.raises(TypeError, match="must return an array of numbers: got array\\(None"):
        primitive(lambda x: None, name="nothing", x=lambda g: g)(Tensor(1.0, requires_grad=True))


def test_a_pullback_may_ask_for_the_shape_of_another_argument_whatever_it_is():
    shapes = []
    scaled = primitive(lambda a, b: a * b, name="scaled", b=lambda g, a, a_shape: shapes.append(a_shape) or g * a)
    for a in (2.0, np.full(2, 2.0), [2.0, 2.0], Tensor([2.0, 2.0])):
        b = Tensor([1.0, 3.0], requires_grad=True)
        np.testing.assert_array_equal(gradients(scaled(a, b), b, np.ones(2)).data, [2.0, 2.0])
    assert shapes == [(), (2,), (2,), (2,)]


def test_a_decorator_declares_all_that_a_call_does():
    def first(operands):
        return operands[0]

    about = {"name": "head", "domain": object(), "elementwise": True, "view": True}
    for variadic in (False, True):
        declaration = {**about, "variadic": variadic, "operands": lambda g: g}
        decorated, called = primitive(**declaration)(first).primitive, primitive(first, **declaration).primitive
        assert type(decorated) is type(called)
        assert {name: getattr(decorated, name) for name in about} == about


def test_a_rule_may_ask_in_any_order_and_for_shapes():
    seen = {}

    def rule(y, n, g, x_shape, w_shape):
        seen.update(y=y, n=n, x=x_shape, w=w_shape)
        return g * n

    f = primitive(lambda x, w, n=3: x * n, x=rule)
    x = Tensor([1.0, 2.0], requires_grad=True)
    f(x, np.zeros((4, 5))).sum().backward()
    assert (seen["n"], seen["x"], seen["w"]) == (3, (2,), (4, 5))
    np.testing.assert_array_equal(x.grad.data, [3.0, 3.0])


def test_argument_without_a_pullback_refuses_a_tensor_that_requires_one(x):
    f = primitive(lambda x, w: x * w, name="scale", x=lambda g, w: g * w)
    with pytest.raises(TypeError, match=r"scale has no gradient for its argument 'w'.*detach"):
        f(x, x)
    f(x, x.detach()).sum().backward()
    np.testing.assert_array_equal(x.grad.data, x.data)


def test_users_primitive_is_protected_like_the_packages_own():
    softcap = primitive(
        lambda x, cap: cap * np.tanh(x / cap), name="softcap", x=lambda g, y, cap: g * (1 - (y / cap) ** 2)
    )
    x = Tensor(np.ones((2, 1), np.float32), requires_grad=True)
    y = softcap(x, cap=2.0)
    assert y.dtype == np.float32
    slope = gradients(y, x, np.ones((2, 1)), create_graph=True)
    assert slope.dtype == np.float32
    curvature = gradients(slope.sum(), x)
    np.testing.assert_allclose(curvature.data, -np.tanh(0.5) * (1 - np.tanh(0.5) ** 2), rtol=1e-6)


@pytest.mark.parametrize("pick", [lambda x, k: x[k], lambda x, k: x[k : k + 2], lambda x, k: x[[k, k]]])
@pytest.mark.parametrize("create_graph", [False, True])
def test_many_small_selections_of_one_array_are_added_up_at_once(pick, create_graph, monkeypatch):
    # one array of the whole size for each of them would be quadratic
    calls = []
    monkeypatch.setattr(
        indexing, "add_into_zeros", lambda *args, **kw: calls.append(args) or add_into_zeros(*args, **kw)
    )
    monkeypatch.setattr(indexing.index_add.primitive, "forward", indexing.add_into_zeros)
    x = Tensor(np.ones(100), requires_grad=True)
    y = np.concatenate([np.reshape(pick(x, k) * float(k), -1) for k in range(50)])
    slope = gradients(np.sum(y), x, create_graph=create_graph)
    selected = np.concatenate([np.reshape(pick(np.arange(100), k), -1) for k in range(50)])
    np.testing.assert_array_equal(slope.data, np.bincount(selected, y.data, minlength=100))
    assert len(calls) == 1


@pytest.mark.parametrize("shape", [(40, 7), (5000,), (300, 300, 2)])
def test_the_cotangent_of_a_large_selection_adds_up_every_time_an_element_was_selected(shape):
    rng = np.random.default_rng(0)
    index = tuple(rng.integers(-size, size, (30, 60)) for size in shape[:2])
    x = Tensor(np.ones(shape), requires_grad=True)
    weights = rng.normal(size=x[index].shape)
    np.sum(x[index] * weights).backward()
    expected = np.zeros(shape)
    np.add.at(expected, index, weights)
    np.testing.assert_allclose(x.grad.data, expected, rtol=1e-12, atol=1e-12)


# What a mistake in the pass would change ----------------------------------------------------------------


def test_an_output_that_a_pullback_kept_and_that_was_changed_is_refused_at_the_root_of_the_tape():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = np.exp(x)
    y.data *= 2
    with pytest.raises(RuntimeError, match=r"exp.* kept its output"):
        y.backward(np.ones(2))


def test_a_change_of_what_no_pullback_kept_is_let_pass():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x + 1.0
    y.data *= 2
    y.backward(np.ones(2))
    assert x.grad.tolist() == [1, 1]


def test_a_recorded_backward_pass_does_not_lead_to_constants():
    x, c = Tensor([1.0, 2.0], requires_grad=True, name="x"), Tensor([3.0, 5.0], name="c")
    slope = gradients(np.sum(x * x * c), x, create_graph=True)
    assert {node.name for node in graph(slope).nodes} == {None, "x"}
    np.sum(slope).backward()
    assert x.grad.tolist() == [6, 10]
    assert c.grad is None


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("cotangent", [np.ones(2), Tensor(np.ones(2)), [1, 1]])
def test_a_rule_gets_its_cotangent_in_the_dtype_of_the_output(create_graph, cotangent):
    seen = []

    def rule(g):
        seen.append(g.dtype)
        return g * 2

    twice = primitive(lambda x: 2 * x, x=rule)
    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    slope = gradients(twice(x), x, cotangent, create_graph)
    assert seen == [np.float32]
    assert slope.dtype == np.float32


def test_a_cotangent_of_another_dtype_is_cast_on_its_way():
    widening = primitive(lambda x: x.astype(float), name="widening", x=lambda g: g)
    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    seen = []

    def rule(g):
        seen.append(g.dtype)
        return g

    first = primitive(lambda x: x * 1, name="first", x=rule)
    widening(first(x)).backward(np.ones(2))
    assert seen == [np.float32]


def test_the_pass_stops_where_nothing_is_wanted():
    def never(g):
        raise AssertionError("this pullback leads to nothing that was asked for")

    dead_end = primitive(lambda x: x, name="dead_end", x=never)
    x, z = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    assert gradients(x * dead_end(z), x).item() == 3
