"""What all readings of a cell share: why it does not fit, and what its whole file decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Final, TypeVar

from smtpauth_kit.base.errors import SentenceError

MAX_WORD: Final = 100
"""Characters: a longer text is no name of a TLS version, and no number of messages."""

T = TypeVar("T")


class Unfit(SentenceError, ValueError):
    """A cell that does not fit; its text is the reason for which its row is rejected."""


class NeedsDecision(Exception):
    """A cell that can be read in two ways; all rows of the file must be looked at first."""


@dataclass(frozen=True)
class Decisions:
    """How the cells of one file are read where a cell alone can be read in two ways.

    None: nothing in the file has asked for the decision yet.
    """

    date_order: str | None = None
    """"dmy", "mdy" or "ymd"."""
    date_orders: Mapping[str, str] = field(default_factory=dict)
    """The order of dates with one separator, where a file has two and each has its own."""
    decimal_mark: str | None = None
    """The sign before a fraction in counts: "." or ","."""


UNDECIDED: Final = Decisions()


MAX_KEPT: Final = 1000
"""Longer texts are not remembered: a hundred thousand of them would fill the memory."""


def remembered(size: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Decorate a function of one text to keep its last `size` answers.

    Most texts of a column stand in a file again and again.
    """

    def remembering(read: Callable[[str], T]) -> Callable[[str], T]:
        kept = lru_cache(maxsize=size)(read)

        @wraps(read)
        def looked_up(text: str) -> T:
            return kept(text) if len(text) <= MAX_KEPT else read(text)

        return looked_up

    return remembering


def quoted(text: str) -> str:
    """Return a cell in quotes as a reason shows it: its first 60 characters."""
    short = text[:1000].strip()
    return repr(short if len(short) <= 60 else short[:60] + "…")
