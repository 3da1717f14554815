"""Sources that differ, in a report: hostile senders and tenants stay text in each form of it."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import openpyxl
from hostile import HOSTILE, TENANT, hostile_log

from smtpauth_kit.base.filters import ALL
from smtpauth_kit.reports import reconciliation_told, report_markdown, report_sheets
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.reports.spreadsheets import workbook
from smtpauth_kit.store.store import Store
from smtpauth_kit.words.words import speak

WEEK = ("2026-11-16", "2026-11-22")


def test_hostile_senders_and_tenants_stay_text_in_every_form(store: Store, load: Any) -> None:
    load(hostile_log(), tenant=TENANT)
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerows([("Sender address", "Message count"), *((sender, 40) for sender in HOSTILE)])
    load(out.getvalue(), period=WEEK, tenant=TENANT)
    told = reconciliation_told.told(store, ALL)
    assert told and len(told.differing) == len(HOSTILE) + 2
    page = str(reconciliation_told.section(told, speak("en"), paper=True))
    assert not any(sign in page for sign in ("<script", "<img"))
    assert "alert(1)" in page and "[U+202E]" not in page and 'data-code="U+202E"' in page
    report = build_report(store, findings=ALL)
    sheet = reconciliation_told.sheet(told, speak("en"))
    book = workbook([sheet], title="x", creator="x", made_at=report.made_at)
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(book))["Reconciliation"].iter_rows()
             for cell in row]  # fmt: skip
    assert all(cell.data_type != "f" for cell in cells)
    texts = [str(cell.value) for cell in cells]
    assert not any(text[:1] in "=+-@" or "\x1b" in text or "\u202e" in text for text in texts)
    assert "Reconciliation" in [each.title for each in report_sheets.sheets(report)]
    text = report_markdown.markdown(report).partition("## What the sources count")[2]
    assert "\x1b" not in text and "\\<script\\>" in text and not re.search(r"(?<!\\)[<>]", text)
