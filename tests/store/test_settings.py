"""What users keep stays, whatever loads and dies meanwhile."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from conftest import LOG

from smtpauth_kit.base.errors import StoreError
from smtpauth_kit.loading import loading
from smtpauth_kit.store import settings
from smtpauth_kit.store.store import Store, open_store


def test_a_setting_is_kept_replaced_and_taken_out(store):
    assert settings.get(store, "note:a") is None
    settings.put(store, "note:a", ["é", {"n": 1}])
    settings.put(store, "note:ab", "x")
    assert settings.get(store, "note:a") == ["é", {"n": 1}]
    settings.put(store, "note:a", 2)
    assert settings.named(store, "note:") == {"a": 2, "ab": "x"}
    settings.put(store, "note:a", None)
    assert settings.named(store, "note:") == {"ab": "x"}


def test_a_name_is_data(store):
    name = "filter:'; drop table settings; --\n%_"
    settings.put(store, name, 1)
    assert settings.named(store, "filter:") == {name.removeprefix("filter:"): 1}


def test_a_store_that_only_keeps_a_setting_can_be_loaded_into(store, load):
    settings.put(store, "owner:a", "Ann")
    assert load(LOG).message_count == 3
    assert settings.get(store, "owner:a") == "Ann"


def test_every_change_says_who_made_it_and_when(store, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_USER", "ann")
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    settings.put(store, "owner:a", "Ann")
    monkeypatch.setenv("JUPYTERHUB_USER", "bob")
    settings.put(store, "owner:a", None)
    changes = settings.history(store, "owner:a")
    assert [(change.value, change.changed_by) for change in changes] == [
        ("Ann", "ann"),
        (None, "bob"),
    ]
    assert before <= changes[0].changed_at <= changes[1].changed_at <= dt.datetime.now(dt.UTC)


def test_a_save_leaves_the_store_as_it_is(store, load):
    load(LOG)
    before = store.path.stat()
    settings.put(store, "note:x", "kept")
    after = store.path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert settings.get(Store(store.path), "note:x") == "kept"


def test_asking_for_a_setting_makes_no_file(store):
    assert settings.named(store, "filter:") == {}
    assert not store.settings_path.exists() and not store.exists()


def test_what_is_put_while_a_load_works_stays(store, load, write):
    load(LOG)
    put: list[bool] = []

    def tell(_: object) -> None:
        if not put:
            put.append(True)
            settings.put(store, "note:x", "during the load")

    loading.load(store, write("more.csv", LOG.replace("<1@scan>", "<9@scan>")), progress=tell)
    assert settings.named(store, "note:") == {"x": "during the load"}
    assert store.sql("select count(*) from submissions").iloc[0, 0] == 4


@pytest.fixture
def older_store(store, load):
    """A store that holds its settings itself, as those of kits before the settings file did."""
    load(LOG)
    with store.writing() as writer:
        writer.con.execute(
            "create table settings (name text primary key, value json, changed_at timestamp)"
        )
        writer.con.execute(
            """insert into settings values ('filter:old', '{"min_messages": 5}', '2026-11-01'),
            ('note:a', '"é"', '2026-11-02')"""
        )
        writer.changed = True
    return store


def test_what_an_older_store_holds_is_moved_in_when_it_is_first_asked_for(older_store):
    assert settings.named(older_store, "filter:") == {"old": {"min_messages": 5}}
    settings.put(older_store, "note:a", None)
    settings.close(older_store)
    assert settings.named(older_store, "") == {"filter:old": {"min_messages": 5}}
    first, _ = settings.history(older_store, "note:a")
    when = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
    assert (first.value, first.changed_by, first.changed_at) == ("é", "", when)


def test_settings_that_cannot_be_written_are_read_and_a_save_says_so(older_store):
    # A folder in the place of the write-ahead file: as little can be written beside the settings.
    settings.put(older_store, "note:b", "kept")
    settings.close(older_store)
    in_the_way = older_store.settings_path.with_name(older_store.settings_path.name + "-wal")
    in_the_way.mkdir()
    assert settings.named(older_store, "note:") == {"a": "é", "b": "kept"}
    with pytest.raises(StoreError, match=r"could not be written or read: .*Make room"):
        settings.put(older_store, "note:b", "new")


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is no place for a file")
def test_where_no_file_can_be_made_what_an_older_store_holds_is_read(older_store, monkeypatch):
    monkeypatch.setattr(Store, "settings_path", Path("/proc/store.settings"))
    assert settings.named(older_store, "note:") == {"a": "é"}
    with pytest.raises(StoreError, match="could not be written"):
        settings.put(older_store, "note:b", "new")


def test_settings_of_another_hand_are_refused_in_plain_words_and_stay(store):
    store.settings_path.write_bytes(b"no database, but two hundred bytes long " * 5)
    before = store.settings_path.read_bytes()
    with pytest.raises(
        StoreError, match=r"damaged, or no settings of the kit.*Move that file away"
    ):
        settings.get(store, "note:a")
    with pytest.raises(StoreError, match="damaged"):
        settings.put(store, "note:a", 1)
    assert store.settings_path.read_bytes() == before


def test_settings_of_a_newer_kit_are_refused(store):
    settings.put(store, "note:a", 1)
    settings.close(store)
    with closing(sqlite3.connect(store.settings_path)) as con:
        con.execute("pragma user_version = 99")
    with pytest.raises(StoreError, match="newer smtpauth_kit, which has version 99"):
        settings.get(store, "note:a")


def test_a_link_that_lies_in_the_place_of_the_settings_is_not_followed(store, tmp_path):
    store.settings_path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError):
        settings.put(store, "note:a", 1)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(os.name == "nt", reason="no rights of this kind")
def test_settings_have_the_rights_of_their_store(store, load):
    load(LOG)
    store.path.chmod(0o600)
    settings.put(store, "note:a", 1)
    beside = store.path.parent.glob(f"{store.settings_path.name}*")
    assert {path.stat().st_mode & 0o777 for path in beside} == {0o600}


def test_a_settings_file_that_is_replaced_is_opened_anew(store, tmp_path):
    settings.put(store, "note:a", "of the first")
    other = Store(tmp_path / "other.duckdb")
    settings.put(other, "note:a", "of the other")
    settings.close(other)
    os.replace(other.settings_path, store.settings_path)
    for ending in ("-wal", "-shm"):
        store.settings_path.with_name(store.settings_path.name + ending).unlink(missing_ok=True)
    assert settings.get(store, "note:a") == "of the other"


@pytest.mark.skipif(os.name == "nt", reason="no limit of this kind")
def test_a_full_place_keeps_what_was_there(store):
    settings.put(store, "note:a", "kept")
    code = (
        "import resource, sys; from pathlib import Path; from smtpauth_kit.store import settings\n"
        "from smtpauth_kit.base.errors import StoreError; from smtpauth_kit.store.store import Store\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (64_000, 64_000))\n"
        "try: settings.put(Store(Path(sys.argv[1])), 'note:a', 'x' * 200_000)\n"
        "except StoreError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, str(store.path)], capture_output=True, text=True
    )
    assert "could not be written" in done.stdout and done.stderr == ""
    assert settings.get(store, "note:a") == "kept"


@pytest.mark.skipif(os.name == "nt", reason="kills by signal")
def test_putting_can_be_killed_at_any_moment(store, load):
    load(LOG)
    code = (
        "import sys; from smtpauth_kit.store import settings; from smtpauth_kit.store.store import Store; "
        "from pathlib import Path; store = Store(Path(sys.argv[1])); print('go', flush=True)\n"
        "for n in range(10**6): settings.put(store, 'note:n', n)"
    )
    for number in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(store.path)], stdout=subprocess.PIPE
        )
        assert child.stdout and child.stdout.readline()
        time.sleep(0.05 + number * 0.037)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        again = open_store(store.path)
        assert again.sql("select sum(message_count)::int from submissions").iloc[0, 0] == 3
        assert isinstance(settings.get(again, "note:n", 0), int)
    assert load(LOG.replace("<1@scan>", "<9@scan>")).message_count == 4
    assert isinstance(settings.get(store, "note:n", 0), int)


def test_two_processes_put_and_a_third_reads(store, load):
    load(LOG)
    code = (
        "import sys; from smtpauth_kit.store import settings; from smtpauth_kit.store.store import Store; "
        "from pathlib import Path\n"
        "for n in range(5): settings.put(Store(Path(sys.argv[1])), sys.argv[2] + str(n), n)"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(store.path), name]) for name in "ab"
    ]
    while any(child.poll() is None for child in children):
        assert Store(store.path).sql("select count(*) from submissions").iloc[0, 0] == 3
        time.sleep(0.05)
    assert [child.returncode for child in children] == [0, 0]
    assert len(settings.named(store, "a")) == len(settings.named(store, "b")) == 5


def test_the_last_choice_is_the_users_and_of_one_store(store, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert settings.recall(store) == {}
    settings.remember(store, {"view": "tls-usage"})
    assert settings.recall(store) == {"view": "tls-usage"}
    assert settings.recall(Store(tmp_path / "other.duckdb")) == {}
    assert not store.exists()
