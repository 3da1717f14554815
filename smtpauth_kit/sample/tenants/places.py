"""From which address each sender sends, on each half of a day."""

from __future__ import annotations

from typing import Final

import numpy as np

from smtpauth_kit.sample.tenants.calendar import HOMES, Calendar
from smtpauth_kit.sample.tenants.networks import ABROAD, Networks
from smtpauth_kit.sample.tenants.population import Population
from smtpauth_kit.sample.tenants.shape import (
    APPLICATION,
    APPLICATION_ALL_WEEK,
    BROADCASTER,
    JOB,
    PERSON,
    ROAMING,
    Dice,
    Ints,
    TenantShape,
)

_TRIPS_IN: Final = 45
"""Who travels does so once in so many days."""


def make_places(
    shape: TenantShape, people: Population, calendar: Calendar, networks: Networks, counts: Ints
) -> Ints:
    """Return the client address by sender, day and half of the day (0 morning, 1 afternoon).

    Takes messages out of `counts` where somebody is on a long flight.
    """
    dice = shape.dice("places")
    offices = _offices(dice, people, calendar, networks)
    places = np.repeat(offices[people.site][:, :, None], 2, axis=2)
    _hosted(dice, people, networks, places)
    for sender in np.flatnonzero(np.isin(people.kind, (PERSON, ROAMING))):
        _move(dice, people, networks, places[sender], int(sender))
    travels = (people.kind == ROAMING) | (
        (people.kind == PERSON) & (dice.random(people.kind.size) < 0.15)
    )
    for sender in np.flatnonzero(travels):
        _travel(dice, people, networks, places[sender], counts[sender], int(sender))
    return places


def _offices(dice: Dice, people: Population, calendar: Calendar, networks: Networks) -> Ints:
    """Each site's address by day: some fail over for a while, some move their uplink for good."""
    home = np.zeros(people.sites, dtype=np.int64)
    home[people.site] = people.home
    offices = np.zeros((people.sites, calendar.days), dtype=np.int64)
    for site in range(people.sites):
        country = HOMES[home[site]]
        offices[site] = networks.any(dice, "office", country).address(dice)
        if dice.random() < 0.3:
            start, length = int(dice.integers(0, calendar.days)), int(dice.integers(1, 5))
            spare = networks.any(dice, "mobile", country).address(dice)
            offices[site, start : start + length] = spare
        if dice.random() < 0.15:
            moved = int(dice.integers(15, max(16, calendar.days - 5)))
            offices[site, moved:] = networks.new(country, ipv6=bool(dice.random() < 0.4)).address(
                dice
            )
    return offices


def _hosted(dice: Dice, people: Population, networks: Networks, places: Ints) -> None:
    """Applications run at a hoster, each at its own address; some are behind two."""
    servers = np.isin(people.kind, (APPLICATION, APPLICATION_ALL_WEEK, JOB, BROADCASTER))
    for sender in np.flatnonzero(servers & (dice.random(people.kind.size) < 0.7)):
        hoster = networks.any(dice, "hosting", HOMES[people.home[sender]])
        pair = hoster.addresses(dice, 2)
        second = dice.random(places.shape[1:]) < (0.5 if dice.random() < 0.2 else 0)
        places[sender] = np.where(second, pair[1], pair[0])


def _move(dice: Dice, people: Population, networks: Networks, own: Ints, sender: int) -> None:
    """Put a person at the office and at home; who roams also on mobile and behind a VPN."""
    country = HOMES[people.home[sender]]
    roams = people.kind[sender] == ROAMING
    where = country
    if roams and country in ("NL", "DE") and dice.random() < 0.1:
        where = str(dice.choice(ABROAD["next door"]))  # lives across the border
    provider = networks.any(dice, "home", where)
    house = provider.address(dice)
    chance = dice.random(own.shape)
    at_home = chance < (0.35 if roams else dice.choice((0.0, 0.0, 0.4)))
    own[at_home] = house
    if not roams:
        return
    under_way = chance > 0.75
    own[under_way] = networks.any(dice, "mobile", country).addresses(dice, int(under_way.sum()))
    if dice.random() < 0.15:
        exit_ = networks.any(dice, "hotel", "US").address(dice)
        own[(chance > 0.5) & (chance < 0.62)] = exit_


def _travel(
    dice: Dice, people: Population, networks: Networks, own: Ints, count: Ints, sender: int
) -> None:
    """Trips of some days to one country; on the days of a long flight nothing is sent."""
    days = own.shape[0]
    trips = int(dice.poisson(days / _TRIPS_IN)) if dice.random() < 0.6 else 0
    for start in dice.integers(5, days, trips):
        far = str(dice.choice(tuple(ABROAD), p=(0.35, 0.4, 0.25)))
        country = str(dice.choice([c for c in ABROAD[far] if c != HOMES[people.home[sender]]]))
        end = min(int(start) + int(dice.integers(2, 7)), days)
        hotel = networks.any(dice, "hotel", country)
        own[start:end] = hotel.addresses(dice, 2 * (end - int(start))).reshape(-1, 2)
        # Away from Europe "next door" is far too: everybody else flies a day.
        if far == "other continent" or people.home[sender] > 1:
            count[max(int(start) - 1, 0) : int(start) + 1] = 0
            count[end : end + 2] = 0
