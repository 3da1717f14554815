"""Letters to owners: which senders are in whose, what they say, and what can do no harm in them."""

from __future__ import annotations

import csv
import email
import email.policy
import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from command import smtpauth
from hostile import HOSTILE
from readiness_worlds import END, Sent, day, every_day, working_days

from smtpauth_kit.answers.readiness import kept
from smtpauth_kit.base.errors import KitError, UsageError
from smtpauth_kit.mail.letters.letters import WAYS, write_letters
from smtpauth_kit.mail.letters.template import OF_LETTER, OF_SENDER, read, usual_text
from smtpauth_kit.views.readiness import WAY_TITLES
from smtpauth_kit.words.words import UNTOLD, languages, speak

JANE = "Jane Doe <jane@contoso.com>"


def mail(path: Path) -> EmailMessage:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(draft: EmailMessage) -> str:
    text: str = draft.get_content()
    return text.replace("\r\n", "\n")


@pytest.fixture
def world(store, load) -> Sent:
    """Jane owns two senders that stop, one that moved, one that is done; facilities own one."""
    sent = Sent(store, load)
    sent.sent("alarm", [day("11-02"), day("11-16")], tls="TLS1.0", ip="192.0.2.7")
    sent.sent("scanner", working_days(day("11-02")), count=2)
    sent.sent("moved", every_day(day("09-01"), day("09-20")))
    sent.sent("moved", every_day(day("10-20")), auth="OAuth")
    sent.sent("done", working_days(day("11-02")))
    sent.sent("printer", working_days(day("11-02")))
    sent.sent("nobodys", working_days(day("11-02")))
    sent.loaded()
    said = {
        "alarm": {"owner": JANE}, "scanner": {"owner": "jane doe  <jane@contoso.com>"},
        "moved": {"owner": JANE}, "done": {"owner": JANE, "state": "done"},
        "printer": {"owner": "Facilities", "due_date": "2026-12-20"},
    }  # fmt: skip
    kept.keep(store, {f"{name}@contoso.com": fields for name, fields in said.items()})
    return sent


def test_each_owner_gets_one_draft_about_what_stops_and_nothing_is_sent(world, store):
    jane, facilities = write_letters(store)
    assert (jane.owner, jane.to) == (JANE, "jane@contoso.com")
    assert jane.senders == ("alarm@contoso.com", "scanner@contoso.com")  # The hardest first.
    assert (facilities.owner, facilities.to) == ("Facilities", "")
    draft = mail(jane.path)
    assert draft["X-Unsent"] == "1" and str(draft["To"]) == JANE and draft["From"] is None
    assert draft["Subject"] == "Dec 31, 2026: mail of 2 senders of yours stops"
    text = text_of(draft)
    assert text.startswith("Dear Jane Doe,\n\nOn Dec 31, 2026 Basic authentication")
    told = text.partition("alarm@contoso.com\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split(":", 1)[1].strip() for line in told] == [
        "▲ Basic auth, ◆ TLS 1.0/1.1",
        "2 from Nov 2, 2026 to Nov 16, 2026, on 2 days",
        f"Irregular; next expected: {UNTOLD}",
        "Basic auth 100% (2)",
        "TLS 1.0/1.1 100%",
        "192.0.2.7",
        told[6].split(":", 1)[1].strip(),
        UNTOLD,
    ]  # fmt: skip
    assert "of the family alarm" in told[6]
    assert "scanner@contoso.com" in text and "30 from Nov 2, 2026 to Nov 20, 2026" in text
    assert "moved@" not in text and "done@" not in text and "printer@" not in text
    assert (
        "The figures are of Sep 1, 2026 to Nov 22, 2026 (days of UTC), from: submission log."
        in text
    )
    draft = mail(facilities.path)
    assert draft["To"] is None and "Due date:        Dec 20, 2026" in text_of(draft)
    assert facilities.path.parent == jane.path.parent and jane.path.stat().st_mode & 0o077 == 0


def test_owners_and_senders_are_chosen_and_what_is_none_is_said(world, store, tmp_path):
    (letter,) = write_letters(store, ["FACILITIES"], language="nl")
    assert letter.senders == ("printer@contoso.com",)
    draft = mail(letter.path)
    assert draft["Subject"] == "31 dec 2026: mail van 1 afzender van u stopt"
    assert draft["Content-Language"] == "nl" and "Uitwegen" in text_of(draft)
    # A sender that is named is told of, whatever state it is in.
    (letter,) = write_letters(store, senders=["Done@Contoso.com"])
    assert letter.senders == ("done@contoso.com",)
    before = sorted((tmp_path / "outbox").iterdir())
    for owners, senders, said in (
        (["Bob"], [], "No sender that stops is noted as of Bob. Owners of such senders: Jane Doe"),
        ([], ["nobodys@contoso.com"], "Nobody owns nobodys@contoso.com. Say who does"),
        ([], ["moved@contoso.com"], "moved@contoso.com: no such sender stops."),
        ([], ["no address"], "'no address' is no sender address."),
    ):
        with pytest.raises(UsageError, match="^" + said.replace("(", r"\(")):
            write_letters(store, owners, senders)
    assert sorted((tmp_path / "outbox").iterdir()) == before


