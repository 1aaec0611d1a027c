"""What the prover needs of other frameworks: how their arrays come and go, and how each of them differentiates.

Each is imported when one is made, which is where it is named or where a function or an argument is seen to be its own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np

from autograd_nn.engine.node import Array
from autograd_nn.engine.trees import leaves, tree_map

__all__ = ["Framework", "Hips", "Jax", "MyGrad", "Namespace", "Pairs", "is_double"]

Call = Callable[[list[Any]], Any]
"""A function of a list of a framework's own arrays."""


class Framework:
    """One whose arrays are NumPy's. Others say what is different with them."""

    name = ""
    immutable = False
    """Whether nobody can write to its arrays."""

    def tensor(self, array: Array) -> Any:
        """Its own array of these numbers, in the same memory where that can be."""
        return array

    def array(self, value: Any) -> Any:
        """The numbers of an array of its own; anything else as it is."""
        return value

    def entered(self, tree: Any) -> Any:
        """All arrays of NumPy's in it as its own."""
        return tree_map(lambda value: self.tensor(value) if isinstance(value, np.ndarray) else value, tree)

    def precision(self, arrays: Sequence[Any]) -> AbstractContextManager[Any]:
        """Within it these arrays keep their digits."""
        return nullcontext()

    def alike(self, args: list[Any]) -> list[Any]:
        """The arrays in what precision they are computed with."""
        return args

    def function(self, f: Any) -> Callable[..., Any]:
        """What is called, where f stands for a function."""
        return f

    def default(self, args: Sequence[Any]) -> list[int] | None:
        """With respect to which arguments; None for all that have floats."""
        return None

    def parameters(self, f: Callable[..., Any]) -> dict[str, Any]:
        """What the function refers to and may be differentiated by as well."""
        return {}

    def choose(self, parameters: list[Any]) -> None:
        """From now on the last ones of all arrays are values of these."""

    def value(self, call: Call, arrays: Sequence[Array]) -> list[Array]:
        """The outputs."""
        return [np.array(y) for y in self.floats(call([*map(self.tensor, arrays)]))]

    def floats(self, value: Any) -> list[Any]:
        """The outputs that have a gradient."""
        return [y for y in leaves(value) if np.issubdtype(getattr(y, "dtype", type(y)), np.inexact)]

    def pull(self, call: Call, arrays: Sequence[Array], ws: Sequence[Array]) -> list[Array | None]:
        """The gradients from cotangents of the outputs; None where no path leads."""
        raise NotImplementedError

    @contextmanager
    def borrowed(self) -> Iterator[None]:
        """What the function refers to is as it was after it."""
        yield


def is_double(arrays: Sequence[Any]) -> bool:
    return any(a.dtype in (np.float64, np.complex128) for a in arrays if isinstance(a, np.ndarray))


class Jax(Framework):
    """In double precision where an array is, however JAX is configured."""

    name = "jax"
    immutable = True

    def __init__(self) -> None:
        import jax

        self.jax = jax

    def tensor(self, array: Array) -> Any:
        return self.jax.numpy.asarray(array)

    def array(self, value: Any) -> Any:
        if not isinstance(value, self.jax.Array) or self.jax.dtypes.issubdtype(value.dtype, self.jax.dtypes.prng_key):
            return value
        return np.asarray(value)

    def precision(self, arrays: Sequence[Any]) -> AbstractContextManager[Any]:
        return self.jax.enable_x64(True) if is_double(arrays) else nullcontext()

    def floats(self, value: Any) -> list[Any]:
        found = map(self.jax.numpy.asarray, self.jax.tree.leaves(value))
        return [y for y in found if self.jax.numpy.issubdtype(y.dtype, np.inexact)]

    def pull(self, call: Call, arrays: Sequence[Array], ws: Sequence[Array]) -> list[Array | None]:
        _, pull = self.jax.vjp(lambda inputs: self.floats(call(inputs)), [*map(self.tensor, arrays)])
        return [np.array(g) for g in pull([*map(self.tensor, ws)])[0]]


