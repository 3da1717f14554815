"""From an export to staged rows: which format it is, what its rows say, what is wrong with each.

Two passes at most: the rows are converted as they are read; a row that could be read in two ways
stops that pass, the whole file is looked at for the decision, and the conversion starts again.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final, NamedTuple

from smtpauth_kit import formats
from smtpauth_kit.base.errors import ColumnsNeeded, DateOrderNeeded, FileRefused, PeriodNeeded
from smtpauth_kit.base.facts import (
    Fact,
    Rejected,
    Session,
    rejected,
)
from smtpauth_kit.base.sentences import NOTHING, Sentence, column, listed
from smtpauth_kit.formats import FORMATS, Context, Ends, ExportFormat, Layout
from smtpauth_kit.loading import date_orders, days_in_names, emptiness, nearness, zones
from smtpauth_kit.reading.bounds import MIB
from smtpauth_kit.reading.reading import (
    DELIMITERS,
    Content,
    Export,
    Record,
    json_records,
    printable,
    text_records,
)
from smtpauth_kit.values import values

HEADER_WITHIN: Final = 50
"""A header is looked for in this many records from the start."""
LOG_WITHIN: Final = 2_000
"""A line that shows which log a text is, is looked for in this many lines."""
_FIELDS: Final = "#Fields:"
"""Stands before the column names of Exchange Server's logs."""
BATCH_ROWS: Final = 20_000
BATCH_TEXT: Final = 8 * MIB
MAX_RAW: Final = MIB
"""Characters that are kept of a rejected row."""
MAX_REJECTED: Final = 1024 * MIB
"""Characters of rejected rows that one file may leave in the store."""
FOOTNOTES: Final = 20
"""Lines of text under a table; more of them are rows that cannot be read."""
SAMPLES: Final = 3
"""Values of a column that are shown to whoever has to say what it is."""

Period = tuple[dt.date, dt.date]
Tick = Callable[[int], None]


@dataclass(frozen=True)
class ColumnsSaid:
    """What a person said of a header: its format, and the columns of fields."""

    format: str
    columns: Mapping[str, str]
    made_on: dt.date | None = None


@dataclass(frozen=True)
class Options:
    """What the user says about the files, where they cannot tell themselves."""

    period: Period | None = None
    format: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    """Field to column name: `--map FIELD=COLUMN`."""
    date_order: str | None = None
    tenant: str = ""
    source_timezone: str = ""
    """Time zone of times for which neither value nor header says it for certain."""
    remembered: Mapping[str, ColumnsSaid] = field(default_factory=dict)
    """What was said of headers before, by `formats.header_key`."""


@dataclass
class Staged:
    """One batch of converted rows."""

    facts: list[Fact] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


@dataclass
class Counts:
    """How the rows of a file ended, as far as the file alone tells."""

    read: int = 0
    used: int = 0
    """Rows that gave a fact."""
    rejected: int = 0
    last_line: int = 0
    """Where the last row starts, also one that is no data."""
    broken_line: int = 0
    """Where the last row that could not be taken apart starts."""
    warnings: list[Sentence] = field(default_factory=list)

    @property
    def other(self) -> int:
        """Good rows that gave no fact."""
        return self.read - self.used - self.rejected


# --- recognising ---------------------------------------------------------------------------


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
    formats.check_mapping(options.columns, wanted)
    found = (_recognise_json if content.is_json else _recognise_text)(
        export, content, wanted, options
    )
    if found.doubled:
        raise FileRefused(
            "{file} has the column {columns} twice, so it cannot be known which one counts. "
            "Delete or rename one of them and load the file again.",
            file=printable(export.path),
            columns=_names(found.doubled),
        )
    found = zones.with_zone(found, options.source_timezone)
    return _with_its_source(export, content, found)


def _with_its_source(export: Export, content: Content, layout: Layout) -> Layout:
    """Return the layout with the source that the first row is of, where rows say it."""
    fmt = layout.format
    if not fmt.source_field:
        return layout
    pick = Context(layout, values.Decisions()).picker(fmt.source_field)
    for record in data_records(export, content, layout, Counts(), lambda _: None):
        if not record.problem and (said := pick(record.cells)[0].strip()) in fmt.sources:
            return replace(layout, format=replace(fmt, source=said))
        break
    return layout


