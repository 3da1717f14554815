"""Microsoft Entra sign-in logs: the portal's downloads, Graph, Log Analytics, advanced hunting.

The same log in several dialects: `SigninLogs` and `AADNonInteractiveUserSignInLogs` name the error
code ResultType and keep the place as JSON text; `EntraIdSignInEvents` has columns of its own.

Only client app `Authenticated SMTP` or `SMTP` is a sign-in for SMTP AUTH. `Other clients` with a
user agent of the Basic authentication bridge may be one; it is not counted, and said.
"""

from __future__ import annotations

import json
import re

from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Cells, Context, Converter, Ends, ExportFormat, Field
from smtpauth_kit.formats.sign_in import account_in, sign_in
from smtpauth_kit.values import protocols, times
from smtpauth_kit.values.cells import Unfit

SMTP_CLIENTS = ("authenticated smtp", "smtp")
POSSIBLE = Sentence(
    "may be SMTP AUTH (client app “Other clients”, Basic authentication bridge); not counted"
)


def result_of(status: str, error_code: str) -> str:
    """Return success or failure; an interrupted sign-in did not get in.

    Examples
    --------
    >>> result_of("Success", "0"), result_of("Interrupted", "50140"), result_of("", "50126")
    ('success', 'failure', 'failure')
    """
    plain, code = status.strip().casefold(), error_code.strip()
    if plain in ("success", "failure", "interrupted"):
        return "success" if plain == "success" else "failure"
    if code.isascii() and code.isdigit():
        return "success" if int(code[:18]) == 0 else "failure"
    raise Unfit("it says neither success nor failure")


def city_in(details: str) -> str:
    """Return the city of a `LocationDetails` cell, which is JSON text; empty where it is none.

    Examples
    --------
    >>> city_in('{"city":"Lagos","countryOrRegion":"NG"}'), city_in("")
    ('Lagos', '')
    """
    match = re.search(r'"city"\s*:\s*("(?:[^"\\]|\\.)*")', details)
    try:
        return str(json.loads(match[1])) if match else ""
    except ValueError:
        return ""


def place_of(location: str, country: str, city: str) -> tuple[str, str]:
    """Return country and city; the portal's CSV has both in one cell: `city, state, country`.

    Examples
    --------
    >>> place_of("Melbourne, Victoria, AU", "", ""), place_of("", "NL", "Amsterdam")
    (('AU', 'Melbourne'), ('NL', 'Amsterdam'))
    """
    parts = [part.strip() for part in location.split(",")]
    whole = parts[0] if len(parts) > 1 else ""
    return country.strip() or parts[-1], city.strip() or whole


def _converter(context: Context) -> Converter:
    pick = context.picker(
        "date", "id", "account", "client_app", "status", "error_code", "protocol", "user_agent",
        "client_ip", "location", "country", "city", "network", "report_id", "location_details",
    )  # fmt: skip
    decisions, zone, tally = context.decisions, context.layout.zone, context.tally

    def convert(line: int, cells: Cells) -> Ends:
        (date, sign_in_id, who, app, status, code, protocol, agent,
         ip, location, country, city, network, report_id, details) = pick(cells)  # fmt: skip
        if (client := app.strip().casefold()) not in SMTP_CLIENTS:
            if client == "other clients" and agent.strip().upper().startswith(
                ("BAV2ROPC", "CBAIN")
            ):
                tally[POSSIBLE] += 1
            return []
        at, account = times.moment(date, decisions, zone), account_in(who)
        country, city = place_of(location, country, city or city_in(details))
        return [
            sign_in(
                line, at, account, result_of(status, code), ip,
                sign_in_id=sign_in_id.strip() or report_id,
                error_code=code.strip(),
                auth_protocol=protocols.sign_in_protocol(protocol, agent),
                country=country,
                city=city,
                network=network.strip(),
                user_agent=agent.strip(),
            )
        ]  # fmt: skip

    return convert


