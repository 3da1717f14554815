"""The extended message trace of Exchange Online, and the message tracking log of Exchange Server.

The trace is a historical search (`MessageTraceDetail`). Both have about 16 rows a message.
A submission is one of a message's rows: source SMTP, event RECEIVE, on a connector that takes
client submissions. No public file of Exchange Online proves the connector's name, so the rule that
matched is named and counted for each file. The TLS version is what the receiving service logged;
whether a proxy's or the client's is unproven.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

from smtpauth_kit.base.facts import Columns, Submission
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Context, ExportFormat, Field
from smtpauth_kit.formats.rows import ByColumns, Rows
from smtpauth_kit.formats.submission_log import (
    bare_id,
    bare_network_id,
    key_of_columns,
    recipients_in,
    subject_in,
    with_row_keys,
)
from smtpauth_kit.values import addresses, protocols

_TRACKED = re.compile(
    r"[0-9T:.Z-]{19,28},(?:[^,]{0,300},){6}(?:SMTP|STOREDRIVER|ROUTING|AGENT|DSN|DNS),[A-Z]{3,20},"
)
CONNECTOR: Final = re.compile(r"(?:^|\\)\s*Client (Proxy|Frontend)\b", re.IGNORECASE)

TLS_VERSION: Final = "s:tlsversion="
TLS_CIPHER: Final = "s:tlscipher="
PROXIED_IP: Final = "s:proxiedclientipaddress="
"""Names of parts of a row's custom data, in lower case."""
_NAMES: Final = frozenset({TLS_VERSION, TLS_CIPHER, PROXIED_IP})
MAX_CIPHER: Final = 100
"""Characters of a cipher that are kept."""
SOURCE: Final = "SMTP"
EVENT: Final = "RECEIVE"
"""What a row says of itself that tells of a message being handed in."""
ORIGINATING: Final = ("originating", "2")
"""How the directionality of a message from inside is written, in lower case."""
BY_CONNECTOR: Final = "connector Client"
BY_PROXY: Final = "proxied client, originating"
"""What the rules are called; the first is followed by the kind of connector."""
NO_RULE: Final = Sentence("received by a rule that is no client submission, and not counted")


def tls_in(custom_data: str) -> str:
    """Return the TLS version that a row's custom data names; unknown where it names none.

    Examples
    --------
    >>> tls_in("S:ProxyHop1=x;S:tlsversion=SP_PROT_TLS1_3_SERVER"), tls_in("")
    ('1.3', 'unknown')
    """
    return protocols.tls_version(_named(custom_data, TLS_VERSION))


def cipher_in(custom_data: str) -> str:
    """Return the TLS cipher that a row's custom data names; empty where it names none.

    Examples
    --------
    >>> cipher_in("S:tlsversion=SP_PROT_TLS1_3_SERVER;S:tlscipher=CALG_AES_256")
    'CALG_AES_256'
    """
    return _named(custom_data, TLS_CIPHER).strip()[:MAX_CIPHER]


def proxied_ip(custom_data: str) -> str:
    """Return the address of the client that a row's custom data names; empty where it names none.

    Examples
    --------
    >>> proxied_ip("S:tlscipher=x;S:ProxiedClientIPAddress=192.0.2.25")
    '192.0.2.25'
    """
    return _named(custom_data, PROXIED_IP).strip()


def _named(custom_data: str, name: str) -> str:
    """Return what stands behind a name in custom data: `S:name=value;S:name=value`."""
    return _all_named(custom_data).get(name, "")


@lru_cache(maxsize=8)
def _all_named(custom_data: str) -> dict[str, str]:
    """Return the values of the names that are asked for, of each the first: a row asks for all."""
    found: dict[str, str] = {}
    for part in custom_data.split(";"):
        name, equals, value = part.partition("=")
        if equals and (known := name.lstrip().lower() + equals) in _NAMES:
            found.setdefault(known, value)
    return found


