"""Who sends in a made-up tenant: devices, applications and people at their sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from smtpauth_kit.sample.tenants.calendar import HOMES
from smtpauth_kit.sample.tenants.shape import (
    APPLICATION,
    APPLICATION_ALL_WEEK,
    BROADCASTER,
    DEVICE,
    DEVICE_ALL_WEEK,
    JOB,
    PERSON,
    ROAMING,
    SELDOM,
    Bools,
    Dice,
    Floats,
    Ints,
    TenantShape,
    chosen,
    lognormal,
)

_SHARES: Final = (0.36, 0.10, 0.12, 0.05, 0.19, 0.10, 0.04, 0.02, 0.02)
"""How much of the tenant each kind is."""
_NAMES: Final = (
    "scanner", "sensor", "app", "monitor", "person", "rep", "batch", "news", "reserve",
)  # fmt: skip
_RATES: Final = {
    DEVICE: (3.0, 0.7, 0.3, 25),
    DEVICE_ALL_WEEK: (2.5, 0.7, 0.4, 24),
    APPLICATION: (16.0, 1.1, 3.0, 350),
    APPLICATION_ALL_WEEK: (20.0, 1.0, 4.0, 300),
    PERSON: (1.5, 0.6, 0.3, 8),
    ROAMING: (1.8, 0.6, 0.4, 8),
    JOB: (90.0, 0.9, 12.0, 800),
    BROADCASTER: (60.0, 0.8, 10.0, 400),
    SELDOM: (6.0, 0.8, 1.0, 40),
}
"""Messages of an active day: middle, spread, least, most."""
_DAY_SPREAD: Final = (0.30, 0.25, 0.22, 0.18, 0.40, 0.40, 0.10, 0.08, 0.45)
_DOMAINS: Final = ("contoso.com", "contoso.org", "fabrikam.com")
_SENDERS_A_SITE: Final = 60


@dataclass(frozen=True)
class Population:
    """Every sender of a part: one place in each of these, in the order of `addresses`."""

    addresses: tuple[str, ...]
    kind: Ints
    site: Ints
    home: Ints
    """Country of the site, as in HOMES."""
    account: Ints
    """Who signs in: the sender itself, or one that several senders share."""
    rate: Floats
    """Messages of a usual active day."""
    day_spread: Floats
    """How much days differ from each other."""
    presence: Floats
    """On how many of its possible days it sends."""
    opens: Floats
    """Local hour at which its day begins; `closes` may be beyond midnight."""
    closes: Floats
    first_day: Ints
    last_day: Ints
    weekly: Ints
    """The one day of the week of who sends a self-test or a report; -1 for all others."""
    sites: int

    @property
    def all_week(self) -> Bools:
        """Tell who works on all seven days."""
        return np.isin(self.kind, (DEVICE_ALL_WEEK, APPLICATION_ALL_WEEK))

    @property
    def alone(self) -> Bools:
        """Tell who has an account of its own."""
        sharers = np.bincount(self.account, minlength=self.account.size)
        found: Bools = sharers[self.account] == 1
        return found

    @property
    def throughout(self) -> Bools:
        """Tell who sends from the first day to the last."""
        found: Bools = (self.first_day == 0) & (self.last_day == self.last_day.max())
        return found


def make_population(shape: TenantShape) -> Population:
    """Return the senders of a part.

    Examples
    --------
    >>> people = make_population(TenantShape(senders=500))
    >>> people.kind.size, int((people.kind == DEVICE).sum()) > 100, people.addresses[0][:11]
    (500, True, 'scanner0001')
    """
    dice, n = shape.dice("population"), shape.senders
    kind = np.repeat(np.arange(len(_SHARES)), _sizes(n))
    sites = max(3, n // _SENDERS_A_SITE)
    site = dice.integers(0, sites, n)
    country = dice.choice(len(HOMES), sites, p=(0.66, 0.18, 0.11, 0.05))
    country[:3] = 0
    opens, closes = _hours(dice, kind)
    first, last = _spans(dice, shape, kind)
    return Population(
        addresses=tuple(_address(shape, int(k), i, int(site[i])) for i, k in enumerate(kind)),
        kind=kind,
        site=site,
        home=country[site],
        account=_accounts(dice, kind, site),
        rate=_rates(dice, kind) * shape.busyness,
        day_spread=np.array(_DAY_SPREAD)[kind],
        presence=_presence(dice, kind),
        opens=opens,
        closes=closes,
        first_day=first,
        last_day=last,
        weekly=np.where(
            np.isin(kind, (DEVICE, APPLICATION)) & (dice.random(n) < 0.05),
            dice.integers(0, 5, n),
            -1,
        ),
        sites=sites,
    )


def _sizes(n: int) -> list[int]:
    sizes = [max(1, round(n * share)) for share in _SHARES]
    sizes[DEVICE] += n - sum(sizes)
    return sizes


def _address(shape: TenantShape, kind: int, number: int, site: int) -> str:
    below = f"unit{shape.part}." if shape.part else ""
    return f"{_NAMES[kind]}{number + 1:04d}@{below}{_DOMAINS[site % len(_DOMAINS)]}"


def _rates(dice: Dice, kind: Ints) -> Floats:
    rates = np.zeros(kind.size)
    for one, (middle, spread, low, high) in _RATES.items():
        of = kind == one
        rates[of] = lognormal(dice, middle, spread, low, high, int(of.sum()))
    return rates


def _presence(dice: Dice, kind: Ints) -> Floats:
    """Applications send every day, devices nearly, people when there is something to send."""
    low = np.array([0.80, 0.85, 0.97, 0.99, 0.45, 0.45, 1.0, 1.0, 0.02])[kind]
    high = np.array([1.00, 1.00, 1.00, 1.00, 0.95, 0.95, 1.0, 1.0, 0.08])[kind]
    found: Floats = dice.uniform(low, high)
    return found


def _hours(dice: Dice, kind: Ints) -> tuple[Floats, Floats]:
    opens = dice.normal(7.6, 0.5, kind.size)
    closes = opens + dice.uniform(9, 11, kind.size)
    early = (kind == APPLICATION) & (dice.random(kind.size) < 0.15)
    opens[early] = dice.uniform(1, 4, int(early.sum()))  # backups and imports in the small hours
    closes[early] = opens[early] + 2.5
    always = np.isin(kind, (DEVICE_ALL_WEEK, APPLICATION_ALL_WEEK))
    opens[always], closes[always] = 0.0, 24.0
    slots = np.isin(kind, (JOB, BROADCASTER))
    opens[slots] = dice.uniform(7, 14, int(slots.sum()))
    closes[slots] = opens[slots] + dice.uniform(2.5, 4, int(slots.sum()))
    return opens, closes


def _accounts(dice: Dice, kind: Ints, site: Ints) -> Ints:
    """One device in ten, and some applications, sign in as the first one of its site."""
    account = np.arange(kind.size)
    for one, share in ((DEVICE, 0.1), (APPLICATION, 0.06)):
        shared = np.flatnonzero((kind == one) & (dice.random(kind.size) < share))
        for at in np.unique(site[shared]):
            together = shared[site[shared] == at]
            account[together] = together[0]
    return account


def _spans(dice: Dice, shape: TenantShape, kind: Ints) -> tuple[Ints, Ints]:
    """Return first and last days: some are new, some retired."""
    n, days = kind.size, shape.days
    first, last = np.zeros(n, dtype=np.int64), np.full(n, days - 1)
    usual = np.flatnonzero(np.isin(kind, (DEVICE, DEVICE_ALL_WEEK, APPLICATION, PERSON, ROAMING)))
    movers = chosen(dice, usual, round(n * 0.05))
    for n_th, sender in enumerate(movers):
        if n_th % 4:
            first[sender] = dice.integers(1, days - 10)
        else:
            last[sender] = dice.integers(days // 4, days - 5)
    return first, last


def seldom_kinds() -> tuple[int, ...]:
    """Return the kinds whose days are few and set by their own plan."""
    return (JOB, BROADCASTER, SELDOM)
