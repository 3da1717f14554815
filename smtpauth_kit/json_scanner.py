"""JSON of any size, a record at a time: a list, an object around one, or an object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import IO, Any, Final

from smtpauth_kit.errors import SentenceError
from smtpauth_kit.sentences import NOTHING, Sentence

MAX_JSON_DEPTH: Final = 64
MAX_JSON_RECORD: Final = 16 * 1024 * 1024
MAX_JSON_AROUND: Final = MAX_JSON_RECORD
"""Text that a JSON document may hold around its records."""
CHUNK: Final = 1024 * 1024 // 2
"""Characters or bytes read at a time: what is made of them stays in the processor's cache."""


class JsonScanner:
    """Reads values off a text stream, holding no more than one record and a chunk."""

    def __init__(self, stream: IO[str], tick: Callable[[], None]) -> None:
        self._stream, self._tick = stream, tick
        self._buffer, self._at, self._ended = "", 0, False
        self._decoder = json.JSONDecoder(parse_constant=_no_constant)

    def records(self) -> Iterator[tuple[Any, str, Sentence]]:
        """Yield (value, raw text, problem); of a record with a problem the value is nothing.

        Examples
        --------
        >>> import io
        >>> list(JsonScanner(io.StringIO('[{"a": 1}]'), lambda: None).records())
        [({'a': 1}, '{"a": 1}', '')]
        """
        while self._peek():
            try:
                yield from self._document()
            except _BadJson as bad:
                yield None, bad.raw, bad.why
                if not bad.resume or not self._skip_line():
                    return

    def _document(self) -> Iterator[tuple[Any, str, Sentence]]:
        sign = self._peek()
        if sign == "[":
            self._at += 1
            yield from self._elements()
        elif sign == "{":
            start, members = self._buffer[self._at :][:200], {}
            self._at += 1
            streamed, around = False, 0
            for key in self._keys():
                if key == "value" and self._peek() == "[":
                    self._at += 1
                    streamed = True
                    yield from self._elements()
                else:
                    members[key], raw = self._value()
                    around += len(key) + len(raw)
                    if around > MAX_JSON_AROUND:
                        raise _BadJson(Sentence("holds more than 16 MiB around its records"), "")
            if not streamed:
                yield members, json.dumps(members, ensure_ascii=False) or start, NOTHING
        else:
            raise _BadJson(Sentence("is no JSON object"), self._rest(), resume=True)

    def _keys(self) -> Iterator[str]:
        while (sign := self._peek()) != "}":
            if sign == ",":
                self._at += 1
                continue
            key, _ = self._value()
            if self._peek() != ":" or not isinstance(key, str):
                raise _BadJson(Sentence("is not well-formed JSON"), self._rest(), resume=True)
            self._at += 1
            yield key
        self._at += 1

    def _elements(self) -> Iterator[tuple[Any, str, Sentence]]:
        while (sign := self._peek()) != "]":
            if not sign:
                ends = Sentence("stands where the file ends in the middle of a list")
                raise _BadJson(ends, "")
            if sign == ",":
                self._at += 1
                continue
            value, raw = self._value()
            yield value, raw, NOTHING
        self._at += 1

    def _value(self) -> tuple[Any, str]:
        while True:
            self._peek()
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except RecursionError:
                why = Sentence("is nested deeper than {n} levels", n=MAX_JSON_DEPTH)
                raise _BadJson(why, self._rest()) from None
            except ValueError as error:
                if len(self._buffer) - self._at > MAX_JSON_RECORD:
                    raise _BadJson(Sentence("is longer than 16 MiB"), self._rest()) from None
                if not self._fill():
                    raise _BadJson(self._why(error), self._rest(), resume=True) from None
                continue
            # A number or word at the very end of the buffer may go on behind it.
            if end == len(self._buffer) and not self._ended and self._fill():
                continue
            raw, self._at = self._buffer[self._at : end], end
            return value, raw

    def _why(self, error: ValueError) -> Sentence:
        if isinstance(error, json.JSONDecodeError):
            at_end = error.pos >= len(self._buffer.rstrip()) or "Unterminated" in error.msg
            if at_end:
                return Sentence("stands where the file ends in the middle of a record")
            return Sentence("is not well-formed JSON ({system})", system=error.msg)
        if isinstance(error, SentenceError):
            return error.sentence
        return Sentence("{said}", said=str(error))

    def _peek(self) -> str:
        while True:
            match = _JSON_SPACE.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._fill():
                return ""

    def _fill(self) -> bool:
        chunk = "" if self._ended else self._stream.read(CHUNK)
        self._ended = self._ended or not chunk
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0
        self._tick()
        return bool(chunk)

    def _rest(self) -> str:
        return self._buffer[self._at : self._at + 1000].split("\n", 1)[0]

    def _skip_line(self) -> bool:
        while (end := self._buffer.find("\n", self._at)) < 0:
            self._at = len(self._buffer)
            if not self._fill():
                return False
        self._at = end + 1
        return True


_JSON_SPACE = re.compile("[ \t\r\n\ufeff]*")


class _BadJson(Exception):
    def __init__(self, why: Sentence, raw: str, resume: bool = False) -> None:
        super().__init__(why)
        self.why, self.raw, self.resume = why, raw, resume


class _NoValue(SentenceError, ValueError):
    """Python reads it, but JSON does not have it: NaN, Infinity."""


def _no_constant(name: str) -> Any:
    raise _NoValue("holds {name}, which is no JSON value", name=name)
