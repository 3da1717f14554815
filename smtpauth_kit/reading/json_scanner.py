"""JSON of any size, a record at a time: a list, an object around one, or an object a line.

A record that cannot be read is one rejected record: what follows it is read (`json_recovery`).

Each character is looked at a number of times that does not grow with the file: a value is parsed
from a piece of text that grows until the value is whole, and which brackets a failure left open is
kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, Final

from smtpauth_kit.base.sentences import NOTHING, Sentence
from smtpauth_kit.reading.bounds import MAX_JSON_DEPTH
from smtpauth_kit.reading.json_breaks import holds_list_of_records, is_list_of_records
from smtpauth_kit.reading.json_recovery import Broken, JsonRecovery
from smtpauth_kit.reading.json_text import FIRST_PIECE, MAX_JSON_RECORD

if TYPE_CHECKING:
    from collections.abc import Callable

_LARGEST_KEPT_PIECE: Final = 1024 * 1024
_LONGEST_WORD: Final = 12
"""Characters: a number, word or escape that a piece cuts begins no further from its end."""

ScannedRecord = tuple[Any, str, Sentence]
"""Value, raw text, problem; of a record with a problem the value is nothing."""


class JsonScanner(JsonRecovery):
    """Reads records off a text stream, holding no more than one and a chunk."""

    def __init__(self, stream: IO[str], tick: Callable[[], None]) -> None:
        super().__init__(stream, tick)
        self._end_is_said = False
        """That the text ends too early was already said of a record."""
        self._constants: list[str] = []
        """NaN and infinities in the value that was parsed last: no JSON, yet its end is known."""
        self._decoder = json.JSONDecoder(parse_constant=self._constants.append)

    def records(self) -> Iterator[ScannedRecord]:
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

    def _list(self) -> Iterator[ScannedRecord]:
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
        return holds_list_of_records(self._ahead(FIRST_PIECE))

    def _around_a_list(self) -> Iterator[ScannedRecord]:
        self._at += 1
        while (sign := self._peek()) != "}":
            if not sign:
                yield from self._ends_early(_ENDS_IN_RECORD)
                return
            try:
                name = self._member_name()
                start = f"{{{json.dumps(name)}: " if self._peek() == "[" else ""
                if start and holds_list_of_records(start + self._ahead(FIRST_PIECE)):
                    yield from self._list()
                else:
                    _, length = self._value()
                    self._at += length
            except Broken as broken:
                yield None, self._step_over(broken), broken.sentence
                return
        self._at += 1

    def _ends_early(self, inside: Sentence) -> Iterator[ScannedRecord]:
        if not self._end_is_said:
            yield None, "", inside
        self._end_is_said = True

    def _member_name(self) -> Any:
        name, length = self._value()
        if not isinstance(name, str):
            raise Broken("is not well-formed JSON (a name is missing)", 0)
        self._at += length
        if self._peek() != ":":
            raise Broken("is not well-formed JSON (a name has no value)", 0)
        self._at += 1
        return name

    def _record_or_page(self) -> Iterator[ScannedRecord]:
        """Yield the record that starts here, or the records of the list that it holds."""
        value, raw, problem = self._record(may_be_page=True)
        if value is _PAGE:
            yield from self._around_a_list()
        else:
            yield value, raw, problem

    # --- one record ---

    def _record(self, *, may_be_page: bool = False) -> ScannedRecord:
        """Read the record that starts here, or step over it."""
        self._seen += 1
        try:
            if self._never_closed and (why := self._never_closed.get(self._before + self._at)):
                raise Broken.of(why)
            if self._list_at < 0 and self._buffer[self._at] != "{":
                raise Broken("is no JSON object", 0)
            value, length = self._value()
            if may_be_page and any(is_list_of_records(*each) for each in value.items()):
                return _PAGE, "", NOTHING
            end = self._checked_end(length)
            raw = self._buffer[self._at : self._at + length]
            # `_checked_end` may have read more and moved `_at`: only now may it be changed.
            self._at += end
            return value, raw, NOTHING
        except Broken as broken:
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
                raise Broken(
                    "is nested deeper than {n} levels", len(text), deep=True, n=MAX_JSON_DEPTH
                ) from None
            except ValueError as error:
                if is_rest or not _may_be_cut(error, text):
                    raise _broken(error, text) from None
            else:
                # A number or word at the very end may go on behind it.
                if end < len(text) or is_rest:
                    if self._constants:
                        raise Broken(
                            "holds {name}, which is no JSON value",
                            end,
                            is_whole=True,
                            name=self._constants[0],
                        )
                    self._piece = min(max(2 * end, FIRST_PIECE), _LARGEST_KEPT_PIECE)
                    return value, end
            if size >= MAX_JSON_RECORD:
                raise Broken("is longer than 16 MiB", len(text), long=True)
            size = min(size * 16, MAX_JSON_RECORD)

    def _checked_end(self, length: int) -> int:
        """Return the length of a value with the separator after it; raise if other text follows."""
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
            raise Broken("is followed by signs that are no JSON", length, is_whole=True)
        self._share_lines = self._share_lines or self._is_beside
        self._is_beside = bool(sign and not is_last)
        return match.end() - self._at


_ENDS_IN_LIST: Final = Sentence("stands where the file ends in the middle of a list")
_ENDS_IN_RECORD: Final = Sentence("stands where the file ends in the middle of a record")
_PAGE: Final = object()
"""Stands for a record that is an object around a list of records."""
_SEPARATOR: Final = re.compile("[ \t\r\ufeff]*(,?)[ \t\r\ufeff]*(\n?)")


def _may_be_cut(error: ValueError, text: str) -> bool:
    """Tell whether a value may only seem broken, because this piece of text ends inside it."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.msg.startswith("Unterminated") or error.pos >= len(text) - _LONGEST_WORD


def _broken(error: ValueError, text: str) -> Broken:
    """Return what is wrong with a value, in words, and where."""
    if not isinstance(error, json.JSONDecodeError):
        # `int` refuses numbers that would take it long.
        return Broken("holds a number of more digits than any figure has", 0)
    if error.msg.startswith("Unterminated") or error.pos >= len(text.rstrip()):
        return Broken(
            "stands where the file ends in the middle of a record", len(text), is_cut=True
        )
    return Broken("is not well-formed JSON ({system})", error.pos, system=error.msg)
