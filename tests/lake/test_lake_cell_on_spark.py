"""The cell for a data lake, run on Spark: its rows and figures are those that the kit itself loads.

The provider below is the test's: it does what Microsoft documents of MicrosoftSentinelProvider, and
as the lake's Delta tables it can be overwritten with rows that were read from it.
"""

from __future__ import annotations

import ast
import itertools
import os
import re
import shutil
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lake_rows import HOSTILE, TABLES, TYPES, Row, event, export

from smtpauth_kit.lake.cell import lake_cell
from smtpauth_kit.lake.places import Place
from smtpauth_kit.loading import loading
from smtpauth_kit.loading.results import LoadResult
from smtpauth_kit.store.store import Store, open_store

sql = pytest.importorskip(
    "pyspark.sql", reason='no Spark here: install the extra, pip install -e ".[test,spark]"'
)
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(
        shutil.which("java") is None and "CI" not in os.environ, reason="Spark needs Java"
    ),
]

ROLLUPS = ("smtpauth_daily_by_sender", "smtpauth_daily_by_domain", "smtpauth_sign_ins_by_day")


class Lake:
    """What stands in for a workspace and the lake around it, behind the provider's own methods."""

    def __init__(self, session: Any, folder: Path) -> None:
        self.session, self.folder = session, folder
        self.workspace: dict[str, Any] = {}
        self.written: dict[str, str] = {}
        self.numbers = itertools.count()

    def list_tables(self, database_name: str) -> list[str]:
        return list(self.written if database_name == "System tables" else self.workspace)

    def read_table(self, table_name: str, database_name: str) -> Any:
        if database_name == "System tables":
            return self.session.read.parquet(self.written[table_name])
        assert database_name == "law-contoso"
        return self.workspace[table_name]

    def save_as_table(
        self, frame: Any, table_name: str, database_name: str, write_options: dict[str, Any]
    ) -> str:
        assert table_name.endswith("_SPRK") and write_options == {"mode": "overwrite"}
        path = str(self.folder / f"{table_name}-{next(self.numbers)}")
        frame.write.parquet(path)  # Whole, and then it is the table: as Delta does.
        self.written[table_name] = path
        return "run"

    def rows(self, table: str) -> list[Row]:
        return rows_of(self.session.read.parquet(self.written[f"{table}_SPRK"]))


def rows_of(frame: Any) -> list[Row]:
    return sorted((row.asDict() for row in frame.collect()), key=str)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.session.timeZone": "America/New_York",  # The cell must see to it itself.
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.constraintPropagation.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
    builder = sql.SparkSession.builder.master("local[1]").appName("smtpauth-kit")
    for name, value in settings.items():
        builder = builder.config(name, value)
    found = builder.getOrCreate()
    yield found
    found.stop()


def frame_of(session: Any, table: str, rows: list[Row], *, as_texts: bool = False) -> Any:
    """Return rows as a table of Spark: every text as its column's type."""
    columns = [column.split() for column in TYPES[table].split(", ")]
    told = [tuple(None if r[c] is None else str(r[c]) for c, _ in columns) for r in rows]
    texts = session.createDataFrame(told, ", ".join(f"{c} string" for c, _ in columns))
    if as_texts:
        return texts
    return texts.selectExpr(*[f"cast({c} as {kind}) as {c}" for c, kind in columns])


def run(place: Place, session: Any, **settings: str) -> dict[str, Any]:
    """Run the printed cell with some of its settings changed, as a person changes them."""
    cell = lake_cell(place)
    for name, value in settings.items():
        given = f"{name} = {value}"
        cell, changed = re.subn(
            rf"^{name} = (\[[^]]*\]|.*)$", lambda _, g=given: g, cell, flags=re.M
        )
        assert changed == 1, name
    names: dict[str, Any] = {"spark": session}
    exec(compile(cell, "cell", "exec"), names)
    return names


OURS = "o'brien"
SENTINEL = {
    "WORKSPACE": '"law-contoso"', "LAST_DAY": '"2026-11-22"', "TENANT": repr(OURS),
}  # fmt: skip


