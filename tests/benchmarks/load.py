"""How fast the kit loads, as ratios against named baselines of the same run on the same machine.

    pip install polars
    python tests/benchmarks/load.py FOLDER                  # wants 8 GB there
    python tests/benchmarks/load.py FOLDER --rows 1000000   # a tenth of it
    python tests/benchmarks/load.py FOLDER --steps          # only what each step costs
    python tests/benchmarks/load.py FOLDER --cores          # one core beside all of them

Measures the tables "Loading" of README.md. Each figure is a process of its own, so its memory is
its own.
CPU seconds say what the work costs, whatever else the machine is doing; seconds, how long it took.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent)]
from measuring import (  # noqa: E402
    Column,
    Picture,
    Result,
    arguments,
    in_own_process,
    measuring,
    now,
    ratio,
    tell_cost,
)

COLUMNS = ("date", "sender", "recipient", "message_id", "tls", "ip", "auth", "account")
HERE = Path(__file__)


# --- what is measured: each in a child process ---------------------------------------------


def _connect(file: Path) -> Any:
    import duckdb

    file.unlink(missing_ok=True)
    con = duckdb.connect(str(file))
    con.execute("set enable_progress_bar = false; set preserve_insertion_order = false")
    con.execute("set memory_limit = '1200MB'")
    return con


def ctas_log(export: Path, out: Path) -> None:
    """Run plain CREATE TABLE AS with explicit columns, into a file."""
    kinds = ", ".join(f"'{n}': '{'TIMESTAMP' if n == 'date' else 'VARCHAR'}'" for n in COLUMNS)
    con = _connect(out)
    con.execute(
        f"create table t as select * from read_csv('{export}', columns = {{{kinds}}}, "
        "header = true, auto_detect = false, delim = ',', quote = '\"')"
    )
    con.close()


def ctas_trace(export: Path, out: Path) -> None:
    """Run plain CREATE TABLE AS of the UTF-16 trace."""
    con = _connect(out)
    kinds = ", ".join(f"'{name}': 'VARCHAR'" for name in _header(export))
    con.execute(
        f"create table t as select * from read_csv('{export}', columns = {{{kinds}}}, "
        "header = true, auto_detect = false, delim = ',', quote = '\"', encoding = 'utf-16')"
    )
    con.close()


def _header(export: Path) -> list[str]:
    with export.open(encoding="utf-16-le") as stream:
        return stream.readline().strip().split(",")


def ctas_json(export: Path, out: Path) -> None:
    """Run plain CREATE TABLE AS of the sign-ins: one document, which DuckDB reads whole."""
    con = _connect(out)
    con.execute("set memory_limit = '8GB'")
    con.execute(
        "create table t as select unnest(value) from read_json("
        f"'{export}', maximum_object_size = {export.stat().st_size + 1})"
    )
    con.close()


def ctas_one(export: Path, out: Path) -> None:
    """Insert a row into a copy of the file of plain DuckDB, which takes the place of the old one."""
    import duckdb

    work = out.with_name("one.db")
    shutil.copyfile(out, work)
    con = duckdb.connect(str(work))
    con.execute("insert into t by name select '<one@small>' as message_id, now() as date")
    con.close()
    work.replace(out)


def pandas_log(export: Path, out: Path) -> None:
    """Run pandas read_csv in pieces, with the two rollups."""
    import pandas as pd

    parts = []
    for piece in pd.read_csv(
        export, names=COLUMNS, header=0, dtype=str, chunksize=500_000, keep_default_na=False
    ):
        piece["day"] = pd.to_datetime(piece["date"], utc=True).dt.date
        piece["domain"] = piece["sender"].str.rpartition("@")[2].str.lower()
        parts.append(piece.groupby(["day", "sender", "domain", "tls", "auth"]).size())
    by_sender = pd.concat(parts).groupby(level=[0, 1, 2, 3, 4]).sum()
    by_sender.groupby(level=[0, 2, 3, 4]).sum().to_pickle(out)


def pandas_trace(export: Path, out: Path) -> None:
    """Run pandas read_csv of the UTF-16 trace, with a rollup."""
    import pandas as pd

    rows = pd.read_csv(export, dtype=str, encoding="utf-16-le", keep_default_na=False)
    rows.groupby([rows["date_time_utc"].str[:10], "sender_address"]).size().to_pickle(out)


def polars_log(export: Path, out: Path) -> None:
    """Run polars scan_csv, streaming, with the two rollups."""
    import polars as pl

    by = ("day", "sender", "domain", "tls", "auth")
    rows = pl.scan_csv(
        export, has_header=True, new_columns=list(COLUMNS), infer_schema=False
    ).with_columns(
        day=pl.col("date").str.slice(0, 10).str.to_date(),
        domain=pl.col("sender").str.split("@").list.last().str.to_lowercase(),
    )
    by_sender = rows.group_by(by).len().collect(engine="streaming")
    by_sender.group_by([name for name in by if name != "sender"]).agg(pl.sum("len")).write_parquet(
        out
    )


def kit(export: Path, out: Path) -> None:
    """Load with the kit: validation, rejects, once-only keys, both rollups, provenance."""
    from smtpauth_kit.loading import loading
    from smtpauth_kit.store.store import Store

    (file,) = loading.load(Store(out), export).files
    assert file.status in ("loaded", "already_loaded"), file.error


def kit_alone(exports: Path, out: Path) -> None:
    """Load a folder into a new store, with this process alone."""
    _kit_of_all(exports, out, 1)


def kit_on_all_cores(exports: Path, out: Path) -> None:
    """Load a folder into a new store, with a process for each core beside this one."""
    _kit_of_all(exports, out, os.cpu_count() or 1)


def _kit_of_all(exports: Path, out: Path, jobs: int) -> None:
    from smtpauth_kit.loading import loading
    from smtpauth_kit.store.store import Store

    out.unlink(missing_ok=True)
    result = loading.load(Store(out), *_all_of(exports), jobs=jobs)
    assert not result.refused, result.refused


def _all_of(exports: Path) -> list[Path]:
    """Return the export, or all of a folder: the generator writes its totals beside each."""
    return sorted(exports.glob("*.csv")) if exports.is_dir() else [exports]


# --- what each step of a load costs --------------------------------------------------------


class Clock:
    """Sums seconds and CPU seconds under the names of steps; a step inside another is taken off."""

    def __init__(self) -> None:
        self.spent: dict[str, tuple[float, float]] = {}
        self._inside: list[tuple[float, float]] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure a block."""
        start = now()
        self._inside.append((0.0, 0.0))
        try:
            yield
        finally:
            whole = tuple(end - began for end, began in zip(now(), start, strict=True))
            own = [w - i for w, i in zip(whole, self._inside.pop(), strict=True)]
            before = self.spent.get(name, (0.0, 0.0))
            self.spent[name] = (before[0] + own[0], before[1] + own[1])
            if self._inside:
                out = self._inside[-1]
                self._inside[-1] = (out[0] + whole[0], out[1] + whole[1])

    def wrap(self, owner: Any, name: str, step: str | Callable[..., str]) -> None:
        """Measure every call of a function of the kit."""
        function = getattr(owner, name)

        def timed(*args: Any, **options: Any) -> Any:
            with self.step(step if isinstance(step, str) else step(*args)):
                return function(*args, **options)

        setattr(owner, name, timed)


