"""Spark gives the same frames: every answer over the sample store's tables, value by value.

The engine below is all that Spark needs. It reads the canonical tables as Parquet; DuckDB, over
the store itself, is the reference. Run with the extra: `pip install -e ".[test,spark]"`, and Java.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from smtpauth_kit.answers import Scope, settle_scope
from smtpauth_kit.answers.daily import daily
from smtpauth_kit.answers.days_before import COMPARED
from smtpauth_kit.answers.files import rejected_page
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
from smtpauth_kit.base.filters import Filters, filters
from smtpauth_kit.loading import loading
from smtpauth_kit.sample import manifest
from smtpauth_kit.store.engine import SPARK, Engine
from smtpauth_kit.store.promised import promised
from smtpauth_kit.store.store import Store, open_store

sql = pytest.importorskip(
    "pyspark.sql", reason='no Spark here: install the extra, pip install -e ".[test,spark]"'
)
pytestmark = [
    pytest.mark.spark,
    # Spark's own way to make a frame; not the kit's.
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
    pytest.mark.skipif(
        shutil.which("java") is None and "CI" not in os.environ, reason="Spark needs Java"
    ),
]

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
TABLES = (
    "submissions", "sign_ins", "mailbox_settings", "source_files", "rejected_rows",
    "daily_by_sender", "daily_by_domain",
)  # fmt: skip
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


class SparkEngine(Engine):
    """The facts as tables of Spark."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def run(self, sql: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        found = self._session.sql(SPARK.spell(sql), args=dict(params or {}))
        return promised(found.toPandas(), [field.dataType.simpleString() for field in found.schema])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Every sample export in one store, and a file with rows that were not loaded."""
    folder = tmp_path_factory.mktemp("sample")
    found = open_store(folder / "sample.duckdb")
    entries = manifest()
    random.Random(7).shuffle(entries)
    for entry in entries:
        loading.load(found, SAMPLE / entry.name, period=entry.period)
    bad = folder / "bad.csv"
    bad.write_text(
        "Date,Sender address\n2026-11-20T10:00:00Z,a@contoso.com\nyesterday,b@contoso.com\n"
    )
    loading.load(found, bad)
    return found


@pytest.fixture(scope="module")
def spark(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    folder = tmp_path_factory.mktemp("tables")
    # A copy: DuckDB hands out the kit's own connection to a path, which may write no file.
    with duckdb.connect(shutil.copy(store.path, folder)) as con:
        for table in TABLES:
            con.execute(f"copy (from {table}) to '{folder / table}.parquet' (format parquet)")
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        # Compiling and replanning take longer than the sample's few rows.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
    builder = sql.SparkSession.builder.master("local[1]").appName("smtpauth-kit")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        for table in TABLES:
            session.read.parquet(f"{folder / table}.parquet").createOrReplaceTempView(table)
        yield SparkEngine(session)
    finally:
        session.stop()


@pytest.fixture(scope="module")
def scopes(store: Store) -> dict[str, Scope]:
    return {name: settle_scope(store, asked) for name, asked in SELECTIONS.items()}


def told(frame: pd.DataFrame) -> tuple[list[str], list[str], list[list[Any]]]:
    """Return a frame's columns, their types, and each cell with the name of its own type."""
    cells = [[(type(cell).__name__, _known(cell)) for cell in row] for row in frame.values.tolist()]
    return list(frame.columns), [str(kind) for kind in frame.dtypes], cells


def _known(cell: Any) -> Any:
    return None if isinstance(cell, float) and cell != cell else cell


def same(ask: Callable[[Engine], pd.DataFrame], store: Store, spark: SparkEngine) -> int:
    """Assert that both engines give the same frame; return how many rows it has."""
    expected, found = ask(store), ask(spark)
    assert told(found) == told(expected)
    return len(expected)


UNCOMPARED = ("findings", "went-quiet", "who-else", "reconciliation")
ANSWERS = [name for name in QUESTIONS if name not in UNCOMPARED]
"""Findings, what reads them and what reads their inputs are left out: where nothing is kept between
statements, each rule
makes all its inputs anew, which takes Spark minutes for each of the selections. Sources are
reconciled below, in periods of their own."""


