"""DuckDB: connections with every way out closed, and the statements kept in `sql/`.

No extension is fetched and no other file is reached, whatever a query says.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import duckdb

USUAL_ORDER: Final = "set preserve_insertion_order = false; set disabled_optimizers = ''"
"""Rows in any order are written faster; set again where a step that wanted another was stopped."""


@cache
def sql_text(name: str, folder: str = "sql") -> str:
    """Return the text of `<name>.sql` in a folder of the package."""
    path = resources.files("smtpauth_kit").joinpath(*folder.split("/"), f"{name}.sql")
    return path.read_text("utf-8")


def connect(
    path: Path, *, read_only: bool = False, may_read: Sequence[str] = ()
) -> duckdb.DuckDBPyConnection:
    """Open a database; DuckDB itself can open the files in `may_read`, and no others."""
    import duckdb

    con = duckdb.connect(str(path), read_only=read_only)
    try:
        _harden(con, path, may_read)
        if read_only:
            con.execute("set lock_configuration = true")
    except BaseException:
        con.close()
        raise
    return con


def _harden(con: duckdb.DuckDBPyConnection, path: Path, may_read: Sequence[str]) -> None:
    """Close every way out of the database; the order matters."""
    con.execute("set global TimeZone = 'UTC'")  # of the cursors
    con.execute("set TimeZone = 'UTC'")
    con.execute("set memory_limit = '1GB'")
    con.execute(f"set temp_directory = {literal(str(path) + '.tmp')}")
    con.execute("set enable_progress_bar = false")
    con.execute(USUAL_ORDER)
    con.execute("set autoinstall_known_extensions = false")
    con.execute("set autoload_known_extensions = false")
    con.execute("set allow_community_extensions = false")
    con.execute(f"set allowed_paths = [{', '.join(literal(name) for name in may_read)}]")
    con.execute("set enable_external_access = false")


def first_row(result: duckdb.DuckDBPyConnection) -> tuple[Any, ...] | None:
    """Return the first row. Fetched whole: since DuckDB 2 a half-read result blocks its owner."""
    rows: list[tuple[Any, ...]] = result.fetchall()
    return rows[0] if rows else None


def literal(text: str) -> str:
    """Return a text as SQL has it, where no parameter can stand."""
    return "'" + text.replace("'", "''") + "'"
