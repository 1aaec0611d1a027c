"""The docstrings of all public functions are read: what they say of parameters, results and errors is what there is."""

import ast
import inspect
import re
import textwrap
from itertools import chain
from types import FunctionType

import numpy as np
import pytest

import autograd_nn
from autograd_nn import draw, functional, special, testing
from autograd_nn.ops.declare import real_numbers
from autograd_nn.ops.neural.arguments import constant_or_tensor, floats

DOORS = (autograd_nn, functional, special, testing, draw)
FUNCTIONS = {
    f"{door.__name__}.{name}": getattr(door, name)
    for door in DOORS
    for name in door.__all__
    if isinstance(getattr(door, name), FunctionType)
}
every_function = pytest.mark.parametrize("name", FUNCTIONS)
SECTION = re.compile(r"^(Parameters|Returns|Yields|Raises|Notes|Examples)\n-+\n", re.MULTILINE)
ASKING = (real_numbers, floats, constant_or_tensor)


def sections(function):
    """The sections of a docstring: {title: text}."""
    _, *parts = SECTION.split(inspect.getdoc(function))
    return {title: text.strip("\n") for title, text in zip(parts[::2], parts[1::2], strict=True)}


def entries(section):
    """What a section lists: {name: what stands behind the colon, and the indented lines}."""
    found = {}
    for line in section.splitlines():
        if line and not line.startswith(" "):
            head, _, kind = line.partition(" : ")
            names = [name.lstrip("*") for name in head.split(", ")]
            found |= dict.fromkeys(names, kind)
        elif line:
            found |= {name: f"{found[name]}\n{line.strip()}" for name in names}
    return found


def body(function):
    """The statements of a def, without its decorators; none of a lambda."""
    return getattr(ast.parse(textwrap.dedent(inspect.getsource(function))).body[0], "body", [])


def raised(function, seen):
    """The errors that a function raises itself, or lets the functions of its own file raise that it calls."""
    function = inspect.unwrap(function)
    seen.add(function)
    known, found = function.__globals__, set()
    for node in chain.from_iterable(map(ast.walk, body(function))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            found |= {name for name in [ast.unparse(node.exc.func)] if name.endswith("Error")}
        called = known.get(node.func.id) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
        called = inspect.unwrap(called) if isinstance(called, FunctionType) else None
        if called is None or called in seen:
            continue
        if called.__module__ == function.__module__ or called in ASKING:
            found |= raised(called, seen)
    return found


@every_function
def test_each_parameter_is_documented_with_its_type_and_no_other(name):
    function = FUNCTIONS[name]
    documented = entries(sections(function).get("Parameters", ""))
    assert sorted(documented) == sorted(inspect.signature(function).parameters)
    assert all(documented.values()), [parameter for parameter, kind in documented.items() if not kind]


@every_function
def test_what_it_returns_is_documented_unless_it_is_nothing(name):
    returned = inspect.signature(FUNCTIONS[name]).return_annotation
    assert ("Returns" in sections(FUNCTIONS[name])) == (returned not in (None, "None"))


@every_function
def test_the_errors_that_it_raises_are_documented(name):
    documented = set(re.findall(r"\w+", " ".join(entries(sections(FUNCTIONS[name]).get("Raises", "")))))
    assert raised(FUNCTIONS[name], set()) <= documented


@every_function
def test_it_has_an_example(name):
    assert ">>> " in sections(FUNCTIONS[name]).get("Examples", "")


TREES = ("gradients", "vjp")  # of nested tuples, lists and dicts: no type says that


@pytest.mark.parametrize(
    "name",
    [
        f"{door.__name__}.{name}"
        for door in (autograd_nn, functional, special)
        for name in door.__all__
        if name not in TREES and f"{door.__name__}.{name}" in FUNCTIONS
    ],
)
def test_its_signature_has_types_that_say_something(name):
    signature = inspect.signature(FUNCTIONS[name])
    said = [p.annotation for p in signature.parameters.values()] + [signature.return_annotation]
    assert inspect.Signature.empty not in said
    assert "Any" not in said


def test_a_primitive_has_the_name_the_signature_and_the_source_of_its_function():
    assert str(inspect.signature(functional.softmax)).startswith("(x: 'ArrayLike | Tensor', axis: 'Axis' = -1)")
    assert inspect.unwrap(functional.softmax).__code__.co_filename.endswith("softmax.py")
    assert functional.softmax.__name__ == functional.softmax.__wrapped__.__name__ == "softmax"


def test_a_primitive_of_a_ufunc_has_the_names_of_its_pullbacks():
    hypot = autograd_nn.primitive(np.hypot, opposite=lambda g: g, adjacent=lambda g: g)
    assert str(inspect.signature(hypot)) == "(opposite, adjacent)"
    assert hypot.__wrapped__ is np.hypot


def test_a_decorated_function_is_a_primitive_with_its_own_name_signature_and_docstring():
    @autograd_nn.primitive(elementwise=True, x=lambda g, k: g * k)
    def stretched(x, k=2.0):
        """K times x."""
        return k * x

    assert (stretched.__name__, stretched.__doc__, stretched.__module__) == ("stretched", "K times x.", __name__)
    assert str(inspect.signature(stretched)) == "(x, k=2.0)"
    assert stretched.primitive.name == "stretched"
    assert stretched.primitive.elementwise
    assert autograd_nn.grad(stretched)(1.0, 3.0) == 3.0
    assert autograd_nn.grad(stretched)(1.0) == 2.0
