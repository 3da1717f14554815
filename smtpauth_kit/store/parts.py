"""Rows that another process staged: files beside the working copy, which its writer moves in.

Such a process opens no store. It keeps the rows of one file in tables of its own, and writes each
out as Parquet when there are many rows, and when the file ends. So its memory is bounded, and all
that the one process that writes has to do is to move columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from smtpauth_kit.base.facts import Columns, Fact, Rejected
from smtpauth_kit.store.database import connect_apart, literal
from smtpauth_kit.store.staged_facts import PLACES, sql_columns
from smtpauth_kit.store.staged_rows import STAGED_REJECTS, stage_rows

Parts = Mapping[str, Sequence[str]]
"""Paths of files with rows, in the order of the rows, by the staging table they belong into."""

MOST_ROWS: Final = 500_000
"""Rows that are kept in memory before they are written out."""
_TABLES: Final = {
    **{place.staged: kind for kind, place in PLACES.items()},
    STAGED_REJECTS: Rejected,
}


class PartsMaker:
    """Stages files, one after the other, into files that a writer moves in.

    Examples
    --------
    >>> maker = PartsMaker(folder, "part")
    >>> maker.begin("1")
    >>> maker.stage([], [Rejected(2, "the date is missing", ",a@contoso.com", "")])
    >>> [(table, len(paths)) for table, paths in maker.finish().items()]
    [('staged_rejects', 1)]
    >>> maker.close()
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._con = connect_apart(folder, name)
        for table, kind in _TABLES.items():
            self._con.execute(f"create table {table} ({sql_columns(kind)})")
        self._parts: dict[str, list[str]] = {}
        self._part, self._rows = "", 0

    def begin(self, part: str) -> None:
        """Begin a file, or a piece of one, with no rows; `part` names it among those of a load."""
        self._part, self._parts = part, {}
        self._empty()

    def stage(
        self, facts: Sequence[Fact], rejects: Sequence[Rejected], columns: Sequence[Columns] = ()
    ) -> None:
        """Add converted rows of the file."""
        stage_rows(self._con, facts, rejects, columns)
        self._rows += len(facts) + len(rejects) + sum(map(len, columns))
        if self._rows >= MOST_ROWS:
            self._write()

    def forget(self) -> None:
        """Forget all rows of the file: it starts again, or is refused."""
        remove(self._parts)
        self.begin(self._part)

    def finish(self) -> Parts:
        """Write what is left of the file's rows; return where all of them are."""
        self._write()
        return self._parts

    def close(self) -> None:
        """Close the tables; files that were made stay for the writer."""
        self._con.close()

    def _write(self) -> None:
        for table in _TABLES:
            if not self._con.execute(f"from {table} limit 1").fetchall():
                continue
            paths = self._parts.setdefault(table, [])
            name = f"{self._name}-{self._part}-{table}-{len(paths)}.parquet"
            paths.append(str(self._folder / name))
            self._con.execute(f"copy {table} to {literal(paths[-1])} (format parquet)")
        self._empty()

    def _empty(self) -> None:
        self._rows = 0
        for table in _TABLES:
            self._con.execute(f"truncate {table}")


def remove(parts: Parts) -> None:
    """Remove files of rows that nobody needs any more."""
    for paths in parts.values():
        for path in paths:
            with suppress(OSError):
                Path(path).unlink()
