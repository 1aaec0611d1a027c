"""Each mistake is planted, and named by the diagnosis."""

import re

import numpy as np
import pytest

from autograd_nn import primitive
from autograd_nn.testing import GradientError, check_gradients, check_vjp
from autograd_nn.testing.diagnosis import Evidence, diagnose

X = np.array([[0.3, -1.2, 0.7], [2.1, -0.4, 1.6]])
Y = np.array([[1.4, 0.6, -0.9], [0.2, 1.3, -2.2]])
B = np.array([0.5, -0.8, 1.1])
ROW = np.array([1.3, 0.4, 2.2, -0.6, 0.9])
FORWARD = np.array([2, 0, 3, 4, 1])


def diagnosis(check, *args, **keywords):
    with pytest.raises(GradientError) as caught:
        check(*args, **keywords)
    error = caught.value
    assert f"diagnosis           {error.diagnosis}" in str(error)
    return error.diagnosis


def of_rule(rule, forward=np.tanh, x=X):
    """What is said of a unary primitive with this rule."""
    return diagnosis(check_gradients, primitive(forward, name="f", x=rule), x)


def of_vjp(f, vjp, *args):
    return diagnosis(check_vjp, f, vjp, *args)


# Factors ----------------------------------------------------------------------------------------------


def test_mean_for_sum_over_a_broadcast_axis():
    f = primitive(
        lambda a, b: a * b,
        name="f",
        a=lambda g, b: g * b,
        b=lambda g, a, b_shape: np.mean(g * a, axis=0) if np.ndim(g) > len(b_shape) else g * a,
    )
    assert diagnosis(check_gradients, f, X, B) == (
        "ratio 1/2 = 1/(broadcast size): looks like mean, not sum, over broadcast axis 0"
    )


def test_mean_for_sum_over_several_broadcast_axes():
    vjp = lambda g, x, b: (g * b, np.mean(g * x, axis=(0, 1)))
    assert of_vjp(np.multiply, vjp, np.stack([X, Y]), B) == (
        "ratio 1/4 = 1/(broadcast size): looks like mean, not sum, over broadcast axes 0, 1"
    )


def test_sum_for_mean():
    found = of_rule(lambda g, x_shape: np.broadcast_to(g, x_shape), lambda x: np.mean(x, axis=0))
    assert found == "ratio 2 = size of an axis: looks like sum, not mean, over axis 0 of the argument"
    found = of_rule(lambda g, x: 2 * g * x, lambda x: np.mean(x**2), ROW)
    assert found == "ratio 2 = size of an axis: looks like sum, not mean, over axis 0 of the argument"


def test_mean_for_sum_over_an_axis():
    found = of_rule(lambda g, x: g * np.ones_like(x) / x.shape[-1], lambda x: np.sum(x, axis=-1, keepdims=True))
    assert found == "ratio 1/2 = 1/(size of an axis): looks like mean, not sum, over axis 0 of the argument"


def test_counted_twice():
    assert of_rule(lambda g, y: 2 * g * (1 - y * y)) == "ratio 2: counted twice"


def test_counted_twice_at_small_numbers():
    f, slope = lambda x: np.sin(1e6 * x), lambda x: 1e6 * np.cos(1e6 * x)
    assert of_vjp(f, lambda g, x: (2 * g * slope(x),), 1e-6 * X) == "ratio 2: counted twice"


def test_sign():
    assert of_rule(lambda g, y: g * (y * y - 1)) == "ratio -1: the sign is wrong"


@pytest.mark.parametrize("c", [1.37, -0.6, -1.37])
def test_some_other_factor(c):
    assert of_rule(lambda g, y: c * g * (1 - y * y)) == f"the same factor {c} everywhere"


def test_gradients_of_any_size_are_read():
    right = 1e-20 * ROW
    evidence = Evidence(right / 2, right, np.zeros(5), (5,), ROW, [ROW], np.copy, np.zeros(5))
    assert diagnose(evidence)[0].text == "ratio 1/2: counted half"


def test_of_a_long_gradient_the_first_elements_are_looked_at():
    assert of_vjp(lambda x: x.reshape(10, 30) ** 2, lambda g, x: (4 * g.ravel() * x,), np.linspace(0.5, 1.5, 300)) == (
        "ratio 2: counted twice"
    )


