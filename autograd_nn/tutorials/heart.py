"""Heart disease: 13 measurements of a patient, a layer of relu units, and the probability of disease.

The data come with the package: the Statlog (Heart) set, number 145 in the UCI machine learning repository,
https://doi.org/10.24432/C57303, CC BY 4.0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from autograd_nn import Tensor, logsumexp, relu, scope, sigmoid
from autograd_nn.engine.errors import InputError
from autograd_nn.engine.tensor import raw
from autograd_nn.tutorials.network import (
    Array,
    Interrupted,
    Parameters,
    Record,
    Update,
    at_least,
    dense,
    descend,
    leaves,
    random_state,
    values,
)
from autograd_nn.tutorials.pictures import LIGHT, Style

__all__ = [
    "LOSSES",
    "Network",
    "Split",
    "baselines",
    "check_layers",
    "draw_overfitting",
    "draw_pictures",
    "expression",
    "load",
    "split",
    "train",
]

DATA = Path(__file__).parent / "data" / "heart.dat"
"""The file as it is in the archive; the README.md beside it says whose it is."""
MEASUREMENTS = 13


# Data -------------------------------------------------------------------------------------------------


def load(path: str | Path = DATA) -> tuple[Array, Array]:
    """The patients in a file: 13 measurements and a target (1 no disease, 2 disease) in each line.

    Parameters
    ----------
    path : path, optional
        By default the file that comes with the package.

    Returns
    -------
    X : float64 array of shape (n, 13)
    y : float64 array of shape (n, 1)
        1 where there is disease, else 0.

    Raises
    ------
    InputError
        (a ValueError) that names the file and the line, if there is something else in it.
    OSError
        If it cannot be read.
    """
    lines = Path(path).read_text(errors="replace").splitlines()
    rows = [parsed(line.split(), f"{path}:{number}") for number, line in enumerate(lines, start=1) if line.strip()]
    if len(rows) < 2:
        raise InputError(f"{path}: {len(rows)} patients are too few to train and to test on")
    table = np.array(rows)
    return table[:, :-1], table[:, -1:] - 1


def parsed(fields: list[str], place: str) -> list[float]:
    """The numbers of one line."""
    numbers = [number(field) for field in fields]
    if not any(map(isfinite, numbers)):
        raise InputError(f"{place}: there is no number in this line; delete it if it is a header")
    if len(numbers) != MEASUREMENTS + 1:
        raise InputError(
            f"{place}: {MEASUREMENTS} measurements and a target are {MEASUREMENTS + 1} columns separated by spaces: "
            f"got {len(numbers)}"
        )
    for column, (field, value) in enumerate(zip(fields, numbers, strict=True), start=1):
        if not isfinite(value):
            raise InputError(f"{place}: column {column} is {field!r}, a missing value; fill it in or delete the line")
    if numbers[-1] not in (1, 2):
        raise InputError(
            f"{place}: the target, in the last column, must be 1 (no disease) or 2 (disease): got {fields[-1]}"
        )
    return numbers


def number(field: str) -> float:
    """What the field says, nan if that is no number."""
    try:
        return float(field)
    except ValueError:
        return np.nan


class Split(NamedTuple):
    """The patients to train on and to test on, in units of the training part's standard deviations."""

    X_train: Array
    X_test: Array
    y_train: Array
    y_test: Array


def split(X: Array, y: Array) -> Split:
    """The published split: four fifths to train on, scaled to mean 0 and standard deviation 1.

    Raises
    ------
    InputError
        (a ValueError) if none of the patients to train on, or all of them, have the disease.
    """
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=2)
    if len(np.unique(y_train)) < 2:
        raise InputError("the patients to train on must be some with and some without the disease")
    scaler = StandardScaler().fit(X_train)
    return Split(scaler.transform(X_train), scaler.transform(X_test), y_train, y_test)


# The network and its two losses -----------------------------------------------------------------------


def logits(X: Any, parameters: Parameters) -> Any:
    """``relu(X @ W1 + b1) @ W2 + b2``: the probability of disease is the sigmoid of it."""
    return dense(X, *parameters.values(), activation=relu)


