"""The table of a model's parts: asked for by those who want to see where parameters, time and memory go."""

import sys
from functools import reduce
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from autograd_nn import Tensor, relu, scope
from autograd_nn.draw.summaries import Summary, SummaryRow, summary

X = np.ones((10, 2))


def parameter(*shape):
    return Tensor(np.ones(shape), requires_grad=True)


W, V = parameter(2, 2), parameter(2, 3)


def in_scopes(x):
    with scope("hidden"):
        h = np.tanh(x @ W)
    with scope("out"):
        return h @ V


def names(table):
    return ["  " * row.depth + row.name for row in table.rows]


def row(table, name):
    (found,) = [row for row in table.rows if row.name == name]
    return found


def test_each_scope_has_a_row_with_what_is_in_it():
    assert summary(in_scopes, X).rows == (
        SummaryRow(0, "hidden", (10, 2), 4, 2 * 10 * 2 * 2 + 20, 160),
        SummaryRow(0, "out", (10, 3), 6, 2 * 10 * 2 * 3, 160),
    )


def test_the_totals_are_of_the_whole_model():
    table = summary(in_scopes, X)
    assert table.parameters == 10
    assert table.flops == sum(row.flops for row in table.rows)
    assert table.kept == sum(row.kept for row in table.rows)


def test_a_scope_counts_what_is_in_the_scopes_inside_it():
    def model(x):
        with scope("encoder"):
            with scope("first"):
                x = x @ W
            with scope("second"):
                return relu(x)

    table = summary(model, X)
    assert names(table) == ["encoder", "  first", "  second"]
    encoder, first, second = table.rows
    assert encoder.flops == first.flops + second.flops == 80 + 20
    assert encoder.shape == second.shape


def test_operations_outside_of_all_scopes_have_a_row_of_their_own_at_the_end():
    def model(x):
        x = x * 2
        return in_scopes(x).sum() + parameter().sum()

    table = summary(model, X)
    assert names(table) == ["hidden", "out", "(outside)"]
    assert row(table, "(outside)").shape is None
    assert row(table, "(outside)").parameters == 1


def test_without_scopes_each_operation_has_a_row_with_its_id_in_the_graph():
    hidden = lambda x: np.tanh(x @ W)
    table = summary(hidden, X)
    assert [row.name.partition(": ")[2] for row in table.rows] == ["matmul", "tanh"]
    assert [row.parameters for row in table.rows] == [4, 0]


def test_of_very_many_operations_the_middle_is_one_row():
    chain = lambda x: reduce(lambda y, _: y * 2.0 + 1.0, range(200), x)
    table = summary(chain, parameter(5))
    assert len(table.rows) == 61
    assert table.rows[30].name == "... 340 more"
    assert table.rows[30].flops == 340 * 5
    assert sum(row.flops for row in table.rows) == table.flops == 400 * 5


def repeated(x, weights):
    for weight in weights:
        with scope("block"), scope("inner"):
            x = np.tanh(x @ weight)
    return x


def test_equal_scopes_in_a_row_are_one_row_with_the_numbers_of_all():
    table = summary(lambda x: repeated(x + W[0], [parameter(2, 2) for _ in range(12)]), X)
    block = row(table, "block x 12")
    assert (block.parameters, block.flops) == (12 * 4, 12 * 100)
    assert row(table, "inner").flops == 12 * 100


def test_scopes_that_keep_less_because_a_leaf_holds_it_are_equal_all_the_same():
    assert names(summary(lambda x: repeated(x, [parameter(2, 2) for _ in range(12)]), X)) == ["block x 12", "  inner"]


def test_a_scope_that_differs_interrupts_a_row_of_equal_ones():
    def model(x):
        x = repeated(x + W[0], [parameter(2, 2), parameter(2, 2), parameter(2, 4), parameter(4, 4), parameter(4, 4)])
        return x.sum()

    top = [name for name in names(summary(model, X)) if not name.startswith(" ")]
    assert top == ["block[0] .. block[1] x 2", "block[2]", "block[3] .. block[4] x 2", "(outside)"]


def test_scopes_whose_insides_differ_are_not_equal():
    def model(x):
        for function in (np.tanh, np.exp):
            with scope("block"), scope(function.__name__):
                x = function(x)
        return x

    assert names(summary(model, parameter(3))) == ["block[0]", "  tanh", "block[1]", "  exp"]


def test_a_parameter_used_in_several_scopes_counts_in_each_and_once_in_the_total():
    table = summary(lambda x: repeated(x + W[0], [W] * 3), X)
    assert row(table, "block x 3").parameters == 4
    assert table.parameters == 4