class Hips(Framework):
    name = "autograd"

    def __init__(self) -> None:
        import autograd

        self.autograd = autograd

    def pull(self, call: Call, arrays: Sequence[Array], ws: Sequence[Array]) -> list[Array | None]:
        def outputs(k: int, x: Any) -> Any:
            found = self.floats(call([*arrays[:k], x, *arrays[k + 1 :]]))
            return found[0] if len(found) == 1 else self.autograd.builtins.list(found)

        # array by array: a container of all of them would hide a gradient of another shape
        pulls = [self.autograd.make_vjp(outputs, 1)(k, x)[0] for k, x in enumerate(arrays)]
        return [np.asarray(pull(ws[0] if len(ws) == 1 else list(ws))) for pull in pulls]


class MyGrad(Framework):
    name = "mygrad"

    def __init__(self) -> None:
        import mygrad
        from mygrad.operation_base import Operation

        self.mygrad, self.operation = mygrad, Operation

    def tensor(self, array: Array) -> Any:
        return self.mygrad.tensor(array)

    def entered(self, tree: Any) -> Any:
        return tree  # its functions take labels as NumPy's arrays

    def array(self, value: Any) -> Any:
        return value.data if isinstance(value, self.mygrad.Tensor) else value

    def function(self, f: Any) -> Callable[..., Any]:
        own = isinstance(f, type) and issubclass(f, self.operation)
        return functools.partial(self.mygrad.execute_op, f) if own else f

    def pull(self, call: Call, arrays: Sequence[Array], ws: Sequence[Array]) -> list[Array | None]:
        inputs = [*map(self.tensor, arrays)]
        outputs = self.floats(call(inputs))
        y, w = outputs[0], ws[0]
        if len(outputs) > 1:  # it goes backward from one
            y, w = sum((y * w).sum() for y, w in zip(outputs, ws, strict=True)), np.ones(())
        if isinstance(y, self.mygrad.Tensor):
            y.backward(w)
        return [t.grad for t in inputs]


class Pairs(Framework):
    """What scipy.optimize takes: a function that returns its value and gradient, or a function and its Jacobian."""

    name = "scipy"

    def function(self, f: Any) -> Callable[..., Any]:
        if not isinstance(f, (tuple, list)):
            return f
        value, slopes = f

        @functools.wraps(value, updated=())
        def pair(*args: Any) -> tuple[Any, Any]:
            return value(*args), lambda: slopes(*args)

        return pair

    def default(self, args: Sequence[Any]) -> list[int] | None:
        return [0]

    def floats(self, value: Any) -> list[Any]:
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            raise TypeError(f"for framework='scipy' a function returns (value, gradient): got {value!r}")
        return [np.asarray(value[0])]

    def pull(self, call: Call, arrays: Sequence[Array], ws: Sequence[Array]) -> list[Array | None]:
        _, slopes = call(list(arrays))
        slopes, (w,), (x,) = np.asarray(slopes() if callable(slopes) else slopes), ws, arrays
        if slopes.shape == w.shape + x.shape:
            return [np.tensordot(w, slopes, w.ndim)]
        if slopes.shape == x.shape and w.shape == x.shape[: w.ndim]:  # each row of the value is of a row of x
            return [w.reshape(w.shape + (1,) * (x.ndim - w.ndim)) * slopes]
        return [w.reshape(()) * slopes if w.size == 1 else slopes]  # of another shape, which is told


class Namespace(Framework):
    """Arrays that only know their namespace, as the array API standard has it, CuPy's among them."""

    def __init__(self, xp: Any) -> None:
        self.xp = xp
        self.name = xp.__name__

    def tensor(self, array: Array) -> Any:
        return self.xp.asarray(array)

    def array(self, value: Any) -> Any:
        if isinstance(value, np.ndarray) or not hasattr(value, "__array_namespace__"):
            return value
        return value.get() if hasattr(value, "get") else np.asarray(value)

    def value(self, call: Call, arrays: Sequence[Array]) -> list[Array]:
        raise TypeError(f"{self.name} does not differentiate: check_vjp takes a function with its vjp")
