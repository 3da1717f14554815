"""Which format an export is of, and where its columns are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.formats import FORMATS, Context, ExportFormat, Layout, check_mapping, header_key
from smtpauth_kit.loading import zones
from smtpauth_kit.loading.column_names import quoted_names
from smtpauth_kit.loading.data_rows import FIELDS, data_records
from smtpauth_kit.loading.options import ColumnsSaid, Options
from smtpauth_kit.loading.recognising_logs import (
    check_headless,
    recognise_json_log,
    recognise_log,
    recognise_log_table,
)
from smtpauth_kit.loading.row_counts import Counts
from smtpauth_kit.loading.unrecognised import HEADER_WITHIN, Nearest, unrecognised
from smtpauth_kit.reading.contents import Content
from smtpauth_kit.reading.exports import Export
from smtpauth_kit.reading.json_records import json_records
from smtpauth_kit.reading.text_tables import DELIMITERS, text_records
from smtpauth_kit.values.cells import UNDECIDED
from smtpauth_kit.words.inert import printable


def recognise(export: Export, content: Content, options: Options) -> Layout:
    """Return which format an export is, and where its columns are.

    The format whose required columns are all there and that knows most of the columns wins; the
    file's name plays no part.

    Raises
    ------
    FileRefused
        No format has all its required columns, or one of them stands twice.
    """
    wanted = _wanted_formats(options)
    check_mapping(options.columns, wanted)
    layout = (_recognise_json if content.is_json else _recognise_text)(
        export, content, wanted, options
    )
    if layout.doubled:
        raise FileRefused(
            "{file} has the column {columns} twice, so it cannot be known which one counts. "
            "Delete or rename one of them and load the file again.",
            file=printable(export.path),
            columns=quoted_names(layout.doubled),
        )
    layout = zones.with_zone(layout, options.source_timezone)
    return _with_its_source(export, content, layout)


def _with_its_source(export: Export, content: Content, layout: Layout) -> Layout:
    """Return the layout with the source that the first row is of, where rows say it."""
    fmt = layout.format
    if not fmt.source_field:
        return layout
    pick = Context(layout, UNDECIDED).picker(fmt.source_field)
    for record in data_records(export, content, layout, Counts(), lambda _: None):
        if not record.problem and (said := pick(record.cells)[0].strip()) in fmt.sources:
            return replace(layout, format=replace(fmt, source=said))
        break
    return layout


def _wanted_formats(options: Options) -> Sequence[ExportFormat]:
    if options.format is None:
        return FORMATS
    return [fmt for fmt in FORMATS if fmt.name == options.format]


class _Candidate(NamedTuple):
    score: int
    layout: Layout


def _recognise_text(
    export: Export, content: Content, wanted: Sequence[ExportFormat], options: Options
) -> Layout:
    if best := _best_header(export, content, wanted, options, None):
        return best.layout
    if log := recognise_log(export, content, wanted):
        return log
    if table := recognise_log_table(export, content, wanted):
        return table
    check_headless(export, content, wanted)
    # Only a refusal has to say what came nearest: that takes a close look at each row.
    nearest = Nearest(mapped=tuple(options.columns.values()))
    _best_header(export, content, wanted, options, nearest)
    raise unrecognised(export, content, nearest)


def _best_header(
    export: Export,
    content: Content,
    wanted: Sequence[ExportFormat],
    options: Options,
    nearest: Nearest | None,
) -> _Candidate | None:
    """Return the header that fits a format best, by whichever sign its columns are separated."""
    best: _Candidate | None = None
    for delimiter in DELIMITERS:
        for record in islice(text_records(export, content, delimiter), HEADER_WITHIN):
            if record.problem or not isinstance(record.cells, Sequence):
                if nearest and not nearest.problem:
                    nearest.problem = Sentence(
                        "line {line} {why}", line=str(record.line), why=record.problem
                    )
                continue
            header = tuple(record.cells)
            has_comments = header[0].lstrip("\ufeff").startswith(FIELDS)
            if has_comments:
                header = (header[0].lstrip("\ufeff").removeprefix(FIELDS).strip(), *header[1:])
            if nearest:
                nearest.at = (delimiter, record.line)
            candidate = _match(header, range(len(header)), wanted, options, nearest)
            if candidate and (best is None or candidate.score > best.score):
                layout = replace(
                    candidate.layout,
                    header_line=record.line,
                    delimiter=delimiter,
                    has_comments=has_comments,
                )
                best = candidate._replace(layout=layout)
                break
    return best


def _recognise_json(
    export: Export, content: Content, wanted: Sequence[ExportFormat], options: Options
) -> Layout:
    names: dict[str, None] = {}
    nearest = Nearest(mapped=tuple(options.columns.values()))
    for record in islice(json_records(export, content), 100):
        if isinstance(record.cells, Mapping):
            names.update(dict.fromkeys(record.cells))
        else:
            nearest.problem = nearest.problem or Sentence(
                "record {line} {why}", line=str(record.line), why=record.problem
            )
    candidate = _match(tuple(names), list(names), wanted, options, nearest) if names else None
    if candidate is not None:
        return candidate.layout
    if log := recognise_json_log(export, content, wanted):
        return log
    raise unrecognised(export, content, nearest)


def _match(
    header: Sequence[str],
    keys: Sequence[Any],
    wanted: Sequence[ExportFormat],
    options: Options,
    nearest: Nearest | None,
) -> _Candidate | None:
    """Return the format that a header fits best; note in `nearest`, if given, what fits nearly."""
    best: _Candidate | None = None
    said = _said_of(header, options)
    for fmt in [fmt for fmt in wanted if fmt.name == said.format] or wanted:
        if fmt.line or not (nearest or said.columns or fmt.knows_any(header)):
            continue
        layout = replace(fmt.lay_out(header, keys, said.columns), header=tuple(header))
        missing = fmt.missing(layout)
        if missing or not _enough(fmt, layout) or fmt.excludes(header):
            if nearest:
                nearest.consider(fmt, layout, missing, header)
        elif best is None or len(layout.keys) > best.score:
            best = _Candidate(len(layout.keys), layout)
    if best is None or not said.columns:
        return best
    mapped = best.layout.format.mapped_fields(best.layout, keys)
    return best._replace(layout=replace(best.layout, mapped=mapped, mapped_on=said.made_on))


def _said_of(header: Sequence[str], options: Options) -> ColumnsSaid:
    """Return what the person says of a header now, else what was said of it before."""
    now = ColumnsSaid(options.format or "", options.columns)
    if options.columns or options.format or not options.remembered:
        return now
    return options.remembered.get(header_key(header), now)


def _enough(fmt: ExportFormat, layout: Layout) -> bool:
    """Tell whether a report has a count: messages, or messages per TLS version."""
    return fmt.name != "report" or any(
        name == "message_count" or name.startswith("count_") for name in layout.keys
    )
