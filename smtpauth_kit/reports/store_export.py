"""The store as a folder of Parquet files, for a cluster: by tenant and month, whole or not at all.

What the rules read of each day goes with it, and what they found, so that a cluster need not judge
the facts again. What is in the folder is told in `store/exported_tables.py`.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers.composing import complete
from smtpauth_kit.answers.findings.inputs import rows_of_days, texts
from smtpauth_kit.answers.findings.judging import Judged, judge
from smtpauth_kit.answers.findings.kept import fingerprint, frame_of, kept, not_checked_json
from smtpauth_kit.answers.kept_days import KEPT, SPANS, are_kept
from smtpauth_kit.base.errors import StoreError
from smtpauth_kit.base.replacing import remove_leftovers, why, work_folder
from smtpauth_kit.loading.judging import is_judged_quickly
from smtpauth_kit.store.database import LOADING_S, connect_to_export, literal, run_within, sql_text
from smtpauth_kit.store.exported_tables import (
    CONTEXT,
    DAYS,
    MANIFEST,
    NEEDED,
    ExportedTable,
    Manifest,
)
from smtpauth_kit.store.reader import Question
from smtpauth_kit.store.store import Store

if TYPE_CHECKING:
    import duckdb

_ENDING: Final = "exporting"

_TENANT_FOLDER: Final = (
    "case when tenant = '' then 'unnamed' else concat(left(regexp_replace(lower(tenant), "
    "'[^a-z0-9]+', '-', 'g'), 40), '-', left(sha256(tenant), 12)) end as tenant_folder"
)
"""A tenant's name may be anything; its folder has letters and digits, and no two share one."""


