"""Records of a text table that have quotes: their cells, over as many lines as they go on.

A quote that is never closed properly spoils its own line only, so the lines after it are read
again. How each of them reads as the rest of a quoted cell is noted the first time: however the
quotes stand, no line is split into cells more than a few times.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cache
from typing import Final

from smtpauth_kit.base.sentences import NOTHING, Sentence
from smtpauth_kit.reading.bounds import MAX_CELL, MAX_COLUMNS
from smtpauth_kit.reading.lines import Lines, strip_end

_LET_GO: Final = 10_000
"""Notes on lines that are already read are dropped when there are more of them than this."""


class QuotedRecords:
    """Reads the records with quotes from the lines of one table."""

    def __init__(self, lines: Lines, delimiter: str, most: int) -> None:
        self._lines, self._delimiter = lines, delimiter
        self._most = most
        """A record that has this many cells already takes no further line."""
        self._first = 0
        """The line after which the notes begin; a quoted cell is still open at its end."""
        self._cells, self._sizes = [0], [0]
        """For each line from there on that leaves the cell open: the cells that end on all lines up
        to its end, and the characters of those lines."""
        self._then = "open"
        """How the line after those ends: "whole", "stray", or "open" while it is not looked at."""

    def take(self, number: int, line: str) -> tuple[list[str], str, Sentence]:
        """Return the cells of the record that begins on this line, its text, and what is wrong."""
        cells, state, _ = split_quoted(strip_end(line), self._delimiter)
        if state == "whole":
            return cells, strip_end(line), NOTHING
        if state == "open" and (last := self._last_line(number, len(cells), len(line))):
            rest = [self._lines.take() or "" for _ in range(last - number)]
            text = strip_end("".join([line, *rest]))
            cells, _, _ = split_quoted(text, self._delimiter)
            return cells, text, NOTHING
        is_stray = state == "stray"
        why = Sentence("has a stray quote" if is_stray else "has a quote that is not closed")
        return [], strip_end(line), why

    def _last_line(self, number: int, cells: int, size: int) -> int:
        """Return the line on which a record that is open here ends; 0: it never ends properly."""
        if number >= self._first + len(self._cells):
            self._first, self._cells, self._sizes, self._then = number, [0], [0], "open"
        here = number - self._first
        if here > _LET_GO:
            del self._cells[:here], self._sizes[:here]
            self._first, here = number, 0
        while True:
            most_cells = self._most - cells + self._cells[here]
            most_signs = MAX_CELL - size + self._sizes[here]
            too_many = min(
                bisect_left(self._cells, most_cells, here),
                bisect_right(self._sizes, most_signs, here),
            )
            if too_many < len(self._cells):
                return 0
            if self._then != "open":
                return self._first + len(self._cells) if self._then == "whole" else 0
            self._look_further()

    def _look_further(self) -> None:
        """Add the next line to the notes, read as the rest of a quoted cell."""
        line = self._lines.look()
        if not line:
            self._then = "stray"
            return
        # Read as the rest of an open cell, the line begins inside quotes.
        cells, state, _ = split_quoted('"' + strip_end(line), self._delimiter)
        if state == "open":
            self._cells.append(self._cells[-1] + len(cells))
            self._sizes.append(self._sizes[-1] + len(line))
        else:
            self._then = state


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