@pytest.mark.parametrize("selection", SELECTIONS)
def test_the_scope_is_settled_alike(selection, store, spark, scopes):
    assert settle_scope(spark, SELECTIONS[selection]) == scopes[selection]


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_is_the_same(name, selection, store, spark, scopes):
    scope = scopes[selection]
    if name in ("sender", "devices"):
        scope = settle_scope(store, SELECTIONS[selection].changed(sender=SENDER))
    rows = same(lambda engine: QUESTIONS[name](engine, scope), store, spark)
    # Against the days before there may be nobody, or no days; below is a week that has all three.
    assert rows or selection == "nobody" or name in ("sender", "devices", *COMPARED)


@pytest.mark.parametrize("name", COMPARED)
def test_who_is_new_gone_or_changed_is_the_same(name, store, spark):
    week = {"start": dt.date(2026, 9, 28), "end": dt.date(2026, 10, 4)}
    scope = settle_scope(store, Filters(source="submission_log", **week))
    assert same(lambda engine: QUESTIONS[name](engine, scope), store, spark)


@pytest.mark.parametrize("asked", [
    Filters(start=dt.date(2026, 10, 26), end=dt.date(2026, 11, 8)),
    Filters(source="submission_log+extended_trace", domains=("contoso.com",), **MONTH),
], ids=["two weeks with reports", "two logs without a report"])  # fmt: skip
def test_sources_are_reconciled_alike(asked, store, spark):
    scope = reconciled_scope(store, asked)
    assert reconciled_scope(spark, asked) == scope
    assert same(lambda engine: reconciliation(engine, scope), store, spark)


@pytest.mark.parametrize("selection", SELECTIONS)
def test_what_stands_beside_the_answers_is_the_same(selection, store, spark, scopes):
    scope = scopes[selection]
    same(lambda engine: daily(engine, scope), store, spark)
    same(lambda engine: messages_by_day(engine, scope), store, spark)
    assert totals(spark, scope) == totals(store, scope)


def test_the_accounts_of_the_days_before_are_the_same(store, spark):
    scope = settle_scope(store, Filters(source="submission_log"))
    assert accounts_before(spark, scope) == accounts_before(store, scope) == 62


@pytest.mark.parametrize("sort", SENDER_ORDERS)
def test_a_page_of_senders_in_any_order_is_the_same(sort, store, spark, scopes):
    scope = scopes["the last 7 days"]
    pages = [
        senders_page(
            engine, scope, sort=sort, descending=len(sort) % 2 == 0, search="O", offset=2, limit=9
        )
        for engine in (store, spark)
    ]
    assert told(pages[0].rows) == told(pages[1].rows)
    assert (pages[0].row_count, pages[0].totals) == (pages[1].row_count, pages[1].totals)
    assert len(pages[0].rows) == 9


def test_one_sender_is_known_alike(store, spark):
    ready = readiness_scope(store, Filters(**MONTH))
    for sender in (SENDER, "erp@contoso.com", "nobody@nowhere.example"):
        scope = settle_scope(store, Filters(sender=sender, **MONTH))
        rows = same(lambda engine, scope=scope: sender_clients(engine, scope), store, spark)
        assert rows or sender.startswith("nobody")
        same(lambda engine, scope=scope: sender_subjects(engine, scope), store, spark)
        same(lambda engine, scope=scope: sender_recipients(engine, scope), store, spark)
        key = sender.lower()
        same(lambda engine, k=key: comparable_senders(engine, ready, k), store, spark)
        assert mailbox_setting(spark, scope) == mailbox_setting(store, scope)


def test_what_was_loaded_is_the_same(store, spark):
    assert same(domains, store, spark)
    assert stored_messages(spark) == stored_messages(store) > 0
    (file_id,) = store.run("select distinct file_id from rejected_rows")["file_id"]
    assert same(lambda engine: rejected_page(engine, file_id, 10), store, spark) == 1
