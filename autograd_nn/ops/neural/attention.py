"""Attention."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from autograd_nn.engine.questions import as_operand
from autograd_nn.engine.tensor import Tensor, raw
from autograd_nn.ops.declare import named
from autograd_nn.ops.neural.arguments import floats
from autograd_nn.ops.neural.softmax import softmax

__all__ = ["scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: ArrayLike | Tensor,
    key: ArrayLike | Tensor,
    value: ArrayLike | Tensor,
    mask: ArrayLike | Tensor | None = None,
    is_causal: bool = False,
    scale: float | None = None,
) -> Tensor:
    """softmax(query @ key.T * scale + mask) @ value; Vaswani et al. 2017.

    Parameters
    ----------
    query : array or Tensor of floats (..., queries, features)
    key : array or Tensor of floats (..., keys, features)
    value : array or Tensor of floats (..., keys, outputs)
    mask : array or Tensor that broadcasts to (..., queries, keys), optional
        Booleans: True where a query may look at a key. Floats: are added to the products.
    is_causal : bool
        A query looks only at keys up to its own place.
    scale : float, optional
        1 / sqrt(features) by default.

    Returns
    -------
    array or Tensor (..., queries, outputs)
        0 for a query that may look at nothing, and its gradient is 0.

    Raises
    ------
    TypeError, ValueError
        If arguments are not floats, or shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.functional import scaled_dot_product_attention
    >>> query, key, value = np.eye(2), np.eye(2), np.array([[1.0], [3.0]])
    >>> scaled_dot_product_attention(query, key, value, is_causal=True).round(3).tolist()
    [[1.0], [2.34]]
    """
    q, k, v = floats("scaled_dot_product_attention", query=query, key=key, value=value)
    if min(q.ndim, k.ndim, v.ndim) < 2 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError(
            f"scaled_dot_product_attention: shapes must be query (..., L, E), key (..., S, E), value (..., S, V): "
            f"got {q.shape}, {k.shape}, {v.shape}"
        )
    scores = (q * (q.shape[-1] ** -0.5 if scale is None else scale)) @ k.mT
    if mask is not None:
        seen = as_operand(mask)
        scores = np.where(raw(seen), scores, -np.inf) if seen.dtype == bool else scores + seen
    if is_causal:
        scores = np.where(np.tri(*scores.shape[-2:]) > 0, scores, -np.inf)
    return named("scaled_dot_product_attention", softmax(scores, -1) @ v)
