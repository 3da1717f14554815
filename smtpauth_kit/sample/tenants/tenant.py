"""A whole made-up tenant: benign life first, then what is planted, then labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from smtpauth_kit.sample.tenants import (
    plant_attempts,
    plant_mail,
    plant_stories,
    plant_volumes,
)
from smtpauth_kit.sample.tenants.calendar import make_calendar
from smtpauth_kit.sample.tenants.draft import Draft, NobodyLeft
from smtpauth_kit.sample.tenants.labels import Labels
from smtpauth_kit.sample.tenants.mail import make_aliases, make_mail
from smtpauth_kit.sample.tenants.networks import Networks, make_networks
from smtpauth_kit.sample.tenants.places import make_places
from smtpauth_kit.sample.tenants.population import make_population
from smtpauth_kit.sample.tenants.protocols import make_protocols
from smtpauth_kit.sample.tenants.recipients import Habits, make_habits
from smtpauth_kit.sample.tenants.rows import NOT_PLANTED, Attempts, Mail, Texts, columns
from smtpauth_kit.sample.tenants.shape import (
    KINDS,
    STRENGTHS,
    Dice,
    Ints,
    Strength,
    TenantShape,
    chosen,
)
from smtpauth_kit.sample.tenants.sign_ins import make_failures, make_sign_ins
from smtpauth_kit.sample.tenants.volumes import make_counts

Plant = Callable[[Draft, Dice, Strength, int], object]

VOLUMES: Final[Mapping[str, Plant]] = {
    "volume_spike": plant_volumes.volume_spike,
    "slow_ramp": plant_volumes.slow_ramp,
    "new_sender": plant_volumes.new_sender,
    "dormant_sender": plant_volumes.dormant_sender,
    "silent_sender": plant_volumes.silent_sender,
}
"""Planted before there are messages."""
MESSAGES: Final[Mapping[str, Plant]] = {
    "recipient_burst": plant_mail.recipient_burst,
    "new_recipient_domains": plant_mail.new_recipient_domains,
    "near_limits": plant_mail.near_limits,
    "unusual_hours": plant_mail.unusual_hours,
    "tls_downgrade": plant_mail.tls_downgrade,
    "basic_after_oauth": plant_mail.basic_after_oauth,
    "new_client_ip": plant_mail.new_client_ip,
    "send_as": plant_mail.send_as,
    "blocked_but_sending": plant_mail.blocked_but_sending,
    "new_country": plant_attempts.new_country,
    "far_countries": plant_attempts.far_countries,
    "failing_sender": plant_attempts.failing_sender,
    "password_spray": plant_attempts.password_spray,
    "brute_force": plant_attempts.brute_force,
    "success_after_failures": plant_attempts.success_after_failures,
    "legacy_user_agent": plant_attempts.legacy_user_agent,
}
"""Planted among the messages and sign-ins."""


_LIST_RECIPIENTS: Final = 4_500
"""Recipients of a mailing list's day, at most."""


@dataclass(frozen=True)
class Tenant:
    """What happened, in the order of time, and what of it was planted."""

    shape: TenantShape
    mail: Mail
    attempts: Attempts
    texts: Texts
    networks: Networks
    labels: Labels
    settings: dict[str, bool | None]
    """Mailbox to whether SMTP AUTH is switched off for it; None inherits."""
    tenant_blocks: bool
    """Whether the tenant's own switch is off for all that inherit."""


def make_tenant(shape: TenantShape) -> Tenant:
    """Return a tenant; the same for the same shape under one version of NumPy.

    Examples
    --------
    >>> tenant = make_tenant(TenantShape(senders=200, events=1))
    >>> len({event.rule for event in tenant.labels.events})
    21
    >>> bool((tenant.mail.at[1:] >= tenant.mail.at[:-1]).all())
    True
    """
    draft = _benign(shape)
    _plant(draft, VOLUMES)
    draft.mail = _messages(draft)
    _mailboxes(draft)
    _plant(draft, MESSAGES)
    _plant(draft, {"takeover": plant_stories.takeover}, 1)
    draft.mail = Mail.joined([draft.mail, *draft.more_mail])
    signed_in = make_sign_ins(draft, draft.mail)
    failures = make_failures(draft, signed_in)
    draft.attempts = Attempts.joined([signed_in, failures, *draft.more_attempts])
    return _finished(draft)


