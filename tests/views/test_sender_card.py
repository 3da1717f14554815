"""What is known of one sender: of the days shown, and of all days loaded."""

from __future__ import annotations

import datetime as dt

import pytest
from conftest import LOG_HEADER

from smtpauth_kit import answers
from smtpauth_kit.answers.senders_page import senders_page
from smtpauth_kit.base.filters import Filters, filters
from smtpauth_kit.reports import fragments
from smtpauth_kit.screens.sender_details import sender_details
from smtpauth_kit.views.notes import notes
from smtpauth_kit.words.words import speak

LOG = LOG_HEADER + "".join(
    f"{day}T08:00:00Z,{who}@contoso.com,b@x.example,<{n}@x>,TLS1.{tls},{ip},Basic\n"
    for n, (day, who, tls, ip) in enumerate(
        (
            ("2026-10-05", "scanner", 0, "192.0.2.1"),
            ("2026-10-05", "scanner", 0, "192.0.2.1"),
            ("2026-11-12", "scanner", 2, "192.0.2.9"),
            ("2026-11-20", "scanner", 2, "192.0.2.9"),
            ("2026-11-21", "erp", 2, "192.0.2.40"),
        )
    )
)
SIGN_INS = (
    "Date (UTC),Username,Application,Client app,Status,Sign-in error code,IP address,Location,"
    "Autonomous system number\n"
    "2026-09-01T10:00:00Z,scanner@contoso.com,Office 365 Exchange Online,Authenticated SMTP,"
    'Failure,50126,198.51.100.7,"Lagos, Lagos, NG",64500\n'
    "2026-11-20T10:00:00Z,scanner@contoso.com,Office 365 Exchange Online,Authenticated SMTP,"
    'Success,0,192.0.2.9,"Utrecht, Utrecht, NL",64501\n'
)
EN = speak("en")
WEEK = Filters(start=dt.date(2026, 11, 16), end=dt.date(2026, 11, 22))


def day(month: int, number: int) -> dt.date:
    return dt.date(2026, month, number)


def test_first_and_last_seen_ever_stand_beside_those_of_the_range(store, load):
    load(LOG)
    names = ["sender_address", "first_seen", "last_seen", "first_seen_ever", "last_seen_ever"]
    expected = [
        ["erp@contoso.com", day(11, 21), day(11, 21), day(11, 21), day(11, 21)],
        ["scanner@contoso.com", day(11, 20), day(11, 20), day(10, 5), day(11, 20)],
    ]
    assert answers.ask(store, "senders", WEEK).rows[names].values.tolist() == expected
    page = senders_page(store, answers.settle_scope(store, WEEK), sort="first_seen_ever")
    assert page.rows[names].values.tolist() == expected
    one = answers.ask(store, "sender", WEEK.changed(sender="Scanner@contoso.com")).rows.iloc[0]
    assert (one.first_seen, one.first_seen_ever, one.message_count) == (day(11, 20), day(10, 5), 1)


@pytest.mark.parametrize("narrowed", [{}, {"domain": "contoso.com"}, {"timezone": "Asia/Tokyo"}])
@pytest.mark.parametrize("column", ["first_seen", "first_seen_ever"])
def test_a_condition_on_first_seen_means_all_days_loaded(store, load, column, narrowed):
    load(LOG)
    asked = {"start": "2026-11-16", "end": "2026-11-22", **narrowed}
    new = filters(senders=f"{column} >= 2026-11-16", **asked)
    assert answers.ask(store, "senders", new).rows.sender_address.tolist() == ["erp@contoso.com"]
    where = filters(where=[f"{column} >= 2026-11-16"], **asked)
    assert answers.ask(store, "senders", where).rows.sender_address.tolist() == ["erp@contoso.com"]


@pytest.mark.parametrize("source", ["auto", "submission_log"])
def test_first_and_last_seen_ever_are_of_every_source_loaded(store, load, source):
    load(LOG)
    load("Sender address,Messages sent\nscanner@contoso.com,7\n", period=(day(8, 3), day(8, 9)))
    load("Sender address,Messages sent\nerp@contoso.com,9\n", period=(day(11, 23), day(11, 29)))
    of_log = WEEK.changed(source=source)
    rows = answers.ask(store, "senders", of_log).rows.set_index("sender_address")
    assert rows[["first_seen_ever", "last_seen_ever"]].T.to_dict("list") == {
        "erp@contoso.com": [day(11, 21), day(11, 29)],
        "scanner@contoso.com": [day(8, 3), day(11, 20)],
    }
    page = senders_page(store, answers.settle_scope(store, of_log), sort="first_seen_ever").rows
    assert page["first_seen_ever"].tolist() == [day(11, 21), day(8, 3)]
    new = filters(
        senders="first_seen >= 2026-09-01", source=source, start="2026-11-16", end="2026-11-22"
    )
    for name in ("senders", "readiness"):
        assert answers.ask(store, name, new).rows.sender_address.tolist() == ["erp@contoso.com"]


