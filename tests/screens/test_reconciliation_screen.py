"""The comparison of sources on screen: what is drawn, chosen, turned over; without a browser."""

from __future__ import annotations

import datetime as dt

import pytest
from live import control_of, hear, view_of
from reconciled import LOG, WEEK, log, messages, report

from smtpauth_kit.base.filters import Filters, filters
from smtpauth_kit.loading import loading
from smtpauth_kit.screens.in_cell import reconciliation
from smtpauth_kit.store.store import Store, open_store

HOSTILE = "<img/src=x>\u202e@fabrikam.com"
BEFORE = (dt.date(2026, 11, 9), dt.date(2026, 11, 15))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two weeks of 30 senders of a report and a log; in the second week one of them differs."""
    folder = tmp_path_factory.mktemp("reconciled")
    store = open_store(folder / "store.duckdb")
    senders = [f"s{n:02}@contoso.com" for n in range(29)]
    counts = dict.fromkeys([*senders, HOSTILE], 7)
    rows = "".join(log(sender, messages(range(9, 23))) for sender in counts)
    for name, text, period in (
        ("before.csv", report(counts), BEFORE),
        ("week.csv", report(counts | {HOSTILE: 10}), WEEK),
        ("log.csv", LOG + rows, None),
    ):
        (folder / name).write_text(text)
        (file,) = loading.load(store, folder / name, period=period).files
        assert file.status == "loaded" and not file.rows_rejected
    return store


def test_rows_stand_with_their_reasons_and_hostile_text_is_inert(world):
    screen = reconciliation(world)
    assert screen.status == (
        "60 senders and periods compared, 1 with a difference. Messages that nothing explains: 3."
    )
    view = view_of(screen)
    html = view.shown["html"]
    assert html.count("<tbody>") == 25
    first = html[html.index("<tbody>") : html.index("</tbody>")]
    assert "&lt;img/src=x&gt;" in first and "<img" not in html and 'data-code="U+202E"' in first
    assert "3 messages of the report are not explained by anything that is loaded." in first
    assert view.shown["notes"] == [
        "Days of UTC: Nov 9, 2026 to Nov 22, 2026.", "Compared: report + submission log.",
    ]  # fmt: skip
    assert len(screen.rows) == 60 and screen.rows["unexplained"].sum() == 3


def test_controls_and_filters_follow_each_other(world):
    screen = reconciliation(world)
    assert screen.status
    period, rows = control_of(screen, "period"), control_of(screen, "rows")
    assert [text for text, _ in period.options] == [
        "All periods", "Nov 16, 2026 to Nov 22, 2026", "Nov 9, 2026 to Nov 15, 2026",
    ]  # fmt: skip
    period.value = BEFORE
    assert screen.filters == Filters(start=BEFORE[0], end=BEFORE[1])
    assert screen.status.startswith("30 senders and periods compared, 0 with a difference.")
    assert period.value == BEFORE
    rows.value = "left"
    assert screen.status == "Every difference is explained."
    period.value = ()
    assert screen.filters == filters(where=["unexplained > 0"])
    assert screen.status.startswith("1 sender and period compared, 1 with")
    screen.filters = Filters(domains=("fabrikam.com",))
    assert screen.status.startswith("2 senders and periods compared")
    domain = control_of(screen, "domain")
    assert (domain.value, rows.value) == ("fabrikam.com", "all")
    domain.value = ""
    assert screen.filters == Filters()


def test_pages_are_turned_and_nonsense_does_no_harm(world):
    screen = reconciliation(world)
    assert screen.status
    view = view_of(screen)
    first = view.shown["html"]
    hear(view, {"offset": 25})
    second = view.shown["html"]
    assert "26\u201350 of 60" in second and second != first
    hear(view, {"offset": 10**9})
    assert view.shown["html"].count("<tbody>") == 1
    hear(view, {"offset": -5})
    assert view.shown["html"] == first
    for nonsense in ({"offset": "25"}, {"offset": None}, {"x": 1}, {}):
        hear(view, nonsense)
    assert view.shown["html"] == first


def test_its_static_form_says_the_same_and_how_much_is_left_out(world, monkeypatch):
    screen = reconciliation(world, language="nl")
    html = screen._repr_html_()
    assert "60 afzenders en perioden vergeleken, 1 met een verschil." in html
    assert "3 berichten van de bron rapport worden door niets wat geladen is verklaard." in html
    assert "<img" not in html and html.count("<tbody>") == 60
    monkeypatch.setattr("smtpauth_kit.reports.fragments.STILL_ROWS", 10)
    short = screen._repr_html_()
    assert short.count("<tbody>") == 10 and "Nog 50 rijen" in short


def test_what_cannot_be_shown_is_said(world, store, load, tmp_path):
    refused = reconciliation(world, Filters(source="report"), "nl")
    assert refused.status.startswith("Bronnen worden met elkaar vergeleken")
    assert "Bronnen worden met elkaar vergeleken" in refused._repr_html_()
    assert view_of(refused).shown["html"] == ""
    assert reconciliation(world, filters(where=["difference > 99"])).status == "No rows match."
    missing = reconciliation(open_store(tmp_path / "none.duckdb"))
    assert "no store" in missing.status and "no store" in missing._repr_html_()
    load(report({"a@contoso.com": 7}), period=WEEK)
    lone = reconciliation(store)
    assert lone.status.startswith("No two sources tell of messages on the same days.")
    # The other source arrives: the screen shows it.
    load(LOG + log("a@contoso.com", messages(range(16, 23))))
    lone.refresh()
    assert lone.status.startswith("1 sender and period compared, 0 with a difference.")


def test_two_tenants_with_a_source_each_are_not_compared_and_that_is_said(store, load):
    load(report({"a@contoso.com": 7}), period=WEEK, tenant="alpha")
    load(LOG + log("a@contoso.com", messages(range(16, 23))), tenant="beta")
    both = reconciliation(store)
    assert both.status.startswith("No two sources of one tenant tell of messages")
