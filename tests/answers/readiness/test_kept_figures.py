"""A large store keeps the figures of its senders: the same as summed up, of its facts as they are."""

from __future__ import annotations

import datetime as dt

import pytest
from conftest import LOG, LOG_HEADER

from smtpauth_kit.answers.readiness import kept_figures
from smtpauth_kit.answers.readiness.answer import readiness_scope
from smtpauth_kit.answers.readiness.kept_figures import figures_of, summed_up, weeks_of
from smtpauth_kit.answers.readiness.relations import rows_of
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import judging
from smtpauth_kit.loading.loaded_files import unload

NEXT = LOG_HEADER + (
    "2026-11-23T08:15:30Z,scanner@contoso.com,bob@fabrikam.com,<4@scan>,TLS1.2,192.0.2.25,OAuth\n"
)


@pytest.fixture(autouse=True)
def _every_store_is_large(monkeypatch):
    monkeypatch.setattr(judging, "MOST_UNKEPT", 0)


def is_kept(store, asked, monkeypatch) -> bool:
    """Tell whether the figures come without being summed up, and are the same; those of weeks too."""
    scope = readiness_scope(store, asked)
    with store.asking() as question:
        expected, weeks = summed_up(question, scope), rows_of(question, "burn_down", scope)
        summed = []
        with monkeypatch.context() as patched:
            patched.setattr(kept_figures, "summed_up", lambda *of: summed.append(of) or expected)
            patched.setattr(kept_figures, "rows_of", lambda *of: summed.append(of) or weeks)
            found, found_weeks = figures_of(question, scope), weeks_of(question, scope)
    assert (found.columns, list(found)) == (expected.columns, list(expected))
    assert (found_weeks.columns, list(found_weeks)) == (weeks.columns, list(weeks))
    assert len(summed) in (0, 2)
    return not summed


def test_they_follow_each_load_and_unload(store, load, monkeypatch):
    load(LOG)
    assert is_kept(store, Filters(), monkeypatch)
    load(NEXT, name="next.csv")
    assert is_kept(store, Filters(), monkeypatch)
    scanner = figures_of_one(store, "scanner@contoso.com")
    assert (scanner["message_count"], scanner["basic_count"], scanner["oauth_count"]) == (3, 2, 1)
    assert (scanner["last_basic"], scanner["usual_pause"]) == (dt.date(2026, 11, 16), 7)
    unload(store, "next.csv")
    assert is_kept(store, Filters(), monkeypatch)
    assert figures_of_one(store, "scanner@contoso.com")["message_count"] == 2


def figures_of_one(store, key):
    with store.asking() as question:
        rows = figures_of(question, readiness_scope(question))
    (found,) = (row for row in rows.records() if row["sender_key"] == key)
    return found


@pytest.mark.parametrize("asked", [
    Filters(end=dt.date(2026, 11, 16)),
    Filters(source="submission_log", start=dt.date(2026, 11, 17)),
    Filters(domains=("contoso.com",)),
    Filters(sender="app@fabrikam.com"),
    Filters(min_messages=2),
], ids=str)  # fmt: skip
def test_who_asks_for_less_has_it_summed_up(asked, store, load, monkeypatch):
    load(LOG)
    assert not is_kept(store, asked, monkeypatch)


def test_a_store_that_grew_too_large_keeps_none(store, load, monkeypatch):
    load(LOG)
    monkeypatch.setattr(judging, "MOST_COUNTED", 3)
    load(NEXT)
    assert not is_kept(store, Filters(), monkeypatch)
