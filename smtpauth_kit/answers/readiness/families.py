"""What a sender looks like, by its name: a family of devices or applications, or none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from smtpauth_kit.answers.findings import knowledge

_LONG: Final = 5
"""Letters of a word that may be only the beginning of another: alarm of alarmcentre."""


@dataclass(frozen=True)
class Family:
    """A family of devices or applications, as `knowledge/device_families.csv` has it."""

    name: str
    oauth: Literal["yes", "some", "no"]
    """Whether they can use OAuth for SMTP; some: newer models or versions."""
    is_silent: bool
    """No mail is their usual state: that they cannot send any shows only when it matters."""


class Families(NamedTuple):
    """Words that name families, longest first, and what finds any of them."""

    of_words: tuple[tuple[str, Family], ...]
    any_word: re.Pattern[str]


def families() -> Families:
    """Return the words that name families, each with its family.

    Raises
    ------
    KitError
        The user's own table cannot be read.
    """
    found = (
        (_plain(str(word)).strip(), Family(str(name), oauth, silent == "yes"))  # type: ignore[arg-type]
        for word, name, oauth, silent, *_ in knowledge.rows("device_families")
    )
    ordered = tuple(sorted(found, key=lambda entry: (-len(entry[0]), entry[0])))
    words = (re.escape(word) + ("" if len(word) >= _LONG else " ") for word, _ in ordered)
    return Families(ordered, re.compile(f" (?:{'|'.join(words)})"))


def family_of(address: str, display_name: str, known: Families) -> Family | None:
    """Return the family that the name of a sender or of its mailbox has a word of; else None.

    Examples
    --------
    >>> known = families()
    >>> family_of("UPS-3@contoso.com", "", known).name, family_of("groups@contoso.com", "", known)
    ('UPS', None)
    >>> family_of("x17@contoso.com", "Alarmcentrale hal 2", known).is_silent
    True
    """
    for text in filter(None, (address.rpartition("@")[0], display_name)):
        plain = _plain(text[:_MOST])
        if not known.any_word.search(plain):
            continue  # As of most senders.
        for word, family in known.of_words:
            if f" {word} " in plain or (len(word) >= _LONG and f" {word}" in plain):
                return family
    return None


_WORD: Final = re.compile(r"[^\W\d_]+")
_MOST: Final = 320
"""Characters of a name that are looked at."""


@lru_cache(maxsize=10_000)
def _plain(text: str) -> str:
    """Return the words of a name in lower case, with one space around each."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "
