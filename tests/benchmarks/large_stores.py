"""The stores of `large.py`: exports, the loader, and the same rows as plain DuckDB keeps them."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from measuring import in_own_process, tell_cost

from smtpauth_kit.sample.large import Shape, write_log

HERE = Path(__file__)
FILES, SENDERS, DOMAINS, DAYS = 10, 20_000, 200, 400
LAST_DAY = dt.date(2026, 11, 22)
COLUMNS = ("date", "sender", "recipient", "message_id", "tls", "ip", "auth", "account")

Told = dict[str, Any]
"""What a process of its own told: seconds, cpu, peak_mb, and more."""


# --- steps: each in a process of its own ------------------------------------------------------


def make_exports(missing: list[tuple[str, dict[str, Any]]]) -> None:
    """Write exports, each whole or not at all."""
    for export, shape in missing:
        work = Path(f"{export}.{os.getpid()}.new")
        work.parent.mkdir(parents=True, exist_ok=True)
        last = dt.date.fromisoformat(shape["last_day"])
        write_log(work, Shape(**{**shape, "last_day": last}))
        work.replace(export)


def load(store: str, paths: list[str], of_tenants: bool = False) -> Told:
    """Load with the kit: all that it always does."""
    from smtpauth_kit.loading import loading
    from smtpauth_kit.store.store import Store

    found = loading.load(Store(Path(store)), *paths, tenant_from_folder=of_tenants)
    assert {file.status for file in found.files} == {"loaded"}, found.files
    return {"messages": found.message_count, "mb": _mb(store)}


def insert(database: str, paths: list[str]) -> Told:
    """Insert with plain DuckDB, columns named: no validation, no keys, no rollups."""
    import duckdb

    kinds = ", ".join(f"'{n}': '{'TIMESTAMP' if n == 'date' else 'VARCHAR'}'" for n in COLUMNS)
    con = duckdb.connect(database)
    con.execute("set enable_progress_bar = false; set preserve_insertion_order = false")
    con.execute("set memory_limit = '1200MB'")
    read = (
        f"read_csv($paths, columns = {{{kinds}}}, header = true, auto_detect = false, "
        "delim = ',', quote = '\"')"
    )
    con.execute(f"create table if not exists t as select * from {read} limit 0", {"paths": paths})
    con.execute(f"insert into t select * from {read}", {"paths": paths})
    con.close()
    return {"mb": _mb(database)}


def _mb(file: str) -> float:
    return Path(file).stat().st_size / 2**20


STEPS = {each.__name__: each for each in (make_exports, load, insert)}


def step(name: str, /, **of: Any) -> Told:
    """Do a step in a process of its own, and return what it took."""
    told = in_own_process(HERE, name, json.dumps(of))
    assert told is not None
    return told


# --- what is loaded ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Large:
    """So many messages of so many senders, days and tenants, and where they are kept."""

    folder: Path
    messages: int
    senders: int = SENDERS
    days: int = DAYS
    tenants: int = 1
    files: int = FILES
    """Files of a tenant, each of days of its own."""

    @property
    def place(self) -> Path:
        """The folder of its exports and stores."""
        name = f"{self.messages}-of-{self.senders}x{self.days}x{self.tenants}-in-{self.files}"
        return self.folder / f"large-{name}"

    @property
    def store(self) -> Path:
        """The kit's store."""
        return self.place / "mail.duckdb"

    @property
    def plain(self) -> Path:
        """The same rows in a table of plain DuckDB."""
        return self.place / "plain.duckdb"

    @property
    def tables(self) -> Path:
        """The tables as Parquet, for Spark."""
        return self.place / "tables"

    @property
    def first_day(self) -> dt.date:
        """The first of its days."""
        return LAST_DAY - dt.timedelta(days=self.days - 1)

    def tenth(self) -> Large:
        """Return a tenth of the messages, of as many senders and days, in one file."""
        return replace(self, messages=self.messages // 10, files=1)

    def exports(self) -> list[Path]:
        """Make the exports that are not there, and return all of them."""
        missing = [
            (str(export), {**asdict(shape), "last_day": shape.last_day.isoformat()})
            for export, shape in self._shapes()
            if not export.exists()
        ]
        if missing:
            step("make_exports", missing=missing)
        return [export for export, _ in self._shapes()]

    def _shapes(self) -> Iterator[tuple[Path, Shape]]:
        rows = self.messages // self.files // self.tenants
        days = self.days // self.files
        for tenant in range(self.tenants):
            # A tenant's senders are its own: another seed gives them other habits.
            folder = self.place / "lake" / f"tenant{tenant:03d}" if self.tenants > 1 else self.place
            for n in range(self.files):
                last = LAST_DAY - dt.timedelta(days=days * (self.files - 1 - n))
                yield folder / f"part-{n:02d}.csv", Shape(
                    rows, max(1, self.senders // self.tenants), min(DOMAINS, self.senders), days,
                    last, seed=1 + tenant, first=n * rows,
                )  # fmt: skip

    def forget(self) -> None:
        """Remove what was loaded; the exports stay."""
        (self.place / "whole").unlink(missing_ok=True)
        for file in (self.store, self.plain):
            for each in self.place.glob(f"{file.name}*"):
                each.unlink()

    def loaded(self) -> Large:
        """Load all of it that is not there, into both, unmeasured; the exports go."""
        if not (self.place / "whole").exists():
            self.forget()
            for _ in self.loads():
                pass
        return self

    def loads(self) -> Iterator[tuple[Path, Told, Told]]:
        """Load each export into both, and yield it with what plain DuckDB and the kit took."""
        for export in self.exports():
            plain = step("insert", database=str(self.plain), paths=[str(export)])
            yield export, plain, step("load", store=str(self.store), paths=[str(export)])
        (self.place / "whole").touch()
        self.remove_exports()

    def load_of_tenants(self) -> Told:
        """Load all at once, each folder as a tenant; return what it took."""
        paths = [str(path) for path in self.exports()]
        lake = [str(self.place / "lake")] if self.tenants > 1 else paths
        return step("load", store=str(self.store), paths=lake, of_tenants=self.tenants > 1)

    def remove_exports(self) -> None:
        """Remove the exports."""
        for export, _ in self._shapes():
            export.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.place, ignore_errors=True)


def at_scale(folder: Path, messages: int) -> Large:
    """Return what is measured at a scale: of few messages, fewer senders and files."""
    files = FILES if messages >= 500_000 else 2
    return Large(folder, messages, senders=max(20, min(SENDERS, messages // 500)), files=files)


if __name__ == "__main__":
    import sys

    if sys.argv[1] != "make_exports":  # What is imported is no part of a load.
        import duckdb  # noqa: F401
        import pandas  # noqa: F401

        import smtpauth_kit.loading.loading  # noqa: F401

    tell_cost(lambda: STEPS[sys.argv[1]](**json.loads(sys.argv[2])))
