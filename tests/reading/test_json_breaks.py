"""A broken JSON record is one record: the others are read, or the file is refused in plain words."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from conftest import LOG
from hypothesis import assume, given
from hypothesis import strategies as st

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.loading import loading
from smtpauth_kit.reading.containers import find_exports
from smtpauth_kit.reading.contents import examine
from smtpauth_kit.reading.json_records import json_records
from smtpauth_kit.reading.json_recovery import EndUnknown
from smtpauth_kit.reading.json_scanner import JsonScanner
from smtpauth_kit.reading.json_text import MAX_JSON_RECORD

GOOD = [{"n": n, "in": {"list": [{"y": 1}, {"z": "}, {"}]}} for n in range(6)]

BREAKS: dict[str, Callable[[str], str]] = {
    "a quote is missing": lambda text: text.replace('"n"', 'n"', 1),
    "a string never ends": lambda text: text.replace('"y"', '"y', 1),
    "a brace is missing": lambda text: text.rstrip()[:-1],
    "a brace is too many": lambda text: text + "}",
    "a word stands for a value": lambda text: text.replace("3,", "three,", 1),
    "NaN stands for a value": lambda text: text.replace("3,", "NaN,", 1),
    "it is cut in a list": lambda text: text[: text.index("[") + 1],
    "it is cut behind a colon": lambda text: text[: text.index(":") + 1],
    "it is cut behind a comma": lambda text: text[: text.index(",") + 1],
    "it is cut behind its brace": lambda text: text[:1],
    "it is nested too deep": lambda text: '{"a":' * 7000 + "1" + "}" * 7000,
    "it is no JSON at all": lambda text: "nonsense",
}


def _lines(rows: list[str], start: str, between: str, end: str) -> str:
    return start + between.join(rows) + end


COMPACT: dict[str, Callable[[list[str]], str]] = {
    "a record a line": lambda rows: _lines(rows, "", "\n", "\n"),
    "a record a line, with CRLF": lambda rows: _lines(rows, "", "\r\n", "\r\n"),
    "a record a line, with commas": lambda rows: _lines(rows, "", ",\n", ",\n"),
    "a list of lines": lambda rows: _lines(rows, "[\n", ",\n", "\n]\n"),
    "a list of lines from its bracket on": lambda rows: _lines(rows, "[", ",\n", "]"),
    "a list of lines with commas in front": lambda rows: _lines(rows, "[", "\n,", "]"),
    "an object around a list of lines": lambda rows: _lines(
        rows, '{"@odata.context": "x",\n"value": [\n', ",\n", '\n], "end": 1}\n'
    ),
}
OVER_LINES: dict[str, Callable[[list[str]], str]] = {
    "records over several lines": lambda rows: _lines(rows, "", "\n", "\n"),
    "a list of records over several lines": lambda rows: _lines(
        ["\n".join(f"  {line}" for line in row.split("\n")) for row in rows], "[\n", ",\n", "\n]\n"
    ),
}
ON_ONE_LINE: dict[str, Callable[[list[str]], str]] = {
    "a list on one line": lambda rows: _lines(rows, "[", ", ", "]"),
    "an object around a list on one line": lambda rows: _lines(rows, '{"value":[', ",", "]}"),
}


def ends(text: str) -> tuple[list[Any], list[str]]:
    """Return the numbers of the records that are whole, and the reasons of the others."""
    found = list(JsonScanner(io.StringIO(text, newline=None), lambda: None).records())
    whole = [value.get("n", value) for value, _, why in found if not why]
    return whole, [why for _, _, why in found if why]


def broken(shape: Callable[[list[str]], str], name: str, indent: int | None = None) -> str:
    rows = [json.dumps(row, indent=indent) for row in GOOD]
    rows[3] = BREAKS[name](rows[3])
    return shape(rows)


@pytest.mark.parametrize("name", BREAKS)
@pytest.mark.parametrize("shape", COMPACT)
def test_of_records_with_lines_of_their_own_only_the_broken_one_is_lost(shape: str, name: str):
    whole, why = ends(broken(COMPACT[shape], name))
    assert (whole, len(why)) == ([0, 1, 2, 4, 5], 1), why


@pytest.mark.parametrize("name", BREAKS)
@pytest.mark.parametrize("shape", OVER_LINES)
def test_of_records_over_several_lines_only_the_broken_one_is_lost(shape: str, name: str):
    whole, why = ends(broken(OVER_LINES[shape], name, indent=2))
    assert (whole, len(why)) == ([0, 1, 2, 4, 5], 1), why


@pytest.mark.parametrize("name", BREAKS)
@pytest.mark.parametrize("shape", ON_ONE_LINE)
def test_of_records_that_share_a_line_none_is_lost_in_silence(shape: str, name: str):
    try:
        whole, why = ends(broken(ON_ONE_LINE[shape], name))
    except EndUnknown:
        return
    assert (whole, len(why)) == ([0, 1, 2, 4, 5], 1), why


def test_where_a_broken_record_on_a_shared_line_surely_ends_the_next_one_is_read():
    assert ends('[{"n": 1}, {"n": x}, {"n": 3}, {"n": NaN}, y, {"n": 5}]') == (
        [1, 3, 5],
        [
            "is not well-formed JSON (Expecting value)",
            "holds NaN, which is no JSON value",
            "is not well-formed JSON (Expecting value)",
        ],
    )


def test_a_file_whose_rest_cannot_be_told_apart_is_refused_whole_with_what_to_do(store, write):
    rows = [dict(zip(LOG.split("\n")[0].split(","), line.split(","), strict=True))
            for line in LOG.splitlines()[1:]]  # fmt: skip
    text = json.dumps(rows).replace('"<1@scan>"', '<1@scan>"')
    (file,) = loading.load(store, write("x.json", text)).files
    assert file.status == "refused" and not store.exists()
    assert file.error is not None and file.error.endswith(
        "has a record that cannot be read: record 1 is not well-formed JSON (Expecting value). "
        "Others follow it on the same line, and where they begin cannot be known, so nothing was "
        "loaded. Export it again, or write each record on a line of its own."
    )


def test_one_bad_line_of_many_is_one_rejected_row_with_its_line_text_and_reason(store, write):
    row = {"Date": "2026-03-01T00:00:00Z", "Sender address": "a@contoso.example", "pad": "x" * 1000}
    lines = [json.dumps({**row, "Message ID": f"<{n}@x>"}) for n in range(20_000)]
    # More than the bound of one record follows it.
    assert len("".join(lines)) > MAX_JSON_RECORD
    lines[10] = lines[10].replace('"2026-03', "2026-03")
    (file,) = loading.load(store, write("x.jsonl", "\n".join(lines))).files
    assert (file.rows_read, file.rows_loaded, file.rows_rejected) == (20_000, 19_999, 1)
    rejected = store.sql("select line, reason, raw from rejected_rows").to_dict("records")
    reason = "the row is not well-formed JSON (Expecting ',' delimiter)"
    assert rejected == [{"line": 11, "reason": reason, "raw": lines[10]}]


@pytest.mark.parametrize("shape", ["", "[\n"])
def test_a_record_beyond_16_mib_does_not_take_its_neighbours_along(shape: str):
    long = '{"n": 2, "text": "' + "x" * MAX_JSON_RECORD + '"}'
    separator = ",\n" if shape else "\n"
    text = shape + separator.join(['{"n": 1}', long, '{"n": 3}', '{"n": 4}']) + "]" * bool(shape)
    assert ends(text) == ([1, 3, 4], ["is longer than 16 MiB"])


def test_lists_nested_deeper_than_the_bound_are_a_bad_record(write):
    path = write("x.json", '{"a": ' + "[" * 63 + "]" * 63 + '}\n{"a": ' + "[" * 64 + "]" * 64 + "}")
    (export,) = find_exports([path])
    found = list(json_records(export, examine(export)))
    assert [record.problem for record in found] == ["", "is nested deeper than 64 levels"]


def test_a_long_name_in_front_of_many_values_does_not_fill_the_memory(write):
    path = write("x.json", json.dumps([{"x" * 1_000_000: {f"{n}": n for n in range(1000)}}] * 3))
    (export,) = find_exports([path])
    found = list(json_records(export, examine(export)))
    assert {record.problem for record in found} == {"has a name of more than 1,000 characters"}


def test_a_list_that_is_cut_keeps_what_is_whole_and_says_so():
    text = json.dumps({"value": GOOD})
    whole, why = ends(text[: text.index('"n": 4') + 3])
    assert whole == [0, 1, 2, 3] and why == ["stands where the file ends in the middle of a record"]
    assert ends('[{"n": 1},\n') == ([1], ["stands where the file ends in the middle of a list"])
    assert ends('{"value": [{"n": 1}') == (
        [1], ["stands where the file ends in the middle of a list"],
    )  # fmt: skip


PIECES = st.sampled_from(['"', "{", "}", "[", "]", ":", ",", "\\", "x", " ", "1", '"a": ', "null"])


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 60), PIECES | st.none()), max_size=4))
def test_whatever_happens_inside_lines_every_other_line_is_read(damages):
    lines = [json.dumps({"n": n, "text": f"a {n}", "in": {"b": [n]}}) for n in range(8)]
    for line, at, piece in damages:
        text = lines[line]
        # A piece is put in, or a sign is lost.
        lines[line] = text[:at] + (piece or "") + text[at if piece else at + 1 :]
    # A file that does not begin so is none of JSON.
    assume(lines[0].startswith("{"))
    touched = {line for line, _, _ in damages}
    read = [raw for _, raw, why in JsonScanner(io.StringIO("\n".join(lines)), lambda: None).records()
            if not why]  # fmt: skip
    missing = [n for n in range(8) if n not in touched and lines[n] not in read]
    assert missing == []


@given(st.text('{}[]":,\\ \n1ax', max_size=60) | st.text(max_size=40))
def test_any_text_ends_as_records_or_as_a_refusal(text):
    with suppress(EndUnknown):
        for value, raw, why in JsonScanner(io.StringIO(text), lambda: None).records():
            assert (value is None) == bool(why) or raw == "null"


def test_a_refusal_of_json_names_the_file(write):
    (export,) = find_exports([write("y.json", '[{"a": "}, {"b": 1}, {"c": 2}]')])
    with pytest.raises(FileRefused, match=r"y\.json has a record that cannot be read: record 1 is"):
        list(json_records(export, examine(export)))
