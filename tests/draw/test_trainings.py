"""What a film points at: nothing in healthy trainings, and in sick ones the cause before its effects."""

from functools import cache

import numpy as np
import pytest
from models import Transformer, sentence
from patients import (
    HEALTHY,
    SICK,
    Adam,
    Descent,
    Patient,
    blobs,
    classifier,
    constant_feature,
    convolution,
    dead_relu,
    exploding_recurrence,
    filmed,
    large_step,
    layers,
    leaked_label,
    line,
    moons,
    newton,
    perceptron,
    residual,
    saturated_tanh,
    unscaled_input,
    vanishing_chain,
    weights,
    xor,
    zeros,
)

from autograd_nn import Tensor, relu, sigmoid
from autograd_nn.draw import draw, film
from autograd_nn.functional import cross_entropy


def random(seed=0):
    return np.random.default_rng(seed)


@cache
def movie(patient, seed=0):
    return filmed(patient(random(seed)))


def troubles(found):
    return [finding.trouble for finding in found]


def of_page(patient):
    """What is found where nothing is trained."""
    with np.errstate(all="ignore"):
        return draw(patient.loss, *patient.data).findings


# The twenty ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("patient", HEALTHY)
def test_a_healthy_model_raises_no_alarm_neither_at_first_nor_in_its_training(patient):
    taken = movie(patient)
    assert taken.losses[-1] < 0.9 * taken.losses[0]  # it does learn
    assert taken.findings == ()


@pytest.mark.parametrize(("patient", "trouble"), SICK.items())
def test_of_a_sick_model_the_cause_is_named_first(patient, trouble):
    assert troubles(movie(patient).findings)[0] == trouble


@pytest.mark.parametrize("patient", SICK)
def test_at_most_a_handful_is_told_and_nothing_twice(patient):
    told = troubles(movie(patient).findings)
    assert len(told) == len(set(told)) <= 5


# Other sizes, seeds and kinds ---------------------------------------------------------------------------


def deep_tanh(rng):
    return classifier(rng, [6, *[24] * 8, 3], steps=60)


def sigmoids(rng):
    return classifier(rng, [6, 16, 16, 3], sigmoid)


def transformer(rng):
    model = Transformer(2, seed=int(rng.integers(100)))
    parameters = [model.tokens, model.positions, model.norm.scale, model.norm.shift, model.scores.W, model.scores.b]
    for block in model.blocks:
        parameters += [*vars(block.attention).values()][1:]
        parameters += [p for part in (block.mlp.up, block.mlp.down, *block.norms) for p in vars(part).values()]
    return Patient(model.loss, parameters, (sentence(),), 0.01, 30)


def penalised(rng):
    patient = classifier(rng, [6, 16, 3], steps=60)

    def loss(X, y):
        return patient.loss(X, y) + 0.001 * sum(np.sum(p**2) for p in patient.parameters)

    return patient._replace(loss=loss)


def begins_at_zero(rng):
    """Branches whose last weights are 0 at first, so that those before have no gradient until the first step."""
    X, y = blobs(rng, 60, 8, 3)
    A, B, V = weights(rng, 8, 8), zeros(8, 8), weights(rng, 8, 3)
    return Patient(lambda X, y: cross_entropy((X + relu(X @ A) @ B) @ V, y), [A, B, V], (X, y), 0.01, 30)


def intercept(rng):
    x = rng.uniform(-1, 1, 40)
    w = zeros(3)
    X, y = np.column_stack([np.ones(40), x, x**2]), 1 + x + 0.1 * rng.normal(size=40)
    return Patient(lambda X, y: np.mean((X @ w - y) ** 2), [w], (X, y), 0.3, 50, Descent)


def seldom_words(rng):
    y = rng.integers(0, 2, 60)
    X = (rng.uniform(size=(60, 40)) < np.where(y[:, None], 0.1, 0.02) * np.linspace(0, 2, 40)).astype(float)
    assert (X == 0).all(axis=0).any()
    return classifier(rng, [40, 2], X=X, y=y, steps=60)


