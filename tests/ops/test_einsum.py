"""What einsum refuses, and that it is products of matrices."""

import numpy as np
import pytest

from autograd_nn import Tensor, gradients


@pytest.fixture
def a():
    return Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)


@pytest.mark.parametrize(
    ("subscripts", "message"),
    [
        ("ij,jk->ik", "2 terms for 1 operands"),
        ("ijk", "does not label 2 dimensions"),
        ("i", "does not label 2 dimensions"),
        ("ii", "has sizes"),
        ("ij->ii", "must be different"),
        ("ij->k", "each in an operand"),
        ("i...->i", "needs '...' too"),
        ("i...j...", "does not label"),
        ("i1", "labels are letters"),
        ("i.", "'.' is for '...'"),
    ],
)
def test_subscripts_that_do_not_fit_are_refused_by_their_reason(a, subscripts, message):
    with pytest.raises(ValueError, match=message):
        np.einsum(subscripts, a)


def test_a_diagonal_of_different_sizes_is_refused():
    with pytest.raises(ValueError, match="repeated label has sizes"):
        np.einsum("ii->i", Tensor(np.ones((1, 3)), requires_grad=True))


@pytest.mark.parametrize(("keyword", "value"), [("out", np.empty(2)), ("order", "F"), ("casting", "unsafe")])
def test_keywords_that_do_not_apply_are_refused_by_name(a, keyword, value):
    with pytest.raises(TypeError, match=keyword):
        np.einsum("ij->i", a, **{keyword: value})


def test_a_constant_path_and_order_of_memory_are_taken(a):
    assert np.einsum("ij->ji", a, order="K").shape == (3, 2)
    assert np.einsum_path("ij,kj->ik", a, a)[0] == ["einsum_path", (0, 1)]
    path = ["einsum_path", (1, 2), (0, 1)]
    np.testing.assert_allclose(np.einsum("ij,kj,kl->il", a, a, a, optimize=path).data, a.data @ a.data.T @ a.data)


def test_a_zero_cotangent_wins_over_infinite_operands():
    a = Tensor([[np.inf, 1.0], [2.0, 3.0]], requires_grad=True)
    b = Tensor([[1.0, 5.0], [np.nan, 3.0]], requires_grad=True)
    w = np.array([[0.0, 0.0], [0.0, 1.0]])
    with np.errstate(invalid="ignore"):  # some processors' BLAS warns about nan, others' does not
        by_einsum = gradients(np.einsum("ij,jk->ik", a, b), [a, b], w)
        by_matmul = gradients(a @ b, [a, b], w)
    for one, other in zip(by_einsum, by_matmul, strict=True):
        np.testing.assert_array_equal(one.data, other.data)
    np.testing.assert_array_equal(by_einsum[0].data, [[0, 0], [5, 3]])


@pytest.mark.parametrize(("optimize", "last"), [(False, 2), (True, 0), (["einsum_path", (0, 2), (0, 1)], 1)])
def test_operands_are_multiplied_from_left_to_right_or_in_the_order_that_is_asked_for(optimize, last):
    operands = [Tensor(np.ones(shape), requires_grad=True) for shape in ((9, 9), (9, 9), (9,))]
    parents = [parent for parent, _, _ in np.einsum("ij,jk,k->i", *operands, optimize=optimize).node.edges]
    assert [k for k, t in enumerate(operands) if t.node in parents] == [last]


def test_an_expression_that_changes_nothing_gives_a_view_as_in_numpy():
    t = Tensor([1.0, 2.0])
    np.einsum("i->i", t)[0] = 5.0
    assert np.einsum("i", t) is not t
    assert t.tolist() == [5.0, 2.0]


def test_an_expression_of_two_operands_is_one_primitive(a):
    b = Tensor(np.ones((3, 2)), requires_grad=True)
    node = np.einsum("ij,jk->ik", a, b).node
    assert node.primitive.name == "einsum"
    assert {parent for parent, _, _ in node.edges} == {a.node, b.node}
