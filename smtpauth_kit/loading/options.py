"""What a person says of the files to load, where the files cannot tell it themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from smtpauth_kit.base.errors import KitError, UsageError
from smtpauth_kit.base.filter_fields import as_day
from smtpauth_kit.formats import FORMATS

Period = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class ColumnsSaid:
    """What a person said of a header: its format, and which field is in which column."""

    format: str
    columns: Mapping[str, str]
    """Field to column name."""
    made_on: dt.date | None = None
    """The day they said it; None: in this load."""


@dataclass(frozen=True)
class Options:
    """What the user says about the files, where they cannot tell themselves."""

    period: Period | None = None
    format: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    """Field to column name: `--map FIELD=COLUMN`."""
    date_order: str | None = None
    tenant: str = ""
    source_timezone: str = ""
    """Time zone of times for which neither value nor header says it for certain."""
    remembered: Mapping[str, ColumnsSaid] = field(default_factory=dict)
    """What was said of headers before, by `formats.header_key`."""


def checked_period(period: tuple[dt.date | str, dt.date | str] | str | None) -> Period | None:
    """Return the first and last day that a person gave, as dates; None: they gave none.

    A text is as for the command line: `2026-11-16:2026-11-22`.

    Raises
    ------
    UsageError
        It is none, ends before it starts, or lies outside the years 2000 to 2099.
    """
    if period is None:
        return None
    if isinstance(period, str):
        first, colon, last = period.partition(":")
        if not colon:
            raise UsageError(
                "{text} is not a period. Write it as 2026-11-16:2026-11-22.", text=repr(period)
            )
        period = first.strip(), last.strip()
    start, end = (as_day(day) for day in period)
    assert start is not None and end is not None
    if start > end:
        raise UsageError(
            "The period starts on {start} and ends on {end}, before it starts. "
            "Give the first day first, both days included.",
            start=start,
            end=end,
        )
    if not start.year >= 2000 or end.year >= 2100:
        raise UsageError(
            "The period {start} to {end} is not within the years 2000 to 2099.",
            start=start,
            end=end,
        )
    return start, end


def check_date_order(order: str | None) -> None:
    """Raise UsageError when `order` is none of the orders a date can be written in."""
    if order not in (None, "dmy", "mdy", "ymd"):
        raise UsageError(
            "There is no date order {order}. The orders are dmy, mdy and ymd.", order=repr(order)
        )


def check_format(name: str | None) -> None:
    """Raise UsageError when no format has this name."""
    names = [fmt.name for fmt in FORMATS]
    if name is not None and name not in names:
        raise UsageError(
            "There is no format {format}. The formats are: {formats}.",
            format=repr(name),
            formats=names,
        )


def check_jobs(jobs: int | None) -> None:
    """Raise KitError when so many processes cannot read files: at least one does."""
    if jobs is not None and jobs < 1:
        raise KitError(
            "Files cannot be read by {n} processes. Give 1, or how many are to read side by side.",
            n=str(jobs),
        )
