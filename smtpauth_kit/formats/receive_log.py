"""The receive protocol log of Exchange Server: every SMTP line of a front end or a hub.

A client signs in at the front end, whose log has the TLS version and the account; the front end
hands the session on, and the hub's log has the messages. `XPROXY SID=… IP=…` in the hub's log names
the front end's session; the store joins the two, whichever is loaded first. The TLS version of the
hub's own session is the one between the two servers and is not taken. A session that signs in and
sends in one log (a hub without a front end) is whole by itself.
"""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final

from smtpauth_kit.base.facts import Session, SignIn, Submission
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Cells, Context, Converter, Ends, ExportFormat, Field
from smtpauth_kit.formats.sign_in import sign_in
from smtpauth_kit.formats.submission_log import bare_id, key_of_columns
from smtpauth_kit.values import addresses, protocols, times
from smtpauth_kit.values.times import Moment

MAX_OPEN: Final = 100_000
"""Sessions that are remembered at once; beyond it the oldest is forgotten, and that is said."""
MAX_RECIPIENTS: Final = 5_000
_MAX_KEPT: Final = 1_000
"""Signs of an account that are kept of an open session: more than an address may have."""

_TLS = re.compile(r"TLS protocol (\S{1,60}) negotiation succeeded")
# The missing space behind "for" is Exchange's own.
_PROXIED = re.compile(
    r"Proxy session was successfully set up\. Session for ?(.{1,400}?) will now be"
)
_DENIED = re.compile(r"Inbound authentication failed .{0,200}? for User (.{1,400}?)\.?$")
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
    line: int, at: Moment, result: str, account: str, mechanism: str, ip: str, code: str = ""
) -> SignIn:
    """Return a sign-in of a mail server's log; the account may be empty where it names none.

    Examples
    --------
    >>> at = times.moment("2026-11-16T08:05:00Z")
    >>> logged_sign_in(7, at, "failure", "", "LOGIN", "192.0.2.1").auth_protocol
    'basic'
    """
    protocol = auth_protocol_of(mechanism)
    return sign_in(
        line, at, addresses.account(account), result, ip, error_code=code, auth_protocol=protocol
    )


@dataclass
class _Open:
    """What is known of a session so far."""

    client_ip: str
    tls_version: str = "unknown"
    mechanism: str = ""
    account: str = ""
    is_signed_in: bool = False
    denied: str = ""
    """The account of the sign-in that is being refused."""
    front: str = ""
    """The front end's session that this one carries on."""
    sender: str = ""
    asked: deque[str] = field(default_factory=deque)
    """Recipients that have no answer yet; answers come in their order."""
    recipients: list[str] = field(default_factory=list)


def session_name(session: str, client_ip: str) -> str:
    """Return the key of a session, equal in both logs; ids alone may repeat on another server.

    Examples
    --------
    >>> session_name("08DF000000000001", "10.1.1.70")
    '08df000000000001 10.1.1.70'
    """
    return f"{session.strip().lower()} {addresses.client_ip(client_ip)}"


def _converter(context: Context) -> Converter:
    pick = context.picker("date", "session", "event", "data", "context", "remote")
    decisions, zone, tally = context.decisions, context.layout.zone, context.tally
    # A plain dict would look for its oldest among all that were removed before.
    sessions: OrderedDict[str, _Open] = OrderedDict()

    def opened(name: str, remote: str) -> _Open:
        if (known := sessions.get(name)) is None:
            if len(sessions) >= MAX_OPEN:
                sessions.popitem(last=False)
                tally[
                    Sentence("opened a session while 100,000 were open; the oldest was given up")
                ] += 1
            known = sessions[name] = _Open(addresses.client_ip(remote))
        return known

    def convert(line: int, cells: Cells) -> Ends:
        date, name, event, data, note, remote = pick(cells)
        at = times.moment(date, decisions, zone)
        if event == "-":
            sessions.pop(name, None)
            return []
        if event == "+":
            sessions.pop(name, None)
        session = opened(name, remote)
        if event == "*":
            return _noted(line, name, session, data, note)
        if event == "<":
            _asked(session, data)
            return []
        return _answered(line, at, session, data) if event == ">" else []

    return convert


def _noted(line: int, name: str, session: _Open, data: str, note: str) -> Ends:
    if match := _TLS.match(note):
        session.tls_version = protocols.tls_version(match[1])
    elif note == "authenticated":
        session.account, session.is_signed_in = data[:_MAX_KEPT], True
    elif match := _DENIED.match(note):
        session.denied = match[1]
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


def _asked(session: _Open, data: str) -> None:
    if match := _AUTH.match(data):
        session.mechanism, session.is_signed_in = match[1], False
    elif match := _XPROXY.match(data):
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


def _answered(line: int, at: Moment, session: _Open, data: str) -> Ends:
    if data.startswith("535 "):
        denied, session.denied = session.denied or session.account, ""
        how, ip, code = session.mechanism, session.client_ip, data[:9].strip()
        return [logged_sign_in(line, at, "failure", denied, how, ip, code)]
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
    line: int, at: Moment, session: _Open, message_id: str, internal_id: str
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
    cannot_tell=phrases("sign-ins that succeeded", "the place of a client"),
    known=("connector-id", "sequence-number", "local-endpoint"),
    times=("date",),
)
