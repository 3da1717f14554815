"""How values are printed: as JSON, as text, as a table."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from smtpauth_kit.base.sentences import filled, in_english

_MOST: Final = 40
"""So wide is a column on a terminal at most; what is longer goes on below."""


def print_json(content: Mapping[str, Any]) -> None:
    """Print the one JSON object of a command."""
    print(json.dumps(content, default=plain))


def whole(value: Any) -> Any:
    """Return a value as JSON has it: what is missing is null."""
    if value is None or (isinstance(value, float) and value != value):
        return None
    return None if type(value).__name__ in ("NaTType", "NAType") else value


def plain(value: Any) -> Any:
    """Return what `json` cannot write by itself: days and times, numpy's numbers, arrays."""
    if hasattr(value, "isoformat"):
        text = value.isoformat()
        return text + "Z" if "T" in text else text
    return value.item() if hasattr(value, "item") else list(value)


def as_text(value: Any) -> str:
    """Return a value as a cell of text has it."""
    value = whole(value)
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, list | dict):
        return json.dumps(value, default=plain, ensure_ascii=False)
    return str(plain(value)) if hasattr(value, "isoformat") else str(value)


def said(template: str, **values: Any) -> str:
    """Return a line in English: numbers with their thousands apart, words as they follow a number.

    >>> said("{n} {n:row|rows}.", n=1), said("{n} {n:row|rows}.", n=5280)
    ('1 row.', '5,280 rows.')
    """
    return filled(template, values, in_english)


def print_columns(columns: Mapping[str, list[str]], notes: Iterable[str]) -> None:
    """Print columns of text as a table, and notes below it.

    On a terminal, columns that have no room are left out and named. Into a file or pipe all are
    there, and a row is one line, however long: a terminal folds, `less -S` need not.
    """
    if sys.stdout.isatty():
        _print_on_terminal(columns, notes)
        return
    for line in (*_aligned(columns), *notes):
        print(line)


def _aligned(columns: Mapping[str, list[str]]) -> Iterator[str]:
    r"""Yield a table line by line, its numbers to the right; none where it has no row.

    Examples
    --------
    >>> print("\n".join(_aligned({"sender": ["a@contoso.com", "b"], "n": ["1,200", "2"]})))
    sender             n
    a@contoso.com  1,200
    b                  2
    """
    table = []
    for name, cells in columns.items():
        column = [cell.split("\n") for cell in (name, *cells)]
        width = max(_width(line) for cell in column for line in cell)
        is_number = all(map(_is_number, cells))
        table.append([[_padded(line, width, is_number) for line in cell] for cell in column])
    rows = list(zip(*table, strict=True))
    blanks = tuple(" " * len(cell[0]) for cell in rows[0]) if rows else ()
    for row in rows if len(rows) > 1 else ():
        height = max(map(len, row))
        for n in range(height):
            shown = (c[n] if n < len(c) else b for c, b in zip(row, blanks, strict=True))
            yield "  ".join(shown).rstrip()


def _padded(line: str, width: int, is_number: bool) -> str:
    gap = " " * (width - _width(line))
    return gap + line if is_number else line + gap


def _width(text: str) -> int:
    """Return how many columns of a screen a text takes: Chinese takes two for each sign.

    >>> _width("abc"), _width("\u4e2d\u6587"), _width("e\u0301")
    (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    signs = (s for s in text if not unicodedata.combining(s))
    return sum(2 if unicodedata.east_asian_width(s) in "WF" else 1 for s in signs)


def _print_on_terminal(columns: Mapping[str, list[str]], notes: Iterable[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(markup=False, highlight=False)
    shown = _fitting(columns, console.width)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, cells in shown.items():
        is_number = all(map(_is_number, cells))
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in zip(*shown.values(), strict=True):
        table.add_row(*map(Text, row))
    if table.row_count:
        console.print(table)
        if left_out := [name for name in columns if name not in shown]:
            console.print(Text(f"No room for: {', '.join(left_out)}."), style="dim")
    for line in notes:
        console.print(Text(line), style="dim")


def _is_number(cell: str) -> bool:
    """Tell whether a cell is a number, or nothing, or says that none is told."""
    return cell in ("", "\u2013") or (cell[0].isdigit() and "-" not in cell)


def _fitting(columns: Mapping[str, list[str]], width: int) -> dict[str, list[str]]:
    """Return the columns that a terminal has room for, the first ones first.

    Examples
    --------
    >>> list(_fitting({"sender": ["a@contoso.com"], "long": ["x" * 30], "n": ["1"]}, 20))
    ['sender', 'n']
    """
    from rich.cells import cell_len

    fitting: dict[str, list[str]] = {}
    for name, cells in columns.items():
        lines = [line for cell in (name, *cells) for line in cell.split("\n")]
        needed = min(_MOST, max(map(cell_len, lines))) + (2 if fitting else 0)
        if needed <= width or not fitting:
            fitting[name] = cells
            width -= needed
    return fitting
