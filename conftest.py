"""For all tests: the code in README.md and docs/ runs, hypothesis has its profiles, golden values have a place."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser()], patterns=["*.md"], fixtures=["elsewhere"]).pytest()


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """What an example writes does not land in the checkout."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def shared():
    """The folder with the golden values and the heart data, beside the checkout."""
    folder = Path(__file__).parent.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"no golden values: {folder.name}/ is not beside the checkout")
    return folder


def pytest_itemcollected(item):
    """The blocks of a document follow each other, so they run in one worker: ``pytest -n auto --dist loadgroup``."""
    if item.path.suffix == ".md":
        item.add_marker(pytest.mark.xdist_group(item.path.name))
