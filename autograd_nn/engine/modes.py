"""What the engine does besides computing: record, note where, look for anomalies, honour strong zeros.

The mode lives in one context variable, so that threads and tasks never see each other's.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Generator
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, replace
from functools import wraps
from itertools import count
from types import coroutine
from typing import Any, Literal, NamedTuple, TypeVar

__all__ = ["MODE", "Entry", "Mode", "anomaly", "enable_grad", "no_grad", "scope", "switched"]

F = TypeVar("F", bound=Callable[..., Any])

entries = count().__next__


class Entry(NamedTuple):
    """One entry of a scope. A loop that enters a scope of the same name twice makes two."""

    name: str
    number: int
    """Tells entries apart."""
    kind: Literal["hand", "part", "method", "loop", "function", "backward"] = "hand"
    """A with statement, a part of a model, a method it calls itself, a turn of a loop, a function, a backward pass."""
    frame: int = 0
    """The id of the frame with that statement, which lives as long as the block; all turns of a loop have the same."""
    place: int = -1
    """The instruction of that frame."""
    type: str = ""
    """The name of a part's class."""


@dataclass(slots=True)
class Mode:
    """The state of the engine in this thread or task."""

    recording: bool = True
    anomaly: bool = False
    strong: bool = False
    """Products let a zero cotangent win over inf and nan: a second backward pass asks for it."""
    scopes: tuple[Entry, ...] = ()
    """From the outermost to the innermost."""
    witness: Any = None
    """Is told of every value that is computed and recorded: see `autograd_nn.graph.trace`."""
    noting: bool = field(init=False, default=False)
    """Whether an operation has more to do than to compute and record: the one thing it asks each time."""
    block: switched | None = field(default=None, compare=False, repr=False)
    """The block that set it."""
    outer: Mode | None = field(default=None, compare=False, repr=False)
    """The mode around that block."""

    def __post_init__(self) -> None:
        self.noting = self.anomaly or bool(self.scopes) or self.witness is not None

    def within(self, block: switched) -> Mode:
        """The mode inside of a block in this mode."""
        block.mode = replace(self, **block.changes_of(self), block=block, outer=self)
        return block.mode

    def vanish(self) -> None:
        """Be as the mode around the block is: it has been left, by another thread or task."""
        for each in fields(self):
            if each.name not in ("block", "outer"):
                setattr(self, each.name, getattr(self.outer, each.name))
        self.block = None


MODE: ContextVar[Mode] = ContextVar("autograd_nn.mode", default=Mode())  # noqa: B039 (no block vanishes into it)


class switched:  # noqa: N801 (it is used like a function)
    """A block inside of which the mode has ``changes``; after it, the mode is what it would be without the block.

    Also a decorator: of functions; and of generators and coroutines, for which the mode holds while they run, not while
    they wait and others do.

    A generator that waits inside of a block of its own leaves the mode on meanwhile, and may be resumed anywhere. So
    blocks are left in any order, and in another thread or task than they were entered in.
    """

    def __init__(self, **changes: Any) -> None:
        self.changes = changes
        self.mode: Mode | None = None

    def __enter__(self) -> None:
        if self.mode is not None:
            raise RuntimeError("this block is entered already: make another one, as in `with no_grad():`")
        outer = MODE.get()
        while outer.block is None and outer.outer is not None:  # it has vanished
            outer = outer.outer
        self.token = MODE.set(outer.within(self))

    def __exit__(self, *_: object) -> None:
        mode, self.mode = self.mode, None
        inside, now = [], MODE.get()
        while now.block is not self and now.outer is not None:
            inside.append(now.block)
            now = now.outer
        try:
            MODE.reset(self.token)
        except ValueError:
            if mode is not None:
                mode.vanish()  # where it was entered
        if now.block is self:
            now = now.outer  # type: ignore[assignment]
            for block in reversed(inside):  # entered later, and not left yet
                now = now if block is None else now.within(block)
            MODE.set(now)

    def changes_of(self, mode: Mode) -> dict[str, Any]:
        """What is other than in this mode, around the block."""
        return self.changes

    def anew(self) -> switched:
        """A block like this one, to be entered once more."""
        return switched(**self.changes)

    def __call__(self, f: F) -> F:
        decorated = next(decorate for holds, decorate in DECORATORS if holds(f))(self, f)
        return wraps(f)(decorated)  # type: ignore[return-value]


