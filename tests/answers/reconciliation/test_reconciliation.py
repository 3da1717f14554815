"""Why sources disagree: a small world for each reason, with the whole answer worked out by hand."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os

import pytest
from command import smtpauth
from reconciled import (
    LOG,
    REQUESTED,
    SIGN_INS,
    TRACE,
    WEEK,
    brief,
    every_day,
    log,
    messages,
    report,
    requested,
    rows_of,
    sign_ins,
    trace,
)

from smtpauth_kit.answers import ask
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters, filters
from smtpauth_kit.loading import loading

SCAN, APP, OTHER = "scan@contoso.com", "app@contoso.com", "noreply@contoso.com"


def briefs(store, asked=None):
    return [brief(row) for row in rows_of(store, *([asked] if asked else []))]


def test_sources_that_count_the_same_say_so(store, load):
    load(report({SCAN: 7}), period=WEEK)
    load(LOG + log(SCAN, messages(range(16, 23))))
    (row,) = rows_of(store)
    assert row == {
        "sender_address": SCAN, "period_start": WEEK[0], "period_end": WEEK[1],
        "counts": {"report": 7, "submission_log": 7}, "sign_in_count": None, "difference": 0,
        "reasons": [{"code": "same", "explains": 0, "sentence": "All sources count the same."}],
        "unexplained": 0, "tenant": "",
    }  # fmt: skip


def test_rows_without_an_id_may_be_recipients_and_no_messages(store, load):
    load(report({SCAN: 8}), period=WEEK)
    at = "17T09:00:00"
    rows = [
        *((day, "", "192.0.2.1") for day in ("16T08:00:00", "22T08:00:00")),
        *[(at, "", "192.0.2.1")] * 4,  # One message to three people, and one of them twice: two.
        (at, "", "192.0.2.2"),  # Another client: another message.
        ("17T09:00:01", "", "192.0.2.1"),  # Another second.
        *[("17T09:00:02", "3@x", "192.0.2.1"), ("17T09:00:02", "4@x", "192.0.2.1")],  # With ids.
    ]
    to = ["a", "a", "a", "b", "c", "a", "d", "e", "f", "g"]
    load(LOG + log(SCAN, rows, recipients=[f"{name}@fabrikam.com" for name in to]))
    assert briefs(store) == [
        (SCAN, {"report": 8, "submission_log": 10}, 2, [("recipients_not_messages", 2)], 0)
    ]
    sentence = rows_of(store)[0]["reasons"][0]["sentence"]
    assert "2 of them are one more recipient" in sentence and "submission log" in sentence


def test_sessions_are_fewer_than_messages_and_explain_none(store, load):
    load(report({SCAN: 7}), period=WEEK)
    load(LOG + log(SCAN, messages(range(16, 23))))
    load(
        SIGN_INS + every_day("success") + sign_ins("SCAN@Contoso.com", [("18T08:00:00", "success")])
    )
    (row,) = rows_of(store)
    assert row["sign_in_count"] == 1
    assert brief(row)[2:] == (0, [("same", 0), ("sessions_not_messages", 0)], 0)


def test_sign_ins_are_not_told_where_a_day_of_them_is_not_loaded(store, load):
    load(report({SCAN: 7}), period=WEEK)
    load(LOG + log(SCAN, messages(range(16, 23))))
    load(SIGN_INS + sign_ins(SCAN, [("16T08:00:00", "success"), ("21T08:00:00", "success")]))
    (row,) = rows_of(store)
    assert (row["sign_in_count"], brief(row)[3]) == (None, [("same", 0)])


def test_sign_ins_that_only_failed_handed_in_nothing(store, load):
    load(report({SCAN: 7, APP: 7}), period=WEEK)
    load(LOG + log(SCAN, messages(range(16, 23))) + log(APP, messages(range(16, 23))))
    load(SIGN_INS + every_day("success") + sign_ins(SCAN, [("18T08:00:00", "failure")] * 2))
    told = {row["sender_address"]: (row["sign_in_count"], brief(row)[3]) for row in rows_of(store)}
    assert told == {SCAN: (0, [("same", 0), ("not_accepted", 0)]), APP: (0, [("same", 0)])}


def test_an_account_that_sends_as_another_address_is_counted_under_either(store, load):
    load(report({APP: 10, SCAN: 7}), period=WEEK)
    own = messages((16, 17, 18, 22))
    as_other = [(f"{d}T10:00:00", f"as{d}@x", "192.0.2.1") for d in range(16, 22)]
    load(
        LOG
        + log(APP, own, APP)
        + log(OTHER, as_other, APP)
        + log(SCAN, messages(range(16, 23)), SCAN)
    )
    assert briefs(store) == [
        (APP, {"report": 10, "submission_log": 4}, 6, [("send_as", 6)], 0),
        (OTHER, {"report": 0, "submission_log": 6}, 6, [("send_as", 6)], 0),
        (SCAN, {"report": 7, "submission_log": 7}, 0, [("same", 0)], 0),
    ]


def test_sending_as_another_explains_no_more_than_the_other_address_has_elsewhere(store, load):
    load(report({APP: 10, OTHER: 5}), period=WEEK)
    own = messages((16, 17, 18, 22))
    as_other = [(f"{d}T10:00:00", f"as{d}@x", "192.0.2.1") for d in range(16, 22)]
    load(LOG + log(APP, own, APP) + log(OTHER, as_other, APP))
    assert briefs(store) == [
        (APP, {"report": 10, "submission_log": 4}, 6, [("send_as", 1), ("unknown", 0)], 5),
        (OTHER, {"report": 5, "submission_log": 6}, 1, [("send_as", 1)], 0),
    ]


def test_ids_link_an_account_and_the_address_it_sends_as(store, load):
    every, first = messages(range(16, 23)), messages((16, 17, 22))
    load(report({APP: 7}), period=WEEK)
    load(REQUESTED + requested(APP, every))
    load(TRACE + trace(APP, first) + trace(OTHER, [m for m in every if m not in first]))
    assert briefs(store) == [
        (APP, {"requested_report": 7, "extended_trace": 3, "report": 7}, 4, [("send_as", 4)], 0),
        (OTHER, {"requested_report": 0, "extended_trace": 4, "report": 0}, 4, [("send_as", 4)], 0),
    ]


def test_days_in_no_file_explain_the_messages_on_them(store, load):
    load(report({SCAN: 15}), period=WEEK)
    load(
        REQUESTED
        + requested(SCAN, [*messages(range(16, 23), 2), ("22T12:00:00", "late", "192.0.2.1")])
    )
    load(LOG + log(SCAN, messages(range(16, 19), 2)))
    load(LOG + log(SCAN, messages((21, 22), 2)))
    assert briefs(store) == [
        (
            SCAN, {"requested_report": 15, "report": 15, "submission_log": 10}, 5,
            [("days_not_covered", 4), ("unknown", 0)], 1,
        )
    ]  # fmt: skip


def test_a_report_tells_no_days_and_a_third_source_may(store, load):
    load(report({SCAN: 15, APP: 3}), period=WEEK)
    load(LOG + log(SCAN, messages(range(16, 21), 2)) + log(APP, messages((16,))))
    assert briefs(store) == [
        (SCAN, {"report": 15, "submission_log": 10}, 5, [("days_not_covered", 5)], 0),
        (APP, {"report": 3, "submission_log": 1}, 2, [("days_not_covered", 2)], 0),
    ]
    load(TRACE + trace(SCAN, messages(range(16, 23), 2)) + trace(APP, messages((16, 22))))
    counts = {"extended_trace": 14, "report": 15, "submission_log": 10}
    assert briefs(store) == [
        (SCAN, counts, 5, [("days_not_covered", 4), ("unknown", 0)], 1),
        (
            APP, {"extended_trace": 2, "report": 3, "submission_log": 1}, 2,
            [("days_not_covered", 1), ("unknown", 0)], 1,
        ),
    ]  # fmt: skip


def at_minute(day: int, n: int) -> str:
    return f"{day}T{8 + n // 60:02}:{n % 60:02}:00"


def test_a_file_of_exactly_a_portals_limit_was_cut(store, load):
    every = [
        (at_minute(day, n), f"{day}-{n}@x", "192.0.2.1")
        for day in range(16, 23)
        for n in range(200)
    ]
    load(report({SCAN: 1_400, APP: 1}), period=WEEK)
    load(REQUESTED + requested(SCAN, every) + requested(APP, messages((22,))))
    load(TRACE + trace(SCAN, every[100:1_100]))
    # From noon on the first day to the middle of the sixth; what is lacking before is no end of it.
    found = {sender: rest for sender, *rest in briefs(store)}
    counts = {"requested_report": 1_400, "extended_trace": 1_000, "report": 1_400}
    assert found[SCAN] == [counts, 400, [("cut_export", 300), ("unknown", 0)], 100]
    assert found[APP] == [
        {"requested_report": 1, "extended_trace": 0, "report": 1},
        1,
        [("cut_export", 1)],
        0,
    ]


def test_what_is_cut_off_may_be_the_oldest(store, load):
    every = [
        (at_minute(day, n), f"{day}-{n}@x", "192.0.2.1")
        for day in range(16, 23)
        for n in range(200)
    ]
    load(report({SCAN: 1_400}), period=WEEK)
    load(REQUESTED + requested(SCAN, every))
    load(TRACE + trace(SCAN, reversed(every[400:])))
    load(TRACE + trace(SCAN, reversed(every[:100])))
    assert briefs(store)[0][2:] == (300, [("cut_export", 200), ("unknown", 0)], 100)


def test_a_file_of_a_limits_size_that_reaches_beyond_the_period_was_not_cut_in_it(store, load):
    every = [
        (at_minute(day, n), f"{day}-{n}@x", "192.0.2.1")
        for day in range(15, 24)
        for n in range(100)
    ]
    more = [(at_minute(23, n), f"more-{n}@x", "192.0.2.1") for n in range(100, 200)]
    load(report({SCAN: 710}), period=WEEK)
    load(TRACE + trace(SCAN, [*every, *more]))
    assert briefs(store) == [
        (SCAN, {"extended_trace": 700, "report": 710}, 10, [("unknown", 0)], 10)
    ]


def test_a_source_cannot_see_clients_that_never_reach_it(store, load):
    seen, elsewhere = messages(range(16, 23)), messages(range(16, 20), client="198.51.100.9")
    renamed = [(at.replace("T08", "T09"), f"b{id_}", ip) for at, id_, ip in elsewhere]
    known = [("20T11:00:00", "k@x", "192.0.2.1")]
    load(report({SCAN: 12}), period=WEEK)
    load(REQUESTED + requested(SCAN, [*seen, *renamed, *known]))
    load(LOG + log(SCAN, seen))
    assert briefs(store) == [
        (
            SCAN, {"requested_report": 12, "report": 12, "submission_log": 7}, 5,
            [("source_cannot_see", 4), ("unknown", 0)], 1,
        )
    ]  # fmt: skip
    # Seen on another day, by another sender, it is no longer one that never reaches it.
    load(LOG + log(APP, [("30T08:00:00", "later@x", "198.51.100.9")]))
    assert briefs(store)[0][3:] == ([("unknown", 0)], 5)


def test_a_log_that_tells_no_clients_or_no_ids_is_not_said_not_to_see_them(store, load):
    load(report({SCAN: 9}), period=WEEK)
    load(
        REQUESTED
        + requested(SCAN, [*messages(range(16, 23)), *messages((16,), 3, "198.51.100.9")[1:]])
    )
    load(
        LOG
        + log(
            SCAN,
            [
                (at.replace(":00:00", ":00:30"), "", "192.0.2.1")
                for at, *_ in messages(range(16, 23))
            ],
        )
    )
    assert briefs(store)[0][3:] == ([("unknown", 0)], 2)


@pytest.mark.parametrize(("in_log", "told", "unexplained"), [
    (7, [("superseded_report", 2)], 0),
    (9, [("same", 0), ("superseded_report", 0)], 0),
    (6, [("superseded_report", 2), ("unknown", 0)], 1),
    (10, [("superseded_report", 0), ("unknown", 0)], 1),
])  # fmt: skip
def test_an_earlier_export_of_a_report_is_told(store, load, in_log, told, unexplained):
    load(report({SCAN: 7}), period=WEEK)
    load(report({SCAN: 9}), period=WEEK)
    extra = messages((16,), in_log - 5)[1:] if in_log > 6 else []
    load(
        LOG
        + log(
            SCAN,
            [
                *messages(range(16, 23))[: in_log - len(extra) - 1],
                *extra,
                ("22T20:00:00", "end@x", "192.0.2.1"),
            ],
        )
    )
    (row,) = rows_of(store)
    assert row["counts"] == {"report": 9, "submission_log": in_log}
    assert (brief(row)[3], row["unexplained"]) == (told, unexplained)
    sentence = next(r["sentence"] for r in row["reasons"] if r["code"] == "superseded_report")
    assert "says 7" in sentence and "counts 9" in sentence


def test_two_reasons_at_once_share_the_difference(store, load):
    load(report({SCAN: 7}), period=WEEK)
    load(REQUESTED + requested(SCAN, [*messages(range(16, 21))]))
    rows = [(f"{day}T08:00:00", "", "192.0.2.1") for day in range(16, 23) for _ in range(2)]
    load(LOG + log(SCAN, rows, recipients=["a@x.example", "b@x.example"] * 7))
    # 14 rows are 7 messages; of these the requested report lacks those of two days.
    assert briefs(store) == [
        (
            SCAN, {"requested_report": 5, "report": 7, "submission_log": 14}, 9,
            [("recipients_not_messages", 7), ("days_not_covered", 2)], 0,
        )
    ]  # fmt: skip


def test_tenants_stand_apart(store, load):
    load(report({SCAN: 7}), period=WEEK, tenant="one")
    load(LOG + log(SCAN, messages(range(16, 23))), tenant="one")
    load(report({SCAN: 9}), period=WEEK, tenant="two|odd")
    load(LOG + log(SCAN, messages(range(16, 20), 2)), tenant="two|odd")
    load(LOG + log(SCAN, messages(range(16, 20), 2)), tenant="three")
    assert [(row["tenant"], *brief(row)[1:]) for row in rows_of(store)] == [
        ("two|odd", {"report": 9, "submission_log": 8}, 1, [("days_not_covered", 1)], 0),
        ("one", {"report": 7, "submission_log": 7}, 0, [("same", 0)], 0),
    ]


def test_without_a_report_two_logs_are_compared_on_the_days_both_cover(store, load):
    load(REQUESTED + requested(SCAN, messages(range(14, 21), 2)))
    load(LOG + log(SCAN, messages(range(16, 23), 2)[1:]))
    (row,) = rows_of(store)
    assert (row["period_start"], row["period_end"]) == (
        dt.date(2026, 11, 16),
        dt.date(2026, 11, 20),
    )
    assert brief(row)[1:] == ({"requested_report": 10, "submission_log": 9}, 1, [("unknown", 0)], 1)


def test_only_report_periods_that_count_and_lie_inside_the_range_are_rows(store, load):
    before = (WEEK[0] - dt.timedelta(7), WEEK[0] - dt.timedelta(1))
    load(report({SCAN: 7}), period=WEEK)
    load(report({SCAN: 6}), period=before)
    load(report({SCAN: 9}), period=(WEEK[0] + dt.timedelta(2), WEEK[1]))
    load(LOG + log(SCAN, messages(range(9, 23))))
    told = [(row["period_start"], brief(row)[1]) for row in rows_of(store)]
    assert told == [
        (before[0], {"report": 6, "submission_log": 7}),
        (WEEK[0], {"report": 7, "submission_log": 7}),
    ]
    answer = ask(store, "reconciliation", Filters(start=WEEK[0]))
    assert answer.rows["period_start"].tolist() == [WEEK[0]]
    assert [p.start for p in answer.scope.outside_window] == [before[0]]
    assert [p.start.day for p in answer.scope.overlapped] == [18]


def test_a_log_of_sign_ins_alone_speaks_of_no_messages(store, load):
    load(report({SCAN: 7}), period=WEEK)
    login = "Nov {} 08:00:00 mail dovecot: submission-login: Login: user=<a@contoso.com>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.9, mpid=1, TLS, session=<{}>\n"
    load("".join(login.format(d, d) for d in range(16, 23)), name="dovecot.log")
    assert len(store.sql("select * from sign_ins")) == 7 and rows_of(store) == []


def test_filters_choose_rows_and_not_the_evidence(store, load):
    load(report({APP: 10, "x@fabrikam.com": 2}), period=WEEK)
    own, as_other = messages((16, 22), 2), messages(range(16, 22), client="192.0.2.7")
    renamed = [(at, f"b{id_}", ip) for at, id_, ip in as_other]
    load(LOG + log(APP, own, APP) + log(OTHER, renamed, APP))
    one = (APP, {"report": 10, "submission_log": 4}, 6, [("send_as", 6)], 0)
    assert briefs(store, Filters(sender="APP@contoso.com")) == [one]
    assert [row[0] for row in briefs(store, Filters(domains=("fabrikam.com",)))] == [
        "x@fabrikam.com"
    ]
    assert briefs(store, Filters(min_messages=7)) == [one]
    assert briefs(
        store, filters(where=["reasons contains send_as", "sender_address contains app"])
    ) == [one]
    assert [row[0] for row in briefs(store, filters(where=["unexplained > 0"]))] == [
        "x@fabrikam.com"
    ]
    assert briefs(store, Filters(source="report+submission_log"))[1] == one


@pytest.mark.parametrize("asked", [
    Filters(source="report"), Filters(source="report+nobody"), Filters(timezone="Europe/Amsterdam"),
    filters(senders="message_count > 1"), Filters(start=WEEK[1], end=WEEK[0]),
])  # fmt: skip
def test_what_cannot_be_compared_is_refused_in_plain_words(store, load, asked):
    load(report({SCAN: 7}), period=WEEK)
    with pytest.raises(UsageError):
        rows_of(store, asked)


def test_a_store_without_rows_and_a_lone_source_have_no_answer(store, load):
    load(LOG.replace("Account", "Note"))
    assert rows_of(store) == []
    load(report({SCAN: 7}), period=WEEK)
    assert rows_of(store) == []


def test_a_report_exported_on_its_last_day_lacks_no_more_than_that_day(store, load, write):
    late = report({SCAN: 20, APP: 2, OTHER: 1})
    path = write("report.csv", late)
    at = dt.datetime(2026, 11, 22, 15, 30, tzinfo=dt.UTC).timestamp()
    os.utime(path, (at, at))
    loading.load(store, path, period=WEEK)
    evening = [("22T20:00:00", f"e{n}@x", "192.0.2.1") for n in range(2)]
    load(
        LOG
        + log(SCAN, [*messages(range(16, 23), 3), *evening])
        + log(APP, messages((16, 17, 18, 22)))
        + log(OTHER, messages((16, 22)))
    )
    assert briefs(store) == [
        (APP, {"report": 2, "submission_log": 4}, 2, [("report_lag", 1), ("unknown", 0)], 1),
        (SCAN, {"report": 20, "submission_log": 23}, 3, [("report_lag", 3)], 0),
        (OTHER, {"report": 1, "submission_log": 2}, 1, [("report_lag", 1)], 0),
    ]
    # Exported once more when the day was over, it lacks none for that reason.
    load(late.replace("20", "21"), period=WEEK)
    assert briefs(store)[1] == (
        SCAN, {"report": 21, "submission_log": 23}, 2, [("superseded_report", 0), ("unknown", 0)], 2
    )  # fmt: skip


def test_a_file_whose_date_lies_before_its_period_has_a_wrong_date(store, load, write):
    path = write("report.csv", report({SCAN: 6}))
    os.utime(path, (0, 0))
    loading.load(store, path, period=WEEK)
    load(LOG + log(SCAN, messages(range(16, 23))))
    assert briefs(store)[0][3:] == ([("unknown", 0)], 1)


HOSTILE = "=cmd|' /C calc'!A0<script>alert(1)</script>\"@contoso.com"


def test_the_command_line_prints_it_as_json_table_csv_and_sql(store, load):
    load('Sender address,Message count\n"' + HOSTILE.replace('"', '""') + '",9\n', period=WEEK)
    load(LOG + log(SCAN, messages(range(16, 23))))
    show = ["show", "reconciliation", "--store", str(store.path)]
    told = json.loads(smtpauth(*show, "--json").stdout)
    assert (told["answer"], told["source"]) == ("reconciliation", "report+submission_log")
    row, other = told["rows"]
    assert row["sender_address"] == HOSTILE and row["unexplained"] == 9
    assert row["reasons"][0]["code"] == "unknown"
    assert (other["counts"], other["period_start"]) == (
        {"report": 0, "submission_log": 7},
        "2026-11-16",
    )
    table = smtpauth(*show).stdout
    assert "report 0  submission_log 7" in table and "nothing explains: 16." in table
    first = list(csv.reader(smtpauth(*show, "--format", "csv").stdout.splitlines()))[1]
    assert first[0].startswith("'=cmd") and json.loads(first[6])[0]["explains"] == 0
    asked = smtpauth(*show, "--format", "sql").stdout
    counted = store.sql(asked)
    assert sorted(counted["difference"]) == [7, 9]
