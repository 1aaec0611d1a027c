"""The command line, ``autograd-nn``: a thin door to the tutorial networks and to the proof of gradients."""

from __future__ import annotations

import argparse
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from runpy import run_path
from tempfile import TemporaryFile
from time import perf_counter
from typing import Any, NoReturn

import numpy as np

from autograd_nn import Tensor
from autograd_nn.tutorials.network import InputError

__all__ = ["main"]

EXTRA = ("matplotlib", "pooch", "rich", "sklearn")
"""What the `learn` extra installs."""


class Parser(argparse.ArgumentParser):
    """One line for an error, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


@dataclass
class Page:
    """What is printed: paragraphs, formulas, tables, progress."""

    console: Any

    def heading(self, text: str) -> None:
        self.console.print(f"\n{text}", style="bold")

    def say(self, text: str) -> None:
        self.console.print(f"\n{textwrap.fill(text, 80, break_long_words=False, break_on_hyphens=False)}")

    def formulas(self, text: str) -> None:
        self.console.print(f"\n{textwrap.indent(textwrap.dedent(text).strip(), '    ')}", style="cyan")

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Columns of text, all but the first flush right."""
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        table = Table(box=SIMPLE_HEAD)
        for k, head in enumerate(heads):
            table.add_column(head, justify="right" if k else "left", no_wrap=True)
        for row in rows:
            table.add_row(*row)
        self.console.print(table)

    @contextmanager
    def progress(self, unit: str, total: int, quantity: str = "loss") -> Iterator[Callable[[int, float], None]]:
        """A callback for losses as they are recorded: a bar on a terminal, some ten lines anywhere else."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        start = perf_counter()
        if self.console.is_terminal:
            columns = (unit, "{task.completed:,}", quantity, "{task.fields[loss]:.6f}", "{task.fields[rate]:,.0f}/s")
            bar = Progress(BarColumn(), *map(TextColumn, columns), TimeRemainingColumn(), console=self.console)
            with bar:
                task = bar.add_task(unit, total=total, loss=np.nan, rate=0)
                yield lambda k, loss: bar.update(task, completed=k, loss=loss, rate=k / (perf_counter() - start))
                bar.update(task, completed=total)
        else:
            tenths = set()

            def line(k: int, loss: float) -> None:
                if 10 * k // total not in tenths:
                    tenths.add(10 * k // total)
                    self.console.print(f"    {unit} {k:>6,}    {quantity} {loss:.6f}")

            self.console.print()
            yield line
        seconds = perf_counter() - start
        self.console.print(f"    {seconds:.2g} s, {total / seconds:,.0f} a second")

    def written(self, loss: Tensor, graph: Path, pictures: list[Path]) -> None:
        """Draw the graph of the loss, and list it with the other pictures."""
        from autograd_nn.draw import RendererMissing, draw

        try:
            graphs = [draw(loss, graph.with_suffix(suffix)) for suffix in (".svg", ".png")]
        except RendererMissing as missing:
            self.console.print(f"\n{missing}")
            graphs = [draw(loss, graph.with_suffix(".dot"))]
        self.console.print(f"\nWritten to {graph.parent}:")
        for path in (*pictures, *graphs):
            self.console.print(f"    {path.name}")


def converged(loss: float) -> None:
    """Refuse to go on with a network whose training diverged."""
    if not isfinite(loss):
        raise InputError(f"the training diverged, the loss is {loss}: try a smaller --learning-rate")


def run_moons(args: argparse.Namespace, page: Page, out: Path) -> None:
    from autograd_nn.tutorials import moons

    widths = [args.hidden] * (args.layers - 2)
    X, y = moons.data(args.classes, args.seed)
    settings = {
        "learning_rate": args.learning_rate,
        "seed": args.seed,
        "batch_size": args.batch_size,
        "anneal": args.anneal,
        "activation": args.activation,
        "classes": args.classes,
    }
    shape = " - ".join(map(str, (2, *widths, args.classes)))
    page.heading(f"{'Three' if args.classes == 3 else 'Two'} moons, and a network of layers {shape}")
    page.say(
        f"{len(y)} points lie on interleaved half circles, with noise. No straight line can separate them; "
        f"a network can bend its boundary around them."
    )
    logits = "X"
    for k in range(1, args.layers):
        logits = f"{logits} @ W{k} + b{k}"
        if k < args.layers - 1:
            logits = f"{args.activation}({logits})"
    penalty = " + ".join(f"(W{k}**2).sum()" for k in range(1, args.layers))
    page.formulas(f"""
        logits = {logits}
        loss   = -log_softmax(logits)[points, y].sum()
                 + 0.01 / 2 * ({penalty})
    """)
    page.say("This is all that is written down: loss.backward() finds the gradient of every weight.")
    batch = "all points at once" if args.batch_size is None else f"minibatches of {args.batch_size} points"
    annealed = f" / (1 + {args.anneal:g} * pass)" if args.anneal else ""
    page.say(f"Gradient descent, {args.passes:,} passes, {batch}, learning rate {args.learning_rate:g}{annealed}:")
    with page.progress("pass", args.passes) as on_record:
        network = moons.train(widths, args.passes, on_record=on_record, **settings)
    converged(network.losses[-1][1])

    losses = dict(network.losses)
    line = moons.baseline(X, y)
    rows = [
        ("points right, logistic regression", "0.850", f"{np.mean(line.predict(X) == y):.3f}"),
        ("points right, the network", "0.975", f"{network.train_accuracy:.3f}"),
        ("loss per point after the first pass", "0.432387", f"{losses[0]:.6f}"),
        ("loss per point at the end", "0.071316", f"{network.losses[-1][1]:.6f}"),
    ]
    compare(page, rows, args.as_published)
    if args.as_published:
        page.say(
            "The step is a little too long for this valley: the passes end up leaping between its two sides, where the "
            "loss is 0.070758 and 0.071316, and either is right. With --anneal 0.001 they settle between them."
        )
    paths = moons.draw_pictures(network, line, X, y, out)
    if args.gallery:
        page.say("The gallery: one hidden layer of h units, trained alike.")
        networks = {}
        for hidden in moons.GALLERY:
            networks[hidden] = moons.train(hidden, args.passes, **settings)
            page.console.print(f"    h = {hidden:<3} {networks[hidden].train_accuracy:.3f} of the points right")
        paths.append(moons.draw_gallery(networks, X, y, out))
    page.written(moons.expression(network, args.classes, args.seed), out / "moons-graph", paths)


def run_neuron(args: argparse.Namespace, page: Page, out: Path) -> None:
    from autograd_nn.tutorials import neuron

    page.heading("One neuron")
    page.say(
        "A neuron compares its input with its weights: the dot product says how similar they are, the sigmoid "
        "makes a prediction between 0 and 1 of it, and the squared error says how wrong that is."
    )
    page.formulas("""
        prediction = sigmoid(x @ weights + bias)
        error      = (prediction - target)**2
    """)
    page.say("By hand first. Two vectors of weights, which is more similar to the input? And two inputs to predict:")
    numbers = neuron.worked_numbers()
    labels = {
        "first_similarity": ("[1.72, 1.23] . [1.26, 0]", "2.1672"),
        "second_similarity": ("[1.72, 1.23] . [2.17, 0.32], the nearer one", "4.126"),
        "first_prediction": ("prediction for [1.66, 1.56], target 1", "0.79857310"),
        "second_prediction": ("prediction for [2, 1.5], target 0: wrong", "0.87101915"),
        "error": ("its error", "0.75867436"),
        "derivative": ("slope of the error by the prediction", "1.74203830"),
        "corrected_prediction": ("prediction for [2, 1.5], slope subtracted", "0.01496248"),
        "corrected_error": ("its error", "0.00022388"),
        "first_prediction_then": ("but then for [1.66, 1.56]: now wrong", "0.01431593"),
        "slope_of_error_by_bias": ("chain rule: slope of the error by the bias", "0.00044105"),
    }
    compare(
        page, [(*labels[name], f"{number:.{decimals(labels[name][1])}f}") for name, number in numbers.items()], True
    )
    page.say(
        f"So the steps must be small, and learn from every input in turn. {args.iterations:,} steps on eight points, "
        f"learning rate {args.learning_rate:g}:"
    )
    with page.progress("step", args.iterations, "error") as on_record:
        trained = neuron.train(args.learning_rate, args.iterations, args.seed, on_record=on_record)
    page.say("What it has learned:")
    predictions = zip(neuron.INPUTS, neuron.TARGETS, trained.predict(neuron.INPUTS), strict=True)
    page.table(
        ("input", "target", "prediction"), [(f"{x[0]:g}, {x[1]:g}", f"{t}", f"{p:.3f}") for x, t, p in predictions]
    )
    page.say(
        "No straight line has more than six of these points right, so the error cannot go to 0, and it rocks with "
        "every point that was learned from last: look at the error curve."
    )
    page.written(neuron.expression(trained), out / "neuron-graph", neuron.draw_pictures(trained, out))


def decimals(number: str) -> int:
    """How many decimals were published."""
    return len(number.partition(".")[2])


def run_heart(args: argparse.Namespace, page: Page, out: Path) -> None:
    from autograd_nn.tutorials import heart

    heart.check_layers(args.layers)
    patients = heart.split(*heart.load(heart.download() if args.data is None else args.data))
    page.heading(f"Heart disease, and a network of layers {' - '.join(map(str, args.layers))}")
    page.say(
        f"13 measurements of each of {len(patients.y_train) + len(patients.y_test)} patients, and whether they have a "
        f"heart disease. The network learns from {len(patients.y_train)} of them and is tested on the others."
    )
    page.formulas(HEART_LOSSES[args.loss])
    page.say("This is all that is written down: loss.backward() finds the gradient of every weight.")
    page.say(f"Gradient descent, {args.iterations:,} iterations, learning rate {args.learning_rate:g}:")
    with page.progress("iteration", args.iterations) as on_record:
        network = heart.train(
            args.layers, args.learning_rate, args.iterations, args.seed, args.data, args.loss, on_record=on_record
        )
    converged(network.losses[-1])
    baselines = heart.baselines(patients)
    rows = [
        ("mean loss at the beginning", "1.406818", f"{network.losses[0]:.6f}"),
        ("mean loss at the end", "0.278311", f"{network.losses[-1]:.6f}"),
        ("training patients right", "188 of 216", right(network.train_accuracy, len(patients.y_train))),
        ("test patients right", "41 of 54", right(network.test_accuracy, len(patients.y_test))),
        ("  saying the commoner of the two", "32 of 54", right(baselines["majority"], len(patients.y_test))),
        ("  logistic regression", "41 of 54", right(baselines["logistic regression"], len(patients.y_test))),
    ]
    compare(page, rows, args.as_published)
    longer = heart.train((13, 10, 1), 0.01, 500, args.seed, args.data, args.loss)
    turn = int(np.argmin(longer.test_losses))
    learned = right(longer.train_accuracy, len(patients.y_train))
    page.say(
        f"More is not better: layers 13 - 10 - 1, learning rate 0.01 and 500 iterations bring the training loss to "
        f"{longer.losses[-1]:.4f}, with {learned} right. But the test loss is least at iteration {turn} "
        f"({longer.test_losses[turn]:.3f}) and {longer.test_losses[-1]:.3f} at the end, with "
        f"{right(longer.test_accuracy, len(patients.y_test))} right: the network has learned its patients by heart."
    )
    runs = {
        f"{' - '.join(map(str, args.layers))}, rate {args.learning_rate:g}": network,
        "13 - 10 - 1, rate 0.01": longer,
    }
    paths = [*heart.draw_pictures(network, patients, out), heart.draw_overfitting(runs, out)]
    page.written(heart.expression(network, patients, args.loss), out / "heart-graph", paths)


HEART_LOSSES = {
    "logits": """
        z    = relu(X @ W1 + b1) @ W2 + b2          probability of disease: sigmoid(z)
        loss = logsumexp([0, (1 - 2 * y) * z]).sum()
    """,
    "clipped": """
        p    = sigmoid(relu(X @ W1 + b1) @ W2 + b2)
        loss = -(y * log(max(p, 1e-10)) + (1 - y) * log(max(1 - p, 1e-10))).sum()
    """,
}


def right(accuracy: float, patients: int) -> str:
    """'41 of 54'."""
    return f"{round(accuracy * patients)} of {patients}"


def compare(page: Page, rows: list[tuple[str, str, str]], as_published: bool) -> None:
    """What was measured, beside what was published if that was with the same settings."""
    if as_published:
        page.table(("", "published", "here"), rows)
    else:
        page.table(("", "here"), [(what, here) for what, _, here in rows])


# Proving a function's gradient ------------------------------------------------------------------------


def run_check(args: argparse.Namespace) -> int:
    """Print the report on a user's function, or what is wrong with its gradient; 1 unless it is right."""
    from autograd_nn.testing import GradientError, check_gradients

    f = function_in(args.function)
    rng = np.random.default_rng(args.seed)
    with np.errstate(all="ignore"):
        for draw in (rng.standard_normal, lambda shape: rng.uniform(0.1, 0.9, shape)):  # the latter are in most domains
            inputs = drawn(f, dict(args.shape), draw)
            try:
                value = f(*inputs)
            except Exception as error:  # whatever the user's function raises
                shapes = ", ".join(f"{np.shape(x)}" for x in inputs)
                raise InputError(
                    f"the function raises {type(error).__name__} with arguments of the shapes {shapes}: {error}; "
                    f"give others with --shape NAME=2,3"
                ) from error
            if all(np.isfinite(leaf).all() for leaf in values(value)):
                break
    try:
        report = check_gradients(f, *inputs, order=args.order, seed=args.seed)
    except GradientError as error:
        print(error)
        return 1
    print(report)
    if not report:
        print("Nothing is proved by these arguments: try another --seed.")
    return 0 if report else 1


