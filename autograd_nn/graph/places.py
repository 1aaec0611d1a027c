"""Where in the user's program something was recorded: the part of a model, its method, the turn of a loop, a function.

All of it is read off the frames that are running, so nothing is declared and nothing is patched.
"""

from __future__ import annotations

import dis
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial, partialmethod
from inspect import unwrap
from itertools import count
from types import CodeType, FrameType, FunctionType, MethodType
from typing import Any, NamedTuple

from autograd_nn.engine.anomalies import internal
from autograd_nn.engine.backward import propagate
from autograd_nn.engine.modes import MODE, Entry
from autograd_nn.engine.node import Node
from autograd_nn.engine.registry import REGISTRY
from autograd_nn.engine.tensor import OPERATORS

__all__ = ["Places", "attributes", "telling", "within"]


class Loop(NamedTuple):
    """A loop in the text of a function, by the places of its first and its last instruction."""

    first: int
    last: int
    name: str
    """What a turn is called: the variable that it gives a value to; 'step' if that has one letter, or there is none."""
    variable: str
    """The same if it alone gives it a value, so that another value is another turn; or else ''."""

    def holds(self, place: int) -> bool:
        return self.first <= place <= self.last


@dataclass
class Running:
    """What is known of a frame while it runs."""

    path: str | None
    """Where the model holds the part whose method it is; '' is the model itself."""
    entry: Entry | None = None
    """Its scope."""
    place: int = -1
    """The instruction that was run when something was last recorded, and the frame that it called."""
    callee: FrameType | None = None
    turns: dict[Loop, Turn] = field(default_factory=dict)
    """The turns of its loops that are running."""


class Turn(NamedTuple):
    """A turn of a loop, and the value of its variable."""

    entry: Entry
    value: Any


UNSET = object()
"""Stands for the value of a variable while the loop asks for the next: that may compute something, too."""


