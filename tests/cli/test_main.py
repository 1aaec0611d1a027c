"""The command line: what each command writes, finds and draws, and one line for whatever is wrong."""

import re
import signal
import subprocess
import sys

import pytest

import autograd_nn
import autograd_nn.draw.drawing
from autograd_nn.cli.main import main
from autograd_nn.draw import RendererMissing
from autograd_nn.tutorials import heart, moons, neuron
from autograd_nn.tutorials.network import descend

COMMANDS = {
    "moons": (
        ["--passes", "3"],
        ["moons-boundaries.png", "moons-data.png", "moons-film.html", "moons-loss.png", "moons-tanh.png"],
        "pass      0    loss 0.432387",
    ),
    "neuron": (
        ["--iterations", "300"],
        ["neuron-boundary.png", "neuron-error.png", "neuron-sigmoid.png", "neuron-vectors.png"],
        "slope of the error by the prediction          1.74203830   1.74203830",
    ),
    "heart": (
        ["--iterations", "3"],
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
    assert main(["heart", "--out", str(tmp_path)]) == 0
    assert re.search(r"188 of 216 +188 of 216", capsys.readouterr().out)
    assert main(["heart", "--out", str(tmp_path), "--iterations", "50"]) == 0
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
        ("moons --hidden 0", "argument --hidden: must be at least 1 and at most 10,000: got 0"),
        ("moons --hidden 99999999", "argument --hidden: must be at least 1 and at most 10,000: got 99999999"),
        ("moons --layers 2 --hidden 5", "--layers 2 leaves no hidden layer"),
        ("moons --passes many", "argument --iterations/--passes: invalid int value: 'many'"),
        ("moons --learning-rate nan", "argument --learning-rate: must be at least 0: got nan"),
        ("moons --learning-rate inf", "argument --learning-rate: must be at least 0 and finite: got inf"),
        ("moons --theme blue", "argument --theme: invalid choice: 'blue'"),
        ("moons --classes 4", "argument --classes: invalid choice: 4"),
        ("moons --passes 100 --learning-rate 1e300", "the training diverged"),
        ("moons --out /dev/null/pictures", "--out /dev/null/pictures cannot be written to"),
        ("neuron --seed 99999999999", "argument --seed: must be at least 0 and at most 4,294,967,295: got 99999999999"),
        ("heart --data /nowhere/heart.dat", "heart: /nowhere/heart.dat: No such file or directory"),
        ("heart --layers 2 --hidden 5", "--layers 2 leaves no hidden layer"),
        ("heart --layers 1", "argument --layers: must be at least 2 and at most 100: got 1"),
        ("heart --loss mse", "argument --loss: invalid choice: 'mse'"),
        ("lungs", "invalid choice: 'lungs'"),
        ("", "the following arguments are required: NAME"),
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


def test_the_same_flags_say_the_same_thing_to_each_tutorial(no_renderer, tmp_path, capsys):
    flags = ["--iterations", "2", "--learning-rate", "0.01", "--seed", "3", "--theme", "dark", "-o"]
    for command in COMMANDS:
        assert main([command, *flags, str(tmp_path)]) == 0
    layered = ["--hidden", "5", "--layers", "4", "--iterations", "2", "-o"]
    for command, shape in (("moons", "2 - 5 - 5 - 2"), ("heart", "13 - 5 - 5 - 1")):
        assert main([command, *layered, str(tmp_path)]) == 0
        assert f"layers {shape}\n" in capsys.readouterr().out


def test_moons_without_a_hidden_layer_is_told_as_the_straight_line_that_it_is(no_renderer, tmp_path, capsys):
    assert main(["moons", "--layers", "2", "--iterations", "2", "-o", str(tmp_path)]) == 0
    page = capsys.readouterr().out
    assert "logits = X @ W1 + b1\n" in page
    assert "straight lines are all that this network has" in " ".join(page.split())
    assert "can bend its boundary" not in page
    assert not (tmp_path / "moons-tanh.png").exists()


def test_the_points_of_the_neuron_are_said_to_be_right_or_wrong(tmp_path, capsys):
    assert main(["neuron", "--iterations", "10000", "-o", str(tmp_path)]) == 0
    assert re.search(r"3, 4 +1 +0\.\d+ +right\n", capsys.readouterr().out)


def test_dark_pictures_are_dark(tmp_path):
    from matplotlib.image import imread

    light, dark = tmp_path / "light", tmp_path / "dark"
    assert main(["neuron", "--iterations", "2", "-o", str(light)]) == 0
    assert main(["neuron", "--iterations", "2", "-o", str(dark), "--theme", "dark"]) == 0
    for name in COMMANDS["neuron"][1]:
        assert imread(light / name)[..., :3].mean() > 0.8
        assert imread(dark / name)[..., :3].mean() < 0.25


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"autograd-nn {autograd_nn.__version__}\n"


# Ctrl-C -----------------------------------------------------------------------------------------------


def test_a_training_that_is_interrupted_shows_what_it_has_learned(tmp_path, monkeypatch, capsys):
    steps = []

    def interrupted(loss, parameters, learning_rate):
        steps.append(1)
        if len(steps) == 31:
            raise KeyboardInterrupt
        return descend(loss, parameters, learning_rate)

    for command, module in (("moons", moons), ("neuron", neuron), ("heart", heart)):
        steps.clear()
        monkeypatch.setattr(module, "descend", interrupted)
        assert main([command, "-o", str(tmp_path)]) == 130
        page = capsys.readouterr()
        assert re.search(r"\nInterrupted after (pass|step|iteration) 3[01]: this is what it has learned\.\n", page.out)
        assert {f"{command}-graph.html", f"{command}-graph.svg"} < {path.name for path in tmp_path.iterdir()}
        assert not re.search(r"0\.071316|0\.278311", page.out)  # published for all the passes
        assert not page.err


def test_an_interrupted_gallery_has_the_networks_that_are_trained(tmp_path, monkeypatch, capsys):
    train, trained = moons.train, []

    def interrupted(*arguments, **settings):
        trained.append(1)
        if len(trained) == 4:
            raise KeyboardInterrupt
        return train(*arguments, **settings)

    monkeypatch.setattr(moons, "train", interrupted)
    assert main(["moons", "--iterations", "2", "--gallery", "-o", str(tmp_path)]) == 130
    assert "the gallery has 2 of 7 networks" in capsys.readouterr().out
    assert (tmp_path / "moons-gallery.png").exists()
    assert (tmp_path / "moons-film.html").exists()


@pytest.mark.parametrize(
    ("command", "line"), [("check", "check: interrupted\n"), ("draw", "draw: interrupted\n")], ids=["check", "draw"]
)
def test_ctrl_c_is_one_line_and_status_130(command, line, tmp_path, capsys):
    (tmp_path / "long.py").write_text("def f(x):\n    raise KeyboardInterrupt\n")
    assert main([command, f"{tmp_path}/long.py:f"]) == 130
    assert capsys.readouterr().err == f"autograd-nn {line}"


def test_ctrl_c_while_pictures_are_drawn_is_one_line_and_keeps_those_that_are(tmp_path, monkeypatch, capsys):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(neuron, "draw_boundary", interrupted)
    assert main(["neuron", "--iterations", "2", "-o", str(tmp_path)]) == 130
    assert capsys.readouterr().err == f"autograd-nn neuron: interrupted; what is in {tmp_path} already is kept\n"
    assert (tmp_path / "neuron-error.png").exists()


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="no such signal here")
def test_a_reader_that_has_seen_enough_ends_it_without_a_word(mine):
    command = [sys.executable, "-m", "autograd_nn", "draw", "mine.py:loss", "--shape", "x=4,3", "w=3"]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run.stdout.close()
    assert run.stderr.read() == b""
    assert run.wait() == -signal.SIGPIPE
    run.stderr.close()


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

def lost(x):
    if isinstance(x, Tensor):
        return {}["a key\\nthat is lost"]
    return x

def left(x):
    raise SystemExit("bye")

def scaled(x, rows=2, *, scale, shift=0.0):
    return np.sum((x * scale + shift)[:rows])

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
    """The folder of a package of the user's own, which is not there yet, beside a file of functions."""
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "broken.py").write_text("x = 0\n1 / x")
    (tmp_path / "wrong.py").write_text("def loss(x)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    package = f"mine_{tmp_path.name}"
    yield tmp_path / package
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]