def submission_rule(connector: str, custom_data: str, directionality: str = "") -> str:
    r"""Return the name of the rule by which a RECEIVE is a client submission; empty: none.

    Examples
    --------
    >>> submission_rule(r"AM0PR01MB0001\Client Proxy AM0PR01MB0001", "", "")
    'connector Client Proxy'
    >>> submission_rule("", "S:ProxiedClientIPAddress=192.0.2.25", "Originating")
    'proxied client, originating'
    """
    if match := CONNECTOR.search(connector):
        return f"{BY_CONNECTOR} {match[1].capitalize()}"
    if proxied_ip(custom_data) and directionality.strip().lower() in ORIGINATING:
        return BY_PROXY
    return ""


def recipients_told(text: str) -> tuple[str, ...]:
    """Return the recipients of a cell; PowerShell prints a list of them with other signs.

    Examples
    --------
    >>> recipients_told("{a@fabrikam.com, b@fabrikam.com}")
    ('a@fabrikam.com', 'b@fabrikam.com')
    >>> recipients_told("System.String[]")
    ()
    """
    plain = text.strip()
    if plain == "System.String[]":
        return ()
    if plain.startswith("{") and plain.endswith("}"):
        plain = plain[1:-1].removesuffix("...").removesuffix("…")
    if ";" not in plain and '"' not in plain:
        plain = ";".join(plain.replace(",", " ").split())
    return recipients_in(plain)


@cache
def _recognised_by(rule: str) -> Sentence:
    return Sentence("recognised as SMTP AUTH by the rule “{rule}”", rule=rule)


def is_handing_in(source: str, event: str) -> bool:
    """Tell whether a row tells of a message being handed in; most rows of a message do not.

    Examples
    --------
    >>> is_handing_in("SMTP", "RECEIVE"), is_handing_in("STOREDRIVER", "DELIVER")
    (True, False)
    """
    return (source.strip().upper(), event.strip().upper()) == (SOURCE, EVENT)


def _told_in(custom_data: str) -> tuple[str, str, str]:
    return tls_in(custom_data), cipher_in(custom_data), proxied_ip(custom_data)


def _count_told(text: str, recipients: tuple[str, ...]) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) < 9
    return int(text) if is_number else len(recipients)


def _by_columns(context: Context) -> ByColumns:
    tally = context.tally
    is_server_log = context.layout.format.source == "server_log"

    def tell(rules: Sequence[str]) -> None:
        for rule, number in Counter(rules).items():
            tally[_recognised_by(rule) if rule else NO_RULE] += number

    def convert(rows: Rows) -> Columns:
        rows = rows.where(rows.each(is_handing_in, "source", "event"))
        rules = rows.each(submission_rule, "connector", "custom_data", "directionality")
        rows = rows.where(rules)
        senders = rows.each(addresses.sender_address, "sender_address")
        moments = context.moments(rows, "date")
        rows.tell(lambda: tell(rules))
        told = rows.each(_told_in, "custom_data")
        recipients = rows.each(recipients_told, "recipients")
        message_ids = [*map(bare_id, rows.texts("message_id"))]
        network_ids = [*map(bare_network_id, rows.texts("network_message_id"))]
        if is_server_log:
            # The receive protocol log tells of the same messages, and knows no such id.
            both = zip(message_ids, network_ids, strict=True)
            network_ids = ["" if message_id else network_id for message_id, network_id in both]
        originals = rows.texts("original_client_ip")
        columns = {
            "line": rows.lines,
            "sent_at": [moment.at for moment in moments],
            "period_start": (days := [moment.day for moment in moments]),
            "period_end": days,
            "sender_address": [sender.shown for sender in senders],
            "tls_version": [tls for tls, _, _ in told],
            "tls_cipher": [cipher for _, cipher, _ in told],
            "client_ip": [
                addresses.client_ip(proxied or original)
                for (_, _, proxied), original in zip(told, originals, strict=True)
            ],
            "recipients": recipients,
            "recipient_count": [
                *map(_count_told, rows.texts("recipient_count"), recipients),
            ],
            "message_id": message_ids,
            "network_message_id": network_ids,
            "message_subject": rows.each(subject_in, "subject"),
        }

        def key(row: Submission, number: int) -> str:
            sender = senders[number].key
            told = (sender, row.recipients, row.tls_version, row.client_ip)
            return key_of_columns(row.sent_at, *told)

        return with_row_keys(columns, key)

    return convert


