"""What Postfix tells of the messages that somebody signed in for, over all their lines.

A message is told in many lines that share a queue id; the line with `sasl_username=` makes it a
submission. The TLS version is the one that the same process named for the same connection before;
at the usual log level there is none, and it is unknown, never none. Queue ids are used again, so a
message ends at `removed`, at the next message of its id, or at the end of the file.

A filter before the queue takes the message under `NOQUEUE` and hands it in again: what it accepted
names the queue id behind it. Where a connection or a message begins before the file or ends after
it, its lines are given too (`OpenLine`), so that another file can tell the rest.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, TypeVar

from smtpauth_kit.base.facts import Fact, OpenLine, Rejected, Submission, rejected
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.formats import postfix_lines as lines
from smtpauth_kit.formats.log_envelope import LogLine
from smtpauth_kit.formats.receive_log import auth_protocol_of
from smtpauth_kit.formats.submission_log import bare_id
from smtpauth_kit.values import addresses, protocols, times
from smtpauth_kit.values.cells import Unfit

MAX_OPEN: Final = 100_000
"""Messages, and connections, that are remembered at once."""
MAX_RECIPIENTS: Final = 5_000
_MAX_LINES: Final = 200
"""Lines that are kept of one message or connection for other files."""
_BEGINNING: Final = dt.timedelta(hours=1)
"""How long after a log's first line what it tells may have begun in another file."""
_CONNECTION: Final = dt.timedelta(days=1)
"""A connection lasts less; an older one of the same process is another."""
_UNLINKED: Final = Sentence(
    "name a sign-in whose mail went to a filter, and no message of it was found; not counted"
)

_Told = tuple[int, int, LogLine]
"""A line with its number in the file, and its place in the order of time."""
Key = tuple[str, str]
"""A host, and a queue id or a process on it."""
_T = TypeVar("_T")


@dataclass
class _Connection:
    client_ip: str
    at: dt.datetime | None
    is_cut: bool = False
    """It began before this file."""
    tls_version: str = "unknown"
    told: list[_Told] = field(default_factory=list)
    is_given: bool = False
    """Its lines were given for other files."""
    proxied: _Message | None = None
    """What was handed to a filter, and has no queue id yet."""


@dataclass
class _Message:
    """A message that somebody signed in for, or a filter hands in, as far as it is told."""

    line: int
    raw: str
    host: str
    queue_id: str
    at: times.Moment
    client_ip: str
    connection: _Connection | None = None
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
    told: list[_Told] = field(default_factory=list)

    def tell(self, told: _Told) -> None:
        if len(self.told) < _MAX_LINES:
            self.told.append(told)


@lru_cache(maxsize=1000)
def service_of(program: str) -> str:
    """Return which part of Postfix a program is; empty: none.

    Examples
    --------
    >>> [service_of(name) for name in ("postfix/smtps/smtpd", "mx-out/qmgr", "sshd", "smtpd")]
    ['smtpd', 'qmgr', '', 'any']
    """
    if match := lines.PROGRAM.fullmatch(program):
        return match[1] if match[1] in lines.SERVICES else ""
    return "any" if lines.UNIT.fullmatch(program) else ""


