"""Polluted exports: rows add up, neighbours are untouched, no total is wrong in silence."""

from __future__ import annotations

import random

import pytest
from depth import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pollution import HEADER, POLLUTIONS, Polluted, Table, clean, written

from smtpauth_kit.loading import bulk, loading
from smtpauth_kit.store.store import open_store

NUMBERS = range(len(POLLUTIONS))


def check(folder, table: Table, polluted: Polluted) -> None:
    """Load a polluted file and hold it to what LOADING promises."""
    path = folder / "polluted.csv"
    path.write_bytes(polluted.content)
    store = open_store(folder / "s.duckdb")
    (file,) = loading.load(store, path).files
    read = file.rows_loaded + file.rows_duplicate + file.rows_rejected + file.rows_other
    assert file.rows_read == read, polluted.kind
    if file.status == "refused":
        assert polluted.may_refuse, (polluted.kind, file.error)
        assert file.error and str(path) in file.error
        return
    assert file.status == "loaded"
    rows = store.sql("select * from submissions")
    assert len(rows) == rows["message_count"].sum() == file.message_count == file.rows_loaded
    ids = set(rows["message_id"])
    assert polluted.whole <= ids, (polluted.kind, polluted.whole - ids)
    expected = {row[3].strip("<>"): row for row in table.rows}
    for row in rows.to_dict("records"):
        if row["message_id"] in polluted.whole:
            date, sender, recipient, _, tls = expected[row["message_id"]]
            assert f"{row['sent_at']:%Y-%m-%dT%H:%M:%SZ}" == date, polluted.kind
            assert row["sender_address"] == sender
            assert list(row["recipients"]) == [recipient]
            assert row["tls_version"] == (tls[3:] or "unknown")
    # A row that is not loaded is kept, or counted as one more of a message.
    kept = int(store.sql("select count(*) from rejected_rows").iloc[0, 0])
    assert kept == file.rows_rejected
    rollup = store.sql("select sum(message_count) from daily_by_sender").iloc[0, 0]
    assert rollup == rows["message_count"].sum() or len(rows) == 0


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("seed", range(2))
def test_each_pollution_by_itself(tmp_path, number, seed):
    dice = random.Random(seed)
    table = clean(dice.randint(1, 12), dice)
    check(tmp_path, table, POLLUTIONS[number](table, dice))


@settings(max_examples=tries(9), suppress_health_check=list(HealthCheck))
@given(number=st.sampled_from(NUMBERS), seed=st.integers(0, 10**9), quick=st.booleans())
def test_any_pollution_of_any_table(tmp_path_factory, monkeypatch, number, seed, quick):
    dice = random.Random(seed)
    table = clean(dice.randint(1, 30), dice)
    with monkeypatch.context() as patch:
        # Small files too go the way of the big ones.
        patch.setattr(bulk, "MIN_BYTES", 0 if quick else 10**9)
        check(tmp_path_factory.mktemp("p"), table, POLLUTIONS[number](table, dice))


@settings(max_examples=tries(9), suppress_health_check=list(HealthCheck))
@given(
    edits=st.lists(
        st.tuples(st.integers(0, 10**6), st.sampled_from(["del", "ins", "swap"]), st.characters()),
        max_size=12,
    ),
    seed=st.integers(0, 10**9),
)
def test_characters_changed_anywhere_touch_only_their_lines(tmp_path_factory, edits, seed):
    dice = random.Random(seed)
    table = clean(8, dice)
    lines = written(table).splitlines()
    touched = set()
    for place, kind, char in edits:
        at = 1 + place % (len(lines) - 1)
        line, inside = lines[at], place % max(len(lines[at]), 1)
        if char in "\r\n\"'\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\x00" or ord(char) > 0xD7FF:
            continue
        touched.add(at)
        lines[at] = {
            "del": line[:inside] + line[inside + 1 :],
            "ins": line[:inside] + char + line[inside:],
            "swap": line[:inside] + char + line[inside + 1 :],
        }[kind]
    whole = frozenset(row[3].strip("<>") for n, row in enumerate(table.rows, 1) if n not in touched)
    # An edit may make one row's id another's; then the two are one message, or one is other.
    content = ("\n".join(lines) + "\n").encode("utf-8")
    folder = tmp_path_factory.mktemp("e")
    path = folder / "edited.csv"
    path.write_bytes(content)
    store = open_store(folder / "s.duckdb")
    (file,) = loading.load(store, path).files
    ends = file.rows_loaded + file.rows_duplicate + file.rows_rejected + file.rows_other
    assert file.rows_read == ends
    if file.status == "loaded":
        ids = set(store.sql("select message_id from submissions")["message_id"])
        assert whole <= ids
    else:
        assert len(touched) >= 1 and file.error


def test_line_ends_may_be_mixed(tmp_path):
    table = clean(3, random.Random(1))
    lines = written(table).splitlines()
    content = f"{lines[0]}\n{lines[1]}\r{lines[2]}\r\n{lines[3]}".encode()
    check(tmp_path, table, Polluted("mixed", content, frozenset(table.ids)))


def test_every_class_of_pollock_has_its_generator():
    table, dice = clean(3, random.Random(1)), random.Random(1)
    kinds = {pollute(table, dice).kind for pollute in POLLUTIONS}
    assert kinds >= {
        "empty", "only its header", "one row", "no header", "the header in two rows",
        "the header again further down", "a preamble", "a preamble with separators", "two tables",
        "a footnote", "delimiter semicolon", "delimiter tab", "delimiter pipe",
        "a space behind each separator", "record delimiter CR", "record delimiter CRLF",
        "record delimiter of a line", "no end of the last line", "blank lines",
        "every cell quoted", "other quotes throughout", "an extra separator",
        "a missing separator", "a cell that is missing", "an extra quote in front",
        "an extra quote behind", "a quote inside", "another delimiter in a row",
        "a cell in other quotes", "an escaped quote",
    }  # fmt: skip


def test_the_clean_table_is_what_the_pollutions_start_from(tmp_path):
    table = clean(5, random.Random(1))
    assert written(table).splitlines()[0] == ",".join(HEADER)
    check(tmp_path, table, Polluted("none", written(table).encode(), frozenset(table.ids)))
