"""A mail that says what is unusual, and one that goes out only when something new is."""

from __future__ import annotations

import json
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from command import smtpauth
from hostile import HOSTILE
from mail_servers import PASSWORD, USER, Inbox, smtp_server
from unusual_world import SPRAYER, break_in

from smtpauth_kit.answers.findings import states
from smtpauth_kit.answers.findings.answer import judged
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.mail.mail_settings import MailSettings
from smtpauth_kit.mail.request import request_report
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.store.store import Store

VICTIM = HOSTILE[0]
TO = "bob@fabrikam.com"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A break-in into an account with the name of a script."""
    agent = "BAV2ROPC <img src=x onerror=alert(13)>"
    return break_in(tmp_path_factory.mktemp("mail"), VICTIM, agent=agent)


@pytest.fixture
def settings(tmp_path: Path) -> MailSettings:
    return MailSettings(outbox=str(tmp_path / "outbox"))


def bodies(message: EmailMessage) -> tuple[str, str]:
    return tuple(message.get_body((kind,)).get_content() for kind in ("plain", "html"))


def mailed(store: Store, settings: MailSettings, **asked) -> EmailMessage:
    done = request_report(store, TO, formats=["md"], settings=settings, **asked)
    return message_from_bytes(done.path.read_bytes(), policy=policy.default)


def test_the_mail_says_how_many_incidents_and_their_first_sentences(store, settings) -> None:
    message = mailed(store, settings)
    text, html = bodies(message)
    lines = text.splitlines()
    said = lines[lines.index("Unusual activity") + 1 :]
    assert said[0] == "2 incidents to look at today, 1 to know."
    assert said[1] == (
        f"- ▲ High (Oct 27, 2026 to Oct 30, 2026): {VICTIM}: sent 241 messages on 1 day from "
        "Oct 30, 2026; its usual active day has 1, its record is 1"
    )
    assert said[2].startswith(f"- ▲ High (Oct 27, 2026): {SPRAYER}: tried the passwords of 10")
    assert said[3:5] == [
        "Unusual activity of all days loaded; days are UTC.",
        "1 rule could not be checked: no loaded source tells what it needs.",
    ]
    # What it carries, Markdown, holds no readiness: the mail says nothing of it.
    assert "Readiness" not in text
    assert "2 incidents to look at today, 1 to know." in html and "sent 241 messages" in html
    # The name of a script stands in the text as it is, in the page as text, in no header.
    assert "<script>" not in html and "&lt;script&gt;alert(1)" in html
    assert "evil" not in "".join(f"{name}: {value}" for name, value in message.items())
    subject = r"SMTP AUTH clients, Oct 30, 2026 to Nov 5, 2026: 11 [a-z ]+, 295 messages"
    assert re.fullmatch(subject, message["Subject"])


def test_days_and_domains_narrow_it_and_dutch_says_it_in_dutch(store, settings) -> None:
    asked = Filters(domains=("fabrikam.com",))
    text, _ = bodies(mailed(store, settings, filters=asked, language="nl"))
    assert "0 incidenten om vandaag naar te kijken, 1 om te weten." in text
    assert "Alleen: Afzenderdomein fabrikam.com" in text
    assert "2 incidenten om te bekijken vallen buiten deze filters." in text


def test_pseudonyms_hold_in_the_mail_and_in_what_it_carries(store, settings) -> None:
    names = Pseudonyms(b"sixteen or more bytes", domains=True)
    message = mailed(store, settings, pseudonyms=names)
    carried = [
        part.get_content() for part in message.walk() if part.get_content_maintype() == "text"
    ]
    assert len(carried) == 3
    for text in carried:
        assert not re.search(r"evil|clerk|sales@|203\.0\.113|alert", text)
        assert names.address(VICTIM) in text and "AS64501" in text


def test_only_when_new_sends_until_somebody_has_looked(
    store, certificates, monkeypatch, tmp_path
) -> None:
    inbox = Inbox()
    call = (
        "--store", store.path, "request-report", "--to", TO, "--only-when-new", "--format", "md",
    )  # fmt: skip
    given = {
        "HOST": "localhost",
        "USER": USER,
        "PASSWORD": PASSWORD,
        "CA_FILE": certificates.ca_file,
    }
    with smtp_server(inbox, certificates.context(), implicit=False) as port:
        for name, value in {**given, "PORT": port}.items():
            monkeypatch.setenv(f"SMTPAUTH_MAIL_{name}", str(value))
        sent = smtpauth(*call)
        assert (sent.returncode, len(inbox.mails)) == (0, 1), sent.stderr
        assert sent.stdout.startswith(f"Sent to {TO} through localhost")
        # Days that somebody asks for are the days that are looked at.
        of_days = smtpauth(*call, "--days", "3", "--json")
        assert of_days.returncode == 0 and len(inbox.mails) == 1
        for finding in judged(store, ALL).findings:
            if finding.severity == "high":
                states.acknowledge(store, finding.finding_id, "password changed")
        try:
            spared = smtpauth(*call)
        finally:
            for finding in judged(store, ALL).findings:
                states.acknowledge(store, finding.finding_id, "")
    assert (spared.returncode, len(inbox.mails)) == (0, 1), spared.stderr
    assert spared.stdout == (
        f"Nothing new of high severity was found; nothing was sent to {TO}. 1 rule could not be "
        "checked: no loaded source tells what it needs.\n"
    )
    told = json.loads(of_days.stdout)
    assert (told["via"], told["to"], told["path"], told["bytes"]) == ("smtp", [TO], None, 0)
    assert told["why_not"] == spared.stdout.strip()
    assert not list((tmp_path / "outbox").iterdir())


def test_a_schedule_carries_it_and_the_days_as_they_were_asked_for(store) -> None:
    call = (
        "--store", store.path, "request-report", "--to", TO, "--only-when-new", "--schedule",
        "daily", "--via", "outbox", "--json",
    )  # fmt: skip
    plain, of_week = (json.loads(smtpauth(*call, *days).stdout) for days in ((), ("--days", "7")))
    assert "--only-when-new" in plain["crontab"] and "--only-when-new" in plain["windows"]
    # Without --days what is unusual is of all days loaded: asked for, 7 is not the same as nothing.
    assert "--days" not in plain["crontab"] and "--days=7" in of_week["crontab"]


def test_nothing_loaded_is_an_error_and_no_all_clear(tmp_path) -> None:
    ended = smtpauth(
        "--store", tmp_path / "none.duckdb", "request-report", "--to", TO, "--only-when-new"
    )
    assert ended.returncode == 1 and "There is no store at" in ended.stderr
