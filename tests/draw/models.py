"""Example models, as plain Python classes: two moons, parallel heads, a transformer; and a chain of operations."""

from dataclasses import dataclass

import numpy as np

from autograd_nn import Tensor, functional, log_softmax


def parameter(rng, *shape):
    """Random weights that keep the variance of what they are multiplied with."""
    return Tensor(rng.normal(size=shape) / np.sqrt(shape[0]), requires_grad=True)


@dataclass
class Linear:
    W: Tensor
    b: Tensor

    @classmethod
    def of(cls, rng, inputs, outputs):
        return cls(parameter(rng, inputs, outputs), Tensor(np.zeros(outputs), requires_grad=True))

    def __call__(self, x):
        return x @ self.W + self.b


class Norm:
    """Layer normalisation with a learned scale and shift."""

    def __init__(self, width):
        self.scale = Tensor(np.ones(width), requires_grad=True)
        self.shift = Tensor(np.zeros(width), requires_grad=True)

    def __call__(self, x):
        return functional.layer_norm(x, x.shape[-1], self.scale, self.shift)


class Moons:
    """A hidden layer of three units for points in the plane and their two classes."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self.hidden = Linear.of(rng, 2, 3)
        self.output = Linear.of(rng, 3, 2)

    def __call__(self, X):
        return self.output(np.tanh(self.hidden(X)))

    def loss(self, X, y):
        return -np.mean(np.sum(y * log_softmax(self(X)), axis=1))


def moons_data(count=20, seed=0):
    """Points on two half circles, and their classes as rows of the identity."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, count)
    angle = np.pi * rng.uniform(0, 1, count)
    circles = np.stack([np.cos(angle) + y, (1 - 2 * y) * np.sin(angle) + y / 2], axis=1)
    return circles + 0.1 * rng.normal(size=(count, 2)), np.eye(2)[y]


class Attention:
    """Each position looks at itself and at those before it, in several heads at once."""

    def __init__(self, rng, width, heads):
        self.heads = heads
        self.query, self.key, self.value, self.output = (parameter(rng, width, width) for _ in range(4))

    def __call__(self, x):
        q, k, v = (self.split(x @ W) for W in (self.query, self.key, self.value))
        looked_up = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return np.reshape(np.swapaxes(looked_up, -2, -3), x.shape) @ self.output

    def split(self, x):
        return np.swapaxes(np.reshape(x, (*x.shape[:-1], self.heads, -1)), -2, -3)


class MLP:
    def __init__(self, rng, width):
        self.up = Linear.of(rng, width, 4 * width)
        self.down = Linear.of(rng, 4 * width, width)

    def __call__(self, x):
        return self.down(functional.gelu(self.up(x)))


class Block:
    def __init__(self, rng, width, heads):
        self.norms = [Norm(width), Norm(width)]
        self.attention = Attention(rng, width, heads)
        self.mlp = MLP(rng, width)

    def __call__(self, x):
        x = x + self.attention(self.norms[0](x))
        return x + self.mlp(self.norms[1](x))


class Transformer:
    """A language model: tokens in, the scores of the next one out."""

    def __init__(self, blocks=12, vocabulary=11, length=16, width=8, heads=2, seed=0):
        rng = np.random.default_rng(seed)
        self.tokens = parameter(rng, vocabulary, width)
        self.positions = parameter(rng, length, width)
        self.blocks = [Block(rng, width, heads) for _ in range(blocks)]
        self.norm = Norm(width)
        self.scores = Linear.of(rng, width, vocabulary)

    def __call__(self, tokens):
        x = functional.embedding(tokens, self.tokens) + self.positions[: tokens.shape[-1]]
        for block in self.blocks:
            x = block(x)
        return self.scores(self.norm(x))

    def loss(self, tokens):
        return functional.cross_entropy(np.reshape(self(tokens[..., :-1]), (-1, 11)), np.ravel(tokens[..., 1:]))


def sentence(length=6, seed=0):
    """Tokens for the transformer."""
    return np.random.default_rng(seed).integers(0, 11, (2, length))


class Head:
    """A head of its own weights, beside others: parallel parts."""

    def __init__(self, rng, width):
        self.query, self.value = parameter(rng, width, width), parameter(rng, width, width)

    def __call__(self, x):
        return np.tanh(x @ self.query) * (x @ self.value)


class Heads:
    def __init__(self, count=4, width=3, seed=0):
        rng = np.random.default_rng(seed)
        self.heads = [Head(rng, width) for _ in range(count)]

    def __call__(self, x):
        return np.concatenate([head(x) for head in self.heads], axis=-1)


def chain(length):
    y = Tensor(1.0, requires_grad=True, name="start")
    for _ in range(length):
        y = np.negative(y)
    return y
