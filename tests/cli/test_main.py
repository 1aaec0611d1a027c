"""The command line: what each command writes, finds and draws, and one line for whatever is wrong."""

import re
import subprocess
import sys

import pytest
from golden import HEART

import autograd_nn.draw.drawing
from autograd_nn.cli.main import main
from autograd_nn.draw import RendererMissing

COMMANDS = {
    "moons": (
        ["--passes", "3"],
        ["moons-boundaries.png", "moons-data.png", "moons-film.html", "moons-loss.png", "moons-sigmoid.png"],
        "pass      0    loss 0.432387",
    ),
    "neuron": (
        ["--iterations", "300"],
        ["neuron-error.png", "neuron-vectors.png"],
        "slope of the error by the prediction          1.74203830   1.74203830",
    ),
    "heart": (
        ["--data", str(HEART), "--iterations", "3"],
        ["heart-confusion.png", "heart-loss.png", "heart-overfits.png"],
        "iteration      0    loss 1.406818",
    ),
}


@pytest.fixture(params=sorted(COMMANDS))
def command(request):
    return request.param


def test_a_command_explains_itself_and_writes_its_pictures(command, tmp_path, capsys):
    flags, pictures, known = COMMANDS[command]
    assert main([command, "--out", str(tmp_path), *flags]) == 0
    page = capsys.readouterr()
    graphs = [f"{command}-graph{suffix}" for suffix in (".html", ".png", ".svg")]
    written = sorted([*graphs, *pictures])
    assert sorted(path.name for path in tmp_path.iterdir()) == written
    assert all(path.stat().st_size > 1000 for path in tmp_path.iterdir())
    assert all(name in page.out for name in (str(tmp_path), *written))
    assert known in page.out  # a number that was published
    assert not page.err


@pytest.fixture
def no_renderer(monkeypatch):
    def rendered(picture, format):
        raise RendererMissing("no renderer here: run pip install")

    monkeypatch.setattr(autograd_nn.draw.drawing, "rendered", rendered)


def test_without_a_renderer_the_graph_is_text_and_the_page_says_why(no_renderer, tmp_path, capsys):
    assert main(["neuron", "--iterations", "1", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "neuron-graph.dot").read_text().startswith("digraph")
    assert not (tmp_path / "neuron-graph.html").exists()
    assert "no renderer here" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "part"), [("moons", "penalty"), ("neuron", "squared error"), ("heart", "cross entropy")]
)
def test_the_graph_of_a_tutorial_has_its_parts_in_scopes(command, part, no_renderer, tmp_path):
    flags, *_ = COMMANDS[command]
    assert main([command, "--out", str(tmp_path), *flags]) == 0
    assert part in (tmp_path / f"{command}-graph.dot").read_text()


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
from autograd_nn import Tensor, primitive, relu

swish = primitive(lambda x: x / (1 + np.exp(-x)), name="swish", x=lambda g, x: g / (1 + np.exp(-x)))

def loss(x, w, rows=2):
    return np.sum(np.log(x @ w)[:rows])

def noisy(x):
    return x * np.random.rand()

def kinked(x=0.0):
    return relu(x)

def refused(x):
    return np.polyfit(x, x, 1)

def constant_function(x):
    return np.round(x)

class Model:
    def __init__(self):
        self.layers = [Layer(), Layer()]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

class Layer:
    def __init__(self):
        self.W = Tensor(np.eye(3), requires_grad=True)

    def __call__(self, x):
        return np.tanh(x @ self.W)

model = Model()
result = np.sum(model(np.ones(3)))
constant = Tensor(3.0)
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


def test_draw_prints_the_graph_of_a_function_line_by_line(mine, capsys):
    assert main(["draw", "mine.py:loss", "--shape", "x=4,3", "w=3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "n0: float64[4, 3] = input x"
    assert re.fullmatch(r"n3: float64\[4\] = log\(n2\)  # mine.py:\d+", lines[3])


def test_draw_of_a_model_has_its_parts_as_scopes(mine, capsys):
    assert main(["draw", "mine.py:model", "--shape", "x=2,3"]) == 0
    assert re.search(r"tanh\(n\d\)  # layers\[1\], mine.py", capsys.readouterr().out)


def test_draw_says_what_to_look_at(tmp_path, capsys):
    lines = [
        "import numpy as np",
        "from autograd_nn import Tensor",
        "W, V = Tensor(np.full((3, 4), 1e6), requires_grad=True), Tensor(np.ones(4), requires_grad=True)",
        "def loss(x): return np.mean(np.tanh(x @ W) @ V)",
    ]
    (tmp_path / "mine.py").write_text("\n".join(lines))
    assert main(["draw", f"{tmp_path}/mine.py:loss", "--shape", "x=20,3"]) == 0
    first, *_ = (line for line in capsys.readouterr().out.splitlines() if line.startswith("Look at "))
    assert first.startswith("Look at saturation in n4: 100% of 80 outputs are where tanh has less than a hundredth of")


def test_draw_of_a_tensor_calls_nothing(mine, capsys):
    assert main(["draw", "mine.py:result"]) == 0
    assert "= sum(" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "dot", "html", "txt", "SVG"])
