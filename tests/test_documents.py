"""The code in README.md and docs/ runs, block after block as a reader would; so does every docstring's example."""

import doctest
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

import autograd_nn
from autograd_nn import functional, special
from autograd_nn.ops.op_table import op_table

ROOT = Path(__file__).parent.parent
TABLES = ("op-table.md", "provers.md")  # without code to run
PEERS = ("other-frameworks.md",)  # with code that does not run everywhere: it has a test of its own
DOCUMENTS = [
    ROOT / "README.md",
    *sorted(path for path in (ROOT / "docs").glob("*.md") if path.name not in TABLES + PEERS),
]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_block_of_the_document_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    examples = list(Sybil(parsers=[PythonCodeBlockParser()]).parse(path).examples())
    assert examples
    for example in examples:
        example.evaluate()


PUBLIC = {name: vars(module)[name] for module in (special, functional, autograd_nn) for name in module.__all__}
PLAIN = ("AnomalyError", "Coverage", "numpy", "ops")  # an exception, a record, modules


@pytest.mark.parametrize("name", sorted(PUBLIC.keys() - set(PLAIN)))
def test_the_example_in_the_docstring_of_every_public_function_is_right(name):
    # --doctest-modules does not see functions that were written out by a primitive
    example = doctest.DocTestParser().get_doctest(PUBLIC[name].__doc__, {}, name, None, None)
    assert example.examples
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example).failed == 0


@pytest.mark.skipif(not hasattr(np, "matvec"), reason="the table has the functions of NumPy 2.2")
def test_op_table_is_the_one_that_the_registry_gives():
    assert (ROOT / "docs" / "op-table.md").read_text() == op_table(), (
        "write it anew: python -m autograd_nn.ops.op_table > docs/op-table.md"
    )


def test_op_table_is_printed_by_its_command():
    command = [sys.executable, "-m", "autograd_nn.ops.op_table"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == op_table()
