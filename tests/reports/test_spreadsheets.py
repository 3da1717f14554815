from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hostile import FILE_NAME, HOSTILE, TENANT, hostile_log

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading.results import LoadResult
from smtpauth_kit.reports import report_markdown, report_sheets, spreadsheets
from smtpauth_kit.reports.report import Report, build_report
from smtpauth_kit.reports.spreadsheets import Diagram, Field, Sheet, workbook
from smtpauth_kit.store.store import Store
from smtpauth_kit.words.inert import inert_cell, show_invisible

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
MADE = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)


@pytest.fixture
def report(store: Store, load: Callable[..., LoadResult]) -> Report:
    load(hostile_log(), name=FILE_NAME, tenant=TENANT)
    return build_report(store)


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_a_workbook_has_real_numbers_and_days_a_header_and_a_filter(report: Report) -> None:
    book = opened(report_sheets.xlsx(report))
    assert book.sheetnames == [
        "Insight", "Sending volume", "TLS usage", "Authentication protocol", "Senders", "Sources",
    ]  # fmt: skip
    senders = book["Senders"]
    first = next(senders.iter_rows(min_row=2, max_row=2))
    values = {head.value: cell for head, cell in zip(senders[1], first, strict=True)}
    assert (values["Sender address"].value, values["Message count"].value) == (
        "other@fabrikam.example",
        12,
    )
    assert values["TLS 1.0"].value == 4 and values["TLS 1.0 %"].value == 4 / 12
    assert values["TLS 1.0 %"].number_format == "0.00%"
    assert values["First seen"].value == dt.datetime(2026, 11, 16) and values["First seen"].is_date
    for sheet in book:
        assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref.startswith("A1:")
        assert all(cell.font.bold for cell in sheet[1])


def test_the_sheets_hold_the_figures_of_the_report(report: Report) -> None:
    book = opened(report_sheets.xlsx(report))
    volume = list(book["Sending volume"].iter_rows(min_row=2, values_only=True))
    assert sum(row[2] for row in volume) == 77 and all(row[2] == sum(row[3:]) for row in volume)
    assert [c.value for c in book["Sending volume"][1]][2:4] == [
        "All sender domains",
        "evil.example",
    ]
    usage = list(book["TLS usage"].iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[1]) for row in usage if row[1]] == [
        ("No TLS", 22),
        ("TLS 1.0", 29),
        ("TLS 1.2", 26),
    ]
    for name in ("Sending volume", "TLS usage", "Authentication protocol"):
        assert len(book[name]._charts) == 1
    insight = dict(
        row[:2] for row in book["Insight"].iter_rows(min_row=2, values_only=True) if row[0]
    )
    assert insight["Accounts"] == 11 and insight["Messages"] == 77


def test_no_cell_of_a_workbook_is_a_formula_and_no_text_is_lost(report: Report) -> None:
    book = opened(report_sheets.xlsx(report))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"n", "s", "d", "inlineStr"}
    texts = {cell.value for cell in cells if isinstance(cell.value, str)}
    assert [text for text in texts if text.startswith(DANGEROUS)] == []
    assert {inert_cell(show_invisible(name)) for name in HOSTILE} < texts
    assert any(inert_cell(show_invisible(TENANT)) == text for text in texts)
    assert inert_cell(show_invisible(FILE_NAME)) in texts


def test_csv_has_no_cell_that_starts_a_formula_also_for_other_separators(report: Report) -> None:
    text = report_sheets.senders_csv(report)
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 12 and len({len(row) for row in rows}) == 1
    for separator in (",", ";", "\t", "|"):
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=separator) for cell in row]
        assert [cell for cell in cells if cell.strip().startswith(DANGEROUS)] == []


@pytest.mark.parametrize("start", DANGEROUS)
def test_every_sign_of_the_owasp_list_is_made_inert(start: str) -> None:
    assert inert_cell(f"{start}SUM(1)").startswith("'")
    assert not inert_cell(f"a;{start}1").split(";")[1].startswith(DANGEROUS)
    assert inert_cell("scanner-1@contoso.com") == "scanner-1@contoso.com"


