"""A store that an older kit made is brought up to this schema; the old file stays as a backup.

What its tables lack is added, whichever kit made them: some added columns to a schema that others
had already. What these columns say of older rows is filled in where it can be told.
"""

from __future__ import annotations

import os
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Final

from smtpauth_kit.base.names import SCHEMA_VERSION
from smtpauth_kit.store.database import connect, first_row, quoted, sql_text
from smtpauth_kit.store.empty_store import make_empty_store
from smtpauth_kit.store.working_copy import copy_store
from smtpauth_kit.store.writer import Writer

OLDEST: Final = 2
"""The oldest schema that is brought up. In the one before it each message was kept in another form,
by a kit of one day."""


def can_be_brought_up(schema: int) -> bool:
    """Tell whether a store of a schema can become one of this kit's.

    >>> can_be_brought_up(1), can_be_brought_up(OLDEST), can_be_brought_up(SCHEMA_VERSION + 1)
    (False, True, False)
    """
    return OLDEST <= schema < SCHEMA_VERSION


def bring_up(writer: Writer) -> int:
    """Bring a working copy up to this kit's schema; return the one it had, 0 if it is this one."""
    older = _schema_of(writer)
    if not can_be_brought_up(older):
        return 0
    with writer.transaction("this store"):
        added = _add_what_is_missing(writer)
        writer.execute(sql_text("bring_up_sentences"))
        if ("submission_rows", "is_settled") in added:
            writer.execute(sql_text("bring_up_settled"))
        writer.execute(f"update store_info set schema_version = {SCHEMA_VERSION}")
    with writer.transaction("this store"):
        writer.make_views()
        writer.settle_all_messages()
    return older


def _add_what_is_missing(writer: Writer) -> set[tuple[str, str]]:
    """Add the tables and columns that an empty store of this kit has; return their names."""
    has = {(table, column) for table, column, *_ in writer.rows(sql_text("columns"))}
    added = [each for each in _columns_now(writer.path) if each[:2] not in has]
    for table, column, kind, default in added:
        writer.execute(f"create table if not exists {quoted(table)} ({quoted(column)} {kind})")
        given = "" if default is None else f" default {default}"
        writer.execute(
            f"alter table {quoted(table)} add column if not exists {quoted(column)} {kind}{given}"
        )
    return {(table, column) for table, column, *_ in added}


def _columns_now(work: Path) -> list[tuple[str, str, str, str | None]]:
    empty = work.with_name(f"{work.name}.empty")
    make_empty_store(empty)
    with closing(connect(empty, read_only=True)) as con:
        columns: list[tuple[str, str, str, str | None]] = con.execute(
            sql_text("columns")
        ).fetchall()
    return columns


def _schema_of(writer: Writer) -> int:
    row = first_row(writer.con.execute("select schema_version from store_info"))
    return int(row[0]) if row else 0


def keep_backup(place: Path, schema: int) -> Path:
    """Keep the store as it is under a name that no file has, and return that name."""
    for number in count(1):
        ending = f"schema-{schema}.backup" if number == 1 else f"schema-{schema}-{number}.backup"
        backup = place.with_name(f"{place.name}.{ending}")
        if backup.exists():
            continue
        try:
            os.link(place, backup)
        except OSError:  # A drive without links (FAT, some network drives).
            copy_store(place, backup)
        return backup
    raise AssertionError
