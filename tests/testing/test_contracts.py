"""Contracts: which tests one declaration makes, what they catch, and what they do not let pass."""

import inspect

import numpy as np
import pytest
from hypothesis import strategies as st

from autograd_nn import Tensor, primitive, softmax
from autograd_nn.engine.tensor import raw
from autograd_nn.ops.domain import POSITIVE, REAL, Domain, call
from autograd_nn.testing import GradientError
from autograd_nn.testing.contracts import contract
from autograd_nn.testing.ledger import Ledger, Tally
from autograd_nn.testing.strategies import arrays, operands
from autograd_nn.testing.strategies.calls import primitive_of

# These are collected, and so tests of their own -------------------------------------------------------


@contract(
    ref=lambda x: np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0),
    args=REAL,
    special=[((0.0,), np.log(2), 0.5), ((np.inf,), np.inf), ((-1e3,), None, 0.0)],
)
def softplus(x):
    return np.logaddexp(0, x)


product = contract(
    ref=lambda x, y: x * y,
    args=operands(2),
    special=[((2.0, 3.0), 6.0, (3.0, 2.0))],
    errors=[((np.ones(2), np.ones(3)), ValueError, "broadcast")],
)(np.multiply)
logarithm = contract(ref=np.log, args=POSITIVE, order=1)(np.log)
rows = contract(args=[arrays((2, 3)), 1])(softmax)


# What they are made of --------------------------------------------------------------------------------


def names(made):
    return [clause.name for clause in made.clauses()]


def run(made, name):
    ledger = Ledger()
    next(clause for clause in made.clauses(name.startswith("planted")) if clause.name == name).run(ledger)
    return ledger.session


def test_one_declaration_makes_a_test_of_each_promise():
    assert names(softplus) == [
        "value",
        "gradient",
        "second_order",
        "linearity",
        "layouts",
        "dtypes",
        "scales",
        "special[0]",
        "special[1]",
        "special[2]",
    ]
    assert names(logarithm) == ["value", "gradient", "linearity", "layouts", "dtypes", "scales"]
    assert "error[0]" in names(product)


def test_the_domain_of_a_primitive_is_the_default():
    assert contract()(np.multiply).args is primitive_of(np.multiply).domain


def test_it_is_called_as_the_function_itself():
    assert softplus(0.0) == np.log(2)
    assert softplus.__name__ == "softplus"
    assert str(inspect.signature(softplus)) == "(x)"
    assert product.__doc__ == np.multiply.__doc__


def test_a_function_that_is_no_primitive_must_say_what_it_is_called_with():
    with pytest.raises(TypeError, match="contract of mine: it is no primitive with a Domain"):

        @contract()
        def mine(x):
            return x


def test_an_order_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="order must be 1 or 2: got 3"):
        contract(order=3)


def test_a_wrong_pullback_is_caught():
    wrong = contract(args=[arrays((3,))])(primitive(np.square, name="wrong", x=lambda g, x: g * x))
    with pytest.raises(GradientError, match="wrong derivative of `wrong` with respect to argument 0"):
        run(wrong, "gradient")


def test_a_pullback_that_is_wrong_for_some_parameter_of_the_domain_is_caught():
    ignores = primitive(
        lambda x, k=1.0: x * k, name="ignores", domain=Domain(calls=(call((3,), k=2.0),)), x=lambda g: g * 1.0
    )
    with pytest.raises(GradientError, match="wrong derivative of `ignores`"):
        run(contract()(ignores), "gradient")


def test_a_pullback_that_is_not_linear_is_caught():
    wrong = contract(args=[arrays((3,))])(primitive(np.square, name="wrong", x=lambda g, x: 2 * np.abs(g) * x))
    with pytest.raises(AssertionError, match=r"wrong\(.*\): the pullback is not linear: "):
        run(wrong, "linearity")


def test_a_pullback_may_round_numbers_that_have_no_digits_left():
    tiny = contract(args=[st.floats(-740, -725)])(np.exp)
    for clause in tiny.clauses():
        assert run(tiny, clause.name).failed == 0


def test_a_pullback_whose_own_derivative_is_wrong_is_caught_at_second_order():
    pullback = lambda g, x: g * 3 * raw(x) ** 2
    wrong = contract(args=[arrays((3,))])(primitive(lambda x: x**3, name="cube", x=pullback))
    run(wrong, "gradient")
    with pytest.raises(GradientError, match="second derivative"):
        run(wrong, "second_order")


def test_another_value_than_the_reference_is_caught_with_the_call_that_shows_it():
    wrong = contract(ref=np.expm1, args=[arrays((2,))])(lambda x: np.exp(x))
    with pytest.raises(AssertionError, match=r"<lambda>\(\[0.0, 0.0\]\): not the value of the reference: \[1.0, 1.0\]"):
        run(wrong, "value")


@pytest.mark.parametrize("kind", [np.ndarray, Tensor])
def test_a_value_that_is_another_on_arrays_or_on_tensors_is_caught(kind):
    wrong = contract(ref=lambda x: x * 1.0, args=[arrays((2,))])(lambda x: x + (type(x) is kind))
    with pytest.raises(AssertionError, match="not the value of the reference"):
        run(wrong, "value")