def function_in(place: str) -> Callable[..., Any]:
    """The function that ``FILE.py:function`` means."""
    file, _, name = place.rpartition(":")
    if not file or not name.isidentifier():
        raise InputError(f"write FILE.py:function for what to check: got {place!r}")
    if not Path(file).is_file():
        raise InputError(f"there is no file {file}")
    sys.path.insert(0, str(Path(file).parent))  # as python FILE.py would, for what it imports
    found = run_path(file)
    if name not in found:
        functions = [
            key
            for key, value in found.items()
            if inspect.isfunction(value) and not value.__module__.startswith("autograd_nn")
        ]
        raise InputError(f"{file} has no {name}; its functions are {', '.join(functions) or 'none'}")
    if not callable(found[name]):
        raise InputError(f"{name} in {file} is not a function: it is {found[name]!r}")
    return found[name]


def drawn(f: Callable[..., Any], shapes: dict[str, tuple[int, ...]], draw: Callable[..., Any]) -> list[Any]:
    """An argument for each parameter: random of the given shape, else its default, else one random number."""
    parameters = inspect.signature(f).parameters.values()
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    names = [p.name for p in positional]
    for name in shapes:
        if name not in names:
            raise InputError(f"--shape {name}: the parameters of the function are {', '.join(names) or 'none'}")
    return [
        np.asarray(draw(shapes.get(p.name, ()))) if p.name in shapes or p.default is p.empty else p.default
        for p in positional
    ]


