"""axe-core over everything the kit draws, in every state, light and dark: nothing serious.

Only the kit's own nodes are looked at: JupyterLab's are JupyterLab's.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from axe import serious
from conftest import LOG
from hostile import hostile_log
from lab import NOTEBOOKS, run_all
from playwright.sync_api import Browser, Page, expect
from reconciled import LOG as DIFFER_LOG
from reconciled import WEEK as DIFFER_WEEK
from reconciled import log as differ_log
from reconciled import messages, report
from unusual import unusual_store

from smtpauth_kit.loading import loaded_files, loading
from smtpauth_kit.reports import forms as output_forms
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.store.store import open_store
from smtpauth_kit.words.words import speak

pytestmark = pytest.mark.browser

EN, NL = speak("en"), speak("nl")


def test_axe_finds_what_is_wrong(browser):
    """The check itself can fail: a picture without a text, a grey on grey."""
    page = browser.new_page()
    page.set_content(
        "<main class='smtpauth-page'><img src='data:,x'><p style='color:#aaa;background:#bbb'>some words</p></main>"
    )
    assert {rule for rule, _, _ in serious(page)} == {"image-alt", "color-contrast"}
    page.close()


@contextmanager
def opened_notebook(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1300, "height": 1000}, reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )  # fmt: skip
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.context", timeout=120_000)
    run_all(page)
    yield page
    context.close()


@pytest.fixture(scope="module")
def page(lab, browser) -> Iterator[Page]:
    """The report notebook, run."""
    address, _ = lab
    with opened_notebook(browser, address.format("01_smtp_auth_report.ipynb")) as page:
        yield page


@pytest.fixture(autouse=True)
def _nothing_open(request) -> None:
    """What one test leaves open is not in the way of the next."""
    if "page" in request.fixturenames:
        page = request.getfixturevalue("page")
        while page.locator("dialog[open]").count():
            page.keyboard.press("Escape")
            page.wait_for_timeout(100)


def click(page: Page, name: str) -> None:
    page.locator(f".smtpauth-report button.smtpauth-{name}").click()


def opened(page: Page):
    flyout = page.locator("dialog.smtpauth-flyout")
    flyout.wait_for()
    return flyout


def closed(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.locator("dialog.smtpauth-flyout")).to_have_count(0)


def test_charts(page):
    for view in ("TLS usage", "Authentication protocol", "Sending volume"):
        page.locator(".smtpauth-report .smtpauth-view select").select_option(view)
        expect(page.locator(".smtpauth-report h3").first).to_have_text(view)
        assert serious(page) == []


def test_the_details_table_and_a_senders_flyout(page):
    click(page, "details")
    rows = page.locator(".smtpauth-report .smtpauth-table tbody tr")
    expect(rows).to_have_count(4)
    assert serious(page) == []
    rows.nth(1).click()
    opened(page).locator("svg").first.wait_for()
    assert serious(page) == []
    closed(page)
    click(page, "details")
    expect(rows.first).to_be_hidden()


def test_the_filter_panel_with_conditions_and_what_is_wrong_with_them(page):
    click(page, "filters")
    panel = opened(page)
    assert serious(page) == []
    panel.get_by_role("button", name="Add a condition").click()
    panel.get_by_label("Field, condition 1").select_option("TLS 1.0: share")
    value = panel.get_by_label("Value, condition 1")
    value.fill("half")
    panel.get_by_text("Write a share, for example 50%.").wait_for()
    assert value.get_attribute("aria-invalid") == "true"
    panel.get_by_role("button", name="Or: add a group").click()
    assert serious(page) == []
    panel.get_by_role("button", name="Apply").click()
    expect(panel.get_by_role("status")).to_have_text("2 things to put right.")
    assert page.evaluate("document.activeElement.dataset.name") == "clause-0-0"
    closed(page)
    assert page.evaluate("document.activeElement.matches('button.smtpauth-filters')")


def test_a_custom_filter_by_keyboard_alone(page):
    page.locator("button.smtpauth-filters").focus()
    page.keyboard.press("Enter")
    panel = opened(page)
    expect(panel.get_by_label("Period")).to_be_focused()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Add a condition":
            break
    page.keyboard.press("Enter")
    expect(panel.get_by_label("Field, condition 1")).to_be_focused()
    page.keyboard.type("Message c")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(panel.get_by_label("Value, condition 1")).to_be_focused()
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    expect(page.locator("dialog.smtpauth-flyout")).to_have_count(0)
    status = page.locator(".smtpauth-report .smtpauth-status")
    expect(status).to_contain_text("42 messages from 2 sender addresses")
    assert serious(page) == []
    cells = page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length")
    notebook = NOTEBOOKS / "01_smtp_auth_report.ipynb"
    assert cells == len(json.loads(notebook.read_text())["cells"]), "no key reached JupyterLab"
    page.locator(".smtpauth-chip-off").first.click()
    expect(status).to_contain_text("50 messages")


def test_the_request_panel(page):
    click(page, "request")
    panel = opened(page)
    panel.get_by_label("Recipients").fill("joe")
    panel.get_by_text("joe is no mail address. Write it as jane@contoso.com.").wait_for()
    assert serious(page) == []
    closed(page)


def test_what_reproduces_the_view_and_its_copy(page):
    page.locator(".smtpauth-reproduce summary").click()
    expect(page.locator(".smtpauth-code")).to_have_count(4)
    assert serious(page) == []
    page.get_by_role("button", name="Copy Shell").click()
    page.get_by_text("Shell is copied.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("smtpauth show ") and "--store=" in copied
    page.locator(".smtpauth-reproduce summary").click()


def test_the_insight_and_its_flyout(page):
    page.evaluate(
        "async () => { const n = jupyterapp.shell.currentWidget.content;"
        "await n.scrollToItem(n.widgets.length - 3, 'start'); }"
    )
    page.locator(".smtpauth-insight .smtpauth-number-button").first.click()
    opened(page).locator("svg").first.wait_for()
    assert serious(page) == []
    closed(page)
    assert serious(page) == []


def test_empty_and_error_and_dutch(page):
    page.evaluate(
        "async () => { const n = jupyterapp.shell.currentWidget.content;"
        "await n.scrollToItem(n.widgets.length - 1, 'start'); }"
    )
    screen = page.locator(".smtpauth-report").last
    screen.locator(".smtpauth-start input").fill("2026-01-01")
    screen.locator(".smtpauth-end input").fill("2026-01-02")
    screen.locator(".smtpauth-empty").wait_for()
    assert serious(page) == []
    screen.locator(".smtpauth-start input").fill("2026-02-02")
    expect(screen.locator(".smtpauth-status")).to_have_text(
        "The end date is before the start date."
    )
    assert serious(page) == []
    screen.locator(".smtpauth-language select").select_option("Nederlands")
    expect(screen.locator("h2")).to_have_text(NL("SMTP Auth clients report"))
    assert serious(page) == []
    screen.locator(".smtpauth-language select").select_option("English")
    expect(screen.locator("h2")).to_have_text("SMTP Auth clients report")


@pytest.fixture
def dutch(page):
    """The report in Dutch; the page around it stays English."""
    screen = page.locator(".smtpauth-report").last
    screen.locator(".smtpauth-language select").select_option("Nederlands")
    expect(screen.locator("h2")).to_have_text(NL("SMTP Auth clients report"))
    yield screen
    page.keyboard.press("Escape")
    screen.locator(".smtpauth-language select").select_option("English")
    expect(screen.locator("h2")).to_have_text("SMTP Auth clients report")


def spoken(page: Page) -> str:
    """Return the language a screen reader takes the focused control for."""
    return str(page.evaluate("document.activeElement.closest('[lang]').lang"))


def press(page: Page, button) -> None:
    button.focus()
    page.keyboard.press("Enter")


def test_the_filter_panel_in_dutch_by_keyboard(page, dutch):
    expect(dutch).to_have_attribute("lang", "nl")
    assert page.evaluate("document.documentElement.lang") == "en"
    press(page, dutch.locator("button.smtpauth-filters"))
    panel = opened(page)
    expect(panel.get_by_label(NL("Period"))).to_be_focused()
    assert spoken(page) == "nl"
    press(page, panel.get_by_role("button", name=NL("Add a condition")))
    field = panel.get_by_label("Veld, voorwaarde 1")
    expect(field).to_be_focused()
    page.keyboard.type("TLS 1.0: a")
    expect(field.locator("option:checked")).to_have_text("TLS 1.0: aandeel")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("half")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("status")).to_have_text("Nog 1 punt te verbeteren.")
    panel.get_by_text("Vul een aandeel in, bijvoorbeeld 50%.").wait_for()
    assert page.evaluate("document.activeElement.dataset.name") == "clause-0-0"
    assert serious(page) == []


def test_the_request_panel_in_dutch_by_keyboard(page, dutch):
    press(page, dutch.locator("button.smtpauth-request"))
    panel = opened(page)
    expect(panel.get_by_label(NL("Recipients"))).to_be_focused()
    assert spoken(page) == "nl"
    page.keyboard.type("joe")
    press(page, panel.get_by_role("button", name=NL("Save"), exact=True))
    panel.get_by_text("joe is geen e-mailadres.").wait_for()
    expect(panel.get_by_label(NL("Recipients"))).to_be_focused()
    assert serious(page) == []


STATES = {
    "setup": "import smtpauth_kit as sk\nstore = sk.open_store()\n"
    "none, empty = sk.open_store('none.duckdb'), sk.open_store('../empty.duckdb')\n"
    "unusual, quiet = sk.open_store('../unusual.duckdb'), sk.open_store('../quiet.duckdb')\n"
    "differ = sk.open_store('../differ.duckdb')\n"
    "january = sk.filters(start='2026-01-01', end='2026-01-02')",
    "no store, insight": "sk.insight(none)",
    "no store, report": "sk.report(none)",
    "no store, sender": "sk.sender(none, 'erp@contoso.com')",
    "no store, findings": "sk.findings(none)",
    "no store, readiness": "sk.readiness(none)",
    "no store, reconciliation": "sk.reconciliation(none)",
    "no store, load": "sk.load(none)",
    "empty store, insight": "sk.insight(empty)",
    "empty store, report": "sk.report(empty)",
    "empty store, sender": "sk.sender(empty, 'erp@contoso.com')",
    "empty store, findings": "sk.findings(empty)",
    "empty store, readiness": "sk.readiness(empty)",
    "empty store, reconciliation": "sk.reconciliation(empty)",
    "nothing unusual, findings": "sk.findings(quiet)",
    "no rows, findings": "sk.findings(unusual, sk.filters(rule='tls_downgrade'))",
    "source missing, findings": "sk.findings(unusual, sk.filters(source='server_log'))",
    "findings": "sk.findings(unusual)",
    "findings in Dutch": "sk.findings(unusual, language='nl')",
    "source missing, readiness": "sk.readiness(quiet, sk.filters(source='server_log'))",
    "one source, reconciliation": "sk.reconciliation(unusual)",
    "readiness": "sk.readiness(quiet)",
    "sender that stops": "sk.sender(quiet, 'scanner@contoso.com')",
    "reconciliation in Dutch": "sk.reconciliation(differ, language='nl')",
    "sender": "sk.sender(unusual, 'u3@contoso.com')",
    "sender in Dutch": "sk.sender(unusual, 'u3@contoso.com', language='nl')",
    "no rows, insight": "sk.insight(store, january)",
    "no rows, report": "sk.report(store, january, remember=False)",
    "no rows, sender": "sk.sender(store, 'erp@contoso.com', january)",
    "source missing, insight": "sk.insight(store, sk.filters(source='server_log'))",
    "source missing, report": "sk.report(store, sk.filters(source='server_log'), remember=False)",
    "card": "card = sk.insight(sk.open_store('../card.duckdb'))\ncard",
    "change": "one = () if card.filters.domains else ('fabrikam.com',)\n"
    "card.filters = card.filters.changed(domains=one)",
    "last": "sk.report(store, sk.filters(), remember=False)",
}
"""Cells; all but the first and "change" show a screen."""


@pytest.fixture(scope="module")
def states(lab, browser) -> Iterator[Page]:
    """A notebook of screens that have nothing to show, each for another reason."""
    address, home = lab
    unusual_store(home / "unusual.duckdb")
    (home / "quiet.csv").write_text(LOG)
    loading.load(open_store(home / "quiet.duckdb"), home / "quiet.csv")
    differ = open_store(home / "differ.duckdb")
    (home / "differ.csv").write_text(DIFFER_LOG + differ_log("a@contoso.com", messages([16])))
    loading.load(differ, home / "differ.csv")
    (home / "differ-report.csv").write_text(report({"a@contoso.com": 3}))
    loading.load(differ, home / "differ-report.csv", period=DIFFER_WEEK)
    loading.load(open_store(home / "card.duckdb"), home / "log.csv")
    empty = open_store(home / "empty.duckdb")
    loading.load(empty, home / "log.csv")
    loaded_files.unload(empty, 1)
    cells = [nbformat.v4.new_code_cell(cell) for cell in STATES.values()]
    python = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": python})
    nbformat.write(notebook, home / "notebooks" / "states.ipynb")
    with opened_notebook(browser, address.format("states.ipynb")) as page:
        yield page


OF_CELL = ".jp-Cell.jp-mod-active .smtpauth-screen"
"""The screen of the cell that `cell` scrolled to: those above and below it have their own tests."""


def cell(page: Page, name: str):
    """Scroll to a cell and return what it shows."""
    number = list(STATES).index(name)
    page.evaluate(
        "async (n) => { const book = jupyterapp.shell.currentWidget.content;"
        "book.activeCellIndex = n; await book.scrollToItem(n, 'start'); }",
        number,
    )
    return page.locator(f".jp-Cell[data-windowed-list-index='{number}'] .smtpauth-screen").first


NOTHING = 'Nothing is loaded yet. Load your exports: sk.load(store, "data/exports").'
NO_STORE = "There is no store at "
JANUARY = "No messages on these days. Loaded are "


@pytest.mark.parametrize(
    ("name", "said", "action"),
    [
        ("no store, insight", NO_STORE, None),
        ("no store, report", NO_STORE, None),
        ("no store, sender", NO_STORE, None),
        ("no store, findings", NO_STORE, None),
        ("no store, readiness", NO_STORE, None),
        ("no store, reconciliation", NO_STORE, None),
        ("no store, load", "Nothing is loaded yet.", None),
        ("empty store, insight", NOTHING, None),
        ("empty store, report", NOTHING, None),
        ("empty store, sender", NOTHING, None),
        ("empty store, findings", NOTHING, None),
        ("empty store, readiness", NOTHING, None),
        ("empty store, reconciliation", NOTHING, None),
        ("one source, reconciliation", "No two sources tell of messages on the same days.", None),
        ("nothing unusual, findings", "Nothing unusual was found.", None),
        ("no rows, insight", JANUARY, "Show the last 7 days loaded"),
        ("no rows, report", JANUARY, "Show the last 7 days loaded"),
        ("no rows, sender", "No messages of this sender on these days; 30 messages on others",
         "Show these days"),
        ("source missing, insight", "0 messages in the server log; 50 messages in the submission log",
         "Show the submission log"),
        ("source missing, report", "0 messages in the server log; 50 messages in the submission log",
         "Show the submission log"),
    ],
)  # fmt: skip
def test_a_screen_with_nothing_to_show_says_why_and_leads_on_by_keyboard(
    states, name, said, action
):
    screen = cell(states, name)
    expect(screen).to_contain_text(said)
    assert serious(states, OF_CELL) == []
    if action is None:
        return
    button = screen.locator(".smtpauth-empty button")
    expect(button).to_contain_text(action)
    button.focus()
    states.keyboard.press("Enter")
    screen.locator("svg").first.wait_for()
    expect(screen.locator(".smtpauth-empty")).to_be_hidden()
    focus = screen.locator(":focus, :focus-within").first
    expect(focus, "the focus stays on the screen").to_be_attached()
    assert serious(states, OF_CELL) == []


@pytest.mark.parametrize(
    ("name", "said", "action"),
    [
        ("no rows, findings", "No incident matches these choices.", "Take all off"),
        ("source missing, findings", "Nothing could be judged of the server log alone",
         "Judge all that is loaded"),
        ("source missing, readiness", "No sender at stake matches these choices.", "Take all off"),
    ],
)  # fmt: skip
def test_a_list_without_a_row_leads_on_by_keyboard(states, name, said, action):
    screen = cell(states, name)
    expect(screen.locator(".smtpauth-empty")).to_contain_text(said)
    assert serious(states, OF_CELL) == []
    button = screen.locator(".smtpauth-empty").get_by_role("button", name=action)
    button.focus()
    states.keyboard.press("Enter")
    screen.locator("tbody tr[tabindex]").first.wait_for()
    expect(screen.locator(":focus, :focus-within").first).to_be_attached()
    assert serious(states, OF_CELL) == []


@pytest.mark.parametrize(("name", "words"), [("findings", EN), ("findings in Dutch", NL)])
def test_an_incident_with_its_proof_who_else_was_there_and_what_was_found_out(states, name, words):
    screen = cell(states, name)
    row = screen.locator("tbody tr[tabindex]").first
    expect(row).to_contain_text("u3@contoso.com")
    assert serious(states, OF_CELL) == []
    row.focus()
    states.keyboard.press("Enter")
    incident = states.locator("dialog.smtpauth-incident")
    incident.locator(".smtpauth-proof .smtpauth-chart svg").first.wait_for()
    assert spoken(states) == words.language
    incident.locator("details.smtpauth-data-table > summary").click()
    incident.locator("details[open] tbody tr").first.wait_for()
    assert serious(states, OF_CELL) == []
    incident.get_by_role("button", name=words("Evidence")).first.click()
    incident.locator(".smtpauth-proof svg .role-legend").wait_for()
    assert serious(states, OF_CELL) == []
    who = states.locator("dialog.smtpauth-who")
    press(states, incident.get_by_role("button", name="AS64501"))
    who.locator("tbody tr").first.wait_for()
    assert serious(states, OF_CELL) == []
    states.keyboard.press("Escape")
    expect(who).to_have_count(0)
    incident.get_by_label(words("Allow: it is meant to be, also next time")).check()
    incident.get_by_label(words("Allowed until")).wait_for()
    press(states, incident.get_by_role("button", name=words("Save"), exact=True))
    expect(incident.get_by_label(words("Note"))).to_be_focused()
    assert serious(states, OF_CELL) == []
    states.keyboard.press("Escape")
    expect(incident).to_have_count(0)
    expect(row).to_be_focused()


def test_who_stops_is_read_and_written(states):
    screen = cell(states, "readiness")
    row = screen.locator(".smtpauth-rows tbody tr[tabindex]").first
    row.wait_for()
    expect(screen.locator(".smtpauth-source select")).to_be_hidden()  # One source: no choice.
    assert serious(states, OF_CELL) == []
    row.focus()
    states.keyboard.press("Enter")
    states.locator("dialog.smtpauth-at-stake").wait_for()
    assert serious(states, OF_CELL) == []
    states.keyboard.press("Escape")
    fold = cell(states, "sender that stops").locator("details.smtpauth-about-readiness")
    expect(fold).to_contain_text("▲ Basic auth, ◆ TLS 1.0/1.1. State: Open.")
    press(states, fold.locator("summary"))
    expect(fold).to_contain_text("Way out")
    owner = fold.locator("input.smtpauth-edit").first
    owner.fill("Facilities")
    owner.press("Tab")
    expect(cell(states, "sender that stops")).to_contain_text(
        "Kept: scanner@contoso.com.", timeout=20_000
    )
    assert serious(states, OF_CELL) == []


def test_why_sources_differ_is_read(states):
    screen = cell(states, "reconciliation in Dutch")
    expect(screen.locator("tbody").first).to_contain_text("a@contoso.com")
    assert serious(states, OF_CELL) == []


@pytest.mark.parametrize(("name", "words"), [("sender", EN), ("sender in Dutch", NL)])
def test_a_senders_page_unfolds_and_opens_its_incident_by_keyboard(states, name, words):
    screen = cell(states, name)
    for part in ("unusual", "readiness", "recipients", "reconciliation", "comparable", "who-else"):
        fold = screen.locator(f"details.smtpauth-about-{part}")
        expect(fold).to_be_attached(timeout=30_000)
        press(states, fold.locator("summary"))
        expect(fold).to_have_attribute("open", "")
    assert serious(states, OF_CELL) == []
    row = screen.locator("details.smtpauth-about-unusual tbody tr[tabindex]").first
    row.focus()
    states.keyboard.press("Enter")
    incident = states.locator("dialog.smtpauth-incident")
    incident.locator(".smtpauth-proof .smtpauth-chart svg").first.wait_for()
    states.keyboard.press("Escape")
    expect(incident).to_have_count(0)
    expect(row).to_be_focused()
    press(states, screen.locator("details.smtpauth-about-who-else button").first)
    states.locator("dialog.smtpauth-who tbody tr").first.wait_for()
    states.keyboard.press("Escape")


HOLD = """
import sys, time, duckdb
while True:
    try:
        held = duckdb.connect(sys.argv[1])
        break
    except duckdb.IOException:
        time.sleep(0.1)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another program writes to the store: a question has to wait for it."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            holder.stdin.close()


