"""Logs that have no columns: a file is one where a line, or a record that holds one, shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.formats import ExportFormat, Layout
from smtpauth_kit.loading.unrecognised import HEADER_WITHIN
from smtpauth_kit.reading.contents import Content
from smtpauth_kit.reading.exports import Export
from smtpauth_kit.reading.json_records import json_records
from smtpauth_kit.reading.text_tables import DELIMITERS, text_records
from smtpauth_kit.words.inert import printable

LOG_WITHIN: Final = 2_000
"""A line that shows which log a text is, is looked for in this many lines."""


def recognise_log(
    export: Export, content: Content, wanted: Sequence[ExportFormat]
) -> Layout | None:
    """Return the log of which one of the first lines is; other programs write into it too."""
    logs = [fmt for fmt in wanted if fmt.line]
    for record in islice(text_records(export, content, None), LOG_WITHIN):
        for fmt in logs:
            assert fmt.line is not None
            if not record.problem and fmt.line(record.raw):
                return Layout(fmt, {"line": 0}, {}, (), (), dt.UTC, delimiter=None)
    return None


def check_headless(export: Export, content: Content, wanted: Sequence[ExportFormat]) -> None:
    """Refuse the rows of a log whose line with the column names is missing."""
    for record in islice(text_records(export, content, None), HEADER_WITHIN):
        for fmt in (fmt for fmt in wanted if fmt.headless and not record.problem):
            assert fmt.headless is not None
            if fmt.headless(record.raw):
                raise FileRefused(
                    "{file} has rows of a {title}, but the line that names its columns is missing: "
                    "“#Fields: …”. Load the log as the server wrote it, or copy that line from "
                    "another of its logs to the top of this file.",
                    file=printable(export.path),
                    title=fmt.title,
                )


def recognise_log_table(
    export: Export, content: Content, wanted: Sequence[ExportFormat]
) -> Layout | None:
    """Return the log whose lines stand in a table: what a search of logs writes as CSV."""
    logs = [(fmt, fmt.line, fmt.lines_in_json) for fmt in wanted if fmt.line and fmt.lines_in_json]
    for delimiter in DELIMITERS:
        records = islice(text_records(export, content, delimiter), HEADER_WITHIN)
        header = next((r for r in records if not r.problem and len(r.cells) > 1), None)
        if header is None:
            continue
        for record in records:
            cells = dict(zip(header.cells, record.cells, strict=False))
            for fmt, is_line, lines_in in logs:
                if not record.problem and any(map(is_line, lines_in(cells))):
                    return Layout(
                        fmt, {"line": 0}, {}, (), (), dt.UTC, header=tuple(header.cells),
                        header_line=header.line, delimiter=delimiter,
                    )  # fmt: skip
    return None


def recognise_json_log(
    export: Export, content: Content, wanted: Sequence[ExportFormat]
) -> Layout | None:
    """Return the log of which one of the first records holds a line."""
    logs = [(fmt, fmt.line, fmt.lines_in_json) for fmt in wanted if fmt.line and fmt.lines_in_json]
    for record in islice(json_records(export, content), LOG_WITHIN):
        if record.problem or not isinstance(record.cells, Mapping):
            continue
        for fmt, is_line, lines_in in logs:
            if any(map(is_line, lines_in(record.cells))):
                return Layout(fmt, {"line": 0}, {}, (), (), dt.UTC, delimiter=None)
    return None
