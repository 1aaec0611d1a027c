"""docs/other-frameworks.md: what a section shows is what its code prints, where the framework is installed."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from pages import blocks, compared

PAGE = (Path(__file__).parents[2] / "docs" / "other-frameworks.md").read_text()
HEAD, *SECTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)


def title(section):
    return section.partition("\n")[0]


def frameworks(section):
    """What its code imports."""
    code = "".join(code for language, code in blocks(section) if language == "python")
    return set(re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE))


RUNNING = [section for section in SECTIONS if all(map(find_spec, frameworks(section)))]


@pytest.mark.parametrize("section", RUNNING, ids=title)
def test_the_code_of_a_section_prints_what_it_shows(section):
    scope = {}
    for _, code in blocks(HEAD):
        exec(code, scope)
    compared(blocks(section), scope)


def test_every_framework_has_a_section():
    imported = set().union(*map(frameworks, SECTIONS))
    assert imported >= {"torch", "jax", "autograd", "mygrad", "sklearn"}
    assert "scipy.optimize" in map(title, SECTIONS)