class PostfixLog:
    """What the lines so far tell."""

    def __init__(
        self, when: Callable[[LogLine], times.Moment], tally: Counter[Sentence], is_joined: bool
    ) -> None:
        self._when, self._tally, self._is_joined = when, tally, is_joined
        # Plain dicts would look for their oldest among all that were removed before.
        self._messages: OrderedDict[Key, _Message] = OrderedDict()
        self._connections: OrderedDict[Key, _Connection] = OrderedDict()
        self._handed_in: OrderedDict[Key, _Message] = OrderedDict()
        """Messages without a sign-in, while something is at a filter."""
        self._others: OrderedDict[Key, None] = OrderedDict()
        """Queue ids that began in this file without a sign-in."""
        self._at_filter = 0
        self._first: dt.datetime | None = None
        self._is_beginning = not is_joined
        self._place = 0

    def take(
        self, number: int, raw: str, line: LogLine, service: str
    ) -> list[Fact | Rejected] | None:
        """Return what a line gives, None where no pattern knows it; `service` wrote the line."""
        self._is_beginning = self._is_beginning and self._begins(line)
        self._place += 1
        if service == "smtpd":
            return self._smtpd(number, raw, line)
        if service != "any":
            return self._queue(service, number, line)
        ends = self._smtpd(number, raw, line)
        for each in ("qmgr", "cleanup", "pickup", "smtp"):
            ends = self._queue(each, number, line) if ends is None else ends
        return ends

    def _begins(self, line: LogLine) -> bool:
        at = self._when(line).at
        assert at is not None
        self._first = self._first or at
        return abs(at - self._first) < _BEGINNING

    def _smtpd(self, number: int, raw: str, line: LogLine) -> list[Fact | Rejected] | None:
        text, key = line.text, (line.host, line.process)
        # A pattern is asked only about what its words begin or stand in: that is much faster.
        if "connect from " in text[:16] and (match := lines.CONNECT.fullmatch(text)):
            return self._dis_connect(number, line, bool(match[1]), match[3])
        if "TLS connection" in text[:30] and (match := lines.TLS.fullmatch(text)):
            connection = self._connection(line, match[2], is_fresh=True)
            connection.tls_version = protocols.tls_version(match[3])
            connection.told.append((number, self._place, line))
        elif "sasl_method=" in text and (match := lines.SUBMITTED.fullmatch(text)):
            return self._begin(number, raw, line, match)
        elif "reject: " in text and (match := lines.REFUSED.fullmatch(text)):
            if known := self._messages.get((line.host, match[1] or "")):
                known.is_refused = True
                known.tell((number, self._place, line))
        elif text.startswith("proxy-"):
            return self._proxied(number, line, key)
        elif lines.NAMES_SIGN_IN.match(text) and ", sasl_username=" in text:
            raise Unfit("it names a sign-in, but cannot be taken apart")
        elif (self._is_beginning or self._at_filter) and (match := lines.BEGUN.fullmatch(text)):
            self._begin_other(number, raw, line, match[1], match[3] or "")
        else:
            return None
        return []

    # --- connections -----------------------------------------------------------------------

    def _connection(self, line: LogLine, client_ip: str, *, is_fresh: bool = False) -> _Connection:
        """Return the connection of a process; one that is not known began before the file."""
        key = (line.host, line.process)
        known = self._connections.get(key)
        # Within one file a process says when its connection ends; between files that may be lost.
        at = self._when(line).at if self._is_joined else None
        is_old = known and known.at and at and at - known.at > _CONNECTION
        if known is None or known.client_ip != client_ip or is_old:
            _make_room(self._connections)
            known = self._connections[key] = _Connection(client_ip, at, is_cut=not is_fresh)
        return known

    def _dis_connect(
        self, number: int, line: LogLine, is_end: bool, client_ip: str
    ) -> list[Fact | Rejected]:
        key = (line.host, line.process)
        known = self._connections.pop(key, None)
        ends = self._unlinked(known) if known else []
        if not is_end:
            connection = self._connection(line, client_ip, is_fresh=True)
            connection.told.append((number, self._place, line))
            return ends
        thread = f"process {line.host.lower()} {line.process}"
        if known is None or known.is_cut:
            return ends + self._orphan(number, line, thread)
        known.told.append((number, self._place, line))
        if known.is_given:
            ends.append(self._open_line(known.told[-1], thread, ""))
        return ends

    # --- messages --------------------------------------------------------------------------

    def _begin(self, number: int, raw: str, line: LogLine, match: Any) -> list[Fact | Rejected]:
        queue_id, _, ip, mechanism, account = match.groups()
        connection = self._connection(line, ip)
        message = _Message(
            number, raw, line.host, queue_id or "", self._when(line), addresses.client_ip(ip),
            connection, line.process, mechanism, account.strip("<>"), connection.tls_version,
            is_cut=connection.is_cut, told=[(number, self._place, line)],
        )  # fmt: skip
        if queue_id is None:
            ends = self._unlinked(connection)
            connection.proxied = message
            self._at_filter += 1
            return ends
        ends = self._end((line.host, queue_id))
        if len(self._messages) >= MAX_OPEN:
            ends += self._end(next(iter(self._messages)))
        self._messages[line.host, queue_id] = message
        return ends

    def _begin_other(
        self, number: int, raw: str, line: LogLine, queue_id: str, client_ip: str
    ) -> None:
        key = (line.host, queue_id)
        _make_room(self._others)
        self._others[key] = None
        if self._at_filter or (self._is_beginning and _is_of_this_machine(client_ip)):
            _make_room(self._handed_in)
            self._handed_in[key] = _Message(
                number,
                raw,
                line.host,
                queue_id,
                self._when(line),
                client_ip,
                told=[(number, self._place, line)],
            )

    def _queue(self, service: str, number: int, line: LogLine) -> list[Fact | Rejected] | None:
        text, host, match = line.text, line.host, None
        if service == "qmgr":
            if text.endswith(": removed") and (match := lines.REMOVED.fullmatch(text)):
                return self._removed(number, line, (host, match[1]))
            if (match := lines.FROM.fullmatch(text)) and (known := self._known(host, match[1])):
                known.sender = known.sender or match[2]
                known.recipient_count, known.is_queued = int(match[3]), True
        elif service == "cleanup":
            if match := lines.MESSAGE_ID.fullmatch(text):
                if known := self._known(host, match[1]):
                    known.message_id = known.message_id or bare_id(match[2])
            elif (match := lines.REFUSED.fullmatch(text)) and (
                known := self._known(host, match[1] or "")
            ):
                known.is_refused = True
        elif service == "pickup" and self._is_beginning:
            if match := lines.BEGUN.fullmatch(text):
                self._begin_other(number, text, line, match[1], "")
                return []
        elif (match := lines.TO.fullmatch(text)) and (known := self._known(host, match[1])):
            known.is_queued = True
            if len(known.recipients) < MAX_RECIPIENTS:
                known.recipients[match[2]] = None
        if match is None:
            return None
        if known := self._known(host, match[1] or ""):
            known.tell((number, self._place, line))
            return []
        return self._orphan_of_queue(number, line, (host, match[1] or ""))

    def _known(self, host: str, queue_id: str) -> _Message | None:
        key = (host, queue_id)
        return self._messages.get(key) or self._handed_in.get(key)

    def _removed(self, number: int, line: LogLine, key: Key) -> list[Fact | Rejected]:
        if known := self._messages.get(key):
            known.tell((number, self._place, line))
            return self._end(key)
        if known := self._handed_in.get(key):
            known.is_removed = True
            known.tell((number, self._place, line))
            return self._came_back(key) if known.is_wanted else []
        return self._orphan_of_queue(number, line, key)

    def _end(self, key: Key) -> list[Fact | Rejected]:
        message = self._messages.pop(key, None)
        return [] if message is None else self._ended(message)

    def _ended(self, message: _Message) -> list[Fact | Rejected]:
        ends: list[Fact | Rejected] = []
        if not message.is_refused or message.is_queued:
            try:
                ends.append(_submission(message))
            except Unfit as unfit:
                ends.append(rejected(message.line, unfit.sentence, message.raw))
        if message.is_cut and not self._is_joined:
            ends += self._open(message)
        return ends

    # --- filters before the queue ----------------------------------------------------------

    def _proxied(self, number: int, line: LogLine, key: Key) -> list[Fact | Rejected] | None:
        connection = self._connections.get(key)
        waiting = connection.proxied if connection else None
        match = lines.PROXIED.fullmatch(line.text)
        if waiting is None or connection is None:
            host = line.host.lower()
            joins = f"queue {host} {match[1]}" if match else ""
            behind = self._handed_in.get((line.host, match[1])) if match else None
            if match and behind:
                behind.is_wanted = True
                ends = self._orphan(number, line, f"process {host} {line.process}", joins)
                return ends + (self._came_back((line.host, match[1])) if behind.is_removed else [])
            return self._orphan(number, line, f"process {host} {line.process}", joins)
        connection.proxied = None
        if match is None:
            self._left_filter()
            return [] if lines.UNPROXIED.fullmatch(line.text) else None
        waiting.queue_id, waiting.sender, waiting.is_queued = match[1], match[2], True
        waiting.tell((number, self._place, line))
        return self._link(waiting, self._handed_in.pop((line.host, match[1]), None))

    def _link(self, waiting: _Message, behind: _Message | None) -> list[Fact | Rejected]:
        """Join what went to the filter with what came back from it."""
        self._left_filter()
        if behind:
            waiting.queue_id, waiting.message_id = behind.queue_id, behind.message_id
            waiting.sender, waiting.recipients = behind.sender or waiting.sender, behind.recipients
            waiting.recipient_count = behind.recipient_count
            waiting.told += behind.told
            if behind.is_removed:
                return self._ended(waiting)
        key = (waiting.host, waiting.queue_id)
        ends = self._end(key)
        self._messages[key] = waiting
        return ends

    def _left_filter(self) -> None:
        self._at_filter -= 1
        if not self._at_filter and not self._is_beginning:
            kept = [(key, each) for key, each in self._handed_in.items() if each.is_wanted]
            self._handed_in = OrderedDict(kept)

    def _came_back(self, key: Key) -> list[Fact | Rejected]:
        """Return the lines of a message whose sign-in stands in an earlier file."""
        message = self._handed_in.pop(key)
        return [] if self._is_joined else list(self._open(message))

    def _unlinked(self, connection: _Connection) -> list[Fact | Rejected]:
        """Return what became of mail at a filter that never said so: the only one handed in."""
        waiting, connection.proxied = connection.proxied, None
        if waiting is None:
            return []
        behind = [
            key for key, each in self._handed_in.items()
            if each.host == waiting.host and _may_be_filter(each.client_ip, waiting.client_ip)
        ]  # fmt: skip
        if len(behind) == 1 and self._at_filter == 1:
            return self._link(waiting, self._handed_in.pop(behind[0]))
        self._left_filter()
        if waiting.is_cut and not self._is_joined:
            return list(self._open(waiting))
        self._tally[_UNLINKED] += 1
        return []

    # --- what other files may tell ---------------------------------------------------------

    def _orphan_of_queue(self, number: int, line: LogLine, key: Key) -> list[Fact | Rejected]:
        if key in self._others:
            if line.text.endswith(": removed"):
                del self._others[key]
            return []
        return self._orphan(number, line, f"queue {key[0].lower()} {key[1]}")

    def _orphan(
        self, number: int, line: LogLine, thread: str, joins: str = ""
    ) -> list[Fact | Rejected]:
        """Return a line of what began before this file, if it may have."""
        told = (number, self._place, line)
        return [self._open_line(told, thread, joins)] if self._is_beginning else []

    def _open(self, message: _Message) -> Iterator[OpenLine]:
        host = message.host.lower()
        process = f"process {host} {message.process}"
        thread = f"queue {host} {message.queue_id}" if message.queue_id else process
        if message.connection:
            yield from self._open_connection(message.connection, process)
        for told in message.told:
            yield self._open_line(told, thread, process if message.process else "")

    def _open_connection(self, connection: _Connection, thread: str) -> Iterator[OpenLine]:
        told, connection.is_given = [] if connection.is_given else connection.told, True
        for each in told:
            yield self._open_line(each, thread, "")

    def _open_line(self, told: _Told, thread: str, joins: str) -> OpenLine:
        number, place, line = told
        at = self._when(line).at
        assert at is not None
        process = f"[{line.process}]" if line.process else ""
        text = f"{at.isoformat()}Z {line.host} {line.program}{process}: {line.text}"
        return OpenLine(number, at, place, thread, joins, text)

    def close(self) -> None:
        """Give no lines to other files any more."""
        self._is_joined, self._is_beginning = True, False

    def rest(self) -> list[Fact | Rejected]:
        """Return what was still under way when the file ended."""
        ends: list[Fact | Rejected] = []
        at_filter = self._at_filter
        for (host, process), connection in self._connections.items():
            if not self._is_joined:
                ends += self._open_connection(connection, f"process {host.lower()} {process}")
            if connection.proxied:
                connection.proxied.is_cut = True
                ends += self._unlinked(connection)
        if not self._is_joined:
            open_now = [each for each in self._handed_in.values() if each.is_wanted or at_filter]
            ends += [end for each in open_now for end in self._open(each)]
        for key in list(self._messages):
            self._messages[key].is_cut = True
            ends += self._end(key)
        return ends


def _make_room(kept: OrderedDict[Key, _T]) -> None:
    if len(kept) >= MAX_OPEN:
        kept.popitem(last=False)


def _may_be_filter(ip: str, client_ip: str) -> bool:
    """Tell whether a message may come from a filter: of this machine, or of the same client."""
    return addresses.client_ip(ip) == client_ip or _is_of_this_machine(ip)


def _is_of_this_machine(ip: str) -> bool:
    try:
        return ipaddress.ip_address(ip).is_loopback
    except ValueError:
        return False


def _submission(message: _Message) -> Submission:
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


def _name(message: _Message) -> str:
    """Return what names a message of a log: a cut copy of it lacks the message id."""
    second = str(message.at.at or message.at.day)[:19]
    return f"queue:{message.host.lower()}\n{message.queue_id}\n{second}"
