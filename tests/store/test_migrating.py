"""A store that an older kit made is brought up to this schema, whole or not at all."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from conftest import LOG

from smtpauth_kit import answers
from smtpauth_kit.answers.stored import stored_messages
from smtpauth_kit.base.errors import OtherVersion, StoreError
from smtpauth_kit.loading import loaded_files, loading
from smtpauth_kit.store import migrating, settings
from smtpauth_kit.store.store import Store, open_store
from smtpauth_kit.words.words import speak

BAD_ROW = "2026-11-23T10:00:00Z,no address,bob@fabrikam.com,<4@app>,TLS1.2,192.0.2.30,OAuth\n"
TO_SCHEMA_3 = """
alter table source_files drop column sentences;
alter table rejected_rows drop column sentence;
alter table submission_rows drop column is_settled;
alter table submission_rows drop column fields_from;
alter table submission_rows drop column line;
alter table smtp_sessions drop column line;
drop table open_lines;
alter table submission_rows drop column tls_cipher;
alter table submission_rows drop column message_subject;
alter table mail_context_rows drop column message_subject;
alter table source_files drop column written_at;
create table settings (name text primary key, value json, changed_at timestamp);
insert into settings values ('filter:old', '{"min_messages": 5}', '2026-11-01');
update store_info set schema_version = 3, kit_version = '0.0.9';
"""


TRACE = (
    "date_time_utc,source,event_id,connector_id,sender_address,message_id,message_subject\n"
    "2026-11-16T08:15:30Z,SMTP,RECEIVE,EX\\Client Proxy EX,scanner@contoso.com,<1@scan>,"
    "Scan of today\n"
)

TRACE_OF_ONE = (
    "date_time_utc,source,event_id,connector_id,sender_address,message_id\n"
    "2026-11-16T08:15:30Z,SMTP,RECEIVE,EX\\Client Proxy EX,scanner@contoso.com,<1@scan>\n"
)
OLDER = Path(__file__).parent / "older"


def as_schema_3(path: Path) -> None:
    """Make a store what the kit of schema 3 would have made of the same exports."""
    with closing(duckdb.connect(str(path))) as con:
        con.execute(TO_SCHEMA_3)


@pytest.fixture
def older(store: Store, load: Callable[..., object]) -> Path:
    load(LOG + BAD_ROW)
    store._reader.close()
    as_schema_3(store.path)
    return store.path


def test_a_store_of_schema_3_is_opened_with_all_that_it_held_and_kept_as_it_was(older):
    before = older.read_bytes()
    store = open_store(older)
    assert answers.ask(store, "insight").rows["message_count"].tolist() == [3]
    assert store.run("select schema_version from store_info")["schema_version"].tolist() == [6]
    (file,) = loaded_files.stored_files(store)
    assert speak("nl").sentence(file.why) == str(file.why) != ""
    assert (store.tables()["meaning"] != "").all()
    rejected = answers.ask(store, "rejected").rows
    assert (rejected["line"].tolist(), len(rejected["reason"][0]) > 0) == ([5], True)
    assert settings.named(store, "filter:") == {"old": {"min_messages": 5}}
    assert older.with_name(f"{older.name}.schema-3.backup").read_bytes() == before


def test_a_store_of_schema_4_takes_subjects_from_now_on(store, load):
    load(TRACE)
    store._reader.close()
    with closing(duckdb.connect(str(store.path))) as con:
        for table in ("submission_rows", "mail_context_rows"):
            con.execute(f"alter table {table} drop column message_subject")
        con.execute("alter table source_files drop column written_at")
        con.execute("update store_info set schema_version = 4, kit_version = '0.0.9'")
    again = open_store(store.path)
    asked = "select message_id, message_subject from all_submissions order by all"
    assert again.sql(asked).values.tolist() == [["1@scan", ""]]
    load(TRACE.replace("<1@scan>", "<2@scan>"), name="later.csv")
    assert again.sql(asked).values.tolist() == [["1@scan", ""], ["2@scan", "Scan of today"]]
    loaded_files.unload(again, 1)
    load(TRACE)
    assert again.sql(asked)["message_subject"].tolist() == ["Scan of today"] * 2


@pytest.mark.skipif(duckdb.__version__ < "2", reason="these stores were written by DuckDB 2")
@pytest.mark.parametrize("schema", [2, 3, 4, 5])
def test_a_store_that_an_older_kit_made_answers_as_if_loaded_now(schema, tmp_path, write):
    """Each was made by the kit of its time, of the same log with a bad row and a trace."""
    path = tmp_path / "older.duckdb"
    path.write_bytes(gzip.decompress((OLDER / f"schema-{schema}.duckdb.gz").read_bytes()))
    older, new = open_store(path), open_store(tmp_path / "new.duckdb")
    log, trace = write("log.csv", LOG + BAD_ROW), write("trace.csv", TRACE_OF_ONE)
    loading.load(new, log, trace)
    for name in ("insight", "senders", "readiness", "rejected", "sending-volume", "findings"):
        told, expected = (answers.ask_plain(each, name).rows for each in (older, new))
        left = [n for n in expected.columns if n != "path"]
        assert list(told.in_order(left)) == list(expected.in_order(left)), name
    known = "select tls_version, auth_protocol from all_submissions where source = 'extended_trace'"
    assert older.sql(known).values.tolist() == [["1.0", "basic"]]
    assert path.with_name(f"{path.name}.schema-{schema}.backup").exists()
    assert [f.status for f in loading.load(older, log, trace).files] == ["already_loaded"] * 2
    for file in loaded_files.stored_files(older):
        loaded_files.unload(older, file.file_id)
    assert stored_messages(older) == 0


@pytest.mark.skipif(duckdb.__version__ >= "2", reason="DuckDB 2 reads what it wrote")
def test_a_store_that_a_newer_duckdb_wrote_is_refused_in_plain_words(tmp_path):
    path = tmp_path / "newer.duckdb"
    path.write_bytes(gzip.decompress((OLDER / "schema-5.duckdb.gz").read_bytes()))
    with pytest.raises(StoreError, match="was written by a version of DuckDB that this one"):
        answers.ask(open_store(path), "insight")


def columns_of(path: Path) -> list[tuple[str, ...]]:
    with closing(duckdb.connect(str(path), read_only=True)) as con:
        told = "select table_name, column_name, data_type, comment from duckdb_columns()"
        return con.execute(f"{told} where not internal order by all").fetchall()


def test_a_store_that_was_brought_up_has_the_columns_of_a_new_one(older, tmp_path, write):
    open_store(older).run("select 1 as one")
    new = open_store(tmp_path / "new.duckdb")
    loading.load(new, write("log.csv", LOG + BAD_ROW))
    new.run("select 1 as one")
    left = [column for column in columns_of(older) if column[0] != "settings"]
    assert left == columns_of(new.path)


def test_a_store_that_was_brought_up_takes_more_exports_and_lets_go_of_old_ones(older, write):
    store = open_store(older)
    more = write("more.csv", LOG.replace("<1@scan>", "<9@scan>") + BAD_ROW)
    assert loading.load(store, more).message_count == 4
    loaded_files.unload(store, 1)
    assert answers.ask(store, "insight").rows["message_count"].tolist() == [3]


def test_what_two_sources_told_of_one_message_is_known_of_it_once_the_store_is_brought_up(
    store, load
):
    load(LOG)
    load(TRACE_OF_ONE)
    store._reader.close()
    with closing(duckdb.connect(str(store.path))) as con:
        con.execute("delete from submission_rows where is_settled")
        con.execute("update submission_rows set duplicate_of = null")
    as_schema_3(store.path)
    told = open_store(store.path).sql(
        "select tls_version, auth_protocol from all_submissions where source = 'extended_trace'"
    )
    assert told.values.tolist() == [["1.0", "basic"]]


def test_a_backup_never_takes_the_place_of_another(older):
    taken = older.with_name(f"{older.name}.schema-3.backup")
    taken.write_bytes(b"of a user")
    open_store(older)
    assert taken.read_bytes() == b"of a user"
    assert older.with_name(f"{older.name}.schema-3-2.backup").exists()


def test_two_programs_that_open_an_older_store_bring_it_up_once(older):
    code = (
        "import sys; from smtpauth_kit.store.store import open_store\n"
        "print(open_store(sys.argv[1]).run('select schema_version as v from store_info').v[0])"
    )
    command = [sys.executable, "-c", code, str(older)]
    children = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [child.communicate() for child in children] == [("6\n", ""), ("6\n", "")]
    assert len(list(older.parent.glob("*.backup"))) == 1


def test_where_it_cannot_be_brought_up_the_store_is_as_it_was(older, monkeypatch):
    before = older.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(migrating, "keep_backup", full)
    with pytest.raises(StoreError, match="No space left on device"):
        open_store(older)
    assert older.read_bytes() == before
    assert {path.name for path in older.parent.iterdir() if "duckdb" in path.name} <= {
        older.name, f"{older.name}.lock"
    }  # fmt: skip


@pytest.mark.parametrize("schema", [1, 99])
def test_a_store_of_a_schema_that_cannot_be_brought_up_is_refused_and_stays(store, load, schema):
    load(LOG)
    store._reader.close()
    with closing(duckdb.connect(str(store.path))) as con:
        con.execute(f"update store_info set schema_version = {schema}")
    before = store.path.read_bytes()
    with pytest.raises(OtherVersion, match=f"with schema {schema}; .*It was not changed"):
        open_store(store.path)
    assert store.path.read_bytes() == before
