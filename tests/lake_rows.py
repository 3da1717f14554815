"""Rows of a Sentinel workspace's tables, made up: for the kit as exports, for Spark as tables."""

from __future__ import annotations

import json
from typing import Any

Row = dict[str, Any]

SIGN_IN = (
    "TimeGenerated timestamp, CreatedDateTime timestamp, Id string, UserPrincipalName string, "
    "ClientAppUsed string, ResultType string, Status string, IPAddress string, Location string, "
    "LocationDetails string, AutonomousSystemNumber string, AuthenticationProtocol string, "
    "UserAgent string"
)
TYPES = {
    "SigninLogs": SIGN_IN,
    "AADNonInteractiveUserSignInLogs": SIGN_IN,
    "ExchangeOnlineMessageTracking_CL": (
        "TimeGenerated timestamp, dateTimeUtc_t timestamp, source_s string, eventId_s string, "
        "senderAddress_s string, recipientAddress_s string, recipientCount_i int, "
        "messageId_s string, networkMessageId_s string, connectorId_s string, "
        "customData_s string, originalClientIp_s string, directionality_s string, "
        "messageSubject_s string"
    ),
    "EmailEvents": (
        "TimeGenerated timestamp, NetworkMessageId string, InternetMessageId string, "
        "SenderFromAddress string, RecipientEmailAddress string, DeliveryAction string, "
        "SenderIPv4 string, Connectors string, Subject string, AuthenticationDetails string"
    ),
}


def sign_in(at: str | None, sign_in_id: str, who: str, **told: Any) -> Row:
    return {
        "TimeGenerated": "2026-11-20T12:00:00Z", "CreatedDateTime": at, "Id": sign_in_id,
        "UserPrincipalName": who, "ClientAppUsed": "Authenticated SMTP", "ResultType": "0",
        "Status": "", "IPAddress": "192.0.2.25", "Location": "NL", "LocationDetails": "",
        "AutonomousSystemNumber": "64496", "AuthenticationProtocol": "", "UserAgent": "", **told,
    }  # fmt: skip


def event(at: str | None, sender: str, message: str, network: str = "", **told: Any) -> Row:
    return {
        "TimeGenerated": "2026-11-20T12:00:00Z", "dateTimeUtc_t": at, "source_s": "SMTP",
        "eventId_s": "RECEIVE", "senderAddress_s": sender, "recipientAddress_s": "",
        "recipientCount_i": None, "messageId_s": message, "networkMessageId_s": network,
        "connectorId_s": r"AM0PR01MB0001\Client Proxy AM0PR01MB0001", "customData_s": "",
        "originalClientIp_s": "192.0.2.25", "directionality_s": "Originating",
        "messageSubject_s": "Scan", **told,
    }  # fmt: skip


def mail(at: str | None, network: str, sender: str, recipient: str, **told: Any) -> Row:
    return {
        "TimeGenerated": at, "NetworkMessageId": network, "InternetMessageId": "<m@scan>",
        "SenderFromAddress": sender, "RecipientEmailAddress": recipient,
        "DeliveryAction": "Delivered", "SenderIPv4": "192.0.2.25", "Connectors": "",
        "Subject": "Scan", "AuthenticationDetails": '{"SPF":"pass"}', **told,
    }  # fmt: skip


DUTCH = '{"city":"Utrecht","state":"Utrecht","countryOrRegion":"NL"}'
NET = "1341ac7b-13fb-42ab-4d44-08cf7f55890f"
LONG = "a" * 330 + "@contoso.com"

