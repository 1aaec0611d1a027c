"""The command line, ``autograd-nn``: a thin door to the tutorial networks, to proofs of gradients and to drawings."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NoReturn

import numpy as np

from autograd_nn import Tensor, __version__
from autograd_nn.cli.target import example_inputs, named, plain, positional, said
from autograd_nn.engine.errors import InputError
from autograd_nn.tutorials.narration import HEART_LOSSES, tell_heart, tell_moons, tell_neuron
from autograd_nn.tutorials.pictures import STYLES
from autograd_nn.tutorials.terminal import Page

__all__ = ["main"]

OPTIONS = ("values", "gradients", "backward", "profile", "kept", "collapse", "max_nodes")
"""Those of `autograd_nn.draw.draw`, each a flag."""

EXTRA = ("matplotlib", "rich", "sklearn")
"""What the `learn` extra installs."""

USAGE, INTERRUPTED = 2, 130
"""Statuses: something that the user can put right; Ctrl-C, as shells have it. 1 is for a gradient that is not right."""


class Parser(argparse.ArgumentParser):
    """One line for an error, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {' '.join(message.split())}\n")


# The commands -----------------------------------------------------------------------------------------


def run_tutorial(args: argparse.Namespace) -> int:
    """Tell the story of a tutorial network on the terminal, with its pictures in a folder."""
    import matplotlib  # noqa: F401 (needed at the end, missed at once)
    from rich.console import Console

    args.as_published = is_published(args, parser().parse_args([args.command]))
    page = Page(Console(markup=False, highlight=False, soft_wrap=True))
    with np.errstate(all="ignore"):
        args.tell(args, page, writable(args.out))
    return INTERRUPTED if page.interrupted else 0


def is_published(args: argparse.Namespace, defaults: argparse.Namespace) -> bool:
    """Whether no flag that changes the numbers differs from what was published."""
    return all(
        value == getattr(defaults, name)
        for name, value in vars(args).items()
        if name not in ("out", "theme", "data", "loss", "gallery")
    )


def writable(out: Path) -> Path:
    """The folder, made if need be; refused before the work rather than after it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=out).close()
    except OSError as error:
        raise InputError(f"--out {out} cannot be written to: {error.strerror}") from error
    return out


def run_check(args: argparse.Namespace) -> int:
    """Print the report on a user's function, or what is wrong with its gradient; 1 unless it is right."""
    from autograd_nn.testing import GradientError, check_gradients

    shapes = each_once(args.shape)
    f = positional(named(args.function), shapes)
    inputs = example_inputs(f, shapes, args.seed)
    try:
        report = check_gradients(f, *inputs, order=args.order, seed=args.seed)
    except GradientError as error:
        print(error)
        return 1
    except (Exception, SystemExit) as error:  # whatever the user's function raises, now that it is called with Tensors
        raise InputError(said(error)) from error
    print(report)
    if not report:
        print("Nothing is proved by these arguments: try another --seed.")
    return 0 if report else 1


def run_draw(args: argparse.Namespace) -> int:
    """Draw the graph of a user's function, or of a Tensor: to a file, or else as text on the terminal."""
    from autograd_nn.draw import RendererMissing, draw
    from autograd_nn.draw.drawing import SUFFIXES

    shapes = each_once(args.shape)
    suffix = ".txt" if args.out is None else args.out.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"--out must end in one of {', '.join(SUFFIXES)}: got {args.out}")
    if suffix == ".txt" and args.direction is not None:
        raise InputError(f"--direction {args.direction} is for a picture: name its file with --out")
    if args.out is not None and not args.out.parent.is_dir():
        raise InputError(f"--out: there is no folder {args.out.parent}")
    what = named(args.function, Tensor)
    inputs: list[Any] = []
    if not isinstance(what, Tensor):
        what = positional(what, shapes)
        inputs = example_inputs(what, shapes, args.seed)
    elif shapes:
        raise InputError(f"--shape is for the arguments of a function: {args.function} is a Tensor")
    options = {option: getattr(args, option) for option in OPTIONS}
    try:
        drawing = draw(what, *inputs, direction=args.direction or "down", **options)
    except (Exception, SystemExit) as error:  # whatever the user's function raises, now that it is called with Tensors
        raise InputError(said(error)) from error
    try:
        print(drawing if args.out is None else f"Written to {drawing.save(args.out)}")
        print(*(f"Look at {finding}\n" for finding in drawing.findings), sep="", end="")
    except RendererMissing as missing:
        raise InputError(str(missing)) from missing
    return 0