def test_check_reports_on_a_right_gradient_also_where_the_domain_is_positive(mine, capsys):
    assert main(["check", "mine.py:loss", "--shape", "x=4,3", "w=3", "--order", "2", "--seed", "1"]) == 0
    assert re.fullmatch(r"loss: right, \d+ directions, .* smallest detectable error .*\n", capsys.readouterr().out)


@pytest.mark.parametrize(("function", "why"), [("swish", "wrong derivative of `swish`"), ("noisy", "another value")])
def test_check_of_a_wrong_gradient_prints_what_is_wrong_and_has_status_1(mine, capsys, function, why):
    assert main(["check", f"mine.py:{function}", "--shape", "x=3"]) == 1
    page = capsys.readouterr().out
    assert why in page
    assert "diagnosis" in page


def test_check_gives_keyword_only_parameters_too(mine, capsys):
    assert main(["check", "mine.py:scaled", "--shape", "x=4", "shift="]) == 0
    # x, scale and shift: two directions for x, one for each of the numbers
    assert capsys.readouterr().out.startswith("scaled: right, 4 directions")


@pytest.mark.parametrize("command", ["check", "draw"])
def test_a_function_may_be_in_a_module(mine, command, capsys):
    mine.mkdir()
    (mine / "__init__.py").write_text("")
    (mine / "models.py").write_text("from . import parts\ndef f(x):\n    return parts.g(x)\n")
    (mine / "parts.py").write_text("def g(x):\n    return x * x\n")
    assert main([command, f"{mine.name}.models:f"]) == 0
    assert capsys.readouterr().out


