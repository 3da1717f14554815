"""The copy of a store that is written to: made in a folder of its own, and looked at before a swap.

DuckDB writes into a log beside its file first. At closing it moves that into the file, and where it
cannot (a full disk) it says nothing and drops the log: so that is asked for here, and looked up.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.base import replacing
from smtpauth_kit.base.errors import StoreError
from smtpauth_kit.store.database import QUESTION_S, literal, quoted, run_within, sql_text

if TYPE_CHECKING:
    import duckdb

_NAME: Final = "copy.duckdb"
_ENDING: Final = "loading"


@contextmanager
def working_copy(place: Path) -> Iterator[Path]:
    """Return where the copy of the store at `place` is to be; whatever is there is gone at the end.

    Only one load runs at a time: the caller holds its lock.
    """
    replacing.remove_leftovers(place, _ENDING, _NAME)
    with replacing.work_folder(place, _ENDING) as folder:
        yield folder / _NAME


def copy_store(place: Path, copy: Path) -> None:
    """Copy the store's file; where the file system can (Btrfs, XFS, ZFS), it shares the blocks."""
    with suppress(OSError, AttributeError), place.open("rb") as old, copy.open("wb") as new:
        left = os.fstat(old.fileno()).st_size
        while left and (copied := os.copy_file_range(old.fileno(), new.fileno(), left)):
            left -= copied
        if not left:
            return
    # Not on Linux, or on a drive that cannot (some network drives).
    shutil.copyfile(place, copy)


def check_name(place: Path) -> None:
    """Refuse a path that DuckDB writes to elsewhere: for it, a question mark ends a file's name.

    Raises
    ------
    StoreError
        There is one in the path.
    """
    if "?" in str(place):
        raise StoreError(
            "A store cannot be written where a name has a question mark: {file}. Give another "
            "place with --store or SMTPAUTH_STORE.",
            file=str(place),
        )


def check_no_log(place: Path) -> None:
    """Refuse to replace a store that another program changed and did not close.

    Raises
    ------
    StoreError
        What it changed is in a file beside the store: it would be lost.
    """
    if (log := _log_of(place)).exists():
        raise StoreError(
            "Another program wrote into the store {file} and did not finish: {name} beside "
            "it holds what it wrote. Nothing was changed. Open the store with that program (a "
            "DuckDB shell, for example) and close it; or move that file away to do without it.",
            file=str(place),
            name=log.name,
        )


def _log_of(place: Path) -> Path:
    return place.with_name(f"{place.name}.wal")


def figures(con: duckdb.DuckDBPyConnection) -> list[Any]:
    """Return what a store holds: every file, and how many rows each table has."""
    tables = [name for (name,) in con.execute(sql_text("base_tables")).fetchall()]
    # Half the time that one row of all counts takes.
    asked = " union all ".join(
        f"select {literal(name)}, count(*) from {quoted(name)}" for name in tables
    )
    counts = sorted(con.execute(asked).fetchall()) if tables else []
    files = con.execute("from source_files order by file_id").fetchall()
    return [counts, files]


def check_whole(con: duckdb.DuckDBPyConnection, copy: Path, counted: list[Any]) -> None:
    """Make sure that a copy, opened again, holds in its file what was counted as it was written.

    Raises
    ------
    StoreError
        It does not.
    """
    if _log_of(copy).exists() or run_within(con, lambda: figures(con), QUESTION_S) != counted:
        raise StoreError(
            "Not all that was written arrived on the disk, which may be full. The store is as it "
            "was before. Make room, or give another place with --store, and load again."
        )