def heights(rng):
    """The mean of numbers far from 0: no weight is multiplied with them."""
    m = Tensor(160.0, requires_grad=True)
    return Patient(lambda x: np.mean((x - m) ** 2), [m], (rng.normal(170, 5, 200),), 0.5, 40)


def gives_back(rng):
    """What goes in is what is to come out."""
    model, parameters = layers(rng, [8, 3, 8], np.tanh)
    X = np.tanh(rng.normal(size=(64, 2)) @ rng.normal(size=(2, 8)))
    return Patient(lambda X: np.mean((model(X) - X) ** 2), parameters, (X,), 0.01, 100)


def without_noise(rng):
    """Its loss becomes as small as rounding."""
    X, w = rng.normal(size=(50, 4)), zeros(4)
    return Patient(lambda X, y: np.mean((X @ w - y) ** 2), [w], (X, X @ rng.normal(size=4)), 0.1, 300, Descent)


def few_samples(rng):
    X, y = blobs(rng, 8)
    return classifier(rng, [6, 32, 32, 3], relu, X=X, y=y, steps=60)


def in_small_batches(rng):
    patient = classifier(rng, [6, 16, 3], steps=100)
    X, y = patient.data

    class Batches(Adam):
        def step(self, loss):
            few = rng.integers(0, len(X), 12)
            super().step(patient.loss(X[few], y[few]))

    return patient._replace(descend=Batches)


def masked(rng):
    """Minus infinity where nothing is to be looked at is no trouble."""
    from autograd_nn import softmax

    X, mask = rng.normal(size=(4, 6, 8)), np.triu(np.ones((6, 6), bool), 1)
    q, k = weights(rng, 8, 8), weights(rng, 8, 8)

    def loss(X):
        scores = np.where(mask, -np.inf, (X @ q) @ np.swapaxes(X @ k, -1, -2))
        return np.mean((softmax(scores) @ X - X) ** 2)

    return Patient(loss, [q, k], (X,), 0.01, 30)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "patient",
    [
        deep_tanh,
        sigmoids,
        transformer,
        penalised,
        begins_at_zero,
        intercept,
        seldom_words,
        heights,
        gives_back,
        without_noise,
        few_samples,
        in_small_batches,
        masked,
        lambda rng: xor(rng, 16),
        lambda rng: moons(rng, 20),
        lambda rng: line(rng, -7.0),
        lambda rng: perceptron(rng, (8, 64, 64, 64, 3)),
        lambda rng: convolution(rng, 3),
        lambda rng: newton(rng, 6),
        lambda rng: residual(rng, 90)._replace(steps=8),
    ],
)
def test_other_healthy_models_raise_no_alarm_either(patient, seed):
    assert filmed(patient(random(seed))).findings == ()


def saturated_by_a_bias(rng):
    patient = classifier(rng, [6, 20, 3])
    patient.parameters[2].data += 30.0
    return patient


def small_tanhs(rng):
    return classifier(rng, [6, *[16] * 10, 3], scale=0.2, steps=20)


def one_chain(rng):
    """One parameter that activations are applied to, and nothing else."""
    w = Tensor(0.3 * rng.normal(size=5), requires_grad=True)

    def loss():
        y = w
        for _ in range(40):
            y = np.tanh(0.5 * y)
        return np.sum(y)

    return Patient(loss, [w], (), 0.01, 5)


def numbers_in_a_loop(rng):
    w, u, X = Tensor(1.8, requires_grad=True), Tensor(0.5, requires_grad=True), rng.normal(size=(20, 30))

    def loss(X):
        h = np.zeros(20)
        for t in range(30):
            h = w * h + u * X[:, t]
        return np.mean(h**2)

    return Patient(loss, [w, u], (X,), 1e-6, 3)


def data_in_the_closure(rng):
    patient = exploding_recurrence(rng)
    return patient._replace(loss=lambda: patient.loss(*patient.data), data=(), steps=10)


def root_of_zero(rng):
    model, parameters = layers(rng, [4, 8, 1], np.tanh)
    X = rng.normal(size=(40, 4))
    return Patient(lambda X: np.mean(np.sqrt(np.square(relu(model(X))))), parameters, (X,), steps=5)