def _wanted_formats(options: Options) -> Sequence[ExportFormat]:
    if options.format is None:
        return FORMATS
    chosen = [fmt for fmt in FORMATS if fmt.name == options.format]
    if not chosen:
        raise FileRefused(
            "There is no format {format}. The formats are: {formats}.",
            format=repr(options.format),
            formats=[fmt.name for fmt in FORMATS],
        )
    return chosen


class _Candidate(NamedTuple):
    score: int
    layout: Layout


def _recognise_text(
    export: Export, content: Content, wanted: Sequence[ExportFormat], options: Options
) -> Layout:
    best: _Candidate | None = None
    nearest = _Nearest(mapped=tuple(options.columns.values()))
    for delimiter in DELIMITERS:
        for record in islice(text_records(export, content, delimiter), HEADER_WITHIN):
            if record.problem or not isinstance(record.cells, Sequence):
                nearest.problem = nearest.problem or Sentence(
                    "line {line} {why}", line=str(record.line), why=record.problem
                )
                continue
            header = tuple(record.cells)
            has_comments = header[0].lstrip("\ufeff").startswith(_FIELDS)
            if has_comments:
                header = (header[0].lstrip("\ufeff").removeprefix(_FIELDS).strip(), *header[1:])
            nearest.at = (delimiter, record.line)
            found = _match(header, range(len(header)), wanted, options, nearest)
            if found and (best is None or found.score > best.score):
                layout = replace(
                    found.layout,
                    header_line=record.line,
                    delimiter=delimiter,
                    has_comments=has_comments,
                )
                best = found._replace(layout=layout)
                break
    if best is not None:
        return best.layout
    if log := _recognise_log(export, content, wanted):
        return log
    raise _unrecognised(export, content, nearest)


def _recognise_log(
    export: Export, content: Content, wanted: Sequence[ExportFormat]
) -> Layout | None:
    """Return the log of which one of the first lines is; other programs write into it too."""
    logs = [fmt for fmt in wanted if fmt.line]
    for record in islice(text_records(export, content, None), LOG_WITHIN):
        for fmt in logs:
            assert fmt.line is not None
            if not record.problem and fmt.line.match(record.raw):
                return Layout(fmt, {"line": 0}, {}, (), (), dt.UTC, delimiter=None)
    return None


def _recognise_json(
    export: Export, content: Content, wanted: Sequence[ExportFormat], options: Options
) -> Layout:
    names: dict[str, None] = {}
    nearest = _Nearest(mapped=tuple(options.columns.values()))
    for record in islice(json_records(export, content), 100):
        if isinstance(record.cells, Mapping):
            names.update(dict.fromkeys(record.cells))
        else:
            nearest.problem = nearest.problem or Sentence(
                "record {line} {why}", line=str(record.line), why=record.problem
            )
    found = _match(tuple(names), list(names), wanted, options, nearest) if names else None
    if found is None:
        raise _unrecognised(export, content, nearest)
    return found.layout


@dataclass
class _Nearest:
    """The format that came closest, for the words of a refusal."""

    score: tuple[bool, int, int] = (False, -99, 0)
    format: ExportFormat | None = None
    missing: Sequence[str] = ()
    header: Sequence[str] = ()
    mapped: Sequence[str] = ()
    """Columns that the user named with --map."""
    problem: Sentence = NOTHING
    """Why the first record that could not be taken apart could not."""
    at: tuple[str | None, int] = (None, 0)
    """Delimiter and line of the header that is being looked at."""
    header_at: tuple[str | None, int] = (None, 0)

    def consider(
        self, fmt: ExportFormat, layout: Layout, missing: Sequence[str], header: Sequence[str]
    ) -> None:
        score = (nearness.is_near(fmt, missing), -len(missing), len(layout.keys))
        # A row of data below an unknown header may look like a column or two.
        is_data = self.header and any(_STARTS_LIKE_DATA.match(cell.strip()) for cell in header)
        is_known_here = layout.keys or (self.header_at == self.at and not self.score[2])
        is_nearer = is_known_here and score > self.score and not is_data
        if is_nearer or (not self.header and len(header) > 1):
            self.score, self.format, self.missing, self.header = score, fmt, missing, header
            self.header_at = self.at


