"""A convolution with its bias, float32: forward, and backward to image, kernel and bias."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from harness import Contestant, Step, number, race, table

CASES = (  # images, channels, side, outputs, taps, stride
    (32, 16, 28, 32, 3, 1),
    (32, 1, 28, 16, 5, 1),
    (32, 64, 14, 64, 3, 1),
    (32, 32, 28, 64, 3, 2),
    (256, 8, 8, 8, 3, 1),
)


def operands(
    images: int, channels: int, side: int, outputs: int, taps: int, stride: int, dtype: Any
) -> tuple[list[np.ndarray], np.ndarray]:
    """Images, kernel and bias; and the cotangent of the output."""
    rng = np.random.default_rng(0)
    shapes = [(images, channels, side, side), (outputs, channels, taps, taps), (outputs,)]
    rows = (side - 1) // stride + 1
    arrays = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    return arrays, rng.normal(size=(images, outputs, rows, rows)).astype(dtype)


def step(build: Callable[[list[np.ndarray], np.ndarray], Any], case: dict[str, int]) -> Step:
    """``build`` makes (forward, backward, gradients). In float32 results agree to few digits: float64 tells."""
    forward, backward, _ = build(*operands(**case, dtype=np.float32))

    def result() -> list[float]:
        forward, backward, gradients = build(*operands(**case, dtype=np.float64))
        forward()
        backward()
        return [x for g in gradients() for x in np.ravel(g)[:50].tolist()]

    return Step({"forward": forward, "backward": backward}, result)


def with_tensors(leaf: Callable[[np.ndarray], Any], conv2d: Callable[..., Any], pull: Callable[..., None]) -> Any:
    """The frameworks whose tensors record and have a method ``backward``."""

    def build(arrays: list[np.ndarray], cotangent: np.ndarray) -> Any:
        tensors = [leaf(array) for array in arrays]
        y = None

        def forward() -> None:
            nonlocal y
            y = conv2d(*tensors)

        def backward() -> None:
            nonlocal y
            for t in tensors:
                t.grad = None
            pull(y, cotangent)
            y = None

        return forward, backward, lambda: [np.asarray(t.grad) for t in tensors]

    return build


def with_autograd_nn(**case: int) -> Step:
    from autograd_nn import Tensor
    from autograd_nn.functional import conv2d

    how = {"stride": case["stride"], "padding": case["taps"] // 2}
    return step(
        with_tensors(
            lambda array: Tensor(array, requires_grad=True),
            lambda x, w, b: conv2d(x, w, b, **how),
            lambda y, g: y.backward(g),
        ),
        case,
    )


def with_torch(**case: int) -> Step:
    import torch

    torch.set_num_threads(1)
    how = {"stride": case["stride"], "padding": case["taps"] // 2}
    return step(
        with_tensors(
            lambda array: torch.tensor(array, requires_grad=True),
            lambda x, w, b: torch.nn.functional.conv2d(x, w, b, **how),
            lambda y, g: y.backward(torch.from_numpy(g)),
        ),
        case,
    )


CONTESTANTS = {"autograd_nn": with_autograd_nn, "PyTorch": with_torch}


def report(rounds: int) -> None:
    for images, channels, side, outputs, taps, stride in CASES:
        case = {
            "images": images,
            "channels": channels,
            "side": side,
            "outputs": outputs,
            "taps": taps,
            "stride": stride,
        }
        contestants = {name: Contestant("convolution", name, **case) for name in CONTESTANTS}
        remark = race(list(contestants.values()), rounds, steps=10, warmup=5)
        print(
            f"## A convolution {taps}x{taps}, {channels} to {outputs} channels, stride {stride}, "
            f"of {images} images {side}x{side}\n\nMedian of {rounds} rounds of 10 steps. {remark}\n"
        )
        theirs = sum(contestants["PyTorch"].seconds(phase) for phase in ("forward", "backward"))
        rows = []
        for name, contestant in contestants.items():
            if contestant.failure:
                rows.append([name, contestant.failure])
                continue
            seconds = [contestant.seconds(phase) for phase in ("forward", "backward")]
            rows.append([name, *(number(s * 1e3) for s in (*seconds, sum(seconds))), number(sum(seconds) / theirs)])
        table(["ms", "forward", "backward", "together", "relative to PyTorch"], rows)
