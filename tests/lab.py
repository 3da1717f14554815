"""Chromium, and a JupyterLab of one's own on loopback, for tests, benchmarks and pictures."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
"""How Chromium is started: it asks nothing of any network on its own."""

IDLE = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
"""What is true in a page when its notebook's kernel can be asked something."""

AT_REST = f"{IDLE} && ![...document.querySelectorAll('.jp-InputPrompt')].some(e => e.textContent === '[*]:')"
"""What is true when no cell runs or waits either: what is run while a cell ends with an error, as a
load does that is cancelled, is dropped with it."""

SERVERS_OWN = "Unhandled error"
"""What JupyterLab throws, with no more words, where its own server was too busy to answer it."""

PATIENCE_MS = 60_000
"""So long a page may take to show what must come; nothing is slower for it where it comes soon."""

START_S = 180
"""So long a JupyterLab may take to answer, on a machine that is busy with others."""


def find_chromium() -> str | None:
    """Return the browser of this machine, if it has one that can be driven."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@contextmanager
def browsing(chromium: str) -> Iterator[Browser]:
    """Yield a browser; no other may be open in this process meanwhile.

    What must come is waited for with `wait_for`: `expect` reads the whole page as a screen reader
    does each time that it looks and finds nothing.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        browser.on("context", lambda context: context.set_default_timeout(PATIENCE_MS))
        yield browser
        browser.close()


def note_errors(page: Page, errors: list[str]) -> None:
    """Note every error of a page but those that only say that JupyterLab's server was busy."""
    page.on(
        "pageerror",
        lambda error: None if error.message == SERVERS_OWN else errors.append(str(error)),
    )


@contextmanager
def running_lab(home: Path, root: Path, store: Path, theme: str = "") -> Iterator[str]:
    """Yield the address of a notebook in `root`, with `{}` for its name; settings go to `home`."""
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True, exist_ok=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    if theme:
        (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    folders = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "run", "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "XDG_STATE_HOME": "state",
    }  # fmt: skip
    env = {**os.environ, **{name: str(home / folder) for name, folder in folders.items()}}
    env["SMTPAUTH_STORE"] = str(store)
    said = home / "jupyterlab.txt"
    with said.open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
             "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", "--allow-root",
             f"--ServerApp.root_dir={root}", "--LabApp.expose_app_in_browser=True"],
            env=env, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for_lab(server, f"{url}/api/status?token={token}", said)
        yield f"{url}/lab/tree/{{}}?token={token}&reset"
    finally:
        server.terminate()
        server.wait(60)


def _wait_for_lab(server: subprocess.Popen[bytes], status: str, said: Path) -> None:
    """Return when JupyterLab answers; fail with what it said when it ends, or does not in time."""
    deadline = time.monotonic() + START_S
    while True:
        try:
            urllib.request.urlopen(status, timeout=10)
            return
        except OSError as error:
            words = said.read_text("utf-8", "replace")[-3000:]
            assert server.poll() is None, f"JupyterLab ended before it answered:\n{words}"
            assert time.monotonic() < deadline, f"JupyterLab does not answer ({error}):\n{words}"
            time.sleep(0.1)


EVIL = "</script><script>document.title='owned'</script>@contoso.org"
ROWS = [
    ("2026-11-16T08:00:00Z", "scanner@contoso.com", "TLS1.0", 12),
    ("2026-11-18T08:00:00Z", "erp@contoso.com", "TLS1.2", 30),
    ("2026-11-20T08:00:00Z", "orders@fabrikam.com", "TLS1.2", 7),
    ("2026-11-22T08:00:00Z", EVIL, "TLS1.3", 1),
    ("2026-10-01T08:00:00Z", "quarterly@fabrikam.com", "TLS1.2", 5),
]


def lab_log(header: str) -> str:
    lines = [
        f'{at},"{sender}",to@fabrikam.com,<{n}.{i}@x>,{tls},192.0.2.{n + 1},Basic\n'
        for n, (at, sender, tls, count) in enumerate(ROWS)
        for i in range(count)
    ]
    return header + "".join(lines)


def run_all(page: Page, drawn: str = ".smtpauth-report .smtpauth-chart svg") -> None:
    """Run every cell, and wait until the last screen is drawn: until `drawn` is on it."""
    page.wait_for_function(IDLE, timeout=120_000)
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.evaluate(
        "async () => { const n = jupyterapp.shell.currentWidget.content;"
        "n.activeCellIndex = n.widgets.length - 1;"
        "await n.scrollToItem(n.widgets.length - 1, 'start'); }"
    )
    page.locator(drawn).first.wait_for(timeout=60_000)
