"""The functions of neural networks where numbers are hard, and what they refuse. The sweep has their ordinary calls."""

import math
import re
import subprocess
import sys
import tracemalloc

import mpmath
import numpy as np
import pytest
from slopes import slope

import autograd_nn.functional as F  # noqa: N812
from autograd_nn import Tensor, grad, gradients, hessian, jacobian

inf, nan = np.inf, np.nan


def test_functional_is_imported_on_demand_and_without_scipy():
    code = (
        "import sys, autograd_nn; print('autograd_nn.functional' in sys.modules); "
        "import autograd_nn.functional; print('scipy' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\nFalse\n"


# Activations ------------------------------------------------------------------------------------------


def gelu_tanh(x):
    return F.gelu(x, approximate="tanh")


LIMITS = {  # values and slopes at -inf and inf
    F.log_sigmoid: ([-inf, 0], [1, 0]),
    F.softplus: ([0, inf], [0, 1]),
    F.silu: ([0, inf], [0, 1]),
    F.mish: ([0, inf], [0, 1]),
    F.gelu: ([0, inf], [0, 1]),
    gelu_tanh: ([0, inf], [0, 1]),
    F.elu: ([-1, inf], [0, 1]),
    F.selu: ([-1.7580993408473766, inf], [0, 1.0507009873554805]),
    F.leaky_relu: ([-inf, inf], [0.01, 1]),
    F.softsign: ([-1, 1], [0, 0]),
    F.hard_tanh: ([-1, 1], [0, 0]),
}
every_activation = pytest.mark.parametrize("f", LIMITS)


@every_activation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_activation_has_its_limits_at_the_infinities(f, dtype):
    values, slopes = LIMITS[f]
    for most in (inf, np.finfo(dtype).max):
        far = np.array([-most, most], dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            exact = np.where(np.isinf(values), slopes * far, values).astype(dtype)
            np.testing.assert_allclose(f(Tensor(far)).data, exact, rtol=1e-6)
        np.testing.assert_allclose(slope(f, far), slopes, rtol=1e-12, atol=1e-70)
        assert np.isfinite(slope(lambda x: gradients(f(x), x, np.ones(2), create_graph=True), far)).all()


@every_activation
def test_activation_of_nan_is_nan_and_so_is_its_slope(f):
    assert np.isnan(f(np.array([nan]))).all()
    assert np.isnan(slope(f, [nan, 1.0])[0]) or f is F.hard_tanh


EXACT = {  # values and slopes, each in a form that is right for the arguments it is tried at
    (F.log_sigmoid, 40.0): (-math.log1p(math.exp(-40)), math.exp(-40) / (1 + math.exp(-40))),
    (F.log_sigmoid, -40.0): (-40 - math.log1p(math.exp(-40)), 1 / (1 + math.exp(-40))),
    (F.softplus, -40.0): (math.log1p(math.exp(-40)), math.exp(-40) / (1 + math.exp(-40))),
    (F.softplus, -700.0): (math.exp(-700), math.exp(-700)),
    (F.softplus, 800.0): (800.0, 1.0),
    (F.elu, -40.0): (math.expm1(-40), math.exp(-40)),
    (F.elu, -1e-9): (math.expm1(-1e-9), math.exp(-1e-9)),
    (F.silu, -40.0): (-40 * math.exp(-40) / (1 + math.exp(-40)), -39 * math.exp(-40)),
    (F.silu, -700.0): (-700 * math.exp(-700), -699 * math.exp(-700)),
    (F.mish, -40.0): (-40 * math.exp(-40), -39 * math.exp(-40)),
    (F.mish, -700.0): (-700 * math.exp(-700), -699 * math.exp(-700)),
    (F.gelu, -30.0): (
        -15 * math.erfc(30 / 2**0.5),
        math.erfc(30 / 2**0.5) / 2 - 30 * math.exp(-450) / math.sqrt(2 * math.pi),
    ),
    (F.gelu, 30.0): (30.0, 1.0),
    (gelu_tanh, -8.0): (
        -8 / (1 + math.exp(16 * (2 / math.pi) ** 0.5 * (1 + 0.044715 * 64))),
        None,
    ),
    (F.softsign, 1e9): (1e9 / (1 + 1e9), 1 / (1 + 1e9) ** 2),
    (F.softsign, 1e-9): (1e-9 / (1 + 1e-9), 1 / (1 + 1e-9) ** 2),
}


@pytest.mark.parametrize(("f", "x"), EXACT)
def test_activation_keeps_its_digits(f, x):
    value, derivative = EXACT[f, x]
    np.testing.assert_allclose(f(np.array(x)), value, rtol=1e-12)
    if derivative is not None:
        np.testing.assert_allclose(slope(f, x), derivative, rtol=1e-12)


def test_slopes_at_kinks_are_those_of_pytorch():
    assert slope(F.leaky_relu, 0.0) == 0.01
    assert slope(lambda x: F.elu(x, alpha=2.0), 0.0) == 2.0
    assert slope(F.softsign, 0.0) == 1.0


def test_hard_tanh_lets_the_cotangent_through_at_its_bounds_as_clip_does():
    assert slope(F.hard_tanh, [-2.0, -1.0, 0.0, 1.0, 2.0]).tolist() == [0, 1, 1, 1, 0]


def test_hard_tanh_with_crossed_bounds_is_the_upper_one_as_clip_is():
    assert F.hard_tanh(np.array([-3.0, 0.0, 3.0]), 1.0, -1.0).tolist() == [-1.0, -1.0, -1.0]


def test_gelu_needs_no_scipy(monkeypatch):
    x = np.linspace(-9, 9, 7)
    expected, slopes = F.gelu(x), slope(F.gelu, x)

    monkeypatch.setitem(sys.modules, "scipy.special", None)
    np.testing.assert_allclose(F.gelu(x), expected, rtol=1e-13)
    np.testing.assert_allclose(slope(F.gelu, x), slopes, rtol=1e-13)
    assert F.gelu(x.astype(np.float32)).dtype == np.float32
    assert F.gelu(np.zeros((0, 2))).shape == (0, 2)


def test_leaky_relu_that_does_not_leak_is_relu():
    np.testing.assert_array_equal(F.leaky_relu(np.array([-inf, -1.0, 2.0, nan]), 0.0), [0.0, 0.0, 2.0, nan])
    assert slope(lambda x: F.leaky_relu(x, 0.0), [-inf, -1.0, 2.0]).tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gelu_has_its_slope_where_its_value_is_nothing(dtype):
    tiny = np.finfo(dtype).tiny
    least = np.finfo(dtype).smallest_subnormal
    x = Tensor(np.array([0.0, -0.0, least, -least, 3 * least, tiny / 8, -tiny, 5 * tiny], dtype), requires_grad=True)
    F.gelu(x).sum().backward()
    np.testing.assert_allclose(x.grad.data, np.full(8, 0.5), rtol=np.finfo(dtype).eps)


# The softmax family -----------------------------------------------------------------------------------


def exact_softmax(x):
    """With 60 digits."""
    with mpmath.workdps(60):
        weights = [mpmath.exp(mpmath.mpf(float(v))) for v in x]
        return [w / mpmath.fsum(weights) for w in weights]


def exact_slope(x, w):
    """The gradient of sum(w * softmax(x)), with 60 digits."""
    p = exact_softmax(x)
    with mpmath.workdps(60):
        mean = mpmath.fsum(a * mpmath.mpf(float(b)) for a, b in zip(p, w, strict=True))
        return np.array([float(a * (mpmath.mpf(float(b)) - mean)) for a, b in zip(p, w, strict=True)])


def exact_curvature(x, w):
    """The Hessian of sum(w * softmax(x)), with 60 digits."""
    p, n = exact_softmax(x), len(x)
    with mpmath.workdps(60):
        w = [mpmath.mpf(float(b)) for b in w]
        off = [b - mpmath.fsum(a * c for a, c in zip(p, w, strict=True)) for b in w]
        return np.array(
            [[float(p[i] * ((off[i] if i == j else 0) - p[j] * (off[i] + off[j]))) for j in range(n)] for i in range(n)]
        )


MARGINS = pytest.mark.parametrize("margin", [0.0, 5.0, 30.0, 36.0, 40.0, 45.0, 100.0])


@MARGINS
@pytest.mark.parametrize("rest", [[0.0], [0.0, 1.5], [-3.0, 0.25, 1.0]])
def test_the_slope_of_softmax_keeps_its_digits_at_any_margin(margin, rest):
    x, w = np.array([margin, *rest]), np.array([0.3, -0.7, 1.1, 0.9])[: 1 + len(rest)]
    np.testing.assert_allclose(slope(F.softmax, x, w=w), exact_slope(x, w), rtol=1e-14)
    np.testing.assert_allclose(slope(F.softmax, x[::-1], w=w[::-1]), exact_slope(x, w)[::-1], rtol=1e-14)


@MARGINS
def test_the_slope_of_softmax_keeps_its_digits_where_several_are_largest(margin):
    x, w = [margin, 0.0, margin, 1.0, margin], [0.1, -0.7, 0.1, 1.1, 0.1]
    np.testing.assert_allclose(slope(F.softmax, x, w=w), exact_slope(x, w), rtol=1e-14)


@MARGINS
@pytest.mark.parametrize("axis", [0, 1, (0, 2), (2, 1), None])
def test_the_slope_of_softmax_keeps_its_digits_along_any_axes(margin, axis):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(3, 2, 4)), rng.normal(size=(3, 2, 4))
    x[0, 0, 1] += margin
    x[2, 1, 3] += margin
    over = (0, 1, 2) if axis is None else (axis,) if isinstance(axis, int) else axis
    rest = tuple(k for k in range(3) if k not in over)

    def rows(a):
        return a.transpose(rest + over).reshape(*[a.shape[k] for k in rest], -1)

    found = rows(slope(lambda x: F.softmax(x, axis), x, w=w))
    for place in np.ndindex(found.shape[:-1]):
        np.testing.assert_allclose(found[place], exact_slope(rows(x)[place], rows(w)[place]), rtol=1e-12)


@pytest.mark.parametrize("margin", [0.5, 30.0, 36.0, 40.0, 45.0])
@pytest.mark.parametrize("rest", [[0.0], [0.0, 1.5]])
def test_the_curvature_of_softmax_keeps_its_digits_at_any_margin(margin, rest):
    x, w = np.array([margin, *rest]), np.array([0.3, -0.7, 1.1])[: 1 + len(rest)]
    found = hessian(lambda x: np.sum(F.softmax(x) * w))(x)
    np.testing.assert_allclose(found, exact_curvature(x, w), rtol=1e-13)


def test_the_jacobian_of_softmax_keeps_its_digits():
    x = np.array([40.0, 0.0, 1.0])
    expected = [exact_slope(x, e) for e in np.eye(3)]
    np.testing.assert_allclose(jacobian(F.softmax)(x), expected, rtol=1e-14)


def test_the_slope_of_softmax_keeps_its_digits_in_single_precision():
    x, w = np.array([20.0, 0.0, 1.0], np.float32), np.array([0.25, -0.75, 1.5], np.float32)
    t = Tensor(x, requires_grad=True)
    found = gradients(F.softmax(t), t, w).data
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, exact_slope(x, w), rtol=1e-6)


