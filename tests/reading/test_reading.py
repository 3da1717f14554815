"""From bytes to records: containers, encodings, quotes, bounds."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import os
import re
import zipfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quick import quick

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.reading import contents
from smtpauth_kit.reading.bounds import MIB
from smtpauth_kit.reading.containers import find_exports, written_at
from smtpauth_kit.reading.contents import examine
from smtpauth_kit.reading.json_records import UNREAD, json_records
from smtpauth_kit.reading.text_tables import text_records

_PIECES = [bytes([sign]) for sign in b'a \n\r,;|~"'] + [b"\r\n", b"\n\n", b"a b", b" ,"]

NAMES = st.sampled_from(["a", "b", "é", "a.b", "c", "value"])


def records(path: Path, delimiter: str = ",", width: int | None = None):
    (export,) = find_exports([path])
    content = examine(export)
    return list(text_records(export, content, delimiter, width=width))


def values_of(path: Path):
    (export,) = find_exports([path])
    return list(json_records(export, examine(export)))


@pytest.mark.parametrize(
    "encoded",
    [
        "a,é\nb,2\n".encode(), b"\xef\xbb\xbf" + "a,é\nb,2\n".encode(),
        "a,é\nb,2\n".encode("utf-16"), "a,é\nb,2\n".encode("utf-16-le"),
        "a,é\nb,2\n".encode("utf-16-be"), b"\xfe\xff" + "a,é\nb,2\n".encode("utf-16-be"),
        "a,é\nb,2\n".encode("utf-32"), "a,é\nb,2\n".encode("utf-32-le"),
        "a,é\nb,2\n".encode("utf-32-be"), b"\0\0\xfe\xff" + "a,é\nb,2\n".encode("utf-32-be"),
        "a,é\nb,2\n".encode("cp1252"), "a,é\r\nb,2\r\n".encode(), "a,é\rb,2\r".encode(),
    ],
)  # fmt: skip
def test_encodings_and_line_ends_are_found_from_the_content(write, encoded):
    found = records(write("x.csv", encoded))
    assert [(r.line, list(r.cells)) for r in found] == [(1, ["a", "é"]), (2, ["b", "2"])]


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32_with_signs_of_every_plane_is_read(write, encoding):
    text = "naam,é\n🙂,\U0010ffff\n"
    assert [list(r.cells) for r in records(write("x.csv", text.encode(encoding)))] == [
        ["naam", "é"],
        ["🙂", "\U0010ffff"],
    ]
    found = values_of(
        write("x.json", json.dumps([{"é": "🙂"}], ensure_ascii=False).encode(encoding))
    )
    assert [r.cells for r in found] == [{"é": "🙂"}]


def test_one_bad_byte_does_not_change_the_other_rows(write):
    text = "".join(f"{n},café münchen\n" for n in range(50)).encode() + b"x,\xff\n"
    found = records(write("x.csv", text))
    assert found[0].cells == ["0", "café münchen"]
    assert found[50].cells == ["x", "\ufffd"]


def test_a_quoted_cell_may_hold_delimiters_quotes_and_lines(write):
    found = records(write("x.csv", 'a,"b, ""c""\r\nd",e\r\nf,g,h\r\n'))
    assert [(r.line, list(r.cells)) for r in found] == [
        (1, ["a", 'b, "c"\r\nd', "e"]),
        (3, ["f", "g", "h"]),
    ]


def test_a_stray_quote_spoils_only_its_own_line(write):
    found = records(write("x.csv", 'h1,h2\n1,"open\n2,ok\n3,"fine"\n4,"x"y\n5,ok\n'), width=2)
    ends = [(r.line, r.problem or list(r.cells)) for r in found]
    assert ends == [
        (1, ["h1", "h2"]),
        (2, "has a quote that is not closed"),
        (3, ["2", "ok"]),
        (4, ["3", "fine"]),
        (5, "has a stray quote"),
        (6, ["5", "ok"]),
    ]


def test_rows_of_another_width_are_named_and_trailing_empty_cells_are_fine(write):
    found = records(write("x.csv", "a,b\n1,2,,\n1\n1,2,3\n"), width=2)
    assert [r.problem for r in found] == [
        "", "", "has 1 cells where the header has 2", "has 3 cells where the header has 2",
    ]  # fmt: skip


def test_unclosed_quotes_cost_no_more_than_reading_the_file(write):
    line = 'a,"' + "x" * 60 + "\n"
    path = write("x.csv", line * 40_000)
    found = records(path, width=2)
    assert len(found) == 40_000


def test_several_gzip_members_are_one_file_and_a_wrong_checksum_is_refused(write):
    packed = gzip.compress(b"a,1\n") + gzip.compress(b"b,2\n")
    assert [r.cells[0] for r in records(write("x.csv.gz", packed))] == ["a", "b"]
    spoiled = bytearray(gzip.compress(b"a,1\n" * 100))
    spoiled[-6] ^= 0xFF
    with pytest.raises(FileRefused, match="damaged or incomplete"):
        records(write("y.csv.gz", bytes(spoiled)))
    with pytest.raises(FileRefused, match="damaged or incomplete"):
        records(write("z.csv.gz", gzip.compress(b"a,1\n" * 1000)[:-20]))


def zip_of(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot", "."), data)
    return packed.getvalue()


def test_the_files_of_a_zip_are_exports_of_their_own(write):
    path = write("x.zip", zip_of(a_dotcsv=b"a,1\n", folder__b_dotcsv=b"b,2\n"))
    exports = find_exports([path])
    assert [export.path for export in exports] == [f"{path}!a.csv", f"{path}!folder/b.csv"]
    assert examine(exports[1]).bytes == 4


def test_a_zip_member_that_leaves_its_archive_is_refused(write):
    (export,) = find_exports([write("x.zip", zip_of(**{"_dot_dot__evil": b"a,1\n"}))])
    with pytest.raises(FileRefused, match="leaves its archive"):
        examine(export)


def test_a_bomb_is_refused_before_it_fills_memory_or_disk(write):
    bomb = gzip.compress(b"0" * (80 * MIB))
    with pytest.raises(FileRefused, match="200 times its size"):
        examine(find_exports([write("bomb.csv.gz", bomb)])[0])


@given(st.lists(st.binary(max_size=3) | st.sampled_from(_PIECES), min_size=1))
def test_lines_are_counted_alike_in_small_and_in_large_pieces(pieces):
    told = []
    for small in (0, contents.SMALL):
        with mock.patch.object(contents, "SMALL", small):
            lines = contents._LineCheck()
            for piece in filter(None, pieces):
                lines.feed(piece)
        told.append((lines.count, lines.are_plain, lines.are_bare))
    assert told[0] == told[1]


def test_a_path_that_exists_is_never_a_pattern(write):
    odd = write("report[1].csv", "a,1\n")
    write("report1.csv", "b,2\n")
    assert [e.path for e in find_exports([odd])] == [str(odd)]
    found = find_exports([odd.parent / "report*.csv"])
    assert [Path(e.path).name for e in found] == ["report1.csv", "report[1].csv"]


def test_a_path_that_names_nothing_is_refused_in_plain_words(tmp_path):
    (export,) = find_exports([tmp_path / "none.csv"])
    with pytest.raises(FileRefused, match="does not exist"):
        examine(export)


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_refused(write, content):
    (export,) = find_exports([write("x.csv", content)])
    with pytest.raises(FileRefused, match="is empty"):
        examine(export)


def test_what_is_no_text_is_refused(write):
    (export,) = find_exports([write("x.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 9000)])
    with pytest.raises(FileRefused, match="not a text file"):
        examine(export)


DOCUMENTS = {
    "object with value": '{"@odata.context": "x", "value": [{"a": {"b": 1}}, {"a": {"b": 2}}]}',
    "array": '[{"a": {"b": 1}},\n {"a": {"b": 2}}]',
    "lines": '{"a": {"b": 1}}\n{"a": {"b": 2}}\n',
    "pages": '{"value": [{"a": {"b": 1}}]}{"value": [{"a": {"b": 2}}]}',
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_json_comes_in_four_shapes(write, name):
    found = values_of(write("x.json", DOCUMENTS[name]))
    assert [(r.line, r.cells) for r in found] == [(1, {"a.b": "1"}), (2, {"a.b": "2"})]


def test_json_larger_than_the_buffer_is_read_whole(write):
    rows = [{"n": i, "text": "x" * 997} for i in range(3000)]
    found = values_of(write("x.json", json.dumps({"value": rows})))
    assert [r.cells["n"] for r in found] == [str(i) for i in range(3000)]


def test_truncated_json_keeps_what_is_whole_and_names_the_rest(write):
    found = values_of(write("x.json", '[{"a": 1}, {"a": 2}, {"a": '))
    assert [r.problem for r in found] == [
        "", "", "stands where the file ends in the middle of a record",
    ]  # fmt: skip


def test_a_bad_line_of_ndjson_is_one_bad_record(write):
    found = values_of(write("x.json", '{"a": 1}\n{"a": NaN}\nnonsense\n{"a": 4}\n'))
    assert [bool(r.problem) for r in found] == [False, True, True, False]


def test_json_deeper_than_the_bound_is_a_bad_record(write):
    deep = '{"a":' * 100 + "1" + "}" * 100
    (found,) = values_of(write("x.json", f"[{deep}]"))
    assert "nested deeper than 64" in found.problem
    (worse,) = values_of(write("y.json", "[" + '{"a":' * 200_000 + "]"))
    assert "nested deeper than 64" in worse.problem


def test_half_a_character_in_json_does_not_reach_the_store(write):
    (found,) = values_of(write("x.json", '[{"a": "\\ud800x"}]'))
    assert found.cells == {"a": "\ufffdx"}


@given(st.text(max_size=200))
def test_every_text_is_taken_apart_without_an_exception(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("x") / "x.csv"
    path.write_bytes(("h,i\n" + text).encode("utf-8", "replace"))
    try:
        (export,) = find_exports([path])
        content = examine(export)
        list(text_records(export, content, ",", width=2))
        list(json_records(export, content))
    except FileRefused:
        pass


def test_quotes_that_open_again_on_each_line_cost_no_more_than_a_few_readings(write):
    path = write("x.csv", 'h,i\nx,"\n' + 'a","b\n' * 30_000)
    with quick(10):
        assert len(records(path, width=2)) == 30_002


@given(st.lists(st.sampled_from([b"a", b"\n", b"\r\n", b"\r"]), min_size=1), st.integers(1, 7))
def test_lines_are_counted_the_same_however_the_bytes_come(pieces, size):
    raw = b"".join(pieces)
    check = contents._LineCheck()
    for start in range(0, len(raw), size):
        check.feed(raw[start : start + size])
    lines = raw.rstrip(b"\r\n").split(b"\n")
    is_plain = (
        not any(line.strip() == b"" for line in lines)
        and b"\r" not in raw.replace(b"\r\n", b"\n")
        and raw.count(b"\r\n") in (0, raw.count(b"\n"))
    )
    if raw.count(b"\n") < 20 and any(line.strip() for line in lines):
        assert check.are_plain == is_plain
        assert not is_plain or check.count == len(lines)


@given(st.text('ab1" ,;|\t\r\n\x7f\x1fé', max_size=30) | st.text("ab ,\n"), st.integers(1, 9))
def test_a_text_is_bare_when_no_cell_needs_trimming_however_the_bytes_come(text, size):
    raw = text.encode()
    check = contents._LineCheck()
    for start in range(0, len(raw), size):
        check.feed(raw[start : start + size])
    edge = r"[ \r\n,;|]"
    is_visible = re.fullmatch(r"[!#-~ \r\n]*", text)
    is_beside = re.search(rf"(?:^|{edge}) | (?:{edge}|$)", text)
    assert check.are_bare == bool(is_visible and not is_beside)


def test_a_packed_export_was_written_by_its_own_time_whatever_its_zone(tmp_path):
    path = tmp_path / "report.zip"

    def told(*member):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(zipfile.ZipInfo("report.csv", member), "Sender address\n")
        at = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC).timestamp()
        os.utime(path, (at, at))
        return str(written_at(*find_exports([path])))

    # Half a day later at most: there are clocks so far behind UTC.
    assert told(2026, 11, 8, 9, 0, 0) == "2026-11-08 21:00:00"
    # It cannot be newer than its archive; a time that is none tells nothing.
    assert told(2026, 11, 20, 7, 0, 0) == told(2099, 1, 1, 0, 0, 0) == "2026-11-20 08:00:00"
    assert told(1980, 0, 0, 0, 0, 0) == told(1980, 1, 1, 0, 0, 0) == "2026-11-20 08:00:00"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text('aé"\ud83d:,[{', max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(NAMES, JSON, min_size=1, max_size=4), min_size=1, max_size=3))
def test_records_with_lists_left_out_have_all_other_cells(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("j") / "x.json"
    path.write_text(json.dumps(values))
    (export,) = find_exports([path])
    content = examine(export)
    wanted = frozenset(("a", "a.b", "b"))
    every = list(json_records(export, content))
    for record, some in zip(every, json_records(export, content, wanted=wanted), strict=True):
        assert list(some.cells) == list(record.cells)
        assert (some.line, some.raw, some.problem) == (record.line, record.raw, record.problem)
        for name, cell in dict(some.cells).items():
            assert cell == record.cells[name] or (cell == UNREAD and name not in wanted)


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ({"a" * 600: {"b" * 600: 1}}, "has a name of more than 1,000 characters"),
        ({str(n): n for n in range(1025)}, "has more than 1,024 values"),
        ({"a": json.loads("[" * 70 + "]" * 70)}, "is nested deeper than 64 levels"),
        ({"a": "x" * (MIB + 1)}, "has a text of more than 1 MiB"),
        ({"a": ["é" * (MIB // 6 + 1)]}, "has a text of more than 1 MiB"),
    ],
)
def test_a_record_beyond_a_bound_is_one_whatever_is_wanted_of_it(tmp_path, record, problem):
    path = tmp_path / "x.json"
    path.write_text(json.dumps([record], ensure_ascii=False), "utf-8")
    (export,) = find_exports([path])
    for wanted in (None, frozenset("b")):
        (found,) = json_records(export, examine(export), wanted=wanted)
        assert found.problem == problem