def test_the_card_shows_all_days_loaded_with_the_range_marked(store, load):
    load(LOG)
    shown = sender_details(store, WEEK, "scanner@contoso.com", EN)
    assert shown["finding"] == (
        "1 message in the days shown (Nov 16, 2026 to Nov 22, 2026); "
        "4 messages on all days loaded (submission log: Oct 5, 2026 to Nov 20, 2026)."
    )
    assert shown["days"]["period_start"] == ["2026-10-05", "2026-11-12", "2026-11-20"]
    assert shown["days"]["message_count"] == [2, 1, 1]
    values = shown["trends"][0]["values"]
    assert (values["first_day"], values["last_day"]) == ("2026-10-05", "2026-11-21")
    assert values["asked"] == ["2026-11-16", "2026-11-22"]
    everything = filters(start="2026-10-05", end="2026-11-21")
    whole = sender_details(store, everything, "scanner@contoso.com", EN)
    assert whole["trends"][0]["values"]["asked"] is None


def test_the_card_has_no_field_for_what_a_sender_did_not_use(store, load):
    load(LOG)
    shown = sender_details(store, WEEK, "scanner@contoso.com", EN)
    assert [field["title"] for field in shown["fields"]] == [
        "Sender address", "Sender domain", "Message count in the days shown", "TLS 1.2", "Basic auth", "First seen",
        "Last seen", "Client IP addresses", "Mailbox setting",
    ]  # fmt: skip


def test_clients_are_listed_newest_first_with_where_they_are_and_failures_apart(store, load):
    load(LOG)
    load(SIGN_INS)
    clients = sender_details(store, WEEK, "scanner@contoso.com", EN)["tables"][0]
    assert clients["title"] == "Client IP addresses, all days loaded"
    assert [column["title"] for column in clients["columns"]] == [
        "Client IP", "Country", "Network", "First seen", "Last seen", "Messages",
        "Successful sign-ins", "Failed sign-ins", "Timeline",
    ]  # fmt: skip
    # Sep 1 to Nov 20 are 81 days in 24 pieces: Oct 5 is day 34, in the 11th of them.
    used = ["·" * 21 + "■·■", "·" * 10 + "■" + "·" * 13]
    failed = "✕" + "·" * 23
    assert list(zip(*clients["rows"].values(), strict=True)) == [
        ("192.0.2.9", ["NL"], ["64501"], "2026-11-12", "2026-11-20", 2, 1, 0, used[0]),
        ("192.0.2.1", [], [], "2026-10-05", "2026-10-05", 2, None, None, used[1]),
        ("198.51.100.7", ["NG"], ["64500"], "2026-09-01", "2026-09-01", None, 0, 1, failed),
    ]
    html = fragments.sender_fragment(store, "scanner@contoso.com", WEEK)
    assert html.index("192.0.2.9<") < html.index("192.0.2.1<") < html.index("198.51.100.7<")


def test_clients_of_sign_ins_on_no_day_of_a_message_are_listed_too(store, load):
    load(
        LOG.splitlines(keepends=True)[0]
        + LOG.splitlines(keepends=True)[-1].replace("erp", "scanner")
    )
    load(SIGN_INS)
    clients = sender_details(store, WEEK, "scanner@contoso.com", EN)["tables"][0]["rows"]
    named = ("client_ip", "first_seen", "message_count", "success_count", "failure_count")
    assert list(zip(*(clients[name] for name in named), strict=True)) == [
        ("192.0.2.40", "2026-11-21", 1, None, None),
        ("192.0.2.9", "2026-11-20", None, 1, 0),
        ("198.51.100.7", "2026-09-01", None, 0, 1),
    ]


def test_sign_ins_of_senders_with_so_many_messages_say_whose_messages_those_are(store, load):
    load(SIGN_INS)
    range_ = Filters(start=day(9, 1), end=day(11, 30), min_messages=4)
    asked = answers.ask(store, "sign-ins", range_)
    assert (len(asked.rows), notes(asked.scope, EN)[:3]) == (0, [
        "Filters: senders with at least 4 messages.", "Source: sign-in log.",
        "No messages are loaded for these days, so no sender meets the condition.",
    ])  # fmt: skip
    load(LOG)
    asked = answers.ask(store, "sign-ins", range_)
    assert asked.rows["attempt_count"].tolist() == [2]
    assert notes(asked.scope, speak("nl"))[:3] == [
        "Filters: afzenders met minstens 4 berichten.", "Bron: aanmeldingslogboek.",
        "Berichten van afzenders zijn die van: verzendlogboek.",
    ]  # fmt: skip
    assert "Messages of senders" not in str(
        notes(answers.ask(store, "sign-ins", range_.changed(min_messages=0)).scope, EN)
    )
