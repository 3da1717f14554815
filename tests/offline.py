"""An exported page in a browser, with every request blocked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page


@dataclass
class Offline:
    """A page, and everything it did that an export must not do."""

    page: Page
    requests: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def status(self) -> str:
        return self.page.locator(".smtpauth-status").inner_text()

    def choose_domain(self, name: str) -> None:
        self.page.locator(".smtpauth-domain").select_option(name)

    def show_table(self) -> list[list[str]]:
        self.page.locator(".smtpauth-details").click()
        return self.cells()

    def cells(self) -> list[list[str]]:
        rows = self.page.locator(".smtpauth-rows tbody tr").all()
        return [row.locator("td").all_text_contents() for row in rows]


def watch(offline: Offline, own: str) -> None:
    def gate(route: Any) -> None:
        if route.request.url == own:
            route.continue_()
        else:
            offline.requests.append(route.request.url)
            route.abort()

    page = offline.page
    page.route("**/*", gate)
    page.on("dialog", lambda d: (offline.trouble.append(f"dialog {d.message}"), d.dismiss()))
    page.on("pageerror", lambda error: offline.trouble.append(f"error {error}"))
    page.on("console", lambda m: offline.trouble.append(m.text) if m.type == "error" else None)
