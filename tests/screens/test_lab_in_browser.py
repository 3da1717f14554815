"""The report notebook in a real JupyterLab in Chromium, by mouse and by keyboard alone."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from functools import partial

import pytest
from conftest import LOG_HEADER, until
from lab import EVIL, FLAGS, NOTEBOOKS, note_errors, run_all
from playwright.sync_api import Page, expect, sync_playwright

from smtpauth_kit.loading import loading
from smtpauth_kit.store.store import open_store

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(lab, chromium, tmp_path_factory) -> Iterator[Page]:
    """The report notebook, run, with every request that leaves the machine blocked and kept."""
    address, _ = lab
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("chromium"), executable_path=chromium, headless=True,
            args=FLAGS, viewport={"width": 1300, "height": 1000},
            timezone_id="America/Los_Angeles",
        )  # fmt: skip
        page = context.pages[0]
        page.left, page.errors = [], []  # type: ignore[attr-defined]
        page.ahead = []  # type: ignore[attr-defined]

        def gate(route):
            if route.request.url.startswith((address[:20], "data:", "blob:")):
                route.continue_()
            else:
                page.left.append(route.request.url)
                route.abort()

        context.route("**/*", gate)
        note_errors(page, page.errors)
        page.on("dialog", lambda dialog: (page.errors.append(dialog.message), dialog.dismiss()))
        hear = partial(hear_ahead, page.ahead)
        page.on("websocket", lambda socket: socket.on("framereceived", hear))
        page.goto(address.format("01_smtp_auth_report.ipynb"))
        run_all(page)
        yield page
        context.close()


def hear_ahead(heard: list[str], frame: bytes | str) -> None:
    """Note the domains that a message to the browser holds answers for, made ahead."""
    text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
    if (at := text.find('{"ahead"')) >= 0:
        message, _ = json.JSONDecoder().raw_decode(text[at:])
        heard.extend(message["ahead"]["answers"])


def wait_until_ahead(page: Page, domain: str) -> None:
    """Wait until the browser holds the answer for a domain."""
    until(lambda: page.wait_for_timeout(20) or domain in page.ahead)
    page.wait_for_function("true")  # What has arrived is heard before this is.


def status(page: Page):
    return page.locator(".smtpauth-report .smtpauth-status")


def marked_svg(page: Page) -> None:
    page.evaluate(
        "document.querySelector('.smtpauth-report .smtpauth-chart:not([hidden]) svg').kept = true"
    )


def svg_is_the_same(page: Page) -> bool:
    return page.evaluate(
        "document.querySelector('.smtpauth-report .smtpauth-chart:not([hidden]) svg').kept === true"
    )


def test_the_report_opens_on_the_last_7_days_of_all_domains(page):
    expect(status(page)).to_contain_text(
        "50 messages from 4 sender addresses, 2026-11-16 to 2026-11-22"
    )
    chart = page.locator(".smtpauth-report .smtpauth-chart:not([hidden]) [role=img]").first
    expect(chart).to_have_attribute(
        "aria-label", "3 sender domains; most messages from contoso.com: 42."
    )
    days = page.locator(
        ".smtpauth-report .smtpauth-chart:not([hidden]) svg text"
    ).all_text_contents()
    assert "Nov 16" in days and "Nov 22" in days and "Nov 15" not in days


def test_a_domain_answered_ahead_is_shown_while_the_kernel_stands_still(page):
    # Nobody has touched it yet: also the first choice is made ahead.
    wait_until_ahead(page, "fabrikam.com")
    kernel = int(
        page.evaluate(
            """async () => {
              const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
              const run = kernel.requestExecute({code: "import os; print(os.getpid())", store_history: false});
              let text = "";
              run.onIOPub = ({content}) => { text += content.text ?? ""; };
              await run.done;
              return text;
            }"""
        )
    )
    select = page.locator(".smtpauth-report .smtpauth-domain select")
    os.kill(kernel, signal.SIGSTOP)
    try:
        select.select_option("fabrikam.com")
        expect(status(page)).to_contain_text("7 messages from 1 sender address,")
        expect(page.locator(".smtpauth-report .smtpauth-chip")).to_contain_text("fabrikam.com")
    finally:
        os.kill(kernel, signal.SIGCONT)
    select.select_option("All sender domains")
    expect(status(page)).to_contain_text("50 messages")


def test_a_domain_is_chosen_and_the_standing_chart_is_patched(page):
    marked_svg(page)
    page.locator(".smtpauth-report .smtpauth-domain select").select_option("fabrikam.com")
    expect(status(page)).to_contain_text("7 messages from 1 sender address,")
    assert svg_is_the_same(page)
    page.locator(".smtpauth-report .smtpauth-domain select").select_option("All sender domains")
    expect(status(page)).to_contain_text("50 messages")
    assert svg_is_the_same(page)


def test_every_chart_has_its_numbers_as_a_table_below_it_that_follows(page):
    report = page.locator(".smtpauth-report").last
    numbers = report.locator("details.smtpauth-data-table:not([hidden])")
    expect(numbers).to_have_count(5)
    numbers.first.locator(":scope > summary").click()
    first = numbers.first.locator("tbody tr")
    expect(first).to_have_count(21)  # three domains, seven days
    report.locator(".smtpauth-domain select").select_option("fabrikam.com")
    expect(first.first).to_contain_text("fabrikam.com")
    expect(first).to_have_count(7)
    assert sum(int(text) for text in first.locator("td:last-child").all_text_contents()) == 7
    report.locator(".smtpauth-domain select").select_option("All sender domains")
    expect(first).to_have_count(21)
    numbers.first.locator(":scope > summary").click()


def test_dates_are_changed_with_the_pickers_and_the_period(page):
    page.locator(".smtpauth-report .smtpauth-end input").fill("2026-11-18")
    expect(status(page)).to_contain_text(
        "42 messages from 2 sender addresses, 2026-11-16 to 2026-11-18"
    )
    page.locator(".smtpauth-report .smtpauth-period select").select_option("All days")
    expect(status(page)).to_contain_text(
        "55 messages from 5 sender addresses, 2026-10-01 to 2026-11-22"
    )
    page.locator(".smtpauth-report .smtpauth-period select").select_option("Last 7 days")
    expect(status(page)).to_contain_text("50 messages")


def test_days_brushed_in_the_chart_narrow_the_table_and_a_chip_takes_them_back(page):
    report = page.locator(".smtpauth-report").last
    svg = report.locator(".smtpauth-chart:not([hidden]) svg").first
    svg.wait_for()
    report.locator(".role-legend-label text").first.wait_for()
    svg.scroll_into_view_if_needed()
    box = svg.bounding_box()
    middle = box["y"] + box["height"] * 0.6
    page.mouse.move(box["x"] + box["width"] * 0.05, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.38, middle, steps=8)
    page.mouse.up()
    chip = report.locator(".smtpauth-chip")
    expect(chip).to_contain_text("Table: Nov 16, 2026 to Nov 18, 2026")
    expect(report.locator(".smtpauth-rows:not([hidden]) tfoot")).to_contain_text(
        "Total of 2 senders"
    )
    expect(report.locator(".smtpauth-status")).to_contain_text("50 messages")
    chip.locator("button").click()
    expect(report.locator(".smtpauth-rows")).to_be_hidden()
    assert page.evaluate("document.activeElement.matches('.smtpauth-status')")


def test_days_are_chosen_by_keyboard_on_the_chart_itself(page):
    report = page.locator(".smtpauth-report").last
    days = report.get_by_role("slider", name="Days for the table").first
    chip = report.locator(".smtpauth-chip")
    table = report.locator(".smtpauth-rows:not([hidden]) tfoot")
    details = report.locator("button.smtpauth-details")
    details.focus()
    for _ in range(3):
        page.keyboard.press("Tab")
        if days.evaluate("slider => slider === document.activeElement"):
            break
    expect(days).to_be_focused()
    expect(days).to_have_attribute("aria-valuetext", "All days")
    days.locator("span").wait_for()  # how it works, for those who see
    page.keyboard.press("ArrowRight")
    expect(days).to_have_attribute("aria-valuetext", "Nov 16, 2026")
    expect(chip).to_contain_text("Table: Nov 16, 2026")
    expect(table).to_contain_text("Total of 1 sender")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(days).to_have_attribute("aria-valuetext", "Nov 16, 2026 to Nov 18, 2026")
    expect(chip).to_contain_text("Table: Nov 16, 2026 to Nov 18, 2026")
    expect(table).to_contain_text("Total of 2 senders")
    page.keyboard.press("Shift+ArrowLeft")
    expect(table).to_contain_text("Total of 1 sender")
    page.keyboard.press("End")
    expect(chip).to_contain_text("Table: Nov 22, 2026")
    expect(days).to_be_focused()
    page.keyboard.press("Escape")
    expect(chip).to_have_count(0)
    expect(days).to_have_attribute("aria-valuetext", "All days")
    expect(report.locator(".smtpauth-rows")).to_be_hidden()
    cells = page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length")
    assert cells == len(json.loads((NOTEBOOKS / "01_smtp_auth_report.ipynb").read_text())["cells"])


def test_a_legend_entry_filters_and_once_more_shows_all_again(page):
    report = page.locator(".smtpauth-report").last
    entry = report.locator(".smtpauth-chart:not([hidden]) .role-legend-label text").nth(1)
    entry.click()
    expect(report.locator(".smtpauth-status")).to_contain_text("7 messages from 1 sender address")
    report.locator(".smtpauth-chip-off").first.click()
    expect(report.locator(".smtpauth-status")).to_contain_text("50 messages")


def test_the_table_sorts_and_searches_in_the_kernel_and_says_so_to_everyone(page):
    report = page.locator(".smtpauth-report").last
    report.locator(".smtpauth-details").click()
    rows = report.locator(".smtpauth-rows tbody tr[tabindex]")
    expect(rows).to_have_count(4)
    header = report.locator("th", has_text="Sender address").locator("button")
    header.focus()
    page.keyboard.press("Enter")
    expect(report.locator("th", has_text="Sender address")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(rows.nth(1)).to_contain_text("erp@contoso.com")
    assert page.evaluate("document.activeElement.textContent") == "Sender address"
    rows.first.focus()
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.textContent.startsWith('scanner@contoso.com')")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator(".smtpauth-flyout")).to_contain_text("Mailbox setting")
    page.keyboard.press("Escape")
    report.locator("th", has_text="Message count").locator("button").click()
    expect(rows.first).to_contain_text("erp@contoso.com")
    report.locator(".smtpauth-details").click()


def test_tls_usage_is_another_view_of_the_same_messages(page):
    page.locator(".smtpauth-report .smtpauth-view select").select_option("TLS usage")
    chart = page.locator(".smtpauth-report .smtpauth-chart:not([hidden]) [role=img]").first
    expect(chart).to_have_attribute(
        "aria-label", "TLS 1.0: 24.00 % (12), TLS 1.2: 74.00 % (37), TLS 1.3: 2.00 % (1)."
    )


def test_the_details_table_opens_and_a_row_opens_its_flyout_by_mouse(page):
    page.locator(".smtpauth-report .smtpauth-details").click()
    rows = page.locator(".smtpauth-report .smtpauth-table tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.nth(0)).to_contain_text("erp@contoso.com")
    expect(rows.nth(1)).to_contain_text("100%(12)")
    expect(page.locator(".smtpauth-report .smtpauth-details")).to_have_text("View report")
    rows.nth(1).click()
    flyout = page.locator(".smtpauth-flyout")
    flyout.wait_for()
    expect(flyout).to_contain_text("scanner@contoso.com")
    expect(flyout).to_contain_text("192.0.2.1")
    flyout.locator("svg").first.wait_for()
    flyout.locator(".smtpauth-close").click()
    expect(flyout).to_have_count(0)


def test_a_hostile_sender_is_text(page):
    row = page.locator(".smtpauth-report .smtpauth-table tbody tr").last
    expect(row).to_contain_text(EVIL)
    row.click()
    expect(page.locator(".smtpauth-flyout")).to_contain_text("document.title='owned'")
    page.keyboard.press("Escape")
    assert page.title() != "owned"


def test_the_keyboard_alone_is_enough(page):
    page.locator(".smtpauth-report .smtpauth-details").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".smtpauth-report .smtpauth-details")).to_have_text("View details table")
    view = page.locator(".smtpauth-report .smtpauth-view select")
    view.focus()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.closest('.smtpauth-domain') !== null")
    page.keyboard.press("ArrowDown")
    expect(status(page)).to_contain_text("42 messages from 2 sender addresses")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(
            "document.activeElement.matches('.smtpauth-details, .smtpauth-details *')"
        ):
            break
    page.keyboard.press("Enter")
    rows = page.locator(".smtpauth-report .smtpauth-table tbody tr")
    expect(rows).to_have_count(2)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.smtpauth-table tbody tr')"):
            break
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    flyout = page.locator(".smtpauth-flyout")
    expect(flyout).to_contain_text("scanner@contoso.com")
    assert page.evaluate("document.activeElement.closest('.smtpauth-flyout') !== null")
    page.keyboard.press("Escape")
    expect(flyout).to_have_count(0)
    assert page.evaluate("document.activeElement.textContent.includes('scanner@contoso.com')")
    cells = page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length")
    assert cells == len(json.loads((NOTEBOOKS / "01_smtp_auth_report.ipynb").read_text())["cells"])


def test_new_data_is_seen_at_the_next_change(page, lab):
    _, home = lab
    (home / "more.csv").write_text(
        LOG_HEADER + "2026-11-21T08:00:00Z,new@contoso.com,x@fabrikam.com,<n@x>,TLS1.2,,OAuth\n"
    )
    loading.load(open_store(home / "lab.duckdb"), home / "more.csv")
    page.ahead.clear()
    page.locator(".smtpauth-report .smtpauth-view select").select_option("Sending volume")
    expect(status(page)).to_contain_text("43 messages from 3 sender addresses")
    wait_until_ahead(page, "fabrikam.com")  # And then one more message is loaded.
    (home / "last.csv").write_text(
        LOG_HEADER + "2026-11-21T08:00:00Z,last@fabrikam.com,x@fabrikam.com,<l@x>,TLS1.2,,OAuth\n"
    )
    loading.load(open_store(home / "lab.duckdb"), home / "last.csv")
    page.locator(".smtpauth-report .smtpauth-domain select").select_option("fabrikam.com")
    expect(status(page)).to_contain_text("8 messages from 2 sender addresses")


def test_the_insight_opens_its_flyout_and_the_report_in_place(page):
    page.evaluate(
        "async () => { const n = jupyterapp.shell.currentWidget.content;"
        "await n.scrollToItem(n.widgets.length - 3, 'start'); }"
    )
    number = page.locator(".smtpauth-insight .smtpauth-number-button").first
    # It follows the store: two senders were loaded since it was opened.
    expect(number).to_have_text("6")
    number.focus()
    page.keyboard.press("Enter")
    flyout = page.locator(".smtpauth-flyout")
    expect(flyout).to_contain_text("TLS 1.0 deprecation")
    flyout.locator("svg").first.wait_for()
    reports = page.locator(".smtpauth-report").count()
    flyout.get_by_role("button", name="SMTP Auth clients report").click()
    expect(flyout).to_have_count(0)
    # The report of this notebook is there already: it is led to, and no second one opened.
    expect(page.locator(".smtpauth-report").last).to_be_in_viewport()
    expect(page.locator(".smtpauth-report")).to_have_count(reports)


SENDERS = 3_210


def rows_said(first: str, last: str, total: str) -> str:
    return f"{first}\N{EN DASH}{last} of {total} rows"


def test_thousands_of_senders_are_paged_sorted_and_searched_in_the_kernel(page, lab):
    """A page at a time reaches the browser; the totals row is what the chart shows."""
    _, home = lab
    lines = [
        f"2026-11-{16 + n % 7}T09:00:00Z,s{n:04d}@contoso.com,to@fabrikam.com,<{n}.{i}@many>,TLS1.2,,Basic\n"
        for n in range(SENDERS)
        for i in range(1 + n % 3)
    ]
    (home / "many.csv").write_text(LOG_HEADER + "".join(lines))
    loading.load(open_store(home / "lab.duckdb"), home / "many.csv")
    report = page.locator(".smtpauth-report").first
    report.scroll_into_view_if_needed()
    report.locator(".smtpauth-domain select").select_option("All sender domains")
    report.locator(".smtpauth-domain select").select_option("contoso.com")
    messages = len(lines) + 12 + 30 + 1
    expect(report.locator(".smtpauth-status")).to_contain_text(
        f"{messages} messages", timeout=20_000
    )
    details = report.locator("button.smtpauth-details")
    if details.inner_text() == "View report":
        details.click()
    chart = report.locator(".smtpauth-chart:not([hidden]) [role=img]").first
    expect(chart).to_have_attribute("aria-label", "All messages are from contoso.com.")
    details.click()
    rows = report.locator(".smtpauth-rows tbody tr[tabindex]")
    pager = report.locator(".smtpauth-rows .smtpauth-pager")
    said = pager.get_by_role("status")
    totals = report.locator(".smtpauth-rows tfoot td")
    total = f"{SENDERS + 3:,}"
    expect(said).to_have_text(rows_said("1", "50", total))
    expect(rows).to_have_count(50)
    expect(totals.nth(0)).to_have_text(f"Total of {total} senders")
    expect(totals.nth(1)).to_have_text(f"{messages:,}")

    report.locator("th", has_text="Sender address").locator("button").click()
    expect(rows.nth(2)).to_contain_text("s0000@contoso.com")  # Of the busiest s0002 is.
    pager.get_by_role("button", name="Next").click()
    expect(said).to_have_text(rows_said("51", "100", total))
    expect(rows.first).to_contain_text("s0048@contoso.com")
    expect(totals.nth(1)).to_have_text(f"{messages:,}")
    page.keyboard.press("Enter")  # The focus stays on Next.
    expect(said).to_have_text(rows_said("101", "150", total))
    expect(rows.first).to_contain_text("s0098@contoso.com")
    pager.get_by_role("button", name="Previous").click()
    expect(rows.first).to_contain_text("s0048@contoso.com")

    rows.first.focus()  # By keyboard past the end of a page, and to the last row of all.
    page.keyboard.press("ArrowUp")
    expect(said).to_have_text(rows_said("1", "50", total))
    assert page.evaluate("document.activeElement.textContent").startswith("s0047@contoso.com")
    page.keyboard.press("End")
    expect(said).to_have_text(rows_said(f"{SENDERS + 3 - (SENDERS + 3) % 50 + 1:,}", total, total))
    expect(rows.last).to_be_focused()
    expect(rows.last).to_contain_text("scanner@contoso.com")
    expect(rows).to_have_count((SENDERS + 3) % 50)

    report.locator("th", has_text="Message count").locator("button").click()
    expect(said).to_have_text(rows_said("1", "50", total))  # Another order begins at its start.
    expect(rows.first).to_contain_text("erp@contoso.com")
    pager.get_by_role("button", name="Next").click()
    expect(said).to_have_text(rows_said("51", "100", total))
    report.locator(".smtpauth-search").fill("s012")
    expect(said).to_have_text(rows_said("1", "10", "10"))
    expect(rows).to_have_count(10)
    expect(totals.nth(0)).to_have_text("Total of 10 senders")
    found = sum(1 + n % 3 for n in range(120, 130))
    expect(totals.nth(1)).to_have_text(str(found))
    counts = report.locator(".smtpauth-rows tbody td[data-column=message_count]")
    assert sum(map(int, counts.all_text_contents())) == found
    report.locator(".smtpauth-search").fill("")
    expect(said).to_have_text(rows_said("1", "50", total))
    report.locator("button.smtpauth-details").click()


def test_nothing_left_the_machine_and_nothing_failed(page):
    assert page.left == []
    assert page.errors == []