def test_a_row_of_nan_that_no_cotangent_reaches_has_no_slope_in_softmax():
    found = slope(F.softmax, [[nan, 1.0], [1.0, 0.0]], w=[[0.0, 0.0], [1.0, 0.0]])
    p = 1 / (1 + math.e)
    np.testing.assert_allclose(found, [[0.0, 0.0], [p * (1 - p), -p * (1 - p)]], rtol=1e-14)


# Losses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("margin", [0.0, 1.0, 20.0, 37.4, 100.0, 700.0])
@pytest.mark.parametrize("target", [0, [1.0, 0.0, 0.0]])
def test_cross_entropy_slope_of_the_target_is_minus_the_other_probabilities(margin, target):
    others = 2 * math.exp(-margin) / (1 + 2 * math.exp(-margin))
    logits = [margin, 0.0, 0.0]
    found = slope(lambda z: F.cross_entropy(z, target), logits)
    np.testing.assert_allclose(found, [-others, others / 2, others / 2], rtol=1e-12)
    np.testing.assert_allclose(F.cross_entropy(logits, target), math.log1p(2 * math.exp(-margin)), rtol=1e-14)


def test_cross_entropy_of_infinite_logits():
    assert F.cross_entropy([inf, 0.0], 0) == 0.0
    assert F.cross_entropy([0.0, -inf], 0) == 0.0
    assert F.cross_entropy([0.0, -inf], [1.0, 0.0]) == 0.0
    assert F.cross_entropy([0.0, -inf], 1) == inf
    np.testing.assert_array_equal(slope(lambda z: F.cross_entropy(z, 0), [0.0, -inf]), [0.0, 0.0])
    np.testing.assert_array_equal(slope(lambda z: F.cross_entropy(z, [0.5, 0.5, 0]), [0.0, 0.0, -inf]), [0.0, 0.0, 0.0])


