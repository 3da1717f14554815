"""The cells of a record with quotes: at once where it is as programs write it, else one by one."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from smtpauth_kit.reading.bounds import MAX_COLUMNS


@cache
def _cell_patterns(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    mark = re.escape(delimiter)
    whole = re.compile(rf' *"([^"]*(?:""[^"]*)*)" *({mark}|$)|((?! *")[^{mark}]*)({mark}|$)')
    return whole, re.compile(r' *"[^"]*(?:""[^"]*)*\Z')


def split_quoted(text: str, delimiter: str) -> tuple[list[str], str, int]:
    """Split one record with quotes into cells.

    Returns the cells, a state, and where the first cell that was not taken starts. States:
    "whole"; "open" (a quoted cell goes on behind the end); "stray" (text behind a closing quote).

    Examples
    --------
    >>> split_quoted('a,"b, ""c"", e",d', ",")
    (['a', 'b, "c", e', 'd'], 'whole', 17)
    >>> split_quoted('a,"b', ",")[1:], split_quoted('a,"b"c', ",")[1:]
    (('open', 2), ('stray', 2))
    """
    if plainly := split_plainly(text, delimiter):
        return plainly, "whole", len(text)
    whole, unclosed = _cell_patterns(delimiter)
    cells: list[str] = []
    position = 0
    while len(cells) <= MAX_COLUMNS and (match := whole.match(text, position)):
        quoted, end_quoted, plain, end_plain = match.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        position = match.end()
        if (end_quoted or end_plain or "") == "":
            return cells, "whole", position
    if len(cells) > MAX_COLUMNS:
        return cells, "whole", position
    return cells, "open" if unclosed.match(text, position) else "stray", position


def split_plainly(text: str, delimiter: str) -> list[str] | None:
    """Return the cells of a record as programs write it; None: another look at it is needed.

    Each quoted cell stands between delimiters, with nothing beside its quotes. That is nearly
    every record, and costs a third of a look at each cell.

    Examples
    --------
    >>> split_plainly('a,"b, ""c"", e",', ","), split_plainly('a, "b"', ",")
    (['a', 'b, "c", e', ''], None)
    """
    if _STANDS_IN in text:
        return None
    parts = text.split('"')
    if len(parts) % 2 == 0 or len(parts) > 2 * MAX_COLUMNS:
        return None
    # Of the parts each second one is inside quotes; two quotes inside a cell are one, and part it.
    for n in range(0, len(parts), 2):
        part, is_last = parts[n], n == len(parts) - 1
        if not part:
            parts[n] = "" if is_last or n == 0 else '"'
        elif not ((n == 0 or part[0] == delimiter) and (is_last or part[-1] == delimiter)):
            return None
    for n in range(1, len(parts), 2):
        if delimiter in parts[n]:
            parts[n] = parts[n].replace(delimiter, _STANDS_IN)
    cells = "".join(parts).split(delimiter)
    if len(cells) > MAX_COLUMNS:
        return None
    return [cell.replace(_STANDS_IN, delimiter) if _STANDS_IN in cell else cell for cell in cells]


_STANDS_IN: Final = "\0"
"""Stands for a delimiter inside quotes while a record is split."""
