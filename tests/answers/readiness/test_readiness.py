"""Readiness: who breaks, told of small worlds whose answers are worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from conftest import LOG_HEADER
from exports import report
from readiness_worlds import END, HEADER, Sent, day, every_day, working_days

from smtpauth_kit import answers
from smtpauth_kit.answers.readiness import kept
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters, filters
from smtpauth_kit.words.words import UNTOLD, speak

TENANT_ALLOWS = "SmtpClientAuthenticationDisabled,AllowLegacyTLSClients\nFalse,False\n"
TENANT_BLOCKS = "SmtpClientAuthenticationDisabled,AllowLegacyTLSClients\nTrue,False\n"
CAS = "PrimarySmtpAddress,SmtpClientAuthenticationDisabled\n"


@pytest.fixture
def world(store, load) -> Sent:
    return Sent(store, load)


def test_a_sender_is_told_whole(world):
    days = every_day(day("11-02"))
    world.sent("scanner", days, tls="TLS1.0", count=2).sent("scanner", days[:3], auth="OAuth")
    world.sent("good", days, auth="OAuth")
    (row,) = world.rows()
    reason = row.pop("way_out_reason")
    assert row == {
        "sender_address": "scanner@contoso.com", "sender_domain": "contoso.com",
        "message_count": 45, "basic_count": 42, "oauth_count": 3, "unknown_auth_count": 0,
        "legacy_tls_count": 42, "none_tls_count": 0,
        "first_seen": day("11-02"), "last_seen": END, "last_basic": END, "last_legacy_tls": END,
        "active_days": 21, "rhythm": "daily", "next_expected": day("11-23"), "client_ip_count": 1,
        "allowed": "unknown", "breaks": ["basic_off", "legacy_tls_refused"], "moved": False,
        "way_out": "oauth", "owner": None, "state": "open", "due_date": None, "note": None,
        "source": "submission_log", "tenant": "",
    }  # fmt: skip
    assert reason == (
        "It uses OAuth already for 3 of its 45 messages, the last on 2026-11-04: move the rest."
    )
    assert speak("nl").sentence(reason) == (
        "Hij gebruikt OAuth al voor 3 van zijn 45 berichten, het laatste op 2026-11-04: zet de rest "
        "over."
    )


def test_breaks_and_moved_look_at_the_last_30_days_or_at_the_last_of_who_sent_nothing_in_them(
    world,
):
    start = day("08-17")
    # 24 October is the first of the 30 days that end on 22 November.
    world.sent("moved", every_day(start, day("10-23")))
    world.sent("moved", every_day(day("10-24")), auth="OAuth")
    world.sent("late", every_day(start, day("10-24"))).sent(
        "late", every_day(day("10-25")), auth="OAuth"
    )
    world.sent("gone", every_day(start, day("09-20")), tls="TLS1.1", auth="OAuth")
    world.sent("goner", [start]).sent("goner", every_day(day("09-16"), day("09-25")), auth="OAuth")
    world.sent("clear", every_day(start), tls="None", auth="OAuth")
    world.sent("untold", every_day(start), auth="")
    rows = world.by_sender()
    assert {name: (row["breaks"], row["moved"]) for name, row in rows.items()} == {
        "moved": ([], True),
        "late": (["basic_off"], False),
        "gone": (["legacy_tls_refused"], False),
        "goner": ([], True),  # 17 August is 39 days before its last, 25 September.
        "clear": (["cleartext_refused"], False),
        "untold": (["auth_unknown"], False),
    }
    assert rows["moved"]["way_out"] == rows["goner"]["way_out"] == "oauth"
    assert rows["clear"]["way_out"] == "upgrade_tls"
    assert rows["untold"]["basic_count"] is None and rows["untold"]["unknown_auth_count"] == 98
    # The end of a range that is asked for takes the place of the newest day.
    early = world.by_sender(filters=Filters(end=day("10-23")))
    assert early["moved"]["breaks"] == ["basic_off"] and early["moved"]["message_count"] == 68


def test_what_breaks_is_told_of_thirty_days_however_late_the_range_begins(world):
    # The 30 days that end on 22 November begin on 24 October.
    world.sent("today", [day("11-22")], auth="OAuth")
    world.sent("both", [day("10-24")]).sent("both", [day("11-20")], tls="TLS1.0", auth="OAuth")
    world.sent("clear", [day("10-24")], tls="None", auth="OAuth").sent("clear", [day("11-20")])
    world.sent("late", [day("10-23")]).sent("late", [day("11-20")], tls="TLS1.0", auth="OAuth")
    # Nothing of the last 30 days: those that end on 12 October begin on 13 September.
    world.sent("early", [day("09-13")]).sent("early", [day("10-12")], tls="TLS1.0", auth="OAuth")
    rows = world.by_sender(filters=Filters(start=day("11-19")))
    assert {name: (row["breaks"], row["last_basic"]) for name, row in rows.items()} == {
        "both": (["basic_off", "legacy_tls_refused"], day("10-24")),
        "clear": (["basic_off", "cleartext_refused"], day("11-20")),
        "late": (["legacy_tls_refused"], None),
    }
    assert (rows["both"]["basic_count"], rows["both"]["message_count"]) == (0, 1)
    rows = world.by_sender(filters=Filters(start=day("10-10"), end=day("11-18")))
    assert rows["early"]["breaks"] == ["basic_off", "legacy_tls_refused"]
    assert rows["early"]["last_basic"] == day("09-13")


def test_rhythms_and_the_day_that_is_due_next(world):
    start, every = day("06-01"), every_day(day("06-01"))
    mondays = [each for each in every if each.weekday() == 0]
    world.sent("daily", every).sent("weekdays", working_days(start))
    world.sent("weekly", mondays).sent("mostmondays", [m for n, m in enumerate(mondays) if n % 5])
    ends = [day(text) for text in ("06-30", "07-31", "08-31", "09-30", "10-30")]
    # It goes on after a weekend: 30 October was a Friday.
    world.sent("batch", [*ends, day("11-02"), day("09-01")])
    world.sent("monthly", ends).sent("midmonth", [day(f"{month:02}-15") for month in range(6, 12)])
    world.sent("quarterly", [day("07-01"), day("10-01")]).sent("once", [day("09-10")])
    world.sent("irregular", [day(text) for text in ("06-03", "06-19", "09-01", "09-12", "10-29")])
    world.sent("burst", [day("06-03"), day("06-04"), day("06-05")])
    rows = world.by_sender()
    assert {n: (r["rhythm"], r["next_expected"], r["active_days"]) for n, r in rows.items()} == {
        "daily": ("daily", day("11-23"), 175),
        "weekdays": ("weekdays", day("11-23"), 125),
        "weekly": ("weekly", day("11-23"), 25),
        "mostmondays": ("weekly", day("11-23"), 20),
        "monthly": ("monthly", day("11-30"), 5),  # The last working day: 30 October, a Friday.
        "batch": ("monthly", day("11-30"), 7),
        "midmonth": ("monthly", day("12-15"), 6),
        "quarterly": ("quarterly", dt.date(2027, 1, 1), 2),
        "once": ("once", None, 1),
        "irregular": ("irregular", None, 5),
        "burst": ("irregular", None, 3),
    }


def test_the_hardest_come_first_and_what_may_stay_comes_last(world):
    every = every_day(day("06-01"))
    world.sent("scanner", every, count=5).sent("alarm-2", every).sent("news", every[::7])
    world.sent("pension", [day("07-01"), day("10-01")]).sent("once", [day("10-20")])
    world.sent("ups", every[::7]).sent("moved", every[:60]).sent("moved", every[60:], auth="OAuth")
    world.sent("stays", every).sent("over", every)
    world.loaded()
    kept.keep(world.store, {
        "stays@contoso.com": {"state": "accepted", "due_date": "2027-03-31"},
        "over@contoso.com": {"state": "accepted", "due_date": "2026-11-21", "note": "new in autumn"},
    })  # fmt: skip
    answer = world.ask("readiness")
    order = [row["sender_address"].partition("@")[0] for row in answer.rows.to_dict("records")]
    assert order == [
        "over", "pension", "ups", "alarm-2", "once", "news", "scanner", "stays", "moved",
    ]  # fmt: skip
    over, stays = answer.beside["exceptions"]
    assert (over["sender_address"], over["is_over"], over["note"]) == (
        "over@contoso.com", True, "new in autumn",
    )  # fmt: skip
    assert over["said_by"] and over["said_at"].year >= 2026 and over["until"] == day("11-21")
    assert (stays["is_over"], stays["until"]) == (False, dt.date(2027, 3, 31))
    assert answer.beside["statement"] == (
        "Senders that stop: 8 when Basic auth goes, 0 when TLS 1.0 and 1.1 go, 0 without TLS; of 0 "
        "no source tells the authentication. 1 have moved. Past the day until which they were "
        "accepted: over@contoso.com."
    )


def test_the_switch_is_that_of_who_signs_in_and_the_newest_day_counts(world, load):
    days = every_day(day("11-16"))
    for name in ("blocked", "allowed", "inherits", "absent"):
        world.sent(name, days)
    world.sent("shared", days, account="allowed@contoso.com")
    world.sent("shared", days, account="blocked@contoso.com")
    world.sent("other", days, account="unlisted")
    world.loaded()

    def allowed() -> dict[str, str]:
        return {name: row["allowed"] for name, row in world.by_sender().items()}

    assert set(allowed().values()) == {"unknown"}
    newest = CAS + (
        "blocked@contoso.com,True\nallowed@contoso.com,False\ninherits@contoso.com,\n"
        "other@contoso.com,True\n"
    )
    load(newest, period=(END, END))
    # Loaded later, of an earlier day: it changes nothing.
    older = "blocked@contoso.com,False\nallowed@contoso.com,True\n"
    load(CAS + older, period=(day("11-01"), day("11-01")))
    told = {
        "blocked": "blocked", "allowed": "allowed", "inherits": "unknown", "absent": "unknown",
        "shared": "blocked", "other": "unknown",
    }  # fmt: skip
    assert allowed() == told
    load(TENANT_BLOCKS, period=(END, END))
    load(TENANT_ALLOWS, period=(day("11-01"), day("11-01")))
    assert allowed() == told | {"inherits": "inherits_blocked"}
    rows = world.by_sender()
    assert (
        rows["inherits"]["breaks"] == rows["blocked"]["breaks"] == ["basic_off", "switch_blocked"]
    )
    load(TENANT_ALLOWS, period=(day("11-23"), day("11-23")))
    assert allowed() == told | {"inherits": "inherits_allowed"}


def test_tenants_are_apart(world, load):
    world.sent("blocked", every_day(day("11-16"))).loaded(tenant="one")
    load(CAS + "blocked@contoso.com,True\n", period=(END, END), tenant="two")
    assert world.by_sender()["blocked"]["allowed"] == "unknown"
    load(CAS + "blocked@contoso.com,\n", period=(END, END), tenant="one")
    load(TENANT_BLOCKS, period=(END, END), tenant="two")
    assert world.by_sender()["blocked"]["allowed"] == "unknown"
    load(TENANT_ALLOWS, period=(END, END), tenant="one")
    assert world.by_sender()["blocked"]["allowed"] == "inherits_allowed"


# --- sources ----------------------------------------------------------------------------------

TRACE = "date_time_utc,source,event_id,connector_id,sender_address,message_id,network_message_id\n"


def trace(sender: str, count: int) -> str:
    return "".join(
        f"2026-11-20T08:{n // 60:02}:{n % 60:02}Z,SMTP,RECEIVE,EX\\Client Proxy EX,{sender},"
        f"<t{n}{sender}>,{n}{sender}\n"
        for n in range(count)
    )


def test_the_source_that_tells_authentication_is_chosen_and_others_only_where_it_sees_nobody(
    world, load
):
    world.sent("both", every_day(day("11-20"))).sent("logged", [END]).loaded()
    load(TRACE + trace("both@contoso.com", 500) + trace("traced@contoso.com", 40))
    assert answers.settle_scope(world.store).source == "extended_trace"
    answer = world.ask("readiness")
    assert answer.scope.source == "submission_log"
    rows = {row["sender_address"]: row for row in answer.rows.to_dict("records")}
    figures = ("message_count", "basic_count", "unknown_auth_count", "source")
    assert {name: tuple(row[each] for each in figures) for name, row in rows.items()} == {
        "both@contoso.com": (3, 3, 0, "submission_log"),
        "logged@contoso.com": (1, 1, 0, "submission_log"),
        "traced@contoso.com": (40, None, 40, "extended_trace"),
    }
    assert rows["traced@contoso.com"]["breaks"] == ["auth_unknown"]
    assert answer.scope.not_shown == {"extended_trace": 497}
    # A source that is named is that source, and no other.
    asked = world.by_sender(filters=Filters(source="submission_log"))
    assert sorted(asked) == ["both", "logged"]


def test_a_report_tells_no_days_and_no_rhythm(world, load):
    load(
        "Sender address,Authentication Protocol,TLS1.0,TLS1.2,Messages sent\n"
        "old@contoso.com,Basic auth,100,0,70\nnew@contoso.com,OAuth,0,100,30\n"
        "untold@contoso.com,,0,100,5\n",
        period=(day("08-25"), END),
    )
    rows = world.by_sender()
    assert sorted(rows) == ["old", "untold"]
    old = rows["old"]
    assert (old["active_days"], old["rhythm"], old["next_expected"]) == (None, None, None)
    assert (old["first_seen"], old["last_basic"], old["legacy_tls_count"]) == (
        day("08-25"),
        END,
        70,
    )
    # The period reaches into the last 30 days: what it counts may be of them.
    assert old["breaks"] == ["basic_off", "legacy_tls_refused"] and not old["moved"]
    assert old["client_ip_count"] is None and old["source"] == "report"
    assert (rows["untold"]["basic_count"], rows["untold"]["breaks"]) == (None, ["auth_unknown"])


def test_where_nothing_tells_authentication_nobody_is_said_to_use_basic(world, load):
    load(report(("a@contoso.com", 3), ("b@contoso.com", 5)), period=(day("11-16"), END))
    answer = world.ask("readiness")
    rows = answer.rows.to_dict("records")
    assert [(row["basic_count"], row["legacy_tls_count"], row["breaks"]) for row in rows] == [
        (None, None, ["auth_unknown"]), (None, None, ["auth_unknown"]),
    ]  # fmt: skip
    assert all("No source says whether it uses Basic auth" in r["way_out_reason"] for r in rows)
    untold = f"{UNTOLD} when TLS 1.0 and 1.1 go, {UNTOLD} without TLS; of 2 no source tells"
    assert untold in str(answer.beside["statement"])


def test_an_empty_store_gives_empty_answers(world, load):
    (file,) = load(LOG_HEADER + "no day,nobody\n").files
    assert file.status == "loaded" and file.rows_loaded == 0
    for name in ("readiness", "switch-off", "burn-down", "went-quiet", "never-seen"):
        answer = answers.ask(world.store, name)
        assert len(answer.rows) == 0 and len(answer.rows.columns) > 5, name
        assert str(answer.beside["statement"]).startswith("No "), name


# --- filters ----------------------------------------------------------------------------------


def test_filters_choose_senders_here_as_everywhere(world):
    world.sent("scanner", every_day(day("11-16")), tls="TLS1.0").sent("app", [END])
    world.sent("x@fabrikam.com", [END], ip="").loaded()
    for asked, expected in (
        (filters(domain="fabrikam.com"), ["x"]),
        (filters(sender="APP@contoso.com"), ["app"]),
        (filters(min_messages=2), ["scanner"]),
        (filters(senders="tls_1_0_count > 0 or client_ip_count = 0"), ["scanner", "x"]),
        (filters(senders="first_seen = 2026-11-16"), ["scanner"]),
        (filters(where="breaks contains legacy_tls_refused"), ["scanner"]),
        (filters(where=["rhythm = once", "sender_domain = contoso.com"]), ["app"]),
        (filters(start="2026-11-22", senders="last_seen >= 2026-11-22"), ["app", "scanner", "x"]),
    ):
        assert sorted(world.by_sender(filters=asked)) == expected, asked
    with pytest.raises(UsageError, match="days of UTC"):
        world.rows(filters=filters(timezone="Europe/Amsterdam"))


# --- ways out ---------------------------------------------------------------------------------


def test_the_way_out_comes_from_the_senders_own_figures(world, load):
    days = every_day(day("10-01"))
    own = "reader@contoso.com;boss@contoso.com"
    world.sent("inside", days, to=own)
    world.sent("outside", days, to=own).sent("outside", [END], to="x@customer.example")
    world.sent("tricky", days, to="a@contoso.com@customer.example")
    world.sent("silentlist", days, to=own).sent("silentlist", [END], to="")
    world.sent("ups-7", days).sent("mailing", days, count=3).sent("script1", days)
    world.sent("mfp2", days, tls="TLS1.0", to=own).sent("oauthapp", days, auth="OAuth", tls="None")
    world.sent("left", [day("10-01"), day("10-02"), day("10-03")]).sent("sap", days, to=own)
    world.sent("forgotten", [day("06-01"), day("06-02"), day("06-03")])
    world.loaded()
    rows = world.by_sender()
    ways = {name: row["way_out"] for name, row in rows.items()}
    assert ways == {
        "inside": "high_volume_email",
        "outside": "oauth",
        "tricky": "oauth",
        "silentlist": "oauth",  # One message does not say whom it went to.
        "ups-7": "connector_relay",
        "mailing": "azure_communication_services",
        "script1": "graph",
        "mfp2": "connector_relay",  # Old TLS: High Volume Email would refuse it.
        "oauthapp": "upgrade_tls",
        "left": "oauth",  # 50 days: not yet long enough.
        "forgotten": "switch_off",
        "sap": "oauth",
    }
    assert rows["inside"]["way_out_reason"] == (
        "Every recipient of its 53 messages is the tenant's own, so that it may keep Basic auth "
        "with an account of High Volume Email (up to 50 recipients a message). What it is cannot be "
        "told from its name: ask its owner for OAuth first."
    )
    assert (
        "1 of the 2 domains it writes to is not the tenant's own (customer.example)."
        in (rows["outside"]["way_out_reason"])
    )
    # With the mailbox's name, and whose domains are the tenant's.
    load(
        "PrimarySmtpAddress,DisplayName,SmtpClientAuthenticationDisabled\n"
        "x17@contoso.com,Brandmeldcentrale hal 2,\nr@customer.example,Guest,\n",
        period=(END, END),
    )
    load(HEADER + "2026-11-20T08:00:00Z,x17@contoso.com,a@other.example,<y>,TLS1.2,,Basic,\n")
    named = world.by_sender()
    assert "family alarm" in named["x17"]["way_out_reason"]
    # customer.example has a mailbox of the tenant: it is its own.
    assert named["outside"]["way_out"] == "high_volume_email"


def test_more_than_a_mailbox_may_send_needs_another_way(world):
    many = ";".join(f"r{n}@contoso.com" for n in range(1000))
    world.sent("announce", [END], to=many, count=11)
    world.sent("shop", [END], to=many.replace("contoso", "customer"), count=11)
    rows = world.by_sender()
    assert rows["announce"]["way_out"] == "high_volume_email"
    assert rows["shop"]["way_out"] == "azure_communication_services"
    assert (
        "11,000 recipients on one day, more than the 10,000 of a mailbox"
        in (rows["shop"]["way_out_reason"])
    )
