"""Who is new, gone or changed against the days before; and where that cannot be told."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from conftest import LOG, LOG_HEADER
from typer.testing import CliRunner

from smtpauth_kit import answers
from smtpauth_kit.answers.days_before import is_told
from smtpauth_kit.base.filters import Filters, filters
from smtpauth_kit.cli import app
from smtpauth_kit.views.changes import SENDER_CHANGES, changes_data, changes_finding
from smtpauth_kit.words.words import speak

NUMBERS = iter(range(10**6))
COMPARED = ("new-senders", "gone-senders", "changed-senders", "sender-changes")
TWO_DAYS = Filters(start=dt.date(2026, 11, 18), end=dt.date(2026, 11, 19))
"""The days before are the 16th and 17th; the 14th and 15th are loaded too."""


def sent(day: int, sender: str, count: int = 1, tls: str = "TLS1.2", auth: str = "OAuth") -> str:
    return "".join(
        f"2026-11-{day}T08:00:00Z,{sender}@contoso.com,b@x.example,<{next(NUMBERS)}>,{tls},,{auth}\n"
        for _ in range(count)
    )


STEADY = "".join(sent(day, "steady") for day in range(14, 20))


def ask(store, name, filters=TWO_DAYS):
    rows = answers.ask(store, name, filters).rows
    return rows.to_dict("records") if is_told(rows) else None


def day(number: int) -> dt.date:
    return dt.date(2026, 11, number)


def test_nobody_is_gone_of_a_tenant_that_neither_range_has_a_day_of(store, load):
    load(LOG_HEADER + sent(14, "left") + sent(14, "both"), tenant="alpha")
    load(LOG_HEADER + STEADY + sent(15, "both", 2), tenant="beta")
    (gone,) = ask(store, "gone-senders")
    assert gone["sender_address"] == "both@contoso.com"
    assert (gone["message_count"], gone["first_seen"]) == (2, day(15))
    changes = ask(store, "sender-changes")
    assert [(row["kind"], row["sender_address"]) for row in changes] == [
        ("gone", "both@contoso.com")
    ]


def test_of_another_zone_every_hour_of_both_ranges_must_be_loaded(store, load):
    evenings = "".join(
        f"2026-11-{n}T{hour}:00:00Z,{who}@contoso.com,b@x.example,<{n}{who}>,TLS1.2,,OAuth\n"
        for n in range(14, 20) for hour, who in (("02", "evening"), ("15", "noon"))
    )  # fmt: skip
    load(LOG_HEADER + evenings)
    # The evening of 19 November in New York lies in the UTC day after the last one loaded.
    asked = Filters(start=day(19), end=day(19), timezone="America/New_York")
    assert ask(store, "gone-senders", asked) is None
    asked = Filters(start=day(18), end=day(18), timezone="America/New_York")
    assert ask(store, "gone-senders", asked) == []
    asked = Filters(start=day(14), end=day(14), timezone="America/New_York")
    assert ask(store, "gone-senders", asked) is None
    for zone in ("America/New_York", "Pacific/Kiritimati"):
        for start, end in ((dt.date.max, dt.date.max), (dt.date(1, 1, 9), dt.date(1, 1, 12))):
            assert ask(store, "gone-senders", Filters(start=start, end=end, timezone=zone)) is None


def test_a_sender_is_new_whose_first_day_ever_loaded_is_in_the_range(store, load):
    load(
        LOG_HEADER + STEADY + sent(14, "back") + sent(18, "back")
        + sent(18, "new", 2, "TLS1.0", "Basic") + sent(19, "new") + sent(19, "later", 1, "", "")
    )  # fmt: skip
    assert ask(store, "new-senders") == [
        {
            "sender_address": "new@contoso.com", "sender_domain": "contoso.com",
            "message_count": 3, "basic_count": 2, "oauth_count": 1, "legacy_tls_count": 2,
            "none_tls_count": 0, "first_seen": day(18), "last_seen": day(19),
            "source": "submission_log",
        },
        {
            "sender_address": "later@contoso.com", "sender_domain": "contoso.com",
            "message_count": 1, "basic_count": None, "oauth_count": None,
            "legacy_tls_count": None, "none_tls_count": None,
            "first_seen": day(19), "last_seen": day(19), "source": "submission_log",
        },
    ]  # fmt: skip


def test_a_sender_is_gone_that_sent_on_any_day_before_and_not_in_the_range(store, load):
    load(LOG_HEADER + STEADY + sent(14, "gone", 4) + sent(16, "gone", 2) + sent(15, "once"))
    assert ask(store, "gone-senders") == [
        {
            "sender_address": "gone@contoso.com", "sender_domain": "contoso.com",
            "first_seen": day(14), "last_seen": day(16), "message_count": 6, "period_count": 2,
            "usual_count": 3.0, "source": "submission_log",
        },
        {
            "sender_address": "once@contoso.com", "sender_domain": "contoso.com",
            "first_seen": day(15), "last_seen": day(15), "message_count": 1, "period_count": 1,
            "usual_count": 1.0, "source": "submission_log",
        },
    ]  # fmt: skip


def test_a_sender_has_changed_whose_tls_authentication_or_volume_has(store, load):
    load(
        LOG_HEADER + STEADY
        + sent(16, "moved", 5, "TLS1.0", "Basic") + sent(18, "moved", 4, "TLS1.2", "OAuth")
        + sent(17, "louder", 10) + sent(19, "louder", 20)
        + sent(17, "a-little", 9) + sent(19, "a-little", 18)
        + sent(14, "old-tls", 3, "TLS1.0") + sent(16, "old-tls") + sent(18, "old-tls")
        + sent(16, "untold", 2, "", "") + sent(18, "untold", 2, "TLS1.0", "Basic")
    )  # fmt: skip
    rows = {row["sender_address"].partition("@")[0]: row for row in ask(store, "changed-senders")}
    assert {name: row["change"] for name, row in rows.items()} == {
        "louder": ["volume"],
        "moved": ["tls", "authentication"],
    }
    assert rows["moved"] == {
        "sender_address": "moved@contoso.com", "sender_domain": "contoso.com",
        "message_count_before": 5, "message_count": 4, "basic_count_before": 5, "basic_count": 0,
        "oauth_count_before": 0, "oauth_count": 4, "legacy_tls_count_before": 5,
        "legacy_tls_count": 0, "none_tls_count_before": 0, "none_tls_count": 0,
        "change": ["tls", "authentication"], "source": "submission_log",
    }  # fmt: skip


def test_the_three_stand_together_new_then_gone_then_changed(store, load):
    load(
        LOG_HEADER + STEADY + sent(18, "new", 2) + sent(16, "gone", 3) + sent(14, "gone")
        + sent(17, "louder", 10) + sent(19, "louder", 20)
    )  # fmt: skip
    rows = ask(store, "sender-changes")
    counts = ("message_count_before", "message_count", "change")
    assert [(row["kind"], row["sender_address"], *map(row.get, counts)) for row in rows] == [
        ("new", "new@contoso.com", 0, 2, []),
        ("gone", "gone@contoso.com", 3, 0, []),
        ("changed", "louder@contoso.com", 10, 20, ["volume"]),
    ]


def test_filters_are_held_to_the_days_in_which_a_sender_sent(store, load):
    load(
        LOG_HEADER + STEADY + sent(18, "new", 2, "TLS1.0") + sent(18, "modern")
        + sent(16, "gone", 3, "TLS1.0") + sent(16, "gone-modern")
    )  # fmt: skip
    legacy = filters(start="2026-11-18", end="2026-11-19", senders="tls_1_0_share > 50%")
    assert [r["sender_address"] for r in ask(store, "sender-changes", legacy)] == [
        "new@contoso.com", "gone@contoso.com",
    ]  # fmt: skip
    many = filters(start="2026-11-18", end="2026-11-19", where="message_count > 1")
    assert [r["sender_address"] for r in ask(store, "new-senders", many)] == ["new@contoso.com"]


@pytest.mark.parametrize("name", COMPARED)
def test_where_the_days_before_are_not_loaded_it_cannot_be_told(store, load, name):
    load(LOG_HEADER + sent(17, "a") + sent(18, "a") + sent(19, "b"))
    assert ask(store, name) is None, "the 16th is not loaded"
    assert ask(store, name, TWO_DAYS.changed(start=day(19))) is not None
    assert ask(store, name, TWO_DAYS.changed(end=day(20))) is None, "nor is the 20th"


def test_nobody_is_an_answer_and_is_told_from_what_cannot_be_told(store, load):
    load(LOG_HEADER + STEADY)
    assert [ask(store, name) for name in COMPARED] == [[], [], [], []]


def test_a_source_that_counts_as_much_and_has_the_days_before_answers_if_nobody_chose_one(
    store, load
):
    load(LOG_HEADER + STEADY + sent(18, "new"))
    load(
        "date_time_utc,source,event_id,connector_id,sender_address,message_id,recipient_address,"
        "network_message_id,custom_data\n"
        + "".join(
            f"2026-11-{d}T08:00:00Z,SMTP,RECEIVE,EX\\Client Proxy EX,{who}@contoso.com,<t{d}{who}>,"
            f"c@x.example,{d}{who},S:tlsversion=SP_PROT_TLS1_2_SERVER\n"
            for d, who in ((18, "steady"), (18, "new"), (19, "steady"))
        )
    )
    trace = TWO_DAYS.changed(source="extended_trace")
    assert ask(store, "new-senders", trace) is None
    (row,) = ask(store, "new-senders")
    assert (row["sender_address"], row["source"]) == ("new@contoso.com", "submission_log")
    assert answers.ask(store, "new-senders", TWO_DAYS).scope.source == "submission_log"


def test_a_sender_that_another_source_saw_before_is_not_new_and_one_it_sees_is_not_gone(
    store, load
):
    load(LOG_HEADER + STEADY + sent(16, "moved") + sent(18, "known"))
    load(
        "date_time_utc,source,event_id,connector_id,sender_address,message_id,recipient_address\n"
        "2026-11-10T08:00:00Z,SMTP,RECEIVE,EX\\Client Proxy EX,known@contoso.com,<a>,c@x.example\n"
        "2026-11-18T08:00:00Z,SMTP,RECEIVE,EX\\Client Proxy EX,moved@contoso.com,<b>,c@x.example\n"
    )
    log = TWO_DAYS.changed(source="submission_log")
    assert (ask(store, "new-senders", log), ask(store, "gone-senders", log)) == ([], [])


def test_report_periods_count_whole_and_never_twice(store, load):
    header = "Sender address,Message count\n"
    weeks = {1: "a@x.example,5\nold@x.example,4\n", 8: "a@x.example,5\nb@x.example,2\n"}
    for first, rows in weeks.items():
        load(header + rows, period=(day(first), day(first + 6)))
    load(header + "a@x.example,10\nold@x.example,4\nb@x.example,2\n", period=(day(1), day(14)))
    week = Filters(start=day(8), end=day(14))
    assert [r["sender_address"] for r in ask(store, "new-senders", week)] == ["b@x.example"]
    (gone,) = ask(store, "gone-senders", week)
    assert (gone["sender_address"], gone["message_count"], gone["last_seen"]) == (
        "old@x.example", 4, day(7),
    )  # fmt: skip
    assert ask(store, "changed-senders", week) == []


def test_the_command_line_prints_null_and_a_sentence_where_it_cannot_be_told(store, load):
    load(LOG)
    run = CliRunner().invoke
    printed = run(app, ["show", "new-senders", "--store", str(store.path), "--json"])
    assert (printed.exit_code, json.loads(printed.stdout)["rows"]) == (0, None)
    for form in ("table", "csv", "sql"):
        said = run(app, ["show", "new-senders", "--store", str(store.path), "--format", form])
        assert said.exit_code == 0
        assert ("It cannot be told: not every day" in said.output) is (form == "table")


def test_the_view_says_who_and_draws_a_dash_where_it_cannot_be_told(store, load):
    load(LOG_HEADER + STEADY + "".join(sent(18, f"new-{n}", 9 - n) for n in range(5)))
    scope = answers.settle_scope(store, TWO_DAYS)
    rows = SENDER_CHANGES.ask(store, scope)
    assert changes_finding(rows, speak("en")) == (
        "New: new-0@contoso.com, new-1@contoso.com, new-2@contoso.com and 2 more. "
        "Source: submission log."
    )
    assert changes_data(rows, scope, speak("nl"))[0] == {
        "place": [0, 1, 2], "kind": ["new", "gone", "changed"],
        "title": ["Nieuw", "Weg", "Veranderd"], "sender_count": [5, 0, 0], "text": ["5", "0", "0"],
    }  # fmt: skip
    table = SENDER_CHANGES.numbers(rows, speak("en"))["rows"]
    assert table["kind"] == ["New"] * 5 and table["message_count"] == [9, 8, 7, 6, 5]
    far = answers.settle_scope(store, TWO_DAYS.changed(start=day(14)))
    untold = SENDER_CHANGES.ask(store, far)
    assert changes_data(untold, far, speak("en"))[0]["text"] == ["–", "–", "–"]  # noqa: RUF001
    assert changes_finding(untold, speak("en")).startswith("Who is new, gone or changed cannot be")
    assert SENDER_CHANGES.numbers(untold, speak("en"))["rows"]["kind"] == []
