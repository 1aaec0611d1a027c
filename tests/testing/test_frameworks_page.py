"""docs/other-frameworks.md: what a section shows is what its code prints, where the framework is installed."""

import re
from contextlib import redirect_stdout
from importlib.util import find_spec
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "other-frameworks.md").read_text()
HEAD, *SECTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)
FENCED = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def title(section):
    return section.partition("\n")[0]


def frameworks(section):
    """What its code imports."""
    code = "".join(code for language, code in FENCED.findall(section) if language == "python")
    return set(re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE))


def masked(text):
    return re.sub(r"\d+(\.\d+)?(e[+-]\d+)?", "#", re.sub(r" +", " ", text)).strip()


RUNNING = [section for section in SECTIONS if all(map(find_spec, frameworks(section)))]


@pytest.mark.parametrize("section", RUNNING, ids=title)
def test_the_code_of_a_section_prints_what_it_shows(section):
    scope = {}
    for _, code in FENCED.findall(HEAD):
        exec(code, scope)
    for (language, code), (following, shown) in pairwise([*FENCED.findall(section), ("", "")]):
        if language == "python":
            with redirect_stdout(StringIO()) as printed:
                exec(code, scope)
            if printed.getvalue():
                assert following == "text"
                assert masked(printed.getvalue()) == masked(shown)


def test_every_framework_has_a_section():
    imported = set().union(*map(frameworks, SECTIONS))
    assert imported >= {"torch", "jax", "autograd", "mygrad", "sklearn"}
    assert "scipy.optimize" in map(title, SECTIONS)
