"""Rules of the user's own: what they may be called, and what they must leave alone."""

import numpy as np
import pytest

from autograd_nn import Tensor, grad, gradients, jacobian, primitive


def doubling(g):
    g *= 2
    return g


WRITING = {
    "*=": doubling,
    "[]": lambda g: g.__setitem__(0, 0.0) or g,
    "out": lambda g: np.multiply(g, 2, out=g),
    "view": lambda g: g.reshape(-1).fill(0) or g,
}


@pytest.mark.parametrize("rule", WRITING.values(), ids=WRITING)
def test_a_rule_that_writes_to_its_cotangent_is_named_and_changes_nothing(rule):
    twice = primitive(lambda x: 2 * x, name="twice", x=rule)
    x, v = Tensor([1.0, 2.0], requires_grad=True), np.ones(2)
    y = twice(x)
    with pytest.raises(ValueError, match="the pullback of twice for argument 'x' writes to g"):
        gradients(y, x, v)
    assert v.tolist() == [1, 1]
    with pytest.raises(ValueError, match="the pullback of twice for argument 'x' writes to g"):
        jacobian(twice)(np.ones(2))


def test_a_rule_that_writes_to_what_it_kept_is_named_and_changes_nothing():
    def rule(g, x, y):
        y *= g
        return y

    same = primitive(lambda x: x + 0, name="same", x=rule)
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = same(x)
    with pytest.raises(ValueError, match="the pullback of same for argument 'x' writes to g or to what it kept"):
        gradients(y, x, np.full(2, 3.0))
    assert y.tolist() == [1, 2]


def test_a_rule_of_many_operands_that_writes_is_named():
    total = primitive(lambda parts: sum(parts), name="total", variadic=True, parts=lambda g: doubling(g))
    with pytest.raises(ValueError, match="the pullback of total for argument 'parts' writes to g"):
        grad(lambda x: np.sum(total([x, x])))(np.ones(2))


def test_a_rule_that_writes_to_the_tensor_it_is_given_writes_to_its_own():
    def rule(g):
        g[0] = 0.0
        return g

    twice = primitive(lambda x: 2 * x, name="twice", x=rule)
    x, v = Tensor([1.0, 2.0], requires_grad=True), Tensor([1.0, 1.0], requires_grad=True)
    found = gradients(twice(x) + x, x, v * 1.0, create_graph=True)
    assert found.tolist() == [1, 2]
    assert gradients(found, v, np.ones(2)).tolist() == [1, 2]


def test_another_mistake_in_a_rule_keeps_its_own_message():
    wrong = primitive(lambda x: x, name="wrong", x=lambda g: np.zeros(3) + np.zeros(2))
    with pytest.raises(ValueError, match="could not be broadcast"):
        grad(lambda x: np.sum(wrong(x)))(np.ones(2))


@pytest.mark.parametrize("names", [("type", "list"), ("list", "type"), ("Tensor", "self"), ("mode", "result")])
def test_an_argument_may_have_any_name(names):
    a, b = names
    scope = {}
    exec(f"forward = lambda {a}, {b}=3.0: {a} * (9 - {b})\nrule = lambda g, {b}: g * (9 - {b})", scope)
    product = primitive(scope["forward"], name="product", **{a: scope["rule"]})
    assert product(2.0, 5.0) == 8
    assert grad(lambda x: product(x, 5.0))(2.0) == 4
    assert grad(lambda x: product(x))(2.0) == 6
    assert grad(lambda x: product(x, [5.0]).sum())(2.0) == 4