@pytest.mark.parametrize("behind", [1.0, 40.0, 400.0, 800.0, 1e9])
@pytest.mark.parametrize("reduction", ["none", "sum"])
def test_cross_entropy_of_an_unlikely_target_has_its_digits(behind, reduction):
    logits = [[behind, 0.0, 1.0]]
    value = behind + math.log1p(math.exp(-behind) + math.exp(1 - behind))
    others = np.exp(np.array([-behind, 1 - behind]))
    p = np.array([1.0, *others]) / (1 + others.sum())
    loss = lambda z: F.cross_entropy(z, [1], reduction=reduction)
    np.testing.assert_allclose(np.sum(loss(np.array(logits))), value, rtol=1e-14)
    np.testing.assert_allclose(slope(loss, logits), [[p[0], p[1] - 1, p[2]]], rtol=1e-12)


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_cross_entropy_of_classes_is_that_of_certain_probabilities(reduction):
    rng = np.random.default_rng(0)
    z, target = rng.normal(size=(5, 3, 2)), rng.integers(0, 3, size=(5, 2))
    certain = np.moveaxis(np.eye(3)[target], -1, 1)
    by_class, by_probability = (
        lambda z, t=t: F.cross_entropy(z, t, axis=1, reduction=reduction) for t in (target, certain)
    )
    np.testing.assert_allclose(by_class(z), by_probability(z), rtol=1e-13)
    np.testing.assert_allclose(slope(by_class, z), slope(by_probability, z), rtol=1e-12)


