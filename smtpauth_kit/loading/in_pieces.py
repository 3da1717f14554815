"""A large file that is read in pieces, side by side, and put together again: as if read in one go.

That holds for formats whose rows mean what they say, whatever stands in others, and where no record
goes over the end of a piece. In every other case the file is read whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.formats import Layout
from smtpauth_kit.loading import staging
from smtpauth_kit.loading.ahead import StagedAhead
from smtpauth_kit.loading.batches import MAX_REJECTED
from smtpauth_kit.loading.options import Options
from smtpauth_kit.loading.progress import Watch
from smtpauth_kit.loading.row_counts import Counts
from smtpauth_kit.reading.contents import Content
from smtpauth_kit.reading.exports import Export, Piece, RunsOn
from smtpauth_kit.reading.pieces import pieces_of
from smtpauth_kit.store.parts import Parts, PartsMaker
from smtpauth_kit.values.cells import NeedsDecision


class Cut(NamedTuple):
    """A file that was recognised, and is to be read in pieces."""

    content: Content
    layout: Layout
    pieces: tuple[Piece, ...]


class NotInPieces(NamedTuple):
    """What a piece says depends on others: the file is to be read whole."""


@dataclass(frozen=True)
class StagedPiece:
    """What came of one piece; its rows wait in files beside the working copy."""

    counts: Counts
    tally: Counter[Sentence]
    lines: int
    parts: Parts


def cut(export: Export, known: StagedAhead, options: Options, size: int) -> Cut | None:
    """Return a recognised file as it is to be read in pieces of a size; None: it is read whole.

    Raises
    ------
    FileRefused
        A person has to say something of it first.
    """
    if not known.layout.format.by_row or known.layout.delimiter is None:
        return None
    pieces = pieces_of(export, known.content, size)
    if len(pieces) < 2:
        return None
    staging.context_of(export, known.layout, options)
    return Cut(known.content, known.layout, tuple(pieces))


def stage_piece(
    export: Export,
    content: Content,
    layout: Layout,
    options: Options,
    maker: PartsMaker,
    watch: Watch,
) -> StagedPiece | NotInPieces:
    """Stage one piece of a file; the maker has begun it."""
    counts, tick = Counts(), watch.tick_from(0.0, 1.0, export.size)
    context = staging.context_of(export, layout, options)
    try:
        for batch in staging.converted(export, content, context, counts, tick):
            maker.stage(batch.facts, batch.rejected, batch.columns)
    except (RunsOn, NeedsDecision, FileRefused):
        # A refusal names lines, which are known only where the file is read from its start.
        maker.forget()
        return NotInPieces()
    assert content.piece is not None
    return StagedPiece(counts, context.tally, content.piece.lines, maker.finish())


def together(
    export: Export, options: Options, cut: Cut, pieces: Sequence[StagedPiece]
) -> StagedAhead | None:
    """Return a file from all of its pieces; None: it has to be read whole."""
    context = staging.context_of(export, cut.layout, options)
    counts, lines, parts = Counts(), 0, []
    for piece in pieces:
        _add(counts, piece.counts, lines)
        context.tally.update(piece.tally)
        parts.append((lines, piece.parts))
        lines += piece.lines
    if counts.rejected_size > MAX_REJECTED:
        return None
    staging.conclude(cut.content, context, counts)
    return StagedAhead(cut.content, cut.layout, counts, tuple(parts))


def _add(counts: Counts, of_piece: Counts, before: int) -> None:
    """Add the counts of a piece, before which so many lines stand."""
    counts.read += of_piece.read
    counts.used += of_piece.used
    counts.rejected += of_piece.rejected
    counts.rejected_size += of_piece.rejected_size
    if of_piece.last_line:
        counts.last_line = before + of_piece.last_line
    if of_piece.broken_line:
        counts.broken_line = before + of_piece.broken_line
    counts.warnings += [_moved(warning, before) for warning in of_piece.warnings]


def _moved(warning: Sentence, before: int) -> Sentence:
    """Return a warning with its line as the file counts it."""
    line = warning.values.get("line")
    if not isinstance(line, str):
        return warning
    return warning.refilled({**warning.values, "line": str(before + int(line))})
