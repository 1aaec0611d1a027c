"""Small models to judge: ten that are healthy, and ten that each have one thing wrong."""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from autograd_nn import Tensor, gradients, hessian, relu, sigmoid
from autograd_nn.draw import film
from autograd_nn.functional import conv2d, cross_entropy, layer_norm, max_pool2d, softplus


class Adam:
    """Steps of about one size for each number, by Kingma and Ba (2015), algorithm 1."""

    def __init__(self, parameters, rate):
        self.parameters, self.rate, self.count = parameters, rate, 0
        self.moments = [(np.zeros(p.shape), np.zeros(p.shape)) for p in parameters]

    def step(self, loss):
        self.count += 1
        for p, (first, second), g in zip(self.parameters, self.moments, gradients(loss, self.parameters), strict=True):
            first += 0.1 * (g.data - first)
            second += 0.001 * (g.data**2 - second)
            sizes = np.sqrt(second / (1 - 0.999**self.count)) + 1e-8
            p.data -= self.rate * first / (1 - 0.9**self.count) / sizes


class Descent:
    """Plain gradient descent."""

    def __init__(self, parameters, rate):
        self.parameters, self.rate = parameters, rate

    def step(self, loss):
        for p, g in zip(self.parameters, gradients(loss, self.parameters), strict=True):
            p.data -= self.rate * g.data


class Patient(NamedTuple):
    """A loss, the parameters it finds in its closure, its data, and how it is trained."""

    loss: Any
    parameters: list
    data: tuple
    rate: float = 0.01
    steps: int = 200
    descend: Any = Adam


def weights(rng, *shape, scale=1.0):
    """Random numbers that keep the variance of what they are multiplied with, times the scale."""
    return Tensor(scale * rng.normal(size=shape) / np.sqrt(np.prod(shape[:-1]) or 1), requires_grad=True)


def zeros(*shape):
    return Tensor(np.zeros(shape), requires_grad=True)


