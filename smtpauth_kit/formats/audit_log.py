"""The Purview audit log: sign-ins of the Basic authentication bridge, which SMTP AUTH also uses.

`BAV2ROPC` is the user agent of every protocol that hands Exchange Online a password: SMTP AUTH,
IMAP, POP and others. The audit log does not say which, so its sign-ins are a source of their own.
"""

from __future__ import annotations

import json
from typing import Any

from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Cells, Context, Converter, Ends, ExportFormat, Field
from smtpauth_kit.formats.sign_in import account_in, sign_in
from smtpauth_kit.values import times
from smtpauth_kit.values.cells import Unfit

OPERATIONS = {"userloggedin": "success", "userloginfailed": "failure"}


def details_in(text: str) -> dict[str, Any]:
    """Return an AuditData cell's object.

    Examples
    --------
    >>> details_in('{"CreationTime":"2026-11-16T01:59:40"}')
    {'CreationTime': '2026-11-16T01:59:40'}
    """
    try:
        details = json.loads(text)
    except (ValueError, RecursionError):
        details = None
    if not isinstance(details, dict):
        raise Unfit("its AuditData is no JSON object")
    return details


def user_agent_in(details: dict[str, Any]) -> str:
    """Return the user agent of a record's extended properties; empty where there is none.

    Examples
    --------
    >>> user_agent_in({"ExtendedProperties": [{"Name": "UserAgent", "Value": "BAV2ROPC"}]})
    'BAV2ROPC'
    """
    properties = details.get("ExtendedProperties")
    for item in properties if isinstance(properties, list) else []:
        if isinstance(item, dict) and str(item.get("Name", "")).casefold() == "useragent":
            return _text(item.get("Value"))
    return ""


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _converter(context: Context) -> Converter:
    pick = context.picker("date", "record_id", "operation", "account", "details")
    decisions, zone = context.decisions, context.layout.zone

    def convert(line: int, cells: Cells) -> Ends:
        date, record_id, operation, who, data = pick(cells)
        result = OPERATIONS.get(operation.strip().casefold())
        if result is None:
            return []
        details = details_in(data)
        agent = user_agent_in(details)
        if not agent.upper().startswith("BAV2ROPC"):
            return []
        at = times.moment(_text(details.get("CreationTime")) or date, decisions, zone)
        account = account_in(who if who.strip() else _text(details.get("UserId")))
        ip = _text(details.get("ClientIP")) or _text(details.get("ActorIpAddress"))
        code = details.get("ErrorNumber", "")
        return [
            sign_in(
                line, at, account, result, ip,
                sign_in_id=record_id.strip() or _text(details.get("Id")),
                error_code=str(code)[:100] if isinstance(code, str | int) else "",
                auth_protocol="basic",
                user_agent=agent,
            )
        ]  # fmt: skip

    return convert


FORMAT = ExportFormat(
    name="purview-audit",
    title=Sentence("Purview audit log"),
    source="audit_log",
    fields=(
        # Its month stands before its day, except where the machine that exported it has it else.
        Field("date", ("CreationDate", "CreatedDateTime"), required=True),
        Field("record_id", ("RecordId", "Identity")),
        Field("operation", ("Operation", "Operations"), required=True),
        Field("account", ("UserId", "UserIds"), required=True),
        Field("details", ("AuditData",), required=True),
    ),
    converter=_converter,
    cannot_tell=phrases(
        "which protocol a sign-in was for: SMTP AUTH, IMAP, POP and others look the same",
        "messages",
        "the TLS version of the SMTP session",
    ),
    known=(
        "RecordType", "AssociatedAdminUnits", "AssociatedAdminUnitsNames", "ResultIndex",
        "ResultCount", "IsValid", "ObjectState", "PSComputerName", "RunspaceId",
        "PSShowComputerName",
    ),
    times=("date",),
)  # fmt: skip
