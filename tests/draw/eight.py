"""Eight models as a reader would write them, to be drawn: each with its inputs; the parameters are where they ask."""

from itertools import pairwise

import numpy as np
from models import Linear, parameter

from autograd_nn import Tensor, functional, grad, hessian, sigmoid

rng = np.random.default_rng


class Xor:
    """Two inputs, a hidden layer of four, one output."""

    def __init__(self):
        self.hidden, self.output = Linear.of(rng(0), 2, 4), Linear.of(rng(1), 4, 1)

    def __call__(self, X, y):
        return np.mean((sigmoid(self.output(np.tanh(self.hidden(X)))) - y) ** 2)


class Regression:
    """A straight line through points."""

    def __init__(self):
        self.slope, self.offset = parameter(rng(0), 3), Tensor(0.0, requires_grad=True)

    def __call__(self, X, y):
        return np.mean((X @ self.slope + self.offset - y) ** 2)


class Perceptron:
    """Four layers for digits."""

    def __init__(self, widths=(64, 48, 32, 24, 10)):
        self.fc1, self.fc2, self.fc3, self.fc4 = (Linear.of(rng(i), *p) for i, p in enumerate(pairwise(widths)))

    def __call__(self, X, y):
        h = functional.relu(self.fc1(X))
        h = functional.relu(self.fc2(h))
        h = functional.relu(self.fc3(h))
        return functional.cross_entropy(self.fc4(h), y)


class Conv:
    """A convolution with its kernel and its bias."""

    def __init__(self, seed, channels, filters):
        self.weight = Tensor(rng(seed).normal(size=(filters, channels, 3, 3)) / 3, requires_grad=True)
        self.bias = Tensor(np.zeros(filters), requires_grad=True)

    def __call__(self, x):
        return functional.conv2d(x, self.weight, self.bias, padding=1)


class Convolutional:
    """Two convolutions, each with a pooling, and a linear layer."""

    def __init__(self):
        self.conv1, self.conv2, self.fc = Conv(0, 1, 4), Conv(1, 4, 8), Linear.of(rng(2), 32, 10)

    def __call__(self, X, y):
        h = functional.max_pool2d(functional.relu(self.conv1(X)), 2)
        h = functional.max_pool2d(functional.relu(self.conv2(h)), 2)
        return functional.cross_entropy(self.fc(np.reshape(h, (len(X), -1))), y)


class Cell:
    """One step of a long short-term memory: Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000."""

    def __init__(self, inputs, width):
        self.W, self.U = parameter(rng(0), inputs, 4 * width), parameter(rng(1), width, 4 * width)
        self.b = Tensor(np.zeros(4 * width), requires_grad=True)
        self.width = width

    def __call__(self, x, h, c):
        gates = x @ self.W + h @ self.U + self.b
        i, f, o, g = (gates[:, k * self.width : (k + 1) * self.width] for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c


class Lstm:
    """A sequence of 32 steps in, one number out."""

    def __init__(self, width=6):
        self.cell, self.output, self.width = Cell(2, width), Linear.of(rng(2), width, 1), width

    def __call__(self, X, y):
        h = c = np.zeros((X.shape[1], self.width))
        for x in X:
            h, c = self.cell(x, h, c)
        return np.mean((self.output(h) - y) ** 2)


def newton(w, X, y):
    """What Newton's method solves at its first step for logistic regression."""

    def loss(w):
        return np.mean(np.logaddexp(0, -y * (X @ w)))

    return w - np.linalg.solve(hessian(loss)(w), grad(loss)(w))


class Vae:
    """A variational autoencoder: Kingma & Welling 2014."""

    def __init__(self):
        self.encoder, self.mean, self.log_variance = (
            Linear.of(rng(0), 16, 12),
            Linear.of(rng(1), 12, 2),
            Linear.of(rng(2), 12, 2),
        )
        self.decoder, self.pixels = Linear.of(rng(3), 2, 12), Linear.of(rng(4), 12, 16)

    def __call__(self, X, noise):
        h = np.tanh(self.encoder(X))
        mean, log_variance = self.mean(h), self.log_variance(h)
        z = mean + np.exp(0.5 * log_variance) * noise
        logits = self.pixels(np.tanh(self.decoder(z)))
        seen = np.sum(np.logaddexp(0, logits) - X * logits, axis=1)
        divergence = -0.5 * np.sum(1 + log_variance - mean**2 - np.exp(log_variance), axis=1)
        return np.mean(seen + divergence)


class Pendulum:
    """The rates of a damped pendulum, fitted through the steps of Runge and Kutta."""

    def __init__(self, steps=100):
        self.friction, self.gravity = (Tensor(value, requires_grad=True) for value in (0.1, 9.8))
        self.steps = steps

    def slope(self, angle, speed):
        return speed, -self.friction * speed - self.gravity * np.sin(angle)

    def step(self, angle, speed, dt):
        a1, s1 = self.slope(angle, speed)
        a2, s2 = self.slope(angle + dt / 2 * a1, speed + dt / 2 * s1)
        a3, s3 = self.slope(angle + dt / 2 * a2, speed + dt / 2 * s2)
        a4, s4 = self.slope(angle + dt * a3, speed + dt * s3)
        return angle + dt / 6 * (a1 + 2 * a2 + 2 * a3 + a4), speed + dt / 6 * (s1 + 2 * s2 + 2 * s3 + s4)

    def __call__(self, angle, speed, seen):
        for _ in range(self.steps):
            angle, speed = self.step(angle, speed, 0.02)
        return (angle - seen) ** 2


CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
POINTS, SIGNS = rng(0).normal(size=(30, 3)), np.where(rng(1).random(30) < 0.5, -1.0, 1.0)

EIGHT = {
    "xor": (Xor(), CORNERS, CORNERS.sum(axis=1, keepdims=True) % 2),
    "regression": (Regression(), POINTS, SIGNS),
    "mlp": (Perceptron(), rng(0).normal(size=(32, 64)), rng(1).integers(0, 10, 32)),
    "convolution": (Convolutional(), rng(0).normal(size=(5, 1, 8, 8)), rng(1).integers(0, 10, 5)),
    "lstm": (Lstm(), rng(0).normal(size=(32, 4, 2)), rng(1).normal(size=(4, 1))),
    "newton": (newton, np.zeros(3), POINTS, SIGNS),
    "vae": (Vae(), rng(0).random((20, 16)), rng(1).normal(size=(20, 2))),
    "ode": (Pendulum(), 1.0, 0.0, 0.5),
}
