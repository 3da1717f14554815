"""What no source tells is a dash where a person reads, and nothing where a program does: never 0."""

from __future__ import annotations

import csv
import io
import json
import re
from email.headerregistry import Address

import openpyxl
import pytest
from conftest import LOG_HEADER

from smtpauth_kit.mail.composing import compose
from smtpauth_kit.reports import fragments, report_markdown, report_page, report_sheets
from smtpauth_kit.reports.report import Report, build_report
from smtpauth_kit.views import details_table

UNTOLD = LOG_HEADER + "".join(
    f"2026-11-16T08:15:3{n}Z,{name}@contoso.com,,<{n}>,,,\n" for n, name in enumerate("abc")
)
"""A log that says who sent, and nothing of how."""

TO = Address("A", "a", "contoso.com")

DASH = "\u2013"


@pytest.fixture
def untold(store, load) -> Report:
    load(UNTOLD)
    return build_report(store)


def test_a_cell_of_csv_is_empty(untold):
    head, *rows = csv.reader(io.StringIO(report_sheets.senders_csv(untold)))
    cells = dict(zip(head, rows[0], strict=True))
    assert (cells["TLS 1.0"], cells["Basic auth"], cells["TLS unknown"]) == ("", "", "1")
    assert cells["Number of client IP addresses"] == ""


def test_a_cell_of_a_workbook_is_empty(untold):
    book = openpyxl.load_workbook(io.BytesIO(report_sheets.xlsx(untold)))
    figures = {row[0].value: row[1].value for row in book["Insight"].iter_rows()}
    assert (figures["TLS 1.0"], figures["TLS unknown"], figures["Messages"]) == (None, 3, 3)
    shares = {row[0].value: row[2].value for row in book["TLS usage"].iter_rows()}
    assert (shares["TLS 1.0"], shares["TLS unknown"]) == (None, 1)


def test_markdown_and_mail_have_a_dash(untold):
    assert f"| TLS 1.0 | {DASH} | {DASH} |" in report_markdown.markdown(untold)
    mail = compose(untold, [TO], TO, ()).get_body(("plain",)).get_content()
    assert f"Basic auth: {DASH}" in mail and "Basic auth: 0" not in mail


def test_the_card_and_the_page_have_a_dash(store, untold):
    card = fragments.insight_fragment(store)
    assert card.count(f">{DASH}<") == 10  # Five TLS versions, share and count.
    html = report_page.html(untold)
    assert not re.search(r"[ >(]NaN|>nan", html)
    assert f"<bdi>{DASH}</bdi>" in html


def test_json_has_null(store, untold):
    from smtpauth_kit import answers
    from smtpauth_kit.cli.show import as_json_of

    told = json.loads(json.dumps(as_json_of(answers.ask_plain(store, "senders")), default=str))
    assert told["rows"][0]["basic_count"] is None and told["rows"][0]["tls_1_0_share"] is None


def test_many_senders_added_up_tell_what_one_of_them_does(store, load):
    load(UNTOLD + "2026-11-16T09:00:00Z,d@contoso.com,,<9>,TLS1.0,192.0.2.1,Basic\n")
    report = build_report(store)
    total, first = report.top_senders(0)[-1], report.top_senders(1)[0]
    assert (first["sender_address"], first["client_ip_count"]) == ("a@contoso.com", None)
    columns = details_table.tls_columns(report.senders, report.words)
    cells = {c.title: details_table.cell(c, total, report.words) for c in columns}
    assert cells["Sender address"] == "and 4 more senders"
    assert cells["TLS1.0%"] == "25%(1)" and cells["Client IPs"] == ""
    assert cells["Authentication protocol"] == "Authentication unknown, Basic auth"


def test_an_account_with_several_addresses_is_one_on_the_card(store, load):
    load(LOG_HEADER.strip() + ",Account\n" + "".join(
        f"2026-11-16T08:15:3{n}Z,{a}@contoso.com,,<{n}>,TLS1.2,192.0.2.1,Basic,svc@contoso.com\n"
        for n, a in enumerate("abcd")
    ))  # fmt: skip
    card = fragments.insight_fragment(store)
    assert 'aria-label="1 account">1</button>' in card
    assert "account, 4 sender addresses, 4 messages" in card