def loss_from_logits(z: Any, y: Array) -> Any:
    """Binary cross entropy, summed: log(1 + exp(-z)) of a patient with the disease, log(1 + exp(z)) without.

    Right to the last digit, value and gradient, however sure the network is.

    >>> import numpy as np
    >>> loss_from_logits(np.array([40.0]), np.array([1.0]))
    np.float64(4.248354255291589e-18)
    """
    against = (1 - 2 * y) * z
    return logsumexp(np.stack([np.zeros(against.shape), against]), axis=0).sum()


def clipped_loss(z: Any, y: Array) -> Any:
    """Binary cross entropy from probabilities of at least 1e-10, summed: the published loss."""
    p = sigmoid(z)
    return -np.sum(y * np.log(floored(p)) + (1 - y) * np.log(floored(1 - p)))


def floored(p: Any, floor: float = 1e-10) -> Any:
    """max(p, floor). What is added is a constant, so the gradient goes straight through, as published."""
    return p + np.maximum(floor - raw(p), 0)


LOSSES = {"logits": loss_from_logits, "clipped": clipped_loss}


def check_layers(layers: Sequence[int]) -> None:
    """Refuse layers that do not lead from the measurements to one probability."""
    if layers[0] != MEASUREMENTS or layers[-1] != 1 or min(layers) < 1:
        raise InputError(
            f"layers must lead from {MEASUREMENTS} measurements to 1 probability: got {' '.join(map(str, layers))}"
        )


def initial(layers: Sequence[int], seed: int) -> dict[str, Array]:
    """Weights and biases from the standard normal distribution, in the order W1, b1, W2, b2, ..."""
    rng = random_state(seed)
    parameters = {}
    for k, (inputs, outputs) in enumerate(pairwise(layers), start=1):
        parameters[f"W{k}"] = rng.randn(inputs, outputs)
        parameters[f"b{k}"] = rng.randn(outputs)
    return parameters


@dataclass(eq=False)
class Network:
    """A trained network.

    Attributes
    ----------
    parameters : dict of float64 arrays
        W1 of shape (13, 8), b1 (8,), W2 (8, 1), b2 (1,), or as the layers say.
    losses, test_losses : list of float
        The mean loss of the training and of the test part, before each update.
    train_accuracy, test_accuracy : float
    """

    parameters: dict[str, Array]
    losses: list[float]
    test_losses: list[float]
    train_accuracy: float = np.nan
    test_accuracy: float = np.nan

    def predict_proba(self, X: Array) -> Array:
        """The probabilities of no disease and of disease: shape (n, 2) for X (n, 13), scaled as by `split`."""
        p = sigmoid(logits(X, self.parameters))
        return np.concatenate([1 - p, p], axis=1)

    def predict(self, X: Array) -> Array:
        """1 where disease is the more probable, else 0: shape (n,) for X (n, 13), scaled as by `split`."""
        return (logits(X, self.parameters) > 0).astype(int).ravel()


def train(
    layers: Sequence[int] = (13, 8, 1),
    learning_rate: float = 0.001,
    iterations: int = 100,
    seed: int = 1,
    data: str | Path = DATA,
    loss: str = "logits",
    on_update: Update | None = None,
    *,
    on_record: Record | None = None,
) -> Network:
    """Train the network by gradient descent on all training patients at once.

    Parameters
    ----------
    layers : sequence of ints
        Widths from the 13 measurements to the one probability.
    learning_rate : float
        The step on the summed loss.
    iterations : int
        Number of updates.
    seed : int
        Of the initial parameters.
    data : path, optional
        The data file; by default the one that comes with the package.
    loss : {'logits', 'clipped'}
        Binary cross entropy from the logits, or the published one from clipped probabilities, whose gradient
        passes the clip as if it were not there. They differ only for patients of whom the network is all but certain.
    on_update : callable, optional
        ``on_update(k, parameters, gradients, loss)`` after update k = 1, 2, ...: copies in dictionaries of arrays, and
        the mean loss before that update. The gradients are those of the summed loss.
    on_record : callable, optional
        ``on_record(k, loss)`` before update k + 1.

    Returns
    -------
    Network

    Raises
    ------
    InputError
        (a ValueError) if a setting is out of range, or the file holds something else.
    OSError
        If the file cannot be read.
    Interrupted
        (a KeyboardInterrupt) if it is stopped by Ctrl-C, with the network that it has trained so far.
    """
    check_layers(layers)
    at_least(1, iterations=iterations)
    at_least(0, learning_rate=learning_rate)
    if loss not in LOSSES:
        raise InputError(f"loss must be one of {', '.join(LOSSES)}: got {loss!r}")
    X_train, X_test, y_train, y_test = split(*load(data))
    parameters = leaves(initial(layers, seed))
    network = Network({}, [], [])
    interrupted = False
    try:
        for k in range(iterations):
            total = LOSSES[loss](logits(X_train, parameters), y_train)
            test_loss = float(LOSSES[loss](logits(X_test, values(parameters)), y_test)) / len(y_test)
            network.losses.append(total.item() / len(y_train))
            network.test_losses.append(test_loss)
            if on_record is not None:
                on_record(k, network.losses[-1])
            gradients = descend(total, parameters, learning_rate)
            if on_update is not None:
                on_update(k + 1, values(parameters), gradients, network.losses[-1])
    except KeyboardInterrupt:
        if not network.test_losses:
            raise
        interrupted = True
    network.parameters = values(parameters)
    network.train_accuracy = float(np.mean(network.predict(X_train) == y_train.ravel()))
    network.test_accuracy = float(np.mean(network.predict(X_test) == y_test.ravel()))
    if interrupted:
        raise Interrupted(network, len(network.losses))
    return network


