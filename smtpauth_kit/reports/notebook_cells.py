"""What a cell of a notebook puts on the page, as HTML that fetches nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from markupsafe import Markup
from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import (
    BlockParser,
    InlineParser,
    IPythonRenderer,
    MarkdownWithMath,
)
from nbformat import NotebookNode

from smtpauth_kit.reports import rendering
from smtpauth_kit.reports.foreign_output import address_in, cleaned
from smtpauth_kit.views import renderer
from smtpauth_kit.words.words import Words, speak

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


def tags_of(cell: NotebookNode) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.metadata.get("tags", []))


def blocks_of(cell: NotebookNode, words: Words) -> Iterator[dict[str, Any]]:
    """Yield what a cell puts on the page: {kind, content}."""
    if NOTEBOOK_ONLY in tags_of(cell):
        return
    if cell.cell_type == "markdown":
        text = words.written(cell.source)
        yield {"kind": "text", "content": _marked(text, words, cell.get("attachments"))}
    if cell.cell_type == "code" and SHOW_CODE in tags_of(cell):
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

    >>> import nbformat
    >>> data = {_WIDGET: {}, "text/plain": "Map(x=1)"}
    >>> output = nbformat.v4.new_output("display_data", data=data)
    >>> cell = nbformat.v4.new_code_cell("m", outputs=[output])
    >>> without_static_form(nbformat.v4.new_notebook(cells=[cell]))
    ['Map']
    """
    cells = [cell for cell in notebook.cells if NOTEBOOK_ONLY not in tags_of(cell)]
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
