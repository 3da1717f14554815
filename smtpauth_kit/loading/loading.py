"""Load exports into a store: recognise, stage, append; one transaction a file, whole or not at all.

A refused file stops no other. Rows end as loaded, duplicate, rejected or other, and a file's
figures always add up: read = loaded + duplicate + rejected + other.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import signal
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers.files import files
from smtpauth_kit.answers.stored import stored_messages
from smtpauth_kit.base.errors import (
    Cancelled,
    ColumnsNeeded,
    FileRefused,
    KitError,
    PeriodNeeded,
    StoreError,
)
from smtpauth_kit.base.filter_fields import as_day
from smtpauth_kit.base.sentences import NOTHING, Sentence, column, listed, sentences_from
from smtpauth_kit.formats import FORMATS, ExportFormat, Layout, header_key
from smtpauth_kit.loading import bulk, known, mappings, mending, repeats, staging, zones
from smtpauth_kit.loading.staging import Counts, Options, Period
from smtpauth_kit.reading import reading
from smtpauth_kit.reading.reading import Content, Export, printable
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.store import Store
from smtpauth_kit.store.writer import Writer

if TYPE_CHECKING:
    pass

LOADED: Final = "loaded"
ALREADY: Final = "already_loaded"
REFUSED: Final = "refused"
UNLOADED: Final = "unloaded"
CUT_ROWS: Final = frozenset({1_000, 5_000, 50_000, 100_000, 250_000})
"""Row limits of the portals: an export of exactly so many rows was probably cut."""


@dataclass(frozen=True)
class FileResult:
    """How one file ended."""

    path: str
    format: str = ""
    status: str = REFUSED
    """loaded, already_loaded (every rows_* is 0) or refused."""
    rows_read: int = 0
    rows_loaded: int = 0
    rows_duplicate: int = 0
    rows_rejected: int = 0
    rows_other: int = 0
    """Good rows that are no submission or SMTP sign-in, or one more of a message counted."""
    message_count: int = 0
    """Messages of the rows loaded; sign-ins count none."""
    period: Period | None = None
    """First and last UTC day its rows speak of."""
    warnings: tuple[Sentence, ...] = ()
    error: Sentence | None = None
    why: Sentence = NOTHING
    """What it was recognised by."""
    file_id: int | None = None
    layout: Layout | None = field(default=None, repr=False, compare=False)
    """Where its columns are, once it was recognised."""
    refusal: FileRefused | None = field(default=None, repr=False, compare=False)
    """What is behind `error`: it knows what the file lacks."""

    @property
    def needs_period(self) -> bool:
        """It was refused only because nobody said which days it covers."""
        return isinstance(self.refusal, PeriodNeeded)

    @property
    def header(self) -> tuple[str, ...]:
        """Its columns as they came, where it has any."""
        if isinstance(self.refusal, ColumnsNeeded):
            return tuple(self.refusal.samples)
        return self.layout.header if self.layout else ()

    @property
    def header_key(self) -> str:
        """What a mapping of its columns is remembered under."""
        return header_key(self.header)

    @property
    def mapped_now(self) -> Mapping[str, str]:
        """Field to column, where a person said so in this load and the file is in the store."""
        is_new = self.layout and not self.layout.mapped_on and self.status != REFUSED
        return self.layout.mapped if self.layout and is_new else {}


@dataclass(frozen=True)
class LoadResult:
    """How a load ended."""

    files: tuple[FileResult, ...] = ()
    message_count: int = 0
    """Messages in the whole store, each counted once, from one source."""

    @property
    def refused(self) -> tuple[FileResult, ...]:
        """The files that were refused."""
        return tuple(file for file in self.files if file.status == REFUSED)

    def rows(self, ending: str) -> int:
        """Return how many rows of all files ended so: read, loaded, duplicate, rejected, other."""
        return sum(getattr(file, f"rows_{ending}") for file in self.files)

    def to_dict(self) -> dict[str, Any]:
        """Return the load as `smtpauth load --json` prints it."""
        endings = ("read", "loaded", "duplicate", "rejected", "other")
        return {
            "files": [_file_dict(file) for file in self.files],
            **{f"rows_{ending}": self.rows(ending) for ending in endings},
            "message_count": self.message_count,
        }

    def summary(self) -> str:
        """Return the load in one plain line."""
        by_status = [
            (s, sum(f.status == s for f in self.files)) for s in (LOADED, ALREADY, REFUSED)
        ]
        files = ", ".join(f"{n} {s.replace('_', ' ')}" for s, n in by_status if n)
        if not files:
            return f"There was no file to load. The store holds {self.message_count:,} messages."
        return (
            f"{len(self.files)} file(s): {files}. {self.rows('read'):,} rows read = "
            f"{self.rows('loaded'):,} loaded + {self.rows('duplicate'):,} duplicate + "
            f"{self.rows('rejected'):,} rejected + {self.rows('other'):,} other. "
            f"The store holds {self.message_count:,} messages."
        )


def _file_dict(file: FileResult) -> dict[str, Any]:
    inside = ("why", "file_id", "layout", "refusal")
    columns = {f.name: getattr(file, f.name) for f in fields(file) if f.name not in inside}
    columns["period"] = [day.isoformat() for day in file.period] if file.period else None
    columns["warnings"] = list(file.warnings)
    return columns


@dataclass(frozen=True)
class Progress:
    """Where a load is: shown while it works."""

    path: str
    file: int
    files: int
    share: float
    """Of this file's bytes, 0 to 1; each byte is read two or three times."""


