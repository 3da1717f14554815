"""Message traces and mail events: known to be mail, not known to be SMTP AUTH.

The trace summary of the admin center, Get-MessageTrace(V2), the reporting web service and Graph's
message traces are one format under many names; the enhanced summary puts a message's recipients
into one cell; the details keep what they know in a piece of XML, which is read with patterns and
never parsed. None of them is in a figure: they add recipients and status to known senders.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache

from smtpauth_kit.base.facts import MailContext
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.extended_trace import proxied_ip, submission_rule, tls_in
from smtpauth_kit.formats.format import Cells, Context, Converter, Ends, ExportFormat, Field
from smtpauth_kit.formats.submission_log import bare_id, bare_network_id, subject_in
from smtpauth_kit.reading.bounds import MIB
from smtpauth_kit.values import addresses, times
from smtpauth_kit.values.cells import Unfit
from smtpauth_kit.values.times import Moment

MAX_TOLD = 8 * MIB
"""Characters that all recipients of a row come to: each is kept with its ids and connector."""
MAX_RECIPIENTS = 5_000
"""Recipients that one cell may name: Exchange Online lets a message have 1,000."""


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


def context_row(
    line: int,
    at: Moment,
    sender: str,
    recipient: str,
    *,
    status: str = "",
    client_ip: str = "",
    connector: str = "",
    tls_version: str = "unknown",
    message_id: str = "",
    network_message_id: str = "",
    subject: str = "",
    part: str = "",
) -> MailContext:
    r"""Return one recipient of a message; `part` tells several rows of one recipient apart.

    Examples
    --------
    >>> row = context_row(2, times.moment("2026-11-16"), "a@contoso.com", "B@fabrikam.com")
    >>> row.row_key
    'id:\na@contoso.com\nb@fabrikam.com\n2026-11-16\n'
    """
    who, to = addresses.account(sender), addresses.account(recipient)
    message, network = bare_id(message_id), bare_network_id(network_message_id)
    key = (
        f"net:{network}\n{to.key}"
        if network
        else f"id:{message}\n{who.key}\n{to.key}\n{at.day}"
        + (f"\n{at.at or ''}" if not message else "")
    )
    return MailContext(
        line=line,
        received_at=at.at,
        sender_address=who.shown,
        sender_key=who.key,
        sender_domain=who.domain,
        recipient_address=to.shown,
        row_key=key + (f"\n{part}" if part else ""),
        status=status.strip(),
        client_ip=addresses.client_ip(client_ip),
        connector=connector.strip(),
        tls_version=tls_version,
        message_id=message,
        network_message_id=network,
        message_subject=subject_in(subject),
    )


# --- one row a recipient -------------------------------------------------------------------


def _trace_converter(context: Context) -> Converter:
    pick = context.picker(
        "date", "sender_address", "recipient", "status", "message_id", "network_message_id",
        "client_ip", "connector", "subject",
    )  # fmt: skip
    decisions, zone = context.decisions, context.layout.zone

    def convert(line: int, cells: Cells) -> Ends:
        (date, sender, recipient, status, message_id, network_id, ip, connector,
         subject) = pick(cells)  # fmt: skip
        if not recipient.strip():
            raise Unfit("the recipient address is empty")
        return [
            context_row(
                line,
                times.moment(date, decisions, zone),
                sender,
                recipient,
                status=status,
                client_ip=ip,
                connector=connector,
                message_id=message_id,
                network_message_id=network_id,
                subject=subject,
            )
        ]

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
    converter=_trace_converter,
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
    converter=_trace_converter,
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


def _enhanced_converter(context: Context) -> Converter:
    pick = context.picker(
        "date", "sender_address", "recipient_status", "message_id", "network_message_id",
        "client_ip", "connector", "subject",
    )  # fmt: skip
    decisions, zone, tally = context.decisions, context.layout.zone, context.tally

    def convert(line: int, cells: Cells) -> Ends:
        date, sender, recipients, message_id, network_id, ip, connector, subject = pick(cells)
        at = times.moment(date, decisions, zone)
        found = list(recipients_with_status(recipients)) or [("", "")]
        if len(found) > MAX_RECIPIENTS:
            raise Unfit("it names more than {n} recipients", n=MAX_RECIPIENTS)
        told = len(message_id) + len(network_id) + len(connector) + len(ip) + len(subject)
        if len(found) > 1 and len(found) * told > MAX_TOLD:
            raise Unfit(
                "it names {n} recipients, each to be kept with {each} characters",
                n=len(found),
                each=told,
            )
        if submission_rule(connector, "", ""):
            tally[
                Sentence("came in over a connector of client submissions; a summary is not counted")
            ] += 1
        return [
            context_row(
                line,
                at,
                sender,
                recipient,
                status=status,
                client_ip=ip,
                connector=connector,
                message_id=message_id,
                network_message_id=network_id,
                subject=subject,
            )
            for recipient, status in found
        ]

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
    converter=_enhanced_converter,
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


def _detail_converter(context: Context) -> Converter:
    pick = context.picker(
        "date", "event", "data", "sender_address", "recipient", "message_id", "network_message_id",
        "subject",
    )  # fmt: skip
    decisions, zone, tally = context.decisions, context.layout.zone, context.tally

    def convert(line: int, cells: Cells) -> Ends:
        date, event, data, sender, recipient, message_id, network_id, subject = pick(cells)
        at = times.moment(date, decisions, zone)
        known = properties_in(data)
        if not known and data.strip():
            tally[
                Sentence(
                    "{n:has|have} data that cannot be taken apart; the rest of {n:it|them} is "
                    "loaded"
                )
            ] += 1
        connector, custom = known.get("ConnectorId", ""), known.get("CustomData", "")
        if event.strip().casefold() == "receive" and (rule := submission_rule(connector, custom)):
            tally[_looks_like_smtp_auth(rule)] += 1
        return [
            context_row(
                line,
                at,
                sender,
                recipient,
                status=event,
                client_ip=proxied_ip(custom) or known.get("ClientIP", ""),
                connector=connector,
                tls_version=tls_in(custom),
                message_id=message_id,
                network_message_id=network_id,
                subject=subject,
                part=f"{event.strip().casefold()}\n{at.at or at.day}",
            )
        ]

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
    converter=_detail_converter,
    by_row=True,
    cannot_tell=_CANNOT_TELL,
    known=(
        "Action", "Detail", "description", "id", "Index", "Organization", "StartDate",
        "EndDate", "PSComputerName", "RunspaceId", "PSShowComputerName",
    ),
    times=("date",),
)  # fmt: skip
