"""Stories of several planted events about one account: a spray, a way in, a flood of mail."""

from __future__ import annotations

from typing import Final

import numpy as np

from smtpauth_kit.sample.tenants.draft import Draft, NobodyLeft
from smtpauth_kit.sample.tenants.networks import text_of
from smtpauth_kit.sample.tenants.plant_attempts import password_spray
from smtpauth_kit.sample.tenants.plant_mail import send_from
from smtpauth_kit.sample.tenants.shape import DAY, HOUR, Dice, Strength
from smtpauth_kit.sample.tenants.sign_ins import attempts_of

_FLOOD: Final = {"weak": 60, "medium": 300, "strong": 1_200}
_MORE: Final = (
    "unusual_hours", "recipient_burst", "new_recipient_domains", "new_client_ip", "far_countries",
    "new_country", "near_limits", "success_after_failures",
)  # fmt: skip


def takeover(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Plant a spray that finds a password, and days later a flood to strangers in the night."""
    incident = f"takeover-{draft.shape.part}-{turn}"
    spray, tried, address = password_spray(draft, dice, "medium", turn, incident=incident)
    victims = [n for n in tried if draft.people.alone[n] & (draft.counts[n, -40:].sum() > 5)]
    if not victims:
        raise NobodyLeft
    victim = victims[0]
    draft.used[victim] = True
    sprayed = np.concatenate([a.at[a.event == spray] for a in draft.more_attempts])
    got_in = int(sprayed.max()) + HOUR
    subjects = (text_of(address),)
    number = draft.plan(
        "success_after_failures", strength, victim, rules=("new_country", "far_countries"),
        subjects=subjects, incident=incident,
    )  # fmt: skip
    _enter(draft, victim, got_in, address, number)
    latest = (draft.calendar.days - 1) * DAY
    night = min((got_in // DAY + int(dice.integers(1, 7))) * DAY, latest)
    _flood(draft, dice, strength, victim, night, address, incident)


def _enter(draft: Draft, victim: int, at: int, address: int, number: int) -> None:
    draft.more_attempts.append(
        attempts_of(draft, at=[at], account=victim, client_ip=address, code=0, event=number)
    )


def _flood(
    draft: Draft,
    dice: Dice,
    strength: Strength,
    victim: int,
    night: int,
    address: int,
    incident: str,
) -> None:
    """Send to strangers, from another address of the network that the spray came from."""
    record = int(draft.counts[victim].max())
    count = max(_FLOOD[strength], 3 * record)
    at = night + np.sort(dice.integers(HOUR, 5 * HOUR, count))
    number = draft.plan("volume_spike", strength, victim, rules=_MORE, incident=incident)
    sets = [
        [f"x{3 * n + k}@stranger{(n + k) % 40:02d}.example" for k in range(3)] for n in range(count)
    ]
    send_from(draft, victim, at, number, sets=sets, client_ip=address ^ 0x55)
