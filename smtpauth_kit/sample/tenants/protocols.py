"""Which TLS version and authentication each sender uses, day by day: habits and migrations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smtpauth_kit.sample.tenants.population import Population
from smtpauth_kit.sample.tenants.shape import (
    APPLICATION,
    DEVICE,
    DEVICE_ALL_WEEK,
    PERSON,
    ROAMING,
    Bools,
    Dice,
    Floats,
    Ints,
    TenantShape,
)

_NONE, _1_0, _1_1, _1_2, _1_3 = range(5)
BASIC, OAUTH = range(2)


@dataclass(frozen=True)
class Protocols:
    """By sender: its versions, and by day the share of its messages on the older one."""

    modern: Ints
    legacy: Ints
    legacy_share: Floats
    basic_share: Floats
    agent: Ints
    """Place in `rows.AGENTS` of what its sign-ins with Basic name."""

    @property
    def clean(self) -> Bools:
        """Tell who never uses an older TLS version."""
        found: Bools = np.all(self.legacy_share == 0, axis=1)
        return found

    @property
    def only_oauth(self) -> Bools:
        """Tell who never uses Basic authentication."""
        found: Bools = np.all(self.basic_share == 0, axis=1)
        return found


def make_protocols(shape: TenantShape, people: Population) -> Protocols:
    """Return the protocols of every sender and day."""
    dice, n, days = shape.dice("protocols"), people.kind.size, shape.days
    old = np.isin(people.kind, (DEVICE, DEVICE_ALL_WEEK))
    modern_user = np.isin(people.kind, (APPLICATION, PERSON, ROAMING))
    legacy = dice.choice((_1_0, _1_1, _NONE), n, p=(0.6, 0.3, 0.1))
    return Protocols(
        modern=dice.choice((_1_2, _1_3), n, p=(0.8, 0.2)),
        legacy=legacy,
        legacy_share=_shares(dice, n, days, np.where(old, 0.25, 0.05), mixers=0.05, moving=0.06),
        basic_share=_shares(
            dice, n, days, np.where(modern_user, 0.4, 0.75), mixers=0.02, moving=0.15
        ),
        agent=np.where(dice.random(n) < 0.7, 1, 0),
    )


def _shares(
    dice: Dice, n: int, days: int, always: Floats, *, mixers: float, moving: float
) -> Floats:
    """Return shares of the older one: always, never, some of the time, or moving over."""
    share = np.zeros((n, days))
    lot = dice.random(n)
    share[lot < always] = 1.0
    mix = (lot >= always) & (lot < always + mixers)
    share[mix] = dice.uniform(0.05, 0.5, n)[mix, None]
    movers = (lot >= always + mixers) & (lot < always + mixers + moving)
    for sender in np.flatnonzero(movers):
        share[sender] = _migration(dice, days)
    return share


def _migration(dice: Dice, days: int) -> Floats:
    """All old, then for weeks ever less of it with returns, then all new."""
    start, length = int(dice.integers(-20, days)), int(dice.integers(5, 36))
    progress = np.clip((np.arange(days) - start) / length, 0, 1)
    wavering = np.where((progress > 0) & (progress < 1), dice.normal(0, 0.2, days), 0)
    found: Floats = np.clip(1 - progress + wavering, 0, 1)
    return found
