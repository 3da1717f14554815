"""The plain submission log: one row a message, which anyone can produce from any mail server.

Columns and their Dutch names are LOADING's point 5. Rows that share message id and sender are one
message; a row with a `Message count` other than 1 is a count for its UTC day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any

from smtpauth_kit.base.facts import Columns, Submission
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Context, ExportFormat, Field
from smtpauth_kit.formats.rows import ByColumns, Rows
from smtpauth_kit.values import addresses, counts, protocols
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


def with_row_keys(
    columns: Mapping[str, Sequence[Any]], key: Callable[[Submission, int], str]
) -> Columns:
    """Return submissions with a key for each that has no id, made of it and its place."""
    ids = zip(columns["message_id"], columns.get("network_message_id", repeat("")), strict=False)
    keys = [""] * len(columns["line"])
    for number, (message_id, network_id) in enumerate(ids):
        if not message_id and not network_id:
            row = Submission(**{name: cells[number] for name, cells in columns.items()})
            keys[number] = key(row, number)
    return Columns(Submission, {**columns, "row_key": keys})


def _by_columns(context: Context) -> ByColumns:
    counted = context.has("message_count")

    def count(text: str) -> int:
        return counts.count(text, context.decisions) if counted else 1

    def convert(rows: Rows) -> Columns:
        senders = rows.each(addresses.sender_address, "sender_address")
        accounts = rows.each(addresses.account, "account")
        moments = context.moments(rows, "date")
        numbers = rows.each(count, "message_count")
        recipients = rows.each(recipients_in, "recipients")
        columns = {
            "line": rows.lines,
            "sent_at": [
                moment.at if number == 1 else None
                for moment, number in zip(moments, numbers, strict=True)
            ],
            "period_start": (days := [moment.day for moment in moments]),
            "period_end": days,
            "sender_address": [sender.shown for sender in senders],
            "account": [account.shown for account in accounts],
            "tls_version": rows.each(protocols.tls_version, "tls_version"),
            "auth_protocol": rows.each(protocols.auth_protocol, "auth_protocol"),
            "client_ip": rows.each(addresses.client_ip, "client_ip"),
            "recipients": recipients,
            "recipient_count": [*map(len, recipients)],
            "message_id": [*map(bare_id, rows.texts("message_id"))],
            "message_count": numbers,
        }

        def key(row: Submission, number: int) -> str:
            return key_without_id(row, moments[number], senders[number].key, accounts[number].key)

        return with_row_keys(columns, key)

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
    by_columns=_by_columns,
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
