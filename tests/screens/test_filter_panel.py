"""The filter panel without a browser: what arrives, what is answered, what is kept."""

from __future__ import annotations

import datetime as dt

import pytest
from conftest import LOG
from hypothesis import given
from hypothesis import strategies as st
from live import hear

from smtpauth_kit import answers
from smtpauth_kit.base.conditions import parse_groups
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.names import SUBMISSION_SOURCES
from smtpauth_kit.screens.filter_panel import FilterPanel, read_draft, read_saved
from smtpauth_kit.store import settings
from smtpauth_kit.views.filter_words import active
from smtpauth_kit.views.notes import notes
from smtpauth_kit.words.words import languages, speak

EN = speak("en")
CONDITION = {"field": "tls_1_0_share", "operator": ">", "value": "33,5 %"}


@pytest.fixture
def panel(store, load):
    load(LOG)
    made = FilterPanel(store, EN, on_apply=lambda found: heard.append(found))
    heard: list[Filters] = []
    made.heard, made.told = heard, []
    made.send = made.told.append
    made.show()
    return made


def say(panel, **message):
    hear(panel, message)


def typed(panel, **changed):
    return {**panel.shown["draft"], **changed}


def test_it_opens_on_what_is_shown_with_all_there_is_to_choose(panel):
    shown = panel.shown
    assert shown["draft"] == {
        "start": "2026-11-16", "end": "2026-11-22", "period": 7, "source": "auto",
        "timezone": "UTC", "min_messages": "0", "groups": [], "name": "",
    }  # fmt: skip
    assert (shown["oldest"], shown["newest"]) == ("2026-11-16", "2026-11-22")
    assert [(each["name"], each["label"], each["kind"]) for each in shown["controls"]] == [
        ("source", "Source", "choice"),
        ("min_messages", "Leave out senders with fewer messages than", "number"),
    ]
    choices = [value for value, _ in shown["controls"][0]["choices"]]
    assert choices == ["auto", *SUBMISSION_SOURCES]
    assert "Europe/Amsterdam" in shown["zones"] and "UTC" in shown["zones"]
    assert [field["title"] for field in shown["fields"]][:3] == [
        "Sender address", "Sender domain", "Message count",
    ]  # fmt: skip


def test_nothing_changes_until_apply(panel):
    draft = typed(panel, groups=[[CONDITION]], min_messages="5", period="own", end="2026-11-20")
    say(panel, check=draft)
    assert panel.told == [{"errors": {}}]
    assert panel.filters == Filters() and panel.heard == []
    say(panel, apply=draft)
    assert panel.filters == Filters(
        start=dt.date(2026, 11, 16), end=dt.date(2026, 11, 20), min_messages=5,
        senders=parse_groups("tls_1_0_share > 33.5%"),
    )  # fmt: skip
    assert panel.heard == [panel.filters] and panel.shown == {}


def test_closing_leaves_everything_as_it_was(panel):
    say(panel, check=typed(panel, min_messages="99"), close=True)
    assert panel.filters == Filters() and panel.shown == {} and panel.heard == []


def test_last_7_days_move_on_with_the_data_and_what_the_panel_does_not_ask_stays(panel):
    panel.filters = Filters(domains=("contoso.com",), as_of=dt.date(2026, 11, 20))
    panel.show()
    assert panel.shown["draft"]["period"] == "own"
    say(panel, apply=typed(panel, period=7))
    assert panel.filters == Filters(domains=("contoso.com",))


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"start": "soon"}, {"start": "Choose a day."}),
        ({"end": "2026-11-01"}, {"end": "The end date is before the start date."}),
        ({"timezone": "Mars/Base"}, {"timezone": "There is no such time zone. Choose one of the list."}),
        ({"min_messages": "1.000"}, {"min_messages": "Write a whole number, for example 100."}),
        ({"min_messages": "-1"}, {"min_messages": "Write a whole number, for example 100."}),
        ({"groups": [[{"field": "x", "operator": "=", "value": "1"}]]}, {"clause-0-0": "Choose what the condition is about."}),
        ({"groups": [[{"field": "message_count", "operator": "contains", "value": "1"}]]}, {"clause-0-0": "Choose how to compare."}),
        ({"groups": [[{"field": "message_count", "operator": "=", "value": "1,000"}]]}, {"clause-0-0": "Write a whole number, for example 100."}),
        ({"groups": [[CONDITION], [CONDITION, {**CONDITION, "value": "half"}]]}, {"clause-1-1": "Write a share, for example 50%."}),
        ({"groups": [[{"field": "first_seen", "operator": ">", "value": "x"}]]}, {"clause-0-0": "Choose a day."}),
        ({"groups": [[{"field": "sender_domain", "operator": "=", "value": " "}]]}, {"clause-0-0": "Write what to compare with."}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_control_and_not_applied(panel, changed, errors):
    draft = typed(panel, **({"period": "own"} | changed))
    say(panel, apply=draft)
    assert panel.told == [{"errors": errors, "applied": False}]
    assert panel.filters == Filters() and panel.shown


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(
            st.sampled_from(["start", "end", "groups", "timezone", "source", "min_messages",
                             "field", "operator", "value", "period"]), inner),
    )
)  # fmt: skip
def test_whatever_a_browser_sends_is_read_or_refused_in_words(junk):
    draft = read_draft(junk, Filters(), EN)
    assert all(isinstance(text, str) and text for text in draft.errors.values())


