"""The tables of knowledge: the kit's own, or the user's file of the same name; checked, with words.

The kit's files are `knowledge/NAME.csv`, each with its source and date in the lines that begin with
`#`. A file of the same name beside `smtpauth.toml` replaces one whole: copy it there and edit it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from smtpauth_kit.base.config_place import config_file
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.sentences import Sentence

Cell = str | float

_LARGEST: Final = 1024 * 1024
"""Bytes; the kit's largest table has 8 kB."""


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, what makes a cell of text, and what is expected in words."""

    name: str
    make: Callable[[str], Cell]
    """Raises ValueError where the text does not fit."""
    expected: Sentence


def _country(text: str) -> str:
    if len(text) != 2 or not text.isascii() or not text.isalpha():
        raise ValueError
    return text.upper()


def _between(low: float, high: float) -> Callable[[str], float]:
    def make(text: str) -> float:
        # A Dutch or German Excel writes a decimal comma; degrees and limits have no thousands.
        number = float(text.replace(",", "."))
        if not low <= number <= high:
            raise ValueError
        return number

    return make


def _text(text: str) -> str:
    # A backslash is an escape in Spark's SQL, and no code or program name needs one.
    if not text or not text.isprintable() or "\\" in text or len(text) > 200:
        raise ValueError
    return text


def _lower(text: str) -> str:
    return _text(text).lower()


def _one_of(*known: str) -> Callable[[str], str]:
    def make(text: str) -> str:
        if text.lower() not in known:
            raise ValueError
        return text.lower()

    return make


_WORDS: Final = Sentence("text without a backslash, of at most 200 characters")

TABLES: Final[Mapping[str, tuple[Column, ...]]] = {
    "countries": (
        Column("country", _country, Sentence("a country code of two letters, such as NL")),
        Column("name", _text, _WORDS),
        Column("latitude", _between(-90, 90), Sentence("degrees from -90 to 90, such as 52.26")),
        Column(
            "longitude",
            _between(-180, 180),
            Sentence("degrees from -180 to 180, such as 5.58"),
        ),
    ),
    "device_families": (
        Column("word", _lower, _WORDS),
        Column("family", _text, _WORDS),
        Column("oauth", _one_of("yes", "some", "no"), Sentence("yes, some or no")),
        Column("silent", _one_of("yes", "no"), Sentence("yes or no")),
        Column("source", _text, _WORDS),
        Column("read_on", _text, _WORDS),
    ),
    "legacy_user_agents": (
        Column("starts_with", _lower, _WORDS),
        Column("meaning", _text, _WORDS),
    ),
    "service_limits": (
        Column(
            "name",
            _one_of(
                "messages_per_minute", "recipients_per_day", "recipients_per_message", "connections"
            ),
            Sentence(
                "messages_per_minute, recipients_per_day, recipients_per_message or connections"
            ),
        ),
        Column("value", _between(1, 1_000_000_000), Sentence("a number of at least 1, such as 30")),
        Column("meaning", _text, _WORDS),
    ),
    "sign_in_errors": (
        Column("code", _text, _WORDS),
        Column(
            "kind",
            _one_of("password", "account", "locked", "policy"),
            Sentence("password, account, locked or policy"),
        ),
        Column("meaning", _text, _WORDS),
    ),
    "way_limits": (
        Column("name", _text, _WORDS),
        Column("value", _between(1, 1_000_000_000), Sentence("a number of at least 1, such as 30")),
        Column("meaning", _text, _WORDS),
        Column("source", _text, _WORDS),
        Column("read_on", _text, _WORDS),
    ),
}  # fmt: skip
"""Each table by its name, with its columns; the first one is its key."""


def rows(name: str) -> list[tuple[Cell, ...]]:
    """Return the rows of a table, of the user's file where there is one, in their order.

    Raises
    ------
    KitError
        The user's file cannot be read, or something in it does not fit.

    Examples
    --------
    >>> [row for row in rows("countries") if row[0] == "NL"]
    [('NL', 'Netherlands', 52.26, 5.58)]
    """
    return parsed(name, text_of(name), str(own_file(name) or f"{name}.csv"))


def own_file(name: str) -> Path | None:
    """Return the user's file of a table; None where the kit's own is used."""
    path = config_file().parent / f"{name}.csv"
    return path if path.is_file() else None


def text_of(name: str) -> str:
    """Return the text that a table is read from.

    Raises
    ------
    KitError
        The user's file cannot be read.
    """
    path = own_file(name)
    if path is None:
        own = files("smtpauth_kit").joinpath("answers", "findings", "knowledge", f"{name}.csv")
        return own.read_text("utf-8")
    try:
        if path.stat().st_size > _LARGEST:
            raise KitError('"{file}" has more than 1 MB; expected a small table.', file=str(path))
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise KitError(
            '"{file}" cannot be read: {system}. Save it as CSV UTF-8, or take it away: then the '
            "kit's own table is used.",
            file=str(path),
            system=str(error),
        ) from None


def parsed(name: str, text: str, file: str) -> list[tuple[Cell, ...]]:
    r"""Return the rows that a table's text holds; `file` is what errors call it.

    Raises
    ------
    KitError
        A column lacks, a cell does not fit, a key stands twice, or there is no row.

    Examples
    --------
    >>> parsed("service_limits", "name;value;meaning\nconnections;3;at once\n", "my.csv")
    [('connections', 3.0, 'at once')]
    """
    columns = TABLES[name]
    numbered = _cells(text)
    places = _places(numbered, columns, file)
    found: dict[Cell, tuple[Cell, ...]] = {}
    for line, cells in numbered[1:]:
        row = tuple(
            _made(column, cells[place] if place < len(cells) else "", file, line)
            for column, place in zip(columns, places, strict=True)
        )
        if row[0] in found:
            raise KitError(
                '"{file}" has {key} twice, again in line {line}. Keep one of them.',
                file=file,
                key=repr(row[0]),
                line=str(line),
            )
        found[row[0]] = row
    if not found:
        raise KitError('"{file}" has no row below its names of columns.', file=file)
    return list(found.values())


def _cells(text: str) -> list[tuple[int, list[str]]]:
    """Return the lines that are no comment, each with its number and its cells."""
    lines = text.splitlines()
    named = next((each for each in lines if each.strip() and not _is_comment(each)), "")
    mark = max(",;\t", key=named.count)
    read = csv.reader(lines, delimiter=mark)
    numbered = [(read.line_num, [cell.strip() for cell in cells]) for cells in read]
    return [(n, cells) for n, cells in numbered if any(cells) and not _is_comment(cells[0])]


def _is_comment(text: str) -> bool:
    return text.lstrip('" ').startswith("#")


def _places(
    numbered: Sequence[tuple[int, list[str]]], columns: tuple[Column, ...], file: str
) -> list[int]:
    named = [cell.lower() for cell in numbered[0][1]] if numbered else []
    if lacking := [column.name for column in columns if column.name not in named]:
        raise KitError(
            '"{file}" lacks the column {lacking}. Its first line that is no comment must be: '
            "{expected}.",
            file=file,
            lacking=lacking,
            expected=",".join(column.name for column in columns),
        )
    return [named.index(column.name) for column in columns]


def _made(column: Column, text: str, file: str, line: int) -> Cell:
    try:
        return column.make(text)
    except ValueError:
        raise KitError(
            '"{file}", line {line}: {column} is {text}; expected {expected}.',
            file=file,
            line=str(line),
            column=column.name,
            text=repr(text[:60]),
            expected=column.expected,
        ) from None
