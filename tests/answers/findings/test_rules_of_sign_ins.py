"""Rules that look at attempts to sign in: an event is found, what looks like it is not."""

from __future__ import annotations

import pytest
from findings_worlds import HOME, HOTEL, OFFICE, SPARE_LINE, STRANGER, World, at

STAFF = [f"user{n}@contoso.com" for n in range(12)]


@pytest.fixture
def world(store, load):
    return World(store, load)


def test_an_address_that_tries_many_accounts_sprays_however_slowly(world):
    slow = ("203.0.113.5", "VN", "64505")
    for account in STAFF:
        world.live(account, range(20))
    for n, account in enumerate(STAFF[:6]):
        world.fail(account, at(20, 1 + n / 60), 2, 0.1, place=STRANGER)
        world.fail(account, at(20 + n, 3), 1, 1, place=slow)  # one a day
    one, other = sorted(world.found("password_spray"), key=lambda f: f.subject)
    assert (one.subject, one.severity, one.measured) == (slow[0], "high", 6)
    assert (other.subject, other.evidence_count) == (STRANGER[0], 12)
    assert other.accounts == tuple(STAFF[:6]) and other.values["user_count"] == 0


def test_an_office_behind_one_address_on_monday_morning_is_no_spray(world):
    for account in STAFF:
        world.fail(account, at(0, 8), 3, 1)  # the first day loaded: nothing is known yet
        world.live(account, range(20))
        world.fail(account, at(21, 8), 2, 1)
        world.sign_in(at(21, 8.5), account)
    assert world.found("password_spray") == []


def test_an_office_that_a_policy_keeps_out_is_no_spray(world):
    line = ("192.0.2.20", "NL", "64497")
    for account in STAFF:
        world.live(account, range(20))
        world.fail(account, at(20, 8), 30, 10, place=line, code="53003")
    assert world.found("password_spray") == [] == world.found("brute_force")


def test_four_accounts_that_mistype_in_a_hotel_are_no_spray(world):
    for account in STAFF[:4]:
        world.live(account, range(20))
        world.fail(account, at(20, 8), 2, 1, place=HOTEL)
    assert world.found("password_spray") == []


def test_a_success_at_an_address_that_sprays_is_found_and_named_first(world):
    for account in STAFF:
        world.live(account, range(20))
        world.fail(account, at(20, 1), 2, 1, place=STRANGER)
    world.sign_in(at(21, 2), STAFF[7], place=STRANGER)
    (spray,) = world.found("password_spray")
    assert spray.accounts[0] == STAFF[7] and spray.values["user_count"] == 1
    (success,) = world.found("success_after_failures")
    assert (success.subject, success.severity) == (STAFF[7], "high")
    assert success.values["failure_count"] == 2 and success.values["tried_count"] == 12


def test_a_guessed_password_is_found_and_a_forgotten_one_is_not(world):
    guessed, forgot, travels, changed, set_up = STAFF[:5]
    for account in (guessed, forgot, travels, changed):
        world.live(account, range(20))
    world.live(STAFF[6], range(30), place=HOME)
    world.fail(guessed, at(20, 1), 8, 2, place=STRANGER)
    world.sign_in(at(20, 2), guessed, place=STRANGER)
    world.fail(forgot, at(20, 8), 8, 2)  # at its own place
    world.sign_in(at(20, 9), forgot)
    world.fail(travels, at(20, 8), 3, 1, place=HOTEL)  # a new keyboard
    world.sign_in(at(20, 9), travels, place=HOTEL)
    world.fail(changed, at(20, 8), 8, 1, place=HOME)  # where others of the tenant live
    world.sign_in(at(20, 9), changed, place=HOME)
    scanner_line = ("192.0.2.99", "NL", "64511")
    world.fail(set_up, at(20, 8), 8, 1, place=scanner_line)  # a device that is being set up
    world.sign_in(at(20, 9), set_up, place=scanner_line)
    assert world.subjects("success_after_failures") == [guessed]


def test_one_account_that_fails_often_from_a_strange_address_is_guessed_at(world):
    guessed, changed, travels = STAFF[:3]
    for account in (guessed, changed, travels):
        world.live(account, range(20))
    world.fail(guessed, at(20, 1), 20, 3, place=STRANGER)
    world.fail(changed, at(20, 8), 20, 3)
    world.fail(travels, at(20, 8), 4, 1, place=HOTEL)
    (finding,) = world.found("brute_force")
    assert (finding.subject, finding.severity, finding.measured) == (guessed, "medium", 20)
    assert finding.values["where_from"] == "203.0.113.66 (NG, AS64501)"


def test_what_a_spray_does_to_one_account_is_no_guessing_of_its_own(world):
    for account in STAFF:
        world.live(account, range(20))
        world.fail(account, at(20, 1), 15, 1, place=STRANGER)
    assert len(world.found("password_spray")) == 1 and world.found("brute_force") == []


