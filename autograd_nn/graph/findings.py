"""What a teacher would point at: signs in its numbers that a training is in trouble, the first cause first.

A number alone is no sign: thousands of gradients are small in healthy networks, and in the end all of them are. So each
sign is a ratio, along depth, between features, or to what came before; and it needs enough samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf, prod
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.node import Array
from autograd_nn.graph.array_summary import dead, saturated
from autograd_nn.graph.layers import Data, Network, parents
from autograd_nn.graph.program import Program, Result, Step
from autograd_nn.ops.declare import PRIMITIVES

__all__ = ["CAUSES", "Finding", "activation", "findings", "first_causes", "rise"]

ENOUGH = 16
"""Of fewer samples nothing is said: what is seldom another value than 0 may be 0 for all of them."""

MOST = 0.75
"""The share of a layer above which dead units and saturation are neither chance nor success: half of the rectifiers in
a network that fits a curve may be dead, and one that has learned to tell classes apart is saturated far from the
boundary."""

WEAK, STRONG = 1e-4, 1e3
"""Ratios of gradients along depth below and above which one step size does not fit the first and the last layer."""

SPREAD, LARGE, SMALL = 100.0, 30.0, 1e-3
"""Ratio of the ranges of two features, and root mean squares of one, which weights of usual sizes do not fit."""

HANDFUL = 5
"""More findings than these are consequences."""

CAUSES = (
    "nan in the data",
    "constant feature",
    "unscaled input",
    "label among the inputs",
    "too large a step",
    "nan or inf",
    "exploding gradient",
    "dead units",
    "saturation",
    "vanishing gradient",
    "frozen parameter",
    "loss of zero",
)
"""The troubles that are known, causes before their effects."""


class Finding(NamedTuple):
    """Something to look at."""

    trouble: str
    """One of `CAUSES`."""
    node: str | None
    """Where it begins; None if that is no node of the graph."""
    words: str
    """What is the case, and relative to what."""
    step: int = 0
    """Of the training: when it is seen first."""

    def __str__(self) -> str:
        return f"{self.trouble}{f' in {self.node}' if self.node else ''}: {self.words}"


def findings(program: Program, cotangents: Sequence[Any], unreached: Iterable[str] = ()) -> tuple[Finding, ...]:
    """What is to be pointed at in a program: at most a handful, each kind of trouble once, the first cause first.

    Parameters
    ----------
    program : Program
        A forward pass.
    cotangents : sequence of arrays or None
        What the backward pass brings to each of its steps.
    unreached : iterable of str
        The parameters that the model holds, but that the result does not depend on.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.graph.facts import observe
    >>> w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> X = np.linspace(-1, 1, 20)[:, np.newaxis] * [1.0, 5000.0]
    >>> for finding in observe(lambda X: np.mean(np.tanh(X @ w)), X).findings:
    ...     print(finding)
    unscaled input in n1: feature 1 of X ranges over 10,000, feature 0 over 2: one step size cannot fit both
    """
    network = Network(program, [*cotangents])
    signs = (data_troubles, leaks, not_finite, exploding, dead_units, saturation, vanishing, frozen)
    cut_off = (
        Finding("frozen parameter", None, f"the loss does not depend on {name}: it is cut off by detach, or not used")
        for name in (unreached if network.is_loss else ())
    )
    with np.errstate(all="ignore"):
        return first_causes([*(finding for sign in signs for finding in sign(network)), *cut_off])


# Signs in one pass ------------------------------------------------------------------------------------


def data_troubles(network: Network) -> Iterator[Finding]:
    for data in network.features():
        node, unknown = f"n{data.node}", int(np.isnan(data.array).sum())
        if unknown:
            words = f"{unknown:,} of {data.array.size:,} numbers in {data.name} are nan, and so is what they go into"
            yield Finding("nan in the data", node, words)
        elif data.array.ndim == 2 and len(data.array) >= ENOUGH:
            yield from feature_troubles(node, data)
        elif data.array.size >= ENOUGH:
            yield from size_troubles(node, data.name, data.array)


def feature_troubles(node: str, data: Data) -> Iterator[Finding]:
    """Of samples in rows and features in columns."""
    X, name = data.array.astype(float), data.name
    ranges = np.ptp(X, axis=0)
    flat, changing = np.flatnonzero(ranges == 0), np.flatnonzero(ranges)
    if not changing.size:
        return  # no features, but a state to begin with
    sparse = np.mean(X[:, changing] == 0) > 0.2
    for column in flat if data.whole else ():
        value = X[0, column]
        if (value == 0 and sparse) or (value == 1 and len(flat) == 1 and not data.biased):
            continue  # a word that does not occur; the intercept
        words = (
            f"feature {column} of {name} is {value:.4g} in all of {len(X):,} samples: nothing can be learned from it"
        )
        yield Finding("constant feature", node, words)
    wide, narrow = changing[np.argmax(ranges[changing])], changing[np.argmin(ranges[changing])]
    if ranges[wide] > SPREAD * ranges[narrow]:
        words = (
            f"feature {wide} of {name} ranges over {digits(ranges[wide])}, feature {narrow} over "
            f"{digits(ranges[narrow])}: one step size cannot fit both"
        )
        yield Finding("unscaled input", node, words)
    else:
        yield from size_troubles(node, name, X[:, changing])


def digits(number: float) -> str:
    """In four digits: 8,036."""
    return f"{float(f'{number:.4g}'):,.9g}"


def size_troubles(node: str, name: str, X: Array) -> Iterator[Finding]:
    scale = float(np.sqrt(np.mean(np.square(X, dtype=float))))
    if scale > LARGE or 0 < scale < SMALL:
        words = f"the numbers in {name} are about {scale:.2g} in size, where weights of usual sizes expect about 1"
        yield Finding("unscaled input", node, words)


def leaks(network: Network) -> Iterator[Finding]:
    targets = [column for target in network.targets() for column in columns_of(target)]
    if targets and network.is_loss and network.layers and network.steps[network.outputs[0]].value == 0:
        words = "the loss is exactly 0, as noise never lets it be: is something compared with itself?"
        yield Finding("loss of zero", f"n{network.outputs[0]}", words)
    for data in network.features():
        if data.array.ndim != 2 or len(data.array) < ENOUGH or data.array.shape[1] < 2:
            continue
        features = between_0_and_1(data.array)
        for target, whole in targets:
            if whole.shape == data.array.shape or len(target) != len(features):
                continue  # who learns to give back what goes in is no cheat
            for column in columns_like(features, between_0_and_1(target[:, np.newaxis])):
                words = f"feature {column} of {data.name} is the label itself, up to scale: there is nothing to learn"
                yield Finding("label among the inputs", f"n{data.node}", words)


def between_0_and_1(columns: Array) -> Array:
    """Each column from its least to its greatest; one that is constant becomes nan."""
    least = np.min(columns, axis=0)
    return np.asarray((columns - least) / (np.max(columns, axis=0) - least))


def columns_like(features: Array, target: Array) -> Iterator[int]:
    """The columns that are the target, or fall where it rises."""
    for sample in (features, 1 - features):
        # the first rows tell nearly all apart
        for column in np.flatnonzero(np.all(np.abs(sample[:ENOUGH] - target[:ENOUGH]) < 1e-9, axis=0)):
            if np.all(np.abs(sample[:, column] - target[:, 0]) < 1e-9):
                yield int(column)


def columns_of(target: Array) -> Iterator[tuple[Array, Array]]:
    """The columns of targets, each with the whole; of the numbers of classes also whether it is the one or not."""
    if len(target) < ENOUGH or target.size > 50 * len(target):
        return
    for column in target.reshape(len(target), -1).T.astype(float):
        if not np.array_equal(column, np.arange(len(column))):  # an index
            yield column, target
            kinds = np.unique(column)
            if 2 < len(kinds) <= 20 and target.dtype.kind in "iu":
                yield from ((np.equal(column, kind).astype(float), target) for kind in kinds)


def not_finite(network: Network) -> Iterator[Finding]:
    def bad_before(number: int) -> list[int]:
        return [parent for parent in parents(network.steps[number]) if is_bad(network.steps[parent].value)]

    for number in network.outputs:
        if is_bad(network.steps[number].value):
            while before := bad_before(number):
                number = max(before, key=lambda parent: has_nan(network.steps[parent].value))
            what = "nan" if has_nan(network.steps[number].value) else "inf"
            words = f"{network.name(number)} gives {what} for arguments that are finite: it is here that it begins"
            if network.steps[number].primitive is None:
                words = f"{network.name(number)} itself holds {what}"
            yield Finding("nan or inf", f"n{number}", words)
    for leaf in sorted(network.trained):
        number = leaf
        if is_bad(network.cotangents[leaf]):
            while after := [user for user in network.users[number] if is_bad(network.cotangents[user])]:
                number = after[0]
            maker = next(iter(network.users[number]), number)
            words = (
                f"the value of {network.name(maker)} is finite, but its slope is not, and so is the gradient of "
                f"{network.name(leaf)}"
            )
            yield Finding("nan or inf", f"n{maker}", words)


def is_bad(value: Any) -> bool:
    return value is not None and not np.isfinite(value).all()


def has_nan(value: Any) -> bool:
    return bool(np.isnan(value).any())


class Use(NamedTuple):
    """Where parameters meet something else, or an activation in a chain of them."""

    size: float
    """Of the gradient there."""
    number: int
    parameters: frozenset[int]


def uses_of(network: Network) -> list[Use]:
    places = [(layer.step.number, layer.parameters) for layer in network.layers]
    if not places:
        places = [(step.number, frozenset(network.trained)) for step in network.steps if activation(step)]
    return [Use(network.size(number), number, parameters) for number, parameters in places]


def exploding(network: Network) -> Iterator[Finding]:
    uses = [use for use in uses_of(network) if use.size > 0]
    if not uses:
        return
    late, early = max(uses[-(len(uses) // 4) :]), max(uses)
    if early.size > STRONG * late.size:
        leaf = min(early.parameters)
        words = (
            f"on its way back through {len(uses)} uses of parameters the gradient grows from {late.size:.2g} to "
            f"{early.size:.2g}, where {network.name(leaf)} is used first"
        )
        yield Finding("exploding gradient", f"n{leaf}", words)


def vanishing(network: Network) -> Iterator[Finding]:
    strongest: dict[int, Use] = {}
    uses = uses_of(network)
    for use in uses:
        for leaf in use.parameters if network.layers else ():
            strongest[leaf] = max(strongest.get(leaf, use), use)
    places = [(use, leaf) for leaf, use in strongest.items()] or [(use, min(network.trained)) for use in uses]
    later = Use(0.0, -1, frozenset())
    weak = []
    for use, leaf in sorted(places, key=lambda place: place[0].number, reverse=True):
        if 0 < use.size < WEAK * later.size < inf:
            weak.append((use, leaf, later))
        later = max(later, use)
    sizes = {use.number: use.size for use in uses}
    for use, leaf, later in reversed(weak):
        before = network.reached_from([use.number]) & sizes.keys()
        if all(sizes[number] < WEAK * later.size for number in before):  # or else there is a way around it
            words = (
                f"of the gradient at {network.name(later.number)} (n{later.number}), {use.size / later.size:.0e} is "
                f"left where it comes to {network.name(leaf)}: one step size cannot fit both"
            )
            yield Finding("vanishing gradient", f"n{leaf}", words)
            return


def dead_units(network: Network) -> Iterator[Finding]:
    for step in network.steps:
        what = activation(step)
        share = dead(*what) if what else None
        if share is not None and share > MOST:
            units = step.shape[1] if len(step.shape) > 3 else step.shape[-1]
            samples = prod(step.shape) // units
            if samples >= ENOUGH:
                words = (
                    f"{round(share * units):,} of {units:,} units are 0 for all of {samples:,} samples: they pass no "
                    f"gradient on, and do not come back"
                )
                yield Finding("dead units", f"n{step.number}", words)


def saturation(network: Network) -> Iterator[Finding]:
    for step in network.steps:
        what = activation(step) if step.number in network.hidden and prod(step.shape) >= ENOUGH else None
        share = saturated(*what) if what else None
        if what and share is not None and share > MOST and not network.is_aside(step):
            words = (
                f"{share:.0%} of {prod(step.shape):,} outputs are where {what[0]} has less than a hundredth of its "
                f"steepest slope: hardly any gradient gets through"
            )
            yield Finding("saturation", f"n{step.number}", words)
            return


def frozen(network: Network) -> Iterator[Finding]:
    factors = frozenset().union(*(layer.parameters for layer in network.layers if layer.is_product))
    still = [leaf for leaf in sorted(network.trained) if network.size(leaf) == 0]
    # what is multiplied with weights that begin at 0 gets its gradient after the first step
    zeros = any((value := network.steps[leaf].value) is not None and not value.any() for leaf in factors)
    if network.is_loss and len(still) < len(network.trained) and not zeros:
        for leaf in still:
            words = f"the gradient of {network.name(leaf)} is exactly 0, while that of other parameters is not"
            yield Finding("frozen parameter", f"n{leaf}", words)


def activation(step: Step) -> tuple[str, Array] | None:
    """The name and the value of what may be an activation; None for a user's primitive, whatever its name."""
    if step.primitive is None or step.value is None or PRIMITIVES.get(step.primitive.name) is not step.primitive:
        return None
    if step.primitive.name == "maximum" and any(
        not isinstance(other, Result) and np.ndim(other) == 0 and other == 0 for other in step.arguments.values()
    ):
        return "relu", step.value
    return step.primitive.name, step.value


