"""What a filter is: one entry for each, read by the command line, the screens, files and texts.

The entries themselves stand beside the fields of `filters.Filters`. An entry says what its filter
is called everywhere, its kind how its values are read and written; so another filter of a kind that
there is takes one entry and its words, and no code.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from smtpauth_kit.base.conditions import Clause, parse_clause, parse_groups, write_groups
from smtpauth_kit.base.errors import UsageError

About = Literal["days", "tenants", "source", "senders", "rows", "findings", "places", "switch_off"]
"""What a filter chooses: the days, whose exports, the source, whose messages, rows of the answer,
findings, the places that `who-else` is about, or what goes off in a simulation."""


@dataclass(frozen=True)
class Kind:
    """How the values of a filter are read and written."""

    name: str
    read: Callable[[Any], Any]
    """Makes a value of what a notebook, a file or the command line holds; None stays None.

    Raises `TypeError` for what is of another type, and `UsageError` for a text that is no value.
    """
    texts: Callable[[Any], list[str]]
    """Writes a value as the command line takes it: a text for each time its option is given."""
    repeats: bool = False
    """Whether its option may be given more than once."""

    def plain(self, value: Any) -> Any:
        """Return a value as JSON holds it and `read` takes it.

        >>> DAY.plain(dt.date(2026, 11, 16)), NUMBER.plain(5), TEXTS.plain(("a.example",))
        ('2026-11-16', 5, ['a.example'])
        """
        if self.repeats:
            return self.texts(value)
        return value if isinstance(value, int) else self.texts(value)[0]


def as_day(day: dt.date | str | None) -> dt.date | None:
    """Return a day from a date or its ISO text; of a moment (pandas has them), its day.

    Raises
    ------
    UsageError
        The text is no day.
    """
    if isinstance(day, dt.datetime):
        return day.date()
    if not isinstance(day, str):
        return day
    try:
        return dt.datetime.strptime(day, "%Y-%m-%d").date()
    except ValueError:
        raise UsageError("{text} is not a day. Write it as 2026-11-16.", text=repr(day)) from None


def _day(given: Any) -> dt.date | None:
    return as_day(_of_type((str, dt.date), given))


def _text(given: Any) -> Any:
    return _of_type(str, given)


def _number(given: Any) -> Any:
    return _of_type(int, given)


def _several(given: Any) -> list[str]:
    """Return texts from one text or a list of them."""
    listed = [given] if isinstance(given, str) else list(given)
    return [_of_type(str, each) for each in listed]


def _clauses(given: Any) -> tuple[Clause, ...]:
    return tuple(map(parse_clause, _several(given)))


def _of_type(wanted: type | tuple[type, ...], given: Any) -> Any:
    if not isinstance(given, wanted):
        raise TypeError(f"{given!r} cannot be the value of a filter.")
    return given


DAY: Final = Kind("day", _day, lambda day: [day.isoformat()])
TEXT: Final = Kind("text", _text, lambda text: [text])
ADDRESS: Final = replace(TEXT, name="address")
CHOICE: Final = replace(TEXT, name="choice")
ZONE: Final = replace(TEXT, name="zone")
TEXTS: Final = Kind("texts", lambda given: tuple(_several(given)), list, repeats=True)
DOMAINS: Final = replace(TEXTS, name="domains")
TENANTS: Final = replace(TEXTS, name="tenants")
NUMBER: Final = Kind("number", _number, lambda number: [str(number)])
CLAUSES: Final = Kind("clauses", _clauses, lambda all_: list(map(str, all_)), repeats=True)
GROUPS: Final = Kind(
    "groups", lambda given: parse_groups(_text(given)), lambda g: [write_groups(g)]
)


@dataclass(frozen=True)
class FilterField:
    """All that there is to know of one filter."""

    kind: Kind
    about: About
    help: str
    """What the help of its option says."""
    parameter: str = ""
    """What `sk.filters` and the command line call it; empty: as the field."""
    said: str = ""
    """Key of the words that say it narrows the figures; it has one value in braces. Empty: the
    days and the source, which are said of every figure."""
    chip: str | None = None
    """Key of the words on its chip; empty: the value alone, None: as it is said."""
    unit: str = ""
    """Key of the words for a number of it, with `n`."""
    label: str = ""
    """Key of the words beside its control in the filter panel; empty: the panel has none."""
    choices: tuple[str, ...] = ()
    """What its control offers; each in words of its own."""
    unchosen: str = ""
    """Key of the words for none of these."""
    of_messages: str = ""
    """Condition on a row of messages, or of counts of them, in SQL that DuckDB and Spark share;
    its value is the parameter of the field's name. Empty: what it asks is settled elsewhere."""
    of_sign_ins: str = ""
    """The same on a sign-in; empty: it says nothing of sign-ins."""
    told_by: Literal["domain", "sender", "message"] = "domain"
    """The coarsest rows that have its columns: counts of a domain, of a sender, or messages."""
    name: str = ""
    """Of the field in `Filters`."""
    default: Any = None
    """Asks for nothing."""

    @property
    def option(self) -> str:
        """Its option on the command line."""
        return f"--{self.parameter.replace('_', '-')}"


def entry(kind: Kind, about: About, help: str, **more: Any) -> dict[str, FilterField]:
    """Return the entry of a field of `Filters`, as what stands beside the field."""
    return {"entry": FilterField(kind, about, help, **more)}
