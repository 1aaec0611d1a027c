"""One training step of the network 2 - h - 2 on the moons: forward, backward and update in each framework."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from harness import Contestant, Step, number, race, table

COUNT = 200
DECAY = 0.01


def moons() -> tuple[np.ndarray, np.ndarray]:
    """Two noisy half circles, (200, 2) float64, and which of them each point is of."""
    turn = np.linspace(0, np.pi, COUNT // 2)
    upper = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    points = np.concatenate([upper, [1, 0.5] - upper])
    return points + np.random.default_rng(0).normal(0, 0.2, points.shape), np.repeat([0, 1], COUNT // 2)


def start(hidden: int) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    W1, W2 = rng.normal(size=(2, hidden)) / 2**0.5, rng.normal(size=(hidden, 2)) / hidden**0.5
    return [W1, np.zeros((1, hidden)), W2, np.zeros((1, 2))]


def loss(parameters: Any, X: Any, tanh: Callable, cross_entropy: Callable) -> Any:
    """The summed cross entropy with weight decay. ``cross_entropy`` of the scores is each framework's own best."""
    W1, b1, W2, b2 = parameters
    return cross_entropy(tanh(X @ W1 + b1) @ W2 + b2) + DECAY / 2 * ((W1**2).sum() + (W2**2).sum())


def picked(log_softmax: Callable, rows: Any, labels: Any) -> Callable:
    """The cross entropy where a framework has none of its own: what the log-softmax gives to the labels."""
    return lambda scores: -log_softmax(scores)[rows, labels].sum()


def with_autograd_nn(hidden: int, rate: float) -> Step:
    from autograd_nn import Tensor
    from autograd_nn.functional import cross_entropy

    parameters = [Tensor(p, requires_grad=True) for p in start(hidden)]
    X, labels = moons()

    def step() -> None:
        loss(parameters, X, np.tanh, lambda scores: cross_entropy(scores, labels, reduction="sum")).backward()
        for p in parameters:
            p.data -= rate * p.grad.data
            p.grad = None

    return Step({"step": step}, lambda: [x for p in parameters for x in p.data.ravel().tolist()])


def by_hand(hidden: int, rate: float, rows: Any) -> Step:
    """The derivatives written out. ``rows`` is all that the two versions differ in."""
    W1, b1, W2, b2 = parameters = start(hidden)
    X, labels = moons()

    def step() -> None:
        hidden_units = np.tanh(X.dot(W1) + b1)
        scores = np.exp(hidden_units.dot(W2) + b2)
        delta = scores / np.sum(scores, axis=1, keepdims=True)
        delta[rows, labels] -= 1
        dW2 = hidden_units.T.dot(delta) + DECAY * W2
        db2 = np.sum(delta, axis=0, keepdims=True)
        delta = delta.dot(W2.T) * (1 - np.power(hidden_units, 2))
        dW1 = X.T.dot(delta) + DECAY * W1
        db1 = np.sum(delta, axis=0)
        for p, slope in zip(parameters, (dW1, db1, dW2, db2), strict=True):
            p -= rate * slope

    return Step({"step": step}, lambda: [x for p in parameters for x in p.ravel().tolist()])


def with_torch(hidden: int, rate: float) -> Step:
    import torch

    torch.set_num_threads(1)
    parameters = [torch.tensor(p, requires_grad=True) for p in start(hidden)]
    X, labels = map(torch.tensor, moons())

    def cross_entropy(scores: Any) -> Any:
        return torch.nn.functional.cross_entropy(scores, labels, reduction="sum")

    def step() -> None:
        loss(parameters, X, torch.tanh, cross_entropy).backward()
        with torch.no_grad():
            for p in parameters:
                p -= rate * p.grad
                p.grad = None

    return Step({"step": step}, lambda: [x for p in parameters for x in p.detach().ravel().tolist()])


def with_jax(hidden: int, rate: float) -> Step:
    import jax
    import jax.numpy as jnp

    parameters = [jnp.array(p) for p in start(hidden)]
    X, labels = map(jnp.array, moons())
    cross_entropy = picked(jax.nn.log_softmax, jnp.arange(COUNT), labels)

    @jax.jit
    def updated(parameters: Any) -> Any:
        slopes = jax.grad(loss)(parameters, X, jnp.tanh, cross_entropy)
        return [p - rate * slope for p, slope in zip(parameters, slopes, strict=True)]

    def step() -> None:
        parameters[:] = jax.block_until_ready(updated(parameters))

    return Step({"step": step}, lambda: [x for p in parameters for x in p.ravel().tolist()])


def with_hips(hidden: int, rate: float) -> Step:
    import autograd.numpy as anp
    from autograd import grad
    from autograd.scipy.special import logsumexp

    parameters = start(hidden)
    X, labels = moons()
    slopes_of = grad(loss)
    cross_entropy = picked(lambda z: z - logsumexp(z, axis=1, keepdims=True), np.arange(COUNT), labels)

    def step() -> None:
        for p, slope in zip(parameters, slopes_of(parameters, X, anp.tanh, cross_entropy), strict=True):
            p -= rate * slope

    return Step({"step": step}, lambda: [x for p in parameters for x in p.ravel().tolist()])


def with_mygrad(hidden: int, rate: float) -> Step:
    import mygrad
    from mygrad.nnet.losses import softmax_crossentropy

    parameters = [mygrad.tensor(p) for p in start(hidden)]
    X, labels = moons()

    def step() -> None:
        loss(parameters, X, mygrad.tanh, lambda scores: COUNT * softmax_crossentropy(scores, labels)).backward()
        for p in parameters:
            p.data -= rate * p.grad

    return Step({"step": step}, lambda: [x for p in parameters for x in p.data.ravel().tolist()])


CONTESTANTS = {
    "autograd_nn": with_autograd_nn,
    "NumPy by hand, range(n)": lambda **arguments: by_hand(rows=range(COUNT), **arguments),
    "NumPy by hand, arange made once": lambda **arguments: by_hand(rows=np.arange(COUNT), **arguments),
    "PyTorch, eager": with_torch,
    "JAX, jit": with_jax,
    "HIPS autograd": with_hips,
    "MyGrad": with_mygrad,
}


def report(rounds: int) -> None:
    for hidden, rate, steps in ((3, 0.01, 200), (500, 0.001, 40)):
        contestants = {name: Contestant("moons", name, hidden=hidden, rate=rate) for name in CONTESTANTS}
        remark = race(list(contestants.values()), rounds, steps, warmup=100)
        print(f"## The moons step, h = {hidden}\n\nMedian of {rounds} rounds of {steps} steps. {remark}\n")
        ours = contestants["autograd_nn"].seconds("step")
        table(
            ["", "µs a step", "relative to autograd_nn"],
            (
                [name, contestant.failure]
                if contestant.failure
                else [name, number(contestant.seconds("step") * 1e6), number(contestant.seconds("step") / ours)]
                for name, contestant in contestants.items()
            ),
        )