@pytest.fixture(scope="module")
def lake(session: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = Lake(session, tmp_path_factory.mktemp("lake"))
    lake.workspace = {table: frame_of(session, table, rows) for table, rows in TABLES.items()}
    module = types.ModuleType("sentinel_lake.providers")
    module.MicrosoftSentinelProvider = lambda spark: lake  # type: ignore[attr-defined]
    sys.modules["sentinel_lake"] = types.ModuleType("sentinel_lake")
    sys.modules["sentinel_lake.providers"] = module
    yield lake
    del sys.modules["sentinel_lake"], sys.modules["sentinel_lake.providers"]


@pytest.fixture(scope="module")
def ran(lake: Lake) -> dict[str, Any]:
    """What the cell left: its names. Its views and tables are there, too."""
    return run(Place.SENTINEL, lake.session, **SENTINEL)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, LoadResult]:
    """The same rows, loaded by the kit as exports; of the sign-ins those of both tables first."""
    folder = tmp_path_factory.mktemp("exports")
    store = open_store(folder / "store.duckdb")
    paths = [folder / f"{table}.json" for table in sorted(TABLES)]
    for path in paths:
        path.write_text(export(path.stem), "utf-8")
    return store, loading.load(store, *paths, tenant=OURS)


def stored(store: Store, query: str) -> list[Row]:
    found = store.rows(query)
    return sorted((dict(zip(found.columns, row, strict=True)) for row in found), key=str)


COLUMNS = {
    "daily_by_sender": (
        "source, tenant, period_start, period_end, sender_key, sender_address, sender_domain, "
        "tls_version, auth_protocol, ahead_of_clock, message_count"
    ),
    "daily_by_domain": (
        "source, tenant, period_start, period_end, sender_domain, tls_version, auth_protocol, "
        "ahead_of_clock, message_count"
    ),
}


@pytest.mark.parametrize("table", COLUMNS)
def test_the_written_rollup_is_the_kits(table, ran, lake, loaded):
    expected = stored(loaded[0], f"select {COLUMNS[table]} from {table}")
    assert lake.rows(f"smtpauth_{table}") == expected and expected


def test_the_messages_by_day_are_those_worked_out_by_hand(ran, lake):
    rows = lake.rows("smtpauth_daily_by_sender")
    assert [
        (str(r["period_start"]), r["sender_key"], r["tls_version"], r["message_count"])
        for r in sorted(rows, key=lambda r: (r["period_start"], r["sender_key"], r["tls_version"]))
    ] == [
        ("2026-11-16", "scanner@contoso.com", "1.2", 1),
        ("2026-11-17", "scanner@contoso.com", "1.0", 1),
        ("2026-11-18", "app@fabrikam.com", "1.3", 1),
        ("2026-11-18", "app@fabrikam.com", "unknown", 1),
        ("2026-11-18", "erp@contoso.com", "unknown", 2),
        ("2026-11-18", "info@xn--bcher-kva.example", "1.0", 2),
        ("2026-11-18", "scanner@contoso.com", "none", 1),
    ]
    assert {r["tenant"] for r in rows} == {OURS}


def test_the_rollup_of_sign_ins_counts_what_the_kit_counts(ran, lake, loaded):
    grain = "source, tenant, account_key, result, error_code, auth_protocol, ahead_of_clock"
    expected = stored(
        loaded[0],
        "select source, tenant, signed_in_at::date as day, account_key, max(account) as account, "
        "result, error_code, auth_protocol, ahead_of_clock, count(*) as sign_in_count "
        f"from sign_ins group by {grain}, day",
    )
    assert lake.rows("smtpauth_sign_ins_by_day") == expected
    assert sum(row["sign_in_count"] for row in expected) == 9


SAME_ROWS = {
    "submissions": (
        "source, tenant, sent_at, period_start, period_end, sender_address, sender_key, "
        "sender_domain, sender_derived, account, tls_version, tls_cipher, auth_protocol, "
        "client_ip, recipient_count, message_id, network_message_id, message_count, "
        "ahead_of_clock, message_subject"
    ),
    "sign_ins": (
        "source, tenant, signed_in_at, account, account_key, result, error_code, auth_protocol, "
        "client_ip, country, city, network, user_agent, ahead_of_clock, sign_in_id"
    ),
    "mail_context": (
        "source, tenant, received_at, sender_address, sender_key, sender_domain, "
        "recipient_address, status, client_ip, connector, tls_version, message_id, "
        "network_message_id, ahead_of_clock, message_subject"
    ),
}


