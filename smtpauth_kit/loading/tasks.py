"""What a load and the processes that read its files say to each other."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from smtpauth_kit.formats import Layout
from smtpauth_kit.loading.ahead import StagedAhead
from smtpauth_kit.loading.in_pieces import Cut, NotInPieces, StagedPiece
from smtpauth_kit.loading.options import Options
from smtpauth_kit.reading.contents import Content
from smtpauth_kit.reading.exports import Export


class Task(NamedTuple):
    """What every file needs: said once, before the first one."""

    folder: Path
    """Where the rows of files wait."""
    name: str
    """What the names of files there begin with."""
    loaded: frozenset[str]
    """Load keys of the files that the store holds."""
    piece_bytes: int
    """How large the pieces of a large file are."""


class Ready(NamedTuple):
    """The process has begun, and takes files."""


class File(NamedTuple):
    """One file to stage; until it is done, the share that is done of it is told, 0 to 1."""

    number: int
    export: Export
    options: Options
    may_be_cut: bool = True
    """It may come back to be read in pieces."""


class PieceOf(NamedTuple):
    """One piece of a file to stage; its share is told, too."""

    number: int
    place: int
    export: Export
    content: Content
    layout: Layout
    options: Options


Ended = StagedAhead | Cut | StagedPiece | NotInPieces | Exception
"""What came of a file or piece; FileRefused where it is not known what it is, else what went wrong.
"""
