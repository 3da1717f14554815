"""Rules that look at where accounts are used: an event is found, what looks like it is not."""

from __future__ import annotations

import pytest
from findings_worlds import HOME, HOTEL, NEXT_DOOR, OFFICE, SPARE_LINE, STRANGER, World, at

STAFF = [f"user{n}@contoso.com" for n in range(8)]
VPN = ("203.0.113.200", "US", "64507")


@pytest.fixture
def world(store, load):
    return World(store, load)


def test_a_new_country_is_told_once_after_a_time_of_learning(world):
    travels, begins, known = STAFF[:3]
    for account in (travels, known):
        world.live(account, range(20))
    world.live(begins, range(5))
    world.sign_in(at(6), begins, place=HOTEL)  # all is new in the first two weeks
    world.sign_in(at(3), known, place=HOTEL)
    world.sign_in(at(22), known, place=HOTEL)
    for day in (22, 23, 40):
        world.sign_in(at(day), travels, place=HOTEL)
    (finding,) = world.found("new_country")
    assert (finding.subject, finding.severity) == (travels, "low")
    assert finding.values["country"] == "BR" and finding.values["home_country"] == "NL"
    assert finding.first_seen == at(22)


def test_people_who_go_about_are_told_only_of_countries_where_few_go(world):
    mobile = ("198.51.100.200", "NL", "64510")
    for account in STAFF[:6]:
        world.live(account, range(20))
        world.sign_in(at(2, 20), account, place=HOME)
        world.sign_in(at(3, 13), account, place=mobile)
    for n, account in enumerate(STAFF[:5]):  # Five were there: people of this tenant go there.
        world.sign_in(at(21 + n), account, place=HOTEL)
    world.sign_in(at(22), STAFF[5], place=STRANGER)
    assert world.subjects("new_country") == [STAFF[5]]


def test_a_failed_sign_in_from_abroad_is_no_use_there(world):
    world.live(STAFF[0], range(20))
    world.fail(STAFF[0], at(22), 3, 1, place=HOTEL)
    assert world.found("new_country") == []


def test_a_leap_is_found_over_sign_ins_and_messages(world):
    leaps, flies, next_door, uses_vpn = STAFF[:4]
    for account in (leaps, flies, next_door, uses_vpn):
        world.live(account, range(20))
    # The stranger's address is told by another account's failure; the message has only the address.
    world.fail(STAFF[7], at(20, 1), 1, 1, place=STRANGER)
    world.sign_in(at(20), leaps)
    world.message(at(20, 10), leaps, place=STRANGER)
    world.sign_in(at(20), flies)
    world.sign_in(at(20, 21), flies, place=HOTEL)  # 8,900 km in twelve hours
    world.sign_in(at(20), next_door)
    world.sign_in(at(20, 9.5), next_door, place=NEXT_DOOR)
    for day in (2, 9, 13, 20):
        world.sign_in(at(day, 10), uses_vpn, place=VPN)
    (finding,) = world.found("far_countries")
    assert (finding.subject, finding.severity) == (leaps, "high")
    assert finding.values["country"] == "NG" and finding.values["home_country"] == "NL"
    assert 4_500 < finding.measured < 5_200 and finding.values["hours"] == 1


def test_an_attack_of_several_days_does_not_excuse_itself(world):
    world.live(STAFF[0], range(30))
    for day in (20, 21, 22, 23):
        world.sign_in(at(day, 10), STAFF[0], place=STRANGER)
    (finding,) = world.found("far_countries")
    assert finding.first_seen.date() == at(20).date() and finding.values["day_count"] == 4


def test_a_line_abroad_that_a_whole_site_leaves_by_is_no_leap(world):
    for account in STAFF:
        world.live(account, range(20))
        for day in (20, 21, 22):
            world.sign_in(at(day, 10), account, place=VPN)
    assert world.found("far_countries") == []


def test_a_network_of_ones_own_is_new_and_a_shared_one_is_a_line_that_failed_over(world):
    stolen, *others = STAFF[:5]
    for account in (stolen, *others):
        world.live(account, range(20))
    house = ("198.51.100.50", "NL", "64509")
    world.message(at(20, 11), stolen, place=house)
    world.fail(STAFF[7], at(1), 1, 1, place=house)  # tells where the address is
    for account in (stolen, *others):
        world.live(account, range(21, 25), place=SPARE_LINE)
    (finding,) = world.found("new_client_ip")
    assert (finding.subject, finding.severity) == (stolen, "medium")
    assert finding.values["where_from"] == "198.51.100.50 (NL, AS64509)"


def test_days_before_a_new_network_are_those_before_it_each_once(world):
    stolen, *others = STAFF[:5]
    for account in (stolen, *others):
        world.live(account, range(100))
        world.live(account, range(40), place=SPARE_LINE)  # the same days from elsewhere, too
    world.message(at(70, 11), stolen, place=("198.51.100.50", "NL", "64509"))
    (finding,) = world.found("new_client_ip")
    assert finding.values["known_days"] == 70


def test_who_has_many_networks_or_no_history_has_no_new_one(world):
    roams, new_here, abroad = STAFF[:3]
    world.live(STAFF[5], range(30))
    world.live(roams, range(0, 20, 2))
    for day, place in ((1, HOME), (3, SPARE_LINE), (5, ("198.51.100.61", "NL", "64510"))):
        world.live(roams, [day], place=place)
    world.live(roams, [21], place=("198.51.100.62", "NL", "64511"))
    world.live(new_here, [18, 19])
    world.live(new_here, [20], place=HOME)
    world.live(abroad, range(20))
    world.live(abroad, [21], place=HOTEL)  # another country: new_country tells it
    assert world.found("new_client_ip") == []


def test_an_address_of_a_known_network_is_not_new(world):
    world.live(STAFF[0], range(20))
    world.live(STAFF[0], [21], place=("192.0.2.200", OFFICE[1], OFFICE[2]))
    # No sign-in names the network of this one: it is that of all others of its /16.
    world.message(at(22), STAFF[0], place=("192.0.77.1", "", ""))
    assert world.found("new_client_ip") == []
