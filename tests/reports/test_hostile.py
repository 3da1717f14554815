"""Hostile text in every field of the exports, in every form the kit writes."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import smtpauth
from hostile import FILE_NAME, HOSTILE, TENANT, hostile_everywhere
from lab import browsing
from nbconvert.filters import markdown2html
from offline import Offline, watch
from unpacked import objects_of, text_of

from smtpauth_kit.answers.questions import QUESTIONS
from smtpauth_kit.base.filters import Clause, Filters
from smtpauth_kit.loading.results import LoadResult
from smtpauth_kit.reports import report_markdown, report_page
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.store.store import Store
from smtpauth_kit.words.inert import INVISIBLE, show_invisible

SIGN_INS = (
    "Date (UTC),Request ID,User agent,User,Username,IP address,Location,Status,Sign-in error code,"
    "Failure reason,Client app\n"
    '2026-11-17T00:43:17Z,=1+1,<script>alert(10)</script>,"=x","=cmd|1<img src=x onerror=alert(11)>@evil.example",'
    '"192.0.2.9","<svg onload=alert(12)>, =1+1, NL",Success,0,Other.,Authenticated SMTP\n'
)


@pytest.fixture
def store_of_evil(store: Store, load: Callable[..., LoadResult]) -> Store:
    result = load(hostile_everywhere(), name=FILE_NAME, tenant=TENANT)
    assert result.rows("rejected") == len(HOSTILE) + 1
    load(SIGN_INS, name="sign-ins <b>.csv")
    return store


def show(store: Store, answer: str, form: str) -> str:
    more = {
        "sender": ["--sender", HOSTILE[2]],
        "devices": ["--sender", HOSTILE[2]],
        "who-else": ["--client-ip", "192.0.2.9"],
    }.get(answer, [])
    ended = smtpauth("show", answer, "--format", form, "--store", store.path, *more)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_a_terminal_is_not_steered(store_of_evil: Store) -> None:
    for answer in QUESTIONS:
        text = show(store_of_evil, answer, "table")
        steering = {c for c in text if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"}
        assert steering == set(), answer
    assert "alert(1)" in show(store_of_evil, "senders", "table")


def test_csv_of_every_answer_has_no_formula(store_of_evil: Store) -> None:
    for answer in QUESTIONS:
        rows = csv.reader(io.StringIO(show(store_of_evil, answer, "csv")))
        cells = [cell for row in rows for cell in row]
        assert [cell for cell in cells if re.match(r"\s*[=+@\t\r-](?!\d)", cell)] == [], answer


def test_json_gives_every_text_back(store_of_evil: Store) -> None:
    rows = json.loads(show(store_of_evil, "senders", "json"))["rows"]
    assert set(HOSTILE) < {row["sender_address"] for row in rows}


def test_markdown_stays_text(store_of_evil: Store) -> None:
    html = markdown2html(report_markdown.markdown(build_report(store_of_evil)))
    assert not re.search(r"<(script|img|a|iframe|svg|style)\b(?! class=\"anchor-link)", html)
    text = re.sub(r"<[^>]*>", "", html)
    for sender in HOSTILE:
        shown = (
            show_invisible(sender).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        )
        assert shown in text.replace("&quot;", '"').replace("&#x27;", "'").replace("&#39;", "'"), (
            sender
        )


@pytest.mark.browser
def test_paper_holds_no_link_and_no_script(
    store_of_evil: Store, chromium: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", chromium)
    paper = report_page.pdf_file(build_report(store_of_evil))
    text = text_of(paper)
    for each in (*HOSTILE, FILE_NAME, TENANT):
        # What hides or reorders others is named by its code, beside it.
        parts = re.split(f"[{INVISIBLE}]", each)
        assert all(re.sub(r"\s+", "", part) in text for part in parts), each
    assert "U+202E" in text
    actions = {"/URI", "/JavaScript", "/JS", "/Launch", "/OpenAction", "/AA", "/EmbeddedFile"}
    found = [each for each in objects_of(paper) if isinstance(each, dict)]
    assert len(found) > 100
    assert [each for each in found if actions & {*each, each.get("/S"), each.get("/Type")}] == []


@pytest.mark.browser
def test_pages_show_it_as_text_and_do_nothing(
    store_of_evil: Store, chromium: str, tmp_path: Path
) -> None:
    filters = Filters(
        where=(Clause("sender_address", "!=", "</script><img src=x onerror=alert(13)>"),)
    )
    pages = {
        "report": report_page.html(build_report(store_of_evil, filters)),
        "dutch": report_page.html(build_report(store_of_evil, filters, "nl")),
        "notebook": _exported(store_of_evil, tmp_path),
    }
    with browsing(chromium) as browser:
        for name, html in pages.items():
            path = tmp_path / f"{name}.html"
            path.write_text(html, "utf-8", newline="\n")
            offline = Offline(browser.new_page())
            watch(offline, path.as_uri())
            offline.page.goto(path.as_uri())
            offline.page.locator(".smtpauth-rows [tabindex]").first.wait_for()
            text: Any = offline.page.locator("main").evaluate("main => main.textContent")
            # A frame of pandas cuts a long file name.
            wanted = HOSTILE if name == "notebook" else (*HOSTILE, FILE_NAME)
            missing = [each for each in wanted if each not in text]
            assert (name, missing) == (name, [])
            if name != "notebook":
                assert TENANT in text and "onerror=alert(13)" in text
            assert offline.page.locator("main :is(img, iframe, object, embed)").count() == 0
            assert (name, offline.requests, offline.trouble) == (name, [], [])


def _exported(store: Store, folder: Path) -> str:
    import nbformat

    from smtpauth_kit.reports.notebook_export import export_notebook

    cells = [
        "import smtpauth_kit as sk\nstore = sk.open_store()",
        "sk.insight(store)",
        "sk.report(store)",
        f"sk.sender(store, {HOSTILE[2]!r})",
        "store.sql('select * from submissions')",
        "store.sql('select * from sign_ins')",
        "store.sql('select path, warnings, tenant from source_files')",
        "store.sql('select * from rejected_rows')",
        "print(store.sql('select raw from rejected_rows').raw.tolist())",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, folder / "evil.ipynb")
    return export_notebook(folder / "evil.ipynb", folder / "evil.html", {}, store.path).read_text(
        "utf-8"
    )
