"""Exported pages in Debian's Chromium, west of Greenwich, with every request blocked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import LOG_HEADER
from hostile import HOSTILE, hostile_log
from offline import Offline
from playwright.sync_api import Page, expect

from smtpauth_kit import answers
from smtpauth_kit.base.conditions import parse_groups
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import loading
from smtpauth_kit.loading.results import LoadResult
from smtpauth_kit.reports import report_page, report_sheets
from smtpauth_kit.reports.notebook_export import export_notebook
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.screens.charts_below import charts_below
from smtpauth_kit.store.store import Store, open_store
from smtpauth_kit.views.details_table import Column, cell
from smtpauth_kit.views.registry import CHOICES as VIEWS
from smtpauth_kit.views.registry import ON_PAGES
from smtpauth_kit.words.inert import INVISIBLE, show_invisible
from smtpauth_kit.words.words import speak

pytestmark = pytest.mark.browser

LIVE = ".smtpauth-drawing .smtpauth-chart > [role=img] svg"


@pytest.fixture(scope="module")
def hostile_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store of one log; no test of this module changes it."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "log.csv").write_text(hostile_log())
    store = open_store(folder / "store.duckdb")
    loading.load(store, folder / "log.csv")
    return store


@pytest.fixture(scope="module")
def hostile_page(hostile_store: Store) -> str:
    return report_page.html(build_report(hostile_store))


@pytest.fixture
def report(hostile_page: str, opened: Callable[..., Offline]) -> Iterator[Offline]:
    offline = opened(hostile_page)
    offline.page.locator(LIVE).wait_for()
    yield offline
    assert (offline.requests, offline.trouble) == ([], [])


def test_choosing_a_domain_changes_chart_status_and_table(report: Offline) -> None:
    page = report.page
    page.evaluate("selector => { window.drawn = document.querySelector(selector); }", LIVE)
    before = page.locator(LIVE).inner_html()
    assert report.status() == (
        "77 messages from 11 sender addresses, 2026-11-16 to 2026-11-22, source: submission log"
    )
    report.choose_domain("contoso.com")
    expect(page.locator(".smtpauth-status")).to_have_text(
        "11 messages from 1 sender address, 2026-11-16 to 2026-11-22, source: submission log"
    )
    expect(page.locator(".smtpauth-drawing .smtpauth-finding")).to_have_text(
        "All messages are from contoso.com."
    )
    page.wait_for_function(
        "([s, old]) => document.querySelector(s).innerHTML !== old", arg=[LIVE, before]
    )
    assert page.evaluate("selector => window.drawn === document.querySelector(selector)", LIVE)
    assert page.locator(LIVE).get_by_text("evil.example").count() == 0
    assert [row[:2] for row in report.show_table()] == [["good@contoso.com", "11"]]


def test_the_table_shows_what_the_store_answers(report: Offline, hostile_store: Store) -> None:
    report.page.locator(".smtpauth-view").select_option("tls-usage")
    cells = report.show_table()
    senders = build_report(hostile_store).senders
    assert [row[0] for row in cells] == senders["sender_address"].tolist()
    assert cells[0][:6] == [
        "other@fabrikam.example",
        "33.33%(4)",
        "33.33%(4)",
        "0%(0)",
        "33.33%(4)",
        "12",
    ]


def test_the_dates_narrow_what_is_shown_and_do_not_shift(
    report: Offline, hostile_store: Store
) -> None:
    page = report.page
    assert page.locator(".smtpauth-start").input_value() == "2026-11-16"
    assert page.locator(f"{LIVE} .role-axis-label text").all_text_contents()[:2] == [
        "Nov 16",
        "Nov 17",
    ]
    page.locator(".smtpauth-start").fill("2026-11-21")
    page.locator(".smtpauth-end").fill("2026-11-21")
    one = build_report(
        hostile_store, Filters(start=dt.date(2026, 11, 21), end=dt.date(2026, 11, 21))
    )
    expect(page.locator(".smtpauth-status")).to_contain_text(f"{one.message_count} messages")
    assert [row[0] for row in report.show_table()] == one.senders["sender_address"].tolist()


def test_dates_the_wrong_way_round_are_refused_in_words(report: Offline) -> None:
    report.page.locator(".smtpauth-end").fill("2026-11-17")
    report.page.locator(".smtpauth-start").fill("2026-11-20")
    expect(report.page.locator(".smtpauth-status")).to_have_text(
        "The end date is before the start date."
    )


def test_hovering_over_a_day_says_its_number(report: Offline) -> None:
    page = report.page
    report.choose_domain("contoso.com")
    expect(page.locator(".smtpauth-status")).to_contain_text("11 messages")
    expect(page.locator(f"{LIVE} .role-legend-label text")).to_have_text(["contoso.com"])
    page.locator(f"{LIVE} path[opacity='0']").first.hover(force=True)
    expect(page.locator(".smtpauth-tooltip")).to_contain_text("Mon Nov 16, 2026")
    expect(page.locator(".smtpauth-tooltip")).to_contain_text("contoso.com")


def test_hostile_senders_are_readable_and_do_nothing(report: Offline) -> None:
    page = report.page
    shown = {row[0] for row in report.show_table()}
    assert set(HOSTILE) < shown
    for row in page.locator(".smtpauth-rows tbody tr").all():
        row.click()
        heading = page.locator(".smtpauth-flyout h2")
        assert heading.text_content() == row.locator("td").first.text_content()
        page.locator(".smtpauth-flyout svg.marks").wait_for()
        page.keyboard.press("Escape")
    assert page.locator("img, iframe, object, embed").count() == 0
    # Only the loader and what it unpacked can run; all others hold data.
    assert page.evaluate("[...document.scripts].filter(script => !script.type).length") == 2
    # Named by the look, not part of the text; a picture has no boxes: there it is the text.
    (name,) = page.get_by_text("U+202E").all_text_contents()
    assert show_invisible(HOSTILE[3]).startswith(name.removesuffix("\u2026"))
    assert page.locator("svg text", has_text="U+202E").count() == 1
    names = page.locator(".smtpauth-rows .smtpauth-invisible").all()
    assert [name.get_attribute("data-code") for name in names] == ["U+202E", "U+202C"]


def test_a_flyout_opens_and_closes_by_keyboard(report: Offline) -> None:
    page = report.page
    page.locator(".smtpauth-details").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".smtpauth-details")).to_have_text("View report")
    rows = page.locator(".smtpauth-rows tbody tr")
    while not page.evaluate("document.activeElement.matches('.smtpauth-rows tbody tr')"):
        page.keyboard.press("Tab")
    for key in ("ArrowDown", "End", "ArrowUp", "Home", "ArrowDown"):
        page.keyboard.press(key)
    expect(rows.nth(1)).to_be_focused()
    assert [row.get_attribute("tabindex") for row in rows.all()].count("0") == 1
    page.keyboard.press("Enter")
    flyout = page.get_by_role("dialog")
    expect(flyout).to_contain_text("good@contoso.com")
    expect(flyout.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(flyout).to_have_count(0)
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press(" ")
    page.get_by_role("button", name="Close").press("Enter")
    expect(rows.nth(1)).to_be_focused()


def test_a_flyout_opens_and_closes_by_mouse(report: Offline) -> None:
    page = report.page
    report.show_table()
    page.locator(".smtpauth-rows tbody tr").first.click()
    flyout = page.get_by_role("dialog")
    expect(flyout.locator(".smtpauth-fields")).to_contain_text("12")
    flyout.locator("svg.marks").wait_for()
    flyout.get_by_role("button", name="Close").click()
    expect(flyout).to_have_count(0)
    page.locator(".smtpauth-rows tbody tr").first.click()
    page.mouse.click(20, 300)
    expect(flyout).to_have_count(0)


def test_the_insights_number_opens_its_flyout_and_leads_to_the_report(report: Offline) -> None:
    page = report.page
    page.locator(".smtpauth-number-button").click()
    flyout = page.get_by_role("dialog")
    expect(flyout).to_contain_text("TLS 1.0 deprecation")
    assert flyout.locator("li span:nth-of-type(1)").all_text_contents() == [
        "No TLS", "TLS 1.0", "TLS 1.1", "TLS 1.2", "(Most secure) TLS 1.3", "TLS unknown",
    ]  # fmt: skip
    flyout.locator("svg.marks").wait_for()
    flyout.get_by_role("button", name="SMTP Auth clients report").click()
    expect(page.locator(".smtpauth-report")).to_be_focused()


def test_the_table_sorts_and_searches(report: Offline) -> None:
    page = report.page
    report.show_table()
    assert page.locator("th[aria-sort=descending]").inner_text() == "Message count"
    page.get_by_role("button", name="Message count").click()
    assert [row[1] for row in report.cells()][:3] == ["2", "3", "4"]
    assert page.locator("th[aria-sort=ascending]").inner_text() == "Message count"
    page.get_by_role("searchbox").fill("FABRIKAM")
    assert [row[:2] for row in report.cells()] == [["other@fabrikam.example", "12"]]
    page.get_by_role("searchbox").fill("nobody")
    assert report.cells() == [["No rows match."]]


def test_every_control_has_a_name_and_every_chart_a_finding(report: Offline) -> None:
    page = report.page
    for name in ("Show data for", "View data by", "Start date", "End date"):
        page.get_by_label(name).wait_for()
    page.get_by_role("img", name="3 sender domains; most messages from ").wait_for()
    page.locator(".smtpauth-view").select_option("tls-usage")
    page.get_by_role("img", name="TLS 1.0: 37.66 % (29)").wait_for()


def test_the_script_writes_numbers_and_days_as_python_does(report: Offline) -> None:
    counts = [0, 1, 999, 1000, 1234567, 9007199254740991]
    shares = [0.0, 1.0, 0.5308, 1 / 3, 2 / 3, 0.375, 1e-6, 1 - 1e-6, 0.00005, 0.99995, 0.005]
    days = [dt.date(2026, month, 1) for month in range(1, 13)]
    for language in ("en", "nl"):
        words = speak(language)
        said = report.page.evaluate(
            """([words, counts, shares, days]) => {
                const say = smtpauth.speak(words);
                return [counts.map(say.count), shares.map(x => say.percent(x)),
                        shares.map(x => say.percent(x, 2)), days.map(say.date),
                        [1, 2].map(n => say("{n} messages", { n }))];
            }""",
            [words.for_script(), counts, shares, [day.isoformat() for day in days]],
        )
        assert said == [
            [words.count(count) for count in counts],
            [words.percent(share) for share in shares],
            [words.percent(share, 2) for share in shares],
            [words.date(day) for day in days],
            [words("{n} messages", n=n) for n in (1, 2)],
        ]


def test_dragging_over_days_narrows_the_table_until_escape(
    report: Offline, hostile_store: Store
) -> None:
    page = report.page
    marks = page.locator(f"{LIVE} .mark-area, {LIVE} .mark-line").first
    marks.scroll_into_view_if_needed()
    plot = marks.bounding_box()
    assert plot
    across = lambda share: (plot["x"] + plot["width"] * share, plot["y"] + plot["height"] / 2)  # noqa: E731
    page.mouse.move(*across(0.9 / 6))
    page.mouse.down()
    page.mouse.move(*across(1.5 / 6))
    page.mouse.move(*across(2.1 / 6))
    page.mouse.up()
    days = Filters(start=dt.date(2026, 11, 17), end=dt.date(2026, 11, 18))
    brushed = build_report(hostile_store, days)
    expect(page.locator(".smtpauth-status")).to_have_text(brushed.status)
    expect(page.locator(".smtpauth-brushed")).to_contain_text("Nov 17, 2026 to Nov 18, 2026")
    assert [row[0] for row in report.cells()] == brushed.senders["sender_address"].tolist()
    page.locator(".smtpauth-report").press("Escape")
    expect(page.locator(".smtpauth-status")).to_contain_text("77 messages from 11 sender addresses")
    expect(page.locator(".smtpauth-brushed")).to_be_hidden()


def test_days_are_chosen_by_keyboard_on_the_chart_and_escape_takes_all(
    report: Offline, hostile_store: Store
) -> None:
    page = report.page
    days = page.get_by_role("slider", name="Days for the table")
    days.focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    expect(days).to_have_attribute("aria-valuetext", "Nov 17, 2026 to Nov 18, 2026")
    narrowed = build_report(
        hostile_store, Filters(start=dt.date(2026, 11, 17), end=dt.date(2026, 11, 18))
    )
    expect(page.locator(".smtpauth-status")).to_have_text(narrowed.status)
    assert [row[0] for row in report.cells()] == narrowed.senders["sender_address"].tolist()
    expect(days).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".smtpauth-status")).to_contain_text("77 messages from 11 sender addresses")
    expect(days).to_have_attribute("aria-valuetext", "All days")


def test_every_chart_has_its_numbers_as_a_table(report: Offline) -> None:
    page = report.page
    numbers = page.locator(".smtpauth-drawing .smtpauth-data-table")
    page.locator(".smtpauth-view select").select_option("tls-usage")
    numbers.get_by_text("Data table").click()
    rows = numbers.locator("tbody tr")
    expect(rows).to_have_count(6)
    counts = [
        int(text.split("(")[1][:-1]) for text in rows.locator("td:last-child").all_inner_texts()
    ]
    assert sum(counts) == 77
    expect(numbers.locator("thead")).to_contain_text("TLS version")
    page.locator(".smtpauth-view select").select_option("sending-volume")
    numbers.get_by_text("Data table").click()
    expect(numbers.locator("thead")).to_contain_text("Sender domain")


def test_the_csv_is_what_is_shown(report: Offline, hostile_store: Store) -> None:
    page = report.page

    def saved() -> str:
        with page.expect_download() as download:
            page.get_by_role("button", name="Download CSV").click()
        assert download.value.suggested_filename == "smtp-auth-senders_2026-11-16_2026-11-22.csv"
        return Path(download.value.path()).read_bytes().decode("utf-8-sig")

    assert saved() == report_sheets.senders_csv(build_report(hostile_store))
    page.get_by_role("searchbox").fill("FABRIKAM")
    lines = report_sheets.senders_csv(build_report(hostile_store)).splitlines()
    assert saved().splitlines() == [lines[0], *(line for line in lines if "fabrikam" in line)]


def test_the_page_speaks_the_other_language_and_keeps_the_choice(
    report: Offline, hostile_store: Store
) -> None:
    page = report.page
    report.choose_domain("contoso.com")
    page.locator(".smtpauth-view").select_option("tls-usage")
    page.get_by_role("button", name="Nederlands").click()
    dutch = build_report(hostile_store, Filters(domains=("contoso.com",)), "nl")
    expect(page.locator(".smtpauth-status")).to_have_text(dutch.status)
    expect(page.locator(".smtpauth-drawing .smtpauth-finding")).to_have_text(
        dutch.finding("tls-usage")
    )
    assert page.evaluate("document.documentElement.lang") == "nl"
    assert page.title() == dutch.words("SMTP Auth clients report")
    page.locator(".smtpauth-rows tbody tr").first.click()
    expect(page.get_by_role("dialog")).to_contain_text(dutch.words("Sender address"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="English").click()
    expect(page.locator(".smtpauth-status")).to_contain_text("11 messages from 1 sender address")


def test_on_paper_stand_all_rows_of_the_selection_and_no_control(
    store: Store, load: Callable[..., LoadResult], opened: Callable[..., Offline]
) -> None:
    rows = "".join(
        f"2026-11-16T12:00:00Z,s{n:03}@{'ab'[n % 2]}.example,<{n}@x>,TLS1.2\n" for n in range(300)
    )
    load("Date,Sender address,Message ID,TLS version\n" + rows)
    page = opened(report_page.html(build_report(store))).page
    page.locator(LIVE).wait_for()
    page.locator(".smtpauth-domain").select_option("b.example")
    expect(page.locator(".smtpauth-status")).to_contain_text("150 messages")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".smtpauth-paper tbody tr").count() == 150
    for control in (".smtpauth-bar", ".smtpauth-languages", ".smtpauth-report .smtpauth-rows"):
        expect(page.locator(control)).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".smtpauth-paper tbody tr").count() == 0


@dataclass
class Choice:
    """What is chosen on the page, and the same asked of the store."""

    filters: Filters
    domain: str = ""
    days: tuple[str, str] = ("", "")
    uses: str = ""


CHOICES = (
    Choice(Filters()),
    Choice(Filters(domains=("contoso.com",)), domain="contoso.com"),
    Choice(Filters(senders=parse_groups("tls_none_count > 0")), uses="tls_version none"),
    Choice(
        Filters(
            domains=("evil.example",),
            start=dt.date(2026, 11, 18),
            end=dt.date(2026, 11, 20),
            senders=parse_groups("tls_1_2_count > 0"),
        ),
        domain="evil.example",
        days=("2026-11-18", "2026-11-20"),
        uses="tls_version 1.2",
    ),
)


def choose(page: Page, choice: Choice) -> None:
    page.locator(".smtpauth-domain select").select_option(choice.domain and f"@{choice.domain}")
    page.locator(".smtpauth-uses select").select_option(choice.uses)
    for name, day in zip(("start", "end"), choice.days, strict=True):
        if day:
            page.locator(f".smtpauth-{name} input").fill(day)


def on_pages(charts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that a page can add up again: who is new or gone wants the days before its own."""
    names = {view.name for view in ON_PAGES}
    return [chart for chart in charts if chart["name"] in names]


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_the_charts_below_show_what_the_store_answers(
    report: Offline, hostile_store: Store, choice: Choice
) -> None:
    page, words = report.page, speak("en")
    choose(page, choice)
    scope = answers.settle_scope(hostile_store, choice.filters)
    for view in VIEWS:
        page.locator(".smtpauth-view select").select_option(view)
        asked = on_pages(charts_below(hostile_store, view, scope, words))
        expect(page.locator(".smtpauth-more > section:visible")).to_have_count(len(asked))
        for chart in asked:
            block = page.locator(f'[data-chart="{chart["name"]}"]')
            said = chart["label"].removeprefix(f"{chart['title']}: ")
            expect(block.locator(".smtpauth-chart > [role=img]")).to_have_attribute(
                "aria-label", said
            )
            expect(block.locator("h3")).to_have_text(chart["title"])
            numbers = block.locator(".smtpauth-data-table")
            if numbers.get_attribute("open") is None:
                numbers.get_by_text("Data table").click()
            wanted = cells_of(chart["table"])
            expect(numbers.locator("tbody tr")).to_have_count(len(wanted))
            rows = numbers.locator("tbody tr").all()
            assert [row.locator("td").all_text_contents() for row in rows] == wanted


