"""Dropout."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograd_nn.engine.tensor import Tensor
from autograd_nn.ops.declare import named
from autograd_nn.ops.neural.arguments import floats

__all__ = ["dropout"]


def dropout(x: ArrayLike | Tensor, p: float, rng: np.random.Generator | int) -> Tensor:
    """Each element is 0 with probability p, and otherwise divided by 1 - p; Srivastava et al. 2014.

    It is for training: leave it out, or give p = 0, where the network is used.

    Parameters
    ----------
    x : array or Tensor of floats, any shape
    p : float
        From 0 to 1.
    rng : numpy.random.Generator or int
        What decides which elements; a number is the seed of a new one. There is no default, because
        nothing random here has a hidden state.

    Returns
    -------
    array or Tensor of x's shape

    Raises
    ------
    TypeError, ValueError
        If p is no probability, x is not of floats, or rng neither a generator nor a seed.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import dropout
    >>> dropout(np.ones(6), 0.5, rng=0)
    array([2., 2., 2., 0., 0., 0.])
    """
    (units,) = floats("dropout", kinds="fc", x=x)
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p must be a probability between 0 and 1, got {p}")
    if not isinstance(rng, (np.random.Generator, int, np.integer)) or isinstance(rng, bool):
        raise TypeError(f"dropout: rng must be a numpy.random.Generator or a seed, got {rng!r}")
    if p == 0:
        return units
    kept = np.random.default_rng(rng).random(units.shape, np.float32) >= np.float32(p)
    left: Any = np.where(kept, units, 0)
    return named("dropout", left * (1 / (1 - p) if p < 1 else 0.0))