class Places:
    """The scopes of what is recorded."""

    def __init__(self) -> None:
        self.paths: dict[int, str] = {}
        """Where the model holds an object, by the object's id: 'blocks[3].attention'; the model itself is ''."""
        self.base: FrameType | None = None
        """The frame that calls the function."""
        self.running: dict[FrameType, Running] = {}
        self.number = count()
        self.results: dict[Entry, Node] = {}
        """Of each function that was called, what was recorded last."""

    def forget(self) -> None:
        """Let go of the frames, which hold all that their functions made."""
        self.base = None
        self.running.clear()

    def of(self, node: Node, frame: FrameType | None) -> tuple[Entry, ...]:
        """The parts of the model whose methods are running, and in them the turns of loops and scopes by hand.

        What a backward pass records is in a scope of this name, and there where what it goes through was made.
        """
        by_hand: dict[int, list[Entry]] = {}
        for entry in MODE.get().scopes:
            by_hand.setdefault(entry.frame, []).append(entry)
        found: list[Entry] = []
        function: Entry | None = None
        callee = None
        while frame is not None and frame is not self.base:
            if internal(frame.f_code.co_filename) and frame.f_code is not propagate.__code__:
                function = self.function(frame) or function
                found += reversed(by_hand.pop(id(frame), ()))
            else:
                found += [function] if function else []
                function = None
                if frame.f_code is propagate.__code__:
                    found += reversed(self.of_backward(node, frame))
                else:
                    found += reversed(self.of_frame(frame, callee, by_hand.pop(id(frame), [])))
            frame, callee = frame.f_back, frame
        found += [function] if function else []
        found += [entry for entries in reversed(by_hand.values()) for entry in reversed(entries)]
        scopes = tuple(relative(found[::-1]))
        if all(entry.kind != "backward" for entry in scopes):
            self.results |= {entry: node for entry in scopes if entry.kind == "function"}
        return scopes

    def of_backward(self, node: Node, frame: FrameType) -> list[Entry]:
        """The scopes in which a backward pass records: its own, and in it those of the node it goes through."""
        pulled = frame.f_locals["node"]
        node.notes.line = pulled.notes.line
        known = self.running.setdefault(frame, Running(None))
        known.entry = known.entry or Entry("backward", next(self.number), "backward")
        return [known.entry, *pulled.notes.scopes]

    def of_frame(self, frame: FrameType, callee: FrameType | None, by_hand: list[Entry]) -> list[Entry]:
        """The scopes that a frame of the user's program stands for, from the outermost."""
        known = self.known(frame)
        found = list(by_hand)
        for loop, turn in self.turns(frame, callee, known).items():
            inside = (i for i, entry in enumerate(found) if entry.kind == "hand" and loop.holds(entry.place))
            found.insert(next(inside, len(found)), turn.entry)
        return found if known.entry is None else [known.entry, *found]

    def known(self, frame: FrameType) -> Running:
        """What is known of the frame. A part's method has the part's scope, one that it calls of its own one inside."""
        known = self.running.get(frame)
        if known is None:
            known = self.running[frame] = Running(self.path(frame))
            path, around = known.path, self.around(frame, known.path)
            kind = "" if path is None else type(self.first_argument(frame)).__name__
            if path is not None and path == around:
                if frame.f_code.co_name[:1] not in "<_":  # it has a name, and is none of Python's nor private
                    known.entry = Entry(frame.f_code.co_name, next(self.number), "method")
            elif path:
                known.entry = Entry(path, next(self.number), "part", type=kind)
        return known

    def around(self, frame: FrameType, path: str | None) -> str | None:
        """The path of the part whose method has led to this frame; of the model itself, for no other than its own."""
        outer = frame.f_back
        while path is not None and outer is not None and outer is not self.base:
            found = self.running[outer].path if outer in self.running else self.path(outer)
            if found or (found == "" and not path):
                return found
            outer = outer.f_back
        return None

    def path(self, frame: FrameType) -> str | None:
        """Where the model holds the object whose method the frame is: it is one by its code, too."""
        value = self.first_argument(frame)
        path = self.paths.get(id(value))
        return path if path is not None and is_method(frame.f_code, value) else None

    def first_argument(self, frame: FrameType) -> Any:
        code = frame.f_code
        return frame.f_locals.get(code.co_varnames[0]) if code.co_argcount and self.paths else None

    def turns(self, frame: FrameType, callee: FrameType | None, known: Running) -> dict[Loop, Turn]:
        """The turns of the frame's loops that are running, from the outermost loop.

        A loop has turned when its variable has another value. And the innermost of them has where the frame has gone
        back; a while loop also where the frame is where it was, but called another one from there.
        """
        place = frame.f_lasti
        loops = [loop for loop in loops_of(frame.f_code) if loop.holds(place)]
        both = [loop for loop in loops if loop.holds(known.place)]
        back = place < known.place or (
            place == known.place
            and callee is not known.callee
            and both != []
            and not both[-1].variable
            and place != both[-1].first
        )
        turns: dict[Loop, Turn] = {}
        values = frame.f_locals if loops else {}
        anew = False
        for loop in loops:
            value = UNSET if place == loop.first else values.get(loop.variable)
            turn = known.turns.get(loop)
            if turn is not None and turn.value is UNSET:
                turn = turn._replace(value=value)
            other = turn is not None and value is not UNSET and turn.value is not value
            again = other or (turn is not None and back and loop is both[-1])
            if turn is None or anew or again:
                run = next(self.number) if turn is None or anew else turn.entry.frame
                turn = Turn(Entry(loop.name, next(self.number), "loop", run), value)
            anew = anew or again
            turns[loop] = turn
        known.turns, known.place, known.callee = turns, place, callee
        return turns

    def function(self, frame: FrameType) -> Entry | None:
        """The scope of a function of this package that users call, if the frame is that of one."""
        name = function_called(frame)
        if not name:
            return None
        if frame not in self.running:
            self.running[frame] = Running(None, Entry(name, next(self.number), "function"))
        return self.running[frame].entry


