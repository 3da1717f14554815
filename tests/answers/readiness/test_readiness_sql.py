"""The SQL of readiness: whole statements, in words that DuckDB and Spark share."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest
from conftest import LOG
from dialects import NOT_SHARED

import smtpauth_kit
from smtpauth_kit.answers.composing import complete, reads
from smtpauth_kit.answers.questions import QUESTIONS, ask
from smtpauth_kit.answers.readiness.relations import relations
from smtpauth_kit.base.filters import Filters, filters
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.engine import SPARK, Engine
from smtpauth_kit.views.reproduce import reproduce

FOLDER = Path(smtpauth_kit.__file__).parent / "answers" / "readiness"
STATEMENTS = sorted(path.stem for path in FOLDER.glob("*.sql"))
FILES = [
    *((name, "answers/readiness") for name in STATEMENTS),
    *(
        (path.stem, "answers/readiness/inputs")
        for path in sorted((FOLDER / "inputs").glob("*.sql"))
    ),
]
SELECTIONS = {
    "everyone": Filters(),
    "some": filters(
        domain="contoso.com", sender="scanner@contoso.com", min_messages=2,
        senders="client_ip_count > 0 and first_seen > 2026-01-01",
    ),
}  # fmt: skip


JUDGED = [
    each.name.removesuffix(".sql")
    for each in files("smtpauth_kit").joinpath("answers", "findings", "inputs").iterdir()
]
"""Relations that findings are judged by; a statement reads these, or those of readiness."""
READINESS = ("readiness", "switch-off", "burn-down", "went-quiet", "never-seen")


@pytest.mark.parametrize(("name", "folder"), FILES)
def test_a_file_says_what_it_asks_and_what_it_needs(name, folder):
    text = sql_text(name, folder)
    lines = [line for line in text.splitlines() if line.startswith("--")]
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    assert lines[0].startswith("-- Question: ") and lines[0].endswith("?")
    assert lines[1].startswith("-- Grain:    ")
    named = set(re.findall(r"\$(\w+)", "".join(line for line in lines if "$" in line)))
    assert named == set(re.findall(r"\$(\w+)", body))
    said = ", ".join(line[13:] for line in lines if line.startswith("-- Reads:"))
    own, judged = ({name: "select 1" for name in names} for names in (relations(), JUDGED))
    assert said.split(", ") == (reads(body, own) or reads(body, judged) or [""])


@pytest.mark.parametrize("selection", SELECTIONS)
def test_every_statement_is_whole_and_in_words_that_both_engines_have(selection):
    for name in STATEMENTS:
        text = complete(sql_text(name, "answers/readiness"), relations(SELECTIONS[selection]))
        assert len(duckdb.extract_statements(text)) == 1
        assert not re.search(NOT_SHARED, text), text


@pytest.mark.parametrize("selection", SELECTIONS)
def test_every_statement_parses_as_duckdb_and_as_spark(selection):
    sqlglot = pytest.importorskip("sqlglot", reason="install the extra: .[test,spark]")
    for name in STATEMENTS:
        text = complete(sql_text(name, "answers/readiness"), relations(SELECTIONS[selection]))
        for dialect, spelled in (("duckdb", text), ("spark", SPARK.spell(text))):
            (parsed,) = sqlglot.parse(spelled, read=dialect)
            names = [cte.alias for cte in parsed.find_all(sqlglot.exp.CTE)]
            assert len(names) == len(set(names)), "a relation written twice"


@pytest.mark.parametrize("name", READINESS)
def test_what_is_pasted_into_a_plain_duckdb_runs_and_gives_the_figures(name, store, load, tmp_path):
    load(LOG)
    scope = ask(store, name, SELECTIONS["some"]).scope
    text, params = QUESTIONS[name].sql(scope)
    expected = store.run(text, params)
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(store.path.read_bytes())
    with duckdb.connect(str(copy), read_only=True) as con:
        pasted = con.execute(reproduce(name, scope, store.path).sql).fetchall()
    assert len(pasted) == len(expected) and (name == "never-seen" or len(pasted))


def test_an_engine_that_keeps_nothing_gives_the_same_rows(store, load):
    load(LOG)

    class Plain(Engine):
        def run(self, sql, params=None):
            return store.run(sql, params)

    for name in READINESS:
        assert ask(Plain(), name).rows.to_dict("records") == ask(store, name).rows.to_dict(
            "records"
        )
