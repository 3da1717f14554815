"""The benchmarks run, and their page holds the figures of their last runs: at a tiny scale."""

from __future__ import annotations

import doctest
import importlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parent / "benchmarks"
TINY = "0.0002"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("benchmarks")
    command = [sys.executable, str(BENCHMARKS / "page.py"), str(made), "--scale", TINY]
    done = subprocess.run([*command, "--only", "large-load"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return made / "page"


@pytest.fixture
def benchmark(monkeypatch) -> Callable[[str], ModuleType]:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module


def test_the_page_has_each_figure_of_a_run_with_its_baseline_and_a_picture(folder):
    result = json.loads((folder / "results/large-load.json").read_text("utf-8"))
    (files, reckoned) = result["tables"]
    assert [row[2] for row in files["rows"]] == ["(a) DuckDB, INSERT", "the kit"] * 2
    assert [row[0] for row in files["rows"]] == [10_000, 10_000, 20_000, 20_000]
    assert [row[4] for row in files["rows"]][::2] == [1.0, 1.0]
    assert [(row[1], row[2]) for row in reckoned["rows"]] == [
        (20_000, "measured"), (20_000, "measured"),
        (1_000_000_000, "reckoned, not measured"), (1_000_000_000, "reckoned, not measured"),
    ]  # fmt: skip
    text = (folder / "README.md").read_text("utf-8")
    for row in files["rows"]:
        assert f"| {row[0]:,} | {row[1]} | {row[2]} | " in text
    assert result["begun"].replace("T", " ").removesuffix("+00:00") in text
    assert f"load average {result['load_at_begin'][0]:.1f} at the beginning" in text
    drawn = sorted(each.name for each in (folder / "pictures").iterdir())
    assert drawn == ["large-load-files.svg", "large-load-reckoned.svg"]
    assert re.findall(r"\(pictures/(.*?)\)", text) == drawn
    for name in drawn:
        picture = (folder / "pictures" / name).read_text("utf-8")
        assert "the kit" in picture and len(picture) < 60_000


def test_a_benchmark_that_is_not_run_keeps_its_result_and_its_date(folder, benchmark):
    before = (folder / "README.md").read_text("utf-8")
    benchmark("page").write_page(folder)
    assert (folder / "README.md").read_text("utf-8") == before
    assert "*Not measured yet by this command.*" in before


def test_the_page_in_the_repository_is_made_of_its_results_and_prose(tmp_path, benchmark):
    shutil.copytree(BENCHMARKS / "results", tmp_path / "results")
    benchmark("page").write_page(tmp_path)
    written = (tmp_path / "README.md").read_text("utf-8")
    assert written == (BENCHMARKS / "README.md").read_text("utf-8")
    drawn = [{p.name for p in (f / "pictures").iterdir()} for f in (tmp_path, BENCHMARKS)]
    assert drawn[0] == drawn[1]


def test_each_benchmark_is_there_and_has_something_said_of_it(benchmark):
    page = benchmark("page")
    for each in page.BENCHMARKS:
        assert (BENCHMARKS / each.script).is_file()
        assert "run" in page.places_of(each.name)
        assert all(isinstance(word, str) for word in each.arguments(0.01))


@pytest.mark.parametrize(
    "name", ["measuring", "large", "large_asked", "large_growth", "large_spark"]
)
def test_the_examples_of_a_benchmark_hold(name, benchmark):
    failed, tried = doctest.testmod(benchmark(name))
    assert tried and not failed
