"""The months of the year by their names, as computers of many languages write them."""

# ruff: noqa: RUF001 - a Greek letter is what is meant.
from __future__ import annotations

import unicodedata
from typing import Final

# The first letters that tell a month, in English, Dutch, German, French, Spanish, Portuguese,
# Italian, the Scandinavian languages, Polish and Greek, where they differ.
_STARTS: Final = (
    "jan ene gen sty ιαν",
    "feb fév fev lut φεβ",
    "mar mrt maa mär μαρ",
    "apr avr abr kwi απρ",
    "may mei mai mag maj μαι",
    "jun juin giu cze ιουν",
    "jul juil lug lip ιουλ",
    "aug aoû aou ago sie αυγ",
    "sep set wrz σεπ",
    "oct okt out ott paź paz οκτ",
    "nov lis νοε",
    "dec dez déc dic des gru δεκ",
)
_MONTHS: Final = {start: n for n, starts in enumerate(_STARTS, 1) for start in starts.split()}
MONTH_WORD: Final = rf"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})[^\W\d_]{{0,9}}"
"""Pattern of a word that begins as a month does, lower case."""


def month_number(word: str) -> int | None:
    """Return the number of the month that a word names, whole or cut; None: it names none.

    Examples
    --------
    >>> [month_number(word) for word in ("Nov", "März", "juillet", "Νοεμβρίου", "noon")]
    [11, 3, 7, 11, None]
    """
    lower = unicodedata.normalize("NFC", word).lower()
    plain = lower if lower.isascii() else _without_greek_accents(lower)
    return _MONTHS.get(plain[:4]) or _MONTHS.get(plain[:3])


def _without_greek_accents(word: str) -> str:
    """Return Greek without its accents: they move with the case, `Μάιος` and `Μαΐου`."""
    if not "\u0370" <= word[0] <= "\u03ff":
        return word
    parts = unicodedata.normalize("NFD", word)
    return "".join(char for char in parts if not unicodedata.combining(char))
