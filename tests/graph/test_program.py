"""The program of a computation: exact enough to compute the same again."""

import re
from pathlib import Path

import numpy as np
import pytest

import autograd_nn
from autograd_nn import Tensor, functional, primitive, softmax
from autograd_nn.graph.program import UNKNOWN, Known, Operands, Result, read, tape_of
from autograd_nn.graph.trace import trace


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def parameter(*shape, seed=1, name=None):
    return Tensor(drawn(*shape, seed=seed), requires_grad=True, name=name)


def traced(f, *inputs):
    """The program of a function; without the tape and all that only the trace holds."""
    known = trace(f, inputs)
    return read(tape_of(known.outputs), known)


def recorded(*outputs):
    return read(tape_of(outputs), Known([*outputs]))


def replayed(program, *inputs):
    """The outputs for new inputs, by nothing but the program."""
    given = iter(inputs)
    made = {}

    def value(argument):
        if isinstance(argument, Operands):
            return [*map(value, argument)]
        return made[argument.step] if isinstance(argument, Result) else argument

    for step in program.steps:
        if step.kind == "operation":
            made[step.number] = step.primitive.forward(*map(value, step.arguments.values()))
        else:
            made[step.number] = next(given) if step.kind == "input" else step.value
    return [np.asarray(made[number]) for number in program.outputs]


class Network:
    """Two hidden layers, and probabilities."""

    def __init__(self):
        self.W, self.b = [parameter(2, 8), parameter(8, 3, seed=2)], [parameter(8, seed=3), parameter(3, seed=4)]

    def __call__(self, x):
        return softmax(np.tanh(x @ self.W[0] + self.b[0]) @ self.W[1] + self.b[1])


def joined(x):
    return np.concatenate([k * x if k % 2 else np.full((1, 4), float(k)) for k in range(12)])


def picked(x):
    rows = np.array([0, 2, 2])
    y = x[rows, np.array([3, 0, 1])]
    rows[:] = 1  # the program has them as they were
    return y * x[rows, 0] + x[1:, ::2][..., None].sum()


def convolved(x):
    image = functional.max_pool2d(functional.conv2d(x, parameter(2, 3, 3, 3), stride=2, padding=1), 2)
    return image.mean()


def with_keywords(x):
    spread = np.var(x, axis=0, keepdims=True, ddof=1)
    return np.sum(np.clip(x, -0.5, None) / np.sqrt(spread), axis=(0, 1), keepdims=True), np.astype(x, np.float32)


def with_constants(x):
    return np.where(drawn(3, 4) > 0, x * Tensor(drawn(4)), 2.0) ** 2 - np.float32(3.0)


def in_place(x):
    y = np.exp(x)
    y *= 2.0
    y[1:, [0, 2]] = -1.0
    return y.T


MODELS = {
    "network": (Network(), (6, 2)),
    "join": (joined, (3, 4)),
    "index": (picked, (3, 4)),
    "convolution": (convolved, (2, 3, 9, 9)),
    "keywords": (with_keywords, (3, 4)),
    "constants": (with_constants, (3, 4)),
    "in place": (in_place, (3, 4)),
    "einsum": (lambda x: np.einsum("ij,kj->ki", x, x)[::-1], (3, 4)),
    "decomposition": (lambda x: np.linalg.svd(x, compute_uv=False) + np.linalg.solve(x.T @ x, x[0]), (4, 4)),
}


def numbers(results):
    return [np.asarray(t.data) for t in (results if isinstance(results, tuple) else (results,))]


@pytest.mark.parametrize("name", MODELS)
def test_a_program_computes_the_same_again_bit_by_bit(name):
    model, shape = MODELS[name]
    x = drawn(*shape, seed=7)
    outputs = replayed(traced(model, x), x)
    for found, expected in zip(outputs, numbers(model(Tensor(x, requires_grad=True))), strict=True):
        assert (found.dtype, found.shape, found.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())


@pytest.mark.parametrize("name", ["network", "join", "convolution", "einsum", "decomposition"])
def test_and_for_other_inputs_what_the_function_gives_for_those(name):
    model, shape = MODELS[name]
    program, x = traced(model, drawn(*shape)), drawn(*shape, seed=8)
    for found, expected in zip(replayed(program, x), numbers(model(Tensor(x, requires_grad=True))), strict=True):
        assert found.tobytes() == expected.tobytes()


def test_of_a_traced_function_everything_is_known():
    for model, shape in MODELS.values():
        for step in traced(model, drawn(*shape)).steps:
            assert step.value is not None
            assert step.witnessed or step.kind != "operation"
            operands = [v for value in step.arguments.values() for v in (value if type(value) is Operands else [value])]
            assert UNKNOWN not in [v for v in operands if not isinstance(v, np.ndarray)]


def test_parameters_have_their_exact_values():
    step = traced(lambda x: np.sum(x, axis=-1, keepdims=True), np.ones((2, 3))).steps[-1]
    assert step.arguments == {"a": Result(0), "axis": -1, "keepdims": True}


def test_arrays_that_are_given_are_exact_and_stay_so():
    mask = np.array([True, False])

    def f(x):
        y = np.where(mask, x, 0.25)
        mask[:] = False
        return y

    assert traced(f, np.ones(2)).steps[-1].arguments["condition"].tolist() == [True, False]


def test_so_do_lists():
    rows = [0, 2]

    def f(x):
        y = x[rows, [1, 1]]
        rows[0] = 1
        return y

    assert traced(f, np.ones((3, 2))).steps[-1].arguments["index"] == ([0, 2], [1, 1])


