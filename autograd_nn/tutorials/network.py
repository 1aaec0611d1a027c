"""What the tutorial networks share: layers one after the other, and a step of gradient descent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn import Tensor
from autograd_nn.engine.errors import InputError

__all__ = [
    "Array",
    "Interrupted",
    "Parameters",
    "Record",
    "Update",
    "at_least",
    "dense",
    "descend",
    "leaves",
    "on_curve",
    "random_state",
    "values",
]

Array = NDArray[Any]
Parameters = Mapping[str, Any]
"""Tensors while training, arrays after it: a network's expression is the same for both."""
Update = Callable[[int, dict[str, Array], dict[str, Array], float], None]
"""Called after every update with its number from 1 on, the parameters, the gradients that were used, a loss."""
Record = Callable[[int, float], None]
"""Called with the number of the pass whenever a loss is recorded."""


class Interrupted(KeyboardInterrupt):
    """A training that was stopped by Ctrl-C.

    Attributes
    ----------
    trained : Network or Neuron
        As it was then.
    steps : int
        How many passes or iterations it had gone.
    """

    def __init__(self, trained: Any, steps: int) -> None:
        super().__init__(f"interrupted after {steps:,} steps")
        self.trained = trained
        self.steps = steps


def on_curve(step: int) -> bool:
    """Whether a curve over a logarithmic axis needs the step: each of the first 100, then 90 pairs in every tenfold.

    In pairs, because a step that is too long leaps to and fro, and every tenth would always be on the same side.

    >>> [step for step in range(96, 131) if on_curve(step)]
    [96, 97, 98, 99, 100, 109, 110, 119, 120, 129, 130]
    """
    apart = 10 ** max(0, len(str(step)) - 2)
    return step % apart == 0 or (step + 1) % apart == 0


def at_least(low: float, **settings: float) -> None:
    """Refuse a setting that is smaller, or nan.

    >>> at_least(1, passes=0)
    Traceback (most recent call last):
        ...
    autograd_nn.engine.errors.InputError: passes must be at least 1: got 0
    """
    for name, value in settings.items():
        if not value >= low:
            raise InputError(f"{name} must be at least {low}: got {value}")


def random_state(seed: int) -> np.random.RandomState:
    """The generator of NumPy that the tutorials were published with."""
    try:
        return np.random.RandomState(seed)
    except ValueError as error:
        raise InputError(f"seed must be between 0 and 2**32 - 1: got {seed}") from error


def dense(X: Any, W: Any, b: Any, *deeper: Any, activation: Callable[[Any], Any]) -> Any:
    """A layer, and on what it makes active the layers that are deeper: ``f(X @ W1 + b1) @ W2 + b2``.

    Parameters
    ----------
    X : array or Tensor of shape (n, d)
    W, b, *deeper : arrays or Tensors
        Weights and biases in turn; the last layer has no activation.
    activation : callable
        Elementwise.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import relu
    >>> dense(np.array([[1.0, -1.0]]), np.eye(2), 0.0, np.ones((2, 1)), 0.5, activation=relu)
    array([[1.5]])
    """
    z = X @ W + b
    return dense(activation(z), *deeper, activation=activation) if deeper else z


def leaves(arrays: Parameters) -> dict[str, Tensor]:
    """The parameters to train: each array as a leaf that carries its name."""
    return {name: Tensor(array, requires_grad=True, name=name) for name, array in arrays.items()}


def values(parameters: Parameters) -> dict[str, Array]:
    """Copies of the parameters' values, which the next step leaves alone."""
    return {name: np.array(tensor.data) for name, tensor in parameters.items()}


def descend(loss: Tensor, parameters: Parameters, learning_rate: float) -> dict[str, Array]:
    """One step of gradient descent. Returns the gradients it took."""
    loss.backward()
    gradients = {}
    for name, parameter in parameters.items():
        gradients[name] = parameter.grad.data
        parameter.data -= learning_rate * parameter.grad.data
        parameter.grad = None
    return gradients
