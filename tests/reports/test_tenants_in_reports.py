"""Several tenants in a report: a row for each in every form of it; one tenant alone has none."""

from __future__ import annotations

import re

import pytest
from tenant_worlds import BETA

from smtpauth_kit.base.filters import Filters
from smtpauth_kit.reports import report_markdown, report_page, report_sheets
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.reports.report import build_report

HEAD = (
    "Tenant", "High findings", "Left on Basic auth", "Left on the last day", "Accounts",
    "Messages", "Messages before", "Basic auth", "TLS 1.0/1.1", "No TLS", "Source",
    "Newest day loaded",
)  # fmt: skip


def rows_of(report):
    (sheet,) = [each for each in report_sheets.sheets(report) if each.title == "Tenants"]
    assert tuple(field.title for field in sheet.fields) == HEAD
    return {row[0]: row for row in sheet.rows}


@pytest.fixture(scope="module")
def report(tenant_stores):
    return build_report(tenant_stores[0], findings=Filters())


def test_a_workbook_has_a_row_for_each_with_a_gap_where_nothing_tells(report):
    rows = rows_of(report)
    assert set(rows) == {"no tenant", "alpha", BETA.replace("\n", "[U+000A]")}
    # The report tells neither Basic auth nor TLS; the log of four messages on three days tells all.
    beta, none = rows[BETA.replace("\n", "[U+000A]")], rows["no tenant"]
    assert beta[1:10] == (0, None, None, 2, 750, None, None, None, None)
    assert none[1:10] == (0, 1, 1, 1, 12, None, 12, 12, 0)


def test_the_page_and_the_text_have_it_too(report):
    page, text = report_page.html(report), report_markdown.markdown(report)
    section = re.search(r"<section[^>]*smtpauth-tenants.*?</section>", page, re.S)
    assert section and "nothing is added up" in section[0]
    assert section[0].count("<tr>") == 4 and "<b>$start" not in section[0]
    assert "## Tenants side by side" in text


def test_each_file_behind_it_is_named_with_its_tenant(report, tenant_stores):
    named = {file["name"] for file in report.file_list}
    assert "cas.csv (alpha)" in named and all("(" in name for name in named)
    alone = build_report(tenant_stores[0], Filters(tenants=("alpha",)))
    assert "cas.csv" in {file["name"] for file in alone.file_list}


def test_what_was_loaded_without_a_tenant_is_named_among_them(report, tenant_stores):
    assert dict(report.about)["Tenant"] == f"no tenant, alpha, {BETA}"
    unnamed = build_report(tenant_stores[0], Filters(tenants=("",)))
    assert dict(unnamed.about)["Tenant"] == "no tenant"


def test_a_report_of_one_tenant_holds_no_other(tenant_stores):
    every, _ = tenant_stores
    one = Filters(tenants=(BETA,))
    report = build_report(every, one, findings=one)
    assert report.tenants is None and set(report.files["tenant"]) == {BETA}
    assert report.message_count == 750 and "--tenant" in report.command
    assert not re.search("usual[0-2]@contoso", report_page.html(report))


def test_pseudonyms_name_no_tenant(tenant_stores):
    key = Pseudonyms(b"a key of sixteen or more")
    report = build_report(tenant_stores[0], findings=Filters(), proved=True, pseudonyms=key)
    sheets = [str([list(each.rows), each.fields]) for each in report_sheets.sheets(report)]
    for made in (report_markdown.markdown(report), *sheets):
        assert "alpha" not in made and "counting" not in made
    assert "counting_rows" not in report_page.html(report)
    assert key.tenant("alpha") in rows_of(report)
