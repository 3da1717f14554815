"""An answer's SQL is whole: it parses, it can be pasted, and it is in words that engines share."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from conftest import LOG
from dialects import NOT_SHARED
from hostile import hostile_log

import smtpauth_kit
from smtpauth_kit.answers import settle_scope
from smtpauth_kit.answers.composing import complete, reads, relations
from smtpauth_kit.answers.scope import sql_of
from smtpauth_kit.base.filters import Filters, filters
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.engine import SPARK
from smtpauth_kit.views.reproduce import reproduce

FOLDER = Path(smtpauth_kit.__file__).parent / "answers"
ANSWERS = sorted(path.stem for path in FOLDER.glob("*.sql"))
SHARED = sorted(path.stem for path in (FOLDER / "shared").glob("*.sql"))
FILES = [*((name, "answers") for name in ANSWERS), *((name, "answers/shared") for name in SHARED)]

SELECTIONS = {
    "everyone": Filters(),
    "one domain": Filters(domains=("contoso.com",)),
    "one sender": Filters(sender="scanner@contoso.com"),
    "another zone": Filters(timezone="Asia/Tokyo"),
    "busy senders": Filters(min_messages=2),
    "everything": filters(
        senders="client_ip_count > 1 and sender_address contains a or tls_1_0_share > 50%",
        domain="contoso.com", sender="scanner@contoso.com", timezone="Asia/Tokyo",
    ),
}  # fmt: skip


def statements(selection: str) -> list[str]:
    known = relations(SELECTIONS[selection])
    known["placed_senders"] = "select found_senders.*, 1 as place from found_senders"
    return [complete(sql_text(name, "answers"), known) for name in ANSWERS]


@pytest.mark.parametrize(("name", "folder"), FILES)
def test_a_file_says_what_it_asks_and_what_it_needs(name, folder):
    text = sql_text(name, folder)
    lines = [line for line in text.splitlines() if line.startswith("--")]
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    assert lines[0].startswith("-- Question: ") and lines[0].endswith("?")
    assert lines[1].startswith("-- Grain:    ")
    named = set(re.findall(r"\$(\w+)", "".join(x for x in lines if x.startswith("-- Params:"))))
    assert named == set(re.findall(r"\$(\w+)", body))
    known = dict.fromkeys([*relations(Filters()), "placed_senders"], "select 1")
    said = ", ".join(line[13:] for line in lines if line.startswith("-- Reads:"))
    assert said.split(", ") == (reads(body, known) or [""])


PACKAGE = FOLDER.parent
PLACES = ("nth", "place", "own_first")
"""Places that a statement numbered itself: no two rows have the same."""
NO_TIE = {"judged_days": "of two largest days neither is beyond the other: no rule hears of it"}


def tied(text: str) -> list[str]:
    """Return what chooses one row of several and may find two that are equal."""
    found = []
    for match in re.finditer(r"\b(?:max_by|min_by|arg_min|arg_max)\(", text):
        depth, parts = 1, [""]
        for sign in text[match.end() :]:
            depth += (sign == "(") - (sign == ")")
            if not depth:
                break
            parts = [*parts, ""] if sign == "," and depth == 1 else [*parts[:-1], parts[-1] + sign]
        by = parts[1].strip()
        is_row = re.fullmatch(
            r"\([^()]*(\([^()]*\)[^()]*)*,.*\)|case when .* then \(.*\) end", by, re.S
        )
        if not is_row and by not in (*PLACES, "speed"):
            found.append(match.group() + ",".join(parts) + ")")
    chosen = re.findall(
        r"select distinct on \((?!address\))(?:(?!distinct on).)*?(?:\n\) |;)", text, re.S
    )
    return found + [each for each in chosen if "order by" not in each]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("select max_by(a, b) from t", 1),
        ("select max_by(a, (b, a)), max_by(f(x, y), (abs(x), y)), arg_min(a, nth) from t", 0),
        ("select min_by(a, case when b then c end), min_by(a, case when b then (c, a) end)", 1),
        ("select distinct on (a) a, b from t;", 1),
        ("select distinct on (a) a, b from t order by a, b;", 0),
    ],
)
def test_a_choice_between_equal_rows_is_seen(text, count):
    assert len(tied(text)) == count


def test_no_statement_chooses_by_chance_between_rows_that_are_equal():
    texts = {path: path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.sql"))}
    assert len(texts) > 200
    told = {path.stem: tied(text) for path, text in texts.items() if tied(text)}
    assert {name: each for name, each in told.items() if name not in NO_TIE} == {}


@pytest.mark.parametrize("selection", SELECTIONS)
def test_every_statement_is_one_that_duckdb_parses_in_words_that_spark_has(selection):
    for text in statements(selection):
        assert len(duckdb.extract_statements(text)) == 1
        assert not re.search(NOT_SHARED, text), text


@pytest.mark.parametrize("selection", SELECTIONS)
def test_every_statement_parses_as_duckdb_and_as_spark(selection):
    sqlglot = pytest.importorskip("sqlglot", reason="install the extra: .[test,spark]")
    for text in statements(selection):
        for dialect, spelled in (("duckdb", text), ("spark", SPARK.spell(text))):
            (parsed,) = sqlglot.parse(spelled, read=dialect)
            names = [cte.alias for cte in parsed.find_all(sqlglot.exp.CTE)]
            assert len(names) == len(set(names)), "a relation written twice"


@pytest.mark.parametrize("selection", SELECTIONS)
def test_no_answer_gives_a_name_of_its_own_to_a_relation(selection):
    own = {
        cte for name in ANSWERS for cte in re.findall(r"(\w+) as \(\n", sql_text(name, "answers"))
    }
    assert not own & set(relations(SELECTIONS[selection]))


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("name", ["insight", "sending-volume", "tls-usage", "senders", "sign-ins"])
def test_what_is_pasted_into_a_plain_duckdb_gives_the_answers_rows(
    name, selection, store, load, tmp_path
):
    load(LOG)
    load(hostile_log())
    scope = settle_scope(store, SELECTIONS[selection])
    expected = store.run(*sql_of("totals" if name == "insight" else name, scope))
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(store.path.read_bytes())
    with duckdb.connect(str(copy), read_only=True) as con:
        pasted = con.execute(reproduce(name, scope, store.path).sql).fetchall()
    assert len(pasted) == len(expected)
    assert [row[0] for row in pasted] == expected.iloc[:, 0].tolist()
