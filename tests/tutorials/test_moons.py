"""The moons network: its golden values, its exercises, and the published forward code on Tensors."""

import numpy as np
import pytest
from golden import GOLDEN

from autograd_nn import Tensor
from autograd_nn.engine.errors import InputError
from autograd_nn.tutorials import moons
from autograd_nn.tutorials.network import Interrupted, leaves
from autograd_nn.tutorials.pictures import LIGHT

NAMES = ("W1", "b1", "W2", "b2")


def test_the_data_are_the_published_points_bit_for_bit():
    X, y = moons.data()
    expected = np.load(GOLDEN / "moons_data.npz")
    np.testing.assert_array_equal(X, expected["X"])
    np.testing.assert_array_equal(y, expected["y"])


def test_the_first_50_updates_are_the_published_ones():
    expected = np.load(GOLDEN / "moons_h3.npz")
    seen = []

    def compare(k, parameters, gradients, loss):
        seen.append(k)
        for name in NAMES:
            np.testing.assert_allclose(parameters[name], expected[f"{name}_traj"][k], rtol=0, atol=1e-10)
            slope = expected[f"d{name}_traj"][k - 1].reshape(gradients[name].shape)
            np.testing.assert_allclose(gradients[name], slope, rtol=0, atol=1e-10)
        assert abs(loss - expected["loss_traj"][k]) < 1e-10

    moons.train(passes=50, on_update=compare)
    assert seen == list(range(1, 51))


def test_20000_passes_end_in_the_published_cycle():
    network = moons.train()
    assert [k for k, _ in network.losses] == [*range(0, 20_000, 1000), 20_000]
    cycle = np.load(GOLDEN / "moons_h3_cycle.npz")  # rounding decides which of its two points pass 20,000 comes to
    k = min((19_999, 20_000), key=lambda k: abs(network.losses[-1][1] - cycle[f"loss_k{k}"]))
    assert abs(network.losses[-1][1] - cycle[f"loss_k{k}"]) < 1e-6
    for name in NAMES:
        np.testing.assert_allclose(network.parameters[name], cycle[f"{name}_k{k}"], rtol=0, atol=1e-6)
    assert network.losses[0][1] == pytest.approx(0.432387, abs=1e-6)
    assert network.losses[1][1] == pytest.approx(0.068947, abs=1e-6)
    assert network.train_accuracy == 0.975


def test_the_published_forward_code_trains_on_tensors_as_it_stands():
    X, y = moons.data()
    X = Tensor(X)  # an array's own dot method, unlike np.dot, asks nobody
    W1, b1, W2, b2 = (Tensor(array, requires_grad=True) for array in moons.initial((2, 3, 2), seed=0).values())
    parameters = dict(zip(NAMES, (W1, b1, W2, b2), strict=True))
    reached = []
    for _ in range(50):
        z1 = X.dot(W1) + b1
        a1 = np.tanh(z1)
        z2 = a1.dot(W2) + b2
        exp_scores = np.exp(z2)
        probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
        data_loss = np.sum(-np.log(probs[range(len(X)), y]))
        loss = data_loss + 0.01 / 2 * (np.sum(np.square(W1)) + np.sum(np.square(W2)))
        loss.backward()
        for parameter in parameters.values():
            parameter.data += -0.01 * parameter.grad.data
            parameter.grad = None
        reached.append({name: parameter.data.copy() for name, parameter in parameters.items()})

    def compare(k, parameters, gradients, loss):
        for name in NAMES:
            np.testing.assert_allclose(parameters[name], reached[k - 1][name], rtol=0, atol=1e-10)

    moons.train(passes=50, on_update=compare)


@pytest.mark.parametrize(
    ("settings", "least"),
    [
        ({"batch_size": 20}, 0.95),
        ({"batch_size": 33, "anneal": 0.01}, 0.95),
        ({"anneal": 0.001}, 0.95),
        ({"activation": "relu", "hidden": 10}, 0.95),
        ({"activation": "sigmoid", "hidden": 5}, 0.95),
        ({"classes": 3, "hidden": 10, "anneal": 0.01}, 0.9),
        ({"hidden": (5, 5), "anneal": 0.01}, 0.95),
        ({"hidden": ()}, 0.8),
    ],
    ids=str,
)
def test_each_exercise_learns(settings, least):
    network = moons.train(passes=600, **settings)
    assert network.losses[-1][1] < network.losses[0][1]
    assert network.train_accuracy > least


