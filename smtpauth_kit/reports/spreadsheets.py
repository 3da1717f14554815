"""Tables as spreadsheets: a workbook with real numbers and dates, and CSV.

A text of an export never becomes a formula (`inert.inert_cell`), and a character that hides or
reorders others is written as its code.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final, Literal

from smtpauth_kit.base import replacing
from smtpauth_kit.words.inert import cut, inert_cell, show_invisible

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Kind = Literal["text", "count", "share", "date", "any"]
"""`any`: each value in the form of its own type."""

_FORMATS: Final = {"count": "#,##0", "share": "0.00%", "date": "yyyy-mm-dd"}
_WIDTHS: Final = {"text": 34, "count": 14, "share": 11, "date": 13, "any": 60}
_LONGEST: Final = 32_000
"""Excel refuses a cell of more than 32,767 characters."""


@dataclass(frozen=True)
class Field:
    """One column of a sheet."""

    title: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Diagram:
    """A bar chart of a sheet's own rows: places of its label and figure columns, from 1."""

    title: str
    label: int
    figure: int
    rows: int


@dataclass(frozen=True)
class Sheet:
    """One table: its columns, and rows with a value for each."""

    title: str
    fields: tuple[Field, ...]
    rows: Iterable[Sequence[Any]]
    diagram: Diagram | None = None


def csv_text(sheet: Sheet) -> str:
    r"""Return a sheet as CSV: numbers and days as machines read them, shares in percent.

    >>> csv_text(Sheet("Senders", (Field("Sender"), Field("Messages", "count")), [("=1+1", 1200)]))
    "Sender,Messages\r\n'=1+1,1200\r\n"
    >>> csv_text(Sheet("TLS", (Field("TLS 1.0 %", "share"),), [(1 / 3,)]))
    'TLS 1.0 %\r\n33.3333\r\n'
    """
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow([clean(field.title) for field in sheet.fields])
    for row in sheet.rows:
        lines.writerow([_csv_cell(value) for value in row])
    return out.getvalue()


def workbook(sheets: Sequence[Sheet], *, title: str, creator: str, made_at: dt.datetime) -> bytes:
    """Return an .xlsx file of sheets, each with a frozen header and a filter on every column.

    Rows are written as they come: a sheet of a hundred thousand needs no more memory than its file.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = clean(title), clean(creator)
    book.properties.created = book.properties.modified = made_at.replace(tzinfo=None)
    out = io.BytesIO()
    # Its rows wait in temporary files.
    with replacing.temporary_files():
        for sheet in sheets:
            _write(book.create_sheet(_sheet_name(sheet.title)), sheet)
        book.save(out)
    return _without_places(out)


def _without_places(book: io.BytesIO) -> bytes:
    """Return a workbook whose cells do not say where they are when every one of their row is there.

    A cell may say so or not. The places hardly pack: of 20,000 senders they are 1.2 of 1.5 MB.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            with old.open(member) as source, new.open(member.filename, "w") as target:
                if member.filename.startswith("xl/worksheets/sheet"):
                    target.writelines(_rows_without_places(source))
                else:
                    target.write(source.read())
    return out.getvalue()


def _rows_without_places(sheet: IO[bytes]) -> Iterator[bytes]:
    # What stands in a cell has no `<`: it is written as an entity.
    place = re.compile(rb'<c r="[A-Z]+[0-9]+"')
    columns = None
    for row in _rows(sheet):
        cells = row.count(b"<c ")
        columns = columns or cells
        yield place.sub(b"<c", row) if cells == columns else row


def _rows(sheet: IO[bytes]) -> Iterator[bytes]:
    """Yield what stands between the ends of two rows, and what is left."""
    rest = b""
    while chunk := sheet.read(1 << 16):
        *rows, rest = (rest + chunk).split(b"</row>")
        yield from (row + b"</row>" for row in rows)
    yield rest


def clean(text: str) -> str:
    r"""Return text of an export that is safe in any cell: no formula, nothing hidden.

    >>> clean("@SUM(1)\u202e")
    "'@SUM(1)[U+202E]"
    """
    return cut(inert_cell(show_invisible(text)), _LONGEST)


def _clean(text: str) -> str | None:
    return clean(text) or None  # Of an empty text the library writes a cell that lacks its text.


def _csv_cell(value: Any) -> str:
    if _nothing(value):
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        # A share: the head says %, and a cell of CSV has no format to say so.
        return f"{100 * value:.4f}".rstrip("0").rstrip(".")
    return str(value)


def _nothing(value: Any) -> bool:
    return value is None or value != value


def _sheet_name(title: str) -> str:
    """Return a name that Excel allows: 31 characters, none of seven, no quote at its ends."""
    name = show_invisible(title).translate(dict.fromkeys(map(ord, r"[]:*?/\\"), " "))
    inert = name if inert_cell(name) == name else f"_{name}"
    return cut(inert.strip("' "), 31)


def _write(target: WriteOnlyWorksheet, sheet: Sheet) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    letters = [get_column_letter(n) for n in range(1, len(sheet.fields) + 1)]
    for letter, field in zip(letters, sheet.fields, strict=True):
        width = max(_WIDTHS[field.kind], min(40, len(field.title) + 4))
        target.column_dimensions[letter].width = width
    target.freeze_panes = "A2"
    head = [WriteOnlyCell(target, clean(field.title)) for field in sheet.fields]
    for cell in head:
        cell.font = Font(bold=True)
    target.append(head)
    count = 1
    for count, row in enumerate(_cells(target, sheet), 2):  # noqa: B007
        target.append(row)
    target.auto_filter.ref = f"A1:{letters[-1]}{count}"
    if sheet.diagram:
        # Beside the columns: over them it would hide figures.
        beside = get_column_letter(len(letters) + 2)
        target.add_chart(_bars(target, sheet.diagram), f"{beside}2")


def _cells(target: WriteOnlyWorksheet, sheet: Sheet) -> Iterator[list[Any]]:
    """Yield the cells of each row: a number's cell is made once a column, for its format."""
    from openpyxl.cell import WriteOnlyCell

    own = {n: WriteOnlyCell(target) for n, f in enumerate(sheet.fields) if f.kind in _FORMATS}
    for n, cell in own.items():
        cell.number_format = _FORMATS[sheet.fields[n].kind]
    for row in sheet.rows:
        cells: list[Any] = [_clean(value) if isinstance(value, str) else value for value in row]
        for n, cell in own.items():
            cell.value = cells[n]
            cells[n] = None if _nothing(cells[n]) else cell
        yield cells


def _bars(target: WriteOnlyWorksheet, diagram: Diagram) -> Any:
    from openpyxl.chart import BarChart, Reference

    chart = BarChart()
    chart.title, chart.legend = clean(diagram.title), None
    chart.height, chart.width, chart.gapWidth = 9, 22, 40
    chart.x_axis.delete = chart.y_axis.delete = False
    last = diagram.rows + 1
    figures = Reference(target, min_col=diagram.figure, min_row=2, max_row=last)
    labels = Reference(target, min_col=diagram.label, min_row=2, max_row=last)
    chart.add_data(figures)
    chart.set_categories(labels)
    return chart
