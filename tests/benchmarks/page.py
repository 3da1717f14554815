"""Run the benchmarks, each in a process of its own, and write the page of their figures.

    python tests/benchmarks/page.py FOLDER                        # all of them: hours, 60 GB
    python tests/benchmarks/page.py FOLDER --only load answers    # these; the others stay
    python tests/benchmarks/page.py FOLDER --only                 # none: the page anew, from what is kept
    python tests/benchmarks/page.py FOLDER --scale 0.01           # a trial: its page is in FOLDER/page

The page is README.md beside this file: what is said of each benchmark (`prose/`), with the tables of
its last run (`results/`) and a picture of each (`pictures/`). A benchmark that is not run keeps its
last result, and the date of it. No figure is written by hand.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE)]
from drawn import points, svg  # noqa: E402
from measuring import Result, Table, read_result  # noqa: E402


@dataclass(frozen=True)
class Benchmark:
    """One section of the page."""

    name: str
    script: str
    arguments: Callable[[float], list[str]]
    """What it is told, at a scale."""
    needs: tuple[str, ...] = ()
    """Packages and programs without which it is left out."""


def _n(usual: int, scale: float, least: int = 1) -> str:
    return str(max(least, round(usual * scale)))


def _large(part: str) -> Callable[[float], list[str]]:
    return lambda scale: ["--part", part, "--messages", _n(100_000_000, scale, 10_000)]


BENCHMARKS = (
    Benchmark("load", "load.py", lambda s: ["--rows", _n(10_000_000, s, 4_000)], ("polars",)),
    Benchmark("load-cores", "load.py", lambda s: ["--cores", "--rows", _n(10_000_000, s, 4_000)]),
    Benchmark(
        "report", "report.py", lambda s: ["--rows", _n(1_000_000, s, 5_000)],
        ("playwright", "chromium"),
    ),
    Benchmark(
        "screen", "screen.py",
        lambda s: [
            "--messages", _n(50_000_000, s, 200_000), "--changes", _n(60, s, 5),
            "--endure", _n(1_000, s, 10),
        ],
        ("itables", "playwright", "chromium"),
    ),
    Benchmark(
        "first-minute", "first_minute.py", lambda s: ["--times", _n(5, s)],
        ("playwright", "chromium"),
    ),
    Benchmark("answers", "answers.py", lambda s: ["--messages", _n(50_000_000, s, 40_000)]),
    Benchmark("reconciling", "reconciling.py", lambda s: ["--messages", _n(50_000_000, s, 40_000)]),
    Benchmark("findings", "findings.py", lambda s: ["--senders", _n(2_000, s, 1_000)]),
    Benchmark(
        "findings-large", "findings.py", lambda s: ["--large", "--senders", _n(20_000, s, 1_000)]
    ),
    Benchmark("tenants", "tenants.py", lambda s: ["--tenants", _n(300, s, 3)]),
    Benchmark("large-load", "large.py", _large("load")),
    Benchmark("large-answers", "large.py", _large("answers")),
    Benchmark("large-growth", "large.py", _large("growth")),
    Benchmark("large-spark", "large.py", _large("spark"), ("pyspark", "java")),
)  # fmt: skip
"""In the order of the page."""


# --- running --------------------------------------------------------------------------------


def missing(benchmark: Benchmark) -> list[str]:
    """Return what a benchmark needs and is not here."""
    return [
        name
        for name in benchmark.needs
        if importlib.util.find_spec(name) is None and shutil.which(_program(name)) is None
    ]


def _program(name: str) -> str:
    return os.environ.get("CHROMIUM", name) if name == "chromium" else name


def run(benchmark: Benchmark, folder: Path, scale: float, results: Path) -> str:
    """Run one in a process of its own, and keep its result; return why not, or nothing."""
    if lacks := missing(benchmark):
        return f"left out: it needs {', '.join(lacks)}"
    command = [sys.executable, str(HERE / benchmark.script), str(folder)]
    command += [*benchmark.arguments(scale), "--result", str(results / f"{benchmark.name}.json")]
    print(f"\n## {benchmark.name}", flush=True)
    done = subprocess.run(command)
    return f"failed: it ended with {done.returncode}" if done.returncode else ""


# --- the page -------------------------------------------------------------------------------


def write_page(page: Path) -> None:
    """Write README.md and the pictures from the results that are kept."""
    pictures = page / "pictures"
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir()
    sections = [_said("page", {})]
    for benchmark in BENCHMARKS:
        kept = page / "results" / f"{benchmark.name}.json"
        result = read_result(kept) if kept.exists() else None
        sections.append(section(benchmark.name, result, pictures))
    (page / "README.md").write_text(
        "\n\n".join(each.strip() for each in sections) + "\n", "utf-8", newline="\n"
    )


def section(name: str, result: Result | None, pictures: Path) -> str:
    """Return what is said of a benchmark, with its tables in their places, and draw them."""
    if result is None:
        return _said(name, {}, "*Not measured yet by this command.*")
    places = {
        table.name: _with_picture(table, f"{name}-{table.name}.svg", pictures)
        for table in result.tables
    }
    if result.notes:
        places["notes"] = "\n\n".join(result.notes)
    return _said(name, {**places, "run": run_told(result)})


_PLACE = re.compile(r"^\{\{([\w-]+)\}\}$", re.MULTILINE)


def places_of(name: str) -> list[str]:
    """Return the tables that the prose of a benchmark has a place for."""
    return _PLACE.findall((HERE / "prose" / f"{name}.md").read_text("utf-8"))


def _said(name: str, places: Mapping[str, str], otherwise: str = "") -> str:
    text = (HERE / "prose" / f"{name}.md").read_text("utf-8")
    if unplaced := places.keys() - set(places_of(name)):
        raise SystemExit(f"prose/{name}.md has no place for {sorted(unplaced)}")
    said = iter([otherwise])  # Where nothing was measured, that is said once.
    filled = _PLACE.sub(lambda place: places.get(place[1]) or next(said, ""), text)
    return re.sub(r"\n{3,}", "\n\n", filled)


def _with_picture(table: Table, file: str, pictures: Path) -> str:
    if not table.rows:
        return ""
    said = f"{table.markdown()}\n\n{table.baseline}"
    if not points(table):
        return said
    (pictures / file).write_text(svg(table) + "\n", "utf-8", newline="\n")
    return f"{said}\n\n![{table.picture.value}, drawn](pictures/{file})"


def run_told(result: Result) -> str:
    """Return when, on what and how a result was measured."""
    told = [
        f"{_moment(result.begun)} to {_moment(result.ended)} UTC" if result.ended else result.begun,
        _load_told(result),
        ", ".join(_machine_told(result.machine)),
        ", ".join(f"{name} {version}" for name, version in result.versions.items()),
    ]
    return f"*{'; '.join(told)}; `{result.command}`*"


def _moment(text: str) -> str:
    return text.replace("T", " ").removesuffix("+00:00")


def _load_told(result: Result) -> str:
    if not result.load_at_begin or not result.load_at_end:
        return "how busy the machine was is not kept"
    begin, end = result.load_at_begin[0], result.load_at_end[0]
    return f"load average {begin:.1f} at the beginning and {end:.1f} at the end"


def _machine_told(machine: Mapping[str, Any]) -> Iterator[str]:
    yield f"{machine['cores']} cores" + (
        f" ({machine['processor']})" if "processor" in machine else ""
    )
    if "memory_gb" in machine:
        yield f"{machine['memory_gb']} GB"
        yield str(machine["system"])


# --- the command ----------------------------------------------------------------------------


def main() -> None:
    """Run what is asked for, and write the page."""
    names = [benchmark.name for benchmark in BENCHMARKS]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="for what the benchmarks make")
    parser.add_argument("--only", nargs="*", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--page", type=Path, help="a folder for the page; else its own place")
    given = parser.parse_args()
    # A trial is no measurement: it never stands in the repository.
    page = given.page or (HERE if given.scale == 1 else given.folder / "page")
    (page / "results").mkdir(parents=True, exist_ok=True)
    failed = dict(_run_all(given.only, given.folder, given.scale, page))
    print(f"\n{page / 'README.md'}")
    for name, why in failed.items():
        print(f"{name}: {why}; its last result stays.")
    sys.exit(1 if failed else 0)


def _run_all(
    only: list[str] | None, folder: Path, scale: float, page: Path
) -> Iterator[tuple[str, str]]:
    """Run the chosen ones; yield those that came to nothing, and why."""
    chosen = [each for each in BENCHMARKS if only is None or each.name in only]
    if not chosen:
        write_page(page)
    for benchmark in chosen:
        if why := run(benchmark, folder, scale, page / "results"):
            yield benchmark.name, why
        write_page(page)  # After each: hours of figures do not wait for the last.


if __name__ == "__main__":
    main()
