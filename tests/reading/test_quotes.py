"""Quoted cells over several lines: a quote that is not closed spoils its own line, and is cheap."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtpauth_kit.reading import lines as reading_lines
from smtpauth_kit.reading import quoted_cells, quotes
from smtpauth_kit.reading.bounds import MAX_CELL
from smtpauth_kit.reading.lines import Lines, strip_end
from smtpauth_kit.reading.quoted_cells import split_plainly, split_quoted
from smtpauth_kit.reading.quotes import QuotedRecords

Taken = list[tuple[int, list[str], str]]


def taken(text: str, most: int) -> Taken:
    """Take every line that begins a record, as a table does."""
    lines = Lines(io.StringIO(text, newline=""), lambda: None)
    records = QuotedRecords(lines, ",", most)
    found = []
    while (line := lines.take()) is not None:
        number = lines.number
        cells, _, problem = records.take(number, line)
        found.append((number, cells, problem))
    return found


def read_again(text: str, most: int) -> Taken:
    """Do the same by reading on from each line anew: in plain words, in the square of the time."""
    lines, found, at = io.StringIO(text, newline="").readlines(), [], 0
    while at < len(lines):
        behind, whole = at + 1, lines[at]
        cells, state, _ = split_quoted(strip_end(whole), ",")
        while (
            state == "open" and len(cells) < most and len(whole) <= MAX_CELL and behind < len(lines)
        ):
            whole += lines[behind]
            behind += 1
            cells, state, _ = split_quoted(strip_end(whole), ",")
        if state == "whole":
            found.append((at + 1, cells, ""))
            at = behind
            continue
        first = split_quoted(strip_end(lines[at]), ",")[1]
        why = "has a stray quote" if first == "stray" else "has a quote that is not closed"
        found.append((at + 1, [], why))
        at += 1
    return found


LINES = st.sampled_from(
    ['"', 'a","b', 'x,"', '"a"', 'a""b', '"",', ',"",', '"a","', "plain", ' "', '" ,b', '"""', "", "a,b"]
)  # fmt: skip


@given(st.lists(LINES, max_size=14), st.integers(1, 6), st.sampled_from(["\n", "\r\n"]))
@example(['a","b'] * 12, 5, "\n")
def test_it_is_the_same_as_reading_on_from_each_line_anew(lines, most, end):
    text = end.join(lines)
    assert taken(text, most) == read_again(text, most)


@given(st.text('",a \n', max_size=60), st.integers(1, 8))
def test_any_text_is_the_same_as_reading_on_from_each_line_anew(text, most):
    assert taken(text, most) == read_again(text, most)


@given(st.text('",a; \0', max_size=40), st.sampled_from([",", ";"]))
def test_a_record_that_is_split_at_once_is_split_as_cell_by_cell(text, delimiter):
    at_once = split_plainly(text, delimiter)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quoted_cells, "split_plainly", lambda text, delimiter: None)
        cells, state, end = split_quoted(text, delimiter)
    assert at_once in (None, cells)
    assert at_once is None or (state, end) == ("whole", len(text))


def test_what_programs_write_is_split_at_once():
    assert split_plainly('"a","b, ""c""",,"",d', ",") == ["a", 'b, "c"', "", "", "d"]
    assert split_plainly('"a"b', ",") is split_plainly('a"b', ",") is None


@given(st.text("ab\n\r\x0b\x85\u2028,", max_size=60), st.integers(1, 7))
def test_lines_end_where_exports_end_them_however_much_is_read_at_a_time(text, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading_lines, "BLOCK", block)
        lines = Lines(io.StringIO(text, newline=""), lambda: None)
        assert list(iter(lines.take, None)) == io.StringIO(text, newline="").readlines()


@pytest.mark.parametrize(
    ("line", "rest"), [("a" * 9, "b\n"), ("a" * 8 + "\n", "b\n"), ("a" * 30, "")]
)
def test_what_is_skipped_of_a_long_line_ends_with_it(monkeypatch, line, rest):
    monkeypatch.setattr(reading_lines, "MAX_LINE", 4)
    monkeypatch.setattr(reading_lines, "BLOCK", 4)
    lines = Lines(io.StringIO(line.strip() + "\n" + rest, newline=""), lambda: None)
    lines.skip_rest(lines.take())
    assert lines.take() == (rest or None)


@pytest.mark.parametrize("line", ['a","b\n', 'x,"\n', '"\n', 'a"",b\n', '"a\n', '","",\n'])
def test_each_line_is_taken_apart_a_few_times_at_most(monkeypatch, line):
    work = [0]

    def counted(text, delimiter):
        work[0] += len(text)
        return split_quoted(text, delimiter)

    monkeypatch.setattr(quotes, "split_quoted", counted)
    text = line * 20_000
    assert len(taken(text, 1014)) > 1
    assert work[0] < 5 * len(text)
