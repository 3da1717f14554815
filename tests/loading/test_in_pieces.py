"""A file read in pieces is as if read whole: the same rows, rejects, counts and warnings."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from conftest import LOG_HEADER
from depth import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pollution import POLLUTIONS, clean, written
from test_pollution_formats import CHANGES, EXPORTS
from test_reading_beside import loaded, log_of, seeing

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.loading import ahead, in_pieces, loading, reading_beside, workers
from smtpauth_kit.loading.options import Options
from smtpauth_kit.loading.progress import Watch
from smtpauth_kit.loading.row_counts import Counts
from smtpauth_kit.reading.containers import find_exports
from smtpauth_kit.reading.pieces import cut_out
from smtpauth_kit.store.parts import PartsMaker
from smtpauth_kit.store.store import open_store

OPTIONS = Options()
WATCH = Watch(1, None, None)
SIGN_IN = (
    '{"id": "1", "createdDateTime": "2026-11-16T08:15:30Z", "userPrincipalName": "a@contoso.com", '
    '"clientAppUsed": "Authenticated SMTP", "status": {"errorCode": 0}}\n'
)


def rows_of(found: ahead.StagedAhead) -> dict[str, list[tuple[object, ...]]]:
    """Return what waits of a file, by the table it is for, with the lines of the file."""
    rows: dict[str, list[tuple[object, ...]]] = {}
    for lines, parts in found.parts:
        for table, paths in parts.items():
            for path in paths:
                query = f"select * replace (line + {lines} as line) from '{path}'"
                rows.setdefault(table, []).extend(duckdb.sql(query).fetchall())
    return rows


def both_ways(folder: Path, content: bytes, size: int):
    """Stage a file whole and in pieces; None in the place of what cannot be read in pieces."""
    path = folder / "export.csv"
    path.write_bytes(content)
    (export,) = find_exports([path])
    maker = PartsMaker(folder, "part")
    try:
        found, _ = ahead.recognised(export, OPTIONS, (), WATCH)
        maker.begin("whole")
        whole = ahead.staged(export, found, OPTIONS, maker, WATCH)
        cut = in_pieces.cut(export, found, OPTIONS, size)
    except FileRefused:
        return None, None
    finally:
        maker.close()
    return whole, cut and put_together(folder, export, cut)


def put_together(folder: Path, export, cut: in_pieces.Cut) -> ahead.StagedAhead | None:
    done = []
    with closing(PartsMaker(folder, "piece")) as maker:
        for number, piece in enumerate(cut.pieces):
            maker.begin(str(number))
            one = in_pieces.stage_piece(
                *cut_out(export, cut.content, piece), cut.layout, OPTIONS, maker, WATCH
            )
            if isinstance(one, in_pieces.NotInPieces):
                return None
            done.append(one)
    return in_pieces.together(export, OPTIONS, cut, done)


def check(folder: Path, content: bytes, size: int) -> bool:
    """Hold both ways to be equal; tell whether the file was read in pieces."""
    whole, pieces = both_ways(folder, content, size)
    if pieces is None:
        return False
    assert rows_of(pieces) == rows_of(whole)
    assert pieces.counts == whole.counts
    return True


SIZES = st.integers(20, 400)


@settings(max_examples=tries(6), suppress_health_check=list(HealthCheck))
@given(number=st.sampled_from(range(len(POLLUTIONS))), seed=st.integers(0, 10**9), size=SIZES)
def test_any_pollution_of_a_log_cut_anywhere(tmp_path_factory, number, seed, size):
    dice = random.Random(seed)
    polluted = POLLUTIONS[number](clean(dice.randint(1, 30), dice), dice)
    check(tmp_path_factory.mktemp("p"), polluted.content, size)


@settings(max_examples=tries(6), suppress_health_check=list(HealthCheck))
@given(
    change=st.sampled_from(sorted(CHANGES)), seed=st.integers(0, 10**9), size=SIZES,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]),
)  # fmt: skip
def test_a_spoiled_trace_in_any_encoding_cut_anywhere(
    tmp_path_factory, change, seed, size, encoding
):
    dice = random.Random(seed)
    export = EXPORTS["extended trace"]
    lines = [export.header, *export.rows * 3]
    at = dice.randrange(1, len(lines))
    lines[at] = CHANGES[change](lines[at], dice)
    text = "\n".join(lines).encode(encoding, "replace")
    check(tmp_path_factory.mktemp("t"), text, size)


@settings(max_examples=tries(6), suppress_health_check=list(HealthCheck))
@given(
    text=st.lists(
        st.sampled_from((*'"",;\n\r\t ', "\r\n", "é", "\ufeff", "\u2028", "#", "a@x.example")),
        max_size=120,
    ),
    size=SIZES,
)
def test_wild_text_below_a_header_cut_anywhere(tmp_path_factory, text, size):
    table = written(clean(6, random.Random(1)))
    check(tmp_path_factory.mktemp("w"), (table + "".join(text) + "\n" + table).encode(), size)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_clean_file_is_read_in_pieces_in_every_encoding(tmp_path, encoding, end):
    text = written(clean(200, random.Random(2)), end=end).replace("contoso", "côntoso")
    assert check(tmp_path, text.encode(encoding), 1000)


def test_lines_of_rejected_rows_and_of_a_footnote_are_those_of_the_file(tmp_path):
    table = clean(60, random.Random(3))
    text = written(table).splitlines()
    text[50] = "2026-02-30T08:15:30Z,a@contoso.com,b@fabrikam.com,<x@a>,TLS1.2"
    content = "\n".join([*text, "These rows are confidential", ""]).encode()
    whole, pieces = both_ways(tmp_path, content, 500)
    assert [row[0] for row in rows_of(pieces)["staged_rejects"]] == [51]
    assert "(line 62)" in pieces.counts.warnings[0]
    assert pieces.counts == whole.counts != Counts()


def test_a_quoted_cell_that_goes_over_the_end_of_a_piece_has_the_file_read_whole(tmp_path):
    row = '2026-11-16T08:15:30Z,a@contoso.com,"b@fabrikam.com;\n{}",<{}@a>,TLS1.2\n'
    text = ",".join(LOG_HEADER.split(",")[:5]) + "\n"
    text += "".join(row.format("\n" * 300, number) for number in range(20))
    assert not check(tmp_path, text.encode(), 1000)


def test_a_large_file_is_read_by_several_processes_and_one_that_cannot_be_cut_by_one(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(reading_beside, "PIECE_BYTES", 50_000)
    exports = tmp_path / "exports"
    exports.mkdir()
    log_of(exports / "0 rows.csv", range(5_000))
    quoted = '2026-11-16T08:15:30Z,a@contoso.com,"b@fabrikam.com;{}",<q{}@a>,TLS1.2,,\n'
    rows = (quoted.format("\n" * 40_000, number) for number in range(9))
    (exports / "1 quoted.csv").write_text(LOG_HEADER + "".join(rows))
    log_of(exports / "2 more rows.csv", range(4_000, 9_000))
    one, result = loaded(tmp_path / "1.duckdb", exports, 1)
    others, again = loaded(tmp_path / "3.duckdb", exports, 3)
    assert (again, others) == (result, one)
    assert [file.rows_loaded for file in result.files] == [5_000, 9, 4_000]


def test_one_large_file_alone_is_read_by_several_processes(tmp_path, monkeypatch):
    begun = []
    monkeypatch.setattr(workers.Workers, "_begun", seeing(workers.Workers._begun, begun))
    monkeypatch.setattr(reading_beside, "PIECE_BYTES", 50_000)
    log_of(tmp_path / "log.csv", range(5_000))
    one, result = loaded(tmp_path / "1.duckdb", tmp_path / "log.csv", 1)
    assert begun == []
    others, again = loaded(tmp_path / "2.duckdb", tmp_path / "log.csv", 2)
    assert (again, others) == (result, one)
    assert len([child for child in begun if child]) == 2
    # What cannot be cut needs none.
    (tmp_path / "rows.json").write_text(SIGN_IN * 2_000)
    done = loading.load(open_store(tmp_path / "2.duckdb"), tmp_path / "rows.json", jobs=2)
    assert (done.files[0].status, len([child for child in begun if child])) == ("loaded", 2)
