"""Planted events that are a matter of what messages are like: to whom, when, whence, as whom."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from smtpauth_kit.sample.tenants.draft import Draft, NobodyLeft
from smtpauth_kit.sample.tenants.plant_volumes import in_turn
from smtpauth_kit.sample.tenants.rows import Mail, columns
from smtpauth_kit.sample.tenants.shape import (
    APPLICATION,
    APPLICATION_ALL_WEEK,
    BROADCASTER,
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
)

_RECIPIENTS: Final = {"weak": (3, 50), "medium": (6, 150), "strong": (12, 450)}
"""Times the most recipients that the sender ever had on a day, and at least so many."""
_IN_A_MESSAGE: Final = 480
_DOMAINS: Final = {"weak": 10, "medium": 30, "strong": 90}
_MINUTES: Final = {"weak": 1, "medium": 6, "strong": 40}
_A_MINUTE: Final = 29
_A_DAY: Final = {"weak": 9_300, "medium": 9_700, "strong": 9_990}
_AT_NIGHT: Final = {"weak": 6, "medium": 18, "strong": 50}
_OLD: Final = {"weak": (4, 6), "medium": (14, 9), "strong": (10_000, 400)}
"""Messages that fall back at most, within so many days."""
_ENOUGH: Final = 4
_ELSEWHERE: Final = {"weak": (2, 1), "medium": (12, 3), "strong": (30, 7)}
"""Messages from the new network, over so many days."""
_AS_OTHER: Final = {"weak": 1, "medium": 9, "strong": 40}
_STILL: Final = {"weak": 1, "medium": 4, "strong": 10_000}


def recipient_burst(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """One to three messages to very many: all staff, or strangers."""
    kinds = in_turn((PERSON, DEVICE, APPLICATION, ROAMING, DEVICE_ALL_WEEK), turn)
    sender = draft.pick(dice, draft.busy > 0.3, kinds)
    times, least = _RECIPIENTS[strength]
    much = min(max(least, int(_record(draft, sender) * times)), 9_000)
    messages = max(-(-much // _IN_A_MESSAGE), int(dice.integers(1, 4)))
    own = draft.texts.addresses[sender].partition("@")[2]
    strangers = turn % 2 == 0
    sets = [
        [_somebody(own, n, strangers) for n in range(first, much, messages)]
        for first in range(messages)
    ]
    rules = ("new_recipient_domains", "near_limits")
    number = draft.plan("recipient_burst", strength, sender, rules=rules)
    day = draft.day(dice)
    send_from(draft, sender, _office(draft, dice, sender, day, messages), number, sets=sets)


def new_recipient_domains(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Plant a few messages, no more than on other days, to many domains never written to."""
    kinds = in_turn((PERSON, APPLICATION, DEVICE, ROAMING), turn)
    sender = draft.pick(dice, (draft.busy > 1) & ~draft.habits.customers, kinds)
    count = _DOMAINS[strength]
    messages = max(2, min(count, round(draft.busy[sender])))
    sets = [
        [f"sales@new{draft.shape.part}-{sender}-{n}.example" for n in range(first, count, messages)]
        for first in range(messages)
    ]
    rules = ("recipient_burst", "volume_spike")
    number = draft.plan("new_recipient_domains", strength, sender, rules=rules)
    day = draft.day(dice, 35)
    send_from(draft, sender, _office(draft, dice, sender, day, messages), number, sets=sets)