def test_an_array_that_is_given_again_and_again_is_there_once_until_it_changes():
    c = np.ones(3)

    def f(x):
        y = x * c + c
        c[0] = 2.0
        return y - c

    multiply, add, subtract = traced(f, np.ones(3)).steps[1:]
    assert multiply.arguments["b"] is add.arguments["b"]
    assert (add.arguments["b"].tolist(), subtract.arguments["b"].tolist()) == ([1, 1, 1], [2, 1, 1])


def test_twelve_operands_are_in_the_order_of_their_places():
    (operands,) = (s.arguments["arrays"] for s in traced(joined, np.ones((1, 4))).steps if "arrays" in s.arguments)
    assert [type(operand) is Result for operand in operands] == [False, True] * 6
    assert [int(operand[0, 0]) for operand in operands[::2]] == [0, 2, 4, 6, 8, 10]
    assert [operand.step for operand in operands[1::2]] == [1, 2, 3, 4, 5, 6]


def test_of_a_tape_what_its_pullbacks_keep_is_known_and_the_rest_is_unknown():
    x = parameter(3)
    multiply, add, joined = recorded(np.concatenate([np.ones(2), 3.0 * x + 1.0])).steps[1:]
    assert multiply.arguments == {"a": 3.0, "b": Result(0)}
    assert add.arguments == {"a": Result(1), "b": UNKNOWN}
    assert joined.arguments == {"arrays": Operands([UNKNOWN, Result(2)]), "axis": 0, "ends": [2, 5]}
    assert not joined.witnessed


def test_of_what_was_recorded_before_the_call_the_tape_is_read():
    before = 3.0 * parameter(3) + 1.0
    multiply, add, exp = traced(lambda: np.exp(before)).steps[1:]
    assert [step.witnessed for step in (multiply, add, exp)] == [False, False, True]
    assert add.arguments["b"] is UNKNOWN
    assert add.value is before.data


def test_what_an_operation_keeps_is_what_its_rules_take():
    (product,) = recorded(parameter(2, 3) @ Tensor(drawn(3, 4), requires_grad=True)).steps[2:]
    g = drawn(2, 4)
    a, b = (saved.rule(g, *saved.kept.values()) for saved in product.saved)
    assert [saved.step for saved in product.saved] == [0, 1]
    np.testing.assert_array_equal(a, g @ drawn(3, 4).T)
    np.testing.assert_array_equal(b, drawn(2, 3, seed=1).T @ g)


def test_a_constant_needs_no_cotangent_and_so_keeps_nothing():
    product = recorded(parameter(3) * Tensor(np.ones(3))).steps[-1]
    assert [saved.step for saved in product.saved] == [0]


def test_leaves_are_parameters_inputs_and_constants_with_their_values():
    w = parameter(3, name="w")
    kinds = {step.kind: step for step in traced(lambda x: x * w + Tensor([1.0, 2.0, 3.0]), np.zeros(3)).steps}
    assert kinds["parameter"].value is w.data
    assert kinds["input"].value.tolist() == [0, 0, 0]
    assert kinds["constant"].value.tolist() == [1, 2, 3]
    assert [kinds[kind].held for kind in ("parameter", "constant")] == [True, False]


def test_a_leaf_has_nothing_of_an_operation():
    leaf = traced(np.exp, np.zeros(3)).steps[0]
    assert (leaf.primitive, leaf.arguments, leaf.saved, leaf.line) == (None, {}, (), None)
    assert (leaf.in_place, leaf.view, leaf.witnessed) == (False, False, False)


def test_names_are_the_users_and_paths_the_models():
    model = Network()
    model.b[0].name = "bias"
    leaves = [(step.name, step.path) for step in traced(model, np.ones((1, 2))).steps if step.kind != "operation"]
    assert set(leaves) == {(None, "x"), (None, "W[0]"), (None, "W[1]"), ("bias", "b[0]"), (None, "b[1]")}


def test_an_operation_tells_its_line_and_that_it_is_a_view_or_in_place():
    exp, multiply, setitem, transpose = traced(in_place, np.ones((3, 4))).steps[1:5]
    assert [step.view for step in (exp, transpose)] == [False, True]
    assert [step.in_place for step in (exp, multiply, setitem)] == [False, True, True]
    assert multiply.line.text == "y *= 2.0"


def test_a_value_that_was_changed_after_its_use_says_so():
    w = parameter(3)
    y = np.exp(w)
    w.data -= 1.0
    assert [step.changed for step in recorded(y).steps] == [True, False]


def test_outputs_are_the_results_in_their_order():
    x = parameter(3)
    y = np.exp(x)
    assert recorded(np.sum(y), x, y, y).outputs == (2, 0, 1, 1)


def test_of_a_long_tape_the_ends_are_read_with_what_leads_into_the_middle():
    w = y = parameter()
    for _ in range(100):
        y = y * w
    program = read(tape_of([y]), Known([y]), 10)
    assert [step.number for step in program.steps] == [0, 1, 2, 3, 4, 96, 97, 98, 99, 100]
    assert (program.left_out, program.into_left_out) == (range(5, 96), (4, 0))
    assert program.steps[5].arguments == {"a": Result(95), "b": Result(0)}


def test_a_users_primitive_keeps_the_defaults_it_was_applied_with():
    power = primitive(lambda x, n=2: x**n, name="power", x=lambda g, x, n: g * n * x ** (n - 1))
    square, cube = traced(lambda x: power(power(x), n=3), np.ones(3)).steps[1:]
    assert (square.arguments["n"], cube.arguments["n"]) == (2, 3)


@pytest.mark.parametrize("room", ["graph", "draw"])
def test_nobody_else_walks_the_tape(room):
    for path in (Path(autograd_nn.__file__).parent / room).rglob("*.py"):
        walks = re.findall(
            r"toposort|\b(?:node|made|child|leaf)\.(?:edges|parent|pullback|kept|more)\b", path.read_text()
        )
        assert bool(walks) == (path.name == "program.py")