@dataclass
class _Watch:
    """Tells the caller how far the work is, and stops it when the caller says so."""

    files: int
    tell: Callable[[Progress], None] | None
    cancelled: Callable[[], bool] | None
    at: Progress = field(default_factory=lambda: Progress("", 0, 0, 0.0))
    is_stopped: bool = False
    """Ctrl-C was pressed, or the notebook's Stop button."""

    def start(self, export: Export, number: int) -> None:
        self.at = Progress(printable(export.path), number, self.files, 0.0)
        self._tell()

    def tick_from(self, low: float, high: float, size: int) -> Callable[[int], None]:
        def tick(read: int) -> None:
            share = low + (high - low) * min(read / max(size, 1), 1.0)
            self.at = replace(self.at, share=share)
            self._tell()

        return tick

    def check(self) -> None:
        """Stop the work if somebody asked for it."""
        if self.is_stopped or (self.cancelled and self.cancelled()):
            raise Cancelled("Stopped. Files that were done stay loaded; this one left nothing.")

    def _tell(self) -> None:
        self.check()
        if self.tell:
            self.tell(self.at)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C as a wish, heard between two steps; pressed again it ends the work at once.

        Raised in the middle of DuckDB's work it would come out as some other error.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(number: int, frame: object) -> None:
            if self.is_stopped:
                raise KeyboardInterrupt
            self.is_stopped = True

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before or signal.default_int_handler)


def load(
    store: Store,
    *paths: str | Path,
    period: tuple[dt.date | str, dt.date | str] | None = None,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    date_order: str | None = None,
    tenant: str = "",
    source_timezone: str = "",
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    ended: Callable[[FileResult], None] | None = None,
    forget_mappings: bool = False,
) -> LoadResult:
    """Load files, folders, patterns and archives into a store.

    Parameters
    ----------
    store
        Where the facts go.
    paths
        What to load. A path that exists is that path; else it is a pattern.
    period
        First and last day, both included, of reports (which do not say) and settings exports.
    format
        Name of a format, where recognising is not wanted.
    columns
        Field to column name, for headers the kit does not know. The store remembers it for the
        next files with such a header.
    date_order
        "dmy", "mdy" or "ymd" where a file's dates could be read in two ways.
    tenant
        Name of the tenant the files come from; empty when there is one.
    source_timezone
        Time zone of times that say none themselves, where the header of their column does not
        either, or not one that can be known: "Europe/Amsterdam", "UTC+01:00".
    progress, cancelled
        Called as the work goes on; `cancelled` returning True ends it cleanly.
    ended
        Called with each file as it ends, also with those that were done before a wish to stop.
    forget_mappings
        Forget, and do not use, what the store remembers of the headers of these files.

    Returns
    -------
    LoadResult
        One :class:`FileResult` per file, in the order they were named.

    Raises
    ------
    KitError
        The store cannot be used, or the work was cancelled.

    Examples
    --------
    >>> result = load(Store(folder / "new.duckdb"), folder / "log.csv")
    >>> print(result.summary())
    1 file(s): 1 loaded. 3 rows read = 3 loaded + 0 duplicate + 0 rejected + 0 other. The store
    holds 3 messages.
    """
    _check_order(date_order)
    if source_timezone:
        zones.zone_named(source_timezone)
    options = Options(
        period=_checked_period(period),
        format=format,
        columns=dict(columns or {}),
        date_order=date_order,
        tenant=tenant,
        source_timezone=source_timezone,
        remembered={} if forget_mappings else mappings.remembered(store),
    )
    exports = reading.find_exports(paths)
    jobs = [job for export in exports for job in _jobs(store, export, options)]
    watch = _Watch(len(jobs), progress, cancelled)
    results: list[FileResult] = []
    with _remembering(store, results, forget_mappings), watch.listening(), ExitStack() as stack:
        may_read = [os.path.abspath(export.path) for export in exports if bulk.may_suit(export)]
        writer = _LazyWriter(lambda: store.writing(watch.check, may_read), stack)
        for number, (export, own) in enumerate(jobs, start=1):
            before = _loaded_before(store, export, own, watch, number)
            results.append(before or _load_one(writer, export, own, watch, number))
            if ended:
                ended(results[-1])
    return LoadResult(tuple(results), stored_messages(store) if store.exists() else 0)