def test_a_filter_is_kept_by_name_filled_in_again_and_deleted(panel, store):
    draft = typed(panel, groups=[[CONDITION]], min_messages="5", name="Old printers")
    say(panel, save=draft)
    assert panel.told[-1] == {
        "saved": ["Old printers"], "said": "Saved as \u201cOld printers\u201d.",
    }  # fmt: skip
    assert settings.get(store, "filter:Old printers") == {
        "senders": [[["tls_1_0_share", ">", "33.5%"]]], "min_messages": 5,
    }  # fmt: skip
    assert panel.filters == Filters(), "keeping is not applying"
    panel.close_panel()
    panel.show()
    assert panel.shown["saved"] == ["Old printers"]
    say(panel, load="Old printers")
    fill = panel.told[-1]["fill"]
    say(panel, apply=typed(panel, groups=fill["groups"], min_messages=fill["min_messages"]))
    assert panel.filters.senders == parse_groups("tls_1_0_share > 33.5%")
    panel.show()
    say(panel, delete="Old printers")
    assert panel.told[-1]["saved"] == []
    assert settings.named(store, "filter:") == {}


def test_a_name_is_needed_and_what_does_not_fit_is_not_kept(panel, store):
    say(panel, save=typed(panel, name="  "))
    assert panel.told[-1]["errors"] == {"name": "Write a name of at most 60 signs."}
    bad = [[{"field": "message_count", "operator": "=", "value": "x"}]]
    say(panel, save=typed(panel, name="bad", groups=bad))
    assert "clause-0-0" in panel.told[-1]["errors"]
    assert settings.named(store, "filter:") == {}


def test_names_are_text_and_never_anything_else(panel, store):
    evil = "'); drop table settings; --<script>"
    say(panel, save=typed(panel, name=evil))
    assert panel.told[-1]["saved"] == [evil]
    say(panel, delete=evil)
    say(panel, load="none such", delete="none such")
    assert settings.named(store, "filter:") == {}


@pytest.mark.parametrize("kept", [None, 5, [], {}, {"senders": 5, "min_messages": 1},
                                  {"senders": [[["x", "=", "1"]]], "min_messages": 0},
                                  {"senders": [[["a"]]], "min_messages": 0}])  # fmt: skip
def test_what_another_hand_kept_is_refused_in_words(kept):
    with pytest.raises(KitError, match="is no filter"):
        read_saved(kept)


def test_it_opens_where_there_is_no_store_yet(store):
    panel = FilterPanel(store, EN)
    panel.show()
    assert panel.shown["draft"]["start"] is None and panel.shown["saved"] == []


@pytest.mark.parametrize("language", languages())
def test_what_narrows_a_report_down_stands_under_its_figures(store, load, language):
    load(LOG)
    words = speak(language)
    asked = Filters(
        min_messages=2, senders=parse_groups("tls_1_0_count > 0 or last_seen = 2026-11-16")
    )
    said = notes(answers.settle_scope(store, asked), words)[0]
    assert (
        said
        == {
            "en": "Filters: senders with at least 2 messages; senders of whom TLS 1.0: messages is more"
            " than 0, or Last seen is 2026-11-16.",
            "nl": "Filters: afzenders met minstens 2 berichten; afzenders waarvoor geldt: TLS 1.0: berichten is"
            " meer dan 0, of Laatst gezien is 2026-11-16.",
        }[language]
    )
    assert active(Filters(), words) == []
