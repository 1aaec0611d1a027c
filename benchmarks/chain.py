"""A long chain of small operations, y = y * c + b: what recording and pulling back costs an operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from harness import ROOM, Contestant, Step, number, peaks, race, table

CASES = (  # length, elements, the share of the rounds, steps a round
    (1_000, 3, 1, 5),
    (1_000, 100_000, 1 / 2, 1),
    (100_000, 3, 1 / 4, 1),
    (100_000, 100_000, 0, 1),
)
TINY = {"length": 10, "size": 3}
"""A chain that wakes a framework up and leaves the allocator alone."""


def chain(y: Any, c: Any, b: Any, length: int) -> Any:
    """``length`` operations: the same loop in every framework. The values tend to 1."""
    for _ in range(length):
        y = y * c + b
    return y


def constants(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The arrays that y starts from, c and b, (size,) float64."""
    return np.linspace(0, 1, size), np.full(size, 0.999), np.full(size, 0.001)


def with_tensors(leaf: Callable[[], Any], c: Any, b: Any, length: int) -> Step:
    """The frameworks whose tensors record and have a method ``backward``."""
    x = total = None

    def forward() -> None:
        nonlocal x, total
        x = leaf()
        total = chain(x, c, b, length).sum()

    def backward() -> None:
        nonlocal total
        total.backward()
        total = None

    return Step({"forward": forward, "backward": backward}, lambda: x.grad[:3].tolist())


def with_vjp(vjp: Callable[..., Any], x: Any, c: Any, b: Any, length: int) -> Step:
    """The frameworks that transform functions: ``vjp(f, x)`` records f and returns what pulls back."""
    pull = slope = None

    def forward() -> None:
        nonlocal pull
        pull = vjp(lambda x: chain(x, c, b, length).sum(), x)

    def backward() -> None:
        nonlocal pull, slope
        slope = pull(1.0)
        pull = None

    return Step({"forward": forward, "backward": backward}, lambda: slope[:3].tolist())


def with_autograd_nn(length: int, size: int) -> Step:
    from autograd_nn import Tensor

    x, c, b = constants(size)
    return with_tensors(lambda: Tensor(x, requires_grad=True), c, b, length)


def with_numpy(length: int, size: int) -> Step:
    x, c, b = constants(size)
    return Step({"forward": lambda: chain(x, c, b, length).sum()}, list)


def with_torch(length: int, size: int) -> Step:
    import torch

    torch.set_num_threads(1)
    x, c, b = map(torch.tensor, constants(size))
    return with_tensors(lambda: x.clone().requires_grad_(), c, b, length)


def with_jax(length: int, size: int) -> Step:
    import jax
    import jax.numpy as jnp

    def vjp(f: Callable[[Any], Any], x: Any) -> Any:
        total, pull = jax.vjp(f, x)
        jax.block_until_ready(total)
        return lambda g: jax.block_until_ready(pull(g)[0])

    return with_vjp(vjp, *map(jnp.array, constants(size)), length)


def with_hips(length: int, size: int) -> Step:
    from autograd import make_vjp

    return with_vjp(lambda f, x: make_vjp(f)(x)[0], *constants(size), length)


def with_mygrad(length: int, size: int) -> Step:
    import mygrad

    x, c, b = constants(size)
    return with_tensors(lambda: mygrad.tensor(x), c, b, length)


CONTESTANTS = {
    "autograd_nn": with_autograd_nn,
    "NumPy, forward only": with_numpy,
    "PyTorch": with_torch,
    "JAX, not compiled": with_jax,
    "HIPS autograd": with_hips,
    "MyGrad": with_mygrad,
}


def skipped(name: str, length: int, size: int) -> str:
    """Why a contestant does not take part."""
    if length <= 1_000:
        return ""
    if name == "JAX, not compiled":
        return "skipped: it traces each operation anew, compiled or not"
    found, failure = peaks("chain", name, TINY, length=1_000, size=size)
    if failure:
        return failure
    needed = max(found.values()) * length / 1_000
    return f"skipped: could take about {needed / 1e3:.0f} GB" if needed > ROOM else ""


def report(rounds: int) -> None:
    for length, size, share, steps in CASES:
        turns = max(1, round(rounds * share))
        reasons = {name: skipped(name, length, size) for name in CONTESTANTS}
        contestants = {
            name: Contestant("chain", name, length=length, size=size) for name in CONTESTANTS if not reasons[name]
        }
        remark = race(list(contestants.values()), turns, steps, warmup=1)
        rows = []
        for name, reason in reasons.items():
            if reason or contestants[name].failure:
                rows.append([name, reason or contestants[name].failure])
                continue
            phases = [phase for phase in ("forward", "backward") if phase in contestants[name].samples[0]]
            rows.append([name, *(number(contestants[name].seconds(phase) / length * 1e6) for phase in phases)])
        print(f"## A chain of {length:,} operations on {size:,} elements\n\nRounds: {turns}, the median. {remark}\n")
        table(["µs an operation", "forward", "backward"], rows)
