"""The physical lines of a text with their numbers: one by one, some looked at, some left out."""

from __future__ import annotations

import io
from collections import deque
from typing import IO, TYPE_CHECKING, Final

from smtpauth_kit.reading.bounds import MAX_LINE
from smtpauth_kit.reading.exports import Piece, RunsOn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from smtpauth_kit.reading.passing import Marks, PassedOver

BLOCK: Final = 1 << 16
"""Characters that are read at a time: what is made of many more is slow to find room in memory."""
TICK_LINES: Final = 5_000
ENDS: Final = ("\n", "\r")
OTHER_ENDS: Final = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""At these Python ends a line, too, and no export does."""


class Lines:
    """Physical lines with their numbers, which can be looked at before they are taken.

    They may be those of a piece of a file, behind which other lines follow. The text is read a
    block at a time, which takes three quarters of the time of reading it line by line.
    """

    def __init__(
        self,
        stream: IO[str],
        tick: Callable[[], None],
        piece: Piece | None = None,
        over: PassedOver | None = None,
    ) -> None:
        self._stream, self._tick, self._piece, self._over = stream, tick, piece, over
        self._block: Iterator[str] = iter(())
        self._ahead: deque[str] = deque()
        self._rest = ""
        """The beginning of the line that goes on behind the block."""
        self._is_looking = False
        self._told = 0
        self.number = 0

    def take(self) -> str | None:
        """Return the next line, with its end; None: there is none."""
        line = self._ahead.popleft() if self._ahead else next(self._block, "") or self._read()
        if not line:
            if self._piece:
                self._piece.lines = self.number
            return None
        self.number += 1
        if self.number >= self._told + TICK_LINES:
            self._told = self.number
            self._tick()
        return line

    def look(self) -> str:
        """Return the next line that was not looked at, without taking it; empty: there is none.

        Raises
        ------
        RunsOn
            It stands in the next piece of the file.
        """
        self._is_looking = True
        line = next(self._block, "") or self._read()
        self._is_looking = False
        if line:
            self._ahead.append(line)
        elif self._piece and not self._piece.is_last:
            raise RunsOn
        return line

    def _read(self) -> str:
        """Read the next blocks, and return the first line of them; empty: there is none."""
        while text := self._next_block():
            first = self.number + len(self._ahead) + 1
            if self._over and (marks := self._over.marks(text, first)):
                self._block = self._but_those_passed_over(text, marks, self._over)
            else:
                self._block = lines_of(text)
            if line := next(self._block, ""):
                return line
        return ""

    def _next_block(self) -> str:
        """Return the next whole lines, or as much of one as a line may have; empty: no more."""
        text = self._rest
        while more := self._stream.read(BLOCK):
            # What was read before ends no line; a return at the end may be the half of an end.
            at = len(text)
            text += more
            whole = max(text.rfind("\n", at), text.rfind("\r", max(at - 1, 0), -1)) + 1
            if not whole and len(text) >= MAX_LINE and text[-1] != "\r":
                whole = len(text)
            if whole:
                self._rest = text[whole:]
                return text[:whole]
        self._rest = ""
        return text

    def _but_those_passed_over(self, text: str, marks: Marks, over: PassedOver) -> Iterator[str]:
        """Yield the lines of a block; while none is looked at, but for those that may be passed."""
        at, last = 0, len(marks.starts) - 1
        while at < last:
            if not self._is_looking and (passed := marks.next_kept[at] - at):
                self.number += passed
                over.passed(passed, self.number)
                at += passed
            if at < last:
                yield text[marks.starts[at] : marks.starts[at + 1]]
                at += 1

    def skip_rest(self, line: str) -> None:
        """Skip what is left of a line that was longer than may be: nothing behind it was read."""
        self._is_looking = True
        while line and not line.endswith(ENDS):
            line = next(self._block, "") or self._read()
        self._is_looking = False


def lines_of(text: str) -> Iterator[str]:
    r"""Return the lines of a text with their ends, which may be LF, CRLF or CR.

    Examples
    --------
    >>> list(lines_of("a\r\nb\rc\x0bd"))
    ['a\r\n', 'b\r', 'c\x0bd']
    """
    if any(sign in text for sign in OTHER_ENDS):
        return io.StringIO(text, newline="")
    return iter(text.splitlines(keepends=True))


def strip_end(line: str) -> str:
    """Return a line without its end."""
    return line.rstrip("\r\n")
