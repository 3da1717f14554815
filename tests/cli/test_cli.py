"""The command line as scripts rely on it: words, JSON, exit codes, plain errors."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from command import process, smtpauth
from conftest import LOG, LOG_HEADER, WEEK

from smtpauth_kit import answers
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.cli.show import print_rows
from smtpauth_kit.store.store import open_store
from smtpauth_kit.views.notes import notes
from smtpauth_kit.words.words import speak


@pytest.fixture
def loaded(tmp_path, write):
    path = tmp_path / "cli.duckdb"
    assert smtpauth("load", write("log.csv", LOG), "--store", path).returncode == 0
    return path


def test_load_prints_one_json_object_with_the_promised_names(tmp_path, write):
    log, bad = write("log.csv", LOG), write("bad.csv", "x,y\n1,2\n")
    done = smtpauth("load", log, bad, "--store", tmp_path / "s.duckdb", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert list(found) == [
        "files", "rows_read", "rows_loaded", "rows_duplicate", "rows_rejected", "rows_other",
        "message_count",
    ]  # fmt: skip
    assert found["files"][0] == {
        "path": str(log), "format": "submission-log", "status": "loaded", "rows_read": 3,
        "rows_loaded": 3, "rows_duplicate": 0, "rows_rejected": 0, "rows_other": 0,
        "message_count": 3, "period": ["2026-11-16", "2026-11-22"], "warnings": [], "error": None,
    }  # fmt: skip
    assert found["files"][1]["status"] == "refused"
    assert found["message_count"] == 3
    assert "not an export the kit recognises" in done.stderr and "Traceback" not in done.stderr


def test_a_second_load_is_already_loaded_and_exits_0(loaded, write):
    done = smtpauth("load", write("log.csv", LOG), "--store", loaded, "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["files"][0]["status"], found["rows_read"]) == (
        0, "already_loaded", 0,
    )  # fmt: skip


def test_rejected_rows_alone_exit_0(tmp_path, write):
    log = write("log.csv", LOG_HEADER + "2026-11-16,a@contoso.com,,,,,\n2026-11-16,,,,,,\n")
    done = smtpauth("load", log, "--store", tmp_path / "s.duckdb", "--json")
    assert (done.returncode, json.loads(done.stdout)["rows_rejected"]) == (0, 1)


def test_show_prints_the_promised_json(loaded):
    done = smtpauth("show", "insight", "--store", loaded, "--json")
    found = json.loads(done.stdout)
    assert list(found) == [
        "answer", "filters", "source", "cannot_tell", "not_shown", "outside_window", "overlapped", "rows",
    ]  # fmt: skip
    assert found["source"] == "submission_log"
    assert found["filters"]["start"] == "2026-11-16"
    (row,) = found["rows"]
    assert (row["start_date"], row["end_date"]) == ("2026-11-16", "2026-11-22")
    assert (row["account_count"], row["message_count"]) == (2, 3)
    assert row["tls_usage"][1] == {"tls_version": "1.0", "message_count": 2, "share": 2 / 3}
    assert smtpauth("--store", loaded, "show", "insight", "--format", "json").stdout == done.stdout


@pytest.mark.parametrize(
    "answer", ["insight", "tls-usage", "volume-by-sender", "senders", "sign-ins", "files"]
)
def test_the_sql_of_an_answer_can_be_pasted_into_duckdb(loaded, tmp_path, answer):
    printed = smtpauth(
        "show", answer, "--store", loaded, "--format", "sql", "--senders", "message_count >= 2"
    )
    copy = shutil.copy(loaded, tmp_path / "copy.duckdb")
    with duckdb.connect(copy, read_only=True) as con:
        rows = con.execute(printed.stdout).fetchall()
    assert len(rows) == (0 if answer == "sign-ins" else 1)


@pytest.mark.parametrize(
    ("answer", "columns"),
    [
        ("sending-volume", ["period_start", "period_end", "report_date", "sender_domain", "message_count"]),
        ("tls-usage", ["tls_version", "message_count", "share"]),
        ("files", ["file_id", "loaded_at", "path", "format", "status", "rows_read", "rows_loaded",
                   "rows_duplicate", "rows_rejected", "rows_other", "message_count", "period",
                   "warnings", "error", "why", "tenant"]),
    ],
)  # fmt: skip
def test_rows_have_the_promised_columns_as_json_and_csv(loaded, answer, columns):
    rows = json.loads(smtpauth("show", answer, "--store", loaded, "--json").stdout)["rows"]
    assert list(rows[0]) == columns
    csv = smtpauth("show", answer, "--store", loaded, "--format", "csv").stdout
    assert csv.splitlines()[0] == ",".join(columns)


@pytest.mark.parametrize("answer", ["files", "rejected"])
def test_files_and_rejected_show_all_whatever_the_range(loaded, answer):
    asked = (
        "show",
        answer,
        "--store",
        loaded,
        "--json",
        "--start",
        "2026-01-01",
        "--end",
        "2026-01-02",
    )
    found = json.loads(smtpauth(*asked).stdout)
    assert (found["filters"]["start"], found["filters"]["end"], found["source"]) == (
        None,
        None,
        None,
    )
    assert len(found["rows"]) == {"files": 1, "rejected": 0}[answer]


def test_show_sender_has_days_addresses_and_sign_ins(loaded):
    done = smtpauth(
        "show", "sender", "--sender", "SCANNER@contoso.com", "--store", loaded, "--json"
    )
    (row,) = json.loads(done.stdout)["rows"]
    assert row["client_ips"] == ["192.0.2.25"]
    assert row["days"][0]["report_date"] == "2026-11-16"
    assert row["sign_ins"] == {"success": None, "failure": None}


def test_filters_and_conditions_reach_the_answer(loaded):
    def senders(*arguments):
        done = smtpauth("show", "senders", "--store", loaded, "--json", *arguments)
        return [row["sender_address"] for row in json.loads(done.stdout)["rows"]]

    assert senders("--domain", "fabrikam.com") == ["app@fabrikam.com"]
    assert senders("--where", "message_count > 1") == ["scanner@contoso.com"]
    assert senders("--start", "2026-11-20", "--end", "2026-11-22") == ["app@fabrikam.com"]
    assert senders("--as-of", "2026-11-17") == ["scanner@contoso.com"]
    assert senders("--min-messages", "3") == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "nothing"), ("show", "insight", "--start", "yesterday"),
        ("show", "senders", "--where", "nonsense"), ("show", "insight", "--format", "xml"),
        ("show", "insight", "--start", "2026-11-22", "--end", "2026-11-16"), ("nothing",),
        ("load",), ("load", "x", "--period", "2026"), ("load", "x", "--map", "nothing"),
        ("show", "insight", "--source", "rumour"), ("show", "insight", "--timezone", "Mars"),
        ("report", "-o", "x.doc"), ("report", "-o", "x.html", "--lang", "xx"),
    ],
)  # fmt: skip
def test_wrong_usage_exits_2_in_plain_words(loaded, arguments):
    done = smtpauth("--store", loaded, *arguments)
    assert done.returncode == 2
    assert done.stderr.strip() and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("show", "insight"), ("load", "no-such-file.csv"), ("show", "files")],
)
def test_what_cannot_be_done_exits_1_in_one_plain_paragraph(tmp_path, arguments):
    done = smtpauth("--store", tmp_path / "none.duckdb", *arguments)
    assert done.returncode == 1
    assert len([line for line in done.stderr.splitlines() if not line.startswith("[")]) == 1
    assert "Traceback" not in done.stderr


def test_an_error_asked_for_as_json_is_json_too(tmp_path):
    done = smtpauth("show", "insight", "--store", tmp_path / "none.duckdb", "--json")
    assert done.returncode == 1
    assert "no store" in json.loads(done.stdout)["error"]


def test_hostile_values_reach_no_terminal_and_no_spreadsheet_formula(tmp_path, write):
    evil = "=cmd|' /C calc'!A0@contoso.com"
    log = write(
        "log\x1b[2J.csv", LOG_HEADER + f'2026-11-16,"{evil}",,,,,\n2026-11-16,"\x1b[31m",,,,,\n'
    )
    store = tmp_path / "s.duckdb"
    loaded = smtpauth("load", log, "--store", store)
    shown = smtpauth("show", "rejected", "--store", store)
    assert "\x1b" not in loaded.stdout + loaded.stderr + shown.stdout
    csv = smtpauth("show", "senders", "--store", store, "--format", "csv").stdout
    assert csv.splitlines()[1].startswith("'=cmd") or "\"'=cmd" in csv


def test_help_is_fast_and_names_every_command():
    done = smtpauth("--help")
    assert done.returncode == 0
    for command in ("load", "show", "report", "request-report", "export-notebook", "lab", "demo"):
        assert re.search(rf"^  {command} ", done.stdout, re.MULTILINE)


def test_importing_the_kit_and_its_help_import_nothing_heavy():
    code = "import sys, smtpauth_kit, smtpauth_kit.cli; print([m for m in ('pandas', 'duckdb', 'altair', 'numpy', 'IPython', 'jinja2', 'rich', 'babel') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_the_store_comes_from_the_variable_when_no_option_names_it(loaded):
    done = process("show", "tls-usage", env={"SMTPAUTH_STORE": str(loaded)})
    assert done.returncode == 0 and "submission_log" in done.stdout


def test_a_console_without_utf_8_gets_escapes_and_no_traceback(tmp_path, write):
    log = write("log.csv", LOG_HEADER + "2026-11-16,é@bücher.example,,,,,\n")
    store = tmp_path / "s.duckdb"
    env = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert process("load", log, "--store", store, env=env).returncode == 0
    done = process("show", "senders", "--store", store, env=env)
    assert done.returncode == 0 and Path(store).exists()


def test_what_another_source_tells_of_basic_auth_is_said(tmp_path, write):
    store = tmp_path / "two.duckdb"
    trace = (
        "date_time_utc,source,event_id,connector_id,sender_address,message_id,recipient_address\n"
    )
    events = "".join(
        f"2026-11-{day}T08:00:00Z,SMTP,RECEIVE,EX01\\Client Proxy EX01,a@contoso.com,<{day}>,b@x.example\n"
        for day in (16, 17)
    )
    log = write("log.csv", LOG_HEADER + "2026-11-17,a@contoso.com,b@x.example,<x>,,,Basic\n")
    assert smtpauth("load", write("trace.csv", trace + events), log, "--store", store)[0] == 0
    shown = smtpauth("show", "senders", "--where", "basic_count > 0", "--store", store).stdout
    told = "Whether Basic auth or OAuth, another source tells: submission log."
    assert f"{told} (--source submission_log)\n" in shown
    of_log = smtpauth("show", "auth-usage", "--source", "submission_log", "--store", store).stdout
    assert "another source tells" not in of_log


def test_what_stands_under_an_answer_is_what_stands_under_a_chart(tmp_path, write):
    store = tmp_path / "two.duckdb"
    log = write("log.csv", LOG)
    report = write("report.csv", "Sender address,TLS1.2%,Message count\napp@fabrikam.com,100,7\n")
    smtpauth("load", log, "--store", store)
    for period in ("2026-11-20:2026-11-23", "2026-11-17:2026-11-18"):
        copy = write(f"{period[:10]}.csv", report.read_bytes())
        smtpauth("load", copy, "--period", period, "--store", store)
    shown = smtpauth("show", "senders", "--min-messages", "1", "--end", "2026-11-22",
                     "--start", "2026-11-16", "--store", store).stdout  # fmt: skip
    asked = Filters(start=WEEK[0], end=WEEK[1], min_messages=1)
    below = notes(answers.settle_scope(open_store(store), asked), speak("en"))
    lines = shown.splitlines()[-len(below) :]
    assert [re.sub(r" \(--source \w+\)$", "", line) for line in lines] == below
    assert [text.split(":")[0] for text in below] == [
        "Filters", "Source", "It cannot tell", "Whether Basic auth or OAuth, another source tells",
        "Not added, because they may be the same messages",
        "Only partly inside these dates, so in no total", "A report counts several days at once",
    ]  # fmt: skip


def test_a_domain_that_no_export_has_is_said(loaded):
    for command in (("show", "insight"), ("report", "-o", loaded.with_name("r.md"))):
        done = smtpauth(*command, "--domain", "contso.com", "--store", loaded)
        assert done.returncode == 0
        assert done.stderr.startswith("No export has the sender domain contso.com. The busiest")
        assert smtpauth(*command, "--domain", "Contoso.COM", "--store", loaded).stderr == ""


def test_days_without_anything_loaded_are_said_with_those_that_are(loaded):
    range_ = ("--start", "2020-01-01", "--end", "2020-01-07")
    notes = smtpauth("show", "insight", *range_, "--store", loaded).stdout.splitlines()[-2:]
    assert notes[0] == "2020-01-01 to 2020-01-07, days of UTC."
    assert notes[1].startswith("No messages on these days. Loaded are 2026-11-16 to ")


def test_each_refusal_has_a_line_and_an_empty_folder_is_said(tmp_path):
    store = tmp_path / "s.duckdb"
    done = smtpauth("load", "none-1.csv", "none-2.csv", "--store", store)
    refused = [line for line in done.stderr.splitlines() if line.startswith("Refused: ")]
    assert [line.split()[1] for line in refused] == ["none-1.csv", "none-2.csv"]
    (tmp_path / "empty").mkdir()
    done = smtpauth("load", tmp_path / "empty", "--store", store)
    assert done == (0, "There was no file to load. The store holds 0 messages.\n", "")


def test_help_says_each_command_in_full():
    assert "..." not in smtpauth("--help").stdout.split("Commands:")[1]


def test_only_shares_are_told_in_percent(capsys):
    rows = pd.DataFrame({"expected": [0.17], "messages_per_week": [0.5], "share": [0.17]})
    print_rows(rows, as_json=False, beside={})
    assert capsys.readouterr().out.split("\n")[1].split() == ["0.17", "0.5", "17.00%"]


def test_one_message_is_one_message(tmp_path, write):
    path = write("one.csv", "\n".join(LOG.splitlines()[:2]) + "\n")
    store = tmp_path / "one.duckdb"
    assert smtpauth("load", path, "--store", store).stdout.endswith("The store holds 1 message.\n")
    gone = smtpauth("unload", path, "--store", store).stdout
    assert gone == f"{path}: unloaded, with its 1 message. The store holds 0 messages.\n"


def test_what_the_parser_of_options_refuses_is_one_paragraph_and_one_object(loaded):
    for asked, said in (
        (["show", "insight", "--min-messages", "x"], "--min-messages"),
        (["show", "insight", "--start", "soon"], "soon"),
        (["nothing"], "No such command"),
        (["show", "insight", "--nothing"], "No such option"),
    ):
        done = smtpauth(*asked, "--json", "--store", loaded)
        assert done.returncode == 2, asked
        assert said in json.loads(done.stdout)["error"]
        assert said in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_output_that_nobody_takes_is_no_traceback(loaded):
    command = [sys.executable, "-m", "smtpauth_kit", "--store", str(loaded), "show", "senders"]
    closed = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *command], stderr=subprocess.PIPE, text=True
    )
    assert (closed.returncode, closed.stderr) == (0, "")
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "The output could not be written: no space is left where it goes.\n"


def test_findings_that_no_filter_lets_through_are_not_said_to_be_none(loaded):
    said = "matches these filters"
    assert said in smtpauth("findings", "--store", loaded, "--state", "allowed").stdout
    assert "Nothing unusual was found" in smtpauth("findings", "--store", loaded).stdout


def test_what_a_source_holds_is_not_told_of_a_list_that_is_empty(loaded, write):
    report = write("report.csv", "Sender address,Messages sent\nscanner@contoso.com,70\n")
    asked = ["--store", loaded]
    smtpauth("load", report, *asked, "--period", "2026-11-16:2026-11-22")
    for name, *more in (
        ("gone-senders",),
        ("went-quiet",),
        ("senders", "--where", "message_count > 99"),
    ):
        done = smtpauth("show", name, *more, *asked)
        assert "0 messages in the" not in done.stdout, name
    assert "It cannot be told" in smtpauth("show", "gone-senders", *asked).stdout


@pytest.mark.parametrize(
    ("answer", "option", "owner"),
    [
        ("senders", ("--severity", "high"), "findings"),
        ("readiness", ("--state", "new"), "findings"),
        ("findings", ("--off", "basic"), "switch-off"),
        ("sign-ins", ("--client-ip", "192.0.2.1"), "who-else"),
    ],
)
def test_an_option_that_chooses_nothing_of_an_answer_is_refused(loaded, answer, option, owner):
    done = smtpauth("show", answer, *option, "--store", loaded)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == (
        f"{option[0]} is an option of show {owner}. It chooses nothing of show {answer}: leave it out."
    )


@pytest.mark.parametrize(
    ("option", "said"), [("--date-order=xyz", "no date order"), ("--format=nope", "no format")]
)
def test_how_to_load_is_usage_too(loaded, tmp_path, option, said):
    (tmp_path / "log.csv").write_text(LOG)
    done = smtpauth("load", tmp_path / "log.csv", option, "--store", loaded)
    assert done.returncode == 2 and said in done.stderr


def test_what_is_true_or_false_is_asked_for_as_it_is_printed(loaded):
    asked = ["show", "burn-down", "--store", loaded, "--json", "--where"]
    found = [
        len(json.loads(smtpauth(*asked, f"is_complete = {value}").stdout)["rows"])
        for value in ("true", "False", "1", "0")
    ]
    assert found == [1, 0, 1, 0]
