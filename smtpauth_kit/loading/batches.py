"""Rows on their way to a store, a batch at a time: read together, where their format can.

Where a cell is unfit, its row is read alone, for the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.base.facts import Columns, Fact, OpenLine, Rejected, Session, rejected
from smtpauth_kit.formats import Context, Ends
from smtpauth_kit.formats.rows import one_by_one, read_together
from smtpauth_kit.loading.row_counts import Counts
from smtpauth_kit.reading.bounds import MIB
from smtpauth_kit.reading.exports import Export, Record
from smtpauth_kit.values.cells import Unfit
from smtpauth_kit.words.inert import printable

BATCH_ROWS: Final = 20_000
BATCH_TEXT: Final = 8 * MIB
"""Characters of the rows of a batch."""
MAX_RAW: Final = MIB
"""Characters that are kept of a rejected row."""
MAX_REJECTED: Final = 1024 * MIB
"""Characters of rejected rows that one file may leave in the store."""


@dataclass
class Staged:
    """One batch of converted rows."""

    facts: list[Fact] = field(default_factory=list)
    columns: list[Columns] = field(default_factory=list)
    """More facts: of rows that were read together."""
    rejected: list[Rejected] = field(default_factory=list)


class Batches:
    """The rows of a file, or of a piece of it; fills `counts` as it goes."""

    def __init__(self, export: Export, context: Context, counts: Counts) -> None:
        self._export, self._context, self._counts = export, context, counts
        fmt, self._keys = context.layout.format, context.layout.keys
        self._by_columns = fmt.by_columns(context) if fmt.by_columns else None
        if self._by_columns:
            self._convert = one_by_one(self._by_columns, self._keys)
        else:
            assert fmt.converter is not None
            self._convert = fmt.converter(context)
        self._waiting: list[Record] = []
        self._staged, self._size = Staged(), 0

    def add(self, record: Record) -> Staged | None:
        """Add a row; return a batch when there are enough of them.

        Raises
        ------
        NeedsDecision
            A row can be read in two ways.
        """
        self._counts.read += 1
        self._size += len(record.raw)
        if self._by_columns and not record.problem:
            self._waiting.append(record)
        else:
            self._read(record)
        staged = self._staged
        rows = len(self._waiting) + len(staged.facts) + len(staged.rejected)
        return self._taken() if self._size >= BATCH_TEXT or rows >= BATCH_ROWS else None

    def last(self) -> Staged:
        """Return the last batch, with what the format has still to say."""
        self._read_those_that_wait()
        for rest in self._context.at_end:
            self._sort(rest())
        return self._taken()

    def _taken(self) -> Staged:
        self._read_those_that_wait()
        staged, self._staged, self._size = self._staged, Staged(), 0
        self._counts.rejected += len(staged.rejected)
        return staged

    def _read_those_that_wait(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting or not self._by_columns:
            return
        lines, cells = [record.line for record in waiting], [record.cells for record in waiting]
        columns, alone = read_together(self._by_columns, self._keys, lines, cells)
        if len(columns):
            self._staged.columns.append(columns)
            # A line that gave several facts is counted once.
            self._counts.used += len(set(columns.cells["line"]))
        for record in waiting if alone else ():
            if record.line in alone:
                self._read(record)
        # What could not be taken apart did not wait.
        self._staged.rejected.sort(key=attrgetter("line"))

    def _read(self, record: Record) -> None:
        try:
            if record.problem:
                self._counts.broken_line = record.line
                raise Unfit("the row {why}", why=record.problem)
            if ends := self._convert(record.line, record.cells):
                self._sort(ends)
        except Unfit as unfit:
            self._counts.rejected_size += len(record.raw)
            self._check_rejected(unfit)
            row = rejected(record.line, unfit.sentence, record.raw[:MAX_RAW])
            self._staged.rejected.append(row)

    def _check_rejected(self, last: Unfit) -> None:
        """Refuse a file of which hardly anything can be read: it would fill the disk."""
        if self._counts.rejected_size > MAX_REJECTED:
            raise FileRefused(
                "{file} has more than 1 GiB of rows that cannot be read, so nothing of it was "
                "loaded. The last reason: {why}. Look at its columns and its dates.",
                file=printable(self._export.path),
                why=last.sentence,
            )

    def _sort(self, ends: Ends) -> None:
        """Add what a converter gave; a line that gave several facts is counted once."""
        lines = set()
        for end in ends:
            if isinstance(end, Rejected):
                self._staged.rejected.append(end)
                continue
            self._staged.facts.append(end)
            self._counts.is_open = self._counts.is_open or isinstance(end, OpenLine)
            if not isinstance(end, Session | OpenLine):
                lines.add(end.line)
        self._counts.used += len(lines)
