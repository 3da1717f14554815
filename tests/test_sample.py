"""The sample story: made again to the byte, and every answer equal to the ledger of what happened."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
from pathlib import Path

import pytest

from smtpauth_kit import answers, loading
from smtpauth_kit.sample import ledger as book
from smtpauth_kit.sample import make_ledger, manifest, story, write_samples
from smtpauth_kit.sample.large import WRITERS, Shape
from smtpauth_kit.schema import SUBMISSION_SOURCES, TLS_VERSIONS, Filters
from smtpauth_kit.store import open_store

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
LEDGER = make_ledger()
WEEK = (dt.date(2026, 11, 16), dt.date(2026, 11, 22))
ALL = (story.FIRST_DAY, story.LAST_DAY)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Every sample export in one store, loaded in an order of no meaning."""
    found = open_store(tmp_path_factory.mktemp("sample") / "sample.duckdb")
    entries = manifest()
    random.Random(7).shuffle(entries)
    for entry in entries:
        result = loading.load(found, SAMPLE / entry.name, period=entry.period)
        (file,) = result.files
        assert (file.status, file.rows_rejected) == ("loaded", 0), file
        assert file.rows_read == file.rows_loaded + file.rows_duplicate + file.rows_other
    return found


def test_the_generator_writes_the_same_bytes_again(tmp_path):
    for path in write_samples(tmp_path):
        assert path.read_bytes() == (SAMPLE / path.name).read_bytes(), path.name
    assert {p.name for p in SAMPLE.iterdir()} == {p.name for p in tmp_path.iterdir()}


def test_every_sample_is_smaller_than_a_megabyte():
    assert max(path.stat().st_size for path in SAMPLE.iterdir()) < 1_000_000


@pytest.mark.parametrize("source", ["report", "submission_log", "extended_trace"])
@pytest.mark.parametrize("start", [story.FIRST_DAY, dt.date(2026, 10, 26), WEEK[0]])
def test_insight_and_tls_usage_equal_the_ledger_for_every_source(store, source, start):
    seen = LEDGER.seen_by(source)
    row = answers.ask(store, "insight", Filters(start=start, source=source)).rows.iloc[0]
    truth = {v: book.count(seen, start, WEEK[1], tls=v) for v in TLS_VERSIONS}
    assert {u["tls_version"]: u["message_count"] for u in row.tls_usage} == truth
    assert row.message_count == sum(truth.values())
    assert row.account_count == len(book.accounts(seen, start, WEEK[1]))


@pytest.mark.parametrize("source", ["report", "submission_log", "extended_trace"])
@pytest.mark.parametrize("domain", [None, *story.DOMAINS])
def test_sending_volume_equals_the_ledger_for_every_source_and_domain(store, source, domain):
    seen = [m for m in LEDGER.seen_by(source) if domain in (None, m.domain)]
    filters = Filters(start=ALL[0], source=source, domains=(domain,) if domain else ())
    rows = answers.ask(store, "sending-volume", filters).rows
    told = {
        (r.period_start, r.period_end, r.sender_domain): r.message_count for r in rows.itertuples()
    }
    truth: dict = {}
    weeks = book.report_weeks()
    for message in seen:
        days = (message.day, message.day)
        if source == "report":
            days = next(week for week in weeks if week[0] <= message.day <= week[1])
        truth[*days, message.domain] = truth.get((*days, message.domain), 0) + 1
    assert told == truth


@pytest.mark.parametrize("source", ["report", "submission_log", "extended_trace"])
def test_every_sender_equals_the_ledger_in_every_column(store, source):
    seen = LEDGER.seen_by(source)
    rows = answers.ask(store, "senders", Filters(start=ALL[0], source=source)).rows
    assert set(rows["sender_address"]) == book.accounts(seen)
    for row in rows.itertuples():
        mine = [m for m in seen if m.sender_address == row.sender_address]
        assert row.message_count == len(mine)
        for version in TLS_VERSIONS:
            count = getattr(row, f"tls_{version.replace('.', '_')}_count")
            assert count == sum(m.tls_version == version for m in mine)
        assert row.basic_count == sum(m.auth_protocol == "basic" for m in mine)
        assert row.oauth_count == sum(m.auth_protocol == "oauth" for m in mine)
        if source != "report":
            assert (row.first_seen, row.last_seen) == (mine[0].day, mine[-1].day)
            assert row.client_ip_count == len({m.client_ip for m in mine})


def test_mixed_sources_are_never_added_and_auto_takes_the_fullest(store):
    whole = answers.ask(store, "insight", Filters(start=ALL[0]))
    assert whole.scope.source == "submission_log"
    assert whole.rows["message_count"].iloc[0] == len(LEDGER.messages)
    assert whole.scope.not_shown == {
        source: len(LEDGER.seen_by(source)) for source in ("extended_trace", "report")
    }
    week = answers.ask(store, "insight").scope
    assert (week.start, week.end, week.source) == (*WEEK, "extended_trace")
    assert answers.stored_messages(store) == len(LEDGER.messages)


@pytest.mark.parametrize("days", [1, 3, 10, 31])
def test_any_range_under_every_filter_equals_the_ledger(store, days):
    start, end = WEEK[1] - dt.timedelta(days=days + 5), WEEK[1] - dt.timedelta(days=5)
    for source in ("submission_log", "extended_trace"):
        seen = LEDGER.seen_by(source)
        for sender in ("erp@contoso.com", "carol@contoso.com"):
            filters = Filters(start=start, end=end, source=source, sender=sender)
            count = answers.ask(store, "insight", filters).rows["message_count"].iloc[0]
            assert count == book.count(seen, start, end, sender=sender)
        busy = [a for a in book.accounts(seen, start, end)
                if book.count(seen, start, end, sender=a) >= 20]  # fmt: skip
        filters = Filters(start=start, end=end, source=source, min_messages=20)
        rows = answers.ask(store, "senders", filters).rows
        assert set(rows["sender_address"]) == set(busy)


