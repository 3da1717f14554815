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
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal

from smtpauth_kit.formats.entra_sign_ins import FORMAT as ENTRA
from smtpauth_kit.sample import story
from smtpauth_kit.sample.ledger import (
    SIGN_IN_DAYS,
    TRACE_DAYS,
    Attempt,
    Ledger,
    Message,
    make_ledger,
    report_weeks,
)

Period = tuple[dt.date, dt.date]
_DAY: Final = dt.timedelta(days=1)
_EXPORT_DAY: Final = story.LAST_DAY


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
    >>> manifest()[13].name
    'smtp_auth_report_2026-11-16_2026-11-22.csv'
    """
    last, settings = story.LAST_DAY, (_EXPORT_DAY, _EXPORT_DAY)
    traced = (last - (TRACE_DAYS - 1) * _DAY, last)
    signed = (last - (SIGN_IN_DAYS - 1) * _DAY, last)
    week = report_weeks()[-1]
    span, portal = f"{signed[0]}_{signed[1]}", "Entra portal CSV"
    reports = [
        SampleFile(f"smtp_auth_report_{w[0]}_{w[1]}.csv", "weekly EAC report", "report", w, w)
        for w in report_weeks()
    ]
    return [
        *reports,
        SampleFile("submission_log.csv.gz", "submission log, 100 days", "submission_log", None,
                   (story.FIRST_DAY, last)),
        SampleFile("message_trace_extended.zip", "extended message trace", "extended_trace", None,
                   traced),
        SampleFile(f"InteractiveSignIns_{span}.csv", portal, "sign_in_log", None, signed),
        SampleFile(f"NonInteractiveSignIns_{span}.csv", portal, "sign_in_log", None, signed),
        SampleFile("graph_signIns.json.gz", "Graph signIns, last week", "sign_in_log", None, week),
        SampleFile("CASMailbox.csv", "Get-CASMailbox", "settings", settings, settings),
        SampleFile("TransportConfig.csv", "Get-TransportConfig", "settings", settings, settings),
    ]  # fmt: skip


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
    writers: dict[str, Callable[[Ledger, Period], bytes]] = {
        "weekly EAC report": _report,
        "submission log, 100 days": _submission_log,
        "extended message trace": _extended_trace,
        "Graph signIns, last week": _graph,
        "Get-CASMailbox": _mailboxes,
        "Get-TransportConfig": _tenant,
    }
    if entry.what == "Entra portal CSV":
        return _portal(ledger, entry.days, interactive=entry.name.startswith("Interactive"))
    return writers[entry.what](ledger, entry.days)


def _csv(rows: Iterable[Sequence[object]], *, quoted: bool = False) -> str:
    text = io.StringIO()
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(text, lineterminator="\r\n", quoting=quoting).writerows(rows)
    return text.getvalue()


def _within(messages: Iterable[Message], days: Period) -> list[Message]:
    return [m for m in messages if days[0] <= m.day <= days[1]]


def _gz(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=9, mtime=0)


def _report(ledger: Ledger, days: Period) -> bytes:
    counted: dict[tuple[str, str], Counter[str]] = {}
    for message in _within(ledger.messages, days):
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


def _submission_log(ledger: Ledger, days: Period) -> bytes:
    rows: list[Sequence[object]] = [
        ("Date", "Sender address", "Recipient address", "Message ID", "TLS version", "Client IP",
         "Authentication protocol", "Account")
    ]  # fmt: skip
    for message in _within(ledger.messages, days):
        tls = _TLS_TEXT.get(message.tls_version, f"TLS{message.tls_version}")
        # A row for each recipient, as most mail servers log it: they are one message.
        for recipient in message.recipients:
            rows.append(
                (f"{message.sent_at.isoformat()}Z", message.sender_address, recipient,
                 message.message_id, tls, message.client_ip, _AUTH_TEXT[message.auth_protocol],
                 message.sender_address)
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
        "server_ip": "2001:db8:6::2",
        "server_hostname": "AM0PR01MB0001.eurprd01.prod.exchangelabs.com",
        "connector_id": r"AM0PR01MB0001\Client Proxy AM0PR01MB0001" if received else "",
        "source": source,
        "event_id": event,
        "internal_message_id": "70912345566403",
        "message_id": message.message_id,
        "network_message_id": message.network_message_id,
        "recipient_address": ";".join(message.recipients),
        "total_bytes": "20480",
        "recipient_count": str(len(message.recipients)),
        "message_subject": message.subject,
        "sender_address": message.sender_address,
        "return_path": message.sender_address,
        "message_info": "0cA: ",
        "directionality": "Originating",
        "original_client_ip": message.client_ip,
        "custom_data": custom,
    }
    return list(row.values())


def _extended_trace(ledger: Ledger, days: Period) -> bytes:
    rows: list[Sequence[object]] = [TRACE_HEADER]
    for n, message in enumerate(_within(ledger.messages, days)):
        for number, event in enumerate(("RECEIVE", "AGENTINFO", "SENDEXTERNAL"), start=1):
            rows.append(trace_row(message, event, number))
        if n % 10 == 0:
            rows.append(_inbound_row(message, n))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        info = zipfile.ZipInfo("message_trace_extended.csv", (2026, 11, 23, 8, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
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
        "directionality": "Incoming",
        "custom_data": "S:tlsversion=SP_PROT_TLS1_3_SERVER;S:DeliveryPriority=Normal",
    }
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


def _portal(ledger: Ledger, days: Period, *, interactive: bool) -> bytes:
    rows: list[Sequence[object]] = [PORTAL_HEADER]
    for attempt in ledger.attempts:
        is_interactive = attempt.auth_protocol == "basic" or not attempt.is_smtp
        if is_interactive is interactive and days[0] <= attempt.at.date() <= days[1]:
            rows.append(_portal_row(attempt))
    return (_csv(rows) if interactive else "\ufeff" + _csv(rows)).encode()


def _portal_row(attempt: Attempt) -> list[str]:
    told = {
        "Date (UTC)": f"{attempt.at.isoformat()}Z",
        "Request ID": attempt.sign_in_id,
        "User agent": attempt.user_agent,
        "User": attempt.account.partition("@")[0],
        "Username": attempt.account,
        "User type": "Member",
        "Authentication Protocol": "ROPC" if attempt.auth_protocol == "basic" else "OAuth 2.0",
        "Application": "Office 365 Exchange Online",
        "IP address": attempt.client_ip,
        "Location": f"{attempt.city}, , {attempt.country}",
        "Status": "Success" if attempt.success else "Failure",
        "Sign-in error code": str(attempt.error_code),
        "Failure reason": "Other."
        if attempt.success
        else "Error validating credentials due to invalid username or password.",
        "Client app": attempt.client_app,
        "Autonomous system  number": str(attempt.network),
        "Conditional Access": "Not Applied",
    }
    assert set(told) & {label for f in ENTRA.fields for label in f.labels}
    return [told.get(name, "") for name in PORTAL_HEADER]


def _graph(ledger: Ledger, days: Period) -> bytes:
    chosen = [graph_sign_in(a) for a in ledger.attempts if days[0] <= a.at.date() <= days[1]]
    page = {
        "@odata.context": "https://graph.microsoft.com/beta/$metadata#auditLogs/signIns",
        "value": chosen,
    }
    return _gz(json.dumps(page, indent=1).encode())


def graph_sign_in(attempt: Attempt) -> dict[str, Any]:
    """Return one sign-in as Graph returns it."""
    return {
        "id": attempt.sign_in_id,
        "createdDateTime": f"{attempt.at.isoformat()}Z",
        "userPrincipalName": attempt.account,
        "appDisplayName": "Office 365 Exchange Online",
        "ipAddress": attempt.client_ip,
        "clientAppUsed": attempt.client_app,
        "userAgent": attempt.user_agent,
        "authenticationProtocol": "ropc" if attempt.auth_protocol == "basic" else "oAuth2",
        "autonomousSystemNumber": attempt.network,
        "status": {
            "errorCode": attempt.error_code,
            "failureReason": "Other." if attempt.success else "Invalid username or password.",
            "additionalDetails": None,
        },
        "location": {"city": attempt.city, "state": "", "countryOrRegion": attempt.country},
    }


def _mailboxes(ledger: Ledger, days: Period) -> bytes:
    rows: list[Sequence[object]] = [
        ("DisplayName", "PrimarySmtpAddress", "SmtpClientAuthenticationDisabled")
    ]
    for box in ledger.mailboxes:
        setting = "" if box.smtp_auth_disabled is None else str(box.smtp_auth_disabled)
        rows.append((box.display_name, box.address, setting))
    return ("\ufeff" + _csv(rows, quoted=True)).encode()


def _tenant(ledger: Ledger, days: Period) -> bytes:
    header = ("SmtpClientAuthenticationDisabled", "AllowLegacyTLSClients")
    return ("\ufeff" + _csv([header, ("False", "True")], quoted=True)).encode()
