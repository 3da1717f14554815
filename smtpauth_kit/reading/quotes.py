"""Records of a text table that have quotes: their cells, over as many lines as they go on.

A quote that is never closed properly spoils its own line only, so the lines after it are read
again. How each of them reads as the rest of a quoted cell is noted the first time: however the
quotes stand, no line is split into cells more than a few times.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Final

from smtpauth_kit.base.sentences import NOTHING, Sentence
from smtpauth_kit.reading.bounds import MAX_CELL
from smtpauth_kit.reading.lines import Lines, strip_end
from smtpauth_kit.reading.quoted_cells import split_quoted

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
