"""One sigmoid neuron: a similarity, a prediction, an error, and the chain rule that corrects it.

The first part works the numbers for one input at a time (`worked_numbers`); the second trains on eight (`train`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import Tensor, scope, sigmoid
from autograd_nn.tutorials.network import (
    Array,
    Interrupted,
    Record,
    Update,
    at_least,
    descend,
    leaves,
    on_curve,
    random_state,
    values,
)
from autograd_nn.tutorials.pictures import LIGHT, Style

__all__ = [
    "INPUTS",
    "TARGETS",
    "Neuron",
    "draw_pictures",
    "expression",
    "predict",
    "squared_error",
    "train",
    "worked_numbers",
]

INPUTS = np.array([[3, 1.5], [2, 1], [4, 1.5], [3, 4], [3.5, 0.5], [2, 0.5], [5.5, 1], [1, 1]])
TARGETS = np.array([0, 1, 0, 1, 0, 1, 1, 0])

# The first part: which of two vectors is similar to the first one?
VECTOR = np.array([1.72, 1.23])
CANDIDATES = np.array([[1.26, 0], [2.17, 0.32]])
# And two inputs whose targets are 1 and 0, for weights chosen by hand
FIRST, SECOND = np.array([1.66, 1.56]), np.array([2, 1.5])
WEIGHTS, BIAS = np.array([1.45, -0.66]), np.array(0.0)


def predict(x: Any, weights: Any, bias: Any) -> Any:
    """The neuron: ``sigmoid(x @ weights + bias)``, of shape (...,) for x of shape (..., 2)."""
    return sigmoid(x @ weights + bias)


def squared_error(prediction: Any, target: Any) -> Any:
    """The squared error, summed over all predictions."""
    return np.sum((prediction - target) ** 2)


def worked_numbers() -> dict[str, float]:
    """The numbers of the first part by name, each from a tensor expression or its backward pass.

    >>> worked_numbers()["derivative"]
    1.7420382957075284
    """
    first_similarity, second_similarity = CANDIDATES @ VECTOR

    prediction = Tensor(predict(SECOND, WEIGHTS, BIAS), requires_grad=True)
    error = squared_error(prediction, 0)
    error.backward()
    derivative = prediction.grad.item()  # type: ignore[union-attr]

    corrected = leaves({"weights": WEIGHTS - derivative, "bias": BIAS})
    corrected_prediction = predict(SECOND, **corrected)
    corrected_error = squared_error(corrected_prediction, 0)
    corrected_error.backward()

    numbers = {
        "first_similarity": first_similarity,
        "second_similarity": second_similarity,
        "first_prediction": predict(FIRST, WEIGHTS, BIAS),
        "second_prediction": prediction.item(),
        "error": error.item(),
        "derivative": derivative,
        "corrected_prediction": corrected_prediction.item(),
        "corrected_error": corrected_error.item(),
        "first_prediction_then": predict(FIRST, WEIGHTS - derivative, BIAS),
        "slope_of_error_by_bias": corrected["bias"].grad.item(),  # type: ignore[union-attr]
    }
    return {name: float(number) for name, number in numbers.items()}


@dataclass(eq=False)
class Neuron:
    """A trained neuron.

    Attributes
    ----------
    weights : float64 array of shape (2,)
    bias : float
    cumulative_errors : float64 array
        The squared error summed over all eight points, after updates 1, 101, 201, ...
    curve : list of (int, float)
        How many updates were done, and that error then: after every update at first, then ever more rarely.
    """

    weights: Array
    bias: float
    cumulative_errors: Array
    curve: list[tuple[int, float]]

    @property
    def right(self) -> Array:
        """For which of the eight points the prediction is nearer to the target than to the other one."""
        return (self.predict(INPUTS) > 0.5) == TARGETS

    def predict(self, x: Any) -> Any:
        """How sure it is of target 1, between 0 and 1: shape (...,) for x of shape (..., 2)."""
        return predict(np.asarray(x), self.weights, self.bias)


def train(
    learning_rate: float = 0.1,
    iterations: int = 10_000,
    seed: int = 0,
    on_update: Update | None = None,
    *,
    on_record: Record | None = None,
) -> Neuron:
    """Train the neuron by stochastic gradient descent: each step learns from one of the eight points.

    The points are not separable by a line, so the error falls and then wanders: no line has more than six right.

    Parameters
    ----------
    learning_rate : float
    iterations : int
        Number of steps.
    seed : int
        Of the initial parameters and of the order of the points.
    on_update : callable, optional
        ``on_update(k, parameters, gradients, loss)`` after update k = 1, 2, ...: copies of ``weights`` and ``bias`` in
        dictionaries, and the squared error of the point that was learned from, before that update.
    on_record : callable, optional
        ``on_record(k, error)`` after updates k = 1, 101, 201, ... with the error over all points.

    Returns
    -------
    Neuron

    Raises
    ------
    InputError
        (a ValueError) if a setting is out of range.
    Interrupted
        (a KeyboardInterrupt) if it is stopped by Ctrl-C, with the neuron that it has trained so far.

    Examples
    --------
    >>> from autograd_nn.tutorials import neuron
    >>> trained = neuron.train(iterations=1)
    >>> trained.cumulative_errors
    array([3.91540222])
    """
    at_least(1, iterations=iterations)
    at_least(0, learning_rate=learning_rate)
    rng = random_state(seed)
    parameters = leaves({"weights": np.array([rng.randn(), rng.randn()]), "bias": np.array(rng.randn())})
    errors: list[float] = []
    curve: list[tuple[int, float]] = []

    def error_now() -> float:
        return float(squared_error(predict(INPUTS, **values(parameters)), TARGETS))

    done = 0
    try:
        for k in range(1, iterations + 1):
            chosen = rng.randint(len(INPUTS))
            error = squared_error(predict(INPUTS[chosen], **parameters), TARGETS[chosen])
            gradients = descend(error, parameters, learning_rate)
            if on_update is not None:
                on_update(k, values(parameters), gradients, error.item())
            if k % 100 == 1:
                errors.append(error_now())
                if on_record is not None:
                    on_record(k, errors[-1])
            done = k
            if on_curve(done) and done < iterations:
                curve.append((done, error_now()))
    except KeyboardInterrupt:
        if not done:
            raise
    curve.append((done, error_now()))
    neuron = Neuron(**values(parameters), cumulative_errors=np.array(errors), curve=curve)  # type: ignore[arg-type]
    if done < iterations:
        raise Interrupted(neuron, done)
    return neuron


def expression(weights: Any, bias: Any) -> Callable[[Any, Any], Tensor]:
    """The error as a function of inputs and targets, its parts in scopes: for drawing."""

    def error(inputs: Any, targets: Any) -> Tensor:
        with scope("neuron"):
            prediction = predict(inputs, weights, bias)
        with scope("squared error"):
            total: Tensor = squared_error(prediction, targets)
        total.name = "error"
        return total

    return error


# Pictures ---------------------------------------------------------------------------------------------


def draw_pictures(neuron: Neuron, out: Path, style: Style = LIGHT) -> list[Path]:
    """The vectors, the sigmoid curve, the error curve and the boundary, as PNG files in the folder ``out``."""
    return [
        draw_vectors(out, style),
        style.activation(sigmoid, "sigmoid", out / "neuron-sigmoid.png"),
        draw_errors(neuron, out, style),
        draw_boundary(neuron, out, style),
    ]


def draw_vectors(out: Path, style: Style) -> Path:
    figure, (ax,) = style.panels()
    names = ("input", "first weights", "second weights")
    for vector, name, colour in zip((VECTOR, *CANDIDATES), names, style.colours, strict=True):
        ax.annotate("", vector, (0, 0), arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 2, "shrinkB": 0})
        ax.annotate(f"{name} {vector.tolist()}", vector, (0, 7), textcoords="offset points", color=colour, ha="center")
    ax.set(title="Which weights are more similar to the input?", xlim=(0, 2.8), ylim=(-0.1, 1.5), aspect="equal")
    ax.set(xlabel="first coordinate", ylabel="second coordinate")
    return style.save(figure, out / "neuron-vectors.png")


def draw_errors(neuron: Neuron, out: Path, style: Style) -> Path:
    figure, (ax,) = style.panels()
    steps, errors = zip(*neuron.curve, strict=True)
    style.curve(ax, steps, errors, f"{errors[-1]:.2f}")
    style.logarithmic(ax, "steps done", "squared error over all eight points")
    ax.set_title("The error, recorded at every step at first")
    return style.save(figure, out / "neuron-error.png")


def draw_boundary(neuron: Neuron, out: Path, style: Style) -> Path:
    def probabilities(x: Array) -> Array:
        p = neuron.predict(x)
        return np.stack([1 - p, p], axis=1)

    figure, (ax,) = style.panels()
    style.boundary(ax, probabilities, INPUTS, TARGETS, "target")
    ax.set_title(f"{neuron.right.sum()} of the eight points right")
    style.legend(figure, ax)
    style.scale(figure, [ax], "prediction")
    return style.save(figure, out / "neuron-boundary.png")
