"""The exports of sign-ins as Microsoft writes them: the Entra portal's CSV and Graph's JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from smtpauth_kit.sample.ledger import Attempt, uuid_of
from smtpauth_kit.sample.same_bytes import csv_text, gzipped

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


def portal(attempts: Iterable[Attempt], *, marked: bool) -> bytes:
    """Return the portal's CSV of these attempts, with a byte order mark if `marked`."""
    text = csv_text([PORTAL_HEADER, *(_portal_row(attempt) for attempt in attempts)])
    return ("\ufeff" + text if marked else text).encode()


def _portal_row(attempt: Attempt) -> list[str]:
    cells = {
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
    return [cells.get(name, "") for name in PORTAL_HEADER]


def graph(attempts: Iterable[Attempt]) -> bytes:
    """Return a page of Graph's signIns with these attempts, packed."""
    page = {
        "@odata.context": "https://graph.microsoft.com/beta/$metadata#auditLogs/signIns",
        "@odata.nextLink": None,
        "value": [graph_sign_in(attempt) for attempt in attempts],
    }
    return gzipped(json.dumps(page, indent=1).encode())


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
