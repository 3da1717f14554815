"""After a load, the facts are judged and what was found is kept with them in the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from smtpauth_kit.answers.findings.judging import judge
from smtpauth_kit.answers.findings.kept import (
    fingerprint,
    frame_of,
    kept,
    not_checked_json,
)
from smtpauth_kit.answers.readiness.answer import readiness_scope
from smtpauth_kit.answers.readiness.kept_figures import (
    SENDERS,
    WEEKS,
    client_statements,
    kept_of,
)
from smtpauth_kit.answers.readiness.relations import statement
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.loading.counting_days import count_days
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.promised import promised
from smtpauth_kit.store.rows import Rows, described, fetched
from smtpauth_kit.store.writer import Writer

if TYPE_CHECKING:
    import pandas as pd

_T = TypeVar("_T")

MOST_UNKEPT: Final = 100_000
"""Rows that are judged in less than a second, when somebody asks: keeping that saves nothing."""

MOST_KEPT: Final = 16_000_000
"""Rows up to which a load judges them at its end; of more they are judged when somebody asks.

All days are judged after each load, which takes half a second of processor for a million rows:
with more, a load of one day would take longer than anybody waits for it. See
`tests/benchmarks/README.md`."""

MOST_COUNTED: Final = 120_000_000
"""Rows up to which a load counts its days for the rules, also where it does not judge them, and
keeps the figures of senders.

From counted days were judged, with DuckDB's 1 GB of memory, 51 million messages from several
addresses a day with 7 million sign-ins, and 100 million from one address a day; row by row they
were not. Counting takes 1.4 s of processor for a million rows of a load, figures take a fifth of a
second for a million rows of the store."""

_LOADED: Final = "select coalesce(sum(rows_loaded), 0) as row_count from source_files"
_ROWS: Final = "select (select count(*) from submission_rows) + (select count(*) from sign_in_rows)"


class _Copy(Engine):
    """A working copy of the store, to ask the rules of."""

    keeps_tables = True

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._known: dict[tuple[str, ...], Any] = {}

    def run(self, sql: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run one statement; a wish to stop is heard in the middle of it."""
        result = self._writer.execute(sql, params)
        _, types = described(result)
        return promised(result.df(), types)

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> Rows:
        """Run one statement; a wish to stop is heard in the middle of it."""
        result = self._writer.execute(sql, params)
        return fetched(*described(result), result.fetchall())

    def has_tables(self, *names: str) -> bool:
        """Tell whether all these tables are there."""
        return set(names) <= {name for (name,) in self._writer.rows(sql_text("base_tables"))}

    def found_once(self, key: tuple[str, ...], find: Callable[[], _T]) -> _T:
        """Return what `find` finds; nothing is written meanwhile."""
        if key not in self._known:
            self._known[key] = find()
        found: _T = self._known[key]
        return found


def keep_what_can_be_found(
    writer: Writer, tell: Callable[[float], None] = lambda share: None
) -> None:
    """Keep findings and the figures of senders with the store, where that can be done now.

    A small store, and one of many millions of rows, is judged when somebody asks; of the latter
    the days are counted, so that it can be, and figures are kept. Else that is done when somebody
    asks, and what stands in the way is said then: who stops it, a broken table of what is known or
    too little memory costs nobody a load. `tell` hears what share is done, 0 to 1; what it raises
    ends the work.
    """
    import duckdb

    ((rows,),) = writer.rows(_ROWS)
    is_counted = MOST_UNKEPT < rows <= MOST_COUNTED
    with suppress(KitError, duckdb.Error):
        if not is_counted:
            _drop_figures(writer)
            return
        count_days(writer, lambda share: tell(0.3 * share))
        copy = _Copy(writer)
        keep_figures(writer, lambda share: tell(0.3 + 0.1 * share), copy)
        if rows <= MOST_KEPT:
            _keep_findings(writer, copy, lambda share: tell(0.4 + 0.6 * share))


def _keep_findings(writer: Writer, copy: Engine, tell: Callable[[float], None]) -> None:
    """Judge all facts of a working copy by all rules, and keep what is found in it."""
    judged = judge(copy, tell=tell)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with writer.transaction("this store"):
        writer.make_views()
        writer.execute("delete from findings; delete from findings_judged")
        if judged.findings:
            writer.insert("findings", frame_of(judged), {})
        writer.con.execute(
            "insert into findings_judged values (?, ?, ?)",
            [fingerprint(copy), now, not_checked_json(judged)],
        )


def _drop_figures(writer: Writer) -> None:
    for table in (SENDERS, WEEKS):
        writer.execute(f"drop table if exists {table}")


def keep_figures(
    writer: Writer,
    tell: Callable[[float], None] = lambda share: None,
    copy: Engine | None = None,
) -> None:
    """Keep the figures of every sender and week over every day loaded, for readiness to open.

    `copy`: what asks the working copy that `writer` writes; None: a new one does.
    """
    copy = copy or _Copy(writer)
    scope = readiness_scope(copy)
    with writer.transaction("this store"):
        _drop_figures(writer)
        figures, params = statement("figures", scope)
        writer.execute(f"create or replace temp table figures as\n{figures}", params)
        tell(0.5)
        senders = copy.rows("select sender_key, sources, longest_period from figures")
        if not len(senders):
            return
        for n, (clients, params) in enumerate(client_statements(copy, scope, senders)):
            into = "insert into told by name" if n else "create or replace temp table told as"
            writer.execute(f"{into}\n{clients}", params)
        tell(0.9)
        writer.execute(
            f"create table {SENDERS} as "
            "select $kept_of as kept_of, * from figures left join told using (tenant, sender_key)",
            {"kept_of": kept_of(copy, scope, SENDERS)},
        )
        weeks, params = statement("burn_down", scope)
        writer.execute(f"create or replace temp table weeks as\n{weeks}", params)
        writer.execute(
            f"create table {WEEKS} as select $kept_of as kept_of, * from weeks",
            {"kept_of": kept_of(copy, scope, WEEKS)},
        )


def is_judged_quickly(engine: Engine, source: str = "auto") -> bool:
    """Tell whether what is unusual, by a source, is kept, or found out in a moment.

    Examples
    --------
    >>> is_judged_quickly(store)
    True
    """
    whole = engine.whole
    if source == "auto" and kept(whole) is not None:
        return True
    return int(whole.rows(_LOADED).first()["row_count"]) <= MOST_UNKEPT
