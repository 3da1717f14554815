"""The plain submission log: one row a message, which anyone can produce from any mail server.

Columns and their Dutch names are LOADING's point 5. Rows that share message id and sender are one
message; a row with a `Message count` other than 1 is a count for its UTC day.
"""

from __future__ import annotations

import hashlib

from smtpauth_kit import values
from smtpauth_kit.formats.format import Cells, Context, Converter, ExportFormat, Field
from smtpauth_kit.schema import Fact, Submission


def recipients_in(text: str) -> tuple[str, ...]:
    """Return the addresses of a recipient cell, which separates them by `;`.

    Examples
    --------
    >>> recipients_in("bob@fabrikam.com; carol@contoso.com")
    ('bob@fabrikam.com', 'carol@contoso.com')
    """
    return tuple(part for part in (piece.strip() for piece in text.split(";")) if part)


def key_of_columns(*columns: object) -> str:
    """Return the key of a row that has no id: a digest of all its columns."""
    return "row:" + hashlib.sha256(repr(columns).encode("utf-8", "surrogatepass")).hexdigest()


def _converter(context: Context) -> Converter:
    pick = context.picker(
        "date", "sender_address", "recipients", "message_id", "tls_version", "client_ip",
        "auth_protocol", "message_count", "account",
    )  # fmt: skip
    decisions, zone = context.decisions, context.layout.zone
    counted = context.has("message_count")

    def convert(line: int, cells: Cells) -> list[Fact]:
        date, address, to, message_id, tls, ip, auth, number, account = pick(cells)
        sender = values.sender_address(address)
        moment = values.moment(date, decisions, zone)
        count = values.count(number, decisions) if counted else 1
        recipients = recipients_in(to)
        # repr and strip: the same message id with and without <> is the same id.
        message_id = message_id.strip().strip("<>")
        facts = (
            moment.at if count == 1 else None,
            sender.key, recipients, values.tls_version(tls), values.client_ip(ip),
            values.auth_protocol(auth), count, values.account(account).key,
        )  # fmt: skip
        return [
            Submission(
                line=line,
                sent_at=facts[0],
                period_start=moment.day,
                period_end=moment.day,
                sender_address=sender.shown,
                sender_key=sender.key,
                sender_domain=sender.domain,
                account=values.account(account).shown,
                tls_version=values.tls_version(tls),
                auth_protocol=values.auth_protocol(auth),
                client_ip=values.client_ip(ip),
                recipients=recipients,
                recipient_count=len(recipients),
                message_id=message_id,
                network_message_id="",
                message_count=count,
                tls_derived=False,
                row_key=f"id:{message_id}\n{sender.key}\n{moment.day}"
                if message_id
                else key_of_columns(moment, *facts),
            )
        ]

    return convert


FORMAT = ExportFormat(
    name="submission-log",
    title="plain submission log",
    table="submissions",
    source="submission_log",
    fields=(
        Field("date", ("Date", "Datum/tijd", "Date/time", "Timestamp"), required=True),
        Field("sender_address", ("Sender address", "Adres afzender"), required=True),
        Field("recipients", ("Recipient address", "Adres ontvanger")),
        Field("message_id", ("Message ID", "Bericht-id")),
        Field("tls_version", ("TLS version", "TLS-versie")),
        Field("client_ip", ("Client IP", "Client-IP")),
        Field("auth_protocol", ("Authentication protocol", "Verificatieprotocol")),
        Field("message_count", ("Message count", "Aantal berichten")),
        Field("account", ("Account",)),
    ),
    converter=_converter,
    cannot_tell=("failed sign-ins",),
    # Microsoft's traces have these too, but their rows are mail, not known to be SMTP AUTH.
    excluded=("Message trace id", "event_id", "Received", "EmailDirection"),
    times=("date",),
    counts=("message_count",),
)
