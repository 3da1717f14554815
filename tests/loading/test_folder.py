"""A folder of fifty mixed files, some broken: one load, one plain line, one table that adds up."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from command import COMMAND
from conftest import LOG_HEADER
from formats_util import DATA
from test_parquet import rows as parquet_rows

from smtpauth_kit import answers
from smtpauth_kit.answers.stored import stored_messages
from smtpauth_kit.store.store import open_store

ENDS = ("read", "loaded", "duplicate", "rejected", "other")


def log(*numbers: int) -> str:
    """Return a submission log of a message for each number."""
    return LOG_HEADER + "".join(
        f"2026-11-{10 + n % 20}T08:15:30Z,s{n % 7}@contoso.com,b@fabrikam.com,<{n}@a>,TLS1.2,,\n"
        for n in numbers
    )


def sheet(text: str) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for line in text.splitlines():
        book.active.append(line.split(","))
    book.save(out)
    return out.getvalue()


def zip_of(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(f"{name}.csv", text)
    return out.getvalue()


def fifty(folder: Path) -> dict[str, tuple[str, int, int, int, int, int]]:
    """Write the files; return how each must end, counted by hand: status and the five figures.

    Names sort in the order they are written, so that it is clear which file has a row first.
    """
    expected = {}

    def put(name: str, content: str | bytes, status: str, *ends: int) -> None:
        path = folder / f"{len(expected):02}_{name}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        expected[path.name] = (status, *(ends or (0,) * 5))

    # 20 logs of ten new messages each in every dialect, 200 messages: numbers 0 to 199.
    dialects = [
        ("csv", lambda t: t.encode()), ("bom.csv", lambda t: t.encode("utf-8-sig")),
        ("utf16.csv", lambda t: t.encode("utf-16")), ("utf16le.csv", lambda t: t.encode("utf-16-le")),
        ("crlf.csv", lambda t: t.replace("\n", "\r\n").encode()),
        ("cr.csv", lambda t: t.replace("\n", "\r").encode()),
        ("semicolon.txt", lambda t: t.replace(",", ";").encode()),
        ("tab.tsv", lambda t: t.replace(",", "\t").encode()),
        ("log.gz", lambda t: gzip.compress(t.encode())), ("log.xlsx", sheet),
    ]  # fmt: skip
    for turn in range(2):
        for n, (name, written) in enumerate(dialects):
            first = 10 * (turn * len(dialects) + n)
            put(name, written(log(*range(first, first + 10))), "loaded", 10, 10, 0, 0, 0)
    # 5 logs that overlap by half with those above, 25 messages more: numbers 200 to 224.
    for n in range(5):
        numbers = [*range(n * 5, n * 5 + 5), *range(200 + n * 5, 205 + n * 5)]
        put("overlap.csv", log(*numbers), "loaded", 10, 5, 5, 0, 0)
    # 5 copies under other names and in other packing.
    put("copy.csv", log(*range(10)), "already_loaded")
    put("copy.csv.gz", gzip.compress(log(*range(10)).encode()), "already_loaded")
    put("copy.xlsx", sheet(log(*range(90, 100))), "already_loaded")
    put("again.csv", log(*range(9, -1, -1)), "loaded", 10, 0, 10, 0, 0)
    put("again.json", json.dumps({"value": [
        {"Date": "2026-11-10T08:15:30Z", "Sender address": "s0@contoso.com", "Message ID": "0@a",
         "Recipient address": "b@fabrikam.com", "TLS version": "TLS1.2"}]}),
        "loaded", 1, 0, 1, 0, 0)  # fmt: skip
    # 6 logs with broken rows between five whole ones each, 30 messages: numbers 300 to 329.
    for n, broken in enumerate((
        "2026-02-30T08:15:30Z,s@contoso.com,,<x@a>,,,", "2026-11-16T08:15:30Z,nobody,,<x@a>,,,",
        "2026-11-16T08:15:30Z,s@contoso.com", '2026-11-16T08:15:30Z,"s@contoso.com,,<x@a>,,,',
        "2026-11-16T08:15:30Z,s@contoso.com,,<x@a>,,,,more", "1999-11-16T08:15:30Z,s@contoso.com,,<x@a>,,,",
    )):  # fmt: skip
        text = log(*range(300 + n * 5, 305 + n * 5))
        put("broken.csv", text + broken + "\n", "loaded", 6, 5, 0, 1, 0)
    # 6 that cannot be read at all.
    put("empty.csv", "", "refused")
    put("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(5000), "refused")
    put("damaged.gz", gzip.compress(log(1).encode())[:-9], "refused")
    put("notes.txt", "see the wiki\n", "refused")
    put(
        "doubled.csv",
        "Date,Sender address,Sender address\n2026-11-16,a@x.example,b@x.example\n",
        "refused",
    )
    put("dates.csv", "Date,Sender address\n11/05/2026,a@contoso.com\n", "refused")
    # 8 of other formats: a report of the week for 5,280 and 938 messages, sign-ins, settings, logs.
    for sample, ends in (
        ("01c_scc_tls_usage_details_from_screenshot.csv", (2, 2, 0, 0, 0)),
        ("02c_message_trace_extended_utf16le_nobom.csv", (6, 3, 0, 0, 3)),
        ("02f_get_messagetracev2_en-US.csv", (2, 2, 0, 0, 0)),
        ("03a_entra_InteractiveSignIns.csv", (3, 3, 0, 0, 0)),
        ("03c_graph_signIns.json", (2, 0, 2, 0, 0)),
        ("06a_exchange_smtp_receive_frontend_RECV2026111608-1.LOG", (27, 1, 0, 0, 26)),
        ("07a_postfix_submission.log", (13, 3, 0, 0, 10)),
        ("08a_get-casmailbox_smtpauth.csv", (3, 3, 0, 0, 0)),
    ):
        put(sample, (DATA / sample).read_bytes(), "loaded", *ends)
    assert len(expected) == 50
    return expected


def loaded(folder: Path, store: Path) -> tuple[int, dict, str]:
    command = [*COMMAND, "load", str(folder), "--period", "2026-11-16:2026-11-22"]
    done = subprocess.run(
        [*command, "--store", str(store), "--json"], capture_output=True, text=True, timeout=300
    )
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder, home = tmp_path_factory.mktemp("fifty"), tmp_path_factory.mktemp("home")
    expected = fifty(folder)
    (folder / ".hidden.csv").write_text(log(999))
    return folder, home / "s.duckdb", expected, loaded(folder, home / "s.duckdb")


def test_fifty_files_end_each_as_counted_by_hand_and_the_sums_are_those_of_the_rows(done):
    folder, _, expected, (status, answer, said) = done
    assert status == 1 and "Traceback" not in said
    found = {
        Path(file["path"]).name: (file["status"], *(file[f"rows_{end}"] for end in ENDS))
        for file in answer["files"]
    }
    assert found == expected
    totals = [sum(ends[n] for ends in expected.values()) for n in range(1, 6)]
    assert [answer[f"rows_{end}"] for end in ENDS] == totals == [355, 272, 38, 6, 39]
    assert totals[0] == sum(totals[1:])
    # Each refusal is said, with its file.
    for name, (ending, *_) in expected.items():
        assert (f"{folder / name} " in said) == (ending == "refused"), name


def test_what_is_in_the_store_is_what_the_files_hold_each_message_once(done):
    _, path, expected, (_, answer, _) = done
    store = open_store(path)
    by_source = store.sql(
        "select source, count(distinct message_id) ids, sum(message_count)::int n "
        "from all_submissions group by 1 order by 1"
    )
    # 200 + 25 + 30 messages of logs; the report's; three of the trace; two of Postfix, whose third fact is a failed sign-in.
    assert by_source.values.tolist() == [
        ["extended_trace", 3, 3], ["report", 1, 6218], ["server_log", 2, 2], ["submission_log", 255, 255],
    ]  # fmt: skip
    files = answers.ask(store, "files").rows
    assert len(files) == sum(ends[0] == "loaded" for ends in expected.values()) == 41
    assert files["rows_rejected"].sum() == len(answers.ask(store, "rejected").rows) == 6
    # The source with data on most days counts; the others are named, never added.
    assert answer["message_count"] == stored_messages(store) >= 255


def test_the_run_ends_in_one_plain_line(done):
    folder, path, _, _ = done
    command = [*COMMAND, "load", str(folder), "--period", "2026-11-16:2026-11-22"]
    again = subprocess.run([*command, "--store", str(path)], capture_output=True, text=True)
    last = again.stdout.splitlines()[-1]
    assert last.startswith(
        "50 files: 44 already loaded, 6 refused. 0 rows read = 0 loaded + 0 duplicate + "
        "0 rejected + 0 other. The store holds "
    )


def test_a_folder_with_parquet_and_a_zip_of_logs_counts_the_same_messages_once(tmp_path, store):
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "a.zip").write_bytes(zip_of(one=log(1, 2), two=log(2, 3)))
    parquet_rows(folder / "b.parquet", {"message_id": "'3@a'", "sender_address": "'s3@contoso.com'",
                                        "sent_at": "timestamp '2026-11-13 08:15:30'",
                                        "period_start": "date '2026-11-13'",
                                        "period_end": "date '2026-11-13'"},
                 {"message_id": "'4@b'"})  # fmt: skip
    status, answer, _ = loaded(folder, store.path)
    ends = [[file[f"rows_{end}"] for end in ENDS] for file in answer["files"]]
    assert (status, answer["message_count"]) == (0, 4)
    assert ends == [[2, 2, 0, 0, 0], [2, 1, 1, 0, 0], [2, 1, 0, 0, 1]]
