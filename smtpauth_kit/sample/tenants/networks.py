"""The internet of a made-up tenant: providers, their networks, and an address as a number.

An address is an integer whose upper bits name its network (a /16 of IPv4, a /48 of IPv6). IPv4 is
taken from 240.0.0.0/4, which nobody has, and IPv6 from 2001:db8::/32, which is for examples: no
made-up attack ever names somebody's address.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from smtpauth_kit.sample.tenants.calendar import HOMES
from smtpauth_kit.sample.tenants.shape import Dice, Ints

ABROAD: Final = {
    # Reached by car or train from a site in NL or DE.
    "next door": ("BE", "LU", "CH", "FR"),
    "same continent": ("ES", "PT", "IT", "GR", "PL", "SE"),
    "other continent": ("US", "BR", "IN", "JP", "ZA", "AE"),
}
"""Where people travel, by how far it is from the sites in NL and DE."""
_FIRST_IPV4: Final = 0xF000
_PER_PART: Final = 400
_FIRST_IPV6: Final = 0x10000
_FIRST_ASN: Final = 4_200_000_000
"""The first number that the registries leave to everybody's own use."""


@dataclass(frozen=True)
class Provider:
    """A network operator in one country, with the networks its addresses come from."""

    asn: int
    country: str
    networks: tuple[int, ...]

    def address(self, dice: Dice) -> int:
        """Return one of its addresses."""
        return int(dice.choice(self.networks)) << 16 | int(dice.integers(1, 65_534))

    def addresses(self, dice: Dice, count: int) -> Ints:
        """Return `count` of its addresses."""
        found: Ints = dice.choice(self.networks, count).astype(np.int64) << 16
        return found | dice.integers(1, 65_534, count)


@dataclass
class Networks:
    """All providers, by what they are for and where; new ones are made as they are needed."""

    part: int
    providers: list[Provider] = field(default_factory=list)
    by_use: dict[tuple[str, str], list[Provider]] = field(default_factory=dict)
    """Use (office, home, mobile, hosting, hotel) and country to its providers."""
    _ipv4: int = 0
    _ipv6: int = 0

    def new(self, country: str, networks: int = 1, *, ipv6: bool = False) -> Provider:
        """Return a provider that nobody has used before."""
        numbers = tuple(self._next(ipv6) for _ in range(networks))
        asn = _FIRST_ASN + self.part * 10_000 + len(self.providers)
        self.providers.append(Provider(asn, country, numbers))
        return self.providers[-1]

    def _next(self, ipv6: bool) -> int:
        if ipv6:
            self._ipv6 += 1
            return _FIRST_IPV6 + self.part * 4_000 + self._ipv6
        self._ipv4 += 1
        if self._ipv4 >= _PER_PART:  # the rest of this part's networks are of IPv6
            return self._next(True)
        return _FIRST_IPV4 + self.part * _PER_PART + self._ipv4

    def any(self, dice: Dice, use: str, country: str) -> Provider:
        """Return one of the providers of a country for a use."""
        found = self.by_use[use, country]
        return found[int(dice.integers(len(found)))]

    def whose(self, addresses: Ints) -> Ints:
        """Return the provider of each address, as its place in `providers`."""
        pairs = sorted((n, i) for i, p in enumerate(self.providers) for n in p.networks)
        numbers = np.array([n for n, _ in pairs])
        owners = np.array([i for _, i in pairs])
        found: Ints = owners[np.searchsorted(numbers, addresses >> 16)]
        return found


def make_networks(part: int) -> Networks:
    """Return the providers of the countries of the sites, and of those where people travel."""
    networks = Networks(part)
    for country in HOMES:
        for use, providers, count in (
            ("office", 3, 2), ("home", 3, 3), ("mobile", 2, 4), ("hosting", 2, 2)
        ):  # fmt: skip
            made = [networks.new(country, count) for _ in range(providers)]
            networks.by_use[use, country] = made
    for country in (c for countries in ABROAD.values() for c in countries):
        networks.by_use["hotel", country] = [networks.new(country) for _ in range(2)]
    for country in ABROAD["next door"]:
        networks.by_use["home", country] = [networks.new(country, 2)]
    return networks


def text_of(address: int) -> str:
    """Return an address as it is written.

    Examples
    --------
    >>> text_of(0xF0010203), text_of(0x1002A << 16 | 0x1F)
    ('240.1.2.3', '2001:db8:2a::1f')
    """
    network, host = address >> 16, address & 0xFFFF
    if network >= _FIRST_IPV6:
        return f"2001:db8:{network - _FIRST_IPV6:x}::{host:x}"
    return f"{network >> 8}.{network & 255}.{host >> 8}.{host & 255}"
