"""Answers are true: one source, no period twice, nothing spread; every figure counted by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from conftest import LOG, LOG_HEADER, WEEK
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_kit import answers
from smtpauth_kit.answers.periods import Period, choose_periods
from smtpauth_kit.answers.questions import QUESTIONS
from smtpauth_kit.answers.senders import senders
from smtpauth_kit.answers.senders_page import SENDER_ORDERS, senders_page
from smtpauth_kit.answers.untold import plain_with_untold, tls_columns, with_untold
from smtpauth_kit.answers.volume import volume_of_busiest
from smtpauth_kit.base.conditions import Clause, holds, parse_clause
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.names import ANSWERS, TLS_VERSIONS
from smtpauth_kit.store.rows import Rows, of_frame
from smtpauth_kit.views.registry import VIEWS

DAY = dt.timedelta(days=1)
NO_SCOPE = answers.Scope(Filters(), None, None, None, None, None, {})


def day(number: int) -> dt.date:
    return dt.date(2026, 11, number)


def report(*rows: tuple[str, int]) -> str:
    return "Sender address,Messages sent\n" + "".join(f"{a},{n}\n" for a, n in rows)


def ask(store, name, **filters):
    return answers.ask(store, name, Filters(**filters))


def counted(store, **filters) -> int:
    return int(ask(store, "insight", **filters).rows["message_count"].iloc[0])


def test_the_insight_counts_accounts_and_messages_of_the_last_7_days_loaded(store, load):
    load(LOG + "2026-11-15T23:59:59Z,old@contoso.com,x@fabrikam.com,<0@x>,TLS1.2,,Basic\n")
    row = ask(store, "insight").rows.iloc[0]
    assert (row.start_date, row.end_date) == WEEK
    assert (row.account_count, row.message_count) == (2, 3)
    assert row.tls_usage == [
        {"tls_version": "none", "message_count": 0, "share": 0.0},
        {"tls_version": "1.0", "message_count": 2, "share": 2 / 3},
        {"tls_version": "1.1", "message_count": 0, "share": 0.0},
        {"tls_version": "1.2", "message_count": 1, "share": 1 / 3},
        {"tls_version": "1.3", "message_count": 0, "share": 0.0},
        {"tls_version": "unknown", "message_count": 0, "share": 0.0},
    ]


def test_as_of_moves_the_end_and_start_and_end_set_both(store, load):
    load(LOG)
    found = ask(store, "insight", as_of=day(17)).scope
    assert (found.start, found.end) == (day(11), day(17))
    assert counted(store, as_of=day(17)) == 2
    assert counted(store, start=day(17), end=day(22)) == 1
    assert counted(store, start=day(1)) == 3


def test_domains_senders_and_minimum_narrow_every_answer(store, load):
    load(LOG)
    assert counted(store, domains=("CONTOSO.com",)) == 2
    assert counted(store, domains=("contoso.com", "fabrikam.com")) == 3
    assert counted(store, sender="Scanner@CONTOSO.com") == 2
    assert counted(store, min_messages=2) == 2
    volume = ask(store, "sending-volume", min_messages=2).rows
    assert volume["sender_domain"].tolist() == ["contoso.com"]


def test_senders_have_every_column_counted_by_hand(store, load):
    load(LOG)
    rows = ask(store, "senders").rows
    assert rows.iloc[0].to_dict() == {
        "sender_address": "scanner@contoso.com", "sender_domain": "contoso.com", "message_count": 2,
        "tls_none_count": 0, "tls_none_share": 0.0, "tls_1_0_count": 2, "tls_1_0_share": 1.0,
        "tls_1_1_count": 0, "tls_1_1_share": 0.0, "tls_1_2_count": 0, "tls_1_2_share": 0.0,
        "tls_1_3_count": 0, "tls_1_3_share": 0.0, "tls_unknown_count": 0, "tls_unknown_share": 0.0,
        "basic_count": 2, "oauth_count": 0, "unknown_auth_count": 0,
        "first_seen": day(16), "last_seen": day(16),
        "first_seen_ever": day(16), "last_seen_ever": day(16), "client_ip_count": 1,
    }  # fmt: skip


@pytest.mark.parametrize("source", ["auto", "report"])
def test_plain_answers_say_what_data_frames_say(store, load, source):
    load(LOG + "2026-11-20T11:00:00Z,b@fabrikam.com,x@fabrikam.com,<4@x>,,,\n")
    load(report(("a@contoso.com", 7)), period=WEEK)
    for name in ANSWERS:
        filters = Filters(source=source)
        if name in ("sender", "devices"):
            filters = filters.changed(sender="b@fabrikam.com")
        if name == "who-else":
            filters = filters.changed(client_ips=("192.0.2.25",))
        if (name, source) in (("reconciliation", "report"), ("sign-ins", "report")):
            continue
        frame, plain = answers.ask(store, name, filters), answers.ask_plain(store, name, filters)
        assert (plain.scope, plain.beside) == (frame.scope, frame.beside)
        assert plain.rows.columns == tuple(frame.rows.columns)
        assert list(plain.rows) == list(of_frame(frame.rows)), name


figure = st.integers(0, 2)
untold_versions = st.sampled_from([frozenset(), {"none"}, {"1.3"}, {"none", "1.3"}])


@given(figure, figure, figure, figure, figure, figure, untold_versions)
def test_what_a_row_cannot_tell_is_the_same_in_plain_rows(
    basic, auth, clear, newest, tls, reported, untold
):
    row = dict.fromkeys((n for v in TLS_VERSIONS for n in tls_columns(v)), 0) | {
        "message_count": basic + auth, "basic_count": basic, "oauth_count": 0,
        "unknown_auth_count": auth, "tls_none_count": clear, "tls_1_3_count": newest,
        "tls_unknown_count": tls, "client_ip_count": basic, "report_count": reported,
    }  # fmt: skip
    scope = dataclasses.replace(NO_SCOPE, untold=frozenset(untold))
    (plain,) = plain_with_untold(Rows.of_records(row, [row]), scope).records()
    assert [plain] == of_frame(with_untold(pd.DataFrame([row]), scope)).records()
    assert (plain["tls_1_3_count"] is None) == (
        tls == basic + auth or bool("1.3" in untold and reported and not newest)
    )
    assert (plain["basic_count"] is None) == (basic == 0)


def test_one_sender_has_its_days_addresses_and_sign_ins(store, load):
    load(LOG)
    row = ask(store, "sender", sender="scanner@contoso.com").rows.iloc[0]
    assert row.days == [
        {
            "period_start": day(16), "period_end": day(16), "report_date": day(16),
            "tls_version": "1.0", "auth_protocol": "basic", "message_count": 2,
        }
    ]  # fmt: skip
    assert row.client_ips == ["192.0.2.25"]
    assert row.sign_ins == {"success": None, "failure": None}
    assert len(ask(store, "sender", sender="nobody@contoso.com").rows) == 0
    with pytest.raises(UsageError, match="Which sender"):
        ask(store, "sender")


def test_authentication_is_counted_and_what_the_source_does_not_say_is_unknown(store, load):
    load(LOG + "2026-11-22T11:00:00Z,app@fabrikam.com,x@fabrikam.com,<4@x>,TLS1.2,,\n")
    assert ask(store, "auth-usage").rows.values.tolist() == [
        ["basic", 2, 0.5], ["oauth", 1, 0.25], ["unknown", 1, 0.25],
    ]  # fmt: skip
    assert ask(store, "auth-usage", domains=("fabrikam.com",)).rows["message_count"].tolist() == [
        0, 1, 1,
    ]  # fmt: skip


def test_usage_by_day_keeps_a_report_period_whole_and_a_message_on_its_day(store, load):
    load(LOG)
    assert ask(store, "tls-by-day").rows.values.tolist() == [
        [day(16), day(16), "1.0", 2], [day(22), day(22), "1.2", 1],
    ]  # fmt: skip
    assert ask(store, "auth-by-day").rows.values.tolist() == [
        [day(16), day(16), "basic", 2], [day(22), day(22), "oauth", 1],
    ]  # fmt: skip
    load(report(("a@contoso.com", 70)), period=WEEK)
    of_report = ask(store, "tls-by-day", source="report").rows
    assert of_report.values.tolist() == [[*WEEK, "unknown", 70]]
    assert len(ask(store, "tls-by-day").rows) == 3  # No sender stands in both: they add up.
    assert ask(store, "auth-by-day", source="submission_log").rows["message_count"].sum() == 3


def test_usage_by_day_counts_the_days_of_the_time_zone(store, load):
    load(LOG_HEADER + "2026-11-16T23:30:00Z,a@contoso.com,,<1@x>,TLS1.3,,OAuth\n")
    for name in ("tls-by-day", "auth-by-day"):
        rows = ask(store, name, timezone="Europe/Amsterdam").rows
        assert rows["period_start"].tolist() == rows["period_end"].tolist() == [day(17)]


def test_rankings_name_the_busiest_and_add_up_the_others(store, load):
    # 13 senders in two domains: s1 sends 1 message, s13 sends 13; even ones are fabrikam.
    domains = ("fabrikam.com", "contoso.com")
    lines = [
        f"2026-11-16T08:00:00Z,s{n}@{domains[n % 2]},,<{n}.{i}@x>,TLS1.2,,Basic\n"
        for n in range(1, 14) for i in range(n)
    ]  # fmt: skip
    load(LOG_HEADER + "".join(lines))
    senders = ask(store, "volume-by-sender").rows
    assert senders["message_count"].tolist() == [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3 + 2 + 1]
    assert senders["sender_count"].tolist() == [1] * 10 + [3]
    assert senders["sender_address"].tolist()[::10] == ["s13@contoso.com", None]
    assert senders["share"].iloc[0] == 13 / 91
    domains = ask(store, "volume-by-domain").rows
    assert domains.values.tolist() == [
        ["contoso.com", 1, 49, 49 / 91], ["fabrikam.com", 1, 42, 42 / 91],
    ]  # fmt: skip
    only = ask(store, "volume-by-sender", sender="s13@contoso.com").rows
    assert only.values.tolist() == [["s13@contoso.com", 1, 13, 1.0]]


def test_a_sender_that_used_two_versions_counts_for_both(store, load):
    load(LOG + "2026-11-22T10:00:00Z,scanner@contoso.com,,<4@x>,TLS1.2,,Basic\n")
    rows = ask(store, "senders-by-tls").rows
    assert rows.values.tolist() == [
        ["none", 0, 0.0], ["1.0", 1, 0.5], ["1.1", 0, 0.0], ["1.2", 2, 1.0], ["1.3", 0, 0.0],
        ["unknown", 0, 0.0],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "filters",
    [
        {}, {"timezone": "Asia/Tokyo"}, {"min_messages": 2}, {"domains": ("contoso.com",)},
        {"source": "report"}, {"source": "submission_log"}, {"start": day(1), "end": day(30)},
        {"start": day(17)},
    ],
)  # fmt: skip
def test_every_chart_adds_up_to_the_total(store, load, filters):
    load(LOG)
    load(report(("a@contoso.com", 70), ("b@fabrikam.com", 1)), period=WEEK)
    load(report(("a@contoso.com", 9)), period=(day(9), day(15)), tenant="two")
    total = counted(store, **filters)
    for name in (
        "sending-volume", "tls-usage", "auth-usage", "tls-by-day", "auth-by-day",
        "volume-by-sender", "volume-by-domain", "senders",
    ):  # fmt: skip
        assert ask(store, name, **filters).rows["message_count"].sum() == total, name


def test_a_report_counts_only_wholly_inside_the_range_and_is_never_spread(store, load):
    load(report(("a@contoso.com", 70)), period=WEEK)
    rows = ask(store, "sending-volume").rows
    assert rows.values.tolist() == [[*WEEK, None, "contoso.com", 70]]
    cut = ask(store, "insight", start=day(17), end=day(22))
    assert cut.rows[["account_count", "message_count"]].values.tolist() == [[None, None]]
    assert cut.rows["tls_usage"].iloc[0][1] == {
        "tls_version": "1.0", "message_count": None, "share": None,
    }  # fmt: skip
    assert cut.scope.outside_window == (Period("report", "", *WEEK, 70),)


def test_auto_takes_the_source_that_counts_most_and_says_what_others_hold_beyond_it(store, load):
    load(LOG)
    load(report(("scanner@contoso.com", 70)), period=WEEK)
    found = ask(store, "insight")
    assert (found.scope.source, found.scope.not_shown) == ("report", {"submission_log": 1})
    assert counted(store) == 70
    assert counted(store, source="submission_log") == 3
    log_only = ask(store, "insight", start=day(16), end=day(20))
    assert (log_only.scope.source, counted(store, start=day(16), end=day(20))) == (
        "submission_log",
        2,
    )


def test_a_tie_goes_by_the_order_of_the_sources(store, load):
    load(report(("a@contoso.com", 5)), period=(day(16), day(16)))
    load(LOG_HEADER + "2026-11-16T08:15:30Z,a@contoso.com,,<1@x>,,,\n")
    assert ask(store, "insight").scope.source == "report"


def test_of_overlapping_reports_the_set_that_covers_most_days_counts(store, load):
    load(report(("a@contoso.com", 70)), period=(day(1), day(7)))
    load(report(("a@contoso.com", 80)), period=(day(8), day(14)))
    load(report(("a@contoso.com", 99)), period=(day(5), day(10)))
    found = ask(store, "insight", start=day(1), end=day(14))
    assert found.rows["message_count"].iloc[0] == 150
    assert [(p.start, p.end) for p in found.scope.overlapped] == [(day(5), day(10))]
    assert counted(store, start=day(5), end=day(10)) == 99


def test_equal_cover_goes_to_fewer_periods(store, load):
    load(report(("a@contoso.com", 70)), period=(day(1), day(7)))
    load(report(("a@contoso.com", 80)), period=(day(8), day(14)))
    load(report(("a@contoso.com", 151)), period=(day(1), day(14)))
    assert counted(store, start=day(1), end=day(14)) == 151


def test_two_tenants_reports_for_the_same_days_both_count(store, load):
    load(report(("a@contoso.com", 70)), period=WEEK, tenant="one")
    load(report(("b@fabrikam.com", 30)), period=WEEK, tenant="two")
    assert counted(store) == 100


def test_another_time_zone_moves_messages_and_no_counts(store, load):
    load(LOG_HEADER + "2026-11-16T23:30:00Z,a@contoso.com,,<1@x>,,,\n")
    rows = ask(store, "sending-volume", timezone="Europe/Amsterdam").rows
    assert rows["report_date"].tolist() == [day(17)]
    assert ask(store, "sending-volume").rows["report_date"].tolist() == [day(16)]
    load(report(("a@contoso.com", 70)), period=WEEK)
    rows = ask(store, "sending-volume", timezone="Europe/Amsterdam", source="report").rows
    assert rows["period_start"].tolist() == [day(16)]


ZONES = (
    "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "America/New_York", "Europe/Amsterdam",
)  # fmt: skip
"""The zones furthest ahead of UTC and behind it, one of quarters of an hour, two that change."""


@pytest.mark.parametrize("zone", ZONES)
def test_days_of_any_zone_hold_the_messages_that_a_calendar_there_has_on_them(store, load, zone):
    moments = [dt.datetime(2026, 10, 24) + n * dt.timedelta(minutes=45) for n in range(80)]
    lines = [
        f"{at:%Y-%m-%dT%H:%M:%SZ},s{n % 3}@contoso.com,bob@fabrikam.com,<{n}@x>,TLS1.2,,Basic\n"
        for n, at in enumerate(moments)
    ]
    load(LOG_HEADER + "".join(lines))
    local = [at.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).date() for at in moments]
    days = sorted(set(local))
    for start, end in itertools.combinations_with_replacement(days, 2):
        asked = {"start": start, "end": end, "timezone": zone}
        rows = ask(store, "sending-volume", **asked).rows
        told = dict(zip(rows["report_date"], rows["message_count"], strict=True))
        assert told == {each: local.count(each) for each in days if start <= each <= end}
        found = ask(store, "senders", **asked).rows
        assert found["message_count"].sum() == sum(told.values())


def test_conditions_are_parsed_and_hold_on_the_columns_of_the_answer(store, load):
    load(LOG)

    def left(*texts):
        clauses = tuple(parse_clause(text) for text in texts)
        return ask(store, "senders", where=clauses).rows["sender_address"].tolist()

    assert left("message_count >= 2") == ["scanner@contoso.com"]
    assert left("sender_address starts-with APP") == ["app@fabrikam.com"]
    assert left("sender_address contains @", "tls_1_0_count = 0") == ["app@fabrikam.com"]
    assert left("last_seen > 2026-11-20") == ["app@fabrikam.com"]
    assert left("sender_domain != contoso.com") == ["app@fabrikam.com"]


@pytest.mark.parametrize("text", ["", "message_count", "1=1; drop table x", "a ~ b", "or 1=1 --"])
def test_what_is_no_condition_is_wrong_usage(text):
    with pytest.raises(UsageError):
        holds(parse_clause(text), 5)


def test_an_unknown_column_source_zone_or_range_is_wrong_usage(store, load):
    load(LOG)
    for filters in (
        {"where": (Clause("nothing", "=", "1"),)}, {"source": "x"}, {"timezone": "Mars/Base"},
        {"start": day(20), "end": day(10)}, {"where": (Clause("message_count", ">", "x"),)},
    ):  # fmt: skip
        with pytest.raises(UsageError):
            ask(store, "senders", **filters)


def test_hostile_filters_are_values_and_never_sql(store, load):
    load(LOG)
    evil = "x' or 1=1; drop table submissions; --"
    assert counted(store, domains=(evil,)) == 0
    assert counted(store, sender=evil + "@contoso.com") == 0
    assert counted(store) == 3


def test_an_empty_answer_has_its_columns(store, load):
    load(LOG)
    for name in ("tls-by-day", "auth-by-day", "volume-by-sender", "volume-by-domain"):
        rows = ask(store, name, start=day(1), end=day(2)).rows
        assert len(rows) == 0 and len(rows.columns) == 4
    for name in ("sending-volume", "senders", "sign-ins"):
        rows = ask(store, name, start=day(1), end=day(2)).rows
        assert len(rows) == 0 and len(rows.columns) >= 5
    assert ask(store, "tls-usage", start=day(1), end=day(2)).rows.columns.tolist() == [
        "tls_version", "message_count", "share",
    ]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)), max_size=9))
def test_chosen_periods_never_overlap_and_no_other_choice_covers_more(spans):
    periods = [
        Period(
            "report", "", dt.date(2026, 1, 1) + s * DAY, dt.date(2026, 1, 1) + (s + n - 1) * DAY, 1
        )
        for s, n in dict.fromkeys(spans)
    ]
    chosen = choose_periods(periods)

    def apart(some):
        some = sorted(some, key=lambda p: p.start)
        return all(a.end < b.start for a, b in itertools.pairwise(some))

    def best(rest):
        if not rest:
            return 0
        first, others = rest[0], rest[1:]
        free = [p for p in others if not p.overlaps(first.start, first.end)]
        return max(best(others), first.days + best(free))

    assert apart(chosen)
    assert sum(p.days for p in chosen) == best(periods)


def test_a_page_of_senders_is_part_of_the_whole_and_its_totals_are_the_charts(store, load):
    load(LOG)
    found = answers.settle_scope(store)
    whole = senders(store, found)
    for sort in SENDER_ORDERS:
        pages = [senders_page(store, found, sort=sort, offset=n, limit=1) for n in range(2)]
        together = [page.rows["sender_address"].iloc[0] for page in pages]
        assert sorted(together) == sorted(whole["sender_address"])
        assert {page.row_count for page in pages} == {2}
        assert {page.totals["message_count"] for page in pages} == {3}
    first = senders_page(store, found).rows.iloc[0]
    assert first[list(whole.columns)].tolist() == whole.iloc[0].tolist()


def test_a_search_finds_senders_in_any_case_and_adds_up_what_it_finds(store, load):
    load(LOG)
    found = senders_page(store, answers.settle_scope(store), search="SCANNER@")
    assert found.rows["sender_address"].tolist() == ["scanner@contoso.com"]
    assert (found.row_count, found.totals["message_count"]) == (1, 2)
    nothing = senders_page(store, answers.settle_scope(store), search="%")
    assert nothing.rows.empty and nothing.row_count == 0


def test_the_busiest_domains_stand_apart_in_each_period_and_the_others_are_added_up(store, load):
    first = report(("a@x.example", 3), ("b@y.example", 5), ("c@z.example", 1), ("d@w.example", 1))
    load(first, period=(day(16), day(18)))
    load(report(("a@x.example", 4), ("c@z.example", 1)), period=(day(19), day(19)))
    rows = volume_of_busiest(store, answers.settle_scope(store), 2)
    assert [tuple(row) for row in rows.itertuples(index=False)] == [
        (1, day(16), day(18), "x.example", 3), (1, day(19), day(19), "x.example", 4),
        (2, day(16), day(18), "y.example", 5),
        (3, day(16), day(18), None, 2), (3, day(19), day(19), None, 1),
    ]  # fmt: skip


def test_every_question_is_named_on_the_command_line_and_every_view_asks_one():
    assert tuple(QUESTIONS) == ANSWERS
    assert {view.answer for view in VIEWS} <= set(ANSWERS)
