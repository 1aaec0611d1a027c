"""film: what flows through a graph while its parameters are trained, to be played on the interactive page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import zip_longest
from os import PathLike
from pathlib import Path
from typing import Any

from autograd_nn.draw.drawing import page_of
from autograd_nn.draw.page import Frame
from autograd_nn.graph.calls import as_called
from autograd_nn.graph.facts import Observation, observe
from autograd_nn.graph.value import Graph

__all__ = ["Film", "film"]


class Film:
    """The frames taken so far: see `film`."""

    def __init__(self, loss: Callable[..., Any], inputs: tuple[Any, ...], every: int) -> None:
        self.loss = loss
        self.inputs = inputs
        self.every = every
        self.steps = 0
        self.first = as_called(observe(loss, *inputs))
        self.frames = [Frame(0, self.first.facts)]

    def __repr__(self) -> str:
        return f"<Film of {len(self.frames)} frames, {self.steps:,} steps>"

    def step(self) -> None:
        """Count a step of the training, and take a frame if it is time for one.

        Raises ValueError if the loss computes something else than it did at first.
        """
        self.steps += 1
        if self.steps % self.every == 0:
            seen = as_called(observe(self.loss, *self.inputs))
            for before, after in zip_longest(listing(self.first), listing(seen)):
                if before != after:
                    raise ValueError(
                        f"the graph has changed: {before} at first, {after} at step {self.steps}; a film needs "
                        f"the same operations on the same shapes each time"
                    )
            self.frames.append(Frame(self.steps, seen.facts))

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the interactive page, one ``.html`` file that needs nothing else; errors as `Drawing.save`."""
        path = Path(path)
        if path.suffix.lower() != ".html":
            raise ValueError(f"a film is an interactive page, path must end in .html: got {str(path)!r}")
        path.write_text(page_of(self.first, frames=self.frames), encoding="utf-8")
        return path


def listing(seen: Observation) -> Iterator[str]:
    """The graph as text, but for where the lines are."""
    nodes = tuple(node._replace(line=None) for node in seen.graph.nodes)
    return Graph(nodes, seen.graph.edges).lines()


def film(loss: Callable[..., Any], *inputs: Any, every: int = 50) -> Film:
    """Film values and gradients during training: saturation, dead units and vanishing gradients are seen.

    Parameters
    ----------
    loss : callable
        What is trained, as a function or model that finds its parameters itself; called with the inputs
        for each frame.
    *inputs : arrays, numbers, nested tuples, lists and dicts
        The data.
    every : int
        A frame is taken before the first step, and then every so many steps.

    Returns
    -------
    Film
        Call its ``step()`` after each update, and ``save("film.html")`` at the end.

    Raises
    ------
    TypeError, ValueError
        If the loss cannot be called, ``every`` is less than 1, or nothing is recorded.

    Notes
    -----
    A frame costs a forward and a backward pass and the statistics of each node. Nothing is changed by it: gradients
    that are accumulated stay as they are.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.draw import film
    >>> w = Tensor([0.5, -0.5], requires_grad=True, name="w")
    >>> def loss(X, y):
    ...     return np.mean((np.tanh(X @ w) - y) ** 2)
    >>> X, y = np.eye(2), np.ones(2)
    >>> movie = film(loss, X, y, every=10)
    >>> for _ in range(20):
    ...     loss(X, y).backward()
    ...     w.data -= w.grad.data
    ...     w.grad = None
    ...     movie.step()
    >>> movie
    <Film of 3 frames, 20 steps>
    """
    if not isinstance(every, int) or every < 1:
        raise ValueError(f"every is the number of steps between frames, 1 or more: got {every!r}")
    if not callable(loss):
        raise TypeError(f"film() calls the loss: got {type(loss).__name__}, write film(loss, X, y)")
    return Film(loss, inputs, every)
