"""A notebook as one HTML page that works offline, its screens still answering.

`jupyter nbconvert --to smtpauth-report` exports what a notebook's outputs say; `export_notebook`
runs it first. Code is hidden, except in cells tagged `show-code`.
"""

from __future__ import annotations

import ast
import datetime as dt
import keyword
import logging
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode

from smtpauth_kit.base import errors
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.reports import forms as output_forms
from smtpauth_kit.reports import offline_page
from smtpauth_kit.reports.fragments import EXPORTING
from smtpauth_kit.reports.notebook_cells import (
    NOTEBOOK_ONLY,
    blocks_of,
    tags_of,
    without_static_form,
)
from smtpauth_kit.store import settings
from smtpauth_kit.words.inert import printable
from smtpauth_kit.words.words import Words, languages, speak

PARAMETERS: Final = "parameters"
"""Tag of the cell whose names `-p NAME VALUE` sets."""


_LOG: Final = logging.getLogger(__package__)

_BEFORE: Final = """
import altair
altair.renderers.register(
    "smtpauth", lambda spec, **_: {"application/vnd.vegalite.v6+json": spec, "text/plain": "chart"}
)
altair.renderers.enable("smtpauth")
"""
"""Altair's own HTML asks a CDN for its scripts; as a spec a chart can be drawn on the page."""

_RAN_AT: Final = "smtpauth_ran_at"
_LANGUAGE: Final = re.compile(r'<\w+ lang="(\w+)" class="smtpauth\b')
"""How a screen's static form says in which language it is."""


class SmtpauthReportExporter(HTMLExporter):  # type: ignore[misc]
    """nbconvert's exporter `smtpauth-report`: one page, no request, nothing runs but the kit."""

    export_from_notebook = "SMTP AUTH report"

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **_: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page, and the resources nbconvert asks for."""
        resources = self._init_resources(resources)
        nb, resources = self._preprocess(nb, resources)
        name = resources.get("metadata", {}).get("name", "")
        if lost := without_static_form(nb):
            _LOG.warning(
                "Left out of the page, because they work only in the running notebook: %s.",
                ", ".join(map(printable, lost)),
            )
        return render(nb, name), resources


def export_notebook(
    path: Path | str,
    out: Path | str,
    parameters: Mapping[str, Any] | None = None,
    store: Path | str | None = None,
) -> Path:
    """Run a notebook and write it as one HTML file.

    Parameters
    ----------
    path
        The notebook; it is not changed.
    out
        The file to write.
    parameters
        Values for names that the cell tagged `parameters` gives. Text that reads as a Python value
        (`7`, `None`, `["contoso.com"]`) is that value.
    store
        The store its `open_store()` opens; else the one it finds by itself.

    Raises
    ------
    KitError
        There is no such notebook, a parameter is none of its own, or a cell failed.
    """
    path, out = Path(path), Path(out)
    notebook = with_parameters(_read(path), parameters or {})
    run(notebook, path.resolve().parent, store)
    notebook.metadata[_RAN_AT] = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    body, _ = SmtpauthReportExporter().from_notebook_node(
        notebook, {"metadata": {"name": path.stem}}
    )
    output_forms.write_file(out, body.encode())
    return out


def with_parameters(notebook: NotebookNode, parameters: Mapping[str, Any]) -> NotebookNode:
    """Put a cell that sets `parameters` after the one tagged so.

    >>> cell = nbformat.v4.new_code_cell("days = 7", metadata={"tags": ["parameters"]})
    >>> notebook = nbformat.v4.new_notebook(cells=[cell])
    >>> with_parameters(notebook, {"days": "30"}).cells[1].source
    'days = 30'
    """
    if not parameters:
        return notebook
    at = next((n for n, cell in enumerate(notebook.cells) if PARAMETERS in tags_of(cell)), None)
    known = _names(notebook.cells[at].source) if at is not None else []
    for name in parameters:
        if name not in known or not name.isidentifier() or keyword.iskeyword(name):
            raise KitError(
                'The notebook has no parameter "{name}". Its parameters: {names}.',
                name=name,
                names=list(known) or Sentence("none"),
            )
    lines = [f"{name} = {_value(value)!r}" for name, value in parameters.items()]
    cell = nbformat.v4.new_code_cell("\n".join(lines))  # type: ignore[no-untyped-call]
    notebook.cells.insert((at or 0) + 1, cell)
    return notebook


def run(notebook: NotebookNode, folder: Path, store: Path | str | None = None) -> None:
    """Run every cell in `folder`, with this Python, filling in the outputs.

    Raises
    ------
    KitError
        A cell failed, or the kernel died.
    """
    # What somebody looked at last in a screen is no choice for a page that others read.
    environment = {**os.environ, settings.REMEMBER: "0", EXPORTING: "1"}
    if store is not None:
        environment["SMTPAUTH_STORE"] = str(Path(store).resolve())
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=_ThisPython())
    client = NotebookClient(
        notebook, km=manager, timeout=None, resources={"metadata": {"path": str(folder)}}
    )
    notebook.cells.insert(0, nbformat.v4.new_code_cell(_BEFORE))  # type: ignore[no-untyped-call]
    failure = None
    try:
        client.execute(env=environment)
    except CellExecutionError as error:
        failure = error
    except DeadKernelError:
        raise KitError("The notebook's Python ended before the notebook did.") from None
    finally:
        del notebook.cells[0]
    if failure:
        raise _failure(notebook, failure)


def render(notebook: NotebookNode, name: str, words: Words | None = None) -> str:
    """Return a notebook whose cells have run as one page, in the language of its screens."""
    words = words or speak(_language(notebook))
    return offline_page.page(
        words=words,
        title=_title(notebook, words) or name,
        template="notebook.html",
        foreign=True,
        blocks=[block for cell in notebook.cells for block in blocks_of(cell, words)],
        ran_at=notebook.metadata.get(_RAN_AT),
    )


class _ThisPython(KernelSpecManager):
    """Runs notebooks with the Python that has the kit, whatever kernels are installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        command = [
            sys.executable,
            "-m",
            "ipykernel_launcher",
            "--log-level=40",
            "-f",
            "{connection_file}",
        ]
        return KernelSpec(argv=command, display_name=kernel_name, language="python")


