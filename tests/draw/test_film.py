"""Films: what flows through a network while it is trained, on one page."""

import gc
import html
import re
from weakref import ref

import numpy as np
import pytest
from models import Moons, moons_data
from reading import facts

from autograd_nn import Tensor, relu
from autograd_nn.draw import film

X, Y = moons_data()


def descend(loss, parameters, rate=0.5):
    loss(X, Y).backward()
    for t in parameters:
        t.data -= rate * t.grad.data
        t.grad = None


def trained(steps, every=10):
    model = Moons()
    movie = film(model.loss, X, Y, every=every)
    parameters = [model.hidden.W, model.hidden.b, model.output.W, model.output.b]
    for _ in range(steps):
        descend(model.loss, parameters)
        movie.step()
    return movie


class OneUnit:
    """A unit whose weights the tests set."""

    def __init__(self, activation):
        self.activation = activation
        self.w = Tensor([[0.1, -0.1], [0.1, -0.2]], requires_grad=True)

    def __call__(self, X):
        return np.mean(self.activation(X @ self.w))


def known(movie, tmp_path):
    return facts(movie.save(tmp_path / "film.html").read_text(encoding="utf-8"))


def test_a_frame_is_taken_at_the_start_and_every_so_many_steps():
    movie = trained(25)
    assert [frame.time for frame in movie.frames] == [0, 10, 20]
    assert repr(movie) == "<Film of 3 frames, 25 steps>"


def test_the_page_holds_all_frames(tmp_path):
    page = known(trained(20, every=5), tmp_path)
    assert [frame["time"] for frame in page["frames"]] == [0, 5, 10, 15, 20]
    ids = {node["id"] for node in page["nodes"]}
    assert all(set(frame["values"]) == ids for frame in page["frames"])


def test_frames_show_the_values_and_gradients_of_their_time(tmp_path):
    model = OneUnit(np.tanh)
    movie = film(model, X, every=1)
    model.w.data *= 2.0
    movie.step()
    page = known(movie, tmp_path)
    w = next(node["id"] for node in page["nodes"] if node["name"] == "w")
    assert [frame["values"][w]["max"] for frame in page["frames"]] == [0.1, 0.2]
    slopes = [X.T @ (1 - np.tanh(X @ weights) ** 2) / (2 * len(X)) for weights in (model.w.data / 2, model.w.data)]
    found = [frame["gradients"][w]["max"] for frame in page["frames"]]
    assert found == pytest.approx([slope.max() for slope in slopes], rel=1e-3)


def test_a_unit_that_saturates_is_seen(tmp_path):
    model = OneUnit(np.tanh)
    movie = film(model, X, every=1)
    for _ in range(3):
        model.w.data *= 10.0
        movie.step()
    page = known(movie, tmp_path)
    tanh = next(node["id"] for node in page["nodes"] if node["label"] == "tanh")
    shares = [frame["values"][tanh]["saturated"] for frame in page["frames"]]
    assert shares == sorted(shares)
    assert shares[0] == 0 < 0.9 < shares[-1]


def test_a_unit_that_dies_is_seen(tmp_path):
    model = OneUnit(relu)
    movie = film(model, np.abs(X), every=1)
    model.w.data -= 1.0
    movie.step()
    page = known(movie, tmp_path)
    unit = next(node["id"] for node in page["nodes"] if node["label"] == "relu")
    assert [frame["values"][unit]["dead"] for frame in page["frames"]] == [0.5, 1.0]


def test_a_gradient_that_vanishes_is_seen(tmp_path):
    model = OneUnit(np.tanh)
    movie = film(model, X, every=1)
    model.w.data *= 1e3
    movie.step()
    page = known(movie, tmp_path)
    w = next(node["id"] for node in page["nodes"] if node["name"] == "w")
    first, last = (frame["gradients"][w]["rms"] for frame in page["frames"])
    assert last < first / 10


def test_values_that_are_not_finite_are_counted_on_the_page(tmp_path):
    model = OneUnit(np.tanh)
    movie = film(model, X, every=1)
    model.w.data[:] = np.nan
    movie.step()
    page = known(movie, tmp_path)
    w = next(node["id"] for node in page["nodes"] if node["name"] == "w")
    assert page["frames"][1]["values"][w]["nan"] == 4


