"""Microsoft Entra sign-in logs: the portal's downloads, Graph, Log Analytics, advanced hunting.

The same log in several dialects: `SigninLogs` and `AADNonInteractiveUserSignInLogs` name the error
code ResultType and keep the place as JSON text; `EntraIdSignInEvents` has columns of its own.

Only client app `Authenticated SMTP` or `SMTP` is a sign-in for SMTP AUTH. `Other clients` with a
user agent of the Basic authentication bridge may be one; it is not counted, and said.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from smtpauth_kit.base.facts import Columns, SignIn
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Context, ExportFormat, Field
from smtpauth_kit.formats.rows import ByColumns, Ends, Rows
from smtpauth_kit.formats.sign_in import account_in, row_key, with_time
from smtpauth_kit.values import addresses, object_text, protocols
from smtpauth_kit.values.cells import Unfit

POSSIBLE = Sentence(
    "may be SMTP AUTH (client app “Other clients”, Basic authentication bridge); not counted"
)
MAX_APPS = 8
"""Client apps that are named of a log that holds no SMTP."""


SMTP: Final = "smtp"
"""Stands in the name of each client app that authenticates for SMTP, in lower case."""
ERROR_CODE, COUNTRY, CITY = "errorCode", "countryOrRegion", "city"
"""Members of the objects in Status and in LocationDetails."""
OTHER_CLIENTS: Final = "otherclients"
"""The client app, in lower case and without spaces, behind which SMTP may be, too."""


def is_smtp(client_app: str) -> bool:
    """Tell whether a client app is one that authenticates for SMTP, in any dress.

    Examples
    --------
    >>> [is_smtp(t) for t in ("Authenticated SMTP", "Other clients; SMTP", " smtp ", "IMAP4")]
    [True, True, True, False]
    """
    return SMTP in client_app.casefold()


CODE: Final = re.compile(r"([0-9]{1,18})(?:\.0+)?")
RESULTS: Final = {
    **dict.fromkeys(("success", "succeeded", "successful"), "success"),
    **dict.fromkeys(("failure", "failed", "interrupted", "error"), "failure"),
}


def result_of(status: str, error_code: str) -> str:
    """Return success or failure; an interrupted sign-in did not get in.

    Either may hold it: the portal writes a word, others a number, some an object with the number.

    Examples
    --------
    >>> result_of("Success", "0"), result_of("Interrupted", "50140"), result_of("", "50126")
    ('success', 'failure', 'failure')
    """
    for text in (status, error_code):
        if said := RESULTS.get(text.strip().casefold()):
            return said
    if code := CODE.fullmatch(code_in(status, error_code)):
        return "success" if int(code[1]) == 0 else "failure"
    raise Unfit("it says neither success nor failure")


def code_in(status: str, error_code: str) -> str:
    """Return the error code of a sign-in, which may stand in its status only.

    Examples
    --------
    >>> code_in('{"errorCode":50126}', ""), code_in("@{errorCode=0; failureReason=}", "")
    ('50126', '0')
    """
    return (
        object_text.plain(error_code)
        or object_text.member(status, ERROR_CODE)
        or (status.strip() if CODE.fullmatch(status.strip()) else "")
    )


def place_of(location: str, country: str, city: str, details: str = "") -> tuple[str, str]:
    """Return country and city; the portal's CSV has both in one cell: `city, state, country`.

    Log Analytics keeps them in an object (`LocationDetails`), PowerShell prints one.

    Examples
    --------
    >>> place_of("Melbourne, Victoria, AU", "", ""), place_of("", "NL", "Amsterdam")
    (('AU', 'Melbourne'), ('NL', 'Amsterdam'))
    """
    objects = [details, location]
    parts = [part.strip() for part in _unless_object(location).split(",")]
    whole = parts[0] if len(parts) > 1 else ""
    return (
        object_text.plain(country) or parts[-1] or _first(objects, COUNTRY),
        object_text.plain(city) or whole or _first(objects, CITY),
    )


def _unless_object(text: str) -> str:
    bare = object_text.plain(text)
    return "" if bare[:1] in ("{", "[") else bare


def _first(objects: list[str], name: str) -> str:
    return next((said for text in objects if (said := object_text.member(text, name))), "")


def _other_apps(context: Context) -> Callable[[str, int], None]:
    """Return what notes a client app of rows; a log that holds no SMTP says which it holds."""
    seen: Counter[str] = Counter()

    def say() -> Ends:
        if seen and not seen[SMTP]:
            apps = [f"{app} ({n})" for app, n in seen.most_common(MAX_APPS)]
            context.notes.append(
                Sentence(
                    "no row has a client app of SMTP AUTH (“Authenticated SMTP” or “SMTP”), so no "
                    "sign-in was loaded; its client apps: {apps}",
                    apps=apps,
                )
            )
        return []

    def note(app: str, rows: int) -> None:
        name = SMTP if is_smtp(app) else object_text.plain(app)[:40] or "(empty)"
        if name in seen or len(seen) < 1000:
            seen[name] += rows

    context.at_end.append(say)
    return note


def _is_possible(client_app: str, user_agent: str) -> bool:
    is_any = "".join(client_app.casefold().split()) == OTHER_CLIENTS
    return is_any and user_agent.strip().casefold().startswith(protocols.BRIDGE_AGENTS)


def _account(text: str) -> addresses.Address:
    return account_in(object_text.plain(text))


def _client_ip(text: str) -> str:
    return addresses.client_ip(object_text.plain(text))


def _by_columns(context: Context) -> ByColumns:
    note, tally = _other_apps(context), context.tally

    def tell(rows: Rows, are_smtp: Sequence[bool]) -> None:
        for app, number in Counter(rows.texts("client_app")).items():
            note(app, number)
        others = rows.where([not is_smtp for is_smtp in are_smtp])
        if possible := sum(others.each(_is_possible, "client_app", "user_agent")):
            tally[POSSIBLE] += possible

    def instant(text: str) -> dt.datetime:
        return with_time(context.moment(text))

    def convert(rows: Rows) -> Columns:
        every, are_smtp = rows, rows.each(is_smtp, "client_app")
        rows.tell(lambda: tell(every, are_smtp))
        rows = rows.where(are_smtp)
        moments = context.moments(rows, "date")
        accounts = rows.each(_account, "account")
        places = rows.each(place_of, "location", "country", "city", "location_details")
        results = rows.each(result_of, "status", "error_code")
        instants = [moment.at for moment in moments if moment.at]
        if len(instants) < len(moments):
            instants = rows.each(instant, "date")
        ids = [
            object_text.plain(sign_in_id) or object_text.plain(report_id)
            for sign_in_id, report_id in zip(rows.texts("id"), rows.texts("report_id"), strict=True)
        ]
        ips = rows.each(_client_ip, "client_ip")
        return Columns(
            SignIn,
            {
                "line": rows.lines,
                "signed_in_at": instants,
                "account": [account.shown for account in accounts],
                "account_key": [account.key for account in accounts],
                "result": results,
                "row_key": [
                    *map(row_key, ids, instants, (a.key for a in accounts), ips, results),
                ],
                "error_code": rows.each(code_in, "status", "error_code"),
                "auth_protocol": rows.each(protocols.sign_in_protocol, "protocol", "user_agent"),
                "client_ip": ips,
                "country": [country for country, _ in places],
                "city": [city for _, city in places],
                "network": rows.each(object_text.plain, "network"),
                "user_agent": rows.each(object_text.plain, "user_agent"),
            },
        )

    return convert


def _told(*labels: str) -> tuple[str, ...]:
    """Return labels, and as Azure's diagnostic settings wrap them: under `properties`."""
    return (*labels, *(f"properties.{label}" for label in labels if label[0].islower()))


