"""The Purview audit log: sign-ins of the Basic authentication bridge, which SMTP AUTH also uses.

`BAV2ROPC` is the user agent of every protocol that hands Exchange Online a password: SMTP AUTH,
IMAP, POP and others. The audit log does not say which, so its sign-ins are a source of their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Context, ExportFormat, Field
from smtpauth_kit.formats.rows import Cells, Converter, Ends
from smtpauth_kit.formats.sign_in import account_in, sign_in
from smtpauth_kit.values import times
from smtpauth_kit.values.cells import Unfit

OPERATIONS = {"userloggedin": "success", "userloginfailed": "failure"}


NOT_TOLD = Sentence(
    "print the properties of a sign-in as an object and not as text, so its user agent is not "
    "told; not counted"
)


def details_in(text: str) -> dict[str, Any]:
    """Return an AuditData cell's object.

    Examples
    --------
    >>> details_in('{"CreationTime":"2026-11-16T01:59:40"}')
    {'CreationTime': '2026-11-16T01:59:40'}
    """
    found = _parsed(text)
    if not isinstance(found, dict):
        raise Unfit("its AuditData is no JSON object")
    return found


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def user_agent_in(details: dict[str, Any]) -> str:
    """Return the user agent of a record's extended properties; empty where there is none.

    Examples
    --------
    >>> user_agent_in({"ExtendedProperties": [{"Name": "UserAgent", "Value": "BAV2ROPC"}]})
    'BAV2ROPC'
    """
    properties = details.get("ExtendedProperties")
    for item in properties if isinstance(properties, list) else []:
        if isinstance(item, dict) and str(_member(item, "Name")).casefold() == "useragent":
            return _text(_member(item, "Value"))
    return ""


def _member(item: dict[str, Any], name: str) -> Any:
    """Return a member, whose name Graph begins with a small letter."""
    return item.get(name, item.get(name.lower(), ""))


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _record(context: Context) -> Callable[[Cells], tuple[str, str, str, str, dict[str, Any]]]:
    """Return what takes a row apart: date, id, operation, account, and the record's details.

    The details are a JSON text in a cell, or an object whose members are columns of their own.
    """
    pick = context.picker("date", "record_id", "operation", "account", "details")
    pick_members = context.picker(*_MEMBERS)

    def record(cells: Cells) -> tuple[str, str, str, str, dict[str, Any]]:
        date, record_id, operation, who, data = pick(cells)
        if not context.has("details"):
            members = dict(zip(_MEMBERS.values(), pick_members(cells), strict=True))
            told = members.pop("ExtendedProperties")
            properties = _parsed(told) if told.strip() else []
            details = {**members, "ExtendedProperties": properties}
        else:
            is_asked = operation.strip().casefold() in OPERATIONS
            details = details_in(data) if is_asked else {}
        return date, record_id, operation, who, details

    return record


def _converter(context: Context) -> Converter:
    record = _record(context)
    decisions, zone, tally = context.decisions, context.layout.zone, context.tally

    def convert(line: int, cells: Cells) -> Ends:
        date, record_id, operation, who, details = record(cells)
        result = OPERATIONS.get(operation.strip().casefold())
        if result is None:
            return []
        if details.get("ExtendedProperties") is None and not context.has("details"):
            tally[NOT_TOLD] += 1
            return []
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


_MEMBERS: Final = {
    "time": "CreationTime",
    "id": "Id",
    "user": "UserId",
    "client_ip": "ClientIP",
    "actor_ip": "ActorIpAddress",
    "error": "ErrorNumber",
    "properties": "ExtendedProperties",
}
_CANNOT_TELL: Final = phrases(
    "which protocol a sign-in was for: SMTP AUTH, IMAP, POP and others look the same",
    "messages",
    "the TLS version of the SMTP session",
)
_KNOWN: Final = (
    "RecordType", "AssociatedAdminUnits", "AssociatedAdminUnitsNames", "ResultIndex",
    "ResultCount", "IsValid", "ObjectState", "PSComputerName", "RunspaceId",
    "PSShowComputerName",
)  # fmt: skip
_INSIDE: Final = (
    "OrganizationId", "RecordType", "ResultStatus", "UserKey", "UserType", "Version", "Workload",
    "ObjectId", "AzureActiveDirectoryEventType", "ModifiedProperties", "Actor", "ActorContextId",
    "InterSystemsId", "IntraSystemId", "SupportTicketId", "Target", "TargetContextId",
    "ApplicationId", "DeviceProperties", "LogonError", "BrowserId", "SessionId",
)  # fmt: skip


def _inside(*names: str) -> tuple[str, ...]:
    """Return names of members of a record: inside its AuditData, or where that stands alone."""
    return (*(f"AuditData.{name}" for name in names), *names)


FORMAT = ExportFormat(
    name="purview-audit",
    title=Sentence("Purview audit log"),
    source="audit_log",
    fields=(
        # Its month stands before its day, except where the machine that exported it has it else.
        Field(
            "date",
            ("CreationDate", "CreatedDateTime", "CreationDate.value", "CreationDate.DateTime"),
            required=True,
            ranked=True,
        ),
        Field("record_id", ("RecordId", "Identity", "id"), ranked=True),
        Field("operation", ("Operation", "Operations"), required=True, ranked=True),
        Field("account", ("UserId", "UserIds", "userPrincipalName"), required=True, ranked=True),
        Field("details", ("AuditData",), required=True),
    ),
    converter=_converter,
    cannot_tell=_CANNOT_TELL,
    known=(*_KNOWN, "CreationDate.DisplayHint", "CreationDate.DateTime"),
    times=("date",),
)

OBJECTS = ExportFormat(
    name="purview-audit-objects",
    title=Sentence("Purview audit log, its records as objects"),
    source="audit_log",
    fields=(
        Field("date", _inside("CreationTime"), required=True, ranked=True),
        Field("time", _inside("CreationTime"), ranked=True),
        Field("record_id", ("RecordId", "Identity", *_inside("Id")), ranked=True),
        Field("id", _inside("Id"), ranked=True),
        Field("operation", _inside("Operation"), required=True, ranked=True),
        Field("account", _inside("UserId"), required=True, ranked=True),
        Field("user", _inside("UserId"), ranked=True),
        # What no other log has: it tells an audit record from other rows with these columns.
        Field("workload", _inside("Workload", "OrganizationId"), required=True, ranked=True),
        Field("client_ip", _inside("ClientIP"), ranked=True),
        Field("actor_ip", _inside("ActorIpAddress"), ranked=True),
        Field("error", _inside("ErrorNumber"), ranked=True),
        Field("properties", _inside("ExtendedProperties"), ranked=True),
    ),
    converter=_converter,
    cannot_tell=_CANNOT_TELL,
    known=(
        *_KNOWN, *_inside(*_INSIDE), "CreationDate", "UserIds", "Operations", "operation",
        "createdDateTime", "auditLogRecordType", "organizationId", "userType", "userId", "service",
        "objectId", "userPrincipalName", "administrativeUnits", "id", "clientIp",
    ),
    excluded=("AuditData",),
    times=("date",),
)  # fmt: skip
