"""What users keep stays, whatever loads and dies meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import LOG

from smtpauth_kit import loading, settings
from smtpauth_kit.store import Store, open_store


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


def test_what_is_put_while_a_load_works_is_taken_over(store, load, write):
    load(LOG)
    put: list[bool] = []

    def tell(_: object) -> None:
        if not put:
            put.append(True)
            settings.put(store, "note:x", "during the load")

    loading.load(store, write("more.csv", LOG.replace("<1@scan>", "<9@scan>")), progress=tell)
    with store.writing() as writer:
        settings.put(store, "note:y", "during a copy")
        writer.changed = True
    assert settings.named(store, "note:") == {"x": "during the load", "y": "during a copy"}
    assert store.sql("select count(*) from submissions").iloc[0, 0] == 4


@pytest.mark.skipif(os.name == "nt", reason="kills by signal")
def test_putting_can_be_killed_at_any_moment(store, load):
    load(LOG)
    code = (
        "import sys; from smtpauth_kit import settings; from smtpauth_kit.store import Store; "
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
        "import sys; from smtpauth_kit import settings; from smtpauth_kit.store import Store; "
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