def test_the_command_writes_drafts_fills_in_a_template_and_prints_the_usual_one(
    world, store, tmp_path
):
    own = tmp_path / "own.txt"
    own.write_text(
        "Subject: {sender_count} for {owner}\r\n\r\nHi {owner}\r\n--- each sender\r\n"
        "- {sender}: {rhythm}\r\n--- end\r\nBye",
        "utf-8",
        newline="",
    )
    at = ("--store", store.path)
    done = smtpauth("letters", *at, "--owner", "facilities", "--template", own, "--json")
    (letter,) = json.loads(done.stdout)["letters"]
    assert (letter["owner"], letter["to"], letter["senders"]) == (
        "Facilities", None, ["printer@contoso.com"],
    )  # fmt: skip
    draft = mail(Path(letter["path"]))
    assert draft["Subject"] == "1 for Facilities"
    assert text_of(draft) == "Hi Facilities\n- printer@contoso.com: Weekdays\nBye\n"
    assert smtpauth("letters", "--show-template", "--lang", "nl").stdout == usual_text("nl")
    refused = smtpauth("letters", *at, "--owner", "Bob")
    assert refused.returncode == 2 and refused.stdout == "" and "Bob" in refused.stderr
    refused = smtpauth("letters", *at, "--template", tmp_path / "none.txt")
    assert refused.returncode == 1 and "cannot be read" in refused.stderr
    smtpauth("note", *at, "printer@contoso.com", "--owner", "")
    told = smtpauth("letters", *at, "--sender", "printer@contoso.com")
    assert told.returncode == 2 and "Nobody owns printer@contoso.com" in told.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello {owner}", "has no subject"),
        ("Subject:   \nx", "has no subject"),
        ("Subject: x\nHello\n--- end\n", "no part that is repeated"),
        ("Subject: x\n--- each sender\n{sender}\n", "no part that is repeated"),
        ("Subject: {sender}\n--- each sender\n--- end\n", "{sender}, which has no value there"),
        ("Subject: x\n--- each sender\n{ways}\n--- end\n", "{ways}, which has no value there"),
        ("Subject: {__class__}\n--- each sender\n--- end\n", "{__class__}, which has no value"),
    ],
)
def test_a_text_that_is_no_template_is_refused_with_what_it_lacks(text, said):
    with pytest.raises(UsageError) as refused:
        read(text)
    assert said in str(refused.value)


def test_a_template_is_no_code_and_a_file_that_is_no_text_is_said(tmp_path):
    from smtpauth_kit.mail.letters.template import read_file

    text = "Subject: {owner.x} {0} {owner!r}\n--- each sender\n{sender[0]} %(x)s $x\n--- end\n"
    subject, body = read(text.replace("{0}", "")).filled({"owner": "J"}, [{"sender": "s"}])
    assert subject == "{owner.x}  {owner!r}" and body == "{sender[0]} %(x)s $x\n"
    (tmp_path / "picture.txt").write_bytes(b"Subject: \xff\n")
    with pytest.raises(KitError, match="no text in UTF-8"):
        read_file(tmp_path / "picture.txt")
    (tmp_path / "long.txt").write_bytes(b"x" * 200_001)
    with pytest.raises(KitError, match="too long"):
        read_file(tmp_path / "long.txt")


def test_hostile_senders_owners_and_notes_reach_no_header_and_hide_nothing(store, load):
    evil_owner = "Eve\r\nBcc: all@evil.example\r\n\r\n<script>"
    text = "Date,Sender address,Message ID,TLS version,Client IP,Authentication protocol\n"
    rows = [(f"{END}T08:00:00Z", sender, f"<{n}@x>") for n, sender in enumerate(HOSTILE)]
    load(
        text
        + "".join(f'{at},"{s.replace(chr(34), chr(34) * 2)}",{m},,,Basic\n' for at, s, m in rows)
    )
    row = next(csv.reader([f'"{HOSTILE[0]}"']))[0]
    said = {"owner": evil_owner, "note": "{owner} \u202e hidden\r\nBcc: x@evil.example"}
    kept.keep(store, {kept.sender_key(sender): said for sender in HOSTILE})
    own = "Subject: {owner}\n--- each sender\n{sender} | {note}\n--- end\n"
    (letter,) = write_letters(store, template=read(own))
    assert row in letter.senders and len(letter.senders) == len(HOSTILE)
    draft = mail(letter.path)
    assert set(draft.keys()) == {
        "X-Unsent", "Message-ID", "Date", "Subject", "Content-Type", "Content-Language",
        "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert draft["Subject"] == "Eve Bcc: all@evil.example <script>"
    body = text_of(draft)
    assert "\u202e" not in body and "[U+202E]" in body and "{owner} " in body
    assert len(body.splitlines()) == len(HOSTILE)  # No value makes a line of its own.
    assert letter.path.name.isascii() and ".." not in letter.path.name


@pytest.mark.parametrize("language", languages())
def test_the_usual_template_of_each_language_has_every_name_that_owners_are_told(language):
    template, words = read(usual_text(language)), speak(language)
    whole = "".join((template.subject, template.before, template.each, template.after))
    untold = {
        "state",
        "note",
        "sender_count",
        "active_days",
    }  # What colleagues say among themselves.
    assert {n for n in (*OF_LETTER, *OF_SENDER) if f"{{{n}}}" not in whole} == untold
    assert set(WAYS) == set(WAY_TITLES)
    assert all(words(text).startswith(words(WAY_TITLES[way])) for way, text in WAYS.items())
