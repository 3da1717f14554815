"""How Exchange Online is asked for the requested report: searches that stay below its row limit.

Its limits are documented for historical searches; that they hold for this report is inferred.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAX_ROWS: Final = 100_000
"""Rows of one CSV: a search that finds more is cut there."""
ROOM: Final = 0.8
"""A search is planned for this share of them: no day is like another."""
MAX_DAYS: Final = 90
"""How far back a search can look."""
MAX_SEARCHES: Final = 250
"""How many a tenant may start in a day."""
DAYS_UNKNOWN: Final = 7
"""Days of a search where nothing tells how many messages there are."""
_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class Search:
    """One historical search, from an instant up to another (UTC), which is not included."""

    start: dt.datetime
    end: dt.datetime

    def command(self, notify: str) -> str:
        """Return the line of PowerShell that starts it.

        Examples
        --------
        >>> day = dt.datetime(2026, 11, 16)
        >>> print(Search(day, day + dt.timedelta(days=7)).command("you@contoso.com"))
        Start-HistoricalSearch -ReportType SmtpCSReport -ReportTitle
        "SMTP AUTH 2026-11-16 to 2026-11-23" -StartDate "2026-11-16" -EndDate "2026-11-23"
        -NotifyAddress "you@contoso.com"
        """
        start, end = _text(self.start), _text(self.end)
        return (
            f'Start-HistoricalSearch -ReportType SmtpCSReport -ReportTitle "SMTP AUTH {start} to '
            f'{end}" -StartDate "{start}" -EndDate "{end}" -NotifyAddress "{notify}"'
        )


def _text(at: dt.datetime) -> str:
    return at.date().isoformat() if at.hour == 0 else at.isoformat(" ", "minutes")


def searches(days: int, today: dt.date, messages_per_day: float | None) -> list[Search]:
    """Return searches for the last whole days, up to yesterday, the oldest first.

    Parameters
    ----------
    days
        How many days back, 1 to 90; of the 90th a part is already too old, so 89 are whole.
    today
        The UTC day it is.
    messages_per_day
        How many messages a busy day has; None where nobody knows.

    Examples
    --------
    >>> [len(searches(90, dt.date(2026, 11, 23), n)) for n in (None, 300, 40_000, 400_000)]
    [13, 1, 45, 534]
    """
    end = dt.datetime(today.year, today.month, today.day)
    return list(_pieces(end - min(days, MAX_DAYS - 1) * _DAY, end, _length(messages_per_day)))


def _length(messages_per_day: float | None) -> dt.timedelta:
    """Return how long a search may be: whole days, or hours that divide a day."""
    if messages_per_day is None:
        return DAYS_UNKNOWN * _DAY
    whole = int(ROOM * MAX_ROWS / max(messages_per_day, 1))
    if whole:
        return min(whole, MAX_DAYS) * _DAY
    fits = ROOM * MAX_ROWS * 24 / messages_per_day
    return dt.timedelta(hours=next((h for h in (12, 8, 6, 4, 3, 2) if h <= fits), 1))


def _pieces(start: dt.datetime, end: dt.datetime, length: dt.timedelta) -> Iterator[Search]:
    while start < end:
        yield Search(start, min(start + length, end))
        start += length
