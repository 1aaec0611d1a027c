"""`check_gradients` and `check_vjp`: is this derivative right, and if not, what is wrong with it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.testing.counterexample import explained
from autograd_nn.testing.foreign import ForeignFunction, UserFunction, framework_of, on_arrays
from autograd_nn.testing.functions import ArrayFunction, TensorFunction, Wrt
from autograd_nn.testing.procedure import RTOL, Kinks, Procedure
from autograd_nn.testing.reports import Report

__all__ = ["check_gradients", "check_vjp"]


def check_gradients(
    f: Callable[..., Any],
    *args: Any,
    wrt: Wrt = None,
    order: int = 1,
    rtol: float = RTOL,
    kinks: Kinks = "reject",
    seed: int = 0,
    framework: str | None = None,
) -> Report:
    """Prove the gradients of ``f`` at these arguments.

    Parameters
    ----------
    f : callable
        Of Tensors; returns a Tensor of any shape, or nested tuples, lists and dicts of them. Tensors that it refers to
        and that require a gradient, such as the parameters of a model, are found and checked too. It must compute the
        same every time: a numpy Generator among its arguments is set back. What it raises next to its arguments is the
        end of its domain; what it raises at them is raised.
    *args : arrays, Tensors, floats, lists of numbers (which are arrays), or nested containers of these
        Its arguments. Other leaves, integer arrays among them, pass through.
    wrt : int, str, or a sequence of them, optional
        With respect to which arguments: places, names of parameters of ``f``, names of Tensors that it refers to. By
        default all.
    order : {1, 2}
        2 checks the second derivatives as well, with respect to arguments and cotangents, and that they are symmetric.
    rtol : float
        The relative error of a gradient that is let pass. The error of the numeric derivative is estimated and comes
        on top.
    kinks : {"reject", "member", "ignore", "error"}
        What happens where the slopes to both sides differ: the example is discarded and counted; the derivative must
        lie between them; they are not looked for, and the derivative must be their mean; it is an error.
    seed : int
        Of the cotangent and of the directions.
    framework : {"torch", "jax", "autograd", "mygrad", "scipy"}, optional
        Whose function ``f`` is, if not NumPy's or autograd_nn's, with arguments of either kind: recognised where ``f``
        or an argument is an object of it. Of PyTorch it may be a Module, whose parameters are proved too, or a
        torch.autograd.Function; of MyGrad an Operation; "scipy" is what scipy.optimize takes: a function that returns
        (value, gradient), or a tuple of a function and its Jacobian.

    Returns
    -------
    Report
        Its ``verdict`` is "right", or that these arguments prove nothing ("unresolved", "kink").

    Raises
    ------
    GradientError
        If a derivative is wrong. The message has the arguments, shrunk; the numeric derivative with its error; a
        diagnosis, and a line that reproduces it.
    ValueError
        If order, kinks or framework is none of those, or order is 2 for another framework.

    Notes
    -----
    For float32 and float16 the gradient must agree with that of the same numbers in float64, which is compared with
    differences.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.testing import check_gradients
    >>> print(check_gradients(lambda x, y: np.sin(x) * y, np.array([0.1, 2.0]), 3.0))
    <lambda>: right, 3 directions, ... evaluations, smallest detectable error ...
    """
    if order not in (1, 2):
        raise ValueError(f"order must be 1 or 2: got {order!r}")
    if kinks not in ("reject", "member", "ignore", "error"):
        raise ValueError(f'kinks must be "reject", "member", "ignore" or "error": got {kinks!r}')
    bridge = framework_of(f, args, framework)
    if bridge is None:
        return proven(TensorFunction(f, args, wrt), Procedure(order, rtol, kinks, seed))
    if order == 2:
        raise ValueError(
            f"order=2 is for functions of autograd_nn: for {bridge.name}, check the gradient as a function"
        )
    # who writes to a gradient that is shared, is the engine's affair
    return proven(ForeignFunction(bridge, f, args, wrt), Procedure(1, rtol, kinks, seed, aliases=True))


def check_vjp(
    f: Callable[..., Any],
    vjp: Callable[..., Any],
    *args: Any,
    rtol: float = RTOL,
    aliases: bool = False,
    seed: int = 0,
    framework: str | None = None,
) -> Report:
    """Prove a vector-Jacobian product that was written by hand, in NumPy or any other library.

    Parameters
    ----------
    f : callable
        ``f(*arrays)`` returns an array.
    vjp : callable
        ``vjp(cotangent, *arrays)`` returns a tuple: for each array its gradient, of its shape and dtype. For arguments
        that are not floats it may be None. For complex numbers z a cotangent g means Re(sum(g * dz)).
    *args : arrays, floats, or lists of numbers
        Its arguments.
    rtol : float
        As of `check_gradients`.
    aliases : bool
        Whether a gradient may share memory with the cotangent, an argument or another gradient, as in
        ``return g, g.sum(0)``: right wherever the caller changes none of them.
    seed : int
        Of the cotangent and of the directions.
    framework : str, optional
        As of `check_gradients`: whose arrays ``f`` and ``vjp`` take and return; recognised where an argument is one,
        as those of CuPy and of the array API standard are.

    Returns
    -------
    Report
        As of `check_gradients`.

    Raises
    ------
    GradientError
        If it is wrong.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.testing import check_vjp
    >>> def vjp(g, x):
    ...     return (g * 2 * x,)
    >>> bool(check_vjp(lambda x: x**2, vjp, np.array([1.0, 2.0, 3.0])))
    True
    """
    bridge = framework_of(f, args, framework)
    if bridge is None:
        return proven(ArrayFunction(f, vjp, args), Procedure(1, rtol, "reject", seed, aliases))
    arrays = [bridge.array(arg) for arg in args]
    function = ArrayFunction(on_arrays(bridge, f), on_arrays(bridge, vjp), arrays, bridge.name)
    return proven(function, Procedure(1, rtol, "reject", seed, aliases or bridge.immutable))


def proven(function: UserFunction, procedure: Procedure) -> Report:
    with np.errstate(all="ignore"), function.borrowed():
        procedure.run(function)
        if procedure.failures:
            raise explained(function, procedure)
    return procedure.report(function)
