"""What axe-core finds on a page of the kit, in JupyterLab or exported."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
OURS = ".smtpauth-screen, .smtpauth-flyout, .smtpauth-page"
MORE_ROWS = "tbody tr:nth-of-type(n+6)"
"""Rows of long tables after the first five, which are drawn by the same code."""


def serious(page: Page, where: str = OURS) -> list[tuple[str, str, str]]:
    """Return what axe finds serious or critical: rule, element, why.

    What is dark differs by its colours alone: there only contrast is looked at. Every state that is
    seen dark is seen light, too, with all rules.
    """
    if not page.evaluate("Boolean(globalThis.axe)"):
        page.evaluate(AXE)
    # While a dialog is open the rest of the page is inert: nobody can reach it.
    found: list[dict[str, Any]] = page.evaluate(
        "async ([where, more]) => { const open = document.querySelectorAll('dialog[open]');"
        "const nodes = open.length ? [...open] : [...document.querySelectorAll(where)];"
        "const dark = matchMedia('(prefers-color-scheme: dark)').matches"
        " || document.body.dataset.jpThemeLight === 'false';"
        "const rules = dark ? {runOnly: ['color-contrast']} : {};"
        "const looked = {include: nodes, exclude: [more]};"
        "return (await axe.run(looked, {resultTypes: ['violations'], ...rules})).violations; }",
        [where, MORE_ROWS],
    )
    return [
        (rule["id"], node["html"][:160], node["failureSummary"])
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
