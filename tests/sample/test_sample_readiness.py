"""Readiness and reconciliation of the sample story: every figure equal to its ledger."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

import pytest

from smtpauth_kit import answers
from smtpauth_kit.answers.readiness import kept
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.sample import NOTES, make_ledger, story
from smtpauth_kit.sample import ledger as book

LEDGER = make_ledger()
LOG = LEDGER.seen_by("submission_log")
DAY = dt.timedelta(days=1)
MINE: dict = defaultdict(list)
for each in LOG:
    MINE[each.sender_address].append(each)


@pytest.fixture(scope="module")
def said(sample_store):
    """The sample in a store, with what the story's people said of senders, until the last test."""
    store = sample_store
    kept.keep(store, {sender: vars(note) for sender, note in NOTES.items()})
    yield store
    kept.keep(store, {sender: dict.fromkeys(vars(note)) for sender, note in NOTES.items()})


def rows_of(store, name, filters=ALL):
    return answers.ask(store, name, filters).rows.to_dict("records")


def is_legacy(message):
    return message.tls_version in ("1.0", "1.1")


def breaking(messages):
    """Which of a sender's last 30 days' messages will be refused: codes of readiness."""
    end = max(story.LAST_DAY - 29 * DAY, dt.date.min)
    recent = [m for m in messages if m.day >= end]
    last = messages[-1].day
    recent = recent or [m for m in messages if m.day > last - 30 * DAY]
    codes = []
    if any(m.auth_protocol == "basic" for m in recent):
        codes.append("basic_off")
    if any(map(is_legacy, recent)):
        codes.append("legacy_tls_refused")
    if any(m.tls_version == "none" for m in recent):
        codes.append("cleartext_refused")
    boxes = {b.address: b.smtp_auth_disabled for b in LEDGER.mailboxes}
    if any(boxes[m.account] for m in messages):
        codes.append("switch_blocked")
    return codes


def last_day(messages, is_one):
    return max((m.day for m in messages if is_one(m)), default=None)


def test_readiness_equals_the_ledger_in_every_figure(said):
    rows = rows_of(said, "readiness")
    at_stake = {
        sender
        for sender, mine in MINE.items()
        if any(m.auth_protocol == "basic" or is_legacy(m) or m.tls_version == "none" for m in mine)
    }
    assert {row["sender_address"] for row in rows} == at_stake and len(rows) == len(at_stake)
    for row in rows:
        mine = MINE[row["sender_address"]]
        told = {name: row[name] for name in (
            "message_count", "basic_count", "oauth_count", "unknown_auth_count", "first_seen",
            "last_seen", "last_basic", "last_legacy_tls", "active_days", "client_ip_count", "breaks",
        )}  # fmt: skip
        assert told == {
            "message_count": len(mine),
            "basic_count": sum(m.auth_protocol == "basic" for m in mine),
            "oauth_count": sum(m.auth_protocol == "oauth" for m in mine),
            "unknown_auth_count": 0,
            "first_seen": mine[0].day,
            "last_seen": mine[-1].day,
            "last_basic": last_day(mine, lambda m: m.auth_protocol == "basic"),
            "last_legacy_tls": last_day(mine, is_legacy),
            "active_days": len({m.day for m in mine}),
            "client_ip_count": len({m.client_ip for m in mine}),
            "breaks": breaking(mine),
        }, row["sender_address"]
        if mine[0].tls_version != "unknown":
            assert row["legacy_tls_count"] == sum(map(is_legacy, mine))
            assert row["none_tls_count"] == sum(m.tls_version == "none" for m in mine)


