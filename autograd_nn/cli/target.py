"""What a user means by ``FILE.py:function``, example arguments to call it with, and what is said where it raises."""

from __future__ import annotations

import inspect
import os
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from runpy import run_path
from traceback import extract_tb
from typing import Any

import numpy as np

from autograd_nn.engine.anomalies import internal
from autograd_nn.engine.errors import InputError
from autograd_nn.engine.tensor import raw
from autograd_nn.engine.trees import leaves

__all__ = ["example_inputs", "named", "plain", "positional", "said"]

Shape = tuple[int, ...]

INSTALLED = (*(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")), "<frozen")
"""Where the lines are that are not the user's."""


def said(error: BaseException) -> str:
    """What the error says in one line, with the innermost line of the user's that raised it."""
    text = " ".join([str(error), *getattr(error, "__notes__", ())]) or "without a word"
    if isinstance(error, SyntaxError) and error.filename:
        return f"{shortest(error.filename)}:{error.lineno} raises {type(error).__name__}: {error.msg}"
    lines = [line for line in extract_tb(error.__traceback__) if not internal(line.filename)]
    own = [line for line in lines if not line.filename.startswith(INSTALLED)]
    if own:
        return f"{shortest(own[-1].filename)}:{own[-1].lineno} raises {type(error).__name__}: {text}"
    if isinstance(error, OSError):
        return plain(error)
    return text if isinstance(error, (RuntimeError, TypeError, ValueError)) else f"{type(error).__name__}: {text}"


def plain(error: OSError) -> str:
    """'file: what is the matter with it', without the number of the error."""
    return f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)


def shortest(path: str) -> str:
    """The path as a user in this folder would write it."""
    inside = os.path.relpath(path)
    return path if inside.startswith(os.pardir) else inside


def named(place: str, *others: type) -> Any:
    """The function, or other object to be called, that has the name in the file or module.

    Parameters
    ----------
    place : str
        ``FILE.py:name`` or ``package.module:name``. The file is run, the module imported.
    *others : types
        What else it may be.

    Raises
    ------
    InputError
        (a ValueError) if there is no such file or module, if it raises, or if there is nothing of the kind in it.
    """
    file, _, name = place.rpartition(":")
    if not file or not name.isidentifier():
        raise InputError(f"write FILE.py:function or module:function: got {place!r}")
    is_file = Path(file).is_file()
    if not is_file and (file.endswith(".py") or not all(map(str.isidentifier, file.split(".")))):
        raise InputError(f"there is no file {file}")
    # as Python itself would, for what it imports
    sys.path.insert(0, str(Path(file).parent) if is_file else os.getcwd())
    try:
        names = run_path(file) if is_file else vars(resolve_name(f"{file}:"))
    except (Exception, SystemExit) as error:  # whatever the user's file raises
        if isinstance(error, ModuleNotFoundError) and not is_file and f"{file}.".startswith(f"{error.name}."):
            raise InputError(f"there is no file or module {file}") from error
        raise InputError(f"{file} cannot be run: {said(error)}") from error
    if name not in names:
        functions = [
            key
            for key, value in names.items()
            if inspect.isfunction(value) and value.__module__ in ("<run_path>", file)
        ]
        more = f" and {len(functions) - 10} more" if len(functions) > 10 else ""
        raise InputError(f"{file} has no {name}; its functions are {', '.join(functions[:10]) or 'none'}{more}")
    found = names[name]
    if inspect.isclass(found):
        raise InputError(f"{name} in {file} is a class: name an object of it")
    if not callable(found) and not isinstance(found, others):
        raise InputError(f"{name} in {file} is not a function: it is of type {type(found).__name__}")
    return found


def parameters_of(f: Callable[..., Any]) -> list[inspect.Parameter]:
    """Those that can be given by name or by place."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError) as error:  # some builtins have none
        raise InputError(f"{f!r} does not tell its parameters: name a function that calls it") from error
    return [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]


def positional(f: Callable[..., Any], shapes: dict[str, Shape]) -> Callable[..., Any]:
    """The same function with the parameters by place that are keyword-only and need an argument, or have a shape.

    Raises
    ------
    InputError
        (a ValueError) if f has no parameter of a name in ``shapes``.

    Examples
    --------
    >>> from autograd_nn.cli.target import positional
    >>> def f(x, rows=2, *, scale, shift=0):
    ...     return (x * scale + shift)[:rows]
    >>> import inspect
    >>> inspect.signature(positional(f, {}))
    <Signature (x, scale, rows=2, /)>
    """
    parameters = parameters_of(f)
    names = [p.name for p in parameters]
    for name in shapes:
        if name not in names:
            raise InputError(f"--shape {name}: the parameters of the function are {', '.join(names) or 'none'}")
    by_place = [p for p in parameters if p.kind is not p.KEYWORD_ONLY]
    by_name = [p for p in made_up(f, shapes) if p.kind is p.KEYWORD_ONLY]
    if not by_name:
        return f
    plain = inspect.Parameter.POSITIONAL_ONLY
    order = [p.replace(kind=plain) for p in by_place] + [p.replace(kind=plain, default=p.empty) for p in by_name]
    order.sort(key=lambda p: p.default is not p.empty)  # those with a default last, as Python wants them

    def called(*arguments: Any) -> Any:
        given = {p.name: argument for p, argument in zip(order, arguments, strict=True)}
        return f(*(given[p.name] for p in by_place), **{p.name: given[p.name] for p in by_name})

    called.__name__ = getattr(f, "__name__", type(f).__name__)
    vars(called).update(__wrapped__=f, __signature__=inspect.Signature(order))
    return called


def example_inputs(f: Callable[..., Any], shapes: dict[str, Shape], seed: int) -> list[Any]:
    """Arguments of the shapes given that f can be called with, in its domain if they are found there.

    Parameters
    ----------
    f : callable
    shapes : dict
        The shape of the array for a parameter; others get their default, or a random number if they have none.
    seed : int

    Returns
    -------
    list
        An argument for each positional parameter. Arrays are float64.

    Raises
    ------
    InputError
        (a ValueError) if f raises with what it is given.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.cli.target import example_inputs
    >>> x, rows = example_inputs(lambda x, rows=2: np.log(x)[:rows], {"x": (3,)}, seed=0)
    >>> x.shape, bool((x > 0).all()), rows
    ((3,), True, 2)
    """
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        # the second are in most domains
        for sample in (rng.standard_normal, lambda shape: rng.uniform(0.1, 0.9, shape)):
            inputs = sampled(f, shapes, sample)
            try:
                results = [np.asarray(raw(leaf)) for leaf in leaves(f(*inputs))]
            except (Exception, SystemExit) as error:  # whatever the user's function raises
                given = [f"{p.name} {shapes.get(p.name, ())}" for p in made_up(f, shapes)]
                raise InputError(
                    f"{said(error)}; it was called with arrays of the shapes {', '.join(given) or 'none'}: "
                    f"give others with --shape NAME=2,3"
                ) from error
            if all(np.isfinite(result).all() for result in results if result.dtype.kind in "biufc"):
                break
    return inputs


def made_up(f: Callable[..., Any], shapes: dict[str, Shape]) -> list[inspect.Parameter]:
    """The parameters that get random numbers."""
    return [p for p in parameters_of(f) if p.name in shapes or p.default is p.empty]


def sampled(f: Callable[..., Any], shapes: dict[str, Shape], sample: Callable[[Shape], Any]) -> list[Any]:
    """An argument for each parameter: random of the given shape, else its default, else one random number."""
    random = made_up(f, shapes)
    try:
        return [
            np.asarray(sample(shapes.get(p.name, ()))) if p in random else p.default
            for p in parameters_of(f)
            if p.kind is not p.KEYWORD_ONLY
        ]
    except (MemoryError, ValueError) as error:
        raise InputError(f"--shape: there is no room for such arrays: {error}") from error
