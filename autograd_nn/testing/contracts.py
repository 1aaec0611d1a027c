"""Contracts: one declaration of what a function promises, and the tests that hold it to that."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from autograd_nn import Tensor, gradients
from autograd_nn.engine.node import Array
from autograd_nn.engine.tensor import leaf, raw
from autograd_nn.ops.domain import Domain
from autograd_nn.testing.checks import check_vjp
from autograd_nn.testing.foreign import ForeignFunction, framework_of, on_arrays
from autograd_nn.testing.layouts import LAYOUTS
from autograd_nn.testing.ledger import Ledger, Tally
from autograd_nn.testing.mistakes import MISTAKES, Mistake, differs
from autograd_nn.testing.reports import GradientError, literal
from autograd_nn.testing.strategies.calls import arguments, primitive_of

__all__ = ["Contract", "contract"]

Args = tuple[Any, ...]
Keywords = dict[str, Any]
SCALES = (1e-6, 1e-3, 1e3, 1e6)
VALUE = 1e-9
"""How exactly values agree with the reference, relative to each; and `TINY` to the largest of them."""

TINY = 1e-12


class Clause(NamedTuple):
    """One thing that a contract promises."""

    name: str
    run: Callable[[Ledger], None]


class Body(Protocol):
    def __call__(self, args: Args, keywords: Keywords) -> None: ...


class Contract:
    """A function with what it promises: see `contract`, which makes one. It is called as the function itself."""

    def __init__(
        self,
        function: Callable[..., Any],
        ref: Callable[..., Any] | None,
        args: Any,
        special: Sequence[tuple[Any, ...]],
        errors: Sequence[tuple[Any, ...]],
        second_order: bool,
        options: dict[str, Any],
        framework: str | None = None,
    ) -> None:
        functools.update_wrapper(self, function)
        self.__name__: str = getattr(function, "__name__", type(function).__name__)
        self.function, self.ref = function, ref
        self.args = self.own_domain() if args is None else args
        self.special, self.errors = special, errors
        self.bridge = framework_of(function, (), framework)
        self.options = options if self.bridge is None else options | {"framework": self.bridge.name}
        self.second_order = second_order and self.bridge is None

    @property
    def line(self) -> int | None:
        """Where the function begins."""
        code = getattr(self.function, "__code__", None)
        return code.co_firstlineno - 1 if code else None

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return self.function(*args, **keywords)

    def computed(self, *args: Any, **keywords: Any) -> Any:
        """The value; as an array where the function is another framework's."""
        if self.bridge is None:
            return self.function(*args, **keywords)
        found = on_arrays(self.bridge, self.function)(*args, **keywords)
        return found[0] if isinstance(found, tuple) else found  # of (value, gradient)

    def __repr__(self) -> str:
        return f"<contract of {self.__name__}>"

    def own_domain(self) -> Domain:
        domain = getattr(primitive_of(self.function), "domain", None)
        if domain is None:
            raise TypeError(
                f"contract of {self.__name__}: it is no primitive with a Domain, so say what it is called with: "
                f"args=[arrays((3,))], a strategy for all arguments, or a Domain"
            )
        return domain

    def clauses(self, mutate: bool = False) -> Iterator[Clause]:
        """The tests, one for each thing that is promised; or for each mistake that may be planted."""
        if mutate:
            for kind, mistake in MISTAKES.items():
                yield Clause(f"planted {kind}", functools.partial(self.catches, kind, mistake))
            return
        if self.ref is not None:
            yield Clause("value", self.value)
        yield Clause("gradient", self.gradient)
        if self.second_order:
            yield Clause("second_order", functools.partial(self.gradient, order=2))
        yield Clause("linearity", self.linearity)
        yield Clause("layouts", self.layouts)
        yield Clause("dtypes", self.dtypes)
        if isinstance(self.args, Domain) and all(end == 0 or np.isinf(end) for i in self.args.intervals for end in i):
            yield Clause("scales", self.scales)
        for k, entry in enumerate(self.special):
            yield Clause(f"special[{k}]", functools.partial(self.is_special, entry))
        for k, entry in enumerate(self.errors):
            yield Clause(f"error[{k}]", functools.partial(self.refuses, entry))

    # Examples ------------------------------------------------------------------------------------------

    def strategy(self) -> st.SearchStrategy[tuple[Args, Keywords]]:
        """Arguments and keywords."""
        args = self.args
        if isinstance(args, Domain):
            return st.sampled_from(args.calls).flatmap(
                lambda call: st.tuples(arguments(args, call.shapes).map(tuple), st.just(call.parameters))
            )
        if isinstance(args, st.SearchStrategy):
            return args.map(lambda drawn: (as_arguments(drawn if isinstance(drawn, (tuple, list)) else [drawn]), {}))
        each = [arg if isinstance(arg, st.SearchStrategy) else st.just(arg) for arg in args]
        return st.tuples(*each).map(lambda drawn: (as_arguments(drawn), {}))

    def for_all(self, body: Body, *phases: Phase) -> None:
        """The body at so many examples as the profile of hypothesis says."""

        @settings(
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=[*HealthCheck],
            phases=[Phase.generate, *phases],
        )
        @given(self.strategy())
        def test(example: tuple[Args, Keywords]) -> None:
            with np.errstate(all="ignore"):
                body(*example)

        test()

    def proved(self, ledger: Ledger, args: Args, keywords: Keywords, **options: Any) -> None:
        """`check_gradients`, unless the value is not finite there."""
        assume(np.isfinite(self.computed(*args, **keywords)).all())
        f = functools.partial(self.function, **keywords) if keywords else self.function
        ledger(f, *args, **self.options | options)

    def pulled(self, args: Args, keywords: Keywords, w: Array) -> list[Array]:
        """The gradients by every array of floats among the arguments."""
        if self.bridge is not None:
            f = functools.partial(self.function, **keywords) if keywords else self.function
            foreign = ForeignFunction(self.bridge, f, args)
            with foreign.borrowed():
                return [np.array(g) for g in foreign.record(foreign.arrays).pull([w])]
        entered = [leaf(arg) if is_float(arg) else arg for arg in args]
        leaves = [t for t in entered if type(t) is Tensor]
        y = self.function(*entered, **keywords)
        return [np.array(g.data) for g in gradients(y, leaves, w)]

    def entered(self, args: Args) -> Args:
        """With Tensors for arrays, where the function takes them."""
        return tuple(leaf(arg) if self.bridge is None and is_float(arg) else arg for arg in args)

    # What is promised ----------------------------------------------------------------------------------

    def value(self, ledger: Ledger) -> None:
        """On arrays and on Tensors as the reference says."""

        def body(args: Args, keywords: Keywords) -> None:
            assert self.ref is not None
            expected = np.asarray(self.ref(*args, **keywords))
            for operands in (args, self.entered(args)):
                found = np.asarray(raw(self.computed(*operands, **keywords)))
                agree(found, expected, f"{self.called(args, keywords)}: not the value of the reference")
            ledger.count(Tally(1))

        self.for_all(body, Phase.shrink)

    def gradient(self, ledger: Ledger, order: int | None = None) -> None:
        chosen = {} if order is None else {"order": order}
        self.for_all(lambda args, keywords: self.proved(ledger, args, keywords, **chosen))

    def linearity(self, ledger: Ledger) -> None:
        """The pullback is linear in its cotangent."""

        def body(args: Args, keywords: Keywords) -> None:
            y = self.computed(*args, **keywords)
            u, w = two_cotangents(y)
            floor = rounding(y, args)
            both = self.pulled(args, keywords, 2 * u - 3 * w)
            parts = zip(self.pulled(args, keywords, u), self.pulled(args, keywords, w), strict=True)
            for found, (one, other) in zip(both, parts, strict=True):
                agree(found, 2 * one - 3 * other, f"{self.called(args, keywords)}: the pullback is not linear", floor)
            ledger.count(Tally(1))

        self.for_all(body, Phase.shrink)

    def layouts(self, ledger: Ledger) -> None:
        """Strides are of no consequence, those of the cotangent neither."""

        def body(args: Args, keywords: Keywords) -> None:
            y = self.computed(*args, **keywords)
            w, _ = two_cotangents(y)
            floor = rounding(y, args)
            expected = self.pulled(args, keywords, w)
            for name in LAYOUTS.keys() - {"stride-0"}:
                laid = tuple(LAYOUTS[name](arg) if is_float(arg) else arg for arg in args)
                for found, slope in zip(self.pulled(laid, keywords, LAYOUTS[name](w)), expected, strict=True):
                    where = f"{self.called(args, keywords)}: another gradient in the layout {name!r}"
                    agree(found, slope, where, floor)
            ledger.count(Tally(1))

        self.for_all(body, Phase.shrink)

    def dtypes(self, ledger: Ledger) -> None:
        """float32 in, float32 out, and a gradient that is as exact as that allows."""

        def body(args: Args, keywords: Keywords) -> None:
            narrow = tuple(arg.astype(np.float32) if is_float(arg) and arg.dtype == float else arg for arg in args)
            if np.asarray(self.computed(*narrow, **keywords)).dtype == float:
                raise AssertionError(f"{self.called(narrow, keywords)}: the value is float64 where float32 goes in")
            self.proved(ledger, narrow, keywords)

        self.for_all(body)

    def scales(self, ledger: Ledger) -> None:
        """The gradient at very small and very large arguments; where the value is not finite nothing is asked."""

        def body(args: Args, keywords: Keywords) -> None:
            for scale in SCALES:
                scaled = tuple(arg * scale if is_float(arg) else arg for arg in args)
                if np.isfinite(self.computed(*scaled, **keywords)).all():
                    self.proved(ledger, scaled, keywords)

        self.for_all(body)

    def is_special(self, entry: tuple[Any, ...], ledger: Ledger) -> None:
        """The value at these arguments, and the gradients of its sum."""
        args, value, *slopes = entry
        inputs = as_arguments(args)
        with np.errstate(all="ignore"):
            y = np.asarray(self.computed(*inputs))
            if value is not None:
                agree(y, filled(value, y), f"{self.called(args, {})}: special value")
            if slopes:
                found = self.pulled(inputs, {}, np.ones_like(y))
                expected = slopes[0] if isinstance(slopes[0], tuple) else slopes
                for place, (g, slope) in enumerate(zip(found, expected, strict=True)):
                    agree(g, filled(slope, g), f"{self.called(args, {})}: special gradient by argument {place}")
        ledger.count(Tally(1))

    def refuses(self, entry: tuple[Any, ...], ledger: Ledger) -> None:
        """The same exception on arrays and on Tensors."""
        import pytest

        args, exception, *match = entry
        for operands in (args, self.entered(args)):
            with pytest.raises(exception, match=match[0] if match else None):
                self.computed(*operands)
        ledger.count(Tally(1))

    # Proving the contract ------------------------------------------------------------------------------

    def catches(self, kind: str, mistake: Mistake, ledger: Ledger) -> None:
        """The contract's examples show that this pullback is wrong, if it is different from the right one at all."""
        planted = caught = False

        def body(args: Args, keywords: Keywords) -> None:
            nonlocal planted, caught
            f = functools.partial(self.computed, **keywords)
            places = [k for k, arg in enumerate(args) if is_float(arg)]
            if caught or not np.isfinite(f(*args)).all():
                return

            def pull(arrays: Sequence[Array], g: Array) -> list[Array]:
                whole = list(args)
                for place, array in zip(places, arrays, strict=True):
                    whole[place] = array
                return self.pulled(tuple(whole), keywords, g)

            def vjp(g: Array, *operands: Any) -> tuple[Any, ...]:
                slopes = dict(zip(places, mistake(pull, [np.asarray(operands[k]) for k in places], g), strict=True))
                return tuple(slopes.get(k) for k in range(len(operands)))

            planted = planted or differs(mistake, pull, [args[k] for k in places], two_cotangents(f(*args))[0])
            try:
                check_vjp(f, vjp, *args)
            except GradientError:
                caught = planted = True

        self.for_all(body)
        if planted:
            ledger.count(Tally(power={kind: [int(caught), 1]}))
        if planted and not caught:
            raise AssertionError(f"the contract of {self.__name__} does not catch a wrong pullback: {kind}")
        if not planted:
            import pytest

            pytest.skip(f"{kind} makes no difference to {self.__name__}")

    def called(self, args: Args, keywords: Keywords) -> str:
        """As it reads."""
        inside = [*map(literal, args), *(f"{key}={literal(value)}" for key, value in keywords.items())]
        return f"{self.__name__}({', '.join(inside)})"


