"""The facts: one class for each kind of row that a load writes, and what it rejects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from smtpauth_kit.base.sentences import Sentence, kept


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
    """The front end's session, whose TLS version and account stand in another log; or the queue id
    (`queue:`) by which a cut copy of a mail log, which lacks the message id, knows the message."""
    tls_cipher: str = ""
    """As the export names it; empty where it does not say."""
    message_subject: str = ""
    """As it came; empty where the export does not say."""
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


class OpenLine(NamedTuple):
    """A line of a log whose session, connection or message goes on in another file.

    What the file alone makes of it is given beside it, as facts of the same line.
    """

    line: int
    logged_at: dt.datetime
    """UTC."""
    place: int
    """Among the lines of its file, in the order in which they were written."""
    thread: str
    """What the line tells of: equal in all files that tell of it."""
    joins: str
    """Another thread that tells more of it; empty where there is none."""
    text: str
    """The line as its format reads it again."""


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
    message_subject: str = ""


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


Fact = Submission | Session | OpenLine | SignIn | MailContext | MailboxSetting | ConnectorVolume


@dataclass(frozen=True)
class Columns:
    """Facts of one kind, a column at a time, as they are handed to a store.

    Examples
    --------
    >>> session = Session(7, "08DE1", "1.2", "oauth", "scanner@contoso.com")
    >>> columns = Columns.of(Session, [session])
    >>> columns.cells["line"], columns.facts() == [session]
    ([7], True)
    """

    kind: type[Any]
    cells: Mapping[str, Sequence[Any]]
    """By the names of the kind; one that is missing has its default in every row."""

    @classmethod
    def of(cls, kind: type[Any], facts: Sequence[Any]) -> Columns:
        """Return facts, at least one, by their columns."""
        return cls(kind, dict(zip(kind._fields, map(list, zip(*facts, strict=True)), strict=True)))

    def __len__(self) -> int:
        return len(self.cells["line"])

    @property
    def defaults(self) -> dict[str, Any]:
        """What the columns that are missing have in every row."""
        defaults = self.kind._field_defaults
        return {name: each for name, each in defaults.items() if name not in self.cells}

    def facts(self) -> list[Any]:
        """Return them one by one."""
        rows = zip(*self.cells.values(), strict=True)
        return [self.kind(**dict(zip(self.cells, row, strict=True))) for row in rows]


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
