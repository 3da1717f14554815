"""Spark gives the same frames: every answer, value by value, with many combinations of filters.

A real cluster (a master and two workers) reads the tables that `export-store` wrote: of the sample
by way of Spark Connect, of a made-up tenant by the cluster's own driver. DuckDB, over the stores
themselves, is the reference. Run with the extra: `pip install -e ".[test,spark]"`, and Java 17.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import random
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import LOG_HEADER
from depth import some
from lab import lab_log
from spark_cluster import Sessions, running_cluster

from smtpauth_kit import answers
from smtpauth_kit.answers import settle_scope
from smtpauth_kit.answers.daily import daily
from smtpauth_kit.answers.days_before import COMPARED
from smtpauth_kit.answers.files import rejected_page
from smtpauth_kit.answers.findings.answer import judged
from smtpauth_kit.answers.findings.inputs import Inputs
from smtpauth_kit.answers.findings.judging import found_by
from smtpauth_kit.answers.findings.proof.proof import proof
from smtpauth_kit.answers.findings.rule import RULES
from smtpauth_kit.answers.insight import accounts_before, totals
from smtpauth_kit.answers.questions import QUESTIONS
from smtpauth_kit.answers.readiness.answer import readiness_scope
from smtpauth_kit.answers.readiness.comparable import comparable_senders
from smtpauth_kit.answers.recipients import sender_recipients
from smtpauth_kit.answers.reconciliation import reconciled_scope, reconciliation
from smtpauth_kit.answers.sender import mailbox_setting, sender_clients, sender_subjects
from smtpauth_kit.answers.senders_page import SENDER_ORDERS, senders_page
from smtpauth_kit.answers.stored import domains, stored_messages
from smtpauth_kit.answers.volume import messages_by_day
from smtpauth_kit.base.errors import KitError, StoreError
from smtpauth_kit.base.filters import Filters, filters
from smtpauth_kit.loading import loading
from smtpauth_kit.loading.pulling import pull
from smtpauth_kit.reports import forms as output_forms
from smtpauth_kit.reports.report import Report, build_report
from smtpauth_kit.reports.store_export import export_store
from smtpauth_kit.sample import manifest
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.opening import open_store
from smtpauth_kit.store.store import Store

pytest.importorskip(
    "pyspark.sql", reason='no Spark here: install the extra, pip install -e ".[test,spark]"'
)
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(
        shutil.which("java") is None and "CI" not in os.environ, reason="Spark needs Java"
    ),
]

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
SENDER = "scanner-hq1@contoso.com"
MONTH = {"start": dt.date(2026, 10, 26), "end": dt.date(2026, 11, 22)}

SELECTIONS = {
    "the last 7 days": Filters(),
    "a report's weeks": Filters(source="report", start=dt.date(2026, 10, 20), end=dt.date(2026, 11, 22)),
    "a trace, two domains": Filters(
        source="extended_trace", domains=("contoso.com", "FABRIKAM.com"), **MONTH
    ),
    "another zone, one domain": Filters(
        timezone="Pacific/Auckland", domains=("contoso.com",), source="submission_log"
    ),
    "conditions on senders": filters(
        senders="tls_1_0_share >= 50% and client_ip_count <= 2 or sender_address starts-with E",
        min_messages=3,
    ),
    "conditions in another zone": filters(
        senders="last_seen contains 11-2 and sender_domain != contoso.org",
        timezone="America/New_York",
    ),
    "nobody": Filters(domains=("nobody.example",)),
}  # fmt: skip

OWN_SELECTIONS = {
    "sender": [Filters(sender=SENDER), Filters(sender=SENDER, source="submission_log", **MONTH)],
    "devices": [Filters(sender=SENDER)],
    "who-else": [filters(client_ip=["203.0.113.166"])],
    "findings": [Filters(domains=("contoso.com",), severities=("high",)), Filters(state="all")],
    "reconciliation": [Filters(start=dt.date(2026, 11, 2), end=dt.date(2026, 11, 8))],
    "readiness": [Filters(domains=("contoso.com",), **MONTH)],
    "switch-off": [filters(off=["basic", "legacy_tls"])],
    "burn-down": [Filters(source="submission_log")],
    "went-quiet": [Filters(domains=("fabrikam.com",))],
    "never-seen": [Filters()],
}  # fmt: skip
"""Of answers with filters of their own, and of those that take Spark seconds."""


RULED = ("volume_spike", "silent_sender", "new_client_ip", "password_spray", "tls_downgrade")
"""Rules that a cluster is asked, too: where nobody judged the facts, it judges them itself."""


def selections(name: str) -> list[Filters]:
    """Return what an answer is asked with: one selection of four, by its place, or its own."""
    return OWN_SELECTIONS.get(name) or some([*SELECTIONS.values()], 4, list(QUESTIONS).index(name))


@dataclass(frozen=True)
class Pair:
    """The same facts in two places."""

    duckdb: Store
    spark: Store


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    with running_cluster(tmp_path_factory.mktemp("cluster")) as sessions:
        yield sessions


@pytest.fixture(scope="module")
def sample(cluster: Sessions, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Every sample export in one store, and a file with rows that were not loaded; by Connect."""
    folder = tmp_path_factory.mktemp("sample")
    found = open_store(folder / "sample.duckdb")
    entries = manifest()
    random.Random(7).shuffle(entries)
    loading.load_with_periods(found, [(SAMPLE / each.name, each.period) for each in entries])
    bad = folder / "bad.csv"
    bad.write_text(
        "Date,Sender address\n2026-11-20T10:00:00Z,a@contoso.com\nyesterday,b@contoso.com\n"
    )
    loading.load(found, bad)
    tables = folder / "tables [1]{x}"  # What Spark would take for a pattern.
    export_store(found, tables)
    return Pair(found, open_store(f"spark:{tables}", session=cluster.connect))