def test_rare_jobs_and_exceptions_stand_where_nobody_can_miss_them(said):
    answer = answers.ask(said, "readiness", ALL)
    rows = answer.rows.to_dict("records")
    # Past the day until which it was accepted; then what is silent until it matters.
    first = [row["sender_address"].partition("@")[0] for row in rows[:4]]
    assert first == ["hr_app", "pensionfund", "firealarm", "payroll"]
    told = {row["sender_address"]: (row["rhythm"], str(row["next_expected"])) for row in rows}
    for sender, rhythm, day in (
        ("pensionfund@fabrikam.com", "quarterly", "2027-02-15"),
        ("payroll@contoso.com", "monthly", "2026-11-30"),
        ("firealarm@contoso.com", "irregular", "None"),
        ("scan@contoso.com", "weekly", "2026-11-24"),
        ("newsletter@contoso.org", "weekly", "2026-11-24"),
        ("quarterly@fabrikam.com", "once", "None"),
    ):
        assert told[sender] == (rhythm, day)
    # The accepted one that still may stay is behind all that may not.
    assert [row["sender_address"] for row in rows if not row["moved"]][-1].startswith("fax-gateway")
    exceptions = {each["sender_address"]: each for each in answer.beside["exceptions"]}
    assert {name: (str(e["until"]), e["is_over"]) for name, e in exceptions.items()} == {
        "hr_app@contoso.org": ("2026-11-13", True),
        "fax-gateway@contoso.org": ("2026-12-18", False),
    }
    assert all(e["said_by"] and "Agreed with" in e["note"] for e in exceptions.values())
    assert "accepted: hr_app@contoso.org." in str(answer.beside["statement"])
    # Past its day it is a finding, too: no rule's, for no export says what people said.
    over = answers.ask(said, "findings", ALL).beside["exceptions_over"]
    assert over == [exceptions["hr_app@contoso.org"]]
    others = answers.ask(said, "findings", Filters(domains=("fabrikam.com",))).beside
    assert others["exceptions_over"] == []


def test_the_switch_off_stops_the_same_senders_and_names_the_day_of_the_quarterly_job(said):
    rows = rows_of(said, "switch-off")
    basic = {sender: mine for sender, mine in MINE.items() if "basic_off" in breaking(mine)}
    assert {row["sender_address"] for row in rows} == set(basic)
    for row in rows:
        assert row["messages_per_week"] == pytest.approx(
            7 * len(basic[row["sender_address"]]) / 100, abs=0.06
        )
    missed = {row["sender_address"]: str(row["first_missed"]) for row in rows}
    assert missed["pensionfund@fabrikam.com"] == "2027-02-15"
    assert missed["payroll@contoso.com"] == "2026-12-31"


def test_burn_down_equals_the_ledger_week_by_week(said):
    weeks: dict = defaultdict(list)
    for message in LOG:
        weeks[message.day - message.day.weekday() * DAY].append(message)
    rows = rows_of(said, "burn-down")
    assert [row["week_start"] for row in rows] == sorted(weeks)
    for row in rows:
        sent = weeks[row["week_start"]]
        basic = [m for m in sent if m.auth_protocol == "basic"]
        legacy = [m for m in sent if is_legacy(m)]
        assert row == {
            "week_start": row["week_start"],
            "week_end": row["week_start"] + 6 * DAY,
            "is_complete": row["week_start"] >= story.FIRST_DAY,
            "basic_sender_count": len({m.sender_address for m in basic}),
            "basic_message_count": len(basic),
            "legacy_tls_sender_count": len({m.sender_address for m in legacy}),
            "legacy_tls_message_count": len(legacy),
            "sender_count": len({m.sender_address for m in sent}),
            "message_count": len(sent),
        }


def test_the_one_that_went_quiet_is_told_with_what_changed_on_that_day(said):
    (row,) = rows_of(said, "went-quiet")
    assert (row["sender_address"], row["rhythm"]) == ("intake@fabrikam.com", "weekdays")
    assert (row["last_seen"], row["expected_on"]) == (dt.date(2026, 11, 6), dt.date(2026, 11, 9))
    # Closed on 9 November: its mailbox is blocked, and six sign-ins were refused since.
    assert (row["changed"], row["allowed"]) == (["switch", "failed_sign_ins"], "blocked")
    refused = [a for a in LEDGER.seen_sign_ins() if a.account == "intake@fabrikam.com"]
    assert row["failed_sign_in_count"] == sum(not a.success for a in refused) == 6
    assert (row["error_codes"], row["message_count"]) == (["53003"], 60)


