"""What axe-core finds on a page of the kit, in JupyterLab or exported."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
OURS = ".smtpauth-screen, .smtpauth-flyout, .smtpauth-page"


def serious(page: Page, where: str = OURS) -> list[tuple[str, str, str]]:
    """Return what axe finds serious or critical: rule, element, why."""
    if not page.evaluate("Boolean(globalThis.axe)"):
        page.evaluate(AXE)
    # While a dialog is open the rest of the page is inert: nobody can reach it.
    found: list[dict[str, Any]] = page.evaluate(
        "async (where) => { const open = document.querySelectorAll('dialog[open]');"
        "const nodes = open.length ? [...open] : [...document.querySelectorAll(where)];"
        "return (await axe.run({include: nodes}, {resultTypes: ['violations']})).violations; }",
        where,
    )
    return [
        (rule["id"], node["html"][:160], node["failureSummary"])
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
