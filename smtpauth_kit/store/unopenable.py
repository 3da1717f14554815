"""Why a file is not opened as a store: what DuckDB says of it, in plain words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from smtpauth_kit import __version__
from smtpauth_kit.base.errors import OtherVersion, StoreError
from smtpauth_kit.base.names import SCHEMA_VERSION
from smtpauth_kit.store.database import OPENING_S, first_row, run_within

if TYPE_CHECKING:
    import duckdb


def is_held(text: str) -> bool:
    """Tell whether DuckDB says that another program has the file.

    Examples
    --------
    >>> is_held("Could not set lock on file"), is_held("checksum in block 3 does not match")
    (True, False)
    """
    return re.search(r"\block\b|used by another process", text, re.I) is not None


def why_unopenable(path: Path, error: Exception) -> StoreError:
    """Return what keeps a file from being opened as a store, of what DuckDB says, in plain words.

    Examples
    --------
    >>> print(why_unopenable(folder, OSError("Is a directory")))
    /... is a folder, and a store is one file. Name the file with --store.
    """
    text = str(error)
    if is_held(text):
        return StoreError(
            "The store {file} is in use by another program that writes to it. "
            "Close that program (a DuckDB shell, for example) and try again.",
            file=str(path),
        )
    if "newer version of DuckDB" in text or "version number" in text:
        return StoreError(
            "The store {file} was written by a version of DuckDB that this one cannot read. "
            "Use the kit that made it, or load the exports into a new store with --store.",
            file=str(path),
        )
    if path.is_dir():
        return StoreError(
            "{file} is a folder, and a store is one file. Name the file with --store.",
            file=str(path),
        )
    if _is_of_another_kind(path):
        return StoreError(
            "The file {file} is not a store of the kit, which is a DuckDB file. It was not "
            "changed. Name the store with --store; an export is loaded with: smtpauth load PATH",
            file=str(path),
        )
    return StoreError(
        "The file {file} is not a store of the kit, or it is damaged: {system}. It was not "
        "changed. Name another store with --store, or restore this one from a backup.",
        file=str(path),
        system=text.splitlines()[0][:200],
    )


def _is_of_another_kind(path: Path) -> bool:
    """Tell whether a file does not begin as DuckDB's files do; of one that cannot be read: no.

    DuckDB's storage format: eight bytes of a sum of what follows, then these four.
    """
    try:
        with path.open("rb") as file:
            begin = file.read(12)
    except OSError:
        return False
    return len(begin) > 0 and begin[8:] != b"DUCK"


def check_version(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise where a database is no store of this kit, or of another version of its tables.

    Raises
    ------
    StoreError
        It is another program's.
    OtherVersion
        It was made by a kit whose tables are others.
    """
    import duckdb

    try:
        ask = "select schema_version, kit_version from store_info"
        row = run_within(con, lambda: first_row(con.execute(ask)), OPENING_S)
    except duckdb.Error:
        row = None
    if row is None:
        raise StoreError(
            "The file {file} is a DuckDB database, but not a store of smtpauth_kit. "
            "It was not changed. Name another store with --store.",
            file=str(path),
        )
    if row[0] != SCHEMA_VERSION:
        raise OtherVersion(
            "The store {file} was made by smtpauth_kit {made} with schema {schema}; this is "
            "smtpauth_kit {version}, which reads schema {reads}. It was not changed. "
            "Use that version, or load the exports into a new store with --store.",
            file=str(path),
            made=str(row[1]),
            schema=str(row[0]),
            version=__version__,
            reads=str(SCHEMA_VERSION),
            schema_version=row[0],
        )
