"""A primitive of one's own: a function NumPy does not have, with the rule for its gradient."""

import numpy as np

from autograd_nn import Tensor, grad, primitive


# The rule asks for r and delta by name; only these are kept for the backward pass.
@primitive(elementwise=True, r=lambda g, r, delta: g * np.clip(r, -delta, delta))
def huber(r, delta=1.0):
    """Quadratic near zero, linear beyond delta: an outlier pulls with a bounded force."""
    return np.where(np.abs(r) <= delta, r * r / 2, delta * (np.abs(r) - delta / 2))


x = np.linspace(0, 1, 20)
t = 2 * x + 1
t[7] = 50.0  # an outlier

w, b = Tensor(0.0, requires_grad=True), Tensor(0.0, requires_grad=True)
for _ in range(2000):
    huber(w * x + b - t).sum().backward()
    for p in (w, b):
        p.data -= 0.02 * p.grad
        p.grad = None
print(f"the line through 19 points and an outlier: {w:.3f} x + {b:.3f}")
print(f"slope of huber at 0.5, 1 and 3: {[float(grad(huber)(r)) for r in (0.5, 1.0, 3.0)]}")
print(f"and its curvature there:        {[float(grad(grad(huber))(r)) for r in (0.5, 1.0, 3.0)]}")
