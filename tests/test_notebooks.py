"""Every notebook runs from top to bottom, on sample data, in a kernel of its own."""

from __future__ import annotations

import email
import email.policy
import io
import os
import re
from collections.abc import Iterator
from email.headerregistry import Address
from pathlib import Path

import nbformat
import openpyxl
import pytest
from nbclient import NotebookClient

from smtpauth_kit.base import names
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.formats import FORMATS
from smtpauth_kit.mail import composing
from smtpauth_kit.reports import notebook_export, report_markdown, report_page, report_sheets
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.screens import findings_answer, samples, sender_details
from smtpauth_kit.store.store import Store, open_store
from smtpauth_kit.views import findings, readiness
from smtpauth_kit.words.words import speak

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@pytest.fixture(scope="module")
def demo() -> Path:
    store, _ = samples.load_samples(lambda _: None)
    return store.path


@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_a_notebook_runs_and_shows_its_screens(name, demo, monkeypatch):
    monkeypatch.setitem(os.environ, "SMTPAUTH_STORE", str(demo))
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": NOTEBOOKS}}).execute()
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    assert not [o for o in outputs if o.output_type == "error"]
    screens = [
        o for o in outputs if "application/vnd.jupyter.widget-view+json" in o.get("data", {})
    ]
    assert len(screens) >= (1 if name.startswith("04") else 2)  # All of a sender is one screen.
    for screen in screens:
        assert "smtpauth" in screen.data["text/html"]


@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_a_notebook_has_a_parameters_cell_and_words_before_each_screen(name):
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    nbformat.validate(notebook)
    tagged = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1
    for before, cell in zip(notebook.cells, notebook.cells[1:], strict=False):
        if cell.cell_type == "code" and "sk." in cell.source and "import" not in cell.source:
            assert before.cell_type == "markdown"


def test_the_scheduled_notebook_gives_a_page_and_a_mail_for_its_parameters(demo, tmp_path):
    page = notebook_export.export_notebook(
        NOTEBOOKS / "05_scheduled_report.ipynb", tmp_path / "page.html",
        {"to": '["director@contoso.com", "bob@fabrikam.com"]', "domain": "fabrikam.com"}, demo,
    )  # fmt: skip
    (kept,) = (tmp_path / "outbox").iterdir()
    message = email.message_from_bytes(kept.read_bytes(), policy=email.policy.default)
    assert [a.addr_spec for a in message["To"].addresses] == [
        "director@contoso.com",
        "bob@fabrikam.com",
    ]
    assert "Only: fabrikam.com" in message.get_body(("plain",)).get_content()
    # Whom a mail went to, and where a file lies, is nothing for who reads the page.
    assert not any(each in page.read_text("utf-8") for each in ("director@contoso.com", str(kept)))


CODES = {
    *names.AUTH_PROTOCOLS, *names.SOURCES, *(each.name for each in FORMATS),
    *readiness.STATE_TITLES, *readiness.ALLOWED_TITLES, *readiness.BREAK_TITLES,
    *readiness.RHYTHM_TITLES, *readiness.WAY_TITLES, *findings.SEVERITY_TITLES,
    *findings.STATE_TITLES, "none", "success", "failure", "true", "false", "True", "False",
    "the tenant", "sender", "account", "client_ip", "tenant",
}  # fmt: skip
"""What the kit calls things in its tables and JSON: none of it is a word for a reader."""


def told_in_dutch(store: Store) -> Iterator[str]:
    """Yield every cell, line and text of the sample story's report, mail and screens."""
    words = speak("nl")
    report = build_report(store, language="nl", findings=Filters(), proved=True)
    for line in report_markdown.markdown(report).splitlines():
        yield from line.split("|")
        yield from line.split("·")
    book = openpyxl.load_workbook(io.BytesIO(report_sheets.xlsx(report)))
    yield from (str(cell) for sheet in book for row in sheet.values for cell in row)
    jane = Address("", "jane", "contoso.com")
    mail = composing.compose(report, [jane], jane, ["csv"])
    bodies = [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]
    for html in (report_page.html(report), *bodies):
        seen = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
        yield from re.split(r"<[^>]*>|·|\n", seen)
    answered = findings_answer.answer(store, Filters(), words)
    tables = [answered.shown["table"]]
    for incident in answered.found.incidents:
        for finding in incident.findings:
            proof = findings_answer.proved(incident, finding, Filters(), words, store)
            tables += proof["tables"]
    tables += sender_details.sender_details(store, Filters(), "carol@contoso.com", words)["tables"]
    for table in tables:
        for column in table["columns"]:
            yield column["title"]
            yield from map(str, table["rows"][column["name"]])


def test_no_code_of_the_kit_stands_in_what_a_dutch_reader_is_shown(demo):
    told = {text.strip() for text in told_in_dutch(open_store(demo))}
    assert {"mislukt", "Geen TLS", "De tenant", "Get-CASMailbox-export"} <= told
    assert told & CODES == set()
