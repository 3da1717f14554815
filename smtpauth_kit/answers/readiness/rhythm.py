"""How a sender's days repeat: its rhythm, the day it is due next, and how long a quiet means much.

The figures come from SQL (`figures.sql`); here is only what they are called.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any, Final, Literal

from smtpauth_kit.answers.readiness.days import (
    DAY,
    Covered,
    as_date,
    is_working_day,
    month_day,
    next_in_month,
)

Name = Literal["daily", "weekdays", "weekly", "monthly", "quarterly", "irregular", "once"]
RHYTHMS: Final = ("daily", "weekdays", "weekly", "monthly", "quarterly", "irregular", "once")

MOST_DAYS: Final = 0.6
"""Of the days loaded between its first and last: a device that sends one message a day by chance is
active on 63 % of them."""
FEW_WEEKENDS: Final = 0.4
"""Below this share of the weekend days, a sender of most working days is one of weekdays."""
HABIT_DAYS: Final = 5
"""So many active days are a habit, whatever is loaded; fewer only where they fill the range."""
MOSTLY: Final = 0.75
"""Share of the pauses that must be of one length: one job in four may be late, or missed."""
WEEK: Final = (6, 8)
MONTH: Final = (26, 36)
"""Days from one month's last, first or same day to the next one's, with weekends in between."""
QUARTER: Final = (84, 99)
RUN_OF_A_WEEK: Final = 2
"""Days of a week on which a weekly job runs, on average at most: it may go on on the next day."""
RUN_DAYS: Final = 5
"""Days of a monthly or quarterly job no further apart are one event: a weekend lies between."""
GONE_DAYS: Final = 30
"""A sender that was quiet for no longer is expected, whatever its cycle."""
UNKNOWN_CYCLE: Final = 92
"""Days of the cycle of what was seen once: it may be a quarterly job."""


@dataclass(frozen=True)
class Habit:
    """A sender's days, counted: what `figures.sql` tells of one sender."""

    first_day: dt.date
    last_day: dt.date
    active_days: int
    weekdays_active: int
    """Of them, those from Monday to Friday."""
    starts: Sequence[dt.date]
    """Days that are more than two days after the one before: a run of days is one event."""
    usual_pause: int | None
    """Its longest usual pause in days; None: it was active on one day."""

    def runs(self, most: int = 0) -> list[dt.date]:
        """Return the first day of each event, where starts at most so many days apart are one.

        A monthly job that goes on after a weekend is one event.

        >>> friday = dt.date(2026, 10, 30)
        >>> days = (friday, friday + 3 * DAY, friday + 31 * DAY)
        >>> Habit(friday, days[-1], 3, 3, days, 31).runs(RUN_DAYS) == [days[0], days[2]]
        True
        """
        if not most:
            return [*self.starts]
        later = (b for a, b in pairwise(self.starts) if (b - a).days > most)
        return [*self.starts[:1], *later]


def rhythm_of(habit: Habit, covered: Covered, range_days: int) -> Name:
    """Return how a sender's days repeat.

    Parameters
    ----------
    covered
        The days that its source covers: a day that nobody loaded is no pause.
    range_days
        How many days the range has that are covered.

    Examples
    --------
    >>> monday = dt.date(2026, 11, 2)
    >>> days = Covered.of(monday + n * DAY for n in range(21))
    >>> mondays = [monday, monday + 7 * DAY, monday + 14 * DAY]
    >>> rhythm_of(Habit(monday, mondays[-1], 3, 3, mondays, 7), days, 21)
    'weekly'
    """
    if habit.active_days == 1:
        return "once"
    if name := _of_most_days(habit, covered, range_days):
        return name
    pauses = _pauses(habit.runs())
    # Two days a week apart are a week only where not much more is loaded. Of who sends on most days
    # of a week every week begins a run, too: a long pause makes no weekly job of it.
    is_seldom = habit.active_days <= RUN_OF_A_WEEK * len(habit.runs())
    is_known = len(pauses) > 1 or range_days <= 3 * WEEK[1]
    if is_seldom and is_known and _repeats("weekly", pauses, WEEK):
        return "weekly"
    if max(pauses, default=0) < MONTH[0]:
        return "irregular"
    pauses = _pauses(habit.runs(RUN_DAYS))
    if _repeats("monthly", pauses, MONTH):
        return "monthly"
    return "quarterly" if _repeats("quarterly", pauses, QUARTER) else "irregular"


