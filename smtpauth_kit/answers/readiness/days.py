"""Calendars: which days a source covers, and on which day a job of a rhythm is due next."""

from __future__ import annotations

import calendar
import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

DAY: Final = dt.timedelta(days=1)
EPOCH: Final = dt.date(1970, 1, 1)
_FRIDAY: Final = 4


@lru_cache(maxsize=5_000)
def as_date(day_number: int) -> dt.date:
    """Return the day that is so many days after 1 January 1970.

    >>> as_date(20780)
    datetime.date(2026, 11, 23)
    """
    return EPOCH + day_number * DAY


def is_working_day(day: dt.date) -> bool:
    """Tell whether a day is one from Monday to Friday; holidays are not known."""
    return day.weekday() <= _FRIDAY


@dataclass(frozen=True)
class Covered:
    """The days that files of a source say something about.

    Examples
    --------
    >>> friday = dt.date(2026, 11, 20)
    >>> covered = Covered.of([friday + n * DAY for n in range(4)])
    >>> covered.working_days(friday, friday + 3 * DAY), covered.other_days(friday, friday + 9 * DAY)
    (2, 2)
    """

    _working: tuple[dt.date, ...]
    _others: tuple[dt.date, ...]

    @classmethod
    def of(cls, days: Iterable[dt.date]) -> Covered:
        """Return the days in order, each once."""
        ordered = sorted(set(days))
        return cls(
            tuple(filter(is_working_day, ordered)),
            tuple(day for day in ordered if not is_working_day(day)),
        )

    def working_days(self, start: dt.date, end: dt.date) -> int:
        """Return how many covered days from Monday to Friday lie in a range, both ends included."""
        return _between(self._working, start, end)

    def other_days(self, start: dt.date, end: dt.date) -> int:
        """Return how many covered Saturdays and Sundays lie in a range, both ends included."""
        return _between(self._others, start, end)

    def days(self, start: dt.date, end: dt.date) -> int:
        """Return how many covered days lie in a range, both ends included."""
        return self.working_days(start, end) + self.other_days(start, end)

    @property
    def last(self) -> dt.date | None:
        """The last covered day."""
        ends = [days[-1] for days in (self._working, self._others) if days]
        return max(ends, default=None)


def _between(days: Sequence[dt.date], start: dt.date, end: dt.date) -> int:
    return max(0, bisect_right(days, end) - bisect_left(days, start))


# --- days of a month --------------------------------------------------------------------------

_InMonth = Callable[[int, int], dt.date]


def month_day(seen: Sequence[dt.date]) -> _InMonth | None:
    """Return the rule by which days of several months are one day of each; None: there is none.

    Tried in this order: the last day, the same number, the last and the first working day, the same
    weekday of the same week of the month (the second Tuesday).

    Examples
    --------
    >>> rule = month_day([dt.date(2026, 8, 31), dt.date(2026, 9, 30), dt.date(2026, 10, 30)])
    >>> rule(2026, 11), rule(2027, 1)
    (datetime.date(2026, 11, 30), datetime.date(2027, 1, 29))
    """
    first = seen[0]
    rules: tuple[_InMonth, ...] = (
        last_day,
        lambda year, month: _numbered_day(year, month, max(day.day for day in seen)),
        last_working_day,
        first_working_day,
        lambda year, month: _weekday_of(year, month, first.weekday(), (first.day - 1) // 7),
    )
    return next((rule for rule in rules if all(rule(d.year, d.month) == d for d in seen)), None)


def next_in_month(
    rule: Callable[[int, int], dt.date], after: dt.date, months: int, last: dt.date
) -> dt.date:
    """Return the first day of a rule after `after`, in steps of months from that of `last`."""
    year, month = last.year, last.month
    while True:
        year, month = year + (month + months - 1) // 12, (month + months - 1) % 12 + 1
        if (day := rule(year, month)) > after:
            return day


def last_day(year: int, month: int) -> dt.date:
    """Return the last day of a month."""
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def last_working_day(year: int, month: int) -> dt.date:
    """Return the last day of a month that is no Saturday or Sunday."""
    day = last_day(year, month)
    while not is_working_day(day):
        day -= DAY
    return day


def first_working_day(year: int, month: int) -> dt.date:
    """Return the first day of a month that is no Saturday or Sunday."""
    day = dt.date(year, month, 1)
    while not is_working_day(day):
        day += DAY
    return day


def _numbered_day(year: int, month: int, number: int) -> dt.date:
    return dt.date(year, month, min(number, calendar.monthrange(year, month)[1]))


def _weekday_of(year: int, month: int, weekday: int, week: int) -> dt.date:
    first = dt.date(year, month, 1)
    day = first + ((weekday - first.weekday()) % 7 + 7 * week) * DAY
    return day if day.month == month else day - 7 * DAY