def export_store(
    store: Store,
    folder: Path,
    tell: Callable[[float], None] = lambda share: None,
    check: Callable[[], None] = lambda: None,
) -> Manifest:
    """Write the canonical tables of a store into a folder, in the place of an older export.

    Parameters
    ----------
    tell
        Hears what share is done, 0 to 1.
    check
        Called all the while; what it raises ends the work, and the folder is as it was.

    Raises
    ------
    StoreError
        There is no store, the folder holds something else, or it cannot be written.

    Examples
    --------
    >>> manifest = export_store(store, folder / "tables")
    >>> manifest.tables["submissions"].row_count
    3
    >>> sorted(path.name for path in (folder / "tables" / "submissions").rglob("*"))
    ['data_0.parquet', 'month=2026-11', 'tenant_folder=unnamed']
    """
    store.rows("select 1")  # What can be said of a store that is none is said here.
    place = folder.expanduser().absolute()
    with _plain_os_errors(place):
        _check_replaceable(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        with work_folder(place, _ENDING) as work:
            new = work / "new"
            new.mkdir()
            with closing(connect_to_export(Path(os.path.realpath(store.path)), work)) as con:
                manifest = _Export(con, new, tell, check).write()
            check()
            _swap_in(new, place, work / "old")
        remove_leftovers(place, _ENDING)
    tell(1.0)
    return manifest


Select = Callable[[str], str]
"""Gives the SELECT of the rows of a table that meet a condition on their day."""


class _Export:
    """Writes one folder."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        folder: Path,
        tell: Callable[[float], None],
        check: Callable[[], None],
    ) -> None:
        self._con, self._folder, self._tell, self._check = con, folder, tell, check
        self._engine = Question(con, "", {})

    def write(self) -> Manifest:
        """Write all tables, then what tells of them."""
        selects = {name: _rows_of(name) for name in (*NEEDED, *CONTEXT)} | self._of_rules()
        tables = {}
        for n, (name, select) in enumerate(selects.items()):
            tables[name] = self._table(name, select, n / len(selects), 1 / len(selects))
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        manifest = Manifest(os.urandom(8).hex(), now, tables)
        (self._folder / MANIFEST).write_text(manifest.to_json(), "utf-8")
        return manifest

    def _of_rules(self) -> dict[str, Select]:
        """Return the SELECTs of what the rules read of each day, and of what they found."""
        self._execute(f"use memory; {sql_text('findings')}; use store")
        made = ["changed_periods"]
        if is_judged_quickly(self._engine):
            self._keep(kept(self._engine) or judge(self._engine))
            made += ["findings", "findings_judged"]
        are_there = are_kept(self._engine)
        of_days = {
            table: _rows_of(table) if are_there else partial(_counted, relation)
            for relation, table in KEPT.items()
        }
        if are_there and self._engine.has_tables(*SPANS.values()):  # An older store has no more.
            of_days[KEPT["recipient_days"]] = _addressed
        return {name: _rows_of(f"memory.main.{name}") for name in made} | of_days

    def _keep(self, judged: Judged) -> None:
        if judged.findings:
            self._con.register("batch", frame_of(judged))
            self._con.execute("insert into memory.findings by name select * from batch")
            self._con.unregister("batch")
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        told = [fingerprint(self._engine), now, not_checked_json(judged)]
        self._con.execute("insert into memory.findings_judged values (?, ?, ?)", told)

    def _table(self, name: str, select: Select, done: float, share: float) -> ExportedTable:
        """Write one table, which is a share of the work: a file for each tenant and month."""
        self._tell(done)
        place = self._folder / name
        place.mkdir()
        columns = {column: kind for column, kind, *_ in self._execute(f"describe {select('true')}")}
        count = 0
        months = self._months(name)
        for n, month in enumerate(months):
            self._tell(done + share * n / len(months))
            rows = select(_is_of(DAYS[name], month))
            parts = f"{_TENANT_FOLDER}, {literal(month)} as month"
            count += self._copy(f"select *, {parts} from ({rows}) as of_month", place, _BY_MONTH)
        if not count:  # An empty table is a file, too: so it is seen what its columns are.
            count = self._copy(select("true"), place / "data_0.parquet", "format parquet")
        return ExportedTable(columns, count)

    def _months(self, name: str) -> list[str]:
        """Return the months of a table that is parted by them: the rules' have the messages'."""
        if name not in DAYS:
            return []
        table = "submissions" if name in KEPT.values() else name
        asked = f"select distinct {_MONTH.format(DAYS[table])} as month from {table} order by month"
        return [month for (month,) in self._execute(asked)]

    def _copy(self, select: str, place: Path, options: str) -> int:
        ((count,),) = self._execute(f"copy ({select}) to {literal(str(place))} ({options})")
        return int(count)

    def _execute(self, sql: str) -> list[tuple[Any, ...]]:
        job = lambda: self._con.execute(sql).fetchall()  # noqa: E731
        return run_within(self._con, job, LOADING_S, self._check)


_BY_MONTH: Final = (
    "format parquet, partition_by (tenant_folder, month), overwrite_or_ignore, "
    "write_partition_columns false"
)
_MONTH: Final = "coalesce(strftime({}, '%Y-%m'), 'unknown')"


def _is_of(day: str, month: str) -> str:
    if month == "unknown":
        return f"{day} is null"
    first = f"date '{month}-01'"
    return f"{day} >= {first} and {day} < {first} + interval 1 month"


def _rows_of(table: str) -> Select:
    return lambda condition: f"select * from {table} where {condition}"


def _addressed(condition: str) -> str:
    """Return the rows of `daily_by_recipient_domain` that the rules read."""
    return (
        "select source, tenant, ahead_of_clock, period_start, period_end, sender_key, domain "
        f"from daily_by_recipient_domain where coalesce(is_addressed, true) and {condition}"
    )


def _counted(relation: str, condition: str) -> str:
    return complete(texts()[relation], rows_of_days(f"period_start = period_end and {condition}"))


def _check_replaceable(place: Path) -> None:
    """Refuse to replace anything but an older export, or an empty folder."""
    if not place.exists() or (place / MANIFEST).is_file():
        return
    if place.is_dir() and not any(place.iterdir()):
        return
    raise StoreError(
        "{folder} is there and holds something else than an exported store: it was left as it is. "
        "Name a folder that is not there yet, or one that smtpauth export-store wrote.",
        folder=str(place),
    )


def _swap_in(new: Path, place: Path, old: Path) -> None:
    """Put a whole folder in the place of another one, which is gone only when it is there."""
    if not place.exists():
        os.replace(new, place)
        return
    os.replace(place, old)
    try:
        os.replace(new, place)
    except BaseException:
        os.replace(old, place)
        raise


@contextmanager
def _plain_os_errors(place: Path) -> Iterator[None]:
    import duckdb

    try:
        yield
    except (OSError, duckdb.IOException) as error:
        raise StoreError(
            "The tables could not be written to {folder}: {system}. What was there is as it was. "
            "Make room, or name another folder.",
            folder=str(place),
            system=why(error),
        ) from None