def nan_among_the_data(rng):
    patient = classifier(rng, [6, 16, 3])
    patient.data[0][3, 2] = np.nan
    return patient


def leaked_classes(rng):
    X, y = blobs(rng)
    return classifier(rng, [9, 16, 3], X=np.column_stack([X, np.eye(3)[y]]), y=y)


def compared_with_itself(rng):
    y, w = rng.normal(size=(30, 1)), zeros(1)
    return Patient(lambda y: np.mean((y + 0 * (y * w) - y) ** 2), [w], (y,), steps=3)


def diverging_line(rng):
    X, w = rng.normal(size=(50, 3)), zeros(3)
    y = X @ [1.0, 2.0, 3.0] + 0.1 * rng.normal(size=50)
    return Patient(lambda X, y: np.mean((X @ w - y) ** 2), [w], (X, y), 1.5, 60, Descent)


def overflowing_curve(rng):
    X = rng.uniform(-3, 3, (100, 1))
    model, parameters = layers(rng, [1, 24, 24, 1], relu)
    return Patient(lambda X: np.mean((model(X) - np.sin(X)) ** 2), parameters, (X,), 3.0, 50, Descent)


def swinging(rng):
    w = Tensor(rng.normal(size=4), requires_grad=True)
    return Patient(lambda: np.sum(np.abs(w)), [w], (), 1.7, 42, Descent)


def detached(rng):
    X, y = blobs(rng)
    A, B = weights(rng, 6, 16), weights(rng, 16, 3)
    return Patient(lambda X, y: cross_entropy(np.tanh(X @ A).detach() @ B, y), [B], (X, y), steps=20)


def pixels(rng):
    patient = convolution(rng)
    X, y = patient.data
    return patient._replace(data=(255 * X, y))


def tiny(rng):
    patient = classifier(rng, [6, 16, 3])
    X, y = patient.data
    return patient._replace(data=(1e-5 * X, y))


def maximum_of_zero(rng):
    X, y = blobs(rng)
    model, parameters = layers(rng, [6, 24, 3], lambda z: np.maximum(z, 0))
    parameters[2].data -= 50.0
    return Patient(lambda X, y: cross_entropy(model(X), y), parameters, (X, y), steps=20)


def dead_channels(rng):
    patient = convolution(rng)
    patient.parameters[1].data -= 50.0
    return patient


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("patient", "trouble"),
    [
        (lambda rng: dead_relu(rng, (6, 12, 12, 3)), "dead units"),
        (maximum_of_zero, "dead units"),
        (dead_channels, "dead units"),
        (lambda rng: saturated_tanh(rng, (4, 50, 50, 3), 20.0), "saturation"),
        (saturated_by_a_bias, "saturation"),
        (lambda rng: vanishing_chain(rng, 9, 32)._replace(steps=20), "vanishing gradient"),
        (small_tanhs, "vanishing gradient"),
        (one_chain, "vanishing gradient"),
        (lambda rng: exploding_recurrence(rng, 20, 8, 4.0)._replace(steps=20), "exploding gradient"),
        (numbers_in_a_loop, "exploding gradient"),
        (data_in_the_closure, "exploding gradient"),
        (root_of_zero, "nan or inf"),
        (nan_among_the_data, "nan in the data"),
        (lambda rng: constant_feature(rng, 8, 0.0), "constant feature"),
        (lambda rng: constant_feature(rng, 8, 1.0), "constant feature"),
        (lambda rng: leaked_label(rng, 20), "label among the inputs"),
        (leaked_classes, "label among the inputs"),
        (compared_with_itself, "loss of zero"),
        (lambda rng: large_step(rng, 1000.0), "too large a step"),
        (diverging_line, "too large a step"),
        (overflowing_curve, "too large a step"),
        (swinging, "too large a step"),
        (detached, "frozen parameter"),
        (lambda rng: unscaled_input(rng, 500.0), "unscaled input"),
        (pixels, "unscaled input"),
        (tiny, "unscaled input"),
    ],
)
def test_other_sick_models_are_told_by_their_cause_as_well(patient, trouble, seed):
    assert troubles(filmed(patient(random(seed))).findings)[:1] == [trouble]


