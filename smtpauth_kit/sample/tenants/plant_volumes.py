"""Planted events that are a matter of how much is sent, and when at all."""

from __future__ import annotations

from typing import Final

import numpy as np

from smtpauth_kit.sample.tenants.draft import Draft
from smtpauth_kit.sample.tenants.shape import (
    APPLICATION,
    APPLICATION_ALL_WEEK,
    BROADCASTER,
    DAY,
    DEVICE,
    DEVICE_ALL_WEEK,
    JOB,
    PERSON,
    ROAMING,
    SELDOM,
    Bools,
    Dice,
    Ints,
    Strength,
)

_SPIKE: Final = {"weak": (2.6, 25), "medium": (5, 60), "strong": (15, 150)}
"""Times the most that the sender ever sent on a day, and at least so many."""
_MOST: Final = 6_000
_RAMP: Final = {"weak": 3.0, "medium": 5.0, "strong": 8.0}
_PAUSE: Final = {"weak": (40, 3), "medium": (52, 12), "strong": (70, 40)}
"""Days without a message before a sender wakes, and its messages on that day."""
_SILENCE: Final = {"weak": 8, "medium": 14, "strong": 28}
"""Working days missed by a sender that misses hardly one."""
_ISSUES: Final = {"weak": 3, "medium": 4, "strong": 5}
"""Issues of a weekly newsletter that do not come."""
_START: Final = {"weak": 2, "medium": 12, "strong": 45}


def volume_spike(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """On one day far more than ever before."""
    order = (DEVICE, APPLICATION, PERSON, DEVICE_ALL_WEEK, APPLICATION_ALL_WEEK, JOB, ROAMING,
             BROADCASTER, SELDOM)  # fmt: skip
    lists = draft.habits.list_size > 0
    enough = (draft.counts > 0).sum(axis=1) >= 4
    sender = draft.pick(dice, enough & ~lists, in_turn(order, turn))
    times, least = _SPIKE[strength]
    record = int(draft.counts[sender].max())
    much = min(max(least, int(record * times * dice.uniform(1.0, 1.25)) + 1), _MOST)
    # A job with much more to send than ever runs longer than ever, too.
    planned = draft.people.kind[sender] in (JOB, BROADCASTER)
    rules = ("near_limits", "unusual_hours") if planned else ("near_limits",)
    number = draft.plan("volume_spike", strength, sender, rules=rules)
    _set(draft, sender, draft.day(dice), much, number)


def slow_ramp(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Week by week somewhat more, up to a multiple of what was usual, until the last day."""
    kinds = in_turn((DEVICE, APPLICATION, APPLICATION_ALL_WEEK, PERSON, DEVICE_ALL_WEEK), turn)
    sender = draft.pick(dice, (draft.busy >= 1.5) & (draft.busy < 120), kinds)
    weeks = int(dice.integers(5, 8))
    days = np.arange(draft.calendar.days)
    start = draft.calendar.days - 7 * weeks
    progress = np.clip((days - start) / (7 * weeks - 7), 0, 1)
    growth = 1 + (_RAMP[strength] - 1) * progress
    rising = (days >= start) & (draft.counts[sender] > 0)
    number = draft.plan("slow_ramp", strength, sender, rules=("volume_spike",))
    more = dice.poisson(draft.counts[sender] * (growth - 1))
    draft.counts[sender, rising] += more[rising]
    for day in np.flatnonzero(rising):
        draft.marked[sender, int(day)] = number


def dormant_sender(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """After weeks without a message it sends again; half of them for good."""
    kinds = in_turn((DEVICE, PERSON, APPLICATION, DEVICE_ALL_WEEK, ROAMING), turn)
    sender = draft.pick(dice, _steady(draft, 0.5), kinds)
    pause, much = _PAUSE[strength]
    wakes = draft.day(dice, pause + 20)
    draft.counts[sender, wakes - pause : wakes] = 0
    if dice.random() < 0.5:
        draft.counts[sender, wakes + 1 :] = 0
        _excuse_silence(draft, sender, wakes + 1, draft.calendar.days - 1)
    rules = ("volume_spike",)
    number = draft.plan("dormant_sender", strength, sender, rules=rules)
    _set(draft, sender, wakes, max(much, 1), number)
    _excuse_silence(draft, sender, wakes - pause, wakes - 1)


def silent_sender(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Plant a silence at one that misses hardly a day; half of them come back before the end."""
    order = (DEVICE, APPLICATION, DEVICE_ALL_WEEK, APPLICATION_ALL_WEEK, BROADCASTER)
    kinds = in_turn(order, turn)
    weekly = (draft.people.kind == BROADCASTER) & _every_week(draft)
    sender = draft.pick(dice, _steady(draft, 0.9) | weekly, kinds)
    working = np.flatnonzero(draft.calendar.plain | (draft.calendar.weekday < 5))
    if draft.people.kind[sender] == BROADCASTER:
        missed, among = _ISSUES[strength], draft.days_of(sender)
    else:
        missed, among = _SILENCE[strength], working
    # Its first missed day: so late that the silence reaches the end, or earlier.
    latest = among.size - missed
    place = latest if turn % 2 or strength == "strong" else int(dice.integers(latest // 2, latest))
    first = int(among[place])
    last = int(among[place + missed - 1]) if place < latest else draft.calendar.days - 1
    draft.counts[sender, first : last + 1] = 0
    span = (first * DAY, (last + 1) * DAY - 1)
    draft.plan("silent_sender", strength, sender, rules=("dormant_sender",), span=span)


def new_sender(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Plant an address that was never seen before."""
    kinds = in_turn((DEVICE, APPLICATION, PERSON, ROAMING, DEVICE_ALL_WEEK), turn)
    sender = draft.pick(dice, _steady(draft, 0.4), kinds)
    day = draft.day(dice, 25)
    draft.counts[sender, :day] = 0
    number = draft.plan("new_sender", strength, sender, rules=("volume_spike",))
    _set(draft, sender, day, _START[strength], number)


def retirements(draft: Draft) -> None:
    """Who is retired falls silent: true when told, and nothing that must be."""
    days = draft.calendar.days
    for sender in np.flatnonzero(draft.people.last_day < days - 1):
        sent = draft.days_of(int(sender))
        if sent.size:
            _excuse_silence(draft, int(sender), int(sent[-1]) + 1, days - 1)


def _excuse_silence(draft: Draft, sender: int, first: int, last: int) -> None:
    if last < first:
        return
    span = (first * DAY, (last + 1) * DAY - 1)
    draft.plan("silent_sender", "excused", sender, span=span, demanded=False)


def _set(draft: Draft, sender: int, day: int, count: int, number: int) -> None:
    draft.counts[sender, day] = count
    draft.marked[sender, day] = number


def _steady(draft: Draft, share: float) -> Bools:
    """Tell who sends on so much of the working days, and on no other kind of plan."""
    working = draft.calendar.plain
    on: Bools = (draft.counts[:, working] > 0).mean(axis=1) >= share
    planned: Bools = np.isin(draft.people.kind, (BROADCASTER, JOB))
    return on & ~planned


def _every_week(draft: Draft) -> Bools:
    weeks = draft.calendar.days // 7
    days: Ints = (draft.counts > 0).sum(axis=1)
    found: Bools = days >= 0.9 * weeks
    return found


def in_turn(order: tuple[int, ...], turn: int) -> tuple[int, ...]:
    """Return kinds beginning with the `turn`-th: events go round all kinds of senders."""
    start = turn % len(order)
    return (*order[start:], *order[:start])