@pytest.mark.parametrize("smoothing", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("target", [2, [0.2, 0.0, 0.8]])
def test_label_smoothing_spreads_its_share_evenly_over_all_classes(smoothing, target):
    z = np.array([0.3, -1.2, 2.0])
    q = [0.0, 0.0, 1.0] if target == 2 else target
    smoothed = [(1 - smoothing) * k + smoothing / 3 for k in q]
    expected = -sum(k * (v - math.log(sum(map(math.exp, z)))) for k, v in zip(smoothed, z, strict=True))
    found = F.cross_entropy(z, target, label_smoothing=smoothing)
    assert found == pytest.approx(expected, rel=1e-14)
    certain = F.cross_entropy(z, target)
    even = F.cross_entropy(z, [1 / 3] * 3)
    assert found == pytest.approx((1 - smoothing) * certain + smoothing * even, rel=1e-14)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_classes_may_be_integers_of_any_kind(dtype):
    z = np.random.default_rng(0).normal(size=(200, 3))
    target = np.arange(200) % 3
    loss = lambda z, t: F.cross_entropy(z, t, reduction="sum")
    assert loss(z, target.astype(dtype)) == loss(z, target)
    np.testing.assert_array_equal(
        slope(lambda z: loss(z, target.astype(dtype)), z), slope(lambda z: loss(z, target), z)
    )


@pytest.mark.parametrize("order", ["C", "F"])
def test_cross_entropy_does_not_depend_on_the_layout_of_the_logits(order):
    z = np.array([[0.5, -1.0, 2.0], [1.5, 0.0, -3.0]])
    loss = lambda z: F.cross_entropy(z, [2, 1], reduction="sum")
    t = Tensor(np.array(z, order=order), requires_grad=True)
    loss(t).backward()
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    p[[0, 1], [2, 1]] -= 1
    np.testing.assert_allclose(t.grad.data, p, rtol=1e-14)


def test_cross_entropy_has_a_hessian():
    z = np.array([0.3, -0.2])
    p = F.softmax(z)
    row = grad(lambda z: grad(lambda z: F.cross_entropy(z, 0))(z)[0])(z)
    np.testing.assert_allclose(row, [p[0] * (1 - p[0]), -p[0] * p[1]], rtol=1e-13)


def test_ignored_rows_count_for_nothing_whatever_is_in_them():
    logits = [[0.5, 0.0], [nan, inf], [1.0, 2.0]]
    for options in ({}, {"label_smoothing": 0.1}, {"weight": np.array([1.0, 3.0])}):

        def loss(z, target, options=options):
            return F.cross_entropy(z, target, ignore_index=-7, **options)

        with np.errstate(invalid="ignore"):
            assert loss(np.array(logits), [0, -7, 1]) == pytest.approx(loss(np.array(logits)[[0, 2]], [0, 1]))
        found = slope(lambda z, loss=loss: loss(z, [0, -7, 1]), logits)
        np.testing.assert_array_equal(found[1], [0.0, 0.0])
        assert np.isfinite(found).all()


def test_rows_may_be_ignored_where_there_is_one_class():
    assert F.cross_entropy(np.ones((2, 1)), [0, -7], ignore_index=-7) == 0


def test_targets_that_are_tensors_have_gradients():
    z, q = np.array([0.5, -1.0, inf]), np.array([0.2, 0.8, 0.0])
    by_z, by_q = slope(lambda z, q: F.cross_entropy(z, q), z[:2], q[:2])
    np.testing.assert_allclose(by_q, -F.log_softmax(z[:2]), rtol=1e-14)
    np.testing.assert_allclose(by_z, F.softmax(z[:2]) - q[:2], rtol=1e-14)
    by_q = slope(lambda z, q: F.binary_cross_entropy(z, q, reduction="sum"), z, q)[1]
    np.testing.assert_array_equal(by_q, -z)


@pytest.mark.parametrize("x", [0.0, 1e-8, 1.0, 37.4, 40.0, 700.0, 1e300, inf])
@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_binary_cross_entropy_is_right_at_any_logit(x, sign, target):
    right = (sign > 0) == (target == 1) or x == 0
    e = math.exp(-x)
    value = math.log1p(e) if right else x + math.log1p(e)
    push = e / (1 + e) if right else 1 / (1 + e)
    loss = lambda z: F.binary_cross_entropy(z, target)
    np.testing.assert_allclose(loss(np.array(sign * x)), value, rtol=1e-14)
    np.testing.assert_allclose(slope(loss, sign * x), push if target == 0 else -push, rtol=1e-13)


def test_binary_cross_entropy_with_pos_weight_at_infinite_logits():
    loss = lambda x, t, p: F.binary_cross_entropy(x, t, pos_weight=p, reduction="none")
    assert loss(np.array([-inf, inf, inf]), [0.0, 1.0, 0.0], 2.0).tolist() == [0.0, 0.0, inf]
    by_x, by_t, by_p = slope(loss, [-inf, inf], [0.0, 1.0], 1.0)
    assert (by_x.tolist(), by_t.tolist(), by_p.tolist()) == ([0.0, 0.0], [inf, -inf], 0.0)


def test_a_weight_of_zero_leaves_an_infinite_loss_out():
    loss = lambda x: F.binary_cross_entropy(x, 1.0, weight=[0.0, 2.0], reduction="sum")
    assert loss(np.array([-inf, 0.0])) == 2 * math.log(2)
    assert slope(loss, [-inf, 0.0]).tolist() == [0.0, -1.0]


# Convolution and pooling ------------------------------------------------------------------------------


def naive_conv2d(x, w, stride, padding, dilation, groups):
    """The definition, element by element."""
    x = np.pad(x, ((0, 0), (0, 0), *[(p, p) for p in padding]))
    (outputs, depth, *kernel), per = w.shape, len(w) // groups
    size = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(x.shape[2:], kernel, stride, dilation, strict=True)]
    y = np.zeros((len(x), outputs, *size))
    for n, o, i, j, c, k, m in np.ndindex(*y.shape, depth, *kernel):
        pixel = x[n, o // per * depth + c, i * stride[0] + k * dilation[0], j * stride[1] + m * dilation[1]]
        y[n, o, i, j] += w[o, c, k, m] * pixel
    return y


GEOMETRIES = [
    {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1},
    {"stride": (2, 3), "padding": (1, 2), "dilation": (1, 1), "groups": 1},
    {"stride": (3, 2), "padding": (2, 0), "dilation": (2, 3), "groups": 2},
    {"stride": (4, 4), "padding": (3, 3), "dilation": (1, 2), "groups": 4},
]


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_convolution_is_its_definition_and_the_transposed_one_its_transpose(geometry):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(3, 4, 7, 9)), rng.normal(size=(8, 4 // geometry["groups"], 2, 3))
    y = naive_conv2d(x, w, **geometry)
    np.testing.assert_allclose(F.conv2d(x, w, **geometry), y, rtol=1e-12, atol=1e-12)
    g = rng.normal(size=y.shape)
    steps = zip(x.shape[2:], w.shape[2:], *(geometry[key] for key in ("stride", "padding", "dilation")), strict=True)
    extra = tuple((n + 2 * p - d * (k - 1) - 1) % s for n, k, s, p, d in steps)
    back = F.conv_transpose2d(g, w, output_padding=extra, **geometry)
    np.testing.assert_allclose(np.sum(back * x), np.sum(y * g), rtol=1e-12)
    np.testing.assert_allclose(slope(lambda x: F.conv2d(x, w, **geometry), x, w=g), back, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("value", [nan, inf])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_a_weight_that_is_not_finite_reaches_no_other_rows_of_a_transposed_convolution(geometry, value):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 8, 4, 3)), rng.normal(size=(8, 4 // geometry["groups"], 2, 3))
    one = np.zeros_like(w)
    one[1, 0, 1, 2] = 1
    reached = F.conv_transpose2d(np.ones_like(x), one, **geometry) != 0
    wild = np.where(one, value, w)
    with np.errstate(invalid="ignore"):
        y = F.conv_transpose2d(x, wild, **geometry)
    np.testing.assert_array_equal(np.isfinite(y), ~reached)
    expected = F.conv_transpose2d(x, np.where(one, 0, w), **geometry)
    np.testing.assert_allclose(y[~reached], expected[~reached], rtol=1e-12, atol=1e-12)


def test_softmax_of_a_number_is_one():
    for axis in (-1, 0, None):
        np.testing.assert_array_equal([F.softmax(3.0, axis), F.log_softmax(3.0, axis)], [1.0, 0.0])
        assert slope(lambda x, axis=axis: F.softmax(x, axis), 3.0) == slope(lambda x: F.log_softmax(x, 0), 3.0) == 0.0
    with pytest.raises(np.exceptions.AxisError, match="axis 1 is out of bounds for array of dimension 0"):
        F.softmax(3.0, 1)


def test_a_masked_image_of_nan_leaves_the_kernel_alone():
    x, w = np.ones((2, 1, 3, 3)), np.ones((1, 1, 2, 2))
    x[1, 0, 0, 0] = nan
    x[0, 0, 2, 2] = inf
    kept = np.ones((2, 1, 2, 2), bool)
    kept[0, 0, 1, 1] = kept[1, 0, 0, 0] = False
    found = slope(lambda w: np.where(kept, F.conv2d(x, w), 0.0), w)
    np.testing.assert_array_equal(found, np.full((1, 1, 2, 2), 6.0))


def test_a_nan_of_an_image_is_in_the_slope_of_every_tap_that_meets_it_and_in_no_other():
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    x[0, 0, 0, 2] = nan
    found = slope(lambda w: F.conv2d(x, w), np.ones((1, 1, 2, 2)))[0, 0]
    np.testing.assert_array_equal(found, [[0 + 1 + 3 + 4, nan], [3 + 4 + 6 + 7, 4 + 5 + 7 + 8]])
    x[0, 0, 0, 2] = -inf
    found = slope(lambda w: F.conv2d(x, w), np.ones((1, 1, 2, 2)))[0, 0]
    np.testing.assert_array_equal(found, [[8, -inf], [20, 24]])


@pytest.mark.parametrize("taps", [1, 2, 3, 4])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_same_padding_keeps_the_size_and_puts_the_odd_zero_behind(taps, dilation):
    x, w = np.arange(1.0, 12.0), 10.0 ** np.arange(taps)
    reach = dilation * (taps - 1)
    padded = [0.0] * (reach // 2) + x.tolist() + [0.0] * (reach - reach // 2)
    expected = [sum(w[k] * padded[i + k * dilation] for k in range(taps)) for i in range(len(x))]
    found = F.conv1d(x[None], w[None, None], padding="same", dilation=dilation)
    np.testing.assert_array_equal(found, [expected])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble, np.complex128])
def test_convolution_keeps_its_dtype(dtype):
    x, w = np.ones((1, 1, 3, 3), dtype), np.ones((1, 1, 2, 2), dtype)
    y = F.conv2d(x, w)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, np.full((1, 1, 2, 2), 4))


def test_convolution_copies_a_few_images_at_a_time():
    x = Tensor(np.ones((256, 8, 16, 16), np.float32), requires_grad=True)
    w = Tensor(np.ones((8, 8, 5, 5), np.float32), requires_grad=True)
    tracemalloc.start()
    F.conv2d(x, w, padding=2).sum().backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * x.data.nbytes + 8e6  # all patches at once would be 25 times x


def test_a_batch_too_large_for_one_piece_has_the_values_and_slopes_of_its_images_one_by_one():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(100, 4, 16, 16)), rng.normal(size=(4, 4, 3, 3))
    images = np.split(x, 100)
    by_image, by_kernel = slope(F.conv2d, x, w)
    values = [F.conv2d(image, w) for image in images]
    slopes, parts = zip(*(slope(F.conv2d, image, w) for image in images), strict=True)
    for found, expected in [
        (F.conv2d(x, w), np.concatenate(values)),
        (by_image, np.concatenate(slopes)),
        (by_kernel, sum(parts)),
    ]:
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_tied_maxima_of_a_window_share_the_cotangent_evenly():
    x = [[[1.0, 1.0, 0.0], [1.0, 0.0, 2.0]]]
    np.testing.assert_allclose(slope(lambda x: F.max_pool2d(x, (2, 3)), x), [[[0, 0, 0], [0, 0, 1]]])
    third = 1 / 3
    np.testing.assert_allclose(
        slope(lambda x: F.max_pool2d(x, 2, stride=1), x), [[[third, third, 0], [third, 0, 1]]], rtol=1e-15
    )
    np.testing.assert_allclose(
        slope(lambda x: F.adaptive_max_pool2d(x, (1, 2)), x), [[[third, third, 0], [third, 0, 1]]], rtol=1e-15
    )


