"""From a failure to the error that explains it: a smaller counterexample, the evidence element by element, the message.

A counterexample has fewer elements than what the check was called with, and numbers nearer to 0, 1 and -1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd_nn.engine.node import Array
from autograd_nn.engine.tensor import raw
from autograd_nn.engine.trees import leaves, tree_map
from autograd_nn.testing.diagnosis import Evidence, Reading, chosen, diagnose
from autograd_nn.testing.foreign import UserFunction
from autograd_nn.testing.functions import ArrayFunction, GradientFunction, flat
from autograd_nn.testing.numeric import Line, compare
from autograd_nn.testing.points import valued, widened
from autograd_nn.testing.procedure import RTOL, Failure, Procedure
from autograd_nn.testing.reports import GradientError, format_array, format_type, format_vector, literal

__all__ = ["explained"]

LOOKED_AT = 256
"""The evidence is of the first so many elements,"""

NUMBERS = 2_000_000
"""of fewer where as many evaluations would be of more numbers than these."""

OTHERS = 64
"""Other arguments of up to so many elements are differentiated too, to see whether they were swapped."""

SHOWN = 6
"""So many elements are listed."""

ATTEMPTS = 120
EVALUATIONS = 4000
SINGLE = 12
"""Arrays of up to so many elements are simplified element by element."""

WIDTH = 100
"""Examples longer than that take a line for each array."""

URGENCY = ("value", "pullback", "shape", "dtype", "cotangent", "alias", "inputs", "derivative", "low precision")
"""Which failure explains the others: the first of these, else the first found."""

ADVICE = {
    "pullback": "it cannot take this cotangent",
    "dtype": "a constant or a cast of another dtype in the rule: the gradient has the dtype of its argument",
    "cotangent": "mutated cotangent: write g * x for g *= x, and leave out= alone; others read the same g",
    "layouts": "it reads or writes the memory of its cotangent: go by elements, as NumPy's functions do",
    "alias": "returned alias: the caller may change what it gets, so return a copy; or say aliases=True if it does not",
    "inputs": "mutated input: write x * 2 for x *= 2; the caller still needs its argument",
    "repeatable": "it depends on random numbers or on state that it changes",
    "value": "it depends on random numbers or on state that it changes",
    "zero": "a term of the pullback does not contain the cotangent",
    "recorded": "the rule does something else on Tensors, perhaps with raw arrays",
    "forward": "the pullback records another derivative on Tensors than it computes on arrays",
    "symmetric": "the gradient is not that of a function: some term of its derivative is missing",
    "kink": "choose other arguments, or kinks='member' to check that it lies between the slopes",
}


def explained(function: UserFunction, procedure: Procedure) -> GradientError:
    """The error for the failures of a procedure."""
    failure = primary(procedure)

    def fails(candidate: UserFunction) -> int:
        trial = procedure.again(only=failure.place if failure.order == 1 else None, jitters=())
        trial.run(candidate)
        return trial.evaluations if find(trial, failure) else -trial.evaluations

    small = shrunk(function, fails)
    run = procedure.again(only=None, jitters=procedure.jitters)
    run.run(small)
    again = find(run, failure)
    if again is None:
        small, run, again = function, procedure, failure
    before, after = evidence(function, procedure, failure), evidence(small, run, again)
    reading = chosen(readings(failure, before), readings(again, after))
    text = message(small, run, again, after, reading)
    name = function.names[failure.place] if failure.place < len(function.names) else "the cotangent"
    return GradientError(text, failure.kind, name, reading.text, tuple(small.arguments.filled(small.arrays)))


def primary(procedure: Procedure) -> Failure:
    """The failure that explains the others."""
    rank = {kind: k for k, kind in enumerate(URGENCY)}
    return min(procedure.failures, key=lambda failure: (failure.order, rank.get(failure.kind, len(rank))))


def find(procedure: Procedure, failure: Failure) -> Failure | None:
    """The same failure in another procedure."""
    same = (f for f in procedure.failures if f[:3] == failure[:3])
    return next(same, None)


# Shrinking ------------------------------------------------------------------------------------------


class Budget:
    """How many more candidates may be tried."""

    def __init__(self, fails: Callable[[UserFunction], int]) -> None:
        self.fails = fails
        self.attempts, self.evaluations = ATTEMPTS, EVALUATIONS

    def accepts(self, candidate: UserFunction) -> bool:
        """Whether the candidate fails too; ``fails`` returns the evaluations it took, negative if it does not."""
        if self.attempts <= 0 or self.evaluations <= 0:
            return False
        self.attempts -= 1
        try:
            spent = self.fails(candidate)
        except Exception:  # it is no valid example
            return False
        self.evaluations -= abs(spent)
        return spent > 0


def shrunk(function: UserFunction, fails: Callable[[UserFunction], int]) -> UserFunction:
    """The smallest function found that fails in the same way."""
    budget = Budget(fails)
    function = shorter(function, budget)
    for k in range(function.own):
        function = simpler(function, k, budget)
    return function


def shorter(function: UserFunction, budget: Budget) -> UserFunction:
    """Axes of the same size are cut together, so that shapes go on fitting."""
    args = function.arguments.filled(function.arrays)
    sizes = {n for x in leaves(args) for n in np.shape(raw(x)) if n > 1}
    for n in sorted(sizes, reverse=True):
        for m in dict.fromkeys((1, 2, 3, n // 2)):
            if m >= n:
                continue
            candidate = function.with_args([cut(arg, n, m) for arg in function.arguments.filled(function.arrays)])
            if budget.accepts(candidate):
                function = candidate
                break
    return function


def cut(tree: Any, n: int, m: int) -> Any:
    def shortened(x: Any) -> Any:
        array = raw(x)
        if type(array) is not np.ndarray or n not in array.shape:
            return x
        return array[tuple(slice(m) if size == n else slice(None) for size in array.shape)].copy()

    return tree_map(shortened, tree)


def simpler(function: UserFunction, k: int, budget: Budget) -> UserFunction:
    """Simpler numbers in the k-th array: in all places at once, then one by one."""
    for candidate in (np.zeros_like, np.ones_like, np.rint, halves):
        array = function.arrays[k]
        simple = np.asarray(candidate(array))
        if np.all(complexity(array) <= complexity(simple)):
            continue
        attempt = function.with_array(k, simple)
        if budget.accepts(attempt):
            function = attempt
            break
    if function.arrays[k].size <= SINGLE:
        for index in np.ndindex(function.arrays[k].shape):
            for value in candidates(function.arrays[k][index]):
                array = function.arrays[k].copy()
                array[index] = value
                attempt = function.with_array(k, array)
                if budget.accepts(attempt):
                    function = attempt
                    break
    return function


def candidates(x: Any) -> Iterator[Any]:
    """Simpler numbers, the simplest first."""
    for value in dict.fromkeys((0.0, 1.0, -1.0, *np.unique(np.rint(x)).tolist(), *np.unique(halves(x)).tolist())):
        if complexity(value) < complexity(x):
            yield value


def halves(x: Any) -> Any:
    return np.rint(2 * x) / 2


def complexity(x: Any) -> Any:
    """0 for 0, then 1, -1, other integers, halves, and the rest."""
    x = np.asarray(x)
    return np.select([x == 0, x == 1, x == -1, x == np.rint(x), x == halves(x)], [0, 1, 2, 3, 4], 5)


# The evidence ---------------------------------------------------------------------------------------


def readings(failure: Failure, evidence: Evidence | None) -> list[Reading]:
    if evidence is not None:
        return diagnose(evidence)
    advice = ADVICE.get(failure.kind, "")
    return [Reading(failure.kind, failure.hint or advice)]


def evidence(function: UserFunction, run: Procedure, failure: Failure) -> Evidence | None:
    """The gradient and the numeric one; None where the failure speaks for itself."""
    if failure.kind not in ("derivative", "linear", "low precision"):
        return None
    wide = widened(function.arrays)
    target: Any = function
    arrays = wide
    ws = run.drawn[failure.order]
    if failure.order == 2:
        target, arrays = GradientFunction(function, run.drawn[1]), [*wide, *run.drawn[1]]  # type: ignore[arg-type]
    recording = target.record(arrays)
    k = failure.place
    x = arrays[k]
    count = looked_at(arrays)

    def pull(ws: list[Array]) -> Array:
        return np.array(recording.pull(ws)[k]).ravel()[:count]

    gradient = np.array(recording.pull([w.copy() for w in ws])[k])
    if failure.kind == "low precision":
        numeric, error = gradient.ravel(), np.zeros(gradient.size)
        gradient = failure.gradient if failure.gradient is not None else gradient
    else:
        numeric, error = elementwise(target, arrays, k, ws, gradient, recording.outputs)
    here, rounding = pull([w.copy() for w in ws]), np.zeros(min(x.size, count))
    for shift in (1e-15, 1e-12, 1e-9, 1e-8):
        try:
            above, below = (
                np.ravel(target.record([a * (1 + s) for a in arrays]).pull([w.copy() for w in ws])[k])[:count]
                for s in (shift, -shift)
            )
        except Exception:  # outside its domain
            break
        rounding = np.maximum(rounding, np.abs(above - 2 * here + below))
    others = {}
    if failure.order == 1:
        for other, z in enumerate(arrays):
            if other != k and z.size <= OTHERS and z.dtype == x.dtype:
                slopes, _ = elementwise(target, arrays, other, ws, np.zeros_like(z), recording.outputs)
                others[function.names[other]] = slopes.reshape(z.shape)
    return Evidence(
        gradient.ravel()[: numeric.size],
        numeric,
        error,
        x.shape,
        x.ravel(),
        ws,
        pull,
        rounding,
        linear=run.passed.get("linear", True),
        shrinkable=function.own == len(function.arrays),
        others=others,
    )


def looked_at(arrays: list[Array]) -> int:
    """At how many elements: at as many as are listed, at least."""
    return min(LOOKED_AT, max(SHOWN, NUMBERS // (1 + sum(a.size for a in arrays))))


def elementwise(
    target: Any, arrays: list[Array], k: int, ws: list[Array], gradient: Array, outputs: list[Array]
) -> tuple[Array, Array]:
    """The numeric gradient element by element, and its error."""
    x, g = arrays[k].ravel(), gradient.ravel()
    at = list(arrays)
    y, w = flat(outputs), flat(ws)

    def value(point: Array) -> Array:
        at[k] = point.reshape(arrays[k].shape)
        return valued(target, at, y, [])

    found = []
    phases = (1, 1j) if x.dtype.kind == "c" else (1,)
    for j in range(min(x.size, looked_at(arrays))):
        slope, error = 0.0 + 0.0j, 0.0
        for phase in phases:
            v = np.zeros_like(x)
            v[j] = phase * (abs(x[j]) or 1.0)
            comparison = compare(Line(value, x, v, g, w, y), 1e-9, ())
            size = abs(v[j])
            slope += np.conj(phase) * comparison.numeric / size  # Re(g * 1j) is minus the imaginary part
            error += comparison.error / size
        found.append((slope if x.dtype.kind == "c" else slope.real, error))
    slopes, errors = np.array(found).T if found else (np.zeros(0), np.zeros(0))
    return slopes, np.nan_to_num(errors.real, posinf=0.0)


# The message ------------------------------------------------------------------------------------------


def message(
    function: UserFunction, run: Procedure, failure: Failure, evidence: Evidence | None, reading: Reading
) -> str:
    what = "derivative" if failure.kind in ("derivative", "low precision", "symmetric") else "pullback"
    what = f"second {what}" if failure.order == 2 else what
    names = [*function.names, "the cotangent"]
    name = names[min(failure.place, len(names) - 1)]
    lines: list[tuple[str, str]] = []
    head = f"wrong {what} of `{function.name}` with respect to {name}"
    example = [*map(shown, function.names, function.arrays), *(f"y: {format_type(w)}" for w in run.drawn.get(1, []))]
    if sum(map(len, example)) < WIDTH:
        example = ["    ".join(example)]
    lines += [("shrunk example" if k == 0 else "", text) for k, text in enumerate(example)]
    found = failure.comparison
    own = "vjp" if isinstance(function, ArrayFunction) else function.framework or "autograd"
    if found is not None:
        ws, v = run.drawn[failure.order], failure.direction
        assert v is not None
        along = f"direction v({short(name)}) {format_vector(v)}"
        lines.append(("cotangent w", f"{' '.join(map(format_vector, ws))}    {along}"))
        agreeing = f"(h = {found.step:.1e}, {found.scales} scales agree)"
        lines.append(("<w, J v>  numeric", f"{found.numeric:.12g} +- {found.error:.0e}   {agreeing}"))
        lines.append((f"{own:>17}", f"{found.autograd:.12g}"))
        gap = abs(found.numeric - found.autograd)
        times = f" = {gap / found.error:.1e} x the estimated error" if found.error else ""
        limit = f"; smallest detectable here: {found.detectable:.0e}" if found.scale else ""
        lines.append(("disagreement", f"{gap:.4g}{times}{limit}"))
    else:
        lines.append(("what happens", failure.text))
    if evidence is not None:
        lines += [("per element" if k == 0 else "", row) for k, row in enumerate(table(evidence, short(name), own))]
    lines.append(("diagnosis", reading.text))
    checks = ", ".join(f"{kind} {'ok' if ok else 'FAILED'}" for kind, ok in run.passed.items())
    lines.append(("other checks", "; ".join([checks, *run.skipped])))
    lines.append(("reproduce", reproduction(function, run)))
    return "\n".join([head, *(f"  {label:<18}  {text}" for label, text in lines)])


def short(name: str) -> str:
    """The name alone: argument 1 `b` is b."""
    return name.split("`")[1] if "`" in name else name


def shown(name: str, array: Array) -> str:
    return f"{short(name)}: {format_type(array)} = {format_array(array)}"


def table(e: Evidence, name: str, own: str) -> list[str]:
    """The elements that are most wrong."""
    with np.errstate(all="ignore"):
        off = np.abs(e.autograd - e.numeric) / (np.abs(e.numeric) + e.error)
        ratios = e.autograd / e.numeric
    order = sorted(np.argsort(-np.nan_to_num(off, nan=np.inf), kind="stable")[:SHOWN].tolist())
    rows = []
    for j in order:
        index = "" if not e.shape else f"[{', '.join(str(int(i)) for i in np.unravel_index(j, e.shape))}]"
        a, n, r = (format(x, ".7g") for x in (e.autograd[j], e.numeric[j], ratios[j]))
        rows.append(f"{name}.grad{index}: {own} {a}, numeric {n}, ratio {r}")
    rest = e.autograd.size - len(order)
    return [*rows, *([f"and {rest} more"] if rest else [])]


def reproduction(function: UserFunction, run: Procedure) -> str:
    """The call that fails with these arguments."""
    args = function.arguments.filled(function.arrays)
    call = [function.name, *(["vjp"] if isinstance(function, ArrayFunction) else []), *map(literal, args)]
    if not isinstance(function, ArrayFunction):
        call += [f"wrt={function.wrt!r}"] * (function.wrt is not None)
        call += [f"order={run.order}"] * (run.order > 1)
        call += [f"kinks={run.kinks!r}"] * (run.kinks != "reject")
    call += [f"rtol={run.rtol!r}"] * (run.rtol != RTOL)
    call += ["aliases=True"] * (run.aliases and isinstance(function, ArrayFunction))
    call += [f"framework={function.framework!r}"] * bool(function.framework)
    call.append(f"seed={run.seed}")
    return f"check_{'vjp' if isinstance(function, ArrayFunction) else 'gradients'}({', '.join(call)})"
