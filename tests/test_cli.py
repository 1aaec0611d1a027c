"""The command line: what each command writes, what `check` finds, and one line for whatever is wrong."""

import re
import subprocess
import sys

import pytest
from golden import HEART, golden

import autograd_nn.draw
from autograd_nn.cli import main

COMMANDS = {
    "moons": (["--passes", "3"], ["moons-boundaries", "moons-data", "moons-loss", "moons-sigmoid"]),
    "neuron": (["--iterations", "300"], ["neuron-error", "neuron-vectors"]),
    "heart": (["--data", str(HEART), "--iterations", "3"], ["heart-confusion", "heart-loss", "heart-overfits"]),
}


@pytest.fixture(params=["moons", "neuron", pytest.param("heart", marks=golden)])
def command(request):
    return request.param


def test_a_command_explains_itself_and_writes_its_pictures(command, tmp_path, capsys):
    flags, pictures = COMMANDS[command]
    assert main([command, "--out", str(tmp_path), *flags]) == 0
    page = capsys.readouterr()
    written = sorted([f"{command}-graph.png", f"{command}-graph.svg", *(f"{name}.png" for name in pictures)])
    assert sorted(path.name for path in tmp_path.iterdir()) == written
    assert all(path.stat().st_size > 1000 for path in tmp_path.iterdir())
    assert all(name in page.out for name in (str(tmp_path), *written))
    assert "loss" in page.out or "error" in page.out
    assert not page.err


def test_without_a_renderer_the_graph_is_text_and_the_page_says_why(monkeypatch, tmp_path, capsys):
    draw = autograd_nn.draw.draw

    def without_renderer(source, path):
        if path.suffix != ".dot":
            raise autograd_nn.draw.RendererMissing("no renderer here: run pip install")
        return draw(source, path)

    monkeypatch.setattr(autograd_nn.draw, "draw", without_renderer)
    assert main(["neuron", "--iterations", "1", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "neuron-graph.dot").read_text().startswith("digraph")
    assert "no renderer here" in capsys.readouterr().out


@golden
def test_the_published_numbers_stand_beside_ours_only_for_the_published_settings(tmp_path, capsys):
    assert main(["heart", "--data", str(HEART), "--out", str(tmp_path)]) == 0
    assert re.search(r"188 of 216 +188 of 216", capsys.readouterr().out)
    assert main(["heart", "--data", str(HEART), "--out", str(tmp_path), "--iterations", "50"]) == 0
    assert not re.search(r"published +here", capsys.readouterr().out)


def test_the_exercises_have_flags(tmp_path, capsys):
    flags = "--passes 2 --classes 3 --layers 4 --hidden 5 --activation relu --batch-size 50 --anneal 0.1 --gallery"
    assert main(["moons", "--out", str(tmp_path), *flags.split()]) == 0
    page = capsys.readouterr().out
    assert "relu(relu(X @ W1 + b1) @ W2 + b2) @ W3 + b3" in page
    assert "2 - 5 - 5 - 3" in page
    assert (tmp_path / "moons-gallery.png").exists()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("moons --hidden 0", "argument --hidden: must be at least 1: got 0"),
        ("moons --passes many", "argument --passes: invalid int value: 'many'"),
        ("moons --learning-rate nan", "argument --learning-rate: must be at least 0: got nan"),
        ("moons --classes 4", "argument --classes: invalid choice: 4"),
        ("moons --passes 100 --learning-rate 1e300", "the training diverged"),
        ("moons --out /dev/null/pictures", "--out /dev/null/pictures cannot be written to"),
        ("neuron --seed 99999999999", "seed must be between 0 and 2**32 - 1"),
        ("heart --data /nowhere/heart.dat", "No such file or directory: '/nowhere/heart.dat'"),
        ("heart --layers 12 1", "layers must lead from 13 measurements to 1 probability: got 12 1"),
        ("heart --loss mse", "argument --loss: invalid choice: 'mse'"),
        ("lungs", "invalid choice: 'lungs'"),
    ],
)
def test_what_is_wrong_is_one_line_and_status_2(flags, message, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    try:
        status = main(flags.split())
    except SystemExit as exit:
        status = exit.code
    line = capsys.readouterr().err
    assert status == 2
    assert message in line
    assert line.count("\n") == 1


@pytest.mark.parametrize(("command", "module"), [("neuron", "rich"), ("neuron", "matplotlib"), ("moons", "sklearn")])
def test_a_missing_extra_is_named_with_the_line_that_installs_it(command, module, tmp_path):
    code = (
        f"import sys; sys.modules[{module!r}] = None; from autograd_nn.cli import main; sys.exit(main([{command!r}]))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 2
    assert run.stderr == (f'autograd-nn {command}: {module} is not installed: run `pip install "autograd_nn[learn]"`\n')


def test_it_is_a_module_too_and_help_names_the_three_networks():
    run = subprocess.run([sys.executable, "-m", "autograd_nn", "--help"], capture_output=True, text=True)
    assert run.returncode == 0
    assert all(name in run.stdout for name in COMMANDS)


MINE = """
import numpy as np
from autograd_nn import primitive, relu

swish = primitive(lambda x: x / (1 + np.exp(-x)), name="swish", x=lambda g, x: g / (1 + np.exp(-x)))

def loss(x, w, rows=2):
    return np.sum(np.log(x @ w)[:rows])

def noisy(x):
    return x * np.random.rand()

def kinked(x=0.0):
    return relu(x)

n = 3
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(MINE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])


def test_check_reports_on_a_right_gradient_also_where_the_domain_is_positive(mine, capsys):
    assert main(["check", "mine.py:loss", "--shape", "x=4,3", "w=3", "--order", "2", "--seed", "1"]) == 0
    assert re.fullmatch(r"loss: right, \d+ directions, .* smallest detectable error .*\n", capsys.readouterr().out)


@pytest.mark.parametrize(("function", "why"), [("swish", "wrong derivative of `swish`"), ("noisy", "another value")])
def test_check_of_a_wrong_gradient_prints_what_is_wrong_and_has_status_1(mine, capsys, function, why):
    assert main(["check", f"mine.py:{function}", "--shape", "x=3"]) == 1
    page = capsys.readouterr().out
    assert why in page
    assert "diagnosis" in page


def test_check_says_when_the_arguments_prove_nothing(mine, capsys):
    assert main(["check", "mine.py:kinked"]) == 1
    assert "Nothing is proved" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("mine.py", "write FILE.py:function for what to check: got 'mine.py'"),
        ("yours.py:loss", "there is no file yours.py"),
        ("mine.py:lost", "mine.py has no lost; its functions are swish, loss, noisy, kinked"),
        ("mine.py:n", "n in mine.py is not a function: it is 3"),
        ("mine.py:loss --shape x=4,a", "argument --shape: write name=2,3 for the shape of an argument: got 'x=4,a'"),
        ("mine.py:loss --shape z=4", "--shape z: the parameters of the function are x, w, rows"),
        ("mine.py:loss --shape x=4", "the function raises ValueError with arguments of the shapes (4,), (), ()"),
    ],
)
def test_check_says_in_one_line_what_it_was_given_wrong(mine, flags, message, capsys):
    try:
        status = main(["check", *flags.split()])
    except SystemExit as exit:
        status = exit.code
    line = capsys.readouterr().err
    assert status == 2
    assert message in line
    assert line.count("\n") == 1
