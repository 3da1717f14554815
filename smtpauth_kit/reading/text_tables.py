"""The records of a text table: its lines, taken apart at a delimiter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.reading.bounds import MAX_CELL, MAX_COLUMNS, MAX_LINE
from smtpauth_kit.reading.contents import Content, decoded
from smtpauth_kit.reading.exports import Export, Record
from smtpauth_kit.reading.lines import Lines, strip_end
from smtpauth_kit.reading.passing import PassedOver
from smtpauth_kit.reading.quotes import QuotedRecords

UNIVERSAL: Final = ""
"""`newline` of a text stream: lines end with LF, CRLF or CR, also mixed, and keep their ends."""
DELIMITERS: Final = (",", ";", "\t", "|")


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
        lines = Lines(stream, lambda: tick(getattr(source, "bytes_read", 0)), content.piece, over)
        most = MAX_COLUMNS if width is None else width + 8
        quoted = QuotedRecords(lines, delimiter or "", most)
        may_pass = over.may_pass if over else None
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
