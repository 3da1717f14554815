"""Where reading goes on after a JSON record that cannot be read.

The record's end is known when it has lines of its own, or when its brackets close before the next
record begins; where neither holds and more records follow, `EndUnknown` is raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import IO, Final

from smtpauth_kit.base.errors import SentenceError
from smtpauth_kit.base.sentences import Sentence, Value
from smtpauth_kit.reading.bounds import MAX_JSON_DEPTH
from smtpauth_kit.reading.json_breaks import (
    BOUNDARY,
    BOUNDARY_IN_LIST,
    Brackets,
    goes_on_below,
    open_brackets,
)
from smtpauth_kit.reading.json_text import (
    CHUNK,
    FIRST_PIECE,
    LINE_AHEAD,
    MAX_BROKEN,
    MAX_JSON_RECORD,
    JsonText,
)


class EndUnknown(SentenceError):
    """A record is broken and others follow, but nobody can tell where they begin."""


class Broken(SentenceError):
    """Why a record cannot be read; `where` is how many of its characters could be."""

    def __init__(
        self,
        template: str,
        where: int = 0,
        /,
        *,
        deep: bool = False,
        long: bool = False,
        is_cut: bool = False,
        is_whole: bool = False,
        **values: Value,
    ) -> None:
        super().__init__(template, **values)
        self.where, self.deep, self.long = where, deep, long
        self.is_cut, self.is_whole = is_cut, is_whole


class JsonRecovery(JsonText):
    """Steps over a broken record to the next one, and knows how the records before it stood."""

    def __init__(self, stream: IO[str], tick: Callable[[], None]) -> None:
        super().__init__(stream, tick)
        self._piece = FIRST_PIECE
        """Characters that the next value is first looked for in."""
        self._list_at = -1
        """Where in the stream the list begins whose records are being read; -1: there is none."""
        self._seen = 0
        """Records so far of this list, or beside any list."""
        self._share_lines = False
        """Two records that could be read stood on one line."""
        self._is_beside = False
        """The next record begins on the line of one that could be read."""
        self._never_closed: dict[int, Sentence] = {}
        """Where in the stream brackets open that are known to be broken, with the reason."""

    def _step_over(self, broken: Broken) -> str:
        """Go to where the next record may begin; return the skipped text, cut when it is long."""
        self._piece = FIRST_PIECE
        self._remember_open(broken)
        raw = self._skipped(broken)
        self._is_beside = False
        return raw

    def _skipped(self, broken: Broken) -> str:
        """Skip a broken record by the first means that tells its end; return its text."""
        if length := self._length_of_word() or self._length_if_closed(broken):
            return self._take(length)
        boundary = self._boundary()
        has_own_line = self._has_own_line()
        have_lines = has_own_line and not self._share_lines and self._is_one_of_lines()
        if boundary is None or have_lines:
            return self._skip_lines(broken, have_lines)
        end = self._end_of_brackets()
        if end and (end <= boundary + 1 or (has_own_line and self._ends_its_line(end))):
            return self._take(end)
        if broken.is_cut and "\n" not in self._ahead(broken.where):
            return self._take_line()
        if self._others_follow():
            raise EndUnknown.of(broken.sentence)
        return self._take_all()

    def _remember_open(self, broken: Broken) -> None:
        """Keep the positions of the brackets that are open where a record broke.

        Reading may go on inside the record, at one of them. Each would break at the same place, and
        to find that out again for each would take time that grows with the square of the text.
        """
        text = self._ahead(broken.where)
        if "\n" not in text:
            return
        inner = open_brackets(text)[1:]
        if broken.deep:
            inner = inner[:-MAX_JSON_DEPTH]
        if broken.long:
            # Those in the second half may end within the limit when reading begins at them.
            inner = [at for at in inner if at < MAX_JSON_RECORD // 2]
        start = self._before + self._at
        behind = {at: why for at, why in self._never_closed.items() if at > start}
        self._never_closed = behind | {start + at: broken.sentence for at in inner}

    def _length_of_word(self) -> int:
        """Return the length of a list item that is a word and no JSON value; 0: it is none."""
        if self._list_at < 0 or self._buffer[self._at] in '{["':
            return 0
        match = _WORD.match(self._ahead(LINE_AHEAD))
        return match.end(1) if match else 0

    def _length_if_closed(self, broken: Broken) -> int:
        """Return the length of a closed record with stray text after it; 0: it is not closed."""
        is_alone = self._list_at < 0 and not self._share_lines
        if is_alone or not broken.is_whole:
            return 0
        self._ahead(broken.where + LINE_AHEAD)
        match = _STRAY.match(self._buffer, self._at + broken.where)
        return match.end() - self._at if match else 0

    def _boundary(self) -> int | None:
        """Return the distance on this line to where another record may begin; None: nowhere."""
        may_have_commas = self._list_at >= 0 or self._share_lines or self._is_beside
        pattern = BOUNDARY_IN_LIST if may_have_commas else BOUNDARY
        while True:
            if match := pattern.search(self._buffer, self._at):
                return None if match[0] == "\n" else match.start() - self._at
            if len(self._buffer) - self._at > MAX_JSON_RECORD or not self._fill():
                return None

    def _end_of_brackets(self) -> int:
        """Return the length of the text up to where its first bracket closes; 0: unknown."""
        size = FIRST_PIECE
        while size <= MAX_JSON_RECORD:
            text, brackets = self._ahead(size), Brackets()
            end = brackets.end_in(text)
            if end or brackets.are_broken or len(text) < size:
                return 0 if brackets.are_broken else end
            size *= 16
        return 0

    def _has_own_line(self) -> bool:
        """Tell whether nothing but the list's bracket or a comma stands before it on its line."""
        line = self._line_start()
        if self._list_at >= self._before:
            line = max(-1 if line is None else line, self._list_at + 1 - self._before)
        return line is not None and not self._buffer[line : self._at].strip(", \t\r\ufeff")

    def _is_one_of_lines(self) -> bool:
        """Tell whether the record before or after this one stands on another line."""
        if self._seen > 1 or self._list_at >= 0:
            return self._seen > 1
        return _NEXT_OPENS.match(self._ahead(CHUNK)) is not None

    def _ends_its_line(self, end: int) -> bool:
        return _REST_OF_LINE.match(self._buffer, self._at + end) is not None

    def _skip_lines(self, broken: Broken, have_lines: bool) -> str:
        """Skip a record by lines: its own, or all up to its closing bracket or the next record.

        The next record begins no further to the right than this one. Where records may share lines
        (`have_lines` is false), `EndUnknown` is raised when one may begin inside a skipped line.
        """
        line = self._line_start()
        column = 0 if line is None else self._at - line
        taken, size, brackets = [self._take_line()], 0, Brackets()
        if not goes_on_below(taken[0]):
            return taken[0].rstrip("\r\n")
        brackets.end_in(taken[0])
        while self._ahead(LINE_AHEAD):
            begins = _OPENING.match(self._buffer, self._at)
            if begins and begins.end() - 1 - self._at <= column:
                break
            if not have_lines and _SHARED.search(taken[-1]):
                raise EndUnknown.of(broken.sentence)
            text = self._next_line()
            end = brackets.end_in(text)
            if end and not brackets.are_broken:
                stray = _CLOSINGS.match(text, end)
                taken.append(self._take(stray.end() if stray else end))
                break
            taken.append(self._take_line())
            size += len(taken[-1])
            if size > MAX_BROKEN:
                taken = ["".join(taken)[:MAX_BROKEN], taken[-1]]
        return "".join(taken).rstrip("\r\n")[:MAX_BROKEN]


_REST_OF_LINE: Final = re.compile(r"[ \t\r,\]}]*+(?:\n|\Z)")
_NEXT_OPENS: Final = re.compile(r"[^\n]*+\n[ \t\r\n]*+\{")
_OPENING: Final = re.compile(r"[ \t]*+(?:,[ \t]*+)?[{\[\]]")
_WORD: Final = re.compile(r'([^,\[\]{}"\n]+)[,\]\n]')
_STRAY: Final = re.compile(r'[^,\[\]{"\n]*+(?=[,\]\n]|\Z)')
_CLOSINGS: Final = re.compile(r"[ \t\r}]*+\n?")
_SHARED: Final = re.compile(r"[,}][ \t\r]*+(?:,[ \t\r]*+)?\{")