def test_days_chosen_while_the_charts_below_are_drawn_are_the_tables_only(
    report: Offline, hostile_store: Store
) -> None:
    page = report.page
    last = '[data-chart="senders-by-tls"] .smtpauth-chart > [role=img] svg'
    page.locator(last).wait_for()
    slowly = "(act, ms, ...more) => wait(act, ms === 30 ? 700 : ms, ...more)"
    page.evaluate(f"() => {{ const wait = setTimeout; globalThis.setTimeout = {slowly}; }}")
    report.choose_domain("evil.example")
    page.locator(".smtpauth-drawing .smtpauth-day-keys").press("End")
    page.locator(".smtpauth-brushed").wait_for()
    scope = answers.settle_scope(hostile_store, Filters(domains=("evil.example",)))
    for chart in on_pages(charts_below(hostile_store, "sending-volume", scope, speak("en"))):
        drawn = page.locator(f'[data-chart="{chart["name"]}"] .smtpauth-chart > [role=img]')
        said = chart["label"].removeprefix(f"{chart['title']}: ")
        expect(drawn).to_have_attribute("aria-label", said)


def cells_of(table: dict[str, Any]) -> list[list[str]]:
    """Return the cells of a data table as Python writes them."""
    rows = [
        dict(zip(table["rows"], row, strict=True))
        for row in zip(*table["rows"].values(), strict=True)
    ]
    for row in rows:
        for name in row.keys() & {"period_start", "period_end"}:
            row[name] = dt.date.fromisoformat(row[name])
    columns = [Column(c["name"], c["title"], c["kind"], tuple(c["of"])) for c in table["columns"]]
    return [[cell(column, row, speak("en")) for column in columns] for row in rows]


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_who_used_what_is_chosen_narrows_every_figure(
    report: Offline, hostile_store: Store, choice: Choice
) -> None:
    page = report.page
    choose(page, choice)
    asked = build_report(hostile_store, choice.filters)
    expect(page.locator(".smtpauth-status")).to_have_text(asked.status)
    for view, finding in zip(VIEWS, map(asked.finding, VIEWS), strict=True):
        page.locator(".smtpauth-view select").select_option(view)
        expect(page.locator(".smtpauth-drawing .smtpauth-finding")).to_have_text(finding)
    assert [row[0] for row in report.show_table()] == asked.senders["sender_address"].tolist()
    said = page.locator(".smtpauth-notes").inner_text()
    assert ("senders who used" in said) == bool(choice.uses)


