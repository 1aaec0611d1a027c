"""The command line, ``autograd-nn``: a thin door to the tutorial networks, to proofs of gradients and to drawings."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NoReturn

import numpy as np

from autograd_nn import Tensor
from autograd_nn.cli.target import example_inputs, named
from autograd_nn.engine.errors import InputError
from autograd_nn.tutorials.narration import HEART_LOSSES, tell_heart, tell_moons, tell_neuron
from autograd_nn.tutorials.terminal import Page

__all__ = ["main"]

OPTIONS = ("values", "gradients", "backward", "profile", "kept", "collapse", "max_nodes", "direction")
"""Those of `autograd_nn.draw.draw`, each a flag."""

EXTRA = ("matplotlib", "pooch", "rich", "sklearn")
"""What the `learn` extra installs."""


class Parser(argparse.ArgumentParser):
    """One line for an error, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


# The commands -----------------------------------------------------------------------------------------


def run_tutorial(args: argparse.Namespace) -> int:
    """Tell the story of a tutorial network on the terminal, with its pictures in a folder."""
    import matplotlib  # noqa: F401 (needed at the end, missed at once)
    from rich.console import Console

    args.as_published = is_published(args, parser().parse_args([args.command]))
    with np.errstate(all="ignore"):
        args.tell(args, Page(Console(markup=False, highlight=False, soft_wrap=True)), writable(args.out))
    return 0


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


def run_check(args: argparse.Namespace) -> int:
    """Print the report on a user's function, or what is wrong with its gradient; 1 unless it is right."""
    from autograd_nn.testing import GradientError, check_gradients

    f = named(args.function)
    inputs = example_inputs(f, dict(args.shape), args.seed)
    try:
        report = check_gradients(f, *inputs, order=args.order, seed=args.seed)
    except GradientError as error:
        print(error)
        return 1
    print(report)
    if not report:
        print("Nothing is proved by these arguments: try another --seed.")
    return 0 if report else 1


def run_draw(args: argparse.Namespace) -> int:
    """Draw the graph of a user's function, or of a Tensor: to a file, or else as text on the terminal."""
    from autograd_nn.draw import draw
    from autograd_nn.draw.drawing import SUFFIXES

    if args.out is not None:
        if args.out.suffix.lower() not in SUFFIXES:
            raise InputError(f"--out must end in one of {', '.join(SUFFIXES)}: got {args.out}")
        if not args.out.parent.is_dir():
            raise InputError(f"--out: there is no folder {args.out.parent}")
    what = named(args.function, Tensor)
    if isinstance(what, Tensor) and args.shape:
        raise InputError(f"--shape is for the arguments of a function: {args.function} is a Tensor")
    inputs = [] if isinstance(what, Tensor) else example_inputs(what, dict(args.shape), args.seed)
    options = {option: getattr(args, option) for option in OPTIONS}
    try:
        drawing = draw(what, *inputs, **options)
        print(drawing if args.out is None else f"Written to {drawing.save(args.out)}")
        print(*(f"Look at {finding}\n" for finding in drawing.findings), sep="", end="")
    except (RuntimeError, TypeError, ValueError) as error:
        raise InputError(str(error)) from error
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
        raise argparse.ArgumentTypeError(f"write name=2,3 for the shape of an argument: got {text!r}")
    return name, shape


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
        description="Three tutorial networks as tensor expressions: trained, explained, their graphs drawn. And of "
        "a function of yours: a check of its gradient, a drawing of its graph.",
        epilog="More about one of them: autograd-nn NAME --help",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="NAME")

    def command(name: str, help: str, seed: int = 0, **defaults: Any) -> Callable[..., Any]:
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(**defaults)
        added.add_argument("--seed", type=at_least(0), default=seed, help="random seed: %(default)s")
        return added.add_argument

    def tutorial(tell: Callable[..., None], name: str, help: str, seed: int = 0) -> Callable[..., Any]:
        flag = command(name, help, seed, run=run_tutorial, tell=tell)
        flag("--out", type=Path, default=Path("out", name), help="folder for the pictures: %(default)s")
        return flag

    def about_function(run: Callable[..., int], name: str, help: str) -> Callable[..., Any]:
        flag = command(name, help, run=run)
        flag("function", metavar="FILE.py:function", help="a file, and the name in it of what is meant")
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

    flag = tutorial(tell_moons, "moons", "A network of three layers learns to tell two moons apart.")
    flag("--hidden", type=at_least(1), default=3, help="units in a hidden layer: %(default)s")
    flag("--layers", type=at_least(2), default=3, help="number of layers, input and output too: %(default)s")
    flag("--passes", type=at_least(1), default=20_000, help="passes through the points: %(default)s")
    flag("--learning-rate", type=at_least(0, float), default=0.01, help="size of the steps: %(default)s")
    flag("--batch-size", type=at_least(1), help="points in a minibatch: all in one step")
    flag("--anneal", type=at_least(0, float), default=0.0, help="learning rate / (1 + ANNEAL * pass): %(default)s")
    flag("--activation", choices=("tanh", "relu", "sigmoid"), default="tanh", help="of the hidden layers: %(default)s")
    flag("--classes", type=int, choices=(2, 3), default=2, help="how many moons: %(default)s")
    flag("--gallery", action="store_true", help="also train and show h = 1, 2, 3, 4, 5, 20, 50")

    flag = tutorial(tell_neuron, "neuron", "One sigmoid neuron, by hand and then trained on eight points.")
    flag("--learning-rate", type=at_least(0, float), default=0.1, help="size of the steps: %(default)s")
    flag("--iterations", type=at_least(1), default=10_000, help="number of steps: %(default)s")

    flag = tutorial(tell_heart, "heart", "A network tells from 13 measurements who has a heart disease.", seed=1)
    flag("--data", type=Path, help="where heart.dat is: downloaded once and kept")
    flag("--loss", choices=HEART_LOSSES, default="logits", help="from logits, or as published: %(default)s")
    flag("--layers", type=at_least(1), nargs="+", default=[13, 8, 1], help="widths of the layers: 13 8 1")
    flag("--learning-rate", type=at_least(0, float), default=0.001, help="size of the steps: %(default)s")
    flag("--iterations", type=at_least(1), default=100, help="number of steps: %(default)s")

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
    flag("--direction", choices=("down", "right"), default="down", help="from the inputs to the result: %(default)s")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status, 2 for something that the user can put right."""
    args = parser().parse_args(arguments)
    try:
        return args.run(args)
    except ModuleNotFoundError as missing:
        package = str(missing.name).partition(".")[0]
        if package not in EXTRA:
            raise
        message = f'{package} is not installed: run `pip install "autograd_nn[learn]"`'
    except (InputError, OSError) as error:
        message = str(error)
    print(f"autograd-nn {args.command}: {message}", file=sys.stderr)
    return 2
