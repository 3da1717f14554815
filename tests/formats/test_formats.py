"""Every format: recognised by its content, and its facts as worked out by hand from its sample."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from conftest import WEEK
from formats_util import DATA, staged
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_kit import answers
from smtpauth_kit.base.facts import (
    MailContext,
    Session,
    SignIn,
    Submission,
)
from smtpauth_kit.formats import FORMATS
from smtpauth_kit.loading import loading
from smtpauth_kit.views.notes import notes
from smtpauth_kit.words.words import speak

# Sample, format, source, rows read = used + rejected + other.
SAMPLES = """
01a_eac_smtp_auth_report_UNVERIFIED.csv report report 3 3 0 0
01b_eac_smtp_auth_report_with_auth_UNVERIFIED.csv report report 3 3 0 0
01c_scc_tls_usage_details_from_screenshot.csv report report 2 2 0 0
01d_scc_sending_volume_details_from_screenshot.csv report report 2 2 0 0
01e_scc_tls_usage_details_nl_labels_UNVERIFIED.csv report report 2 2 0 0
01f_api_field_names_UNVERIFIED.json report report 1 1 0 0
01g_SmtpCSReport_requested_report_utf16le_bom_ORDER_AND_VALUES_UNVERIFIED.csv requested-report requested_report 4 4 0 0
01h_SmtpCSReport_other_reading_UNVERIFIED.csv requested-report requested_report 2 2 0 0
02a_message_trace_summary_UNVERIFIED.csv message-trace message_trace 2 2 0 0
02b_message_trace_enhanced_utf16le_bom.csv enhanced-trace message_trace 2 2 0 0
02c_message_trace_extended_utf16le_nobom.csv extended-trace extended_trace 6 3 0 3
02d_message_trace_extended_utf8_resaved.csv extended-trace extended_trace 6 3 0 3
02e_message_trace_extended_quoted_header.csv extended-trace extended_trace 6 3 0 3
02f_get_messagetracev2_en-US.csv message-trace message_trace 2 2 0 0
02g_get_messagetracev2_fr-FR_useculture.csv message-trace message_trace 2 2 0 0
02h_get_messagetracev2_de-DE_ps51_typeinfo.csv message-trace message_trace 2 2 0 0
02i_get_messagetracedetailv2.csv message-trace-detail message_trace 1 1 0 0
02j_graph_messageTraces.json message-trace message_trace 1 1 0 0
02k_graph_messageTraceDetails.json message-trace-detail message_trace 1 1 0 0
02l_get_messagetrace_webservice.ndjson message-trace message_trace 1 1 0 0
03a_entra_InteractiveSignIns.csv entra-sign-ins sign_in_log 3 3 0 0
03b_entra_NonInteractiveSignIns_bom.csv entra-sign-ins sign_in_log 1 1 0 0
03c_graph_signIns.json entra-sign-ins sign_in_log 2 2 0 0
03d_entra_portal_signins_array.json entra-sign-ins sign_in_log 2 2 0 0
03e_loganalytics_SigninLogs.csv entra-sign-ins sign_in_log 2 2 0 0
03f_loganalytics_AADNonInteractive_HEADER_ASSUMED.csv entra-sign-ins sign_in_log 1 1 0 0
04a_purview_audit_search.csv purview-audit audit_log 1 1 0 0
04b_advanced_hunting_EmailEvents.csv email-events message_trace 1 1 0 0
04c_advanced_hunting_EntraIdSignInEvents.csv entra-sign-ins sign_in_log 1 1 0 0
04d_audit_records_alone_SHAPE_UNVERIFIED.ndjson purview-audit-objects audit_log 2 1 0 1
05_connector_report_eac_UNVERIFIED.csv connector-report connector_report 1 1 0 0
06a_exchange_smtp_receive_frontend_RECV2026111608-1.LOG receive-log server_log 27 1 0 26
06b_exchange_smtp_receive_hub_RECV2026111608-1.LOG receive-log server_log 10 1 0 9
06c_exchange_message_tracking_MSGTRK2026111608-1.LOG message-tracking-log server_log 1 1 0 0
07a_postfix_submission.log mail-log server_log 13 3 0 10
07b_dovecot_submission.log mail-log server_log 2 2 0 0
08a_get-casmailbox_smtpauth.csv cas-mailbox settings 3 3 0 0
08b_get-transportconfig.csv transport-config settings 1 1 0 0
"""
ROWS = [line.split() for line in SAMPLES.strip().splitlines()]


@pytest.mark.parametrize(("name", "format_", "source", *"rude"), ROWS)
def test_a_sample_is_its_format_and_each_row_has_an_end(name, format_, source, r, u, d, e):
    _, rejected, counts, layout = staged(DATA / name, period=WEEK)
    assert (layout.format.name, layout.format.source) == (format_, source), rejected
    ends = (counts.read, counts.used, counts.rejected, counts.other)
    assert ends == (int(r), int(u), int(d), int(e))
    assert layout.unknown == ()


def test_every_sample_is_in_the_table_and_every_format_but_the_plain_ones_has_one():
    # The kit's own columns come as Parquet, which test_parquet makes.
    assert {path.name for path in DATA.iterdir()} == {row[0] for row in ROWS}
    assert {fmt.name for fmt in FORMATS} - {row[1] for row in ROWS} == {
        "submission-log",
        "entra-auth-details",
        "submissions",
        "sign-ins",
    }


def test_all_samples_load_together_and_again_load_nothing(store):
    once = loading.load(store, DATA, period=WEEK)
    assert [file.path for file in once.refused] == []
    # The reports cover most days; six of the same week name five senders, each counted once.
    assert once.message_count == 1520 + 221 + 938 + 4000 + 5280
    messages = store.sql("select source, count(*) n from all_submissions group by 1 order by 1")
    assert [tuple(row) for row in messages.values if row[0] != "report"] == [
        ("extended_trace", 3),
        ("requested_report", 4),
        ("server_log", 2),  # The scan stands in three logs: a message of one id, sender and day.
    ]
    assert {file.status for file in loading.load(store, DATA, period=WEEK).files} == {
        "already_loaded"
    }


# --- message traces ------------------------------------------------------------------------


def test_one_recipient_is_the_same_in_every_trace_of_it():
    traces = ("02f_get_messagetracev2_en-US.csv", "02j_graph_messageTraces.json")
    keys = [staged(DATA / name)[0][0].row_key for name in traces]
    enhanced = staged(DATA / "02b_message_trace_enhanced_utf16le_bom.csv")[0][0]
    assert {*keys, enhanced.row_key} == {"net:1341ac7b13fb42ab4d4408cf7f55890f\nbob@fabrikam.com"}
    assert enhanced == MailContext(
        line=2,
        received_at=dt.datetime(2026, 11, 16, 8, 15, 30, 123000),
        sender_address="scanner@contoso.com",
        sender_key="scanner@contoso.com",
        sender_domain="contoso.com",
        recipient_address="bob@fabrikam.com",
        row_key="net:1341ac7b13fb42ab4d4408cf7f55890f\nbob@fabrikam.com",
        status="Receive, Send",
        client_ip="192.0.2.25",
        connector=r"AM0PR01MB0001\Client Proxy AM0PR01MB0001",
        message_id="0001.scan@scanner01.contoso.com",
        network_message_id="1341ac7b13fb42ab4d4408cf7f55890f",
        message_subject="Scan 0001, page 1",
    )


def test_a_trace_counts_no_message_and_says_why(store, write):
    result = loading.load(store, DATA / "02i_get_messagetracedetailv2.csv")
    assert result.message_count == 0 and result.rows("loaded") == 1
    (warning,) = result.files[0].warnings
    assert "1 row looks like SMTP AUTH (rule “connector Client Proxy”)" in warning


CULTURES = {
    "en-US": "11/16/2026 8:15:30 AM",
    "en-US of .NET 8": "11/16/2026 8:15:30\u202fAM",
    "nl-NL": "16-11-2026 08:15:30",
    "de-DE": "16.11.2026 08:15:30",
    "fi-FI": "16.11.2026 8.15.30",
    "cs-CZ": "16. 11. 2026 8:15:30",
    "hu-HU": "2026. 11. 16. 8:15:30",
    "bg-BG": "16.11.2026 \u0433. 8:15:30",
    "sv-SE": "2026-11-16 08:15:30",
    "ja-JP": "2026/11/16 8:15:30",
    "ko-KR": "2026-11-16 오전 8:15:30",
    "zh-TW": "2026/11/16 上午 08:15:30",
    "el-GR": "16/11/2026 8:15:30 πμ",
    "es-MX": "16/11/2026 08:15:30 a. m.",
    "fr-CA": "2026-11-16 08 h 15 min 30 s",
    "JSON of Windows PowerShell": "/Date(1794816930000)/",
}


@pytest.mark.parametrize("culture", CULTURES)
def test_a_trace_of_any_culture_is_the_same_trace(tmp_path, culture):
    path = tmp_path / "trace.csv"
    rows = ["Received;SenderAddress;RecipientAddress;MessageId;MessageTraceId;Status"]
    rows.append(f"{CULTURES[culture]};a@contoso.com;b@fabrikam.com;<1@a>;1;Delivered")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    ((row,), rejected, _, _) = staged(path)
    assert (row.received_at, rejected) == (dt.datetime(2026, 11, 16, 8, 15, 30), [])


@given(st.text(max_size=300))
def test_a_detail_with_any_data_is_one_row(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("d") / "details.json"
    record = {"dateTime": "2026-11-16T08:15:30Z", "messageId": "<1@a>", "event": "Receive"}
    path.write_text(json.dumps({"value": [{**record, "data": data}]}))
    facts, rejected, counts, _ = staged(path)
    assert (len(facts), len(rejected), counts.read) == (1, 0, 1)


# --- Exchange Server -----------------------------------------------------------------------

FRONT = DATA / "06a_exchange_smtp_receive_frontend_RECV2026111608-1.LOG"
HUB = DATA / "06b_exchange_smtp_receive_hub_RECV2026111608-1.LOG"
TRACKING = DATA / "06c_exchange_message_tracking_MSGTRK2026111608-1.LOG"
SUBMITTED = (
    "select sender_address, account, tls_version, auth_protocol, client_ip, recipient_count, "
    "message_count from all_submissions"
)


@pytest.mark.parametrize("order", [(FRONT, HUB), (HUB, FRONT)])
def test_front_end_and_hub_are_one_message_in_any_order(store, order):
    for path in order:
        loading.load(store, path)
    assert store.sql(SUBMITTED).values.tolist() == [
        ["scanner@contoso.com", "scanner@contoso.com", "1.2", "basic", "10.1.1.70", 1, 1]
    ]
    assert loading.load(store, TRACKING).rows("duplicate") == 1
    (daily,) = store.sql("select tls_version, message_count from daily_by_sender").values.tolist()
    assert daily == ["1.2", 1]


def test_a_front_end_tells_of_sign_ins_that_failed():
    session, failed = staged(FRONT)[0]
    assert session == Session(
        20, "08df000000000001 10.1.1.70", "1.2", "basic", "scanner@contoso.com"
    )
    assert (failed.account, failed.result, failed.client_ip, failed.error_code) == (
        "alice@contoso.com", "failure", "203.0.113.66", "535 5.7.3",
    )  # fmt: skip


RECEIVE = "#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context\n"


def receive_log(tmp_path: Path, *steps: str) -> Path:
    """Write a log of one session; a step is `event,data,context`."""
    path = tmp_path / "recv.log"
    rows = [
        f"2026-11-16T08:00:{n:02}.000Z,EX01\\Default EX01,S1,{n},10.1.1.10:25,192.0.2.9:4000,{step}\n"
        for n, step in enumerate(steps)
    ]
    path.write_text(RECEIVE + "".join(rows))
    return path


TLS_1_2 = '*,,"TLS protocol SP_PROT_TLS1_2_SERVER negotiation succeeded using bulk encryption"'
QUEUED = '>,"250 2.6.0 <{}@a> [InternalId=7, Hostname=EX01] 2111 bytes Queued mail for delivery",'


def test_a_hub_without_a_front_end_is_whole_by_itself(tmp_path):
    path = receive_log(
        tmp_path, "+,,", TLS_1_2, "<,AUTH LOGIN,", "*,CONTOSO\\app,authenticated",
        "<,MAIL FROM:<app@contoso.com>,", "<,RCPT TO:<bob@fabrikam.com>,", "<,RCPT TO:<eve@x.example>,",
        ">,250 2.1.0 Sender OK,", ">,250 2.1.5 Recipient OK,", ">,550 5.1.1 no such user,",
        QUEUED.format(1), "<,MAIL FROM:<>,", QUEUED.format(2), "-,,Remote",
    )  # fmt: skip
    facts, rejected, _, _ = staged(path)
    (first,) = facts
    assert first == Submission(
        line=12,
        sent_at=dt.datetime(2026, 11, 16, 8, 0, 10),
        period_start=dt.date(2026, 11, 16),
        period_end=dt.date(2026, 11, 16),
        sender_address="app@contoso.com",
        account="CONTOSO\\app",
        tls_version="1.2",
        auth_protocol="basic",
        client_ip="192.0.2.9",
        recipients=("bob@fabrikam.com",),
        recipient_count=1,
        message_id="1@a",
    )
    # The second names no sender, and the account is no address: it is said, not dropped.
    assert [(row.line, row.reason) for row in rejected] == [
        (14, "the sender address has no name before or no domain after an @")
    ]


@pytest.mark.parametrize(
    "steps",
    [
        ("<,MAIL FROM:<app@contoso.com>,", QUEUED.format(1)),
        ("<,X-EXPS EXCHANGEAUTH,", "*,NT AUTHORITY\\SYSTEM,authenticated", QUEUED.format(1)),
        ("<,AUTH LOGIN,", "<,MAIL FROM:<app@contoso.com>,", QUEUED.format(1)),
        ("<,XPROXYFROM SID=08DF IP=192.0.2.1 PORT=1,", "<,MAIL FROM:<a@contoso.com>,", QUEUED.format(1)),
    ],
)  # fmt: skip
def test_mail_without_a_sign_in_is_no_submission(tmp_path, steps):
    assert staged(receive_log(tmp_path, "+,,", *steps))[0] == []


# --- Postfix and Dovecot -------------------------------------------------------------------


def mail_log(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "mail.log"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


CONNECTED = "Nov 16 08:00:00 mx postfix/submission/smtpd[1]: connect from s.contoso.com[192.0.2.25]"
SECURED = (
    "Nov 16 08:00:00 mx postfix/submission/smtpd[1]: TLS connection established from "
    "s.contoso.com[192.0.2.25]: TLSv1.2 with cipher AES (256/256 bits)"
)


def client(queue_id: str, process: int = 1, at: str = "08:00:01") -> str:
    return (
        f"Nov 16 {at} mx postfix/submission/smtpd[{process}]: {queue_id}: "
        "client=s.contoso.com[192.0.2.25], sasl_method=LOGIN, sasl_username=scan@contoso.com"
    )


def test_the_tls_version_is_that_of_the_same_process_and_connection(tmp_path):
    path = mail_log(
        tmp_path,
        CONNECTED,
        SECURED,
        client("AAAAAA1"),
        client("AAAAAA2", process=2),
        client("AAAAAA3"),
        "Nov 16 08:00:02 mx postfix/submission/smtpd[1]: disconnect from s.contoso.com[192.0.2.25]",
        client("AAAAAA4"),
    )
    facts = staged(path, period=WEEK)[0]
    assert [row.tls_version for row in facts] == ["1.2", "unknown", "1.2", "unknown"]
    assert {(row.sender_address, row.sender_derived) for row in facts} == {
        ("scan@contoso.com", True)
    }


def test_a_retry_is_no_new_message_and_a_queue_id_used_again_is(tmp_path):
    queued = "Nov 16 08:00:02 mx postfix/qmgr[9]: AAAAAA1: from=<a@contoso.com>, size=1, nrcpt=1 (queue active)"
    path = mail_log(
        tmp_path,
        client("AAAAAA1"),
        "Nov 16 08:00:02 mx postfix/cleanup[3]: AAAAAA1: message-id=<1@a>",
        queued,
        queued,
        "Nov 16 08:00:03 mx postfix/qmgr[9]: AAAAAA1: removed",
        client("AAAAAA1", at="09:00:00"),
    )
    facts = staged(path, period=WEEK)[0]
    assert [(row.line, row.sender_address, row.message_id) for row in facts] == [
        (1, "a@contoso.com", "1@a"),
        (6, "scan@contoso.com", ""),
    ]


def test_a_message_that_was_refused_is_none(tmp_path):
    reject = "Nov 16 08:00:02 mx postfix/cleanup[3]: AAAAAA1: milter-reject: END-OF-MESSAGE from x"
    assert staged(mail_log(tmp_path, client("AAAAAA1"), reject), period=WEEK)[0] == []


def test_text_of_a_client_is_no_line_of_a_program(tmp_path):
    inside = client("BBBBBB1").split(": ", 1)[1]
    path = mail_log(
        tmp_path,
        client("AAAAAA1"),
        f"Nov 16 08:00:02 mx postfix/cleanup[3]: AAAAAA1: message-id=<x: {inside}>",
        f"Nov 16 08:00:02 mx postfix/smtpd[3]: warning: x[192.0.2.1]: said {inside}",
        f"Nov 16 08:00:02 mx evil[3]: {inside}",
        "Nov 16 08:00:02 mx postfix/smtpd[3]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 554 "
        "AAAAAA1: removed; proto=ESMTP helo=<AAAAAA1: removed>",
    )
    facts, rejected, _, _ = staged(path, period=WEEK)
    assert ([row.line for row in facts], rejected) == ([1], [])


def test_a_day_without_a_year_is_the_last_one_before_the_file(tmp_path):
    path = mail_log(tmp_path, client("AAAAAA1").replace("Nov 16", "Dec 31"))
    (row,), _, counts, _ = staged(path, period=(dt.date(2026, 12, 1), dt.date(2027, 1, 2)))
    assert (row.period_start, counts.warnings) == (dt.date(2026, 12, 31), [])
    warnings = staged(path)[2].warnings
    assert len(warnings) == 1 and "1 row has no year" in warnings[0]


def test_dovecot_sign_ins_are_counted_a_line_each():
    facts, _, counts, _ = staged(DATA / "07b_dovecot_submission.log", period=WEEK)
    assert [(f.account, f.result, f.auth_protocol, f.client_ip) for f in facts] == [
        ("scanner@contoso.com", "success", "basic", "192.0.2.25"),
        ("alice@contoso.com", "failure", "basic", "203.0.113.66"),
    ]
    assert counts.warnings == [
        "1 row tells of more than one attempt that failed; each is counted as one"
    ]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=80)))
def test_any_lines_in_a_mail_log_have_an_end(tmp_path_factory, lines):
    path = mail_log(tmp_path_factory.mktemp("m"), client("AAAAAA1"), *lines)
    facts, _, _, _ = staged(path, period=WEEK)
    assert [row.line for row in facts if isinstance(row, Submission)] == [1]


# --- sign-ins and the others ---------------------------------------------------------------


def test_the_audit_log_counts_the_bridge_only(tmp_path):
    details = {"CreationTime": "2026-11-16T01:59:40", "ClientIP": "203.0.113.66"}
    agents = [{"Name": "UserAgent", "Value": "BAV2ROPC"}]
    rows = [
        (
            "r1",
            "UserLoginFailed",
            {**details, "ErrorNumber": "50126", "ExtendedProperties": agents},
        ),
        (
            "r1",
            "UserLoginFailed",
            {**details, "ErrorNumber": "50126", "ExtendedProperties": agents},
        ),
        ("r2", "UserLoggedIn", details),
        ("r3", "Set-CASMailbox", details),
        ("r4", "UserLoggedIn", "cut {"),
    ]
    records = [
        {"RecordId": i, "CreationDate": "x", "Operation": op, "UserId": "alice@contoso.com",
         "AuditData": data if isinstance(data, str) else json.dumps(data)}
        for i, op, data in rows
    ]  # fmt: skip
    path = tmp_path / "audit.json"
    path.write_text(json.dumps(records))
    facts, rejected, counts, _ = staged(path)
    assert facts[0] == SignIn(
        line=1,
        signed_in_at=dt.datetime(2026, 11, 16, 1, 59, 40),
        account="alice@contoso.com",
        account_key="alice@contoso.com",
        result="failure",
        row_key="id:r1",
        error_code="50126",
        auth_protocol="basic",
        client_ip="203.0.113.66",
        user_agent="BAV2ROPC",
    )
    assert (len(facts), len(rejected), counts.other) == (2, 1, 2)


def test_old_and_split_sign_in_exports(tmp_path):
    old = tmp_path / "old.csv"
    old.write_text(
        "CreatedDateTime,UserPrincipalName,UserDisplayName,AppDisplayName,IPAddress,City,Country,"
        "Device,Browser,OS,Status,RiskState,ClientAppUsed\n"
        "3/12/2025 7:22:01 AM,a@contoso.com,A,Exchange,192.0.2.1,Oslo,NO,,,,Failure,,SMTP\n"
    )
    (row,), _, _, layout = staged(old, date_order="mdy")
    assert (row.signed_in_at, row.result, row.city) == (
        dt.datetime(2025, 3, 12, 7, 22, 1), "failure", "Oslo",
    )  # fmt: skip
    assert layout.unknown == ()
    details = tmp_path / "details.csv"
    details.write_text(
        "Request ID,Authentication method,Succeeded,Result detail\n1,Password,true,x\n"
    )
    assert staged(details)[2].other == 1


def test_a_query_that_keeps_only_the_time_of_generation_is_read(tmp_path):
    path = tmp_path / "la.csv"
    path.write_text(
        "TimeGenerated [UTC],UserPrincipalName,ClientAppUsed,ResultType\n"
        '"9/19/2023, 1:45:17.287 PM",a@contoso.com,Authenticated SMTP,50126\n'
    )
    ((row,), _, _, _) = staged(path)
    assert row.signed_in_at == dt.datetime(2023, 9, 19, 13, 45, 17, 287000)


def test_a_connector_report_is_context(store, write):
    text = (
        "Date;Connector direction and name;Connector type;Forced TLS?;No TLS;TLS 1.0;TLS 1.1;TLS 1.2;Volume\n"
        "2026-11-16;In;Partner;Yes;1.000;0;0;234;1.234\n2026-11-17;In;Partner;Yes;1;0;0;9;9\n"
    )
    result = loading.load(store, write("c.csv", text))
    assert (result.rows("loaded"), result.rows("rejected"), result.message_count) == (1, 1, 0)
    assert store.sql("select none_count, message_count from connector_volume").values.tolist() == [
        [1000, 1234]
    ]


@pytest.mark.parametrize(
    "header",
    [
        "Adresse de l'expéditeur;Nombre de messages",
        "Absenderadresse;Anzahl der Nachrichten",
        "Dirección del remitente;Número de mensajes",
        "Endereço do remetente;Contagem de mensagem",
        "Indirizzo del mittente;Messaggi inviati",
        "送信者のアドレス;メッセージ数",
        "Adres afzender;Aantal berichten",
    ],
)
def test_a_report_in_any_of_its_languages(tmp_path, header):
    path = tmp_path / "report.csv"
    path.write_text(f"{header}\na@contoso.com;1.234\n", encoding="utf-8")
    ((row,), _, _, _) = staged(path, period=WEEK)
    assert (row.sender_address, row.message_count) == ("a@contoso.com", 1234)


# --- what a source cannot tell -------------------------------------------------------------


def test_a_source_of_failures_only_says_nothing_of_successes(store):
    loading.load(store, FRONT)
    answer = answers.ask(store, "sign-ins")
    (row,) = answer.rows.to_dict("records")
    assert (row["account"], row["success_count"], row["failure_count"]) == (
        "alice@contoso.com", None, 1,
    )  # fmt: skip
    assert answer.scope.cannot_tell == ("sign-ins that succeeded", "the place of a client")


def test_what_no_format_of_a_source_tells_is_said_under_its_figures(store):
    loading.load(store, TRACKING)
    found = answers.settle_scope(store)
    assert found.cannot_tell[0] == "the authentication protocol"
    assert "It cannot tell: the authentication protocol" in notes(found, speak("en"))[1]
    # The receive log does tell it.
    loading.load(store, HUB)
    assert answers.settle_scope(store).cannot_tell == ()


def test_every_phrase_of_what_cannot_be_told_is_translated():
    phrases = {phrase for fmt in FORMATS for phrase in fmt.cannot_tell}
    assert phrases <= set(speak("nl").texts)
