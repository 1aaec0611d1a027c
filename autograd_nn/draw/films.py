"""film: what flows through a graph while its parameters are trained, to be played on the interactive page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise, zip_longest
from math import inf
from os import PathLike
from pathlib import Path
from typing import Any

from autograd_nn.draw.drawing import page_of
from autograd_nn.draw.page import Frame, Page
from autograd_nn.graph.calls import as_called
from autograd_nn.graph.facts import Facts, Observation, observe
from autograd_nn.graph.findings import Finding, first_causes, rise
from autograd_nn.graph.value import Graph, GraphNode

__all__ = ["Film", "film"]


FAR = 5.0
"""Growth of a parameter between two frames that is no gradual learning."""


class Film:
    """The frames taken so far: see `film`."""

    def __init__(self, loss: Callable[..., Any], inputs: tuple[Any, ...], every: int) -> None:
        self.loss = loss
        self.inputs = inputs
        self.every = every
        self.steps = 0
        self.first = as_called(observe(loss, *inputs))
        self.frames = [framed(self.first, 0)]

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
            self.frames.append(framed(seen, self.steps))

    @property
    def losses(self) -> tuple[float | None, ...]:
        """The loss in each frame; None where it is not finite, or no single number."""
        return tuple(frame.loss for frame in self.frames)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What to look at: at most a handful, each with the first step at which it is seen, the first cause first."""
        seen = [finding._replace(step=frame.time) for frame in self.frames for finding in frame.findings]
        return first_causes([*seen, *self.too_large_a_step(), *self.frozen()])

    def parameters(self) -> list[GraphNode]:
        return [node for node in self.first.graph.nodes if node.kind == "parameter"]

    def too_large_a_step(self) -> Iterator[Finding]:
        losses = [inf if frame.loss is None and self.blown(frame) else frame.loss for frame in self.frames]
        if between := rise(losses):
            before, after = between
            words = (
                f"between step {self.frames[before].time:,} and {self.frames[after].time:,} the loss goes from "
                f"{losses[before]:.3g} to {losses[after]:.3g}: a step leads beyond where its gradient points down"
            )
            yield Finding("too large a step", output(self.first), words, self.frames[before + 1].time)
        for first, second in pairwise(self.frames):
            new = {finding.trouble for finding in second.findings} - {finding.trouble for finding in first.findings}
            if new & {"saturation", "dead units"}:
                grown = [(growth(node, first, second), node) for node in self.parameters()]
                most, node = max(grown, key=lambda pair: pair[0])
                if most > FAR:
                    words = (
                        f"between step {first.time:,} and {second.time:,} {node.name or node.id} grows {most:.3g} "
                        f"times, beyond where its gradient pointed down"
                    )
                    yield Finding("too large a step", node.id, words, second.time)
                return

    def blown(self, frame: Frame) -> bool:
        """Whether parameters are not finite, or a thousand times what they were."""
        for node in self.parameters():
            before, now = self.frames[0].facts[node.id].value, frame.facts[node.id].value
            if before and now and (now.nan or now.inf or (now.rms or 0) > 1e3 * max(before.rms or 0, 1)):
                return True
        return False

    def frozen(self) -> Iterator[Finding]:
        """Parameters that never change, while others do and their gradient wants them to."""
        values = {node: {frame.facts[node.id].value for frame in self.frames} for node in self.parameters()}
        if len(self.frames) == 1 or all(len(different) == 1 for different in values.values()):
            return
        for node, different in values.items():
            slope = self.frames[0].facts[node.id].gradient
            if len(different) == 1 and slope and slope.rms:
                words = (
                    f"{node.name or node.id} stays the same for {self.frames[-1].time:,} steps while others change, "
                    f"though its gradient is not 0: does the optimiser know of it?"
                )
                yield Finding("frozen parameter", node.id, words, self.frames[1].time)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the interactive page, one ``.html`` file that needs nothing else; errors as `Drawing.save`."""
        path = Path(path)
        if path.suffix.lower() != ".html":
            raise ValueError(f"a film is an interactive page, path must end in .html: got {str(path)!r}")
        path.write_text(self.html(), encoding="utf-8")
        return path

    def html(self) -> Page:
        """The interactive page."""
        return page_of(self.first, frames=self.frames, findings=self.findings)

    def _repr_html_(self) -> str:
        return self.html()._repr_html_()


def framed(seen: Observation, step: int) -> Frame:
    result = seen.facts.get(output(seen), Facts()).value
    single = result is not None and sum(result.counts) == 1 and not result.nan + result.inf
    return Frame(step, seen.facts, seen.findings, result.mean if result and single else None)


def growth(node: GraphNode, first: Frame, second: Frame) -> float:
    """How many times its former size a parameter is; 1 for what was 0."""
    before, now = first.facts[node.id].value, second.facts[node.id].value
    return now.rms / before.rms if before and now and before.rms and now.rms else 1.0


def output(seen: Observation) -> str:
    """The id of the result: nothing is computed later."""
    return seen.forward[-1]


def listing(seen: Observation) -> Iterator[str]:
    """The graph as text, but for where the lines are."""
    nodes = tuple(node._replace(line=None) for node in seen.graph.nodes)
    return Graph(nodes, seen.graph.edges).lines()


def film(loss: Callable[..., Any], *inputs: Any, every: int = 50) -> Film:
    """Film values and gradients during training: the curve of the loss, and when each trouble begins.

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
        Call its ``step()`` after each update, and ``save("film.html")`` at the end; a notebook shows it. ``losses``
        has the loss of each frame, ``findings`` what to look at.

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
