"""The usual messages of a tenant: counts of days become messages with a time and all the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smtpauth_kit.sample.tenants.calendar import Calendar
from smtpauth_kit.sample.tenants.population import Population
from smtpauth_kit.sample.tenants.protocols import Protocols
from smtpauth_kit.sample.tenants.recipients import Habits, draw_recipients
from smtpauth_kit.sample.tenants.rows import Mail, Texts, columns
from smtpauth_kit.sample.tenants.shape import (
    APPLICATION,
    DAY,
    HOUR,
    JOB,
    PERSON,
    ROAMING,
    Bools,
    Dice,
    Floats,
    Ints,
    TenantShape,
    chosen,
)

_NOON = 13.0
"""Local hour at which the second half of a day begins."""
_PACE = 9.0
"""A job hands in no more messages a minute."""


@dataclass(frozen=True)
class Aliases:
    """By sender: its second name in `Texts.addresses`, or -1, and the share sent under it."""

    name: Ints
    share: Floats


def make_mail(
    shape: TenantShape,
    people: Population,
    calendar: Calendar,
    counts: Ints,
    marks: Ints,
    places: Ints,
    habits: Habits,
    protocols: Protocols,
    aliases: Aliases,
) -> Mail:
    """Return the messages that `counts` says, in no order.

    `marks` is by sender and local day the planted event that its messages belong to.
    """
    dice, days = shape.dice("mail"), calendar.days
    place = np.repeat(np.arange(counts.size), counts.ravel())
    sender, day = place // days, place % days
    hour = _hours(dice, people, sender, _lengths(people, counts)[sender, day])
    late = _batches(dice, people, sender, hour)
    offset = np.where(late, 0, calendar.offset[people.home[sender], day])
    at = day * DAY + (hour * HOUR).astype(np.int64) - offset
    half = (hour >= _NOON).astype(np.int64)
    old_tls = dice.random(sender.size) < protocols.legacy_share[sender, day]
    old_auth = dice.random(sender.size) < protocols.basic_share[sender, day]
    mail = Mail(
        **columns(
            sender.size,
            at=at,
            sender=_names(dice, aliases, sender),
            account=people.account[sender],
            client_ip=places[sender, day, half],
            tls=np.where(old_tls, protocols.legacy[sender], protocols.modern[sender]),
            auth=np.where(old_auth, 0, 1),
            to=draw_recipients(dice, habits, sender),
            event=marks[sender, day],
        )
    )
    return mail.where((at >= 0) & (at < days * DAY))


def _lengths(people: Population, counts: Ints) -> Floats:
    """Hours over which the messages of a day are spread."""
    wide = (people.closes - people.opens)[:, None]
    found: Floats = np.maximum(wide, counts / (60 * _PACE))
    return np.minimum(found, 24.0 - np.minimum(people.opens, 12.0)[:, None])


def _hours(dice: Dice, people: Population, sender: Ints, length: Floats) -> Floats:
    """Return the local hour of each message: people have mornings, afternoons and late evenings."""
    hour = people.opens[sender] + dice.random(sender.size) * length
    person = np.isin(people.kind[sender], (PERSON, ROAMING))
    luck = dice.random(sender.size)
    peak = np.where(luck < 0.55, 10.2, 14.8) + dice.normal(0, 1.2, sender.size)
    peak = np.where(luck > 0.97, dice.uniform(18, 23, sender.size), np.clip(peak, 7, 18.5))
    return np.where(person, peak, hour)


def _batches(dice: Dice, people: Population, sender: Ints, hour: Floats) -> Bools:
    """Half of the jobs run in the night: from late evening, UTC, into the next UTC day."""
    at_night = (people.kind == JOB) & (dice.random(people.kind.size) < 0.5)
    late: Bools = at_night[sender]
    starts = dice.uniform(22.2, 23.6, people.kind.size)
    hour[late] = (hour - people.opens[sender] + starts[sender])[late]
    return late


def make_aliases(shape: TenantShape, people: Population, texts: Texts) -> Aliases:
    """Give some senders a second name to send under, or their address in capitals."""
    dice = shape.dice("aliases")
    name_of, share = np.full(people.kind.size, -1), dice.uniform(0.15, 0.6, people.kind.size)
    usual = np.flatnonzero(np.isin(people.kind, (PERSON, ROAMING, APPLICATION)) & people.alone)
    for number in chosen(dice, usual, people.kind.size // 25):
        address = people.addresses[number]
        name, _, domain = address.partition("@")
        other = f"{name}.{domain.partition('.')[0]}@{domain}" if number % 2 else address.title()
        name_of[number] = texts.address(other)
    return Aliases(name_of, share)


def _names(dice: Dice, aliases: Aliases, sender: Ints) -> Ints:
    """Return the From of each message."""
    other_name = dice.random(sender.size) < aliases.share[sender]
    return np.where(other_name & (aliases.name[sender] >= 0), aliases.name[sender], sender)
