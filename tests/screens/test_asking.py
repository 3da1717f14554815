"""Questions on a thread of their own: newest wins, interruptible, safe without an event loop."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from conftest import LOG, PATIENCE_S, turned_until, until
from live import hear, view_of

import smtpauth_kit as sk
from smtpauth_kit.base.errors import Cancelled
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.hearing import hearer
from smtpauth_kit.screens import asking, report_screen
from smtpauth_kit.screens.asking import Asker
from smtpauth_kit.store import reader as store_reader

ENDLESS = "select sum(a.range * b.range) from range(1000000) a, range(1000000) b"


def endless(engine):
    return engine.run(ENDLESS)


@pytest.fixture
def loaded(store, load):
    load(LOG)
    return store


def test_without_an_event_loop_an_answer_is_told_when_it_is_waited_for(loaded):
    told = []
    asker = Asker(loaded)
    asker.ask(lambda engine: engine.run("select 1 as n")["n"].tolist(), told.append)
    assert told == []
    asker.wait()
    assert [done.result() for done in told] == [[1]]


def test_a_newer_question_stops_the_one_under_way_and_only_it_is_told(loaded):
    told = []
    asker, begun = Asker(loaded), threading.Event()
    asker.ask(lambda engine: (begun.set(), endless(engine)), told.append)
    assert begun.wait(PATIENCE_S)
    began = time.monotonic()
    asker.ask(lambda engine: "new", told.append)
    asker.wait()
    assert [done.result() for done in told] == ["new"]
    assert time.monotonic() - began < PATIENCE_S, "the old one ran to its end"


@pytest.mark.parametrize("follow_up", ["ask", "cancel", "later"])
def test_what_follows_up_on_an_answer_never_replaces_a_newer_question(loaded, follow_up):
    told, asker, others = [], Asker(loaded), []

    def ask_newest():
        asker.ask(lambda engine: "newest", told.append)

    def tell(done):
        """Follow up, while a kernel hears its widgets in another thread."""
        others.append(threading.Thread(target=ask_newest))
        others[0].start()
        others[0].join(0.1)  # It waits for its turn.
        more = lambda: asker.ask(lambda engine: "more of the old one", told.append)  # noqa: E731
        {"ask": more, "cancel": asker.cancel, "later": lambda: asker.later(more)}[follow_up]()

    asker.ask(lambda engine: "first", tell)
    asker.wait()
    others[0].join()
    asker.wait()
    assert [done.result() for done in told][-1] == "newest"


def test_what_is_heard_while_a_screen_shows_an_answer_is_heard_after_it(loaded):
    """Showing an answer sets its controls: what a person sets meanwhile is no part of that."""
    screen, others = sk.report(loaded), []
    follow = screen._controls.follow

    def choose_tls():
        screen._controls.view.value = "tls-usage"

    def follow_slowly(*args):
        screen._controls._following = True
        if not others:
            others.append(threading.Thread(target=choose_tls))
            others[0].start()
            others[0].join(0.1)
        follow(*args)

    screen._controls.follow = follow_slowly
    asking.in_turn(screen.refresh)()
    others[0].join()
    assert (screen.status, screen.view)[1] == "tls-usage"


def test_a_stopped_question_begins_no_other_statement(loaded):
    with loaded.asking() as question:
        question.interrupt()
        with pytest.raises(Cancelled):
            question.run("select 1")


def test_a_question_cancelled_before_its_turn_never_opens_the_store(loaded, monkeypatch):
    opened, begun, go_on = [], threading.Event(), threading.Event()
    real = loaded.asking
    monkeypatch.setattr(loaded, "asking", lambda *of: (opened.append(of), real(*of))[1])
    asker = Asker(loaded)
    asker.ask(lambda engine: (begun.set(), go_on.wait(PATIENCE_S)), lambda done: None)
    assert begun.wait(PATIENCE_S)
    for n in range(5):
        asker.ask(lambda engine, n=n: n, lambda done: None)
    told = []
    asker.ask(lambda engine: "newest", told.append)
    go_on.set()
    asker.wait()
    assert [done.result() for done in told] == ["newest"]
    assert len(opened) == 2


def test_a_cancelled_question_does_not_wait_for_a_store_that_is_in_use(
    loaded, hold_open, monkeypatch
):
    hold_open(loaded)
    tries, connect = [], store_reader.connect
    monkeypatch.setattr(store_reader, "LOCK_WAIT_S", 10 * PATIENCE_S)
    monkeypatch.setattr(
        store_reader, "connect", lambda *of, **named: (tries.append(of), connect(*of, **named))[1]
    )
    asker = Asker(loaded)
    asker.ask(lambda engine: "old", lambda done: None)
    until(lambda: len(tries) > 1)
    asker.cancel()
    began = time.monotonic()
    asker._thread.shutdown(wait=True)
    assert time.monotonic() - began < PATIENCE_S


def test_a_question_from_another_thread_in_the_middle_of_one_is_answered(loaded, monkeypatch):
    asker, told = Asker(loaded), []
    submit = asker._thread.submit
    other = threading.Thread(
        target=lambda: asker.ask(lambda engine: "newest", lambda done: told.append(done.result()))
    )

    def slowly(run):
        future = submit(run)
        if other.ident is None:
            other.start()
            other.join(0.5)
        return future

    monkeypatch.setattr(asker._thread, "submit", slowly)
    asker.ask(lambda engine: "old", lambda done: told.append(done.result()))
    other.join()
    asker.wait()
    assert told == ["newest"]


def test_in_a_loop_answers_arrive_on_its_thread_and_the_loop_goes_on_turning(loaded):
    async def ask() -> list[tuple[int, bool]]:
        threads, turned = [], threading.Event()
        asker = Asker(loaded)
        # The answer waits for the loop, so it comes only where the loop does not wait for it.
        asker.ask(
            lambda engine: turned.wait(PATIENCE_S),
            lambda done: threads.append((threading.get_ident(), done.result())),
        )
        for _ in range(3):
            await asyncio.sleep(0)
        turned.set()
        await turned_until(lambda: threads)
        return threads

    assert asyncio.run(ask()) == [(threading.get_ident(), True)]


def test_a_slow_question_is_said_and_cancelling_it_leaves_the_screen_as_it_was(loaded, monkeypatch):
    monkeypatch.setattr(asking, "SLOW_S", 0.01)

    async def change() -> None:
        screen = sk.report(loaded)
        before, view = screen.status, view_of(screen)
        shown = view.shown
        real = asking._Job.run
        monkeypatch.setattr(
            asking._Job, "run", lambda job: (setattr(job, "_ask", endless), real(job))[1]
        )
        screen.filters = Filters(domains=("fabrikam.com",))
        await turned_until(lambda: view.working)
        hear(view, {"cancel": True})
        assert not view.working
        assert screen.filters == Filters()
        again = view.shown
        assert (screen.status, {**again, "number": 0}) == (before, {**shown, "number": 0})
        assert again["number"] > shown["number"]  # A browser that shows the choice hears of it.

    asyncio.run(change())


def test_a_slow_file_says_how_far_it_is_and_can_be_cancelled(loaded, monkeypatch):
    monkeypatch.setattr(asking, "SLOW_S", 0.01)
    asked = threading.Event()

    def judging(engine, *_of):
        assert asked.wait(PATIENCE_S)
        hearer()(0.25)
        return endless(engine)

    async def download() -> None:
        screen = sk.report(loaded, remember=False)
        view = view_of(screen)
        monkeypatch.setattr(report_screen, "download", judging)
        screen.download("html")
        await turned_until(lambda: view.working)
        asked.set()
        await turned_until(lambda: view.share == 0.25)
        hear(view, {"cancel": True})
        assert (view.working, view.share) == (False, None)

    asyncio.run(download())


def test_the_charts_below_come_also_after_a_question_that_was_cancelled(loaded, monkeypatch):
    async def change() -> None:
        screen = sk.report(loaded, remember=False)
        assert screen.status
        screen.filters = Filters(domains=("contoso.com",))
        view = view_of(screen)
        about = view.shown["about"]
        while view.shown["about"] == about:
            await asyncio.sleep(0)
        assert view.more.get("about") != view.shown["about"]
        with monkeypatch.context() as patch:
            real = asking._Job.run
            patch.setattr(
                asking._Job, "run", lambda job: (setattr(job, "_ask", endless), real(job))[1]
            )
            screen.filters = Filters(domains=("fabrikam.com",))
            screen.cancel()
        assert screen.filters.domains == ("contoso.com",)
        await turned_until(lambda: view.more.get("about") == view.shown["about"])

    asyncio.run(change())


def test_quick_changes_end_with_the_answer_to_the_last(loaded):
    screen = sk.report(loaded)
    assert screen.status
    threads = threading.active_count()
    for n in range(20):
        domain = ("contoso.com", "fabrikam.com")[n % 2]
        screen.filters = Filters(domains=(domain,))
    assert screen.answer["sender_domain"].unique().tolist() == ["fabrikam.com"]
    until(lambda: threading.active_count() <= threads)


def test_a_question_sees_one_store_while_a_load_replaces_it(loaded, load):
    count = "select sum(message_count)::bigint as n from submissions"
    with loaded.asking() as question:
        before = question.run(count)["n"].tolist()
        done = threading.Thread(target=load, args=(LOG.replace("<", "<again-"),))
        file = loaded.path.stat().st_ino
        done.start()
        until(lambda: loaded.path.stat().st_ino != file)
        assert question.run(count)["n"].tolist() == before == [3]
    done.join(PATIENCE_S)
    assert loaded.run(count)["n"].tolist() == [6]
