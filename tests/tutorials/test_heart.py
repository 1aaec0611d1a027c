"""The heart network: its golden values, its two losses, and what it says about bad files."""

from hashlib import sha256

import numpy as np
import pytest
from golden import GOLDEN

from autograd_nn import Tensor
from autograd_nn.engine.errors import InputError
from autograd_nn.tutorials import heart
from autograd_nn.tutorials.network import Interrupted

LINE = "70.0 1.0 4.0 130.0 322.0 0.0 2.0 109.0 0.0 2.4 2.0 3.0 3.0 2\n"


def test_the_split_is_the_published_one():
    expected = np.load(GOLDEN / "heart_data.npz")
    patients = heart.split(*heart.load())
    for name, array in patients._asdict().items():
        np.testing.assert_allclose(array, expected[name.replace("_", "")], rtol=0, atol=1e-13)


@pytest.mark.parametrize("loss", heart.LOSSES)
def test_the_first_50_updates_are_the_published_ones(loss):
    expected = np.load(GOLDEN / "heart_13_8_1.npz")
    seen = []

    def compare(k, parameters, gradients, loss):
        seen.append(k)
        for name in ("W1", "b1", "W2", "b2"):
            np.testing.assert_allclose(parameters[name], expected[f"{name}_traj"][k], rtol=0, atol=1e-10)
            np.testing.assert_allclose(gradients[name], expected[f"d{name}_traj"][k - 1], rtol=0, atol=1e-10)
        assert abs(loss - expected["loss"][k - 1]) < 1e-10

    heart.train(iterations=50, loss=loss, on_update=compare)
    assert seen == list(range(1, 51))


@pytest.mark.parametrize("loss", heart.LOSSES)
def test_the_whole_run_is_the_published_one(loss):
    expected = np.load(GOLDEN / "heart_13_8_1.npz")
    network = heart.train(loss=loss)
    np.testing.assert_allclose(network.losses, expected["loss"], rtol=0, atol=1e-10)
    for name, array in network.parameters.items():
        np.testing.assert_allclose(array, expected[f"{name}_final"], rtol=0, atol=1e-10)
    assert (network.losses[0], network.losses[-1]) == pytest.approx((1.406818, 0.278311), abs=1e-6)
    assert (network.train_accuracy, network.test_accuracy) == (188 / 216, 41 / 54)
    patients = heart.split(*heart.load())
    np.testing.assert_allclose(network.predict_proba(patients.X_test)[:, 1:], expected["ptest"], rtol=0, atol=1e-10)


def test_the_longer_run_overfits():
    network = heart.train((13, 10, 1), learning_rate=0.01, iterations=500)
    assert network.losses[-1] < 0.02
    assert network.test_losses[-1] > 2 * min(network.test_losses)


def test_it_may_be_deeper():
    network = heart.train((13, 8, 5, 1))
    assert list(network.parameters) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    assert network.losses[-1] < network.losses[0]


def test_the_baselines_are_the_published_ones():
    found = heart.baselines(heart.split(*heart.load()))
    assert found == pytest.approx({"majority": 0.5926, "logistic regression": 0.7593}, abs=5e-5)


def test_from_logits_a_saturated_patient_still_has_a_gradient():
    z = Tensor([40.0, -40.0, 1000.0, -1000.0], requires_grad=True)
    loss = heart.loss_from_logits(z, np.array([1.0, 0.0, 0.0, 1.0]))
    loss.backward()
    tail = np.exp(-40.0)
    assert loss.item() == 2000.0
    np.testing.assert_allclose(z.grad.numpy(), [-tail, tail, 1.0, -1.0], rtol=1e-14)


def test_the_clipped_gradient_goes_straight_through_the_clip():
    p = Tensor([1e-15, 0.3, 1.0], requires_grad=True)
    floored = heart.floored(p)
    np.testing.assert_allclose(floored.numpy(), [1e-10, 0.3, 1.0], rtol=1e-15)
    np.log(floored).sum().backward()
    np.testing.assert_allclose(p.grad.numpy(), 1 / np.maximum(p.numpy(), 1e-10), rtol=1e-15)


def test_clipped_and_exact_agree_where_nothing_is_clipped():
    z, y = np.linspace(-8, 8, 33), np.arange(33) % 2
    assert heart.clipped_loss(z, y) == pytest.approx(heart.loss_from_logits(z, y), rel=1e-12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LINE + "1 2 3\n", r"heart\.dat:2: 13 measurements and a target are 14 columns separated by spaces: got 3"),
        (LINE.replace(" ", ","), r"heart\.dat:1: there is no number in this line"),
        ("age sex cp\n" + LINE, r"heart\.dat:1: there is no number in this line; delete it if it is a header"),
        (LINE + LINE.replace("322.0", "?"), r"heart\.dat:2: column 5 is '\?', a missing value"),
        (LINE + LINE.replace("322.0", "nan"), r"heart\.dat:2: column 5 is 'nan', a missing value"),
        (LINE + "\n" + LINE[:-2] + "3\n", r"heart\.dat:3: the target, .* must be 1 .* or 2 .*: got 3"),
        ("", r"heart\.dat: 0 patients are too few"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path, text, message):
    path = tmp_path / "heart.dat"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        heart.train(data=path)


def test_patients_to_train_on_who_are_all_alike_are_refused(tmp_path):
    path = tmp_path / "heart.dat"
    path.write_text(20 * LINE)
    with pytest.raises(InputError, match="some with and some without the disease"):
        heart.train(data=path)


def test_the_data_that_come_with_the_package_are_the_file_of_the_archive():
    # from the UCI archive, data set 145
    checksum = "f5f3b4204c285bafadd85cb735f38b47689f2be7047feb172dcbeab648110bf9"
    assert sha256(heart.DATA.read_bytes()).hexdigest() == checksum
    assert "CC BY 4.0" in (heart.DATA.parent / "README.md").read_text()


def test_an_interrupted_training_hands_over_what_it_has_learned():
    def stop(k, loss):
        if k == 20:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as caught:
        heart.train(on_record=stop)
    network = caught.value.trained
    assert caught.value.steps == len(network.losses) == 21
    assert network.losses[-1] == heart.train().losses[20]
    assert network.train_accuracy > 0.5


@pytest.mark.parametrize("layers", [(12, 1), (13, 8, 2), (13, 0, 1)])
def test_layers_that_do_not_fit_the_data_are_refused(layers):
    with pytest.raises(InputError, match=f"layers must lead from 13 .* got {' '.join(map(str, layers))}"):
        heart.train(layers)


def test_an_unknown_loss_is_refused():
    with pytest.raises(InputError, match="loss must be one of logits, clipped: got 'mse'"):
        heart.train(loss="mse")
