"""From a tape to the text for Graphviz: a chain of additions and multiplications, y*x + x, drawn whole.

Of 1,000,000 operations only autograd_nn can leave out the middle. The results compared are the operations in the text.
"""

from __future__ import annotations

import numpy as np
from harness import Contestant, Step, number, race, table

LENGTHS = (200, 10_000)
LONGEST = 1_000_000


def chain(x, operations):
    y = x
    for _ in range(operations // 2):
        y = y * x + x
    return y


def step(draw, names, operations):
    """Draw, and count the nodes that have one of these names: none where the middle is left out."""
    text = []

    def run():
        text[:] = [draw()]

    return Step(
        {"draw": run}, lambda: [sum(text[0].count(name) for name in names) if operations <= max(LENGTHS) else 0]
    )


def with_autograd_nn(operations):
    from autograd_nn import Tensor
    from autograd_nn.draw import draw

    y = chain(Tensor(np.full(3, 0.5), requires_grad=True), operations)
    most = None if operations == LONGEST else operations + 1
    return step(lambda: draw(y, max_nodes=most).source, ('label="multiply', 'label="add'), operations)


def with_torchviz(operations):
    import torch
    from torchviz import make_dot

    y = chain(torch.full((3,), 0.5, requires_grad=True), operations)
    return step(lambda: make_dot(y).source, ("[label=MulBackward", "[label=AddBackward"), operations)


def with_mygrad(operations):
    import mygrad
    from mygrad.computational_graph import build_graph

    x = mygrad.tensor(np.full(3, 0.5))
    y = chain(x, operations)
    return step(lambda: build_graph(y).source, ("label=Multiply", "label=Add"), operations)


CONTESTANTS = {"autograd_nn": with_autograd_nn, "PyTorch, torchviz": with_torchviz, "MyGrad, build_graph": with_mygrad}


def report(rounds: int) -> None:
    for operations in LENGTHS:
        contestants = [Contestant("drawing", name, operations=operations) for name in CONTESTANTS]
        remark = race(contestants, rounds, steps=1, warmup=1)
        print(f"## DOT of {operations:,} operations\n\nMedian of {rounds} rounds. {remark}\n")
        ours = contestants[0].seconds("draw")
        rows = []
        for contestant in contestants:
            seconds = contestant.seconds("draw")
            row = [contestant.failure] if contestant.failure else [number(seconds * 1e3), number(seconds / ours)]
            rows.append([contestant.name, *row])
        table(["", "ms", "relative to autograd_nn"], rows)
    alone = Contestant("drawing", "autograd_nn", operations=LONGEST)
    race([alone], 3, steps=1, warmup=1)
    print(f"{LONGEST:,} operations, all but 200 nodes left out: {number(alone.seconds('draw'))} s (median of 3).\n")
