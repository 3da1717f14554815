"""A workbook that somebody saved by hand: each of its sheets as the CSV text it would be.

So a sheet is read like any other text table, with the same rules, lines (a sheet's row is the
line) and bounds. Formulas count as the value that was saved with them.
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

from smtpauth_kit.base import replacing
from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.reading import workbook_bounds
from smtpauth_kit.reading.bounds import MAX_CELL, MAX_COLUMNS, MAX_LINE, MAX_RATIO, most_unpacked
from smtpauth_kit.reading.workbook_bounds import MAX_ROWS
from smtpauth_kit.words.inert import printable

_LOOK: Final = 50
"""A sheet counts when one of so many first rows has a value."""


def is_workbook(names: list[str]) -> bool:
    """Tell a workbook from another zip archive by the names of its members."""
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


def sheets(file: Path) -> dict[str, Callable[[], IO[bytes]]]:
    """Return the sheets of a workbook that have anything in them: name to opener of its CSV text.

    Raises
    ------
    FileRefused
        The workbook is damaged, beyond a bound, or holds what a workbook never does.
    """
    with _plain_errors(file):
        workbook_bounds.check(file)
    names: list[str] = []
    with _opened(file) as book, _plain_errors(file):
        for sheet in book.worksheets:
            rows = itertools.islice(_rows(sheet), _LOOK)
            if any(cell.value is not None for row in rows for cell in row):
                names.append(sheet.title)
    texts = _Book(file, names)
    return {name: partial(texts.open, name) for name in names}


class Text:
    """The CSV text of a file that is no text: made when first opened, removed with this object."""

    def __init__(self, write: Callable[[Path], None]) -> None:
        self._write = write
        self._path: Path | None = None

    def open(self) -> IO[bytes]:
        """Open it from its start."""
        if self._path is None:
            with replacing.temporary_files(FileRefused):
                folder = tempfile.mkdtemp(prefix="smtpauth-")
                weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
                path = Path(folder) / "text.csv"
                self._write(path)
            self._path = path
        return self._path.open("rb")


class _Book:
    """The CSV texts of a workbook's sheets: all are made when the first one is opened.

    Opening the workbook is what takes time.
    """

    def __init__(self, file: Path, names: list[str]) -> None:
        self._file, self._names = file, names
        self._made: dict[str, Path | FileRefused] = {}
        self._signs_left = most_unpacked(file.stat().st_size)

    def open(self, name: str) -> IO[bytes]:
        """Open the text of one sheet from its start."""
        if not self._made:
            with replacing.temporary_files(FileRefused):
                self._make()
        made = self._made[name]
        if isinstance(made, FileRefused):
            raise made
        return made.open("rb")

    def _make(self) -> None:
        folder = tempfile.mkdtemp(prefix="smtpauth-")
        remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        try:
            with _opened(self._file) as book:
                self._made = {
                    name: self._text_of(book[name], Path(folder) / f"{number}.csv")
                    for number, name in enumerate(self._names)
                }
        except BaseException:
            remove()  # On a full disk what it holds is in the way of the next file.
            raise

    def _text_of(self, sheet: Any, path: Path) -> Path | FileRefused:
        try:
            self._write_sheet(sheet, path)
        except FileRefused as refused:
            path.unlink(missing_ok=True)
            return refused
        return path

    def _write_sheet(self, sheet: Any, path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as text, _plain_errors(self._file):
            writer = csv.writer(text, lineterminator="\n")
            for number, row in enumerate(_rows(sheet), start=1):
                if number > MAX_ROWS or len(row) > MAX_COLUMNS:
                    raise FileRefused(
                        "{file} has a sheet of more than {n} rows or {columns} columns. "
                        "Export a shorter range.",
                        file=printable(str(self._file)),
                        n=MAX_ROWS,
                        columns=MAX_COLUMNS,
                    )
                writer.writerow(self._cells(row))

    def _cells(self, row: Any) -> list[str]:
        """Return the texts of a row, up to the first that makes it longer than a line may be."""
        cells, left = [], MAX_LINE
        for cell in row:
            cells.append(cell_text(cell.value, cell.number_format))
            left -= len(cells[-1])
            self._signs_left -= len(cells[-1]) + 1
            if self._signs_left < 0:
                raise FileRefused(
                    "{file} gives more than {n} times its size in text, which no real export does; "
                    "it may be made to fill the disk. It is not read.",
                    file=printable(str(self._file)),
                    n=MAX_RATIO,
                )
            if left < 0:
                break
        return cells


def _rows(sheet: Any) -> Iterator[Any]:
    # A sheet says how large it is; what it says may be wrong, or a lie.
    sheet.reset_dimensions()
    return iter(sheet.iter_rows())


def cell_text(value: Any, number_format: str | None) -> str:
    """Return what a CSV export would have in place of a cell.

    Examples
    --------
    >>> cell_text(dt.datetime(2026, 11, 16, 8, 15, 30), "d-m-yyyy hh:mm")
    '2026-11-16T08:15:30'
    >>> cell_text(0.125, "0.0%"), cell_text(40.0, "General"), cell_text(None, None)
    ('12.5%', '40', '')
    """
    pattern = (number_format or "").lower()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, dt.datetime):
        is_day = value.time() == dt.time() and "h" not in pattern
        return value.date().isoformat() if is_day else value.isoformat()
    if isinstance(value, float | int):
        percent = "%" in pattern
        number = round(value * 100, 10) if percent else value
        whole = int(number) if isinstance(number, float) and number.is_integer() else number
        return f"{whole}%" if percent else str(whole)
    text = str(value)
    if len(text) > MAX_CELL:
        # Still too long, so that its row is rejected, and no longer than is needed for that.
        return text[: MAX_CELL + 1].translate(_NO_ENDS)
    # A row of the sheet stays a line of the text.
    return " ".join(text.splitlines()) if "\n" in text or "\r" in text else text


_NO_ENDS: Final = {ord("\n"): " ", ord("\r"): " "}


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    import openpyxl

    # By its content: of a path, the library would look at the name.
    with file.open("rb") as stream:
        with _plain_errors(file):
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        yield book


class _plain_errors:
    """Say in plain words that a workbook cannot be read, whatever the library raised."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None and replacing.is_full(error):
            return  # The folder for temporary files is full: no fault of the workbook.
        if isinstance(error, Exception) and not isinstance(error, FileRefused):
            raise FileRefused(
                "{file} cannot be read as a workbook ({system}). "
                "Save its sheet as CSV UTF-8 and load that.",
                file=printable(str(self._file)),
                system=type(error).__name__,
            ) from error
