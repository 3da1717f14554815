"""The mail log of a Unix server: Postfix and Dovecot, which write into the same one.

Postfix tells a message in many lines that share a queue id; the line with `sasl_username=` makes
it a submission. The TLS version is the one that the same process named for the same connection
before; at the usual log level there is none, and it is unknown, never none. Queue ids are used
again, so a message ends at `removed`, at the next message of its id, or at the end of the file.

Every line was written by a program, but what stands in it may come from a client: a line counts
only when it is that program's line from end to end.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from smtpauth_kit.base.facts import Fact, Submission, rejected
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Context, Converter, Ends, ExportFormat, Field
from smtpauth_kit.formats.receive_log import auth_protocol_of, logged_sign_in
from smtpauth_kit.formats.submission_log import bare_id
from smtpauth_kit.values import addresses, protocols, times
from smtpauth_kit.values.cells import Unfit
from smtpauth_kit.values.times import Moment

MAX_OPEN: Final = 100_000
"""Messages, and connections, that are remembered at once."""
MAX_LINE: Final = 16 * 1024
MAX_RECIPIENTS: Final = 5_000

_STAMP = (
    r"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)"
)
_LINE = re.compile(
    rf"(?:<\d{{1,3}}>)?({_STAMP}) (\S{{1,255}}) ([^\s\[\]:]{{1,100}})(?:\[(\d{{1,10}})\])?: (.*)",
    re.ASCII | re.DOTALL,
)
_PROGRAM = re.compile(r"postfix[\w.-]{0,40}/(?:[\w.-]{1,40}/)?([a-z]{1,20})", re.ASCII)
_QUEUE_ID = r"([0-9A-F]{5,20}|[0-9A-Za-z]{10,30})"
_CLIENT = r"(\S{1,255})\[([0-9A-Fa-f.:]{1,60}|unknown)\](?::\d{1,5})?"
_TLS = re.compile(
    rf"(?:(?:Anonymous|Untrusted|Trusted|Verified) )?TLS connection established from {_CLIENT}: "
    r"(TLSv1(?:\.\d)?|SSLv\d) with cipher .{1,300}"
)
_CONNECT = re.compile(rf"(?:dis)?connect from {_CLIENT}(?: .*)?")
_SUBMITTED = re.compile(
    rf"{_QUEUE_ID}: client={_CLIENT}, sasl_method=([\w-]{{1,30}}), "
    # Each part ends where the next one's name is first found, and is not tried again.
    r"sasl_username=(?>(.{0,320}?)(?=, sasl_sender=|, orig_queue_id=|, orig_client=|\Z))"
    r"(?:, sasl_sender=(?>.{0,400}?(?=, orig_queue_id=|, orig_client=|\Z)))?"
    r"(?:, orig_queue_id=\w{1,30}+)?(?:, orig_client=.{0,400}+)?"
)
_SIGNED_IN = re.compile(rf"{_QUEUE_ID}: client=")
_FROM = re.compile(
    rf"{_QUEUE_ID}: from=<([^>]{{0,1000}})>, size=\d+, nrcpt=(\d{{1,9}}) \(queue active\)"
)
_MESSAGE_ID = re.compile(rf"{_QUEUE_ID}: (?:resent-)?message-id=(.{{0,2000}})")
_TO = re.compile(
    rf"{_QUEUE_ID}: to=<([^>]{{0,1000}})>, (?:orig_to=<[^>]{{0,1000}}>, )?relay=.*status=\w+ .*"
)
_REMOVED = re.compile(rf"{_QUEUE_ID}: removed")
_REFUSED = re.compile(rf"{_QUEUE_ID}: (?:milter-)?reject: .*")
_FAILED = re.compile(rf"warning: {_CLIENT}: SASL ([\w-]{{1,30}}) authentication failed:?(.*)")
_FAILED_FOR: Final = ", sasl_username="
_MAX_USER: Final = 320
_DOVECOT = re.compile(
    r"submission-login: (?:Info: )?(Login|Logged in|Disconnected|Aborted login|Login aborted)\b"
    r"([^<>=]{0,300}?): user=<([^>]{0,320})>, (?:method=([\w-]{1,30}), )?"
    r"rip=([0-9A-Fa-f.:]{1,60}), .*"
)
_ATTEMPTS = re.compile(r"auth failed, (\d{1,6}) attempts")
_MANY_ATTEMPTS = Sentence("tell of more than one attempt that failed; each is counted as one")


def year_of(month: int, day: int, near: dt.date) -> int:
    """Return the year of a day that a log writes without one: the last that is not ahead of `near`.

    Examples
    --------
    >>> year_of(11, 16, dt.date(2026, 11, 22)), year_of(12, 31, dt.date(2027, 1, 2))
    (2026, 2026)
    """
    ahead = near + dt.timedelta(days=2)
    return ahead.year if (month, day) <= (ahead.month, ahead.day) else ahead.year - 1


@dataclass
class _Message:
    """A message of somebody who signed in: what the lines so far tell of it."""

    line: int
    raw: str
    host: str
    queue_id: str
    at: Moment
    client_ip: str
    mechanism: str
    account: str
    tls_version: str
    sender: str = ""
    message_id: str = ""
    recipients: dict[str, None] = field(default_factory=dict)
    recipient_count: int = 0
    is_queued: bool = False
    is_refused: bool = False


class _Log:
    """The connections and messages that the lines so far tell of."""

    def __init__(self, context: Context) -> None:
        self._tally = context.tally
        self._near = context.period[1] if context.period else context.file_day
        self._is_said = context.period is not None
        self._no_year = Sentence(
            "have no year: it was taken from the file's own date, {day} (--period says another)",
            day=self._near,
        )
        # Plain dicts would look for their oldest among all that were removed before.
        self._messages: OrderedDict[tuple[str, str], _Message] = OrderedDict()
        self._tls: OrderedDict[tuple[str, str], tuple[str, str]] = OrderedDict()
        """Host and process to the client and TLS version of its connection."""

    def take(self, line: int, raw: str) -> Ends:
        found = _LINE.fullmatch(raw.rstrip())
        if not found:
            raise Unfit("it is no line of a mail log: time, host, program")
        stamp, host, program, process, text = found.groups(default="")
        if program == "dovecot":
            return self._dovecot(line, stamp, text)
        service = _PROGRAM.fullmatch(program)
        if not service:
            return []
        if len(raw) > MAX_LINE:
            raise Unfit("the line is longer than 16 KiB, which no mail program writes")
        if service[1] == "smtpd":
            return self._smtpd(line, raw, stamp, host, process, text)
        return self._queue(service[1], host, text)

    def _at(self, stamp: str) -> Moment:
        if stamp[0].isdigit():
            return times.moment(stamp)
        month = times.moment(f"{stamp[:3]} 1, 2000").day.month
        year = year_of(month, int(stamp[4:6]), self._near)
        if not self._is_said:
            self._tally[self._no_year] += 1
        return times.moment(f"{stamp[:3]} {int(stamp[4:6])}, {year} {stamp[7:]}")

    def _smtpd(self, line: int, raw: str, stamp: str, host: str, process: str, text: str) -> Ends:
        if match := _TLS.fullmatch(text):
            if len(self._tls) >= MAX_OPEN:
                self._tls.popitem(last=False)
            self._tls[host, process] = (match[2], protocols.tls_version(match[3]))
        elif match := _SUBMITTED.fullmatch(text):
            return self._begin(line, raw, stamp, host, process, match)
        elif match := _FAILED.fullmatch(text):
            _, ip, mechanism, why = match.groups()
            account = _account_at_end(why)
            return [logged_sign_in(line, self._at(stamp), "failure", account, mechanism, ip)]
        elif match := _REFUSED.fullmatch(text):
            if known := self._messages.get((host, match[1])):
                known.is_refused = True
        elif _CONNECT.fullmatch(text):
            self._tls.pop((host, process), None)
        elif _SIGNED_IN.match(text) and ", sasl_username=" in text:
            raise Unfit("it names a sign-in, but cannot be taken apart")
        return []

    def _begin(
        self, line: int, raw: str, stamp: str, host: str, process: str, match: re.Match[str]
    ) -> Ends:
        queue_id, _, ip, mechanism, account = match.groups()
        at = self._at(stamp)
        tls_client, tls_version = self._tls.get((host, process), ("", "unknown"))
        ends = self._end(host, queue_id)
        if len(self._messages) >= MAX_OPEN:
            ends = [*ends, *self._end(*next(iter(self._messages)))]
        self._messages[host, queue_id] = _Message(
            line, raw, host, queue_id, at, addresses.client_ip(ip), mechanism, account.strip("<>"),
            tls_version if tls_client == ip else "unknown",
        )  # fmt: skip
        return ends

    def _queue(self, service: str, host: str, text: str) -> Ends:
        if service == "qmgr":
            if match := _REMOVED.fullmatch(text):
                return self._end(host, match[1])
            if (match := _FROM.fullmatch(text)) and (known := self._messages.get((host, match[1]))):
                known.sender = known.sender or match[2]
                known.recipient_count, known.is_queued = int(match[3]), True
        elif service == "cleanup":
            if match := _MESSAGE_ID.fullmatch(text):
                if known := self._messages.get((host, match[1])):
                    known.message_id = known.message_id or bare_id(match[2])
            elif (match := _REFUSED.fullmatch(text)) and (
                known := self._messages.get((host, match[1]))
            ):
                known.is_refused = True
        elif (match := _TO.fullmatch(text)) and (known := self._messages.get((host, match[1]))):
            known.is_queued = True
            if len(known.recipients) < MAX_RECIPIENTS:
                known.recipients[match[2]] = None
        return []

    def _end(self, host: str, queue_id: str) -> Ends:
        message = self._messages.pop((host, queue_id), None)
        if message is None or (message.is_refused and not message.is_queued):
            return []
        try:
            return [_submission(message)]
        except Unfit as unfit:
            return [rejected(message.line, unfit.sentence, message.raw)]

    def rest(self) -> Ends:
        """Return the messages that were still under way when the file ended."""
        return [end for key in list(self._messages) for end in self._end(*key)]

    def _dovecot(self, line: int, stamp: str, text: str) -> Ends:
        match = _DOVECOT.fullmatch(text[:MAX_LINE])
        if not match:
            return []
        what, how, account, mechanism, ip = match.groups(default="")
        if what not in ("Login", "Logged in") and "auth failed" not in how:
            return []
        result = "failure" if "auth failed" in how else "success"
        if (attempts := _ATTEMPTS.search(how)) and int(attempts[1]) > 1:
            self._tally[_MANY_ATTEMPTS] += 1
        return [logged_sign_in(line, self._at(stamp), result, account, mechanism, ip)]


def _account_at_end(why: str) -> str:
    """Return the account that a line names at its end.

    What a client sent may look like such an end too.
    """
    at = why.find(_FAILED_FOR, max(len(why) - len(_FAILED_FOR) - _MAX_USER, 0))
    return why[at + len(_FAILED_FOR) :] if at >= 0 else ""


def _submission(message: _Message) -> Fact:
    sender = message.sender or message.account
    if not message.sender and "@" not in sender:
        raise Unfit("the log names no sender, and the account is no address")
    recipients = tuple(message.recipients)
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
        row_key=_key(message),
    )


def _key(message: _Message) -> str:
    """Return the key of a message, without its message id: a cut copy of the log lacks it."""
    second = message.at.at.replace(microsecond=0) if message.at.at else message.at.day
    return f"queue:{message.host.lower()}\n{message.queue_id}\n{second}"


def _converter(context: Context) -> Converter:
    pick = context.picker("line")
    log = _Log(context)
    context.at_end.append(log.rest)
    return lambda line, cells: log.take(line, pick(cells)[0])


FORMAT = ExportFormat(
    name="mail-log",
    title=Sentence("Postfix and Dovecot mail log"),
    source="server_log",
    fields=(Field("line", ("line",), required=True),),
    converter=_converter,
    cannot_tell=phrases("the place of a client", "Postfix sign-ins that sent nothing"),
    line=re.compile(
        rf"(?:<\d{{1,3}}>)?{_STAMP} \S{{1,255}} "
        r"(?:postfix[\w.-]{0,40}/[\w./-]{1,80}\[\d{1,10}\]|dovecot(?:\[\d{1,10}\])?): ",
        re.ASCII,
    ),
)