def _told(*names: str) -> tuple[str, ...]:
    """Return a field's names, and those of Sentinel's table of the trace, which end in a type.

    Examples
    --------
    >>> _told("message_id")
    ('message_id', 'message_id_s', 'message_id_g')
    """
    return (*names, *(f"{name}_{kind}" for name in names for kind in _TYPES.get(name, "sg")))


_TYPES = {"recipient_count": "sdi", "date_time_utc": "ts", "dateTime": "ts"}
"""Endings that a column of Sentinel's own tables may have: s text, g id, d and i number, t time."""

_FIELDS = (
    Field("source", _told("source"), required=True),
    Field("event", _told("event_id"), required=True),
    Field("sender_address", _told("sender_address", "Sender"), required=True),
    Field("connector", _told("connector_id")),
    Field("custom_data", _told("custom_data", "EventData")),
    Field("directionality", _told("directionality")),
    Field("message_id", _told("message_id"), required=True),
    Field("network_message_id", _told("network_message_id")),
    Field("recipients", _told("recipient_address", "Recipients")),
    Field("recipient_count", _told("recipient_count")),
    Field("original_client_ip", _told("original_client_ip")),
    Field("subject", _told("message_subject")),
)
_KNOWN = (
    "client_ip", "client_hostname", "server_ip", "server_hostname", "source_context",
    "internal_message_id", "recipient_status", "total_bytes", "related_recipient_address",
    "reference", "return_path", "message_info", "tenant_id",
    "original_server_ip", "origin_timestamp_utc", "delivery_priority",
    # So the table of the newer collector has them.
    "schema_version", "log_id", "sender_hostname", "transport_traffic_type",
    "message_tracking_tenant_id", "file_path",
)  # fmt: skip

_OF_SENTINEL = (
    "TenantId", "SourceSystem", "MG", "ManagementGroupName", "TimeGenerated", "Computer", "RawData",
    "Type", "_ResourceId",
)  # fmt: skip
"""What every table of Sentinel has beside its own columns."""

FORMAT = ExportFormat(
    name="extended-trace",
    title=Sentence("extended message trace"),
    source="extended_trace",
    fields=(
        Field("date", _told("date_time_utc"), required=True),
        *_FIELDS,
    ),
    by_columns=_by_columns,
    only_with=EVENT,
    by_row=True,
    cannot_tell=phrases(
        "the authentication protocol", "the account that signed in", "failed sign-ins"
    ),
    known=(*_KNOWN, *(f"{name}_{kind}" for name in _KNOWN for kind in "sgdtbil"), *_OF_SENTINEL),
    times=("date",),
)

TRACKING_LOG = ExportFormat(
    name="message-tracking-log",
    title=Sentence("Exchange Server message tracking log"),
    source="server_log",
    # Get-MessageTrackingLog has the columns of the file under its own names.
    fields=(Field("date", ("date-time", "Timestamp"), required=True), *_FIELDS),
    headless=lambda raw: bool(_TRACKED.match(raw)),
    by_columns=_by_columns,
    only_with=EVENT,
    by_row=True,
    cannot_tell=phrases(
        "the authentication protocol", "the account that signed in", "failed sign-ins"
    ),
    known=(
        *_KNOWN,
        "MessageLatency",
        "MessageLatencyType",
        "PSComputerName",
        "RunspaceId",
        "PSShowComputerName",
    ),
    times=("date",),
)
