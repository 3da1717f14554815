"""The text of a JSON file, a chunk in memory at a time, and the position in it."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_JSON_RECORD: Final = 16 * 1024 * 1024
"""Characters of one record."""
MAX_BROKEN: Final = 1024 * 1024
"""Characters that are kept of a record that cannot be read."""
CHUNK: Final = 1024 * 1024 // 2
"""Characters or bytes read at a time: what is made of them stays in the processor's cache."""
FIRST_PIECE: Final = 4096
"""Characters of the first piece in which a value is looked for."""
LINE_AHEAD: Final = 1000
"""Characters before a record in which the start of its line is looked for."""


class JsonText:
    """A text that is read as far as it is needed; what was passed is dropped from memory."""

    def __init__(self, stream: IO[str], tick: Callable[[], None]) -> None:
        self._stream, self._tick = stream, tick
        self._buffer, self._at, self._ended = "", 0, False
        self._before = 0
        """Characters of the stream in front of the buffer."""
        self._starts_line = True
        """The buffer begins where a line does."""

    def _peek(self) -> str:
        """Go to the next character that is no space and no comma; return it, or "" at the end."""
        while True:
            match = _BLANK.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._fill():
                return ""

    def _ahead(self, size: int) -> str:
        """Return the next `size` characters, fewer at the end; the position stays."""
        while len(self._buffer) - self._at < size and self._fill():
            pass
        return self._buffer[self._at : self._at + size]

    def _fill(self) -> bool:
        """Read one more chunk; of what was passed only the start of this line is kept."""
        if self._ended:
            return False
        chunk = self._stream.read(max(CHUNK, len(self._buffer) - self._at))
        if not chunk:
            self._ended = True
        else:
            line = self._line_start()
            cut = self._at if line is None else line
            self._starts_line = line is not None
            self._buffer = self._buffer[cut:] + chunk
            self._before += cut
            self._at -= cut
        self._tick()
        return bool(chunk)

    def _line_start(self) -> int | None:
        """Return where in the buffer this line starts; None: too far back."""
        low = max(self._at - LINE_AHEAD, 0)
        line = self._buffer.rfind("\n", low, self._at) + 1
        return line if line or (low == 0 and self._starts_line) else None

    def _take_line(self) -> str:
        """Go to the next line; return this one, cut after `MAX_BROKEN` characters."""
        taken: list[str] = []
        kept = 0
        while True:
            end = self._buffer.find("\n", self._at) + 1
            piece = self._buffer[self._at : end or len(self._buffer)]
            taken.append(piece[: MAX_BROKEN - kept])
            kept += len(taken[-1])
            self._at = end or len(self._buffer)
            if end or not self._fill():
                return "".join(taken)

    def _next_line(self) -> str:
        """Return the line that starts here, or the first 16 MiB of it."""
        while (end := self._buffer.find("\n", self._at)) < 0:
            if len(self._buffer) - self._at > MAX_JSON_RECORD or not self._fill():
                break
        return self._buffer[self._at : end + 1 if end >= 0 else len(self._buffer)]

    def _others_follow(self) -> bool:
        """Tell whether another record may begin somewhere after this; reads to the end if not."""
        while True:
            # The first character is the broken record's own.
            if _ANOTHER.search(self._buffer, self._at + 1):
                return True
            if self._ended:
                return False
            if len(self._buffer) - self._at > MAX_JSON_RECORD:
                return True
            self._fill()

    def _take_all(self) -> str:
        """Go to the end of what is read; return its text, cut after `MAX_BROKEN` characters."""
        text = self._ahead(MAX_BROKEN)
        self._at = len(self._buffer)
        return text.rstrip("\r\n")

    def _take(self, length: int) -> str:
        """Go `length` characters on; return them, cut after `MAX_BROKEN`."""
        text = self._ahead(min(length, MAX_BROKEN))
        self._at += length
        return text


_BLANK: Final = re.compile("[ \t\r\n\ufeff,]*")
_ANOTHER: Final = re.compile(r"[}\]\n][ \t\r]*+(?:,[ \t\r]*+)?\{")
