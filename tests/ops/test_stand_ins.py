"""Rules and forwards run on whatever answers NumPy's protocols, not on arrays alone; questions are asked aloud."""

import numpy as np
import pytest
from numpy.lib.mixins import NDArrayOperatorsMixin
from operands import NAMES, drawn

from autograd_nn.engine.node import Contribution
from autograd_nn.engine.primitive import Variadic
from autograd_nn.ops.declare import PRIMITIVES

OPAQUE = {
    "index_add": "adds into zeros in place",
    "add_at": "adds into a copy",
    **dict.fromkeys(["diagonal", "on_diagonal"], "writes into the diagonal of zeros"),
    "setitem": "assigns into a copy",
    "sliding_window_view": "takes windows by steps in memory",
    "getitem": "its cotangent is added into zeros in place",
    "add_reduceat": "its cotangent is added into zeros in place",
    **dict.fromkeys(
        ["avg_pool", "conv", "conv_kernel", "conv_transpose"], "copies strips of the image into memory of its own"
    ),
    **dict.fromkeys(["max_pool", "overlap", "windows"], "goes through the taps of its windows, in views"),
    **dict.fromkeys(["softmax", "log_softmax", "logsumexp", "cross_entropy"], "puts the top of each row apart"),
    **dict.fromkeys(["logaddexp_reduce", "logaddexp2_reduce"], "has softmax for a slope"),
    **dict.fromkeys(["beta", "betaln", "digamma", "polygamma"], "SciPy's polygamma is no ufunc"),
    **dict.fromkeys(["solve_triangular", "weighted_logsumexp"], "SciPy's own takes arrays alone"),
}
"""Primitive -> why its forward or a rule needs memory: who records must call it as a whole."""


def refused(*_, **__):
    raise AssertionError("a stand-in has no values to look at")


class StandIn(NDArrayOperatorsMixin):
    """An array behind NumPy's protocols: whoever looks at its type or its values is refused."""

    __hash__ = None
    __array__ = __bool__ = __float__ = __int__ = __index__ = __complex__ = refused
    __len__ = __iter__ = __contains__ = __setitem__ = refused

    asked: list = []  # noqa: RUF012 (of all stand-ins together)

    def __init__(self, array):
        self.array = array

    shape = property(lambda self: self.array.shape)
    dtype = property(lambda self: self.array.dtype)
    ndim = property(lambda self: self.array.ndim)
    size = property(lambda self: self.array.size)
    T = property(lambda self: StandIn(self.array.T))
    mT = property(lambda self: StandIn(self.array.mT))  # noqa: N815

    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        return wrapped(getattr(ufunc, method)(*bare(inputs), **bare(keywords)))

    def __array_function__(self, function, types, args, keywords):
        return wrapped(function(*bare(args), **bare(keywords)))

    def __getitem__(self, index):
        return wrapped(self.array[bare(index)])

    def __question__(self, question, operands):
        self.asked.append(question.__name__)
        return question(*bare(operands))


def method(name):
    return lambda self, *args, **keywords: wrapped(getattr(self.array, name)(*bare(args), **bare(keywords)))


for name in ("all", "any", "astype", "dot", "max", "min", "ravel", "reshape", "sum"):
    setattr(StandIn, name, method(name))


def bare(value):
    if isinstance(value, (list, tuple)):
        return type(value)(map(bare, value))
    if isinstance(value, dict):
        return {key: bare(each) for key, each in value.items()}
    return value.array if type(value) is StandIn else value


def wrapped(value):
    """Arrays and NumPy's numbers as stand-ins, also in a result of several."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(wrapped, value))
    if isinstance(value, (list, tuple)):
        return type(value)(map(wrapped, value))
    return StandIn(value) if isinstance(value, (np.ndarray, np.generic)) else value


SHORTCUTS = {"gelu": 1e-15, "standardise": 1e-15}
"""Primitive -> how far a faster way that is for plain arrays alone may be from the general one."""

if np.lib.NumpyVersion(np.__version__) < "2.4.0":
    SHORTCUTS["norm"] = 1e-15  # the last digit differs with NumPy 2.0 to 2.2, not with 2.4; why is not known


def same(mine, arrays, rtol=0.0):
    """The same numbers to the last bit, still behind a stand-in."""
    assert type(mine) is StandIn
    assert mine.dtype == arrays.dtype
    np.testing.assert_allclose(mine.array, arrays, rtol, atol=0)


def stood_in(pool, names):
    return {name: wrapped(value) if name in names else value for name, value in pool.items()}


def runs_on_stand_ins(primitive, call, rng):
    """The forward and every rule, on arrays and on stand-ins."""
    arrays = drawn(primitive, call, rng)
    if isinstance(primitive, Variadic):
        (operands,) = primitive.pullbacks
        pool, varying = {operands: arrays, **call.parameters}, [operands, "y"]
        shapes = {f"{operands}_shape": [a.shape for a in arrays]}
    else:
        varying = [name for name in primitive.names if name not in call.parameters]
        pool = {**call.parameters, **dict(zip(varying, arrays, strict=True))}
        pool = {name: pool.get(name, primitive.defaults.get(name)) for name in primitive.names}
        shapes = {f"{name}_shape": np.shape(pool[name]) for name in primitive.pullbacks}
        varying.append("y")
    y = primitive.forward(*(pool[name] for name in primitive.names))
    hidden = stood_in(pool, varying)
    same(primitive.forward(*(hidden[name] for name in primitive.names)), y, SHORTCUTS.get(primitive.name, 0.0))
    y = np.asarray(y)
    g = np.asarray(rng.uniform(0.5, 1.5, y.shape) * rng.choice([-1, 1], y.shape)).astype(y.dtype)
    for argument, pullback in primitive.pullbacks.items():
        for i in range(len(arrays)) if isinstance(primitive, Variadic) else [None]:
            kept = {**pool, **shapes, "y": y, "i": i}
            hidden = stood_in(kept, varying)
            r = pullback.rule(g, *(kept[want] for want in pullback.wants))
            mine = pullback.rule(StandIn(g), *(hidden[want] for want in pullback.wants))
            if type(r) is Contribution:
                r, mine = (part.join([part.values], [part.index], shapes[f"{argument}_shape"]) for part in (r, mine))
            same(mine, r, SHORTCUTS.get(primitive.name, 0.0))


def runs_everywhere(name):
    rng = np.random.default_rng(NAMES.index(name))
    for call in PRIMITIVES[name].domain.calls:
        runs_on_stand_ins(PRIMITIVES[name], call, rng)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OPAQUE])
def test_forward_and_rules_give_the_same_on_stand_ins_as_on_arrays(name):
    runs_everywhere(name)


@pytest.mark.parametrize(
    ("name", "questions"),
    [
        ("power", {"has_nan"}),
        ("prod", {"divisible"}),
        ("cumprod", {"divisible"}),
        ("sort", {"anywhere"}),
        ("norm", {"within_limits"}),
        ("det", {"nearly_singular"}),
        ("multiply", set()),
        ("matmul", set()),
    ],
)
def test_what_depends_on_values_is_asked(name, questions):
    StandIn.asked.clear()
    runs_everywhere(name)
    assert set(StandIn.asked) == questions


@pytest.mark.parametrize("name", OPAQUE)
def test_what_is_listed_as_opaque_does_not_run_on_stand_ins(name):
    with pytest.raises((AssertionError, AttributeError, TypeError, ValueError)):
        runs_everywhere(name)
