"""Rows of a text table that are counted instead of taken apart: those without a certain word.

Of sixteen rows of a trace one tells of a message being handed in. Of a block of plain text numpy
tells at once which lines may be passed over; else each is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from smtpauth_kit.reading.bounds import MAX_CELL
from smtpauth_kit.reading.quoted_cells import split_plainly

DIGITS: Final = tuple("0123456789")
SMALL: Final = 1 << 20
"""Characters of a file that are looked through line by line sooner than numpy is imported."""
_CAPITAL: Final = 0xDF
"""What is left of a letter's number without this bit is its capital's."""


class Marks(NamedTuple):
    """Where the lines of a block begin, and which of them may be passed over."""

    starts: list[int]
    """The last is the end of the block."""
    next_kept: list[int]
    """For each line the first one from there on that may not; behind the last: their number."""


@dataclass
class PassedOver:
    """Lines that are a row of a table each, and are counted instead of taken apart."""

    word: str
    """Capital letters. A line that has them in no case may be passed over."""
    after: int
    """The line of the header: only lines after it are rows."""
    delimiter: str
    width: int
    """Cells of a row."""
    count: int = 0
    last: int = 0
    """The line that was passed over last."""
    seen: int = 0
    """Characters that were looked through."""

    def passed(self, count: int, last: int) -> None:
        """Count lines that were passed over, the last of which has this number."""
        self.count += count
        self.last = last

    def may_pass(self, number: int, line: str) -> bool:
        """Pass over a line if it is whole, begins with a digit and has not the word.

        Examples
        --------
        >>> over = PassedOver("RECEIVE", 1, ",", 2)
        >>> [over.may_pass(n, line) for n, line in enumerate(["1,SEND", "1,receive", "1"], 2)]
        [True, False, False]
        >>> over.count, over.last
        (1, 2)
        """
        if self.word in line or number <= self.after or len(line) > MAX_CELL:
            return False
        if '"' not in line:
            is_row = line[0] in DIGITS and line.count(self.delimiter) == self.width - 1
        else:
            cells = split_plainly(line.rstrip("\r\n"), self.delimiter)
            is_row = cells is not None and len(cells) == self.width and cells[0][:1] in DIGITS
        if not is_row or self.word in line.upper():
            return False
        self.passed(1, number)
        return True

    def marks(self, text: str, first: int) -> Marks | None:
        """Return which lines of a text may be passed over; None: each is to be looked at.

        `first` is the number of its first line. Lines with quotes are kept: what they say may go on
        over the next ones.
        """
        self.seen += len(text)
        if self.seen < SMALL or first <= self.after or len(text) > MAX_CELL or not text.isascii():
            return None
        import numpy as np

        signs = np.frombuffer(text.encode("ascii"), dtype=np.uint8)
        returns = np.flatnonzero(signs[:-1] == ord("\r"))
        if text.endswith("\r") or (signs[returns + 1] != ord("\n")).any():
            return None
        marks = np.flatnonzero((signs == ord("\n")) | (signs == ord(self.delimiter)))
        at_end = np.flatnonzero(signs[marks] == ord("\n"))
        ends, cells = marks[at_end] + 1, np.diff(at_end, prepend=-1)
        if not text.endswith("\n"):  # The file ends so: the line is looked at alone.
            ends, cells = np.append(ends, len(signs)), np.append(cells, 0)
        starts = np.concatenate(([0], ends))
        may_pass = (cells == self.width) & (signs[starts[:-1]] - ord("0") < 10)
        kept_for = [self._places_of_the_word(signs & _CAPITAL)]
        if '"' in text:
            kept_for.append(np.flatnonzero(signs == ord('"')))
        for places in kept_for:
            may_pass[np.searchsorted(ends, places, side="right")] = False
        kept = np.where(may_pass, len(ends), np.arange(len(ends)))
        return Marks(starts.tolist(), np.minimum.accumulate(kept[::-1])[::-1].tolist())

    def _places_of_the_word(self, letters: Any) -> Any:
        import numpy as np

        places = np.flatnonzero(letters[: len(letters) - len(self.word) + 1] == ord(self.word[0]))
        for n, letter in enumerate(self.word[1:], start=1):
            places = places[letters[places + n] == ord(letter)]
        return places
