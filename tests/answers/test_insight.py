"""The insight card: counted by hand; what is not wholly loaded is never compared."""

from __future__ import annotations

import datetime as dt

import pytest
from conftest import LOG_HEADER

from smtpauth_kit import answers
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.reports import fragments
from smtpauth_kit.screens.in_cell import insight
from smtpauth_kit.views import insight_figures
from smtpauth_kit.words.words import speak

EN, NL = speak("en"), speak("nl")


def day(number: int) -> dt.date:
    return dt.date(2026, 11, number)


def line(number: int, sender: str, tls: str = "TLS1.2", auth: str = "OAuth") -> str:
    return f"2026-11-{number:02}T12:00:00Z,{sender}@contoso.com,,<{sender}{number}{tls}@x>,{tls},,{auth}\n"


TWO_WEEKS = LOG_HEADER + "".join(
    [line(9, "a"), line(9, "b"), line(15, "b"), line(16, "a"), line(20, "b"), line(22, "c")]
)


def report(*rows: tuple[str, int]) -> str:
    return "Sender address,Messages sent\n" + "".join(f"{a},{n}\n" for a, n in rows)


def ask(store, **filters) -> insight_figures.Insight:
    return insight_figures.ask(store, answers.settle_scope(store, Filters(**filters)))


def change(store, words=EN, **filters) -> str:
    return insight_figures.change(ask(store, **filters), words)


def remarks(store, words=EN, **filters) -> list[tuple[str, str, str, str]]:
    said = insight_figures.remarks(ask(store, **filters), words)
    return [(each.level, each.title, each.text, each.more) for each in said]


def test_accounts_are_compared_with_the_7_days_before(store, load):
    load(TWO_WEEKS)
    found = ask(store)
    assert (found.account_count, found.before) == (3, 2)
    assert change(store) == "1 more than in the 7 days before (2)."
    assert change(store, NL) == "1 meer dan in de 7 dagen ervoor (2)."
    assert change(store, as_of=day(21)) == "No comparison: not all of the 7 days before are loaded."


def test_fewer_as_many_and_one_day_are_said(store, load):
    load(TWO_WEEKS + line(20, "a"))
    assert change(store, start=day(21)) == "1 fewer than in the 2 days before (2)."
    assert change(store, start=day(16), end=day(16)) == "As many as on the day before."
    assert change(store, start=day(22), end=day(22)) == "1 more than on the day before (0)."


def test_days_before_that_are_not_wholly_loaded_are_not_compared(store, load):
    load(LOG_HEADER + line(16, "a") + line(22, "b"))
    load(LOG_HEADER + line(10, "a") + line(15, "b"))
    assert ask(store).before is None
    load(LOG_HEADER + line(9, "z"))
    assert ask(store).before == 3


def test_another_source_is_no_comparison(store, load):
    load(LOG_HEADER + line(16, "a") + line(22, "b"))
    load(report(("a@contoso.com", 70)), period=(day(9), day(15)))
    assert ask(store, source="submission_log").before is None


def test_reports_are_compared_week_by_week_and_not_cut(store, load):
    load(report(("a@contoso.com", 70), ("b@contoso.com", 1)), period=(day(9), day(15)))
    load(report(("a@contoso.com", 70)), period=(day(16), day(22)))
    assert change(store) == "1 fewer than in the 7 days before (2)."
    assert ask(store, start=day(16), end=day(29)).before is None


def test_a_month_in_one_report_is_no_week_before(store, load):
    load(report(("a@contoso.com", 70)), period=(day(1), day(15)))
    load(report(("a@contoso.com", 70)), period=(day(16), day(22)))
    assert ask(store).before is None


def test_each_tenant_must_be_loaded(store, load):
    load(TWO_WEEKS, tenant="one")
    load(LOG_HEADER + line(16, "x") + line(22, "x"), tenant="two")
    assert ask(store).before is None


def test_a_day_of_another_zone_needs_the_utc_day_before(store, load):
    load(TWO_WEEKS)
    assert ask(store, timezone="Asia/Tokyo").before is None
    load(LOG_HEADER + line(8, "q"))
    assert ask(store, timezone="Asia/Tokyo").before == 2


def test_what_is_still_on_old_ways_is_said_with_its_counts(store, load):
    load(LOG_HEADER + line(22, "a", "TLS1.0", "Basic") + line(22, "b", "TLS1.1") + line(22, "c")
         + line(22, "d", "", ""))  # fmt: skip
    assert remarks(store) == [
        ("warn", "Legacy TLS (1.0 and 1.1)", "still used: 50.00 % (2)", "unknown: 25.00 % (1)"),
        ("warn", "Basic auth", "still used: 25.00 % (1)", "unknown: 25.00 % (1)"),
    ]


def test_nothing_old_is_good_and_what_is_not_stated_is_not_called_good(store, load):
    load(TWO_WEEKS)
    assert remarks(store) == [
        ("good", "Legacy TLS (1.0 and 1.1)", "not used", ""), ("good", "Basic auth", "not used", ""),
    ]  # fmt: skip
    load(report(("a@contoso.com", 70)), period=(day(16), day(22)))
    assert remarks(store, NL, source="report") == [
        (
            "unknown",
            "Verouderde TLS (1.0 en 1.1)",
            "niet vermeld door deze bron",
            "onbekend: 100,00% (70)",
        ),
        ("unknown", "Basic auth", "niet vermeld door deze bron", "wel gezegd door: verzendlogboek"),
    ]


