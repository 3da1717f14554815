"""The ledger as the requested report (`SmtpCSReport`) tells it: one row a message, UTF-16."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable
from typing import Final

from smtpauth_kit.sample.ledger import Message

NAME: Final = "SmtpCSReport_last_30_days.csv.gz"
HEADER: Final = (
    "date", "senderName", "senderDomain", "authMethod", "original_client_ip", "tls_version",
    "tls_cipher", "message_count", "message_id",
)  # fmt: skip
CIPHERS: Final = {
    "1.0": "TLS_RSA_WITH_AES_128_CBC_SHA",
    "1.1": "TLS_RSA_WITH_AES_128_CBC_SHA",
    "1.2": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "1.3": "TLS_AES_256_GCM_SHA384",
}
_TLS: Final = {"none": "No TLS", "unknown": ""}
_AUTH: Final = {"basic": "Basic", "oauth": "OAuth"}


def content(messages: Iterable[Message]) -> bytes:
    """Return the export of messages, with a byte order mark."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(HEADER)
    rows.writerows(map(_row, messages))
    return codecs.BOM_UTF16_LE + text.getvalue().encode("utf-16-le")


def _row(message: Message) -> list[str]:
    tls = message.tls_version
    return [
        f"{message.sent_at.isoformat()}.0000000Z",
        message.sender_address,
        message.domain,
        _AUTH[message.auth_protocol],
        message.client_ip,
        _TLS.get(tls, f"TLS{tls}"),
        message.tls_cipher or CIPHERS.get(tls, ""),
        "1",
        message.message_id,
    ]