def test_dropped_path():
    found = of_rule(lambda g: 0 * g)
    assert found == "ratio 0: a path from this argument to the output is cut or has no gradient"


# Digits -----------------------------------------------------------------------------------------------


def test_float32_cast():
    found = of_rule(lambda g, y: (g * (1 - y * y)).astype(np.float32))
    assert re.fullmatch(r"off by \de-08 of its size: it has the digits of float32 only, a cast on the way", found)


def test_float32_cast_somewhere_inside():
    found = of_rule(lambda g, y: g * (1 - (y * y).astype(np.float32).astype(float)), x=X / 2)
    assert re.fullmatch(r"off by \de-08 of its size: that is the roundoff of float32, a cast on the way", found)


def test_constant_with_too_few_digits():
    found = of_rule(lambda g, x: g * np.exp(-x * x) * 1.12838, lambda x: np.exp(-x * x) * 0 + erf(x))
    assert found == "off by 7e-07 of its size, the same factor everywhere, so a constant with too few digits"


def erf(x):
    from math import erf

    return np.vectorize(erf)(x)


# Places -----------------------------------------------------------------------------------------------


def test_sign_on_a_branch():
    found = of_rule(lambda g, x: g * np.where(x < 0, 2.0, 2.0) * np.abs(x), lambda x: x * x)
    assert found == "ratio -1 at the elements with x < 0: sign on a branch"


def test_branch_without_gradient():
    found = of_rule(lambda g, x: g * 2 * np.maximum(x, 0), lambda x: x * x)
    assert found == "ratio 0 at the elements with x < 0: a branch without gradient"


def test_one_element():
    off = np.ones(5)
    off[3] = 1.01
    assert of_rule(lambda g, x: 2 * g * x * off[: len(x)], np.square, ROW) == (
        "wrong only at [3] (1 of 5 elements): ratio 1.01"
    )


def test_transposed():
    square = np.outer(B, B) + np.arange(9.0).reshape(3, 3)
    assert of_rule(lambda g: g.T, lambda x: x * 1.0, square) == "the right numbers transposed"


def test_transposed_without_transposing():
    found = of_rule(lambda g, x_shape: np.reshape(g, x_shape), lambda x: x.T)
    assert found == "the right numbers in transposed order, reshaped without transposing"


def test_reversed():
    for x in (ROW, ROW[:2], X):
        assert of_rule(lambda g: g, lambda x: x[::-1].copy(), x) == "the right numbers in reverse along axis 0"


def test_inverse_permutation():
    found = of_rule(lambda g: g[FORWARD], lambda x: x[FORWARD], ROW)
    assert found == "the right numbers moved the wrong way: apply the inverse permutation"


def test_permutation():
    found = of_rule(lambda g, x: (2 * g * x)[FORWARD], np.square, ROW)
    assert found == "the right numbers at other places: a permutation or a missing inverse of one"


# Arguments --------------------------------------------------------------------------------------------


def test_swapped_operands():
    f = primitive(lambda a, b: a * a * b, name="f", a=lambda g, a: g * a * a, b=lambda g, a, b: 2 * g * a * b)
    found = diagnosis(check_gradients, f, X, Y)
    assert found == "it is the gradient of argument 1 `b`: swapped operands"


def test_swapped_operands_with_the_other_sign():
    f = primitive(lambda a, b: a * a * b, name="f", a=lambda g, a: -g * a * a, b=lambda g, a, b: 2 * g * a * b)
    found = diagnosis(check_gradients, f, X, Y)
    assert found == "it is minus the gradient of argument 1 `b`: swapped operands"


def test_swapped_operands_of_a_difference():
    f = primitive(np.subtract, name="f", a=lambda g: -g, b=lambda g: g)
    assert diagnosis(check_gradients, f, X, Y) == "ratio -1: the sign is wrong"  # which fits as well


def test_other_arguments_too_long_to_look_at_are_not_taken_for_swapped():
    long = np.linspace(0.5, 1.5, 300)
    found = of_vjp(
        lambda a, b: np.sum(a) * b, lambda g, a, b: (g * b * np.ones(len(a)), 1.7 * g * np.sum(a)), long, 2.0
    )
    assert found == "the same factor 1.7 everywhere"


# Cotangents -------------------------------------------------------------------------------------------


def test_cotangent_squared():
    found = of_rule(lambda g, y: g * g * (1 - y * y))
    assert found == "ratios equal to w: the cotangent comes in squared, w * w for w"


