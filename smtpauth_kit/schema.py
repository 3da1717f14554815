"""The words of the kit: canonical columns, the values they may hold, a question's filters."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple

from smtpauth_kit.conditions import Clause, Groups, both, parse_clause, parse_groups, write_groups
from smtpauth_kit.errors import UsageError
from smtpauth_kit.sentences import Sentence, kept

SCHEMA_VERSION: Final = 4
"""Version of the tables in a store; another version is refused, never altered."""

TLS_VERSIONS: Final = ("none", "1.0", "1.1", "1.2", "1.3", "unknown")
"""Every TLS version a figure can have, in the order Microsoft's flyout lists them."""

LEGACY_TLS: Final = ("1.0", "1.1")
"""Deprecated by RFC 8996."""

AUTH_PROTOCOLS: Final = ("basic", "oauth", "unknown")

SOURCES: Final = (
    "server_log", "extended_trace", "report", "submission_log", "sign_in_log", "audit_log",
)  # fmt: skip
"""Kinds of export a figure can come from; the order settles ties when a source is chosen.

The audit log is apart from the sign-in log: its records of the same sign-ins have other ids.
"""

SUBMISSION_SOURCES: Final = SOURCES[:4]

ANSWERS: Final = (
    "insight",
    "sending-volume",
    "tls-usage",
    "auth-usage",
    "tls-by-day",
    "auth-by-day",
    "volume-by-sender",
    "volume-by-domain",
    "senders-by-tls",
    "senders",
    "sender",
    "sign-ins",
    "files",
    "rejected",
)
"""Every question the kit answers, under the name `smtpauth show` knows it by."""

DEFAULT_DAYS: Final = 7
"""Length of the range when none is asked for: Microsoft's insight looks at the past 7 days."""


@dataclass(frozen=True)
class Filters:
    """What a question is asked about. Equal filters give equal answers.

    Examples
    --------
    >>> Filters(domains=("contoso.com",)).changed(sender="scanner@contoso.com").sender
    'scanner@contoso.com'
    """

    start: dt.date | None = None
    """First day, included. None: `DEFAULT_DAYS` days that end on `end`."""
    end: dt.date | None = None
    """Last day, included. None: `as_of`, else the newest day loaded."""
    as_of: dt.date | None = None
    """The day the default range ends on, in place of the newest day loaded."""
    domains: tuple[str, ...] = ()
    """Sender domains; empty means all."""
    sender: str | None = None
    """One sender address; case and the form of its domain do not matter."""
    source: str = "auto"
    """One of SOURCES, or "auto": the one with data on most days of the range."""
    timezone: str = "UTC"
    """IANA zone whose days count. Reports keep the days they were exported for."""
    min_messages: int = 0
    """Senders with fewer messages in the range are left out."""
    where: tuple[Clause, ...] = ()
    """Conditions on the columns of the answer, all of which must hold."""
    senders: Groups = ()
    """Which senders: groups of conditions on the columns of the answer `senders`. All conditions
    of one group must hold, one group is enough, none means everyone. Every figure of every answer
    is of these senders."""

    def changed(self, **fields_: Any) -> Filters:
        """Return these filters with some fields replaced."""
        return Filters(**{**self.as_dict(), **fields_})

    def of_everyone(self) -> Filters:
        """Return these filters for all senders: the same days and source.

        Examples
        --------
        >>> Filters(domains=("contoso.com",), min_messages=5).of_everyone() == Filters()
        True
        """
        return self.changed(domains=(), sender=None, min_messages=0, senders=())

    def on_senders(self) -> Filters:
        """Return these filters with the conditions of `where` as ones on senders.

        Examples
        --------
        >>> Filters(where=(Clause("basic_count", ">", "0"),)).on_senders().senders
        ((Clause(field='basic_count', operator='>', value='0'),),)
        """
        return self.changed(senders=both(self.senders, self.where), where=())

    def to_json(self) -> dict[str, Any]:
        """Return the fields that are asked for, as JSON can hold them.

        >>> Filters(start=dt.date(2026, 11, 16), domains=("contoso.com",)).to_json()
        {'start': '2026-11-16', 'domains': ['contoso.com']}
        """
        asked = {k: v for k, v in self.as_dict().items() if v != getattr(ALL, k)}
        texts = {"where": list(map(str, self.where)), "senders": write_groups(self.senders)}
        plain = {"domains": list(self.domains), **texts}
        days = {k: v.isoformat() for k, v in asked.items() if isinstance(v, dt.date)}
        return {k: days.get(k, plain.get(k, v)) for k, v in asked.items()}

    @staticmethod
    def from_json(kept: dict[str, Any]) -> Filters:
        """Return the filters that :meth:`to_json` kept.

        Raises
        ------
        UsageError
            Another hand wrote it.

        Examples
        --------
        >>> kept = Filters(senders=parse_groups("basic_count > 0"), min_messages=5).to_json()
        >>> Filters.from_json(kept).min_messages
        5
        """
        asked = dict(kept)
        domains = asked.pop("domains", [])
        try:
            found = filters(domain=domains, **asked)
            texts = (*found.domains, found.sender or "", found.source, found.timezone)
            if not all(isinstance(text, str) for text in texts) or found.min_messages < 0:
                raise TypeError
        except (TypeError, AttributeError, ValueError):
            raise UsageError("What was kept are no filters.") from None
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name, as they are."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


