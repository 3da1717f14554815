"""Pictures of every screen, of the sample story, as a real JupyterLab shows them.

python tests/pictures.py            # writes .github/pictures/*.png; wants Chromium (CHROMIUM names it)
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from lab import FLAGS, IDLE, find_chromium, running_lab
from playwright.sync_api import Locator, Page, sync_playwright

from smtpauth_kit import sample
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.reports import forms as output_forms
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.screens import samples
from smtpauth_kit.store.store import Store

PICTURES = Path(__file__).parents[1] / ".github" / "pictures"
SOURCE = "submission_log"
CELLS = (
    f'import smtpauth_kit as sk\nstore = sk.open_store()\nsource = sk.filters(source="{SOURCE}")',
    "sk.insight(store, source)",
    "sk.report(store, source, remember=False)",
    "sk.load(store, *PATHS)",
    "sk.findings(store)",
)


_WITHOUT_PLACES = """(shown, [home, project]) => {
  const texts = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    node.data = node.data.replaceAll(home + "/", "").replaceAll(project, "smtpauth_kit");
  }
}"""
"""Where this machine has its folders is nothing for a picture."""


def main() -> None:
    """Make them all."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        home = Path(folder)
        store = _store(home)
        _write_notebook(home / "pictures.ipynb", home)
        with running_lab(home, home, store.path) as address, _browser() as page:
            page.goto(address.format("pictures.ipynb"))
            _take_all(page, home)
        page_file = home / "report.html"
        output_forms.save(build_report(store, Filters(source=SOURCE)), page_file)
        for scheme in ("light", "dark"):
            with _browser(scheme) as page:
                page.goto(page_file.as_uri())
                page.locator(".smtpauth-report .smtpauth-chart svg").first.wait_for()
                page.wait_for_timeout(1500)
                page.screenshot(path=PICTURES / f"html-{scheme}.png")


def _store(home: Path) -> Store:
    """Return a store with the sample story, and spoiled exports beside it to be loaded on screen."""
    sample.write_samples(home / "sample")
    store, _ = samples.load_samples_into(home / "store.duckdb", home / "sample", lambda _: None)
    (home / "october.csv").write_text(
        "Date,Sender address,TLS version\n2026-10-01T08:00:00Z,scanner@contoso.com,TLS1.2\n"
        "2026-10-32,fax@contoso.com,TLS1.0\n2026-10-02T08:00:00Z,nobody,TLS1.2\n"
    )
    (home / "afzenders.csv").write_text("Datum,Afzender,Aantal\n2026-10-01,a@contoso.com,3\n")
    return store


def _write_notebook(path: Path, home: Path) -> None:
    names = ("october.csv", "sample/submission_log.csv.gz", "afzenders.csv")
    paths = ", ".join(repr(str(home / name)) for name in names)
    cells = [nbformat.v4.new_code_cell(cell.replace("*PATHS", paths)) for cell in CELLS]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)


@contextmanager
def _browser(scheme: str = "light") -> Iterator[Page]:
    chromium = find_chromium()
    if chromium is None:
        sys.exit("There is no Chromium here. Install it, or name yours in CHROMIUM.")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium, headless=True, args=FLAGS,
            viewport={"width": 1280, "height": 1000}, color_scheme=scheme, timezone_id="UTC",
        )  # fmt: skip
        yield context.pages[0]
        context.close()


def _take_all(page: Page, home: Path) -> None:
    page.wait_for_function(IDLE, timeout=120_000)
    page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    insight = _cell(page, 1, ".smtpauth-insight")
    _take(insight, "insight")
    insight.locator(".smtpauth-number-button").click()
    _take_page(page, "insight-flyout")
    page.keyboard.press("Escape")

    report = _cell(page, 2, ".smtpauth-report")
    report.locator(".smtpauth-chart svg").first.wait_for()
    _take(report, "report")
    view = report.locator(".smtpauth-view select")
    for name, title in (("tls-usage", "TLS usage"), ("auth", "Authentication protocol")):
        view.select_option(title)
        _take(report, name)
    view.select_option("TLS usage")
    report.get_by_role("button", name="View details table").click()
    report.locator("tbody tr[tabindex]").first.wait_for()
    _take(report, "details", 900)
    report.locator("tbody tr[tabindex]").nth(2).click()
    _take_page(page, "sender")
    page.keyboard.press("Escape")
    for button, name in (("Filters", "filters"), ("Request report", "request")):
        report.get_by_role("button", name=button, exact=True).click()
        _take_page(page, name)
        page.keyboard.press("Escape")
    load = _cell(page, 3, ".smtpauth-card:has(.smtpauth-drop)")
    load.evaluate(_WITHOUT_PLACES, [str(home), str(Path(__file__).parents[1])])
    _take(load, "load")
    findings = _cell(page, 4, ".smtpauth-findings")
    findings.locator("tbody tr[tabindex]").first.wait_for()
    _take(findings, "findings")
    findings.locator("tbody tr[tabindex]").first.click()
    page.locator(".smtpauth-incident .smtpauth-proof svg").first.wait_for()
    _take_page(page, "incident")


def _cell(page: Page, number: int, what: str) -> Locator:
    """Scroll to a cell's output and return what it shows."""
    page.evaluate(
        "async (n) => { const book = jupyterapp.shell.currentWidget.content;"
        "book.activeCellIndex = n; await book.scrollToItem(n, 'start'); }",
        number,
    )
    shown = page.locator(f".jp-OutputArea-output {what}").last
    shown.wait_for(timeout=60_000)
    return shown


def _take(what: Locator, name: str, most: int = 1400) -> None:
    """Take a screen as a whole, or its upper `most` pixels."""
    _resize(what.page, 2600)
    box = what.bounding_box()
    assert box is not None
    box["height"] = min(box["height"], most)
    what.page.screenshot(path=PICTURES / f"{name}.png", clip=box)


def _take_page(page: Page, name: str) -> None:
    _resize(page, 1000)
    page.screenshot(path=PICTURES / f"{name}.png")


def _resize(page: Page, height: int) -> None:
    page.set_viewport_size({"width": 1280, "height": height})
    page.wait_for_timeout(1500)


if __name__ == "__main__":
    main()
