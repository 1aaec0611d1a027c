"""How many floating-point operations one application of a primitive takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log2, prod
from typing import Any

import numpy as np

from autograd_nn.engine.primitive import Primitive, Variadic
from autograd_nn.graph.program import Program
from autograd_nn.ops.declare import PRIMITIVES

__all__ = ["flops", "work"]


def matrices(a: Any) -> tuple[int, int, int]:
    """How many matrices, and their longer and their shorter side."""
    return prod(a.shape[:-2]), max(a.shape[-2:]), min(a.shape[-2:])


def of_matrices(steps: Callable[[int, int], float]) -> Callable[..., float]:
    """A count from the sides m >= n of a matrix, in the leading terms of Golub & Van Loan."""

    def count(y: Any, a: Any, *_: Any) -> float:
        number, m, n = matrices(a)
        return number * steps(m, n)

    return count


def solving(y: Any, a: Any, b: Any) -> float:
    number, _, n = matrices(a)
    return number * 2 * n**3 / 3 + 2 * n * y.size


def contracting(y: Any, a: Any, b: Any, labels: str) -> float:
    """A multiplication for each combination of indices, and an addition where a label is summed."""
    terms, _, result = labels.partition("->")
    size = dict(zip(terms.replace(",", ""), np.shape(a) + np.shape(b), strict=True))
    return prod(size.values()) * (2 if set(size) > set(result) else 1)


def sliding(outputs: Any, kernel: Any) -> float:
    """A multiplication and an addition for each output of a convolution and each of the inputs that it meets."""
    return 2 * outputs.size * prod(kernel.shape[1:])


def lines(a: Any, axis: int) -> float:
    """Size times log2 of the length: the steps of a sort, and of a transform, of every line along the axis."""
    return a.size * log2(max(a.shape[axis], 1))


# By the key in PRIMITIVES. A number is for each element of the first argument; a function gets the output and the
# arguments. What only moves elements is 0.
COUNTS: dict[str, int | Callable[..., float]] = {
    **dict.fromkeys(
        ("astype", "concatenate", "copy", "on_diagonal", "pad", "setitem", "stack", "unique", "windows"), 0
    ),
    **dict.fromkeys(("sum", "mean", "max", "min", "prod", "cumsum", "cumprod", "index_add", "overlap"), 1),
    **dict.fromkeys(
        ("add_at", "add_reduceat", *(f"{f}_accumulate" for f in ("maximum", "minimum", "fmax", "fmin"))), 1
    ),
    **dict.fromkeys(("logaddexp_reduce", "logaddexp2_reduce"), 4),
    "norm": 2,
    **dict.fromkeys(("var", "std"), 4),  # the mean, a difference, a square, the sum
    # the largest, a difference, exp, the sum; and a quotient or difference, or a factor
    **dict.fromkeys(("logsumexp", "cross_entropy"), 4),
    **dict.fromkeys(("softmax", "softmax_slope", "log_softmax", "weighted_logsumexp"), 5),
    "rms_norm": 4,  # a factor, a square, the sum, a quotient
    "standardise": 5,  # the mean, a difference, a square, the mean of those, a quotient
    "matmul": lambda y, a, b: 2 * np.size(y) * np.shape(a)[-1],
    "dot": lambda y, a, b: 2 * np.size(y) * np.shape(a)[-1],
    "einsum": contracting,
    "conv": lambda y, x, w, bias, geometry: sliding(y, w) + (0 if bias is None else y.size),
    "conv_transpose": lambda y, v, w, bias, size, geometry: sliding(v, w) + (0 if bias is None else y.size),
    "conv_kernel": lambda y, x, v, taps, geometry: sliding(v, y),
    "convolve": lambda y, a, v: 2 * a.size * v.size,
    "convolve_valid": lambda y, a, v: 2 * y.size * v.size,
    "max_pool": lambda y, image, kernel, geometry: y.size * prod(kernel),
    "avg_pool": lambda y, x, kernel, geometry, padding: y.size * (2 * prod(kernel) + 1),  # a convolution with ones
    "sort": lambda y, a, axis: lines(a, axis),
    "fft": lambda y, a, axis, norm: 5 * lines(a, axis),
    "ifft": lambda y, a, axis, norm: 5 * lines(a, axis),
    "rfft": lambda y, a, axis, norm: 2.5 * lines(a, axis),
    "irfft": lambda y, a, n, axis, norm: 2.5 * lines(y, axis),
    "det": of_matrices(lambda m, n: 2 * n**3 / 3),
    "logdet": of_matrices(lambda m, n: 2 * n**3 / 3),
    "solve": solving,
    "inv": of_matrices(lambda m, n: 2 * n**3),
    "solve_triangular": lambda y, a, b, lower, unit: y.size * a.shape[-1],
    "cholesky": of_matrices(lambda m, n: n**3 / 3),
    "qr": of_matrices(lambda m, n: 4 * m * n**2 - 4 * n**3 / 3),
    "eigvalsh": of_matrices(lambda m, n: 4 * n**3 / 3),
    "eigh": of_matrices(lambda m, n: 9 * n**3),
    "eigvals": of_matrices(lambda m, n: 10 * n**3),
    "eig": of_matrices(lambda m, n: 25 * n**3),
    "svdvals": of_matrices(lambda m, n: 4 * m * n**2 - 4 * n**3 / 3),
    "svd": of_matrices(lambda m, n: 14 * m * n**2 + 8 * n**3),
    "pinv": of_matrices(lambda m, n: 16 * m * n**2 + 8 * n**3),
}


def flops(primitive: Primitive, values: Sequence[Any], y: Any) -> int:
    """The floating-point operations of one application of a primitive.

    Parameters
    ----------
    primitive : Primitive
    values : sequence
        Its arguments as arrays, numbers and parameters, in the order of ``primitive.names``; the first of a
        variadic primitive is the list of its operands.
    y : array
        The output.

    Returns
    -------
    int

    Notes
    -----
    A multiplication and an addition are two. An elementwise function is one for each element of the output, whatever
    it is; a reduction or a scan one for each element of the input; the softmax family and a standardisation four
    or five. What only moves elements is none. Products of matrices are 2 times the product of all index
    sizes, convolutions 2 times the outputs times the kernel, padding included. Comparisons count where a maximum or
    an order is found: a sort is n log2(n). A Fourier transform is 5 n log2(n), of real numbers half of that
    (M. Frigo and S. G. Johnson, "The design and implementation of FFTW3", 2005). Decompositions have the leading terms
    given by G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition, 2013. Otherwise complex numbers count
    as real ones.

    A user's primitive is elementwise or a view as it declares; any other counts as one for each element of
    its largest array.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.engine.registry import REGISTRY
    >>> from autograd_nn.graph.cost import flops
    >>> a, b = np.ones((200, 2)), np.ones((2, 3))
    >>> flops(REGISTRY[np.matmul].primitive, [a, b], a @ b)
    2400
    """
    # by identity, because a user may give a primitive any name
    key = next((key for key, own in PRIMITIVES.items() if own is primitive), None)
    count = COUNTS.get(key) if key else None
    operands = values[0] if isinstance(primitive, Variadic) else values
    sizes = [np.size(value) for value in operands if isinstance(value, np.ndarray)]
    if callable(count):
        return round(count(y, *values))
    if count is not None:
        return count * (sum(sizes) if isinstance(primitive, Variadic) else np.size(values[0]))
    if primitive.view:
        return 0
    return np.size(y) if primitive.elementwise else max([np.size(y), *sizes])


def work(program: Program) -> list[int | None]:
    """The floating-point operations of each step; None for a leaf, and for what no witness saw computed."""
    return [
        flops(step.primitive, values, step.value) if step.primitive and step.witnessed else None
        for step, values in zip(program.steps, program.given(), strict=True)
    ]
