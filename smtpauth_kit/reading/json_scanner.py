"""JSON of any size, a record at a time: a list, an object around one, or an object a line.

A record that cannot be read is one record: what follows it is read. Where it ends is known when it
has lines of its own, or when its brackets close before the next one; where neither holds and more
records follow, nobody can say how many were lost, and `EndUnknown` is raised.

Each text is looked at a number of times that does not grow with it: a value is parsed in pieces
that grow until it is whole, and what one failure tells of the brackets that stand open is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, Final

from smtpauth_kit.base.errors import SentenceError
from smtpauth_kit.base.sentences import NOTHING, Sentence, Value
from smtpauth_kit.reading.json_breaks import (
    BOUNDARY,
    BOUNDARY_IN_LIST,
    Brackets,
    goes_on_below,
    holds_list_of_records,
    is_list_of_records,
    open_brackets,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_JSON_DEPTH: Final = 64
MAX_JSON_RECORD: Final = 16 * 1024 * 1024
"""Characters of one record."""
MAX_BROKEN: Final = 1024 * 1024
"""Characters that are kept of a record that cannot be read."""
CHUNK: Final = 1024 * 1024 // 2
"""Characters or bytes read at a time: what is made of them stays in the processor's cache."""

_FIRST_PIECE: Final = 4096
_LARGEST_KEPT_PIECE: Final = 1024 * 1024
_LONGEST_WORD: Final = 12
"""A number, word or escape that a piece cuts off begins at most so far from its end."""
_LINE_AHEAD: Final = 1000
"""Characters before a record in which the start of its line is looked for."""

Found = tuple[Any, str, Sentence]
"""Value, raw text, problem; of a record with a problem the value is nothing."""


class EndUnknown(SentenceError):
    """A record is broken and others follow, but nobody can tell where they begin."""


