"""docs/proving.md: what it shows is what its code prints, and what pytest says of its test files. Digits may differ."""

from pathlib import Path

import pytest
from pages import blocks, compared, masked

PAGE = Path(__file__).parents[2] / "docs" / "proving.md"
BLOCKS = blocks(PAGE.read_text())
SESSIONS = [text for language, text in BLOCKS if language == "text" and text.startswith("$ pytest")]


def test_its_code_prints_what_it_shows():
    assert compared(BLOCKS, {}) == 5


@pytest.mark.parametrize("shown", SESSIONS, ids=lambda shown: shown.splitlines()[0])
def test_pytest_says_what_it_shows(shown, pytester, monkeypatch):
    monkeypatch.delenv("CI", raising=False)  # there pytest does not cut lines to the width of a page
    command, *lines = filter(None, shown.splitlines())
    files = [code for language, code in BLOCKS if language == "python" and ("gradcheck" in code or "@contract" in code)]
    pytester.makepyfile(test_scaled=files[0], test_mine=f"import numpy as np\n{files[1]}")
    if "right" in command:
        pytester.makepyfile(test_right=files[0].replace("np.mean", "np.sum"))
    result = pytester.runpytest_subprocess(*command.split()[2:])
    said = iter(map(masked, result.outlines))
    missing = [line for line in map(masked, lines) if line != "..." and line not in said]  # in this order
    assert not missing
