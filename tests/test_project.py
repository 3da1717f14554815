"""The house holds together: dependencies in step, imports one way, nothing that must not be here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from command import COMMAND
from conftest import LOG, LOG_HEADER
from loaded_once import LoadedOnce
from rattler import MatchSpec

from smtpauth_kit.store.store import open_store

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONDA_NAMES = {"python-duckdb": "duckdb"}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def conda_specs() -> dict[str, str]:
    lines = (ROOT / "environment.yml").read_text("utf-8").splitlines()
    found = [re.fullmatch(r"  - ([a-z0-9-]+)([<>=!].*)", line) for line in lines]
    return {match[1]: match[2] for match in found if match}


def test_environment_yml_is_in_step_with_pyproject():
    wanted = {
        re.match(r"[A-Za-z0-9-]+", spec)[0].lower(): re.sub(r"^[A-Za-z0-9-]+", "", spec)
        for spec in PYPROJECT["project"]["dependencies"]
    }
    wanted["python"] = PYPROJECT["project"]["requires-python"]
    assert {CONDA_NAMES.get(name, name): spec for name, spec in conda_specs().items()} == wanted


def test_what_conda_gets_by_pip_has_no_ranges_of_its_own():
    text = (ROOT / "environment.yml").read_text("utf-8")
    assert re.findall(r"^      - (.*)$", text.split("  - pip:\n")[1], re.M) == ["-e ."]


def floors() -> dict[str, str]:
    project = PYPROJECT["project"]
    extras = [spec for specs in project["optional-dependencies"].values() for spec in specs]
    specs = [*project["dependencies"], *extras]
    found = [re.match(r"([A-Za-z0-9-]+)(?:\[\w+\])?>=([\d.]+)", spec) for spec in specs]
    return {match[1]: match[2] for match in found if match}


@pytest.mark.parametrize(
    ("name", "mended_in"),
    [
        ("aiosmtpd", "1.4.6"), ("defusedxml", "0.7.1"), ("filelock", "3.20.3"), ("idna", "3.7"),
        ("jinja2", "3.1.6"), ("jupyterlab", "4.4.8"), ("nbconvert", "7.17.1"),
        ("playwright", "1.56"), ("pyspark", "4.0.1"), ("pytest", "9.0.3"), ("requests", "2.33"),
        ("vl-convert-python", "1.9"),
    ],
)  # fmt: skip
def test_a_floor_is_not_below_the_version_that_mends_a_known_advisory(name, mended_in):
    def numbers(version: str) -> list[int]:
        return [int(part) for part in version.split(".")]

    assert numbers(floors()[name]) >= numbers(mended_in)


@pytest.mark.parametrize("name", conda_specs())
def test_every_conda_spec_can_be_read(name):
    MatchSpec(f"{name} {conda_specs()[name]}", strict=True)


def test_imports_point_one_way():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_every_module_has_a_place_in_the_layers():
    layers = PYPROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    placed = {name.strip() for layer in layers for name in re.split(r"[|:]", layer)}
    modules = {
        path.stem
        for path in (ROOT / "smtpauth_kit").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem != "__init__"
    }
    assert modules - placed == set()


def test_the_top_level_is_the_agreed_one():
    agreed = {
        "notebooks", "smtpauth_kit", "data", "tests", "environment.yml", "README.md",
        "pyproject.toml", "LICENSE", "CHANGELOG.md",
    }  # fmt: skip
    top = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {name for name in top if not name.startswith(".")} <= agreed


def test_notebooks_are_thin_and_saved_without_outputs():
    notebooks = [path for path in tracked() if path.suffix == ".ipynb"]
    assert notebooks
    for path in notebooks:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        for cell in cells:
            if cell["cell_type"] != "code":
                continue
            source = "".join(cell["source"])
            assert cell["outputs"] == [] and cell["execution_count"] is None, path
            assert not re.search(r"\bdef |\bclass |<[a-z]+|\bselect\b.*\bfrom\b", source, re.I), (
                path
            )


def test_readme_names_the_commands_that_exist():
    readme = (ROOT / "README.md").read_text("utf-8")
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True)
    commands = set(re.findall(r"^  ([a-z][a-z-]+) ", done.stdout.split("Commands:")[1], re.M))
    named = set(re.findall(r"\bsmtpauth ([a-z][a-z-]+)\b", readme))
    assert commands <= named
    assert named <= commands


def test_every_address_in_the_tree_is_an_example_one():
    allowed = re.compile(
        r"(?:.*\.)?(?:contoso\.(?:com|org)|fabrikam\.com|.+\.example|example)", re.I
    )
    for path in tracked():
        if path.suffix in (".gz", ".zip", ".png", ".js") or "data/sample" in path.as_posix():
            continue
        text = path.read_text("utf-8", "replace")
        for found in re.findall(r"[\w.+-]+@((?:[\w-]+\.)+[a-z]{2,})", text):
            assert allowed.fullmatch(found), (path, found)


LOADED = "from submissions order by all"


def test_what_tests_load_once_is_a_copy_with_the_same_rows_and_words(tmp_path, write):
    path = write("log.csv", LOG)
    once = LoadedOnce(tmp_path)
    first, copy, other = (open_store(tmp_path / f"{name}.duckdb") for name in ("a", "b", "c"))
    held, result = once.load(first, (), path)
    same, again = once.load(copy, (), path)
    assert same == held and again == result and len(once._kept) == 1
    assert copy.run(LOADED).equals(first.run(LOADED)) and len(copy.run(LOADED)) == 3
    more = write("more.csv", LOG_HEADER + "2026-11-23T10:00:00Z,a@contoso.com,,<4@x>,,,\n")
    for store in (first, copy):
        assert once.load(store, held, more)[1].files[0].rows_loaded == 1
        assert len(store.run(LOADED)) == 4
    assert once.load(other, (), path, tenant="Fabrikam")[1].files[0].status == "loaded"
    assert set(other.run("select distinct tenant from submissions")["tenant"]) == {"Fabrikam"}


def test_a_store_that_a_test_has_changed_is_loaded_into(tmp_path, write):
    path = write("log.csv", LOG)
    once = LoadedOnce(tmp_path)
    held, result = once.load(open_store(tmp_path / "a.duckdb"), None, path)
    assert held is None and once._kept == {} and result.files[0].rows_loaded == 3
