"""Linear algebra where matrices are singular, eigenvalues equal or numbers extreme; and what is refused."""

import numpy as np
import pytest

from autograd_nn import Tensor, grad, gradients

inf, nan = np.inf, np.nan
LinAlgError = np.linalg.LinAlgError
GENERAL = np.random.default_rng(7).normal(size=(4, 4))


def leaf(values):
    return Tensor(np.asarray(values, float), requires_grad=True)


def slope(f, values, w=None):
    """The gradient of the sum of f."""
    x = leaf(values)
    y = f(x)
    return gradients(y, x, np.ones(y.shape) if w is None else w).data


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def of_rank(rank):
    rng = np.random.default_rng(rank)
    return rng.integers(-3, 4, (4, rank)) @ rng.integers(-3, 4, (rank, 4)) * 1.0


def minors(a):
    """The cofactors by their definition."""
    n = len(a)
    rest = [[np.delete(np.delete(a, i, 0), j, 1) for j in range(n)] for i in range(n)]
    return np.array([[(-1) ** (i + j) * np.linalg.det(rest[i][j]) for j in range(n)] for i in range(n)])


def mixed(a, *directions):
    """The mixed derivative of det along the directions, exact up to rounding: det is linear in each column."""
    signs = np.array(np.meshgrid(*[[1, -1]] * len(directions))).reshape(len(directions), -1).T
    # central differences of a polynomial at several steps, extrapolated to step 0
    steps = np.array([1.0, 0.5, 0.25])
    rows = [
        sum(np.prod(s) * np.linalg.det(a + h * np.tensordot(s, directions, 1)) for s in signs)
        / (2 * h) ** len(directions)
        for h in steps
    ]
    return np.linalg.solve(np.vander(steps**2, increasing=True), rows)[0]


# Determinants -----------------------------------------------------------------------------------------

SINGULAR = {
    "of rank 3": of_rank(3),
    "of rank 2": of_rank(2),
    "of rank 1": of_rank(1),
    "of zeros": np.zeros((4, 4)),
    "nearly of rank 3": of_rank(3) + 1e-13 * GENERAL,
    "with an exact zero row": np.diag([1.0, 2.0, 3.0, 0.0]),
    "by the sums of its columns alone": np.eye(4) - (1 - 1 / 2.3e10) * np.full((4, 4), 0.25),
    "of many scales": np.diag([1e8, 1.0, 1e-8, 1e-14]) + 1e-16 * GENERAL,
}


@pytest.mark.parametrize("matrix", SINGULAR.values(), ids=SINGULAR)
def test_slope_of_det_is_its_cofactors_also_where_the_matrix_is_singular(matrix):
    expected = minors(matrix)
    np.testing.assert_allclose(slope(np.linalg.det, matrix), expected, rtol=1e-9, atol=1e-12 * np.abs(matrix).max())


