"""The floors of the house: a file sits above all that it imports, and rooms know only the rooms below them."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "autograd_nn"
FLOORS = {
    "engine": set(),
    "ops": {"engine"},
    "functional": {"ops"},
    "special": {"ops"},
    "transforms": {"engine"},
    "numpy": {"engine", "ops", "special"},
    "": {"engine", "ops", "transforms", "numpy"},
    "graph": {"engine", "ops"},
    "draw": {"graph", "engine"},
    "testing": {"", "engine", "ops", "functional", "special", "graph"},
    "tutorials": {"", "engine", "draw"},
    "cli": {"", "engine", "draw", "testing", "tutorials"},
    "__main__": {"cli"},
}
"""Room -> the rooms that its files may import from besides their own; "" is what users import as autograd_nn."""

FILES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}


def room(module):
    """'engine' for autograd_nn.engine.node; '' for autograd_nn itself."""
    return module.partition(".")[2].partition(".")[0]


def imported(module):
    """The modules of the package that a module imports; those for types alone are no import."""
    tree = ast.parse(FILES[module].read_text())
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports relatively"
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            found.update(name if name in FILES else node.module for name in inside)
    return {name for name in found if name in FILES} - {module}


IMPORTS = {module: imported(module) for module in FILES}


def test_every_room_has_a_floor():
    assert {room(module) for module in FILES} == set(FLOORS)


@pytest.mark.parametrize("module", sorted(FILES))
def test_a_file_imports_only_from_its_own_room_and_the_floors_below(module):
    own = room(module)
    strange = {name for name in IMPORTS[module] if room(name) not in {own, *FLOORS[own]}}
    assert not strange


def test_no_file_imports_itself_through_others():
    above, order = {module: set(names) for module, names in IMPORTS.items()}, []
    while above:
        free = [module for module, names in above.items() if not names & above.keys()]
        assert free, f"these import each other: {sorted(above)}"
        order += free
        for module in free:
            del above[module]
    assert order.index("autograd_nn.engine.node") < order.index("autograd_nn.engine.backward")


def test_no_module_is_reached_by_a_string_but_the_chapters_of_the_rule_book():
    found = {module for module, path in FILES.items() if "import_module" in path.read_text()}
    assert found == {"autograd_nn.ops.chapters"}


def test_no_file_is_longer_than_one_can_hold_in_the_head():
    lengths = {module: len(path.read_text().splitlines()) for module, path in FILES.items()}
    assert {module: length for module, length in lengths.items() if length > 500} == {}


def test_the_core_and_the_backward_pass_are_an_afternoon():
    core = [PACKAGE / "engine" / f"{name}.py" for name in ("node", "registry", "tensor", "backward")]
    assert sum(len(path.read_text().splitlines()) for path in core) < 900
