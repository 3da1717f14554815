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
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from markupsafe import Markup
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import (
    BlockParser,
    InlineParser,
    IPythonRenderer,
    MarkdownWithMath,
)
from nbformat import NotebookNode

from smtpauth_kit.base import errors
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.reports import forms as output_forms
from smtpauth_kit.reports import offline_page, rendering
from smtpauth_kit.reports.foreign_output import address_in, cleaned
from smtpauth_kit.reports.fragments import EXPORTING
from smtpauth_kit.store import settings
from smtpauth_kit.views import renderer
from smtpauth_kit.words.inert import printable
from smtpauth_kit.words.words import Words, speak

PARAMETERS: Final = "parameters"
"""Tag of the cell whose names `-p NAME VALUE` sets."""

SHOW_CODE: Final = "show-code"
"""Tag of a cell whose code the page shows."""

NOTEBOOK_ONLY: Final = "notebook-only"
"""Tag of a cell that is for who works in the notebook: nothing of it is on the page."""

_LOAD_PANEL: Final = "LoadScreen("
"""What the output of a load says of itself as text: a reader of the page has nothing to load."""

_WIDGET: Final = "application/vnd.jupyter.widget-view+json"
_VEGA_LITE: Final = re.compile(r"application/vnd\.vegalite\.v\d+\+json")
_FORMULA: Final = re.compile(r"\\begin\{|\\\\[\[(]")
_MOST_FORMULAS: Final = 200
"""Formulas in LaTeX's marks that one Markdown text may have to be read as such."""
_BLANKS: Final = re.compile(r"[ \t]{100,}+|\n{100,}+")

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
    at = next((n for n, cell in enumerate(notebook.cells) if PARAMETERS in _tags(cell)), None)
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
    """Return a notebook whose cells have run as one page."""
    words = words or speak()
    return offline_page.page(
        words=words,
        title=_title(notebook) or name,
        template="notebook.html",
        foreign=True,
        blocks=[block for cell in notebook.cells for block in _blocks(cell, words)],
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


def _tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


def _title(notebook: NotebookNode) -> str | None:
    for cell in notebook.cells:
        found = re.search(r"^#[ \t]+(\S.*)$", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and found:
            return found[1].strip()
    return None


def _blocks(cell: NotebookNode, words: Words) -> Iterator[dict[str, Any]]:
    """Yield what a cell puts on the page: {kind, content}."""
    if NOTEBOOK_ONLY in _tags(cell):
        return
    if cell.cell_type == "markdown":
        yield {"kind": "text", "content": _marked(cell.source, words, cell.get("attachments"))}
    if cell.cell_type == "code" and SHOW_CODE in _tags(cell):
        yield {"kind": "code", "content": cell.source}
    for output in cell.get("outputs", []):
        content = _output(output, words)
        if content:
            yield {"kind": "output", "content": content}


def _output(output: NotebookNode, words: Words) -> Markup | None:
    if output.output_type == "stream":
        return _plain(output.text)
    if output.output_type == "error":
        return _plain(f"{output.ename}: {output.evalue}")
    data: Mapping[str, Any] = output.get("data", {})
    vega_lite = next((data[mime] for mime in data if _VEGA_LITE.fullmatch(mime)), None)
    if vega_lite is not None:
        return _chart(vega_lite, words)
    if _is_load_panel(data):
        return None
    if html := _static_html(data, words):
        return html
    for mime in ("image/png", "image/jpeg", "image/gif"):
        if mime in data:
            return Markup('<img alt="" src="data:{};base64,{}">').format(mime, data[mime].strip())
    if "image/svg+xml" in data:
        return Markup(cleaned(data["image/svg+xml"], words))
    if "text/markdown" in data:
        return _marked(data["text/markdown"], words)
    if _needs_notebook(data):
        return None
    return _plain(data["text/plain"]) if "text/plain" in data else None


def without_static_form(notebook: NotebookNode) -> list[str]:
    """Return the names of what is left out of the page: widgets, and output made of scripts.

    >>> data = {_WIDGET: {}, "text/plain": "Map(x=1)"}
    >>> output = nbformat.v4.new_output("display_data", data=data)
    >>> cell = nbformat.v4.new_code_cell("m", outputs=[output])
    >>> without_static_form(nbformat.v4.new_notebook(cells=[cell]))
    ['Map']
    """
    cells = [cell for cell in notebook.cells if NOTEBOOK_ONLY not in _tags(cell)]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    lost = [
        _needs_notebook(output.data)
        for output in outputs
        if output.get("data") and not (_has_static_form(output.data) or _is_load_panel(output.data))
    ]
    return [name for name in lost if name]


def _is_load_panel(data: Mapping[str, Any]) -> bool:
    return _WIDGET in data and str(data.get("text/plain", "")).startswith(_LOAD_PANEL)


def _has_static_form(data: Mapping[str, Any]) -> bool:
    known = any(mime.startswith("image/") or mime == "text/markdown" for mime in data)
    return known or any(map(_VEGA_LITE.fullmatch, data)) or bool(_static_html(data, speak()))


def _static_html(data: Mapping[str, Any], words: Words) -> Markup:
    """Return an output's HTML as far as it shows something without its scripts and frames."""
    return Markup(cleaned(data.get("text/html", ""), words))


class _Renderer(IPythonRenderer):  # type: ignore[misc]
    """Shows what is attached to a cell; a name that nothing is attached under stays a name."""

    def _embed_image_or_attachment(self, src: str) -> str:
        known = not src.startswith("attachment:") or src.partition(":")[2] in self.attachments
        return str(super()._embed_image_or_attachment(src)) if known else src


def _marked(
    text: str, words: Words, attachments: dict[str, dict[str, str]] | None = None
) -> Markup:
    """Return Markdown as HTML, whatever HTML is in it.

    The parser looks for the end of each formula, and of each run of blanks, up to the text's end:
    so that no text takes long, many formulas are read as words, and a long run is cut.
    """
    few = len(_FORMULA.findall(text)) <= _MOST_FORMULAS
    plain = {} if few else {"block": BlockParser(), "inline": InlineParser()}
    renderer = _Renderer(escape=False, attachments=attachments)
    text = _BLANKS.sub(lambda run: run[0][:100], text)
    return Markup(cleaned(MarkdownWithMath(renderer, **plain).render(text), words))


def _needs_notebook(data: Mapping[str, Any]) -> str | None:
    """Return the name of an output that lives only in a running notebook."""
    live = [mime for mime in data if mime.startswith("application/")]
    if "text/html" in data or live:
        found = re.match(r"[\w.]+", data.get("text/plain", "").lstrip("<"))
        return found[0] if found else next(iter(live), "text/html")
    return None


def _plain(text: str) -> Markup:
    return Markup("<pre>{}</pre>").format(strip_ansi(text))


def _chart(spec: Any, words: Words) -> Markup:
    """Return an Altair chart of the notebook's author: drawn now, and alive where scripts run."""
    if not isinstance(spec, dict):
        return _plain(words("This chart cannot be drawn here."))
    if address := address_in(spec):
        return _plain(
            words(
                "This chart is not drawn: its data or pictures lie at {address}, and nothing is "
                "fetched.",
                address=address,
            )
        )
    try:
        vega = renderer.vegalite_to_vega(spec)
        svg = renderer.vega_to_svg(vega)
    except renderer.CannotDraw as why:
        return _plain(f"Altair: {why}")
    return Markup(
        '<div class="smtpauth-altair"><div class="smtpauth-chart">{}</div>'
        '<script type="application/json" class="smtpauth-data">{}</script></div>'
    ).format(Markup(svg), rendering.embed(vega))