TABLES: dict[str, list[Row]] = {
    "SigninLogs": [
        sign_in("2026-11-16T08:04:59.123456Z", "B1", "Scanner@Contoso.com",
                AuthenticationProtocol="ropc"),
        sign_in("2026-11-16T23:59:59.999999Z", "b2", "scanner@contoso.com", ResultType="50126",
                ClientAppUsed="SMTP", UserAgent="BAV2ROPC", Location="", LocationDetails=DUTCH),
        sign_in("2026-11-17T00:00:00Z", "B2 ", "scanner@contoso.com", ResultType="50126"),
        sign_in("2026-11-17T10:00:00Z", "b3", "app@fabrikam.com", AuthenticationProtocol="oAuth2",
                IPAddress="::ffff:192.0.2.7", Location="Melbourne, Victoria, AU"),
        sign_in("2026-11-17T10:00:01Z", "b4", "app@fabrikam.com", ResultType="",
                Status='{"errorCode":50053,"failureReason":"locked"}',
                AuthenticationProtocol="OAuth 2.0", ClientAppUsed="Other clients; SMTP"),
        sign_in("2026-11-17T10:00:02Z", "b5", "app@fabrikam.com", ResultType="Interrupted"),
        # Without an id, twice: one attempt.
        sign_in("2026-11-17T11:00:00Z", "", "App@fabrikam.com", IPAddress="[2001:DB8::25]:587"),
        sign_in("2026-11-17T11:00:00Z", "", "app@fabrikam.com", IPAddress="[2001:db8::25]:587"),
        sign_in("2026-11-18T10:00:00Z", "b6", "info@b\u00fccher.example"),
        sign_in("2026-11-18T10:00:00Z", "b7", "Info@B\u00dcCHER.example."),
        # No use of SMTP AUTH, or not known to be.
        sign_in("2026-11-18T10:00:00Z", "b8", "eve@contoso.com", ClientAppUsed="Browser"),
        sign_in("2026-11-18T10:00:00Z", "b9", "eve@contoso.com", ClientAppUsed="Other clients",
                UserAgent="BAV2ROPC"),
        # Not to be read.
        sign_in(None, "c1", "eve@contoso.com"),
        sign_in("2026-11-18T10:00:00Z", "c2", ""),
        sign_in("2026-11-18T10:00:00Z", "c3", "eve\u0007@contoso.com"),
        sign_in("2026-11-18T10:00:00Z", "c4", LONG),
        sign_in("2026-11-18T10:00:00Z", "c5", "eve@contoso.com", ResultType="", Status="{}"),
    ],
    "AADNonInteractiveUserSignInLogs": [
        # The same sign-in stands in both tables.
        sign_in("2026-11-16T08:04:59.123456Z", "B1", "Scanner@Contoso.com",
                AuthenticationProtocol="ropc"),
        sign_in("2026-11-16T09:00:00Z", "d1", "scanner@contoso.com", UserAgent="CBAinPROD"),
    ],
    "ExchangeOnlineMessageTracking_CL": [
        # One message, two events; the later one knows more, and writes the id otherwise.
        event("2026-11-16T23:59:58Z", "Scanner@contoso.com", "<1@scan>", NET,
              recipientAddress_s="bob@fabrikam.com;eve@fabrikam.com", recipientCount_i=2),
        event("2026-11-17T00:00:02Z", "scanner@contoso.com", "1@scan", NET.replace("-", "").upper(),
              customData_s="S:tlsversion=SP_PROT_TLS1_2_SERVER;S:tlscipher=CALG_AES_256",
              recipientAddress_s="carol@fabrikam.com", recipientCount_i=1),
        # Known by its message id, sender and day alone; the same to the letter is one.
        event("2026-11-17T08:00:00Z", "scanner@contoso.com", "<2@scan>",
              customData_s=" x=1; s:TLSVersion=TLS1.0"),
        event("2026-11-17T08:00:00Z", "scanner@contoso.com", "2@scan",
              customData_s=" x=1; s:TLSVersion=TLS1.0"),
        event("2026-11-18T08:00:00Z", "scanner@contoso.com", "2@scan", customData_s="S:tlsversion=none"),
        # Without any id: two rows are two messages.
        event("2026-11-18T09:00:00Z", "erp@contoso.com", ""),
        event("2026-11-18T09:00:00Z", "erp@contoso.com", ""),
        # The second rule, with the client's own address.
        event("2026-11-18T10:00:00Z", "app@Fabrikam.com", "<3@app>", connectorId_s="",
              customData_s="S:ProxiedClientIPAddress=198.51.100.7;S:tlsversion=SP_PROT_TLS1_3_CLIENT"),
        event("2026-11-18T10:00:01Z", "app@fabrikam.com", "<4@app>", connectorId_s="client frontend X",
              customData_s="S:tlsversion=SSL3"),
        event("2026-11-18T11:00:00Z", "Info@B\u00dcCHER.example", "<5@b>",
              customData_s="S:tlsversion=TLSv1"),
        event("2026-11-18T11:00:00Z", "<info@b\u00fccher.example>", "<6@b>",
              customData_s="S:tlsversion=TLSv1", originalClientIp_s="::FFFF:192.0.2.9"),
        # Received, but not from a client; and other events of a message.
        event("2026-11-18T12:00:00Z", "eve@contoso.com", "<7@x>", connectorId_s="Default EXCH"),
        event("2026-11-18T12:00:00Z", "eve@contoso.com", "<7@x>", connectorId_s="",
              customData_s="S:ProxiedClientIPAddress=198.51.100.7", directionality_s="Incoming"),
        event("2026-11-18T12:00:01Z", "scanner@contoso.com", "<1@scan>", NET,
              source_s="STOREDRIVER", eventId_s="DELIVER"),
        # Not to be read.
        event("2026-11-18T12:00:00Z", "", "<8@x>"),
        event("2026-11-18T12:00:00Z", "postmaster", "<9@x>"),
        event("2026-11-18T12:00:00Z", "@contoso.com", "<10@x>"),
        event(None, "eve@contoso.com", "<11@x>"),
        event("1999-12-31T12:00:00Z", "eve@contoso.com", "<12@x>"),
    ],
    "EmailEvents": [
        mail("2026-11-16T08:00:00Z", NET, "Scanner@contoso.com", "bob@fabrikam.com"),
        mail("2026-11-16T08:00:01Z", NET.upper(), "scanner@contoso.com", "Bob@fabrikam.com"),
        mail("2026-11-16T08:00:00Z", NET, "scanner@contoso.com", "eve@fabrikam.com"),
        mail("2026-11-17T08:00:00Z", NET, "scanner@contoso.com", "info@B\u00dcCHER.example",
             SenderIPv4="192.0.2.7:25"),
        mail("2026-11-17T08:00:00Z", "", "", "bob@fabrikam.com"),
        mail("2026-11-17T08:00:00Z", NET, "scanner@contoso.com", ""),
        mail("2026-11-17T08:00:00Z", NET, "scan\u0000ner@contoso.com", "bob@fabrikam.com"),
    ],
}  # fmt: skip


