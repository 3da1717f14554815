"""Sign-in, audit and settings exports in other dress: what they say is read, whatever wraps it."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from conftest import WEEK
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_kit.loading import loading
from smtpauth_kit.loading.days_in_names import period_in_name
from smtpauth_kit.screens.file_questions import options_of, question
from smtpauth_kit.values import object_text, times
from smtpauth_kit.values.months import month_number
from smtpauth_kit.words.words import speak

SIGN_IN = {
    "id": "g1",
    "createdDateTime": "2026-11-16T08:15:29Z",
    "userPrincipalName": "scan@contoso.com",
    "clientAppUsed": "Authenticated SMTP",
    "ipAddress": "192.0.2.25",
    "userAgent": "BAV2ROPC",
    "authenticationProtocol": "ropc",
    "status": {"errorCode": 0},
    "location": {"city": "Utrecht", "countryOrRegion": "NL"},
}
FAILED = {**SIGN_IN, "id": "g2", "status": {"errorCode": 50126}}
BROWSER = {**SIGN_IN, "id": "g3", "clientAppUsed": "Browser"}
TOLD = "account, result, error_code, client_ip, country, city, auth_protocol"


def told(store) -> list[list]:
    return store.sql(f"select {TOLD} from sign_ins order by sign_in_id").values.tolist()


def only(result):
    (file,) = result.files
    assert (file.error, file.rows_rejected) == (None, 0), file
    return file


SUCCESS = ["scan@contoso.com", "success", "0", "192.0.2.25", "NL", "Utrecht", "basic"]
FAILURE = ["scan@contoso.com", "failure", "50126", "192.0.2.25", "NL", "Utrecht", "basic"]


# --- wrappers ------------------------------------------------------------------------------


def as_columns(records: list[dict]) -> tuple[list[str], list[list]]:
    """What a table has of sign-ins: names once, objects as text."""
    flat = {
        "TimeGenerated": "createdDateTime", "UserPrincipalName": "userPrincipalName",
        "ClientAppUsed": "clientAppUsed", "IPAddress": "ipAddress", "Id": "id",
        "AuthenticationProtocol": "authenticationProtocol",
    }  # fmt: skip
    names = [*flat, "Status", "LocationDetails"]
    rows = [
        [*(r[n] for n in flat.values()), json.dumps(r["status"]), json.dumps(r["location"])]
        for r in records
    ]
    return names, rows


def log_analytics(records: list[dict]) -> dict:
    names, rows = as_columns(records)
    columns = [{"name": name, "type": "string"} for name in names]
    return {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": rows}]}


def hunting(records: list[dict], name: str = "results") -> dict:
    names, rows = as_columns(records)
    schema = [{"Name": n, "Type": "String", "Entity": None} for n in [*names, *("x" * 90).split()]]
    return {"Schema": schema * 8, name: [dict(zip(names, row, strict=True)) for row in rows]}


def diagnostic(record: dict) -> dict:
    return {
        "time": record["createdDateTime"], "resourceId": "/tenants/1", "category": "SignInLogs",
        "operationName": "Sign-in activity", "resultType": str(record["status"]["errorCode"]),
        "callerIpAddress": "192.0.2.25", "location": "NL", "properties": record,
    }  # fmt: skip


ALL = [SIGN_IN, FAILED, BROWSER]
WRAPPED = {
    "a list": json.dumps(ALL),
    "a page of Graph": json.dumps({"@odata.context": "x", "value": ALL}),
    "a record a line": "\n".join(map(json.dumps, ALL)),
    "records of diagnostic settings": json.dumps({"records": [diagnostic(r) for r in ALL]}),
    "pages of them, one a line": "\n".join(json.dumps({"records": [diagnostic(r)]}) for r in ALL),
    "a diagnostic record a line": "\n".join(json.dumps(diagnostic(r)) for r in ALL),
    "tables of Log Analytics": json.dumps(log_analytics(ALL), indent=1),
    "one table of it": json.dumps(log_analytics(ALL)["tables"][0]),
    "results of hunting": json.dumps(hunting(ALL)),
    "a list of pages": json.dumps([{"value": ALL[:2]}, {"value": []}, {"value": ALL[2:]}]),
    "answers of a batch": json.dumps(
        {"responses": [{"id": "1", "status": 200, "body": {"value": [r]}} for r in ALL]}
    ),
    "data around a page": json.dumps({"data": {"value": ALL}, "count": 3}, indent=2),
    "items": json.dumps({"items": ALL, "next": None}),
    "dates as PowerShell's objects": json.dumps(
        [
            {**r, "createdDateTime": {"value": f"/Date({1794816929000})/", "DateTime": "today"}}
            for r in ALL
        ]
    ),
    "Results below a long Schema": json.dumps(hunting(ALL, "Results"), indent=2),
}


@pytest.mark.parametrize("wrapper", WRAPPED)
def test_sign_ins_are_read_out_of_every_wrapper(store, load, wrapper):
    file = only(load(WRAPPED[wrapper], name="export.json"))
    assert told(store) == [SUCCESS, FAILURE]
    assert (file.format, file.rows_read, file.rows_other) == ("entra-sign-ins", 3, 1)
    assert file.warnings == ()


def test_a_row_of_a_table_that_lacks_a_value_is_rejected(store, load):
    page = log_analytics(ALL)
    page["tables"][0]["rows"][1].pop()
    (file,) = load(json.dumps(page), name="export.json").files
    assert (file.rows_read, file.rows_loaded, file.rows_rejected) == (3, 1, 1)


# --- cells ---------------------------------------------------------------------------------

APPS = ["Authenticated SMTP", "AUTHENTICATED  SMTP", "SMTP", " smtp ", "Other clients; SMTP",
        "Other clients;Authenticated SMTP", "other clients ; smtp"]  # fmt: skip


@pytest.mark.parametrize("app", APPS)
def test_a_client_app_is_smtp_in_any_case_and_space(store, load, app):
    load(json.dumps([{**SIGN_IN, "clientAppUsed": app}]), name="export.json")
    assert told(store) == [SUCCESS]


@pytest.mark.parametrize("app", ["IMAP4", "Other clients; IMAP", "Other clients; POP", "Browser"])
def test_another_client_app_is_none_and_a_log_of_such_says_so(store, load, app):
    file = only(load(json.dumps([{**SIGN_IN, "clientAppUsed": app}] * 2), name="export.json"))
    assert told(store) == []
    (warning,) = file.warnings
    assert warning == (
        "no row has a client app of SMTP AUTH (“Authenticated SMTP” or “SMTP”), so no sign-in was "
        f"loaded; its client apps: {app} (2)"
    )
    assert speak("nl").sentence(warning).startswith("geen rij heeft een client-app van SMTP AUTH")


HEADER = (
    "id,createdDateTime,userPrincipalName,clientAppUsed,ipAddress,userAgent,authenticationProtocol"
)
CELLS = "g1,2026-11-16T08:15:29Z,scan@contoso.com,SMTP,192.0.2.25,BAV2ROPC,ropc"
PRINTED = "@{city=Utrecht; state=; countryOrRegion=NL; geoCoordinates=}"
OF_GRAPH = "Microsoft.Graph.PowerShell.Models.MicrosoftGraphSignInLocation"


@pytest.mark.parametrize(
    ("columns", "cells", "country"),
    [
        ("location,errorCode", f'"{PRINTED}",0', "NL"),
        ("location,status", f'"{PRINTED}","@{{errorCode=0; failureReason=Other.}}"', "NL"),
        ("location,errorCode", f"{OF_GRAPH},0", ""),
        ("location,errorCode", "System.Object[],0", ""),
        ("location,errorCode", "System.Collections.Hashtable,0", ""),
        ("location,errorCode", '"Utrecht, Utrecht, NL",0', "NL"),
        ("LocationDetails,Status", '"{""countryOrRegion"":""NL""}","{""errorCode"": 0}"', "NL"),
        ("Location,LocationDetails,ResultType", 'NL,"{""countryOrRegion"":""DE""}",0', "NL"),
        ("Location,ResultType", ",0.0", ""),
        ("Location,Status", "NL,Success", "NL"),
    ],
)
def test_a_printed_object_is_no_value_but_what_it_plainly_prints(
    store, load, columns, cells, country
):
    only(load(f"{HEADER},{columns}\n{CELLS},{cells}\n"))
    assert [(row[1], row[4]) for row in told(store)] == [("success", country)]


def test_a_result_that_is_only_a_type_name_is_no_success(store, load):
    result = load(f"{HEADER},status\n{CELLS},Microsoft.Graph.PowerShell.Models.SignInStatus\n")
    assert (result.rows("rejected"), told(store)) == (1, [])


@given(st.text(), st.text(alphabet='@{};=" errorCode:0'))
def test_no_text_of_a_cell_is_more_than_text(text, like):
    for cell in (text, like, "@{" + text, "{" + like):
        assert isinstance(object_text.member(cell, "errorCode"), str)
        assert not object_text.is_printed(object_text.plain(cell))


# --- zones ---------------------------------------------------------------------------------

LOCAL = ['TimeGenerated [Local Time]', '"TimeGenerated [Amsterdam, Berlin, Bern, Rome]"',
         "TimeGenerated (CET)", "TimeGenerated [W. Europe Standard Time]"]  # fmt: skip


def log_in(time: str) -> str:
    return (
        f"{time},UserPrincipalName,ClientAppUsed,ResultType,Id\n"
        '"11/16/2026, 9:15:29.287 AM",scan@contoso.com,SMTP,0,z1\n'
    )


def signed_in(store) -> list[str]:
    return [str(at) for at in store.sql("select signed_in_at from sign_ins")["signed_in_at"]]


@pytest.mark.parametrize("time", LOCAL)
def test_a_zone_that_cannot_be_known_is_asked_for_and_then_applies(store, load, time):
    (refused,) = load(log_in(time)).files
    assert refused.status == "refused"
    said = time.strip('"').partition(" ")[2][1:-1]
    assert f"in the time zone “{said}”, and which one that is cannot be known" in refused.error
    assert "--source-timezone Europe/Amsterdam" in refused.error
    only(load(log_in(time), source_timezone="Europe/Amsterdam"))
    assert signed_in(store) == ["2026-11-16 08:15:29.287000"]


def test_the_load_screen_asks_for_the_zone_and_takes_the_answer(store, load):
    (file,) = load(log_in("TimeGenerated [Local Time]")).files
    asked = question(file, speak("en"))
    assert (asked["zone"], asked["format"]) == ("Local Time", "entra-sign-ins")
    said = options_of(file, {"source_timezone": "Europe/Amsterdam", "date_order": ""})
    only(loading.load(store, file.path, **said))
    assert signed_in(store) == ["2026-11-16 08:15:29.287000"]


@pytest.mark.parametrize(
    ("time", "at", "warns"),
    [
        ("TimeGenerated [UTC]", "09:15:29.287000", 0),
        ("TimeGenerated", "09:15:29.287000", 0),
        ("TimeGenerated (UTC+01:00)", "08:15:29.287000", 0),
        ("TimeGenerated [Europe/Amsterdam]", "08:15:29.287000", 0),
        ('"TimeGenerated [(UTC+01:00) Amsterdam, Berlin]"', "08:15:29.287000", 1),
        ('"TimeGenerated (UTC+01:00) Amsterdam, Berlin"', "08:15:29.287000", 1),
        ("TimeGenerated (m/d/yyyy)", "09:15:29.287000", 0),
    ],
)
def test_a_zone_that_is_named_applies_by_itself(store, load, time, at, warns):
    file = only(load(log_in(time)))
    assert (signed_in(store), len(file.warnings)) == ([f"2026-11-16 {at}"], warns)


def test_what_is_utc_by_name_or_says_its_offset_is_not_moved(store, load):
    load(log_in("Date (UTC)"), source_timezone="Europe/Amsterdam")
    load(WRAPPED["a list"], name="z.json", source_timezone="Europe/Amsterdam")
    assert sorted(set(signed_in(store))) == [
        "2026-11-16 08:15:29", "2026-11-16 09:15:29.287000",
    ]  # fmt: skip


def test_a_zone_that_there_is_not_is_said(load):
    with pytest.raises(Exception, match="There is no time zone 'Middle/Earth'"):
        load(log_in("TimeGenerated"), source_timezone="Middle/Earth")


# --- times, months, booleans ---------------------------------------------------------------


def test_times_of_dotnet_with_an_offset_are_read_and_two_separators_have_an_order_each(store, load):
    rows = ["11/16/2026 8:15:29 AM +00:00", "11/16/2026 9:15:29 AM +01:00",
            "16-11-2026 09:15:29 +01:00", "11/6/2026 08:15:29 +00:00", "6-11-2026 08:15:29"]  # fmt: skip
    text = "".join(f"{date},a@contoso.com,<{n}@x>\n" for n, date in enumerate(rows))
    only(load("Date,Sender address,Message ID\n" + text))
    found = store.sql("select sent_at::text as at from submissions order by message_id")["at"]
    assert found.tolist() == ["2026-11-16 08:15:29"] * 3 + ["2026-11-06 08:15:29"] * 2


def test_one_separator_with_two_orders_is_still_refused(load):
    (file,) = load(
        "Date,Sender address\n16/11/2026,a@contoso.com\n11/16/2026,a@contoso.com\n"
    ).files
    assert "1 date that must be day first and 1 that must be month first" in file.error


@pytest.mark.parametrize(
    ("word", "month"),
    [("März", 3), ("maart", 3), ("févr", 2), ("août", 8), ("dic", 12), ("ottobre", 10), ("Μαΐου", 5),
     ("Νοε", 11), ("paź", 10), ("maj", 5), ("foo", None), ("", None)],
)  # fmt: skip
def test_a_month_is_known_in_its_language(word, month):
    assert month_number(word) == month


@pytest.mark.parametrize(
    "text", ["16. März 2026 08:15", "16 mars 2026 08:15", "16 de marzo de 2026 08:15", "Mar 16, 2026 8:15 AM"]
)  # fmt: skip
def test_a_day_is_read_with_the_month_in_its_language(text):
    assert times.moment(text).at == dt.datetime(2026, 3, 16, 8, 15)


BLOCKED = ["True", "$true", "1", "WAHR", "VRAI", "VERDADERO", "VERO", "WAAR", "yes", "Ja"]
ALLOWED = ["False", "$False", "0", "FALSCH", "FAUX", "FALSO", "ONWAAR", "no", "Nein"]
INHERITS = ["", "null", "$null"]


def test_a_switch_is_read_in_every_language_of_excel(store, load):
    cells = [*BLOCKED, *ALLOWED, *INHERITS]
    rows = "".join(f"m{n:02d}@contoso.com;{cell}\n" for n, cell in enumerate(cells))
    only(load("PrimarySmtpAddress;SmtpClientAuthenticationDisabled\n" + rows, period=WEEK))
    kept = store.sql(
        "select coalesce(smtp_auth_disabled::text, '') as v from mailbox_settings order by address"
    )["v"]
    assert kept.tolist() == [
        *["true"] * len(BLOCKED), *["false"] * len(ALLOWED), *[""] * len(INHERITS),
    ]  # fmt: skip


# --- the audit log -------------------------------------------------------------------------

RECORD = {
    "CreationTime": "2026-11-16T01:59:40", "Id": "f1", "Operation": "UserLoggedIn",
    "OrganizationId": "o", "Workload": "AzureActiveDirectory", "UserId": "scan@contoso.com",
    "ClientIP": "192.0.2.25", "ErrorNumber": "0",
    "ExtendedProperties": [{"Name": "UserAgent", "Value": "BAV2ROPC"}],
}  # fmt: skip
REFUSED = {**RECORD, "Id": "f2", "Operation": "UserLoginFailed", "ErrorNumber": "50126"}
OTHER = {**RECORD, "Id": "f3", "Operation": "FileAccessed"}
RECORDS = [RECORD, REFUSED, OTHER]


def unified(record: dict, data: object, date: object = "2026-11-16T01:59:40Z") -> dict:
    return {
        "CreationDate": date, "UserIds": record["UserId"], "Operations": record["Operation"],
        "AuditData": data, "ResultIndex": 1, "Identity": record["Id"],
    }  # fmt: skip


def of_graph(record: dict) -> dict:
    return {
        "id": record["Id"], "createdDateTime": "2026-11-16T01:59:40Z", "operation": record["Operation"],
        "userPrincipalName": record["UserId"], "service": "AzureActiveDirectory",
        "auditData": record,
    }  # fmt: skip


POWERSHELL_5 = {"value": "/Date(1794794380000)/", "DisplayHint": 2, "DateTime": "Monday"}
AUDITS = {
    "AuditData as an object": json.dumps([unified(r, r) for r in RECORDS], indent=1),
    "AuditData as text": json.dumps([unified(r, json.dumps(r)) for r in RECORDS]),
    "dates of Windows PowerShell": json.dumps(
        [unified(r, json.dumps(r), POWERSHELL_5) for r in RECORDS]
    ),
    "AuditData alone a line": "\n".join(map(json.dumps, RECORDS)),
    "AuditData alone in a list": json.dumps(RECORDS),
    "records of an audit log query": json.dumps({"value": [of_graph(r) for r in RECORDS]}),
}


@pytest.mark.parametrize("dress", AUDITS)
def test_audit_records_tell_the_same_in_every_dress(store, load, dress):
    file = only(load(AUDITS[dress], name="audit.json"))
    assert [row[:4] for row in told(store)] == [
        ["scan@contoso.com", "success", "0", "192.0.2.25"],
        ["scan@contoso.com", "failure", "50126", "192.0.2.25"],
    ]
    assert signed_in(store) == ["2026-11-16 01:59:40"] * 2
    assert (file.rows_read, file.rows_other, file.warnings) == (3, 1, ())


def test_the_same_records_in_all_dresses_count_once(store, load):
    for dress, text in AUDITS.items():
        load(text, name=f"{dress}.json")
    assert len(told(store)) == 2


def test_properties_that_are_only_printed_are_said(store, load):
    file = only(load(
        "CreationTime,Operation,UserId,Workload,ExtendedProperties\n"
        "2026-11-16T01:59:40,UserLoggedIn,scan@contoso.com,AzureActiveDirectory,System.Object[]\n"
    ))  # fmt: skip
    assert told(store) == []
    assert "print the properties of a sign-in as an object" in file.warnings[0]


# --- what is near, and what is said of nothing ---------------------------------------------


def test_a_file_near_no_format_names_none_and_tells_to_map_nothing(load):
    for text in ("Colour,Shape\nred,round\n", "Date,Description,Amount\n2026-11-16,Rent,12.50\n",
                 '[{"sku": "1", "price": 2}]'):  # fmt: skip
        (file,) = load(text, name="own.csv").files
        assert "They are near those of no format the kit reads" in file.error
        assert "--map" not in file.error and "Sender address" not in file.error


def test_a_log_of_ones_own_is_near_and_says_what_to_map(load):
    (file,) = load("Datum,Van\n2026-11-16,a@contoso.com\n").files
    assert '--map "Sender address=ITS COLUMN"' in file.error


def test_a_file_that_is_recognised_and_holds_nothing_says_so(load):
    header = "Date,Sender address\n"
    assert only(load(header)).warnings == (
        "it was recognised (plain submission log), and no row stands in it",
    )
    trace = "date_time_utc,source,event_id,sender_address,message_id\n"
    (warning,) = only(
        load(trace + "2026-11-16T08:00:00Z,STOREDRIVER,DELIVER,a@contoso.com,<1@a>\n")
    ).warnings
    assert "none of its rows (1) is a submission or sign-in over SMTP AUTH" in warning


# --- Sentinel's table of the trace ---------------------------------------------------------

EVENT = {
    "dateTimeUtc_t": "2026-11-16T08:15:30.123Z", "source_s": "SMTP", "eventId_s": "RECEIVE",
    "senderAddress_s": "scan@contoso.com", "messageId_s": "<1@scan>",
    "networkMessageId_g": "1341ac7b-13fb-42ab-4d44-08cf7f55890f", "connectorId_s": r"X\Client Proxy X",
    "customData_s": "S:tlsversion=SP_PROT_TLS1_2_SERVER", "originalClientIp_s": "192.0.2.25",
    "recipientAddress_s": "bob@fabrikam.com", "recipientCount_d": "1", "TenantId": "t",
    "TimeGenerated": "2026-11-16T09:00:00Z", "Type": "ExchangeOnlineMessageTracking_CL",
    "messageSubject_s": "Scan", "totalBytes_d": "2048",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "json", "tables"])
def test_sentinels_table_of_the_trace_is_the_extended_trace(store, load, kind):
    csv = ",".join(EVENT) + "\n" + ",".join(EVENT.values()) + "\n"
    columns = [{"name": name} for name in EVENT]
    table = {"tables": [{"columns": columns, "rows": [list(EVENT.values())]}]}
    file = only(load({"csv": csv, "json": json.dumps([EVENT]), "tables": json.dumps(table)}[kind]))
    assert (file.format, file.message_count) == ("extended-trace", 1)
    assert not [w for w in file.warnings if "does not know" in w]
    found = store.sql("select source, tls_version, client_ip, recipients[1] as r from submissions")
    assert found.values.tolist() == [["extended_trace", "1.2", "192.0.2.25", "bob@fabrikam.com"]]


def test_the_columns_of_the_newer_table_of_the_trace_are_known(load):
    """As Microsoft documents them; it has no time of an event, so a person says where it is."""
    told = {
        "TimeGenerated": "2026-11-16T08:15:30.123Z", "schemaVersion_s": "", "clientIp_s": "",
        "clientHostname_s": "", "serverIp_s": "", "senderHostname_s": "", "sourceContext_s": "",
        "connectorId_s": r"X\Client Proxy X", "source_s": "SMTP", "eventId_s": "RECEIVE",
        "internalMessageId_s": "", "messageId_s": "<1@scan>", "networkMessageId_s": "",
        "recipientAddress_s": "", "recipientStatus_s": "", "totalBytes_l": "7",
        "recipientCount_i": "3", "relatedRecipientAddress_s": "", "reference_s": "",
        "messageSubject_s": "", "senderAddress_s": "scan@contoso.com", "returnPath_s": "",
        "directionality_s": "", "messageInfo_s": "", "originalClientIp_s": "",
        "originalServerIp_s": "", "customData_s": "", "transportTrafficType_s": "",
        "FilePath_s": "", "logId_s": "", "messageTrackingTenantId_s": "",
    }  # fmt: skip
    csv = ",".join(told) + "\n" + ",".join(told.values()) + "\n"
    (refused,) = load(csv).files
    assert refused.status == "refused" and "still needs date_time_utc" in refused.error
    file = only(load(csv, columns={"date_time_utc": "TimeGenerated"}))
    assert (file.format, file.message_count) == ("extended-trace", 1)
    assert not [w for w in file.warnings if "does not know" in w]


def test_sentinels_email_events_have_the_time_under_its_own_name(store, load):
    csv = (
        "TenantId,TimeGenerated,NetworkMessageId,SenderFromAddress,RecipientEmailAddress,Type\n"
        "t,2026-11-16T08:00:00Z,n1,scan@contoso.com,bob@fabrikam.com,EmailEvents\n"
    )
    file = only(load(csv))
    assert (file.format, file.rows_loaded) == ("email-events", 1)
    (row,) = store.rows("select received_at::text from mail_context")
    assert row == ("2026-11-16 08:00:00",)


# --- reports -------------------------------------------------------------------------------


def test_rows_of_a_report_that_differ_in_letters_are_two_rows(store, load):
    rows = "Scanner@contoso.com,10\nscanner@contoso.com,10\nscanner@contoso.com,10\n"
    result = load("Sender address,Messages sent\n" + rows, period=WEEK)
    assert (result.message_count, result.rows("loaded"), result.rows("duplicate")) == (20, 2, 1)
    assert result.files[0].warnings == (
        "2 rows equal one that stands above but for the letters of the address; both count",
    )
    again = load("Sender address,Messages sent\n" + rows + "\n", period=WEEK)
    assert (again.message_count, again.rows("loaded")) == (20, 0)


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        ("a@contoso.com,50,25,25\n", {"1.0": 13, "1.2": 12, "unknown": 25}),
        ("a@contoso.com,50,25,25\nb@contoso.com,8,4,4\n", {"1.0": 29, "1.2": 29}),
        ("a@contoso.com,5280,5280,0\n", {"1.0": 5280}),
        ("a@contoso.com,100,60,40\n", {"1.0": 60, "1.2": 40}),
        ("a@contoso.com,50,25,25\nb@contoso.com,8,100,0\n", {"1.0": 21, "1.2": 12, "unknown": 25}),
    ],
)
def test_bare_numbers_under_tls_are_counts_only_where_they_can_be_nothing_else(
    store, load, rows, counts
):
    result = load("Sender address,Messages sent,TLS 1.0,TLS 1.2\n" + rows, period=WEEK)
    found = store.sql(
        "select tls_version, sum(message_count)::int n from submissions group by 1 order by 1"
    )
    assert dict(found.values.tolist()) == counts
    warned = [w for w in result.files[0].warnings if "could be counts" in w]
    assert len(warned) == (rows == "a@contoso.com,50,25,25\n")


def test_a_loaded_report_is_known_again_without_its_period(store, write):
    path = write("week.csv", "Sender address,Messages sent\na@contoso.com,7\n")
    loading.load(store, path, period=WEEK)
    (file,) = loading.load(store, path.parent).files
    assert (file.status, file.rows_read, file.error) == ("already_loaded", 0, None)
    (other,) = loading.load(store, path, period=("2026-11-09", "2026-11-15")).files
    assert other.status == "loaded"


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("smtp_auth_report_2026-11-16_2026-11-22.csv", WEEK),
        ("SMTP 20261116-20261122.csv", WEEK),
        ("report 16-11-2026 tot 22-11-2026.csv", WEEK),
        ("report 11-16-2026 to 11-22-2026.csv", WEEK),
        ("Nov 16 - Nov 22.csv", WEEK),
        ("report Nov 16, 2026 - Nov 22, 2026 (2).csv", WEEK),
        ("rapport 16 nov. 2026 - 22 nov. 2026.csv", WEEK),
        ("Dec 25 - Dec 31.csv", (dt.date(2025, 12, 25), dt.date(2025, 12, 31))),
        ("/exports/2026-11-16_2026-11-22/report.csv", None),
        ("reports.zip!week_2026-11-16_2026-11-22.csv", WEEK),
        ("report_2026-11-22_2026-11-16.csv", None),
        ("report_2026-11-16.csv", None),
        ("report_20261399_20261122.csv", None),
        ("SmtpCSReport_8f6e0b1a-1234-5678-9abc-20261116aaaa.csv", None),
    ],
)  # fmt: skip
def test_days_in_a_name_are_found(name, days):
    assert period_in_name(name, dt.date(2026, 11, 23)) == days


def test_days_in_a_name_are_offered_in_the_refusal(load):
    text = "Sender address,Messages sent\na@contoso.com,7\n"
    (file,) = load(text, name="report_2026-11-16_2026-11-22.csv").files
    assert "load it with --period 2026-11-16:2026-11-22, else" in file.error
    assert file.needs_period and file.refusal.offered == WEEK
    (without,) = load(text, name="report.csv").files
    assert without.refusal.offered is None


@given(st.text())
def test_any_name_holds_two_days_in_order_or_none(name):
    found = period_in_name(name, dt.date(2026, 11, 23))
    assert found is None or found[0] <= found[1]


def test_german_accounts_are_read(store, load):
    load("Datum;Absenderadresse;Konto\n16.11.2026 08:00;a@contoso.com;svc-a\n")
    assert store.sql("select account from submissions")["account"].tolist() == ["svc-a"]