# In the course of a training -------------------------------------------------------------------------


def first_causes(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """A handful: each trouble once, the earliest first, and of those of the same time causes before effects."""
    first: dict[str, Finding] = {}
    for finding in sorted(found, key=lambda finding: (finding.step, CAUSES.index(finding.trouble))):
        first.setdefault(finding.trouble, finding)
    return tuple(first.values())[:HANDFUL]


def rise(losses: Sequence[float | None]) -> tuple[int, int] | None:
    """From which moment to which the loss has risen as too large steps make it rise; None if it never does.

    That is above the best so far by more than all that was gained, and by more than half of the first loss; or the
    first of three times that it rises by a tenth of that. Of a loss that can be negative, its whole fall counts in the
    place of the first.

    >>> rise([1.0, 0.5, 0.6, 0.3]), rise([1.0, 0.8, 30.0]), rise([1.0, 0.5, 0.9, 0.5, 0.9, 0.5, 0.9])
    (None, (1, 2), (1, 2))
    """
    known: list[float] = []
    for loss in losses:
        if loss is None:
            break
        known.append(loss)
    if not known:
        return None
    scale = max(abs(known[0]), known[0] - min(known))
    best, rises = 0, []
    for moment in range(1, len(known)):
        if known[moment] - known[best] > max(known[0] - known[best], scale / 2):
            return best, moment
        if known[moment] - known[moment - 1] > scale / 10:
            rises.append((moment - 1, moment))
        if len(rises) == 3:
            return rises[0]
        best = moment if known[moment] < known[best] else best
    return None
