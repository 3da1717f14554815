"""Burn-down, switch-off, went-quiet, never-seen: worlds worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from readiness_worlds import DAY, END, Sent, day, every_day, working_days

from smtpauth_kit import answers
from smtpauth_kit.answers.readiness import kept
from smtpauth_kit.base.errors import KitError, UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.hearing import heard_by

SIGN_INS = (
    "Date (UTC),Request ID,User agent,User,Username,IP address,Location,Status,"
    "Sign-in error code,Failure reason,Client app\n"
)


@pytest.fixture
def world(store, load) -> Sent:
    return Sent(store, load)


def sign_in(at: str, account: str, code: int) -> str:
    status = "Failure" if code else "Success"
    return (
        f"{at}T09:00:00Z,r{at}{account}{code},,x,{account},192.0.2.9,NL,{status},{code},,"
        "Authenticated SMTP\n"
    )


# --- burn-down --------------------------------------------------------------------------------


def test_weeks_are_whole_or_say_so_and_unknown_is_not_basic(world):
    world.sent("a", [day("11-04")]).sent("a", [day("11-04")], auth="", count=2)
    world.sent("b", [day("11-09")], tls="TLS1.1", auth="OAuth").sent("b", [day("11-15")], count=3)
    world.sent("c", [day("11-16")], auth="", tls="")
    assert world.rows("burn-down") == [
        {
            "week_start": day("11-02"), "week_end": day("11-08"), "is_complete": False,
            "basic_sender_count": 1, "basic_message_count": 1, "legacy_tls_sender_count": 0,
            "legacy_tls_message_count": 0, "sender_count": 1, "message_count": 3,
        },
        {
            "week_start": day("11-09"), "week_end": day("11-15"), "is_complete": True,
            "basic_sender_count": 1, "basic_message_count": 3, "legacy_tls_sender_count": 1,
            "legacy_tls_message_count": 1, "sender_count": 1, "message_count": 4,
        },
        {
            "week_start": day("11-16"), "week_end": day("11-22"), "is_complete": False,
            "basic_sender_count": None, "basic_message_count": None,
            "legacy_tls_sender_count": None, "legacy_tls_message_count": None,
            "sender_count": 1, "message_count": 1,
        },
    ]  # fmt: skip


def test_a_week_without_a_message_is_zero_where_it_is_loaded_and_unknown_where_it_is_not(world):
    world.sent("a", [day("10-26"), day("11-15")]).loaded()
    world.sent("a", [day("11-30") - 40 * DAY]).loaded()
    told = {
        row["week_start"]: (row["is_complete"], row["message_count"])
        for row in world.rows("burn-down")
    }
    assert told == {
        day("10-19"): (False, 1),
        day("10-26"): (True, 1),
        day("11-02"): (True, 0),
        day("11-09"): (True, 1),
    }
    # A range that cuts a week makes it no whole one.
    cut = world.rows("burn-down", Filters(start=day("11-03")))
    assert [row["is_complete"] for row in cut] == [False, True]
    assert cut[0]["week_start"] == day("11-02")


def test_a_gap_between_files_is_no_week_without_mail(world):
    world.sent("a", [day("09-07")]).loaded()
    world.sent("a", [day("09-21")]).loaded()
    rows = world.rows("burn-down")
    assert [(row["message_count"], row["basic_sender_count"]) for row in rows] == [
        (1, 1), (None, None), (1, 1),
    ]  # fmt: skip


def test_a_report_counts_in_the_week_that_it_lies_in_and_longer_ones_in_none(world, load):
    text = "Sender address,Authentication Protocol,Messages sent\na@contoso.com,Basic auth,{}\n"
    load(text.format(7), period=(day("11-09"), day("11-15")))
    load(text.format(9), period=(day("11-16"), day("11-22")))
    load(text.format(30), period=(day("10-01"), day("11-08")))
    rows = world.rows("burn-down")
    assert [(r["week_start"], r["is_complete"], r["basic_message_count"]) for r in rows] == [
        (day("11-09"), True, 7), (day("11-16"), True, 9),
    ]  # fmt: skip
    assert world.ask("burn-down").beside["projected_senders_left"] == 1
    # That nobody went quiet cannot be said of counts of weeks.
    assert world.ask("went-quiet").beside["untold_count"] == 1


def test_reports_that_tell_authentication_count_before_a_longer_one_that_does_not(world, load):
    text = "Sender address,Authentication Protocol,Messages sent\na@contoso.com,Basic auth,{}\n"
    load(text.format(10), period=(day("11-09"), day("11-15")))
    load(text.format(20), period=(day("11-16"), day("11-22")))
    load("Sender address,Messages sent\na@contoso.com,30\n", period=(day("11-09"), day("11-22")))
    assert [row["basic_message_count"] for row in world.rows("burn-down")] == [10, 20]
    (row,) = world.rows("readiness")
    assert (row["basic_count"], row["breaks"]) == (30, ["basic_off"])


def test_a_few_quiet_days_are_no_pace(world):
    world.sent("daily", every_day(day("09-01"), day("11-19")))
    world.sent("workdays", working_days(day("09-01"), day("11-20")))
    world.sent("stays", every_day(day("09-01")), auth="OAuth")
    assert world.ask("burn-down").beside["projected_senders_left"] == 2
    assert [len(row["breaks"]) for row in world.rows("readiness")] == [1, 1]


def test_a_sender_has_stopped_after_a_quiet_of_two_of_its_own_cycles(world):
    start = day("06-01")
    # Eight weeks before the end are from 28 September on; 39 days are left to 31 December.
    for number, until in enumerate(("09-20", "10-04", "10-11", "10-18", "11-01")):
        world.sent(f"moved{number}", every_day(start, day(until)))
        world.sent(f"moved{number}", every_day(day(until) + DAY), auth="OAuth")
    for number in range(6):
        world.sent(f"stays{number}", every_day(start))
    world.sent("monthly", [day(text) for text in ("06-30", "07-31", "08-31", "09-30", "10-30")])
    world.sent("quarterly", [day("07-01"), day("10-01")]).sent("once", [day("06-10")])
    world.sent("justleft", every_day(start, day("11-20")))
    world.sent("justleft", every_day(day("11-21")), auth="OAuth")
    weekly = [each for each in every_day(start) if each.weekday() == 1]
    world.sent("weekly", weekly[:-1]).sent("weekly-gone", weekly[:-3])
    beside = world.ask("burn-down").beside
    # Left: 6, monthly, quarterly, once, justleft (2 days of daily), weekly (12 days of 7).
    # Moved in eight weeks: 4 of the 5, and weekly-gone (last on 3 November); 5 * 39 // 56 = 3.
    assert beside == {
        "retirement_date": dt.date(2026, 12, 31),
        "projected_senders_left": 8,
        "statement": "Senders on Basic auth on 2026-11-22: 11; in the 56 days before, 5 stopped "
        "using it. At this pace 8 remain on 2026-12-31.",
    }


def test_the_day_of_retirement_is_of_the_settings_the_environment_or_the_file(
    world, monkeypatch, tmp_path
):
    world.sent("a", every_day(day("11-16")))

    def told() -> tuple[dt.date, str]:
        beside = world.ask("burn-down").beside
        return beside["retirement_date"], beside["statement"]

    usual, text = told()
    assert usual == dt.date(2026, 12, 31)
    assert text == (
        "Senders on Basic auth on 2026-11-22: 1. Of 7 days no pace can be told; if nobody moves, 1 "
        "remain on 2026-12-31."
    )
    file = tmp_path / "smtpauth.toml"
    file.write_text("[readiness]\nretirement_date = 2027-03-01\n")
    assert told()[0] == dt.date(2027, 3, 1)
    monkeypatch.setenv("SMTPAUTH_RETIREMENT_DATE", "2027-02-01")
    assert told()[0] == dt.date(2027, 2, 1)
    kept.keep_retirement_date(world.store, day("11-20"))
    assert told() == (
        day("11-20"),
        "Basic auth was to go on 2026-11-20; senders that still use it on 2026-11-22: 1.",
    )
    kept.keep_retirement_date(world.store, None)
    monkeypatch.setenv("SMTPAUTH_RETIREMENT_DATE", "soon")
    with pytest.raises(UsageError, match="'soon' is not a day"):
        told()
    monkeypatch.delenv("SMTPAUTH_RETIREMENT_DATE")
    file.write_text("[readiness]\nretirement_date = 5\n")
    with pytest.raises(KitError, match=r"retirement_date = 2026-12-31"):
        told()


# --- switch-off -------------------------------------------------------------------------------


def test_a_switch_off_tells_who_stops_with_the_numbers_of_readiness(world, load):
    weeks = every_day(day("11-09"))
    world.sent("scanner", weeks, tls="TLS1.0").sent("app", weeks, auth="OAuth", tls="None")
    world.sent("untold", weeks, auth="").sent("fine", weeks, auth="OAuth")
    world.sent("own", weeks).sent("monthly", [])
    world.loaded()
    cas = "PrimarySmtpAddress,SmtpClientAuthenticationDisabled\n"
    load(
        cas + "fine@contoso.com,\nown@contoso.com,False\nscanner@contoso.com,\n", period=(END, END)
    )
    load("SmtpClientAuthenticationDisabled,AllowLegacyTLSClients\nFalse,False\n", period=(END, END))
    kept.keep(
        world.store, {"scanner@contoso.com": {"due_date": "2027-01-15", "owner": "Facilities"}}
    )

    def stopping(*off: str) -> dict[str, tuple[list[str], bool]]:
        rows = world.by_sender("switch-off", Filters(off=off))
        return {name: (row["stops_by"], row["is_certain"]) for name, row in rows.items()}

    assert stopping() == stopping("basic") == {
        "scanner": (["basic"], True), "own": (["basic"], True), "untold": (["basic"], False),
    }  # fmt: skip
    assert stopping("no_tls", "legacy_tls") == {
        "scanner": (["legacy_tls"], True), "app": (["no_tls"], True),
    }  # fmt: skip
    # Its own setting keeps a mailbox on; of those that are not exported it is not known.
    assert stopping("switch") == {
        "scanner": (["switch"], True), "fine": (["switch"], True),
        "app": (["switch"], False), "untold": (["switch"], False),
    }  # fmt: skip
    answer = world.ask("switch-off", Filters(on=day("12-05")))
    scanner = next(r for r in answer.rows.to_dict("records") if r["owner"] == "Facilities")
    readiness = world.by_sender()["scanner"]
    assert scanner == {
        "sender_address": "scanner@contoso.com", "sender_domain": "contoso.com",
        "stops_by": ["basic"], "is_certain": True, "messages_per_week": 7.0, "rhythm": "daily",
        "first_missed": day("12-05"), "way_out": readiness["way_out"], "owner": "Facilities",
        "state": "open", "due_date": dt.date(2027, 1, 15), "is_due_later": True,
        "source": "submission_log", "tenant": "",
    }  # fmt: skip
    assert answer.beside == {
        "off": ["basic"], "on": day("12-05"), "sender_count": 2, "messages_per_week": 14.0,
        "uncertain_count": 1, "due_later": ["scanner@contoso.com"],
        "ways_out": [
            {"way_out": "oauth", "sender_count": 2, "messages_per_week": 14.0},
            {"way_out": "connector_relay", "sender_count": 1, "messages_per_week": 7.0},
        ],
        "statement": "Senders that stop on 2026-12-05: 2, with 14 messages a week; that may stop: "
        "1. Due after that day: 1.",
    }  # fmt: skip
    with pytest.raises(UsageError, match=r"'tls'\. Expected basic, legacy_tls, no_tls, switch"):
        stopping("tls")


@pytest.mark.parametrize(
    ("basic", "a_week", "said"),
    # Over 28 days: one message is 0.25 a week, which is not none; 42 are 10.5, so 11.
    [(1, 0.2, "less than 1 message"), (42, 10.5, "11 messages")],
)
def test_what_stops_is_never_said_to_be_no_messages(load, world, basic, a_week, said):
    header = "Sender address,Message count,Authentication Protocol\n"
    rows = f"job@contoso.com,{basic},Basic auth\nown@contoso.com,9,OAuth\n"
    load(header + rows, period=(dt.date(2026, 11, 2), dt.date(2026, 11, 29)))
    beside = world.ask("switch-off", Filters()).beside
    assert beside["messages_per_week"] == a_week
    assert beside["statement"].startswith(f"Senders that stop on 2026-12-31: 1, with {said} a week")
    # What a filter leaves out is loaded all the same.
    for answer in ("readiness", "switch-off"):
        elsewhere = world.ask(answer, Filters(domains=("fabrikam.com",))).beside["statement"]
        assert elsewhere == "No messages are loaded of these days with these filters."


# --- went quiet -------------------------------------------------------------------------------


def test_who_was_due_and_sent_nothing_is_told_with_what_changed(world, load):
    start = day("06-01")
    world.sent("steady", every_day(start)).sent("silent", every_day(start, day("11-10")))
    world.sent("changed", every_day(start, day("11-08")))
    world.sent("changed", [day("11-09")], tls="TLS1.3", auth="OAuth")
    world.sent("weekend", working_days(start, day("11-20")))
    world.sent("ontime", [day(text) for text in ("06-30", "07-31", "08-31", "09-30", "10-30")])
    world.sent("late", [day(text) for text in ("06-30", "07-31", "08-31", "09-30")])
    world.sent("pension", [day("06-10"), day("08-03"), day("11-02")])
    world.sent("quarter", [day("06-01"), day("08-31")]).sent("once", [day("07-01")])
    world.loaded()
    load(
        SIGN_INS + sign_in("2026-11-09", "changed@contoso.com", 0)
        + sign_in("2026-11-10", "changed@contoso.com", 50126)
        + sign_in("2026-11-11", "changed@contoso.com", 535)
        + sign_in("2026-11-08", "changed@contoso.com", 50053)
    )  # fmt: skip
    cas = "PrimarySmtpAddress,SmtpClientAuthenticationDisabled\nsilent@contoso.com,True\n"
    load(cas, period=(END, END))
    answer = world.ask("went-quiet")
    told = {
        row["sender_address"].partition("@")[0]: (
            row["rhythm"], row["expected_on"], row["quiet_days"], row["changed"],
            row["failed_sign_in_count"], row["error_codes"],
        )
        for row in answer.rows.to_dict("records")
    }  # fmt: skip
    assert told == {
        "silent": ("daily", day("11-11"), 12, ["switch"], 0, []),
        "changed": (
            "daily", day("11-10"), 13, ["tls", "authentication", "failed_sign_ins"], 2,
            ["50126", "535"],
        ),
        "late": ("monthly", day("10-31"), 53, [], 0, []),  # The last day of each month.
    }  # fmt: skip
    assert list(told) == ["silent", "changed", "late"]
    assert answer.beside["statement"] == (
        "Senders that were due and sent nothing since: 3; of them monthly or quarterly jobs: 1. Not "
        "told, for their source counts no days: 0."
    )
    # The pause before is no quiet where no file covers it: of the days loaded, only.
    early = world.ask("went-quiet", Filters(end=day("11-11"))).rows
    assert "silent@contoso.com" not in early["sender_address"].tolist()


def test_a_quarterly_job_that_did_not_run_is_told_three_days_after(world):
    # Of 1 July and 1 October, with a log that goes on.
    world.sent("pension", [dt.date(2026, 4, 1), day("07-01")])
    world.sent("steady", every_day(dt.date(2026, 4, 1)))
    for end, is_told in ((day("10-01"), False), (day("10-03"), False), (day("10-04"), True)):
        rows = world.by_sender("went-quiet", Filters(end=end))
        assert ("pension" in rows) == is_told, end
    assert rows["pension"]["expected_on"] == day("10-01")
    assert rows["pension"]["rhythm"] == "quarterly"


def test_a_finding_of_a_silent_sender_is_in_the_list(world):
    for number in range(10):
        world.sent(f"office{number}", working_days(day("07-01")), count=3)
    world.sent("silent", working_days(day("07-01"), day("10-16")), count=3)
    heard = []
    with heard_by(heard.append):
        (row,) = world.rows("went-quiet")
        of_one_rule = len(heard)
        found = answers.ask(world.store, "findings", Filters(rules=("silent_sender",))).rows
    # Nothing is kept of a store so small: one rule is asked for the list, all for the findings.
    assert heard[0] == 0 and heard[of_one_rule - 1] == heard[-1] == 1
    assert 3 < of_one_rule < (len(heard) - of_one_rule) / 2
    assert row["finding_id"] == found["finding_id"].iloc[0]
    assert row["sender_address"] == "silent@contoso.com"


# --- never seen -------------------------------------------------------------------------------


def test_mailboxes_that_may_and_did_not_are_the_ones_to_close(world, load):
    world.sent("from", [END], account="account@contoso.com").loaded()
    load(
        "DisplayName,PrimarySmtpAddress,SmtpClientAuthenticationDisabled\n"
        "Idle,Idle@contoso.com,False\nHeir,heir@contoso.com,\nShut,shut@contoso.com,True\n"
        "From,from@contoso.com,False\nAccount,account@contoso.com,\n"
        "Signed,signed@contoso.com,False\nTried,tried@fabrikam.com,False\n",
        period=(END, END),
    )
    none = world.ask("never-seen")
    assert none.rows["failed_sign_in_count"].tolist() == [None] * 3
    assert none.rows["address"].tolist() == [
        "Idle@contoso.com",
        "signed@contoso.com",
        "tried@fabrikam.com",
    ]
    assert none.beside["unknown_count"] == 1  # heir: what the tenant says is not loaded.
    load("SmtpClientAuthenticationDisabled,AllowLegacyTLSClients\nFalse,False\n", period=(END, END))
    load(
        SIGN_INS + sign_in("2026-11-20", "signed@contoso.com", 0)
        + sign_in("2026-11-20", "tried@fabrikam.com", 50126)
        + sign_in("2026-11-21", "tried@fabrikam.com", 50126)
    )  # fmt: skip
    answer = world.ask("never-seen")
    assert answer.rows.to_dict("records") == [
        {"address": address, "display_name": name, "allowed": allowed, "setting_day": END,
         "failed_sign_in_count": count, "tenant": ""}
        for address, name, allowed, count in (
            ("heir@contoso.com", "Heir", "inherits_allowed", 0),
            ("Idle@contoso.com", "Idle", "allowed", 0),
            ("tried@fabrikam.com", "Tried", "allowed", 2),
        )
    ]  # fmt: skip
    assert answer.beside["unknown_count"] == 0
    (one,) = world.rows("never-seen", Filters(domains=("fabrikam.com",)))
    assert one["address"] == "tried@fabrikam.com"
    assert len(world.rows("never-seen", Filters(sender="HEIR@contoso.com"))) == 1