@pytest.mark.parametrize("rank", [0, 1, 2, 3, 4])
def test_det_has_all_its_derivatives_at_a_singular_matrix(rank, rng):
    a = of_rank(rank)
    u, v, w = rng.normal(size=(3, 4, 4))

    def first(x):
        return np.sum(grad(np.linalg.det)(x) * u)

    def second(x):
        return np.sum(grad(first)(x) * v)

    np.testing.assert_allclose(first(a), mixed(a, u), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(second(a), mixed(a, u, v), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(np.sum(grad(second)(a) * w), mixed(a, u, v, w), rtol=1e-8, atol=1e-8)


def test_det_of_a_stack_may_have_singular_matrices_among_regular_ones():
    stack = np.stack([of_rank(4), of_rank(3), of_rank(2)])
    np.testing.assert_allclose(slope(np.linalg.det, stack), [minors(a) for a in stack], atol=1e-9)


def test_det_of_a_stack_may_have_tiny_matrices_beside_huge_ones():
    scales = np.array([2.0**-300, 1.0, 2.0**300])[:, None, None]
    for a in (GENERAL[:3, :3], GENERAL[:3, :2] @ GENERAL[:2, :3]):
        np.testing.assert_allclose(slope(np.linalg.det, scales * a) / scales / scales, [minors(a)] * 3, atol=1e-9)


def test_det_of_a_complex_singular_matrix_has_its_cofactors():
    a = of_rank(3) + 0j
    a[:, 1] = (1 + 2j) * a[:, 0]
    x = Tensor(a, requires_grad=True)
    np.testing.assert_allclose(gradients(np.real(np.linalg.det(x)), x).data, minors(a), atol=1e-9)


def test_log_of_a_determinant_that_is_zero_has_an_infinite_slope_unless_it_is_not_asked_for():
    stack = np.stack([np.eye(2), np.ones((2, 2))])
    assert np.isinf(slope(lambda x: np.linalg.slogdet(x).logabsdet, stack)[1]).all()
    found = slope(lambda x: np.linalg.slogdet(x).logabsdet, stack, np.array([1.0, 0.0]))
    np.testing.assert_array_equal(found, [np.eye(2), np.zeros((2, 2))])


def test_sign_of_a_real_determinant_is_a_plain_array():
    sign, size = np.linalg.slogdet(leaf([[0.0, 1.0], [1.0, 0.0]]))
    assert not isinstance(sign, Tensor)
    assert sign == -1.0
    assert size.requires_grad


# Inverses ---------------------------------------------------------------------------------------------


def test_matrix_of_nan_in_a_stack_leaves_the_others_alone():
    stack = np.stack([np.diag([1.0, 2.0]), np.full((2, 2), nan)])
    w = np.ones((2, 2, 2)) * [[[1.0]], [[0.0]]]
    for f in (np.linalg.inv, lambda x: np.linalg.solve(x, np.eye(2)), lambda x: np.linalg.qr(x).R):
        found = slope(f, stack, w)
        assert np.isfinite(found).all()
        np.testing.assert_array_equal(found[1], np.zeros((2, 2)))


def test_solution_of_nan_in_a_stack_leaves_the_others_alone():
    a, b = leaf([np.diag([1.0, 2.0]), np.full((2, 2), nan)]), leaf([1.0, 1.0])
    of_a, of_b = gradients(np.linalg.solve(a, b), (a, b), np.array([[1.0, 1.0], [0.0, 0.0]]))
    np.testing.assert_array_equal(of_a.data[1], np.zeros((2, 2)))
    np.testing.assert_array_equal(of_b.data, [1.0, 0.5])


@pytest.mark.parametrize("f", [np.linalg.inv, lambda x: np.linalg.solve(x, x), lambda x: np.linalg.matrix_power(x, -1)])
def test_singular_matrix_raises_numpys_error(f):
    with pytest.raises(LinAlgError, match="Singular"):
        f(leaf(np.ones((2, 2))))


def test_solution_of_least_squares_comes_with_a_plain_rank_and_differentiable_singular_values():
    a = leaf([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]])
    x, residuals, rank, s = np.linalg.lstsq(a, np.array([1.0, 1.0, 3.0]))
    assert x.requires_grad
    assert (residuals.tolist(), int(rank)) == ([9.0], 2)
    np.testing.assert_allclose(gradients(np.max(s), a).data, [[0, 0], [0, 1], [0, 0]], atol=1e-15)


def test_one_operand_may_be_a_list():
    rows, square, right = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[2.0, 1.0], [1.0, 3.0]], [1.0, 1.0]
    for f, a, b in [
        (lambda a, b: np.linalg.lstsq(a, b)[0], rows, [1.0, 0.0, 1.0]),
        (np.linalg.solve, square, right),
        (np.linalg.tensorsolve, square, right),
        (lambda a, b: np.linalg.tensorsolve(a, b, axes=(0,)), square, right),
    ]:
        expected = f(np.array(a), np.array(b))
        np.testing.assert_allclose(f(leaf(a), b).data, expected, rtol=1e-13)
        np.testing.assert_allclose(f(a, leaf(b)).data, expected, rtol=1e-13)


def test_least_squares_of_lower_rank_have_the_solution_of_least_length_and_no_residuals():
    x, residuals, rank, _ = np.linalg.lstsq(leaf(np.ones((3, 2))), np.ones(3))
    np.testing.assert_allclose(x.data, [0.5, 0.5])
    assert (residuals.size, int(rank)) == (0, 1)


# Triangles and equal values ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "side"),
    [
        (np.linalg.cholesky, np.tril),
        (lambda x: np.linalg.cholesky(x, upper=True), np.triu),
        (np.linalg.eigvalsh, np.tril),
        (lambda x: np.linalg.eigvalsh(x, "U"), np.triu),
        (lambda x: np.linalg.eigh(x).eigenvectors[0], np.tril),
        (lambda x: np.linalg.eigh(x, "U").eigenvectors[0], np.triu),
    ],
)
def test_gradient_is_on_the_triangle_that_is_read(f, side, rng):
    matrix = np.array([[4.0, 1.0, 0.5], [1.0, 5.0, 2.0], [0.5, 2.0, 9.0]])
    y = f(Tensor(matrix))
    found = slope(f, matrix, rng.normal(size=y.shape))
    np.testing.assert_array_equal(found, side(found))
    assert found[0, 2] + found[2, 0] != 0


@pytest.mark.parametrize("matrix", [np.eye(3), np.diag([1.0, 2.0, 2.0]), np.zeros((3, 3))])
def test_sum_of_equal_eigenvalues_is_the_trace(matrix):
    np.testing.assert_allclose(slope(np.linalg.eigvalsh, matrix), np.eye(3), atol=1e-14)
    np.testing.assert_allclose(slope(lambda x: np.linalg.eigh(x).eigenvalues, matrix), np.eye(3), atol=1e-14)
    np.testing.assert_allclose(slope(lambda x: np.linalg.svdvals(x)[0], np.eye(3)), np.diag([1, 0, 0]), atol=1e-14)


