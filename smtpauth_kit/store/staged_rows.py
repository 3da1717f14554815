"""Rows on their way into tables: facts handed to DuckDB, each kind to the table it waits in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.base.facts import Fact, Rejected
from smtpauth_kit.store.staged_facts import FEW, PLACES, arrays_of, columns_of

if TYPE_CHECKING:
    import duckdb

STAGED_REJECTS: Final = "staged_rejects"


def stage_rows(
    con: duckdb.DuckDBPyConnection, facts: Sequence[Fact], rejects: Sequence[Rejected], **same: Any
) -> None:
    """Add converted rows to the tables they wait in; `same` are columns equal for all facts."""
    by_kind: dict[type, list[Fact]] = {}
    for fact in facts:
        by_kind.setdefault(type(fact), []).append(fact)
    for kind, group in by_kind.items():
        insert_facts(con, PLACES[kind].staged, kind, group, **same)
    if rejects:
        raws = [reject._replace(raw=reject.raw.replace("\0", "\ufffd")) for reject in rejects]
        insert_facts(con, STAGED_REJECTS, Rejected, raws)


def insert_facts(
    con: duckdb.DuckDBPyConnection, table: str, kind: type, facts: Sequence[Any], **same: Any
) -> None:
    """Insert rows of one kind into a table; `same` are columns that are equal for all."""
    if len(facts) > FEW:
        insert(con, table, arrays_of(kind, facts), same)
        return
    columns = columns_of(kind, facts)
    cells = {f"c{n}": cells for n, (_, cells) in enumerate(columns.values())}
    lists = (
        f"unnest($c{n}::{sql_type}[]) as {name}"
        for n, (name, (sql_type, _)) in enumerate(columns.items())
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
