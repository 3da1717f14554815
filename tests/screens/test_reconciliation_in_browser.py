"""The comparison of sources in a real JupyterLab: read, chosen and turned over by keyboard alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from axe import serious
from lab import IDLE, NOTEBOOKS, note_errors, running_lab
from playwright.sync_api import Page, expect
from reconciled import LOG, WEEK, log, messages, report

from smtpauth_kit.loading import loading
from smtpauth_kit.store.store import open_store

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("reconciled")
    store = open_store(home / "lab.duckdb")
    senders = [f"s{n:02}@contoso.com" for n in range(30)]
    (home / "report.csv").write_text(report(dict.fromkeys(senders, 7) | {senders[3]: 9}))
    rows = "".join(log(sender, messages(range(16, 23))) for sender in senders)
    (home / "log.csv").write_text(LOG + rows)
    loading.load(store, home / "report.csv", period=WEEK)
    loading.load(store, home / "log.csv")
    shutil.copytree(NOTEBOOKS, home / "notebooks")
    with running_lab(home, home / "notebooks", home / "lab.duckdb") as address:
        yield address


@pytest.fixture(scope="module")
def page(address, browser) -> Iterator[Page]:
    """The notebook, run; no request leaves the machine."""
    context = browser.new_context(viewport={"width": 1300, "height": 1000}, reduced_motion="reduce")
    page, errors = context.new_page(), list[str]()
    left: list[str] = []

    def gate(route):
        if route.request.url.startswith((address[:20], "data:", "blob:")):
            route.continue_()
        else:
            left.append(route.request.url)
            route.abort()

    context.route("**/*", gate)
    note_errors(page, errors)
    page.goto(address.format("06_reconciliation.ipynb"))
    page.wait_for_function(IDLE, timeout=120_000)
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.evaluate(
        "async () => { const n = jupyterapp.shell.currentWidget.content;"
        "n.activeCellIndex = n.widgets.length - 1;"
        "await n.scrollToItem(n.widgets.length - 1, 'start'); }"
    )
    page.locator(".smtpauth-reconciliation tbody").nth(5).wait_for(timeout=60_000)
    yield page
    assert (left, errors) == ([], [])
    context.close()


def test_it_is_read_and_used_by_keyboard(page):
    left, every = (page.locator(".smtpauth-reconciliation.smtpauth-screen").nth(n) for n in (0, 1))
    expect(left.locator(".smtpauth-status")).to_contain_text("1 sender and period compared")
    expect(left.locator(".smtpauth-left")).to_have_text("2")
    status = every.locator(".smtpauth-status")
    expect(status).to_have_text(
        "30 senders and periods compared, 1 with a difference. Messages that nothing explains: 2."
    )
    expect(every.locator("tbody")).to_have_count(25)
    expect(every.locator("tbody").first.locator("th")).to_have_text("s03@contoso.com")
    assert serious(page) == []
    # Next by keyboard: the focus stays in the pager, on the button that leads somewhere.
    every.get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    expect(every.locator("tbody")).to_have_count(5)
    expect(every.get_by_role("button", name="Previous")).to_be_focused()
    # The arrows choose in the list, and move no cell.
    every.locator(".smtpauth-rows select").focus()
    page.keyboard.press("ArrowDown")
    expect(status).to_contain_text("1 sender and period compared")
    expect(every.locator("tbody")).to_have_count(1)
    page.keyboard.press("ArrowUp")
    expect(every.locator("tbody")).to_have_count(25)
    assert serious(page) == []