def test_projector_onto_the_space_of_equal_eigenvalues_has_its_gradient(rng):
    q, _ = np.linalg.qr(GENERAL)
    matrix, w = q @ np.diag([1.0, 1.0, 3.0, 7.0]) @ q.T, rng.normal(size=(4, 4))

    def projector(x):
        v = np.linalg.eigh((x + x.mT) / 2).eigenvectors[:, :2]
        return v @ v.mT

    direction = rng.normal(size=(4, 4)) * 1e-4
    numeric = np.sum(w * (projector(matrix + direction) - projector(matrix - direction))) / 2
    np.testing.assert_allclose(np.sum(slope(projector, matrix, w) * direction), numeric, rtol=1e-6)


def test_equal_values_give_no_nan():
    for f in (
        lambda x: np.linalg.eigh(x).eigenvectors,
        lambda x: np.linalg.svd(x).U,
        lambda x: np.linalg.svd(x).Vh,
        lambda x: np.linalg.svd(x[:, :2], full_matrices=False).U,
    ):
        assert np.isfinite(slope(f, np.eye(3))).all()


def test_singular_value_of_zero_is_flat_like_the_absolute_value_that_it_is():
    np.testing.assert_array_equal(slope(np.linalg.svdvals, np.zeros((2, 3))), np.zeros((2, 3)))
    np.testing.assert_allclose(slope(np.linalg.svdvals, np.ones((2, 2))), np.full((2, 2), 0.5))
    np.testing.assert_allclose(slope(lambda x: np.linalg.norm(x, "nuc"), np.ones((2, 2))), np.full((2, 2), 0.5))


# Norms ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ord", [None, 2, 1, 3, 1.5, 0.5, -1, inf, -inf])
def test_norm_is_flat_at_the_origin(ord):
    np.testing.assert_array_equal(slope(lambda x: np.linalg.norm(x, ord), np.zeros(3)), np.zeros(3))


@pytest.mark.parametrize("ord", ["fro", "nuc", 2, 1, inf, -2, -1, -inf])
def test_norm_of_a_matrix_is_flat_at_the_origin(ord):
    np.testing.assert_array_equal(slope(lambda x: np.linalg.norm(x, ord), np.zeros((2, 2))), np.zeros((2, 2)))


@pytest.mark.parametrize("scale", [1e160, 1e-170, 1e300, 1e-300])
@pytest.mark.parametrize("ord", [2, 3, 1.5, 1, 0.5, -1, -2, inf, -inf])
def test_norm_is_right_at_any_scale(ord, scale):
    x = np.array([3.0, -4.0, 1.0])
    moderate = np.linalg.norm(x, ord)
    np.testing.assert_allclose(np.linalg.norm(leaf(x * scale), ord).data / scale, moderate, rtol=1e-13)
    f = lambda x: np.linalg.norm(x, ord)
    np.testing.assert_allclose(slope(f, x * scale), slope(f, x), rtol=1e-13)


def test_frobenius_norm_is_right_at_any_scale():
    x = np.array([[3e160, 4e160], [0.0, 0.0]])
    for f in (np.linalg.norm, lambda x: np.linalg.norm(x, "fro"), lambda x: np.linalg.norm(x, axis=(0, 1))):
        np.testing.assert_allclose(f(leaf(x)).data, 5e160)
        np.testing.assert_allclose(slope(f, x), [[0.6, 0.8], [0.0, 0.0]])


@pytest.mark.parametrize("ord", [0.5, 0.75, 3])
def test_norm_in_half_precision_is_right_where_elements_are_far_apart(ord):
    x = np.array([6e-8, 6e-8, 0.0146], np.float16)
    exact = np.linalg.norm(x.astype(float), ord)
    np.testing.assert_allclose(np.linalg.norm(Tensor(x), ord).data.astype(float), exact, rtol=4e-3)


def test_norm_in_single_precision_is_right_at_the_ends_of_its_range():
    x = Tensor(np.array([3e30, 4e30], np.float32), requires_grad=True)
    y = np.linalg.norm(x)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.data, 5e30, rtol=1e-6)
    np.testing.assert_allclose(gradients(y, x).data, [0.6, 0.8], rtol=1e-6)


def test_order_given_as_a_double_does_not_widen_single_precision():
    assert np.linalg.norm(Tensor(np.ones(3, np.float32)), np.float64(3)).dtype == np.float32