def _read(path: Path) -> NotebookNode:
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        return notebook
    except FileNotFoundError:
        raise KitError('There is no notebook "{file}".', file=str(path)) from None
    except (OSError, ValueError, nbformat.ValidationError, nbformat.reader.NotJSONError) as error:
        raise KitError(
            '"{file}" cannot be read as a notebook: {system}',
            file=str(path),
            system=str(error).splitlines()[0],
        ) from None


def _names(source: str) -> list[str]:
    """Return the names a parameters cell sets."""
    targets: list[ast.expr] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign):
            targets += node.targets
        elif isinstance(node, ast.AnnAssign):
            targets.append(node.target)
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _value(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return value


def _failure(notebook: NotebookNode, error: CellExecutionError) -> KitError:
    """Return which cell failed, and in what words; a KitError's words are enough."""
    number = next(
        n
        for n, cell in enumerate(notebook.cells, 1)
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    )
    in_plain_words = hasattr(errors, error.ename)
    said = error.evalue if in_plain_words else f"{error.ename}: {error.evalue}"
    return KitError("The notebook stopped at cell {n}: {said}", n=number, said=said)


def _title(notebook: NotebookNode, words: Words) -> str | None:
    """Return the first heading that is on the page."""
    for cell in notebook.cells:
        if cell.cell_type != "markdown" or NOTEBOOK_ONLY in tags_of(cell):
            continue
        if found := re.search(r"^#[ \t]+(\S.*)$", words.written(cell.source), re.MULTILINE):
            return found[1].strip()
    return None


def _language(notebook: NotebookNode) -> str | None:
    """Return the language of the first screen of a notebook; None: it has no screen."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            found = _LANGUAGE.search(output.get("data", {}).get("text/html", ""))
            if found and found[1] in languages():
                return found[1]
    return None
