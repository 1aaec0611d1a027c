"""Batch: many cotangents at once are pulled back as each of them alone."""

import numpy as np
import pytest

from autograd_nn.engine.batch import Batch, Unbatchable, pulled
from autograd_nn.engine.questions import question

ROWS = np.random.default_rng(0).normal(size=(4, 2, 3))
VECTOR, MATRIX, STACK = np.arange(3.0), np.arange(6.0).reshape(3, 2), np.arange(12.0).reshape(2, 3, 2)


@pytest.mark.parametrize(
    "f",
    [
        lambda g: g * VECTOR,
        lambda g: VECTOR - g,
        lambda g: g[..., 0] * np.arange(8.0).reshape(4, 2),
        lambda g: np.ones((5, 1, 1)) * g,
        lambda g: np.where(VECTOR > 1, g, 0),
        lambda g: g @ MATRIX,
        lambda g: MATRIX @ g,
        lambda g: g @ VECTOR,
        lambda g: np.ones(2) @ g,
        lambda g: g[0] @ STACK,
        lambda g: g @ STACK,
        lambda g: np.sum(g, axis=0),
        lambda g: np.sum(g, axis=-1, keepdims=True),
        lambda g: np.sum(g),
        lambda g: np.flip(g, 1),
        lambda g: np.transpose(g),
        lambda g: np.swapaxes(g, 0, -1),
        lambda g: np.moveaxis(g, 0, 1),
        lambda g: np.reshape(g, (3, 2)),
        lambda g: np.reshape(g, -1),
        lambda g: np.broadcast_to(g, (2, 2, 3)),
        lambda g: g[1],
        lambda g: g[:, [0, 0, 2]],
        lambda g: g[None, ..., 1:],
        lambda g: g.mT,
        lambda g: np.real(g) + np.max(g, axis=0),
    ],
)
def test_a_batch_beside_arrays_is_each_of_its_rows_beside_them(f):
    batched = f(Batch(ROWS))
    alone = np.stack([f(row) for row in ROWS])
    assert batched.shape == alone.shape[1:]
    np.testing.assert_allclose(batched.rows, alone, rtol=1e-14)


def test_two_batches_meet_row_by_row_also_of_different_ndim():
    vectors = ROWS[:, 0]
    product = Batch(ROWS) * Batch(vectors)
    np.testing.assert_array_equal(product.rows, ROWS * vectors[:, None])


def test_advanced_indices_apart_would_move_the_rows_and_are_not_taken_at_once():
    with pytest.raises(Unbatchable):
        Batch(ROWS[..., None])[[0, 1], :, [0, 0]]


def test_a_question_about_a_batch_is_not_answered_for_all_rows():
    with pytest.raises(Unbatchable):
        question(lambda g: (g > 0).all())(Batch(ROWS))


def test_a_rule_that_looks_at_its_cotangent_gets_the_rows_one_by_one():
    def rule(g, a):
        return g * a if g.sum() > 0 else -g * a

    found = pulled(rule, Batch(ROWS), (VECTOR,))
    np.testing.assert_array_equal(found.rows, [rule(row, VECTOR) for row in ROWS])


@pytest.mark.parametrize("shape", [(3,), (3, 2), (4, 3, 2), (5, 4, 3, 2)])
def test_a_rule_with_dot_is_pulled_back_for_all_rows_as_for_each(shape):
    c = np.random.default_rng(0).normal(size=shape)
    g = np.random.default_rng(1).normal(size=(6, 2, 3))
    rule = lambda g, c: g.dot(c)
    np.testing.assert_allclose(pulled(rule, Batch(g), (c,)).rows, [row.dot(c) for row in g], rtol=1e-13)
