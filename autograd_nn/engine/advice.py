"""What to write instead: for attributes that a Tensor has not, and where an array or a number is wanted of it."""

from __future__ import annotations

import linecache
import sys
from inspect import getattr_static
from typing import Any, NoReturn

import numpy as np

from autograd_nn.engine.anomalies import NUMPY, internal

__all__ = ["Elsewhere", "for_array", "for_number"]

INSTEAD: dict[str, str] = {
    **dict.fromkeys(("cuda", "cpu", "to", "contiguous", "block_until_ready"), "t: it is in this machine's memory"),
    **dict.fromkeys(("view", "view_as", "reshape_as"), "t.reshape(shape)"),
    **dict.fromkeys(("mm", "bmm", "mv", "matmul"), "t @ other"),
    **dict.fromkeys(("float", "double", "half", "long", "int", "type", "type_as"), "t.astype(dtype)"),
    **dict.fromkeys(("relu", "sigmoid", "softmax", "log_softmax", "logsumexp"), "autograd_nn.{name}(t)"),
    **dict.fromkeys(("gelu", "silu", "softplus", "dropout", "layer_norm"), "autograd_nn.functional.{name}(t)"),
    **dict.fromkeys(("expand", "expand_as"), "np.broadcast_to(t, shape)"),
    **dict.fromkeys(("add_", "sub_", "mul_", "div_", "pow_"), "t += other, t *= other, ..."),
    **dict.fromkeys(("copy_", "fill_", "zero_", "set_"), "t[...] = values"),
    **dict.fromkeys(("grad_fn", "is_leaf"), "autograd_nn.graph.value.graph(t) for the graph"),
    "abs": "abs(t)",
    "absolute": "abs(t)",
    "at": "t[index] = values",
    "chunk": "np.array_split(t, n)",
    "clamp": "t.clip(low, high)",
    "clone": "t.copy()",
    "detach_": "t.detach()",
    "dim": "t.ndim",
    "gather": "np.take_along_axis(t, indices, axis)",
    "index_select": "np.take(t, indices, axis)",
    "masked_fill": "np.where(mask, value, t)",
    "norm": "np.linalg.norm(t)",
    "numel": "t.size",
    "permute": "t.transpose(axes)",
    "pow": "t ** p",
    "requires_grad_": "Tensor(data, requires_grad=True)",
    "retain_grad": "gradients(y, t)",
    "rsqrt": "1 / np.sqrt(t)",
    "scatter_add": "np.add.at(t, indices, values)",
    "t": "t.T",
    "unsqueeze": "np.expand_dims(t, axis)",
    "zero_grad": "t.grad = None",
    "zero_grad_": "t.grad = None",
}
"""Methods of other libraries' tensors and arrays -> what it is here."""


class Missing:
    """An attribute that there is not, as others than Python would say it."""

    def __init__(self, name: str, instead: str) -> None:
        self.message = f"a Tensor t has no attribute {name!r}: write {instead.format(name=name)}"

    def __get__(self, t: Any, owner: type) -> NoReturn:
        raise AttributeError(self.message)


class Elsewhere:
    """What a Tensor has none of, because it is a function of NumPy or has another name here."""

    __slots__ = ()

    def __dir__(self) -> list[str]:
        return [name for name in object.__dir__(self) if type(getattr_static(type(self), name, None)) is not Missing]


for name, value in vars(np).items():
    if callable(value) and not isinstance(value, type) and not name.startswith("_"):
        INSTEAD.setdefault(name, "np.{name}(t)")
for name, instead in INSTEAD.items():
    setattr(Elsewhere, name, Missing(name, instead))


def for_number(wanted: str) -> str:
    """The message where a Python number is wanted of a Tensor that requires a gradient."""
    return (
        f"{wanted}() of a Tensor t that requires a gradient would lose it: write t.item() to mean that; to keep it, "
        f"functions of NumPy or of autograd_nn.special instead of math's, and a Tensor as the buffer: "
        f"np.zeros_like(t), Tensor(np.zeros(n)), or zeros of autograd_nn.numpy"
    )


IN_LIBRARY = {
    "matplotlib": "plt.plot(t.numpy())",
    "pandas": "df.to_numpy() @ t for df @ t",
    "scipy": "the function as one of autograd_nn.special, or declare it with autograd_nn.primitive",
    "sklearn": "model.fit(t.numpy(), ...)",
}
IN_NUMPY: dict[str, str] = {
    "polynomial": "np.polyval(c[::-1], x), or the basis times its coefficients, chebvander(x, n) @ c",
    "AxisConcatenator": "np.concatenate or np.column_stack, or r_ and c_ of autograd_nn.numpy",
    "as_strided": "np.lib.stride_tricks.sliding_window_view",
    "full": "t * np.ones(shape), or full() of autograd_nn.numpy",
    "ma": "np.where(mask, value, t)",
    "ndenumerate": "t[i] for i in np.ndindex(t.shape), or ndenumerate() of autograd_nn.numpy",
    "vectorize": "the function for whole Tensors, in NumPy's functions",
}
IN_LINE = {
    ".dot(": "for X.dot(t) of an array X, X @ t",
    "dtype=object": "a list of Tensors",
    "asarray(": "t itself, which needs no asarray, or asarray() of autograd_nn.numpy",
    "array(": "np.stack([...]) to join Tensors, t.copy() for a copy, or array() of autograd_nn.numpy",
    "]=": "a Tensor as the buffer: np.zeros_like(t), Tensor(np.zeros(n)), or zeros of autograd_nn.numpy",
    "arange(": "np.arange(n) * step, with n = int(t.item() / step)",
    "broadcast(": "np.broadcast_shapes(t.shape, ...)",
    **dict.fromkeys((".permutation(", ".choice("), "t[rng.permutation(len(t))], t[rng.choice(len(t), n)]"),
    **dict.fromkeys((".normal(", ".uniform("), "the draws of constants, moved and scaled: t + s * rng.normal(size=n)"),
}


def for_array() -> str:
    """The message where an array is wanted of a Tensor that requires a gradient: who asked, and what to write there."""
    frame: Any = sys._getframe(2)
    asked, instead = "NumPy", ""
    while frame.f_back is not None and internal(frame.f_code.co_filename):
        if frame.f_code.co_filename.startswith(NUMPY):
            name, module = (
                frame.f_code.co_qualname.split(".")[0],
                frame.f_globals["__name__"].removeprefix("numpy.").split(".")[0],
            )
            asked, instead = f"NumPy's {name}", IN_NUMPY.get(name, IN_NUMPY.get(module, ""))
        frame = frame.f_back
    library = str(frame.f_globals.get("__name__", "")).split(".")[0]
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).replace(" ", "").replace("==", "")
    found = [what for sign, what in IN_LINE.items() if sign in line]
    if library in IN_LIBRARY:
        asked, instead = library, IN_LIBRARY[library]
    if not instead:
        instead = found[0] if found else "np.stack([...]) for a list of Tensors, or give it to autograd_nn.numpy"
    return (
        f"{asked} wants an array of a Tensor t that requires a gradient, which would lose it: write {instead}; "
        f"t.numpy() if it is meant as a constant"
    )
