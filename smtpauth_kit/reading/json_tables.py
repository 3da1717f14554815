"""Tables inside JSON: Log Analytics answers with columns once, and rows of values below them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from smtpauth_kit.base.sentences import NOTHING, Sentence
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
            yield value, raw, problem
            continue
        for table in tables:
            yield from _rows(table)


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
