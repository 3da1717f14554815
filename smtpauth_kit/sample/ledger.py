"""What truly happened in the sample: made first, before any export is written from it.

Tests compare the kit's answers with this ledger and never with a second reading of the exports.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from smtpauth_kit.sample import story
from smtpauth_kit.sample.story import Planted

SEED: Final = 20261122
"""Settles every chance, and every id."""
TRACE_DAYS: Final = 10
"""The extended trace covers so many days, the last of the story."""
SIGN_IN_DAYS: Final = 30
"""The sign-in logs cover so many days, the last of the story."""
_DAY: Final = dt.timedelta(days=1)


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
    is_alias: bool = False
    """The sender address is an alias of the account's: a report counts it under the account."""
    tls_cipher: str = ""
    """Empty: the usual one of its TLS version."""
    has_id: bool = True
    """Whether the submission log tells its id; without one, each recipient's row is a message."""
    not_told_by: tuple[str, ...] = ()
    """Sources that lack it."""

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
        >>> from smtpauth_kit.sample import make_ledger
        >>> ledger, week = make_ledger(), report_weeks()[-1]
        >>> ledger.message_count(*week, source="report", tls="1.3")
        0
        >>> ledger.message_count(*week, tls="1.3") > 0
        True
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
        only; one of its weeks was exported too early. The trace covers the last ten days and the
        beginning of a day before; it knows neither "no TLS" nor the protocol.
        """
        if source not in self._seen:
            self._seen[source] = self._told_by(source)
        return self._seen[source]

    @cached_property
    def _seen(self) -> dict[str, list[Message]]:
        """What `seen_by` returned before."""
        return {}

    def _told_by(self, source: str) -> list[Message]:
        there = [m for m in self.messages if source not in m.not_told_by]
        if source == "submission_log":
            return [row for m in there for row in rows_in_log(m)]
        if source == "requested_report":
            return [m for m in there if m.day >= story.REQUESTED_FROM]
        if source == "report":
            since = report_weeks()[0][0]
            seen = [as_reported(m) for m in there if m.day >= since and not is_too_late(m)]
        elif source == "extended_trace":
            seen = [m for m in there if is_traced(m)]
        else:
            raise ValueError(source)
        known = ("1.0", "1.1", "1.2") if source == "report" else ("1.0", "1.1", "1.2", "1.3")
        auth = "unknown" if source == "extended_trace" else None
        return [
            replace(
                m,
                tls_version=m.tls_version if m.tls_version in known else "unknown",
                auth_protocol=auth or m.auth_protocol,
            )
            for m in seen
        ]

    def seen_sign_ins(self) -> list[Attempt]:
        """Return the sign-ins for SMTP of the days that the sign-in exports cover."""
        since = story.LAST_DAY - (SIGN_IN_DAYS - 1) * _DAY
        return [a for a in self.attempts if a.is_smtp and a.at.date() >= since]


CUT_TRACE: Final = (dt.datetime(2026, 11, 9), dt.datetime(2026, 11, 9, 17, 40))
"""An earlier trace, of 9 to 12 November, was cut at 1,000 rows: from when to when it tells."""
LATE_WEEK: Final = dt.date(2026, 11, 2)
RENEWED_WEEK: Final = dt.date(2026, 10, 12)
"""Mondays of the reports that were exported on their Sunday: the second was exported again."""
EXPORTED_AT: Final = dt.time(9)
"""When they were, UTC."""


def is_too_late(message: Message, week: dt.date = LATE_WEEK) -> bool:
    """Tell whether a message was sent after the report of its week had been exported."""
    sunday = week + 6 * _DAY
    return message.day == sunday and message.sent_at.time() >= EXPORTED_AT


def is_traced(message: Message) -> bool:
    """Tell whether a trace was asked for that has the message: the newest one, or the cut one."""
    newest = story.LAST_DAY - (TRACE_DAYS - 1) * _DAY
    return message.day >= newest or CUT_TRACE[0] <= message.sent_at < CUT_TRACE[1]


def as_reported(message: Message) -> Message:
    """Return a message as a report counts it: an alias under its account."""
    return replace(message, sender_address=message.account) if message.is_alias else message


def rows_in_log(message: Message) -> list[Message]:
    """Return what the submission log has of it as messages: without an id, each recipient's row."""
    if message.has_id:
        return [message]
    return [replace(message, message_id="", recipients=(each,)) for each in message.recipients]


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


def uuid_of(kind: str, number: int | str) -> str:
    """Return an id that only the seed, the kind and the number settle."""
    digits = hashlib.sha256(f"{SEED} {kind} {number}".encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"
