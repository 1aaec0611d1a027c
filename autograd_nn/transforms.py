"""Transforms of functions: derivatives as functions of the same arguments.

Each puts fresh leaves in the place of the arguments, calls the function, and asks for one or several backward
passes. Arguments may be nested tuples, lists and dicts; leaves that are not floats or complex numbers pass through.
Arrays in, arrays out; where an argument, or something that the function refers to, is a Tensor, results are Tensors,
connected to what they depend on. So transforms nest, to any order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from math import prod
from numbers import Number
from typing import Any

import numpy as np

from autograd_nn.engine.backward import seed
from autograd_nn.engine.batch import Batch
from autograd_nn.engine.checkpoint import checkpoint
from autograd_nn.engine.gradients import gradient_of, gradients, seeds_of
from autograd_nn.engine.node import Node
from autograd_nn.engine.recorded import Recorded, everywhere, is_float
from autograd_nn.engine.tensor import Tensor, leaf, raw, tensor
from autograd_nn.engine.trees import leaves, leaves_like, tree_map

__all__ = [
    "checkpoint",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "value_and_grad",
    "vjp",
]


def places_of(argnums: int | Sequence[int], args: tuple[Any, ...]) -> list[int]:
    """The places of the arguments that are meant."""
    places = [int(place) for place in np.atleast_1d(np.asarray(argnums))]
    if not args:
        raise TypeError(f"argnums={argnums}: there are no positional arguments; those given by keyword are constants")
    if len({place % len(args) for place in places}) < len(places):
        raise TypeError(f"argnums={argnums} must name different arguments: there are {len(args)} positional ones")
    for place in places:
        if not -len(args) <= place < len(args):
            raise TypeError(f"argnums={argnums}: there are {len(args)} positional arguments")
    return places


def single(found: list[Any], argnums: Any) -> Any:
    """One result for one argument, a tuple for several."""
    return found[0] if isinstance(argnums, (int, np.integer)) else tuple(found)


def constant(value: Any) -> Any:
    """A number or an array that the function returned, which cannot depend on the arguments, as a Tensor."""
    if not isinstance(value, (Number, np.generic, np.ndarray)) or np.asarray(value).dtype.kind not in "biufc":
        return value
    return tensor(np.asarray(value))


# Gradients --------------------------------------------------------------------------------------------


def value_and_grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., tuple[Any, Any]]:
    """A function that returns the value of ``f`` and its gradient.

    Parameters
    ----------
    f : callable
        Returns a Tensor of one element. A plain number does not depend on the arguments: its gradient is 0.
    argnums : int or sequence of ints
        Which positional arguments to differentiate with respect to. They may be nested tuples, lists and dicts
        of floats, arrays and Tensors; leaves that are not floats pass through and have the gradient None.

    Returns
    -------
    callable
        Takes the arguments of ``f``; returns ``(value, gradient)``. The gradient has the structure of the argument
        (a tuple of them for several argnums). Arrays in, arrays out; where an argument, or something
        that ``f`` refers to, is a Tensor, results are Tensors, connected to what they depend on: transforms nest.

    Raises
    ------
    TypeError
        If ``f`` does not return a Tensor of one element, or an argument has no float in it.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import grad, value_and_grad
    >>> value_and_grad(lambda w: np.sum(w**2))(np.array([1.0, 2.0]))
    (np.float64(5.0), array([2., 4.]))
    >>> grad(grad(lambda x: x**3))(2.0)
    np.float64(12.0)
    """

    @wraps(f, updated=())
    def transformed(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        recorded = Recorded(f, args, kwargs, places_of(argnums, args))
        value, connected = constant(recorded.value), recorded.outside
        if type(value) is not Tensor or value.size != 1:
            got = f"one of shape {value.shape}" if type(value) is Tensor else type(value).__name__
            raise TypeError(f"the function to differentiate must return a Tensor of one element: got {got}")
        recorded.refuse_half_complex(value)
        one = seed(value, None)
        found = recorded.pull({value.node: tensor(one) if connected else one} if value.node else {}, connected)
        slopes = recorded.leave([*map(gradient_of, recorded.fresh, found)], connected)
        return recorded.outcome(value, connected), single(slopes, argnums)

    return transformed


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """A function that returns the gradient of ``f``: the second half of `value_and_grad`.

    Parameters
    ----------
    f : callable
        Returns a Tensor of one element.
    argnums : int or sequence of ints
        As for `value_and_grad`.

    Returns
    -------
    callable
        Takes the arguments of ``f``; returns the gradient in the structure of the argument, a tuple for several.

    Raises
    ------
    TypeError
        As for `value_and_grad`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import grad
    >>> grad(lambda x, y: x * y**2, argnums=(0, 1))(3.0, 2.0)
    (np.float64(4.0), np.float64(12.0))
    """
    both = value_and_grad(f, argnums)
    return wraps(f, updated=())(lambda *args, **kwargs: both(*args, **kwargs)[1])


def elementwise_grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """A function that returns the derivative of each element: for an ``f`` whose elements do not depend on each other.

    For any other ``f`` it is the gradient of the sum of its output. Twice, it is the second derivative.

    Parameters
    ----------
    f : callable
        Returns a Tensor of any shape.
    argnums : int or sequence of ints
        As for `value_and_grad`.

    Returns
    -------
    callable
        Takes the arguments of ``f``; returns derivatives in the structure of the argument, a tuple for several.

    Raises
    ------
    TypeError
        As for `value_and_grad`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import elementwise_grad
    >>> elementwise_grad(elementwise_grad(np.sin))(np.array([0.0, np.pi / 2]))
    array([-0., -1.])
    """

    @wraps(f, updated=())
    def total(*args: Any, **kwargs: Any) -> Any:
        return np.sum(f(*args, **kwargs))

    return grad(total, argnums)


# Products with the Jacobian ---------------------------------------------------------------------------


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of ``f`` and the pullback that takes a cotangent of it to those of the primals.

    Parameters
    ----------
    f : callable
        Returns a Tensor of any shape, or nested tuples, lists and dicts of them.
    *primals : arrays, floats or Tensors
        Its arguments; nested containers, too.

    Returns
    -------
    (value, pullback) : tuple
        ``pullback(cotangent)`` takes the structure and shapes of the value and returns a tuple, one item a primal in
        the primal's structure; None for what is not a float. It may be called many times.

    Raises
    ------
    TypeError
        If no primal has a float in it.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import vjp
    >>> value, pullback = vjp(lambda A, x: A @ x, np.eye(2), np.array([1.0, 2.0]))
    >>> pullback(np.array([1.0, 10.0]))
    (array([[ 1.,  2.],
           [10., 20.]]), array([ 1., 10.]))
    """
    places = everywhere(primals)
    if not places:
        raise TypeError(
            f"vjp: no primal has a float to differentiate by (3 is an integer, 3.0 a float): got {primals!r}"
        )
    recorded = Recorded(f, primals, {}, places)
    outputs = leaves(recorded.value)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        given = leaves_like(recorded.value, cotangent, "the cotangent of the value")
        connected = recorded.outside or any(type(g) is Tensor and g.node is not None for g in given)
        pairs = [(y, g) for y, g in zip(outputs, given, strict=True) if type(y) is Tensor and g is not None]
        seeds = seeds_of(pairs, connected)
        found = [*map(gradient_of, recorded.fresh, recorded.pull(seeds, connected))]
        slopes = dict(zip(places, recorded.leave(found, connected), strict=True))
        return tuple(slopes.get(k, tree_map(lambda _: None, primal)) for k, primal in enumerate(primals))

    return recorded.outcome(recorded.value, recorded.outside), pullback


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of ``f`` and its derivative along the tangents: forward mode.

    The pullbacks of a recorded call are linear in their cotangents; transposed, that is pulled back once more with
    respect to the cotangents, they carry tangents forward.

    Parameters
    ----------
    f : callable
        Returns a Tensor of any shape, or nested tuples, lists and dicts of them.
    primals : sequence
        The arguments of ``f``.
    tangents : sequence
        A direction for each primal, in its structure and shapes; None where it does not change.

    Returns
    -------
    (value, tangent) : tuple
        In the structure of what ``f`` returns; the tangent of what does not depend on the primals is 0.

    Raises
    ------
    TypeError, ValueError
        If there is not a tangent for each primal, of its shape, or all are None.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import jvp
    >>> jvp(lambda x, y: x * np.sin(y), (3.0, 0.0), (1.0, 2.0))
    (np.float64(0.0), np.float64(6.0))
    """
    if len(primals) != len(tangents):
        raise TypeError(f"jvp takes a tangent for each primal: got {len(tangents)} for {len(primals)}")
    places = [k for k in everywhere(primals) if tangents[k] is not None]
    if not places:
        raise TypeError("jvp takes a tangent for at least one primal: all are None")
    recorded = Recorded(f, tuple(primals), {}, places)
    directions = [v for k in places for v in directions_of(primals[k], tangents[k])]
    connected = recorded.outside or any(type(v) is Tensor and v.node is not None for v in directions)
    cotangents: dict[Node, Tensor] = {}
    for t in leaves(recorded.value):
        if type(t) is Tensor and t.node is not None:
            cotangents[t.node] = leaf(unrelated(t.shape, len(cotangents)).astype(t.dtype))
    found = recorded.pull(dict(cotangents), True)
    seeds = [(r, v) for r, v in zip(found, directions, strict=True) if r is not None and v is not None and r.node]
    if seeds:
        pushed = gradients([r for r, _ in seeds], list(cotangents.values()), [v for _, v in seeds], connected)
    else:
        pushed = [gradient_of(g, None) for g in cotangents.values()]
    by_node = dict(zip(cotangents, pushed, strict=True))

    def tangent(t: Any) -> Any:
        t = constant(t)
        if type(t) is not Tensor:
            return None
        return by_node[t.node] if t.node is not None else gradient_of(t, None)

    value = recorded.outcome(recorded.value, recorded.outside)
    return value, recorded.outcome(tree_map(tangent, recorded.value), connected)


def unrelated(shape: tuple[int, ...], seed: int) -> Any:
    """Cotangents to transpose by. Their values do not matter, unless they cancel, which would look like no path."""
    return 1.5 + np.cos((np.arange(prod(shape)) + 1000 * np.pi * seed) ** 2).reshape(shape) / 2


def directions_of(primal: Any, tangent: Any) -> list[Any]:
    """The tangents of the floats among the primal's leaves; None where there is none."""
    found = []
    for x, v in zip(leaves(primal), leaves_like(primal, tangent, "the tangent of a primal"), strict=True):
        if not is_float(x):
            continue
        x = x if type(x) is Tensor else np.asarray(x)
        if v is not None and np.shape(v) != x.shape:
            raise ValueError(f"the tangent of a primal of shape {x.shape} must have that shape: got {np.shape(v)}")
        found.append(v if v is None or type(v) is Tensor else np.asarray(v, x.dtype))
    return found


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
    """The Hessian of ``f`` times the tangents, without the Hessian: the derivative of the gradient along them.

    Parameters
    ----------
    f : callable
        Returns a Tensor of one element.
    primals, tangents : sequence
        As for `jvp`.

    Returns
    -------
    tuple
        One item a primal, in its structure; None for primals whose tangent is None.

    Raises
    ------
    TypeError, ValueError
        As for `jvp`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import hvp
    >>> hvp(lambda x: np.sum(x**3), (np.array([1.0, 2.0]),), (np.array([1.0, 0.0]),))
    (array([6., 0.]),)
    """
    places = [k for k, v in enumerate(tangents) if v is not None]
    product = jvp(grad(f, places), primals, tangents)[1]
    found = dict(zip(places, product, strict=True))
    return tuple(found.get(k) for k in range(len(primals)))