def _jobs(store: Store, export: Export, options: Options) -> list[tuple[Export, Options]]:
    """Return an export with its options; rejected rows that come back are several."""
    if not mending.is_of_rejected_rows(export):
        return [(export, options)]
    try:
        return list(mending.exports_in(export, store, options))
    except FileRefused as refused:
        return [(reading.refused(export.path, refused), options)]


def unload(store: Store, file: str | int) -> FileResult:
    """Take a loaded file out of the store again, exactly: as if it had never been loaded.

    Parameters
    ----------
    file
        Its file_id, or its path as it was loaded.

    Returns
    -------
    FileResult
        The file as it was loaded, with status "unloaded".

    Raises
    ------
    KitError
        No file of that id or path is loaded, or several files have that path.

    Examples
    --------
    >>> unload(store, folder / "log.csv").rows_loaded
    3
    """
    found = _loaded_file(store, file)
    with store.writing() as writer:
        writer.unload(found.file_id or 0)
    return found


def _loaded_file(store: Store, file: str | int) -> FileResult:
    loaded = stored_files(store)
    wanted = Path(str(file)).expanduser().absolute()
    by_id = [each for each in loaded if str(each.file_id) == str(file).strip()]
    at = by_id or [each for each in loaded if Path(each.path).absolute() == wanted]
    if not at:
        raise KitError(
            "No loaded file has the id or path {file}. `smtpauth show files` lists them.",
            file=printable(str(file)),
        )
    if len(at) > 1:
        raise KitError(
            "{file} was loaded {n} times, as files {ids}. "
            "Name one by its id; `smtpauth show files` tells them apart.",
            file=printable(str(file)),
            n=len(at),
            ids=listed([str(each.file_id) for each in at], "and"),
        )
    return replace(at[0], status=UNLOADED)


def stored_files(store: Store) -> list[FileResult]:
    """Return every file that a store holds, as it ended when it was loaded.

    Examples
    --------
    >>> [(Path(file.path).name, file.rows_loaded) for file in stored_files(store)]
    [('log.csv', 3)]
    """
    kept = store.run(sql_text("file_sentences"))
    said = dict(zip(kept["file_id"], kept["sentences"], strict=True))
    rows = files(store).to_dict("records")
    return [_stored(row, said[row["file_id"]]) for row in rows if row["file_id"] in said]


def _stored(row: Mapping[Hashable, Any], said: str) -> FileResult:
    """Return a file from its row, with what was said of it as sentences."""
    why, *warnings = sentences_from(said)
    names = [field.name for field in fields(FileResult) if field.name in row]
    known = {name: row[name] for name in names} | {
        "period": tuple(row["period"]) if row["period"] else None,
        "why": why,
        "warnings": tuple(warnings),
        "file_id": int(row["file_id"]),
    }
    return FileResult(**known)


def _checked_period(period: tuple[dt.date | str, dt.date | str] | None) -> Period | None:
    if period is None:
        return None
    start, end = (as_day(day) for day in period)
    assert start is not None and end is not None
    if start > end:
        raise KitError(
            "The period starts on {start} and ends on {end}, before it starts. "
            "Give the first day first, both days included.",
            start=start,
            end=end,
        )
    if not start.year >= 2000 or end.year >= 2100:
        raise KitError(
            "The period {start} to {end} is not within the years 2000 to 2099.",
            start=start,
            end=end,
        )
    return start, end


def _check_order(order: str | None) -> None:
    if order not in (None, "dmy", "mdy", "ymd"):
        raise KitError(
            "There is no date order {order}. The orders are dmy, mdy and ymd.", order=repr(order)
        )


@contextmanager
def _remembering(store: Store, results: list[FileResult], forget: bool) -> Iterator[None]:
    """Keep, when the store can be written again, what was said of the headers of files."""
    try:
        yield
    except Cancelled:
        _remember(store, results, forget)
        raise
    _remember(store, results, forget)


