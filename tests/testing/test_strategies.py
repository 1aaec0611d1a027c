"""What the strategies draw, and to what it shrinks."""

from collections import Counter
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from autograd_nn import Tensor, gradients, primitive
from autograd_nn.ops.chapters import open_all
from autograd_nn.ops.declare import PRIMITIVES
from autograd_nn.ops.domain import Domain
from autograd_nn.testing import check_gradients, strategies
from autograd_nn.testing.strategies.array_shapes import sides
from autograd_nn.testing.strategies.array_values import palette, swings
from autograd_nn.testing.strategies.random_expressions import Step
from autograd_nn.testing.strategies.small_models import ACTIVATIONS, LOSSES

open_all()
INFINITE = (-np.inf, np.inf)
SMALL = settings(max_examples=60)
FLOATS = [np.float64, np.float32, np.float16]


def drawn(strategy, count=300):
    """That many examples, the same ones every time."""
    found = []

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )
    @given(strategy)
    def collect(example):
        found.append(example)

    collect()
    return found


def shrunk(strategy, condition, seed):
    return find(strategy, condition, random=Random(seed), settings=settings(database=None, max_examples=5000))


# Shapes ------------------------------------------------------------------------------------------------


def test_shapes_within_the_bounds_are_all_drawn():
    found = set(drawn(strategies.shapes(2, 2), 300))
    assert found == {(), *((a,) for a in range(3)), *((a, b) for a in range(3) for b in range(3))}
    assert set(drawn(strategies.shapes(2, 2, min_dims=1, min_side=1))) == {(1,), (2,), (1, 1), (1, 2), (2, 1), (2, 2)}


def test_shapes_have_up_to_three_dimensions_of_up_to_three_unless_more_is_asked_for():
    for found in (
        drawn(strategies.shapes(), 1000),
        [s for pair in drawn(strategies.broadcastable_shapes()) for s in pair],
    ):
        assert {len(shape) for shape in found} == {0, 1, 2, 3}
        assert {side for shape in found for side in shape} == {0, 1, 2, 3}
    assert {len(pair) for pair in drawn(strategies.broadcastable_shapes())} == {2}


def test_sides_within_the_bounds_are_all_drawn():
    assert set(drawn(sides(2, 3, 1))) == {(a, b) for a in (1, 2, 3) for b in (1, 2, 3)}


def test_a_bound_on_the_sides_is_kept():
    assert all(2 <= side <= 4 for shape in drawn(strategies.shapes(3, 4, min_side=2)) for side in shape)


@given(strategies.broadcastable_shapes(3))
def test_broadcastable_shapes_broadcast(three):
    assert len(np.broadcast_shapes(*three)) <= 3


def test_broadcastable_shapes_drop_dimensions_and_stretch_sides():
    pairs = drawn(strategies.broadcastable_shapes(), 1000)
    assert any(len(a) != len(b) for a, b in pairs)
    assert {k for a, b in pairs if len(a) == len(b) for k in range(len(a)) if a[k] != b[k]} == {0, 1, 2}
    assert any(0 in a for a, _ in pairs)


# Numbers -----------------------------------------------------------------------------------------------


def test_the_table_begins_with_integers_up_to_8_and_halves():
    simple = [0.0, *range(1, 9), 0.5, 1.5, 2.5]
    assert sorted(palette(INFINITE, np.dtype(float))[:23]) == sorted({*simple, *(-x for x in simple)})


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (lambda a: np.all(a == a), [0, 0, 0]),
        (lambda a: a[1] != 0, [0, 1, 0]),
        (lambda a: a[1] > 0, [0, 1, 0]),
        (lambda a: a[1] < 0, [0, -1, 0]),
        (lambda a: a[0] > 0 > a[2], [1, 0, -1]),
        (lambda a: np.all(a > 0), [1, 1, 1]),
        (lambda a: np.all(a < 0), [-1, -1, -1]),
        (lambda a: a[1] > 1, [0, 2, 0]),
        (lambda a: a[1] > 5, [0, 6, 0]),
        (lambda a: 0 < a[1] < 1, [0, 0.5, 0]),
    ],
    ids=lambda case: str(case) if isinstance(case, list) else "",
)
def test_failures_shrink_to_0_1_and_minus_1_element_by_element(condition, expected, seed):
    np.testing.assert_array_equal(shrunk(strategies.arrays((3,)), condition, seed), expected)


