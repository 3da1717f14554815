"""What one pass over an export's bytes tells: its hash, its encoding, its line ends."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, Any, Final

from smtpauth_kit.reading.encodings import Utf8Check, encoding_of_start
from smtpauth_kit.reading.exports import Export, Piece, empty
from smtpauth_kit.reading.json_text import CHUNK


@dataclass(frozen=True)
class Content:
    """What reading all bytes of an export once tells about it."""

    sha256: str
    encoding: str
    is_json: bool
    ends_with_newline: bool
    bytes: int
    lines: int = 0
    """Physical lines, blank ones at the end not counted; known of plain content only."""
    is_plain: bool = False
    """UTF-8 without blank lines, mixed line ends, quotes and the others of `_STEERING`."""
    is_bare: bool = False
    """Only visible ASCII characters and line ends; spaces only inside cells, one at a time."""
    only: Sequence[tuple[int, str]] | None = None
    """The only lines to read, with their numbers; None: all. `bulk` sets it for what it left."""
    piece: Piece | None = None
    """The piece of the file that is read; None: all of it."""


def examine(export: Export, tick: Callable[[int], None] = lambda _: None) -> Content:
    """Read the whole content once: its hash, encoding, line ends, and whether it is JSON.

    `tick` is called with the bytes read so far.

    Raises
    ------
    FileRefused
        The file is empty, damaged, not text, or beyond a bound.
    """
    digest, utf8, lines, total = hashlib.sha256(), Utf8Check(), _LineCheck(), 0
    head, encoding = b"", ""
    with export.open() as stream, ThreadPoolExecutor(1) as beside:
        hashed = beside.submit(digest.update, b"")
        while chunk := stream.read(CHUNK):
            if not head:
                head = chunk[:8192]
                encoding = encoding_of_start(export.path, head)
            hashed.result()
            hashed = beside.submit(digest.update, chunk)
            total += len(chunk)
            if not encoding:
                utf8.feed(chunk)
            lines.feed(chunk)
            tick(total)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise empty(export.path)
    utf8.feed(b"", final=True)
    encoding = encoding or utf8.encoding
    start = head.decode(encoding, "ignore").lstrip("\ufeff \t\r\n")
    ends = lines.last[-4:].decode(encoding.removesuffix("-sig"), "ignore")[-1:] in ("\n", "\r")
    return Content(
        sha256=digest.hexdigest(),
        encoding=encoding,
        is_json=start[:1] in "[{" and not _LABEL.match(start),
        ends_with_newline=ends,
        bytes=total,
        lines=lines.count,
        is_plain=encoding == "utf-8" and utf8.bad == 0 and lines.are_plain,
        is_bare=lines.are_bare,
    )


def sha256_of(export: Export, tick: Callable[[int], None] = lambda _: None) -> str:
    """Return the hash of the content, as :func:`examine` does, and look at nothing else."""
    digest, total = hashlib.sha256(), 0
    with export.open() as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            total += len(chunk)
            tick(total)
    return digest.hexdigest()


def decoded(source: IO[bytes], content: Content, newline: str | None = None) -> io.TextIOWrapper:
    """Return the text of a content; what is not of its encoding is a replacement character."""
    buffered = io.BufferedReader(source, CHUNK)  # type: ignore[type-var]
    return io.TextIOWrapper(buffered, encoding=content.encoding, errors="replace", newline=newline)


class _LineCheck:
    """Counts lines, and tells whether a text can be split into cells at its separators alone.

    After the first quote or control character it cannot: from there on only line ends are looked
    for.
    """

    def __init__(self) -> None:
        self.line_feeds = self.returns = self.pairs = self.blank = 0
        self.has_signs = False
        self._is_bare = True
        self.last = b""

    def feed(self, chunk: bytes) -> None:
        last, self.last = self.last, (self.last + chunk[-64:])[-64:]
        if self.has_signs:
            self.line_feeds = self.line_feeds or chunk.count(b"\n")
            return
        # The last two bytes of the piece before, so that a line end that is cut in two is seen.
        text = (b"\n\n" + last)[-2:] + chunk
        if len(chunk) < SMALL:
            self._count_few(text)
        else:
            self._count_many(text)
        self.has_signs = any(sign in chunk for sign in _STEERING)

    def _count_few(self, text: bytes) -> None:
        """Count what is in a piece of text behind its first two bytes, as `_count_many` does."""
        self.line_feeds += text.count(b"\n", 2)
        self.returns += text.count(b"\r", 2)
        self.blank += sum(1 for _ in _BLANK.finditer(text, 2))
        self.pairs += sum(1 for _ in _PAIR.finditer(text, 2))
        at_edge = (space.start() for space in _AT_EDGE.finditer(text, 1))
        is_bare = not _NOT_BARE.search(text, 2) and next(at_edge, len(text)) >= len(text) - 1
        self._is_bare = self._is_bare and is_bare

    def _count_many(self, content: bytes) -> None:
        import numpy as np

        text = np.frombuffer(content, dtype=np.uint8)
        feeds = np.flatnonzero(text[2:] == _LF) + 2
        returns = int(np.count_nonzero(text[2:] == _CR))
        has_return = text[feeds - 1] == _CR
        # A line is blank where another line end stands right before its own.
        self.blank += int(np.count_nonzero(text[feeds - 1 - has_return] == _LF))
        self.pairs += int(np.count_nonzero(has_return))
        self.line_feeds += len(feeds)
        self.returns += returns
        self._is_bare = self._is_bare and _is_bare(text, len(feeds) + returns)

    @property
    def _blank_at_end(self) -> int:
        bare = self.last.replace(b"\r\n", b"\n")
        return max(len(bare) - len(bare.rstrip(b"\n")) - 1, 0)

    @property
    def count(self) -> int:
        """Lines up to the last one that is not blank."""
        return self.line_feeds - self._blank_at_end + (not self.last.endswith(b"\n"))

    @property
    def are_plain(self) -> bool:
        one_end = self.returns in (0, self.line_feeds) and self.pairs == self.returns
        return one_end and not self.has_signs and self.blank <= self._blank_at_end

    @property
    def are_bare(self) -> bool:
        return self._is_bare and not self.has_signs and not self.last.endswith(b" ")


def _is_bare(text: Any, ends: int) -> bool:
    """Tell whether a piece is visible ASCII, with no space at either end of a cell.

    Its first two signs are of the piece before; `ends` of the others end a line.
    """
    import numpy as np

    new = text[2:]
    if np.count_nonzero(new < _SPACE) != ends or new.max(initial=0) > _LAST_VISIBLE:
        return False
    spaces = np.flatnonzero(text[1:-1] == _SPACE) + 1
    if not len(spaces):
        return True
    is_edge = np.bincount(_EDGES, minlength=256) > 0
    return not (is_edge[text[spaces - 1]] | is_edge[text[spaces + 1]]).any()


_LABEL: Final = re.compile(r"\[(?:pod|container)/")
"""What stands before each line of a container's log; it is no list in JSON."""
SMALL: Final = 1 << 18
"""Bytes of a piece that is looked through sooner than numpy is imported."""
_BLANK: Final = re.compile(rb"(?:(?<=\n)|(?<=\n\r))\n")
_PAIR: Final = re.compile(rb"(?<=\r)\n")
_AT_EDGE: Final = re.compile(rb"(?<=[ \r\n,;|]) | (?=[ \r\n,;|])")
_NOT_BARE: Final = re.compile(rb"[^ -~\r\n]")
_LF: Final = 10
_CR: Final = 13
_SPACE: Final = 32
_LAST_VISIBLE: Final = 126
_EDGES: Final = tuple(b" \r\n,;|")
"""Beside one of these a space is not inside a cell; nor is one of two spaces surely."""
_STEERING: Final = (b'"', b"\0", b"\x01", b"\x02")
"""A quote, and the characters that `bulk` gives DuckDB as "no separator" and "no value"."""
