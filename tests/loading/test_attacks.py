"""Exports of an attacker: nothing makes the loader crash, hang, fill the machine, or read elsewhere.

Bounds are held by a real process whose time, memory and disk are measured (LOADING, point 11).
"""

from __future__ import annotations

import gzip
import json
import os
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from conftest import LOG, LOG_HEADER
from quick import is_quick

from smtpauth_kit import answers
from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.loading import bulk, loading, one_file
from smtpauth_kit.reading.bounds import MIB
from smtpauth_kit.reading.containers import find_exports
from smtpauth_kit.reading.contents import examine

SECONDS, MEMORY_MB, DISK_MB = 20, 500, 100
LOADING_MB = 1500
"""What a load may take that is not refused, whatever the file."""
ROW = "2026-11-16T08:15:30Z,a@contoso.com,b@fabrikam.com,<1@x>,TLS1.2,192.0.2.1,Basic\n"

# The peak of a child counts from the moment it was forked: this small process starts the loader.
MEASURE = """
import resource, subprocess, sys
code = "from smtpauth_kit.cli import main; main()"
done = subprocess.run([sys.executable, "-c", code, "load", "--json", *sys.argv[1:]], timeout=600)
use = resource.getrusage(resource.RUSAGE_CHILDREN)
print("\\n", use.ru_maxrss // 1024, use.ru_utime + use.ru_stime, done.returncode)
"""


class Measured(NamedTuple):
    """What a load came to."""

    files: list[dict]
    memory_mb: int
    seconds: float
    """Of the processor: a busy machine makes nothing slower."""
    disk_mb: float
    status: int


def load(folder: Path, *paths: Path) -> Measured:
    home = folder / "home"
    home.mkdir()
    command = [sys.executable, "-c", MEASURE, *map(str, paths), "--store", str(home / "s.duckdb")]
    env = {**os.environ, "TMPDIR": str(home)}
    most = [0]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    )
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            most[0] = max(most[0], size_of(home))

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, err = child.communicate()
    ended.set()
    watcher.join()
    assert "Traceback" not in err, err
    said, figures = out.rsplit("\n", 2)[0], out.split("\n")[-2].split()
    answer = json.loads(said)
    assert "went wrong that the kit does not know" not in err, err
    memory, seconds, status = int(figures[0]), float(figures[1]), int(figures[2])
    return Measured(answer["files"], memory, seconds, most[0] / MIB, status)


def size_of(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):  # A folder that goes meanwhile is no more to it.
        for name in names:
            with suppress(OSError):
                total += os.stat(os.path.join(parent, name)).st_size
    return total


def gz(path: Path, *pieces: bytes) -> Path:
    with gzip.open(path, "wb", compresslevel=1) as packed:
        for piece in pieces:
            packed.write(piece)
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def text(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", newline="")
    return path


def odd_method(path: Path) -> Path:
    zipped(path, {"a.csv": LOG.encode()})
    content = bytearray(path.read_bytes())
    content[8] = content[content.find(b"PK\x01\x02") + 10] = 99
    path.write_bytes(content)
    return path


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def many_members(path: Path) -> Path:
    """Write an archive that is all list: a million names, and one of them is there."""
    name = struct.Struct("<4s4B4HL2L5H2L")
    entry = name.pack(b"PK\x01\x02", 20, 0, 20, 0, *[0] * 4, 33, 0, 0, 6, *[0] * 6)
    names = b"".join(entry + b"%06d" % n for n in range(1_000_000))
    start = b"PK\x03\x04" + bytes(26)
    at, many = len(start) + len(names), 1_000_000
    end = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, many, many, len(names), len(start)
    )
    end += struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    end += struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, 2**16 - 1, 2**16 - 1, 2**32 - 1, 2**32 - 1, 0
    )
    path.write_bytes(start + names + end)
    return path


OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKED = "http://schemas.openxmlformats.org/package/2006"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHARED = '<c t="s"><v>0</v></c>'
HEADER_ROW = "".join(
    f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("Date", "Sender address")
)


