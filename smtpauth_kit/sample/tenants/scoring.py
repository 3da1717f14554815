"""How well findings tell what was planted: recall, precision, false alarms, delay.

It takes rows of the answer `findings` (DESIGN §6) from whatever made them. A finding tells an event
when its rule is one that may, its subject is one of the event's, and its days come within a day of
the event's. An alarm is a finding of high or medium severity. A finding about something that was
not demanded but is true (the silence before a return) is neither true nor false.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from smtpauth_kit.sample.tenants.labels import Event, Labels
from smtpauth_kit.sample.tenants.shape import STRENGTHS

NEAR: Final = dt.timedelta(days=1)
"""So far a finding's days may lie from the event's."""
FIRST_ROWS: Final = 20
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """A finding and what it tells: events, by their place in the labels."""

    row: Row
    events: tuple[int, ...]
    demanded: bool
    """One of them had to be told."""
    beside: str
    """It tells no event by its rule, but has the subject and the days of this one, or of none."""

    @property
    def is_alarm(self) -> bool:
        """Tell whether somebody is asked to act or to look."""
        return self.row["severity"] in ("high", "medium")

    @property
    def is_false(self) -> bool:
        """Tell whether it tells nothing that was planted or is true anyway."""
        return not self.events


@dataclass(frozen=True)
class Recall:
    """How many of the events of one rule and strength were told."""

    rule: str
    strength: str
    planted: int
    told: int
    told_by_own: int
    """By the rule that they were planted for."""


@dataclass(frozen=True)
class Score:
    """What the findings are worth."""

    recalls: tuple[Recall, ...]
    precision: float | None
    """Events told by alarms, over these and the false alarms; None without an alarm."""
    false_alarms: tuple[Told, ...]
    false_per_1000: float
    """False alarms per 1,000 sender-days."""
    false_by_kind: dict[str, tuple[int, float | None]]
    """Kind of sender to its false alarms, and per 1,000 of its sender-days."""
    findings_per_event: float | None
    """Alarms for an event that is told: the median."""
    delay_days: float | None
    """From an event's beginning to the first day of its first finding: the median."""
    first_rows_true: tuple[bool, ...]
    """Of the first rows, whether each is true."""
    missed: tuple[Event, ...]
    by_rule: dict[str, tuple[int, int]]
    """Rule to its true and its false alarms."""

    @property
    def recall(self) -> float | None:
        """The share of all demanded events that was told; None where there were none."""
        planted = sum(one.planted for one in self.recalls)
        return sum(one.told for one in self.recalls) / planted if planted else None


def score(rows: Sequence[Row], labels: Labels) -> Score:
    """Return what findings are worth, in the order in which they are shown.

    Raises
    ------
    KeyError
        A row lacks rule, severity, subject, first_seen or last_seen.
    """
    told = _told(rows, labels.events)
    alarms = [one for one in told if one.is_alarm]
    false = tuple(one for one in alarms if one.is_false)
    found = {n for one in told for n in one.events}
    alarmed = {n for one in alarms for n in one.events if labels.events[n].demanded}
    events = [(n, e) for n, e in enumerate(labels.events) if e.demanded]
    sender_days = len(labels.sender_kinds) * labels.days
    return Score(
        recalls=tuple(_recalls(told, events)),
        precision=len(alarmed) / (len(alarmed) + len(false)) if alarmed or false else None,
        false_alarms=false,
        false_per_1000=1000 * len(false) / sender_days if sender_days else 0.0,
        false_by_kind=_by_kind(false, labels),
        findings_per_event=_median(
            sum(n in one.events for one in alarms) for n, _ in events if n in alarmed
        ),
        delay_days=_median(_delay(event, n, told) for n, event in events if n in found),
        first_rows_true=tuple(not one.is_false for one in told[:FIRST_ROWS]),
        missed=tuple(event for n, event in events if n not in found),
        by_rule=_by_rule(alarms),
    )


def _told(rows: Sequence[Row], events: Sequence[Event]) -> list[Told]:
    about: defaultdict[str, list[int]] = defaultdict(list)
    for number, event in enumerate(events):
        for subject in {s.lower() for s in event.subjects}:
            about[subject].append(number)
    found = []
    for row in rows:
        near = [n for n in about[str(row["subject"]).lower()] if _is_near(row, events[n])]
        right = tuple(n for n in near if row["rule"] in events[n].rules)
        demanded = any(events[n].demanded for n in right)
        beside = events[near[0]].event_id if near and not right else ""
        found.append(Told(row, right, demanded, beside))
    return found


def _is_near(row: Row, event: Event) -> bool:
    first, last = moment(row["first_seen"]), moment(row["last_seen"], end=True)
    return first - NEAR <= event.last_seen and event.first_seen <= last + NEAR


def moment(value: object, *, end: bool = False) -> dt.datetime:
    """Return an instant of a row; a day alone is its first moment, or its last with `end`.

    Examples
    --------
    >>> moment("2026-11-19T23:00:00"), moment("2026-11-19", end=True)
    (datetime.datetime(2026, 11, 19, 23, 0), datetime.datetime(2026, 11, 19, 23, 59, 59, 999999))
    """
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    text = value.isoformat() if isinstance(value, dt.date) else str(value)
    at = dt.datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)
    is_day = len(text) == len("2026-11-19")
    return dt.datetime.combine(at, dt.time.max) if is_day and end else at


def _recalls(told: Sequence[Told], events: Sequence[tuple[int, Event]]) -> Iterable[Recall]:
    found = {n for one in told for n in one.events}
    by_own = {(n, one.row["rule"]) for one in told for n in one.events}
    for rule in sorted({event.rule for _, event in events}):
        for strength in STRENGTHS:
            of = [n for n, e in events if (e.rule, e.strength) == (rule, strength)]
            if of:
                hits = sum((n, rule) in by_own for n in of)
                yield Recall(rule, strength, len(of), sum(n in found for n in of), hits)


def _by_kind(false: Sequence[Told], labels: Labels) -> dict[str, tuple[int, float | None]]:
    kinds = {address.lower(): kind for address, kind in labels.sender_kinds.items()}
    senders = Counter(kinds.values())
    wrong = Counter(_kind(one.row, kinds) for one in false)
    return {
        kind: (
            wrong[kind],
            1000 * wrong[kind] / (senders[kind] * labels.days) if senders[kind] else None,
        )
        for kind in sorted({*senders, *wrong})
    }


def _kind(row: Row, kinds: Mapping[str, str]) -> str:
    if row.get("subject_kind") in ("client_ip", "tenant"):
        return str(row["subject_kind"])
    return kinds.get(str(row["subject"]).lower(), "no sender")


def _delay(event: Event, number: int, told: Sequence[Told]) -> float:
    first = min(moment(one.row["first_seen"]) for one in told if number in one.events)
    return max(0, (first.date() - event.first_seen.date()).days)


def _by_rule(alarms: Sequence[Told]) -> dict[str, tuple[int, int]]:
    rules = sorted({str(one.row["rule"]) for one in alarms})
    return {
        rule: (
            sum(one.demanded for one in alarms if one.row["rule"] == rule),
            sum(one.is_false for one in alarms if one.row["rule"] == rule),
        )
        for rule in rules
    }


def _median(values: Iterable[float]) -> float | None:
    held = list(values)
    return float(statistics.median(held)) if held else None
