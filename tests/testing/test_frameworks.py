"""Functions of other frameworks are proved as they are. What is not installed is not tried: see peers.py."""

import subprocess
import sys
from functools import cache, partial
from types import ModuleType

import numpy as np
import pytest
from hypothesis import settings
from peers import INSTALLED, MAKERS
from scipy import optimize

from autograd_nn.testing import GradientError, check_gradients, check_vjp
from autograd_nn.testing.contracts import contract
from autograd_nn.testing.ledger import Ledger
from autograd_nn.testing.strategies import arrays

X = np.array([[0.3, -1.2, 0.7], [2.1, -0.4, 1.6], [-0.9, 1.1, 0.2]])
peer = cache(lambda name: MAKERS[name]())
everywhere = pytest.mark.parametrize("name", INSTALLED)
complex_too = pytest.mark.parametrize("name", [name for name in INSTALLED if name != "mygrad"])


def failure(check, *args, **keywords):
    with pytest.raises(GradientError) as caught:
        check(*args, **keywords)
    return caught.value


# What is there without any -----------------------------------------------------------------------------


def test_importing_the_prover_imports_no_framework():
    names = ("torch", "jax", "autograd", "mygrad", "cupy", "scipy")
    code = f"import sys, autograd_nn.testing; print([name for name in {names} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize("name", MAKERS)
def test_a_framework_that_is_named_and_not_installed_is_missed_by_its_name(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=name):
        check_gradients(np.tanh, X, framework=name)


def test_a_framework_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match=r"framework must be one of 'torch', .*: got 'keras'"):
        check_gradients(np.tanh, X, framework="keras")


def test_second_order_is_for_functions_of_our_own():
    with pytest.raises(
        ValueError, match="order=2 is for functions of autograd_nn: for scipy, check the gradient as a function"
    ):
        check_gradients((optimize.rosen, optimize.rosen_der), X[0], order=2)


def test_a_file_with_the_name_of_a_framework_is_none(monkeypatch):
    lesson = ModuleType("autograd")
    exec("def square(x): return x * x", vars(lesson))
    monkeypatch.setitem(sys.modules, "autograd", lesson)
    assert lesson.square.__module__ == "autograd"
    assert check_gradients(lesson.square, X).proved == ("argument 0 `x`",)


# Pairs of a value and its gradient -----------------------------------------------------------------------


def squares(x, A, b):
    r = A @ x - b
    return r @ r, 2 * A.T @ r


def test_a_function_that_returns_its_value_and_its_gradient_is_proved_by_its_first_argument():
    report = check_gradients(squares, X[0], X, X[1], framework="scipy")
    assert report.verdict == "right"
    assert report.proved == ("argument 0 `x`",)


def test_a_gradient_beside_the_value_that_is_wrong_is_found():
    error = failure(check_gradients, lambda x: (x @ x, x), X[0], framework="scipy")
    assert error.diagnosis == "ratio 1/2: counted half"
    assert "framework='scipy'" in str(error).splitlines()[-1]


@pytest.mark.parametrize(
    "pair", [(optimize.rosen, optimize.rosen_der), (optimize.rosen_der, optimize.rosen_hess), (np.sin, np.cos)]
)
def test_a_function_and_its_gradient_jacobian_or_elementwise_derivative_are_a_pair(pair):
    report = check_gradients(pair, X[0])
    assert report.verdict == "right"
    assert report.function == f"({pair[0].__name__}, {pair[1].__name__})"


def test_a_value_for_each_row_goes_with_a_gradient_for_each_row():
    assert check_gradients((lambda x: (x**2).sum(axis=1), lambda x: 2 * x), X)


def test_one_residual_has_a_jacobian_of_one_row():
    assert check_gradients((lambda x: np.sin(x).sum(keepdims=True), lambda x: np.cos(x)[None]), X[0])
    assert check_gradients((lambda x: np.sin(x).sum(keepdims=True), np.cos), X[0])


def test_of_a_pair_that_takes_more_than_one_array_another_can_be_chosen():
    def halved(y, x):
        return np.sum((x - y) ** 2), 2 * (x - y)

    assert check_gradients(halved, X[0], X[1], framework="scipy", wrt="x").proved == ("argument 1 `x`",)
    failure(check_gradients, halved, X[0], X[1], framework="scipy")