def filmed(patient, frames=6):
    """A film of its training."""
    descent = patient.descend(patient.parameters, patient.rate)
    with np.errstate(all="ignore"):
        movie = film(patient.loss, *patient.data, every=-(-patient.steps // frames))
        for _ in range(patient.steps):
            descent.step(patient.loss(*patient.data))
            movie.step()
    return movie


def layers(rng, widths, activation, scale=1.0, shift=0.0):
    """Dense layers with the activation between them, and their parameters."""
    Ws = [weights(rng, *shape, scale=scale) for shape in pairwise(widths)]
    bs = [Tensor(np.full(width, shift), requires_grad=True) for width in widths[1:]]

    def model(x):
        for W, b in zip(Ws[:-1], bs[:-1], strict=True):
            x = activation(x @ W + b)
        return x @ Ws[-1] + bs[-1]

    return model, [*Ws, *bs]


def blobs(rng, count=120, features=6, classes=3):
    """Classes around random centres, scaled, and their numbers."""
    y = rng.integers(0, classes, count)
    return rng.normal(size=(classes, features))[y] + 0.7 * rng.normal(size=(count, features)), y


def classifier(rng, widths, activation=np.tanh, X=None, y=None, scale=1.0, **how):
    """A network for the classes of the blobs, or of what is given."""
    if X is None:
        X, y = blobs(rng, features=widths[0], classes=widths[-1])
    model, parameters = layers(rng, widths, activation, scale)

    def loss(X, y):
        return cross_entropy(model(X), y)

    return Patient(loss, parameters, (X, y), **how)


# Healthy --------------------------------------------------------------------------------------------


def xor(rng, hidden=4):
    model, parameters = layers(rng, [2, hidden, 1], np.tanh)
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([[0.0], [1.0], [1.0], [0.0]])
    return Patient(lambda X, y: np.mean((sigmoid(model(X)) - y) ** 2), parameters, (X, y), 0.05, 600)


def moons(rng, hidden=3):
    y = rng.integers(0, 2, 200)
    angle = np.pi * rng.uniform(0, 1, 200)
    X = np.stack([np.cos(angle) + y, (1 - 2 * y) * np.sin(angle) + y / 2], axis=1) + 0.1 * rng.normal(size=(200, 2))
    return classifier(rng, [2, hidden, 2], X=X, y=y, rate=0.05, steps=600)


def line(rng, slope=2.0):
    x = rng.uniform(0, 5, 50)
    w, b = Tensor(0.0, requires_grad=True), Tensor(0.0, requires_grad=True)
    y = slope * x + 1 + 0.3 * rng.normal(size=50)
    return Patient(lambda x, y: np.mean((w * x + b - y) ** 2), [w, b], (x, y), 0.05, 400, Descent)


def perceptron(rng, widths=(8, 32, 32, 3)):
    return classifier(rng, list(widths), relu, scale=2**0.5)


def convolution(rng, channels=6, count=24):
    y = rng.integers(0, 2, count)
    X = rng.uniform(0, 0.3, size=(count, 1, 8, 8))
    X[y == 0, :, 2:4] += 0.7
    X[y == 1, :, :, 3:5] += 0.7
    K = Tensor(rng.normal(size=(channels, 1, 3, 3)) * np.sqrt(2 / 9), requires_grad=True)
    b, W, c = zeros(channels), weights(rng, 9 * channels, 2), zeros(2)

    def loss(X, y):
        features = max_pool2d(relu(conv2d(X, K, b)), 2)
        return cross_entropy(np.reshape(features, (len(X), -1)) @ W + c, y)

    return Patient(loss, [K, b, W, c], (X, y), 0.01, 60)


def lstm(rng, width=8, length=16, count=20):
    X = rng.normal(size=(count, length, 1))
    y = np.tanh(np.mean(X[:, -8:], axis=1))
    names = ("forget", "input", "output", "new")
    W = {name: weights(rng, 1 + width, width) for name in names}
    b = {name: Tensor(np.full(width, float(name == "forget")), requires_grad=True) for name in names}
    V, c = weights(rng, width, 1), zeros(1)

    def loss(X, y):
        h = memory = np.zeros((len(X), width))
        for step in range(length):
            z = np.concatenate([X[:, step], h], axis=1)
            forget, enter, leave = (sigmoid(z @ W[name] + b[name]) for name in names[:3])
            memory = forget * memory + enter * np.tanh(z @ W["new"] + b["new"])
            h = leave * np.tanh(memory)
        return np.mean((h @ V + c - y) ** 2)

    return Patient(loss, [*W.values(), *b.values(), V, c], (X, y), 0.02, 30)


def newton(rng, features=3, count=80):
    X = np.column_stack([np.ones(count), rng.normal(size=(count, features))])
    y = (rng.uniform(size=count) < 1 / (1 + np.exp(-X @ rng.normal(size=features + 1)))).astype(float)
    w = zeros(features + 1)

    def loss(X, y):
        return np.mean(softplus(X @ w) - y * (X @ w))

    class Newton(Descent):
        def step(self, value):
            def f(w):
                return np.mean(softplus(X @ w) - y * (X @ w))

            w.data -= np.linalg.solve(hessian(f)(w.data), gradients(value, w).data)

    return Patient(loss, [w], (X, y), 1.0, 8, Newton)


def autoencoder(rng, features=8, code=2, count=64):
    X = np.tanh(rng.normal(size=(count, 2)) @ rng.normal(size=(2, features)))
    noise = rng.normal(size=(count, code))
    encode, one = layers(rng, [features, 16, 2 * code], np.tanh)
    decode, two = layers(rng, [code, 16, features], np.tanh)

    def loss(X, noise):
        statistics = encode(X)
        mean, log_variance = statistics[:, :code], statistics[:, code:]
        z = mean + np.exp(log_variance / 2) * noise
        divergence = np.mean(np.sum(mean**2 + np.exp(log_variance) - log_variance - 1, axis=1)) / 2
        return np.mean(np.sum((decode(z) - X) ** 2, axis=1)) + 0.1 * divergence

    return Patient(loss, [*one, *two], (X, noise), 0.01, 300)


def orbit(rng, steps=20):
    """The constants of a predator and its prey, found through steps of Runge and Kutta's method."""
    wanted = np.array([1.0, 0.6, 0.8, 0.5]) * rng.uniform(0.8, 1.2, 4)
    p = Tensor(wanted * rng.uniform(0.8, 1.2, 4), requires_grad=True)

    def path(p, dt=0.05):
        def slope(u):
            return np.stack([p[0] * u[0] - p[1] * u[0] * u[1], p[2] * u[0] * u[1] - p[3] * u[1]])

        u, seen = np.array([1.0, 0.5]), []
        for _ in range(steps):
            a = slope(u)
            b = slope(u + dt / 2 * a)
            c = slope(u + dt / 2 * b)
            u = u + dt / 6 * (a + 2 * b + 2 * c + slope(u + dt * c))
            seen.append(u)
        return np.stack(seen)

    data = path(wanted)
    return Patient(lambda data: np.mean((path(p) - data) ** 2), [p], (data,), 0.04, 10)


def residual(rng, blocks=40, width=8):
    X, y = blobs(rng, 60, width, 3)
    W = [weights(rng, width, width) for _ in range(blocks)]
    norms = [Tensor(np.ones(width), requires_grad=True) for _ in range(blocks)]
    V = weights(rng, width, 3)

    def loss(X, y):
        for inner, norm in zip(W, norms, strict=True):
            X = X + np.tanh(layer_norm(X, width, norm) @ inner)
        return cross_entropy(layer_norm(X, width) @ V, y)

    return Patient(loss, [*W, *norms, V], (X, y), 0.005, 60)


HEALTHY = (xor, moons, line, perceptron, convolution, lstm, newton, autoencoder, orbit, residual)


# Sick -----------------------------------------------------------------------------------------------


def dead_relu(rng, widths=(6, 24, 3), shift=-20.0):
    X, y = blobs(rng, features=widths[0], classes=widths[-1])
    model, parameters = layers(rng, widths, relu, 2**0.5)
    parameters[len(widths) - 1].data += shift
    return Patient(lambda X, y: cross_entropy(model(X), y), parameters, (X, y))


def saturated_tanh(rng, widths=(6, 24, 3), scale=30.0):
    return classifier(rng, list(widths), scale=scale)


def vanishing_chain(rng, depth=12, width=16):
    return classifier(rng, [6, *[width] * depth, 3], sigmoid)


def exploding_recurrence(rng, length=40, width=12, gain=2.5):
    X = rng.normal(size=(30, length, 2))
    y = np.sum(X, axis=(1, 2))
    U, V = weights(rng, 2, width), weights(rng, width, 1)
    W = Tensor(gain * np.linalg.qr(rng.normal(size=(width, width)))[0], requires_grad=True)

    def loss(X, y):
        h = np.zeros((len(X), width))
        for step in range(length):
            h = X[:, step] @ U + h @ W
        return np.mean((np.ravel(h @ V) - y) ** 2)

    return Patient(loss, [U, V, W], (X, y))


def logarithm_of_zero(rng, hidden=8):
    model, parameters = layers(rng, [4, hidden, 1], np.tanh)
    X = rng.normal(size=(50, 4))
    y = (X[:, :1] > 0).astype(float)
    return Patient(lambda X, y: -np.mean(y * np.log(relu(model(X)))), parameters, (X, y))


def constant_feature(rng, features=6, value=3.0):
    X, y = blobs(rng, features=features)
    X[:, features // 2] = value
    return classifier(rng, [features, 16, 3], X=X, y=y)


def leaked_label(rng, features=5):
    y = rng.integers(0, 2, 100).astype(float)
    X = np.column_stack([rng.normal(size=(100, features)), y])
    model, parameters = layers(rng, [features + 1, 8, 1], np.tanh)

    def loss(X, y):
        z = np.ravel(model(X))
        return np.mean(softplus(z) - y * z)

    return Patient(loss, parameters, (X, y), 0.05, 400)


def large_step(rng, rate=30.0):
    return classifier(rng, [6, 16, 3], rate=rate, steps=100, descend=Descent)


def frozen_part(rng, hidden=16):
    patient = classifier(rng, [6, hidden, 3])
    return patient._replace(parameters=patient.parameters[1::2])


def unscaled_input(rng, factor=2000.0):
    X, y = blobs(rng)
    X[:, 2] *= factor
    return classifier(rng, [6, 16, 3], X=X, y=y)


SICK = {
    dead_relu: "dead units",
    saturated_tanh: "saturation",
    vanishing_chain: "vanishing gradient",
    exploding_recurrence: "exploding gradient",
    logarithm_of_zero: "nan or inf",
    constant_feature: "constant feature",
    leaked_label: "label among the inputs",
    large_step: "too large a step",
    frozen_part: "frozen parameter",
    unscaled_input: "unscaled input",
}