def test_a_click_on_a_bar_narrows_to_its_senders_and_back(
    report: Offline, hostile_store: Store
) -> None:
    page = report.page
    page.locator(".smtpauth-view select").select_option("tls-usage")
    bars = page.locator(f"{LIVE} .mark-rect path")
    asked = build_report(hostile_store, Filters(senders=parse_groups("tls_none_count > 0")))
    for status in (asked.status, build_report(hostile_store).status):
        bars.first.click()
        expect(page.locator(".smtpauth-status")).to_have_text(status)
    page.locator(".smtpauth-view select").select_option("sending-volume")
    bar = page.locator('[data-chart="volume-by-sender"] .mark-rect path').first
    bar.click()
    expect(page.get_by_role("dialog")).to_contain_text("other@fabrikam.example")


def test_a_page_opens_with_its_choice_and_answers_for_the_others(
    hostile_store: Store, opened: Callable[..., Offline]
) -> None:
    chosen = Filters(domains=("contoso.com", "fabrikam.example"))
    offline = opened(report_page.html(build_report(hostile_store, chosen, everything=True)))
    status = offline.page.locator(".smtpauth-status")
    offline.page.locator(LIVE).wait_for()
    expect(status).to_contain_text("23 messages from 2 sender addresses")
    offline.choose_domain("evil.example")
    expect(status).to_contain_text("54 messages from 9 sender addresses")
    offline.page.locator(".smtpauth-domain").select_option("")
    expect(status).to_contain_text("77 messages from 11 sender addresses")


