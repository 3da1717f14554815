"""The report's state: handed over, set from a cell, remembered, in either language."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from conftest import LOG
from hypothesis import given
from hypothesis import strategies as st
from live import control_of, hear, part_of, view_of

import smtpauth_kit as sk
from smtpauth_kit.base.conditions import parse_groups
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.screens.filter_panel import FilterPanel
from smtpauth_kit.screens.reproduce_panel import ReproducePanel
from smtpauth_kit.screens.request_panel import RequestPanel
from smtpauth_kit.store import settings
from smtpauth_kit.views.registry import CHOICES

ASKED = Filters(
    start=dt.date(2026, 11, 16), domains=("contoso.com",), min_messages=2, timezone="Europe/Oslo",
    senders=parse_groups("tls_1_0_count > 0 or sender_address contains 'a b'"),
)  # fmt: skip


@pytest.fixture
def loaded(store, load):
    load(LOG)
    return store


def test_filters_survive_being_kept():
    assert Filters.from_json(ASKED.to_json()) == ASKED
    assert Filters().to_json() == {}


@given(st.dictionaries(
    st.sampled_from(["start", "domains", "sender", "source", "timezone", "min_messages", "where",
                     "senders", "nothing"]),
    st.none() | st.integers() | st.text() | st.lists(st.integers() | st.text()),
))  # fmt: skip
def test_what_another_hand_kept_is_filters_or_refused(kept):
    with contextlib.suppress(UsageError):
        assert isinstance(Filters.from_json(kept), Filters)


def test_a_report_opens_as_it_was_left(loaded):
    screen = sk.report(loaded)
    screen.filters, screen.view, screen.as_table = ASKED, "tls-usage", True
    screen.language = "nl"
    again = sk.report(loaded)
    assert (again.filters, again.view, again.as_table) == (ASKED, "tls-usage", True)
    assert again.language == "nl" and again.status.startswith("2 berichten")


def test_what_is_asked_for_in_so_many_words_wins(loaded):
    screen = sk.report(loaded)
    screen.filters, screen.language = ASKED, "nl"
    assert sk.report(loaded, Filters()).filters == Filters()
    assert sk.report(loaded, language="en").language == "en"
    forgetful = sk.report(loaded, remember=False)
    assert (forgetful.filters, forgetful.language) == (Filters(), "en")
    forgetful.filters = Filters(min_messages=7)
    assert sk.report(loaded).filters == ASKED


def test_nothing_is_remembered_across_stores(loaded, tmp_path):
    sk.report(loaded).filters = ASKED
    assert sk.report(sk.open_store(tmp_path / "other.duckdb")).filters == Filters()


@pytest.mark.parametrize("kept", [{"filters": 5}, {"filters": {"start": "x"}}, {"view": "no"},
                                  {"filters": {}, "view": 7, "as_table": "x", "language": []}])  # fmt: skip
def test_a_choice_that_another_hand_wrote_is_no_choice(loaded, kept):
    settings.remember(loaded, kept)
    screen = sk.report(loaded)
    assert screen.filters == Filters() and screen.status.startswith("3 messages")


def test_an_exported_notebook_recalls_nothing(loaded, monkeypatch):
    sk.report(loaded).filters = ASKED
    monkeypatch.setenv(settings.REMEMBER, "0")
    assert sk.report(loaded).filters == Filters()


def test_the_language_is_switched_in_the_screen(loaded):
    screen = sk.report(loaded)
    assert screen.status.startswith("3 messages from 2 sender addresses")
    screen.filters = screen.filters.changed(min_messages=2)
    control_of(screen, "language").value = "nl"
    assert screen.status.startswith("2 berichten van 1 afzenderadres")
    assert control_of(screen, "domain").description == "Gegevens weergeven voor"
    assert view_of(screen).words["language"] == "nl"
    assert "Filters: afzenders met minstens 2 berichten." in view_of(screen).shown["notes"]
    assert screen.filters.min_messages == 2
    assert sk.insight(loaded).html.count("accounts") and "afgelopen" not in screen.status
    control_of(screen, "language").value = "en"
    assert screen.status.startswith("2 messages from 1 sender address")


def test_the_old_language_leaves_no_widget_behind(loaded):
    from ipywidgets.widgets.widget import _instances

    screen = sk.report(loaded)
    screen.language = "nl"
    before = len(_instances)
    for language in ("en", "nl") * 3:
        screen.language = language
        assert screen.status
    assert len(_instances) == before


def test_the_panels_open_on_what_the_report_shows_and_change_it(loaded):
    screen = sk.report(loaded)
    screen.filters = ASKED.changed(start=None)
    control_of(screen, "filters").click()
    panel = part_of(screen, FilterPanel)
    assert panel.shown["draft"]["min_messages"] == "2"
    assert panel.shown["draft"]["groups"][1][0]["value"] == "a b"
    hear(panel, {"apply": {**panel.shown["draft"], "min_messages": "0", "groups": []}})
    assert screen.filters == Filters(domains=("contoso.com",), timezone="Europe/Oslo")
    assert screen.status.startswith("2 messages")
    control_of(screen, "request").click()
    assert (
        part_of(screen, RequestPanel).shown["narrowed"]
        == "Sender domain contoso.com; days of Europe/Oslo"
    )


def test_the_view_on_screen_is_the_one_reproduced(loaded):
    screen = sk.report(loaded)
    view = part_of(screen, ReproducePanel)
    assert screen.status and view.shown == {}, "nothing is worked out while it is closed"
    view.is_open = True
    screen.view = "tls-usage"
    screen.filters = Filters(domains=("contoso.com",))
    assert screen.status
    python = view.shown["texts"][0]["code"]
    names: dict[str, object] = {}
    exec(python.splitlines()[0], names)
    rows = eval(python.splitlines()[1], names)
    assert rows.to_dict("records") == screen.answer.to_dict("records")
    screen.as_table = True
    assert screen.status and "'senders'" in view.shown["texts"][0]["code"]


def test_a_screen_without_a_store_still_offers_its_panels(store):
    screen = sk.report(store)
    assert "no store at" in screen.status
    control_of(screen, "filters").click()
    control_of(screen, "request").click()
    assert part_of(screen, FilterPanel).shown and part_of(screen, RequestPanel).shown["said"]


@pytest.mark.parametrize("view", CHOICES)
def test_each_view_of_the_report_can_be_had_again(loaded, view):
    screen = sk.report(loaded, remember=False)
    screen.view = view
    assert screen.status
    part_of(screen, ReproducePanel).is_open = True
    codes = {text["title"]: text["code"] for text in part_of(screen, ReproducePanel).shown["texts"]}
    answer = {"auth-protocol": "auth-usage"}.get(view, view)
    assert f"smtpauth show {answer} " in codes["Shell"]
    counted = screen.answer["message_count"].sum()
    assert loaded.sql(codes["SQL"])["message_count"].sum() == counted > 0
