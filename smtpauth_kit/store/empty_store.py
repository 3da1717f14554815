"""An empty store: its tables, its views, and what each of them means.

Nearly all the time goes into 400 comments on columns. So a process makes its first store, and
copies that file for all that come after it.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from smtpauth_kit.store.database import connect, sql_text, use_cores
from smtpauth_kit.store.meanings import write_comments

if TYPE_CHECKING:
    import duckdb

_kept: bytes | None = None
_keeping = Lock()


def make_empty_store(path: Path) -> None:
    """Make a store that holds nothing, not even when it was made, in a file of its own.

    Raises
    ------
    OSError, duckdb.Error
        The disk is full, or the folder cannot be written to.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> make_empty_store(folder / "one.duckdb")
    >>> make_empty_store(folder / "other.duckdb")
    >>> (folder / "one.duckdb").read_bytes() == (folder / "other.duckdb").read_bytes()
    True
    """
    global _kept
    with _keeping:
        if _kept is not None:
            path.write_bytes(_kept)
            return
        with closing(connect(path)) as con:
            use_cores(con, 0)
            con.execute("begin")  # One commit for all: each costs a write to disk.
            con.execute(sql_text("schema"))
            con.execute(sql_text("findings"))
            make_views(con)
            con.execute("commit")
            con.execute("checkpoint")  # What does not fit on the disk is an error here, not later.
        _kept = path.read_bytes()


def make_views(con: duckdb.DuckDBPyConnection) -> None:
    """Make the views anew, and write into the store what its tables and columns mean."""
    con.execute(sql_text("views"))
    write_comments(con)
