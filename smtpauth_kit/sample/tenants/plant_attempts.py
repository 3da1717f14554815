"""Planted events that are a matter of who signed in, or tried to, and from where."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from smtpauth_kit.sample.tenants.draft import Draft, NobodyLeft
from smtpauth_kit.sample.tenants.networks import text_of
from smtpauth_kit.sample.tenants.plant_mail import send_from
from smtpauth_kit.sample.tenants.plant_volumes import in_turn
from smtpauth_kit.sample.tenants.rows import WRONG_PASSWORD
from smtpauth_kit.sample.tenants.shape import (
    APPLICATION,
    APPLICATION_ALL_WEEK,
    DAY,
    DEVICE,
    DEVICE_ALL_WEEK,
    HOUR,
    PERSON,
    ROAMING,
    Bools,
    Dice,
    Ints,
    Strength,
    chosen,
)
from smtpauth_kit.sample.tenants.sign_ins import attempts_of

ATTACKERS: Final = ("BR", "NG", "VN", "IN", "ID", "ZA", "MX", "PK")
"""Countries far from every site but those in SG, from which attacks come."""
_FAILING: Final = {"weak": (7, 12), "medium": (30, 60), "strong": (90, 400)}
"""Hours, and failures in them."""
_LEAP: Final = {"weak": ("TR", "MA"), "medium": ("NG", "IN", "US"), "strong": ("BR", "ZA", "ID")}
_LEAP_MINUTES: Final = {"weak": 45, "medium": 60, "strong": 20}
_LEAPT: Final = ("volume_spike", "unusual_hours")
"""What may be said of the messages that half of the leaps come with."""
_SPRAYED: Final = {"weak": (7, 1), "medium": (25, 2), "strong": (70, 3)}
"""Accounts, and tries at each."""
_BRUTE: Final = {"weak": (18, 3), "medium": (80, 12), "strong": (500, 30)}
"""Failures, and over how many hours."""
_GUESSED: Final = {"weak": (7, 0), "medium": (25, 4), "strong": (90, 30)}
"""Failures before the success, and messages after it."""
_TIMES: Final = {"weak": 1, "medium": 4, "strong": 15}


def failing_sender(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Plant a password that is wrong for hours or days, at the usual address, with no mail."""
    kinds = in_turn((DEVICE, APPLICATION, DEVICE_ALL_WEEK, PERSON, APPLICATION_ALL_WEEK), turn)
    sender = draft.pick(dice, _signs_in_daily(draft), kinds)
    hours, tries = _FAILING[strength]
    day = draft.day(dice, 25, draft.calendar.days - 5)
    first = day * DAY + 7 * HOUR
    at = np.linspace(first, first + hours * HOUR, tries).astype(np.int64)
    inside = (draft.mail.at >= first - HOUR) & (draft.mail.at <= first + (hours + 1) * HOUR)
    draft.mail = draft.mail.where(~(inside & (draft.mail.account == sender)))
    number = draft.plan("failing_sender", strength, sender, rules=("silent_sender",))
    _try(draft, sender, at, int(draft.places[sender, day, 0]), number)