def test_a_jacobian_of_the_wrong_shape_is_reported_as_that():
    assert failure(check_gradients, (optimize.rosen, optimize.rosen_hess), X[0]).kind == "shape"


def test_what_returns_no_pair_is_refused():
    with pytest.raises(TypeError, match=r"a function returns \(value, gradient\): got"):
        check_gradients(optimize.rosen, X[0], framework="scipy")


def test_losses_of_scikit_learn_are_pairs():
    losses = pytest.importorskip("sklearn._loss", reason="its losses are not public and may go")
    loss = losses.HalfPoissonLoss()
    wrt = "raw_prediction"
    assert check_gradients((loss.loss, loss.gradient), np.array([0.0, 1.0, 3.0]), X[0].copy(), wrt=wrt)


# Arrays that know their namespace ------------------------------------------------------------------------


class Alien:
    """An array that only its own namespace computes with, and that NumPy cannot read unasked, as one on a GPU."""

    def __init__(self, data):
        self.data = np.array(data)

    def __array_namespace__(self):
        return Space

    def __array__(self, *args, **keywords):
        raise TypeError("ask for it by .get()")

    def get(self):
        return self.data


class Space:
    @staticmethod
    def asarray(data):
        return Alien(data)

    @staticmethod
    def multiply(a, b):
        return Alien(a.data * b.data)


def test_arrays_of_the_standard_go_in_and_come_out_as_what_they_are():
    square = lambda x: Space.multiply(x, x)
    right = lambda g, x: (Space.multiply(g, Space.multiply(Alien(2.0), x)),)
    assert check_vjp(square, right, Alien(X)).verdict == "right"
    error = failure(check_vjp, square, lambda g, x: (Space.multiply(g, x),), Alien(X))
    assert error.diagnosis == "ratio 1/2: counted half"


def test_arrays_without_derivatives_of_their_own_need_a_vjp():
    with pytest.raises(TypeError, match="Space does not differentiate: check_vjp takes a function with its vjp"):
        check_gradients(lambda x: Space.multiply(x, x), Alien(X))


# Every framework -----------------------------------------------------------------------------------------


@everywhere
def test_a_function_of_the_framework_is_recognised(name):
    report = check_gradients(peer(name).own, X)
    assert report.verdict == "right"
    assert report.function == "tanh"


@everywhere
def test_a_function_is_recognised_by_its_arguments(name):
    array = peer(name).array
    if array is not None:
        assert check_gradients(lambda x, n: peer(name).xp.sin(x) * n, array(X), 3).verdict == "right"


@everywhere
@pytest.mark.parametrize("called", [False, True], ids=["the rule", "its function"])
def test_a_rule_by_hand_that_is_right_is_right(name, called):
    rule = peer(name).called(peer(name).square) if called else peer(name).square
    assert check_gradients(rule, X, framework=name).verdict == "right"


@everywhere
def test_a_rule_by_hand_that_is_wrong_is_found_and_the_line_that_reproduces_names_the_framework(name):
    error = failure(check_gradients, peer(name).halved, X)
    assert error.diagnosis == "ratio 1/2: counted half"
    assert f"{name}   -0.738" in str(error)
    assert str(error).splitlines()[-1].endswith(f"[[1.0]], framework='{name}', seed=0)")


@everywhere
def test_a_rule_that_writes_to_its_cotangent_is_found(name):
    if peer(name).writing is not None:
        assert failure(check_gradients, peer(name).writing, X).kind == "cotangent"


@everywhere
def test_a_path_that_is_cut_is_found(name):
    error = failure(check_gradients, peer(name).cut, X, framework=name)
    assert error.diagnosis.startswith("ratio 0: a path from this argument to the output is cut")


@everywhere
def test_arguments_may_be_nested_and_outputs_several(name):
    def f(p, x):
        return {"a": peer(name).xp.tanh(p["w"]) * x, "b": [(p["b"][0] * x).sum()], "n": 3}

    report = check_gradients(f, {"w": X, "b": [X[0]]}, X, framework=name)
    assert report.verdict == "right"
    assert report.proved == ("argument 0 `p['w']`", "argument 0 `p['b'][0]`", "argument 1 `x`")