def sheets(path: Path, rows: list[str], texts: str = "", styles: str = "") -> Path:
    """Write a workbook of one sheet, part by part: no library would write these."""
    kinds = {
        "workbook": "sheet.main",
        "sheet": "worksheet",
        "texts": "sharedStrings",
        "styles": "styles",
    }
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKED}/content-types">' + "".join(
            f'<Override PartName="/xl/{part}.xml" '
            f'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
            for part, kind in kinds.items()
        ) + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKED}/relationships"><Relationship Id="r" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKED}/relationships">' + "".join(
            f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{part}.xml"/>'
            for n, (part, kind) in enumerate([*kinds.items()][1:], start=1)
        ) + "</Relationships>",
        "xl/sheet.xml": f"<worksheet {MAIN}><sheetData><row>{HEADER_ROW}</row>"
        + "".join(rows) + "</sheetData></worksheet>",
        "xl/texts.xml": f"<sst {MAIN}>{texts}</sst>",
        "xl/styles.xml": f"<styleSheet {MAIN}>{styles}</styleSheet>",
    }  # fmt: skip
    return zipped(path, {name: part.encode() for name, part in parts.items()})


def parquet(path: Path, query: str) -> Path:
    with duckdb.connect() as con:
        con.execute(f"copy ({query}) to '{path!s}' (format parquet, compression zstd)")
    return path


DETAIL = {"dateTime": "2026-11-16T08:15:30Z", "messageId": "<1@a>", "event": "Receive"}
Make = Callable[[Path], Path]

