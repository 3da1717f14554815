"""How large a made-up tenant is, what its senders are called, and where its chances come from."""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from smtpauth_kit.sample import story

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Dice: TypeAlias = np.random.Generator
Strength: TypeAlias = Literal["weak", "medium", "strong"]

DAY: Final = 86_400
"""Seconds."""
HOUR: Final = 3_600
STRENGTHS: Final[tuple[Strength, ...]] = ("weak", "medium", "strong")
KINDS: Final = (
    "device", "device all week", "application", "application all week", "person",
    "roaming person", "job", "broadcaster", "seldom",
)  # fmt: skip
"""Kinds of sender; a kind is its place in this list."""
(
    DEVICE, DEVICE_ALL_WEEK, APPLICATION, APPLICATION_ALL_WEEK, PERSON,
    ROAMING, JOB, BROADCASTER, SELDOM,
) = range(len(KINDS))  # fmt: skip


@dataclass(frozen=True)
class TenantShape:
    """How many senders and days, up to which day, and the seed that settles every chance."""

    seed: int = 1
    senders: int = 2_000
    days: int = 120
    """At least 70; below 100 some events find no room."""
    last_day: dt.date = story.LAST_DAY
    events: int = 2
    """Planted events for each rule and strength."""
    busyness: float = 1.0
    """Times the messages of a usual tenant, some 5.7 for each sender and day."""
    part: int = 0
    """A large tenant is made part by part: each has senders and networks of its own."""

    @property
    def first_day(self) -> dt.date:
        """The first UTC day."""
        return self.last_day - dt.timedelta(days=self.days - 1)

    @property
    def settings_day(self) -> dt.date:
        """The day of the exports of settings."""
        return self.last_day - dt.timedelta(days=self.days // 4)

    def dice(self, name: str) -> Dice:
        """Return chances for one purpose: another purpose's use of chance does not move them.

        The same for the same seed, part and name under one version of NumPy.

        Examples
        --------
        >>> one, two = TenantShape(seed=3).dice("mail"), TenantShape(seed=3).dice("mail")
        >>> bool(one.integers(1000) == two.integers(1000))
        True
        """
        return np.random.default_rng([self.seed, self.part, zlib.crc32(name.encode())])

    def parts(self, senders: int = 2_000) -> list[TenantShape]:
        """Return the parts of a large tenant, of so many senders each.

        Examples
        --------
        >>> [part.senders for part in TenantShape(senders=5_000).parts()]
        [2000, 2000, 1000]
        """
        return [
            replace(self, part=number, senders=min(senders, self.senders - first))
            for number, first in enumerate(range(0, self.senders, senders))
        ]


def chosen(dice: Dice, among: npt.ArrayLike, count: int = 1) -> list[int]:
    """Return `count` different ones of `among`, or all there are.

    Examples
    --------
    >>> sorted(chosen(TenantShape().dice("x"), [4, 5], 9))
    [4, 5]
    """
    found = np.asarray(among, dtype=np.int64)
    return [int(n) for n in dice.permutation(found)[:count]]


def lognormal(dice: Dice, middle: float, spread: float, low: float, high: float, n: int) -> Floats:
    """Return `n` sizes about `middle`, a few much larger, none beyond the two limits."""
    return np.clip(middle * np.exp(dice.normal(0, spread, n)), low, high)
