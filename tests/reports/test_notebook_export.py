from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import LOG
from hostile import hostile_log
from unpacked import everything_in

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.loading.results import LoadResult
from smtpauth_kit.reports.notebook_export import (
    SmtpauthReportExporter,
    export_notebook,
    render,
    with_parameters,
)
from smtpauth_kit.store.store import Store

WIDGET = "application/vnd.jupyter.widget-view+json"


def code(source: str, *outputs: Any, tags: tuple[str, ...] = ()) -> Any:
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})
    cell.outputs = list(outputs)
    return cell


def shown(data: dict[str, Any]) -> Any:
    return nbformat.v4.new_output("display_data", data=data)


def page(*cells: Any) -> str:
    return render(nbformat.v4.new_notebook(cells=list(cells)), "name")


def body(html: str) -> str:
    return html.split("<body", 1)[1].split("<script>", 1)[0]


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    def save(*cells: Any) -> Path:
        path = tmp_path / "notebook.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
        return path

    return save


def test_code_is_hidden_unless_its_cell_says_otherwise() -> None:
    html = body(page(code("secret = 1"), code("a < b", tags=("show-code",))))
    assert "secret" not in html and "a &lt; b" in html


def test_a_screen_falls_back_to_its_html() -> None:
    output = shown({WIDGET: {"model_id": "x"}, "text/html": "<p>the screen</p>"})
    assert "<p>the screen</p>" in page(code("screen", output))


def test_a_bare_control_is_not_on_the_page() -> None:
    output = shown({WIDGET: {"model_id": "x"}, "text/plain": "IntSlider()"})
    html = body(page(code("slider", output)))
    assert "IntSlider" not in html and "running notebook" not in html


def test_a_reader_sees_no_load_panel_and_no_cell_that_is_for_the_notebook_only() -> None:
    table = "<table class='smtpauth-load'><td>own.csv</td></table>"
    panel = {WIDGET: {"model_id": "x"}, "text/plain": "LoadScreen(children=())", "text/html": table}
    text = nbformat.v4.new_markdown_cell("Drop exports here", metadata={"tags": ["notebook-only"]})
    tagged = code("1", shown({"text/plain": "for who works here"}), tags=("notebook-only",))
    html = body(page(code("load", shown(panel)), text, tagged))
    assert not any(said in html for said in ("own.csv", "Drop exports", "for who works here"))


def test_the_notebook_of_the_report_is_fit_for_who_has_no_notebook(
    store: Store, load: Callable[..., LoadResult], tmp_path: Path
) -> None:
    load(LOG)
    notebook = Path(__file__).parents[2] / "notebooks" / "01_smtp_auth_report.ipynb"
    out = export_notebook(notebook, tmp_path / "report.html", {"language": "nl"}, store.path)
    html = everything_in(out.read_text("utf-8"))
    assert "smtpauth-report" in html and "smtpauth-insight" in html
    # The words of all screens stand in its scripts; what a reader sees does not.
    seen = re.sub(r"<script\b.*?</script>", "", out.read_text("utf-8"), flags=re.DOTALL)
    assert not any(
        said in seen
        for said in ("Drop exports", "drop or choose", "LoadScreen", "Click", "smtpauth lab")
    )
    # The language whole: the page, its title, what stands between the screens, and its foot.
    assert '<html lang="nl">' in seen
    assert "<title>Rapport over SMTP AUTH-clients</title>" in seen
    assert re.findall(r'<div class="smtpauth-text"><p><strong>([^<]*)', seen) == [
        "Het inzicht", "Het rapport",
    ]  # fmt: skip
    assert "Dit notebook is uitgevoerd op" in seen and "This notebook" not in seen


def test_what_has_no_static_form_is_left_out_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = "<div id='x'></div><script src='https://cdn.example/x.js'></script>"
    cells = [
        code("slider", shown({WIDGET: {"model_id": "x"}, "text/plain": "IntSlider(value=0)"})),
        code("figure", shown({"text/html": script, "text/plain": "<plotly.Figure>"})),
        code("map", shown({"text/html": "<iframe src='https://maps.example'></iframe>"})),
        code("bokeh", shown({"application/vnd.bokehjs_exec.v0+json": ""})),
        code("fine", shown({"text/html": "<b>seen</b>", WIDGET: {"model_id": "y"}})),
        code("drawn", shown({"text/html": script, "image/png": "aGk="})),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    names = ["IntSlider", "plotly.Figure", "text/html", "application/vnd.bokehjs_exec.v0+json"]
    html, _ = SmtpauthReportExporter().from_notebook_node(notebook)
    assert not any(name in body(html) for name in ("IntSlider", "plotly.Figure", "bokehjs"))
    assert ", ".join(names) in caplog.text
    assert "<b>seen</b>" in html and "base64,aGk=" in html
    assert "cdn.example" not in html and "maps.example" not in html


def test_outputs_of_every_kind_are_on_the_page() -> None:
    html = body(
        page(
            nbformat.v4.new_markdown_cell("# Title\n\nsome *words*"),
            code("print", nbformat.v4.new_output("stream", text="<printed>\x1b[31m!\x1b[0m")),
            code("png", shown({"image/png": "aGk=\n"})),
            code("svg", shown({"image/svg+xml": "<svg></svg>"})),
            code("md", shown({"text/markdown": "**bold**"})),
            code("plain", shown({"text/plain": "<plain>"})),
            code("1/0", nbformat.v4.new_output("error", ename="E", evalue="<why>")),
        )
    )
    for text in (
        "<em>words</em>", "&lt;printed&gt;!", "data:image/png;base64,aGk=", "<svg></svg>",
        "<strong>bold</strong>", "&lt;plain&gt;", "E: &lt;why&gt;",
    ):  # fmt: skip
        assert text in html


def test_an_altair_chart_of_the_author_is_drawn_without_network() -> None:
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.1.0.json",
        "data": {"values": [{"a": 1}]},
        "mark": "point",
        "encoding": {"x": {"field": "a", "type": "quantitative"}},
    }
    html = body(page(code("chart", shown({"application/vnd.vegalite.v6+json": spec}))))
    assert "smtpauth-altair" in html and "<svg" in html


