"""The subject of a message: kept from every trace, known of its message in other sources, inert."""

from __future__ import annotations

import html
import json

import pytest
from hostile import IN_OTHER_FIELDS

from smtpauth_kit.answers import settle_scope
from smtpauth_kit.answers.sender import sender_subjects
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import loaded_files
from smtpauth_kit.reports import forms as output_forms
from smtpauth_kit.reports import fragments
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.screens.sender_details import sender_details
from smtpauth_kit.words.words import speak

TRACE = "date_time_utc,source,event_id,connector_id,sender_address,message_id,message_subject\n"
REPORT = "date,senderName,authMethod,tls_version,message_id\n"
SCANNER = "scanner@contoso.com"


def traced(number: int, subject: str, sender: str = SCANNER) -> str:
    quoted = subject.replace('"', '""')
    return (
        f"2026-11-{16 + number}T08:00:00Z,SMTP,RECEIVE,EX\\Client Proxy EX,{sender},"
        f'<{number}@scan>,"{quoted}"\n'
    )


def requested(number: int, sender: str = SCANNER) -> str:
    return f"2026-11-{16 + number}T08:00:00Z,{sender},Basic,TLS1.2,<{number}@scan>\n"


@pytest.mark.parametrize("trace_first", [True, False])
def test_a_message_of_the_report_has_the_subject_that_the_trace_tells(store, load, trace_first):
    exports = [
        ("trace.csv", TRACE + traced(0, "Scan from HQ1") + traced(1, "")),
        ("report.csv", REPORT + requested(0) + requested(1) + requested(2)),
    ]
    for name, text in exports if trace_first else exports[::-1]:
        load(text, name=name)
    told = (
        "select message_id, message_subject, fields_from, auth_protocol from all_submissions "
        "where source = 'requested_report' order by message_id"
    )
    assert store.sql(told).values.tolist() == [
        ["0@scan", "Scan from HQ1", "message_subject=extended_trace", "basic"],
        ["1@scan", "", "", "basic"],
        ["2@scan", "", "", "basic"],
    ]
    assert store.sql("select sum(message_count) as n from submissions")["n"].tolist() == [3]
    loaded_files.unload(store, 1 if trace_first else 2)
    assert store.sql(told)["message_subject"].tolist() == ["", "", ""]


def test_mail_that_is_not_known_to_be_smtp_auth_keeps_its_subject(store, load):
    load(
        "Received,SenderAddress,RecipientAddress,Subject,MessageId,Status\n"
        "2026-11-16T08:00:00Z,a@contoso.com,b@x.example,Of the trace,<1@a>,Delivered\n"
    )
    load(
        "Timestamp,NetworkMessageId,SenderFromAddress,RecipientEmailAddress,Subject,"
        "DeliveryAction\n2026-11-16T08:00:00Z,n2,a@contoso.com,b@x.example,Of hunting,Delivered\n"
    )
    load(
        "origin_timestamp_utc,sender_address,recipient_status,message_subject,message_id\n"
        "2026-11-16T08:00:00Z,a@contoso.com,b@x.example##Receive,Of the summary,<3@a>\n"
    )
    load(
        "Date,MessageId,SenderAddress,RecipientAddress,Subject,Event,Data\n"
        "2026-11-16T08:00:00Z,<4@a>,a@contoso.com,b@x.example,Of the detail,Receive,\n"
    )
    told = store.sql("select message_subject from mail_context order by all")
    assert told["message_subject"].tolist() == [
        "Of hunting", "Of the detail", "Of the summary", "Of the trace",
    ]  # fmt: skip


def test_a_sender_s_subjects_are_shown_the_most_frequent_first(store, load):
    many = "".join(traced(n % 7, f"Scan {n:02d}").replace("<", f"<{n}-") for n in range(30))
    twice = traced(3, "Scan 07").replace("<", "<again-")
    load(TRACE + many + twice + traced(2, "of another", "app@contoso.com"))
    scope = settle_scope(store, Filters(sender=SCANNER))
    rows = sender_subjects(store, scope)
    assert len(rows) == 20
    assert rows.iloc[0][["message_subject", "message_count", "subject_count"]].tolist() == [
        "Scan 07", 2, 30,
    ]  # fmt: skip
    tables = {
        table["title"]: table
        for table in sender_details(store, Filters(), SCANNER, speak("nl"))["tables"]
    }
    title = "Onderwerpen, alle geladen dagen: de 20 meest voorkomende van 30"
    assert tables[title]["rows"]["message_subject"][0] == "Scan 07"
    load(REPORT + requested(0, "erp@contoso.com"))
    shown = sender_details(store, Filters(), "erp@contoso.com", speak("en"))
    assert not any("Subjects" in table["title"] for table in shown["tables"])


def test_a_hostile_subject_is_text_and_no_report_holds_one(store, load, tmp_path):
    load(TRACE + "".join(traced(n, text) for n, text in enumerate(IN_OTHER_FIELDS)))
    kept = store.sql("select message_subject from submissions order by sent_at")
    assert kept["message_subject"].tolist() == [text.strip() for text in IN_OTHER_FIELDS]
    shown = sender_details(store, Filters(), SCANNER, speak("en"))
    (table,) = (table for table in shown["tables"] if "Subjects" in table["title"])
    assert sorted(json.loads(json.dumps(table["rows"]["message_subject"]))) == sorted(
        kept["message_subject"]
    )
    page = str(fragments.sender_fragment(store, SCANNER))
    for text in IN_OTHER_FIELDS:
        assert text not in page or html.escape(text) == text
    assert "<svg/onload" not in page
    assert "alert(8)" in page
    report = build_report(store, Filters(), pseudonyms=Pseudonyms(b"a key of sixteen or more"))
    for form in ("html", "csv", "md"):
        output_forms.save(report, tmp_path / f"report.{form}")
        assert "HYPERLINK" not in (tmp_path / f"report.{form}").read_text()
