"""The receive protocol log of Exchange Server: every SMTP line of a front end or a hub.

A client signs in at the front end, whose log has the TLS version and the account; the front end
hands the session on, and the hub's log has the messages. `XPROXY SID=… IP=…` in the hub's log names
the front end's session; the store joins the two, whichever is loaded first. The TLS version of the
hub's own session is the one between the two servers and is not taken. A session that signs in and
sends in one log (a hub without a front end) is whole by itself.

A new file begins every hour, in the middle of sessions: what began before the file or goes on after
it is given line by line too (`OpenLine`), so that the next file can tell the rest.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from smtpauth_kit.base.facts import Fact, OpenLine, Rejected, Session, SignIn, Submission
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Context, ExportFormat, Field
from smtpauth_kit.formats.rows import Cells, Converter, Ends
from smtpauth_kit.formats.sign_in import sign_in
from smtpauth_kit.formats.submission_log import bare_id, key_of_columns
from smtpauth_kit.values import addresses, protocols, times
from smtpauth_kit.values.cells import Unfit

MAX_OPEN: Final = 100_000
"""Sessions that are remembered at once; beyond it the oldest is forgotten, and that is said."""
MAX_RECIPIENTS: Final = 5_000
_MAX_LINES: Final = 20_000
"""Lines that are kept of one session for other files; a longer one is told by this file alone."""
_MAX_KEPT: Final = 1_000
"""Signs of an account that are kept of an open session: more than an address may have."""

_TLS = re.compile(r"TLS protocol (\S{1,60}) negotiation succeeded")
# The missing space behind "for" is Exchange's own.
_PROXIED = re.compile(
    r"Proxy session was successfully set up\. Session for ?(.{1,400}?) will now be"
)
_DENIED = re.compile(
    r"Inbound (?:AUTH ([A-Za-z0-9-]{1,20})|authentication) failed\b"
    r"(?:.{0,200}? for User (.{1,400}?)\.?$)?"
)
_DENIED_USER = re.compile(r"User Name: ?(.{1,400})")
_ROW = re.compile(
    r"[0-9T:.Z-]{19,28},[^,]{0,300},[0-9A-Fa-f]{4,32},[0-9]{1,9},[^,]{0,80},[^,]{0,80},[-+*<>],"
)
_XPROXY = re.compile(r"XPROXY SID=([0-9A-Za-z-]{1,64}) IP=(\S{1,60})", re.IGNORECASE)
_MAIL = re.compile(r"MAIL FROM: ?<([^>]{0,1000})>", re.IGNORECASE)
_RCPT = re.compile(r"RCPT TO: ?<([^>]{0,1000})>", re.IGNORECASE)
_AUTH = re.compile(r"AUTH ([A-Za-z0-9-]{1,20})(?: |$)", re.IGNORECASE)
_QUEUED = re.compile(r"250 2\.6\.0 (<[^>]{0,2000}>|\S{0,2000}) \[InternalId=(\d{1,20})")

_NO_PASSWORD = ("external", "gssapi", "ntlm", "gss-spnego", "anonymous", "kerberos")


def auth_protocol_of(mechanism: str) -> str:
    """Return how a SASL mechanism authenticates: with a token, a password, or neither known.

    Examples
    --------
    >>> [auth_protocol_of(m) for m in ("LOGIN", "CRAM-MD5", "XOAUTH2", "GSSAPI", "")]
    ['basic', 'basic', 'oauth', 'unknown', 'unknown']
    """
    plain = mechanism.strip().casefold()
    if not plain or plain in _NO_PASSWORD:
        return "unknown"
    return "oauth" if protocols.auth_protocol(plain) == "oauth" else "basic"


def logged_sign_in(
    line: int,
    at: times.Moment,
    result: str,
    account: str,
    mechanism: str,
    ip: str,
    code: str = "",
    apart: tuple[object, ...] = (),
) -> SignIn:
    """Return a sign-in of a mail server's log; the account may be empty where it names none.

    Examples
    --------
    >>> at = times.moment("2026-11-16T08:05:00Z")
    >>> logged_sign_in(7, at, "failure", "", "LOGIN", "192.0.2.1").auth_protocol
    'basic'
    """
    protocol, who = auth_protocol_of(mechanism), addresses.account(account)
    return sign_in(line, at, who, result, ip, apart=apart, error_code=code, auth_protocol=protocol)


@dataclass
class _Open:
    """What is known of a session so far."""

    client_ip: str
    name: str = ""
    failures: int = 0
    tls_version: str = "unknown"
    mechanism: str = ""
    account: str = ""
    is_signed_in: bool = False
    denied: str = ""
    """The account of the sign-in that is being refused."""
    denied_at: tuple[int, times.Moment] | None = None
    """Where the log said that it is refused; the answer may never be sent."""
    is_answered: bool = False
    """The refusal of this attempt is counted."""
    is_cut: bool = False
    """It began before this file."""
    held: list[Fact | Rejected] = field(default_factory=list)
    """What it gives, which another file may tell better."""
    told: list[OpenLine] | None = field(default_factory=list)
    """Its lines; None where there are too many."""
    front: str = ""
    """The front end's session that this one carries on."""
    sender: str = ""
    asked: deque[str] = field(default_factory=deque)
    """Recipients that have no answer yet; answers come in their order."""
    recipients: list[str] = field(default_factory=list)


