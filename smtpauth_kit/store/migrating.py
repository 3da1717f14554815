"""A store that an older kit made is brought up to this schema; the old file stays as a backup.

One step leads from a schema to the next: the statements in `sql/schema_N_to_M.sql`.
"""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from typing import Final

from smtpauth_kit.store.database import first_row, sql_text
from smtpauth_kit.store.working_copy import copy_store
from smtpauth_kit.store.writer import Writer

STEPS: Final = {3: 4, 4: 5}
"""The schema that each older one becomes. What is not here is refused."""


def bring_up(writer: Writer) -> int:
    """Bring a working copy up to this kit's schema; return the one it had, 0 if it is this one."""
    older = schema = _schema_of(writer)
    while schema in STEPS:
        with writer.transaction("this store"):
            writer.execute(sql_text(f"schema_{schema}_to_{STEPS[schema]}"))
        schema = _schema_of(writer)
    if older != schema:
        with writer.transaction("this store"):
            writer.make_views()
            writer.settle_all_messages()
    return older if older != schema else 0


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