def test_what_parameters_and_inputs_hold_anyway_is_not_kept_and_nothing_counts_twice():
    def model(x):
        with scope("exp"):
            y = np.exp(x @ W)  # keeps y
        with scope("product"):
            return y @ V  # keeps y, too, and V

    table = summary(model, X)
    assert [row.kept for row in table.rows] == [160, 0]
    assert table.kept == 160


def test_it_counts_a_tape_of_any_length():
    def chain(x):
        with scope("long"):
            for _ in range(10_500):
                x = x * 0.5 + 1.0
        return x

    assert summary(chain, parameter(5)).flops == 105_000


class Layer:
    def __init__(self, n):
        self.W, self.b = parameter(2, n), parameter(n)

    def __call__(self, x):
        return x @ self.W + self.b


class Model:
    def __init__(self):
        self.layers = [Layer(2), Layer(2), Layer(2)]
        self.out = Layer(3)

    def __call__(self, x):
        for layer in self.layers:
            x = np.tanh(layer(x))
        return self.out(x)


def test_the_parts_of_a_model_made_of_objects_are_its_attributes():
    table = summary(Model(), X)
    assert row(table, "out").parameters == 9
    assert table.parameters == 3 * 6 + 9
    assert names(table) == ["layers[0]", "layers[1]", "layers[2]", "out", "(outside)"]  # tanh is between the layers


def test_it_prints_as_aligned_text_without_colour_codes():
    lines = str(summary(in_scopes, X)).splitlines()
    assert lines[0] == "part     output    parameters   FLOPs    kept"
    assert lines[-1] == "total                      10     220   320 B"
    assert all(len(line) <= 100 for line in lines)
    assert "\x1b" not in str(summary(in_scopes, X))


def test_printing_does_not_depend_on_the_terminal(monkeypatch):
    before = str(summary(in_scopes, X))
    for name, value in {"COLUMNS": "20", "FORCE_COLOR": "1", "TERM": "xterm-256color"}.items():
        monkeypatch.setenv(name, value)
    assert str(summary(in_scopes, X)) == before


def test_large_numbers_have_a_prefix():
    table = Summary((SummaryRow(0, "a", (3,), 1234567, 12_345_678, 999_600),), 0, 5 * 10**18, 999)
    assert "1,234,567    12.3 M    1 MB" in str(table)
    assert str(table).splitlines()[-1].split() == ["total", "0", "5e+03", "P", "999", "B"]


def test_a_console_of_rich_prints_the_same_table():
    console = Console(width=100)
    with console.capture() as shown:
        console.print(summary(in_scopes, X))
    lines = [line.rstrip() for line in shown.get().splitlines()]
    assert lines == str(summary(in_scopes, X)).splitlines()


def test_markup_in_the_name_of_a_scope_is_text():
    table = Summary((SummaryRow(0, "[bold]x[/bold] :smile: [/]", (), 0, 0, 0),), 0, 0, 0)
    assert "[bold]x[/bold] :smile: [/]" in str(table)


def test_what_cannot_be_printed_is_shown_as_its_escape():
    table = Summary((SummaryRow(0, "a\nb\x1b[31m", (), 0, 0, 0),), 0, 0, 0)
    assert "a\\nb\\x1b[31m" in str(table)


def test_a_long_name_is_folded_and_nothing_of_it_is_lost():
    table = Summary((SummaryRow(0, "z" * 240, (), 0, 0, 0),), 0, 0, 0)
    assert str(table).count("z") == 240
    assert all(len(line) <= 100 for line in str(table).splitlines())


class Cells(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)

    def handle_data(self, text):
        self.texts.append(text)


@given(st.text(min_size=1))
def test_any_name_is_text_in_the_table_of_a_notebook(name):
    table = Summary((SummaryRow(1, name, (2,), 1, 2, 3),), 1, 2, 3)
    cells = Cells(table._repr_html_())
    assert (cells.tags.count("table"), cells.tags.count("tr")) == (1, 3)
    assert (cells.tags.count("th"), cells.tags.count("td"), len(cells.tags)) == (10, 5, 19)
    assert [text for text in cells.texts if text.strip("\n")][5:10][1:] == ["(2,)", "1", "2", "3 B"]


def test_what_cannot_be_called_is_refused_with_what_to_write():
    with pytest.raises(TypeError, match=r"got Tensor, write summary\(model, X\)"):
        summary(W)


def test_without_rich_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich", None)
    with pytest.raises(ImportError, match=r'pip install "autograd_nn\[learn\]"'):
        summary(in_scopes, X)


def test_the_model_and_its_parameters_are_left_as_they_were():
    before = W.data.copy()
    summary(in_scopes, X)
    np.testing.assert_array_equal(W.data, before)
    assert W.grad is None
