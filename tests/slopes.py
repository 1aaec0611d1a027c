"""The gradients of a function, as arrays."""

import numpy as np

from autograd_nn import Tensor, gradients


def slope(f, *values, w=None):
    """The gradient of the sum of f, or for a cotangent w, by each of the values; one alone if there is but one."""
    with np.errstate(all="ignore"):
        tensors = [Tensor(np.asarray(v, float), requires_grad=True) for v in values]
        y = f(*tensors)
        found = [g.data for g in gradients(y, tensors, np.ones(y.shape) if w is None else np.asarray(w, float))]
    return found[0] if len(found) == 1 else found