def test_conditions_of_a_page_are_said_to_be_of_its_own_days_when_fewer_are_chosen(
    hostile_store: Store, opened: Callable[..., Offline]
) -> None:
    page = opened(report_page.html(build_report(hostile_store, Filters(min_messages=3)))).page
    notes = page.locator(".smtpauth-report .smtpauth-notes")
    said = "Filters: senders with at least 3 messages"
    expect(notes).to_contain_text(f"{said}.")
    page.locator(".smtpauth-start input").fill("2026-11-20")
    expect(notes).to_contain_text(f"{said} (Nov 16, 2026 to Nov 22, 2026).")


def test_a_period_is_a_band_that_says_its_mean_per_day(
    store: Store, load: Callable[..., LoadResult], opened: Callable[..., Offline]
) -> None:
    load(
        "Sender address,TLS1.0%,TLS1.1%,TLS1.2%,Message count\na@b.example,100,0,0,70\n",
        period=(dt.date(2026, 11, 16), dt.date(2026, 11, 22)),
    )
    offline = opened(report_page.html(build_report(store, language="nl")))
    offline.page.locator(f"{LIVE} .mark-rect path[fill='#7d6fd0']").hover()
    tip = offline.page.locator(".smtpauth-tooltip")
    expect(tip).to_contain_text("ma 16 nov 2026 \u2013 zo 22 nov 2026")
    expect(tip).to_contain_text("70 (10 gemiddeld per dag)")
    offline.page.locator(".smtpauth-start").fill("2026-11-17")
    expect(offline.page.locator(".smtpauth-status")).to_contain_text(
        "0 berichten van 0 afzenderadressen"
    )
    expect(offline.page.locator(".smtpauth-notes")).to_contain_text(
        "dus in geen totaal: 16 nov 2026 tot en met 22 nov 2026 (70 berichten)"
    )
    assert (offline.requests, offline.trouble) == ([], [])