@pytest.mark.parametrize("interval", [INFINITE, (0, np.inf), (-np.inf, 2), (-1, 1), (0.3, 0.4), (50, 60)])
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("distinct", [False, True])
@given(data=st.data())
@settings(max_examples=20)
def test_elements_are_within_the_open_interval(interval, dtype, distinct, data):
    a = data.draw(strategies.arrays((3, 4), domain=interval, dtype=dtype, distinct=distinct and dtype == np.float64))
    assert (a.shape, a.dtype) == ((3, 4), dtype)
    assert np.all((interval[0] < a) & (a < interval[1]))


def test_elements_are_spread_over_the_magnitudes_and_both_signs():
    a = np.concatenate(drawn(strategies.arrays((100,)), 50))
    assert 0.45 < np.mean(a > 0) < 0.55
    assert np.all(np.abs(np.quantile(np.abs(a), [0.25, 0.5, 0.75]) - [0.25, 1, 4]) < [0.05, 0.2, 0.8])
    assert len(np.unique(a)) > 4000


@pytest.mark.parametrize("dtype", FLOATS)
def test_palette_holds_its_domain_to_the_last_code(dtype):
    for low, high in {domain for p in PRIMITIVES.values() for domain in p.domain.intervals}:
        table = palette((low, high), np.dtype(dtype))
        assert table.shape == (65536,)
        assert np.all((low < table) & (table < high))


@given(strategies.arrays((12,), ties=True))
def test_ties_come_from_eight_values(a):
    assert {*a} <= {0, 1, -1, 2, -2, 3, -3, 4}


def test_special_values_are_drawn_in_every_dtype():
    for dtype, extreme in (np.float64, 1e150), (np.float32, 1e18), (np.float16, 100):
        a = np.concatenate(drawn(strategies.arrays((20,), dtype=dtype, special=True), 50))
        tiny = np.finfo(dtype).smallest_subnormal
        for value in np.inf, -np.inf, tiny, -tiny, extreme, -extreme, 1 / extreme:
            assert dtype(value) in a
        assert np.isnan(a).any()
        assert np.any(np.signbit(a) & (a == 0))
        assert np.isfinite(a).mean() > 0.5


@given(strategies.arrays(distinct=True))
def test_distinct_elements_are_apart_from_each_other_and_from_0(a):
    gaps = np.diff(np.sort([0, *a.ravel()]))
    assert np.all(gaps > 1e-3)


@pytest.mark.parametrize("dtype", [np.complex128, np.complex64])
@given(data=st.data())
@SMALL
def test_complex_numbers_have_their_real_parts_in_the_domain(dtype, data):
    a = data.draw(strategies.arrays((2, 3), domain=(0, np.inf), dtype=dtype, layout=strategies.layouts()))
    assert (a.shape, a.dtype) == ((2, 3), dtype)
    assert np.all(a.real > 0)


def test_special_real_and_imaginary_parts_are_independent():
    a = np.concatenate(drawn(strategies.arrays((20,), dtype=complex, special=True), 50))
    assert np.any(np.isinf(a.imag) & np.isfinite(a.real))
    assert np.any(np.isinf(a.real) & np.isfinite(a.imag))


def test_complex_numbers_have_imaginary_parts_of_both_signs():
    a = np.concatenate(drawn(strategies.arrays((5,), dtype=complex), 50))
    assert np.any(a.imag > 0)
    assert np.any(a.imag < 0)


@pytest.mark.parametrize("dtype", [*FLOATS, np.complex64])
@given(data=st.data())
@SMALL
def test_scales_neither_overflow_nor_vanish(dtype, data):
    a = data.draw(strategies.arrays((4,), domain=(0, np.inf), dtype=dtype, scale=strategies.scales(dtype)))
    assert a.dtype == dtype
    assert np.all(np.isfinite(a) & (a != 0))


