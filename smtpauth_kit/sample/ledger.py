"""What truly happened in the sample: made first, before any export is written from it.

Deterministic: one seed, `random.Random.random()` only (its sequence is the same on every
platform and Python), no clock, no locale. Tests compare the kit's answers with this ledger and
never with a second reading of the exports.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from smtpauth_kit.sample import requested_report, story
from smtpauth_kit.sample.story import Planted, Sender

SEED: Final = 20261122
TRACE_DAYS: Final = 10
SIGN_IN_DAYS: Final = 30
_DAY: Final = dt.timedelta(days=1)
_STRANGERS: Final = ("woodgrove.example", "adatum.example", "tailspin.example", "litware.example")
_KNOWN: Final = ("fabrikam.com", "contoso.com", "partner.example", "supplier.example")


@dataclass(frozen=True)
class Message:
    """One message that was submitted over SMTP AUTH."""

    sent_at: dt.datetime
    """UTC, whole seconds."""
    sender_address: str
    tls_version: str
    auth_protocol: str
    client_ip: str
    recipients: tuple[str, ...]
    message_id: str
    network_message_id: str
    subject: str
    planted: str = ""
    """Name of the planted event it belongs to."""
    account: str = ""
    """Who signed in to send it; another than the sender address where one sends as another."""

    @property
    def day(self) -> dt.date:
        """Its UTC day."""
        return self.sent_at.date()

    @property
    def domain(self) -> str:
        """The sender domain."""
        return self.sender_address.partition("@")[2]


@dataclass(frozen=True)
class Attempt:
    """One attempt to authenticate, for SMTP or with another client app."""

    sign_in_id: str
    at: dt.datetime
    account: str
    success: bool
    error_code: int
    auth_protocol: str
    client_ip: str
    country: str
    city: str
    network: int
    user_agent: str
    client_app: str
    planted: str = ""

    @property
    def is_smtp(self) -> bool:
        """Tell whether it is a sign-in for SMTP AUTH."""
        return self.client_app in ("Authenticated SMTP", "SMTP")

    @property
    def interactive(self) -> bool:
        """Tell which of the two Entra logs it is in: OAuth for SMTP shows as non-interactive."""
        return self.auth_protocol == "basic" or not self.is_smtp


@dataclass(frozen=True)
class Mailbox:
    """A mailbox and whether SMTP AUTH is switched off for it; None inherits the tenant's."""

    address: str
    display_name: str
    smtp_auth_disabled: bool | None


@dataclass(frozen=True)
class Tenant:
    """The settings of the whole organisation, which a mailbox without its own inherits."""

    smtp_auth_disabled: bool = False
    allow_legacy_tls: bool = True


@dataclass(frozen=True)
class Ledger:
    """Everything that happened, and how much of it each kind of export can tell."""

    messages: tuple[Message, ...]
    attempts: tuple[Attempt, ...]
    mailboxes: tuple[Mailbox, ...]
    planted: tuple[Planted, ...]
    tenant: Tenant = Tenant()

    def message_count(
        self,
        start: dt.date = story.FIRST_DAY,
        end: dt.date = story.LAST_DAY,
        *,
        source: str = "submission_log",
        domain: str | None = None,
        sender: str | None = None,
        tls: str | None = None,
        auth: str | None = None,
    ) -> int:
        """Return how many messages a source tells of from `start` to `end`, both included.

        Of reports only those lying wholly inside count, as in the kit's answers.

        Examples
        --------
        >>> ledger, week = make_ledger(), report_weeks()[-1]
        >>> told = ledger.message_count(*week, source="report", tls="1.3")
        >>> told, ledger.message_count(*week, tls="1.3") > 0
        (0, True)
        """
        seen = self._within(source, start, end)
        return count(seen, domain=domain, sender=sender, tls=tls, auth=auth)

    def accounts(
        self,
        start: dt.date = story.FIRST_DAY,
        end: dt.date = story.LAST_DAY,
        *,
        source: str = "submission_log",
    ) -> set[str]:
        """Return the accounts of the insight, as a source tells them.

        Sender addresses of messages; for `sign_in_log` accounts with a successful sign-in.
        """
        if source == "sign_in_log":
            return {
                a.account for a in self.seen_sign_ins() if a.success and start <= a.at.date() <= end
            }
        return accounts(self._within(source, start, end))

    def _within(self, source: str, start: dt.date, end: dt.date) -> list[Message]:
        seen = [m for m in self.seen_by(source) if start <= m.day <= end]
        if source != "report":
            return seen
        weeks = [week for week in report_weeks() if start <= week[0] and week[1] <= end]
        return [m for m in seen if any(first <= m.day <= last for first, last in weeks)]

    def seen_by(self, source: str) -> list[Message]:
        """Return the messages as a source tells them: what it cannot say is `unknown`.

        The requested report covers the last 30 days, and knows all that is asked here.
        The report covers whole weeks from 17 August and has columns for TLS 1.0, 1.1 and 1.2
        only; the trace covers the last ten days and knows neither "no TLS" nor the protocol.
        """
        if source == "submission_log":
            return list(self.messages)
        if source == "requested_report":
            return requested_report.seen(self.messages)
        if source == "report":
            since = report_weeks()[0][0]
        elif source == "extended_trace":
            since = story.LAST_DAY - (TRACE_DAYS - 1) * _DAY
        else:
            raise ValueError(source)
        told = ("1.0", "1.1", "1.2") if source == "report" else ("1.0", "1.1", "1.2", "1.3")
        seen = [m for m in self.messages if m.day >= since]
        auth = "unknown" if source == "extended_trace" else None
        return [
            replace(
                m,
                tls_version=m.tls_version if m.tls_version in told else "unknown",
                auth_protocol=auth or m.auth_protocol,
            )
            for m in seen
        ]

    def seen_sign_ins(self) -> list[Attempt]:
        """Return the sign-ins for SMTP of the days that the sign-in exports cover."""
        since = story.LAST_DAY - (SIGN_IN_DAYS - 1) * _DAY
        return [a for a in self.attempts if a.is_smtp and a.at.date() >= since]


