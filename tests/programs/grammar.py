"""A writer of random NumPy programs, as text.

Every choice comes from a `random.Random`, so a seed writes them fast, and hypothesis' `randoms()` writes them as it
likes. The writer knows the shape of every value, whether it is a Tensor where the inputs are, and whether NumPy lets
it be changed; so nearly all programs run, and their values stay of the order of 1.

A program is ``program(np, x, y, c)``: x and y are what it is differentiated with respect to, c is a plain array. It may
call ``tensor(array)``, a Tensor of that array where the inputs are Tensors; ``look(value)``, which takes down what a
value is at that time; and ``total(...)``, the weighted sum of all that is alive at its end.
"""

from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import prod

SHAPES = [(4,), (4,), (6,), (3,), (2, 3), (3, 2), (2, 2), (3, 3), (2, 2, 3)]
NUMBERS = ["0.3", "0.7", "1.1", "0.45", "0.9"]

UNARY = [
    "np.tanh({})",
    "np.sin({})",
    "np.cos({})",
    "np.exp(-({})**2)",
    "np.sqrt(1.2 + ({})**2)",
    "np.log(1.5 + ({})**2)",
    "(1 / (1 + np.exp(-({}))))",
    "np.arctan({})",
    "np.abs({})",
    "np.square(0.8 * ({}))",
    "(0.6 * ({})**2)",
    "np.clip({}, -0.91, 0.83)",
    "(-({}))",
    "(+({}))",
    "(0.7 * ({}))",
    "(({}) - 0.4)",
    "np.copy({})",
    "np.floor(1.7 * ({}))",
]
BINARY = [
    "(({}) + ({}))",
    "(({}) - ({}))",
    "(({}) * ({}))",
    "(({}) / (1.5 + ({})**2))",
    "np.add({}, {})",
    "np.multiply({}, {})",
    "np.maximum({}, {})",
    "np.minimum({}, {})",
    "np.logaddexp({}, {})",
    "np.hypot({}, 1.3 + ({})**2)",
    "np.where(({0}) > 0.131, {0}, {1})",
    "np.where(({1}) > -0.217, {0}, 0.5)",
]
TO_NUMBER = [
    "np.sum({})",
    "{}.sum()",
    "np.mean({})",
    "{}.mean()",
    "np.max({})",
    "np.min({})",
    "np.linalg.norm({})",
    "np.std({})",
    "np.prod(np.cos({}))",
    "np.sum({0}[{0} > 0.117])",
    "np.sum({0} ** 2)",
    "(0.3 * np.sum({0} > 0.117))",
    "np.add.reduce({0}, axis=None)",
    "np.logaddexp.reduce({0}, axis=None)",
    "np.sum(np.sqrt(1.1 + {0} * {0}))",
]


@dataclass(frozen=True)
class Value:
    """What a text stands for when the program has come as far as this."""

    text: str
    shape: tuple[int, ...]
    tensor: bool = True
    writable: bool = True
    number: bool = False
    """A NumPy number: it has no memory that others could share."""
    complex: bool = False


@dataclass(frozen=True)
class Program:
    """The text, the shapes of x, y and c, which values they have, and how it is differentiated."""

    text: str
    shapes: tuple[tuple[int, ...], ...]
    values: int = 0
    transform: bool = False
    """By `value_and_grad`, under which it may write to its arguments; else they are leaves."""
    plain: bool = False
    """It puts Tensors into plain arrays: to be refused, unless its np makes Tensors."""


def fits(shape, target):
    """Whether the shape broadcasts to the target."""
    return len(shape) <= len(target) and all(
        n in (1, m) for n, m in zip(shape[::-1], target[len(target) - len(shape) :][::-1], strict=True)
    )


