"""The neuron: its golden values, and the numbers worked by hand."""

import numpy as np
import pytest
from golden import GOLDEN

from autograd_nn.tutorials import neuron
from autograd_nn.tutorials.network import Interrupted


def test_the_data_are_the_published_points():
    expected = np.load(GOLDEN / "neuron_data.npz")
    np.testing.assert_array_equal(neuron.INPUTS, expected["input_vectors"])
    np.testing.assert_array_equal(neuron.TARGETS, expected["targets"])


def test_the_first_50_updates_are_the_published_ones():
    expected = np.load(GOLDEN / "neuron_seed0.npz")
    seen = []

    def compare(k, parameters, gradients, error):
        seen.append(k)
        for name, short in (("weights", "W"), ("bias", "b")):
            np.testing.assert_allclose(parameters[name], expected[f"{short}_traj"][k], rtol=0, atol=1e-10)
            np.testing.assert_allclose(gradients[name], expected[f"d{short}_traj"][k - 1], rtol=0, atol=1e-10)
        point = expected["index_seq"][k - 1]
        p = neuron.predict(neuron.INPUTS[point], expected["W_traj"][k - 1], expected["b_traj"][k - 1])
        assert abs(error - (p - neuron.TARGETS[point]) ** 2) < 1e-10

    neuron.train(iterations=50, on_update=compare)
    assert seen == list(range(1, 51))


def test_the_errors_of_10000_iterations_are_the_published_ones():
    expected = np.load(GOLDEN / "neuron_seed0.npz")
    trained = neuron.train()
    np.testing.assert_allclose(trained.cumulative_errors, expected["cumulative_errors"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(trained.weights, expected["weights_final"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(trained.predict(neuron.INPUTS), expected["pred_final"], rtol=0, atol=1e-10)


def test_the_numbers_worked_by_hand_come_out():
    published = {
        "first_similarity": 2.1672,
        "second_similarity": 4.126,
        "first_prediction": 0.7985731042296965,
        "second_prediction": 0.8710191478537642,
        "error": 0.7586743559278976,
        "derivative": 1.7420382957075284,
        "corrected_prediction": 0.014962479449257616,
        "corrected_error": 0.00022387579126945649,
        "slope_of_error_by_bias": 0.00044105210868680197,
    }
    numbers = neuron.worked_numbers()
    for name, value in published.items():
        assert numbers.pop(name) == pytest.approx(value, rel=0, abs=1e-12), name
    assert numbers.pop("first_prediction_then") == pytest.approx(0.01431593, abs=5e-9)
    assert not numbers


def test_the_curve_has_the_error_after_each_step_at_first():
    curve = dict(neuron.train(iterations=301).curve)
    errors = neuron.train(iterations=301).cumulative_errors
    assert set(range(1, 101)) < set(curve)
    assert (curve[1], curve[301]) == (errors[0], errors[3])


def test_an_interrupted_training_hands_over_what_it_has_learned():
    def stop(k, parameters, gradients, error):
        if k == 31:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as caught:
        neuron.train(on_update=stop)
    assert caught.value.steps == caught.value.trained.curve[-1][0] == 30


def test_a_point_is_right_where_its_prediction_is_nearer_to_its_target():
    trained = neuron.Neuron(np.array([0.0, 10.0]), np.array(-20.0), np.zeros(0), [])  # 1 where the second is above 2
    assert trained.right.tolist() == [True, False, True, True, True, False, False, True]


def test_a_single_input_gives_a_single_prediction():
    assert np.shape(neuron.train(iterations=1).predict([2, 1.5])) == ()