@everywhere
def test_integers_go_in_as_arrays_of_the_framework(name):
    assert check_gradients(peer(name).take, X, np.array([2, 0, 1]), framework=name).verdict == "right"


@everywhere
def test_a_chosen_argument_is_proved_alone(name):
    report = check_gradients(lambda a, b: peer(name).xp.exp(a) * b, X, X[0], framework=name, wrt="b")
    assert report.proved == ("argument 1 `b`",)
    with pytest.raises(ValueError, match="no argument and no parameter named 'c'"):
        check_gradients(peer(name).own, X, wrt="c")


@complex_too
def test_gradients_by_complex_numbers_are_right(name):
    z = X + 1j * X[::-1]
    assert check_gradients(lambda z: z * z * peer(name).xp.conj(z), z, framework=name).verdict == "right"
    assert check_gradients(lambda z: peer(name).xp.abs(z), z, framework=name).verdict == "right"


@everywhere
def test_low_precision_is_proved_by_double_precision(name):
    narrow = X.astype(np.float32)
    assert check_gradients(peer(name).own, narrow).verdict == "right"
    assert failure(check_gradients, peer(name).coarse, narrow).kind in ("derivative", "low precision")


@everywhere
def test_a_function_without_floats_is_refused(name):
    with pytest.raises(TypeError, match="tanh has no float to differentiate by"):
        check_gradients(peer(name).own, np.arange(3))


@everywhere
def test_a_function_that_returns_no_floats_is_refused(name):
    with pytest.raises(TypeError, match=f"must return floats of {name}"):
        check_gradients(lambda x: "text" if name == "torch" else 3, X, framework=name)


@everywhere
def test_a_vjp_in_arrays_of_the_framework_is_proved(name):
    xp = peer(name).xp
    assert check_vjp(lambda x: xp.sin(x), lambda g, x: (g * xp.cos(x),), X, framework=name).verdict == "right"
    error = failure(check_vjp, lambda x: xp.sin(x), lambda g, x: (g * xp.sin(x),), X, framework=name)
    assert f"framework='{name}'" in str(error).splitlines()[-1]


@pytest.fixture
def few_examples():
    chosen = settings.get_current_profile_name()
    settings.register_profile("few", settings(max_examples=10))
    settings.load_profile("few")
    yield
    settings.load_profile(chosen)


@everywhere
@pytest.mark.usefixtures("few_examples")
def test_contracts_hold_functions_of_the_framework_to_what_they_promise(name):
    def declared(function):
        return contract(
            ref=lambda x: np.asarray(x) ** 2,
            args=[arrays((3,))],
            order=1,
            special=[((3.0,), 9.0, 6.0)],
            errors=[(("text",), Exception)],
            framework=name,
        )(function)

    promised = [clause.name for clause in declared(peer(name).called(peer(name).square)).clauses()]
    assert promised == ["value", "gradient", "linearity", "layouts", "dtypes", "special[0]", "error[0]"]
    for clause in declared(peer(name).called(peer(name).square)).clauses():
        clause.run(Ledger())
    broken = {clause.name: clause for clause in declared(peer(name).called(peer(name).halved)).clauses()}
    for which in ("gradient", "dtypes", "special[0]"):
        with pytest.raises(AssertionError):
            broken[which].run(Ledger())


@everywhere
@pytest.mark.usefixtures("few_examples")
def test_mistakes_planted_in_functions_of_the_framework_are_caught(name):
    declared = contract(args=[arrays((3,))], framework=name)(peer(name).called(peer(name).square))
    clauses = {clause.name: clause for clause in declared.clauses(mutate=True)}
    clauses["planted 1 + 1e-6"].run(Ledger())


# PyTorch -------------------------------------------------------------------------------------------------


