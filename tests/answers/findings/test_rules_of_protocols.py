"""Rules about names, blocks, TLS and authentication: an event is found, what looks like it is not."""

from __future__ import annotations

import datetime as dt

import pytest
from findings_worlds import World, at

ONE, TWO, THREE = (f"app{n}@contoso.com" for n in (1, 2, 3))
SETTINGS_DAY = at(20).date()


@pytest.fixture
def world(store, load):
    return World(store, load)


WEAK = {"tls_downgrade": {"tls": "1.0"}, "basic_after_oauth": {"auth": "basic"}}


@pytest.mark.parametrize("rule", WEAK)
def test_a_return_after_a_clean_stretch_is_found_fast_or_slow(world, rule):
    world.live(ONE, range(30))
    for n in range(3):
        world.message(at(30, n), ONE, **WEAK[rule])
    world.live(TWO, range(73))
    for day in (60, 66, 72):  # one a week, among good ones
        world.message(at(day, 12), TWO, **WEAK[rule])
    fast, slow = sorted(world.found(rule), key=lambda f: f.subject)
    assert (fast.subject, fast.severity, fast.measured) == (ONE, "medium", 3)
    assert (slow.subject, slow.evidence_count) == (TWO, 3)
    assert fast.values["clean_messages"] == fast.values["clean_days"] == 30


@pytest.mark.parametrize("rule", WEAK)
def test_clean_days_lie_between_the_last_use_and_the_next(world, rule):
    world.message(at(0), ONE, **WEAK[rule])
    world.live(ONE, range(1, 61))
    for n in range(8):
        world.message(at(61, n), ONE, **WEAK[rule])
    (found,) = world.found(rule)
    assert (found.values["clean_messages"], found.values["clean_days"]) == (60, 60)


@pytest.mark.parametrize("rule", WEAK)
def test_a_mixed_migration_and_a_habit_are_silent(world, rule):
    for day in range(40):  # moves over in the middle, with returns
        usual = WEAK[rule] if day < 15 or day in (17, 18, 20, 23) else {}
        world.message(at(day), ONE, **usual)
    for day in range(60):  # every fourth: chance makes clean stretches
        usual = WEAK[rule] if day % 19 < 4 else {}
        world.message(at(day), TWO, **usual)
    world.live(THREE, range(30))
    world.message(at(30), THREE, **WEAK[rule])  # one is a try
    assert world.found(rule) == []


def test_unknown_tls_is_neither_old_nor_new(world):
    world.live(ONE, range(30))
    for n in range(9):
        world.message(at(30, n), ONE, tls="unknown")
    assert world.found("tls_downgrade") == []


def test_a_new_name_is_found_and_an_alias_of_the_first_days_is_not(world):
    world.live(ONE, range(20))
    world.message(at(1, 11), ONE, place=("", "", ""))
    for n in range(4):
        world.message(at(20, 10 + n), "director@contoso.com", account=ONE)
    world.message(at(20, 10), ONE.upper(), account=ONE)  # another case is the same name
    world.live(TWO, range(20))
    for day in (2, 19, 20):
        world.message(at(day, 10), "sales@contoso.com", account=TWO)
    (finding,) = world.found("send_as")
    assert (finding.subject, finding.severity, finding.measured) == (ONE, "medium", 4)
    assert finding.values["sender_key"] == "director@contoso.com"


@pytest.mark.parametrize("first", ["b@contoso.com", "c@contoso.com"])
def test_of_two_usual_names_always_the_same_is_told_whatever_came_first(world, first):
    names = sorted(["b@contoso.com", "c@contoso.com"], key=lambda name: name != first)
    for day in range(20):
        for name in names:
            world.message(at(day), name, account=ONE)
    world.message(at(20), "director@contoso.com", account=ONE)
    (finding,) = world.found("send_as")
    assert finding.values["usual_name"] == "c@contoso.com"


def test_a_relay_is_silent_and_a_second_scanner_is_low_unless_it_is_somebody_elses(world):
    for n in range(4):
        for day in range(20):
            world.message(at(day, n), f"unit{n}@contoso.com", account="relay@contoso.com")
    world.message(at(20), "newname@contoso.com", account="relay@contoso.com")
    world.live("scanner1@contoso.com", range(20))
    world.message(at(20), "scanner2@contoso.com", account="scanner1@contoso.com")
    world.live("jane@contoso.com", range(20))
    world.message(at(20), "jane+news@contoso.com", account="jane@contoso.com")
    world.live("scanner3@contoso.com", range(30))
    world.live("scanner4@contoso.com", range(20))
    world.message(at(20), "scanner3@contoso.com", account="scanner4@contoso.com")
    found = sorted((f.subject.partition("@")[0], f.severity) for f in world.found("send_as"))
    assert found == [("jane", "low"), ("scanner1", "low"), ("scanner4", "medium")]


def settings(world: World, day: dt.date = SETTINGS_DAY, tenant: str = "False", **mailboxes: str):
    rows = "".join(
        f"{name}@contoso.com,{name}@contoso.com,{value}\n" for name, value in mailboxes.items()
    )
    head = "DisplayName,PrimarySmtpAddress,SmtpClientAuthenticationDisabled\n"
    world.load(head + rows, period=(day, day))
    head = "SmtpClientAuthenticationDisabled,AllowLegacyTLSClients\n"
    world.load(f"{head}{tenant},True\n", period=(day, day))


def test_who_sends_after_the_day_of_a_block_is_found(world):
    for account in (ONE, TWO, THREE):
        world.live(account, range(20))
    world.live(ONE, [20])  # on the day itself: the block may be younger
    world.live(TWO, [20, 21, 22])
    world.live(THREE, [21])
    settings(world, app1="True", app2="True", app3="False")
    (finding,) = world.found("blocked_but_sending")
    assert "sign_in_log" not in finding.sources
    assert (finding.subject, finding.severity, finding.measured) == (TWO, "high", 2)
    assert finding.values["settings_day"] == SETTINGS_DAY.isoformat()


def test_an_empty_setting_inherits_the_tenants(world):
    for account in (ONE, TWO):
        world.live(account, range(25))
    settings(world, tenant="True", app1="", app2="False")
    assert world.subjects("blocked_but_sending") == [ONE]


def test_a_block_that_was_taken_back_says_nothing_of_the_days_between(world):
    world.live(ONE, range(30))
    settings(world, app1="True")
    settings(world, at(27).date(), app1="False")
    assert world.found("blocked_but_sending") == []


def test_it_is_the_account_that_signs_in_that_is_judged(world):
    for day in range(25):
        world.message(at(day), ONE, account=TWO)
        world.message(at(day, 10), THREE, account="")  # the source does not say who signed in
        world.sign_in(at(day), TWO)
    settings(world, app1="True", app2="False", app3="True")
    assert world.found("blocked_but_sending") == []
