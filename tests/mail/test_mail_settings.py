"""Mail settings: the environment, then the file; secrets only from the environment or keyring."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import smtpauth

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.mail.mail_settings import MailSettings, config_file, mail_settings


@pytest.fixture
def config(tmp_path: Path, monkeypatch):
    path = tmp_path / "smtpauth.toml"
    monkeypatch.setenv("SMTPAUTH_CONFIG", str(path))
    monkeypatch.delenv("SMTPAUTH_MAIL_OUTBOX")
    return path


def test_the_environment_goes_before_the_file(config, monkeypatch):
    config.write_text(
        'language = "nl"\n[mail]\nhost = "smtp.contoso.com"\nport = 2525\nfrom = "a@contoso.com"\n'
    )
    monkeypatch.setenv("SMTPAUTH_MAIL_HOST", "other.contoso.com")
    monkeypatch.setenv("SMTPAUTH_MAIL_SECURITY", "tls")
    assert mail_settings() == MailSettings(
        host="other.contoso.com", port=2525, security="tls", from_="a@contoso.com"
    )


def test_without_any_the_outbox_is_the_way(config):
    assert mail_settings() == MailSettings() and MailSettings().way == "outbox"
    assert MailSettings(tenant="t", client_id="c").way == "graph"
    assert MailSettings(host="h", tenant="t", client_id="c").way == "smtp"


def test_the_file_is_in_the_users_config_folder(monkeypatch):
    monkeypatch.delenv("SMTPAUTH_CONFIG")
    assert config_file().name == "smtpauth.toml" and "smtpauth_kit" in config_file().parts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[mail]\npassword = "hunter2"', "A secret must not stand in a file"),
        ('[mail]\nclient_secret = "hunter2"', "keyring set smtpauth_kit"),
        ('Password = "hunter2"', "A secret must not stand in a file"),
        ('[mail]\nhots = "x"', "has hots under [mail]. Expected: host, port"),
        ("[mail]\nhost = ['x']", "has host under [mail]"),
        ("mail = 3", "under [mail]"),
        ("[mail", "cannot be read"),
        ('[mail]\nport = "x"', "SMTPAUTH_MAIL_PORT"),
        ("[mail]\nport = 70000", "SMTPAUTH_MAIL_PORT"),
        ('[mail]\nsecurity = "none"', "expected starttls or tls"),
        ('[mail]\nauth = "cram"', "expected password or xoauth2"),
        ('[mail]\ngraph_url = "http://graph.example"', "must start with https://"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_plain_words(config, text, words):
    config.write_text(text)
    with pytest.raises(KitError) as caught:
        mail_settings()
    assert words in str(caught.value) and "hunter2" not in str(caught.value)


def test_a_file_with_a_password_is_refused_by_the_command_too(config, store, load):
    from conftest import LOG

    load(LOG)
    config.write_text('[mail]\npassword = "hunter2"')
    done = smtpauth("--store", store.path, "request-report", "--to", "a@contoso.com", "--json")
    assert done.returncode == 1 and "hunter2" not in done.stdout + done.stderr
    assert not (store.path.parent / "outbox").exists()


def test_settings_hold_no_secret(config, monkeypatch):
    monkeypatch.setenv("SMTPAUTH_MAIL_PASSWORD", "hunter2")
    monkeypatch.setenv("SMTPAUTH_MAIL_CLIENT_SECRET", "hunter2")
    assert "hunter2" not in repr(mail_settings()) + str(vars(mail_settings()))
