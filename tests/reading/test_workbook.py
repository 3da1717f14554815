"""Workbooks saved by hand: a sheet is the CSV it would be; what is made to do harm is refused."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from conftest import LOG, WEEK
from quick import quick

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.loading import loading
from smtpauth_kit.reading.containers import find_exports


def workbook(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def log_rows():
    header, *rows = [line.split(",") for line in LOG.splitlines()]
    return [header, *([dt.datetime.fromisoformat(row[0][:-1]), *row[1:]] for row in rows)]


def text_of(export):
    with export.open() as stream:
        return stream.read(100_000).decode()


def repacked(path, name, change):
    """Write the workbook again with one of its parts changed."""
    with zipfile.ZipFile(path) as old:
        parts = {info.filename: old.read(info) for info in old.infolist()}
    parts[name] = change(parts[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part, content in parts.items():
            new.writestr(part, content)
    return path


def test_a_log_saved_as_a_workbook_is_the_log(tmp_path, store, load):
    assert load(LOG).rows("loaded") == 3
    path = workbook(tmp_path / "log.xlsx", Log=log_rows(), Empty=[])
    (file,) = loading.load(store, path).files
    assert (file.path, file.format) == (str(path), "submission-log")
    assert (file.rows_read, file.rows_duplicate, file.rows_loaded) == (3, 3, 0)


def test_a_report_with_shares_as_percentages_is_the_report(tmp_path, store):
    path = tmp_path / "report.xlsx"
    workbook(
        path, Sheet1=[["Sender address", "Messages sent", "TLS1.2%"], ["a@contoso.com", 8, 0.125]]
    )
    book = openpyxl.load_workbook(path)
    book.active["C2"].number_format = "0.00%"
    book.save(path)
    loading.load(store, path, period=WEEK)
    rows = store.sql(
        "select tls_version, message_count from submissions order by 1"
    ).values.tolist()
    assert rows == [["1.2", 1], ["unknown", 7]]


def test_each_sheet_is_an_export_and_a_row_is_a_line(tmp_path, store):
    rows = log_rows()
    broken = [rows[0], rows[1], [None], [dt.date(1990, 1, 1), "a@contoso.com", "two\nlines", "<9>"]]
    path = workbook(tmp_path / "b.xlsx", One=rows, Two=broken, Notes=[["see the wiki"]])
    one, two, notes = loading.load(store, path).files
    assert [file.path for file in (one, two, notes)] == [
        f"{path}!{n}" for n in ("One", "Two", "Notes")
    ]
    assert (one.rows_loaded, two.rows_duplicate, two.rows_rejected) == (3, 1, 1)
    assert notes.status == "refused"
    (line,) = store.sql("select line from rejected_rows").line
    assert line == 4


def test_a_formula_is_the_value_saved_with_it_and_never_worked_out(tmp_path):
    path = workbook(tmp_path / "f.xlsx", S=[["Date", '=HYPERLINK("http://x.example","y")', "=1+1"]])
    (export,) = find_exports([path])
    assert text_of(export) == "Date,,\n"


def refusal(path):
    (file,) = find_exports([path])
    with pytest.raises(FileRefused) as refused:
        file.open()
    return str(refused.value)


def test_what_is_made_to_do_harm_is_refused_in_no_time(tmp_path):
    declares = repacked(
        workbook(tmp_path / "e.xlsx", S=log_rows()),
        "xl/worksheets/sheet1.xml",
        lambda xml: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + xml,
    )
    wide = repacked(
        workbook(tmp_path / "w.xlsx", S=log_rows()),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml + b" " * (65 * 1024 * 1024),
    )
    damaged = workbook(tmp_path / "d.xlsx", S=log_rows())
    repacked(damaged, "xl/workbook.xml", lambda xml: xml[:40])
    with quick(10):
        assert "declares entities of its own" in refusal(declares)
        assert "more than 64 MiB" in refusal(wide)
        assert "cannot be read as a workbook" in refusal(damaged)


@pytest.mark.parametrize("row", [b"2000000", b"99999999999999"])
def test_a_row_number_beyond_any_sheet_does_not_fill_the_disk(tmp_path, store, row):
    path = repacked(
        workbook(tmp_path / "r.xlsx", S=log_rows()),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'<row r="4"', b'<row r="' + row + b'"'),
    )
    with quick(10):
        (file,) = loading.load(store, path).files
    assert file.status == "refused" or file.rows_loaded <= 3


def test_xml_is_read_by_a_parser_that_refuses_entities():
    from defusedxml import DefusedXmlException
    from openpyxl.xml.functions import fromstring

    from smtpauth_kit.reading import workbook_bounds

    assert openpyxl.DEFUSEDXML
    bomb = '<!DOCTYPE x [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    with pytest.raises(DefusedXmlException):
        fromstring(bomb)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("[Content_Types].xml", bomb)
    with zipfile.ZipFile(content) as archive, pytest.raises(DefusedXmlException):
        workbook_bounds._parts(archive)


def test_a_workbook_is_known_by_its_content_whatever_its_name(tmp_path, store):
    path = workbook(tmp_path / "log.xlsx", Log=log_rows()).rename(tmp_path / "log.bin")
    assert loading.load(store, path).rows("loaded") == 3


def test_a_cell_beyond_1_mib_rejects_its_row_and_no_other(tmp_path, store):
    header, *rows = log_rows()
    book = with_text(
        tmp_path / "c.xlsx", [header, *rows], long=("<2@scan>", f"{'x' * 200}\n" * 6000)
    )
    (file,) = loading.load(store, book).files
    assert (file.rows_read, file.rows_loaded, file.rows_rejected) == (3, 2, 1)
    rejected = store.sql("select line, reason from rejected_rows").values.tolist()
    assert rejected == [[3, "the row has a cell of more than 1 MiB"]]


def with_text(path, rows, long):
    """Write a workbook, and put in a text that no library would write: cells end at 32,767 signs."""
    workbook(path, Log=rows)
    name, text = long
    escaped = name.replace("<", "&lt;").replace(">", "&gt;").encode()
    return repacked(
        path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(escaped, text.encode())
    )