FORMAT = ExportFormat(
    name="entra-sign-ins",
    title=Sentence("Microsoft Entra sign-in log"),
    source="sign_in_log",
    fields=(
        # Log Analytics has both of the last two; its own copy of the time comes some minutes later.
        Field(
            "date",
            ("Date (UTC)", "createdDateTime", "Timestamp", "TimeGenerated"),
            required=True,
            ranked=True,
        ),
        Field("account", ("Username", "userPrincipalName", "AccountUpn"), required=True),
        Field("client_app", ("Client app", "clientAppUsed"), required=True),
        # Advanced hunting may lack the request id; its report id is unique within that export.
        Field("id", ("Request ID", "id")),
        Field("report_id", ("ReportId",)),
        Field("status", ("Status",)),
        Field(
            "error_code",
            ("Sign-in error code", "status.errorCode", "ResultType", "ErrorCode"),
        ),
        Field("protocol", ("Authentication Protocol", "authenticationProtocol")),
        Field("user_agent", ("User agent", "userAgent")),
        Field("client_ip", ("IP address", "ipAddress")),
        Field("location", ("Location",)),
        Field("country", ("location.countryOrRegion", "Country")),
        Field("city", ("location.city", "City")),
        Field("location_details", ("LocationDetails",)),
        Field("network", ("Autonomous system number", "autonomousSystemNumber")),
    ),
    converter=_converter,
    cannot_tell=phrases("messages", "the TLS version of the SMTP session", "the From address"),
    known=tuple(
        [
            "TenantId",
            "SourceSystem",
            "TimeGenerated",
            "ResourceId",
            "OperationName",
            "OperationVersion",
            "Category",
            "ResultSignature",
            "ResultDescription",
            "DurationMs",
            "ResourceGroup",
            "ResourceProvider",
            "Identity",
            "Level",
            "AlternateSignInName",
            "AuthenticationContextClassReferences",
            "AppliedEventListeners",
            "Device",
            "OS",
            "RiskState",
            "AuthenticationMethodsUsed",
            "AuthenticationRequirementPolicies",
            "ConditionalAccessPolicies",
            "DeviceDetail",
            "IsRisky",
            "MfaDetail",
            "NetworkLocationDetails",
            "OriginalRequestId",
            "ProcessingTimeInMilliseconds",
            "ResourceIdentity",
            "ResourceServicePrincipalId",
            "AADTenantId",
            "IPAddressFromResourceProvider",
            "SignInIdentifier",
            "SignInIdentifierType",
            "RiskLevel",
            "Type",
            "LogonType",
            "ApplicationId",
            "AccountDisplayName",
            "AccountObjectId",
            "IsExternalUser",
            "IsGuestUser",
            "LastPasswordChangeTimestamp",
            "DeviceName",
            "EntraIdDeviceId",
            "OSPlatform",
            "DeviceTrustType",
            "IsManaged",
            "IsCompliant",
            "RiskDetails",
            "State",
            "Latitude",
            "Longitude",
            "EndpointCall",
            "IsThroughGlobalSecureAccess",
            "UniqueTokenId",
            "Correlation ID",
            "User ID",
            "User",
            "User type",
            "Cross tenant access type",
            "Incoming token type",
            "Unique token identifier",
            "Original transfer method",
            "Client credential type",
            "Token Protection - Sign In Session",
            "Token Protection - Sign In Session StatusCode",
            "Application",
            "Application ID",
            "App owner tenant ID",
            "Resource",
            "Resource ID",
            "Resource tenant ID",
            "Resource owner tenant ID",
            "Home tenant ID",
            "Home tenant name",
            "Failure reason",
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
            "Flagged for review",
            "Token issuer type",
            "Token issuer name",
            "Latency",
            "Conditional Access",
            "Managed Identity type",
            "Associated Resource Id",
            "Federated Token Id",
            "Federated Token Issuer",
            "userDisplayName",
            "appId",
            "appDisplayName",
            "conditionalAccessStatus",
            "isInteractive",
            "signInEventTypes",
            "resourceDisplayName",
            "status.failureReason",
            "status.additionalDetails",
            "deviceDetail.deviceId",
            "deviceDetail.displayName",
            "deviceDetail.operatingSystem",
            "deviceDetail.browser",
            "deviceDetail.isCompliant",
            "deviceDetail.isManaged",
            "deviceDetail.trustType",
            "location.state",
            "location.geoCoordinates.altitude",
            "location.geoCoordinates.latitude",
            "location.geoCoordinates.longitude",
            "authenticationDetails",
            "authenticationProcessingDetails",
            "riskDetail",
            "riskLevelAggregated",
            "riskLevelDuringSignIn",
            "riskState",
            "riskEventTypes",
            "riskEventTypes_v2",
            "appliedConditionalAccessPolicies",
            "authenticationRequirement",
            "tokenIssuerType",
            "tokenIssuerName",
            "uniqueTokenIdentifier",
            "homeTenantId",
            "resourceTenantId",
            "servicePrincipalId",
            "servicePrincipalName",
            "sessionLifetimePolicies",
        ]
    ),
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