class Scoped(switched):
    """A block of a scope; each call of what it decorates is an entry of its own."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.entry = Entry(name, entries())

    def __enter__(self) -> None:
        frame = sys._getframe(1)
        while frame.f_back is not None and frame.f_code.co_filename in (__file__, contextlib.__file__):
            frame = frame.f_back
        self.entry = self.entry._replace(frame=id(frame), place=frame.f_lasti)
        super().__enter__()

    def changes_of(self, mode: Mode) -> dict[str, Any]:
        return {"scopes": (*mode.scopes, self.entry)}

    def anew(self) -> switched:
        return Scoped(self.entry.name)


# Decorators -------------------------------------------------------------------------------------------


def stepped(block: switched, steps: Any) -> Generator[Any, Any, Any]:
    """The steps of a generator or coroutine, each of them inside the block."""
    resume, value = steps.send, None
    while True:
        try:
            with block:
                item = resume(value)
        except StopIteration as end:
            return end.value
        try:
            value = yield item
            resume = steps.send
        except GeneratorExit:
            with block:
                steps.close()
            raise
        except BaseException as error:
            resume, value = steps.throw, error


@coroutine
def awaited(block: switched, steps: Any) -> Generator[Any, Any, Any]:
    """As `stepped`, to be awaited."""
    return (yield from stepped(block, steps))


def of_function(block: switched, f: Callable[..., Any]) -> Callable[..., Any]:
    def answer(*args: Any, **kwargs: Any) -> Any:
        with block.anew():
            return f(*args, **kwargs)

    return answer


def of_generator(block: switched, f: Callable[..., Any]) -> Callable[..., Any]:
    def answer(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        return (yield from stepped(block.anew(), f(*args, **kwargs)))

    return answer


def of_coroutine(block: switched, f: Callable[..., Any]) -> Callable[..., Any]:
    async def answer(*args: Any, **kwargs: Any) -> Any:
        return await awaited(block.anew(), f(*args, **kwargs))

    return answer


def of_async_generator(block: switched, f: Callable[..., Any]) -> Callable[..., Any]:
    async def answer(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        own, items = block.anew(), f(*args, **kwargs)
        step = items.asend(None)
        while True:
            try:
                item = await awaited(own, step)
            except StopAsyncIteration:
                return
            try:
                step = items.asend((yield item))
            except GeneratorExit:
                await awaited(own, items.aclose())
                raise
            except BaseException as error:
                step = items.athrow(error)

    return answer


DECORATORS: list[tuple[Callable[[Any], bool], Callable[..., Callable[..., Any]]]] = [
    (inspect.isgeneratorfunction, of_generator),
    (inspect.iscoroutinefunction, of_coroutine),
    (inspect.isasyncgenfunction, of_async_generator),
    (callable, of_function),
]
"""Of each kind of function, how it is decorated."""


# The blocks -------------------------------------------------------------------------------------------


def no_grad() -> switched:
    """Record nothing inside the block: results are constants, and leaves may be changed in place.

    Returns
    -------
    context manager
        Also a decorator: ``@no_grad()``. Of generators and coroutines: nothing is recorded in them, while what happens
        between their steps is. A generator that waits inside of the block, as one for `contextlib.contextmanager`
        does, leaves it on meanwhile.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import Tensor, no_grad
    >>> w = Tensor([1.0, 2.0], requires_grad=True)
    >>> with no_grad():
    ...     (w * w).requires_grad
    False
    """
    return switched(recording=False)


def enable_grad() -> switched:
    """Record inside the block, even within `no_grad`.

    Returns
    -------
    context manager
        Also a decorator: ``@enable_grad()``.

    Examples
    --------
    >>> from autograd_nn import Tensor, enable_grad, no_grad
    >>> w = Tensor(2.0, requires_grad=True)
    >>> with no_grad(), enable_grad():
    ...     (w * w).requires_grad
    True
    """
    return switched(recording=True)


def scope(name: str) -> switched:
    """Give what is recorded inside the block a place in drawings and tables: the part of the model it belongs to.

    Scopes nest, and each entry is a part of its own, so that a loop makes ``block[0]``, ``block[1]``, ... Nodes also
    remember the line that made them. Costs about two microseconds an operation.

    Parameters
    ----------
    name : str
        How it is called, the same in each entry.

    Returns
    -------
    context manager
        Also a decorator: ``@scope("block")``.

    Raises
    ------
    TypeError
        If the name is no string, or empty.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import Tensor, scope
    >>> from autograd_nn.graph.value import graph
    >>> y = Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> for _ in range(2):
    ...     with scope("block"):
    ...         y = np.tanh(y)
    >>> [node.scope for node in graph(y).nodes]
    [('block[0]',), ('block[0]',), ('block[1]',)]
    """
    if not isinstance(name, str) or not name:
        raise TypeError(f"scope() takes a name, as in scope('encoder'): got {name!r}")
    return Scoped(name)


def anomaly() -> switched:
    """Raise `AnomalyError` at the first nan or inf, forward or backward, and say where it came from.

    The error names the primitive, the statistics of its operands and the line that called it. Values
    that pullbacks kept are checked too, so a change made behind the engine's back
    (``t.data[0] = 5``) is found at backward. Slow: for looking, not for training.

    Returns
    -------
    context manager
        Also a decorator: ``@anomaly()``.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import Tensor, anomaly
    >>> x = Tensor([1.0, 0.0], requires_grad=True)
    >>> with anomaly(), np.errstate(all="ignore"):
    ...     np.log(x)
    Traceback (most recent call last):
        ...
    autograd_nn.engine.errors.AnomalyError: log made 1 inf ...
    """
    return switched(anomaly=True)