def relative(entries: list[Entry]) -> Iterator[Entry]:
    """The same with a part's name as the part around it knows it: 'attention' in 'blocks[3]'."""
    around = ""
    for entry in entries:
        if entry.kind == "part":
            yield entry._replace(name=within(entry.name, around))
            around = entry.name
        else:
            yield entry


def within(path: str, around: str) -> str:
    """The path as it goes on from another, if it does: 'attention' for 'blocks[3].attention' and 'blocks[3]'."""
    rest = path.removeprefix(around) if around else ""
    return rest.removeprefix(".") if rest.startswith((".", "[")) else path


# What is worth a scope --------------------------------------------------------------------------------


def telling(scopes: Sequence[tuple[Entry, ...]], whole: Container[Entry]) -> dict[tuple[Entry, ...], tuple[Entry, ...]]:
    """The scopes that operations were recorded in -> the same without those that say nothing.

    That is a function that is not among those of which the ``whole`` is there, a function or a method of a single
    operation, a method that is all there is around it, and a loop that `says_nothing`.
    """
    size: Counter[tuple[Entry, ...]] = Counter()
    inside: dict[tuple[Entry, ...], dict[tuple[Entry, ...], None]] = {}
    for scope in scopes:
        for depth in range(len(scope) + 1):
            size[scope[:depth]] += 1
            if depth:
                inside.setdefault(scope[: depth - 1], {})[scope[:depth]] = None
    kept = {scope for scope in size if not scope or scope[-1].kind in ("hand", "part", "backward")}
    loops: dict[tuple[Any, ...], list[tuple[Entry, ...]]] = {}
    functions: dict[Entry, list[tuple[Entry, ...]]] = {}
    for scope in sorted(size, key=len, reverse=True):  # the inner ones first
        if scope and scope[-1].kind == "loop":
            loops.setdefault((scope[:-1], scope[-1].frame), []).append(scope)
        elif scope and scope[-1].kind == "function":
            functions.setdefault(scope[-1], []).append(scope)
        elif scope and size[scope] > 1 and size[scope] < size[scope[:-1]]:
            kept.add(scope)
    for function, places in functions.items():  # where it was called, and where backward passes went through it
        if function in whole and size[places[-1]] > 1:
            kept.update(places)
    for turns in loops.values():
        parts = [[part for part in inside.get(turn, ()) if part in kept] for turn in turns]
        if not says_nothing(turns, parts, size):
            kept.update(turns)
    return {scope: tuple(entry for depth, entry in enumerate(scope, 1) if scope[:depth] in kept) for scope in {*scopes}}


def says_nothing(turns: list[Any], parts: list[list[Any]], size: Counter[tuple[Entry, ...]]) -> bool:
    """Whether the turns of a loop, with the scopes inside each, are no scopes of their own.

    If there is one turn, or an operation in each; and if each has its scope by name: one by hand, or one for all that
    is in it, or each another part of the model.
    """
    if len(turns) < 2 or max(map(size.__getitem__, turns)) < 2:
        return True
    named = [[part for part in own if part[-1].kind != "function"] for own in parts]
    if any(len(own) != 1 for own in named):
        return False
    ((*_, first), *_), ends = named[0], [own[0][-1] for own in named]
    return (
        all(size[own[0]] == size[turn] for own, turn in zip(named, turns, strict=True))
        or first.kind == "hand"
        or len({entry.name for entry in ends}) == len(turns)
    )


# Loops ------------------------------------------------------------------------------------------------


@cache
def loops_of(code: CodeType) -> tuple[Loop, ...]:
    """The loops of a function, those around others before them."""
    instructions = [*dis.get_instructions(code)]
    ends: dict[int, int] = {}
    for step in instructions:
        if "BACKWARD" in step.opname and "NO_INTERRUPT" not in step.opname:  # that one waits for another generator
            ends[step.argval] = max(step.offset, ends.get(step.argval, 0))
    found = []
    for number, step in enumerate(instructions):
        if step.offset in ends:
            last = ends[step.offset]
            stores = [name for inside in instructions[number:] if inside.offset <= last for name in stored(inside)]
            variable = stores[0] if step.opname == "FOR_ITER" and stores else ""
            name = variable if len(variable) > 2 and variable.isidentifier() else "step"
            found.append(Loop(step.offset, last, name, variable if stores.count(variable) == 1 else ""))
    return tuple(sorted(found, key=lambda loop: (loop.first, -loop.last)))


