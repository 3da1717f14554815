"""Rows on their way into tables: facts handed to DuckDB, each kind to the table it waits in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.base.facts import Columns, Fact, Rejected
from smtpauth_kit.store.staged_facts import FEW, PLACES, arrays_of, lists_of

if TYPE_CHECKING:
    import duckdb

STAGED_REJECTS: Final = "staged_rejects"


def stage_rows(
    con: duckdb.DuckDBPyConnection,
    facts: Sequence[Fact],
    rejects: Sequence[Rejected],
    columns: Sequence[Columns] = (),
    **same: Any,
) -> None:
    """Add converted rows to the tables they wait in; `same` are columns equal for all facts."""
    by_kind: dict[type, list[Fact]] = {}
    for fact in facts:
        by_kind.setdefault(type(fact), []).append(fact)
    groups = (Columns.of(kind, group) for kind, group in by_kind.items())
    for group in (*columns, *groups):
        insert_columns(con, PLACES[group.kind].staged, group, **same)
    if rejects:
        raws = [reject._replace(raw=reject.raw.replace("\0", "\ufffd")) for reject in rejects]
        insert_columns(con, STAGED_REJECTS, Columns.of(Rejected, raws))


def insert_columns(
    con: duckdb.DuckDBPyConnection, table: str, columns: Columns, **same: Any
) -> None:
    """Insert rows into a table; `same` are columns that are equal for all."""
    same = columns.defaults | same
    if len(columns) > FEW:
        insert(con, table, arrays_of(columns), same)
        return
    few = lists_of(columns)
    cells = {f"c{n}": cells for n, (_, cells) in enumerate(few.values())}
    lists = (
        f"unnest($c{n}::{sql_type}[]) as {name}"
        for n, (name, (sql_type, _)) in enumerate(few.items())
    )
    constants = (f"${name} as {name}" for name in same)
    con.execute(
        f"insert into {table} by name select {', '.join((*lists, *constants))}", cells | same
    )


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: Any, same: Mapping[str, Any]) -> None:
    """Insert rows (a DataFrame, or arrays by name) by the names of their columns."""
    constants = "".join(f", ${name} as {name}" for name in same)
    con.register("batch", rows)
    con.execute(f"insert into {table} by name select *{constants} from batch", dict(same) or None)
    con.unregister("batch")