def test_scales_reach_both_ends():
    found = drawn(strategies.scales(), 1000)
    assert min(found) < 1e-120
    assert max(found) > 1e120


@pytest.mark.parametrize(("dtype", "limit"), [(np.float32, 1e18), (np.complex64, 1e18), (np.float16, 1e2)])
def test_scales_of_low_precision_go_as_far_as_products_of_two_do(dtype, limit):
    found = drawn(strategies.scales(dtype), 500)
    assert (min(found), max(found)) == (1 / limit, limit)


@pytest.mark.parametrize("layout", strategies.LAYOUTS)
@given(a=strategies.arrays())
@SMALL
def test_a_layout_keeps_the_values(layout, a):
    laid_out = strategies.LAYOUTS[layout](a)
    expected = np.broadcast_to(a[..., :1], a.shape) if layout == "stride-0" and a.ndim else a
    assert laid_out.dtype == a.dtype
    np.testing.assert_array_equal(laid_out, expected, strict=True)


def test_layouts_are_what_they_say():
    of = {name: lay_out(np.ones((2, 3, 4))) for name, lay_out in strategies.LAYOUTS.items()}
    assert of["C"].flags.c_contiguous
    assert of["F"].flags.f_contiguous
    assert max(of["reversed"].strides) < 0
    assert of["strided"].strides[-1] == 2 * of["C"].strides[-1]
    assert not of["transposed"].flags.c_contiguous
    assert not of["transposed"].flags.f_contiguous
    assert of["stride-0"].strides[-1] == 0
    assert not of["read-only"].flags.writeable


@given(strategies.arrays(layout=strategies.layouts(), dtype=st.sampled_from(FLOATS)))
def test_shape_dtype_and_layout_may_be_drawn_too(a):
    assert isinstance(a, np.ndarray)
    assert a.dtype.type in FLOATS


@given(strategies.tensors((2, 3), layout="F", dtype=np.float32))
def test_tensors_require_a_gradient_and_keep_their_layout(t):
    assert t.requires_grad
    assert t.data.flags.f_contiguous
    (t * 2).sum().backward()
    np.testing.assert_array_equal(t.grad.data, np.full((2, 3), 2, np.float32))


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"layout": "D"}, "layout must be one of C, F, .*: got 'D'"),
        ({"dtype": int}, "dtype must be float64, .*: got int64"),
        ({"domain": (1, 1)}, r"low < high: got \(1, 1\)"),
        ({"ties": True, "distinct": True}, "choose one"),
        ({"scale": 10.0, "domain": (0, 1)}, r"scale=10 would leave the domain \(0, 1\)"),
    ],
)
def test_arrays_refuses_what_it_cannot_draw(keywords, message):
    with pytest.raises(ValueError, match=message):
        strategies.arrays((2,), **keywords)


@pytest.mark.parametrize(("domain", "expected"), [(INFINITE, [1, -1, 2]), ((-1, 1), [0.5, -0.5, 0.25])])
def test_distinct_elements_shrink_to_the_simplest_and_of_two_the_positive(domain, expected):
    np.testing.assert_array_equal(shrunk(strategies.arrays((3,), domain=domain, distinct=True), np.any, 0), expected)


# Cotangents --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_cotangent_in_the_table_is_within_a_half_of_1_but_not_near_it(dtype):
    distance = np.abs(np.abs(swings(np.dtype(dtype))) - 1)
    assert distance.min() >= 0.0099
    assert distance.max() <= 0.5


@pytest.mark.parametrize("dtype", [*FLOATS, np.complex128, np.complex64])
@given(data=st.data())
@SMALL
def test_cotangents_have_magnitudes_about_1_but_never_1(dtype, data):
    shape = data.draw(strategies.shapes())
    w = data.draw(strategies.cotangents(shape, dtype))
    assert (w.shape, w.dtype) == (shape, dtype)
    for part in (w.real, w.imag) if w.dtype.kind == "c" else (w,):
        assert np.all((np.abs(part) >= 0.5) & (np.abs(part) <= 1.5) & (np.abs(part) != 1))


