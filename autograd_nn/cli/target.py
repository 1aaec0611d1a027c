"""What a user means by ``FILE.py:function``, and example arguments to call it with."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy as np

from autograd_nn.engine.errors import InputError
from autograd_nn.engine.tensor import raw
from autograd_nn.engine.trees import leaves

__all__ = ["example_inputs", "named"]

Shape = tuple[int, ...]


def named(place: str, *others: type) -> Any:
    """The function, or other object to be called, that has the name in the file.

    Parameters
    ----------
    place : str
        ``FILE.py:name``. The file is run for it.
    *others : types
        What else it may be.

    Raises
    ------
    InputError
        (a ValueError) if there is no such file, if it raises, or if there is nothing of the kind in it.
    """
    file, _, name = place.rpartition(":")
    if not file or not name.isidentifier():
        raise InputError(f"write FILE.py:function, a file and a name in it: got {place!r}")
    if not Path(file).is_file():
        raise InputError(f"there is no file {file}")
    sys.path.insert(0, str(Path(file).parent))  # as python FILE.py would, for what it imports
    try:
        names = run_path(file)
    except Exception as error:  # whatever the user's file raises
        raise InputError(f"{file} raises {type(error).__name__}: {error}") from error
    if name not in names:
        functions = [
            key
            for key, value in names.items()
            if inspect.isfunction(value) and value.__module__.partition(".")[0] != "autograd_nn"
        ]
        raise InputError(f"{file} has no {name}; its functions are {', '.join(functions) or 'none'}")
    found = names[name]
    if inspect.isclass(found):
        raise InputError(f"{name} in {file} is a class: name an object of it")
    if not callable(found) and not isinstance(found, others):
        raise InputError(f"{name} in {file} is not a function: it is {found!r}")
    return found


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
        (a ValueError) if f has no parameter of a name in ``shapes``, or raises with what it is given.

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
                value = f(*inputs)
            except Exception as error:  # whatever the user's function raises
                given = ", ".join(f"{np.shape(x)}" for x in inputs)
                raise InputError(
                    f"the function raises {type(error).__name__} with arguments of the shapes {given}: {error}; "
                    f"give others with --shape NAME=2,3"
                ) from error
            results = [np.asarray(raw(leaf)) for leaf in leaves(value)]
            if all(np.isfinite(result).all() for result in results if result.dtype.kind in "biufc"):
                break
    return inputs


def sampled(f: Callable[..., Any], shapes: dict[str, Shape], sample: Callable[[Shape], Any]) -> list[Any]:
    """An argument for each parameter: random of the given shape, else its default, else one random number."""
    parameters = inspect.signature(f).parameters.values()
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    names = [p.name for p in positional]
    for name in shapes:
        if name not in names:
            raise InputError(f"--shape {name}: the parameters of the function are {', '.join(names) or 'none'}")
    try:
        return [
            np.asarray(sample(shapes.get(p.name, ()))) if p.name in shapes or p.default is p.empty else p.default
            for p in positional
        ]
    except (MemoryError, ValueError) as error:
        raise InputError(f"--shape: there is no room for such arrays: {error}") from error
