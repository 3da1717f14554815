"""A file that is read, recognised and staged ahead of its turn, in a process that has no store."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import Any

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.formats import Layout
from smtpauth_kit.loading import bulk, known
from smtpauth_kit.loading.options import Options
from smtpauth_kit.loading.progress import Watch
from smtpauth_kit.loading.recognising import recognise
from smtpauth_kit.loading.row_counts import Counts
from smtpauth_kit.loading.staging import stage
from smtpauth_kit.reading.contents import Content, examine
from smtpauth_kit.reading.exports import Export
from smtpauth_kit.store.parts import Parts, PartsMaker, remove
from smtpauth_kit.store.writer import Writer


@dataclass(frozen=True)
class StagedAhead:
    """What came of a file; its rows wait in files beside the working copy."""

    content: Content
    layout: Layout
    counts: Counts | None = None
    """None: its rows are not staged (see `refusal`), or are read in its turn."""
    parts: Sequence[tuple[int, Parts]] = ()
    """In the order of the rows: the lines of the file that stand before some, and these rows."""
    refusal: FileRefused | None = None
    """Why its rows cannot be staged."""

    @property
    def is_staged(self) -> bool:
        """Tell whether nothing of the file has to be read any more."""
        return self.counts is not None or self.refusal is not None

    def move_in(self, writer: Writer, **same: Any) -> Counts:
        """Stage the rows with the writer, and return their counts.

        Raises
        ------
        FileRefused
            They could not be staged.
        """
        if self.refusal:
            raise self.refusal
        assert self.counts is not None
        for lines, parts in self.parts:
            writer.stage_parts(parts, lines, **same)
        return self.counts

    def remove(self) -> None:
        """Remove the files of its rows."""
        for _, parts in self.parts:
            remove(parts)


def recognised(
    export: Export, options: Options, loaded: Container[str], watch: Watch
) -> tuple[StagedAhead, bool]:
    """Return a file that was read once and recognised, and whether its rows are to be staged.

    Those of a file whose load key is among those `loaded` are not, nor those that DuckDB's own
    reader takes sooner, in the file's turn.

    Raises
    ------
    FileRefused
        It is not known what the file is.
    """
    content = examine(export, watch.tick_from(0.0, 0.1, export.size))
    layout = recognise(export, content, options)
    is_loaded = known.load_key(content.sha256, layout.format, options) in loaded
    is_wanted = not is_loaded and not bulk.suits(export, content, layout)
    return StagedAhead(content, layout), is_wanted


def staged(
    export: Export, found: StagedAhead, options: Options, maker: PartsMaker, watch: Watch
) -> StagedAhead:
    """Return a recognised file with its rows staged; the maker has begun it."""
    counts, tick = Counts(), watch.tick_from(0.1, 1.0, export.size)
    try:
        for batch in stage(export, found.content, found.layout, options, counts, tick):
            if batch is None:
                maker.forget()
            else:
                maker.stage(batch.facts, batch.rejected, batch.columns)
    except FileRefused as refused:
        maker.forget()
        return replace(found, refusal=refused)
    return replace(found, counts=counts, parts=[(0, maker.finish())])
