"""A workbook that somebody saved by hand: each of its sheets as the CSV text it would be.

So a sheet is read like any other text table, with the same rules, lines (a sheet's row is the
line) and bounds. Formulas count as the value that was saved with them.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import shutil
import tempfile
import weakref
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Final

from smtpauth_kit import replacing
from smtpauth_kit.errors import FileRefused

MAX_MEMBER: Final = 64 * 1024 * 1024
"""Unpacked bytes that one part of a workbook may have."""
MAX_WHOLE: Final = 8 * 1024 * 1024
"""The same of a part that is held in memory at once: styles, the list of sheets."""
MAX_TOTAL: Final = 512 * 1024 * 1024
MAX_MEMBERS: Final = 1000
MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 1024
MAX_TEXT: Final = 1024 * 1024 * 1024
"""Bytes of text that one sheet may give: one long text can stand in every cell."""
_LOOK: Final = 50


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
    _check_members(file)
    found: dict[str, Callable[[], IO[bytes]]] = {}
    with _plain_errors(file):
        for sheet in _open(file).worksheets:
            rows = itertools.islice(_rows(sheet), _LOOK)
            if any(cell.value is not None for row in rows for cell in row):
                found[sheet.title] = _sheet_text(file, sheet.title).open
    return found


class Text:
    """The text of what is no text, made once and kept in a folder of its own while it is needed."""

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


def _sheet_text(file: Path, name: str) -> Text:
    return Text(lambda path: _write_sheet(file, name, path))


def _write_sheet(file: Path, name: str, path: Path) -> None:
    with path.open("wb") as stream, _plain_errors(file):
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        sheet = _open(file)[name]
        for number, row in enumerate(_rows(sheet), start=1):
            if number > MAX_ROWS or len(row) > MAX_COLUMNS or stream.tell() > MAX_TEXT:
                raise FileRefused(
                    f"{file} has a sheet of more than {MAX_ROWS:,} rows, {MAX_COLUMNS:,} "
                    "columns or 1 GiB of text. Export a shorter range."
                )
            writer.writerow([cell_text(cell.value, cell.number_format) for cell in row])
        text.detach()


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
    # A row of the sheet stays a line of the text.
    return " ".join(str(value).splitlines()) if "\n" in str(value) else str(value)


def _open(file: Path) -> Any:
    import openpyxl

    return openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)


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
                f"{self._file} cannot be read as a workbook ({type(error).__name__}). "
                "Save its sheet as CSV UTF-8 and load that."
            ) from error


def _check_members(file: Path) -> None:
    """Refuse what a workbook never holds, before a parser sees any of it."""
    with _plain_errors(file), zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS or any(m.file_size > MAX_MEMBER for m in members):
            raise FileRefused(
                f"{file} has a part that unpacks to more than 64 MiB, or more than {MAX_MEMBERS:,} "
                "parts. Save its sheet as CSV UTF-8 and load that."
            )
        if sum(m.file_size for m in members) > MAX_TOTAL:
            raise FileRefused(
                f"{file} unpacks to more than 512 MiB. Save its sheets as CSV UTF-8 and load those."
            )
        if any(_declares(archive, member) for member in members):
            raise FileRefused(
                f"{file} declares entities of its own, which no workbook does; it may be made "
                "to do harm. It is not read."
            )
        read_whole = _parts_read_whole(archive)
        if any(m.file_size > MAX_WHOLE for m in members if m.filename in read_whole):
            raise FileRefused(
                f"{file} has a part beside its sheets that unpacks to more than 8 MiB. "
                "Save its sheets as CSV UTF-8 and load those."
            )


def _parts_read_whole(archive: zipfile.ZipFile) -> set[str]:
    """Return the parts that the library holds in memory at once: what is no sheet and no text."""
    from defusedxml.ElementTree import fromstring

    types = "[Content_Types].xml"
    if archive.getinfo(types).file_size > MAX_WHOLE:
        return {types}
    row_by_row = {
        part.get("PartName", "").lstrip("/")
        for part in fromstring(archive.read(types))
        if part.get("ContentType", "").endswith((".worksheet+xml", ".sharedStrings+xml"))
    }
    names = {name for name in archive.namelist() if not name.startswith("xl/media/")}
    named = {part.get("PartName", "").lstrip("/") for part in fromstring(archive.read(types))}
    return (names | named) - row_by_row


def _declares(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Tell whether a part has a document type, or hides one in another encoding."""
    with archive.open(member) as stream:
        end = b""
        while chunk := stream.read(1024 * 1024):
            text = end + chunk
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text or (not end and b"\0" in text[:200]):
                return True
            end = text[-16:]
    return False