@pytest.fixture(scope="module")
def tenant(cluster: Sessions, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A made-up tenant, as tables of a catalog; by the driver in this process."""
    from smtpauth_kit.sample.tenants.into_store import write_store
    from smtpauth_kit.sample.tenants.shape import TenantShape

    folder = tmp_path_factory.mktemp("tenant")
    write_store(folder / "tenant.duckdb", TenantShape(seed=5, senders=40, days=100, events=1))
    found = open_store(folder / "tenant.duckdb")
    tables = folder / "tables"
    cluster.driver.sql("create database made_up")
    for name in export_store(found, tables).tables:
        cluster.driver.sql(f"create view made_up.{name} as select * from parquet.`{tables / name}`")
    return Pair(found, open_store("spark", session=cluster.driver, database="made_up"))


def told(frame: pd.DataFrame) -> tuple[list[str], list[str], list[list[Any]]]:
    """Return a frame's columns, their types, and each cell with the name of its own type."""
    cells = [[(type(cell).__name__, _known(cell)) for cell in row] for row in frame.values.tolist()]
    return list(frame.columns), [str(kind) for kind in frame.dtypes], cells


def _known(cell: Any) -> Any:
    return None if isinstance(cell, float) and cell != cell else cell


def answered(engine: Engine, name: str, asked: Filters) -> Any:
    """Return all that there is of an answer: scope, rows, what is beside them; or the refusal."""
    try:
        answer = answers.ask(engine, name, asked)
    except KitError as error:
        return str(error)
    return answer.scope, told(answer.rows), dict(answer.beside)


def same(ask: Callable[[Engine], pd.DataFrame], pair: Pair) -> int:
    """Assert that both engines give the same frame; return how many rows it has."""
    with pair.duckdb.asking() as one, pair.spark.asking() as other:
        expected, found = ask(one), ask(other)
    assert told(found) == told(expected)
    return len(expected)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_answer_about_the_sample_is_the_same(name, sample):
    rows = 0
    for asked in selections(name):
        expected = answered(sample.duckdb, name, asked)
        assert answered(sample.spark, name, asked) == expected
        rows += 0 if isinstance(expected, str) else len(expected[1][2])
    # Against the days before there may be nobody; below is a week that has all three.
    assert rows or name in COMPARED


@pytest.mark.parametrize("name", some([name for name in QUESTIONS if name != "rejected"], 4))
def test_every_answer_about_a_made_up_tenant_is_the_same(name, tenant):
    sender = tenant.duckdb.rows(
        "select sender_address from daily_by_sender group by 1 order by sum(message_count) desc, 1"
    ).first()["sender_address"]
    asked = {
        "sender": Filters(sender=sender),
        "devices": Filters(sender=sender),
        "who-else": filters(account=[sender]),
        "senders": filters(senders="basic_count > 0", min_messages=2),
    }.get(name, Filters())
    expected = answered(tenant.duckdb, name, asked)
    assert answered(tenant.spark, name, asked) == expected
    assert isinstance(expected, tuple)


def rounded(record: dict[str, Any]) -> str:
    return repr({k: float(f"{v:.12g}") if isinstance(v, float) else v for k, v in record.items()})


@pytest.mark.parametrize("rule", some(RULED, 2))
def test_a_rule_finds_the_same_on_a_cluster(rule, tenant):
    with tenant.duckdb.asking() as one, tenant.spark.asking() as other:
        expected, found = (found_by(RULES[rule], Inputs(engine), engine) for engine in (one, other))
    # What is added up in another order differs in the last of its sixteen digits.
    assert sorted(map(rounded, found.records())) == sorted(map(rounded, expected.records()))


def test_what_proves_a_finding_is_the_same(sample):
    found = judged(sample.duckdb, Filters()).findings
    assert judged(sample.spark, Filters()).findings == found
    # The first one of an account, and the first one of a client address.
    kinds = {finding.subject_kind: finding for finding in reversed(found)}
    for finding in (kinds["sender"], kinds["client_ip"]):
        one, other = proof(sample.duckdb, finding), proof(sample.spark, finding)
        for part in ("days", "places", "sign_ins"):
            assert told(getattr(other, part)) == told(getattr(one, part))
        assert told(other.evidence.rows) == told(one.evidence.rows)


def test_a_query_of_a_persons_own_only_reads_and_counts_nothing_twice(sample):
    counted = "select source, sum(message_count) as n from submissions group by source order by 1;"
    # Of a query that is not the kit's, pandas itself chooses the type of texts.
    assert told(sample.spark.sql(counted))[2] == told(sample.duckdb.sql(counted))[2]
    why = "with w as (select why_not, count(*) as n from all_submissions group by 1) select * from w order by 1 nulls first -- all"
    assert len(sample.spark.sql(why)) > 1
    for query in (
        "drop view submissions", "insert into submissions select * from submissions",
        "select 1; select 2", "with a as (select 1) insert into submissions select * from a",
        "select 1) as x; drop database made_up --", "set spark.sql.session.timeZone = Asia/Tokyo",
    ):  # fmt: skip
        with pytest.raises(StoreError, match=r"The query was not answered\. Spark says: "):
            sample.spark.sql(query)
    with pytest.raises(StoreError, match="The query is empty"):
        sample.spark.sql(" ; ")


def test_a_store_on_spark_tells_its_tables_and_takes_no_export(sample, tmp_path):
    tables = sample.spark.tables()
    of_spark = tables[(tables.table_name == "submissions") & (tables.column_name != "")]
    ours = sample.duckdb.tables()
    of_duckdb = ours[(ours.table_name == "submissions") & (ours.column_name != "")]
    assert of_spark.column_name.tolist() == of_duckdb.column_name.tolist()
    assert of_spark.meaning.tolist() == of_duckdb.meaning.tolist()
    (tmp_path / "log.csv").write_text("Date,Sender address\n2026-11-20T10:00:00Z,a@contoso.com\n")
    with pytest.raises(StoreError, match="is on Spark and only read"):
        loading.load(sample.spark, tmp_path / "log.csv")


def test_an_export_that_is_written_anew_is_read_at_the_next_question(cluster, tmp_path):
    store = open_store(tmp_path / "log.duckdb")
    log = "Date,Sender address\n{}T10:00:00Z,a@contoso.com\n"
    (tmp_path / "log.csv").write_text(log.format("2026-11-20"))
    loading.load(store, tmp_path / "log.csv")
    export_store(store, tmp_path / "tables")
    spark = open_store(f"spark:{tmp_path / 'tables'}", session=cluster.connect)
    edition = spark.edition_now()
    assert stored_messages(spark) == 1
    (tmp_path / "log.csv").write_text(log.format("2026-11-21"))
    loading.load(store, tmp_path / "log.csv")
    export_store(store, tmp_path / "tables")
    assert spark.edition_now() != edition
    assert stored_messages(spark) == stored_messages(store) == 2
    # Two stores of one session, each with its own tables.
    assert spark.settings_path == tmp_path / "tables.settings"


def test_what_is_pulled_from_a_cluster_says_what_the_cluster_says(sample, tmp_path):
    pulled = pull(sample.spark, tmp_path / "pulled.duckdb", [SENDER])
    for name in ("insight", "sending-volume", "tls-usage", "senders", "sign-ins", "findings"):
        assert answered(pulled, name, Filters()) == answered(sample.duckdb, name, Filters())
    whole = "select count(*) as n from submissions where sender_key = $key and sent_at is not null"
    of_sender = {"key": SENDER}
    assert list(pulled.rows(whole, of_sender)) == list(sample.duckdb.rows(whole, of_sender))


@pytest.mark.parametrize("name", COMPARED)
def test_who_is_new_gone_or_changed_is_the_same(name, sample):
    week = {"start": dt.date(2026, 9, 28), "end": dt.date(2026, 10, 4)}
    asked = Filters(source="submission_log", **week)
    expected = answered(sample.duckdb, name, asked)
    assert answered(sample.spark, name, asked) == expected
    assert expected[1][2]


def test_sources_without_a_report_are_reconciled_alike(sample):
    asked = Filters(source="submission_log+extended_trace", domains=("contoso.com",), **MONTH)
    scope = reconciled_scope(sample.duckdb, asked)
    assert reconciled_scope(sample.spark, asked) == scope
    assert same(lambda engine: reconciliation(engine, scope), sample)


@pytest.mark.parametrize("selection", some([*SELECTIONS], 3))
def test_what_stands_beside_the_answers_is_the_same(selection, sample):
    scope = settle_scope(sample.duckdb, SELECTIONS[selection])
    assert settle_scope(sample.spark, SELECTIONS[selection]) == scope
    same(lambda engine: daily(engine, scope), sample)
    same(lambda engine: messages_by_day(engine, scope), sample)
    assert totals(sample.spark, scope) == totals(sample.duckdb, scope)


def test_the_accounts_of_the_days_before_are_the_same(sample):
    scope = settle_scope(sample.duckdb, Filters(source="submission_log"))
    assert accounts_before(sample.spark, scope) == accounts_before(sample.duckdb, scope) == 62


@pytest.mark.parametrize("sort", some([*SENDER_ORDERS], 4))
def test_a_page_of_senders_in_any_order_is_the_same(sort, sample):
    scope = settle_scope(sample.duckdb, Filters())
    pages = [
        senders_page(
            engine, scope, sort=sort, descending=len(sort) % 2 == 0, search="O", offset=2, limit=9
        )
        for engine in (sample.duckdb, sample.spark)
    ]
    assert told(pages[0].rows) == told(pages[1].rows)
    assert (pages[0].row_count, pages[0].totals) == (pages[1].row_count, pages[1].totals)
    assert len(pages[0].rows) == 9


@pytest.mark.parametrize("sender", [SENDER, "nobody@nowhere.example"])
def test_one_sender_is_known_alike(sender, sample):
    ready = readiness_scope(sample.duckdb, Filters(**MONTH))
    scope = settle_scope(sample.duckdb, Filters(sender=sender, **MONTH))
    rows = same(lambda engine: sender_clients(engine, scope), sample)
    assert rows or sender.startswith("nobody")
    same(lambda engine: sender_subjects(engine, scope), sample)
    same(lambda engine: sender_recipients(engine, scope), sample)
    same(lambda engine: comparable_senders(engine, ready, sender), sample)
    assert mailbox_setting(sample.spark, scope) == mailbox_setting(sample.duckdb, scope)


def test_what_was_loaded_is_the_same(sample):
    assert same(domains, sample)
    assert stored_messages(sample.spark) == stored_messages(sample.duckdb) > 0
    (file_id,) = sample.duckdb.run("select distinct file_id from rejected_rows")["file_id"]
    assert same(lambda engine: rejected_page(engine, file_id, 10), sample) == 1


@pytest.mark.parametrize("name", ["html", "xlsx", "csv", "md"])
def test_a_report_of_a_store_on_spark_says_the_same(name, reported):
    form = output_forms.form_of(Path(f"report.{name}"))
    of_duckdb, of_spark = (parts_of(form.content(report)) for report in reported)
    for part in of_duckdb.keys() | of_spark.keys():
        assert of_spark[part] == of_duckdb[part], part
    assert any(b"scanner@contoso.com" in content for content in of_spark.values())


def parts_of(content: bytes) -> dict[str, bytes]:
    """Return the files in a workbook, but for the one that says when it was made; else itself."""
    if not content.startswith(b"PK"):
        return {"": content}
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name) for name in {*book.namelist()} - {"docProps/core.xml"}}


@pytest.fixture(scope="module")
def reported(cluster: Sessions, tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    """Everything that a report of a few messages holds, asked of both."""
    folder = tmp_path_factory.mktemp("reported")
    store = open_store(folder / "log.duckdb")
    (folder / "log.csv").write_text(lab_log(LOG_HEADER))
    loading.load(store, folder / "log.csv")
    export_store(store, folder / "tables")
    spark = open_store(f"spark:{folder / 'tables'}", session=cluster.connect)
    made = [build_report(each, findings=Filters(), proved=True) for each in (store, spark)]
    return [replace(each, made_at=made[0].made_at) for each in made]  # The minute may turn.