AT_THE_END = "days counted, figures of readiness kept, all days judged"
SQL_STEPS = {
    "bulk_survey": "look up every sender, account, TLS version … (a reading of its own)",
    "bulk_known": "the messages of other files",
    "bulk_insert": "read, check and write the rows",
    "bulk_apart": "messages twice in the file; duplicates proven equal",
    "bulk_stage": "rows that the usual way decides about",
    "append": "keys, duplicates, write (usual way)",
    "roll_up": "both rollups",
}

APPENDING = (
    "arrive", "arrive_from_logs", "rank_repeats", "except_known", "tell_in_file",
    "append_submissions", "append_reports", "settle_reports",
)  # fmt: skip
"""The steps of submissions in store/appended_rows.py."""


def steps(export: Path, out: Path) -> None:
    """Load with the kit and a clock at every step; prints the steps."""
    from smtpauth_kit.loading import bulk, loading, one_file
    from smtpauth_kit.loading.appending import FileJob
    from smtpauth_kit.store.database import sql_text
    from smtpauth_kit.store.store import Store
    from smtpauth_kit.store.writer import Writer

    clock = Clock()
    names = {
        _first_words(sql_text(name)): step for name, step in SQL_STEPS.items() if name != "append"
    }
    for name in (*APPENDING, "append_rows"):
        names[_first_words(sql_text(name))] = SQL_STEPS["append"]
    clock.wrap(one_file, "examine", "read once: hash, encoding, line ends")
    clock.wrap(one_file, "recognise", "recognise the format")
    clock.wrap(Store, "_copy_to", "copy the store")
    clock.wrap(Store, "_publish", "flush to disk, swap in")
    clock.wrap(FileJob, "_in_one_transaction", "the rest of the transaction, commit")
    clock.wrap(FileJob, "_stage", "take rows apart and convert them, in Python")
    clock.wrap(Writer, "stage", "hand converted rows to DuckDB")
    ending: list[str] = []
    clock.wrap(
        Writer, "execute",
        lambda _, sql, *more: (*ending, names.get(_first_words(sql), "small steps"))[0],
    )  # fmt: skip
    keep = loading.keep_what_can_be_found

    def keep_at_the_end(*arguments: Any) -> None:
        with clock.step(AT_THE_END):
            ending.append(AT_THE_END)
            keep(*arguments)
            ending.clear()

    loading.keep_what_can_be_found = keep_at_the_end
    clock.wrap(bulk.BulkLog, "_ask", lambda _, sql: names.get(_first_words(sql), "small steps"))
    start = bulk.BulkLog._check_start
    apart: dict[str, tuple[float, float]] = {}

    def with_trials(log: bulk.BulkLog) -> None:
        """Read the file twice more, to know what the one statement of `bulk_insert` is made of."""
        cells, parsed = log._cells, log._fill("bulk_parsed", log._cells)
        lengths = ", ".join(f"sum(strlen({name}))" for name in bulk._TEXTS.values())
        for name, sql in (
            ("read", f"select {lengths} from ({cells})"),
            ("read and check", f"select count(*) from ({parsed}) where is_plain"),
        ):
            began = now()
            log._writer.con.execute(sql).fetchall()
            apart[name] = (now().seconds - began.seconds, now().cpu - began.cpu)
        start(log)

    bulk.BulkLog._check_start = with_trials  # type: ignore[method-assign]
    with clock.step("everything else"):
        kit(export, out)
    print(json.dumps({"spent": _split(clock.spent, apart)}))