class Writer:
    def __init__(self, rng):
        self.rng = rng
        self.lines, self.indent, self.names = [], 1, 0
        self.scope, self.counters, self.places, self.masks = [], [], [], []
        self.depth, self.plain, self.transform = 0, False, self.chance(50)

    # Choices -----------------------------------------------------------------------------------------

    def pick(self, options):
        return options[self.rng.randint(0, len(options) - 1)]

    def chance(self, percent):
        return self.rng.randint(0, 99) < percent

    def number(self):
        return self.pick(NUMBERS)

    def write(self, line):
        self.lines.append("    " * self.indent + line)

    def name(self, stem):
        self.names += 1
        return f"{stem}{self.names}"

    def keep(self, stem, value):
        """Give the value a name of its own."""
        name = self.name(stem)
        self.write(f"{name} = {value.text}")
        self.scope.append(replace(value, text=name))
        return self.scope[-1]

    @contextmanager
    def block(self):
        """Names that are made in here are not used after it."""
        lists = self.scope, self.counters, self.places, self.masks
        before, start = [len(names) for names in lists], len(self.lines)
        self.indent += 1
        self.depth += 1
        yield
        if len(self.lines) == start:
            self.write("pass")
        self.indent -= 1
        self.depth -= 1
        for names, length in zip(lists, before, strict=True):
            del names[length:]

    # Values ------------------------------------------------------------------------------------------

    def choose(self, wanted=lambda v: True):
        """A real value in scope, or None; the later it was made the likelier."""
        found = [v for v in self.scope if not v.complex and wanted(v)]
        if not found:
            return None
        return self.pick(found[-4:]) if self.chance(50) else self.pick(found)

    def array(self, tensor=None, writable=False):
        return self.choose(
            lambda v: v.shape and (tensor is None or v.tensor == tensor) and (v.writable or not writable)
        )

    def target(self, plain=False):
        """An array that may be changed: a name, or a view of one."""
        v = self.array(not plain, writable=not self.transform or self.chance(98))
        for _ in range(self.pick([0, 0, 0, 1, 1, 2])):
            u = v and self.view(v)
            v = u if u and (u.writable or (self.transform and self.chance(3))) and prod(u.shape) else v
        return v

    def place(self, size):
        """One index along an axis of this size."""
        counters = [name for name, n in self.counters if n <= size]
        if self.chance(6):
            v = self.choose(lambda v: v.shape == (size,))
            if v:
                return self.pick(["np.argmax({})", "int(np.argmin({}))"]).format(v.text)
        return self.pick(counters) if counters and self.chance(70) else str(self.rng.randint(-size, size - 1))

    def section(self, size):
        """A slice along an axis of this size, and how many it takes."""
        texts = [":", "::-1"]
        if size > 1:
            texts += ["1:", ":-1", "::2", "1::2", f":{size - 1}", "::-2", "-2:"]
        if size > 3:
            texts += ["1:-1", "1:3", "2:", "-1:0:-2"]
        text = self.pick(texts)
        return text, len(range(size)[slice(*(int(part) if part else None for part in text.split(":")))])

    def basic_index(self, shape):
        """A subscript that makes a view, and what shape that has."""
        parts, left = [], []
        for k, size in enumerate(shape):
            if k and self.chance(25):
                left += shape[k:]
                break
            if len(shape) > 1 and len(left) + len(shape) - k > 1 and self.chance(45):
                parts.append(self.place(size))
            else:
                text, n = self.section(size)
                parts.append(text)
                left.append(n)
        if self.chance(8):
            parts.insert(0, "None")
            left.insert(0, 1)
        elif self.chance(8):
            parts.append("...")
        return ", ".join(parts), tuple(left)

    def index(self, shape):
        """Any subscript to be assigned to, and what shape that has; None where only numbers fit."""
        kind = self.rng.randint(0, 9)
        if kind < 4:
            return self.basic_index(shape)
        if kind < 6:
            return ", ".join(self.place(size) for size in shape), ()
        if kind == 6:
            return "...", shape
        places = [(name, n) for name, n, bound in self.places if bound <= shape[0]]
        if kind == 7 and places:
            name, n = self.pick(places)
            return name, (n, *shape[1:])
        masks = [name for name, of in self.masks if of == shape]
        if kind == 8 and masks:
            mask = self.pick(["{}", "{}", "~{}", "{} & ({} > 0.213)", "{} | {}"])
            return mask.format(masks[-1], masks[0]), None
        if kind == 9 and len(shape) == 1 and self.chance(50):
            v = self.choose(lambda v: v.shape == shape)
            if v:
                return f"np.argsort({v.text})", shape
        if kind == 9 and len(shape) == 2 and self.chance(50):
            rows, columns = ([self.rng.randint(0, size - 1) for _ in range(2)] for size in shape)
            return f"{rows}, {columns}", (2,)
        rows = [self.rng.randint(-shape[0], shape[0] - 1) for _ in range(self.pick([1, 2, 3]))]
        return f"{rows}", (len(rows), *shape[1:])

    def view(self, v):
        """What shares memory with v, where NumPy makes it so; None where that kind does not fit."""
        text, shape, n = v.text, v.shape, len(v.shape)
        see = lambda made, to=shape, **changes: replace(v, text=made, shape=tuple(to), **changes)
        if not shape:
            return None if v.number else see(f"{text}[...]")
        kind = self.rng.randint(0, 31)
        if kind < 9:
            index, left = self.basic_index(shape)
            return see(f"{text}[{index}]", left)
        if kind < 12:
            return see(self.pick(["{}.T", "{}.T", "np.transpose({})", "{}.transpose()"]).format(text), shape[::-1])
        if kind < 16:
            size = prod(shape)
            sizes = [s for s in [(size,), (2, size // 2), (size // 2, 2), (1, size)] if prod(s) == size]
            to = self.pick(sizes)
            if len(to) == 1:
                return see(
                    self.pick(["{}.reshape(-1)", "{}.ravel()", "np.ravel({})", "np.reshape({}, -1)"]).format(text), to
                )
            return see(self.pick(["{}.reshape({})", "np.reshape({}, ({}))"]).format(text, ", ".join(map(str, to))), to)
        if kind == 16:
            return see(
                *self.pick(
                    [
                        (f"{text}[None]", (1, *shape)),
                        (f"np.expand_dims({text}, -1)", (*shape, 1)),
                        (f"{text}[..., None]", (*shape, 1)),
                    ]
                )
            )
        if kind == 17:
            return see(self.pick(["np.squeeze({})", "{}.squeeze()"]).format(text), [m for m in shape if m != 1])
        if kind == 18:
            return see(self.pick(["np.flip({})", "np.flip({}, 0)", "np.flipud({})"]).format(text))
        if kind == 19 and n > 1:
            swapped = (shape[1], shape[0], *shape[2:])
            return see(
                self.pick(["np.swapaxes({}, 0, 1)", "{}.swapaxes(0, 1)", "np.moveaxis({}, 0, 1)"]).format(text), swapped
            )
        if kind == 20 and n == 2:
            made = self.pick(["np.diagonal({})", "{}.diagonal()", "np.diag({})"]).format(text)
            return see(made, (min(shape),), writable=False)
        if kind == 21 and n == 2 and shape[0] == shape[1]:
            return see(f"np.einsum('ii->i', {text})", shape[:1])
        if kind == 22:
            return see(f"np.broadcast_to({text}, {(2, *shape)})", (2, *shape), writable=False)
        if kind == 23:
            return see(self.pick(["{}.real", "np.real({})"]).format(text))
        if kind == 24 and n == 2:
            return see(f"np.rot90({text})", shape[::-1])
        if kind == 25 and shape[0] % 2 == 0 and shape[0] > 1:
            return see(f"np.split({text}, 2)[{self.pick([0, 1])}]", (shape[0] // 2, *shape[1:]))
        if kind == 26 and n == 1:
            return see(f"np.atleast_2d({text})", (1, *shape))
        if kind == 27:
            return see(self.pick(["{}.astype(float, copy=False)", "np.atleast_1d({})", "{}[()]"]).format(text))
        if kind == 28 and n > 1:
            return see(f"{text}.reshape(-1, order='F')", (prod(shape),))
        if kind == 29 and n > 1 and shape[1] % 2 == 0:
            return see(f"np.hsplit({text}, 2)[{self.pick([0, 1])}]", (shape[0], shape[1] // 2, *shape[2:]))
        if kind == 30:
            return see(f"{text}[{', '.join(self.place(size) for size in shape)}, ...]", ())
        return see(f"{text}[:]")

    def part(self, v):
        """Something of v: a view, or a copy of some of it."""
        if not v.shape or self.chance(60):
            return self.view(v)
        text, shape = v.text, v.shape
        copied = lambda made, to: Value(made, tuple(to), v.tensor, number=not to)
        kind = self.rng.randint(0, 9)
        if kind < 4:
            return copied(f"{text}[{', '.join(self.place(size) for size in shape)}]", ())
        if kind == 4:
            return copied(f"{text}.flat[{self.place(prod(shape))}]", ())
        if kind == 5:
            return copied(
                self.pick(
                    ["{}.copy()", "np.copy({})", "np.sort({})", "np.cumsum({}, axis=0)", "np.roll({}, 1)"]
                ).format(text),
                shape,
            )
        if kind == 6:
            return copied(f"{text}.flatten()", (prod(shape),))
        if kind == 7 and len(shape) > 1:
            return copied(
                self.pick(["np.sum({}, axis=0)", "{}.mean(axis=0)", "np.max({}, axis=0)"]).format(text), shape[1:]
            )
        places = [(name, n) for name, n, bound in self.places if bound <= shape[0]]
        if kind == 8 and places:
            name, n = self.pick(places)
            return copied(self.pick(["{}[{}]", "np.take({}, {}, axis=0)"]).format(text, name), (n, *shape[1:]))
        rows = [self.rng.randint(-shape[0], shape[0] - 1) for _ in range(self.pick([1, 2, 3]))]
        return copied(f"{text}[{rows}]", (len(rows), *shape[1:]))

    def atom(self, shape, exact, plain):
        """A value of the shape, or of one that broadcasts to it."""
        suits = lambda v: not (plain and v.tensor)
        found = self.choose(lambda v: v.shape == shape and suits(v))
        if found and self.chance(60):
            return found
        if not exact and self.chance(12):
            v = self.array(False if plain else None)
            if v:
                made = self.pick(["np.sum({})", "np.mean({})", "{}.max()"]).format(v.text)
                return Value(made, (), v.tensor, number=True)
        other = None
        for _ in range(3):
            v = self.choose(suits)
            v = v and self.part(v)
            if v and v.shape == shape:
                return v
            if v and fits(v.shape, shape):
                other = v
        if found or (other and not exact):
            return found or other
        v = other or self.choose(suits)
        if v is None:
            return Value(
                f"np.full({shape}, {self.number()})" if shape else self.number(), shape, False, number=not shape
            )
        single = v.text if not v.shape else f"np.sum({v.text})" if self.chance(50) else f"{v.text}.reshape(-1)[0]"
        if other:
            return Value(f"({other.text} * np.ones({shape}))", shape, v.tensor)
        if not shape:
            return Value(single, (), v.tensor, number=True)
        ramp = f"np.linspace(0.5, 1.5, {prod(shape)}).reshape{shape}".replace(",)", ")")
        return Value(f"({single} * {ramp})", shape, v.tensor)

    def expression(self, shape, depth=2, exact=True, plain=False):
        """A new value of the shape; where it need not be exact, one that broadcasts to it."""
        if not shape and self.chance(30):
            v = self.array(False if plain else None)
            if v:
                return Value(self.pick(TO_NUMBER).format(v.text), (), v.tensor, number=True)
        if depth < 2 and self.chance(15):
            return self.atom(shape, exact, plain)
        a = (
            self.atom(shape, exact, plain)
            if depth < 2 or self.chance(40)
            else self.expression(shape, depth - 1, exact, plain)
        )
        kind = self.rng.randint(0, 9)
        made = lambda text, tensor: Value(text, a.shape if exact else shape, tensor, number=not a.shape)
        if kind < 4:
            return replace(made(self.pick(UNARY).format(a.text), a.tensor), shape=a.shape)
        if kind < 9:
            b = self.atom(a.shape, False, plain)
            return replace(made(self.pick(BINARY).format(a.text, b.text), a.tensor or b.tensor), shape=a.shape)
        masks = [name for name, of in self.masks if of == a.shape]
        if masks:
            b = self.atom(a.shape, False, plain)
            return Value(f"np.where({self.pick(masks)}, {a.text}, {b.text})", a.shape, a.tensor or b.tensor)
        return replace(made(f"({self.number()} * ({a.text}))", a.tensor), shape=a.shape)

    def joined(self):
        """An array made of others: its shape follows from theirs."""
        a = self.array()
        kind = self.rng.randint(0, 8)
        if kind == 7 and len(a.shape) == 1 and a.tensor:
            s = self.expression((), 1)
            return Value(f"np.concatenate([[{s.text}], {a.text}])", (1 + a.shape[0],), a.tensor or s.tensor)
        if kind == 8 and len(a.shape) == 1 and a.tensor:
            s = self.expression((), 1)
            rest = ", ".join([s.text] + ["0.4"] * (a.shape[0] - 1))
            return Value(f"({a.text} + [{rest}])", a.shape, a.tensor or s.tensor)
        if kind < 2:
            b = self.expression(a.shape, 1)
            return Value(f"np.stack([{a.text}, {b.text}])", (2, *a.shape), a.tensor or b.tensor)
        if kind == 2:
            b = self.expression(a.shape, 1)
            return Value(f"np.concatenate([{a.text}, {b.text}])", (2 * a.shape[0], *a.shape[1:]), a.tensor or b.tensor)
        if kind == 3 and len(a.shape) == 2:
            b = self.expression((a.shape[1],), 1)
            return Value(f"(0.5 * ({a.text} @ {b.text}))", a.shape[:1], a.tensor or b.tensor)
        if kind == 4 and len(a.shape) == 2:
            return Value(f"(0.5 * ({a.text}.T @ {a.text}))", (a.shape[1],) * 2, a.tensor)
        if kind == 5 and len(a.shape) == 1:
            return Value(f"np.outer({a.text}, {a.text})", a.shape * 2, a.tensor)
        if len(a.shape) == 1 and a.shape[0] > 1:
            return Value(f"np.diff({a.text})", (a.shape[0] - 1,), a.tensor)
        return Value(f"np.repeat({a.text}, 2, axis=0)", (2 * a.shape[0], *a.shape[1:]), a.tensor)

    def change(self, place, shape, plain):
        """The line that assigns to a place, or changes what is there."""
        e = (
            self.expression(shape, 1, exact=False, plain=plain).text
            if shape is not None
            else self.expression((), 1, plain=plain).text
        )
        kind = self.rng.randint(0, 9)
        if kind < 4:
            return f"{place} = {e}"
        if kind < 6:
            return f"{place} += {e}"
        if kind == 6:
            return f"{place} -= {e}"
        if kind == 7:
            return f"{place} *= {self.pick([f'np.cos({e})', self.number()])}"
        if kind == 8:
            return f"{place} /= {self.pick([f'(1.3 + ({e})**2)', '1.7'])}"
        return f"{place} **= 2"

    # Statements --------------------------------------------------------------------------------------

    def new(self):
        if self.chance(25):
            value = self.joined()
            if len(value.shape) > 3 or prod(value.shape) > 40:
                return
        else:
            v = self.array() if self.chance(80) else self.choose()
            value = self.expression(v.shape)
        self.keep("a", value)

    def new_number(self):
        self.keep("s", self.expression(()))

    def new_view(self):
        v = self.array()
        for _ in range(self.pick([1, 1, 2])):
            v = self.view(v) or v
        if prod(v.shape):
            self.keep("v", v)

    def alias(self):
        self.keep("b", self.choose())

    def unpack(self):
        v = self.array()
        if len(v.shape) == 1 and v.shape[0] % 2 == 0:
            names = self.name("p"), self.name("q")
            self.write(f"{', '.join(names)} = np.split({v.text}, 2)")
            self.scope += [replace(v, text=name, shape=(v.shape[0] // 2,)) for name in names]
        elif v.shape[0] <= 3:
            names = [self.name("r") for _ in range(v.shape[0])]
            self.write(f"{', '.join(names)}, = {v.text}")
            self.scope += [replace(v, text=name, shape=v.shape[1:], number=len(v.shape) == 1) for name in names]

    def in_place(self):
        plain = self.chance(18)
        v = self.choose(lambda v: v.writable and v.tensor != plain)
        if v is None:
            return
        e = self.expression(v.shape, 1, exact=False, plain=plain).text
        tail = self.pick(
            [
                f"+= {e}",
                f"+= {e}",
                f"-= {e}",
                f"*= np.cos({e})",
                f"*= {self.number()}",
                f"/= (1.3 + ({e})**2)",
                "**= 2",
                f"+= {self.number()}",
            ]
        )
        self.write(f"{v.text} {tail}")

    def assign(self):
        plain = self.chance(12)
        v = self.target(plain)
        if self.chance(8):
            v = self.choose(lambda v: not v.shape and not v.number and v.writable and v.tensor != plain) or v
        if v is None:
            return
        if not v.shape:
            self.write(self.change(f"{v.text}[...]", (), plain))
            return
        index, left = self.index(v.shape)
        if left is None or prod(left):
            self.write(self.change(f"{v.text}[{index}]", left, plain))

    def assign_flat(self):
        v = self.target()
        if v is None:
            return
        if v.shape and self.chance(50):
            text, n = self.section(prod(v.shape))
            self.write(f"{v.text}.flat[{text}] = +({self.expression((n,), 1).text})")  # NumPy minds no overlap
        elif v.shape:
            self.write(self.change(f"{v.text}.flat[{self.place(prod(v.shape))}]", (), False))

    def assign_list(self):
        v = self.target()
        if v is not None and len(v.shape) == 1 and v.shape[0] > 1:
            self.write(f"{v.text}[:2] = [{self.expression((), 1).text}, 0.35]")

    def where_it_is(self):
        """Assign where a condition on the values holds."""
        v = self.target()
        if v is not None and v.shape:
            self.write(self.change(f"{v.text}[{v.text} > {self.pick(['0.119', '-0.207'])}]", None, False))

    def rebind(self):
        v = self.choose(lambda v: v.text not in ("c",))
        e = self.expression(v.shape, plain=not v.tensor)
        if e.shape == v.shape and e.tensor == v.tensor and (e.number == v.number):
            self.write(f"{v.text} = {e.text}")

    def swap(self):
        a = self.array(writable=True)
        if a is None:
            return
        b = self.choose(lambda v: v.shape == a.shape and (v.tensor, v.writable) == (a.tensor, a.writable))
        kind = self.rng.randint(0, 2)
        if kind == 0 and b:
            self.write(f"{a.text}, {b.text} = {b.text}, {a.text}")
        elif kind == 1:
            first, last = self.pick([("[0]", "[-1]"), ("[1:]", "[:-1]")])
            self.write(f"{a.text}{first}, {a.text}{last} = {a.text}{last}, {a.text}{first}")
        elif a.shape[0] > 1:
            self.write(f"{a.text}[[0, 1]] = {a.text}[[1, 0]]")

    def out(self):
        v = self.target()
        if v is None or not v.shape:
            return
        a, b = self.expression(v.shape, 1).text, self.expression(v.shape, 1, exact=False).text
        masks = [name for name, of in self.masks if of == v.shape]
        calls = [
            f"np.add({a}, {b}, out={v.text})",
            f"np.multiply({a}, {b}, out={v.text})",
            f"np.subtract({a}, {b}, {v.text})",
            f"np.sin({a}, out={v.text})",
            f"np.tanh({v.text}, out={v.text})",
            f"np.cumsum({a}, axis=0, out={v.text})",
            f"np.clip({v.text}, -0.91, 0.83, out={v.text})",
            f"{v.text}.clip(-0.91, 0.83, out={v.text})",
            f"np.sum(np.stack([{a}, {v.text}]), axis=0, out={v.text})",
            f"np.multiply({a}, {b}, out=({v.text},))",
            *(f"np.add({a}, {b}, out={v.text}, where={mask})" for mask in masks),
        ]
        if len(v.shape) == 2:
            square = self.expression((v.shape[0],) * 2, 1).text
            calls += [f"np.matmul({square}, {a}, out={v.text})"]
        if v.shape[0] == 2:
            c, d = self.expression(v.shape[1:], 1).text, self.expression(v.shape[1:], 1).text
            calls += [f"np.stack([+({c}), +({d})], out={v.text})"]  # NumPy minds no overlap
        call = self.pick(calls)
        if self.chance(20):
            self.keep("o", replace(v, text=call))
        else:
            self.write(call)

    def functions_that_change(self):
        v = self.target()
        if v is None or not v.shape:
            return
        t, size = v.text, prod(v.shape)
        flat = [self.rng.randint(-size, size - 1) for _ in range(self.pick([1, 2, 3]))]
        a = self.expression(v.shape, 1).text
        some = self.expression((len(flat),), 1, exact=False).text
        one = self.expression((), 1).text
        rows = [self.rng.randint(-v.shape[0], v.shape[0] - 1) for _ in range(self.pick([1, 2, 3]))]
        wide = self.expression((len(rows), *v.shape[1:]), 1, exact=False).text
        masks = [name for name, of in self.masks if of == v.shape] or [f"{t} > 0.121"]
        calls = [
            f"np.put({t}, {flat}, +({some}))",
            f"{t}.put({flat}, +({some}))",
            f"np.add.at({t}, {rows}, +({wide}))",
            f"np.add.at({t}, {rows}, +({wide}))",
            f"np.subtract.at({t}, {rows}, +({wide}))",
            f"np.multiply.at({t}, {rows}, +({one}))",
            f"np.putmask({t}, {self.pick(masks)}, {a})",
            f"np.copyto({t}, {a})",
            f"np.copyto({t}, {a}, where={self.pick(masks)})",
            f"np.place({t}, {self.pick(masks)}, [0.25, 0.35])",
            f"{t}.fill({one})",
            f"{t}.sort()",
            f"np.put_along_axis({t}, np.argsort({t}, axis=0), {a}, axis=0)",
        ]
        if len(v.shape) == 2:
            calls += [f"np.fill_diagonal({t}, {one})"] * 2
        self.write(self.pick(calls))

    def buffer(self):
        v = self.array() if self.chance(90) else self.choose()
        kind = self.rng.randint(0, 6)
        if kind == 0:
            e = self.expression(v.shape, 1, plain=not v.tensor)
            b = self.keep("B", Value(f"np.empty_like({v.text})", v.shape, v.tensor))
            self.write(f"{b.text}[...] = {e.text}")
        elif kind < 3:
            self.keep("B", Value(f"tensor(np.zeros({v.shape}))", v.shape))
        else:
            texts = [
                "np.zeros_like({})",
                "np.zeros_like({})",
                "np.ones_like({})",
                f"np.full_like({{}}, {self.number()})",
            ]
            self.keep("B", Value(self.pick(texts).format(v.text), v.shape, v.tensor))

    def fill(self):
        """A buffer that a loop fills, as most programs have one."""
        v = self.array(tensor=True)
        if v is None:
            return
        b = self.keep("B", Value(f"np.zeros_like({v.text})", v.shape))
        name = self.name("i")
        first = self.pick([0, 1])
        self.write(f"for {name} in range({first}, {v.shape[0]}):")
        with self.block():
            self.counters.append((name, v.shape[0]))
            before = f"{b.text}[{name} - 1]"
            value = self.pick(UNARY).format(f"{v.text}[{name}] + 0.5 * {before}")
            self.write(f"{b.text}[{name}] {self.pick(['=', '=', '+='])} {value}")
            if self.chance(30):
                self.statement()

    def loop(self):
        name, n = self.name("i"), self.pick([2, 2, 3])
        times = str(n)
        if self.chance(15):
            times = f"min({n}, int(np.sum({self.array().text} > -0.207)))"
        elif self.chance(20):
            times = f"{n - 1}, -1, -1"
        self.write(f"for {name} in range({times}):")
        with self.block():
            self.counters.append((name, n))
            self.statements(self.pick([1, 2, 3]))

    def rows(self):
        v = self.array()
        name = self.name("r")
        row = replace(v, text=name, shape=v.shape[1:], number=len(v.shape) == 1)
        second = None
        if self.chance(25):
            self.write(f"for {name} in {v.text}.flat:")
            row = replace(row, shape=(), number=True)
        elif self.chance(30):
            counter = self.name("k")
            self.write(f"for {counter}, {name} in enumerate({v.text}):")
            self.counters.append((counter, v.shape[0]))
        elif self.chance(30):
            other, u = self.name("r"), self.array()
            self.write(f"for {name}, {other} in zip({v.text}, {u.text}):")
            second = replace(u, text=other, shape=u.shape[1:], number=len(u.shape) == 1)
        else:
            self.write(f"for {name} in {v.text}:")
        with self.block():
            self.scope += [row] if second is None else [row, second]
            if row.shape and row.writable and row.tensor and self.chance(60):
                self.write(
                    self.pick(
                        ["{0} /= 1.2 + np.sum({0}**2)", "{0} -= np.mean({0})", "{0}[0] = np.sum({0})", "{0} *= 0.8"]
                    ).format(name)
                )
            self.statements(self.pick([1, 2]))
        self.counters = [counter for counter in self.counters if counter[0][0] != "k"]

    def branch(self):
        v = self.array()
        conditions = [
            "np.sum({}) > 0.1373",
            "{}.reshape(-1)[0] > 0.2113",
            "np.max({}) < 1.0171",
            "np.any({} > 0.9171)",
            "not np.all({} > -0.3171)",
            "np.allclose({0}, {0})",
            "np.argmax({0}) == 0 and np.isfinite({0}).all()",
        ]
        self.write(f"if {self.pick(conditions).format(v.text)}:")
        with self.block():
            self.statements(self.pick([1, 2]))
        if self.chance(50):
            self.write("else:")
            with self.block():
                self.statements(1)

    def function(self):
        """A function of one or two arrays, that changes them and returns something of them; and calls of it."""
        given = [self.array() for _ in range(self.pick([1, 2]))]
        outer, places, masks, counters = self.scope, self.places, self.masks, self.counters
        self.places, self.masks, self.counters = [], [], []
        name = self.name("f")
        inner = [replace(v, text=self.name("u")) for v in given]
        self.scope = list(inner)
        reached = [v for v in outer if v.text.isidentifier() and v.writable and v.shape and not v.complex]
        self.write(f"def {name}({', '.join(v.text for v in inner)}):")
        with self.block():
            if reached and self.chance(40):
                v = self.pick(reached)
                index, left = self.basic_index(v.shape)
                if prod(left):
                    e = self.expression(left, 1, exact=False, plain=not v.tensor)
                    self.write(f"{v.text}[{index}] {self.pick(['=', '+=', '-='])} {e.text}")
            self.statements(self.pick([1, 2, 3]))
            result = self.array() if self.chance(50) else self.expression(inner[0].shape, 1)
            self.write(f"return {result.text}")
        self.scope, self.places, self.masks, self.counters = outer, places, masks, counters
        for _ in range(self.pick([1, 1, 2])):
            called = [
                self.choose(
                    lambda u, v=v: (
                        (u.shape, u.tensor, u.writable, u.number) == (v.shape, v.tensor, v.writable, v.number)
                    )
                )
                for v in given
            ]
            self.keep("g", replace(result, text=f"{name}({', '.join(u.text for u in called)})"))

    def container(self):
        held = [self.choose() for _ in range(2)]
        name = self.name("box")
        first, second = (v.text for v in held)
        made, texts = self.pick([
            (f"[{first}, {second}]", ("[0]", "[1]")),
            (f"{{'p': {first}, 'q': {second}}}", ("['p']", "['q']")),
            (f"State(p={first}, q={second})", (".p", ".q")),
        ])  # fmt: skip
        self.write(f"{name} = {made}")
        self.scope += [replace(v, text=name + text) for v, text in zip(held, texts, strict=True)]
        if made[0] == "[" and all(v.writable and not v.number for v in held) and self.chance(40):
            member = self.name("m")
            self.write(f"for {member} in {name}:")
            with self.block():
                self.write(
                    f"{member} {self.pick(['*= 0.8', '+= 0.3', '[...] = 0.4 * ' + member, '**= 2'])}".replace(" [", "[")
                )

    def comprehension(self):
        v = self.array()
        name, row = self.name("l"), self.name("r")
        if self.chance(50):
            self.keep("s", Value(f"sum([np.sum({row}**2) for {row} in {v.text}])", (), v.tensor, number=True))
        else:
            element = self.pick(["np.sin({})", "{} * 0.5", "{}", "np.tanh({})"]).format(row)
            self.write(f"{name} = [{element} for {row} in {v.text}]")
            self.keep("a", Value(f"np.stack({name})", v.shape, v.tensor))

    def constants(self):
        """A plain array, an array of places or a mask; or a change of one that was used before."""
        kind = self.rng.randint(0, 9)
        if kind < 2:
            v = self.array()
            n = prod(v.shape)
            self.keep("w", Value(f"np.linspace(0.4, 1.3, {n}).reshape({', '.join(map(str, v.shape))})", v.shape, False))
        elif kind < 4:
            bound = self.pick([2, 2, 3])
            places = [self.rng.randint(0, bound - 1) for _ in range(self.pick([2, 3]))]
            name = self.name("j")
            self.write(f"{name} = np.array({places})")
            self.places.append((name, len(places), bound))
        elif kind < 6:
            shape = self.array().shape
            name = self.name("mask")
            if self.chance(40):
                v = self.array()
                self.write(f"{name} = {v.text} {self.pick(['> 0.113', '<= 0.317'])}")
                self.masks.append((name, v.shape))
                return
            self.write(
                f"{name} = np.arange({prod(shape)}).reshape({', '.join(map(str, shape))}) % {self.pick([2, 3])} == 0"
            )
            self.masks.append((name, shape))
        elif kind == 6 and self.places:
            name, _, bound = self.pick(self.places)
            self.write(
                self.pick(
                    [
                        f"{name}[0] = {bound - 1}",
                        f"{name}[:] = {name}[::-1].copy()",
                        f"{name} += 1\n{'    ' * self.indent}{name} %= {bound}",
                    ]
                )
            )
        elif kind == 7 and self.masks:
            name, _ = self.pick(self.masks)
            self.write(self.pick([f"{name} ^= True", f"np.logical_not({name}, out={name})", f"{name}[0] = True"]))
        else:
            v = self.array(tensor=False, writable=True)
            if v is not None:
                self.write(
                    f"{v.text} {self.pick(['*= 0.5', '+= 0.25', '[0] = 0.75', '[...] = 0.6', '*= -1.0'])}".replace(
                        " [", "["
                    )
                )

    def large(self):
        """A plain array of many numbers, that may change as a whole once it was used."""
        v = self.array(tensor=True)
        if v is None or len(v.shape) != 1 or self.depth:
            return
        name = self.name("w")
        self.write(f"{name} = np.linspace(0.4, 1.3, {600 * v.shape[0]}).reshape(600, {v.shape[0]})")
        self.keep("a", Value(f"np.mean({name} * {v.text}, axis=0)", v.shape))
        if self.chance(25):
            self.write(f"{name} {self.pick(['*= 0.5', '+= 0.25', '[:, ::2] = 0.6'])}".replace(" [", "["))

    def complexes(self):
        found = [v for v in self.scope if v.complex]
        if not found or self.chance(25):
            v = self.array(tensor=True)
            if v is None:
                return
            other = self.expression(v.shape, 1)
            self.keep("z", Value(f"{v.text} + 1j * {other.text}", v.shape, complex=True))
            return
        z = self.pick(found)
        e = self.expression(z.shape, 1).text
        kind = self.rng.randint(0, 7)
        if kind < 3:
            part = self.pick(["{}.real", "{}.imag", "np.real({})", "np.imag({})"]).format(z.text)
            self.keep("v", Value(part, z.shape))
        elif kind == 3 and z.shape:
            index, left = self.basic_index(z.shape)
            if prod(left):
                part = self.pick(["", ".real", ".imag"])
                self.write(f"{z.text}[{index}]{part} = {self.expression(left, 1, exact=False).text}")
        elif kind == 4:
            self.write(f"{z.text}.{self.pick(['real', 'imag'])} {self.pick(['=', '+='])} {e}")
        elif kind == 5:
            self.write(f"{z.text} {self.pick(['*= 1j', f'+= 0.5j * {e}', '*= 0.6 - 0.3j'])}")
        elif kind == 6:
            self.keep(
                "a",
                Value(
                    self.pick(
                        [
                            "np.abs({0})**2",
                            "np.real({0} * np.conj({0}))",
                            "({0}.conj() * {0}).imag",
                            "np.angle(2.5 + {0})",
                        ]
                    ).format(z.text),
                    z.shape,
                ),
            )
        else:
            self.keep(
                "z",
                Value(self.pick(["{}.conj()", "{}[:]", "{}.copy()", "{}[::-1]"]).format(z.text), z.shape, complex=True),
            )

    def into_plain(self):
        """Put a Tensor into an array that is none."""
        v = self.array(tensor=True)
        self.plain = True
        b = self.keep("P", Value(f"np.{self.pick(['zeros', 'ones'])}({v.shape})", v.shape, True))
        self.write(self.pick([
            f"{b.text}[0] = {v.text}[0]",
            f"whole = tensor(np.zeros({v.shape}, int))\n{'    ' * self.indent}whole[0] = {v.text}[0]",
            f"{b.text}[:] = {v.text}",
            f"{b.text} += {v.text}",
            f"{b.text}.flat[1] = {v.text}.flat[0]",
            f"{b.text}[...] = np.sum({v.text})",
            f"np.sin({v.text}, out={b.text})",
            f"{b.text}.fill(np.sum({v.text}))",
            f"np.copyto({b.text}, {v.text})",
            f"np.add.at({b.text}, [0, 0], {v.text}[0])",
            f"{b.text}[{b.text} > 0.5] = np.sum({v.text})",
        ]))  # fmt: skip

    def new_shape(self):
        v = self.array()
        size = prod(v.shape)
        if v.text.isidentifier() and size % 2 == 0:
            b = self.keep("v", replace(v, text=f"{v.text}[:]"))
            self.scope[-1] = replace(b, shape=(2, size // 2))
            self.write(f"{b.text}.shape = (2, {size // 2})")

    def look(self):
        self.write(f"look({self.choose().text})")

    def statement(self):
        self.pick(FLAT if self.depth > 1 else FLAT + NESTED)(self)

    def statements(self, count):
        for _ in range(count):
            self.statement()

    def program(self):
        shape = self.pick(SHAPES)
        shapes = [shape, *(shape if self.chance(50) else self.pick(SHAPES) for _ in range(2))]
        self.scope = [
            Value("x", shapes[0], writable=self.transform),
            Value("y", shapes[1], writable=self.transform),
            Value("c", shapes[2], tensor=False),
        ]
        count = self.rng.randint(2, 9)
        plain = count if self.chance(98) else self.rng.randint(0, count - 1)
        for k in range(count):
            if k == plain:
                self.into_plain()
            self.statement()
        self.write(f"return total({', '.join(v.text for v in self.scope)})")
        text = "\n".join(["def program(np, x, y, c):", *self.lines, ""])
        return Program(text, tuple(shapes), self.rng.randint(0, 9), self.transform, self.plain)


FLAT = tuple(
    method
    for weight, method in [
        (8, Writer.new),
        (3, Writer.new_number),
        (12, Writer.new_view),
        (3, Writer.alias),
        (2, Writer.unpack),
        (10, Writer.in_place),
        (14, Writer.assign),
        (3, Writer.assign_flat),
        (1, Writer.assign_list),
        (2, Writer.where_it_is),
        (2, Writer.rebind),
        (2, Writer.swap),
        (4, Writer.out),
        (4, Writer.functions_that_change),
        (5, Writer.buffer),
        (9, Writer.constants),
        (1, Writer.large),
        (3, Writer.complexes),
        (1, Writer.new_shape),
        (2, Writer.comprehension),
        (3, Writer.container),
        (2, Writer.look),
    ]
    for _ in range(weight)
)
"""The statements, each as often as it is to be drawn."""

NESTED = tuple(
    method
    for weight, method in [
        (3, Writer.fill),
        (4, Writer.loop),
        (4, Writer.rows),
        (3, Writer.branch),
        (2, Writer.function),
    ]
    for _ in range(weight)
)
"""Those that have statements in them."""


def write(rng):
    """A random program."""
    return Writer(rng).program()