def test_tied_elements_share_the_gradient_of_the_largest():
    np.testing.assert_allclose(slope(lambda x: np.linalg.norm(x, inf), [2.0, -2.0, 1.0]), [0.5, -0.5, 0.0])
    np.testing.assert_allclose(slope(lambda x: np.linalg.norm(x, 2), np.eye(2)), np.eye(2) / 2)


def test_zero_element_is_a_kink_of_the_norms_below_two_and_flat():
    np.testing.assert_allclose(slope(lambda x: np.linalg.norm(x, 1.5), [0.0, 2.0]), [0.0, 1.0])
    np.testing.assert_allclose(slope(lambda x: np.linalg.norm(x, -1), [0.0, 2.0]), [0.0, 0.0])


def test_norm_of_infinity_is_infinite_and_of_nan_is_nan():
    assert np.linalg.norm(leaf([inf, 1.0])).item() == inf
    assert np.isnan(np.linalg.norm(leaf([nan, 1.0])).item())
    assert np.isnan(slope(np.linalg.norm, [nan, 1.0])).all()


def test_norm_of_integers_is_a_constant_float():
    for f in (np.linalg.norm, np.linalg.vector_norm):
        y = f(Tensor([3, 4]))
        assert (y.item(), y.dtype, y.requires_grad) == (5.0, np.float64, False)


def test_number_of_elements_that_are_not_zero_is_a_plain_number():
    assert not isinstance(np.linalg.norm(leaf([3.0, 0.0]), 0), Tensor)


def test_condition_of_a_singular_matrix_is_infinite():
    stack = np.stack([np.diag([1.0, 2.0]), np.ones((2, 2)), np.zeros((2, 2))])
    for p in (None, 1, "fro"):
        np.testing.assert_array_equal(np.isinf(np.linalg.cond(leaf(stack), p).data), np.isinf(np.linalg.cond(stack, p)))
        assert np.isfinite(slope(lambda x, p=p: np.linalg.cond(x, p)[0], stack)).all()


# Chains of products -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shapes", "last"),
    [
        ([(2, 9), (9, 2), (2, 9)], 2),
        ([(9, 2), (2, 9), (9, 2)], 0),
        ([(9, 9), (9, 9), (9,)], 0),
        ([(9,), (9, 9), (9, 2)], 2),
    ],
)
def test_a_chain_is_multiplied_in_its_cheapest_order(shapes, last):
    chain = [leaf(np.ones(shape)) for shape in shapes]
    parents = [parent for parent, _, _ in np.linalg.multi_dot(chain).node.edges]
    assert [k for k, x in enumerate(chain) if x.node in parents] == [last]


# What is refused --------------------------------------------------------------------------------------

TALL = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (np.linalg.svd, TypeError, "full_matrices=True"),
        (lambda x: np.linalg.qr(x, "complete"), TypeError, "mode='complete'"),
        (lambda x: np.linalg.qr(x, "raw"), TypeError, "mode='raw'"),
        (lambda x: np.linalg.multi_dot([x]), ValueError, "two arrays or more"),
        (lambda x: np.linalg.norm(x, "fro", axis=0), ValueError, "ord must be a number for vectors: got 'fro'"),
        (lambda x: np.linalg.norm(x[0], "fro"), ValueError, "ord must be a number for vectors: got 'fro'"),
        (lambda x: np.linalg.norm(x[None], "fro"), ValueError, "over one axis or two: got axis=None for 3"),
        (lambda x: np.linalg.norm(x, 3), ValueError, "ord of matrices must be.*: got 3"),
        (lambda x: np.linalg.norm(x[None], 2), ValueError, "over one axis or two: got axis=None for 3"),
        (lambda x: np.linalg.norm(x, axis=2), np.exceptions.AxisError, "out of bounds"),
        (lambda x: np.linalg.norm(x, axis=(0, 0)), ValueError, "repeated axis"),
        (lambda x: np.linalg.pinv(x, 1e-10, rtol=1e-10), ValueError, "mean the same"),
        (lambda x: np.linalg.matrix_power(x, 2), LinAlgError, "square"),
        (lambda x: np.linalg.matrix_power(x[:2], 1.5), TypeError, "integer"),
        (lambda x: np.linalg.tensorinv(x, ind=0), ValueError, "ind must be positive: got 0"),
        (lambda x: np.linalg.tensorsolve(x, np.ones(3)), LinAlgError, "is not square for b"),
        (lambda x: np.linalg.outer(x, x), ValueError, "of two vectors"),
        (lambda x: np.linalg.cross(x, x), ValueError, "vectors of 3 elements"),
        (np.linalg.inv, LinAlgError, "square"),
        (np.linalg.det, LinAlgError, "square"),
        (lambda x: np.linalg.cholesky(-x.T @ x), LinAlgError, "positive definite"),
    ],
)
def test_refused_with_a_message_that_names_it(f, error, message):
    with pytest.raises(error, match=message):
        f(leaf(TALL))
