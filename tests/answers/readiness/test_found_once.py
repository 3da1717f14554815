"""Readiness is found once while facts and notes stay as they are, and nobody changes it for others."""

from __future__ import annotations

import datetime as dt

import pytest
from conftest import LOG

from smtpauth_kit.answers import ask, ask_plain
from smtpauth_kit.answers.readiness import answer, judging, switch_off
from smtpauth_kit.answers.readiness.kept import keep
from smtpauth_kit.base.filters import Filters

SCANNER = "scanner@contoso.com"


def states(store, name):
    return {row["sender_address"]: row["state"] for row in ask_plain(store, name).rows.records()}


@pytest.mark.parametrize("name", ["readiness", "switch-off"])
def test_what_people_say_is_told_at_once(name, store, load, monkeypatch):
    load(LOG)
    assert states(store, name)[SCANNER] == "open"
    judged = []
    monkeypatch.setattr(judging, "_senders", lambda *of: judged.append(of))
    keep(store, {SCANNER: {"state": "contacted"}})
    assert states(store, name)[SCANNER] == "contacted"
    keep(store, {SCANNER: {"state": None}})
    assert states(store, name)[SCANNER] == "open" and not judged


def test_rows_are_made_once(store, load, monkeypatch):
    load(LOG)
    asked = [("readiness", answer), ("switch-off", switch_off)]
    first = [ask_plain(store, name) for name, _ in asked]
    for _, module in asked:
        monkeypatch.setattr(module, "_cells", lambda *_: pytest.fail("made again"))
    again = [ask_plain(store, name) for name, _ in asked]
    assert [list(one.rows) for one in again] == [list(one.rows) for one in first]
    assert [one.beside for one in again] == [one.beside for one in first]


def test_another_day_and_other_things_that_go_off_are_told_anew(store, load):
    load(LOG)
    asked = [
        Filters(),
        Filters(on=dt.date(2027, 1, 5)),
        Filters(off=("legacy_tls",)),
        Filters(off=("basic", "legacy_tls")),
    ]
    told = [list(ask_plain(store, "switch-off", each).rows) for each in asked]
    assert told == [list(ask_plain(store, "switch-off", each).rows) for each in asked]
    assert told[0] != told[3]


def test_who_changes_a_list_of_a_row_changes_no_later_answer(store, load):
    load(LOG)
    for name, column in (("readiness", "breaks"), ("switch-off", "stops_by")):
        expected = ask(store, name).rows[column].tolist()
        assert any(expected)
        for cell in ask(store, name).rows[column]:
            cell.append("mine")
        assert ask(store, name).rows[column].tolist() == expected