def test_four_devices_send_as_one_scanner(said):
    rows = rows_of(said, "devices", Filters(sender="scan@contoso.com"))
    truth = Counter((m.client_ip, m.tls_version, m.tls_cipher) for m in MINE["scan@contoso.com"])
    assert {
        (r["client_ip"], r["tls_version"], r["tls_cipher"]): r["message_count"] for r in rows
    } == truth
    assert len(rows) == 4 and sorted(hour for row in rows for hour in row["hours"]) == [
        8,
        10,
        13,
        16,
    ]
    agents = {row["client_ip"]: row["user_agents"] for row in rows}
    assert agents == {"192.0.2.80": ["BAV2ROPC"], "192.0.2.81": ["BAV2ROPC", "CBAInPROD"]}


PLANTED = {
    ("fax-gateway@contoso.org", "2026-09-14"): ("recipients_not_messages", 2),
    ("noreply@fabrikam.com", "2026-08-17"): ("send_as", 2),
    ("orders@fabrikam.com", "2026-08-17"): ("send_as", 2),
    ("backup@contoso.com", "2026-11-02"): ("source_cannot_see", 1),
    ("newsletter@contoso.org", "2026-11-09"): ("cut_export", 382),
    ("newsletter@contoso.org", "2026-10-19"): ("days_not_covered", 372),
    ("quality@fabrikam.com", "2026-10-26"): ("unknown", 0),
    ("events@contoso.org", "2026-11-09"): ("not_accepted", 0),
}
"""By sender and Monday: a reason that the story plants there, and how much it explains."""


def test_reconciliation_equals_the_ledger_and_gives_the_reasons_of_the_story(said):
    seen = {source: LEDGER.seen_by(source) for source in
            ("requested_report", "extended_trace", "report", "submission_log")}  # fmt: skip
    counted: dict = defaultdict(Counter)
    for source, messages in seen.items():
        for m in messages:
            counted[m.sender_address, m.day - m.day.weekday() * DAY][source] += 1
    speaking = {
        week[0]: {source for source, messages in seen.items()
                  if any(week[0] <= m.day <= week[1] for m in messages)}
        for week in book.report_weeks()
    }  # fmt: skip
    rows = {(r["sender_address"], r["period_start"]): r for r in rows_of(said, "reconciliation")}
    truth = {key: counts for key, counts in counted.items() if key[1] in speaking}
    assert set(rows) == set(truth)
    for (sender, week), row in rows.items():
        counts = {source: truth[sender, week][source] for source in speaking[week]}
        assert row["counts"] == counts
        assert row["difference"] == max(counts.values()) - min(counts.values())
        unexplained = 2 if (sender, str(week)) == ("quality@fabrikam.com", "2026-10-26") else 0
        assert row["unexplained"] == unexplained
    reasons = {(sender, str(week)): {r["code"]: r["explains"] for r in row["reasons"]}
               for (sender, week), row in rows.items()}  # fmt: skip
    for key, (code, explains) in PLANTED.items():
        assert reasons[key][code] == explains, key
    # A report of Sunday morning lacks the rest of it; that of another week was exported again.
    late = {key for key, codes in reasons.items() if "report_lag" in codes}
    assert late == {(m.sender_address, "2026-11-02") for m in LOG if book.is_too_late(m)}
    renewed = {key for key, codes in reasons.items() if "superseded_report" in codes}
    assert renewed == {
        (m.sender_address, "2026-10-12") for m in LOG if book.is_too_late(m, book.RENEWED_WEEK)
    }
    assert {code for codes in reasons.values() for code in codes} == {
        "same", "sessions_not_messages", "report_lag", "superseded_report",
        *(code for code, _ in PLANTED.values()),
    }  # fmt: skip