class JsonScanner:
    """Reads values off a text stream, holding no more than one record and a chunk."""

    def __init__(self, stream: IO[str], tick: Callable[[], None]) -> None:
        self._stream, self._tick = stream, tick
        self._buffer, self._at, self._ended = "", 0, False
        self._before = 0
        """Characters of the stream in front of the buffer."""
        self._starts_line = True
        """The buffer begins where a line does."""
        self._piece = _FIRST_PIECE
        self._list_at = -1
        """Where in the stream the list begins whose records are being read; -1: there is none."""
        self._seen = 0
        """Records so far of this list, or beside any list."""
        self._share_lines = False
        """Two of them that could be read stood on one line."""
        self._is_beside = False
        """The next one begins on the line of one that could be read."""
        self._never_closed: dict[int, Sentence] = {}
        """Where in the stream brackets open that are known to be broken, with the reason."""
        self._end_is_said = False
        """A record told already that the text ends too early."""
        self._constants: list[str] = []
        """NaN and the infinities in the value that was parsed last: no JSON, but with an end."""
        self._decoder = json.JSONDecoder(parse_constant=self._constants.append)

    def records(self) -> Iterator[Found]:
        """Yield (value, raw text, problem); of a record with a problem the value is nothing.

        Raises
        ------
        EndUnknown
            A record is broken, and where those behind it begin cannot be told.

        Examples
        --------
        >>> import io
        >>> list(JsonScanner(io.StringIO('[{"a": 1}]'), lambda: None).records())
        [({'a': 1}, '{"a": 1}', '')]
        """
        while sign := self._peek():
            if sign == "[":
                yield from self._list()
            elif sign == "{" and self._is_around_a_list():
                yield from self._around_a_list()
            else:
                yield from self._record_or_page()

    # --- the shapes ---

    def _list(self) -> Iterator[Found]:
        outside = self._list_at, self._seen, self._share_lines
        self._list_at, self._seen, self._share_lines = self._before + self._at, 0, False
        self._at += 1
        while (sign := self._peek()) != "]":
            if not sign:
                yield from self._ends_early(_ENDS_IN_LIST)
                break
            yield self._record()
        self._at += 1
        self._list_at, self._seen, self._share_lines = outside

    def _is_around_a_list(self) -> bool:
        return holds_list_of_records(self._ahead(_FIRST_PIECE))

    def _around_a_list(self) -> Iterator[Found]:
        self._at += 1
        while (sign := self._peek()) != "}":
            if not sign:
                yield from self._ends_early(_ENDS_IN_RECORD)
                return
            try:
                name = self._member_name()
                start = f"{{{json.dumps(name)}: " if self._peek() == "[" else ""
                if start and holds_list_of_records(start + self._ahead(_FIRST_PIECE)):
                    yield from self._list()
                else:
                    _, length = self._value()
                    self._at += length
            except _Broken as broken:
                yield None, self._step_over(broken), broken.sentence
                return
        self._at += 1

    def _ends_early(self, inside: Sentence) -> Iterator[Found]:
        if not self._end_is_said:
            yield None, "", inside
        self._end_is_said = True

    def _member_name(self) -> Any:
        name, length = self._value()
        if not isinstance(name, str):
            raise _Broken("is not well-formed JSON (a name is missing)", 0)
        self._at += length
        if self._peek() != ":":
            raise _Broken("is not well-formed JSON (a name has no value)", 0)
        self._at += 1
        return name

    def _record_or_page(self) -> Iterator[Found]:
        """Yield the record beside any list that starts here; it may be around one after all."""
        value, raw, problem = self._record(may_be_page=True)
        if value is _PAGE:
            yield from self._around_a_list()
        else:
            yield value, raw, problem

    # --- one record ---

    def _record(self, *, may_be_page: bool = False) -> Found:
        """Read the record that starts here, or step over it."""
        self._seen += 1
        try:
            if self._never_closed and (why := self._never_closed.get(self._before + self._at)):
                raise _Broken.of(why)
            if self._list_at < 0 and self._buffer[self._at] != "{":
                raise _Broken("is no JSON object", 0)
            value, length = self._value()
            if may_be_page and any(is_list_of_records(*each) for each in value.items()):
                return _PAGE, "", NOTHING
            end = self._checked_end(length)
            raw = self._buffer[self._at : self._at + length]
            # Reading on moves what lies ahead: only now is it known where.
            self._at += end
            return value, raw, NOTHING
        except _Broken as broken:
            if may_be_page and holds_list_of_records(self._ahead(broken.where)):
                return _PAGE, "", NOTHING
            raw = self._step_over(broken)
            self._end_is_said = not self._peek()
            return None, raw, broken.sentence

    def _value(self) -> tuple[Any, int]:
        """Return the value that starts here, and the length of its text."""
        size = self._piece
        while True:
            text = self._ahead(size)
            self._constants.clear()
            is_rest = self._ended and len(text) == len(self._buffer) - self._at
            try:
                value, end = self._decoder.raw_decode(text)
            except RecursionError:
                raise _Broken(
                    "is nested deeper than {n} levels", len(text), deep=True, n=MAX_JSON_DEPTH
                ) from None
            except ValueError as error:
                if is_rest or not _may_be_cut(error, text):
                    raise _broken(error, text) from None
            else:
                # A number or word at the very end may go on behind it.
                if end < len(text) or is_rest:
                    if self._constants:
                        raise _Broken(
                            "holds {name}, which is no JSON value",
                            end,
                            is_whole=True,
                            name=self._constants[0],
                        )
                    self._piece = min(max(2 * end, _FIRST_PIECE), _LARGEST_KEPT_PIECE)
                    return value, end
            if size >= MAX_JSON_RECORD:
                raise _Broken("is longer than 16 MiB", len(text), long=True)
            size = min(size * 16, MAX_JSON_RECORD)

    def _checked_end(self, length: int) -> int:
        """Return the length with the separator behind; see that a separator is what follows."""
        while True:
            match = _SEPARATOR.match(self._buffer, self._at + length)
            assert match is not None
            if match[2]:
                self._share_lines = self._share_lines or self._is_beside
                self._is_beside = False
                return match.end() - self._at
            if match.end() < len(self._buffer) or not self._fill():
                break
        sign = self._buffer[match.end() : match.end() + 1]
        in_list = self._list_at >= 0
        is_last = in_list and sign == "]"
        if sign and not is_last and sign not in "{[" and not (in_list and match[1]):
            raise _Broken("is followed by signs that are no JSON", length, is_whole=True)
        self._share_lines = self._share_lines or self._is_beside
        self._is_beside = bool(sign and not is_last)
        return match.end() - self._at

    # --- behind a broken record ---

    def _step_over(self, broken: _Broken) -> str:
        """Go to where reading can go on; return the text that is left out, cut when it is long."""
        self._piece = _FIRST_PIECE
        self._remember_open(broken)
        raw = self._stepped_over(broken)
        self._is_beside = False
        return raw

    def _stepped_over(self, broken: _Broken) -> str:
        if length := self._word() or self._whole(broken):
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

    def _remember_open(self, broken: _Broken) -> None:
        """Keep which brackets inside a failure are as broken as the record around them.

        They may begin lines below, from where reading goes on: each would fail at the same place,
        and to find that out for each would take the square of the time.
        """
        text = self._ahead(broken.where)
        if "\n" not in text:
            return
        inner = open_brackets(text)[1:]
        if broken.deep:
            inner = inner[:-MAX_JSON_DEPTH]
        if broken.long:
            # The others may well end within the bound.
            inner = [at for at in inner if at < MAX_JSON_RECORD // 2]
        start = self._before + self._at
        behind = {at: why for at, why in self._never_closed.items() if at > start}
        self._never_closed = behind | {start + at: broken.sentence for at in inner}

    def _word(self) -> int:
        """Return the length of something in a list that is no JSON and has no brackets; 0: none."""
        if self._list_at < 0 or self._buffer[self._at] in '{["':
            return 0
        match = _WORD.match(self._ahead(_LINE_AHEAD))
        return match.end(1) if match else 0

    def _whole(self, broken: _Broken) -> int:
        """Return the length, with stray signs behind it, of a record whose brackets all close."""
        is_alone = self._list_at < 0 and not self._share_lines
        if is_alone or not broken.is_whole:
            return 0
        self._ahead(broken.where + _LINE_AHEAD)
        match = _STRAY.match(self._buffer, self._at + broken.where)
        return match.end() - self._at if match else 0

    def _boundary(self) -> int | None:
        """Return how far on this line another record may begin; None: none does."""
        may_have_commas = self._list_at >= 0 or self._share_lines or self._is_beside
        pattern = BOUNDARY_IN_LIST if may_have_commas else BOUNDARY
        while True:
            if match := pattern.search(self._buffer, self._at):
                return None if match[0] == "\n" else match.start() - self._at
            if len(self._buffer) - self._at > MAX_JSON_RECORD or not self._fill():
                return None

    def _end_of_brackets(self) -> int:
        """Return the length of the text up to where its first bracket closes; 0: unknown."""
        size = _FIRST_PIECE
        while size <= MAX_JSON_RECORD:
            text, brackets = self._ahead(size), Brackets()
            end = brackets.end_in(text)
            if end or brackets.are_broken or len(text) < size:
                return 0 if brackets.are_broken else end
            size *= 16
        return 0

    def _has_own_line(self) -> bool:
        """Tell whether its line begins with it, or with the list's own bracket or a comma."""
        line = self._line_start()
        if self._list_at >= self._before:
            line = max(-1 if line is None else line, self._list_at + 1 - self._before)
        return line is not None and not self._buffer[line : self._at].strip(", \t\r\ufeff")

    def _line_start(self) -> int | None:
        """Return where in the buffer this line starts; None: too far back."""
        low = max(self._at - _LINE_AHEAD, 0)
        line = self._buffer.rfind("\n", low, self._at) + 1
        return line if line or (low == 0 and self._starts_line) else None

    def _is_one_of_lines(self) -> bool:
        """Tell whether the record before had another line, or the one behind has."""
        if self._seen > 1 or self._list_at >= 0:
            return self._seen > 1
        return _NEXT_OPENS.match(self._ahead(CHUNK)) is not None

    def _ends_its_line(self, end: int) -> bool:
        return _REST_OF_LINE.match(self._buffer, self._at + end) is not None

    def _skip_lines(self, broken: _Broken, have_lines: bool) -> str:
        """Skip this line, and of a record over several lines those up to its end or the next one's.

        The next one begins no further to the right, or behind the bracket that ends this one. But
        where records may share lines, none of those lines may have one begin in it.
        """
        line = self._line_start()
        column = 0 if line is None else self._at - line
        taken, size, brackets = [self._take_line()], 0, Brackets()
        if not goes_on_below(taken[0]):
            return taken[0].rstrip("\r\n")
        brackets.end_in(taken[0])
        while self._ahead(_LINE_AHEAD):
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

    def _take_line(self) -> str:
        """Go to the next line; return this one, cut when it is long."""
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
        """Tell whether another record may begin anywhere behind; reads to the end if not."""
        while True:
            # What is broken begins at the first sign: that one is none of the others.
            if _ANOTHER.search(self._buffer, self._at + 1):
                return True
            if self._ended:
                return False
            if len(self._buffer) - self._at > MAX_JSON_RECORD:
                return True
            self._fill()

    def _take_all(self) -> str:
        text = self._ahead(MAX_BROKEN)
        self._at = len(self._buffer)
        return text.rstrip("\r\n")

    def _take(self, length: int) -> str:
        text = self._ahead(min(length, MAX_BROKEN))
        self._at += length
        return text

    # --- the buffer ---

    def _peek(self) -> str:
        """Go to the next sign that is no blank and no comma, and return it; empty: the end."""
        while True:
            match = _BLANK.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._fill():
                return ""

    def _ahead(self, size: int) -> str:
        """Return the next characters, as many as there are."""
        while len(self._buffer) - self._at < size and self._fill():
            pass
        return self._buffer[self._at : self._at + size]

    def _fill(self) -> bool:
        """Read on; what lies behind is let go, but for the start of the line."""
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


_ENDS_IN_LIST: Final = Sentence("stands where the file ends in the middle of a list")
_ENDS_IN_RECORD: Final = Sentence("stands where the file ends in the middle of a record")
_PAGE: Final = object()
"""Stands for a record that is an object around a list of records."""
_BLANK: Final = re.compile("[ \t\r\n\ufeff,]*")
_SEPARATOR: Final = re.compile("[ \t\r\ufeff]*(,?)[ \t\r\ufeff]*(\n?)")
_REST_OF_LINE: Final = re.compile(r"[ \t\r,\]}]*+(?:\n|\Z)")
_NEXT_OPENS: Final = re.compile(r"[^\n]*+\n[ \t\r\n]*+\{")
_OPENING: Final = re.compile(r"[ \t]*+(?:,[ \t]*+)?[{\[\]]")
_WORD: Final = re.compile(r'([^,\[\]{}"\n]+)[,\]\n]')
_STRAY: Final = re.compile(r'[^,\[\]{"\n]*+(?=[,\]\n]|\Z)')
_CLOSINGS: Final = re.compile(r"[ \t\r}]*+\n?")
_SHARED: Final = re.compile(r"[,}][ \t\r]*+(?:,[ \t\r]*+)?\{")
_ANOTHER: Final = re.compile(r"[}\]\n][ \t\r]*+(?:,[ \t\r]*+)?\{")


class _Broken(SentenceError):
    """Why a record cannot be read, and how far it could be."""

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


def _may_be_cut(error: ValueError, text: str) -> bool:
    """Tell whether a value may only seem broken, because this piece of text ends inside it."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.msg.startswith("Unterminated") or error.pos >= len(text) - _LONGEST_WORD


def _broken(error: ValueError, text: str) -> _Broken:
    """Return what is wrong with a value, in words, and where."""
    if not isinstance(error, json.JSONDecodeError):
        # `int` refuses numbers that would take it long.
        return _Broken("holds a number of more digits than any figure has", 0)
    if error.msg.startswith("Unterminated") or error.pos >= len(text.rstrip()):
        return _Broken(
            "stands where the file ends in the middle of a record", len(text), is_cut=True
        )
    return _Broken("is not well-formed JSON ({system})", error.pos, system=error.msg)
