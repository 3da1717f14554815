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
from collections import Counter, OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from smtpauth_kit.base.facts import Fact, Rejected, rejected
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.formats import postfix_lines as lines
from smtpauth_kit.formats.log_envelope import LogLine
from smtpauth_kit.formats.postfix_filter import HandedIn, is_of_this_machine
from smtpauth_kit.formats.postfix_open import OpenEnds, process_thread, queue_thread
from smtpauth_kit.formats.postfix_told import (
    MAX_OPEN,
    MAX_RECIPIENTS,
    Connection,
    Key,
    Message,
    make_room,
    submission_of,
)
from smtpauth_kit.formats.submission_log import bare_id
from smtpauth_kit.values import addresses, protocols, times
from smtpauth_kit.values.cells import Unfit

_BEGINNING: Final = dt.timedelta(hours=1)
"""How long after a log's first line what it tells may have begun in another file."""
_CONNECTION: Final = dt.timedelta(days=1)
"""A connection lasts less; an older one of the same process is another."""
_UNLINKED: Final = Sentence(
    "{n:names|name} a sign-in whose mail went to a filter, and no message of it was found; not "
    "counted"
)


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
        self._open, self._is_giving = OpenEnds(when), not is_joined
        # Plain dicts would look for their oldest among all that were removed before.
        self._messages: OrderedDict[Key, Message] = OrderedDict()
        self._connections: OrderedDict[Key, Connection] = OrderedDict()
        self._handed_in = HandedIn()
        """Messages without a sign-in, while something is at a filter."""
        self._others: OrderedDict[Key, None] = OrderedDict()
        """Queue ids that began in this file without a sign-in."""
        self._at_filter = 0
        self._first: dt.datetime | None = None
        self._last: LogLine | None = None
        self._is_beginning = not is_joined
        self._place = 0

    def take(
        self, number: int, raw: str, line: LogLine, service: str
    ) -> list[Fact | Rejected] | None:
        """Return what a line gives, None where no pattern knows it; `service` wrote the line."""
        self._is_beginning = self._is_beginning and self._begins(line)
        self._place, self._last = self._place + 1, line
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
            connection.tell((number, self._place, line))
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
        elif self._is_asked_for_others and (match := lines.BEGUN.fullmatch(text)):
            self._begin_other(number, raw, line, match[1], match[3] or "")
        else:
            return None
        return []

    @property
    def _is_asked_for_others(self) -> bool:
        """Whether a message without a sign-in may be one that a filter hands in."""
        return self._is_beginning or self._is_joined or self._at_filter > 0

    # --- connections -----------------------------------------------------------------------

    def _connection(self, line: LogLine, client_ip: str, *, is_fresh: bool = False) -> Connection:
        """Return the connection of a process; one that is not known began before the file."""
        key = (line.host, line.process)
        known = self._connections.get(key)
        # Within one file a process says when its connection ends; between files that may be lost.
        at = self._when(line).at if self._is_joined else None
        is_old = known and known.at and at and at - known.at > _CONNECTION
        if known is None or known.client_ip != client_ip or is_old:
            make_room(self._connections)
            known = self._connections[key] = Connection(client_ip, at, is_cut=not is_fresh)
        return known

    def _dis_connect(
        self, number: int, line: LogLine, is_end: bool, client_ip: str
    ) -> list[Fact | Rejected]:
        key = (line.host, line.process)
        known = self._connections.pop(key, None)
        ends = self._unlinked(known) if known else []
        if not is_end:
            connection = self._connection(line, client_ip, is_fresh=True)
            connection.tell((number, self._place, line))
            return ends
        thread = process_thread(line.host, line.process)
        if known is None or known.is_cut:
            return ends + self._orphan(number, line, thread)
        if known.is_given:
            ends += self._open.line((number, self._place, line), thread)
        return ends

    # --- messages --------------------------------------------------------------------------

    def _begin(self, number: int, raw: str, line: LogLine, match: Any) -> list[Fact | Rejected]:
        queue_id, _, ip, mechanism, account = match.groups()
        connection = self._connection(line, ip)
        message = Message(
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
        make_room(self._others)
        self._others[key] = None
        if self._at_filter or is_of_this_machine(client_ip):
            message = Message(number, raw, *key, self._when(line), client_ip)
            message.tell((number, self._place, line))
            self._handed_in.add(message)

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
        elif match := lines.TO.fullmatch(text):
            if known := self._known(host, match[1]):
                known.is_queued = True
                if len(known.recipients) < MAX_RECIPIENTS:
                    known.recipients[match[2]] = None
            if self._handed_in and (passed := lines.PASSED_ON.search(text)):
                # A filter behind the queue handed it in: nobody signs in for it under NOQUEUE.
                self._handed_in.pop((host, passed[1]))
        if match is None:
            return None
        if known := self._known(host, match[1] or ""):
            known.tell((number, self._place, line))
            return []
        return self._orphan_of_queue(number, line, (host, match[1] or ""))

    def _known(self, host: str, queue_id: str) -> Message | None:
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

    def _ended(self, message: Message) -> list[Fact | Rejected]:
        ends: list[Fact | Rejected] = []
        if not message.is_refused or message.is_queued:
            try:
                ends.append(submission_of(message))
            except Unfit as unfit:
                ends.append(rejected(message.line, unfit.sentence, message.raw))
        if message.is_cut and self._is_giving:
            ends += self._open.message(message)
        return ends

    # --- filters before the queue ----------------------------------------------------------

    def _proxied(self, number: int, line: LogLine, key: Key) -> list[Fact | Rejected] | None:
        connection = self._connections.get(key)
        waiting = connection.proxied if connection else None
        match = lines.PROXIED.fullmatch(line.text)
        if waiting is None or connection is None:
            thread = process_thread(line.host, line.process)
            joins = queue_thread(line.host, match[1]) if match else ""
            behind = self._handed_in.get((line.host, match[1])) if match else None
            if match and behind:
                behind.is_wanted = True
                ends = self._orphan(number, line, thread, joins)
                return ends + (self._came_back((line.host, match[1])) if behind.is_removed else [])
            return self._orphan(number, line, thread, joins)
        connection.proxied = None
        if match is None:
            self._left_filter()
            return [] if lines.UNPROXIED.fullmatch(line.text) else None
        waiting.queue_id, waiting.sender, waiting.is_queued = match[1], match[2], True
        waiting.tell((number, self._place, line))
        return self._link(waiting, self._handed_in.pop((line.host, match[1])))

    def _link(self, waiting: Message, behind: Message | None) -> list[Fact | Rejected]:
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
        if not self._at_filter and not self._is_beginning and not self._is_joined:
            self._handed_in.keep_only(self._awaited())

    def _awaited(self) -> list[Message]:
        """Return what may be of a sign-in that stands in an earlier file."""
        now = self._when(self._last).at if self._last else None
        if now is None or self._first is None:
            return []
        return self._handed_in.awaited(now, self._first + _BEGINNING)

    def _came_back(self, key: Key) -> list[Fact | Rejected]:
        """Return the lines of a message whose sign-in stands in an earlier file."""
        message = self._handed_in.pop(key)
        return list(self._open.message(message)) if message and self._is_giving else []

    def _unlinked(self, connection: Connection) -> list[Fact | Rejected]:
        """Return what became of mail at a filter that never said so: the only one handed in."""
        waiting, connection.proxied = connection.proxied, None
        if waiting is None:
            return []
        behind = self._handed_in.behind(waiting) if self._at_filter == 1 else []
        if len(behind) == 1:
            return self._link(waiting, self._handed_in.pop(behind[0]))
        self._left_filter()
        if waiting.is_cut and self._is_giving:
            return list(self._open.message(waiting))
        self._tally[_UNLINKED] += 1
        return []

    # --- what other files may tell ---------------------------------------------------------

    def _orphan_of_queue(self, number: int, line: LogLine, key: Key) -> list[Fact | Rejected]:
        if key in self._others:
            if line.text.endswith(": removed"):
                del self._others[key]
            return []
        return self._orphan(number, line, queue_thread(*key))

    def _orphan(
        self, number: int, line: LogLine, thread: str, joins: str = ""
    ) -> list[Fact | Rejected]:
        """Return a line of what began before this file, if it may have."""
        told = (number, self._place, line)
        return list(self._open.line(told, thread, joins)) if self._is_beginning else []

    def close(self) -> None:
        """Give no lines to other files any more."""
        self._is_giving = self._is_beginning = False

    def rest(self) -> list[Fact | Rejected]:
        """Return what was still under way when the file ended."""
        ends: list[Fact | Rejected] = []
        is_at_filter = self._at_filter > 0
        for (host, process), connection in self._connections.items():
            if self._is_giving:
                ends += self._open.connection(connection, process_thread(host, process))
            if connection.proxied:
                connection.proxied.is_cut = True
                ends += self._unlinked(connection)
        if self._is_giving:
            awaited = self._handed_in.all() if is_at_filter else self._awaited()
            ends += [end for each in awaited for end in self._open.message(each)]
        for key in list(self._messages):
            self._messages[key].is_cut = True
            ends += self._end(key)
        return ends