def test_padding_never_is_the_maximum():
    x = np.full((1, 2), -5.0)
    assert F.max_pool1d(x, 2, stride=1, padding=1).tolist() == [[-5.0, -5.0, -5.0]]
    x = np.full((1, 2), -inf)
    assert slope(lambda x: F.max_pool1d(x, 2, padding=1), x).tolist() == [[1.0, 1.0]]


def test_nan_and_inf_stay_in_their_windows():
    x = np.array([[nan, 1.0, inf, 2.0, 3.0, 5.0]])
    for pool in (F.max_pool1d, F.avg_pool1d):
        y = pool(x, 2)[0]
        assert np.isnan(y[0])
        assert y[1] == inf
        assert np.isfinite(y[2])
    assert np.isnan(F.adaptive_avg_pool1d(x, 4)[0]).tolist() == [True, False, False, False]
    found = slope(lambda x: F.max_pool1d(x, 2), x)[0]
    assert np.isnan(found[:2]).all()
    assert found[2:].tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize("bins", [1000, 700])
def test_adaptive_pooling_takes_no_more_room_than_a_few_copies_of_the_image(bins):
    x = np.ones((1, 2000))
    tracemalloc.start()
    F.adaptive_avg_pool1d(x, bins)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * x.nbytes


# Layers -----------------------------------------------------------------------------------------------