def session_name(session: str, client_ip: str) -> str:
    """Return what joins the two logs; ids alone may repeat on another server.

    Examples
    --------
    >>> session_name("08DF000000000001", "10.1.1.70")
    '08df000000000001 10.1.1.70'
    """
    return f"{session.strip().lower()} {addresses.client_ip(client_ip)}"


class _Log:
    """The sessions that are open."""

    def __init__(self, context: Context) -> None:
        self._pick = context.picker("date", "session", "event", "data", "context", "remote")
        self._decisions, self._zone = context.decisions, context.layout.zone
        self._tally, self._is_joined = context.tally, context.is_joined
        # A plain dict would look for its oldest among all that were removed before.
        self._sessions: OrderedDict[str, _Open] = OrderedDict()

    def take(self, line: int, cells: Cells) -> Ends:
        """Return what a line gives: the facts of a session that ends with it."""
        date, name, event, data, note, remote = self._pick(cells)
        at = times.moment(date, self._decisions, self._zone)
        if at.at is None:
            raise Unfit("the date has no time of day")
        ends = self._closed(name) if event == "+" else []
        session = self._sessions.get(name)
        if session is None:
            ends += self._make_room()
            session = _Open(addresses.client_ip(remote), is_cut=event != "+")
            self._sessions[name] = session
        ends += self._keep(session, line, at.at, name, (date, name, event, data, note, remote))
        session.held += _told(line, at, name, session, event, data, note)
        if event == "-":
            ends += self._closed(name)
        elif event == "*" and _is_unknown(data, note):
            self._tally[_LOOK_ALIKE] += 1
        return ends

    def _keep(
        self, session: _Open, line: int, at: dt.datetime, name: str, cells: Sequence[str]
    ) -> list[Fact | Rejected]:
        """Keep a line for other files; return what is known where there are too many."""
        if session.told is None or self._is_joined:
            return []
        if len(session.told) >= _MAX_LINES:
            session.told, held, session.held = None, session.held, []
            return held
        texts = [at.isoformat() + "Z", *cells[1:]]
        text = "\t".join(cell.replace("\t", " ") for cell in texts)
        thread = f"session {name.strip().lower()} {cells[-1].strip()}"
        session.told.append(OpenLine(line, at, line, thread, "", text))
        return []

    def _make_room(self) -> list[Fact | Rejected]:
        if len(self._sessions) < MAX_OPEN:
            return []
        _, oldest = self._sessions.popitem(last=False)
        self._tally[_GIVEN_UP] += 1
        return oldest.held

    def _closed(self, name: str, *, is_end_of_file: bool = False) -> list[Fact | Rejected]:
        """Return what a session gave, and its lines where other files may tell more of it."""
        session = self._sessions.pop(name, None)
        if session is None:
            return []
        ends = [*session.held, *_refused(session)]
        if (session.is_cut or is_end_of_file) and not self._is_joined:
            ends += session.told or []
        return ends

    def rest(self) -> Ends:
        """Return what was still open when the file ended."""
        names = list(self._sessions)
        return [end for name in names for end in self._closed(name, is_end_of_file=True)]


_GIVEN_UP = Sentence("opened a session while 100,000 were open; the oldest was given up")
_LOOK_ALIKE = Sentence(
    "{n:looks|look} like a sign-in or a submission, but {n:fits|fit} no rule of the kit; "
    "{n:it is|they are} not counted"
)


def _converter(context: Context) -> Converter:
    log = _Log(context)
    context.at_end.append(log.rest)
    return log.take


def _is_unknown(data: str, note: str) -> bool:
    """Tell whether a note speaks of a sign-in that failed in words the kit does not know."""
    text = f"{data} {note}"
    if "fail" not in text or not ("AUTH " in text or "uthenticat" in text):
        return False
    return not (_DENIED.match(note) or _DENIED.match(data))


def _told(
    line: int, at: times.Moment, name: str, session: _Open, event: str, data: str, note: str
) -> Ends:
    if event == "*":
        return _noted(line, at, name, session, data, note)
    if event == "<":
        return _asked(session, data)
    return _answered(line, at, name, session, data) if event == ">" else []


