"""The layers of a network, found in its program: where parameters meet data, and what the result is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_nn.engine.node import Array
from autograd_nn.graph.program import Program, Result, Step

__all__ = ["Data", "Layer", "Network", "parents"]

PRODUCTS = ("matmul", "dot", "einsum", "multiply", "conv", "conv_transpose", "convolve")
"""Where weights meet features."""

Origin = Literal["weights", "data", "both"]


class Layer(NamedTuple):
    """A step in which parameters meet something else."""

    step: Step
    parameters: frozenset[int]
    data: list[Result | Array]
    """What they meet, as far as no parameter went into it."""

    @property
    def is_product(self) -> bool:
        return self.step.primitive is not None and self.step.primitive.name in PRODUCTS


class Data(NamedTuple):
    """What parameters of a first layer are multiplied with."""

    node: int
    name: str
    array: Array
    whole: bool
    """Whether each number is where the user gave it, at most scaled and shifted."""
    biased: bool
    """Whether a bias is added to the product."""


class Network:
    """A program as a network: what came from parameters, from data, and from both."""

    def __init__(self, program: Program, cotangents: list[Any]) -> None:
        self.steps = program.steps
        self.outputs = program.outputs
        self.cotangents = cotangents
        kind = "parameter" if any(step.kind == "parameter" for step in self.steps) else "input"
        self.trained = {step.number for step in self.steps if step.kind == kind}
        self.origins: list[Origin] = []
        self.roots: dict[int, frozenset[int]] = {}
        """The parameters that went into each step that nothing else went into."""
        self.users: list[list[int]] = [[] for _ in self.steps]
        self.layers: list[Layer] = []
        for step in self.steps:
            self.read(step)
        self.hidden = self.before_layers()

    def read(self, step: Step) -> None:
        if step.primitive is None:
            self.origins.append("weights" if step.number in self.trained else "data")
            if step.number in self.trained:
                self.roots[step.number] = frozenset([step.number])
            return
        weights: list[int] = []
        data: list[Result | Array] = []
        others = 0
        for operand in operands(step):
            if isinstance(operand, np.ndarray):
                data += [operand] if operand.ndim else []
                continue
            origin = self.origins[operand.step]
            self.users[operand.step].append(step.number)
            weights += [operand.step] if origin == "weights" else []
            data += [operand] if origin == "data" else []
            others += origin == "both"
        self.origins.append("both" if others or (weights and data) else "weights" if weights else "data")
        if not weights:
            return
        sets = {self.roots[number] for number in weights}
        roots = next(iter(sets)) if len(sets) == 1 else frozenset().union(*sets)
        if self.origins[-1] == "weights":
            self.roots[step.number] = roots
        elif not self.is_penalty(step, weights):
            self.layers.append(Layer(step, roots, data))

    def is_penalty(self, step: Step, weights: list[int]) -> bool:
        """Whether something computed from the weights alone is added to the loss."""
        made = all(self.steps[number].primitive is not None for number in weights)
        return made and step.shape == () and step.primitive is not None and step.primitive.name == "add"

    def before_layers(self) -> set[int]:
        """The steps whose values go on into a layer."""
        found: set[int] = set()
        layers = {layer.step.number for layer in self.layers}
        for step in reversed(self.steps):
            if any(user in layers or user in found for user in self.users[step.number]):
                found.add(step.number)
        return found

    @property
    def is_loss(self) -> bool:
        """Whether there is a single result, one number."""
        return len(self.outputs) == 1 and self.steps[self.outputs[0]].shape == ()

    def name(self, number: int) -> str:
        step = self.steps[number]
        return step.name or step.path or (f"n{number}" if step.primitive is None else step.primitive.name)

    def size(self, number: int) -> float:
        """The norm of the cotangent: unlike its mean square, it does not depend on how many samples there are."""
        g = self.cotangents[number]
        if g is None:
            return 0.0
        return float(np.linalg.norm(np.abs(g).astype(float).ravel()))

    def features(self) -> Iterator[Data]:
        seen = set()
        for layer in self.layers:
            for operand in layer.data if layer.is_product else ():
                if isinstance(operand, Result):
                    (number, whole), array = self.source(operand.step), self.steps[operand.step].value
                else:
                    number, whole, array = layer.step.number, True, operand
                key = operand.step if isinstance(operand, Result) else (number, "given")
                if array is None or array.dtype.kind not in "fiu" or array.size == 0 or key in seen:
                    continue
                seen.add(key)
                name = self.name(number) if self.steps[number].primitive is None else "the data"
                yield Data(number, name, array, whole, self.is_biased(layer.step))

    def is_biased(self, step: Step) -> bool:
        users = {user for user in self.users[step.number] if is_named(self.steps[user], "add")}
        return any(self.origins[number] == "weights" for user in users for number in parents(self.steps[user]))

    def source(self, number: int) -> tuple[int, bool]:
        """The leaf whose numbers they are, and whether each is still in its place, at most scaled and shifted."""
        whole = True
        while (step := self.steps[number]).primitive is not None:
            above = parents(step)
            if len(above) != 1:
                return number, False
            whole = whole and step.primitive.elementwise and self.steps[above[0]].shape == step.shape
            number = above[0]
        return number, whole

    def targets(self) -> Iterator[Array]:
        """Data that the result of the last layer is compared with."""
        for step in self.steps:
            late = step.primitive is not None and step.number not in self.hidden
            if late and any(self.origins[number] == "both" for number in parents(step)):
                for operand in operands(step):
                    if isinstance(operand, np.ndarray) or self.origins[operand.step] == "data":
                        array = operand if isinstance(operand, np.ndarray) else self.steps[operand.step].value
                        if array is not None and array.ndim and array.dtype.kind in "fiub":
                            # cross entropy is given the places of the classes among all scores
                            places = is_named(step, "cross_entropy")
                            yield array % self.steps[parents(step)[0]].shape[-1] if places else array

    def is_aside(self, step: Step) -> bool:
        """Whether gradients can do without it: it is a gate, which may be wide open, or a branch with a way around."""
        users = [self.steps[user] for user in self.users[step.number]]
        if is_named(step, "sigmoid") and all(is_named(user, "multiply") for user in users):
            return True
        before = self.reached_from([step.number]) - {step.number}
        around = self.reached_from(self.outputs, without=step.number)
        return any(self.origins[number] == "both" for number in before & around)

    def reached_from(self, numbers: Iterable[int], without: int | None = None) -> set[int]:
        """The steps that these were computed from, and themselves."""
        found: set[int] = set()
        stack = [*numbers]
        while stack:
            number = stack.pop()
            if number not in found and number != without:
                found.add(number)
                stack += parents(self.steps[number])
        return found


def is_named(step: Step, name: str) -> bool:
    return step.primitive is not None and step.primitive.name == name


def operands(step: Step) -> Iterator[Result | Array]:
    """The arguments that are numbers to compute with: those of lists one by one."""
    stack = list(step.arguments.values())[::-1]
    while stack:
        argument = stack.pop()
        if type(argument) is Result or isinstance(argument, np.ndarray):
            yield argument
        elif isinstance(argument, (tuple, list)):
            stack += argument[::-1]


def parents(step: Step) -> list[int]:
    """The numbers of the steps that it used."""
    return [operand.step for operand in operands(step) if isinstance(operand, Result)]
