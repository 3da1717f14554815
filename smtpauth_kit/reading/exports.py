"""What is read: a file or a member of an archive that may be an export, and a record of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.base.sentences import NOTHING, Sentence
from smtpauth_kit.words.inert import printable


class Record(NamedTuple):
    """One record as it stands in the file."""

    line: int
    """The physical line it starts on (1-based); in a JSON document, its position."""
    cells: Sequence[str] | Mapping[str, str]
    """Cells by position (text table) or by dotted name (JSON); empty when `problem` is set."""
    raw: str
    problem: Sentence = NOTHING
    """Why the record could not be taken apart; empty when it could."""


@dataclass(frozen=True)
class Export:
    """A file, or a member of an archive, that may be an export."""

    path: str
    """As the user can find it: a path, with `!member` behind an archive's."""
    open: Callable[[], IO[bytes]]
    """Opens the content from its start, decompressed, within the bounds. Where it can be copied
    to another process, that one can open the content too; a text made on this one's disk cannot."""
    modified: dt.datetime
    size: int
    """Bytes on disk; progress is measured against it."""
    is_file: bool = False
    """`path` is a file with just this content: no archive, nothing packed."""
    file: Path | None = None
    """The file on disk that it is, or stands in."""
    was: tuple[int, ...] = ()
    """Device, inode, size and times of that file when it was found (see `check_unchanged`)."""


@dataclass
class Piece:
    """A piece of a text file: the lines from one byte of it on, before another."""

    start: int
    end: int
    is_last: bool
    encoding: str = ""
    """In which it is read, where that is not the whole file's."""
    lines: int = 0
    """How many they are, once all of them were read."""


class RunsOn(Exception):
    """What stands at the end of a piece is told by the next one: the file has to be read whole."""


def refused(file: Path | str, why: FileRefused) -> Export:
    """Return an export that is refused when it is opened."""
    never = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return Export(storable(str(file)), partial(_refuse, why), never, 0)


def _refuse(why: FileRefused) -> IO[bytes]:
    raise why.with_traceback(None)


def empty(path: str) -> FileRefused:
    """Return the refusal of a file that is empty."""
    return FileRefused(
        "{file} is empty. Export it again, and load that file.", file=printable(path)
    )


def storable(path: str) -> str:
    r"""Return a path as a store can hold it: bytes that are no text are shown as escapes.

    Examples
    --------
    >>> import os
    >>> print(storable(os.fsdecode(b"log\xff.csv")))
    log\xff.csv
    """
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
