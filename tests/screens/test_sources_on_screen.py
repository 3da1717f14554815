"""The source of a screen's figures: which there are, the switch, and what is said beside it."""

from __future__ import annotations

import datetime as dt

import pytest
from conftest import LOG, LOG_HEADER, WEEK
from exports import log, report, trace
from formats_util import DATA
from live import control_of, hear, part_of, view_of

import smtpauth_kit as sk
from smtpauth_kit import answers
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.screens.source_switch import SourceSwitch
from smtpauth_kit.views.notes import notes
from smtpauth_kit.views.source_choice import source_choices
from smtpauth_kit.words.words import speak

EN, NL = speak("en"), speak("nl")


def said(store, words=EN, **asked) -> list[str]:
    return notes(answers.settle_scope(store, Filters(**asked)), words)


def test_a_report_offers_each_source_with_its_days_and_what_it_cannot_tell(store, load):
    load(log("a@contoso.com", 3))
    load(trace("a@contoso.com", 9))
    screen = sk.report(store, remember=False)
    assert screen.scope.source == "extended_trace"
    switch = part_of(screen, SourceSwitch)
    assert [text for text, _ in switch.options] == [
        "Automatic: extended message trace",
        "extended message trace: 1 day, 9 messages; cannot tell the authentication protocol, "
        "the account that signed in, failed sign-ins",
        "submission log: 1 day, 3 messages; cannot tell failed sign-ins",
    ]
    assert switch.value == "auto"
    switch.value = "submission_log"
    assert screen.status.startswith("3 messages from 1 sender address")
    assert (screen.filters.source, switch.value) == ("submission_log", "submission_log")
    screen.filters = Filters()
    assert screen.status.startswith("9 messages") and switch.value == "auto"


def test_where_one_source_has_the_days_there_is_no_switch(store, load):
    load(LOG)
    screen = sk.report(store, remember=False)
    assert screen.status and control_of(screen, "source").layout.display == "none"
    assert not [part for part in sk.insight(store).children if hasattr(part, "children")]


def test_the_insight_has_the_switch_too_and_opens_the_report_below(store, load):
    load(log("a@contoso.com", 3))
    load(trace("a@contoso.com", 9))
    screen = sk.insight(store)
    assert "9 messages" in screen.html
    part_of(screen, SourceSwitch).value = "submission_log"
    assert "3 messages" in screen.html
    hear(view_of(screen), {"report": True})
    assert screen.children[-1].filters.source == "submission_log"


def test_readiness_has_the_switch_too_and_what_it_opens_is_of_that_source(store, load):
    load(log("a@contoso.com", 3))
    load(trace("a@contoso.com", 9))
    screen = sk.readiness(store)
    of = ["message_count", "basic_count", "breaks", "source"]
    assert screen.rows[of].values.tolist() == [[3, 3, ["basic_off"], "submission_log"]]
    switch = part_of(screen, SourceSwitch)
    assert (switch.value, switch.layout.display) == ("auto", None)
    assert [source for _, source in switch.options] == ["auto", "extended_trace", "submission_log"]
    hear(view_of(screen), {"sender": "a@contoso.com"})
    switch.value = "extended_trace"
    # A trace does not tell the authentication: that is a dash, not 0.
    assert screen.rows[of].values.tolist() == [[9, None, ["auth_unknown"], "extended_trace"]]
    hear(view_of(screen), {"sender": "a@contoso.com"})
    assert screen.children[-1].details["row"]["message_count"] == 9
    hear(view_of(screen), {"drop": "all"})
    assert screen.status.startswith("1 sender at stake, with 3 messages")
    assert (screen.filters.source, switch.value) == ("auto", "auto")
    switch.value = "extended_trace"
    screen.filters = screen.filters.changed(source="server_log")
    assert screen.status.startswith("0 senders") and switch.value == "server_log"


def test_sources_that_are_added_are_said_to_be_and_offered_alone(store, load):
    load(log("printer@contoso.com", 14))
    load(trace("app@contoso.com", 20))
    assert "Added together: no sender and no message stands in both." in said(store)
    assert "Bron: uitgebreide berichttracering + verzendlogboek." in said(store, NL)
    choices = source_choices(answers.settle_scope(store), EN)
    assert [source for _, source in choices] == ["auto", "extended_trace", "submission_log"]
    assert choices[0][0] == "Automatic: extended message trace + submission log"


