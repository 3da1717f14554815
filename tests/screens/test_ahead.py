"""Answers made ahead: the same as those asked for, of the same store, and of bounded size."""

from __future__ import annotations

import asyncio

import pytest
from conftest import LOG, PATIENCE_S, turned_until
from live import hear, view_of

import smtpauth_kit as sk
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.screens import ahead
from smtpauth_kit.screens.ahead import Ahead, make
from smtpauth_kit.screens.asking import REST_S
from smtpauth_kit.screens.report_answer import answer
from smtpauth_kit.screens.report_question import ReportQuestion, Rows
from smtpauth_kit.store.store import Store
from smtpauth_kit.words.words import speak

EN = speak("en")
DOMAINS = ["contoso.com", "fabrikam.com"]


@pytest.fixture
def loaded(store, load):
    load(LOG)
    return store


@pytest.fixture(autouse=True)
def _time_for_all(monkeypatch) -> None:
    """Also on a busy machine there is time for the few domains of these tests."""
    monkeypatch.setattr(ahead, "_MOST_S", PATIENCE_S)


def ask(store, asked):
    with store.asking() as engine:
        return answer(engine, asked, EN)


@pytest.mark.parametrize("asked", [
    ReportQuestion(), ReportQuestion(view="tls-usage"), ReportQuestion(as_table=True, rows=Rows("sender_address", False)),
    ReportQuestion(filters=Filters(domains=("contoso.com",), min_messages=2)),
])  # fmt: skip
def test_what_is_made_ahead_is_what_choosing_the_domain_shows(loaded, asked):
    with loaded.asking() as engine:
        made = make(engine, asked, ["", *DOMAINS], EN, PATIENCE_S)
    assert list(made.answers) == ["", *DOMAINS]
    for domain, shown in made.answers.items():
        chosen = asked.filters.changed(domains=(domain,) if domain else ())
        now = ask(loaded, ReportQuestion(chosen, asked.view, asked.as_table, rows=asked.rows))
        assert shown == now.shown
        assert shown["base"] == made.base == ask(loaded, asked).shown["base"]


def test_each_domain_is_wanted_once_and_all_again_for_another_question_or_edition(loaded, load):
    held = Ahead()
    told = ask(loaded, ReportQuestion())
    assert held.wanted(told, DOMAINS) == ["", *DOMAINS]
    with loaded.asking() as engine:
        held.hold(make(engine, told.question, ["contoso.com"], EN))
    assert held.wanted(ask(loaded, ReportQuestion().of_domain("fabrikam.com")), DOMAINS) == [
        "", "fabrikam.com"
    ]  # fmt: skip
    assert len(held.wanted(ask(loaded, ReportQuestion(view="tls-usage")), DOMAINS)) == 3
    told = ask(loaded, ReportQuestion())
    with loaded.asking() as engine:
        held.hold(make(engine, told.question, held.wanted(told, DOMAINS), EN, PATIENCE_S))
    assert held.wanted(told, DOMAINS) == []
    load(LOG.replace("<", "<again-"))
    assert len(held.wanted(ask(loaded, ReportQuestion()), DOMAINS)) == 3


def test_a_domain_that_the_list_shows_in_other_letters_is_not_made_ahead(loaded):
    told = ask(loaded, ReportQuestion())
    assert Ahead().wanted(told, ["a\u202eb.example", "c.example"]) == ["", "c.example"]


def test_no_more_is_made_than_a_browser_can_hold(loaded, monkeypatch):
    held, told = Ahead(), ask(loaded, ReportQuestion())
    monkeypatch.setattr(ahead, "_MOST_BYTES", 100)
    with loaded.asking() as engine:
        made = make(engine, told.question, DOMAINS, EN)
    assert held.wanted(told, DOMAINS)
    assert 0 < held.hold(made) < 1
    assert held.wanted(told, DOMAINS) == []


def domains_in(sent):
    return [name for message in sent for name in message["ahead"]["answers"]]


def test_a_screen_makes_them_only_for_a_browser_and_until_it_has_all(loaded):
    sent = []

    async def open_and_rest(drawn: bool) -> None:
        screen = sk.report(loaded, remember=False)
        view = view_of(screen)
        view.send = sent.append
        if drawn:
            hear(view, {"drawn": True})
            await turned_until(lambda: len(domains_in(sent)) == 3)
        # The charts below have come, and what was begun after them has ended.
        await turned_until(lambda: view.more)
        assert screen.senders.empty
        await asyncio.sleep(2 * REST_S)
        assert screen.status.startswith("3 messages")

    asyncio.run(open_and_rest(False))
    assert sent == []
    asyncio.run(open_and_rest(True))
    assert domains_in(sent) == ["", *DOMAINS]


def test_they_are_made_also_for_a_browser_that_draws_when_the_screen_has_long_been_answered(loaded):
    sent = []

    async def open_late() -> None:
        view = view_of(sk.report(loaded, remember=False))
        view.send = sent.append
        await turned_until(lambda: view.more)
        assert sent == []
        hear(view, {"drawn": True})
        await turned_until(lambda: len(domains_in(sent)) == 3)

    asyncio.run(open_late())
    assert domains_in(sent) == ["", *DOMAINS]


def test_a_store_that_is_gone_while_they_are_made_is_nobodys_trouble(loaded, monkeypatch):
    monkeypatch.setattr(ahead, "_MOST_AT_ONCE", 1)
    sent, trouble, opened = [], [], []
    asking_it = Store.asking
    monkeypatch.setattr(Store, "asking", lambda *of: (opened.append(of), asking_it(*of))[1])

    def send(message) -> None:
        sent.append(message)
        loaded.path.unlink(missing_ok=True)
        opened.clear()

    async def open_and_rest() -> str:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: trouble.append(context))
        screen = sk.report(loaded, remember=False)
        view = view_of(screen)
        view.send = send
        hear(view, {"drawn": True})
        await turned_until(lambda: sent and opened)  # The next ones are asked, of no store.
        assert screen.senders.empty
        return screen.status

    assert asyncio.run(open_and_rest()).startswith("3 messages")
    assert [list(message["ahead"]["answers"]) for message in sent] == [[""]]
    assert trouble == []


def test_a_store_that_is_gone_before_the_charts_below_is_said(loaded):
    trouble = []

    async def open_and_rest() -> str:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: trouble.append(context))
        screen = sk.report(loaded, remember=False)
        view = view_of(screen)
        await turned_until(lambda: view.shown)
        loaded.path.unlink()
        await turned_until(lambda: view.shown["status"].startswith("There is no store at"))
        return screen.status

    assert asyncio.run(open_and_rest()).startswith("There is no store at")
    assert trouble == []
