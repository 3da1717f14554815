# ruff: noqa: RUF001  (letters of other scripts are meant)
"""The months as the logs of servers write them: in the server's own language, usually cut short."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

_NAMES: Final = (
    "jan jän ene gen sty oca янв sij led tammi ian яну jaan ιαν saus січ",
    "feb fév fev lut şub фев úno helmi febr фев veebr φεβ vas лют",
    "mar mär mrz mrt maa мар bře maalis márc märts μαρ kov бер",
    "apr avr abr kwi nis апр dub huhti ápr απρ bal кві",
    "may mei mai mag maj май мая kvě cvn touko máj maig μαι μάι geg тра",
    "jun juin giu cze haz июн юни čen kesä jún iun juny juun ιουν ιον birž чер",
    "jul juil lug lip tem июл юли čec heinä júl iul juliol juul ιουλ liep лип",
    "aug aoû ago sie ağu авг srp elo avg ag αυγ rugp сер",
    "sep set wrz eyl сен zář syys szept сеп σεπ rugs вер",
    "oct okt out ott paź eki окт říj loka οκτ spal жов",
    "nov lis kas ноя lis marras ное νοε лис noi lapkr",
    "dec dez déc dic des gru ara дек pro joulu dets δεκ gruod гру",
)
"""By month, the letters that its name begins with; where two begin alike, the longer one is it."""


def _bare(word: str) -> str:
    """Return a word without case, accents and full stop."""
    apart = unicodedata.normalize("NFKD", word.casefold().strip("."))
    return "".join(char for char in apart if not unicodedata.combining(char))


_MONTHS: Final = {
    _bare(start): number for number, starts in enumerate(_NAMES, 1) for start in starts.split()
}
_LONGEST: Final = max(map(len, _MONTHS))


@lru_cache(maxsize=200)
def month_of(word: str) -> int | None:
    """Return the number of the month that a log names, 1 to 12; None where it is no month.

    Examples
    --------
    >>> [month_of(word) for word in ("Nov", "Νοε", "févr.", "Mär", "marras", "11月", "mx1")]
    [11, 11, 2, 3, 11, 11, None]
    """
    if word[-1:] in "月월":
        return int(word[:-1]) if word[:-1].isdecimal() and 1 <= int(word[:-1]) <= 12 else None
    plain = _bare(word)
    lengths = range(min(len(plain), _LONGEST), 1, -1)
    return next((_MONTHS[plain[:n]] for n in lengths if plain[:n] in _MONTHS), None)
