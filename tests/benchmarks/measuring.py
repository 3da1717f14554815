"""What every benchmark shares: how it measures, its tables of figures, and the result that is kept.

A benchmark is a script that takes a folder, prints its tables as it goes and, with `--result FILE`,
keeps them as JSON, with the machine, the versions, the time and how busy the machine was.
`page.py` runs them and writes the page.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

Cell = str | int | float | None
"""A figure, a word in its place ("not in 300 s"), or nothing."""

# Containers often forbid it: each process that is measured would compile all it imports anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

PACKAGES = ("duckdb", "pandas", "polars", "pyspark", "altair", "itables", "playwright")
"""Whose versions stand beside the figures, where they are there."""


# --- measuring ------------------------------------------------------------------------------


class Cost(NamedTuple):
    """What a piece of work took: seconds by the clock, and of the processor on all cores."""

    seconds: float
    cpu: float


def now() -> Cost:
    """Return the clock and the processor time so far, to be subtracted.

    That of processes which this one started counts when they have ended.
    """
    own, others = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    used = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    return Cost(time.perf_counter(), used)


def timed(work: Callable[[], Any]) -> tuple[Cost, Any]:
    """Return what the work took, and what it gave."""
    began = now()
    done = work()
    ended = now()
    return Cost(ended.seconds - began.seconds, ended.cpu - began.cpu), done


AGAIN_S = 20.0
"""Something is done again a few times, while that takes no longer than this in all."""


def repeated(
    work: Callable[[], Any], times: int, before: Callable[[], None] = lambda: None
) -> tuple[Cost, Cost, Any]:
    """Return what a first time took, the median of the next ones, and what the work gave.

    Parameters
    ----------
    times
        How often in all, at least twice; fewer where the next ones take longer than AGAIN_S.
    before
        Done before each of the next ones, and not measured.
    """
    first, done = timed(work)
    others: list[Cost] = []
    while not others or (len(others) < times - 1 and sum(c.seconds for c in others) < AGAIN_S):
        before()
        others.append(timed(work)[0])
    return first, middle(others), done


def middle(costs: Sequence[Cost]) -> Cost:
    """Return the median of costs."""
    return Cost(*(statistics.median(each) for each in zip(*costs, strict=True)))


def peak_mb() -> float:
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def tell_cost(work: Callable[[], dict[str, Any] | None]) -> None:
    """Do the work of a process of its own, and print what it took as a line of JSON."""
    cost, more = timed(work)
    print(json.dumps({**cost._asdict(), "peak_mb": peak_mb(), **(more or {})}))


class Failed(Exception):
    """A process of its own came to nothing; the last line says why."""


def in_own_process(
    script: str | Path, *arguments: object, limit_s: float | None = None
) -> dict[str, Any] | None:
    """Run a script that tells lines of JSON, and return them as one; None: not within the limit."""
    command = [sys.executable, str(script), *map(str, arguments)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise Failed(f"{' '.join(command)}\n{done.stderr[-3000:]}")
    found: dict[str, Any] = {}
    for line in done.stdout.splitlines():
        found |= json.loads(line)
    return found


def ratio(figure: Cell, baseline: Cell) -> float | None:
    """Return how many times the baseline a figure is; None where one of them is none.

    >>> ratio(3.0, 1.5), ratio("not in 300 s", 1.5), ratio(3.0, 0)
    (2.0, None, None)
    """
    if isinstance(figure, str) or isinstance(baseline, str) or figure is None or not baseline:
        return None
    return figure / baseline


# --- tables ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A column of figures: what its title says, and their unit."""

    title: str
    unit: str = ""
    """s, ms, MB, x (times the baseline), n (a count), share; empty: words."""
    once: bool = False
    """Words that several rows share are said in the first of them."""


@dataclass(frozen=True)
class Picture:
    """What of a table is drawn: bars of each row, or lines over a column of numbers."""

    value: str
    """The column whose figures are drawn."""
    label: str
    """Bars: what each is. Lines: which line a point is of."""
    part: str = ""
    """The column whose words part the picture into several, each with an axis of its own."""
    along: str = ""
    """Lines: the column of numbers that they run along, both axes by factors."""
    is_grid: bool = False
    """A field for each label and part: for many figures that are factors, 1 is the middle."""