def test_draw_writes_what_the_suffix_says_and_says_where(mine, suffix, tmp_path, capsys):
    assert main(["draw", "mine.py:model", "--shape", "x=2,3", "-o", f"graph.{suffix}"]) == 0
    assert capsys.readouterr().out == f"Written to graph.{suffix}\n"
    beginning = {
        "svg": b"<?xml",
        "png": b"\x89PNG",
        "pdf": b"%PDF",
        "dot": b"digraph",
        "html": b"<!DOCTYPE",
        "txt": b"n0:",
    }
    assert (tmp_path / f"graph.{suffix}").read_bytes().lower().startswith(beginning[suffix.lower()].lower())


@pytest.mark.parametrize(
    ("flags", "there"),
    [
        ("--direction right", "rankdir=LR"),
        ("--values", "value"),
        ("--gradients", "gradient"),
        ("--kept", "keeps"),
        ("--profile", "back"),
        ("--backward", "gradient of layers[0].W"),
        ("--collapse", "layers x 2"),
        ("--collapse 1", "layers x 2"),
        ("--max-nodes 3", "... 4 nodes"),
    ],
)
def test_draw_has_a_flag_for_each_option(mine, flags, there, tmp_path):
    plain, drawn = tmp_path / "plain.dot", tmp_path / "drawn.dot"
    command = ["draw", "mine.py:model", "--shape", "x=2,3"]
    assert main([*command, "-o", str(plain)]) == 0
    assert main([*command, "-o", str(drawn), *flags.split()]) == 0
    assert there not in plain.read_text()
    assert there in drawn.read_text()


def test_draw_takes_the_same_numbers_for_the_same_seed(mine, tmp_path):
    texts = []
    for seed in "112":
        assert main(["draw", "mine.py:kinked", "--shape", "x=3", "--values", "-o", "g.dot", "--seed", seed]) == 0
        texts.append((tmp_path / "g.dot").read_text())
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("mine.py", "write FILE.py:function, a file and a name in it: got 'mine.py'"),
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


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("mine.py", "write FILE.py:function, a file and a name in it: got 'mine.py'"),
        ("yours.py:loss", "there is no file yours.py"),
        ("broken.py:loss", "broken.py raises ZeroDivisionError: division by zero"),
        (
            "mine.py:lost",
            "mine.py has no lost; its functions are swish, loss, noisy, kinked, refused, constant_function",
        ),
        ("mine.py:n", "n in mine.py is not a function: it is 3"),
        ("mine.py:Model", "Model in mine.py is a class: name an object of it"),
        ("mine.py:constant", "nothing was recorded"),
        ("mine.py:constant_function", "nothing was recorded"),
        ("mine.py:refused --shape x=3", "no gradient for numpy.polyfit"),
        ("mine.py:loss --shape x=4", "the function raises ValueError with arguments of the shapes (4,), (), ()"),
        ("mine.py:kinked -o graph.gif", "--out must end in one of .svg, .png, .pdf, .dot, .html, .txt: got graph.gif"),
        ("mine.py:kinked -o nowhere/graph.dot", "there is no folder nowhere"),
        ("mine.py:kinked --direction up", "argument --direction: invalid choice: 'up'"),
        ("mine.py:kinked --collapse -1", "argument --collapse: must be at least 0: got -1"),
    ],
)
def test_draw_says_in_one_line_what_it_was_given_wrong_and_writes_nothing(mine, flags, message, tmp_path, capsys):
    (tmp_path / "broken.py").write_text("1 / 0")
    before = set(tmp_path.iterdir())
    try:
        status = main(["draw", *flags.split()])
    except SystemExit as exit:
        status = exit.code
    line = capsys.readouterr().err
    assert status == 2
    assert message in line
    assert line.count("\n") == 1
    assert set(tmp_path.iterdir()) == before


def test_draw_without_a_renderer_says_what_to_install_and_has_status_2(mine, no_renderer, tmp_path, capsys):
    assert main(["draw", "mine.py:kinked", "-o", "graph.svg"]) == 2
    assert capsys.readouterr().err == "autograd-nn draw: no renderer here: run pip install\n"
    assert not (tmp_path / "graph.svg").exists()


def test_draw_of_a_function_that_returns_nothing_says_so(tmp_path, capsys):
    (tmp_path / "mine.py").write_text("def f(x):\n    print(x)\n")
    assert main(["draw", f"{tmp_path}/mine.py:f"]) == 2
    assert "nothing was recorded: f returned NoneType" in capsys.readouterr().err


def test_shapes_that_no_machine_has_room_for_are_refused(tmp_path, capsys):
    (tmp_path / "mine.py").write_text("def f(x):\n    return x\n")
    assert main(["draw", f"{tmp_path}/mine.py:f", "--shape", "x=99999999999,9999999999"]) == 2
    assert "--shape: there is no room for such arrays" in capsys.readouterr().err