@pytest.mark.parametrize("view", SAME_ROWS)
def test_the_canonical_rows_are_the_kits(view, ran, session, loaded):
    found = rows_of(session.sql(f"select {SAME_ROWS[view]} from smtpauth_{view}"))
    expected = stored(loaded[0], f"select {SAME_ROWS[view]} from {view}")
    assert found == expected and found


def test_recipients_of_all_events_of_a_message_are_its_recipients(ran, session, loaded):
    query = "select message_id, {} as recipients from {}submissions where recipient_count > 0"
    found = rows_of(session.sql(query.format("array_sort(recipients)", "smtpauth_")))
    assert found == stored(loaded[0], query.format("list_sort(recipients)", ""))
    assert found[0]["recipients"] == ["bob@fabrikam.com", "carol@fabrikam.com", "eve@fabrikam.com"]


def test_every_row_that_is_read_has_one_end_and_the_kits_own(ran, loaded):
    summary = {row["table_name"]: row.asDict() for row in ran["summary"].collect()}
    assert list(summary) == list(TABLES)
    for file in loaded[1].files:
        row = summary[Path(file.path).stem]
        counted = "not_smtp_auth" if row["table_name"] == "EmailEvents" else "counted"
        ends = [row[name] for name in ("counted", "repeated", "not_smtp_auth", "rejected")]
        assert row["rows_read"] == sum(ends) == file.rows_read == len(TABLES[row["table_name"]])
        assert (row[counted], row["rejected"]) == (file.rows_loaded, file.rows_rejected)
    assert {name: row["messages"] for name, row in summary.items()} == {
        "SigninLogs": None, "AADNonInteractiveUserSignInLogs": None,
        "ExchangeOnlineMessageTracking_CL": 9, "EmailEvents": None,
    }  # fmt: skip
    assert summary["ExchangeOnlineMessageTracking_CL"]["senders"] == 4
    assert summary["SigninLogs"]["sign_ins"] == 7


def test_rejected_rows_have_the_kits_reasons(ran, loaded):
    found = [
        (row["table_name"], row["reason"])
        for row in ran["details"].collect()
        if row["ending"] == "rejected"
        for _ in range(row["row_count"])
    ]
    expected = stored(
        loaded[0],
        "select f.path, r.reason from rejected_rows r join source_files f using (file_id)",
    )
    # The cell says no value in its reasons.
    said = [
        (Path(row["path"]).stem, re.sub(r"the date '.*?' lies", "the date lies", row["reason"]))
        for row in expected
    ]
    assert sorted(found) == sorted(said) and len(found) == 12


def test_rows_that_may_be_smtp_auth_and_the_rules_that_matched_are_said(ran):
    said = {(row["ending"], row["reason"]): row["row_count"] for row in ran["details"].collect()}
    possible = (
        "may be SMTP AUTH (client app “Other clients”, Basic authentication bridge); not counted"
    )
    assert said["not SMTP AUTH", possible] == 1
    assert said["counted", "rule: connector Client Proxy"] == 7
    assert said["counted", "rule: connector Client Frontend"] == 1
    assert said["counted", "rule: proxied client, originating"] == 1
    no_rule = "received by a rule that is no client submission, and not counted"
    assert said["not SMTP AUTH", no_rule] == 2


TRACE = "ExchangeOnlineMessageTracking_CL"
ONLY_THE_TRACE = f"['{TRACE}']"


