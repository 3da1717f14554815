"""Owners, states, due dates and notes out of a CSV: that of `show readiness`, edited and back.

A spreadsheet writes it back in its own way: other separators, another encoding, dates as its
country writes them, a sign before what would be a formula. The whole file is read, or nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from smtpauth_kit.answers.readiness.kept import FIELDS, checked, day_of, sender_key
from smtpauth_kit.base.errors import FileRefused, KitError
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.reading.contents import examine
from smtpauth_kit.reading.exports import Export
from smtpauth_kit.reading.text_tables import DELIMITERS, text_records
from smtpauth_kit.values import times
from smtpauth_kit.words.inert import printable, steering_again, uninert_cell

LARGEST: Final = 64 * 1024 * 1024
"""Bytes; a hundred thousand senders with a note each have 40 MB."""

SENDER: Final = "sender_address"
_SIGN_NAMED: Final = re.compile(r'"?sep=.?"?[,;\t|]*', re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One row of the file: the sender as it came, and the cells of the fields that it has."""

    line: int
    sender: str
    cells: dict[str, str]


def notes_in(path: Path) -> dict[str, dict[str, str | None]]:
    r"""Return what a file says of each sender, as `kept.keep` takes it.

    Only columns that the file has say something: an emptied cell clears its field. A sender that
    the file does not name keeps what it has.

    Raises
    ------
    FileRefused
        It is no such table, or a state, a day, a sender in it is none: with its line. Nothing of
        it may then be kept.

    Examples
    --------
    >>> file = folder / "edited.csv"
    >>> _ = file.write_text("sender_address;state;due_date\nscan@contoso.com;Done;31-12-2026\n")
    >>> notes_in(file)
    {'scan@contoso.com': {'state': 'done', 'due_date': '2026-12-31'}}
    """
    rows, delimiter = _rows(path)
    order = _order_of_days(path, rows, delimiter)
    found: dict[str, dict[str, str | None]] = {}
    for row in rows:
        key, fields = _of_row(path, row, order)
        if key in found and found[key] != fields:
            raise _refused(path, row, Sentence("The sender stands twice, with other words."))
        found[key] = fields
    return found


def _rows(path: Path) -> tuple[list[Row], str]:
    """Return the rows of a file, and the sign between its cells."""
    export = _export(path)
    content = examine(export)
    for delimiter in DELIMITERS:
        head = list(islice(text_records(export, content, delimiter), 2))
        # A line of its own may name the sign between the cells, for Excel: it is no row.
        before = 1 if head and _SIGN_NAMED.fullmatch(head[0].raw.strip()) else 0
        names = [_plain(cell).casefold() for row in head[before : before + 1] for cell in row.cells]
        if SENDER in names and set(FIELDS) & set(names):
            records = text_records(export, content, delimiter, width=len(names))
            return list(_read(path, islice(records, before + 1, None), names)), delimiter
    raise FileRefused(
        "{file} is no table of senders. Expected the CSV of smtpauth show readiness: a column "
        "{sender}, and one of {fields}.",
        file=printable(str(path)),
        sender=SENDER,
        fields=list(FIELDS),
    )


def _export(path: Path) -> Export:
    try:
        status = path.stat()
        path.open("rb").close()
    except OSError as error:
        raise FileRefused(
            "{file} cannot be read: {system}.",
            file=printable(str(path)),
            system=error.strerror or str(error),
        ) from None
    if status.st_size > LARGEST:
        raise FileRefused(
            "{file} has more than {n} MB. Expected a table of senders.",
            file=printable(str(path)),
            n=LARGEST // 1024**2,
        )
    modified = dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
    return Export(str(path), lambda: path.open("rb"), modified, status.st_size)


def _read(path: Path, records: Iterable[object], names: Sequence[str]) -> Iterator[Row]:
    places = {name: names.index(name) for name in (SENDER, *FIELDS) if name in names}
    for record in records:
        line, cells = record.line, record.cells  # type: ignore[attr-defined]
        if record.problem:  # type: ignore[attr-defined]
            raise _refused(path, Row(line, "", {}), Sentence("The row {why}.", why=record.problem))  # type: ignore[attr-defined]
        texts = {name: _plain(cells[place]) for name, place in places.items()}
        if any(text.strip() for text in texts.values()):
            yield Row(line, texts.pop(SENDER), texts)


def _plain(cell: str) -> str:
    """Return a cell as it was before it was made harmless for a spreadsheet."""
    return uninert_cell(steering_again(cell.strip()))


def _of_row(path: Path, row: Row, order: str | None) -> tuple[str, dict[str, str | None]]:
    try:
        key = sender_key(row.sender)
        return key, {
            name: checked(name, _day(text, order) if name == "due_date" else text)
            for name, text in row.cells.items()
        }
    except KitError as error:
        raise _refused(path, row, error.sentence) from None


def _day(text: str, order: str | None) -> str:
    """Return a day as it is kept, from any form in which a spreadsheet writes one."""
    return day_of(text, order).isoformat() if text.strip() else ""


def _order_of_days(path: Path, rows: list[Row], delimiter: str) -> str | None:
    """Return whether day or month comes first in the dates of a file; None: nothing tells.

    One date with a day above 12 tells it for all: one program wrote them. So does a semicolon
    between cells, which spreadsheets write only where a comma stands in numbers: there the day is
    first.
    """
    votes = {times.order_votes(row.cells.get("due_date", "")) for row in rows} - {None, "open"}
    if len(votes) > 1:
        raise FileRefused(
            "{file} has due dates with the day first and others with the month first. Write them "
            "as 2026-12-31. Nothing was changed.",
            file=printable(str(path)),
        )
    return next(iter(votes), "dmy" if delimiter == ";" else None)


def _refused(path: Path, row: Row, why: Sentence) -> FileRefused:
    return FileRefused(
        "{file}, line {line}: {why} Nothing was changed: mend the line and give the file again.",
        file=printable(str(path)),
        line=str(row.line),
        why=why,
    )