def new_country(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Plant a country never seen: after days of rest, or (strong) too soon for any journey."""
    if strength == "strong":
        _leap(draft, dice, "new_country", ("far_countries", *_LEAPT), ("BR", "ZA", "ID"), 90, turn)
        return
    kinds = in_turn((PERSON, DEVICE, APPLICATION, DEVICE_ALL_WEEK), turn)
    sender = draft.pick(dice, draft.busy > 0.3, kinds)
    day = draft.day(dice, 30, draft.calendar.days - 6)
    resting = (draft.mail.at >= (day - 2) * DAY) & (draft.mail.at < (day + 4) * DAY)
    draft.mail = draft.mail.where(~(resting & (draft.mail.account == sender)))
    rest = ((day - 2) * DAY, (day + 4) * DAY)
    draft.plan("silent_sender", "excused", sender, span=rest, demanded=False)
    where = draft.networks.new(str(dice.choice(("TR", "EG", "UA", "IE"))))
    number = draft.plan("new_country", strength, sender, rules=("new_client_ip",))
    at = np.sort(day * DAY + dice.integers(0, 2 * DAY, _TIMES[strength]))
    _try(draft, sender, at, where.address(dice), number, code=0)


def far_countries(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """In two countries within less time than any journey takes."""
    to, minutes = _LEAP[strength], _LEAP_MINUTES[strength]
    _leap(draft, dice, "far_countries", ("new_country", *_LEAPT), to, minutes, turn, strength)


def _leap(
    draft: Draft,
    dice: Dice,
    rule: str,
    rules: tuple[str, ...],
    countries: tuple[str, ...],
    minutes: int,
    turn: int,
    strength: Strength = "strong",
) -> None:
    kinds = in_turn((PERSON, APPLICATION, DEVICE, ROAMING, DEVICE_ALL_WEEK), turn)
    europe = draft.people.home < 2
    sender = draft.pick(dice, europe & (draft.busy > 0.8), kinds)
    at_home = _last_at_home(draft, dice, sender)
    where = draft.networks.new(str(dice.choice(countries)))
    number = draft.plan(rule, strength, sender, rules=rules)
    at = at_home + minutes * 60 + np.arange(_TIMES[strength]) * 50
    address = where.address(dice)
    _try(draft, sender, at, address, number, code=0)
    if turn % 2:
        send_from(draft, sender, at + 30, number, client_ip=address)


def _last_at_home(draft: Draft, dice: Dice, sender: int) -> int:
    """Return when a sender sent its last message of a day at its own site."""
    mine = draft.mail.at[draft.mail.account == sender]
    for _ in range(30):
        day = draft.day(dice, 30, draft.calendar.days - 2)
        of_day = mine[mine // DAY == day]
        usual = np.isin(draft.places[sender, day], draft.places[sender, :, 0])
        if of_day.size and usual.all() and _home_country(draft, sender, day):
            return int(of_day.max())
    raise NobodyLeft


def _home_country(draft: Draft, sender: int, day: int) -> bool:
    owners = draft.networks.whose(draft.places[sender, day])
    home = draft.home(sender)
    return all(draft.networks.providers[int(n)].country == home for n in owners)


def password_spray(
    draft: Draft, dice: Dice, strength: Strength, turn: int, *, incident: str = ""
) -> tuple[int, list[int], int]:
    """One address, or a few, tries a password or three at many accounts: at once, or for days.

    Returns its number, the accounts it tried, the address, as stories need them.
    """
    people, tries = _SPRAYED[strength]
    free = np.flatnonzero(~draft.used)
    targets = chosen(dice, np.concatenate([free, draft.mailboxes]), people)
    attacker = draft.networks.new(str(dice.choice(ATTACKERS)))
    addresses = attacker.addresses(dice, 4 if turn % 4 == 3 and people > 40 else 1)
    gap = (12, 1_400, 240)[turn % 3]  # seconds: at once, two or three an hour, a night
    start = int(
        dice.integers(30 * DAY, draft.calendar.days * DAY - gap * people * tries - DAY // 2)
    )
    subjects = tuple(text_of(int(n)) for n in addresses)
    number = draft.plan("password_spray", strength, None, subjects=subjects, incident=incident)
    account = np.tile(targets, tries)
    at = start + np.arange(account.size) * gap + dice.integers(0, max(2, gap // 3), account.size)
    of = addresses[np.arange(account.size) % addresses.size]
    _try(draft, account, at, of, number)
    return number, [n for n in targets if n < draft.people.kind.size], int(addresses[0])


def brute_force(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Many failures of one account from an address where it never was."""
    kinds = in_turn((PERSON, APPLICATION, DEVICE, ROAMING), turn)
    sender = draft.pick(dice, draft.busy > 0.2, kinds)
    tries, hours = _BRUTE[strength]
    address = draft.networks.new(str(dice.choice(ATTACKERS))).address(dice)
    start = int(dice.integers(30 * DAY, (draft.calendar.days - 2) * DAY))
    subjects = (text_of(address),)
    number = draft.plan("brute_force", strength, sender, subjects=subjects)
    at = np.sort(start + dice.integers(0, hours * HOUR, tries))
    _try(draft, sender, at, address, number)


def success_after_failures(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Failures from a network that the account never used, and then a success from there."""
    kinds = in_turn((PERSON, DEVICE, APPLICATION, ROAMING), turn)
    sender = draft.pick(dice, draft.busy > 0.3, kinds)
    tries, messages = _GUESSED[strength]
    abroad = turn % 2 == 0
    country = str(dice.choice(ATTACKERS)) if abroad else draft.home(sender)
    address = draft.networks.new(country).address(dice)
    start = draft.day(dice, 30, draft.calendar.days - 2) * DAY + 2 * HOUR
    rules = ("brute_force", "new_country", "far_countries", "new_client_ip", "volume_spike",
             "unusual_hours")  # fmt: skip
    number = draft.plan(
        "success_after_failures", strength, sender, rules=rules,
        subjects=(text_of(address),),
    )  # fmt: skip
    failed = np.sort(start + dice.integers(0, 3 * HOUR, tries))
    _try(draft, sender, failed, address, number)
    inside = int(failed[-1]) + 90
    _try(draft, sender, [inside], address, number, code=0)
    if messages:
        send_from(draft, sender, inside + 60 + np.arange(messages) * 45, number, client_ip=address)


def legacy_user_agent(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Plant a client that speaks old authentication, at an account that never had one."""
    kinds = in_turn((PERSON, APPLICATION, ROAMING, DEVICE), turn)
    modern = draft.protocols.only_oauth & (draft.busy > 0.5)
    sender = draft.pick(dice, modern, kinds)
    day = draft.day(dice, 30, draft.calendar.days - 3)
    number = draft.plan("legacy_user_agent", strength, sender, rules=("basic_after_oauth",))
    at = np.sort(day * DAY + dice.integers(8 * HOUR, 15 * HOUR, _TIMES[strength]))
    here = int(draft.places[sender, day, 0])
    _try(draft, sender, at, here, number, code=0, agent=1 + turn % 3)


def _signs_in_daily(draft: Draft) -> Bools:
    working = draft.calendar.plain
    found: Bools = (draft.counts[:, working] > 0).mean(axis=1) > 0.85
    return found


def _try(
    draft: Draft,
    account: npt.ArrayLike,
    at: npt.ArrayLike,
    address: npt.ArrayLike,
    number: int,
    *,
    code: int = WRONG_PASSWORD,
    **more: npt.ArrayLike,
) -> None:
    """Add attempts that belong to an event; the last that would be after the last day are left."""
    when: Ints = np.asarray(at, dtype=np.int64)
    tried = attempts_of(
        draft, at=when, account=np.broadcast_to(account, when.shape), client_ip=address,
        code=code, event=number, **more,
    )  # fmt: skip
    draft.more_attempts.append(tried.where(tried.at < draft.calendar.days * DAY))
