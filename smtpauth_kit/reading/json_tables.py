"""Records inside JSON records: tables (columns once, rows of values below), pages and envelopes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from smtpauth_kit.base.sentences import NOTHING, Sentence
from smtpauth_kit.reading.json_breaks import is_list_of_records
from smtpauth_kit.reading.json_scanner import ScannedRecord


def with_rows(found: Iterable[ScannedRecord]) -> Iterator[ScannedRecord]:
    """Yield what was found, and in the place of tables their rows, as records with named values.

    Examples
    --------
    >>> table = {"columns": [{"name": "a"}, {"name": "b"}], "rows": [[1, 2]]}
    >>> list(with_rows([({"tables": [table]}, "", NOTHING)]))
    [({'a': 1, 'b': 2}, '[1, 2]', '')]
    """
    for value, raw, problem in found:
        tables = value.get("tables", value.get("Tables")) if isinstance(value, dict) else None
        if not isinstance(tables, list) or not all(map(_is_table, tables)):
            tables = [value] if _is_table(value) else None
        if tables is None:
            inside = records_inside(value)
            if inside is None:
                yield value, raw, problem
            else:
                yield from ((each, json.dumps(each), NOTHING) for each in inside)
            continue
        for table in tables:
            yield from _rows(table)


_LISTS: Final = frozenset(("responses", "items", "entries", "data", "pages"))
"""What else programs that ask an API call the list of what they got."""
_ENVELOPES: Final = frozenset(("body", "data", "response", "result", "payload", "content"))
_DEEPEST: Final = 4


def records_inside(value: Any, depth: int = 0) -> list[Any] | None:
    """Return the records in a page of an API's answer, or in an envelope around pages.

    None where it is neither: it is a record itself.

    Examples
    --------
    >>> records_inside({"responses": [{"id": "1", "body": {"value": [{"a": 1}, {"a": 2}]}}]})
    [{'a': 1}, {'a': 2}]
    >>> records_inside({"a": 1, "items": ["x"]}) is None
    True
    """
    if not isinstance(value, dict) or depth > _DEEPEST:
        return None
    for name, member in value.items():
        # Nearly all members are texts and numbers.
        if type(member) is str or not isinstance(member, (list, dict)):
            continue
        word = name.casefold() if isinstance(name, str) else ""
        if isinstance(member, list) and (
            is_list_of_records(name, member) or (word in _LISTS and _are_records(member))
        ):
            pages = [(records_inside(item, depth + 1), item) for item in member]
            return [each for found, item in pages for each in ([item] if found is None else found)]
        if word in _ENVELOPES and (found := records_inside(member, depth + 1)) is not None:
            return found
    return None


def _are_records(items: list[Any]) -> bool:
    return bool(items) and all(isinstance(item, dict) for item in items)


def _is_table(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(_member(value, "columns"), list)
        and isinstance(_member(value, "rows"), list)
    )


def _member(value: dict[str, Any], name: str) -> Any:
    return value.get(name, value.get(name.capitalize()))


def _rows(table: dict[str, Any]) -> Iterator[ScannedRecord]:
    names = [_name(column) for column in _member(table, "columns")]
    for row in _member(table, "rows"):
        text = json.dumps(row)
        if not isinstance(row, list) or len(row) != len(names):
            yield None, text, Sentence("has not one value for each column of its table")
        else:
            yield dict(zip(names, row, strict=True)), text, NOTHING


def _name(column: Any) -> str:
    """Return a column's name: versions of the service spell it name, ColumnName or Name."""
    if not isinstance(column, dict):
        return str(column)
    return next((str(column[n]) for n in ("name", "ColumnName", "Name") if n in column), "")