def test_float64_out_of_float32_is_caught():
    wrong = contract(args=[arrays((2,))])(lambda x: x * np.ones(2))
    with pytest.raises(AssertionError, match="the value is float64 where float32 goes in"):
        run(wrong, "dtypes")


def test_a_gradient_that_reads_the_memory_of_its_argument_is_caught():
    read = lambda g, x: g * x.ravel(order="K").reshape(x.shape)
    wrong = contract(args=[arrays((2, 3))])(primitive(lambda x: x**2 / 2, name="memory", x=read))
    with pytest.raises(AssertionError, match="another gradient in the layout"):
        run(wrong, "layouts")


def test_a_gradient_that_reads_the_memory_of_its_cotangent_is_caught():
    read = lambda g, x: g.ravel(order="K").reshape(x.shape) * x
    wrong = contract(args=[arrays((2, 3))])(primitive(lambda x: x**2 / 2, name="memory", x=read))
    with pytest.raises(AssertionError, match="another gradient in the layout"):
        run(wrong, "layouts")


@pytest.mark.parametrize(
    ("entry", "message"), [(((0.0,), 1.0), "special value"), (((0.0,), 0.0, 2.0), "special gradient by argument 0")]
)
def test_special_values_and_gradients_are_compared(entry, message):
    with pytest.raises(AssertionError, match=message):
        run(contract(args=REAL, special=[entry])(np.sin), "special[0]")


def test_an_error_that_is_not_raised_is_one():
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        run(contract(args=REAL, errors=[((1.0,), ValueError)])(np.sin), "error[0]")


def test_floats_and_constants_may_be_arguments():
    tally = run(contract(args=[st.floats(0.5, 2), 3])(np.power), "gradient")
    assert tally.checks >= 50


PLANTED = [clause.name for clause in product.clauses(mutate=True)]


@pytest.mark.parametrize("name", PLANTED)
def test_mistakes_that_are_planted_are_caught(name):
    total = contract(args=operands(2))(np.add)  # the gradient of a sum is its cotangent, which may be returned
    made = total if name == "planted returned alias" else product
    try:
        assert run(made, name).power == {name.removeprefix("planted "): [1, 1]}
    except pytest.skip.Exception as skipped:
        pytest.fail(str(skipped))


def test_a_second_derivative_that_is_lost_at_a_removable_kink_is_found():
    smooth = contract(args=[st.just(np.zeros(2))])(lambda x: np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0))
    run(smooth, "gradient")
    with pytest.raises(GradientError, match="second derivative"):
        run(smooth, "second_order")


def test_examples_that_show_no_difference_do_not_catch_a_mistake():
    symmetric = contract(args=[st.just(np.array([2.0]))])(lambda x: np.sum(x))
    with pytest.raises(pytest.skip.Exception, match="swapped operands makes no difference"):
        run(symmetric, "planted swapped operands")


def test_a_mistake_that_the_examples_do_not_show_is_one_of_the_contract():
    blind = contract(args=[arrays((2,))])(lambda x: x + 1e14)  # a sum without the digits that would show it
    outcomes = (AssertionError, pytest.skip.Exception)
    with pytest.raises(outcomes, match=r"the contract of <lambda> does not catch a wrong pullback: 1 \+ 1e-6"):
        run(blind, "planted 1 + 1e-6")


def test_the_table_adds_up_what_several_contracts_catch():
    tally = Tally(power={"sign": [0, 1], "zero": [2, 3]})
    tally.add(Tally(power={"sign": [1, 4]}))
    assert tally.power == {"sign": [1, 5], "zero": [2, 3]}


@pytest.mark.parametrize("name", ["value", "linearity", "layouts", "special[0]", "error[0]"])
def test_every_example_is_one_check(name):
    options = {"special": [((0.0,), 0.0)], "errors": [(("word",), TypeError)]}
    assert run(contract(ref=np.sin, args=[st.just(np.ones(2))], **options)(np.sin), name).checks == 1


# In a session -----------------------------------------------------------------------------------------

MINE = """
import numpy as np
from autograd_nn.testing.contracts import contract
from autograd_nn.testing.strategies import arrays

hyperbolic = contract(ref=np.tanh, args=[arrays((3,))])(np.tanh)
nothing = contract(args=[arrays((0,))], order=1)(np.sin)
"""


def test_they_are_collected_as_one_test_for_each_promise_and_one_without_checks_fails(pytester):
    pytester.makepyfile(test_mine=MINE)
    result = pytester.runpytest("-v")
    result.stdout.fnmatch_lines(
        [
            "test_mine.py::hyperbolic::value PASSED*",
            "test_mine.py::hyperbolic::gradient PASSED*",
            "test_mine.py::nothing::gradient FAILED*",
            "the contract of sin ran 0 checks of its gradient",
            "gradients: * checks, 0 failed*",
        ]
    )


def test_mutate_prints_the_power_table(pytester):
    pytester.makepyfile(test_mine=MINE)
    result = pytester.runpytest("-k", "hyperbolic", "--gradients-mutate")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*planted mistakes*", "doubled * 1 of 1 caught", "mutated input * 1 of 1 caught"])