def test_the_page_is_readable_without_scripts(
    hostile_store: Store, opened: Callable[..., Offline]
) -> None:
    page = opened(report_page.html(build_report(hostile_store)), java_script_enabled=False).page
    assert page.locator(".smtpauth-report svg").count() == 8
    assert page.locator(".smtpauth-rows .smtpauth-table tbody tr").count() == 11
    expect(page.locator(".smtpauth-domain")).to_be_hidden()


def test_an_exported_notebook_has_a_filter_that_works_offline(
    hostile_store: Store,
    opened: Callable[..., Offline],
    tmp_path: Path,
) -> None:
    show = "HTML(report_page.screen(build_report(sk.open_store())))"
    cells = [
        "import smtpauth_kit as sk\nfrom smtpauth_kit.reports import fragments, report_page\nfrom smtpauth_kit.reports.report import build_report\nfrom IPython.display import HTML",
        "HTML(fragments.insight_fragment(sk.open_store()))",
        show,
        show,
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, tmp_path / "notebook.ipynb")
    html = export_notebook(
        tmp_path / "notebook.ipynb", tmp_path / "out.html", {}, hostile_store.path
    )
    offline = opened(html)
    second = offline.page.locator(".smtpauth-report").nth(1)
    second.locator(LIVE).wait_for()
    second.locator(".smtpauth-domain").select_option("contoso.com")
    expect(second.locator(".smtpauth-status")).to_contain_text("11 messages from 1 sender address")
    first = offline.page.locator(".smtpauth-report").first
    expect(first.locator(".smtpauth-status")).to_contain_text("77 messages")
    second.locator(".smtpauth-details").click()
    second.locator("tbody tr").first.click()
    expect(offline.page.get_by_role("dialog")).to_contain_text("good@contoso.com")
    assert (offline.requests, offline.trouble) == ([], [])


