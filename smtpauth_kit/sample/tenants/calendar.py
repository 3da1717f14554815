"""The days of a made-up tenant: working days and holidays, outages, shutdowns, ends of months."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pytz

from smtpauth_kit.sample.tenants.shape import Bools, Dice, Floats, Ints, TenantShape, chosen

ZONES: Final = {
    "NL": "Europe/Amsterdam",
    "DE": "Europe/Berlin",
    "US": "America/New_York",
    "SG": "Asia/Singapore",
}
"""Countries in which the tenant has sites."""
HOMES: Final = tuple(ZONES)


@dataclass(frozen=True)
class Calendar:
    """What each day is; days are numbered from 0, countries as in HOMES."""

    days: int
    weekday: Ints
    """0 is Monday."""
    month: Ints
    working: Bools
    """By country and day: neither weekend nor holiday."""
    load: Floats
    """What everyone's mail is multiplied with: below 1 in an outage or shutdown."""
    all_week_load: Floats
    """The same for what runs all week, which a shutdown hardly touches."""
    catch_up: Floats
    """What queues deliver on the day after an outage, as a multiple of a day; 1 on others."""
    offset: Ints
    """Seconds that local time is ahead of UTC, by country and day."""
    last_working: Ints
    """The last working day of each month whose end is inside."""
    first_working: Ints

    @property
    def plain(self) -> Bools:
        """Working days everywhere on which nothing special happened, away from ends of months."""
        turns = np.zeros(self.days, dtype=bool)
        for turn in (*self.last_working, *self.first_working):
            turns[max(turn - 2, 0) : turn + 3] = True
        usual = (self.load == 1) & (self.catch_up == 1)
        found: Bools = self.working.all(axis=0) & usual & ~turns
        return found


def make_calendar(shape: TenantShape) -> Calendar:
    """Return the days of a tenant; all parts of a large tenant share them.

    Examples
    --------
    >>> calendar = make_calendar(TenantShape(days=60))
    >>> int(calendar.weekday[-1]), calendar.last_working.size  # a Sunday; September and October
    (6, 2)
    """
    dice = replace(shape, part=0).dice("calendar")
    dates = [shape.first_day + dt.timedelta(days=n) for n in range(shape.days)]
    weekday = np.array([day.weekday() for day in dates])
    working = np.tile(weekday < 5, (len(HOMES), 1)) & ~_holidays(dice, weekday)
    load, catch_up = _outages(dice, working)
    shut = _shutdown(dice, working[0]) if dice.random() < 0.6 else np.zeros(shape.days, dtype=bool)
    months = np.array([day.year * 12 + day.month for day in dates])
    last, first = _turns(months, working[0])
    return Calendar(
        days=shape.days,
        weekday=weekday,
        month=months,
        working=working,
        load=np.where(shut, 0.15, load),
        all_week_load=load,
        catch_up=catch_up,
        offset=np.array([[_offset(zone, day) for day in dates] for zone in ZONES.values()]),
        last_working=last,
        first_working=first,
    )


def _holidays(dice: Dice, weekday: Ints) -> Bools:
    """About one holiday in forty days; the first two countries share theirs."""
    off = np.zeros((len(HOMES), weekday.size), dtype=bool)
    among = np.flatnonzero(weekday < 5)
    for country in range(1, len(HOMES)):
        off[country, chosen(dice, among, max(1, weekday.size // 40))] = True
    off[0] = off[1]
    return off


def _outages(dice: Dice, working: Bools) -> tuple[Floats, Floats]:
    """Return an outage in some sixty days: its mail is short, the next working day's long."""
    load, catch_up = np.ones(working.shape[1]), np.ones(working.shape[1])
    among = np.flatnonzero(working.all(axis=0))[5:-5]
    for day in chosen(dice, among, max(1, working.shape[1] // 60)):
        load[day] = dice.uniform(0.05, 0.45)
        after = among[among > day]
        if after.size:
            catch_up[after[0]] = 1 + (1 - load[day]) * dice.uniform(0.6, 0.9)
    return load, catch_up


def _shutdown(dice: Dice, working: Bools) -> Bools:
    """Return the five working days of a week in which next to nobody works."""
    shut = np.zeros(working.size, dtype=bool)
    weeks = np.arange(3, working.size // 7 - 2)
    for week in chosen(dice, weeks):
        shut[week * 7 : week * 7 + 7] = True
    return shut & working


def _offset(zone: str, day: dt.date) -> int:
    noon = dt.datetime(day.year, day.month, day.day, 12)
    ahead = pytz.timezone(zone).utcoffset(noon)
    return int(ahead.total_seconds()) if ahead else 0


def _turns(months: Ints, working: Bools) -> tuple[Ints, Ints]:
    """Return the last and the first working days of the months that turn inside the days."""
    last, first = [], []
    for turn in np.flatnonzero(np.diff(months)) + 1:
        last += list(np.flatnonzero(working[:turn])[-1:])
        first += list(np.flatnonzero(working[turn:])[:1] + turn)
    return np.array(last, dtype=np.int64), np.array(first, dtype=np.int64)