def stored(step: dis.Instruction) -> tuple[str, ...]:
    """The variables that an instruction gives a value to: some Pythons have one for two of them."""
    if step.opname == "STORE_FAST_LOAD_FAST":
        return step.argval[:1]
    if step.opname == "STORE_FAST_STORE_FAST":
        return step.argval
    return (step.argval,) if step.opname in ("STORE_FAST", "STORE_DEREF", "STORE_NAME") else ()


# Methods ----------------------------------------------------------------------------------------------


def is_method(code: CodeType, value: Any) -> bool:
    """Whether it is the code of a method of the value: a function may be given a model as its first argument."""
    own = (item for item in attributes(value).values() if isinstance(item, MethodType))
    kind: Any = type(value)
    return code in methods_of(kind) or any(code in codes_in(item) for item in own)


@cache
def methods_of(kind: Any) -> frozenset[CodeType]:
    """The code of all methods of a class, and of what they are decorated with."""
    return frozenset(code for base in kind.__mro__ for item in vars(base).values() for code in codes_in(item))


def codes_in(value: Any) -> Iterator[CodeType]:
    """The code of a method, through decorators: what they have wrapped, enclose, or hold in an attribute."""
    stack, seen = [value], set()
    while stack:
        value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, FunctionType):
            yield value.__code__
            for cell in value.__closure__ or ():
                try:
                    stack.append(cell.cell_contents)
                except ValueError:  # it is empty yet
                    continue
        elif isinstance(value, property):
            stack += [value.fget, value.fset, value.fdel]
        elif isinstance(value, (staticmethod, classmethod, MethodType)):
            stack.append(value.__func__)
        elif isinstance(value, (partial, partialmethod, cached_property)):
            stack.append(value.func)
        elif not isinstance(value, type):
            stack += [item for item in attributes(value).values() if isinstance(item, (FunctionType, MethodType))]


def attributes(value: Any) -> dict[str, Any]:
    """The attributes of an object in its dictionary and slots, without running any code of its own."""
    try:
        found = dict(object.__getattribute__(value, "__dict__"))
    except (AttributeError, TypeError):
        found = {}
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            private = name.startswith("__") and not name.endswith("__")
            try:
                found[name] = object.__getattribute__(value, f"_{kind.__name__.lstrip('_')}{name}" if private else name)
            except AttributeError:  # it has none yet
                continue
    return found


# Functions --------------------------------------------------------------------------------------------

DOORS = ("autograd_nn.engine.methods", "autograd_nn.engine.tensor")
"""Where operators, methods and NumPy's protocols come in. There the function that was called is a variable."""
CHAPTERS = ("autograd_nn.ops.neural.", "autograd_nn.ops.special.")
"""Where functions that users call are defined themselves."""


def function_called(frame: FrameType) -> str:
    """The name of the function that users call if the frame is that of one, or where it came in; or else ''."""
    module, code = frame.f_globals.get("__name__", ""), frame.f_code
    if module in DOORS:
        known = frame.f_locals
        if "ufunc" in known:
            return known["ufunc"].__name__ + ("" if known["method"] == "__call__" else f".{known['method']}")
        return getattr(known.get("function"), "__name__", "")
    if module.startswith(CHAPTERS):
        return code.co_name if code.co_name in frame.f_globals.get("__all__", ()) else ""
    return direct().get(code, "")


@cache
def direct() -> dict[CodeType, str]:
    """The code of those functions that are methods of a Tensor without a door between."""
    answers: dict[str, Callable[..., Any]] = {f.__name__: unwrap(REGISTRY[f]) for f in OPERATORS}
    return {
        f.__code__: name for name, f in answers.items() if isinstance(f, FunctionType) and f.__module__[:3] == "aut"
    }
