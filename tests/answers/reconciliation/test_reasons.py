"""No reason without its evidence, and never more than there is to explain; whatever the facts."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reconciled import LOG, REQUESTED, TRACE, WEEK, log, report, requested, rows_of, trace

import smtpauth_kit
from smtpauth_kit.answers.composing import reads, relations
from smtpauth_kit.answers.reconciliation.reasons import CODES, FIGURES, reasons_of
from smtpauth_kit.answers.reconciliation.relations import reconciliation_sql
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.names import SUBMISSION_SOURCES
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.engine import SPARK

FOLDER = "answers/reconciliation"
FILES = sorted(p.stem for p in (Path(smtpauth_kit.__file__).parent / FOLDER).glob("*.sql"))
NOT_SHARED = r"::|/\*|\bby name\b|\bgroup by all\b|\bmaterialized\b|\* (?:replace|exclude)\b|\b(?:len|list\w*)\("

EVIDENCE = {
    "recipients_not_messages": ("recipient_rows",),
    "send_as": ("sent_as_count",),
    "source_cannot_see": ("unseen_count",),
    "cut_export": ("cut_rows",),
    "days_not_covered": ("missing_day_count",),
    "report_lag": ("late_count",),
    "superseded_report": ("superseded_count",),
    "sessions_not_messages": ("sign_in_count",),
    "not_accepted": ("failure_count",),
}


@given(
    st.data(),
    st.dictionaries(st.sampled_from(SUBMISSION_SOURCES), st.integers(0, 12), min_size=2),
)
def test_reasons_never_explain_more_than_the_difference_nor_without_evidence(data, counts):
    ranked = sorted(counts, key=lambda source: -counts[source])
    figures = {
        name: data.draw(st.none() | st.integers(0, 9), label=name)
        for name in FIGURES
        if name not in ("cut_end_day", "report_day", "unseen_client_count")
    } | {"unseen_client_count": 1, "report_day": WEEK[1]}
    row = dict.fromkeys((*SUBMISSION_SOURCES, *FIGURES)) | counts | figures
    row |= {"larger": ranked[0], "smaller": ranked[-1]}
    row |= {"largest": counts[ranked[0]], "smallest": counts[ranked[-1]]}
    row["difference"] = row["largest"] - row["smallest"]
    told = reasons_of(row)
    explained = sum(reason.explains for reason in told)
    codes = [reason.code for reason in told]
    assert (
        0 <= explained <= row["difference"] and min(r.explains for r in told) >= 0 if told else True
    )
    assert ("unknown" in codes) == (explained < row["difference"])
    assert ("same" in codes) == (row["difference"] == 0)
    assert len(set(codes)) == len(codes) and set(codes) <= set(CODES)
    for code in set(codes) & set(EVIDENCE):
        assert any(row[name] is not None for name in EVIDENCE[code]), code
    if row["difference"] == 0:
        assert set(codes) <= {"same", "superseded_report", "sessions_not_messages", "not_accepted"}


def test_random_weeks_of_four_sources_hold_to_what_is_counted_by_hand(store, load):
    dice = random.Random(16)
    senders = [f"s{n}@contoso.com" for n in range(30)]
    sent = {
        (f"{day}T{8 + n:02}:{k:02}:00", f"{k}-{day}-{n}@x", f"192.0.2.{k % 5 + 1}"): sender
        for k, sender in enumerate(senders)
        for day in range(16, 23)
        for n in range(dice.randint(0, 3))
    }
    parts = {
        "requested_report": {m for m in sent if dice.random() < 0.95},
        "extended_trace": {m for m in sent if m[0] < "21" and dice.random() < 0.9},
        "submission_log": {m for m in sent if m[2] != "192.0.2.5" and dice.random() < 0.9},
    }
    counts = {source: Counter(sent[m] for m in part) for source, part in parts.items()}
    counts["report"] = Counter(
        {s: n + dice.choice((0, 0, 1)) for s, n in Counter(sent.values()).items()}
    )
    load(report(counts["report"]), period=WEEK)
    for head, row, source in (
        (REQUESTED, requested, "requested_report"), (TRACE, trace, "extended_trace"),
        (LOG, log, "submission_log"),
    ):  # fmt: skip
        load(head + "".join(row(sent[m], [m]) for m in sorted(parts[source])))
    found = {row["sender_address"]: row for row in rows_of(store)}
    assert set(found) == set(sent.values())
    for sender, row in found.items():
        assert row["counts"] == {s: counts[s][sender] for s in SUBMISSION_SOURCES if s in counts}
        values = row["counts"].values()
        assert row["difference"] == max(values) - min(values)
        told = {reason["code"]: reason["explains"] for reason in row["reasons"]}
        assert row["unexplained"] == row["difference"] - sum(told.values()) >= 0
        assert set(told) <= {"same", "days_not_covered", "source_cannot_see", "unknown"}
        smallest = min(row["counts"], key=lambda s: (row["counts"][s], SUBMISSION_SOURCES.index(s)))
        largest = min(row["counts"], key=lambda s: (-row["counts"][s], SUBMISSION_SOURCES.index(s)))
        if "days_not_covered" in told:
            # The two sources that have the last two days say how many messages those have.
            late = [
                len([m for m in parts[source] if sent[m] == sender and m[0] >= "21"])
                for source in ("requested_report", "submission_log")
            ]
            assert smallest == "extended_trace" and told["days_not_covered"] <= max(late)
        if "source_cannot_see" in told:
            assert (smallest, largest) == ("submission_log", "requested_report")
            unseen = [m for m in parts[largest] if sent[m] == sender and m[2] == "192.0.2.5"]
            assert 0 < told["source_cannot_see"] <= len(unseen)


@pytest.mark.parametrize("name", FILES)
def test_a_file_says_what_it_asks_and_what_it_needs(name):
    text = sql_text(name, FOLDER)
    lines = [line for line in text.splitlines() if line.startswith("--")]
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    assert lines[0].startswith("-- Question: ") and lines[0].endswith("?")
    assert lines[1].startswith("-- Grain:    ")
    named = set(re.findall(r"\$(\w+)", "".join(x for x in lines if x.startswith("-- Params:"))))
    assert named - {"sign_in_source", "sign_in_sources"} <= set(re.findall(r"\$(\w+)", body))
    assert set(re.findall(r"\$(\w+)", body)) <= named
    known = dict.fromkeys([*relations(Filters()), *FILES, "asked_for", "looked_at"], "select 1")
    said = ", ".join(line[13:] for line in lines if line.startswith("-- Reads:"))
    assert set(said.split(", ")) == (set(reads(body, known)) or {""})


def test_the_statement_is_one_that_duckdb_and_spark_parse_and_names_its_columns():
    text = reconciliation_sql(Filters(sender="a@contoso.com", domains=("contoso.com",)))
    assert not re.search(NOT_SHARED, text)
    sqlglot = pytest.importorskip("sqlglot", reason="install the extra: .[test,spark]")
    for dialect, spelled in (("duckdb", text), ("spark", SPARK.spell(text))):
        assert len(sqlglot.parse(spelled, read=dialect)) == 1
