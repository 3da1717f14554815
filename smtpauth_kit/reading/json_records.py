"""The records of a JSON export: each object's values under dotted names."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.reading.bounds import MAX_CELL, MAX_COLUMNS, MAX_JSON_DEPTH
from smtpauth_kit.reading.contents import Content, decoded
from smtpauth_kit.reading.exports import Export, Record
from smtpauth_kit.reading.json_recovery import EndUnknown
from smtpauth_kit.reading.json_scanner import JsonScanner
from smtpauth_kit.reading.json_tables import with_rows
from smtpauth_kit.words.inert import printable


def json_records(
    export: Export,
    content: Content,
    tick: Callable[[int], None] = lambda _: None,
    wanted: Container[str] | None = None,
) -> Iterator[Record]:
    """Yield the records of a JSON export: an object with `value`, an array, or one per line.

    `records`, `results` and the rows of `tables` hold records as `value` does.

    Nested objects become dotted names (`status.errorCode`), lists stay JSON text, null is empty.
    What cannot be read has a `problem`, and spoils no other record. With `wanted`, lists under
    other names are not written out again: `UNREAD` stands in their place.

    Raises
    ------
    FileRefused
        A record is broken, and where those behind it begin cannot be told.
    """
    source = export.open()
    with source, decoded(source, content) as stream:
        scanner = JsonScanner(stream, lambda: tick(getattr(source, "bytes_read", 0)))
        position = 0
        try:
            for position, (value, raw, problem) in enumerate(with_rows(scanner.records()), 1):
                yield _json_record(position, value, raw, problem, wanted)
        except EndUnknown as unknown:
            raise FileRefused(
                "{file} has a record that cannot be read: record {line} {why}. Others follow it "
                "on the same line, and where they begin cannot be known, so nothing was loaded. "
                "Export it again, or write each record on a line of its own.",
                file=printable(export.path),
                line=str(position + 1),
                why=unknown.sentence,
            ) from None


def _json_record(
    position: int, value: Any, raw: str, problem: Sentence, wanted: Container[str] | None
) -> Record:
    if problem:
        return Record(position, (), raw, problem)
    if not isinstance(value, dict):
        return Record(position, (), raw[:MAX_CELL], Sentence("is not an object with named values"))
    cells: dict[str, str] = {}
    try:
        if wanted is None or _may_be_too_much(raw):
            _flatten(value, "", cells, 1)
        else:
            _flatten_small(value, "", cells, wanted)
    except FileRefused as error:
        return Record(position, (), raw[:1000], error.sentence)
    return Record(position, cells, raw)


def _flatten(value: Mapping[str, Any], prefix: str, cells: dict[str, str], depth: int) -> None:
    if depth > MAX_JSON_DEPTH:
        raise FileRefused("is nested deeper than {n} levels", n=MAX_JSON_DEPTH)
    for key, item in value.items():
        name = _name(prefix, key)
        if isinstance(item, dict):
            _flatten(item, name + ".", cells, depth + 1)
            continue
        if isinstance(item, list) and _is_deeper(item, MAX_JSON_DEPTH - depth):
            raise FileRefused("is nested deeper than {n} levels", n=MAX_JSON_DEPTH)
        text = item if isinstance(item, str) else _JSON_WORDS.get(type(item), json.dumps)(item)
        if len(text) > MAX_CELL:
            raise FileRefused("has a text of more than 1 MiB")
        if len(cells) >= MAX_COLUMNS:
            raise FileRefused("has more than {n} values", n=MAX_COLUMNS)
        cells[name] = text if text.isascii() else _whole(text)


def _may_be_too_much(raw: str) -> bool:
    """Tell whether a record may be beyond a bound, by its text: then all in it is looked through.

    Written out again, a sign of a list takes twelve at most.
    """
    return (
        len(raw) > MAX_CELL // 12
        or (len(raw) > MAX_COLUMNS and raw.count(",") >= MAX_COLUMNS)
        or raw.count("[") + raw.count("{") > MAX_JSON_DEPTH
    )


def _flatten_small(
    value: Mapping[str, Any], prefix: str, cells: dict[str, str], wanted: Container[str]
) -> None:
    """Do what `_flatten` does where no bound can be met but that of names: in half the time."""
    for name, item in zip(_names(prefix, tuple(value)), value.values(), strict=True):
        kind = type(item)
        if kind is str:
            cells[name] = item if item.isascii() else _whole(item)
        elif kind is dict:
            _flatten_small(item, name + ".", cells, wanted)
        elif kind is list and name not in wanted:
            cells[name] = UNREAD
        else:
            cells[name] = _JSON_WORDS.get(kind, json.dumps)(item)


@lru_cache(maxsize=100)
def _names(prefix: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the dotted names of the values of a record: most records of a file have the same."""
    return tuple(_name(prefix, key) for key in keys)


def _name(prefix: str, key: str) -> str:
    name = prefix + (key if key.isascii() else _whole(key))
    if len(name) > MAX_NAME:
        raise FileRefused("has a name of more than {n} characters", n=MAX_NAME)
    return name


UNREAD: Final = "[...]"
"""Stands for a list that nobody wants to read."""
MAX_NAME: Final = 1_000
"""Characters of a dotted name: a long one in front of many would fill the memory."""


def _is_deeper(value: list[Any], levels: int) -> bool:
    """Tell whether lists and objects stand in one another more than so many levels deep."""
    level: list[Any] = [value]
    for _ in range(levels):
        inner = (v.values() if isinstance(v, dict) else v for v in level)
        level = [each for some in inner for each in some if isinstance(each, dict | list)]
        if not level:
            return False
    return True


_JSON_WORDS: Final[Mapping[type, Callable[[Any], str]]] = {
    type(None): lambda _: "",
    bool: lambda item: "true" if item else "false",
    int: str,
}
"""What `json.dumps` gives for these, or nothing for null, at a tenth of its cost."""


def _whole(text: str) -> str:
    """Return text with every lone surrogate (half of a character) replaced.

    JSON can write one as an escape, and no store can hold it.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
