"""“Reproduce this view”: each text is run for real and gives the same; no value does anything."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from conftest import LOG, LOG_HEADER
from hostile import HOSTILE, hostile_log
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_kit import answers
from smtpauth_kit.base.conditions import Clause
from smtpauth_kit.base.filters import Filters, filters
from smtpauth_kit.loading import loading
from smtpauth_kit.store.store import open_store
from smtpauth_kit.views.reproduce import (
    as_dict,
    posix_quoted,
    powershell_quoted,
    reproduce,
    sql_literal,
)

EVIL = (
    "$(touch pwned)", "`touch pwned`", "x'; touch pwned; '", 'x"; touch pwned; "', "a\ntouch pwned\n",
    "\x03\ntouch pwned\n", "\x1b[201~\rtouch pwned\r", "$sender $source", "' or 1=1 --", "\\' \\", "-h",
    "*/ ; select 1; --", "{}%s%n", "\u2019; touch pwned; \u2019", "\u202eevil", "; exit 7", "",
)  # fmt: skip
ASKED = {
    "plain": Filters(),
    "narrowed": filters(
        domain=["contoso.com", "evil.example"], start="2026-11-16", end="2026-11-21",
        timezone="Europe/Amsterdam", min_messages=1,
        senders="tls_1_0_count > 0 and sender_domain != x.example or message_count >= 3",
    ),
    "hostile domains": Filters(domains=EVIL[:-1]),
    "hostile senders": Filters(
        senders=tuple((Clause("sender_address", "contains", text),) for text in (*EVIL, *HOSTILE))
    ),
    "hostile and hit": Filters(sender=HOSTILE[5], senders=((Clause("sender_address", "=", HOSTILE[5]),),)),
}  # fmt: skip
NAMES = ("insight", "sending-volume", "tls-usage", "senders", "sign-ins")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("it's a $(folder)")
    (folder / "log.csv").write_text(LOG + hostile_log().replace(LOG_HEADER, ""))
    (folder / "hostile.csv").write_text(hostile_log())
    store = open_store(folder / "store.duckdb")
    for name in ("log.csv", "hostile.csv"):
        loading.load(store, folder / name)
    return store


def told(store, name, asked):
    return reproduce(name, answers.ask(store, name, asked).scope, store.path)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", ASKED)
def test_the_python_lines_give_the_same_answer(store, name, case):
    first, second = told(store, name, ASKED[case]).python.splitlines()
    names: dict[str, object] = {}
    exec(first, names)
    rows = eval(second, names)
    assert rows.to_dict("records") == answers.ask(store, name, ASKED[case]).rows.to_dict("records")


def plain(value):
    """A cell whatever holds it: a date is its text, nothing is None."""
    if pd.isna(value):
        return None
    return str(value).removesuffix(" 00:00:00") if isinstance(value, dt.date) else value


@pytest.mark.parametrize("name", ["sending-volume", "tls-usage", "senders"])
@pytest.mark.parametrize("case", ASKED)
def test_the_sql_gives_the_same_rows(store, name, case):
    rows = store.sql(told(store, name, ASKED[case]).sql)
    expected = answers.ask(store, name, ASKED[case]).rows
    if name == "tls-usage":
        expected = expected[expected["message_count"] > 0]
    shared = [column for column in expected if column in rows and not column.endswith("_seen")]
    assert len(shared) >= 2
    key = [column for column in shared if column.startswith(("sender", "tls_version", "period"))]
    left, right = (
        [list(map(plain, row)) for row in each[shared].sort_values(key).astype(object).values]
        for each in (rows, expected)
    )
    assert left == right


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
@pytest.mark.parametrize("case", ASKED)
def test_the_shell_line_gives_the_same_json_in_a_real_shell(store, case, tmp_path):
    line = told(store, "senders", ASKED[case]).shell
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shell = shutil.which("dash") or "/bin/sh"
    done = subprocess.run([shell, "-c", line], cwd=tmp_path, env={**os.environ, "PATH": path},
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    given = json.loads(done.stdout)
    answer = answers.ask(store, "senders", ASKED[case])
    assert answer.rows.empty == (case == "hostile domains")
    assert [row["sender_address"] for row in given["rows"]] == answer.rows[
        "sender_address"
    ].tolist()
    assert [row["message_count"] for row in given["rows"]] == answer.rows["message_count"].tolist()
    assert given["source"] == answer.scope.source
    assert given["not_shown"] == dict(answer.scope.not_shown)
    assert list(tmp_path.iterdir()) == [], "something was run"


def test_new_data_does_not_move_what_is_reproduced(store):
    line = told(store, "insight", Filters()).shell
    assert "--start=2026-11-16 --end=2026-11-22 --source=submission_log" in line


def test_rows_that_only_python_leaves_out_are_said_in_the_sql(store):
    asked = Filters(where=(Clause("message_count", ">", "2\n; drop table x"),))
    scope = answers.settle_scope(store, Filters())
    sql = reproduce("senders", replace(scope, filters=asked), store.path).sql
    assert sql.splitlines()[0].endswith("keeps those with 'message_count > \"2\\n; drop table x\"'")
    assert len(store.sql(sql)) > 0


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
@pytest.mark.parametrize("shell", ["sh", "bash", "dash", "zsh", "ksh"])
def test_every_posix_shell_reads_one_word_as_it_is(shell, tmp_path):
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    script = f"{shlex_python()} " + " ".join(f"--x={posix_quoted(text)}" for text in EVIL)
    done = subprocess.run([shell, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert json.loads(done.stdout) == [f"--x={text.rstrip(chr(10))}" for text in EVIL]
    assert list(tmp_path.iterdir()) == []


def shlex_python() -> str:
    return f"{posix_quoted(sys.executable)} -c 'import sys, json; print(json.dumps(sys.argv[1:]))'"


@given(st.text())
def test_a_sql_literal_is_the_value_and_one_line(text):
    import duckdb

    literal = sql_literal(text)
    assert not re.search("[\x00-\x1f\x7f-\x9f]", literal)
    assert duckdb.sql(f"select {literal} as v").fetchall() == [(text,)]


def powershell_reads(code: str) -> str:
    """Read one argument as Windows PowerShell and then a program do: by their written rules."""
    pieces = []
    for part in re.findall(r"'(?:[^'\u2018-\u201b]|['\u2018-\u201b]{2})*'|\[char\]\d+", code):
        if part.startswith("[char]"):
            pieces.append(chr(int(part[6:])))
        else:
            pieces.append(re.sub("(['\u2018-\u201b])['\u2018-\u201b]", r"\1", part[1:-1]))
    argument = "".join(pieces) if pieces else code
    line = f'"{argument}"' if re.search(r"\s", argument) else argument
    out, quoted = [], False
    for slashes, quote, other in re.findall(r'(\\*)(")|(\\+|[^\\"]+)', line):
        out.append("\\" * (len(slashes) // 2) if quote else other)
        if quote and len(slashes) % 2:
            out.append('"')
        elif quote:
            quoted = not quoted
    return "".join(out)


@given(
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
    | st.sampled_from(EVIL)
)
def test_powershell_and_a_windows_program_read_one_argument_as_it_is(text):
    code = powershell_quoted(f"--x={text}")
    assert powershell_reads(code) == f"--x={text}"
    assert not re.search("[\x00-\x1f\x7f-\x9f]", code)


def test_what_no_shell_can_hand_over_has_no_line(store):
    given = as_dict(told(store, "senders", Filters(domains=("a\x00b",))))
    assert set(given) == {"python", "sql"}
