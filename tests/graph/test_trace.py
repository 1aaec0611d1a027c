"""Graphs of functions and models: names and scopes come from what the user wrote, with no base class."""

from collections import namedtuple
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from threading import Thread

import numpy as np
import pytest

from autograd_nn import Tensor, grad, gradients, no_grad, scope
from autograd_nn.engine.anomalies import NUMPY, PACKAGE, internal
from autograd_nn.functional import gelu, softmax
from autograd_nn.graph import graph
from autograd_nn.graph.facts import observe
from autograd_nn.graph.trace import trace

Pair = namedtuple("Pair", "left right")
X = np.ones((5, 2))
GLOBAL = Tensor(np.ones(2), requires_grad=True)


def parameter(*shape):
    return Tensor(np.ones(shape), requires_grad=True)


def leaves(g):
    return {(node.kind, node.name) for node in g.nodes if node.kind != "operation"}


def names(g, kind):
    return [node.name for node in g.nodes if node.kind == kind]


def scopes(g):
    return [".".join(node.scope) for node in g.nodes if node.kind == "operation"]


class Cell:
    """A layer with one parameter."""

    def __init__(self, width=2):
        self.W = parameter(width, width)

    def __call__(self, x):
        return np.tanh(x @ self.W)


class Nested:
    def __init__(self):
        self.first = Cell()
        self.rest = [Cell(), Cell()]
        self.named = {"left": Cell(), "the right": Cell()}

    def __call__(self, x):
        x = self.first(x)
        for cell in self.rest:
            x = cell(x)
        return self.named["left"](x) + self.named["the right"](x)


# Inputs --------------------------------------------------------------------------------------------


def test_arrays_and_numbers_are_inputs_with_the_names_of_the_functions_arguments():
    g = graph(lambda X, rate: np.sum(X) * rate, X, 0.5)
    assert [(node.kind, node.label, node.shape) for node in g.nodes[:2]] == [
        ("input", "X", (5, 2)),
        ("input", "rate", ()),
    ]


def test_inputs_nest_in_dicts_lists_tuples_and_namedtuples():
    def f(batch, pair, rows):
        return np.sum(batch["x"]) + batch[0] + pair.left * pair.right + rows[0] * rows[1]

    g = graph(f, {"x": X, 0: 1.0}, Pair(2.0, 3.0), [1.0, (2.0)])
    assert names(g, "input") == ["batch.x", "batch[0]", "pair.left", "pair.right", "rows[0]", "rows[1]"]


def test_inputs_that_a_function_takes_as_a_row_are_numbered():
    assert names(graph(lambda *rows: rows[0] + rows[1], X, X), "input") == ["rows[0]", "rows[1]"]


def test_inputs_of_a_builtin_without_a_signature_are_numbered():
    assert names(graph(np.add, X, X), "input") in (["x1", "x2"], ["input[0]", "input[1]"])


def test_a_tensor_with_a_name_keeps_it_as_an_input():
    assert names(graph(lambda a: np.exp(a), Tensor(X, name="points")), "input") == ["points"]


def test_a_tensor_that_requires_a_gradient_is_a_parameter_with_the_arguments_name():
    w = parameter(2)
    assert leaves(graph(lambda x, weights: x @ weights, X, w)) == {("input", "x"), ("parameter", "weights")}


def test_integers_and_other_objects_go_in_as_they_are():
    g = graph(lambda x, rows, how: getattr(np, how)(x[rows]), X, [0, 1], "exp")
    assert names(g, "input") == ["x"]
    assert g.nodes[-1].shape == (2, 2)


def test_an_input_that_nothing_uses_is_not_in_the_graph():
    assert names(graph(lambda x, unused: np.exp(x), X, X), "input") == ["x"]


def test_outputs_may_be_nested():
    g = graph(lambda x: {"a": np.exp(x), "b": [np.sin(x), 3.0]}, X)
    assert [node.label for node in g.nodes] == ["x", "exp", "sin"]


def test_no_grad_around_the_call_does_not_stop_it():
    with no_grad():
        assert len(graph(np.exp, X).nodes) == 2


# What a model holds --------------------------------------------------------------------------------


def test_parameters_are_named_by_their_path_in_the_model_and_labelled_by_its_end():
    g = graph(Nested(), X)
    assert names(g, "parameter") == ["first.W", "rest[0].W", "rest[1].W", "named.left.W", "named['the right'].W"]
    assert {node.label for node in g.nodes if node.kind == "parameter"} == {"W"}


