"""PyTorch, as the prover takes it: functions, modules with their parameters, and each torch.autograd.Function."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FunctionType
from typing import Any

import numpy as np

from autograd_nn.engine.node import Array
from autograd_nn.engine.trees import leaves, tree_map
from autograd_nn.testing.frameworks import Call, Framework, is_double
from autograd_nn.testing.points import widened
from autograd_nn.testing.references import objects

__all__ = ["Torch"]


class Torch(Framework):
    """Where an array is in float64, so is all that the function refers to."""

    name = "torch"

    def __init__(self) -> None:
        import torch

        self.torch = torch
        self.device, self.double = torch.device("cpu"), False
        self.held: list[tuple[Any, Any]] = []
        """The tensors that the function refers to, with their data."""
        self.chosen: list[Any] = []

    def tensor(self, array: Array) -> Any:
        if self.double and array.dtype == np.float32:
            array = array.astype(float)
        if not array.flags.writeable:  # what repeats an element goes on doing so
            once = np.array(array[tuple(slice(None) if step else slice(1) for step in array.strides)])
            return self.torch.from_numpy(once).to(self.device).expand(array.shape)
        if any(step < 0 for step in array.strides):  # which it does not have
            array = array.copy()
        return self.torch.from_numpy(array).to(self.device)

    def array(self, value: Any) -> Any:
        if not isinstance(value, self.torch.Tensor):
            return value
        self.device = value.device
        return value.detach().cpu().resolve_conj().resolve_neg().numpy()

    def precision(self, arrays: Sequence[Any]) -> AbstractContextManager[Any]:
        self.double = is_double(arrays)
        return nullcontext()

    def alike(self, args: list[Any]) -> list[Any]:
        if not is_double(leaves(args)):
            return args
        return tree_map(lambda x: widened([x])[0] if isinstance(x, np.ndarray) else x, args)

    def function(self, f: Any) -> Callable[..., Any]:
        own = isinstance(f, type) and issubclass(f, self.torch.autograd.Function)
        return f.apply if own else f

    def default(self, args: Sequence[Any]) -> list[int] | None:
        """Arrays: a float is an option of its functions."""
        arrays = [[x for x in leaves(arg) if isinstance(x, np.ndarray)] for arg in args]
        return [k for k, found in enumerate(arrays) if any(x.dtype.kind in "fc" for x in found)] or None

    def parameters(self, f: Callable[..., Any]) -> dict[str, Any]:
        Tensor, Module = self.torch.Tensor, self.torch.nn.Module
        named: dict[str, Any] = {}

        def is_end(value: Any) -> bool:
            inside = isinstance(value, FunctionType) and (value.__module__ or "").startswith("torch.")
            return inside or isinstance(value, (Tensor, Module))

        for path, value in objects(f, is_end):
            if isinstance(value, Module):
                for name, t in (*value.named_parameters(), *value.named_buffers()):
                    named[f"{path}.{name}".removeprefix(".")] = t
            elif isinstance(value, Tensor) and value.is_leaf:
                named[path] = value
        named = {name: t for t, name in {t: name for name, t in reversed(named.items())}.items()}
        self.held = [(t, t.data) for t in named.values()]
        self.device = self.held[0][0].device if self.held else self.device
        return {name: t for name, t in reversed(named.items()) if t.requires_grad}

    def choose(self, parameters: list[Any]) -> None:
        self.chosen = parameters

    def run(self, call: Call, arrays: Sequence[Array]) -> tuple[list[Any], list[Any]]:
        """What is differentiated by, and the outputs."""
        own = len(arrays) - len(self.chosen)
        for t, data in self.held:
            t.data = (data.double() if self.double and data.is_floating_point() else data).clone()
        for t, array in zip(self.chosen, arrays[own:], strict=True):
            t.data = self.tensor(array)
        inputs = [self.tensor(array).requires_grad_() for array in arrays[:own]]
        with self.torch.enable_grad(), self.torch.random.fork_rng(devices=[]):  # Dropout drops the same every time
            outputs = self.floats(call(inputs))
        return [*inputs, *self.chosen], outputs

    def floats(self, value: Any) -> list[Any]:
        tensors = [y for y in leaves(value) if isinstance(y, self.torch.Tensor)]
        return [y for y in tensors if y.is_floating_point() or y.is_complex()]

    def value(self, call: Call, arrays: Sequence[Array]) -> list[Array]:
        return [np.array(self.array(y)) for y in self.run(call, arrays)[1]]

    def pull(self, call: Call, arrays: Sequence[Array], ws: Sequence[Array]) -> list[Array | None]:
        inputs, outputs = self.run(call, arrays)
        # the cotangent of a complex number is the conjugate of ours
        pairs = [(y, self.tensor(w).conj()) for y, w in zip(outputs, ws, strict=True) if y.requires_grad]
        if not pairs:
            return [None] * len(arrays)
        ys, gs = zip(*pairs, strict=True)
        found = self.torch.autograd.grad(ys, inputs, gs, allow_unused=True)
        return [g if g is None else self.array(g.conj()) for g in found]

    @contextmanager
    def borrowed(self) -> Iterator[None]:
        try:
            yield
        finally:
            for t, data in self.held:
                t.data = data