def baselines(patients: Split) -> dict[str, float]:
    """The test accuracy of what needs no network."""
    models = {"majority": DummyClassifier(), "logistic regression": LogisticRegression()}
    y_train, y_test = patients.y_train.ravel(), patients.y_test.ravel()
    return {name: model.fit(patients.X_train, y_train).score(patients.X_test, y_test) for name, model in models.items()}


def expression(
    parameters: Parameters, y: Array, cross_entropy: Callable[[Any, Array], Any] = loss_from_logits
) -> Callable[[Any], Tensor]:
    """The loss as a function of the patients' measurements, its parts in scopes: for drawing."""

    def loss(X: Any) -> Tensor:
        with scope("network"):
            z = logits(X, parameters)
        with scope("cross entropy"):
            total: Tensor = cross_entropy(z, y)
        total.name = "loss"
        return total

    return loss


# Pictures ---------------------------------------------------------------------------------------------


def draw_losses(ax: Any, network: Network, style: Style) -> None:
    iterations = np.arange(1, len(network.losses) + 1)
    style.curve(ax, iterations, network.losses, "train")
    style.curve(ax, iterations, network.test_losses, "test", 1)
    style.logarithmic(ax, "iteration", "mean loss")


def draw_pictures(network: Network, patients: Split, out: Path, style: Style = LIGHT) -> list[Path]:
    """The loss curves and the confusion matrix of the test part, as PNG files in the folder ``out``."""
    from matplotlib.colors import LinearSegmentedColormap
    from sklearn.metrics import ConfusionMatrixDisplay

    figure, (ax,) = style.panels()
    draw_losses(ax, network, style)
    ax.set_title("The loss at every iteration")
    paths = [style.save(figure, out / "heart-loss.png")]

    figure, (ax,) = style.panels(size=(4.6, 4.2))
    predicted = network.predict(patients.X_test)
    ConfusionMatrixDisplay.from_predictions(
        patients.y_test.ravel(),
        predicted,
        labels=[0, 1],
        display_labels=["no disease", "disease"],
        ax=ax,
        cmap=LinearSegmentedColormap.from_list("", [style.paper, style.tints[0]]),
        colorbar=False,
        text_kw={"color": style.ink, "fontsize": 14},
    )
    ax.grid(visible=False)
    correct = np.sum(predicted == patients.y_test.ravel())
    ax.set(title=f"{correct} of {len(predicted)} test patients right", xlabel="predicted", ylabel="true")
    paths.append(style.save(figure, out / "heart-confusion.png"))
    return paths


def draw_overfitting(networks: dict[str, Network], out: Path, style: Style = LIGHT) -> Path:
    """The loss curves of several runs side by side, as one PNG file in the folder ``out``."""
    figure, axes = style.panels(columns=len(networks))
    for ax, (name, network) in zip(axes, networks.items(), strict=True):
        draw_losses(ax, network, style)
        ax.set_title(name)
    limits = [ax.get_ylim() for ax in axes]
    for ax in axes:
        ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
    return style.save(figure, out / "heart-overfits.png")
