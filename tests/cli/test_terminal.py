"""What a tutorial tells, at every width: words are broken and bars give way, and no number loses a digit."""

import re
from io import StringIO

import pytest
from rich.console import Console

from autograd_nn.cli.main import main
from autograd_nn.tutorials.terminal import Page, number

WIDTHS = [1, 8, 20, 30, 40, 60, 80, 160]
ROWS = [("the prediction for [1.66, 1.56], target 1", "0.79857310", "0.79857311"), ("  its error", "2.1672", "2.1673")]


def page_of(width, **settings):
    return Page(Console(file=StringIO(), width=width, soft_wrap=True, markup=False, highlight=False, **settings))


def text_of(page):
    """What was written, without the colours and moves of a terminal."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", page.console.file.getvalue())


@pytest.mark.parametrize("width", WIDTHS)
def test_a_table_has_every_number_whole(width):
    page = page_of(width)
    page.table(("", "published", "here"), ROWS)
    written = text_of(page)
    assert all(cell in written for _, *cells in ROWS for cell in cells)
    assert "…" not in written
    assert re.sub(r"\W|\d", "", written).count("theprediction") == 1


@pytest.mark.parametrize("width", [40, 60, 80, 160])
def test_a_table_is_no_wider_than_the_terminal(width):
    page = page_of(width)
    page.table(("", "published", "here"), ROWS)
    assert max(map(len, text_of(page).splitlines())) <= width


def test_a_table_has_its_numbers_beside_the_labels_where_there_is_room_and_else_below():
    wide, narrow = page_of(60), page_of(40)
    for page in (wide, narrow):
        page.table(("", "published", "here"), ROWS)
    assert re.search(r"\n    its error +2\.1672 +2\.1673\n", text_of(wide))
    assert re.search(r"\n    its error\n    published  2\.1672\n    here  2\.1673\n", text_of(narrow))


@pytest.mark.parametrize("width", WIDTHS)
def test_paragraphs_and_formulas_are_broken_at_spaces_only(width):
    page = page_of(width)
    page.say("the loss is 0.070758 and 0.071316, and either is right")
    page.formulas("loss   = -log_softmax(logits)[points, y].sum()\n         + 0.01 / 2 * (W1**2).sum()")
    words = text_of(page).split()
    assert {"0.070758", "0.071316,", "-log_softmax(logits)[points,", "y].sum()", "0.01", "(W1**2).sum()"} < set(words)
    longest = max(map(len, words)) + 20
    assert max(map(len, text_of(page).splitlines())) <= max(width, longest)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_progress_on_a_terminal_has_every_digit_of_the_loss(width):
    page = page_of(width, force_terminal=True)
    with page.progress("iteration", 20_000, "loss") as on_record:
        on_record(0, 0.432387)
        on_record(20_000, 0.071316)
    written = text_of(page)
    assert "0.071316" in written
    assert "20,000" in written
    assert not re.search("…|nan", written)
    if width > 20:
        seconds = "    0.0 s, 1,000,000 a second"
        assert max(map(len, re.split(r"[\r\n]", written))) <= max(width, len(seconds))


def test_a_loss_that_grows_without_end_is_written_in_powers_of_ten():
    assert (number(0.07131588), number(1.5e200), number(float("nan"))) == ("0.071316", "1.500000e+200", "nan")


@pytest.mark.parametrize("columns", ["20", "40", "160"])
def test_no_command_loses_a_digit_at_any_width(columns, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", columns)
    assert main(["heart", "-o", str(tmp_path)]) == 0
    page = capsys.readouterr().out
    assert page.count("1.406818") >= 2
    assert len(re.findall(r"188 of 216", page)) == 2
    assert "…" not in page
