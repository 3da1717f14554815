"""Message traces and mail events: known to be mail, not known to be SMTP AUTH.

The trace summary of the admin center, Get-MessageTrace(V2), the reporting web service and Graph's
message traces are one format under many names; the enhanced summary puts a message's recipients
into one cell; the details keep what they know in a piece of XML, which is read with patterns and
never parsed. None of them is in a figure: they add recipients and status to known senders.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from smtpauth_kit.base.facts import Columns, MailContext
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.extended_trace import proxied_ip, submission_rule, tls_in
from smtpauth_kit.formats.format import Context, ExportFormat, Field
from smtpauth_kit.formats.rows import ByColumns, Rows
from smtpauth_kit.formats.submission_log import bare_id, bare_network_id, subject_in
from smtpauth_kit.reading.bounds import MIB
from smtpauth_kit.values import addresses
from smtpauth_kit.values.addresses import Address
from smtpauth_kit.values.cells import Unfit
from smtpauth_kit.values.times import Moment

MAX_TOLD = 8 * MIB
"""Characters that all recipients of a row come to: each is kept with its ids and connector."""
MAX_RECIPIENTS = 5_000
"""Recipients that one cell may name: Exchange Online lets a message have 1,000."""
NOT_COUNTED: Final = Sentence(
    "came in over a connector of client submissions; a summary is not counted"
)
NOT_TAKEN_APART: Final = Sentence(
    "{n:has|have} data that cannot be taken apart; the rest of {n:it|them} is loaded"
)


@cache
def _looks_like_smtp_auth(rule: str) -> Sentence:
    return Sentence(
        "{n:looks|look} like SMTP AUTH (rule “{rule}”), and {n:is|are} not counted: details come "
        "without the other messages; load the extended message trace of the same days",
        rule=rule,
    )


def recipients_with_status(text: str) -> Iterator[tuple[str, str]]:
    """Yield the recipients of an enhanced summary's cell, each with its status.

    Examples
    --------
    >>> list(recipients_with_status("bob@fabrikam.com##Receive, Send;eve@fabrikam.com##Receive"))
    [('bob@fabrikam.com', 'Receive, Send'), ('eve@fabrikam.com', 'Receive')]
    """
    for part in text.split(";"):
        if part.strip():
            address, _, status = part.strip().partition("##")
            yield address.strip(), status.strip()


def context_rows(
    rows: Rows,
    moments: Sequence[Moment],
    recipients: Sequence[str],
    statuses: Sequence[str],
    *,
    client_ips: Sequence[str],
    connectors: Sequence[str],
    parts: Sequence[str] = (),
    **told: Sequence[Any],
) -> Columns:
    r"""Return facts, one recipient of a message each; `parts` tell several of one recipient apart.

    `told` are columns that only some exports have.

    Examples
    --------
    >>> rows = Rows({"sender_address": 0}, [2], [["a@contoso.com"]])
    >>> from smtpauth_kit.values import times
    >>> at = [times.moment("2026-11-16")]
    >>> facts = context_rows(rows, at, ["B@fabrikam.com"], [""], client_ips=[""], connectors=[""])
    >>> facts.cells["row_key"]
    ['id:\na@contoso.com\nb@fabrikam.com\n2026-11-16\n']
    """
    senders = rows.each(addresses.account, "sender_address")
    to = rows.each_of(addresses.account, recipients)
    messages = [*map(bare_id, rows.texts("message_id"))]
    networks = [*map(bare_network_id, rows.texts("network_message_id"))]
    keys = list(map(_row_key, moments, senders, to, messages, networks))
    if parts:
        keys = [f"{key}\n{part}" for key, part in zip(keys, parts, strict=True)]
    return Columns(
        MailContext,
        {
            "line": rows.lines,
            "received_at": [moment.at for moment in moments],
            "sender_address": [sender.shown for sender in senders],
            "sender_key": [sender.key for sender in senders],
            "sender_domain": [sender.domain for sender in senders],
            "recipient_address": [recipient.shown for recipient in to],
            "row_key": keys,
            "status": [status.strip() for status in statuses],
            "client_ip": rows.each_of(addresses.client_ip, client_ips),
            "connector": [connector.strip() for connector in connectors],
            "message_id": messages,
            "network_message_id": networks,
            "message_subject": rows.each(subject_in, "subject"),
            **told,
        },
    )


def _row_key(at: Moment, who: Address, to: Address, message_id: str, network_id: str) -> str:
    """Return what is equal for all rows that tell of a message and one recipient of it."""
    if network_id:
        return f"net:{network_id}\n{to.key}"
    known = f"id:{message_id}\n{who.key}\n{to.key}\n{at.day}"
    return known if message_id else f"{known}\n{at.at or ''}"


# --- one row a recipient -------------------------------------------------------------------


def _named(recipient: str) -> None:
    if not recipient.strip():
        raise Unfit("the recipient address is empty")


def _by_columns(context: Context) -> ByColumns:
    def convert(rows: Rows) -> Columns:
        rows.each(_named, "recipient")
        return context_rows(
            rows,
            context.moments(rows, "date"),
            rows.texts("recipient"),
            rows.texts("status"),
            client_ips=rows.texts("client_ip"),
            connectors=rows.texts("connector"),
        )

    return convert


_CANNOT_TELL = phrases(
    "whether a message was handed in over SMTP AUTH", "the authentication protocol"
)

TRACE = ExportFormat(
    name="message-trace",
    title=Sentence("message trace"),
    source="message_trace",
    fields=(
        Field("date", ("Received", "receivedDateTime", "Date"), required=True),
        Field("sender_address", ("Sender", "SenderAddress", "Sender address"), required=True),
        Field("recipient", ("Recipient", "RecipientAddress", "Recipient address"), required=True),
        Field("status", ("Status",), required=True),
        Field("message_id", ("MessageId",)),
        Field("network_message_id", ("MessageTraceId", "Network message ID", "id")),
        Field("client_ip", ("FromIP", "Original client IP")),
        Field("subject", ("Subject",)),
    ),
    by_columns=_by_columns,
    by_row=True,
    cannot_tell=(*_CANNOT_TELL, *phrases("the TLS version")),
    known=(
        "ToIP", "Size", "Index", "Organization", "StartDate", "EndDate",
        "PSComputerName", "RunspaceId", "PSShowComputerName",
    ),
    excluded=("event_id", "recipient_status", "TLS version", "EmailDirection"),
    times=("date",),
)  # fmt: skip

EMAIL_EVENTS = ExportFormat(
    name="email-events",
    title=Sentence("EmailEvents of advanced hunting"),
    source="message_trace",
    fields=(
        # In Sentinel its rows have the second as well, or alone: the same instant.
        Field("date", ("Timestamp", "TimeGenerated"), required=True, ranked=True),
        Field("sender_address", ("SenderFromAddress", "SenderMailFromAddress"), True, ranked=True),
        Field("recipient", ("RecipientEmailAddress",), required=True),
        Field("status", ("DeliveryAction",)),
        Field("message_id", ("InternetMessageId",)),
        Field("network_message_id", ("NetworkMessageId",), required=True),
        Field("client_ip", ("SenderIPv4", "SenderIPv6"), ranked=True),
        Field("connector", ("Connectors",)),
        Field("subject", ("Subject",)),
    ),
    by_columns=_by_columns,
    by_row=True,
    cannot_tell=(*_CANNOT_TELL, *phrases("the TLS version")),
    known=(
        "EmailDirection", "DeliveryLocation", "SenderMailFromAddress", "SenderIPv6",
        "SenderMailFromDomain", "SenderFromDomain", "SenderDisplayName", "SenderObjectId",
        "RecipientObjectId", "EmailClusterId", "ThreatTypes", "ThreatNames", "DetectionMethods",
        "ConfidenceLevel", "BulkComplaintLevel", "EmailAction", "EmailActionPolicy",
        "EmailActionPolicyGuid", "AuthenticationDetails", "AttachmentCount", "UrlCount",
        "EmailLanguage", "OrgLevelAction", "OrgLevelPolicy", "UserLevelAction", "UserLevelPolicy",
        "ReportId", "AdditionalFields", "LatestDeliveryAction", "LatestDeliveryLocation",
        "TimeGenerated", "TenantId", "SourceSystem", "Type",
    ),
    times=("date",),
)  # fmt: skip


# --- the enhanced summary: one row a message -----------------------------------------------


def _recipients_told(text: str, *others: str) -> list[tuple[str, str]]:
    found = list(recipients_with_status(text)) or [("", "")]
    if len(found) > MAX_RECIPIENTS:
        raise Unfit("it names more than {n} recipients", n=MAX_RECIPIENTS)
    told = sum(map(len, others))
    if len(found) > 1 and len(found) * told > MAX_TOLD:
        raise Unfit(
            "it names {n} recipients, each to be kept with {each} characters",
            n=len(found),
            each=told,
        )
    return found


def _enhanced_by_columns(context: Context) -> ByColumns:
    kept_with_each = ("message_id", "network_message_id", "connector", "client_ip", "subject")

    def tell(connectors: Sequence[str]) -> None:
        if number := sum(bool(submission_rule(each, "", "")) for each in connectors):
            context.tally[NOT_COUNTED] += number

    def convert(rows: Rows) -> Columns:
        moments = context.moments(rows, "date")
        found = rows.each(_recipients_told, "recipient_status", *kept_with_each)
        connectors = rows.texts("connector")
        rows.tell(lambda: tell(connectors))
        rows = rows.repeated(found)
        return context_rows(
            rows,
            [moment for moment, each in zip(moments, found, strict=True) for _ in each],
            [recipient for each in found for recipient, _ in each],
            [status for each in found for _, status in each],
            client_ips=rows.texts("client_ip"),
            connectors=rows.texts("connector"),
        )

    return convert


ENHANCED = ExportFormat(
    name="enhanced-trace",
    title=Sentence("enhanced message trace summary"),
    source="message_trace",
    fields=(
        Field("date", ("origin_timestamp_utc", "origin_timestamp"), required=True),
        Field("sender_address", ("sender_address",), required=True),
        Field("recipient_status", ("recipient_status",), required=True),
        Field("message_id", ("message_id",)),
        Field("network_message_id", ("network_message_id",)),
        Field("client_ip", ("original_client_ip",)),
        Field("connector", ("connector_id",)),
        Field("subject", ("message_subject",)),
    ),
    by_columns=_enhanced_by_columns,
    by_row=True,
    cannot_tell=(*_CANNOT_TELL, *phrases("the TLS version")),
    known=("total_bytes", "directionality", "delivery_priority"),
    excluded=("event_id",),
    times=("date",),
)


# --- details: one row an event -------------------------------------------------------------

_PROPERTY = re.compile(r'<MEP Name="([A-Za-z]{1,40})" [A-Za-z]{1,20}="([^"]{0,20000})"')

_NO_SIGN = re.compile(r"&#0*+[0-9]{8,}+;?")
"""The number of no character; one of thousands of digits would not even be read as a number."""


def properties_in(data: str) -> dict[str, str]:
    """Return what a detail's piece of XML says, also when it is cut; the first of a name counts.

    Examples
    --------
    >>> properties_in('<root><MEP Name="ClientIP" String="192.0.2.25"/><MEP Name="Cust')
    {'ClientIP': '192.0.2.25'}
    """
    said: dict[str, str] = {}
    for match in _PROPERTY.finditer(data):
        said.setdefault(match[1], html.unescape(_NO_SIGN.sub("\ufffd", match[2])))
    return said


class _Told(NamedTuple):
    """What the data of a detail say."""

    is_whole: bool
    connector: str
    client_ip: str
    tls_version: str
    rule: str


def _told_in(data: str) -> _Told:
    known = properties_in(data)
    connector, custom = known.get("ConnectorId", ""), known.get("CustomData", "")
    return _Told(
        bool(known) or not data.strip(),
        connector,
        proxied_ip(custom) or known.get("ClientIP", ""),
        tls_in(custom),
        submission_rule(connector, custom),
    )


def _detail_by_columns(context: Context) -> ByColumns:
    def tell(events: Sequence[str], told: Sequence[_Told]) -> None:
        for event, said in zip(events, told, strict=True):
            if not said.is_whole:
                context.tally[NOT_TAKEN_APART] += 1
            if said.rule and event == "receive":
                context.tally[_looks_like_smtp_auth(said.rule)] += 1

    def convert(rows: Rows) -> Columns:
        moments = context.moments(rows, "date")
        events = [event.strip().casefold() for event in rows.texts("event")]
        told = rows.each(_told_in, "data")
        rows.tell(lambda: tell(events, told))
        return context_rows(
            rows,
            moments,
            rows.texts("recipient"),
            rows.texts("event"),
            client_ips=[said.client_ip for said in told],
            connectors=[said.connector for said in told],
            parts=[
                f"{event}\n{at or day}" for event, (at, day) in zip(events, moments, strict=True)
            ],
            tls_version=[said.tls_version for said in told],
        )

    return convert


DETAIL = ExportFormat(
    name="message-trace-detail",
    title=Sentence("message trace details"),
    source="message_trace",
    fields=(
        Field("date", ("Date", "dateTime"), required=True),
        Field("event", ("Event",), required=True),
        Field("data", ("Data",), required=True),
        Field("message_id", ("MessageId",), required=True),
        Field("network_message_id", ("MessageTraceId",)),
        Field("sender_address", ("SenderAddress",)),
        Field("recipient", ("RecipientAddress",)),
        Field("subject", ("Subject",)),
    ),
    by_columns=_detail_by_columns,
    by_row=True,
    cannot_tell=_CANNOT_TELL,
    known=(
        "Action", "Detail", "description", "id", "Index", "Organization", "StartDate",
        "EndDate", "PSComputerName", "RunspaceId", "PSShowComputerName",
    ),
    times=("date",),
)  # fmt: skip