def near_limits(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """As many messages in a minute, or recipients on a day, as Exchange Online lets through."""
    if turn % 2:
        _full_day(draft, dice, strength)
        return
    kinds = in_turn((APPLICATION, APPLICATION_ALL_WEEK, DEVICE, PERSON), turn // 2)
    sender = draft.pick(dice, draft.busy > (8 if strength == "weak" else 0.5), kinds)
    minutes = _MINUTES[strength]
    own = float(draft.people.opens[sender]) + 1
    start = _moment(draft, sender, draft.day(dice), own) // 60 * 60
    at = start + np.repeat(np.arange(minutes), _A_MINUTE) * 60 + np.tile(
        np.arange(_A_MINUTE) * 2, minutes
    )  # fmt: skip
    number = draft.plan("near_limits", strength, sender, rules=("volume_spike",))
    send_from(draft, sender, at, number)


def _full_day(draft: Draft, dice: Dice, strength: Strength) -> None:
    office = draft.people.opens > 5
    always = draft.people.all_week
    kinds = (APPLICATION, BROADCASTER, APPLICATION_ALL_WEEK)
    sender = draft.pick(dice, (draft.busy > 1) & (office | always), kinds)
    much, messages = _A_DAY[strength], 25
    sets = [
        [f"reader{n}@readers{n % 90:02d}.example" for n in range(first, much, messages)]
        for first in range(messages)
    ]
    rules = ("recipient_burst", "new_recipient_domains", "volume_spike")
    number = draft.plan("near_limits", strength, sender, rules=rules)
    # The whole of it inside one UTC day, wherever the site is.
    start = draft.day(dice) * DAY + 9 * HOUR
    send_from(
        draft, sender, start + np.sort(dice.integers(0, 5 * HOUR, messages)), number, sets=sets
    )


def unusual_hours(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Plant mail in the night at a sender of office hours."""
    kinds = in_turn((DEVICE, APPLICATION, PERSON), turn)
    office = (draft.people.opens > 5) & (draft.people.closes < 20)
    sender = draft.pick(dice, office & (draft.busy >= 0.8), kinds)
    start = _moment(draft, sender, draft.day(dice), 1.0)
    at = start + np.sort(dice.integers(0, int(3.5 * HOUR), _AT_NIGHT[strength]))
    number = draft.plan("unusual_hours", strength, sender, rules=("volume_spike",))
    send_from(draft, sender, at, number)


def tls_downgrade(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Plant a fall back to an old version at a sender of new versions only."""
    kinds = in_turn((DEVICE, APPLICATION, PERSON, APPLICATION_ALL_WEEK, ROAMING), turn)
    sender = draft.pick(dice, draft.protocols.clean & (draft.busy >= 1.2), kinds)
    rows = _later_rows(draft, dice, sender, *_OLD[strength])
    draft.mail.tls[rows] = draft.protocols.legacy[sender]
    draft.mail.event[rows] = draft.plan("tls_downgrade", strength, sender)


def basic_after_oauth(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Plant a password at a sender that had only OAuth."""
    kinds = in_turn((APPLICATION, PERSON, APPLICATION_ALL_WEEK, ROAMING, DEVICE), turn)
    sender = draft.pick(dice, draft.protocols.only_oauth & (draft.busy >= 1.2), kinds)
    rows = _later_rows(draft, dice, sender, *_OLD[strength])
    draft.mail.auth[rows] = 0
    rules = ("legacy_user_agent",)
    draft.mail.event[rows] = draft.plan("basic_after_oauth", strength, sender, rules=rules)


def new_client_ip(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Plant a network at home that nobody else is on, at a sender of one or two networks."""
    kinds = in_turn((DEVICE, APPLICATION, DEVICE_ALL_WEEK, PERSON, APPLICATION_ALL_WEEK), turn)
    sender = draft.pick(dice, (draft.busy > 0.8) & _few_networks(draft), kinds)
    messages, days = _ELSEWHERE[strength]
    provider = draft.networks.new(draft.home(sender), ipv6=turn % 4 == 3)
    first = draft.day(dice, 25, draft.calendar.days - days)
    on = np.bincount(np.arange(messages) * days // messages, minlength=days)
    at = np.concatenate(
        [_office(draft, dice, sender, first + n, int(count)) for n, count in enumerate(on) if count]
    )
    number = draft.plan("new_client_ip", strength, sender, rules=("volume_spike",))
    send_from(draft, sender, at, number, client_ip=provider.address(dice))


def send_as(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Plant mail under a name that is not the account's own."""
    kinds = in_turn((PERSON, APPLICATION, DEVICE, ROAMING, APPLICATION_ALL_WEEK), turn)
    names = np.bincount(
        np.unique(draft.mail.account * 1_000_000 + draft.mail.sender) // 1_000_000,
        minlength=draft.people.kind.size,
    )
    sender = draft.pick(dice, (names == 1) & (draft.busy > 0.3), kinds)
    own = draft.texts.addresses[sender].partition("@")[2]
    name = draft.mailboxes[turn] if turn % 2 else draft.texts.address(f"director{sender}@{own}")
    number = draft.plan(
        "send_as", strength, sender, rules=("volume_spike",),
        subjects=(draft.texts.addresses[name],),
    )  # fmt: skip
    day = draft.day(dice, 25)
    at = _office(draft, dice, sender, day, _AS_OTHER[strength])
    send_from(draft, sender, at, number, name=name)


def blocked_but_sending(draft: Draft, dice: Dice, strength: Strength, turn: int) -> None:
    """Plant mail after a mailbox was switched off: a message, some days of it, or no end."""
    kinds = in_turn((PERSON, DEVICE, APPLICATION, DEVICE_ALL_WEEK, ROAMING), turn)
    sender = draft.pick(dice, draft.busy > 0.5, kinds)
    draft.blocked.append(sender)
    switched = (draft.shape.settings_day - draft.shape.first_day).days + 1
    mine = draft.mail.account == sender
    after = np.flatnonzero(mine & (draft.mail.at >= switched * DAY))
    after = after[np.argsort(draft.mail.at[after])]
    number = draft.plan("blocked_but_sending", strength, sender)
    still, gone = after[: _STILL[strength]], after[_STILL[strength] :]
    draft.mail.event[still] = number
    if not after.size:
        send_from(draft, sender, np.array([switched * DAY + 10 * HOUR]), number)
    if gone.size:
        kept = np.ones(draft.mail.size, dtype=bool)
        kept[gone] = False
        first = int(draft.mail.at[still].max()) + 1
        draft.mail = draft.mail.where(kept)
        draft.plan(
            "silent_sender", "excused", sender, demanded=False,
            span=(first, draft.calendar.days * DAY - 1),
        )  # fmt: skip


def _few_networks(draft: Draft) -> Bools:
    """Tell who is on no more than three networks: at one site and at home, or a spare line."""
    networks = np.sort(draft.places.reshape(draft.places.shape[0], -1) >> 16, axis=1)
    found: Bools = (np.diff(networks, axis=1) != 0).sum(axis=1) < 3
    return found


def _somebody(own: str, number: int, stranger: bool) -> str:
    return (
        f"n{number}@stranger{number % 40:02d}.example" if stranger else f"staff{number:03d}@{own}"
    )


def _record(draft: Draft, sender: int) -> int:
    """Return the most recipients that a sender had on a UTC day."""
    mine = draft.mail.sender == sender
    count = np.asarray(draft.texts.recipient_counts)[draft.mail.to[mine]]
    return int(np.bincount(draft.mail.at[mine] // DAY, weights=count, minlength=1).max())


def _moment(draft: Draft, sender: int, day: int, hour: float) -> int:
    """Return the time of a local hour of a day, never before the first or after the last."""
    offset = int(draft.calendar.offset[draft.people.home[sender], day])
    return min(max(day * DAY + int(hour * HOUR) - offset, 0), draft.calendar.days * DAY - DAY // 4)


def _office(draft: Draft, dice: Dice, sender: int, day: int, count: int) -> Ints:
    """Return moments in the middle of a sender's own day."""
    people = draft.people
    low = max(float(people.opens[sender]) + 1, 0.5)
    high = min(max(low + 1, float(people.closes[sender]) - 1), 18)
    low = min(low, high - 1)
    return np.sort(
        [_moment(draft, sender, day, float(hour)) for hour in dice.uniform(low, high, count)]
    )


def _later_rows(draft: Draft, dice: Dice, sender: int, most: int, days: int) -> Ints:
    """Return the rows of a sender from some day on, up to so many in so many days, in order."""
    rows = np.flatnonzero(draft.mail.sender == sender)
    rows = rows[np.argsort(draft.mail.at[rows], kind="stable")]
    day = draft.mail.at[rows] // DAY
    for _ in range(20):  # it may be away on the first day that comes to mind
        start = draft.day(dice, 35, draft.calendar.days - 10)
        inside = rows[(day >= start) & (day < start + days)]
        if inside.size >= min(most, _ENOUGH):
            return inside if most >= inside.size else _some(dice, inside, most)
    raise NobodyLeft


def _some(dice: Dice, rows: Ints, count: int) -> Ints:
    found: Ints = np.sort(dice.choice(rows, count, replace=False))
    return found


def send_from(
    draft: Draft,
    sender: int,
    at: Ints,
    number: int,
    *,
    sets: list[list[str]] | None = None,
    client_ip: int | None = None,
    name: int | None = None,
) -> None:
    """Add messages of a sender that are otherwise like its own: address, TLS, authentication."""
    day = np.clip(at // DAY, 0, draft.calendar.days - 1)
    half = ((at % DAY) >= DAY // 2).astype(np.int64)
    pool = draft.habits.first[sender] + np.arange(at.size) % draft.habits.size[sender]
    to: npt.ArrayLike = pool if sets is None else [draft.texts.to(one) for one in sets]
    old = draft.protocols.legacy_share[sender, day] > 0.5
    basic = draft.protocols.basic_share[sender, day] > 0.5
    draft.more_mail.append(
        Mail(
            **columns(
                at.size,
                at=at,
                sender=sender if name is None else name,
                account=draft.people.account[sender],
                client_ip=draft.places[sender, day, half] if client_ip is None else client_ip,
                tls=np.where(old, draft.protocols.legacy[sender], draft.protocols.modern[sender]),
                auth=np.where(basic, 0, 1),
                to=to,
                event=number,
            )
        )
    )