def test_cotangent_squared_beside_an_element_whose_derivative_is_not_known():
    slope = lambda x: np.where(x > 0, 0.5 / np.sqrt(np.where(x > 0, x, 1.0)), 1.0)  # at 0 it is infinite
    found = of_vjp(np.sqrt, lambda g, x: (g * g * slope(x),), np.array([0.0, 2.0]))
    assert found == "ratios equal to w: the cotangent comes in squared, w * w for w"


def test_sign_of_the_cotangent_lost():
    found = of_rule(lambda g, y: np.abs(g) * (1 - y * y))
    assert found == "w and -w give the same: the cotangent comes in as abs(w)"


def test_cotangents_of_one_sign_lost():
    found = of_rule(lambda g, y: np.maximum(g, 0) * (1 - y * y))
    assert found == "cotangents of one sign are lost: it comes in as max(w, 0) or min(w, 0)"


def test_some_other_function_of_the_cotangent():
    assert of_rule(lambda g, y: np.sinh(g) * (1 - y * y)) == "the pullback is not linear in its cotangent"


def test_term_without_the_cotangent():
    found = diagnosis(check_vjp, lambda x: x * 1.0, lambda g, x: (g + 0 * x + 1e-300,), X)
    assert found == "a term of the pullback does not contain the cotangent"


# Complex numbers --------------------------------------------------------------------------------------


def test_conjugate():
    found = of_rule(lambda g, y: g * np.conj(y), np.exp, X + 1j * Y)
    assert found == "the complex conjugate: a cotangent g of z stands for Re(sum(g * dz))"


@pytest.mark.parametrize("dtype", [float, complex])
def test_what_is_right_up_to_rounding_in_sums_is_neither_conjugate_nor_permuted(dtype):
    right = np.array([1.0, 1.0, 1e-14], dtype)
    evidence = Evidence(right * [1, 1, 3], right, np.zeros(3), (3,), right, [ROW[:3]], np.copy, np.zeros(3))
    assert {reading.kind for reading in diagnose(evidence)} <= {"factor", "unknown"}


# nan --------------------------------------------------------------------------------------------------


def test_nan_where_the_function_is_smooth():
    found = of_rule(lambda g, x: g * np.where(x < 0, np.nan, 2 * x), np.square)
    assert found == "nan or inf at the elements with x < 0, where the function is smooth"


@pytest.mark.parametrize("where", ["x < 0", "x > 0", "abs(x) > 1", "abs(x) < 1", "w < 0", "w > 0"])
def test_nan_on_one_side_of_a_condition(where):
    x, w = np.array([1.3, 0.4, -2.2, -0.6, 0.9, 0.0]), np.array([0.5, -1.5, 0.7, -0.9, -1.1, 0.8])
    slope = np.where(eval(where), np.nan, w * np.cos(x))
    evidence = Evidence(slope, w * np.cos(x), np.zeros(6), (6,), x, [w], np.copy, np.zeros(6))
    assert diagnose(evidence)[0].text == f"nan or inf at the elements with {where}, where the function is smooth"


def test_nan_of_a_single_number():
    found = of_vjp(np.sin, lambda g, x: (np.nan * g,), 0.5)
    assert found == "nan or inf at the only element, where the function is smooth"


def test_no_known_pattern():
    found = of_rule(lambda g, x: g * np.cos(3 * x), np.sin)
    assert found == "no known pattern: ratios between -2.997 and 0.6507"


# What pullbacks must not do ---------------------------------------------------------------------------


def test_wrong_dtype():
    found = of_vjp(np.tanh, lambda g, x: ((g * (1 - np.tanh(x) ** 2)).astype(np.float32),), X)
    assert found.startswith("a constant or a cast of another dtype")


def test_wrong_shape_where_the_broadcast_sum_is_missing():
    found = of_vjp(lambda x, b: x * b, lambda g, x, b: (g * b, g * x), X, B)
    assert "the cotangent is to be summed over the axes that were broadcast" in found


def test_wrong_shape_transposed():
    assert "transposed" in of_vjp(lambda a, b: a @ b, lambda g, a, b: (b @ g.T, a.T @ g), X, X.T * Y.T)
    assert "of its argument" in of_vjp(lambda x: x * 1.0, lambda g, x: (g[None] + 0,), X)