def values(result: Any) -> list[Any]:
    """The arrays in what a function returned."""
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, (tuple, list)):
        return [value for item in result for value in values(item)]
    return [result.data if isinstance(result, Tensor) else result]


def named_shape(text: str) -> tuple[str, tuple[int, ...]]:
    """``x=2,3``; ``x=`` for a number."""
    name, equals, sides = text.partition("=")
    try:
        shape = tuple(int(side) for side in sides.split(",") if side)
    except ValueError:
        shape = (-1,)
    if not equals or not name.isidentifier() or min(shape, default=0) < 0:
        raise argparse.ArgumentTypeError(f"write name=2,3 for the shape of an argument: got {text!r}")
    return name, shape


# The flags --------------------------------------------------------------------------------------------


def at_least(low: int, kind: type[int] | type[float] = int) -> Callable[[str], float]:
    """The type of a flag: a number that is not smaller."""

    def parsed(text: str) -> float:
        number = kind(text)
        if not number >= low:
            raise argparse.ArgumentTypeError(f"must be at least {low}: got {text}")
        return number

    parsed.__name__ = kind.__name__
    return parsed


def parser() -> Parser:
    top = Parser(
        prog="autograd-nn",
        description="Three tutorial networks as tensor expressions: trained, explained, their graphs drawn. And a "
        "check of the gradient of a function of yours.",
        epilog="More about one of them: autograd-nn NAME --help",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="NAME")

    def command(name: str, run: Callable[..., None], seed: int, help: str) -> Callable[..., Any]:
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(run=run)
        added.add_argument("--out", type=Path, default=Path("out", name), help="folder for the pictures: %(default)s")
        added.add_argument("--seed", type=at_least(0), default=seed, help="random seed: %(default)s")
        return added.add_argument

    flag = command("moons", run_moons, 0, "A network of three layers learns to tell two moons apart.")
    flag("--hidden", type=at_least(1), default=3, help="units in a hidden layer: %(default)s")
    flag("--layers", type=at_least(2), default=3, help="number of layers, input and output too: %(default)s")
    flag("--passes", type=at_least(1), default=20_000, help="passes through the points: %(default)s")
    flag("--learning-rate", type=at_least(0, float), default=0.01, help="size of the steps: %(default)s")
    flag("--batch-size", type=at_least(1), help="points in a minibatch: all in one step")
    flag("--anneal", type=at_least(0, float), default=0.0, help="learning rate / (1 + ANNEAL * pass): %(default)s")
    flag("--activation", choices=("tanh", "relu", "sigmoid"), default="tanh", help="of the hidden layers: %(default)s")
    flag("--classes", type=int, choices=(2, 3), default=2, help="how many moons: %(default)s")
    flag("--gallery", action="store_true", help="also train and show h = 1, 2, 3, 4, 5, 20, 50")

    flag = command("neuron", run_neuron, 0, "One sigmoid neuron, by hand and then trained on eight points.")
    flag("--learning-rate", type=at_least(0, float), default=0.1, help="size of the steps: %(default)s")
    flag("--iterations", type=at_least(1), default=10_000, help="number of steps: %(default)s")

    flag = command("heart", run_heart, 1, "A network tells from 13 measurements who has a heart disease.")
    flag("--data", type=Path, help="where heart.dat is: downloaded once and kept")
    flag("--loss", choices=HEART_LOSSES, default="logits", help="from logits, or as published: %(default)s")
    flag("--layers", type=at_least(1), nargs="+", default=[13, 8, 1], help="widths of the layers: 13 8 1")
    flag("--learning-rate", type=at_least(0, float), default=0.001, help="size of the steps: %(default)s")
    flag("--iterations", type=at_least(1), default=100, help="number of steps: %(default)s")

    help = "Is the gradient of a function right? Status 1 and what is wrong with it, if not."
    check = commands.add_parser("check", help=help, description=help)
    flag = check.add_argument
    flag("function", metavar="FILE.py:function", help="a function of Tensors or arrays")
    flag(
        "--shape",
        type=named_shape,
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=2,3",
        help="shapes of arguments; of the others the default is taken, or a random number",
    )
    flag("--order", type=int, choices=(1, 2), default=1, help="2 for second derivatives as well: %(default)s")
    flag("--seed", type=at_least(0), default=0, help="random seed: %(default)s")
    return top