if "torch" in INSTALLED:
    import torch
    from torch import nn

    @pytest.fixture
    def model():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Dropout(), nn.Linear(4, 2))

    NAMES = ("0.weight", "1.weight", "1.bias", "4.weight", "4.bias")

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_parameters_of_a_module_are_proved_and_named_and_afterwards_as_they_were(model, dtype):
        model[0].bias = None  # before a BatchNorm it makes no difference
        before = {name: t.clone() for name, t in model.state_dict().items()}
        report = check_gradients(model, X.astype(dtype))
        assert report.verdict == "right"
        assert report.proved == ("argument 0 `input`", *(f"parameter `{name}`" for name in NAMES))
        after = model.state_dict()
        assert all(torch.equal(after[name], t) and after[name].dtype == t.dtype for name, t in before.items())
        assert all(p.grad is None for p in model.parameters())

    def test_parameters_are_as_they_were_after_a_failure():
        layer = nn.Linear(3, 2)
        before = layer.weight.clone()
        failure(check_gradients, lambda x: layer(x).detach() + layer(x) / 2, X, framework="torch")
        assert torch.equal(layer.weight, before)

    def test_what_a_loss_refers_to_is_found_with_its_path():
        layer, target = nn.Linear(3, 2), torch.tensor([0, 1, 1])
        report = check_gradients(lambda x: nn.functional.cross_entropy(layer(x), target), X, framework="torch")
        assert report.verdict == "right"
        assert report.proved[1:] == ("parameter `layer.weight`", "parameter `layer.bias`")

    def test_a_function_without_arguments_is_proved_by_its_parameters():
        layer, x = nn.Linear(3, 2), torch.tensor(X, dtype=torch.float32)
        assert check_gradients(lambda: torch.tanh(layer(x)), framework="torch").verdict == "right"
        assert x.dtype == torch.float32

    def test_a_parameter_that_is_not_reached_is_listed():
        layer = nn.Linear(3, 2)
        report = check_gradients(lambda x: x @ layer.weight.detach().T + layer.bias, X, framework="torch")
        assert report.unreached == ("layer.weight",)

    def test_a_wrong_gradient_of_a_parameter_is_found_under_its_name():
        halved = peer("torch").halved

        class Layer(nn.Module):
            def __init__(self):
                super().__init__()
                self.scale = nn.Parameter(torch.tensor([1.0, 2.0, 3.0]))

            def forward(self, x):
                return x * halved.apply(self.scale)

        assert failure(check_gradients, Layer(), X).argument == "parameter `scale`"

    def test_a_parameter_is_chosen_by_name_and_what_is_frozen_is_a_constant(model):
        model[4].bias.requires_grad_(False)
        assert check_gradients(model, X, wrt="4.weight").proved == ("parameter `4.weight`",)
        assert "parameter `4.bias`" not in check_gradients(model[4], np.ones((2, 4))).proved

    def test_floats_are_options():
        assert check_gradients(nn.functional.leaky_relu, X, 0.1).proved == ("argument 0 `input`",)

    def test_a_rule_that_takes_its_cotangent_for_contiguous_is_found():
        class Flat(peer("torch").square):
            @staticmethod
            def backward(ctx, g):
                return (2 * g.view(-1) * ctx.saved_tensors[0].view(-1)).view(g.shape)

        error = failure(check_gradients, Flat, X)
        assert error.kind == "layouts"
        assert "view size is not compatible" in str(error)

    def test_a_method_of_a_module_is_recognised_and_its_parameters_found():
        layer = nn.Linear(3, 2)
        assert check_gradients(partial(layer.forward), X).proved[1:] == ("parameter `weight`", "parameter `bias`")

    def test_the_generator_of_pytorch_is_where_it_was(model):
        state = torch.get_rng_state()
        check_gradients(model, X)
        assert torch.equal(torch.get_rng_state(), state)


# JAX -----------------------------------------------------------------------------------------------------


if "jax" in INSTALLED:
    import jax

    def test_double_precision_is_for_the_proof_alone():
        before = jax.config.jax_enable_x64
        check_gradients(jax.numpy.tanh, X)
        assert jax.config.jax_enable_x64 == before

    def test_keys_of_random_numbers_pass_through():
        noisy = jax.jit(lambda key, x: x * jax.random.normal(key, x.shape))
        assert check_gradients(noisy, jax.random.key(0), X).proved == ("argument 1 `x`",)

    def test_an_alias_of_what_cannot_be_written_to_is_none():
        assert check_vjp(lambda x: x + 0, lambda g, x: (g,), jax.numpy.asarray(X)).verdict == "right"
