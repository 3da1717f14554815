"""Questions on a thread of their own: newest wins, interruptible, safe without an event loop."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from conftest import LOG

import smtpauth_kit as sk
from smtpauth_kit.errors import Cancelled
from smtpauth_kit.schema import Filters
from smtpauth_kit.screens import asking
from smtpauth_kit.screens.asking import Asker

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
    asker = Asker(loaded)
    asker.ask(endless, told.append)
    time.sleep(0.2)
    began = time.monotonic()
    asker.ask(lambda engine: "new", told.append)
    asker.wait()
    assert [done.result() for done in told] == ["new"]
    assert time.monotonic() - began < 10


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
    asker.ask(lambda engine: (begun.set(), go_on.wait(60)), lambda done: None)
    assert begun.wait(60)
    for n in range(5):
        asker.ask(lambda engine, n=n: n, lambda done: None)
    told = []
    asker.ask(lambda engine: "newest", told.append)
    go_on.set()
    asker.wait()
    assert [done.result() for done in told] == ["newest"]
    assert len(opened) == 2


def test_a_cancelled_question_does_not_wait_for_a_store_that_is_in_use(loaded, hold_open):
    hold_open(loaded)
    asker = Asker(loaded)
    asker.ask(lambda engine: "old", lambda done: None)
    time.sleep(0.3)
    asker.cancel()
    began = time.monotonic()
    asker._thread.shutdown(wait=True)
    assert time.monotonic() - began < 5


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
    async def ask() -> tuple[list[int], int]:
        threads, turns = [], 0
        asker = Asker(loaded)
        asker.ask(
            lambda engine: time.sleep(0.3), lambda done: threads.append(threading.get_ident())
        )
        while not threads:
            turns += 1
            await asyncio.sleep(0.01)
        return threads, turns

    threads, turns = asyncio.run(ask())
    assert threads == [threading.get_ident()]
    assert turns > 3


def test_a_slow_question_is_said_and_cancelling_it_leaves_the_screen_as_it_was(loaded, monkeypatch):
    monkeypatch.setattr(asking, "SLOW_S", 0.01)

    async def change() -> None:
        screen = sk.report(loaded)
        before = screen.status
        shown = screen._view.shown
        real = asking._Job.run
        monkeypatch.setattr(
            asking._Job, "run", lambda job: (setattr(job, "_ask", endless), real(job))[1]
        )
        screen.filters = Filters(domains=("fabrikam.com",))
        while not screen._view.working:
            await asyncio.sleep(0.01)
        screen._hear(screen._view, {"cancel": True}, None)
        assert not screen._view.working
        assert screen.filters == Filters()
        again = screen._view.shown
        assert (screen.status, {**again, "number": 0}) == (before, {**shown, "number": 0})
        assert again["number"] > shown["number"]  # A browser that shows the choice hears of it.

    asyncio.run(change())


def test_the_charts_below_come_also_after_a_question_that_was_cancelled(loaded, monkeypatch):
    async def change() -> None:
        screen = sk.report(loaded, remember=False)
        assert screen.status
        screen.filters = Filters(domains=("contoso.com",))
        about = screen._view.shown["about"]
        while screen._view.shown["about"] == about:
            await asyncio.sleep(0.001)
        assert screen._view.more.get("about") != screen._view.shown["about"]
        with monkeypatch.context() as patch:
            real = asking._Job.run
            patch.setattr(
                asking._Job, "run", lambda job: (setattr(job, "_ask", endless), real(job))[1]
            )
            screen.filters = Filters(domains=("fabrikam.com",))
            screen.cancel()
        await asyncio.sleep(1)
        assert screen.filters.domains == ("contoso.com",)
        assert screen._view.more["about"] == screen._view.shown["about"]

    asyncio.run(change())


def test_quick_changes_end_with_the_answer_to_the_last(loaded):
    screen = sk.report(loaded)
    assert screen.status
    threads = threading.active_count()
    for n in range(20):
        domain = ("contoso.com", "fabrikam.com")[n % 2]
        screen.filters = Filters(domains=(domain,))
    assert screen.answer["sender_domain"].unique().tolist() == ["fabrikam.com"]
    assert threading.active_count() <= threads


def test_a_question_sees_one_store_while_a_load_replaces_it(loaded, load):
    count = "select sum(message_count)::bigint as n from submissions"
    with loaded.asking() as question:
        before = question.run(count)["n"].tolist()
        done = threading.Thread(target=load, args=(LOG.replace("<", "<again-"),))
        file = loaded.path.stat().st_ino
        done.start()
        deadline = time.monotonic() + 60
        while loaded.path.stat().st_ino == file and time.monotonic() < deadline:
            time.sleep(0.02)
        assert question.run(count)["n"].tolist() == before == [3]
    done.join(60)
    assert loaded.run(count)["n"].tolist() == [6]
