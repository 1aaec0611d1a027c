"""Runs a program on arrays and on Tensors, and says whether they agree."""

import re
import sys
from dataclasses import dataclass
from linecache import getline
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from differences import Verdict, verdict

import autograd_nn
from autograd_nn import Tensor, gradients, value_and_grad

PACKAGE = str(Path(autograd_nn.__file__).parent)

GOOD = ("right", "refused", "refused as it must be", "refused by both", "no differences", "no finite values")
WRONG = ("wrong value", "wrong gradient", "missing gradient", "not refused", "crash")


@dataclass(frozen=True)
class Judgement:
    kind: str
    reason: str = ""


def numbers(shape, seed):
    """Numbers of the order of 1 that no rule would give."""
    k = np.arange(1.0, np.prod(shape, dtype=int) + 1)
    return (1.1 * np.cos(k * (2.3 + 0.37 * seed)) + 0.09 * np.sin(7.7 * k + seed)).reshape(shape)


def inputs(program):
    return [numbers(shape, program.values + 11 * k) for k, shape in enumerate(program.shapes)]


WEIGHTS: dict[tuple[int, tuple[int, ...]], np.ndarray] = {}


def weights(k, shape):
    """The weights of the k-th value in the total."""
    found = WEIGHTS.get((k, shape))
    if found is None:
        found = WEIGHTS[k, shape] = np.cos(1.3 * k + 0.9 * np.arange(np.prod(shape, dtype=int))).reshape(shape)
    return found


def weighted(values):
    """What is to be summed: real and imaginary parts alike."""
    for k, value in enumerate(values):
        w = weights(k, np.shape(value))
        if value.dtype.kind == "c" if hasattr(value, "dtype") else isinstance(value, complex):
            yield w * np.real(value)
            yield 0.7 * w * np.imag(value)
        else:
            yield w * value


def terms_of(*values):
    return np.concatenate([np.ravel(term) for term in weighted(values)])


def sum_of(*values):
    total = 0.0
    for term in weighted(values):
        total = total + np.sum(term)
    return total


def array_of(value):
    """What a value is at this time."""
    return np.array(value.numpy() if type(value) is Tensor else value)


def bound(code, tensor, seen, total):
    """The program, with its three helpers."""
    names = {"tensor": tensor, "State": SimpleNamespace}
    names["look"] = (lambda value: None) if seen is None else (lambda value: seen.append(array_of(value)))

    def finish(*values):
        if seen is not None:
            seen.extend(map(array_of, values))
        return total(*values)

    names["total"] = finish
    exec(code, names)
    return names["program"]


NUMPY_SAYS = ("Error setting single item of array.",)
"""What NumPy puts in the place of our refusal: ``array.flat[0] = t``."""


def refusal(error):
    """What a refusal by name says; None for any other exception."""
    if str(error) in NUMPY_SAYS:
        return f"{type(error).__name__}: {error}"
    while error is not None:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is not None and trace.tb_frame.f_code.co_filename.startswith(PACKAGE) and len(str(error)) > 20:
            line = getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno).strip()
            if line.startswith("raise") and isinstance(error, (TypeError, ValueError, RuntimeError)):
                return f"{type(error).__name__}: {error}"
        if isinstance(error, ValueError) and "read-only" in str(error):  # NumPy's words; its ufunc.at forgets to look
            return f"ValueError: {error}"
        error = error.__cause__ or error.__context__
    return None


def short(reason):
    """The reason without the numbers and names of one program, to count it by."""
    return re.sub(r"-?\d+(\.\d+)?", "#", reason.split("\n")[0])[:110]


def same(a, b):
    return (
        a.dtype == b.dtype
        and a.shape == b.shape
        and (a.tobytes() == b.tobytes() or (np.array_equal(a, b, equal_nan=True) and not np.isfinite(a).all()))
    )


def on_tensors(program, code, arrays, seen, np_tensors):
    """The gradients with respect to x and y; None where the result depends on neither."""
    run = bound(code, Tensor, seen, sum_of)
    x, y, c = arrays
    if program.transform:
        found = []

        def f(x, y):
            value = run(np_tensors, x, y, c)
            found.append(type(value) is Tensor and value.requires_grad)
            return value if found[0] else value + 0.0 * np.sum(x)

        slopes = value_and_grad(f, (0, 1))(x, y)[1]
        return slopes if found[0] else None
    x, y = Tensor(x, requires_grad=True), Tensor(y, requires_grad=True)
    value = run(np_tensors, x, y, c)
    if type(value) is not Tensor or not value.requires_grad:
        return None
    return [g.numpy() for g in gradients(value, [x, y])]