def _pauses(runs: Sequence[dt.date]) -> list[int]:
    return [(b - a).days for a, b in pairwise(runs)]


def _repeats(name: Name, pauses: Sequence[int], length: tuple[int, int]) -> bool:
    """Tell whether most pauses, and the middle one, are of a length."""
    low, high = length
    if not pauses or not low <= median(pauses) <= high:
        return False
    return sum(_is_alike(name, pause, low, high) for pause in pauses) >= MOSTLY * len(pauses)


def _is_alike(name: Name, pause: int, low: int, high: int) -> bool:
    # What is due on Mondays and has nothing to say on some is one of Mondays all the same.
    return low <= pause <= high or (name == "weekly" and (pause + 1) % 7 <= 2)


def _of_most_days(habit: Habit, covered: Covered, range_days: int) -> Name | None:
    """Return "daily" or "weekdays" of who sends on most days between its first and its last."""
    if habit.active_days < 3:
        return None
    ends = habit.first_day, habit.last_day
    working, others = covered.working_days(*ends), covered.other_days(*ends)
    if habit.active_days < HABIT_DAYS and working + others < MOST_DAYS * range_days:
        return None
    on_others = habit.active_days - habit.weekdays_active
    if not working or habit.weekdays_active < MOST_DAYS * working:
        return None
    return "daily" if others and on_others >= FEW_WEEKENDS * others else "weekdays"


def next_expected(
    name: Name | None, habit: Habit, after: dt.date, quiet_days: int
) -> dt.date | None:
    """Return the first day after `after` on which a sender of this rhythm is due.

    None where it has no rhythm, or was quiet for more than 30 days and two of its own cycles, on
    days that its source covers: nothing says that it is still there.

    Examples
    --------
    >>> ends = [dt.date(2026, 8, 31), dt.date(2026, 9, 30), dt.date(2026, 10, 30)]
    >>> payroll = Habit(ends[0], ends[-1], 3, 3, ends, 30)
    >>> next_expected("monthly", payroll, dt.date(2026, 11, 22), 23)
    datetime.date(2026, 11, 30)
    """
    is_gone = quiet_days > max(2 * cycle_of(habit), GONE_DAYS)
    return None if is_gone else due_after(name, habit, after)


def due_after(name: Name | None, habit: Habit, after: dt.date) -> dt.date | None:
    """Return the first due day after `after`, however long it was quiet; None: no rhythm."""
    if name == "daily":
        return after + DAY
    if name == "weekdays":
        day = after + DAY
        while not is_working_day(day):
            day += DAY
        return day
    if name == "weekly":
        # The weekday on which its runs of days usually start.
        starts = [day.weekday() for day in habit.starts]
        usual = max(sorted(set(starts)), key=starts.count)
        return after + ((usual - after.weekday() - 1) % 7 + 1) * DAY
    if name in ("monthly", "quarterly"):
        return _next_of_months(habit, after, 1 if name == "monthly" else 3)
    return None


def _next_of_months(habit: Habit, after: dt.date, months: int) -> dt.date:
    runs = habit.runs(RUN_DAYS)
    last = runs[-1]
    if rule := month_day(runs):
        return next_in_month(rule, after, months, last)
    step = round(median(_pauses(runs)))
    return last + ((after - last).days // step + 1) * step * DAY


def cycle_of(habit: Habit) -> int:
    """Return the days of a sender's own cycle: its longest usual pause; what was seen once has 92.

    Examples
    --------
    >>> day = dt.date(2026, 11, 16)
    >>> cycle_of(Habit(day, day, 1, 1, [day], None))
    92
    """
    return habit.usual_pause if habit.usual_pause is not None else UNKNOWN_CYCLE


def habit_of(told: Mapping[str, Any]) -> Habit | None:
    """Return the habit that a row of `figures.sql` tells; None: its source counts no days."""
    if told["active_days"] is None:
        return None
    return Habit(
        as_date(told["first_day"]),
        as_date(told["last_day"]),
        int(told["active_days"]),
        int(told["weekdays_active"]),
        tuple(map(as_date, told["starts"])),
        None if told["usual_pause"] is None else int(told["usual_pause"]),
    )