# The flags --------------------------------------------------------------------------------------------


def named_shape(text: str) -> tuple[str, tuple[int, ...]]:
    """``x=2,3``; ``x=`` for a number."""
    name, equals, sides = text.partition("=")
    try:
        shape = tuple(int(side) for side in sides.split(",")) if sides else ()
    except ValueError:
        shape = (-1,)
    if not equals or not name.isidentifier() or min(shape, default=0) < 0:
        raise argparse.ArgumentTypeError(f"write name=2,3, a shape for an argument of the function: got {text!r}")
    return name, shape


def each_once(given: list[tuple[str, tuple[int, ...]]]) -> dict[str, tuple[int, ...]]:
    """The shapes by name."""
    shapes = dict(given)
    if len(shapes) < len(given):
        names = [name for name, _ in given]
        raise InputError(f"--shape {next(name for name in names if names.count(name) > 1)}= is given twice")
    return shapes


def at_least(low: int, kind: type[int] | type[float] = int, most: float = np.inf) -> Callable[[str], float]:
    """The type of a flag: a finite number that is not smaller, nor larger than the most."""

    def parsed(text: str) -> float:
        number = kind(text)
        if not low <= number <= most or number == np.inf:
            limit = f" and at most {most:,}" if most < np.inf else " and finite" if number == np.inf else ""
            raise argparse.ArgumentTypeError(f"must be at least {low}{limit}: got {text}")
        return number

    parsed.__name__ = kind.__name__
    return parsed


