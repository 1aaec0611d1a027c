"""A browser, and someone who reads pages in it."""

import pytest
from browser import chromium
from reader import Reader


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def reader(browser, tmp_path):
    yield Reader(browser, tmp_path)
    assert browser.get_log("browser") == []
