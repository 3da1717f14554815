"""A tenant while it is made: what is there so far, who is still free, what has been planted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from smtpauth_kit.sample.tenants.calendar import HOMES, Calendar
from smtpauth_kit.sample.tenants.labels import Event
from smtpauth_kit.sample.tenants.mail import Aliases
from smtpauth_kit.sample.tenants.networks import Networks
from smtpauth_kit.sample.tenants.population import Population
from smtpauth_kit.sample.tenants.protocols import Protocols
from smtpauth_kit.sample.tenants.recipients import Habits
from smtpauth_kit.sample.tenants.rows import Attempts, Mail, Texts
from smtpauth_kit.sample.tenants.shape import (
    KINDS,
    Bools,
    Dice,
    Floats,
    Ints,
    Strength,
    TenantShape,
    chosen,
)


class NobodyLeft(Exception):
    """No sender or day is free that an event could be planted on: the tenant is small."""


@dataclass
class Span:
    """A planted event while it is made; without times of its own it has those of its rows."""

    event: Event
    first: int | None = None
    last: int | None = None


@dataclass
class Draft:
    """Everything of a part: planting adds to `mail`, `attempts`, `spans` and changes `counts`."""

    shape: TenantShape
    calendar: Calendar
    people: Population
    networks: Networks
    protocols: Protocols
    counts: Ints
    """Messages by sender and local day."""
    places: Ints
    texts: Texts
    aliases: Aliases
    habits: Habits
    mail: Mail
    attempts: Attempts
    more_mail: list[Mail] = field(default_factory=list)
    """Planted messages, which join the others at the end."""
    more_attempts: list[Attempts] = field(default_factory=list)
    mailboxes: list[int] = field(default_factory=list)
    """Accounts that never send over SMTP."""
    blocked: list[int] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    used: Bools = field(default_factory=lambda: np.zeros(0, dtype=bool))
    marked: dict[tuple[int, int], int] = field(default_factory=dict)
    """Sender and local day whose messages belong to an event."""

    def pick(self, dice: Dice, allowed: Bools, kinds: Sequence[int]) -> int:
        """Return a sender that has no event yet, of the first of `kinds` that has one.

        Raises
        ------
        NobodyLeft
            None of the allowed senders is free.
        """
        usual = self.people.alone & self.people.throughout & ~self.used & allowed
        for kind in kinds:
            if (found := np.flatnonzero(usual & (self.people.kind == kind))).size:
                sender = chosen(dice, found)[0]
                self.used[sender] = True
                return sender
        raise NobodyLeft

    def day(self, dice: Dice, low: int = 20, high: int | None = None) -> int:
        """Return an ordinary working day from `low` up to before `high`.

        Raises
        ------
        NobodyLeft
            There is none.
        """
        days = np.arange(self.calendar.days)
        last = self.calendar.days if high is None else high
        free = np.flatnonzero(self.calendar.plain & (days >= low) & (days < last))
        if not free.size:
            raise NobodyLeft
        return chosen(dice, free)[0]

    def plan(
        self,
        rule: str,
        strength: Strength | str,
        sender: int | None,
        *,
        rules: tuple[str, ...] = (),
        subjects: tuple[str, ...] = (),
        span: tuple[int, int] | None = None,
        demanded: bool = True,
        incident: str = "",
    ) -> int:
        """Note an event, and return its number for the rows that belong to it."""
        own = () if sender is None else self.names_of(sender)
        kind = "address" if sender is None else self.kind_of(sender)
        number = len(self.spans)
        name = f"{rule}-{self.shape.part}-{number:04d}"
        at = dt.datetime(2000, 1, 1)
        event = Event(
            name,
            rule,
            (rule, *rules),
            (*own, *subjects),
            at,
            at,
            strength,
            kind,
            demanded,
            incident,
        )
        self.spans.append(Span(event, *(span or (None, None))))
        return number

    def names_of(self, sender: int) -> tuple[str, ...]:
        """Return the address of a sender, and its second name where it has one."""
        own = self.texts.addresses[sender]
        if sender >= self.people.kind.size or self.aliases.name[sender] < 0:
            return (own,)
        other = self.texts.addresses[int(self.aliases.name[sender])]
        return (own,) if other.lower() == own else (own, other)

    def kind_of(self, sender: int) -> str:
        """Return the kind of a sender; of an account that does not send, that it is a mailbox."""
        people = self.people.kind
        return KINDS[int(people[sender])] if sender < people.size else "mailbox"

    def home(self, sender: int) -> str:
        """Return the country of a sender's site."""
        return HOMES[int(self.people.home[sender])]

    def days_of(self, sender: int) -> Ints:
        """Return the local days on which a sender sends."""
        found: Ints = np.flatnonzero(self.counts[sender])
        return found

    @property
    def busy(self) -> Floats:
        """Messages of each sender on a mean day."""
        found: Floats = self.counts.mean(axis=1)
        return found

    def events(self) -> tuple[Event, ...]:
        """Return the planted events, with the times of their rows.

        Raises
        ------
        ValueError
            An event has neither times nor rows: it was planted wrongly.
        """
        start = dt.datetime.combine(self.shape.first_day, dt.time())
        at = np.concatenate([self.mail.at, self.attempts.at])
        of = np.concatenate([self.mail.event, self.attempts.event])
        first = np.full(len(self.spans), np.iinfo(np.int64).max)
        last = np.full(len(self.spans), -1)
        np.minimum.at(first, of[of >= 0], at[of >= 0])
        np.maximum.at(last, of[of >= 0], at[of >= 0])
        done = []
        for number, span in enumerate(self.spans):
            begins = int(first[number]) if span.first is None else span.first
            ends = int(last[number]) if span.last is None else span.last
            if ends < begins:
                raise ValueError(f"{span.event.event_id} has no rows")
            done.append(
                replace(
                    span.event,
                    first_seen=start + dt.timedelta(seconds=begins),
                    last_seen=start + dt.timedelta(seconds=ends),
                )
            )
        return tuple(done)
