"""Unusual activity on a page in a real browser, with no network: evidence opens, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe import serious
from hostile import HOSTILE
from offline import Offline
from playwright.sync_api import expect
from unusual_world import SPRAYER, break_in

from smtpauth_kit.base.filters import ALL
from smtpauth_kit.reports import report_page
from smtpauth_kit.reports.report import build_report

pytestmark = pytest.mark.browser

VICTIM = HOSTILE[0]


@pytest.fixture(scope="module")
def page_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page about a break-in; the account that was broken into has the name of a script."""
    agent = "BAV2ROPC <img src=x onerror=alert(13)>"
    store = break_in(tmp_path_factory.mktemp("page"), VICTIM, agent=agent)
    return report_page.html(build_report(store, findings=ALL, proved=True))


@pytest.fixture
def report(opened: Callable[..., Offline], page_text: str) -> Iterator[Offline]:
    offline = opened(page_text)
    offline.page.locator(".smtpauth-evidence").first.wait_for()
    yield offline
    assert (offline.requests, offline.trouble) == ([], [])


def test_evidence_opens_and_closes_by_keyboard_in_both_languages(report: Offline) -> None:
    page = report.page
    buttons = page.locator(".smtpauth-findings .smtpauth-evidence")
    expect(buttons).to_have_count(3)
    expect(page.locator(".smtpauth-findings > .smtpauth-finding")).to_have_text(
        "2 incidents to look at today, 1 to know."
    )
    expect(page.locator(".smtpauth-told").first).to_contain_text(VICTIM)
    assert buttons.first.get_attribute("aria-label") == f"Evidence: {VICTIM}"
    buttons.first.focus()
    page.keyboard.press("Enter")
    flyout = page.locator("dialog.smtpauth-flyout")
    expect(flyout.locator("h2")).to_have_text(VICTIM)
    # The spray that found the password begins the story of the account.
    steps = flyout.locator(".smtpauth-story > li")
    expect(steps.first.locator(".smtpauth-step")).to_have_text(
        "\u25b2 HighPassword sprayOct 27, 2026, 01:00"
    )
    expect(flyout.locator(".smtpauth-proof h3")).to_have_text("Evidence: Volume spike")
    expect(flyout.locator(".smtpauth-proof-days")).to_contain_text(
        "241 messages on Oct 30, 2026; usual on this weekday: 1."
    )
    flyout.locator(".smtpauth-proof-days svg").first.wait_for()
    flyout.get_by_text("The first 50 of 241 rows.").wait_for()
    # Every step of the story opens its own evidence, that of the address too.
    expect(steps.get_by_role("button")).to_have_count(7)
    page.get_by_role("button", name="Evidence: Got in after failures, Oct 27, 2026, 03:00").press(
        "Enter"
    )
    expect(flyout.locator(".smtpauth-proof h3")).to_have_text("Evidence: Got in after failures")
    expect(
        flyout.get_by_role("table", name="Failed sign-ins, Oct 20, 2026 to Oct 30, 2026")
    ).to_contain_text(SPRAYER)
    page.keyboard.press("Escape")
    expect(flyout).to_have_count(0)
    expect(buttons.first).to_be_focused()
    page.locator(".smtpauth-languages button").click()
    expect(page.locator(".smtpauth-findings h2")).to_have_text("Ongewone activiteit")
    expect(buttons.nth(1)).to_have_text("Bewijs")
    buttons.nth(1).press("Enter")
    expect(flyout.locator(".smtpauth-proof h3")).to_have_text("Bewijs: Wachtwoordspray")
    flyout.locator(".smtpauth-proof-days svg").first.wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    opened: Callable[..., Offline], page_text: str, scheme: str
) -> None:
    offline = opened(page_text, color_scheme=scheme, reduced_motion="reduce")
    page = offline.page
    evidence = page.locator(".smtpauth-evidence").first
    evidence.wait_for()
    page.locator(".smtpauth-told summary").first.click()
    assert serious(page) == []
    evidence.click()
    page.locator("dialog .smtpauth-proof-days svg").first.wait_for()
    assert serious(page) == []


def test_without_scripts_the_incidents_and_what_to_check_are_there(
    opened: Callable[..., Offline], page_text: str
) -> None:
    page = opened(page_text, java_script_enabled=False).page
    section = page.locator(".smtpauth-findings")
    expect(section.locator(".smtpauth-told")).to_have_count(3)
    section.get_by_text("What to check next").first.wait_for()
    expect(section.locator(".smtpauth-evidence").first).to_be_hidden()
    section.get_by_text("The evidence opens where scripts run").wait_for()


def test_what_prints_is_the_list(report: Offline) -> None:
    page = report.page
    page.emulate_media(media="print")
    page.locator(".smtpauth-told").first.wait_for()
    expect(page.locator(".smtpauth-evidence").first).to_be_hidden()