def test_a_name_given_by_the_user_comes_before_the_path():
    cell = Cell()
    cell.W.name = "weights"
    assert names(graph(cell, X), "parameter") == ["weights"]


def test_a_dataclass_is_a_model():
    @dataclass
    class Line:
        slope: Tensor
        bias: Tensor

        def __call__(self, x):
            return x @ self.slope + self.bias

    assert names(graph(Line(parameter(2), parameter()), X), "parameter") == ["slope", "bias"]


def test_a_class_with_slots_is_a_model():
    class Slotted:
        __slots__ = ("W", "unset")

        def __call__(self, x):
            return x @ self.W

    model = Slotted()
    model.W = parameter(2)
    assert names(graph(model, X), "parameter") == ["W"]


def test_a_single_slot_may_be_declared_as_text():
    class Slotted:
        __slots__ = "weights"

        def __init__(self):
            self.weights = parameter(2)

        def __call__(self, x):
            return x @ self.weights

    assert names(graph(Slotted(), X), "parameter") == ["weights"]


def test_a_bound_method_belongs_to_its_model():
    class Model:
        def __init__(self):
            self.cell = Cell()

        def loss(self, x):
            return np.sum(self.cell(x))

    g = graph(Model().loss, X)
    assert names(g, "parameter") == ["cell.W"]
    assert scopes(g) == ["cell", "cell", ""]


def test_what_a_function_under_a_transform_encloses_has_the_same_names_as_without():
    cell = Cell()

    def loss(x):
        return np.sum(cell(x))

    assert names(graph(loss, X), "parameter") == names(graph(grad(loss), X), "parameter") == ["cell.W"]


def test_a_closure_names_what_it_encloses():
    weights, cell = parameter(2, 2), Cell()
    g = graph(lambda x: cell(x @ weights), X)
    assert set(names(g, "parameter")) == {"weights", "cell.W"}
    assert scopes(g) == ["", "cell", "cell"]


def test_a_function_names_the_globals_it_uses():
    assert names(graph(lambda x: x @ GLOBAL, X), "parameter") == ["GLOBAL"]


def test_a_partial_passes_the_names_on():
    class Model:
        def __init__(self):
            self.cell = Cell()

        def loss(self, scale, x):
            return scale * np.sum(self.cell(x))

    g = graph(partial(Model().loss, 2.0), X)
    assert leaves(g) == {("parameter", "cell.W"), ("input", "x")}


def test_a_model_that_holds_itself_is_explored_once():
    model = Nested()
    model.itself = model
    model.rest.append(model.rest)
    model.rest.pop()
    assert len(names(graph(model, X), "parameter")) == 5


def test_a_decorated_function_has_the_names_of_what_it_decorates():
    @scope("activation")
    def activation(x):
        return x @ GLOBAL

    assert names(graph(activation, X), "parameter") == ["GLOBAL"]


def test_a_function_made_of_a_model_has_its_names():
    cell = Cell()
    g = graph(grad(lambda x: np.sum(cell(x))), X)
    assert "cell.W" in names(g, "parameter")


# Scopes of models ----------------------------------------------------------------------------------


def test_what_a_part_computes_is_in_its_scope():
    assert scopes(graph(Nested(), X)) == [
        *("first", "first", "rest[0]", "rest[0]", "rest[1]", "rest[1]"),
        *("named.left", "named.left", "named['the right']", "named['the right']", ""),
    ]


def test_parts_of_parts_are_named_from_the_part_around_them():
    class Outer:
        def __init__(self):
            self.blocks = [Nested(), Nested()]

        def __call__(self, x):
            return self.blocks[1](self.blocks[0](x))

    scope_tuples = {node.scope for node in graph(Outer(), X).nodes}
    assert ("blocks[1]", "rest[0]") in scope_tuples
    assert ("blocks[0]", "named.left") in scope_tuples


def test_a_parameter_is_in_the_scope_of_its_part():
    g = graph(Nested(), X)
    assert {node.name: node.scope for node in g.nodes if node.kind == "parameter"}["rest[1].W"] == ("rest[1]",)


def test_inputs_are_in_no_scope():
    assert {node.scope for node in graph(Nested(), X).nodes if node.kind == "input"} == {()}


