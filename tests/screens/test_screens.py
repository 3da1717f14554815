"""Screens without a browser: set a trait, read what is shown. Real stores, real answers."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from conftest import LOG, WEEK, turned_until
from live import control_of, hear, view_of

import smtpauth_kit as sk
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.screens.report_screen import ReportScreen


@pytest.fixture
def screen(store, load) -> ReportScreen:
    load(LOG)
    screen = sk.report(store)
    assert screen.status
    return screen


MORE = ["Sender domain", "Authentication protocol", "First seen", "Last seen", "Client IPs"]


def shown(screen):
    assert screen.status
    return view_of(screen).shown


def test_the_report_opens_on_the_last_7_days_with_what_the_store_holds(screen):
    assert screen.status == (
        "3 messages from 2 sender addresses, 2026-11-16 to 2026-11-22, source: submission log"
    )
    assert control_of(screen, "domain").options == (
        ("All sender domains", ""), ("contoso.com", "contoso.com"), ("fabrikam.com", "fabrikam.com"),
    )  # fmt: skip
    days = [control_of(screen, name).value for name in ("start", "end", "period")]
    assert days == [*WEEK, 7]
    assert "table" not in shown(screen)


def test_filters_set_from_a_cell_move_the_controls(screen):
    screen.filters = Filters(
        domains=("contoso.com",), start=dt.date(2026, 11, 16), end=dt.date(2026, 11, 17)
    )
    assert screen.status.startswith("2 messages from 1 sender address,")
    assert control_of(screen, "domain").value == "contoso.com"
    assert control_of(screen, "period").value == "own"


def test_conditions_on_rows_are_on_screen_ones_on_senders(screen):
    screen.filters = sk.filters(where="message_count > 1")
    assert screen.status.startswith("2 messages from 1 sender address,")
    assert (screen.filters.where, len(screen.filters.senders)) == ((), 1)
    assert [chip["key"] for chip in shown(screen)["chips"]] == ["senders"]
    screen.filters = sk.filters(where="share > 1")
    assert "share" in screen.status and "message_count" in screen.status  # what there is


def test_controls_write_the_filters(screen):
    control_of(screen, "domain").value = "fabrikam.com"
    assert screen.filters.domains == ("fabrikam.com",)
    control_of(screen, "period").value = "all"
    assert (screen.filters.start, screen.filters.end) == WEEK
    control_of(screen, "start").value = dt.date(2026, 11, 20)
    assert screen.filters.start == dt.date(2026, 11, 20)
    assert screen.status.startswith("1 message from 1 sender address, 2026-11-20 to 2026-11-22")


def test_equal_filters_ask_nothing_again(screen):
    before = shown(screen)
    screen.filters = Filters()
    assert shown(screen) is before


def test_an_end_before_the_start_is_said_and_asks_nothing(screen):
    before = screen.filters
    control_of(screen, "end").value = dt.date(2026, 11, 10)
    assert screen.status == "The end date is before the start date."
    assert screen.filters == before


def test_the_details_table_has_the_originals_columns_and_leads_back(screen):
    control_of(screen, "details").click()
    titles = [column["title"] for column in shown(screen)["table"]["columns"]]
    assert titles == ["Sender address", "Message count", *MORE]
    assert control_of(screen, "details").description == "View report"
    screen.view = "tls-usage"
    titles = [column["title"] for column in shown(screen)["table"]["columns"]]
    assert titles == ["Sender address", "TLS1.0%", "TLS1.1%", "TLS1.2%", "Message count", *MORE]
    control_of(screen, "details").click()
    assert control_of(screen, "details").description == "View details table"
    assert "chart" in shown(screen)


def test_addresses_counted_a_moment_later_are_there_for_who_draws_the_table_again(screen):
    screen.as_table = True
    assert screen.senders["client_ip_count"].tolist() == [1, 1]
    screen.cancel()  # The browser is shown the answer again.
    assert shown(screen)["table"]["rows"]["client_ip_count"] == [1, 1]


def test_authentication_is_a_view_like_the_others(screen):
    screen.view = "auth-protocol"
    assert shown(screen)["chart"]["columns"]["message_count"] == [2, 1, 0]
    assert shown(screen)["finding"] == "Basic auth: 66.67 % (2), OAuth: 33.33 % (1)."
    screen.as_table = True
    titles = [column["title"] for column in shown(screen)["table"]["columns"]]
    assert titles == [
        "Sender address",
        "Basic auth",
        "OAuth",
        "Authentication unknown",
        "Message count",
        *(title for title in MORE if title != "Authentication protocol"),
    ]


def flyouts_for(screen, message, count: int) -> list[dict]:
    """Return the flyouts that a message of the browser opens, so many; then one of another sender."""
    view, sent = view_of(screen), []
    view.send = sent.append

    async def say() -> None:
        hear(view, message)
        await turned_until(lambda: len(sent) == count)
        hear(view, {"select": "app@fabrikam.com"})
        await turned_until(lambda: len(sent) > count)

    asyncio.run(say())
    return [told["flyout"] for told in sent]


def test_a_selected_row_is_answered_with_all_that_is_known(screen):
    told, _ = flyouts_for(screen, {"select": "scanner@contoso.com"}, 1)
    assert told["title"] == "scanner@contoso.com"
    assert told["row"]["client_ips"] == ["192.0.2.25"]
    assert told["row"]["sign_in_success"] is None
    assert told["days"] == {
        "period_start": ["2026-11-16"], "period_end": ["2026-11-16"],
        "report_date": ["2026-11-16"], "tls_version": ["1.0"], "auth_protocol": ["basic"],
        "message_count": [2],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("message", "opened"),
    [
        ({"select": 5}, []), ({"select": "nobody@contoso.com"}, ["nobody@contoso.com"]),
        ({}, []), ({"x": 1}, []),
    ],
)  # fmt: skip
def test_an_odd_message_from_the_browser_does_no_harm(screen, message, opened):
    before = shown(screen)
    titles = [told["title"] for told in flyouts_for(screen, message, len(opened))]
    assert titles == [*opened, "app@fabrikam.com"]
    assert shown(screen) is before


def test_an_empty_answer_says_which_choice_leaves_nothing(screen):
    screen.filters = Filters(start=dt.date(2026, 1, 1), end=dt.date(2026, 1, 2))
    assert shown(screen)["empty"] == {
        "text": "No messages on these days. Loaded are Nov 16, 2026 to Nov 22, 2026.",
        "drop": "range", "action": "Show the last 7 days loaded",
    }  # fmt: skip
    screen.filters = Filters(domains=("nobody.example",), min_messages=2)
    assert shown(screen)["empty"]["text"] == (
        "No messages match: “nobody.example” leaves out all 2 messages."
    )
    hear(view_of(screen), {"drop": shown(screen)["empty"]["drop"]})
    assert screen.status.startswith("2 messages from 1 sender address")
    assert [chip["text"] for chip in shown(screen)["chips"]] == ["senders with at least 2 messages"]
    screen.filters = Filters(domains=("nobody.example",), sender="nobody@x.example")
    assert shown(screen)["empty"]["drop"] == "all"


def test_a_missing_store_is_said_in_the_screen(store):
    assert "no store at" in sk.report(store).status
    assert "no store at" in sk.insight(store).html
    assert "no store at" in sk.sender(store, "a@contoso.com").details["empty"]


def test_a_load_is_seen_at_the_next_change(screen, load):
    load(LOG.replace("<", "<again-"))
    screen.view = "tls-usage"
    assert screen.status.startswith("6 messages")


def test_the_report_speaks_dutch(store, load):
    load(LOG)
    screen = sk.report(store, language="nl")
    assert control_of(screen, "domain").description == "Gegevens weergeven voor"
    assert screen.status.startswith("3 berichten van 2 afzenderadressen")


def test_a_static_form_stands_beside_every_live_one(screen, store):
    for live in (screen, sk.insight(store), sk.sender(store, "scanner@contoso.com")):
        bundle = live._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        assert "application/vnd.jupyter.widget-view+json" in data
        assert 'class="smtpauth' in live._repr_html_()


def test_hostile_values_are_escaped_in_every_static_form(store, load):
    evil = "</script><img src=x onerror=alert(1)>@contoso.com"
    load(LOG.replace("scanner@contoso.com", evil))
    for screen in (sk.report(store), sk.insight(store), sk.sender(store, evil)):
        html = screen._repr_html_()
        assert "<img src=x" not in html and "</script><img" not in html


def test_the_whole_vocabulary_is_there():
    assert sk.__all__ == sorted(sk.__all__)
    for name in sk.__all__:
        assert callable(getattr(sk, name))
    import smtpauth_kit.loading.loading
    import smtpauth_kit.reports.report  # noqa: F401

    assert callable(sk.load) and callable(sk.report)


def test_filters_set_from_a_cell_move_the_insight_and_the_report_it_opened(store, load):
    load(LOG)
    screen = sk.insight(store)
    assert "2 accounts" in screen.html
    report = sk.report(store, remember=False)
    report.filters = Filters(domains=("fabrikam.com",))
    screen.filters = report.filters  # One object of filters: every screen takes it over.
    assert "1 account" in screen.html
    hear(view_of(screen), {"report": True})
    assert screen.children[1].filters == report.filters
    screen.filters = Filters()
    assert "2 accounts" in screen.html
    assert screen.children[1].status.startswith("3 messages from 2 sender addresses")


def test_an_insight_without_rows_says_which_choice_to_take_off(store, load):
    load(LOG)
    screen = sk.insight(store, Filters(source="server_log"))
    assert "0 messages in the server log; 3 messages in the submission log." in screen.html
    screen.filters = screen.filters.changed(domains=("fabrikam.com",))
    assert "0 messages in the server log; 1 message in the submission log." in screen.html
    (switch,) = view_of(screen).shown["switches"]
    assert switch == {"source": "submission_log", "text": "Show the submission log"}
    hear(view_of(screen), {"source": switch["source"]})
    assert screen.filters == Filters(domains=("fabrikam.com",), source="submission_log")
    assert "1 account" in screen.html


def test_a_senders_card_follows_its_address_and_filters(store, load):
    load(LOG)
    screen = sk.sender(store, "scanner@contoso.com")
    assert screen.details["finding"] == (
        "2 messages in the days shown (Nov 16, 2026 to Nov 22, 2026); "
        "2 messages on all days loaded (submission log: Nov 16, 2026)."
    )
    screen.filters = Filters(start=dt.date(2026, 11, 20), end=dt.date(2026, 11, 22))
    assert screen.details["empty"] == (
        "No messages of this sender on these days; 2 messages on others: Nov 16, 2026."
    )
    assert screen.details["days"]["message_count"] == [2]
    hear(view_of(screen), {"elsewhere": True})
    day = dt.date(2026, 11, 16)
    assert screen.filters == Filters(start=day, end=day)
    assert screen.details["finding"].startswith("2 messages in the days shown (Nov 16, 2026);")
    screen.address = "nobody@contoso.com"
    assert screen.details["empty"].startswith("No messages of this sender are loaded.")


def test_a_bad_range_set_from_a_cell_is_a_sentence_on_a_card(store, load):
    load(LOG)
    screen = sk.insight(store, language="nl")
    screen.filters = Filters(start=dt.date(2026, 11, 20), end=dt.date(2026, 11, 19))
    assert "De periode begint op 2026-11-20 en eindigt op 2026-11-19" in screen.html


def test_a_cancelled_card_stays_as_it_was_with_its_filters(store, load):
    load(LOG)
    screen = sk.insight(store)
    before = screen.html
    screen.filters = Filters(domains=("fabrikam.com",))
    hear(view_of(screen), {"cancel": True})
    assert (screen.html, screen.filters) == (before, Filters())
