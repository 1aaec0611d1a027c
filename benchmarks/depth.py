"""A chain of a million operations is recorded, pulled back and freed with the garbage collector off."""

from __future__ import annotations

import gc

from chain import chain, constants
from harness import Contestant, Step, number, table

LENGTHS = (250_000, 500_000, 1_000_000)


def with_autograd_nn(length: int) -> Step:
    from autograd_nn import Tensor

    gc.disable()
    start, c, b = constants(3)
    x = Tensor(start, requires_grad=True)
    total = None

    def record() -> None:
        nonlocal total
        total = chain(x, c, b, length).sum()

    def backward() -> None:
        total.backward(retain_graph=True)

    def free() -> None:
        nonlocal total
        total = None

    return Step({"record": record, "backward": backward, "free": free}, lambda: x.grad.tolist())


CONTESTANTS = {"autograd_nn": with_autograd_nn}


def report(rounds: int) -> None:
    turns = max(1, rounds // 5)
    print("## The depth test, garbage collector off\n")
    print(f"Rounds: {turns}, the median; memory of a last one.\n")
    rows = []
    for length in LENGTHS:
        contestant = Contestant("depth", "autograd_nn", length=length)
        contestant.samples = [contestant.ask("time", steps=1) for _ in range(turns)]
        found = contestant.ask("peaks")
        contestant.close()
        if contestant.failure:
            rows.append([f"{length:,}", contestant.failure])
            continue
        seconds = [contestant.seconds(phase) for phase in ("record", "backward", "free")]
        memory = [number(found[phase]) for phase in ("free", "left")]
        rows.append([f"{length:,}", *map(number, seconds), number(sum(seconds) / length * 1e6), *memory])
    table(["operations", "record s", "backward s", "free s", "µs an operation", "peak MB", "left MB"], rows)