def parser() -> Parser:
    top = Parser(
        prog="autograd-nn",
        description="Three tutorial networks as tensor expressions: trained, explained, their graphs drawn. And of "
        "a function of yours: a check of its gradient, a drawing of its graph.",
        epilog="More about one of them: autograd-nn NAME --help",
    )
    top.add_argument("--version", action="version", version=f"autograd-nn {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="NAME")

    def command(name: str, help: str, seed: int = 0, **defaults: Any) -> Callable[..., Any]:
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(**defaults)
        added.add_argument("--seed", type=at_least(0, most=2**32 - 1), default=seed, help="random seed: %(default)s")
        return added.add_argument

    def tutorial(
        tell: Callable[..., None], name: str, help: str, iterations: tuple[int, str], rate: float, seed: int = 0
    ) -> Callable[..., Any]:
        flag = command(name, help, seed, run=run_tutorial, tell=tell)
        flag("-o", "--out", type=Path, default=Path("out", name), help="folder for the pictures: %(default)s")
        flag("--theme", choices=STYLES, default="light", help="the paper of the pictures: %(default)s")
        number, what = iterations
        names = ("--iterations", "--passes") if what == "passes" else ("--iterations",)
        flag(*names, type=at_least(1), default=number, metavar="N", help=f"number of {what}: %(default)s")
        flag("--learning-rate", type=at_least(0, float), default=rate, help="size of the steps: %(default)s")
        return flag

    def layered(flag: Callable[..., Any], hidden: int) -> None:
        flag("--hidden", type=at_least(1, most=10_000), default=hidden, help="units in a hidden layer: %(default)s")
        layers = "number of layers, input and output too: %(default)s"
        flag("--layers", type=at_least(2, most=100), default=3, help=layers)

    def about_function(run: Callable[..., int], name: str, help: str) -> Callable[..., Any]:
        flag = command(name, help, run=run)
        what = "a file (FILE.py:function) or module (package.module:function), and the name in it of what is meant"
        flag("function", metavar="PLACE:function", help=what)
        flag(
            "--shape",
            type=named_shape,
            nargs="+",
            action="extend",
            default=[],
            metavar="NAME=2,3",
            help="shapes of arguments; of the others the default is taken, or a random number",
        )
        return flag

    help = "A network of three layers learns to tell two moons apart."
    flag = tutorial(tell_moons, "moons", help, (20_000, "passes"), 0.01)
    layered(flag, 3)
    flag("--batch-size", type=at_least(1), help="points in a minibatch: all in one step")
    flag("--anneal", type=at_least(0, float), default=0.0, help="learning rate / (1 + ANNEAL * pass): %(default)s")
    flag("--activation", choices=("tanh", "relu", "sigmoid"), default="tanh", help="of the hidden layers: %(default)s")
    flag("--classes", type=int, choices=(2, 3), default=2, help="how many moons: %(default)s")
    flag("--gallery", action="store_true", help="also train and show h = 1, 2, 3, 4, 5, 20, 50")

    help = "One sigmoid neuron, by hand and then trained on eight points."
    tutorial(tell_neuron, "neuron", help, (10_000, "steps"), 0.1)

    help = "A network tells from 13 measurements who has a heart disease."
    flag = tutorial(tell_heart, "heart", help, (100, "iterations"), 0.001, seed=1)
    layered(flag, 8)
    flag("--data", type=Path, help="a file like heart.dat, which comes with the package")
    flag("--loss", choices=HEART_LOSSES, default="logits", help="from logits, or as published: %(default)s")

    help = "Is the gradient of a function right? Status 1 and what is wrong with it, if not."
    flag = about_function(run_check, "check", help)
    flag("--order", type=int, choices=(1, 2), default=1, help="2 for second derivatives as well: %(default)s")

    help = "Draw the graph of a function, of an object that can be called, or of a Tensor."
    flag = about_function(run_draw, "draw", help)
    flag("-o", "--out", type=Path, metavar="FILE", help="a .svg, .png, .pdf, .dot, .html or .txt file; else printed")
    flag("--values", action="store_true", help="show the values, or their statistics")
    flag("--gradients", action="store_true", help="show the gradients, or their statistics")
    flag("--backward", action="store_true", help="draw the graph of the backward pass too")
    flag("--profile", action="store_true", help="show the time and the bytes that each node takes")
    flag("--kept", action="store_true", help="show what is kept for the backward pass, in bytes")
    collapse = "fold the scopes; with a number, all but so many levels of them"
    flag("--collapse", type=at_least(0), nargs="?", const=True, default=False, metavar="LEVELS", help=collapse)
    flag("--max-nodes", type=at_least(0), help="of more than these the middle is left out: 200, on a page 1000")
    flag("--direction", choices=("down", "right"), help="of a picture, from the inputs to the result: down")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status, 2 for something that the user can put right."""
    if arguments is None:  # the process is ours
        if hasattr(signal, "SIGPIPE"):
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # where `| head` has read enough, end without a word
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    args = parser().parse_args(arguments)
    status = USAGE
    try:
        return args.run(args)
    except ModuleNotFoundError as missing:
        package = str(missing.name).partition(".")[0]
        if package not in EXTRA:
            raise
        message = f'{package} is not installed: run `pip install "autograd_nn[learn]"`'
    except KeyboardInterrupt:
        kept = f"; what is in {args.out} already is kept" if args.run is run_tutorial else ""
        message, status = f"interrupted{kept}", INTERRUPTED
    except MemoryError as error:
        message = f"not enough memory: {error}"
    except OSError as error:
        message = plain(error)
    except InputError as error:
        message = str(error)
    print(f"autograd-nn {args.command}: {' '.join(message.split())}", file=sys.stderr)
    return status