def test_run_again_for_a_day_it_replaces_that_day_and_no_other(ran, lake):
    before = lake.rows(ROLLUPS[0])
    kept = lake.workspace[TRACE]
    more = [*TABLES[TRACE], event("2026-11-17T09:00:00Z", "new@contoso.com", "n")]
    lake.workspace[TRACE] = frame_of(lake.session, TRACE, more)
    day = {**SENTINEL, "LAST_DAY": '"2026-11-17"', "DAYS_BACK": "1", "TABLES": ONLY_THE_TRACE}
    try:
        run(Place.SENTINEL, lake.session, **day)
    finally:
        lake.workspace[TRACE] = kept
    added = [row for row in lake.rows(ROLLUPS[0]) if row not in before]
    assert [(str(r["period_start"]), r["sender_key"]) for r in added] == [
        ("2026-11-17", "new@contoso.com")
    ]
    # The message that began before midnight stays on its day, and is in no other.
    assert [row for row in lake.rows(ROLLUPS[0]) if row not in added] == before
    run(Place.SENTINEL, lake.session, **day)
    assert lake.rows(ROLLUPS[0]) == before


def test_tables_that_cannot_be_read_are_said_and_nothing_is_written(ran, lake, capsys):
    kept, written = dict(lake.workspace), dict(lake.written)
    lake.workspace = {TRACE: kept[TRACE].drop("dateTimeUtc_t"), "SigninLogs": kept["SigninLogs"]}
    try:
        names = run(Place.SENTINEL, lake.session, **SENTINEL)
        assert lake.written == written
    finally:
        lake.workspace, lake.written = kept, written
    said = capsys.readouterr().out
    assert "Not read: EmailEvents: not there." in said
    assert f"{TRACE}: it has no column for date (see TRACE_TIME in part 1)." in said
    # Half of the sign-ins must not take the place of all of them.
    missing = "AADNonInteractiveUserSignInLogs"
    assert f"Not read: SigninLogs: without {missing}; take that out of TABLES." in said
    assert names["summary"].collect() == names["details"].collect() == []


def test_in_databricks_the_same_figures_stand_in_the_catalog(ran, lake, session):
    session.sql("create database sentinel")
    session.sql("create database smtpauth")
    lake.workspace[TRACE].write.saveAsTable(f"sentinel.{TRACE}")
    places = {"WORKSPACE": '"sentinel"', "WRITE_TO": '"smtpauth"', "TABLES": ONLY_THE_TRACE}
    settings = {**SENTINEL, **places}
    run(Place.DATABRICKS, session, **settings)
    for table in ROLLUPS[:2]:
        assert rows_of(session.table(f"smtpauth.{table}")) == lake.rows(table)
    # For another tenant, too: its rows stand beside them.
    run(Place.DATABRICKS, session, **{**settings, "TENANT": '""'})
    found, expected = rows_of(session.table(f"smtpauth.{ROLLUPS[0]}")), lake.rows(ROLLUPS[0])
    assert [row for row in found if row["tenant"]] == expected
    others = [{**row, "tenant": OURS} for row in found if not row["tenant"]]
    assert sorted(others, key=str) == expected
    left = [row["tableName"] for row in session.sql("show tables in smtpauth").collect()]
    assert {name for name in left if name.endswith("_next")} == set()


def test_what_the_cell_reads_otherwise_than_the_kit_is_no_more_than_it_says(
    ran, lake, session, tmp_path, write
):
    told = [
        ("2026-11-16T23:30:00-02:00", "2001:0db8:0:0::0001"),
        ("11/17/2026 8:00:00 AM", "192.0.2.25"),
        ("2026-11-16", "192.0.2.25"),
    ]
    rows = [
        {**event(at, "a@contoso.com", f"<{n}@a>"), "originalClientIp_s": ip}
        for n, (at, ip) in enumerate(told)
    ]
    store = open_store(tmp_path / "otherwise.duckdb")
    loading.load(store, write("trace.json", export(TRACE, rows)))
    query = "select message_id, client_ip, sent_at, period_start from {}submissions"
    kits = {row["message_id"]: row for row in stored(store, query.format(""))}
    kept, written = dict(lake.workspace), dict(lake.written)
    texts = frame_of(session, TRACE, rows, as_texts=True)
    # A trace without a time of its own, whose person says where it is.
    texts = texts.drop("TimeGenerated").withColumnRenamed("dateTimeUtc_t", "TimeGenerated")
    lake.workspace = {TRACE: texts}
    try:
        names = run(Place.SENTINEL, session, **{**SENTINEL, "TRACE_TIME": '"TimeGenerated"'})
        cells = {r["message_id"]: r for r in rows_of(session.sql(query.format("smtpauth_")))}
    finally:
        lake.workspace, lake.written = kept, written
    assert kits["0@a"]["client_ip"] == "2001:db8::1"
    assert cells == {
        "0@a": {**kits["0@a"], "client_ip": "2001:0db8:0:0::0001"},
        "2@a": kits["2@a"],
    }
    assert kits.keys() - cells.keys() == {"1@a"}
    (rejected,) = [row for row in names["details"].collect() if row["ending"] == "rejected"]
    assert (rejected["reason"], rejected["row_count"]) == ("the date cannot be read", 1)


