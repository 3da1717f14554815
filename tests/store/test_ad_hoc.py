"""Queries of a person's own: no sum counts twice, whole numbers stay whole, errors help."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from conftest import LOG, LOG_HEADER, WEEK
from depth import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtpauth_kit import answers
from smtpauth_kit.base.errors import StoreError, UsageError
from smtpauth_kit.base.filters import Filters, filters
from smtpauth_kit.loading import loading
from smtpauth_kit.store.store import open_store

REPORT = "Sender address,Message count\n"
COUNTED = ("submissions", "daily_by_sender", "daily_by_domain")
ALL_DAYS = Filters(start=dt.date(2026, 11, 1), end=dt.date(2026, 11, 30))


@pytest.fixture
def several(store, load):
    """A log of 3 messages, and reports of two weeks and of one of them, of 5 and 2 messages."""
    load(LOG)
    load(REPORT + "a@x.example,5\n", period=(dt.date(2026, 11, 9), dt.date(2026, 11, 22)))
    load(REPORT + "a@x.example,2\n", period=WEEK)
    return store


@pytest.mark.parametrize("table", COUNTED)
def test_a_sum_over_a_table_is_what_the_insight_says_of_the_same_days(several, table):
    total = several.sql(f"select sum(message_count) as n from {table}")["n"].tolist()
    insight = answers.ask(several, "insight", ALL_DAYS).rows["message_count"].tolist()
    assert total == insight == [8], "the log and the report of two weeks have nobody in common"


@pytest.mark.parametrize("table", COUNTED)
def test_all_rows_stand_under_another_name_with_why_they_do_not_count(several, table):
    load_again = "select source, counts, why_not, sum(message_count) as n from all_{} group by all"
    rows = several.sql(f"{load_again.format(table)} order by all")
    assert rows.astype(object).where(rows.notna(), None).values.tolist() == [
        ["report", False, "another report period counts", 2],
        ["report", True, None, 5],
        ["submission_log", True, None, 3],
    ]


def test_what_another_source_or_a_later_file_tells_does_not_count(store, load):
    load(LOG)
    load(REPORT + "scanner@contoso.com,1\n", period=WEEK)
    load(REPORT + "scanner@contoso.com,2\n", period=WEEK)
    rows = store.sql(
        "select message_count, why_not from all_submissions where not counts order by 1"
    )
    assert rows.values.tolist() == [[1, "another file counts"], [2, "another source counts"]]
    assert store.sql("select source from submissions")["source"].unique() == ["submission_log"]
    later = "2026-11-16T08:15:30Z,new@contoso.com,,<9@x>,TLS1.2,,OAuth\n"
    load(LOG_HEADER + later)
    assert store.sql("select count(*) as n from submissions")["n"].tolist() == [4]


def test_each_tenant_has_its_own_source_and_a_name_is_no_sql(store, load):
    load(LOG, tenant="it's")
    load(REPORT + "scanner@contoso.com,90\n", period=WEEK, tenant="b")
    sums = store.sql(
        "select tenant, sum(message_count) as n from submissions group by 1 order by 1"
    )
    assert sums.values.tolist() == [["b", 90], ["it's", 3]]


def test_answers_still_read_every_row(several):
    several.sql("select 1")
    asked = ALL_DAYS.changed(source="report")
    assert answers.ask(several, "insight", asked).rows["message_count"].tolist() == [5]
    assert several.run("select sum(message_count)::bigint as n from daily_by_domain")[
        "n"
    ].tolist() == [10]


days = st.integers(1, 28)
FILES = st.lists(st.tuples(days, days, st.sampled_from("ab"), st.integers(0, 9)), max_size=4)


@settings(
    max_examples=tries(6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(reports=FILES, logged=st.lists(st.tuples(days, st.sampled_from("bc")), max_size=6))
def test_no_set_of_files_lets_a_sum_differ_from_the_insight(tmp_path_factory, reports, logged):
    folder = tmp_path_factory.mktemp("any")
    store = open_store(folder / "s.duckdb")
    for number, (one, other, sender, count) in enumerate(reports):
        path = folder / f"{number}.csv"
        path.write_text(f"{REPORT}{sender}@x.example,{count}\n")
        first, last = sorted((one, other))
        loading.load(store, path, period=(dt.date(2026, 11, first), dt.date(2026, 11, last)))
    lines = [
        f"2026-11-{day:02}T08:00:00Z,{sender}@x.example,c@y.example,<{n}@x>,TLS1.2,,Basic\n"
        for n, (day, sender) in enumerate(logged)
    ]
    (folder / "log.csv").write_text(LOG_HEADER + "".join(lines))
    loading.load(store, folder / "log.csv")
    if not store.exists():
        return
    insight = answers.ask(store, "insight", ALL_DAYS).rows["message_count"].iloc[0] or 0
    for table in COUNTED:
        total = store.sql(f"select coalesce(sum(message_count), 0) as n from {table}")["n"].iloc[0]
        assert total == insight


def test_sums_of_counts_are_whole_numbers_however_large(several):
    sums = several.sql(
        "select sum(message_count) as n, sum(message_count) filter (where false) as missing, "
        "avg(message_count) as mean from submissions group by source order by 1"
    )
    assert str(sums["n"].dtype) == "int64" and sums["n"].tolist() == [3, 5]
    assert sums["missing"].tolist() == [None, None]
    assert str(sums["mean"].dtype) == "float64"
    rows = several.sql("select sum(m) as n, max(d) as d from (values (9223372036854775807::bigint, "
                       "date '2026-11-16'), (2, date '2026-11-17')) as t(m, d)")  # fmt: skip
    assert rows["n"].tolist() == [2**63 + 1]
    odd = several.sql("select sum(m) as n from (values (9007199254740993), (0)) as t(m)")
    assert (odd["n"].tolist(), str(odd["n"].dtype)) == ([2**53 + 1], "int64")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select sender from submissions", "There is no column sender. Did you mean sender_address?"),
        ("select s.mesage_count from submissions s", "no column mesage_count. Did you mean message_count?"),
        ("select qqq from submissions", "There is no column qqq in what the query reads."),
        ("select * from submission", "There is no table submission. Did you mean submissions?"),
        ("select * from qqq", "There is no table qqq. store.tables() shows"),
        ("select 1; select 2", "it holds 2 statements, and one is answered at a time"),
        ("", "The query is empty."),
        ("select '\ud800'", "character 9 of it is half of a character ('\\ud800')"),
        ("select 1; drop table submission_rows", "it holds 2 statements"),
    ],
)  # fmt: skip
def test_a_wrong_query_is_refused_in_plain_words(several, query, said):
    with pytest.raises(StoreError) as refused:
        several.sql(query)
    assert said in str(refused.value)
    assert "LINE 1" not in str(refused.value) and "Candidate" not in str(refused.value)
    assert several.sql("select 1 as one;")["one"].tolist() == [1]


def test_a_report_of_zeros_alone_is_loaded_and_counts_none(store, load):
    result = load(REPORT + "a@x.example,0\n", period=WEEK)
    assert (result.rows("loaded"), result.message_count) == (1, 0)
    assert store.sql("select sum(message_count) as n from submissions")["n"].tolist() == [None]


@pytest.mark.parametrize("field", ["domain", "sender", "senders", "where"])
def test_half_of_a_character_in_a_filter_is_refused_in_plain_words(several, field):
    text = "sender_address contains \ud800" if field in ("senders", "where") else "\ud800"
    asked = filters(**{field: [text] if field == "domain" else text})
    with pytest.raises(UsageError, match=f"The text for --{field} holds half of a character"):
        answers.ask(several, "senders", asked)


def test_tables_show_themselves_whole_in_a_terminal_and_fold_out_in_a_notebook(several):
    tables = several.tables()
    assert (tables["meaning"] != "").all()
    text = str(tables)
    assert text == repr(tables) and "..." not in text
    assert re.search(r"\n  message_count +BIGINT +messages, 0 or more\n", text)
    assert re.search(r"\n  why_not +VARCHAR +why the row does not count; null where it does", text)
    html = tables._repr_html_()
    assert html.count("<details>") == tables["table_name"].nunique() == html.count("</details>")
    assert "<code>all_submissions</code>: every submission" in html
    assert type(tables[tables["table_name"] == "submissions"]).__name__ == "DataFrame"