def test_names_of_sheets_and_properties_are_inert() -> None:
    sheet = Sheet("=a[1]:*?/\\" + "x" * 40, (Field("=head"),), [("=x",)])
    book = opened(workbook([sheet], title="=cmd|'x'", creator="@me", made_at=MADE))
    assert len(book.sheetnames[0]) <= 31 and not set("[]:*?/\\") & set(book.sheetnames[0])
    assert not book.sheetnames[0].startswith(DANGEROUS)
    assert (book.properties.title, book.properties.creator) == ("'=cmd|'x'", "'@me")


def test_a_hundred_thousand_rows_need_little_memory() -> None:
    fields = (Field("Sender"), Field("Messages", "count"))

    def peak(rows: int) -> int:
        tracemalloc.start()
        workbook(
            [Sheet("x", fields, ((f"s{n}", n) for n in range(rows)))],
            title="",
            creator="",
            made_at=MADE,
        )
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    # The file itself is in memory; rows are not.
    assert peak(20_000) < peak(2_000) + 1_500_000


def test_cells_say_where_they_are_only_where_one_is_missing() -> None:
    fields = tuple(Field(name, "count") for name in "abc")
    rows = [(1, 2, 3), (4, None, 6), (None, None, 9), (7, 8, 9)]
    content = workbook(
        [Sheet("S", (Field('<c r="A1"'), *fields), [('<c r="B2" x', *row) for row in rows])],
        title="t", creator="c", made_at=MADE,
    )  # fmt: skip
    read = [[cell.value for cell in row] for row in opened(content)["S"]]
    assert read == [['<c r="A1"', "a", "b", "c"], *(['<c r="B2" x', *row] for row in rows)]
    xml = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r'<c r="(\w+)"', xml) == ["A3", "B3", "D3", "A4", "D4"]


def test_a_text_like_the_xml_of_a_run_is_a_text_and_no_xml() -> None:
    evil = '<r><t>x</t></r></is></c><c r="B2"><f>1+1</f></c><c><is><r></r>'
    row = (evil, "<r>", "<R></R>", "plain")
    fields = (Field("<r></r>"), *(Field(name) for name in "bcd"))
    content = workbook([Sheet("S", fields, [row])], title="<r>", creator="<r>", made_at=MADE)
    cells = [cell for row in opened(content)["S"] for cell in row]
    assert [cell.value for cell in cells] == ["<r></r>", "b", "c", "d", *row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}


def test_the_same_sheets_and_moment_make_the_same_bytes() -> None:
    def made() -> bytes:
        sheet = Sheet("S", (Field("a"), Field("n", "count")), [("x", 1)], Diagram("S", 0, 1, 1))
        return workbook([sheet], title="t", creator="c", made_at=MADE)

    assert made() == made()
    members = zipfile.ZipFile(io.BytesIO(made())).infolist()
    assert {member.date_time[0] for member in members} == {1980}


def test_a_sheet_that_excel_would_not_open_whole_is_refused_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 2)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    rows = [("a",), ("b",), ("c",)]
    whole = workbook([Sheet("S", (Field("a"),), rows[:2])], title="", creator="", made_at=MADE)
    assert opened(whole)["S"].max_row == 3
    with pytest.raises(KitError, match=r"holds 2 rows, and this report has more\. Ask for fewer"):
        workbook([Sheet("S", (Field("a"),), rows)], title="", creator="", made_at=MADE)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_report_is_still_a_workbook(store: Store, load: Callable[..., LoadResult]) -> None:
    load(hostile_log())
    nobody = build_report(store, Filters(domains=("nobody.example",)))
    assert opened(report_sheets.xlsx(nobody))["Senders"].max_row == 1
    assert len(report_sheets.senders_csv(nobody).splitlines()) == 1
    assert "No messages match" in report_markdown.markdown(nobody)