def test_the_browser_and_python_agree_on_what_is_invisible(report: Offline) -> None:
    planes = *range(0xD800), *range(0xE000, 0x30000), *range(0xDFFF0, 0xE1010), 0x10FFFE
    text = "".join(map(chr, planes))
    boxed = report.page.evaluate(
        "text => smtpauth.visible(text).filter(n => n.nodeType === 1).map(n => n.textContent)", text
    )
    assert boxed == re.findall(f"[{INVISIBLE}]", text)


def test_names_longer_than_the_first_are_not_cut_and_other_sources_are_said_of_the_first_choice(
    store: Store, load: Callable[..., LoadResult], opened: Callable[..., Offline]
) -> None:
    long = "a-longer-name@fabrikam.com"
    load(
        "Date,Sender address,Message ID\n2026-11-16,b@contoso.com,<1>\n"
        + "".join(f"2026-11-16,s{n:02}@contoso.com,<{n}-{m}>\n" for n in range(12) for m in "ab")
        + f"2026-11-17,{long},<9>\n"
    )
    load(
        "Sender address,Messages sent\nb@contoso.com,7\n",
        name="week.csv",
        period=(dt.date(2026, 11, 16), dt.date(2026, 11, 17)),
    )
    page = opened(report_page.html(build_report(store, Filters(source="submission_log")))).page
    notes = page.locator(".smtpauth-report .smtpauth-notes")
    expect(notes).to_contain_text("6 messages more in the report")
    expect(notes).not_to_contain_text("showed first")
    page.locator(".smtpauth-domain").select_option("fabrikam.com")
    expect(notes).to_contain_text("What other sources hold is said of what this file showed first.")
    name = page.locator('[data-chart="volume-by-sender"] svg text').filter(has_text=long)
    name.wait_for()
    left = name.evaluate(
        "text => text.getBoundingClientRect().left - "
        "text.ownerSVGElement.getBoundingClientRect().left"
    )
    assert left >= 0
    page.locator(".smtpauth-domain").select_option("All sender domains")
    expect(notes).not_to_contain_text("showed first")


def test_a_bar_is_left_beside_the_longest_name(
    store: Store, load: Callable[..., LoadResult], opened: Callable[..., Offline]
) -> None:
    long = "the-multifunction-printer-on-the-third-floor-of-building-seven" * 3
    load(
        LOG_HEADER + f"2026-11-16,{long}@contoso.com,,<1@x>,TLS1.2,,\n2026-11-16,b@x.example,,,,,\n"
    )
    page = opened(report_page.html(build_report(store))).page
    page.set_viewport_size({"width": 1300, "height": 1000})
    page.wait_for_function(
        """() => [...document.querySelectorAll("[data-chart='volume-by-sender'] .mark-rect path")]
        .some((path) => path.getBBox().width > 80)"""
    )
