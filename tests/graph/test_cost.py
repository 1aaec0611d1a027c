"""Floating-point operations, counted by the conventions that `flops` states."""

import numpy as np
import pytest
from operands import NAMES

from autograd_nn import primitive
from autograd_nn.engine.primitive import Variadic
from autograd_nn.functional import conv1d, conv2d
from autograd_nn.graph.cost import COUNTS, flops
from autograd_nn.ops.declare import PRIMITIVES


def calls(name):
    """What the primitive is tested on: (values in the order of its names, output)."""
    own = PRIMITIVES[name]
    for call in own.domain.calls:
        arrays = [well_conditioned(own, place, shape) for place, shape in enumerate(call.shapes)]
        if isinstance(own, Variadic):
            values = [arrays, *(call.parameters[parameter] for parameter in own.names[1:])]
        else:
            given = iter(arrays)
            values = [call.parameters[n] if n in call.parameters else next(given) for n in own.names]
        yield values, own.forward(*values)


def well_conditioned(own, place, shape):
    low, high = np.clip(own.domain.interval(place), -2, 3)
    array = np.random.default_rng(place).uniform(low + (high - low) / 4, high - (high - low) / 4, shape)
    square = len(shape) > 1 and shape[-1] == shape[-2]
    return array + 5 * np.eye(shape[-1]) if square and own.domain.kink else array


def counted(name, *values):
    return flops(PRIMITIVES[name], values, PRIMITIVES[name].forward(*values))


def zeros(*shape):
    return np.zeros(shape)


@pytest.mark.parametrize("name", NAMES)
def test_every_primitive_has_a_count_for_every_call_in_its_domain(name):
    for values, y in calls(name):
        count = flops(PRIMITIVES[name], values, y)
        assert type(count) is int
        assert count >= 0


@pytest.mark.parametrize(
    "name", [name for name in NAMES if not (PRIMITIVES[name].elementwise or PRIMITIVES[name].view)]
)
def test_a_primitive_that_is_neither_elementwise_nor_a_view_has_its_place_in_the_table(name):
    assert name in COUNTS


def test_the_table_names_no_primitive_that_does_not_exist():
    assert set(COUNTS) <= set(PRIMITIVES)


def test_an_elementwise_function_is_one_for_each_element_of_its_broadcast_output():
    assert counted("tanh", zeros(4, 5)) == 20
    assert counted("add", zeros(4, 1), zeros(5)) == 20
    assert counted("multiply", zeros(4, 5), 2.0) == 20


@pytest.mark.parametrize("name", ["reshape", "transpose", "getitem", "concatenate", "stack", "copy", "real", "astype"])
def test_what_only_moves_elements_is_none(name):
    assert all(flops(PRIMITIVES[name], values, y) == 0 for values, y in calls(name))


def test_a_reduction_is_one_for_each_element_of_its_input():
    assert counted("sum", zeros(4, 5), 1, False) == 20
    assert counted("max", zeros(4, 5), None, True, None, False) == 20
    assert counted("cumsum", zeros(4, 5), 0) == 20


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp", "cross_entropy", "standardise"])
def test_the_softmax_family_and_a_standardisation_are_four_or_five_for_each_element(name):
    for values, y in calls(name):
        size = values[0].size
        assert flops(PRIMITIVES[name], values, y) in (4 * size, 5 * size)


def test_a_scatter_is_an_addition_for_each_value_of_all_its_operands():
    values = [[zeros(3), zeros(2, 5)], [slice(0, 3), [1, 2]], (6, 5)]
    assert flops(PRIMITIVES["index_add"], values, zeros(6, 5)) == 13


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((200, 2), (2, 3), 2400),
        ((7,), (7,), 14),
        ((5, 7), (7,), 70),
        ((7,), (7, 5), 70),
        ((3, 1, 5, 7), (4, 7, 2), 2 * 12 * 5 * 7 * 2),
    ],
)
def test_a_product_of_matrices_is_two_for_each_combination_of_its_indices(a, b, expected):
    assert counted("matmul", zeros(*a), zeros(*b)) == expected


def test_an_einsum_that_sums_is_two_for_each_combination_of_its_labels():
    assert counted("einsum", zeros(4, 2, 3), zeros(4, 3, 5), "bij,bjk->bik") == 2 * 4 * 2 * 3 * 5


def test_an_einsum_that_sums_nothing_has_no_additions():
    assert counted("einsum", zeros(4), zeros(5), "i,j->ij") == 20


def test_a_convolution_is_two_for_each_output_and_each_tap_of_its_group():
    x, w = zeros(2, 4, 9, 9), zeros(6, 2, 3, 3)
    y = conv2d(x, w, stride=2, padding=1, groups=2)
    assert flops(PRIMITIVES["conv"], [x, w, None, None], y) == 2 * y.size * 2 * 3 * 3


