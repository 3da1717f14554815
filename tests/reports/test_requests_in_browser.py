"""Pages made of hostile outputs in a real browser: nothing is asked for, nobody is led away."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser
from test_foreign_output import FETCHING, HARMFUL, HERE, URL
from test_notebook_export import code, shown

from smtpauth_kit.reports.notebook_export import SmtpauthReportExporter


class Listener:
    """Counts who connects, on this machine, and what they ask for."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.asked: list[bytes] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line:
                line.settimeout(0.5)
                try:
                    self.asked.append(line.recv(200))
                    line.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nhey"
                    )
                except OSError:
                    self.asked.append(b"")

    def at_me(self, text: str) -> str:
        here = f"http://127.0.0.1:{self.port}"
        return text.replace("https://evil.example", here).replace("https://data.example", here)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def notebook(at_me: Callable[[str], str]) -> Any:
    """Return a notebook with every harmful output, as HTML, SVG and Markdown, and in a cell."""
    cells = [nbformat.v4.new_markdown_cell(at_me(each)) for each in HARMFUL]
    for kind in ("text/html", "image/svg+xml", "text/markdown"):
        cells += [code("x", shown({kind: at_me(f"<p>before</p>{each}")})) for each in HARMFUL]
    specs = [nbformat.from_dict(_at(at_me, spec)) for spec in FETCHING]
    cells += [code("x", shown({"application/vnd.vegalite.v6+json": spec})) for spec in specs]
    forged = (
        '<div class="smtpauth-altair"><div class="smtpauth-chart">x</div><script type="application/json" '
        f'class="smtpauth-data">{{"data": [{{"name": "a", "url": "{URL}"}}], "marks": []}}</script></div>'
    )
    return nbformat.v4.new_notebook(cells=[*cells, code("x", shown({"text/html": at_me(forged)}))])


def _at(at_me: Callable[[str], str], part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _at(at_me, value) for key, value in part.items()}
    if isinstance(part, list):
        return [_at(at_me, each) for each in part]
    return at_me(part) if isinstance(part, str) else part


def looked_at(browser: Browser, path: Path, scripts: bool) -> str:
    """Open a page for a second; return where the browser then is."""
    context = browser.new_context(java_script_enabled=scripts)
    try:
        page = context.new_page()
        page.goto(path.as_uri(), wait_until="commit")
        page.wait_for_timeout(1500)
        return page.url
    finally:
        context.close()


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_a_page_of_hostile_outputs_makes_no_request_and_stays(
    browser: Browser, listener: Listener, tmp_path: Path, scripts: bool, record_property: Any
) -> None:
    html, _ = SmtpauthReportExporter().from_notebook_node(notebook(listener.at_me))
    assert listener.asked == []
    path = tmp_path / "page.html"
    path.write_text(html, "utf-8")
    assert looked_at(browser, path, scripts) == path.as_uri()
    assert listener.asked == []
    record_property("counted", f"hostile outputs on a page: {len(HARMFUL) * 4} pieces, requests seen: {len(listener.asked)}")  # fmt: skip


@pytest.mark.browser
def test_the_same_outputs_on_a_bare_page_do_ask_and_lead_away(
    browser: Browser, listener: Listener, tmp_path: Path
) -> None:
    harmful = [listener.at_me(each) for each in HARMFUL]
    quiet = tmp_path / "pictures.html"
    quiet.write_text(
        "".join(each for each in harmful if "refresh" not in each and "location" not in each)
    )
    looked_at(browser, quiet, True)
    assert len(listener.asked) > 3
    refresh = tmp_path / "refresh.html"
    refresh.write_text(harmful[0])
    assert looked_at(browser, refresh, True) == listener.at_me(HERE)
