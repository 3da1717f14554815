"""Readiness in a report: on the page and in the workbook, with filters, pseudonyms, hostile text."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from hostile import HOSTILE, hostile_log
from readiness_worlds import Sent, day, every_day, working_days

from smtpauth_kit import answers
from smtpauth_kit.answers.readiness import kept
from smtpauth_kit.base.filters import ALL, Filters, filters
from smtpauth_kit.loading import loading
from smtpauth_kit.reports import readiness_part, readiness_sheets, readiness_told
from smtpauth_kit.reports.forms import form_named
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.reports.spreadsheets import workbook
from smtpauth_kit.store.store import Store, open_store
from smtpauth_kit.words.words import speak

EN = speak("en")
KEY = Pseudonyms(b"a key of sixteen or more", domains=True)


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Two owned senders that stop, one of them accepted until a day that is past, one that moved."""
    home = tmp_path_factory.mktemp("weeks")
    store = open_store(home / "store.duckdb")

    def load(text: str) -> Any:
        (home / "log.csv").write_text(text)
        return loading.load(store, home / "log.csv")

    world = Sent(store, load)
    world.sent("alarm", [day("10-05"), day("11-16")], tls="TLS1.0")
    world.sent("scanner", working_days(day("10-05")))
    world.sent("app@fabrikam.com", every_day(day("10-05"), day("10-10")))
    world.sent("app@fabrikam.com", every_day(day("10-11")), auth="OAuth").loaded()
    said = {"owner": "Jane Doe", "note": "ask jane@contoso.com"}
    over = {"state": "accepted", "due_date": "2026-11-01"}
    kept.keep(store, {"scanner@contoso.com": {**said, **over}, "alarm@contoso.com": said})
    yield store


def made(store: Store, form: str, asked: Filters = ALL, **options: Any) -> bytes:
    return form_named(form).file(build_report(store, findings=asked, proved=True, **options))


def sheets(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_the_workbook_has_the_answers_as_sheets_and_their_sentences(weeks):
    found = sheets(made(weeks, "xlsx"))
    rows, weeks_rows = answers.ask(weeks, "readiness"), answers.ask(weeks, "burn-down")
    head, *lines = found["Readiness"]
    by_title = [dict(zip(head, line, strict=True)) for line in lines]
    assert [line["Sender address"] for line in by_title] == rows.rows["sender_address"].tolist()
    first = by_title[0]
    assert (first["Stops with"], first["Messages"], first["Basic auth"]) == ("▲ Basic auth", 35, 35)
    assert (first["Owner"], first["State"], first["Due date"]) == (
        "Jane Doe", "Accepted", dt.datetime(2026, 11, 1),
    )  # fmt: skip
    _, *lines = found["Burn-down"]
    assert [line[3] for line in lines] == weeks_rows.rows["basic_sender_count"].tolist()
    said = dict(line for line in found["Insight"] if line[0])
    assert said["Burn-down"] == speak("en").told(weeks_rows.beside["statement"])
    assert said["Readiness"].endswith(rows.beside["statement"])
    assert "Past the day until which they were accepted: scanner@contoso.com." in said["Readiness"]


def test_the_page_has_it_in_both_languages_narrowed_as_the_report_and_says_what_does_not(weeks):
    asked = filters(domain="fabrikam.com", min_messages=2)
    html = made(weeks, "html", asked).decode()
    part = html.partition('aria-label="Readiness"')[2].partition("</section>\n<section lang")[0]
    assert "app@fabrikam.com" in part and "scanner@" not in part
    assert "1 sender at stake, with 43 messages" not in part  # 49: what it sent is all told.
    assert "1 sender at stake, with 49 messages" in part and "✓ Moved" in part
    assert (
        "in days of UTC: it is not narrowed by --min-messages." in part and part.count("<svg") == 2
    )


def part_of(told: readiness_told.Told) -> str:
    """Return what a page and a workbook say of readiness, as one text."""
    page = readiness_part.page_section(told, EN)
    return f"{page}{sheets(book_of(told))}"


def book_of(told: readiness_told.Told) -> bytes:
    found = readiness_sheets.sheets(told, EN)
    return workbook(found, title="x", creator="x", made_at=dt.datetime(2026, 11, 29))


def test_pseudonyms_hold_for_senders_owners_notes_reasons_and_statements(weeks):
    told = readiness_told.told(weeks, ALL)
    named, text = part_of(told), part_of(readiness_told.renamed(told, KEY, EN))
    for real in ("scanner@", "alarm@", "Jane", "contoso", "fabrikam", "customer.example"):
        assert real in named and real not in text, real
    assert KEY.address("scanner@contoso.com") in text and "a note, left out" in text
    assert KEY.name("person", "jane doe") in text and KEY.domain("customer.example") in text
    report = build_report(weeks, findings=ALL, proved=True, pseudonyms=KEY)
    assert report.readiness and set(report.readiness.ready.rows["owner"]) == {
        KEY.name("person", "jane doe"), None,
    }  # fmt: skip


def test_hostile_senders_and_what_people_wrote_do_no_harm(store, load):
    load(hostile_log())
    said = {"owner": "=1+1", "note": "<script>alert(1)</script>\u202e"}
    kept.keep(store, {kept.sender_key(HOSTILE[0]): said})
    told = readiness_told.told(store, ALL)
    page = str(readiness_part.page_section(told, EN))
    assert "<script" not in page and "<img" not in page and "&lt;script&gt;" in page
    book = openpyxl.load_workbook(io.BytesIO(book_of(told)))
    cells = [cell for row in book["Readiness"].iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert "'=1+1" in [cell.value for cell in cells]
    assert not any("\u202e" in str(cell.value) for cell in cells)