def is_float(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fc"


def as_arguments(drawn: Sequence[Any]) -> Args:
    """Floats and lists as arrays."""
    return tuple(np.asarray(arg, float) if isinstance(arg, (float, list)) else arg for arg in drawn)


def filled(value: Any, like: Array) -> Array:
    """The value in the shape and dtype of another array."""
    return np.broadcast_to(np.asarray(value, like.dtype), like.shape)


def two_cotangents(y: Any) -> tuple[Array, Array]:
    """Of an output: magnitudes in [0.5, 1.5], random signs."""
    y = np.asarray(y)
    rng = np.random.default_rng(0)
    one, other = (np.copysign(rng.uniform(0.5, 1.5, y.shape), rng.uniform(-1, 1, y.shape)) for _ in range(2))
    return one.astype(y.dtype), other.astype(y.dtype)


def rounding(y: Any, args: Args) -> float:
    """How exact a gradient can be where its terms cancel: about the value over the arguments, in units of `TINY`."""
    return TINY * largest(np.asarray(y)) / (max(map(largest, filter(is_float, args)), default=1.0) or 1.0)


def largest(array: Array) -> float:
    """The largest finite magnitude."""
    return float(np.abs(array[np.isfinite(array)]).max(initial=0))


def agree(found: Array, expected: Array, where: str, floor: float = 0.0) -> None:
    if found.shape != expected.shape:
        raise AssertionError(f"{where}: shape {found.shape}, expected {expected.shape}")
    smallest = float(np.finfo(float).smallest_normal)  # the numbers below have fewer digits
    if not np.allclose(found, expected, VALUE, max(floor, TINY * max(largest(expected), smallest)), equal_nan=True):
        raise AssertionError(f"{where}: {literal(found)}, expected {literal(expected)}")


def contract(
    *,
    ref: Callable[..., Any] | None = None,
    args: Any = None,
    order: int = 2,
    kinks: str | None = None,
    rtol: float | None = None,
    special: Sequence[tuple[Any, ...]] = (),
    errors: Sequence[tuple[Any, ...]] = (),
    framework: str | None = None,
) -> Callable[[Callable[..., Any]], Contract]:
    """Declare what a function promises. At module level of a test file pytest runs it as tests, one for each promise.

    They are called ``value`` (agrees with the reference, on arrays and on Tensors), ``gradient`` and ``second_order``
    (by `check_gradients`), ``linearity`` (of the pullback), ``layouts`` (any strides), ``dtypes`` (float32), ``scales``
    (1e-6 to 1e6, if ``args`` is a Domain whose intervals end at 0 or infinity), ``special[k]`` and ``error[k]``. One
    that ran no check fails. Decorated is a primitive or any other function that returns one array or Tensor.

    Parameters
    ----------
    ref : callable, optional
        Takes the same arguments and returns the value, computed in another way.
    args : Domain, strategy, or list
        What it is called with: the calls and intervals of a `Domain`; a strategy for the list of all arguments, such as
        `operands`; or a list with a strategy or a constant for each. By default the Domain of a primitive.
    order : {1, 2}
        2 for second derivatives as well.
    kinks, rtol : optional
        As of `check_gradients`; by default what the marker ``gradients`` says.
    special : sequence of tuples
        ``(args, value)`` or ``(args, value, gradient)``: the value at these arguments, None to leave it open, and the
        gradient of its sum, a tuple for several arguments.
    errors : sequence of tuples
        ``(args, exception, match)``: what a call with these arguments raises, with a message that matches.
    framework : str, optional
        As of `check_gradients`: whose function it is. There is no ``second_order`` of another framework's.

    Returns
    -------
    decorator
        Makes a `Contract`, which is called as the function itself.

    Raises
    ------
    TypeError
        If ``args`` is not given and the function is no primitive with a Domain.
    ValueError
        If ``order`` is not 1 or 2.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn.testing.contracts import contract
    >>> from autograd_nn.testing.strategies import arrays
    >>> @contract(ref=lambda x: np.log(1 + np.exp(x)), args=[arrays((3,))], special=[((0.0,), np.log(2), 0.5)])
    ... def softplus(x):
    ...     return np.logaddexp(0, x)
    >>> [clause.name for clause in softplus.clauses()]
    ['value', 'gradient', 'second_order', 'linearity', 'layouts', 'dtypes', 'special[0]']
    >>> softplus(0.0)
    np.float64(0.693147...)
    """
    if order not in (1, 2):
        raise ValueError(f"order must be 1 or 2: got {order!r}")
    options = {key: value for key, value in (("kinks", kinks), ("rtol", rtol)) if value is not None}
    return lambda function: Contract(function, ref, args, special, errors, order == 2, options, framework)