def test_a_part_that_is_called_several_times_is_numbered():
    class Recurrent:
        def __init__(self):
            self.cell = Cell()

        def __call__(self, x):
            for _ in range(3):
                x = self.cell(x)
            return x

    g = graph(Recurrent(), X)
    assert scopes(g) == ["cell[0]", "cell[0]", "cell[1]", "cell[1]", "cell[2]", "cell[2]"]
    assert {node.scope for node in g.nodes if node.kind == "parameter"} == {()}


def test_any_method_of_a_part_has_its_scope():
    class Model:
        def __init__(self):
            self.coder = self.Coder()

        class Coder:
            def encode(self, x):
                return np.exp(x)

            def decode(self, x):
                return np.log(x)

        def __call__(self, x):
            return self.coder.decode(np.sin(self.coder.encode(x)))

    assert scopes(graph(Model(), X)) == ["coder[0]", "", "coder[1]"]


class Whole:
    def __init__(self, part):
        self.part = part

    def __call__(self, x):
        return self.part(x)


def test_a_method_that_calls_methods_of_its_own_makes_no_scope_more():
    class Part:
        def __call__(self, x):
            return self.inner(np.exp(x))

        def inner(self, x):
            return np.sin(x)

    assert scopes(graph(Whole(Part()), X)) == ["part", "part"]


def test_nor_does_it_in_a_comprehension_or_a_helper():
    class Part:
        def __call__(self, x):
            left, right = (self.inner(value) for value in (x, 2.0 * x))
            return sum([self.inner(value) for value in (left, right)])

        def inner(self, x):
            return np.sin(x)

    assert set(scopes(graph(Whole(Part()), X))) == {"part"}


def test_a_part_that_calls_another_holds_it_though_the_model_holds_both():
    class Residual:
        def __init__(self, inner):
            self.inner = inner

        def __call__(self, x):
            return x + self.inner(x)

    class Model:
        def __init__(self):
            self.cell = Cell()
            self.residual = Residual(self.cell)

        def __call__(self, x):
            return self.residual(x)

    assert scopes(graph(Model(), X)) == ["residual.cell", "residual.cell", "residual"]


def test_scopes_by_hand_mix_with_those_of_the_model():
    class Model:
        def __init__(self):
            self.cell = Cell()

        def __call__(self, x):
            with scope("twice"):
                x = self.cell(x)
                with scope("again"):
                    return np.exp(self.cell(x))

    assert scopes(graph(Model(), X)) == [
        *("twice.cell", "twice.cell", "twice.again.cell", "twice.again.cell", "twice.again")
    ]


def test_scopes_by_hand_inside_a_part_are_in_it():
    class Part:
        def __call__(self, x):
            with scope("inside"):
                return np.exp(x)

    part = Part()
    assert scopes(graph(lambda x: part(x), X)) == ["part.inside"]


def test_a_decorated_function_is_a_scope():
    @scope("activation")
    def activation(x):
        return np.tanh(x)

    assert scopes(graph(lambda x: activation(x) + activation(x), X)) == ["activation[0]", "activation[1]", ""]


def test_scopes_around_the_call_say_nothing_about_the_function():
    with scope("around"):
        assert scopes(graph(np.exp, X)) == [""]


def test_a_part_that_looks_at_the_model_is_no_scope_of_what_it_sees():
    class Observer:
        def __init__(self, model):
            self.model = model

        def look(self, x, **how):
            return observe(self.model, x, **how).graph

    class Model:
        def __init__(self):
            self.observer = Observer(self)

        def __call__(self, x):
            return np.exp(x)

    assert scopes(Model().observer.look(X)) == [""]
    assert set(scopes(Model().observer.look(X, backward=True))) == {"", "backward"}


def test_a_tensor_that_was_recorded_outside_keeps_its_scope():
    w = parameter(5, 2)
    with scope("outside"):
        y = np.exp(w)
    assert scopes(graph(lambda x: x * y, X)) == ["outside", ""]


def test_an_exception_that_the_function_catches_leaves_the_scope():
    def f(x):
        try:
            with scope("wrong"):
                raise ValueError
        except ValueError:
            return np.exp(x)

    assert scopes(graph(f, X)) == [""]