def is_published(args: argparse.Namespace, defaults: argparse.Namespace) -> bool:
    """Whether no flag that changes the numbers differs from what was published."""
    return all(
        value == getattr(defaults, name)
        for name, value in vars(args).items()
        if name not in ("out", "data", "loss", "gallery")
    )


def writable(out: Path) -> Path:
    """The folder, made if need be; refused before the work rather than after it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=out).close()
    except OSError as error:
        raise InputError(f"--out {out} cannot be written to: {error.strerror}") from error
    return out


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status, 2 for something that the user can put right."""
    flags = parser()
    args = flags.parse_args(arguments)
    if args.command == "check":
        try:
            return run_check(args)
        except InputError as error:
            print(f"autograd-nn check: {error}", file=sys.stderr)
            return 2
    args.as_published = is_published(args, flags.parse_args([args.command]))
    try:
        import matplotlib  # noqa: F401 (needed at the end, missed at once)
        from rich.console import Console

        with np.errstate(all="ignore"):
            args.run(args, Page(Console(markup=False, highlight=False, soft_wrap=True)), writable(args.out))
    except ModuleNotFoundError as missing:
        package = str(missing.name).partition(".")[0]
        if package not in EXTRA:
            raise
        message = f'{package} is not installed: run `pip install "autograd_nn[learn]"`'
    except (InputError, OSError) as error:
        message = str(error)
    else:
        return 0
    print(f"autograd-nn {args.command}: {message}", file=sys.stderr)
    return 2