def test_batch_norm_returns_new_statistics_and_changes_nothing():
    x = np.random.default_rng(0).normal(3, 2, size=(50, 2, 4))
    mean, var = np.zeros(2), np.ones(2)
    y, new_mean, new_var = F.batch_norm(Tensor(x, requires_grad=True), mean, var, training=True, momentum=0.25)
    assert (mean.tolist(), var.tolist()) == ([0, 0], [1, 1])
    np.testing.assert_allclose(new_mean, 0.25 * x.mean((0, 2)))
    np.testing.assert_allclose(new_var, 0.75 + 0.25 * x.var((0, 2), ddof=1))
    np.testing.assert_allclose(y.data.mean((0, 2)), 0, atol=1e-14)
    again, same_mean, same_var = F.batch_norm(x, new_mean, new_var)
    assert same_mean is new_mean
    assert same_var is new_var
    listed = F.batch_norm(x, mean.tolist(), var.tolist(), training=True, momentum=0.25)
    np.testing.assert_array_equal(listed[1:], (new_mean, new_var))
    np.testing.assert_allclose(again[:, 1], (x[:, 1] - new_mean[1]) / np.sqrt(new_var[1] + 1e-5))


@pytest.mark.parametrize("shape", [(1_000_000, 2), (500_000, 2, 2)])
def test_batch_norm_of_a_million_float32_samples_is_exact_to_float32(shape):
    rng = np.random.default_rng(0)
    x, g = (rng.normal(1, size=shape).astype(np.float32) for _ in "xg")
    axis = (0, *range(2, len(shape)))
    exact, seed = x.astype(float), g.astype(float)
    mean, std = exact.mean(axis, keepdims=True), exact.std(axis, keepdims=True)
    known = (exact - mean) / std
    slopes = (seed - seed.mean(axis, keepdims=True) - (seed * known).mean(axis, keepdims=True) * known) / std
    t = Tensor(x, requires_grad=True)
    y, means, variances = F.batch_norm(t, training=True, momentum=1.0, eps=0.0)
    y.backward(g)
    np.testing.assert_allclose(y.data, known, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(t.grad.data, slopes, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(means, mean.ravel(), rtol=1e-6)
    np.testing.assert_allclose(variances, exact.var(axis, ddof=1), rtol=1e-6)


def test_batch_norm_of_float16_adds_up_more_than_float16_holds():
    x = np.tile(np.float16([[99], [101]]), (500, 1))
    np.testing.assert_allclose(F.batch_norm(x, training=True)[0], x - np.float16(100), rtol=1e-3)


@pytest.mark.parametrize(("dtype", "scale"), [(np.float64, 1e150), (np.float32, 1e18)])
@pytest.mark.parametrize("f", [F.layer_norm, F.rms_norm])
def test_normalisation_does_not_depend_on_the_scale(f, dtype, scale):
    x = np.random.default_rng(0).normal(size=(2, 4000)).astype(dtype)
    w = np.random.default_rng(1).normal(size=(2, 4000)).astype(dtype)

    def both(x):
        t = Tensor(x, requires_grad=True)
        y = f(t, 4000, eps=0.0)
        return y.data, gradients(y, t, w).data

    (value, derivative), (same, scaled) = both(x), both(x * dtype(scale))
    near = 100 * np.finfo(dtype).eps
    np.testing.assert_allclose(same, value, rtol=near, atol=near)
    np.testing.assert_allclose(scaled * dtype(scale), derivative, rtol=near, atol=10 * near)


def test_a_constant_sample_is_normalised_to_0():
    x = np.full((1, 3), 7.0)
    np.testing.assert_array_equal(F.layer_norm(x, 3), [[0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(slope(lambda x: F.layer_norm(x, 3), x), [[0.0, 0.0, 0.0]])


def test_dropout_is_decided_by_its_generator_alone():
    x = Tensor(np.ones(10_000, np.float32), requires_grad=True)
    y = F.dropout(x, 0.2, rng=3)
    np.testing.assert_array_equal(y.data, F.dropout(x, 0.2, rng=3).data)
    np.testing.assert_array_equal(y.data, F.dropout(x, 0.2, rng=np.random.default_rng(3)).data)
    assert np.mean(y.data == 0) == pytest.approx(0.2, abs=0.02)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, y.data)
    assert set(np.unique(y.data)) == {0, np.float32(1.25)}


def test_what_dropout_leaves_out_may_be_infinite():
    y = F.dropout(np.full(100, inf), 0.5, rng=0)
    assert set(y) == {0, inf}
    assert F.dropout(np.full(3, inf), 1.0, rng=0).tolist() == [0, 0, 0]


def test_embedding_adds_up_the_rows_that_are_looked_up_twice():
    found = slope(lambda table: F.embedding([[0, 2], [2, 2]], table), np.ones((3, 2)))
    assert found.tolist() == [[1, 1], [0, 0], [3, 3]]


def test_a_query_that_may_look_at_nothing_is_0_and_so_is_its_gradient():
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(3, 2)) for _ in range(3)]
    mask = np.array([[True, True, False], [False, False, False], [True, False, True]])
    for given in (mask, np.where(mask, 0.0, -inf)):
        attention = lambda q, k, v, given=given: F.scaled_dot_product_attention(q, k, v, given)
        assert attention(*arrays)[1].tolist() == [0, 0]
        by_query, by_key, by_value = slope(attention, *arrays)
        assert by_query[1].tolist() == [0, 0]
        assert np.isfinite([by_query, by_key, by_value]).all()


# What is refused --------------------------------------------------------------------------------------

X, W, IMAGE = np.ones((2, 4, 5)), np.ones((6, 4, 2)), np.ones((1, 2, 4, 4))
REFUSED = [
    (lambda: F.conv1d(X.astype(int), W), TypeError, "conv1d: x must be floats, got int64: write x.astype(float)"),
    (lambda: F.conv1d(X, W.astype(int)), TypeError, "conv1d: weight must be floats"),
    (lambda: F.conv1d(X[0, 0], W), ValueError, "x must be of shape ([samples,] channels, length), got (5,)"),
    (lambda: F.conv2d(X, W), ValueError, "weight must be of shape (channels, channels, height, width), got (6, 4, 2)"),
    (lambda: F.conv1d(X, W[:, :3]), ValueError, "has 4 channels; weight of shape (6, 3, 2) with groups=1 takes 3"),
    (lambda: F.conv1d(X, np.ones((5, 2, 2)), groups=2), ValueError, "groups must divide both"),
    (lambda: F.conv1d(X, W, groups=0), ValueError, "groups must be an integer of at least 1, got 0"),
    (lambda: F.conv1d(X, W, np.ones(4)), ValueError, "bias must have shape (6,), got (4,)"),
    (lambda: F.conv1d(X, W, stride=1.5), ValueError, "stride must be an integer of at least 1, got 1.5"),
    (lambda: F.conv2d(IMAGE, np.ones((1, 2, 1, 1)), stride=(1, 2, 3)), ValueError, "or a tuple of 2, got (1, 2, 3)"),
    (lambda: F.conv1d(X, W, padding=-1), ValueError, "padding must be an integer of at least 0, got -1"),
    (lambda: F.conv1d(X, W, padding="full"), ValueError, "'same' or 'valid', got 'full'"),
    (lambda: F.conv1d(X, W, padding="same", stride=2), ValueError, "padding='same' needs stride=1"),
    (lambda: F.conv1d(X, W, dilation=5), ValueError, "larger than the padded x, (2, 4, 5)"),
    (lambda: F.conv_transpose1d(X, W), ValueError, "takes 6 and makes 4"),
    (lambda: F.conv_transpose1d(X, W[:4], output_padding=1), ValueError, "output_padding must be smaller than stride"),
    (lambda: F.conv_transpose1d(X, W[:4], padding=9), ValueError, "leaves nothing of the output of x, (2, 4, 5)"),
    (lambda: F.max_pool1d(X, 2, ceil_mode=True), ValueError, "max_pool1d does not take ceil_mode=True"),
    (lambda: F.max_pool1d(X, 2, padding=2), ValueError, "padding must be at most half of kernel_size"),
    (lambda: F.avg_pool1d(X, 6), ValueError, "kernel_size 6 is larger"),
    (lambda: F.adaptive_avg_pool2d(IMAGE, 0), ValueError, "output_size must be an integer of at least 1"),
    (lambda: F.gelu(X, approximate="erf"), ValueError, "approximate must be 'none' or 'tanh', got 'erf'"),
    (lambda: F.cross_entropy(X[0], [0, 1, 2, 5]), ValueError, "classes from 0 to 4, got 0 to 5"),
    (lambda: F.cross_entropy(X[0], [0, 1]), ValueError, "target must be integers of shape (4,), or floats"),
    (lambda: F.cross_entropy([1, 2], 0), TypeError, "logits must be floats, got int64"),
    (lambda: F.cross_entropy(X[0], np.zeros(4, int), reduction="avg"), ValueError, "reduction must be 'mean', 'sum'"),
    (lambda: F.cross_entropy(X[0], np.zeros(4, int), weight=[1, 2]), ValueError, "weight must have shape (5,)"),
    (lambda: F.cross_entropy(X[0], np.zeros(4, int), label_smoothing=2), ValueError, "label_smoothing must be between"),
    (lambda: F.cross_entropy(X[0], X[0], ignore_index=1), ValueError, "ignore_index is for a target of classes"),
    (lambda: F.binary_cross_entropy([1, 0], [1, 0]), TypeError, "logits must be floats"),
    (lambda: F.cross_entropy(X[0], X[0] * 1j), TypeError, "cross_entropy: target must be real, got complex128"),
    (lambda: F.cross_entropy(X[0], [0] * 4, weight=1j * X[0, 0]), TypeError, "weight must be real, got complex128"),
    (lambda: F.binary_cross_entropy(X, 1j), TypeError, "binary_cross_entropy: target must be real, got complex128"),
    (lambda: F.binary_cross_entropy(X, X, weight=Tensor(1j)), TypeError, "weight must be real, got complex128"),
    (lambda: F.batch_norm(X), ValueError, "give running_mean and running_var, or write training=True"),
    (lambda: F.batch_norm(X[:1, :, :1], training=True), ValueError, "more than one value for each channel"),
    (
        lambda: F.batch_norm(X, weight=np.ones(3), training=True),
        ValueError,
        "weight must have an element for each of 4",
    ),
    (lambda: F.layer_norm(X, 4), ValueError, "normalized_shape (4,) must be the end of x's shape (2, 4, 5)"),
    (lambda: F.layer_norm(X, 5, np.ones(4)), ValueError, "weight must have normalized_shape (5,), got (4,)"),
    (lambda: F.group_norm(X, 3), ValueError, "num_groups must divide the 4 channels of x, got 3"),
    (lambda: F.dropout(X, 1.5, 0), ValueError, "p must be a probability between 0 and 1, got 1.5"),
    (lambda: F.dropout(X, 0.5, None), TypeError, "rng must be a numpy.random.Generator or a seed, got None"),
    (lambda: F.embedding([0.0], X), TypeError, "indices must be integers, got float64"),
    (lambda: F.embedding([-1, 1], X), IndexError, "indices must be from 0 to 1, got -1 to 1"),
    (lambda: F.scaled_dot_product_attention(X, X, W.mT), ValueError, "got (2, 4, 5), (2, 4, 5), (6, 2, 4)"),
]


OF_REAL_NUMBERS = {
    **{
        f.__name__: f for f in [*LIMITS, F.relu, F.sigmoid, F.softmax, F.log_softmax, F.logsumexp] if f is not gelu_tanh
    },
    "gelu": gelu_tanh,
    "cross_entropy": lambda x: F.cross_entropy(x, 0),
    "binary_cross_entropy": lambda x: F.binary_cross_entropy(x, 1.0),
    "max_pool1d": lambda x: F.max_pool1d(x, 1),
    "adaptive_max_pool1d": lambda x: F.adaptive_max_pool1d(x, 1),
    "layer_norm": lambda x: F.layer_norm(x, 3),
    "rms_norm": lambda x: F.rms_norm(x, 3),
    "batch_norm": lambda x: F.batch_norm(x, training=True),
    "group_norm": lambda x: F.group_norm(x, 1),
    "instance_norm": F.instance_norm,
    "scaled_dot_product_attention": lambda x: F.scaled_dot_product_attention(x, x, x),
}


@pytest.mark.parametrize("name", OF_REAL_NUMBERS)
@pytest.mark.parametrize("kind", [np.array, Tensor])
def test_a_function_of_real_numbers_refuses_complex_ones_by_name(name, kind):
    with pytest.raises(
        TypeError, match=rf"^{name}: (x|logits|query) must be (real|floats), got complex64: take np.real"
    ):
        OF_REAL_NUMBERS[name](kind(np.ones((2, 3), np.complex64)))


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_bad_arguments_are_refused_by_name(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()