def test_the_backward_pass_is_in_a_scope_of_its_own_and_in_those_of_what_it_goes_through():
    cell = Cell()

    def f(x):
        return gradients(np.sum(cell(x)), cell.W, create_graph=True)

    found = {node.scope for node in graph(f, X).nodes if node.kind == "operation"}
    assert {scope[:1] for scope in found if scope} == {("cell",), ("backward",)}
    assert ("backward", "cell") in found


# Lines ---------------------------------------------------------------------------------------------


def test_the_line_is_the_users():
    g = graph(lambda x: np.exp(x), X)
    assert g.nodes[-1].line.place.startswith("test_trace.py:")
    assert g.nodes[-1].line.text == "g = graph(lambda x: np.exp(x), X)"


@pytest.mark.parametrize("compound", [np.linalg.norm, gelu, np.var, softmax], ids=lambda f: f.__name__)
def test_within_numpy_and_functional_the_line_is_that_of_the_call(compound):
    def f(x):
        return compound(x)

    assert {node.line.text for node in graph(f, X).nodes[1:]} == {"return compound(x)"}


def test_the_backward_pass_has_the_lines_of_the_forward_pass():
    def f(x):
        y = np.sinh(x)
        return gradients(np.sum(y), x, create_graph=True)

    g = graph(f, X)
    assert {node.label: node.line.text for node in g.nodes if node.line}["cosh"] == "y = np.sinh(x)"


# Nothing is changed, and what is refused -----------------------------------------------------------


def test_tracing_leaves_the_gradients_and_the_names_of_the_model_alone():
    cell = Cell()
    np.sum(cell(X)).backward()
    before = cell.W.grad.data.copy()
    graph(cell, X)
    np.testing.assert_array_equal(cell.W.grad.data, before)
    assert cell.W.name is None


def test_the_arguments_are_fresh_leaves_that_leave_the_users_tensors_alone():
    x = Tensor(X)
    graph(np.exp, x)
    assert not x.requires_grad


def test_the_same_call_gives_an_equal_graph():
    model = Nested()
    assert graph(model, X) == graph(model, X)


def test_threads_trace_side_by_side():
    found = []
    threads = [Thread(target=lambda: found.append(graph(Nested(), X))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(str, found))) == 1


def test_what_the_function_raises_is_what_the_user_sees():
    def f(x):
        raise ZeroDivisionError("of the user")

    with pytest.raises(ZeroDivisionError, match="of the user"):
        graph(f, X)


