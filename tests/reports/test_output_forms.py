"""The forms of a report: what is in the list is what files, mails, help and the panel offer."""

from __future__ import annotations

from collections.abc import Callable
from email.headerregistry import Address
from pathlib import Path

import pytest
from conftest import LOG
from typer.testing import CliRunner

from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.cli import app
from smtpauth_kit.loading.results import LoadResult
from smtpauth_kit.mail import composing
from smtpauth_kit.reports import forms as output_forms
from smtpauth_kit.reports.forms import FORMS, OutputForm, form_named
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.screens.request_panel import read_request
from smtpauth_kit.store.store import Store
from smtpauth_kit.words.words import languages, speak

BEGINS = {
    "html": b"<!doctype html>",
    "xlsx": b"PK",
    "csv": b"\xef\xbb\xbf",
    "md": b"# ",
    "pdf": b"%PDF",
}
JANE = Address("", "jane", "contoso.com")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_each_form_is_written_and_attached(
    form: OutputForm, store: Store, load: Callable[..., LoadResult], tmp_path: Path, request
) -> None:
    if form.name == "pdf":
        request.getfixturevalue("chromium")
    load(LOG)
    report = build_report(store)
    for ending in (form.name, *form.other_endings):
        path = tmp_path / f"report.{ending.upper()}"
        output_forms.save(report, path)
        assert path.stat().st_size > 0
        assert path.read_bytes().lower().startswith(BEGINS.get(form.name, b"").lower())
    message = composing.compose(report, [JANE], JANE, [form.name])
    (attached,) = message.iter_attachments()
    assert attached.get_content_type() == form.media_type
    assert attached.get_filename() == f"smtp-auth-clients-2026-11-16-2026-11-22.{form.name}"


def test_help_and_the_panel_name_each_form() -> None:
    for command in ("report", "request-report"):
        told = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).stdout
        assert [form.name for form in FORMS if form.name not in told] == []
    names = [form.name for form in FORMS]
    typed = {"to": "jane@contoso.com", "formats": names}
    assert read_request(typed, Filters(), speak("en")).formats == tuple(names)


@pytest.mark.parametrize("language", [each for each in languages() if each != "en"])
def test_each_form_is_called_something_in_every_language(language: str) -> None:
    words = speak(language)
    assert [form.name for form in FORMS if words.sentence(form.title) == str(form.title)] == []


def test_another_form_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"'doc'\. Expected html, xlsx, csv, md, pdf"):
        form_named("doc")