REFUSED: dict[str, tuple[Make, str]] = {
    "a gzip bomb": (lambda p: gz(p, *[b"0" * MIB] * 300), "more than 200 times its size"),
    "a zip of bombs": (
        lambda p: zipped(p, {f"{n}.csv": b"0" * (8 * MIB) for n in range(40)}),
        "more than 200 times its size",
    ),
    "1,001 members": (
        lambda p: zipped(p, {f"{n}.csv": LOG.encode() for n in range(1001)}),
        "an archive may hold 1000",
    ),
    "a member that climbs": (
        lambda p: zipped(p, {"../../evil.csv": LOG.encode()}), "leaves its archive",
    ),
    "a member of another drive": (
        lambda p: zipped(p, {"C:\\evil.csv": LOG.encode()}), "leaves its archive",
    ),
    "a member of an unknown method": (odd_method, "cannot be unpacked"),
    "an archive in an archive": (
        lambda p: zipped(p, {"in.gz": gzip.compress(LOG.encode())}), "packed twice",
    ),
    "a workbook's part beyond 64 MiB": (
        lambda p: zipped(p, {"[Content_Types].xml": b"<Types/>", "xl/a.xml": b" " * (65 * MIB)}),
        "more than 64 MiB",
    ),
    "a workbook's list of styles beyond 8 MiB": (
        lambda p: zipped(p, {"[Content_Types].xml": b"<Types/>", "xl/a.xml": b" " * (9 * MIB)}),
        "more than 8 MiB",
    ),
    "1,025 columns": (
        lambda p: text(p, ",".join(["Date", "Sender address", *map(str, range(1023))]) + "\n1,2\n"),
        "more than 1,024 cells",
    ),
    "one line of 30 MB": (lambda p: text(p, "x," * 15_000_000), "longer than 8 MiB"),
    "JSON of depth 65": (
        lambda p: text(p, "[" + '{"a":' * 65 + "1" + "}" * 65 + "]"), "deeper than 64 levels",
    ),
    "JSON of depth a million": (lambda p: text(p, "[" * 1_000_000), "deeper than 64 levels"),
    "JSON of one endless record": (
        lambda p: gz(p, b"{", *(b'"k%d": "%s",' % (n, os.urandom(6000).hex().encode() * 90)
                                for n in range(100)), b'"z": 1}'),
        "is longer than 16 MiB",
    ),
    "a pipe": (pipe, "is no regular file"),
    "a list of a million members": (many_members, "has a list of its files that is longer than 4 MiB"),
    "one long text in every cell": (
        lambda p: sheets(p, ["<row>" + SHARED * 100 + "</row>"] * 1000, f"<si><t>{'x' * 20_000}</t></si>"),
        "gives more than 200 times its size in text",
    ),
    "sixteen million cells in a row": (
        lambda p: sheets(p, ["<row>" + "<c/>" * 15_000_000 + "</row>"]), "more than 1,024 cells in a row",
    ),
    "sixteen million cells": (
        lambda p: sheets(p, ["<row>" + "<c/>" * 1000 + "</row>"] * 15_000),
        "cells in a sheet",
    ),
    "eleven million rows": (
        lambda p: sheets(p, ["<row/>"] * 10_000_000), "more than 300,000 rows in a sheet",
    ),
    "thirteen million shared texts": (
        lambda p: sheets(p, [], "<si/>" * 12_000_000), " texts that cells share. Save",
    ),
    "a text of eight million pieces": (
        lambda p: sheets(p, [], "<si><t>" + "ab&amp;" * 8_000_000 + "</t></si>"), "more than 500,000 elements",
    ),
    "a text of 50 million signs": (
        lambda p: sheets(p, [], "<si><t>" + "x" * 50_000_000 + "</t></si>"), "more than 16,777,216 characters",
    ),
    "elements that never close": (
        lambda p: sheets(p, ["<a>" * 20_000_000]), "more than 500,000 elements",
    ),
    "a tag that never ends": (
        lambda p: sheets(p, ["<row " + "".join(f'a{n}=">" ' for n in range(4_000_000)) + "/>"]),
        "bytes in one tag",
    ),
    "a million styles": (
        lambda p: sheets(p, [], styles="<cellXfs>" + "<xf/>" * 1_000_000 + "</cellXfs>"),
        "more than 200,000 elements",
    ),
    "Parquet of 50 million equal rows": (
        lambda p: parquet(p, "select 1 as a, 2 as b from range(50_000_000)"), "more than 200 times its size",
    ),
    "Parquet of one text of 300 million signs": (
        lambda p: parquet(p, "select repeat('x', 300_000_000) as sender_address"), "cannot be read as Parquet",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_beyond_a_bound_is_refused_in_plain_words_within_its_means(tmp_path, name):
    make, why = REFUSED[name]
    if name == "a pipe" and os.name == "nt":
        pytest.skip("Windows has no such pipes")
    path = make(tmp_path / "export.bin")
    found = load(tmp_path, path)
    assert found.status == 1 and {file["status"] for file in found.files} == {"refused"}
    assert why in found.files[0]["error"] and str(path) in found.files[0]["error"]
    assert found.memory_mb < MEMORY_MB and found.disk_mb < DISK_MB
    assert is_quick(found.seconds, SECONDS), found
    assert not (tmp_path / "home/s.duckdb").exists()


RECORD = '{"Date": "2026-11-16T08:15:30Z", "Sender address": "a%d@contoso.com"}\n'
TRACE = "origin_timestamp,sender_address,recipient_status,message_id\n2026-11-16,a@contoso.com,"
PADDED = [ROW.replace("a@c", " " * 900_000 + f"a{n}@c").encode() for n in range(150)]
LOADED: dict[str, tuple[Make, tuple[int, int, int]]] = {
    # Rows loaded, rejected and other; each of them must end within the same means.
    "a long text in each cell of a row of a workbook": (
        lambda p: sheets(p, ["<row>" + SHARED * 1000 + "</row>"], f"<si><t>{'x' * 2_000_000}</t></si>"),
        (0, 1, 0),
    ),
    "a broken record before more than 16 MiB": (
        lambda p: text(p, RECORD.replace('"}', "}") % 0 + "".join(
            (RECORD % n).replace('"a', '"' + " " * 900 + "a", 1) for n in range(20_000))),
        (20_000, 1, 0),
    ),
    "broken records": (lambda p: text(p, RECORD % 1 + '{"a":x}\n' * 50_000), (1, 50_000, 0)),
    "quotes that never close, under a wide header": (
        lambda p: text(p, LOG_HEADER.strip() + "".join(f",x{n}" for n in range(900)) + "\n" + 'a","b\n' * 50_000),
        (0, 50_000, 0),
    ),
    "a count of a million brackets": (
        lambda p: text(p, 'Date,Sender address,Message count\n2026-03-01,a@contoso.com,"1,234"\n'
                          '2026-03-01,b@contoso.com,"' + ")" * 1_000_000 + '\n.x"\n'),
        (1, 1, 0),
    ),
    "a TLS version of a million spaces": (
        lambda p: text(p, LOG_HEADER + ROW.replace("TLS1.2", "tls" + " " * 1_000_000 + "x")), (1, 0, 0),
    ),
    "a name of a million signs in front of many values": (
        lambda p: text(p, RECORD % 1 + json.dumps({"x" * 1_000_000: {f"{n}": n for n in range(1000)}})),
        (1, 1, 0),
    ),
    "a long id for each of 5,000 recipients": (
        lambda p: text(p, f"{TRACE}{'r@x.example##Send;' * 5000},{'m' * 900_000}\n"), (0, 1, 0),
    ),
    "a number of an entity of thousands of digits": (
        lambda p: text(p, json.dumps([{**DETAIL, "data": f'<MEP Name="ClientIP" b="&#{"9" * 9000};"'}])),
        (1, 0, 0),
    ),
    "a cell beyond 1 MiB": (
        lambda p: text(p, LOG_HEADER + ROW.replace("b@f", "b" * MIB) + ROW), (1, 1, 0),
    ),
    "a header cell of a million brackets": (
        lambda p: text(p, "(" * 1_000_000 + ",Date,Sender address\n1,2026-11-16,a@contoso.com\n"),
        (1, 0, 0),
    ),
    "a row of a million brackets": (lambda p: text(p, LOG_HEADER + "[" * 1_000_000 + "\n"), (0, 1, 0)),
    "an address of accents": (
        lambda p: text(p, LOG_HEADER + ROW.replace("a@c", "a" + "\u0300\u0327" * 150_000 + "@c")),
        (0, 1, 0),
    ),
    "dates of a million signs": (
        lambda p: text(p, LOG_HEADER + ("Mon " + "1 " * 400_000 + ",a@contoso.com,,<1@x>,,,\n") * 4),
        (0, 4, 0),
    ),
    "a custom data of a million signs": (
        lambda p: text(
            p, "date_time_utc,source,event_id,sender_address,message_id,custom_data,connector_id\n"
            "2026-11-16T08:15:30Z,SMTP,RECEIVE,a@contoso.com,<1@x>," + "; S:tlsversion" * 70_000
            + "," + "\\ " * 400_000 + "\n"),
        (0, 0, 1),
    ),
    "data of XML that never ends": (
        lambda p: text(p, json.dumps([{**DETAIL, "data": '<MEP Name="a" b="' * 60_000}])), (1, 0, 0),
    ),
    "data of a million ampersands": (
        lambda p: text(
            p, json.dumps([{**DETAIL, "data": '<MEP Name="ClientIP" b="' + "&" * 19_000 + '"'}] * 40)),
        (1, 0, 0),
    ),
    "audit data of a million brackets": (
        lambda p: text(p, "RecordId,CreationDate,Operation,UserId,AuditData\n"
                          "r,2026-11-16T08:15:30Z,UserLoggedIn,a@contoso.com," + "[" * 900_000 + "\n"),
        (0, 1, 0),
    ),
    "lines of quotes that never close": (
        lambda p: text(p, LOG_HEADER + ('a,"' + "x" * 60 + "\n") * 40_000), (0, 40_000, 0),
    ),
    "two million commas in a line": (
        lambda p: text(p, LOG_HEADER + "ab," * 2_000_000 + "\n" + ROW), (1, 1, 0),
    ),
    "texts that are not to be remembered": (
        lambda p: text(p, LOG_HEADER + b"".join(PADDED).decode()), (1, 0, 0),
    ),
    "text under a table that never ends": (
        lambda p: text(p, LOG_HEADER + ROW + ("note " + "x" * 900_000 + "\n") * 100), (1, 100, 0),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOADED)
def test_what_is_made_to_hang_or_fill_the_memory_is_only_another_row(tmp_path, name):
    make, ends = LOADED[name]
    found = load(tmp_path, make(tmp_path / "export.bin"))
    (file,) = found.files
    assert file["status"] == "loaded", file
    got = (file["rows_loaded"], file["rows_rejected"], file["rows_other"])
    if name == "texts that are not to be remembered":
        got = (file["message_count"] // len(PADDED), *got[1:])
    assert got == ends or (ends[0] and got[0] + file["rows_duplicate"] >= ends[0]), file
    assert found.memory_mb < LOADING_MB and is_quick(found.seconds, SECONDS), found
    assert found.disk_mb < DISK_MB


# --- a folder from somebody else -----------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_that_leads_out_of_its_folder_is_not_followed(store, write, tmp_path):
    inside = write("a.csv", LOG)
    secret = tmp_path / "secret.csv"
    secret.write_text(LOG.replace("scanner@", "secret@"))
    (inside.parent / "b.csv").symlink_to(secret)
    (inside.parent / "c.csv").symlink_to(inside)
    (inside.parent / "d").symlink_to(tmp_path)
    (inside.parent / "e.csv").symlink_to(inside.parent / "e.csv")
    for named in (inside.parent, inside.parent / "*.csv"):
        result = loading.load(store, named)
        by_name = {Path(file.path).name: file for file in result.files}
        assert set(by_name) == {"a.csv", "b.csv", "c.csv"}
        assert "is a link to a file outside its folder" in by_name["b.csv"].error
        assert by_name["c.csv"].status == "already_loaded" and result.message_count == 3
    assert loading.load(store, inside.parent / "b.csv").files[0].status == "loaded"


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_is_shown_with_escapes_and_loads(store, tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in (
        b"\xff\x1b[2J.csv",
        "\u202evsc.exe".encode(),
        b"'; drop table x --.csv",
        b"a\nb.csv",
    ):
        (folder / os.fsdecode(name)).write_text(LOG)
    result = loading.load(store, folder)
    assert {file.status for file in result.files} == {"loaded", "already_loaded"}
    assert result.message_count == 3
    assert all(path.isascii() or "\u202e" in path for path in answers.ask(store, "files").rows.path)
    assert "\\xff" in next(f.path for f in result.files if "2J" in f.path)


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be replaced there")
@pytest.mark.parametrize("harm", ["grows", "is replaced", "vanishes", "becomes a pipe"])
@pytest.mark.parametrize("quick", [True, False])
def test_a_file_that_changes_while_it_is_loaded_is_refused(store, write, monkeypatch, harm, quick):
    path, good = write("log.csv", LOG), write("other.csv", LOG.replace("scanner@", "s2@"))
    append = one_file._append

    def change(job, result):
        if job.export.path == str(path):
            if harm == "grows":
                with path.open("a") as stream:
                    stream.write(ROW)
            elif harm == "is replaced":
                (path.parent / "new").write_text(LOG.replace("scanner@", "forged@"))
                os.replace(path.parent / "new", path)
            else:
                path.unlink()
                if harm == "becomes a pipe":
                    os.mkfifo(path)
        return append(job, result)

    monkeypatch.setattr(one_file, "_append", change)
    monkeypatch.setattr(bulk, "MIN_BYTES", 0 if quick else 10**9)
    result = loading.load(store, path, good)
    assert [file.status for file in result.files] == ["refused", "loaded"]
    assert str(path) in result.files[0].error
    assert result.message_count == 3 and len(answers.ask(store, "files").rows) == 1


def test_an_archive_that_lies_about_its_sizes_gives_no_more_than_it_said(write):
    path = zipped(write("x.zip", b""), {"a.csv": LOG.encode() * 100})
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    (export,) = find_exports([path])
    with pytest.raises(FileRefused, match="damaged or incomplete"):
        examine(export)