def test_minibatches_visit_every_point_once_a_pass():
    seen = np.concatenate(moons.batches(10, 4, np.random.RandomState(0)))
    assert sorted(seen) == list(range(10))


def test_three_classes_have_a_probability_each():
    network = moons.train(passes=1, classes=3)
    probabilities = network.predict_proba(np.zeros((4, 2)))
    assert probabilities.shape == (4, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_the_same_seed_gives_the_same_network_and_leaves_the_global_state_alone():
    np.random.seed(7)  # noqa: NPY002 (the global state is what is looked at)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second = (moons.train(passes=5, batch_size=50, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.parameters["W1"], second.parameters["W1"])
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_what_is_drawn_is_what_is_trained():
    X, y = moons.data()
    parameters = leaves(moons.initial((2, 3, 2), seed=0))
    drawn = moons.expression(parameters, y)(X)
    assert drawn.item() == moons.objective(X, y, parameters).item()


def test_a_film_has_its_frames_at_the_beginning_and_leaves_the_training_as_it_is():
    network, filmed = moons.train(passes=60), moons.train(passes=60, frames=4)
    assert network.film is None
    assert [frame.time for frame in filmed.film.frames] == [0, 10, 20, 30]
    np.testing.assert_array_equal(network.parameters["W1"], filmed.parameters["W1"])


def test_the_curve_has_the_loss_after_each_pass_at_first_and_after_the_last():
    losses = {}
    network = moons.train(passes=150, on_update=lambda k, parameters, gradients, loss: losses.update({k: loss}))
    assert [k for k, _ in network.curve] == [*range(1, 101), 109, 110, 119, 120, 129, 130, 139, 140, 149, 150]
    assert dict(network.curve) == {k: losses[k] for k, _ in network.curve}


def test_an_interrupted_training_hands_over_what_it_has_learned():
    def stop(k, parameters, gradients, loss):
        if k == 31:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as caught:
        moons.train(on_update=stop)
    network = caught.value.trained
    assert caught.value.steps == 30
    assert [k for k, _ in network.losses] == [0, 30]
    assert network.curve[-1] == network.losses[-1]
    assert network.train_accuracy > 0.8


@pytest.mark.parametrize(("classes", "lines"), [(2, 2), (3, 3)])
def test_a_boundary_shades_probabilities_and_rings_the_points_that_are_wrong(classes, lines):
    X, y = moons.data(classes)
    network = moons.train(passes=50, classes=classes)
    _, (ax,) = LIGHT.panels()
    LIGHT.boundary(ax, network.predict_proba, X, y)
    (shades,) = ax.images
    assert len(np.unique(shades.get_array().reshape(-1, 3), axis=0)) > 1000  # not a tint for each class
    *_, rings = ax.collections
    assert rings.get_label() == "on the wrong side"
    wrong = network.predict(X) != y
    np.testing.assert_array_equal(rings.get_offsets(), X[wrong])
    assert ax.get_xlabel()
    assert ax.get_ylabel()


def test_shades_are_those_of_the_paper_where_chances_are_even_and_of_the_class_where_it_is_certain():
    from matplotlib.colors import to_rgb

    def certain(x):
        return np.where(x[:, :1] > 0, [[1.0, 0.0]], [[0.5, 0.5]])

    _, (ax,) = LIGHT.panels()
    LIGHT.boundary(ax, certain, np.array([[-1.0, 0.0], [1.0, 0.0]]), np.array([0, 0]))
    shades = ax.images[0].get_array()
    np.testing.assert_allclose(shades[0, 0], to_rgb(LIGHT.paper))
    np.testing.assert_allclose(shades[0, -1], to_rgb(LIGHT.tints[0]))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden": 0}, "hidden must be at least 1: got 0"),
        ({"passes": 0}, "passes must be at least 1: got 0"),
        ({"learning_rate": float("nan")}, "learning_rate must be at least 0: got nan"),
        ({"batch_size": 0}, "batch_size must be at least 1: got 0"),
        ({"frames": -1}, "frames must be at least 0: got -1"),
        ({"activation": "elu"}, "activation must be one of tanh, relu, sigmoid: got 'elu'"),
        ({"classes": 4}, "classes must be 2 or 3: got 4"),
        ({"seed": -1}, "seed must be between 0 and"),
    ],
    ids=str,
)
def test_a_setting_out_of_range_is_refused_by_name(settings, message):
    with pytest.raises(InputError, match=message):
        moons.train(**settings)