def _noted(line: int, at: times.Moment, name: str, session: _Open, data: str, note: str) -> Ends:
    if match := _TLS.match(note):
        session.tls_version = protocols.tls_version(match[1])
    elif note == "authenticated":
        session.account, session.is_signed_in = data[:_MAX_KEPT], True
        session.denied_at = None
    elif match := _DENIED.match(note) or _DENIED.match(data):
        session.mechanism = session.mechanism or match[1] or ""
        session.denied = match[2] or session.denied
        if not session.is_answered:
            session.denied_at = session.denied_at or (line, at)
            session.name = name
    elif match := _DENIED_USER.match(note) or _DENIED_USER.match(data):
        session.denied = match[1].strip()
    elif match := _PROXIED.match(note):
        return [
            Session(
                line,
                session_name(name, session.client_ip),
                session.tls_version,
                auth_protocol_of(session.mechanism),
                addresses.account(match[1]).shown,
            )
        ]
    return []


def _refused(session: _Open) -> Ends:
    """Return the attempt that was refused without an answer: the client hung up before."""
    if session.denied_at is None:
        return []
    (line, at), session.denied_at = session.denied_at, None
    return [_failure(line, at, session, "")]


def _failure(line: int, at: times.Moment, session: _Open, code: str) -> SignIn:
    session.failures += 1
    denied, session.denied = session.denied or session.account, ""
    apart = (session.name.lower(), session.failures)
    return logged_sign_in(
        line, at, "failure", denied, session.mechanism, session.client_ip, code, apart
    )


def _asked(session: _Open, data: str) -> Ends:
    if match := _AUTH.match(data):
        before = _refused(session)
        session.mechanism, session.is_signed_in, session.is_answered = match[1], False, False
        session.denied = ""
        return before
    if match := _XPROXY.match(data):
        session.front = session_name(match[1], match[2])
        session.client_ip = addresses.client_ip(match[2])
    elif match := _MAIL.match(data):
        session.sender = match[1]
        session.asked.clear()
        session.recipients = []
    elif match := _RCPT.match(data):
        session.asked.append(match[1])
        if len(session.asked) > MAX_RECIPIENTS:
            session.asked.popleft()
    return []


def _answered(line: int, at: times.Moment, name: str, session: _Open, data: str) -> Ends:
    if data.startswith("535 "):
        session.denied_at, session.is_answered, session.name = None, True, name
        return [_failure(line, at, session, data[:9].strip())]
    if data.startswith("250 2.1.5 ") and session.asked:
        session.recipients.append(session.asked.popleft())
        del session.recipients[MAX_RECIPIENTS:]
    elif session.asked and re.match(r"[45]\d\d ", data):
        session.asked.popleft()
    elif (match := _QUEUED.match(data)) and (
        session.front or (session.mechanism and session.is_signed_in)
    ):
        return [_submission(line, at, session, match[1], match[2])]
    return []


def _submission(
    line: int, at: times.Moment, session: _Open, message_id: str, internal_id: str
) -> Submission:
    recipients, own = tuple(session.recipients), not session.front
    session.recipients = []
    address = session.sender or session.account
    row = Submission(
        line=line,
        sent_at=at.at,
        period_start=at.day,
        period_end=at.day,
        sender_address=addresses.sender_address(address).shown,
        sender_derived=not session.sender,
        account=addresses.account(session.account).shown if own else "",
        tls_version=session.tls_version if own else "unknown",
        auth_protocol=auth_protocol_of(session.mechanism) if own else "unknown",
        client_ip=session.client_ip,
        recipients=recipients,
        recipient_count=len(recipients),
        message_id=bare_id(message_id),
        session=session.front,
    )
    if row.message_id:
        return row
    return row._replace(row_key=key_of_columns(at.at, internal_id, session.client_ip))


FORMAT = ExportFormat(
    name="receive-log",
    title=Sentence("Exchange Server receive protocol log"),
    source="server_log",
    fields=(
        Field("date", ("date-time",), required=True),
        Field("session", ("session-id",), required=True),
        Field("event", ("event",), required=True),
        Field("data", ("data",), required=True),
        Field("context", ("context",), required=True),
        Field("remote", ("remote-endpoint",), required=True),
    ),
    converter=_converter,
    open_header=("date-time", "session-id", "event", "data", "context", "remote-endpoint"),
    headless=lambda raw: bool(_ROW.match(raw)),
    cannot_tell=phrases("sign-ins that succeeded", "the place of a client"),
    known=("connector-id", "sequence-number", "local-endpoint"),
    times=("date",),
)