def test_check_says_when_the_arguments_prove_nothing(mine, capsys):
    assert main(["check", "mine.py:kinked"]) == 1
    assert "Nothing is proved" in capsys.readouterr().out


def test_draw_prints_the_graph_of_a_function_line_by_line(mine, capsys):
    assert main(["draw", "mine.py:loss", "--shape", "x=4,3", "w=3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "n0: float64[4, 3] = input x"
    assert re.fullmatch(r"n3: float64\[4\] = log\(n2\)  # mine.py:\d+", lines[3])


def test_draw_prints_what_the_flags_ask_for_below_each_line(mine, capsys):
    assert main(["draw", "mine.py:loss", "--shape", "x=4,3", "w=3", "--values", "--gradients", "--kept"]) == 0
    lines = capsys.readouterr().out.splitlines()
    sums = lines.index("n5: float64[] = sum(n4)  # " + lines[-4].rpartition("# ")[2])
    assert re.fullmatch(r"    value -?[\d.]+", lines[sums + 1])
    assert lines[sums + 2 :] == ["    gradient 1", "    keeps nothing"]


def test_draw_shows_keyword_only_parameters_as_inputs(mine, capsys):
    assert main(["draw", "mine.py:scaled", "--shape", "x=4", "scale=4"]) == 0
    page = capsys.readouterr().out
    assert "n0: float64[4] = input x\nn1: float64[4] = input scale\n" in page
    assert "slice(None, 2, None)" in page  # rows keeps its default


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


WRONG = [
    ("mine.py", "write FILE.py:function or module:function: got 'mine.py'"),
    ("yours.py:loss", "there is no file yours.py"),
    ("yours:loss", "there is no file or module yours"),
    ("mine.py:n", "n in mine.py is not a function: it is of type int"),
    ("mine.py:loss --shape x=4", "mine.py:8 raises ValueError: matmul: Input operand 1"),
    ("mine.py:loss --shape x=4", "it was called with arrays of the shapes x (4,), w (): give others with --shape"),
    ("mine.py:loss --shape x=4 x=5", "--shape x= is given twice"),
    ("mine.py:loss --shape x=4 --shape x=4", "--shape x= is given twice"),
    ("mine.py:lost --shape x=3", r"mine.py:21 raises KeyError: 'a key\nthat is lost'"),
    ("mine.py:refused --shape x=3", "mine.py:17 raises TypeError: no gradient for numpy.polyfit"),
    ("mine.py:left", "mine.py:25 raises SystemExit: bye"),
    ("mine.py:scaled --shape z=4", "--shape z: the parameters of the function are x, rows, scale, shift"),
    ("math:hypot", "<built-in function hypot> does not tell its parameters"),
    ("broken.py:loss", "broken.py:2 raises ZeroDivisionError: division by zero"),
    ("wrong.py:loss", "wrong.py:1 raises SyntaxError"),
]
"""What check and draw are given wrong alike, and what they say."""


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        *WRONG,
        ("mine.py:loose", "mine.py has no loose; its functions are swish, loss, noisy, kinked"),
        ("mine.py:loss --shape x=4,a", "write name=2,3, a shape for an argument of the function: got 'x=4,a'"),
        ("mine.py:loss --shape z=4", "--shape z: the parameters of the function are x, w, rows"),
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
        *WRONG,
        (
            "mine.py:loose",
            "mine.py has no loose; its functions are swish, loss, noisy, kinked, refused, lost, left, scaled",
        ),
        ("mine.py:Model", "Model in mine.py is a class: name an object of it"),
        ("mine.py:constant", "nothing was recorded"),
        ("mine.py:constant_function", "nothing was recorded"),
        ("mine.py:kinked -o graph.gif", "--out must end in one of .svg, .png, .pdf, .dot, .html, .txt: got graph.gif"),
        ("mine.py:kinked -o nowhere/graph.dot", "there is no folder nowhere"),
        ("mine.py:kinked --direction right", "--direction right is for a picture: name its file with --out"),
        ("mine.py:kinked --direction up", "argument --direction: invalid choice: 'up'"),
        ("mine.py:kinked --collapse -1", "argument --collapse: must be at least 0: got -1"),
    ],
)
def test_draw_says_in_one_line_what_it_was_given_wrong_and_writes_nothing(mine, flags, message, tmp_path, capsys):
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