def test_a_report_under_way_says_so_and_is_cancelled_by_keyboard(states, lab):
    screen = cell(states, "last")
    status = screen.locator(".smtpauth-status")
    expect(status).to_contain_text("50 messages")
    before = status.text_content()
    working = screen.locator(".smtpauth-working")
    period = screen.locator(".smtpauth-period select")  # A domain's answer is made ahead.
    with held(lab[1] / "lab.duckdb"):
        period.select_option("All days")
        expect(working).to_have_text("Working… Cancel")
        assert serious(states, OF_CELL) == []
        working.get_by_role("button", name="Cancel").focus()
        states.keyboard.press("Enter")
        expect(working).to_be_hidden()
        assert states.evaluate("document.activeElement.matches('.smtpauth-status')")
        assert status.text_content() == before
        expect(period).to_have_value("Last 7 days")
    period.select_option("All days")
    expect(status).to_contain_text("55 messages from 5 sender addresses", timeout=20_000)


def test_a_card_under_way_says_so_and_shows_its_answer_when_it_comes(states, lab):
    card = cell(states, "card")
    number = card.locator(".smtpauth-number-button")
    expect(number).to_have_text("1")
    working = card.locator(".smtpauth-working")
    with held(lab[1] / "card.duckdb"):
        states.evaluate(
            "n => { jupyterapp.shell.currentWidget.content.activeCellIndex = n;"
            "jupyterapp.commands.execute('notebook:run-cell'); }",
            list(STATES).index("change"),
        )
        expect(working).to_have_text("Working… Cancel")
        assert serious(states) == []  # The cell that was run shows nothing itself.
    expect(number).to_have_text("4", timeout=20_000)
    expect(working).to_be_hidden()


DRAWN_ANEW = """[...document.querySelectorAll('.smtpauth-chart')].every(
    (chart) => chart.scrollWidth <= chart.clientWidth)"""
"""What is true when charts have the width that there is for them."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_exported_report(browser, store, load, tmp_path, scheme):
    load(hostile_log())
    output_forms.save(build_report(store), tmp_path / "report.html")
    page = browser.new_page(color_scheme=scheme, reduced_motion="reduce")
    page.goto((tmp_path / "report.html").as_uri())
    page.locator(".smtpauth-report .smtpauth-chart svg").first.wait_for()
    assert serious(page) == []
    page.set_viewport_size({"width": 480, "height": 900})  # every table is wider than that
    page.wait_for_function(DRAWN_ANEW)
    assert serious(page) == []
    page.set_viewport_size({"width": 1280, "height": 720})
    page.locator(".smtpauth-report .smtpauth-details").click()
    page.locator(".smtpauth-report .smtpauth-table tbody tr").first.click()
    page.locator("dialog.smtpauth-flyout").wait_for()
    assert serious(page) == []
    page.keyboard.press("Escape")
    assert serious(page) == []
    page.close()
