"""Unusual activity in a real JupyterLab in Chromium: notebook 03, by mouse and by keyboard alone."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from lab import IDLE, NOTEBOOKS, note_errors
from playwright.sync_api import Locator, Page, expect
from unusual import EVIL, unusual_store

pytestmark = pytest.mark.browser

NOTEBOOK = "03_unusual_activity.ipynb"


@pytest.fixture(scope="module")
def page(lab, browser) -> Iterator[Page]:
    """The notebook, run on a store with an attack in it; no request leaves the machine."""
    address, home = lab
    (home / "lab.duckdb").unlink()
    unusual_store(home / "lab.duckdb")
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    page = context.new_page()
    page.left, page.errors = [], []  # type: ignore[attr-defined]

    def gate(route):
        if route.request.url.startswith((address[:20], "data:", "blob:")):
            route.continue_()
        else:
            page.left.append(route.request.url)
            route.abort()

    context.route("**/*", gate)
    note_errors(page, page.errors)
    page.goto(address.format(NOTEBOOK))
    page.wait_for_function(IDLE, timeout=120_000)
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.evaluate(
        "async () => { const n = jupyterapp.shell.currentWidget.content;"
        "n.activeCellIndex = n.widgets.length - 1;"
        "await n.scrollToItem(n.widgets.length - 1, 'start'); }"
    )
    rows(page).first.wait_for(timeout=60_000)
    yield page
    assert page.left == [] and page.errors == []
    context.close()


def rows(page: Page) -> Locator:
    return page.locator(".smtpauth-findings .smtpauth-rows tbody tr[tabindex]")


def status(page: Page) -> Locator:
    return page.locator(".smtpauth-findings .smtpauth-status").first


def flyout(page: Page, kind: str = "smtpauth-incident") -> Locator:
    return page.locator(f"dialog.{kind}")


def test_the_list_opens_on_what_to_look_at_first_and_is_filtered(page):
    expect(status(page)).to_contain_text("2 incidents to look at today")
    expect(rows(page).first).to_contain_text("u3@contoso.com")
    expect(rows(page).first).to_contain_text("▲ High")
    count = rows(page).count()
    severity = page.locator(".smtpauth-findings .smtpauth-severity select")
    severity.select_option("▲ High")
    expect(rows(page)).to_have_count(2)
    rule = page.locator(".smtpauth-findings .smtpauth-rule select")
    rule.select_option("New sender")
    expect(page.locator(".smtpauth-findings .smtpauth-empty")).to_contain_text(
        "No incident matches these choices."
    )
    page.locator(".smtpauth-findings .smtpauth-empty button").click()
    expect(rows(page)).to_have_count(count)
    expect(severity).to_have_value("All severities")


def test_a_row_opens_the_story_with_its_proof_and_who_else_was_there(page):
    rows(page).first.click()
    opened = flyout(page)
    expect(opened.locator("h2")).to_have_text("u3@contoso.com")
    steps = opened.locator(".smtpauth-story > li")
    expect(steps.first).to_contain_text("Password spray")
    opened.locator(".smtpauth-proof .smtpauth-chart svg").first.wait_for()
    chart = opened.locator(".smtpauth-proof [role=img]")
    expect(chart).to_have_attribute(
        "aria-label", "201 messages on Oct 19, 2026; usual on this weekday: 1."
    )
    expect(opened).to_contain_text("What to check next")
    networks = opened.get_by_role("table", name="Networks and countries")
    expect(networks.locator("tbody tr").first).to_contain_text("AS64501")
    steps.first.get_by_role("button", name="Evidence").click()
    expect(opened.locator(".smtpauth-proof h3")).to_have_text("Evidence: Password spray")
    opened.get_by_role("button", name="Who else used 203.0.113.66").click()
    who = flyout(page, "smtpauth-who")
    expect(who).to_contain_text("1 used it, 7 only failed there.")
    expect(who.locator("tbody tr").first).to_contain_text("u3@contoso.com")
    page.keyboard.press("Escape")
    expect(who).to_have_count(0)
    opened.wait_for()
    opened.get_by_role("button", name="Everything about u3@contoso.com").click()
    expect(opened).to_have_count(0)
    card = page.locator(".smtpauth-findings .smtpauth-sender")
    expect(card.locator("h2")).to_have_text("u3@contoso.com")
    expect(card).to_be_focused()


def test_an_incident_is_acknowledged_by_keyboard_alone_and_taken_back(page):
    rows(page).first.focus()
    page.keyboard.press("Enter")
    opened = flyout(page)
    opened.locator(".smtpauth-proof .smtpauth-chart svg").first.wait_for()
    assert page.evaluate("document.activeElement.closest('dialog.smtpauth-incident') !== null")
    press(page, "Acknowledge or allow")
    note = opened.get_by_label("Note")
    expect(note).to_be_focused()
    page.keyboard.press("Tab")  # All findings of this incident.
    page.keyboard.press("Tab")
    expect(opened.get_by_role("button", name="Save")).to_be_focused()
    page.keyboard.press("Enter")
    expect(note).to_be_focused()
    expect(note).to_have_attribute("aria-invalid", "true")
    page.keyboard.type("dd aa: our own test")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    said = opened.locator(".smtpauth-said").first
    expect(said).to_contain_text("findings acknowledged.")
    expect(said).to_be_focused()
    expect(opened.locator(".smtpauth-lead")).to_contain_text("Acknowledged: dd aa: our own test")
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    expect(status(page)).to_contain_text("1 incident to look at today")
    expect(rows(page).last).to_contain_text("Acknowledged: dd aa: our own test")
    focus = "document.activeElement.textContent.includes('u3@contoso.com')"
    page.wait_for_function(focus)
    page.keyboard.press("Enter")
    press(page, "Take it back")
    expect(opened.locator(".smtpauth-said").first).to_contain_text("new again.")
    page.keyboard.press("Escape")
    expect(status(page)).to_contain_text("2 incidents to look at today")
    cells = page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length")
    assert cells == len(json.loads((NOTEBOOKS / NOTEBOOK).read_text())["cells"]), "no key got out"


def press(page: Page, name: str) -> None:
    """Reach a button of the open flyout with Tab, and press it."""
    button = flyout(page).get_by_role("button", name=name, exact=True)
    button.wait_for()
    for _ in range(80):
        if button.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_a_hostile_sender_is_text(page):
    row = rows(page).filter(has_text=EVIL)
    expect(row).to_have_count(1)
    row.click()
    opened = flyout(page)
    expect(opened.locator("h2")).to_have_text(EVIL)
    opened.locator(".smtpauth-proof .smtpauth-chart svg").first.wait_for()
    opened.get_by_role("button", name="Who else used 192.0.2.10").click()
    expect(flyout(page, "smtpauth-who")).to_contain_text(EVIL)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.title() != "owned" and page.locator("img[src='x']").count() == 0