def _match(
    header: Sequence[str],
    keys: Sequence[Any],
    wanted: Sequence[ExportFormat],
    options: Options,
    nearest: _Nearest,
) -> _Candidate | None:
    best: _Candidate | None = None
    said = _said_of(header, options)
    for fmt in [fmt for fmt in wanted if fmt.name == said.format] or wanted:
        if fmt.line:
            continue
        layout = replace(fmt.lay_out(header, keys, said.columns), header=tuple(header))
        missing = fmt.missing(layout)
        if missing or not _enough(fmt, layout) or fmt.excludes(header):
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
    return options.remembered.get(formats.header_key(header), now)


def _enough(fmt: ExportFormat, layout: Layout) -> bool:
    """Tell whether a report has a count: messages, or messages per TLS version."""
    return fmt.name != "report" or any(
        name == "message_count" or name.startswith("count_") for name in layout.keys
    )


def _unrecognised(export: Export, content: Content, nearest: _Nearest) -> FileRefused:
    path = printable(export.path)
    if not nearest.header:
        return FileRefused(
            "{file} is not an export the kit recognises: {why}. "
            "Expected a CSV or JSON export with its header; see README, “Your own exports”.",
            file=path,
            why=nearest.problem or Sentence("no line of its start has columns"),
        )
    assert nearest.format is not None
    columns = ", ".join(printable(c.strip())[:40] for c in nearest.header[:12])
    samples = _samples(export, content, nearest)
    is_helped = nearest.mapped or nearness.may_be_mapped(nearest.format, nearest.missing, samples)
    if not is_helped:
        return ColumnsNeeded(
            "{file} is not an export the kit recognises. Its columns: {columns}. They are near "
            "those of no format the kit reads; README, “Your own exports”, lists these.",
            file=path,
            columns=columns or Sentence("none"),
            nearest=nearest.format.name,
            missing=nearest.missing,
            samples=samples,
        )
    return ColumnsNeeded(
        "{file} is not an export the kit recognises. Its columns: {columns}. "
        "Nearest format: {title}, which still needs {phrases}. {advice}",
        file=path,
        columns=columns or Sentence("none"),
        title=nearest.format.title,
        phrases=listed([column(label) for label in nearest.missing or ["Message count"]], "and"),
        advice=_advice(nearest),
        nearest=nearest.format.name,
        missing=nearest.missing,
        samples=samples,
    )


def _samples(export: Export, content: Content, nearest: _Nearest) -> dict[str, list[str]]:
    """Return the columns of the nearest header, each with the first values that differ."""
    delimiter, line = nearest.header_at
    records = (
        json_records(export, content)
        if content.is_json
        else text_records(export, content, delimiter)
    )
    found: dict[str, list[str]] = {name.strip(): [] for name in nearest.header if name.strip()}
    for record in islice(records, 2 * HEADER_WITHIN):
        if record.problem or (not content.is_json and record.line <= line):
            continue
        cells = record.cells
        pairs = cells.items() if isinstance(cells, Mapping) else zip(nearest.header, cells)  # noqa: B905
        for name, text in pairs:
            seen, text = found.get(name.strip(), []), text.strip()[:80]
            if text and text not in seen and len(seen) < SAMPLES:
                seen.append(text)
    return found


def _advice(nearest: _Nearest) -> Sentence:
    advice = _mapping_advice(nearest)
    if not nearest.problem:
        return advice
    return Sentence(
        "{advice} What could not be read first: {why}.", advice=advice, why=nearest.problem
    )