def test_another_time_zone_equals_the_ledger_shifted(store):
    filters = Filters(start=dt.date(2026, 11, 18), end=dt.date(2026, 11, 19),
                      source="submission_log", timezone="America/Los_Angeles")  # fmt: skip
    count = answers.ask(store, "insight", filters).rows["message_count"].iloc[0]
    low, high = dt.datetime(2026, 11, 18, 8), dt.datetime(2026, 11, 20, 8)
    assert count == sum(low <= m.sent_at < high for m in LEDGER.messages)


def test_sign_ins_equal_the_ledger_though_two_exports_overlap(store):
    seen = LEDGER.seen_sign_ins()
    rows = answers.ask(store, "sign-ins", Filters(start=ALL[0])).rows.set_index("account")
    assert set(rows.index) == {a.account for a in seen}
    for account, row in rows.iterrows():
        mine = [a for a in seen if a.account == account]
        assert row.success_count == sum(a.success for a in mine)
        assert row.failure_count == sum(not a.success for a in mine)
        assert row.countries == sorted({a.country for a in mine})


def test_mailbox_settings_equal_the_ledger(store):
    rows = store.sql(
        "select address, coalesce(smtp_auth_disabled::text, '') as disabled from mailbox_settings "
        "where address <> ''"
    )
    told = dict(rows.itertuples(index=False))
    truth = {
        b.address: "" if b.smtp_auth_disabled is None else str(b.smtp_auth_disabled).lower()
        for b in LEDGER.mailboxes
    }
    assert told == truth


def test_the_story_has_its_parts():
    senders = story.senders()
    assert 60 <= len(senders) <= 70
    assert {s.domain for s in senders} == set(story.DOMAINS)
    payroll = {m.day for m in LEDGER.messages if m.sender_address == "payroll@contoso.com"}
    assert len(payroll) == 3
    erp = [m for m in LEDGER.messages if m.sender_address == "erp@contoso.com"]
    assert {m.auth_protocol for m in erp if m.day < dt.date(2026, 10, 12)} == {"basic"}
    assert {m.auth_protocol for m in erp if m.day >= dt.date(2026, 10, 12)} == {"oauth"}
    weekend = book.count(LEDGER.messages, dt.date(2026, 9, 12), dt.date(2026, 9, 13))
    assert weekend < book.count(LEDGER.messages, dt.date(2026, 9, 14), dt.date(2026, 9, 15))
    assert {b.smtp_auth_disabled for b in LEDGER.mailboxes} == {None, True, False}


def test_every_planted_event_is_in_the_ledger_and_its_failures_are_no_use():
    events = {event.kind: event for event in LEDGER.planted}
    assert set(events) == {"spray", "compromise", "dormant", "new country"}
    spray = [a for a in LEDGER.attempts if a.planted == events["spray"].name]
    assert len(spray) == 3 * story.SPRAYED and not any(a.success for a in spray)
    burst = [m for m in LEDGER.messages if m.planted == events["compromise"].name]
    assert len(burst) == story.BURST_MESSAGES
    before = [m for m in LEDGER.messages if m.sender_address == "intern-old@contoso.com"]
    gap = max(b.day - a.day for a, b in itertools.pairwise(before))
    assert gap >= dt.timedelta(days=75)
    assert [a.country for a in LEDGER.attempts if a.planted == "new country"] == ["BR"]


@pytest.mark.parametrize("kind", WRITERS)
def test_a_large_export_holds_what_its_totals_say(tmp_path, kind):
    path = tmp_path / f"large-{kind}.csv"
    totals = WRITERS[kind](path, Shape(rows=20_000, senders=300, domains=7, days=30, planted=True))
    found = open_store(tmp_path / "large.duckdb")
    (file,) = loading.load(found, path).files
    assert (file.status, file.rows_read, file.rows_rejected) == ("loaded", 20_000, 0)
    everything = Filters(start=dt.date(2026, 1, 1))
    if kind == "sign-ins":
        rows = answers.ask(found, "sign-ins", everything).rows
        assert rows["failure_count"].sum() == totals.by_result["failure"] == 400
        assert rows["attempt_count"].sum() == totals.count
        return
    usage = answers.ask(found, "tls-usage", everything).rows
    assert {
        v: n for v, n in zip(usage["tls_version"], usage["message_count"], strict=True) if n
    } == totals.by_tls
    volume = answers.ask(found, "sending-volume", everything).rows
    by_day = volume.groupby("report_date")["message_count"].sum()
    assert {day.isoformat(): n for day, n in by_day.items()} == totals.by_day
    assert volume.groupby("sender_domain")["message_count"].sum().to_dict() == totals.by_domain
    (account,) = totals.planted
    rows = answers.ask(found, "senders", everything).rows.set_index("sender_address")
    assert rows.loc[account, "message_count"] >= totals.planted[account]
    assert "planted" not in path.read_bytes()[:100_000].decode("utf-8", "ignore")


def test_the_generator_is_a_command(tmp_path):
    import subprocess
    import sys

    command = [sys.executable, "-m", "smtpauth_kit.sample", "--large", "log", "--rows", "100",
               "--file", str(tmp_path / "x.csv.gz")]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    totals = json.loads((tmp_path / "x.csv.gz.totals.json").read_text())
    assert totals["count"] == 100
    assert set(SUBMISSION_SOURCES) >= {"submission_log"}