def copies(arrays):
    return [a.copy() for a in arrays]


def judge(program, np_tensors=np):
    """The judgement on one program; ``np_tensors`` is what it has as np when it runs on Tensors."""
    try:
        code = compile(program.text, "<program>", "exec")
    except SyntaxError as error:
        return Judgement("crash", f"the program is no Python: {error}")
    with np.errstate(all="ignore"):
        return judged(program, code, np_tensors)


def judged(program, code, np_tensors):
    arrays = inputs(program)
    seen, found, refused = [], [], None
    try:
        terms = bound(code, np.array, seen, terms_of)(np, *copies(arrays))
    except Exception as error:
        refused = error
    try:
        slopes = on_tensors(program, code, copies(arrays), found, np_tensors)
    except Exception as error:
        if refused is not None:
            return Judgement("refused by both", short(f"{type(refused).__name__}: {refused}"))
        reason = refusal(error)
        if reason is None:
            return Judgement("crash", f"{type(error).__name__}: {error}")
        return Judgement("refused as it must be" if program.plain else "refused", reason)
    if refused is not None:
        return Judgement("not refused", f"NumPy: {type(refused).__name__}: {refused}")
    if not isinstance(terms, np.ndarray) or terms.dtype != float:
        return Judgement("no program", "it must return total(...)")
    if not np.isfinite(terms).all() or np.abs(terms).max(initial=0) > 1e6:
        return Judgement("no finite values")
    for k, (a, b) in enumerate(zip(seen, found, strict=True)):
        if not same(a, b):
            return Judgement(
                "wrong value", f"value {k}: {a.dtype} {a.tolist()} of arrays, {b.dtype} {b.tolist()} of Tensors"
            )
    return slope(code, arrays, slopes)


def magnifies(terms, arrays):
    """Whether differences in the last digits of the arguments are seen: then differences in the first say nothing."""
    y = np.sum(terms(*copies(arrays)))
    nearby = [np.sum(terms(*(a * (1 + k * 1e-15) for a in arrays))) for k in (-3, -2, -1, 1, 2, 3)]
    return np.max(np.abs(np.subtract(nearby, y))) > 1e-10 * max(1.0, abs(y))


def loses(run, arrays):
    """Whether numbers get so large on the way that others are lost beside them: then differences miss what these do."""
    largest = 0.0

    def watched(frame, event, argument):
        nonlocal largest
        for value in frame.f_locals.values():
            if isinstance(value, (np.ndarray, np.floating)) and np.size(value):
                largest = max(largest, float(np.max(np.abs(value))))
        return watched

    before = sys.gettrace()
    sys.settrace(lambda frame, event, argument: watched if frame.f_code.co_name == "program" else None)
    try:
        run(*copies(arrays))
    finally:
        sys.settrace(before)
    return not largest < 1e9


def slope(code, arrays, slopes):
    """The judgement on the gradients."""
    x, y, c = arrays
    directions = [numbers(np.shape(a), 5.5 + k) for k, a in enumerate((x, y))]
    run = bound(code, np.array, None, terms_of)
    given = slopes or [np.zeros_like(x), np.zeros_like(y)]
    if any(g.shape != a.shape for g, a in zip(given, (x, y), strict=True)):
        return Judgement("wrong gradient", f"shapes {[g.shape for g in given]}")
    derivative = np.concatenate([np.ravel(g * v) for g, v in zip(given, directions, strict=True)])
    if not np.isfinite(derivative).all():
        return Judgement("no differences" if slopes is None else "wrong gradient", "nan or inf")
    found, details = verdict(derivative, lambda x, y: run(np, x, y, c.copy()), (x, y), directions)
    if found is Verdict.RIGHT:
        return Judgement("right")
    if (
        found is Verdict.UNRESOLVED
        or np.abs(derivative).sum() > 1e3
        or magnifies(lambda x, y: run(np, x, y, c.copy()), (x, y))
        or loses(lambda x, y: run(np, x, y, c.copy()), (x, y))
    ):
        return Judgement("no differences", details)
    return Judgement("missing gradient" if slopes is None else "wrong gradient", details)