# Whole Jacobians --------------------------------------------------------------------------------------


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    r"""A function that returns all first derivatives of ``f``, by one backward pass for all rows at once.

    Parameters
    ----------
    f : callable
        Returns a Tensor of any shape, or nested tuples, lists and dicts of them.
    argnums : int or sequence of ints
        As for `grad`.

    Returns
    -------
    callable
        For a Tensor of shape s and an argument of shape t the result has shape (\*s, \*t). For containers it has the
        structure of what ``f`` returns, and in each leaf that of the argument (a tuple of them for several argnums).

    Raises
    ------
    TypeError
        If ``f`` returns something else than Tensors, or as for `value_and_grad`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import jacobian
    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0, 3.0]))
    array([[2., 0., 0.],
           [0., 4., 0.],
           [0., 0., 6.]])
    """

    @wraps(f, updated=())
    def transformed(*args: Any, **kwargs: Any) -> Any:
        recorded = Recorded(f, args, kwargs, places_of(argnums, args))
        connected = recorded.outside

        def rows(y: Any) -> Any:
            if y is None:  # in a gradient, of what is not a float
                return None
            y = constant(y)
            if type(y) is not Tensor:
                raise TypeError(f"the function to differentiate must return Tensors: got {type(y).__name__}")
            recorded.refuse_half_complex(y)
            seeds = {}
            if y.node is not None and y.size:
                eye = np.eye(y.size, dtype=y.dtype).reshape(y.size, *y.shape)
                seeds[y.node] = Batch(tensor(eye) if connected else eye)
            found = map(partial(block, y), recorded.fresh, recorded.pull(seeds, connected))
            return single(recorded.leave([*found], connected), argnums)

        return tree_map(rows, recorded.value)

    return transformed


