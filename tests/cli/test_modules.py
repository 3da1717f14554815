"""What each command imports: a table of ten rows must not wait for pandas."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from conftest import LOG

HEAVY = [
    "IPython",
    "altair",
    "asyncio",
    "babel",
    "ipywidgets",
    "jinja2",
    "jupyterlab",
    "matplotlib",
    "nbconvert",
    "numpy",
    "openpyxl",
    "pandas",
    "pydantic",
    "rich",
    "sqlglot",
    "vl_convert",
    "xlsxwriter",
    "smtpauth_kit.screens",
    "smtpauth_kit.views.charts",
]
OF_LOADING = ["smtpauth_kit.formats", "smtpauth_kit.loading", "smtpauth_kit.store.writer"]
RUN = """
import contextlib, io, json, sys
from smtpauth_kit.cli import main
commands, heavy = json.loads(sys.argv[1])
told = {}
for command in commands:
    text = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    sys.argv = ["smtpauth", *command]
    with contextlib.redirect_stdout(text):
        try:
            main()
        except SystemExit as end:
            assert not end.code, command
    assert text.tell(), command
    told[" ".join(command)] = [name for name in heavy if name in sys.modules]
print(json.dumps(told))
"""


def imported(commands: list[str], store, heavy: list[str]) -> dict[str, list[str]]:
    """Run commands one after the other in one process; return what each has imported, if it did."""
    given = json.dumps([[command.split() for command in commands], heavy])
    done = subprocess.run(
        [sys.executable, "-c", RUN, given],
        capture_output=True, text=True, env={**os.environ, "SMTPAUTH_STORE": str(store.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, list[str]] = json.loads(done.stdout)
    return {command: names for command, names in told.items() if names}


def test_commands_that_ask_import_nothing_that_their_answer_does_not_need(load, store):
    load(LOG)
    asks = [
        "show insight", "show insight --format csv", "show insight --json", "show senders",
        "show sending-volume --format csv", "show tls-usage --json", "show sender-changes",
        "show volume-by-sender", "show sign-ins", "show files --json", "show rejected",
        "show readiness --json", "show never-seen", "show reconciliation", "findings --new",
        "show sender --sender scanner@contoso.com --json", "show went-quiet", "show auth-usage",
        "show devices --sender scanner@contoso.com", "--help",
    ]  # fmt: skip
    assert imported(asks, store, [*HEAVY, *OF_LOADING]) == {}


def test_a_load_of_a_small_file_imports_no_pandas(write, store):
    log = "Date,Sender address,TLS version\n2026-11-16T08:00:00Z,a@contoso.com,TLS1.2\n"
    heavy = [name for name in HEAVY if name != "asyncio"]  # The lock of a store brings it.
    commands = [f"load {write('log.csv', log)}", "how-to requested-report"]
    assert imported(commands, store, heavy) == {}
    note = ["note a@contoso.com --owner Facilities"]
    assert imported(note, store, [*heavy, *OF_LOADING]) == {}


def test_charts_are_compiled_without_a_grammar_of_international_addresses():
    code = (
        "import sys\n"
        "from smtpauth_kit.views import charts, usage\n"
        "from smtpauth_kit.words.words import speak\n"
        "charts.empty_vega(usage.tls_usage_chart, speak('en'))\n"
        "assert 'jsonschema' in sys.modules and 'lark' not in sys.modules\n"
        "assert sys.modules.get('rfc3987_syntax', 0) is not None, 'whoever wants it has it'\n"
    )
    with tempfile.TemporaryDirectory() as cache:  # Nothing is compiled already.
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "XDG_CACHE_HOME": cache}, check=True
        )


def test_jupyterlab_is_started_without_what_its_screens_need():
    code = "import sys; from smtpauth_kit.screens import workplace; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {*HEAVY, *OF_LOADING} - {"smtpauth_kit.screens"}
    assert heavy & {*done.stdout.split()} == set()