def test_an_empty_report_offers_what_the_others_hold_under_the_same_filters(store, load):
    load(log("a@contoso.com", 3) + log("b@fabrikam.com", 2).split("\n", 1)[1])
    load(trace("a@contoso.com", 9))
    screen = sk.report(
        store, Filters(source="extended_trace", domains=("fabrikam.com",)), remember=False
    )
    empty = view_of(screen).shown["empty"] if screen.status else None
    assert empty == {
        "text": "0 messages in the extended message trace; 2 messages in the submission log.",
        "switches": [{"source": "submission_log", "text": "Show the submission log"}],
    }
    hear(view_of(screen), {"source": "submission_log"})
    assert screen.status.startswith("2 messages from 1 sender address")
    assert screen.filters.domains == ("fabrikam.com",)
    hear(view_of(screen), {"source": "nonsense"})
    assert screen.filters.source == "submission_log"


def test_a_line_of_a_later_day_is_said(store, load):
    load(report(("a@contoso.com", 5_900)), period=WEEK)
    load(log("a@contoso.com", 1, "2026-11-23"))
    text = "Later than these days, up to Nov 23, 2026: 1 message in the submission log."
    assert text in said(store)
    assert not [note for note in said(store, start=WEEK[0], end=WEEK[1]) if "Later" in note]


def test_why_the_days_of_a_report_are_shown_is_said(store, load):
    load(report(("a@contoso.com", 900)), period=(dt.date(2026, 8, 25), dt.date(2026, 11, 22)))
    text = "Nothing is counted in the last 7 days alone; these are the days of the report."
    assert text in said(store)
    assert said(store, timezone="Asia/Kolkata").count(
        "A report counts by days of UTC: its counts keep them."
    ) == 1  # fmt: skip


def test_a_day_covered_in_part_is_said_and_marked_in_chart_and_table(store, load):
    load(log("a@contoso.com", 1))
    assert "Nov 16, 2026 is covered in part: the first message of the submission log is of " \
        "08:00 UTC." in said(store)  # fmt: skip
    screen = sk.report(store, remember=False)
    assert screen.status
    view = view_of(screen)
    assert view.shown["chart"]["values"]["parts"] == ["2026-11-16"]
    hear(view, {"drawn": True})
    screen.senders  # noqa: B018
    assert view.more["table"]["rows"]["covered"][0] == "in part"


@pytest.mark.parametrize("with_hub", [False, True])
def test_a_front_ends_log_without_the_hubs_is_said(store, with_hub: bool):
    for name in ("06a_exchange_smtp_receive_frontend", "06b_exchange_smtp_receive_hub")[: 1 + with_hub]:  # fmt: skip
        sk.load(store, next(DATA.glob(f"{name}*")))
    text = "The log of an Exchange front end is loaded, which counts no messages by itself: load " \
        "the receive log of the hub (Transport service) too."  # fmt: skip
    assert (text in said(store)) is not with_hub


def test_a_screen_follows_its_store_and_says_so(store, load):
    load(LOG)
    screen, card = sk.report(store, remember=False), sk.insight(store)
    assert screen.status.startswith("3 messages") and "2 accounts" in card.html
    load(LOG_HEADER + "2026-11-22,new@contoso.com,,<n>,,,\n")
    for each in (screen, card):
        each._following.look()
    assert screen.status == (
        "4 messages from 3 sender addresses, 2026-11-16 to 2026-11-22, source: submission log. "
        "New data loaded, shown now."
    )
    assert (
        "3 accounts" in card.html and view_of(card).shown["fresh"] == "New data loaded, shown now."
    )
    screen.filters = Filters(domains=("contoso.com",))
    assert "New data" not in screen.status


def test_a_screen_without_a_store_shows_it_once_there_is_one(store, load):
    screen = sk.report(store, remember=False)
    assert "There is no store" in screen.status
    load(LOG)
    screen._following.look()
    assert screen.status.startswith("3 messages from 2 sender addresses")