def test_foreign_scripts_are_left_out_and_could_not_run() -> None:
    html = page(
        code("x", shown({"text/html": "<i>ok</i><script src='https://e.example'></script>"}))
    )
    assert "<i>ok</i>" in html and "e.example" not in html
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)[0]
    scripts = policy.split("script-src")[1].split(";")[0]
    assert "unsafe" not in scripts and "http" not in policy


def test_the_title_is_the_notebooks_first_heading_or_its_name() -> None:
    assert "<title>Weekly &amp; more</title>" in page(
        nbformat.v4.new_markdown_cell("# Weekly & more")
    )
    assert "<title>name</title>" in page(code("1"))


def test_a_parameter_is_set_after_the_cell_that_names_it() -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[code("1"), code("days = 7\nname: str = 'x'", tags=("parameters",))]
    )
    cells = with_parameters(notebook, {"days": "30", "name": "it's"}).cells
    assert cells[2].source == 'days = 30\nname = "it\'s"'


@pytest.mark.parametrize("name", ["dayz", "days; import os", "days="])
def test_a_parameter_the_notebook_does_not_have_is_refused(name: str) -> None:
    cells = [code("days = 7", tags=("parameters",))]
    with pytest.raises(KitError, match=r"has no parameter .* Its parameters: days\."):
        with_parameters(nbformat.v4.new_notebook(cells=cells), {name: "1"})


def test_a_notebook_is_run_and_written_as_one_page(
    store: Store, load: Callable[..., LoadResult], save: Callable[..., Path], tmp_path: Path
) -> None:
    load(hostile_log())
    source = save(
        nbformat.v4.new_markdown_cell("# This week"),
        code("language = 'en'", tags=("parameters",)),
        code(
            "import smtpauth_kit as sk\nfrom smtpauth_kit.reports import report_page\nfrom smtpauth_kit.reports.report import build_report\nfrom IPython.display import HTML"
        ),
        code("HTML(report_page.screen(build_report(sk.open_store(), language=language)))"),
        code(
            "import altair as alt\nalt.Chart(alt.InlineData([{'a': 1}])).mark_point().encode(x='a:Q')"
        ),
    )
    before = source.read_bytes()
    out = export_notebook(source, tmp_path / "out.html", {"language": "nl"}, store.path)
    html = out.read_text("utf-8")
    assert (
        "77 berichten van 11 afzenderadressen" in html and "Dit notebook is uitgevoerd op" in html
    )
    assert html.count('class="smtpauth-altair"') == 1
    assert source.read_bytes() == before


def test_a_cell_that_fails_is_named_and_nothing_is_written(
    save: Callable[..., Path], tmp_path: Path
) -> None:
    source = save(code("1"), code("1/0"))
    with pytest.raises(KitError, match=r"stopped at cell 2: ZeroDivisionError: division by zero"):
        export_notebook(source, tmp_path / "out.html")
    assert not (tmp_path / "out.html").exists()


def test_the_kits_own_refusals_keep_their_words(save: Callable[..., Path], tmp_path: Path) -> None:
    source = save(
        code("from smtpauth_kit.base.errors import KitError\nraise KitError('Load a file.')")
    )
    with pytest.raises(KitError, match=r"^The notebook stopped at cell 1: Load a file\.$"):
        export_notebook(source, tmp_path / "out.html")


def test_what_is_no_notebook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="There is no notebook"):
        export_notebook(tmp_path / "none.ipynb", tmp_path / "out.html")
    (tmp_path / "bad.ipynb").write_text("not json")
    with pytest.raises(KitError, match="cannot be read as a notebook"):
        export_notebook(tmp_path / "bad.ipynb", tmp_path / "out.html")


def test_nbconvert_knows_the_exporter(save: Callable[..., Path]) -> None:
    output = shown({WIDGET: {"model_id": "x"}, "text/html": "<p>saved</p>"})
    html, resources = SmtpauthReportExporter().from_filename(str(save(code("x", output))))
    assert "<p>saved</p>" in html and resources["output_extension"] == ".html"
    assert "those of the notebook's last run" in html.replace("&#39;", "'")