@pytest.mark.parametrize("view", ["sign_ins", "submissions"])
def test_hostile_texts_are_read_as_the_kit_reads_them(view, hostile, session, tmp_path, write):
    store = open_store(tmp_path / "hostile.duckdb")
    for table, rows in HOSTILE.items():
        loading.load(store, write(f"{table}.json", export(table, rows)), tenant=OURS)
    found = hostile[view]
    expected = stored(store, f"select {SAME_ROWS[view]} from {view}")
    assert found == expected and len(found) >= 6
    reasons = stored(store, "select reason, count(*) as row_count from rejected_rows group by 1")
    assert hostile["rejected"] == {row["reason"]: row["row_count"] for row in reasons}


@pytest.fixture(scope="module")
def hostile(ran: dict[str, Any], lake: Lake, loaded: Any) -> dict[str, Any]:
    """The rows that the cell makes of hostile ones, and what it rejects."""
    kept, written = dict(lake.workspace), dict(lake.written)
    lake.workspace = {table: frame_of(lake.session, table, rows) for table, rows in HOSTILE.items()}
    try:
        names = run(Place.SENTINEL, lake.session, **SENTINEL, TABLES=repr(list(HOSTILE)))
        found = {
            view: rows_of(lake.session.sql(f"select {SAME_ROWS[view]} from smtpauth_{view}"))
            for view in ("sign_ins", "submissions")
        }
    finally:
        lake.workspace, lake.written = kept, written
    details = [row for row in names["details"].collect() if row["ending"] == "rejected"]
    rejected: dict[str, int] = {}
    for row in details:
        rejected[row["reason"]] = rejected.get(row["reason"], 0) + row["row_count"]
    return {**found, "rejected": rejected}


def strings(cell: str) -> str:
    nodes = ast.walk(ast.parse(cell))
    return "\n".join(
        n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)
    )


@pytest.mark.parametrize("place", Place)
def test_no_function_is_newer_than_spark_3_4(place, session):
    cell = lake_cell(place)
    known = {row[0] for row in session.sql("show functions").collect()}
    used = set(re.findall(r"\b([a-z_0-9]+)\(", strings(cell))) & known
    assert {"btrim", "regexp_like", "row_number", "get_json_object"} <= used
    since = {}
    for name in used:
        told = "\n".join(r[0] for r in session.sql(f"describe function extended {name}").collect())
        since[name] = re.search(r"Since: (\d+\.\d+)", told)[1]
    assert {name: v for name, v in since.items() if tuple(map(int, v.split("."))) > (3, 4)} == {}
    for name in set(re.findall(r"\bF\.(\w+)\(", cell)):
        version = re.search(r"versionadded:: (\d+\.\d+)", getattr(sql.functions, name).__doc__)[1]
        assert tuple(map(int, version.split("."))) <= (3, 4), name


@pytest.mark.parametrize("path", sorted((Path(lake_cell.__code__.co_filename).parent / "sql").iterdir()), ids=lambda p: p.stem)  # fmt: skip
def test_every_statement_is_spark_sql(path):
    sqlglot = pytest.importorskip("sqlglot")
    (statement,) = sqlglot.parse(path.read_text("utf-8"), read="spark")
    assert statement.key in ("select", "union")