def test_cotangents_have_both_signs_and_many_values():
    w = np.concatenate(drawn(strategies.cotangents((20,)), 100))
    assert 0.4 < np.mean(w > 0) < 0.6
    assert 0.4 < np.mean(np.abs(w) > 1) < 0.6
    assert len(np.unique(w)) > 1000


# Operands ----------------------------------------------------------------------------------------------


@given(strategies.operands(np.log))
def test_operands_of_a_function_of_the_registry_are_in_its_domain(operands):
    (x,) = operands
    assert np.all(x > 0)


def softened(x, y, /):
    return np.sqrt(x) * y


@given(strategies.operands(softened, domain=[(0, np.inf), INFINITE], dtype=np.float32))
def test_operands_of_a_callable_are_as_many_as_it_takes(operands):
    x, y = operands
    assert x.dtype == y.dtype == softened(x, y).dtype == np.float32


def test_operands_can_be_counted_in_several_ways():
    cube = primitive(lambda x: x**3, name="cube", x=lambda g, x: 3 * g * x**2)
    for function, count in [(cube, 1), (np.power, 2), (3, 3), (lambda a, b=2: a, 1), (lambda a, /, b: a, 2)]:
        assert {len(found) for found in drawn(strategies.operands(function), 5)} == {count}
    with pytest.raises(TypeError, match="write that number instead"):
        drawn(strategies.operands(lambda *arrays: arrays[0]))


def test_applications_are_of_every_call_of_the_domain():
    domain = PRIMITIVES["cumsum"].domain
    found = drawn(strategies.applications(PRIMITIVES["cumsum"]), 300)
    assert {tuple(a.shape for a in arrays) for _, arrays in found} == {call.shapes for call in domain.calls}


@given(strategies.applications(np.maximum))
def test_applications_stay_away_from_kinks(application):
    _, (a, b) = application
    assert np.all(np.abs(a - b) > 0.01)


@given(strategies.applications(np.maximum, ties=True))
def test_applications_with_ties_meet_kinks(application):
    f, arrays = application
    np.testing.assert_array_equal(f(*arrays), np.maximum(*arrays))


@pytest.mark.parametrize("function", [np.multiply, np.maximum, np.fmod])
@given(data=st.data())
@SMALL
def test_applications_take_the_options_of_arrays(function, data):
    f, (a, b) = data.draw(strategies.applications(function, dtype=np.float32, layout=strategies.layouts()))
    assert f(a, b).dtype == a.dtype == b.dtype == np.float32


def test_applications_refuse_what_is_no_primitive_with_a_domain():
    own = primitive(lambda x: x, name="own", x=lambda g: g)
    for function in (own, len, np.outer):
        with pytest.raises(TypeError, match="is not a primitive with a Domain: write operands"):
            drawn(strategies.applications(function))


def test_operands_of_a_primitive_with_a_domain_of_its_own_are_in_it():
    own = primitive(np.log, name="own", domain=Domain(((2, 3),)), x=lambda g, x: g / x)
    assert all(np.all((a > 2) & (a < 3)) for (a,) in drawn(strategies.operands(own)))


@given(strategies.matmuls())
def test_matmuls_can_be_multiplied(pair):
    assert np.all(np.isfinite(np.matmul(*pair)))


def test_matmuls_are_of_every_rank():
    pairs = drawn(strategies.matmuls(), 1000)
    assert {(a.ndim, b.ndim) for a, b in pairs} == {(p, q) for p in range(1, 5) for q in range(1, 5)}
    assert any(a.shape[:-2] != b.shape[:-2] for a, b in pairs if a.ndim == b.ndim == 3)
    assert any(a.size == 0 for a, _ in pairs)


@given(strategies.einsums())
def test_einsums_are_what_numpy_takes_and_the_package_agrees(spec):
    subscripts, operands = spec
    y = np.einsum(subscripts, *operands)
    recorded = np.einsum(subscripts, *(Tensor(a, requires_grad=True) for a in operands))
    np.testing.assert_allclose(recorded.data, y, rtol=1e-12, atol=1e-12)


