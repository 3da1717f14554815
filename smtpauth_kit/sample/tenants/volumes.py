"""How many messages each sender hands in on each day: its habits, and what disturbs them."""

from __future__ import annotations

import numpy as np

from smtpauth_kit.sample.tenants.calendar import Calendar
from smtpauth_kit.sample.tenants.population import Population
from smtpauth_kit.sample.tenants.shape import (
    APPLICATION,
    BROADCASTER,
    DEVICE,
    JOB,
    PERSON,
    ROAMING,
    SELDOM,
    Bools,
    Dice,
    Floats,
    Ints,
    TenantShape,
    chosen,
)

_MEMORY = 0.4
"""How much of a day's mood is the day before's."""


def make_counts(shape: TenantShape, people: Population, calendar: Calendar) -> Ints:
    """Return messages by sender and local day."""
    dice = shape.dice("volumes")
    expected = people.rate[:, None] * _week(dice, people, calendar) * _loads(people, calendar)
    expected *= _mood(dice, people, calendar.days) * _trends(dice, people, calendar)
    expected *= _surges(dice, people, calendar) * _sites(dice, people, calendar)
    there = _there(dice, people, calendar)
    counts: Ints = np.where(there, dice.poisson(expected), 0)
    _jobs(dice, people, calendar, counts)
    _broadcasts(dice, people, calendar, counts)
    _seldom(dice, people, calendar, counts)
    return counts


def _week(dice: Dice, people: Population, calendar: Calendar) -> Floats:
    """Each sender's own week: weekends and holidays are quiet, but for those that never rest."""
    n = people.kind.size
    profile = np.clip(dice.normal(1, 0.12, (n, 7)), 0.6, 1.5)
    profile[:, 5:] *= np.where(people.all_week, dice.uniform(0.7, 1.05, n), 0.0)[:, None]
    sometimes = np.isin(people.kind, (PERSON, ROAMING)) & (dice.random(n) < 0.1)
    profile[sometimes, 5:] = 0.05
    other_day = (people.weekly >= 0)[:, None] & (np.arange(7) != people.weekly[:, None])
    profile[other_day] = 0
    weekly: Floats = profile[:, calendar.weekday]
    holiday = ~calendar.working[people.home] & (calendar.weekday < 5)
    weekly *= np.where(holiday, np.where(people.all_week, 0.95, 0.03)[:, None], 1.0)
    return weekly


def _loads(people: Population, calendar: Calendar) -> Floats:
    load = np.where(people.all_week[:, None], calendar.all_week_load, calendar.load)
    queued = np.where(np.isin(people.kind, (PERSON, ROAMING)), 0.3, 1.0)[:, None]
    found: Floats = load * (1 + queued * (calendar.catch_up - 1))
    return found


def _mood(dice: Dice, people: Population, days: int) -> Floats:
    """Days differ, and a busy day is often followed by another."""
    fresh = dice.normal(0, 1, (people.kind.size, days))
    mood = fresh.copy()
    for day in range(1, days):
        mood[:, day] = _MEMORY * mood[:, day - 1] + np.sqrt(1 - _MEMORY**2) * fresh[:, day]
    # No day of everyday life is so far out that an analyst would call it an event.
    found: Floats = np.exp(people.day_spread[:, None] * np.clip(mood, -3, 2.5))
    return found


