"""Readiness in a real JupyterLab in Chromium: notebook 02, written in by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe import serious
from lab import note_errors, run_all
from playwright.sync_api import Locator, Page, expect
from readiness_worlds import HEADER, day, every_day, working_days

from smtpauth_kit.answers.readiness import kept
from smtpauth_kit.loading import loading
from smtpauth_kit.store.store import open_store

pytestmark = pytest.mark.browser

OWN = ".smtpauth-screen.smtpauth-readiness"
EVIL = "x<img/src=x onerror=alert(1)>@contoso.com"
TENANT = "<img src=x onerror=alert(1)> & Zuid-Holland Scheepvaart- en Havenbedrijf B.V."


def log() -> str:
    """Ten weeks: an alarm over old TLS, a scanner, one that moved, and a hostile name."""
    lines = [
        *((each, "alarm@contoso.com", "TLS1.0", "Basic") for each in (day("09-14"), day("11-16"))),
        *((each, "scanner@contoso.com", "TLS1.2", "Basic") for each in working_days(day("09-14"))),
        *((each, "app@contoso.com", "TLS1.2", "Basic") for each in every_day(day("09-14"), day("09-20"))),
        *((each, "app@contoso.com", "TLS1.2", "OAuth") for each in every_day(day("09-21"))),
        (day("11-18"), EVIL, "TLS1.2", "Basic"),
    ]  # fmt: skip
    return HEADER + "".join(
        f"{each}T08:00:00Z,{sender},b@customer.example,<{n}@x>,{tls},192.0.2.1,{auth},\n"
        for n, (each, sender, tls, auth) in enumerate(lines)
    )


@pytest.fixture(scope="module")
def page(lab, browser) -> Iterator[Page]:
    """The notebook, run on that store; no request leaves the machine."""
    address, home = lab
    (home / "lab.duckdb").unlink()
    (home / "weeks.csv").write_text(log())
    loading.load(open_store(home / "lab.duckdb"), home / "weeks.csv")
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
    page.goto(address.format("02_readiness.ipynb"))
    run_all(page, ".smtpauth-readiness .smtpauth-weeks .smtpauth-chart svg")
    yield page
    assert page.left == [] and page.errors == []
    context.close()


def screen(page: Page) -> Locator:
    return page.locator(".smtpauth-screen.smtpauth-readiness")


def row(page: Page, sender: str) -> Locator:
    return screen(page).locator(".smtpauth-rows tbody tr").filter(has_text=sender)


def test_an_owner_is_written_by_keyboard_and_kept_while_the_next_cell_has_the_focus(page, lab):
    _, home = lab
    expect(screen(page).locator(".smtpauth-status").first).to_contain_text("4 senders at stake")
    expect(screen(page).locator(".smtpauth-went-quiet")).to_contain_text("Nobody who was due")
    assert serious(page, OWN) == []
    row(page, "scanner@").focus()
    page.keyboard.press("Tab")
    owner = page.get_by_label("Owner: scanner@contoso.com")
    expect(owner).to_be_focused()
    page.keyboard.type("Facilities")
    page.keyboard.press("Tab")
    expect(screen(page).locator(".smtpauth-said")).to_have_text("Kept: scanner@contoso.com.")
    state = page.get_by_label("State: scanner@contoso.com")
    expect(state).to_be_focused()
    state.select_option("In progress")
    due = page.get_by_label("Due date: scanner@contoso.com")
    due.fill("2027-01-15")
    due.press("Enter")
    expect(screen(page).locator(".smtpauth-off")).to_contain_text("Due after that day: scanner@")
    expect(owner).to_have_value("Facilities")
    expect(due).to_be_focused()
    said = kept.said_of(open_store(home / "lab.duckdb"))["scanner@contoso.com"]
    assert (said.owner, said.state, str(said.due_date)) == (
        "Facilities", "in_progress", "2027-01-15",
    )  # fmt: skip
    # What is typed and taken back is not kept; the focus goes to the row, and Enter opens it.
    page.get_by_label("Note: scanner@contoso.com").focus()
    page.keyboard.type("not this")
    page.keyboard.press("Escape")
    expect(row(page, "scanner@")).to_be_focused()
    page.keyboard.press("Enter")
    flyout = page.locator("dialog.smtpauth-at-stake")
    expect(flyout.locator("h2")).to_have_text("scanner@contoso.com")
    expect(flyout).to_contain_text("Mailbox setting")
    assert serious(page, OWN) == []
    page.keyboard.press("Escape")
    expect(row(page, "scanner@")).to_be_focused()
    assert kept.said_of(open_store(home / "lab.duckdb"))["scanner@contoso.com"].note is None


def test_a_switch_off_and_the_filters_answer_and_names_stay_text(page):
    off = screen(page).locator(".smtpauth-off")
    expect(off.locator(".smtpauth-finding")).to_contain_text(
        "Senders that stop on Dec 31, 2026: 3,"
    )
    off.get_by_label("Basic auth").uncheck()
    off.get_by_label("TLS 1.0 and 1.1").check()
    off.get_by_label("On").fill("2026-12-01")
    expect(off.locator(".smtpauth-finding")).to_contain_text("Senders that stop on Dec 1, 2026: 1,")
    off.get_by_text("Senders that stop", exact=True).click()
    expect(off.locator("details[open] tbody tr")).to_have_count(1)
    expect(off.locator("details[open] tbody tr")).to_contain_text("alarm@contoso.com")
    expect(row(page, EVIL)).to_have_count(1)
    assert page.locator(".smtpauth-readiness img").count() == 0
    screen(page).locator(".smtpauth-breaks select").select_option("✓ Moved")
    rows = screen(page).locator(".smtpauth-rows tbody tr[tabindex]")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("app@contoso.com")
    screen(page).locator(".smtpauth-state select").select_option("Done")
    expect(screen(page).locator(".smtpauth-empty")).to_contain_text("No sender at stake matches")
    assert serious(page, OWN) == []
    screen(page).locator(".smtpauth-empty button").click()
    expect(rows).to_have_count(4)
    expect(screen(page).locator(".smtpauth-status").first).to_be_focused()


def test_a_tenant_is_chosen_by_keyboard_and_stays_chosen(page, lab):
    _, home = lab
    (home / "other.csv").write_text(
        HEADER
        + "2026-11-17T08:00:00Z,scanner@contoso.com,b@customer.example,<o1@x>,TLS1.2,192.0.2.2,Basic,\n"
        + "2026-11-18T08:00:00Z,fax@fabrikam.com,b@customer.example,<o2@x>,TLS1.0,192.0.2.2,Basic,\n"
    )
    loading.load(open_store(home / "lab.duckdb"), home / "other.csv", tenant=TENANT)
    screen(page).locator(".smtpauth-breaks select").select_option(index=1)
    tenant = screen(page).get_by_label("Tenant", exact=True)
    status = screen(page).locator(".smtpauth-status").first
    expect(tenant.locator("option")).to_have_text(["All tenants", "no tenant", TENANT])
    expect(status).to_contain_text("5 senders at stake")
    assert status.evaluate("line => line.matches('[aria-live=polite], [role=status]')")
    # A letter leads to a name; the figures follow, and the focus stays in the list.
    tenant.focus()
    page.keyboard.type("<")
    expect(status).to_contain_text("2 senders at stake, with 2 messages")
    expect(tenant).to_be_focused()
    expect(row(page, "fax@fabrikam.com")).to_have_count(1)
    expect(row(page, "alarm@contoso.com")).to_have_count(0)
    page.keyboard.press("ArrowUp")
    expect(status).to_contain_text("3 senders at stake")
    expect(tenant).to_be_focused()
    expect(row(page, "fax@fabrikam.com")).to_have_count(0)
    # What else is chosen leaves the tenant as it is.
    page.keyboard.press("ArrowDown")
    expect(status).to_contain_text("2 senders at stake")
    screen(page).locator(".smtpauth-breaks select").select_option(index=2)
    expect(status).to_contain_text("1 sender at stake")
    expect(row(page, "fax@fabrikam.com")).to_have_count(1)
    expect(tenant.locator("option:checked")).to_have_text(TENANT)
    # A long name makes neither the list nor the screen wider, and no name is more than text.
    assert tenant.bounding_box()["width"] <= 240
    assert screen(page).evaluate("box => box.scrollWidth <= box.clientWidth")
    assert page.locator(".smtpauth-readiness img").count() == 0
    assert serious(page, OWN) == []