@dataclass
class Table:
    """Figures beside their baseline."""

    name: str
    columns: Sequence[Column]
    picture: Picture
    baseline: str
    """What the figures are compared with, in a sentence."""
    baselines: Sequence[str] = ()
    """Labels of the rows that are the baseline."""
    rows: list[list[Cell]] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        """Add a row, and print it."""
        assert len(cells) == len(self.columns), (self.name, cells)
        if not self.rows:
            print("\n" + self._head(), flush=True)
        self.rows.append(list(cells))
        print(self._line(len(self.rows) - 1), flush=True)

    def markdown(self) -> str:
        """Return the table as the page has it."""
        return "\n".join([self._head(), *(self._line(n) for n in range(len(self.rows)))])

    def _head(self) -> str:
        titles = " | ".join(column.title for column in self.columns)
        return f"| {titles} |\n|{'|'.join('---:' if c.unit else '---' for c in self.columns)}|"

    def _line(self, number: int) -> str:
        row, before = self.rows[number], self.rows[number - 1] if number else None
        cells = []
        for n, (column, cell) in enumerate(zip(self.columns, row, strict=True)):
            said = column.once and before is not None and before[: n + 1] == row[: n + 1]
            cells.append("" if said else shown(cell, column.unit))
        return f"| {' | '.join(cells)} |"

    def records(self) -> list[dict[str, Cell]]:
        """Return the rows by their columns' titles."""
        titles = [column.title for column in self.columns]
        return [dict(zip(titles, row, strict=True)) for row in self.rows]


_PLACES = {"s": (3, 2, 1, 1), "ms": (2, 2, 1, 0), "MB": (2, 2, 1, 0), "x": (3, 2, 2, 1)}
"""Places of a figure below 0.1, below 1, below 10, and above."""


def shown(cell: Cell, unit: str) -> str:
    """Return a cell as it is read.

    >>> [shown(1234.5, "ms"), shown(0.0123, "s"), shown(3, "n"), shown(None, "x")]
    ['1,234', '0.012', '3', '-']
    >>> shown("not in 300 s", "ms"), shown(0.987, "share")
    ('not in 300 s', '0.99')
    """
    if cell is None:
        return "-"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int) or not cell:
        return f"{cell:,.0f}"
    steps = sum(abs(cell) >= edge for edge in (0.1, 1, 10))
    return f"{cell:,.{_PLACES.get(unit, (2, 2, 2, 2))[steps]}f}"


# --- a result -------------------------------------------------------------------------------


@dataclass
class Result:
    """The tables of one run of a benchmark, with all that they depend on."""

    benchmark: str
    command: str
    begun: str
    ended: str = ""
    load_at_begin: Sequence[float] = ()
    load_at_end: Sequence[float] = ()
    machine: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Sentences with figures of the run that stand in no table."""

    def table(
        self,
        name: str,
        columns: Sequence[Column],
        picture: Picture,
        baseline: str,
        baselines: Sequence[str] = (),
    ) -> Table:
        """Return a new table of this result."""
        self.tables.append(Table(name, columns, picture, baseline, baselines))
        return self.tables[-1]

    def note(self, sentence: str) -> None:
        """Keep a sentence with figures, and print it."""
        self.notes.append(sentence)
        print("\n" + sentence, flush=True)

    def write(self, file: Path) -> None:
        """Keep it, whole or not at all."""
        work = file.with_name(file.name + ".new")
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False)
        work.write_text(text + "\n", "utf-8")
        work.replace(file)


def read_result(file: Path) -> Result:
    """Return what was kept."""
    told = json.loads(file.read_text("utf-8"))
    tables = [
        Table(
            **{
                **each,
                "columns": [Column(**column) for column in each["columns"]],
                "picture": Picture(**each["picture"]),
            }
        )
        for each in told.pop("tables")
    ]
    return Result(**told, tables=tables)


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """Return a parser of what every benchmark takes; each adds how large it is."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="for stores and exports; made once")
    parser.add_argument("--result", type=Path, help="keep the figures there, as JSON")
    return parser


@contextmanager
def measuring(name: str, given: argparse.Namespace) -> Iterator[Result]:
    """Yield a result to put tables in; it is kept when all of them were measured."""
    given.folder.mkdir(parents=True, exist_ok=True)
    result = Result(
        name, _command(), _moment(), load_at_begin=_load(), machine=machine(), versions=versions()
    )
    yield result
    result.ended, result.load_at_end = _moment(), _load()
    if given.result:
        result.write(given.result)


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(memory / 2**30),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def versions() -> dict[str, str]:
    """Return the versions of what works together here; of the kit, the commit."""
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found | {"the kit": _commit()}


def _commit() -> str:
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty=, changed"],
        cwd=Path(__file__).parent, capture_output=True, text=True,
    )  # fmt: skip
    return described.stdout.strip() or "unknown"


def _command() -> str:
    """Return the command of this run, without the folders of this machine."""
    words, left_out = [], False
    for n, word in enumerate(sys.argv[1:]):
        if left_out or word == "--result":
            left_out = word == "--result"
        else:
            words.append("FOLDER" if n == 0 else word)
    return " ".join([f"python tests/benchmarks/{Path(sys.argv[0]).name}", *words])


def _moment() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="minutes")


def _load() -> list[float]:
    return [round(each, 1) for each in os.getloadavg()]
