"""Rows that are passed over: a block at a time they are those that each line alone would be."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtpauth_kit.reading import lines as reading_lines
from smtpauth_kit.reading import passing
from smtpauth_kit.reading.lines import Lines
from smtpauth_kit.reading.passing import PassedOver

PIECES = st.sampled_from(
    ["1", "12", "a", ",", ",", ",", "\n", "\n", "\r\n", "\r", '"', " ", "é", "AB", "ab", "aB", "A", "B", "-"]
)  # fmt: skip


def over(after: int = 0) -> PassedOver:
    return PassedOver("AB", after, ",", 3)


def passed_alone(text: str, first: int, after: int) -> list[bool]:
    one_by_one = over(after)
    lines = io.StringIO(text, newline="").readlines()
    return ['"' not in line and one_by_one.may_pass(n, line) for n, line in enumerate(lines, first)]


@given(st.lists(PIECES, min_size=1, max_size=40).map("".join), st.integers(1, 3))
@example('1,2,3\n4,5,6\nab,2,3\n4,Ab,6\n4,"5",6\n4,5\n', 1)
def test_what_is_marked_of_a_block_is_what_each_line_alone_would_be(text, after):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passing, "SMALL", 1)
        marks = over(after).marks(text, 2)
    if marks is None:
        assert after > 1 or not text.isascii() or "\r" in text
        return
    places = list(zip(marks.starts, marks.starts[1:], strict=False))
    assert [text[start:end] for start, end in places] == io.StringIO(text, newline="").readlines()
    marked = [n != at for at, n in enumerate(marks.next_kept)]
    # A last line that has no end is looked at alone.
    alone = [text.endswith("\n") or n < len(marked) for n in range(1, len(marked) + 1)]
    assert marked == [a and p for a, p in zip(alone, passed_alone(text, 2, after), strict=True)]
    for at, kept in enumerate(marks.next_kept):
        assert all(marked[at:kept]) and (kept == len(marked) or not marked[kept])


@given(st.lists(PIECES, min_size=1, max_size=60).map("".join), st.integers(1, 30), st.data())
def test_every_line_is_taken_or_passed_over_under_its_number(text, block, data):
    lines_of_text = io.StringIO(text, newline="").readlines()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passing, "SMALL", 1)
        patch.setattr(reading_lines, "BLOCK", block)
        count = over()
        lines = Lines(io.StringIO(text, newline=""), lambda: None, None, count)
        taken = {}
        while (line := lines.take()) is not None:
            taken[lines.number] = line
            for _ in range(data.draw(st.integers(0, 2))):
                ahead = lines.number + len(lines._ahead)
                assert lines.look() == (lines_of_text[ahead] if ahead < len(lines_of_text) else "")
    assert lines.number == len(lines_of_text) == len(taken) + count.count
    assert all(lines_of_text[number - 1] == line for number, line in taken.items())
    alone = passed_alone(text, 1, 0)
    assert all(alone[number - 1] for number in range(1, len(alone) + 1) if number not in taken)


def test_lines_of_another_case_or_width_and_those_with_quotes_are_kept():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passing, "SMALL", 1)
        marks = over().marks('1,2,3\n4,5,6\n4,xaBx,6\n4,5\n4,"5",6\nx,5,6\n7,8,9', 1)
    assert marks is not None and marks.next_kept == [2, 2, 2, 3, 4, 5, 6]