def test_mutated_cotangent():
    def vjp(g, x):
        g *= 1 - np.tanh(x) ** 2
        return (g.copy(),)

    assert of_vjp(np.tanh, vjp, X).startswith("mutated cotangent")


def test_returned_alias():
    assert of_vjp(lambda x: x + 1, lambda g, x: (g,), X).startswith("returned alias")
    assert of_vjp(lambda x, y: x + y, lambda g, x, y: (g.copy(),) * 2, X, Y).startswith("returned alias")


def test_mutated_input():
    def vjp(g, x):
        x += 1
        return (g * 2 * (x - 1),)

    assert of_vjp(np.square, vjp, X).startswith("mutated input")


IN_MEMORY = {
    "F": lambda g: g.flags.f_contiguous and not g.flags.c_contiguous,
    "reversed": lambda g: g.strides[-1] < 0,
    "strided": lambda g: g.strides[-1] == 2 * g.itemsize,
    "transposed": lambda g: g.strides[1] > g.strides[2] > g.strides[0],
    "stride-0": lambda g: g.strides[-1] == 0,
    "read-only": lambda g: not g.flags.writeable and g.flags.c_contiguous,
}


def sin(x):
    """It names its argument, as NumPy's own does from some version on."""
    return np.sin(x)


@pytest.mark.parametrize("layout", IN_MEMORY)
def test_memory_of_the_cotangent(layout):
    x = np.stack([X, Y, X - Y, X + Y])
    wrong = lambda g, x: (g * np.cos(x) * (2 if g.size > 20 and IN_MEMORY[layout](g) else 1),)
    with pytest.raises(GradientError) as caught:
        check_vjp(sin, wrong, x)
    head, *lines = str(caught.value).splitlines()
    assert head == "wrong pullback of `sin` with respect to argument 0 `x`"
    assert f"  what happens        with a {layout} cotangent of the same numbers the gradient is another" in lines


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_memory_of_the_cotangent_matters_in_arguments_of_any_size(scale):
    right, wrong = (lambda g, x, c=c: (g * np.where(g.flags.f_contiguous, c, 1.5),) for c in (1.5 + 1e-14, 1.6))
    assert check_vjp(lambda x: 1.5 * x, right, scale * X)
    assert of_vjp(lambda x: 1.5 * x, wrong, scale * X).startswith("it reads or writes the memory of its cotangent")


def test_memory_between_the_elements_of_the_cotangent():
    def vjp(g, x):
        memory = np.lib.stride_tricks.as_strided(g, g.shape, (g.itemsize,))
        return (memory * np.cos(x),)

    assert of_vjp(np.sin, vjp, ROW).startswith("it reads or writes the memory of its cotangent")


def test_cotangents_that_must_be_writeable():
    def vjp(g, x):
        g *= 1.0
        return (g * np.cos(x),)

    with pytest.raises(GradientError) as caught:
        check_vjp(sin, vjp, X)
    head, *lines = str(caught.value).splitlines()
    assert head == "wrong pullback of `sin` with respect to argument 0 `x`"
    what = "with a stride-0 cotangent the pullback raises ValueError: output array is read-only"
    assert f"  what happens        {what}" in lines
    assert caught.value.diagnosis.startswith("it reads or writes the memory of its cotangent")


def test_state():
    calls = []

    def vjp(g, x):
        calls.append(g)
        return (g * 2 * x * (1 + 1e-9 * len(calls)),)

    assert of_vjp(np.square, vjp, X).startswith("it depends on random numbers or on state")


def test_pullback_that_raises():
    def rule(g, x):
        raise ValueError("no such axis")

    assert "cannot take this cotangent" in of_rule(rule)


def test_pullback_that_is_another_on_tensors():
    def rule(g, y):
        slope = 1 - y * y
        return g * slope if type(g) is np.ndarray else 2 * g * slope

    found = of_rule(rule)
    assert found == "the pullback records another derivative on Tensors than it computes on arrays"


def test_digits_that_cancel():
    rule = lambda g, x: g * (np.exp(x) / x - (np.exp(x) - 1) / x**2)
    found = of_rule(rule, lambda x: np.expm1(x) / x, np.array([1e-4, 2e-5, 3.3e-6]))
    assert re.fullmatch(r"off by \de-0\d of its size, and otherwise next to here: digits that cancel", found)