def _split(
    spent: dict[str, tuple[float, float]], trials: dict[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Split the one statement that reads, checks and writes by what reading and checking cost."""
    if not trials:
        return spent
    minus = lambda a, b: (a[0] - b[0], a[1] - b[1])  # noqa: E731
    both, read = trials["read and check"], trials["read"]
    found: dict[str, tuple[float, float]] = {}
    for name, cost in spent.items():
        if name == SQL_STEPS["bulk_insert"]:
            found["read: the cells of every row"] = read
            found["types and validation, keys looked up"] = minus(both, read)
            found["write the rows, known ones marked"] = minus(cost, both)
        elif name == "the rest of the transaction, commit":
            found[name] = minus(minus(cost, read), both)
        else:
            found[name] = cost
    return found


def _first_words(sql: str) -> str:
    return " ".join(sql.split())[:60]


def small_load(export: Path, out: Path) -> None:
    """Load a file of one row into a store that is there."""
    small = out.with_name("small.csv")
    small.write_text(
        "Date,Sender address,Message ID\n2026-01-01T00:00:00Z,a@contoso.com,"
        f"{time.time_ns()}@small\n"
    )
    kit(small, out)


STEPS: dict[str, Callable[[Path, Path], None]] = {
    each.__name__: each
    for each in (
        ctas_log, ctas_trace, ctas_json, ctas_one, pandas_log, pandas_trace, polars_log, kit, kit_alone,
        kit_on_all_cores, small_load, steps,
    )
}  # fmt: skip


def measured(step: str, export: Path, out: Path) -> dict[str, Any]:
    """Run a step in a process of its own: seconds without imports, peak MB, MB written."""
    found = in_own_process(HERE, export, "--step", step, "--out", out)
    assert found is not None
    return found


def _run_step(step: str, export: Path, out: Path) -> None:
    import duckdb  # noqa: F401
    import pandas  # noqa: F401

    import smtpauth_kit.loading.loading

    assert smtpauth_kit.loading.loading
    if step.startswith("polars"):
        import polars  # noqa: F401
    tell_cost(lambda: STEPS[step](export, out))
    print(json.dumps({"size": out.stat().st_size / 2**20}))


# --- the exports ---------------------------------------------------------------------------


def make(kind: str, file: Path, rows: int, seed: int = 1, first: int = 0) -> Path:
    """Write a large export with the kit's generator, unless it is there.

    Its messages are numbered from `first` on.
    """
    if not file.exists():
        command = [sys.executable, "-m", "smtpauth_kit.sample", "--large", kind]
        command += ["--rows", str(rows), "--file", str(file), "--seed", str(seed)]
        command += ["--first", str(first)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return file


def half_new(old: Path, new: Path, file: Path, rows: int) -> Path:
    """Write an export of which the first half stands in `old` and the second in no other."""
    if not file.exists():
        with file.open("wb") as out, old.open("rb") as one, new.open("rb") as other:
            for number, line in enumerate(one):
                if number == 0 or number > rows - rows // 2:
                    out.write(line)
            next(other)
            for number, line in enumerate(other):
                if number < rows // 2:
                    out.write(line)
    return file


# --- the tables ----------------------------------------------------------------------------

CTAS = "(a) DuckDB, CREATE TABLE AS"
TRACES = 20
ONE_ROW = "(a) DuckDB, a copy of its file and INSERT"


def exports(folder: Path, rows: int) -> dict[str, Path]:
    """Make every export that is measured."""
    log = make("log", folder / "log.csv", rows)
    other = make("log", folder / "other.csv", rows // 2, seed=2)
    return {
        "log": log,
        "half": half_new(log, other, folder / "half.csv", rows),
        "trace": make("trace", folder / "trace.csv", rows // 10),
        "signs": make("sign-ins", folder / "signs.json", rows // 40),
    }


def traces(folder: Path, rows: int) -> Path:
    """Make a folder of 20 traces of so many rows, each of its own messages."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(TRACES):
        make("trace", folder / f"{number:02}.csv", rows, first=number * rows)
    return folder


def measure_cores(result: Result, folder: Path, rows: int) -> None:
    """Measure one core beside all of them, three times by turns."""
    of, out = traces(folder / "traces", rows // 100), folder / "cores.duckdb"
    group = f"{TRACES} extended traces of {rows // 100:,} rows, UTF-16"
    turns = [
        ("(a) the kit, --jobs 1", "kit_alone", of, out),
        (f"the kit, --jobs {os.cpu_count()}", "kit_on_all_cores", of, out),
    ]
    measure_lines(result, "cores", {group: turns * 3})


def measure_speed(result: Result, folder: Path, rows: int) -> None:
    """Measure whole loads."""
    files = exports(folder, rows)
    log, half, trace, signs = (files[name] for name in ("log", "half", "trace", "signs"))
    store, small, traces = (folder / f"{name}.duckdb" for name in ("kit", "signs", "traces"))
    for file in (store, small, traces):
        file.unlink(missing_ok=True)
    groups: dict[str, list[tuple[str, str, Path, Path]]] = {
        f"{rows:,} rows of the plain submission log": [
            (CTAS, "ctas_log", log, folder / "a.db"),
            ("(b) pandas, two rollups", "pandas_log", log, folder / "b.pkl"),
            ("(c) polars, two rollups", "polars_log", log, folder / "c.parquet"),
            ("the kit", "kit", log, store),
            ("the kit, the same file again", "kit", log, store),
        ],
        "an export that overlaps it by half": [
            (CTAS, "ctas_log", half, folder / "a.db"),
            ("the kit", "kit", half, store),
        ],
        "one row, into the store that they made": [
            (ONE_ROW, "ctas_one", log, folder / "a.db"),
            ("the kit", "small_load", log, store),
        ],
        f"{rows // 10:,} rows of the extended trace, UTF-16": [
            (CTAS, "ctas_trace", trace, folder / "a.db"),
            ("(b) pandas, one rollup", "pandas_trace", trace, folder / "b.pkl"),
            ("the kit", "kit", trace, traces),
        ],
        f"{rows // 40:,} sign-ins in JSON": [
            (CTAS, "ctas_json", signs, folder / "a.db"),
            ("the kit", "kit", signs, small),
        ],
    }
    measure_lines(result, "speed", groups)


def measure_lines(
    result: Result, name: str, groups: dict[str, list[tuple[str, str, Path, Path]]]
) -> None:
    """Measure groups of steps, each beside the first of its group: its baseline."""
    table = result.table(
        name,
        [
            Column("export", once=True), Column("what"), Column("s", "s"), Column("x (a)", "x"),
            Column("CPU s", "s"), Column("CPU x (a)", "x"), Column("peak MB", "MB"),
            Column("MB written", "MB"), Column("x the export", "x"),
        ],
        Picture("CPU s", "what", "export"), "(a) is the baseline of its export.",
        sorted({lines[0][0] for lines in groups.values()}),
    )  # fmt: skip
    for group, lines in groups.items():
        base: dict[str, Any] = {}
        for what, step, export, out in lines:
            found = measured(step, export, out)
            base = base or found
            table.add(
                group, what, found["seconds"], ratio(found["seconds"], base["seconds"]),
                found["cpu"], ratio(found["cpu"], base["cpu"]), found["peak_mb"], found["size"],
                ratio(found["size"], sum(f.stat().st_size for f in _all_of(export)) / 2**20),
            )  # fmt: skip


def measure_steps(result: Result, folder: Path, rows: int) -> None:
    """Measure what each step costs, beside the baseline of the same export."""
    files = exports(folder, rows)
    store = folder / "steps.duckdb"
    table = result.table(
        "steps",
        [
            Column("export", once=True), Column("step"), Column("s", "s"), Column("CPU s", "s"),
            Column("CPU x (a)", "x"),
        ],
        Picture("CPU x (a)", "step", "export"), "(a) is the baseline of its export.", [CTAS],
    )  # fmt: skip
    for name, title, base, fresh in (
        ("log", "plain submission log, a new store", "ctas_log", True),
        ("half", "one that overlaps it by half", "ctas_log", False),
        ("trace", "extended trace, a new store", "ctas_trace", True),
        ("signs", "sign-ins, a new store", "ctas_json", True),
    ):
        if fresh:
            store.unlink(missing_ok=True)
        plain = measured(base, files[name], folder / "a.db")
        table.add(title, CTAS, plain["seconds"], plain["cpu"], 1.0)
        spent = measured("steps", files[name], store)["spent"]
        spent["all of it"] = [sum(cost[n] for cost in spent.values()) for n in (0, 1)]
        for step, (seconds, cpu) in spent.items():
            if cpu >= 0.005 * plain["cpu"]:
                table.add(title, step, seconds, cpu, ratio(cpu, plain["cpu"]))


def main() -> None:
    """Measure both tables."""
    parser = arguments(__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--steps", action="store_true", help="only what each step costs")
    parser.add_argument("--cores", action="store_true", help="one core beside all of them")
    parser.add_argument("--step", help="one step, of an export in the place of the folder")
    parser.add_argument("--out", type=Path, help="what the step makes")
    given = parser.parse_args()
    if given.step:
        _run_step(given.step, given.folder, given.out)
        return
    given.folder = given.folder / f"load-{given.rows}"
    with measuring("load-cores" if given.cores else "load", given) as result:
        if given.cores:
            measure_cores(result, given.folder, given.rows)
            return
        if not given.steps:
            measure_speed(result, given.folder, given.rows)
        measure_steps(result, given.folder, given.rows)


if __name__ == "__main__":
    main()