_AROUND = (
    "time", "tenantId", "resourceId", "operationName", "operationVersion", "category",
    "resultSignature", "resultDescription", "durationMs", "identity", "level", "location",
    "userId", "correlationId", "conditionalAccessPolicies", "isRisky", "riskLevel",
    "originalRequestId", "processingTimeInMilliseconds", "networkLocationDetails", "mfaDetail",
    "clientCredentialType", "crossTenantAccessType", "resourceId", "rngcStatus", "flaggedForReview",
    "callerIpAddress", "resultType", "errorCode", "status.errorCode", "status", "ipAddress",
)  # fmt: skip
"""What Azure's diagnostic settings write around a sign-in, or more of it than Graph does."""

_OTHERS = (
    "TenantId", "SourceSystem", "TimeGenerated", "ResourceId", "OperationName", "OperationVersion",
    "Category", "ResultSignature", "ResultDescription", "DurationMs", "ResourceGroup",
    "ResourceProvider", "Identity", "Level", "AlternateSignInName",
    "AuthenticationContextClassReferences", "AppliedEventListeners", "Device", "OS", "RiskState",
    "AuthenticationMethodsUsed", "AuthenticationRequirementPolicies", "ConditionalAccessPolicies",
    "DeviceDetail", "IsRisky", "MfaDetail", "NetworkLocationDetails", "OriginalRequestId",
    "ProcessingTimeInMilliseconds", "ResourceIdentity", "ResourceServicePrincipalId", "AADTenantId",
    "IPAddressFromResourceProvider", "SignInIdentifier", "SignInIdentifierType", "RiskLevel",
    "Type", "LogonType", "ApplicationId", "AccountDisplayName", "AccountObjectId", "IsExternalUser",
    "IsGuestUser", "LastPasswordChangeTimestamp", "DeviceName", "EntraIdDeviceId", "OSPlatform",
    "DeviceTrustType", "IsManaged", "IsCompliant", "RiskDetails", "State", "Latitude", "Longitude",
    "EndpointCall", "IsThroughGlobalSecureAccess", "UniqueTokenId", "Correlation ID", "User ID",
    "User", "User type", "Cross tenant access type", "Incoming token type",
    "Unique token identifier", "Original transfer method", "Client credential type",
    "Token Protection - Sign In Session", "Token Protection - Sign In Session StatusCode",
    "Application", "Application ID", "App owner tenant ID", "Resource", "Resource ID",
    "Resource tenant ID", "Resource owner tenant ID", "Home tenant ID", "Home tenant name",
    "Failure reason", "Device ID", "Browser", "Operating System", "Compliant", "Managed",
    "Join Type", "Multifactor authentication result", "Multifactor authentication auth method",
    "Multifactor authentication auth detail", "Authentication requirement", "Sign-in identifier",
    "Session ID", "IP address (seen by resource)", "Through Global Secure Access",
    "Global Secure Access IP address", "Flagged for review", "Token issuer type",
    "Token issuer name", "Latency", "Conditional Access", "Managed Identity type",
    "Associated Resource Id", "Federated Token Id", "Federated Token Issuer", "userDisplayName",
    "appId", "appDisplayName", "conditionalAccessStatus", "isInteractive", "signInEventTypes",
    "resourceDisplayName", "status.failureReason", "status.additionalDetails",
    "deviceDetail.deviceId", "deviceDetail.displayName", "deviceDetail.operatingSystem",
    "deviceDetail.browser", "deviceDetail.isCompliant", "deviceDetail.isManaged",
    "deviceDetail.trustType", "location.state", "location.geoCoordinates.altitude",
    "location.geoCoordinates.latitude", "location.geoCoordinates.longitude",
    "authenticationDetails", "authenticationProcessingDetails", "riskDetail", "riskLevelAggregated",
    "riskLevelDuringSignIn", "riskState", "riskEventTypes", "riskEventTypes_v2",
    "appliedConditionalAccessPolicies", "authenticationRequirement", "tokenIssuerType",
    "tokenIssuerName", "uniqueTokenIdentifier", "homeTenantId", "resourceTenantId",
    "servicePrincipalId", "servicePrincipalName", "sessionLifetimePolicies",
)  # fmt: skip
"""Headers that the portal, Graph, Log Analytics or advanced hunting have beside these."""

