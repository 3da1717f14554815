"""The map of the house is true: the rooms it names are there, in the order that imports keep."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

import smtpauth_kit

HOUSE = Path(smtpauth_kit.__file__).parent
MAP = (HOUSE / "README.md").read_text("utf-8")
PROJECT = tomllib.loads((HOUSE.parent / "pyproject.toml").read_text("utf-8"))
ROOMS = sorted(path.name for path in HOUSE.iterdir() if (path / "__init__.py").is_file())


def layers() -> list[set[str]]:
    """Return the rooms as import-linter has them, the latest first."""
    (contract,) = (c for c in PROJECT["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    found = [set(re.split(r" \| ", layer)) for layer in contract["layers"]]
    return [layer - {"__main__"} for layer in found if layer != {"__main__"}]


def test_the_map_tells_of_every_room_and_of_no_other() -> None:
    assert sorted(re.findall(r"^\| `(\w+)/` \|", MAP, re.MULTILINE)) == ROOMS


def test_the_map_has_the_rooms_in_the_order_that_imports_keep() -> None:
    (line,) = re.findall(r"^cli → .*", MAP, re.MULTILINE)
    told = [set(re.findall(r"\w+", step)) for step in line.split(" → ")]
    assert told == layers()
    assert sorted(set.union(*told)) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_in_a_sentence_what_is_in_it(room: str) -> None:
    doc = ast.get_docstring(ast.parse((HOUSE / room / "__init__.py").read_text("utf-8"))) or ""
    assert doc.split("\n")[0].endswith(".")


def test_what_the_map_names_is_there() -> None:
    named = re.findall(r"`([\w.]+/[\w./]*)`", MAP)
    tests = [name for name in named if name.startswith("tests/")]
    missing = [
        name
        for name in named
        if "XX" not in name
        and not (HOUSE / name).exists()
        and not (HOUSE.parent / name).exists()
    ]  # fmt: skip
    assert missing == [] and len(named) > 20 and tests


def test_tests_stand_in_the_rooms_that_they_test() -> None:
    tests = Path(__file__).parent
    folders = {path.parent.relative_to(tests) for path in tests.rglob("test_*.py")}
    assert [str(each) for each in sorted(folders) if not (HOUSE / each).is_dir()] == []
    # Beside them, what is of no room: the map, the project, the notebooks, the benchmarks.
    alone = sorted(path.name for path in tests.glob("test_*.py"))
    assert alone == ["test_benchmarks.py", "test_house.py", "test_notebooks.py", "test_project.py"]


def imports_of(path: Path) -> set[Path]:
    """Return the modules of the same room that a module imports, for types alone too."""
    named: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            named |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    prefix = f"{HOUSE.name}.{path.parent.name}."
    inside = {name.removeprefix(prefix) for name in named if name.startswith(prefix)}
    return {file for name in inside if (file := path.with_name(f"{name}.py")).is_file()}


@pytest.mark.parametrize("room", ROOMS)
def test_no_module_of_a_room_leads_back_to_itself_by_imports(room: str) -> None:
    # Taken off one after the other: what imports only what is off already. A circle never is.
    left = {path: imports_of(path) for path in (HOUSE / room).glob("*.py")}
    while free := [path for path, imported in left.items() if not imported & left.keys()]:
        for path in free:
            del left[path]
    assert sorted(path.name for path in left) == []


def test_no_module_is_longer_than_400_lines() -> None:
    sizes = {path: len(path.read_text("utf-8").splitlines()) for path in HOUSE.rglob("*.py")}
    assert {path.name: size for path, size in sizes.items() if size > 400} == {}