def _trends(dice: Dice, people: Population, calendar: Calendar) -> Floats:
    """Let some grow or shrink by a third over the time, and a few take a step and stay."""
    n, days = people.kind.size, calendar.days
    slope = np.where(dice.random(n) < 0.15, dice.uniform(-0.3, 0.35, n), 0)
    trend: Floats = 1 + slope[:, None] * np.linspace(0, 1, days)
    for sender in chosen(dice, np.flatnonzero(people.kind == APPLICATION), n // 100):
        trend[sender, int(dice.integers(20, days - 10)) :] *= dice.uniform(1.3, 1.5)
    return trend


def _surges(dice: Dice, people: Population, calendar: Calendar) -> Floats:
    """Give applications, and a few devices, more to send where months turn."""
    surge = np.ones((people.kind.size, calendar.days))
    likely = np.where(people.kind == APPLICATION, 0.25, np.where(people.kind == DEVICE, 0.03, 0))
    # Whose surge can be seen once only is left out: that would be an event.
    likely *= people.throughout & (people.weekly < 0)
    for sender in np.flatnonzero(dice.random(people.kind.size) < likely):
        much = dice.uniform(1.8, 3.5)
        for day in (*calendar.last_working, *calendar.first_working):
            surge[sender, day] = much * dice.uniform(0.9, 1.1)
    return surge


def _sites(dice: Dice, people: Population, calendar: Calendar) -> Floats:
    """Let a site or two have a week with half its people away."""
    week: Floats = np.ones((people.kind.size, calendar.days))
    for site in chosen(dice, np.arange(people.sites), max(1, people.sites // 12)):
        start = 7 * int(dice.integers(3, calendar.days // 7 - 2))
        week[people.site == site, start : start + 7] = 0.5
    return week


def _there(dice: Dice, people: Population, calendar: Calendar) -> Bools:
    """Who is there at all: from its first day to its last, not in a holiday or in repair."""
    days = np.arange(calendar.days)
    there: Bools = dice.random((people.kind.size, days.size)) < people.presence[:, None]
    there &= (days >= people.first_day[:, None]) & (days <= people.last_day[:, None])
    for sender in np.flatnonzero(np.isin(people.kind, (PERSON, ROAMING))):
        # One in two months at most, so that two never make a long one together.
        for start in range(int(dice.integers(-30, 30)), days.size, 60):
            if dice.random() < 0.5:
                length = int(dice.choice((7, 7, 14, 14, 21)))
                there[sender, max(start, 0) : max(start + length, 0)] = False
    for sender in np.flatnonzero((people.kind == DEVICE) & (dice.random(people.kind.size) < 0.15)):
        start = int(dice.integers(0, days.size))
        there[sender, start : start + int(dice.integers(1, 4))] = False
    return there


def _jobs(dice: Dice, people: Population, calendar: Calendar, counts: Ints) -> None:
    """Let a job run where months turn, and one in five only where quarters do."""
    for sender in np.flatnonzero(people.kind == JOB):
        turns = calendar.last_working if dice.random() < 0.6 else calendar.first_working
        quarterly = dice.random() < 0.2
        counts[sender] = 0
        lengths = 2 if dice.random() < 0.25 else 1
        for turn in turns:
            month = calendar.month[min(turn + 5, calendar.days - 1)]
            if quarterly and month % 3 != 1:
                continue
            for day in range(int(turn), min(int(turn) + lengths, calendar.days)):
                much = people.rate[sender] * np.exp(dice.normal(0, people.day_spread[sender]))
                counts[sender, day] = dice.poisson(much)


def _broadcasts(dice: Dice, people: Population, calendar: Calendar, counts: Ints) -> None:
    """Give a broadcaster its day every week or every other, or announced campaigns."""
    for sender in np.flatnonzero(people.kind == BROADCASTER):
        counts[sender] = 0
        if dice.random() < 0.3:
            open_days = np.flatnonzero(calendar.working[0] & (calendar.load == 1))
            on = np.array(chosen(dice, open_days, max(3, calendar.days // 25)))
        else:
            start = int(dice.integers(0, 5)) + (7 if dice.random() < 0.5 else 0)
            same = np.flatnonzero(calendar.weekday == start % 7)
            on = same[:: 2 if start >= 7 else 1]
            on = on[calendar.working[0, on]]
        spread = np.exp(dice.normal(0, people.day_spread[sender], on.size))
        counts[sender, on] = dice.poisson(people.rate[sender] * spread)


def _seldom(dice: Dice, people: Population, calendar: Calendar, counts: Ints) -> None:
    """Give a seldom sender at least five days of its own."""
    for sender in np.flatnonzero(people.kind == SELDOM):
        for day in chosen(dice, np.flatnonzero(calendar.plain), 5):
            counts[sender, day] = max(1, dice.poisson(people.rate[sender]))