FORMAT = ExportFormat(
    name="entra-sign-ins",
    title=Sentence("Microsoft Entra sign-in log"),
    source="sign_in_log",
    by_columns=_by_columns,
    fields=(
        # Log Analytics has both of the last two; its own copy of the time comes some minutes later.
        Field(
            "date",
            (
                *_told("Date (UTC)", "Date", "createdDateTime"),
                "Timestamp",
                "TimeGenerated",
                "time",
            ),
            required=True,
            ranked=True,
        ),
        Field("account", _told("Username", "userPrincipalName", "AccountUpn"), True, ranked=True),
        Field("client_app", _told("Client app", "clientAppUsed"), required=True),
        # Advanced hunting may lack the request id; its report id is unique within that export.
        Field("id", _told("Request ID", "id")),
        Field("report_id", ("ReportId",)),
        Field("status", ("Status",)),
        Field(
            "error_code",
            (*_told("Sign-in error code", "status.errorCode"), "ResultType", "ErrorCode"),
            ranked=True,
        ),
        Field("protocol", _told("Authentication Protocol", "authenticationProtocol")),
        Field("user_agent", _told("User agent", "userAgent")),
        Field("client_ip", (*_told("IP address", "ipAddress"), "callerIpAddress"), ranked=True),
        Field("location", ("Location",)),
        Field("country", _told("location.countryOrRegion", "Country"), ranked=True),
        Field("city", _told("location.city", "City"), ranked=True),
        Field("location_details", _told("LocationDetails", "locationDetails")),
        Field("network", _told("Autonomous system number", "autonomousSystemNumber")),
    ),
    cannot_tell=phrases("messages", "the TLS version of the SMTP session", "the From address"),
    known=_told(*_AROUND, *_OTHERS),
    times=("date",),
)

AUTH_DETAILS = ExportFormat(
    name="entra-auth-details",
    title=Sentence("Microsoft Entra authentication details"),
    source="sign_in_log",
    fields=(
        Field("id", ("Request ID",), required=True),
        Field("method", ("Authentication method",), required=True),
        Field("succeeded", ("Succeeded",)),
    ),
    # The second file of the portal's download: steps of sign-ins that the first file has.
    converter=lambda context: lambda line, cells: [],
    cannot_tell=phrases("the client app", "anything the sign-in log itself does not say"),
    known=(
        "Date (UTC)", "Authentication method detail", "Result detail", "Requirement",
        "Authentication step requirement", "Primary authentication",
    ),
    excluded=("Client app",),
)  # fmt: skip
