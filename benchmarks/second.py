"""The Hessian of a three-layer network's loss in its 203 parameters, whole and row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Contestant, Step, number, race, table

SIZES = ((6, 10), (10, 8), (8, 5))
COUNT = sum(n * m + m for n, m in SIZES)
SAMPLES = 20


def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parameters in one vector, points (SAMPLES, 6), and their classes."""
    rng = np.random.default_rng(0)
    return rng.normal(size=COUNT) / 3, rng.normal(size=(SAMPLES, SIZES[0][0])), rng.integers(0, SIZES[-1][1], SAMPLES)


def loss(theta: Any, X: Any, rows: Any, labels: Any, xp: Any, logsumexp: Any) -> Any:
    """The mean cross entropy: the same expression in every framework."""
    h, start = X, 0
    for n, m in SIZES:
        W, b = theta[start : start + n * m].reshape(n, m), theta[start + n * m : start + n * m + m]
        h, start = h @ W + b, start + n * m + m
        if start < COUNT:
            h = xp.tanh(h)
    return (logsumexp(h) - h[rows, labels]).sum() / SAMPLES


def result(hessian: Any) -> Step:
    found: list[Any] = []

    def step() -> None:
        found[:] = [hessian()]

    return Step({"step": step}, lambda: np.ravel(found[0])[::97].tolist())


def with_autograd_nn(whole: bool) -> Step:
    from autograd_nn import hessian, hvp, logsumexp

    theta, X, labels = data()
    rows = np.arange(SAMPLES)
    f = lambda theta: loss(theta, X, rows, labels, np, lambda h: logsumexp(h, 1))
    if whole:
        return result(lambda: hessian(f)(theta))
    return result(lambda: np.array([hvp(f, (theta,), (e,))[0] for e in np.eye(COUNT)]))


def with_torch() -> Step:
    import torch

    torch.set_num_threads(1)
    theta, X, labels = map(torch.tensor, data())
    rows = torch.arange(SAMPLES)
    f = lambda theta: loss(theta, X, rows, labels, torch, lambda h: torch.logsumexp(h, 1))
    return result(lambda: torch.func.hessian(f)(theta).numpy())


def with_jax() -> Step:
    import jax
    import jax.numpy as jnp

    theta, X, labels = map(jnp.asarray, data())
    rows = jnp.arange(SAMPLES)
    f = lambda theta: loss(theta, X, rows, labels, jnp, lambda h: jax.nn.logsumexp(h, 1))
    hessian = jax.jit(jax.hessian(f))
    return result(lambda: np.asarray(hessian(theta)))


def with_hips() -> Step:
    import autograd
    import autograd.numpy as anp
    from autograd.scipy.special import logsumexp

    theta, X, labels = data()
    rows = np.arange(SAMPLES)
    f = lambda theta: loss(theta, X, rows, labels, anp, lambda h: logsumexp(h, axis=1))
    return result(lambda: autograd.hessian(f)(theta))


CONTESTANTS = {
    "autograd_nn, hessian": lambda: with_autograd_nn(True),
    "autograd_nn, hvp of each row": lambda: with_autograd_nn(False),
    "PyTorch, torch.func.hessian": with_torch,
    "JAX, jit": with_jax,
    "HIPS autograd": with_hips,
}


def report(rounds: int) -> None:
    contestants = {name: Contestant("second", name) for name in CONTESTANTS}
    remark = race(list(contestants.values()), rounds, steps=2, warmup=1)
    print(f"## The Hessian in {COUNT} parameters\n\nMedian of {rounds} rounds of 2 Hessians. {remark}\n")
    ours = contestants["autograd_nn, hessian"].seconds("step")
    rows = []
    for name, contestant in contestants.items():
        seconds = contestant.seconds("step")
        rows.append(
            [name, contestant.failure] if contestant.failure else [name, number(seconds * 1e3), number(seconds / ours)]
        )
    table(["", "ms", "relative to autograd_nn"], rows)