def _mapping_advice(nearest: _Nearest) -> Sentence:
    header = {formats.format.normal_header(cell) for cell in nearest.header}
    absent = [m for m in nearest.mapped if formats.format.normal_header(m) not in header]
    if absent:
        return Sentence(
            "The file has no column {columns}, which --map names.", columns=_names(absent)
        )
    options = [
        f'--map "{label}={_closest(label, nearest.header)}"' for label in nearest.missing[:3]
    ]
    if not options:
        return Sentence("Add the missing column, or export the file again.")
    return Sentence(
        "If it is there under another name, say so, for example: {options}",
        options=" ".join(options),
    )


def _closest(label: str, header: Sequence[str]) -> str:
    close = difflib.get_close_matches(label, [cell.strip() for cell in header], n=1, cutoff=0.6)
    return printable(close[0]) if close else "ITS COLUMN"


def _names(labels: Sequence[str]) -> str:
    short = (label if len(label) <= 60 else label[:60] + "…" for label in labels)
    return ", ".join(f"“{printable(label)}”" for label in short)


# --- converting ----------------------------------------------------------------------------


def stage(
    export: Export, content: Content, layout: Layout, options: Options, counts: Counts, tick: Tick
) -> Iterator[Staged | None]:
    """Convert a file's rows, in batches; None means: forget what came before, it starts again.

    Fills `counts` as it goes.

    Raises
    ------
    FileRefused
        The period is not known, or day and month could be swapped throughout.
    """
    _check_period(export, layout.format, options)
    zones.check_zone(export.path, layout, options.source_timezone)
    context = Context(
        layout=layout,
        decisions=values.Decisions(options.date_order),
        period=options.period if layout.format.needs_period or not layout.format.times else None,
        path=printable(export.path),
        tenant=options.tenant,
        file_day=export.modified.date(),
    )
    zones.note_of_zone(context, options.source_timezone)
    if layout.format.survey:
        context.decisions = decide(export, content, layout, options, tick)
        look, finding = layout.format.survey(context)
        for record in data_records(export, content, layout, Counts(), tick):
            if not record.problem:
                look(record.cells)
        context.facts_of_file = finding()
    try:
        yield from _convert(export, content, context, counts, tick)
    except values.NeedsDecision:
        yield None
        context.decisions = decide(export, content, layout, options, tick)
        counts.__init__()  # type: ignore[misc]
        context.tally.clear()
        context.at_end.clear()
        context.notes.clear()
        zones.note_of_zone(context, options.source_timezone)
        yield from _convert(export, content, context, counts, tick)
    _warn(layout, context, counts)
    if content.only is None:  # Else other rows of the file went another way.
        counts.warnings.extend(emptiness.warnings(counts, context))


def _check_period(export: Export, fmt: ExportFormat, options: Options) -> None:
    if fmt.needs_period and options.period is None:
        path, modified = printable(export.path), export.modified.date()
        if offered := days_in_names.period_in_name(export.path, modified):
            raise PeriodNeeded(
                "{file} is a {title}: it counts messages for a range of days that only the person "
                "who exported it knows. Its name holds two days; if it was exported for these, "
                "both included, load it with --period {start}:{end}, else with the days it was "
                "exported for.",
                offered=offered,
                file=path,
                title=fmt.title,
                start=offered[0].isoformat(),
                end=offered[1].isoformat(),
            )
        raise PeriodNeeded(
            "{file} is a {title}: it counts messages for a range of days that only the person who "
            "exported it knows. Expected that range; say it with --period START:END, both days "
            "included, for example --period 2026-11-16:2026-11-22.",
            file=path,
            title=fmt.title,
        )