def test_a_bias_is_one_more_for_each_output():
    x, w, b = zeros(2, 4, 9), zeros(6, 4, 3), zeros(6)
    y = conv1d(x, w, b)
    assert flops(PRIMITIVES["conv"], [x, w, b, None], y) == y.size * (2 * 4 * 3 + 1)


def test_a_convolution_and_its_two_transposes_cost_the_same():
    for (conv, y), (turned, x), (correlated, w) in zip(
        *map(calls, ["conv", "conv_transpose", "conv_kernel"]), strict=True
    ):
        bias, other = conv[2], turned[2]
        counts = [
            flops(PRIMITIVES["conv"], conv, y) - (0 if bias is None else y.size),
            flops(PRIMITIVES["conv_transpose"], turned, x) - (0 if other is None else x.size),
            flops(PRIMITIVES["conv_kernel"], correlated, w),
        ]
        assert len(set(counts)) == 1


def test_the_two_convolutions_of_vectors_count_their_own_products():
    assert counted("convolve", zeros(10), zeros(3)) == 2 * 10 * 3
    assert counted("convolve_valid", zeros(10), zeros(3)) == 2 * 8 * 3


def test_a_sort_is_n_log_n_for_each_line():
    assert counted("sort", zeros(3, 8), 1) == 3 * 8 * 3
    assert counted("sort", zeros(8, 3), 0) == 3 * 8 * 3


def test_a_fourier_transform_is_five_n_log_n_and_of_real_numbers_half_of_that():
    assert counted("fft", zeros(2, 16), -1, None) == 2 * 5 * 16 * 4
    assert counted("rfft", zeros(2, 16), -1, None) == 2 * 5 * 16 * 4 // 2
    assert counted("irfft", zeros(2, 9), 16, -1, None) == 2 * 5 * 16 * 4 // 2


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cholesky", 6**3 / 3),
        ("det", 2 * 6**3 / 3),
        ("logdet", 2 * 6**3 / 3),
        ("inv", 2 * 6**3),
        ("eigvalsh", 4 * 6**3 / 3),
        ("eigh", 9 * 6**3),
        ("eigvals", 10 * 6**3),
        ("eig", 25 * 6**3),
        ("qr", 8 * 6**3 / 3),
        ("svdvals", 8 * 6**3 / 3),
        ("svd", 22 * 6**3),
        ("pinv", 24 * 6**3),  # the svd, and the product of its factors
    ],
)
def test_a_decomposition_has_the_leading_term_of_the_textbook_for_each_matrix(name, expected):
    assert flops(PRIMITIVES[name], [zeros(5, 6, 6), "L"], None) == 5 * expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("qr", 4 * 7 * 9 - 4 * 27 // 3),
        ("svdvals", 4 * 7 * 9 - 4 * 27 // 3),
        ("svd", 14 * 7 * 9 + 8 * 27),
        ("pinv", 16 * 7 * 9 + 8 * 27),
    ],
)
def test_tall_and_wide_matrices_cost_the_same(name, expected):
    assert [flops(PRIMITIVES[name], [zeros(*shape)], None) for shape in ((7, 3), (3, 7))] == [expected] * 2


def test_a_solution_is_a_factorisation_and_two_substitutions_for_each_column():
    assert counted("solve", np.eye(6), zeros(6, 2)) == 2 * 6**3 // 3 + 2 * 6**2 * 2


def test_nothing_of_nothing_is_zero():
    assert counted("matmul", zeros(0, 3), zeros(3, 2)) == 0
    assert counted("sort", zeros(2, 0), 1) == 0


def test_arguments_that_are_lists_and_numbers_count_like_arrays():
    assert counted("matmul", [[1.0, 2.0]], zeros(2, 3)) == 12
    assert counted("tanh", 0.5) == 1


def test_a_users_primitive_is_elementwise_if_it_says_so():
    cube = primitive(lambda x: x**3, name="cube", elementwise=True, x=lambda g, x: 3 * g * x**2).primitive
    assert flops(cube, [zeros(4, 5)], zeros(4, 5)) == 20


def test_a_users_primitive_of_another_kind_counts_its_largest_array():
    total = primitive(lambda x, axis: x.sum(axis), name="total", x=lambda g, x: g).primitive
    assert flops(total, [zeros(4, 5), 1], zeros(4)) == 20
    spread = primitive(lambda n: np.full(7, n), name="spread", n=lambda g: g.sum()).primitive
    assert flops(spread, [2.0], zeros(7)) == 7


def test_a_users_primitive_may_have_the_name_of_one_in_the_table():
    conv = primitive(lambda x: x * 2, name="conv", elementwise=True, x=lambda g: g * 2).primitive
    assert flops(conv, [zeros(3)], zeros(3)) == 3
