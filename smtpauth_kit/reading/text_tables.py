"""The records of a text table: its lines, taken apart at a delimiter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.reading.bounds import MAX_CELL, MAX_COLUMNS, MAX_LINE
from smtpauth_kit.reading.contents import Content, decoded
from smtpauth_kit.reading.exports import Export, Record
from smtpauth_kit.reading.quotes import Lines, QuotedRecords, split_plainly, strip_end

UNIVERSAL: Final = ""
"""`newline` of a text stream: lines end with LF, CRLF or CR, also mixed, and keep their ends."""
DELIMITERS: Final = (",", ";", "\t", "|")
DIGITS: Final = "0123456789"


@dataclass
class PassedOver:
    """Lines that are a row of the table each, and are counted instead of taken apart."""

    word: str
    """In capitals. A line that has it in no case is passed over."""
    after: int
    """The line of the header: only lines after it are rows."""
    count: int = 0
    last: int = 0
    """The line that was passed over last."""


def text_records(
    export: Export,
    content: Content,
    delimiter: str | None,
    *,
    width: int | None = None,
    tick: Callable[[int], None] = lambda _: None,
    over: PassedOver | None = None,
) -> Iterator[Record]:
    """Yield the records of a text file, blank lines left out; with no delimiter, its lines.

    With `width`, a record of another number of cells has a `problem`; more cells are fine while
    the extra ones are empty. A quote that is never closed properly spoils its own line only.

    With `over`, rows that begin with a digit and are whole may be passed over.
    """
    if content.only is not None:
        assert delimiter is not None
        for number, text in content.only:
            if not text.strip():
                continue
            yield _fit(Record(number, text.split(delimiter), text), width)
        return
    source = export.open()
    with source, decoded(source, content, UNIVERSAL) as stream:
        lines = Lines(stream, lambda: tick(getattr(source, "bytes_read", 0)), content.piece)
        most = MAX_COLUMNS if width is None else width + 8
        quoted = QuotedRecords(lines, delimiter or "", most)
        may_pass = _passing(over, delimiter, width)
        while (line := lines.take()) is not None:
            if may_pass and may_pass(lines.number, line):
                continue
            number, text = lines.number, strip_end(line)
            if not text or text.isspace():
                continue
            if delimiter and '"' not in text and len(text) <= MAX_CELL:
                cells = text.split(delimiter)
                whole = Record(number, cells, text)
                yield whole if len(cells) == width else _fit(whole, width)
            elif len(line) >= MAX_LINE:
                lines.skip_rest(line)
                yield Record(number, (), text[:1000], Sentence("is longer than 8 MiB"))
            elif delimiter is None:
                yield Record(number, (text,), text)
            elif '"' in text:
                cells, text, problem = quoted.take(number, line)
                yield _fit(Record(number, cells, text, problem), width)
            else:
                yield _fit(Record(number, text.split(delimiter, MAX_COLUMNS), text), width)


def _passing(
    over: PassedOver | None, delimiter: str | None, width: int | None
) -> Callable[[int, str], bool] | None:
    """Return what passes over a line, where it may."""
    if over is None or delimiter is None or width is None:
        return None
    word, after = over.word, over.after

    def may_pass(number: int, line: str) -> bool:
        if word in line or number <= after or len(line) > MAX_CELL:
            return False
        if '"' not in line:
            is_row = line[0] in DIGITS and line.count(delimiter) == width - 1
        else:
            cells = split_plainly(strip_end(line), delimiter)
            is_row = cells is not None and len(cells) == width and cells[0][:1] in tuple(DIGITS)
        if not is_row or word in line.upper():
            return False
        over.count += 1
        over.last = number
        return True

    return may_pass


def _fit(record: Record, width: int | None) -> Record:
    """Return a record with `width` cells, or with the problem that it has other ones."""
    if record.problem:
        return record
    cells = record.cells
    assert isinstance(cells, Sequence)
    if len(cells) > MAX_COLUMNS:
        problem = Sentence("has more than {n} cells", n=MAX_COLUMNS)
        return record._replace(cells=(), problem=problem)
    if len(record.raw) > MAX_CELL and any(len(cell) > MAX_CELL for cell in cells):
        return record._replace(
            cells=(), problem=Sentence("has a cell of more than 1 MiB"), raw=record.raw[:1000]
        )
    if width is None or len(cells) == width:
        return record
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return record._replace(cells=cells[:width])
    problem = Sentence(
        "has {n} cells where the header has {width}", n=str(len(cells)), width=str(width)
    )
    return record._replace(problem=problem)
