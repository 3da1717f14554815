"""To whom a sender writes, which of that is new, and which senders are like it."""

from __future__ import annotations

import datetime as dt

from readiness_worlds import Sent, day, every_day, working_days

import smtpauth_kit as sk
from smtpauth_kit.answers.devices import telling_scope
from smtpauth_kit.answers.readiness.answer import readiness_scope
from smtpauth_kit.answers.readiness.comparable import comparable_senders
from smtpauth_kit.answers.recipients import new_since, sender_recipients
from smtpauth_kit.base.filters import Filters


def recipients(store, sender):
    scope = telling_scope(store, Filters(sender=f"{sender}@contoso.com"), "recipients")
    rows = sender_recipients(store, scope)
    return rows.drop(columns=["last_seen"]).values.tolist(), new_since(rows, scope)


def test_domains_first_written_to_in_the_last_thirty_days_are_new(store, load):
    world = Sent(store, load)
    world.sent("scanner", [day("10-01"), day("11-20")], to="a@old.example")
    # Two at one domain are one message to it, and one to each of two domains is in both.
    world.sent("scanner", [day("10-24")], to="a@NEW.example;b@new.example;c@old.example")
    world.sent("scanner", [day("10-23")], to="a@late.example")
    world.sent("young", [day("11-10"), day("11-22")], to="a@old.example")
    world.loaded()
    rows, since = recipients(store, "scanner")
    # The last 30 days to Nov 22 begin on Oct 24.
    assert since == dt.date(2026, 10, 24)
    assert rows == [
        ["new.example", 1, 1, day("10-24"), True],
        ["late.example", 1, 1, day("10-23"), False],
        ["old.example", 3, 3, day("10-01"), False],
    ]
    # Who wrote to nobody before has no usual recipients: nothing is told to be new.
    assert recipients(store, "young") == ([["old.example", 2, 2, day("11-10"), False]], None)


def test_senders_are_comparable_by_two_likenesses_and_it_is_said_by_which(store, load):
    world = Sent(store, load)
    days = working_days(day("10-05"))
    world.sent("scanner-1", days, ip="192.0.2.25")
    world.sent("scanner-2", days, ip="192.0.2.26", count=2)  # Family, rhythm, volume, network.
    world.sent("scanner-3", days, ip="198.51.100.7", count=9)  # Family, rhythm.
    world.sent("app", days, ip="203.0.113.9")  # Rhythm, volume.
    world.sent("nightly", every_day(day("10-05")), ip="203.0.113.9", count=9)  # Nothing.
    world.loaded()
    rows = comparable_senders(store, readiness_scope(store), "scanner-1@contoso.com")
    assert rows[["sender_address", "alike_by", "networks"]].values.tolist() == [
        ["scanner-2@contoso.com", ["family", "rhythm", "volume", "network"], ["192.0.0.0/16"]],
        ["app@contoso.com", ["rhythm", "volume"], []],
        ["scanner-3@contoso.com", ["family", "rhythm"], []],
    ]
    parts = sk.sender(store, "scanner-1@contoso.com", language="nl").parts
    assert list(parts) == ["unusual", "readiness", "recipients", "reconciliation", "comparable"]
    table = parts["comparable"]["table"]["rows"]
    assert table["alike"][1] == ["Ritme", "Volume"]


def test_a_sender_of_which_only_sign_ins_are_loaded_is_not_said_to_be_ready(store, load):
    load(
        "Date (UTC),Username,Application,Client app,Status,Sign-in error code,IP address,Location,"
        "Autonomous system number\n"
        "2026-11-20T10:00:00Z,a@contoso.com,Office 365 Exchange Online,Authenticated SMTP,"
        'Success,0,192.0.2.9,"Utrecht, Utrecht, NL",64501\n'
    )
    parts = sk.sender(store, "a@contoso.com").parts
    assert parts["readiness"]["said"] == "No messages of this sender are loaded."
    assert parts["recipients"]["said"] == "No source shown tells to whom it writes."
