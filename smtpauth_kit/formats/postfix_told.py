"""What is known of a connection to Postfix and of a message, and the submission it makes."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, TypeVar

from smtpauth_kit.base.facts import Submission
from smtpauth_kit.formats.log_envelope import LogLine
from smtpauth_kit.formats.receive_log import auth_protocol_of
from smtpauth_kit.values import addresses, times
from smtpauth_kit.values.cells import Unfit

MAX_OPEN: Final = 100_000
"""Messages, and connections, that are remembered at once."""
MAX_RECIPIENTS: Final = 5_000
_MAX_LINES: Final = MAX_RECIPIENTS + 100
"""Lines that are kept of one message for other files: one for each recipient, and the rest."""
_MAX_BEGINNING: Final = 100
"""Lines that are kept of how one connection begins."""

Told = tuple[int, int, LogLine]
"""A line with its number in the file, and its place in the order of time."""
Key = tuple[str, str]
"""A host, and a queue id or a process on it."""
_T = TypeVar("_T")


def make_room(kept: OrderedDict[Key, _T]) -> None:
    """Forget the oldest where too many are remembered."""
    if len(kept) >= MAX_OPEN:
        kept.popitem(last=False)


@dataclass
class Connection:
    """A client's connection to one process, until the log says that it ends."""

    client_ip: str
    at: dt.datetime | None
    is_cut: bool = False
    """It began before this file."""
    tls_version: str = "unknown"
    told: list[Told] = field(default_factory=list)
    is_given: bool = False
    """Its lines were given for other files."""
    proxied: Message | None = None
    """What was handed to a filter, and has no queue id yet."""

    def tell(self, told: Told) -> None:
        """Keep a line of it for other files."""
        if len(self.told) < _MAX_BEGINNING:
            self.told.append(told)


@dataclass
class Message:
    """A message that somebody signed in for, or a filter hands in, as far as it is told."""

    line: int
    raw: str
    host: str
    queue_id: str
    at: times.Moment
    client_ip: str
    connection: Connection | None = None
    process: str = ""
    mechanism: str = ""
    account: str = ""
    tls_version: str = "unknown"
    sender: str = ""
    message_id: str = ""
    recipients: dict[str, None] = field(default_factory=dict)
    recipient_count: int = 0
    is_queued: bool = False
    is_refused: bool = False
    is_removed: bool = False
    is_wanted: bool = False
    """It came back from a filter that took it before this file."""
    is_cut: bool = False
    """It, or its connection, began before this file or goes on after it."""
    told: list[Told] = field(default_factory=list)

    def tell(self, told: Told) -> None:
        """Keep a line of it for other files."""
        if len(self.told) < _MAX_LINES:
            self.told.append(told)


def submission_of(message: Message) -> Submission:
    """Return what a message gives that somebody signed in for."""
    sender = message.sender or message.account
    if not message.sender and "@" not in sender:
        raise Unfit("the log names no sender, and the account is no address")
    recipients, named = tuple(message.recipients), _name(message)
    return Submission(
        line=message.line,
        sent_at=message.at.at,
        period_start=message.at.day,
        period_end=message.at.day,
        sender_address=addresses.sender_address(sender).shown,
        sender_derived=not message.sender,
        account=addresses.account(message.account).shown,
        tls_version=message.tls_version,
        auth_protocol=auth_protocol_of(message.mechanism),
        client_ip=message.client_ip,
        recipients=recipients,
        recipient_count=message.recipient_count or len(recipients),
        message_id=message.message_id,
        session=named if message.message_id else "",
        row_key="" if message.message_id else named,
    )


def _name(message: Message) -> str:
    """Return what names a message of a log: a cut copy of it lacks the message id."""
    second = str(message.at.at or message.at.day)[:19]
    return f"queue:{message.host.lower()}\n{message.queue_id}\n{second}"
