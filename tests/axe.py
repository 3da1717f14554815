"""What axe-core finds on a page of the kit, in JupyterLab or exported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
OURS = ".smtpauth-screen, .smtpauth-flyout, .smtpauth-page"
MORE_ROWS = "tbody tr:nth-of-type(n+6)"
"""Rows of long tables after the first five, which are drawn by the same code."""


def serious(page: Page, where: str = OURS) -> list[tuple[str, str, str]]:
    """Return what axe finds serious or critical: rule, element, why.

    A page of JupyterLab is looked at in both of its themes. What is dark differs by its colours
    alone: there only contrast is looked at.
    """
    found = _violations(page, where)
    if page.evaluate("Boolean(globalThis.jupyterapp)"):
        with in_the_dark(page):
            found += _violations(page, where)
    return [
        (rule["id"], node["html"][:160], node["failureSummary"])
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


DARK = """async (is_dark) => {
    let sheet = document.querySelector('link.smtpauth-test-dark');
    if (!sheet) {
        sheet = Object.assign(document.createElement('link'), {
            rel: 'stylesheet', className: 'smtpauth-test-dark',
            href: '/lab/api/themes/@jupyterlab/theme-dark-extension/index.css',
        });
        const loaded = new Promise((done, failed) => {
            sheet.onload = done;
            sheet.onerror = failed;
        });
        document.body.append(sheet);
        await loaded;
    }
    sheet.disabled = !is_dark;
    document.body.dataset.jpThemeLight = String(!is_dark);
}"""
"""Lays JupyterLab's dark theme over the light one, or takes it off.

Its own command writes to its settings and loads both anew: seconds for each of some eighty states.
"""


IS_DARK = "getComputedStyle(document.body).getPropertyValue('--jp-layout-color0').trim() === '#111'"


@contextmanager
def in_the_dark(page: Page) -> Iterator[None]:
    """Show a light JupyterLab in its dark theme for a while."""
    page.evaluate(DARK, True)
    page.wait_for_function(IS_DARK)
    yield
    page.evaluate(DARK, False)
    page.wait_for_function(f"!({IS_DARK})")


def _violations(page: Page, where: str) -> list[dict[str, Any]]:
    if not page.evaluate("Boolean(globalThis.axe)"):
        page.evaluate(AXE)
    # While a dialog is open the rest of the page is inert: nobody can reach it.
    found: list[dict[str, Any]] = page.evaluate(
        "async ([where, more]) => { const open = document.querySelectorAll('dialog[open]');"
        "const nodes = open.length ? [...open] : [...document.querySelectorAll(where)];"
        "if (!nodes.length) throw new Error('Nothing of the kit is there to be looked at.');"
        "const dark = matchMedia('(prefers-color-scheme: dark)').matches"
        " || document.body.dataset.jpThemeLight === 'false';"
        "const rules = dark ? {runOnly: ['color-contrast']} : {};"
        "const looked = {include: nodes, exclude: [more]};"
        "return (await axe.run(looked, {resultTypes: ['violations'], ...rules})).violations; }",
        [where, MORE_ROWS],
    )
    return found
