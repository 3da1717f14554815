"""Where a user works: the project's folder, and a demo store that is never half old."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import psutil
import pytest
from command import COMMAND
from conftest import LOG, PATIENCE_S, until

from smtpauth_kit import sample
from smtpauth_kit.answers.files import files
from smtpauth_kit.answers.readiness import kept
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.loading import loading
from smtpauth_kit.screens import samples, workplace
from smtpauth_kit.store.store import open_store


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A project with two of the samples."""
    for name in ("notebooks", "data/sample"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "notebooks")
    entries = sample.manifest()[-2:]
    monkeypatch.setattr(sample, "manifest", lambda: entries)
    for entry in entries:
        shutil.copy(Path(__file__).parents[2] / "data" / "sample" / entry.name, "../data/sample")
    return tmp_path


def test_the_demo_has_a_store_of_its_own_and_is_loaded_once(project):
    store, first = samples.load_samples(lambda _: None)
    assert store.path == project / "data" / "demo.duckdb"
    assert [f.status for f in first.files] == ["loaded", "loaded"]
    # What the story's people said is there, and what its user says of them stays.
    assert kept.said_of(store)["fax-gateway@contoso.org"].state == "accepted"
    kept.keep(store, {"fax-gateway@contoso.org": {"state": "done"}})
    _, again = samples.load_samples(lambda _: None)
    assert [f.status for f in again.files] == ["already_loaded", "already_loaded"]
    assert kept.said_of(store)["fax-gateway@contoso.org"].state == "done"


def test_samples_of_another_version_replace_the_demo_store(project):
    store, _ = samples.load_samples(lambda _: None)
    path = project / "data" / "sample" / "TransportConfig.csv"
    path.write_text('"SmtpClientAuthenticationDisabled","AllowLegacyTLSClients"\n"True","False"\n')
    store, _ = samples.load_samples(lambda _: None)
    assert len(files(store)) == 2
    tenant = store.sql("select smtp_auth_disabled from mailbox_settings where address = ''")
    assert tenant["smtp_auth_disabled"].tolist() == [True]


def test_a_demo_store_of_another_schema_is_made_anew(project):
    store, first = samples.load_samples(lambda _: None)
    store._reader.close()
    con = duckdb.connect(str(store.path))
    con.execute("update store_info set schema_version = 1")
    con.close()
    _, again = samples.load_samples(lambda _: None)
    assert again.message_count == first.message_count
    assert {file.status for file in again.files} == {"loaded"}


def test_lab_takes_the_store_named_then_the_default_then_the_demos(project, monkeypatch, write):
    monkeypatch.delenv("SMTPAUTH_STORE")
    demo = project / "data" / "demo.duckdb"
    assert workplace.store_to_open(None, project) == project / "data" / "smtpauth.duckdb"
    loading.load(open_store(demo), write("log.csv", LOG))
    assert workplace.store_to_open(None, project) == demo
    loading.load(open_store(), write("log.csv", LOG))
    assert workplace.store_to_open(None, project) == project / "data" / "smtpauth.duckdb"
    assert workplace.store_to_open(Path("x.duckdb"), project) == Path("x.duckdb").absolute()


def test_lab_says_so_where_there_are_no_notebooks(tmp_path, monkeypatch):
    monkeypatch.setattr(workplace, "project_folder", lambda: None)
    with pytest.raises(KitError, match="no folder with notebooks/"):
        workplace.open_lab(None)


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_lab_told_to_end_leaves_no_jupyterlab_behind(project, monkeypatch, told):
    places = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "run", "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }  # fmt: skip
    for name, place in places.items():
        (project / place).mkdir()
        monkeypatch.setenv(name, str(project / place))
    (project / "config" / "jupyter_server_config.json").write_text(
        '{"ServerApp": {"open_browser": false}}'
    )
    with (project / "said.txt").open("wb") as said:
        lab = subprocess.Popen([*COMMAND, "lab"], stdout=said, stderr=said)
    (server,) = until(lambda: psutil.Process(lab.pid).children())
    until(lambda: [*(project / "run").glob("jpserver-*.json")])
    lab.send_signal(told)
    assert lab.wait(PATIENCE_S) == 0, (project / "said.txt").read_text()
    assert not server.is_running()


def test_a_notebook_saved_in_the_kit_s_lab_keeps_its_screens(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path))
    env = workplace.lab_environment(tmp_path / "store.duckdb")
    assert env["JUPYTER_CONFIG_PATH"].split(os.pathsep)[1:] == [str(tmp_path)]
    code = (
        "from jupyter_server.services.config.manager import ConfigManager\n"
        "asked = ConfigManager(config_dir_name='labconfig')\n"
        "print(asked.get('default_setting_overrides'))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    ).stdout
    assert told.strip() == "{'@jupyter-widgets/jupyterlab-manager:plugin': {'saveState': True}}"
