"""Small models with their data: the loss of a multilayer perceptron as a function of its parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_nn import functional
from autograd_nn.engine.node import Array
from autograd_nn.testing.strategies.array_shapes import sides
from autograd_nn.testing.strategies.array_values import arrays

__all__ = ["ACTIVATIONS", "LOSSES", "MLP", "models"]


def mean_squared_error(y: Any, target: Any) -> Any:
    return np.mean((y - target) ** 2)


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "tanh": np.tanh,
    "sigmoid": functional.sigmoid,
    "softplus": functional.softplus,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "sin": np.sin,
}
LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "mean_squared_error": mean_squared_error,
    "cross_entropy": functional.cross_entropy,
    "binary_cross_entropy": functional.binary_cross_entropy,
}


@dataclass(frozen=True)
class MLP:
    """The loss of a multilayer perceptron on some data, as a function of its parameters: W1, b1, W2, b2, ..."""

    activation: str
    loss: str
    x: Array
    target: Array

    def __call__(self, *parameters: Any) -> Any:
        h = self.x
        for k in range(0, len(parameters), 2):
            h = h if k == 0 else ACTIVATIONS[self.activation](h)
            h = h @ parameters[k] + parameters[k + 1]
        return LOSSES[self.loss](h, self.target)


@st.composite
def models(
    draw: st.DrawFn, /, max_layers: int = 3, max_width: int = 4, max_batch: int = 4, **options: Any
) -> tuple[MLP, list[Array]]:
    """Small models with their data: (loss, parameters).

    Parameters
    ----------
    max_layers, max_width, max_batch : int
        At least 1 each.
    **options
        Of `arrays`, for the data and the parameters, which are in (-2, 2) by default.

    Returns
    -------
    loss : MLP
        A function of ``len(parameters)`` arrays or Tensors whose result is 0-d: a smooth activation and
        the mean squared error, or the cross entropy with classes or with probabilities.
    parameters : list of arrays
        The weights (inputs, outputs) and biases (outputs,) of each layer.

    Examples
    --------
    >>> from hypothesis import find
    >>> loss, parameters = find(models(), lambda found: len(found[1]) == 4)
    >>> loss
    MLP(activation='tanh', loss='mean_squared_error', x=array([[0.]]), target=array([[0.]]))
    >>> parameters
    [array([[0.]]), array([0.]), array([[0.]]), array([0.])]
    """
    options = {"domain": (-2, 2)} | options
    layers = draw(st.integers(1, max_layers))
    batch = draw(st.integers(1, max_batch))
    widths = draw(sides(layers + 1, max_width, 1))
    fitting = [shape for pair in pairwise(widths) for shape in (pair, pair[1:])]
    parameters = [draw(arrays(shape, **options)) for shape in fitting]
    x = draw(arrays((batch, widths[0]), **options))
    loss = draw(st.sampled_from([*LOSSES]))
    if loss == "cross_entropy":
        target = np.array(draw(st.lists(st.integers(0, widths[-1] - 1), min_size=batch, max_size=batch)))
    elif loss == "binary_cross_entropy":
        target = draw(arrays((batch, widths[-1]), **options | {"domain": (0, 1)}))
    else:
        target = draw(arrays((batch, widths[-1]), **options))
    return MLP(draw(st.sampled_from([*ACTIVATIONS])), loss, x, target), parameters
