"""Two moons: a network of three layers learns a boundary that no straight line can be.

The network is one expression, ``tanh(X @ W1 + b1) @ W2 + b2``, and so is its loss; `Tensor.backward` does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import make_moons
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from autograd_nn import Tensor, draw, log_softmax, relu, scope, sigmoid, softmax
from autograd_nn.draw import Film
from autograd_nn.engine.errors import InputError
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
    on_curve,
    random_state,
    values,
)
from autograd_nn.tutorials.pictures import LIGHT, Style

__all__ = [
    "ACTIVATIONS",
    "Network",
    "baseline",
    "data",
    "draw_gallery",
    "draw_pictures",
    "expression",
    "objective",
    "train",
]

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"tanh": np.tanh, "relu": relu, "sigmoid": sigmoid}
GALLERY = (1, 2, 3, 4, 5, 20, 50)
"""The widths of the hidden layer that the gallery compares."""


def data(classes: int = 2, seed: int = 0) -> tuple[Array, Array]:
    """The points and their classes: 100 on each of two interleaved half circles, with noise; or of three.

    Returns
    -------
    X : float64 array of shape (100 * classes, 2)
    y : int64 array of shape (100 * classes,)

    Examples
    --------
    >>> X, y = data()
    >>> X[0], y[0]
    (array([0.74346118, 0.46465633]), np.int64(0))
    """
    if classes not in (2, 3):
        raise InputError(f"classes must be 2 or 3: got {classes}")
    rng = random_state(seed)
    X, y = make_moons(200, noise=0.20, random_state=rng)
    if classes == 3:
        more, moon = make_moons(200, noise=0.20, random_state=rng)
        X = np.concatenate([X, more[moon == 0] + [2, 0]])
        y = np.concatenate([y, np.full(100, 2)])
    return X, y


def initial(layers: Sequence[int], seed: int) -> dict[str, Array]:
    """Weights of standard deviation 1/sqrt(inputs), and biases of 0, in the order W1, b1, W2, b2, ..."""
    rng = random_state(seed)
    parameters = {}
    for k, (inputs, outputs) in enumerate(pairwise(layers), start=1):
        parameters[f"W{k}"] = rng.randn(inputs, outputs) / np.sqrt(inputs)
        parameters[f"b{k}"] = np.zeros((1, outputs))
    return parameters


def objective(X: Any, y: Array, parameters: Parameters, reg_lambda: float = 0.01, activation: str = "tanh") -> Any:
    """The summed cross entropy and the penalty on the weights: what training differentiates.

    Parameters
    ----------
    X : array or Tensor of shape (n, 2)
    y : integer array of shape (n,)
    parameters : mapping
        W1, b1, W2, b2, ...: Tensors give a Tensor to call ``backward`` on, arrays a plain number.

    Examples
    --------
    >>> X, y = data()
    >>> round(objective(X, y, initial((2, 3, 2), seed=0)) / 200, 6)
    np.float64(0.58394)
    """
    logits = dense(X, *parameters.values(), activation=ACTIVATIONS[activation])
    return cross_entropy(logits, y) + penalty(parameters, reg_lambda)


def cross_entropy(logits: Any, y: Array) -> Any:
    return -log_softmax(logits)[np.arange(len(y)), y].sum()


def penalty(parameters: Parameters, reg_lambda: float) -> Any:
    squares, *others = [(W**2).sum() for name, W in parameters.items() if name.startswith("W")]
    return reg_lambda / 2 * sum(others, start=squares)


@dataclass(eq=False)
class Network:
    """A trained network.

    Attributes
    ----------
    parameters : dict of float64 arrays
        W1 of shape (2, h), b1 (1, h), W2 (h, classes), b2 (1, classes); W3, b3, ... if it is deeper.
    losses : list of (int, float)
        Pass, and the loss per point after it: of every 1,000th, and at the end.
    curve : list of (int, float)
        How many passes were done, and the loss per point then: after every pass at first, then ever more rarely.
    train_accuracy : float
    activation : str
    film : Film, optional
        What flowed through the graph of the loss while it was trained, if that was asked for.
    """

    parameters: dict[str, Array]
    losses: list[tuple[int, float]]
    curve: list[tuple[int, float]]
    train_accuracy: float = np.nan
    activation: str = "tanh"
    film: Film | None = None

    @property
    def hidden(self) -> bool:
        """Whether it has a hidden layer."""
        return len(self.parameters) > 2

    def predict_proba(self, X: Array) -> Array:
        """The probability of each class: shape (n, classes) for X of shape (n, 2)."""
        return np.asarray(softmax(dense(X, *self.parameters.values(), activation=ACTIVATIONS[self.activation])))

    def predict(self, X: Array) -> Array:
        """The most probable class: shape (n,) for X of shape (n, 2)."""
        return self.predict_proba(X).argmax(axis=1)


def train(
    hidden: int | Sequence[int] = 3,
    passes: int = 20_000,
    learning_rate: float = 0.01,
    reg_lambda: float = 0.01,
    seed: int = 0,
    on_update: Update | None = None,
    *,
    batch_size: int | None = None,
    anneal: float = 0.0,
    activation: str = "tanh",
    classes: int = 2,
    frames: int = 0,
    on_record: Record | None = None,
) -> Network:
    """Train the network by gradient descent. The keyword-only settings are the exercises.

    Parameters
    ----------
    hidden : int or sequence of ints
        The width of the hidden layer, or of each of several (or of none).
    passes : int
        How often to go through the points.
    learning_rate, reg_lambda : float
        The step on the summed loss, and the strength of the penalty on the squared weights.
    seed : int
        Of the points, the initial parameters and the minibatches.
    on_update : callable, optional
        ``on_update(k, parameters, gradients, loss)`` after update k = 1, 2, ...: copies in dictionaries of arrays, and
        the loss per point after that update.
    batch_size : int, optional
        Points in a minibatch, drawn anew in every pass; all of them in one step by default.
    anneal : float
        Pass k steps at ``learning_rate / (1 + anneal * k)``.
    activation : {'tanh', 'relu', 'sigmoid'}
        Of the hidden layers.
    classes : {2, 3}
        How many moons.
    frames : int
        Of the network's ``film``: one before the training and one after every 10th pass, as most is learned early. No
        film by default.
    on_record : callable, optional
        ``on_record(k, loss)`` whenever a loss is recorded: after every 1,000th pass, and at the end.

    Returns
    -------
    Network

    Raises
    ------
    InputError
        (a ValueError) if a setting is out of range.
    Interrupted
        (a KeyboardInterrupt) if it is stopped by Ctrl-C, with the network that it has trained so far.

    Examples
    --------
    >>> from autograd_nn.tutorials import moons
    >>> network = moons.train(hidden=5, passes=1001)
    >>> network.train_accuracy
    0.985
    """
    widths = [hidden] if isinstance(hidden, int) else list(hidden)
    at_least(1, hidden=min(widths, default=1), passes=passes, batch_size=1 if batch_size is None else batch_size)
    at_least(0, learning_rate=learning_rate, reg_lambda=reg_lambda, anneal=anneal, frames=frames)
    if activation not in ACTIVATIONS:
        raise InputError(f"activation must be one of {', '.join(ACTIVATIONS)}: got {activation!r}")
    X, y = data(classes, seed)
    parameters = leaves(initial((2, *widths, classes), seed))
    film = draw.film(expression(parameters, y, activation, reg_lambda), X, every=10) if frames else None
    losses: list[tuple[int, float]] = []
    curve: list[tuple[int, float]] = []
    rng = random_state(seed)
    updates = 0

    def loss_per_point() -> float:
        return float(objective(X, y, values(parameters), reg_lambda, activation) / len(y))

    def record(k: int) -> None:
        losses.append((k, loss_per_point()))
        if on_record is not None:
            on_record(*losses[-1])

    done = 0
    try:
        for k in range(passes):
            for batch in batches(len(y), batch_size, rng):
                # a minibatch bears its share of the penalty, so that a pass weighs it as often as the points
                share = reg_lambda * (len(y[batch]) / len(y))
                loss = objective(X[batch], y[batch], parameters, share, activation)
                gradients = descend(loss, parameters, learning_rate / (1 + anneal * k))
                updates += 1
                if on_update is not None:
                    on_update(updates, values(parameters), gradients, loss_per_point())
            if film is not None and len(film.frames) < frames:
                film.step()
            if k % 1000 == 0:
                record(k)
            done = k + 1
            if on_curve(done) and done < passes:
                curve.append((done, loss_per_point()))
    except KeyboardInterrupt:
        if not done:
            raise
    record(done)
    curve.append((done, losses[-1][1]))
    network = Network(values(parameters), losses, curve, activation=activation, film=film)
    network.train_accuracy = float(np.mean(network.predict(X) == y))
    if done < passes:
        raise Interrupted(network, done)
    return network


def batches(n: int, size: int | None, rng: np.random.RandomState) -> list[Any]:
    """The indices of a pass through n points: of all of them, or of minibatches drawn without replacement."""
    return [slice(None)] if size is None else np.split(rng.permutation(n), range(size, n, size))


def baseline(X: Array, y: Array) -> Any:
    """The best straight line: logistic regression, its penalty chosen by cross-validation."""
    return GridSearchCV(LogisticRegression(), {"C": np.logspace(-4, 4, 10)}).fit(X, y)


def expression(
    parameters: Parameters, y: Array, activation: str = "tanh", reg_lambda: float = 0.01
) -> Callable[[Any], Tensor]:
    """`objective` as a function of the points alone, its parts in scopes: for drawing."""

    def loss(X: Any) -> Tensor:
        with scope("network"):
            logits = dense(X, *parameters.values(), activation=ACTIVATIONS[activation])
        with scope("cross entropy"):
            errors = cross_entropy(logits, y)
        with scope("penalty"):
            weights = penalty(parameters, reg_lambda)
        total: Tensor = errors + weights
        total.name = "loss"
        return total

    return loss


# Pictures ---------------------------------------------------------------------------------------------


def draw_pictures(network: Network, line: Any, X: Array, y: Array, out: Path, style: Style = LIGHT) -> list[Path]:
    """The data, the boundaries of the line and the network, the loss and the activation, as PNG files in ``out``."""
    figure, (ax,) = style.panels()
    style.scatter(ax, X, y)
    ax.set_title("The data")
    style.legend(figure, ax)
    paths = [style.save(figure, out / "moons-data.png")]

    figure, axes = style.panels(columns=2)
    names = ("Logistic regression", "The network" if network.hidden else "No hidden layer")
    for ax, classifier, name in zip(axes, (line, network), names, strict=True):
        style.boundary(ax, classifier.predict_proba, X, y)
        ax.set_title(f"{name}: {np.mean(classifier.predict(X) == y):.1%} of the points right")
    style.legend(figure, axes[0])
    if y.max() == 1:
        style.scale(figure, axes, "probability of class 1")
    paths.append(style.save(figure, out / "moons-boundaries.png"))

    figure, (ax,) = style.panels()
    passes, losses = zip(*network.curve, strict=True)
    style.curve(ax, passes, losses, f"{losses[-1]:.4f}")
    style.logarithmic(ax, "passes done", "loss per point")
    ax.set_title("The loss, recorded at every pass at first")
    paths.append(style.save(figure, out / "moons-loss.png"))

    if network.hidden:
        name = network.activation
        paths.append(style.activation(ACTIVATIONS[name], name, out / f"moons-{name}.png"))
    return paths


def draw_gallery(networks: dict[int, Network], X: Array, y: Array, out: Path, style: Style = LIGHT) -> Path:
    """The boundaries of networks of different widths side by side, as one PNG file in the folder ``out``."""
    figure, axes = style.panels(columns=4, rows=2, size=(3.6, 2.9))
    for ax, (hidden, network) in zip(axes, networks.items(), strict=False):
        style.boundary(ax, network.predict_proba, X, y)
        ax.set(title=f"h = {hidden}: {network.train_accuracy:.1%} right")
        ax.label_outer()
    style.legend(figure, axes[0])
    for ax in axes[len(networks) :]:
        ax.remove()
    return style.save(figure, out / "moons-gallery.png")