ALL: Final = Filters()
"""Everyone, of the last days loaded."""


def filters(
    *,
    domain: str | list[str] | None = None,
    start: dt.date | str | None = None,
    end: dt.date | str | None = None,
    as_of: dt.date | str | None = None,
    where: str | list[str] | None = None,
    senders: str | None = None,
    **others: Any,
) -> Filters:
    """Return filters from what a notebook's parameters can hold: text, or nothing.

    Raises
    ------
    UsageError
        A day is not written as 2026-11-16, or what should be a condition is none.

    Examples
    --------
    >>> filters(domain="contoso.com", start="2026-11-16").start
    datetime.date(2026, 11, 16)
    >>> filters(senders="tls_1_0_count > 0 or basic_count >= 100").senders[0]
    (Clause(field='tls_1_0_count', operator='>', value='0'),)
    """
    return Filters(
        start=as_day(start),
        end=as_day(end),
        as_of=as_day(as_of),
        domains=tuple(filter(None, _listed(domain))),
        where=tuple(map(parse_clause, _listed(where))),
        senders=parse_groups(senders or ""),
        **others,
    )


def _listed(texts: str | list[str] | None) -> list[str]:
    return [texts] if isinstance(texts, str) else texts or []


def as_day(day: dt.date | str | None) -> dt.date | None:
    """Return a day from a date or its ISO text.

    Raises
    ------
    UsageError
        The text is no day.
    """
    if not isinstance(day, str):
        return day
    try:
        return dt.datetime.strptime(day, "%Y-%m-%d").date()
    except ValueError:
        raise UsageError("{text} is not a day. Write it as 2026-11-16.", text=repr(day)) from None


class Submission(NamedTuple):
    """One message handed in over SMTP AUTH, or a count of them: a row of `submissions`."""

    line: int
    sent_at: dt.datetime | None
    """UTC; None for counts, and for a message whose export gives only its day."""
    period_start: dt.date
    period_end: dt.date
    """Both included; equal for a message."""
    sender_address: str
    sender_derived: bool = False
    """The log names no sender; the account that signed in was taken."""
    account: str = ""
    tls_version: str = "unknown"
    auth_protocol: str = "unknown"
    client_ip: str = ""
    recipients: tuple[str, ...] = ()
    recipient_count: int = 0
    """0 where the export does not say."""
    message_id: str = ""
    network_message_id: str = ""
    message_count: int = 1
    tls_derived: bool = False
    """The count of this TLS version was worked out from a percentage."""
    session: str = ""
    """The front end's session, whose TLS version and account stand in another log."""
    row_key: str = ""
    """Empty where an id names the message. Else equal for rows that state the same thing; one
    that starts with `row:` says nothing more than that all columns are equal, so the same one
    twice in a file is two messages."""


class Session(NamedTuple):
    """What an Exchange front end's log says of a session whose messages stand in another log."""

    line: int
    session: str
    tls_version: str
    auth_protocol: str
    account: str


class SignIn(NamedTuple):
    """One attempt to authenticate: a row of `sign_ins`."""

    line: int
    signed_in_at: dt.datetime
    """UTC."""
    account: str
    account_key: str
    result: str
    row_key: str
    error_code: str = ""
    auth_protocol: str = "unknown"
    client_ip: str = ""
    country: str = ""
    city: str = ""
    network: str = ""
    user_agent: str = ""


class MailContext(NamedTuple):
    """One recipient of a message known to be mail, not known to be SMTP AUTH."""

    line: int
    received_at: dt.datetime | None
    """UTC; None where the export gives only a day."""
    sender_address: str
    sender_key: str
    sender_domain: str
    recipient_address: str
    row_key: str
    status: str = ""
    client_ip: str = ""
    connector: str = ""
    tls_version: str = "unknown"
    message_id: str = ""
    network_message_id: str = ""


class MailboxSetting(NamedTuple):
    """What one mailbox, or the tenant (empty address), was allowed on one day."""

    line: int
    day: dt.date
    day_derived: bool
    """The export has no day; the file's own date was taken."""
    address: str
    address_key: str
    display_name: str
    smtp_auth_disabled: bool | None
    """None: the mailbox inherits the tenant's setting."""
    allow_legacy_tls: bool | None
    row_key: str


class ConnectorVolume(NamedTuple):
    """A day of a connector between servers, with its counts; context only."""

    line: int
    day: dt.date
    connector: str
    connector_type: str
    forced_tls: str
    none_count: int
    tls_1_0_count: int
    tls_1_1_count: int
    tls_1_2_count: int
    tls_1_3_count: int
    message_count: int
    row_key: str


Fact = Submission | Session | SignIn | MailContext | MailboxSetting | ConnectorVolume


class Rejected(NamedTuple):
    """A row that is not loaded, as it came, and why."""

    line: int
    reason: str
    raw: str
    sentence: str
    """The reason as the store keeps it for other languages (see `sentences.kept`)."""


def rejected(line: int, reason: Sentence, raw: str) -> Rejected:
    """Return a row that is not loaded: millions may wait, so each is no more than its texts."""
    return Rejected(line, str(reason), raw, kept(reason))