def test_einsums_are_of_every_kind():
    specs = drawn(strategies.einsums(), 500)
    text = [subscripts for subscripts, _ in specs]
    terms = [subscripts.partition("->")[0].split(",") for subscripts in text]
    assert any("->" in t for t in text)
    assert any("->" not in t for t in text)
    assert any("..." in t for t in text)
    assert any(len({*term} - {"."}) < len(term.replace(".", "")) for each in terms for term in each)
    assert {len(each) for each in terms} == {1, 2, 3}
    sides = [
        {(label, n) for term, a in zip(each, operands, strict=True) for label, n in zip(term, a.shape, strict=True)}
        for each, (subscripts, operands) in zip(terms, specs, strict=True)
        if "." not in subscripts
    ]
    assert any(len(each) > len(dict(each)) for each in sides)  # 1 in one operand, more in another


# Arguments ---------------------------------------------------------------------------------------------


@given(st.data())
def test_reductions_are_what_numpy_takes(data):
    a = data.draw(strategies.arrays())
    keywords = data.draw(strategies.reductions(a.shape, where=True))
    assert set(keywords) == {"axis", "keepdims", "where"}
    np.sum(a, **keywords)


def test_reductions_have_every_kind_of_axis():
    found = drawn(strategies.reductions((2, 3, 2), where=True), 500)
    axes = {keywords["axis"] for keywords in found}
    assert {None, 0, 1, 2, -1, -2, -3, ()} <= axes
    assert any(isinstance(axis, tuple) and len(axis) == 2 and axis[0] > axis[1] >= 0 for axis in axes)
    assert any(isinstance(axis, tuple) and min(axis, default=0) < 0 < max(axis) for axis in axes)
    assert {keywords["keepdims"] for keywords in found} == {True, False}
    assert {keywords["where"].shape for keywords in found} == {(), (2,), (3, 2), (2, 3, 2)}


@given(st.data())
def test_indices_are_what_numpy_takes_and_the_package_agrees(data):
    a = data.draw(strategies.arrays())
    index = data.draw(strategies.indices(a.shape))
    y = a[index]
    t = Tensor(a, requires_grad=True)
    np.testing.assert_array_equal(t[index].data, y)
    w = data.draw(strategies.cotangents(np.shape(y)))
    expected = np.zeros(a.shape)
    np.add.at(expected, index, w)
    (g,) = gradients(t[index], [t], w)
    np.testing.assert_allclose(g.data, expected, rtol=1e-14, atol=1e-14)


def test_indices_pick_equally_many_along_axes_of_every_length():
    for index in drawn(strategies.indices((1, 2, 3)), 2000):
        assert np.ones((1, 2, 3))[index].size >= 0


def kinds(index):
    """What is in an index, in words."""
    if isinstance(index, tuple):
        yield from (kind for part in index for kind in kinds(part))
        yield f"{min(len(index), 2)} in a tuple"
    elif isinstance(index, np.ndarray):
        yield f"{index.dtype.kind}{index.ndim}"
        if index.dtype.kind == "i":
            yield from ["empty"] * (index.size == 0) + ["negative"] * bool(np.any(index < 0))
            yield from ["repeats"] * (len(np.unique(index)) < index.size)
    elif isinstance(index, slice):
        yield "backward slice" if (index.step or 1) < 0 else "slice"
    elif isinstance(index, list):
        yield f"list of {type(index[0]).__name__}" if index else "empty list"
    else:
        yield type(index).__name__


def test_indices_are_of_every_kind():
    found = {kind for index in drawn(strategies.indices((2, 3, 2)), 1000) for kind in kinds(index)}
    assert found == {
        *("int", "slice", "backward slice", "ellipsis", "NoneType", "empty", "negative", "repeats"),
        *("i1", "i2", "b1", "b2", "list of int", "list of bool", "empty list"),
        *("0 in a tuple", "1 in a tuple", "2 in a tuple"),
    }


