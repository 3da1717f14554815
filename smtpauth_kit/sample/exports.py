"""Writes the ledger as the vendors would export it; FORMATS' chapters name the headers."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal

from smtpauth_kit.sample import requested_report, story
from smtpauth_kit.sample.ledger import (
    SIGN_IN_DAYS,
    TRACE_DAYS,
    Attempt,
    Ledger,
    Message,
    make_ledger,
    report_weeks,
    uuid_of,
)

Period = tuple[dt.date, dt.date]
_DAY: Final = dt.timedelta(days=1)
_EXPORT_DAY: Final = story.LAST_DAY
_PORTAL: Final = "Entra portal CSV"


@dataclass(frozen=True)
class SampleFile:
    """One file of `data/sample/`: what it is, and what to say when it is loaded."""

    name: str
    what: str
    source: str
    period: Period | None
    """What `--period` must say: reports and settings have no day of their own."""
    days: Period
    """The slice of the ledger it holds."""


def manifest() -> list[SampleFile]:
    """Return every sample file, in the order a newcomer would load them.

    Examples
    --------
    >>> manifest()[14].name
    'smtp_auth_report_2026-11-16_2026-11-22.csv'
    """
    last, settings = story.LAST_DAY, (_EXPORT_DAY, _EXPORT_DAY)
    traced = (last - (TRACE_DAYS - 1) * _DAY, last)
    signed = (last - (SIGN_IN_DAYS - 1) * _DAY, last)
    week = report_weeks()[-1]
    span = f"{signed[0]}_{signed[1]}"
    reports = [
        SampleFile(f"smtp_auth_report_{w[0]}_{w[1]}.csv", "weekly EAC report", "report", w, w)
        for w in report_weeks()
    ]
    requested = SampleFile(
        requested_report.NAME, "requested report, 30 days", "requested_report", None,
        (requested_report.FIRST_DAY, last),
    )  # fmt: skip
    return [
        requested,
        *reports,
        SampleFile("submission_log.csv.gz", "submission log, 100 days", "submission_log", None,
                   (story.FIRST_DAY, last)),
        SampleFile("message_trace_extended.zip", "extended message trace", "extended_trace", None,
                   traced),
        SampleFile(f"InteractiveSignIns_{span}.csv", _PORTAL, "sign_in_log", None, signed),
        SampleFile(f"NonInteractiveSignIns_{span}.csv", _PORTAL, "sign_in_log", None, signed),
        SampleFile("graph_signIns.json.gz", "Graph signIns, last week", "sign_in_log", None, week),
        SampleFile("CASMailbox.csv", "Get-CASMailbox", "settings", settings, settings),
        SampleFile("TransportConfig.csv", "Get-TransportConfig", "settings", settings, settings),
    ]  # fmt: skip


def messages_in(entry: SampleFile, ledger: Ledger) -> list[Message]:
    """Return the messages of the ledger that a file holds; none for sign-ins and settings.

    As they truly were: what the file's source cannot tell of them is `Ledger.seen_by`'s.
    """
    if entry.source in ("sign_in_log", "settings"):
        return []
    return [m for m in ledger.messages if entry.days[0] <= m.day <= entry.days[1]]


def attempts_in(entry: SampleFile, ledger: Ledger) -> list[Attempt]:
    """Return the attempts of the ledger that a file holds, other client apps among them."""
    if entry.source != "sign_in_log":
        return []
    within = [a for a in ledger.attempts if entry.days[0] <= a.at.date() <= entry.days[1]]
    if entry.what != _PORTAL:
        return within
    interactive = entry.name.startswith("Interactive")
    return [a for a in within if a.interactive is interactive]


def write_samples(folder: Path) -> list[Path]:
    """Write every sample export into a folder; the same bytes each time."""
    ledger = make_ledger()
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for entry in manifest():
        path = folder / entry.name
        path.write_bytes(_content(entry, ledger))
        paths.append(path)
    return paths


def _content(entry: SampleFile, ledger: Ledger) -> bytes:
    of_messages: dict[str, Callable[[list[Message]], bytes]] = {
        "requested_report": lambda messages: _gz(requested_report.content(messages)),
        "report": _report,
        "submission_log": _submission_log,
        "extended_trace": _extended_trace,
    }
    if entry.source in of_messages:
        return of_messages[entry.source](messages_in(entry, ledger))
    if entry.what == _PORTAL:
        # The portal writes no byte order mark in some downloads and one in others.
        marked = entry.name.startswith("Non")
        return _portal(attempts_in(entry, ledger), marked=marked)
    if entry.source == "sign_in_log":
        return _graph(attempts_in(entry, ledger))
    return _mailboxes(ledger) if entry.what == "Get-CASMailbox" else _tenant(ledger)


def _csv(rows: Iterable[Sequence[object]], *, quoted: bool = False) -> str:
    text = io.StringIO()
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(text, lineterminator="\r\n", quoting=quoting).writerows(rows)
    return text.getvalue()


def _gz(data: bytes) -> bytes:
    packed = gzip.compress(data, compresslevel=9, mtime=0)
    # Byte 9 names the system that packed it, and Python 3.11 and 3.12 write theirs: say "unknown".
    return packed[:9] + b"\xff" + packed[10:]


def _report(messages: Iterable[Message]) -> bytes:
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
    return ("\ufeff" + _csv(rows)).encode()


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


def _submission_log(messages: Iterable[Message]) -> bytes:
    rows: list[Sequence[object]] = [
        ("Date", "Sender address", "Recipient address", "Message ID", "TLS version", "Client IP",
         "Authentication protocol", "Account")
    ]  # fmt: skip
    for message in messages:
        tls = _TLS_TEXT.get(message.tls_version, f"TLS{message.tls_version}")
        # A row for each recipient, as most mail servers log it: they are one message.
        for recipient in message.recipients:
            rows.append(
                (f"{message.sent_at.isoformat()}Z", message.sender_address, recipient,
                 message.message_id, tls, message.client_ip, _AUTH_TEXT[message.auth_protocol],
                 message.account)
            )  # fmt: skip
    return _gz(_csv(rows).encode())


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


def _extended_trace(messages: Iterable[Message]) -> bytes:
    rows: list[Sequence[object]] = [TRACE_HEADER]
    for n, message in enumerate(messages):
        rows.extend(trace_events(message))
        if n % 10 == 0:
            rows.append(_inbound_row(message, n))
        if n % 25 == 0:
            rows.append(_outlook_row(message, n))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        info = zipfile.ZipInfo("message_trace_extended.csv", (2026, 11, 23, 8, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        # Else it names the system that packed it, and the bytes differ on Windows.
        info.create_system = 3
        archive.writestr(info, _csv(rows).encode("utf-16-le"), compresslevel=9)
    return packed.getvalue()


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


PORTAL_HEADER: Final = [
    "Date (UTC)",
    "Request ID",
    "User agent",
    "Correlation ID",
    "User ID",
    "User",
    "Username",
    "User type",
    "Cross tenant access type",
    "Incoming token type",
    "Authentication Protocol",
    "Unique token identifier",
    "Original transfer method",
    "Client credential type",
    "Token Protection - Sign In Session",
    "Token Protection - Sign In Session StatusCode",
    "Application",
    "Application ID ",
    "App owner tenant ID",
    "Resource",
    "Resource ID ",
    "Resource tenant ID",
    "Resource owner tenant ID",
    "Home tenant ID",
    "Home tenant name",
    "IP address",
    "Location",
    "Status",
    "Sign-in error code",
    "Failure reason",
    "Client app",
    "Device ID",
    "Browser",
    "Operating System",
    "Compliant",
    "Managed",
    "Join Type",
    "Multifactor authentication result",
    "Multifactor authentication auth method",
    "Multifactor authentication auth detail",
    "Authentication requirement",
    "Sign-in identifier",
    "Session ID",
    "IP address (seen by resource)",
    "Through Global Secure Access",
    "Global Secure Access IP address",
    "Autonomous system  number",
    "Flagged for review",
    "Token issuer type",
    "Incoming token type",
    "Token issuer name",
    "Latency",
    "Conditional Access",
    "Managed Identity type",
    "Associated Resource Id",
    "Federated Token Id",
    "Federated Token Issuer",
]


_STATES: Final = {
    "Amsterdam": "Noord-Holland",
    "Utrecht": "Utrecht",
    "Eindhoven": "Noord-Brabant",
    "Lagos": "Lagos",
    "Iasi": "Iasi",
    "Recife": "Pernambuco",
}
_WRONG_PASSWORD: Final = "Error validating credentials due to invalid username or password."


def _portal(attempts: Iterable[Attempt], *, marked: bool) -> bytes:
    text = _csv([PORTAL_HEADER, *(_portal_row(attempt) for attempt in attempts)])
    return ("\ufeff" + text if marked else text).encode()


def _portal_row(attempt: Attempt) -> list[str]:
    told = {
        "Date (UTC)": f"{attempt.at.isoformat()}Z",
        "Request ID": attempt.sign_in_id,
        "User agent": attempt.user_agent,
        "User ID": uuid_of("user", attempt.account),
        "User": attempt.account.partition("@")[0],
        "Username": attempt.account,
        "User type": "Member",
        "Authentication Protocol": "ROPC" if attempt.auth_protocol == "basic" else "OAuth 2.0",
        "Application": "Office 365 Exchange Online",
        "Resource": "Office 365 Exchange Online",
        "IP address": attempt.client_ip,
        "Location": f"{attempt.city}, {_STATES[attempt.city]}, {attempt.country}",
        "Status": "Success" if attempt.success else "Failure",
        "Sign-in error code": str(attempt.error_code),
        "Failure reason": "Other." if attempt.success else _WRONG_PASSWORD,
        "Client app": attempt.client_app,
        "Sign-in identifier": attempt.account,
        "Autonomous system  number": str(attempt.network),
        "Token issuer type": "Microsoft Entra ID",
        "Incoming token type": "none",
        "Conditional Access": "Not Applied",
    }
    return [told.get(name, "") for name in PORTAL_HEADER]


def _graph(attempts: Iterable[Attempt]) -> bytes:
    page = {
        "@odata.context": "https://graph.microsoft.com/beta/$metadata#auditLogs/signIns",
        "@odata.nextLink": None,
        "value": [graph_sign_in(attempt) for attempt in attempts],
    }
    return _gz(json.dumps(page, indent=1).encode())


def graph_sign_in(attempt: Attempt) -> dict[str, Any]:
    """Return one sign-in as Graph returns it."""
    return {
        "id": attempt.sign_in_id,
        "createdDateTime": f"{attempt.at.isoformat()}Z",
        "userDisplayName": attempt.account.partition("@")[0],
        "userPrincipalName": attempt.account,
        "userId": uuid_of("user", attempt.account),
        "appDisplayName": "Office 365 Exchange Online",
        "ipAddress": attempt.client_ip,
        "clientAppUsed": attempt.client_app,
        "userAgent": attempt.user_agent,
        "conditionalAccessStatus": "notApplied",
        "isInteractive": attempt.interactive,
        "signInEventTypes": ["interactiveUser" if attempt.interactive else "nonInteractiveUser"],
        "incomingTokenType": "none",
        "authenticationProtocol": "ropc" if attempt.auth_protocol == "basic" else "oAuth2",
        "autonomousSystemNumber": attempt.network,
        "status": {
            "errorCode": attempt.error_code,
            "failureReason": "Other." if attempt.success else _WRONG_PASSWORD,
            "additionalDetails": None,
        },
        "location": {
            "city": attempt.city,
            "state": _STATES[attempt.city],
            "countryOrRegion": attempt.country,
        },
    }


def _mailboxes(ledger: Ledger) -> bytes:
    rows: list[Sequence[object]] = [
        ("DisplayName", "PrimarySmtpAddress", "SmtpClientAuthenticationDisabled")
    ]
    for box in ledger.mailboxes:
        setting = "" if box.smtp_auth_disabled is None else str(box.smtp_auth_disabled)
        rows.append((box.display_name, box.address, setting))
    return ("\ufeff" + _csv(rows, quoted=True)).encode()


def _tenant(ledger: Ledger) -> bytes:
    header = ("SmtpClientAuthenticationDisabled", "AllowLegacyTLSClients")
    settings = (ledger.tenant.smtp_auth_disabled, ledger.tenant.allow_legacy_tls)
    return ("\ufeff" + _csv([header, settings], quoted=True)).encode()