def test_after_an_exception_nothing_is_witnessed_any_more():
    with pytest.raises(ZeroDivisionError):
        graph(lambda x: x * (1 // 0), X)
    assert len(graph(np.exp(parameter(2))).nodes) == 2


def test_a_wrong_number_of_inputs_is_refused_with_the_signature():
    def f(x, y):
        return x + y

    with pytest.raises(TypeError, match=r"f\(x, y\) cannot be called with 1 inputs: missing a required argument: 'y'"):
        graph(f, X)


def test_a_function_that_records_nothing_is_refused_by_name():
    def constant(x):
        return 3.0

    with pytest.raises(ValueError, match="nothing was recorded: constant returned float that depends on no float"):
        graph(constant, X)


def test_a_trace_keeps_no_frame():
    assert trace(np.exp, (X,)).witness.places.running == {}


class Linear:
    def __init__(self):
        self.W = parameter(2, 2)

    def __call__(self, x):
        return x @ self.W


def test_a_part_whose_name_begins_as_that_of_the_part_around_it_keeps_its_name():
    class Caller:
        def __init__(self, owner):
            self.owner = owner

        def __call__(self, x):
            return self.owner.ab(x)

    class Model:
        def __init__(self):
            self.a, self.ab = Caller(self), Linear()

        def __call__(self, x):
            return self.a(x)

    assert graph(Model(), X).nodes[-1].scope == ("a", "ab")


def test_a_list_that_can_be_called_is_a_model():
    class Sequence(list):
        def __call__(self, x):
            for part in self:
                x = part(x)
            return x

    class Model:
        def __init__(self):
            self.layers = Sequence([Linear(), Linear()])

        def __call__(self, x):
            return self.layers(x)

    assert graph(Sequence([Linear(), Linear()]), X).nodes[-1].scope == ("[1]",)
    assert graph(Model(), X).nodes[-1].scope == ("layers", "[1]")


def test_a_model_among_the_inputs_goes_in_as_it_is_also_if_it_is_a_list():
    class Scaled(list):
        def __init__(self, parts, scale):
            super().__init__(parts)
            self.scale = scale

        def __call__(self, x):
            return self.scale * self[0](x)

    g = graph(lambda model, x: model(x), Scaled([Linear()], 2.0), X)
    assert names(g, "parameter") == ["model[0].W"]
    assert names(g, "input") == ["x"]


def test_a_plain_list_is_no_part_also_where_a_function_works_on_it():
    def chained(matrices, x):
        return x @ matrices[0] @ matrices[1]

    class Model:
        def __init__(self):
            self.W = [parameter(2, 2), parameter(2, 2)]

        def __call__(self, x):
            return chained(self.W, x)

    assert scopes(graph(Model(), X)) == ["", ""]


def test_a_key_with_dots_in_it_is_a_name_in_one_piece():
    class Model:
        def __init__(self):
            self.weights = {"layer.0.W": parameter(2, 2)}

        def __call__(self, x):
            return x @ self.weights["layer.0.W"]

    (leaf,) = [node for node in graph(Model(), X).nodes if node.kind == "parameter"]
    assert leaf.label == "weights['layer.0.W']"


def test_a_leaf_in_no_scope_has_its_whole_name_and_in_its_own_scope_the_rest():
    class Model:
        def __init__(self):
            self.hidden, self.output = Linear(), Linear()

        def __call__(self, x):
            return self.output(self.hidden(x)) + self.output.W.sum()

    labels = {node.name: node.label for node in graph(Model(), X).nodes if node.kind == "parameter"}
    assert labels == {"hidden.W": "W", "output.W": "output.W"}


def test_looking_for_parts_runs_none_of_their_code():
    class Odd:
        __slots__ = ("W", "__hidden", "missing")

        def __init__(self):
            self.W, self.__hidden = parameter(2, 2), parameter(2, 2)

        def __getattr__(self, name):
            raise RuntimeError(f"somebody asked for {name}")

        def __call__(self, x):
            return x @ self.W @ self.__hidden

    class Model:
        def __init__(self):
            self.odd = Odd()

        def __call__(self, x):
            return self.odd(x)

    assert names(graph(Model(), X), "parameter") == ["odd.W", "odd.__hidden"]


def test_a_scope_entered_through_an_exit_stack_is_inside_the_part_that_enters_it():
    class Stacked(Linear):
        def __call__(self, x):
            with ExitStack() as stack:
                stack.enter_context(scope("inner"))
                return super().__call__(x)

    class Model:
        def __init__(self):
            self.a = Stacked()

        def __call__(self, x):
            return self.a(x)

    assert graph(Model(), X).nodes[-1].scope == ("a", "inner")


@pytest.mark.parametrize("path", ["autograd_nn_demo.py", "numpyro.py"])
def test_only_what_is_in_the_package_or_in_numpy_is_passed_over_for_the_line(path):
    folder = {"autograd_nn_demo.py": PACKAGE, "numpyro.py": NUMPY}[path]
    assert internal(f"{folder}core.py")
    assert not internal(folder.rstrip("/\\") + path.removeprefix("autograd_nn").removeprefix("numpy"))


def test_a_function_that_is_given_the_model_is_no_method_of_it():
    def loss(net, x):
        return np.sum(net(x) ** 2)

    assert scopes(graph(loss, Cell(), X)) == ["net", "net", "", ""]
    assert scopes(graph(Whole(lambda x: loss(Cell(), x)), X)) == ["", "", "", ""]


def counted(method):
    """A decorator that does not say what it decorates."""

    def call(*args):
        return method(*args)

    return call


class Decorator:
    def __init__(self, method):
        self.method = method

    def __get__(self, instance, owner):
        return partial(self.method, instance)


class Decorated:
    @counted
    def plain(self, x):
        return np.exp(np.exp(x))

    @counted
    @counted
    def twice(self, x):
        return np.exp(np.exp(x))

    @Decorator
    def bound(self, x):
        return np.exp(np.exp(x))

    @classmethod
    def of_class(cls, x):
        return np.exp(np.exp(x))

    @property
    def attribute(self):
        return np.exp(np.exp(GLOBAL))


class Derived(Decorated):
    pass


@pytest.mark.parametrize("name", ["plain", "twice", "bound"])
def test_a_decorated_or_inherited_method_is_one(name):
    part = Derived()
    assert scopes(graph(lambda x: getattr(part, name)(x), X)) == ["part", "part"]


def test_a_property_is_a_method():
    part = Derived()
    assert scopes(graph(lambda x: x @ part.attribute, X)) == ["part", "part", ""]


def test_a_method_that_an_object_was_given_is_one():
    part = Derived()
    part.extra = (lambda self, x: np.exp(np.exp(x))).__get__(part)
    assert scopes(graph(lambda x: part.extra(x), X)) == ["part", "part"]


def test_a_method_that_a_model_calls_of_its_own_is_a_scope():
    class Coder:
        def __init__(self):
            self.first, self.last = Cell(), Cell()

        def encode(self, x):
            return np.exp(self.first(x))

        def decode(self, z):
            return np.sin(self.last(z))

        def __call__(self, x):
            return self.decode(self.encode(x) * 2.0)

    own = ["encode.first", "encode.first", "encode", "", "decode.last", "decode.last", "decode"]
    assert scopes(graph(Coder(), X)) == own
    assert scopes(graph(Whole(Coder()), X)) == [f"part.{path}".rstrip(".") for path in own]


def test_nor_is_a_method_that_is_all_there_is_or_a_private_one():
    class Model:
        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            return self._activation(np.sin(x)) + 1.0

        def _activation(self, x):
            return np.exp(np.exp(x))

    assert set(scopes(graph(Model(), X))) == {""}


# Loops ---------------------------------------------------------------------------------------------


def test_the_turns_of_a_loop_are_scopes():
    def f(x):
        for _ in range(3):
            x = np.sin(x) * 2.0
        return np.sum(x)

    assert scopes(graph(f, X)) == ["step[0]", "step[0]", "step[1]", "step[1]", "step[2]", "step[2]", ""]


def test_a_turn_is_called_as_the_variable_of_the_loop_if_that_is_a_word():
    def f(x):
        for factor in (2.0, 3.0):
            x = np.sin(x) * factor
        return x

    assert scopes(graph(f, X)) == ["factor[0]", "factor[0]", "factor[1]", "factor[1]"]


def test_a_while_loop_has_turns_too():
    def f(x):
        while np.sum(x).item() > 2.5:
            x = np.sin(x) * 0.5
        return x

    assert scopes(graph(f, X)) == ["step[0]", "step[0]", "step[1]", "step[1]"]


def rotated(x):
    return np.sin(x) * np.cos(x)


def test_what_is_called_in_a_turn_is_in_it():
    def f(x):
        for _ in range(2):
            x = rotated(x)
        return x

    assert scopes(graph(f, X)) == ["step[0]"] * 3 + ["step[1]"] * 3


def test_loops_nest():
    def f(x):
        for row in range(2):
            for _ in range(2):
                x = rotated(x) + row
        return x

    assert scopes(graph(f, X)) == [f"row[{i}].step[{k}]" for i in range(2) for k in range(2) for _ in range(4)]


def test_a_comprehension_is_a_loop():
    assert scopes(graph(lambda x: sum([rotated(x) for _ in range(2)]), X))[:6] == ["step[0]"] * 3 + ["step[1]"] * 3


def test_what_the_loop_asks_for_is_in_its_turn():
    def rows(x):
        y = 0.0
        for row in x:
            y = y + row * 2.0
        return y

    def pairs(x):
        y = 0.0
        for a, b in zip(x, x, strict=True):
            y = y + a * b
        return y

    assert scopes(graph(rows, X[:2])) == ["row[0]"] * 3 + ["row[1]"] * 3
    assert scopes(graph(pairs, X[:2])) == ["step[0]"] * 4 + ["step[1]"] * 4


def test_a_variable_that_changes_within_a_turn_makes_no_other():
    def f(x):
        y = x
        for z in (x, 2.0 * x):
            z = np.sin(z)
            z = np.cos(z)
            y = y + z
        return y

    assert scopes(graph(f, X)) == ["", *["step[0]"] * 3, *["step[1]"] * 3]


def test_several_operations_of_one_instruction_are_in_one_turn():
    def f(x):
        for _ in range(2):
            x = sum([x, x, x])
        return x

    assert scopes(graph(f, X)) == ["step[0]"] * 3 + ["step[1]"] * 3


def test_a_loop_whose_turns_have_one_operation_each_is_no_scope():
    def f(x):
        for _ in range(3):
            x = np.sin(x)
        return x

    assert scopes(graph(f, X)) == ["", "", ""]


def test_a_loop_over_the_parts_of_a_model_has_the_names_of_the_parts():
    class Model:
        def __init__(self):
            self.layers = [Cell(), Cell()]

        def __call__(self, x):
            for layer in self.layers:
                x = np.exp(layer(x))
            return x

    assert scopes(graph(Model(), X)) == ["layers[0]", "layers[0]", "", "layers[1]", "layers[1]", ""]


def test_a_scope_by_hand_in_or_around_a_loop_stays_there():
    def inside(x):
        for _ in range(2):
            with scope("block"):
                x = rotated(x)
            x = rotated(x)
        return x

    def around(x):
        with scope("block"):
            for _ in range(2):
                x = rotated(x)
        return x

    assert set(scopes(graph(inside, X))) == {"block[0]", "block[1]", ""}
    assert set(scopes(graph(around, X))) == {"block.step[0]", "block.step[1]"}


def test_a_leaf_is_in_a_turn_if_each_has_its_own():
    weights = [parameter(2, 2) for _ in range(3)]
    start = parameter(5, 2)

    def own(x):
        for w in weights:
            x = np.tanh(x @ w)
        return x

    def first(x):
        y = start
        for _ in range(3):
            y = np.tanh(y * x)
        return y

    places = {node.name: node.scope for g in (graph(own, X), graph(first, X)) for node in g.nodes}
    assert [places[f"weights[{i}]"] for i in range(3)] == [(f"step[{i}]",) for i in range(3)]
    assert places["start"] == ()


def test_the_backward_pass_through_a_loop_has_its_turns():
    def f(x):
        for _ in range(2):
            x = np.sin(x) * np.exp(x)
        return np.sum(x)

    found = set(scopes(graph(grad(f), X)))
    assert {"step[0]", "backward.step[0]", "backward.step[1]"} <= found


# What scopes are -----------------------------------------------------------------------------------


def test_a_scope_says_what_it_is():
    class Model:
        def __init__(self):
            self.cell = Cell()

        def encode(self, x):
            for _ in range(2):
                x = self.cell(x) + 1.0
            return np.exp(x)

        def __call__(self, x):
            with scope("hand"):
                return self.encode(x) * 2.0

    g = graph(Model(), X)
    assert {".".join(path): tuple(about) for path, about in g.scopes.items()} == {
        "hand": ("hand", "hand", ""),
        "hand.encode": ("method", "encode", ""),
        "hand.encode.step[0]": ("loop", "step", ""),
        "hand.encode.step[1]": ("loop", "step", ""),
        "hand.encode.step[0].cell": ("part", "cell", "Cell"),
        "hand.encode.step[1].cell": ("part", "cell", "Cell"),
    }
    g = graph(grad(np.exp), 1.0)
    assert g.scopes[("backward",)].kind == "backward"


def test_scopes_of_one_title_stay_apart():
    def f(x):
        with scope("step[0]"):
            y = rotated(x)
        for _ in range(2):
            y = rotated(y)
        return y

    assert list(dict.fromkeys(scopes(graph(f, X)))) == ["step[0]", "step[0]'", "step[1]"]


def test_a_function_that_is_made_of_several_operations_is_a_scope():
    g = graph(lambda x: np.cov(x)[0, 0], X)
    assert set(scopes(g)) == {"cov", ""}
    assert g.scopes[("cov",)].kind == "function"


def test_of_functions_that_call_each_other_the_one_that_was_called_is_the_scope():
    assert set(scopes(graph(lambda x: np.corrcoef(x), np.eye(3)))) == {"corrcoef"}


def test_a_function_of_a_users_function_is_around_it():
    f = lambda x: np.apply_along_axis(lambda row: np.ptp(row) * 2.0, 1, x)
    assert {"apply_along_axis", "apply_along_axis.ptp[0]"} <= set(scopes(graph(f, X)))


def test_of_a_function_whose_result_is_not_in_the_graph_nothing_is_said():
    kept = []

    def f(x):
        for row in x:
            kept.append(np.cov(row))
        return grad(np.cov)(x[0])

    assert not any("cov" in path for path in scopes(graph(f, X)))