def _remember(store: Store, results: list[FileResult], forget: bool) -> None:
    try:
        if forget:
            mappings.forget_unreadable(store)
            for key in {file.header_key for file in results} & {*mappings.remembered(store)}:
                mappings.forget(store, key)
        for file in {file.header_key: file for file in results if file.mapped_now}.values():
            mappings.keep(store, file.header, file.format, file.mapped_now)
    except StoreError:
        raise StoreError(
            "The files are loaded, but the store could not be written once more for what was said "
            "of their columns. Make room on its disk, and say it again with the next such file."
        ) from None


class _LazyWriter:
    """Opens the working copy when a file first needs it: refused files cost no copy."""

    def __init__(
        self, open_: Callable[[], AbstractContextManager[Writer]], stack: ExitStack
    ) -> None:
        self._open, self._stack = open_, stack
        self._writer: Writer | None = None

    def get(self) -> Writer:
        if self._writer is None:
            self._writer = self._stack.enter_context(self._open())
        return self._writer


def _load_one(
    writer: _LazyWriter, export: Export, options: Options, watch: _Watch, number: int
) -> FileResult:
    result = FileResult(path=export.path)
    try:
        watch.start(export, number)
        content = reading.examine(export, watch.tick_from(0.0, 0.1, export.size))
        layout = staging.recognise(export, content, options)
        result = replace(result, format=layout.format.name, why=_why(layout), layout=layout)
        return _append(writer.get(), export, content, layout, options, watch, result)
    except Cancelled:
        raise
    except FileRefused as refused:
        return replace(result, error=refused.sentence, refusal=refused)


def _loaded_before(
    store: Store, export: Export, options: Options, watch: _Watch, number: int
) -> FileResult | None:
    """Know a big file again by its hash alone: that is half of what a look at its text costs."""
    if not bulk.may_suit(export) or not store.exists():
        return None
    files = store.run(
        sql_text("files_of_size"), {"bytes": export.size, "tenant": options.tenant}
    ).to_dict("records")
    if not files:
        return None
    watch.start(export, number)
    sha256 = reading.sha256_of(export, watch.tick_from(0.0, 1.0, export.size))
    formats = {each.name: each for each in FORMATS}
    for file in files:
        if file["load_key"] == _load_key(sha256, formats[file["format"]], options):
            why, *_ = sentences_from(file["sentences"])
            found = FileResult(path=export.path, format=file["format"], why=why)
            return _already(found, file["file_id"], file["path"])
    return None


def _already(result: FileResult, file_id: int, path: str) -> FileResult:
    told = Sentence("the same content was loaded before, from {file}", file=printable(path))
    return replace(result, status=ALREADY, warnings=(told,), file_id=int(file_id))


def _why(layout: Layout) -> Sentence:
    why = Sentence(
        "{title}, by its columns {columns}",
        title=layout.format.title,
        columns=[printable(label) for label in layout.labels.values()],
    )
    if layout.mapped:
        why = Sentence(
            "{why}, columns as you mapped them on {day}", why=why, day=_mapped_on(layout)
        )
    if phrases := layout.format.cannot_tell:
        why = Sentence("{why}; it cannot tell {phrases}", why=why, phrases=phrases)
    return why


def _mapped_on(layout: Layout) -> dt.date:
    return layout.mapped_on or dt.date.today()


def _mapping_warning(layout: Layout) -> Iterator[Sentence]:
    if layout.mapped:
        yield Sentence(
            "columns as you mapped them on {day}: {pairs}; "
            "remembered for the next file with this header",
            day=_mapped_on(layout),
            pairs=[
                Sentence("“{column}” is {field}", column=printable(name), field=column(field))
                for field, name in layout.mapped.items()
            ],
        )


def _append(
    writer: Writer,
    export: Export,
    content: Content,
    layout: Layout,
    options: Options,
    watch: _Watch,
    result: FileResult,
) -> FileResult:
    load_key = _load_key(content.sha256, layout.format, options)
    found = writer.file_with_key(load_key)
    if found is None and options.period is None:
        found = known.loaded_with_days(writer, layout.format, content.sha256, options.tenant)
    if found:
        return _already(result, *found)
    same = {"tenant": options.tenant, "source": layout.format.source}
    file = {
        **same,
        "path": export.path,
        "format": layout.format.name,
        "loaded_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "why": result.why,
        "cannot_tell": list(layout.format.cannot_tell),
        "header": mending.header_text(layout),
        "content_sha256": content.sha256,
        "content_bytes": content.bytes,
        "load_key": load_key,
    }
    job = _Job(
        writer, export, content, layout, options, file, watch.tick_from(0.1, 1.0, export.size)
    )
    counts, figures = job.run()
    start, end = figures.pop("period_start"), figures.pop("period_end")
    return replace(
        result,
        status=LOADED,
        rows_read=counts.read,
        period=(start, end) if start else None,
        **figures,
    )