def test_an_account_that_fails_for_hours_at_home_fails(world):
    stuck, changed, beside, mistyped = STAFF[:4]
    for account in (stuck, changed, beside, mistyped):
        world.live(account, range(20))
    world.fail(stuck, at(20, 1), 14, 30)
    world.fail(changed, at(20, 8), 12, 4)  # put right within the hour
    world.sign_in(at(20, 9), changed)
    for n in range(20):  # a telephone with the old password beside a program with the new one
        world.fail(beside, at(20, 8 + n / 4), 1, 1)
        world.sign_in(at(20, 8.1 + n / 4), beside)
    world.fail(mistyped, at(20, 8), 1, 1)
    world.fail(mistyped, at(23, 8), 1, 1)
    (finding,) = world.found("failing_sender")
    assert (finding.subject, finding.severity, finding.evidence_count) == (stuck, "medium", 14)
    assert finding.values["error_code"] == "50126"


@pytest.mark.parametrize("success_first", [True, False])
def test_a_success_in_the_second_of_a_failure_begins_a_run(world, success_first):
    # The failure of that second belongs to what came after it, whichever row is read first.
    world.live(STAFF[0], range(20))
    if success_first:
        world.sign_in(at(20, 4), STAFF[0])
    world.fail(STAFF[0], at(20, 1), 6, 30)
    world.fail(STAFF[0], at(20, 4), 14, 30, code="50053")
    world.fail(STAFF[0], at(20, 10.5), 1, 1, place=SPARE_LINE, code="50034")
    if not success_first:
        world.sign_in(at(20, 4), STAFF[0])
    world.sign_in(at(12), STAFF[0], place=SPARE_LINE)
    (finding,) = world.found("failing_sender")
    assert (finding.evidence_count, finding.first_seen) == (15, at(20, 4))
    # Two failures in the last second: the higher address of them is told, with its own code.
    assert finding.values["error_code"] == "50034"
    assert finding.values["where_from"] == f"{SPARE_LINE[0]} (AS{SPARE_LINE[2]})"


def test_failures_after_a_policy_was_switched_on_are_told_with_their_code(world):
    world.live(STAFF[0], range(20))
    world.fail(STAFF[0], at(20, 1), 14, 30, code="53003")
    (finding,) = world.found("failing_sender")
    assert finding.values["error_code"] == "53003"


def test_a_program_that_hands_over_the_password_is_told_where_it_is_new(world):
    news, always, never = STAFF[:3]
    for day in range(20):
        world.sign_in(at(day), news)
        world.sign_in(at(day), always, agent="CBAInPROD", auth="basic")
        world.sign_in(at(day), never, agent="Mozilla/5.0")
    world.sign_in(at(20), news, agent="bav2ropc", auth="basic")
    world.fail(never, at(20), 3, 1, agent="BAV2ROPC", auth="basic")  # a failure is no use
    one, other = sorted(world.found("legacy_user_agent"), key=lambda f: -f.score)
    assert (one.subject, one.severity, one.values["user_agent"]) == (news, "low", "bav2ropc")
    assert (other.subject, other.evidence_count) == (always, 20)


def test_a_program_used_once_in_weeks_is_no_new_one_because_it_comes_late(world):
    now_and_then, turned = STAFF[:2]
    for day in range(60):
        for account in (now_and_then, turned):
            world.sign_in(at(day), account)
    for day in (20, 55):
        world.sign_in(at(day, 11), now_and_then, agent="BAV2ROPC", auth="basic")
    for day in range(50, 60):
        world.sign_in(at(day, 11), turned, agent="BAV2ROPC", auth="basic")
    turn, habit = sorted(world.found("legacy_user_agent"), key=lambda f: -f.score)
    assert (turn.subject, habit.subject) == (turned, now_and_then)
    assert habit.score == 2 < turn.score  # A fact about who always did so, after what is new.


def test_each_program_of_a_tenant_without_a_name_is_a_fact_of_its_own(world):
    for n, account in enumerate([*STAFF, *(f"more{n}@contoso.com" for n in range(12))]):
        for day in range(20):
            agent = "BAV2ROPC" if n % 2 else "CBAInPROD"
            world.sign_in(at(day), account, agent=agent, auth="basic")
    found = world.found("legacy_user_agent")
    assert [f.subject for f in found] == ["the tenant"] * 2
    assert {f.values["user_agent"] for f in found} == {"BAV2ROPC", "CBAInPROD"}
    assert len({f.finding_id for f in found}) == 2


def test_what_many_accounts_always_did_is_one_fact_about_the_tenant(world):
    for account in STAFF:
        for day in range(20):
            world.sign_in(at(day), account, agent="BAV2ROPC", auth="basic")
    (finding,) = world.found("legacy_user_agent")
    assert (finding.subject_kind, finding.measured) == ("tenant", 12)
    assert OFFICE[0] not in str(finding.values)
