"""Every notebook runs from top to bottom, on sample data, in a kernel of its own."""

from __future__ import annotations

import email
import email.policy
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from smtpauth_kit.reports import notebook_export
from smtpauth_kit.screens import workplace

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@pytest.fixture(scope="module")
def demo() -> Path:
    store, _ = workplace.load_samples(lambda _: None)
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
        {"to": '["jane@contoso.com", "bob@fabrikam.com"]', "domain": "fabrikam.com"}, demo,
    )  # fmt: skip
    (kept,) = (tmp_path / "outbox").iterdir()
    message = email.message_from_bytes(kept.read_bytes(), policy=email.policy.default)
    assert [a.addr_spec for a in message["To"].addresses] == [
        "jane@contoso.com",
        "bob@fabrikam.com",
    ]
    assert "Only: fabrikam.com" in message.get_body(("plain",)).get_content()
    assert f"Written for jane@contoso.com, bob@fabrikam.com, not sent: {kept}" in page.read_text(
        "utf-8"
    )