def test_the_training_is_the_same_with_and_without_a_film():
    filmed, plain = Moons(), Moons()
    movie = film(filmed.loss, X, Y, every=1)
    for _ in range(5):
        for model in (filmed, plain):
            descend(model.loss, [model.hidden.W, model.output.b])
        movie.step()
    np.testing.assert_array_equal(filmed.hidden.W.data, plain.hidden.W.data)


def test_filming_leaves_the_gradients_alone():
    model = Moons()
    model.loss(X, Y).backward()
    before = model.hidden.W.grad.data.copy()
    film(model.loss, X, Y, every=1).step()
    np.testing.assert_array_equal(model.hidden.W.grad.data, before)


def test_a_notebook_shows_a_film_as_its_page():
    movie = trained(10)
    shown = re.fullmatch(r'<iframe srcdoc="([^"]*)" style="[^"]*" title="[^"]*"></iframe>', movie._repr_html_())
    assert html.unescape(shown[1]) == movie.html()


def test_a_page_is_text_that_a_notebook_shows_as_a_page():
    page = trained(0).html()
    assert page.startswith("<!doctype html>")
    assert repr(page) == f"<Page of {len(page):,} characters>"


def test_a_film_tells_the_loss_of_each_frame():
    model = Moons()
    movie = film(model.loss, X, Y, every=1)
    descend(model.loss, [model.hidden.W])
    now = model.loss(X, Y).item()
    movie.step()
    assert movie.losses == (Moons().loss(X, Y).item(), now)


def test_a_loss_that_is_not_finite_or_no_single_number_is_none():
    w = Tensor([[1.0, 2.0]], requires_grad=True)
    with np.errstate(all="ignore"):
        assert film(lambda: np.sum(np.log(w - 1.0))).losses == (None,)
    assert film(lambda: np.exp(w)).losses == (None,)


def test_the_page_knows_what_was_found_and_when(tmp_path):
    model = Moons()
    movie = film(model.loss, X, Y, every=1)
    for _ in range(2):
        descend(model.loss, [model.hidden.W, model.hidden.b, model.output.b])
        movie.step()
    (found,) = known(movie, tmp_path)["findings"]
    assert (found["trouble"], found["step"]) == ("frozen parameter", 1)
    assert found["words"].startswith("output.W stays the same for 2 steps while others change")


def test_a_film_saved_twice_is_the_same_bytes(tmp_path):
    first, second = (trained(10).save(tmp_path / f"{n}.html").read_bytes() for n in range(2))
    assert first == second


def test_a_film_keeps_no_tape():
    tape = []

    def loss(X):
        y = np.tanh(X)
        tape.append(ref(y.data))
        return np.sum(y)

    gc.disable()
    try:
        movie = film(loss, X, every=1)
        movie.step()
        assert [array() is None for array in tape] == [True, True]
        assert len(movie.frames) == 2
    finally:
        gc.enable()


def test_a_graph_that_changes_is_refused_with_the_step():
    width = [2]

    def loss(X):
        return np.sum(np.tanh(X[:, : width[0]]))

    movie = film(loss, X, every=2)
    width[0] = 1
    movie.step()
    with pytest.raises(ValueError, match=r"the graph has changed: .* at first, .* at step 2; a film needs the same"):
        movie.step()


@pytest.mark.parametrize("every", [0, -1])
def test_every_is_at_least_one(every):
    with pytest.raises(ValueError, match=f"every is the number of steps between frames, 1 or more: got {every}"):
        film(np.sum, X, every=every)


def test_a_loss_that_is_already_computed_is_refused_with_what_to_write():
    with pytest.raises(TypeError, match=r"film\(\) calls the loss: got Tensor, write film\(loss, X, y\)"):
        film(np.sum(Tensor(X, requires_grad=True)))


def test_a_film_is_a_page_and_no_picture(tmp_path):
    with pytest.raises(ValueError, match=r"a film is an interactive page, path must end in \.html: got .*film\.svg"):
        trained(0).save(tmp_path / "film.svg")
    assert trained(0).save(tmp_path / "FILM.HTML").exists()


def test_a_function_whose_lines_are_those_of_its_caller_is_filmed():
    movie = film(np.sum, np.ones(3), every=1)
    movie.step()
    assert len(movie.frames) == 2


@pytest.mark.parametrize("every", [0, -1, 2.5, "5"])
def test_every_is_a_number_of_steps(every):
    with pytest.raises(ValueError, match="every is the number of steps between frames, 1 or more: got"):
        film(np.sum, np.ones(3), every=every)