HOSTILE: dict[str, list[Row]] = {
    "SigninLogs": [
        sign_in("2026-11-16T08:00:00Z", "\u2028ID\u2028", "o'brien\"@contoso.com", Status="not json",
                LocationDetails='{"city":"' + "\\u00e9" * 3000 + '","countryOrRegion":"NL"}', Location=""),
        sign_in("2026-11-16T08:00:01Z", "id", "o'brien\"@contoso.com", Location="{not json"),
        sign_in("2026-11-16T08:00:02Z", "h1", "\u00a0 {k.smtp} {0} <b>@contoso.com \u3000"),
        sign_in("2026-11-16T08:00:03Z", "h2", "a\u2028b@contoso.com", AuthenticationProtocol="Basic Auth"),
        sign_in("2026-11-16T08:00:04Z", "h3", "a\nb@contoso.com"),
        sign_in("2026-11-16T08:00:05Z", "h4", "<Admin@contoso.com>", AuthenticationProtocol="SMTP AUTH LOGIN"),
        sign_in("2026-11-16T08:00:06Z", "h5", "a@b@contoso.com.", AuthenticationProtocol="x" * 101),
        sign_in("2026-11-16T08:00:07Z", "h6", "x@\u0627\u0644\u0645\u062b\u0627\u0644.example", ResultType="FAILED"),
        sign_in("2026-11-16T08:00:08Z", "h7", "x@-\u00fc.example", ResultType="50126.0"),
        sign_in("2026-11-16T08:00:09Z", "h8", "e\u0301va@contoso.com", ResultType="9" * 19),
        sign_in("2026-11-16T08:00:10Z", "h9", "local", ResultType="", Status='{"errorCode":"0"}'),
        sign_in("2026-11-16T08:00:11Z", "h10", "stra\u00dfe@stra\u00dfe.example", ResultType="", Status="Interrupted"),
    ],
    "ExchangeOnlineMessageTracking_CL": [
        event("2026-11-16T08:00:00Z", "a'; drop table x; --@contoso.com", "<\u2028@x>", "", source_s=" smtp "),
        event("2026-11-16T08:00:01Z", "b@contoso.com", "<1>", " 1341AC7B ", recipientAddress_s="{x@y.example, \"z\"}",
              customData_s="S:tlsversion=" + "1" * 200 + ";S:tlsversion=TLS1.2"),
        event("2026-11-16T08:00:02Z", "b@contoso.com", "<2>", recipientAddress_s="a@x.example,b@x.example c@x.example...",
              customData_s="xS:tlsversion=TLS1.2;\u2003s:TlsVersion= geen TLS "),
        event("2026-11-16T08:00:03Z", "b@contoso.com", "<3>", customData_s="S:tlsversion=TLS\u20281.2",
              messageSubject_s="\u2028" + "x" * 2000, recipientAddress_s="System.String[]"),
        event("2026-11-16T08:00:04Z", "b@contoso.com", "<4>", connectorId_s="\n X\\  client PROXY\u2028"),
        event("2026-11-16T08:00:05Z", "b@contoso.com", "<5>", connectorId_s="Client Proxyx", directionality_s="2",
              customData_s="S:ProxiedClientIPAddress= [2001:db8::7]:25 "),
        event("2026-11-16T08:00:06Z", "b@contoso.com", "<6>", originalClientIp_s="10.0.0.1:25\n"),
        event("2026-11-16T08:00:07Z", "B@CONTOSO.COM", "<<6>>", originalClientIp_s=""),
    ],
}  # fmt: skip
"""Texts that are no names, or that mean something to SQL, to a pattern or to JSON."""


def export(table: str, rows: list[Row] | None = None) -> str:
    """Return a table's rows as the Log Analytics API gives them, for the kit to load."""
    columns = [column.split()[0] for column in TYPES[table].split(", ")]
    told = [[row[name] for name in columns] for row in (rows or TABLES[table])]
    return json.dumps({"tables": [{"columns": [{"name": c} for c in columns], "rows": told}]})
