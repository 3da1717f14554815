"""A store made to do harm, and a query without end, stop: at a limit that is said, or when asked to."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import duckdb
import pytest
from command import COMMAND
from conftest import LOG

from smtpauth_kit.base.errors import Cancelled, StoreError
from smtpauth_kit.loading import loading, mappings
from smtpauth_kit.store import database, settings
from smtpauth_kit.store.database import run_within, sql_text
from smtpauth_kit.store.store import Store

ENDLESS = (
    "with recursive r(n) as (select 1 union all select n + 1 from r) select sum(n) as n from r"
)
COUNTING = "select sum(range)::bigint as n from range(1000000000000000000)"
CROSSED = (
    "select count(*) as n from range(10000000000) a, range(10000000000) b where a.range < b.range"
)
SORTED = "select * from range(100000000000) order by hash(range)"


def hostile(store: Store, table: str, columns: str) -> Store:
    """Put a view without end in the place of a table of a store."""
    store._reader.close()
    con = duckdb.connect(str(store.path))
    con.execute(f"alter table {table} rename to theirs")
    con.execute(f"create view {table} as select {columns} from theirs, ({COUNTING})")
    con.close()
    return store


@pytest.mark.parametrize("query", [ENDLESS, COUNTING, CROSSED, SORTED])
def test_a_query_without_end_stops_at_the_limit_and_the_store_answers_again(store, load, query):
    load(LOG)
    with pytest.raises(StoreError, match=r"did not answer within 0\.5 seconds"):
        store.sql(query, limit_s=0.5)
    assert store.sql("select count(*) as n from submissions")["n"][0] == 3


def test_a_query_that_fills_the_disk_stops_at_a_limit_and_leaves_nothing(store, load, monkeypatch):
    load(LOG)
    store._reader.close()
    monkeypatch.setattr(database, "ROOM", 20_000_000)
    with pytest.raises(StoreError, match=r"takes more room than it may.*Out of Memory"):
        store.sql("select * from range(400000000) order by hash(range)", limit_s=300)
    store._reader.close()
    assert not store.path.with_name(f"{store.path.name}.tmp").exists()


def test_the_room_for_a_question_is_never_more_than_half_of_what_is_free(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "ROOM", 10**18)
    room, free = database._room(tmp_path), shutil.disk_usage(tmp_path).free
    assert free * 0.4 < room < free * 0.6


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell what is used")
def test_an_answer_that_takes_the_memory_stops_at_a_limit(store, load, monkeypatch):
    load(LOG)
    monkeypatch.setattr(database, "MEMORY", 200_000_000)
    with pytest.raises(StoreError, match="took more than 4 GiB of memory"):
        store.sql("select range as a, range as b from range(1000000000000)")


@pytest.mark.parametrize(
    ("table", "columns", "limit"),
    [
        ("store_info", "n as schema_version, '' as kit_version", "OPENING_S"),
        ("source_files", "theirs.*", "QUESTION_S"),
    ],
)
def test_a_store_whose_views_never_end_is_said_by_whatever_asks_it(
    store, load, tmp_path, table, columns, limit
):
    load(LOG)
    hostile(store, table, columns)
    (tmp_path / "more.csv").write_text(LOG)
    code = (
        f"import smtpauth_kit.store.database as d; d.{limit} = 0.3\n"
        "from smtpauth_kit.cli import main; main()"
    )
    for arguments in (["load", str(tmp_path / "more.csv")], ["show", "files"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments, "--store", str(store.path)],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 1
        assert "did not answer within 0.3 seconds" in done.stderr, done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a signal")
@pytest.mark.parametrize("query", [ENDLESS, COUNTING, CROSSED, SORTED])
def test_the_stop_button_ends_a_query_at_once(store, load, query):
    load(LOG)
    store._reader.close()
    code = (
        # A shell lets what it starts in the background ignore the signal.
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from smtpauth_kit.store.store import open_store\n"
        "store = open_store(sys.argv[1]); print('go', flush=True)\n"
        "try: store.sql(sys.argv[2])\n"
        "except KeyboardInterrupt: print(store.sql('select 42 as n')['n'][0])"
    )
    command = [sys.executable, "-c", code, str(store.path), query]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None and child.stdout.readline() == "go\n"
        time.sleep(0.5)
        child.send_signal(signal.SIGINT)
        try:
            out, _ = child.communicate(timeout=60)
        finally:
            child.kill()
    assert (child.returncode, out) == (0, "42\n")


def test_a_wish_to_stop_is_heard_also_before_a_statement_has_begun():
    con, begun = duckdb.connect(), threading.Event()

    def job() -> None:
        begun.wait(0.5)  # DuckDB forgets what was wished before.
        con.execute(COUNTING).fetchall()

    def stop() -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled, match="enough"):
        run_within(con, job, None, stop)
    assert con.execute("select 42").fetchall() == [(42,)]


@pytest.mark.parametrize("already", [True, False])
def test_a_wish_to_stop_that_comes_while_a_thread_is_started_is_heard(monkeypatch, already):
    con, hands = duckdb.connect(), ThreadPoolExecutor(1)

    class Interrupted:
        def submit(self, *job):
            """Ctrl-C comes once the job is handed over: before it begins, or after."""
            if already:
                begun = threading.Event()
                hands.submit(lambda: (begun.set(), job[0](*job[1:])))
                begun.wait()
            else:
                hands.submit(lambda: (called_off.wait(), job[0](*job[1:])))
            raise KeyboardInterrupt

    called_off = threading.Event()
    monkeypatch.setattr(database, "_STATEMENTS", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        run_within(con, lambda: con.execute(COUNTING).fetchall(), None)
    called_off.set()
    try:
        hands.submit(int).result(60)  # The one thread is free: nothing runs on.
    finally:
        con.interrupt()
    assert con.execute("select 42").fetchall() == [(42,)]


# --- settings that another hand wrote -------------------------------------------------------


def written_by_another(store: Store, name: str, value: str) -> None:
    """Put a setting as another program would, also what is no JSON."""
    settings.close(store)
    with closing(sqlite3.connect(store.settings_path, isolation_level=None)) as con:
        con.execute(
            "insert into changes (name, value, changed_at, changed_by) values (?, ?, ?, '')",
            (name, value, "2026-11-16T08:00:00+00:00"),
        )


BAD = [
    "{", "", "[1]", "1", "null", '{"format": "x"}', '{"format": "x", "columns": 3, "made_on": "x"}',
    '{"format": 3, "columns": {}, "made_on": "2026-11-16"}', "[" * 100_000,
    '{"format": "submission-log", "columns": {"a": 1}, "made_on": "2026-11-16"}',
]  # fmt: skip


@pytest.mark.parametrize("value", BAD)
def test_a_mapping_that_cannot_be_read_is_said_and_can_be_forgotten(store, load, tmp_path, value):
    load(LOG)
    mappings.keep(store, ["Datum", "Van"], "submission-log", {"Sender address": "Van"})
    (good,) = mappings.remembered(store)
    written_by_another(store, "mapping:bad", value)
    (tmp_path / "more.csv").write_text(LOG.replace("<1@scan>", "<9@scan>"))
    command = [*COMMAND, "load", str(tmp_path / "more.csv"), "--store", str(store.path)]
    with pytest.raises(StoreError, match="the store is damaged"):
        loading.load(store, tmp_path / "more.csv")
    if value == BAD[0]:
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 1 and "the store is damaged" in done.stderr
    store._reader.close()
    assert loading.load(store, tmp_path / "more.csv", forget_mappings=True).message_count == 4
    assert list(mappings.remembered(store)) == [good]


def test_a_filter_that_cannot_be_read_is_named_and_stands_in_no_others_way(store, load):
    load(LOG)
    settings.put(store, "filter:mine", [1])
    written_by_another(store, "filter:theirs", "{")
    assert settings.names(store, "filter:") == ["mine", "theirs"]
    assert settings.get(store, "filter:mine") == [1]
    with pytest.raises(StoreError, match=r"keeps as filter:theirs cannot be read"):
        settings.get(store, "filter:theirs")
    settings.put(store, "filter:theirs", None)
    assert settings.named(store, "filter:") == {"mine": [1]}


def test_duplicates_are_proven_by_the_files_that_have_them_whatever_else_a_store_holds(tmp_path):
    """Two million rows of other files, and means that would not do for the half of them."""
    with closing(duckdb.connect(tmp_path / "large.duckdb")) as con:
        con.execute(
            "create table submission_rows as select (n // 100_000)::integer as file_id, "
            "n || '@x' as message_id, (n % 50)::integer as sender_id, "
            "date '2026-01-01' + (n // 100_000)::integer as period_start, "
            "n || '@fabrikam.com' as recipients, timestamp '2026-01-01' as sent_at, "
            "'1.2' as tls_version, 'basic' as auth_protocol, '192.0.2.1' as client_ip, "
            "1 as account_id, null::integer as duplicate_of, false as is_settled, "
            "'' as row_key, '' as network_message_id from range(2_000_000) r(n);"
            "create table bulk_keys as "
            "select n::integer as address_id, n::integer as key_id from range(50) r(n);"
            "create table addresses (address text, address_id integer);"
            "create table staged_submissions "
            "(message_id text, sender_address text, period_start date, row_key text);"
            # One row that file 3 has just so, and one that it has not.
            "insert into submission_rows select * replace (19 as file_id, 3 as duplicate_of) "
            "from submission_rows where message_id = '300000@x';"
            "insert into submission_rows select * replace (19 as file_id, 3 as duplicate_of) "
            "from submission_rows where message_id = '500000@x'"
        )
        con.execute("checkpoint")
        con.execute(
            "set memory_limit = '48MB'; set max_temp_directory_size = '8MB'; set threads = 2; "
            "set preserve_insertion_order = false"
        )
        con.execute(sql_text("bulk_apart"), {"file_id": 19})
        found = con.execute("from bulk_apart").fetchall()
        told = con.execute("select hash('500000@x', 0, date '2026-01-06')").fetchall()
    assert found == told