def count(
    messages: Iterable[Message],
    start: dt.date = story.FIRST_DAY,
    end: dt.date = story.LAST_DAY,
    *,
    domain: str | None = None,
    sender: str | None = None,
    tls: str | None = None,
    auth: str | None = None,
) -> int:
    """Return how many messages were sent from `start` to `end`, both included (UTC days)."""
    return sum(
        start <= m.day <= end
        and domain in (None, m.domain)
        and sender in (None, m.sender_address)
        and tls in (None, m.tls_version)
        and auth in (None, m.auth_protocol)
        for m in messages
    )


def accounts(
    messages: Iterable[Message], start: dt.date = story.FIRST_DAY, end: dt.date = story.LAST_DAY
) -> set[str]:
    """Return the sender addresses that sent from `start` to `end`, both included."""
    return {m.sender_address for m in messages if start <= m.day <= end}


def report_weeks() -> list[tuple[dt.date, dt.date]]:
    """Return the weeks, Monday to Sunday, that the sample's reports were exported for."""
    first = story.FIRST_DAY + (-story.FIRST_DAY.weekday() % 7) * _DAY
    weeks = [(first + n * 7 * _DAY, first + (n * 7 + 6) * _DAY) for n in range(20)]
    return [week for week in weeks if week[1] <= story.LAST_DAY]


@cache
def make_ledger() -> Ledger:
    """Return the ledger; the same on every call and every machine.

    Examples
    --------
    >>> ledger = make_ledger()
    >>> count(ledger.messages, sender="quarterly@fabrikam.com")
    60
    """
    dice = random.Random(SEED)
    people = story.senders()
    sent = [m for sender in people for m in _habits(sender, dice)] + list(_planted_mail(dice))
    sent.sort(key=lambda m: (m.sent_at, m.sender_address))
    messages = tuple(_with_ids(m, n) for n, m in enumerate(sent))
    attempts = sorted(
        [*_sign_ins(messages, people, dice), *_planted_sign_ins(), *_other_apps(people, dice)],
        key=lambda a: (a.at, a.account),
    )
    numbered = tuple(replace(a, sign_in_id=uuid_of("sign-in", n)) for n, a in enumerate(attempts))
    return Ledger(messages, numbered, tuple(_mailboxes(people)), story.planted())


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


def uuid_of(kind: str, number: int | str) -> str:
    """Return an id that only the seed, the kind and the number settle."""
    digits = hashlib.sha256(f"{SEED} {kind} {number}".encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"


_CITIES: Final = {
    "contoso.com": ("NL", "Amsterdam", 64496),
    "contoso.org": ("NL", "Utrecht", 64497),
    "fabrikam.com": ("NL", "Eindhoven", 64498),
}


def _sign_ins(
    messages: Iterable[Message], people: Iterable[Sender], dice: random.Random
) -> Iterator[Attempt]:
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
