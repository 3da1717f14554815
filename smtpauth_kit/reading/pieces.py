"""A large text file in pieces that are read side by side: where it is cut, and one piece of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Final

from smtpauth_kit.reading.bounds import MIB
from smtpauth_kit.reading.contents import Content
from smtpauth_kit.reading.exports import Export, Piece
from smtpauth_kit.reading.streams import bounded, open_file

PIECE_BYTES: Final = 32 * MIB
"""A piece is about so large: some tenths of a second of work."""
_LOOKED_THROUGH: Final = MIB
"""Bytes behind a place in which a line has to end, or the file is not cut there."""


def pieces_of(export: Export, content: Content, size: int = PIECE_BYTES) -> list[Piece]:
    """Return the pieces of an export, about so large; fewer than two: it is read whole.

    A piece begins where a line does. Whether a record does, too, is seen when the piece before it
    is read (see `RunsOn`).

    Examples
    --------
    >>> from smtpauth_kit.reading.containers import find_exports
    >>> from smtpauth_kit.reading.contents import examine
    >>> (export,) = find_exports([folder / "log.csv"])
    >>> len(pieces_of(export, examine(export)))
    1
    """
    encoding = _encoding(export, content)
    if not export.is_file or export.file is None or encoding is None:
        return []
    with open_file(export.file) as stream:
        cuts = [*_cuts(stream, export.size, size, "\n".encode(encoding))]
    return [
        Piece(start, end, is_last=end == export.size, encoding=encoding if start else "")
        for start, end in pairwise([0, *cuts, export.size])
    ]


def _encoding(export: Export, content: Content) -> str | None:
    """Return the encoding of a text that begins in the middle of the file; None: it is not cut."""
    if content.is_json or content.only is not None:
        return None
    if content.encoding == "utf-16":
        with export.open() as stream:
            return {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(stream.read(2))
    # In the middle of a file the sign is no mark of its encoding.
    plain = content.encoding.removesuffix("-sig")
    return plain if plain in ("utf-8", "cp1252", "utf-16-le", "utf-16-be") else None


def _cuts(stream: IO[bytes], end: int, size: int, line_end: bytes) -> Iterator[int]:
    """Yield where pieces begin, but for the first: behind a line end, about equally far apart."""
    last = 0
    for place in range(size, end - size // 2, size):
        if place < last:
            continue
        # In UTF-16 each sign begins at an even place.
        place -= place % len(line_end)
        stream.seek(place)
        text, at = stream.read(_LOOKED_THROUGH), 0
        # The same bytes may stand in two signs.
        while (at := text.find(line_end, at)) >= 0 and at % len(line_end):
            at += 1
        last = place + at + len(line_end)
        if at >= 0 and last < end:
            yield last


def cut_out(export: Export, content: Content, piece: Piece) -> tuple[Export, Content]:
    """Return one piece of an export as an export of its own, with what is known of its content."""
    assert export.file is not None
    part = partial(_part, export.file, export.path, piece.start, piece.end)
    known = replace(content, piece=piece, encoding=piece.encoding or content.encoding)
    return replace(export, open=part, size=piece.end - piece.start, is_file=False), known


def _part(file: Path, path: str, start: int, end: int) -> IO[bytes]:
    return bounded(_Span(open_file(file), start, end), path)  # type: ignore[arg-type]


class _Span:
    """A stream of the bytes of a file from one place to another."""

    def __init__(self, stream: IO[bytes], start: int, end: int) -> None:
        stream.seek(start)
        self._stream, self._left = stream, end - start

    def read(self, size: int) -> bytes:
        data = self._stream.read(min(size, self._left))
        self._left -= len(data)
        return data

    def close(self, *_: Any) -> None:
        self._stream.close()
