"""The store: refused when it is not one, swapped when it is written, hardened against its data."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import duckdb
import pytest
from conftest import LOG, LOG_HEADER, PATIENCE_S, until

from smtpauth_kit import answers
from smtpauth_kit.base.errors import StoreError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import loading
from smtpauth_kit.loading.progress import Progress
from smtpauth_kit.store import database
from smtpauth_kit.store.store import Store, default_path, open_store
from smtpauth_kit.store.working_copy import copy_store


def test_a_missing_store_says_how_to_make_one(tmp_path):
    with pytest.raises(StoreError, match=r"no store at .* yet\. Load an export"):
        open_store(tmp_path / "none.duckdb").run("select 1")


def test_a_file_that_is_no_database_is_refused_and_not_changed(tmp_path):
    path = tmp_path / "x.duckdb"
    path.write_bytes(b"hello, this is text\n" * 1000)
    with pytest.raises(StoreError) as error:
        open_store(path)
    assert str(error.value) == (
        f"The file {path} is not a store of the kit, which is a DuckDB file. It was not changed. "
        "Name the store with --store; an export is loaded with: smtpauth load PATH"
    )
    assert path.read_bytes() == b"hello, this is text\n" * 1000


def test_a_damaged_store_says_what_duckdb_says_of_it(store, load):
    load(LOG)
    store._reader.close()
    whole = store.path.read_bytes()
    store.path.write_bytes(whole[:20] + b"\xff" * 5000 + whole[5020:])
    with pytest.raises(StoreError, match=r"not a store of the kit, or it is damaged: "):
        open_store(store.path)


def test_a_small_store_is_asked_on_one_core_and_a_large_one_on_all(store, load, monkeypatch):
    load(LOG)
    cores = "select current_setting('threads') as n"
    assert store.rows(cores)["n"] == [1]
    monkeypatch.setattr(database, "SIZE_OF_A_CORE", 0)
    large = store.path.with_name("large.duckdb")
    large.write_bytes(store.path.read_bytes())
    with duckdb.connect() as usual:
        assert open_store(large).rows(cores)["n"] == [*usual.execute(cores).fetchone()]


def test_a_folder_is_said_to_be_one(tmp_path):
    with pytest.raises(StoreError) as error:
        open_store(tmp_path)
    assert str(error.value) == (
        f"{tmp_path} is a folder, and a store is one file. Name the file with --store."
    )


def test_another_programs_database_is_refused_also_by_a_load(tmp_path, write):
    path = tmp_path / "x.duckdb"
    con = duckdb.connect(str(path))
    con.execute("create table theirs (x int)")
    con.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not a store of smtpauth_kit"):
        loading.load(Store(path), write("log.csv", LOG))
    assert path.read_bytes() == before


def test_a_store_of_another_schema_version_says_what_made_it(store, load):
    load(LOG)
    store._reader.close()
    con = duckdb.connect(str(store.path))
    con.execute("update store_info set schema_version = 99, kit_version = '7.0'")
    con.close()
    with pytest.raises(StoreError, match=r"made by smtpauth_kit 7\.0 with schema 99"):
        open_store(store.path)


def test_a_store_in_use_by_a_writer_is_waited_for_and_then_said(
    store, load, hold_open, monkeypatch
):
    load(LOG)
    monkeypatch.setattr("smtpauth_kit.store.reader.LOCK_WAIT_S", 0.3)
    hold_open(store)
    with pytest.raises(StoreError, match="in use by another program"):
        store.run("select 1")


def test_what_is_kept_of_a_store_is_never_told_of_one_swapped_in_while_it_was_opened(
    store, load, write, tmp_path, monkeypatch
):
    load(LOG)
    with store.asking() as question:
        edition = question.edition
        assert question.found_once(("found",), lambda: "of the first") == "of the first"
        assert question.found_once(("found",), lambda: "anew") == "of the first"
    store._reader.close()
    other = open_store(tmp_path / "other.duckdb")
    loading.load(other, write("one.csv", LOG_HEADER + LOG.splitlines()[1] + "\n"))
    other._reader.close()

    def connect(path, **options):
        if other.exists():
            os.replace(other.path, path)
        return database.connect(path, **options)

    monkeypatch.setattr("smtpauth_kit.store.reader.connect", connect)
    with store.asking() as question:
        count = question.run("select count(*)::bigint as n from submissions")["n"][0]
        found = question.found_once(("found",), lambda: "of the second")
        assert (count, found) == (1, "of the second")
        assert question.edition != edition


def test_ad_hoc_sql_reads_and_nothing_else(store, load, tmp_path):
    load(LOG)
    assert store.sql("select count(*) as n from submissions")["n"][0] == 3
    target = tmp_path / "out.csv"
    for query in (
        "delete from submissions", "create table x (y int)", "selct 1",
        f"copy submissions to '{target}'", f"select * from read_csv('{__file__}')",
        "install httpfs", "attach ':memory:' as x", "set memory_limit = '99GB'",
        "select * from 'https://example.com/x.csv'",
    ):  # fmt: skip
        if query.startswith("attach"):
            continue
        with pytest.raises(StoreError, match="The query was not answered"):
            store.sql(query)
    assert not target.exists()
    assert store.sql("select count(*) as n from submissions")["n"][0] == 3


def test_every_table_and_every_column_has_a_meaning(store, load):
    load(LOG)
    tables = store.tables()
    assert set(tables["table_name"]) >= {
        "submissions", "sign_ins", "mailbox_settings", "source_files", "rejected_rows",
        "duplicate_rows", "daily_by_sender", "daily_by_domain",
    }  # fmt: skip
    nothing = tables[tables["meaning"] == ""]
    assert nothing.values.tolist() == []


def test_rollups_equal_the_submissions_they_are_made_of(store, load):
    load(LOG)
    load(LOG_HEADER + "2026-11-16T08:15:30Z,new@contoso.com,,<9@x>,TLS1.2,,OAuth\n")
    for table in ("daily_by_sender", "daily_by_domain"):
        both = store.sql(
            f"select period_start, tls_version, sum(message_count)::bigint as n from {table} "
            "group by all order by all"
        )
        truth = store.sql(
            "select period_start, tls_version, sum(message_count)::bigint as n from submissions "
            "group by all order by all"
        )
        assert both.equals(truth)


def test_the_default_store_is_the_variable_then_the_project_then_the_users(tmp_path, monkeypatch):
    monkeypatch.setenv("SMTPAUTH_STORE", "/somewhere/x.duckdb")
    assert default_path() == Path("/somewhere/x.duckdb")
    monkeypatch.delenv("SMTPAUTH_STORE")
    for name in ("notebooks", "data", "notebooks/deep"):
        (tmp_path / "kit" / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "kit" / "notebooks" / "deep")
    assert default_path() == tmp_path / "kit" / "data" / "smtpauth.duckdb"
    monkeypatch.chdir(tmp_path)
    assert default_path().name == "smtpauth.duckdb" and "kit" not in default_path().parts


def test_the_same_store_opened_twice_follows_a_swap(store, load):
    load(LOG)
    other = open_store(str(store.path))
    assert other.sql("select count(*) as n from submissions")["n"][0] == 3
    load(LOG_HEADER + "2026-11-16T08:15:30Z,new@contoso.com,,<9@x>,TLS1.2,,OAuth\n")
    assert other.sql("select count(*) as n from submissions")["n"][0] == 4
    assert store.sql("select count(*) as n from submissions")["n"][0] == 4


def test_a_second_load_begins_when_the_first_has_ended(store):
    happened, waiting = [], threading.Event()
    asked = itertools.count()

    def second() -> None:
        try:
            # Asked the first time before it waits, the second time because it waits.
            with store.writing(check=lambda: next(asked) and waiting.set()):
                happened.append("the second begins")
        finally:
            waiting.set()

    with store.writing():
        other = threading.Thread(target=second)
        other.start()
        assert waiting.wait(PATIENCE_S)
        happened.append("the first ends")
    other.join(PATIENCE_S)
    assert happened == ["the first ends", "the second begins"]


READS_BESIDE = 20
"""So often each reader reads while the load works."""


def _read_until_new(path: str, count: Synchronized, out: multiprocessing.Queue) -> None:
    seen: list[int] = []
    store = open_store(path)
    deadline = time.monotonic() + PATIENCE_S
    while len(set(seen)) < 2 and time.monotonic() < deadline:
        row = answers.ask(store, "insight", Filters(start=None, end=None)).rows.iloc[0]
        seen.append(int(row["message_count"]))
        count.value += 1
    out.put(seen)


def _load_beside(
    store: str, path: str, counts: list[Synchronized], out: multiprocessing.Queue
) -> None:
    before: list[int] = []

    def wait_for_readers(progress: Progress) -> None:
        if progress.share > 0.5 and not before:  # Its rows are on their way into the copy.
            before.extend(count.value for count in counts)
            until(
                lambda: all(
                    c.value >= b + READS_BESIDE for c, b in zip(counts, before, strict=True)
                )
            )

    result = loading.load(open_store(store), path, progress=wait_for_readers)
    out.put((bool(before), result.message_count))


def test_two_readers_and_a_loader_work_on_one_store_at_once(store, load, write):
    load(LOG)
    rows = "".join(
        f"2026-11-{16 + n % 7:02d}T{n % 24:02d}:15:{n % 60:02d}Z,s{n % 50}@contoso.com,"
        f'r{n}@fabrikam.com,<{n}@big>,"TLS1.2",192.0.2.{n % 250},Basic\n'
        for n in range(30_000)
    )
    big = write("big.csv", LOG_HEADER + rows)
    context = multiprocessing.get_context("spawn")
    reads, loads, counts = (
        context.Queue(),
        context.Queue(),
        [context.Value("i"), context.Value("i")],
    )
    processes = [
        context.Process(target=_read_until_new, args=(str(store.path), count, reads))
        for count in counts
    ]
    processes.append(
        context.Process(target=_load_beside, args=(str(store.path), str(big), counts, loads))
    )
    for process in processes:
        process.start()
    assert loads.get(timeout=2 * PATIENCE_S) == (True, 30_003)
    for seen in (reads.get(timeout=PATIENCE_S), reads.get(timeout=PATIENCE_S)):
        assert len(seen) > READS_BESIDE
        assert seen == [3] * (len(seen) - 1) + [30_003]
    for process in processes:
        process.join(PATIENCE_S)


def test_a_load_that_is_killed_leaves_the_store_as_it_was_and_can_be_done_again(store, load, write):
    load(LOG)
    before = store.path.read_bytes()
    rows = "".join(f'2026-11-16T08:15:30Z,s@contoso.com,"",<{n}>,,,\n' for n in range(20_000))
    big = write("big.csv", LOG_HEADER + rows)
    code = textwrap.dedent("""
        import sys, time
        from smtpauth_kit.loading import loading
        from smtpauth_kit.store.store import open_store

        def stand_still(progress):
            if progress.share > 0.5:
                print("half way", flush=True)
                time.sleep(600)

        loading.load(open_store(sys.argv[1]), sys.argv[2], progress=stand_still)
    """)
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(store.path), str(big)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None and child.stdout.readline() == "half way\n"
    assert list(store.path.parent.glob("*.loading"))
    os.kill(child.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    child.wait()
    assert store.path.read_bytes() == before
    assert loading.load(store, big).message_count == 20_003
    assert not list(store.path.parent.glob("*.loading*"))


def test_a_folder_that_cannot_be_made_is_said(tmp_path, write):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be written to"):
        loading.load(Store(tmp_path / "file" / "s.duckdb"), write("log.csv", LOG))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["what?/s.duckdb", "s?.duckdb"])
def test_a_name_with_a_question_mark_is_refused_and_leaves_nothing(tmp_path, write, name):
    with pytest.raises(StoreError, match="where a name has a question mark"):
        loading.load(Store(tmp_path / "place" / name), write("log.csv", LOG))
    assert not (tmp_path / "place").exists()


@pytest.mark.parametrize(
    "name", ["memory", "temp", "store", "main.db", "a'b\"c.duckdb", "[x] *.duckdb", "x;y.parquet"]
)
def test_a_store_may_have_any_other_name(tmp_path, write, name):
    if os.name == "nt" and set(name) & set('"*'):
        pytest.skip("Windows has no such names")
    store = Store(tmp_path / name)
    assert loading.load(store, write("log.csv", LOG)).message_count == 3
    assert len(answers.ask(store, "senders", Filters(start=None)).rows) == 2


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder of this kind is Linux's")
def test_a_folder_where_no_lock_can_be_made_is_said(write):
    with pytest.raises(StoreError, match="cannot be written to"):
        loading.load(Store(Path("/proc/s.duckdb")), write("log.csv", LOG))


def test_a_process_that_ends_while_a_reader_lets_go_ends_well(store, load):
    load(LOG)
    code = (
        "import sys, time; import smtpauth_kit.store.reader as r; r.IDLE_S = 0.3;"
        "from smtpauth_kit.store.store import open_store; store = open_store(sys.argv[1]); time.sleep(float(sys.argv[2]))"
    )
    for wait in ("0.29", "0.3", "0.301", "0.31"):
        done = subprocess.run([sys.executable, "-c", code, str(store.path), wait], check=False)
        assert done.returncode == 0


@pytest.mark.parametrize("fails", [None, AttributeError, OSError, "half"])
def test_a_copy_is_equal_whatever_the_file_system_can(tmp_path, monkeypatch, fails):
    path, copy = tmp_path / "old", tmp_path / "new"
    path.write_bytes(os.urandom(100_000))

    real = os.copy_file_range

    def failing(old, new, size, **of_shutil):
        if of_shutil:  # From Python 3.14 on shutil copies so, too.
            return real(old, new, size, **of_shutil)
        if fails != "half":
            raise fails
        os.write(new, os.read(old, size // 2))
        raise OSError

    if fails:
        monkeypatch.setattr(os, "copy_file_range", failing)
    copy_store(path, copy)
    assert copy.read_bytes() == path.read_bytes()


def test_a_small_load_works_on_one_core_and_a_large_one_on_all(store):
    asked = "select current_setting('threads')"
    with database.connect(store.path.with_name("any.duckdb")) as con:
        ((all_cores,),) = con.execute(asked).fetchall()
    with store.writing() as writer:
        told = []
        for size in (100, database.SIZE_OF_A_CORE - 101, 1):
            writer.begin_file(size)
            told += writer.rows(asked)
    assert told == [(1,), (1,), (all_cores,)]