def block(y: Tensor, t: Tensor, g: Batch | None) -> Tensor:
    """The derivatives of y by t, from the cotangents of t in as many rows as y has elements."""
    shape = (*y.shape, *t.shape)
    if g is None:
        return tensor(np.zeros(shape, t.dtype))
    rows = gradient_of(t, g.rows)
    return rows if rows.shape == shape else np.reshape(rows, shape)  # type: ignore[return-value]


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    r"""A function that returns all second derivatives of ``f``: the `jacobian` of its gradient.

    Parameters
    ----------
    f : callable
        Returns a Tensor of one element.
    argnums : int or sequence of ints
        As for `value_and_grad`.

    Returns
    -------
    callable
        For an argument of shape t the result has shape (\*t, \*t); for containers and several argnums it is nested
        twice, as the gradient and in each leaf as the argument.

    Raises
    ------
    TypeError
        If an argument is complex, or as for `value_and_grad`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """

    @wraps(f, updated=())
    def transformed(*args: Any, **kwargs: Any) -> Any:
        for place in places_of(argnums, args):
            if any(np.iscomplexobj(raw(x)) for x in leaves(args[place])):
                raise TypeError(
                    "hessian: real and imaginary parts must be real arguments of their own: got complex ones"
                )
        return jacobian(grad(f, argnums), argnums)(*args, **kwargs)

    return transformed