def test_mail_without_tls_is_said_when_there_is_any(store, load):
    load(LOG_HEADER + line(22, "a", "No TLS"))
    assert ("warn", "Without TLS", "still used: 100.00 % (1)", "") in remarks(store)


def test_the_trend_is_four_weeks_that_end_with_the_range_and_knows_its_gaps(store, load):
    load(TWO_WEEKS)
    found = ask(store)
    assert (found.trend.start, found.trend.end) == (dt.date(2026, 10, 26), day(22))
    assert int(found.days["message_count"].sum()) == 6
    shown = insight_figures.shown(found, EN)
    assert shown["data"]["values"]["gaps"] == [["2026-10-26", "2026-11-08"]]
    assert shown["trend_finding"] == (
        "Messages per day from Oct 26, 2026 to Nov 22, 2026; most on Nov 9, 2026: 2."
    )
    assert [row["message_count"] for row in shown["trend_rows"]] == [2, 1, 1, 1, 1]


def test_a_trend_of_reports_says_its_mean_a_day(store, load):
    load(report(("a@contoso.com", 70)), period=(day(16), day(22)))
    assert insight_figures.trend_finding(ask(store), EN).endswith(
        "most in the days from Nov 16, 2026: 10 a day."
    )


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_card_states_its_days_and_the_flyout_lists_all_six_versions(store, load, language):
    load(TWO_WEEKS)
    html = str(fragments.insight_fragment(store, language=language))
    words = speak(language)
    assert words.date(day(22)) in html and words.date(day(16)) in html
    assert html.count('class="smtpauth-swatch"') == 6
    assert "100.00 %" in html or "100,00%" in html
    assert words("{messages} in {days}: {mean} a day on average.",
                 messages=words("{n} messages", n=3), days=words("{n} days", n=7), mean=0) in html  # fmt: skip


def test_only_sign_ins_are_counted_without_shares(store, load):
    load(
        "User Principal Name,Created Date Time (UTC),Client App,Status,Sign-in Error Code\n"
        "a@contoso.com,2026-11-22T12:00:00Z,Authenticated SMTP,Success,0\n"
    )
    found = ask(store)
    assert (found.account_count, found.message_count) == (1, None)
    assert insight_figures.remarks(found, EN) == []
    assert "successful sign-ins" in fragments.insight_fragment(store)


def test_a_log_that_tells_of_no_success_says_nothing_of_accounts(store, load):
    # A front end's receive log alone: it knows who was refused, and not who was let in.
    load(
        "#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,"
        "remote-endpoint,event,data,context\n"
        "2026-11-16T08:00:01.000Z,EX\\Client Frontend EX,A1,0,10.0.0.1:587,192.0.2.9:1,<,AUTH LOGIN,\n"
        "2026-11-16T08:00:02.000Z,EX\\Client Frontend EX,A1,1,10.0.0.1:587,192.0.2.9:1,*,,"
        "Inbound authentication failed with error LogonDenied for user carol@contoso.com\n",
        name="RECV2026111608-1.LOG",
    )
    row = answers.ask(store, "insight").rows.iloc[0]
    assert (row["account_count"], row["message_count"]) == (None, None)
    shown = insight(store)._repr_html_()
    assert "load the receive log of the hub (Transport service) too" in shown


def test_a_day_of_another_zone_is_covered_by_any_hour_of_it(store, load):
    load(LOG_HEADER + "2026-11-03T10:30:00Z,a@contoso.com,,<1@x>,TLS1.2,,Basic\n"
         "2026-11-03T23:30:00Z,a@contoso.com,,<2@x>,TLS1.2,,Basic\n")  # fmt: skip
    for zone, number, count, parts in (
        ("Europe/Amsterdam", 4, 1, [(None, dt.time(0, 30))]),
        ("America/New_York", 3, 2, [(dt.time(5, 30), None), (None, dt.time(18, 30))]),
        ("Pacific/Kiritimati", 4, 2, [(None, dt.time(13, 30))]),
    ):
        that_day = dt.date(2026, 11, number)
        found = answers.ask(store, "insight", Filters(start=that_day, end=that_day, timezone=zone))
        row = found.rows.iloc[0]
        assert (row.account_count, row.message_count) == (1, count), zone
        assert found.scope.covered == (that_day,)
        assert [(part.since, part.until) for part in found.scope.parts] == parts, zone


def test_a_day_is_covered_in_part_where_one_tenant_has_a_part_of_it(store, load):
    whole = "".join(
        f"2026-11-{n}T{hour}:30:00Z,{{0}}@contoso.com,,<{n}{hour}{{0}}>,TLS1.2,,Basic\n"
        for n in (20, 21) for hour in ("00", "23")
    )  # fmt: skip
    load(LOG_HEADER + whole.format("b"), tenant="beta")
    load(LOG_HEADER + whole.format("a").rpartition("2026-11-21T23")[0], tenant="alpha")
    scope = answers.ask(store, "insight").scope
    assert [(part.day, part.until) for part in scope.parts] == [
        (dt.date(2026, 11, 21), dt.time(0, 30))
    ]
