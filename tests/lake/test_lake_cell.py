"""The printed cell: what it is made of, and that it can be pasted where it is to run."""

from __future__ import annotations

import ast
import re

import pytest
from command import smtpauth

from smtpauth_kit.formats import entra_sign_ins, extended_trace
from smtpauth_kit.lake.cell import lake_cell
from smtpauth_kit.lake.places import Place
from smtpauth_kit.lake.words import FORMATS
from smtpauth_kit.store import staged_facts
from smtpauth_kit.values import addresses, protocols, spellings

CELLS = {place: lake_cell(place) for place in Place}


@pytest.mark.parametrize("place", Place)
def test_a_cell_is_python_3_10_in_plain_ascii(place):
    ast.parse(CELLS[place], feature_version=(3, 10))
    assert CELLS[place].isascii() and "<<" not in CELLS[place]


@pytest.mark.parametrize("place", Place)
def test_a_cell_needs_nothing_that_a_lake_does_not_let(place):
    forbidden = (
        r"\._j\w+|\brdd\b|\.cache\(|\.persist\(|global_temp|GlobalTemp|\bpip\b|sparkContext|udf\("
    )
    assert re.findall(forbidden, CELLS[place], re.IGNORECASE) == []
    modules = {
        name.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(CELLS[place]))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    lake = {"sentinel_lake.providers"} if place is Place.SENTINEL else set()
    assert modules == {"datetime", "re", "unicodedata", "pyspark.sql", "idna"} | lake


def words_of(cell: str) -> dict[str, object]:
    (found,) = (
        node.value
        for node in ast.parse(cell).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "WORDS"
    )
    return ast.literal_eval(found)


@pytest.mark.parametrize(
    ("module", "name", "value", "word"),
    [
        (entra_sign_ins, "SMTP", "smarthost", "smtp"),
        (entra_sign_ins, "CODE", re.compile("x1"), "code"),
        (entra_sign_ins, "RESULTS", {"x1": "success"}, "success_words"),
        (extended_trace, "CONNECTOR", re.compile("x1"), "connector"),
        (extended_trace, "BY_PROXY", "x1", "by_proxy"),
        (protocols, "TLS_NAME", re.compile("x1"), "tls_name"),
        (protocols, "NO_TLS", frozenset({"x1"}), "no_tls"),
        (protocols, "BRIDGE_AGENTS", ("x1",), "bridge_agents"),
        (spellings, "BASIC", frozenset({"x1"}), "basic_words"),
        (addresses, "MAX_ADDRESS", 7, "max_address"),
    ],
)
def test_a_rule_of_the_kit_that_changes_changes_in_the_cell(monkeypatch, module, name, value, word):
    before = words_of(CELLS[Place.SENTINEL])[word]
    monkeypatch.setattr(module, name, value)
    after = words_of(lake_cell(Place.SENTINEL))[word]
    assert after != before and ("x1" in str(after) or after == value)


def test_no_word_of_a_rule_stands_in_the_statements():
    """What is a word of the kit comes from the kit: nothing in the SQL repeats one."""
    cell = CELLS[Place.SENTINEL]
    words = words_of(cell)
    below = cell.split("# ---- 3.")[1].split("# ---- 4.")[0] + cell.split("# ---- 5.")[1]
    said = {
        word for value in words.values() for word in (value if isinstance(value, list) else [value])
    }
    own = {"success", "failure", "basic", "unknown", "none", "1.0", "oauth", "SMTP", "2"}
    literals = set(re.findall(r"'([^'\n]+)'", below)) - own
    assert literals & {str(word) for word in said} == set()


def test_the_cell_has_the_kits_own_python_for_addresses():
    functions = {
        node.name: ast.unparse(node)
        for node in ast.parse(CELLS[Place.SENTINEL]).body
        if isinstance(node, ast.FunctionDef)
    }
    assert "unicodedata.normalize('NFC', shown)" in functions["account"]
    assert "idna.encode(lower, uts46=True)" in functions["domain_key"]


def test_the_bound_of_the_clock_is_the_stores():
    assert words_of(CELLS[Place.SENTINEL])["days_ahead"] == staged_facts.DAYS_AHEAD


def test_every_table_that_is_read_is_of_a_format_that_the_kit_loads():
    assert {table: fmt.name for table, fmt in FORMATS.items()} == {
        "SigninLogs": "entra-sign-ins", "AADNonInteractiveUserSignInLogs": "entra-sign-ins",
        "ExchangeOnlineMessageTracking_CL": "extended-trace", "EmailEvents": "email-events",
    }  # fmt: skip


def test_the_command_prints_the_cell_or_writes_it(tmp_path):
    printed = smtpauth("lake-cell", "--for", "sentinel")
    assert (printed.returncode, printed.stdout) == (0, CELLS[Place.SENTINEL])
    written = smtpauth("lake-cell", "--for", "databricks", "-o", tmp_path / "cell.py")
    assert written.returncode == 0 and str(tmp_path / "cell.py") in written.stdout
    assert (tmp_path / "cell.py").read_text() == CELLS[Place.DATABRICKS]


def test_a_place_that_cannot_be_written_is_a_plain_sentence(tmp_path):
    done = smtpauth("lake-cell", "--for", "sentinel", "-o", tmp_path / "nowhere" / "cell.py")
    assert done.returncode == 1 and "Traceback" not in done.stderr and "cell.py" in done.stderr
