"""What a primitive says of itself is so: its name, whether it is elementwise, whether its output is a view."""

import numpy as np
import pytest
from operands import NAMES, drawn

from autograd_nn.engine.primitive import Variadic
from autograd_nn.ops.declare import PRIMITIVES
from autograd_nn.ops.domain import call

PLAIN = [name for name in NAMES if not isinstance(PRIMITIVES[name], Variadic)]


def applied(primitive, pool):
    return np.asarray(primitive.forward(*(pool.get(name, primitive.defaults.get(name)) for name in primitive.names)))


def pool_of(primitive, each, arrays):
    varying = [name for name in primitive.names if name not in each.parameters]
    return {**each.parameters, **dict(zip(varying, arrays, strict=True))}


def depends_on_its_own_elements_alone(primitive, parameters, count):
    """Whether with operands of shape (3,) a change of one element is seen at its place and nowhere else."""
    rng = np.random.default_rng(count)
    each = call(*[(3,)] * count, **parameters)
    arrays = drawn(primitive, each, rng)
    y = applied(primitive, pool_of(primitive, each, arrays))
    if y.shape != (3,):
        return False
    others = drawn(primitive, each, rng)
    for place in range(3):
        changed = [np.where(np.arange(3) == place, b, a) for a, b in zip(arrays, others, strict=True)]
        seen = applied(primitive, pool_of(primitive, each, changed)) != y
        if seen[np.arange(3) != place].any():
            return False
    return True


VECTORS = [
    name
    for name in PLAIN
    if name not in ("squeeze", "transpose")  # which are elementwise for vectors alone
    and not any(isinstance(value, np.ndarray) for value in PRIMITIVES[name].domain.calls[0].parameters.values())
]


@pytest.mark.parametrize("name", VECTORS)
def test_it_is_declared_elementwise_if_an_output_depends_on_its_own_operands_alone(name):
    primitive = PRIMITIVES[name]
    first = primitive.domain.calls[0]
    try:
        found = depends_on_its_own_elements_alone(primitive, first.parameters, len(first.shapes))
    except (ValueError, IndexError, np.linalg.LinAlgError, np.exceptions.AxisError):
        found = False  # it takes no vectors
    assert primitive.elementwise == (found and name != "ravel")  # its output has the order, but not the shape


@pytest.mark.parametrize("name", PLAIN)
def test_it_is_declared_a_view_if_some_output_shares_the_memory_of_its_first_argument(name):
    primitive, rng = PRIMITIVES[name], np.random.default_rng(0)
    shared = False
    for each in primitive.domain.calls:
        pool = pool_of(primitive, each, drawn(primitive, each, rng))
        pool = {key: value.astype(complex) if name in ("real", "imag") else value for key, value in pool.items()}
        shared |= np.may_share_memory(applied(primitive, pool), pool[primitive.names[0]])
    assert primitive.view == shared


@pytest.mark.parametrize("name", NAMES)
def test_messages_and_graphs_call_it_by_a_name_that_python_takes_for_one(name):
    primitive = PRIMITIVES[name]
    assert primitive.name.isidentifier()
    assert primitive.name in name
    assert primitive.apply.__name__ == primitive.name
