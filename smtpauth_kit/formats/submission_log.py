"""The plain submission log: one row a message, which anyone can produce from any mail server.

Columns and their Dutch names are LOADING's point 5. Rows that share message id and sender are one
message; a row with a `Message count` other than 1 is a count for its UTC day.
"""

from __future__ import annotations

import hashlib

from smtpauth_kit.base.facts import Submission
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Cells, Context, Converter, Ends, ExportFormat, Field
from smtpauth_kit.values import addresses, counts, protocols, times
from smtpauth_kit.values.times import Moment

MAX_SUBJECT = 1_000
"""Characters of a subject that are kept. Exchange takes 255, its traces print 256."""


def recipients_in(text: str) -> tuple[str, ...]:
    """Return the addresses of a recipient cell, which separates them by `;`.

    Examples
    --------
    >>> recipients_in("bob@fabrikam.com; carol@contoso.com")
    ('bob@fabrikam.com', 'carol@contoso.com')
    """
    return tuple(part for part in (piece.strip() for piece in text.split(";")) if part)


def bare_id(text: str) -> str:
    """Return a message id: with and without its angle brackets it is the same.

    Examples
    --------
    >>> bare_id(" <1@scan> ")
    '1@scan'
    """
    return text.strip().strip("<>")


def bare_network_id(text: str) -> str:
    """Return a network message id as it is compared: some exports print it without dashes.

    Examples
    --------
    >>> bare_network_id(" 1341AC7B-13fb-42ab-4d44-08cf7f55890f")
    '1341ac7b13fb42ab4d4408cf7f55890f'
    """
    return text.strip().replace("-", "").lower()


def subject_in(text: str) -> str:
    """Return the subject of a message as it came, without what is longer than any real one.

    Examples
    --------
    >>> subject_in(" Scan from HQ1 "), len(subject_in("x" * 5_000))
    ('Scan from HQ1', 1000)
    """
    return text.strip()[:MAX_SUBJECT]


def key_of_columns(*columns: object) -> str:
    """Return the key of a row that has no id: a digest of all its columns."""
    return "row:" + hashlib.sha256(repr(columns).encode("utf-8", "surrogatepass")).hexdigest()


def key_without_id(
    row: Submission, moment: Moment, sender_key: str, account_key: str, *more: object
) -> str:
    """Return the key of a message that has no id: what tells it apart from others."""
    return key_of_columns(
        moment, row.sent_at, sender_key, row.recipients, row.tls_version, row.client_ip,
        row.auth_protocol, row.message_count, account_key, *more,
    )  # fmt: skip


def _converter(context: Context) -> Converter:
    pick = context.picker(
        "date", "sender_address", "recipients", "message_id", "tls_version", "client_ip",
        "auth_protocol", "message_count", "account",
    )  # fmt: skip
    decisions, zone = context.decisions, context.layout.zone
    counted = context.has("message_count")

    def convert(line: int, cells: Cells) -> Ends:
        date, address, to, message_id, tls, ip, auth, number, who = pick(cells)
        sender, account = addresses.sender_address(address), addresses.account(who)
        moment = times.moment(date, decisions, zone)
        count = counts.count(number, decisions) if counted else 1
        recipients = recipients_in(to)
        row = Submission(
            line=line,
            sent_at=moment.at if count == 1 else None,
            period_start=moment.day,
            period_end=moment.day,
            sender_address=sender.shown,
            account=account.shown,
            tls_version=protocols.tls_version(tls),
            auth_protocol=protocols.auth_protocol(auth),
            client_ip=addresses.client_ip(ip),
            recipients=recipients,
            recipient_count=len(recipients),
            message_id=bare_id(message_id),
            message_count=count,
        )
        if row.message_id:
            return [row]
        return [row._replace(row_key=key_without_id(row, moment, sender.key, account.key))]

    return convert


FORMAT = ExportFormat(
    name="submission-log",
    title=Sentence("plain submission log"),
    source="submission_log",
    fields=(
        Field("date", ("Date", "Date/time", "Timestamp", "Data"), required=True),
        Field("sender_address", ("Sender address",), required=True),
        Field("recipients", ("Recipient address",)),
        Field("message_id", ("Message ID",)),
        Field("tls_version", ("TLS version",)),
        Field("client_ip", ("Client IP",)),
        Field("auth_protocol", ("Authentication protocol",)),
        Field("message_count", ("Message count",)),
        Field("account", ("Account",)),
    ),
    converter=_converter,
    by_row=True,
    cannot_tell=phrases("failed sign-ins"),
    # Microsoft's traces have these too, but their rows are mail, not known to be SMTP AUTH.
    excluded=(
        "Message trace id",
        "event_id",
        "Received",
        "EmailDirection",
        "FromIP",
        "ToIP",
        "sent_at",
    ),
    times=("date",),
    counts=("message_count",),
)
