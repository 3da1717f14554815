"""Makes the ledger out of the story: when who sent and signed in, and the planted events.

Deterministic: one seed, `random.Random.random()` only (its sequence is the same on every
platform and Python), no clock, no locale.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Final

from smtpauth_kit.sample import by_hand, story
from smtpauth_kit.sample.ledger import (
    SEED,
    SIGN_IN_DAYS,
    Attempt,
    Ledger,
    Mailbox,
    Message,
    uuid_of,
)
from smtpauth_kit.sample.story import Sender

_DAY: Final = dt.timedelta(days=1)
_STRANGERS: Final = ("woodgrove.example", "adatum.example", "tailspin.example", "litware.example")
_KNOWN: Final = ("fabrikam.com", "contoso.com", "partner.example", "supplier.example")


@cache
def make_ledger() -> Ledger:
    """Return the ledger; the same on every call and every machine.

    Examples
    --------
    >>> from smtpauth_kit.sample.ledger import count
    >>> ledger = make_ledger()
    >>> count(ledger.messages, sender="quarterly@fabrikam.com")
    60
    """
    dice = random.Random(SEED)
    people = story.senders()
    sent = [m for sender in people for m in _habits(sender, dice)] + list(_planted_mail(dice))
    sent.sort(key=lambda m: (m.sent_at, m.sender_address))
    of_chance = [_with_ids(m, n) for n, m in enumerate(sent)]
    own = [_with_ids(m, len(sent) + n) for n, m in enumerate(by_hand.messages())]
    attempts = sorted(
        [*_sign_ins(of_chance, dice), *_planted_sign_ins(), *_other_apps(people, dice),
         *by_hand.attempts(own)],
        key=lambda a: (a.at, a.account),
    )  # fmt: skip
    numbered = tuple(replace(a, sign_in_id=uuid_of("sign-in", n)) for n, a in enumerate(attempts))
    messages = sorted(
        by_hand.lacking([*of_chance, *own]), key=lambda m: (m.sent_at, m.sender_address)
    )
    boxes = tuple(_mailboxes([*people, *by_hand.senders()]))
    return Ledger(tuple(messages), numbered, boxes, story.planted())


def _days() -> Iterator[dt.date]:
    day = story.FIRST_DAY
    while day <= story.LAST_DAY:
        yield day
        day += _DAY


def _habits(sender: Sender, dice: random.Random) -> Iterator[Message]:
    for day in _days():
        for _ in range(_how_many(sender, day, dice)):
            yield _usual_message(sender, day, dice)


def _how_many(sender: Sender, day: dt.date, dice: random.Random) -> int:
    if sender.until and day > sender.until:
        return 0
    if sender.only_on:
        return int(sender.per_day) if day in sender.only_on else 0
    weight = sender.week[day.weekday()]
    if sender.month_end != 1 and (day + 3 * _DAY).month != day.month:
        weight *= sender.month_end
    expected = sender.per_day * weight * (0.75 + 0.5 * dice.random())
    return int(expected) + (dice.random() < expected % 1)


def _usual_message(sender: Sender, day: dt.date, dice: random.Random) -> Message:
    first, last = sender.hours
    second = int((first + dice.random() * (last - first)) * 3600)
    newer = sender.tls_newer and dice.random() < 0.2
    to = tuple(
        f"{name}@{_KNOWN[int(dice.random() * len(_KNOWN))]}"
        for name in ("info", "office", "team")[: 1 + int(dice.random() * sender.recipients)]
    )
    return Message(
        sent_at=dt.datetime(day.year, day.month, day.day) + dt.timedelta(seconds=second),
        sender_address=sender.address,
        tls_version=sender.tls_newer if newer else sender.tls,
        auth_protocol=_protocol(sender, day, dice),
        client_ip=sender.ip,
        recipients=to,
        message_id="",
        network_message_id="",
        subject=f"{sender.group} {day}",
        account=sender.account,
    )


def _protocol(sender: Sender, day: dt.date, dice: random.Random) -> str:
    if sender.oauth_from is None or day < sender.oauth_from:
        return "basic"
    if day < sender.oauth_from + sender.overlap_days * _DAY and dice.random() < 0.5:
        return "basic"
    return "oauth"


def _planted_mail(dice: random.Random) -> Iterator[Message]:
    burst = dt.datetime(2026, 11, 19, 23)
    for n in range(story.BURST_MESSAGES):
        yield Message(
            burst + dt.timedelta(seconds=int(n * 4.5 * 3600 / story.BURST_MESSAGES)),
            "carol@contoso.com", "1.2", "basic", story.BURST_IP,
            tuple(f"x{n * 3 + k}@{_STRANGERS[(n + k) % 4]}" for k in range(3)), "", "",
            "Invoice overdue", "compromised account",
        )  # fmt: skip
    woken = dt.datetime(2026, 11, 17, 4)
    for n in range(story.WOKEN_MESSAGES):
        yield Message(
            woken + dt.timedelta(seconds=n * 200 + int(dice.random() * 100)),
            "intern-old@contoso.com", "1.2", "basic", story.DORMANT_IP,
            (f"y{n}@{_STRANGERS[n % 4]}",), "", "", "Hello", "dormant account wakes",
        )  # fmt: skip


def _with_ids(message: Message, number: int) -> Message:
    host = message.sender_address.replace("@", ".")
    return replace(
        message,
        message_id=f"<{number:05d}@{host}>",
        network_message_id=uuid_of("message", number),
        account=message.account or message.sender_address,
    )


_CITIES: Final = {
    "contoso.com": ("NL", "Amsterdam", 64496),
    "contoso.org": ("NL", "Utrecht", 64497),
    "fabrikam.com": ("NL", "Eindhoven", 64498),
}


def _sign_ins(messages: Iterable[Message], dice: random.Random) -> Iterator[Attempt]:
    """One sign-in on each day a sender sends, shortly before its first message; some mistype."""
    seen: set[tuple[str, dt.date]] = set()
    for message in messages:
        if (message.sender_address, message.day) in seen or message.planted:
            continue
        seen.add((message.sender_address, message.day))
        country, city, network = _CITIES[message.domain]
        attempt = Attempt(
            "", message.sent_at - dt.timedelta(seconds=2), message.account, True, 0,
            message.auth_protocol, message.client_ip, country, city, network,
            "BAV2ROPC" if message.auth_protocol == "basic" else "", "Authenticated SMTP",
        )  # fmt: skip
        if dice.random() < 0.01:
            yield replace(
                attempt, at=attempt.at - dt.timedelta(seconds=9), success=False, error_code=50126
            )
        yield attempt


def _planted_sign_ins() -> Iterator[Attempt]:
    spray = next(event for event in story.planted() if event.kind == "spray")
    for n, account in enumerate(spray.accounts * 3):
        yield Attempt(
            "", spray.start + dt.timedelta(seconds=n * 60), account, False, 50126, "basic",
            story.SPRAY_IP, "NG", "Lagos", 64501, "BAV2ROPC", "Authenticated SMTP", spray.name,
        )  # fmt: skip
    got_in = ("NG", "Lagos", 64501, "BAV2ROPC", "Authenticated SMTP", "compromised account")
    for when, ip in (
        (dt.datetime(2026, 11, 13, 2, 11), story.SPRAY_IP),
        (dt.datetime(2026, 11, 19, 22, 59, 50), story.BURST_IP),
    ):
        yield Attempt("", when, "carol@contoso.com", True, 0, "basic", ip, *got_in)
    yield Attempt(
        "", dt.datetime(2026, 11, 17, 3, 59, 30), "intern-old@contoso.com", True, 0, "basic",
        story.DORMANT_IP, "RO", "Iasi", 64502, "BAV2ROPC", "Authenticated SMTP",
        "dormant account wakes",
    )  # fmt: skip
    yield Attempt(
        "", dt.datetime(2026, 11, 18, 20, 5), "frank@fabrikam.com", True, 0, "oauth",
        story.ABROAD_IP, "BR", "Recife", 64503, "", "SMTP", "new country",
    )  # fmt: skip


def _other_apps(people: Iterable[Sender], dice: random.Random) -> Iterator[Attempt]:
    """Sign-ins with a browser or IMAP: in the same log, and no use of SMTP AUTH."""
    for sender in people:
        if sender.group != "people":
            continue
        country, city, network = _CITIES[sender.domain]
        for day in list(_days())[-SIGN_IN_DAYS:]:
            app = "IMAP4" if dice.random() < 0.2 else "Browser"
            at = dt.datetime(day.year, day.month, day.day, 6) + dt.timedelta(
                seconds=int(dice.random() * 7200)
            )
            yield Attempt(
                "", at, sender.address, True, 0, "oauth", sender.ip, country, city, network,
                "Mozilla/5.0", app,
            )  # fmt: skip


def _mailboxes(people: Iterable[Sender]) -> Iterator[Mailbox]:
    for sender in people:
        name = sender.address.partition("@")[0].replace("-", " ").replace("_", " ").title()
        yield Mailbox(sender.address, name, sender.listed_setting)
    for n in range(1, 25):
        domain = story.DOMAINS[n % 3]
        yield Mailbox(f"staff{n:02d}@{domain}", f"Staff {n:02d}", (None, True, None, False)[n % 4])
