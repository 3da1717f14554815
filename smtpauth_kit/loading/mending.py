"""Rejected rows that come back mended: `smtpauth show rejected --format csv`, edited, loaded again.

Such a file holds rows of several exports. The rows of each are loaded as a file of their own, under
the header that the export had.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from smtpauth_kit.base import replacing
from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.formats import FORMATS, Layout
from smtpauth_kit.loading.options import Options
from smtpauth_kit.reading.contents import Content, examine
from smtpauth_kit.reading.exports import Export, Record
from smtpauth_kit.reading.streams import bounded
from smtpauth_kit.reading.text_tables import DELIMITERS, text_records
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.words.inert import printable, steering_again, uninert_cell

if TYPE_CHECKING:
    from smtpauth_kit.store.store import Store

COLUMNS: Final = ("file_id", "line", "reason", "raw")
MAX_FILES: Final = 1000
"""Different files that the rows of one file of rejected rows may be of."""


def header_text(layout: Layout) -> str:
    r"""Return the header line of an export as its file had it; empty: it has none.

    Rejected rows that come back are read under it.

    Examples
    --------
    >>> log = next(fmt for fmt in FORMATS if fmt.name == "submission-log").lay_out([], [], {})
    >>> header_text(replace(log, header=("Date", "a;b"), header_line=1, delimiter=";"))
    'Date;"a;b"'
    """
    if not layout.header_line or layout.delimiter is None:
        return ""
    text = io.StringIO()
    csv.writer(text, delimiter=layout.delimiter, lineterminator="").writerow(layout.header)
    return ("#Fields: " if layout.has_comments else "") + text.getvalue()


@dataclass(frozen=True)
class _Table:
    """Where a file of rejected rows keeps its columns."""

    export: Export
    content: Content
    delimiter: str
    columns: dict[str, int]
    width: int

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield the file's id and the raw text of each row."""
        records = text_records(self.export, self.content, self.delimiter, width=self.width)
        next(records, None)
        for record in records:
            if record.problem:
                raise FileRefused(
                    "{file} has a row on line {line} that {why}, so it cannot be known which "
                    "export it is of. Mend the row inside its cell, with its quotes doubled, and "
                    "load the file again.",
                    file=printable(self.export.path),
                    line=str(record.line),
                    why=record.problem,
                )
            cells = list(record.cells)
            raw = uninert_cell(steering_again(cells[self.columns["raw"]]))
            yield cells[self.columns["file_id"]].strip(), raw


def is_of_rejected_rows(export: Export) -> bool:
    """Tell whether a file begins as `smtpauth show rejected --format csv` does."""
    try:
        with export.open() as stream:
            start = stream.read(1000)
    except FileRefused:
        return False
    return all(name.encode() in start.split(b"\n")[0] for name in COLUMNS)


def exports_in(export: Export, store: Store, options: Options) -> Iterator[tuple[Export, Options]]:
    """Yield an export for each file that rejected rows are of, with the options to load it.

    A file that only begins like one of rejected rows is yielded as it is.

    Raises
    ------
    FileRefused
        A row is not of a file in this store, or cannot be taken apart.
    """
    table = _table(export)
    if table is None:
        yield export, options
        return
    files = store.rows(sql_text("headers")).records() if store.exists() else []
    known: dict[str, dict[str, Any]] = {str(row["file_id"]): row for row in files}
    named = dict.fromkeys(file_id for file_id, _ in table.rows())
    strangers = [name for name in named if name not in known]
    if strangers or len(named) > MAX_FILES:
        raise FileRefused(
            "{file} holds rejected rows of files that are not in this store ({files}). Expected "
            "those of `smtpauth show rejected --format csv` from the same store.",
            file=printable(export.path),
            files=printable(", ".join(strangers))[:60],
        )
    rows = _RowsByFile(table, {name: known[name]["header"] or "" for name in named})
    for name in named:
        yield _rows_of(rows, name, known[name]), _options_of(known[name], options)


def _table(export: Export) -> _Table | None:
    content = examine(export)
    for delimiter in DELIMITERS:
        first: Record | None = next(text_records(export, content, delimiter), None)
        names = [cell.strip().casefold() for cell in first.cells] if first else []
        if all(name in names for name in COLUMNS):
            columns = {name: names.index(name) for name in COLUMNS}
            return _Table(export, content, delimiter, columns, len(names))
    return None


class _RowsByFile:
    """The rejected rows sorted by the file they are of, each under that file's header.

    The file of rejected rows is read once for all of them, when the first is opened.
    """

    def __init__(self, table: _Table, headers: Mapping[str, str]) -> None:
        self.table, self._headers = table, headers
        self._numbers = {name: number for number, name in enumerate(headers)}
        self._folder: Path | None = None

    def open(self, file_id: str) -> IO[bytes]:
        """Open the rows of one file from their start."""
        if self._folder is None:
            with replacing.temporary_files(FileRefused):
                self._folder = self._sorted_into_files()
        return self._path(self._folder, file_id).open("rb")

    def _sorted_into_files(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="smtpauth-"))
        remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        try:
            self._write(folder)
        except BaseException:
            remove()  # On a full disk what it holds is in the way of the next file.
            raise
        return folder

    def _write(self, folder: Path) -> None:
        for name, header in self._headers.items():
            self._path(folder, name).write_text(
                f"{header}\n" if header else "", "utf-8", newline=""
            )
        for name, rows in groupby(self.table.rows(), itemgetter(0)):
            with self._path(folder, name).open("a", encoding="utf-8", newline="") as text:
                text.writelines(f"{raw}\n" for _, raw in rows)

    def _path(self, folder: Path, file_id: str) -> Path:
        return folder / f"{self._numbers[file_id]}.csv"


def _rows_of(rows: _RowsByFile, file_id: str, file: dict[str, Any]) -> Export:
    export = rows.table.export
    path = f"{export.path}!{file['path']}"
    return replace(export, path=path, is_file=False, open=lambda: bounded(rows.open(file_id), path))


def _period(file: dict[str, Any]) -> tuple[dt.date, dt.date] | None:
    if not isinstance(file["start_day"], str):
        return None
    return dt.date.fromisoformat(file["start_day"]), dt.date.fromisoformat(file["end_day"])


def _options_of(file: dict[str, Any], options: Options) -> Options:
    fmt = next((fmt for fmt in FORMATS if fmt.name == file["format"]), None)
    has_no_days = fmt is not None and (fmt.needs_period or not fmt.times)
    return replace(
        options,
        format=options.format or file["format"],
        tenant=options.tenant or file["tenant"],
        period=options.period or (_period(file) if has_no_days else None),
    )