def _convert(
    export: Export, content: Content, context: Context, counts: Counts, tick: Tick
) -> Iterator[Staged]:
    convert = context.layout.format.converter(context)
    batch, size, rejected_size = Staged(), 0, 0
    for record in data_records(export, content, context.layout, counts, tick):
        counts.read += 1
        size += len(record.raw)
        try:
            if record.problem:
                counts.broken_line = record.line
                raise values.Unfit("the row {why}", why=record.problem)
            if ends := convert(record.line, record.cells):
                _sort(ends, batch, counts)
        except values.Unfit as unfit:
            rejected_size += len(record.raw)
            _check_rejected(export, rejected_size, unfit)
            batch.rejected.append(rejected(record.line, unfit.sentence, record.raw[:MAX_RAW]))
        if size >= BATCH_TEXT or len(batch.facts) + len(batch.rejected) >= BATCH_ROWS:
            counts.rejected += len(batch.rejected)
            yield batch
            batch, size = Staged(), 0
    for rest in context.at_end:
        _sort(rest(), batch, counts)
    counts.rejected += len(batch.rejected)
    yield batch


def _check_rejected(export: Export, size: int, last: values.Unfit) -> None:
    """Refuse a file of which hardly anything can be read: keeping it all would fill the disk."""
    if size > MAX_REJECTED:
        raise FileRefused(
            "{file} has more than 1 GiB of rows that cannot be read, so nothing of it was loaded. "
            "The last reason: {why}. Look at its columns and its dates.",
            file=printable(export.path),
            why=last.sentence,
        )


def _sort(ends: Ends, batch: Staged, counts: Counts) -> None:
    """Put what a converter gave where it belongs; a line counts once, whatever it gave."""
    lines = set()
    for end in ends:
        if isinstance(end, Rejected):
            batch.rejected.append(end)
            continue
        batch.facts.append(end)
        if not isinstance(end, Session):
            lines.add(end.line)
    counts.used += len(lines)


def data_records(
    export: Export, content: Content, layout: Layout, counts: Counts, tick: Tick
) -> Iterator[Record]:
    """Yield the records that are data: no preamble, repeated header, total, or footnote.

    What is left out as a footnote is named in `counts.warnings`.
    """
    context = Context(layout, values.Decisions())
    is_total = layout.format.is_total(context) if layout.format.is_total else None
    records = (
        json_records(export, content, tick)
        if content.is_json
        else _below_header(export, content, layout, tick)
    )
    waiting: list[Record] = []
    for record in records:
        counts.last_line = record.line
        if not record.problem and (_is_blank(record) or (is_total and is_total(record.cells))):
            continue
        if record.problem and _looks_like_prose(record) and len(waiting) < FOOTNOTES:
            waiting.append(record)
            continue
        yield from waiting
        waiting.clear()
        yield record
    under = _under_the_table(content) if waiting else 0
    yield from (record for record in waiting if record.line < under)
    waiting = [record for record in waiting if record.line >= under]
    if waiting:
        shown = "; ".join(printable(record.raw.strip())[:80] for record in waiting[:3])
        counts.warnings.append(
            Sentence(
                "left out {n} line(s) of text under the table (line {line}): {text}",
                n=len(waiting),
                line=str(waiting[0].line),
                text=shown,
            )
        )


def _under_the_table(content: Content) -> int:
    """Return the line from which on no row was left out to the end (see `Content.only`)."""
    if content.only is None:
        return 0
    line = content.lines + 1
    for number, _ in reversed(content.only):
        if number != line - 1:
            break
        line = number
    return line


def _below_header(export: Export, content: Content, layout: Layout, tick: Tick) -> Iterator[Record]:
    header = [cell.strip().casefold() for cell in layout.header]
    width = len(layout.header) or None
    for record in text_records(export, content, layout.delimiter, width=width, tick=tick):
        if record.line <= layout.header_line or record.raw.startswith("#TYPE "):
            continue
        if layout.has_comments and record.raw.lstrip("\ufeff").startswith("#"):
            _check_fields(export, record, header)
            continue
        if header and not record.problem and _is_header_again(record.cells, header):
            continue
        yield record


def _check_fields(export: Export, record: Record, header: Sequence[str]) -> None:
    """Refuse a log whose columns change on the way: a restart repeats them, no more."""
    text = record.raw.lstrip("\ufeff").casefold()
    fields = text.removeprefix(_FIELDS.casefold())
    if fields != text and [name.strip() for name in fields.split(",")] != list(header):
        raise FileRefused(
            "{file} has other columns from line {line} on. Expected one list of columns. "
            "Cut the file there into two, and load both.",
            file=printable(export.path),
            line=str(record.line),
        )


