"""The exports of messages as the vendors write them: report, submission log, extended trace."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from smtpauth_kit.sample import story
from smtpauth_kit.sample.ledger import Message
from smtpauth_kit.sample.same_bytes import csv_text, gzipped, zipped


def report(messages: Iterable[Message]) -> bytes:
    """Return the SMTP AUTH clients report of these messages, as the admin center saves it."""
    counted: dict[tuple[str, str], Counter[str]] = {}
    for message in messages:
        key = (message.sender_address, message.auth_protocol)
        counted.setdefault(key, Counter())[message.tls_version] += 1
    rows: list[Sequence[object]] = [
        ("Sender address", "Domain", "Authentication Protocol", "TLS 1.0", "TLS 1.1", "TLS 1.2",
         "Messages sent")
    ]  # fmt: skip
    for (address, auth), tls in sorted(
        counted.items(), key=lambda item: (-item[1].total(), item[0])
    ):
        shares = [f"{percent(tls[v], tls.total())}%" for v in ("1.0", "1.1", "1.2")]
        name = "Basic auth" if auth == "basic" else "OAuth"
        rows.append((address, address.partition("@")[2], name, *shares, f"{tls.total():,}"))
    return ("\ufeff" + csv_text(rows)).encode()


def percent(part: int, whole: int) -> str:
    """Return a percentage with at most two decimals, half up.

    Examples
    --------
    >>> percent(1, 3), percent(5, 5), percent(1, 8)
    ('33.33', '100', '12.5')
    """
    hundredths = int(Fraction(part * 10_000, whole) + Fraction(1, 2))
    return f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")


_TLS_TEXT: Final = {"none": "No TLS", "unknown": ""}
_AUTH_TEXT: Final = {"basic": "Basic", "oauth": "OAuth"}


def submission_log(messages: Iterable[Message]) -> bytes:
    """Return a submission log of these messages, packed: a row for each recipient."""
    rows: list[Sequence[object]] = [
        ("Date", "Sender address", "Recipient address", "Message ID", "TLS version", "Client IP",
         "Authentication protocol", "Account")
    ]  # fmt: skip
    for message in messages:
        tls = _TLS_TEXT.get(message.tls_version, f"TLS{message.tls_version}")
        number = message.message_id if message.has_id else ""
        # A row for each recipient, as most mail servers log it: they are one message.
        for recipient in message.recipients:
            rows.append(
                (f"{message.sent_at.isoformat()}Z", message.sender_address, recipient,
                 number, tls, message.client_ip, _AUTH_TEXT[message.auth_protocol],
                 message.account)
            )  # fmt: skip
    return gzipped(csv_text(rows).encode())


TRACE_HEADER: Final = [
    "date_time_utc",
    "client_ip",
    "client_hostname",
    "server_ip",
    "server_hostname",
    "source_context",
    "connector_id",
    "source",
    "event_id",
    "internal_message_id",
    "message_id",
    "network_message_id",
    "recipient_address",
    "recipient_status",
    "total_bytes",
    "recipient_count",
    "related_recipient_address",
    "reference",
    "message_subject",
    "sender_address",
    "return_path",
    "message_info",
    "directionality",
    "tenant_id",
    "original_client_ip",
    "original_server_ip",
    "custom_data",
]


_MAILBOX_SERVER: Final = "AM0PR01MB0001.eurprd01.prod.exchangelabs.com"


def trace_events(message: Message) -> list[list[str]]:
    """Return the event rows of one message: received, looked at, sent on and delivered.

    Examples
    --------
    >>> from smtpauth_kit.sample import make_ledger
    >>> message = make_ledger().messages[-1]
    >>> [row[TRACE_HEADER.index("event_id")] for row in trace_events(message)][:2]
    ['RECEIVE', 'AGENTINFO']
    """
    inside = tuple(r for r in message.recipients if r.partition("@")[2] in story.DOMAINS)
    outside = tuple(r for r in message.recipients if r not in inside)
    rows = [trace_row(message, "RECEIVE", 1), trace_row(message, "AGENTINFO", 2)]
    if outside:
        rows.append(trace_row(replace(message, recipients=outside), "SENDEXTERNAL", 3))
    if inside:
        rows.append(trace_row(replace(message, recipients=inside), "DELIVER", 4))
    return rows


def trace_row(message: Message, event: str, number: int) -> list[str]:
    """Return one event row of the extended trace for a message."""
    source = {"RECEIVE": "SMTP", "AGENTINFO": "AGENT", "SENDEXTERNAL": "SMTP"}.get(
        event, "STOREDRIVER"
    )
    received = event == "RECEIVE"
    custom = ""
    if received:
        custom = "S:ProxyHop1=AM0PR01CA0001.outlook.office365.com(2001:db8:6::9);"
        if message.tls_version.startswith("1."):
            custom += f"S:tlsversion=SP_PROT_TLS1_{message.tls_version[2]}_SERVER;"
            custom += "S:tlscipher=CALG_AES_256;"
        custom += f"S:ProxiedClientIPAddress={message.client_ip};S:DeliveryPriority=Normal"
    row = dict.fromkeys(TRACE_HEADER, "")
    row |= {
        "date_time_utc": f"{message.sent_at.isoformat()}.{number:03d}Z",
        "client_ip": "2001:db8:6::1",
        "client_hostname": _MAILBOX_SERVER,
        "server_ip": "2001:db8:6::2",
        "server_hostname": _MAILBOX_SERVER,
        "connector_id": r"AM0PR01MB0001\Client Proxy AM0PR01MB0001" if received else "",
        "source": source,
        "event_id": event,
        "internal_message_id": "70912345566403",
        "message_id": message.message_id,
        "network_message_id": message.network_message_id,
        "recipient_address": ";".join(message.recipients),
        "recipient_status": ";".join(["250 2.0.0 OK"] * len(message.recipients))
        if event == "SENDEXTERNAL"
        else "",
        "total_bytes": "20480",
        "recipient_count": str(len(message.recipients)),
        "message_subject": message.subject,
        "sender_address": message.sender_address,
        "return_path": message.sender_address,
        "message_info": "0cA: ",
        "directionality": "Originating",
        "tenant_id": "39238e87-b5ab-4ef6-a559-af54c6b07b42",
        "original_client_ip": message.client_ip,
        "original_server_ip": "2001:db8:6::2",
        "custom_data": custom,
    }
    return list(row.values())


def extended_trace(messages: Iterable[Message], name: str, at: dt.datetime) -> bytes:
    """Return an extended message trace, zipped, with other mail than client submissions in it."""
    rows: list[Sequence[object]] = [TRACE_HEADER]
    for n, message in enumerate(messages):
        rows.extend(trace_events(message))
        if n % 10 == 0:
            rows.append(_inbound_row(message, n))
        if n % 25 == 0:
            rows.append(_outlook_row(message, n))
    return zipped(name, csv_text(rows).encode("utf-16-le"), at)


def _inbound_row(beside: Message, number: int) -> list[str]:
    """Mail from the internet, received by another connector: no client submission."""
    row = dict(zip(TRACE_HEADER, trace_row(beside, "RECEIVE", 9), strict=True))
    row |= {
        "connector_id": r"AM0PR01MB0001\Default AM0PR01MB0001",
        "message_id": f"<in{number}@partner.example>",
        "network_message_id": f"00000000-0000-0000-0000-{number:012d}",
        "sender_address": "someone@partner.example",
        "return_path": "someone@partner.example",
        "directionality": "Incoming",
        "original_client_ip": "2001:db8:7::25",
        "custom_data": "S:tlsversion=SP_PROT_TLS1_3_SERVER;S:DeliveryPriority=Normal",
    }
    return list(row.values())


def _outlook_row(beside: Message, number: int) -> list[str]:
    """Mail that a person wrote in Outlook: handed in by the mailbox store, not over SMTP AUTH."""
    row = dict(zip(TRACE_HEADER, trace_row(beside, "RECEIVE", 8), strict=True))
    row |= {
        "source": "STOREDRIVER",
        "connector_id": "",
        "message_id": f"<ol{number}@AM0PR01MB0001.prod.exchangelabs.example>",
        "network_message_id": f"11111111-0000-0000-0000-{number:012d}",
        "sender_address": f"staff{number % 24 + 1:02d}@{story.DOMAINS[(number % 24 + 1) % 3]}",
        "original_client_ip": "",
        "custom_data": "S:DeliveryPriority=Normal",
    }
    row["return_path"] = row["sender_address"]
    return list(row.values())