def _benign(shape: TenantShape) -> Draft:
    calendar, people = make_calendar(shape), make_population(shape)
    networks = make_networks(shape.part)
    counts = make_counts(shape, people, calendar)
    texts = Texts(list(people.addresses))
    habits = make_habits(shape.dice("recipients"), people, texts)
    _keep_lists_small(counts, habits)
    aliases = make_aliases(shape, people, texts)
    return Draft(
        shape=shape,
        calendar=calendar,
        people=people,
        networks=networks,
        protocols=make_protocols(shape, people),
        counts=counts,
        places=make_places(shape, people, calendar, networks, counts),
        texts=texts,
        aliases=aliases,
        habits=habits,
        mail=_no_mail(),
        attempts=_no_attempts(),
        used=np.zeros(shape.senders, dtype=bool),
    )


def _keep_lists_small(counts: Ints, habits: Habits) -> None:
    """Let no list reach half of what Exchange Online lets through in a day."""
    of = habits.list_size > 0
    counts[of] = np.minimum(counts[of], _LIST_RECIPIENTS // habits.list_size[of, None])


def _no_mail() -> Mail:
    names = ("at", "sender", "account", "client_ip", "tls", "auth", "to", "event")
    return Mail(**columns(0, **dict.fromkeys(names, 0)))


def _no_attempts() -> Attempts:
    names = ("at", "account", "client_ip", "code", "auth", "agent", "event")
    return Attempts(**columns(0, **dict.fromkeys(names, 0)))


def _messages(draft: Draft) -> Mail:
    """Return the messages of the counts; those of a marked day belong to its event."""
    marks = np.full(draft.counts.shape, NOT_PLANTED)
    for (sender, day), number in draft.marked.items():
        marks[sender, day] = number
    plant_volumes.retirements(draft)
    return make_mail(
        draft.shape, draft.people, draft.calendar, draft.counts, marks, draft.places, draft.habits,
        draft.protocols, draft.aliases,
    )  # fmt: skip


def _mailboxes(draft: Draft) -> None:
    """Mailboxes that never send over SMTP: sprays try them, and their names are borrowed."""
    for number in range(max(80, draft.shape.senders // 2)):
        domain = draft.people.addresses[number % draft.shape.senders].partition("@")[2]
        draft.mailboxes.append(draft.texts.address(f"mailbox{number:04d}@{domain}"))


def _plant(draft: Draft, plants: Mapping[str, Plant], each: int | None = None) -> None:
    """Plant each kind of event in each strength, as often as the shape says."""
    for place, (name, plant) in enumerate(plants.items()):
        dice = draft.shape.dice(name)
        for again in range(draft.shape.events if each is None else each):
            for n, strength in enumerate(STRENGTHS):
                turn = draft.shape.seed + again * len(STRENGTHS) + n + place
                with suppress(NobodyLeft):  # a small tenant has not enough senders of each kind
                    plant(draft, dice, strength, turn)


def _finished(draft: Draft) -> Tenant:
    labels = Labels(
        draft.events(),
        {
            address: KINDS[int(kind)]
            for address, kind in zip(draft.people.addresses, draft.people.kind, strict=True)
        },
        draft.calendar.days,
        draft.shape.seed,
    )
    return Tenant(
        shape=draft.shape,
        mail=draft.mail.where(np.argsort(draft.mail.at, kind="stable")),
        attempts=draft.attempts.where(np.argsort(draft.attempts.at, kind="stable")),
        texts=draft.texts,
        networks=draft.networks,
        labels=labels,
        settings=_settings(draft),
        tenant_blocks=draft.shape.seed % 2 == 1,
    )


def _settings(draft: Draft) -> dict[str, bool | None]:
    """Senders are allowed, by themselves or by the tenant; of the others every third is blocked."""
    inherited = None if draft.shape.seed % 2 == 0 else False
    dice = draft.shape.dice("settings")
    found: dict[str, bool | None] = {
        address: inherited if dice.random() < 0.7 else False for address in draft.people.addresses
    }
    for number in draft.mailboxes:
        found[draft.texts.addresses[number]] = (None, True, None)[number % 3]
    shared = np.flatnonzero(draft.people.account != np.arange(draft.shape.senders))
    # Only the account that signs in matters: what it sends as may be blocked.
    for sender in [*chosen(dice, shared, shared.size // 2), *draft.blocked]:
        found[draft.people.addresses[sender]] = True
    return found