def test_something_may_follow_an_ellipsis():
    tuples = [index for index in drawn(strategies.indices((2, 3, 2)), 300) if isinstance(index, tuple)]
    after = [
        index[[part is ... for part in index].index(True) + 1 :] for index in tuples if any(p is ... for p in index)
    ]
    assert {2, 1, 0} <= {sum(part is not None for part in parts) for parts in after}


def test_a_mask_may_be_of_a_whole_matrix():
    assert "b2" in {kind for index in drawn(strategies.indices((2, 3)), 1000) for kind in kinds(index)}


# Expressions and models --------------------------------------------------------------------------------


def test_gradients_of_expressions_are_right():
    verdicts = Counter()
    with np.errstate(all="ignore"):
        for f, leaves in drawn(strategies.expressions(), 200):
            y = f(*leaves)
            assert y.ndim == 1
            assert np.all(np.isfinite(y))
            verdicts[check_gradients(f, *leaves).verdict] += 1
    assert verdicts["right"] > 190


def test_expressions_share_subexpressions_and_bound_their_depth():
    found = [f for f, _ in drawn(strategies.expressions(max_depth=3), 200)]
    used = [Counter(place for step in f.steps for place in step.operands) for f in found]
    assert any(
        count > 1 and place >= f.leaves for f, each in zip(found, used, strict=True) for place, count in each.items()
    )
    deepest = 0
    for f in found:
        depths = [0] * f.leaves
        for step in f.steps:
            depths.append((step.name in PRIMITIVES) + max(depths[place] for place in step.operands))
        deepest = max(deepest, *depths)
    assert deepest == 3
    assert len({step.name for f in found for step in f.steps} & {*PRIMITIVES}) > 80


def test_expressions_shrink_to_one_step():
    f, leaves = shrunk(strategies.expressions(), lambda found: "tanh" in {step.name for step in found[0].steps}, 0)
    assert len(leaves) == 1
    assert [step.name for step in f.steps if step.name in PRIMITIVES] == ["tanh"]


def test_an_expression_prints_as_a_program():
    steps = (Step("sin", np.sin, (0,)), Step("multiply", np.multiply, (1, 1)))
    f = strategies.Expression(1, steps)
    assert repr(f) == "lambda n0: n1 = sin(n0); n2 = multiply(n1, n1); return n2"
    np.testing.assert_array_equal(f(np.array(2.0)), [np.sin(2.0) ** 2])


def test_models_have_a_loss_whose_gradients_are_right():
    verdicts = Counter()
    found = drawn(strategies.models(), 100)
    for loss, parameters in found:
        assert np.shape(loss(*parameters)) == ()
        verdicts[check_gradients(loss, *parameters).verdict] += 1
    assert verdicts["right"] > 90
    assert {loss.loss for loss, _ in found} == {*LOSSES}
    assert {loss.activation for loss, _ in found} == {*ACTIVATIONS}
    assert {len(parameters) for _, parameters in found} == {2, 4, 6}


def test_a_model_applies_its_activation_between_layers_only():
    x, target, w1, b1, w2, b2 = np.random.default_rng(0).uniform(-2, 2, (6, 3, 3))
    loss = strategies.MLP("tanh", "mean_squared_error", x, target)
    expected = np.mean((np.tanh(x @ w1 + b1) @ w2 + b2 - target) ** 2)
    np.testing.assert_allclose(loss(w1, b1, w2, b2), expected, rtol=1e-14)


@given(strategies.models(dtype=np.float32))
@SMALL
def test_models_are_of_one_dtype(model):
    loss, parameters = model
    assert {a.dtype for a in (*parameters, loss.x, loss(*parameters))} == {np.dtype(np.float32)}


def test_nothing_random_is_drawn_from_a_global_source():
    before = np.random.get_state(legacy=False)["state"]["key"].copy()  # noqa: NPY002
    first, second = (
        [np.asarray(f(*leaves)).tolist() for f, leaves in drawn(strategies.expressions(), 20)] for _ in range(2)
    )
    assert first == second
    np.testing.assert_array_equal(np.random.get_state(legacy=False)["state"]["key"], before)  # noqa: NPY002
