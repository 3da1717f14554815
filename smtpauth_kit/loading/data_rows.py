"""Which records of an export are data: no preamble, repeated header, total or footnote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.formats import Context, Layout
from smtpauth_kit.loading.progress import Tick
from smtpauth_kit.loading.row_counts import Counts
from smtpauth_kit.reading.contents import Content
from smtpauth_kit.reading.exports import Export, Record, RunsOn
from smtpauth_kit.reading.json_records import json_records
from smtpauth_kit.reading.passing import DIGITS, PassedOver
from smtpauth_kit.reading.text_tables import text_records
from smtpauth_kit.values.cells import UNDECIDED
from smtpauth_kit.words.inert import printable

FIELDS: Final = "#Fields:"
"""Stands before the column names of Exchange Server's logs."""
FOOTNOTES: Final = 20
"""Lines of text under a table; more of them are rows that cannot be read."""
STARTS_LIKE_DATA = re.compile(r"[\"']?\d{1,4}[-/.]\d|[^\s]+@")


def data_records(
    export: Export,
    content: Content,
    layout: Layout,
    counts: Counts,
    tick: Tick,
    *,
    only_with: str = "",
) -> Iterator[Record]:
    """Yield the records that are data: no preamble, repeated header, total, or footnote.

    What is left out as a footnote is named in `counts.warnings`. With `only_with`, rows that do not
    have this word in any case may be counted as read, and not yielded.
    """
    context = Context(layout, UNDECIDED)
    is_total = layout.format.is_total(context) if layout.format.is_total else None
    over = _passed_over(content, layout, only_with) if only_with else None
    # The lines of a log stand in a record under names that its format looks for itself.
    wanted = frozenset(layout.keys.values()) if layout.format.by_columns else None
    records = (
        json_records(export, content, tick, wanted)
        if content.is_json
        else _below_header(export, content, layout, tick, over)
    )
    waiting: list[Record] = []
    for record in records:
        if waiting and over and over.last > waiting[-1].line:
            yield from waiting
            waiting.clear()
        counts.last_line = record.line
        if not record.problem and (_is_blank(record) or (is_total and is_total(record.cells))):
            continue
        if record.problem and _looks_like_prose(record) and len(waiting) < FOOTNOTES:
            waiting.append(record)
            continue
        yield from waiting
        waiting.clear()
        yield record
    if over:
        if waiting and over.last > waiting[-1].line:
            yield from waiting
            waiting.clear()
        counts.read += over.count
        counts.last_line = max(counts.last_line, over.last)
    if waiting and content.piece and not content.piece.is_last:
        raise RunsOn
    under = _under_the_table(content) if waiting else 0
    yield from (record for record in waiting if record.line < under)
    waiting = [record for record in waiting if record.line >= under]
    if waiting:
        shown = "; ".join(printable(record.raw.strip())[:80] for record in waiting[:3])
        counts.warnings.append(
            Sentence(
                "left out {n} {n:line|lines} of text under the table (line {line}): {text}",
                n=len(waiting),
                line=str(waiting[0].line),
                text=shown,
            )
        )


def _under_the_table(content: Content) -> int:
    """Return the first line after the last row that `Content.only` leaves out.

    Only text from there on can stand under the table; 0 where all lines are read.
    """
    if content.only is None:
        return 0
    line = content.lines + 1
    for number, _ in reversed(content.only):
        if number != line - 1:
            break
        line = number
    return line


def _passed_over(content: Content, layout: Layout, word: str) -> PassedOver | None:
    """Return what passes over rows, where a row that begins with a digit is a row in any case."""
    if layout.delimiter is None or not layout.header or layout.header[0].strip()[:1] in DIGITS:
        return None
    after = _header_line(content, layout)
    return PassedOver(word, after, layout.delimiter, len(layout.header))


def _header_line(content: Content, layout: Layout) -> int:
    """Return the line of the header; 0 where it stands before this piece of the file."""
    is_behind = content.piece is not None and content.piece.start > 0
    return 0 if is_behind else layout.header_line


def _below_header(
    export: Export, content: Content, layout: Layout, tick: Tick, over: PassedOver | None
) -> Iterator[Record]:
    header = [cell.strip().casefold() for cell in layout.header]
    width, header_line = len(layout.header) or None, _header_line(content, layout)
    for record in text_records(
        export, content, layout.delimiter, width=width, tick=tick, over=over
    ):
        if record.line <= header_line or record.raw.startswith("#TYPE "):
            continue
        if layout.has_comments and record.raw.lstrip("\ufeff").startswith("#"):
            _check_fields(export, record, header)
            continue
        if header and not record.problem and _is_header_again(record.cells, header):
            continue
        yield record


def _check_fields(export: Export, record: Record, header: Sequence[str]) -> None:
    """Refuse a log whose column names change half way; a restart of the server repeats them."""
    text = record.raw.lstrip("\ufeff").casefold()
    fields = text.removeprefix(FIELDS.casefold())
    if fields != text and [name.strip() for name in fields.split(",")] != list(header):
        raise FileRefused(
            "{file} has other columns from line {line} on. Expected one list of columns. "
            "Cut the file there into two, and load both.",
            file=printable(export.path),
            line=str(record.line),
        )


def _is_header_again(cells: Any, header: Sequence[str]) -> bool:
    """Tell whether a row repeats the header, as in files that were joined by hand."""
    if cells[0].strip().casefold() != header[0]:
        return False
    return [cell.strip().casefold() for cell in cells] == header


def _is_blank(record: Record) -> bool:
    cells = record.cells
    for text in cells.values() if type(cells) is dict else cells:
        if text and not text.isspace():
            return False
    return True


def _looks_like_prose(record: Record) -> bool:
    """Tell whether a row of too few cells reads like a footnote rather than a broken row."""
    filled = [cell for cell in record.cells if cell.strip()]
    text = record.raw.strip()
    return len(filled) == 1 and " " in text and not STARTS_LIKE_DATA.match(text)
