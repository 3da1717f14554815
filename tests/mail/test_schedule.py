"""A scheduled call is the very call: through cron and sh, and as Windows splits a command line."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from command import smtpauth
from conftest import LOG
from platformdirs import user_cache_path

from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.mail import schedule

NASTY = '50% O\'Neil "x" $HOME `id` $(id) \\ \\\\ \\% %d !x; #y & | * ~ {a,b} Zoë\u2019s'
STRANGE = [
    NASTY,
    "%",
    "%%",
    "\\",
    "\\\\",
    "\\%",
    "a\\",
    "'",
    '"',
    "''",
    " ",
    "a b",
    "-x",
    "\\'\\\"",
    "$%\\$",
]


def call(store: Path, *arguments: str):
    return smtpauth(
        "--store", store, "request-report", "--to", f"{_name()} <a@contoso.com>", *arguments
    )


def _name() -> str:
    return '"' + NASTY.replace("\\", "\\\\").replace('"', '\\"') + '"'


def as_cron(line: str, halves: bool) -> str:
    """Return what cron hands to sh: up to a bare %, with the escape before a % taken away.

    Vixie's cron takes one of two backslashes away too (`halves`), cronie does not.
    """
    command, escaped = "", False
    for char in line.split(" ", 5)[5]:
        if escaped and (char == "%" or (char == "\\" and halves)):
            command = command[:-1]
        elif char == "%":
            break
        command += char
        escaped = char == "\\" and not escaped
    return command


@pytest.mark.parametrize("halves", [True, False])
@pytest.mark.parametrize("arguments", [STRANGE, [NASTY], *([text] for text in STRANGE)])
def test_every_argument_comes_through_cron_and_sh_as_it_was(arguments, halves):
    line = schedule.crontab_line("daily", arguments)
    code = "import json, sys; print(json.dumps(sys.argv[1:]))"
    command = as_cron(line, halves).replace("-P -m smtpauth_kit", f"-c '{code}'", 1)
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd="/")
    assert json.loads(done.stdout) == arguments, done.stderr


@pytest.mark.parametrize("halves", [True, False])
def test_the_crontab_line_does_what_the_call_does(store, load, tmp_path, monkeypatch, halves):
    load(LOG)
    monkeypatch.delenv("SMTPAUTH_MAIL_OUTBOX")
    monkeypatch.delenv("SMTPAUTH_CONFIG")
    # Of a new home only the cache is not new: to compile every chart again would prove nothing.
    cache = str(user_cache_path())
    monkeypatch.setenv("XDG_CACHE_HOME", cache)
    monkeypatch.setenv("HOME", str(tmp_path))
    asked = (
        "--domain",
        "contoso.com",
        "--where",
        "sender_address contains a",
        "--lang",
        "nl",
        "--format",
        "csv",
    )
    printed = json.loads(call(store.path, *asked, "--schedule", "weekly", "--json").stdout)
    assert not (tmp_path / "outbox").exists()
    assert call(store.path, *asked).returncode == 0
    command = as_cron(printed["crontab"], halves)
    cron = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
    cron["XDG_CACHE_HOME"] = cache
    done = subprocess.run(["sh", "-c", command], env=cron, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, second = sorted((tmp_path / "outbox").glob("*.eml"))
    assert _content(first) == _content(second)
    assert "scanner@contoso.com" in str(_content(first)) and "app@" not in str(_content(first))


def _content(path: Path) -> list[object]:
    """Return what a mail says, without what differs in every mail: ids and the time."""
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    (to,) = message["To"].addresses
    texts = [
        part.get_content()
        for part in message.walk()
        if part.get_content_type() in ("text/plain", "text/csv")
    ]
    timeless = [re.sub(r"Gemaakt op [\w ]+, \d\d:\d\d UTC", "", text) for text in texts]
    assert to.display_name == NASTY
    return [
        message["Subject"],
        to.addr_spec,
        [p.get_filename() for p in message.iter_attachments()],
        timeless,
    ]


def test_the_schedules_are_at_seven(store, load):
    load(LOG)
    times = {
        when: json.loads(call(store.path, "--schedule", when, "--json").stdout)["crontab"].split(
            " /"
        )[0]
        for when in schedule.CRON
    }
    assert times == {"daily": "0 7 * * *", "weekly": "0 7 * * 1", "monthly": "0 7 1 * *"}


def test_every_option_of_the_call_is_in_its_line(store, load):
    load(LOG)
    asked = ["--pseudonymise", "--days=30", "--scope=everything", "--domain=a.example", "--domain=b.example",
             "--format=csv", "--format=md", "--senders=message_count > 1", "--min-messages=2"]  # fmt: skip
    found = json.loads(call(store.path, *asked, "--schedule", "monthly", "--json").stdout)
    words = shlex.split(as_cron(found["crontab"], True))
    assert sorted(words[6:]) == sorted([*asked, f"--to={_name()} <a@contoso.com>", "--via=outbox"])
    assert "Each run is about the last 30 days loaded then (--days)." in found["notes"]


def test_windows_gets_the_same_arguments():
    arguments = [text for text in STRANGE if text.count("%") < 2]
    command = schedule.task_scheduler_command("weekly", arguments)
    assert command.startswith("schtasks /Create /TN 'SMTP AUTH report ")
    assert "/SC WEEKLY /D MON /ST 07:00 /TR 'cmd'; if ($?) { Set-ScheduledTask" in command
    (line,) = re.findall(
        r"-Argument '((?:[^'\u2018-\u201b]|''|([\u2018-\u201b])\2)*)'\) }$", command
    ) or [("", "")]
    unquoted = re.sub(r"(['\u2018-\u201b])\1", r"\1", line[0])
    assert windows_arguments(unquoted) == [*schedule.PROGRAM, *arguments]


def windows_arguments(line: str) -> list[str]:
    """Split as a Windows program does (its C runtime's rules for quotes and backslashes)."""
    arguments, word, quoted, started = [], "", False, False
    for slashes, char in re.findall(r"(\\*)(.|$)", line):
        if char == '"':
            word += "\\" * (len(slashes) // 2)
            if len(slashes) % 2:
                word += '"'
            else:
                quoted = not quoted
            started = True
        else:
            word += slashes
            if char == " " and not quoted:
                arguments += [word] if started or word else []
                word, started = "", False
            else:
                word += char
    return [*arguments, word] if started or word else arguments


def test_the_windows_splitter_is_right():
    assert windows_arguments(r'a "b c" "d\"e" "f\\" g\h "" "i\\\"j"') == [
        "a", "b c", 'd"e', "f\\", "g\\h", "", 'i\\"j',
    ]  # fmt: skip


def test_what_windows_would_take_for_a_variable_is_not_given_to_it(store, load):
    load(LOG)
    found = json.loads(
        call(store.path, "--sender", "%PATH%", "--schedule", "daily", "--json").stdout
    )
    assert found["windows"] == "" and "between two %" in found["notes"][-1]


def test_two_calls_make_two_tasks():
    one, two = (schedule.task_scheduler_command("daily", [f"--to={name}"]) for name in "ab")
    assert one.split("'")[1] != two.split("'")[1]


def test_no_secret_is_printed_and_what_a_schedule_does_not_see_is_said(store, load, monkeypatch):
    load(LOG)
    for name, value in (
        ("PASSWORD", "hunter2"),
        ("CLIENT_SECRET", "s3cret"),
        ("HOST", "smtp.contoso.com"),
    ):
        monkeypatch.setenv(f"SMTPAUTH_MAIL_{name}", value)
    done = call(store.path, "--schedule", "monthly", "--start", "2026-11-16")
    assert done.returncode == 0 and "hunter2" not in done.stdout and "s3cret" not in done.stdout
    assert "--via=smtp" in done.stdout
    assert "does not see this terminal's SMTPAUTH_MAIL_PASSWORD" in done.stdout
    assert "Each run is about the same days, for --start=2026-11-16." in done.stdout


def test_a_schedule_is_one_line():
    for text in ("a\nb", "a\rb", "a\0b", "a\x1bb"):
        with pytest.raises(UsageError, match="one line"):
            schedule.crontab_line("daily", [text])
    with pytest.raises(UsageError, match="daily, weekly, monthly"):
        schedule.crontab_line("hourly", [])


def test_every_path_is_absolute(store, load, monkeypatch, tmp_path):
    load(LOG)
    monkeypatch.chdir(store.path.parent)
    found = json.loads(call(Path(store.path.name), "--schedule", "daily", "--json").stdout)
    assert f"--store={store.path}" in found["crontab"]
    assert os.path.isabs(found["crontab"].split(" ")[5])