# Where, when, and relative to what ----------------------------------------------------------------------


def test_a_finding_says_where_it_begins():
    taken = movie(dead_relu)
    node = taken.findings[0].node
    assert {n.id: n.label for n in taken.first.graph.nodes}[node] == "relu"


def test_a_finding_says_what_is_the_case_relative_to_what():
    (found,) = of_page(unscaled_input(random()))[:1]
    assert found.words == ("feature 2 of X ranges over 8,036, feature 4 over 4.239: one step size cannot fit both")


def test_a_finding_is_dated_when_it_is_seen_first_and_not_when_it_is_worst():
    w = Tensor([[0.1, -0.1], [0.1, -0.2]], requires_grad=True)
    v = Tensor([[1.0], [1.0]], requires_grad=True)
    X = random().normal(size=(40, 2))
    movie = film(lambda X: np.mean(np.tanh(X @ w) @ v), X, every=2)
    for _ in range(10):
        w.data *= 2.0
        movie.step()
    (saturation,) = (finding for finding in movie.findings if finding.trouble == "saturation")
    shares = {frame.time: frame.facts[saturation.node].saturated for frame in movie.frames}
    assert saturation.step == min(step for step, share in shares.items() if share > 0.75)
    assert shares[saturation.step] < max(shares.values())


def test_a_page_and_a_film_of_no_training_find_the_same():
    patient = saturated_tanh(random())
    assert of_page(patient) == film(patient.loss, *patient.data).findings != ()


def test_nan_is_traced_back_to_where_it_begins():
    def loss(x):
        return np.sum(np.sqrt(np.log(x)) * x + x)

    with np.errstate(all="ignore"):
        (found, *_) = draw(loss, np.array([0.5, 2.0])).findings
    assert (found.trouble, found.node) == ("nan or inf", "n2")
    assert found.words == "sqrt gives nan for arguments that are finite: it is here that it begins"


def test_nan_in_a_gradient_is_traced_back_to_the_slope_that_makes_it():
    w = Tensor([0.0, 1.0], requires_grad=True, name="w")
    with np.errstate(all="ignore"):
        (found, *_) = draw(lambda: np.sum(np.sqrt(w * 2.0))).findings
    assert found.trouble == "nan or inf"
    assert found.words == "the value of sqrt is finite, but its slope is not, and so is the gradient of w"


def test_what_is_cut_off_is_told_by_its_name():
    (found, *_) = of_page(detached(random()))
    assert (found.node, found.words) == (None, "the loss does not depend on A: it is cut off by detach, or not used")


def test_of_what_is_no_loss_it_is_not_asked_on_what_it_depends():
    A, B = weights(random(), 2, 2), weights(random(), 2, 2)

    def hidden(X, whole=False):
        return X @ A @ B if whole else X @ A

    assert draw(hidden, random().normal(size=(20, 2))).findings == ()


def test_as_text_a_finding_is_one_line():
    (found,) = of_page(saturated_tanh(random()))
    assert str(found).startswith("saturation in n7: 92% of 2,880 outputs are where tanh has less than a hundredth of")


def test_a_loss_that_overflows_because_a_parameter_has_become_large_is_that_of_too_large_a_step():
    w = Tensor(1.0, requires_grad=True)
    movie = film(lambda x: np.mean((x * w) ** 2), np.ones(4), every=1)
    w.data *= 1e200
    with np.errstate(all="ignore"):
        movie.step()
    assert (movie.losses, troubles(movie.findings)) == ((1.0, None), ["too large a step", "nan or inf"])


def test_a_parameter_that_moves_later_is_not_frozen():
    patient = classifier(random(), [6, 8, 3])
    first, second = patient.parameters[:2], patient.parameters[2:]
    taken = film(patient.loss, *patient.data, every=1)
    for parameters in (first, second):
        Descent(parameters, 0.1).step(patient.loss(*patient.data))
        taken.step()
    assert taken.findings == ()


def test_a_long_residual_chain_and_a_recurrent_net_are_found_healthy_as_they_are_made():
    assert of_page(residual(random(), 121)) == of_page(HEALTHY[5](random(), length=64)) == ()
