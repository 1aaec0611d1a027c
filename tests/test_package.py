"""The package as a whole: what importing it costs, what it exports, the examples, what README promises."""

import runpy
import subprocess
import sys
from inspect import ismodule as is_module
from pathlib import Path

import pytest

import autograd_nn

ROOT = Path(__file__).parent.parent
HEAVY = ("matplotlib", "sklearn", "rich", "hypothesis", "pooch", "scipy", "graphviz", "pygraphviz")


def test_importing_the_package_imports_no_heavy_one():
    code = f"import sys, autograd_nn; print([name for name in {HEAVY} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_public_names_are_those_listed():
    public = {name for name, value in vars(autograd_nn).items() if not name.startswith("_") and not is_module(value)}
    assert public == set(autograd_nn.__all__) - {"numpy", "ops"}


@pytest.mark.parametrize(
    ("script", "last"),
    [
        ("train_a_network.py", "step 1500   loss 0.0"),
        ("own_primitive.py", "and its curvature there:        [1.0, 1.0, 0.0]"),
        ("draw_a_graph.py", "The graph of the loss is in graph."),
    ],
)
def test_example_runs_and_says_what_it_found(script, last, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [script])
    runpy.run_path(str(ROOT / "examples" / script), run_name="__main__")
    assert capsys.readouterr().out.splitlines()[-1].startswith(last)


def test_readme_has_the_two_commands_that_set_everything_up():
    text = (ROOT / "README.md").read_text()
    for marker, end in (("<!-- main command -->", "autograd-nn moons"), ("<!-- test command -->", "pytest")):
        command = text.split(marker)[1].split("```")[1]
        assert "python3 -m venv .venv" in command
        assert end in command
