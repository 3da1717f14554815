"""One recognised file into the store, in one transaction: whole, or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

from smtpauth_kit.base.sentences import Sentence, column
from smtpauth_kit.formats import Layout
from smtpauth_kit.loading import bulk, repeats, staging
from smtpauth_kit.loading.ahead import StagedAhead
from smtpauth_kit.loading.options import Options
from smtpauth_kit.loading.progress import Tick
from smtpauth_kit.loading.row_counts import Counts
from smtpauth_kit.reading.containers import check_unchanged
from smtpauth_kit.reading.contents import Content
from smtpauth_kit.reading.exports import Export
from smtpauth_kit.store.writer import Writer
from smtpauth_kit.words.inert import printable

CUT_ROWS: Final = frozenset({1_000, 5_000, 50_000, 100_000, 250_000})
"""Row limits of the portals: an export of exactly so many rows was probably cut."""


@dataclass
class FileJob:
    """One recognised file, and all that its transaction needs."""

    writer: Writer
    export: Export
    content: Content
    layout: Layout
    options: Options
    tick: Tick
    ahead: StagedAhead | None = None
    """What another process has done of it."""
    file: dict[str, Any] = field(default_factory=dict)
    """The columns of `source_files` that are known before its rows are."""

    def run(self) -> tuple[Counts, dict[str, Any]]:
        """Load the file; return its row counts, and the figures that `Writer.append` gives."""
        # DuckDB would wait for ever for a pipe that came in the place of the file.
        check_unchanged(self.export)
        if bulk.suits(self.export, self.content, self.layout):
            with suppress(bulk.NotPlain):
                return self._in_one_transaction(self._stage_in_bulk)
        return self._in_one_transaction(self._stage)

    def _in_one_transaction(
        self, stage: Callable[[dict[str, Any]], Counts]
    ) -> tuple[Counts, dict[str, Any]]:
        with self.writer.transaction(self.export.path):
            same = {"file_id": self.writer.begin_file(self.file["content_bytes"])} | {
                name: self.file[name] for name in ("tenant", "source")
            }
            counts = stage(same)
            check_unchanged(self.export)
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
        if self.ahead and self.ahead.is_staged:
            return self.ahead.move_in(self.writer, **same)
        counts = Counts()
        for batch in staging.stage(
            self.export, self.content, self.layout, self.options, counts, self.tick
        ):
            if batch is None:
                self.writer.forget_staged()
            else:
                self.writer.stage(batch.facts, batch.rejected, batch.columns, **same)
        return counts

    def _stage_in_bulk(self, same: dict[str, Any]) -> Counts:
        log = bulk.BulkLog(self.writer, self.export, self.content, self.layout, same, self.tick)
        with bulk.errors_as_not_plain():
            left = log.take_plain_rows()
            rest = replace(self, content=replace(self.content, only=left), ahead=None)
            return log.take_the_others(rest._stage(same))

    def _cut(self, counts: Counts) -> Iterator[Sentence]:
        ends_inside = not self.content.ends_with_newline and not self.content.is_json
        is_broken = counts.read > 0 and counts.broken_line == counts.last_line
        return cut_warning(counts, ends_inside=ends_inside and is_broken)


def cut_warning(counts: Counts, *, ends_inside: bool) -> Iterator[Sentence]:
    """Yield a warning for each sign that a file is cut.

    The signs: exactly as many rows as a portal gives at most, and an end in the middle of a row.

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


def _clock_warning(writer: Writer) -> Iterator[Sentence]:
    if ahead := writer.ahead_of_clock():
        count, line, day = ahead
        yield Sentence(
            "{n} {n:row is|rows are} dated more than two days ahead of this machine's clock "
            "(first on line {line}, up to {day}). {n:It is|They are} loaded; “last 7 days” ends "
            "before {n:it|them}.",
            n=count,
            line=str(line),
            day=day,
        )


def _mapping_warning(layout: Layout) -> Iterator[Sentence]:
    if layout.mapped:
        yield Sentence(
            "columns as you mapped them on {day}: {pairs}; "
            "remembered for the next file with this header",
            day=mapped_on(layout),
            pairs=[
                Sentence("“{column}” is {field}", column=printable(name), field=column(field))
                for field, name in layout.mapped.items()
            ],
        )


def mapped_on(layout: Layout) -> dt.date:
    """Return the day on which a person said what the columns of this header are."""
    return layout.mapped_on or dt.date.today()