@dataclass
class _Job:
    """One file on its way into the store."""

    writer: Writer
    export: Export
    content: Content
    layout: Layout
    options: Options
    file: dict[str, Any]
    """The columns of `source_files` that are known before its rows are."""
    tick: staging.Tick

    def run(self) -> tuple[Counts, dict[str, Any]]:
        """Load it; return how its rows were read, and the figures `Writer.append` gives."""
        # DuckDB would wait for ever for a pipe that came in the place of the file.
        reading.check_unchanged(self.export)
        if bulk.suits(self.export, self.content, self.layout):
            with suppress(bulk.NotPlain):
                return self._in_one_transaction(self._stage_in_bulk)
        return self._in_one_transaction(self._stage)

    def _in_one_transaction(
        self, stage: Callable[[dict[str, Any]], Counts]
    ) -> tuple[Counts, dict[str, Any]]:
        with self.writer.transaction(self.export.path):
            same = {"file_id": self.writer.begin_file()} | {
                name: self.file[name] for name in ("tenant", "source")
            }
            counts = stage(same)
            reading.check_unchanged(self.export)
            warnings = [
                *_mapping_warning(self.layout),
                *counts.warnings,
                *_clock_warning(self.writer),
                *repeats.repeat_warnings(self.writer),
                *self._cut(counts),
            ]
            if self.layout.format.needs_period and self.options.period:
                self.writer.spans(*self.options.period)
            known = {**self.file, **same, "rows_read": counts.read, "warnings": warnings}
            figures = self.writer.append(known, counts.other)
        return counts, {**figures, "file_id": same["file_id"]}

    def _stage(self, same: dict[str, Any]) -> Counts:
        counts = Counts()
        for batch in staging.stage(
            self.export, self.content, self.layout, self.options, counts, self.tick
        ):
            if batch is None:
                self.writer.forget_staged()
            else:
                self.writer.stage(batch.facts, batch.rejected, **same)
        return counts

    def _stage_in_bulk(self, same: dict[str, Any]) -> Counts:
        log = bulk.BulkLog(self.writer, self.export, self.content, self.layout, same, self.tick)
        with bulk.errors_as_not_plain():
            left = log.take_plain_rows()
            rest = replace(self, content=replace(self.content, only=left))
            return log.take_the_others(rest._stage(same))

    def _cut(self, counts: Counts) -> Iterator[Sentence]:
        ends_inside = not self.content.ends_with_newline and not self.content.is_json
        is_broken = counts.read > 0 and counts.broken_line == counts.last_line
        return cut_warning(counts, ends_inside=ends_inside and is_broken)


def cut_warning(counts: Counts, *, ends_inside: bool) -> Iterator[Sentence]:
    """Yield what makes a file look cut: a portal's limit of rows, an end in the middle of a row.

    Examples
    --------
    >>> len(list(cut_warning(Counts(read=1000), ends_inside=True)))
    2
    """
    if counts.read in CUT_ROWS:
        yield Sentence(
            "the file has exactly {n} rows, a limit of the portals: it was probably cut there. "
            "Export shorter ranges and load them too; nothing is counted twice.",
            n=counts.read,
        )
    if ends_inside:
        yield Sentence(
            "the file ends in the middle of a row (line {line}): it is probably cut. "
            "Export it again and load it too; nothing is counted twice.",
            line=str(counts.last_line),
        )


def _load_key(sha256: str, format_: ExportFormat, options: Options) -> str:
    """Return what makes a file the same one: the same bytes, tenant, and days where it has none.

    Two weeks of a report can be equal to the byte; they are two exports all the same.
    """
    has_no_days = format_.needs_period or not format_.times
    period = options.period if has_no_days else None
    return hashlib.sha256(repr((sha256, options.tenant, period)).encode()).hexdigest()


def _clock_warning(writer: Writer) -> Iterator[Sentence]:
    if ahead := writer.ahead_of_clock():
        count, line, day = ahead
        yield Sentence(
            "{n} row(s) are dated more than two days ahead of this machine's clock (first on line "
            "{line}, up to {day}). They are loaded; “last 7 days” ends before them.",
            n=count,
            line=str(line),
            day=day,
        )
