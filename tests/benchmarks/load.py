"""How fast the kit loads, as ratios against named baselines of the same run on the same machine.

    pip install polars
    python tests/benchmarks/load.py FOLDER          # wants 6 GB there; about six minutes
    python tests/benchmarks/load.py FOLDER --rows 1000000

Prints the table of README.md. Each figure is a process of its own, so its memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
    with export.open(encoding="utf-16-le") as stream:
        header = stream.readline().strip().split(",")
    kinds = ", ".join(f"'{name}': 'VARCHAR'" for name in header)
    con.execute(
        f"create table t as select * from read_csv('{export}', columns = {{{kinds}}}, "
        "header = true, auto_detect = false, delim = ',', quote = '\"', encoding = 'utf-16')"
    )
    con.close()


def ctas_json(export: Path, out: Path) -> None:
    """Run plain CREATE TABLE AS of the sign-ins."""
    con = _connect(out)
    con.execute(
        "create table t as select unnest(value) from read_json("
        f"'{export}', maximum_object_size = {2**31 - 1})"
    )
    con.close()


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

    rows = pd.read_csv(export, dtype=str, encoding="utf-16", keep_default_na=False)
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
    from smtpauth_kit import loading
    from smtpauth_kit.store import Store

    (file,) = loading.load(Store(out), export).files
    assert file.status in ("loaded", "already_loaded"), file.error


STEPS: dict[str, Callable[[Path, Path], None]] = {
    each.__name__: each
    for each in (ctas_log, ctas_trace, ctas_json, pandas_log, pandas_trace, polars_log, kit)
}


def measured(step: str, export: Path, out: Path) -> dict[str, float]:
    """Run a step in a process of its own: seconds without imports, peak MB, MB written."""
    command = [sys.executable, str(HERE), "--step", step, str(export), str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{step}: {done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _run_step(step: str, export: Path, out: Path) -> None:
    import duckdb  # noqa: F401
    import pandas  # noqa: F401

    import smtpauth_kit.loading

    assert smtpauth_kit.loading
    before = time.perf_counter()
    STEPS[step](export, out)
    seconds = time.perf_counter() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "size": out.stat().st_size / 2**20}))


# --- the exports ---------------------------------------------------------------------------


def make(kind: str, file: Path, rows: int, seed: int = 1) -> Path:
    """Write a large export with the kit's generator, unless it is there."""
    if not file.exists():
        command = [sys.executable, "-m", "smtpauth_kit.sample", "--large", kind]
        command += ["--rows", str(rows), "--file", str(file), "--seed", str(seed)]
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


# --- the table -----------------------------------------------------------------------------


def rows_of_table(folder: Path, rows: int) -> Iterator[tuple[str, str, Path, dict[str, float]]]:
    """Yield group, what, export and figures; the first of a group is its baseline (a)."""
    log = make("log", folder / "log.csv", rows)
    other = make("log", folder / "other.csv", rows // 2, seed=2)
    half = half_new(log, other, folder / "half.csv", rows)
    name = f"{rows // 1_000:,} k rows of the plain submission log"
    store = folder / "kit.duckdb"
    store.unlink(missing_ok=True)
    yield name, "(a) DuckDB, CREATE TABLE AS", log, measured("ctas_log", log, folder / "a.db")
    yield name, "(b) pandas, two rollups", log, measured("pandas_log", log, folder / "b.pkl")
    yield name, "(c) polars, two rollups", log, measured("polars_log", log, folder / "c.parquet")
    yield name, "the kit", log, measured("kit", log, store)
    yield name, "the kit, the same file again", log, measured("kit", log, store)
    group = "an export that overlaps it by half"
    yield group, "(a) DuckDB, CREATE TABLE AS", half, measured("ctas_log", half, folder / "a.db")
    yield group, "the kit", half, measured("kit", half, store)
    store.unlink()
    trace = make("trace", folder / "trace.csv", rows // 10)
    group = f"{rows // 10_000:,} k rows of the extended trace, UTF-16"
    yield (
        group,
        "(a) DuckDB, CREATE TABLE AS",
        trace,
        measured("ctas_trace", trace, folder / "a.db"),
    )
    yield group, "(b) pandas, one rollup", trace, measured("pandas_trace", trace, folder / "b.pkl")
    yield group, "the kit", trace, measured("kit", trace, store)
    store.unlink()
    signs = make("sign-ins", folder / "signs.json", rows // 40)
    group = f"{rows // 40_000} k sign-ins in JSON"
    yield group, "(a) DuckDB, CREATE TABLE AS", signs, measured("ctas_json", signs, folder / "a.db")
    yield group, "the kit", signs, measured("kit", signs, store)
    store.unlink()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="*")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--step", nargs=3, metavar=("STEP", "EXPORT", "OUT"))
    given = parser.parse_args()
    if given.step:
        _run_step(given.step[0], Path(given.step[1]), Path(given.step[2]))
        return
    folder = given.folder[0]
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}\n")
    print("| export | what | s | x (a) | peak MB | MB written | x the export |")
    print("|---|---|---:|---:|---:|---:|---:|")
    base, last = 1.0, ""
    for group, what, export, found in rows_of_table(folder, given.rows):
        base = found["seconds"] if group != last else base
        size = found["size"] / (export.stat().st_size / 2**20)
        print(
            f"| {group if group != last else ''} | {what} | {found['seconds']:.1f} | "
            f"{found['seconds'] / base:.2f} | {found['peak']:,.0f} | {found['size']:,.0f} | "
            f"{size:.2f} |",
            flush=True,
        )
        last = group


if __name__ == "__main__":
    main()
