"""A network is a tensor expression, and training it is a loop in plain sight."""

import numpy as np

from autograd_nn import Tensor, log_softmax

rng = np.random.default_rng(0)
angle = rng.uniform(0, 3 * np.pi, 300)
arm = np.arange(300) % 3
X = angle[:, None] * np.stack([np.cos(angle / 2 + arm * 2.1), np.sin(angle / 2 + arm * 2.1)], axis=1) / 4


def parameter(*shape):
    return Tensor(rng.normal(size=shape) / np.sqrt(shape[0]), requires_grad=True)


W1, b1, W2, b2 = parameters = [parameter(2, 24), parameter(24), parameter(24, 3), parameter(3)]


def logits(X):
    return np.tanh(X @ W1 + b1) @ W2 + b2


for step in range(1501):
    loss = -log_softmax(logits(X))[np.arange(300), arm].mean()
    loss.backward()
    for p in parameters:
        p.data -= 0.5 * p.grad
        p.grad = None
    if step % 500 == 0:
        right = np.mean(np.argmax(logits(X), axis=1) == arm)
        print(f"step {step:4d}   loss {loss:.4f}   {right:.1%} of the spiral arms right")