def _is_header_again(cells: Any, header: Sequence[str]) -> bool:
    """Tell whether a row repeats the header, as files put together by hand do."""
    if cells[0].strip().casefold() != header[0]:
        return False
    return [cell.strip().casefold() for cell in cells] == header


def _is_blank(record: Record) -> bool:
    cells = record.cells
    for text in cells.values() if type(cells) is dict else cells:
        if text and not text.isspace():
            return False
    return True


_STARTS_LIKE_DATA = re.compile(r"[\"']?\d{1,4}[-/.]\d|[^\s]+@")


def _looks_like_prose(record: Record) -> bool:
    """Tell whether a row of too few cells reads like a footnote rather than a broken row."""
    filled = [cell for cell in record.cells if cell.strip()]
    text = record.raw.strip()
    return len(filled) == 1 and " " in text and not _STARTS_LIKE_DATA.match(text)


def decide(
    export: Export, content: Content, layout: Layout, options: Options, tick: Tick
) -> values.Decisions:
    """Look at every row for what one row cannot tell: date order, decimal mark.

    Raises
    ------
    FileRefused
        Every date could have day and month swapped, or some prove one order and some the other.
    """
    context = Context(layout, values.Decisions())
    dates = context.picker(*(f for f in layout.format.times if context.has(f)))
    numbers = context.picker(*(f for f in layout.format.counts if context.has(f)))
    votes: dict[str, int] = {}
    by_sign: dict[str, dict[str, int]] = {}
    open_dates: list[str] = []
    marked: dict[str, None] = {}
    for record in data_records(export, content, layout, Counts(), tick):
        if record.problem:
            continue
        for text in dates(record.cells):
            if vote := values.order_votes(text):
                votes[vote] = votes.get(vote, 0) + 1
                of_sign = by_sign.setdefault(values.date_sign(text), {})
                of_sign[vote] = of_sign.get(vote, 0) + 1
                if len(open_dates) < SAMPLES and text not in open_dates:
                    open_dates.append(text)
        for text in numbers(record.cells):
            if ("." in text or "," in text) and len(marked) < 100_000:
                # What stands in brackets is the count: `12.5% (1.234)`.
                inside = text.rpartition("(")[2].partition(")")[0]
                if len(inside) <= values.MAX_WORD:
                    marked[inside] = None
    orders = {} if options.date_order else date_orders.orders_by_sign(by_sign)
    return values.Decisions(
        date_orders=orders,
        date_order=options.date_order or (None if orders else _order(export, votes, open_dates)),
        decimal_mark=values.decide_decimal_mark(
            [text for text in marked if "%" not in text], layout.language_mark
        ),
    )


def _order(export: Export, votes: Mapping[str, int], samples: Sequence[str]) -> str | None:
    day_first, month_first = votes.get("dmy", 0), votes.get("mdy", 0)
    if bool(day_first) != bool(month_first):
        return "dmy" if day_first else "mdy"
    if not votes:
        return None
    found = Sentence("only dates whose day and month could be swapped")
    if day_first:
        found = Sentence(
            "{n} date(s) that must be day first and {months} that must be month first",
            n=day_first,
            months=month_first,
        )
    raise DateOrderNeeded(
        "{file} has {why}. Expected dates that settle it. Look at one row you know, then say the "
        "order with --date-order dmy, --date-order mdy or --date-order ymd.",
        file=printable(export.path),
        why=found,
        samples=samples,
    )


def _warn(layout: Layout, context: Context, counts: Counts) -> None:
    for why, times in sorted(context.tally.items()):
        counts.warnings.append(Sentence("{n} row(s) {why}", n=times, why=why))
    counts.warnings.extend(context.notes)
    if layout.unknown:
        shown = _names(layout.unknown[:10]) + (" …" if len(layout.unknown) > 10 else "")
        told = Sentence("columns the kit does not know, not loaded: {columns}", columns=shown)
        counts.warnings.append(told)
