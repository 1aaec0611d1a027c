"""What functions record: one operation where there is a rule for it, and nothing that changes nothing."""

import numpy as np
import pytest

from autograd_nn import Tensor, grad, gradients, hessian
from autograd_nn import functional as F  # noqa: N812
from autograd_nn.graph import graph
from autograd_nn.graph.program import Result, read, tape_of
from autograd_nn.graph.trace import trace

RNG = np.random.default_rng(0)
VECTOR, MATRIX = RNG.normal(size=4), RNG.normal(size=(3, 4))
IMAGES, SEQUENCE = RNG.normal(size=(2, 3, 6, 6)), RNG.normal(size=(3, 6))
KERNEL, TAPS, BIAS = RNG.normal(size=(2, 3, 3, 3)), RNG.normal(size=(2, 3, 3)), RNG.normal(size=2)


def operations(f, *inputs):
    return [node.label for node in graph(f, *inputs).nodes if node.kind == "operation"]


@pytest.mark.parametrize(
    ("f", "inputs", "expected"),
    [
        (np.var, [MATRIX], ["var"]),
        (lambda x: np.std(x, axis=0, ddof=1), [MATRIX], ["std"]),
        (lambda x, w, b: F.conv2d(x, w, b, padding=1), [IMAGES, KERNEL, BIAS], ["conv"]),
        (F.conv1d, [SEQUENCE, TAPS, BIAS], ["conv"]),
        (
            lambda x, w: F.conv_transpose2d(x, np.swapaxes(KERNEL, 0, 1) * w),
            [IMAGES, 2.0],
            ["multiply", "conv_transpose"],
        ),
        (lambda x: F.max_pool2d(x, 3, padding=1), [IMAGES], ["max_pool"]),
        (lambda x: F.max_pool1d(x, 2), [SEQUENCE], ["max_pool"]),
        (lambda x: F.avg_pool2d(x, 2), [IMAGES], ["avg_pool"]),
        (lambda x: F.avg_pool1d(x, 2), [SEQUENCE], ["avg_pool"]),
        (lambda x: F.rms_norm(x, 4), [MATRIX], ["rms_norm"]),
        (lambda x: F.layer_norm(x, 4), [MATRIX], ["standardise"]),
        (lambda x: np.convolve(x, x), [VECTOR], ["convolve"]),
        (lambda x: np.vdot(x, x), [VECTOR], ["matmul"]),
        (lambda x: np.tensordot(x, x.T, axes=1), [MATRIX], ["transpose", "matmul"]),
        (lambda x: np.repeat(x, 2), [VECTOR], ["getitem"]),
    ],
)
def test_a_function_is_one_operation(f, inputs, expected):
    assert operations(f, *inputs) == expected


def idle(program):
    """The steps that make of an argument what it was already."""
    shapes = {step.number: step for step in program.steps}
    found = []
    for step in program.steps:
        name = step.primitive.name if step.primitive else ""
        given = next(iter(step.arguments.values()), None)
        if name in ("reshape", "broadcast_to", "astype", "transpose", "conjugate") and type(given) is Result:
            before = shapes[given.step]
            same = before.shape == step.shape and before.dtype == step.dtype
            if same and np.array_equal(before.value, step.value):
                found.append(name)
    return found


@pytest.mark.parametrize(
    "f",
    [
        hessian(lambda w: np.sum(np.tanh(np.reshape(w, (2, 2)) @ MATRIX[:2]) ** 2) + np.mean(w)),
        grad(lambda w: np.sum(F.layer_norm(w * MATRIX, 4) ** 3)),
        grad(lambda w: np.sum(F.max_pool2d(F.relu(F.conv2d(IMAGES * w[0], KERNEL, BIAS)), 2) ** 2)),
        grad(lambda w: np.sum(np.var(w * MATRIX, axis=1, keepdims=True) ** 2)),
        grad(lambda w: np.median(w) * np.einsum("i,i", w, w)),
    ],
)
def test_a_derivative_records_nothing_that_changes_nothing(f):
    traced = trace(f, (VECTOR,))
    assert idle(read(tape_of(traced.outputs), traced)) == []


def test_what_the_user_calls_is_recorded_though_it_changes_nothing():
    x = Tensor(MATRIX, requires_grad=True)
    y = x.reshape(x.shape)
    assert y is not x
    a, b = gradients(np.sum(x) + 2 * np.sum(y), [x, y])
    assert (a.data == 3).all()
    assert (b.data == 2).all()


def test_a_variance_keeps_only_its_argument():
    x = Tensor(MATRIX, requires_grad=True)
    ((parent, _, kept),) = np.var(x, axis=1).node.edges
    assert parent is x.node
    assert kept[0] is x.data
    assert sum(isinstance(value, np.ndarray) for value in kept) == 1
